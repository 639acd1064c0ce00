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

/// Names with their paths, and the actions that each allows on everything.
const ALLOWED: [(&str, &[&str]); 52] = [
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
    ("job-function/ViewOnlyAccess", &["ec2:Describe*", "iam:List*"]),
    ("job-function/NetworkAdministrator", VPC),
    (
        "job-function/SystemAdministrator",
        &["ec2:*", "elasticloadbalancing:*", "autoscaling:*", "iam:Get*", "iam:List*"],
    ),
    ("SecurityAudit", &["ec2:Describe*", "iam:Get*", "iam:List*", "iam:Generate*", "rds:Describe*", "route53:Get*"]),
    ("IAMUserChangePassword", &["iam:ChangePassword", "iam:GetAccountPasswordPolicy"]),
    ("AWSSupportAccess", &["support:*"]),
    ("AutoScalingFullAccess", &["autoscaling:*", "ec2:Describe*", "elasticloadbalancing:Describe*", "cloudwatch:*"]),
    ("AutoScalingReadOnlyAccess", &["autoscaling:Describe*"]),
    ("ElasticLoadBalancingFullAccess", &["elasticloadbalancing:*", "ec2:Describe*"]),
    ("ElasticLoadBalancingReadOnly", &["elasticloadbalancing:Describe*", "ec2:Describe*"]),
    ("AmazonRoute53FullAccess", &["route53:*", "ec2:DescribeVpcs", "ec2:DescribeRegions"]),
    ("AmazonRoute53ReadOnlyAccess", &["route53:Get*", "route53:List*", "route53:TestDNSAnswer"]),
    ("AmazonRDSFullAccess", &["rds:*", "ec2:Describe*", "cloudwatch:*"]),
    ("AmazonRDSReadOnlyAccess", &["rds:Describe*", "rds:ListTagsForResource", "ec2:Describe*"]),
    ("AmazonRedshiftFullAccess", &["redshift:*", "ec2:Describe*"]),
    ("AmazonRedshiftReadOnlyAccess", &["redshift:Describe*", "ec2:Describe*"]),
    ("AmazonElastiCacheFullAccess", &["elasticache:*", "ec2:Describe*"]),
    ("AmazonElastiCacheReadOnlyAccess", &["elasticache:Describe*"]),
    ("AmazonS3FullAccess", &["s3:*", "s3-object-lambda:*"]),
    ("AmazonS3ReadOnlyAccess", &["s3:Get*", "s3:List*", "s3:Describe*"]),
    ("AmazonDynamoDBFullAccess", &["dynamodb:*"]),
    ("AmazonSQSFullAccess", &["sqs:*"]),
    ("AmazonSNSFullAccess", &["sns:*"]),
    ("AmazonSSMFullAccess", &["ssm:*", "ec2messages:*", "ssmmessages:*"]),
    ("AmazonSSMReadOnlyAccess", &["ssm:Describe*", "ssm:Get*", "ssm:List*"]),
    ("CloudWatchFullAccess", &["cloudwatch:*", "logs:*", "sns:*", "autoscaling:Describe*"]),
    ("CloudWatchAgentServerPolicy", &["cloudwatch:PutMetricData", "ec2:DescribeVolumes", "ec2:DescribeTags", "logs:*"]),
    ("CloudWatchLogsFullAccess", &["logs:*"]),
    ("AWSLambda_FullAccess", &["lambda:*", "ec2:Describe*", "logs:*"]),
    ("AmazonEC2ContainerRegistryReadOnly", &["ecr:Get*", "ecr:BatchGet*", "ecr:Describe*", "ecr:List*"]),
    ("AmazonEKSClusterPolicy", &["ec2:*", "elasticloadbalancing:*", "autoscaling:Describe*"]),
    ("AmazonEKSWorkerNodePolicy", &["ec2:Describe*", "eks:DescribeCluster"]),
    ("AmazonEKS_CNI_Policy", &["ec2:*NetworkInterface*", "ec2:*PrivateIpAddresses", "ec2:Describe*"]),
    ("service-role/AWSLambdaBasicExecutionRole", &["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"]),
    ("service-role/AWSLambdaVPCAccessExecutionRole", &["logs:*", "ec2:*NetworkInterface*"]),
    ("service-role/AmazonRDSEnhancedMonitoringRole", &["logs:*"]),
    ("service-role/AmazonECSTaskExecutionRolePolicy", &["ecr:Get*", "ecr:BatchGet*", "logs:*"]),
    (
        "ServiceQuotasReadOnlyAccess",
        &[
            "servicequotas:Get*",
            "servicequotas:List*",
            "autoscaling:DescribeAccountLimits",
            "elasticloadbalancing:DescribeAccountLimits",
            "iam:GetAccountSummary",
            "rds:DescribeAccountAttributes",
            "route53:GetAccountLimit",
        ],
    ),
    ("AWSXrayWriteOnlyAccess", &["xray:Put*", "xray:GetSampling*"]),
    (
        "SecretsManagerReadWrite",
        &["secretsmanager:*", "ec2:DescribeSecurityGroups", "ec2:DescribeSubnets", "ec2:DescribeVpcs"],
    ),
    (
        "service-role/AmazonEC2ContainerServiceRole",
        &["ec2:Describe*", "ec2:AuthorizeSecurityGroupIngress", "elasticloadbalancing:*"],
    ),
    ("service-role/AmazonEC2ContainerServiceforEC2Role", &["ec2:DescribeTags", "ecs:*", "ecr:Get*", "logs:*"]),
    ("service-role/AWSLambdaDynamoDBExecutionRole", &["dynamodb:*Stream*", "dynamodb:GetRecords", "logs:*"]),
];
/// What is allowed everything but some actions.
const ALLOWED_BUT: [(&str, &[&str]); 1] = [("PowerUserAccess", &["iam:*", "organizations:*", "account:*"])];
/// What is denied some actions on everything.
const DENIED: [(&str, &[&str]); 1] = [("AWSDenyAll", &["*"])];

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
    let one = |effect: &'static str, element: &'static str| {
        move |(whole, actions): &(&'static str, &[&str])| {
            let statement = serde_json::json!({ "Effect": effect, element: actions, "Resource": "*" });
            let document = serde_json::json!({ "Version": "2012-10-17", "Statement": [statement] }).to_string();
            let name = whole.rsplit('/').next().unwrap_or_default();
            let policy = Policy::of_identity(&document).ok()?;
            Some(AwsManaged { arn: format!("arn:aws:iam::aws:policy/{whole}"), name, policy })
        }
    };
    let allowed = ALLOWED.iter().filter_map(one("Allow", "Action"));
    let allowed_but = ALLOWED_BUT.iter().filter_map(one("Allow", "NotAction"));
    let denied = DENIED.iter().filter_map(one("Deny", "Action"));
    allowed.chain(allowed_but).chain(denied).collect()
});

impl AwsManaged {
    /// Where it is sorted in: `/`, or `/service-role/`.
    pub fn path(&self) -> &str {
        let whole = self.arn.split_once(":policy").map_or("/", |(_, whole)| whole);
        whole.strip_suffix(self.name).unwrap_or("/")
    }
}

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
        assert_eq!(all().count(), ALLOWED.len() + ALLOWED_BUT.len() + DENIED.len());
    }
}
