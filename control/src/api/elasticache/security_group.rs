//! Cache security groups, which are of EC2-Classic and admit groups of EC2 only.

use super::tags;
use crate::api::action::Actions;
use crate::api::deployment::{Paged, paged, text};
use model::services::{AccessGroup, Admitted, Result, Thing};
use model::{Caller, Model};
use shapes::elasticache;

const THING: Thing = Thing::CacheSecurityGroup;

pub fn actions(all: Actions) -> Actions {
    all.write(create).read(describe).write(delete).write(authorize).write(revoke)
}

fn create(
    model: &mut Model,
    caller: &Caller,
    input: elasticache::CreateCacheSecurityGroupMessage,
) -> Result<elasticache::CacheSecurityGroup> {
    let named = (input.cache_security_group_name.as_str(), input.description.as_str());
    Ok(shown(model.create_access_group(caller, THING, named, tags::of(input.tags)?)?))
}

fn describe(
    model: &Model,
    caller: &Caller,
    input: elasticache::DescribeCacheSecurityGroupsMessage,
) -> Result<Paged<elasticache::CacheSecurityGroup>> {
    let elasticache::DescribeCacheSecurityGroupsMessage { cache_security_group_name, page } = input;
    let rows = model.access_groups_called(&caller.scope, THING, cache_security_group_name.as_deref())?;
    Ok(paged(page, rows, |row: &AccessGroup| &row.name)?.map(|row| shown(&row)))
}

fn delete(model: &mut Model, caller: &Caller, input: elasticache::DeleteCacheSecurityGroupMessage) -> Result<()> {
    model.delete_access_group(caller, THING, &input.cache_security_group_name)
}

fn authorize(
    model: &mut Model,
    caller: &Caller,
    input: elasticache::AuthorizeCacheSecurityGroupIngressMessage,
) -> Result<elasticache::CacheSecurityGroup> {
    let (name, owner) = (&input.ec2_security_group_name, &input.ec2_security_group_owner_id);
    let peer = model.admitted_group(caller, None, Some(name), Some(owner))?;
    Ok(shown(model.admit(caller, THING, &input.cache_security_group_name, peer)?))
}

fn revoke(
    model: &mut Model,
    caller: &Caller,
    input: elasticache::RevokeCacheSecurityGroupIngressMessage,
) -> Result<elasticache::CacheSecurityGroup> {
    let (name, owner) = (&input.ec2_security_group_name, &input.ec2_security_group_owner_id);
    let peer = model.admitted_group(caller, None, Some(name), Some(owner))?;
    Ok(shown(model.turn_away(caller, THING, &input.cache_security_group_name, &peer)?))
}

fn shown(group: &AccessGroup) -> elasticache::CacheSecurityGroup {
    let of_ec2 = |peer: &Admitted| match peer {
        Admitted::Range(_) => None,
        Admitted::Group { name, account, .. } => Some(elasticache::EC2SecurityGroup {
            status: text("authorized"),
            ec2_security_group_name: text(name),
            ec2_security_group_owner_id: text(account),
        }),
    };
    elasticache::CacheSecurityGroup {
        owner_id: text(&group.scope.account),
        cache_security_group_name: text(&group.name),
        description: text(&group.description),
        ec2_security_groups: group.admitted.iter().filter_map(of_ec2).collect(),
        arn: text(&group.id),
    }
}
