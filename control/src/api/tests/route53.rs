//! Hosted zones and their records, as clients of Route 53 ask for them.

mod cidr_collection;
mod health_check;
mod routing;
mod traffic_policy;

use super::{Cloud, first, texts};
use crate::api::{Call, Request};
use std::net::Ipv4Addr;

const AT: &str = "/2013-04-01/hostedzone";

impl Cloud {
    /// Sends a request to Route 53 and gives the document back, or the error's code and message.
    fn zone(&mut self, method: &str, path: &str, body: &str) -> Result<String, (String, String)> {
        self.route53(method, &format!("{AT}{path}"), body)
    }

    /// The same at any path.
    pub fn route53(&mut self, method: &str, path: &str, body: &str) -> Result<String, (String, String)> {
        let account = self.account;
        let authorization = format!("AWS4-HMAC-SHA256 Credential={account}/20150107/us-east-1/route53/aws4_request");
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let authorization = Some(authorization.as_str());
        let call = Call { method, path, query, body, authorization, ..Call::default() };
        match Request::parse(&call, self.now).and_then(|request| request.write(&mut self.model)) {
            Ok(reply) => {
                self.model.take_changes();
                Ok(reply.body)
            }
            Err(refusal) => {
                let text = |element| first(&refusal.body, element).unwrap_or_default();
                Err((text("Code"), text("Message")))
            }
        }
    }

    pub fn code(&mut self, method: &str, path: &str, body: &str) -> String {
        self.zone(method, path, body).map(|_| "OK".to_owned()).unwrap_or_else(|(code, _)| code)
    }

    /// A private zone; its id.
    pub fn private_zone(&mut self, name: &str, vpc: &str) -> String {
        let body = self.zone("POST", "", &create(name, Some(vpc), &format!("{name}-{vpc}"))).unwrap();
        first(&body, "Id").unwrap().rsplit('/').next().unwrap().to_owned()
    }

    fn change(&mut self, zone: &str, changes: &[String]) -> Result<String, String> {
        let body = format!("<R><ChangeBatch><Changes>{}</Changes></ChangeBatch></R>", changes.concat());
        self.zone("POST", &format!("/{zone}/rrset/"), &body).map_err(|(code, message)| format!("{code}: {message}"))
    }
}

fn create(name: &str, vpc: Option<&str>, reference: &str) -> String {
    let vpc = vpc.map(seen_by).unwrap_or_default();
    format!(
        "<CreateHostedZoneRequest xmlns=\"https://route53.amazonaws.com/doc/2013-04-01/\"><Name>{name}</Name>{vpc}<CallerReference>{reference}</CallerReference></CreateHostedZoneRequest>"
    )
}

fn seen_by(vpc: &str) -> String {
    format!("<VPC><VPCRegion>us-east-1</VPCRegion><VPCId>{vpc}</VPCId></VPC>")
}

fn set(action: &str, name: &str, kind: &str, rest: &str) -> String {
    format!(
        "<Change><Action>{action}</Action><ResourceRecordSet><Name>{name}</Name><Type>{kind}</Type>{rest}</ResourceRecordSet></Change>"
    )
}

fn values(values: &[&str]) -> String {
    let values: String =
        values.iter().map(|value| format!("<ResourceRecord><Value>{value}</Value></ResourceRecord>")).collect();
    format!("<TTL>30</TTL><ResourceRecords>{values}</ResourceRecords>")
}

