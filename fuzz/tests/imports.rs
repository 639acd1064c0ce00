//! Damaged files of networks: an import ends with an error or with a usable cloud.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use bolero::{TypeGenerator, check};
use control::export;
use control::import::{self, Anonymous, Export, File, ImportError};
use control::reach::Network;
use fuzz::Tally;
use fuzz::damage::{Damage, damaged};
use model::{Model, Time};
use scenarios::format::load;
use serde_json::Value as Json;
use std::fs;
use std::path::Path;

const NOW: Time = Time(1_420_632_000_000);

/// A template with every kind of resource that is supported.
const TEMPLATE: &str = r#"
Parameters: {Environment: {Type: String, Default: prod}}
Mappings: {Blocks: {prod: {vpc: 10.20.0.0/16}}}
Conditions:
  Prod: !Equals [!Ref Environment, prod]
  Open: !And [{Condition: Prod}, !Not [!Equals [a, b]]]
Resources:
  Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: !FindInMap [Blocks, !Ref Environment, vpc], EnableDnsHostnames: true}}
  More: {Type: AWS::EC2::VPCCidrBlock, Properties: {VpcId: !Ref Vpc, CidrBlock: 10.21.0.0/16}}
  Other: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.30.0.0/16}}
  Front:
    Type: AWS::EC2::Subnet
    Properties: {VpcId: !Ref Vpc, CidrBlock: !Select [0, !Cidr [!GetAtt Vpc.CidrBlock, 4, 8]], MapPublicIpOnLaunch: true}
  Back:
    Type: AWS::EC2::Subnet
    Properties: {VpcId: !Ref Vpc, CidrBlock: !Select [1, !Cidr [!GetAtt Vpc.CidrBlock, 4, 8]], AvailabilityZone: !Select [1, !GetAZs ""]}
  Gateway: {Type: AWS::EC2::InternetGateway, Condition: Open}
  Attached: {Type: AWS::EC2::VPCGatewayAttachment, Condition: Open, Properties: {VpcId: !Ref Vpc, InternetGatewayId: !Ref Gateway}}
  Address: {Type: AWS::EC2::EIP, Properties: {Domain: vpc}}
  Nat: {Type: AWS::EC2::NatGateway, Properties: {AllocationId: !GetAtt Address.AllocationId, SubnetId: !Ref Front}}
  Table: {Type: AWS::EC2::RouteTable, Properties: {VpcId: !Ref Vpc}}
  Out: {Type: AWS::EC2::Route, Properties: {RouteTableId: !Ref Table, DestinationCidrBlock: 0.0.0.0/0, NatGatewayId: !Ref Nat}}
  Uses: {Type: AWS::EC2::SubnetRouteTableAssociation, Properties: {RouteTableId: !Ref Table, SubnetId: !Ref Back}}
  Peered: {Type: AWS::EC2::VPCPeeringConnection, Properties: {VpcId: !Ref Vpc, PeerVpcId: !Ref Other}}
  Across:
    Type: AWS::EC2::Route
    Properties: {RouteTableId: !Ref Table, DestinationCidrBlock: 10.30.0.0/16, VpcPeeringConnectionId: !Ref Peered}
  Store:
    Type: AWS::EC2::VPCEndpoint
    Properties: {VpcId: !Ref Vpc, ServiceName: !Sub "com.amazonaws.${AWS::Region}.s3", RouteTableIds: [!Ref Table]}
  Site: {Type: AWS::EC2::CustomerGateway, Properties: {Type: ipsec.1, IpAddress: 203.0.113.9, BgpAsn: 65000}}
  Private: {Type: AWS::EC2::VPNGateway, Properties: {Type: ipsec.1}}
  Joined: {Type: AWS::EC2::VPCGatewayAttachment, Properties: {VpcId: !Ref Other, VpnGatewayId: !Ref Private}}
  Vpn:
    Type: AWS::EC2::VPNConnection
    Properties: {Type: ipsec.1, CustomerGatewayId: !Ref Site, VpnGatewayId: !Ref Private, StaticRoutesOnly: true}
  Remote: {Type: AWS::EC2::VPNConnectionRoute, Properties: {VpnConnectionId: !Ref Vpn, DestinationCidrBlock: 192.168.0.0/16}}
  Acl: {Type: AWS::EC2::NetworkAcl, Properties: {VpcId: !Ref Vpc}}
  Options: {Type: AWS::EC2::DHCPOptions, Properties: {DomainName: corp.example, DomainNameServers: [10.20.1.5]}}
  Offices: {Type: AWS::EC2::PrefixList, Properties: {PrefixListName: offices, AddressFamily: IPv4, Entries: [{Cidr: 192.0.2.0/24}]}}
  Rows: {Type: AWS::RDS::DBSubnetGroup, Properties: {DBSubnetGroupDescription: d, SubnetIds: [!Ref Front, !Ref Back]}}
  Balancer:
    Type: AWS::ElasticLoadBalancing::LoadBalancer
    Properties: {Subnets: [!Ref Front], Listeners: [{Protocol: TCP, LoadBalancerPort: 80, InstancePort: 8080}]}
  Enters:
    Type: AWS::EC2::NetworkAclEntry
    Properties: {NetworkAclId: !Ref Acl, RuleNumber: 100, Protocol: 6, RuleAction: allow, CidrBlock: 0.0.0.0/0, PortRange: {From: 1, To: 99}}
  Guards: {Type: AWS::EC2::SubnetNetworkAclAssociation, Properties: {NetworkAclId: !Ref Acl, SubnetId: !Ref Back}}
  Group:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: d
      VpcId: !Ref Vpc
      SecurityGroupIngress: [{IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: 0.0.0.0/0, Description: x}]
      SecurityGroupEgress: [{IpProtocol: "-1", CidrIp: !Join ["", [0.0.0.0, /0]]}]
  Itself:
    Type: AWS::EC2::SecurityGroupIngress
    Properties: {GroupId: !Ref Group, IpProtocol: icmp, FromPort: 8, ToPort: -1, SourceSecurityGroupId: !Ref Group}
  Web:
    Type: AWS::EC2::Instance
    Properties:
      ImageId: ami-12345678
      SubnetId: !Ref Front
      SecurityGroupIds: [!GetAtt Group.GroupId]
      Tags: [{Key: Name, Value: !If [Open, !Sub "${Environment}-web", none]}]
  Db:
    Type: AWS::EC2::Instance
    Properties:
      NetworkInterfaces: [{DeviceIndex: 0, SubnetId: !Ref Back, GroupSet: [!Ref Group]}]
      SourceDestCheck: false
  Second: {Type: AWS::EC2::NetworkInterface, Properties: {SubnetId: !Ref Back, GroupSet: [!Ref Group]}}
  Classic: {Type: AWS::EC2::Instance, Properties: {SecurityGroups: [default]}}
