//! The service over its wire, and sessions of the token service.

mod account;
mod credential;
mod session;
mod session_limits;
mod tags;

use crate::api::tests::{Cloud, first, texts};
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

const IAM: &str = "Version=2010-05-08";
const STS: &str = "Version=2011-06-15";
const ALL: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"ec2:*","Resource":"*"}]}"#;

fn sent(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

fn trust(principal: &str) -> String {
    sent(&format!(r#"{{"Statement":{{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{principal}}}}}"#))
}

impl Cloud {
    fn iam(&mut self, action: &str) -> Result<String, &'static str> {
        self.ask(&format!("Action={action}&{IAM}"))
    }

    fn sts(&mut self, action: &str) -> Result<String, &'static str> {
        self.ask(&format!("Action={action}&{STS}"))
    }

    /// A role that its account trusts, with one of AWS's policies; the key of a session of it.
    fn in_role(&mut self, name: &str, policy: &str) -> &'static str {
        let trusted = trust(r#"{"AWS":"111122223333"}"#);
        self.iam(&format!("CreateRole&RoleName={name}&AssumeRolePolicyDocument={trusted}")).unwrap();
        self.iam(&format!("AttachRolePolicy&RoleName={name}&PolicyArn=arn:aws:iam::aws:policy/{policy}")).unwrap();
        let arn = format!("arn:aws:iam::111122223333:role/{name}");
        let session = self.sts(&format!("AssumeRole&RoleArn={arn}&RoleSessionName=me")).unwrap();
        first(&session, "AccessKeyId").unwrap().leak()
    }

    /// A user with a key; the key.
    fn user(&mut self, name: &str) -> &'static str {
        self.iam(&format!("CreateUser&UserName={name}")).unwrap();
        let key = self.iam(&format!("CreateAccessKey&UserName={name}")).unwrap();
        assert_eq!(first(&key, "SecretAccessKey").unwrap().len(), 40);
        first(&key, "AccessKeyId").unwrap().leak()
    }
}

#[test]
fn users_and_their_keys_come_and_go() {
    let mut cloud = Cloud::new();
    let made = cloud.iam("CreateUser&UserName=alice&Path=/ops/&Tags.member.1.Key=a&Tags.member.1.Value=").unwrap();
    assert!(
        made.contains("<CreateUserResult><User><Path>/ops/</Path><UserName>alice</UserName><UserId>AIDA"),
        "{made}"
    );
    assert_eq!(first(&made, "Arn").unwrap(), "arn:aws:iam::111122223333:user/ops/alice");
    assert_eq!(cloud.iam("CreateUser&UserName=Alice"), Err("EntityAlreadyExists"));
    assert_eq!(cloud.iam("GetUser&UserName=bob"), Err("NoSuchEntity"));
    assert_eq!(texts(&cloud.iam("ListUserTags&UserName=alice").unwrap(), "Key"), ["a"]);
    let key = first(&cloud.iam("CreateAccessKey&UserName=alice").unwrap(), "AccessKeyId").unwrap();
    assert!(key.starts_with("AKIA") && key.len() == 20, "{key}");
    cloud.iam("CreateAccessKey&UserName=alice").unwrap();
    assert_eq!(cloud.iam("CreateAccessKey&UserName=alice"), Err("LimitExceeded"));
    assert_eq!(texts(&cloud.iam("ListAccessKeys&UserName=alice").unwrap(), "AccessKeyId").len(), 2);
    assert_eq!(cloud.iam("DeleteUser&UserName=alice"), Err("DeleteConflict"));
    assert_eq!(cloud.iam("CreateTea"), Err("InvalidAction"));
    assert_eq!(cloud.iam("ListOrganizationsFeatures"), Err("OrganizationNotFoundException"));
}

#[test]
fn lists_have_pages() {
    let mut cloud = Cloud::new();
    for n in 0..5 {
        cloud.iam(&format!("CreateUser&UserName=user-{n}")).unwrap();
    }
    let page = cloud.iam("ListUsers&MaxItems=2").unwrap();
    assert_eq!(texts(&page, "UserName"), ["user-0", "user-1"]);
    assert_eq!(first(&page, "IsTruncated").unwrap(), "true");
    let next = cloud.iam(&format!("ListUsers&MaxItems=3&Marker={}", first(&page, "Marker").unwrap())).unwrap();
    assert_eq!(texts(&next, "UserName"), ["user-2", "user-3", "user-4"]);
    assert_eq!((first(&next, "IsTruncated").unwrap().as_str(), first(&next, "Marker")), ("false", None));
    assert_eq!(cloud.iam("ListUsers&Marker=x"), Err("ValidationError"));
    assert_eq!(cloud.iam("ListUsers&MaxItems=0"), Err("ValidationError"));
}

