use super::*;

#[test]
fn every_region_of_a_partition_is_there_and_classic_where_it_was() {
    let mut cloud = Cloud::new();
    let names = cloud.all("Action=DescribeRegions", "regionName");
    assert!(names.len() > 30 && names.contains(&"mx-central-1".to_owned()));
    assert!(!names.iter().any(|name| name.starts_with("cn-") || name.starts_with("us-gov-")));
    assert_eq!(cloud.get("Action=DescribeRegions&RegionName.1=af-south-1", "optInStatus"), "opted-in");
    assert_eq!(cloud.ask("Action=DescribeRegions&RegionName.1=mars-1"), Err("InvalidParameterValue"));
    let asked_for = "Action=DescribeRegions&Filter.1.Name=opt-in-status&Filter.1.Value.1=opted-in";
    assert!(!cloud.all(asked_for, "regionName").contains(&"us-east-1".to_owned()));
    let platforms = "Action=DescribeAccountAttributes&AttributeName.1=supported-platforms";
    for (region, found) in
        [("sa-east-1", &["EC2", "VPC"][..]), ("il-central-1", &["VPC"]), ("cn-northwest-1", &["VPC"])]
    {
        cloud.region = region;
        assert_eq!(cloud.all(platforms, "attributeValue"), found, "{region}");
    }
    assert_eq!(cloud.all("Action=DescribeRegions", "regionEndpoint")[1], "ec2.cn-northwest-1.amazonaws.com.cn");
    let arn = cloud.get("Action=DescribeSubnets", "subnetArn");
    assert!(arn.starts_with("arn:aws-cn:ec2:cn-northwest-1:"), "{arn}");
}

#[test]
fn zones_are_found_by_name_id_and_filter() {
    let mut cloud = Cloud::new();
    let zones = "Action=DescribeAvailabilityZones";
    assert_eq!(cloud.get(&format!("{zones}&ZoneName.1=us-east-1b"), "zoneId"), "use1-az2");
    assert_eq!(cloud.get(&format!("{zones}&ZoneId.1=use1-az3"), "zoneName"), "us-east-1c");
    assert_eq!(cloud.ask(&format!("{zones}&ZoneId.1=use1-az77")), Err("InvalidParameterValue"));
    let local = format!("{zones}&Filter.1.Name=zone-type&Filter.1.Value.1=local-zone");
    assert!(cloud.all(&local, "zoneName").is_empty());
    let parent = format!("{zones}&Filter.1.Name=parent-zone-name&Filter.1.Value.1=us-east-1a");
    assert!(cloud.all(&parent, "zoneName").is_empty());
}

#[test]
fn a_zone_of_another_region_is_refused_in_each_actions_words() {
    let mut cloud = Cloud { region: "eu-central-1", ..Cloud::new() };
    let vpc = cloud.vpc("10.0.0.0/16");
    let run = "Action=RunInstances&ImageId=ami-1a2b3c4d&InstanceType=t3.micro&MinCount=1&MaxCount=1";
    let subnet = format!("Action=CreateSubnet&VpcId={vpc}&CidrBlock=10.0.0.0/24");
    let volume = "Action=CreateVolume&Size=1";
    for (ask, words) in [
        (format!("{run}&Placement.AvailabilityZone=us-west-1b"), "Invalid availability zone: [us-west-1b]"),
        (format!("{run}&Placement.AvailabilityZoneId=usw1-az1"), "Invalid availability zone: [usw1-az1]"),
        (
            format!("{subnet}&AvailabilityZone=us-west-1b"),
            "Subnets can currently only be created in the following availability zones: eu-central-1a, eu-central-1b, \
             eu-central-1c.",
        ),
        (
            format!("{subnet}&AvailabilityZoneId=usw1-az1"),
            "Value (usw1-az1) for parameter availabilityZone is invalid.",
        ),
        (format!("{volume}&AvailabilityZone=us-west-1b"), "The zone 'us-west-1b' does not exist."),
        (format!("{volume}&AvailabilityZoneId=usw1-az1"), "The zone 'usw1-az1' does not exist."),
    ] {
        let refusal = cloud.refusal(&ask).replace("&apos;", "'");
        assert!(refusal.contains(words), "{refusal}");
    }
}

#[test]
fn all_ids_are_long() {
    let mut cloud = Cloud::new();
    assert_eq!(cloud.get("Action=DescribeIdFormat&Resource=vpc", "useLongIds"), "true");
    assert!(cloud.all("Action=DescribeAggregateIdFormat", "resource").len() > 20);
    assert_eq!(cloud.ask("Action=DescribeIdFormat&Resource=tea"), Err("InvalidParameterValue"));
    cloud.ask("Action=ModifyIdFormat&Resource=vpc&UseLongIds=true").unwrap();
    assert_eq!(cloud.ask("Action=ModifyIdFormat&Resource=vpc&UseLongIds=false"), Err("InvalidParameterValue"));
}

#[test]
fn nobody_opts_out_of_availability_zones() {
    let mut cloud = Cloud::new();
    let group = cloud.get("Action=DescribeAvailabilityZones", "groupName");
    let modify = |group: &str, status: &str| {
        format!("Action=ModifyAvailabilityZoneGroup&GroupName={group}&OptInStatus={status}")
    };
    assert_eq!(cloud.get(&modify(&group, "opted-in"), "return"), "true");
    assert_eq!(cloud.ask(&modify(&group, "not-opted-in")), Err("InvalidParameterValue"));
    assert_eq!(cloud.ask(&modify("us-west-2-lax-1", "opted-in")), Err("InvalidParameterValue"));
}
