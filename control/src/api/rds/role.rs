//! Roles that DB instances act in, as they were given. Nothing acts in them.

use super::instance::THING;
use crate::api::action::Actions;
use crate::api::deployment::{said, said_over, text};
use model::services::{Error, Result};
use model::{Caller, Model};
use shapes::{List, rds};

pub fn actions(all: Actions) -> Actions {
    all.write(add).write(remove)
}

/// Changes the list of roles, each with what it is for.
fn change(
    model: &mut Model,
    caller: &Caller,
    name: &str,
    change: impl FnOnce(&mut Vec<rds::DBInstanceRole>) -> Result<()>,
) -> Result<()> {
    let row = model.deployment(&caller.scope, THING, name)?;
    let (id, before) = (row.id.clone(), row.settings.told.clone());
    let mut roles = said::<rds::DBInstance>(&before).associated_roles.to_vec();
    change(&mut roles)?;
    let associated_roles: List<rds::DBInstanceRole> = roles.into();
    let new = rds::DBInstance { associated_roles, ..Default::default() };
    model.set_deployment(&id, |settings| settings.told = said_over(&before, &new));
    Ok(())
}

fn add(model: &mut Model, caller: &Caller, input: rds::AddRoleToDBInstanceMessage) -> Result<()> {
    let rds::AddRoleToDBInstanceMessage { db_instance_identifier: name, role_arn, feature_name } = input;
    change(model, caller, &name, |roles| {
        if roles.iter().any(|role| role.role_arn.as_ref() == Some(&role_arn)) {
            return Err(Error::RoleExists { role: role_arn, instance: name.clone() });
        }
        roles.push(rds::DBInstanceRole {
            role_arn: Some(role_arn),
            feature_name: Some(feature_name),
            status: text("ACTIVE"),
        });
        Ok(())
    })
}

fn remove(model: &mut Model, caller: &Caller, input: rds::RemoveRoleFromDBInstanceMessage) -> Result<()> {
    let rds::RemoveRoleFromDBInstanceMessage { db_instance_identifier: name, role_arn, feature_name } = input;
    change(model, caller, &name, |roles| {
        let is_it = |role: &rds::DBInstanceRole| {
            role.role_arn.as_ref() == Some(&role_arn) && role.feature_name.as_ref() == Some(&feature_name)
        };
        let place = roles.iter().position(is_it);
        let place = place.ok_or_else(|| Error::NoRole { role: role_arn.clone(), instance: name.clone() })?;
        roles.remove(place);
        Ok(())
    })
}
