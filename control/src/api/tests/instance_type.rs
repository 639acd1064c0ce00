use super::*;

#[test]
fn types_of_all_generations_are_described() {
    let mut cloud = Cloud::new();
    for (name, processors, memory, architecture) in [
        ("m1.small", "1", "1740", "i386"),
        ("t3a.nano", "2", "512", "x86_64"),
        ("t4g.micro", "2", "1024", "arm64"),
        ("m6i.large", "2", "8192", "x86_64"),
        ("m7i.xlarge", "4", "16384", "x86_64"),
        ("c7g.2xlarge", "8", "16384", "arm64"),
    ] {
        let body = cloud.ask(&format!("Action=DescribeInstanceTypes&InstanceType.1={name}")).unwrap();
        assert_eq!(first(&body, "defaultVCpus").as_deref(), Some(processors), "{name}");
        assert_eq!(first(&body, "sizeInMiB").as_deref(), Some(memory), "{name}");
        assert!(first(&body, "supportedArchitectures").unwrap().contains(architecture), "{name}");
    }
    assert_eq!(cloud.ask("Action=DescribeInstanceTypes&InstanceType.1=z9.huge"), Err("InvalidInstanceType"));
}

#[test]
fn types_are_filtered_and_come_in_pages() {
    let mut cloud = Cloud::new();
    let types = "Action=DescribeInstanceTypes";
    let filter = |name: &str, value: &str| format!("{types}&Filter.1.Name={name}&Filter.1.Value.1={value}");
    let arm = cloud.all(&filter("processor-info.supported-architecture", "arm64"), "instanceType");
    assert!(arm.contains(&"t4g.nano".to_owned()) && !arm.contains(&"t3.nano".to_owned()));
    assert!(cloud.all(&filter("nitro-tpm-info.supported-versions", "2.0"), "instanceType").is_empty());
    let page = cloud.ask(&format!("{types}&MaxResults=100")).unwrap();
    assert_eq!(texts(&page, "instanceType").len(), 100);
    let token = first(&page, "nextToken").unwrap();
    let next = cloud.all(&format!("{types}&MaxResults=100&NextToken={token}"), "instanceType");
    assert!(next[0] > *texts(&page, "instanceType").last().unwrap());
}

#[test]
fn types_are_offered_in_every_zone() {
    let mut cloud = Cloud::new();
    let offerings = "Action=DescribeInstanceTypeOfferings&LocationType=availability-zone";
    let zones = format!("{offerings}&Filter.1.Name=instance-type&Filter.1.Value.1=c6g.large");
    assert_eq!(cloud.all(&zones, "location").len(), 6);
    assert_eq!(cloud.ask("Action=DescribeInstanceTypeOfferings&LocationType=moon"), Err("InvalidParameterValue"));
}

#[test]
fn types_tell_which_cpu_options_they_take() {
    let mut cloud = Cloud::new();
    for (name, cores, threads) in [
        ("t3.nano", vec!["1"], vec!["1", "2"]),
        ("m5.2xlarge", vec!["2", "4"], vec!["1", "2"]),
        ("t2.micro", vec![], vec![]),
    ] {
        let body = cloud.ask(&format!("Action=DescribeInstanceTypes&InstanceType.1={name}")).unwrap();
        let items = |list| first(&body, list).map(|list| texts(&list, "item")).unwrap_or_default();
        assert_eq!(items("validCores"), cores, "{name}");
        assert_eq!(items("validThreadsPerCore"), threads, "{name}");
    }
    let single = "Action=DescribeInstanceTypes&Filter.1.Name=vcpu-info.valid-threads-per-core&Filter.1.Value.1=1\
                  &Filter.2.Name=vcpu-info.valid-cores&Filter.2.Value.1=4\
                  &Filter.3.Name=vcpu-info.default-cores&Filter.3.Value.1=4";
    assert!(cloud.all(single, "instanceType").contains(&"m5.2xlarge".to_owned()));
}

#[test]
fn graphics_processors_and_bare_metal_are_told() {
    let mut cloud = Cloud::new();
    let body = cloud.ask("Action=DescribeInstanceTypes&InstanceType.1=g4ad.8xlarge").unwrap();
    let told = ["manufacturer", "totalGpuMemoryInMiB", "logicalGpuCount", "hypervisor"];
    let told = told.map(|element| first(&body, element).unwrap());
    assert_eq!(told, ["AMD", "16384", "2", "nitro"]);
    let metal = "Action=DescribeInstanceTypes&Filter.1.Name=bare-metal&Filter.1.Value.1=true";
    let names = cloud.all(metal, "instanceType");
    assert!(names.contains(&"a1.metal".to_owned()) && names.iter().all(|name| name.ends_with(".metal")), "{names:?}");
    assert_eq!(cloud.all(metal, "hypervisor"), [""; 0]);
}

#[test]
fn types_are_found_by_what_is_required_of_them() {
    let mut cloud = Cloud::new();
    let ask = "Action=GetInstanceTypesFromInstanceRequirements&ArchitectureType.1=x86_64&VirtualizationType.1=hvm";
    let required = "&InstanceRequirements.VCpuCount.Min=2&InstanceRequirements.VCpuCount.Max=2\
        &InstanceRequirements.MemoryMiB.Min=4096&InstanceRequirements.MemoryMiB.Max=4096";
    let mut found = |rest: &str| cloud.all(&format!("{ask}{required}{rest}"), "instanceType");
    let intel = "&InstanceRequirements.CpuManufacturer.1=intel";
    assert_eq!(found(&format!("{intel}&InstanceRequirements.LocalStorage=required")), ["c5d.large", "c6id.large"]);
    assert_eq!(
        found("&InstanceRequirements.AllowedInstanceType.1=c5*&InstanceRequirements.ExcludedInstanceType.1=c5?d.*"),
        ["c5.large", "c5a.large", "c5d.large"]
    );
    assert!(found("&InstanceRequirements.AcceleratorType.1=gpu").is_empty());
    assert!(found("&InstanceRequirements.NetworkBandwidthGbps.Min=1000").is_empty());
    let burstable = found("&InstanceRequirements.BurstablePerformance=required");
    assert!(burstable.contains(&"t3.medium".to_owned()), "{burstable:?}");
    assert!(found("").iter().all(|name| !name.starts_with('t')), "burstable types only if they are asked for");
    assert_eq!(cloud.ask(&format!("{ask}&InstanceRequirements.VCpuCount.Min=2")), Err("MissingParameter"));
    let long = "*".repeat(31);
    let long = format!("{ask}{required}&InstanceRequirements.AllowedInstanceType.1={long}");
    assert_eq!(cloud.ask(&long), Err("InvalidParameterValue"));
    let gpus = "&InstanceRequirements.VCpuCount.Min=0&InstanceRequirements.MemoryMiB.Min=0\
        &InstanceRequirements.AcceleratorName.1=a10g&InstanceRequirements.AcceleratorCount.Min=8";
    assert_eq!(cloud.all(&format!("{ask}{gpus}"), "instanceType"), ["g5.48xlarge"]);
}
