mod kinds;

use super::*;
use crate::clouds::Rehearsal;
use crate::compile::tests::{BEGINNING, events, happen};
use crate::explain::{Traffic, first_packets};
use crate::import::{Export, File, HOW, import};
use crate::reach::{HostName, Network, distinct_services};
use model::{HostPlace, Platform};
use proptest::prelude::*;
use scenarios::cloud::api::Api;
use scenarios::cloud::set_up;
use scenarios::format::{load, network};
use serde_json::json;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use tokio::net::TcpListener;
use wire::{DropReason, Step};

const NOW: Time = Time(1_420_632_000_000);

fn exported(model: &Model) -> Vec<File> {
    files(model, NOW).unwrap().into_iter().map(|(path, content)| File { path, content }).collect()
}

fn imported(files: &[File]) -> Model {
    let mut model = Model::new(7);
    import(&mut model, Export::of(files).unwrap(), NOW).unwrap();
    model
}

/// Rows without the times at which they were imported.
fn rows(model: &Model) -> Vec<(String, String)> {
    let rows = model.to_rows().unwrap().into_iter();
    rows.map(|((collection, id), value)| (format!("{collection} {id}"), String::from_utf8(value).unwrap())).collect()
}

/// Complete files with sorted items: what is described comes in the order in which it was made, and an import makes
/// everything at once.
fn kept(files: &[File]) -> Vec<(String, Vec<String>)> {
    let names = ["vpcs", "subnets", "security-group-rules", "network-acls", "internet-gateways"];
    let is_kept = |file: &&File| names.iter().any(|name| file.path.ends_with(format!("describe-{name}.json")));
    let items = |file: &File| {
        let described = file.content.as_object().into_iter().flat_map(serde_json::Map::values);
        let lists = described.filter_map(serde_json::Value::as_array);
        let mut items: Vec<String> = lists.flatten().cloned().map(without_gone_peering).collect();
        items.sort();
        (file.path.display().to_string(), items)
    };
    files.iter().filter(is_kept).map(items).collect()
}

/// A peering that was deleted or has expired is described for a while, and is not imported.
fn without_gone_peering(mut item: serde_json::Value) -> String {
    if let Some(referenced) = item.pointer_mut("/ReferencedGroupInfo").and_then(serde_json::Value::as_object_mut)
        && referenced.get("PeeringStatus").is_some_and(|status| status == "deleted" || status == "expired")
    {
        referenced.remove("PeeringStatus");
        referenced.remove("VpcPeeringConnectionId");
    }
    item.to_string()
}

#[test]
fn actions_are_called_as_the_command_line_calls_them() {
    assert_eq!(kebab("DescribeVpcClassicLink"), "describe-vpc-classic-link");
}

/// The cloud of a scenario's network, without hosts.
pub(crate) fn set_up(network: &network::Network) -> Model {
    let accounts = network.vpc_only.iter().map(|name| set_up::account(network, name).unwrap()).collect();
    let platform = Platform {
        vpc_only_accounts: accounts,
        link_mtu: network.link_mtu.unwrap_or(Platform::default().link_mtu),
        ..Platform::default()
    };
    let rehearsal = Arc::new(Rehearsal::new(Model { platform, ..Model::new(7) }));
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
    let api = Api::at(&listener.local_addr().unwrap().to_string()).unwrap();
    runtime.spawn(rehearsal.clone().serve(listener));
    let tell = |words: &[&str]| {
        add_host(&mut rehearsal.lock(), words);
        Ok(String::new())
    };
    set_up::build(&api, &tell, network).unwrap();
    rehearsal.lock().clone()
}

/// `classiclink host add NAME --address IP [--site GATEWAY | --service SERVICE]`.
fn add_host(model: &mut Model, words: &[&str]) {
    let [_, _, name, _, address, more @ ..] = words else { panic!("{words:?}") };
    let address = address.parse().unwrap();
    let added = match more {
        ["--site", gateway] => model.add_host(name, HostPlace::Site((*gateway).to_owned()), address),
        ["--service", service] => model.add_service_host(name, service, address),
        _ => model.add_host(name, HostPlace::Internet, address),
    };
    added.unwrap();
    model.take_changes();
}

