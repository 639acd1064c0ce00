use super::*;

/// Two instances in subnets of their own, which may send and take all of their own group's.
struct Network {
    cloud: Cloud,
    vpc: String,
    group: String,
    one: String,
    other: String,
    subnet: String,
}

fn network() -> Network {
    let mut cloud = Cloud::new();
    let vpc = cloud.vpc("192.168.0.0/16");
    let (first, subnet) = (cloud.subnet(&vpc, "192.168.1.0/24"), cloud.subnet(&vpc, "192.168.2.0/24"));
    let group = cloud.model.security_groups.iter().find(|group| group.vpc.as_ref() == Some(&vpc)).unwrap().id.clone();
    let (one, other) = (cloud.instance(Some(&first)), cloud.instance(Some(&subnet)));
    Network { cloud, vpc, group, one, other, subnet }
}

impl Network {
    /// What is found of a path between these two.
    fn analyse(&mut self, ends: &str) -> String {
        let token = self.cloud.model.insights_analyses.len();
        let form = format!("ClientToken=p{token}&Protocol=tcp&DestinationPort=80{ends}");
        let path = self.cloud.get(&format!("Action=CreateNetworkInsightsPath&{form}"), "networkInsightsPathId");
        let start = format!("Action=StartNetworkInsightsAnalysis&NetworkInsightsPathId={path}&ClientToken=a{token}");
        let body = self.cloud.ask(&start).unwrap();
        assert_eq!(first(&body, "status").as_deref(), Some("running"));
        let analysis = first(&body, "networkInsightsAnalysisId").unwrap();
        let describe = format!("Action=DescribeNetworkInsightsAnalyses&NetworkInsightsAnalysisId.1={analysis}");
        self.cloud.ask(&describe).unwrap()
    }

    fn between(&mut self) -> String {
        let ends = format!("&Source={}&Destination={}", self.one, self.other);
        self.analyse(&ends)
    }
}

fn code(body: &str) -> Option<String> {
    first(body, "explanationCode")
}

#[test]
fn a_path_is_shown_part_by_part() {
    let mut network = network();
    let body = network.between();
    assert_eq!(first(&body, "networkPathFound").as_deref(), Some("true"), "{body}");
    assert_eq!(first(&body, "status").as_deref(), Some("succeeded"));
    assert_eq!(code(&body), None);
    let components = |set: &str| -> Vec<String> {
        let set = first(&body, set).unwrap();
        let ids = texts(&set, "component").into_iter().filter_map(|component| first(&component, "id"));
        ids.map(|id| id.split('-').next().unwrap_or_default().to_owned()).collect()
    };
    let way = ["i", "eni", "sg", "acl", "rtb", "acl", "sg", "eni", "i"];
    assert_eq!(components("forwardPathComponentSet"), way);
    // Replies are tracked, so no group is asked.
    let back = ["i", "eni", "acl", "rtb", "acl", "eni", "i"];
    assert_eq!(components("returnPathComponentSet"), back);
    assert!(body.contains("<destinationCidr>192.168.0.0/16</destinationCidr>"), "{body}");
}

