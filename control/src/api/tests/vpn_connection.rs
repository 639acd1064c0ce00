use super::*;

/// A VPC with a virtual private gateway, a site, and a connection between them.
fn connected(cloud: &mut Cloud, vpc: &str) -> (String, String, String) {
    let vgw = cloud.get("Action=CreateVpnGateway&Type=ipsec.1", "vpnGatewayId");
    cloud.ask(&format!("Action=AttachVpnGateway&VpnGatewayId={vgw}&VpcId={vpc}")).unwrap();
    let cgw = "Action=CreateCustomerGateway&Type=ipsec.1&PublicIp=203.0.113.77&BgpAsn=65000&DeviceName=edge";
    let certificate = "arn:aws:acm:us-east-1:111122223333:certificate/edge";
    let cgw = cloud.get(&format!("{cgw}&CertificateArn={certificate}"), "customerGatewayId");
    assert_eq!(cloud.get("Action=DescribeCustomerGateways", "deviceName"), "edge");
    assert_eq!(cloud.get("Action=DescribeCustomerGateways", "certificateArn"), certificate);
    let form = format!(
        "Action=CreateVpnConnection&Type=ipsec.1&CustomerGatewayId={cgw}&VpnGatewayId={vgw}&Options.StaticRoutesOnly=true"
    );
    let vpn = cloud.get(&form, "vpnConnectionId");
    (vgw, cgw, vpn)
}

fn route(cloud: &mut Cloud, verb: &str, vpn: &str, cidr: &str) -> Option<&'static str> {
    let form = format!("Action={verb}VpnConnectionRoute&VpnConnectionId={vpn}&DestinationCidrBlock={cidr}");
    cloud.ask(&form).err()
}

#[test]
fn a_long_number_of_an_autonomous_system_is_a_member_of_its_own() {
    let mut cloud = Cloud::new();
    let create = "Action=CreateCustomerGateway&Type=ipsec.1&PublicIp=203.0.113.78&BgpAsnExtended=4294967290";
    let body = cloud.ask(create).unwrap();
    assert_eq!((first(&body, "bgpAsn"), first(&body, "bgpAsnExtended").as_deref()), (None, Some("4294967290")));
}

#[test]
fn a_connection_is_described_with_what_the_device_needs() {
    let mut cloud = Cloud::new();
    let vpc = cloud.vpc("192.168.0.0/16");
    let (vgw, cgw, vpn) = connected(&mut cloud, &vpc);
    assert_eq!(route(&mut cloud, "Create", &vpn, "172.20.0.0/16"), None);
    let body = cloud.ask(&format!("Action=DescribeVpnConnections&VpnConnectionId.1={vpn}")).unwrap();
    for part in [
        "<state>available</state>",
        "<staticRoutesOnly>true</staticRoutesOnly>",
        "<destinationCidrBlock>172.20.0.0/16</destinationCidrBlock>",
        "&lt;ipsec_tunnel&gt;",
        "<status>UP</status>",
    ] {
        assert!(body.contains(part), "{part} in {body}");
    }
    // The same device is the same customer gateway.
    let again = "Action=CreateCustomerGateway&Type=ipsec.1&IpAddress=203.0.113.77&BgpAsn=65000";
    assert_eq!(cloud.get(again, "customerGatewayId"), cgw);
    assert_eq!(cloud.ask(&format!("Action=DeleteCustomerGateway&CustomerGatewayId={cgw}")), Err("IncorrectState"));
    assert_eq!(cloud.ask(&format!("Action=DeleteVpnGateway&VpnGatewayId={vgw}")), Err("IncorrectState"));
    cloud.ask(&format!("Action=DeleteVpnConnection&VpnConnectionId={vpn}")).unwrap();
    assert_eq!(cloud.get(&format!("Action=DescribeVpnConnections&VpnConnectionId.1={vpn}"), "state"), "deleted");
    assert_eq!(route(&mut cloud, "Create", &vpn, "172.20.0.0/16"), Some("InvalidVpnConnectionID.NotFound"));
    cloud.ask(&format!("Action=DetachVpnGateway&VpnGatewayId={vgw}&VpcId={vpc}")).unwrap();
    cloud.ask(&format!("Action=DeleteVpnGateway&VpnGatewayId={vgw}")).unwrap();
    cloud.ask(&format!("Action=DeleteCustomerGateway&CustomerGatewayId={cgw}")).unwrap();
}

