//! Section K of the cases without HTTP: a user's policy, a call, and its result.

mod conditions;
mod launches;
mod services;

use crate::api::tests::{Cloud, first};
use model::iam::{Class, Of};
use model::{Tags, Time};

const ACCOUNT: &str = "111122223333";
const KEY: &str = "AKIAALICE";

/// A cloud with a user and the user's access key.
struct Enforced {
    cloud: Cloud,
}

impl Enforced {
    fn new() -> Enforced {
        let mut cloud = Cloud::new();
        assert_eq!(cloud.add_alice(), KEY);
        Enforced { cloud }
    }

    /// Gives the user exactly these statements.
    fn policy(&mut self, statements: &str) {
        let text = format!(r#"{{"Version":"2012-10-17","Statement":{statements}}}"#);
        self.cloud.set_policy_of_alice(&text);
    }

    /// The result of a call by the user: `ok`, or an error's code.
    fn call(&mut self, form: &str) -> &'static str {
        self.cloud.account = KEY;
        let answer = self.cloud.ask(form).map_or_else(|code| code, |_| "ok");
        self.cloud.account = ACCOUNT;
        answer
    }
}

/// A Classic instance and an enabled VPC with a group, not linked yet.
struct Fixture {
    vpc: String,
    instance: String,
    group: String,
}

impl Fixture {
    fn of(cloud: &mut Cloud) -> Fixture {
        let vpc = cloud.vpc("192.168.0.0/16");
        let group = format!("Action=CreateSecurityGroup&GroupName=link&GroupDescription=x&VpcId={vpc}");
        let group = cloud.get(&group, "groupId");
        cloud.ask(&format!("Action=EnableVpcClassicLink&VpcId={vpc}")).unwrap();
        Fixture { vpc, instance: cloud.instance(None), group }
    }

    fn attach(&self) -> String {
        let Fixture { vpc, instance, group } = self;
        format!("Action=AttachClassicLinkVpc&VpcId={vpc}&InstanceId={instance}&SecurityGroupId.1={group}")
    }

    fn detach(&self) -> String {
        format!("Action=DetachClassicLinkVpc&VpcId={}&InstanceId={}", self.vpc, self.instance)
    }
}

const DENIED: &str = "UnauthorizedOperation";

/// K2: the guide's full example.
const FULL: &str = r#"{"Effect":"Allow","Action":["ec2:DescribeClassicLinkInstances","ec2:DescribeVpcClassicLink",
    "ec2:EnableVpcClassicLink","ec2:DisableVpcClassicLink","ec2:AttachClassicLinkVpc","ec2:DetachClassicLinkVpc"],"Resource":"*"}"#;

#[test]
fn k2_the_full_example_allows_all_six_actions() {
    let mut one = Enforced::new();
    let fixture = Fixture::of(&mut one.cloud);
    one.policy(FULL);
    let vpc = &fixture.vpc;
    for form in [
        "Action=DescribeClassicLinkInstances".to_owned(),
        "Action=DescribeVpcClassicLink".to_owned(),
        fixture.attach(),
        fixture.detach(),
        format!("Action=DisableVpcClassicLink&VpcId={vpc}"),
        format!("Action=EnableVpcClassicLink&VpcId={vpc}"),
    ] {
        assert_eq!(one.call(&form), "ok", "{form}");
    }
    assert_eq!(one.call("Action=DescribeVpcs"), DENIED);
    assert_eq!(one.call(&format!("Action=EnableVpcClassicLinkDnsSupport&VpcId={vpc}")), DENIED);
}

