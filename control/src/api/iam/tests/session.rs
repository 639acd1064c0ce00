//! Sessions of the token service: who is in them, their tags, how long they last.

use super::*;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

/// Who is sent with a policy may what both say.
#[test]
fn somebody_elses_credentials_are_of_who_asked_and_a_policy() {
    let mut cloud = Cloud::new();
    let alice = cloud.user("alice");
    let may = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":["sts:*","ec2:DescribeVpcs","ec2:DescribeSubnets"],"Resource":"*"}}"#;
    cloud.iam(&format!("PutUserPolicy&UserName=alice&PolicyName=own&PolicyDocument={}", sent(may))).unwrap();
    let less = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":["ec2:DescribeVpcs","ec2:DescribeInstances"],"Resource":"*"}}"#;
    cloud.account = alice;
    let token = cloud.sts(&format!("GetFederationToken&Name=bob&Policy={}", sent(less))).unwrap();
    assert_eq!(first(&token, "Arn").unwrap(), "arn:aws:sts::111122223333:federated-user/bob");
    let without = cloud.sts("GetFederationToken&Name=bob").unwrap();
    let long = sent(&format!("{less}{}", " ".repeat(2048)));
    assert_eq!(cloud.sts(&format!("GetFederationToken&Name=bob&Policy={long}")), Err("ValidationError"));
    cloud.account = first(&token, "AccessKeyId").unwrap().leak();
    cloud.ask("Action=DescribeVpcs").unwrap();
    for action in ["DescribeInstances", "DescribeSubnets"] {
        assert_eq!(cloud.ask(&format!("Action={action}")), Err("UnauthorizedOperation"), "{action}");
    }
    assert_eq!(cloud.sts("GetFederationToken&Name=carol"), Err("AccessDenied"));
    cloud.account = first(&without, "AccessKeyId").unwrap().leak();
    assert_eq!(cloud.ask("Action=DescribeVpcs"), Err("UnauthorizedOperation"));
    cloud.account = "111122223333";
    let of_account =
        cloud.sts(&format!("GetFederationToken&Name=bob&DurationSeconds=7200&Policy={}", sent(less))).unwrap();
    assert_eq!(first(&of_account, "Expiration").unwrap(), "2015-01-07T13:00:00.000Z", "an hour at most");
    cloud.account = first(&of_account, "AccessKeyId").unwrap().leak();
    cloud.ask("Action=DescribeInstances").unwrap();
}

/// Only a role's session may call IAM, and each kind of session has its own part of STS.
#[test]
fn iam_and_sts_are_closed_to_sessions_of_users_and_of_federation() {
    let mut cloud = Cloud::new();
    let alice = cloud.user("alice");
    cloud.iam("AttachUserPolicy&UserName=alice&PolicyArn=arn:aws:iam::aws:policy/AdministratorAccess").unwrap();
    let in_role = cloud.in_role("r", "AdministratorAccess");
    let assume = "AssumeRole&RoleArn=arn:aws:iam::111122223333:role/r&RoleSessionName=me";
    let federated = format!("GetFederationToken&Name=bob&Policy={}", sent(ALL));
    for key in [alice, "111122223333"] {
        for (begin, assumes) in [("GetSessionToken", true), (federated.as_str(), false)] {
            cloud.account = key;
            cloud.account = first(&cloud.sts(begin).unwrap(), "AccessKeyId").unwrap().leak();
            cloud.ask("Action=DescribeVpcs").unwrap();
            cloud.sts("GetCallerIdentity").unwrap();
            assert_eq!(cloud.sts(assume).is_ok(), assumes, "{key} {begin}");
            for action in
                ["GetSessionToken", "GetFederationToken&Name=carol", "DecodeAuthorizationMessage&EncodedMessage=x"]
            {
                assert_eq!(cloud.sts(action), Err("AccessDenied"), "{key} {begin} {action}");
            }
            assert_eq!(cloud.iam("ListUsers"), Err("InvalidClientTokenId"), "{key} {begin}");
        }
    }
    cloud.account = in_role;
    cloud.iam("ListUsers").unwrap();
    assert_eq!(cloud.sts("GetSessionToken"), Err("AccessDenied"));
}

