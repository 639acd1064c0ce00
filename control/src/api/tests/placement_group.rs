use super::*;

#[test]
fn a_placement_group_is_made_used_and_deleted() {
    let mut cloud = Cloud::new();
    cloud.region = "eu-central-1";
    let create = |rest: &str| format!("Action=CreatePlacementGroup&GroupName={rest}");
    assert_eq!(cloud.get(&create("near&Strategy=cluster"), "state"), "available");
    assert_eq!(cloud.get(&create("apart&Strategy=partition"), "partitionCount"), "2");
    assert_eq!(cloud.ask(&create("near&Strategy=spread")), Err("InvalidPlacementGroup.Duplicate"));
    assert_eq!(cloud.ask(&create("x&Strategy=cluster&PartitionCount=3")), Err("InvalidParameterCombination"));
    let run = "Action=RunInstances&ImageId=ami-1a2b3c4d&InstanceType=m5.large&MinCount=1&MaxCount=1";
    let nowhere = format!("{run}&Placement.GroupName=apart&Placement.PartitionNumber=-1");
    assert_eq!(cloud.ask(&nowhere), Err("InvalidParameterValue"));
    let id = cloud.get(&format!("{run}&Placement.GroupName=near"), "instanceId");
    assert_eq!(cloud.ask("Action=DeletePlacementGroup&GroupName=near"), Err("InvalidPlacementGroup.InUse"));
    cloud.ask(&format!("Action=TerminateInstances&InstanceId.1={id}")).unwrap();
    cloud.ask("Action=DeletePlacementGroup&GroupName=near").unwrap();
    let by_strategy = "Action=DescribePlacementGroups&Filter.1.Name=strategy&Filter.1.Value.1=partition";
    assert_eq!(cloud.all(by_strategy, "groupName"), ["apart"]);
    assert_eq!(cloud.ask("Action=DescribePlacementGroups&GroupName.1=near"), Err("InvalidPlacementGroup.Unknown"));
}

#[test]
fn credits_are_those_of_types_that_have_any() {
    let mut cloud = Cloud::new();
    cloud.region = "eu-central-1";
    let run =
        |kind: &str| format!("Action=RunInstances&ImageId=ami-1a2b3c4d&InstanceType={kind}&MinCount=1&MaxCount=1");
    let (t2, t3, m5) = (
        cloud.get(&run("t2.micro"), "instanceId"),
        cloud.get(&run("t3.micro"), "instanceId"),
        cloud.get(&run("m5.large"), "instanceId"),
    );
    let of = |id: &str| format!("Action=DescribeInstanceCreditSpecifications&InstanceId.1={id}");
    assert_eq!(cloud.get(&of(&t2), "cpuCredits"), "standard");
    assert_eq!(cloud.get(&of(&t3), "cpuCredits"), "unlimited");
    assert_eq!(cloud.ask(&of(&m5)), Err("InvalidParameterCombination"));
    let one = |n: usize, id: &str| {
        let item = format!("InstanceCreditSpecification.{n}");
        format!("&{item}.InstanceId={id}&{item}.CpuCredits=unlimited")
    };
    let modify = format!("Action=ModifyInstanceCreditSpecification{}{}", one(1, &t2), one(2, &m5));
    assert_eq!(cloud.get(&modify, "code"), "InstanceCreditSpecification.NotSupported");
    assert_eq!(cloud.get(&of(&t2), "cpuCredits"), "unlimited");
    assert_eq!(cloud.get(&format!("Action=GetConsoleOutput&InstanceId={t2}"), "instanceId"), t2);
}
