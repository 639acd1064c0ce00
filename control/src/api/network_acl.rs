//! Network ACLs on the wire.

use super::describe::Listing;
use super::params::Params;
use super::xml::Node;
use super::{Actions, Handler};
use crate::model::{AclEntry, Caller, Error, IdKind, LAST_RULE, Model, NetworkAcl, Result, Traffic};
use ipnet::IpNet;

pub const ACTIONS: Actions = &[
    ("CreateNetworkAcl", Handler::Write(create)),
    ("DescribeNetworkAcls", Handler::Read(describe)),
    ("DeleteNetworkAcl", Handler::Write(delete)),
    ("CreateNetworkAclEntry", Handler::Write(create_entry)),
    ("ReplaceNetworkAclEntry", Handler::Write(replace_entry)),
    ("DeleteNetworkAclEntry", Handler::Write(delete_entry)),
    ("ReplaceNetworkAclAssociation", Handler::Write(replace_association)),
];

static LISTING: Listing<NetworkAcl> = Listing {
    ids: "NetworkAclId",
    set: "networkAclSet",
    filters: &[
        ("network-acl-id", |_, acl| vec![acl.id.clone()]),
        ("vpc-id", |_, acl| vec![acl.vpc.clone()]),
        ("default", |_, acl| vec![acl.default.to_string()]),
        ("owner-id", |_, acl| vec![acl.scope.account.clone()]),
        ("association.association-id", |_, acl| acl.associations.iter().map(|a| a.id.clone()).collect()),
        ("association.network-acl-id", |_, acl| acl.associations.iter().map(|_| acl.id.clone()).collect()),
        ("association.subnet-id", |_, acl| acl.associations.iter().map(|a| a.subnet.clone()).collect()),
        ("entry.cidr", |_, acl| {
            of_entries(acl, |entry| matches!(entry.net, IpNet::V4(_)).then(|| entry.net.to_string()))
        }),
        ("entry.ipv6-cidr", |_, acl| {
            of_entries(acl, |entry| matches!(entry.net, IpNet::V6(_)).then(|| entry.net.to_string()))
        }),
        ("entry.egress", |_, acl| of_entries(acl, |entry| Some(entry.egress.to_string()))),
        ("entry.protocol", |_, acl| of_entries(acl, |entry| Some(entry.traffic.protocol_number().to_string()))),
        ("entry.rule-action", |_, acl| of_entries(acl, |entry| Some(action(entry).to_owned()))),
        ("entry.rule-number", |_, acl| of_entries(acl, |entry| Some(entry.number.to_string()))),
        ("entry.icmp.type", |_, acl| of_entries(acl, |entry| icmp(entry).map(|(kind, _)| kind.to_string()))),
        ("entry.icmp.code", |_, acl| of_entries(acl, |entry| icmp(entry).map(|(_, code)| code.to_string()))),
        ("entry.port-range.from", |_, acl| of_entries(acl, |entry| ports(entry).map(|(from, _)| from.to_string()))),
        ("entry.port-range.to", |_, acl| of_entries(acl, |entry| ports(entry).map(|(_, to)| to.to_string()))),
    ],
    item,
};

fn of_entries(acl: &NetworkAcl, value: impl Fn(&AclEntry) -> Option<String>) -> Vec<String> {
    acl.entries.iter().filter_map(value).collect()
}

fn action(entry: &AclEntry) -> &'static str {
    if entry.allow { "allow" } else { "deny" }
}

fn ports(entry: &AclEntry) -> Option<(i32, i32)> {
    matches!(entry.traffic, Traffic::Tcp(..) | Traffic::Udp(..)).then(|| entry.traffic.range()).flatten()
}

fn icmp(entry: &AclEntry) -> Option<(i32, i32)> {
    matches!(entry.traffic, Traffic::Icmp(..) | Traffic::Icmpv6(..)).then(|| entry.traffic.range()).flatten()
}

fn entry(entry: &AclEntry) -> Node {
    let node = Node::new()
        .text("ruleNumber", entry.number)
        .text("protocol", entry.traffic.protocol_number())
        .text("ruleAction", action(entry))
        .text("egress", entry.egress)
        .text(if matches!(entry.net, IpNet::V4(_)) { "cidrBlock" } else { "ipv6CidrBlock" }, entry.net);
    let node = match icmp(entry) {
        Some((kind, code)) => node.node("icmpTypeCode", Node::new().text("code", code).text("type", kind)),
        None => node,
    };
    match ports(entry) {
        Some((from, to)) => node.node("portRange", Node::new().text("from", from).text("to", to)),
        None => node,
    }
}

/// The entries as EC2 lists them: by direction and number, the last of each denies.
fn entries(acl: &NetworkAcl) -> Vec<AclEntry> {
    let last = |egress| AclEntry {
        number: LAST_RULE,
        egress,
        traffic: Traffic::All,
        net: IpNet::V4(Default::default()),
        allow: false,
    };
    let mut all: Vec<AclEntry> = acl.entries.iter().cloned().chain([last(true), last(false)]).collect();
    all.sort_by_key(|entry| (!entry.egress, entry.number));
    all
}

