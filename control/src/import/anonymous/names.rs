//! What is replaced or taken out, by the names of members, and what stays because it is the platform's.

use crate::import::health_checks::TAGS;
use crate::import::services::is_global;
use crate::import::zones::ZONE;
use model::{CLIENT_VPN_INTERFACE, IdKind};
use serde_json::Value as Json;

/// What is replaced by a word and a number.
pub const NAMES: [(&str, &str); 60] = [
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
    ("ScheduledActionName", "action"),
    ("LifecycleHookName", "hook"),
    // Of what scaling policies watch.
    ("Namespace", "namespace"),
    ("MetricName", "metric"),
    ("Expression", "expression"),
    ("CookieName", "cookie"),
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
pub const TAKEN_OUT: [&str; 65] = [
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
    "Dimensions",
    "Label",
    "NotificationMetadata",
    "GroupArn",
    "PlacementGroupArn",
    "HostResourceGroupArn",
    "CapacityReservationResourceGroupArn",
    "MemberClusters",
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
/// Members with ARNs of what takes logs.
pub const DESTINATIONS: [&str; 3] = ["LogDestination", "LogGroupArn", "BgpLogGroupArn"];
/// Members with ARNs of users and roles.
pub const PRINCIPALS: [&str; 4] = ["Principal", "AllowedPrincipals", "RoleARN", "LastModifiedUser"];
/// Members with ARNs of what is notified.
pub const TOPICS: [&str; 3] = ["ConnectionNotificationArn", "SnsTopicArn", "NotificationTargetARN"];
/// What has a name in its member `Name`: the member by which it is recognised, and the word.
pub const NAMED: [(&str, &str); 3] =
    [("ImageId", "image"), ("InstanceEventWindowId", "window"), ("LastModifiedDate", "parameter")];
/// Members with ARNs of load balancers.
pub const BALANCERS: [&str; 3] = ["NetworkLoadBalancerArn", "NetworkLoadBalancerArns", "GatewayLoadBalancerArns"];
/// The descriptions by which an import finds the platform's own network interfaces.
const INTERFACES: [&str; 3] = ["RDSNetworkInterface", "RedshiftNetworkInterface", CLIENT_VPN_INTERFACE];

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
        "Description" => INTERFACES.iter().any(|own| value == own),
        "Namespace" => begins(&["AWS/"]),
        "RequesterId" => begins(&["amazon"]),
        "AttributeValue" => is_plain_setting(value, "true,false") || begins(&["ELBSecurityPolicy-"]),
        "DeviceName" => begins(&["/dev/", "sd", "xvd"]),
        "domain-name" | "DomainName" => {
            value == "AmazonProvidedDNS" || value.as_str().is_some_and(|text| text.ends_with(".internal"))
        }
        _ => false,
    }
}
