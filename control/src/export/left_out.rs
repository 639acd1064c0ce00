//! The parts of a cloud that its export does not have.

use model::ssm::ParameterType;
use model::{Instance, ManagedService, Model, RegionSettings};

/// The parts of a cloud that the files do not have.
pub fn left_out(model: &Model) -> Vec<String> {
    let mut left_out = counted(&[(model.hosts.len(), "hosts outside the cloud")]);
    left_out.extend(without_format(model));
    left_out
}

/// The parts of a cloud for which there is no file format.
pub(super) fn without_format(model: &Model) -> Vec<String> {
    let is_unsaid = |instance: &&Instance| {
        instance.user_data.is_some() || instance.termination_protected || instance.terminates_on_shutdown
    };
    let secret = model.parameters.iter().filter(|parameter| parameter.kind == ParameterType::SecureString);
    let accounts = model.account_settings.iter().filter(|row| row.alias.is_some() || row.passwords.is_some());
    counted(&[
        (model.service_snapshots.len(), "snapshots of databases, caches and warehouses"),
        (model.fleets.len() + model.spot_fleets.len(), "fleets"),
        (model.instances.iter().filter(is_unsaid).count(), "instances' user data and settings of termination"),
        (model.region_settings.iter().filter(|row| is_set(row)).count(), "Regions' settings of EC2"),
        (unsaid_tags(model), "tags of services' groups, caches, parameters and log groups"),
        (secret.count(), "secret parameters of Systems Manager"),
        (model.log_streams.len(), "streams of log groups"),
        (model.log_policies.len(), "policies of CloudWatch Logs"),
        (model.insights_analyses.len(), "analyses of Reachability Analyzer"),
        (model.service_entries.len(), "other resources of services: subscriptions, proxies, users of caches"),
        (model.access_keys.len() + model.mfa_devices.len(), "access keys and MFA devices"),
        (accounts.count(), "accounts' aliases and password policies"),
        (
            model.identity_providers.len() + model.server_certificates.len(),
            "identity providers and server certificates",
        ),
    ])
}

/// Whether a Region has other settings than the block of traffic to the Internet, for which there is a file.
fn is_set(row: &RegionSettings) -> bool {
    let block = RegionSettings {
        id: row.id.clone(),
        internet_block: row.internet_block,
        internet_block_set: row.internet_block_set,
        ..RegionSettings::default()
    };
    *row != block
}

/// How many resources have tags that their descriptions do not tell.
fn unsaid_tags(model: &Model) -> usize {
    let caches = model.deployments.iter().filter(|row| row.thing.service() == ManagedService::ElastiCache);
    let groups = model.subnet_groups.iter().map(|row| &row.tags);
    let groups = groups.chain(model.access_groups.iter().map(|row| &row.tags));
    let groups = groups.chain(model.parameter_groups.iter().map(|row| &row.tags));
    let groups = groups.chain(model.option_groups.iter().map(|row| &row.tags));
    let others = model.parameters.iter().map(|row| &row.tags).chain(model.log_groups.iter().map(|row| &row.tags));
    let all = groups.chain(caches.map(|row| &row.tags)).chain(others);
    all.filter(|tags| !tags.is_empty()).count()
}

/// The kinds of which there are any, with their numbers.
pub(super) fn counted(kinds: &[(usize, &str)]) -> Vec<String> {
    kinds.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")).collect()
}
