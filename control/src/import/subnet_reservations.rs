//! Blocks of subnets from which addresses are only given by name.

use super::{Importer, tags};
use ipnet::IpNet;
use model::{IdKind, ReservationKind, SubnetCidrReservation};
use shapes::ec2;

impl Importer<'_> {
    pub(super) fn subnet_reservation(&mut self, told: ec2::SubnetCidrReservation) {
        let Some(id) = self.id(IdKind::SubnetCidrReservation, told.subnet_cidr_reservation_id) else { return };
        let subnet = told.subnet_id.unwrap_or_default();
        let Some(scope) = self.model.subnets.get(&subnet).map(|subnet| subnet.scope.clone()) else {
            return self.leave_out(format!("{id}: its subnet {subnet} is not in the files"));
        };
        let Some(cidr) = self.parsed::<IpNet>(&id, "Cidr", told.cidr) else { return };
        let kind = told.reservation_type.and_then(|word| ReservationKind::read("ReservationType", &word).ok());
        self.model.subnet_cidr_reservations.adopt(SubnetCidrReservation {
            id,
            scope,
            tags: tags(told.tags),
            subnet,
            cidr: cidr.trunc(),
            kind: kind.unwrap_or_default(),
            description: told.description,
        });
    }
}
