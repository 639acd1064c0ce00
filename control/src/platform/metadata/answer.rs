//! Requests to the metadata service and their answers. Version 1 needs no token; version 2 needs one that was requested
//! before.

use super::access::{MetadataRequest, Secret, client, reader};
use super::tree;
use crate::names::View;
use model::{MetadataOptions, Time};
use percent_encoding::percent_decode_str;
use std::net::Ipv4Addr;
use std::time::Duration;

/// The path of new tokens.
const TOKEN: &str = "/latest/api/token";
/// The longest lifetime of a token, in seconds.
const LONGEST: u64 = 21_600;
/// The versions that are served besides `latest`. All have the same contents.
const VERSIONS: [&str; 27] = [
    "1.0",
    "2007-01-19",
    "2007-03-01",
    "2007-08-29",
    "2007-10-10",
    "2007-12-15",
    "2008-02-01",
    "2008-09-01",
    "2009-04-04",
    "2011-01-01",
    "2011-05-01",
    "2012-01-12",
    "2014-02-25",
    "2014-11-05",
    "2015-10-20",
    "2016-04-19",
    "2016-06-30",
    "2016-09-02",
    "2018-03-28",
    "2018-08-17",
    "2018-09-24",
    "2019-10-01",
    "2020-10-27",
    "2021-01-03",
    "2021-03-23",
    "2021-07-15",
    "2022-09-24",
];

/// An answer.
#[derive(Debug, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The body's content type.
    pub content_type: &'static str,
    /// The lifetime of the token in the body, in seconds.
    pub ttl: Option<u64>,
    /// The time to live of the answer's packets.
    pub hops: Option<u8>,
    /// The body.
    pub body: Vec<u8>,
    /// The proof to send instead of the body.
    pub proof: Option<Proof>,
}

/// How a document is proven.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// Its signature.
    Signature,
    /// The document and its signature.
    Signed,
}

/// The answer to the host with this address on the platform's network.
pub fn answer(view: View<'_>, now: Time, from: Ipv4Addr, request: &MetadataRequest<'_>) -> Answer {
    let answered = match (request.method, request.path) {
        ("PUT", TOKEN) => client(view, from)
            .map(|(_, instance)| token(&Secret::of(view, instance), now, request, &instance.options.metadata)),
        (_, TOKEN) => Err(405),
        _ => reader(view, now, from, request).map(|client| found(&tree::leaves(view, &client), request.path)),
    };
    answered.unwrap_or_else(refusal)
}

fn token(secret: &Secret<'_>, now: Time, request: &MetadataRequest<'_>, options: &MetadataOptions) -> Answer {
    if request.is_forwarded {
        return refusal(403);
    }
    let ttl = request.ttl.and_then(|ttl| ttl.parse().ok()).filter(|ttl| (1..=LONGEST).contains(ttl));
    let Some(ttl) = ttl else { return refusal(400) };
    let token = secret.make(now.after(Duration::from_secs(ttl)));
    Answer { ttl: Some(ttl), hops: Some(options.hop_limit), ..text(token.into_bytes()) }
}

/// The answer for a path: a leaf, or the names below it.
fn found(leaves: &[(String, Vec<u8>)], path: &str) -> Answer {
    let mut parts = path.split('/').filter(|part| !part.is_empty());
    let Some(version) = parts.next() else {
        return text(
            VERSIONS
                .iter()
                .chain(&["latest"])
                .map(|version| format!("{version}\n"))
                .collect::<String>()
                .trim_end()
                .into(),
        );
    };
    if version != "latest" && !VERSIONS.contains(&version) {
        return refusal(404);
    }
    let wanted: Vec<_> = parts.map(|part| percent_decode_str(part).decode_utf8_lossy()).collect();
    let wanted = wanted.join("/");
    if let Some((name, value)) = leaves.iter().find(|(name, _)| *name == wanted) {
        let content_type = match name.as_str() {
            "user-data" => "application/octet-stream",
            "dynamic/instance-identity/document" => "application/json",
            _ => "text/plain",
        };
        let proof = match name.strip_prefix("dynamic/instance-identity/") {
            Some("signature") => Some(Proof::Signature),
            Some("pkcs7" | "rsa2048") => Some(Proof::Signed),
            _ => None,
        };
        return Answer { content_type, proof, ..text(value.clone()) };
    }
    let above = if wanted.is_empty() { String::new() } else { format!("{wanted}/") };
    let mut names: Vec<String> = Vec::new();
    for rest in leaves.iter().filter_map(|(name, _)| name.strip_prefix(&above)) {
        let name = match rest.split_once('/') {
            // Only the uppermost directories are listed without a slash.
            Some((directory, _)) if wanted.is_empty() => directory.to_owned(),
            Some((directory, _)) => format!("{directory}/"),
            None => rest.to_owned(),
        };
        if !names.contains(&name) {
            names.push(name);
        }
    }
    // A leaf with others below it is listed as a directory.
    let directories: Vec<String> = names.iter().filter(|name| name.ends_with('/')).cloned().collect();
    names.retain(|name| !directories.contains(&format!("{name}/")));
    if names.is_empty() { refusal(404) } else { text(names.join("\n").into_bytes()) }
}

