//! Traffic policies and their versions.

use super::{Cloud, create, first, set, texts, values};

const DOCUMENT: &str = "{&quot;AWSPolicyFormatVersion&quot;:&quot;2015-10-01&quot;,&quot;RecordType&quot;:&quot;A&quot;,\
    &quot;StartEndpoint&quot;:&quot;one&quot;,\
    &quot;Endpoints&quot;:{&quot;one&quot;:{&quot;Type&quot;:&quot;value&quot;,&quot;Value&quot;:&quot;203.0.113.1&quot;}}}";

impl Cloud {
    fn traffic(&mut self, method: &str, path: &str, body: &str) -> Result<String, String> {
        self.route53(method, &format!("/2013-04-01/{path}"), body).map_err(|(code, _)| code)
    }
}

#[test]
fn policies_have_versions_until_the_last_is_deleted() {
    let mut cloud = Cloud::new();
    let body = |name: &str, document: &str| format!("<R><Name>{name}</Name><Document>{document}</Document></R>");
    let made = cloud.traffic("POST", "trafficpolicy", &body("near", DOCUMENT)).unwrap();
    assert_eq!([first(&made, "Version"), first(&made, "Type")], [Some("1".to_owned()), Some("A".to_owned())]);
    let exists = cloud.traffic("POST", "trafficpolicy", &body("near", DOCUMENT));
    assert_eq!(exists.unwrap_err(), "TrafficPolicyAlreadyExists");
    let malformed = cloud.traffic("POST", "trafficpolicy", &body("far", "{}"));
    assert_eq!(malformed.unwrap_err(), "InvalidTrafficPolicyDocument");
    let id = first(&made, "Id").unwrap();
    let version = format!("<R><Document>{DOCUMENT}</Document><Comment>second</Comment></R>");
    cloud.traffic("POST", &format!("trafficpolicy/{id}"), &version).unwrap();
    let listed = cloud.traffic("GET", "trafficpolicies", "").unwrap();
    assert_eq!(first(&listed, "LatestVersion").as_deref(), Some("2"));
    let page = cloud.traffic("GET", &format!("trafficpolicies/{id}/versions?maxitems=1"), "").unwrap();
    assert_eq!(texts(&page, "Version"), ["1"]);
    assert_eq!(first(&page, "TrafficPolicyVersionMarker").as_deref(), Some("2"));
    let rest = format!("trafficpolicies/{id}/versions?trafficpolicyversion=2");
    assert_eq!(texts(&cloud.traffic("GET", &rest, "").unwrap(), "Comment"), ["second"]);
    let [one, two] = [1, 2].map(|number| format!("trafficpolicy/{id}/{number}"));
    cloud.traffic("POST", &one, "<R><Comment>first</Comment></R>").unwrap();
    assert_eq!(first(&cloud.traffic("GET", &one, "").unwrap(), "Comment").as_deref(), Some("first"));
    for version in [&one, &two] {
        cloud.traffic("DELETE", version, "").unwrap();
    }
    assert_eq!(cloud.traffic("GET", &two, "").unwrap_err(), "NoSuchTrafficPolicy");
    assert!(texts(&cloud.traffic("GET", "trafficpolicies", "").unwrap(), "Id").is_empty());
}

impl Cloud {
    /// Makes a public zone and a traffic policy. Returns their ids.
    fn zone_and_policy(&mut self, document: &str) -> (String, String) {
        let zone = self.zone("POST", "", &create("shop.example", None, "1")).unwrap();
        let zone = first(&zone, "Id").unwrap().rsplit('/').next().unwrap().to_owned();
        let policy = format!("<R><Name>near</Name><Document>{document}</Document></R>");
        let policy = self.traffic("POST", "trafficpolicy", &policy).unwrap();
        (zone, first(&policy, "Id").unwrap())
    }
}

fn instance(zone: &str, name: &str, policy: &str) -> String {
    format!(
        "<R><HostedZoneId>{zone}</HostedZoneId><Name>{name}</Name><TTL>60</TTL>\
         <TrafficPolicyId>{policy}</TrafficPolicyId><TrafficPolicyVersion>1</TrafficPolicyVersion></R>"
    )
}

#[test]
fn an_instance_is_a_record_set_of_its_zone() {
    let mut cloud = Cloud::new();
    let (zone, policy) = cloud.zone_and_policy(DOCUMENT);
    let made = cloud.traffic("POST", "trafficpolicyinstance", &instance(&zone, "www.shop.example", &policy)).unwrap();
    let told = |name: &str| first(&made, name).unwrap();
    assert_eq!(["Name", "State", "TTL", "TrafficPolicyType"].map(told), ["www.shop.example.", "Applied", "60", "A"]);
    let again = cloud.traffic("POST", "trafficpolicyinstance", &instance(&zone, "www.shop.example.", &policy));
    assert_eq!(again.unwrap_err(), "TrafficPolicyInstanceAlreadyExists");
    let id = told("Id");
    let listed = cloud.traffic("GET", &format!("hostedzone/{zone}/rrset"), "").unwrap();
    assert_eq!(texts(&listed, "TrafficPolicyInstanceId"), [id.as_str()]);
    assert!(!listed.contains("203.0.113.1"), "{listed}");
    let at = format!("trafficpolicyinstance/{id}");
    let applied = format!("<TrafficPolicyId>{policy}</TrafficPolicyId><TrafficPolicyVersion>1</TrafficPolicyVersion>");
    let update = format!("<R><TTL>30</TTL>{applied}</R>");
    assert_eq!(first(&cloud.traffic("POST", &at, &update).unwrap(), "TTL").as_deref(), Some("30"));
    assert_eq!(cloud.traffic("DELETE", &format!("trafficpolicy/{policy}/1"), "").unwrap_err(), "TrafficPolicyInUse");
    assert_eq!(cloud.traffic("DELETE", &format!("hostedzone/{zone}"), "").unwrap_err(), "HostedZoneNotEmpty");
    cloud.traffic("DELETE", &at, "").unwrap();
    assert_eq!(cloud.traffic("GET", &at, "").unwrap_err(), "NoSuchTrafficPolicyInstance");
    cloud.traffic("DELETE", &format!("hostedzone/{zone}"), "").unwrap();
}