#[test]
fn zones_are_created_listed_and_deleted() {
    let mut cloud = Cloud::new();
    let vpc = cloud.vpc("10.5.0.0/16");
    let id = cloud.private_zone("Corp.Example", &vpc);
    assert_eq!(
        cloud.code("POST", "", &create("other.example", Some(&vpc), &format!("Corp.Example-{vpc}"))),
        "HostedZoneAlreadyExists"
    );
    assert_eq!(cloud.code("POST", "", &create("corp.example.", Some(&vpc), "2")), "ConflictingDomainExists");
    assert_eq!(cloud.code("POST", "", &create("x..y", Some(&vpc), "3")), "InvalidDomainName");
    assert_eq!(cloud.code("POST", "", &create("y", Some("vpc-12345678"), "4")), "InvalidVPCId");
    assert_eq!(cloud.code("POST", "", "<R><CallerReference>5</CallerReference></R>"), "InvalidInput");
    let zone = cloud.zone("GET", &format!("/{id}"), "").unwrap();
    assert_eq!(first(&zone, "Name").as_deref(), Some("corp.example."));
    assert_eq!((first(&zone, "PrivateZone").as_deref(), first(&zone, "VPCId")), (Some("true"), Some(vpc.clone())));
    for n in 0..3 {
        cloud.private_zone(&format!("z{n}.example"), &vpc);
    }
    assert_eq!(first(&cloud.zone("GET", "", "").unwrap(), "Marker"), None, "the request has none");
    let mut seen = Vec::new();
    let mut marker = String::new();
    loop {
        let page = cloud.zone("GET", &format!("?maxitems=3&marker={marker}"), "").unwrap();
        seen.extend(texts(&page, "Name"));
        match first(&page, "NextMarker") {
            Some(next) => marker = next,
            None => break,
        }
    }
    seen.sort();
    assert_eq!(seen, ["corp.example.", "z0.example.", "z1.example.", "z2.example."]);
    cloud.account = "444455556666";
    assert_eq!(cloud.code("GET", &format!("/{id}"), ""), "NoSuchHostedZone");
    assert_eq!(texts(&cloud.zone("GET", "", "").unwrap(), "Name"), Vec::<String>::new());
    cloud.account = "111122223333";
    let gone = cloud.zone("DELETE", &format!("/{id}"), "").unwrap();
    let change = first(&gone, "Id").unwrap();
    assert_eq!(cloud.code("GET", &format!("/../{change}"), ""), "UnknownOperationException");
    assert_eq!(cloud.code("DELETE", &format!("/{id}"), ""), "NoSuchHostedZone");
}

#[test]
fn only_private_zones_have_names_of_aws() {
    let mut cloud = Cloud::new();
    let vpc = cloud.vpc("10.5.0.0/16");
    for (name, vpc, expected) in [
        ("elb.amazonaws.com", None, "InvalidDomainName"),
        ("amazonaws.com.cn", None, "InvalidDomainName"),
        ("notamazonaws.com", None, "OK"),
        ("elb.amazonaws.com", Some(vpc.as_str()), "OK"),
    ] {
        assert_eq!(cloud.code("POST", "", &create(name, vpc, &format!("{name}{vpc:?}"))), expected, "{name}");
    }
}

#[test]
fn a_batch_is_made_whole_or_not_at_all() {
    let mut cloud = Cloud::new();
    let vpc = cloud.vpc("10.5.0.0/16");
    let id = cloud.private_zone("corp.example", &vpc);
    let a = values(&["10.5.0.10"]);
    let refused = cloud.change(
        &id,
        &[
            set("CREATE", "a.corp.example", "A", &a),
            set("CREATE", "b.corp.example", "A", &values(&["10.5.0.300"])),
            set("CREATE", "elsewhere.example", "A", &a),
            set("DELETE", "c.corp.example", "A", &a),
        ],
    );
    let refused = refused.unwrap_err();
    for part in
        ["InvalidChangeBatch: [", "10.5.0.300", "not permitted in zone corp.example.", "c.corp.example.", "not found"]
    {
        assert!(refused.contains(part), "{part}: {refused}");
    }
    let list = |cloud: &mut Cloud| texts(&cloud.zone("GET", &format!("/{id}/rrset"), "").unwrap(), "Name");
    assert_eq!(list(&mut cloud), ["corp.example.", "corp.example."], "its own two");

    cloud
        .change(
            &id,
            &[set("CREATE", "a.corp.example", "A", &a), set("CREATE", "*.corp.example", "TXT", &values(&["\"x y\""]))],
        )
        .unwrap();
    assert!(cloud.change(&id, &[set("CREATE", "a.corp.example", "A", &a)]).unwrap_err().contains("already exists"));
    assert!(
        cloud
            .change(&id, &[set("CREATE", "a.corp.example", "CNAME", &values(&["b.example"]))])
            .unwrap_err()
            .contains("conflicting RRSet")
    );
    assert!(
        cloud
            .change(&id, &[set("CREATE", "corp.example", "CNAME", &values(&["b.example"]))])
            .unwrap_err()
            .contains("apex")
    );
    assert!(
        cloud
            .change(&id, &[set("DELETE", "a.corp.example", "A", &values(&["10.5.0.11"]))])
            .unwrap_err()
            .contains("do not match")
    );
    // One takes the other's place in one batch.
    cloud
        .change(
            &id,
            &[
                set("DELETE", "a.corp.example", "A", &a),
                set("CREATE", "a.corp.example", "CNAME", &values(&["b.example"])),
            ],
        )
        .unwrap();
    assert_eq!(list(&mut cloud), ["corp.example.", "corp.example.", "\\052.corp.example.", "a.corp.example."]);
    let page = cloud.zone("GET", &format!("/{id}/rrset?maxitems=2&name=%5C052.corp.example"), "").unwrap();
    assert_eq!(texts(&page, "Name"), ["\\052.corp.example.", "a.corp.example."]);
    assert_eq!(cloud.code("DELETE", &format!("/{id}"), ""), "HostedZoneNotEmpty");
    cloud
        .change(
            &id,
            &[
                set("DELETE", "\\052.corp.example", "TXT", &values(&["\"x y\""])),
                set("DELETE", "a.corp.example", "CNAME", &values(&["b.example"])),
            ],
        )
        .unwrap();
    assert_eq!(cloud.code("DELETE", &format!("/{id}"), ""), "OK");
}

