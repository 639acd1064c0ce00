use super::*;

#[test]
fn a_vpc_is_born_with_a_main_table_and_deleted_with_it() {
    let mut cloud = Cloud::new();
    let vpc = cloud.get("Action=CreateVpc&Version=2016-11-15&CidrBlock=192.168.0.0/16", "vpcId");
    let tables = cloud.ask(&format!("Action=DescribeRouteTables&Filter.1.Name=vpc-id&Filter.1.Value.1={vpc}")).unwrap();
    assert_eq!(first(&tables, "main").as_deref(), Some("true"));
    assert_eq!(first(&tables, "destinationCidrBlock").as_deref(), Some("192.168.0.0/16"));
    cloud.ask(&format!("Action=DeleteVpc&VpcId={vpc}")).unwrap();
    assert_eq!(cloud.ask(&format!("Action=DescribeVpcs&VpcId.1={vpc}")), Err("InvalidVpcID.NotFound"));
    assert!(cloud.model.route_tables.is_empty());
}

#[test]
fn requests_are_checked_before_anything_changes() {
    let mut cloud = Cloud::new();
    for (form, code) in [
        ("Version=2016-11-15", "MissingAction"),
        ("Action=MakeCoffee", "InvalidAction"),
        ("Action=CreateVpc&Version=2005-01-01&CidrBlock=10.0.0.0/16", "InvalidAction"),
        ("Action=CreateVpc", "MissingParameter"),
        ("Action=CreateVpc&CidrBlock=10.0.0.0/33", "InvalidParameterValue"),
        ("Action=CreateVpc&CidrBlock=10.0.0.0/8", "InvalidVpc.Range"),
        ("Action=CreateVpc&CidrBlock=10.0.0.0/16&Colour=red", "UnknownParameter"),
        ("Action=CreateVpc&CidrBlock=10.0.0.0/16&CidrBlock.1=red", "UnknownParameter"),
        ("Action=CreateVpc&CidrBlock=10.0.0.0/16&DryRun=true", "DryRunOperation"),
        ("Action=CreateVpc&CidrBlock=10.0.0.0/16&DryRun=perhaps", "InvalidParameterValue"),
        ("Action=DescribeVpcs&VpcId.1=vpc-xyz", "InvalidVpcID.Malformed"),
        ("Action=DescribeVpcs&VpcId.1=vpc-12345678", "InvalidVpcID.NotFound"),
        ("Action=DescribeVpcs&Filter.1.Name=colour&Filter.1.Value.1=red", "InvalidFilter"),
        ("Action=DescribeVpcs&MaxResults=many", "InvalidMaxResults"),
        ("Action=DescribeVpcs&NextToken=zz", "InvalidNextToken"),
    ] {
        assert_eq!(cloud.ask(form), Err(code), "{form}");
    }
}

#[test]
fn another_account_or_region_sees_nothing() {
    let mut cloud = Cloud::new();
    let vpc = cloud.get("Action=CreateVpc&CidrBlock=192.168.0.0/16", "vpcId");
    cloud.account = "444455556666";
    assert_eq!(cloud.ask(&format!("Action=DeleteVpc&VpcId={vpc}")), Err("InvalidVpcID.NotFound"));
    cloud.account = "111122223333";
    cloud.region = "us-west-2";
    assert_eq!(cloud.all("Action=DescribeVpcs", "vpcId"), Vec::<String>::new());
}

#[test]
fn lists_come_in_pages() {
    let mut cloud = Cloud::new();
    let vpcs: Vec<String> = (0..7).map(|_| cloud.get("Action=CreateVpc&CidrBlock=192.168.0.0/16", "vpcId")).collect();
    let (mut seen, mut token) = (Vec::new(), String::new());
    loop {
        let page = cloud.ask(&format!("Action=DescribeVpcs&MaxResults=5{token}")).unwrap();
        seen.extend(texts(&page, "vpcId"));
        match first(&page, "nextToken") {
            Some(next) => token = format!("&NextToken={next}"),
            None => break,
        }
    }
    assert_eq!(seen.len(), 7);
    assert!(vpcs.iter().all(|vpc| seen.contains(vpc)));
}

#[test]
fn filters_are_or_within_and_and_between() {
    let mut cloud = Cloud::new();
    let tag = "TagSpecification.1.ResourceType=vpc&TagSpecification.1.Tag.1.Key=Name&TagSpecification.1.Tag.1.Value";
    for (cidr, name) in [("192.168.0.0/16", "shop"), ("172.16.0.0/16", "shed"), ("172.17.0.0/16", "farm")] {
        cloud.ask(&format!("Action=CreateVpc&CidrBlock={cidr}&{tag}={name}")).unwrap();
    }
    let mut count = |filters: &str| cloud.all(&format!("Action=DescribeVpcs&{filters}"), "vpcId").len();
    assert_eq!(count("Filter.1.Name=tag:Name&Filter.1.Value.1=sh*"), 2);
    assert_eq!(count("Filter.1.Name=tag:Name&Filter.1.Value.1=shop&Filter.1.Value.2=fa?m"), 2);
    assert_eq!(count("Filter.1.Name=tag:Name&Filter.1.Value.1=sh*&Filter.2.Name=cidr&Filter.2.Value.1=172.*"), 1);
    assert_eq!(count("Filter.1.Name=tag-key&Filter.1.Value.1=name"), 0);
}

