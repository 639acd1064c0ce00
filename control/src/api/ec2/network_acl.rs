//! Network ACLs.

use super::cidr::cidr;
use super::listing::{Attributes, each, one};
use super::{tags, text, token};
use crate::api::action::{Actions, Change, View};
use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use model::{AclAssociation, AclEntry, Error, LAST_RULE, NetworkAcl, Result, Traffic};
use shapes::ec2;

pub fn actions(all: Actions) -> Actions {
    all.write(create)
        .read(describe)
        .write(delete)
        .write(create_entry)
        .write(replace_entry)
        .write(delete_entry)
        .write(replace_association)
}

static ATTRIBUTES: Attributes<NetworkAcl> = Attributes(&[
    ("association.association-id", |_, acl| each(acl.associations.iter().map(|a| &a.id))),
    ("association.network-acl-id", |_, acl| each(acl.associations.iter().map(|_| &acl.id))),
    ("association.subnet-id", |_, acl| each(acl.associations.iter().map(|a| &a.subnet))),
    ("default", |_, acl| one(acl.default)),
    ("entry.cidr", |_, acl| of_entries(acl, |entry| entry.cidr_block)),
    ("entry.egress", |_, acl| of_entries(acl, |entry| entry.egress)),
    ("entry.icmp.code", |_, acl| of_entries(acl, |entry| entry.icmp_type_code?.code)),
    ("entry.icmp.type", |_, acl| of_entries(acl, |entry| entry.icmp_type_code?.r#type)),
    ("entry.ipv6-cidr", |_, acl| of_entries(acl, |entry| entry.ipv6_cidr_block)),
    ("entry.port-range.from", |_, acl| of_entries(acl, |entry| entry.port_range?.from)),
    ("entry.port-range.to", |_, acl| of_entries(acl, |entry| entry.port_range?.to)),
    ("entry.protocol", |_, acl| of_entries(acl, |entry| entry.protocol)),
    ("entry.rule-action", |_, acl| of_entries(acl, |entry| entry.rule_action)),
    ("entry.rule-number", |_, acl| of_entries(acl, |entry| entry.rule_number)),
    ("network-acl-id", |_, acl| one(&acl.id)),
    ("owner-id", |_, acl| one(&acl.scope.account)),
    ("vpc-id", |_, acl| one(&acl.vpc)),
]);

/// The values of a member for all entries of an ACL.
fn of_entries<V: ToString>(acl: &NetworkAcl, member: fn(ec2::NetworkAclEntry) -> Option<V>) -> Vec<String> {
    each(entries(acl).iter().filter_map(|entry| member(shown_entry(entry))))
}

fn shown_entry(entry: &AclEntry) -> ec2::NetworkAclEntry {
    let (v4, v6) = match entry.net {
        IpNet::V4(net) => (text(net), None),
        IpNet::V6(net) => (None, text(net)),
    };
    let range = entry.traffic.range();
    let (ports, icmp) = match entry.traffic {
        Traffic::Tcp(..) | Traffic::Udp(..) => (range, None),
        Traffic::Icmp(..) | Traffic::Icmpv6(..) => (None, range),
        _ => (None, None),
    };
    ec2::NetworkAclEntry {
        cidr_block: v4,
        egress: Some(entry.egress),
        icmp_type_code: icmp.map(|(kind, code)| ec2::IcmpTypeCode { code: Some(code), r#type: Some(kind) }),
        ipv6_cidr_block: v6,
        port_range: ports.map(|(from, to)| ec2::PortRange { from: Some(from), to: Some(to) }),
        protocol: text(entry.traffic.protocol_number()),
        rule_action: text(if entry.allow { "allow" } else { "deny" }),
        rule_number: Some(entry.number.into()),
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

fn shown(acl: &NetworkAcl) -> ec2::NetworkAcl {
    let association = |association: &AclAssociation| ec2::NetworkAclAssociation {
        network_acl_association_id: text(&association.id),
        network_acl_id: text(&acl.id),
        subnet_id: text(&association.subnet),
    };
    ec2::NetworkAcl {
        associations: acl.associations.iter().map(association).collect(),
        entries: entries(acl).iter().map(shown_entry).collect(),
        is_default: Some(acl.default),
        network_acl_id: text(&acl.id),
        tags: tags::shown(&acl.tags),
        vpc_id: text(&acl.vpc),
        owner_id: text(&acl.scope.account),
    }
}

fn create(
    Change { model, caller }: Change,
    input: ec2::CreateNetworkAclRequest,
) -> Result<ec2::CreateNetworkAclResult> {
    let ec2::CreateNetworkAclRequest { tag_specifications, client_token, vpc_id } = input;
    let tags = tags::of(tag_specifications, "network-acl")?;
    let id = model.once(caller, "CreateNetworkAcl", token(&client_token), |model| {
        model.create_network_acl(caller, &vpc_id, tags)
    })?;
    let network_acl = Some(shown(model.network_acls.find(&caller.scope, &id)?));
    Ok(ec2::CreateNetworkAclResult { network_acl, client_token: client_token.text })
}

fn describe(cx: View, input: ec2::DescribeNetworkAclsRequest) -> Result<ec2::DescribeNetworkAclsResult> {
    ATTRIBUTES.list(cx.model, cx.model.network_acls.of(&cx.caller.scope), input, shown)
}

fn delete(cx: Change, input: ec2::DeleteNetworkAclRequest) -> Result<()> {
    cx.model.delete_network_acl(cx.caller, &input.network_acl_id)
}

/// The number of an entry that a user may make.
fn number(number: i32) -> Result<u16> {
    match u16::try_from(number) {
        Ok(place) if (1..LAST_RULE).contains(&place) => Ok(place),
        _ => Err(Error::invalid("RuleNumber", number)),
    }
}

fn traffic(protocol: &str, icmp: Option<ec2::IcmpTypeCode>, ports: Option<ec2::PortRange>) -> Result<Traffic> {
    let (from, to) = match protocol.to_ascii_lowercase().as_str() {
        "1" | "icmp" | "58" | "icmpv6" => {
            let icmp = icmp.ok_or_else(|| Error::missing("IcmpTypeCode"))?;
            (icmp.r#type, icmp.code)
        }
        _ => ports.map(|ports| (ports.from, ports.to)).unwrap_or_default(),
    };
    Traffic::new(protocol, from, to)
}

fn allows(action: &str) -> Result<bool> {
    match action {
        "allow" => Ok(true),
        "deny" => Ok(false),
        other => Err(Error::invalid("RuleAction", other)),
    }
}

fn block(v4: Option<String>, v6: Option<String>) -> Result<IpNet> {
    let net = match (v4, v6) {
        (Some(block), None) => IpNet::V4(cidr::<Ipv4Net>("cidrBlock", &block)?),
        (None, Some(block)) => IpNet::V6(cidr::<Ipv6Net>("ipv6CidrBlock", &block)?),
        (None, None) => return Err(Error::missing("CidrBlock")),
        (Some(_), Some(_)) => return Err(Error::OneBlockOfEntry {}),
    };
    Ok(net.trunc())
}

/// The entry that a request describes, and the id of its ACL: two actions take the same.
macro_rules! entry {
    ($request:ident, $input:expr) => {{
        let ec2::$request {
            network_acl_id,
            rule_number,
            protocol,
            rule_action,
            egress,
            cidr_block,
            ipv6_cidr_block,
            icmp_type_code,
            port_range,
        } = $input;
        let entry = AclEntry {
            number: number(rule_number)?,
            egress,
            traffic: traffic(&protocol, icmp_type_code, port_range)?,
            net: block(cidr_block, ipv6_cidr_block)?,
            allow: allows(&rule_action)?,
        };
        (network_acl_id, entry)
    }};
}

fn create_entry(cx: Change, input: ec2::CreateNetworkAclEntryRequest) -> Result<()> {
    let (acl, entry) = entry!(CreateNetworkAclEntryRequest, input);
    cx.model.create_acl_entry(cx.caller, &acl, entry)
}

fn replace_entry(cx: Change, input: ec2::ReplaceNetworkAclEntryRequest) -> Result<()> {
    let (acl, entry) = entry!(ReplaceNetworkAclEntryRequest, input);
    cx.model.replace_acl_entry(cx.caller, &acl, entry)
}

fn delete_entry(cx: Change, input: ec2::DeleteNetworkAclEntryRequest) -> Result<()> {
    let ec2::DeleteNetworkAclEntryRequest { network_acl_id, rule_number, egress } = input;
    cx.model.delete_acl_entry(cx.caller, &network_acl_id, egress, number(rule_number)?)
}

fn replace_association(cx: Change, input: ec2::ReplaceNetworkAclAssociationRequest) -> Result<String> {
    let ec2::ReplaceNetworkAclAssociationRequest { association_id, network_acl_id } = input;
    cx.model.replace_acl_association(cx.caller, &association_id, &network_acl_id)
}
