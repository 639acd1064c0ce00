use super::*;

/// A gateway with a block of its own and an attached VPC: the gateway, and the attachment.
fn attached(cloud: &mut Cloud) -> (String, String) {
    let create =
        "Action=CreateTransitGateway&Options.AmazonSideAsn=64999&Options.TransitGatewayCidrBlocks.1=10.20.30.0/24";
    let gateway = cloud.get(create, "transitGatewayId");
    let vpc = cloud.vpc("192.168.0.0/16");
    let subnet = cloud.subnet(&vpc, "192.168.1.0/24");
    let attach = format!("TransitGatewayId={gateway}&VpcId={vpc}&SubnetIds.1={subnet}");
    let attachment =
        cloud.get(&format!("Action=CreateTransitGatewayVpcAttachment&{attach}"), "transitGatewayAttachmentId");
    (gateway, attachment)
}

fn connect(transport: &str) -> String {
    format!("Action=CreateTransitGatewayConnect&TransportTransitGatewayAttachmentId={transport}&Options.Protocol=gre")
}

#[test]
fn a_connect_attachment_lies_over_another_one() {
    let mut cloud = Cloud::new();
    let (gateway, transport) = attached(&mut cloud);
    assert_eq!(cloud.ask(&connect(&transport).replace("gre", "ipip")), Err("InvalidParameterValue"));
    assert_eq!(cloud.ask(&connect("tgw-attach-12345678")), Err("InvalidTransitGatewayAttachmentID.NotFound"));
    let body = cloud.ask(&connect(&transport)).unwrap();
    assert_eq!(first(&body, "state").as_deref(), Some("pending"));
    let id = first(&body, "transitGatewayAttachmentId").unwrap();
    let by_transport = format!(
        "Action=DescribeTransitGatewayConnects&Filter.1.Name=transport-transit-gateway-attachment-id\
         &Filter.1.Value.1={transport}"
    );
    let told = ["transitGatewayAttachmentId", "state", "protocol"].map(|element| cloud.get(&by_transport, element));
    assert_eq!(told, [id.clone(), "available".into(), "gre".into()]);
    let among_all = format!("Action=DescribeTransitGatewayAttachments&TransitGatewayAttachmentIds.1={id}");
    let told = ["resourceType", "resourceId", "transitGatewayId"].map(|element| cloud.get(&among_all, element));
    assert_eq!(told, ["connect".to_owned(), transport.clone(), gateway.clone()]);
    let tag = format!("Action=CreateTags&ResourceId.1={id}&Tag.1.Key=Name&Tag.1.Value=sdwan");
    cloud.ask(&tag).unwrap();
    assert_eq!(cloud.get(&among_all, "value"), "sdwan");

    let table = cloud.get("Action=DescribeTransitGateways", "associationDefaultRouteTableId");
    let of_table = format!("Action=GetTransitGatewayRouteTableAssociations&TransitGatewayRouteTableId={table}");
    assert_eq!(cloud.all(&of_table, "resourceType"), ["vpc", "connect"]);
    let route =
        format!("TransitGatewayRouteTableId={table}&DestinationCidrBlock=172.16.0.0/12&TransitGatewayAttachmentId");
    assert_eq!(cloud.ask(&format!("Action=CreateTransitGatewayRoute&{route}={id}")), Err("UnsupportedOperation"));

    let detach = format!("Action=DeleteTransitGatewayVpcAttachment&TransitGatewayAttachmentId={transport}");
    assert_eq!(cloud.ask(&detach), Err("IncorrectState"), "it carries tunnels");
    let delete = format!("Action=DeleteTransitGatewayConnect&TransitGatewayAttachmentId={id}");
    assert_eq!(cloud.get(&delete, "state"), "deleting");
    assert_eq!(cloud.ask(&delete), Err("InvalidTransitGatewayAttachmentID.NotFound"));
    assert_eq!([cloud.get(&by_transport, "state"), cloud.get(&among_all, "state")], ["deleted", "deleted"]);
    cloud.ask(&detach).unwrap();
}

