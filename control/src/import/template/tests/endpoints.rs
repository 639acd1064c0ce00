use super::*;

const NETWORK: &str = "
  Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.20.0.0/16}}
  A: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc, CidrBlock: 10.20.1.0/24, AvailabilityZone: us-east-1a}}
  Web: {Type: AWS::EC2::Instance, Properties: {SubnetId: !Ref A, KeyName: !Ref Key}}
  Key: {Type: AWS::EC2::KeyPair, Properties: {KeyName: ops, PublicKeyMaterial: ssh-ed25519 AAAA ops, KeyType: ed25519}}
  Interface: {Type: AWS::EC2::NetworkInterface, Properties: {SubnetId: !Ref A}}
";

#[test]
fn a_client_vpn_has_its_networks_routes_and_rules() {
    let text = format!(
        "Resources:{NETWORK}
  Vpn:
    Type: AWS::EC2::ClientVpnEndpoint
    Properties:
      ClientCidrBlock: 172.16.0.0/20
      ServerCertificateArn: !Ref Certificate
      AuthenticationOptions: [{{Type: certificate-authentication, MutualAuthentication: {{ClientRootCertificateChainArn: !Ref Certificate}}}}]
      ConnectionLogOptions: {{Enabled: false}}
      SplitTunnel: true
      TagSpecifications: [{{ResourceType: client-vpn-endpoint, Tags: [{{Key: Name, Value: office}}]}}]
  Network: {{Type: AWS::EC2::ClientVpnTargetNetworkAssociation, Properties: {{ClientVpnEndpointId: !Ref Vpn, SubnetId: !Ref A}}}}
  Route: {{Type: AWS::EC2::ClientVpnRoute, DependsOn: Network, Properties: {{ClientVpnEndpointId: !Ref Vpn,
    DestinationCidrBlock: 10.30.0.0/16, TargetVpcSubnetId: !Ref A}}}}
  Rule: {{Type: AWS::EC2::ClientVpnAuthorizationRule, Properties: {{ClientVpnEndpointId: !Ref Vpn,
    TargetNetworkCidr: 10.20.0.0/16, AuthorizeAllGroups: true}}}}
  Certificate: {{Type: AWS::CertificateManager::Certificate, Properties: {{DomainName: example.com}}}}
"
    );
    let (model, left_out) = imported(parse_yaml(&text).unwrap());
    let endpoint = model.client_vpn_endpoints.iter().next().unwrap();
    assert_eq!((endpoint.networks.len(), endpoint.routes.len(), endpoint.rules.len()), (1, 2, 1));
    assert!(endpoint.options.split_tunnel && endpoint.tags["Name"] == "office");
    assert!(left_out.iter().all(|line| line.contains("Certificate")), "{left_out:?}");
}

#[test]
fn what_mirrors_traffic_and_asks_about_paths_is_made() {
    let text = format!(
        "Resources:{NETWORK}
  Filter: {{Type: AWS::EC2::TrafficMirrorFilter, Properties: {{NetworkServices: [amazon-dns]}}}}
  Rule: {{Type: AWS::EC2::TrafficMirrorFilterRule, Properties: {{TrafficMirrorFilterId: !Ref Filter, TrafficDirection: ingress,
    RuleNumber: 10, RuleAction: accept, Protocol: 6, DestinationCidrBlock: 0.0.0.0/0, SourceCidrBlock: 10.0.0.0/8,
    DestinationPortRange: {{FromPort: 443, ToPort: 443}}}}}}
  Target: {{Type: AWS::EC2::TrafficMirrorTarget, Properties: {{NetworkInterfaceId: !Ref Interface}}}}
  Session: {{Type: AWS::EC2::TrafficMirrorSession, Properties: {{NetworkInterfaceId: !Ref Interface, SessionNumber: 1,
    TrafficMirrorTargetId: !Ref Target, TrafficMirrorFilterId: !Ref Filter}}}}
  Path: {{Type: AWS::EC2::NetworkInsightsPath, Properties: {{Source: !Ref Web, Destination: !Ref Interface, Protocol: tcp}}}}
  Service: {{Type: AWS::EC2::VPCEndpointService, Properties: {{AcceptanceRequired: false, NetworkLoadBalancerArns: [
    'arn:aws:elasticloadbalancing:us-east-1:111122223333:loadbalancer/net/shop/50dc6c495c0c9188']}}}}
  Allowed: {{Type: AWS::EC2::VPCEndpointServicePermissions, Properties: {{ServiceId: !Ref Service, AllowedPrincipals: ['*']}}}}
"
    );
    let (model, left_out) = imported(parse_yaml(&text).unwrap());
    assert_eq!(left_out, Vec::<String>::new());
    assert!(model.mirror_filters.iter().next().unwrap().dns && model.mirror_rules.len() == 1);
    assert_eq!((model.mirror_sessions.len(), model.insights_paths.len()), (1, 1));
    assert!(model.endpoint_services.iter().next().unwrap().is_for("444455556666"));
    assert_eq!(model.instances.iter().next().unwrap().key_name.as_deref(), Some("ops"));
}

