//! The choices of RDS: engine versions, instance classes, quotas, certificates.

use super::{filter, log_file};
use crate::api::action::{Actions, View};
use crate::api::deployment::{Paged, paged, paged_in_order, text};
use model::services::{Engine, EngineVersion, Error, Result, Thing, Wanted, versions};
use model::{ManagedService, REGIONS, Region, Time};
use shapes::List;
use shapes::rds;

pub fn actions(all: Actions) -> Actions {
    all.read(describe_versions)
        .read(describe_majors)
        .read(describe_orderable)
        .read(describe_valid)
        .read(describe_quotas)
        .read(describe_certificates)
        .read(describe_maintenance)
        .read(describe_source_regions)
}

/// The versions of this service's engines.
fn own_versions() -> impl Iterator<Item = &'static EngineVersion> {
    versions().filter(|version| Engine::named(ManagedService::Rds, version.engine).is_some())
}

fn describe_versions(_: View, input: rds::DescribeDBEngineVersionsMessage) -> Result<Paged<rds::DBEngineVersion>> {
    let (engine, engine_version, family) = (input.engine, input.engine_version, input.db_parameter_group_family);
    filter::check(&input.filters)?;
    let values = |version: &EngineVersion, name: &str| match name {
        "engine" => vec![version.engine.to_owned()],
        "engine-version" => vec![version.version.to_owned(), version.major().to_owned()],
        "db-parameter-group-family" => vec![version.family()],
        "engine-mode" => vec!["provisioned".to_owned()],
        "status" => vec!["available".to_owned()],
        _ => Vec::new(),
    };
    let is_default = |version: &EngineVersion| {
        Engine::named(ManagedService::Rds, version.engine).is_some_and(|engine| engine.version() == version.version)
    };
    let is_asked = |version: &&'static EngineVersion| {
        engine.as_deref().is_none_or(|asked| asked.eq_ignore_ascii_case(version.engine))
            && engine_version.as_deref().is_none_or(|asked| is_of(version, asked))
            && family.as_deref().is_none_or(|asked| asked == version.family())
            && filter::pass(&input.filters, |name| values(version, name))
            && (input.default_only != Some(true) || engine_version.is_some() || is_default(version))
    };
    Ok(paged_in_order(input.page, own_versions().filter(is_asked))?.map(shown))
}

fn describe_majors(
    _: View,
    input: rds::DescribeDBMajorEngineVersionsRequest,
) -> Result<Paged<rds::DBMajorEngineVersion>> {
    let rds::DescribeDBMajorEngineVersionsRequest { engine, major_engine_version: major, page } = input;
    let mut majors: Vec<(&str, &str)> = own_versions().map(|version| (version.engine, version.major())).collect();
    majors.dedup();
    majors.retain(|(name, version)| {
        engine.as_deref().is_none_or(|asked| asked.eq_ignore_ascii_case(name))
            && major.as_deref().is_none_or(|asked| asked == *version)
    });
    let one = |(engine, major): (&str, &str)| rds::DBMajorEngineVersion {
        engine: text(engine),
        major_engine_version: text(major),
        ..Default::default()
    };
    Ok(paged_in_order(page, majors.into_iter())?.map(one))
}

/// Whether a version is the one that is asked for, or one of the major one that is.
fn is_of(version: &EngineVersion, asked: &str) -> bool {
    version.version == asked || version.version.strip_prefix(asked).is_some_and(|rest| rest.starts_with('.'))
}

fn shown(version: &'static EngineVersion) -> rds::DBEngineVersion {
    let later = own_versions().skip_while(|other| *other != version).skip(1);
    let target = |other: &EngineVersion| rds::UpgradeTarget {
        engine: text(other.engine),
        engine_version: text(other.version),
        description: text(format!("{} {}", describe(other.engine), other.version)),
        auto_upgrade: Some(false),
        is_major_version_upgrade: Some(other.major() != version.major()),
        ..Default::default()
    };
    rds::DBEngineVersion {
        engine: text(version.engine),
        major_engine_version: text(version.major()),
        engine_version: text(version.version),
        db_parameter_group_family: text(version.family()),
        db_engine_description: text(describe(version.engine)),
        db_engine_version_description: text(format!("{} {}", describe(version.engine), version.version)),
        valid_upgrade_target: later.filter(|other| other.engine == version.engine).map(target).collect(),
        exportable_log_types: log_file::exportable(version.engine).iter().map(|kind| (*kind).to_owned()).collect(),
        supports_log_exports_to_cloudwatch_logs: Some(true),
        supports_read_replica: Some(replicates(version.engine)),
        status: text("available"),
        supports_parallel_query: Some(false),
        supports_global_databases: Some(version.engine.starts_with("aurora")),
        ..Default::default()
    }
}

