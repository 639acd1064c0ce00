use super::*;

#[test]
fn filters_of_traffic_mirroring_have_numbered_rules() {
    let mut cloud = Cloud::new();
    let create = "Action=CreateTrafficMirrorFilter&Description=web&ClientToken=once";
    let filter = cloud.get(create, "trafficMirrorFilterId");
    assert_eq!(
        [cloud.get(create, "trafficMirrorFilterId"), cloud.get(create, "clientToken")],
        [filter.as_str(), "once"]
    );
    let rule = format!("Action=CreateTrafficMirrorFilterRule&TrafficMirrorFilterId={filter}&SourceCidrBlock=0.0.0.0/0");
    let rule = format!("{rule}&DestinationCidrBlock=10.0.0.0/8&RuleAction=accept&Protocol=6");
    let ingress = format!("{rule}&TrafficDirection=ingress");
    let second = cloud.get(&format!("{ingress}&RuleNumber=2"), "trafficMirrorFilterRuleId");
    let range = "&DestinationPortRange.FromPort=80&DestinationPortRange.ToPort=81";
    let first = cloud.get(&format!("{ingress}&RuleNumber=1{range}"), "trafficMirrorFilterRuleId");
    assert_eq!(cloud.ask(&format!("{ingress}&RuleNumber=1")), Err("TrafficMirrorFilterRuleNumberExists"));
    cloud.ask(&format!("{rule}&TrafficDirection=egress&RuleNumber=1")).unwrap();
    let told = format!("Action=DescribeTrafficMirrorFilters&TrafficMirrorFilterId.1={filter}");
    let ingress = cloud.get(&told, "ingressFilterRuleSet");
    assert_eq!(texts(&ingress, "trafficMirrorFilterRuleId"), [first.as_str(), second.as_str()]);
    assert_eq!(texts(&ingress, "toPort"), ["81"]);

    let modify = format!("Action=ModifyTrafficMirrorFilterRule&TrafficMirrorFilterRuleId={first}");
    assert_eq!(cloud.ask(&format!("{modify}&RuleNumber=2")), Err("TrafficMirrorFilterRuleNumberExists"));
    let body = cloud.ask(&format!("{modify}&RuleNumber=3&RuleAction=reject&RemoveField.1=destination-port-range"));
    let body = body.unwrap();
    assert_eq!(
        [texts(&body, "ruleNumber"), texts(&body, "ruleAction"), texts(&body, "toPort")].concat(),
        ["3", "reject"]
    );
    let by_action = "Action=DescribeTrafficMirrorFilterRules&Filter.1.Name=rule-action&Filter.1.Value.1=reject";
    assert_eq!(cloud.all(by_action, "trafficMirrorFilterRuleId"), [first.as_str()]);
    cloud.ask(&format!("Action=DeleteTrafficMirrorFilterRule&TrafficMirrorFilterRuleId={first}")).unwrap();
    assert_eq!(cloud.all(by_action, "trafficMirrorFilterRuleId"), [""; 0]);

    let services = format!("Action=ModifyTrafficMirrorFilterNetworkServices&TrafficMirrorFilterId={filter}");
    assert_eq!(
        cloud.get(&format!("{services}&AddNetworkService.1=amazon-dns"), "networkServiceSet"),
        "<item>amazon-dns</item>"
    );
    assert_eq!(cloud.ask(&format!("{services}&AddNetworkService.1=ntp")), Err("InvalidParameterValue"));
    cloud.ask(&format!("Action=DeleteTrafficMirrorFilter&TrafficMirrorFilterId={filter}")).unwrap();
    assert_eq!(cloud.ask(&told), Err("InvalidTrafficMirrorFilterId.NotFound"));
    assert_eq!(cloud.all("Action=DescribeTrafficMirrorFilterRules", "trafficMirrorFilterRuleId"), [""; 0]);
}

