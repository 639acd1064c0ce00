//! Elastic Compute Cloud, one file a resource: typed input → model → typed output.

mod account_attribute;
mod classic_link;
mod console_output;
mod credit_specification;
mod iam_instance_profile;
mod image;
mod image_attribute;
pub mod instance;
mod instance_attribute;
mod instance_filters;
pub mod instance_item;
mod instance_options;
mod instance_type;
mod instance_type_offering;
mod key_material;
mod key_pair;
mod launch;
mod listing;
mod placement_group;
mod region;
pub mod security_group;
mod security_group_reference;
mod security_group_rule;
mod snapshot;
pub mod subnet;
mod tags;
mod volume;
pub mod vpc;
mod vpc_cidr;

use super::action::Actions;
use super::legacy;
use super::protocol::{ApiError, Dialect};
use super::service::Service;
use crate::model::{Error, Time};
use shapes::{Timestamp, ec2};
use std::sync::LazyLock;

/// The service.
pub static SERVICE: Service = Service {
    facts: &ec2::FACTS,
    dialect: Dialect::Ec2,
    // The version that ClassicLink came with.
    oldest: "2014-10-01",
    actions: LazyLock::new(actions),
};

/// What each resource's file adds.
fn actions() -> Actions {
    let resources = [
        account_attribute::actions,
        classic_link::actions,
        console_output::actions,
        credit_specification::actions,
        iam_instance_profile::actions,
        image::actions,
        image_attribute::actions,
        instance::actions,
        instance_attribute::actions,
        instance_options::actions,
        instance_type::actions,
        instance_type_offering::actions,
        key_pair::actions,
        launch::actions,
        placement_group::actions,
        region::actions,
        security_group::actions,
        security_group_reference::actions,
        security_group_rule::actions,
        snapshot::actions,
        subnet::actions,
        tags::actions,
        volume::actions,
        vpc::actions,
        vpc_cidr::actions,
    ];
    resources.into_iter().fold(legacy::actions(), |all, add| add(all))
}

impl ApiError for Error {
    fn code(&self) -> &'static str {
        Error::code(self)
    }

    fn status(&self) -> u16 {
        400
    }
}

impl From<Time> for Timestamp {
    fn from(time: Time) -> Self {
        Timestamp(time.0)
    }
}

/// The text of a member that is there.
fn text(value: impl ToString) -> Option<String> {
    Some(value.to_string())
}
