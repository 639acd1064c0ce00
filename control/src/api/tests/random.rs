//! Random calls: whatever the answer, the cloud stays sound, and what an error leaves behind is nothing.

use super::*;
use crate::model::{CLASSIC_RANGE, Destination, Network, Row};
use proptest::prelude::*;
use std::collections::BTreeSet;

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
    "Action=CreateRoute&RouteTableId={table}&DestinationCidrBlock=10.20.0.0/16&InstanceId={instance}",
    "Action=CreateRoute&RouteTableId={table}&DestinationCidrBlock=0.0.0.0/0&InstanceId={instance}",
    "Action=DeleteRoute&RouteTableId={table}&DestinationCidrBlock=10.20.0.0/16",
    "Action=DeleteRoute&RouteTableId={table}&DestinationCidrBlock=10.0.0.0/8",
    "Action=RunInstances&ImageId=ami-1a2b3c4d&MinCount=1&MaxCount=2",
    "Action=RunInstances&ImageId=ami-1a2b3c4d&MinCount=1&MaxCount=4&SubnetId={subnet}",
    "Action=RunInstances&ImageId=ami-1a2b3c4d&MinCount=1&MaxCount=1&SubnetId={subnet}&SecurityGroupId.1={group}",
    "Action=StartInstances&InstanceId.1={instance}&InstanceId.2={instance}",
    "Action=StopInstances&InstanceId.1={instance}",
    "Action=TerminateInstances&InstanceId.1={instance}",
    "Action=ModifyInstanceAttribute&InstanceId={instance}&GroupId.1={group}",
    "Action=EnableVpcClassicLink&VpcId={vpc}",
    "Action=DisableVpcClassicLink&VpcId={vpc}",
    "Action=AttachClassicLinkVpc&InstanceId={instance}&VpcId={vpc}&SecurityGroupId.1={group}",
    "Action=DetachClassicLinkVpc&InstanceId={instance}&VpcId={vpc}",
    "Action=CreateTags&ResourceId.1={instance}&ResourceId.2={vpc}&Tag.1.Key=Name&Tag.1.Value=x",
    "Action=DescribeInstances",
    "Action=DescribeRouteTables",
    "Action=DescribeSecurityGroups",
    "Action=DescribeSubnets",
    "Action=DescribeClassicLinkInstances",
];

/// Fills the places of a call with ids that exist, as the numbers choose.
fn fill(model: &Model, call: &str, choices: &[usize]) -> String {
    let ids = |place: &str| -> Vec<String> {
        match place {
            "vpc" => model.vpcs.iter().map(|row| row.id().to_owned()).collect(),
            "subnet" => model.subnets.iter().map(|row| row.id().to_owned()).collect(),
            "group" => model.security_groups.iter().map(|row| row.id().to_owned()).collect(),
            "table" => model.route_tables.iter().map(|row| row.id().to_owned()).collect(),
            "instance" => model.instances.iter().map(|row| row.id().to_owned()).collect(),
            _ => model.route_tables.iter().flat_map(|t| t.associations.iter().map(|a| a.id.clone())).collect(),
        }
    };
    let mut choices = choices.iter().cycle();
    let mut parts = call.split('{');
    let mut filled = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (place, rest) = part.split_once('}').unwrap();
        let ids = ids(place);
        let choice = choices.next().unwrap();
        filled += ids.get(choice % ids.len().max(1)).map_or("nothing", String::as_str);
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
        assert_eq!(classic, usize::from(vpc.classic_link), "M15");
        assert!(table.associations.iter().all(|a| a.subnet.as_ref().is_none_or(|id| model.subnets.get(id).is_some())));
    }
    for subnet in model.subnets.iter() {
        assert!(numbers.insert(subnet.number));
        assert!(model.vpcs.get(&subnet.vpc).unwrap().covers(&subnet.cidr));
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
        assert!(subnet.cidr.contains(&interface.address()) && !subnet.reserves(interface.address()));
        assert!(addresses.insert((interface.vpc.clone(), interface.address())));
        assert!(of_vpc(&interface.vpc, &interface.groups));
        assert!(!model.instances.get(interface.instance().unwrap()).unwrap().is_terminated());
    }
    for instance in model.instances.iter() {
        assert!(numbers.insert(instance.port));
        let Network::Classic(classic) = &instance.network else { continue };
        assert_eq!(classic.private.is_some(), instance.is_running());
        assert_eq!(classic.public.is_some(), instance.is_running());
        assert!(classic.private.is_none_or(|address| addresses.insert((instance.scope.region.clone(), address))));
        if let Some(link) = &classic.link {
            assert!(numbers.insert(link.attachment) && instance.is_running());
            assert!(model.vpcs.get(&link.vpc).unwrap().classic_link, "M5");
            assert!(of_vpc(&link.vpc, &link.groups), "M6");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn the_cloud_stays_sound(calls in prop::collection::vec((0..CALLS.len(), prop::array::uniform3(0usize..64)), 1..120)) {
        let mut cloud = Cloud::new();
        for (call, choices) in calls {
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
