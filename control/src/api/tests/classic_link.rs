use super::*;

/// An enabled VPC with an instance, and a Classic instance.
struct Shop {
    cloud: Cloud,
    vpc: String,
    subnet: String,
    group: String,
    web: String,
    app: String,
}

fn shop() -> Shop {
    let mut cloud = Cloud::new();
    let vpc = cloud.get("Action=CreateVpc&CidrBlock=192.168.0.0/16", "vpcId");
    let subnet = cloud.get(&format!("Action=CreateSubnet&VpcId={vpc}&CidrBlock=192.168.1.0/24"), "subnetId");
    let group = cloud.get(&group_in(&vpc, "web-link"), "groupId");
    let web = cloud.get(CLASSIC, "instanceId");
    let app = cloud.get(&format!("{CLASSIC}&SubnetId={subnet}&PrivateIpAddress=192.168.1.10"), "instanceId");
    cloud.ask(&format!("Action=EnableVpcClassicLink&VpcId={vpc}")).unwrap();
    Shop { cloud, vpc, subnet, group, web, app }
}

const CLASSIC: &str = "Action=RunInstances&ImageId=ami-1a2b3c4d&InstanceType=m1.small&MinCount=1&MaxCount=1";

fn group_in(vpc: &str, name: &str) -> String {
    format!("Action=CreateSecurityGroup&GroupName={name}&GroupDescription=x&VpcId={vpc}")
}

fn attach(instance: &str, vpc: &str, group: &str) -> String {
    format!("Action=AttachClassicLinkVpc&InstanceId={instance}&VpcId={vpc}&SecurityGroupId.1={group}")
}

fn detach(instance: &str, vpc: &str) -> String {
    format!("Action=DetachClassicLinkVpc&InstanceId={instance}&VpcId={vpc}")
}

#[test]
fn m5_a_vpc_is_not_enabled_until_asked() {
    let Shop { mut cloud, group, web, .. } = shop();
    let other = cloud.get("Action=CreateVpc&CidrBlock=172.16.0.0/16", "vpcId");
    let other_group = cloud.get(&group_in(&other, "x"), "groupId");
    assert_eq!(cloud.ask(&attach(&web, &other, &other_group)), Err("InvalidInstanceID.NotLinkable"));
    let states = cloud.all("Action=DescribeVpcClassicLink", "classicLinkEnabled");
    assert_eq!(states.iter().filter(|state| *state == "true").count(), 1);
    assert_eq!(states.len(), 2);
    let enabled = "Action=DescribeVpcClassicLink&Filter.1.Name=is-classic-link-enabled&Filter.1.Value.1=false";
    assert_eq!(cloud.all(enabled, "vpcId"), [other]);
    let _ = group;
}

#[test]
fn m6_a_link_has_groups_of_its_vpc() {
    let Shop { mut cloud, vpc, web, .. } = shop();
    let other = cloud.get("Action=CreateVpc&CidrBlock=172.16.0.0/16", "vpcId");
    let foreign = cloud.get(&group_in(&other, "x"), "groupId");
    let classic = cloud.get("Action=CreateSecurityGroup&GroupName=c&GroupDescription=x", "groupId");
    for group in [foreign.as_str(), classic.as_str(), "sg-12345678"] {
        assert_eq!(cloud.ask(&attach(&web, &vpc, group)), Err("InvalidGroup.NotFound"), "{group}");
    }
    let none = format!("Action=AttachClassicLinkVpc&InstanceId={web}&VpcId={vpc}");
    assert_eq!(cloud.ask(&none), Err("MissingParameter"));
    assert_eq!(cloud.ask(&attach(&web, &vpc, "web-link")), Err("InvalidGroupId.Malformed"));
    let mut six = attach(&web, &vpc, "");
    six.truncate(six.rfind('&').unwrap());
    for n in 1..=6 {
        let group = cloud.get(&group_in(&vpc, &format!("g{n}")), "groupId");
        six += &format!("&SecurityGroupId.{n}={group}");
    }
    assert_eq!(cloud.ask(&six), Err("SecurityGroupsPerInterfaceLimitExceeded"));
}

