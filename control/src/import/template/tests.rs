mod databases;
mod endpoints;
mod identities;
mod launching;
mod left_out;
mod load_balancers;
mod nested;
mod parameters;
mod zones;

use super::*;
use crate::import::{Anonymous, Export, File, import};
use model::{Destination, Model, Target, Time};
use serde_json::json;

const NOW: Time = Time(1_420_632_000_000);

const TEMPLATE: &str = r#"
Parameters:
  Environment: {Type: String, Default: prod}
Conditions:
  Public: !Equals [!Ref Environment, prod]
Resources:
  Db:
    Type: AWS::EC2::Instance
    Properties:
      SubnetId: !Ref Back
      SecurityGroupIds: [!GetAtt DbGroup.GroupId]
      Tags: [{Key: Name, Value: !Sub "${Environment}-db"}]
  DbGroup:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: d
      VpcId: !Ref Vpc
      SecurityGroupIngress:
        - {IpProtocol: tcp, FromPort: 5432, ToPort: 5432, CidrIp: !GetAtt Vpc.CidrBlock}
  Vpc:
    Type: AWS::EC2::VPC
    Properties: {CidrBlock: 10.20.0.0/16, EnableDnsHostnames: true}
  Back:
    Type: AWS::EC2::Subnet
    Properties:
      VpcId: !Ref Vpc
      CidrBlock: !Select [1, !Cidr [!GetAtt Vpc.CidrBlock, 4, 8]]
      AvailabilityZone: !Select [0, !GetAZs '']
  Gateway: {Type: AWS::EC2::InternetGateway, Condition: Public}
  Attached:
    Type: AWS::EC2::VPCGatewayAttachment
    Condition: Public
    Properties: {VpcId: !Ref Vpc, InternetGatewayId: !Ref Gateway}
  Address: {Type: AWS::EC2::EIP, DependsOn: Attached, Properties: {Domain: vpc}}
  Nat:
    Type: AWS::EC2::NatGateway
    Properties: {AllocationId: !GetAtt Address.AllocationId, SubnetId: !Ref Back}
  Table: {Type: AWS::EC2::RouteTable, Properties: {VpcId: !Ref Vpc}}
  Out:
    Type: AWS::EC2::Route
    Properties: {RouteTableId: !Ref Table, DestinationCidrBlock: 0.0.0.0/0, NatGatewayId: !Ref Nat}
  Bucket: {Type: AWS::S3::Bucket}
  Lost: {Type: AWS::EC2::RouteTable, Properties: {VpcId: !ImportValue other-vpc}}
"#;

fn imported(body: Json) -> (Model, Vec<String>) {
    imported_together([("net.yaml", body)])
}

fn imported_together<const N: usize>(templates: [(&str, Json); N]) -> (Model, Vec<String>) {
    let mut model = Model::new(1);
    let file = |(name, content)| File { path: format!("111122223333/us-east-1/{name}").into(), content };
    let imported = import(&mut model, Export::of(&templates.map(file)).unwrap(), NOW).unwrap();
    (model, imported.left_out)
}

#[test]
fn a_template_is_a_network() {
    let (model, left_out) = imported(parse_yaml(TEMPLATE).unwrap());
    assert_eq!(
        left_out,
        [
            "111122223333/us-east-1/net.yaml: Bucket: AWS::S3::Bucket is not known here",
            "111122223333/us-east-1/net.yaml: Lost: no template of the files exports other-vpc",
        ]
    );
    let subnet = model.subnets.iter().next().unwrap();
    assert_eq!((subnet.block().as_str(), subnet.zone.as_str()), ("10.20.1.0/24", "us-east-1a"));
    let db = model.instances.iter().next().unwrap();
    assert!(db.is_running() && !db.has_host() && db.tags["Name"] == "prod-db");
    let group = model.security_groups.iter().find(|group| !group.is_default()).unwrap();
    assert_eq!(group.rules.iter().filter(|rule| !rule.egress).count(), 1);
    let everywhere = Destination::V4(Default::default());
    let mut routes = model.route_tables.iter().flat_map(|table| &table.routes);
    assert!(routes.any(|route| route.destination == everywhere && matches!(route.target, Target::NatGateway(_))));
}

