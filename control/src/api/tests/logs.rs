use super::*;
use serde_json::json;

/// Asks CloudWatch Logs as its clients do.
fn ask(cloud: &mut Cloud, action: &str, parameters: &Value) -> (u16, Value) {
    cloud.ask_in_json("logs", &format!("Logs_20140328.{action}"), parameters)
}

/// A request that must succeed.
fn get(cloud: &mut Cloud, action: &str, parameters: &Value) -> Value {
    let (status, reply) = ask(cloud, action, parameters);
    assert_eq!(status, 200, "{action} {parameters}: {reply}");
    reply
}

/// The code of an error, and its message.
fn refused(cloud: &mut Cloud, action: &str, parameters: &Value) -> (String, String) {
    let before = format!("{:?}", cloud.model);
    let (status, reply) = ask(cloud, action, parameters);
    assert_eq!((status, &before), (400, &format!("{:?}", cloud.model)), "{action} {parameters}: {reply}");
    ["__type", "message"].map(|member| reply[member].as_str().unwrap_or_default().to_owned()).into()
}

fn code(cloud: &mut Cloud, action: &str, parameters: &Value) -> String {
    refused(cloud, action, parameters).0
}

fn group(name: &str) -> Value {
    json!({ "logGroupName": name })
}

fn arn(name: &str) -> String {
    format!("arn:aws:logs:us-east-1:111122223333:log-group:{name}")
}

fn names<'a>(reply: &'a Value, list: &str, name: &str) -> Vec<&'a str> {
    reply[list].as_array().unwrap().iter().filter_map(|one| one[name].as_str()).collect()
}

#[test]
fn a_log_group_is_described_with_its_settings_until_it_is_deleted() {
    let mut cloud = Cloud::new();
    let key = "arn:aws:kms:us-east-1:111122223333:key/1";
    let new = json!({ "logGroupName": "/shop/flows", "kmsKeyId": key, "logGroupClass": "INFREQUENT_ACCESS" });
    get(&mut cloud, "CreateLogGroup", &new);
    get(&mut cloud, "PutRetentionPolicy", &json!({ "logGroupName": "/shop/flows", "retentionInDays": 30 }));
    let found = get(&mut cloud, "DescribeLogGroups", &json!({ "logGroupNamePrefix": "/shop" }));
    let found = &found["logGroups"][0];
    let created = found["creationTime"].as_u64().unwrap();
    let wanted = json!({
        "logGroupName": "/shop/flows", "creationTime": created, "retentionInDays": 30, "metricFilterCount": 0,
        "arn": format!("{}:*", arn("/shop/flows")), "storedBytes": 0, "kmsKeyId": key,
        "logGroupClass": "INFREQUENT_ACCESS", "logGroupArn": arn("/shop/flows"), "deletionProtectionEnabled": false,
    });
    assert_eq!(*found, wanted);
    get(&mut cloud, "DeleteRetentionPolicy", &group("/shop/flows"));
    get(&mut cloud, "DisassociateKmsKey", &group("/shop/flows"));
    let found = get(&mut cloud, "DescribeLogGroups", &json!({}))["logGroups"][0].clone();
    assert_eq!([&found["retentionInDays"], &found["kmsKeyId"]], [&Value::Null; 2]);
    get(&mut cloud, "AssociateKmsKey", &json!({ "logGroupName": "/shop/flows", "kmsKeyId": key }));
    assert_eq!(get(&mut cloud, "DescribeLogGroups", &json!({}))["logGroups"][0]["kmsKeyId"], key);
    let protect = |on: bool| json!({ "logGroupIdentifier": arn("/shop/flows"), "deletionProtectionEnabled": on });
    get(&mut cloud, "PutLogGroupDeletionProtection", &protect(true));
    assert_eq!(code(&mut cloud, "DeleteLogGroup", &group("/shop/flows")), "ValidationException");
    get(&mut cloud, "PutLogGroupDeletionProtection", &protect(false));
    get(&mut cloud, "DeleteLogGroup", &group("/shop/flows"));
    assert_eq!(get(&mut cloud, "DescribeLogGroups", &json!({}))["logGroups"], json!([]));
    assert_eq!(code(&mut cloud, "DeleteLogGroup", &group("/shop/flows")), "ResourceNotFoundException");
}