/// What may take the place of something counts twice.
#[test]
fn a_batch_has_its_limits() {
    let mut cloud = Cloud::new();
    let vpc = cloud.vpc("10.5.0.0/16");
    let id = cloud.private_zone("corp.example", &vpc);
    let batch = |action: &str, sets: usize, width: usize| -> Vec<String> {
        let all: Vec<String> = (0..250).map(|n| format!("\"{n:0width$}\"")).collect();
        let all: Vec<&str> = all.iter().map(String::as_str).collect();
        (0..sets).map(|n| set(action, &format!("n{n}.corp.example"), "TXT", &values(&all))).collect()
    };
    for (action, sets, width, limit) in [
        ("CREATE", 5, 1, "records limit of 1000"),
        ("UPSERT", 3, 1, "records limit of 1000"),
        ("CREATE", 2, 98, "characters limit of 32000"),
        ("UPSERT", 1, 98, "characters limit of 32000"),
    ] {
        let refused = cloud.change(&id, &batch(action, sets, width)).unwrap_err();
        assert!(refused.starts_with("InvalidChangeBatch") && refused.contains(limit), "{action} {sets}: {refused}");
    }
    cloud.change(&id, &batch("UPSERT", 2, 1)).unwrap();
}

#[test]
fn routing_policies_are_not_mixed_and_what_is_not_kept_is_refused() {
    let mut cloud = Cloud::new();
    let vpc = cloud.vpc("10.5.0.0/16");
    let id = cloud.private_zone("corp.example", &vpc);
    let weighted = |name: &str, weight: &str| {
        format!("<SetIdentifier>{name}</SetIdentifier><Weight>{weight}</Weight>{}", values(&["10.5.0.1"]))
    };
    cloud
        .change(
            &id,
            &[
                set("CREATE", "w.corp.example", "A", &weighted("a", "3")),
                set("CREATE", "w.corp.example", "A", &weighted("b", "0")),
            ],
        )
        .unwrap();
    assert!(
        cloud
            .change(&id, &[set("CREATE", "w.corp.example", "A", &values(&["10.5.0.1"]))])
            .unwrap_err()
            .contains("another routing policy")
    );
    assert!(
        cloud
            .change(&id, &[set("CREATE", "v.corp.example", "A", &weighted("a", "256"))])
            .unwrap_err()
            .contains("InvalidInput")
    );
    let located = format!(
        "<SetIdentifier>x</SetIdentifier><AZAffinity><LocationId>use1-az1</LocationId></AZAffinity>{}",
        values(&["10.5.0.1"])
    );
    assert!(
        cloud
            .change(&id, &[set("CREATE", "r.corp.example", "A", &located)])
            .unwrap_err()
            .contains("AZAffinity is not supported")
    );
}

#[test]
fn a_name_has_as_much_as_a_resolver_can_read() {
    let mut cloud = Cloud::new();
    let vpc = cloud.vpc("10.5.0.0/16");
    let zone = cloud.private_zone("corp.example", &vpc);
    let of_values = |count: u32| {
        let all: Vec<String> = (0..count).map(|n| Ipv4Addr::from_bits(0x0a09_0000 + n).to_string()).collect();
        let all: Vec<&str> = all.iter().map(String::as_str).collect();
        set("UPSERT", "many.corp.example", "A", &values(&all))
    };
    assert!(cloud.change(&zone, &[of_values(400)]).is_ok());
    let refused = cloud.change(&zone, &[of_values(401)]).unwrap_err();
    assert!(refused.starts_with("InvalidChangeBatch") && refused.contains("limit of 400"), "{refused}");
    let weighted = |n: u32| {
        let rest = format!("<SetIdentifier>{n}</SetIdentifier><Weight>1</Weight>{}", values(&["10.5.0.9"]));
        set("CREATE", "w.corp.example", "A", &rest)
    };
    let sets: Vec<String> = (0..100).map(weighted).collect();
    assert!(cloud.change(&zone, &sets).is_ok());
    let refused = cloud.change(&zone, &[weighted(100)]).unwrap_err();
    assert!(refused.starts_with("InvalidChangeBatch") && refused.contains("limit of 100"), "{refused}");
}

