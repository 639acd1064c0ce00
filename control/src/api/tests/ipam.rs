use super::*;

/// An IPAM of two Regions, and its private scope.
fn ipam(cloud: &mut Cloud) -> (String, String) {
    let body = cloud.ask("Action=CreateIpam&OperatingRegion.1.RegionName=us-west-2&Tier=free").unwrap();
    assert_eq!(first(&body, "state").as_deref(), Some("create-in-progress"));
    let arn = first(&body, "ipamArn").unwrap();
    assert!(arn.starts_with("arn:aws:ec2::111122223333:ipam/ipam-"), "{arn}");
    (first(&body, "ipamId").unwrap(), first(&body, "privateDefaultScopeId").unwrap())
}

fn pool(cloud: &mut Cloud, scope: &str, more: &str) -> String {
    let create = format!("Action=CreateIpamPool&IpamScopeId={scope}&AddressFamily=ipv4{more}");
    cloud.get(&create, "ipamPoolId")
}

fn provision(cloud: &mut Cloud, pool: &str, block: &str) -> String {
    cloud.get(&format!("Action=ProvisionIpamPoolCidr&IpamPoolId={pool}&{block}"), "cidr")
}

/// A pool of 172.16.0.0/12 with one of the Region below it that has a /16.
fn pools(cloud: &mut Cloud, scope: &str) -> (String, String) {
    let top = pool(cloud, scope, "");
    assert_eq!(provision(cloud, &top, "Cidr=172.16.0.0/12"), "172.16.0.0/12");
    let below = pool(cloud, scope, &format!("&SourceIpamPoolId={top}&Locale=us-east-1"));
    assert_eq!(provision(cloud, &below, "NetmaskLength=16"), "172.16.0.0/16");
    (top, below)
}

#[test]
fn an_ipam_has_scopes_a_discovery_and_regions() {
    let mut cloud = Cloud::new();
    let (id, private) = ipam(&mut cloud);
    assert_eq!(cloud.all("Action=DescribeIpams", "regionName"), ["us-east-1", "us-west-2"]);
    assert_eq!(cloud.all("Action=DescribeIpamScopes", "ipamScopeType").len(), 2);
    assert_eq!(cloud.get("Action=DescribeIpamResourceDiscoveries", "isDefault"), "true");
    assert_eq!(cloud.get("Action=DescribeIpamResourceDiscoveryAssociations", "ipamId"), id);
    let of_state = "Action=DescribeIpamResourceDiscoveries&Filter.1.Name=state&Filter.1.Value.1";
    assert_eq!(cloud.all(&format!("{of_state}=create-complete"), "isDefault"), ["true"]);
    assert!(cloud.all(&format!("{of_state}=delete-complete"), "isDefault").is_empty());
    let modify = format!("Action=ModifyIpam&IpamId={id}");
    assert_eq!(cloud.get(&format!("{modify}&Description=plan&Tier=advanced"), "tier"), "advanced");
    assert_eq!(
        cloud.ask(&format!("{modify}&RemoveOperatingRegion.1.RegionName=us-east-1")),
        Err("InvalidParameterValue")
    );
    assert_eq!(cloud.ask("Action=CreateIpam&OperatingRegion.1.RegionName=moon"), Err("InvalidParameterValue"));

    let scope = cloud.get(&format!("Action=CreateIpamScope&IpamId={id}&Description=lab"), "ipamScopeId");
    assert_eq!(cloud.ask(&format!("Action=DeleteIpamScope&IpamScopeId={private}")), Err("InvalidParameterValue"));
    let delete = format!("Action=DeleteIpam&IpamId={id}");
    assert_eq!(cloud.ask(&delete), Err("DependencyViolation"));
    cloud.ask(&format!("Action=DeleteIpamScope&IpamScopeId={scope}")).unwrap();
    assert_eq!(cloud.get(&delete, "state"), "delete-in-progress");
    assert_eq!(cloud.ask(&delete), Err("InvalidIpamId.NotFound"));
    assert!(cloud.all("Action=DescribeIpamScopes", "ipamScopeId").is_empty());
}

