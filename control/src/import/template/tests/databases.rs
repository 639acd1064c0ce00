use super::*;
use model::services::{Deployment, Thing};

const NETWORK: &str = r#"
  Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.20.0.0/16}}
  A: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc, CidrBlock: 10.20.1.0/24, AvailabilityZone: !Select [0, !GetAZs ""]}}
  B: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc, CidrBlock: 10.20.2.0/24, AvailabilityZone: !Select [1, !GetAZs ""]}}
  Back: {Type: AWS::RDS::DBSubnetGroup, Properties: {DBSubnetGroupDescription: d, SubnetIds: [!Ref A, !Ref B]}}
"#;

fn database<'m>(model: &'m Model, name: &str) -> &'m Deployment {
    model.deployments.iter().find(|row| row.thing == Thing::DbInstance && row.name == name).unwrap()
}

#[test]
fn a_replica_follows_its_source_and_settings_and_tags_are_kept() {
    let (model, left_out) = imported(
        parse_yaml(&format!(
            "Parameters: {{Owner: {{Type: String}}}}
Resources:{NETWORK}
  Shop:
    Type: AWS::RDS::DBInstance
    Properties: {{DBInstanceIdentifier: shop, DBInstanceClass: db.t3.medium, Engine: mysql, AllocatedStorage: 20,
      DBSubnetGroupName: !Ref Back, MasterUsername: admin, MasterUserPassword: secret, BackupRetentionPeriod: 7,
      StorageEncrypted: true, EnablePerformanceInsights: true, Tags: [{{Key: Name, Value: store}}, {{Key: owner, Value: !Ref Owner}}]}}
  Copy:
    Type: AWS::RDS::DBInstance
    Properties: {{DBInstanceIdentifier: copy, DBInstanceClass: db.t3.medium, SourceDBInstanceIdentifier: !Ref Shop}}
"
        ))
        .unwrap(),
    );
    let wanted =
        ["EnablePerformanceInsights", "Tags.1.Value: the parameter Owner has no default: give --parameter Owner=VALUE"];
    assert_eq!(left_out, wanted.map(|what| format!("111122223333/us-east-1/net.yaml: Shop: its property {what}")));
    let (shop, copy) = (database(&model, "shop"), database(&model, "copy"));
    assert_eq!(copy.source.as_ref(), Some(&shop.id));
    assert!(shop.settings.encrypted && shop.settings.backups == Some(7), "{:?}", shop.settings);
    assert_eq!(shop.tags.get("Name").map(String::as_str), Some("store"));
}

#[test]
fn a_cluster_has_its_members() {
    let (model, left_out) = imported(
        parse_yaml(&format!(
            "Resources:{NETWORK}
  Store:
    Type: AWS::RDS::DBCluster
    Properties: {{DBClusterIdentifier: store, Engine: aurora-mysql, DBSubnetGroupName: !Ref Back, MasterUsername: admin,
      MasterUserPassword: secret, DatabaseName: orders, BackupRetentionPeriod: 3}}
  One: {{Type: AWS::RDS::DBInstance, Properties: {{DBInstanceIdentifier: one, DBClusterIdentifier: !Ref Store,
    Engine: aurora-mysql, DBInstanceClass: db.r5.large, AutoMinorVersionUpgrade: true}}}}
"
        ))
        .unwrap(),
    );
    assert_eq!(left_out, Vec::<String>::new());
    let cluster = model.deployments.iter().find(|row| row.thing == Thing::DbCluster).unwrap();
    assert_eq!((cluster.settings.database.as_deref(), cluster.settings.backups), (Some("orders"), Some(3)));
    assert!(database(&model, "one").hosts.len() == 1 && model.managed_hosts.len() == 1);
}

#[test]
fn a_database_out_of_a_snapshot_has_its_user_from_there() {
    let (model, left_out) = imported(
        parse_yaml(&format!(
            "Resources:{NETWORK}
  Store: {{Type: AWS::RDS::DBCluster, Properties: {{Engine: aurora-mysql, DBSubnetGroupName: !Ref Back, SnapshotIdentifier: s}}}}
"
        ))
        .unwrap(),
    );
    assert_eq!(left_out, ["111122223333/us-east-1/net.yaml: Store: its property SnapshotIdentifier"]);
    assert_eq!(model.deployments.iter().filter(|row| row.thing == Thing::DbCluster).count(), 1);
}

#[test]
fn a_database_has_the_parameter_group_of_its_template() {
    let (model, left_out) = imported(
        parse_yaml(&format!(
            "Resources:{NETWORK}
  Tuned: {{Type: AWS::RDS::DBParameterGroup, Properties: {{Family: mysql8.0, Description: d,
    Parameters: {{max_connections: 7, no_such_parameter: 1}}}}}}
  Shop: {{Type: AWS::RDS::DBInstance, Properties: {{DBInstanceIdentifier: shop, DBInstanceClass: db.t3.medium, Engine: mysql,
    EngineVersion: '8.0', AllocatedStorage: 20, DBSubnetGroupName: !Ref Back, DBParameterGroupName: !Ref Tuned}}}}
  Other: {{Type: AWS::RDS::DBInstance, Properties: {{DBInstanceIdentifier: other, DBInstanceClass: db.t3.medium, Engine: mysql,
    AllocatedStorage: 20, DBSubnetGroupName: !Ref Back, DBParameterGroupName: elsewhere}}}}
"
        ))
        .unwrap(),
    );
    let group = model.parameter_groups.iter().next().unwrap();
    assert_eq!(database(&model, "shop").settings.parameters.as_ref(), Some(&group.name));
    assert_eq!(group.values.keys().collect::<Vec<_>>(), ["max_connections"]);
    assert!(left_out.iter().any(|line| line.contains("Tuned: its parameter no_such_parameter: ")), "{left_out:?}");
    assert!(left_out.iter().any(|line| line.ends_with("Other: its property DBParameterGroupName")), "{left_out:?}");
}
