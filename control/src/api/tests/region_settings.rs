use super::*;

/// A VPC-only Region.
fn cloud() -> Cloud {
    Cloud { region: "eu-central-1", ..Cloud::new() }
}

#[test]
fn encryption_by_default_is_a_regions_own_and_makes_volumes_encrypted() {
    let mut cloud = cloud();
    let create = "Action=CreateVolume&AvailabilityZone=eu-central-1a&Size=1";
    assert_eq!(cloud.get(create, "encrypted"), "false");
    assert_eq!(cloud.get("Action=EnableEbsEncryptionByDefault", "ebsEncryptionByDefault"), "true");
    assert_eq!(cloud.get(create, "encrypted"), "true");
    let run = "Action=RunInstances&ImageId=ami-1a2b3c4d&InstanceType=m5.large&MinCount=1&MaxCount=1";
    let instance = cloud.get(run, "instanceId");
    let its = format!("Action=DescribeVolumes&Filter.1.Name=attachment.instance-id&Filter.1.Value.1={instance}");
    assert_eq!(cloud.all(&its, "encrypted"), ["true"]);
    let get = "Action=GetEbsEncryptionByDefault";
    assert_eq!([cloud.get(get, "ebsEncryptionByDefault"), cloud.get(get, "sseType")], ["true", "sse-kms"]);
    cloud.region = "eu-west-2";
    assert_eq!(cloud.get(get, "ebsEncryptionByDefault"), "false");
    cloud.region = "eu-central-1";
    assert_eq!(cloud.get("Action=DisableEbsEncryptionByDefault", "ebsEncryptionByDefault"), "false");
    assert_eq!(cloud.get(create, "encrypted"), "false");
    let key = |cloud: &mut Cloud| cloud.get("Action=GetEbsDefaultKmsKeyId", "kmsKeyId");
    assert_eq!(key(&mut cloud), "alias/aws/ebs");
    cloud.ask("Action=ModifyEbsDefaultKmsKeyId&KmsKeyId=alias/own").unwrap();
    assert_eq!(key(&mut cloud), "alias/own");
    cloud.ask("Action=EnableEbsEncryptionByDefault").unwrap();
    assert_eq!(cloud.get(create, "kmsKeyId"), "alias/own");
    assert_eq!(cloud.get(&format!("{create}&KmsKeyId=other"), "kmsKeyId"), "other");
    assert_eq!(cloud.get("Action=ResetEbsDefaultKmsKeyId", "kmsKeyId"), "alias/aws/ebs");
}

#[test]
fn credits_are_those_of_the_family_unless_a_launch_says_others() {
    let mut cloud = cloud();
    let family = |family: &str| format!("Action=GetDefaultCreditSpecification&InstanceFamily={family}");
    assert_eq!(cloud.get(&family("t2"), "cpuCredits"), "standard");
    assert_eq!(cloud.get(&family("t3"), "cpuCredits"), "unlimited");
    assert_eq!(cloud.ask(&family("m5")), Err("InvalidParameterValue"));
    cloud.ask("Action=ModifyDefaultCreditSpecification&InstanceFamily=t3&CpuCredits=standard").unwrap();
    assert_eq!(cloud.get(&family("t3"), "cpuCredits"), "standard");
    let run = "Action=RunInstances&ImageId=ami-1a2b3c4d&InstanceType=t3.micro&MinCount=1&MaxCount=1";
    let instance = cloud.get(run, "instanceId");
    let of = format!("Action=DescribeInstanceCreditSpecifications&InstanceId.1={instance}");
    assert_eq!(cloud.get(&of, "cpuCredits"), "standard");
    let other = cloud.get(&format!("{run}&CreditSpecification.CpuCredits=unlimited"), "instanceId");
    let of = format!("Action=DescribeInstanceCreditSpecifications&InstanceId.1={other}");
    assert_eq!(cloud.get(&of, "cpuCredits"), "unlimited");
}

#[test]
fn nothing_is_shared_with_everyone_where_that_is_blocked() {
    let mut cloud = cloud();
    let volume = cloud.get("Action=CreateVolume&AvailabilityZone=eu-central-1a&Size=1", "volumeId");
    let snapshot = cloud.get(&format!("Action=CreateSnapshot&VolumeId={volume}"), "snapshotId");
    let instance = cloud.instance(None);
    let image = cloud.get(&format!("Action=CreateImage&Name=own&InstanceId={instance}"), "imageId");
    let share_image = format!("Action=ModifyImageAttribute&ImageId={image}&LaunchPermission.Add.1.Group=all");
    let share_snapshot =
        format!("Action=ModifySnapshotAttribute&SnapshotId={snapshot}&CreateVolumePermission.Add.1.Group=all");
    let block = "Action=EnableImageBlockPublicAccess&ImageBlockPublicAccessState=block-new-sharing";
    assert_eq!(cloud.get(block, "imageBlockPublicAccessState"), "block-new-sharing");
    assert_eq!(
        cloud.get("Action=EnableSnapshotBlockPublicAccess&State=block-all-sharing", "state"),
        "block-all-sharing"
    );
    assert_eq!(cloud.ask(&share_image), Err("OperationNotPermitted"));
    assert_eq!(cloud.ask(&share_snapshot), Err("OperationNotPermitted"));
    assert_eq!(cloud.get("Action=DisableImageBlockPublicAccess", "imageBlockPublicAccessState"), "unblocked");
    assert_eq!(cloud.get("Action=DisableSnapshotBlockPublicAccess", "state"), "unblocked");
    assert_eq!(cloud.get("Action=GetImageBlockPublicAccessState", "imageBlockPublicAccessState"), "unblocked");
    assert_eq!(cloud.get("Action=GetSnapshotBlockPublicAccessState", "state"), "unblocked");
    cloud.ask(&share_image).unwrap();
    cloud.ask(&share_snapshot).unwrap();
    let told = format!("Action=DescribeSnapshots&SnapshotId.1={snapshot}");
    let (own, other) = (cloud.account, "444455556666");
    cloud.account = other;
    assert_eq!(cloud.get(&told, "snapshotId"), snapshot);
    cloud.account = own;
    cloud.ask("Action=EnableSnapshotBlockPublicAccess&State=block-all-sharing").unwrap();
    cloud.account = other;
    assert_eq!(cloud.ask(&told), Err("InvalidSnapshot.NotFound"));
    cloud.account = own;
    assert_eq!(cloud.get("Action=EnableSerialConsoleAccess", "serialConsoleAccessEnabled"), "true");
    assert_eq!(cloud.get("Action=GetSerialConsoleAccessStatus", "serialConsoleAccessEnabled"), "true");
    assert_eq!(cloud.get("Action=DisableSerialConsoleAccess", "serialConsoleAccessEnabled"), "false");
}