#[test]
fn what_waits_for_nothing_that_comes_is_left_out() {
    let subnet =
        json!({"Type": "AWS::EC2::Subnet", "Properties": {"VpcId": {"Ref": "Nowhere"}, "CidrBlock": "10.0.0.0/24"}});
    let vpc = json!({"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/8"}});
    let (_, left_out) = imported(json!({"Resources": {"A": subnet, "B": vpc}}));
    assert_eq!(left_out.len(), 2, "{left_out:?}");
    assert!(left_out[0].contains("A: the template has no Nowhere") && left_out[1].contains("B: "), "{left_out:?}");
}

#[test]
fn resources_in_a_circle_are_left_out_and_say_so() {
    let group =
        |other: &str| json!({"Type": "AWS::EC2::SecurityGroup", "Properties": {"GroupDescription": {"Ref": other}}});
    let unchosen = json!({"Fn::If": ["Never", {"Ref": "Chosen"}, "d"]});
    let unchosen = json!({"Type": "AWS::EC2::SecurityGroup", "Properties": {"GroupDescription": unchosen}});
    let own = json!({"Fn::Sub": ["${Own}", {"Own": "d"}]});
    let own = json!({"Type": "AWS::EC2::SecurityGroup", "Properties": {"GroupDescription": own}});
    let (model, left_out) = imported(json!({
        "Conditions": {"Never": {"Fn::Equals": ["a", "b"]}},
        "Resources": {"A": group("B"), "B": group("A"), "Chosen": group("Unchosen"), "Unchosen": unchosen, "Own": own},
    }));
    assert_eq!(left_out.len(), 2, "{left_out:?}");
    assert!(left_out.iter().all(|line| line.contains("refer to each other in a circle")), "{left_out:?}");
    assert_eq!(model.security_groups.iter().filter(|group| !group.is_default()).count(), 3);
}

#[test]
fn a_resource_comes_after_what_it_depends_on() {
    let group = |name: &str, needs: Json| {
        let properties = json!({"GroupName": name, "GroupDescription": "d"});
        json!({"Type": "AWS::EC2::SecurityGroup", "DependsOn": needs, "Properties": properties})
    };
    let (a, b, c) = (group("a", json!(["B", "C"])), group("b", json!("C")), group("c", json!([])));
    let (model, left_out) = imported(json!({"Resources": {"A": a, "B": b, "C": c}}));
    assert_eq!(left_out, Vec::<String>::new());
    let mut groups: Vec<_> = model.security_groups.iter().filter(|group| !group.is_default()).collect();
    groups.sort_by_key(|group| group.number);
    let names: Vec<&str> = groups.iter().map(|group| group.name.as_str()).collect();
    assert_eq!(names, ["c", "b", "a"]);
}

#[test]
fn a_resource_is_made_without_properties_that_it_does_not_need() {
    let (model, left_out) = imported(
        parse_yaml(
            r#"
Parameters: {Key: {Type: String}, Subnet: {Type: String}}
Resources:
  Web: {Type: AWS::EC2::Instance, Properties: {ImageId: !Ref Image, KeyName: !Ref Key, InstanceType: m3.medium}}
  Lost: {Type: AWS::EC2::Instance, Properties: {SubnetId: !Ref Subnet}}
  Template:
    Type: AWS::EC2::LaunchTemplate
    Properties: {LaunchTemplateData: {InstanceType: m3.large, IamInstanceProfile: {Arn: !GetAtt Profile.Arn}}}
  Profile: {Type: Custom::Profile}
"#,
        )
        .unwrap(),
    );
    assert_eq!((model.instances.len(), model.launch_templates.len()), (1, 1), "{left_out:?}");
    for told in [
        "Web: its property KeyName: the parameter Key",
        "Lost: the parameter Subnet has no default",
        "Template: its property LaunchTemplateData.IamInstanceProfile.Arn: Profile is left out",
    ] {
        assert!(left_out.iter().any(|line| line.contains(told)), "{told}: {left_out:?}");
    }
    assert_eq!(left_out.len(), 4, "{left_out:?}");
}