#[test]
fn what_a_log_group_cannot_be_is_refused_in_aws_words() {
    let mut cloud = Cloud::new();
    get(&mut cloud, "CreateLogGroup", &group("own"));
    let invalid = "InvalidParameterException";
    let long = "a".repeat(513);
    for (action, parameters, code, words) in [
        ("CreateLogGroup", group("own"), "ResourceAlreadyExistsException", "The specified log group already exists"),
        ("CreateLogGroup", group("a b"), invalid, r"regular expression pattern: [\.\-_/#A-Za-z0-9]+"),
        ("CreateLogGroup", group(&long), invalid, "Member must have length less than or equal to 512"),
        ("CreateLogGroup", json!({}), invalid, "Value null at 'logGroupName' failed"),
        ("CreateLogGroup", group("aws/own"), invalid, "cannot start with aws/"),
        ("CreateLogGroup", json!({ "logGroupName": "x", "logGroupClass": "COLD" }), invalid, "enum value set"),
        ("CreateLogGroup", json!({ "logGroupName": "x", "tags": { "aws:a": "" } }), invalid, "aws:"),
        (
            "PutRetentionPolicy",
            json!({ "logGroupName": "own", "retentionInDays": 2 }),
            invalid,
            "Value '2' at 'retentionInDays' failed to satisfy constraint: Member must satisfy enum value set: [1, 3, 5,",
        ),
        (
            "PutRetentionPolicy",
            json!({ "logGroupName": "none", "retentionInDays": 1 }),
            "ResourceNotFoundException",
            "The specified log group does not exist.",
        ),
        ("AssociateKmsKey", json!({ "kmsKeyId": "k" }), invalid, "Value null at 'logGroupName'"),
        (
            "DescribeLogGroups",
            json!({ "logGroupNamePrefix": "a", "logGroupNamePattern": "b" }),
            invalid,
            "mutually exclusive",
        ),
        (
            "DescribeLogGroups",
            json!({ "limit": 51 }),
            invalid,
            "Value '51' at 'limit' failed to satisfy constraint: Member must have value less",
        ),
    ] {
        let (found, message) = refused(&mut cloud, action, &parameters);
        assert!(found == code && message.contains(words), "{action} {parameters}: {found}: {message}");
    }
    assert_eq!(code(&mut cloud, "PutLogEvents", &group("own")), "UnsupportedOperation");
}

#[test]
fn log_groups_are_found_by_parts_of_their_names_a_page_at_a_time() {
    let mut cloud = Cloud::new();
    for name in ["/app/web", "/app/db", "/sys/web", "top"] {
        get(&mut cloud, "CreateLogGroup", &group(name));
    }
    let found = |cloud: &mut Cloud, asked: Value| {
        names(&get(cloud, "DescribeLogGroups", &asked), "logGroups", "logGroupName").join(" ")
    };
    for (asked, wanted) in [
        (json!({}), "/app/db /app/web /sys/web top"),
        (json!({ "logGroupNamePrefix": "/app/" }), "/app/db /app/web"),
        (json!({ "logGroupNamePattern": "web" }), "/app/web /sys/web"),
        (json!({ "logGroupNamePattern": "Web" }), ""),
        (json!({ "logGroupIdentifiers": ["top", arn("/app/db")] }), "/app/db top"),
        (json!({ "logGroupClass": "DELIVERY" }), ""),
    ] {
        assert_eq!(found(&mut cloud, asked.clone()), wanted, "{asked}");
    }
    let page = get(&mut cloud, "DescribeLogGroups", &json!({ "limit": 3 }));
    // Whoever deletes what a page shows finds the rest on the next one.
    get(&mut cloud, "DeleteLogGroup", &group("/sys/web"));
    let rest = get(&mut cloud, "DescribeLogGroups", &json!({ "limit": 3, "nextToken": page["nextToken"] }));
    assert_eq!((names(&rest, "logGroups", "logGroupName"), &rest["nextToken"]), (vec!["top"], &Value::Null));
}

