//! Policy tables of transit gateways, their associations and their entries.

use super::listing::{Attributes, each, lingering_state, one};
use super::{tags, text};
use crate::api::action::{Actions, Change, View};
use model::{Error, Model, PolicyEntry, PolicyRule, Result, TransitGatewayPolicyTable};
use shapes::ec2;

pub fn actions(all: Actions) -> Actions {
    let all = all.write(create).read(describe).write(delete);
    let all = all.write(associate).write(disassociate).read(associations);
    all.write(add_entry).write(modify_entry).write(delete_entry).read(entries)
}

static ATTRIBUTES: Attributes<TransitGatewayPolicyTable> = Attributes(&[
    ("state", |model, table| one(lingering_state(model, &table.id))),
    ("transit-gateway-id", |_, table| one(&table.gateway)),
    ("transit-gateway-policy-table-id", |_, table| one(&table.id)),
]);

fn shown(table: &TransitGatewayPolicyTable, state: &str) -> ec2::TransitGatewayPolicyTable {
    ec2::TransitGatewayPolicyTable {
        transit_gateway_policy_table_id: text(&table.id),
        transit_gateway_id: text(&table.gateway),
        state: text(state),
        creation_time: Some(table.created),
        tags: tags::shown(&table.tags),
    }
}

fn create(cx: Change, input: ec2::CreateTransitGatewayPolicyTableRequest) -> Result<ec2::TransitGatewayPolicyTable> {
    let tags = tags::of(input.tag_specifications, "transit-gateway-policy-table")?;
    let id = cx.model.create_policy_table(cx.caller, &input.transit_gateway_id, tags)?;
    Ok(shown(cx.model.policy_tables.find(&cx.caller.scope, &id)?, "pending"))
}

fn describe(
    cx: View,
    input: ec2::DescribeTransitGatewayPolicyTablesRequest,
) -> Result<ec2::DescribeTransitGatewayPolicyTablesResult> {
    ATTRIBUTES.list_lingering(cx, &cx.model.policy_tables, input, shown)
}

fn delete(cx: Change, input: ec2::DeleteTransitGatewayPolicyTableRequest) -> Result<ec2::TransitGatewayPolicyTable> {
    let table = cx.model.delete_policy_table(cx.caller, &input.transit_gateway_policy_table_id)?;
    Ok(shown(&table, "deleting"))
}

/// An association of a table.
fn association(
    model: &Model,
    table: &TransitGatewayPolicyTable,
    attachment: &str,
    state: &str,
) -> ec2::TransitGatewayPolicyTableAssociation {
    let end = model.transit_end(attachment, &table.gateway);
    ec2::TransitGatewayPolicyTableAssociation {
        transit_gateway_policy_table_id: text(&table.id),
        transit_gateway_attachment_id: text(attachment),
        resource_id: end.as_ref().map(|end| end.resource_id().to_owned()),
        resource_type: end.as_ref().map(|end| end.resource_type().to_owned()),
        state: text(state),
    }
}

fn associate(
    cx: Change,
    input: ec2::AssociateTransitGatewayPolicyTableRequest,
) -> Result<ec2::TransitGatewayPolicyTableAssociation> {
    let (id, attachment) = (input.transit_gateway_policy_table_id, input.transit_gateway_attachment_id);
    cx.model.associate_policy_table(cx.caller, &id, &attachment)?;
    Ok(association(cx.model, cx.model.policy_tables.find(&cx.caller.scope, &id)?, &attachment, "associating"))
}

fn disassociate(
    cx: Change,
    input: ec2::DisassociateTransitGatewayPolicyTableRequest,
) -> Result<ec2::TransitGatewayPolicyTableAssociation> {
    let (id, attachment) = (input.transit_gateway_policy_table_id, input.transit_gateway_attachment_id);
    cx.model.disassociate_policy_table(cx.caller, &id, &attachment)?;
    Ok(association(cx.model, cx.model.policy_tables.find(&cx.caller.scope, &id)?, &attachment, "disassociating"))
}

static OF_ASSOCIATIONS: Attributes<ec2::TransitGatewayPolicyTableAssociation> = Attributes(&[
    ("resource-id", |_, row| each(&row.resource_id)),
    ("resource-type", |_, row| each(&row.resource_type)),
    ("state", |_, row| each(&row.state)),
    ("transit-gateway-attachment-id", |_, row| each(&row.transit_gateway_attachment_id)),
]);

fn associations(
    cx: View,
    input: ec2::GetTransitGatewayPolicyTableAssociationsRequest,
) -> Result<ec2::GetTransitGatewayPolicyTableAssociationsResult> {
    let table = cx.model.policy_tables.find(&cx.caller.scope, &input.transit_gateway_policy_table_id)?;
    let rows = cx.model.policy_attachments(table).map(|id| association(cx.model, table, id, "associated")).collect();
    let (associations, next_token) =
        OF_ASSOCIATIONS.page_of_rows(cx.model, rows, &input.filters, &input.page, |row| {
            row.transit_gateway_attachment_id.as_deref().unwrap_or_default()
        })?;
    Ok(ec2::GetTransitGatewayPolicyTableAssociationsResult { associations: associations.into(), next_token })
}

