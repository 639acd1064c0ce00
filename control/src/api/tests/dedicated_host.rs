use super::*;

#[test]
fn dedicated_hosts_are_allocated_told_changed_and_released() {
    let mut cloud = Cloud { region: "eu-central-1", ..Cloud::new() };
    let allocate = "Action=AllocateHosts&AvailabilityZone=eu-central-1b&Quantity=2&TagSpecification.1.ResourceType=dedicated-host\
                    &TagSpecification.1.Tag.1.Key=k&TagSpecification.1.Tag.1.Value=v";
    let ids = cloud.all(&format!("{allocate}&InstanceFamily=c5"), "item");
    assert_eq!(ids.len(), 2);
    let (one, other) = (&ids[0], &ids[1]);
    let of = |id: &str| format!("Action=DescribeHosts&HostId.1={id}");
    let told = ["autoPlacement", "hostRecovery", "instanceFamily", "availabilityZoneId", "state", "value"];
    let told = told.map(|element| cloud.get(&of(one), element));
    assert_eq!(told, ["on", "off", "c5", "euc1-az2", "available", "v"]);
    let modify = format!("Action=ModifyHosts&HostId.1={one}&HostId.2=h-12345678&InstanceType=c5.large&HostRecovery=on");
    let body = cloud.ask(&modify).unwrap();
    assert_eq!(first(&body, "code").as_deref(), Some("InvalidHostID.NotFound"));
    assert_eq!([cloud.get(&of(one), "instanceType"), cloud.get(&of(one), "hostRecovery")], ["c5.large", "on"]);
    let run = "Action=RunInstances&ImageId=ami-1a2b3c4d&InstanceType=c5.large&MinCount=1&MaxCount=1";
    let instance = cloud.get(&format!("{run}&Placement.Tenancy=host&Placement.HostId={other}"), "instanceId");
    assert_eq!(cloud.get(&of(other), "instanceId"), instance);
    let unknown = format!("{run}&Placement.Tenancy=host&Placement.HostId=h-12345678");
    assert_eq!(cloud.ask(&unknown), Err("InvalidHostID.NotFound"));
    let release = format!("Action=ReleaseHosts&HostId.1={one}&HostId.2={other}");
    assert_eq!(cloud.get(&release, "code"), "Client.InvalidHost.Occupied");
    let released = "Action=DescribeHosts&Filter.1.Name=state&Filter.1.Value.1=released";
    assert_eq!(cloud.all(released, "hostId"), [one.as_str()]);
    assert_eq!(
        cloud.ask(&format!("{allocate}&InstanceFamily=c5&InstanceType=c5.large")),
        Err("InvalidParameterCombination")
    );
    assert_eq!(cloud.ask(allocate), Err("MissingParameter"));
}
