use super::*;

const RUN: &str = "Action=RunInstances&ImageId=ami-1a2b3c4d&MinCount=1&MaxCount=1";

fn elsewhere() -> Cloud {
    let mut cloud = Cloud::new();
    cloud.region = "eu-central-1";
    cloud
}

#[test]
fn where_there_is_no_classic_an_account_finds_a_default_vpc() {
    let mut cloud = elsewhere();
    assert_eq!(cloud.all("Action=DescribeVpcs", "cidrBlock"), ["172.31.0.0/16", "172.31.0.0/16"]);
    let subnets = cloud.ask("Action=DescribeSubnets&Filter.1.Name=default-for-az&Filter.1.Value.1=true").unwrap();
    assert_eq!(texts(&subnets, "availabilityZoneId").len(), 3);
    assert_eq!(texts(&subnets, "mapPublicIpOnLaunch"), ["true"; 3]);
    let vpc = cloud.get("Action=DescribeAccountAttributes&AttributeName.1=default-vpc", "attributeValue");
    let igw = cloud.get("Action=DescribeInternetGateways", "internetGatewayId");
    assert_eq!(cloud.routes(&cloud.main_table(&vpc)), ["172.31.0.0/16 local".into(), format!("0.0.0.0/0 {igw}")]);
    assert_eq!(cloud.ask("Action=CreateDefaultVpc"), Err("DefaultVpcAlreadyExists"));
}

#[test]
fn beside_classic_there_is_no_default_vpc() {
    let mut cloud = Cloud::new();
    assert!(cloud.all("Action=DescribeVpcs", "vpcId").is_empty());
    assert_eq!(cloud.ask("Action=CreateDefaultVpc"), Err("OperationNotPermitted"));
    assert_eq!(cloud.ask("Action=CreateDefaultSubnet&AvailabilityZone=us-east-1a"), Err("VPCIdNotSpecified"));
}

#[test]
fn what_names_no_subnet_and_no_vpc_means_the_default_vpc() {
    let mut cloud = elsewhere();
    let group = cloud.get("Action=CreateSecurityGroup&GroupName=web&GroupDescription=web", "groupId");
    let instance = cloud.ask(&format!("{RUN}&Placement.AvailabilityZone=eu-central-1b&SecurityGroup.1=web")).unwrap();
    assert_eq!(first(&instance, "availabilityZone").as_deref(), Some("eu-central-1b"));
    assert_eq!(first(&instance, "groupId"), Some(group));
    assert!(first(&instance, "ipAddress").is_some());
    let open =
        "Action=AuthorizeSecurityGroupIngress&GroupName=web&IpProtocol=tcp&FromPort=22&ToPort=22&CidrIp=0.0.0.0/0";
    cloud.ask(open).unwrap();
    assert_eq!(cloud.all("Action=DescribeSecurityGroups&GroupName.1=web", "fromPort"), ["22"]);
    // The interface's subnet need not be named either.
    cloud
        .ask(&format!("{RUN}&NetworkInterface.1.DeviceIndex=0&NetworkInterface.1.AssociatePublicIpAddress=false"))
        .unwrap();
}

#[test]
fn a_default_vpc_that_was_deleted_comes_back_when_it_is_asked_for() {
    let mut cloud = elsewhere();
    let vpc = cloud.get("Action=DescribeVpcs", "vpcId");
    for subnet in cloud.all("Action=DescribeSubnets", "subnetId") {
        cloud.ask(&format!("Action=DeleteSubnet&SubnetId={subnet}")).unwrap();
    }
    assert_eq!(cloud.ask(RUN), Err("MissingInput"));
    let igw = cloud.get("Action=DescribeInternetGateways", "internetGatewayId");
    cloud.ask(&format!("Action=DetachInternetGateway&InternetGatewayId={igw}&VpcId={vpc}")).unwrap();
    cloud.ask(&format!("Action=DeleteVpc&VpcId={vpc}")).unwrap();
    assert!(cloud.all("Action=DescribeVpcs", "vpcId").is_empty());
    assert_eq!(cloud.ask(RUN), Err("VPCIdNotSpecified"));
    let vpc = cloud.get("Action=CreateDefaultVpc", "vpcId");
    assert_eq!(cloud.get(RUN, "vpcId"), vpc);
    let zone = "Action=CreateDefaultSubnet&AvailabilityZone=eu-central-1a";
    assert_eq!(cloud.ask(zone), Err("DefaultSubnetAlreadyExistsInAvailabilityZone"));
}
