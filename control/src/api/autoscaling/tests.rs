//! The service over its wire.

mod lifecycle_hooks;
mod maintenance;
mod refreshes;
mod templates;
mod warm_pools;

use crate::api::tests::{Cloud, first, texts};
use crate::balancer::configuration::{Health, Verdict};
use std::time::Duration;

const VERSION: &str = "Version=2011-01-01";
const CONFIGURATION: &str =
    "CreateLaunchConfiguration&LaunchConfigurationName=small&ImageId=ami-1a2b3c4d&InstanceType=m1.small";

impl Cloud {
    fn scaling(&mut self, action: &str) -> Result<String, &'static str> {
        self.ask(&format!("Action={action}&{VERSION}"))
    }

    /// A group of so many instances in two zones, and its instances.
    fn scaling_group(&mut self, name: &str, desired: u32) {
        let zones = "AvailabilityZones.member.1=us-east-1a&AvailabilityZones.member.2=us-east-1b";
        let create = format!("CreateAutoScalingGroup&AutoScalingGroupName={name}&LaunchConfigurationName=small");
        let sizes = format!("MinSize=0&MaxSize=5&DesiredCapacity={desired}");
        self.scaling(&format!("{create}&{sizes}&{zones}")).unwrap();
        self.tend();
    }

    fn tend(&mut self) {
        for _ in 0..4 {
            self.model.tend_groups(self.now).unwrap();
            self.model.finish_hosts();
        }
        self.model.take_changes();
    }

    fn members(&mut self, group: &str) -> Vec<String> {
        let form = format!("DescribeAutoScalingGroups&AutoScalingGroupNames.member.1={group}");
        texts(&self.scaling(&form).unwrap(), "InstanceId")
    }
}

#[test]
fn launch_configurations_are_shown_as_they_were_made() {
    let mut cloud = Cloud::new();
    let vpc = cloud.vpc("192.168.0.0/16");
    cloud.ask(&format!("Action=EnableVpcClassicLink&VpcId={vpc}")).unwrap();
    let group =
        cloud.get(&format!("Action=DescribeSecurityGroups&Filter.1.Name=vpc-id&Filter.1.Value.1={vpc}"), "groupId");
    let link = format!("ClassicLinkVPCId={vpc}&ClassicLinkVPCSecurityGroups.member.1={group}");
    let device = "BlockDeviceMappings.member.1.DeviceName=/dev/sdh&BlockDeviceMappings.member.1.Ebs.VolumeSize=20";
    let more = "SecurityGroups.member.1=default&UserData=aGk=&InstanceMonitoring.Enabled=false&SpotPrice=0.05";
    cloud.scaling(&format!("{CONFIGURATION}&{link}&{device}&{more}")).unwrap();
    let shown = cloud.scaling("DescribeLaunchConfigurations").unwrap();
    for (element, value) in [
        ("LaunchConfigurationName", "small"),
        ("ClassicLinkVPCId", vpc.as_str()),
        ("ClassicLinkVPCSecurityGroups", &format!("<member>{group}</member>")),
        ("VolumeSize", "20"),
        ("InstanceMonitoring", "<Enabled>false</Enabled>"),
        ("UserData", "aGk="),
        ("KeyName", ""),
        ("SpotPrice", "0.05"),
    ] {
        assert!(shown.contains(&format!("<{element}>{value}</{element}>")) || value.is_empty(), "{element}: {shown}");
    }
    let arn = first(&shown, "LaunchConfigurationARN").unwrap();
    assert!(arn.starts_with("arn:aws:autoscaling:us-east-1:111122223333:launchConfiguration:"), "{arn}");
    assert!(arn.ends_with(":launchConfigurationName/small"), "{arn}");
    assert_eq!(cloud.scaling(CONFIGURATION), Err("AlreadyExists"));
    let other = CONFIGURATION.replace("small&", "other&");
    assert_eq!(cloud.scaling(&format!("{other}&ClassicLinkVPCId={vpc}")), Err("ValidationError"));
    assert_eq!(
        cloud.scaling(&format!("{other}&ClassicLinkVPCSecurityGroups.member.1={group}")),
        Err("ValidationError")
    );
    assert_eq!(cloud.scaling(&other.replace("m1.small", "m1.tiny")), Err("ValidationError"));
    let instance = cloud.instance(None);
    let like = format!("CreateLaunchConfiguration&LaunchConfigurationName=like&InstanceId={instance}");
    cloud.scaling(&format!("{like}&DeleteOnTermination=false")).unwrap();
    cloud.scaling("DeleteLaunchConfiguration&LaunchConfigurationName=small").unwrap();
    let left = texts(&cloud.scaling("DescribeLaunchConfigurations").unwrap(), "LaunchConfigurationName");
    assert_eq!(left, ["like"]);
}

