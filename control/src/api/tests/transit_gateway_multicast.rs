use super::*;

/// A domain with an attached VPC.
struct Domain {
    cloud: Cloud,
    gateway: String,
    id: String,
    subnet: String,
    attachment: String,
}

fn domain() -> Domain {
    let mut cloud = Cloud::new();
    let deaf = cloud.get("Action=CreateTransitGateway", "transitGatewayId");
    let create = |gateway: &str| {
        format!(
            "Action=CreateTransitGatewayMulticastDomain&TransitGatewayId={gateway}&Options.StaticSourcesSupport=enable"
        )
    };
    assert_eq!(cloud.ask(&create(&deaf)), Err("IncorrectState"), "it supports no multicast");
    let gateway = cloud.get("Action=CreateTransitGateway&Options.MulticastSupport=enable", "transitGatewayId");
    let id = cloud.get(&create(&gateway), "transitGatewayMulticastDomainId");
    let vpc = cloud.vpc("192.168.0.0/16");
    let subnet = cloud.subnet(&vpc, "192.168.1.0/24");
    let attach = format!("TransitGatewayId={gateway}&VpcId={vpc}&SubnetIds.1={subnet}");
    let attachment =
        cloud.get(&format!("Action=CreateTransitGatewayVpcAttachment&{attach}"), "transitGatewayAttachmentId");
    Domain { cloud, gateway, id, subnet, attachment }
}

#[test]
fn subnets_take_part_in_one_multicast_domain() {
    let Domain { mut cloud, gateway, id, subnet, attachment } = domain();
    let form =
        format!("TransitGatewayMulticastDomainId={id}&TransitGatewayAttachmentId={attachment}&SubnetIds.1={subnet}");
    let associate = format!("Action=AssociateTransitGatewayMulticastDomain&{form}");
    let disassociate = format!("Action=DisassociateTransitGatewayMulticastDomain&{form}");
    assert_eq!(cloud.ask(&disassociate), Err("InvalidTransitGatewayMulticastDomainAssociation.NotFound"));
    let twice = format!("{associate}&SubnetIds.2={subnet}");
    assert_eq!(cloud.ask(&twice), Err("Resource.AlreadyAssociated"));
    assert_eq!(cloud.get(&associate, "state"), "associating");
    assert_eq!(cloud.ask(&associate), Err("Resource.AlreadyAssociated"));
    let of = format!(
        "Action=GetTransitGatewayMulticastDomainAssociations&TransitGatewayMulticastDomainId={id}&Filter.1.Name=subnet-id"
    );
    assert_eq!(cloud.get(&format!("{of}&Filter.1.Value.1={subnet}"), "state"), "associated");
    assert!(cloud.all(&format!("{of}&Filter.1.Value.1=subnet-12345678"), "state").is_empty());
    let delete = format!("Action=DeleteTransitGatewayMulticastDomain&TransitGatewayMulticastDomainId={id}");
    assert_eq!(cloud.ask(&delete), Err("IncorrectState"), "subnets take part");
    assert_eq!(cloud.get(&disassociate, "state"), "disassociating");
    cloud.ask(&format!("Action=DeleteTransitGatewayVpcAttachment&TransitGatewayAttachmentId={attachment}")).unwrap();
    let delete_gateway = format!("Action=DeleteTransitGateway&TransitGatewayId={gateway}");
    assert_eq!(cloud.ask(&delete_gateway), Err("IncorrectState"), "it has a domain");
    assert_eq!(cloud.get(&delete, "state"), "deleting");
    let described = format!("Action=DescribeTransitGatewayMulticastDomains&TransitGatewayMulticastDomainIds.1={id}");
    assert_eq!([cloud.get(&described, "state"), cloud.get(&described, "staticSourcesSupport")], ["deleted", "enable"]);
    cloud.ask(&delete_gateway).unwrap();
}

