//! The performance and encryption of a database's storage.

use crate::api::deployment::one_of;
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

/// The new size of storage, which grows by a tenth at least ("ModifyDBInstance", RDS API reference).
///
/// # Errors
/// [`Clash::Shrinks`]
pub fn grown(is: Option<i32>, asked: i32) -> Result<i32> {
    match is {
        Some(is) if asked < is => Err(Clash::Shrinks { asked, is }.into()),
        Some(is) if asked > is => Ok(asked.max(is.saturating_add(is.saturating_add(9) / 10))),
        _ => Ok(asked),
    }
}

/// The types of storage.
const TYPES: [&str; 7] = ["gp2", "gp3", "io1", "io2", "standard", "aurora", "aurora-iopt1"];

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
    /// The storage of a DB instance with these settings. `told` is its stored structure.
    pub fn of(engine: &'a str, settings: &'a Settings, told: &rds::DBInstance) -> Storage<'a> {
        Storage {
            engine,
            kind: kind(settings.storage_type.as_deref(), told.iops),
            size: settings.storage,
            iops: told.iops,
            throughput: told.storage_throughput,
        }
    }

    /// The storage that a request for a new DB instance asks for.
    pub fn asked(engine: &'a str, asked: &'a rds::InstanceSettings) -> Storage<'a> {
        Storage {
            engine,
            kind: kind(asked.storage_type.as_deref(), asked.iops),
            size: asked.allocated_storage,
            iops: asked.iops,
            throughput: asked.storage_throughput,
        }
    }

    /// Refuses an unknown type, and IOPS or a throughput that the type does not have.
    pub fn check(&self) -> Result<()> {
        one_of("StorageType", Some(self.kind), &TYPES)?;
        let (engine, kind) = (self.engine.to_owned(), self.kind.to_owned());
        match (self.kind, self.iops) {
            ("io1" | "io2", None) => Err(Clash::IopsMissing { kind }.into()),
            ("gp2" | "standard", Some(iops)) => Err(Clash::IopsOfType { engine, kind, iops }.into()),
            ("gp3", _) if self.is_too_small_for_speed() => {
                Err(Clash::SpeedOfSize { engine, least: self.striped_from() }.into())
            }
            _ => Ok(()),
        }
    }

    /// Whether IOPS or throughput are requested for gp3 storage that has only its baseline. SQL Server has a choice at every size.
    fn is_too_small_for_speed(&self) -> bool {
        let is_asked = self.iops.is_some() || self.throughput.is_some();
        is_asked && !self.engine.starts_with("sqlserver") && self.size.unwrap_or(0) < self.striped_from()
    }

    /// The IOPS that replies show: only those of types with provisioned IOPS.
    pub fn iops(&self) -> Option<i32> {
        match self.kind {
            "gp3" => self.iops.or(Some(self.baseline().0)),
            "io1" | "io2" => self.iops,
            _ => None,
        }
    }

    /// The throughput in MiB a second that replies show: 0 for types without a setting for it.
    pub fn throughput(&self) -> Option<i32> {
        match self.kind {
            "gp3" => self.throughput.or(Some(self.baseline().1)),
            _ => Some(0),
        }
    }

    /// The baseline of gp3. Large volumes are striped ("Amazon RDS DB instance storage", RDS user guide).
    fn baseline(&self) -> (i32, i32) {
        if self.size.unwrap_or(0) < self.striped_from() { (3000, 125) } else { (12_000, 500) }
    }

    /// The size in GiB from which on volumes are striped.
    fn striped_from(&self) -> i32 {
        match self.engine.split('-').next() {
            Some("sqlserver") => i32::MAX,
            Some("oracle") => 200,
            _ => 400,
        }
    }
}

/// The type of storage: the one that is named, or the usual one.
fn kind(named: Option<&str>, iops: Option<i32>) -> &str {
    named.unwrap_or(if iops.is_some() { "io1" } else { "gp2" })
}