#[test]
fn groups_are_shown_with_their_instances() {
    let mut cloud = Cloud::new();
    cloud.scaling(CONFIGURATION).unwrap();
    cloud.scaling_group("web", 2);
    let shown = cloud.scaling("DescribeAutoScalingGroups").unwrap();
    assert_eq!(texts(&shown, "LifecycleState"), ["InService", "InService"]);
    assert_eq!(texts(&shown, "HealthStatus"), ["Healthy", "Healthy"]);
    let mut zones = texts(&shown, "AvailabilityZone");
    zones.sort();
    assert_eq!(zones, ["us-east-1a", "us-east-1b"]);
    assert_eq!(first(&shown, "DefaultCooldown").as_deref(), Some("300"));
    let ids = cloud.members("web");
    let instances = cloud.scaling("DescribeAutoScalingInstances&MaxRecords=1").unwrap();
    assert_eq!(texts(&instances, "HealthStatus"), ["HEALTHY"]);
    let next = first(&instances, "NextToken").unwrap();
    let rest = cloud.scaling(&format!("DescribeAutoScalingInstances&NextToken={next}")).unwrap();
    assert_eq!([texts(&instances, "InstanceId"), texts(&rest, "InstanceId")].concat(), ids);
    assert_eq!(cloud.scaling("DescribeAutoScalingInstances&NextToken=x"), Err("InvalidNextToken"));
    let ended = cloud.scaling(&format!(
        "TerminateInstanceInAutoScalingGroup&InstanceId={}&ShouldDecrementDesiredCapacity=true",
        ids[0]
    ));
    let ended = ended.unwrap();
    assert_eq!(first(&ended, "StatusCode").as_deref(), Some("InProgress"));
    assert_eq!(first(&ended, "Description"), Some(format!("Terminating EC2 instance: {}", ids[0])));
    cloud.now = cloud.now.after(Duration::from_secs(1));
    cloud.tend();
    assert_eq!(cloud.members("web"), ids[1..]);
    let activities = cloud.scaling("DescribeScalingActivities&AutoScalingGroupName=web").unwrap();
    assert_eq!(texts(&activities, "StatusCode"), ["Successful"; 3]);
    let failed =
        cloud.scaling("DescribeScalingActivities&Filters.member.1.Name=Status&Filters.member.1.Values.member.1=Failed");
    assert_eq!(texts(&failed.unwrap(), "ActivityId"), [""; 0]);
    assert_eq!(cloud.scaling("DescribeScalingActivities&Filters.member.1.Name=Colour"), Err("ValidationError"));
}