#[test]
fn blocks_of_a_pool_are_given_once() {
    let mut cloud = Cloud::new();
    let (_, scope) = ipam(&mut cloud);
    let (top, below) = pools(&mut cloud, &scope);
    assert_eq!(cloud.get(&format!("Action=GetIpamPoolAllocations&IpamPoolId={top}"), "resourceId"), below);
    let other = pool(&mut cloud, &scope, "");
    let taken = format!("Action=ProvisionIpamPoolCidr&IpamPoolId={other}&Cidr=172.21.0.0/16");
    assert_eq!(cloud.ask(&taken), Err("InvalidParameterValue"), "pools of a scope do not overlap");

    let allocate = format!("Action=AllocateIpamPoolCidr&IpamPoolId={below}");
    assert_eq!(cloud.ask(&allocate), Err("InvalidParameterCombination"));
    assert_eq!(cloud.get(&format!("{allocate}&NetmaskLength=17&PreviewNextCidr=true"), "cidr"), "172.16.0.0/17");
    let body = cloud.ask(&format!("{allocate}&NetmaskLength=17&Description=office")).unwrap();
    assert_eq!(first(&body, "cidr").as_deref(), Some("172.16.0.0/17"));
    assert_eq!(first(&body, "resourceType").as_deref(), Some("custom"));
    assert_eq!(cloud.ask(&format!("{allocate}&Cidr=172.16.3.0/24")), Err("InvalidParameterValue"));
    assert_eq!(cloud.ask(&format!("{allocate}&Cidr=172.17.0.0/24")), Err("InvalidParameterValue"));
    let apart = format!("{allocate}&NetmaskLength=18&DisallowedCidr.1=172.16.128.0/18");
    assert_eq!(cloud.get(&apart, "cidr"), "172.16.192.0/18");
    let refusal = cloud.refusal(&format!("{allocate}&NetmaskLength=17"));
    assert!(refusal.contains("The allocation size is too big for the pool."), "{refusal}");

    let deprovision = format!("Action=DeprovisionIpamPoolCidr&IpamPoolId={below}&Cidr=172.16.0.0/16");
    assert_eq!(cloud.ask(&deprovision), Err("IncorrectState"));
    let list = format!("Action=GetIpamPoolAllocations&IpamPoolId={below}");
    let release = format!("Action=ReleaseIpamPoolAllocation&IpamPoolId={below}");
    for (id, block) in cloud.all(&list, "ipamPoolAllocationId").iter().zip(cloud.all(&list, "cidr")) {
        cloud.ask(&format!("{release}&IpamPoolAllocationId={id}&Cidr={block}")).unwrap();
    }
    let delete = format!("Action=DeleteIpamPool&IpamPoolId={below}");
    assert_eq!(cloud.ask(&delete), Err("DependencyViolation"));
    assert_eq!(cloud.get(&deprovision, "state"), "pending-deprovision");
    cloud.ask(&delete).unwrap();
    assert!(cloud.all(&format!("Action=GetIpamPoolAllocations&IpamPoolId={top}"), "cidr").is_empty());
    assert_eq!(
        cloud.get(&format!("Action=DeleteIpamPool&IpamPoolId={top}&Cascade=true"), "state"),
        "delete-in-progress"
    );
}