/// Which hosts reach which by what, with the names that hosts have in a scenario.
fn ways(network: &Network<'_>, others: &Network<'_>, name: impl Fn(&HostName) -> String) -> BTreeSet<[String; 3]> {
    let matrix = network.matrix(None, None, distinct_services([network.tables(), others.tables()]));
    let mut ways = BTreeSet::new();
    for (i, from) in matrix.from.iter().enumerate() {
        for (j, to) in matrix.to.iter().enumerate() {
            let open = matrix.open(i, j);
            let pairs = from.iter().flat_map(|from| to.iter().map(move |to| (*from, *to))).filter(|(a, b)| a != b);
            ways.extend(pairs.flat_map(|(from, to)| {
                let [from, to] = [from, to].map(|host| name(&matrix.hosts[host]));
                open.iter().map(move |service| [from.clone(), to.clone(), service.to_string()])
            }));
        }
    }
    ways
}

#[test]
fn an_exported_scenario_is_the_same_network() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scenarios");
    let (mut whole, mut partial) = (0, 0);
    for loaded in load::load(&[directory]).unwrap() {
        let path = loaded.path.display();
        let model = set_up(&loaded.scenario.network);
        let text = scenario(&model, NOW);
        let again = load::parse(&text).unwrap_or_else(|(place, why)| panic!("{path}: {place:?}: {why}\n{text}"));
        let again = set_up(&again.network);
        if text.starts_with("# left out: ") {
            partial += 1;
            continue;
        }
        whole += 1;
        let (before, after) = (Network::of(&model).unwrap(), Network::of(&again).unwrap());
        let names = super::scenario::names(&model);
        let before_name = |host: &HostName| names.get(&host.id).unwrap_or(&host.id).clone();
        let after_name = |host: &HostName| host.name.clone().unwrap_or_else(|| host.id.clone());
        assert_eq!(ways(&before, &after, before_name), ways(&after, &before, after_name), "{path}:\n{text}");
    }
    assert!(whole > 50, "{whole} whole, {partial} with something left out");
}

#[test]
fn missing_resources_are_left_out_of_the_scenario() {
    let vpcs = json!({"Vpcs": [{"VpcId": "vpc-1a2b3c4d", "CidrBlock": "10.0.0.0/16"}]});
    let subnets =
        json!({"Subnets": [{"SubnetId": "subnet-1a2b3c4d", "VpcId": "vpc-1a2b3c4d", "CidrBlock": "10.0.1.0/24"}]});
    let interfaces = json!({"NetworkInterfaces": [{"NetworkInterfaceId": "eni-1a2b3c4d", "SubnetId": "subnet-1a2b3c4d",
        "VpcId": "vpc-1a2b3c4d", "PrivateIpAddress": "10.0.1.5", "Groups": [{"GroupId": "sg-1a2b3c4d"}, {"GroupId": "vpc-1a2b3c4d"}]}]});
    let files = [vpcs, subnets, interfaces].map(|content| File { path: "x.json".into(), content });
    let text = scenario(&imported(&files), NOW);
    load::parse(&text).unwrap_or_else(|(_, why)| panic!("{why}\n{text}"));
    for group in ["sg-1a2b3c4d", "vpc-1a2b3c4d"] {
        assert!(text.contains(&format!("# left out: eni-1a2b3c4d: {group}, which is not there\n")), "{text}");
    }
}

