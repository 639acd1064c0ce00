//! Record sets of which one is chosen, delegation sets and what else hosted zones have on paper.

use super::{Cloud, create, first, set, texts, values};

fn id_of(body: &str) -> String {
    first(body, "Id").unwrap().rsplit('/').next().unwrap().to_owned()
}

impl Cloud {
    fn public_zone(&mut self, rest: &str) -> String {
        let body = create("shop.example", None, rest);
        id_of(&self.zone("POST", "", &body).unwrap())
    }

    fn asked(&mut self, method: &str, path: &str, body: &str) -> Result<String, String> {
        self.route53(method, &format!("/2013-04-01/{path}"), body)
            .map_err(|(code, message)| format!("{code}: {message}"))
    }
}

#[test]
fn routing_is_kept_and_told() {
    let mut cloud = Cloud::new();
    let id = cloud.public_zone("1");
    let check = "<CreateHealthCheckRequest><CallerReference>c</CallerReference><HealthCheckConfig><Type>TCP</Type>\
                 <IPAddress>203.0.113.9</IPAddress><Port>80</Port></HealthCheckConfig></CreateHealthCheckRequest>";
    let check = id_of(&cloud.asked("POST", "healthcheck", check).unwrap());
    let one = |name: &str, identifier: &str, rule: &str| {
        let rest = format!("<SetIdentifier>{identifier}</SetIdentifier>{rule}{}", values(&["203.0.113.1"]));
        set("CREATE", &format!("{name}.shop.example"), "A", &rest)
    };
    let place = "<GeoLocation><CountryCode>US</CountryCode><SubdivisionCode>NY</SubdivisionCode></GeoLocation>";
    let near = |place: &str| format!("<GeoProximityLocation>{place}</GeoProximityLocation>");
    let point = "<Coordinates><Latitude>48.1</Latitude><Longitude>11.5</Longitude></Coordinates><Bias>-7</Bias>";
    let primary = format!("<Failover>PRIMARY</Failover><HealthCheckId>{check}</HealthCheckId>");
    let sets = [
        one("l", "a", "<Region>eu-west-1</Region>"),
        one("f", "a", &primary),
        one("g", "a", place),
        one("g", "b", "<GeoLocation><CountryCode>*</CountryCode></GeoLocation>"),
        one("p", "a", &near("<AWSRegion>sa-east-1</AWSRegion>")),
        one("p", "b", &near("<LocalZoneGroup>us-west-2-lax-1</LocalZoneGroup>")),
        one("p", "c", &near(point)),
    ];
    cloud.change(&id, &sets).unwrap();
    let listed = cloud.zone("GET", &format!("/{id}/rrset"), "").unwrap();
    for (element, expected) in
        [("Region", "eu-west-1"), ("Failover", "PRIMARY"), ("HealthCheckId", check.as_str()), ("SubdivisionCode", "NY")]
    {
        assert_eq!(first(&listed, element).as_deref(), Some(expected));
    }
    assert_eq!(texts(&listed, "CountryCode"), ["US", "*"]);
    for (element, expected) in [
        ("AWSRegion", "sa-east-1"),
        ("LocalZoneGroup", "us-west-2-lax-1"),
        ("Latitude", "48.1"),
        ("Longitude", "11.5"),
        ("Bias", "-7"),
    ] {
        assert_eq!(texts(&listed, element), [expected]);
    }
    let rival = cloud.change(&id, &[one("l", "b", "<Region>eu-west-1</Region>")]).unwrap_err();
    assert!(rival.starts_with("InvalidChangeBatch") && rival.contains("same routing"), "{rival}");
    let mixed = cloud.change(&id, &[one("l", "b", "<Weight>1</Weight>")]).unwrap_err();
    assert!(mixed.contains("another routing policy"), "{mixed}");
    let unknown = cloud.change(&id, &[one("h", "a", "<Weight>1</Weight><HealthCheckId>x</HealthCheckId>")]);
    assert_eq!(unknown.unwrap_err(), "NoSuchHealthCheck: A health check with id x does not exist.");
}