#[test]
fn streams_belong_to_a_log_group() {
    let mut cloud = Cloud::new();
    let stream = |name: &str| json!({ "logGroupName": "own", "logStreamName": name });
    assert_eq!(code(&mut cloud, "CreateLogStream", &stream("a")), "ResourceNotFoundException");
    get(&mut cloud, "CreateLogGroup", &group("own"));
    get(&mut cloud, "CreateLogGroup", &group("own2"));
    for name in ["b", "a", "c"] {
        get(&mut cloud, "CreateLogStream", &stream(name));
    }
    assert_eq!(code(&mut cloud, "CreateLogStream", &stream("a")), "ResourceAlreadyExistsException");
    assert_eq!(code(&mut cloud, "CreateLogStream", &stream("a:b")), "InvalidParameterException");
    let found = |cloud: &mut Cloud, more: Value| {
        let mut asked = group("own");
        asked.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        names(&get(cloud, "DescribeLogStreams", &asked), "logStreams", "logStreamName").join(" ")
    };
    assert_eq!(found(&mut cloud, json!({})), "a b c");
    assert_eq!(found(&mut cloud, json!({ "logStreamNamePrefix": "b" })), "b");
    let newest = json!({ "orderBy": "LastEventTime", "descending": true, "limit": 2 });
    assert_eq!(found(&mut cloud, newest), "c b");
    assert_eq!(found(&mut cloud, json!({ "descending": true, "limit": 2, "nextToken": "b" })), "a");
    let both = json!({ "logGroupIdentifier": arn("own"), "orderBy": "LastEventTime", "logStreamNamePrefix": "a" });
    assert_eq!(code(&mut cloud, "DescribeLogStreams", &both), "InvalidParameterException");
    assert_eq!(code(&mut cloud, "DescribeLogStreams", &json!({})), "InvalidParameterException");
    get(&mut cloud, "DeleteLogStream", &stream("b"));
    assert_eq!(code(&mut cloud, "DeleteLogStream", &stream("b")), "ResourceNotFoundException");
    let of = get(&mut cloud, "DescribeLogStreams", &json!({ "logGroupIdentifier": arn("own") }));
    assert_eq!(of["logStreams"][0]["arn"], format!("{}:log-stream:a", arn("own")));
    get(&mut cloud, "DeleteLogGroup", &group("own"));
    assert!(cloud.model.log_streams.is_empty());
}

#[test]
fn services_have_policies_of_which_there_are_ten() {
    let mut cloud = Cloud::new();
    let document = r#"{"Version":"2012-10-17","Statement":[]}"#;
    let put = |name: &str, document: &str| json!({ "policyName": name, "policyDocument": document });
    let made = get(&mut cloud, "PutResourcePolicy", &put("route53", "{}"));
    assert_eq!(made["resourcePolicy"]["policyName"], "route53");
    get(&mut cloud, "PutResourcePolicy", &put("route53", document));
    let all = get(&mut cloud, "DescribeResourcePolicies", &json!({ "policyScope": "ACCOUNT" }));
    assert_eq!(names(&all, "resourcePolicies", "policyDocument"), [document]);
    assert_eq!(code(&mut cloud, "PutResourcePolicy", &put("x", "tea")), "InvalidParameterException");
    assert_eq!(code(&mut cloud, "PutResourcePolicy", &json!({ "policyName": "x" })), "InvalidParameterException");
    for number in 1..10 {
        get(&mut cloud, "PutResourcePolicy", &put(&number.to_string(), document));
    }
    assert_eq!(code(&mut cloud, "PutResourcePolicy", &put("x", document)), "LimitExceededException");
    get(&mut cloud, "DeleteResourcePolicy", &json!({ "policyName": "route53" }));
    assert_eq!(
        code(&mut cloud, "DeleteResourcePolicy", &json!({ "policyName": "route53" })),
        "ResourceNotFoundException"
    );
}

