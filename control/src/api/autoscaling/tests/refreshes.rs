//! Instances are replaced, some at a time: by a refresh, or because they have been there for long enough.

use super::*;
use std::collections::BTreeSet;

fn with_group(desired: u32) -> (Cloud, BTreeSet<String>) {
    let mut cloud = Cloud::new();
    cloud.scaling(CONFIGURATION).unwrap();
    cloud.scaling_group("web", desired);
    let members = cloud.members("web").into_iter().collect();
    (cloud, members)
}

const START: &str = "StartInstanceRefresh&AutoScalingGroupName=web";
const DESCRIBE: &str = "DescribeInstanceRefreshes&AutoScalingGroupName=web";

#[test]
fn a_refresh_replaces_every_instance_and_ends() {
    let (mut cloud, before) = with_group(3);
    let id =
        first(&cloud.scaling(&format!("{START}&Preferences.MinHealthyPercentage=50")).unwrap(), "InstanceRefreshId");
    let shown = cloud.scaling(DESCRIBE).unwrap();
    assert_eq!((first(&shown, "InstanceRefreshId"), first(&shown, "InstancesToUpdate").as_deref()), (id, Some("3")));
    assert_eq!(first(&shown, "MinHealthyPercentage").as_deref(), Some("50"));
    assert_eq!(cloud.scaling(START), Err("InstanceRefreshInProgress"));
    for _ in 0..5 {
        cloud.tend();
    }
    let after: BTreeSet<String> = cloud.members("web").into_iter().collect();
    assert_eq!((after.len(), after.intersection(&before).count()), (3, 0), "{before:?} {after:?}");
    let shown = cloud.scaling(DESCRIBE).unwrap();
    assert_eq!(first(&shown, "Status").as_deref(), Some("Successful"));
    assert_eq!((first(&shown, "PercentageComplete").as_deref(), texts(&shown, "EndTime").len()), (Some("100"), 1));
    assert_eq!(cloud.scaling("CancelInstanceRefresh&AutoScalingGroupName=web"), Err("ActiveInstanceRefreshNotFound"));
    let refusal = cloud.refusal(&format!("Action=DescribeInstanceRefreshes&AutoScalingGroupName=gone&{VERSION}"));
    assert!(refusal.contains("AutoScalingGroup gone not found"), "{refusal}");
}

#[test]
fn a_refresh_leaves_alone_what_it_is_told_to() {
    let (mut cloud, before) = with_group(2);
    let skipping = format!("{START}&Preferences.SkipMatching=true");
    cloud.scaling(&skipping).unwrap();
    cloud.tend();
    assert_eq!(cloud.members("web").into_iter().collect::<BTreeSet<_>>(), before, "they are as they shall be");
    let one = before.first().unwrap();
    let protect =
        format!("SetInstanceProtection&AutoScalingGroupName=web&ProtectedFromScaleIn=true&InstanceIds.member.1={one}");
    cloud.scaling(&protect).unwrap();
    cloud.scaling(START).unwrap();
    for _ in 0..5 {
        cloud.tend();
    }
    let left: Vec<_> = cloud.members("web").into_iter().filter(|id| before.contains(id)).collect();
    assert_eq!(left, std::slice::from_ref(one), "what is protected is waited for");
    assert_eq!(first(&cloud.scaling(DESCRIBE).unwrap(), "Status").as_deref(), Some("InProgress"));
    cloud.scaling("CancelInstanceRefresh&AutoScalingGroupName=web").unwrap();
    assert_eq!(first(&cloud.scaling(DESCRIBE).unwrap(), "Status").as_deref(), Some("Cancelled"), "the latest is first");
    assert_eq!(cloud.scaling(&format!("{START}&Strategy=Tea")), Err("ValidationError"));
}