#[test]
fn lengths_and_names_of_sessions_are_refused_in_words() {
    let mut cloud = Cloud::new();
    cloud.in_role("r", "AdministratorAccess");
    let name = "s".repeat(65);
    for (rest, words) in [
        (format!("RoleSessionName={name}"), format!("Value '{name}' at 'roleSessionName' failed")),
        (
            "RoleSessionName=me&DurationSeconds=7200".to_owned(),
            "exceeds the MaxSessionDuration set for this role".into(),
        ),
        ("RoleSessionName=me&ExternalId=not%20one".to_owned(), "Value 'not one' at 'externalId' failed".to_owned()),
    ] {
        let refusal =
            cloud.refusal(&format!("Action=AssumeRole&{STS}&RoleArn=arn:aws:iam::111122223333:role/r&{rest}"));
        let message = first(&refusal, "Message").unwrap().replace("&apos;", "'");
        assert!(message.contains(&words), "{refusal}");
    }
}

#[test]
fn a_roles_arn_must_be_one() {
    let mut cloud = Cloud::new();
    for arn in ["nothing", "arn::b:::x/r", "arn:a::::x/r", "arn:a:::x/r", "arn:a:a::aaaa:"] {
        let refusal = cloud.refusal(&format!("Action=AssumeRole&{STS}&RoleArn={arn}&RoleSessionName=me"));
        assert_eq!(first(&refusal, "Message").unwrap(), format!("{arn} is invalid"));
    }
    let unknown = "AssumeRole&RoleArn=arn:aws:iam::111122223333:role/nobody&RoleSessionName=me";
    assert_eq!(cloud.sts(unknown), Err("AccessDenied"));
}

/// A tag that is passed on is of every session that follows, and none of them has another of that name.
#[test]
fn tags_of_sessions_are_passed_on_and_compared() {
    let mut cloud = Cloud::new();
    let document = sent(
        r#"{"Statement":{"Effect":"Allow","Action":["sts:AssumeRole","sts:TagSession"],"Principal":{"AWS":"111122223333"}}}"#,
    );
    let by_team = sent(
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:*","Resource":"*"},
            {"Effect":"Allow","Action":"iam:ListUsers","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalTag/team":"net"}}}]}"#,
    );
    for name in ["one", "two"] {
        cloud.iam(&format!("CreateRole&RoleName={name}&AssumeRolePolicyDocument={document}")).unwrap();
        cloud.iam(&format!("PutRolePolicy&RoleName={name}&PolicyName=p&PolicyDocument={by_team}")).unwrap();
    }
    let assume = |role: &str, tags: &[(&str, &str)], transitive: &str| {
        let one = |(place, (key, value)): (usize, &(&str, &str))| {
            format!("&Tags.member.{0}.Key={key}&Tags.member.{0}.Value={value}", place + 1)
        };
        let tags: String = tags.iter().enumerate().map(one).collect();
        let transitive =
            if transitive.is_empty() { String::new() } else { format!("&TransitiveTagKeys.member.1={transitive}") };
        format!("AssumeRole&RoleArn=arn:aws:iam::111122223333:role/{role}&RoleSessionName=me{tags}{transitive}")
    };
    assert_eq!(cloud.sts(&assume("one", &[("team", "net"), ("Team", "net")], "")), Err("InvalidParameterValue"));
    assert_eq!(cloud.sts(&assume("one", &[("team", "net")], "stage")), Err("InvalidParameterValue"));
    let session = cloud.sts(&assume("one", &[("team", "net")], "team")).unwrap();
    cloud.account = first(&session, "AccessKeyId").unwrap().leak();
    cloud.iam("ListUsers").unwrap();
    assert_eq!(cloud.sts(&assume("two", &[("TEAM", "web")], "")), Err("InvalidParameterValue"));
    let session = cloud.sts(&assume("two", &[("stage", "test")], "")).unwrap();
    cloud.account = first(&session, "AccessKeyId").unwrap().leak();
    cloud.iam("ListUsers").unwrap();
    cloud.account = "111122223333";
    let session = cloud.sts(&assume("two", &[("team", "web")], "")).unwrap();
    cloud.account = first(&session, "AccessKeyId").unwrap().leak();
    assert_eq!(cloud.iam("ListUsers"), Err("AccessDenied"));
    cloud.account = "111122223333";
    cloud.iam("TagRole&RoleName=two&Tags.member.1.Key=Team&Tags.member.1.Value=net").unwrap();
    cloud.account = first(&session, "AccessKeyId").unwrap().leak();
    assert_eq!(cloud.iam("ListUsers"), Err("AccessDenied"), "the session's tag hides the role's");
    cloud.account = "111122223333";
    let trusting = trust(r#"{"AWS":"111122223333"}"#);
    cloud.iam(&format!("UpdateAssumeRolePolicy&RoleName=one&PolicyDocument={trusting}")).unwrap();
    assert_eq!(cloud.sts(&assume("one", &[("team", "net")], "")), Err("AccessDenied"), "tags need leave");
}

