use super::*;

const ONE: &str = "Action=RunInstances&ImageId=ami-1a2b3c4d&InstanceType=m5.large&MinCount=1&MaxCount=1";

fn cloud() -> Cloud {
    let mut cloud = Cloud::new();
    cloud.region = "eu-central-1";
    cloud.ask("Action=CreatePlacementGroup&GroupName=near").unwrap();
    cloud
}

fn describe(id: &str) -> String {
    format!("Action=DescribeInstances&InstanceId.1={id}")
}

#[test]
fn what_a_launch_says_is_kept_and_shown() {
    let mut cloud = cloud();
    let said = "&MetadataOptions.HttpTokens=required&MetadataOptions.HttpPutResponseHopLimit=3\
        &MetadataOptions.InstanceMetadataTags=enabled&IamInstanceProfile.Name=web&CpuOptions.CoreCount=1\
        &CpuOptions.ThreadsPerCore=1&CpuOptions.AmdSevSnp=disabled&CpuOptions.NestedVirtualization=enabled\
        &HibernationOptions.Configured=true&EnclaveOptions.Enabled=true\
        &MaintenanceOptions.AutoRecovery=disabled&PrivateDnsNameOptions.HostnameType=resource-name\
        &CapacityReservationSpecification.CapacityReservationPreference=none&Placement.PartitionNumber=2\
        &NetworkPerformanceOptions.BandwidthWeighting=vpc-1&DisableApiStop=true&EbsOptimized=true&Monitoring.Enabled=true\
        &Placement.GroupName=near&UserData=aGVsbG8=";
    let id = cloud.get(&format!("{ONE}{said}"), "instanceId");
    let body = cloud.ask(&describe(&id)).unwrap();
    for (element, value) in [
        ("httpTokens", "required"),
        ("httpPutResponseHopLimit", "3"),
        ("instanceMetadataTags", "enabled"),
        ("httpProtocolIpv6", "disabled"),
        ("arn", "arn:aws:iam::111122223333:instance-profile/web"),
        ("coreCount", "1"),
        ("threadsPerCore", "1"),
        ("amdSevSnp", "disabled"),
        ("nestedVirtualization", "enabled"),
        ("configured", "true"),
        ("autoRecovery", "disabled"),
        ("hostnameType", "resource-name"),
        ("capacityReservationPreference", "none"),
        ("bandwidthWeighting", "vpc-1"),
        ("ebsOptimized", "true"),
        ("groupName", "near"),
        ("partitionNumber", "2"),
    ] {
        assert!(texts(&body, element).contains(&value.to_owned()), "{element} in {body}");
    }
    for (filter, value) in [
        ("metadata-options.http-tokens", "required"),
        ("iam-instance-profile.arn", "*instance-profile/web"),
        ("placement-group-name", "near"),
        ("hibernation-options.configured", "true"),
        ("platform-details", "Linux*"),
        ("architecture", "x86_64"),
    ] {
        let form = format!("Action=DescribeInstances&Filter.1.Name={filter}&Filter.1.Value.1={value}");
        assert_eq!(cloud.all(&form, "instanceId"), [id.as_str()], "{filter}");
    }
    let attribute = |name: &str| format!("Action=DescribeInstanceAttribute&InstanceId={id}&Attribute={name}");
    assert_eq!(cloud.get(&attribute("userData"), "value"), "aGVsbG8=");
    assert_eq!(cloud.get(&attribute("enclaveOptions"), "enabled"), "true");
    assert_eq!(cloud.get(&attribute("disableApiStop"), "value"), "true");
    assert_eq!(cloud.ask(&format!("Action=StopInstances&InstanceId.1={id}")), Err("OperationNotPermitted"));
    assert_eq!(cloud.ask(&format!("Action=TerminateInstances&InstanceId.1={id}")), Err("OperationNotPermitted"));
    let allow = format!("Action=ModifyInstanceAttribute&InstanceId={id}&DisableApiStop.Value=false");
    cloud.ask(&allow).unwrap();
    cloud.ask(&format!("Action=StopInstances&InstanceId.1={id}")).unwrap();
}