#[test]
fn a_template_imports_what_another_exports() {
    let network = parse_yaml(
        r#"
Resources: {Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.20.0.0/16}}}
Conditions: {Always: !Equals [a, a]}
Outputs: {Vpc: {Value: !Ref Vpc, Export: {Name: !If [Always, !Sub "${AWS::StackName}-vpc", other]}}}
"#,
    );
    let subnets = parse_yaml(
        r#"
Parameters: {Network: {Type: String, Default: network}}
Resources:
  Back: {Type: AWS::EC2::Subnet, Properties: {VpcId: {"Fn::ImportValue": !Sub "${Network}-vpc"}, CidrBlock: 10.20.1.0/24}}
"#,
    );
    // The files' order does not matter.
    let (model, left_out) = imported_together([("back.yaml", subnets.unwrap()), ("network.yaml", network.unwrap())]);
    assert_eq!((model.subnets.len(), left_out), (1, Vec::new()));
}

#[test]
fn what_is_stored_elsewhere_is_told_of_where_it_matters() {
    let (model, left_out) = imported(
        parse_yaml(
            r#"
Transform: [AWS::LanguageExtensions]
Parameters:
  Image: {Type: "AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>", Default: /aws/service/ecs/image_id}
  Office: {Type: String}
Resources:
  Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.20.0.0/16}}
  Fn::ForEach::Sides:
    - Side
    - [A, B]
    - Subnet${Side}: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc, CidrBlock: !FindInMap [Blocks, !Ref Side, Block]}}
  Launch: {Type: AWS::AutoScaling::LaunchConfiguration, Properties: {ImageId: !Ref Image, InstanceType: m3.medium}}
  Template: {Type: AWS::EC2::LaunchTemplate, Properties: {LaunchTemplateName: web, LaunchTemplateData: {ImageId: !Ref Image}}}
  Stored: {Type: AWS::EC2::Subnet, Properties: {VpcId: "{{resolve:ssm:/net/vpc}}", CidrBlock: 10.20.3.0/24}}
  Gone:
    Type: AWS::EC2::SecurityGroup
    Properties:
      VpcId: !Ref Vpc
      GroupDescription: d
      SecurityGroupIngress: [{IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: !Ref Office}]
Mappings: {Blocks: {A: {Block: 10.20.1.0/24}, B: {Block: 10.20.2.0/24}}}
Outputs: {Gone: {Value: !Ref Gone, Export: {Name: gone}}, Plain: {Value: !Ref Gone}}
"#,
        )
        .unwrap(),
    );
    let told = |what: &str| format!("111122223333/us-east-1/net.yaml: {what}");
    let stored = "the parameter Image is stored by Systems Manager: give --parameter Image=VALUE";
    let wanted = [
        told("Gone: the parameter Office has no default: give --parameter Office=VALUE"),
        told("Stored: the value of {{resolve:ssm:/net/vpc}} is not in the files: give --parameter /net/vpc=VALUE"),
        told(&format!("Template: its property LaunchTemplateData.ImageId: {stored}")),
    ];
    assert_eq!(left_out, wanted);
    assert_eq!((model.subnets.len(), model.launch_configurations.len(), model.launch_templates.len()), (2, 1, 1));
}

