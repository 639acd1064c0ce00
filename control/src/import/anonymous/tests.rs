//! Anonymised exports.

use super::*;
use proptest::prelude::*;
use serde_json::json;

#[test]
fn equal_values_get_equal_replacements_and_nothing_remains() {
    let content = json!({
        "OwnerId": "123456789012", "Arn": "arn:aws:ec2:us-east-1:123456789012:vpc/vpc-11111111", "GroupName": "payroll",
        "Description": "of Jane", "Tags": [{"Key": "Name", "Value": "payroll-db"}, {"Key": "Boss", "Value": "Jane"}],
        "PublicIp": "52.95.110.1", "CidrIp": "52.95.110.1/32", "PrivateIpAddress": "10.0.0.5", "VpcId": "vpc-11111111",
    });
    let mut files = vec![File { path: "123456789012/us-east-1/x.json".into(), content }];
    Anonymous::default().files(&mut files);
    let File { path, content } = &files[0];
    let text = content.to_string();
    for secret in ["123456789012", "payroll", "Jane", "Boss", "52.95.110.1\""] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
    let account = content["OwnerId"].as_str().unwrap();
    assert_eq!(path.to_str().unwrap(), format!("{account}/us-east-1/x.json"));
    assert_eq!(content["Arn"], format!("arn:aws:ec2:us-east-1:{account}:vpc/vpc-11111111"));
    assert_eq!(content["CidrIp"], format!("{}/32", content["PublicIp"].as_str().unwrap()));
    assert_eq!((&content["PrivateIpAddress"], &content["VpcId"]), (&json!("10.0.0.5"), &json!("vpc-11111111")));
}

/// A document after anonymisation.
fn anonymised(content: Json) -> Json {
    let mut files = vec![File { path: "x.json".into(), content }];
    Anonymous::default().files(&mut files);
    files[0].content.clone()
}

#[test]
fn groups_of_ec2_classic_have_one_name_wherever_they_stand() {
    let told = anonymised(json!([
        {"GroupName": "payroll"},
        {"SecurityGroups": ["payroll", "default", "sg-903004f8"]},
        {"SecurityGroups": [{"GroupId": "sg-903004f8", "GroupName": "payroll"}]},
        {"SecurityGroups": [{"Ref": "Own"}, {"Fn::If": ["C", "sg-903004f8", {"Ref": "Own"}]}]},
    ]));
    let name = &told[0]["GroupName"];
    assert_ne!(name, "payroll");
    assert_eq!(told[1]["SecurityGroups"], json!([name, "default", "sg-903004f8"]));
    assert_eq!(told[2]["SecurityGroups"], json!([{"GroupId": "sg-903004f8", "GroupName": name}]));
    assert_eq!(told[3]["SecurityGroups"][0], json!({"Ref": "Own"}));
    assert_eq!(told[3]["SecurityGroups"][1], json!({"Fn::If": ["C", "sg-903004f8", {"Ref": "Own"}]}));
}

#[test]
fn a_placement_group_has_one_name_wherever_it_stands() {
    let told = anonymised(json!([
        {"PlacementGroups": [{"GroupId": "pg-903004f8", "GroupName": "payroll"}]},
        {"Placement": {"GroupName": "payroll"}},
        {"PlacementGroup": "payroll"},
        {"PlacementGroupName": "payroll"},
    ]));
    let name = &told[0]["PlacementGroups"][0]["GroupName"];
    assert!(name != "payroll" && [&told[1]["Placement"]["GroupName"], &told[2]["PlacementGroup"]] == [name; 2]);
    assert_eq!(&told[3]["PlacementGroupName"], name);
}

#[test]
fn names_in_dhcp_options_go_and_what_is_the_platforms_stays() {
    let option = |key: &str, value: &str| json!({"Key": key, "Values": [{"Value": value}]});
    let told =
        anonymised(json!([option("domain-name", "payroll.example.com"), option("domain-name-servers", "52.95.110.1")]));
    assert!(!told.to_string().contains("payroll") && !told.to_string().contains("52.95.110.1"), "{told}");
    assert_eq!(told[0]["Key"], "domain-name");
    for (key, value) in [
        ("domain-name", "eu-west-1.compute.internal"),
        ("domain-name-servers", "AmazonProvidedDNS"),
        ("domain-name-servers", "10.0.0.2"),
        ("netbios-node-type", "2"),
    ] {
        assert_eq!(anonymised(option(key, value)), option(key, value));
    }
}