#[test]
fn what_a_scenario_cannot_express_is_listed() {
    let yaml = "name: x\nproves: []\nnetwork:\n  Vpcs: {v: {CidrBlock: 10.0.0.0/16}}\n  \
                Subnets: {s: {VpcId: v, CidrBlock: 10.0.0.0/24}}\n  Instances: {i: {SubnetId: s}}\n  \
                InternetGateways: {g: {VpcId: v}}\n  RouteTables: {t: {VpcId: v, Routes: {0.0.0.0/0: g}}}\n  \
                NetworkAcls: {a: {VpcId: v, ingress: [100 allow all from 0.0.0.0/0]}}\nsteps: []\n";
    let mut model = set_up(&load::parse(yaml).unwrap().network);
    let scope = Scope { account: "111122223333".into(), region: "us-east-1".into() };
    let id = |pointer: Option<&str>| pointer.unwrap().to_owned();
    let acl = id(model.network_acls.iter().find(|acl| !acl.default).map(|acl| &*acl.id));
    let gateway = id(model.internet_gateways.iter().next().map(|gateway| &*gateway.id));
    let instance = id(model.instances.iter().next().map(|instance| &*instance.id));
    let vpc = id(model.vpcs.iter().next().map(|vpc| &*vpc.id));
    let entry = format!("CreateNetworkAclEntry&NetworkAclId={acl}&Egress=false&RuleAction=allow&RuleNumber");
    for call in [
        format!("{entry}=110&Protocol=58&Icmp.Type=-1&Icmp.Code=-1&Ipv6CidrBlock=::/0"),
        format!("{entry}=120&Protocol=6&PortRange.From=1&PortRange.To=2&Ipv6CidrBlock=::/0"),
        format!("DetachInternetGateway&InternetGatewayId={gateway}&VpcId={vpc}"),
        format!("StopInstances&InstanceId.1={instance}"),
        "ModifyVpcBlockPublicAccessOptions&InternetGatewayBlockMode=block-ingress".to_owned(),
    ] {
        let request =
            Request::of_process(&scope, &format!("Action={call}"), NOW).unwrap_or_else(|no| panic!("{}", no.body));
        request.write(&mut model).unwrap_or_else(|no| panic!("{}", no.body));
        model.take_changes();
    }
    let text = scenario(&model, NOW);
    load::parse(&text).unwrap_or_else(|(_, why)| panic!("{why}\n{text}"));
    let left_out: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("# left out: ")).collect();
    for what in [
        format!("{acl}: its rule 110 allow icmpv6 from ::/0"),
        format!("{acl}: its rule 120 allow tcp 1-2 from ::/0"),
        format!("{instance}: it is stopp"),
    ] {
        assert!(left_out.iter().any(|line| line.contains(&what)), "{what}:\n{text}");
    }
    let block = "steps:\n  - ModifyVpcBlockPublicAccessOptions: {InternetGatewayBlockMode: block-ingress}\n";
    assert!(text.ends_with(block), "{text}");
}

#[test]
fn other_regions_private_nat_gateways_and_secondary_addresses_are_written() {
    let yaml = "name: x\nproves: []\nnetwork:\n  Vpcs: {v: {CidrBlock: 10.0.0.0/16}, w: {CidrBlock: 10.1.0.0/16, region: us-west-2}}\n  \
                Subnets: {s: {VpcId: v, CidrBlock: 10.0.0.0/24}}\n  \
                Instances: {i: {SubnetId: s, PrivateIpAddress: 10.0.0.5, SecondaryPrivateIpAddresses: [10.0.0.20, 10.0.0.21]}}\n  \
                NatGateways: {n: {SubnetId: s, ConnectivityType: private, PrivateIpAddress: 10.0.0.9}}\n  \
                VpcPeeringConnections: {p: {VpcId: v, PeerVpcId: w}}\n  \
                RouteTables: {main: {VpcId: v, main: true, Routes: {10.1.0.0/16: p, 10.2.0.0/16: n}}}\nsteps: []\n";
    let text = scenario(&set_up(&load::parse(yaml).unwrap().network), NOW);
    assert!(!text.contains("# left out"), "{text}");
    let again = load::parse(&text).unwrap_or_else(|(_, why)| panic!("{why}\n{text}"));
    let again = set_up(&again.network);
    let peering = again.peerings.iter().next().unwrap();
    assert!(peering.is_active() && !peering.in_one_region(), "{text}");
    let gateway = again.nat_gateways.iter().next().unwrap();
    assert!(gateway.is_private() && gateway.public.octets() == [10, 0, 0, 9], "{text}");
    let more = again.network_interfaces.iter().map(|interface| interface.addresses.len());
    assert_eq!(more.max(), Some(3), "{text}");
}

