use super::*;

/// A VPC-only Region with a launch template, whose id it gives.
fn cloud() -> (Cloud, String) {
    let mut cloud = Cloud { region: "eu-central-1", ..Cloud::new() };
    let create = "Action=CreateLaunchTemplate&LaunchTemplateName=web&LaunchTemplateData.ImageId=ami-1a2b3c4d\
                  &LaunchTemplateData.InstanceType=t3.micro";
    let template = cloud.get(create, "launchTemplateId");
    (cloud, template)
}

fn create(template: &str, total: u32, rest: &str) -> String {
    let specification = "LaunchTemplateConfigs.1.LaunchTemplateSpecification";
    format!(
        "Action=CreateFleet&{specification}.LaunchTemplateId={template}&{specification}.Version=$Latest\
         &TargetCapacitySpecification.TotalTargetCapacity={total}{rest}"
    )
}

#[test]
fn an_instant_fleet_tells_its_instances_of_both_kinds() {
    let (mut cloud, template) = cloud();
    let mixed = "&TargetCapacitySpecification.OnDemandTargetCapacity=1\
                 &TargetCapacitySpecification.DefaultTargetCapacityType=spot&Type=instant\
                 &TagSpecification.1.ResourceType=instance&TagSpecification.1.Tag.1.Key=k&TagSpecification.1.Tag.1.Value=v";
    let body = cloud.ask(&create(&template, 3, mixed)).unwrap();
    assert_eq!(texts(&body, "lifecycle"), ["on-demand", "spot", "spot"]);
    assert_eq!(first(&body, "version").as_deref(), Some("1"));
    let id = first(&body, "fleetId").unwrap();
    assert_eq!(id.len(), 42);
    let spot = "Action=DescribeInstances&Filter.1.Name=instance-lifecycle&Filter.1.Value.1=spot";
    assert_eq!(cloud.all(spot, "instanceId").len(), 2);
    let tagged = "Action=DescribeInstances&Filter.1.Name=tag:k&Filter.1.Value.1=v";
    assert_eq!(cloud.all(tagged, "instanceId").len(), 3);
    assert!(cloud.all("Action=DescribeFleets", "fleetId").is_empty(), "instant ones only by name");
    let named = format!("Action=DescribeFleets&FleetId.1={id}");
    assert_eq!([cloud.get(&named, "fulfilledCapacity"), cloud.get(&named, "fleetState")], ["3", "active"]);
    cloud.hosts_follow = false;
    let delete = format!("Action=DeleteFleets&FleetId.1={id}&TerminateInstances=true");
    assert_eq!(cloud.get(&delete, "currentFleetState"), "deleted_terminating");
    let its = format!("Action=DescribeFleetInstances&FleetId={id}");
    assert!(cloud.all(&its, "instanceId").is_empty());
    assert_eq!(cloud.get(&named, "fleetState"), "deleted_terminating");
    cloud.model.finish_hosts();
    assert_eq!(cloud.get(&named, "fleetState"), "deleted");
    cloud.now = cloud.now.after(std::time::Duration::from_secs(2 * 3600));
    assert!(cloud.model.has_forgettable(cloud.now));
    cloud.model.forget(cloud.now).unwrap();
    assert!(cloud.model.fleets.get(&id).is_none());
    let other = first(&cloud.ask(&create(&template, 1, "&Type=instant")).unwrap(), "fleetId").unwrap();
    let keep = format!("Action=DeleteFleets&FleetId.1={other}&TerminateInstances=false");
    assert_eq!(cloud.get(&keep, "code"), "fleetNotInDeletableState");
}

#[test]
fn a_fleet_puts_the_interface_of_its_template_into_its_own_subnet() {
    let mut cloud = Cloud { region: "eu-central-1", ..Cloud::new() };
    let vpc = cloud.vpc("192.168.0.0/16");
    let subnet = cloud.subnet(&vpc, "192.168.1.0/24");
    let interface = "LaunchTemplateData.NetworkInterface.1";
    let template = cloud.get(
        &format!(
            "Action=CreateLaunchTemplate&LaunchTemplateName=web&LaunchTemplateData.ImageId=ami-1a2b3c4d\
             &LaunchTemplateData.InstanceType=t3.micro&{interface}.DeviceIndex=0&{interface}.Description=first"
        ),
        "launchTemplateId",
    );
    let place = format!("&Type=instant&LaunchTemplateConfigs.1.Overrides.1.SubnetId={subnet}");
    let fleet = cloud.ask(&create(&template, 1, &place)).unwrap();
    assert_eq!(texts(&fleet, "errorCode"), Vec::<String>::new());
    let primary = "Action=DescribeNetworkInterfaces&Filter.1.Name=description&Filter.1.Value.1=first";
    assert_eq!(cloud.get(primary, "subnetId"), subnet);
    let run = format!("Action=RunInstances&MinCount=1&MaxCount=1&LaunchTemplate.LaunchTemplateId={template}");
    assert_eq!(cloud.ask(&format!("{run}&SubnetId={subnet}")), Err("InvalidParameterCombination"));
}

