//! Whoever sets tags on what a request makes must be allowed to tag it, too. EC2's own rule is in
//! `ec2_resources`.

use super::Asked;

/// The actions of IAM that make something with tags, and those that tag it.
const OF_IAM: [(&str, &str); 8] = [
    ("CreateInstanceProfile", "iam:TagInstanceProfile"),
    ("CreateOpenIDConnectProvider", "iam:TagOpenIDConnectProvider"),
    ("CreatePolicy", "iam:TagPolicy"),
    ("CreateRole", "iam:TagRole"),
    ("CreateSAMLProvider", "iam:TagSAMLProvider"),
    ("CreateUser", "iam:TagUser"),
    ("CreateVirtualMFADevice", "iam:TagMFADevice"),
    ("UploadServerCertificate", "iam:TagServerCertificate"),
];

/// The action that tags what a request makes, if it sets tags.
pub fn action(asked: &Asked<'_>) -> Option<&'static str> {
    let sets_tags = asked.params.sent().any(|(name, _)| name.starts_with("Tags.") && name.ends_with(".Key"));
    let makes = ["Create", "Copy", "Restore"].iter().any(|verb| asked.action.starts_with(verb));
    match asked.service {
        _ if !sets_tags => None,
        "elasticache" if makes => Some("elasticache:AddTagsToResource"),
        "elasticloadbalancing" if makes => Some("elasticloadbalancing:AddTags"),
        "iam" => OF_IAM.iter().find(|(action, _)| *action == asked.action).map(|(_, tagging)| *tagging),
        "ssm" if asked.action == "PutParameter" => Some("ssm:AddTagsToResource"),
        "rds" if makes => Some("rds:AddTagsToResource"),
        _ => None,
    }
}
