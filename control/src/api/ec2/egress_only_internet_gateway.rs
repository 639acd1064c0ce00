//! Egress-only Internet gateways.

use super::listing::Attributes;
use super::{tags, text, token};
use crate::api::action::{Actions, Change, View};
use model::{EgressOnlyInternetGateway, Result};
use shapes::ec2;

pub fn actions(all: Actions) -> Actions {
    all.write(create).read(describe).write(delete)
}

/// Their tags are all that they can be filtered by.
static ATTRIBUTES: Attributes<EgressOnlyInternetGateway> = Attributes(&[]);

fn shown(gateway: &EgressOnlyInternetGateway) -> ec2::EgressOnlyInternetGateway {
    let attachment = ec2::InternetGatewayAttachment { state: text("attached"), vpc_id: text(&gateway.vpc) };
    ec2::EgressOnlyInternetGateway {
        attachments: vec![attachment].into(),
        egress_only_internet_gateway_id: text(&gateway.id),
        tags: tags::shown(&gateway.tags),
    }
}

fn create(
    Change { model, caller }: Change,
    input: ec2::CreateEgressOnlyInternetGatewayRequest,
) -> Result<ec2::CreateEgressOnlyInternetGatewayResult> {
    let ec2::CreateEgressOnlyInternetGatewayRequest { client_token, vpc_id, tag_specifications } = input;
    let tags = tags::of(tag_specifications, "egress-only-internet-gateway")?;
    let id = model.once(caller, "CreateEgressOnlyInternetGateway", token(&client_token), |model| {
        model.create_egress_only_gateway(caller, &vpc_id, tags)
    })?;
    let gateway = model.egress_only_gateways.find(&caller.scope, &id)?;
    Ok(ec2::CreateEgressOnlyInternetGatewayResult {
        client_token: client_token.text,
        egress_only_internet_gateway: Some(shown(gateway)),
    })
}

fn describe(
    cx: View,
    input: ec2::DescribeEgressOnlyInternetGatewaysRequest,
) -> Result<ec2::DescribeEgressOnlyInternetGatewaysResult> {
    let ec2::DescribeEgressOnlyInternetGatewaysRequest { egress_only_internet_gateway_ids, page, filters } = input;
    // EC2 is silent about those that are not there, as it is with few other kinds.
    let ids = &egress_only_internet_gateway_ids;
    let named = |gateway: &&EgressOnlyInternetGateway| ids.is_empty() || ids.contains(&gateway.id);
    let all = cx.model.egress_only_gateways.of(&cx.caller.scope).filter(named);
    let (gateways, next_token) = ATTRIBUTES.page(cx.model, all, &[], &filters, &page)?;
    let egress_only_internet_gateways = gateways.into_iter().map(shown).collect();
    Ok(ec2::DescribeEgressOnlyInternetGatewaysResult { egress_only_internet_gateways, next_token })
}

fn delete(cx: Change, input: ec2::DeleteEgressOnlyInternetGatewayRequest) -> Result<bool> {
    cx.model.delete_egress_only_gateway(cx.caller, &input.egress_only_internet_gateway_id)?;
    Ok(true)
}