/// K1, K12: without a policy nothing is allowed, not even a dry run; K11: with one, a dry run changes nothing.
#[test]
fn k1_k11_k12_by_default_nothing_is_allowed() {
    let mut one = Enforced::new();
    let fixture = Fixture::of(&mut one.cloud);
    let dry = fixture.attach() + "&DryRun=true";
    assert_eq!(one.call(&fixture.attach()), DENIED);
    assert_eq!(one.call(&dry), DENIED);
    // What cannot be meant is told first (semantics.md §1.6).
    let groupless = format!("Action=AttachClassicLinkVpc&InstanceId={}&VpcId={}", fixture.instance, fixture.vpc);
    assert_eq!(one.call(&groupless), "MissingParameter");
    assert_eq!(one.call(&fixture.attach().replace(&fixture.instance, "web")), "InvalidInstanceID.Malformed");
    assert_eq!(one.call(&fixture.attach().replace(&fixture.instance, "i-12345678")), DENIED);
    one.policy(FULL);
    assert_eq!(one.call(&dry), "DryRunOperation");
    assert_eq!(one.cloud.all("Action=DescribeClassicLinkInstances", "instanceId").len(), 0);
    assert_eq!(one.call(&fixture.attach()), "ok");
    assert_eq!(one.cloud.ask(&(fixture.detach() + "&DryRun=true")), Err("DryRunOperation"), "the account itself may");
}

/// K4, K5: the pattern of the guide's example opens tagged VPCs, and no describe call, which is asked about on `*`.
#[test]
fn k4_k5_a_pattern_of_actions_on_tagged_vpcs() {
    let mut one = Enforced::new();
    let (tagged, other) = (one.cloud.vpc("192.168.0.0/16"), one.cloud.vpc("172.20.0.0/16"));
    one.cloud
        .ask(&format!("Action=CreateTags&ResourceId.1={tagged}&Tag.1.Key=purpose&Tag.1.Value=classiclink"))
        .unwrap();
    for key in ["ec2:ResourceTag/purpose", "aws:ResourceTag/purpose"] {
        one.policy(&format!(
            r#"{{"Effect":"Allow","Action":"ec2:*VpcClassicLink","Resource":"arn:aws:ec2:us-east-1:111122223333:vpc/*",
                "Condition":{{"StringEquals":{{"{key}":"classiclink"}}}}}}"#
        ));
        for action in ["EnableVpcClassicLink", "DisableVpcClassicLink"] {
            assert_eq!(one.call(&format!("Action={action}&VpcId={tagged}")), "ok");
            assert_eq!(one.call(&format!("Action={action}&VpcId={other}")), DENIED);
        }
        assert_eq!(one.call("Action=DescribeVpcClassicLink"), DENIED);
        assert_eq!(one.call(&format!("Action=DescribeVpcClassicLink&VpcId.1={tagged}")), DENIED);
        assert_eq!(one.call(&format!("Action=EnableVpcClassicLinkDnsSupport&VpcId={tagged}")), DENIED);
    }
}

/// Linking asks for the instance, the VPC and each group, all of which must be allowed.
#[test]
fn every_resource_of_an_attach_must_be_allowed() {
    let mut one = Enforced::new();
    let fixture = Fixture::of(&mut one.cloud);
    let arn = "arn:aws:ec2:us-east-1:111122223333";
    let on = |resources: &[String]| {
        format!(
            r#"{{"Effect":"Allow","Action":"ec2:AttachClassicLinkVpc","Resource":["{}"]}}"#,
            resources.join("\",\"")
        )
    };
    let all = [
        format!("{arn}:instance/{}", fixture.instance),
        format!("{arn}:vpc/{}", fixture.vpc),
        format!("{arn}:security-group/{}", fixture.group),
    ];
    for left_out in 0..3 {
        let some: Vec<String> =
            all.iter().enumerate().filter(|(n, _)| *n != left_out).map(|(_, one)| one.clone()).collect();
        one.policy(&on(&some));
        assert_eq!(one.call(&fixture.attach()), DENIED, "without {}", all[left_out]);
    }
    one.policy(&on(&all));
    assert_eq!(one.call(&fixture.attach()), "ok");
    // Unlinking asks for no group.
    one.policy(&on(&all[..2]).replace("AttachClassicLinkVpc", "DetachClassicLinkVpc"));
    assert_eq!(one.call(&fixture.detach()), "ok");
}

