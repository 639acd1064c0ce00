use super::*;
use std::time::Duration;

/// A VPC with a gateway, an instance in it, and one in EC2-Classic.
fn house() -> (Cloud, String, String, String) {
    let mut cloud = Cloud::new();
    let vpc = cloud.vpc("192.168.0.0/16");
    cloud.gateway(&vpc);
    let subnet = cloud.subnet(&vpc, "192.168.1.0/24");
    let (inside, classic) = (cloud.instance(Some(&subnet)), cloud.instance(None));
    (cloud, vpc, inside, classic)
}

fn classic_address(cloud: &Cloud, id: &str) -> Option<String> {
    let public = cloud.model.instances.get(id)?.classic()?.public.as_ref()?;
    Some(public.address.to_string())
}

fn vpc_address(cloud: &Cloud, id: &str) -> Option<String> {
    let interface = cloud.model.instances.get(id)?.vpc()?.interfaces.first()?;
    let public = cloud.model.network_interfaces.get(interface)?.primary_public()?;
    Some(public.address.to_string())
}

#[test]
fn the_default_domain_is_classic_where_there_is_one() {
    let mut cloud = Cloud::new();
    assert_eq!(cloud.get("Action=AllocateAddress", "domain"), "standard");
    assert_eq!(cloud.get("Action=AllocateAddress&Domain=vpc&Address=203.0.113.7", "publicIp"), "203.0.113.7");
    assert_eq!(cloud.ask("Action=AllocateAddress&Domain=vpc&Address=203.0.113.7"), Err("InvalidIPAddress.InUse"));
    assert_eq!(cloud.ask("Action=AllocateAddress&Domain=moon"), Err("InvalidParameterValue"));
    for _ in 0..4 {
        cloud.ask("Action=AllocateAddress&Domain=standard").unwrap();
    }
    assert_eq!(cloud.ask("Action=AllocateAddress"), Err("AddressLimitExceeded"));
    let address = cloud.model.elastic_addresses.iter().next().unwrap().address;
    let tag = format!("Action=CreateTags&ResourceId.1={address}&Tag.1.Key=Name&Tag.1.Value=x");
    assert_eq!(cloud.ask(&tag), Err("InvalidID"));
    let standard = "Action=DescribeAddresses&Filter.1.Name=domain&Filter.1.Value.1=standard";
    assert_eq!(cloud.all(standard, "publicIp").len(), 5);
    assert!(cloud.all(standard, "allocationId").is_empty());
    assert_eq!(cloud.all("Action=DescribeAddresses&PublicIp.1=203.0.113.7", "domain"), ["vpc"]);
    assert_eq!(cloud.ask("Action=DescribeAddresses&PublicIp.1=203.0.113.8"), Err("InvalidAddress.NotFound"));
    cloud.region = "eu-central-1";
    assert_eq!(cloud.get("Action=AllocateAddress", "domain"), "vpc");
    assert_eq!(cloud.ask("Action=AllocateAddress&Domain=standard"), Err("UnsupportedOperation"));
}

