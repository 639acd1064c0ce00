//! VPC Block Public Access.

use super::listing::{Attributes, one};
use super::region_settings::MANAGED_BY;
use super::{tags, text};
use crate::api::action::{Actions, Change, View};
use model::{BlockExclusion, Caller, Error, ExclusionMode, InternetBlock, Model, Result, arn};
use shapes::ec2;

pub fn actions(all: Actions) -> Actions {
    all.read(options).write(modify_options).write(create).read(describe).write(modify).write(delete)
}

fn shown_options(model: &Model, caller: &Caller) -> ec2::VpcBlockPublicAccessOptions {
    let settings = model.settings(&caller.scope);
    ec2::VpcBlockPublicAccessOptions {
        aws_account_id: text(&caller.scope.account),
        aws_region: text(&caller.scope.region),
        state: text(if settings.internet_block_set.is_some() { "update-complete" } else { "default-state" }),
        internet_gateway_block_mode: text(settings.internet_block.word()),
        last_update_timestamp: settings.internet_block_set,
        managed_by: text(MANAGED_BY),
        exclusions_allowed: text("allowed"),
        ..Default::default()
    }
}

fn options(cx: View, _: ec2::DescribeVpcBlockPublicAccessOptionsRequest) -> Result<ec2::VpcBlockPublicAccessOptions> {
    Ok(shown_options(cx.model, cx.caller))
}

fn modify_options(
    cx: Change,
    input: ec2::ModifyVpcBlockPublicAccessOptionsRequest,
) -> Result<ec2::VpcBlockPublicAccessOptions> {
    cx.model.block_internet(
        cx.caller,
        InternetBlock::read("InternetGatewayBlockMode", &input.internet_gateway_block_mode)?,
    );
    let changed = shown_options(cx.model, cx.caller);
    Ok(ec2::VpcBlockPublicAccessOptions { state: text("update-in-progress"), ..changed })
}

/// The states of blocking that VPCs and subnets show.
pub fn states(block: InternetBlock) -> Option<ec2::BlockPublicAccessStates> {
    Some(ec2::BlockPublicAccessStates { internet_gateway_block_mode: text(block.word()) })
}

static ATTRIBUTES: Attributes<BlockExclusion> = Attributes(&[
    ("internet-gateway-exclusion-mode", |_, exclusion| one(exclusion.mode.word())),
    ("resource-arn", |_, exclusion| one(place_of(exclusion))),
    ("state", |_, exclusion| one(state(exclusion))),
]);

fn place_of(exclusion: &BlockExclusion) -> String {
    arn(&exclusion.scope, if exclusion.is_of_subnet() { "subnet" } else { "vpc" }, &exclusion.place)
}

fn state(exclusion: &BlockExclusion) -> &'static str {
    if exclusion.changed.is_some() { "update-complete" } else { "create-complete" }
}

fn shown(exclusion: &BlockExclusion, state: &str) -> ec2::VpcBlockPublicAccessExclusion {
    ec2::VpcBlockPublicAccessExclusion {
        exclusion_id: text(&exclusion.id),
        internet_gateway_exclusion_mode: text(exclusion.mode.word()),
        resource_arn: text(place_of(exclusion)),
        state: text(state),
        creation_timestamp: Some(exclusion.created),
        last_update_timestamp: exclusion.changed,
        tags: tags::shown(&exclusion.tags),
        ..Default::default()
    }
}

fn create(
    cx: Change,
    input: ec2::CreateVpcBlockPublicAccessExclusionRequest,
) -> Result<ec2::VpcBlockPublicAccessExclusion> {
    let ec2::CreateVpcBlockPublicAccessExclusionRequest {
        subnet_id,
        vpc_id,
        internet_gateway_exclusion_mode: mode,
        tag_specifications,
    } = input;
    let place = match (vpc_id, subnet_id) {
        (Some(_), Some(_)) => return Err(Error::VpcOrSubnet {}),
        (vpc, subnet) => vpc.or(subnet).ok_or_else(|| Error::missing("VpcId or SubnetId"))?,
    };
    let mode = ExclusionMode::read("InternetGatewayExclusionMode", &mode)?;
    let tags = tags::of(tag_specifications, "vpc-block-public-access-exclusion")?;
    let id = cx.model.exclude_from_block(cx.caller, place, mode, tags)?;
    Ok(shown(cx.model.block_exclusions.find(&cx.caller.scope, &id)?, "create-in-progress"))
}

fn describe(
    cx: View,
    input: ec2::DescribeVpcBlockPublicAccessExclusionsRequest,
) -> Result<ec2::DescribeVpcBlockPublicAccessExclusionsResult> {
    let all = cx.model.block_exclusions.of(&cx.caller.scope);
    ATTRIBUTES.list(cx.model, all, input, |exclusion| shown(exclusion, state(exclusion)))
}

fn modify(
    cx: Change,
    input: ec2::ModifyVpcBlockPublicAccessExclusionRequest,
) -> Result<ec2::VpcBlockPublicAccessExclusion> {
    let (id, mode) = (input.exclusion_id, input.internet_gateway_exclusion_mode);
    cx.model.change_exclusion(cx.caller, &id, ExclusionMode::read("InternetGatewayExclusionMode", &mode)?)?;
    Ok(shown(cx.model.block_exclusions.find(&cx.caller.scope, &id)?, "update-in-progress"))
}

fn delete(
    cx: Change,
    input: ec2::DeleteVpcBlockPublicAccessExclusionRequest,
) -> Result<ec2::VpcBlockPublicAccessExclusion> {
    let exclusion = cx.model.delete_exclusion(cx.caller, &input.exclusion_id)?;
    Ok(ec2::VpcBlockPublicAccessExclusion {
        deletion_timestamp: Some(cx.caller.now),
        ..shown(&exclusion, "delete-in-progress")
    })
}