#[test]
fn an_interface_has_its_addresses_and_routes_lead_to_lists() {
    let (model, left_out) = imported(
        parse_yaml(
            r#"
Resources:
  Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.20.0.0/16}}
  Back: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc, CidrBlock: 10.20.1.0/24}}
  Card:
    Type: AWS::EC2::NetworkInterface
    Properties:
      SubnetId: !Ref Back
      PrivateIpAddresses: [{PrivateIpAddress: 10.20.1.10, Primary: true}, {PrivateIpAddress: 10.20.1.11, Primary: false}]
  Two: {Type: AWS::EC2::NetworkInterface, Properties: {SubnetId: !Ref Back, SecondaryPrivateIpAddressCount: 2}}
  Gateway: {Type: AWS::EC2::InternetGateway}
  Attached: {Type: AWS::EC2::VPCGatewayAttachment, Properties: {VpcId: !Ref Vpc, InternetGatewayId: !Ref Gateway}}
  Address: {Type: AWS::EC2::EIP, DependsOn: Attached}
  Associated: {Type: AWS::EC2::EIPAssociation, Properties: {EIP: !Ref Address, NetworkInterfaceId: !Ref Card}}
  Offices: {Type: AWS::EC2::PrefixList, Properties: {PrefixListName: offices, AddressFamily: IPv4, Entries: [{Cidr: 192.0.2.0/24}]}}
  Table: {Type: AWS::EC2::RouteTable, Properties: {VpcId: !Ref Vpc}}
  Out:
    Type: AWS::EC2::Route
    DependsOn: Attached
    Properties: {RouteTableId: !Ref Table, DestinationPrefixListId: !Ref Offices, GatewayId: !Ref Gateway}
"#,
        )
        .unwrap(),
    );
    assert_eq!(left_out, Vec::<String>::new());
    let mut counts: Vec<usize> = model.network_interfaces.iter().map(|interface| interface.addresses.len()).collect();
    counts.sort_unstable();
    assert_eq!(counts, [2, 3]);
    let leads_to_list = |route: &model::Route| matches!(route.destination, Destination::PrefixList(_));
    assert!(model.route_tables.iter().any(|table| table.routes.iter().any(leads_to_list)));
}

#[test]
fn the_user_of_a_database_may_be_a_secret() {
    let (model, left_out) = imported(
        parse_yaml(
            r#"
Resources:
  Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.20.0.0/16}}
  A: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc, CidrBlock: 10.20.1.0/24, AvailabilityZone: !Select [0, !GetAZs ""]}}
  B: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc, CidrBlock: 10.20.2.0/24, AvailabilityZone: !Select [1, !GetAZs ""]}}
  Back: {Type: AWS::RDS::DBSubnetGroup, Properties: {DBSubnetGroupDescription: d, SubnetIds: [!Ref A, !Ref B]}}
  Shop:
    Type: AWS::RDS::DBInstance
    Properties: {DBInstanceIdentifier: shop, DBInstanceClass: db.m3.large, Engine: postgres, AllocatedStorage: 10,
      DBSubnetGroupName: !Ref Back, MasterUsername: "{{resolve:secretsmanager:shop:SecretString:user}}",
      MasterUserPassword: "{{resolve:secretsmanager:shop:SecretString:password}}"}
"#,
        )
        .unwrap(),
    );
    assert_eq!((model.managed_hosts.len(), left_out), (1, Vec::new()));
}

