//! The versions of engines, and the families of parameter groups that they belong to.

use super::{Clash, Engine, Error, Result};
use std::sync::LazyLock;

/// A version of an engine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EngineVersion {
    /// The engine's name.
    pub engine: &'static str,
    /// The version.
    pub version: &'static str,
}

static VERSIONS: LazyLock<Vec<EngineVersion>> = LazyLock::new(|| {
    let lines = include_str!("versions.txt").lines().filter(|line| !line.starts_with('#'));
    let of_line = |line: &'static str| {
        let mut words = line.split(' ');
        let engine = words.next().unwrap_or_default();
        words.map(move |version| EngineVersion { engine, version })
    };
    lines.flat_map(of_line).collect()
});

impl EngineVersion {
    /// The parameter group family.
    pub fn family(&self) -> String {
        family(self.engine, self.version)
    }

    /// The major version, as option groups name it.
    pub fn major(&self) -> &str {
        major(self.engine, self.version)
    }
}

/// All versions of engines, the oldest of each first.
pub fn versions() -> impl Iterator<Item = &'static EngineVersion> {
    VERSIONS.iter()
}

/// The part of a version that is its engine's major version.
pub(super) fn major<'v>(engine: &str, version: &'v str) -> &'v str {
    let first: u32 = version.split('.').next().and_then(|part| part.parse().ok()).unwrap_or(0);
    let parts = match engine {
        "postgres" | "aurora-postgresql" if first >= 10 => 1,
        "redis" if first >= 6 => 1,
        "valkey" => 1,
        name if name.starts_with("oracle") && first >= 18 => 1,
        _ => 2,
    };
    match version.match_indices('.').nth(parts - 1) {
        Some((end, _)) => &version[..end],
        None => version,
    }
}

/// The parameter group family of a version.
pub fn family(engine: &str, version: &str) -> String {
    let major = major(engine, version);
    match engine {
        "redis" if major == "6" => "redis6.x".to_owned(),
        "postgres" | "mysql" | "mariadb" | "aurora" | "aurora-mysql" | "aurora-postgresql" => {
            format!("{engine}{major}")
        }
        "redis" | "valkey" | "memcached" => format!("{engine}{major}"),
        // `14.00` is `14.0`.
        name if name.starts_with("sqlserver") => format!("{engine}-{}", major.replace(".00", ".0")),
        _ => format!("{engine}-{major}"),
    }
}

/// The numbers of a version, in the order in which they count.
fn numbers(version: &str) -> Vec<u32> {
    version.split(|c: char| !c.is_ascii_digit()).filter_map(|part| part.parse().ok()).collect()
}

