//! CIDR collections, and the records that are chosen by clients' addresses.

use super::{Cloud, create, first, set, texts, values};

impl Cloud {
    fn cidr(&mut self, method: &str, path: &str, body: &str) -> Result<String, String> {
        self.route53(method, &format!("/2013-04-01/{path}"), body).map_err(|(code, _)| code)
    }

    /// A collection with a name.
    fn collection(&mut self, name: &str) -> String {
        let body = format!("<R><Name>{name}</Name><CallerReference>{name}</CallerReference></R>");
        first(&self.cidr("POST", "cidrcollection", &body).unwrap(), "Id").unwrap()
    }

    fn change_collection(&mut self, id: &str, version: i64, changes: &[(&str, &str, &str)]) -> Result<String, String> {
        let change = |(action, location, block): &(&str, &str, &str)| {
            format!(
                "<member><LocationName>{location}</LocationName><Action>{action}</Action>\
                 <CidrList><Cidr>{block}</Cidr></CidrList></member>"
            )
        };
        let changes: String = changes.iter().map(change).collect();
        let body = format!("<R><CollectionVersion>{version}</CollectionVersion><Changes>{changes}</Changes></R>");
        self.cidr("POST", &format!("cidrcollection/{id}"), &body)
    }
}

#[test]
fn a_collection_has_blocks_in_locations() {
    let mut cloud = Cloud::new();
    let id = cloud.collection("offices");
    assert_eq!(cloud.collection("offices"), id, "a repeated request");
    let other = "<R><Name>offices</Name><CallerReference>other</CallerReference></R>";
    assert_eq!(cloud.cidr("POST", "cidrcollection", other).unwrap_err(), "CidrCollectionAlreadyExistsException");
    let put = [("PUT", "paris", "203.0.113.0/24"), ("PUT", "berlin", "2001:db8::/32")];
    cloud.change_collection(&id, 1, &put).unwrap();
    let moved = [("PUT", "rome", "203.0.113.0/24")];
    assert_eq!(cloud.change_collection(&id, 1, &moved).unwrap_err(), "CidrCollectionVersionMismatchException");
    assert_eq!(cloud.change_collection(&id, 2, &moved).unwrap_err(), "CidrBlockInUseException");
    for block in ["203.0.113.0/25", "0.0.0.0/0", "2001:db8::/64", "here"] {
        assert_eq!(cloud.change_collection(&id, 2, &[("PUT", "rome", block)]).unwrap_err(), "InvalidInput", "{block}");
    }
    cloud.change_collection(&id, 2, &[moved[0], ("DELETE_IF_EXISTS", "paris", "203.0.113.0/24")]).unwrap();
    let locations = cloud.cidr("GET", &format!("cidrcollection/{id}?maxresults=1"), "").unwrap();
    assert_eq!(texts(&locations, "LocationName"), ["berlin"]);
    assert_eq!(first(&locations, "NextToken").as_deref(), Some("rome"));
    let blocks = cloud.cidr("GET", &format!("cidrcollection/{id}/cidrblocks?location=rome"), "").unwrap();
    assert_eq!(texts(&blocks, "CidrBlock"), ["203.0.113.0/24"]);
    let none = cloud.cidr("GET", &format!("cidrcollection/{id}/cidrblocks?location=paris"), "");
    assert_eq!(none.unwrap_err(), "NoSuchCidrLocationException");
    let path = format!("cidrcollection/{id}");
    assert_eq!(cloud.cidr("DELETE", &path, "").unwrap_err(), "CidrCollectionInUseException");
    let all = [("DELETE_IF_EXISTS", "rome", "203.0.113.0/24"), ("DELETE_IF_EXISTS", "berlin", "2001:db8::/32")];
    cloud.change_collection(&id, 3, &all).unwrap();
    cloud.cidr("DELETE", &path, "").unwrap();
    assert_eq!(cloud.cidr("GET", &path, "").unwrap_err(), "NoSuchCidrCollectionException");
}

#[test]
fn a_record_is_chosen_by_the_longest_block() {
    let mut cloud = Cloud::new();
    let id = cloud.collection("offices");
    cloud.change_collection(&id, 1, &[("PUT", "city", "203.0.0.0/16"), ("PUT", "house", "203.0.113.0/24")]).unwrap();
    let zone = cloud.zone("POST", "", &create("shop.example", None, "1")).unwrap();
    let zone = first(&zone, "Id").unwrap().rsplit('/').next().unwrap().to_owned();
    let record = |location: &str, value: &str| {
        let routing = format!("<CollectionId>{id}</CollectionId><LocationName>{location}</LocationName>");
        let rest = format!(
            "<SetIdentifier>{location}</SetIdentifier><CidrRoutingConfig>{routing}</CidrRoutingConfig>{}",
            values(&[value])
        );
        set("CREATE", "www.shop.example", "A", &rest)
    };
    let unknown = cloud.change(&zone, &[record("moon", "192.0.2.9")]).unwrap_err();
    assert!(unknown.starts_with("InvalidChangeBatch") && unknown.contains("no location moon"), "{unknown}");
    cloud.change(&zone, &[record("house", "192.0.2.1"), record("*", "192.0.2.2")]).unwrap();
    let mut answer = |resolver: &str| {
        let asked = format!("hostedzoneid={zone}&recordname=www.shop.example&recordtype=A&resolverip={resolver}");
        texts(&cloud.cidr("GET", &format!("testdnsanswer?{asked}"), "").unwrap(), "RecordDataEntry")
    };
    assert_eq!(answer("203.0.113.7"), ["192.0.2.1"]);
    assert_eq!(answer("203.0.7.7"), ["192.0.2.2"], "its own location has no record");
    assert_eq!(answer("198.51.100.1"), ["192.0.2.2"]);
    let emptied = cloud.change_collection(&id, 2, &[("DELETE_IF_EXISTS", "house", "203.0.113.0/24")]);
    assert_eq!(emptied.unwrap_err(), "CidrBlockInUseException");
}

#[test]
fn private_zones_have_no_ip_based_routing() {
    let mut cloud = Cloud::new();
    let id = cloud.collection("offices");
    let vpc = cloud.vpc("10.5.0.0/16");
    let zone = cloud.private_zone("corp.example", &vpc);
    let routing = format!("<CollectionId>{id}</CollectionId><LocationName>*</LocationName>");
    let rest = format!(
        "<SetIdentifier>a</SetIdentifier><CidrRoutingConfig>{routing}</CidrRoutingConfig>{}",
        values(&["192.0.2.1"])
    );
    let refused = cloud.change(&zone, &[set("CREATE", "www.corp.example", "A", &rest)]).unwrap_err();
    assert!(refused.contains("private zone"), "{refused}");
}