#[test]
fn instances_are_listed_in_pages() {
    let mut cloud = Cloud::new();
    let (zone, policy) = cloud.zone_and_policy(DOCUMENT);
    for name in ["b.shop.example", "a.shop.example", "c.shop.example"] {
        cloud.traffic("POST", "trafficpolicyinstance", &instance(&zone, name, &policy)).unwrap();
    }
    let count = cloud.traffic("GET", "trafficpolicyinstancecount", "").unwrap();
    assert_eq!(first(&count, "TrafficPolicyInstanceCount").as_deref(), Some("3"));
    for list in [
        "trafficpolicyinstances?".to_owned(),
        format!("trafficpolicyinstances/hostedzone?id={zone}&"),
        format!("trafficpolicyinstances/trafficpolicy?id={policy}&version=1&"),
    ] {
        let page = cloud.traffic("GET", &format!("{list}maxitems=2"), "").unwrap();
        assert_eq!(texts(&page, "Name"), ["a.shop.example.", "b.shop.example."], "{list}");
        let (name, kind) = ("TrafficPolicyInstanceNameMarker", "TrafficPolicyInstanceTypeMarker");
        let (name, kind) = (first(&page, name).unwrap(), first(&page, kind).unwrap());
        let of_zone = first(&page, "HostedZoneIdMarker").map(|zone| format!("&hostedzoneid={zone}"));
        let next = format!("trafficpolicyinstancename={name}&trafficpolicyinstancetype={kind}");
        let rest = format!("{list}{next}{}", of_zone.unwrap_or_default());
        assert_eq!(texts(&cloud.traffic("GET", &rest, "").unwrap(), "Name"), ["c.shop.example."], "{list}");
    }
}

#[test]
fn an_instance_whose_zone_is_gone_can_be_deleted() {
    let mut cloud = Cloud::new();
    let (zone, policy) = cloud.zone_and_policy(DOCUMENT);
    let made = cloud.traffic("POST", "trafficpolicyinstance", &instance(&zone, "www.shop.example", &policy)).unwrap();
    let own = |action: &str| set(action, "www.shop.example", "A", &values(&["192.0.2.1"]));
    cloud.change(&zone, &[own("UPSERT")]).unwrap();
    cloud.change(&zone, &[own("DELETE")]).unwrap();
    cloud.traffic("DELETE", &format!("hostedzone/{zone}"), "").unwrap();
    cloud.traffic("DELETE", &format!("trafficpolicyinstance/{}", first(&made, "Id").unwrap()), "").unwrap();
}

#[test]
fn an_account_has_as_many_instances_as_its_limit_says() {
    let mut cloud = Cloud::new();
    let (zone, policy) = cloud.zone_and_policy(DOCUMENT);
    let limit = "accountlimit/MAX_TRAFFIC_POLICY_INSTANCES_BY_OWNER";
    let limit: u32 = first(&cloud.traffic("GET", limit, "").unwrap(), "Value").unwrap().parse().unwrap();
    let mut create = |number: u32| {
        let instance = instance(&zone, &format!("n{number}.shop.example"), &policy);
        cloud.traffic("POST", "trafficpolicyinstance", &instance).map(|_| ())
    };
    (0..limit).for_each(|number| create(number).unwrap());
    assert_eq!(create(limit).unwrap_err(), "TooManyTrafficPolicyInstances");
}

#[test]
fn a_document_refers_only_to_what_it_has() {
    let mut cloud = Cloud::new();
    for (was, is) in [("&quot;one&quot;:{", "&quot;two&quot;:{"), ("StartEndpoint", "StartRule")] {
        let body = format!("<R><Name>near</Name><Document>{}</Document></R>", DOCUMENT.replace(was, is));
        let refused = cloud.traffic("POST", "trafficpolicy", &body);
        assert_eq!(refused.unwrap_err(), "InvalidTrafficPolicyDocument", "{is}");
    }
}

/// Inventories ask for them.
#[test]
fn what_is_the_same_for_everybody_is_listed() {
    let mut cloud = Cloud::new();
    assert_eq!(texts(&cloud.traffic("GET", "checkeripranges", "").unwrap(), "member").len(), 8);
    let one = cloud.traffic("GET", "geolocation?countrycode=US&subdivisioncode=NY", "").unwrap();
    assert_eq!(
        [first(&one, "CountryName"), first(&one, "SubdivisionName")].map(Option::unwrap),
        ["United States", "New York"]
    );
    assert_eq!(cloud.traffic("GET", "geolocation?countrycode=XX", "").unwrap_err(), "NoSuchGeoLocation");
    let page = cloud.traffic("GET", "geolocations?startcountrycode=ZW&maxitems=2", "").unwrap();
    assert_eq!([texts(&page, "CountryName"), texts(&page, "ContinentName")], [["Zimbabwe"], ["Africa"]]);
    assert_eq!(first(&page, "NextContinentCode").as_deref(), Some("AN"));
}
