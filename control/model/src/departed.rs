//! Deleted resources, which are still described for a while (semantics.md §6).

use super::{
    Caller, CapacityReservation, CarrierGateway, CustomerGateway, DedicatedHost, LINGER, Model, Resource, RouteServer,
    RouteServerEndpoint, RouteServerPeer, Row, Time, TransitGateway, TransitGatewayAttachment, TransitGatewayConnect,
    TransitGatewayConnectPeer, TransitGatewayMulticastDomain, TransitGatewayPolicyTable, TransitGatewayRouteTable,
    TransitGatewayVpn, VpcEndpoint, VpnGateway,
};
use serde::{Deserialize, Serialize};

/// A deleted resource.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Departure {
    /// Its id.
    pub id: String,
    /// The time of its deletion.
    pub since: Time,
    /// The resource as it was.
    pub was: Departed,
}

impl Row for Departure {
    fn id(&self) -> &str {
        &self.id
    }
}

impl Departure {
    /// Whether it is no longer described.
    pub fn is_forgotten(&self, now: Time) -> bool {
        now.since(self.since) >= LINGER
    }
}

/// A kind of resource that is described after its deletion.
pub trait Lingers: Resource {
    /// The resource as one of all kinds.
    fn departed(self) -> Departed;
    /// The resource, if it is of this kind.
    fn out_of(departed: &Departed) -> Option<&Self>;
}

macro_rules! lingers {
    ($($type:ident)*) => {
        /// A deleted resource of any kind.
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
    CapacityReservation CarrierGateway CustomerGateway DedicatedHost RouteServer RouteServerEndpoint RouteServerPeer
    TransitGateway TransitGatewayAttachment TransitGatewayConnect TransitGatewayConnectPeer
    TransitGatewayMulticastDomain TransitGatewayPolicyTable TransitGatewayRouteTable TransitGatewayVpn VpcEndpoint
    VpnGateway
);

impl Model {
    /// Keeps a deleted resource, so that it can be described.
    pub(super) fn depart(&mut self, row: Option<impl Lingers>, now: Time) {
        if let Some(row) = row {
            self.departures.insert(Departure { id: row.id().to_owned(), since: now, was: row.departed() });
        }
    }

    /// The caller's deleted resources of a kind that are still described.
    pub fn departed<'a, T: Lingers + 'a>(&'a self, caller: &'a Caller) -> impl Iterator<Item = &'a T> {
        let lately = self.departures.iter().filter(|departure| !departure.is_forgotten(caller.now));
        lately.filter_map(|departure| T::out_of(&departure.was)).filter(|row| *row.scope() == caller.scope)
    }
}
