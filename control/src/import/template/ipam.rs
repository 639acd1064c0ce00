//! IPAMs, their scopes, pools and allocations.

use super::functions::Unknown;
use super::properties::Properties;
use super::{Builder, Make};

/// The maker of a type.
pub fn maker(kind: &str) -> Option<Make> {
    Some(match kind.strip_prefix("AWS::EC2::IPAM")? {
        "" => ipam,
        "Scope" => |b, p| b.call("CreateIpamScope", &p.named(&["IpamId", "Description"]), "ipamScopeId").map(Some),
        "Pool" => pool,
        "PoolCidr" => |b, p| {
            let parameters = p.named(&["IpamPoolId", "Cidr", "NetmaskLength"]);
            b.call("ProvisionIpamPoolCidr", &parameters, "ipamPoolCidrId").map(Some)
        },
        "Allocation" => |b, p| {
            let parameters = p.named(&["IpamPoolId", "Cidr", "NetmaskLength", "Description"]);
            b.call("AllocateIpamPoolCidr", &parameters, "ipamPoolAllocationId").map(Some)
        },
        _ => return None,
    })
}

/// Properties of pools that the API calls the same.
const POOL: &[&str] = &[
    "IpamScopeId",
    "SourceIpamPoolId",
    "AddressFamily",
    "Locale",
    "Description",
    "AutoImport",
    "PubliclyAdvertisable",
    "AllocationMinNetmaskLength",
    "AllocationMaxNetmaskLength",
    "AllocationDefaultNetmaskLength",
    "AwsService",
    "PublicIpSource",
];
/// The same of the resource that a pool is for.
const SOURCE: &[&str] = &["ResourceId", "ResourceType", "ResourceRegion", "ResourceOwner"];

fn ipam(b: &mut Builder<'_, '_, '_>, p: &Properties<'_>) -> Result<Option<String>, Unknown> {
    let mut parameters = p.named(&["Description", "Tier"]);
    for (index, region) in p.each("OperatingRegions").iter().enumerate() {
        let name = format!("OperatingRegion.{}.RegionName", index + 1);
        parameters.extend(region.text("RegionName").map(|region| (name, region)));
    }
    b.call("CreateIpam", &parameters, "ipamId").map(Some)
}

fn pool(b: &mut Builder<'_, '_, '_>, p: &Properties<'_>) -> Result<Option<String>, Unknown> {
    let mut parameters = p.named(POOL);
    if let Some(source) = p.inner("SourceResource") {
        let source = source.named(SOURCE).into_iter();
        parameters.extend(source.map(|(name, value)| (format!("SourceResource.{name}"), value)));
    }
    let id = b.call("CreateIpamPool", &parameters, "ipamPoolId")?;
    for block in p.each("ProvisionedCidrs") {
        let mut parameters = block.named(&["Cidr"]);
        parameters.push(("IpamPoolId".to_owned(), id.clone()));
        b.call("ProvisionIpamPoolCidr", &parameters, "ipamPoolCidrId")?;
    }
    Ok(Some(id))
}

#[cfg(test)]
mod tests {
    use crate::import::{Export, File, import};
    use model::{Model, Time};
    use serde_json::json;

    #[test]
    fn a_template_plans_addresses_and_its_vpc_takes_some() {
        let content = json!({"Resources": {
            "Plan": {"Type": "AWS::EC2::IPAM", "Properties": {"OperatingRegions": [{"RegionName": "us-east-1"}]}},
            "Pool": {"Type": "AWS::EC2::IPAMPool", "Properties": {
                "IpamScopeId": {"Fn::GetAtt": ["Plan", "PrivateDefaultScopeId"]}, "AddressFamily": "ipv4",
                "Locale": "us-east-1", "ProvisionedCidrs": [{"Cidr": "10.32.0.0/12"}]}},
            "Office": {"Type": "AWS::EC2::IPAMAllocation",
                "Properties": {"IpamPoolId": {"Ref": "Pool"}, "Cidr": "10.32.0.0/20"}},
            "Vpc": {"Type": "AWS::EC2::VPC", "DependsOn": "Office",
                "Properties": {"Ipv4IpamPoolId": {"Ref": "Pool"}, "Ipv4NetmaskLength": 20}},
        }});
        let files = [File { path: "111122223333/us-east-1/plan.json".into(), content }];
        let mut model = Model::new(1);
        let imported = import(&mut model, Export::of(&files).unwrap(), Time(1_420_632_000_000)).unwrap();
        assert_eq!(imported.left_out, Vec::<String>::new());
        let blocks: Vec<String> = model.vpcs.iter().map(|vpc| vpc.cidr().to_string()).collect();
        assert_eq!(blocks, ["10.32.16.0/20"]);
        assert_eq!(model.ipam_allocations.len(), 2);
    }
}
