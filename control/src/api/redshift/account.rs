//! The attributes of an account, and the storage of all its clusters.

use super::cluster::THING;
use crate::api::action::{Actions, View};
use crate::api::deployment::text;
use model::services::Result;
use shapes::List;
use shapes::redshift::{self, CustomerStorageMessage};

/// An attribute of accounts, with its value.
const ATTRIBUTES: [(&str, &str); 1] = [("max-defer-maintenance-duration", "45")];
/// The storage of a node of dc2.large, in MB.
const NODE_STORAGE: f64 = 163_840.0;

pub fn actions(all: Actions) -> Actions {
    all.read(describe_attributes).read(describe_storage)
}

fn describe_attributes(
    _: View,
    input: redshift::DescribeAccountAttributesMessage,
) -> Result<List<redshift::AccountAttribute>> {
    let names = input.attribute_names;
    let asked = ATTRIBUTES.iter().filter(|(name, _)| names.is_empty() || names.iter().any(|asked| asked == name));
    let one = |(name, value): &(&str, &str)| redshift::AccountAttribute {
        attribute_name: text(name),
        attribute_values: vec![redshift::AttributeValueTarget { attribute_value: text(value) }].into(),
    };
    Ok(asked.map(one).collect())
}

/// Snapshots have no data. Every node counts with the storage of the smallest type.
fn describe_storage(cx: View, _: redshift::DescribeStorageRequest) -> Result<CustomerStorageMessage> {
    let nodes: i32 = cx.model.deployments_of(&cx.caller.scope, THING).filter_map(|row| row.settings.nodes).sum();
    Ok(CustomerStorageMessage {
        total_backup_size_in_mega_bytes: Some(0.0),
        total_provisioned_storage_in_mega_bytes: Some(f64::from(nodes) * NODE_STORAGE),
    })
}