#[test]
fn what_a_launch_does_not_say_is_as_ec2_has_it() {
    let mut cloud = cloud();
    let body = cloud.ask(ONE).unwrap();
    for (element, value) in [
        ("httpTokens", "optional"),
        ("httpEndpoint", "enabled"),
        ("coreCount", "1"),
        ("threadsPerCore", "2"),
        ("configured", "false"),
        ("autoRecovery", "default"),
        ("hostnameType", "ip-name"),
        ("capacityReservationPreference", "open"),
        ("bandwidthWeighting", "default"),
        ("platformDetails", "Linux/UNIX"),
        ("usageOperation", "RunInstances"),
        ("currentInstanceBootMode", "legacy-bios"),
        ("availabilityZoneId", "euc1-az1"),
        ("enaSupport", "true"),
    ] {
        assert_eq!(first(&body, element).as_deref(), Some(value), "{element}");
    }
    assert!(!body.contains("iamInstanceProfile"));
}

#[test]
fn options_that_make_no_sense_are_refused() {
    let mut cloud = cloud();
    for (said, code) in [
        ("MetadataOptions.HttpTokens=perhaps", "InvalidParameterValue"),
        ("MetadataOptions.HttpPutResponseHopLimit=65", "InvalidParameterValue"),
        ("CpuOptions.CoreCount=1", "MissingParameter"),
        ("CpuOptions.AmdSevSnp=perhaps", "InvalidParameterValue"),
        ("CpuOptions.CoreCount=9&CpuOptions.ThreadsPerCore=2", "InvalidParameterCombination"),
        (
            "IamInstanceProfile.Name=a&IamInstanceProfile.Arn=arn:aws:iam::1:instance-profile/a",
            "InvalidParameterCombination",
        ),
        ("IamInstanceProfile.Arn=web", "InvalidIamInstanceProfileArn.Malformed"),
        ("CreditSpecification.CpuCredits=some", "InvalidParameterValue"),
        ("MaintenanceOptions.AutoRecovery=always", "InvalidParameterValue"),
    ] {
        assert_eq!(cloud.ask(&format!("{ONE}&{said}")), Err(code), "{said}");
    }
    let license = |account: &str| {
        let arn = format!("arn:aws:license-manager:eu-central-1:{account}:license-configuration:lic-1");
        format!("{ONE}&LicenseSpecification.1.LicenseConfigurationArn={arn}")
    };
    assert_eq!(cloud.ask(&license("444455556666")), Err("InvalidParameterValue"), "another account's");
    cloud.ask(&license("111122223333")).unwrap();
}

#[test]
fn options_change_by_actions_of_their_own() {
    let mut cloud = cloud();
    let id = cloud.get(ONE, "instanceId");
    let modify = format!("InstanceId={id}&HttpTokens=required&HttpEndpoint=disabled");
    assert_eq!(cloud.get(&format!("Action=ModifyInstanceMetadataOptions&{modify}"), "state"), "applied");
    let body = cloud.ask(&describe(&id)).unwrap();
    assert_eq!(first(&body, "httpTokens").as_deref(), Some("required"));
    assert_eq!(first(&body, "httpPutResponseHopLimit").as_deref(), Some("1"), "what is not said stays");
    cloud.ask(&format!("Action=ModifyInstanceMaintenanceOptions&InstanceId={id}&AutoRecovery=disabled")).unwrap();
    assert_eq!(cloud.get(&describe(&id), "autoRecovery"), "disabled");
    cloud
        .ask(&format!("Action=ModifyPrivateDnsNameOptions&InstanceId={id}&EnableResourceNameDnsARecord=true"))
        .unwrap();
    assert_eq!(cloud.get(&describe(&id), "enableResourceNameDnsARecord"), "true");
    let placement = format!("Action=ModifyInstancePlacement&InstanceId={id}&GroupName=near");
    assert_eq!(cloud.ask(&placement), Err("IncorrectInstanceState"));
    cloud.ask(&format!("Action=StopInstances&InstanceId.1={id}")).unwrap();
    cloud.ask(&placement).unwrap();
    assert!(cloud.all(&describe(&id), "groupName").contains(&"near".to_owned()));
    assert_eq!(cloud.ask(&placement.replace("near", "far")), Err("InvalidPlacementGroup.Unknown"));
    cloud.ask(&placement.replace("near", "")).unwrap();
    assert!(!cloud.all(&describe(&id), "groupName").contains(&"near".to_owned()));
    let cpu = format!("Action=ModifyInstanceCpuOptions&InstanceId={id}&CoreCount=1&ThreadsPerCore=1");
    cloud.ask(&cpu).unwrap();
    assert_eq!(cloud.get(&describe(&id), "threadsPerCore"), "1");
    let nested = format!("Action=ModifyInstanceCpuOptions&InstanceId={id}&NestedVirtualization=enabled");
    assert_eq!(cloud.get(&nested, "nestedVirtualization"), "enabled");
    assert_eq!(cloud.get(&describe(&id), "nestedVirtualization"), "enabled");
}

