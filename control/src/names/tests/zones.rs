//! Private zones: who sees them, and what is in them.

use super::*;
use model::{
    AliasTarget, Caller, Failover, Geoproximity, Location, RecordAction, RecordSet, ResourceLocation, Scope, ZoneVpc,
    empty_set,
};

fn caller() -> Caller {
    let scope = Scope { account: "111122223333".into(), region: "us-east-1".into() };
    Caller::of_account(scope, Time(1))
}

fn set(name: &str, kind: &str, values: &[&str]) -> RecordSet {
    let values = values.iter().map(|value| (*value).to_owned()).collect();
    RecordSet { ttl: Some(30), values, ..empty_set(&format!("{name}.corp.example."), kind) }
}

fn with_zone(sets: Vec<RecordSet>) -> (Cloud, String) {
    let mut cloud = Cloud::new();
    let vpc = ZoneVpc { id: cloud.id("A"), region: "us-east-1".into() };
    let zone = cloud.model.create_hosted_zone(&caller(), "corp.example", "1".into(), (None, None), Some(&vpc)).unwrap();
    let changes = sets.into_iter().map(|set| (RecordAction::Create, set)).collect();
    cloud.model.change_records(&caller(), &zone, changes).unwrap();
    cloud.settle();
    (cloud, zone)
}

#[test]
fn a_zone_is_seen_by_its_vpcs_and_across_links_that_names_cross() {
    let (mut cloud, zone) = with_zone(vec![set("db", "A", &["192.168.2.10"])]);
    let inside = "192.168.2.10";
    assert_eq!(seen(&cloud, "db.corp.example"), ["", "", "", inside, "", inside]);
    cloud.link_dns(true);
    assert_eq!(seen(&cloud, "DB.corp.example"), ["", "", inside, inside, "", inside]);
    cloud.set("EnableDnsHostnames", false);
    assert_eq!(seen(&cloud, "db.corp.example"), [""; 6], "it needs both attributes");
    cloud.set("EnableDnsHostnames", true);
    let b = ZoneVpc { id: cloud.id("B"), region: "us-east-1".into() };
    cloud.model.associate_zone(&caller(), &zone, &b).unwrap();
    cloud.settle();
    assert_eq!(cloud.resolve("J1", "db.corp.example").unwrap().to_string(), inside);
}

/// A resolver may conclude from NXDOMAIN that names below do not exist either (RFC 8020).
#[test]
fn a_name_above_a_private_zone_exists_for_those_who_see_the_zone() {
    let (cloud, _) = with_zone(Vec::new());
    let code = |client: &str| cloud.query(client, "example", RecordType::A).code;
    assert_eq!(
        [code("I1"), code("J1"), code("C1")],
        [ResponseCode::NoError, ResponseCode::NXDomain, ResponseCode::NXDomain]
    );
}

#[test]
fn negative_answers_have_the_zones_soa_record() {
    let (cloud, _) = with_zone(vec![
        set("a.b", "A", &["10.0.0.1"]),
        set("*.w", "A", &["10.0.0.2"]),
        set("x.y.w", "A", &["10.0.0.3"]),
        set("any-one.w", "A", &["10.0.0.4"]),
    ]);
    let code = |name: &str, kind| {
        let answer = cloud.query("I1", &format!("{name}.corp.example"), kind);
        (answer.code, answer.authority.map(|soa| (soa.name.to_string(), soa.ttl)))
    };
    let soa = Some(("corp.example.".to_owned(), 900));
    assert_eq!(code("nobody", hickory_proto::rr::RecordType::A), (ResponseCode::NXDomain, soa.clone()));
    assert_eq!(code("a.b", RecordType::MX), (ResponseCode::NoError, soa.clone()));
    assert_eq!(code("b", RecordType::A), (ResponseCode::NoError, soa.clone()), "there is something below");
    let a = |name: &str| cloud.resolve("I1", &format!("{name}.corp.example")).map(|address| address.to_string());
    assert_eq!([a("any.w").as_deref(), a("two.any.w").as_deref()], [Some("10.0.0.2"); 2]);
    assert_eq!([a("x.any-one.w").as_deref(), a("any-one.w").as_deref()], [None, Some("10.0.0.4")]);
    assert_eq!(code("y.w", RecordType::A).0, ResponseCode::NoError, "it exists, without data");
    assert_eq!(code("z.y.w", RecordType::A).0, ResponseCode::NXDomain, "below what exists the wildcard is not");
}

