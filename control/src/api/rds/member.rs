//! DB instances of clusters. What belongs to the whole cluster is said of the cluster only.

use super::instance::told;
use crate::api::deployment::said;
use model::services::{Clash, Error, NewMember, Result, Thing};
use model::{Caller, Model};
use shapes::rds;

/// What a request about a member says of its whole cluster.
pub struct OfCluster {
    /// Whether there is a password.
    pub password: bool,
    /// Whether there is a port.
    pub port: bool,
    /// Whether there are VPC security groups.
    pub groups: bool,
    /// Whether there is a retention period of backups.
    pub backups: bool,
}

impl OfCluster {
    /// The name of the first such setting.
    fn first(&self) -> Option<&'static str> {
        let settings = [
            (self.password, "master user password"),
            (self.groups, "vpc security group"),
            (self.port, "database endpoint port number"),
            (self.backups, "backup retention period"),
        ];
        settings.into_iter().find(|(is_said, _)| *is_said).map(|(_, name)| name)
    }

    /// Refuses a new member with settings of its cluster.
    pub fn check_new(&self) -> Result<()> {
        self.first().map_or(Ok(()), |setting| Err(Clash::SetForCluster { setting }.into()))
    }

    /// Refuses to change settings of the cluster through a member.
    pub fn check_change(&self) -> Result<()> {
        self.first().map_or(Ok(()), |setting| Err(Clash::ModifyForCluster { setting }.into()))
    }
}

/// Makes a member of a cluster.
pub fn create(
    model: &mut Model,
    caller: &Caller,
    cluster: &str,
    member: NewMember,
) -> Result<rds::CreateDBInstanceResult> {
    let told_of = model.deployment(&caller.scope, Thing::DbCluster, cluster).map(|row| &row.settings.told);
    let mode = told_of.ok().and_then(|told| said::<rds::DBCluster>(told).engine_mode);
    if mode.as_deref() == Some("serverless") {
        return Err(Error::Serverless {});
    }
    let id = model.create_member(caller, cluster, member)?.id.clone();
    Ok(rds::CreateDBInstanceResult { db_instance: told(model, &id) })
}