/// semantics.md §5.1: local beats propagated, static beats propagated.
#[test]
fn propagated_routes_come_and_go_and_give_way() {
    let mut cloud = Cloud::new();
    let vpc = cloud.vpc("192.168.0.0/16");
    let (vgw, cgw, vpn) = connected(&mut cloud, &vpc);
    let table = cloud.main_table(&vpc);
    let propagation = |verb: &str| format!("Action={verb}VgwRoutePropagation&RouteTableId={table}&GatewayId={vgw}");
    cloud.ask(&propagation("Enable")).unwrap();
    for cidr in ["172.20.0.0/16", "192.168.9.0/24", "10.60.0.0/16"] {
        assert_eq!(route(&mut cloud, "Create", &vpn, cidr), None);
    }
    let all = ["192.168.0.0/16 local", "172.20.0.0/16 VGW", "192.168.9.0/24 VGW", "10.60.0.0/16 VGW"];
    assert_eq!(cloud.routes(&table), all.map(|route| route.replace("VGW", &vgw)));
    let effective = |cloud: &Cloud| -> Vec<String> {
        let table = cloud.model.route_tables.get(&table).unwrap();
        table.effective_routes().map(|route| format!("{} {:?}", route.destination, route.origin)).collect()
    };
    assert!(!effective(&cloud).contains(&"192.168.9.0/24 EnableVgwRoutePropagation".to_owned()));
    // D13: a propagated route in 10.0.0.0/8 keeps ClassicLink out.
    let enable = format!("Action=EnableVpcClassicLink&VpcId={vpc}");
    assert_eq!(cloud.ask(&enable), Err("VpcCidrConflict"));
    assert_eq!(route(&mut cloud, "Delete", &vpn, "10.60.0.0/16"), None);
    assert_eq!(route(&mut cloud, "Delete", &vpn, "10.60.0.0/16"), Some("InvalidRoute.NotFound"));
    cloud.ask(&enable).unwrap();
    // Propagated later, it gives way to 10.0.0.0/8 → local.
    assert_eq!(route(&mut cloud, "Create", &vpn, "10.60.0.0/16"), None);
    assert!(!effective(&cloud).contains(&"10.60.0.0/16 EnableVgwRoutePropagation".to_owned()));

    let form = format!("Action=CreateRoute&RouteTableId={table}&DestinationCidrBlock=172.20.0.0/16&GatewayId={vgw}");
    cloud.ask(&form).unwrap();
    let of_site = effective(&cloud).into_iter().filter(|route| route.starts_with("172.20")).collect::<Vec<_>>();
    assert_eq!(of_site, ["172.20.0.0/16 CreateRoute"]);
    let site = cloud.model.site_for(&vgw, "172.20.1.0/24".parse().unwrap()).unwrap();
    assert_eq!(site.id, cgw);

    cloud.ask(&format!("Action=DetachVpnGateway&VpnGatewayId={vgw}&VpcId={vpc}")).unwrap();
    let left = ["192.168.0.0/16 local".to_owned(), "10.0.0.0/8 local".into(), format!("172.20.0.0/16 {vgw} blackhole")];
    assert_eq!(cloud.routes(&table), left);
    assert_eq!(cloud.ask(&propagation("Enable")), Err("Gateway.NotAttached"));
    cloud.ask(&format!("Action=AttachVpnGateway&VpnGatewayId={vgw}&VpcId={vpc}")).unwrap();
    assert_eq!(cloud.routes(&table).len(), 6);
    cloud.ask(&propagation("Disable")).unwrap();
    assert_eq!(cloud.routes(&table).len(), 3);
}

