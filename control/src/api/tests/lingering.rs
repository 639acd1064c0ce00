//! What is gone is told of for a while.

use super::*;
use std::time::Duration;

/// Lets time pass, and the cloud forget.
fn wait(cloud: &mut Cloud, hours: u64) {
    cloud.now = cloud.now.after(Duration::from_secs(hours * 3600));
    cloud.model.forget(cloud.now).unwrap();
}

#[test]
fn a_detached_gateway_tells_of_its_vpc() {
    let mut cloud = Cloud::new();
    let (one, other) = (cloud.vpc("192.168.0.0/16"), cloud.vpc("172.16.0.0/16"));
    let gateway = cloud.get("Action=CreateVpnGateway&Type=ipsec.1", "vpnGatewayId");
    let change = |verb: &str, vpc: &str| format!("Action={verb}VpnGateway&VpnGatewayId={gateway}&VpcId={vpc}");
    let attachments = |cloud: &mut Cloud| {
        let body = cloud.ask("Action=DescribeVpnGateways").unwrap();
        let attachments = first(&body, "attachments").unwrap_or_default();
        texts(&attachments, "vpcId").into_iter().zip(texts(&attachments, "state")).collect::<Vec<_>>()
    };
    let state = |vpc: &str, state: &str| vec![(vpc.to_owned(), state.to_owned())];
    cloud.ask(&change("Attach", &one)).unwrap();
    assert_eq!(attachments(&mut cloud), state(&one, "attached"));
    cloud.ask(&change("Detach", &one)).unwrap();
    assert_eq!(attachments(&mut cloud), state(&one, "detached"));
    let found = "Action=DescribeVpnGateways&Filter.1.Name=attachment.state&Filter.1.Value.1=detached";
    assert_eq!(cloud.all(found, "vpnGatewayId"), std::slice::from_ref(&gateway));
    cloud.ask(&change("Attach", &other)).unwrap();
    assert_eq!(attachments(&mut cloud), state(&other, "attached"));
    cloud.ask(&change("Detach", &other)).unwrap();
    wait(&mut cloud, 1);
    assert_eq!(attachments(&mut cloud), []);
}

#[test]
fn deleted_gateways_and_endpoints_are_described_as_deleted() {
    let mut cloud = Cloud::new();
    let vpc = cloud.vpc("192.168.0.0/16");
    let endpoint = format!("Action=CreateVpcEndpoint&VpcId={vpc}&ServiceName=com.amazonaws.us-east-1");
    let gateway = cloud.get(&format!("{endpoint}.s3"), "vpcEndpointId");
    cloud.ask(&format!("Action=DeleteVpcEndpoints&VpcEndpointId.1={gateway}")).unwrap();
    let gone = format!("Action=DescribeVpcEndpoints&VpcEndpointId.1={gateway}");
    assert_eq!(cloud.ask(&gone), Err("InvalidVpcEndpointId.NotFound"), "gateways go at once");
    let endpoint = format!("{endpoint}.sqs&VpcEndpointType=Interface&PrivateDnsEnabled=false");
    for (create, name, element) in [
        ("Action=CreateVpnGateway&Type=ipsec.1", "VpnGateway", "vpnGatewayId"),
        ("Action=CreateCustomerGateway&Type=ipsec.1&IpAddress=203.0.113.9", "CustomerGateway", "customerGatewayId"),
        (&endpoint, "VpcEndpoint", "vpcEndpointId"),
    ] {
        let id = cloud.get(create, element);
        let describe = format!("Action=Describe{name}s&{name}Id.1={id}");
        assert_eq!(cloud.get(&describe, "state"), "available", "{name}");
        let all_of_them = if name == "VpcEndpoint" { "s" } else { "" };
        let one_of_them = if name == "VpcEndpoint" { ".1" } else { "" };
        cloud.ask(&format!("Action=Delete{name}{all_of_them}&{name}Id{one_of_them}={id}")).unwrap();
        assert_eq!(cloud.get(&describe, "state"), "deleted", "{name}");
        wait(&mut cloud, 1);
        assert!(cloud.ask(&describe).is_err_and(|code| code.ends_with(".NotFound")), "{name}");
    }
    cloud.ask(&format!("Action=DeleteVpc&VpcId={vpc}")).unwrap();
}