#[test]
fn destinations_of_flow_logs_keep_their_form_without_their_names() {
    let told = anonymised(json!([
        {"LogGroupName": "payroll", "DeliverLogsPermissionArn": "arn:aws:iam::123456789012:role/payroll"},
        {"LogDestination": "arn:aws:logs:us-east-1:123456789012:log-group:payroll:*"},
        {"LogDestination": "arn:aws:s3:::payroll/flows"},
        {"LogDestination": "arn:aws:firehose:us-east-1:123456789012:deliverystream/payroll"},
    ]));
    let text = told.to_string();
    assert!(!text.contains("payroll") && !text.contains("123456789012"), "{text}");
    let group = told[0]["LogGroupName"].as_str().unwrap();
    assert!(told[1]["LogDestination"].as_str().unwrap().ends_with(&format!(":log-group:{group}:*")), "{text}");
    assert!(text.contains("arn:aws:s3:::logs-") && text.contains(":deliverystream/logs-"), "{text}");
}

#[test]
fn names_of_what_a_load_balancer_has_go() {
    let told = anonymised(json!({
        "HealthCheck": {"Target": "HTTP:80/payroll"},
        "Policies": {"AppCookieStickinessPolicies": [{"PolicyName": "payroll", "CookieName": "payroll"}]},
        "ListenerDescriptions": [{"PolicyNames": ["payroll"]}],
    }));
    assert!(!told.to_string().contains("payroll"), "{told}");
    assert!(told["HealthCheck"]["Target"].as_str().unwrap().starts_with("HTTP:80/path-"));
    let policy = &told["Policies"]["AppCookieStickinessPolicies"][0]["PolicyName"];
    assert_eq!(&told["ListenerDescriptions"][0]["PolicyNames"][0], policy);
    assert_eq!(anonymised(json!({"Target": "TCP:80"})), json!({"Target": "TCP:80"}));
}

#[test]
fn names_of_users_keys_and_load_balancers_go_from_endpoints() {
    let told = anonymised(json!([
        {"KeyName": "payroll", "PublicKey": "ssh-rsa AAAA payroll", "KeyFingerprint": "12:34"},
        {"Principal": "arn:aws:iam::123456789012:user/payroll"},
        {"Principal": "arn:aws:iam::123456789012:root"},
        {"NetworkLoadBalancerArns": [
            "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/net/payroll/50dc6c495c0c9188"]},
        {"ClientVpnEndpointId": "cvpn-endpoint-903004f8", "GroupId": "payroll", "AccessAll": false},
        {"GroupId": "sg-903004f8"},
        {"ImageId": "ami-903004f8", "Name": "payroll", "ImageLocation": "123456789012/payroll"},
        {"ConnectionLogOptions": {"CloudwatchLogGroup": "payroll"}, "ClientLoginBannerOptions": {"BannerText": "payroll"}},
    ]));
    let text = told.to_string();
    assert!(!text.contains("payroll") && !text.contains("123456789012"), "{text}");
    let name = told[0]["KeyName"].as_str().unwrap();
    assert!(text.contains(&format!(":loadbalancer/net/{name}/50dc6c495c0c9188")), "{text}");
    assert!(text.contains(&format!(":user/{name}")) && text.contains(":root"), "{text}");
    assert_eq!(told[5], json!({"GroupId": "sg-903004f8"}));
}

#[test]
fn values_of_parameters_stay_if_they_are_numbers_or_the_engines_words() {
    let parameter = |name: &str, value: &str, allowed: &str| json!({"ParameterName": name, "ParameterValue": value, "AllowedValues": allowed});
    let kept =
        [parameter("max_connections", "7", "1-16000"), parameter("character_set_server", "utf8", "latin1, utf8")];
    let said = parameter("init_connect", "SET @owner = 'payroll'", "");
    let mut files = vec![File {
        path: "x.json".into(),
        content: json!([kept[0], kept[1], said, {"Resources": {
        "A": {"Type": "AWS::RDS::DBParameterGroup", "Properties": {"Family": "mysql8.0",
            "Parameters": {"max_connections": 7, "init_connect": "payroll"}}},
        "B": {"Type": "AWS::ElastiCache::ParameterGroup", "Properties": {"CacheParameterGroupFamily": "redis3.2",
            "Properties": {"timeout": "20", "notify": "payroll"}}}}}]),
    }];
    let mut anonymous = Anonymous::default();
    anonymous.files(&mut files);
    let told = &files[0].content;
    assert!(!told.to_string().contains("payroll"), "{told}");
    assert_eq!((&told[0], &told[1]), (&kept[0], &kept[1]));
    assert_eq!(told[3]["Resources"]["A"]["Properties"]["Parameters"], json!({"max_connections": 7}));
    assert_eq!(told[3]["Resources"]["B"]["Properties"]["Properties"], json!({"timeout": "20"}));
    assert_eq!(anonymous.left_out().collect::<Vec<_>>(), [OF_PARAMETERS]);
}

