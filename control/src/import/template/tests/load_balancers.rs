use super::*;
use model::{BALANCERS, RulePeer};

#[test]
fn a_classic_load_balancer_has_its_attributes_and_may_be_named_in_rules() {
    let (model, left_out) = imported(
        parse_yaml(
            r#"
Resources:
  Front:
    Type: AWS::ElasticLoadBalancing::LoadBalancer
    Properties: {AvailabilityZones: [us-east-1a], Listeners: [{Protocol: TCP, LoadBalancerPort: 80, InstancePort: 80}],
      CrossZone: true, ConnectionDrainingPolicy: {Enabled: true, Timeout: 30}, ConnectionSettings: {IdleTimeout: 90}}
  Web:
    Type: AWS::EC2::SecurityGroup
    Properties: {GroupDescription: d, SecurityGroupIngress: [{IpProtocol: tcp, FromPort: 80, ToPort: 80,
      SourceSecurityGroupOwnerId: !GetAtt Front.SourceSecurityGroup.OwnerAlias,
      SourceSecurityGroupName: !GetAtt Front.SourceSecurityGroup.GroupName}]}
"#,
        )
        .unwrap(),
    );
    assert_eq!(left_out, Vec::<String>::new());
    let front = model.load_balancers.iter().next().unwrap();
    assert!(front.attributes.cross_zone && front.attributes.idle_timeout == 90, "{:?}", front.attributes);
    let of_balancers = model.security_groups.iter().find(|group| group.scope.account == BALANCERS).unwrap();
    let web = model.security_groups.iter().find(|group| group.description == "d").unwrap();
    let names_it = |peer: &RulePeer| matches!(peer, RulePeer::Group { id, .. } if *id == of_balancers.id);
    assert!(web.rules.iter().any(|rule| names_it(&rule.peer)), "{:?}", web.rules);
}

#[test]
fn a_version_that_nobody_gives_and_metadata_options_do_not_stop_anything() {
    let (model, left_out) = imported(
        parse_yaml(
            r#"
Parameters: {Version: {Type: String}}
Resources:
  Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.20.0.0/16}}
  Back: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc, CidrBlock: 10.20.1.0/24}}
  Group: {Type: AWS::ElastiCache::SubnetGroup, Properties: {Description: d, SubnetIds: [!Ref Back]}}
  Carts: {Type: AWS::ElastiCache::CacheCluster, Properties: {CacheNodeType: cache.m3.medium, Engine: redis, NumCacheNodes: 1,
    EngineVersion: !Ref Version, CacheSubnetGroupName: !Ref Group}}
  Web: {Type: AWS::EC2::Instance, Properties: {SubnetId: !Ref Back, MetadataOptions: {HttpTokens: required}}}
"#,
        )
        .unwrap(),
    );
    let wanted = "111122223333/us-east-1/net.yaml: Carts: its property EngineVersion: the parameter Version has no default: \
                  give --parameter Version=VALUE";
    assert_eq!((model.managed_hosts.len(), left_out), (1, vec![wanted.to_owned()]));
    let web = model.instances.iter().next().unwrap();
    assert_eq!(web.options.metadata.tokens, model::HttpTokens::Required);
}
