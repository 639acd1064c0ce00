//! Whoever looks changes nothing, and what a newcomer is shown is what its first change finds.

use super::*;

/// What shows everything that an account may find at its first visit.
const LOOKS: &[&str] = &[
    "Action=DescribeVpcs",
    "Action=DescribeSubnets",
    "Action=DescribeRouteTables",
    "Action=DescribeSecurityGroups",
    "Action=DescribeSecurityGroupRules",
    "Action=DescribeNetworkAcls",
    "Action=DescribeInternetGateways",
    "Action=DescribeDhcpOptions",
    "Action=DescribeAccountAttributes",
    "Action=DescribeTags",
];

/// Looks, by a reference to the model alone; the reply without its own id.
fn look(cloud: &Cloud, form: &str) -> String {
    let authorization = cloud.authorization();
    let call = Call { path: "/", form, authorization: Some(&authorization), ..Call::default() };
    let request = Request::parse(&call, cloud.now).unwrap();
    assert!(!request.writes(), "{form}");
    let body = request.read(&cloud.model).unwrap().body;
    let id = first(&body, "requestId").unwrap();
    body.replace(&id, "")
}

fn look_at_all(cloud: &Cloud) -> Vec<String> {
    LOOKS.iter().map(|form| look(cloud, form)).collect()
}

#[test]
fn what_a_newcomer_is_shown_is_what_it_finds() {
    for region in ["us-east-1", "eu-central-1"] {
        let mut cloud = Cloud::new();
        cloud.region = region;
        let shown = look_at_all(&cloud);
        assert!(cloud.model.visits.is_empty() && cloud.model.security_groups.is_empty());
        // Others come first, and what fails is no visit.
        cloud.account = "444455556666";
        cloud.vpc("10.0.0.0/16");
        assert_ne!(look_at_all(&cloud), shown);
        cloud.account = "111122223333";
        assert_eq!(cloud.ask("Action=CreateVpc&CidrBlock=nonsense"), Err("InvalidParameterValue"));
        assert_eq!(look_at_all(&cloud), shown);
        let gateway = cloud.get("Action=CreateInternetGateway", "internetGatewayId");
        cloud.ask(&format!("Action=DeleteInternetGateway&InternetGatewayId={gateway}")).unwrap();
        assert_eq!(cloud.model.visits.len(), 2);
        assert_eq!(look_at_all(&cloud), shown, "{region}");
    }
}
