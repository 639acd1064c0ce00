//! Options of instances: how a launch says them, how they are shown, and the actions that change them.

use super::{int, text};
use crate::api::action::Actions;
use model::{
    Automatic, BandwidthWeighting, Caller, CapacityPreference, CpuCredits, CpuOptions, Error, HostnameType, HttpTokens,
    Instance, InstanceOptions, InstanceType, MetadataOptions, Model, PrivateDnsNameOptions, Result, Switch,
};
use shapes::ec2;

pub fn actions(all: Actions) -> Actions {
    all.write(modify_metadata)
        .write(modify_maintenance)
        .write(modify_private_dns)
        .write(modify_cpu)
        .write(modify_capacity)
        .write(modify_bandwidth)
        .write(modify_placement)
}

/// What RunInstances says about them.
#[derive(Default)]
pub struct Sent {
    pub cpu: Option<ec2::CpuOptionsRequest>,
    pub credits: Option<ec2::CreditSpecificationRequest>,
    pub capacity: Option<ec2::CapacityReservationSpecification>,
    pub hibernation: Option<ec2::HibernationOptionsRequest>,
    pub licenses: Vec<ec2::LicenseConfigurationRequest>,
    pub metadata: Option<ec2::InstanceMetadataOptionsRequest>,
    pub enclaves: Option<ec2::EnclaveOptionsRequest>,
    pub dns: Option<ec2::PrivateDnsNameOptionsRequest>,
    pub maintenance: Option<ec2::InstanceMaintenanceOptionsRequest>,
    pub network: Option<ec2::InstanceNetworkPerformanceOptionsRequest>,
    pub stop_protected: Option<bool>,
    pub placement: ec2::Placement,
}

/// Refuses license configurations of other accounts: there is nothing that shares them.
pub fn check_licenses(caller: &Caller, sent: &[ec2::LicenseConfigurationRequest]) -> Result<()> {
    let owner = |arn: &String| arn.split(':').nth(4) == Some(caller.scope.account.as_str());
    let all_own = sent.iter().filter_map(|license| license.license_configuration_arn.as_ref()).all(owner);
    if all_own { Ok(()) } else { Err(Error::UnsharedLicense {}) }
}

/// The options of instances of a type.
pub fn read(sent: Sent, instance_type: &str) -> Result<InstanceOptions> {
    let Sent {
        cpu,
        credits,
        capacity,
        hibernation,
        licenses,
        metadata,
        enclaves,
        dns,
        maintenance,
        network,
        stop_protected,
        placement,
    } = sent;
    let mut options = InstanceOptions {
        cpu: cpu.map(|cpu| cpu_options(instance_type, cpu.core_count, cpu.threads_per_core)).transpose()?.flatten(),
        credits: credits.map(|credits| CpuCredits::read("CpuCredits", &credits.cpu_credits)).transpose()?,
        hibernates: hibernation.and_then(|hibernation| hibernation.configured).unwrap_or(false),
        licenses: licenses.into_iter().filter_map(|license| license.license_configuration_arn).collect(),
        enclaves: enclaves.and_then(|enclaves| enclaves.enabled).unwrap_or(false),
        stop_protected: stop_protected.unwrap_or(false),
        ..Default::default()
    };
    if let Some(metadata) = metadata {
        let ec2::InstanceMetadataOptionsRequest {
            http_tokens: tokens,
            http_put_response_hop_limit: hop_limit,
            http_endpoint: endpoint,
            http_protocol_ipv6: ipv6,
            instance_metadata_tags: tags,
        } = metadata;
        change_metadata(&mut options.metadata, MetadataChange { tokens, hop_limit, endpoint, ipv6, tags })?;
    }
    if let Some(dns) = dns {
        let (a, aaaa) = (dns.enable_resource_name_dns_a_record, dns.enable_resource_name_dns_aaaa_record);
        change_dns(&mut options.dns, dns.hostname_type, a, aaaa)?;
    }
    if let Some(word) = maintenance.and_then(|maintenance| maintenance.auto_recovery) {
        options.auto_recovery = Automatic::read("AutoRecovery", &word)?;
    }
    if let Some(word) = network.and_then(|network| network.bandwidth_weighting) {
        options.bandwidth = BandwidthWeighting::read("BandwidthWeighting", &word)?;
    }
    if let Some(capacity) = capacity {
        change_capacity(&mut options, capacity)?;
    }
    options.placement_group = placement.group_name.or(placement.group_id);
    options.partition = placement.partition_number.and_then(|number| u32::try_from(number).ok());
    options.affinity = placement.affinity;
    options.dedicated_host = placement.host_id;
    Ok(options)
}