#[test]
fn volumes_hosts_and_reservations_are_made() {
    let text = format!(
        "Resources:{NETWORK}
  Disk: {{Type: AWS::EC2::Volume, Properties: {{AvailabilityZone: us-east-1a, Size: 8, VolumeType: gp3}}}}
  Attached: {{Type: AWS::EC2::VolumeAttachment, Properties: {{VolumeId: !Ref Disk, InstanceId: !Ref Web, Device: /dev/sdf}}}}
  Host: {{Type: AWS::EC2::Host, Properties: {{AvailabilityZone: us-east-1a, InstanceType: m5.large}}}}
  Reserved: {{Type: AWS::EC2::CapacityReservation, Properties: {{AvailabilityZone: us-east-1a, InstanceType: m5.large,
    InstancePlatform: Linux/UNIX, InstanceCount: 1}}}}
  Check: {{Type: AWS::Route53::HealthCheck, Properties: {{HealthCheckConfig: {{Type: HTTP, IPAddress: 203.0.113.7, Port: 80}}}}}}
"
    );
    let (model, left_out) = imported(parse_yaml(&text).unwrap());
    assert_eq!(left_out, Vec::<String>::new());
    assert!(model.volumes.iter().any(|volume| volume.shape.size == 8 && volume.attachments.len() == 1));
    assert_eq!((model.dedicated_hosts.len(), model.capacity_reservations.len(), model.health_checks.len()), (1, 1, 1));
}

#[test]
fn a_file_may_have_several_templates() {
    let vpc = |block: &str| format!("Resources: {{Vpc: {{Type: AWS::EC2::VPC, Properties: {{CidrBlock: {block}}}}}}}");
    let content = parse_yaml(&format!("{}\n---\n{}\n", vpc("10.20.0.0/16"), vpc("10.21.0.0/16"))).unwrap();
    let (model, left_out) = imported(content);
    assert_eq!((model.vpcs.len(), left_out.len()), (2, 0));
}

#[test]
fn what_is_no_template_beside_one_is_reported() {
    let text = "Resources: {Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.20.0.0/16}}}\n---\nversion: 1\n";
    let (model, left_out) = imported(parse_yaml(text).unwrap());
    assert_eq!(model.vpcs.len(), 1);
    assert_eq!(left_out, ["111122223333/us-east-1/net.yaml: it holds nothing of a network"]);
}

#[test]
fn a_key_pair_may_have_the_name_of_a_load_balancer() {
    let text = "Resources:
  Key: {Type: AWS::EC2::KeyPair, Properties: {KeyName: shop, PublicKeyMaterial: ssh-ed25519 AAAA ops, KeyType: ed25519,
    Tags: [{Key: team, Value: keys}]}}
  Front: {Type: AWS::ElasticLoadBalancing::LoadBalancer, Properties: {LoadBalancerName: shop, AvailabilityZones: [us-east-1a],
    Listeners: [{Protocol: TCP, LoadBalancerPort: 80, InstancePort: 80}]}}
  Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.20.0.0/16, Tags: [{Key: key, Value: !GetAtt Key.KeyPairId},
    {Key: front, Value: !GetAtt Front.DNSName}]}}
";
    let (model, left_out) = imported(parse_yaml(text).unwrap());
    assert_eq!(left_out, Vec::<String>::new());
    let (key, front) = (model.key_pairs.iter().next().unwrap(), model.load_balancers.iter().next().unwrap());
    let tags = &model.vpcs.iter().next().unwrap().tags;
    assert_eq!((&tags["key"], &tags["front"], key.tags["team"].as_str()), (&key.id, &front.dns_name, "keys"));
}
