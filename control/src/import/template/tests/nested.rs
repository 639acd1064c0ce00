//! Templates that nest others.

use super::*;

#[test]
fn a_template_nests_another_by_its_name_and_takes_its_outputs() {
    let outer = parse_yaml(
        r#"
Parameters: {Bucket: {Type: String, Default: quick-start}}
Resources:
  Network:
    Type: AWS::CloudFormation::Stack
    Properties:
      TemplateURL: !Sub "https://${Bucket}.s3.amazonaws.com/templates/network.yaml?versionId=1"
      Parameters: {Block: 10.20.0.0/16, Zones: [us-east-1b, us-east-1c]}
  Back: {Type: AWS::EC2::Subnet, Properties: {VpcId: !GetAtt Network.Outputs.Vpc, CidrBlock: 10.20.1.0/24}}
  Lost: {Type: AWS::EC2::Subnet, Properties: {VpcId: !GetAtt Network.Outputs.None, CidrBlock: 10.20.2.0/24}}
"#,
    );
    let network = parse_yaml(
        r#"
Parameters: {Block: {Type: String}, Zones: {Type: CommaDelimitedList}}
Resources:
  Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: !Ref Block}}
  Front: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc, CidrBlock: 10.20.3.0/24, AvailabilityZone: !Select [1, !Ref Zones]}}
Outputs: {Vpc: {Value: !Ref Vpc}}
"#,
    );
    let (model, left_out) = imported_together([("network.yaml", network.unwrap()), ("outer.yaml", outer.unwrap())]);
    let wanted = "111122223333/us-east-1/outer.yaml: Lost: the attribute Outputs.None of Network is not known here";
    assert_eq!(left_out, [wanted]);
    let mut zones: Vec<&str> = model.subnets.iter().map(|subnet| subnet.zone.as_str()).collect();
    zones.sort_unstable();
    assert!(model.vpcs.len() == 1 && zones.len() == 2 && zones.contains(&"us-east-1c"), "{zones:?}");
}

#[test]
fn a_template_imports_what_a_nested_one_exports() {
    let [importer, outer, network] = [
        "Resources: {Back: {Type: AWS::EC2::Subnet, Properties: {VpcId: !ImportValue vpc, CidrBlock: 10.20.1.0/24}}}",
        "Resources: {Network: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: ./net.yaml}}}",
        "Resources: {Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.20.0.0/16}}}\n\
         Outputs: {Vpc: {Value: !Ref Vpc, Export: {Name: vpc}}}",
    ]
    .map(|text| parse_yaml(text).unwrap());
    let (model, left_out) = imported_together([("a.yaml", importer), ("b.yaml", outer), ("net.yaml", network)]);
    assert_eq!((model.subnets.len(), left_out), (1, Vec::new()));
}