/// What is said about metadata; the rest stays as it is.
struct MetadataChange {
    tokens: Option<String>,
    hop_limit: Option<i32>,
    endpoint: Option<String>,
    ipv6: Option<String>,
    tags: Option<String>,
}

fn change_metadata(options: &mut MetadataOptions, change: MetadataChange) -> Result<()> {
    let MetadataChange { tokens, hop_limit, endpoint, ipv6, tags } = change;
    if let Some(word) = tokens {
        options.tokens = HttpTokens::read("HttpTokens", &word)?;
    }
    if let Some(value) = hop_limit {
        let fits = u8::try_from(value).ok().filter(|limit| (1..=64).contains(limit));
        options.hop_limit = fits.ok_or(Error::HopLimit { value })?;
    }
    let switches = [
        (&mut options.endpoint, "HttpEndpoint", endpoint),
        (&mut options.ipv6, "HttpProtocolIpv6", ipv6),
        (&mut options.tags, "InstanceMetadataTags", tags),
    ];
    for (switch, parameter, word) in switches {
        if let Some(word) = word {
            *switch = Switch::read(parameter, &word)?;
        }
    }
    Ok(())
}

/// Both numbers must be there; a type has at most its own cores, of one thread or of as many as usual.
fn cpu_options(instance_type: &str, cores: Option<i32>, threads: Option<i32>) -> Result<Option<CpuOptions>> {
    let (cores, threads) = match (cores, threads) {
        (None, None) => return Ok(None),
        (Some(cores), Some(threads)) => (cores, threads),
        (None, Some(_)) => return Err(Error::missing("CpuOptions.CoreCount")),
        (Some(_), None) => return Err(Error::missing("CpuOptions.ThreadsPerCore")),
    };
    let number = |parameter, value| u32::try_from(value).map_err(|_| Error::invalid(parameter, value));
    let (cores, threads) = (number("CoreCount", cores)?, number("ThreadsPerCore", threads)?);
    let fits = |known: &InstanceType| {
        (1..=known.cores).contains(&cores) && (1..=known.processors / known.cores.max(1)).contains(&threads)
    };
    match InstanceType::named(instance_type).is_none_or(fits) {
        true => Ok(Some(CpuOptions { cores, threads })),
        false => Err(Error::CpuOptions { cores, threads, instance_type: instance_type.to_owned() }),
    }
}

/// Changes what is said of names in DNS.
pub fn change_dns(
    options: &mut PrivateDnsNameOptions,
    hostname: Option<String>,
    a_record: Option<bool>,
    aaaa_record: Option<bool>,
) -> Result<()> {
    if let Some(word) = hostname {
        options.hostname = HostnameType::read("HostnameType", &word)?;
    }
    options.a_record = a_record.unwrap_or(options.a_record);
    options.aaaa_record = aaaa_record.unwrap_or(options.aaaa_record);
    Ok(())
}

fn change_capacity(options: &mut InstanceOptions, sent: ec2::CapacityReservationSpecification) -> Result<()> {
    if let Some(word) = sent.capacity_reservation_preference {
        options.capacity = CapacityPreference::read("CapacityReservationPreference", &word)?;
    }
    options.capacity_target = sent.capacity_reservation_target.and_then(|target| target.capacity_reservation_id);
    Ok(())
}

/// `metadataOptions`
pub fn metadata(options: &MetadataOptions) -> ec2::InstanceMetadataOptionsResponse {
    ec2::InstanceMetadataOptionsResponse {
        state: text("applied"),
        http_tokens: text(options.tokens.word()),
        http_put_response_hop_limit: Some(options.hop_limit.into()),
        http_endpoint: text(options.endpoint.word()),
        http_protocol_ipv6: text(options.ipv6.word()),
        instance_metadata_tags: text(options.tags.word()),
    }
}

