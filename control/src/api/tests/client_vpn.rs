use super::*;

const CREATE: &str = "Action=CreateClientVpnEndpoint&ServerCertificateArn=arn:aws:acm:us-east-1:111122223333:certificate/1\
                      &Authentication.1.Type=certificate-authentication\
                      &Authentication.1.MutualAuthentication.ClientRootCertificateChainArn=arn:aws:acm:us-east-1:111122223333:certificate/2\
                      &ConnectionLogOptions.Enabled=false&ClientCidrBlock";
const DESCRIBE: &str = "Action=DescribeClientVpnEndpoints";

/// A VPC with two subnets of a zone and one of another, and an endpoint.
fn house() -> (Cloud, String, [String; 3], String) {
    let mut cloud = Cloud::new();
    let vpc = cloud.vpc("192.168.0.0/16");
    let subnets = [("a", 1), ("a", 2), ("b", 3)].map(|(zone, third)| {
        let create = format!("Action=CreateSubnet&VpcId={vpc}&CidrBlock=192.168.{third}.0/24");
        cloud.get(&format!("{create}&AvailabilityZone=us-east-1{zone}"), "subnetId")
    });
    let endpoint = cloud.get(&format!("{CREATE}=10.9.0.0/22"), "clientVpnEndpointId");
    (cloud, vpc, subnets, endpoint)
}

#[test]
fn an_endpoint_is_shown_as_it_was_made_and_changed() {
    let (mut cloud, _, _, id) = house();
    assert_eq!(cloud.ask(&format!("{CREATE}=10.9.0.0/24")), Err("InvalidParameterValue"));
    assert_eq!(cloud.ask(&format!("{CREATE}=10.9.0.0/22&VpnPort=80")), Err("InvalidParameterValue"));
    let body = cloud.ask(DESCRIBE).unwrap();
    for (element, text) in [
        ("code", "pending-associate"),
        ("clientCidrBlock", "10.9.0.0/22"),
        ("transportProtocol", "udp"),
        ("vpnPort", "443"),
        ("splitTunnel", "false"),
        ("sessionTimeoutHours", "24"),
        ("clientRootCertificateChain", "arn:aws:acm:us-east-1:111122223333:certificate/2"),
    ] {
        assert_eq!(first(&body, element).as_deref(), Some(text), "{element}");
    }
    let modify = format!("Action=ModifyClientVpnEndpoint&ClientVpnEndpointId={id}");
    let change = "SplitTunnel=true&Description=staff&DnsServers.Enabled=true&DnsServers.CustomDnsServers.1=192.168.0.2";
    cloud.ask(&format!("{modify}&{change}&SelfServicePortal=enabled&SessionTimeoutHours=8")).unwrap();
    let body = cloud.ask(DESCRIBE).unwrap();
    assert_eq!(first(&body, "splitTunnel").as_deref(), Some("true"));
    assert_eq!(first(&body, "description").as_deref(), Some("staff"));
    assert_eq!(first(&body, "dnsServer").as_deref(), Some("<item>192.168.0.2</item>"));
    assert!(first(&body, "selfServicePortalUrl").is_some_and(|url| url.ends_with(&id)));
    assert_eq!(cloud.ask(&format!("{modify}&SessionTimeoutHours=9")), Err("InvalidParameterValue"));
    let connections = format!("Action=DescribeClientVpnConnections&ClientVpnEndpointId={id}");
    assert!(cloud.all(&connections, "connectionId").is_empty());
    cloud.ask(&format!("Action=DeleteClientVpnEndpoint&ClientVpnEndpointId={id}")).unwrap();
    assert_eq!(cloud.ask(&connections), Err("InvalidClientVpnEndpointId.NotFound"));
}

