//! The forms in which people keep replies: slurped, by account and Region, beside lists that are not imported.

use super::*;

fn vpc(id: &str, block: &str) -> serde_json::Value {
    json!({"VpcId": id, "CidrBlock": block})
}

#[test]
fn lists_beside_known_ones_are_said_to_be_left_out() {
    let document =
        json!({"Vpcs": [vpc("vpc-1a2b3c4d", "10.0.0.0/16")], "Wombats": [{"WombatId": "w-1"}], "Numbats": []});
    let (_, told) = imported(&[("all.json", document)]);
    assert_eq!(told.left_out, ["Numbats are not imported", "Wombats are not imported"]);
    let slurped = json!([{"Vpcs": [vpc("vpc-1a2b3c4d", "10.0.0.0/16")]}, [{"Wombats": []}], {"Subnets": []}]);
    let (_, told) = imported(&[("slurped.json", slurped)]);
    assert_eq!(told.left_out, ["slurped.json: Wombats are not imported"]);
}

#[test]
fn a_file_may_hold_several_accounts_and_regions_by_name() {
    let document = json!({
        "us-east-1": {"Vpcs": [vpc("vpc-1a2b3c4d", "10.0.0.0/16")]},
        "222233334444": {"eu-west-1": [{"Vpcs": [vpc("vpc-2a2b3c4d", "10.1.0.0/16")]}]},
    });
    let (model, told) = imported(&[("111122223333/all.json", document)]);
    assert_eq!(told.left_out, Vec::<String>::new());
    let scope = |id: &str| model.vpcs.get(id).map(|vpc| (vpc.scope.account.as_str(), vpc.scope.region.as_str()));
    assert_eq!(scope("vpc-1a2b3c4d"), Some(("111122223333", "us-east-1")));
    assert_eq!(scope("vpc-2a2b3c4d"), Some(("222233334444", "eu-west-1")));
}

#[test]
fn what_holds_no_network_has_a_reason() {
    for (document, wanted) in [
        (json!({"VolumeStatuses": []}), "VolumeStatuses are not imported"),
        (json!([vpc("vpc-1a2b3c4d", "10.0.0.0/16")]), "it is about one resource"),
        (json!({"InstanceId": "i-1a2b3c4d", "InstanceType": {"Value": "t1.micro"}}), "it is about one resource"),
        (json!(["vpc-1a2b3c4d"]), "it does not name the list of its resources"),
        (json!([]), "it does not name the list of its resources"),
        (json!("VPCS\t10.0.0.0/16"), "it is plain text; `--output json`"),
    ] {
        let export = Export::of(&files(&[("x.json", document.clone())])).unwrap();
        let told = import(&mut Model::new(1), export, NOW).unwrap_err().to_string();
        assert!(told.contains(wanted), "{document}: {told}");
    }
}

#[test]
fn resources_of_other_services_are_not_taken_for_those_with_the_same_name() {
    let profile =
        json!({"InstanceProfileName": "migration", "InstanceProfileArn": "arn:aws:dms:us-east-1:111122223333:x"});
    let document = json!({"Snapshots": [{"SnapshotName": "nightly"}], "InstanceProfiles": [profile]});
    let (model, told) = imported(&[("all.json", document)]);
    let wanted = [
        "a snapshot without an id, which `--query` or another service may have made",
        "one of InstanceProfiles: it is no instance profile of IAM: it has no InstanceProfileId",
    ];
    assert_eq!(told.left_out, wanted);
    assert!(model.instance_profiles.is_empty() && told.counts.is_empty());
}

#[test]
fn the_zones_of_a_replication_groups_members_say_its_region() {
    let member = json!({"CacheClusterId": "c-1", "PreferredAvailabilityZone": "us-west-2a"});
    let group = json!({"ReplicationGroupId": "c", "NodeGroups": [{"NodeGroupMembers": [member]}]});
    let export = Export::of(&files(&[("groups.json", json!({"ReplicationGroups": [group]}))])).unwrap();
    assert_eq!(export.scopes().first().map(|scope| scope.region.clone()), Some("us-west-2".to_owned()));
}
