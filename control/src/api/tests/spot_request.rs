use super::*;
use model::{INTERRUPTION_NOTICE, NoInterruption, Time};

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
    assert_eq!(told, ["active", "fulfilled", "0.500000", "one-time", "eu-central-1b", "t3.micro", "cheap"]);
    let describe = format!("Action=DescribeInstances&InstanceId.1={}", instances[0]);
    assert_eq!(cloud.get(&describe, "spotInstanceRequestId"), ids[0]);
    assert_eq!(cloud.get(&describe, "instanceLifecycle"), "spot");

    // What is launched once is not stopped.
    cloud.model.finish_hosts();
    let stop = format!("Action=StopInstances&InstanceId.1={}", instances[0]);
    assert_eq!(cloud.ask(&stop), Err("UnsupportedOperation"));
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
fn a_spot_request_tells_what_it_asked_to_be_launched() {
    let mut cloud = Cloud::new();
    cloud.region = "eu-central-1";
    let vpc = cloud.vpc("10.0.0.0/16");
    let subnet = cloud.get(&format!("Action=CreateSubnet&VpcId={vpc}&CidrBlock=10.0.0.0/24"), "subnetId");
    let (disk, interface) = ("LaunchSpecification.BlockDeviceMapping.1", "LaunchSpecification.NetworkInterface.1");
    let request = format!(
        "Action=RequestSpotInstances&LaunchSpecification.ImageId=ami-1a2b3c4d&LaunchSpecification.InstanceType=t3.micro\
         &{disk}.DeviceName=/dev/sdb&{disk}.Ebs.VolumeSize=5&{disk}.Ebs.VolumeType=gp3\
         &{interface}.DeviceIndex=0&{interface}.SubnetId={subnet}&{interface}.DeleteOnTermination=true"
    );
    let body = cloud.ask(&request).unwrap();
    let told = ["deviceName", "volumeSize", "volumeType", "deviceIndex"];
    assert_eq!(told.map(|element| first(&body, element).unwrap_or_default()), ["/dev/sdb", "5", "gp3", "0"]);
    let of_device = |device: &str| {
        format!(
            "Action=DescribeSpotInstanceRequests&Filter.1.Name=launch.block-device-mapping.device-name\
             &Filter.1.Value.1={device}"
        )
    };
    assert_eq!(cloud.all(&of_device("/dev/sdb"), "spotInstanceRequestId").len(), 1);
    assert!(cloud.all(&of_device("/dev/sdc"), "spotInstanceRequestId").is_empty());
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

/// A Spot instance, interrupted, as it is told of by two calls: request's state and code, instance's state and reason.
fn told(cloud: &mut Cloud, instance: &str) -> [String; 4] {
    let describe = format!("Action=DescribeInstances&InstanceId.1={instance}");
    let body = cloud.ask(&describe).unwrap();
    let reason = body.split_once("<stateReason>").map_or("", |(_, rest)| rest);
    let (state, reason) = (first(&body, "name").unwrap_or_default(), first(reason, "code").unwrap_or_default());
    let request = format!("Action=DescribeSpotInstanceRequests&Filter.1.Name=instance-id&Filter.1.Value.1={instance}");
    [cloud.get(&request, "state"), cloud.get(&request, "code"), state, reason]
}

#[test]
fn an_interruption_comes_two_minutes_after_its_notice_and_is_told_of() {
    let mut cloud = Cloud::new();
    cloud.region = "eu-central-1";
    let run = "Action=RunInstances&ImageId=ami-1a2b3c4d&MinCount=1&MaxCount=1&InstanceType=t3.micro&DisableApiTermination=true\
               &InstanceMarketOptions.MarketType=spot&InstanceMarketOptions.SpotOptions.SpotInstanceType=persistent\
               &InstanceMarketOptions.SpotOptions.InstanceInterruptionBehavior";
    let (gone, stopped) =
        (cloud.get(&format!("{run}=terminate"), "instanceId"), cloud.get(&format!("{run}=stop"), "instanceId"));
    cloud.model.finish_hosts();
    let now = Time(1_420_632_000_000);
    for id in [&gone, &stopped] {
        let due = cloud.model.interrupt(id, now).unwrap();
        assert_eq!(due, now.after(INTERRUPTION_NOTICE));
        assert_eq!(cloud.model.interrupt(id, now), Err(NoInterruption::Told(id.clone(), due)));
    }
    assert_eq!(told(&mut cloud, &gone)[..3], ["active", "marked-for-termination", "running"]);
    assert_eq!(told(&mut cloud, &stopped)[..3], ["active", "marked-for-stop", "running"]);
    let due = cloud.model.interruptions_due().unwrap();
    cloud.model.carry_out_interruptions(Time(due.0 - 1)).unwrap();
    assert_eq!(told(&mut cloud, &gone)[2], "running");
    cloud.model.carry_out_interruptions(due).unwrap();
    cloud.model.finish_hosts();
    assert_eq!(cloud.model.interruptions_due(), None);
    let told_of = [told(&mut cloud, &gone), told(&mut cloud, &stopped)];
    assert_eq!(
        told_of[0],
        ["closed", "instance-terminated-no-capacity", "terminated", "Server.SpotInstanceTermination"]
    );
    assert_eq!(told_of[1], ["disabled", "instance-stopped-no-capacity", "stopped", "Server.SpotInstanceShutdown"]);
    // It can be started again, and what ends it then is another matter.
    cloud.ask(&format!("Action=StartInstances&InstanceId.1={stopped}")).unwrap();
    cloud.model.finish_hosts();
    cloud.ask(&format!("Action=StopInstances&InstanceId.1={stopped}")).unwrap();
    cloud.model.finish_hosts();
    assert_eq!(
        told(&mut cloud, &stopped)[1..],
        ["instance-stopped-by-user", "stopped", "Client.UserInitiatedShutdown"]
    );
    let halted = cloud.model.interrupt(&stopped, due);
    assert_eq!(halted, Err(NoInterruption::Halted(stopped.clone())));
    let other =
        cloud.get("Action=RunInstances&ImageId=ami-1a2b3c4d&MinCount=1&MaxCount=1&InstanceType=t3.micro", "instanceId");
    assert_eq!(cloud.model.interrupt(&other, due), Err(NoInterruption::NoSpot(other.clone())));
}

#[test]
fn a_request_shows_its_validity_and_its_groups() {
    let mut cloud = Cloud { region: "eu-central-1", ..Cloud::new() };
    let request = "Action=RequestSpotInstances&LaunchSpecification.ImageId=ami-1a2b3c4d\
                   &LaunchSpecification.InstanceType=t3.micro&ValidFrom=2030-01-01T00:00:00Z\
                   &ValidUntil=2031-01-01T00:00:00Z&LaunchGroup=together&AvailabilityZoneGroup=near";
    cloud.ask(request).unwrap();
    let body = cloud.ask("Action=DescribeSpotInstanceRequests&Filter.1.Name=launch-group&Filter.1.Value.1=together");
    let body = body.unwrap();
    let told = ["validFrom", "validUntil", "launchGroup", "availabilityZoneGroup"]
        .map(|element| first(&body, element).unwrap_or_default());
    assert_eq!(told, ["2030-01-01T00:00:00.000Z", "2031-01-01T00:00:00.000Z", "together", "near"]);
}
