use super::*;

#[test]
fn a_set_stays_as_long_as_a_vpc_has_it() {
    let mut cloud = Cloud::new();
    let vpc = cloud.vpc("192.168.0.0/16");
    let option = |key: &str| {
        format!("Action=CreateDhcpOptions&DhcpConfiguration.1.Key={key}&DhcpConfiguration.1.Value.1=example.com")
    };
    assert_eq!(cloud.ask(&option("tea")), Err("InvalidParameterValue"));
    let id = cloud.get(&option("domain-name"), "dhcpOptionsId");
    let associate = |id: &str| format!("Action=AssociateDhcpOptions&VpcId={vpc}&DhcpOptionsId={id}");
    cloud.ask(&associate(&id)).unwrap();
    assert_eq!(cloud.get("Action=DescribeVpcs", "dhcpOptionsId"), id);
    let delete = format!("Action=DeleteDhcpOptions&DhcpOptionsId={id}");
    assert_eq!(cloud.ask(&delete), Err("DependencyViolation"));
    cloud.ask(&associate("default")).unwrap();
    cloud.ask(&delete).unwrap();
    assert_eq!(cloud.ask(&associate(&id)), Err("InvalidDhcpOptionID.NotFound"));
}
