//! Hosted zones and their records.

use super::*;

#[test]
fn names_in_a_private_zone_are_made() {
    let template = parse_yaml(
        r#"
Resources:
  Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.20.0.0/16}}
  Back: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc, CidrBlock: 10.20.1.0/24}}
  Db: {Type: AWS::EC2::Instance, Properties: {SubnetId: !Ref Back, PrivateIpAddress: 10.20.1.9}}
  Zone:
    Type: AWS::Route53::HostedZone
    Properties: {Name: shop.internal, VPCs: [{VPCId: !Ref Vpc, VPCRegion: !Ref 'AWS::Region'}]}
  Record:
    Type: AWS::Route53::RecordSet
    Properties: {HostedZoneId: !Ref Zone, Name: db.shop.internal., Type: A, TTL: '60', ResourceRecords: [!GetAtt Db.PrivateIp]}
  Group:
    Type: AWS::Route53::RecordSetGroup
    DependsOn: Zone
    Properties:
      HostedZoneName: shop.internal.
      RecordSets:
        - {Name: old.shop.internal, Type: CNAME, TTL: '60', ResourceRecords: [db.shop.internal]}
        - {Name: alias.shop.internal, Type: A, AliasTarget: {DNSName: db.shop.internal, HostedZoneId: !GetAtt Lost.Zone}}
  Elsewhere: {Type: AWS::Route53::RecordSet, Properties: {HostedZoneName: example.com., Name: a.example.com, Type: A,
    TTL: '60', ResourceRecords: [10.20.1.9]}}
  Odd: {Type: AWS::Route53::RecordSet, Properties: {HostedZoneId: !Ref Zone, Name: b.shop.internal, Type: A, TTL: '60',
    ResourceRecords: [nowhere]}}
  Heavy: {Type: AWS::Route53::RecordSet, Properties: {HostedZoneId: !Ref Zone, Name: c.shop.internal, Type: A, TTL: '60',
    SetIdentifier: one, Weight: 300, ResourceRecords: [10.20.1.9]}}
"#,
    );
    let (model, left_out) = imported(template.unwrap());
    let zone = model.hosted_zones.iter().next().unwrap();
    let of = |name: &str| zone.records.values().find(|record| record.name == name).unwrap();
    assert_eq!((zone.private, zone.records.len()), (true, 5), "{left_out:?}");
    assert_eq!(
        (&of("db.shop.internal.").values[..], of("db.shop.internal.").ttl),
        (&["10.20.1.9".to_owned()][..], Some(60))
    );
    assert_eq!(of("alias.shop.internal.").alias.as_ref().unwrap().name, "db.shop.internal.");
    assert!(left_out[0].ends_with("Elsewhere: its hosted zone example.com. is not in the files"), "{left_out:?}");
    assert!(left_out[1].contains("Heavy: Weight is from 0 to 255"), "{left_out:?}");
    assert!(left_out[2].contains("Odd: ") && left_out.len() == 3, "{left_out:?}");
}
