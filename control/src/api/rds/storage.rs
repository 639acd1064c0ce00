//! What a database's storage is capable of, and what encrypts it.

use model::Scope;
use model::services::{Clash, Deployment, Result, Settings};
use shapes::rds;

/// The key of encrypted storage: the account's own for RDS unless one was named.
pub fn key(row: &Deployment, named: Option<String>) -> Option<String> {
    let Scope { account, region } = &row.scope;
    let usual = || format!("arn:{}:kms:{region}:{account}:alias/aws/rds", row.scope.partition());
    row.settings.encrypted.then(|| named.unwrap_or_else(usual))
}

/// Refuses storage that would grow to less than it is.
pub fn check(size: Option<i32>, most: Option<i32>) -> Result<()> {
    match (size, most) {
        (Some(size), Some(most)) if most < size => Err(Clash::MostStorage {}.into()),
        _ => Ok(()),
    }
}

/// The storage of a DB instance, as it was asked for.
pub struct Storage<'a> {
    /// The engine.
    pub engine: &'a str,
    /// Its type.
    pub kind: &'a str,
    /// Its size in GiB.
    pub size: Option<i32>,
    /// The operations a second that were asked for.
    pub iops: Option<i32>,
    /// The MiB a second that were asked for.
    pub throughput: Option<i32>,
}

impl<'a> Storage<'a> {
    /// The storage of a DB instance with these settings, of which `told` is told.
    pub fn of(engine: &'a str, settings: &'a Settings, told: &rds::DBInstance) -> Storage<'a> {
        Storage {
            engine,
            kind: settings.storage_type.as_deref().unwrap_or("gp2"),
            size: settings.storage,
            iops: told.iops,
            throughput: told.storage_throughput,
        }
    }

    /// The operations a second that are told of: only of types that have them provisioned.
    pub fn iops(&self) -> Option<i32> {
        match self.kind {
            "gp3" => self.iops.or(Some(self.baseline().0)),
            "io1" | "io2" => self.iops,
            _ => None,
        }
    }

    /// The MiB a second that are told of: 0 of types that have no setting for them.
    pub fn throughput(&self) -> Option<i32> {
        match self.kind {
            "gp3" => self.throughput.or(Some(self.baseline().1)),
            _ => Some(0),
        }
    }

    /// What gp3 has by itself. Volumes are striped from some size on ("Amazon RDS DB instance storage", RDS user guide).
    fn baseline(&self) -> (i32, i32) {
        let striped = match self.engine.split('-').next() {
            Some("sqlserver") => i32::MAX,
            Some("oracle") => 200,
            _ => 400,
        };
        if self.size.unwrap_or(0) < striped { (3000, 125) } else { (12_000, 500) }
    }
}