#[test]
fn a_target_network_has_an_interface_and_a_route() {
    let (mut cloud, vpc, [one, beside, other], id) = house();
    let associate = format!("Action=AssociateClientVpnTargetNetwork&ClientVpnEndpointId={id}&SubnetId");
    let association = cloud.get(&format!("{associate}={one}"), "associationId");
    assert_eq!(cloud.ask(&format!("{associate}={one}")), Err("InvalidClientVpnDuplicateAssociationException"));
    assert_eq!(cloud.ask(&format!("{associate}={beside}")), Err("InvalidClientVpnSubnetId.DuplicateAz"));
    assert_eq!(cloud.ask(&format!("{associate}=subnet-12345678")), Err("InvalidClientVpnSubnetId.NotFound"));
    cloud.ask(&format!("{associate}={other}")).unwrap();
    assert_eq!(cloud.get(DESCRIBE, "code"), "available");
    assert_eq!(cloud.get(DESCRIBE, "vpcId"), vpc);
    let networks = format!("Action=DescribeClientVpnTargetNetworks&ClientVpnEndpointId={id}");
    let filter = format!("{networks}&Filter.1.Name=target-network-id&Filter.1.Value.1={one}");
    assert_eq!(cloud.get(&filter, "associationId"), association);
    let routes = format!("Action=DescribeClientVpnRoutes&ClientVpnEndpointId={id}");
    assert_eq!(cloud.all(&routes, "origin"), ["associate", "associate"]);
    let interfaces = "Action=DescribeNetworkInterfaces&Filter.1.Name=description&Filter.1.Value.1=ClientVPN*";
    assert_eq!(cloud.all(interfaces, "networkInterfaceId").len(), 2);
    assert_eq!(cloud.ask(&format!("Action=DeleteSubnet&SubnetId={one}")), Err("DependencyViolation"));

    let group =
        cloud.get(&format!("Action=CreateSecurityGroup&GroupName=vpn&GroupDescription=d&VpcId={vpc}"), "groupId");
    let apply = format!("Action=ApplySecurityGroupsToClientVpnTargetNetwork&ClientVpnEndpointId={id}&VpcId={vpc}");
    cloud.ask(&format!("{apply}&SecurityGroupId.1={group}")).unwrap();
    assert_eq!(cloud.all(interfaces, "groupId"), [group.clone(), group]);

    assert_eq!(cloud.ask(&format!("Action=DeleteClientVpnEndpoint&ClientVpnEndpointId={id}")), Err("IncorrectState"));
    let disassociate = format!("Action=DisassociateClientVpnTargetNetwork&ClientVpnEndpointId={id}&AssociationId");
    cloud.ask(&format!("{disassociate}={association}")).unwrap();
    assert_eq!(cloud.ask(&format!("{disassociate}={association}")), Err("InvalidClientVpnAssociationIdNotFound"));
    assert_eq!(cloud.all(&routes, "targetSubnet"), [other]);
    cloud.ask(&format!("Action=DeleteSubnet&SubnetId={one}")).unwrap();
}

#[test]
fn clients_are_authorized_and_routed() {
    let (mut cloud, _, [subnet, other, _], id) = house();
    let authorize = format!("Action=AuthorizeClientVpnIngress&ClientVpnEndpointId={id}&TargetNetworkCidr=0.0.0.0/0");
    assert_eq!(cloud.ask(&authorize), Err("InvalidParameterCombination"));
    let everyone = format!("{authorize}&AuthorizeAllGroups=true");
    assert_eq!(cloud.get(&everyone, "code"), "authorizing");
    assert_eq!(cloud.ask(&everyone), Err("InvalidClientVpnDuplicateAuthorizationRule"));
    for _ in 0..2 {
        cloud.ask(&format!("{authorize}&AccessGroupId=S-1&ClientToken=t")).unwrap();
    }
    let rules = format!("Action=DescribeClientVpnAuthorizationRules&ClientVpnEndpointId={id}");
    assert_eq!(cloud.all(&rules, "accessAll"), ["true", "false"]);
    let revoke = format!("Action=RevokeClientVpnIngress&ClientVpnEndpointId={id}&TargetNetworkCidr=0.0.0.0/0");
    cloud.ask(&format!("{revoke}&RevokeAllGroups=true")).unwrap();
    assert_eq!(cloud.all(&rules, "groupId"), ["S-1"]);
    assert_eq!(
        cloud.ask(&format!("{revoke}&RevokeAllGroups=true")),
        Err("InvalidClientVpnEndpointAuthorizationRuleNotFound")
    );

    cloud.ask(&format!("Action=AssociateClientVpnTargetNetwork&ClientVpnEndpointId={id}&SubnetId={subnet}")).unwrap();
    let create = format!("Action=CreateClientVpnRoute&ClientVpnEndpointId={id}&DestinationCidrBlock=0.0.0.0/0");
    let route = format!("{create}&TargetVpcSubnetId={subnet}");
    assert_eq!(
        cloud.ask(&format!("{create}&TargetVpcSubnetId={other}")),
        Err("InvalidClientVpnActiveAssociationNotFound")
    );
    for _ in 0..2 {
        assert_eq!(cloud.get(&format!("{route}&ClientToken=t"), "code"), "creating");
    }
    assert_eq!(cloud.ask(&route), Err("InvalidClientVpnDuplicateRoute"));
    cloud.ask(&format!("{create}&TargetVpcSubnetId=local")).unwrap();
    let routes =
        format!("Action=DescribeClientVpnRoutes&ClientVpnEndpointId={id}&Filter.1.Name=origin&Filter.1.Value.1");
    assert_eq!(cloud.all(&format!("{routes}=add-route"), "type"), ["Local", "Nat"]);
    let delete = format!("Action=DeleteClientVpnRoute&ClientVpnEndpointId={id}&TargetVpcSubnetId={subnet}");
    cloud.ask(&format!("{delete}&DestinationCidrBlock=0.0.0.0/0")).unwrap();
    assert_eq!(
        cloud.ask(&format!("{delete}&DestinationCidrBlock=192.168.0.0/16")),
        Err("InvalidClientVpnRouteNotFound")
    );
}