#[test]
fn refusals_have_the_codes_of_the_service() {
    let mut cloud = Cloud::new();
    cloud.scaling(CONFIGURATION).unwrap();
    let create = "CreateAutoScalingGroup&AutoScalingGroupName=x&LaunchConfigurationName=small&MaxSize=2";
    let zone = "AvailabilityZones.member.1=us-east-1a";
    for (action, code) in [
        (format!("{create}&MinSize=3&{zone}"), "ValidationError"),
        (format!("{create}&MinSize=1&DesiredCapacity=3&{zone}"), "ValidationError"),
        (format!("{create}&MinSize=-1&{zone}"), "ValidationError"),
        (format!("{create}&MinSize=1"), "ValidationError"),
        (format!("{create}&MinSize=1&AvailabilityZones.member.1=eu-west-1a"), "ValidationError"),
        (format!("{create}&MinSize=1&VPCZoneIdentifier=subnet-12345678"), "ValidationError"),
        (format!("{create}&MinSize=1&HealthCheckType=TEA&{zone}"), "ValidationError"),
        (format!("{create}&MinSize=1&LoadBalancerNames.member.1=none&{zone}"), "ValidationError"),
        (format!("{create}&MinSize=1&LaunchTemplate.LaunchTemplateName=t&{zone}"), "ValidationError"),
        (format!("{create}&{zone}"), "ValidationError"),
        ("SetDesiredCapacity&AutoScalingGroupName=x&DesiredCapacity=1".to_owned(), "ValidationError"),
        ("DescribeScalingActivities&AutoScalingGroupName=x".to_owned(), "ValidationError"),
        ("DeleteLaunchConfiguration&LaunchConfigurationName=x".to_owned(), "ValidationError"),
        ("StartInstanceRefresh&AutoScalingGroupName=x".to_owned(), "ValidationError"),
        ("RollbackInstanceRefresh&AutoScalingGroupName=x".to_owned(), "ValidationError"),
        ("MakeTea".to_owned(), "InvalidAction"),
    ] {
        assert_eq!(cloud.scaling(&action), Err(code), "{action}");
    }
    let refusal =
        cloud.refusal(&format!("Action={create}&MinSize=1&LaunchTemplate.LaunchTemplateName=t&{zone}&{VERSION}"));
    assert!(refusal.contains("LaunchTemplate"), "{refusal}");
    cloud.scaling_group("web", 1);
    assert_eq!(cloud.scaling("DeleteLaunchConfiguration&LaunchConfigurationName=small"), Err("ResourceInUse"));
    assert_eq!(cloud.scaling("DeleteAutoScalingGroup&AutoScalingGroupName=web"), Err("ResourceInUse"));
    let web = create.replace("=x&", "=web&");
    assert_eq!(cloud.scaling(&format!("{web}&MinSize=0&{zone}")), Err("AlreadyExists"));
    let honours = "SetDesiredCapacity&AutoScalingGroupName=web&DesiredCapacity=2&HonorCooldown=true";
    assert_eq!(cloud.scaling(honours), Err("ScalingActivityInProgress"));
    cloud.scaling("DeleteAutoScalingGroup&AutoScalingGroupName=web&ForceDelete=true").unwrap();
    cloud.model.tend_groups(cloud.now).unwrap();
    let shown = cloud.scaling("DescribeAutoScalingGroups").unwrap();
    assert_eq!(first(&shown, "Status").as_deref(), Some("Delete in progress"));
    assert_eq!(cloud.scaling("DeleteAutoScalingGroup&AutoScalingGroupName=web"), Err("ScalingActivityInProgress"));
    cloud.tend();
    let of_deleted =
        cloud.scaling("DescribeScalingActivities&AutoScalingGroupName=web&IncludeDeletedGroups=true").unwrap();
    assert_eq!(texts(&of_deleted, "AutoScalingGroupState"), ["Deleted"; 2]);
}