#[test]
fn vpcs_of_other_accounts_need_authorisation() {
    let mut cloud = Cloud::new();
    let own = cloud.vpc("10.5.0.0/16");
    let id = cloud.private_zone("corp.example", &own);
    cloud.account = "444455556666";
    let theirs = cloud.vpc("10.6.0.0/16");
    let body = format!("<R>{}</R>", seen_by(&theirs));
    let (associate, disassociate) = (format!("/{id}/associatevpc"), format!("/{id}/disassociatevpc"));
    assert_eq!(cloud.code("POST", &associate, &body), "NotAuthorizedException");
    cloud.account = "111122223333";
    assert_eq!(cloud.code("POST", &associate, &body), "NotAuthorizedException", "it is not the zone owner's VPC");
    assert_eq!(cloud.code("POST", &format!("/{id}/authorizevpcassociation"), &body), "OK");
    let listed = cloud.zone("GET", &format!("/{id}/authorizevpcassociation"), "").unwrap();
    assert_eq!(texts(&listed, "VPCId"), [theirs.as_str()]);
    cloud.account = "444455556666";
    assert_eq!(cloud.code("POST", &associate, &body), "OK");
    cloud.account = "111122223333";
    assert_eq!(cloud.code("POST", &format!("/{id}/deauthorizevpcassociation"), &body), "OK");
    assert_eq!(
        cloud.code("POST", &format!("/{id}/deauthorizevpcassociation"), &body),
        "VPCAssociationAuthorizationNotFound"
    );
    let zone = cloud.zone("GET", &format!("/{id}"), "").unwrap();
    assert_eq!(texts(&zone, "VPCId").len(), 2, "what was associated stays");
    assert_eq!(cloud.code("POST", &disassociate, &body), "OK");
    assert_eq!(cloud.code("POST", &disassociate, &body), "VPCAssociationNotFound");
    let last = format!("<R>{}</R>", seen_by(&own));
    assert_eq!(cloud.code("POST", &disassociate, &last), "LastVPCAssociation");
}

#[test]
fn zones_have_tags() {
    let mut cloud = Cloud::new();
    let vpc = cloud.vpc("10.5.0.0/16");
    let (id, other) = (cloud.private_zone("corp.example", &vpc), cloud.private_zone("other.example", &vpc));
    let at = format!("/2013-04-01/tags/hostedzone/{id}");
    let tag = |key: &str, value: &str| format!("<Tag><Key>{key}</Key><Value>{value}</Value></Tag>");
    let add = |tags: &str| format!("<R><AddTags>{tags}</AddTags></R>");
    cloud.route53("POST", &at, &add(&(tag("team", "net") + &tag("stage", "test")))).unwrap();
    let both =
        format!("<R><AddTags>{}</AddTags><RemoveTagKeys><Key>stage</Key></RemoveTagKeys></R>", tag("team", "web"));
    cloud.route53("POST", &at, &both).unwrap();
    let listed = cloud.route53("GET", &at, "").unwrap();
    assert_eq!((texts(&listed, "Key"), texts(&listed, "Value")), (vec!["team".to_owned()], vec!["web".to_owned()]));
    let ids: String = [&id, &other].map(|id| format!("<ResourceId>{id}</ResourceId>")).concat();
    let several = format!("<R><ResourceIds>{ids}</ResourceIds></R>");
    let listed = cloud.route53("POST", "/2013-04-01/tags/hostedzone", &several).unwrap();
    assert_eq!((texts(&listed, "ResourceId"), texts(&listed, "Key").len()), (vec![id.clone(), other], 1));

    let mut code = |method: &str, path: &str, body: &str| {
        cloud.route53(method, path, body).map_or_else(|(code, _)| code, |_| "OK".into())
    };
    assert_eq!(code("POST", &at, "<R></R>"), "InvalidInput");
    assert_eq!(code("POST", &at, &add(&tag("aws:mine", "x"))), "InvalidInput");
    assert_eq!(code("GET", "/2013-04-01/tags/hostedzone/Z1", ""), "NoSuchHostedZone");
    assert_eq!(code("GET", "/2013-04-01/tags/healthcheck/x", ""), "NoSuchHealthCheck");
    assert_eq!(code("GET", &format!("/2013-04-01/tags/zone/{id}"), ""), "InvalidInput");
    let whole = format!("/2013-04-01/tags/hostedzone/%2Fhostedzone%2F{}", "Z".repeat(21));
    assert_eq!(code("GET", &whole, ""), "InvalidInput", "an id is sent without /hostedzone/");
}