fn text(body: Vec<u8>) -> Answer {
    Answer { status: 200, content_type: "text/plain", ttl: None, hops: None, body, proof: None }
}

/// A refusal in the service's words.
pub fn refusal(status: u16) -> Answer {
    let why = match status {
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        500 => "Internal Server Error",
        _ => "Method Not Allowed",
    };
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"iso-8859-1\"?>\n<html><head><title>{status} - {why}</title></head>\
         <body><h1>{status} - {why}</h1></body></html>\n"
    );
    Answer { status, content_type: "text/html", ..text(body.into_bytes()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::names::tests::Cloud;
    use data_encoding::BASE64;

    fn get<'a>(path: &'a str, token: Option<&'a str>) -> MetadataRequest<'a> {
        MetadataRequest { method: "GET", path, token, ttl: None, is_forwarded: false }
    }

    fn body(cloud: &Cloud, who: &str, path: &str) -> Result<String, u16> {
        let found = answer(cloud.view(), Time(1000), cloud.known_as(who), &get(path, None));
        if found.status == 200 { Ok(String::from_utf8(found.body).unwrap()) } else { Err(found.status) }
    }

    #[test]
    fn metadata_has_an_instances_identity_and_place() {
        let cloud = Cloud::new();
        let of = |who: &str, leaf: &str| body(&cloud, who, &format!("/latest/meta-data/{leaf}"));
        assert_eq!(of("C1", "instance-id"), Ok(cloud.id("C1")));
        assert_eq!(of("C1", "local-ipv4").as_deref(), Ok("10.251.50.12"));
        assert_eq!(of("C1", "public-hostname").as_deref(), Ok("ec2-203-0-113-25.compute-1.amazonaws.com"));
        assert_eq!(of("C1", "security-groups").as_deref(), Ok("default"));
        assert_eq!(of("I2", "hostname").as_deref(), Ok("ip-192-168-2-10.ec2.internal"));
        let mac = of("I2", "mac").unwrap();
        assert_eq!(of("I2", "network/interfaces/macs/"), Ok(format!("{mac}/")));
        assert_eq!(of("I2", &format!("network/interfaces/macs/{mac}/vpc-id")), Ok(cloud.id("A")));
        let mac = of("C1", "mac").unwrap();
        for absent in ["vpc-id", "subnet-id", "security-group-ids", "interface-id"] {
            assert_eq!(
                of("C1", &format!("network/interfaces/macs/{mac}/{absent}")),
                Err(404),
                "linked, and no part of the VPC"
            );
        }
        let document: serde_json::Value =
            serde_json::from_str(&body(&cloud, "I2", "/latest/dynamic/instance-identity/document").unwrap()).unwrap();
        assert_eq!((&document["instanceId"], &document["region"]), (&cloud.id("I2").into(), &"us-east-1".into()));
    }

    #[test]
    fn directories_list_what_is_below_them() {
        let cloud = Cloud::new();
        for path in ["/latest/meta-data/placement", "/latest/meta-data/placement/", "/2016-09-02//meta-data/placement/"]
        {
            assert_eq!(body(&cloud, "C1", path).as_deref(), Ok("availability-zone\navailability-zone-id\nregion"));
        }
        assert!(body(&cloud, "C1", "/").unwrap().ends_with("latest"));
        assert_eq!(body(&cloud, "C1", "/latest").as_deref(), Ok("dynamic\nmeta-data"));
        for path in
            ["/latest/user-data", "/1999-01-01/meta-data", "/latest/meta-data/nothing", "/latest/meta-data/plac"]
        {
            assert_eq!(body(&cloud, "C1", path), Err(404), "{path}");
        }
        assert_eq!(body(&cloud, "www", "/latest"), Err(404), "no instance");
    }

    #[test]
    fn a_token_belongs_to_its_instance_and_expires() {
        let cloud = Cloud::new();
        let put = |ttl, is_forwarded| {
            let ask = MetadataRequest { method: "PUT", path: "/latest/api/token", token: None, ttl, is_forwarded };
            answer(cloud.view(), Time(1000), cloud.known_as("C1"), &ask)
        };
        for (ttl, status) in [(None, 400), (Some("0"), 400), (Some("21601"), 400), (Some("x"), 400), (Some("60"), 200)]
        {
            assert_eq!(put(ttl, false).status, status, "{ttl:?}");
        }
        assert_eq!(put(Some("60"), true).status, 403);
        assert_eq!(body(&cloud, "C1", "/latest/api/token"), Err(405));
        let made = put(Some("60"), false);
        assert_eq!((made.ttl, made.hops), (Some(60), Some(1)));
        let token = String::from_utf8(made.body).unwrap();
        let shown = |who: &str, at: u64, token: &str| {
            answer(cloud.view(), Time(at), cloud.known_as(who), &get("/latest/meta-data/instance-id", Some(token)))
                .status
        };
        assert_eq!(
            [shown("C1", 1000, &token), shown("C1", 61_000, &token), shown("C1", 61_001, &token)],
            [200, 200, 401]
        );
        assert_eq!(shown("C2", 1000, &token), 401, "another's");
        assert_eq!(shown("C1", 1000, "000000000000ffff"), 401);
    }

    #[test]
    fn an_instance_is_answered_as_its_options_say() {
        let mut cloud = Cloud::new();
        let id = cloud.id("C1");
        let modify = |cloud: &mut Cloud, change: &str| {
            cloud.ask(&format!("Action=ModifyInstanceMetadataOptions&InstanceId={id}&{change}"));
        };
        let put = |cloud: &Cloud| {
            let ask = MetadataRequest {
                method: "PUT",
                path: "/latest/api/token",
                token: None,
                ttl: Some("60"),
                is_forwarded: false,
            };
            answer(cloud.view(), Time(1000), cloud.known_as("C1"), &ask)
        };
        modify(&mut cloud, "HttpTokens=required&HttpPutResponseHopLimit=3");
        assert_eq!(body(&cloud, "C1", "/latest/meta-data/instance-id"), Err(401), "without a token");
        assert_eq!(body(&cloud, "C2", "/latest/meta-data/instance-id"), Ok(cloud.id("C2")), "another's options");
        let made = put(&cloud);
        assert_eq!((made.status, made.hops), (200, Some(3)));
        let token = String::from_utf8(made.body).unwrap();
        let asked = get("/latest/meta-data/instance-id", Some(&token));
        assert_eq!(answer(cloud.view(), Time(1000), cloud.known_as("C1"), &asked).status, 200);
        modify(&mut cloud, "HttpEndpoint=disabled");
        assert_eq!(
            [answer(cloud.view(), Time(1000), cloud.known_as("C1"), &asked), put(&cloud)].map(|a| a.status),
            [403; 2]
        );
    }

    #[test]
    fn tags_are_shown_if_the_options_allow_it() {
        let mut cloud = Cloud::new();
        let id = cloud.id("C1");
        cloud.ask(&format!(
            "Action=CreateTags&ResourceId.1={id}&Tag.1.Key=role&Tag.1.Value=web&Tag.2.Key=a/b&Tag.2.Value=c"
        ));
        assert_eq!(body(&cloud, "C1", "/latest/meta-data/tags/instance/role"), Err(404));
        cloud.ask(&format!("Action=ModifyInstanceMetadataOptions&InstanceId={id}&InstanceMetadataTags=enabled"));
        let told = body(&cloud, "C1", "/latest/meta-data/tags/instance/").unwrap();
        assert!(told.lines().any(|key| key == "role") && !told.contains('/'), "{told}");
        assert_eq!(body(&cloud, "C1", "/latest/meta-data/tags/instance/role").as_deref(), Ok("web"));
        // Clients encode the colons of keys and of MAC addresses.
        cloud.ask(&format!("Action=CreateTags&ResourceId.1={id}&Tag.1.Key=team:name&Tag.1.Value=net"));
        assert_eq!(body(&cloud, "C1", "/latest/meta-data/tags/instance/team%3Aname").as_deref(), Ok("net"));
        let mac = body(&cloud, "C1", "/latest/meta-data/mac").unwrap();
        let own = format!("/latest/meta-data/network/interfaces/macs/{}/mac", mac.replace(':', "%3a"));
        assert_eq!(body(&cloud, "C1", &own), Ok(mac));
    }

    #[test]
    fn an_instance_has_its_key_pairs_public_key() {
        let mut cloud = Cloud::new();
        let key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJl3dIeudNqd0DPMRD6OIh65tjkxVNpsu01p7QZfy6xU me@here";
        let material: String = BASE64.encode(key.as_bytes()).bytes().map(|byte| format!("%{byte:02X}")).collect();
        cloud.ask(&format!("Action=ImportKeyPair&KeyName=mine&PublicKeyMaterial={material}"));
        let run = "Action=RunInstances&ImageId=ami-12345678&InstanceType=m3.medium&MinCount=1&MaxCount=1&KeyName=mine";
        cloud.make("K", run, "instanceId");
        let of = |leaf: &str| body(&cloud, "K", &format!("/latest/meta-data/{leaf}"));
        assert_eq!([of("public-keys"), of("public-keys/")], [Ok("0=mine".to_owned()), Ok("0=mine".to_owned())]);
        assert_eq!(of("public-keys/0").as_deref(), Ok("openssh-key"));
        let shown = key.replace("me@here", "mine") + "\n";
        assert_eq!(of("public-keys/0/openssh-key"), Ok(shown));
        assert!(of("").unwrap().lines().any(|name| name == "public-keys/"));
        assert_eq!(body(&cloud, "C1", "/latest/meta-data/public-keys"), Err(404), "without a key pair");
    }

    /// The categories that every instance has, wherever it is ("Instance metadata categories", EC2 user guide).
    #[test]
    fn every_instance_has_the_documented_leaves() {
        let cloud = Cloud::new();
        for who in ["C1", "I2"] {
            for leaf in [
                "ami-id",
                "ami-launch-index",
                "ami-manifest-path",
                "block-device-mapping/ami",
                "block-device-mapping/root",
                "events/maintenance/history",
                "events/maintenance/scheduled",
                "hibernation/configured",
                "hostname",
                "instance-action",
                "instance-id",
                "instance-life-cycle",
                "instance-type",
                "local-hostname",
                "local-ipv4",
                "mac",
                "placement/availability-zone",
                "placement/availability-zone-id",
                "placement/region",
                "profile",
                "public-hostname",
                "public-ipv4",
                "reservation-id",
                "security-groups",
                "services/domain",
                "services/partition",
                "system",
            ] {
                let told = body(&cloud, who, &format!("/latest/meta-data/{leaf}"));
                assert!(told.as_ref().is_ok_and(|told| !told.is_empty()), "{who} {leaf}: {told:?}");
            }
            for absent in ["spot/instance-action", "spot/termination-time", "events/recommendations/rebalance"] {
                assert_eq!(body(&cloud, who, &format!("/latest/meta-data/{absent}")), Err(404), "{who} {absent}");
            }
            assert_eq!(body(&cloud, who, "/latest/dynamic/fws/instance-monitoring").as_deref(), Ok("disabled"));
        }
        let mac = body(&cloud, "I2", "/latest/meta-data/mac").unwrap();
        let own = format!("/latest/meta-data/network/interfaces/macs/{mac}/ipv4-associations");
        assert_eq!(body(&cloud, "I2", &own).as_deref(), Ok("198.18.0.20"));
        assert_eq!(body(&cloud, "I2", &format!("{own}/198.18.0.20")).as_deref(), Ok("192.168.2.10"));
    }

    #[test]
    fn an_interface_shows_its_ipv6_addresses() {
        let mut cloud = Cloud::new();
        let (vpc, subnet, id) = (cloud.id("A"), cloud.id("a1"), cloud.id("I2"));
        cloud.ask(&format!("Action=AssociateVpcCidrBlock&VpcId={vpc}&AmazonProvidedIpv6CidrBlock=true"));
        let block = cloud.model.vpcs.get(&vpc).unwrap().ipv6[0].cidr;
        let part = format!("{}/64", block.network());
        cloud.ask(&format!("Action=AssociateSubnetCidrBlock&SubnetId={subnet}&Ipv6CidrBlock={part}"));
        let interface = cloud.model.instances.get(&id).unwrap().vpc().unwrap().interfaces[0].clone();
        cloud.ask(&format!("Action=AssignIpv6Addresses&NetworkInterfaceId={interface}&Ipv6AddressCount=1"));
        let address = cloud.model.network_interfaces.get(&interface).unwrap().ipv6[0].to_string();
        let mac = body(&cloud, "I2", "/latest/meta-data/mac").unwrap();
        let of = |leaf: &str| body(&cloud, "I2", &format!("/latest/meta-data/network/interfaces/macs/{mac}/{leaf}"));
        assert_eq!(of("ipv6s").as_ref(), Ok(&address));
        assert_eq!(of("subnet-ipv6-cidr-blocks"), Ok(part));
        assert_eq!(of("vpc-ipv6-cidr-blocks"), Ok(block.to_string()));
        assert_eq!(body(&cloud, "I2", "/latest/meta-data/ipv6"), Ok(address));
        assert_eq!([of("ipv4-prefix"), of("ipv6-prefix")], [Err(404), Err(404)]);
    }

    #[test]
    fn the_hostname_has_the_domain_of_dhcp_beside_a_name_server_of_the_users_own() {
        let mut cloud = Cloud::new();
        let vpc = cloud.id("A");
        for (server, expected) in [
            ("AmazonProvidedDNS", "ip-192-168-2-10.ec2.internal"),
            ("169.254.169.253", "ip-192-168-2-10.ec2.internal"),
            ("192.168.1.53", "ip-192-168-2-10.corp.example"),
        ] {
            let create = "Action=CreateDhcpOptions&DhcpConfiguration.1.Key=domain-name\
                          &DhcpConfiguration.1.Value.1=corp.example&DhcpConfiguration.2.Key=domain-name-servers";
            cloud.make("dhcp", &format!("{create}&DhcpConfiguration.2.Value.1={server}"), "dhcpOptionsId");
            let options = cloud.id("dhcp");
            cloud.ask(&format!("Action=AssociateDhcpOptions&DhcpOptionsId={options}&VpcId={vpc}"));
            for leaf in ["hostname", "local-hostname"] {
                let told = body(&cloud, "I2", &format!("/latest/meta-data/{leaf}"));
                assert_eq!(told.as_deref(), Ok(expected), "{server}");
            }
        }
    }

    #[test]
    fn a_spot_instance_sees_its_interruption() {
        let mut cloud = Cloud::new();
        for (name, behaviour) in [("T", "terminate"), ("S", "stop")] {
            let run = "Action=RunInstances&ImageId=ami-12345678&InstanceType=m3.medium&MinCount=1&MaxCount=1";
            let spot =
                "InstanceMarketOptions.MarketType=spot&InstanceMarketOptions.SpotOptions.SpotInstanceType=persistent";
            let behaviour = format!("InstanceMarketOptions.SpotOptions.InstanceInterruptionBehavior={behaviour}");
            cloud.make(name, &format!("{run}&{spot}&{behaviour}"), "instanceId");
        }
        let of = |cloud: &Cloud, who: &str, leaf: &str| body(cloud, who, &format!("/latest/meta-data/{leaf}"));
        assert_eq!(of(&cloud, "T", "spot/instance-action"), Err(404));
        let ids = [cloud.id("T"), cloud.id("S")];
        let now = Time(1_420_632_000_000);
        cloud.change(|model| ids.iter().for_each(|id| assert!(model.interrupt(id, now).is_ok())));
        let action = |kind: &str| Ok(format!(r#"{{"action":"{kind}","time":"2015-01-07T12:02:00Z"}}"#));
        assert_eq!(of(&cloud, "T", "spot/instance-action"), action("terminate"));
        assert_eq!(of(&cloud, "T", "spot/termination-time").as_deref(), Ok("2015-01-07T12:02:00Z"));
        assert_eq!(of(&cloud, "S", "spot/instance-action"), action("stop"));
        assert_eq!(of(&cloud, "S", "spot/termination-time"), Err(404));
        let notice = r#"{"noticeTime":"2015-01-07T12:00:00Z"}"#;
        assert_eq!(of(&cloud, "S", "events/recommendations/rebalance").as_deref(), Ok(notice));
    }

    #[test]
    fn signatures_are_of_the_identity_document() {
        let cloud = Cloud::new();
        let ask = |name: &str| {
            let path = format!("/latest/dynamic/instance-identity/{name}");
            let answer = answer(cloud.view(), Time(1000), cloud.known_as("I2"), &get(&path, None));
            (answer.body, answer.proof)
        };
        let (document, none) = ask("document");
        assert_eq!(none, None);
        assert_eq!(ask("signature"), (document.clone(), Some(Proof::Signature)));
        assert_eq!([ask("pkcs7"), ask("rsa2048")], [(); 2].map(|()| (document.clone(), Some(Proof::Signed))));
    }
}
