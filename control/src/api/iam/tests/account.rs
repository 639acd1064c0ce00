//! What belongs to an account as a whole, and who vouches for identities from elsewhere.

use super::{ALL, sent};
use crate::api::tests::{Cloud, first, texts};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use model::iam::{Class, LastUse};

#[test]
fn an_account_has_one_alias() {
    let mut cloud = Cloud::new();
    cloud.iam("CreateAccountAlias&AccountAlias=shop").unwrap();
    assert_eq!(texts(&cloud.iam("ListAccountAliases").unwrap(), "member"), ["shop"]);
    assert_eq!(cloud.iam("CreateAccountAlias&AccountAlias=-shop"), Err("ValidationError"));
    cloud.account = "444455556666";
    assert_eq!(cloud.iam("CreateAccountAlias&AccountAlias=shop"), Err("EntityAlreadyExists"));
    assert_eq!(cloud.iam("DeleteAccountAlias&AccountAlias=shop"), Err("NoSuchEntity"));
    cloud.account = "111122223333";
    cloud.iam("DeleteAccountAlias&AccountAlias=shop").unwrap();
    assert!(texts(&cloud.iam("ListAccountAliases").unwrap(), "member").is_empty());
}

#[test]
fn a_password_policy_is_said_whole() {
    let mut cloud = Cloud::new();
    assert_eq!(cloud.iam("GetAccountPasswordPolicy"), Err("NoSuchEntity"));
    cloud.iam("UpdateAccountPasswordPolicy&MinimumPasswordLength=12&MaxPasswordAge=90&RequireSymbols=true").unwrap();
    let policy = cloud.iam("GetAccountPasswordPolicy").unwrap();
    assert_eq!(first(&policy, "ExpirePasswords").unwrap(), "true");
    cloud.iam("UpdateAccountPasswordPolicy").unwrap();
    let policy = cloud.iam("GetAccountPasswordPolicy").unwrap();
    assert_eq!(first(&policy, "MinimumPasswordLength").unwrap(), "6");
    assert_eq!((first(&policy, "MaxPasswordAge"), first(&policy, "RequireSymbols").as_deref()), (None, Some("false")));
    cloud.iam("DeleteAccountPasswordPolicy").unwrap();
    assert_eq!(cloud.iam("DeleteAccountPasswordPolicy"), Err("NoSuchEntity"));
}