#[test]
fn vpcs_and_subnets_take_the_next_block_of_a_pool_and_give_it_back() {
    let mut cloud = Cloud::new();
    let (_, scope) = ipam(&mut cloud);
    let (top, below) = pools(&mut cloud, &scope);
    let create = format!("Action=CreateVpc&Ipv4IpamPoolId={below}");
    assert_eq!(cloud.ask("Action=CreateVpc&Ipv4NetmaskLength=20"), Err("MissingParameter"));
    assert_eq!(
        cloud.ask(&format!("Action=CreateVpc&Ipv4IpamPoolId={top}&Ipv4NetmaskLength=20")),
        Err("InvalidParameterValue")
    );
    let vpc = cloud.get(&format!("{create}&Ipv4NetmaskLength=20"), "vpcId");
    assert_eq!(cloud.get(&format!("{create}&Ipv4NetmaskLength=20"), "cidrBlock"), "172.16.16.0/20");
    cloud.ask(&format!("Action=ModifyIpamPool&IpamPoolId={below}&AllocationDefaultNetmaskLength=24")).unwrap();
    let more = format!("Action=AssociateVpcCidrBlock&VpcId={vpc}&Ipv4IpamPoolId={below}");
    let body = cloud.ask(&more).unwrap();
    assert_eq!(first(&body, "cidrBlock").as_deref(), Some("172.16.32.0/24"));
    let association = first(&body, "associationId").unwrap();

    let plan = format!(
        "&SourceIpamPoolId={below}&Locale=us-east-1&SourceResource.ResourceId={vpc}&SourceResource.ResourceType=vpc\
         &SourceResource.ResourceRegion=us-east-1&SourceResource.ResourceOwner=111122223333"
    );
    let plan = pool(&mut cloud, &scope, &plan);
    assert_eq!(provision(&mut cloud, &plan, "Cidr=172.16.0.0/20"), "172.16.0.0/20");
    let subnet = format!("Action=CreateSubnet&VpcId={vpc}&Ipv4NetmaskLength=24&Ipv4IpamPoolId");
    assert_eq!(cloud.ask(&format!("{subnet}={below}")), Err("InvalidParameterValue"));
    let first_subnet = cloud.get(&format!("{subnet}={plan}"), "subnetId");
    assert_eq!(cloud.get(&format!("{subnet}={plan}"), "cidrBlock"), "172.16.1.0/24");
    cloud.ask(&format!("Action=DeleteSubnet&SubnetId={first_subnet}")).unwrap();
    assert_eq!(cloud.get(&format!("{subnet}={plan}"), "cidrBlock"), "172.16.0.0/24");

    let resources = format!("Action=GetIpamResourceCidrs&IpamScopeId={scope}");
    let of_vpc = cloud.ask(&format!("{resources}&ResourceId={vpc}")).unwrap();
    assert_eq!(texts(&of_vpc, "resourceCidr"), ["172.16.0.0/20", "172.16.32.0/24"]);
    assert_eq!(texts(&of_vpc, "ipUsage"), ["0.125", "0"]);
    assert_eq!(first(&of_vpc, "complianceStatus").as_deref(), Some("compliant"));
    cloud.ask(&format!("Action=CreateTags&ResourceId.1={vpc}&Tag.1.Key=team&Tag.1.Value=a")).unwrap();
    let tagged = format!("{resources}&ResourceTag.Key=team");
    assert_eq!(cloud.all(&tagged, "resourceId"), [vpc.clone(), vpc.clone()]);
    assert!(cloud.all(&format!("{tagged}&ResourceTag.Value=b"), "resourceId").is_empty());
    let same = cloud.vpc("172.16.0.0/24");
    let of_same = cloud.ask(&format!("{resources}&ResourceId={same}")).unwrap();
    assert_eq!(first(&of_same, "managementState").as_deref(), Some("unmanaged"));
    assert_eq!(first(&of_same, "overlapStatus").as_deref(), Some("overlapping"));
    assert_eq!(cloud.all(&format!("{resources}&ResourceType=subnet"), "resourceId").len(), 2);

    cloud.ask(&format!("Action=DisassociateVpcCidrBlock&AssociationId={association}")).unwrap();
    let list = format!("Action=GetIpamPoolAllocations&IpamPoolId={below}");
    assert_eq!(cloud.all(&list, "cidr"), ["172.16.0.0/20", "172.16.16.0/20"]);
    let id = cloud.get(&list, "ipamPoolAllocationId");
    let release = format!("Action=ReleaseIpamPoolAllocation&IpamPoolId={below}&Cidr=172.16.0.0/20");
    assert_eq!(cloud.ask(&format!("{release}&IpamPoolAllocationId={id}")), Err("InvalidParameterValue"));
    for subnet in cloud.all("Action=DescribeSubnets", "subnetId") {
        cloud.ask(&format!("Action=DeleteSubnet&SubnetId={subnet}")).unwrap();
    }
    cloud.ask(&format!("Action=DeleteVpc&VpcId={vpc}")).unwrap();
    assert_eq!(cloud.get(&list, "cidr"), "172.16.16.0/20");
}

