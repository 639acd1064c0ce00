use super::*;

const S3: &str = "com.amazonaws.us-east-1.s3";

#[test]
fn an_endpoint_puts_its_prefix_list_into_tables() {
    let mut cloud = Cloud::new();
    let vpc = cloud.vpc("192.168.0.0/16");
    let table = cloud.main_table(&vpc);
    let custom = cloud.get(&format!("Action=CreateRouteTable&VpcId={vpc}"), "routeTableId");
    let create = format!("Action=CreateVpcEndpoint&VpcId={vpc}&ServiceName={S3}&RouteTableId.1={table}");
    let id = cloud.get(&create, "vpcEndpointId");
    assert_eq!(cloud.ask(&create), Err("RouteAlreadyExists"));
    assert_eq!(cloud.ask(&create.replace(".s3", ".tea")), Err("InvalidServiceName"));
    assert_eq!(cloud.ask(&create.replace(".s3", ".sqs")), Err("InvalidParameter"), "it has interfaces only");
    assert_eq!(cloud.ask(&format!("{create}&VpcEndpointType=GatewayLoadBalancer")), Err("UnsupportedOperation"));
    assert_eq!(cloud.ask(&format!("{create}&SubnetId.1=subnet-12345678")), Err("InvalidParameter"));
    let body = cloud.ask(&format!("Action=DescribeVpcEndpoints&VpcEndpointId.1={id}")).unwrap();
    assert!(body.contains(&format!("<routeTableIdSet><item>{table}</item></routeTableIdSet>")), "{body}");

    let list = cloud.get(
        &format!("Action=DescribePrefixLists&Filter.1.Name=prefix-list-name&Filter.1.Value.1={S3}"),
        "prefixListId",
    );
    assert_eq!(cloud.routes(&table)[1], format!("{list} {id}"));
    let delete = format!("Action=DeleteRoute&RouteTableId={table}&DestinationPrefixListId={list}");
    assert_eq!(cloud.ask(&delete), Err("InvalidParameterValue"));
    let modify = format!("Action=ModifyVpcEndpoint&VpcEndpointId={id}");
    cloud.ask(&format!("{modify}&AddRouteTableId.1={custom}&RemoveRouteTableId.1={table}")).unwrap();
    assert_eq!((cloud.routes(&table).len(), cloud.routes(&custom).len()), (1, 2));
    assert_eq!(cloud.ask(&format!("Action=DeleteVpc&VpcId={vpc}")), Err("DependencyViolation"));
    let body =
        cloud.ask(&format!("Action=DeleteVpcEndpoints&VpcEndpointId.1={id}&VpcEndpointId.2=vpce-12345678")).unwrap();
    assert_eq!(texts(&body, "resourceId"), ["vpce-12345678"]);
    assert_eq!(first(&body, "code").as_deref(), Some("InvalidVpcEndpoint.NotFound"));
    assert_eq!(cloud.routes(&custom).len(), 1);
}

#[test]
fn pages_have_those_that_are_there_and_those_that_were_each_once() {
    let mut cloud = Cloud::new();
    let vpc = cloud.vpc("192.168.0.0/16");
    let service = "ServiceName=com.amazonaws.us-east-1.sqs&VpcEndpointType=Interface&PrivateDnsEnabled=false";
    let create = format!("Action=CreateVpcEndpoint&VpcId={vpc}&{service}");
    let mut ids: Vec<String> = (0..14).map(|_| cloud.get(&create, "vpcEndpointId")).collect();
    for gone in ids.iter().step_by(2) {
        cloud.ask(&format!("Action=DeleteVpcEndpoints&VpcEndpointId.1={gone}")).unwrap();
    }
    let mut seen = Vec::new();
    let mut next = String::new();
    loop {
        let page = cloud.ask(&format!("Action=DescribeVpcEndpoints&MaxResults=5{next}")).unwrap();
        seen.extend(texts(&page, "vpcEndpointId"));
        match first(&page, "nextToken") {
            Some(token) => next = format!("&NextToken={token}"),
            None => break,
        }
    }
    seen.sort();
    ids.sort();
    assert_eq!(seen, ids);
}