/// A group of two, one of which is in standby while its refresh goes on, with this preference.
fn with_standby(preference: &str) -> (Cloud, String) {
    let (mut cloud, before) = with_group(2);
    let one = before.first().unwrap().clone();
    let of_one = format!("AutoScalingGroupName=web&InstanceIds.member.1={one}");
    cloud.scaling(&format!("EnterStandby&{of_one}&ShouldDecrementDesiredCapacity=false")).unwrap();
    for _ in 0..3 {
        cloud.tend();
    }
    cloud.scaling(&format!("{START}{preference}")).unwrap();
    for _ in 0..6 {
        cloud.tend();
    }
    (cloud, one)
}

fn status(cloud: &mut Cloud) -> String {
    first(&cloud.scaling(DESCRIBE).unwrap(), "Status").unwrap()
}

#[test]
fn a_refresh_waits_an_hour_for_what_is_in_standby() {
    let (mut cloud, one) = with_standby("");
    assert!(cloud.members("web").contains(&one));
    let shown = cloud.scaling(DESCRIBE).unwrap();
    assert_eq!(first(&shown, "InstancesToUpdate").as_deref(), Some("1"));
    assert_eq!(status(&mut cloud), "InProgress");
    assert!(cloud.model.groups_due(cloud.now).is_some(), "the clock has to wake the group");
    cloud.now = cloud.now.after(Duration::from_secs(3600));
    cloud.tend();
    assert_eq!(status(&mut cloud), "Failed");
    assert_eq!(texts(&cloud.scaling(DESCRIBE).unwrap(), "StatusReason").len(), 1);
}

#[test]
fn a_refresh_replaces_what_comes_out_of_standby() {
    let (mut cloud, one) = with_standby("");
    cloud.scaling(&format!("ExitStandby&AutoScalingGroupName=web&InstanceIds.member.1={one}")).unwrap();
    for _ in 0..4 {
        cloud.tend();
    }
    assert!(!cloud.members("web").contains(&one));
    assert_eq!(status(&mut cloud), "Successful");
}

#[test]
fn a_refresh_ignores_or_terminates_what_is_in_standby() {
    let (mut cloud, one) = with_standby("&Preferences.StandbyInstances=Ignore");
    assert!(cloud.members("web").contains(&one));
    assert_eq!(status(&mut cloud), "Successful");
    let (mut cloud, one) = with_standby("&Preferences.StandbyInstances=Terminate");
    assert!(!cloud.members("web").contains(&one));
    assert_eq!((status(&mut cloud).as_str(), cloud.members("web").len()), ("Successful", 2), "none takes its place");
    assert_eq!(cloud.scaling(&format!("{START}&Preferences.StandbyInstances=Tea")), Err("ValidationError"));
}

#[test]
fn a_refresh_keeps_its_share_in_service() {
    let (mut cloud, before) = with_group(4);
    cloud.scaling(&format!("{START}&Preferences.MinHealthyPercentage=75")).unwrap();
    cloud.model.tend_groups(cloud.now).unwrap();
    let group = cloud.model.auto_scaling_groups.iter().next().unwrap();
    let left = group.active().filter(|(id, _)| before.contains(*id)).count();
    assert_eq!(left, 3, "one of four is out at a time");
}

#[test]
fn a_refresh_goes_on_when_the_new_instance_is_warm() {
    let (mut cloud, before) = with_group(2);
    cloud.scaling("UpdateAutoScalingGroup&AutoScalingGroupName=web&HealthCheckGracePeriod=300").unwrap();
    cloud.scaling(START).unwrap();
    let mut left = |seconds: u64| {
        cloud.now = cloud.now.after(Duration::from_secs(seconds));
        for _ in 0..4 {
            cloud.tend();
        }
        let of_before = cloud.members("web").iter().filter(|id| before.contains(*id)).count();
        let shown = cloud.scaling(DESCRIBE).unwrap();
        let words = ["PercentageComplete", "Status"].map(|element| first(&shown, element).unwrap());
        assert!(words[1] == "Successful" || cloud.model.groups_due(cloud.now).is_some(), "the clock has to wake it");
        (of_before, words.join(" "))
    };
    assert_eq!(left(0), (1, "0 InProgress".to_owned()));
    assert_eq!(left(299), (1, "0 InProgress".to_owned()), "the first is not warm");
    assert_eq!(left(1), (0, "50 InProgress".to_owned()));
    assert_eq!(left(300), (0, "100 Successful".to_owned()));
}