#[test]
fn names_may_have_any_letters() {
    let sets = ["a@b", "-x", "0/25", "a\\056b"].map(|name| RecordSet {
        name: model::domain_name(&format!("{name}.corp.example")).unwrap(),
        ..set("", "A", &["10.0.0.1"])
    });
    let (cloud, _) = with_zone([&sets[..], &[set("alias", "CNAME", &["a@b.corp.example"])]].concat());
    for labels in [&b"A@b"[..], b"-x", b"0/25", b"a.b", b"alias"] {
        let name = Name::from_labels([labels, b"corp", b"example"]).unwrap();
        let answer = cloud.ask_as("I1", &Query::query(name, RecordType::A));
        assert_eq!(answer.records.last().map(|record| record.data.to_string()).as_deref(), Some("10.0.0.1"));
    }
}

#[test]
fn cname_chains_are_followed_and_loops_fail() {
    let mut alias = empty_set("alias.corp.example.", "A");
    let to = AliasTarget { zone: "Z2".into(), name: "db.corp.example.".into(), evaluate_health: false };
    alias.alias = Some(to);
    let (cloud, _) = with_zone(vec![
        set("db", "A", &["192.168.2.10"]),
        set("www", "CNAME", &["db.corp.example"]),
        set("out", "CNAME", &["www.example.com"]),
        set("inst", "CNAME", &[I2]),
        set("one", "CNAME", &["two.corp.example."]),
        set("two", "CNAME", &["one.corp.example."]),
        alias,
    ]);
    let a = |name: &str| cloud.resolve("I1", &format!("{name}.corp.example")).unwrap().to_string();
    assert_eq!([a("www"), a("alias"), a("inst")], ["192.168.2.10"; 3]);
    assert_eq!(a("out"), "203.0.113.200");
    let www = cloud.query("I1", "www.corp.example", RecordType::A);
    let kinds: Vec<_> = www.records.iter().map(|record| record.record_type()).collect();
    assert_eq!(kinds, [RecordType::CNAME, RecordType::A]);
    let circle = cloud.query("I1", "one.corp.example", RecordType::A);
    assert_eq!((circle.code, circle.records.len()), (ResponseCode::ServFail, 0));
}

#[test]
fn a_long_chain_of_names_ends_at_its_data() {
    let names: Vec<String> = (0..12).map(|number| format!("n{number}")).collect();
    let links = names.windows(2).map(|pair| set(&pair[0], "CNAME", &[&format!("{}.corp.example", pair[1])]));
    let (cloud, _) = with_zone(links.chain([set("n11", "A", &["192.168.2.10"])]).collect());
    assert_eq!(cloud.query("I1", "n0.corp.example", RecordType::A).records.len(), 12);
}

/// A dot within a label separates nothing.
#[test]
fn a_label_with_a_dot_in_it_is_one_label() {
    let (cloud, _) = with_zone(vec![set("*", "A", &["10.0.0.2"]), set("a\\056b", "A", &["10.0.0.3"])]);
    let code = |labels: &[&[u8]]| {
        let query = Query::query(Name::from_labels(labels.iter().copied()).unwrap(), RecordType::A);
        cloud.ask_as("I1", &query).code
    };
    assert_eq!(code(&[b"x.corp", b"example"]), ResponseCode::NXDomain);
    let query = Query::query(Name::from_labels([&b"a.b"[..], b"corp", b"example"]).unwrap(), RecordType::A);
    let data = cloud.ask_as("I1", &query).records.remove(0).data;
    assert_eq!(data, RData::A(hickory_proto::rr::rdata::A([10, 0, 0, 3].into())));
}

