//! Tags of all kinds of resources.

use super::{ALL, sent, trust};
use crate::api::tests::{Cloud, texts};

const TAG: &str = "Tags.member.1.Key=team&Tags.member.1.Value=net";

#[test]
fn every_kind_of_resource_is_tagged_and_untagged() {
    let mut cloud = Cloud::new();
    let (trusted, policy) = (trust(r#"{"AWS":"111122223333"}"#), sent(ALL));
    let document = "x".repeat(1000);
    for made in [
        "CreateUser&UserName=alice".to_owned(),
        format!("CreateRole&RoleName=web&AssumeRolePolicyDocument={trusted}"),
        format!("CreatePolicy&PolicyName=all&PolicyDocument={policy}"),
        "CreateInstanceProfile&InstanceProfileName=web".to_owned(),
        "CreateVirtualMFADevice&VirtualMFADeviceName=phone".to_owned(),
        "CreateOpenIDConnectProvider&Url=https://id.example".to_owned(),
        format!("CreateSAMLProvider&Name=corp&SAMLMetadataDocument={document}"),
    ] {
        cloud.iam(&made).unwrap();
    }
    let arn = |resource: &str| format!("arn:aws:iam::111122223333:{resource}");
    let kinds = [
        ("User", "UserName", "alice".to_owned()),
        ("Role", "RoleName", "web".to_owned()),
        ("Policy", "PolicyArn", arn("policy/all")),
        ("InstanceProfile", "InstanceProfileName", "web".to_owned()),
        ("MFADevice", "SerialNumber", arn("mfa/phone")),
        ("OpenIDConnectProvider", "OpenIDConnectProviderArn", arn("oidc-provider/id.example")),
        ("SAMLProvider", "SAMLProviderArn", arn("saml-provider/corp")),
    ];
    for (kind, parameter, name) in kinds {
        let named = format!("{parameter}={name}");
        cloud.iam(&format!("Tag{kind}&{named}&{TAG}")).unwrap();
        assert_eq!(texts(&cloud.iam(&format!("List{kind}Tags&{named}")).unwrap(), "Key"), ["team"], "{kind}");
        cloud.iam(&format!("Untag{kind}&{named}&TagKeys.member.1=team")).unwrap();
        let left = texts(&cloud.iam(&format!("List{kind}Tags&{named}")).unwrap(), "Key");
        assert!(left.is_empty(), "{kind}");
        assert_eq!(cloud.iam(&format!("Tag{kind}&{named}x&{TAG}")), Err("NoSuchEntity"), "{kind}");
    }
}

#[test]
fn a_provider_is_tagged_by_the_actions_of_its_kind() {
    let mut cloud = Cloud::new();
    cloud.iam("CreateOpenIDConnectProvider&Url=https://id.example").unwrap();
    let arn = "arn:aws:iam::111122223333:oidc-provider/id.example";
    assert_eq!(cloud.iam(&format!("TagSAMLProvider&SAMLProviderArn={arn}&{TAG}")), Err("NoSuchEntity"));
    assert_eq!(cloud.iam(&format!("ListSAMLProviderTags&SAMLProviderArn={arn}")), Err("NoSuchEntity"));
}

#[test]
fn policies_of_aws_have_one_version_and_no_tags() {
    let mut cloud = Cloud::new();
    let arn = "PolicyArn=arn:aws:iam::aws:policy/AmazonEC2ReadOnlyAccess";
    assert!(texts(&cloud.iam(&format!("ListPolicyTags&{arn}")).unwrap(), "Key").is_empty());
    assert_eq!(texts(&cloud.iam(&format!("ListPolicyVersions&{arn}")).unwrap(), "VersionId"), ["v1"]);
    assert!(cloud.iam(&format!("GetPolicyVersion&{arn}&VersionId=v1")).unwrap().contains("<Document>"));
    assert_eq!(cloud.iam(&format!("GetPolicyVersion&{arn}&VersionId=v2")), Err("NoSuchEntity"));
    assert!(cloud.iam(&format!("TagPolicy&{arn}&{TAG}")).is_err());
}
