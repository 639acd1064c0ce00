//! Records of flow logs, with the fields of their formats (semantics.md §11).

use super::traffic_path::TrafficPaths;
use model::platform_host::{METADATA, RESOLVER, TIME};
use model::{Field, Model, NetworkInterface, Subnet, Time, Vpc, zone_id};
use std::net::Ipv4Addr;
use wire::{Account, Direction, FiveTuple};

/// A network interface, as records describe it.
pub(super) struct Interface {
    pub(super) id: String,
    account: String,
    address: Ipv4Addr,
    vpc: String,
    subnet: String,
    instance: Option<String>,
    region: String,
    zone: Option<String>,
    paths: TrafficPaths,
    /// Addresses of the platform. Traffic with them is in no record.
    platform: Vec<Ipv4Addr>,
}

/// The addresses of the resolver, the metadata service and the time service in every subnet.
const PLATFORM: [Ipv4Addr; 3] = [RESOLVER, METADATA, TIME];

impl Interface {
    pub(super) fn of(model: &Model, interface: &NetworkInterface) -> Self {
        let router = model.subnets.get(&interface.subnet).map(Subnet::router);
        let resolver = model.vpcs.get(&interface.vpc).map(Vpc::resolver);
        let platform = router.into_iter().chain(resolver).chain(PLATFORM).collect();
        Self {
            platform,
            id: interface.id.clone(),
            account: interface.scope.account.clone(),
            address: interface.address(),
            vpc: interface.vpc.clone(),
            subnet: interface.subnet.clone(),
            instance: interface.instance().map(str::to_owned),
            region: interface.scope.region.clone(),
            zone: model.subnets.get(&interface.subnet).map(|subnet| zone_id(&subnet.zone)),
            paths: TrafficPaths::of(model, interface),
        }
    }

    /// Whether no record has a packet, because the packet is to or from the platform.
    pub(super) fn leaves_out(&self, packet: &FiveTuple) -> bool {
        self.platform.contains(&packet.source) || self.platform.contains(&packet.destination)
    }

    /// The value of a field that all of the interface's records share.
    fn field(&self, field: Field) -> Option<String> {
        match field {
            Field::AccountId => Some(self.account.clone()),
            Field::InterfaceId => Some(self.id.clone()),
            Field::VpcId => Some(self.vpc.clone()),
            Field::SubnetId => Some(self.subnet.clone()),
            Field::InstanceId => self.instance.clone(),
            Field::Region => Some(self.region.clone()),
            Field::AzId => self.zone.clone(),
            _ => None,
        }
    }
}

/// The packets that one record sums up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Flow {
    pub(super) packet: FiveTuple,
    pub(super) direction: Direction,
    pub(super) accepted: bool,
}

/// Their sums.
pub(super) struct Sum {
    packets: u64,
    bytes: u64,
    pub(super) start: Time,
    pub(super) end: Time,
    tcp_flags: u8,
}

impl Sum {
    /// Counts of the dataplane, as of now.
    pub(super) fn of(account: &Account, now: Time) -> Self {
        let ago =
            |age: std::time::Duration| Time(now.0.saturating_sub(u64::try_from(age.as_millis()).unwrap_or(u64::MAX)));
        let Account { packets, bytes, tcp_flags, .. } = *account;
        Self { packets, bytes, start: ago(account.first), end: ago(account.last), tcp_flags }
    }

    pub(super) fn add(&mut self, more: &Self) {
        self.packets += more.packets;
        self.bytes += more.bytes;
        self.start = self.start.min(more.start);
        self.end = self.end.max(more.end);
        self.tcp_flags |= more.tcp_flags;
    }
}

/// The content of a record.
pub(super) enum Record<'a> {
    /// A flow.
    Flow(&'a Flow, &'a Sum),
    /// Nothing was sent or received in the interval.
    NoData,
    /// Some of the traffic could not be counted.
    SkipData,
}