#[test]
fn replies_follow_the_version_of_the_request() {
    let mut cloud = Cloud::new();
    let body = cloud.ask("Action=DescribeVpcs&Version=2014-10-01").unwrap();
    assert!(
        body.contains(r#"<DescribeVpcsResponse xmlns="http://ec2.amazonaws.com/doc/2014-10-01/"><requestId>"#),
        "{body}"
    );
}

#[test]
fn subnets_share_a_vpc_without_overlap() {
    let mut cloud = Cloud::new();
    let vpc = cloud.get("Action=CreateVpc&CidrBlock=192.168.0.0/16", "vpcId");
    let create = |cidr: &str| format!("Action=CreateSubnet&VpcId={vpc}&CidrBlock={cidr}");
    assert_eq!(cloud.get(&create("192.168.1.0/28"), "availableIpAddressCount"), "11");
    assert_eq!(cloud.ask(&create("192.168.0.0/22")), Err("InvalidSubnet.Conflict"));
    assert_eq!(cloud.ask(&create("192.169.0.0/24")), Err("InvalidSubnet.Range"));
    assert_eq!(cloud.get(&create("192.168.7.9/24"), "cidrBlock"), "192.168.7.0/24");
    let more = format!("Action=AssociateVpcCidrBlock&VpcId={vpc}&CidrBlock=192.170.50.0/22");
    assert_eq!(cloud.get(&more, "cidrBlock"), "192.170.48.0/22");
    assert_eq!(cloud.ask(&create("192.168.9.0/29")), Err("InvalidSubnet.Range"));
    assert_eq!(cloud.ask(&format!("Action=DeleteVpc&VpcId={vpc}")), Err("DependencyViolation"));
}

/// Ranges that no host can have an address of.
#[test]
fn a_vpc_is_not_made_of_addresses_that_are_none() {
    let mut cloud = Cloud::new();
    for cidr in ["0.0.0.0/16", "127.0.0.0/16", "169.254.0.0/16", "169.254.7.0/24", "224.0.0.0/16", "240.0.0.0/16"] {
        assert_eq!(cloud.ask(&format!("Action=CreateVpc&CidrBlock={cidr}")), Err("InvalidVpc.Range"), "{cidr}");
    }
    let vpc = cloud.vpc("192.168.0.0/16");
    let more = format!("Action=AssociateVpcCidrBlock&VpcId={vpc}&CidrBlock=127.0.0.0/16");
    assert_eq!(cloud.ask(&more), Err("InvalidVpc.Range"));
}

#[test]
fn what_is_said_of_names_in_a_subnet_is_kept_and_shown() {
    let mut cloud = Cloud::new();
    let vpc = cloud.get("Action=CreateVpc&CidrBlock=10.0.0.0/16", "vpcId");
    let subnet = cloud.get(&format!("Action=CreateSubnet&VpcId={vpc}&CidrBlock=10.0.0.0/24"), "subnetId");
    let modify = format!("Action=ModifySubnetAttribute&SubnetId={subnet}");
    for change in [
        "EnableDns64.Value=true",
        "PrivateDnsHostnameTypeOnLaunch=resource-name",
        "EnableResourceNameDnsARecordOnLaunch.Value=true",
    ] {
        cloud.ask(&format!("{modify}&{change}")).unwrap();
    }
    let shown = cloud.ask("Action=DescribeSubnets").unwrap();
    let told = ["enableDns64", "hostnameType", "enableResourceNameDnsARecord", "enableResourceNameDnsAAAARecord"];
    let told = told.map(|element| first(&shown, element).unwrap_or_default());
    assert_eq!(told, ["true", "resource-name", "true", "false"]);
    let metrics = format!("Action=ModifyVpcAttribute&VpcId={vpc}&EnableNetworkAddressUsageMetrics.Value=true");
    cloud.ask(&metrics).unwrap();
    let attribute = format!("Action=DescribeVpcAttribute&VpcId={vpc}&Attribute=enableNetworkAddressUsageMetrics");
    assert_eq!(cloud.get(&attribute, "value"), "true");
}

#[test]
fn the_tenancy_of_a_vpc_becomes_default_and_nothing_else() {
    let mut cloud = Cloud::new();
    let vpc = cloud.get("Action=CreateVpc&CidrBlock=10.0.0.0/16&InstanceTenancy=dedicated", "vpcId");
    let modify = format!("Action=ModifyVpcTenancy&VpcId={vpc}&InstanceTenancy");
    assert_eq!(cloud.ask(&format!("{modify}=dedicated")), Err("UnsupportedTenancy"));
    cloud.ask(&format!("{modify}=default")).unwrap();
    assert_eq!(cloud.get("Action=DescribeVpcs", "instanceTenancy"), "default");
}
