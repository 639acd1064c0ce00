use super::*;

#[test]
fn a_group_can_be_had_in_another_vpc_once_it_is_associated() {
    let mut cloud = Cloud::new();
    let [home, other] =
        ["10.0.0.0/16", "10.1.0.0/16"].map(|cidr| cloud.get(&format!("Action=CreateVpc&CidrBlock={cidr}"), "vpcId"));
    let subnet = cloud.get(&format!("Action=CreateSubnet&VpcId={other}&CidrBlock=10.1.0.0/24"), "subnetId");
    let group =
        cloud.get(&format!("Action=CreateSecurityGroup&VpcId={home}&GroupName=web&GroupDescription=web"), "groupId");
    let interface = format!("Action=CreateNetworkInterface&SubnetId={subnet}&SecurityGroupId.1={group}");
    assert_eq!(cloud.ask(&interface), Err("InvalidGroup.NotFound"));

    let associate = format!("Action=AssociateSecurityGroupVpc&GroupId={group}&VpcId={other}");
    assert_eq!(cloud.get(&associate, "state"), "associating");
    assert_eq!(cloud.ask(&associate), Err("InvalidParameterValue"));
    let held = cloud.get(&interface, "networkInterfaceId");
    assert_eq!(cloud.get("Action=DescribeSecurityGroupVpcAssociations", "vpcId"), other);
    let for_vpc = format!("Action=GetSecurityGroupsForVpc&VpcId={other}&Filter.1.Name=group-name&Filter.1.Value.1=web");
    assert_eq!(cloud.get(&for_vpc, "primaryVpcId"), home);

    let disassociate = associate.replace("Associate", "Disassociate");
    assert_eq!(cloud.ask(&disassociate), Err("DependencyViolation"));
    cloud.ask(&format!("Action=DeleteNetworkInterface&NetworkInterfaceId={held}")).unwrap();
    cloud.ask(&disassociate).unwrap();
    assert_eq!(cloud.ask(&disassociate), Err("InvalidSecurityGroupVpcAssociation.NotFound"));
    assert_eq!(cloud.ask(&interface), Err("InvalidGroup.NotFound"));
    let default = cloud.get(
        &format!("Action=GetSecurityGroupsForVpc&VpcId={home}&Filter.1.Name=group-name&Filter.1.Value.1=default"),
        "groupId",
    );
    assert_eq!(
        cloud.ask(&format!("Action=AssociateSecurityGroupVpc&GroupId={default}&VpcId={other}")),
        Err("InvalidParameterValue")
    );
}

#[test]
fn rules_name_groups_that_share_a_vpc_with_theirs() {
    let mut cloud = Cloud::new();
    let (home, other) = (cloud.vpc("172.31.0.0/16"), cloud.vpc("172.20.0.0/16"));
    let mut group = |name: &str, vpc: &str| {
        let create = format!("Action=CreateSecurityGroup&GroupName={name}&GroupDescription=x&VpcId={vpc}");
        cloud.get(&create, "groupId")
    };
    let (shared, local) = (group("shared", &home), group("local", &other));
    let name = |of: &str, named: &str| {
        let rule = "IpPermissions.1.IpProtocol=-1&IpPermissions.1.Groups.1.GroupId";
        format!("Action=AuthorizeSecurityGroupIngress&GroupId={of}&{rule}={named}")
    };
    assert_eq!(cloud.ask(&name(&local, &shared)), Err("InvalidGroup.NotFound"));
    cloud.ask(&format!("Action=AssociateSecurityGroupVpc&GroupId={shared}&VpcId={other}")).unwrap();
    cloud.ask(&name(&local, &shared)).unwrap();
    cloud.ask(&name(&shared, &local)).unwrap();
}