#[test]
fn templates_that_nest_each_other_are_left_out() {
    let stack = |of: &str| json!({"Resources": {"Inner": {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": of}}}});
    let mut model = Model::new(1);
    let file = |name: &str, content| File { path: name.into(), content };
    let files = [file("a.yaml", stack("./b.yaml")), file("b.yaml", stack("./a.yaml")), file("c.yaml", stack("c.yaml"))];
    let told = import(&mut model, Export::of(&files).unwrap(), NOW).unwrap();
    let twice = |next: usize| {
        let inner = stack(&format!("{next}.yaml"))["Resources"]["Inner"].clone();
        json!({"Resources": {"A": inner, "B": inner}})
    };
    let chain: Vec<File> = (0..30).map(|number| file(&format!("{number}.yaml"), twice(number + 1))).collect();
    let many = import(&mut Model::new(1), Export::of(&chain).unwrap(), NOW).unwrap();
    assert!(many.left_out.iter().any(|line| line.contains("more than 100 stacks")), "{:?}", many.left_out);
    let circles = told.left_out.iter().filter(|line| line.contains("in a circle")).count();
    assert_eq!((circles, told.left_out.len()), (2, 3), "{:?}", told.left_out);
}

#[test]
fn a_template_that_an_outer_one_names_is_made_once() {
    let outer = |parameters: &str| {
        let text = format!(
            "Resources: {{Middle: {{Type: AWS::CloudFormation::Stack, Properties: {{TemplateURL: ./middle.yaml, \
             Parameters: {{{parameters}}}}}}}}}"
        );
        parse_yaml(&text).unwrap()
    };
    let middle = |parameter: &str, url: &str| {
        let text = format!(
            "{{Parameters: {{{parameter}: {{Type: String}}}}, Resources: {{Network: {{Type: AWS::CloudFormation::Stack, \
             Properties: {{TemplateURL: {url}}}}}}}}}"
        );
        parse_yaml(&text).unwrap()
    };
    let network =
        || parse_yaml("Resources: {Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.20.0.0/16}}}").unwrap();
    for (given, parameter, url) in [
        ("Url: https://example.com/network.yaml", "Url", "!Ref Url"),
        ("Place: https://example.com", "Place", "!Sub '${Place}/network.yaml'"),
        ("Place: https://example.com/", "Place", "!Sub '${Place}network.yaml'"),
        ("Place: https://example.com", "Place", "!Join [/, [!Ref Place, network.yaml]]"),
    ] {
        let files =
            [("middle.yaml", middle(parameter, url)), ("network.yaml", network()), ("outer.yaml", outer(given))];
        let (model, left_out) = imported_together(files);
        assert_eq!((model.vpcs.len(), left_out), (1, Vec::new()), "{url}");
    }
}

#[test]
fn a_nested_stack_is_made_without_the_parameters_that_are_unknown() {
    let outer = parse_yaml(
        r#"
Resources:
  Role: {Type: AWS::S3::Bucket}
  Network:
    Type: AWS::CloudFormation::Stack
    Properties: {TemplateURL: ./network.yaml, Parameters: {Bucket: !GetAtt Role.Arn, Block: 10.20.0.0/16}}
"#,
    );
    let network = parse_yaml(
        r#"
Parameters: {Block: {Type: String}, Bucket: {Type: String}}
Resources: {Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: !Ref Block}}}
"#,
    );
    let (model, left_out) = imported_together([("network.yaml", network.unwrap()), ("outer.yaml", outer.unwrap())]);
    let told = [
        "111122223333/us-east-1/outer.yaml: Network: its property Parameters.Bucket: Role is left out",
        "111122223333/us-east-1/outer.yaml: Role: AWS::S3::Bucket is not known here",
    ];
    assert_eq!(left_out, told);
    assert_eq!(model.vpcs.len(), 1);
}

#[test]
fn what_services_are_reached_at_is_passed_on() {
    let data = parse_yaml(
        r#"
Resources:
  Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.20.0.0/16}}
  One: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc, CidrBlock: 10.20.1.0/24, AvailabilityZone: us-east-1a}}
  Two: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc, CidrBlock: 10.20.2.0/24, AvailabilityZone: us-east-1b}}
  Group: {Type: AWS::RDS::DBSubnetGroup, Properties: {DBSubnetGroupDescription: d, SubnetIds: [!Ref One, !Ref Two]}}
  Shop: {Type: AWS::RDS::DBInstance, Properties: {DBInstanceIdentifier: shop, DBInstanceClass: db.m3.large, Engine: postgres,
    AllocatedStorage: 10, DBSubnetGroupName: !Ref Group, MasterUsername: root, MasterUserPassword: secret-1}}
  Web: {Type: AWS::EC2::Instance, Properties: {SubnetId: !Ref One,
    Tags: [{Key: Database, Value: !Sub "${Shop.Endpoint.Address}:${Shop.Endpoint.Port}"}]}}
"#,
    );
    let (model, left_out) = imported_together([("data.yaml", data.unwrap())]);
    assert_eq!(left_out, Vec::<String>::new());
    let web = model.instances.iter().next().unwrap();
    let database = &web.tags["Database"];
    assert!(database.starts_with("shop.") && database.ends_with(".rds.amazonaws.com:5432"), "{database}");
}