impl Engine {
    /// Its versions, the oldest first.
    fn versions(&self) -> impl Iterator<Item = &'static EngineVersion> {
        versions().filter(move |version| version.engine == self.name)
    }

    /// The default version, which is the newest.
    pub fn version(&self) -> &'static str {
        self.versions().last().map(|newest| newest.version).unwrap_or_default()
    }

    /// The version that is meant by what was asked for: a whole one, or the newest that it is the beginning of.
    ///
    /// # Errors
    /// [`Error::NoVersion`] for one of which the engine has no family.
    pub fn matching_version(&self, asked: &str) -> Result<String> {
        if asked.is_empty() {
            return Ok(self.version().to_owned());
        }
        if self.versions().any(|version| version.version == asked) {
            return Ok(asked.to_owned());
        }
        let begins =
            |version: &&EngineVersion| version.version.strip_prefix(asked).is_some_and(|rest| rest.starts_with('.'));
        // `6.x` is the newest version of 6.
        let without = asked.strip_suffix(".x").unwrap_or(asked);
        let of_major = |version: &&EngineVersion| without != asked && version.major() == without;
        if let Some(newest) = self.versions().filter(|version| begins(version) || of_major(version)).last() {
            return Ok(newest.version.to_owned());
        }
        match self.versions().any(|version| version.family() == family(self.name, asked)) {
            true => Ok(asked.to_owned()),
            false => Err(Error::NoVersion { engine: self.name, version: asked.to_owned() }),
        }
    }

    /// The version to which a change upgrades. It must not be older.
    ///
    /// # Errors
    /// [`Error::NoVersion`], [`Clash::Downgrade`]
    pub fn upgrade_target(&self, from: &str, asked: &str) -> Result<String> {
        let to = self.matching_version(asked)?;
        let is_of_asked = from.strip_prefix(asked).is_some_and(|rest| rest.starts_with('.'));
        match numbers(&to) < numbers(from) {
            true if is_of_asked => Ok(from.to_owned()),
            true => Err(Clash::Downgrade { engine: self.name.to_owned(), from: from.to_owned(), to }.into()),
            false => Ok(to),
        }
    }

    /// The version of something new of which only a parameter group's family is known: the family's newest. If the engine
    /// has no such family, it is the default.
    pub fn version_of_family(&self, wanted: &str) -> &'static str {
        let newest = self.versions().filter(|version| version.family() == wanted).last();
        newest.map_or_else(|| self.version(), |newest| newest.version)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ManagedService;

    #[test]
    fn a_version_says_its_family() {
        let all = [
            ("postgres", "9.6.6", "postgres9.6"),
            ("postgres", "13.4", "postgres13"),
            ("mysql", "5.7.19", "mysql5.7"),
            ("mariadb", "10.11.11", "mariadb10.11"),
            ("oracle-ee", "12.1.0.2.v10", "oracle-ee-12.1"),
            ("oracle-se2", "19.0.0.0.ru-2024-01.rur-2024-01.r1", "oracle-se2-19"),
            ("sqlserver-ex", "14.00.1000.169.v1", "sqlserver-ex-14.0"),
            ("aurora", "5.6.10a", "aurora5.6"),
            ("aurora-mysql", "8.0.mysql_aurora.3.04.3", "aurora-mysql8.0"),
            ("aurora-postgresql", "15.4", "aurora-postgresql15"),
            ("redis", "3.2.10", "redis3.2"),
            ("redis", "6.2", "redis6.x"),
            ("redis", "7.1", "redis7"),
            ("memcached", "1.4.34", "memcached1.4"),
            ("redshift", "1.0", "redshift-1.0"),
        ];
        for (engine, version, wanted) in all {
            assert_eq!(family(engine, version), wanted, "{engine} {version}");
        }
    }

    #[test]
    fn the_beginning_of_a_version_means_the_newest() {
        let postgres = Engine::named(ManagedService::Rds, "postgres").unwrap();
        let meant = |asked: &str| postgres.matching_version(asked).ok();
        assert_eq!(meant("").as_deref(), Some("17.4"));
        assert_eq!(meant("9.6").as_deref(), Some("9.6.24"));
        assert_eq!(meant("13").as_deref(), Some("13.20"));
        assert_eq!(meant("13.4").as_deref(), Some("13.4"), "another one of a known family");
        assert_eq!(meant("99"), None);
        assert_eq!(meant("1"), None);
        let redis = Engine::named(ManagedService::ElastiCache, "redis").unwrap();
        assert_eq!(redis.matching_version("6.x").unwrap(), "6.2");
        assert_eq!(redis.matching_version("7.0").unwrap(), "7.0");
    }

    #[test]
    fn an_upgrade_is_to_no_older_version() {
        let mariadb = Engine::named(ManagedService::Rds, "mariadb").unwrap();
        let upgrade = |from: &str, asked: &str| mariadb.upgrade_target(from, asked).map_err(|error| error.to_string());
        assert_eq!(upgrade("10.6.21", "10.11").as_deref(), Ok("10.11.11"));
        assert_eq!(upgrade("10.6.99", "10.6").as_deref(), Ok("10.6.99"));
        assert_eq!(upgrade("10.11.11", "10.6"), Err("Cannot upgrade mariadb from 10.11.11 to 10.6.21".to_owned()));
    }

    #[test]
    fn a_family_means_its_newest_version() {
        let mysql = Engine::named(ManagedService::Rds, "mysql").unwrap();
        assert_eq!(mysql.version_of_family("mysql8.4"), mysql.version());
        assert!(mysql.version_of_family("mysql8.0").starts_with("8.0."));
        assert_eq!(mysql.version_of_family("postgres9.6"), mysql.version());
    }
}