/// J3, J6, M22 and their neighbours in the error table.
#[test]
fn neither_kind_is_of_use_on_the_other_side() {
    let (mut cloud, vpc, inside, classic) = house();
    let standard = cloud.get("Action=AllocateAddress&Domain=standard", "publicIp");
    let body = cloud.ask("Action=AllocateAddress&Domain=vpc").unwrap();
    let (allocation, public) = (first(&body, "allocationId").unwrap(), first(&body, "publicIp").unwrap());
    let group = format!("Action=CreateSecurityGroup&GroupName=link&GroupDescription=x&VpcId={vpc}");
    let group = cloud.get(&group, "groupId");
    cloud.ask(&format!("Action=EnableVpcClassicLink&VpcId={vpc}")).unwrap();
    cloud
        .ask(&format!("Action=AttachClassicLinkVpc&InstanceId={classic}&VpcId={vpc}&SecurityGroupId.1={group}"))
        .unwrap();
    for (form, code) in [
        (format!("InstanceId={classic}&AllocationId={allocation}"), "InvalidParameterCombination"),
        (format!("InstanceId={classic}&PublicIp={public}"), "AuthFailure"),
        (format!("InstanceId={classic}&PublicIp=192.0.2.1"), "AuthFailure"),
        (format!("InstanceId={inside}&PublicIp={standard}"), "InvalidParameterCombination"),
        (format!("InstanceId={inside}&PublicIp={public}"), "InvalidParameterCombination"),
        (format!("InstanceId={inside}&AllocationId=eipalloc-12345678"), "InvalidAllocationID.NotFound"),
        (format!("InstanceId={inside}"), "MissingParameter"),
        (format!("AllocationId={allocation}"), "MissingParameter"),
        (format!("InstanceId={inside}&AllocationId={allocation}&PublicIp={public}"), "InvalidParameterCombination"),
    ] {
        assert_eq!(cloud.ask(&format!("Action=AssociateAddress&{form}")), Err(code), "{form}");
    }
    // J4: the link and the private address stay.
    let before = cloud.model.instances.get(&classic).unwrap().clone();
    let body = cloud.ask(&format!("Action=AssociateAddress&InstanceId={classic}&PublicIp={standard}")).unwrap();
    assert!(body.contains("<return>true</return>") && !body.contains("associationId"), "{body}");
    let after = cloud.model.instances.get(&classic).unwrap();
    assert_eq!(after.link(), before.link());
    assert_eq!(after.classic().unwrap().private, before.classic().unwrap().private);
    assert_eq!(classic_address(&cloud, &classic), Some(standard));
}

#[test]
fn a_classic_address_moves_without_asking_and_leaves_a_fresh_one_behind() {
    let (mut cloud, _, _, one) = house();
    let other = cloud.instance(None);
    let eip = cloud.get("Action=AllocateAddress", "publicIp");
    let associate = |id: &str| format!("Action=AssociateAddress&InstanceId={id}&PublicIp={eip}");
    let first_address = classic_address(&cloud, &one).unwrap();
    cloud.ask(&associate(&one)).unwrap();
    cloud.ask(&associate(&other)).unwrap();
    assert_eq!(classic_address(&cloud, &other).as_deref(), Some(eip.as_str()));
    let fresh = classic_address(&cloud, &one).unwrap();
    assert!(fresh != eip && fresh != first_address);
    assert_eq!(cloud.get("Action=DescribeAddresses", "instanceId"), other);
    // A stop takes it off; a start gives one of the pool.
    cloud.ask(&format!("Action=StopInstances&InstanceId.1={other}")).unwrap();
    assert_eq!(cloud.get("Action=DescribeAddresses", "instanceId"), "");
    assert_eq!(cloud.ask(&associate(&other)), Err("InvalidInstanceID"));
    cloud.ask(&format!("Action=StartInstances&InstanceId.1={other}")).unwrap();
    assert!(classic_address(&cloud, &other).is_some_and(|address| address != eip));
    // Released while associated.
    cloud.ask(&associate(&one)).unwrap();
    cloud.ask(&format!("Action=ReleaseAddress&PublicIp={eip}")).unwrap();
    assert!(classic_address(&cloud, &one).is_some_and(|address| address != eip));
    assert_eq!(cloud.ask(&associate(&one)), Err("AuthFailure"));
}

