//! Internet gateways.

use super::listing::{Attributes, each, one};
use super::{tags, text};
use crate::api::action::{Actions, Change, View};
use model::{InternetGateway, Result};
use shapes::ec2;

pub fn actions(all: Actions) -> Actions {
    all.write(create).read(describe).write(attach).write(detach).write(delete)
}

static ATTRIBUTES: Attributes<InternetGateway> = Attributes(&[
    ("attachment.state", |_, gateway| each(gateway.vpc.iter().map(|_| "available"))),
    ("attachment.vpc-id", |_, gateway| each(&gateway.vpc)),
    ("internet-gateway-id", |_, gateway| one(&gateway.id)),
    ("owner-id", |_, gateway| one(&gateway.scope.account)),
]);

fn shown(gateway: &InternetGateway) -> ec2::InternetGateway {
    // EC2 says `available` here, though the type of the element knows only attaching, attached, …
    let attachment = |vpc| ec2::InternetGatewayAttachment { state: text("available"), vpc_id: text(vpc) };
    ec2::InternetGateway {
        attachments: gateway.vpc.iter().map(attachment).collect(),
        internet_gateway_id: text(&gateway.id),
        owner_id: text(&gateway.scope.account),
        tags: tags::shown(&gateway.tags),
    }
}

fn create(cx: Change, input: ec2::CreateInternetGatewayRequest) -> Result<ec2::InternetGateway> {
    let id = cx.model.create_internet_gateway(cx.caller, tags::of(input.tag_specifications, "internet-gateway")?)?;
    Ok(shown(cx.model.internet_gateways.find(&cx.caller.scope, &id)?))
}

fn describe(cx: View, input: ec2::DescribeInternetGatewaysRequest) -> Result<ec2::DescribeInternetGatewaysResult> {
    let all = cx.model.internet_gateways.of(&cx.caller.scope);
    ATTRIBUTES.list(cx.model, all, input, shown)
}

fn attach(cx: Change, input: ec2::AttachInternetGatewayRequest) -> Result<()> {
    cx.model.attach_internet_gateway(cx.caller, &input.internet_gateway_id, &input.vpc_id)
}

fn detach(cx: Change, input: ec2::DetachInternetGatewayRequest) -> Result<()> {
    cx.model.detach_internet_gateway(cx.caller, &input.internet_gateway_id, &input.vpc_id)
}

fn delete(cx: Change, input: ec2::DeleteInternetGatewayRequest) -> Result<()> {
    cx.model.delete_internet_gateway(cx.caller, &input.internet_gateway_id)
}
