//! Resources that were deleted, as they were, and are still told of for a while (semantics.md §6).

use super::{
    Caller, CapacityReservation, CarrierGateway, CustomerGateway, DedicatedHost, LINGER, Model, Resource, RouteServer,
    RouteServerEndpoint, RouteServerPeer, Row, Time, TransitGateway, TransitGatewayAttachment, TransitGatewayConnect,
    TransitGatewayConnectPeer, TransitGatewayMulticastDomain, TransitGatewayPolicyTable, TransitGatewayRouteTable,
    TransitGatewayVpn, VpcEndpoint, VpnGateway,
};
use serde::{Deserialize, Serialize};

/// A resource that was deleted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Departure {
    /// The id that it had.
    pub id: String,
    /// When it was deleted.
    pub since: Time,
    /// What it was.
    pub was: Departed,
}

impl Row for Departure {
    fn id(&self) -> &str {
        &self.id
    }
}

impl Departure {
    /// Whether nobody is told of it any more.
    pub fn is_forgotten(&self, now: Time) -> bool {
        now.since(self.since) >= LINGER
    }
}

/// A kind of resource that is told of after it was deleted.
pub trait Lingers: Resource {
    /// As it is kept.
    fn departed(self) -> Departed;
    /// Out of what is kept.
    fn out_of(departed: &Departed) -> Option<&Self>;
}

macro_rules! lingers {
    ($($type:ident)*) => {
        /// What a deleted resource was.
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        pub enum Departed {
            $(#[doc = concat!("See [`", stringify!($type), "`].")] $type($type),)*
        }

        $(impl Lingers for $type {
            fn departed(self) -> Departed {
                Departed::$type(self)
            }

            fn out_of(departed: &Departed) -> Option<&Self> {
                match departed {
                    Departed::$type(row) => Some(row),
                    _ => None,
                }
            }
        })*
    };
}

lingers!(
    CapacityReservation CarrierGateway CustomerGateway DedicatedHost RouteServer RouteServerEndpoint RouteServerPeer TransitGateway TransitGatewayAttachment
    TransitGatewayConnect TransitGatewayConnectPeer TransitGatewayMulticastDomain TransitGatewayPolicyTable
    TransitGatewayRouteTable TransitGatewayVpn VpcEndpoint VpnGateway
);

impl Model {
    /// Keeps a deleted resource for those who ask about it.
    pub(super) fn depart(&mut self, row: Option<impl Lingers>, now: Time) {
        if let Some(row) = row {
            self.departures.insert(Departure { id: row.id().to_owned(), since: now, was: row.departed() });
        }
    }

    /// The caller's deleted resources of a kind that are still told of.
    pub fn departed<'a, T: Lingers + 'a>(&'a self, caller: &'a Caller) -> impl Iterator<Item = &'a T> {
        let lately = self.departures.iter().filter(|departure| !departure.is_forgotten(caller.now));
        lately.filter_map(|departure| T::out_of(&departure.was)).filter(|row| *row.scope() == caller.scope)
    }
}