#[test]
fn m7_m20_one_link_at_a_time_and_its_groups_stay() {
    let Shop { mut cloud, vpc, group, web, .. } = shop();
    let second = cloud.get(&group_in(&vpc, "second"), "groupId");
    let other = cloud.get("Action=CreateVpc&CidrBlock=172.16.0.0/16", "vpcId");
    let foreign = cloud.get(&group_in(&other, "x"), "groupId");
    cloud.ask(&format!("Action=EnableVpcClassicLink&VpcId={other}")).unwrap();
    assert!(cloud.ask(&attach(&web, &vpc, &group)).unwrap().contains("<return>true</return>"));
    assert_eq!(cloud.ask(&attach(&web, &other, &foreign)), Err("InstanceAlreadyLinked"));
    assert_eq!(cloud.ask(&attach(&web, &vpc, &second)), Err("InstanceAlreadyLinked"));
    assert_eq!(cloud.all("Action=DescribeClassicLinkInstances", "groupId"), [group]);
    cloud.ask(&detach(&web, &vpc)).unwrap();
    cloud.ask(&attach(&web, &vpc, &second)).unwrap();
    assert_eq!(cloud.all("Action=DescribeClassicLinkInstances", "groupId"), [second]);
}

#[test]
fn m8_m13_stopping_unlinks_and_a_stopped_instance_cannot_be_linked() {
    let Shop { mut cloud, vpc, group, web, .. } = shop();
    cloud.ask(&attach(&web, &vpc, &group)).unwrap();
    cloud.ask(&format!("Action=StopInstances&InstanceId.1={web}")).unwrap();
    assert!(cloud.all("Action=DescribeClassicLinkInstances", "instanceId").is_empty());
    assert_eq!(cloud.ask(&attach(&web, &vpc, &group)), Err("InvalidInstanceID.NotLinkable"));
    let stopped = cloud.ask(&format!("Action=DescribeInstances&InstanceId.1={web}")).unwrap();
    assert_eq!(first(&stopped, "privateIpAddress"), None);
    assert_eq!(first(&stopped, "ipAddress"), None);
    cloud.ask(&format!("Action=StartInstances&InstanceId.1={web}")).unwrap();
    assert!(cloud.all("Action=DescribeClassicLinkInstances", "instanceId").is_empty());
    cloud.ask(&attach(&web, &vpc, &group)).unwrap();
}

#[test]
fn a_pending_instance_cannot_be_linked_and_a_stopping_one_is_not() {
    let Shop { mut cloud, vpc, group, web, .. } = shop();
    cloud.hosts_follow = false;
    let late = cloud.get(CLASSIC, "instanceId");
    assert_eq!(cloud.ask(&attach(&late, &vpc, &group)), Err("InvalidInstanceID.NotLinkable"));
    cloud.model.finish_hosts();
    cloud.ask(&attach(&late, &vpc, &group)).unwrap();
    cloud.ask(&attach(&web, &vpc, &group)).unwrap();
    cloud.ask(&format!("Action=StopInstances&InstanceId.1={web}")).unwrap();
    cloud.ask(&format!("Action=TerminateInstances&InstanceId.1={late}")).unwrap();
    assert_eq!(cloud.all("Action=DescribeClassicLinkInstances", "instanceId"), Vec::<String>::new());
    assert_eq!(cloud.ask(&attach(&web, &vpc, &group)), Err("InvalidInstanceID.NotLinkable"));
}