/// The guide's examples: only m3.large, and unlinking only tagged instances.
#[test]
fn conditions_on_instances_look_at_type_and_tags() {
    let mut one = Enforced::new();
    let fixture = Fixture::of(&mut one.cloud);
    let others = r#"{"Effect":"Allow","Action":"ec2:AttachClassicLinkVpc",
        "Resource":["arn:aws:ec2:*:*:vpc/*","arn:aws:ec2:*:*:security-group/*"]}"#;
    let only = |wanted: &str| {
        format!(
            r#"[{{"Effect":"Allow","Action":"ec2:AttachClassicLinkVpc","Resource":"arn:aws:ec2:*:*:instance/*",
                "Condition":{{"StringEquals":{{"ec2:InstanceType":"{wanted}"}}}}}},{others}]"#
        )
    };
    one.policy(&only("m3.large"));
    assert_eq!(one.call(&fixture.attach()), DENIED);
    one.policy(&only("m1.small"));
    assert_eq!(one.call(&fixture.attach()), "ok");
    one.policy(
        r#"[{"Effect":"Allow","Action":"ec2:DetachClassicLinkVpc","Resource":"arn:aws:ec2:*:*:instance/*",
             "Condition":{"StringEquals":{"ec2:ResourceTag/unlink":"true"}}},
            {"Effect":"Allow","Action":"ec2:DetachClassicLinkVpc","Resource":"arn:aws:ec2:*:*:vpc/*"}]"#,
    );
    assert_eq!(one.call(&fixture.detach()), DENIED);
    let tag = format!("Action=CreateTags&ResourceId.1={}&Tag.1.Key=unlink&Tag.1.Value=true", fixture.instance);
    one.cloud.ask(&tag).unwrap();
    assert_eq!(one.call(&fixture.detach()), "ok");
}

/// K10: `ec2:Vpc` of a group is the ARN of its VPC.
#[test]
fn k10_a_groups_vpc_is_an_arn() {
    let mut one = Enforced::new();
    let fixture = Fixture::of(&mut one.cloud);
    let with = |vpc: &str| {
        format!(
            r#"[{{"Effect":"Allow","Action":"ec2:AttachClassicLinkVpc",
                  "Resource":["arn:aws:ec2:*:*:vpc/*","arn:aws:ec2:*:*:instance/*"]}},
                {{"Effect":"Allow","Action":"ec2:AttachClassicLinkVpc","Resource":"arn:aws:ec2:*:*:security-group/*",
                  "Condition":{{"StringEquals":{{"ec2:Vpc":"arn:aws:ec2:us-east-1:111122223333:vpc/{vpc}"}}}}}}]"#
        )
    };
    one.policy(&with("vpc-11111111"));
    assert_eq!(one.call(&fixture.attach()), DENIED);
    one.policy(&with(&fixture.vpc));
    assert_eq!(one.call(&fixture.attach()), "ok");
}

