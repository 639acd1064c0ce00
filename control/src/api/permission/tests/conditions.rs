//! Conditions on what is known of resources and requests.

use super::*;
use model::iam::{Principal, SessionTags};

impl Enforced {
    /// Whether the user, who may do everything else, may do this if a condition holds.
    fn is_allowed_if(&mut self, action: &str, condition: &str, form: &str) -> bool {
        self.policy(&format!(
            r#"[{{"Effect":"Allow","NotAction":"{action}","Resource":"*"}},
                {{"Effect":"Allow","Action":"{action}","Resource":"*","Condition":{{{condition}}}}}]"#
        ));
        match self.call(form) {
            "UnauthorizedOperation" | "AccessDenied" => false,
            answer => ["ok", "DryRunOperation"].contains(&answer) || panic!("{form}: {answer}"),
        }
    }
}

/// An instance that runs is known by all that it was launched with.
#[test]
fn an_instance_is_known_by_its_profile_its_placement_and_its_metadata_options() {
    let mut one = Enforced::new();
    let iam = |form: &str| format!("Version=2010-05-08&Action={form}");
    one.cloud.ask(&iam("CreateInstanceProfile&InstanceProfileName=web")).unwrap();
    one.cloud.ask("Action=CreatePlacementGroup&GroupName=near&Strategy=spread").unwrap();
    let vpc = one.cloud.vpc("192.168.0.0/16");
    let subnet = one.cloud.subnet(&vpc, "192.168.1.0/24");
    let launch = format!(
        "Action=RunInstances&ImageId=ami-1a2b3c4d&MinCount=1&MaxCount=1&SubnetId={subnet}&InstanceType=m3.medium\
         &IamInstanceProfile.Name=web&Placement.GroupName=near&MetadataOptions.HttpTokens=required"
    );
    let id = one.cloud.get(&launch, "instanceId");
    let arn = "arn:aws:ec2:us-east-1:111122223333";
    for condition in [
        r#""ArnEquals":{"ec2:InstanceProfile":"arn:aws:iam::111122223333:instance-profile/web"}"#.to_owned(),
        format!(r#""StringEquals":{{"ec2:PlacementGroup":"{arn}:placement-group/near"}}"#),
        r#""StringEquals":{"ec2:MetadataHttpTokens":"required"}"#.to_owned(),
        r#""NumericEquals":{"ec2:MetadataHttpPutResponseHopLimit":"1"}"#.to_owned(),
    ] {
        let stop = format!("Action=StopInstances&InstanceId.1={id}&DryRun=true");
        assert!(one.is_allowed_if("ec2:StopInstances", &condition, &stop), "{condition}");
        let on_instances =
            |resource: &str| format!(r#"{{"Effect":"Allow","Action":"ec2:RunInstances","Resource":"{resource}"}}"#);
        let others = ["subnet", "volume", "network-interface", "security-group", "placement-group"];
        let others = others.map(|kind| on_instances(&format!("arn:aws:ec2:*:*:{kind}/*"))).join(",");
        let image = on_instances("arn:aws:ec2:*::image/*");
        one.policy(&format!(
            r#"[{others},{image},{{"Effect":"Allow","Action":"ec2:RunInstances",
                "Resource":"arn:aws:ec2:*:*:instance/*","Condition":{{{condition}}}}}]"#
        ));
        let said = format!("{launch}&MetadataOptions.HttpPutResponseHopLimit=1&DryRun=true");
        assert_eq!(one.call(&said), "DryRunOperation", "{condition}");
    }
}

