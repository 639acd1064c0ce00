//! Endpoint services, Client VPN, traffic mirroring, paths of Reachability Analyzer and key pairs.

use super::services::exported_alike;
use super::*;

const ENDPOINT: &str = "cvpn-endpoint-1a2b3c4d";

/// An account with a network interface that Client VPN has made.
fn with_interface() -> Vec<(&'static str, serde_json::Value)> {
    let mut files = account();
    files.push((
        "x/interfaces.json",
        json!({"NetworkInterfaces": [{"NetworkInterfaceId": "eni-5a2b3c4d", "SubnetId": "subnet-1a2b3c4d",
            "VpcId": "vpc-1a2b3c4d", "OwnerId": "123456789012", "PrivateIpAddress": "10.0.1.9", "Groups": [{"GroupId": "sg-903004f8"}],
            "Description": "ClientVPN Endpoint resource",
            "PrivateIpAddresses": [{"PrivateIpAddress": "10.0.1.9", "Primary": true}]}]}),
    ));
    files
}

fn client_vpn() -> Vec<(&'static str, serde_json::Value)> {
    let mut files = with_interface();
    files.extend([
        (
            "x/client-vpn.json",
            json!({"ClientVpnEndpoints": [{"ClientVpnEndpointId": ENDPOINT, "Status": {"Code": "available"},
            "CreationTime": "2020-05-07T17:39:28", "ClientCidrBlock": "172.16.0.0/20", "DnsServers": ["10.0.0.2"], "SplitTunnel": true,
            "TransportProtocol": "tcp", "VpnPort": 1194, "VpcId": "vpc-1a2b3c4d", "SecurityGroupIds": ["sg-903004f8"],
            "ServerCertificateArn": "arn:aws:acm:eu-west-1:123456789012:certificate/12345678-1234-1234-1234-123456789012",
            "AuthenticationOptions": [{"Type": "directory-service-authentication", "ActiveDirectory": {"DirectoryId": "d-1234567890"}}],
            "ConnectionLogOptions": {"Enabled": false}, "SessionTimeoutHours": 12}]}),
        ),
        (
            "x/networks.json",
            json!({"ClientVpnTargetNetworks": [
            {"AssociationId": "cvpn-assoc-1a2b3c4d", "ClientVpnEndpointId": ENDPOINT, "TargetNetworkId": "subnet-1a2b3c4d"},
            {"AssociationId": "cvpn-assoc-5a2b3c4d", "ClientVpnEndpointId": ENDPOINT, "TargetNetworkId": "subnet-1a2b3c4d"}]}),
        ),
        (
            "x/routes.json",
            json!({"Routes": [
            {"ClientVpnEndpointId": ENDPOINT, "DestinationCidr": "10.0.0.0/16", "TargetSubnet": "subnet-1a2b3c4d", "Origin": "associate"},
            {"ClientVpnEndpointId": ENDPOINT, "DestinationCidr": "0.0.0.0/0", "TargetSubnet": "subnet-1a2b3c4d", "Origin": "add-route"},
            {"ClientVpnEndpointId": ENDPOINT, "DestinationCidr": "10.9.0.0/16", "Status": {"Code": "deleting"}}]}),
        ),
        (
            "x/rules.json",
            json!({"AuthorizationRules": [
            {"ClientVpnEndpointId": ENDPOINT, "DestinationCidr": "10.0.0.0/16", "GroupId": "", "AccessAll": true},
            {"ClientVpnEndpointId": ENDPOINT, "DestinationCidr": "10.0.1.0/24", "GroupId": "S-1-5-21", "AccessAll": false},
            {"ClientVpnEndpointId": "cvpn-endpoint-9a2b3c4d", "DestinationCidr": "10.0.1.0/24"}]}),
        ),
    ]);
    files
}

