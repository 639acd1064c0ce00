//! The subscription of an account to the data feed of its Spot Instances.

use super::text;
use crate::api::action::{Actions, Change, View};
use model::{Caller, Error, Model, Result, SpotDatafeed};
use shapes::ec2;

pub fn actions(all: Actions) -> Actions {
    all.write(create).read(describe).write(delete)
}

/// The subscription, or the error for an account without one.
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

/// An account has one at most. A new one replaces it.
fn create(cx: Change, input: ec2::CreateSpotDatafeedSubscriptionRequest) -> Result<ec2::SpotDatafeedSubscription> {
    let ec2::CreateSpotDatafeedSubscriptionRequest { bucket, prefix } = input;
    cx.model.change_settings(cx.caller, |settings| settings.spot_datafeed = Some(SpotDatafeed { bucket, prefix }));
    shown(cx.model, cx.caller)
}

fn describe(cx: View, _: ec2::DescribeSpotDatafeedSubscriptionRequest) -> Result<ec2::SpotDatafeedSubscription> {
    shown(cx.model, cx.caller)
}

fn delete(cx: Change, _: ec2::DeleteSpotDatafeedSubscriptionRequest) -> Result<()> {
    shown(cx.model, cx.caller)?;
    cx.model.change_settings(cx.caller, |settings| settings.spot_datafeed = None);
    Ok(())
}
