//! The matrix, compared with the slow way: every pair of hosts one by one.

use super::*;
use crate::compile::tests::{BEGINNING, events, happen};
use crate::explain::answer;
use crate::import::{Export, File, import};
use model::{Caller, Launch, Scope, Tags, Tenancy, Time};
use proptest::prelude::*;
use serde_json::json;

/// Every cell, each computed on its own.
fn slowly(network: &Network<'_>, services: &[Service]) -> Vec<(usize, usize, Vec<Verdict>)> {
    let hosts = 0..network.hosts.len();
    let pairs = hosts.clone().flat_map(|from| hosts.clone().map(move |to| (from, to))).filter(|(from, to)| from != to);
    pairs.map(|(from, to)| (from, to, network.verdicts(from, to, services).collect())).collect()
}

/// Every cell of the matrix.
fn by_groups(matrix: &Matrix) -> Vec<(usize, usize, Vec<Verdict>)> {
    let mut all = Vec::new();
    for (i, from) in matrix.from.iter().enumerate() {
        for (j, to) in matrix.to.iter().enumerate() {
            let pairs = from.iter().flat_map(|from| to.iter().map(move |to| (*from, *to)));
            let cell = matrix.between(i, j);
            all.extend(pairs.filter(|(from, to)| from != to).map(|(from, to)| (from, to, cell.clone().unwrap())));
        }
    }
    all.sort_by_key(|(from, to, _)| (*from, *to));
    all
}

/// Carries out events. Each builds on those before it.
fn go_on(model: &mut Model, events: &[(u8, u8, u8)]) {
    for event in events {
        happen(model, *event);
        model.take_changes();
    }
}

fn model(events: &[(u8, u8, u8)]) -> Model {
    let mut model = Model::new(1);
    go_on(&mut model, BEGINNING);
    go_on(&mut model, events);
    model
}

#[test]
fn a_rule_for_one_address_tells_it_from_its_like() {
    let mut model = Model::new(1);
    let scope = Scope { account: "111122223333".into(), region: "us-east-1".into() };
    let caller = Caller::of_account(scope, Time(0));
    let vpc = model.create_vpc(&caller, "192.168.0.0/16".parse().unwrap(), Tenancy::Default, Tags::new()).unwrap();
    let subnet = model.create_subnet(&caller, &vpc, "192.168.1.0/24".parse().unwrap(), None, Tags::new()).unwrap();
    let open = model.create_group(&caller, Some(&vpc), "open", "d", Tags::new()).unwrap();
    for last in 10..13 {
        let name = if last == 12 { "db" } else { "web" };
        let launch = Launch {
            tags: Tags::from([("Name".into(), name.into())]),
            instance_type: "m3.medium".into(),
            least: 1,
            most: 1,
            subnet: Some(subnet.clone()),
            private: Some([192, 168, 1, last].into()),
            groups: vec![open.clone()],
            ..Launch::default()
        };
        model.run_instances(&caller, launch).unwrap();
    }
    let default = |group: &&model::SecurityGroup| group.is_default() && group.vpc.is_some();
    let default = model.security_groups.iter().find(default).unwrap().id.clone();
    let form = format!(
        "Action=AuthorizeSecurityGroupIngress&GroupId={default}&IpPermissions.1.IpProtocol=tcp&IpPermissions.1.FromPort=80\
         &IpPermissions.1.ToPort=80&IpPermissions.1.IpRanges.1.CidrIp=192.168.1.11/32"
    );
    model.take_changes();
    let call = crate::api::Call { path: "/", form: &form, ..Default::default() };
    assert!(crate::api::Request::parse(&call, Time(0)).is_ok_and(|request| request.write(&mut model).is_ok()));
    let mut launch = Launch { instance_type: "m3.medium".into(), least: 1, most: 1, ..Launch::default() };
    (launch.subnet, launch.groups) = (Some(subnet), vec![default]);
    model.run_instances(&caller, launch).unwrap();
    let network = Network::of(&model).unwrap();
    let services = distinct_services([network.tables()]);
    let matrix = network.matrix(None, None, services.clone());
    assert_eq!(by_groups(&matrix), slowly(&network, &services));
    let meant = |words: &[&str]| {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        Ok::<_, ReachError>(network.meant(&words)?.map_or(0, |hosts| hosts.len()))
    };
    let expected: [(&[&str], usize); 11] = [
        (&["web"], 2),
        (&["db"], 1),
        (&["db", "web"], 3),
        (&[&*vpc], 4),
        (&["open"], 3),
        (&["tag:Name=web"], 2),
        (&["192.168.1.11"], 1),
        (&["192.168.1.12/32"], 1),
        (&["us-east-1"], 4),
        (&["111122223333"], 4),
        (&[], 0),
    ];
    for (words, hosts) in expected {
        assert_eq!(meant(words).unwrap(), hosts, "{words:?}");
    }
    for word in ["nobody", "", "internet", "classic", "10.0.0.0/8", "tag:Name", "tag:Name=", "192.168.1.0/33"] {
        assert!(matches!(meant(&["web", word]), Err(ReachError::Unknown(unknown)) if unknown == word), "{word}");
    }
    // The two that nothing distinguishes are in one group.
    let mut sizes: Vec<usize> = matrix.from.iter().map(Vec::len).collect();
    sizes.sort_unstable();
    assert_eq!(sizes, [1, 1, 2]);
}