/// A resolver would ask the other name servers. In a private zone such records delegate nothing.
#[test]
fn what_a_public_zone_delegates_is_not_answered_for() {
    let (mut cloud, private) = with_zone(Vec::new());
    let public = cloud.model.create_hosted_zone(&caller(), "pub.example", "2".into(), (None, None), None).unwrap();
    for (zone, domain) in [(&private, "corp.example"), (&public, "pub.example")] {
        let servers = RecordSet { ttl: Some(30), values: vec!["ns.elsewhere.example".into()], ..empty_set("", "NS") };
        let servers = RecordSet { name: format!("sub.{domain}."), ..servers };
        let all = RecordSet { ttl: Some(30), values: vec!["10.0.0.2".into()], ..empty_set("", "A") };
        let all = RecordSet { name: format!("*.{domain}."), ..all };
        let changes = [servers, all].map(|set| (RecordAction::Create, set)).to_vec();
        cloud.model.change_records(&caller(), zone, changes).unwrap();
    }
    cloud.settle();
    let code = |name: &str, kind| cloud.query("I1", name, kind).code;
    for name in ["sub.pub.example", "a.sub.pub.example", "b.a.sub.pub.example"] {
        assert_eq!(code(name, RecordType::A), ResponseCode::ServFail, "{name}");
    }
    assert_eq!(code("sub.pub.example", RecordType::NS), ResponseCode::NoError);
    assert_eq!(code("other.pub.example", RecordType::A), ResponseCode::NoError);
    assert_eq!(code("sub.corp.example", RecordType::A), ResponseCode::NoError);
    assert_eq!(code("a.sub.corp.example", RecordType::A), ResponseCode::NXDomain);
}

/// A resolver asks the name servers of the reverse zone for addresses that are not of the platform.
#[test]
fn addresses_outside_the_platform_have_the_names_of_somebodys_zone() {
    let (mut cloud, _) = with_zone(Vec::new());
    let domain = "113.0.203.in-addr.arpa";
    let zone = cloud.model.create_hosted_zone(&caller(), domain, "2".into(), (None, None), None).unwrap();
    let changes = ["5", "25"].map(|host| {
        let values = vec!["mail.example.com".to_owned()];
        let set = RecordSet { ttl: Some(30), values, ..empty_set(&format!("{host}.{domain}."), "PTR") };
        (RecordAction::Create, set)
    });
    cloud.model.change_records(&caller(), &zone, changes.into()).unwrap();
    cloud.settle();
    assert_eq!(cloud.reverse("I1", "203.0.113.5").as_deref(), Some("mail.example.com."));
    assert_eq!(cloud.reverse("I1", "203.0.113.25").as_deref(), Some(&*format!("{}.", super::C1)));
    assert_eq!(cloud.query("I1", "6.113.0.203.in-addr.arpa", RecordType::PTR).code, ResponseCode::NXDomain);
}

/// An alias of another name.
fn alias(name: &str, to: &str, evaluate_health: bool) -> RecordSet {
    let alias = AliasTarget { zone: "Z2".into(), name: to.into(), evaluate_health };
    RecordSet { alias: Some(alias), ..empty_set(&format!("{name}.corp.example."), "A") }
}

#[test]
fn alias_chains_are_followed_and_loops_have_no_data() {
    let (cloud, _) = with_zone(vec![
        set("db", "A", &["192.168.2.10"]),
        alias("first", "second.corp.example.", false),
        alias("second", "db.corp.example.", false),
        alias("one", "two.corp.example.", false),
        alias("two", "one.corp.example.", false),
        alias("inst", &format!("{I2}."), false),
        set("www", "CNAME", &["db.corp.example"]),
        alias("shop", "www.corp.example.", false),
    ]);
    let a = |name: &str| cloud.resolve("I1", &format!("{name}.corp.example")).unwrap().to_string();
    assert_eq!([a("first"), a("inst"), a("shop")], ["192.168.2.10"; 3]);
    let circle = cloud.query("I1", "one.corp.example", RecordType::A);
    assert_eq!((circle.code, circle.records.len()), (ResponseCode::NoError, 0));
    assert_eq!(cloud.query("I1", "first.corp.example", RecordType::AAAA).code, ResponseCode::NoError);
}