#[test]
fn a_pool_is_used_in_its_locale() {
    let mut cloud = Cloud::new();
    let (_, scope) = ipam(&mut cloud);
    let west = pool(&mut cloud, &scope, "&Locale=us-west-2&AllocationMinNetmaskLength=20");
    provision(&mut cloud, &west, "Cidr=172.16.0.0/12");
    let create = format!("Action=CreateVpc&Ipv4IpamPoolId={west}&Ipv4NetmaskLength");
    assert_eq!(cloud.ask(&format!("{create}=24")), Err("InvalidParameterValue"));
    cloud.region = "us-west-2";
    assert_eq!(cloud.get("Action=DescribeIpamPools", "ipamPoolId"), west);
    assert_eq!(cloud.ask(&format!("{create}=16")), Err("InvalidParameterValue"));
    assert_eq!(cloud.get(&format!("{create}=24"), "cidrBlock"), "172.16.0.0/24");
    cloud.account = "444455556666";
    assert_eq!(cloud.ask(&format!("{create}=24")), Err("InvalidIpamPoolId.NotFound"));
}

#[test]
fn pools_stand_ten_deep_and_their_prefix_lengths_agree() {
    let mut cloud = Cloud::new();
    let (_, scope) = ipam(&mut cloud);
    let mut lowest = pool(&mut cloud, &scope, "");
    for _ in 1..10 {
        lowest = pool(&mut cloud, &scope, &format!("&SourceIpamPoolId={lowest}"));
    }
    let create = format!("Action=CreateIpamPool&IpamScopeId={scope}&AddressFamily=ipv4");
    assert_eq!(cloud.ask(&format!("{create}&SourceIpamPoolId={lowest}")), Err("ResourceLimitExceeded"));
    assert_eq!(cloud.ask(&format!("{create}&AllocationMaxNetmaskLength=33")), Err("InvalidParameterValue"));
    let shortest = format!("Action=ModifyIpamPool&IpamPoolId={lowest}&AllocationMinNetmaskLength=20");
    assert_eq!(cloud.ask(&format!("{shortest}&AllocationMaxNetmaskLength=19")), Err("InvalidParameterValue"));
    assert_eq!(cloud.ask(&format!("{shortest}&AllocationDefaultNetmaskLength=16")), Err("InvalidParameterValue"));
    cloud.ask(&format!("{shortest}&AllocationDefaultNetmaskLength=20")).unwrap();
}

/// Pools of public scopes are never deleted with their IPAM, nor with what they have.
#[test]
fn pools_of_public_scopes_are_deleted_one_by_one() {
    let mut cloud = Cloud::new();
    let (id, _) = ipam(&mut cloud);
    let public = cloud.get("Action=DescribeIpams", "publicDefaultScopeId");
    let top = pool(&mut cloud, &public, "");
    let below = pool(&mut cloud, &public, &format!("&SourceIpamPoolId={top}"));
    let delete = format!("Action=DeleteIpam&IpamId={id}&Cascade=true");
    let delete_pool = |pool: &str| format!("Action=DeleteIpamPool&IpamPoolId={pool}&Cascade=true");
    assert_eq!(cloud.ask(&delete), Err("DependencyViolation"));
    assert_eq!(cloud.ask(&delete_pool(&top)), Err("DependencyViolation"));
    for pool in [below, top] {
        cloud.ask(&delete_pool(&pool)).unwrap();
    }
    cloud.ask(&delete).unwrap();
}

#[test]
fn elastic_addresses_are_of_a_public_pool_and_go_back_to_it() {
    let mut cloud = Cloud::new();
    let (_, private) = ipam(&mut cloud);
    let public = cloud.get("Action=DescribeIpams", "publicDefaultScopeId");
    let of_ec2 = pool(&mut cloud, &public, "&Locale=us-east-1&AwsService=ec2");
    provision(&mut cloud, &of_ec2, "Cidr=203.0.113.16/30");
    let allocate = format!("Action=AllocateAddress&IpamPoolId={of_ec2}");
    let body = cloud.ask(&allocate).unwrap();
    assert_eq!(first(&body, "publicIp").as_deref(), Some("203.0.113.16"));
    assert_eq!(first(&body, "publicIpv4Pool").as_deref(), Some(&*of_ec2));
    let id = first(&body, "allocationId").unwrap();
    assert_eq!(cloud.get(&format!("{allocate}&Address=203.0.113.18"), "publicIp"), "203.0.113.18");
    assert_eq!(cloud.ask(&format!("{allocate}&Domain=standard")), Err("InvalidParameterValue"));
    for wrong in ["203.0.113.18", "203.0.113.20", "elastic"] {
        assert_eq!(cloud.ask(&format!("{allocate}&Address={wrong}")), Err("InvalidParameterValue"), "{wrong}");
    }
    let described = format!("Action=DescribeAddresses&AllocationId.1={id}");
    assert_eq!(cloud.get(&described, "publicIpv4Pool"), of_ec2);
    let list = format!("Action=GetIpamPoolAllocations&IpamPoolId={of_ec2}");
    assert_eq!(cloud.all(&list, "resourceType"), ["eip", "eip"]);
    cloud.ask(&format!("Action=ReleaseAddress&AllocationId={id}")).unwrap();
    assert_eq!(cloud.all(&list, "cidr"), ["203.0.113.18/32"]);

    let of_vpcs = pool(&mut cloud, &private, "&Locale=us-east-1");
    provision(&mut cloud, &of_vpcs, "Cidr=10.0.0.0/16");
    assert_eq!(cloud.ask(&format!("Action=AllocateAddress&IpamPoolId={of_vpcs}")), Err("InvalidParameterValue"));
}

