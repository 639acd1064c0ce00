use super::*;
use serde_json::json;

const ELB: &str = "Version=2012-06-01&Action";

fn ask(cloud: &mut Cloud, action: &str, parameters: &Value) -> (u16, Value) {
    cloud.ask_in_json("tagging", &format!("ResourceGroupsTaggingAPI_20170126.{action}"), parameters)
}

/// A request that must succeed.
fn get(cloud: &mut Cloud, action: &str, parameters: &Value) -> Value {
    let (status, reply) = ask(cloud, action, parameters);
    assert_eq!(status, 200, "{action} {parameters}: {reply}");
    reply
}

/// Changes tags of resources, each of which must take the change.
fn change(cloud: &mut Cloud, action: &str, parameters: &Value) {
    assert_eq!(get(cloud, action, parameters), json!({ "FailedResourcesMap": {} }), "{parameters}");
}

/// The ARNs of the resources that are found.
fn found(cloud: &mut Cloud, parameters: &Value) -> Vec<String> {
    let reply = get(cloud, "GetResources", parameters);
    let all = reply["ResourceTagMappingList"].as_array().unwrap();
    all.iter().map(|one| one["ResourceARN"].as_str().unwrap().to_owned()).collect()
}

fn tags_of(cloud: &mut Cloud, arn: &str) -> Value {
    let reply = get(cloud, "GetResources", &json!({ "ResourceARNList": [arn] }));
    reply["ResourceTagMappingList"][0]["Tags"].clone()
}

fn arn(rest: &str) -> String {
    format!("arn:aws:{}", rest.replace("HERE", "us-east-1:111122223333"))
}

/// A resource of each service, and their ARNs.
fn one_of_each(cloud: &mut Cloud) -> Vec<String> {
    let vpc = cloud.vpc("10.0.0.0/16");
    cloud.ask("Action=CreateKeyPair&KeyName=login&KeyType=ed25519").unwrap();
    let image = "Action=RegisterImage&Name=own&Architecture=x86_64&ImageLocation=bucket/image.manifest.xml";
    let image = cloud.get(image, "imageId");
    cloud.ask("Version=2014-10-31&Action=CreateDBParameterGroup&DBParameterGroupName=p&DBParameterGroupFamily=postgres17&Description=x").unwrap();
    cloud.ask("Version=2015-02-02&Action=CreateCacheParameterGroup&CacheParameterGroupName=p&CacheParameterGroupFamily=redis3.2&Description=x").unwrap();
    cloud.ask("Version=2012-12-01&Action=CreateClusterParameterGroup&ParameterGroupName=p&ParameterGroupFamily=redshift-1.0&Description=x").unwrap();
    let listener =
        "Listeners.member.1.Protocol=TCP&Listeners.member.1.LoadBalancerPort=80&Listeners.member.1.InstancePort=80";
    cloud
        .ask(&format!("{ELB}=CreateLoadBalancer&LoadBalancerName=web&AvailabilityZones.member.1=us-east-1a&{listener}"))
        .unwrap();
    cloud.ask("Version=2010-05-08&Action=CreateInstanceProfile&InstanceProfileName=web").unwrap();
    let parameter = json!({ "Name": "/net/vpc", "Value": vpc, "Type": "String" });
    assert_eq!(cloud.ask_in_json("ssm", "AmazonSSM.PutParameter", &parameter).0, 200);
    let log_group = json!({ "logGroupName": "/net/flows" });
    assert_eq!(cloud.ask_in_json("logs", "Logs_20140328.CreateLogGroup", &log_group).0, 200);
    let zone = cloud.private_zone("corp.example.com", &vpc);
    vec![
        arn(&format!("route53:::hostedzone/{zone}")),
        arn(&format!("ec2:HERE:vpc/{vpc}")),
        arn("ec2:HERE:key-pair/login"),
        arn(&format!("ec2:us-east-1::image/{image}")),
        arn("rds:HERE:pg:p"),
        arn("elasticache:HERE:parametergroup:p"),
        arn("redshift:HERE:parametergroup:p"),
        arn("elasticloadbalancing:HERE:loadbalancer/web"),
        arn("iam::111122223333:instance-profile/web"),
        arn("ssm:HERE:parameter/net/vpc"),
        arn("logs:HERE:log-group:/net/flows"),
    ]
}