"#;

/// Replacements for values.
const ODD: &[&str] = &[
    "null",
    "true",
    "7",
    "-1",
    "1e300",
    "\"\"",
    "[]",
    "{}",
    "[[[[{}]]]]",
    "\"0.0.0.0/0\"",
    "\"10.20.0.0/8\"",
    "\"10.20.0.5\"",
    "\"300.1.1.1/40\"",
    "\"::/0\"",
    "\"2600:1f18::1\"",
    "\"vpc-00000000\"",
    "\"i-zz\"",
    "\"local\"",
    "\"\\u0000\"",
    "\"<&>'\\\"\"",
    "\"32768\"",
    "\"stopped\"",
    "\"terminated\"",
    "\"pending-acceptance\"",
    "{\"Ref\": \"Vpc\"}",
    "{\"Ref\": \"AWS::NoValue\"}",
    "{\"Fn::Sub\": \"${\"}",
    "{\"Fn::Sub\": [\"${X}${X}\", {\"X\": {\"Ref\": \"Environment\"}}]}",
    "{\"Fn::If\": [\"Open\", {\"Fn::GetAtt\": [\"Vpc\", \"CidrBlock\"]}, 1]}",
    "{\"Fn::Select\": [99, {\"Fn::Split\": [\"\", \"abc\"]}]}",
    "{\"Fn::Cidr\": [\"10.0.0.0/8\", 256, 0]}",
    "{\"Condition\": \"Open\"}",
];