#[test]
fn a_fleet_launches_a_type_with_what_its_override_requires() {
    let (mut cloud, template) = cloud();
    let of = "&LaunchTemplateConfigs.1.Overrides.1";
    let required = format!(
        "&Type=instant{of}.InstanceRequirements.VCpuCount.Min=2{of}.InstanceRequirements.MemoryMiB.Min=4096\
         {of}.InstanceRequirements.AllowedInstanceType.1=c5a.*"
    );
    assert_eq!(cloud.all(&create(&template, 1, &required), "instanceType"), ["c5a.large"]);
    let both = format!("{required}{of}.InstanceType=t3.micro");
    assert_eq!(cloud.ask(&create(&template, 1, &both)), Err("InvalidParameterCombination"));
}

#[test]
fn a_fleet_has_so_many_overrides_and_no_more() {
    let (mut cloud, template) = cloud();
    let of = |n: usize, what: &str| format!("&LaunchTemplateConfigs.1.Overrides.{n}.{what}");
    let types = |most: usize| (1..=most).map(|n| of(n, "InstanceType=t3.nano")).collect::<String>();
    cloud.ask(&create(&template, 0, &types(300))).unwrap();
    assert_eq!(cloud.ask(&create(&template, 0, &types(301))), Err("InvalidParameterValue"));
    cloud.ask(&create(&template, 0, &format!("{}&Type=instant", types(301)))).unwrap();
    let required = |most: usize| {
        let one =
            |n: usize| of(n, "InstanceRequirements.VCpuCount.Min=2") + &of(n, "InstanceRequirements.MemoryMiB.Min=1");
        (1..=most).map(one).collect::<String>()
    };
    cloud.ask(&create(&template, 0, &format!("{}&Type=instant", required(4)))).unwrap();
    assert_eq!(cloud.ask(&create(&template, 0, &required(5))), Err("InvalidParameterValue"));
}

#[test]
fn a_fleet_whose_instances_are_terminated_goes_on_terminating_them() {
    let (mut cloud, template) = cloud();
    cloud.hosts_follow = false;
    let id = cloud.get(&create(&template, 2, ""), "fleetId");
    let delete = |terminate: bool| format!("Action=DeleteFleets&FleetId.1={id}&TerminateInstances={terminate}");
    assert_eq!(cloud.get(&delete(false), "currentFleetState"), "deleted_running");
    assert_eq!(cloud.get(&delete(true), "currentFleetState"), "deleted_terminating");
    let body = cloud.ask(&delete(false)).unwrap();
    let told = ["currentFleetState", "previousFleetState"].map(|element| first(&body, element));
    assert_eq!(told, [Some("deleted_terminating".to_owned()), Some("deleted_terminating".to_owned())]);
}

#[test]
fn many_instances_are_launched_at_once_and_evenly() {
    let (mut cloud, template) = cloud();
    let overrides = "&LaunchTemplateConfigs.1.Overrides.1.InstanceType=t3.small\
                     &LaunchTemplateConfigs.1.Overrides.2.InstanceType=t3.large\
                     &TargetCapacitySpecification.DefaultTargetCapacityType=spot&SpotOptions.AllocationStrategy=diversified";
    let id = cloud.get(&create(&template, 9, overrides), "fleetId");
    let types = cloud.all(&format!("Action=DescribeFleetInstances&FleetId={id}"), "instanceType");
    assert_eq!((types.len(), types.iter().filter(|name| *name == "t3.small").count()), (9, 5));
    for weight in ["0.5", "NaN", "inf"] {
        let weighted = format!("&LaunchTemplateConfigs.1.Overrides.1.WeightedCapacity={weight}");
        assert_eq!(cloud.ask(&create(&template, 1, &weighted)), Err("InvalidParameterValue"), "{weight}");
    }
}

#[test]
fn a_fleet_that_goes_on_says_its_id_alone_and_spreads_over_what_it_may() {
    let (mut cloud, template) = cloud();
    let overrides = "&LaunchTemplateConfigs.1.Overrides.1.InstanceType=t3.small\
                     &LaunchTemplateConfigs.1.Overrides.2.InstanceType=t3.large\
                     &LaunchTemplateConfigs.1.Overrides.2.WeightedCapacity=2\
                     &TargetCapacitySpecification.DefaultTargetCapacityType=spot&SpotOptions.AllocationStrategy=diversified";
    let body = cloud.ask(&create(&template, 3, overrides)).unwrap();
    assert!(first(&body, "fleetInstanceSet").is_none());
    let id = first(&body, "fleetId").unwrap();
    let its = format!("Action=DescribeFleetInstances&FleetId={id}");
    let mut types = cloud.all(&its, "instanceType");
    types.sort();
    assert_eq!(types, ["t3.large", "t3.small"]);
    let told = cloud.ask("Action=DescribeFleets").unwrap();
    assert_eq!(first(&told, "fulfilledCapacity").as_deref(), Some("3"));
    assert_eq!(first(&told, "version").as_deref(), Some("$Latest"));
    assert_eq!(texts(&told, "allocationStrategy"), ["diversified", "lowestPrice"]);
    let delete = format!("Action=DeleteFleets&FleetId.1={id}&TerminateInstances=false");
    assert_eq!(cloud.get(&delete, "previousFleetState"), "active");
    assert_eq!(cloud.all(&its, "instanceType").len(), 2);
    let unknown = "Action=DeleteFleets&FleetId.1=fleet-11111111-2222-3333-4444-555555555555&TerminateInstances=false";
    assert_eq!(cloud.get(unknown, "code"), "fleetIdDoesNotExist");
}

