//! Changes, undoing them, and storing them.

use super::*;
use ipnet::Ipv4Net;
use std::net::Ipv4Addr;

fn caller() -> Caller {
    Caller::of_account(Scope { account: "111122223333".into(), region: "us-east-1".into() }, Time(0))
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
    model.finish_hosts();
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
    assert!(add(&mut model, "Client", [8, 8, 4, 4].into()).is_err(), "names are asked for in whatever case");
    model.remove_host("client").unwrap();
    assert!(model.remove_host("client").is_err());
}

#[test]
fn a_host_has_a_name_that_means_nothing_else() {
    let (mut model, ..) = linked();
    let named = Launch { tags: Tags::from([("Name".into(), "web".into())]), ..launch(None) };
    model.run_instances(&caller(), named).unwrap();
    let id = model.instances.iter().find(|instance| !instance.tags.is_empty()).unwrap().id.clone();
    let add = |model: &mut Model, name: &str| model.add_host(name, HostPlace::Internet, [8, 8, 8, 8].into());
    let why = add(&mut model, "web").unwrap_err().to_string();
    assert!(why.contains(&id), "{why}");
    model.finish_hosts();
    model.stop_instances(&caller(), std::slice::from_ref(&id)).unwrap();
    assert!(add(&mut model, "web").is_err(), "it may start again");
    for name in [id.as_str(), "i-0123456789abcdef0", "eni-0123456789abcdef0", "203.0.113.9"] {
        assert!(add(&mut model, name).is_err(), "{name}");
    }
    model.terminate_instances(&caller(), &[id]).unwrap();
    add(&mut model, "web").unwrap();
}

#[test]
fn an_internet_host_has_an_address_of_the_internet() {
    let mut model = Model::new(7);
    for address in [
        [0, 0, 0, 0],
        [0, 1, 2, 3],
        [10, 1, 2, 3],
        [100, 64, 0, 1],
        [127, 0, 0, 1],
        [169, 254, 169, 254],
        [172, 31, 255, 255],
        [192, 0, 0, 8],
        [192, 0, 2, 1],
        [192, 168, 1, 1],
        [198, 19, 1, 1],
        [224, 0, 0, 1],
        [255, 255, 255, 255],
    ] {
        let refused = model.add_host("a", HostPlace::Internet, address.into()).unwrap_err();
        assert!(matches!(refused, Error::NotOnInternet { .. }), "{address:?}: {refused}");
        let tags = Tags::from([(PUBLIC_IP_TAG.into(), Ipv4Addr::from(address).to_string())]);
        let usable = model.run_instances(&caller(), Launch { tags, ..launch(None) }).is_ok();
        assert_eq!(usable, PUBLIC_POOL.contains(&Ipv4Addr::from(address)), "{address:?}");
    }
    for (name, address) in
        [("a", [8, 8, 8, 8]), ("b", [203, 0, 113, 9]), ("c", [100, 128, 0, 1]), ("d", [172, 32, 0, 1])]
    {
        model.add_host(name, HostPlace::Internet, address.into()).unwrap();
    }
}

#[test]
fn a_host_of_a_site_is_in_the_blocks_of_the_site() {
    let (mut model, vpc, _) = linked();
    let gateway =
        model.create_customer_gateway(&caller(), ([203, 0, 113, 77].into(), 65000), (None, None), Tags::new()).unwrap();
    let add = |model: &mut Model, name: &str, address: [u8; 4]| {
        model.add_host(name, HostPlace::Site(gateway.clone()), address.into())
    };
    // Nobody has said yet what is there.
    add(&mut model, "early", [192, 0, 2, 9]).unwrap();
    assert!(matches!(add(&mut model, "a", [224, 0, 0, 1]), Err(Error::NotUnicast { .. })));
    let near = model.create_vpn_gateway(&caller(), 64512, None, Tags::new()).unwrap();
    model.attach_vpn_gateway(&caller(), &near, &vpc).unwrap();
    let end = VpnEnd::VpnGateway(near);
    let vpn =
        model.create_vpn_connection(&caller(), end, &gateway, (true, VpnOptions::default()), Tags::new()).unwrap();
    let block = |third| Ipv4Net::new_assert([172, 20, third, 0].into(), 24);
    model.create_vpn_route(&caller(), &vpn, block(1)).unwrap();
    model.create_vpn_route(&caller(), &vpn, block(2)).unwrap();
    let refused = add(&mut model, "a", [172, 20, 3, 1]).unwrap_err().to_string();
    assert!(refused.contains("172.20.1.0/24, 172.20.2.0/24"), "{refused}");
    add(&mut model, "a", [172, 20, 2, 1]).unwrap();
    assert!(matches!(add(&mut model, "b", [172, 20, 2, 1]), Err(Error::AddressInUse { .. })));
}

