//! Configurations of hardware security modules (HSMs). No cluster uses one.

use super::tags;
use crate::api::action::{Actions, Change, View};
use crate::api::deployment::{Paged, text};
use crate::api::entry::{self, found};
use model::services::{Result, ServiceEntry, Thing};
use shapes::redshift::{self, HsmConfiguration};

const THING: Thing = Thing::HsmConfiguration;

pub fn actions(all: Actions) -> Actions {
    all.write(create).read(describe).write(delete)
}

/// The password and the server's certificate are not stored.
fn create(cx: Change, input: redshift::CreateHsmConfigurationMessage) -> Result<HsmConfiguration> {
    let name = input.hsm_configuration_identifier.to_ascii_lowercase();
    let configuration = HsmConfiguration {
        description: Some(input.description),
        hsm_ip_address: Some(input.hsm_ip_address),
        hsm_partition_name: Some(input.hsm_partition_name),
        ..Default::default()
    };
    Ok(shown(&entry::create(cx.model, cx.caller, (THING, &name), &configuration, tags::of(input.tags)?)?))
}

fn describe(cx: View, input: redshift::DescribeHsmConfigurationsMessage) -> Result<Paged<HsmConfiguration>> {
    let (name, keys, values) = (input.hsm_configuration_identifier, input.tag_keys, input.tag_values);
    let is_asked = |entry: &ServiceEntry| tags::pass(&entry.tags, &keys, &values);
    Ok(found(cx.model, &cx.caller.scope, (THING, name), input.page, is_asked)?.map(shown))
}

fn delete(cx: Change, input: redshift::DeleteHsmConfigurationMessage) -> Result<()> {
    cx.model.delete_service_entry(&cx.caller.scope, THING, &input.hsm_configuration_identifier)?;
    Ok(())
}

fn shown(entry: &ServiceEntry) -> HsmConfiguration {
    HsmConfiguration {
        hsm_configuration_identifier: text(&entry.name),
        tags: tags::shown(&entry.tags),
        ..entry::told(entry)
    }
}
