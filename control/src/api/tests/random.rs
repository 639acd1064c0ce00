//! Random calls: whatever the answer, the cloud stays sound, and what an error leaves behind is nothing.

use super::*;
use model::{CLASSIC_RANGE, Destination, NEVER_CLASSIC, Network, Origin, PublicAddress, Route, Row};
use proptest::prelude::*;
use std::collections::BTreeSet;

/// How every cloud begins.
const BEGINNING: &[&str] = &[
    "Action=CreateVpc&CidrBlock=192.168.0.0/16",
    "Action=CreateSubnet&VpcId={vpc}&CidrBlock=192.168.1.0/28",
    "Action=CreateSecurityGroup&GroupName=link&GroupDescription=x&VpcId={vpc}",
    "Action=CreateRouteTable&VpcId={vpc}",
    "Action=CreateInternetGateway",
    "Action=AttachInternetGateway&InternetGatewayId={igw}&VpcId={vpc}",
    "Action=RunInstances&ImageId=ami-1a2b3c4d&MinCount=2&MaxCount=2",
    "Action=RunInstances&ImageId=ami-1a2b3c4d&MinCount=1&MaxCount=1&SubnetId={subnet}",
    "Action=EnableVpcClassicLink&VpcId={vpc}",
    "Action=AllocateAddress&Domain=vpc",
    "Action=CreateVpc&CidrBlock=172.16.0.0/16",
];

