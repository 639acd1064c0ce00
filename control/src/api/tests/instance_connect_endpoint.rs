use super::*;

#[test]
fn a_vpc_has_one_connect_endpoint_with_an_interface_of_its_own() {
    let mut cloud = Cloud::new();
    let vpc = cloud.vpc("192.168.0.0/16");
    let subnet = cloud.subnet(&vpc, "192.168.1.0/24");
    let create = format!("Action=CreateInstanceConnectEndpoint&SubnetId={subnet}");
    assert_eq!(cloud.ask(&format!("{create}&IpAddressType=dualstack")), Err("UnsupportedOperation"));
    let token = format!("{create}&PreserveClientIp=true&ClientToken=once");
    let body = cloud.ask(&token).unwrap();
    assert_eq!(first(&body, "state").as_deref(), Some("create-in-progress"));
    let id = first(&body, "instanceConnectEndpointId").unwrap();
    assert_eq!(cloud.get(&token, "instanceConnectEndpointId"), id);
    assert_eq!(cloud.ask(&create), Err("InstanceConnectEndpointLimitExceeded"));
    let describe = format!("Action=DescribeInstanceConnectEndpoints&InstanceConnectEndpointId.1={id}");
    let told = cloud.ask(&describe).unwrap();
    assert_eq!(first(&told, "state").as_deref(), Some("create-complete"));
    assert_eq!(first(&told, "preserveClientIp").as_deref(), Some("true"));
    let kind = "Filter.1.Name=interface-type&Filter.1.Value.1=ec2_instance_connect_endpoint";
    let interface = cloud.get(&format!("Action=DescribeNetworkInterfaces&{kind}"), "networkInterfaceId");
    assert_eq!(
        cloud.ask(&format!("Action=DeleteNetworkInterface&NetworkInterfaceId={interface}")),
        Err("InvalidNetworkInterface.InUse")
    );
    let group = format!("Action=CreateSecurityGroup&GroupName=g&GroupDescription=d&VpcId={vpc}");
    let group = cloud.get(&group, "groupId");
    let modify = format!("Action=ModifyInstanceConnectEndpoint&InstanceConnectEndpointId={id}");
    cloud.ask(&format!("{modify}&SecurityGroupId.1={group}&PreserveClientIp=false")).unwrap();
    assert!(cloud.ask(&describe).unwrap().contains(&group));
    assert_eq!(cloud.ask(&format!("Action=DeleteSubnet&SubnetId={subnet}")), Err("DependencyViolation"));
    let delete = format!("Action=DeleteInstanceConnectEndpoint&InstanceConnectEndpointId={id}");
    assert_eq!(cloud.get(&delete, "state"), "delete-in-progress");
    assert_eq!(cloud.ask(&describe), Err("InvalidInstanceConnectEndpointId.NotFound"));
    cloud.ask(&format!("Action=DeleteSubnet&SubnetId={subnet}")).unwrap();
}
