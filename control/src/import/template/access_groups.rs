//! Security groups of databases, caches and warehouses, which control access in EC2-Classic.

use super::functions::Unknown;
use super::properties::Properties;
use super::services::{described, tags};
use super::{Builder, Make};

/// How a service's groups are made.
struct Groups {
    service: &'static str,
    create: &'static str,
    admit: &'static str,
    /// The parameter for a group's name, and the property of its rules.
    name: &'static str,
    /// The property for a group's description, and the parameter.
    description: (&'static str, &'static str),
}

const OF_DATABASES: Groups = Groups {
    service: "rds",
    create: "CreateDBSecurityGroup",
    admit: "AuthorizeDBSecurityGroupIngress",
    name: "DBSecurityGroupName",
    description: ("GroupDescription", "DBSecurityGroupDescription"),
};
const OF_CACHES: Groups = Groups {
    service: "elasticache",
    create: "CreateCacheSecurityGroup",
    admit: "AuthorizeCacheSecurityGroupIngress",
    name: "CacheSecurityGroupName",
    description: ("Description", "Description"),
};
const OF_WAREHOUSES: Groups = Groups {
    service: "redshift",
    create: "CreateClusterSecurityGroup",
    admit: "AuthorizeClusterSecurityGroupIngress",
    name: "ClusterSecurityGroupName",
    description: ("Description", "Description"),
};

/// The maker of a type.
pub fn maker(kind: &str) -> Option<Make> {
    Some(match kind {
        "AWS::RDS::DBSecurityGroup" => |b, p| group(b, p, &OF_DATABASES),
        "AWS::RDS::DBSecurityGroupIngress" => |b, p| rule(b, p, &OF_DATABASES),
        "AWS::ElastiCache::SecurityGroup" => |b, p| group(b, p, &OF_CACHES),
        "AWS::ElastiCache::SecurityGroupIngress" => |b, p| rule(b, p, &OF_CACHES),
        "AWS::Redshift::ClusterSecurityGroup" => |b, p| group(b, p, &OF_WAREHOUSES),
        "AWS::Redshift::ClusterSecurityGroupIngress" => |b, p| rule(b, p, &OF_WAREHOUSES),
        _ => return None,
    })
}

/// A group, which has no name of the template's. The name is the value of Ref.
fn group(b: &mut Builder<'_, '_, '_>, p: &Properties<'_>, groups: &Groups) -> Result<Option<String>, Unknown> {
    let name = b.made_up_name();
    let (property, parameter) = groups.description;
    let mut parameters = described(p, property, parameter);
    parameters.push((groups.name.to_owned(), name.clone()));
    parameters.extend(tags(p, groups.service));
    b.call_of(groups.service, groups.create, &parameters, "return")?;
    for rule in p.each("DBSecurityGroupIngress") {
        if let Err(why) = admit(b, &rule, groups, &name) {
            b.leave_out_part(format!("a rule of it: {why}"));
        }
    }
    Ok(Some(name))
}

/// A rule that is a resource itself.
fn rule(b: &mut Builder<'_, '_, '_>, p: &Properties<'_>, groups: &Groups) -> Result<Option<String>, Unknown> {
    let group = p.text(groups.name).ok_or("it names no group")?;
    admit(b, p, groups, &group).map(|()| None)
}

/// Admits a block of addresses, or an account's security group.
fn admit(b: &mut Builder<'_, '_, '_>, p: &Properties<'_>, groups: &Groups, group: &str) -> Result<(), Unknown> {
    let mut parameters = p.named(&["CIDRIP"]);
    parameters.push((groups.name.to_owned(), group.to_owned()));
    let (name, id, owner) =
        (p.text("EC2SecurityGroupName"), p.text("EC2SecurityGroupId"), p.text("EC2SecurityGroupOwnerId"));
    if let Some(admitted) = name.or(id) {
        // The services know the groups of EC2-Classic by their names.
        let named = b.importer.model.security_groups.get(&admitted).map(|row| row.name.clone());
        parameters.push(("EC2SecurityGroupName".to_owned(), named.unwrap_or(admitted)));
        let owner = owner.unwrap_or_else(|| b.template.scope.account.clone());
        parameters.push(("EC2SecurityGroupOwnerId".to_owned(), owner));
    }
    b.call_of(groups.service, groups.admit, &parameters, "return").map(|_| ())
}