#[test]
fn an_explicit_deny_wins_and_the_message_names_its_statement() {
    let mut one = Enforced::new();
    let fixture = Fixture::of(&mut one.cloud);
    one.policy(
        r#"[{"Effect":"Allow","Action":"*","Resource":"*"},
            {"Sid":"NoGroups","Effect":"Deny","Action":"ec2:Attach*","Resource":"arn:aws:ec2:*:*:security-group/*"}]"#,
    );
    one.cloud.account = KEY;
    let refusal = one.cloud.refusal(&fixture.attach());
    let message = first(&refusal, "Message").unwrap();
    assert!(message.contains("user/alice is not authorized to perform: ec2:AttachClassicLinkVpc"), "{message}");
    assert!(message.contains("with an explicit deny"), "{message}");
    let (_, sealed) = message.split_once("Encoded authorization failure message: ").unwrap();
    assert!(!sealed.contains("NoGroups"));
    let opened = super::open(ACCOUNT, sealed).unwrap();
    let opened: serde_json::Value = serde_json::from_str(&opened).unwrap();
    assert_eq!(opened["explicitDeny"], true);
    assert_eq!(opened["matchedStatements"]["items"][0]["statementId"], "NoGroups");
    assert_eq!(opened["context"]["action"], "ec2:AttachClassicLinkVpc");
    let resource = format!("arn:aws:ec2:us-east-1:111122223333:security-group/{}", fixture.group);
    assert_eq!(opened["context"]["resource"], resource);
    assert!(super::open("444455556666", sealed).is_err(), "it is sealed for the account");
    assert!(super::open(ACCOUNT, &sealed.replacen(char::is_alphanumeric, "_", 1)).is_err());
    one.policy(r#"{"Effect":"Allow","Action":"sts:*","Resource":"*"}"#);
    let message = first(&one.cloud.refusal(&fixture.attach()), "Message").unwrap();
    assert!(
        message.contains("because no identity-based policy allows the ec2:AttachClassicLinkVpc action"),
        "{message}"
    );
}

/// What an action makes is asked for as `type/*`, with the request's tags.
#[test]
fn what_is_made_is_asked_about_with_its_tags() {
    let mut one = Enforced::new();
    one.policy(
        r#"{"Effect":"Allow","Action":["ec2:CreateVpc","ec2:RunInstances","ec2:CreateTags"],"Resource":"*",
            "Condition":{"StringEqualsIfExists":{"aws:RequestTag/team":"red","ec2:InstanceType":"m1.small"}}}"#,
    );
    let tagged = |team: &str| {
        let tag = format!("TagSpecification.1.Tag.1.Key=team&TagSpecification.1.Tag.1.Value={team}");
        format!("Action=CreateVpc&CidrBlock=10.0.0.0/16&TagSpecification.1.ResourceType=vpc&{tag}")
    };
    assert_eq!(one.call(&tagged("red")), "ok");
    assert_eq!(one.call(&tagged("blue")), DENIED);
    let run =
        |kind: &str| format!("Action=RunInstances&ImageId=ami-1a2b3c4d&InstanceType={kind}&MinCount=1&MaxCount=1");
    assert_eq!(one.call(&run("m1.small")), "ok");
    assert_eq!(one.call(&run("m3.large")), DENIED);
}