#[test]
fn m9_m10_only_the_accounts_own_classic_instances_of_the_region() {
    let Shop { mut cloud, vpc, group, web, app, .. } = shop();
    assert_eq!(cloud.ask(&attach(&app, &vpc, &group)), Err("InvalidInstanceID.NotLinkable"));
    assert_eq!(cloud.ask(&attach("i-12345678", &vpc, &group)), Err("InvalidInstanceID.NotFound"));
    assert_eq!(cloud.ask(&attach("web", &vpc, &group)), Err("InvalidInstanceID.Malformed"));
    cloud.account = "444455556666";
    assert_eq!(cloud.ask(&attach(&web, &vpc, &group)), Err("InvalidInstanceID.NotFound"));
    let theirs = cloud.get(CLASSIC, "instanceId");
    assert_eq!(cloud.ask(&attach(&theirs, &vpc, &group)), Err("InvalidVpcID.NotFound"));
    (cloud.account, cloud.region) = ("111122223333", "us-west-2");
    let there = cloud.get(CLASSIC, "instanceId");
    assert_eq!(cloud.ask(&attach(&there, &vpc, &group)), Err("InvalidVpcID.NotFound"));
}

#[test]
fn m3_m11_m12_a_linked_instance_is_no_part_of_the_vpc() {
    let Shop { mut cloud, vpc, group, web, app, .. } = shop();
    let before = cloud.ask(&format!("Action=DescribeInstances&InstanceId.1={web}")).unwrap();
    cloud.ask(&attach(&web, &vpc, &group)).unwrap();
    let after = cloud.ask(&format!("Action=DescribeInstances&InstanceId.1={web}")).unwrap();
    for element in ["privateIpAddress", "ipAddress", "groupId", "vpcId"] {
        assert_eq!(texts(&before, element), texts(&after, element), "{element}");
    }
    let in_vpc = format!("Action=DescribeInstances&Filter.1.Name=vpc-id&Filter.1.Value.1={vpc}");
    assert_eq!(cloud.all(&in_vpc, "instanceId"), [app]);
    for (filter, value) in [("vpc-id", &vpc), ("group-id", &group), ("instance-id", &web)] {
        let linked = format!("Action=DescribeClassicLinkInstances&Filter.1.Name={filter}&Filter.1.Value.1={value}");
        assert_eq!(cloud.all(&linked, "instanceId"), [web.as_str()], "{filter}");
    }
    let nowhere = "Action=DescribeClassicLinkInstances&Filter.1.Name=vpc-id&Filter.1.Value.1=vpc-12345678";
    assert!(cloud.all(nowhere, "instanceId").is_empty());
    cloud.ask(&detach(&web, &vpc)).unwrap();
    assert!(cloud.all("Action=DescribeClassicLinkInstances", "instanceId").is_empty());
    assert_eq!(cloud.ask(&detach(&web, &vpc)), Err("InvalidParameterValue"));
}

#[test]
fn m14_a_vpc_with_links_cannot_be_disabled_nor_its_link_groups_deleted() {
    let Shop { mut cloud, vpc, group, web, .. } = shop();
    cloud.ask(&attach(&web, &vpc, &group)).unwrap();
    let disable = format!("Action=DisableVpcClassicLink&VpcId={vpc}");
    assert_eq!(cloud.ask(&disable), Err("DependencyViolation"));
    assert_eq!(cloud.ask(&format!("Action=DeleteSecurityGroup&GroupId={group}")), Err("DependencyViolation"));
    cloud.ask(&format!("Action=TerminateInstances&InstanceId.1={web}")).unwrap();
    assert!(cloud.ask(&disable).unwrap().contains("<return>true</return>"));
    assert!(cloud.ask(&disable).unwrap().contains("<return>true</return>"), "disabling twice is no error");
}