/// Calls, with places for what exists by then.
const CALLS: &[&str] = &[
    "Action=CreateVpc&CidrBlock=192.168.0.0/16",
    "Action=CreateVpc&CidrBlock=10.0.0.0/16",
    "Action=CreateVpc&CidrBlock=10.9.0.0/16",
    "Action=CreateVpc&CidrBlock=172.16.0.0/16&InstanceTenancy=dedicated",
    "Action=DeleteVpc&VpcId={vpc}",
    "Action=CreateSubnet&VpcId={vpc}&CidrBlock=192.168.1.0/28",
    "Action=CreateSubnet&VpcId={vpc}&CidrBlock=10.0.0.0/24",
    "Action=DeleteSubnet&SubnetId={subnet}",
    "Action=ModifySubnetAttribute&SubnetId={subnet}&MapPublicIpOnLaunch.Value=true",
    "Action=CreateSecurityGroup&GroupName=a&GroupDescription=x&VpcId={vpc}",
    "Action=CreateSecurityGroup&GroupName=a&GroupDescription=x",
    "Action=DeleteSecurityGroup&GroupId={group}",
    "Action=AuthorizeSecurityGroupIngress&GroupId={group}&IpPermissions.1.IpProtocol=tcp&IpPermissions.1.FromPort=1\
     &IpPermissions.1.ToPort=9&IpPermissions.1.Groups.1.GroupId={group}",
    "Action=RevokeSecurityGroupEgress&GroupId={group}&IpPermissions.1.IpProtocol=-1&IpPermissions.1.IpRanges.1.CidrIp=0.0.0.0/0",
    "Action=CreateRouteTable&VpcId={vpc}",
    "Action=DeleteRouteTable&RouteTableId={table}",
    "Action=AssociateRouteTable&RouteTableId={table}&SubnetId={subnet}",
    "Action=ReplaceRouteTableAssociation&AssociationId={association}&RouteTableId={table}",
    "Action=DisassociateRouteTable&AssociationId={association}",
    "Action=CreateRoute&RouteTableId={table}&DestinationCidrBlock=10.20.0.0/16&InstanceId={inside}",
    "Action=CreateRoute&RouteTableId={table}&DestinationCidrBlock=0.0.0.0/0&InstanceId={inside}",
    "Action=DeleteRoute&RouteTableId={table}&DestinationCidrBlock=10.20.0.0/16",
    "Action=DeleteRoute&RouteTableId={table}&DestinationCidrBlock=10.0.0.0/8",
    "Action=RunInstances&ImageId=ami-1a2b3c4d&MinCount=1&MaxCount=2",
    "Action=RunInstances&ImageId=ami-1a2b3c4d&MinCount=1&MaxCount=4&SubnetId={subnet}",
    "Action=RunInstances&ImageId=ami-1a2b3c4d&MinCount=1&MaxCount=1&SubnetId={subnet}&SecurityGroupId.1={group}",
    "Action=StartInstances&InstanceId.1={instance}&InstanceId.2={instance}",
    "Action=StopInstances&InstanceId.1={instance}",
    "Action=TerminateInstances&InstanceId.1={instance}",
    "Action=ModifyInstanceAttribute&InstanceId={inside}&GroupId.1={group}",
    "Action=EnableVpcClassicLink&VpcId={vpc}",
    "Action=DisableVpcClassicLink&VpcId={vpc}",
    "Action=AttachClassicLinkVpc&InstanceId={classic}&VpcId={vpc}&SecurityGroupId.1={group of it}",
    "Action=AttachClassicLinkVpc&InstanceId={instance}&VpcId={vpc}&SecurityGroupId.1={group}",
    "Action=DetachClassicLinkVpc&InstanceId={linked}&VpcId={its vpc}",
    "Action=CreateInternetGateway",
    "Action=AttachInternetGateway&InternetGatewayId={igw}&VpcId={vpc}",
    "Action=DetachInternetGateway&InternetGatewayId={igw}&VpcId={vpc}",
    "Action=DeleteInternetGateway&InternetGatewayId={igw}",
    "Action=CreateRoute&RouteTableId={table}&DestinationCidrBlock=0.0.0.0/0&GatewayId={igw}",
    "Action=AllocateAddress&Domain=vpc",
    "Action=AllocateAddress&Domain=standard",
    "Action=AssociateAddress&AllocationId={allocation}&InstanceId={inside}&AllowReassociation=true",
    "Action=AssociateAddress&PublicIp={address}&InstanceId={instance}",
    "Action=DisassociateAddress&PublicIp={address}",
    "Action=ReleaseAddress&AllocationId={allocation}",
    "Action=ReleaseAddress&PublicIp={address}",
    "Action=CreateNatGateway&SubnetId={subnet}&AllocationId={allocation}",
    "Action=DeleteNatGateway&NatGatewayId={nat}",
    "Action=CreateRoute&RouteTableId={table}&DestinationCidrBlock=0.0.0.0/0&NatGatewayId={nat}",
    "Action=CreateVpcPeeringConnection&VpcId={vpc}&PeerVpcId={vpc}",
    "Action=AcceptVpcPeeringConnection&VpcPeeringConnectionId={pcx}",
    "Action=DeleteVpcPeeringConnection&VpcPeeringConnectionId={pcx}",
    "Action=ModifyVpcPeeringConnectionOptions&VpcPeeringConnectionId={pcx}\
     &RequesterPeeringConnectionOptions.AllowEgressFromLocalVpcToRemoteClassicLink=true\
     &AccepterPeeringConnectionOptions.AllowEgressFromLocalClassicLinkToRemoteVpc=true",
    "Action=ModifyVpcPeeringConnectionOptions&VpcPeeringConnectionId={pcx}\
     &RequesterPeeringConnectionOptions.AllowEgressFromLocalVpcToRemoteClassicLink=false",
    "Action=CreateRoute&RouteTableId={table}&DestinationCidrBlock=10.0.0.0/16&VpcPeeringConnectionId={pcx}",
    "Action=CreateNetworkAcl&VpcId={vpc}",
    "Action=DeleteNetworkAcl&NetworkAclId={acl}",
    "Action=ReplaceNetworkAclAssociation&AssociationId={acl association}&NetworkAclId={acl}",
    "Action=CreateNetworkAclEntry&NetworkAclId={acl}&RuleNumber=50&Egress=false&Protocol=-1&RuleAction=deny&CidrBlock=10.0.0.0/8",
    "Action=CreateVpnGateway&Type=ipsec.1",
    "Action=AttachVpnGateway&VpnGatewayId={vgw}&VpcId={vpc}",
    "Action=DetachVpnGateway&VpnGatewayId={vgw}&VpcId={vpc}",
    "Action=DeleteVpnGateway&VpnGatewayId={vgw}",
    "Action=CreateCustomerGateway&Type=ipsec.1&IpAddress=203.0.113.77",
    "Action=DeleteCustomerGateway&CustomerGatewayId={cgw}",
    "Action=CreateVpnConnection&Type=ipsec.1&CustomerGatewayId={cgw}&VpnGatewayId={vgw}&Options.StaticRoutesOnly=true",
    "Action=DeleteVpnConnection&VpnConnectionId={vpn}",
    "Action=CreateVpnConnectionRoute&VpnConnectionId={vpn}&DestinationCidrBlock=172.20.0.0/16",
    "Action=CreateVpnConnectionRoute&VpnConnectionId={vpn}&DestinationCidrBlock=10.77.0.0/16",
    "Action=EnableVgwRoutePropagation&RouteTableId={table}&GatewayId={vgw}",
    "Action=DisableVgwRoutePropagation&RouteTableId={table}&GatewayId={vgw}",
    "Action=CreateRoute&RouteTableId={table}&DestinationCidrBlock=172.20.0.0/16&GatewayId={vgw}",
    "Action=CreateVpcEndpoint&VpcId={vpc}&ServiceName=com.amazonaws.us-east-1.s3&RouteTableId.1={table}",
    "Action=DeleteVpcEndpoints&VpcEndpointId.1={vpce}",
    "Action=AssociateVpcCidrBlock&VpcId={vpc}&CidrBlock=192.168.0.0/20",
    "Action=AssociateVpcCidrBlock&VpcId={vpc}&CidrBlock=10.1.0.0/16",
    "Action=AssociateVpcCidrBlock&VpcId={vpc}&CidrBlock=10.4.0.0/16",
    "Action=AssociateVpcCidrBlock&VpcId={vpc}&AmazonProvidedIpv6CidrBlock=true",
    "Action=DisassociateVpcCidrBlock&AssociationId={block}",
    "Action=CreateNetworkInterface&SubnetId={subnet}",
    "Action=RunInstances&ImageId=ami-1a2b3c4d&MinCount=1&MaxCount=1&NetworkInterface.1.DeviceIndex=0\
     &NetworkInterface.1.NetworkInterfaceId={eni}",
    "Action=DeleteNetworkInterface&NetworkInterfaceId={eni}",
    "Action=RunInstances&ImageId=ami-1a2b3c4d&MinCount=1&MaxCount=2&NetworkInterface.1.DeviceIndex=0\
     &NetworkInterface.1.SubnetId={subnet}&NetworkInterface.2.DeviceIndex=1&NetworkInterface.2.SubnetId={subnet}\
     &NetworkInterface.2.SecondaryPrivateIpAddressCount=1",
    "Action=AttachNetworkInterface&NetworkInterfaceId={eni}&InstanceId={inside}&DeviceIndex=1",
    "Action=AttachNetworkInterface&NetworkInterfaceId={eni}&InstanceId={instance}&DeviceIndex=2",
    "Action=DetachNetworkInterface&AttachmentId={attachment}",
    "Action=AssignPrivateIpAddresses&NetworkInterfaceId={eni}&SecondaryPrivateIpAddressCount=1",
    "Action=AssignPrivateIpAddresses&NetworkInterfaceId={eni}&PrivateIpAddress.1={private}&AllowReassignment=true",
    "Action=UnassignPrivateIpAddresses&NetworkInterfaceId={eni}&PrivateIpAddress.1={private}",
    "Action=AssociateAddress&AllocationId={allocation}&NetworkInterfaceId={eni}&PrivateIpAddress={private}\
     &AllowReassociation=true",
    "Action=AssignIpv6Addresses&NetworkInterfaceId={eni}&Ipv6AddressCount=1",
    "Action=ModifyNetworkInterfaceAttribute&NetworkInterfaceId={eni}&SourceDestCheck.Value=false",
    "Action=AssociateAddress&AllocationId={allocation}&NetworkInterfaceId={eni}&AllowReassociation=true",
    "Action=DescribeNetworkInterfaces",
    "Action=DescribeVpnConnections",
    "Action=DescribeVpcEndpoints",
    "Action=DescribeStaleSecurityGroups&VpcId={vpc}",
    "Action=DescribeAddresses",
    "Action=DescribeNatGateways",
    "Action=DescribeVpcPeeringConnections",
    "Action=DescribeNetworkAcls",
    "Action=CreateTags&ResourceId.1={instance}&ResourceId.2={vpc}&Tag.1.Key=Name&Tag.1.Value=x",
    "Action=DescribeInstances",
    "Action=DescribeRouteTables",
    "Action=DescribeSecurityGroups",
    "Action=DescribeSubnets",
    "Action=DescribeClassicLinkInstances",
];