/// Texts that look like ids are texts, in descriptions and in unknown parameters.
#[test]
fn words_that_look_like_ids_name_nothing() {
    let mut one = Enforced::new();
    let vpc = one.cloud.vpc("192.168.0.0/16");
    let [subnet, other] = ["192.168.1.0/24", "192.168.2.0/24"].map(|cidr| one.cloud.subnet(&vpc, cidr));
    let instance = one.cloud.instance(Some(&subnet));
    one.policy(&format!(
        r#"[{{"Effect":"Allow","Action":"ec2:RunInstances","NotResource":"arn:aws:ec2:*:*:instance/*"}},
            {{"Effect":"Allow","Action":"ec2:RunInstances","Resource":"arn:aws:ec2:*:*:instance/{instance}"}}]"#
    ));
    let run = "Action=RunInstances&ImageId=ami-1a2b3c4d&InstanceType=m1.small&MinCount=1&MaxCount=1";
    let placed = format!("{run}&NetworkInterface.1.DeviceIndex=0&NetworkInterface.1.SubnetId={subnet}");
    assert_eq!(one.call(&format!("{placed}&NetworkInterface.1.Description={instance}")), DENIED);
    assert_eq!(one.call(&format!("{placed}&InstanceMarketOptions.SpotOptions.InstanceId={instance}")), DENIED);

    let group = format!("Action=CreateSecurityGroup&VpcId={vpc}&GroupName=a&GroupDescription=x");
    let group = one.cloud.get(&group, "groupId");
    one.policy(&format!(
        r#"{{"Effect":"Allow","Action":"ec2:CreateSecurityGroup",
             "Resource":["arn:aws:ec2:*:*:vpc/*","arn:aws:ec2:*:*:security-group/{group}"]}}"#
    ));
    let make = format!("Action=CreateSecurityGroup&VpcId={vpc}&GroupName=b&GroupDescription={group}");
    assert_eq!(one.call(&make), DENIED);

    one.policy(&format!(
        r#"[{{"Effect":"Allow","Action":"ec2:*","NotResource":"arn:aws:ec2:*:*:network-interface/*"}},
            {{"Effect":"Allow","Action":"ec2:*","Resource":"arn:aws:ec2:*:*:network-interface/*",
              "Condition":{{"StringEquals":{{"ec2:Subnet":"arn:aws:ec2:us-east-1:111122223333:subnet/{subnet}"}}}}}}]"#
    ));
    let make = |place: &str| format!("Action=CreateNetworkInterface&SubnetId={place}&Description={subnet}");
    assert_eq!(one.call(&make(&other)), DENIED);
    assert_eq!(one.call(&make(&subnet)), "ok");
    one.policy(&format!(
        r#"{{"Effect":"Allow","Action":"ec2:CreateNetworkInterface","Resource":["arn:aws:ec2:*:*:network-interface/*",
             "arn:aws:ec2:*:*:subnet/{subnet}"]}}"#
    ));
    let make = |words: &str| format!("Action=CreateNetworkInterface&SubnetId={subnet}&Description={words}");
    assert_eq!(one.call(&make(&other)), "ok", "the other subnet is not what it is about");
}

/// A launch may make several interfaces in different subnets.
#[test]
fn each_interface_is_asked_about() {
    let mut one = Enforced::new();
    let vpc = one.cloud.vpc("192.168.0.0/16");
    let [subnet, other] = ["192.168.1.0/24", "192.168.2.0/24"].map(|cidr| one.cloud.subnet(&vpc, cidr));
    one.policy(&format!(
        r#"[{{"Effect":"Allow","Action":"ec2:*","NotResource":"arn:aws:ec2:*:*:network-interface/*"}},
            {{"Effect":"Allow","Action":"ec2:*","Resource":"arn:aws:ec2:*:*:network-interface/*",
              "Condition":{{"StringEquals":{{"ec2:Subnet":"arn:aws:ec2:us-east-1:111122223333:subnet/{subnet}"}}}}}}]"#
    ));
    let run = "Action=RunInstances&ImageId=ami-1a2b3c4d&InstanceType=m1.small&MinCount=1&MaxCount=1";
    let placed = format!("{run}&NetworkInterface.1.DeviceIndex=0&NetworkInterface.1.SubnetId={subnet}");
    let second = format!("&NetworkInterface.2.DeviceIndex=1&NetworkInterface.2.SubnetId={other}");
    assert_eq!(one.call(&(placed.clone() + &second)), DENIED, "each interface is asked about");
    assert_eq!(one.call(&placed), "ok");
}

/// Denies everything with a tag, and allows everything else.
const KEEP: &str = r#"[{"Effect":"Allow","Action":"*","Resource":"*"},
    {"Effect":"Deny","Action":"ec2:*","Resource":"*","Condition":{"StringEquals":{"ec2:ResourceTag/keep":"yes"}}}]"#;

impl Enforced {
    /// Checks that a call is denied exactly if a resource has the tag.
    fn concerns(&mut self, form: &str, resource: &str) {
        assert_ne!(self.call(&format!("{form}&DryRun=true")), DENIED, "{form}");
        let tag = format!("ResourceId.1={resource}&Tag.1.Key=keep&Tag.1.Value=yes");
        self.cloud.ask(&format!("Action=CreateTags&{tag}")).unwrap();
        assert_eq!(self.call(form), DENIED, "{form}");
        self.cloud.ask(&format!("Action=DeleteTags&{tag}")).unwrap();
    }
}