#[test]
fn a_prefix_list_is_the_addresses_of_the_services_hosts() {
    let mut cloud = Cloud::new();
    cloud.model.add_service_host("s3", S3, "52.216.0.1".parse().unwrap()).unwrap();
    let unknown = cloud.model.add_service_host("tea", "com.example.tea", "52.216.0.2".parse().unwrap());
    assert_eq!(unknown.map_err(|error| error.code()), Err("InvalidServiceName"));
    let body = cloud.ask("Action=DescribePrefixLists").unwrap();
    assert!(body.contains("<cidrSet><item>52.216.0.1/32</item></cidrSet>"), "{body}");
    let ids = texts(&body, "prefixListId");
    assert_eq!(ids.len(), 2);
    assert_eq!(cloud.model.prefix_list("eu-west-1", &ids[0]), []);
    let services = "Action=DescribeVpcEndpointServices&ServiceName.1";
    let body = cloud.ask(&format!("{services}={S3}")).unwrap();
    assert!(body.contains(&format!("<serviceNameSet><item>{S3}</item></serviceNameSet>")), "{body}");
    let types: Vec<String> = texts(&body, "serviceType").into_iter().filter(|of| !of.starts_with('<')).collect();
    assert_eq!(types, ["Interface", "Gateway"], "{body}");
    assert_eq!(cloud.all(&format!("{services}=com.amazonaws.us-east-1.sqs"), "serviceName").len(), 1);
}

#[test]
fn the_usual_name_of_s3_leads_to_interfaces_on_request() {
    let mut cloud = Cloud::new();
    let vpc = cloud.vpc("192.168.0.0/16");
    cloud.ask(&format!("Action=ModifyVpcAttribute&VpcId={vpc}&EnableDnsHostnames.Value=true")).unwrap();
    let create = format!("Action=CreateVpcEndpoint&VpcEndpointType=Interface&VpcId={vpc}&ServiceName={S3}");
    assert_eq!(cloud.ask(&format!("{create}&PrivateDnsEnabled=true")), Err("InvalidParameter"));
    let for_all = "PrivateDnsEnabled=true&DnsOptions.PrivateDnsOnlyForInboundResolverEndpoint=false";
    let body = cloud.ask(&format!("{create}&{for_all}")).unwrap();
    let told = ["privateDnsEnabled", "privateDnsOnlyForInboundResolverEndpoint"];
    assert_eq!(told.map(|element| first(&body, element).unwrap()), ["true", "false"]);
    assert!(texts(&body, "dnsName").contains(&"s3.us-east-1.amazonaws.com".to_owned()), "{body}");
    let table = cloud.main_table(&vpc);
    let gateway = format!("Action=CreateVpcEndpoint&VpcId={vpc}&ServiceName={S3}&RouteTableId.1={table}");
    let body = cloud.ask(&gateway).unwrap();
    assert!(!body.contains("privateDnsOnlyForInboundResolverEndpoint"), "{body}");
}