#[test]
fn a_connection_without_static_routes_takes_none() {
    let mut cloud = Cloud::new();
    let vpc = cloud.vpc("192.168.0.0/16");
    let (vgw, cgw, _) = connected(&mut cloud, &vpc);
    let form = format!("Action=CreateVpnConnection&Type=ipsec.1&CustomerGatewayId={cgw}&VpnGatewayId={vgw}");
    let dynamic = cloud.get(&form, "vpnConnectionId");
    assert_eq!(route(&mut cloud, "Create", &dynamic, "172.20.0.0/16"), Some("InvalidVpnConnection.InvalidType"));
    let other = cloud.get("Action=CreateVpnGateway&Type=ipsec.1", "vpnGatewayId");
    let attach = format!("Action=AttachVpnGateway&VpnGatewayId={other}&VpcId={vpc}");
    assert_eq!(cloud.ask(&attach), Err("VpnGatewayAttachmentLimitExceeded"));
    assert_eq!(cloud.ask(&format!("Action=DeleteVpc&VpcId={vpc}")), Err("DependencyViolation"));
}

#[test]
fn a_connection_to_a_transit_gateway_is_an_attachment() {
    let mut cloud = Cloud::new();
    let body = cloud.ask("Action=CreateTransitGateway").unwrap();
    let [gateway, table] =
        ["transitGatewayId", "associationDefaultRouteTableId"].map(|name| first(&body, name).unwrap());
    let site =
        cloud.get("Action=CreateCustomerGateway&Type=ipsec.1&PublicIp=203.0.113.77&BgpAsn=65000", "customerGatewayId");
    let create = format!("Action=CreateVpnConnection&Type=ipsec.1&CustomerGatewayId={site}");
    assert_eq!(cloud.ask(&create), Err("MissingParameter"));
    let both = format!("{create}&TransitGatewayId={gateway}&VpnGatewayId=vgw-12345678");
    assert_eq!(cloud.ask(&both), Err("InvalidParameterValue"));
    assert_eq!(cloud.ask(&format!("{create}&TransitGatewayId=office")), Err("InvalidTransitGatewayID.NotFound"));
    let of_nobody = "Action=CreateVpnConnection&Type=ipsec.1&CustomerGatewayId=cgw-12345678&TransitGatewayId=office";
    assert_eq!(cloud.ask(of_nobody), Err("InvalidCustomerGatewayID.NotFound"), "it is looked for first");
    let create = format!("{create}&TransitGatewayId={gateway}&Options.StaticRoutesOnly=true");
    let body = cloud.ask(&create).unwrap();
    assert_eq!(first(&body, "transitGatewayId"), Some(gateway.clone()));
    assert_eq!(first(&body, "vpnGatewayId"), None);
    let vpn = first(&body, "vpnConnectionId").unwrap();

    let describe = format!("Action=DescribeTransitGatewayAttachments&Filter.1.Name=resource-id&Filter.1.Value.1={vpn}");
    let told = ["resourceType", "state", "transitGatewayId", "transitGatewayRouteTableId"];
    let told = told.map(|element| cloud.get(&describe, element));
    assert_eq!(told, ["vpn".to_owned(), "available".into(), gateway.clone(), table.clone()]);
    let attachment = cloud.get(&describe, "transitGatewayAttachmentId");
    assert!(cloud.all("Action=DescribeTransitGatewayVpcAttachments", "transitGatewayAttachmentId").is_empty());
    let tag = format!("Action=CreateTags&ResourceId.1={attachment}&Tag.1.Key=Name&Tag.1.Value=office");
    cloud.ask(&tag).unwrap();
    assert_eq!(cloud.get(&describe, "value"), "office");

    // Its prefixes are propagated.
    assert_eq!(route(&mut cloud, "Create", &vpn, "172.20.0.0/16"), None);
    let of_table = |action: &str| format!("Action={action}&TransitGatewayRouteTableId={table}");
    let search = format!("{}&Filter.1.Name=type&Filter.1.Value.1=propagated", of_table("SearchTransitGatewayRoutes"));
    assert_eq!(cloud.all(&search, "destinationCidrBlock"), ["172.20.0.0/16"]);
    assert_eq!(cloud.get(&of_table("GetTransitGatewayRouteTablePropagations"), "resourceId"), vpn);
    let disable = of_table("DisableTransitGatewayRouteTablePropagation");
    cloud.ask(&format!("{disable}&TransitGatewayAttachmentId={attachment}")).unwrap();
    assert!(cloud.all(&search, "destinationCidrBlock").is_empty());
    let to_it = format!("{}&TransitGatewayAttachmentId={attachment}", of_table("CreateTransitGatewayRoute"));
    assert_eq!(cloud.get(&format!("{to_it}&DestinationCidrBlock=172.20.0.0/16"), "state"), "active");

    let delete = format!("Action=DeleteTransitGateway&TransitGatewayId={gateway}");
    assert_eq!(cloud.ask(&delete), Err("IncorrectState"));
    cloud.ask(&format!("Action=DeleteVpnConnection&VpnConnectionId={vpn}")).unwrap();
    assert_eq!(cloud.get(&describe, "state"), "deleted");
    let all = format!("{}&Filter.1.Name=type&Filter.1.Value.1=static", of_table("SearchTransitGatewayRoutes"));
    assert_eq!(cloud.get(&all, "state"), "blackhole");
    cloud.ask(&delete).unwrap();
}

