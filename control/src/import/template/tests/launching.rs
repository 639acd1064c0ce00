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

#[test]
fn settings_of_instances_subnets_and_tunnels_are_kept() {
    let template = parse_yaml(
        "Resources:
  Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.20.0.0/16}}
  A: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc, CidrBlock: 10.20.1.0/24, AvailabilityZone: us-east-1a,
    PrivateDnsNameOptionsOnLaunch: {HostnameType: resource-name, EnableResourceNameDnsARecord: true}}}
  Web:
    Type: AWS::EC2::Instance
    Properties: {SubnetId: !Ref A, InstanceType: t3.micro, Tenancy: default, PropagateTagsToVolumeOnCreation: true,
      CreditSpecification: {CPUCredits: unlimited}, PrivateDnsNameOptions: {HostnameType: ip-name},
      BlockDeviceMappings: [{DeviceName: /dev/sdb, Ebs: {VolumeSize: 20, VolumeType: gp3, KmsKeyId: !Ref Key}}]}
  Key: {Type: AWS::KMS::Key, Properties: {}}
  Office: {Type: AWS::EC2::CustomerGateway, Properties: {Type: ipsec.1, BgpAsn: 65000, IpAddress: 203.0.113.9, DeviceName: router}}
  Hub: {Type: AWS::EC2::TransitGateway, Properties: {TransitGatewayCidrBlocks: [10.99.0.0/24]}}
  Line: {Type: AWS::EC2::VPNConnection, Properties: {Type: ipsec.1, CustomerGatewayId: !Ref Office, TransitGatewayId: !Ref Hub,
    StaticRoutesOnly: true, VpnTunnelOptionsSpecifications: [{TunnelInsideCidr: 169.254.10.0/30}]}}
  Nowhere: {Type: AWS::EC2::Route, Properties: {RouteTableId: !Ref Table, DestinationCidrBlock: 10.9.0.0/16, LocalGatewayId: lgw-1}}
  Table: {Type: AWS::EC2::RouteTable, Properties: {VpcId: !Ref Vpc}}
",
    );
    let (model, left_out) = imported(template.unwrap());
    let told: Vec<&str> = left_out.iter().filter_map(|line| line.split(": ").nth(1)).collect();
    assert_eq!(told, ["Key", "Nowhere", "Web"], "{left_out:?}");
    let subnet = model.subnets.iter().next().unwrap();
    assert!(subnet.names.a_record && subnet.names.hostname == model::HostnameType::ResourceName);
    assert!(model.volumes.iter().any(|volume| volume.shape.size == 20));
}

#[test]
fn what_scales_a_group_is_kept() {
    let template = parse_yaml(
        "Resources:
  Plain: {Type: AWS::AutoScaling::LaunchConfiguration, Properties: {ImageId: ami-12345678, InstanceType: m3.medium}}
  Workers: {Type: AWS::AutoScaling::AutoScalingGroup, Properties: {LaunchConfigurationName: !Ref Plain, MinSize: 0, MaxSize: 2,
    AvailabilityZones: [us-east-1a]}}
  Busy: {Type: AWS::AutoScaling::ScalingPolicy, Properties: {AutoScalingGroupName: !Ref Workers, PolicyType: TargetTrackingScaling,
    TargetTrackingConfiguration: {TargetValue: 50, PredefinedMetricSpecification: {PredefinedMetricType: ASGAverageCPUUtilization}}}}
  Night: {Type: AWS::AutoScaling::ScheduledAction, Properties: {AutoScalingGroupName: !Ref Workers, MinSize: 0, MaxSize: 1,
    Recurrence: 0 7 * * *}}
  Hook: {Type: AWS::AutoScaling::LifecycleHook, Properties: {AutoScalingGroupName: !Ref Workers, HeartbeatTimeout: 300,
    LifecycleTransition: 'autoscaling:EC2_INSTANCE_LAUNCHING'}}
",
    );
    let (_, left_out) = imported(template.unwrap());
    assert_eq!(left_out, Vec::<String>::new());
}

#[test]
fn groups_of_ec2_classic_are_named_by_their_references() {
    let template = parse_yaml(
        r#"
Resources:
  Web: {Type: AWS::EC2::SecurityGroup, Properties: {GroupDescription: web}}
  App: {Type: AWS::EC2::SecurityGroup, Properties: {GroupDescription: app, GroupName: app,
    SecurityGroupIngress: [{IpProtocol: tcp, FromPort: 80, ToPort: 80, SourceSecurityGroupName: !Ref Web}]}}
  Ssh: {Type: AWS::EC2::SecurityGroupIngress, DependsOn: App, Properties: {GroupName: app, IpProtocol: tcp, FromPort: 22, ToPort: 22,
    SourceSecurityGroupName: !Ref Web, SourceSecurityGroupOwnerId: !Ref AWS::AccountId}}
  Databases: {Type: AWS::RDS::DBSecurityGroup, Properties: {GroupDescription: d, DBSecurityGroupIngress: [{EC2SecurityGroupName: !Ref App},
    {CIDRIP: 10.1.0.0/16}]}}
  Caches: {Type: AWS::ElastiCache::SecurityGroup, Properties: {Description: d}}
  Cached: {Type: AWS::ElastiCache::SecurityGroupIngress, Properties: {CacheSecurityGroupName: !Ref Caches, EC2SecurityGroupName: !Ref App}}
  Houses: {Type: AWS::Redshift::ClusterSecurityGroup, Properties: {Description: d}}
  Housed: {Type: AWS::Redshift::ClusterSecurityGroupIngress, Properties: {ClusterSecurityGroupName: !Ref Houses, CIDRIP: 10.1.0.0/16}}
"#,
    );
    let (model, left_out) = imported(template.unwrap());
    assert_eq!(left_out, Vec::<String>::new());
    let app = model.security_groups.iter().find(|group| group.name == "app").unwrap();
    assert_eq!(app.rules.iter().filter(|rule| !rule.egress).count(), 2);
    assert_eq!(model.access_groups.iter().filter(|group| group.name != "default").count(), 3);
}

#[test]
fn an_instance_of_ec2_classic_gets_its_address() {
    let template = parse_yaml(
        r#"
Resources:
  Web: {Type: AWS::EC2::Instance, Properties: {InstanceType: m3.medium}}
  Front: {Type: AWS::EC2::EIP, Properties: {InstanceId: !Ref Web}}
  Back: {Type: AWS::EC2::Instance, Properties: {InstanceType: m3.medium}}
  Free: {Type: AWS::EC2::EIP, Properties: {Domain: standard}}
  Uses: {Type: AWS::EC2::EIPAssociation, Properties: {EIP: !Ref Free, InstanceId: !Ref Back}}
"#,
    );
    let (model, left_out) = imported(template.unwrap());
    assert_eq!(left_out, Vec::<String>::new());
    let own = |instance: &model::Instance| instance.classic().and_then(|place| place.public.clone()?.elastic);
    assert!(model.elastic_addresses.len() == 2 && model.instances.iter().all(|instance| own(instance).is_some()));
}