#[test]
fn an_interface_endpoint_has_a_host_in_each_of_its_subnets() {
    let mut cloud = Cloud::new();
    let vpc = cloud.vpc("192.168.0.0/16");
    let subnet = cloud.subnet(&vpc, "192.168.1.0/24");
    let zone = format!("Action=CreateSubnet&VpcId={vpc}&CidrBlock=192.168.2.0/24&AvailabilityZone=us-east-1d");
    let other = cloud.get(&zone, "subnetId");
    let form = format!("VpcEndpointType=Interface&VpcId={vpc}&ServiceName=com.amazonaws.us-east-1.sqs");
    let create = format!("Action=CreateVpcEndpoint&{form}&SubnetId.1={subnet}");
    assert_eq!(cloud.ask(&create), Err("InvalidParameter"), "the VPC has no names");
    cloud.ask(&format!("Action=ModifyVpcAttribute&VpcId={vpc}&EnableDnsHostnames.Value=true")).unwrap();
    let body = cloud.ask(&create).unwrap();
    assert_eq!(first(&body, "state").as_deref(), Some("pending"));
    let id = first(&body, "vpcEndpointId").unwrap();
    assert_eq!(cloud.ask(&create), Err("InvalidParameter"), "one endpoint has the usual name");
    assert_eq!(
        cloud.ask(&format!("{create}&SubnetId.2={subnet}&PrivateDnsEnabled=false")),
        Err("DuplicateSubnetsInSameZone")
    );

    let describe = format!("Action=DescribeVpcEndpoints&VpcEndpointId.1={id}");
    let body = cloud.ask(&describe).unwrap();
    assert_eq!(first(&body, "state").as_deref(), Some("available"));
    let names = texts(&body, "dnsName");
    assert_eq!(names.len(), 3);
    assert!(
        names[0].starts_with(&format!("{id}-")) && names[0].ends_with(".sqs.us-east-1.vpce.amazonaws.com"),
        "{names:?}"
    );
    assert!(names[1].contains("-us-east-1a.sqs."), "{names:?}");
    assert_eq!(names[2], "sqs.us-east-1.amazonaws.com");
    let interfaces = "Action=DescribeNetworkInterfaces&Filter.1.Name=interface-type&Filter.1.Value.1=vpc_endpoint";
    let shown = cloud.ask(interfaces).unwrap();
    assert_eq!(first(&shown, "description"), Some(format!("VPC Endpoint Interface {id}")));
    assert_eq!(first(&shown, "requesterManaged").as_deref(), Some("true"));

    let group = format!("Action=CreateSecurityGroup&VpcId={vpc}&GroupName=g&GroupDescription=d");
    let group = cloud.get(&group, "groupId");
    let modify = format!("Action=ModifyVpcEndpoint&VpcEndpointId={id}");
    let table = cloud.main_table(&vpc);
    assert_eq!(cloud.ask(&format!("{modify}&AddRouteTableId.1={table}")), Err("InvalidParameter"));
    cloud
        .ask(&format!("{modify}&AddSubnetId.1={other}&RemoveSubnetId.1={subnet}&AddSecurityGroupId.1={group}"))
        .unwrap();
    cloud.ask(&format!("{modify}&AddSecurityGroupId.1={group}&AddSecurityGroupId.2={group}")).unwrap();
    let body = cloud.ask(&describe).unwrap();
    assert_eq!(texts(&body, "groupId").iter().filter(|id| **id == group).count(), 1, "{body}");
    for gone in [format!("RemoveSubnetId.1={subnet}"), "RemoveSecurityGroupId.1=sg-12345678".to_owned()] {
        assert_eq!(cloud.ask(&format!("{modify}&{gone}")), Err("InvalidParameter"), "{gone}");
    }
    assert_eq!(first(&body, "subnetIdSet"), Some(format!("<item>{other}</item>")));
    assert!(texts(&body, "groupId").contains(&group), "{body}");
    let shown = cloud.ask(interfaces).unwrap();
    assert_eq!(texts(&shown, "networkInterfaceId").len(), 1, "the old host is gone, and its interface");
    assert!(texts(&shown, "groupId").contains(&group), "{shown}");
    cloud.ask(&format!("Action=DeleteVpcEndpoints&VpcEndpointId.1={id}")).unwrap();
    assert_eq!(cloud.all(interfaces, "networkInterfaceId").len(), 0);
    assert_eq!(cloud.get(&describe, "state"), "deleted");
    let services = "Action=DescribeVpcEndpointServices&Filter.1.Name=service-type&Filter.1.Value.1=Interface";
    assert!(cloud.all(services, "privateDnsName").contains(&"sqs.us-east-1.amazonaws.com".to_owned()));
}

#[test]
fn hosts_of_an_older_store_have_the_names_that_their_endpoint_tells() {
    let mut cloud = Cloud::new();
    let vpc = cloud.vpc("192.168.0.0/16");
    let subnet = cloud.subnet(&vpc, "192.168.1.0/24");
    let form = format!("VpcEndpointType=Interface&VpcId={vpc}&ServiceName=com.amazonaws.us-east-1.sqs");
    cloud.ask(&format!("Action=CreateVpcEndpoint&{form}&SubnetId.1={subnet}&PrivateDnsEnabled=false")).unwrap();
    let names = |model: &Model| model.managed_hosts.iter().map(|host| host.names.clone()).collect::<Vec<_>>();
    let before = names(&cloud.model);
    let mut rows = cloud.model.to_rows().unwrap();
    for (_, row) in rows.iter_mut().filter(|((collection, _), _)| collection == "managed_hosts") {
        let mut host: serde_json::Value = serde_json::from_slice(row).unwrap();
        host["names"] = serde_json::json!(["old.example"]);
        *row = serde_json::to_vec(&host).unwrap();
    }
    let mut model = Model::of_rows(1, rows).unwrap();
    assert_eq!(names(&model), before);
    model.undo();
    assert_eq!(names(&model), before);
}

