use super::*;

#[test]
fn a_route_server_has_a_vpc_and_propagates_to_its_tables() {
    let mut cloud = Cloud::new();
    let create = "Action=CreateRouteServer&AmazonSideAsn";
    assert_eq!(cloud.ask(&format!("{create}=0")), Err("InvalidParameterValue"));
    assert_eq!(cloud.ask(&format!("{create}=65000&PersistRoutes=enable")), Err("MissingParameter"), "for how long?");
    let create = format!("{create}=65000&PersistRoutes=enable&PersistRoutesDuration=2");
    let id = cloud.get(&create, "routeServerId");
    let modify = format!("Action=ModifyRouteServer&RouteServerId={id}&PersistRoutes");
    assert_eq!(cloud.get(&format!("{modify}=reset"), "persistRoutesDuration"), "2");
    assert_eq!(cloud.get(&format!("{modify}=disable"), "persistRoutesState"), "disabled");

    let (vpc, other) = (cloud.vpc("192.168.0.0/16"), cloud.vpc("172.16.0.0/16"));
    let (table, others) = (cloud.main_table(&vpc), cloud.main_table(&other));
    let associations = format!("Action=GetRouteServerAssociations&RouteServerId={id}");
    assert_eq!(cloud.ask(&associations), Err("InvalidRouteServerId.NotAssociated"));
    let with = |act: &str, vpc: &str| format!("Action={act}RouteServer&RouteServerId={id}&VpcId={vpc}");
    assert_eq!(cloud.get(&with("Associate", &vpc), "state"), "associating");
    assert_eq!(cloud.ask(&with("Associate", &other)), Err("IncorrectState"));
    assert_eq!(
        [cloud.get(&associations, "vpcId"), cloud.get(&associations, "state")],
        [vpc.clone(), "associated".into()]
    );

    let to =
        |act: &str, table: &str| format!("Action={act}RouteServerPropagation&RouteServerId={id}&RouteTableId={table}");
    assert_eq!(cloud.ask(&to("Enable", &others)), Err("InvalidParameterValue"), "of another VPC");
    assert_eq!(cloud.ask(&to("Disable", &table)), Err("InvalidRouteServerId.NotPropagated"));
    cloud.ask(&to("Enable", &table)).unwrap();
    let propagations = format!("Action=GetRouteServerPropagations&RouteServerId={id}");
    let told = ["routeTableId", "state"].map(|element| cloud.get(&propagations, element));
    assert_eq!(told, [table.clone(), "available".into()]);
    let database = format!("Action=GetRouteServerRoutingDatabase&RouteServerId={id}");
    assert_eq!(cloud.get(&database, "areRoutesPersisted"), "false");

    assert_eq!(cloud.ask(&format!("Action=DeleteVpc&VpcId={vpc}")), Err("DependencyViolation"));
    assert_eq!(cloud.ask(&with("Disassociate", &vpc)), Err("IncorrectState"), "it propagates");
    cloud.ask(&to("Disable", &table)).unwrap();
    let delete = format!("Action=DeleteRouteServer&RouteServerId={id}");
    assert_eq!(cloud.ask(&delete), Err("IncorrectState"), "it has a VPC");
    cloud.ask(&with("Disassociate", &vpc)).unwrap();
    cloud.ask(&format!("Action=DeleteVpc&VpcId={vpc}")).unwrap();
    assert_eq!(cloud.get(&delete, "state"), "deleting");
    assert_eq!(cloud.get(&format!("Action=DescribeRouteServers&RouteServerId.1={id}"), "state"), "deleted");
}

#[test]
fn a_route_server_has_endpoints_and_these_have_peers() {
    let mut cloud = Cloud::new();
    let server = cloud.get("Action=CreateRouteServer&AmazonSideAsn=65000", "routeServerId");
    let vpc = cloud.vpc("192.168.0.0/16");
    let subnet = cloud.subnet(&vpc, "192.168.1.0/24");
    let create = format!("Action=CreateRouteServerEndpoint&RouteServerId={server}&SubnetId={subnet}");
    assert_eq!(cloud.ask(&create), Err("InvalidRouteServerId.NotAssociated"));
    cloud.ask(&format!("Action=AssociateRouteServer&RouteServerId={server}&VpcId={vpc}")).unwrap();
    let body = cloud.ask(&create).unwrap();
    let [id, interface, address] =
        ["routeServerEndpointId", "eniId", "eniAddress"].map(|element| first(&body, element).unwrap());
    let described = format!("Action=DescribeNetworkInterfaces&NetworkInterfaceId.1={interface}");
    assert_eq!(cloud.get(&described, "privateIpAddress"), address);
    assert_eq!(cloud.get(&described, "requesterManaged"), "true");
    let disassociate = format!("Action=DisassociateRouteServer&RouteServerId={server}&VpcId={vpc}");
    assert_eq!(cloud.ask(&disassociate), Err("IncorrectState"), "it has an endpoint");

    let create = format!(
        "Action=CreateRouteServerPeer&RouteServerEndpointId={id}&PeerAddress=192.168.1.50&BgpOptions.PeerAsn=65001\
         &BgpOptions.PeerLivenessDetection"
    );
    assert_eq!(cloud.ask(&format!("{create}=ping")), Err("InvalidParameterValue"));
    let no_asn = format!("{create}=bfd").replace("65001", "0");
    assert_eq!(cloud.ask(&no_asn), Err("InvalidParameterValue"), "0 is no ASN");
    let peer = cloud.get(&format!("{create}=bfd"), "routeServerPeerId");
    assert_eq!(cloud.ask(&format!("{create}=bfd")), Err("IncorrectState"), "there is one");
    let peers = "Action=DescribeRouteServerPeers&Filter.1.Name=route-server-id&Filter.1.Value.1=";
    let told =
        ["peerAddress", "endpointEniAddress", "status"].map(|element| cloud.get(&format!("{peers}{server}"), element));
    assert_eq!(told, ["192.168.1.50".to_owned(), address.clone(), "down".into()]);

    let delete = format!("Action=DeleteRouteServerEndpoint&RouteServerEndpointId={id}");
    assert_eq!(cloud.ask(&delete), Err("IncorrectState"), "it has a peer");
    cloud.ask(&format!("Action=DeleteRouteServerPeer&RouteServerPeerId={peer}")).unwrap();
    assert_eq!(cloud.get(&delete, "state"), "deleting");
    assert_eq!(cloud.ask(&described), Err("InvalidNetworkInterfaceID.NotFound"));
    let endpoints = format!("Action=DescribeRouteServerEndpoints&RouteServerEndpointId.1={id}");
    assert_eq!(cloud.get(&endpoints, "state"), "deleted");
    cloud.ask(&disassociate).unwrap();
}
