//! Launches: resources that a template or a specification names are asked for too.

use super::*;
use crate::api::Params;
use crate::api::permission::launched;
use model::iam::{Policy, Role};

const LAUNCH: &str = "Action=RunInstances&ImageId=ami-1a2b3c4d&MinCount=1&MaxCount=1";

/// An instance profile, and a launch template with this data.
fn template(one: &mut Enforced, data: &str) {
    let trust = r#"{"Statement":{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":"111122223333"}}}"#;
    let role = Role { trust: Policy::of_trust(trust).unwrap(), description: None, longest: Role::DEFAULT };
    let model = &mut one.cloud.model;
    model.create_identity(ACCOUNT, Time(0), ("admin", None), Tags::new(), Of::Role(role)).unwrap();
    model.create_instance_profile(ACCOUNT, Time(0), ("admin", None), Tags::new()).unwrap();
    model.add_role_to_profile(ACCOUNT, "admin", "admin").unwrap();
    let image = "LaunchTemplateData.ImageId=ami-1a2b3c4d&LaunchTemplateData.InstanceType=m3.medium";
    one.cloud.ask(&format!("Action=CreateLaunchTemplate&LaunchTemplateName=web&{image}&{data}")).unwrap();
}

/// Whatever gives a launch its instance profile, the sender must be allowed to pass the role.
#[test]
fn a_role_is_passed_by_whatever_names_it() {
    let mut one = Enforced::new();
    template(&mut one, "LaunchTemplateData.IamInstanceProfile.Name=admin");
    let like = one.cloud.get(&format!("{LAUNCH}&IamInstanceProfile.Name=admin"), "instanceId");
    let spot = "Action=RequestSpotInstances&LaunchSpecification.ImageId=ami-1a2b3c4d&LaunchSpecification.InstanceType=m3.medium";
    let scaling = "Version=2011-01-01&AutoScalingGroupName";
    let group = "MinSize=0&MaxSize=1&AvailabilityZones.member.1=us-east-1a";
    let fleet = "LaunchTemplateConfigs.1.LaunchTemplateSpecification.LaunchTemplateName=web\
                 &TargetCapacitySpecification.TotalTargetCapacity=1";
    let by_template = "LaunchTemplate.LaunchTemplateName=web";
    one.cloud.ask(&format!("Action=CreateAutoScalingGroup&{scaling}=old&{group}&{by_template}")).unwrap();
    let plain = "LaunchTemplateData.ImageId=ami-1a2b3c4d&LaunchTemplateData.InstanceType=m3.medium";
    one.cloud.ask(&format!("Action=CreateLaunchTemplate&LaunchTemplateName=plain&{plain}")).unwrap();
    let old_fleet = one.cloud.get(&format!("Action=CreateFleet&{}", fleet.replace("=web", "=plain")), "fleetId");
    let (spots, of_spots) = ("SpotFleetRequestConfig", "SpotFleetRequestConfig.LaunchSpecifications.1");
    let mix = "MixedInstancesPolicy.LaunchTemplate";
    let named = |place: &str, name: &str| format!("{mix}{place}.LaunchTemplateSpecification.LaunchTemplateName={name}");
    let by_mix = named("", "web");
    let by_override = format!("{}&{}", named("", "plain"), named(".Overrides.member.1", "web"));
    let ways = [
        format!("{LAUNCH}&IamInstanceProfile.Name=admin"),
        format!("{LAUNCH}&{by_template}"),
        format!("{LAUNCH}&{by_template}&LaunchTemplate.Version=$Latest&IamInstanceProfile.Name="),
        format!("{spot}&LaunchSpecification.IamInstanceProfile.Name=admin"),
        format!("Action=CreateFleet&{fleet}"),
        format!("Action=ModifyFleet&FleetId={old_fleet}&{}", fleet.replace("Configs", "Config")),
        format!(
            "Action=RequestSpotFleet&{spots}.TargetCapacity=1&{spots}.IamFleetRole=arn:aws:iam::{ACCOUNT}:role/fleet\
             &{of_spots}.ImageId=ami-1a2b3c4d&{of_spots}.InstanceType=m3.medium\
             &{of_spots}.IamInstanceProfile.Name=admin"
        ),
        format!("Action=CreateAutoScalingGroup&{scaling}=new&{group}&{by_template}"),
        format!("Action=UpdateAutoScalingGroup&{scaling}=old&{by_template}"),
        format!("Action=CreateAutoScalingGroup&{scaling}=mixed&{group}&{by_mix}"),
        format!("Action=CreateAutoScalingGroup&{scaling}=other&{group}&{by_override}"),
        format!("Action=UpdateAutoScalingGroup&{scaling}=old&{by_override}"),
        format!("Action=CreateAutoScalingGroup&{scaling}=similar&{group}&InstanceId={like}"),
        format!("Action=CreateLaunchConfiguration&Version=2011-01-01&LaunchConfigurationName=like&InstanceId={like}"),
        format!("Action=StartInstanceRefresh&{scaling}=old&DesiredConfiguration.{by_template}"),
    ];
    one.policy(r#"{"Effect":"Allow","Action":["ec2:*","autoscaling:*"],"Resource":"*"}"#);
    for way in &ways {
        assert!([DENIED, "AccessDenied"].contains(&one.call(way)), "{way}");
    }
    assert_eq!([one.call(LAUNCH), one.call(spot)], ["ok"; 2]);
    one.policy(r#"{"Effect":"Allow","Action":["ec2:*","autoscaling:*","iam:PassRole"],"Resource":"*"}"#);
    for way in ways.iter().filter(|way| !way.ends_with('=')) {
        assert_eq!(one.call(way), "ok", "{way}");
    }
}

/// A profile's role becomes that of every instance with the profile.
#[test]
fn a_role_is_passed_to_a_profile() {
    let mut one = Enforced::new();
    template(&mut one, "LaunchTemplateData.IamInstanceProfile.Name=admin");
    one.cloud.ask("Action=CreateInstanceProfile&Version=2010-05-08&InstanceProfileName=web").unwrap();
    let add = "Action=AddRoleToInstanceProfile&Version=2010-05-08&InstanceProfileName=web&RoleName=admin";
    one.policy(r#"{"Effect":"Allow","Action":"iam:AddRoleToInstanceProfile","Resource":"*"}"#);
    assert_eq!(one.call(add), "AccessDenied");
    one.policy(r#"{"Effect":"Allow","Action":["iam:AddRoleToInstanceProfile","iam:PassRole"],"Resource":"*"}"#);
    assert_eq!(one.call(add), "ok");
}

/// A template's contents are asked for unless the request overrides them.
#[test]
fn a_launch_is_asked_about_with_what_its_template_says() {
    let mut one = Enforced::new();
    let vpc = one.cloud.vpc("192.168.0.0/16");
    let [mine, other] = ["192.168.1.0/24", "192.168.2.0/24"].map(|cidr| one.cloud.subnet(&vpc, cidr));
    let tag = "LaunchTemplateData.TagSpecification.1";
    let tag = format!("{tag}.ResourceType=instance&{tag}.Tag.1.Key=team&{tag}.Tag.1.Value=red");
    let place = "NetworkInterface.1.DeviceIndex=0&NetworkInterface.1.SubnetId";
    let data = format!("{place}={other}").replace("NetworkInterface", "LaunchTemplateData.NetworkInterface");
    template(&mut one, &format!("{data}&{tag}"));
    let launch = format!("{LAUNCH}&LaunchTemplate.LaunchTemplateName=web");
    let allow_all = r#"{"Effect":"Allow","Action":"ec2:*","Resource":"*"}"#;
    let deny = |what: &str| format!(r#"[{allow_all},{{"Effect":"Deny","Action":"ec2:RunInstances",{what}}}]"#);
    one.policy(&deny(&format!(r#""Resource":"arn:aws:ec2:*:*:subnet/{other}""#)));
    assert_eq!(one.call(&launch), DENIED);
    assert_eq!(one.call(&format!("{launch}&NetworkInterface.1.SubnetId=")), DENIED, "an empty value is ignored");
    assert_eq!(one.call(&format!("{launch}&{place}={mine}")), "ok");
    let kind =
        r#""Resource":"arn:aws:ec2:*:*:instance/*","Condition":{"StringEquals":{"ec2:InstanceType":"m3.medium"}}"#;
    one.policy(&deny(kind));
    assert_eq!(one.call(&launch), DENIED);
    assert_eq!(one.call(&format!("{launch}&InstanceType=m1.small")), "ok");
    one.policy(&deny(
        r#""Resource":"arn:aws:ec2:*:*:subnet/*","Condition":{"Bool":{"ec2:IsLaunchTemplateResource":"false"}}"#,
    ));
    assert_eq!(one.call(&launch), "ok", "the template's own subnet");
    assert_eq!(one.call(&format!("{launch}&{place}={mine}")), DENIED);
    one.policy(&deny(
        r#""Resource":"arn:aws:ec2:*:*:network-interface/*","Condition":{"Bool":{"ec2:AssociatePublicIpAddress":"true"}}"#,
    ));
    let public = |word: &str| format!("{launch}&{place}={mine}&NetworkInterface.1.AssociatePublicIpAddress={word}");
    assert_eq!([one.call(&public("true")), one.call(&public("false"))], [DENIED, "ok"]);
    one.policy(&deny(r#""Resource":"arn:aws:ec2:*:*:launch-template/*""#));
    assert_eq!(one.call(&launch), DENIED, "the template is named by its name");
    one.policy(r#"{"Effect":"Allow","Action":"ec2:RunInstances","Resource":"*"}"#);
    assert_eq!(one.call(&launch), DENIED, "its tags need permission to tag");
}

#[test]
fn groups_are_the_requests_own_by_whatever_name() {
    let group = "arn:aws:ec2:us-east-1:111122223333:security-group/sg-1a2b3c4d";
    let names = |form: &str| launched::names(&Params::parse(form).unwrap(), group);
    assert!(names("LaunchTemplate.LaunchTemplateName=web&SecurityGroup.1=web"));
    assert!(names("NetworkInterface.1.SecurityGroupId.1=sg-1a2b3c4d"));
    assert!(!names("LaunchTemplate.LaunchTemplateName=web&SubnetId=subnet-1a2b3c4d"));
}