#[test]
fn tags_go_to_new_instances_where_they_propagate() {
    let mut cloud = Cloud::new();
    cloud.scaling(CONFIGURATION).unwrap();
    cloud.scaling_group("web", 0);
    cloud.scaling_group("other", 0);
    let tag = |n: u8, key: &str, on: bool| {
        format!(
            "Tags.member.{n}.ResourceId=web&Tags.member.{n}.ResourceType=auto-scaling-group&Tags.member.{n}.Key={key}&Tags.member.{n}.Value=v&Tags.member.{n}.PropagateAtLaunch={on}"
        )
    };
    cloud.scaling(&format!("CreateOrUpdateTags&{}&{}", tag(1, "Name", true), tag(2, "owner", false))).unwrap();
    assert_eq!(cloud.scaling(&format!("CreateOrUpdateTags&{}", tag(1, "aws:x", true))), Err("ValidationError"));
    cloud.scaling("SetDesiredCapacity&AutoScalingGroupName=web&DesiredCapacity=1").unwrap();
    cloud.tend();
    let id = cloud.members("web").remove(0);
    let tags = |cloud: &mut Cloud| {
        cloud.all(&format!("Action=DescribeTags&Filter.1.Name=resource-id&Filter.1.Value.1={id}"), "key")
    };
    assert_eq!(tags(&mut cloud), ["Name", "aws:autoscaling:groupName"]);
    cloud.ask(&format!("Action=DeleteTags&ResourceId.1={id}")).unwrap();
    assert_eq!(tags(&mut cloud), ["aws:autoscaling:groupName"], "what AWS says stays");
    let own = format!("Action=DeleteTags&ResourceId.1={id}&Tag.1.Key=aws:autoscaling:groupName");
    assert_eq!(cloud.ask(&own), Err("InvalidParameterValue"));
    let found = "DescribeAutoScalingGroups&Filters.member.1.Name=tag:owner&Filters.member.1.Values.member.1=v";
    assert_eq!(texts(&cloud.scaling(found).unwrap(), "AutoScalingGroupName"), ["web"]);
    let by_key = "DescribeTags&Filters.member.1.Name=key&Filters.member.1.Values.member.1=owner";
    assert_eq!(texts(&cloud.scaling(by_key).unwrap(), "PropagateAtLaunch"), ["false"]);
    cloud.scaling(&format!("DeleteTags&{}", tag(1, "owner", false))).unwrap();
    assert_eq!(texts(&cloud.scaling("DescribeTags").unwrap(), "Key"), ["Name"]);
}

#[test]
fn processes_and_schedules_are_shown() {
    let mut cloud = Cloud::new();
    cloud.scaling(CONFIGURATION).unwrap();
    cloud.scaling_group("web", 1);
    cloud.scaling("SuspendProcesses&AutoScalingGroupName=web&ScalingProcesses.member.1=Launch").unwrap();
    assert_eq!(
        cloud.scaling("SuspendProcesses&AutoScalingGroupName=web&ScalingProcesses.member.1=Tea"),
        Err("ValidationError")
    );
    let shown = cloud.scaling("DescribeAutoScalingGroups").unwrap();
    assert_eq!(texts(&shown, "ProcessName"), ["Launch"]);
    assert!(first(&shown, "SuspensionReason").unwrap().starts_with("User suspended at 2015-01-07T12:00:00Z"));
    cloud.scaling("ResumeProcesses&AutoScalingGroupName=web").unwrap();
    assert_eq!(texts(&cloud.scaling("DescribeAutoScalingGroups").unwrap(), "ProcessName"), [""; 0]);
    let put = "PutScheduledUpdateGroupAction&AutoScalingGroupName=web&ScheduledActionName=evening";
    cloud.scaling(&format!("{put}&Recurrence=0%2018%20*%20*%20*&DesiredCapacity=2&TimeZone=Etc/UTC")).unwrap();
    assert_eq!(cloud.scaling(&format!("{put}&Recurrence=never&DesiredCapacity=2")), Err("ValidationError"));
    assert_eq!(
        cloud.scaling(&format!("{put}&Recurrence=0%200%20*%20*%20*&DesiredCapacity=2&TimeZone=Europe/Atlantis")),
        Err("ValidationError")
    );
    let batch = "BatchPutScheduledUpdateGroupAction&AutoScalingGroupName=web";
    let member = |n: u8, rest: &str| format!("ScheduledUpdateGroupActions.member.{n}.{rest}");
    let failed = cloud.scaling(&format!(
        "{batch}&{}&{}&{}&{}",
        member(1, "ScheduledActionName=once"),
        member(1, "StartTime=2015-01-08T00:00:00Z"),
        member(1, "MinSize=1"),
        member(2, "ScheduledActionName=empty"),
    ));
    assert_eq!(texts(&failed.unwrap(), "ScheduledActionName"), ["empty"]);
    let shown = cloud.scaling("DescribeScheduledActions&AutoScalingGroupName=web").unwrap();
    assert_eq!(texts(&shown, "ScheduledActionName"), ["evening", "once"]);
    assert_eq!(texts(&shown, "StartTime"), ["2015-01-07T18:00:00.000Z", "2015-01-08T00:00:00.000Z"]);
    assert_eq!(texts(&shown, "Recurrence"), ["0 18 * * *"]);
    cloud.scaling("DeleteScheduledAction&AutoScalingGroupName=web&ScheduledActionName=once").unwrap();
    assert_eq!(
        cloud.scaling("DeleteScheduledAction&AutoScalingGroupName=web&ScheduledActionName=once"),
        Err("ValidationError")
    );
    cloud.now = cloud.now.after(Duration::from_secs(6 * 3600));
    cloud.tend();
    assert_eq!(cloud.members("web").len(), 2);
}

