//! What limits sessions: managed session policies, source identities, MFA, the time of their beginning.

use super::*;

const ROLE: &str = "RoleArn=arn:aws:iam::111122223333:role/r&RoleSessionName=me";

impl Cloud {
    /// Sends further requests with the credentials of a session.
    fn act_in(&mut self, session: &str) {
        self.account = first(session, "AccessKeyId").unwrap().leak();
    }
}

#[test]
fn managed_policies_limit_a_session_too() {
    let mut cloud = Cloud::new();
    cloud.in_role("r", "AdministratorAccess");
    let managed = |place: usize, name: &str| format!("&PolicyArns.member.{place}.arn=arn:aws:iam::aws:policy/{name}");
    let assume = |more: &str| format!("AssumeRole&{ROLE}{more}");
    let one = managed(1, "IAMReadOnlyAccess");
    let session = cloud.sts(&assume(&one)).unwrap();
    assert!(first(&session, "PackedPolicySize").is_some());
    let both = cloud.sts(&assume(&format!("{one}&Policy={}", sent(ALL)))).unwrap();
    assert_eq!(cloud.sts(&assume(&managed(1, "Nothing"))), Err("NoSuchEntity"));
    let eleven: String = (1..=11).map(|place| managed(place, "IAMReadOnlyAccess")).collect();
    assert_eq!(cloud.sts(&assume(&eleven)), Err("ValidationError"));
    cloud.act_in(&session);
    cloud.iam("ListUsers").unwrap();
    assert_eq!(cloud.ask("Action=DescribeVpcs"), Err("UnauthorizedOperation"));
    cloud.act_in(&both);
    cloud.iam("ListUsers").unwrap();
    cloud.ask("Action=DescribeVpcs").unwrap();
    cloud.account = "111122223333";
    let federated =
        cloud.sts(&format!("GetFederationToken&Name=bob{}", managed(1, "AmazonEC2ReadOnlyAccess"))).unwrap();
    cloud.act_in(&federated);
    cloud.ask("Action=DescribeVpcs").unwrap();
}

/// A session's source identity is that of all sessions that follow, and every role must accept it.
#[test]
fn a_source_identity_is_passed_on() {
    let mut cloud = Cloud::new();
    let document = sent(
        r#"{"Statement":{"Effect":"Allow","Action":["sts:AssumeRole","sts:SetSourceIdentity"],"Principal":{"AWS":"111122223333"}}}"#,
    );
    cloud.iam(&format!("CreateRole&RoleName=r&AssumeRolePolicyDocument={document}")).unwrap();
    let by_source = sent(
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:*","Resource":"*"},
            {"Effect":"Allow","Action":"ec2:*","Resource":"*","Condition":{"StringEquals":{"aws:SourceIdentity":"alice"}}}]}"#,
    );
    cloud.iam(&format!("PutRolePolicy&RoleName=r&PolicyName=p&PolicyDocument={by_source}")).unwrap();
    let session = cloud.sts(&format!("AssumeRole&{ROLE}&SourceIdentity=alice")).unwrap();
    assert_eq!(first(&session, "SourceIdentity").as_deref(), Some("alice"));
    cloud.act_in(&session);
    cloud.ask("Action=DescribeVpcs").unwrap();
    assert_eq!(cloud.sts(&format!("AssumeRole&{ROLE}&SourceIdentity=bob")), Err("AccessDenied"));
    let next = cloud.sts(&format!("AssumeRole&{ROLE}")).unwrap();
    cloud.act_in(&next);
    cloud.ask("Action=DescribeVpcs").unwrap();
    cloud.account = "111122223333";
    let trusting = trust(r#"{"AWS":"111122223333"}"#);
    cloud.iam(&format!("UpdateAssumeRolePolicy&RoleName=r&PolicyDocument={trusting}")).unwrap();
    assert_eq!(cloud.sts(&format!("AssumeRole&{ROLE}&SourceIdentity=alice")), Err("AccessDenied"));
    cloud.act_in(&next);
    assert_eq!(cloud.sts(&format!("AssumeRole&{ROLE}")), Err("AccessDenied"));
}