#[test]
fn policies_are_shown_as_they_were_put_and_refused_with_line_and_column() {
    let mut cloud = Cloud::new();
    cloud.iam("CreateUser&UserName=alice").unwrap();
    cloud.iam(&format!("PutUserPolicy&UserName=alice&PolicyName=own&PolicyDocument={}", sent(ALL))).unwrap();
    let shown = cloud.iam("GetUserPolicy&UserName=alice&PolicyName=own").unwrap();
    let shown = first(&shown, "PolicyDocument").unwrap();
    assert_eq!(percent_decode_str(&shown).decode_utf8().unwrap(), ALL);
    let bad = sent("{\"Statement\":\n  [{\"Effect\":\"Allow\"}]}");
    let put = format!("Action=PutUserPolicy&{IAM}&UserName=alice&PolicyName=own&PolicyDocument={bad}");
    let refusal = cloud.refusal(&put);
    assert_eq!(first(&refusal, "Code").unwrap(), "MalformedPolicyDocument");
    assert!(first(&refusal, "Message").unwrap().contains("line 2, column "), "{refusal}");
    let managed = format!("Action=CreatePolicy&{IAM}&PolicyName=bad&PolicyDocument={bad}");
    let words = "Policy document must be version 2012-10-17 or greater.";
    assert_eq!(first(&cloud.refusal(&managed), "Message").unwrap(), words);
    let made = cloud.iam(&format!("CreatePolicy&PolicyName=p&PolicyDocument={}", sent(ALL))).unwrap();
    let arn = first(&made, "Arn").unwrap();
    assert_eq!(arn, "arn:aws:iam::111122223333:policy/p");
    cloud.iam(&format!("AttachUserPolicy&UserName=alice&PolicyArn={arn}")).unwrap();
    assert_eq!(texts(&cloud.iam("ListAttachedUserPolicies&UserName=alice").unwrap(), "PolicyArn"), [arn.as_str()]);
    let entities = cloud.iam(&format!("ListEntitiesForPolicy&PolicyArn={arn}")).unwrap();
    assert_eq!(texts(&entities, "UserName"), ["alice"]);
    assert_eq!(texts(&cloud.iam("ListPolicies&Scope=Local&OnlyAttached=true").unwrap(), "AttachmentCount"), ["1"]);
    assert_eq!(cloud.iam(&format!("DeletePolicy&PolicyArn={arn}")), Err("DeleteConflict"));
    assert_eq!(cloud.iam("AttachUserPolicy&UserName=alice&PolicyArn=arn:aws:iam::aws:policy/Tea"), Err("NoSuchEntity"));
}