/// Fills the places of a call with ids that exist, as the numbers choose.
fn fill(model: &Model, call: &str, choices: &[usize]) -> String {
    let of_kind = |in_classic: bool| -> Vec<String> {
        let living = model.instances.iter().filter(|instance| !instance.is_gone());
        living.filter(|instance| instance.classic().is_some() == in_classic).map(|row| row.id().to_owned()).collect()
    };
    let ids = |place: &str, vpc: &str| -> Vec<String> {
        match place {
            "linked" => {
                model.instances.iter().filter(|row| row.link().is_some()).map(|row| row.id().to_owned()).collect()
            }
            "its vpc" => vec![vpc.to_owned()],
            "classic" => of_kind(true),
            "inside" => of_kind(false),
            "group of it" => {
                let of_it = model.security_groups.iter().filter(|group| group.vpc.as_deref() == Some(vpc));
                of_it.map(|row| row.id().to_owned()).collect()
            }
            "vpc" => model.vpcs.iter().map(|row| row.id().to_owned()).collect(),
            "subnet" => model.subnets.iter().map(|row| row.id().to_owned()).collect(),
            "group" => model.security_groups.iter().map(|row| row.id().to_owned()).collect(),
            "table" => model.route_tables.iter().map(|row| row.id().to_owned()).collect(),
            "instance" => model.instances.iter().map(|row| row.id().to_owned()).collect(),
            "igw" => model.internet_gateways.iter().map(|row| row.id().to_owned()).collect(),
            "nat" => model.nat_gateways.iter().map(|row| row.id().to_owned()).collect(),
            "pcx" => model.peerings.iter().map(|row| row.id().to_owned()).collect(),
            "acl" => model.network_acls.iter().map(|row| row.id().to_owned()).collect(),
            "acl association" => {
                model.network_acls.iter().flat_map(|acl| acl.associations.iter().map(|a| a.id.clone())).collect()
            }
            "vgw" => model.vpn_gateways.iter().map(|row| row.id().to_owned()).collect(),
            "cgw" => model.customer_gateways.iter().map(|row| row.id().to_owned()).collect(),
            "vpn" => model.vpn_connections.iter().map(|row| row.id().to_owned()).collect(),
            "vpce" => model.vpc_endpoints.iter().map(|row| row.id().to_owned()).collect(),
            "eni" => model.network_interfaces.iter().map(|row| row.id().to_owned()).collect(),
            "attachment" => {
                model.network_interfaces.iter().filter_map(|row| Some(row.attachment.as_ref()?.id.clone())).collect()
            }
            "private" => {
                let all = model.network_interfaces.iter().flat_map(|row| row.addresses.iter());
                all.map(std::net::Ipv4Addr::to_string).collect()
            }
            "block" => model.vpcs.iter().flat_map(|vpc| vpc.cidrs.iter().map(|b| b.association.clone())).collect(),
            "allocation" => model.elastic_addresses.iter().map(|row| row.id().to_owned()).collect(),
            "address" => model.elastic_addresses.iter().map(|row| row.address.to_string()).collect(),
            _ => model.route_tables.iter().flat_map(|t| t.associations.iter().map(|a| a.id.clone())).collect(),
        }
    };
    let mut choices = choices.iter().cycle();
    let mut vpc = String::new();
    let mut parts = call.split('{');
    let mut filled = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (place, rest) = part.split_once('}').unwrap();
        let ids = ids(place, &vpc);
        let choice = choices.next().unwrap();
        let id = ids.get(choice % ids.len().max(1)).map_or("nothing", String::as_str);
        filled += id;
        match place {
            "vpc" => vpc = id.to_owned(),
            "linked" => vpc = model.instances.get(id).and_then(|row| Some(row.link()?.vpc.clone())).unwrap_or_default(),
            _ => {}
        }
        filled += rest;
    }
    filled
}