#[test]
fn names_in_templates_endpoints_policies_and_arns_go() {
    let told = anonymised(json!([
        {"AccessGroupId": "payroll", "TargetNetworkCidr": "10.0.0.0/16"},
        {"GroupId": "sg-payroll", "AccessAll": false},
        {"AllowedPrincipals": ["arn:aws:iam::123456789012:user/payroll", {"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:user/payroll"}]},
        {"Target": {"Fn::Join": ["", ["HTTP:", {"Ref": "Port"}, "/payroll"]]}},
        {"KeyName": "payroll", "PublicKeyMaterial": "ssh-ed25519 AAAA payroll"},
        {"FederatedAuthentication": {"SAMLProviderArn": "arn:aws:iam::123456789012:saml-provider/payroll"}},
        {"GroupName": "payroll", "GroupArn": "arn:aws:ec2:us-east-1:123456789012:placement-group/payroll"},
        {"CapacityReservationId": "cr-903004f8", "PlacementGroupArn": "arn:aws:ec2:us-east-1:123456789012:placement-group/payroll"},
        {"CustomizedMetricSpecification": {"MetricName": "payroll", "Namespace": "payroll", "Statistic": "Sum",
            "Dimensions": [{"Name": "payroll", "Value": "payroll"}]}},
        {"LifecycleHookName": "payroll", "NotificationMetadata": "payroll"},
        {"LogOptions": {"LogGroupArn": "arn:aws:logs:us-east-1:123456789012:log-group:payroll"}},
        {"DBParameterGroupName": "default-payroll"},
        {"InstanceEventWindowId": "iew-903004f8", "Name": "payroll"},
        {"ConnectionNotificationArn": "arn:aws:sns:us-east-1:123456789012:payroll"},
        {"LifecycleHookName": "h", "RoleARN": "arn:aws:iam::123456789012:role/payroll"},
        {"AttributeName": "CookieName", "AttributeValue": "payroll"},
        {"OptionName": "o", "OptionSettings": [{"Name": "PASSWORD", "Value": "payroll"}]},
    ]));
    assert!(!told.to_string().contains("payroll") && !told.to_string().contains("123456789012"), "{told}");
}

#[test]
fn descriptions_of_the_platforms_own_interfaces_stay() {
    for own in [
        "ClientVPN Endpoint resource",
        "RDSNetworkInterface",
        "RedshiftNetworkInterface",
        "Interface for NAT Gateway nat-0c652194d5641b4b9",
        "Network Interface for Transit Gateway Attachment tgw-attach-067c79b6ce98b96c4",
    ] {
        assert_eq!(anonymised(json!({"Description": own})), json!({"Description": own}));
    }
    assert_eq!(anonymised(json!({"Description": "ELB of payroll"})), json!({}));
    let told = anonymised(json!([{"Description": "ELB payroll"}, {"LoadBalancerName": "payroll"}]));
    assert_eq!(told[0]["Description"], format!("ELB {}", told[1]["LoadBalancerName"].as_str().unwrap()));
}

#[test]
fn identities_and_hosted_zones_go() {
    let told = anonymised(json!({
        "HostedZone": {"Name": "payroll.internal."}, "HealthChecks": [{"Id": "payroll"}],
        "ResourceTagSet": {"Tags": [{"Key": "payroll", "Value": "x"}]}, "ResourceRecordSets": [{"Name": "payroll.internal."}],
        "UserDetailList": [{"UserName": "jane"}], "Policies": [{"PolicyName": "payroll"}],
        "Resources": {"Role": {"Type": "AWS::IAM::Role"}, "Zone": {"Type": "AWS::Route53::HostedZone"},
            "Vpc": {"Type": "AWS::EC2::VPC"}},
    }));
    assert_eq!(told, json!({"Resources": {"Vpc": {"Type": "AWS::EC2::VPC"}}}));
}

#[test]
fn tags_that_express_what_the_api_cannot_keep_their_meaning() {
    for (key, value) in [("mtu", "9001"), ("port", "plain"), ("private-ip", "10.1.2.3")] {
        let tag = json!({"Key": format!("classiclink:{key}"), "Value": value});
        assert_eq!(anonymised(tag.clone()), tag);
    }
    let public = anonymised(json!({"Key": "classiclink:public-ip", "Value": "52.95.110.1"}));
    assert!(public["Value"].as_str().unwrap().parse().is_ok_and(is_public) && public["Value"] != "52.95.110.1");
}

