//! DHCP options sets on the wire.

use super::describe::Listing;
use super::params::Params;
use super::xml::Node;
use super::{Actions, Handler};
use crate::model::{Caller, DhcpOptions, IdKind, Model, Result};

pub const ACTIONS: Actions = &[
    ("CreateDhcpOptions", Handler::Write(create)),
    ("DescribeDhcpOptions", Handler::Read(describe)),
    ("AssociateDhcpOptions", Handler::Write(associate)),
    ("DeleteDhcpOptions", Handler::Write(delete)),
];

static LISTING: Listing<DhcpOptions> = Listing {
    ids: "DhcpOptionsId",
    set: "dhcpOptionsSet",
    filters: &[
        ("dhcp-options-id", |_, options| vec![options.id.clone()]),
        ("key", |_, options| options.values.keys().cloned().collect()),
        ("value", |_, options| options.values.values().flatten().cloned().collect()),
        ("owner-id", |_, options| vec![options.scope.account.clone()]),
    ],
    item,
};

fn item(_: &Model, options: &DhcpOptions) -> Node {
    let values = |values: &Vec<String>| values.iter().map(|value| Node::new().text("value", value)).collect::<Vec<_>>();
    let configuration = options.values.iter();
    let configuration = configuration.map(|(key, of_key)| Node::new().text("key", key).set("valueSet", values(of_key)));
    Node::new()
        .text("dhcpOptionsId", &options.id)
        .text("ownerId", &options.scope.account)
        .set("dhcpConfigurationSet", configuration)
        .tags(&options.tags)
}

fn create(model: &mut Model, caller: &Caller, mut params: Params) -> Result<Node> {
    let values = params.structs("DhcpConfiguration", |option| Ok((option.required("Key")?, option.list("Value")?)))?;
    if values.is_empty() {
        return Err(params.missing("DhcpConfiguration"));
    }
    let tags = params.tags("dhcp-options")?;
    params.finish()?;
    let id = model.create_dhcp_options(caller, values.into_iter().collect(), tags)?;
    Ok(Node::new().node("dhcpOptions", item(model, model.dhcp_options.find(&caller.scope, &id)?)))
}

fn describe(model: &Model, caller: &Caller, params: Params) -> Result<Node> {
    let all: Vec<&DhcpOptions> = model.dhcp_options.of(&caller.scope).collect();
    LISTING.answer(model, params, &all)
}

fn associate(model: &mut Model, caller: &Caller, mut params: Params) -> Result<Node> {
    let vpc = params.id("VpcId", IdKind::Vpc)?;
    let id = params.required("DhcpOptionsId")?;
    params.finish()?;
    let id = (id != "default").then_some(id);
    if let Some(id) = &id {
        IdKind::DhcpOptions.check(id)?;
    }
    model.associate_dhcp_options(caller, id.as_deref(), &vpc)?;
    Ok(Node::done())
}

fn delete(model: &mut Model, caller: &Caller, mut params: Params) -> Result<Node> {
    let id = params.id("DhcpOptionsId", IdKind::DhcpOptions)?;
    params.finish()?;
    model.delete_dhcp_options(caller, &id)?;
    Ok(Node::done())
}