#[test]
fn m15_the_route_is_in_every_table_while_enabled() {
    let Shop { mut cloud, vpc, .. } = shop();
    let create = format!("Action=CreateRouteTable&VpcId={vpc}");
    let tables = format!("Action=DescribeRouteTables&Filter.1.Name=vpc-id&Filter.1.Value.1={vpc}");
    let classic = |cloud: &mut Cloud| {
        let destinations = cloud.all(&tables, "destinationCidrBlock");
        destinations.iter().filter(|cidr| *cidr == "10.0.0.0/8").count()
    };
    assert_eq!(classic(&mut cloud), 1);
    let table = cloud.get(&create, "routeTableId");
    assert_eq!(classic(&mut cloud), 2);
    assert_eq!(
        cloud.ask(&format!("Action=DeleteRoute&RouteTableId={table}&DestinationCidrBlock=10.0.0.0/8")),
        Err("InvalidParameterValue")
    );
    cloud.ask(&format!("Action=EnableVpcClassicLink&VpcId={vpc}")).unwrap();
    assert_eq!(classic(&mut cloud), 2, "enabling twice changes nothing");
    cloud.ask(&format!("Action=DisableVpcClassicLink&VpcId={vpc}")).unwrap();
    assert_eq!(classic(&mut cloud), 0);
}

#[test]
fn m16_m17_routes_in_the_classic_range_conflict() {
    let Shop { mut cloud, vpc, app, .. } = shop();
    let disable = format!("Action=DisableVpcClassicLink&VpcId={vpc}");
    let enable = format!("Action=EnableVpcClassicLink&VpcId={vpc}");
    let table = cloud.get(&format!("Action=CreateRouteTable&VpcId={vpc}"), "routeTableId");
    let route = |action: &str, cidr: &str| {
        format!("Action={action}&RouteTableId={table}&DestinationCidrBlock={cidr}&InstanceId={app}")
    };
    assert_eq!(cloud.ask(&route("CreateRoute", "10.9.0.0/16")), Err("InvalidParameterValue"));
    assert_eq!(cloud.ask(&route("CreateRoute", "10.0.0.0/8")), Err("RouteAlreadyExists"));
    assert_eq!(cloud.ask(&route("ReplaceRoute", "10.9.0.0/16")), Err("InvalidParameterValue"));
    assert_eq!(cloud.ask(&route("ReplaceRoute", "10.0.0.0/8")), Err("InvalidParameterValue"));
    cloud.ask(&route("CreateRoute", "8.0.0.0/5")).unwrap();
    for cidr in ["10.0.0.0/16", "10.1.0.0/16", "10.200.0.0/14", "10.0.0.0/8", "10.1.2.3/32"] {
        cloud.ask(&disable).unwrap();
        cloud.ask(&route("CreateRoute", cidr)).unwrap();
        assert_eq!(cloud.ask(&enable), Err("VpcCidrConflict"), "{cidr}");
        cloud.ask(&format!("Action=DeleteRoute&RouteTableId={table}&DestinationCidrBlock={cidr}")).unwrap();
        cloud.ask(&enable).unwrap();
    }
}

#[test]
fn m16_which_vpc_ranges_can_be_enabled() {
    let mut cloud = Cloud::new();
    for (cidr, allowed) in [
        ("10.0.0.0/16", true),
        ("10.1.0.0/16", true),
        ("10.0.64.0/20", true),
        ("10.2.0.0/16", false),
        ("10.90.0.0/24", false),
        ("172.16.0.0/16", true),
        ("198.51.100.0/24", true),
    ] {
        let vpc = cloud.get(&format!("Action=CreateVpc&CidrBlock={cidr}"), "vpcId");
        let answer = cloud.ask(&format!("Action=EnableVpcClassicLink&VpcId={vpc}")).map(|_| ());
        assert_eq!(answer, if allowed { Ok(()) } else { Err("VpcCidrConflict") }, "{cidr}");
    }
}

#[test]
fn m21_a_dedicated_vpc_cannot_be_enabled() {
    let mut cloud = Cloud::new();
    let vpc = cloud.get("Action=CreateVpc&CidrBlock=172.20.0.0/16&InstanceTenancy=dedicated", "vpcId");
    let enable = format!("Action=EnableVpcClassicLink&VpcId={vpc}");
    assert_eq!(cloud.ask(&enable), Err("DisallowedForDedicatedTenancyNetwork"));
}

