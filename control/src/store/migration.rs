//! Migrates stored rows from older formats to the present one, one step a version.

use super::contents::{Contents, Rows, VERSION};
use serde_json::{Value, json};

/// Changes the rows of one version into those of the next.
type Step = fn(&mut Rows) -> Result<(), serde_json::Error>;

/// The first leads from version 1 to 2, and so on. A step is never changed once a version with it has been used.
const STEPS: &[Step] = &[clock, volumes, listeners, attachments, name_servers, traffic_policies, ipv6_blocks];

const _: () = assert!(VERSION == STEPS.len() as u64 + 1, "a version has a step that leads to it");

/// Migrates the contents of an older version.
pub(super) fn migrate(contents: &mut Contents) -> Result<(), serde_json::Error> {
    while let Some(step) = contents.version.checked_sub(1).and_then(|done| STEPS.get(usize::try_from(done).ok()?)) {
        step(&mut contents.rows)?;
        contents.version += 1;
    }
    Ok(())
}

/// Version 2: the counters always have the offset of the cloud's clock.
fn clock(rows: &mut Rows) -> Result<(), serde_json::Error> {
    each(rows, "counters", |counters| {
        if let Value::Object(counters) = counters {
            counters.entry("ahead").or_insert(0.into());
        }
    })
}

/// Version 3: a volume may be other than an instance's root volume, and has a size and a type.
fn volumes(rows: &mut Rows) -> Result<(), serde_json::Error> {
    each(rows, "volumes", |volume| {
        let Value::Object(volume) = volume else { return };
        let (instance, since) = (volume.remove("instance"), volume.remove("since"));
        let new = json!({
            "attachment": {
                "instance": instance, "device": "/dev/sda1", "delete_on_termination": true, "since": since.clone(),
            },
            "shape": { "size": 8, "kind": "standard", "iops": null, "throughput": null, "multi_attach": false },
            "created": since,
            "encrypted": false,
            "snapshot": null,
            "modification": null,
            "client_token": null,
        });
        if let Value::Object(new) = new {
            volume.extend(new);
        }
    })
}

/// Version 4: a listener with a certificate terminates TLS. Before, any name was accepted as a certificate and TLS was
/// passed through, as it still is for these rows.
fn listeners(rows: &mut Rows) -> Result<(), serde_json::Error> {
    each(rows, "load_balancers", |balancer| {
        let all = balancer.get_mut("listeners").and_then(Value::as_object_mut);
        for listener in all.into_iter().flat_map(|all| all.values_mut()).filter_map(Value::as_object_mut) {
            listener.insert("certificate".to_owned(), Value::Null);
        }
    })
}

/// Version 5: several instances may have a volume.
fn attachments(rows: &mut Rows) -> Result<(), serde_json::Error> {
    each(rows, "volumes", |volume| {
        let Value::Object(volume) = volume else { return };
        let attachment = volume.remove("attachment").filter(|attachment| !attachment.is_null());
        volume.insert("attachments".to_owned(), attachment.into_iter().collect());
    })
}

/// Version 6: hosted zones without a delegation set have other name servers, which their own records name.
fn name_servers(rows: &mut Rows) -> Result<(), serde_json::Error> {
    const RENAMED: [(&str, &str); 4] = [
        ("ns-0.awsdns-00.com.", "ns-2048.awsdns-64.com."),
        ("ns-512.awsdns-00.net.", "ns-2049.awsdns-65.net."),
        ("ns-1024.awsdns-00.org.", "ns-2050.awsdns-66.org."),
        ("ns-1536.awsdns-00.co.uk.", "ns-2051.awsdns-67.co.uk."),
    ];
    let rename = |value: &mut Value| {
        if let Value::String(text) = value {
            let renamed = RENAMED.into_iter().find(|(old, _)| text.split(' ').next() == Some(*old));
            if let Some((old, new)) = renamed {
                *text = text.replacen(old, new, 1);
            }
        }
    };
    each(rows, "hosted_zones", |zone| {
        if zone["delegation_set"].is_string() {
            return;
        }
        let name = zone["name"].clone();
        let records = zone.get_mut("records").and_then(Value::as_object_mut);
        let records = records.into_iter().flat_map(|records| records.values_mut());
        let own = records.filter(|set| set["name"] == name && (set["kind"] == "NS" || set["kind"] == "SOA"));
        let values = own.filter_map(|set| set.get_mut("values")?.as_array_mut());
        values.flatten().for_each(rename);
    })
}