#[test]
fn every_action_is_asked_of_policies() {
    let mut cloud = Cloud::new();
    cloud.scaling(CONFIGURATION).unwrap();
    cloud.scaling_group("web", 1);
    cloud.scaling_group("db", 1);
    let iam = "Version=2010-05-08";
    cloud.ask(&format!("Action=CreateUser&UserName=ops&{iam}")).unwrap();
    let policy = r#"{"Statement":[{"Effect":"Allow","Action":"autoscaling:*","Resource":"arn:aws:autoscaling:*:*:autoScalingGroup:*:autoScalingGroupName/web"},{"Effect":"Allow","Action":"autoscaling:DescribeAutoScalingGroups","Resource":"*"}]}"#;
    let policy: String = form_urlencoded::byte_serialize(policy.as_bytes()).collect();
    cloud.ask(&format!("Action=PutUserPolicy&UserName=ops&PolicyName=p&PolicyDocument={policy}&{iam}")).unwrap();
    let key = cloud.ask(&format!("Action=CreateAccessKey&UserName=ops&{iam}")).unwrap();
    let (of_web, of_db) = (cloud.members("web").remove(0), cloud.members("db").remove(0));
    cloud.account = first(&key, "AccessKeyId").unwrap().leak();
    let set = |group: &str| format!("SetDesiredCapacity&AutoScalingGroupName={group}&DesiredCapacity=2");
    cloud.scaling(&set("web")).unwrap();
    assert_eq!(cloud.scaling(&set("db")), Err("AccessDenied"));
    let health = |id: &str| format!("SetInstanceHealth&InstanceId={id}&HealthStatus=Unhealthy");
    cloud.scaling(&health(&of_web)).unwrap();
    assert_eq!(cloud.scaling(&health(&of_db)), Err("AccessDenied"));
    cloud.scaling("DescribeAutoScalingGroups").unwrap();
    assert_eq!(cloud.scaling("DescribeScalingActivities"), Err("AccessDenied"));
    assert_eq!(cloud.scaling(&CONFIGURATION.replace("small&", "mine&")), Err("AccessDenied"));
    let tag = "CreateOrUpdateTags&Tags.member.1.ResourceId=db&Tags.member.1.Key=k&Tags.member.1.Value=v";
    assert_eq!(cloud.scaling(tag), Err("AccessDenied"));
}

