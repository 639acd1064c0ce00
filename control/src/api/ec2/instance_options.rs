//! Options of instances: how a launch says them, how they are shown, and the actions that change them.

use super::vpc::read_tenancy;
use super::{count, int, maybe_count, text};
use crate::api::action::{Actions, Change};
use model::{
    Automatic, BandwidthWeighting, BootImages, Caller, CapacityPreference, CpuCredits, CpuOptions, Error, HostnameType,
    HttpTokens, Instance, InstanceOptions, InstanceType, MetadataOptions, PlacementChange, PrivateDnsNameOptions,
    Result, Switch, Tenancy,
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

/// Refuses license configurations of other accounts: there is nothing that shares them.
pub fn check_licenses(caller: &Caller, sent: &[ec2::LicenseConfigurationRequest]) -> Result<()> {
    let owner = |arn: &String| arn.split(':').nth(4) == Some(caller.scope.account.as_str());
    let all_own = sent.iter().filter_map(|license| license.license_configuration_arn.as_ref()).all(owner);
    if all_own { Ok(()) } else { Err(Error::UnsharedLicense {}) }
}

/// The options that a launch asks for of instances of a type.
pub fn read(sent: &ec2::RunInstancesRequest, instance_type: &str) -> Result<InstanceOptions> {
    let placement = sent.placement.clone().unwrap_or_default();
    let credits = sent.credit_specification.as_ref().map(|sent| CpuCredits::read("CpuCredits", &sent.cpu_credits));
    let licenses = sent.license_specifications.iter();
    let cpu = sent.cpu_options.clone().unwrap_or_default();
    let mut options = InstanceOptions {
        cpu: cpu_options(instance_type, cpu.core_count, cpu.threads_per_core)?,
        sev_snp: maybe_switch("AmdSevSnp", cpu.amd_sev_snp)?,
        nested_virtualization: maybe_switch("NestedVirtualization", cpu.nested_virtualization)?,
        credits: credits.transpose()?,
        hibernates: sent.hibernation_options.as_ref().and_then(|sent| sent.configured).unwrap_or(false),
        licenses: licenses.filter_map(|license| license.license_configuration_arn.clone()).collect(),
        metadata: sent.metadata_options.clone().map(read_metadata).transpose()?.unwrap_or_default(),
        enclaves: sent.enclave_options.as_ref().and_then(|sent| sent.enabled).unwrap_or(false),
        stop_protected: sent.disable_api_stop.unwrap_or(false),
        placement_group: placement.group_name.or(placement.group_id),
        partition: maybe_count("PartitionNumber", placement.partition_number)?,
        affinity: placement.affinity,
        dedicated_host: placement.host_id,
        boot_images: BootImages { kernel: sent.kernel_id.clone(), ramdisk: sent.ramdisk_id.clone() },
        ..Default::default()
    };
    if let Some(dns) = sent.private_dns_name_options.clone() {
        let (a, aaaa) = (dns.enable_resource_name_dns_a_record, dns.enable_resource_name_dns_aaaa_record);
        change_dns(&mut options.dns, dns.hostname_type, a, aaaa)?;
    }
    if let Some(word) = sent.maintenance_options.as_ref().and_then(|sent| sent.auto_recovery.as_ref()) {
        options.auto_recovery = Automatic::read("AutoRecovery", word)?;
    }
    if let Some(word) = sent.network_performance_options.as_ref().and_then(|sent| sent.bandwidth_weighting.as_ref()) {
        options.bandwidth = BandwidthWeighting::read("BandwidthWeighting", word)?;
    }
    if let Some(capacity) = sent.capacity_reservation_specification.clone() {
        change_capacity(&mut options, capacity)?;
    }
    Ok(options)
}

/// The options of metadata that a launch asks for.
pub fn read_metadata(sent: ec2::InstanceMetadataOptionsRequest) -> Result<MetadataOptions> {
    let mut options = MetadataOptions::default();
    change_metadata(&mut options, sent)?;
    Ok(options)
}

/// Changes metadata options. Absent ones stay.
fn change_metadata(options: &mut MetadataOptions, sent: ec2::InstanceMetadataOptionsRequest) -> Result<()> {
    if let Some(word) = sent.http_tokens {
        options.tokens = HttpTokens::read("HttpTokens", &word)?;
    }
    if let Some(value) = sent.http_put_response_hop_limit {
        options.hop_limit = hop_limit(value)?;
    }
    let switches = [
        (&mut options.endpoint, "HttpEndpoint", sent.http_endpoint),
        (&mut options.ipv6, "HttpProtocolIpv6", sent.http_protocol_ipv6),
        (&mut options.tags, "InstanceMetadataTags", sent.instance_metadata_tags),
    ];
    for (switch, parameter, word) in switches {
        if let Some(word) = word {
            *switch = Switch::read(parameter, &word)?;
        }
    }
    Ok(())
}

/// The hop limit of answers with a token.
pub fn hop_limit(value: i32) -> Result<u8> {
    u8::try_from(value).ok().filter(|limit| (1..=64).contains(limit)).ok_or(Error::HopLimit { value })
}

/// Both numbers must be there; a type has at most its own cores, of one thread or of as many as usual.
fn cpu_options(instance_type: &str, cores: Option<i32>, threads: Option<i32>) -> Result<Option<CpuOptions>> {
    let (cores, threads) = match (cores, threads) {
        (None, None) => return Ok(None),
        (Some(cores), Some(threads)) => (cores, threads),
        (None, Some(_)) => return Err(Error::missing("CpuOptions.CoreCount")),
        (Some(_), None) => return Err(Error::missing("CpuOptions.ThreadsPerCore")),
    };
    let (cores, threads) = (count("CoreCount", cores)?, count("ThreadsPerCore", threads)?);
    let fits = |known: &InstanceType| {
        (1..=known.cores).contains(&cores) && (1..=known.processors / known.cores.max(1)).contains(&threads)
    };
    match InstanceType::named(instance_type).is_none_or(fits) {
        true => Ok(Some(CpuOptions { cores, threads })),
        false => Err(Error::CpuOptions { cores, threads, instance_type: instance_type.to_owned() }),
    }
}

fn maybe_switch(parameter: &str, word: Option<String>) -> Result<Option<Switch>> {
    word.map(|word| Switch::read(parameter, &word)).transpose()
}

/// Changes private DNS name options. Absent ones stay.
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
            amd_sev_snp: options.sev_snp.map(|switch| switch.word().to_owned()),
            nested_virtualization: options.nested_virtualization.map(|switch| switch.word().to_owned()),
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
    cx: Change,
    input: ec2::ModifyInstanceMetadataOptionsRequest,
) -> Result<ec2::ModifyInstanceMetadataOptionsResult> {
    let ec2::ModifyInstanceMetadataOptionsRequest {
        instance_id: id,
        http_tokens,
        http_put_response_hop_limit,
        http_endpoint,
        http_protocol_ipv6,
        instance_metadata_tags,
    } = input;
    let has_tokens = http_tokens.is_some();
    let change = ec2::InstanceMetadataOptionsRequest {
        http_tokens,
        http_put_response_hop_limit,
        http_endpoint,
        http_protocol_ipv6,
        instance_metadata_tags,
    };
    cx.model.change_options(cx.caller, &id, |options| change_metadata(&mut options.metadata, change))?;
    let instance = cx.model.instances.find(&cx.caller.scope, &id)?;
    if has_tokens {
        cx.model.check_tokens(&cx.caller.scope, instance.options.metadata.tokens)?;
    }
    Ok(ec2::ModifyInstanceMetadataOptionsResult {
        instance_metadata_options: Some(metadata(&instance.options.metadata)),
        instance_id: Some(id),
    })
}

