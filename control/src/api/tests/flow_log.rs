use super::*;

const CREATE: &str = "Action=CreateFlowLogs&TrafficType=ALL";

#[test]
fn flow_logs_are_made_described_and_deleted() {
    let mut cloud = Cloud::new();
    let vpc = cloud.vpc("192.168.0.0/16");
    let subnet = cloud.subnet(&vpc, "192.168.1.0/24");
    let tags = "TagSpecification.1.ResourceType=vpc-flow-log&TagSpecification.1.Tag.1.Key=Name&TagSpecification.1.Tag.1.Value=x";
    let of_vpc = format!("{CREATE}&ResourceType=VPC&ResourceId.1={vpc}&LogGroupName=shop&{tags}");
    let body = cloud.ask(&of_vpc).unwrap();
    assert!(body.contains("<unsuccessful/>"), "{body}");
    let one = body.split("<flowLogIdSet><item>").nth(1).unwrap().split('<').next().unwrap().to_owned();
    let body = cloud.ask(&format!("Action=DescribeFlowLogs&FlowLogId.1={one}")).unwrap();
    for part in [
        &format!("<resourceId>{vpc}</resourceId>")[..],
        "<trafficType>ALL</trafficType>",
        "<logDestinationType>cloud-watch-logs</logDestinationType>",
        "<logGroupName>shop</logGroupName>",
        "<flowLogStatus>ACTIVE</flowLogStatus>",
        "<maxAggregationInterval>600</maxAggregationInterval>",
        "<logFormat>${version} ${account-id} ${interface-id} ${srcaddr} ${dstaddr} ${srcport} ${dstport} ${protocol} \
         ${packets} ${bytes} ${start} ${end} ${action} ${log-status}</logFormat>",
        "<item><key>Name</key><value>x</value></item>",
    ] {
        assert!(body.contains(part), "{part} in {body}");
    }
    assert_eq!(first(&cloud.ask("Action=DescribeTags").unwrap(), "resourceType").as_deref(), Some("vpc-flow-log"));
    let bucket = "LogDestinationType=s3&LogDestination=arn:aws:s3:::bucket/folder&MaxAggregationInterval=60";
    cloud.ask(&format!("{CREATE}&ResourceType=Subnet&ResourceId.1={subnet}&{bucket}")).unwrap();
    let filter = "Action=DescribeFlowLogs&Filter.1.Name=log-destination-type&Filter.1.Value.1=s3";
    assert_eq!(cloud.all(filter, "resourceId"), std::slice::from_ref(&subnet));
    let filter = format!("Action=DescribeFlowLogs&Filter.1.Name=resource-id&Filter.1.Value.1={vpc}");
    assert_eq!(cloud.all(&filter, "flowLogId"), std::slice::from_ref(&one));
    // Nobody else has them, and what covers nothing any more is still there.
    cloud.account = "444455556666";
    assert_eq!(cloud.all("Action=DescribeFlowLogs", "flowLogId").len(), 0);
    let delete = format!("Action=DeleteFlowLogs&FlowLogId.1={one}");
    assert_eq!(cloud.ask(&delete), Err("InvalidFlowLogId.NotFound"));
    cloud.account = "111122223333";
    cloud.ask(&format!("Action=DeleteSubnet&SubnetId={subnet}")).unwrap();
    cloud.ask(&format!("Action=DeleteVpc&VpcId={vpc}")).unwrap();
    assert_eq!(cloud.all("Action=DescribeFlowLogs", "flowLogId").len(), 2);
    cloud.ask(&delete).unwrap();
    assert_eq!(cloud.ask(&delete), Err("InvalidFlowLogId.NotFound"));
    assert_eq!(cloud.ask("Action=DeleteFlowLogs"), Err("MissingParameter"));
}