#[test]
fn the_exports_of_a_template_are_limited() {
    let output = |name: &str| json!({"Value": {"Ref": "Long"}, "Export": {"Name": name}});
    let exporter = json!({
        "Parameters": {"Long": {"Type": "String", "Default": format!("d,{}", "x".repeat(400_000))}},
        "Resources": {"Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}}},
        "Outputs": {"A": output("a"), "B": output("b"), "C": output("c")},
    });
    let group = |name: &str| {
        let text = json!({"Fn::Select": [0, {"Fn::Split": [",", {"Fn::ImportValue": name}]}]});
        json!({"Type": "AWS::EC2::SecurityGroup", "Properties": {"GroupDescription": text}})
    };
    let importer = json!({"Resources": {"A": group("a"), "B": group("b"), "C": group("c")}});
    let (_, left_out) = imported_together([("exporter.yaml", exporter), ("importer.yaml", importer)]);
    let told = "C: the export c is unknown: its functions give more than 1 MiB";
    assert!(left_out.len() == 1 && left_out[0].ends_with(told), "{left_out:?}");
}

#[test]
fn blocks_of_ipv6_are_cut_for_subnets() {
    let (model, left_out) = imported(
        parse_yaml(
            r#"
Resources:
  Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.20.0.0/16}}
  Block: {Type: AWS::EC2::VPCCidrBlock, Properties: {VpcId: !Ref Vpc, AmazonProvidedIpv6CidrBlock: true}}
  Back:
    Type: AWS::EC2::Subnet
    DependsOn: Block
    Properties:
      VpcId: !Ref Vpc
      CidrBlock: 10.20.1.0/24
      Ipv6CidrBlock: !Select [1, !Cidr [!Select [0, !GetAtt Vpc.Ipv6CidrBlocks], 4, 64]]
      AssignIpv6AddressOnCreation: true
"#,
        )
        .unwrap(),
    );
    assert_eq!(left_out, Vec::<String>::new());
    let subnet = model.subnets.iter().next().unwrap();
    assert!(subnet.ipv6.is_some() && subnet.ipv6_on_creation);
}

#[test]
fn what_a_template_says_in_vain_is_told_of() {
    let (model, left_out) = imported(json!({"Resources": {
        "Group": {"Type": "AWS::EC2::SecurityGroup", "Properties": {"GroupDescription": "d", "SecurityGroupIngress": [
            {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "CidrIp": "10.0.0.0/8", "Description": "ssh", "Colour": "red"}]}},
        "Web": {"Type": "AWS::EC2::Instance", "Properties": {"ImageId": "ami-1", "SecurityGroups": [{"Ref": "Group"}, "default"], "KeyName": "k"}},
    }}));
    let told = |what: &str| format!("111122223333/us-east-1/net.yaml: {what}");
    assert_eq!(
        left_out,
        [told("Group: its property SecurityGroupIngress.0.Colour"), told("Web: its property KeyName")]
    );
    let group = model.security_groups.iter().find(|group| !group.is_default()).unwrap();
    assert_eq!(group.rules[0].description.as_deref(), Some("ssh"));
    let groups = &model.instances.iter().next().unwrap().classic().unwrap().groups;
    assert!(groups.len() == 2 && groups.contains(&group.id), "{groups:?}");
}

#[test]
fn conditions_are_worked_out_once() {
    // Each asks ten times for the one before: ten to the thirtieth questions.
    let mut conditions = serde_json::Map::new();
    conditions.insert("C0".into(), json!({"Fn::Equals": ["a", "a"]}));
    for number in 1..=30 {
        let before = json!({"Condition": format!("C{}", number - 1)});
        conditions.insert(format!("C{number}"), json!({"Fn::And": vec![before; 10]}));
    }
    let vpc = json!({"Type": "AWS::EC2::VPC", "Condition": "C30", "Properties": {"CidrBlock": "10.0.0.0/16"}});
    let (model, left_out) = imported(json!({"Conditions": conditions, "Resources": {"Vpc": vpc}}));
    assert_eq!((model.vpcs.len(), left_out), (1, Vec::new()));
}