/// The members of a description that tell options.
pub fn shown(instance: &Instance) -> ec2::Instance {
    let options = &instance.options;
    let CpuOptions { cores, threads } = instance.cpu();
    let target = options
        .capacity_target
        .as_ref()
        .map(|id| ec2::CapacityReservationTargetResponse { capacity_reservation_id: text(id), ..Default::default() });
    let license = |arn: &String| ec2::LicenseConfiguration { license_configuration_arn: text(arn) };
    ec2::Instance {
        cpu_options: Some(ec2::CpuOptions {
            core_count: int(cores),
            threads_per_core: int(threads),
            ..Default::default()
        }),
        capacity_reservation_specification: Some(ec2::CapacityReservationSpecificationResponse {
            capacity_reservation_preference: target.is_none().then(|| options.capacity.word().to_owned()),
            capacity_reservation_target: target,
        }),
        hibernation_options: Some(ec2::HibernationOptions { configured: Some(options.hibernates) }),
        licenses: options.licenses.iter().map(license).collect::<shapes::List<_>>().unless_empty(),
        metadata_options: Some(metadata(&options.metadata)),
        enclave_options: Some(ec2::EnclaveOptions { enabled: Some(options.enclaves) }),
        private_dns_name_options: instance.vpc().map(|_| ec2::PrivateDnsNameOptionsResponse {
            hostname_type: text(options.dns.hostname.word()),
            enable_resource_name_dns_a_record: Some(options.dns.a_record),
            enable_resource_name_dns_aaaa_record: Some(options.dns.aaaa_record),
        }),
        maintenance_options: Some(ec2::InstanceMaintenanceOptions {
            auto_recovery: text(options.auto_recovery.word()),
            reboot_migration: text(options.reboot_migration.word()),
        }),
        network_performance_options: Some(ec2::InstanceNetworkPerformanceOptions {
            bandwidth_weighting: text(options.bandwidth.word()),
        }),
        ..Default::default()
    }
}

fn modify_metadata(
    model: &mut Model,
    caller: &Caller,
    input: ec2::ModifyInstanceMetadataOptionsRequest,
) -> Result<ec2::ModifyInstanceMetadataOptionsResult> {
    let ec2::ModifyInstanceMetadataOptionsRequest {
        instance_id: id,
        http_tokens: tokens,
        http_put_response_hop_limit: hop_limit,
        http_endpoint: endpoint,
        http_protocol_ipv6: ipv6,
        instance_metadata_tags: tags,
    } = input;
    let change = MetadataChange { tokens, hop_limit, endpoint, ipv6, tags };
    model.change_options(caller, &id, |options| change_metadata(&mut options.metadata, change))?;
    let instance = model.instances.find(&caller.scope, &id)?;
    Ok(ec2::ModifyInstanceMetadataOptionsResult {
        instance_metadata_options: Some(metadata(&instance.options.metadata)),
        instance_id: Some(id),
    })
}

fn modify_maintenance(
    model: &mut Model,
    caller: &Caller,
    input: ec2::ModifyInstanceMaintenanceOptionsRequest,
) -> Result<ec2::ModifyInstanceMaintenanceOptionsResult> {
    let ec2::ModifyInstanceMaintenanceOptionsRequest { instance_id, auto_recovery, reboot_migration } = input;
    model.change_options(caller, &instance_id, |options| {
        if let Some(word) = &auto_recovery {
            options.auto_recovery = Automatic::read("AutoRecovery", word)?;
        }
        if let Some(word) = &reboot_migration {
            options.reboot_migration = Automatic::read("RebootMigration", word)?;
        }
        Ok(())
    })?;
    let options = &model.instances.find(&caller.scope, &instance_id)?.options;
    Ok(ec2::ModifyInstanceMaintenanceOptionsResult {
        auto_recovery: text(options.auto_recovery.word()),
        reboot_migration: text(options.reboot_migration.word()),
        instance_id: Some(instance_id),
    })
}

