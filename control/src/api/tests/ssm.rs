use super::*;
use serde_json::json;

/// Asks Systems Manager as its clients do.
pub fn ask(cloud: &mut Cloud, action: &str, parameters: &Value) -> (u16, Value) {
    cloud.ask_in_json("ssm", &format!("AmazonSSM.{action}"), parameters)
}

#[test]
fn the_newest_images_are_found_by_the_parameters_that_people_use() {
    let mut cloud = Cloud::new();
    let name = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-6.1-x86_64";
    let (status, one) = ask(&mut cloud, "GetParameter", &json!({ "Name": name }));
    let image = one["Parameter"]["Value"].as_str().unwrap_or_default().to_owned();
    assert_eq!((status, &one["Parameter"]["Name"], &one["Parameter"]["Type"]), (200, &json!(name), &json!("String")));
    assert!(one["Parameter"]["LastModifiedDate"].as_f64().is_some_and(|seconds| seconds > 1.6e9), "{one}");
    let described = cloud.get(&format!("Action=DescribeImages&ImageId.1={image}"), "name");
    assert!(described.starts_with("al2023-ami-2023") && described.ends_with("-kernel-6.1-x86_64"), "{described}");
    let debian = json!({ "Name": "/aws/service/debian/release/12/latest/amd64" });
    assert_eq!(ask(&mut cloud, "GetParameter", &debian).0, 200);
    let (_, several) = ask(&mut cloud, "GetParameters", &json!({ "Names": [name, "/mine"] }));
    assert_eq!(several["Parameters"][0]["Value"], json!(image));
    assert_eq!(several["InvalidParameters"], json!(["/mine"]));
    let (status, refused) = ask(&mut cloud, "GetParameter", &json!({ "Name": "/mine" }));
    assert_eq!((status, &refused["__type"]), (400, &json!("ParameterNotFound")));
    let (status, refused) = ask(&mut cloud, "GetParameters", &json!({ "Names": vec![name; 11] }));
    assert_eq!((status, &refused["__type"]), (400, &json!("ValidationException")));
    let (status, refused) = ask(&mut cloud, "CreateDocument", &json!({ "Name": "/mine" }));
    assert_eq!((status, &refused["__type"]), (400, &json!("UnsupportedOperation")));
}

#[test]
fn a_launch_may_name_its_image_by_a_published_parameter() {
    let mut cloud = Cloud { region: "eu-central-1", ..Cloud::new() };
    let alias = "resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64";
    let run = "Action=RunInstances&MinCount=1&MaxCount=1";
    let image = cloud.get(&format!("{run}&InstanceType=t3.micro&ImageId={alias}"), "imageId");
    assert!(image.starts_with("ami-"), "{image}");
    let data = format!("LaunchTemplateData.InstanceType=t3.micro&LaunchTemplateData.ImageId={alias}");
    cloud.ask(&format!("Action=CreateLaunchTemplate&LaunchTemplateName=web&{data}")).unwrap();
    assert_eq!(cloud.get(&format!("{run}&LaunchTemplate.LaunchTemplateName=web"), "imageId"), image);
    let versions = "Action=DescribeLaunchTemplateVersions&LaunchTemplateName=web";
    assert_eq!(cloud.get(versions, "imageId"), alias, "a template keeps the name");
    assert_eq!(cloud.get(&format!("{versions}&ResolveAlias=true"), "imageId"), image);
    assert_eq!(cloud.ask(&format!("{run}&ImageId=resolve:ssm:/mine")), Err("InvalidAMIID.Malformed"));
}

#[test]
fn parameters_are_listed_ten_at_a_time() {
    let mut cloud = Cloud::new();
    let mut names: Vec<String> = Vec::new();
    let mut token = Value::Null;
    loop {
        let asked = json!({ "Path": "/aws/service/", "Recursive": true, "NextToken": token });
        let (_, page) = ask(&mut cloud, "GetParametersByPath", &asked);
        let listed = page["Parameters"].as_array().unwrap().clone();
        assert!(listed.len() <= 10);
        names.extend(listed.iter().map(|one| one["Name"].to_string()));
        token = page["NextToken"].clone();
        if token.is_null() {
            break;
        }
    }
    let mut sorted = names.clone();
    sorted.dedup();
    assert!(names.len() > 14 && sorted == names && names.iter().any(|name| name.contains("canonical")));
    let (_, flat) = ask(&mut cloud, "GetParametersByPath", &json!({ "Path": "/aws/service" }));
    assert_eq!(flat["Parameters"], json!([]));
    let too_many = json!({ "Path": "/aws/service", "MaxResults": 11 });
    assert_eq!(ask(&mut cloud, "GetParametersByPath", &too_many).1["__type"], "ValidationException");
}

#[test]
fn aws_publishes_its_regions_zones_and_services() {
    let mut cloud = Cloud::new();
    for (path, value) in [
        ("regions/eu-west-1", "eu-west-1"),
        ("regions/eu-west-1/longName", "Europe (Ireland)"),
        ("regions/cn-north-1/partition", "aws-cn"),
        ("regions/us-east-1/services/ec2", "ec2"),
        ("regions/us-east-1/availability-zones/use1-az1", "use1-az1"),
        ("services/rds/regions/us-west-2", "us-west-2"),
    ] {
        let name = json!({ "Name": format!("/aws/service/global-infrastructure/{path}") });
        let (status, found) = ask(&mut cloud, "GetParameter", &name);
        assert_eq!((status, &found["Parameter"]["Value"]), (200, &json!(value)), "{path}");
    }
    let regions = json!({ "Path": "/aws/service/global-infrastructure/regions" });
    let (_, page) = ask(&mut cloud, "GetParametersByPath", &regions);
    assert_eq!(page["Parameters"][0]["Value"], "af-south-1");
    assert_eq!(page["Parameters"].as_array().map(Vec::len), Some(10));
}

#[test]
fn a_user_reads_the_parameters_that_a_policy_names() {
    let mut cloud = Cloud::new();
    let key = cloud.add_alice();
    let lines = "/aws/service/ami-amazon-linux-latest";
    let policy = format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"ssm:*",
            "Resource":"arn:aws:ssm:us-east-1::parameter{lines}/al2023-*"}}}}"#
    );
    cloud.set_policy_of_alice(&policy);
    cloud.account = key;
    let [mine, other] =
        ["al2023-ami-kernel-6.1-x86_64", "amzn2-ami-hvm-x86_64-gp2"].map(|line| format!("{lines}/{line}"));
    assert_eq!(ask(&mut cloud, "GetParameter", &json!({ "Name": mine })).0, 200);
    let (status, refused) = ask(&mut cloud, "GetParameter", &json!({ "Name": other }));
    assert_eq!((status, &refused["__type"]), (400, &json!("AccessDeniedException")));
    assert_eq!(ask(&mut cloud, "GetParameters", &json!({ "Names": [mine, other] })).0, 400);
    assert_eq!(ask(&mut cloud, "GetParametersByPath", &json!({ "Path": lines })).0, 400);
}