#[test]
fn an_alias_of_a_load_balancer_is_chosen_where_it_serves() {
    let mut cloud = Cloud::new();
    let create = "Version=2012-06-01&Action=CreateLoadBalancer&LoadBalancerName=shop&AvailabilityZones.member.1=us-east-1a\
                  &Listeners.member.1.Protocol=TCP&Listeners.member.1.LoadBalancerPort=80&Listeners.member.1.InstancePort=80";
    let name = between(&cloud.ask(create), "DNSName").to_ascii_lowercase();
    cloud.model.finish_hosts();
    cloud.settle();
    let public = cloud.resolve("www", &name).unwrap();
    assert_eq!(cloud.resolve("www", &format!("dualstack.{name}")), Some(public));
    let vpc = ZoneVpc { id: cloud.id("A"), region: "us-east-1".into() };
    let zone = cloud.model.create_hosted_zone(&caller(), "corp.example", "1".into(), (None, None), Some(&vpc)).unwrap();
    let weighted =
        |id: &str, weight, set: RecordSet| RecordSet { identifier: Some(id.into()), weight: Some(weight), ..set };
    let evaluated = weighted("balancer", 9, alias("w", &format!("dualstack.{name}."), true));
    let fixed = weighted("fixed", 1, set("w", "A", &["192.168.2.10"]));
    let plain = alias("plain", &format!("{name}."), false);
    let changes = [evaluated, fixed, plain].map(|set| (RecordAction::Create, set));
    cloud.model.change_records(&caller(), &zone, changes.into()).unwrap();
    cloud.settle();
    // Nobody is registered, so nobody serves.
    for chance in 0..10 {
        let view = View { chance, ..cloud.view() };
        let client = Client::of(view, cloud.known_as("I1")).unwrap();
        let query = Query::query(Name::from_ascii("w.corp.example.").unwrap(), RecordType::A);
        let data = answer(view, &client, &query).records[0].data.to_string();
        assert_eq!(data, "192.168.2.10");
    }
    assert_eq!(cloud.resolve("I1", "plain.corp.example"), Some(public));
}

#[test]
fn every_record_type_is_answered_as_it_was_written() {
    let all = [
        ("AAAA", "2001:db8::1"),
        ("MX", "10 mail.corp.example."),
        ("SRV", "1 2 443 db.corp.example."),
        ("TXT", "\"a \" \"b\""),
        ("PTR", "db.corp.example."),
        ("NAPTR", "100 10 \"u\" \"sip+E2U\" \"!^.*$!sip:a@example.com!\" ."),
        ("SSHFP", "1 1 123456789abcdef67890123456789abcdef67890"),
        ("TLSA", "3 1 1 d2abde240d7cd3ee6b4b28c54df034b97983a1d16e8a410e4561cb106618e971"),
        ("HTTPS", "1 . alpn=h2"),
    ];
    let (cloud, _) = with_zone(all.iter().map(|(kind, value)| set("all", kind, &[value])).collect());
    for (kind, _) in all {
        let answer = cloud.query("I1", "all.corp.example", kind.parse().unwrap());
        assert_eq!(answer.records.len(), 1, "{kind}");
    }
    assert_eq!(cloud.query("I1", "all.corp.example", RecordType::ANY).records.len(), 1, "whatever there is");
}

