//! Policy tables of transit gateways: rules that choose the route table for an attachment's packets. They are kept and shown, but the
//! packets follow the route table that the attachment is associated with.

use crate::collection::resource;
use crate::error::refuse_in_use;
use crate::{Caller, Error, IdKind, Model, Result, Scope, Tags, Time, tags};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The packets that a rule matches. `None` matches any.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyRule {
    /// The source CIDR block.
    pub source: Option<String>,
    /// The source ports.
    pub source_ports: Option<String>,
    /// The destination CIDR block.
    pub destination: Option<String>,
    /// The destination ports.
    pub destination_ports: Option<String>,
    /// The protocol.
    pub protocol: Option<String>,
}

/// An entry of a policy table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyEntry {
    /// The rule.
    pub rule: PolicyRule,
    /// The target route table.
    pub table: String,
}

/// A policy table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransitGatewayPolicyTable {
    /// `tgw-ptb-…`
    pub id: String,
    /// Its account and Region.
    pub scope: Scope,
    /// Its tags.
    pub tags: Tags,
    /// The gateway.
    pub gateway: String,
    /// Its entries, by rule number.
    pub entries: BTreeMap<u32, PolicyEntry>,
    /// The associated attachments.
    pub attachments: Vec<String>,
    /// The time of its creation.
    pub created: Time,
}

resource!(TransitGatewayPolicyTable, IdKind::TransitGatewayPolicyTable, |table| {
    table.attachments.iter().chain([&table.gateway]).cloned().collect()
});

impl Model {
    /// CreateTransitGatewayPolicyTable: an empty one. Returns the id.
    pub fn create_policy_table(&mut self, caller: &Caller, gateway: &str, tags: Tags) -> Result<String> {
        self.transit_gateways.find(&caller.scope, gateway)?;
        tags::check(&tags)?;
        let id = self.new_id(IdKind::TransitGatewayPolicyTable);
        self.policy_tables.insert(TransitGatewayPolicyTable {
            id: id.clone(),
            scope: caller.scope.clone(),
            tags,
            gateway: gateway.to_owned(),
            entries: BTreeMap::new(),
            attachments: Vec::new(),
            created: caller.now,
        });
        Ok(id)
    }

    /// DeleteTransitGatewayPolicyTable. One with associated attachments is refused. Returns what was deleted, which is described for a while.
    pub fn delete_policy_table(&mut self, caller: &Caller, id: &str) -> Result<TransitGatewayPolicyTable> {
        let table = self.policy_tables.find(&caller.scope, id)?.clone();
        refuse_in_use(id, "Associations", self.policy_attachments(&table))?;
        self.policy_tables.remove(id);
        self.depart(Some(table.clone()), caller.now);
        Ok(table)
    }

    /// The associated attachments of a table that still exist.
    pub fn policy_attachments<'m>(&'m self, table: &'m TransitGatewayPolicyTable) -> impl Iterator<Item = &'m str> {
        let is_there = move |id: &&String| self.transit_end(id, &table.gateway).is_some_and(|end| end.is_available());
        table.attachments.iter().filter(is_there).map(String::as_str)
    }

    /// AssociateTransitGatewayPolicyTable. An attachment has one table at most.
    pub fn associate_policy_table(&mut self, caller: &Caller, id: &str, attachment: &str) -> Result<()> {
        let table = self.policy_tables.find(&caller.scope, id)?;
        let end = self.available_transit_end(attachment, &table.gateway)?;
        if self.policy_tables.by(&end.id).next().is_some() {
            return Err(Error::TransitAssociated { attachment: end.id, to: "policy" });
        }
        self.policy_tables.find_mut(&caller.scope, id)?.attachments.push(end.id);
        Ok(())
    }

    /// DisassociateTransitGatewayPolicyTable.
    pub fn disassociate_policy_table(&mut self, caller: &Caller, id: &str, attachment: &str) -> Result<()> {
        let table = self.policy_tables.find_mut(&caller.scope, id)?;
        if !table.attachments.iter().any(|own| own == attachment) {
            return Err(Error::NoPolicyAssociation { table: id.to_owned(), attachment: attachment.to_owned() });
        }
        table.attachments.retain(|own| own != attachment);
        Ok(())
    }

    /// CreateTransitGatewayPolicyTableEntry: to a route table of the same gateway.
    pub fn create_policy_entry(&mut self, caller: &Caller, id: &str, number: u32, entry: PolicyEntry) -> Result<()> {
        if self.policy_tables.find(&caller.scope, id)?.entries.contains_key(&number) {
            return Err(Error::PolicyEntryTwice { table: id.to_owned(), number });
        }
        self.put_policy_entry(caller, id, number, entry)
    }

    fn put_policy_entry(&mut self, caller: &Caller, id: &str, number: u32, entry: PolicyEntry) -> Result<()> {
        let gateway = &self.policy_tables.find(&caller.scope, id)?.gateway;
        if self.transit_route_tables.find(&caller.scope, &entry.table)?.gateway != *gateway {
            return Err(Error::NotFound { kind: IdKind::TransitGatewayRouteTable, id: entry.table });
        }
        self.policy_tables.find_mut(&caller.scope, id)?.entries.insert(number, entry);
        Ok(())
    }

    /// The entry of a table with this number.
    pub fn policy_entry(&self, caller: &Caller, id: &str, number: u32) -> Result<&PolicyEntry> {
        let table = self.policy_tables.find(&caller.scope, id)?;
        table.entries.get(&number).ok_or_else(|| Error::NoPolicyEntry { table: id.to_owned(), number })
    }

    /// ModifyTransitGatewayPolicyTableEntry: replaces the rule and the route table that are given. Returns the entry.
    pub fn modify_policy_entry(
        &mut self,
        caller: &Caller,
        id: &str,
        number: u32,
        rule: Option<PolicyRule>,
        table: Option<String>,
    ) -> Result<PolicyEntry> {
        let old = self.policy_entry(caller, id, number)?.clone();
        let entry = PolicyEntry { rule: rule.unwrap_or(old.rule), table: table.unwrap_or(old.table) };
        self.put_policy_entry(caller, id, number, entry.clone())?;
        Ok(entry)
    }

    /// DeleteTransitGatewayPolicyTableEntry. Returns what was deleted.
    pub fn delete_policy_entry(&mut self, caller: &Caller, id: &str, number: u32) -> Result<PolicyEntry> {
        let entry = self.policy_entry(caller, id, number)?.clone();
        self.policy_tables.find_mut(&caller.scope, id)?.entries.remove(&number);
        Ok(entry)
    }
}