#[test]
fn what_is_said_of_a_connection_and_its_tunnels_is_told_and_can_be_changed() {
    let mut cloud = Cloud::new();
    let site =
        cloud.get("Action=CreateCustomerGateway&Type=ipsec.1&BgpAsn=65000&IpAddress=198.51.100.7", "customerGatewayId");
    let gateway = cloud.get("Action=CreateVpnGateway&Type=ipsec.1", "vpnGatewayId");
    let create = format!("Action=CreateVpnConnection&Type=ipsec.1&CustomerGatewayId={site}&VpnGatewayId={gateway}");
    let tunnel = "Options.TunnelOptions.1";
    let insides = ["10.0.0.0/30", "169.254.9.0/29", "169.254.5.0/30", "169.254.169.252/30"];
    let insides = insides.map(|block| format!("TunnelInsideCidr={block}"));
    for wrong in insides.iter().map(String::as_str).chain(["PreSharedKey=short"]) {
        assert_eq!(cloud.ask(&format!("{create}&{tunnel}.{wrong}")), Err("InvalidParameterValue"), "{wrong}");
    }
    let said = format!(
        "&Options.LocalIpv4NetworkCidr=10.1.0.0/16&{tunnel}.TunnelInsideCidr=169.254.9.0/30&{tunnel}.PreSharedKey=secret_secret\
         &{tunnel}.IKEVersion.1.Value=ikev2&{tunnel}.Phase1DHGroupNumber.1.Value=14&{tunnel}.DPDTimeoutSeconds=40"
    );
    let body = cloud.ask(&format!("{create}{said}")).unwrap();
    let id = first(&body, "vpnConnectionId").unwrap();
    let told = ["localIpv4NetworkCidr", "remoteIpv4NetworkCidr", "preSharedKey", "dpdTimeoutSeconds"];
    assert_eq!(told.map(|element| first(&body, element).unwrap()), ["10.1.0.0/16", "0.0.0.0/0", "secret_secret", "40"]);
    let insides = texts(&body, "tunnelInsideCidr");
    assert_eq!(insides[0], "169.254.9.0/30");
    assert!(insides[1].starts_with("169.254.") && insides[1].ends_with("/30"), "{insides:?}");
    assert!(first(&body, "ikeVersionSet").unwrap().contains("ikev2"));
    let configuration = first(&body, "customerGatewayConfiguration").unwrap();
    assert!(configuration.contains("169.254.9.2") && configuration.contains("secret_secret"), "{configuration}");

    let outside = texts(&body, "outsideIpAddress");
    let modify = format!("Action=ModifyVpnTunnelOptions&VpnConnectionId={id}&VpnTunnelOutsideIpAddress");
    assert_eq!(
        cloud.ask(&format!("{modify}=192.0.2.1&TunnelOptions.StartupAction=start")),
        Err("InvalidParameterValue")
    );
    let body = cloud.ask(&format!("{modify}={}&TunnelOptions.StartupAction=start", outside[0])).unwrap();
    assert_eq!([first(&body, "startupAction"), first(&body, "dpdTimeoutSeconds")].map(Option::unwrap), ["start", "40"]);
    assert_eq!(texts(&body, "logEnabled"), ["false", "false"]);
    let logs = "TunnelOptions.LogOptions.CloudWatchLogOptions";
    let on = format!("{logs}.LogEnabled=true&{logs}.LogGroupArn=arn:aws:logs:x");
    let body = cloud.ask(&format!("{modify}={}&{on}", outside[0])).unwrap();
    assert_eq!(texts(&body, "logEnabled"), ["true", "false"]);
    assert_eq!(
        ["logGroupArn", "logOutputFormat"].map(|element| first(&body, element).unwrap()),
        ["arn:aws:logs:x", "json"]
    );
    let modify = format!("Action=ModifyVpnConnectionOptions&VpnConnectionId={id}&RemoteIpv4NetworkCidr=10.2.0.0/16");
    let body = cloud.ask(&modify).unwrap();
    let told = ["localIpv4NetworkCidr", "remoteIpv4NetworkCidr"].map(|element| first(&body, element).unwrap());
    assert_eq!(told, ["10.1.0.0/16", "10.2.0.0/16"]);
    let transit = cloud.get("Action=CreateTransitGateway", "transitGatewayId");
    let modify = format!("Action=ModifyVpnConnection&VpnConnectionId={id}");
    assert_eq!(cloud.ask(&modify), Err("MissingParameter"));
    assert_eq!(cloud.get(&format!("{modify}&TransitGatewayId={transit}"), "transitGatewayId"), transit);
    let attached = format!("Action=DescribeTransitGatewayAttachments&Filter.1.Name=resource-id&Filter.1.Value.1={id}");
    assert_eq!(cloud.all(&attached, "transitGatewayId"), [transit]);
    assert_eq!(cloud.get(&format!("{modify}&VpnGatewayId={gateway}"), "vpnGatewayId"), gateway);
    assert_eq!(cloud.get(&attached, "state"), "deleted");
}

