//! The address from which the API sees a host's request: the one that AWS, on the Internet, would see.

use crate::api::Sender;
use crate::names::{Client, View};
use ipnet::Ipv4Net;
use model::platform_host::client;
use model::{Model, NetworkInterface, Target};
use std::net::{IpAddr, Ipv4Addr};

/// The sender with this address on the platform's network. Behind an Internet gateway it has its public address, behind
/// a NAT gateway the gateway's. An instance without a path to the Internet has its private address and its VPC, as
/// behind an interface endpoint ("AWS global condition context keys", IAM User Guide).
pub fn seen(view: View<'_>, sender: Sender) -> Sender {
    let known_as = match sender.address {
        Some(IpAddr::V4(address)) => Some(address),
        _ => None,
    };
    let (address, vpc) = known_as.and_then(|address| source(view, address)).unzip();
    Sender { address: address.map(IpAddr::V4), vpc: vpc.flatten(), ..sender }
}

/// An address, and its VPC if it is private.
fn source(view: View<'_>, known_as: Ipv4Addr) -> Option<(Ipv4Addr, Option<String>)> {
    let (_, place) = client(known_as)?;
    match Client::of(view, known_as)? {
        Client::Classic(instance) => Some((instance.classic()?.public.as_ref()?.address, None)),
        Client::Vpc(interface, _, vpc) => {
            let own = *interface.addresses.get(place)?;
            Some(match way_out(view.model, interface, own) {
                Some(public) => (public, None),
                None => (own, Some(vpc.id.clone())),
            })
        }
        Client::Outside(_) => None,
    }
}

/// The public address of packets from an interface's address to the Internet, by its subnet's default route.
fn way_out(model: &Model, interface: &NetworkInterface, own: Ipv4Addr) -> Option<Ipv4Addr> {
    let public = |interface: &NetworkInterface, own: Ipv4Addr| Some(interface.public.get(&own)?.address);
    match &model.route_table_of(&interface.subnet)?.longest(&Ipv4Net::default())?.target {
        Target::InternetGateway(_) => public(interface, own),
        Target::NatGateway(id) => {
            let gateway = model.nat_gateways.get(id)?;
            (gateway.is_available() && !gateway.is_private()).then_some(gateway.public)
        }
        // A NAT instance.
        Target::NetworkInterface(id) => {
            let nat = model.network_interfaces.get(id)?;
            public(nat, nat.address())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::names::tests::Cloud;

    fn seen_of(cloud: &Cloud, who: &str) -> (String, Option<String>) {
        let address = Some(IpAddr::V4(cloud.known_as(who)));
        let sender = seen(cloud.view(), Sender { address, ..Sender::default() });
        (sender.address.map(|address| address.to_string()).unwrap_or_default(), sender.vpc)
    }

    /// Sets the target of a subnet's default route.
    fn lead(cloud: &mut Cloud, target: &str) {
        let table = cloud.model.route_table_of(&cloud.id("a1")).unwrap().id.clone();
        let to = format!("RouteTableId={table}&DestinationCidrBlock=0.0.0.0/0");
        let is_there = cloud.model.route_tables.get(&table).unwrap().longest(&Ipv4Net::default()).is_some();
        let verb = if is_there { "Replace" } else { "Create" };
        cloud.ask(&format!("Action={verb}Route&{to}&{target}"));
    }

    #[test]
    fn an_instance_is_seen_with_the_address_that_it_has_on_the_internet() {
        let mut cloud = Cloud::new();
        assert_eq!(seen_of(&cloud, "C1"), ("203.0.113.25".into(), None));
        let inside = ("192.168.2.10".to_owned(), Some(cloud.id("A")));
        assert_eq!(seen_of(&cloud, "I2"), inside, "without a route out");
        let gateway = format!("GatewayId={}", cloud.model.internet_gateway_of(&cloud.id("A")).unwrap().id);
        lead(&mut cloud, &gateway);
        assert_eq!(seen_of(&cloud, "I2"), ("198.18.0.20".into(), None));
    }

    #[test]
    fn behind_a_nat_gateway_the_address_is_the_gateways() {
        let mut cloud = Cloud::new();
        let a = cloud.id("A");
        cloud.make("out", &format!("Action=CreateSubnet&VpcId={a}&CidrBlock=192.168.16.0/20"), "subnetId");
        cloud.make("allocation", "Action=AllocateAddress&Domain=vpc", "allocationId");
        let place = format!("SubnetId={}&AllocationId={}", cloud.id("out"), cloud.id("allocation"));
        cloud.make("nat", &format!("Action=CreateNatGateway&{place}"), "natGatewayId");
        let nat = cloud.id("nat");
        let public = cloud.model.nat_gateways.get(&nat).unwrap().public.to_string();
        lead(&mut cloud, &format!("NatGatewayId={nat}"));
        assert_eq!(seen_of(&cloud, "I2"), (public, None));
    }
}