/// Version 7: each version of a traffic policy is a row, and no longer a part of the policy's.
fn traffic_policies(rows: &mut Rows) -> Result<(), serde_json::Error> {
    let mut versions = Rows::new();
    for ((_, policy), row) in rows.iter_mut().filter(|((of, _), _)| of == "traffic_policies") {
        let mut value: Value = serde_json::from_slice(row)?;
        let Some(Value::Object(all)) = value.as_object_mut().and_then(|members| members.remove("versions")) else {
            continue;
        };
        for (number, mut version) in all {
            let number: i32 = number.parse().unwrap_or_default();
            let id = format!("{policy}/{number:04}");
            (version["id"], version["policy"], version["number"]) = (json!(id), json!(policy), json!(number));
            versions.insert(("traffic_policy_versions".to_owned(), id), serde_json::to_vec(&version)?);
        }
        *row = serde_json::to_vec(&value)?;
    }
    rows.extend(versions);
    Ok(())
}

/// Version 8: a VPC has any number of IPv6 blocks.
fn ipv6_blocks(rows: &mut Rows) -> Result<(), serde_json::Error> {
    each(rows, "vpcs", |vpc| {
        let Value::Object(vpc) = vpc else { return };
        let block = vpc.remove("ipv6").filter(|block| !block.is_null());
        vpc.insert("ipv6".to_owned(), block.into_iter().collect());
    })
}