#[test]
fn what_a_fleet_cannot_launch_it_tells_and_nothing_else_happens() {
    let (mut cloud, template) = cloud();
    let wrong = "&LaunchTemplateConfigs.1.Overrides.1.AvailabilityZone=mars-1a&Type=instant";
    let body = cloud.ask(&create(&template, 2, wrong)).unwrap();
    assert_eq!(texts(&body, "errorCode"), ["InvalidParameterValue"]);
    assert!(cloud.all("Action=DescribeInstances", "instanceId").is_empty());
    let more = "&TargetCapacitySpecification.OnDemandTargetCapacity=2&TargetCapacitySpecification.SpotTargetCapacity=2";
    assert_eq!(cloud.ask(&create(&template, 3, more)), Err("InvalidTargetCapacitySpecification"));
    assert_eq!(cloud.ask(&create("lt-12345678", 1, "")), Err("InvalidLaunchTemplateId.NotFound"));
}

#[test]
fn a_fleet_that_is_maintained_grows_and_shrinks_with_its_target() {
    let (mut cloud, template) = cloud();
    let id = cloud.get(&create(&template, 2, ""), "fleetId");
    let modify = |rest: &str| format!("Action=ModifyFleet&FleetId={id}&{rest}");
    let target = |total: u32| modify(&format!("TargetCapacitySpecification.TotalTargetCapacity={total}"));
    let instances = format!("Action=DescribeFleetInstances&FleetId={id}");
    cloud.ask(&target(4)).unwrap();
    assert_eq!(cloud.all(&instances, "instanceId").len(), 4);
    cloud.ask(&format!("{}&ExcessCapacityTerminationPolicy=no-termination", target(1))).unwrap();
    assert_eq!(cloud.all(&instances, "instanceId").len(), 4);
    cloud.ask(&modify("ExcessCapacityTerminationPolicy=termination")).unwrap();
    assert_eq!(cloud.all(&instances, "instanceId").len(), 1);
    let history = format!("Action=DescribeFleetHistory&FleetId={id}&StartTime=2015-01-01T00:00:00Z");
    let events = cloud.all(&history, "eventSubType");
    assert_eq!(events, ["submitted", "active", "launched", "launched", "launched", "launched"]);
    assert_eq!(cloud.all(&format!("{history}&EventType=instance-change"), "eventSubType").len(), 4);
    let request = cloud.get(&create(&template, 1, "&Type=request"), "fleetId");
    let modify = format!("Action=ModifyFleet&FleetId={request}&ExcessCapacityTerminationPolicy=termination");
    assert_eq!(cloud.ask(&modify), Err("InvalidParameterValue"));
}

#[test]
fn a_fleet_shows_the_options_that_it_was_made_with() {
    let (mut cloud, template) = cloud();
    let options = "&ReplaceUnhealthyInstances=true&TerminateInstancesWithExpiration=true\
                   &SpotOptions.InstanceInterruptionBehavior=stop&SpotOptions.InstancePoolsToUseCount=2\
                   &SpotOptions.MaintenanceStrategies.CapacityRebalance.ReplacementStrategy=launch\
                   &OnDemandOptions.MaxTotalPrice=1.5&TargetCapacitySpecification.TargetCapacityUnitType=units";
    let id = cloud.get(&create(&template, 0, options), "fleetId");
    let body = cloud.ask(&format!("Action=DescribeFleets&FleetId.1={id}")).unwrap();
    for (element, value) in [
        ("replaceUnhealthyInstances", "true"),
        ("terminateInstancesWithExpiration", "true"),
        ("instanceInterruptionBehavior", "stop"),
        ("instancePoolsToUseCount", "2"),
        ("replacementStrategy", "launch"),
        ("maxTotalPrice", "1.5"),
        ("targetCapacityUnitType", "units"),
        ("fulfilledCapacity", "0"),
    ] {
        assert_eq!(first(&body, element).as_deref(), Some(value), "{element}");
    }
    let replaced = "Action=DescribeFleets&Filter.1.Name=replace-unhealthy-instances&Filter.1.Value.1=true";
    assert_eq!(cloud.get(replaced, "fleetId"), id);
}