fn modify_maintenance(
    cx: Change,
    input: ec2::ModifyInstanceMaintenanceOptionsRequest,
) -> Result<ec2::ModifyInstanceMaintenanceOptionsResult> {
    let ec2::ModifyInstanceMaintenanceOptionsRequest { instance_id, auto_recovery, reboot_migration } = input;
    cx.model.change_options(cx.caller, &instance_id, |options| {
        if let Some(word) = &auto_recovery {
            options.auto_recovery = Automatic::read("AutoRecovery", word)?;
        }
        if let Some(word) = &reboot_migration {
            options.reboot_migration = Automatic::read("RebootMigration", word)?;
        }
        Ok(())
    })?;
    let options = &cx.model.instances.find(&cx.caller.scope, &instance_id)?.options;
    Ok(ec2::ModifyInstanceMaintenanceOptionsResult {
        auto_recovery: text(options.auto_recovery.word()),
        reboot_migration: text(options.reboot_migration.word()),
        instance_id: Some(instance_id),
    })
}

fn modify_private_dns(cx: Change, input: ec2::ModifyPrivateDnsNameOptionsRequest) -> Result<()> {
    let ec2::ModifyPrivateDnsNameOptionsRequest {
        instance_id,
        private_dns_hostname_type,
        enable_resource_name_dns_a_record: a_record,
        enable_resource_name_dns_aaaa_record: aaaa_record,
    } = input;
    let change =
        |options: &mut InstanceOptions| change_dns(&mut options.dns, private_dns_hostname_type, a_record, aaaa_record);
    cx.model.change_options(cx.caller, &instance_id, change)
}

