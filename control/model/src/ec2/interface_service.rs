//! The services that have interface endpoints, and their names.

use crate::Region;

/// The services that have interface endpoints, in every Region.
const SERVICES: &[&str] = &[
    "autoscaling",
    "cloudformation",
    "cloudtrail",
    "config",
    "dynamodb",
    "ec2",
    "ec2messages",
    "ecr.api",
    "ecr.dkr",
    "ecs",
    "elasticache",
    "elasticloadbalancing",
    "events",
    "execute-api",
    "kinesis-firehose",
    "kinesis-streams",
    "kms",
    "lambda",
    "logs",
    "monitoring",
    "rds",
    "redshift",
    "s3",
    "secretsmanager",
    "sns",
    "sqs",
    "ssm",
    "ssmmessages",
    "sts",
];

/// Services whose DNS names differ from their service names.
const OTHERWISE: &[(&str, &str)] =
    &[("ecr.api", "api.ecr"), ("ecr.dkr", "dkr.ecr"), ("kinesis-firehose", "firehose"), ("kinesis-streams", "kinesis")];

/// The name of every service of a Region that has interface endpoints.
pub fn interface_services(region: &str) -> impl Iterator<Item = String> {
    SERVICES.iter().map(move |service| format!("com.amazonaws.{region}.{service}"))
}

/// The DNS name of a service: `sqs.us-east-1.amazonaws.com`, for example.
pub fn service_name(region: &str, service: &str) -> String {
    let short = short(region, service);
    let first = OTHERWISE.iter().find(|(service, _)| *service == short).map_or(short, |(_, name)| name);
    format!("{first}.{region}.{}", domain(region))
}

/// The private DNS name of one of Amazon's services. DynamoDB has none.
pub fn private_name(region: &str, service: &str) -> Option<String> {
    (short(region, service) != "dynamodb").then(|| service_name(region, service))
}

pub(super) fn short<'s>(region: &str, service: &'s str) -> &'s str {
    let before = [format!("com.amazonaws.vpce.{region}."), format!("com.amazonaws.{region}.")];
    before.iter().find_map(|before| service.strip_prefix(before)).unwrap_or(service)
}

pub(super) fn domain(region: &str) -> &'static str {
    Region::named(region).map_or("amazonaws.com", Region::domain)
}
