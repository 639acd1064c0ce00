//! Instances, and what launches them.

use super::*;

#[test]
fn user_data_is_encoded_for_the_api() {
    let template = parse_yaml(
        r#"
Resources:
  Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.20.0.0/16}}
  Back: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc, CidrBlock: 10.20.1.0/24, AvailabilityZone: us-east-1b}}
  Template: {Type: AWS::EC2::LaunchTemplate, Properties: {LaunchTemplateData: {UserData: !Base64 '#!/bin/sh -x'}}}
  Configuration: {Type: AWS::AutoScaling::LaunchConfiguration, Properties: {ImageId: ami-12345678, InstanceType: m3.medium,
    UserData: {Fn::Base64: !Sub '#!/bin/sh ${AWS::Region}'}}}
  Web: {Type: AWS::EC2::Instance, Properties: {SubnetId: !Ref Back, AvailabilityZone: us-east-1b, Monitoring: true,
    UserData: {Fn::Base64: '#!/bin/sh -x'}}}
  Classic: {Type: AWS::EC2::Instance, Properties: {InstanceType: m3.medium, AvailabilityZone: us-east-1c}}
"#,
    );
    let (model, left_out) = imported(template.unwrap());
    assert_eq!((model.launch_templates.len(), model.launch_configurations.len(), left_out), (1, 1, Vec::new()));
    let classic = model.instances.iter().find(|instance| instance.vpc().is_none()).unwrap();
    assert_eq!((classic.zone.as_str(), classic.monitored), ("us-east-1c", false));
    assert!(model.instances.iter().any(|instance| instance.monitored));
}

#[test]
fn an_instance_has_what_its_launch_template_says() {
    let template = parse_yaml(
        r#"
Resources:
  Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.20.0.0/16}}
  Back: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc, CidrBlock: 10.20.1.0/24}}
  Group: {Type: AWS::EC2::SecurityGroup, Properties: {GroupDescription: d, GroupName: web, VpcId: !Ref Vpc}}
  Template: {Type: AWS::EC2::LaunchTemplate, Properties: {LaunchTemplateData: {InstanceType: m5.large, SecurityGroupIds: [!Ref Group]}}}
  Web: {Type: AWS::EC2::Instance, Properties: {SubnetId: !Ref Back,
    LaunchTemplate: {LaunchTemplateId: !Ref Template, Version: !GetAtt Template.LatestVersionNumber}}}
"#,
    );
    let (model, left_out) = imported(template.unwrap());
    assert_eq!(left_out, Vec::<String>::new());
    let web = model.instances.iter().next().unwrap();
    let group = model.security_groups.iter().find(|group| group.name == "web").unwrap();
    let interface = model.network_interfaces.get(&web.vpc().unwrap().interfaces[0]).unwrap();
    assert_eq!((web.instance_type.as_str(), &interface.groups), ("m5.large", &vec![group.id.clone()]));
}

#[test]
fn what_names_a_placement_group_gets_it() {
    let template = parse_yaml(
        r#"
Resources:
  Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.20.0.0/16}}
  Back: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc, CidrBlock: 10.20.1.0/24}}
  Near: {Type: AWS::EC2::PlacementGroup, Properties: {Strategy: cluster, Tags: [{Key: Name, Value: near}]}}
  Web: {Type: AWS::EC2::Instance, Properties: {SubnetId: !Ref Back, InstanceType: m5.large, PlacementGroupName: !Ref Near}}
  Door: {Type: AWS::EC2::InstanceConnectEndpoint, Properties: {SubnetId: !Ref Back, PreserveClientIp: false}}
"#,
    );
    let (model, left_out) = imported(template.unwrap());
    assert_eq!(left_out, Vec::<String>::new());
    let (group, web) = (model.placement_groups.iter().next().unwrap(), model.instances.iter().next().unwrap());
    assert_eq!((web.options.placement_group.as_ref(), group.tags["Name"].as_str()), (Some(&group.name), "near"));
    assert_eq!(model.connect_endpoints.len(), 1);
}