#[test]
fn what_is_in_the_way_has_a_code_and_a_culprit() {
    let mut network = network();
    let (group, vpc, subnet) = (network.group.clone(), network.vpc.clone(), network.subnet.clone());
    // The group.
    let rule = format!("GroupId={group}&IpPermissions.1.IpProtocol=-1&IpPermissions.1.Groups.1.GroupId={group}");
    network.cloud.ask(&format!("Action=RevokeSecurityGroupIngress&{rule}")).unwrap();
    let body = network.between();
    assert_eq!(first(&body, "networkPathFound").as_deref(), Some("false"));
    assert_eq!(code(&body).as_deref(), Some("ENI_SG_RULES_MISMATCH"));
    let explained = first(&body, "explanationSet").unwrap();
    assert_eq!(first(&explained, "direction").as_deref(), Some("ingress"));
    assert!(explained.contains(&group) && explained.contains("<networkInterface>"), "{explained}");
    network.cloud.ask(&format!("Action=AuthorizeSecurityGroupIngress&{rule}")).unwrap();
    // The network ACL.
    let acl = network.cloud.model.acl_of_subnet(&subnet).unwrap().id.clone();
    let entry = format!("NetworkAclId={acl}&RuleNumber=50&Egress=false");
    let deny = format!(
        "Action=CreateNetworkAclEntry&{entry}&Protocol=6&RuleAction=deny&CidrBlock=192.168.1.0/24&PortRange.From=80&PortRange.To=90"
    );
    network.cloud.ask(&deny).unwrap();
    let body = network.between();
    assert_eq!(code(&body).as_deref(), Some("SUBNET_ACL_RESTRICTION"));
    assert_eq!(first(&body, "ruleAction").as_deref(), Some("allow"), "what leaves the first subnet passes");
    let explained = first(&body, "explanationSet").unwrap();
    assert_eq!(first(&explained, "ruleNumber").as_deref(), Some("50"));
    network.cloud.ask(&format!("Action=DeleteNetworkAclEntry&{entry}")).unwrap();
    // Routes.
    let to = |network: &mut Network, address: &str| {
        let ends = format!("&Source={}&DestinationIp={address}", network.one);
        network.analyse(&ends)
    };
    let body = to(&mut network, "203.0.113.9");
    assert_eq!(code(&body).as_deref(), Some("NO_ROUTE_TO_DESTINATION"));
    let table = network.cloud.main_table(&vpc);
    assert!(first(&body, "explanationSet").unwrap().contains(&table), "{body}");
    let gateway = network.cloud.gateway(&vpc);
    let route = format!("Action=CreateRoute&RouteTableId={table}&DestinationCidrBlock=0.0.0.0/0&GatewayId={gateway}");
    network.cloud.ask(&route).unwrap();
    let ends = format!("&Source={}&Destination={gateway}", network.one);
    assert_eq!(code(&network.analyse(&ends)).as_deref(), Some("IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS"));
    let address = network.cloud.get("Action=AllocateAddress&Domain=vpc", "allocationId");
    let associate = format!("Action=AssociateAddress&AllocationId={address}&InstanceId={}", network.one);
    let association = network.cloud.get(&associate, "associationId");
    let block = "Action=ModifyVpcBlockPublicAccessOptions&InternetGatewayBlockMode";
    network.cloud.ask(&format!("{block}=block-ingress")).unwrap();
    assert_eq!(code(&network.analyse(&ends)).as_deref(), Some("VPC_BLOCK_PUBLIC_ACCESS_ENABLED"));
    network.cloud.ask(&format!("{block}=off")).unwrap();
    network.cloud.ask(&format!("Action=DisassociateAddress&AssociationId={association}")).unwrap();
    let detach = format!("Action=DetachInternetGateway&InternetGatewayId={gateway}&VpcId={vpc}");
    network.cloud.ask(&detach).unwrap();
    assert_eq!(code(&to(&mut network, "203.0.113.9")).as_deref(), Some("BAD_STATE_ROUTE"));
    // An end that is off.
    network.cloud.ask(&format!("Action=StopInstances&InstanceId.1={}", network.other)).unwrap();
    assert_eq!(code(&network.between()).as_deref(), Some("BAD_STATE"));
}

#[test]
fn a_path_goes_when_its_analyses_are_gone() {
    let mut network = network();
    network.between();
    let cloud = &mut network.cloud;
    let path = cloud.get("Action=DescribeNetworkInsightsPaths", "networkInsightsPathId");
    let delete = format!("Action=DeleteNetworkInsightsPath&NetworkInsightsPathId={path}");
    assert_eq!(cloud.ask(&delete), Err("AnalysisExistsForNetworkInsightsPath"));
    let of_path = format!("Action=DescribeNetworkInsightsAnalyses&NetworkInsightsPathId={path}");
    let analysis = cloud.get(&of_path, "networkInsightsAnalysisId");
    cloud.ask(&format!("Action=DeleteNetworkInsightsAnalysis&NetworkInsightsAnalysisId={analysis}")).unwrap();
    cloud.ask(&delete).unwrap();
    assert_eq!(cloud.ask(&delete), Err("InvalidNetworkInsightsPathId.NotFound"));
    let unknown =
        "Action=CreateNetworkInsightsPath&ClientToken=x&Protocol=tcp&Source=i-12345678&DestinationIp=10.0.0.1";
    assert_eq!(cloud.ask(unknown), Err("InvalidInstanceID.NotFound"));
}

