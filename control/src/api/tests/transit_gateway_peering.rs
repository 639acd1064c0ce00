use super::*;

#[test]
fn transit_gateways_are_peered_when_the_other_end_accepts() {
    let mut cloud = Cloud::new();
    let own = cloud.get("Action=CreateTransitGateway", "transitGatewayId");
    cloud.region = "eu-central-1";
    let other = cloud.get("Action=CreateTransitGateway", "transitGatewayId");
    cloud.region = "us-east-1";
    let create = format!(
        "Action=CreateTransitGatewayPeeringAttachment&TransitGatewayId={own}&PeerTransitGatewayId={other}\
         &PeerAccountId={}&PeerRegion=eu-central-1",
        cloud.account
    );
    assert_eq!(cloud.ask(&create.replace(&other, &own)), Err("InvalidParameterValue"), "with itself");
    let id = cloud.get(&create, "transitGatewayAttachmentId");
    let described = cloud.ask("Action=DescribeTransitGatewayPeeringAttachments").unwrap();
    assert!(!described.contains("<options>"), "none were asked for: {described}");
    let act = |action: &str| format!("Action={action}TransitGatewayPeeringAttachment&TransitGatewayAttachmentId={id}");
    assert_eq!(cloud.ask(&act("Accept")), Err("InvalidParameterValue"), "who asked");
    assert_eq!(cloud.ask(&act("Reject")), Err("InvalidParameterValue"), "who asked");
    cloud.region = "eu-central-1";
    let table = cloud.get("Action=DescribeTransitGateways", "associationDefaultRouteTableId");
    let to_peer = format!("TransitGatewayRouteTableId={table}&TransitGatewayAttachmentId={id}");
    let route = format!("Action=CreateTransitGatewayRoute&{to_peer}&DestinationCidrBlock=172.16.0.0/12");
    assert_eq!(cloud.ask(&route), Err("IncorrectState"), "it waits");
    assert_eq!(cloud.get(&act("Accept"), "state"), "available");
    let of_table = format!("Action=GetTransitGatewayRouteTableAssociations&TransitGatewayRouteTableId={table}");
    assert_eq!(cloud.get(&of_table, "resourceId"), own, "the default table leads on what comes from the peer");
    let propagate = format!("Action=EnableTransitGatewayRouteTablePropagation&{to_peer}");
    assert_eq!(cloud.ask(&propagate), Err("UnsupportedOperation"));
    assert_eq!(cloud.get(&route, "state"), "active");
    assert_eq!(cloud.get(&route.replace("Create", "Replace"), "resourceType"), "peering");
    let of = "Action=DescribeTransitGatewayPeeringAttachments";
    assert_eq!(cloud.all(of, "region"), ["us-east-1", "eu-central-1"]);
    assert_eq!(cloud.ask(&act("Reject")), Err("IncorrectState"));
    assert_eq!(cloud.ask(&format!("Action=DeleteTransitGateway&TransitGatewayId={other}")), Err("IncorrectState"));
    let in_general = "Action=DescribeTransitGatewayAttachments";
    for describe in [in_general.to_owned(), format!("{in_general}&TransitGatewayAttachmentIds.1={id}")] {
        let told = ["resourceType", "resourceId", "transitGatewayId"].map(|element| cloud.get(&describe, element));
        assert_eq!(told, ["peering".to_owned(), own.clone(), other.clone()]);
    }
    assert_eq!(cloud.get(&act("Delete"), "state"), "deleted");
    assert_eq!(
        cloud.ask(&act("Delete")),
        Err("InvalidTransitGatewayAttachmentID.NotFound"),
        "Terraform has it at either end"
    );
    assert!(cloud.all(&of_table, "resourceId").is_empty());
    let gone = format!(
        "Action=DeleteTransitGatewayRoute&TransitGatewayRouteTableId={table}&DestinationCidrBlock=172.16.0.0/12"
    );
    assert_eq!(cloud.get(&gone, "state"), "deleted");
    let pending = format!("{of}&Filter.1.Name=state&Filter.1.Value.1=pendingAcceptance");
    assert!(cloud.all(&pending, "transitGatewayAttachmentId").is_empty());
    cloud.region = "eu-west-2";
    assert_eq!(cloud.ask(&act("Delete")), Err("InvalidTransitGatewayAttachmentID.NotFound"));
    cloud.region = "eu-central-1";
    cloud.ask(&format!("Action=DeleteTransitGateway&TransitGatewayId={other}")).unwrap();
    cloud.now = cloud.now.after(std::time::Duration::from_secs(3600));
    cloud.model.forget(cloud.now).unwrap();
    assert!(cloud.all(of, "transitGatewayAttachmentId").is_empty());
}
