//! Roles associated with DB instances and clusters. They are stored and returned; nothing assumes them.

use super::{cluster, instance};
use crate::api::action::{Actions, Change};
use crate::api::deployment::{said, said_over, text};
use model::services::{Error, Obstacle, Phase, Result, Thing};
use model::{Caller, Model};
use shapes::{Shape, rds};

pub fn actions(all: Actions) -> Actions {
    all.write(add).write(remove).write(add_to_cluster).write(remove_from_cluster)
}

/// A role, and what it is for.
type Role = (Option<String>, Option<String>);

/// The roles of a DB instance or of a cluster, in its service's structure for it.
trait Roles: Shape + Default {
    const THING: Thing;
    fn roles(&self) -> Vec<Role>;
    fn with(roles: Vec<Role>) -> Self;
}

impl Roles for rds::DBInstance {
    const THING: Thing = instance::THING;

    fn roles(&self) -> Vec<Role> {
        self.associated_roles.iter().map(|role| (role.role_arn.clone(), role.feature_name.clone())).collect()
    }

    fn with(roles: Vec<Role>) -> Self {
        let role = |(role_arn, feature_name)| rds::DBInstanceRole { role_arn, feature_name, status: text("ACTIVE") };
        rds::DBInstance { associated_roles: roles.into_iter().map(role).collect(), ..Default::default() }
    }
}

impl Roles for rds::DBCluster {
    const THING: Thing = cluster::THING;

    fn roles(&self) -> Vec<Role> {
        self.associated_roles.iter().map(|role| (role.role_arn.clone(), role.feature_name.clone())).collect()
    }

    fn with(roles: Vec<Role>) -> Self {
        let role = |(role_arn, feature_name)| rds::DBClusterRole { role_arn, feature_name, status: text("ACTIVE") };
        rds::DBCluster { associated_roles: roles.into_iter().map(role).collect(), ..Default::default() }
    }
}

/// Changes the list of roles.
fn change<S: Roles>(
    model: &mut Model,
    caller: &Caller,
    name: &str,
    change: impl FnOnce(&mut Vec<Role>) -> Result<()>,
) -> Result<()> {
    let row = model.deployment(&caller.scope, S::THING, name)?;
    if row.phase != Phase::Settled {
        let why = Obstacle::Roleless {};
        return Err(Error::State { thing: S::THING, name: row.name.clone(), why });
    }
    let (id, before) = (row.id.clone(), row.settings.told.clone());
    let mut roles = said::<S>(&before).roles();
    change(&mut roles)?;
    model.set_deployment(&id, |settings| settings.told = said_over(&before, &S::with(roles)));
    Ok(())
}

/// Gives a role; there is one for each feature.
fn give<S: Roles>(
    model: &mut Model,
    caller: &Caller,
    name: &str,
    (role, feature): (String, Option<String>),
) -> Result<()> {
    change::<S>(model, caller, name, |roles| {
        let same = |(arn, of): &Role| arn.as_ref() == Some(&role) || feature.is_some() && *of == feature;
        if roles.iter().any(same) {
            return Err(Error::RoleExists { thing: S::THING, role, instance: name.to_owned() });
        }
        roles.push((Some(role), feature));
        Ok(())
    })
}

fn take<S: Roles>(
    model: &mut Model,
    caller: &Caller,
    name: &str,
    (role, feature): (String, Option<String>),
) -> Result<()> {
    change::<S>(model, caller, name, |roles| {
        let is_it = |(arn, of): &Role| arn.as_ref() == Some(&role) && (feature.is_none() || *of == feature);
        let missing = || Error::NoRole { thing: S::THING, role: role.clone(), instance: name.to_owned() };
        let place = roles.iter().position(is_it).ok_or_else(missing)?;
        roles.remove(place);
        Ok(())
    })
}

fn add(cx: Change, input: rds::AddRoleToDBInstanceMessage) -> Result<()> {
    give::<rds::DBInstance>(
        cx.model,
        cx.caller,
        &input.db_instance_identifier,
        (input.role_arn, Some(input.feature_name)),
    )
}

fn remove(cx: Change, input: rds::RemoveRoleFromDBInstanceMessage) -> Result<()> {
    take::<rds::DBInstance>(
        cx.model,
        cx.caller,
        &input.db_instance_identifier,
        (input.role_arn, Some(input.feature_name)),
    )
}

fn add_to_cluster(cx: Change, input: rds::AddRoleToDBClusterMessage) -> Result<()> {
    give::<rds::DBCluster>(cx.model, cx.caller, &input.db_cluster_identifier, (input.role_arn, input.feature_name))
}

fn remove_from_cluster(cx: Change, input: rds::RemoveRoleFromDBClusterMessage) -> Result<()> {
    take::<rds::DBCluster>(cx.model, cx.caller, &input.db_cluster_identifier, (input.role_arn, input.feature_name))
}