#[test]
fn an_interface_of_nobody_stands_for_a_target_that_is_gone() {
    let yaml = "name: x\nproves: []\nnetwork:\n  Vpcs: {v: {CidrBlock: 10.0.0.0/16}}\n  \
                Subnets: {s: {VpcId: v, CidrBlock: 10.0.0.0/24}}\n  Instances: {i: {SubnetId: s}}\n  \
                InternetGateways: {g: {VpcId: v}}\n  RouteTables: {t: {VpcId: v, SubnetIds: [s], Routes: {0.0.0.0/0: g}}}\nsteps: []\n";
    let mut model = set_up(&load::parse(yaml).unwrap().network);
    let scope = Scope { account: "111122223333".into(), region: "us-east-1".into() };
    let [gateway, vpc] =
        [model.internet_gateways.iter().next().unwrap().id.clone(), model.vpcs.iter().next().unwrap().id.clone()];
    let call = format!("Action=DetachInternetGateway&InternetGatewayId={gateway}&VpcId={vpc}");
    let request = Request::of_process(&scope, &call, NOW).unwrap_or_else(|no| panic!("{}", no.body));
    request.write(&mut model).unwrap_or_else(|no| panic!("{}", no.body));
    model.take_changes();
    let text = scenario(&model, NOW);
    assert!(!text.contains("# left out") && text.contains(&format!("\"0.0.0.0/0\":\"{gateway}-in-v\"")), "{text}");
    let again = load::parse(&text).unwrap_or_else(|(_, why)| panic!("{why}\n{text}"));
    let again = set_up(&again.network);
    let network = Network::of(&again).unwrap();
    let (port, packet) = first_packets(&again, ("i", None), "203.0.113.9", Traffic::Tcp(80)).unwrap()[0];
    let dropped = network.explain(port, packet).there.last().cloned();
    assert!(matches!(dropped, Some(Step::Dropped(drop)) if drop.reason == DropReason::Blackhole), "{dropped:?}");
}

#[test]
fn an_instance_stands_for_a_database_in_classic() {
    let mut model = Model::new(7);
    let scope = Scope { account: "111122223333".into(), region: "us-east-1".into() };
    let group = "DBSecurityGroupName=web";
    for call in [
        format!("CreateDBSecurityGroup&{group}&DBSecurityGroupDescription=x"),
        format!("AuthorizeDBSecurityGroupIngress&{group}&CIDRIP=203.0.113.0/24"),
        "CreateDBInstance&DBInstanceIdentifier=orders&DBInstanceClass=db.m3.medium&Engine=postgres\
         &DBSecurityGroups.DBSecurityGroupName.1=web"
            .to_owned(),
    ] {
        let request = Request::of_process_for("rds", &scope, &format!("Action={call}"), NOW);
        let written = request.and_then(|request| request.write(&mut model));
        written.unwrap_or_else(|no| panic!("{call}: {}", no.body));
        model.take_changes();
    }
    let text = scenario(&model, NOW);
    load::parse(&text).unwrap_or_else(|(_, why)| panic!("{why}\n{text}"));
    let host = &model.managed_hosts.iter().next().unwrap().id;
    for part in [
        format!("\"groups-of-{host}\": {{\"ingress\":[\"tcp 5432 from 203.0.113.0/24\"]}}"),
        format!("\"SecurityGroups\":[\"groups-of-{host}\"]"),
    ] {
        assert!(text.contains(&part), "{part}\n{text}");
    }
}