#[test]
fn a_report_tells_of_everybodys_credentials() {
    let mut cloud = Cloud::new();
    cloud.user("alice");
    assert_eq!(cloud.iam("GetCredentialReport"), Err("ReportNotPresent"));
    assert_eq!(first(&cloud.iam("GenerateCredentialReport").unwrap(), "State").unwrap(), "STARTED");
    assert_eq!(first(&cloud.iam("GenerateCredentialReport").unwrap(), "State").unwrap(), "COMPLETE");
    let report = first(&cloud.iam("GetCredentialReport").unwrap(), "Content").unwrap();
    let report = String::from_utf8(STANDARD.decode(report).unwrap()).unwrap();
    let lines: Vec<Vec<&str>> = report.lines().map(|line| line.split(',').collect()).collect();
    assert!(lines.iter().all(|line| line.len() == lines[0].len()), "{report}");
    assert_eq!((lines[1][0], lines[2][0], lines[2][8]), ("<root_account>", "alice", "true"));
    assert_eq!(lines[2][18..], ["false", "N/A", "false", "N/A"]);

    let pem = sent("-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n");
    cloud.iam("CreateUser&UserName=a,b").unwrap();
    cloud.iam(&format!("UploadSigningCertificate&UserName=a,b&CertificateBody={pem}")).unwrap();
    let report = first(&cloud.iam("GetCredentialReport").unwrap(), "Content").unwrap();
    let report = String::from_utf8(STANDARD.decode(report).unwrap()).unwrap();
    let line = report.lines().find(|line| line.starts_with(r#""a,b","arn:aws:iam::111122223333:user/a,b","#)).unwrap();
    assert!(line.ends_with(",true,2015-01-07T12:00:00+00:00,false,N/A"), "{line}");
    cloud.now = cloud.now.after(std::time::Duration::from_secs(4 * 3600));
    assert_eq!(cloud.iam("GetCredentialReport"), Err("ReportExpired"));
}

#[test]
fn providers_of_open_id_connect_come_change_and_go() {
    let mut cloud = Cloud::new();
    let thumbprint = "a".repeat(40);
    let create = |url: &str| {
        let what = format!("Url={}&ClientIDList.member.1=sts&ThumbprintList.member.1={thumbprint}", sent(url));
        format!("CreateOpenIDConnectProvider&{what}&Tags.member.1.Key=a&Tags.member.1.Value=b")
    };
    assert_eq!(cloud.iam(&create("http://id.example")), Err("ValidationError"));
    let arn = first(&cloud.iam(&create("https://id.example/shop")).unwrap(), "OpenIDConnectProviderArn").unwrap();
    assert_eq!(arn, "arn:aws:iam::111122223333:oidc-provider/id.example/shop");
    assert_eq!(cloud.iam(&create("https://id.example/shop")), Err("EntityAlreadyExists"));
    let of = |action: &str| format!("{action}&OpenIDConnectProviderArn={arn}");
    cloud.iam(&format!("{}&ClientID=web", of("AddClientIDToOpenIDConnectProvider"))).unwrap();
    let short = format!("{}&ThumbprintList.member.1=abc", of("UpdateOpenIDConnectProviderThumbprint"));
    assert_eq!(cloud.iam(&short), Err("ValidationError"));
    let shown = cloud.iam(&of("GetOpenIDConnectProvider")).unwrap();
    assert_eq!(first(&shown, "Url").unwrap(), "id.example/shop");
    assert!(shown.contains("<member>sts</member><member>web</member>"), "{shown}");
    assert_eq!(texts(&cloud.iam(&of("ListOpenIDConnectProviderTags")).unwrap(), "Key"), ["a"]);
    assert_eq!(cloud.iam(&format!("DeleteSAMLProvider&SAMLProviderArn={arn}")), Err("NoSuchEntity"));
    for _ in 0..2 {
        cloud.iam(&of("DeleteOpenIDConnectProvider")).unwrap();
    }
    assert_eq!(cloud.iam(&of("GetOpenIDConnectProvider")), Err("NoSuchEntity"));
}

#[test]
fn providers_of_saml_keep_their_document() {
    let mut cloud = Cloud::new();
    let document = "x".repeat(1000);
    assert_eq!(cloud.iam("CreateSAMLProvider&Name=id&SAMLMetadataDocument=x"), Err("InvalidInput"));
    let made = cloud.iam(&format!("CreateSAMLProvider&Name=id&SAMLMetadataDocument={document}")).unwrap();
    let arn = first(&made, "SAMLProviderArn").unwrap();
    assert_eq!(texts(&cloud.iam("ListSAMLProviders").unwrap(), "Arn"), [arn.as_str()]);
    let shown = cloud.iam(&format!("GetSAMLProvider&SAMLProviderArn={arn}")).unwrap();
    assert_eq!(first(&shown, "SAMLMetadataDocument").unwrap(), document);
    for index in 1..100 {
        cloud.iam(&format!("CreateSAMLProvider&Name=id{index}&SAMLMetadataDocument={document}")).unwrap();
    }
    let one_more = format!("CreateSAMLProvider&Name=more&SAMLMetadataDocument={document}");
    assert_eq!(cloud.iam(&one_more), Err("LimitExceeded"));
    for index in 1..100 {
        cloud.iam(&format!("DeleteSAMLProvider&SAMLProviderArn={arn}{index}")).unwrap();
    }
    cloud.iam(&format!("DeleteSAMLProvider&SAMLProviderArn={arn}")).unwrap();
    assert!(texts(&cloud.iam("ListSAMLProviders").unwrap(), "Arn").is_empty());
}

#[test]
fn an_account_is_told_at_a_glance() {
    let mut cloud = Cloud::new();
    cloud.user("alice");
    cloud.in_role("r", "AmazonEC2ReadOnlyAccess");
    cloud.iam("CreateGroup&GroupName=g").unwrap();
    cloud.iam("AddUserToGroup&GroupName=g&UserName=alice").unwrap();
    cloud.iam(&format!("CreatePolicy&PolicyName=p&PolicyDocument={}", sent(super::ALL))).unwrap();
    cloud.iam("AttachUserPolicy&UserName=alice&PolicyArn=arn:aws:iam::111122223333:policy/p").unwrap();
    let summary = cloud.iam("GetAccountSummary").unwrap();
    let values: Vec<_> = texts(&summary, "key").into_iter().zip(texts(&summary, "value")).collect();
    for (key, value) in [("Users", "1"), ("Groups", "1"), ("Roles", "1"), ("Policies", "1"), ("UsersQuota", "5000")] {
        assert!(values.contains(&(key.to_owned(), value.to_owned())), "{key}: {summary}");
    }
    let details = cloud.iam("GetAccountAuthorizationDetails&Filter.member.1=User").unwrap();
    assert_eq!(
        (texts(&details, "UserName"), texts(&details, "PolicyName")),
        (vec!["alice".to_owned()], vec!["p".into()])
    );
    assert!(details.contains("<GroupList><member>g</member></GroupList>"), "{details}");
    assert_eq!(texts(&details, "RoleName"), Vec::<String>::new());
    let all = cloud.iam("GetAccountAuthorizationDetails&MaxItems=1000").unwrap();
    assert!(all.contains("<RoleName>r</RoleName>") && all.contains("policy/AdministratorAccess"), "{all}");
    assert_eq!(cloud.iam("GetAccountAuthorizationDetails&Filter.member.1=Tea"), Err("ValidationError"));
}

#[test]
fn tags_are_refused_in_iams_words() {
    let mut cloud = Cloud::new();
    let mut refused = |tags: &str| {
        let refusal = cloud.refusal(&format!("Action=CreateUser&{}&UserName=alice&{tags}", super::IAM));
        first(&refusal, "Message").unwrap().replace("&apos;", "'")
    };
    let tag = |n: usize, key: &str, value: &str| format!("Tags.member.{n}.Key={key}&Tags.member.{n}.Value={value}");
    let many: Vec<String> = (1..=51).map(|n| tag(n, &format!("k{n}"), "v")).collect();
    for (tags, words) in [
        (many.join("&"), "at 'tags' failed to satisfy constraint: Member must have length less than or equal to 50."),
        (
            tag(1, &"k".repeat(129), "v"),
            "at 'tags.1.member.key' failed to satisfy constraint: Member must have length less",
        ),
        (tag(1, "k", &"v".repeat(257)), "less than or equal to 256."),
        (tag(1, "k!", "v"), r"pattern: [\p{L}\p{Z}\p{N}_.:/=+\-@]+"),
    ] {
        assert!(refused(&tags).contains(words), "{}", refused(&tags));
    }
}

#[test]
fn listings_tell_less_than_what_they_list() {
    let mut cloud = Cloud::new();
    let tag = "Tags.member.1.Key=a&Tags.member.1.Value=b";
    cloud.iam(&format!("CreateUser&UserName=alice&{tag}")).unwrap();
    let policy = sent(super::ALL);
    let made = cloud.iam(&format!("CreatePolicy&PolicyName=p&Description=d&PolicyDocument={policy}&{tag}")).unwrap();
    assert!(made.contains("<Tags>") && !made.contains("<Description>"), "{made}");
    let policies = cloud.iam("ListPolicies&Scope=Local").unwrap();
    assert!(!cloud.iam("ListUsers").unwrap().contains("<Tags>"));
    assert!(!policies.contains("<Tags>") && !policies.contains("<Description>"), "{policies}");
    let one = cloud.iam("GetPolicy&PolicyArn=arn:aws:iam::111122223333:policy/p").unwrap();
    assert!(one.contains("<Tags>") && one.contains("<Description>d</Description>"), "{one}");
}

/// Whatever has tags refuses keys that no tag can have.
#[test]
fn keys_of_tags_are_checked_when_they_are_taken_away() {
    let mut cloud = Cloud::new();
    cloud.iam("CreateUser&UserName=alice&Tags.member.1.Key=team&Tags.member.1.Value=web").unwrap();
    let many: String = (1..=51).map(|n| format!("&TagKeys.member.{n}={n}")).collect();
    let long = format!("&TagKeys.member.1={}", "k".repeat(129));
    for keys in [many.as_str(), &long, "&TagKeys.member.1=no%21"] {
        assert_eq!(cloud.iam(&format!("UntagUser&UserName=alice{keys}")), Err("ValidationError"), "{keys}");
    }
    cloud.iam("UntagUser&UserName=alice&TagKeys.member.1=team&TagKeys.member.2=other").unwrap();
    assert!(!cloud.iam("GetUser&UserName=alice").unwrap().contains("<Tags>"));
}

/// A report has the services that an identity may use, and those that it has used have a date.
#[test]
fn last_accesses_are_reported_by_service() {
    let mut cloud = Cloud::new();
    let alice = cloud.user("alice");
    let policy = sent(&ALL.replace("ec2:*", "rds:Describe*"));
    cloud.iam(&format!("PutUserPolicy&UserName=alice&PolicyName=own&PolicyDocument={policy}")).unwrap();
    let arn = "arn:aws:iam::111122223333:user/alice";
    let job = cloud.iam(&format!("GenerateServiceLastAccessedDetails&Arn={arn}")).unwrap();
    let read = format!("GetServiceLastAccessedDetails&JobId={}", first(&job, "JobId").unwrap());
    let told = cloud.iam(&read).unwrap();
    assert_eq!(first(&told, "JobStatus").as_deref(), Some("COMPLETED"));
    assert_eq!(texts(&told, "ServiceNamespace"), ["rds"]);
    assert_eq!(first(&told, "LastAuthenticated"), None);
    let unique = cloud.model.identity("111122223333", Class::User, "alice").unwrap().named.unique_id.clone();
    cloud.model.note_uses([LastUse::new(&unique, "rds", "eu-west-1", cloud.now)]);
    cloud.model.take_changes();
    let told = cloud.iam(&read).unwrap();
    assert_eq!(first(&told, "LastAuthenticatedRegion").as_deref(), Some("eu-west-1"));
    assert_eq!(first(&told, "LastAuthenticatedEntity").as_deref(), Some(arn));
    let by_entity = read.replace("Details&", "DetailsWithEntities&") + "&ServiceNamespace=";
    let told = cloud.iam(&format!("{by_entity}rds")).unwrap();
    assert_eq!((texts(&told, "Arn"), texts(&told, "Type")), (vec![arn.to_owned()], vec!["USER".to_owned()]));
    assert!(told.contains("<LastAuthenticated>"));
    assert!(!cloud.iam(&format!("{by_entity}ec2")).unwrap().contains("<LastAuthenticated>"));
    assert_eq!(cloud.iam(&format!("GenerateServiceLastAccessedDetails&Arn={arn}s")), Err("NoSuchEntity"));
    assert_eq!(cloud.iam("GetServiceLastAccessedDetails&JobId=none"), Err("NoSuchEntity"));
    cloud.account = alice;
    assert_eq!(cloud.iam(&read), Err("AccessDenied"));
}

#[test]
fn policies_that_grant_a_service_are_those_of_the_user_and_of_its_groups() {
    let mut cloud = Cloud::new();
    cloud.user("alice");
    let policy = sent(&ALL.replace("ec2:*", "rds:Describe*"));
    cloud.iam(&format!("PutUserPolicy&UserName=alice&PolicyName=own&PolicyDocument={policy}")).unwrap();
    cloud.iam("CreateGroup&GroupName=team").unwrap();
    cloud.iam("AddUserToGroup&GroupName=team&UserName=alice").unwrap();
    let full = "arn:aws:iam::aws:policy/AdministratorAccess";
    cloud.iam(&format!("AttachGroupPolicy&GroupName=team&PolicyArn={full}")).unwrap();
    let mut granting = |service: &str| {
        let arn = "arn:aws:iam::111122223333:user/alice";
        let told =
            cloud.iam(&format!("ListPoliciesGrantingServiceAccess&Arn={arn}&ServiceNamespaces.member.1={service}"));
        texts(&told.unwrap(), "PolicyName")
    };
    assert_eq!(granting("rds"), ["own", "AdministratorAccess"]);
    assert_eq!(granting("iam"), ["AdministratorAccess"]);
    assert!(granting("s3").is_empty());
    let unknown =
        "ListPoliciesGrantingServiceAccess&Arn=arn:aws:iam::111122223333:user/bob&ServiceNamespaces.member.1=rds";
    assert_eq!(cloud.iam(unknown), Err("NoSuchEntity"));
    let mut times = |count: usize| {
        let named: String = (1..=count).map(|n| format!("&ServiceNamespaces.member.{n}=rds")).collect();
        let arn = "arn:aws:iam::111122223333:user/alice";
        cloud.iam(&format!("ListPoliciesGrantingServiceAccess&Arn={arn}{named}"))
    };
    assert_eq!(texts(&times(2).unwrap(), "PolicyName"), ["own", "AdministratorAccess", "own", "AdministratorAccess"]);
    assert_eq!(times(201), Err("ValidationError"));
}

#[test]
fn no_account_is_in_an_organization() {
    assert_eq!(Cloud::new().iam("ListOrganizationsFeatures"), Err("OrganizationNotFoundException"));
}

/// Users change their own passwords, if they have one.
#[test]
fn users_change_their_own_passwords() {
    let mut cloud = Cloud::new();
    let alice = cloud.user("alice");
    let policy = sent(&ALL.replace("ec2:*", "iam:ChangePassword"));
    cloud.iam(&format!("PutUserPolicy&UserName=alice&PolicyName=own&PolicyDocument={policy}")).unwrap();
    let change = "ChangePassword&OldPassword=one&NewPassword=two";
    assert_eq!(cloud.iam(change), Err("InvalidUserType"));
    cloud.account = alice;
    assert_eq!(cloud.iam(change), Err("NoSuchEntity"));
    cloud.account = "111122223333";
    cloud.iam("CreateLoginProfile&UserName=alice&Password=one&PasswordResetRequired=true").unwrap();
    cloud.account = alice;
    cloud.iam(change).unwrap();
    cloud.account = "111122223333";
    let login = cloud.iam("GetLoginProfile&UserName=alice").unwrap();
    assert_eq!(first(&login, "PasswordResetRequired").as_deref(), Some("false"));
}
