//! What is replaced or taken out, by the names of members, and what stays because it is the platform's.

use crate::import::health_checks::TAGS;
use crate::import::services::is_global;
use crate::import::zones::ZONE;
use model::{CLIENT_VPN_INTERFACE, IdKind, Region};
use serde_json::Value as Json;

/// What is replaced by a word and a number.
pub const NAMES: [(&str, &str); 63] = [
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
    ("logGroupName", "logs"),
    ("CloudwatchLogGroup", "logs"),
    ("CloudwatchLogStream", "logs"),
    // Of clients of a VPN; elsewhere it is an id.
    ("GroupId", "clients"),
    ("AccessGroupId", "clients"),
    ("LaunchTemplateName", "template"),
    ("PrefixListName", "list"),
    ("DBInstanceIdentifier", "db"),
    ("ReadReplicaSourceDBInstanceIdentifier", "db"),
    ("SourceDBInstanceIdentifier", "db"),
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
    ("MemberClusters", "cache"),
    ("ClusterName", "cache"),
    ("CacheSubnetGroupName", "cache-subnets"),
    ("CacheSecurityGroupName", "cache-group"),
    ("ClusterIdentifier", "cluster"),
    ("ClusterSubnetGroupName", "cluster-subnets"),
    ("ClusterSecurityGroupName", "cluster-group"),
    ("ReplicationGroupId", "replicas"),
    ("LoadBalancerName", "balancer"),
    ("LoadBalancerNames", "balancer"),
    ("PolicyName", "policy"),
    ("PolicyNames", "policy"),
    ("OtherPolicies", "policy"),
    ("ScheduledActionName", "action"),
    ("LifecycleHookName", "hook"),
    // Of what scaling policies watch.
    ("Namespace", "namespace"),
    ("MetricName", "metric"),
    ("Expression", "expression"),
    ("CookieName", "cookie"),
    // Of versions of parameters.
    ("Labels", "label"),
    // Of a load balancer's policy.
    ("AttributeValue", "value"),
    ("S3BucketName", "bucket"),
    ("S3BucketPrefix", "prefix"),
    // Of Spot Instance requests.
    ("LaunchGroup", "group"),
    ("AvailabilityZoneGroup", "group"),
    ("AutoScalingGroupName", "scaling"),
    ("LaunchConfigurationName", "configuration"),
    ("RequesterId", "requester"),
    ("DeviceName", "device"),
    // Of DHCP options in templates.
    ("DomainName", "domain"),
];
/// What is taken out: people's words, secrets, and what repeats addresses.
pub const TAKEN_OUT: [&str; 53] = [
    "Description",
    "VersionDescription",
    "GroupDescription",
    "PrivateDnsName",
    "Address",
    "DNSName",
    "CanonicalHostedZoneName",
    "ReaderEndpoint",
    "CustomEndpoints",
    "ReadReplicaIdentifiers",
    "ServiceLinkedRoleARN",
    "TrafficSources",
    "Alarms",
    "ResourceLabel",
    "Dimensions",
    "Label",
    "NotificationMetadata",
    "HostResourceGroupArn",
    "CapacityReservationResourceGroupArn",
    "DBSubnetGroupDescription",
    "DBSecurityGroupDescription",
    "CacheSubnetGroupDescription",
    "ReplicationGroupDescription",
    "OptionGroupDescription",
    "OptionSettings",
    "arn",
    "logGroupArn",
    "PtrRecord",
    "AllowedPattern",
    // Of load balancers. They look like tags.
    "AdditionalAttributes",
    "PublicDnsName",
    "MacAddress",
    "CustomerGatewayConfiguration",
    "PreSharedKey",
    "PreSharedKeyArn",
    "ImageLocation",
    "PublicKey",
    "PublicKeyMaterial",
    "KeyFingerprint",
    "SamlProviderArn",
    "SelfServiceSamlProviderArn",
    "SAMLProviderArn",
    "SelfServiceSAMLProviderArn",
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
/// The members of parameter groups in templates that have the parameters, each after the member with the family.
pub const PARAMETERS: [(&str, &str); 2] = [("Family", "Parameters"), ("CacheParameterGroupFamily", "Properties")];
/// What has a name in its member `Name`: the member by which it is recognised, and the word.
pub const NAMED: [(&str, &str); 3] =
    [("ImageId", "image"), ("InstanceEventWindowId", "window"), ("LastModifiedDate", "parameter")];
/// The list of the VPCs that see a hosted zone, beside the zone.
pub const VPCS_OF_ZONE: &str = "VPCs";
/// The descriptions by which an import finds the platform's own network interfaces.
const INTERFACES: [&str; 3] = ["RDSNetworkInterface", "RedshiftNetworkInterface", CLIENT_VPN_INTERFACE];
/// Those with a name or an id after them, and what has it.
const NAMED_INTERFACES: [(&str, &str); 7] = [
    ("ELB ", "balancer"),
    ("ElastiCache ", "cache"),
    ("Network Interface for Transit Gateway Attachment ", "attachment"),
    ("Interface for NAT Gateway ", "gateway"),
    ("VPC Endpoint Interface ", "endpoint"),
    ("EC2 Instance Connect Endpoint ", "endpoint"),
    ("Route Server Endpoint ", "endpoint"),
];
/// The greatest length of the numbers that a cache's nodes have after its name, `-0001-002`. Longer ones may be accounts.
const LONGEST_NUMBERS: usize = 9;

/// Whether a value describes identities or hosted zones, or makes one in a template. Little of them is left without names.
pub fn is_made_of_names(name: &str, value: &Json) -> bool {
    let kind = value.get("Type").and_then(Json::as_str).unwrap_or_default();
    let is_described = is_global(name) && value.is_array() || [ZONE, "HostedZones", TAGS].contains(&name);
    is_described || ["AWS::IAM::", "AWS::Route53::"].iter().any(|of| kind.starts_with(of))
}

/// Whether the value of a parameter says nothing of its owner: it is a number, a switch, or one of the values that the engine
/// allows.
pub fn is_plain_setting(value: &Json, allowed: &str) -> bool {
    match value {
        Json::Number(_) | Json::Bool(_) => true,
        Json::String(text) => text.parse::<f64>().is_ok() || allowed.split(',').any(|one| one.trim() == text),
        _ => false,
    }
}

/// Whether a name or a description is the platform's own and has a meaning.
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
        | "ParameterGroupName" => begins(&["default.", "default:"]),
        "GroupId" => value == "" || !value.is_string() || value.as_str().is_some_and(|text| IdKind::of(text).is_some()),
        "SecurityGroups" => value == "default" || !value.is_string() || begins(&["sg-"]),
        "PrefixListName" => begins(&["com.amazonaws."]),
        "Description" => {
            let is_named = |text: &str| described_interface(text).is_some();
            INTERFACES.iter().any(|own| value == own) || value.as_str().is_some_and(is_named)
        }
        "Namespace" => begins(&["AWS/"]),
        "RequesterId" => begins(&["amazon"]),
        "AttributeValue" => is_plain_setting(value, "true,false") || begins(&["ELBSecurityPolicy-"]),
        "PolicyName" | "PolicyNames" => begins(&["ELBSecurityPolicy-"]),
        "DeviceName" => value.as_str().is_some_and(is_block_device),
        "domain-name" | "DomainName" => {
            value == "AmazonProvidedDNS" || value.as_str().is_some_and(is_domain_of_platform)
        }
        _ => false,
    }
}