#[test]
fn there_is_no_classic_link_where_there_is_no_classic() {
    let mut cloud = Cloud::new();
    cloud.region = "eu-central-1";
    let vpc = cloud.get("Action=CreateVpc&CidrBlock=172.20.0.0/16", "vpcId");
    let enable = format!("Action=EnableVpcClassicLink&VpcId={vpc}");
    assert_eq!(cloud.ask(&enable), Err("UnsupportedOperation"));
    let default = cloud.get("Action=DescribeVpcs&Filter.1.Name=is-default&Filter.1.Value.1=true", "vpcId");
    assert_eq!(cloud.get(CLASSIC, "vpcId"), default, "what names no subnet is launched in the default VPC");
    assert_eq!(
        cloud.all("Action=DescribeAccountAttributes&AttributeName.1=supported-platforms", "attributeValue"),
        ["VPC"]
    );
}

#[test]
fn a_dry_run_is_checked_and_changes_nothing() {
    let Shop { mut cloud, vpc, group, web, .. } = shop();
    let dry = format!("{}&DryRun=true", attach(&web, &vpc, &group));
    assert_eq!(cloud.ask(&dry), Err("DryRunOperation"));
    assert_eq!(
        cloud.ask(&format!("Action=AttachClassicLinkVpc&InstanceId={web}&DryRun=true")),
        Err("MissingParameter")
    );
}

#[test]
fn a_reboot_keeps_the_link_and_the_addresses() {
    let Shop { mut cloud, vpc, group, web, .. } = shop();
    cloud.ask(&attach(&web, &vpc, &group)).unwrap();
    let address = cloud.get(&format!("Action=DescribeInstances&InstanceId.1={web}"), "privateIpAddress");
    cloud.ask(&format!("Action=RebootInstances&InstanceId.1={web}")).unwrap();
    assert_eq!(cloud.get(&format!("Action=DescribeInstances&InstanceId.1={web}"), "privateIpAddress"), address);
    assert_eq!(cloud.all("Action=DescribeClassicLinkInstances", "instanceId"), [web]);
}

#[test]
fn a_subnet_with_instances_cannot_be_deleted() {
    let Shop { mut cloud, subnet, app, .. } = shop();
    assert_eq!(cloud.ask(&format!("Action=DeleteSubnet&SubnetId={subnet}")), Err("DependencyViolation"));
    cloud.ask(&format!("Action=TerminateInstances&InstanceId.1={app}")).unwrap();
    cloud.ask(&format!("Action=DeleteSubnet&SubnetId={subnet}")).unwrap();
}

#[test]
fn a_vpc_with_a_link_cannot_be_deleted() {
    let mut cloud = Cloud::new();
    let vpc = cloud.get("Action=CreateVpc&CidrBlock=192.168.0.0/16", "vpcId");
    let web = cloud.get(CLASSIC, "instanceId");
    let of_vpc = format!("Action=DescribeSecurityGroups&Filter.1.Name=vpc-id&Filter.1.Value.1={vpc}");
    let default = cloud.get(&of_vpc, "groupId");
    cloud.ask(&format!("Action=EnableVpcClassicLink&VpcId={vpc}")).unwrap();
    cloud.ask(&attach(&web, &vpc, &default)).unwrap();
    assert_eq!(cloud.ask(&format!("Action=DeleteVpc&VpcId={vpc}")), Err("DependencyViolation"));
    cloud.ask(&detach(&web, &vpc)).unwrap();
    cloud.ask(&format!("Action=DeleteVpc&VpcId={vpc}")).unwrap();
}