/// Groups of both kinds, with what they refer to.
const SCALED: &str = r"
Resources:
  Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
  Back: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc, CidrBlock: 10.0.1.0/24}}
  Group: {Type: AWS::EC2::SecurityGroup, Properties: {VpcId: !Ref Vpc, GroupDescription: d}}
  Config:
    Type: AWS::AutoScaling::LaunchConfiguration
    Properties:
      ImageId: ami-12345678
      InstanceType: m3.medium
      SecurityGroups: [!Ref Group]
      InstanceMonitoring: false
      BlockDeviceMappings: [{DeviceName: /dev/sdb, Ebs: {VolumeSize: 9}}]
  Workers:
    Type: AWS::AutoScaling::AutoScalingGroup
    Properties:
      LaunchConfigurationName: !Ref Config
      MinSize: '1'
      MaxSize: '4'
      DesiredCapacity: '2'
      Cooldown: '60'
      VPCZoneIdentifier: [!Ref Back]
      Tags: [{Key: team, Value: shop, PropagateAtLaunch: true}]
  Template:
    Type: AWS::EC2::LaunchTemplate
    Properties: {LaunchTemplateData: {ImageId: ami-12345678, InstanceType: m3.large, SecurityGroupIds: [!Ref Group]}}
  Others:
    Type: AWS::AutoScaling::AutoScalingGroup
    Properties:
      LaunchTemplate: {LaunchTemplateId: !Ref Template, Version: !GetAtt Template.LatestVersionNumber}
      MinSize: '0'
      MaxSize: '4'
      VPCZoneIdentifier: [!Ref Back]
  Caches: {Type: AWS::ElastiCache::SubnetGroup, Properties: {Description: d, SubnetIds: [!Ref Back]}}
  Carts:
    Type: AWS::ElastiCache::ReplicationGroup
    Properties:
      ReplicationGroupId: carts
      ReplicationGroupDescription: of the shop
      NumCacheClusters: 2
      CacheNodeType: cache.m3.medium
      Engine: redis
      CacheSubnetGroupName: !Ref Caches
      SecurityGroupIds: [!Ref Group]
";

#[test]
fn groups_of_auto_scaling_and_replicas_come_by_their_services() {
    let (model, left_out) = imported(parse_yaml(SCALED).unwrap());
    assert_eq!(left_out, Vec::<String>::new());
    let group = model.auto_scaling_groups.iter().find(|group| group.settings.template.is_none()).unwrap();
    assert_eq!((group.desired, group.settings.cooldown, group.tags["team"].value.as_str()), (2, 60, "shop"));
    assert_eq!(model.launch_configurations.iter().next().unwrap().specification.devices.len(), 1);
    assert_eq!(model.managed_hosts.len(), 2);
    let template = model.launch_templates.iter().next().unwrap();
    let mut groups = model.auto_scaling_groups.iter();
    assert!(groups.any(|group| {
        group.settings.template.as_ref().is_some_and(|used| used.id == template.id && used.version == "1")
    }));
    assert_eq!(template.versions[0].data["InstanceType"], "m3.large");
}

#[test]
fn what_refers_to_a_resource_does_so_when_names_are_others() {
    let mut files = vec![File { path: "net.yaml".into(), content: parse_yaml(SCALED).unwrap() }];
    Anonymous::default().files(&mut files);
    let (model, left_out) = imported(files.remove(0).content);
    assert_eq!(left_out, Vec::<String>::new());
    assert_eq!((model.auto_scaling_groups.len(), model.managed_hosts.len()), (2, 2));
    let rows: Vec<String> = model.to_rows().unwrap().values().map(|row| String::from_utf8_lossy(row).into()).collect();
    for secret in ["carts", "of the shop", "\"team\""] {
        assert!(rows.iter().all(|row| !row.contains(secret)), "{secret}");
    }
}

#[test]
fn what_has_no_name_has_another_in_each_template() {
    let body = json!({"Resources": {"Template": {"Type": "AWS::EC2::LaunchTemplate",
        "Properties": {"LaunchTemplateData": {"InstanceType": "m3.large"}}}}});
    let files = ["one", "two"].map(|name| {
        let path = format!("111122223333/us-east-1/{name}.json").into();
        File { path, content: body.clone() }
    });
    let mut model = Model::new(1);
    let told = import(&mut model, Export::of(&files).unwrap(), NOW).unwrap();
    assert_eq!((model.launch_templates.len(), told.left_out), (2, Vec::new()));
}

