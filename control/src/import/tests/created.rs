//! Resources that one call creates from their description.

use super::*;
use crate::import::creations;

#[test]
fn a_hostile_item_of_each_list_gets_a_sentence_and_harms_nothing() {
    // A group's item concerns no call unless it is a member or a source.
    for creation in creations::all().filter(|creation| creation.list != "MulticastGroups") {
        for item in [json!(7), json!(null), json!({}), json!({"Tags": 3, "State": [1], "AssociationTarget": 3})] {
            let hostile = json!({creation.list: [item.clone()]});
            let (_, told) = imported(&[account(), vec![("x/hostile.json", hostile)]].concat());
            let is_sentence = |why: &String| !why.contains('\n') && !why.starts_with(':');
            let left_out = &told.left_out;
            assert!(
                !left_out.is_empty() && left_out.iter().all(is_sentence),
                "{}: {item}: {left_out:?}",
                creation.list
            );
        }
    }
}

#[test]
fn what_two_files_describe_is_created_once() {
    let server = json!({"RouteServers": [{"RouteServerId": "rs-1a2b3c4d", "AmazonSideAsn": 65000, "State": "available",
        "PersistRoutesState": "disabled", "Tags": [{"Key": "aws:cloudformation:stack-name", "Value": "net"}]}]});
    let association = json!({"RouteServerAssociations": [{"RouteServerId": "rs-1a2b3c4d", "VpcId": "vpc-1a2b3c4d",
        "State": "associated"}]});
    let mut files = account();
    files.extend([("x/a.json", server.clone()), ("x/b.json", association.clone())]);
    files.extend([("x/c.json", server), ("x/d.json", association)]);
    let (model, told) = imported(&files);
    assert_eq!(told.left_out, Vec::<String>::new());
    let server = model.route_servers.get("rs-1a2b3c4d").unwrap();
    assert_eq!(server.vpc.as_deref(), Some("vpc-1a2b3c4d"));
    assert_eq!(server.tags.len(), 1, "AWS's own tags are kept");
}

#[test]
fn what_is_revoked_or_disabled_is_not_created() {
    let permission = json!({"NetworkInterfacePermissionId": "eni-perm-1a2b3c4d", "NetworkInterfaceId": "eni-1a2b3c4d",
        "PermissionState": {"State": "revoked"}});
    let restore = json!({"SnapshotId": "snap-1a2b3c4d", "AvailabilityZone": "eu-west-1a", "State": "disabled"});
    let gone = json!({"NetworkInterfacePermissions": [permission], "FastSnapshotRestores": [restore]});
    let (_, told) = imported(&[account(), vec![("x/gone.json", gone)]].concat());
    for why in ["it is revoked", "it is disabled"] {
        assert!(told.left_out.iter().any(|line| line.ends_with(why)), "{why}: {:?}", told.left_out);
    }
}