#[test]
fn a_role_is_assumed_by_whom_it_trusts_and_may_what_its_policies_say() {
    let mut cloud = Cloud::new();
    let alice = cloud.user("alice");
    let arn = "arn:aws:iam::111122223333:role/linker";
    let assume = format!("AssumeRole&RoleArn={arn}&RoleSessionName=me");
    assert_eq!(cloud.sts(&assume), Err("AccessDenied"), "there is no such role");
    let of_account = trust(r#"{"AWS":"111122223333"}"#);
    cloud.iam(&format!("CreateRole&RoleName=linker&AssumeRolePolicyDocument={of_account}")).unwrap();
    cloud.account = alice;
    assert_eq!(cloud.sts(&assume), Err("AccessDenied"), "her account is trusted, and she is allowed nothing");
    cloud.account = "111122223333";
    let named = trust(r#"{"AWS":"arn:aws:iam::111122223333:user/alice"}"#);
    cloud.iam(&format!("UpdateAssumeRolePolicy&RoleName=linker&PolicyDocument={named}")).unwrap();
    let read = sent(&ALL.replace("ec2:*", "ec2:Describe*"));
    cloud.iam(&format!("PutRolePolicy&RoleName=linker&PolicyName=own&PolicyDocument={read}")).unwrap();
    assert_eq!(cloud.sts(&assume), Err("AccessDenied"), "only she is trusted");
    cloud.account = alice;
    let session = cloud.sts(&assume).unwrap();
    assert_eq!(first(&session, "Arn").unwrap(), "arn:aws:sts::111122223333:assumed-role/linker/me");
    cloud.account = first(&session, "AccessKeyId").unwrap().leak();
    assert!(cloud.account.starts_with("ASIA"));
    let identity = cloud.sts("GetCallerIdentity").unwrap();
    assert_eq!(first(&identity, "Arn").unwrap(), "arn:aws:sts::111122223333:assumed-role/linker/me");
    assert!(first(&identity, "UserId").unwrap().ends_with(":me"));
    cloud.ask("Action=DescribeVpcs").unwrap();
    assert_eq!(cloud.ask("Action=CreateVpc&CidrBlock=10.0.0.0/16"), Err("UnauthorizedOperation"));
    cloud.now = cloud.now.after(std::time::Duration::from_secs(3601));
    assert_eq!(cloud.ask("Action=DescribeVpcs"), Err("RequestExpired"));
    assert_eq!(cloud.sts("GetCallerIdentity"), Err("ExpiredToken"));
}

/// A role has no keys. Without a name its session means nobody, least of all the account itself.
#[test]
fn a_session_of_a_role_names_the_user_whose_keys_it_means() {
    let mut cloud = Cloud::new();
    cloud.user("alice");
    let own = cloud.iam("CreateAccessKey").unwrap();
    let own = first(&own, "AccessKeyId").unwrap();
    cloud.account = cloud.in_role("keeper", "AdministratorAccess");
    for form in [
        "CreateAccessKey".to_owned(),
        "ListAccessKeys".to_owned(),
        format!("UpdateAccessKey&AccessKeyId={own}&Status=Inactive"),
        format!("DeleteAccessKey&AccessKeyId={own}"),
        "GetUser".to_owned(),
    ] {
        assert_eq!(cloud.iam(&form), Err("ValidationError"), "{form}");
    }
    assert_eq!(texts(&cloud.iam("ListAccessKeys&UserName=alice").unwrap(), "AccessKeyId").len(), 1);
    cloud.account = "111122223333";
    assert_eq!(texts(&cloud.iam("ListAccessKeys").unwrap(), "AccessKeyId"), [own]);
}

#[test]
fn a_session_may_less_than_its_role_and_external_ids_are_conditions() {
    let mut cloud = Cloud::new();
    let document = sent(
        r#"{"Statement":{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":"*"},
            "Condition":{"StringEquals":{"sts:ExternalId":"42"}}}}"#,
    );
    cloud.iam(&format!("CreateRole&RoleName=r&AssumeRolePolicyDocument={document}")).unwrap();
    cloud.iam("AttachRolePolicy&RoleName=r&PolicyArn=arn:aws:iam::aws:policy/AmazonEC2FullAccess").unwrap();
    let less = sent(&ALL.replace("ec2:*", "ec2:DescribeVpcs"));
    let assume = format!("AssumeRole&RoleArn=arn:aws:iam::111122223333:role/r&RoleSessionName=me&Policy={less}");
    cloud.account = "444455556666";
    assert_eq!(cloud.sts(&assume), Err("AccessDenied"));
    let session = cloud.sts(&format!("{assume}&ExternalId=42")).unwrap();
    assert_eq!(cloud.sts(&format!("{assume}&ExternalId=42&DurationSeconds=7200")), Err("ValidationError"));
    cloud.account = first(&session, "AccessKeyId").unwrap().leak();
    cloud.ask("Action=DescribeVpcs").unwrap();
    assert_eq!(cloud.ask("Action=DescribeSubnets"), Err("UnauthorizedOperation"));
    cloud.account = "444455556666";
    let long = assume.replace(&less, &sent(&ALL.replace("ec2:*", &format!("ec2:{}", "x".repeat(2048)))));
    assert_eq!(cloud.sts(&format!("{long}&ExternalId=42")), Err("ValidationError"));
}