/// A zone of a part of a network has a slash in its name (RFC 2317 §4).
#[test]
fn unusual_letters_of_names_are_told_in_octal() {
    let mut cloud = Cloud::new();
    let vpc = cloud.vpc("10.5.0.0/16");
    let id = cloud.private_zone("0/25.2.0.192.in-addr.arpa", &vpc);
    let (name, told) = ("a@b.0/25.2.0.192.in-addr.arpa", "a\\100b.0\\05725.2.0.192.in-addr.arpa.");
    cloud.change(&id, &[set("CREATE", name, "PTR", &values(&["x+y.example"]))]).unwrap();
    let listed = cloud.zone("GET", &format!("/{id}/rrset?type=PTR&name={}", told.replace('\\', "%5C")), "").unwrap();
    assert_eq!(
        (texts(&listed, "Name"), texts(&listed, "Value")),
        (vec![told.to_owned()], vec!["x+y.example".to_owned()])
    );
    cloud.change(&id, &[set("DELETE", told, "PTR", &values(&["x+y.example"]))]).unwrap();
    let zone = cloud.zone("GET", &format!("/{id}"), "").unwrap();
    assert_eq!(first(&zone, "Name").as_deref(), Some("0\\05725.2.0.192.in-addr.arpa."));
}

#[test]
fn what_the_platform_lacks_is_refused_by_name() {
    let mut cloud = Cloud::new();
    for (method, path, action) in [
        ("POST", "keysigningkey", "CreateKeySigningKey"),
        ("POST", "hostedzone/Z1/enable-dnssec", "EnableHostedZoneDNSSEC"),
    ] {
        let (code, message) = cloud.route53(method, &format!("/2013-04-01/{path}"), "").unwrap_err();
        assert_eq!(code, "UnsupportedOperation");
        assert!(message.contains(action), "{message}");
    }
}

#[test]
fn a_record_set_has_each_value_once() {
    let mut cloud = Cloud::new();
    let vpc = cloud.vpc("10.5.0.0/16");
    let id = cloud.private_zone("corp.example", &vpc);
    let twice = set("CREATE", "a.corp.example", "A", &values(&["10.5.0.10", "10.5.0.10"]));
    let refused = cloud.change(&id, &[twice]).unwrap_err();
    assert!(refused.starts_with("InvalidChangeBatch: ") && refused.contains("Duplicate Resource Record"), "{refused}");
}

#[test]
fn limits_are_told() {
    let mut cloud = Cloud::new();
    let vpc = cloud.vpc("10.5.0.0/16");
    let id = cloud.private_zone("corp.example", &vpc);
    let mut limit = |path: &str| match cloud.route53("GET", &format!("/2013-04-01/{path}"), "") {
        Ok(body) => Ok(["Type", "Value", "Count"].map(|element| first(&body, element).unwrap())),
        Err((code, _)) => Err(code),
    };
    let sets = limit(&format!("hostedzonelimit/{id}/MAX_RRSETS_BY_ZONE"));
    assert_eq!(sets, Ok(["MAX_RRSETS_BY_ZONE", "10000", "2"].map(str::to_owned)));
    let vpcs = limit(&format!("hostedzonelimit/{id}/MAX_VPCS_ASSOCIATED_BY_ZONE"));
    assert_eq!(vpcs, Ok(["MAX_VPCS_ASSOCIATED_BY_ZONE", "300", "1"].map(str::to_owned)));
    assert_eq!(limit(&format!("hostedzonelimit/{id}/MAX")), Err("InvalidInput".into()));
    assert_eq!(limit("hostedzonelimit/Z1/MAX_RRSETS_BY_ZONE"), Err("NoSuchHostedZone".into()));
    let zones = limit("accountlimit/MAX_HOSTED_ZONES_BY_OWNER");
    assert_eq!(zones, Ok(["MAX_HOSTED_ZONES_BY_OWNER", "500", "1"].map(str::to_owned)));
}