/// Resources named by name, or chosen by the platform, here in a Region with a default VPC.
#[test]
fn what_a_name_means_is_asked_about() {
    let mut one = Enforced::new();
    one.cloud.region = "us-east-2";
    one.policy(KEEP);
    let run = "Action=RunInstances&ImageId=ami-1a2b3c4d&InstanceType=m3.large&MinCount=1&MaxCount=1";
    let group = one.cloud.get("Action=CreateSecurityGroup&GroupName=web&GroupDescription=x", "groupId");
    one.concerns("Action=DeleteSecurityGroup&GroupName=web", &group);
    one.concerns(&format!("{run}&SecurityGroup.1=web"), &group);
    let pair = one.cloud.get("Action=CreateKeyPair&KeyName=mine&KeyType=ed25519", "keyPairId");
    one.concerns("Action=DeleteKeyPair&KeyName=mine", &pair);
    one.concerns(&format!("{run}&KeyName=mine"), &pair);
    let place = one.cloud.get("Action=CreatePlacementGroup&GroupName=near&Strategy=spread", "groupId");
    one.concerns("Action=DeletePlacementGroup&GroupName=near", &place);
    one.concerns(&format!("{run}&Placement.GroupName=near"), &place);
    let subnets = "Action=DescribeSubnets&Filter.1.Name=availability-zone&Filter.1.Value.1=us-east-2a";
    let subnet = one.cloud.get(subnets, "subnetId");
    one.concerns(&format!("{run}&Placement.AvailabilityZone=us-east-2a"), &subnet);
    let groups = "Action=DescribeSecurityGroups&Filter.1.Name=group-name&Filter.1.Value.1=default";
    let default = one.cloud.get(groups, "groupId");
    one.concerns(run, &default);
}