#[test]
fn expressions_of_templates_are_anonymised() {
    let told = anonymised(json!({"Resources": {"Group": {"Type": "AWS::EC2::SecurityGroup", "Properties": {
        "GroupDescription": "of Jane", "GroupName": {"Fn::Sub": "${AWS::StackName}-Jane"},
        "Tags": [{"Key": "Name", "Value": {"Fn::Join": ["-", ["Jane", {"Ref": "Env"}]]}}],
        "SecurityGroupIngress": [{"CidrIp": {"Fn::Select": [0, {"Fn::Split": [",", "52.95.110.1/32,10.0.0.0/8"]}]}}]}}}}));
    assert!(!told.to_string().contains("Jane") && !told.to_string().contains("52.95.110.1/"), "{told}");
    assert!(told.to_string().contains(",10.0.0.0/8"), "{told}");
    let parameter = json!({"Parameters": {"KeyName": {"Type": "AWS::EC2::KeyPair::KeyName", "Default": "k"}}});
    assert_eq!(anonymised(parameter.clone()), parameter);
    let mut given = BTreeMap::from([("Office".to_owned(), "52.95.110.1/32".to_owned())]);
    Anonymous::default().parameters(&mut given);
    assert_ne!(given["Office"], "52.95.110.1/32");
}

#[test]
fn public_addresses_of_ipv6_become_others_in_the_same_blocks() {
    let text = |json: &Json| json.as_str().unwrap().to_owned();
    let told = anonymised(json!([
        "2600:1f18:1234:5600::/56",
        "2600:1f18:1234:5601::/64",
        "2600:1f18:1234:5601::7",
        "::/0",
        "fd00::1"
    ]));
    let [vpc, subnet]: [Ipv6Net; 2] = [&told[0], &told[1]].map(|net| text(net).parse().unwrap());
    let host: Ipv6Addr = text(&told[2]).parse().unwrap();
    assert!(vpc.contains(&subnet) && subnet.contains(&host), "{told}");
    assert!(GLOBAL.contains(&vpc) && !told.to_string().contains("1f18:1234"), "{told}");
    assert_eq!((&told[3], &told[4]), (&json!("::/0"), &json!("fd00::1")));
}

#[test]
fn a_name_is_the_same_wherever_it_stands() {
    let told = anonymised(json!([
        {"DBInstanceIdentifier": "payroll"},
        {"DBInstanceArn": "arn:aws:rds:us-east-1:123456789012:db:payroll"},
        {"Key": "app", "Value": "payroll"},
        {"LogGroupName": "/jane/payroll"},
        {"LogDestination": "arn:aws:logs:us-east-1:123456789012:log-group:/jane/payroll:*"},
        {"PlacementGroupArn": "arn:aws:ec2:us-east-1:123456789012:placement-group/payroll"},
        {"Image": "resolve:ssm:/jane/payroll"},
    ]));
    assert!(!told.to_string().contains("payroll") && !told.to_string().contains("jane"), "{told}");
    let name = told[0]["DBInstanceIdentifier"].as_str().unwrap();
    let ends = |index: usize, member: &str, end: &str| told[index][member].as_str().unwrap().ends_with(end);
    assert!(ends(1, "DBInstanceArn", &format!(":db:{name}")) && told[2]["Value"] == name, "{told}");
    let group = told[3]["LogGroupName"].as_str().unwrap();
    assert!(ends(4, "LogDestination", &format!(":log-group:{group}:*")), "{told}");
    assert!(ends(5, "PlacementGroupArn", &format!(":placement-group/{name}")), "{told}");
    assert_eq!(told[6]["Image"], format!("resolve:ssm:{group}"));
}

#[test]
fn nodes_of_a_cache_have_its_name_and_their_numbers() {
    let told = anonymised(json!([
        {"ReplicationGroupId": "carts", "MemberClusters": ["carts-0001-001"]},
        {"Description": "ElastiCache carts-0001-001"},
        {"CacheClusterId": "carts-002"},
        {"CacheClusterId": "carts-123456789012"},
    ]));
    let name = told[0]["ReplicationGroupId"].as_str().unwrap();
    assert_eq!(told[0]["MemberClusters"], json!([format!("{name}-0001-001")]));
    assert_eq!(told[1]["Description"], format!("ElastiCache {name}-0001-001"));
    assert_eq!(told[2]["CacheClusterId"], format!("{name}-002"));
    assert!(!told.to_string().contains("123456789012"), "{told}");
}

