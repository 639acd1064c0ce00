//! Hosted zones of Route 53 and their records.

use super::services::exported_alike;
use super::*;

fn zone(id: &str, private: bool) -> serde_json::Value {
    json!({"Id": format!("/hostedzone/{id}"), "Name": "shop.internal.", "CallerReference": id,
        "Config": {"Comment": "of the shop", "PrivateZone": private}, "ResourceRecordSetCount": 4})
}

#[test]
fn a_private_zone_keeps_its_id_its_vpcs_and_its_records() {
    let record = |name: &str, kind: &str, value: &str| json!({"Name": name, "Type": kind, "TTL": 60, "ResourceRecords": [{"Value": value}]});
    let alias = json!({"Name": "a.shop.internal.", "Type": "A", "AliasTarget": {"HostedZoneId": "Z1D633PJN98FT9",
        "DNSName": "db.shop.internal.", "EvaluateTargetHealth": false}});
    let mut checked = record("web.shop.internal.", "A", "10.0.1.6");
    checked["HealthCheckId"] = json!("11112222-3333-4444-5555-666677778888");
    let check = "99992222-3333-4444-5555-666677778888";
    let mut kept = record("kept.shop.internal.", "A", "10.0.1.7");
    kept["HealthCheckId"] = json!(check);
    let config = json!({"Type": "HTTP", "IPAddress": "203.0.113.7", "Port": 80, "ResourcePath": "/", "Inverted": false,
        "Disabled": false, "RequestInterval": 30, "FailureThreshold": 3, "MeasureLatency": false, "EnableSNI": false});
    let tags = |id: &str| json!({"ResourceTagSet": {"ResourceId": id, "Tags": [{"Key": "team", "Value": "shop"}]}});
    let soa = "ns-1.awsdns-00.co.uk. awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400";
    let mut files = account();
    files.extend([
        ("123456789012/zones.json", json!({"HostedZones": [zone("Z1D633PJN98FT9", true), zone("Z2", true)]})),
        (
            "123456789012/zone.json",
            json!({"HostedZone": zone("Z1D633PJN98FT9", true),
            "VPCs": [{"VPCRegion": "eu-west-1", "VPCId": "vpc-1a2b3c4d"}, {"VPCRegion": "eu-west-1", "VPCId": "vpc-5a2b3c4d"}]}),
        ),
        (
            "123456789012/records.json",
            json!({"HostedZoneId": "Z1D633PJN98FT9", "ResourceRecordSets": [
            kept, alias, record("db.shop.internal.", "A", "10.0.1.5"), checked, record("shop.internal.", "SOA", soa),
            record("odd.shop.internal.", "A", "nowhere")]}),
        ),
        ("123456789012/checks.json", json!({"HealthChecks": [{"Id": check, "CallerReference": "1", "HealthCheckVersion": 3,
            "HealthCheckConfig": config}, {"Id": "no id", "HealthCheckConfig": config}]})),
        ("123456789012/zone-tags.json", tags("Z1D633PJN98FT9")),
        ("123456789012/check-tags.json", tags(check)),
        ("123456789012/whose.json", json!({"ResourceRecordSets": [record("x.", "A", "10.0.0.1")]})),
    ]);
    let (model, told) = imported(&files);
    let zone = model.hosted_zones.get("Z1D633PJN98FT9").unwrap();
    assert_eq!((zone.private, zone.vpcs.len(), model.hosted_zones.len()), (true, 1, 1));
    assert_eq!(zone.tags.get("team").map(String::as_str), Some("shop"));
    let row = model.health_checks.get(check).unwrap();
    assert!(row.version == 3 && row.tags.len() == 1 && row.config.contains("203.0.113.7"), "{row:?}");
    assert!(zone.records.values().any(|set| set.health_check.as_deref() == Some(check)));
    let values: Vec<&str> = zone.records.values().flat_map(|set| &set.values).map(String::as_str).collect();
    assert!(values.contains(&"10.0.1.5") && values.contains(&"10.0.1.6") && values.contains(&soa), "{values:?}");
    for why in [
        "\"no id\" is not the id of a health check",
        "Z2: no VPC that sees it is in the files",
        "its VPC vpc-5a2b3c4d is not in the files",
        "web.shop.internal. is answered whatever its health check",
        "its record odd.shop.internal. A: ",
        "ResourceRecordSets: the answer does not say whose they are",
    ] {
        assert!(told.left_out.iter().any(|line| line.contains(why)), "{why}: {:?}", told.left_out);
    }
    assert_eq!(told.left_out.len(), 6);
    exported_alike(&model);
}

#[test]
fn ids_of_another_form_and_numbers_without_a_next_one_are_not_taken() {
    let hostile = json!({
        "DelegationSets": [{"Id": "/delegationset/no id", "NameServers": []}],
        "CidrCollections": [{"Id": "11112222-3333-4444-5555-666677778888", "Name": "offices", "Version": i64::MAX}],
        "QueryLoggingConfigs": [{"Id": "no id", "HostedZoneId": "Z1", "CloudWatchLogsLogGroupArn": "x"}],
    });
    let (model, told) = imported(&[account(), vec![("x/hostile.json", hostile)]].concat());
    assert_eq!(model.cidr_collections.iter().map(|collection| collection.version).collect::<Vec<_>>(), [1]);
    assert!(model.delegation_sets.is_empty() && model.query_logging_configs.is_empty());
    assert_eq!(told.left_out.len(), 2, "{:?}", told.left_out);
}
