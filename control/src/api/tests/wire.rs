//! What every action shares: parameters that are known and not treated, filters, replies of other services.

use super::*;

fn error(form: &str) -> (u16, String) {
    let refusal = Request::parse(&Call { path: "/", form, ..Call::default() }, Time(0)).map(|_| ()).unwrap_err();
    (refusal.status, first(&refusal.body, "Code").unwrap_or_default())
}

#[test]
fn actions_that_clients_know_and_we_have_not_are_told_from_those_that_nobody_knows() {
    assert_eq!(error("Action=CreateIpam"), (400, "UnsupportedOperation".into()));
    assert_eq!(error("Action=CreateTea"), (400, "InvalidAction".into()));
    assert_eq!(error("Version=2016-11-15"), (400, "MissingAction".into()));
    assert_eq!(error("Action=DescribeVpcs&Version=1999-01-01"), (400, "InvalidAction".into()));
    assert_eq!(error("Action=AssumeRole&Version=2011-06-15"), (400, "UnsupportedOperation".into()));
}

/// An action in the list has a meaning, and one with a meaning is in the list.
#[test]
fn what_is_listed_is_carried_out() {
    for service in service::SERVICES {
        let meant: Vec<&str> = service.actions.names().collect();
        assert_eq!(meant, service.facts.has, "{}", service.facts.signing);
    }
}

#[test]
fn parameters_are_taken_refused_or_unknown_as_the_lists_say() {
    let mut cloud = Cloud::new();
    let create = "Action=CreateVpc&CidrBlock=10.0.0.0/16";
    cloud.ask(&format!("{create}&Ipv6CidrBlockNetworkBorderGroup=us-east-1")).unwrap();
    assert_eq!(cloud.ask(&format!("{create}&Ipv4IpamPoolId=ipam-pool-1")), Err("UnsupportedOperation"));
    assert_eq!(cloud.ask(&format!("{create}&VpcEncryptionControl.Mode=enforce")), Err("UnsupportedOperation"));
    assert_eq!(cloud.ask(&format!("{create}&Colour=red")), Err("UnknownParameter"));
    assert_eq!(cloud.ask("Action=DeleteVpc"), Err("MissingParameter"));
    assert_eq!(cloud.ask("Action=DeleteVpc&VpcId="), Err("MissingParameter"));
    assert_eq!(cloud.ask("Action=DescribeVpcs&VpcId.1="), Err("InvalidVpcID.Malformed"));
    assert_eq!(
        cloud.ask("Action=AttachClassicLinkVpc&InstanceId=i-1&VpcId=vpc-1"),
        Err("MissingParameter"),
        "before what is malformed"
    );
}

#[test]
fn documented_filters_that_are_not_modelled_match_nothing() {
    let mut cloud = Cloud::new();
    let vpc = cloud.vpc("10.0.0.0/16");
    cloud.subnet(&vpc, "10.0.1.0/24");
    let mut count = |action: &str, filter: &str, element: &str| {
        cloud.all(&format!("Action={action}&Filter.1.Name={filter}&Filter.1.Value.1=*"), element).len()
    };
    assert_eq!(count("DescribeVpcs", "vpc-id", "vpcId"), 1);
    assert_eq!(count("DescribeVpcs", "ipv6-cidr-block-association.ipv6-pool", "vpcId"), 0);
    assert_eq!(count("DescribeSubnets", "outpost-arn", "subnetId"), 0);
    assert_eq!(cloud.ask("Action=DescribeSubnets&Filter.1.Name=colour&Filter.1.Value.1=red"), Err("InvalidFilter"));
    assert_eq!(cloud.ask("Action=DescribeSubnets&Filter.1.Value.1=red"), Err("MissingParameter"));
}

#[test]
fn what_xml_cannot_carry_is_refused_and_the_rest_is_escaped() {
    let mut cloud = Cloud::new();
    let vpc = cloud.vpc("10.0.0.0/16");
    let tag = |value: &str| format!("Action=CreateTags&ResourceId.1={vpc}&Tag.1.Key=a&Tag.1.Value={value}");
    assert_eq!(cloud.ask(&tag("%3Cb%3E%01%EF%BF%BF")), Err("InvalidCharacter"));
    cloud.ask(&tag("%3Cb%3E")).unwrap();
    assert_eq!(cloud.get("Action=DescribeVpcs", "value"), "&lt;b&gt;");
}

#[test]
fn the_token_service_knows_its_caller_and_speaks_its_own_dialect() {
    let authorization =
        "AWS4-HMAC-SHA256 Credential=123456789012/20150107/us-east-1/sts/aws4_request, SignedHeaders=host";
    let ask = |form: &str| {
        let call = Call { path: "/", form, authorization: Some(authorization), target: None };
        Request::parse(&call, Time(0)).and_then(|request| request.read(&Model::new(1)))
    };
    let reply = ask("Action=GetCallerIdentity&Version=2011-06-15").unwrap();
    assert!(
        reply.body.contains("<GetCallerIdentityResult><UserId>123456789012</UserId><Account>123456789012</Account>")
    );
    assert!(reply.body.contains(&format!("<ResponseMetadata><RequestId>{}</RequestId>", reply.request_id)));
    let refusal = ask("Action=GetCallerIdentity&Version=2011-06-15&Colour=red").unwrap_err();
    assert!(refusal.body.contains("<ErrorResponse><Error><Type>Sender</Type><Code>ValidationError</Code>"));
}

/// IAM and Route 53 sign for no Region, boto 2 for a part of an IP address: what they are asked is asked at the first one.
#[test]
fn a_scope_without_a_region_is_a_scope() {
    let region =
        |name: &str| Credentials::from_scope(&format!("123456789012/20150107/{name}/iam/aws4_request")).scope().region;
    for nonsense in ["", "aws-global", "0", "localhost"] {
        assert_eq!(region(nonsense), "us-east-1", "{nonsense}");
    }
    for known in ["mx-central-1", "us-gov-west-1", "cn-north-1", "ap-southeast-7"] {
        assert_eq!(region(known), known);
    }
}
