//! Users, groups, roles and policies of IAM.

use super::*;
use model::iam::Class;

#[test]
fn a_role_of_an_instance_is_made_without_what_is_not_known() {
    let template = parse_yaml(
        r#"
Resources:
  Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.20.0.0/16}}
  Back: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc, CidrBlock: 10.20.1.0/24}}
  Bucket: {Type: AWS::S3::Bucket}
  Role:
    Type: AWS::IAM::Role
    Properties:
      Path: /shop/
      AssumeRolePolicyDocument:
        Version: 2012-10-17
        Statement: [{Effect: Allow, Principal: {Service: [ec2.amazonaws.com]}, Action: ['sts:AssumeRole']}]
      ManagedPolicyArns: ['arn:aws:iam::aws:policy/ReadOnlyAccess']
      Policies:
        - PolicyName: own
          PolicyDocument:
            Version: 2012-10-17
            Statement:
              - {Effect: Allow, Action: 's3:*', Resource: !GetAtt Bucket.Arn}
              - {Effect: Allow, Action: 'ec2:DescribeVpcs', Resource: '*'}
        - PolicyName: lost
          PolicyDocument: {Version: 2012-10-17, Statement: {Effect: Allow, Action: 's3:*', Resource: !GetAtt Bucket.Arn}}
  Profile: {Type: AWS::IAM::InstanceProfile, Properties: {Roles: [!Ref Role]}}
  Web: {Type: AWS::EC2::Instance, Properties: {SubnetId: !Ref Back, IamInstanceProfile: !Ref Profile}}
"#,
    );
    let (model, left_out) = imported(template.unwrap());
    let web = model.instances.iter().next().unwrap();
    let profile = model.profile_of_arn(&web.options.profile.as_ref().unwrap().arn).unwrap();
    let role = model.identity("111122223333", Class::Role, profile.role.as_deref().unwrap()).unwrap();
    assert_eq!((role.named.path.as_str(), role.attached.len(), role.inline.len()), ("/shop/", 1, 1));
    let own = role.inline["own"].text();
    assert!(own.contains("ec2:DescribeVpcs") && !own.contains("s3:*"), "{own}");
    for told in [
        "Bucket: AWS::S3::Bucket is not known here",
        "Role: its property Policies.0.PolicyDocument.Statement.0.Resource: Bucket is left out",
        "Role: its property Policies.1.PolicyDocument.Statement.Resource: Bucket is left out",
    ] {
        assert!(left_out.iter().any(|line| line.ends_with(told)), "{told}: {left_out:?}");
    }
    assert_eq!(left_out.len(), 3, "{left_out:?}");
}

#[test]
fn policies_that_are_resources_belong_to_the_identities_that_they_list() {
    let template = parse_yaml(
        r#"
Resources:
  Alice: {Type: AWS::IAM::User, Properties: {UserName: alice, Groups: [!Ref Ops], Tags: [{Key: team, Value: ops}]}}
  Bob: {Type: AWS::IAM::User}
  Ops: {Type: AWS::IAM::Group, Properties: {GroupName: ops, ManagedPolicyArns: [!Ref Managed]}}
  Also: {Type: AWS::IAM::UserToGroupAddition, Properties: {GroupName: !Ref Ops, Users: [!Ref Bob]}}
  Managed:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      ManagedPolicyName: managed
      PolicyDocument: {Version: 2012-10-17, Statement: [{Effect: Allow, Action: 'ec2:*', Resource: '*'}]}
      Users: [!Ref Bob]
  Inline:
    Type: AWS::IAM::Policy
    Properties:
      PolicyName: inline
      PolicyDocument: {Version: 2012-10-17, Statement: [{Effect: Deny, Action: 'ec2:*', Resource: !GetAtt Alice.Arn}]}
      Users: [!Ref Alice]
      Groups: [!Ref Ops]
"#,
    );
    let (model, left_out) = imported(template.unwrap());
    assert_eq!(left_out, Vec::<String>::new());
    let identity = |class, name: &str| model.identity("111122223333", class, name).unwrap();
    let (alice, ops) = (identity(Class::User, "alice"), identity(Class::Group, "ops"));
    assert_eq!(model.users_in("111122223333", "ops").count(), 2);
    let wanted = "arn:aws:iam::111122223333:user/alice";
    assert!(alice.inline["inline"].text().contains(wanted) && ops.inline["inline"].text().contains(wanted));
    assert_eq!(ops.attached.iter().collect::<Vec<_>>(), ["arn:aws:iam::111122223333:policy/managed"]);
}
