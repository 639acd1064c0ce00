//! The other services: what is asked about by name or by ARN.

use super::*;

/// A device, a provider or a service-linked role is not the sender, although the request names no user.
#[test]
fn what_iam_makes_is_asked_about_by_its_own_name() {
    let mut one = Enforced::new();
    let iam = |rest: &str| format!("Version=2010-05-08&Action={rest}");
    let made = [
        iam("CreateVirtualMFADevice&VirtualMFADeviceName=phone"),
        iam("CreateOpenIDConnectProvider&Url=https%3A%2F%2Fid.example/shop&ClientIDList.member.1=web"),
        iam("CreateServiceLinkedRole&AWSServiceName=autoscaling.amazonaws.com"),
    ];
    one.policy(&format!(r#"{{"Effect":"Allow","Action":"iam:*","Resource":"arn:aws:iam::{ACCOUNT}:user/alice"}}"#));
    for form in &made {
        assert_eq!(one.call(form), "AccessDenied", "{form}");
    }
    let saml = iam("CreateSAMLProvider&Name=office&SAMLMetadataDocument=x");
    assert_eq!(one.call(&saml), "AccessDenied");
    assert_eq!(one.call(&iam("ListMFADevices")), "ok", "its own");
    assert_eq!(one.call(&iam("ListVirtualMFADevices")), "AccessDenied");
    let resources = ["mfa/phone", "oidc-provider/id.example/shop", "role/aws-service-role/*", "saml-provider/office"]
        .map(|one| format!(r#""arn:aws:iam::{ACCOUNT}:{one}""#));
    let resources = resources.join(",");
    one.policy(&format!(r#"{{"Effect":"Allow","Action":"iam:*","Resource":[{resources}]}}"#));
    for form in &made {
        assert_eq!(one.call(form), "ok", "{form}");
    }
    assert_ne!(one.call(&saml), "AccessDenied");
    assert_eq!(one.call(&iam("ListMFADevices")), "AccessDenied");
}

/// A user's name and path say which policies are about it.
#[test]
fn a_user_is_renamed_by_who_may_under_both_names() {
    let mut one = Enforced::new();
    one.cloud.ask("Action=CreateUser&Version=2010-05-08&UserName=dev-a").unwrap();
    let update = |rest: &str| format!("Action=UpdateUser&Version=2010-05-08&UserName=dev-a&{rest}");
    one.policy(&format!(
        r#"{{"Effect":"Allow","Action":"iam:UpdateUser","Resource":"arn:aws:iam::{ACCOUNT}:user/dev-*"}}"#
    ));
    assert_eq!(one.call(&update("NewUserName=boss")), "AccessDenied");
    assert_eq!(one.call(&update("NewPath=/staff/")), "AccessDenied");
    assert_eq!(one.call(&update("NewUserName=dev-b")), "ok");
}

/// Tags of users and roles are keys by two names, and a role's count as well where it is passed or assumed.
#[test]
fn resources_of_iam_are_known_by_their_tags() {
    let mut one = Enforced::new();
    let iam = |rest: &str| format!("Version=2010-05-08&Action={rest}");
    let trust = "%7B%22Statement%22%3A%7B%22Effect%22%3A%22Allow%22%2C%22Action%22%3A%22sts%3AAssumeRole%22%2C%22Principal%22%3A%22%2A%22%7D%7D";
    for team in ["web", "ops"] {
        let tag = format!("Tags.member.1.Key=team&Tags.member.1.Value={team}");
        for make in [
            format!("CreateUser&UserName={team}&{tag}"),
            format!("CreateRole&RoleName={team}&AssumeRolePolicyDocument={trust}&{tag}"),
            format!("CreateInstanceProfile&InstanceProfileName={team}&{tag}"),
            format!(
                "CreateInstanceProfile&InstanceProfileName=for-{team}&Tags.member.1.Key=team&Tags.member.1.Value=web"
            ),
        ] {
            one.cloud.ask(&iam(&make)).unwrap();
        }
    }
    let tagged = |key: &str| {
        format!(
            r#"{{"Effect":"Allow","Action":"*","Resource":"*","Condition":{{"StringEquals":{{"{key}/team":"web"}}}}}}"#
        )
    };
    for (key, of_profiles) in [("aws:ResourceTag", "ok"), ("iam:ResourceTag", "AccessDenied")] {
        one.policy(&tagged(key));
        assert_eq!(one.call(&iam("GetUser&UserName=web")), "ok", "{key}");
        assert_eq!(one.call(&iam("GetRole&RoleName=ops")), "AccessDenied", "{key}");
        assert_eq!(one.call(&iam("GetInstanceProfile&InstanceProfileName=web")), of_profiles, "{key}");
    }
    one.policy(&tagged("aws:ResourceTag"));
    let add = |role: &str| iam(&format!("AddRoleToInstanceProfile&InstanceProfileName=for-{role}&RoleName={role}"));
    assert_eq!([one.call(&add("ops")), one.call(&add("web"))], ["AccessDenied", "ok"]);
    let denied = r#"{"Effect":"Deny","Action":"sts:AssumeRole","Resource":"*","Condition":{"StringEquals":{"aws:ResourceTag/team":"ops"}}}"#;
    one.policy(&format!(r#"[{{"Effect":"Allow","Action":"*","Resource":"*"}},{denied}]"#));
    let assume = |role: &str| {
        format!("Version=2011-06-15&Action=AssumeRole&RoleSessionName=me&RoleArn=arn:aws:iam::{ACCOUNT}:role/{role}")
    };
    assert_eq!([one.call(&assume("ops")), one.call(&assume("web"))], ["AccessDenied", "ok"]);
}

/// Route 53's resources are zones, whose ARNs have no Region and no account.
#[test]
fn a_user_may_change_the_zone_that_a_policy_names() {
    let mut one = Enforced::new();
    let vpc = one.cloud.vpc("192.168.0.0/16");
    let [mine, other] = ["mine.example", "other.example"].map(|name| one.cloud.private_zone(name, &vpc));
    one.policy(&format!(
        r#"{{"Effect":"Allow","Action":"route53:*","Resource":"arn:aws:route53:::hostedzone/{mine}"}}"#
    ));
    one.cloud.account = KEY;
    assert_eq!(one.cloud.code("GET", &format!("/{mine}/rrset"), ""), "OK");
    assert_eq!(one.cloud.code("GET", &format!("/{other}/rrset"), ""), "AccessDenied");
    assert_eq!(one.cloud.code("GET", "", ""), "AccessDenied", "a list is of all zones");
    assert_eq!(one.cloud.code("DELETE", &format!("/{other}"), ""), "AccessDenied");
    assert_eq!(one.cloud.code("DELETE", &format!("/{mine}"), ""), "OK");
}

/// The body names the zone.
#[test]
fn query_logging_is_asked_about_on_its_zone() {
    let mut one = Enforced::new();
    let vpc = one.cloud.vpc("192.168.0.0/16");
    let [mine, other] = ["mine.example", "other.example"].map(|name| one.cloud.private_zone(name, &vpc));
    one.policy(&format!(
        r#"{{"Effect":"Allow","Action":"route53:*","Resource":"arn:aws:route53:::hostedzone/{mine}"}}"#
    ));
    one.cloud.account = KEY;
    let mut log = |zone: &str| {
        let body = format!(
            "<CreateQueryLoggingConfigRequest><HostedZoneId>{zone}</HostedZoneId><CloudWatchLogsLogGroupArn>x\
             </CloudWatchLogsLogGroupArn></CreateQueryLoggingConfigRequest>"
        );
        one.cloud.route53("POST", "/2013-04-01/queryloggingconfig", &body).unwrap_err().0
    };
    assert_eq!([log(&mine), log(&other)], ["InvalidInput", "AccessDenied"], "a private zone is logged nowhere");
}

/// A traffic policy is applied to a zone by whoever may use both. Locations are public.
#[test]
fn traffic_policies_are_applied_with_permission_for_the_policy_and_the_zone() {
    let mut one = Enforced::new();
    let vpc = one.cloud.vpc("192.168.0.0/16");
    let [mine, other] = ["mine.example", "other.example"].map(|name| one.cloud.private_zone(name, &vpc));
    let named = |resources: &[String]| {
        let arns: Vec<String> = resources.iter().map(|name| format!(r#""arn:aws:route53:::{name}""#)).collect();
        format!(r#"{{"Effect":"Allow","Action":"route53:*","Resource":[{}]}}"#, arns.join(","))
    };
    let (zone, policy, instance) =
        (format!("hostedzone/{mine}"), "trafficpolicy/p".into(), "trafficpolicyinstance/i".into());
    let apply = |one: &mut Enforced, zone: &str| {
        one.cloud.account = KEY;
        let body = format!(
            "<R><HostedZoneId>{zone}</HostedZoneId><Name>www.mine.example</Name><TTL>60</TTL>\
             <TrafficPolicyId>p</TrafficPolicyId><TrafficPolicyVersion>1</TrafficPolicyVersion></R>"
        );
        one.cloud.route53("POST", "/2013-04-01/trafficpolicyinstance", &body).unwrap_err().0
    };
    one.policy(&named(&[zone.clone(), policy, instance]));
    assert_eq!([apply(&mut one, &mine), apply(&mut one, &other)], ["NoSuchTrafficPolicy", "AccessDenied"]);
    let mut code = |path: &str| {
        one.cloud.route53("GET", &format!("/2013-04-01/{path}"), "").map_or_else(|(code, _)| code, |_| "OK".into())
    };
    assert_eq!(
        ["trafficpolicyinstance/i", "trafficpolicyinstance/j", "trafficpolicyinstances", "geolocations"].map(&mut code),
        ["NoSuchTrafficPolicyInstance", "AccessDenied", "AccessDenied", "OK"]
    );
    one.policy(&named(&[zone]));
    assert_eq!(apply(&mut one, &mine), "AccessDenied");
}

#[test]
fn a_user_may_read_the_cidr_collection_that_a_policy_names() {
    let mut one = Enforced::new();
    let [mine, other] = ["1a2b3c4d-0000-4000-8000-000000000001", "1a2b3c4d-0000-4000-8000-000000000002"];
    one.policy(&format!(
        r#"{{"Effect":"Allow","Action":"route53:*","Resource":"arn:aws:route53:::cidrcollection/{mine}"}}"#
    ));
    one.cloud.account = KEY;
    let mut read = |id: &str| one.cloud.route53("GET", &format!("/2013-04-01/cidrcollection/{id}"), "").unwrap_err().0;
    assert_eq!([read(mine), read(other)], ["NoSuchCidrCollectionException", "AccessDenied"]);
}

/// Load balancers have ARNs by name; lists are asked for as a whole.
#[test]
fn a_user_may_change_the_load_balancer_that_a_policy_names() {
    let mut one = Enforced::new();
    let create = |name: &str| {
        format!(
            "Action=CreateLoadBalancer&Version=2012-06-01&LoadBalancerName={name}&AvailabilityZones.member.1=us-east-1a\
             &Listeners.member.1.Protocol=TCP&Listeners.member.1.LoadBalancerPort=80&Listeners.member.1.InstancePort=80"
        )
    };
    one.policy(
        r#"{"Effect":"Allow","Action":"elasticloadbalancing:*",
            "Resource":"arn:aws:elasticloadbalancing:us-east-1:111122223333:loadbalancer/mine"}"#,
    );
    assert_eq!(one.call(&create("mine")), "ok");
    assert_eq!(one.call(&create("other")), "AccessDenied");
    let describe = "Action=DescribeLoadBalancers&Version=2012-06-01&LoadBalancerNames.member.1=mine";
    assert_eq!(one.call(describe), "AccessDenied", "a list is of all load balancers");
    assert_eq!(one.call("Action=DeleteLoadBalancer&Version=2012-06-01&LoadBalancerName=mine"), "ok");
    one.policy(
        r#"{"Effect":"Allow","Action":"elasticloadbalancing:*","Resource":"*",
            "Condition":{"StringEquals":{"aws:RequestTag/team":"red"}}}"#,
    );
    assert_eq!(one.call(&create("mine")), "AccessDenied");
    assert_eq!(one.call(&format!("{}&Tags.member.1.Key=team&Tags.member.1.Value=red", create("mine"))), "ok");
}

/// Databases and caches are resources by name, including new ones and the groups that a request names.
#[test]
fn services_are_asked_about_by_name() {
    let mut one = Enforced::new();
    let rds = |action: &str, more: &str| format!("Version=2014-10-31&Action={action}{more}");
    let make = |name: &str, more: &str| {
        let class = "&DBInstanceClass=db.m3.medium&Engine=postgres";
        rds("CreateDBInstance", &format!("&DBInstanceIdentifier={name}{class}{more}"))
    };
    let own = r#"{"Effect":"Allow","Action":"rds:*","Resource":"arn:aws:rds:us-east-1:111122223333:db:test-*"}"#;
    one.policy(own);
    assert_eq!(one.call(&make("test-a", "")), "ok");
    assert_eq!(one.call(&make("prod-a", "")), "AccessDenied");
    assert_eq!(one.call(&rds("DescribeDBInstances", "&DBInstanceIdentifier=test-a")), "ok");
    assert_eq!(one.call(&rds("DescribeDBInstances", "")), "AccessDenied");
    assert_eq!(one.call(&make("test-b", "&DBSubnetGroupName=back")), "AccessDenied", "it may not use that group");
    let open =
        ["DBSecurityGroups.DBSecurityGroupName.1", "DBSecurityGroups.member.1"].map(|list| format!("&{list}=open"));
    assert_eq!(open.map(|group| one.call(&make("test-b", &group))), ["AccessDenied"; 2], "nor that one");
    assert_eq!(one.call(&rds("RebootDBInstance", "&DBInstanceIdentifier=test-a")), "ok");
    let named = |name: &str| rds("DescribeDBInstances", &format!("&DBInstanceIdentifier={name}"));
    let arn = |name: &str| format!("arn:aws:rds:us-east-1:111122223333:db:{name}");
    assert_eq!(one.call(&named(&arn("test-a"))), "ok", "an ARN is a name");
    let forbidden = r#"{"Effect":"Deny","Action":"rds:*","Resource":"arn:aws:rds:us-east-1:111122223333:db:test-a"}"#;
    one.policy(&format!(r#"[{{"Effect":"Allow","Action":"rds:*","Resource":"*"}},{forbidden}]"#));
    assert_eq!(one.call(&named(&arn("test-a"))), "AccessDenied");
    assert_eq!(one.call(&rds("DescribeDBClusters", "")), "ok");
    one.policy(r#"{"Effect":"Allow","Action":"rds:Describe*","Resource":"arn:aws:rds:us-east-1:111122223333:db:*"}"#);
    assert_eq!(one.call(&rds("DescribeDBInstances", "")), "ok");
    assert_eq!(one.call(&rds("DescribeDBSubnetGroups", "")), "AccessDenied");
    assert_eq!(one.call(&rds("DescribeEvents", "")), "AccessDenied");
    assert_eq!(one.call("Version=2015-02-02&Action=DescribeCacheClusters"), "AccessDenied");

    let tagged =
        r#"{"Effect":"Allow","Action":"rds:*","Resource":"*","Condition":{"StringEquals":{"aws:KEY/team":"a"}}}"#;
    one.policy(&tagged.replace("KEY", "RequestTag"));
    assert_eq!(one.call(&make("c", "&Tags.Tag.1.Key=team&Tags.Tag.1.Value=b")), "AccessDenied");
    assert_eq!(one.call(&make("c", "&Tags.Tag.1.Key=team&Tags.Tag.1.Value=a")), "ok");
    one.policy(&tagged.replace("KEY", "ResourceTag"));
    assert_eq!(one.call(&rds("DeleteDBInstance", "&DBInstanceIdentifier=test-a")), "AccessDenied");
    assert_eq!(one.call(&rds("DeleteDBInstance", "&DBInstanceIdentifier=c&SkipFinalSnapshot=true")), "ok");
}

/// A batch names several snapshots, and a request may name one by its ARN.
#[test]
fn each_snapshot_of_a_warehouse_is_asked_about() {
    let mut one = Enforced::new();
    let keep = format!("arn:aws:redshift:us-east-1:{ACCOUNT}:snapshot:web/keep");
    one.policy(&format!(
        r#"[{{"Effect":"Allow","Action":"*","Resource":"*"}},{{"Effect":"Deny","Action":"*","Resource":"{keep}"}}]"#
    ));
    let named = |place: usize, name: &str| {
        let message = format!("&Identifiers.DeleteClusterSnapshotMessage.{place}");
        format!("{message}.SnapshotIdentifier={name}{message}.SnapshotClusterIdentifier=web")
    };
    let delete = format!("Version=2012-12-01&Action=BatchDeleteClusterSnapshots{}", named(1, "other"));
    assert_eq!(one.call(&delete), "ok");
    assert_eq!(one.call(&format!("{delete}{}", named(2, "keep"))), "AccessDenied");
    let share = "Version=2012-12-01&Action=AuthorizeSnapshotAccess&AccountWithRestoreAccess=444455556666&SnapshotArn";
    assert_eq!(one.call(&format!("{share}={keep}")), "AccessDenied");
}

/// A copy has a source and a target. A snapshot of Redshift is called after its cluster, and may be another account's.
#[test]
fn each_resource_of_a_request_to_a_service_is_asked_about() {
    let mut one = Enforced::new();
    let mut call_without = |resource: &str, form: &str| {
        let denied = format!(r#"{{"Effect":"Deny","Action":"*","Resource":"arn:aws:{resource}"}}"#);
        one.policy(&format!(r#"[{{"Effect":"Allow","Action":"*","Resource":"*"}},{denied}]"#));
        one.call(form)
    };
    let copy = "Version=2014-10-31&Action=CopyDBSnapshot&SourceDBSnapshotIdentifier=a&TargetDBSnapshotIdentifier=b";
    for (name, result) in [("a", "AccessDenied"), ("b", "AccessDenied"), ("c", "DBSnapshotNotFound")] {
        let snapshot = format!("rds:us-east-1:{ACCOUNT}:snapshot:{name}");
        assert_eq!(call_without(&snapshot, copy), result, "{name}");
    }
    let redshift =
        |action: &str| format!("Version=2012-12-01&Action={action}&SnapshotIdentifier=day&ClusterIdentifier=web");
    let create = redshift("CreateClusterSnapshot");
    let of = |account: &str, what: &str| format!("redshift:us-east-1:{account}:{what}");
    assert_eq!(call_without(&of(ACCOUNT, "snapshot:web/*"), &create), "AccessDenied");
    assert_eq!(call_without(&of(ACCOUNT, "cluster:web"), &create), "ClusterNotFound");
    let restore = redshift("RestoreFromClusterSnapshot") + "&OwnerAccount=444455556666&SnapshotClusterIdentifier=old";
    for (owner, result) in [("444455556666", "AccessDenied"), (ACCOUNT, "ClusterSnapshotNotFound")] {
        assert_eq!(call_without(&of(owner, "snapshot:old/day"), &restore), result, "{owner}");
    }
    let password = "Version=2012-12-01&Action=GetClusterCredentials&ClusterIdentifier=web&DbUser=ann&DbName=dev";
    for what in ["dbuser:web/ann", "dbname:web/dev"] {
        assert_eq!(call_without(&of(ACCOUNT, what), password), "AccessDenied", "{what}");
    }
}

/// A policy may allow passwords of users who exist, and neither new users nor all groups.
#[test]
fn new_users_and_groups_of_a_cluster_need_permission() {
    let mut one = Enforced::new();
    let password = "Version=2012-12-01&Action=GetClusterCredentials&ClusterIdentifier=web&DbUser=ann";
    let forms = ["", "&AutoCreate=1", "&DbGroups.DbGroup.1=readers"];
    let mut calls = |actions: &str| {
        one.policy(&format!(r#"{{"Effect":"Allow","Action":[{actions}],"Resource":"*"}}"#));
        forms.map(|more| one.call(&format!("{password}{more}")))
    };
    let (no, yes) = ("AccessDenied", "ClusterNotFound");
    let get = r#""redshift:GetClusterCredentials""#;
    assert_eq!(calls(get), [yes, no, no]);
    assert_eq!(calls(&format!(r#"{get},"redshift:CreateClusterUser""#)), [yes, yes, no]);
    assert_eq!(calls(&format!(r#"{get},"redshift:JoinGroup""#)), [yes, no, yes]);
    one.policy(&format!(
        r#"[{{"Effect":"Allow","Action":{get},"Resource":"*"}},
        {{"Effect":"Allow","Action":"redshift:JoinGroup","Resource":"arn:aws:redshift:us-east-1:{ACCOUNT}:dbgroup:web/writers"}}]"#
    ));
    assert_eq!(one.call(&format!("{password}&DbGroups.DbGroup.1=writers")), yes);
    assert_eq!(one.call(&format!("{password}&DbGroups.DbGroup.1=readers")), no);
}

/// Who changes the members of something needs permission for those members, too.
#[test]
fn users_and_groups_that_join_or_leave_are_asked_about() {
    let mut one = Enforced::new();
    let arn = |name: &str| format!(r#""arn:aws:elasticache:us-east-1:{ACCOUNT}:{name}""#);
    for (form, whole, part, unknown) in [
        ("ModifyUserGroup&UserGroupId=staff&UserIds", "usergroup:staff", "user:ann", "UserGroupNotFound"),
        (
            "ModifyReplicationGroup&ReplicationGroupId=carts&UserGroupIds",
            "replicationgroup:carts",
            "usergroup:staff",
            "ReplicationGroupNotFoundFault",
        ),
    ] {
        let id = part.split(':').next_back().unwrap();
        for way in ["ToAdd", "ToRemove"] {
            let form = format!("Version=2015-02-02&Action={form}{way}.member.1={id}");
            one.policy(&format!(r#"{{"Effect":"Allow","Action":"elasticache:*","Resource":{}}}"#, arn(whole)));
            assert_eq!(one.call(&form), "AccessDenied", "{form}");
            let both = [arn(whole), arn(part)].join(",");
            one.policy(&format!(r#"{{"Effect":"Allow","Action":"elasticache:*","Resource":[{both}]}}"#));
            assert_eq!(one.call(&form), unknown, "{form}");
        }
    }
}

/// Who makes a global replication group needs permission for its primary, too.
#[test]
fn the_primary_of_a_global_replication_group_is_asked_about() {
    let mut one = Enforced::new();
    let global = format!(r#""arn:aws:elasticache::{ACCOUNT}:globalreplicationgroup:*""#);
    let primary = format!(r#""arn:aws:elasticache:us-east-1:{ACCOUNT}:replicationgroup:carts""#);
    let make = "Version=2015-02-02&Action=CreateGlobalReplicationGroup&GlobalReplicationGroupIdSuffix=world\
                &PrimaryReplicationGroupId=carts";
    let both = [global.as_str(), &primary].join(",");
    for (resources, answer) in
        [(&global, "AccessDenied"), (&primary, "AccessDenied"), (&both, "ReplicationGroupNotFoundFault")]
    {
        one.policy(&format!(r#"{{"Effect":"Allow","Action":"elasticache:*","Resource":[{resources}]}}"#));
        assert_eq!(one.call(make), answer, "{resources}");
    }
}

/// Settings in a request count before those that a database has.
#[test]
fn databases_are_known_by_their_settings_and_tags() {
    let mut one = Enforced::new();
    let make = |name: &str, more: &str| {
        let class = "DBInstanceClass=db.m3.medium&Engine=postgres";
        format!("Version=2014-10-31&Action=CreateDBInstance&DBInstanceIdentifier={name}&{class}{more}")
    };
    let when = |condition: &str| {
        format!(
            r#"{{"Effect":"Allow","Action":"rds:*","Resource":"*","Condition":{{"StringEquals":{{{condition}}}}}}}"#
        )
    };
    one.policy(&when(r#""rds:DatabaseClass":"db.m3.medium","rds:DatabaseEngine":"postgres","rds:req-tag/team":"a""#));
    assert_eq!(one.call(&make("a", "")), "AccessDenied");
    assert_eq!(one.call(&make("a", "&Tags.Tag.1.Key=team&Tags.Tag.1.Value=a")), "ok");
    one.policy(&when(r#""rds:StorageEncrypted":"true""#));
    assert_eq!(one.call(&make("b", "")), "AccessDenied");
    one.policy(&when(r#""rds:DatabaseClass":"db.m3.medium","rds:db-tag/team":"a""#));
    let modify = "Version=2014-10-31&Action=ModifyDBInstance&DBInstanceIdentifier=a&DBInstanceClass=db.m3.large";
    assert_eq!(one.call(modify), "AccessDenied");
    assert_eq!(one.call("Version=2014-10-31&Action=RebootDBInstance&DBInstanceIdentifier=a"), "ok");
}

#[test]
fn load_balancers_and_groups_are_known_by_what_a_request_says() {
    let mut one = Enforced::new();
    let deny = |condition: &str| {
        let denied = format!(r#"{{"Effect":"Deny","Action":"*","Resource":"*","Condition":{{{condition}}}}}"#);
        format!(r#"[{{"Effect":"Allow","Action":"*","Resource":"*"}},{denied}]"#)
    };
    let create = "Action=CreateLoadBalancer&Version=2012-06-01&LoadBalancerName=web&AvailabilityZones.member.1=us-east-1a\
        &Listeners.member.1.Protocol=TCP&Listeners.member.1.LoadBalancerPort=80&Listeners.member.1.InstancePort=80";
    for condition in [
        r#""StringEquals":{"elasticloadbalancing:Scheme":"internet-facing"}"#,
        r#""ForAnyValue:StringEquals":{"elasticloadbalancing:ListenerProtocol":["TCP"]}"#,
    ] {
        one.policy(&deny(condition));
        assert_eq!(one.call(create), "AccessDenied", "{condition}");
    }
    one.policy(&deny(r#""ForAnyValue:StringEquals":{"autoscaling:VPCZoneIdentifiers":["subnet-2"]}"#));
    let group = "Version=2011-01-01&Action=UpdateAutoScalingGroup&AutoScalingGroupName=web&VPCZoneIdentifier=subnet-1,";
    assert_eq!(one.call(&format!("{group}subnet-2")), "AccessDenied");
    assert_eq!(one.call(&format!("{group}subnet-3")), "ValidationError");
}

/// What is made with tags is tagged by who may.
#[test]
fn tags_of_new_resources_need_permission() {
    let mut one = Enforced::new();
    let tagged = |form: &str, item: &str| format!("{form}&Tags.{item}.1.Key=team&Tags.{item}.1.Value=a");
    let user = |name: &str| format!("Version=2010-05-08&Action=CreateUser&UserName={name}");
    let database = |name: &str| {
        let class = "DBInstanceClass=db.m3.medium&Engine=postgres";
        format!("Version=2014-10-31&Action=CreateDBInstance&DBInstanceIdentifier={name}&{class}")
    };
    let forms = [tagged(&user("b"), "member"), tagged(&database("b"), "Tag")];
    one.policy(r#"{"Effect":"Allow","Action":["iam:CreateUser","rds:CreateDBInstance"],"Resource":"*"}"#);
    assert_eq!([one.call(&user("a")), one.call(&database("a"))], ["ok", "ok"]);
    assert_eq!(forms.each_ref().map(|form| one.call(form)), ["AccessDenied"; 2]);
    let tagging = r#"["iam:CreateUser","iam:TagUser","rds:CreateDBInstance","rds:AddTagsToResource"]"#;
    one.policy(&format!(r#"{{"Effect":"Allow","Action":{tagging},"Resource":"*"}}"#));
    assert_eq!(forms.each_ref().map(|form| one.call(form)), ["ok"; 2]);
}

/// A role is passed to the service that shall use it.
#[test]
fn a_service_gets_a_role_from_who_may_pass_it() {
    let mut one = Enforced::new();
    let trust = "%7B%22Statement%22%3A%7B%22Effect%22%3A%22Allow%22%2C%22Action%22%3A%22sts%3AAssumeRole%22%2C%22Principal%22%3A%22%2A%22%7D%7D";
    let role = format!("Version=2010-05-08&Action=CreateRole&RoleName=loader&AssumeRolePolicyDocument={trust}");
    one.cloud.ask(&role).unwrap();
    let add = format!(
        "Version=2014-10-31&Action=AddRoleToDBInstance&DBInstanceIdentifier=a&FeatureName=s3Import\
         &RoleArn=arn:aws:iam::{ACCOUNT}:role/loader"
    );
    one.policy(r#"{"Effect":"Allow","Action":"rds:*","Resource":"*"}"#);
    assert_eq!(one.call(&add), "AccessDenied");
    let pass = r#"{"Effect":"Allow","Action":"iam:PassRole","Resource":"*","Condition":{"StringEquals":{"iam:PassedToService":"rds.amazonaws.com"}}}"#;
    one.policy(&format!(r#"[{{"Effect":"Allow","Action":"rds:*","Resource":"*"}},{pass}]"#));
    assert_eq!(one.call(&add), "DBInstanceNotFound");
}

/// Whoever makes a load balancer with tags needs permission for AddTags, which may be limited to the action that makes it.
#[test]
fn tags_of_a_new_load_balancer_need_permission() {
    let mut one = Enforced::new();
    let create = "Action=CreateLoadBalancer&Version=2012-06-01&LoadBalancerName=web&AvailabilityZones.member.1=us-east-1a\
        &Listeners.member.1.Protocol=TCP&Listeners.member.1.LoadBalancerPort=80&Listeners.member.1.InstancePort=80";
    let tagged = format!("{create}&Tags.member.1.Key=team&Tags.member.1.Value=a");
    let allowed = r#"{"Effect":"Allow","Action":"elasticloadbalancing:CreateLoadBalancer","Resource":"*"}"#;
    one.policy(allowed);
    assert_eq!(one.call(&tagged), "AccessDenied");
    let tagging = |action: &str| {
        let condition = format!(r#"{{"StringEquals":{{"elasticloadbalancing:CreateAction":"{action}"}}}}"#);
        format!(
            r#"{{"Effect":"Allow","Action":"elasticloadbalancing:AddTags","Resource":"*","Condition":{condition}}}"#
        )
    };
    for (action, answer) in [("CreateTargetGroup", "AccessDenied"), ("CreateLoadBalancer", "ok")] {
        one.policy(&format!("[{allowed},{}]", tagging(action)));
        assert_eq!(one.call(&tagged), answer, "{action}");
    }
}