#[test]
fn a_target_of_traffic_mirroring_is_one_thing_that_is_there() {
    let mut cloud = Cloud::new();
    let vpc = cloud.vpc("10.0.0.0/16");
    let subnet = cloud.subnet(&vpc, "10.0.1.0/24");
    let interface = cloud.get(&format!("Action=CreateNetworkInterface&SubnetId={subnet}"), "networkInterfaceId");
    let create = "Action=CreateTrafficMirrorTarget";
    let both = format!("{create}&NetworkInterfaceId={interface}&NetworkLoadBalancerArn=arn:aws:x");
    assert_eq!([cloud.ask(create), cloud.ask(&both)], [Err("InvalidInput"), Err("InvalidInput")]);
    let other = format!("{create}&NetworkLoadBalancerArn=arn:aws:x");
    assert_eq!(cloud.ask(&other), Err("InvalidParameterValue"), "no load balancer's");
    let unknown = format!("{create}&NetworkInterfaceId=eni-12345678");
    assert_eq!(cloud.ask(&unknown), Err("InvalidNetworkInterfaceID.NotFound"));
    let body = cloud.ask(&format!("{create}&NetworkInterfaceId={interface}")).unwrap();
    assert_eq!(first(&body, "type").as_deref(), Some("network-interface"));
    let id = first(&body, "trafficMirrorTargetId").unwrap();
    let by_interface =
        format!("Action=DescribeTrafficMirrorTargets&Filter.1.Name=network-interface-id&Filter.1.Value.1={interface}");
    assert_eq!(cloud.get(&by_interface, "trafficMirrorTargetId"), id);
    cloud.ask(&format!("Action=DeleteTrafficMirrorTarget&TrafficMirrorTargetId={id}")).unwrap();
    let gone = format!("Action=DeleteTrafficMirrorTarget&TrafficMirrorTargetId={id}");
    assert_eq!(cloud.ask(&gone), Err("InvalidTrafficMirrorTargetId.NotFound"));
}

#[test]
fn a_session_is_of_an_interface_a_target_and_a_filter() {
    let mut cloud = Cloud::new();
    let vpc = cloud.vpc("192.168.0.0/16");
    let subnet = cloud.subnet(&vpc, "192.168.1.0/24");
    let interface = format!("Action=CreateNetworkInterface&SubnetId={subnet}");
    let [source, sink] = [(); 2].map(|()| cloud.get(&interface, "networkInterfaceId"));
    let filter = cloud.get("Action=CreateTrafficMirrorFilter", "trafficMirrorFilterId");
    let target = format!("Action=CreateTrafficMirrorTarget&NetworkInterfaceId={sink}");
    let target = cloud.get(&target, "trafficMirrorTargetId");
    let create = format!(
        "Action=CreateTrafficMirrorSession&NetworkInterfaceId={source}&TrafficMirrorTargetId={target}&TrafficMirrorFilterId={filter}"
    );
    assert_eq!(cloud.ask(&format!("{create}&SessionNumber=0")), Err("InvalidParameterValue"));
    let id =
        cloud.get(&format!("{create}&SessionNumber=1&VirtualNetworkId=7&PacketLength=100"), "trafficMirrorSessionId");
    assert_eq!(cloud.ask(&format!("{create}&SessionNumber=1")), Err("TrafficMirrorSessionNumberExists"));
    let describe = format!("Action=DescribeTrafficMirrorSessions&TrafficMirrorSessionId.1={id}");
    let told = ["networkInterfaceId", "sessionNumber", "virtualNetworkId", "packetLength"];
    assert_eq!(told.map(|element| cloud.get(&describe, element)), [source.as_str(), "1", "7", "100"]);
    let modify = format!("Action=ModifyTrafficMirrorSession&TrafficMirrorSessionId={id}");
    cloud.ask(&format!("{modify}&SessionNumber=2&RemoveField.1=packet-length&Description=d")).unwrap();
    assert_eq!([cloud.get(&describe, "sessionNumber"), cloud.get(&describe, "description")], ["2", "d"]);
    assert_eq!(cloud.all(&describe, "packetLength"), [""; 0]);
    let delete_filter = format!("Action=DeleteTrafficMirrorFilter&TrafficMirrorFilterId={filter}");
    assert_eq!(cloud.ask(&delete_filter), Err("TrafficMirrorFilterInUse"));
    let delete_target = format!("Action=DeleteTrafficMirrorTarget&TrafficMirrorTargetId={target}");
    assert_eq!(cloud.ask(&delete_target), Err("TrafficMirrorTargetInUse"));
    cloud.ask(&format!("Action=DeleteNetworkInterface&NetworkInterfaceId={source}")).unwrap();
    assert_eq!(cloud.ask(&describe), Err("InvalidTrafficMirrorSessionId.NotFound"), "it goes with its interface");
    cloud.ask(&delete_filter).unwrap();
    cloud.ask(&delete_target).unwrap();
}
