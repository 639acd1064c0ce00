//! The values of GetAtt.

use model::iam::Class;
use model::services::Thing;
use model::{IdKind, Ipv6Block, Model, Scope};
use serde_json::Value as Json;

/// An attribute of a resource that exists.
pub fn attribute_of(model: &Model, id: &str, attribute: &str) -> Option<Json> {
    let list = list_of(model, id, attribute).map(Json::from);
    list.or_else(|| text_of(model, id, attribute).map(Json::from))
}

/// An attribute of a key pair or of what a service has, by its type and its name.
pub fn attribute_of_service(model: &Model, scope: &Scope, kind: &str, name: &str, attribute: &str) -> Option<Json> {
    let thing = match kind {
        "AWS::RDS::DBInstance" => Thing::DbInstance,
        "AWS::RDS::DBCluster" => Thing::DbCluster,
        "AWS::ElastiCache::CacheCluster" => Thing::CacheCluster,
        "AWS::ElastiCache::ReplicationGroup" => Thing::ReplicationGroup,
        "AWS::Redshift::Cluster" => Thing::Cluster,
        "AWS::ElasticLoadBalancing::LoadBalancer" => {
            let balancer = model.load_balancer(scope, name).ok()?;
            let (owner, group) = model.source_group(balancer);
            return match attribute {
                "DNSName" | "CanonicalHostedZoneName" => Some(balancer.dns_name.clone().into()),
                "SourceSecurityGroup.GroupName" => group.map(Json::from),
                "SourceSecurityGroup.OwnerAlias" => Some(owner.into()),
                _ => None,
            };
        }
        "AWS::EC2::KeyPair" => {
            let key = model.key_pair(scope, name).ok()?;
            return (attribute == "KeyPairId").then(|| key.id.clone().into());
        }
        "AWS::Route53::HostedZone" => return (attribute == "Id").then(|| name.into()),
        _ => return attribute_of_identity(model, &scope.account, kind, name, attribute),
    };
    let row = model.deployment(scope, thing, name).ok()?;
    match attribute {
        "ReadEndpoint.Address" | "ReaderEndPoint.Address" => Some(model.reader_name(row).into()),
        _ if attribute.ends_with(".Address") => Some(model.endpoint_name(row).into()),
        _ if attribute.ends_with(".Port") => Some(row.port.to_string().into()),
        _ => None,
    }
}

/// The ARN of an identity or an instance profile, or the id of a role.
fn attribute_of_identity(model: &Model, account: &str, kind: &str, name: &str, attribute: &str) -> Option<Json> {
    let identity = |class| model.identity(account, class, name).ok();
    match (kind.strip_prefix("AWS::IAM::")?, attribute) {
        ("User", "Arn") => Some(identity(Class::User)?.arn().into()),
        ("Group", "Arn") => Some(identity(Class::Group)?.arn().into()),
        ("Role", "Arn") => Some(identity(Class::Role)?.arn().into()),
        ("Role", "RoleId") => Some(identity(Class::Role)?.named.unique_id.clone().into()),
        ("InstanceProfile", "Arn") => {
            Some(model.instance_profile(account, name).ok()?.named.arn("instance-profile").into())
        }
        ("ManagedPolicy", "PolicyArn") => Some(name.into()),
        _ => None,
    }
}

/// The blocks, unless there is none yet.
fn cidrs<'b>(blocks: impl IntoIterator<Item = &'b Ipv6Block>) -> Option<Vec<String>> {
    let cidrs: Vec<String> = blocks.into_iter().map(|block| block.cidr.to_string()).collect();
    (!cidrs.is_empty()).then_some(cidrs)
}

fn list_of(model: &Model, id: &str, attribute: &str) -> Option<Vec<String>> {
    match (IdKind::of(id)?, attribute) {
        (IdKind::Vpc, "Ipv6CidrBlocks") => cidrs(&model.vpcs.get(id)?.ipv6),
        (IdKind::Subnet, "Ipv6CidrBlocks") => cidrs(&model.subnets.get(id)?.ipv6),
        (IdKind::NetworkInterface, "SecondaryPrivateIpAddresses") => {
            let addresses = &model.network_interfaces.get(id)?.addresses;
            Some(addresses.iter().skip(1).map(ToString::to_string).collect())
        }
        _ => None,
    }
}

fn text_of(model: &Model, id: &str, attribute: &str) -> Option<String> {
    let own = |suffix: &str| attribute.ends_with(suffix).then(|| id.to_owned());
    match (IdKind::of(id)?, attribute) {
        (IdKind::Vpc, "CidrBlock") => Some(model.vpcs.get(id)?.cidr().to_string()),
        (IdKind::Vpc, "DefaultSecurityGroup") => {
            let mut groups = model.security_groups.iter();
            Some(groups.find(|group| group.vpc.as_deref() == Some(id) && group.is_default())?.id.clone())
        }
        (IdKind::Vpc, "DefaultNetworkAcl") => {
            Some(model.network_acls.iter().find(|acl| acl.vpc == id && acl.default)?.id.clone())
        }
        (IdKind::Ipam, "PrivateDefaultScopeId") => Some(model.default_ipam_scope(id, false)?.id.clone()),
        (IdKind::Ipam, "PublicDefaultScopeId") => Some(model.default_ipam_scope(id, true)?.id.clone()),
        (IdKind::Subnet, "VpcId") => Some(model.subnets.get(id)?.vpc.clone()),
        (IdKind::Subnet, "AvailabilityZone") => Some(model.subnets.get(id)?.zone.clone()),
        (IdKind::Subnet, "CidrBlock") => Some(model.subnets.get(id)?.cidr?.to_string()),
        (IdKind::Subnet, "NetworkAclAssociationId") => {
            let mut associations = model.network_acls.iter().flat_map(|acl| &acl.associations);
            Some(associations.find(|association| association.subnet == id)?.id.clone())
        }
        (IdKind::SecurityGroup, "VpcId") => model.security_groups.get(id)?.vpc.clone(),
        (IdKind::Allocation, "PublicIp") => Some(model.elastic_addresses.get(id)?.address.to_string()),
        (IdKind::NetworkInterface, "PrimaryPrivateIpAddress") => {
            Some(model.network_interfaces.get(id)?.address().to_string())
        }
        (IdKind::Instance, "PrivateIp" | "PublicIp") => {
            let place = model.instances.get(id)?.vpc()?;
            let primary = model.network_interfaces.get(place.interfaces.first()?)?;
            match attribute {
                "PrivateIp" => Some(primary.address().to_string()),
                _ => Some(primary.primary_public()?.address.to_string()),
            }
        }
        (IdKind::LaunchTemplate, "LatestVersionNumber") => {
            Some(model.launch_templates.get(id)?.latest_version().to_string())
        }
        (IdKind::LaunchTemplate, "DefaultVersionNumber") => Some(model.launch_templates.get(id)?.default.to_string()),
        (IdKind::Instance, "AvailabilityZone") => Some(model.instances.get(id)?.zone.clone()),
        (IdKind::Vpc, "VpcId") | (IdKind::Subnet, "SubnetId") => Some(id.to_owned()),
        // `GroupId`, `RouteTableId`, `AllocationId`, `Id`, …
        _ => own("Id"),
    }
}