/// A role trusts whom its provider speaks of, as far as its conditions say.
#[test]
fn a_provider_vouches_for_who_comes_with_its_token() {
    let mut cloud = Cloud::new();
    let provider = "Url=https://id.example/shop&ClientIDList.member.1=app";
    cloud.iam(&format!("CreateOpenIDConnectProvider&{provider}")).unwrap();
    let document = sent(
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sts:AssumeRoleWithWebIdentity",
            "Principal":{"Federated":"arn:aws:iam::111122223333:oidc-provider/id.example/shop"},
            "Condition":{"StringEquals":{"id.example/shop:sub":"alice"}}}}"#,
    );
    cloud.iam(&format!("CreateRole&RoleName=web&AssumeRolePolicyDocument={document}")).unwrap();
    let token = |claims: &str| format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(claims));
    let assume = |token: &str| {
        let role = "RoleArn=arn:aws:iam::111122223333:role/web&RoleSessionName=me";
        format!("AssumeRoleWithWebIdentity&{role}&WebIdentityToken={token}")
    };
    let session = cloud.sts(&assume(&token(r#"{"iss":"https://id.example/shop","sub":"alice","aud":"app"}"#))).unwrap();
    assert_eq!(first(&session, "SubjectFromWebIdentityToken").unwrap(), "alice");
    for (claims, code) in [
        (r#"{"iss":"https://id.example/shop","sub":"bob","aud":"app"}"#, "AccessDenied"),
        (r#"{"iss":"https://id.example/shop","sub":"alice","aud":"tea"}"#, "InvalidIdentityToken"),
        (r#"{"iss":"https://tea.example","sub":"alice","aud":"app"}"#, "InvalidIdentityToken"),
        (r#"{"iss":"https://id.example/shop","sub":"alice","aud":"app","exp":1}"#, "ExpiredTokenException"),
        ("tea", "InvalidIdentityToken"),
    ] {
        assert_eq!(cloud.sts(&assume(&token(claims))), Err(code), "{claims}");
    }
    cloud.account = first(&session, "AccessKeyId").unwrap().leak();
    let arn = first(&cloud.sts("GetCallerIdentity").unwrap(), "Arn").unwrap();
    assert_eq!(arn, "arn:aws:sts::111122223333:assumed-role/web/me");
}

#[test]
fn an_assertion_names_the_role_and_the_session() {
    let mut cloud = Cloud::new();
    let metadata = sent(&format!("<EntityDescriptor>{}</EntityDescriptor>", "x".repeat(1000)));
    cloud.iam(&format!("CreateSAMLProvider&Name=shop&SAMLMetadataDocument={metadata}")).unwrap();
    let provider = "arn:aws:iam::111122223333:saml-provider/shop";
    let document = sent(&format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"sts:AssumeRoleWithSAML",
            "Principal":{{"Federated":"{provider}"}},"Condition":{{"StringEquals":{{"saml:sub":"alice"}}}}}}}}"#
    ));
    cloud.iam(&format!("CreateRole&RoleName=web&AssumeRolePolicyDocument={document}")).unwrap();
    let role = "arn:aws:iam::111122223333:role/web";
    let assume = |subject: &str, named: &str| {
        let attribute = |name: &str, value: &str| {
            format!(
                r#"<Attribute Name="https://aws.amazon.com/SAML/Attributes/{name}"><AttributeValue>{value}</AttributeValue></Attribute>"#
            )
        };
        let assertion = format!(
            r#"<p:Response xmlns:p="p"><Assertion><Issuer>https://id.example</Issuer><Subject><NameID Format="a:persistent">{subject}</NameID></Subject>{}{}</Assertion></p:Response>"#,
            attribute("RoleSessionName", "me"),
            attribute("Role", &format!("{provider},{named}")),
        );
        let encoded = sent(&STANDARD.encode(assertion));
        format!("AssumeRoleWithSAML&RoleArn={role}&PrincipalArn={provider}&SAMLAssertion={encoded}")
    };
    let session = cloud.sts(&assume("alice", role)).unwrap();
    assert_eq!(first(&session, "Arn").unwrap(), "arn:aws:sts::111122223333:assumed-role/web/me");
    assert_eq!(
        (first(&session, "Issuer").unwrap(), first(&session, "SubjectType").unwrap()),
        ("https://id.example".into(), "persistent".into())
    );
    assert_eq!(cloud.sts(&assume("bob", role)), Err("AccessDenied"));
    assert_eq!(cloud.sts(&assume("alice", "arn:aws:iam::111122223333:role/other")), Err("AccessDenied"));
    let broken = format!("AssumeRoleWithSAML&RoleArn={role}&PrincipalArn={provider}&SAMLAssertion=tea");
    assert_eq!(cloud.sts(&broken), Err("InvalidIdentityToken"));
}

/// Where any key will do, a key tells its account as requests with it do.
#[test]
fn a_keys_account_is_told() {
    let mut cloud = Cloud::new();
    let alice = cloud.user("alice");
    for (key, account) in
        [(alice, "111122223333"), ("AKIAIOSFODNN7EXAMPLE", "111122223333"), ("444455556666", "444455556666")]
    {
        let told = cloud.sts(&format!("GetAccessKeyInfo&AccessKeyId={key}")).unwrap();
        assert_eq!(first(&told, "Account").as_deref(), Some(account), "{key}");
    }
}

/// An account has the same users and roles in every partition, under ARNs of the partition.
#[test]
fn arns_are_of_the_partition_of_the_region() {
    let mut cloud = Cloud::new();
    let alice = cloud.user("alice");
    cloud.region = "cn-north-1";
    let shown = cloud.iam("GetUser&UserName=alice").unwrap();
    assert_eq!(first(&shown, "Arn").as_deref(), Some("arn:aws-cn:iam::111122223333:user/alice"));
    let managed = "arn:aws-cn:iam::aws:policy/AmazonEC2ReadOnlyAccess";
    cloud.iam(&format!("AttachUserPolicy&UserName=alice&PolicyArn={managed}")).unwrap();
    let attached = cloud.iam("ListAttachedUserPolicies&UserName=alice").unwrap();
    assert_eq!(first(&attached, "PolicyArn").as_deref(), Some(managed));
    let trusted = trust(r#"{"AWS":"arn:aws-cn:iam::111122223333:user/alice"}"#);
    cloud.iam(&format!("CreateRole&RoleName=r&AssumeRolePolicyDocument={trusted}")).unwrap();
    let policy = sent(
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"sts:AssumeRole","Resource":"arn:aws-cn:iam::*:role/s"}}"#,
    );
    cloud.iam(&format!("PutUserPolicy&UserName=alice&PolicyName=own&PolicyDocument={policy}")).unwrap();
    cloud.iam(&format!("CreateRole&RoleName=s&AssumeRolePolicyDocument={trusted}")).unwrap();
    cloud.account = alice;
    let assume = |name: &str| format!("AssumeRole&RoleArn=arn:aws-cn:iam::111122223333:role/{name}&RoleSessionName=me");
    let session = cloud.sts(&assume("r")).unwrap();
    assert_eq!(first(&session, "Arn").as_deref(), Some("arn:aws-cn:sts::111122223333:assumed-role/r/me"));
    assert_eq!(cloud.sts(&assume("s")), Err("AccessDenied"));
}