#[test]
fn a_record_set_has_values_or_a_target_and_one_rule_at_most() {
    let mut cloud = Cloud::new();
    let id = cloud.public_zone("1");
    let all = values(&["203.0.113.1"]);
    let near = |place: &str| {
        format!("<SetIdentifier>a</SetIdentifier><GeoProximityLocation>{place}</GeoProximityLocation>{all}")
    };
    for (rest, expected) in [
        (
            String::new(),
            "TrafficPolicyInstanceId], but found none in Change with [Action=CREATE, Name=a.shop.example, Type=A, SetIdentifier=null]",
        ),
        (format!("<Weight>1</Weight>{all}"), "Missing field 'SetIdentifier'"),
        (format!("<SetIdentifier>a</SetIdentifier>{all}"), "MultiValueAnswer], but found none"),
        (
            format!("<SetIdentifier>a</SetIdentifier><Weight>1</Weight><Region>us-east-1</Region>{all}"),
            "found more than one",
        ),
        (format!("<SetIdentifier>a</SetIdentifier><Failover>THIRD</Failover>{all}"), "not THIRD"),
        (
            format!(
                "<SetIdentifier>a</SetIdentifier><GeoLocation><ContinentCode>XX</ContinentCode></GeoLocation>{all}"
            ),
            "A GeoLocation is",
        ),
        (near("<AWSRegion>us-east-1</AWSRegion><LocalZoneGroup>us-west-2-lax-1</LocalZoneGroup>"), "exactly one of"),
        (near("<AWSRegion>mars-1</AWSRegion>"), "mars-1 is not a Region"),
        (near("<AWSRegion>us-east-1</AWSRegion><Bias>-100</Bias>"), "Bias is from -99 to 99, not -100"),
        (near("<Coordinates><Latitude>91</Latitude><Longitude>0</Longitude></Coordinates>"), "Latitude is from"),
        (near("<Coordinates><Latitude>0</Latitude><Longitude>1e1</Longitude></Coordinates>"), "Longitude is from"),
    ] {
        let refused =
            cloud.change(&id, &[set("CREATE", "a.shop.example", "A", &rest)]).unwrap_err().replace("&apos;", "'");
        assert!(refused.starts_with("InvalidInput: ") && refused.contains(expected), "{refused}");
    }
    let refused = cloud.change(&id, &[set("RENAME", "a.shop.example", "A", &all)]).unwrap_err();
    assert!(refused.contains("&apos;[CREATE, DELETE, UPSERT]&apos;"), "{refused}");
}

#[test]
fn an_alias_names_its_zone_with_or_without_the_resource() {
    let mut cloud = Cloud::new();
    let id = cloud.public_zone("1");
    let alias = |zone: &str| {
        format!(
            "<AliasTarget><HostedZoneId>{zone}</HostedZoneId><DNSName>www.shop.example</DNSName>\
             <EvaluateTargetHealth>false</EvaluateTargetHealth></AliasTarget>"
        )
    };
    let create = |zone: &str| set("CREATE", "a.shop.example", "A", &alias(zone));
    let dangling = cloud.change(&id, &[create(&format!("/hostedzone/{id}"))]).unwrap_err();
    assert!(dangling.contains("that target was not found"), "{dangling}");
    let www = set("CREATE", "www.shop.example", "A", &values(&["203.0.113.1"]));
    cloud.change(&id, &[www, create(&format!("/hostedzone/{id}"))]).unwrap();
    let listed = cloud.zone("GET", &format!("/{id}/rrset"), "").unwrap();
    assert_eq!(first(&listed, "HostedZoneId"), Some(id));
}

#[test]
fn a_listing_begins_at_any_text() {
    let mut cloud = Cloud::new();
    let id = cloud.public_zone("1");
    for (name, expected) in [("i*d", "OK"), ("i}d", "OK"), ("i%20d", "InvalidInput"), ("i%5C%20d", "OK")] {
        assert_eq!(cloud.code("GET", &format!("/{id}/rrset?name={name}.example"), ""), expected, "{name}");
    }
    assert_eq!(cloud.code("GET", &format!("/{id}/rrset?type=A"), ""), "InvalidInput");
}

#[test]
fn delegation_sets_are_shared_by_zones() {
    let mut cloud = Cloud::new();
    let body =
        "<CreateReusableDelegationSetRequest><CallerReference>r</CallerReference></CreateReusableDelegationSetRequest>";
    let made = cloud.asked("POST", "delegationset", body).unwrap();
    let (id, servers) = (id_of(&made), texts(&made, "NameServer"));
    assert_eq!(servers.len(), 4);
    assert!(cloud.asked("POST", "delegationset", body).unwrap_err().starts_with("DelegationSetAlreadyCreated"));
    let with = |set: &str| {
        let set = format!("<DelegationSetId>{set}</DelegationSetId></CreateHostedZoneRequest>");
        create("shop.example", None, "1").replace("</CreateHostedZoneRequest>", &set)
    };
    assert_eq!(cloud.code("POST", "", &with("N1")), "NoSuchDelegationSet");
    let private = with(&id).replace("<CallerReference>", &format!("{}<CallerReference>", super::seen_by("vpc-1")));
    assert_eq!(cloud.code("POST", "", &private), "InvalidInput", "no private zone has one");
    let zone = cloud.zone("POST", "", &with(&id)).unwrap();
    assert_eq!(texts(&zone, "NameServer"), servers);
    let records = cloud.zone("GET", &format!("/{}/rrset", id_of(&zone)), "").unwrap();
    assert!(texts(&records, "Value").contains(&format!("{}.", servers[0])));
    let test = format!("testdnsanswer?hostedzoneid={}&recordname=shop.example&recordtype=NS", id_of(&zone));
    assert_eq!(first(&cloud.asked("GET", &test, "").unwrap(), "Nameserver"), servers.first().cloned());
    for near in ["shop.example", "eu.shop.example", "example"] {
        let body = with(&id).replace("shop.example", near).replace(">1<", ">2<");
        assert_eq!(cloud.code("POST", "", &body), "ConflictingDomainExists", "{near}");
    }
    let of_set = cloud.zone("GET", &format!("?delegationsetid={id}"), "").unwrap();
    assert_eq!(texts(&of_set, "Name"), ["shop.example."]);
    assert!(cloud.asked("DELETE", &format!("delegationset/{id}"), "").unwrap_err().starts_with("DelegationSetInUse"));
    cloud.zone("DELETE", &format!("/{}", id_of(&zone)), "").unwrap();
    cloud.asked("DELETE", &format!("delegationset/{id}"), "").unwrap();
    assert!(cloud.asked("GET", &format!("delegationset/{id}"), "").unwrap_err().starts_with("NoSuchDelegationSet"));
}

