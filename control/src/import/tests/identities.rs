//! Users, groups, roles and policies of IAM.

use super::services::exported_alike;
use super::*;
use model::iam::Class;

/// As `aws iam` prints an account with one of each.
fn with_identities() -> Vec<(&'static str, serde_json::Value)> {
    let allow = |action: &str| json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": "*"}]});
    let trust = json!({"Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]});
    let (created, own) = ("2014-07-30T17:09:20Z", "arn:aws:iam::123456789012:policy/own");
    let role = json!({"RoleName": "web", "Path": "/shop/", "RoleId": "AROA1234567890EXAMPLE", "CreateDate": created,
        "Arn": "arn:aws:iam::123456789012:role/shop/web", "AssumeRolePolicyDocument": trust});
    let profile = json!({"InstanceProfileName": "web", "InstanceProfileId": "AIPA1234567890EXAMPLE", "Path": "/",
        "CreateDate": created, "Arn": "arn:aws:iam::123456789012:instance-profile/web", "Roles": [role]});
    let mut detail = role.clone();
    detail["InstanceProfileList"] = json!([profile]);
    detail["RolePolicyList"] = json!([{"PolicyName": "in", "PolicyDocument": allow("ec2:Describe*")}]);
    detail["AttachedManagedPolicies"] =
        json!([{"PolicyName": "ReadOnlyAccess", "PolicyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}]);
    let mut listed = role.clone();
    (listed["Description"], listed["MaxSessionDuration"]) = (json!("of the shop"), json!(7200));
    let version = |id: &str, action: &str| json!({"VersionId": id, "Document": allow(action), "CreateDate": created});
    let mut files = account();
    files.extend([
        (
            "123456789012/details.json",
            json!({
                "UserDetailList": [{"UserName": "alice", "Path": "/", "UserId": "AIDA1234567890EXAMPLE", "CreateDate": created,
                    "Arn": "arn:aws:iam::123456789012:user/alice", "GroupList": ["ops", "lost"], "UserPolicyList": [],
                    "AttachedManagedPolicies": [], "Tags": [{"Key": "team", "Value": "shop"}],
                    "PermissionsBoundary": {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": own}}],
                "GroupDetailList": [{"GroupName": "ops", "Path": "/", "GroupId": "AGPA1234567890EXAMPLE", "CreateDate": created,
                    "Arn": "arn:aws:iam::123456789012:group/ops", "GroupPolicyList": [],
                    "AttachedManagedPolicies": [{"PolicyName": "own", "PolicyArn": own}]}],
                "RoleDetailList": [detail],
                "Policies": [{"PolicyName": "own", "PolicyId": "ANPA1234567890EXAMPLE", "Arn": own, "Path": "/",
                    "DefaultVersionId": "v3", "CreateDate": created, "UpdateDate": "2015-01-01T00:00:00Z",
                    "PolicyVersionList": [version("v1", "s3:*"), version("v3", "ec2:*")]}],
            }),
        ),
        ("123456789012/roles.json", json!({"Roles": [listed]})),
    ]);
    files
}

#[test]
fn identities_keep_their_ids_policies_and_places() {
    let (model, told) = imported(&with_identities());
    let lost = "arn:aws:iam::123456789012:user/alice: its group lost is not in the files";
    assert_eq!(told.left_out, [lost]);
    let identity = |class, name: &str| model.identity("123456789012", class, name).unwrap();
    let (alice, role) = (identity(Class::User, "alice"), identity(Class::Role, "web"));
    assert_eq!(alice.groups().collect::<Vec<_>>(), ["ops"]);
    assert_eq!((alice.named.unique_id.as_str(), &*alice.named.tags["team"]), ("AIDA1234567890EXAMPLE", "shop"));
    assert!(alice.boundary.is_some() && role.inline["in"].text().contains("ec2:Describe*"));
    let only = role.role().unwrap();
    assert_eq!((only.description.as_deref(), only.longest.as_secs()), (Some("of the shop"), 7200));
    assert_eq!(model.instance_profile("123456789012", "web").unwrap().role.as_deref(), Some("web"));
    let policy = model.managed_policies.iter().next().unwrap();
    assert_eq!((policy.default, policy.last, policy.versions.len()), (3, 3, 2));
    exported_alike(&model);
}

#[test]
fn identities_do_not_make_a_region_of_their_own() {
    let (model, _) = imported(&with_identities());
    let visits: Vec<&str> = model.visits.iter().map(|visit| visit.id.as_str()).collect();
    assert_eq!(visits, ["123456789012/eu-west-1"]);
}

#[test]
fn identities_belong_to_the_account_in_their_arns() {
    let (_, details) = with_identities().swap_remove(4);
    let (model, _) = imported(&[("iam.json", details)]);
    assert!(model.identity("123456789012", Class::User, "alice").is_ok());
}

#[test]
fn a_role_without_its_policies_is_told_of() {
    let (model, told) = imported(&with_identities()[5..]);
    assert_eq!(model.identities.len(), 1);
    assert!(told.left_out[0].contains("role/shop/web: its policies are not in the files"), "{:?}", told.left_out);
    let last = json!({"PolicyName": "last", "Arn": "arn:aws:iam::123456789012:policy/last", "DefaultVersionId": "v4294967295",
        "PolicyVersionList": [{"VersionId": "v4294967295", "Document": {}}]});
    let odd = json!({"Policies": [{"PolicyName": "odd", "Arn": "arn:aws:iam::123456789012:policy/odd"}, {}, last]});
    let (model, told) = imported(&[("x.json", odd)]);
    assert_eq!((model.managed_policies.len(), told.left_out.len()), (0, 3), "{:?}", told.left_out);
    assert!(told.left_out.iter().any(|why| why.contains("policy/last: one of its versions has no id")));
}
