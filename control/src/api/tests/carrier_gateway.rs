use super::*;

#[test]
fn a_carrier_gateway_is_of_a_vpc_and_lingers_when_it_is_deleted() {
    let mut cloud = Cloud::new();
    let vpc = cloud.vpc("172.31.0.0/16");
    let create = format!("Action=CreateCarrierGateway&VpcId={vpc}&ClientToken=once");
    let id = cloud.get(&create, "carrierGatewayId");
    assert_eq!(cloud.get(&create, "carrierGatewayId"), id);
    let by_vpc = format!("Action=DescribeCarrierGateways&Filter.1.Name=vpc-id&Filter.1.Value.1={vpc}");
    assert_eq!([cloud.get(&by_vpc, "carrierGatewayId"), cloud.get(&by_vpc, "state")], [id.clone(), "available".into()]);
    let table = cloud.main_table(&vpc);
    let route = format!("Action=CreateRoute&RouteTableId={table}&DestinationCidrBlock=0.0.0.0/0&CarrierGatewayId");
    assert_eq!(cloud.ask(&format!("{route}=cagw-12345678")), Err("InvalidCarrierGatewayID.NotFound"));
    cloud.ask(&format!("{route}={id}")).unwrap();
    let tables = format!("Action=DescribeRouteTables&RouteTableId.1={table}");
    assert_eq!(cloud.get(&tables, "carrierGatewayId"), id);
    assert_eq!(cloud.ask(&format!("Action=DeleteVpc&VpcId={vpc}")), Err("DependencyViolation"));
    assert_eq!(cloud.get(&format!("Action=DeleteCarrierGateway&CarrierGatewayId={id}"), "state"), "deleted");
    assert_eq!(cloud.get(&by_vpc, "state"), "deleted");
    assert_eq!(cloud.ask("Action=CreateCarrierGateway&VpcId=vpc-12345678"), Err("InvalidVpcID.NotFound"));
    let unknown = "Action=DeleteCarrierGateway&CarrierGatewayId=cagw-12345678";
    assert_eq!(cloud.ask(unknown), Err("InvalidCarrierGatewayID.NotFound"));
}
