use super::*;

#[test]
fn a_spot_request_is_fulfilled_at_once_and_ends_with_its_instance() {
    let mut cloud = Cloud::new();
    cloud.region = "eu-central-1";
    let request = "Action=RequestSpotInstances&InstanceCount=2&SpotPrice=0.5&LaunchSpecification.ImageId=ami-1a2b3c4d\
                   &LaunchSpecification.InstanceType=t3.micro&LaunchSpecification.Placement.AvailabilityZone=eu-central-1b\
                   &TagSpecification.1.ResourceType=spot-instances-request&TagSpecification.1.Tag.1.Key=Name\
                   &TagSpecification.1.Tag.1.Value=cheap";
    let body = cloud.ask(request).unwrap();
    let (ids, instances) = (texts(&body, "spotInstanceRequestId"), texts(&body, "instanceId"));
    assert_eq!((ids.len(), instances.len()), (2, 2));
    let told = ["state", "code", "spotPrice", "type", "launchedAvailabilityZone", "instanceType", "value"];
    let told = told.map(|element| first(&body, element).unwrap_or_default());
    assert_eq!(told, ["active", "fulfilled", "0.5", "one-time", "eu-central-1b", "t3.micro", "cheap"]);
    let describe = format!("Action=DescribeInstances&InstanceId.1={}", instances[0]);
    assert_eq!(cloud.get(&describe, "spotInstanceRequestId"), ids[0]);
    assert_eq!(cloud.get(&describe, "instanceLifecycle"), "spot");

    cloud.ask(&format!("Action=TerminateInstances&InstanceId.1={}", instances[0])).unwrap();
    cloud.ask(&format!("Action=CancelSpotInstanceRequests&SpotInstanceRequestId.1={}", ids[1])).unwrap();
    let of_state = |state| format!("Action=DescribeSpotInstanceRequests&Filter.1.Name=state&Filter.1.Value.1={state}");
    assert_eq!(cloud.all(&of_state("closed"), "spotInstanceRequestId"), [ids[0].as_str()]);
    assert_eq!(cloud.all(&of_state("cancelled"), "spotInstanceRequestId"), [ids[1].as_str()]);
    // A repetition with the same token is answered with the same requests.
    let again = format!("{request}&ClientToken=once");
    let made = [cloud.all(&again, "spotInstanceRequestId"), cloud.all(&again, "spotInstanceRequestId")];
    assert_eq!((made[0].len(), &made[0]), (2, &made[1]));
    let unknown = "Action=CancelSpotInstanceRequests&SpotInstanceRequestId.1=sir-12345678";
    assert_eq!(cloud.ask(unknown), Err("InvalidSpotInstanceRequestID.NotFound"));
    assert_eq!(cloud.ask(&format!("{request}&Type=sometimes")), Err("InvalidParameterValue"));
}

#[test]
fn a_spot_launch_comes_from_a_request_too() {
    let mut cloud = Cloud::new();
    cloud.region = "eu-central-1";
    let run = "Action=RunInstances&ImageId=ami-1a2b3c4d&MinCount=1&MaxCount=1&InstanceType=t3.micro\
               &InstanceMarketOptions.MarketType=spot&InstanceMarketOptions.SpotOptions.SpotInstanceType=persistent";
    let instance = cloud.get(run, "instanceId");
    let describe = "Action=DescribeSpotInstanceRequests";
    assert_eq!(cloud.all(describe, "instanceId"), [instance.as_str()]);
    assert_eq!(cloud.get(describe, "type"), "persistent");
}
