//! The engines of databases, caches and warehouses, with their default ports.

use crate::ManagedService;

/// An engine.
#[derive(Debug)]
pub struct Engine {
    /// The API's name.
    pub name: &'static str,
    /// The service that runs it.
    pub service: ManagedService,
    /// The kind of its servers in `--service-command`.
    pub kind: &'static str,
    /// The default port.
    pub port: u16,
}

const fn rds(name: &'static str, kind: &'static str, port: u16) -> Engine {
    Engine { name, service: ManagedService::Rds, kind, port }
}

const fn cache(name: &'static str, port: u16) -> Engine {
    Engine { name, service: ManagedService::ElastiCache, kind: name, port }
}

/// All engines.
static ENGINES: &[Engine] = &[
    rds("postgres", "postgres", 5432),
    rds("mysql", "mysql", 3306),
    rds("aurora", "mysql", 3306),
    rds("aurora-mysql", "mysql", 3306),
    rds("aurora-postgresql", "postgres", 5432),
    rds("mariadb", "mariadb", 3306),
    rds("oracle-ee", "oracle", 1521),
    rds("oracle-se", "oracle", 1521),
    rds("oracle-se1", "oracle", 1521),
    rds("oracle-se2", "oracle", 1521),
    rds("sqlserver-ee", "sqlserver", 1433),
    rds("sqlserver-se", "sqlserver", 1433),
    rds("sqlserver-ex", "sqlserver", 1433),
    rds("sqlserver-web", "sqlserver", 1433),
    cache("redis", 6379),
    cache("valkey", 6379),
    cache("memcached", 11211),
    Engine { name: "redshift", service: ManagedService::Redshift, kind: "redshift", port: 5439 },
];

impl Engine {
    /// The engine with that name, of a service.
    pub fn named(service: ManagedService, name: &str) -> Option<&'static Engine> {
        ENGINES.iter().find(|engine| engine.service == service && engine.name.eq_ignore_ascii_case(name))
    }

    /// Whether its databases are always in clusters.
    pub fn is_aurora(&self) -> bool {
        self.name.starts_with("aurora")
    }

    /// Whether it has clusters.
    pub fn is_clustered(&self) -> bool {
        self.is_aurora() || matches!(self.name, "mysql" | "postgres")
    }

    /// The names of a service's engines.
    pub fn names(service: ManagedService) -> String {
        let names = ENGINES.iter().filter(|engine| engine.service == service).map(|engine| engine.name);
        names.collect::<Vec<_>>().join(", ")
    }
}

/// Whether some engine's server is of that kind.
pub fn is_engine(kind: &str) -> bool {
    ENGINES.iter().any(|engine| engine.kind == kind)
}
