use super::*;

#[test]
fn reserved_instances_are_on_offer_for_zones_and_the_region() {
    let mut cloud = Cloud::new();
    let describe = "Action=DescribeReservedInstancesOfferings&InstanceType=t2.micro&ProductDescription=Linux/UNIX";
    let of_zone = format!("{describe}&Filter.1.Name=availability-zone&Filter.1.Value.1=us-east-1b");
    let mut durations = cloud.all(&of_zone, "duration");
    durations.sort();
    assert_eq!(durations, ["31536000", "94608000"]);
    let of_region = format!("{describe}&Filter.1.Name=scope&Filter.1.Value.1=Region&MinDuration=40000000");
    let id = cloud.get(&of_region, "reservedInstancesOfferingId");
    assert_eq!(cloud.all(&of_region, "availabilityZone"), [""; 0]);
    let by_id = format!("Action=DescribeReservedInstancesOfferings&ReservedInstancesOfferingId.1={id}");
    assert_eq!([cloud.get(&by_id, "scope"), cloud.get(&by_id, "instanceType")], ["Region", "t2.micro"]);
    assert_eq!(cloud.all(&format!("{describe}&OfferingClass=convertible"), "scope"), [""; 0]);
    let unknown = "Action=DescribeReservedInstancesOfferings&ReservedInstancesOfferingId.1=x";
    assert_eq!(cloud.ask(unknown), Err("InvalidReservedInstancesOfferingId"));
}
