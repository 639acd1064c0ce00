//! DB instances of clusters. What belongs to the whole cluster is said of the cluster only.

use super::{settings, tags};
use crate::api::deployment::said;
use model::services::{Clash, Error, NewMember, Result, Settings, Thing};
use model::{Caller, Model};
use shapes::rds;

/// The first setting of a request that belongs to the whole cluster.
fn of_cluster(asked: &rds::InstanceSettings) -> Option<&'static str> {
    let settings = [
        (asked.master_user_password.is_some(), "master user password"),
        (!asked.vpc_security_group_ids.is_empty(), "vpc security group"),
        (asked.port.is_some(), "database endpoint port number"),
        (asked.backup_retention_period.is_some(), "backup retention period"),
    ];
    settings.into_iter().find(|(is_said, _)| *is_said).map(|(_, name)| name)
}

/// Refuses to change settings of the cluster through a member.
pub fn check_change(asked: &rds::InstanceSettings) -> Result<()> {
    of_cluster(asked).map_or(Ok(()), |setting| Err(Clash::ModifyForCluster { setting }.into()))
}

/// A new member, which has no settings of its cluster.
pub fn new(name: String, engine: String, asked: rds::InstanceSettings, own: Settings) -> Result<NewMember> {
    if let Some(setting) = of_cluster(&asked) {
        return Err(Clash::SetForCluster { setting }.into());
    }
    let (zone, public) = (asked.availability_zone.clone(), asked.publicly_accessible);
    let tags = tags::of(asked.tags.clone())?;
    let Settings { class, parameters, told, .. } = settings::over(asked, own);
    Ok(NewMember { name, engine, class, zone, public, parameters, told, tags })
}

/// Makes a member of a cluster. Returns its ARN.
pub fn create(model: &mut Model, caller: &Caller, cluster: &str, member: NewMember) -> Result<String> {
    let told_of = model.deployment(&caller.scope, Thing::DbCluster, cluster).map(|row| &row.settings.told);
    let mode = told_of.ok().and_then(|told| said::<rds::DBCluster>(told).engine_mode);
    if mode.as_deref() == Some("serverless") {
        return Err(Error::Serverless {});
    }
    Ok(model.create_member(caller, cluster, member)?.id.clone())
}
