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
    let id = cloud.get(&create, "transitGatewayAttachmentId");
    let act = |action: &str| format!("Action={action}TransitGatewayPeeringAttachment&TransitGatewayAttachmentId={id}");
    assert_eq!(cloud.ask(&act("Accept")), Err("InvalidParameterValue"), "who asked");
    cloud.region = "eu-central-1";
    assert_eq!(cloud.get(&act("Accept"), "state"), "available");
    let of = "Action=DescribeTransitGatewayPeeringAttachments";
    assert_eq!(cloud.all(of, "region"), ["us-east-1", "eu-central-1"]);
    assert_eq!(cloud.ask(&act("Reject")), Err("IncorrectState"));
    assert_eq!(cloud.get(&act("Delete"), "state"), "deleted");
    let pending = format!("{of}&Filter.1.Name=state&Filter.1.Value.1=pendingAcceptance");
    assert!(cloud.all(&pending, "transitGatewayAttachmentId").is_empty());
    cloud.region = "eu-west-2";
    assert_eq!(cloud.ask(&act("Delete")), Err("InvalidTransitGatewayAttachmentID.NotFound"));
}