#[test]
fn query_logging_and_signatures_are_on_paper() {
    let mut cloud = Cloud::new();
    let id = cloud.public_zone("1");
    let body = |zone: &str, arn: &str| {
        format!(
            "<CreateQueryLoggingConfigRequest><HostedZoneId>{zone}</HostedZoneId>\
             <CloudWatchLogsLogGroupArn>{arn}</CloudWatchLogsLogGroupArn></CreateQueryLoggingConfigRequest>"
        )
    };
    let arn = "arn:aws:logs:us-east-1:111122223333:log-group:/aws/route53/shop";
    let elsewhere = arn.replace("us-east-1", "us-west-1");
    let code = |reply: Result<String, String>| {
        reply.map_or_else(|error| error.split(':').next().unwrap_or_default().to_owned(), |_| "OK".to_owned())
    };
    for (zone, arn, expected) in [
        ("Z1", arn, "NoSuchHostedZone"),
        (id.as_str(), elsewhere.as_str(), "InvalidInput"),
        (&id, arn, "OK"),
        (&id, arn, "QueryLoggingConfigAlreadyExists"),
    ] {
        assert_eq!(code(cloud.asked("POST", "queryloggingconfig", &body(zone, arn))), expected);
    }
    let listed = cloud.asked("GET", &format!("queryloggingconfig?hostedzoneid={id}"), "").unwrap();
    assert_eq!(first(&listed, "CloudWatchLogsLogGroupArn").as_deref(), Some(arn));
    assert_eq!(code(cloud.asked("GET", "queryloggingconfig?nexttoken=x", "")), "InvalidPaginationToken");
    let config = id_of(&listed);
    cloud.asked("DELETE", &format!("queryloggingconfig/{config}"), "").unwrap();
    assert_eq!(code(cloud.asked("GET", &format!("queryloggingconfig/{config}"), "")), "NoSuchQueryLoggingConfig");
    let dnssec = cloud.zone("GET", &format!("/{id}/dnssec"), "").unwrap();
    assert_eq!(first(&dnssec, "ServeSignature").as_deref(), Some("NOT_SIGNING"));
}

#[test]
fn some_types_are_not_for_every_zone_and_every_routing() {
    let mut cloud = Cloud::new();
    let vpc = cloud.vpc("10.5.0.0/16");
    let (public, private) = (cloud.public_zone("1"), cloud.private_zone("corp.example", &vpc));
    let signer = |zone: &str| {
        set("CREATE", &format!("sub.{zone}"), "DS", &values(&["12345 3 1 49fd46e6c4b45c55d4ac9cbd3cd34dac1afe51de"]))
    };
    cloud.change(&public, &[signer("shop.example")]).unwrap();
    assert!(cloud.change(&private, &[signer("corp.example")]).unwrap_err().contains("private zone"));
    let senders = set("CREATE", "shop.example", "SPF", &values(&["&quot;v=spf1 -all&quot;"]));
    cloud.change(&public, &[senders]).unwrap();
    let several = "<SetIdentifier>a</SetIdentifier><MultiValueAnswer>true</MultiValueAnswer>";
    let alias = set("CREATE", "w.shop.example", "CNAME", &format!("{several}{}", values(&["b.example"])));
    assert!(cloud.change(&public, &[alias]).unwrap_err().contains("Multivalue"));
    let rest = format!("<SetIdentifier>a</SetIdentifier><Region>moon-1</Region>{}", values(&["203.0.113.1"]));
    let far = set("CREATE", "l.shop.example", "A", &rest);
    assert!(cloud.change(&public, &[far]).unwrap_err().contains("not a Region"));
}