#[test]
fn a_device_is_told_how_to_be_set_up_and_its_tunnels_are_up() {
    let mut cloud = Cloud::new();
    let vpc = cloud.vpc("192.168.0.0/16");
    let (vgw, _, vpn) = connected(&mut cloud, &vpc);
    let device = cloud.get("Action=GetVpnConnectionDeviceTypes", "vpnConnectionDeviceTypeId");
    let sample =
        format!("Action=GetVpnConnectionDeviceSampleConfiguration&VpnConnectionId={vpn}&VpnConnectionDeviceTypeId");
    let text = cloud.get(&format!("{sample}={device}"), "vpnConnectionDeviceSampleConfiguration");
    let outside = cloud.get("Action=DescribeVpnConnections", "outsideIpAddress");
    assert!(
        text.contains(&format!("remote-address {outside}")) && text.contains("local-address 203.0.113.77"),
        "{text}"
    );
    assert_eq!(cloud.ask(&format!("{sample}=tea")), Err("InvalidParameterValue"));
    let other = format!("{sample}={device}&InternetKeyExchangeVersion=ikev3");
    assert_eq!(cloud.ask(&other), Err("InvalidParameterValue"));

    let of = |action: &str, outside: &str| {
        format!("Action={action}&VpnConnectionId={vpn}&VpnTunnelOutsideIpAddress={outside}")
    };
    let active = cloud.ask(&of("GetActiveVpnTunnelStatus", &outside)).unwrap();
    let told = ["ikeVersion", "phase1DHGroup", "provisioningStatus"].map(|element| first(&active, element).unwrap());
    assert_eq!(told, ["ikev1", "2", "available"]);
    assert_eq!(cloud.get(&of("GetVpnTunnelReplacementStatus", &outside), "vpnGatewayId"), vgw);
    assert_eq!(cloud.get(&of("ReplaceVpnTunnel", &outside), "return"), "true");
    for action in ["GetActiveVpnTunnelStatus", "GetVpnTunnelReplacementStatus", "ReplaceVpnTunnel"] {
        assert_eq!(cloud.ask(&of(action, "192.0.2.1")), Err("InvalidParameterValue"), "{action}");
    }
}