#[test]
fn an_elastic_address_of_a_pool_is_the_next_that_nobody_has() {
    let mut cloud = Cloud::new();
    ipam(&mut cloud);
    let public = cloud.get("Action=DescribeIpams", "publicDefaultScopeId");
    let of_ec2 = pool(&mut cloud, &public, "&Locale=us-east-1&AwsService=ec2");
    provision(&mut cloud, &of_ec2, "Cidr=203.0.113.16/30");
    for taken in ["203.0.113.16", "203.0.113.18"] {
        cloud.ask(&format!("Action=AllocateAddress&Domain=vpc&Address={taken}")).unwrap();
    }
    let allocate = format!("Action=AllocateAddress&IpamPoolId={of_ec2}");
    assert_eq!(cloud.ask(&format!("{allocate}&Address=203.0.113.18")), Err("InvalidIPAddress.InUse"));
    assert_eq!(cloud.get(&allocate, "publicIp"), "203.0.113.17");
    assert_eq!(cloud.get(&allocate, "publicIp"), "203.0.113.19");
    assert!(cloud.ask(&allocate).is_err(), "the pool is full");
}

#[test]
fn vpcs_and_subnets_take_ipv6_blocks_of_pools() {
    let mut cloud = Cloud::new();
    ipam(&mut cloud);
    let public = cloud.get("Action=DescribeIpams", "publicDefaultScopeId");
    let create = format!("Action=CreateIpamPool&IpamScopeId={public}&AddressFamily=ipv6&Locale=us-east-1");
    let of_region = cloud.get(&format!("{create}&PublicIpSource=amazon"), "ipamPoolId");
    assert_eq!(provision(&mut cloud, &of_region, "NetmaskLength=52"), "2600:f000::/52");

    let create_vpc = "Action=CreateVpc&CidrBlock=10.0.0.0/16";
    assert_eq!(cloud.ask(&format!("{create_vpc}&Ipv6CidrBlock=2600:f000::/56")), Err("MissingParameter"));
    let of_pool = format!("{create_vpc}&Ipv6IpamPoolId={of_region}&Ipv6NetmaskLength");
    assert_eq!(cloud.ask(&format!("{of_pool}=62")), Err("InvalidVpc.Range"));
    let body = cloud.ask(&format!("{of_pool}=56")).unwrap();
    assert_eq!(first(&body, "ipv6CidrBlock").as_deref(), Some("2600:f000::/56"));
    assert_eq!(first(&body, "ipv6Pool").as_deref(), Some("IPAM Managed"));
    let vpc = first(&body, "vpcId").unwrap();
    let other = cloud.vpc("10.1.0.0/16");
    let associate = format!("Action=AssociateVpcCidrBlock&VpcId={other}&Ipv6IpamPoolId={of_region}");
    let body = cloud.ask(&format!("{associate}&Ipv6CidrBlock=2600:f000:0:200::/56")).unwrap();
    let association = first(&body, "associationId").unwrap();
    let list = format!("Action=GetIpamPoolAllocations&IpamPoolId={of_region}");
    assert_eq!(cloud.all(&list, "cidr"), ["2600:f000::/56", "2600:f000:0:200::/56"]);
    cloud.ask(&format!("Action=DisassociateVpcCidrBlock&AssociationId={association}")).unwrap();
    assert_eq!(cloud.all(&list, "resourceId"), std::slice::from_ref(&vpc));

    let plan = format!("{create}&SourceIpamPoolId={of_region}&SourceResource.ResourceId={vpc}");
    let plan = cloud.get(&format!("{plan}&SourceResource.ResourceType=vpc"), "ipamPoolId");
    assert_eq!(provision(&mut cloud, &plan, "Cidr=2600:f000::/56"), "2600:f000::/56");
    let ipv6 = format!("Ipv6IpamPoolId={plan}&Ipv6NetmaskLength=64");
    let create_subnet = format!("Action=CreateSubnet&VpcId={vpc}&CidrBlock=10.0");
    assert_eq!(cloud.get(&format!("{create_subnet}.0.0/24&{ipv6}"), "ipv6CidrBlock"), "2600:f000::/64");
    let subnet = cloud.get(&format!("{create_subnet}.1.0/24"), "subnetId");
    let associate = format!("Action=AssociateSubnetCidrBlock&SubnetId={subnet}&{ipv6}");
    let body = cloud.ask(&associate).unwrap();
    assert_eq!(first(&body, "ipv6CidrBlock").as_deref(), Some("2600:f000:0:1::/64"));
    let association = first(&body, "associationId").unwrap();
    cloud.ask(&format!("Action=DisassociateSubnetCidrBlock&AssociationId={association}")).unwrap();
    assert_eq!(cloud.get(&associate, "ipv6CidrBlock"), "2600:f000:0:1::/64");
}