#[test]
fn a_policy_may_want_a_second_factor() {
    let mut cloud = Cloud::new();
    let alice = cloud.user("alice");
    let with_mfa = r#""Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"},"NumericLessThan":{"aws:MultiFactorAuthAge":"60"}}"#;
    let all = sent(&format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"*","Resource":"*",{with_mfa}}}}}"#
    ));
    cloud.iam(&format!("PutUserPolicy&UserName=alice&PolicyName=p&PolicyDocument={all}")).unwrap();
    let trusting = sent(&format!(
        r#"{{"Statement":{{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{{"AWS":"111122223333"}},{with_mfa}}}}}"#
    ));
    cloud.iam(&format!("CreateRole&RoleName=r&AssumeRolePolicyDocument={trusting}")).unwrap();
    let made = cloud.iam("CreateVirtualMFADevice&VirtualMFADeviceName=phone").unwrap();
    let serial = format!("SerialNumber={}", first(&made, "SerialNumber").unwrap());
    let shown = format!("{serial}&TokenCode=123456");
    cloud.account = alice;
    assert_eq!(cloud.sts(&format!("GetSessionToken&{shown}")), Err("AccessDenied"), "it is not hers");
    cloud.account = "111122223333";
    let codes = "AuthenticationCode1=123456&AuthenticationCode2=654321";
    cloud.iam(&format!("EnableMFADevice&UserName=alice&{serial}&{codes}")).unwrap();
    cloud.account = alice;
    for (more, code) in [
        (serial.as_str(), "AccessDenied"),
        ("TokenCode=123456", "AccessDenied"),
        (format!("{serial}&TokenCode=12345x").as_str(), "ValidationError"),
        (format!("{serial}&TokenCode=12345").as_str(), "ValidationError"),
        ("SerialNumber=her%20own%20phone&TokenCode=123456", "ValidationError"),
    ] {
        assert_eq!(cloud.sts(&format!("GetSessionToken&{more}")), Err(code), "{more}");
    }
    let [without, with] = ["", shown.as_str()].map(|more| cloud.sts(&format!("GetSessionToken&{more}")).unwrap());
    assert_eq!(cloud.ask("Action=DescribeVpcs"), Err("UnauthorizedOperation"));
    assert_eq!(cloud.sts(&format!("AssumeRole&{ROLE}")), Err("AccessDenied"));
    cloud.sts(&format!("AssumeRole&{ROLE}&{shown}")).unwrap();
    cloud.act_in(&without);
    assert_eq!(cloud.ask("Action=DescribeVpcs"), Err("UnauthorizedOperation"));
    cloud.act_in(&with);
    cloud.ask("Action=DescribeVpcs").unwrap();
    cloud.iam("ListUsers").unwrap();
    cloud.sts(&format!("AssumeRole&{ROLE}")).unwrap();
}

/// Sessions that began before a time are revoked so; long-term credentials have no such time.
#[test]
fn a_policy_may_deny_older_sessions() {
    let mut cloud = Cloud::new();
    let alice = cloud.user("alice");
    let policy = sent(
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny",
            "Action":"*","Resource":"*","Condition":{"DateLessThan":{"aws:TokenIssueTime":"2099-01-01T00:00:00Z"}}}]}"#,
    );
    cloud.iam(&format!("PutUserPolicy&UserName=alice&PolicyName=p&PolicyDocument={policy}")).unwrap();
    cloud.account = alice;
    cloud.ask("Action=DescribeVpcs").unwrap();
    let session = cloud.sts("GetSessionToken").unwrap();
    cloud.act_in(&session);
    assert_eq!(cloud.ask("Action=DescribeVpcs"), Err("UnauthorizedOperation"));
}

#[test]
fn a_session_is_given_fifty_tags_at_most() {
    let mut cloud = Cloud::new();
    let tags = |count: usize| -> String {
        (1..=count).map(|place| format!("&Tags.member.{place}.Key=k{place}&Tags.member.{place}.Value=v")).collect()
    };
    cloud.sts(&format!("GetFederationToken&Name=bob{}", tags(50))).unwrap();
    assert_eq!(cloud.sts(&format!("GetFederationToken&Name=bob{}", tags(51))), Err("ValidationError"));
}