impl Record<'_> {
    /// The record as a line.
    pub(super) fn line(&self, format: &[Field], interface: &Interface, start: Time, end: Time) -> String {
        let value = |field: &Field| {
            let value = match field {
                Field::Version => format.iter().map(|field| field.version()).max().map(|version| version.to_string()),
                Field::Start => Some((start.0 / 1000).to_string()),
                Field::End => Some((end.0 / 1000).to_string()),
                field => interface.field(*field).or_else(|| self.field(*field, interface)),
            };
            value.unwrap_or_else(|| "-".into())
        };
        format.iter().map(value).collect::<Vec<_>>().join(" ")
    }

    fn field(&self, field: Field, interface: &Interface) -> Option<String> {
        let (flow, sum) = match self {
            Record::Flow(flow, sum) => (flow, sum),
            Record::NoData => return (field == Field::LogStatus).then(|| "NODATA".into()),
            Record::SkipData => return (field == Field::LogStatus).then(|| "SKIPDATA".into()),
        };
        let FiveTuple { source, destination, protocol, source_port, destination_port } = flow.packet;
        let egress = flow.direction == Direction::Egress;
        Some(match field {
            // The interface's own end is always its primary private address. The `pkt-…` fields have the packet's
            // addresses.
            Field::SrcAddr => if egress { interface.address } else { source }.to_string(),
            Field::DstAddr => if egress { destination } else { interface.address }.to_string(),
            Field::PktSrcAddr => source.to_string(),
            Field::PktDstAddr => destination.to_string(),
            Field::SrcPort => source_port.to_string(),
            Field::DstPort => destination_port.to_string(),
            Field::Protocol => protocol.to_string(),
            Field::Packets => sum.packets.to_string(),
            Field::Bytes => sum.bytes.to_string(),
            Field::Action => if flow.accepted { "ACCEPT" } else { "REJECT" }.into(),
            Field::LogStatus => "OK".into(),
            Field::TcpFlags => sum.tcp_flags.to_string(),
            Field::Type => "IPv4".into(),
            Field::FlowDirection => if egress { "egress" } else { "ingress" }.into(),
            Field::TrafficPath if egress => interface.paths.to(destination)?.to_string(),
            _ => return None,
        })
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use model::parse_format;
    use wire::{ICMP, TCP, UDP};

    /// `eni-1`, 192.168.1.10.
    pub(in super::super) fn interface() -> Interface {
        Interface {
            id: "eni-1".into(),
            account: "111122223333".into(),
            address: Ipv4Addr::new(192, 168, 1, 10),
            vpc: "vpc-1".into(),
            subnet: "subnet-1".into(),
            instance: Some("i-1".into()),
            region: "us-east-1".into(),
            zone: Some("use1-az1".into()),
            paths: TrafficPaths::default(),
            platform: PLATFORM.to_vec(),
        }
    }

    fn line(format: &str, direction: Direction, source: [u8; 4], destination: [u8; 4], protocol: u8) -> String {
        let (source_port, destination_port) = if matches!(protocol, TCP | UDP) { (40000, 443) } else { (0, 0) };
        let (source, destination) = (source.into(), destination.into());
        let packet = FiveTuple { source, destination, protocol, source_port, destination_port };
        let flow = Flow { packet, direction, accepted: true };
        let (start, end) = (Time(1_420_632_000_999), Time(1_420_632_007_000));
        let sum = Sum { packets: 9, bytes: 5040, start, end, tcp_flags: 19 };
        Record::Flow(&flow, &sum).line(&parse_format(format).unwrap(), &interface(), start, end)
    }

    #[test]
    fn a_record_has_its_formats_fields() {
        let format = "${version} ${vpc-id} ${subnet-id} ${instance-id} ${tcp-flags} ${type} ${region} ${az-id} \
                      ${sublocation-type} ${flow-direction} ${traffic-path} ${pkt-src-aws-service} ${start} ${end}";
        let out = line(format, Direction::Egress, [192, 168, 1, 10], [10, 251, 50, 12], TCP);
        assert_eq!(out, "5 vpc-1 subnet-1 i-1 19 IPv4 us-east-1 use1-az1 - egress - - 1420632000 1420632007");
    }

    #[test]
    fn a_middlebox_is_shown_by_its_own_address() {
        let format = "${version} ${srcaddr} ${dstaddr} ${pkt-srcaddr} ${pkt-dstaddr}";
        let into = line(format, Direction::Ingress, [192, 168, 1, 20], [8, 8, 8, 8], TCP);
        assert_eq!(into, "3 192.168.1.20 192.168.1.10 192.168.1.20 8.8.8.8");
        let out = line(format, Direction::Egress, [192, 168, 1, 20], [8, 8, 8, 8], TCP);
        assert_eq!(out, "3 192.168.1.10 8.8.8.8 192.168.1.20 8.8.8.8");
    }

    #[test]
    fn a_ping_has_no_ports() {
        let format = "${srcport} ${dstport} ${protocol}";
        assert_eq!(line(format, Direction::Ingress, [10, 251, 50, 12], [192, 168, 1, 10], ICMP), "0 0 1");
    }
}