#[test]
fn weighted_and_multivalue_records_are_chosen_by_chance() {
    let weighted = |id: &str, weight, value: &str| RecordSet {
        identifier: Some(id.into()),
        weight: Some(weight),
        ..set("w", "A", &[value])
    };
    let several = |n: u8| {
        let id = Some(n.to_string());
        RecordSet { identifier: id, multivalue: true, ..set("m", "A", &[&format!("10.0.1.{n}")]) }
    };
    let mut sets = vec![weighted("a", 3, "10.0.0.1"), weighted("b", 1, "10.0.0.2"), weighted("c", 0, "10.0.0.3")];
    sets.extend((1..=10).map(several));
    let (cloud, _) = with_zone(sets);
    let ask = |name: &str, chance| {
        let view = View { chance, ..cloud.view() };
        let client = Client::of(view, cloud.known_as("I1")).unwrap();
        let name = Name::from_ascii(format!("{name}.corp.example.")).unwrap();
        let records = answer(view, &client, &Query::query(name, RecordType::A)).records;
        records.iter().map(|record| record.data.to_string()).collect::<Vec<_>>()
    };
    let found: Vec<_> = (0..8).flat_map(|chance| ask("w", chance)).collect();
    let times = |address: &str| found.iter().filter(|found| *found == address).count();
    assert_eq!([times("10.0.0.1"), times("10.0.0.2"), times("10.0.0.3")], [6, 2, 0]);
    assert_eq!([ask("m", 0).len(), ask("m", 7).len()], [8, 8], "eight at most");
    assert_ne!(ask("m", 0), ask("m", 1));
}

/// What `I1`, which is in us-east-1, is told of a name, by set.
fn told(sets: Vec<RecordSet>) -> String {
    let (cloud, _) = with_zone(sets);
    cloud.resolve("I1", "r.corp.example").map(|address| address.to_string()).unwrap_or_default()
}

fn routed(id: &str, value: &str, rule: impl FnOnce(&mut RecordSet)) -> RecordSet {
    let mut set = RecordSet { identifier: Some(id.into()), ..set("r", "A", &[value]) };
    rule(&mut set);
    set
}

#[test]
fn latency_and_geolocation_choose_by_the_clients_region() {
    let region = |id: &str, value: &str| routed(id, value, |set| set.region = Some(id.into()));
    assert_eq!(told(vec![region("eu-west-1", "10.0.0.1"), region("us-east-2", "10.0.0.2")]), "10.0.0.2");
    let place = |id: &str, value: &str| {
        let country = Some(id.to_owned());
        routed(id, value, |set| set.location = Some(Location { country, ..Location::default() }))
    };
    assert_eq!(told(vec![place("DE", "10.0.0.1"), place("*", "10.0.0.2"), place("US", "10.0.0.3")]), "10.0.0.3");
    let near = |id: &str, value: &str, location: ResourceLocation, bias| {
        routed(id, value, |set| set.geoproximity = Some(Geoproximity { location, bias }))
    };
    let dublin = || ResourceLocation::Coordinates("53.3".into(), "-6.3".into());
    let ohio = || ResourceLocation::Region("us-east-2".into());
    let of = |bias| told(vec![near("a", "10.0.0.1", dublin(), bias), near("b", "10.0.0.2", ohio(), Some(-99))]);
    assert_eq!([of(None), of(Some(-90))], ["10.0.0.1", "10.0.0.2"]);
    let (cloud, _) = with_zone(vec![place("DE", "10.0.0.1")]);
    assert!(cloud.query("I1", "r.corp.example", RecordType::A).records.is_empty(), "nobody else is told it");
}

