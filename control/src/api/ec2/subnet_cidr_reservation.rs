//! Reserved blocks of subnets.

use super::listing::{Attributes, by_age, one};
use super::{tags, text};
use crate::api::action::{Actions, Change, View};
use ipnet::IpNet;
use model::{Error, ReservationKind, Result, SubnetCidrReservation};
use shapes::ec2;

pub fn actions(all: Actions) -> Actions {
    all.write(create).write(delete).read(get)
}

static ATTRIBUTES: Attributes<SubnetCidrReservation> = Attributes(&[
    ("cidr", |_, row| one(row.cidr)),
    ("cidrBlock", |_, row| one(row.cidr)),
    ("reservationType", |_, row| one(row.kind.word())),
    ("subnet-id", |_, row| one(&row.subnet)),
]);

fn shown(row: &SubnetCidrReservation) -> ec2::SubnetCidrReservation {
    ec2::SubnetCidrReservation {
        subnet_cidr_reservation_id: text(&row.id),
        subnet_id: text(&row.subnet),
        cidr: text(row.cidr),
        reservation_type: text(row.kind.word()),
        owner_id: text(&row.scope.account),
        description: row.description.clone(),
        tags: tags::shown(&row.tags),
    }
}

fn create(cx: Change, input: ec2::CreateSubnetCidrReservationRequest) -> Result<ec2::SubnetCidrReservation> {
    let ec2::CreateSubnetCidrReservationRequest { subnet_id, cidr, reservation_type, description, tag_specifications } =
        input;
    let cidr: IpNet = cidr.parse().map_err(|_| Error::invalid("Cidr", cidr))?;
    let kind = ReservationKind::read("ReservationType", &reservation_type)?;
    let tags = tags::of(tag_specifications, "subnet-cidr-reservation")?;
    let id = cx.model.create_subnet_reservation(cx.caller, &subnet_id, (cidr, kind), description, tags)?;
    let row = cx.model.subnet_cidr_reservations.find(&cx.caller.scope, &id)?;
    Ok(shown(row))
}

fn delete(cx: Change, input: ec2::DeleteSubnetCidrReservationRequest) -> Result<ec2::SubnetCidrReservation> {
    let row = cx.model.delete_subnet_reservation(cx.caller, &input.subnet_cidr_reservation_id)?;
    Ok(shown(&row))
}

fn get(cx: View, input: ec2::GetSubnetCidrReservationsRequest) -> Result<ec2::GetSubnetCidrReservationsResult> {
    let ec2::GetSubnetCidrReservationsRequest { filters, subnet_id, page } = input;
    cx.model.subnets.find(&cx.caller.scope, &subnet_id)?;
    let mut rows =
        ATTRIBUTES.choose(cx.model, cx.model.subnet_cidr_reservations.of(&cx.caller.scope), &[], &filters)?;
    rows.retain(|row| row.subnet == subnet_id);
    let (rows, next_token) = by_age(cx.model, &page, rows, |row| &row.id)?;
    let of =
        |v6: bool| rows.iter().filter(|row| matches!(row.cidr, IpNet::V6(_)) == v6).map(|row| shown(row)).collect();
    Ok(ec2::GetSubnetCidrReservationsResult {
        subnet_ipv4_cidr_reservations: of(false),
        subnet_ipv6_cidr_reservations: of(true),
        next_token,
    })
}
