//! Subnet CIDR reservations: blocks that are not used for automatic addresses.

use crate::collection::resource;
use crate::words::words;
use crate::{Caller, Error, IdKind, Model, Result, Scope, Subnet, Tags, tags};
use ipnet::IpNet;
use serde::{Deserialize, Serialize};
use std::net::Ipv4Addr;

words! {
    /// The type of a reservation.
    ReservationKind { Prefix "prefix", Explicit "explicit" }
}

/// A reservation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubnetCidrReservation {
    /// `scr-…`
    pub id: String,
    /// Its account and Region.
    pub scope: Scope,
    /// Its tags.
    pub tags: Tags,
    /// The subnet.
    pub subnet: String,
    /// The block.
    pub cidr: IpNet,
    /// Its type.
    pub kind: ReservationKind,
    /// Its description.
    pub description: Option<String>,
}

resource!(SubnetCidrReservation, IdKind::SubnetCidrReservation, |row| vec![row.subnet.clone()]);

impl Model {
    /// CreateSubnetCidrReservation: the block must be within the subnet and outside its other reservations. Returns the id.
    pub fn create_subnet_reservation(
        &mut self,
        caller: &Caller,
        subnet: &str,
        (cidr, kind): (IpNet, ReservationKind),
        description: Option<String>,
        tags: Tags,
    ) -> Result<String> {
        tags::check(&tags)?;
        let owner = self.subnets.find(&caller.scope, subnet)?;
        let inside = match cidr {
            IpNet::V4(block) => owner.cidr.is_some_and(|own| own.contains(&block)),
            IpNet::V6(block) => owner.ipv6.as_ref().is_some_and(|own| own.cidr.contains(&block)),
        };
        if !inside || cidr.trunc() != cidr {
            return Err(Error::ReservationOutside { cidr: cidr.to_string() });
        }
        let overlaps = |other: &IpNet| other.contains(&cidr) || cidr.contains(other);
        if self.subnet_cidr_reservations.by(subnet).any(|other| overlaps(&other.cidr)) {
            return Err(Error::ReservationOverlaps { cidr: cidr.to_string() });
        }
        let (id, scope) = (self.new_id(IdKind::SubnetCidrReservation), caller.scope.clone());
        let row = SubnetCidrReservation { id, scope, tags, subnet: subnet.to_owned(), cidr, kind, description };
        let id = row.id.clone();
        self.subnet_cidr_reservations.insert(row);
        Ok(id)
    }

    /// DeleteSubnetCidrReservation. Returns what was deleted.
    pub fn delete_subnet_reservation(&mut self, caller: &Caller, id: &str) -> Result<SubnetCidrReservation> {
        let row = self.subnet_cidr_reservations.find(&caller.scope, id)?.clone();
        self.subnet_cidr_reservations.remove(id);
        Ok(row)
    }

    /// Whether an address of a subnet must be named to be assigned.
    pub(crate) fn is_kept_back(&self, subnet: &Subnet, address: Ipv4Addr) -> bool {
        let has = |cidr: &IpNet| matches!(cidr, IpNet::V4(block) if block.contains(&address));
        self.subnet_cidr_reservations.by(&subnet.id).any(|row| has(&row.cidr))
    }
}
