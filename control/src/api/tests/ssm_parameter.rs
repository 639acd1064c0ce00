use super::ssm::ask;
use super::*;
use serde_json::json;

/// A request that must succeed.
fn get(cloud: &mut Cloud, action: &str, parameters: &Value) -> Value {
    let (status, reply) = ask(cloud, action, parameters);
    assert_eq!(status, 200, "{action} {parameters}: {reply}");
    reply
}

/// The code of an error.
fn code(cloud: &mut Cloud, action: &str, parameters: &Value) -> String {
    let before = format!("{:?}", cloud.model);
    let (status, reply) = ask(cloud, action, parameters);
    assert_eq!(before, format!("{:?}", cloud.model), "an error changes nothing");
    if status == 200 { "ok".to_owned() } else { reply["__type"].as_str().unwrap_or_default().to_owned() }
}

fn text(name: &str, value: &str) -> Value {
    json!({ "Name": name, "Value": value, "Type": "String" })
}

fn names(reply: &Value) -> Vec<&str> {
    reply["Parameters"].as_array().unwrap().iter().filter_map(|one| one["Name"].as_str()).collect()
}

#[test]
fn a_parameter_has_versions_which_are_read_by_number_and_label() {
    let mut cloud = Cloud::new();
    let made = get(&mut cloud, "PutParameter", &text("/net/vpc", "vpc-1"));
    assert_eq!(made, json!({ "Version": 1, "Tier": "Standard" }));
    assert_eq!(code(&mut cloud, "PutParameter", &text("/net/vpc", "vpc-2")), "ParameterAlreadyExists");
    let new = json!({ "Name": "/net/vpc", "Value": "vpc-2", "Overwrite": true, "Description": "The second" });
    assert_eq!(get(&mut cloud, "PutParameter", &new)["Version"], 2);
    let labels = json!({ "Name": "/net/vpc", "ParameterVersion": 1, "Labels": ["live", "live", "1st", "aws-own"] });
    let labelled = get(&mut cloud, "LabelParameterVersion", &labels);
    assert_eq!(labelled, json!({ "InvalidLabels": ["1st", "aws-own"], "ParameterVersion": 1 }));
    let arn = "arn:aws:ssm:us-east-1:111122223333:parameter/net/vpc";
    for (name, value, selector) in [
        ("/net/vpc".to_owned(), "vpc-2", Value::Null),
        ("/net/vpc:1".to_owned(), "vpc-1", json!(":1")),
        ("/net/vpc:live".to_owned(), "vpc-1", json!(":live")),
        (format!("{arn}:2"), "vpc-2", json!(":2")),
    ] {
        let found = get(&mut cloud, "GetParameter", &json!({ "Name": name }))["Parameter"].clone();
        assert_eq!((&found["Value"], &found["Selector"]), (&json!(value), &selector), "{name}");
        assert_eq!(
            (&found["ARN"], &found["Name"], &found["DataType"]),
            (&json!(arn), &json!("/net/vpc"), &json!("text"))
        );
    }
    assert_eq!(code(&mut cloud, "GetParameter", &json!({ "Name": "/net/vpc:9" })), "ParameterVersionNotFound");
    for (own, other) in [("us-east-1", "us-west-2"), ("111122223333", "444455556666")] {
        let elsewhere = json!({ "Name": arn.replace(own, other) });
        assert_eq!(code(&mut cloud, "GetParameter", &elsewhere), "ParameterNotFound", "{elsewhere}");
        assert_eq!(code(&mut cloud, "GetParameterHistory", &elsewhere), "ParameterNotFound", "{elsewhere}");
    }
    let history = get(&mut cloud, "GetParameterHistory", &json!({ "Name": "/net/vpc" }));
    let history = history["Parameters"].as_array().unwrap();
    assert_eq!([&history[0]["Labels"], &history[1]["Labels"]], [&json!(["live"]), &json!([])]);
    assert_eq!(history[1]["Description"], "The second");
    assert_eq!(history[1]["LastModifiedUser"], "arn:aws:iam::111122223333:root");
    let moved = json!({ "Name": "/net/vpc", "Labels": ["live"] });
    assert_eq!(get(&mut cloud, "LabelParameterVersion", &moved)["ParameterVersion"], 2);
    assert_eq!(get(&mut cloud, "GetParameter", &json!({ "Name": "/net/vpc:live" }))["Parameter"]["Value"], "vpc-2");
    let off = json!({ "Name": "/net/vpc", "ParameterVersion": 2, "Labels": ["live", "other"] });
    let off = get(&mut cloud, "UnlabelParameterVersion", &off);
    assert_eq!(off, json!({ "RemovedLabels": ["live"], "InvalidLabels": ["other"] }));
    get(&mut cloud, "DeleteParameter", &json!({ "Name": "/net/vpc" }));
    assert_eq!(code(&mut cloud, "DeleteParameter", &json!({ "Name": "/net/vpc" })), "ParameterNotFound");
}

