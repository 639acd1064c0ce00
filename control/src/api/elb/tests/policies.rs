//! Policies of TLS, of keys, and how many tags there may be.

use super::*;

#[test]
fn tls_is_spoken_as_a_predefined_policy_says_or_one_by_one() {
    let mut cloud = Cloud::new();
    cloud.classic_balancer();
    let of = "LoadBalancerName=web";
    let create = |name: &str, attributes: &[(&str, &str)]| {
        let attributes: String = attributes
            .iter()
            .enumerate()
            .map(|(place, (name, value))| {
                let at = format!("&PolicyAttributes.member.{}.Attribute", place + 1);
                format!("{at}Name={name}{at}Value={value}")
            })
            .collect();
        format!("CreateLoadBalancerPolicy&{of}&PolicyName={name}&PolicyTypeName=SSLNegotiationPolicyType{attributes}")
    };
    cloud.elb(&create("modern", &[("Reference-Security-Policy", "ELBSecurityPolicy-TLS-1-2-2017-01")])).unwrap();
    cloud.elb(&create("own", &[("Protocol-TLSv1.2", "true"), ("AES128-SHA", "false")])).unwrap();
    let unknown = create("x", &[("Reference-Security-Policy", "ELBSecurityPolicy-Tea")]);
    assert_eq!(cloud.elb(&unknown), Err("PolicyNotFound"));
    assert_eq!(cloud.elb(&create("x", &[("Protocol-Tea", "true")])), Err("InvalidConfigurationRequest"));
    let shown = |cloud: &mut Cloud, name: &str| {
        let body = cloud.elb(&format!("DescribeLoadBalancerPolicies&{of}&PolicyNames.member.1={name}")).unwrap();
        texts(&body, "AttributeName").into_iter().zip(texts(&body, "AttributeValue")).collect::<Vec<_>>()
    };
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert_eq!(shown(&mut cloud, "own"), [pair("AES128-SHA", "false"), pair("Protocol-TLSv1.2", "true")]);
    let modern = shown(&mut cloud, "modern");
    for expected in [pair("Protocol-TLSv1.1", "false"), pair("Protocol-TLSv1.2", "true")] {
        assert!(modern.contains(&expected), "{modern:?}");
    }
    let set = format!("SetLoadBalancerPoliciesOfListener&{of}&LoadBalancerPort=80&PolicyNames.member.1=modern");
    assert_eq!(cloud.elb(&set), Err("InvalidConfigurationRequest"), "nobody speaks TLS there");
    let predefined = texts(&cloud.elb("DescribeLoadBalancerPolicies").unwrap(), "PolicyName");
    assert!(predefined.contains(&"ELBSecurityPolicy-2016-08".to_owned()), "{predefined:?}");
    assert!(texts(&cloud.elb("DescribeLoadBalancers").unwrap(), "member").contains(&"modern".to_owned()));
}

#[test]
fn keys_of_instances_are_policies_that_others_name() {
    let mut cloud = Cloud::new();
    cloud.classic_balancer();
    let create = |name: &str, kind: &str, attribute: &str, value: &str| {
        format!(
            "CreateLoadBalancerPolicy&LoadBalancerName=web&PolicyName={name}&PolicyTypeName={kind}PolicyType\
             &PolicyAttributes.member.1.AttributeName={attribute}&PolicyAttributes.member.1.AttributeValue={value}"
        )
    };
    let trusting = create("trusting", "BackendServerAuthentication", "PublicKeyPolicyName", "key");
    assert_eq!(cloud.elb(&trusting), Err("PolicyNotFound"));
    cloud.elb(&create("key", "PublicKey", "PublicKey", "abc")).unwrap();
    cloud.elb(&trusting).unwrap();
    let other = create("other", "BackendServerAuthentication", "PublicKeyPolicyName", "trusting");
    assert_eq!(cloud.elb(&other), Err("InvalidConfigurationRequest"), "only a key can be trusted");
    let set = "SetLoadBalancerPoliciesForBackendServer&LoadBalancerName=web&InstancePort=8080&PolicyNames.member.1=";
    assert_eq!(cloud.elb(&format!("{set}key")), Err("InvalidConfigurationRequest"));
    cloud.elb(&format!("{set}trusting")).unwrap();
}

#[test]
fn a_load_balancer_has_ten_tags_at_most() {
    let mut cloud = Cloud::new();
    cloud.classic_balancer();
    let tags = |numbers: std::ops::Range<usize>| {
        let one = |(place, n): (usize, usize)| format!("&Tags.member.{}.Key=k{n}", place + 1);
        let tags: String = numbers.enumerate().map(one).collect();
        format!("AddTags&LoadBalancerNames.member.1=web{tags}")
    };
    cloud.elb(&tags(0..10)).unwrap();
    assert_eq!(cloud.elb(&tags(10..11)), Err("TooManyTags"));
    cloud.elb(&tags(3..4)).unwrap();
}