#[test]
fn a_client_vpn_keeps_its_networks_routes_and_rules() {
    let (model, told) = imported(&client_vpn());
    let wanted = [
        "a route of a Client VPN endpoint is deleting",
        "a rule of a Client VPN endpoint: its endpoint cvpn-endpoint-9a2b3c4d is not in the files",
        "cvpn-assoc-5a2b3c4d: its network interface in subnet-1a2b3c4d is not in the files",
    ];
    assert_eq!(told.left_out, wanted);
    let endpoint = model.client_vpn_endpoints.get(ENDPOINT).unwrap();
    let interfaces: Vec<&str> = endpoint.networks.iter().map(|network| network.interface.as_str()).collect();
    assert_eq!((interfaces, endpoint.options.port, endpoint.options.session_hours), (vec!["eni-5a2b3c4d"], 1194, 12));
    let groups: Vec<Option<&str>> = endpoint.rules.iter().map(|rule| rule.group.as_deref()).collect();
    assert_eq!(groups, [None, Some("S-1-5-21")]);
    assert_eq!(endpoint.routes.iter().filter(|route| route.of_network).count(), 1);
    exported_alike(&model);
}

#[test]
fn what_several_files_say_of_a_client_vpn_is_there_once() {
    let once = client_vpn();
    let again = once[6..].iter().map(|(_, content)| ("x/again.json", content.clone()));
    let (twice, _) = imported(&once.iter().cloned().chain(again).collect::<Vec<_>>());
    let wanted = imported(&once).0;
    assert_eq!(twice.client_vpn_endpoints.get(ENDPOINT), wanted.client_vpn_endpoints.get(ENDPOINT));
}

#[test]
fn an_anonymised_client_vpn_keeps_its_networks() {
    let mut files = files(&client_vpn());
    Anonymous::default().files(&mut files);
    let mut model = Model::new(1);
    import(&mut model, Export::of(&files).unwrap(), NOW).unwrap();
    assert_eq!(model.client_vpn_endpoints.get(ENDPOINT).unwrap().networks.len(), 1);
}

#[test]
fn routes_of_a_client_vpn_that_has_none_are_no_loss() {
    let mut files = client_vpn();
    files.truncate(6);
    files.push(("x/routes.json", json!({"ClientVpnEndpointId": ENDPOINT, "Routes": []})));
    let (_, told) = imported(&files);
    assert_eq!(told.left_out, Vec::<String>::new());
}

#[test]
fn an_endpoint_service_keeps_who_may_use_it_and_its_name() {
    let service = "vpce-svc-1a2b3c4d5e6f7a8b9";
    let mut files = account();
    files.extend([
        (
            "x/services.json",
            json!({"ServiceConfigurations": [{"ServiceId": service, "ServiceState": "Available", "AcceptanceRequired": false,
            "NetworkLoadBalancerArns": ["arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/net/shop/50dc6c495c0c9188"],
            "SupportedIpAddressTypes": ["ipv4"], "PrivateDnsName": "api.example.com", "PayerResponsibility": "ServiceOwner",
            "PrivateDnsNameConfiguration": {"State": "verified", "Type": "TXT", "Value": "vpce:abc", "Name": "_abc"}}]}),
        ),
        (
            "x/permissions.json",
            json!({"ServiceId": service, "AllowedPrincipals": [{"ServiceId": service, "PrincipalType": "Account",
            "Principal": "arn:aws:iam::444455556666:root", "ServicePermissionId": "vpce-svc-perm-1a2b3c4d5e6f7a8b9"}]}),
        ),
    ]);
    let (model, told) = imported(&files);
    assert_eq!(told.left_out, Vec::<String>::new());
    let row = model.endpoint_services.get(service).unwrap();
    assert!(row.is_for("444455556666") && row.owner_pays && !row.offer.acceptance);
    let name = row.name.as_ref().unwrap();
    assert_eq!((name.name.as_str(), name.proof.as_str(), name.verified), ("api.example.com", "abc", true));
    exported_alike(&model);
}