#[test]
fn the_actions_for_tags_and_the_older_ones_change_the_same_tags() {
    let mut cloud = Cloud::new();
    get(&mut cloud, "CreateLogGroup", &json!({ "logGroupName": "own", "tags": { "a.b": "1", "c": "" } }));
    let by_arn = json!({ "resourceArn": arn("own") });
    assert_eq!(get(&mut cloud, "ListTagsForResource", &by_arn), json!({ "tags": { "a.b": "1", "c": "" } }));
    get(&mut cloud, "TagResource", &json!({ "resourceArn": arn("own"), "tags": { "a.b": "2", "d": "3" } }));
    get(&mut cloud, "TagLogGroup", &json!({ "logGroupName": "own", "tags": { "e": "4" } }));
    get(&mut cloud, "UntagResource", &json!({ "resourceArn": arn("own"), "tagKeys": ["c", "none"] }));
    get(&mut cloud, "UntagLogGroup", &json!({ "logGroupName": "own", "tags": ["d"] }));
    assert_eq!(get(&mut cloud, "ListTagsLogGroup", &group("own")), json!({ "tags": { "a.b": "2", "e": "4" } }));
    let many: serde_json::Map<String, Value> = (0..51).map(|n| (n.to_string(), json!(""))).collect();
    let many = json!({ "resourceArn": arn("own"), "tags": many });
    assert_eq!(code(&mut cloud, "TagResource", &many), "TooManyTagsException");
    for (resource, wanted) in [
        (arn("none"), "ResourceNotFoundException"),
        (arn("own").replace("us-east-1", "us-west-2"), "ResourceNotFoundException"),
        ("own".to_owned(), "InvalidParameterException"),
    ] {
        assert_eq!(code(&mut cloud, "ListTagsForResource", &json!({ "resourceArn": resource })), wanted);
    }
}

#[test]
fn policies_name_log_groups_by_arn_and_by_tag() {
    let mut cloud = Cloud::new();
    for (name, owner) in [("theirs", "bob"), ("shared", "alice")] {
        get(&mut cloud, "CreateLogGroup", &json!({ "logGroupName": name, "tags": { "owner": owner } }));
    }
    let key = cloud.add_alice();
    let policy = r#"{"Version":"2012-10-17","Statement":[
        {"Effect":"Allow","Action":"logs:CreateLog*",
         "Resource":"arn:aws:logs:us-east-1:111122223333:log-group:hers:*"},
        {"Effect":"Allow","Action":"logs:TagResource",
         "Resource":"arn:aws:logs:us-east-1:111122223333:log-group:hers",
         "Condition":{"StringEquals":{"aws:RequestTag/team":"web"},"ForAllValues:StringEquals":{"aws:TagKeys":"team"}}},
        {"Effect":"Allow","Action":"logs:DescribeLogGroups",
         "Resource":"arn:aws:logs:us-east-1:111122223333:log-group::log-stream:*"},
        {"Effect":"Allow","Action":"logs:DeleteLogGroup","Resource":"*",
         "Condition":{"StringEquals":{"aws:ResourceTag/owner":"alice"}}}]}"#;
    cloud.set_policy_of_alice(policy);
    cloud.account = key;
    let denied = "AccessDeniedException";
    let tagged = |tags: Value| json!({ "logGroupName": "hers", "tags": tags });
    assert_eq!(code(&mut cloud, "CreateLogGroup", &group("other")), denied);
    assert_eq!(code(&mut cloud, "CreateLogGroup", &tagged(json!({ "team": "db" }))), denied);
    assert_eq!(code(&mut cloud, "CreateLogGroup", &tagged(json!({ "team": "web", "more": "" }))), denied);
    get(&mut cloud, "CreateLogGroup", &tagged(json!({ "team": "web" })));
    get(&mut cloud, "CreateLogStream", &json!({ "logGroupName": "hers", "logStreamName": "a" }));
    get(&mut cloud, "DescribeLogGroups", &json!({ "logGroupNamePrefix": "the" }));
    for (action, parameters) in [
        ("CreateLogStream", json!({ "logGroupName": "theirs", "logStreamName": "a" })),
        ("TagLogGroup", tagged(json!({ "team": "web" }))),
        ("UntagResource", json!({ "resourceArn": arn("hers"), "tagKeys": ["team"] })),
        ("DeleteLogGroup", group("theirs")),
    ] {
        assert_eq!(code(&mut cloud, action, &parameters), denied, "{action}");
    }
    get(&mut cloud, "DeleteLogGroup", &group("shared"));
}

#[test]
fn each_account_and_region_has_its_own_log_groups() {
    let mut cloud = Cloud::new();
    get(&mut cloud, "CreateLogGroup", &group("own"));
    cloud.account = "444455556666";
    assert_eq!(code(&mut cloud, "DeleteLogGroup", &group("own")), "ResourceNotFoundException");
    get(&mut cloud, "CreateLogGroup", &group("own"));
    assert_eq!(names(&get(&mut cloud, "DescribeLogGroups", &json!({})), "logGroups", "logGroupName"), ["own"]);
}
