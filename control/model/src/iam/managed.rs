//! Managed policies that AWS makes for everybody, as far as people name them where networks are built.

use super::Policy;
use std::sync::LazyLock;

/// One of them.
#[derive(Debug)]
pub struct AwsManaged {
    /// Its ARN.
    pub arn: String,
    /// Its name.
    pub name: &'static str,
    /// What it says.
    pub policy: Policy,
}

/// Names, with the actions that each allows on everything.
const ALLOWED: [(&str, &[&str]); 10] = [
    ("AdministratorAccess", &["*"]),
    ("AmazonEC2FullAccess", &["ec2:*", "elasticloadbalancing:*", "cloudwatch:*", "autoscaling:*"]),
    (
        "AmazonEC2ReadOnlyAccess",
        &["ec2:Describe*", "ec2:Get*", "elasticloadbalancing:Describe*", "autoscaling:Describe*"],
    ),
    ("AmazonVPCFullAccess", VPC),
    ("AmazonVPCReadOnlyAccess", &["ec2:Describe*", "ec2:Get*", "ec2:SearchLocalGatewayRoutes"]),
    ("AmazonSSMManagedInstanceCore", &["ssm:UpdateInstanceInformation", "ssmmessages:*", "ec2messages:*"]),
    ("IAMFullAccess", &["iam:*", "organizations:Describe*", "organizations:List*"]),
    ("IAMReadOnlyAccess", &["iam:Generate*", "iam:Get*", "iam:List*", "iam:Simulate*"]),
    ("ReadOnlyAccess", &["ec2:Describe*", "ec2:Get*", "iam:Get*", "iam:List*", "sts:Get*"]),
    ("ViewOnlyAccess", &["ec2:Describe*", "iam:List*"]),
];

/// Not instances: what a network is made of.
const VPC: &[&str] = &[
    "ec2:*Vpc*",
    "ec2:*Subnet*",
    "ec2:*Route*",
    "ec2:*SecurityGroup*",
    "ec2:*NetworkAcl*",
    "ec2:*NetworkInterface*",
    "ec2:*Gateway*",
    "ec2:*Address*",
    "ec2:*DhcpOptions*",
    "ec2:*FlowLogs*",
    "ec2:*Vpn*",
    "ec2:*ClassicLink*",
    "ec2:*Tags",
    "ec2:Describe*",
];

static ALL: LazyLock<Vec<AwsManaged>> = LazyLock::new(|| {
    let document = |actions: &[&str]| {
        let statement = serde_json::json!({ "Effect": "Allow", "Action": actions, "Resource": "*" });
        serde_json::json!({ "Version": "2012-10-17", "Statement": [statement] }).to_string()
    };
    let one = |(name, actions): &(&'static str, &[&str])| {
        let policy = Policy::of_identity(&document(actions)).ok()?;
        Some(AwsManaged { arn: format!("arn:aws:iam::aws:policy/{name}"), name, policy })
    };
    ALLOWED.iter().filter_map(one).collect()
});

/// AWS's policy of that ARN; some stand below a path.
pub fn aws_managed(arn: &str) -> Option<&'static AwsManaged> {
    all().find(|one| one.arn == arn)
}

/// AWS's policy of that name.
pub(super) fn named(name: &str) -> Option<&'static AwsManaged> {
    all().find(|one| one.name == name)
}

/// All of them.
pub fn all() -> impl Iterator<Item = &'static AwsManaged> {
    ALL.iter()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_of_them_can_be_read() {
        assert_eq!(all().count(), ALLOWED.len());
    }
}