#[test]
fn both_ends_of_a_deleted_peering_have_routes_that_lead_nowhere() {
    let yaml = "name: x\nproves: []\nnetwork:\n  Vpcs: {v: {CidrBlock: 10.0.0.0/16}, w: {CidrBlock: 10.1.0.0/16}}\n  \
                Subnets: {s: {VpcId: v, CidrBlock: 10.0.0.0/24}, t: {VpcId: w, CidrBlock: 10.1.0.0/24}}\n  \
                VpcPeeringConnections: {p: {VpcId: v, PeerVpcId: w}}\n  RouteTables: {a: {VpcId: v, Routes: {10.1.0.0/16: p}}, \
                b: {VpcId: w, Routes: {10.0.0.0/16: p}}}\nsteps: []\n";
    let mut model = set_up(&load::parse(yaml).unwrap().network);
    let scope = Scope { account: "111122223333".into(), region: "us-east-1".into() };
    let peering = model.peerings.iter().next().unwrap().id.clone();
    let form = format!("Action=DeleteVpcPeeringConnection&VpcPeeringConnectionId={peering}");
    let request = Request::of_process(&scope, &form, NOW).unwrap_or_else(|no| panic!("{}", no.body));
    request.write(&mut model).unwrap_or_else(|no| panic!("{}", no.body));
    model.take_changes();
    let text = scenario(&model, NOW);
    let again = load::parse(&text).unwrap_or_else(|(_, why)| panic!("{why}\n{text}"));
    let again = set_up(&again.network);
    let routes = again.route_tables.iter().flat_map(|table| table.routes.iter().map(move |route| (table, route)));
    assert_eq!(routes.filter(|(table, route)| !again.route_is_active(table, route)).count(), 2, "{text}");
}

#[test]
fn a_scenario_does_not_repeat_what_the_platform_makes() {
    let yaml = "name: x\nproves: []\nnetwork:\n  Vpcs: {v: {CidrBlock: 10.0.0.0/16}}\n  \
                Subnets: {s: {VpcId: v, CidrBlock: 10.0.0.0/24}}\n  Instances: {i: {SubnetId: s}, gone: {}}\nsteps: []\n";
    let mut model = set_up(&load::parse(yaml).unwrap().network);
    let scope = Scope { account: "111122223333".into(), region: "us-east-1".into() };
    let gone = model.instances.iter().find(|instance| instance.vpc().is_none()).unwrap().id.clone();
    let form = format!("Action=TerminateInstances&InstanceId.1={gone}");
    let request = Request::of_process(&scope, &form, NOW).unwrap_or_else(|no| panic!("{}", no.body));
    request.write(&mut model).unwrap_or_else(|no| panic!("{}", no.body));
    let text = scenario(&model, NOW);
    let groups = text.matches("\"ingress\"").count();
    assert!(!text.contains("RouteTables") && groups == 1 && !text.contains("\"gone\""), "{text}");
}

#[test]
fn the_gathering_script_asks_for_every_list_that_is_exported() {
    let words: BTreeSet<&str> = HOW.split(|c: char| c.is_whitespace() || c == ';').collect();
    let of_ec2 = QUESTIONS.iter().chain(OF_RARE_KINDS).chain(OF_CLASSIC).map(|(action, _)| kebab(action));
    let of_services = OF_SERVICES.iter().map(|(_, file, _)| (*file).to_owned());
    for file in of_ec2.chain(of_services) {
        let (_, list) = file.split_once("describe-").unwrap();
        assert!(words.contains(list) || words.contains(format!("describe-{list}").as_str()), "{list}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn what_was_imported_is_exported_and_imported_again(events in events(80)) {
        let mut model = Model::new(1);
        for event in BEGINNING.iter().chain(&events) {
            happen(&mut model, *event);
            model.take_changes();
        }
        model.finish_hosts();
        let real = exported(&model);
        let first = imported(&real);
        let files = exported(&first);
        for (real, file) in kept(&real).iter().zip(kept(&files)) {
            prop_assert_eq!(real, &file);
        }
        let second = imported(&files);
        prop_assert_eq!(rows(&first), rows(&second));
        prop_assert_eq!(files, exported(&second));
    }
}
