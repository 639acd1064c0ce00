//! Parameters that are given.

use super::*;
use crate::import::ImportError;
use std::collections::BTreeMap;

const TEMPLATE: &str = "
Parameters:
  Stage: {Type: String, AllowedValues: [prod, dev], Default: prod}
  Size: {Type: Number, MinValue: 16, MaxValue: 28, Default: 16}
Conditions: {IsDev: !Equals [!Ref Stage, dev]}
Resources:
  Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: !Sub '10.20.0.0/${Size}'}}
  Dev: {Type: AWS::EC2::VPC, Condition: IsDev, Properties: {CidrBlock: 10.21.0.0/16}}
";

/// How many VPCs an import makes with a parameter, and what it leaves out.
fn with(text: &str, name: &str, value: &str) -> Result<(usize, Vec<String>), ImportError> {
    let file = File { path: "111122223333/us-east-1/net.yaml".into(), content: parse_yaml(text).unwrap() };
    let given = BTreeMap::from([(name.to_owned(), value.to_owned())]);
    let export = Export::of(&[file])?.with_parameters(&given)?;
    let mut model = Model::new(1);
    let left_out = import(&mut model, export, NOW)?.left_out;
    Ok((model.vpcs.len(), left_out))
}

#[test]
fn a_value_that_the_template_does_not_allow_is_not_taken() {
    assert_eq!(with(TEMPLATE, "Stage", "dev").unwrap(), (2, Vec::new()));
    for (name, value, resource, wanted) in [
        ("Stage", "test", "Dev", "the template allows prod, dev"),
        ("Size", "8", "Vpc", "it is at least 16"),
        ("Size", "29", "Vpc", "it is at most 28"),
        ("Size", "small", "Vpc", "it is a number"),
    ] {
        let (_, left_out) = with(TEMPLATE, name, value).unwrap();
        let wanted = format!("net.yaml: {resource}: the parameter {name} cannot be {value}: {wanted}");
        assert!(left_out.len() == 1 && left_out[0].ends_with(&wanted), "{left_out:?}");
    }
}

#[test]
fn a_parameter_that_no_template_has_is_refused() {
    let told = with(TEMPLATE, "Stag", "dev").unwrap_err().to_string();
    assert_eq!(told, "no template of the files has the parameter Stag");
    let stored = "Resources: {Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: '{{resolve:ssm:/net/block}}'}}}";
    assert_eq!(with(stored, "/net/block", "10.20.0.0/16").unwrap(), (1, Vec::new()));
}