#[test]
fn a_failover_is_answered_by_the_secondary_while_the_primary_is_unhealthy() {
    let (mut cloud, zone) = with_zone(Vec::new());
    let check = |inverted: bool| format!(r#"{{"Type":"TCP","Inverted":{inverted}}}"#);
    let id = cloud.model.create_health_check(&caller(), "1".into(), check(false)).unwrap().id;
    let primary = routed("a", "10.0.0.1", |set| {
        (set.failover, set.health_check) = (Some(Failover::Primary), Some(id.clone()));
    });
    let secondary = routed("b", "10.0.0.2", |set| set.failover = Some(Failover::Secondary));
    let changes = [primary, secondary].map(|set| (RecordAction::Create, set));
    cloud.model.change_records(&caller(), &zone, changes.into()).unwrap();
    cloud.settle();
    let told = |cloud: &Cloud| cloud.resolve("I1", "r.corp.example").unwrap().to_string();
    assert_eq!(told(&cloud), "10.0.0.1");
    cloud.model.update_health_check(&caller(), &id, None, check(true)).unwrap();
    assert_eq!(told(&cloud), "10.0.0.2");
}

#[test]
fn an_alias_is_as_healthy_as_the_records_that_it_leads_to() {
    let (mut cloud, zone) = with_zone(Vec::new());
    let check = |inverted: bool| format!(r#"{{"Type":"TCP","Inverted":{inverted}}}"#);
    let id = cloud.model.create_health_check(&caller(), "1".into(), check(false)).unwrap().id;
    let one = RecordSet { health_check: Some(id.clone()), ..set("one", "A", &["10.0.0.1"]) };
    let to = |name: &str, to: &str| {
        let target = AliasTarget { zone: zone.clone(), name: format!("{to}.corp.example."), evaluate_health: true };
        RecordSet { alias: Some(target), ..empty_set(&format!("{name}.corp.example."), "A") }
    };
    let part = |id: &str, role, target: &str| RecordSet {
        identifier: Some(id.into()),
        failover: Some(role),
        ..to("r", target)
    };
    let changes = [
        one,
        to("middle", "one"),
        set("two", "A", &["10.0.0.2"]),
        part("a", Failover::Primary, "middle"),
        part("b", Failover::Secondary, "two"),
    ];
    let changes = changes.map(|set| (RecordAction::Create, set));
    cloud.model.change_records(&caller(), &zone, changes.into()).unwrap();
    cloud.settle();
    let told = |cloud: &Cloud| cloud.resolve("I1", "r.corp.example").unwrap().to_string();
    assert_eq!(told(&cloud), "10.0.0.1");
    cloud.model.update_health_check(&caller(), &id, None, check(true)).unwrap();
    assert_eq!(told(&cloud), "10.0.0.2");
}

#[test]
fn a_location_elsewhere_does_not_stand_in_for_an_unhealthy_one() {
    let (mut cloud, zone) = with_zone(Vec::new());
    let unhealthy = r#"{"Type":"TCP","Inverted":true}"#.to_owned();
    let id = cloud.model.create_health_check(&caller(), "1".into(), unhealthy).unwrap().id;
    let place = |country: &str, value: &str, check: Option<String>| {
        let location = Some(Location { country: Some(country.to_owned()), ..Location::default() });
        routed(country, value, |set| (set.location, set.health_check) = (location, check))
    };
    let add = |cloud: &mut Cloud, set: RecordSet| {
        cloud.model.change_records(&caller(), &zone, vec![(RecordAction::Create, set)]).unwrap();
        cloud.settle();
        cloud.resolve("I1", "r.corp.example").unwrap().to_string()
    };
    assert_eq!(add(&mut cloud, place("US", "10.0.0.1", Some(id))), "10.0.0.1");
    assert_eq!(add(&mut cloud, place("DE", "10.0.0.2", None)), "10.0.0.1", "all that fit are unhealthy");
    assert_eq!(add(&mut cloud, place("*", "10.0.0.3", None)), "10.0.0.3", "a larger place stands in");
}

#[test]
fn a_disabled_check_counts_as_healthy_unless_it_is_inverted() {
    let mut cloud = Cloud::new();
    let mut make = |reference: &str, config: String| {
        cloud.model.create_health_check(&caller(), reference.into(), config).unwrap().id
    };
    let child = make("1", r#"{"Type":"TCP","Inverted":true}"#.to_owned());
    let alarm = r#"{"Type":"CLOUDWATCH_METRIC","InsufficientDataHealthStatus":"Unhealthy","Disabled":true}"#;
    let disabled = make("3", alarm.to_owned());
    let calculated = format!(r#"{{"Type":"CALCULATED","HealthThreshold":1,"ChildHealthChecks":["{child}"]}}"#);
    let parent = make("2", calculated);
    assert!(cloud.model.is_passed(&disabled) && !cloud.model.is_passed(&parent));
    for (config, healthy) in [
        (r#"{"Type":"TCP","Disabled":true}"#, true),
        (r#"{"Type":"TCP","Disabled":true,"Inverted":true}"#, false),
        (r#"{"Type":"TCP","Disabled":true,"Inverted":false}"#, true),
    ] {
        cloud.model.update_health_check(&caller(), &child, None, config.to_owned()).unwrap();
        assert_eq!(cloud.model.is_passed(&parent), healthy, "{config}");
    }
}

/// There are no metrics, so an alarm never has sufficient data. Without children none are healthy.
#[test]
fn a_check_that_observes_nothing_is_as_its_configuration_says() {
    let mut cloud = Cloud::new();
    let of_alarm =
        |status: &str| format!(r#"{{"Type":"CLOUDWATCH_METRIC","InsufficientDataHealthStatus":"{status}"}}"#);
    let childless = |threshold: u8| format!(r#"{{"Type":"CALCULATED","HealthThreshold":{threshold}}}"#);
    for (config, healthy) in [
        (of_alarm("Healthy"), true),
        (of_alarm("LastKnownStatus"), true),
        (of_alarm("Unhealthy"), false),
        (childless(0), true),
        (childless(1), false),
    ] {
        let made = cloud.model.create_health_check(&caller(), config.clone(), config.clone()).unwrap();
        assert_eq!(cloud.model.is_passed(&made.id), healthy, "{config}");
    }
}

#[test]
fn a_traffic_policy_is_followed_through_its_rules() {
    let (mut cloud, zone) = with_zone(Vec::new());
    let document = r#"{
        "AWSPolicyFormatVersion": "2015-10-01", "RecordType": "A", "StartRule": "near",
        "Endpoints": {
            "here": {"Type": "value", "Value": "192.0.2.1"},
            "spare": {"Type": "value", "Value": "192.0.2.2"},
            "far": {"Type": "value", "Value": "192.0.2.3"}
        },
        "Rules": {
            "near": {"RuleType": "latency", "Regions": [
                {"RuleReference": "safe", "Region": "us-east-1"}, {"EndpointReference": "far", "Region": "eu-west-1"}
            ]},
            "safe": {"RuleType": "failover",
                "Primary": {"RuleReference": "mixed", "EvaluateTargetHealth": true},
                "Secondary": {"EndpointReference": "far"}
            },
            "mixed": {"RuleType": "weighted", "Items": [
                {"EndpointReference": "here", "Weight": "0"}, {"EndpointReference": "spare", "Weight": 9}
            ]}
        }
    }"#;
    let policy = cloud.model.create_traffic_policy(&caller(), "near".into(), document.into(), None).unwrap();
    let applied = model::AppliedPolicy { policy, version: 1, ttl: 20 };
    let name = "www.corp.example";
    let made = cloud.model.create_traffic_policy_instance(&caller(), &zone, name, applied).unwrap();
    cloud.settle();
    let answer = cloud.query("I1", name, RecordType::A);
    let told: Vec<_> = answer.records.iter().map(|record| (record.ttl, record.data.to_string())).collect();
    assert_eq!(told, [(20, "192.0.2.2".to_owned())]);
    assert_eq!(cloud.model.hosted_zones.get(&zone).unwrap().listed_count(), 3, "besides NS and SOA only the name");
    cloud.model.delete_traffic_policy_instance(&caller(), &made.id).unwrap();
    cloud.settle();
    assert_eq!(cloud.resolve("I1", name), None);
}
