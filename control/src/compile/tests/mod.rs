//! Random clouds, made by calls of the API, for properties that hold for all of them.

mod meaning;
mod pieces;

use crate::api::{Call, Request};
use model::{HostPlace, Model, Row, Time};
use proptest::prelude::{Strategy, any};
use std::net::Ipv4Addr;

/// One event: its kind, and numbers that choose what it concerns.
pub(crate) type Event = (u8, u8, u8);

/// The request of an event, if the cloud has what the event needs.
fn request(model: &Model, (what, a, b): Event) -> Option<String> {
    let vpc = pick(model.vpcs.iter(), a);
    let subnet = pick(model.subnets.iter(), b);
    let table = pick(model.route_tables.iter(), a);
    let group = pick(model.security_groups.iter(), a);
    let instance = pick(model.instances.iter(), b);
    let gateway = pick(model.internet_gateways.iter(), b);
    let interface = pick(model.network_interfaces.iter(), a);
    let vgw = pick(model.vpn_gateways.iter(), b);
    let site = pick(model.customer_gateways.iter(), b);
    let vpn = pick(model.vpn_connections.iter(), a);
    let nat = pick(model.nat_gateways.iter(), b);
    let address = pick(model.elastic_addresses.iter(), a);
    let peering = pick(model.peerings.iter(), b);
    let other_group = pick(model.security_groups.iter(), b);
    Some(match what {
        0 => "Action=CreateVpc&CidrBlock=192.168.0.0/16".to_owned(),
        1 => format!("Action=CreateVpc&CidrBlock=10.0.{}.0/24", a & 0xf0),
        2 => {
            let [first, second, third, _] = model.vpcs.get(vpc.as_ref()?)?.cidr().network().octets();
            format!("Action=CreateSubnet&VpcId={}&CidrBlock={first}.{second}.{}.0/28", vpc?, third | (b & 15))
        }
        3 => format!("Action=CreateRouteTable&VpcId={}", vpc?),
        4 => format!("Action=AssociateRouteTable&RouteTableId={}&SubnetId={}", table?, subnet?),
        5 => {
            let table = model.route_tables.get(&table?)?;
            let association = pick_from(&table.associations, b)?.id.clone();
            let other = pick(model.route_tables.iter().filter(|other| other.vpc == table.vpc), b)?;
            format!("Action=ReplaceRouteTableAssociation&AssociationId={association}&RouteTableId={other}")
        }
        6 => format!("Action=CreateSecurityGroup&VpcId={}&GroupName=g{b}&GroupDescription=d", vpc?),
        7 => format!("Action=CreateSecurityGroup&GroupName=g{b}&GroupDescription=d"),
        8 => format!(
            "Action=AuthorizeSecurityGroupIngress&GroupId={}&IpPermissions.1.IpProtocol=tcp&IpPermissions.1.FromPort={b}\
             &IpPermissions.1.ToPort=443&IpPermissions.1.Groups.1.GroupId={}",
            group?, other_group?
        ),
        9 => format!(
            "Action=RevokeSecurityGroupIngress&GroupId={}&IpPermissions.1.IpProtocol=tcp&IpPermissions.1.FromPort={b}\
             &IpPermissions.1.ToPort=443&IpPermissions.1.Groups.1.GroupId={}",
            group?, other_group?
        ),
        10 => format!("Action=DeleteSecurityGroup&GroupId={}", group?),
        11 => {
            format!("Action=RunInstances&ImageId=ami-12345678&InstanceType=m3.medium&MinCount=1&MaxCount={}", 1 + a % 2)
        }
        12 => format!(
            "Action=RunInstances&ImageId=ami-12345678&InstanceType=m3.medium&MinCount=1&MaxCount=1&SubnetId={}",
            subnet?
        ),
        13 => format!("Action=StopInstances&InstanceId.1={}", instance?),
        14 => format!("Action=StartInstances&InstanceId.1={}", instance?),
        15 => format!("Action=TerminateInstances&InstanceId.1={}", instance?),
        16 => format!("Action=EnableVpcClassicLink&VpcId={}", vpc?),
        17 => format!("Action=DisableVpcClassicLink&VpcId={}", vpc?),
        18 => {
            let vpc = vpc?;
            let group = pick(model.security_groups.iter().filter(|group| group.vpc.as_ref() == Some(&vpc)), b)?;
            format!("Action=AttachClassicLinkVpc&VpcId={vpc}&InstanceId={}&SecurityGroupId.1={group}", instance?)
        }
        19 => {
            let linked = model.instances.iter().filter_map(|instance| Some((&instance.id, &instance.link()?.vpc)));
            let linked: Vec<_> = linked.collect();
            let (instance, vpc) = pick_from(&linked, a)?;
            format!("Action=DetachClassicLinkVpc&VpcId={vpc}&InstanceId={instance}")
        }
        20 => format!("Action=CreateTags&ResourceId.1={}&Tag.1.Key=classiclink:mtu&Tag.1.Value=1{b}0", instance?),
        21 => format!("Action=DeleteSubnet&SubnetId={}", subnet?),
        22 => format!("Action=DeleteVpc&VpcId={}", vpc?),
        23 => "Action=CreateInternetGateway".to_owned(),
        24 => format!("Action=AttachInternetGateway&VpcId={}&InternetGatewayId={}", vpc?, gateway?),
        25 => format!("Action=DetachInternetGateway&VpcId={}&InternetGatewayId={}", vpc?, gateway?),
        26 => format!("Action=CreateVpcPeeringConnection&VpcId={}&PeerVpcId={}", vpc?, pick(model.vpcs.iter(), b)?),
        27 => format!("Action=AcceptVpcPeeringConnection&VpcPeeringConnectionId={}", peering?),
        28 => format!("Action=DeleteVpcPeeringConnection&VpcPeeringConnectionId={}", peering?),
        29 => {
            let (requester, accepter) = (a & 1 == 0, a & 2 == 0);
            format!(
                "Action=ModifyVpcPeeringConnectionOptions&VpcPeeringConnectionId={}\
                 &RequesterPeeringConnectionOptions.AllowEgressFromLocalClassicLinkToRemoteVpc={requester}\
                 &AccepterPeeringConnectionOptions.AllowEgressFromLocalVpcToRemoteClassicLink={accepter}",
                peering?
            )
        }
        30 => {
            format!("Action=CreateRoute&RouteTableId={}&DestinationCidrBlock=0.0.0.0/0&GatewayId={}", table?, gateway?)
        }
        31 => format!(
            "Action=CreateRoute&RouteTableId={}&DestinationCidrBlock=172.{}.0.0/16&VpcPeeringConnectionId={}",
            table?,
            b % 4,
            peering?
        ),
        32 => format!(
            "Action=CreateRoute&RouteTableId={}&DestinationCidrBlock=198.51.100.0/24&InstanceId={}",
            table?, instance?
        ),
        33 => format!("Action=DeleteRoute&RouteTableId={}&DestinationCidrBlock=0.0.0.0/0", table?),
        34 => format!("Action=CreateVpc&CidrBlock=172.{}.0.0/16", a % 4),
        35 => "Action=AllocateAddress&Domain=vpc".to_owned(),
        36 => format!("Action=AssociateAddress&AllocationId={}&InstanceId={}", address?, instance?),
        37 => format!("Action=CreateNatGateway&SubnetId={}&AllocationId={}", subnet?, address?),
        38 => format!("Action=DeleteNatGateway&NatGatewayId={}", nat?),
        39 => format!(
            "Action=CreateRoute&RouteTableId={}&DestinationCidrBlock=203.0.113.0/24&NatGatewayId={}",
            table?, nat?
        ),
        40 => format!(
            "Action=CreateNetworkAclEntry&NetworkAclId={}&RuleNumber={b}&Protocol=-1&RuleAction=deny&Egress=false&CidrBlock=10.0.0.0/8",
            pick(model.network_acls.iter(), a)?
        ),
        41 => {
            let acl = pick(model.network_acls.iter(), a)?;
            let acl = model.network_acls.get(&acl)?;
            let association = pick_from(&acl.associations, b)?.id.clone();
            let other = pick(model.network_acls.iter().filter(|other| other.vpc == acl.vpc), b)?;
            format!("Action=ReplaceNetworkAclAssociation&AssociationId={association}&NetworkAclId={other}")
        }
        42 => format!("Action=CreateNetworkAcl&VpcId={}", vpc?),
        43 => format!("Action=CreateCustomerGateway&Type=ipsec.1&IpAddress=203.0.113.{b}&BgpAsn=65000"),
        44 => "Action=CreateVpnGateway&Type=ipsec.1".to_owned(),
        45 => format!("Action=AttachVpnGateway&VpcId={}&VpnGatewayId={}", vpc?, vgw?),
        46 => format!("Action=DetachVpnGateway&VpcId={}&VpnGatewayId={}", vpc?, vgw?),
        47 => format!(
            "Action=CreateVpnConnection&Type=ipsec.1&Options.StaticRoutesOnly=true&VpnGatewayId={}&CustomerGatewayId={}",
            vgw?, site?
        ),
        48 => format!("Action=CreateVpnConnectionRoute&VpnConnectionId={}&DestinationCidrBlock=172.20.{b}.0/24", vpn?),
        49 => format!("Action=DeleteVpnConnection&VpnConnectionId={}", vpn?),
        50 => format!("Action=EnableVgwRoutePropagation&RouteTableId={}&GatewayId={}", table?, vgw?),
        51 => {
            format!("Action=CreateRoute&RouteTableId={}&DestinationCidrBlock=172.20.0.0/16&GatewayId={}", table?, vgw?)
        }
        52 => format!(
            "Action=CreateVpcEndpoint&VpcId={}&ServiceName=com.amazonaws.us-east-1.s3&RouteTableId.1={}",
            vpc?, table?
        ),
        53 => format!("Action=DeleteVpcEndpoints&VpcEndpointId.1={}", pick(model.vpc_endpoints.iter(), a)?),
        54 => format!("Action=AssociateVpcCidrBlock&VpcId={}&CidrBlock=192.169.0.0/16", vpc?),
        55 => format!("Action=DeleteCustomerGateway&CustomerGatewayId={}", site?),
        56 => format!("Action=CreateNetworkInterface&SubnetId={}", subnet?),
        57 => format!(
            "Action=AttachNetworkInterface&NetworkInterfaceId={}&InstanceId={}&DeviceIndex=1",
            interface?, instance?
        ),
        58 => {
            let interface = model.network_interfaces.get(&interface?)?;
            format!("Action=DetachNetworkInterface&AttachmentId={}", interface.attachment.as_ref()?.id)
        }
        59 => format!(
            "Action=ModifyNetworkInterfaceAttribute&NetworkInterfaceId={}&SourceDestCheck.Value=false",
            interface?
        ),
        60 => format!(
            "Action=ModifyNetworkInterfaceAttribute&NetworkInterfaceId={}&SecurityGroupId.1={}",
            interface?, group?
        ),
        61 => "Action=AllocateAddress&Domain=standard".to_owned(),
        62 => {
            let address = model.elastic_addresses.get(&address?)?.address;
            format!("Action=AssociateAddress&PublicIp={address}&InstanceId={}", instance?)
        }
        63 => {
            let address = model.elastic_addresses.get(&address?)?.address;
            format!("Action=DisassociateAddress&PublicIp={address}")
        }
        64 => format!(
            "Action=AuthorizeSecurityGroupEgress&GroupId={}&IpPermissions.1.IpProtocol=-1&IpPermissions.1.PrefixListIds.1.PrefixListId={}",
            group?,
            model::prefix_list_id("com.amazonaws.us-east-1.s3")
        ),
        65 => format!("Action=CreateTags&ResourceId.1={}&Tag.1.Key=classiclink:port&Tag.1.Value=plain", instance?),
        74 => format!(
            "Action=RunInstances&ImageId=ami-12345678&InstanceType=m3.medium&MinCount=1&MaxCount=1\
             &NetworkInterface.1.DeviceIndex=0&NetworkInterface.1.SubnetId={}\
             &NetworkInterface.2.DeviceIndex=1&NetworkInterface.2.SubnetId={}",
            subnet?,
            pick(model.subnets.iter(), a)?
        ),
        75 => format!(
            "Action=AssignPrivateIpAddresses&NetworkInterfaceId={}&SecondaryPrivateIpAddressCount=1",
            interface?
        ),
        76 => {
            let interface = model.network_interfaces.get(&interface?)?;
            let (id, private) = (&interface.id, pick_from(&interface.addresses, b)?);
            format!("Action=UnassignPrivateIpAddresses&NetworkInterfaceId={id}&PrivateIpAddress.1={private}")
        }
        77 => {
            let address = pick(model.elastic_addresses.iter(), b)?;
            let interface = model.network_interfaces.get(&interface?)?;
            let (id, private) = (&interface.id, pick_from(&interface.addresses, b)?);
            format!("Action=AssociateAddress&AllocationId={address}&NetworkInterfaceId={id}&PrivateIpAddress={private}")
        }
        78 => format!(
            "Action=CreateRoute&RouteTableId={}&DestinationCidrBlock=198.51.101.0/24&NetworkInterfaceId={}",
            table?,
            pick(model.network_interfaces.iter(), b)?
        ),
        79 => {
            let block = model.subnets.get(&subnet?)?.cidr?;
            let to = pick(model.network_interfaces.iter(), b)?;
            format!("Action=CreateRoute&RouteTableId={}&DestinationCidrBlock={block}&NetworkInterfaceId={to}", table?)
        }
        80 => {
            let table = model.route_tables.get(&table?)?;
            let (id, local) = (&table.id, &table.routes.first()?.destination);
            let to = match a % 3 {
                0 => "LocalTarget=true".to_owned(),
                _ => format!("NetworkInterfaceId={}", pick(model.network_interfaces.iter(), b)?),
            };
            format!("Action=ReplaceRoute&RouteTableId={id}&DestinationCidrBlock={local}&{to}")
        }
        81 => format!(
            "Action=CreateManagedPrefixList&PrefixListName=l&AddressFamily=IPv4&MaxEntries=9&Entry.1.Cidr=172.{}.0.0/16",
            b % 4
        ),
        82 => {
            let list = model.prefix_lists.get(&pick(model.prefix_lists.iter(), a)?)?;
            let (id, version) = (&list.id, list.version());
            format!(
                "Action=ModifyManagedPrefixList&PrefixListId={id}&CurrentVersion={version}&AddEntry.1.Cidr=203.0.113.{b}/32"
            )
        }
        83 => format!(
            "Action=AuthorizeSecurityGroupIngress&GroupId={}&IpPermissions.1.IpProtocol=-1&IpPermissions.1.PrefixListIds.1.PrefixListId={}",
            group?,
            pick(model.prefix_lists.iter(), b)?
        ),
        84 => {
            let list = pick(model.prefix_lists.iter(), b)?;
            let to = match a % 2 {
                0 => format!("GatewayId={}", gateway?),
                _ => format!("NetworkInterfaceId={}", interface?),
            };
            format!("Action=CreateRoute&RouteTableId={}&DestinationPrefixListId={list}&{to}", table?)
        }
        85 => "Action=CreateTransitGateway".to_owned(),
        86 | 87 => format!(
            "Action=CreateTransitGatewayVpcAttachment&TransitGatewayId={}&VpcId={}&SubnetIds.1={}",
            pick(model.transit_gateways.iter(), a)?,
            model.subnets.get(subnet.as_ref()?)?.vpc,
            subnet?
        ),
        88 => format!(
            "Action=CreateRoute&RouteTableId={}&DestinationCidrBlock=172.{}.0.0/14&TransitGatewayId={}",
            table?,
            4 * (b % 4),
            pick(model.transit_gateways.iter(), a)?
        ),
        89 => format!(
            "Action=CreateTransitGatewayRoute&TransitGatewayRouteTableId={}&DestinationCidrBlock=0.0.0.0/0&TransitGatewayAttachmentId={}",
            pick(model.transit_route_tables.iter(), a)?,
            pick(model.transit_attachments.iter(), b)?
        ),
        90 => {
            let verb = if b & 1 == 0 { "Disassociate" } else { "Associate" };
            format!(
                "Action={verb}TransitGatewayRouteTable&TransitGatewayRouteTableId={}&TransitGatewayAttachmentId={}",
                pick(model.transit_route_tables.iter(), a)?,
                pick(model.transit_attachments.iter(), b)?
            )
        }
        91 => format!(
            "Action=DisableTransitGatewayRouteTablePropagation&TransitGatewayRouteTableId={}&TransitGatewayAttachmentId={}",
            pick(model.transit_route_tables.iter(), a)?,
            pick(model.transit_attachments.iter(), b)?
        ),
        92 => format!(
            "Action=DeleteTransitGatewayVpcAttachment&TransitGatewayAttachmentId={}",
            pick(model.transit_attachments.iter(), a)?
        ),
        93 => {
            let own = model.transit_gateways.get(&pick(model.transit_gateways.iter(), a)?)?;
            format!(
                "Action=CreateTransitGatewayPeeringAttachment&TransitGatewayId={}&PeerTransitGatewayId={}&PeerAccountId={}&PeerRegion={}",
                own.id,
                pick(model.transit_gateways.iter().filter(|other| other.id != own.id), b)?,
                own.scope.account,
                own.scope.region
            )
        }
        94 => {
            let verb = if b % 4 == 0 { "Delete" } else { "Accept" };
            let peering = pick(model.transit_peerings.iter(), a)?;
            format!("Action={verb}TransitGatewayPeeringAttachment&TransitGatewayAttachmentId={peering}")
        }
        95 => {
            let table = model.transit_route_tables.get(&pick(model.transit_route_tables.iter(), a)?)?;
            let others = model.transit_peerings.by(&table.gateway).map(|row| row.id.clone());
            let others: Vec<String> =
                others.chain(model.transit_vpns.by(&table.gateway).map(|row| row.id.clone())).collect();
            format!(
                "Action=CreateTransitGatewayRoute&TransitGatewayRouteTableId={}&DestinationCidrBlock=172.{}.0.0/14&TransitGatewayAttachmentId={}",
                table.id,
                4 * (b % 6),
                pick_from(&others, b)?
            )
        }
        96 => format!(
            "Action=CreateVpnConnection&Type=ipsec.1&Options.StaticRoutesOnly={}&TransitGatewayId={}&CustomerGatewayId={}",
            b & 1 == 0,
            pick(model.transit_gateways.iter(), a)?,
            site?
        ),
        71 => format!(
            "Action=RunInstances&ImageId=ami-12345678&InstanceType=m3.medium&MinCount=1&MaxCount=1\
             &NetworkInterface.1.DeviceIndex=0&NetworkInterface.1.SubnetId={}\
             &NetworkInterface.1.AssociatePublicIpAddress=true",
            subnet?
        ),
        66 | 67 => format!(
            "Action=AuthorizeSecurityGroupIngress&GroupId={}&IpPermissions.1.IpProtocol=tcp&IpPermissions.1.FromPort=80\
             &IpPermissions.1.ToPort={}&IpPermissions.1.IpRanges.1.CidrIp={}.0.0.0/{}",
            group?,
            80 + u16::from(b),
            if a & 1 == 0 { 10 } else { 192 },
            8 * (b & 1)
        ),
        68 => format!(
            "Action=RevokeSecurityGroupEgress&GroupId={}&IpPermissions.1.IpProtocol=-1&IpPermissions.1.IpRanges.1.CidrIp=0.0.0.0/0",
            group?
        ),
        69 => format!(
            "Action=AuthorizeSecurityGroupEgress&GroupId={}&IpPermissions.1.IpProtocol=tcp&IpPermissions.1.FromPort=80\
             &IpPermissions.1.ToPort=300&IpPermissions.1.Groups.1.GroupId={}",
            group?, other_group?
        ),
        70 => format!("Action=CreateVpc&CidrBlock=10.{}.0.0/16", a & 1),
        72 => {
            let (kind, id) = match b % 3 {
                0 => ("VPC", vpc?),
                1 => ("Subnet", subnet?),
                _ => ("NetworkInterface", interface?),
            };
            format!(
                "Action=CreateFlowLogs&ResourceType={kind}&ResourceId.1={id}&TrafficType=ALL&LogGroupName=g{}",
                a % 2
            )
        }
        73 => format!("Action=DeleteFlowLogs&FlowLogId.1={}", pick(model.flow_logs.iter(), b)?),
        _ => format!("Action=DeleteRouteTable&RouteTableId={}", table?),
    })
}