fn rule(sent: ec2::TransitGatewayRequestPolicyRule) -> PolicyRule {
    PolicyRule {
        source: sent.source_cidr_block,
        source_ports: sent.source_port_range,
        destination: sent.destination_cidr_block,
        destination_ports: sent.destination_port_range,
        protocol: sent.protocol,
    }
}

fn number(sent: &str) -> Result<u32> {
    sent.parse().map_err(|_| Error::invalid("PolicyRuleNumber", sent))
}

/// An entry. What its rule leaves open is shown as a star.
fn entry(number: u32, entry: &PolicyEntry, state: &str) -> ec2::TransitGatewayPolicyTableEntry {
    let said = |word: &Option<String>| text(word.as_deref().unwrap_or("*"));
    let rule = &entry.rule;
    let rule = ec2::TransitGatewayPolicyRule {
        source_cidr_block: said(&rule.source),
        source_port_range: said(&rule.source_ports),
        destination_cidr_block: said(&rule.destination),
        destination_port_range: said(&rule.destination_ports),
        protocol: said(&rule.protocol),
        meta_data: None,
    };
    ec2::TransitGatewayPolicyTableEntry {
        policy_rule_number: text(number),
        policy_rule: Some(rule),
        target_route_table_id: text(&entry.table),
        state: text(state),
    }
}

fn add_entry(
    cx: Change,
    input: ec2::CreateTransitGatewayPolicyTableEntryRequest,
) -> Result<ec2::TransitGatewayPolicyTableEntry> {
    let number = number(&input.policy_rule_number)?;
    let new = PolicyEntry { rule: input.policy_rule.map(rule).unwrap_or_default(), table: input.target_route_table_id };
    cx.model.create_policy_entry(cx.caller, &input.transit_gateway_policy_table_id, number, new.clone())?;
    Ok(entry(number, &new, "active"))
}

fn modify_entry(
    cx: Change,
    input: ec2::ModifyTransitGatewayPolicyTableEntryRequest,
) -> Result<ec2::TransitGatewayPolicyTableEntry> {
    let ec2::ModifyTransitGatewayPolicyTableEntryRequest {
        transit_gateway_policy_table_id: id,
        policy_rule_number,
        policy_rule,
        target_route_table_id: table,
    } = input;
    let number = number(&policy_rule_number)?;
    let new = cx.model.modify_policy_entry(cx.caller, &id, number, policy_rule.map(rule), table)?;
    Ok(entry(number, &new, "active"))
}

fn delete_entry(
    cx: Change,
    input: ec2::DeleteTransitGatewayPolicyTableEntryRequest,
) -> Result<ec2::TransitGatewayPolicyTableEntry> {
    let number = number(&input.policy_rule_number)?;
    let old = cx.model.delete_policy_entry(cx.caller, &input.transit_gateway_policy_table_id, number)?;
    Ok(entry(number, &old, "deleted"))
}

static OF_ENTRIES: Attributes<(String, ec2::TransitGatewayPolicyTableEntry)> = Attributes(&[
    ("policy-rule.destination-ip", |_, (_, row)| of_rule(row, |rule| &rule.destination_cidr_block)),
    ("policy-rule.destination-port", |_, (_, row)| of_rule(row, |rule| &rule.destination_port_range)),
    ("policy-rule.protocol", |_, (_, row)| of_rule(row, |rule| &rule.protocol)),
    ("policy-rule.source-ip", |_, (_, row)| of_rule(row, |rule| &rule.source_cidr_block)),
    ("policy-rule.source-port", |_, (_, row)| of_rule(row, |rule| &rule.source_port_range)),
    ("policy-rule-number", |_, (_, row)| each(&row.policy_rule_number)),
    ("target-route-table-id", |_, (_, row)| each(&row.target_route_table_id)),
]);

fn of_rule(
    row: &ec2::TransitGatewayPolicyTableEntry,
    value: fn(&ec2::TransitGatewayPolicyRule) -> &Option<String>,
) -> Vec<String> {
    row.policy_rule.iter().flat_map(value).cloned().collect()
}

/// The entries, sorted by number.
fn entries(
    cx: View,
    input: ec2::GetTransitGatewayPolicyTableEntriesRequest,
) -> Result<ec2::GetTransitGatewayPolicyTableEntriesResult> {
    let table = cx.model.policy_tables.find(&cx.caller.scope, &input.transit_gateway_policy_table_id)?;
    let rows = table.entries.iter().map(|(number, own)| (format!("{number:010}"), entry(*number, own, "active")));
    let (rows, next_token) =
        OF_ENTRIES.page_of_rows(cx.model, rows.collect(), &input.filters, &input.page, |(place, _)| place)?;
    let transit_gateway_policy_table_entries = rows.into_iter().map(|(_, row)| row).collect();
    Ok(ec2::GetTransitGatewayPolicyTableEntriesResult { transit_gateway_policy_table_entries, next_token })
}