#[test]
fn an_instance_profile_is_associated_replaced_and_taken_away() {
    let mut cloud = cloud();
    let id = cloud.get(ONE, "instanceId");
    let associate =
        |name: &str| format!("Action=AssociateIamInstanceProfile&InstanceId={id}&IamInstanceProfile.Name={name}");
    let first_association = cloud.get(&associate("a"), "associationId");
    assert_eq!(cloud.ask(&associate("b")), Err("IncorrectState"));
    let replace = |association: &str| {
        format!("Action=ReplaceIamInstanceProfileAssociation&AssociationId={association}&IamInstanceProfile.Name=b")
    };
    let association = cloud.get(&replace(&first_association), "associationId");
    assert_eq!(cloud.ask(&replace(&first_association)), Err("InvalidAssociationID.NotFound"));
    let list = format!("Action=DescribeIamInstanceProfileAssociations&Filter.1.Name=instance-id&Filter.1.Value.1={id}");
    assert_eq!(cloud.all(&list, "arn"), ["arn:aws:iam::111122223333:instance-profile/b"]);
    assert_eq!(cloud.get(&describe(&id), "arn"), "arn:aws:iam::111122223333:instance-profile/b");
    cloud.ask(&format!("Action=DisassociateIamInstanceProfile&AssociationId={association}")).unwrap();
    assert!(cloud.all(&list, "arn").is_empty());
    assert!(!cloud.ask(&describe(&id)).unwrap().contains("iamInstanceProfile"));
}

#[test]
fn an_instance_profile_that_was_made_is_known_by_its_path_and_id() {
    let mut cloud = cloud();
    let create = "Action=CreateInstanceProfile&Version=2010-05-08&InstanceProfileName=Web&Path=/ops/";
    let made = cloud.ask(create).unwrap();
    let (arn, profile) = (first(&made, "Arn").unwrap(), first(&made, "InstanceProfileId").unwrap());
    assert_eq!(arn, "arn:aws:iam::111122223333:instance-profile/ops/Web");
    let body = cloud.ask(&format!("{ONE}&IamInstanceProfile.Name=web")).unwrap();
    let told = body.split_once("<iamInstanceProfile>").unwrap().1;
    assert_eq!((first(told, "arn"), first(told, "id")), (Some(arn), Some(profile.clone())));
    let by_id = format!("Action=DescribeInstances&Filter.1.Name=iam-instance-profile.id&Filter.1.Value.1={profile}");
    assert_eq!(cloud.all(&by_id, "instanceId").len(), 1);
}

#[test]
fn a_stopped_instance_moves_to_other_hardware() {
    let mut cloud = cloud();
    let id = cloud.get(ONE, "instanceId");
    let place = format!("Action=ModifyInstancePlacement&InstanceId={id}");
    assert_eq!(cloud.ask(&place), Err("InvalidParameterCombination"), "something must be changed");
    assert_eq!(cloud.ask(&format!("{place}&Affinity=far")), Err("InvalidParameterValue"));
    cloud.ask(&format!("{place}&Affinity=host")).unwrap();
    let move_to = |tenancy: &str| format!("{place}&Tenancy={tenancy}");
    assert!(cloud.refusal(&move_to("host")).contains("is not in the &apos;stopped&apos; state"));
    cloud.ask(&format!("Action=StopInstances&InstanceId.1={id}")).unwrap();
    let host = "Action=AllocateHosts&AvailabilityZone=eu-central-1a&InstanceType=m5.large&Quantity=1";
    let host = cloud.all(host, "item").remove(0);
    cloud.ask(&format!("{}&HostId={host}", move_to("host"))).unwrap();
    let shown = cloud.ask(&describe(&id)).unwrap();
    let told = ["tenancy", "affinity", "hostId"].map(|element| first(&shown, element).unwrap_or_default());
    assert_eq!(told, ["host", "host", host.as_str()]);
    cloud.ask(&move_to("dedicated")).unwrap();
    assert_eq!(first(&cloud.ask(&describe(&id)).unwrap(), "hostId"), None);
    let small = cloud.get(&ONE.replace("m5.large", "t3.micro"), "instanceId");
    cloud.ask(&format!("Action=StopInstances&InstanceId.1={small}")).unwrap();
    let to_host = format!("Action=ModifyInstancePlacement&InstanceId={small}&Tenancy=host");
    assert_eq!(cloud.ask(&to_host), Err("InvalidRequest"));
}