#[test]
fn names_go_from_arns_that_a_template_makes() {
    let told = anonymised(json!([
        {"Fn::Join": ["", ["arn:aws:s3:::payroll-", {"Ref": "AWS::AccountId"}, "/jane"]]},
        {"Fn::Join": [":", ["arn", {"Ref": "AWS::Partition"}, "iam:", {"Ref": "AWS::AccountId"}, "user/jane"]]},
        {"Fn::Sub": "arn:aws:acm:${AWS::Region}:123456789012:certificate/payroll"},
        {"Fn::Join": ["-", ["arn:aws:s3:::payroll", {"Fn::GetAtt": ["Bucket", "Name"]}]]},
        {"Fn::Sub": "arn:aws:sns:${AWS::Region}:123456789012:${Topic.TopicName}"},
        {"Fn::Sub": "arn:aws:s3:::${AWS::StackName}/${Parameter}"},
        {"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}},
    ]));
    assert!(!told.to_string().contains("payroll") && !told.to_string().contains("jane"), "{told}");
    let text = |index: usize| told[index]["Fn::Sub"].as_str().unwrap();
    assert!(text(0).starts_with("arn:aws:s3:::s3-"), "{told}");
    assert!(text(1).starts_with("arn:${AWS::Partition}:iam::${AWS::AccountId}:user/"), "{told}");
    assert!(
        text(2).starts_with("arn:aws:acm:${AWS::Region}:") && text(2).contains(":certificate/certificate-"),
        "{told}"
    );
    assert!(text(4).ends_with(":${Topic.TopicName}") && !told.to_string().contains("123456789012"), "{told}");
    assert!(!text(5).contains('$'), "a parameter may be a name, and so may the stack's: {told}");
}

#[test]
fn accounts_go_from_keys_and_numbers() {
    let told =
        anonymised(json!([{"OwnerId": "123456789012"}, {"123456789012": "x"}, {"PeerOwnerId": 123_456_789_012_u64}]));
    let account = told[0]["OwnerId"].as_str().unwrap();
    assert_eq!(told[1], json!({account: "x"}));
    assert_eq!(told[2]["PeerOwnerId"], account.parse::<u64>().unwrap());
}

#[test]
fn names_that_begin_or_end_as_the_platforms_do_go() {
    for (member, name) in [("DomainName", "payroll.internal"), ("DeviceName", "sdwan-payroll")] {
        let told = anonymised(json!({member: name}));
        assert!(!told.to_string().contains("payroll"), "{told}");
    }
    for (member, name) in [("DomainName", "ec2.internal"), ("DeviceName", "/dev/sda1"), ("DeviceName", "xvdba")] {
        assert_eq!(anonymised(json!({member: name})), json!({member: name}));
    }
    assert_eq!(anonymised(json!({"GroupName": ""})), json!({"GroupName": ""}));
}

#[test]
fn files_of_names_alone_go() {
    let file = |path: &str, content: Json| File { path: path.into(), content };
    let mut files = vec![
        file("iam.json", json!({"UserDetailList": [{"UserName": "jane"}], "IsTruncated": false})),
        file("zone.json", json!({"HostedZone": {"Name": "payroll.internal."}, "VPCs": [{"VPCId": "vpc-1a2b3c4d"}]})),
        file("vpcs.json", json!({"Vpcs": []})),
        file("all.json", json!({"Vpcs": [], "Roles": []})),
    ];
    let mut anonymous = Anonymous::default();
    anonymous.files(&mut files);
    assert_eq!(files, ["vpcs.json", "all.json"].map(|path| file(path, json!({"Vpcs": []}))));
    assert_eq!(anonymous.left_out().collect::<Vec<_>>(), [OF_NAMES]);
}

proptest! {
    #[test]
    fn shared_prefixes_stay_and_what_is_public_stays_public(one: u32, other: u32, shared in 0..=32u32) {
        let mask = u32::MAX.checked_shl(32 - shared).unwrap_or(0);
        let (one, other) = (Ipv4Addr::from_bits(one), Ipv4Addr::from_bits(one & mask | other & !mask));
        let anonymous = Anonymous::default();
        let [first, second] = [one, other].map(|address| anonymous.v4(address));
        prop_assert_eq!(is_public(one), is_public(first));
        if is_public(one) && is_public(other) {
            let common = |a: Ipv4Addr, b: Ipv4Addr| (a.to_bits() ^ b.to_bits()).leading_zeros();
            prop_assert_eq!(common(one, other), common(first, second));
        }
    }
}
