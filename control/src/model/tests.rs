//! Changes, undoing them, and storing them.

use super::*;
use ipnet::Ipv4Net;

fn caller() -> Caller {
    Caller { scope: Scope { account: "111122223333".into(), region: "us-east-1".into() }, now: Time(0) }
}

fn launch(subnet: Option<&str>) -> Launch {
    let subnet = subnet.map(str::to_owned);
    Launch {
        image: "ami-1a2b3c4d".into(),
        instance_type: "m1.small".into(),
        least: 1,
        most: 1,
        subnet,
        ..Launch::default()
    }
}

/// A cloud with a linked instance in it.
fn linked() -> (Model, String, String) {
    let mut model = Model::new(7);
    let cidr = Ipv4Net::new_assert([192, 168, 0, 0].into(), 16);
    let vpc = model.create_vpc(&caller(), cidr, Tenancy::Default, Tags::new()).unwrap();
    let group = model.create_group(&caller(), Some(&vpc), "link", "x", Tags::new()).unwrap();
    model.run_instances(&caller(), launch(None)).unwrap();
    let id = model.instances.iter().next().unwrap().id.clone();
    model.hosts_arrive();
    model.enable_classic_link(&caller(), &vpc).unwrap();
    model.attach_classic_link(&caller(), &id, &vpc, &[group]).unwrap();
    (model, vpc, id)
}

#[test]
fn changes_name_every_touched_row_once_and_what_it_was() {
    let (mut model, vpc, id) = linked();
    let changes = model.take_changes();
    assert_eq!(changes.vpcs[&vpc], None);
    assert!(changes.rows().any(|(kind, row)| kind == Kind::Instance && row == id));
    assert!(model.take_changes().is_empty());
    model.detach_classic_link(&caller(), &id, &vpc).unwrap();
    let changes = model.take_changes();
    assert_eq!(changes.rows().collect::<Vec<_>>(), [(Kind::Instance, id.as_str())]);
    assert!(changes.instances[&id].as_ref().unwrap().link().is_some());
    assert!(model.instances.get(&id).unwrap().link().is_none());
}

#[test]
fn what_is_undone_never_was() {
    let (mut model, vpc, id) = linked();
    model.take_changes();
    let before = format!("{model:?}");
    model.detach_classic_link(&caller(), &id, &vpc).unwrap();
    model.disable_classic_link(&caller(), &vpc).unwrap();
    model.terminate_instances(&caller(), &[id]).unwrap();
    model.run_instances(&caller(), launch(None)).unwrap();
    assert_ne!(before, format!("{model:?}"));
    model.undo();
    assert_eq!(before, format!("{model:?}"));
}

#[test]
fn a_cloud_comes_back_from_its_rows() {
    let (mut model, ..) = linked();
    let mut copy = Model::new(8);
    for (kind, id) in model.take_changes().rows() {
        copy.load(kind, &model.row(kind, id).unwrap().unwrap()).unwrap();
    }
    assert_eq!(format!("{model:?}"), format!("{copy:?}"));
}

#[test]
fn numbers_are_never_given_twice() {
    let (mut model, vpc, id) = linked();
    let link = |model: &Model| model.instances.get(&id).unwrap().link().unwrap().clone();
    let first = link(&model);
    model.detach_classic_link(&caller(), &id, &vpc).unwrap();
    model.attach_classic_link(&caller(), &id, &vpc, &first.groups).unwrap();
    assert!(link(&model).attachment > first.attachment);
}

#[test]
fn hosts_and_instances_share_names_and_public_addresses() {
    let (mut model, _, id) = linked();
    let public = model.instances.get(&id).unwrap().classic().unwrap().public.clone().unwrap().address;
    let add = |model: &mut Model, name: &str, address| model.add_host(name, HostPlace::Internet, address);
    assert_eq!(add(&mut model, "client", public).unwrap_err().code(), "InvalidIPAddress.InUse");
    assert!(add(&mut model, &id, [8, 8, 8, 8].into()).is_err());
    assert!(add(&mut model, "../etc", [8, 8, 8, 8].into()).is_err());
    add(&mut model, "client", [8, 8, 8, 8].into()).unwrap();
    assert!(add(&mut model, "client", [8, 8, 4, 4].into()).is_err());
    model.remove_host("client").unwrap();
    assert!(model.remove_host("client").is_err());
}