/// Who trusts a role trusts its sessions as far as their own policies go; who trusts a session trusts it whole.
#[test]
fn a_sessions_policy_holds_where_it_assumes_a_role() {
    let mut cloud = Cloud::new();
    cloud.in_role("first", "AdministratorAccess");
    let arn = |role: &str| format!("arn:aws:iam::111122223333:role/{role}");
    let session = "arn:aws:sts::111122223333:assumed-role/first/me";
    for (name, trusted) in [("by-role", arn("first")), ("by-session", session.to_owned())] {
        let document = trust(&format!(r#"{{"AWS":"{trusted}"}}"#));
        cloud.iam(&format!("CreateRole&RoleName={name}&AssumeRolePolicyDocument={document}")).unwrap();
    }
    let assume = |role: &str| format!("AssumeRole&RoleArn={}&RoleSessionName=me", arn(role));
    let whole = cloud.sts(&assume("first")).unwrap();
    let less = cloud.sts(&format!("{}&Policy={}", assume("first"), sent(ALL))).unwrap();
    cloud.account = first(&less, "AccessKeyId").unwrap().leak();
    assert_eq!(cloud.sts(&assume("by-role")), Err("AccessDenied"));
    cloud.sts(&assume("by-session")).unwrap();
    let whole: &'static str = first(&whole, "AccessKeyId").unwrap().leak();
    cloud.account = whole;
    cloud.sts(&assume("by-role")).unwrap();
    // So it is with the role's boundary.
    cloud.account = "111122223333";
    let reads = "arn:aws:iam::aws:policy/AmazonVPCReadOnlyAccess";
    cloud.iam(&format!("PutRolePermissionsBoundary&RoleName=first&PermissionsBoundary={reads}")).unwrap();
    cloud.account = whole;
    assert_eq!(cloud.sts(&assume("by-role")), Err("AccessDenied"));
    cloud.sts(&assume("by-session")).unwrap();
}

#[test]
fn a_role_that_a_role_assumes_lasts_an_hour() {
    let mut cloud = Cloud::new();
    let session = cloud.in_role("first", "AdministratorAccess");
    let document = trust(r#"{"AWS":"111122223333"}"#);
    let create = format!("CreateRole&RoleName=long&MaxSessionDuration=43200&AssumeRolePolicyDocument={document}");
    cloud.iam(&create).unwrap();
    let assume = "AssumeRole&RoleArn=arn:aws:iam::111122223333:role/long&RoleSessionName=me&DurationSeconds=7200";
    cloud.sts(assume).unwrap();
    cloud.account = session;
    assert_eq!(cloud.sts(assume), Err("ValidationError"));
    cloud.sts(&assume.replace("7200", "3600")).unwrap();
}

#[test]
fn a_user_may_what_policies_of_iam_say_and_an_inactive_or_deleted_key_opens_nothing() {
    let mut cloud = Cloud::new();
    let alice = cloud.user("alice");
    let own = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"iam:GetUser",
        "Resource":"arn:aws:iam::*:user/${aws:username}"}}"#;
    cloud.iam(&format!("PutUserPolicy&UserName=alice&PolicyName=own&PolicyDocument={}", sent(own))).unwrap();
    cloud.user("bob");
    cloud.account = alice;
    assert_eq!(first(&cloud.iam("GetUser").unwrap(), "UserName").unwrap(), "alice");
    cloud.iam("GetUser&UserName=alice").unwrap();
    assert_eq!(cloud.iam("GetUser&UserName=bob"), Err("AccessDenied"));
    assert_eq!(cloud.iam("ListUsers"), Err("AccessDenied"));
    let token = cloud.sts("GetSessionToken").unwrap();
    cloud.account = "111122223333";
    cloud.iam(&format!("UpdateAccessKey&UserName=alice&AccessKeyId={alice}&Status=Inactive")).unwrap();
    cloud.account = alice;
    assert_eq!(cloud.sts("GetCallerIdentity"), Err("InvalidClientTokenId"));
    assert_eq!(cloud.ask("Action=DescribeVpcs"), Err("AuthFailure"));
    cloud.account = "111122223333";
    cloud.iam(&format!("DeleteAccessKey&UserName=alice&AccessKeyId={alice}")).unwrap();
    assert_eq!(cloud.iam(&format!("GetAccessKeyLastUsed&AccessKeyId={alice}")), Err("NoSuchEntity"));
    assert_eq!(texts(&cloud.iam("ListAccessKeys&UserName=alice").unwrap(), "AccessKeyId"), [""; 0]);
    cloud.account = alice;
    assert_eq!(cloud.sts("GetCallerIdentity"), Err("InvalidClientTokenId"), "a deleted key is no account's");
    cloud.account = first(&token, "AccessKeyId").unwrap().leak();
    assert_eq!(first(&cloud.sts("GetCallerIdentity").unwrap(), "Arn").unwrap(), "arn:aws:iam::111122223333:user/alice");
}

/// A session ends when it was said to, and begins no other one.
#[test]
fn a_session_gives_no_session() {
    let mut cloud = Cloud::new();
    let alice = cloud.user("alice");
    for key in [alice, "111122223333"] {
        cloud.account = key;
        let token = cloud.sts("GetSessionToken").unwrap();
        cloud.account = first(&token, "AccessKeyId").unwrap().leak();
        assert_eq!(cloud.sts("GetSessionToken"), Err("AccessDenied"), "{key}");
        cloud.sts("GetCallerIdentity").unwrap();
    }
}

#[test]
fn a_profile_gives_a_role_and_passing_it_needs_leave() {
    let mut cloud = Cloud::new();
    let alice = cloud.user("alice");
    cloud.iam("CreateInstanceProfile&InstanceProfileName=web").unwrap();
    let by_ec2 = trust(r#"{"Service":"ec2.amazonaws.com"}"#);
    cloud.iam(&format!("CreateRole&RoleName=web&AssumeRolePolicyDocument={by_ec2}")).unwrap();
    cloud.iam("AddRoleToInstanceProfile&InstanceProfileName=web&RoleName=web").unwrap();
    assert_eq!(cloud.iam("AddRoleToInstanceProfile&InstanceProfileName=web&RoleName=web"), Err("LimitExceeded"));
    assert_eq!(texts(&cloud.iam("GetInstanceProfile&InstanceProfileName=web").unwrap(), "RoleName"), ["web"]);
    assert_eq!(texts(&cloud.iam("ListInstanceProfilesForRole&RoleName=web").unwrap(), "InstanceProfileName"), ["web"]);
    assert_eq!(cloud.iam("DeleteRole&RoleName=web"), Err("DeleteConflict"));
    cloud.iam(&format!("PutUserPolicy&UserName=alice&PolicyName=own&PolicyDocument={}", sent(ALL))).unwrap();
    let run = "Action=RunInstances&ImageId=ami-1a2b3c4d&InstanceType=m1.small&MinCount=1&MaxCount=1&IamInstanceProfile.Name=web";
    cloud.account = alice;
    assert_eq!(cloud.ask(run), Err("UnauthorizedOperation"));
}

#[test]
fn simulation_says_what_evaluation_would() {
    let mut cloud = Cloud::new();
    cloud.iam("CreateUser&UserName=alice").unwrap();
    cloud.iam(&format!("PutUserPolicy&UserName=alice&PolicyName=own&PolicyDocument={}", sent(ALL))).unwrap();
    let ask = "SimulatePrincipalPolicy&PolicySourceArn=arn:aws:iam::111122223333:user/alice\
               &ActionNames.member.1=ec2:RunInstances&ActionNames.member.2=iam:GetUser";
    assert_eq!(texts(&cloud.iam(ask).unwrap(), "EvalDecision"), ["allowed", "implicitDeny"]);
    let many = |list: &str, n: usize| (1..=n).map(|n| format!("&{list}.member.{n}=a:b")).collect::<String>();
    let custom = format!("SimulateCustomPolicy&PolicyInputList.member.1={}", sent(ALL));
    let ask =
        |actions, resources| format!("{custom}{}{}", many("ActionNames", actions), many("ResourceArns", resources));
    assert_eq!(texts(&cloud.iam(&ask(40, 50)).unwrap(), "EvalDecision").len(), 100, "a page of two thousand");
    assert_eq!(cloud.iam(&ask(40, 51)), Err("InvalidInput"));
    let deny =
        sent(r#"{"Statement":{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"Bool":{"a:b":"true"}}}}"#);
    let custom = format!(
        "SimulateCustomPolicy&PolicyInputList.member.1={}&PolicyInputList.member.2={deny}&ActionNames.member.1=ec2:X",
        sent(ALL)
    );
    assert_eq!(texts(&cloud.iam(&custom).unwrap(), "EvalDecision"), ["allowed"]);
    let context = "ContextEntries.member.1.ContextKeyName=a:b&ContextEntries.member.1.ContextKeyType=boolean\
                   &ContextEntries.member.1.ContextKeyValues.member.1=true";
    assert_eq!(texts(&cloud.iam(&format!("{custom}&{context}")).unwrap(), "EvalDecision"), ["explicitDeny"]);
}