#[test]
fn transit_gateways_come_with_attachments_tables_and_routes() {
    let (model, left_out) = imported(
        parse_yaml(
            r#"
Resources:
  Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.20.0.0/16}}
  Back: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc, CidrBlock: 10.20.1.0/24}}
  Hub: {Type: AWS::EC2::TransitGateway, Properties: {DefaultRouteTableAssociation: disable, Description: hub}}
  At:
    Type: AWS::EC2::TransitGatewayAttachment
    Properties: {TransitGatewayId: !Ref Hub, VpcId: !Ref Vpc, SubnetIds: [!Ref Back], Options: {ApplianceModeSupport: enable}}
  Own: {Type: AWS::EC2::TransitGatewayRouteTable, Properties: {TransitGatewayId: !Ref Hub}}
  Used:
    Type: AWS::EC2::TransitGatewayRouteTableAssociation
    Properties: {TransitGatewayAttachmentId: !Ref At, TransitGatewayRouteTableId: !Ref Own}
  Propagated:
    Type: AWS::EC2::TransitGatewayRouteTablePropagation
    Properties: {TransitGatewayAttachmentId: !Ref At, TransitGatewayRouteTableId: !Ref Own}
  Hole:
    Type: AWS::EC2::TransitGatewayRoute
    Properties: {TransitGatewayRouteTableId: !Ref Own, DestinationCidrBlock: 10.99.0.0/16, Blackhole: true}
  Table: {Type: AWS::EC2::RouteTable, Properties: {VpcId: !Ref Vpc}}
  Out:
    Type: AWS::EC2::Route
    DependsOn: At
    Properties: {RouteTableId: !Ref Table, DestinationCidrBlock: 172.16.0.0/12, TransitGatewayId: !Ref Hub}
"#,
        )
        .unwrap(),
    );
    assert_eq!(left_out, Vec::<String>::new());
    let attachment = model.transit_attachments.iter().next().unwrap();
    assert!(attachment.options.appliance_mode.is_on());
    let table = model.transit_route_tables.get(attachment.association.as_ref().unwrap()).unwrap();
    let routes = model.transit_routes(table);
    let to: Vec<_> = routes.iter().map(|route| (route.destination.to_string(), route.propagated)).collect();
    assert_eq!(to, [("10.20.0.0/16".to_owned(), true), ("10.99.0.0/16".to_owned(), false)]);
    let mut routes = model.route_tables.iter().flat_map(|table| &table.routes);
    assert!(routes.any(|route| route.target == Target::TransitGateway(attachment.gateway.clone())));
}

#[test]
fn what_services_have_comes_with_its_hosts_and_what_is_not_understood_is_listed() {
    let (model, left_out) = imported(
        parse_yaml(
            r#"
Transform: AWS::Serverless-2016-10-31
Resources:
  Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.20.0.0/16}}
  A: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc, CidrBlock: 10.20.1.0/24, AvailabilityZone: !Select [0, !GetAZs ""]}}
  B: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc, CidrBlock: 10.20.2.0/24, AvailabilityZone: !Select [1, !GetAZs ""]}}
  Open: {Type: AWS::EC2::SecurityGroup, Properties: {VpcId: !Ref Vpc, GroupDescription: d}}
  Options: {Type: AWS::EC2::DHCPOptions, Properties: {DomainName: corp.example, DomainNameServers: [10.20.1.5, AmazonProvidedDNS]}}
  Uses: {Type: AWS::EC2::VPCDHCPOptionsAssociation, Properties: {VpcId: !Ref Vpc, DhcpOptionsId: !Ref Options}}
  Offices: {Type: AWS::EC2::PrefixList, Properties: {PrefixListName: offices, AddressFamily: IPv4, Entries: [{Cidr: 192.0.2.0/24}]}}
  Back: {Type: AWS::RDS::DBSubnetGroup, Properties: {DBSubnetGroupDescription: d, SubnetIds: [!Ref A, !Ref B]}}
  Shop:
    Type: AWS::RDS::DBInstance
    Properties: {DBInstanceIdentifier: shop, DBInstanceClass: db.m3.large, Engine: postgres, AllocatedStorage: 10, MultiAZ: true,
      DBSubnetGroupName: !Ref Back, VPCSecurityGroups: [!Ref Open], MasterUsername: root, MasterUserPassword: secret-secret}
  Store:
    Type: AWS::RDS::DBCluster
    Properties: {Engine: aurora-mysql, DBSubnetGroupName: !Ref Back, VpcSecurityGroupIds: [!Ref Open], MasterUsername: root,
      MasterUserPassword: secret-secret}
  Writer:
    Type: AWS::RDS::DBInstance
    Properties: {DBInstanceIdentifier: writer, DBInstanceClass: db.r5.large, Engine: aurora-mysql, DBClusterIdentifier: !Ref Store}
  Front:
    Type: AWS::ElasticLoadBalancing::LoadBalancer
    Properties: {Subnets: [!Ref A], SecurityGroups: [!Ref Open], Scheme: internal,
      Listeners: [{Protocol: TCP, LoadBalancerPort: 80, InstancePort: 8080}]}
  Nested: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: "https://example.com/x"}}
  Other: {Type: AWS::EC2::Subnet, Properties: {VpcId: !ImportValue other-vpc, CidrBlock: 10.9.0.0/24}}
  Macro: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc, "Fn::Transform": {Name: AWS::Include, Parameters: {Location: s3}}}}