#[test]
fn an_instance_is_replaced_when_its_time_is_over() {
    let (mut cloud, before) = with_group(2);
    let update =
        |seconds: u32| format!("UpdateAutoScalingGroup&AutoScalingGroupName=web&MaxInstanceLifetime={seconds}");
    assert_eq!(cloud.scaling(&update(60)), Err("ValidationError"));
    cloud.scaling(&update(86_400)).unwrap();
    let shown = cloud.scaling("DescribeAutoScalingGroups").unwrap();
    assert_eq!(first(&shown, "MaxInstanceLifetime").as_deref(), Some("86400"));
    cloud.now = cloud.now.after(Duration::from_secs(86_399));
    cloud.tend();
    assert_eq!(cloud.members("web").into_iter().collect::<BTreeSet<_>>(), before);
    assert!(cloud.model.groups_due(cloud.now).is_some(), "the clock has to wake the group");
    cloud.now = cloud.now.after(Duration::from_secs(1));
    for _ in 0..3 {
        cloud.tend();
    }
    let after: BTreeSet<String> = cloud.members("web").into_iter().collect();
    assert_eq!((after.len(), after.intersection(&before).count()), (2, 0), "{before:?} {after:?}");
    let cause = texts(&cloud.scaling("DescribeScalingActivities").unwrap(), "Cause").join("\n");
    assert!(cause.contains("in response to its maximum lifetime"), "{cause}");
    cloud.scaling(&update(0)).unwrap();
    assert!(!cloud.scaling("DescribeAutoScalingGroups").unwrap().contains("MaxInstanceLifetime"));
}

#[test]
fn a_refresh_is_rolled_back_to_what_the_group_launched_before() {
    let (mut cloud, before) = with_group(2);
    // The first new instance has to become warm, so that the refresh goes on for a while.
    cloud.scaling("UpdateAutoScalingGroup&AutoScalingGroupName=web&HealthCheckGracePeriod=300").unwrap();
    let back = "RollbackInstanceRefresh&AutoScalingGroupName=web";
    assert_eq!(cloud.scaling(back), Err("ActiveInstanceRefreshNotFound"));
    cloud.scaling(START).unwrap();
    assert_eq!(cloud.scaling(back), Err("IrreversibleInstanceRefresh"), "it changes nothing");
    cloud.scaling("CancelInstanceRefresh&AutoScalingGroupName=web").unwrap();
    let data = "LaunchTemplateData.ImageId=ami-1a2b3c4d&LaunchTemplateData.InstanceType=m1.small";
    cloud.ask(&format!("Action=CreateLaunchTemplate&LaunchTemplateName=next&{data}")).unwrap();
    let template =
        "DesiredConfiguration.LaunchTemplate.LaunchTemplateName=next&DesiredConfiguration.LaunchTemplate.Version=1";
    let id = first(&cloud.scaling(&format!("{START}&{template}")).unwrap(), "InstanceRefreshId");
    cloud.tend();
    assert_eq!(first(&cloud.scaling(back).unwrap(), "InstanceRefreshId"), id);
    let status = |cloud: &mut Cloud| first(&cloud.scaling(DESCRIBE).unwrap(), "Status").unwrap();
    assert_eq!(status(&mut cloud), "RollbackInProgress");
    for _ in 0..5 {
        cloud.now = cloud.now.after(Duration::from_secs(300));
        cloud.tend();
    }
    assert_eq!(status(&mut cloud), "RollbackSuccessful");
    let members = cloud.scaling("DescribeAutoScalingInstances").unwrap();
    assert_eq!(texts(&members, "LaunchConfigurationName").len(), before.len(), "{members}");
}