fn modify_private_dns(
    model: &mut Model,
    caller: &Caller,
    input: ec2::ModifyPrivateDnsNameOptionsRequest,
) -> Result<ec2::ModifyPrivateDnsNameOptionsResult> {
    let ec2::ModifyPrivateDnsNameOptionsRequest {
        instance_id,
        private_dns_hostname_type,
        enable_resource_name_dns_a_record: a_record,
        enable_resource_name_dns_aaaa_record: aaaa_record,
    } = input;
    let change =
        |options: &mut InstanceOptions| change_dns(&mut options.dns, private_dns_hostname_type, a_record, aaaa_record);
    model.change_options(caller, &instance_id, change)?;
    Ok(ec2::ModifyPrivateDnsNameOptionsResult { r#return: Some(true) })
}

fn modify_cpu(
    model: &mut Model,
    caller: &Caller,
    input: ec2::ModifyInstanceCpuOptionsRequest,
) -> Result<ec2::ModifyInstanceCpuOptionsResult> {
    let ec2::ModifyInstanceCpuOptionsRequest { instance_id, core_count, threads_per_core } = input;
    let instance_type = model.instances.find(&caller.scope, &instance_id)?.instance_type.clone();
    let cpu = cpu_options(&instance_type, core_count, threads_per_core)?;
    model.change_options_of_stopped(caller, &instance_id, |options| {
        options.cpu = cpu.or_else(|| options.cpu.take());
        Ok(())
    })?;
    Ok(ec2::ModifyInstanceCpuOptionsResult {
        instance_id: Some(instance_id),
        core_count,
        threads_per_core,
        ..Default::default()
    })
}

fn modify_capacity(
    model: &mut Model,
    caller: &Caller,
    input: ec2::ModifyInstanceCapacityReservationAttributesRequest,
) -> Result<ec2::ModifyInstanceCapacityReservationAttributesResult> {
    let ec2::ModifyInstanceCapacityReservationAttributesRequest { instance_id, capacity_reservation_specification } =
        input;
    let change = |options: &mut InstanceOptions| change_capacity(options, capacity_reservation_specification);
    model.change_options_of_stopped(caller, &instance_id, change)?;
    Ok(ec2::ModifyInstanceCapacityReservationAttributesResult { r#return: Some(true) })
}

fn modify_bandwidth(
    model: &mut Model,
    caller: &Caller,
    input: ec2::ModifyInstanceNetworkPerformanceRequest,
) -> Result<ec2::ModifyInstanceNetworkPerformanceResult> {
    let ec2::ModifyInstanceNetworkPerformanceRequest { instance_id, bandwidth_weighting } = input;
    let bandwidth = BandwidthWeighting::read("BandwidthWeighting", &bandwidth_weighting)?;
    model.change_options_of_stopped(caller, &instance_id, |options| {
        options.bandwidth = bandwidth;
        Ok(())
    })?;
    Ok(ec2::ModifyInstanceNetworkPerformanceResult {
        instance_id: Some(instance_id),
        bandwidth_weighting: Some(bandwidth_weighting),
    })
}

/// An empty name takes the instance out of its placement group.
fn modify_placement(
    model: &mut Model,
    caller: &Caller,
    input: ec2::ModifyInstancePlacementRequest,
) -> Result<ec2::ModifyInstancePlacementResult> {
    let ec2::ModifyInstancePlacementRequest { group_name, partition_number, group_id, instance_id, affinity, host_id } =
        input;
    let partition = partition_number.map(|n| u32::try_from(n).map_err(|_| Error::invalid("PartitionNumber", n)));
    let partition = partition.transpose()?;
    if let Some(host) = &host_id {
        model.dedicated_hosts.find(&caller.scope, host)?;
    }
    let out = group_name.as_deref() == Some("");
    let group = model.placement_group_meant(&caller.scope, group_name.filter(|name| !name.is_empty()).or(group_id))?;
    model.change_options_of_stopped(caller, &instance_id, |options| {
        options.placement_group = group.or_else(|| options.placement_group.take().filter(|_| !out));
        options.partition = partition.or(options.partition);
        options.affinity = affinity.or_else(|| options.affinity.take());
        options.dedicated_host = host_id.or_else(|| options.dedicated_host.take());
        Ok(())
    })?;
    Ok(ec2::ModifyInstancePlacementResult { r#return: Some(true) })
}
