//! The subscription of an account to the usage of its Spot instances.

use super::text;
use crate::api::action::Actions;
use model::{Caller, Error, Model, Result, SpotDatafeed};
use shapes::ec2;

pub fn actions(all: Actions) -> Actions {
    all.write(create).read(describe).write(delete)
}

/// The subscription that is there, or the error that there is none.
fn shown(model: &Model, caller: &Caller) -> Result<ec2::SpotDatafeedSubscription> {
    let SpotDatafeed { bucket, prefix } =
        model.settings(&caller.scope).spot_datafeed.ok_or(Error::NoSpotDatafeed {})?;
    Ok(ec2::SpotDatafeedSubscription {
        bucket: Some(bucket),
        prefix,
        owner_id: text(&caller.scope.account),
        state: text("Active"),
        ..Default::default()
    })
}

/// There is one at most: another takes its place.
fn create(
    model: &mut Model,
    caller: &Caller,
    input: ec2::CreateSpotDatafeedSubscriptionRequest,
) -> Result<ec2::SpotDatafeedSubscription> {
    let ec2::CreateSpotDatafeedSubscriptionRequest { bucket, prefix } = input;
    model.change_settings(caller, |settings| settings.spot_datafeed = Some(SpotDatafeed { bucket, prefix }));
    shown(model, caller)
}

fn describe(
    model: &Model,
    caller: &Caller,
    _: ec2::DescribeSpotDatafeedSubscriptionRequest,
) -> Result<ec2::SpotDatafeedSubscription> {
    shown(model, caller)
}

fn delete(model: &mut Model, caller: &Caller, _: ec2::DeleteSpotDatafeedSubscriptionRequest) -> Result<()> {
    shown(model, caller)?;
    model.change_settings(caller, |settings| settings.spot_datafeed = None);
    Ok(())
}