/// Resources named by an association's id.
#[test]
fn what_an_association_joins_is_asked_about() {
    let mut one = Enforced::new();
    one.policy(KEEP);
    let vpc = one.cloud.vpc("192.168.0.0/16");
    let subnet = one.cloud.subnet(&vpc, "192.168.1.0/24");
    let table = one.cloud.get(&format!("Action=CreateRouteTable&VpcId={vpc}"), "routeTableId");
    let join = format!("Action=AssociateRouteTable&RouteTableId={table}&SubnetId={subnet}");
    let association = one.cloud.get(&join, "associationId");
    let part = format!("Action=DisassociateRouteTable&AssociationId={association}");
    one.concerns(&part, &table);
    one.concerns(&part, &subnet);

    let acls = format!("Action=DescribeNetworkAcls&Filter.1.Name=vpc-id&Filter.1.Value.1={vpc}");
    let association = one.cloud.get(&acls, "networkAclAssociationId");
    let old = one.cloud.get(&acls, "networkAclId");
    let new = one.cloud.get(&format!("Action=CreateNetworkAcl&VpcId={vpc}"), "networkAclId");
    let replace = format!("Action=ReplaceNetworkAclAssociation&AssociationId={association}&NetworkAclId={new}");
    one.concerns(&replace, &old);
    one.concerns(&replace, &subnet);

    let instance = one.cloud.instance(Some(&subnet));
    let interface = format!("Action=CreateNetworkInterface&SubnetId={subnet}");
    let interface = one.cloud.get(&interface, "networkInterfaceId");
    let attach =
        format!("Action=AttachNetworkInterface&NetworkInterfaceId={interface}&InstanceId={instance}&DeviceIndex=1");
    let attachment = one.cloud.get(&attach, "attachmentId");
    let detach = format!("Action=DetachNetworkInterface&AttachmentId={attachment}");
    one.concerns(&detach, &instance);
    one.concerns(&detach, &interface);

    one.cloud.gateway(&vpc);
    let address = one.cloud.get("Action=AllocateAddress&Domain=vpc", "allocationId");
    let associate = format!("Action=AssociateAddress&AllocationId={address}&NetworkInterfaceId={interface}");
    let association = one.cloud.get(&associate, "associationId");
    let part = format!("Action=DisassociateAddress&AssociationId={association}");
    one.concerns(&part, &address);
    one.concerns(&part, &interface);

    let second = format!("Action=AssociateVpcCidrBlock&VpcId={vpc}&CidrBlock=192.169.0.0/16");
    let association = one.cloud.get(&second, "associationId");
    one.concerns(&format!("Action=DisassociateVpcCidrBlock&AssociationId={association}"), &vpc);
    one.cloud.ask(&format!("Action=AssociateVpcCidrBlock&VpcId={vpc}&AmazonProvidedIpv6CidrBlock=true")).unwrap();
    let block = one.cloud.model.vpcs.get(&vpc).unwrap().ipv6[0].cidr.network();
    let associate = format!("Action=AssociateSubnetCidrBlock&SubnetId={subnet}&Ipv6CidrBlock={block}/64");
    let association = one.cloud.get(&associate, "associationId");
    one.concerns(&format!("Action=DisassociateSubnetCidrBlock&AssociationId={association}"), &subnet);

    let associate = format!("Action=AssociateIamInstanceProfile&InstanceId={instance}&IamInstanceProfile.Name=web");
    let association = one.cloud.get(&associate, "associationId");
    one.concerns(&format!("Action=DisassociateIamInstanceProfile&AssociationId={association}"), &instance);

    let permit =
        format!("Action=CreateNetworkInterfacePermission&NetworkInterfaceId={interface}&AwsAccountId=444455556666");
    let permission = one.cloud.get(&format!("{permit}&Permission=INSTANCE-ATTACH"), "networkInterfacePermissionId");
    let delete = format!("Action=DeleteNetworkInterfacePermission&NetworkInterfacePermissionId={permission}");
    one.concerns(&delete, &interface);

    let filter = one.cloud.get("Action=CreateTrafficMirrorFilter", "trafficMirrorFilterId");
    let create = format!(
        "Action=CreateTrafficMirrorFilterRule&TrafficMirrorFilterId={filter}&TrafficDirection=ingress&RuleNumber=1\
         &RuleAction=accept&SourceCidrBlock=0.0.0.0/0&DestinationCidrBlock=0.0.0.0/0"
    );
    let rule = one.cloud.get(&create, "trafficMirrorFilterRuleId");
    let delete = format!("Action=DeleteTrafficMirrorFilterRule&TrafficMirrorFilterRuleId={rule}");
    one.concerns(&delete, &filter);
    one.concerns(&delete, &rule);

    let other = one.cloud.vpc("172.20.0.0/16");
    let peer = format!("Action=CreateVpcPeeringConnection&VpcId={vpc}&PeerVpcId={other}");
    let peering = one.cloud.get(&peer, "vpcPeeringConnectionId");
    let accept = format!("Action=AcceptVpcPeeringConnection&VpcPeeringConnectionId={peering}");
    one.concerns(&accept, &other);
    one.concerns(&accept, &peering);
}

/// An address of EC2-Classic has no tags; policies name it.
#[test]
fn an_address_of_classic_is_asked_about_by_itself() {
    let mut one = Enforced::new();
    let [kept, other] = [(); 2].map(|()| one.cloud.get("Action=AllocateAddress", "publicIp"));
    one.policy(&format!(
        r#"[{{"Effect":"Allow","Action":"*","Resource":"*"}},
            {{"Effect":"Deny","Action":"*","Resource":"arn:aws:ec2:*:*:elastic-ip/{kept}"}}]"#
    ));
    assert_eq!(one.call(&format!("Action=ReleaseAddress&PublicIp={kept}")), DENIED);
    assert_eq!(one.call(&format!("Action=ReleaseAddress&PublicIp={other}")), "ok");
}

