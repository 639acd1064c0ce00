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
    assert_eq!(cloud.ask(&format!("{create}&VpcEndpointType=Interface")), Err("UnsupportedOperation"));
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
    let create = format!("Action=CreateVpcEndpoint&VpcId={vpc}&ServiceName={S3}");
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
    let body = cloud.ask(&format!("Action=DescribeVpcEndpointServices&ServiceName.1={S3}")).unwrap();
    assert!(body.contains(&format!("<serviceNameSet><item>{S3}</item></serviceNameSet>")), "{body}");
}
