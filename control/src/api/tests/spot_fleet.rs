use super::*;

const CONFIG: &str = "SpotFleetRequestConfig";

/// A VPC-only Region, and a request for so much capacity out of two specifications, of which instances count 2 and 4.
fn cloud(target: u32, rest: &str) -> (Cloud, String) {
    let cloud = Cloud { region: "eu-central-1", ..Cloud::new() };
    let specification = |n: u8, kind: &str, weight: &str| {
        let one = format!("{CONFIG}.LaunchSpecifications.{n}");
        format!("&{one}.ImageId=ami-1a2b3c4d&{one}.InstanceType={kind}&{one}.WeightedCapacity={weight}")
    };
    let specifications = specification(1, "t3.small", "2.0") + &specification(2, "t3.large", "4.0");
    let role = "arn:aws:iam::111122223333:role/fleet";
    let create = format!(
        "Action=RequestSpotFleet&{CONFIG}.IamFleetRole={role}&{CONFIG}.TargetCapacity={target}{specifications}{rest}"
    );
    (cloud, create)
}

fn active(cloud: &mut Cloud, id: &str) -> usize {
    cloud.all(&format!("Action=DescribeSpotFleetInstances&SpotFleetRequestId={id}"), "instanceId").len()
}

#[test]
fn a_spot_fleet_launches_what_it_lacks_and_is_told_as_it_was_asked_for() {
    let tag = format!("{CONFIG}.TagSpecification.1");
    let tags = format!("&{tag}.ResourceType=spot-fleet-request&{tag}.Tag.1.Key=k&{tag}.Tag.1.Value=v");
    let (mut cloud, create) = cloud(6, &format!("{tags}&{CONFIG}.SpotPrice=0.12&{CONFIG}.ClientToken=one"));
    let id = cloud.get(&create, "spotFleetRequestId");
    assert!(id.starts_with("sfr-") && id.len() == 40, "{id}");
    assert_eq!(cloud.get(&create, "spotFleetRequestId"), id, "the same token");
    assert_eq!(active(&mut cloud, &id), 3, "of the first that can");
    let describe = format!("Action=DescribeSpotFleetRequests&SpotFleetRequestId.1={id}");
    let body = cloud.ask(&describe).unwrap();
    let told =
        ["spotFleetRequestState", "activityStatus", "fulfilledCapacity", "allocationStrategy", "type", "spotPrice"];
    let told = told.map(|element| first(&body, element).unwrap());
    assert_eq!(told, ["active", "fulfilled", "6", "lowestPrice", "maintain", "0.12"]);
    assert_eq!(texts(&body, "instanceType"), ["t3.small", "t3.large"]);
    assert_eq!(first(&body, "value").as_deref(), Some("v"));
    let spot = "Action=DescribeInstances&Filter.1.Name=instance-lifecycle&Filter.1.Value.1=spot";
    assert_eq!(cloud.all(spot, "instanceId").len(), 3);
    let history =
        format!("Action=DescribeSpotFleetRequestHistory&SpotFleetRequestId={id}&StartTime=2015-01-01T00:00:00Z");
    assert_eq!(cloud.all(&history, "eventSubType"), ["submitted", "active", "launched", "launched", "launched"]);
    assert_eq!(cloud.all(&format!("{history}&EventType=instanceChange"), "eventSubType").len(), 3);
}

/// Terraform names no price and no profile in empty texts.
#[test]
fn empty_settings_of_a_specification_are_none() {
    let (mut cloud, create) = cloud(2, &format!("&{CONFIG}.SpotPrice=0.12"));
    let of = format!("{CONFIG}.LaunchSpecifications.1");
    let id = cloud.get(&format!("{create}&{of}.SpotPrice=&{of}.IamInstanceProfile.Name="), "spotFleetRequestId");
    assert_eq!(active(&mut cloud, &id), 1);
    let body = cloud.ask(&format!("Action=DescribeSpotFleetRequests&SpotFleetRequestId.1={id}")).unwrap();
    assert!(body.contains("<spotPrice></spotPrice>") || body.contains("<spotPrice/>"), "{body}");
}

#[test]
fn ten_tenths_of_capacity_are_one() {
    let (mut cloud, create) = cloud(1, "");
    let id = cloud.get(&create.replace("WeightedCapacity=2.0", "WeightedCapacity=0.1"), "spotFleetRequestId");
    assert_eq!(active(&mut cloud, &id), 10);
    let modify = format!("Action=ModifySpotFleetRequest&SpotFleetRequestId={id}&TargetCapacity");
    cloud.ask(&format!("{modify}=2")).unwrap();
    assert_eq!(active(&mut cloud, &id), 20);
    cloud.ask(&format!("{modify}=1")).unwrap();
    assert_eq!(active(&mut cloud, &id), 10);
}

