use super::*;

const CREATE: &str = "Action=CreateCapacityReservation&InstanceType=t3.micro&InstancePlatform=Linux/UNIX\
                      &AvailabilityZone=eu-central-1a&InstanceCount=2";

#[test]
fn instances_use_the_capacity_that_is_reserved_for_them() {
    let mut cloud = Cloud { region: "eu-central-1", ..Cloud::new() };
    let open = cloud.get(CREATE, "capacityReservationId");
    let targeted = cloud.get(&format!("{CREATE}&InstanceMatchCriteria=targeted"), "capacityReservationId");
    let run = "Action=RunInstances&ImageId=ami-1a2b3c4d&InstanceType=t3.micro&Placement.AvailabilityZone=eu-central-1a";
    let specification = "CapacityReservationSpecification";
    let at = |id: &str| format!("&{specification}.CapacityReservationTarget.CapacityReservationId={id}");
    cloud.ask(&format!("{run}&MinCount=3&MaxCount=3")).unwrap();
    cloud.ask(&format!("{run}&MinCount=1&MaxCount=1{}", at(&targeted))).unwrap();
    cloud.ask(&format!("{run}&MinCount=1&MaxCount=1&{specification}.CapacityReservationPreference=none")).unwrap();
    let unknown = format!("{run}&MinCount=1&MaxCount=1{}", at("cr-12345678"));
    assert_eq!(cloud.ask(&unknown), Err("InvalidCapacityReservationId.NotFound"));
    let usage = |id: &str| format!("Action=GetCapacityReservationUsage&CapacityReservationId={id}");
    let told = ["usedInstanceCount", "availableInstanceCount"];
    assert_eq!(told.map(|element| cloud.get(&usage(&open), element)), ["2", "0"]);
    assert_eq!(told.map(|element| cloud.get(&usage(&targeted), element)), ["1", "1"]);
}

#[test]
fn a_capacity_reservation_is_made_changed_and_cancelled() {
    let mut cloud = Cloud { region: "eu-central-1", ..Cloud::new() };
    for wrong in [
        "&EndDateType=limited",
        "&EndDateType=unlimited&EndDate=2030-01-01T00:00:00Z",
        "&EndDateType=tea",
        "&EndDate=2015-01-07T00:00:00Z",
    ] {
        assert!(cloud.ask(&format!("{CREATE}{wrong}")).is_err(), "{wrong}");
    }
    assert_eq!(cloud.ask(&CREATE.replace("t3.micro", "t3.tea")), Err("InvalidInstanceType"));
    let tag = "TagSpecifications.1";
    let tags = format!("&{tag}.ResourceType=capacity-reservation&{tag}.Tag.1.Key=k&{tag}.Tag.1.Value=v");
    let id = cloud.get(&format!("{CREATE}{tags}"), "capacityReservationId");
    let describe = format!("Action=DescribeCapacityReservations&CapacityReservationId.1={id}");
    let told = ["state", "totalInstanceCount", "endDateType", "tenancy", "instanceMatchCriteria", "value"];
    assert_eq!(told.map(|element| cloud.get(&describe, element)), ["active", "2", "unlimited", "default", "open", "v"]);
    let modify = format!("Action=ModifyCapacityReservation&CapacityReservationId={id}");
    cloud.ask(&format!("{modify}&InstanceCount=5&EndDateType=limited&EndDate=2030-01-01T00:00:00Z")).unwrap();
    let told = ["totalInstanceCount", "endDate", "endDateType"].map(|element| cloud.get(&describe, element));
    assert_eq!(told, ["5", "2030-01-01T00:00:00.000Z", "limited"]);
    cloud.ask(&format!("Action=CancelCapacityReservation&CapacityReservationId={id}")).unwrap();
    assert_eq!(cloud.get(&describe, "state"), "cancelled");
    assert_eq!(cloud.ask(&modify), Err("InvalidCapacityReservationId.NotFound"));
}

#[test]
fn a_capacity_reservation_ends_when_its_time_has_come() {
    let mut cloud = Cloud { region: "eu-central-1", ..Cloud::new() };
    let id = cloud.get(&format!("{CREATE}&EndDate=2015-01-08T00:00:00Z"), "capacityReservationId");
    let describe = format!("Action=DescribeCapacityReservations&CapacityReservationId.1={id}");
    assert!(!cloud.model.has_forgettable(cloud.now));
    cloud.now = cloud.now.after(std::time::Duration::from_secs(86400));
    assert!(cloud.model.has_forgettable(cloud.now));
    cloud.model.forget(cloud.now).unwrap();
    let told = ["state", "availableInstanceCount"].map(|element| cloud.get(&describe, element));
    assert_eq!(told, ["expired", "0"]);
}