#[test]
fn a_running_spot_instance_can_be_linked() {
    let Shop { mut cloud, vpc, group, .. } = shop();
    let spot = cloud.ask(&format!("{CLASSIC}&InstanceMarketOptions.MarketType=spot")).unwrap();
    assert_eq!(first(&spot, "instanceLifecycle").as_deref(), Some("spot"));
    cloud.ask(&attach(&first(&spot, "instanceId").unwrap(), &vpc, &group)).unwrap();
}

#[test]
fn m43_dns_support_is_a_vpcs_own() {
    let Shop { mut cloud, vpc, .. } = shop();
    let other = cloud.get("Action=CreateVpc&CidrBlock=172.16.0.0/16", "vpcId");
    cloud.ask(&format!("Action=EnableVpcClassicLinkDnsSupport&VpcId={vpc}")).unwrap();
    let describe = |vpc: &str| format!("Action=DescribeVpcClassicLinkDnsSupport&VpcIds.1={vpc}");
    assert_eq!(cloud.all(&describe(&vpc), "classicLinkDnsSupported"), ["true"]);
    assert_eq!(cloud.all(&describe(&other), "classicLinkDnsSupported"), ["false"]);
    cloud.ask(&format!("Action=DisableVpcClassicLinkDnsSupport&VpcId={vpc}")).unwrap();
    assert_eq!(cloud.all(&describe(&vpc), "classicLinkDnsSupported"), ["false"]);
    assert_eq!(cloud.ask(&format!("Action=DescribeVpcClassicLinkDnsSupport&VpcId.1={vpc}")), Err("UnknownParameter"));
    assert_eq!(
        cloud.ask(&format!("Action=EnableVpcClassicLinkDnsSupport&VpcId={vpc}&DryRun=true")),
        Err("UnknownParameter")
    );
}

/// The three Describe… actions have different pages and filters (semantics.md §1.3).
#[test]
fn m42_every_description_has_its_own_pages_and_filters() {
    let Shop { mut cloud, vpc, group, web, .. } = shop();
    cloud.ask(&attach(&web, &vpc, &group)).unwrap();
    let more = cloud.ask(&format!("{}6", CLASSIC.strip_suffix('1').unwrap())).unwrap();
    for id in texts(&more, "instanceId") {
        cloud.ask(&attach(&id, &vpc, &group)).unwrap();
    }
    let instances = "Action=DescribeClassicLinkInstances";
    let page = cloud.ask(&format!("{instances}&MaxResults=5")).unwrap();
    assert_eq!(texts(&page, "instanceId").len(), 5);
    let token = first(&page, "nextToken").unwrap();
    let rest = cloud.ask(&format!("{instances}&MaxResults=5&NextToken={token}")).unwrap();
    assert_eq!((texts(&rest, "instanceId").len(), first(&rest, "nextToken")), (2, None));
    assert_eq!(cloud.all(&format!("{instances}&MaxResults=100000"), "instanceId").len(), 7, "served as 1000");
    for (more, answer) in [
        ("&MaxResults=4", "InvalidMaxResults"),
        ("&MaxResults=-5", "InvalidMaxResults"),
        ("&MaxResults=many", "InvalidMaxResults"),
        ("&NextToken=nonsense", "InvalidNextToken"),
        ("&Filter.1.Name=is-classic-link-enabled&Filter.1.Value.1=true", "InvalidFilter"),
        ("&Filter.1.Name=Vpc-Id&Filter.1.Value.1=x", "InvalidFilter"),
        ("&Filter.1.Value.1=x", "InvalidFilter"),
    ] {
        assert_eq!(cloud.ask(&format!("{instances}{more}")), Err(answer), "{more}");
    }
    let both = format!("{instances}&MaxResults=5&InstanceId.1={web}");
    assert_eq!(cloud.ask(&both), Err("InvalidParameterCombination"));
    assert_eq!(cloud.ask(&format!("{instances}&InstanceId.1=i-12345678")), Err("InvalidInstanceID.NotFound"));

    for more in ["&MaxResults=5", "&NextToken=61", "&VpcIds.1=vpc-12345678"] {
        assert_eq!(cloud.ask(&format!("Action=DescribeVpcClassicLink{more}")), Err("UnknownParameter"), "{more}");
    }
    let by_id = format!("Action=DescribeVpcClassicLink&Filter.1.Name=vpc-id&Filter.1.Value.1={vpc}");
    assert_eq!(cloud.ask(&by_id), Err("InvalidFilter"));

    let support = "Action=DescribeVpcClassicLinkDnsSupport";
    assert_eq!(cloud.all(&format!("{support}&MaxResults=255"), "vpcId"), [vpc]);
    assert_eq!(cloud.ask(&format!("{support}&MaxResults=256")), Err("InvalidMaxResults"));
    assert_eq!(cloud.ask(&format!("{support}&DryRun=false")), Err("UnknownParameter"));
    assert_eq!(cloud.ask(&format!("{support}&VpcIds.1=vpc-1")), Err("InvalidVpcID.Malformed"));
}

