//! Replies of AWS Query in JSON, which boto 2 asks Redshift, ElastiCache and RDS for.

use super::*;
use serde_json::{Value, json};

/// The status and the document of an answer in JSON.
fn ask(cloud: &mut Cloud, form: &str) -> (u16, &'static str, Value) {
    let reply = cloud.send(&format!("{form}&ContentType=JSON")).unwrap_or_else(|refusal| refusal);
    (reply.status, reply.content_type, serde_json::from_str(&reply.body).unwrap())
}

const CONFIGURATION: &str =
    "Version=2011-01-01&LaunchConfigurationName=small&ImageId=ami-0123456789abcdef0&InstanceType=m3.medium";

#[test]
fn a_reply_has_absent_members_empty_lists_and_seconds() {
    let mut cloud = Cloud::new();
    let (status, kind, created) = ask(&mut cloud, &format!("Action=CreateLaunchConfiguration&{CONFIGURATION}"));
    assert_eq!((status, kind), (200, "application/json"));
    let response = &created["CreateLaunchConfigurationResponse"];
    assert!(response["ResponseMetadata"]["RequestId"].is_string(), "{created}");
    assert_eq!(response.get("CreateLaunchConfigurationResult"), None, "the action returns nothing");
    cloud.now = Time(cloud.now.0 + 1500);
    let (.., described) = ask(&mut cloud, "Action=DescribeLaunchConfigurations&Version=2011-01-01");
    let result = &described["DescribeLaunchConfigurationsResponse"]["DescribeLaunchConfigurationsResult"];
    let configuration = &result["LaunchConfigurations"][0];
    assert_eq!(configuration["LaunchConfigurationName"], json!("small"));
    assert_eq!(configuration["CreatedTime"].as_f64(), Some(1_420_632_000.0));
    assert_eq!(configuration["BlockDeviceMappings"], json!([]));
    assert_eq!(configuration.get("SpotPrice"), Some(&Value::Null));
    assert_eq!(result.get("NextToken"), Some(&Value::Null));
}

#[test]
fn an_error_is_an_object_with_its_code() {
    let mut cloud = Cloud::new();
    let (status, _, refused) =
        ask(&mut cloud, "Action=DescribeClusters&Version=2012-12-01&ClusterIdentifier=badpipelineid");
    let error = &refused["Error"];
    assert_eq!((status, &error["Code"], &error["Type"]), (404, &json!("ClusterNotFound"), &json!("Sender")));
    assert!(error["Message"].is_string() && refused["RequestId"].is_string(), "{refused}");
    let (.., unknown) = ask(&mut cloud, "Action=DescribeTea&Version=2012-12-01");
    assert_eq!(unknown["Error"]["Code"], json!("InvalidAction"));
    let (.., absent) = ask(&mut cloud, "Action=DescribeTargetGroups&Version=2015-12-01");
    assert_eq!(absent["Error"]["Code"], json!("UnsupportedOperation"));
}

/// EC2 has no such parameter.
#[test]
fn other_dialects_stay_as_they_are() {
    let mut cloud = Cloud::new();
    assert_eq!(cloud.ask("Action=DescribeVpcs&ContentType=JSON"), Err("UnknownParameter"));
    let xml = cloud.ask("Action=DescribeLoadBalancers&Version=2012-06-01&ContentType=XML").unwrap();
    assert!(xml.contains("<DescribeLoadBalancersResult>"), "{xml}");
}