#[test]
fn a_service_may_have_endpoints_of_both_kinds() {
    let mut cloud = Cloud::new();
    let services = format!("Action=DescribeVpcEndpointServices&ServiceName.1={S3}");
    let body = cloud.ask(&services).unwrap();
    let kinds = texts(&body, "serviceType").concat();
    assert!(kinds.contains("Gateway") && kinds.contains("Interface"), "{kinds}");
    let vpc = cloud.vpc("192.168.0.0/16");
    let subnet = cloud.subnet(&vpc, "192.168.1.0/24");
    let form = format!("VpcEndpointType=Interface&VpcId={vpc}&ServiceName={S3}&SubnetId.1={subnet}");
    let create = format!("Action=CreateVpcEndpoint&{form}");
    assert_eq!(cloud.get(&create, "privateDnsEnabled"), "false", "its usual name leads to the Internet");
    assert_eq!(cloud.ask(&format!("{create}&PrivateDnsEnabled=true")), Err("InvalidParameter"));
}

#[test]
fn what_an_endpoint_s_names_lead_to_is_kept_and_told() {
    let mut cloud = Cloud::new();
    let vpc = cloud.vpc("192.168.0.0/16");
    let form = format!("VpcEndpointType=Interface&VpcId={vpc}&ServiceName={}", S3.replace("s3", "sqs"));
    let create = format!("Action=CreateVpcEndpoint&{form}&PrivateDnsEnabled=false&ServiceRegion");
    assert_eq!(cloud.ask(&format!("{create}=eu-west-1")), Err("UnsupportedOperation"));
    let kind = "DnsOptions.DnsRecordIpType";
    assert_eq!(cloud.ask(&format!("{create}=us-east-1&{kind}=dualstack")), Err("InvalidParameterValue"));
    assert_eq!(cloud.ask(&format!("{create}=us-east-1&IpAddressType=ipv6")), Err("UnsupportedOperation"));
    let body = cloud.ask(&format!("{create}=us-east-1&IpAddressType=ipv4")).unwrap();
    assert_eq!(first(&body, "dnsRecordIpType").as_deref(), Some("ipv4"));
    let id = first(&body, "vpcEndpointId").unwrap();
    cloud.ask(&format!("Action=ModifyVpcEndpoint&VpcEndpointId={id}&{kind}=service-defined")).unwrap();
    let describe = format!("Action=DescribeVpcEndpoints&VpcEndpointId.1={id}");
    assert_eq!(cloud.get(&describe, "dnsRecordIpType"), "service-defined");
}

#[test]
fn an_endpoint_s_interface_has_the_address_that_is_asked_for() {
    let mut cloud = Cloud::new();
    let vpc = cloud.vpc("192.168.0.0/16");
    let subnet = cloud.subnet(&vpc, "192.168.1.0/24");
    let form = format!("VpcEndpointType=Interface&VpcId={vpc}&ServiceName={}", S3.replace("s3", "sqs"));
    let create = format!("Action=CreateVpcEndpoint&{form}&PrivateDnsEnabled=false&SubnetId.1={subnet}");
    let placed =
        |address: &str| format!("SubnetConfiguration.1.SubnetId={subnet}&SubnetConfiguration.1.Ipv4={address}");
    assert_eq!(cloud.ask(&format!("{create}&{}", placed("192.168.2.9"))), Err("InvalidParameterValue"));
    let create = format!("{create}&ClientToken=t&{}", placed("192.168.1.9"));
    let id = cloud.get(&create, "vpcEndpointId");
    let interface = "Action=DescribeNetworkInterfaces&Filter.1.Name=interface-type&Filter.1.Value.1=vpc_endpoint";
    assert_eq!(cloud.all(interface, "networkInterfaceId").len(), 1, "what was refused left nothing");
    assert_eq!(cloud.get(interface, "privateIpAddress"), "192.168.1.9");
    cloud.ask(&format!("Action=ModifyVpcEndpoint&VpcEndpointId={id}&{}", placed("192.168.1.10"))).unwrap();
    assert_eq!(cloud.get(&create, "vpcEndpointId"), id);
    assert_eq!(cloud.get(interface, "privateIpAddress"), "192.168.1.10", "a repeated request changes nothing");
}