/// Everything that must always hold.
fn assert_sound(model: &Model) {
    let (mut addresses, mut numbers) = (BTreeSet::new(), BTreeSet::new());
    for vpc in model.vpcs.iter() {
        assert!(numbers.insert(vpc.number) && numbers.insert(vpc.links_number));
        assert_eq!(model.route_tables.iter().filter(|t| t.vpc == vpc.id && t.is_main()).count(), 1, "one main table");
        assert!(model.group_named(&vpc.scope, Some(&vpc.id), "default").is_ok());
    }
    for table in model.route_tables.iter() {
        assert!(numbers.insert(table.number));
        let vpc = model.vpcs.get(&table.vpc).unwrap();
        let classic = table.routes.iter().filter(|route| route.destination == Destination::V4(CLASSIC_RANGE)).count();
        assert_eq!(classic, usize::from(model.needs_classic_route(vpc)), "M15");
        assert!(vpc.classic_link <= model.needs_classic_route(vpc));
        let in_the_way = |route: &&Route| match route.destination {
            // What a VPN propagates later gives way by itself (semantics.md §5.2).
            Destination::V4(_) if route.origin == Origin::EnableVgwRoutePropagation => false,
            Destination::V4(net) => CLASSIC_RANGE.contains(&net) && !(route.is_local() && NEVER_CLASSIC.contains(&net)),
            _ => false,
        };
        assert!(classic == 0 || table.routes.iter().filter(in_the_way).count() == 1, "M16, M17: only the route itself");
        let effective: Vec<_> = table.effective_routes().map(|route| &route.destination).collect();
        assert_eq!(effective.iter().collect::<BTreeSet<_>>().len(), effective.len(), "one route a destination");
        assert!(vpc.blocks().all(|block| table.routes.contains(&Route::local(block))));
        let locals = table.routes.iter().filter(|route| route.is_local()).count();
        assert_eq!(locals, vpc.cidrs.len() + vpc.ipv6.len() + classic);
        assert!(table.associations.iter().all(|a| a.subnet.as_ref().is_none_or(|id| model.subnets.get(id).is_some())));
    }
    for subnet in model.subnets.iter() {
        assert!(numbers.insert(subnet.number));
        assert!(model.vpcs.get(&subnet.vpc).unwrap().covers(&subnet.cidr.unwrap()));
        assert!(model.route_table_of(&subnet.id).is_some() && model.acl_of_subnet(&subnet.id).is_some());
    }
    for group in model.security_groups.iter() {
        assert!(numbers.insert(group.number));
        assert!(group.vpc.as_ref().is_none_or(|id| model.vpcs.get(id).is_some()));
        assert!(group.vpc.is_some() || group.rules.iter().all(|rule| !rule.egress));
    }
    let of_vpc = |vpc: &str, groups: &[String]| {
        let has = |id: &String| model.security_groups.get(id).is_some_and(|group| group.vpc.as_deref() == Some(vpc));
        !groups.is_empty() && groups.iter().all(has)
    };
    for interface in model.network_interfaces.iter() {
        assert!(numbers.insert(interface.number));
        let subnet = model.subnets.get(&interface.subnet).unwrap();
        assert!(!interface.addresses.is_empty());
        for address in &interface.addresses {
            assert!(subnet.contains(address) && !subnet.reserves(*address));
            assert!(addresses.insert((interface.vpc.clone(), *address)));
        }
        assert!(interface.public.keys().all(|own| interface.addresses.contains(own)));
        assert!(interface.instance().is_none() || of_vpc(&interface.vpc, &interface.groups));
        let instance = interface.instance().map(|id| model.instances.get(id).unwrap());
        assert!(instance.is_none_or(|instance| !instance.is_gone()));
        let Some((instance, attachment)) = instance.zip(interface.attachment.as_ref()) else { continue };
        assert_eq!(instance.zone, subnet.zone);
        assert!(instance.vpc().unwrap().interfaces.contains(&interface.id));
        assert!(attachment.device_index == 0 || numbers.insert(attachment.port));
        assert!(attachment.device_index > 0 || attachment.port == instance.port);
    }
    let public = |place: &PublicAddress| place.address;
    let of_interfaces = model.network_interfaces.iter().flat_map(|interface| interface.public.values().map(public));
    let of_classic = model.instances.iter().filter_map(|instance| instance.classic()?.public.as_ref().map(public));
    let all: Vec<_> = of_interfaces.chain(of_classic).collect();
    assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len(), "a public address has one holder");
    for instance in model.instances.iter() {
        assert!(numbers.insert(instance.port));
        if let Some(place) = instance.vpc().filter(|_| !instance.is_gone()) {
            let attached = |id| model.network_interfaces.get(id).unwrap().attachment.as_ref().unwrap();
            let indices: Vec<u16> = place.interfaces.iter().map(|id| attached(id).device_index).collect();
            assert!(indices[0] == 0 && indices.is_sorted_by(|one, other| one < other), "{indices:?}");
            assert!(place.interfaces.iter().all(|id| attached(id).instance == instance.id));
        }
        let Network::Classic(classic) = &instance.network else { continue };
        assert_eq!(classic.private.is_some(), instance.is_on());
        assert_eq!(classic.public.is_some(), instance.is_on());
        assert!(classic.private.is_none_or(|address| addresses.insert((instance.scope.region.clone(), address))));
        if let Some(link) = &classic.link {
            assert!(numbers.insert(link.attachment) && instance.is_on());
            assert!(model.vpcs.get(&link.vpc).unwrap().classic_link, "M5");
            assert!(of_vpc(&link.vpc, &link.groups), "M6");
        }
    }
}