/// Two VPCs with one block, both peered with a third, whose route leads to the first only.
fn peered_twice() -> Model {
    let id = |kind: &str, number: u8| format!("{kind}-1111111{number}");
    let vpcs = [(1, "10.0"), (2, "10.0"), (3, "10.3")];
    let block = |vpc: u8| format!("{}.0.0/16", vpcs[usize::from(vpc) - 1].1);
    let route = |vpc: u8, to: u8, peering: u8| {
        let route =
            json!({"DestinationCidrBlock": block(to), "VpcPeeringConnectionId": id("pcx", peering), "State": "active"});
        json!({"RouteTableId": id("rtb", vpc), "VpcId": id("vpc", vpc), "Routes": [route],
            "Associations": [{"Main": true, "RouteTableAssociationId": id("rtbassoc", vpc)}]})
    };
    let peering = |number: u8| {
        let end = |vpc: u8| json!({"VpcId": id("vpc", vpc), "OwnerId": "111122223333", "CidrBlock": block(vpc)});
        json!({"VpcPeeringConnectionId": id("pcx", number), "Status": {"Code": "active"}, "RequesterVpcInfo": end(number),
            "AccepterVpcInfo": end(3)})
    };
    let everything = json!([{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]);
    let group = |vpc: u8| {
        json!({"GroupId": id("sg", vpc), "GroupName": "open", "Description": "d", "VpcId": id("vpc", vpc),
            "IpPermissions": everything, "IpPermissionsEgress": everything})
    };
    let instance = |(vpc, net): &(u8, &str)| {
        let interface = json!({"NetworkInterfaceId": id("eni", *vpc), "SubnetId": id("subnet", *vpc), "VpcId": id("vpc", *vpc),
            "PrivateIpAddress": format!("{net}.1.5"), "Groups": [{"GroupId": id("sg", *vpc)}], "Attachment": {"DeviceIndex": 0}});
        json!({"Instances": [{"InstanceId": id("i", *vpc), "State": {"Name": "running"}, "InstanceType": "m5.large",
            "VpcId": id("vpc", *vpc), "SubnetId": id("subnet", *vpc), "NetworkInterfaces": [interface]}]})
    };
    let vpc = |(vpc, net): &(u8, &str)| json!({"VpcId": id("vpc", *vpc), "CidrBlock": format!("{net}.0.0/16")});
    let subnet = |(vpc, net): &(u8, &str)| {
        json!({"SubnetId": id("subnet", *vpc), "VpcId": id("vpc", *vpc), "CidrBlock": format!("{net}.1.0/24"),
            "AvailabilityZone": "us-east-1a"})
    };
    let content = json!({
        "Vpcs": vpcs.iter().map(vpc).collect::<Vec<_>>(), "Subnets": vpcs.iter().map(subnet).collect::<Vec<_>>(),
        "SecurityGroups": [group(1), group(2), group(3)], "VpcPeeringConnections": [peering(1), peering(2)],
        "RouteTables": [route(1, 3, 1), route(2, 3, 2), route(3, 1, 1)],
        "Reservations": vpcs.iter().map(instance).collect::<Vec<_>>(),
    });
    imported(content)
}

/// A network in a file, with hosts for its instances.
fn imported(content: serde_json::Value) -> Model {
    let mut model = Model::new(1);
    let file = File { path: "111122223333/us-east-1/all.json".into(), content };
    let imported = import(&mut model, Export::of(&[file]).unwrap(), Time(0)).unwrap();
    assert_eq!(imported.left_out, Vec::<String>::new());
    model.give_hosts(|_| true);
    model
}

#[test]
fn a_host_is_reached_by_any_of_its_interfaces() {
    let interface = |number: u8, group: &str, index: u8| {
        json!({"NetworkInterfaceId": format!("eni-1111111{number}"), "SubnetId": "subnet-11111111", "VpcId": "vpc-11111111",
            "PrivateIpAddress": format!("10.0.1.{number}5"), "Groups": [{"GroupId": group}], "Attachment": {"DeviceIndex": index}})
    };
    let instance = |number: u8, interfaces: serde_json::Value| {
        json!({"Instances": [{"InstanceId": format!("i-1111111{number}"), "State": {"Name": "running"}, "InstanceType": "m5.large",
            "VpcId": "vpc-11111111", "SubnetId": "subnet-11111111", "NetworkInterfaces": interfaces}]})
    };
    let everything = json!([{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]);
    let group = |id: &str, name: &str, ingress: serde_json::Value| {
        json!({"GroupId": id, "GroupName": name, "Description": "d", "VpcId": "vpc-11111111", "IpPermissions": ingress,
            "IpPermissionsEgress": everything})
    };
    let local = json!({"DestinationCidrBlock": "10.0.0.0/16", "GatewayId": "local", "Origin": "CreateRouteTable"});
    let model = imported(json!({
        "Vpcs": [{"VpcId": "vpc-11111111", "CidrBlock": "10.0.0.0/16"}],
        "Subnets": [{"SubnetId": "subnet-11111111", "VpcId": "vpc-11111111", "CidrBlock": "10.0.1.0/24",
            "AvailabilityZone": "us-east-1a"}],
        "RouteTables": [{"RouteTableId": "rtb-11111111", "VpcId": "vpc-11111111", "Routes": [local],
            "Associations": [{"Main": true, "RouteTableAssociationId": "rtbassoc-11111111"}]}],
        "SecurityGroups": [group("sg-11111111", "closed", json!([])), group("sg-22222222", "open", everything.clone())],
        "Reservations": [instance(1, json!([interface(1, "sg-11111111", 0)])),
            instance(2, json!([interface(2, "sg-11111111", 0), interface(3, "sg-22222222", 1)]))],
    }));
    let network = Network::of(&model).unwrap();
    let matrix = network.matrix(None, None, vec![Service::Tcp(22, 22)]);
    let words: Vec<&str> = by_groups(&matrix).iter().map(|(.., verdicts)| verdicts[0].word()).collect();
    assert_eq!(words, ["open", "ingress-filter"], "from the first to the second, and back");
    assert_eq!(network.meant(&["10.0.1.35".to_owned()]).unwrap(), Some(BTreeSet::from(["i-11111112".to_owned()])));
}

#[test]
fn a_reply_to_another_host_with_the_senders_address_is_none() {
    let model = peered_twice();
    let network = Network::of(&model).unwrap();
    let matrix = network.matrix(None, None, vec![Service::Tcp(22, 22)]);
    let cells: BTreeSet<(usize, usize, String)> =
        by_groups(&matrix).into_iter().map(|(from, to, verdicts)| (from, to, verdicts[0].word().to_owned())).collect();
    assert!(cells.contains(&(0, 2, "open".to_owned())), "{cells:?}");
    assert!(cells.contains(&(1, 2, "elsewhere".to_owned())), "{cells:?}");

    let to = Ipv4Addr::new(10, 3, 1, 5);
    let (port, source) = network.names.leaves_by("i-11111112", to, None).unwrap();
    let packet = first_packet(source, to, crate::explain::Traffic::Tcp(22));
    let why = answer(&network.names, port, packet, &network.explain(port, packet));
    assert!(!why.works && why.summary.ends_with("the reply does not: it arrives at i-11111111"), "{}", why.summary);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn groups_answer_as_each_of_their_hosts_does(events in events(60)) {
        let model = model(&events);
        let network = Network::of(&model).unwrap();
        let services = distinct_services([network.tables()]);
        let matrix = network.matrix(None, None, services.clone());
        prop_assert_eq!(by_groups(&matrix), slowly(&network, &services));
    }

    #[test]
    fn the_first_port_of_a_range_answers_for_all(events in events(60), ports in prop::collection::vec(any::<u16>(), 4)) {
        let model = model(&events);
        let network = Network::of(&model).unwrap();
        let services = distinct_services([network.tables()]);
        let matrix = network.matrix(None, None, services.clone());
        for port in ports {
            let of = services.iter().position(|service| matches!(service, Service::Tcp(a, b) if (*a..=*b).contains(&port)));
            let alone = network.matrix(None, None, vec![Service::Tcp(port, port)]);
            for ((.., all), (.., one)) in by_groups(&matrix).iter().zip(by_groups(&alone)) {
                prop_assert_eq!(all[of.unwrap()], one[0]);
            }
        }
    }

    #[test]
    fn a_difference_is_what_differs(before in events(40), after in events(20)) {
        let mut model = model(&before);
        let was = model.clone();
        go_on(&mut model, &after);
        let (was, is) = (Network::of(&was).unwrap(), Network::of(&model).unwrap());
        let services = distinct_services([was.tables(), is.tables()]);
        let matrices = [&was, &is].map(|network| network.matrix(None, None, services.clone()));
        let open = |matrix: &Matrix| -> BTreeSet<(String, String, Service)> {
            let cells = by_groups(matrix).into_iter();
            cells.flat_map(|(from, to, verdicts)| {
                let open = matrix.services.iter().zip(verdicts).filter(|(_, verdict)| *verdict == Verdict::Open);
                let id = |host: usize| matrix.hosts[host].id.clone();
                open.map(|(service, _)| (id(from), id(to), *service)).collect::<Vec<_>>()
            }).collect()
        };
        let told = |ways: &[Access]| -> BTreeSet<(String, String, Service)> {
            let mut all = BTreeSet::new();
            for Access { from, to, services: open } in ways {
                for (from, to) in from.iter().flat_map(|from| to.iter().map(move |to| (from, to))).filter(|(a, b)| a != b) {
                    let within = services.iter().filter(|service| open.iter().any(|open| open.covers(**service)));
                    all.extend(within.map(|service| (from.id.clone(), to.id.clone(), *service)));
                }
            }
            all
        };
        let [before, after] = [open(&matrices[0]), open(&matrices[1])];
        let difference = difference(&matrices[0], &matrices[1]);
        prop_assert_eq!(told(&difference.opened), after.difference(&before).cloned().collect());
        prop_assert_eq!(told(&difference.closed), before.difference(&after).cloned().collect());
    }
}