fn describe(engine: &str) -> &'static str {
    match engine {
        "postgres" => "PostgreSQL",
        "mysql" => "MySQL Community Edition",
        "aurora" => "Aurora (MySQL 5.6)",
        "aurora-mysql" => "Aurora MySQL",
        "aurora-postgresql" => "Aurora (PostgreSQL)",
        "mariadb" => "MariaDB Community Edition",
        "oracle-ee" => "Oracle Database Enterprise Edition",
        "oracle-se" => "Oracle Database Standard Edition",
        "oracle-se1" => "Oracle Database Standard Edition One",
        "oracle-se2" => "Oracle Database Standard Edition Two",
        "sqlserver-ee" => "Microsoft SQL Server Enterprise Edition",
        "sqlserver-se" => "Microsoft SQL Server Standard Edition",
        "sqlserver-ex" => "Microsoft SQL Server Express Edition",
        _ => "Microsoft SQL Server Web Edition",
    }
}

fn replicates(engine: &str) -> bool {
    matches!(engine, "postgres" | "mysql" | "mariadb" | "aurora" | "aurora-mysql" | "aurora-postgresql")
}

/// The licence of an engine if none is named.
pub fn license(engine: &str) -> &'static str {
    match engine {
        "postgres" | "aurora-postgresql" => "postgresql-license",
        "mysql" | "mariadb" | "aurora" | "aurora-mysql" => "general-public-license",
        name if name.starts_with("sqlserver") || name == "oracle-se1" => "license-included",
        _ => "bring-your-own-license",
    }
}

/// Classes of instances, and whether EC2-Classic has them.
const CLASSES: [(&str, bool); 17] = [
    ("db.m1.medium", true),
    ("db.m1.small", true),
    ("db.m3.2xlarge", true),
    ("db.m3.large", true),
    ("db.m3.medium", true),
    ("db.m3.xlarge", true),
    ("db.m4.large", false),
    ("db.m5.large", false),
    ("db.m5.xlarge", false),
    ("db.r3.large", false),
    ("db.r5.large", false),
    ("db.r6g.large", false),
    ("db.t2.micro", false),
    ("db.t3.medium", false),
    ("db.t3.micro", false),
    ("db.t3.small", false),
    ("db.t4g.micro", false),
];

/// A type of storage, with its least and greatest size in GiB, and operations a second where a request chooses them.
struct StorageType {
    kind: &'static str,
    sizes: Option<(i32, i32)>,
    iops: Option<(i32, i32)>,
}

static STORAGE: [StorageType; 4] = [
    StorageType { kind: "gp2", sizes: Some((5, 65_536)), iops: None },
    StorageType { kind: "gp3", sizes: Some((20, 65_536)), iops: Some((3000, 64_000)) },
    StorageType { kind: "io1", sizes: Some((100, 65_536)), iops: Some((1000, 256_000)) },
    StorageType { kind: "standard", sizes: Some((5, 3072)), iops: None },
];

/// The storage of Aurora, which grows by itself.
static AURORA_STORAGE: [StorageType; 2] = [
    StorageType { kind: "aurora", sizes: None, iops: None },
    StorageType { kind: "aurora-iopt1", sizes: None, iops: None },
];