#[test]
fn instances_in_service_are_registered_and_replaced_when_they_fail_there() {
    let mut cloud = Cloud::new();
    let listener =
        "Listeners.member.1.Protocol=TCP&Listeners.member.1.LoadBalancerPort=80&Listeners.member.1.InstancePort=80";
    let zones = "AvailabilityZones.member.1=us-east-1a&AvailabilityZones.member.2=us-east-1b";
    let elb = "Version=2012-06-01";
    cloud.ask(&format!("Action=CreateLoadBalancer&LoadBalancerName=front&{listener}&{zones}&{elb}")).unwrap();
    cloud.scaling(CONFIGURATION).unwrap();
    cloud.scaling_group("web", 2);
    let attach = "AttachLoadBalancers&AutoScalingGroupName=web&LoadBalancerNames.member.1";
    assert_eq!(cloud.scaling(&format!("{attach}=none")), Err("ValidationError"));
    cloud.scaling(&format!("{attach}=front")).unwrap();
    let registered = |cloud: &mut Cloud| {
        let shown = cloud.ask(&format!("Action=DescribeLoadBalancers&{elb}")).unwrap();
        texts(&first(&shown, "Instances").unwrap_or_default(), "InstanceId")
    };
    let members = cloud.members("web");
    assert_eq!(registered(&mut cloud), members);
    let shown = cloud.scaling("DescribeLoadBalancers&AutoScalingGroupName=web").unwrap();
    assert_eq!(
        (first(&shown, "LoadBalancerName").as_deref(), first(&shown, "State").as_deref()),
        (Some("front"), Some("Added"))
    );
    cloud.scaling("UpdateAutoScalingGroup&AutoScalingGroupName=web&HealthCheckType=ELB").unwrap();
    let row = cloud.model.load_balancers.iter().next().unwrap().id.clone();
    let failing = Health { verdict: Verdict::Failing, failure: Some("refused".into()) };
    cloud.model.note_health(&row, "us-east-1a", &[(members[0].clone(), failing)].into());
    cloud.tend();
    let replaced = cloud.members("web");
    assert!(replaced.len() == 2 && !replaced.contains(&members[0]), "{replaced:?}");
    assert_eq!(registered(&mut cloud), replaced);
    let detach = format!("DetachInstances&AutoScalingGroupName=web&InstanceIds.member.1={}", replaced[0]);
    cloud.scaling(&format!("{detach}&ShouldDecrementDesiredCapacity=true")).unwrap();
    assert_eq!(registered(&mut cloud), replaced[1..]);
    cloud.scaling(&format!("{}=front", attach.replace("Attach", "Detach"))).unwrap();
    assert_eq!(registered(&mut cloud), [""; 0]);
}

#[test]
fn policies_are_kept_and_carried_out_when_asked() {
    let mut cloud = Cloud::new();
    cloud.scaling(CONFIGURATION).unwrap();
    cloud.scaling_group("web", 2);
    let group = "AutoScalingGroupName=web";
    let put = |name: &str, more: &str| format!("PutScalingPolicy&{group}&PolicyName={name}&{more}");
    let arn = cloud.scaling(&put("more", "AdjustmentType=PercentChangeInCapacity&ScalingAdjustment=10")).unwrap();
    let arn = first(&arn, "PolicyARN").unwrap();
    assert!(arn.ends_with(":autoScalingGroupName/web:policyName/more"), "{arn}");
    let step = "PolicyType=StepScaling&AdjustmentType=ChangeInCapacity\
                &StepAdjustments.member.1.MetricIntervalLowerBound=0&StepAdjustments.member.1.MetricIntervalUpperBound=10\
                &StepAdjustments.member.1.ScalingAdjustment=1&StepAdjustments.member.2.MetricIntervalLowerBound=10\
                &StepAdjustments.member.2.ScalingAdjustment=2";
    cloud.scaling(&put("steps", step)).unwrap();
    let tracking = "TargetTrackingConfiguration";
    let track = format!(
        "PolicyType=TargetTrackingScaling&{tracking}.TargetValue=42.5\
         &{tracking}.PredefinedMetricSpecification.PredefinedMetricType=ASGAverageCPUUtilization"
    );
    cloud.scaling(&put("track", &track)).unwrap();
    assert_eq!(cloud.scaling(&put("x", "AdjustmentType=ChangeInCapacity")), Err("ValidationError"));
    let shown = cloud.scaling(&format!("DescribePolicies&{group}")).unwrap();
    assert_eq!(texts(&shown, "PolicyName"), ["more", "steps", "track"]);
    assert_eq!(texts(&shown, "TargetValue"), ["42.5"]);
    let desired =
        |cloud: &mut Cloud| first(&cloud.scaling("DescribeAutoScalingGroups").unwrap(), "DesiredCapacity").unwrap();
    cloud.scaling(&format!("ExecutePolicy&PolicyName={arn}")).unwrap();
    assert_eq!(desired(&mut cloud), "3", "at least one");
    let execute = |value: u32| format!("ExecutePolicy&{group}&PolicyName=steps&MetricValue={value}&BreachThreshold=50");
    cloud.scaling(&execute(65)).unwrap();
    assert_eq!(desired(&mut cloud), "5");
    assert_eq!(cloud.scaling(&execute(40)), Err("ValidationError"), "there is no step below");
    cloud.scaling(&execute(90)).unwrap();
    assert_eq!(desired(&mut cloud), "5", "the group's largest size");
    assert_eq!(cloud.scaling(&format!("ExecutePolicy&{group}&PolicyName=track")), Err("ValidationError"));
    cloud.scaling(&format!("DeletePolicy&{group}&PolicyName=more")).unwrap();
    assert_eq!(cloud.scaling(&format!("DeletePolicy&{group}&PolicyName=more")), Err("ValidationError"));
    cloud.scaling("DeletePolicy&PolicyName=steps").unwrap();
    assert_eq!(texts(&cloud.scaling("DescribePolicies").unwrap(), "PolicyName"), ["track"]);
}

