//! What is said of what is not known.

use super::*;
use model::LogDestination;

#[test]
fn unknown_types_are_told_together_without_those_that_no_condition_makes() {
    let (_, left_out) = imported(
        parse_yaml(
            r#"
Conditions: {Never: !Equals [a, b]}
Resources:
  Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.20.0.0/16}}
  Front: {Type: AWS::ElasticLoadBalancingV2::LoadBalancer}
  High: {Type: AWS::CloudWatch::Alarm}
  Low: {Type: AWS::CloudWatch::Alarm}
  Off: {Type: AWS::CloudWatch::Alarm, Condition: Never}
Outputs: {Front: {Value: !Ref Front, Export: {Name: front}}}
"#,
        )
        .unwrap(),
    );
    let wanted = [
        "111122223333/us-east-1/net.yaml: Front: Application, Network and Gateway Load Balancers are not known here, \
         only Classic Load Balancers are",
        "111122223333/us-east-1/net.yaml: High, Low: AWS::CloudWatch::Alarm is not known here",
    ];
    assert_eq!(left_out, wanted);
}

#[test]
fn a_flow_log_is_made_without_the_resource_that_takes_its_records() {
    let (model, left_out) = imported(
        parse_yaml(
            r#"
Resources:
  Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.20.0.0/16}}
  Logs: {Type: AWS::Logs::LogGroup}
  Flows: {Type: AWS::EC2::FlowLog, Properties: {ResourceType: VPC, ResourceId: !Ref Vpc, TrafficType: REJECT, LogGroupName: !Ref Logs}}
  Kept: {Type: AWS::EC2::FlowLog, Properties: {ResourceType: VPC, ResourceId: !Ref Vpc, TrafficType: ALL,
    LogDestinationType: s3, LogDestination: "arn:aws:s3:::flows", MaxAggregationInterval: 60}}
"#,
        )
        .unwrap(),
    );
    let wanted = [
        "111122223333/us-east-1/net.yaml: Flows: its property LogGroupName: Logs is left out",
        "111122223333/us-east-1/net.yaml: Logs: AWS::Logs::LogGroup is not known here",
    ];
    assert_eq!(left_out, wanted);
    let destinations: Vec<&LogDestination> = model.flow_logs.iter().map(|log| &log.destination).collect();
    assert!(destinations.contains(&&LogDestination::Bucket("arn:aws:s3:::flows".to_owned())), "{destinations:?}");
    assert_eq!(destinations.len(), 2);
}