fn item(_: &Model, acl: &NetworkAcl) -> Node {
    let association = |association: &crate::model::AclAssociation| {
        Node::new()
            .text("networkAclAssociationId", &association.id)
            .text("networkAclId", &acl.id)
            .text("subnetId", &association.subnet)
    };
    Node::new()
        .text("networkAclId", &acl.id)
        .text("vpcId", &acl.vpc)
        .text("ownerId", &acl.scope.account)
        .text("default", acl.default)
        .set("entrySet", entries(acl).iter().map(entry))
        .set("associationSet", acl.associations.iter().map(association))
        .tags(&acl.tags)
}

fn create(model: &mut Model, caller: &Caller, mut params: Params) -> Result<Node> {
    let vpc = params.id("VpcId", IdKind::Vpc)?;
    let tags = params.tags("network-acl")?;
    params.ignore(&["ClientToken"]);
    params.finish()?;
    let id = model.create_network_acl(caller, &vpc, tags)?;
    Ok(Node::new().node("networkAcl", item(model, model.network_acls.find(&caller.scope, &id)?)))
}

fn describe(model: &Model, caller: &Caller, params: Params) -> Result<Node> {
    let all: Vec<&NetworkAcl> = model.network_acls.of(&caller.scope).collect();
    LISTING.answer(model, params, &all)
}

fn delete(model: &mut Model, caller: &Caller, mut params: Params) -> Result<Node> {
    let id = params.id("NetworkAclId", IdKind::NetworkAcl)?;
    params.finish()?;
    model.delete_network_acl(caller, &id)?;
    Ok(Node::done())
}

/// The number and the direction of an entry: its place.
fn place(params: &mut Params) -> Result<(u16, bool)> {
    let number: u32 = params.need("RuleNumber")?;
    let egress = params.flag("Egress")?.ok_or_else(|| params.missing("Egress"))?;
    match u16::try_from(number) {
        Ok(place) if (1..LAST_RULE).contains(&place) => Ok((place, egress)),
        _ => Err(params.invalid("RuleNumber", number)),
    }
}

fn take_entry(params: &mut Params) -> Result<AclEntry> {
    let (number, egress) = place(params)?;
    let protocol = params.required("Protocol")?;
    let ports = params.nested("PortRange", |range| Ok((range.get("From")?, range.get("To")?)))?;
    let icmp = params.nested("Icmp", |icmp| Ok((icmp.get("Type")?, icmp.get("Code")?)))?;
    let is_icmp = matches!(protocol.to_ascii_lowercase().as_str(), "1" | "icmp" | "58" | "icmpv6");
    let (from, to) = match is_icmp {
        true => icmp.ok_or_else(|| params.missing("IcmpTypeCode"))?,
        false => ports.unwrap_or_default(),
    };
    let traffic = Traffic::new(&protocol, from, to)?;
    let allow = match params.required("RuleAction")?.as_str() {
        "allow" => true,
        "deny" => false,
        other => return Err(params.invalid("RuleAction", other)),
    };
    let net = match (params.text("CidrBlock"), params.text("Ipv6CidrBlock")) {
        (Some(cidr), None) => cidr.parse().map(IpNet::V4).map_err(|_| cidr),
        (None, Some(cidr)) => cidr.parse().map(IpNet::V6).map_err(|_| cidr),
        (None, None) => return Err(params.missing("CidrBlock")),
        (Some(_), Some(_)) => return Err(Error::Combination { why: "An entry has exactly one CIDR block.".into() }),
    };
    let net = net.map_err(|value| Error::BadCidr { name: "cidrBlock".into(), value })?.trunc();
    Ok(AclEntry { number, egress, traffic, net, allow })
}

fn create_entry(model: &mut Model, caller: &Caller, mut params: Params) -> Result<Node> {
    let id = params.id("NetworkAclId", IdKind::NetworkAcl)?;
    let entry = take_entry(&mut params)?;
    params.finish()?;
    model.create_acl_entry(caller, &id, entry)?;
    Ok(Node::done())
}

fn replace_entry(model: &mut Model, caller: &Caller, mut params: Params) -> Result<Node> {
    let id = params.id("NetworkAclId", IdKind::NetworkAcl)?;
    let entry = take_entry(&mut params)?;
    params.finish()?;
    model.replace_acl_entry(caller, &id, entry)?;
    Ok(Node::done())
}

fn delete_entry(model: &mut Model, caller: &Caller, mut params: Params) -> Result<Node> {
    let id = params.id("NetworkAclId", IdKind::NetworkAcl)?;
    let (number, egress) = place(&mut params)?;
    params.finish()?;
    model.delete_acl_entry(caller, &id, egress, number)?;
    Ok(Node::done())
}

fn replace_association(model: &mut Model, caller: &Caller, mut params: Params) -> Result<Node> {
    let association = params.id("AssociationId", IdKind::NetworkAclAssociation)?;
    let acl = params.id("NetworkAclId", IdKind::NetworkAcl)?;
    params.finish()?;
    Ok(Node::new().text("newAssociationId", model.replace_acl_association(caller, &association, &acl)?))
}