#[test]
fn a_path_to_a_gateway_is_found_by_that_gateway_only() {
    let mut network = network();
    let (vpc, one) = (network.vpc.clone(), network.one.clone());
    let own = network.cloud.gateway(&vpc);
    let elsewhere = network.cloud.vpc("172.20.0.0/16");
    let other = network.cloud.gateway(&elsewhere);
    let table = network.cloud.main_table(&vpc);
    let route = format!("Action=CreateRoute&RouteTableId={table}&DestinationCidrBlock=0.0.0.0/0&GatewayId={own}");
    network.cloud.ask(&route).unwrap();
    let allocation = network.cloud.get("Action=AllocateAddress&Domain=vpc", "allocationId");
    network.cloud.ask(&format!("Action=AssociateAddress&AllocationId={allocation}&InstanceId={one}")).unwrap();
    let found = |network: &mut Network, gateway: &str| {
        let body = network.analyse(&format!("&Source={one}&Destination={gateway}"));
        (first(&body, "networkPathFound"), code(&body))
    };
    assert_eq!(found(&mut network, &own), (Some("true".into()), None));
    assert_eq!(found(&mut network, &other), (Some("false".into()), Some("NO_PATH".into())));

    let path = "Action=CreateNetworkInsightsPath&ClientToken=gone&Protocol=tcp";
    let path = format!("{path}&Source={one}&Destination={other}");
    for port in ["70000", "-1"] {
        assert_eq!(network.cloud.ask(&format!("{path}&DestinationPort={port}")), Err("InvalidParameterValue"));
    }
    let path = network.cloud.get(&path, "networkInsightsPathId");
    network.cloud.ask(&format!("Action=DetachInternetGateway&InternetGatewayId={other}&VpcId={elsewhere}")).unwrap();
    network.cloud.ask(&format!("Action=DeleteInternetGateway&InternetGatewayId={other}")).unwrap();
    let start = format!("Action=StartNetworkInsightsAnalysis&NetworkInsightsPathId={path}&ClientToken=gone");
    network.cloud.ask(&start).unwrap();
    let of_path = format!("Action=DescribeNetworkInsightsAnalyses&NetworkInsightsPathId={path}");
    assert_eq!(code(&network.cloud.ask(&of_path).unwrap()).as_deref(), Some("BAD_STATE"));
}

/// The search happens in a copy; what changes meanwhile comes later.
#[test]
fn what_is_found_is_kept_as_it_was_when_it_was_looked_for() {
    let mut network = network();
    let form =
        format!("ClientToken=p&Protocol=tcp&DestinationPort=80&Source={}&Destination={}", network.one, network.other);
    let path = network.cloud.get(&format!("Action=CreateNetworkInsightsPath&{form}"), "networkInsightsPathId");
    let start = format!("Action=StartNetworkInsightsAnalysis&NetworkInsightsPathId={path}&ClientToken=a");
    let scope = network.cloud.model.insights_paths.iter().next().unwrap().scope.clone();
    let mut request =
        crate::api::Request::of_process(&scope, &start, model::Time(0)).unwrap_or_else(|no| panic!("{}", no.body));
    assert!(request.searches() && request.writes());
    request.search(&network.cloud.model.clone());
    let group = network.group.clone();
    let everything = "IpPermissions.1.IpProtocol=-1&IpPermissions.1.Groups.1.GroupId";
    network.cloud.ask(&format!("Action=RevokeSecurityGroupIngress&GroupId={group}&{everything}={group}")).unwrap();
    request.write(&mut network.cloud.model).unwrap_or_else(|no| panic!("{}", no.body));
    let found: Vec<bool> =
        network.cloud.model.insights_analyses.iter().map(|row| row.findings.obstacle.is_none()).collect();
    assert_eq!(found, [true]);
}
