//! Roles that AWS's services make for themselves.

use super::{Error, Policy, Result, Role};

/// Where they are sorted in; nothing else is.
pub(super) const PATH: &str = "/aws-service-role/";

/// What services call theirs, where it is not the service's own name (IAM's guide, "AWS services that work with IAM").
const NAMES: [(&str, &str); 14] = [
    ("autoscaling", "AutoScaling"),
    ("custom-resource.application-autoscaling", "ApplicationAutoScaling_CustomResource"),
    ("ec2.application-autoscaling", "ApplicationAutoScaling_EC2SpotFleetRequest"),
    ("ecs", "ECS"),
    ("eks", "AmazonEKS"),
    ("elasticache", "ElastiCache"),
    ("elasticbeanstalk", "ElasticBeanstalk"),
    ("elasticloadbalancing", "ElasticLoadBalancing"),
    ("es", "AmazonElasticsearchService"),
    ("rds", "RDS"),
    ("redshift", "Redshift"),
    ("spot", "EC2Spot"),
    ("spotfleet", "EC2SpotFleet"),
    ("transitgateway", "VPCTransitGateway"),
];

/// What a service's role is made of: its name, its path, and the role itself.
///
/// # Errors
/// [`Error::BadValue`] if no service of AWS is called so.
pub fn service_linked_role(
    service: &str,
    description: Option<String>,
    suffix: Option<&str>,
) -> Result<(String, String, Role)> {
    let bare = service.strip_suffix(".amazonaws.com").filter(|bare| !bare.is_empty());
    let bare = bare.ok_or_else(|| Error::BadValue { field: "awsServiceName", value: service.to_owned() })?;
    let known = NAMES.iter().find(|(word, _)| *word == bare).map(|(_, name)| (*name).to_owned());
    let mut name = format!("AWSServiceRoleFor{}", known.unwrap_or_else(|| title(bare)));
    if let Some(suffix) = suffix {
        name = format!("{name}_{suffix}");
    }
    let trust = serde_json::json!({
        "Version": "2012-10-17",
        "Statement": [{ "Action": ["sts:AssumeRole"], "Effect": "Allow", "Principal": { "Service": [service] } }],
    });
    let role = Role { trust: Policy::of_trust(&trust.to_string())?, description, longest: Role::DEFAULT };
    Ok((name, format!("{PATH}{service}/"), role))
}

/// `some-thing` as `SomeThing`.
fn title(words: &str) -> String {
    let capital = |word: &str| {
        let (first, rest) = word.split_at(word.chars().next().map_or(0, char::len_utf8));
        format!("{}{rest}", first.to_uppercase())
    };
    words.split(['-', '.']).map(capital).collect()
}
