use super::*;

fn create(key: &str) -> String {
    format!("Action=CreateDhcpOptions&DhcpConfiguration.1.Key={key}&DhcpConfiguration.1.Value.1=example.com")
}

#[test]
fn a_set_stays_as_long_as_a_vpc_has_it() {
    let mut cloud = Cloud::new();
    let vpc = cloud.vpc("192.168.0.0/16");
    assert_eq!(cloud.ask(&create("tea")), Err("InvalidParameterValue"));
    let id = cloud.get(&create("domain-name"), "dhcpOptionsId");
    let associate = |id: &str| format!("Action=AssociateDhcpOptions&VpcId={vpc}&DhcpOptionsId={id}");
    cloud.ask(&associate(&id)).unwrap();
    assert_eq!(cloud.get("Action=DescribeVpcs", "dhcpOptionsId"), id);
    let delete = format!("Action=DeleteDhcpOptions&DhcpOptionsId={id}");
    assert_eq!(cloud.ask(&delete), Err("DependencyViolation"));
    cloud.ask(&associate("default")).unwrap();
    assert_eq!(cloud.get("Action=DescribeVpcs", "dhcpOptionsId"), "default");
    cloud.ask(&delete).unwrap();
    assert_eq!(cloud.ask(&associate(&id)), Err("InvalidDhcpOptionID.NotFound"));
    assert_eq!(cloud.ask(&associate("tea")), Err("InvalidDhcpOptionsId.Malformed"));
}

#[test]
fn an_account_has_a_set_in_every_region_and_its_new_vpcs_get_it() {
    for (region, domain) in [("us-east-1", "ec2.internal"), ("eu-central-1", "eu-central-1.compute.internal")] {
        let mut cloud = Cloud::new();
        cloud.region = region;
        let body = cloud.ask("Action=DescribeDhcpOptions").unwrap();
        let ids = texts(&body, "dhcpOptionsId");
        assert_eq!(ids.len(), 1);
        assert_eq!(texts(&body, "key"), ["domain-name", "domain-name-servers"]);
        assert!(body.contains(&format!("<value>{domain}</value>")), "{body}");
        assert!(body.contains("<value>AmazonProvidedDNS</value>"), "{body}");
        cloud.vpc("192.168.0.0/16");
        assert!(cloud.all("Action=DescribeVpcs", "dhcpOptionsId").iter().all(|id| *id == ids[0]));
        cloud.get(&create("domain-name"), "dhcpOptionsId");
        let vpc = cloud.vpc("172.16.0.0/16");
        assert_eq!(cloud.get(&format!("Action=DescribeVpcs&VpcId.1={vpc}"), "dhcpOptionsId"), ids[0]);
    }
}

#[test]
fn servers_are_addresses_and_numbers_are_in_their_range() {
    let mut cloud = Cloud::new();
    let create = |key: &str, values: &[&str]| {
        let values: String = values
            .iter()
            .enumerate()
            .map(|(i, value)| format!("&DhcpConfiguration.1.Value.{}={value}", i + 1))
            .collect();
        format!("Action=CreateDhcpOptions&DhcpConfiguration.1.Key={key}{values}")
    };
    for (key, values, fits) in [
        ("ntp-servers", &["10.0.0.1", "10.0.0.2"][..], true),
        ("ntp-servers", &["clock"], false),
        ("domain-name-servers", &["AmazonProvidedDNS"], true),
        ("domain-name-servers", &["10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4", "10.0.0.5"], false),
        ("netbios-node-type", &["2"], true),
        ("netbios-node-type", &["0"], false),
        ("ipv6-address-preferred-lease-time", &["140"], true),
        ("ipv6-address-preferred-lease-time", &["139"], false),
        ("ipv6-address-preferred-lease-time", &["200", "300"], false),
    ] {
        let made = cloud.ask(&create(key, values));
        assert_eq!(made.err(), (!fits).then_some("InvalidParameterValue"), "{key} {values:?}");
    }
}

#[test]
fn options_are_described_in_an_order_of_their_own() {
    let mut cloud = Cloud::new();
    let sent = "DhcpConfiguration.1.Key=netbios-name-servers&DhcpConfiguration.1.Value.1=10.0.0.1\
                &DhcpConfiguration.2.Key=ntp-servers&DhcpConfiguration.2.Value.1=10.0.0.2";
    let body = cloud.ask(&format!("Action=CreateDhcpOptions&{sent}")).unwrap();
    assert_eq!(texts(&body, "key"), ["ntp-servers", "netbios-name-servers"]);
}