fn describe_orderable(
    cx: View,
    input: rds::DescribeOrderableDBInstanceOptionsMessage,
) -> Result<Paged<rds::OrderableDBInstanceOption>> {
    let (engine, engine_version) = (input.engine, input.engine_version);
    filter::check(&input.filters)?;
    let known = Engine::named(ManagedService::Rds, &engine).ok_or(Error::NoEngine { engine })?;
    let of_engine = own_versions().filter(|version| {
        version.engine == known.name && engine_version.as_deref().is_none_or(|asked| is_of(version, asked))
    });
    let is_aurora = known.is_aurora();
    let storage = if is_aurora { &AURORA_STORAGE[..] } else { &STORAGE[..] };
    let with_class = |version: &'static EngineVersion| {
        CLASSES
            .iter()
            .flat_map(move |(class, classic)| storage.iter().map(move |kind| (version, *class, *classic, kind)))
    };
    let wanted = of_engine.flat_map(with_class).filter(|(version, class, classic, _)| {
        input.db_instance_class.as_deref().is_none_or(|asked| asked == *class)
            && input.license_model.as_deref().is_none_or(|asked| asked == license(version.engine))
            && input.vpc.is_none_or(|vpc| vpc || *classic)
    });
    let zones = || Region::named(&cx.caller.scope.region).into_iter().flat_map(Region::zones);
    let option = |(version, class, classic, storage): (&EngineVersion, &str, bool, &StorageType)| {
        rds::OrderableDBInstanceOption {
            engine: text(version.engine),
            engine_version: text(version.version),
            db_instance_class: text(class),
            license_model: text(license(version.engine)),
            availability_zones: zones().map(|(name, _)| rds::AvailabilityZone { name: Some(name) }).collect(),
            multi_az_capable: Some(true),
            read_replica_capable: Some(replicates(version.engine)),
            vpc: Some(!classic),
            supports_storage_encryption: Some(true),
            storage_type: text(storage.kind),
            supports_iops: Some(storage.iops.is_some()),
            min_iops_per_db_instance: storage.iops.map(|(least, _)| least),
            max_iops_per_db_instance: storage.iops.map(|(_, most)| most),
            supports_storage_throughput: Some(storage.kind == "gp3"),
            supports_storage_autoscaling: Some(!is_aurora),
            supports_clusters: Some(is_aurora),
            supports_kerberos_authentication: Some(false),
            supports_global_databases: Some(is_aurora),
            outpost_capable: Some(false),
            supported_engine_modes: is_aurora.then(|| "provisioned".to_owned()).into_iter().collect(),
            supported_network_types: ["IPV4".to_owned()].into_iter().collect(),
            supports_enhanced_monitoring: Some(true),
            supports_iam_database_authentication: Some(true),
            supports_performance_insights: Some(true),
            min_storage_size: storage.sizes.map(|(least, _)| least),
            max_storage_size: storage.sizes.map(|(_, most)| most),
            ..Default::default()
        }
    };
    Ok(paged_in_order(input.page, wanted)?.map(option))
}

/// The storage that a DB instance can be given. A cluster's grows by itself.
fn describe_valid(
    cx: View,
    input: rds::DescribeValidDBInstanceModificationsMessage,
) -> Result<rds::ValidDBInstanceModificationsMessage> {
    let row = cx.model.deployment(&cx.caller.scope, Thing::DbInstance, &input.db_instance_identifier)?;
    let range = |(from, to): (i32, i32)| rds::Range { from: Some(from), to: Some(to), step: Some(1) };
    let option = |kind: &StorageType| rds::ValidStorageOptions {
        storage_type: text(kind.kind),
        storage_size: kind.sizes.map(range).into_iter().collect(),
        provisioned_iops: kind.iops.map(range).into_iter().collect::<List<_>>().unless_empty(),
        supports_storage_autoscaling: Some(true),
        ..Default::default()
    };
    Ok(rds::ValidDBInstanceModificationsMessage {
        storage: STORAGE.iter().filter(|_| row.cluster.is_none()).map(option).collect(),
        supports_dedicated_log_volume: Some(false),
        ..Default::default()
    })
}

/// AWS's quotas. Only that of parameter groups is enforced.
fn describe_quotas(
    View { model, caller }: View,
    _: rds::DescribeAccountAttributesMessage,
) -> Result<List<rds::AccountQuota>> {
    let scope = &caller.scope;
    let storage: i64 =
        model.deployments_of(scope, Thing::DbInstance).filter_map(|row| row.settings.storage).map(i64::from).sum();
    let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    let own_groups = |thing| model.parameter_groups_of(scope, thing).into_iter().filter(|group| !group.is_default());
    let quotas = [
        ("DBInstances", count(model.deployments_of(scope, Thing::DbInstance).count()), 40),
        ("AllocatedStorage", storage, 100_000),
        ("DBParameterGroups", count(own_groups(Thing::DbParameterGroup).count()), 50),
        ("DBSecurityGroups", count(model.access_groups_of(scope, Thing::DbSecurityGroup).count()), 25),
        ("ManualSnapshots", count(model.service_snapshots_of(scope, Thing::DbSnapshot).count()), 100),
        ("DBSubnetGroups", count(model.subnet_groups_of(scope, Thing::DbSubnetGroup).count()), 50),
        ("SubnetsPerDBSubnetGroup", 0, 20),
        ("OptionGroups", count(model.option_groups_of(scope).iter().filter(|group| !group.is_default()).count()), 20),
        ("EventSubscriptions", 0, 20),
        ("ReadReplicasPerMaster", 0, 15),
    ];
    let quota = |(name, used, max): (&str, i64, i64)| rds::AccountQuota {
        account_quota_name: text(name),
        used: Some(used),
        max: Some(max),
    };
    Ok(quotas.into_iter().map(quota).collect())
}