/// Setting tags on a new resource needs permission, which a policy can limit to its creation.
#[test]
fn tags_on_new_resources_need_permission() {
    let mut one = Enforced::new();
    let make = "Action=CreateVpc&CidrBlock=10.0.0.0/16";
    let tag = "TagSpecification.1.ResourceType=vpc&TagSpecification.1.Tag.1.Key=a&TagSpecification.1.Tag.1.Value=b";
    one.policy(r#"{"Effect":"Allow","Action":"ec2:CreateVpc","Resource":"*"}"#);
    assert_eq!(one.call(&format!("{make}&{tag}")), DENIED);
    assert_eq!(one.call(make), "ok");
    one.policy(
        r#"[{"Effect":"Allow","Action":"ec2:CreateVpc","Resource":"*"},
            {"Effect":"Allow","Action":"ec2:CreateTags","Resource":"arn:aws:ec2:*:*:vpc/*",
             "Condition":{"StringEquals":{"ec2:CreateAction":"CreateVpc"}}}]"#,
    );
    assert_eq!(one.call(&format!("{make}&{tag}")), "ok");
    let vpc = one.cloud.vpc("10.1.0.0/16");
    assert_eq!(one.call(&format!("Action=CreateTags&ResourceId.1={vpc}&Tag.1.Key=a&Tag.1.Value=b")), DENIED);
}

/// A key given twice could show a condition another value than the resource gets.
#[test]
fn a_tags_key_is_given_once() {
    let mut cloud = Cloud::new();
    let vpc = cloud.vpc("10.0.0.0/16");
    let twice = |at: &str, and: &str| format!("{at}.Key=team&{at}.Value=red&{and}.Key=team&{and}.Value=blue");
    let refused = Err("InvalidParameterValue");
    assert_eq!(cloud.ask(&format!("Action=CreateTags&ResourceId.1={vpc}&{}", twice("Tag.1", "Tag.2"))), refused);
    let make = "Action=CreateVpc&CidrBlock=10.1.0.0/16&TagSpecification.1.ResourceType=vpc\
                &TagSpecification.2.ResourceType=vpc";
    for and in ["TagSpecification.1.Tag.2", "TagSpecification.2.Tag.1"] {
        assert_eq!(cloud.ask(&format!("{make}&{}", twice("TagSpecification.1.Tag.1", and))), refused, "{and}");
    }
    let user = "Action=CreateUser&Version=2010-05-08&UserName=bob";
    assert_eq!(cloud.ask(&format!("{user}&{}", twice("Tags.member.1", "Tags.member.2"))), Err("InvalidInput"));
}

/// Groups' policies, managed policies, and actions that everybody may use.
#[test]
fn policies_come_from_groups_and_attachments_too() {
    let mut one = Enforced::new();
    let model = &mut one.cloud.model;
    model.create_identity(ACCOUNT, Time(0), ("readers", None), Tags::new(), Of::Group).unwrap();
    model.attach_policy(ACCOUNT, Class::Group, "readers", "arn:aws:iam::aws:policy/AmazonEC2ReadOnlyAccess").unwrap();
    assert_eq!(one.call("Action=DescribeVpcs"), DENIED);
    one.cloud.model.add_user_to_group(ACCOUNT, "alice", "readers").unwrap();
    assert_eq!(one.call("Action=DescribeVpcs"), "ok");
    assert_eq!(one.call("Action=CreateVpc&CidrBlock=10.0.0.0/16"), DENIED);
    one.policy(r#"{"Effect":"Deny","Action":"ec2:DescribeVpcs","Resource":"*"}"#);
    assert_eq!(one.call("Action=DescribeVpcs"), DENIED);
    assert_eq!(one.call("Action=GetCallerIdentity&Version=2011-06-15"), "ok");
}