#[test]
fn a_public_zones_answer_is_tested() {
    let mut cloud = Cloud::new();
    let made = cloud.zone("POST", "", &create("shop.example", None, "1")).unwrap();
    let id = first(&made, "Id").unwrap().rsplit('/').next().unwrap().to_owned();
    let both = values(&["203.0.113.1", "203.0.113.2"]);
    let target = format!(
        "<HostedZoneId>{id}</HostedZoneId><DNSName>www.shop.example</DNSName>\
         <EvaluateTargetHealth>false</EvaluateTargetHealth>"
    );
    let text = values(&["&quot;a b&quot; &quot;\\101\\001&quot;"]);
    let sets = [
        set("CREATE", "www.shop.example", "A", &both),
        set("CREATE", "alias.shop.example", "A", &format!("<AliasTarget>{target}</AliasTarget>")),
        set("CREATE", "text.shop.example", "TXT", &text),
    ];
    cloud.change(&id, &sets).unwrap();
    let mut test = |zone: &str, name: &str, kind: &str| -> Result<(String, Vec<String>), String> {
        let path = format!("/2013-04-01/testdnsanswer?hostedzoneid={zone}&recordname={name}&recordtype={kind}");
        let body = cloud.route53("GET", &path, "").map_err(|(code, _)| code)?;
        Ok((first(&body, "ResponseCode").unwrap(), texts(&body, "RecordDataEntry")))
    };
    let data = |data: &[&str]| data.iter().map(|datum| (*datum).to_owned()).collect::<Vec<_>>();
    let answer = test(&id, "WWW.shop.example", "A");
    assert_eq!(answer, Ok(("NOERROR".into(), data(&["203.0.113.1", "203.0.113.2"]))));
    assert_eq!(test(&id, "alias.shop.example", "A"), answer);
    let text = test(&id, "text.shop.example", "TXT").map(|(_, data)| data[0].replace("&quot;", "\""));
    assert_eq!(text, Ok("\"a b\" \"A\\001\"".to_owned()));
    assert_eq!(test(&id, "www.shop.example", "TXT"), Ok(("NOERROR".into(), data(&[]))));
    assert_eq!(test(&id, "ftp.shop.example", "A"), Ok(("NXDOMAIN".into(), data(&[]))));
    assert_eq!(test(&id, "www.other.example", "A"), Err("InvalidInput".into()));
    let vpc = cloud.vpc("10.5.0.0/16");
    let private = cloud.private_zone("corp.example", &vpc);
    let path = format!("/2013-04-01/testdnsanswer?hostedzoneid={private}&recordname=corp.example&recordtype=SOA");
    assert_eq!(cloud.route53("GET", &path, "").unwrap_err().0, "InvalidInput");
}

#[test]
fn an_alias_in_its_own_zone_leads_to_what_is_there() {
    let mut cloud = Cloud::new();
    let vpc = cloud.vpc("10.5.0.0/16");
    let id = cloud.private_zone("corp.example", &vpc);
    let alias = |to: &str| {
        let target = format!(
            "<HostedZoneId>{id}</HostedZoneId><DNSName>{to}</DNSName><EvaluateTargetHealth>false</EvaluateTargetHealth>"
        );
        set("UPSERT", "www.corp.example", "A", &format!("<AliasTarget>{target}</AliasTarget>"))
    };
    let refused = cloud.change(&id, &[alias("db.corp.example")]).unwrap_err();
    assert!(refused.contains("targets db.corp.example., type A in zone") && refused.contains("not found"), "{refused}");
    let refused = cloud.change(&id, &[alias("db.other.example")]).unwrap_err();
    assert!(refused.contains("does not lie within the target zone"), "{refused}");
    let both = [alias("db.corp.example"), set("CREATE", "db.corp.example", "A", &values(&["10.5.0.9"]))];
    assert!(cloud.change(&id, &both).is_ok());
}

#[test]
fn texts_are_in_quotation_marks() {
    let mut cloud = Cloud::new();
    let vpc = cloud.vpc("10.5.0.0/16");
    let id = cloud.private_zone("corp.example", &vpc);
    let text = |value: &str| set("UPSERT", "t.corp.example", "TXT", &values(&[value]));
    for wrong in ["bare", "&quot;half", "&quot;"] {
        let refused = cloud.change(&id, &[text(wrong)]).unwrap_err();
        assert!(refused.contains("InvalidCharacterString"), "{wrong}: {refused}");
    }
    assert!(cloud.change(&id, &[text("&quot;v=spf1 -all&quot; &quot;more&quot;")]).is_ok());
}