fn pick<'a, T: Row + 'a>(rows: impl Iterator<Item = &'a T>, number: u8) -> Option<String> {
    let rows: Vec<&T> = rows.collect();
    pick_from(&rows, number).map(|row| row.id().to_owned())
}

fn pick_from<T>(rows: &[T], number: u8) -> Option<&T> {
    rows.get(usize::from(number) % rows.len().max(1))
}

/// Carries out an event. Returns whether it succeeded.
pub(crate) fn happen(model: &mut Model, event: Event) -> bool {
    let (what, a, b) = event;
    if what < 2 {
        let name = format!("host{}", a % 4);
        let done = match what {
            0 if b & 1 == 0 => {
                model.add_service_host(&name, "com.amazonaws.us-east-1.s3", Ipv4Addr::new(203, 0, 113, b))
            }
            0 => {
                let site = pick(model.customer_gateways.iter(), b);
                let (place, address) = match site {
                    Some(site) => (HostPlace::Site(site), Ipv4Addr::new(172, 20, b, 7)),
                    None => (HostPlace::Internet, Ipv4Addr::new(203, 0, 113, b)),
                };
                model.add_host(&name, place, address)
            }
            _ => model.remove_host(&name),
        };
        return done.is_ok();
    }
    let Some(form) = request(model, (what - 2, a, b)) else { return false };
    let done = Request::parse(&Call { path: "/", form: &form, ..Call::default() }, Time(u64::from(a)))
        .is_ok_and(|request| request.write(model).is_ok());
    // Hosts are not always up at once.
    if b % 4 != 3 {
        model.finish_hosts();
    }
    done
}

/// Two peered VPCs with subnets and instances, and an instance linked to each.
pub(crate) const BEGINNING: &[Event] = &[
    (2, 0, 0),
    (36, 1, 0),
    (18, 0, 0),
    (18, 1, 0),
    (4, 0, 0),
    (4, 1, 1),
    (13, 1, 0),
    (14, 0, 0),
    (20, 0, 0),
    (20, 0, 1),
    (20, 1, 0),
    (20, 1, 1),
    (28, 0, 1),
    (28, 1, 0),
    (29, 0, 0),
    (31, 0, 0),
    (25, 0, 0),
    (68, 0, 200),
    (68, 1, 200),
    (73, 0, 0),
    (14, 0, 0),
    (14, 0, 1),
    (33, 0, 1),
    (33, 1, 1),
    (6, 1, 1),
    (87, 0, 0),
    (88, 0, 0),
    (88, 0, 1),
    (90, 0, 0),
    (90, 0, 1),
];

/// A sequence of events.
pub(crate) fn events(most: usize) -> impl Strategy<Value = Vec<Event>> {
    proptest::collection::vec((0..100u8, any::<u8>(), any::<u8>()), 1..most)
}