/// A change of a document.
#[derive(Clone, Debug, TypeGenerator)]
enum Edit {
    /// A value is replaced.
    Odd(u16, #[generator(0..ODD.len())] usize),
    /// A value is copied to another place.
    Copy(u16, u16),
    /// A member or an item is removed.
    Drop(u16),
    Bytes(Damage),
}

impl Edit {
    fn apply(&self, file: &mut File, directory: &Path) -> bool {
        let places = places(&file.content);
        let place = |number: u16| &places[usize::from(number) % places.len()];
        match self {
            Self::Odd(at, odd) => {
                *file.content.pointer_mut(place(*at)).unwrap() = serde_json::from_str(ODD[*odd]).unwrap()
            }
            Self::Copy(from, to) => {
                let copied = file.content.pointer(place(*from)).unwrap().clone();
                *file.content.pointer_mut(place(*to)).unwrap() = copied;
            }
            Self::Drop(at) => {
                let Some((above, last)) = place(*at).rsplit_once('/') else { return true };
                match file.content.pointer_mut(above) {
                    Some(Json::Object(members)) => _ = members.remove(&last.replace("~1", "/").replace("~0", "~")),
                    Some(Json::Array(items)) => _ = items.remove(last.parse().unwrap()),
                    _ => {}
                }
            }
            Self::Bytes(damage) => {
                let path = directory.join("damaged.yaml");
                fs::write(&path, damaged(file.content.to_string().as_bytes(), std::slice::from_ref(damage))).unwrap();
                match import::read(&[path]) {
                    Ok(mut read) => file.content = read.remove(0).content,
                    Err(error) => {
                        assert!(!error.to_string().is_empty());
                        return false;
                    }
                }
            }
        }
        true
    }
}

/// A pointer to every value of a document (RFC 6901).
fn places(json: &Json) -> Vec<String> {
    let mut places = vec![String::new()];
    let mut below =
        |name: String, value: &Json| places.extend(self::places(value).iter().map(|place| format!("/{name}{place}")));
    match json {
        Json::Array(items) => items.iter().enumerate().for_each(|(index, item)| below(index.to_string(), item)),
        Json::Object(members) => {
            members.iter().for_each(|(name, value)| below(name.replace('~', "~0").replace('/', "~1"), value));
        }
        _ => {}
    }
    places
}

fn template() -> File {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("network.yaml");
    fs::write(&path, TEMPLATE).unwrap();
    import::read(&[path]).unwrap().remove(0)
}

#[test]
fn edited_templates_give_a_usable_cloud_or_an_error() {
    let tally = Tally::new("imports::edited_templates_give_a_usable_cloud_or_an_error", "files");
    let whole = template();
    let imported = import::import(&mut Model::new(1), Export::of(std::slice::from_ref(&whole)).unwrap(), NOW).unwrap();
    assert!(imported.left_out.is_empty(), "{:?}", imported.left_out);
    let directory = tempfile::tempdir().unwrap();
    check!().with_type::<(Vec<Edit>, bool)>().for_each(|(edits, anonymise)| {
        tally.add(1);
        let mut file = whole.clone();
        if edits.iter().take(8).all(|edit| edit.apply(&mut file, directory.path())) {
            end_well(vec![file], *anonymise);
        }
    });
}

#[test]
fn edited_networks_give_a_usable_cloud_or_an_error() {
    let tally = Tally::new("imports::edited_networks_give_a_usable_cloud_or_an_error", "files");
    let mut model = Model::new(1);
    import::import(&mut model, Export::of(&[template()]).unwrap(), NOW).unwrap();
    let whole = export::files(&model, NOW).unwrap().into_iter().map(|(path, content)| File { path, content });
    let whole: Vec<File> = whole.collect();
    let directory = tempfile::tempdir().unwrap();
    check!().with_type::<(Vec<(u8, Edit)>, bool)>().for_each(|(edits, anonymise)| {
        tally.add(whole.len());
        let mut files = whole.clone();
        let happens = |(which, edit): &(u8, Edit)| {
            let which = usize::from(*which) % files.len();
            edit.apply(&mut files[which], directory.path())
        };
        if edits.iter().take(8).all(happens) {
            end_well(files, *anonymise);
        }
    });
}

/// Imports files. If that succeeds, the cloud can be analysed and exported, and cannot be imported again.
fn end_well(mut files: Vec<File>, anonymise: bool) {
    if anonymise {
        Anonymous::default().files(&mut files);
    }
    let Ok(export) = Export::of(&files).map_err(|error| assert!(!error.to_string().is_empty())) else { return };
    let mut model = Model::new(1);
    if let Err(error) = import::import(&mut model, export.clone(), NOW) {
        return assert!(matches!(error, ImportError::Nothing(_) | ImportError::Contradiction(_)), "{error}");
    }
    model.take_changes();
    Network::of(&model).unwrap();
    export::files(&model, NOW).unwrap();
    let scenario = export::scenario(&model, NOW);
    load::parse(&scenario).unwrap_or_else(|(place, why)| panic!("{place:?}: {why}\n{scenario}"));
    // A template makes new resources each time; files of existing resources change nothing.
    if export.templates.is_empty() {
        let before = model.to_rows().unwrap();
        let _ = import::import(&mut model, export, NOW);
        let after = model.to_rows().unwrap();
        for (key, row) in before.iter().filter(|((collection, _), _)| collection != "counters") {
            assert!(after.get(key) == Some(row), "{key:?}");
        }
    }
}
