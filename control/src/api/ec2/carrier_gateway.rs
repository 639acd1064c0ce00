//! Carrier gateways.

use super::listing::{Attributes, lingering_state, one};
use super::{tags, text, token};
use crate::api::action::{Actions, Change, View};
use model::{CarrierGateway, Result};
use shapes::ec2;

pub fn actions(all: Actions) -> Actions {
    all.write(create).read(describe).write(delete)
}

static ATTRIBUTES: Attributes<CarrierGateway> = Attributes(&[
    ("carrier-gateway-id", |_, gateway| one(&gateway.id)),
    ("owner-id", |_, gateway| one(&gateway.scope.account)),
    ("state", |model, gateway| one(lingering_state(model, &gateway.id))),
    ("vpc-id", |_, gateway| one(&gateway.vpc)),
]);

fn shown(gateway: &CarrierGateway, state: &str) -> ec2::CarrierGateway {
    ec2::CarrierGateway {
        carrier_gateway_id: text(&gateway.id),
        vpc_id: text(&gateway.vpc),
        state: text(state),
        owner_id: text(&gateway.scope.account),
        tags: tags::shown(&gateway.tags),
    }
}

fn create(Change { model, caller }: Change, input: ec2::CreateCarrierGatewayRequest) -> Result<ec2::CarrierGateway> {
    let ec2::CreateCarrierGatewayRequest { client_token, vpc_id, tag_specifications } = input;
    let tags = tags::of(tag_specifications, "carrier-gateway")?;
    let id = model.once(caller, "CreateCarrierGateway", token(&client_token), |model| {
        model.create_carrier_gateway(caller, &vpc_id, tags)
    })?;
    let gateway = model.carrier_gateways.find(&caller.scope, &id)?;
    Ok(shown(gateway, "available"))
}

fn describe(cx: View, input: ec2::DescribeCarrierGatewaysRequest) -> Result<ec2::DescribeCarrierGatewaysResult> {
    ATTRIBUTES.list_lingering(cx, &cx.model.carrier_gateways, input, shown)
}

fn delete(cx: Change, input: ec2::DeleteCarrierGatewayRequest) -> Result<ec2::CarrierGateway> {
    let gateway = cx.model.delete_carrier_gateway(cx.caller, &input.carrier_gateway_id)?;
    Ok(shown(&gateway, "deleted"))
}