#[test]
fn only_what_has_network_interfaces_can_be_named() {
    let mut cloud = Cloud::new();
    let (vpc, group) = (cloud.vpc("192.168.0.0/16"), "LogGroupName=g");
    let subnet = cloud.subnet(&vpc, "192.168.1.0/24");
    let (classic, inside) = (cloud.instance(None), cloud.instance(Some(&subnet)));
    for id in [classic, inside, vpc.clone()] {
        let create = format!("{CREATE}&ResourceType=NetworkInterface&ResourceId.1={id}&{group}");
        assert_eq!(cloud.ask(&create), Err("InvalidParameter"), "{id}");
    }
    let of = |kind: &str, id: &str| format!("{CREATE}&ResourceType={kind}&ResourceId.1={id}&{group}");
    assert_eq!(cloud.ask(&of("VPC", "vpc-12345678")), Err("InvalidVpcID.NotFound"));
    assert_eq!(cloud.ask(&of("Subnet", "subnet-12345678")), Err("InvalidSubnetID.NotFound"));
    assert_eq!(cloud.ask(&of("NetworkInterface", "eni-12345678")), Err("InvalidNetworkInterfaceID.NotFound"));
    assert_eq!(cloud.ask(&of("Instance", &vpc)), Err("InvalidParameterValue"));
    let interface = cloud.get("Action=DescribeNetworkInterfaces", "networkInterfaceId");
    cloud.ask(&of("NetworkInterface", &interface)).unwrap();
    // All or none: the second is a repetition.
    assert_eq!(
        cloud.ask(&format!("{}&ResourceId.2={interface}", of("NetworkInterface", &interface))),
        Err("FlowLogAlreadyExists")
    );
}

#[test]
fn what_a_flow_log_cannot_be_is_refused() {
    let mut cloud = Cloud::new();
    let vpc = cloud.vpc("192.168.0.0/16");
    let of_vpc = format!("{CREATE}&ResourceType=VPC&ResourceId.1={vpc}");
    let cases = [
        ("", "InvalidParameter"),
        ("LogGroupName=a&LogDestination=arn:aws:s3:::b", "InvalidParameter"),
        ("LogGroupName=a&LogDestinationType=s3", "InvalidParameter"),
        ("LogGroupName=a*b", "InvalidParameterValue"),
        ("LogDestinationType=s3&LogDestination=bucket", "InvalidParameter"),
        ("LogDestination=arn:aws:s3:::bucket", "InvalidParameter"),
        ("LogDestinationType=tape&LogGroupName=a", "InvalidParameterValue"),
        ("LogGroupName=a&MaxAggregationInterval=61", "InvalidParameter"),
        ("LogGroupName=a&LogFormat=srcaddr", "InvalidParameterValue"),
        ("LogGroupName=a&LogFormat=${srcaddr}+${colour}", "InvalidParameter"),
        (
            "LogDestinationType=s3&LogDestination=arn:aws:s3:::b&DestinationOptions.FileFormat=parquet",
            "UnsupportedOperation",
        ),
        ("LogGroupName=a&DryRun=true", "DryRunOperation"),
    ];
    for (rest, code) in cases {
        assert_eq!(cloud.ask(&format!("{of_vpc}&{rest}")), Err(code), "{rest}");
    }
    assert_eq!(cloud.ask(&format!("{of_vpc}&LogGroupName=a").replace("ALL", "SOME")), Err("InvalidParameterValue"));
    let arn = "arn:aws:logs:us-east-1:111122223333:log-group:one:*";
    cloud.ask(&format!("{of_vpc}&LogDestination={arn}&LogFormat=${{srcaddr}}+${{tcp-flags}}")).unwrap();
    assert_eq!(cloud.get("Action=DescribeFlowLogs", "logFormat"), "${srcaddr} ${tcp-flags}");
    assert_eq!(cloud.ask(&format!("{of_vpc}&LogGroupName=one")), Err("FlowLogAlreadyExists"));
    cloud.ask(&format!("{of_vpc}&LogGroupName=two")).unwrap();
    assert_eq!(cloud.ask(&format!("{of_vpc}&LogGroupName=three")), Err("FlowLogsLimitExceeded"));
}

#[test]
fn a_request_that_is_repeated_makes_nothing_new() {
    let mut cloud = Cloud::new();
    let vpc = cloud.vpc("192.168.0.0/16");
    let create = format!("{CREATE}&ResourceType=VPC&ResourceId.1={vpc}&LogGroupName=a&ClientToken=t");
    let once = cloud.all(&create, "item");
    assert_eq!(cloud.all(&create, "item"), once);
    assert_eq!(cloud.ask(&create.replace("=a", "=b")), Err("IdempotentParameterMismatch"));
}