#[test]
fn resources_of_all_services_are_tagged_and_found_by_their_arns() {
    let mut cloud = Cloud::new();
    let mut all = one_of_each(&mut cloud);
    let tags = json!({ "env.kind": "prod", "empty": "", "Team": "a" });
    change(&mut cloud, "TagResources", &json!({ "ResourceARNList": all, "Tags": tags }));
    all.sort();
    assert_eq!(found(&mut cloud, &json!({ "TagFilters": [{ "Key": "env.kind", "Values": ["prod", "test"] }] })), all);
    for arn in &all {
        let tags = tags_of(&mut cloud, arn);
        let value =
            |key: &str| tags.as_array().unwrap().iter().find(|tag| tag["Key"] == key).map(|tag| tag["Value"].clone());
        assert_eq!((value("env.kind"), value("empty")), (Some(json!("prod")), Some(json!(""))), "{arn}: {tags}");
    }
    let of_service = cloud.all("Action=DescribeTags&Filter.1.Name=key&Filter.1.Value.1=env.kind", "resourceId");
    assert_eq!(of_service.len(), 3, "the services show the same tags");
    change(&mut cloud, "UntagResources", &json!({ "ResourceARNList": all, "TagKeys": ["env.kind", "empty", "none"] }));
    for arn in &all {
        assert_eq!(tags_of(&mut cloud, arn), json!([{ "Key": "Team", "Value": "a" }]), "{arn}");
    }
    assert_eq!(get(&mut cloud, "GetTagKeys", &json!({})), json!({ "PaginationToken": "", "TagKeys": ["Team"] }));
}

#[test]
fn users_and_auto_scaling_groups_are_tagged_and_not_listed() {
    let mut cloud = Cloud::new();
    cloud.ask("Version=2010-05-08&Action=CreateUser&UserName=bob").unwrap();
    let configuration = "Version=2011-01-01&Action=CreateLaunchConfiguration&LaunchConfigurationName=c&ImageId=ami-1a2b3c4d&InstanceType=m1.small";
    cloud.ask(configuration).unwrap();
    let group = "Version=2011-01-01&Action=CreateAutoScalingGroup&AutoScalingGroupName=g&LaunchConfigurationName=c&MinSize=0&MaxSize=0&AvailabilityZones.member.1=us-east-1a";
    cloud.ask(group).unwrap();
    let groups = "Version=2011-01-01&Action=DescribeAutoScalingGroups";
    let (user, group) = (arn("iam::111122223333:user/bob"), cloud.get(groups, "AutoScalingGroupARN"));
    change(&mut cloud, "TagResources", &json!({ "ResourceARNList": [user, group], "Tags": { "a": "1", "b": "2" } }));
    change(&mut cloud, "UntagResources", &json!({ "ResourceARNList": [user, group], "TagKeys": ["b"] }));
    assert_eq!(cloud.all("Version=2010-05-08&Action=ListUserTags&UserName=bob", "Key"), ["a"]);
    assert_eq!(cloud.all("Version=2011-01-01&Action=DescribeTags", "Key"), ["a"]);
    assert_eq!(found(&mut cloud, &json!({})), Vec::<String>::new());
}

#[test]
fn a_resource_that_fails_leaves_the_others() {
    let mut cloud = Cloud::new();
    let vpc = cloud.vpc("10.0.0.0/16");
    let (own, missing) = (arn(&format!("ec2:HERE:vpc/{vpc}")), arn("ec2:HERE:vpc/vpc-00000000"));
    let elsewhere = own.replace("us-east-1", "us-west-2");
    let unknown = arn("s3:::bucket");
    let database = arn("rds:HERE:db:none");
    let all = json!({ "ResourceARNList": [own, missing, elsewhere, unknown, database], "Tags": { "a": "1" } });
    let failed = get(&mut cloud, "TagResources", &all)["FailedResourcesMap"].clone();
    let code = |arn: &str| failed[arn]["ErrorCode"].as_str().unwrap_or("ok").to_owned();
    assert_eq!([code(&own), code(&missing), code(&database)], ["ok", "InvalidVpcID.NotFound", "DBInstanceNotFound"]);
    assert_eq!([code(&elsewhere), code(&unknown)], ["InvalidParameterException"; 2]);
    assert_eq!(failed[&missing]["StatusCode"], 400);
    assert_eq!(found(&mut cloud, &json!({})), std::slice::from_ref(&own));
    // More tags than a resource may have leave it as it was.
    let many: serde_json::Map<String, Value> = (0..50).map(|n| (format!("k{n}"), json!(""))).collect();
    let failed = get(&mut cloud, "TagResources", &json!({ "ResourceARNList": [own], "Tags": many }));
    assert_eq!(failed["FailedResourcesMap"][&own]["ErrorCode"], "TagLimitExceeded");
    assert_eq!(tags_of(&mut cloud, &own), json!([{ "Key": "a", "Value": "1" }]));
}