#[test]
fn interfaces_are_members_or_sources_of_groups() {
    let Domain { mut cloud, id, subnet, attachment, .. } = domain();
    let interface = cloud.get(&format!("Action=CreateNetworkInterface&SubnetId={subnet}"), "networkInterfaceId");
    let form = |group: &str| {
        format!("TransitGatewayMulticastDomainId={id}&GroupIpAddress={group}&NetworkInterfaceIds.1={interface}")
    };
    let members = |act: &str, group: &str| format!("Action={act}TransitGatewayMulticastGroupMembers&{}", form(group));
    let sources = |act: &str| format!("Action={act}TransitGatewayMulticastGroupSources&{}", form("239.1.1.1"));
    assert_eq!(cloud.ask(&members("Register", "239.1.1.1")), Err("InvalidParameterValue"), "its subnet takes no part");
    let associate = format!(
        "Action=AssociateTransitGatewayMulticastDomain&TransitGatewayMulticastDomainId={id}\
         &TransitGatewayAttachmentId={attachment}&SubnetIds.1={subnet}"
    );
    cloud.ask(&associate).unwrap();
    assert_eq!(cloud.ask(&members("Register", "10.1.1.1")), Err("InvalidParameterValue"), "no group");
    cloud.ask(&members("Register", "239.1.1.1")).unwrap();
    cloud.ask(&sources("Register")).unwrap();
    let search = format!("Action=SearchTransitGatewayMulticastGroups&TransitGatewayMulticastDomainId={id}");
    assert_eq!(cloud.all(&search, "groupMember"), ["true", "false"]);
    let of_sources = format!("{search}&Filter.1.Name=is-group-source&Filter.1.Value.1=true");
    let told = ["networkInterfaceId", "sourceType", "subnetId"].map(|element| cloud.get(&of_sources, element));
    assert_eq!(told, [interface.clone(), "static".into(), subnet.clone()]);
    let owner = cloud.account;
    cloud.account = "444455556666";
    assert_eq!(cloud.ask(&members("Register", "239.1.1.2")), Err("InvalidNetworkInterfaceID.NotFound"), "another's");
    assert_eq!(cloud.ask(&sources("Deregister")), Err("TransitGatewayMulticastGroupSource.NotFound"), "another's");
    cloud.account = owner;
    cloud.ask(&sources("Deregister")).unwrap();
    assert_eq!(cloud.ask(&sources("Deregister")), Err("TransitGatewayMulticastGroupSource.NotFound"));
    assert_eq!(cloud.all(&search, "groupMember"), ["true"]);
    cloud.ask(&format!("Action=DeleteNetworkInterface&NetworkInterfaceId={interface}")).unwrap();
    assert!(cloud.all(&search, "groupMember").is_empty());
}

#[test]
fn what_others_associate_waits_until_it_is_accepted() {
    let Domain { mut cloud, gateway, id, .. } = domain();
    let owner = cloud.account;
    cloud.account = "444455556666";
    let vpc = cloud.vpc("172.16.0.0/16");
    let subnet = cloud.subnet(&vpc, "172.16.1.0/24");
    let attach = format!("TransitGatewayId={gateway}&VpcId={vpc}&SubnetIds.1={subnet}");
    let attachment =
        cloud.get(&format!("Action=CreateTransitGatewayVpcAttachment&{attach}"), "transitGatewayAttachmentId");
    cloud.account = owner;
    cloud.ask(&format!("Action=AcceptTransitGatewayVpcAttachment&TransitGatewayAttachmentId={attachment}")).unwrap();
    let form =
        format!("TransitGatewayMulticastDomainId={id}&TransitGatewayAttachmentId={attachment}&SubnetIds.1={subnet}");
    let decide = |act: &str| format!("Action={act}TransitGatewayMulticastDomainAssociations&{form}");
    cloud.account = "444455556666";
    let associate = format!("Action=AssociateTransitGatewayMulticastDomain&{form}");
    assert_eq!(cloud.get(&associate, "state"), "pendingAcceptance");
    assert_eq!(cloud.ask(&decide("Accept")), Err("InvalidTransitGatewayMulticastDomainId.NotFound"), "not his");
    cloud.account = owner;
    assert_eq!(cloud.get(&decide("Reject"), "state"), "rejected");
    cloud.account = "444455556666";
    cloud.ask(&associate).unwrap();
    cloud.account = owner;
    cloud.ask(&decide("Accept")).unwrap();
    let of = format!("Action=GetTransitGatewayMulticastDomainAssociations&TransitGatewayMulticastDomainId={id}");
    assert_eq!([cloud.get(&of, "state"), cloud.get(&of, "resourceOwnerId")], ["associated", "444455556666"]);
    assert_eq!(cloud.ask(&decide("Accept")), Err("InvalidTransitGatewayMulticastDomainAssociation.NotFound"));
}
