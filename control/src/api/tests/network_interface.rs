use super::*;

#[test]
fn the_interface_of_an_instance_is_described_and_modified() {
    let mut cloud = Cloud::new();
    let vpc = cloud.vpc("192.168.0.0/16");
    let subnet = cloud.subnet(&vpc, "192.168.1.0/24");
    let instance = cloud.instance(Some(&subnet));
    let by_instance =
        format!("Action=DescribeNetworkInterfaces&Filter.1.Name=attachment.instance-id&Filter.1.Value.1={instance}");
    let body = cloud.ask(&by_instance).unwrap();
    let id = first(&body, "networkInterfaceId").unwrap();
    assert_eq!(first(&body, "status").as_deref(), Some("in-use"));
    assert_eq!(first(&body, "privateDnsName").as_deref(), Some("ip-192-168-1-4.ec2.internal"));
    assert!(cloud.ask("Action=DescribeInstances").unwrap().contains(&id));

    let modify = |more: &str| format!("Action=ModifyNetworkInterfaceAttribute&NetworkInterfaceId={id}&{more}");
    cloud.ask(&modify("SourceDestCheck.Value=false")).unwrap();
    cloud.ask(&modify("Description.Value=RDSNetworkInterface")).unwrap();
    assert_eq!(cloud.ask(&modify("SecurityGroupId.1=sg-12345678")), Err("InvalidGroup.NotFound"));
    assert_eq!(cloud.ask(&modify("")), Err("InvalidParameterCombination"));
    let attribute =
        |name: &str| format!("Action=DescribeNetworkInterfaceAttribute&NetworkInterfaceId={id}&Attribute={name}");
    assert_eq!(cloud.get(&attribute("sourceDestCheck"), "value"), "false");
    assert_eq!(cloud.get(&attribute("description"), "value"), "RDSNetworkInterface");
    assert_eq!(cloud.ask(&attribute("colour")), Err("InvalidParameterValue"));
    let found = "Action=DescribeNetworkInterfaces&Filter.1.Name=description&Filter.1.Value.1=RDS*";
    assert_eq!(cloud.get(found, "networkInterfaceId"), id);
    assert_eq!(
        cloud.ask(&format!("Action=DeleteNetworkInterface&NetworkInterfaceId={id}")),
        Err("InvalidNetworkInterface.InUse")
    );
    // A route to the instance is a route to its interface, and a blackhole while it is stopped.
    let table = cloud.main_table(&vpc);
    cloud
        .ask(&format!("Action=CreateRoute&RouteTableId={table}&DestinationCidrBlock=0.0.0.0/0&InstanceId={instance}"))
        .unwrap();
    assert_eq!(cloud.routes(&table)[1], format!("0.0.0.0/0 {id}"));
    cloud.ask(&format!("Action=StopInstances&InstanceId.1={instance}")).unwrap();
    assert_eq!(cloud.routes(&table)[1], format!("0.0.0.0/0 {id} blackhole"));
}

#[test]
fn an_interface_can_be_made_for_an_instance_to_come() {
    let mut cloud = Cloud::new();
    let vpc = cloud.vpc("192.168.0.0/16");
    let subnet = cloud.subnet(&vpc, "192.168.1.0/24");
    let create = format!("Action=CreateNetworkInterface&SubnetId={subnet}&PrivateIpAddress");
    let id = cloud.get(&format!("{create}=192.168.1.20"), "networkInterfaceId");
    assert_eq!(cloud.ask(&format!("{create}=192.168.1.20")), Err("InvalidIPAddress.InUse"));
    assert_eq!(cloud.ask(&format!("{create}=192.168.1.3")), Err("InvalidParameterValue"));
    let instance = cloud.instance(Some(&subnet));
    let attach = format!("Action=AttachNetworkInterface&NetworkInterfaceId={id}&InstanceId={instance}&DeviceIndex=1");
    assert_eq!(cloud.ask(&attach), Err("UnsupportedOperation"));
    let run = "Action=RunInstances&ImageId=ami-1a2b3c4d&InstanceType=m1.small&MinCount=1&MaxCount=1";
    let run = format!("{run}&NetworkInterface.1.DeviceIndex=0&NetworkInterface.1.NetworkInterfaceId={id}");
    assert_eq!(cloud.get(&run, "privateIpAddress"), "192.168.1.20");
    let attachment = cloud.get(&format!("Action=DescribeNetworkInterfaces&NetworkInterfaceId.1={id}"), "attachmentId");
    let detach = format!("Action=DetachNetworkInterface&AttachmentId={attachment}");
    assert_eq!(cloud.ask(&detach), Err("OperationNotPermitted"));
}