#[test]
fn of_a_hundred_versions_the_oldest_goes_unless_it_has_a_label() {
    let mut cloud = Cloud::new();
    let next = json!({ "Name": "n", "Value": "v", "Type": "String", "Overwrite": true });
    for _ in 0..101 {
        get(&mut cloud, "PutParameter", &next);
    }
    assert_eq!(code(&mut cloud, "GetParameter", &json!({ "Name": "n:1" })), "ParameterVersionNotFound");
    let page = get(&mut cloud, "GetParameterHistory", &json!({ "Name": "n" }));
    let rest = get(&mut cloud, "GetParameterHistory", &json!({ "Name": "n", "NextToken": page["NextToken"] }));
    let versions = [page, rest].map(|page| page["Parameters"].as_array().unwrap().clone()).concat();
    assert!(versions.iter().map(|one| one["Version"].as_i64()).eq((2..=101).map(Some)), "{versions:?}");
    let keep = json!({ "Name": "n", "ParameterVersion": 2, "Labels": ["keep"] });
    get(&mut cloud, "LabelParameterVersion", &keep);
    assert_eq!(code(&mut cloud, "PutParameter", &next), "ParameterMaxVersionLimitExceeded");
}

#[test]
fn a_secure_string_is_shown_only_when_it_is_decrypted() {
    let mut cloud = Cloud::new();
    let put = json!({ "Name": "/db/password", "Value": "secret", "Type": "SecureString" });
    get(&mut cloud, "PutParameter", &put);
    let read = |cloud: &mut Cloud, decrypted: bool| {
        let asked = json!({ "Path": "/db", "WithDecryption": decrypted });
        get(cloud, "GetParametersByPath", &asked)["Parameters"][0]["Value"].as_str().unwrap().to_owned()
    };
    assert_eq!(read(&mut cloud, true), "secret");
    assert!(!read(&mut cloud, false).contains("secret"));
    let described = get(&mut cloud, "DescribeParameters", &json!({}));
    assert_eq!(described["Parameters"][0]["KeyId"], "alias/aws/ssm");
    assert!(!described.to_string().contains("\"secret\""));
}