#[test]
fn an_address_of_vpcs_moves_only_when_allowed_and_stays_through_a_stop() {
    let (mut cloud, vpc, one, _) = house();
    let subnet = cloud.subnet(&vpc, "192.168.2.0/24");
    let other = cloud.instance(Some(&subnet));
    let body = cloud.ask("Action=AllocateAddress&Domain=vpc").unwrap();
    let (allocation, eip) = (first(&body, "allocationId").unwrap(), first(&body, "publicIp").unwrap());
    let associate =
        |id: &str, more: &str| format!("Action=AssociateAddress&InstanceId={id}&AllocationId={allocation}{more}");
    let association = cloud.get(&associate(&one, ""), "associationId");
    assert_eq!(cloud.get(&associate(&one, ""), "associationId"), association);
    assert_eq!(cloud.ask(&associate(&other, "")), Err("Resource.AlreadyAssociated"));
    assert_eq!(cloud.ask(&format!("Action=ReleaseAddress&AllocationId={allocation}")), Err("InvalidIPAddress.InUse"));
    assert_eq!(cloud.ask(&format!("Action=ReleaseAddress&PublicIp={eip}")), Err("InvalidParameterValue"));
    let association = cloud.get(&associate(&other, "&AllowReassociation=true"), "associationId");
    assert_eq!(vpc_address(&cloud, &one), None);
    cloud.ask(&format!("Action=StopInstances&InstanceId.1={other}")).unwrap();
    assert_eq!(vpc_address(&cloud, &other).as_deref(), Some(eip.as_str()));
    let shown = cloud.ask(&format!("Action=DescribeAddresses&AllocationId.1={allocation}")).unwrap();
    assert_eq!(first(&shown, "associationId").as_deref(), Some(association.as_str()));
    assert!(first(&shown, "privateIpAddress").is_some_and(|own| own.starts_with("192.168.2.")));
    let disassociate = format!("Action=DisassociateAddress&AssociationId={association}");
    assert_eq!(cloud.ask(&format!("Action=DisassociateAddress&PublicIp={eip}")), Err("InvalidParameterValue"));
    cloud.ask(&disassociate).unwrap();
    assert_eq!(cloud.ask(&disassociate), Err("InvalidAssociationID.NotFound"));
    cloud.ask(&format!("Action=ReleaseAddress&AllocationId={allocation}")).unwrap();
    assert!(cloud.all("Action=DescribeAddresses", "publicIp").is_empty());
}

#[test]
fn an_address_of_a_network_without_gateway_is_of_no_use() {
    let mut cloud = Cloud::new();
    let vpc = cloud.vpc("192.168.0.0/16");
    let subnet = cloud.subnet(&vpc, "192.168.1.0/24");
    let instance = cloud.instance(Some(&subnet));
    let allocation = cloud.get("Action=AllocateAddress&Domain=vpc", "allocationId");
    let form = format!("Action=AssociateAddress&InstanceId={instance}&AllocationId={allocation}");
    assert_eq!(cloud.ask(&form), Err("Gateway.NotAttached"));
    let igw = cloud.gateway(&vpc);
    cloud.ask(&form).unwrap();
    let detach = format!("Action=DetachInternetGateway&InternetGatewayId={igw}&VpcId={vpc}");
    assert_eq!(cloud.ask(&detach), Err("DependencyViolation"));
}

#[test]
fn addresses_move_between_the_platforms() {
    let (mut cloud, _, inside, classic) = house();
    let eip = cloud.get("Action=AllocateAddress", "publicIp");
    let go = format!("Action=MoveAddressToVpc&PublicIp={eip}");
    assert_eq!(cloud.ask(&go), Err("OperationNotPermitted"), "too young");
    cloud.now = cloud.now.after(Duration::from_secs(24 * 3600));
    let allocation = cloud.get(&go, "allocationId");
    assert_eq!(
        cloud.ask(&format!("Action=AssociateAddress&InstanceId={classic}&PublicIp={eip}")),
        Err("EIPMigratedToVpc")
    );
    let form = format!("Action=AssociateAddress&InstanceId={inside}&AllocationId={allocation}");
    let association = cloud.get(&form, "associationId");
    let back = format!("Action=RestoreAddressToClassic&PublicIp={eip}");
    assert_eq!(cloud.ask(&back), Err("InvalidIPAddress.InUse"));
    cloud.ask(&format!("Action=DisassociateAddress&AssociationId={association}")).unwrap();
    assert_eq!(cloud.get(&back, "status"), "InClassic");
    assert_eq!(cloud.get("Action=DescribeAddresses", "domain"), "standard");
}

#[test]
fn addresses_of_classic_have_no_tags() {
    let mut cloud = Cloud::new();
    let tag = "&TagSpecification.1.ResourceType=elastic-ip&TagSpecification.1.Tag.1.Key=Name&TagSpecification.1.Tag.1.Value=x";
    assert_eq!(cloud.ask(&format!("Action=AllocateAddress{tag}")), Err("InvalidParameterCombination"));
    cloud.ask(&format!("Action=AllocateAddress&Domain=vpc{tag}")).unwrap();
    assert_eq!(cloud.all("Action=DescribeAddresses", "value"), ["x"]);
}