/// What is about to be made is known by what the request says of it.
#[test]
fn what_is_made_is_known_by_the_request() {
    let mut one = Enforced::new();
    let volume = |more: &str| format!("Action=CreateVolume&AvailabilityZone=us-east-1a&Size=10&DryRun=true{more}");
    let [mine, other] = [one.cloud.vpc("192.168.0.0/16"), one.cloud.vpc("172.31.0.0/16")];
    let peering = format!("Action=CreateVpcPeeringConnection&VpcId={mine}&PeerVpcId={other}&DryRun=true");
    let accepter = |vpc: &str| {
        format!(r#""ArnEqualsIfExists":{{"ec2:AccepterVpc":"arn:aws:ec2:us-east-1:111122223333:vpc/{vpc}"}}"#)
    };
    for (action, condition, form, allowed) in [
        ("ec2:CreateVolume", r#""NumericLessThan":{"ec2:VolumeSize":"11"}"#.to_owned(), volume(""), true),
        ("ec2:CreateVolume", r#""NumericLessThan":{"ec2:VolumeSize":"10"}"#.to_owned(), volume(""), false),
        ("ec2:CreateVolume", r#""Bool":{"ec2:Encrypted":"true"}"#.to_owned(), volume(""), false),
        ("ec2:CreateVolume", r#""Bool":{"ec2:Encrypted":"true"}"#.to_owned(), volume("&Encrypted=true"), true),
        ("ec2:CreateVpcPeeringConnection", accepter(&other), peering.clone(), true),
        ("ec2:CreateVpcPeeringConnection", accepter(&mine), peering, false),
    ] {
        assert_eq!(one.is_allowed_if(action, &condition, &form), allowed, "{condition} {form}");
    }
}

/// A launch makes the volumes of its image, too, whatever it says of others.
#[test]
fn a_launch_is_known_by_all_its_volumes() {
    let mut one = Enforced::new();
    let launch = "Action=RunInstances&ImageId=ami-1a2b3c4d&MinCount=1&MaxCount=1&DryRun=true";
    let device = "BlockDeviceMapping.1";
    let more = format!("{launch}&{device}.DeviceName=/dev/sdf&{device}.Ebs.VolumeSize=1&{device}.Ebs.Encrypted=true");
    let on_volumes = r#""Effect":"Deny","Action":"ec2:RunInstances","Resource":"arn:aws:ec2:*:*:volume/*""#;
    let unless_encrypted = format!(r#"{{{on_volumes},"Condition":{{"Bool":{{"ec2:Encrypted":"false"}}}}}}"#);
    one.policy(&format!(r#"[{{"Effect":"Allow","Action":"*","Resource":"*"}},{unless_encrypted}]"#));
    assert_eq!([one.call(launch), one.call(&more)], [DENIED; 2]);
    one.cloud.ask("Action=EnableEbsEncryptionByDefault").unwrap();
    assert_eq!([one.call(launch), one.call(&more)], ["DryRunOperation"; 2]);
}

/// Who may make users may be made to give them a boundary, and may change only users who have it.
#[test]
fn a_boundary_is_a_condition() {
    let mut one = Enforced::new();
    let iam = |form: &str| format!("Version=2010-05-08&Action={form}");
    let boundary = "arn:aws:iam::aws:policy/ReadOnlyAccess";
    let condition = format!(r#""StringEquals":{{"iam:PermissionsBoundary":"{boundary}"}}"#);
    let create = |name: &str, more: &str| iam(&format!("CreateUser&UserName={name}{more}"));
    let bounded = create("bob", &format!("&PermissionsBoundary={boundary}"));
    assert!(!one.is_allowed_if("iam:CreateUser", &condition, &create("bob", "")));
    assert!(one.is_allowed_if("iam:CreateUser", &condition, &bounded));
    let attach =
        |user: &str| iam(&format!("AttachUserPolicy&UserName={user}&PolicyArn=arn:aws:iam::aws:policy/IAMFullAccess"));
    assert!(one.is_allowed_if("iam:AttachUserPolicy", &condition, &attach("bob")));
    assert!(!one.is_allowed_if("iam:AttachUserPolicy", &condition, &attach("alice")));
}

#[test]
fn a_refusal_says_which_policies_refuse() {
    let mut one = Enforced::new();
    one.policy(r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#);
    let bound = "Version=2010-05-08&Action=PutUserPermissionsBoundary&UserName=alice&PermissionsBoundary";
    one.cloud.ask(&format!("{bound}=arn:aws:iam::aws:policy/IAMReadOnlyAccess")).unwrap();
    one.cloud.account = KEY;
    let refusal = one.cloud.refusal("Action=DescribeVpcs");
    assert!(refusal.contains("because no permissions boundary allows the ec2:DescribeVpcs action"), "{refusal}");
}

/// Names are compared in lower case, without the last dot, and with an asterisk in octal.
#[test]
fn changes_of_record_sets_are_known() {
    let mut one = Enforced::new();
    let vpc = one.cloud.vpc("192.168.0.0/16");
    let zone = one.cloud.private_zone("mine.example", &vpc);
    one.policy(
        r#"{"Effect":"Allow","Action":"route53:*","Resource":"*","Condition":{"ForAllValues:StringEquals":{
            "route53:ChangeResourceRecordSetsNormalizedRecordNames":["www.mine.example","\\052.mine.example"],
            "route53:ChangeResourceRecordSetsActions":["CREATE"]}}}"#,
    );
    one.cloud.account = KEY;
    let mut change = |action: &str, name: &str| {
        let records =
            "<TTL>60</TTL><ResourceRecords><ResourceRecord><Value>192.0.2.1</Value></ResourceRecord></ResourceRecords>";
        let set = format!("<ResourceRecordSet><Name>{name}</Name><Type>A</Type>{records}</ResourceRecordSet>");
        let body = format!(
            "<ChangeResourceRecordSetsRequest><ChangeBatch><Changes><Change><Action>{action}</Action>{set}</Change>\
             </Changes></ChangeBatch></ChangeResourceRecordSetsRequest>"
        );
        one.cloud.code("POST", &format!("/{zone}/rrset"), &body)
    };
    assert_eq!(change("CREATE", "WWW.mine.example."), "OK");
    assert_eq!(change("CREATE", "*.mine.example"), "OK");
    assert_eq!(change("CREATE", "db.mine.example"), "AccessDenied");
    assert_eq!(change("DELETE", "www.mine.example"), "AccessDenied");
}

/// Tags are named by those who remove them, too.
#[test]
fn the_keys_of_removed_tags_are_known() {
    let mut one = Enforced::new();
    let untag = |key: &str| format!("Version=2010-05-08&Action=UntagUser&UserName=alice&TagKeys.member.1={key}");
    let condition = r#""ForAnyValue:StringEquals":{"aws:TagKeys":["draft"]}"#;
    assert!(one.is_allowed_if("iam:UntagUser", condition, &untag("draft")));
    assert!(!one.is_allowed_if("iam:UntagUser", condition, &untag("team")));
}

/// The account of a resource is that of its ARN, or the sender's.
#[test]
fn a_resource_is_known_by_its_account() {
    let mut one = Enforced::new();
    let of = |account: &str| format!(r#""StringEquals":{{"aws:ResourceAccount":"{account}"}}"#);
    for (action, form) in [
        ("ec2:DescribeVpcs", "Action=DescribeVpcs"),
        ("iam:GetUser", "Version=2010-05-08&Action=GetUser&UserName=alice"),
        ("rds:DescribeDBInstances", "Version=2014-10-31&Action=DescribeDBInstances"),
    ] {
        assert!(one.is_allowed_if(action, &of(ACCOUNT), form), "{action}");
        assert!(!one.is_allowed_if(action, &of("444455556666"), form), "{action}");
    }
}

/// The credentials that an instance has from its profile are known by the instance; a session with its name is not.
#[test]
fn an_instance_is_known_by_the_credentials_of_its_profile() {
    let mut one = Enforced::new();
    let id = one.cloud.instance(None);
    let trust = "%7B%22Statement%22%3A%7B%22Effect%22%3A%22Allow%22%2C%22Action%22%3A%22sts%3AAssumeRole%22%2C%22Principal%22%3A%22%2A%22%7D%7D";
    let role = format!("Version=2010-05-08&Action=CreateRole&RoleName=web&AssumeRolePolicyDocument={trust}");
    one.cloud.ask(&role).unwrap();
    let own = format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"*","Resource":"*","Condition":{{
            "ArnEquals":{{"ec2:SourceInstanceARN":"arn:aws:ec2:us-east-1:{ACCOUNT}:instance/{id}"}}}}}}}}"#
    );
    one.cloud.model.put_inline(ACCOUNT, Class::Role, "web", "own", &own).unwrap();
    for (instance, expected) in [(Some(id.clone()), Ok(())), (None, Err(DENIED))] {
        let principal = Principal::Role {
            name: "web".into(),
            session: id.clone(),
            policy: None,
            managed: Vec::new(),
            tags: SessionTags::default(),
            source: None,
            instance,
        };
        let (secrets, end) = (("s".into(), "t".into()), Time(2_000_000_000_000));
        let session = one.cloud.model.begin_session(ACCOUNT, principal, secrets, (Time(0), end), false);
        one.cloud.account = session.id.leak();
        assert_eq!(one.cloud.ask("Action=DescribeVpcs").map(|_| ()), expected);
    }
}

/// A snapshot is known by its owner, also if that is another account, which shares it.
#[test]
fn a_shared_snapshot_is_known_by_its_owner() {
    const OTHER: &str = "444455556666";
    let mut one = Enforced::new();
    one.cloud.account = OTHER;
    let volume = one.cloud.get("Action=CreateVolume&AvailabilityZone=us-east-1a&Size=1", "volumeId");
    let snapshot = one.cloud.get(&format!("Action=CreateSnapshot&VolumeId={volume}"), "snapshotId");
    let share = format!("Action=ModifySnapshotAttribute&SnapshotId={snapshot}&CreateVolumePermission.Add.1.UserId");
    one.cloud.ask(&format!("{share}={ACCOUNT}")).unwrap();
    one.cloud.account = ACCOUNT;
    let create = format!("Action=CreateVolume&AvailabilityZone=us-east-1a&SnapshotId={snapshot}&DryRun=true");
    for (owner, answer) in [(OTHER, DENIED), (ACCOUNT, "DryRunOperation")] {
        for key in ["aws:ResourceAccount", "ec2:Owner"] {
            let denied = format!(
                r#"{{"Effect":"Deny","Action":"ec2:CreateVolume","Resource":"arn:aws:ec2:*::snapshot/*",
                    "Condition":{{"StringEquals":{{"{key}":"{owner}"}}}}}}"#
            );
            one.policy(&format!(r#"[{{"Effect":"Allow","Action":"*","Resource":"*"}},{denied}]"#));
            assert_eq!(one.call(&create), answer, "{key} {owner}");
        }
    }
}