#[test]
fn what_a_parameter_cannot_be_is_refused_as_aws_does() {
    let mut cloud = Cloud::new();
    get(&mut cloud, "PutParameter", &text("plain", "x"));
    let put = |more: Value| {
        let mut all = text("new", "x");
        all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        all
    };
    let advanced = json!({ "Tier": "Advanced", "Value": "x".repeat(4097), "Name": "large" });
    get(&mut cloud, "PutParameter", &put(advanced));
    let expires = r#"[{"Type":"Expiration","Version":"1.0","Attributes":{"Timestamp":"2030-01-01T00:00:00.000Z"}}]"#;
    for (more, wanted) in [
        (json!({ "Type": null }), "ValidationException"),
        (json!({ "Type": "Number" }), "ValidationException"),
        (json!({ "Name": "/aws/new" }), "AccessDeniedException"),
        (json!({ "Name": "ssm-new" }), "ValidationException"),
        (json!({ "Name": "a/b" }), "ValidationException"),
        (json!({ "Name": "/a".repeat(16) }), "HierarchyLevelLimitExceededException"),
        (json!({ "Value": "" }), "ValidationException"),
        (json!({ "Value": "x".repeat(4097) }), "ValidationException"),
        (json!({ "Value": "x".repeat(4097), "AllowedPattern": "(" }), "ValidationException"),
        (json!({ "Tier": "Advanced", "Value": "x".repeat(8193) }), "ValidationException"),
        (json!({ "KeyId": "alias/mine" }), "ValidationException"),
        (json!({ "DataType": "number" }), "ValidationException"),
        (json!({ "AllowedPattern": "(" }), "InvalidAllowedPatternException"),
        (json!({ "AllowedPattern": "[0-9]+" }), "ParameterPatternMismatchException"),
        (json!({ "Policies": expires }), "ValidationException"),
        (json!({ "Tier": "Advanced", "Policies": format!("[{}]", " ".repeat(4095)) }), "ValidationException"),
        (json!({ "Type": "SecureString", "KeyId": "k".repeat(257) }), "ValidationException"),
        (json!({ "Tier": "Advanced", "Policies": "{}" }), "InvalidPolicyAttributeException"),
        (json!({ "Tier": "Advanced", "Policies": r#"[{"Type":"Tea"}]"# }), "InvalidPolicyTypeException"),
        (json!({ "Overwrite": true, "Tags": [{ "Key": "a", "Value": "b" }] }), "ValidationException"),
        (json!({ "Name": "plain", "Overwrite": true, "Type": "StringList" }), "HierarchyTypeMismatchException"),
        (json!({ "Name": "large", "Overwrite": true, "Tier": "Standard" }), "ValidationException"),
        (json!({ "Tags": [{ "Key": "aws:a", "Value": "b" }] }), "ValidationException"),
    ] {
        assert_eq!(code(&mut cloud, "PutParameter", &put(more.clone())), wanted, "{more}");
    }
    get(&mut cloud, "PutParameter", &put(json!({ "Name": "host", "AllowedPattern": r"[\w.-]{1,256}" })));
    let intelligent = put(json!({ "Tier": "Intelligent-Tiering", "Policies": expires }));
    assert_eq!(get(&mut cloud, "PutParameter", &intelligent)["Tier"], "Advanced");
    let wanted = json!({ "ParameterFilters": [{ "Key": "Name", "Values": ["new"] }] });
    let described = get(&mut cloud, "DescribeParameters", &wanted);
    assert_eq!(described["Parameters"][0]["Policies"][0]["PolicyType"], "Expiration");
}

#[test]
fn parameters_are_found_by_path_and_by_filters() {
    let mut cloud = Cloud::new();
    for name in ["top", "/net/vpc", "/net/subnets/a", "/net/subnets/b", "/network"] {
        let mut put = text(name, "x");
        put["Tags"] = json!([{ "Key": "env", "Value": if name == "top" { "prod" } else { "test" } }]);
        get(&mut cloud, "PutParameter", &put);
    }
    let below = |cloud: &mut Cloud, asked: Value| {
        let found = get(cloud, "GetParametersByPath", &asked);
        names(&found).join(" ")
    };
    assert_eq!(below(&mut cloud, json!({ "Path": "/net" })), "/net/vpc");
    let all = "/net/subnets/a /net/subnets/b /net/vpc";
    assert_eq!(below(&mut cloud, json!({ "Path": "/net/", "Recursive": true })), all);
    assert_eq!(code(&mut cloud, "GetParametersByPath", &json!({ "Path": "net" })), "ValidationException");
    let filtered = |cloud: &mut Cloud, filter: Value| {
        let found = get(cloud, "DescribeParameters", &json!({ "ParameterFilters": [filter] }));
        names(&found).join(" ")
    };
    for (filter, wanted) in [
        (json!({ "Key": "Name", "Values": ["/net/vpc"] }), "/net/vpc"),
        (json!({ "Key": "Name", "Option": "BeginsWith", "Values": ["net/s"] }), "/net/subnets/a /net/subnets/b"),
        (json!({ "Key": "Name", "Option": "Contains", "Values": ["etw"] }), "/network"),
        (json!({ "Key": "Path", "Values": ["/"] }), "/network top"),
        (json!({ "Key": "Path", "Option": "Recursive", "Values": ["/net/subnets"] }), "/net/subnets/a /net/subnets/b"),
        (json!({ "Key": "tag:env", "Values": ["prod"] }), "top"),
        (json!({ "Key": "Type", "Values": ["StringList"] }), ""),
    ] {
        assert_eq!(filtered(&mut cloud, filter.clone()), wanted, "{filter}");
    }
    let wrong = |filter: Value| json!({ "ParameterFilters": [filter] });
    for (filter, wanted) in [
        (json!({ "Key": "Colour", "Values": ["red"] }), "InvalidFilterKey"),
        (json!({ "Key": "Name", "Option": "Like", "Values": ["x"] }), "InvalidFilterOption"),
        (json!({ "Key": "Name" }), "InvalidFilterValue"),
    ] {
        assert_eq!(code(&mut cloud, "DescribeParameters", &wrong(filter)), wanted);
    }
    let page = get(&mut cloud, "DescribeParameters", &json!({ "MaxResults": 3 }));
    get(&mut cloud, "DeleteParameter", &json!({ "Name": names(&page)[2] }));
    let rest = json!({ "MaxResults": 3, "NextToken": page["NextToken"] });
    let rest = get(&mut cloud, "DescribeParameters", &rest);
    assert_eq!((names(&page).len(), names(&rest).len(), &rest["NextToken"]), (3, 2, &Value::Null));
    let gone = get(&mut cloud, "DeleteParameters", &json!({ "Names": ["top", "none"] }));
    assert_eq!(gone, json!({ "DeletedParameters": ["top"], "InvalidParameters": ["none"] }));
}

#[test]
fn parameters_have_tags_and_no_host_has_an_agent() {
    let mut cloud = Cloud::new();
    get(&mut cloud, "PutParameter", &text("/net/vpc", "x"));
    let of = json!({ "ResourceType": "Parameter", "ResourceId": "/net/vpc" });
    let with = |name: &str, value: Value| {
        let mut all = of.clone();
        all[name] = value;
        all
    };
    get(
        &mut cloud,
        "AddTagsToResource",
        &with("Tags", json!([{ "Key": "a", "Value": "" }, { "Key": "b", "Value": "1" }])),
    );
    get(&mut cloud, "RemoveTagsFromResource", &with("TagKeys", json!(["b", "c"])));
    assert_eq!(get(&mut cloud, "ListTagsForResource", &of)["TagList"], json!([{ "Key": "a", "Value": "" }]));
    let missing = with("ResourceId", json!("none"));
    assert_eq!(code(&mut cloud, "ListTagsForResource", &missing), "InvalidResourceId");
    let other = with("ResourceType", json!("Document"));
    assert_eq!(code(&mut cloud, "ListTagsForResource", &other), "InvalidResourceType");
    let many: Vec<Value> = (0..51).map(|n| json!({ "Key": n.to_string(), "Value": "" })).collect();
    assert_eq!(code(&mut cloud, "AddTagsToResource", &with("Tags", json!(many))), "TooManyTagsError");
    let none = get(&mut cloud, "DescribeInstanceInformation", &json!({}));
    assert_eq!(none["InstanceInformationList"], json!([]));
}

#[test]
fn policies_name_parameters_by_arn_and_by_tag() {
    let mut cloud = Cloud::new();
    let account = cloud.account;
    get(&mut cloud, "PutParameter", &text("/theirs/vpc", "x"));
    let key = cloud.add_alice();
    let policy = r#"{"Version":"2012-10-17","Statement":[
        {"Effect":"Allow","Action":["ssm:PutParameter","ssm:GetParameter"],
         "Resource":"arn:aws:ssm:us-east-1:111122223333:parameter/hers/*"},
        {"Effect":"Allow","Action":"ssm:DeleteParameter","Resource":"*",
         "Condition":{"StringEquals":{"aws:ResourceTag/owner":"alice"}}}]}"#;
    cloud.set_policy_of_alice(policy);
    cloud.account = key;
    assert_eq!(code(&mut cloud, "PutParameter", &text("/theirs/new", "x")), "AccessDeniedException");
    assert_eq!(code(&mut cloud, "GetParameter", &json!({ "Name": "/theirs/vpc:1" })), "AccessDeniedException");
    let mut tagged = text("/hers/vpc", "x");
    tagged["Tags"] = json!([{ "Key": "owner", "Value": "alice" }]);
    assert_eq!(code(&mut cloud, "PutParameter", &tagged), "AccessDeniedException", "she may not tag");
    get(&mut cloud, "PutParameter", &text("/hers/vpc", "x"));
    let own = json!({ "Name": "/hers/vpc" });
    get(&mut cloud, "GetParameter", &own);
    assert_eq!(code(&mut cloud, "DeleteParameter", &own), "AccessDeniedException", "it has no such tag");
    cloud.account = account;
    let tags = json!({ "ResourceType": "Parameter", "ResourceId": "/hers/vpc", "Tags": [{ "Key": "owner", "Value": "alice" }] });
    get(&mut cloud, "AddTagsToResource", &tags);
    cloud.account = key;
    get(&mut cloud, "DeleteParameter", &own);
}