proptest! {
    #[test]
    fn the_cloud_stays_sound(calls in prop::collection::vec((0..CALLS.len(), prop::array::uniform3(0usize..64)), 1..120)) {
        let mut cloud = Cloud::new();
        for call in BEGINNING {
            let form = fill(&cloud.model, call, &[0]);
            prop_assert!(cloud.ask(&form).is_ok(), "{form}");
        }
        cloud.hosts_follow = false;
        for (call, choices) in calls {
            if choices[2] % 3 == 0 {
                cloud.model.finish_hosts();
            }
            let form = fill(&cloud.model, CALLS[call], &choices);
            // The answer, good or bad, is the model's business; that it is one of EC2's codes is ours.
            if let Err(code) = cloud.ask(&form) {
                prop_assert!(!code.is_empty() && code != "UnknownParameter" && code != "InvalidAction", "{form}: {code}");
            }
            assert_sound(&cloud.model);
        }
    }

    #[test]
    fn no_request_is_a_panic(form in "[A-Za-z0-9.=&%{}:/_-]{0,200}", action in prop::sample::select(CALLS)) {
        let mut cloud = Cloud::new();
        let _ = cloud.ask(&form);
        let _ = cloud.ask(&format!("{}&{form}", action.split('&').next().unwrap_or_default()));
    }
}