#[test]
fn resources_are_found_by_tags_and_types_a_page_at_a_time() {
    let mut cloud = Cloud::new();
    let vpc = cloud.vpc("10.0.0.0/16");
    let mut subnets = Vec::new();
    for place in 0..3 {
        let subnet = cloud.subnet(&vpc, &format!("10.0.{place}.0/24"));
        cloud.ask(&format!("Action=CreateTags&ResourceId.1={subnet}&Tag.1.Key=place&Tag.1.Value={place}")).unwrap();
        subnets.push(arn(&format!("ec2:HERE:subnet/{subnet}")));
    }
    cloud
        .ask(&format!(
            "Action=CreateTags&ResourceId.1={vpc}&Tag.1.Key=place&Tag.1.Value=all&Tag.2.Key=more&Tag.2.Value="
        ))
        .unwrap();
    subnets.sort();
    assert_eq!(found(&mut cloud, &json!({ "ResourceTypeFilters": ["ec2:subnet"] })), subnets);
    assert_eq!(found(&mut cloud, &json!({ "ResourceTypeFilters": ["ec2"] })).len(), 4);
    assert_eq!(found(&mut cloud, &json!({ "ResourceTypeFilters": ["rds", "ec2:vpc"] })).len(), 1);
    let both = json!({ "TagFilters": [{ "Key": "place" }, { "Key": "more" }] });
    assert_eq!(found(&mut cloud, &both), [arn(&format!("ec2:HERE:vpc/{vpc}"))]);
    let values = get(&mut cloud, "GetTagValues", &json!({ "Key": "place" }));
    assert_eq!(values["TagValues"], json!(["0", "1", "2", "all"]));
    let page = get(&mut cloud, "GetResources", &json!({ "ResourcesPerPage": 3 }));
    // The next page does not need the last resource of this one.
    let last = page["ResourceTagMappingList"][2]["ResourceARN"].clone();
    change(&mut cloud, "UntagResources", &json!({ "ResourceARNList": [last], "TagKeys": ["place", "more"] }));
    assert_eq!(page["ResourceTagMappingList"].as_array().map(Vec::len), Some(3));
    let rest =
        get(&mut cloud, "GetResources", &json!({ "ResourcesPerPage": 3, "PaginationToken": page["PaginationToken"] }));
    assert_eq!(
        (rest["ResourceTagMappingList"].as_array().map(Vec::len), &rest["PaginationToken"]),
        (Some(1), &json!(""))
    );
    assert_eq!(found(&mut cloud, &json!({ "TagsPerPage": 100 })).len(), 3);
}

#[test]
fn requests_outside_their_limits_are_refused() {
    let mut cloud = Cloud::new();
    let own = arn("ec2:HERE:vpc/vpc-00000000");
    let many = vec![own.clone(); 21];
    for (action, parameters) in [
        ("GetResources", json!({ "ResourceARNList": [own], "TagFilters": [{ "Key": "a" }] })),
        ("GetResources", json!({ "ResourceARNList": ["tea"] })),
        ("GetResources", json!({ "ResourcesPerPage": 101 })),
        ("GetResources", json!({ "TagsPerPage": 99 })),
        ("GetResources", json!({ "PaginationToken": "tea" })),
        ("GetTagValues", json!({})),
        ("TagResources", json!({ "ResourceARNList": many, "Tags": { "a": "1" } })),
        ("TagResources", json!({ "ResourceARNList": [own], "Tags": {} })),
        ("TagResources", json!({ "ResourceARNList": [own], "Tags": { "aws:a": "1" } })),
        ("TagResources", json!({ "ResourceARNList": ["tea"], "Tags": { "a": "1" } })),
        ("UntagResources", json!({ "ResourceARNList": [own], "TagKeys": [] })),
    ] {
        let (status, refused) = ask(&mut cloud, action, &parameters);
        assert_eq!((status, &refused["__type"]), (400, &json!("InvalidParameterException")), "{action} {parameters}");
    }
    assert_eq!(ask(&mut cloud, "GetComplianceSummary", &json!({})).1["__type"], "UnsupportedOperation");
}

#[test]
fn a_user_needs_permission_here_and_of_the_service() {
    let mut cloud = Cloud::new();
    let (open, closed) = (cloud.vpc("10.0.0.0/16"), cloud.vpc("10.1.0.0/16"));
    let [open, closed] = [open, closed].map(|vpc| arn(&format!("ec2:HERE:vpc/{vpc}")));
    let key = cloud.add_alice();
    let mut policy = |statements: &str| {
        let text = format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#);
        cloud.set_policy_of_alice(&text);
        cloud.account = key;
        let asked = json!({ "ResourceARNList": [open, closed], "Tags": { "a": "1" } });
        ask(&mut cloud, "TagResources", &asked)
    };
    let of_ec2 = format!(r#"{{"Effect":"Allow","Action":"ec2:CreateTags","Resource":"{open}"}}"#);
    assert_eq!(policy(&of_ec2).1["__type"], "AccessDeniedException");
    let (status, reply) = policy(&format!(r#"{{"Effect":"Allow","Action":"tag:*","Resource":"*"}},{of_ec2}"#));
    let failed = &reply["FailedResourcesMap"];
    assert_eq!(
        (status, &failed[&open], &failed[&closed]["ErrorCode"]),
        (200, &Value::Null, &json!("UnauthorizedOperation"))
    );
    assert_eq!(failed[&closed]["StatusCode"], 403);
    assert_eq!(found(&mut cloud, &json!({})), [open]);
}