#[test]
fn addresses_that_tags_ask_for_are_those_of_the_launch_only() {
    let (mut model, ..) = linked();
    let wishes = [(PRIVATE_IP_TAG, "10.251.50.12"), (PUBLIC_IP_TAG, "203.0.113.25")];
    let tags = Tags::from(wishes.map(|(tag, address)| (tag.into(), address.into())));
    let run = |model: &mut Model| {
        let before: Vec<_> = model.instances.iter().map(|instance| instance.id.clone()).collect();
        model.run_instances(&caller(), Launch { tags: tags.clone(), ..launch(None) }).unwrap();
        model.finish_hosts();
        model.instances.iter().find(|instance| !before.contains(&instance.id)).unwrap().id.clone()
    };
    let addresses = |model: &Model, id: &str| {
        let place = model.instances.get(id).unwrap().classic().unwrap().clone();
        [place.private.unwrap().to_string(), place.public.unwrap().address.to_string()]
    };
    let first = run(&mut model);
    assert_eq!(addresses(&model, &first), wishes.map(|(_, address)| address));
    model.stop_instances(&caller(), std::slice::from_ref(&first)).unwrap();
    model.finish_hosts();
    let second = run(&mut model);
    assert_eq!(addresses(&model, &second), wishes.map(|(_, address)| address));
    model.start_instances(&caller(), std::slice::from_ref(&first)).unwrap();
    model.finish_hosts();
    for new in addresses(&model, &first) {
        assert!(wishes.iter().all(|(_, asked)| new != *asked), "{new}");
    }
    // Nor are they given back when an Elastic IP address goes.
    let elastic = model.allocate_address(&caller(), Some(Domain::Standard), None, None, Tags::new()).unwrap();
    let elastic: Ipv4Addr = elastic.parse().unwrap();
    let target = AddressTarget::Instance(second.clone());
    model.associate_address(&caller(), &AddressName::Public(elastic), &target, None, None).unwrap();
    model.disassociate_public(&caller(), elastic).unwrap();
    assert_ne!(addresses(&model, &second)[1], "203.0.113.25");
}

#[test]
fn what_classic_link_refuses_names_it() {
    let (mut model, ..) = linked();
    let block = |a, b, length| Ipv4Net::new_assert([a, b, 0, 0].into(), length);
    let vpc = model.create_vpc(&caller(), block(10, 0, 16), Tenancy::Default, Tags::new()).unwrap();
    let other = model.create_vpc(&caller(), block(10, 90, 16), Tenancy::Default, Tags::new()).unwrap();
    model.enable_classic_link(&caller(), &vpc).unwrap();
    let group = model.create_group(&caller(), Some(&vpc), "link", "x", Tags::new()).unwrap();
    let gateway = model.create_internet_gateway(&caller(), Tags::new()).unwrap();
    model.attach_internet_gateway(&caller(), &gateway, &vpc).unwrap();
    model.run_instances(&caller(), launch(None)).unwrap();
    model.finish_hosts();
    let unlinked = model.instances.iter().find(|instance| instance.link().is_none()).unwrap().id.clone();
    model.attach_classic_link(&caller(), &unlinked, &vpc, std::slice::from_ref(&group)).unwrap();
    let table = model.route_tables.iter().find(|table| table.vpc == vpc).unwrap().id.clone();
    let to = || TargetSpec::Target(Target::InternetGateway(gateway.clone()));
    let (inside, exact) = (Destination::V4(block(10, 4, 16)), Destination::V4(block(10, 0, 8)));
    let refusals = [
        model.associate_vpc_cidr(&caller(), &vpc, block(10, 4, 16)).map(drop),
        model.create_route(&caller(), &table, inside.clone(), to()),
        model.replace_route(&caller(), &table, inside, to()),
        model.create_route(&caller(), &table, exact.clone(), to()),
        model.replace_route(&caller(), &table, exact.clone(), to()),
        model.delete_route(&caller(), &table, exact),
        model.enable_classic_link(&caller(), &other),
        model.disable_classic_link(&caller(), &vpc),
        model.delete_group(&caller(), &group),
        model.delete_vpc(&caller(), &vpc),
    ];
    for (index, refused) in refusals.into_iter().enumerate() {
        let refused = refused.unwrap_err().to_string();
        assert!(refused.contains("ClassicLink"), "{index}: {refused}");
    }
}
