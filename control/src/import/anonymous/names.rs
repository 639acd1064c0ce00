//! What is replaced or taken out, by the names of members, and what stays because it is the platform's.

use crate::import::health_checks::TAGS;
use crate::import::services::is_global;
use crate::import::zones::ZONE;
use serde_json::Value as Json;

/// What is replaced by a word and a number.
pub const NAMES: [(&str, &str); 47] = [
    // Of security groups, and of placement groups.
    ("GroupName", "group"),
    ("PlacementGroup", "group"),
    ("PlacementGroupName", "group"),
    ("EC2SecurityGroupName", "group"),
    // Only in EC2-Classic; elsewhere they are ids or objects.
    ("SecurityGroups", "group"),
    ("KeyName", "key"),
    ("KmsKeyId", "key"),
    ("LogGroupName", "logs"),
    ("CloudwatchLogGroup", "logs"),
    ("CloudwatchLogStream", "logs"),
    // Of clients of a VPN; elsewhere it is an id.
    ("GroupId", "clients"),
    ("LaunchTemplateName", "template"),
    ("PrefixListName", "list"),
    ("DBInstanceIdentifier", "db"),
    ("ReadReplicaSourceDBInstanceIdentifier", "db"),
    ("DBClusterIdentifier", "db-cluster"),
    ("Endpoint", "endpoint"),
    ("DBSubnetGroup", "db-subnets"),
    ("DBClusterParameterGroup", "db-parameters"),
    ("DBParameterGroupName", "db-parameters"),
    ("DBClusterParameterGroupName", "db-parameters"),
    ("OptionGroupName", "options"),
    ("CacheParameterGroupName", "cache-parameters"),
    ("ParameterGroupName", "cluster-parameters"),
    ("DBSubnetGroupName", "db-subnets"),
    ("DBSecurityGroupName", "db-group"),
    ("DBName", "database"),
    ("DatabaseName", "database"),
    ("MasterUsername", "user"),
    ("CacheClusterId", "cache"),
    ("CacheSubnetGroupName", "cache-subnets"),
    ("CacheSecurityGroupName", "cache-group"),
    ("ClusterIdentifier", "cluster"),
    ("ClusterSubnetGroupName", "cluster-subnets"),
    ("ClusterSecurityGroupName", "cluster-group"),
    ("ReplicationGroupId", "replicas"),
    ("LoadBalancerName", "balancer"),
    ("LoadBalancerNames", "balancer"),
    ("PolicyName", "policy"),
    ("ScheduledActionName", "action"),
    ("PolicyNames", "policy"),
    ("CookieName", "cookie"),
    ("AutoScalingGroupName", "scaling"),
    ("LaunchConfigurationName", "configuration"),
    ("RequesterId", "requester"),
    ("DeviceName", "device"),
    // Of DHCP options in templates.
    ("DomainName", "domain"),
];
/// What is taken out: people's words, secrets, and what repeats addresses.
pub const TAKEN_OUT: [&str; 48] = [
    "Description",
    "VersionDescription",
    "GroupDescription",
    "PrivateDnsName",
    "Address",
    "DNSName",
    "CanonicalHostedZoneName",
    "DBInstanceArn",
    "DBClusterArn",
    "DBParameterGroupArn",
    "DBClusterParameterGroupArn",
    "ReaderEndpoint",
    "CustomEndpoints",
    "ReadReplicaIdentifiers",
    "ARN",
    "AutoScalingGroupARN",
    "LaunchConfigurationARN",
    "ServiceLinkedRoleARN",
    "TrafficSources",
    "PolicyARN",
    "ScheduledActionARN",
    "Alarms",
    "ResourceLabel",
    "MemberClusters",
    "DBSubnetGroupDescription",
    "DBSecurityGroupDescription",
    "CacheSubnetGroupDescription",
    "ReplicationGroupDescription",
    "PublicDnsName",
    "MacAddress",
    "CustomerGatewayConfiguration",
    "PreSharedKey",
    "PreSharedKeyArn",
    "ImageLocation",
    "PublicKey",
    "KeyFingerprint",
    "SamlProviderArn",
    "SelfServiceSamlProviderArn",
    "LambdaFunctionArn",
    "BannerText",
    "PrivateDnsNameConfiguration",
    "BaseEndpointDnsNames",
    "UserData",
    "IamInstanceProfile",
    "DeliverLogsPermissionArn",
    "DeliverCrossAccountRole",
    "ClientToken",
    "PolicyDocument",
];
/// Members with ARNs of load balancers.
pub const BALANCERS: [&str; 3] = ["NetworkLoadBalancerArn", "NetworkLoadBalancerArns", "GatewayLoadBalancerArns"];
/// Whether a value describes identities or hosted zones, or makes one in a template. Little of them is left without names.
pub fn is_made_of_names(name: &str, value: &Json) -> bool {
    let kind = value.get("Type").and_then(Json::as_str).unwrap_or_default();
    let is_described = is_global(name) && value.is_array() || [ZONE, "HostedZones", TAGS].contains(&name);
    is_described || ["AWS::IAM::", "AWS::Route53::"].iter().any(|of| kind.starts_with(of))
}

/// Whether a name is the platform's own and has a meaning.
pub fn is_of_platform(name: &str, value: &Json) -> bool {
    let begins = |words: &[&str]| value.as_str().is_some_and(|text| words.iter().any(|word| text.starts_with(word)));
    match name {
        "GroupName"
        | "DBSubnetGroup"
        | "DBSubnetGroupName"
        | "DBSecurityGroupName"
        | "CacheSubnetGroupName"
        | "CacheSecurityGroupName"
        | "ClusterSubnetGroupName"
        | "ClusterSecurityGroupName" => value == "default",
        "DBClusterParameterGroup"
        | "DBParameterGroupName"
        | "DBClusterParameterGroupName"
        | "OptionGroupName"
        | "CacheParameterGroupName"
        | "ParameterGroupName" => begins(&["default"]),
        "GroupId" => value == "" || !value.is_string() || begins(&["sg-", "pg-"]),
        "SecurityGroups" => value == "default" || !value.is_string() || begins(&["sg-"]),
        "PrefixListName" => begins(&["com.amazonaws."]),
        "RequesterId" => begins(&["amazon"]),
        "DeviceName" => begins(&["/dev/", "sd", "xvd"]),
        "domain-name" | "DomainName" => {
            value == "AmazonProvidedDNS" || value.as_str().is_some_and(|text| text.ends_with(".internal"))
        }
        _ => false,
    }
}