#[test]
fn a_spot_fleet_grows_and_shrinks_with_its_target() {
    let (mut cloud, create) = cloud(6, &format!("&{CONFIG}.AllocationStrategy=diversified"));
    let id = cloud.get(&create, "spotFleetRequestId");
    assert_eq!(active(&mut cloud, &id), 2, "one of each");
    let modify = format!("Action=ModifySpotFleetRequest&SpotFleetRequestId={id}&TargetCapacity");
    cloud.ask(&format!("{modify}=12")).unwrap();
    assert_eq!(active(&mut cloud, &id), 4);
    cloud.ask(&format!("{modify}=1&ExcessCapacityTerminationPolicy=noTermination")).unwrap();
    assert_eq!(active(&mut cloud, &id), 4);
    cloud.ask(&format!("{modify}=5&ExcessCapacityTerminationPolicy=Default")).unwrap();
    assert_eq!(active(&mut cloud, &id), 2);
    let describe = format!("Action=DescribeSpotFleetRequests&SpotFleetRequestId.1={id}");
    assert_eq!([cloud.get(&describe, "targetCapacity"), cloud.get(&describe, "fulfilledCapacity")], ["5", "6"]);
}

#[test]
fn a_spot_fleet_is_cancelled_with_its_instances_or_without() {
    let (mut cloud, create) = cloud(4, "");
    let id = cloud.get(&create, "spotFleetRequestId");
    let cancel = |terminate: bool| {
        format!("Action=CancelSpotFleetRequests&SpotFleetRequestId.1={id}&TerminateInstances={terminate}")
    };
    let body = cloud.ask(&cancel(false)).unwrap();
    let states =
        ["previousSpotFleetRequestState", "currentSpotFleetRequestState"].map(|one| first(&body, one).unwrap());
    assert_eq!(states, ["active", "cancelled_running"]);
    assert_eq!(active(&mut cloud, &id), 2);
    cloud.hosts_follow = false;
    assert_eq!(cloud.get(&cancel(true), "currentSpotFleetRequestState"), "cancelled_terminating");
    cloud.hosts_follow = true;
    assert_eq!(active(&mut cloud, &id), 0);
    assert_eq!(cloud.get("Action=DescribeSpotFleetRequests", "spotFleetRequestState"), "cancelled");
    assert_eq!(cloud.get(&cancel(true), "code"), "fleetRequestNotInCancellableState");
    let unknown = "SpotFleetRequestId.1=sfr-00000000-0000-0000-0000-000000000000";
    let cancel = format!("Action=CancelSpotFleetRequests&{unknown}&TerminateInstances=true");
    assert_eq!(cloud.get(&cancel, "code"), "fleetRequestIdDoesNotExist");
    assert_eq!(
        cloud.ask(&format!("Action=DescribeSpotFleetRequests&{unknown}")),
        Err("InvalidSpotFleetRequestId.NotFound")
    );
}

#[test]
fn a_spot_fleet_launches_by_templates_too_and_tells_what_it_cannot_launch() {
    let (mut cloud, mut create) = cloud(3, "");
    assert_eq!(
        cloud.ask("Action=DescribeSpotFleetRequests&SpotFleetRequestId.1=tea"),
        Err("InvalidSpotFleetRequestId.Malformed")
    );
    let make = "Action=CreateLaunchTemplate&LaunchTemplateName=web&LaunchTemplateData.ImageId=ami-1a2b3c4d\
                &LaunchTemplateData.InstanceType=t3.micro";
    let template = cloud.get(make, "launchTemplateId");
    let one = format!("{CONFIG}.LaunchTemplateConfigs.1");
    let by_template = format!("&{one}.LaunchTemplateSpecification.LaunchTemplateId={template}");
    assert_eq!(cloud.ask(&format!("{create}{by_template}")), Err("InvalidSpotFleetRequestConfig"), "one or the other");
    create.truncate(create.find("&SpotFleetRequestConfig.LaunchSpecifications").unwrap());
    assert_eq!(cloud.ask(&create), Err("InvalidSpotFleetRequestConfig"));
    let overrides = format!("&{one}.Overrides.1.InstanceType=t3.nano&{one}.Overrides.1.WeightedCapacity=2.0");
    let mixed = format!("{create}{by_template}{overrides}&{CONFIG}.OnDemandTargetCapacity=1");
    let id = cloud.get(&mixed, "spotFleetRequestId");
    let instances = format!("Action=DescribeSpotFleetInstances&SpotFleetRequestId={id}");
    assert_eq!(cloud.all(&instances, "instanceType"), ["t3.nano", "t3.nano"]);
    assert_eq!(cloud.all(&instances, "spotInstanceRequestId").len(), 1, "the other is On-Demand");
    let wrong = format!("{create}{by_template}&{one}.Overrides.1.SubnetId=subnet-12345678");
    let id = cloud.get(&wrong, "spotFleetRequestId");
    assert_eq!(active(&mut cloud, &id), 0);
    let history =
        format!("Action=DescribeSpotFleetRequestHistory&SpotFleetRequestId={id}&StartTime=2015-01-01T00:00:00Z");
    assert!(cloud.all(&history, "eventDescription")[0].starts_with("InvalidSubnetID.NotFound"));
}
