//! The options of instances, which change no packet.

use super::{Importer, unsigned};
use model::{
    Automatic, BandwidthWeighting, CapacityPreference, CpuOptions, HostnameType, HttpTokens, IdKind, InstanceOptions,
    InstanceType, MetadataOptions, PrivateDnsNameOptions, ProfileAssociation, Switch, Time,
};
use shapes::ec2;

impl Importer<'_> {
    /// The options in the description of an instance. What is not said is as it is by default.
    pub(super) fn instance_options(&mut self, told: &ec2::Instance, launched: Time) -> InstanceOptions {
        let arn = told.iam_instance_profile.as_ref().and_then(|profile| profile.arn.clone());
        let id = arn.as_ref().map(|_| self.model.new_id(IdKind::IamInstanceProfileAssociation));
        let profile = id.zip(arn).map(|(id, arn)| ProfileAssociation { id, arn, since: launched });
        let placement = told.placement.clone().unwrap_or_default();
        let kept = told.maintenance_options.clone().unwrap_or_default();
        let network = told.network_performance_options.clone().unwrap_or_default();
        let capacity = told.capacity_reservation_specification.clone().unwrap_or_default();
        let cpu = told.cpu_options.clone().unwrap_or_default();
        let licenses = told.licenses.iter().filter_map(|license| license.license_configuration_arn.clone());
        InstanceOptions {
            metadata: metadata(told.metadata_options.clone()),
            profile,
            cpu: told.cpu_options.as_ref().and_then(|cpu| own_cpu(told.instance_type.as_deref(), cpu)),
            sev_snp: meant(cpu.amd_sev_snp, Switch::read),
            nested_virtualization: meant(cpu.nested_virtualization, Switch::read),
            hibernates: told.hibernation_options.as_ref().is_some_and(|is| is.configured == Some(true)),
            enclaves: told.enclave_options.as_ref().is_some_and(|is| is.enabled == Some(true)),
            auto_recovery: meant(kept.auto_recovery, Automatic::read).unwrap_or_default(),
            reboot_migration: meant(kept.reboot_migration, Automatic::read).unwrap_or_default(),
            dns: names(told.private_dns_name_options.clone().unwrap_or_default()),
            capacity: meant(capacity.capacity_reservation_preference, CapacityPreference::read).unwrap_or_default(),
            bandwidth: meant(network.bandwidth_weighting, BandwidthWeighting::read).unwrap_or_default(),
            dedicated_host: placement.host_id.filter(|host| self.model.dedicated_hosts.get(host).is_some()),
            placement_group: placement.group_name.filter(|name| !name.is_empty()),
            partition: unsigned(placement.partition_number),
            licenses: licenses.collect(),
            ..InstanceOptions::default()
        }
    }
}

/// The value for a word of the API, if it is known.
fn meant<T>(word: Option<String>, read: fn(&str, &str) -> model::Result<T>) -> Option<T> {
    word.and_then(|word| read("", &word).ok())
}

/// An instance's processors, unless they are its type's.
fn own_cpu(instance_type: Option<&str>, told: &ec2::CpuOptions) -> Option<CpuOptions> {
    let number = |told: Option<i32>| unsigned(told).filter(|number| *number > 0);
    let (cores, threads) = number(told.core_count).zip(number(told.threads_per_core))?;
    let usual = |known: &InstanceType| (cores, cores.saturating_mul(threads)) == (known.cores, known.processors);
    let is_usual = instance_type.and_then(InstanceType::named).is_some_and(usual);
    (!is_usual).then_some(CpuOptions { cores, threads })
}

fn names(told: ec2::PrivateDnsNameOptionsResponse) -> PrivateDnsNameOptions {
    PrivateDnsNameOptions {
        hostname: meant(told.hostname_type, HostnameType::read).unwrap_or_default(),
        a_record: told.enable_resource_name_dns_a_record == Some(true),
        aaaa_record: told.enable_resource_name_dns_aaaa_record == Some(true),
    }
}

/// How an instance reaches its metadata.
fn metadata(told: Option<ec2::InstanceMetadataOptionsResponse>) -> MetadataOptions {
    let (told, default) = (told.unwrap_or_default(), MetadataOptions::default());
    let hops = told.http_put_response_hop_limit.and_then(|hops| u8::try_from(hops).ok());
    MetadataOptions {
        tokens: meant(told.http_tokens, HttpTokens::read).unwrap_or(default.tokens),
        hop_limit: hops.filter(|hops| (1..=64).contains(hops)).unwrap_or(default.hop_limit),
        endpoint: meant(told.http_endpoint, Switch::read).unwrap_or(default.endpoint),
        ipv6: meant(told.http_protocol_ipv6, Switch::read).unwrap_or(default.ipv6),
        tags: meant(told.instance_metadata_tags, Switch::read).unwrap_or(default.tags),
    }
}