#[test]
fn instances_have_the_account_s_metadata_defaults_where_nothing_is_said() {
    let mut cloud = Cloud::new();
    let modify = "Action=ModifyInstanceMetadataDefaults";
    assert_eq!(cloud.ask(&format!("{modify}&HttpTokens=tea")), Err("InvalidParameterValue"));
    cloud.ask(&format!("{modify}&HttpTokens=required&HttpPutResponseHopLimit=3")).unwrap();
    let get = "Action=GetInstanceMetadataDefaults";
    assert_eq!([cloud.get(get, "httpTokens"), cloud.get(get, "httpPutResponseHopLimit")], ["required", "3"]);
    let run = "Action=RunInstances&ImageId=ami-1a2b3c4d&InstanceType=m1.small&MinCount=1&MaxCount=1";
    let body = cloud.ask(&format!("{run}&MetadataOptions.HttpPutResponseHopLimit=5")).unwrap();
    let told = ["httpTokens", "httpPutResponseHopLimit"].map(|element| first(&body, element).unwrap());
    assert_eq!(told, ["required", "5"], "what is said counts");
    cloud.ask(&format!("{modify}&HttpTokens=no-preference&HttpPutResponseHopLimit=-1")).unwrap();
    assert_eq!(cloud.all(get, "httpTokens"), [""; 0]);
    assert_eq!(cloud.get(run, "httpTokens"), "optional");
}

#[test]
fn an_account_can_refuse_metadata_without_tokens() {
    let mut cloud = Cloud::new();
    cloud.ask("Action=ModifyInstanceMetadataDefaults&HttpTokensEnforced=enabled").unwrap();
    assert_eq!(cloud.get("Action=GetInstanceMetadataDefaults", "httpTokensEnforced"), "enabled");
    let run = "Action=RunInstances&ImageId=ami-1a2b3c4d&InstanceType=m1.small&MinCount=1&MaxCount=1";
    assert_eq!(cloud.ask(run), Err("UnsupportedOperation"));
    let id = cloud.get(&format!("{run}&MetadataOptions.HttpTokens=required"), "instanceId");
    let modify = format!("Action=ModifyInstanceMetadataOptions&InstanceId={id}");
    assert_eq!(cloud.ask(&format!("{modify}&HttpTokens=optional")), Err("UnsupportedOperation"));
    cloud.ask(&format!("{modify}&HttpPutResponseHopLimit=2")).unwrap();
}

#[test]
fn the_usage_of_spot_instances_goes_to_one_bucket() {
    let mut cloud = Cloud::new();
    let act = |act: &str| format!("Action={act}SpotDatafeedSubscription");
    assert_eq!(cloud.ask(&act("Describe")), Err("InvalidSpotDatafeed.NotFound"));
    cloud.ask(&format!("{}&Bucket=usage&Prefix=spot", act("Create"))).unwrap();
    cloud.ask(&format!("{}&Bucket=other", act("Create"))).unwrap();
    let told = ["bucket", "ownerId", "state"].map(|element| cloud.get(&act("Describe"), element));
    assert_eq!(told, ["other", cloud.account, "Active"]);
    cloud.ask(&act("Delete")).unwrap();
    assert_eq!(cloud.ask(&act("Delete")), Err("InvalidSpotDatafeed.NotFound"));
}

#[test]
fn metrics_of_the_network_are_subscribed_to() {
    let mut cloud = Cloud::new();
    let act = |act: &str, metric: &str| {
        format!(
            "Action={act}AwsNetworkPerformanceMetricSubscription&Source=us-east-1&Destination=eu-west-1&Metric={metric}\
             &Statistic=p50"
        )
    };
    assert_eq!(cloud.ask(&act("Enable", "loss")), Err("InvalidParameterValue"));
    assert_eq!(cloud.get(&act("Enable", "aggregate-latency"), "output"), "true");
    let all = "Action=DescribeAwsNetworkPerformanceMetricSubscriptions";
    let by_source = format!("{all}&Filter.1.Name=source&Filter.1.Value.1=us-east-1");
    assert_eq!([cloud.get(&by_source, "destination"), cloud.get(&by_source, "period")], ["eu-west-1", "five-minutes"]);
    cloud.ask(&act("Disable", "aggregate-latency")).unwrap();
    assert!(cloud.all(all, "source").is_empty());
}
