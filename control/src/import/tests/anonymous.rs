//! What anonymised files import.

use super::*;

/// A cache of two shards and a load balancer, whose cookies have no period.
fn services() -> Vec<(&'static str, serde_json::Value)> {
    let shard = |number: u8| {
        json!({"NodeGroupId": format!("000{number}"), "NodeGroupMembers": [
            {"CacheClusterId": format!("carts-000{number}-001"), "CacheNodeId": "0001", "PreferredAvailabilityZone": "eu-west-1b"}]})
    };
    let members = ["carts-0001-001", "carts-0002-001"];
    vec![
        cache_subnets(),
        (
            "x/shards.json",
            json!({"ReplicationGroups": [{"ReplicationGroupId": "carts", "Description": "carts", "Status": "available",
                "MemberClusters": members, "AutomaticFailover": "enabled", "ClusterEnabled": true, "ClusterMode": "enabled",
                "NodeGroups": [shard(1), shard(2)]}]}),
        ),
        ("x/clusters.json", json!({"CacheClusters": members.map(cache_cluster)})),
        (
            "x/elb.json",
            json!({"LoadBalancerDescriptions": [{"LoadBalancerName": "front", "Scheme": "internal",
                "Subnets": ["subnet-1a2b3c4d"], "SecurityGroups": ["sg-903004f8"], "AvailabilityZones": ["eu-west-1b"],
                "ListenerDescriptions": [{"Listener": {"Protocol": "HTTP", "LoadBalancerPort": 80, "InstancePort": 8080}}],
                "Policies": {"LBCookieStickinessPolicies": [{"PolicyName": "sticky", "CookieExpirationPeriod": 0}]}}]}),
        ),
    ]
}

#[test]
fn services_keep_their_network_interfaces() {
    let (model, told) = imported(&[account(), services()].concat());
    assert_eq!(told.left_out, Vec::<String>::new());
    let exported = crate::export::files(&model, NOW).unwrap().into_iter();
    let mut exported: Vec<File> = exported.map(|(path, content)| File { path, content }).collect();
    Anonymous::default().files(&mut exported);
    // Another seed: ids of new interfaces must not be those in the files.
    let mut anonymous = Model::new(2);
    let told = import(&mut anonymous, Export::of(&exported).unwrap(), NOW).unwrap();
    assert_eq!(told.left_out, Vec::<String>::new());
    let interfaces = |model: &Model| -> BTreeSet<Option<String>> {
        model.managed_hosts.iter().map(|host| host.interface().map(str::to_owned)).collect()
    };
    assert_eq!(interfaces(&anonymous), interfaces(&model));
    assert_eq!(anonymous.network_interfaces.len(), model.network_interfaces.len());
    assert!(anonymous.load_balancers.iter().any(|balancer| !balancer.policies.is_empty()));
    let rows = anonymous.to_rows().unwrap();
    for secret in ["carts", "front", "sticky"] {
        assert!(rows.values().all(|row| !String::from_utf8_lossy(row).contains(secret)), "{secret}");
    }
}