#[test]
fn an_ipam_is_told_by_further_discoveries() {
    let mut cloud = Cloud::new();
    let ipam = cloud.get("Action=CreateIpam", "ipamId");
    let create = "Action=CreateIpamResourceDiscovery&Description=branch&OperatingRegion.1.RegionName=eu-west-1";
    let body = cloud.ask(create).unwrap();
    assert_eq!(texts(&body, "regionName"), ["eu-west-1", "us-east-1"]);
    let id = first(&body, "ipamResourceDiscoveryId").unwrap();
    let all = "Action=DescribeIpamResourceDiscoveries";
    assert_eq!(cloud.all(all, "isDefault"), ["true", "false"]);
    let own = cloud.get(&format!("{all}&Filter.1.Name=is-default&Filter.1.Value.1=true"), "ipamResourceDiscoveryId");
    let modify =
        "Action=ModifyIpamResourceDiscovery&RemoveOperatingRegion.1.RegionName=eu-west-1&IpamResourceDiscoveryId";
    assert_eq!(cloud.all(&format!("{modify}={id}"), "regionName"), ["us-east-1"]);
    assert_eq!(cloud.ask(&format!("{modify}={own}")), Err("OperationNotPermitted"));

    let associate = format!("Action=AssociateIpamResourceDiscovery&IpamId={ipam}&IpamResourceDiscoveryId={id}");
    let association = cloud.get(&associate, "ipamResourceDiscoveryAssociationId");
    assert_eq!(cloud.ask(&associate), Err("Resource.AlreadyAssociated"));
    assert_eq!(cloud.get("Action=DescribeIpams", "resourceDiscoveryAssociationCount"), "2");
    let named = "Action=DescribeIpamResourceDiscoveryAssociations&IpamResourceDiscoveryAssociationId.1=";
    assert_eq!(cloud.get(&format!("{named}{association}"), "ipamResourceDiscoveryId"), id);
    let delete = format!("Action=DeleteIpamResourceDiscovery&IpamResourceDiscoveryId={id}");
    assert_eq!(cloud.ask(&delete), Err("IncorrectState"), "it tells an IPAM");
    let part = "Action=DisassociateIpamResourceDiscovery&IpamResourceDiscoveryAssociationId=";
    assert_eq!(cloud.get(&format!("{part}{association}"), "state"), "disassociate-in-progress");
    cloud.ask(&delete).unwrap();
    assert_eq!(
        cloud.ask(&format!("{all}&IpamResourceDiscoveryId.1={id}")),
        Err("InvalidIpamResourceDiscoveryId.NotFound")
    );
}