fn modify_cpu(cx: Change, input: ec2::ModifyInstanceCpuOptionsRequest) -> Result<ec2::ModifyInstanceCpuOptionsResult> {
    let ec2::ModifyInstanceCpuOptionsRequest { instance_id, core_count, threads_per_core, nested_virtualization } =
        input;
    let instance_type = cx.model.instances.find(&cx.caller.scope, &instance_id)?.instance_type.clone();
    let cpu = cpu_options(&instance_type, core_count, threads_per_core)?;
    let nested = maybe_switch("NestedVirtualization", nested_virtualization.clone())?;
    cx.model.change_options_of_stopped(cx.caller, &instance_id, |options| {
        options.cpu = cpu.or_else(|| options.cpu.take());
        options.nested_virtualization = nested.or(options.nested_virtualization);
        Ok(())
    })?;
    Ok(ec2::ModifyInstanceCpuOptionsResult {
        instance_id: Some(instance_id),
        core_count,
        threads_per_core,
        nested_virtualization,
    })
}

fn modify_capacity(cx: Change, input: ec2::ModifyInstanceCapacityReservationAttributesRequest) -> Result<()> {
    let ec2::ModifyInstanceCapacityReservationAttributesRequest { instance_id, capacity_reservation_specification } =
        input;
    let change = |options: &mut InstanceOptions| change_capacity(options, capacity_reservation_specification);
    cx.model.change_options_of_stopped(cx.caller, &instance_id, change)
}

fn modify_bandwidth(
    cx: Change,
    input: ec2::ModifyInstanceNetworkPerformanceRequest,
) -> Result<ec2::ModifyInstanceNetworkPerformanceResult> {
    let ec2::ModifyInstanceNetworkPerformanceRequest { instance_id, bandwidth_weighting } = input;
    let bandwidth = BandwidthWeighting::read("BandwidthWeighting", &bandwidth_weighting)?;
    cx.model.change_options_of_stopped(cx.caller, &instance_id, |options| {
        options.bandwidth = bandwidth;
        Ok(())
    })?;
    Ok(ec2::ModifyInstanceNetworkPerformanceResult {
        instance_id: Some(instance_id),
        bandwidth_weighting: Some(bandwidth_weighting),
    })
}

/// An empty name takes the instance out of its placement group.
fn modify_placement(cx: Change, input: ec2::ModifyInstancePlacementRequest) -> Result<()> {
    let ec2::ModifyInstancePlacementRequest {
        group_name,
        partition_number,
        group_id,
        instance_id,
        tenancy,
        affinity,
        host_id: host,
    } = input;
    if let Some(other) = affinity.as_ref().filter(|word| !matches!(word.as_str(), "default" | "host")) {
        return Err(Error::invalid("Affinity", other));
    }
    let out = group_name.clone().filter(String::is_empty);
    let group =
        cx.model.placement_group_name(&cx.caller.scope, group_name.filter(|name| !name.is_empty()).or(group_id))?;
    let change = PlacementChange {
        tenancy: tenancy.as_deref().map(read_tenancy).transpose()?,
        affinity,
        host,
        group: group.or(out),
        partition: maybe_count("PartitionNumber", partition_number)?,
    };
    cx.model.modify_placement(cx.caller, &instance_id, change)
}

/// The hardware that a placement asks for.
pub fn take_tenancy(placement: &ec2::Placement) -> Result<Option<Tenancy>> {
    placement.tenancy.as_deref().map(read_tenancy).transpose()
}
