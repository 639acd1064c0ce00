//! Traffic policies and their versions.

use super::{Cloud, first, texts};

const DOCUMENT: &str = "{&quot;AWSPolicyFormatVersion&quot;:&quot;2015-10-01&quot;,&quot;RecordType&quot;:&quot;A&quot;,\
    &quot;StartEndpoint&quot;:&quot;one&quot;}";

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

/// Inventories ask for them.
#[test]
fn there_are_no_instances_of_policies() {
    let mut cloud = Cloud::new();
    let listed = cloud.traffic("GET", "trafficpolicyinstances", "").unwrap();
    assert!(listed.contains("<IsTruncated>false</IsTruncated>"), "{listed}");
    let count = cloud.traffic("GET", "trafficpolicyinstancecount", "").unwrap();
    assert_eq!(first(&count, "TrafficPolicyInstanceCount").as_deref(), Some("0"));
    assert_eq!(texts(&cloud.traffic("GET", "checkeripranges", "").unwrap(), "member").len(), 8);
}