"#,
        )
        .unwrap(),
    );
    let wanted = [
        "Transform: ",
        "Nested: its template https://example.com/x is not in the files, or several have its name",
        "Other: no template of the files exports other-vpc",
        "Macro: ",
    ];
    for what in wanted {
        assert!(left_out.iter().any(|line| line.contains(what)), "{what}: {left_out:?}");
    }
    assert_eq!(left_out.len(), wanted.len(), "{left_out:?}");
    let owners: Vec<&str> = model.managed_hosts.iter().map(|host| host.owner.resource.as_str()).collect();
    assert!(owners.len() == 4 && owners.iter().filter(|owner| owner.contains("shop")).count() == 2, "{owners:?}");
    let vpc = model.vpcs.iter().next().unwrap();
    assert!(vpc.dhcp_options.is_some() && model.prefix_lists.len() == 1);
}

#[test]
fn gateways_are_attached_before_what_needs_them_without_saying_so() {
    let template = parse_yaml(
        r#"
Resources:
  Address: {Type: AWS::EC2::EIP, Properties: {Domain: vpc}}
  Back: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc, CidrBlock: 10.20.1.0/24}}
  Nat: {Type: AWS::EC2::NatGateway, Properties: {AllocationId: !GetAtt Address.AllocationId, SubnetId: !Ref Back}}
  Out: {Type: AWS::EC2::Route, Properties: {RouteTableId: !Ref Table, DestinationCidrBlock: 0.0.0.0/0, GatewayId: !Ref Way}}
  Table: {Type: AWS::EC2::RouteTable, Properties: {VpcId: !Ref Vpc}}
  Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.20.0.0/16}}
  Way: {Type: AWS::EC2::InternetGateway}
  Zone: {Type: AWS::EC2::VPCGatewayAttachment, Properties: {VpcId: !Ref Vpc, InternetGatewayId: !Ref Way}}
"#,
    );
    let (model, left_out) = imported(template.unwrap());
    assert_eq!((model.nat_gateways.len(), left_out), (1, Vec::new()));
}

#[test]
fn a_version_that_is_not_known_does_not_stop_a_database() {
    let template = parse_yaml(
        r#"
Resources:
  Group: {Type: AWS::ElastiCache::SubnetGroup, Properties: {Description: d, SubnetIds: [!Ref Back]}}
  Carts: {Type: AWS::ElastiCache::CacheCluster, Properties: {CacheNodeType: cache.m3.medium, Engine: redis, NumCacheNodes: 1,
    EngineVersion: '99.1', CacheSubnetGroupName: !Ref Group}}
  Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.20.0.0/16}}
  Back: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc, CidrBlock: 10.20.1.0/24}}
"#,
    );
    let (model, left_out) = imported(template.unwrap());
    let wanted = "111122223333/us-east-1/net.yaml: Carts: its version 99.1 of redis, which is not known here";
    assert_eq!((model.managed_hosts.len(), left_out), (1, vec![wanted.to_owned()]));
}
