//! References of transit gateways' route tables to prefix lists: a static route to every block of the list.

use crate::{Caller, Error, IdKind, Model, PrefixListReference, Result, TransitGatewayRoute, TransitGatewayRouteTable};
use ipnet::IpNet;

impl TransitGatewayRouteTable {
    fn reference_mut(&mut self, list: &str) -> Result<&mut PrefixListReference> {
        let missing = Error::PrefixListRouteNotFound { table: self.id.clone(), list: list.to_owned() };
        self.references.iter_mut().find(|reference| reference.list == list).ok_or(missing)
    }
}

impl Model {
    /// CreateTransitGatewayPrefixListReference. A table has at most one reference to a list.
    pub fn create_prefix_list_reference(
        &mut self,
        caller: &Caller,
        id: &str,
        reference: PrefixListReference,
    ) -> Result<()> {
        self.check_prefix_list_reference(caller, id, &reference)?;
        let table = self.transit_route_tables.find_mut(&caller.scope, id)?;
        if table.reference_mut(&reference.list).is_ok() {
            return Err(Error::PrefixListRouteExists { table: id.to_owned(), list: reference.list });
        }
        table.references.push(reference);
        Ok(())
    }

    /// ModifyTransitGatewayPrefixListReference: sets another attachment for the blocks.
    pub fn modify_prefix_list_reference(
        &mut self,
        caller: &Caller,
        id: &str,
        reference: PrefixListReference,
    ) -> Result<()> {
        self.check_prefix_list_reference(caller, id, &reference)?;
        let table = self.transit_route_tables.find_mut(&caller.scope, id)?;
        let old = table.reference_mut(&reference.list)?;
        *old = reference;
        Ok(())
    }

    /// DeleteTransitGatewayPrefixListReference. Returns the reference.
    pub fn delete_prefix_list_reference(
        &mut self,
        caller: &Caller,
        id: &str,
        list: &str,
    ) -> Result<PrefixListReference> {
        let table = self.transit_route_tables.find_mut(&caller.scope, id)?;
        let reference = table.reference_mut(list)?.clone();
        table.references.retain(|other| other.list != list);
        Ok(reference)
    }

    fn check_prefix_list_reference(&self, caller: &Caller, id: &str, reference: &PrefixListReference) -> Result<()> {
        self.check_transit_target(caller, id, reference.attachment.as_ref())?;
        match self.knows_prefix_list(&caller.scope, &reference.list) {
            true => Ok(()),
            false => Err(Error::NotFound { kind: IdKind::PrefixList, id: reference.list.clone() }),
        }
    }

    /// The routes of a table's references.
    pub(crate) fn referenced_routes<'a>(
        &'a self,
        table: &'a TransitGatewayRouteTable,
    ) -> impl Iterator<Item = TransitGatewayRoute> + 'a {
        table.references.iter().flat_map(move |reference| {
            let blocks = self.blocks_of_prefix_list(&table.scope.region, &reference.list).into_iter();
            blocks.map(move |destination| TransitGatewayRoute {
                destination,
                attachment: reference.attachment.clone(),
                propagated: false,
                list: Some(reference.list.clone()),
            })
        })
    }

    fn blocks_of_prefix_list(&self, region: &str, id: &str) -> Vec<IpNet> {
        match self.prefix_lists.get(id) {
            Some(list) => list.entries().iter().map(|entry| entry.cidr).collect(),
            None => self.prefix_list(region, id).into_iter().map(IpNet::V4).collect(),
        }
    }
}