/// Changes every row of a collection.
fn each(rows: &mut Rows, collection: &str, change: impl Fn(&mut Value)) -> Result<(), serde_json::Error> {
    for (_, row) in rows.iter_mut().filter(|((of, _), _)| of == collection) {
        let mut value = serde_json::from_slice(row)?;
        change(&mut value);
        *row = serde_json::to_vec(&value)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counters(row: &str) -> String {
        let key = ("counters".to_owned(), "counters".to_owned());
        let rows =
            Rows::from([(key.clone(), row.into()), (("subnets".into(), "subnet-1".into()), b"not JSON".to_vec())]);
        let mut contents = Contents { version: 1, change: 0, rows };
        migrate(&mut contents).unwrap();
        assert_eq!(contents.version, VERSION);
        String::from_utf8(contents.rows[&key].clone()).unwrap()
    }

    #[test]
    fn the_clocks_offset_stays() {
        assert_eq!(counters(r#"{"next_id":1}"#), r#"{"ahead":0,"next_id":1}"#);
        assert_eq!(counters(r#"{"ahead":5,"next_id":1}"#), r#"{"ahead":5,"next_id":1}"#);
    }

    #[test]
    fn a_root_volume_stays_one() {
        let key = ("volumes".to_owned(), "vol-1".to_owned());
        let row =
            r#"{"id":"vol-1","scope":{"account":"1","region":"r"},"tags":{},"instance":"i-1","zone":"z","since":7}"#;
        let mut rows = Rows::from([(key.clone(), row.into())]);
        volumes(&mut rows).unwrap();
        attachments(&mut rows).unwrap();
        let volume: model::Volume = serde_json::from_slice(&rows[&key]).unwrap();
        let attachment = &volume.attachments[0];
        assert_eq!((attachment.instance.as_str(), attachment.since.0, volume.created.0), ("i-1", 7, 7));
        assert_eq!((volume.shape.size, attachment.delete_on_termination), (8, true));
    }

    #[test]
    fn a_vpcs_ipv6_block_is_the_first_of_several() {
        let key = |id: &str| ("vpcs".to_owned(), id.to_owned());
        let block = json!({"association": "vpc-cidr-assoc-1", "cidr": "2600:1f18:0:100::/56", "of_pool": false});
        let with = json!({"id": "vpc-1", "ipv6": block}).to_string().into_bytes();
        let without = br#"{"id":"vpc-2","ipv6":null}"#.to_vec();
        let mut rows = Rows::from([(key("vpc-1"), with), (key("vpc-2"), without)]);
        ipv6_blocks(&mut rows).unwrap();
        let of = |id: &str| serde_json::from_slice::<Value>(&rows[&key(id)]).unwrap()["ipv6"].clone();
        assert_eq!([of("vpc-1"), of("vpc-2")], [json!([block]), json!([])]);
    }

    #[test]
    fn a_zones_own_records_name_its_name_servers() {
        let key = ("hosted_zones".to_owned(), "Z1".to_owned());
        let mut cloud = model::Model::new(1);
        let scope = model::Scope { account: "111122223333".into(), region: "us-east-1".into() };
        let caller = model::Caller::of_account(scope, model::Time(0));
        let id = cloud.create_hosted_zone(&caller, "example.com", "1".into(), (None, None), None).unwrap();
        let new = serde_json::to_string(cloud.zone_of("111122223333", &id).unwrap()).unwrap();
        let old = new.replace("ns-2048.awsdns-64", "ns-0.awsdns-00").replace("ns-2049.awsdns-65", "ns-512.awsdns-00");
        let old =
            old.replace("ns-2050.awsdns-66", "ns-1024.awsdns-00").replace("ns-2051.awsdns-67", "ns-1536.awsdns-00");
        let other = ("hosted_zones".to_owned(), "Z2".to_owned());
        let mut delegated: Value = serde_json::from_str(&old).unwrap();
        delegated["delegation_set"] = "N1".into();
        let mut rows =
            Rows::from([(key.clone(), old.into_bytes()), (other.clone(), delegated.to_string().into_bytes())]);
        name_servers(&mut rows).unwrap();
        let zone: model::HostedZone = serde_json::from_slice(&rows[&key]).unwrap();
        assert_eq!(serde_json::to_string(&zone).unwrap(), new);
        assert_eq!(serde_json::from_slice::<Value>(&rows[&other]).unwrap(), delegated, "its set has its own");
    }

    #[test]
    fn versions_of_traffic_policies_become_rows() {
        let key = |of: &str, id: &str| (of.to_owned(), id.to_owned());
        let row = r#"{"id":"p","account":"1","name":"near","latest":12,"versions":{"2":{"document":"{}","record_type":"A","comment":null},"12":{"document":"{}","record_type":"A","comment":"new"}}}"#;
        let mut rows = Rows::from([(key("traffic_policies", "p"), row.into())]);
        traffic_policies(&mut rows).unwrap();
        let policy: model::TrafficPolicy = serde_json::from_slice(&rows[&key("traffic_policies", "p")]).unwrap();
        assert_eq!((policy.latest, rows.len()), (12, 3));
        let version = &rows[&key("traffic_policy_versions", "p/0012")];
        let version: model::TrafficPolicyVersion = serde_json::from_slice(version).unwrap();
        assert_eq!((version.id.as_str(), version.policy.as_str(), version.number), ("p/0012", "p", 12));
        assert_eq!(version.comment.as_deref(), Some("new"));
    }

    #[test]
    fn an_old_listener_still_passes_tls_through() {
        let key = ("load_balancers".to_owned(), "1/r/web".to_owned());
        let row = r#"{"id":"1/r/web","listeners":{"443":{"certificate":"arn:aws:iam::1:server-certificate/none","port":443},"80":{"port":80}}}"#;
        let mut rows = Rows::from([(key.clone(), row.into()), (("vpcs".into(), "vpc-1".into()), b"not JSON".to_vec())]);
        listeners(&mut rows).unwrap();
        let balancer: Value = serde_json::from_slice(&rows[&key]).unwrap();
        let expected = json!({"443": {"certificate": null, "port": 443}, "80": {"certificate": null, "port": 80}});
        assert_eq!((&balancer["id"], &balancer["listeners"]), (&json!("1/r/web"), &expected));
    }

    #[test]
    fn the_present_version_is_not_changed() {
        let mut contents =
            Contents { rows: Rows::from([(("counters".into(), "x".into()), b"{}".to_vec())]), ..Contents::default() };
        let before = contents.clone();
        migrate(&mut contents).unwrap();
        assert_eq!(contents, before);
    }
}