/// A filter matches any of its values, and all filters must match; `*` and `?` are wildcards, and case matters not.
#[test]
fn m42_filters_are_patterns() {
    let Shop { mut cloud, vpc, group, web, .. } = shop();
    cloud.ask(&attach(&web, &vpc, &group)).unwrap();
    cloud.ask(&format!("Action=CreateTags&ResourceId.1={web}&Tag.1.Key=Role&Tag.1.Value=web-1")).unwrap();
    let filtered = |filters: &[(&str, &[&str])]| {
        let one = |(n, (name, values)): (usize, &(&str, &[&str]))| {
            let values = values.iter().enumerate();
            let values: String = values.map(|(v, value)| format!("&Filter.{n}.Value.{}={value}", v + 1)).collect();
            format!("&Filter.{n}.Name={name}{values}")
        };
        let filters: String = (1..).zip(filters).map(one).collect();
        format!("Action=DescribeClassicLinkInstances{filters}")
    };
    for (filters, found) in [
        (&[("vpc-id", &["vpc-nothing", vpc.as_str()][..])][..], true),
        (&[("vpc-id", &["vpc-*"])], true),
        (&[("vpc-id", &["VPC-*"])], false),
        (&[("tag:Role", &["web-?"])], true),
        (&[("tag:role", &["web-1"])], false),
        (&[("tag:Role", &["WEB-1"])], false),
        (&[("tag-key", &["Rol*"])], true),
        (&[("tag-value", &["web-1", "other"])], true),
        (&[("vpc-id", &[vpc.as_str()]), ("tag-value", &["other"])], false),
        (&[("instance-id", &[web.as_str()]), ("group-id", &[group.as_str()])], true),
        (&[("tag:Role", &["web-\\?"])], false),
    ] {
        assert_eq!(cloud.all(&filtered(filters), "vpcId").len(), usize::from(found), "{filters:?}");
    }
}

/// In a Region without EC2-Classic even reading is refused; a VPC-only account elsewhere gets `false` (case F11).
#[test]
fn looking_at_classic_link_needs_a_region_that_has_it() {
    let mut cloud = Cloud::new();
    cloud.model.platform.vpc_only_accounts.insert("777788889999".into());
    for action in ["DescribeVpcClassicLink", "DescribeClassicLinkInstances", "DescribeVpcClassicLinkDnsSupport"] {
        (cloud.account, cloud.region) = ("111122223333", "eu-central-1");
        assert_eq!(cloud.ask(&format!("Action={action}")), Err("UnsupportedOperation"), "{action}");
        (cloud.account, cloud.region) = ("777788889999", "us-east-1");
        cloud.ask(&format!("Action={action}")).unwrap();
    }
    let states = cloud.all("Action=DescribeVpcClassicLink", "classicLinkEnabled");
    assert_eq!(states, ["false"], "the default VPC");
}