#[test]
fn blocks_that_were_taken_off_are_disassociated() {
    let mut cloud = Cloud::new();
    let vpc = cloud.vpc("192.168.0.0/16");
    let associate = format!("Action=AssociateVpcCidrBlock&VpcId={vpc}&AmazonProvidedIpv6CidrBlock=true");
    let body = cloud.ask(&associate).unwrap();
    let block = first(&body, "ipv6CidrBlock").unwrap().replace("/56", "/64");
    let subnet = cloud.subnet(&vpc, "192.168.1.0/24");
    let associate_subnet = format!("Action=AssociateSubnetCidrBlock&SubnetId={subnet}&Ipv6CidrBlock={block}");
    let of_subnet = cloud.get(&associate_subnet, "associationId");
    cloud.ask(&format!("Action=DisassociateSubnetCidrBlock&AssociationId={of_subnet}")).unwrap();
    let v6 = first(&body, "associationId").unwrap();
    cloud.ask(&format!("Action=DisassociateVpcCidrBlock&AssociationId={v6}")).unwrap();
    let v4 = format!("Action=AssociateVpcCidrBlock&VpcId={vpc}&CidrBlock=192.169.0.0/16");
    let v4 = cloud.get(&v4, "associationId");
    cloud.ask(&format!("Action=DisassociateVpcCidrBlock&AssociationId={v4}")).unwrap();
    let state = |action: &str, family: &str| {
        format!("Action={action}&Filter.1.Name={family}cidr-block-association.state&Filter.1.Value.1=disassociated")
    };
    assert_eq!(cloud.all(&state("DescribeVpcs", ""), "vpcId"), std::slice::from_ref(&vpc));
    assert_eq!(cloud.all(&state("DescribeVpcs", "ipv6-"), "vpcId"), [vpc]);
    assert_eq!(cloud.all(&state("DescribeSubnets", "ipv6-"), "subnetId"), [subnet]);
    cloud.ask(&associate).unwrap();
    let told = cloud.ask("Action=DescribeVpcs").unwrap();
    let states = texts(&told, "ipv6CidrBlockState").into_iter().map(|told| first(&told, "state").unwrap());
    assert_eq!(states.collect::<Vec<_>>(), ["disassociated", "associated"]);
    wait(&mut cloud, 1);
    let body = cloud.ask("Action=DescribeVpcs").unwrap() + &cloud.ask("Action=DescribeSubnets").unwrap();
    assert!(!body.contains("<state>disassociated</state>"), "{body}");
}

#[test]
fn a_deleted_peering_tells_whose_it_was_and_no_more() {
    let mut cloud = Cloud::new();
    let (one, other) = (cloud.vpc("192.168.0.0/16"), cloud.vpc("172.16.0.0/16"));
    let create = format!("Action=CreateVpcPeeringConnection&VpcId={one}&PeerVpcId={other}");
    let id = cloud.get(&create, "vpcPeeringConnectionId");
    cloud.ask(&format!("Action=AcceptVpcPeeringConnection&VpcPeeringConnectionId={id}")).unwrap();
    assert_eq!(cloud.all("Action=DescribeVpcPeeringConnections", "peeringOptions").len(), 2);
    cloud.ask(&format!("Action=DeleteVpcPeeringConnection&VpcPeeringConnectionId={id}")).unwrap();
    let body = cloud.ask("Action=DescribeVpcPeeringConnections").unwrap();
    assert_eq!(first(&body, "code").as_deref(), Some("deleted"));
    assert_eq!(texts(&body, "vpcId"), [other, one]);
    assert_eq!((texts(&body, "ownerId").len(), texts(&body, "region").len()), (2, 2));
    assert!(!body.contains("cidrBlock") && !body.contains("peeringOptions"), "{body}");
}