/// Whether a name is a block device's, `sda1` or `/dev/xvdba`. The devices of customer gateways have names, too.
fn is_block_device(name: &str) -> bool {
    let letters = ["sd", "xvd"].iter().find_map(|kind| name.strip_prefix(kind));
    name.starts_with("/dev/") || letters.is_some_and(|letters| letters.len() <= 2)
}

/// Whether a domain is that of a Region's instances. Others below `internal` are users' own.
fn is_domain_of_platform(domain: &str) -> bool {
    let region = domain.strip_suffix(".compute.internal");
    domain == "ec2.internal" || region.is_some_and(|region| Region::named(region).is_some())
}

/// The words in the description of one of the platform's own network interfaces, what it belongs to, and its name.
pub fn described_interface(text: &str) -> Option<(&'static str, &'static str, &str)> {
    let named = NAMED_INTERFACES.iter();
    let mut named = named.filter_map(|&(words, kind)| Some((words, kind, text.strip_prefix(words)?)));
    named.next().filter(|(.., name)| !name.is_empty() && !name.contains(' '))
}

/// A name, and the numbers after it that make the names of a cache's nodes: `NAME-001`, `NAME-0001-002`.
pub fn without_numbers(name: &str) -> (&str, &str) {
    let is_number = |letter: char| letter.is_ascii_digit() || letter == '-';
    let start = name.find("-0").filter(|start| {
        let numbers = &name[*start..];
        numbers.len() <= LONGEST_NUMBERS && numbers.chars().all(is_number)
    });
    name.split_at(start.unwrap_or(name.len()))
}