#[test]
fn an_endpoint_has_so_many_rules_and_a_target_network_so_many_routes() {
    let (mut cloud, _, [subnet, ..], id) = house();
    cloud.ask(&format!("Action=AssociateClientVpnTargetNetwork&ClientVpnEndpointId={id}&SubnetId={subnet}")).unwrap();
    let authorize = format!("Action=AuthorizeClientVpnIngress&ClientVpnEndpointId={id}&AuthorizeAllGroups=true");
    let rules = (0..201).map(|third| cloud.ask(&format!("{authorize}&TargetNetworkCidr=172.16.{third}.0/24")));
    assert_eq!(
        rules.filter_map(|answer| answer.err()).collect::<Vec<_>>(),
        ["ClientVpnAuthorizationRuleLimitExceeded"]
    );
    let create = format!("Action=CreateClientVpnRoute&ClientVpnEndpointId={id}&TargetVpcSubnetId={subnet}");
    // The route to the VPC came with the target network.
    let routes = (0..100).map(|third| cloud.ask(&format!("{create}&DestinationCidrBlock=172.16.{third}.0/24")));
    assert_eq!(routes.filter_map(|answer| answer.err()).collect::<Vec<_>>(), ["ClientVpnRouteLimitExceeded"]);
}

#[test]
fn an_endpoint_outlives_the_vpc_of_its_target_networks() {
    let (mut cloud, vpc, subnets, id) = house();
    let associate = format!("Action=AssociateClientVpnTargetNetwork&ClientVpnEndpointId={id}&SubnetId");
    let association = cloud.get(&format!("{associate}={}", subnets[0]), "associationId");
    let disassociate = format!("Action=DisassociateClientVpnTargetNetwork&ClientVpnEndpointId={id}&AssociationId");
    cloud.ask(&format!("{disassociate}={association}")).unwrap();
    for subnet in subnets {
        cloud.ask(&format!("Action=DeleteSubnet&SubnetId={subnet}")).unwrap();
    }
    cloud.ask(&format!("Action=DeleteVpc&VpcId={vpc}")).unwrap();
    assert!(cloud.all(DESCRIBE, "vpcId").is_empty());
    let other = cloud.vpc("192.168.0.0/16");
    let subnet = cloud.subnet(&other, "192.168.1.0/24");
    cloud.ask(&format!("{associate}={subnet}")).unwrap();
    assert_eq!(cloud.get(DESCRIBE, "vpcId"), other);
}

#[test]
fn clients_are_told_where_to_connect_and_whose_certificates_are_revoked() {
    let (mut cloud, _, _, id) = house();
    let of = |action: &str| format!("Action={action}&ClientVpnEndpointId={id}");
    let configuration = cloud.get(&of("ExportClientVpnClientConfiguration"), "clientConfiguration");
    assert!(
        configuration.contains(&format!("remote {id}.prod.clientvpn.us-east-1.amazonaws.com 443")),
        "{configuration}"
    );
    assert!(configuration.contains("proto udp") && !configuration.contains("auth-user-pass"), "{configuration}");
    let export = of("ExportClientVpnClientCertificateRevocationList");
    assert!(!cloud.ask(&export).unwrap().contains("certificateRevocationList>"), "there is none");
    let import = of("ImportClientVpnClientCertificateRevocationList");
    cloud.ask(&format!("{import}&CertificateRevocationList=pem")).unwrap();
    assert_eq!([cloud.get(&export, "certificateRevocationList"), cloud.get(&export, "code")], ["pem", "active"]);
    let terminate = of("TerminateClientVpnConnections");
    assert_eq!(cloud.get(&format!("{terminate}&Username=ann"), "username"), "ann");
    let unknown = "Action=ExportClientVpnClientConfiguration&ClientVpnEndpointId=cvpn-endpoint-12345678";
    assert_eq!(cloud.ask(unknown), Err("InvalidClientVpnEndpointId.NotFound"));
}