#[test]
fn the_ends_of_a_tunnel_are_of_one_family() {
    let mut cloud = Cloud::new();
    let (gateway, transport) = attached(&mut cloud);
    let add = |block: &str| {
        format!(
            "Action=ModifyTransitGateway&TransitGatewayId={gateway}&Options.AddTransitGatewayCidrBlocks.1={block}\
             &Options.RemoveTransitGatewayCidrBlocks.1=10.20.30.0/24"
        )
    };
    for other in ["10.20.31.0/25", "2001:db8::/65", "10.20.31.1"] {
        assert_eq!(cloud.ask(&add(other)), Err("InvalidParameterValue"), "{other}");
    }
    cloud.ask(&add("2001:db8::/64")).unwrap();
    let id = cloud.get(&connect(&transport), "transitGatewayAttachmentId");
    let create = format!(
        "Action=CreateTransitGatewayConnectPeer&TransitGatewayAttachmentId={id}&InsideCidrBlocks.1=169.254.6.0/29\
         &PeerAddress"
    );
    assert_eq!(cloud.ask(&format!("{create}=192.168.1.4")), Err("IncorrectState"), "no block of IPv4");
    let mixed = format!("{create}=192.168.1.4&TransitGatewayAddress=2001:db8::9");
    assert_eq!(cloud.ask(&mixed), Err("InvalidParameterValue"));
    let body = cloud.ask(&format!("{create}=2001:db8:2::4")).unwrap();
    assert!(first(&body, "transitGatewayAddress").unwrap().starts_with("2001:db8:"));
}

#[test]
fn a_connect_peer_has_addresses_within_and_without_its_tunnel() {
    let mut cloud = Cloud::new();
    let (_, transport) = attached(&mut cloud);
    let id = cloud.get(&connect(&transport), "transitGatewayAttachmentId");
    let create = |inside: &str, more: &str| {
        format!(
            "Action=CreateTransitGatewayConnectPeer&TransitGatewayAttachmentId={id}&PeerAddress=192.168.1.4\
             &InsideCidrBlocks.1={inside}{more}"
        )
    };
    for inside in ["169.254.0.0/29", "169.254.169.248/29", "169.254.6.0/28", "10.0.0.0/29", "169.254.6.1/29"] {
        assert_eq!(cloud.ask(&create(inside, "")), Err("InvalidParameterValue"), "{inside}");
    }
    assert_eq!(cloud.ask(&create("fd00::/125", "")), Err("MissingParameter"), "IPv4 is needed");
    let body = cloud.ask(&create("169.254.6.0/29", "&InsideCidrBlocks.2=fd00::/125")).unwrap();
    assert_eq!(texts(&body, "transitGatewayAddress"), ["10.20.30.1", "169.254.6.2", "169.254.6.3"]);
    assert_eq!(texts(&body, "peerAddress"), ["192.168.1.4", "169.254.6.1", "169.254.6.1"]);
    assert_eq!(texts(&body, "peerAsn"), ["64999", "64999"], "the gateway's own without a word");
    let peer = first(&body, "transitGatewayConnectPeerId").unwrap();
    assert_eq!(cloud.ask(&create("169.254.6.0/29", "")), Err("InvalidParameterValue"), "another has it");
    let named =
        |address: &str| create("169.254.7.0/29", &format!("&TransitGatewayAddress={address}&BgpOptions.PeerAsn=65000"));
    assert_eq!(cloud.ask(&named("10.20.30.1")), Err("InvalidParameterValue"), "taken");
    assert_eq!(cloud.ask(&named("10.20.31.1")), Err("InvalidParameterValue"), "not the gateway's");
    let other = cloud.ask(&named("10.20.30.9")).unwrap();
    assert_eq!(first(&other, "peerAsn").as_deref(), Some("65000"));

    let no_asn = named("10.20.30.10").replace("169.254.7.0", "169.254.8.0").replace("65000", "4294967296");
    assert_eq!(cloud.ask(&no_asn), Err("InvalidParameterValue"), "ASNs have 32 bits");

    let delete = format!("Action=DeleteTransitGatewayConnect&TransitGatewayAttachmentId={id}");
    assert_eq!(cloud.ask(&delete), Err("IncorrectState"), "it has peers");
    let of = format!("Action=DescribeTransitGatewayConnectPeers&TransitGatewayConnectPeerIds.1={peer}");
    assert_eq!(cloud.get(&of, "state"), "available");
    for peer in cloud.all("Action=DescribeTransitGatewayConnectPeers", "transitGatewayConnectPeerId") {
        cloud.ask(&format!("Action=DeleteTransitGatewayConnectPeer&TransitGatewayConnectPeerId={peer}")).unwrap();
    }
    assert_eq!(cloud.get(&of, "state"), "deleted");
    cloud.ask(&delete).unwrap();
    let unknown = "Action=DeleteTransitGatewayConnectPeer&TransitGatewayConnectPeerId=tgw-connect-peer-12345678";
    assert_eq!(cloud.ask(unknown), Err("InvalidTransitGatewayConnectPeerID.NotFound"));
}