/// The certificate authority that instances show.
pub const AUTHORITY: &str = "rds-ca-rsa2048-g1";

/// A certificate authority's certificate, and the days on which it becomes and ceases to be valid.
struct Certificate {
    name: &'static str,
    from: Time,
    till: Time,
}

static CERTIFICATES: [Certificate; 4] = [
    // From 22 August 2019 to 22 August 2024.
    Certificate { name: "rds-ca-2019", from: Time(1_566_432_000_000), till: Time(1_724_284_800_000) },
    // From 25 May 2021, for a hundred years or for forty.
    Certificate { name: "rds-ca-ecc384-g1", from: Time(1_621_900_800_000), till: Time(4_777_574_400_000) },
    Certificate { name: AUTHORITY, from: Time(1_621_900_800_000), till: Time(2_884_204_800_000) },
    Certificate { name: "rds-ca-rsa4096-g1", from: Time(1_621_900_800_000), till: Time(4_777_574_400_000) },
];

fn describe_certificates(cx: View, input: rds::DescribeCertificatesMessage) -> Result<rds::CertificateMessage> {
    let rds::DescribeCertificatesMessage { certificate_identifier, filters, page } = input;
    filter::check(&filters)?;
    let is_asked = |name: &str| certificate_identifier.as_deref().is_none_or(|asked| asked.eq_ignore_ascii_case(name));
    let rows: Vec<_> = CERTIFICATES.iter().filter(|certificate| is_asked(certificate.name)).collect();
    if let (Some(name), true) = (certificate_identifier, rows.is_empty()) {
        let why = Wanted::Certificate {};
        return Err(Error::Value { name: "CertificateIdentifier", value: name, why });
    }
    let Paged { items, next: marker } = paged(page, rows, |certificate: &&Certificate| certificate.name)?;
    let arn = |name: &str| format!("arn:{}:rds:{}::cert:{name}", cx.caller.scope.partition(), cx.caller.scope.region);
    let one = |&Certificate { name, from, till }: &Certificate| rds::Certificate {
        certificate_identifier: text(name),
        certificate_type: text("CA"),
        valid_from: Some(from),
        valid_till: Some(till),
        certificate_arn: text(arn(name)),
        customer_override: Some(false),
        ..Default::default()
    };
    Ok(rds::CertificateMessage {
        default_certificate_for_new_launches: text(AUTHORITY),
        certificates: items.into_iter().map(one).collect(),
        marker,
    })
}

/// The other Regions, any of which a snapshot or a replica may come from.
fn describe_source_regions(cx: View, input: rds::DescribeSourceRegionsMessage) -> Result<Paged<rds::SourceRegion>> {
    let rds::DescribeSourceRegionsMessage { region_name, page, filters } = input;
    filter::check(&filters)?;
    let own = Region::named(&cx.caller.scope.region);
    let others = REGIONS.iter().filter(|region| {
        own.is_none_or(|own| own.name != region.name && own.partition() == region.partition())
            && region_name.as_deref().is_none_or(|asked| asked == region.name)
    });
    let one = |region: &Region| rds::SourceRegion {
        region_name: text(region.name),
        endpoint: text(format!("https://rds.{}.{}", region.name, region.domain())),
        status: text("available"),
        supports_db_instance_automated_backups_replication: Some(true),
    };
    Ok(paged(page, others.collect(), |region: &&Region| region.name)?.map(one))
}

/// There is never pending maintenance.
fn describe_maintenance(
    _: View,
    input: rds::DescribePendingMaintenanceActionsMessage,
) -> Result<rds::PendingMaintenanceActionsMessage> {
    filter::check(&input.filters)?;
    Ok(rds::PendingMaintenanceActionsMessage { pending_maintenance_actions: Vec::new().into(), marker: None })
}