#[test]
fn what_traffic_is_mirrored_by_is_kept() {
    let rule = |id: &str, direction: &str| {
        json!({"TrafficMirrorFilterRuleId": id, "TrafficMirrorFilterId": "tmf-1a2b3c4d", "TrafficDirection": direction,
            "RuleNumber": 100, "RuleAction": "accept", "Protocol": 6, "DestinationPortRange": {"FromPort": 443, "ToPort": 443},
            "DestinationCidrBlock": "0.0.0.0/0", "SourceCidrBlock": "10.0.0.0/16"})
    };
    let mut files = with_interface();
    files.extend([
        (
            "x/filters.json",
            json!({"TrafficMirrorFilters": [{"TrafficMirrorFilterId": "tmf-1a2b3c4d", "NetworkServices": ["amazon-dns"],
            "IngressFilterRules": [rule("tmfr-1a2b3c4d", "ingress"), rule("tmfr-9a2b3c4d", "sideways")],
            "EgressFilterRules": [rule("tmfr-5a2b3c4d", "egress")]}]}),
        ),
        (
            "x/targets.json",
            json!({"TrafficMirrorTargets": [
            {"TrafficMirrorTargetId": "tmt-1a2b3c4d", "NetworkInterfaceId": "eni-5a2b3c4d", "OwnerId": "123456789012"},
            {"TrafficMirrorTargetId": "tmt-5a2b3c4d", "NetworkInterfaceId": "eni-9a2b3c4d", "OwnerId": "123456789012"}]}),
        ),
        (
            "x/sessions.json",
            json!({"TrafficMirrorSessions": [{"TrafficMirrorSessionId": "tms-1a2b3c4d", "TrafficMirrorTargetId": "tmt-1a2b3c4d",
            "TrafficMirrorFilterId": "tmf-1a2b3c4d", "NetworkInterfaceId": "eni-5a2b3c4d", "OwnerId": "123456789012",
            "PacketLength": 100, "SessionNumber": 3, "VirtualNetworkId": 7}]}),
        ),
    ]);
    let (model, told) = imported(&files);
    let wanted = [
        "tmf-1a2b3c4d: its rule tmfr-9a2b3c4d is not understood",
        "tmt-5a2b3c4d: its network interface eni-9a2b3c4d is not in the files",
    ];
    assert_eq!(told.left_out, wanted);
    assert!(model.mirror_filters.get("tmf-1a2b3c4d").unwrap().dns && model.mirror_rules.len() == 2);
    let session = &model.mirror_sessions.get("tms-1a2b3c4d").unwrap().session;
    assert_eq!((session.length, session.number, session.network), (Some(100), 3, 7));
    exported_alike(&model);
}

#[test]
fn key_pairs_and_paths_are_kept() {
    let mut files = account();
    files.extend([
        (
            "x/keys.json",
            json!({"KeyPairs": [
            {"KeyPairId": "key-1a2b3c4d", "KeyName": "ops", "KeyType": "ed25519", "KeyFingerprint": "abc", "PublicKey": "ssh-ed25519 AAAA ops\n",
                "CreateTime": "2020-05-07T17:39:28+00:00", "Tags": [{"Key": "team", "Value": "shop"}]},
            {"KeyName": "old", "KeyFingerprint": "1f:51"}, {"KeyName": "old", "KeyFingerprint": "1f:52"}]}),
        ),
        (
            "x/paths.json",
            json!({"NetworkInsightsPaths": [{"NetworkInsightsPathId": "nip-1a2b3c4d", "Source": "i-1234567890abcdef0",
            "DestinationIp": "10.0.1.9", "Protocol": "tcp", "DestinationPort": 443, "CreatedDate": "2020-05-07T17:39:28+00:00"}]}),
        ),
    ]);
    let (model, told) = imported(&files);
    assert_eq!(told.left_out, ["a second key pair called old"]);
    let key = model.key_pairs.get("key-1a2b3c4d").unwrap();
    assert_eq!((key.name.as_str(), key.key.public.as_str()), ("ops", "ssh-ed25519 AAAA ops"));
    assert_eq!(model.insights_paths.get("nip-1a2b3c4d").unwrap().port, Some(443));
    exported_alike(&model);
}
