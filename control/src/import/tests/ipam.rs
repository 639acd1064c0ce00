//! IPAMs, their pools, and what is allocated of them.

use super::services::exported_alike;
use super::*;

const OWNER: &str = "123456789012";

fn pool(id: &str, source: Option<&str>) -> serde_json::Value {
    let mut pool = json!({"OwnerId": OWNER, "IpamPoolId": id, "IpamRegion": "eu-west-1", "AddressFamily": "ipv4",
        "IpamScopeArn": "arn:aws:ec2::123456789012:ipam-scope/ipam-scope-1a2b3c4d", "Locale": "eu-west-1", "AutoImport": false,
        "AllocationDefaultNetmaskLength": 24, "AllocationResourceTags": [{"Key": "team", "Value": "shop"}], "Description": "d"});
    if let Some(source) = source {
        pool["SourceIpamPoolId"] = json!(source);
    }
    pool
}

fn files() -> Vec<(&'static str, serde_json::Value)> {
    let (top, below) = ("ipam-pool-1a2b3c4d", "ipam-pool-5a2b3c4d");
    let mut files = account();
    files.extend([
        (
            "x/ipams.json",
            json!({"Ipams": [{"OwnerId": OWNER, "IpamId": "ipam-1a2b3c4d", "IpamRegion": "eu-west-1", "Tier": "advanced",
            "OperatingRegions": [{"RegionName": "eu-west-1"}], "DefaultResourceDiscoveryId": "ipam-res-disco-1a2b3c4d"}]}),
        ),
        (
            "x/scopes.json",
            json!({"IpamScopes": [{"OwnerId": OWNER, "IpamScopeId": "ipam-scope-1a2b3c4d", "IpamRegion": "eu-west-1",
            "IpamArn": "arn:aws:ec2::123456789012:ipam/ipam-1a2b3c4d", "IpamScopeType": "private", "IsDefault": true}]}),
        ),
        (
            "x/pools.json",
            json!({"IpamPools": [pool(below, Some(top)), pool(top, None), pool("ipam-pool-9a2b3c4d", Some("ipam-pool-9a2b3c4d"))]}),
        ),
        (
            "x/cidrs.json",
            json!({"IpamPoolId": top, "IpamPoolCidrs": [
            {"Cidr": "10.0.0.0/8", "State": "provisioned", "IpamPoolCidrId": "ipam-pool-cidr-1a2b3c4d"},
            {"Cidr": "10.0.0.0/8", "State": "provisioned", "IpamPoolCidrId": "ipam-pool-cidr-1a2b3c4d"},
            {"Cidr": "11.0.0.0/8", "State": "deprovisioned"}]}),
        ),
        (
            "x/allocations.json",
            json!({"IpamPoolId": top, "IpamPoolAllocations": [
            {"Cidr": "10.0.0.0/16", "IpamPoolAllocationId": "ipam-pool-alloc-1a2b3c4d", "ResourceId": "vpc-1a2b3c4d",
                "ResourceType": "vpc", "ResourceRegion": "eu-west-1", "ResourceOwner": OWNER},
            {"Cidr": "10.1.0.0/16", "IpamPoolAllocationId": "ipam-pool-alloc-5a2b3c4d", "ResourceType": "custom",
                "ResourceOwner": OWNER, "Description": "office"}]}),
        ),
        ("x/whose.json", json!({"IpamPoolAllocations": []})),
    ]);
    files
}

#[test]
fn a_plan_of_addresses_keeps_its_pools_and_who_has_their_blocks() {
    let (model, told) = imported(&files());
    let wanted = [
        "IpamPoolAllocations: the answer does not say whose they are; the script of `import --how` puts the id beside them",
        "ipam-pool-9a2b3c4d: its source ipam-pool-9a2b3c4d is not in the files, or made of it",
    ];
    assert_eq!(told.left_out, wanted);
    let top = model.ipam_pools.get("ipam-pool-1a2b3c4d").unwrap();
    assert_eq!((top.cidrs.len(), top.form.rules.usual, top.form.rules.tags.len()), (1, Some(24), 1));
    let below = model.ipam_pools.get("ipam-pool-5a2b3c4d").unwrap();
    assert_eq!(model.depth_of_pool(below), 2);
    let holders: Vec<Option<&str>> = model.ipam_allocations.iter().map(|row| row.resource.as_deref()).collect();
    assert_eq!(holders, [Some("vpc-1a2b3c4d"), None]);
    exported_alike(&model);
}
