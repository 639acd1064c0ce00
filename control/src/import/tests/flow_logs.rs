use super::*;
use crate::export;
use model::{LogDestination, LoggedTraffic};

/// As the aws command line prints flow logs.
fn logs(of_vpc: &str) -> serde_json::Value {
    let group = json!({"FlowLogId": "fl-aabbccdd112233445", "ResourceId": of_vpc, "TrafficType": "REJECT",
        "LogDestinationType": "cloud-watch-logs", "LogGroupName": "flows", "MaxAggregationInterval": 60,
        "DeliverLogsPermissionArn": "arn:aws:iam::123456789012:role/flows", "LogFormat": "${version} ${srcaddr} ${action}",
        "CreationTime": "2018-02-21T13:22:12.644Z", "Tags": [{"Key": "Name", "Value": "denied"}]});
    let bucket = json!({"FlowLogId": "fl-01234567890123456", "ResourceId": "subnet-1a2b3c4d", "TrafficType": "ALL",
        "LogDestinationType": "s3", "LogDestination": "arn:aws:s3:::flows/prod", "LogFormat": "${version} ${ecs-task-id}"});
    let elsewhere = json!({"FlowLogId": "fl-11234567890123456", "ResourceId": "vpc-5a2b3c4d", "LogGroupName": "flows"});
    let of_gateway =
        json!({"FlowLogId": "fl-21234567890123456", "ResourceId": "tgw-11111111", "LogGroupName": "flows"});
    json!({"FlowLogs": [group, bucket, elsewhere, of_gateway]})
}

#[test]
fn flow_logs_are_imported_as_they_are_exported() {
    let mut contents = account();
    contents.push(("x/logs.json", logs("vpc-1a2b3c4d")));
    let (first, told) = imported(&contents);
    let left_out = [
        "fl-11234567890123456: vpc-5a2b3c4d, whose traffic it records",
        "fl-21234567890123456: flow logs of tgw-11111111",
    ];
    assert!(left_out.iter().all(|what| told.left_out.iter().any(|line| line.starts_with(what))), "{:?}", told.left_out);
    let log = first.flow_logs.get("fl-aabbccdd112233445").unwrap();
    assert_eq!((log.traffic, log.interval, log.format.len()), (LoggedTraffic::Reject, 60, 3));
    assert_eq!(log.destination, LogDestination::Group("flows".to_owned(), None));
    let bucket = &first.flow_logs.get("fl-01234567890123456").unwrap().destination;
    assert_eq!(*bucket, LogDestination::Bucket("arn:aws:s3:::flows/prod".to_owned()));

    let files = export::files(&first, NOW).unwrap().into_iter().map(|(path, content)| File { path, content });
    let mut second = Model::new(2);
    import(&mut second, Export::of(&files.collect::<Vec<_>>()).unwrap(), NOW).unwrap();
    for log in first.flow_logs.iter() {
        assert_eq!(second.flow_logs.get(&log.id), Some(log));
    }
}