#[test]
fn what_a_group_is_to_tell_is_told_again() {
    let mut cloud = Cloud::new();
    cloud.scaling(CONFIGURATION).unwrap();
    cloud.scaling_group("web", 0);
    let group = "AutoScalingGroupName=web";
    let topic = "TopicARN=arn:aws:sns:us-east-1:111122223333:t";
    let put = format!("PutNotificationConfiguration&{group}&{topic}&NotificationTypes.member.1=autoscaling");
    cloud.scaling(&format!("{put}:EC2_INSTANCE_LAUNCH")).unwrap();
    assert_eq!(cloud.scaling(&format!("{put}:TEA")), Err("ValidationError"));
    let shown = cloud.scaling("DescribeNotificationConfigurations").unwrap();
    assert_eq!(texts(&shown, "NotificationType"), ["autoscaling:EC2_INSTANCE_LAUNCH"]);
    cloud.scaling(&format!("DeleteNotificationConfiguration&{group}&{topic}")).unwrap();
    assert!(!cloud.scaling("DescribeNotificationConfigurations").unwrap().contains("NotificationType>"));
    let metrics = "Granularity=1Minute&Metrics.member.1=GroupMinSize&Metrics.member.2=GroupMaxSize";
    cloud.scaling(&format!("EnableMetricsCollection&{group}&{metrics}")).unwrap();
    let enabled = |cloud: &mut Cloud| texts(&cloud.scaling("DescribeAutoScalingGroups").unwrap(), "Metric");
    assert_eq!(enabled(&mut cloud), ["GroupMaxSize", "GroupMinSize"]);
    cloud.scaling(&format!("DisableMetricsCollection&{group}&Metrics.member.1=GroupMinSize")).unwrap();
    assert_eq!(enabled(&mut cloud), ["GroupMaxSize"]);
    let update = format!("UpdateAutoScalingGroup&{group}&DefaultInstanceWarmup=30&CapacityRebalance=true");
    cloud.scaling(&update).unwrap();
    cloud.scaling(&format!("UpdateAutoScalingGroup&{group}&MaxSize=4")).unwrap();
    let shown = cloud.scaling("DescribeAutoScalingGroups").unwrap();
    assert_eq!(first(&shown, "DefaultInstanceWarmup").unwrap(), "30");
    assert_eq!(first(&shown, "CapacityRebalance").unwrap(), "true");
    cloud.scaling(&format!("UpdateAutoScalingGroup&{group}&DefaultInstanceWarmup=-1")).unwrap();
    assert!(!cloud.scaling("DescribeAutoScalingGroups").unwrap().contains("DefaultInstanceWarmup"));
    assert!(!cloud.scaling(&format!("DescribeWarmPool&{group}")).unwrap().contains("InstanceId"));
    let twice = "Tags.member.1.Key=a&Tags.member.2.Key=a";
    let create = "CreateAutoScalingGroup&AutoScalingGroupName=x&LaunchConfigurationName=small&MinSize=0&MaxSize=1\
                  &AvailabilityZones.member.1=us-east-1a";
    assert_eq!(cloud.scaling(&format!("{create}&{twice}")), Err("ValidationError"));
}
