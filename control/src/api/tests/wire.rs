//! What every action shares: parameters that are known and not treated, filters, replies of other services.

use super::*;

fn error(form: &str) -> (u16, String) {
    let refusal = Request::parse(&Call { path: "/", form, ..Call::default() }, Time(0)).map(|_| ()).unwrap_err();
    (refusal.status, first(&refusal.body, "Code").unwrap_or_default())
}

#[test]
fn actions_that_clients_know_and_we_have_not_are_told_from_those_that_nobody_knows() {
    assert_eq!(error("Action=CreateVerifiedAccessInstance"), (400, "UnsupportedOperation".into()));
    assert_eq!(error("Action=CreateTea"), (400, "InvalidAction".into()));
    assert_eq!(error("Version=2016-11-15"), (400, "MissingAction".into()));
    assert_eq!(error("Action=DescribeVpcs&Version=1999-01-01"), (400, "InvalidAction".into()));
    assert_eq!(error("Action=AssumeRoot&Version=2011-06-15"), (400, "UnsupportedOperation".into()));
}

/// An action in the list has a meaning, and one with a meaning is in the list.
#[test]
fn what_is_listed_is_carried_out() {
    for service in SERVICES {
        let meant: Vec<&str> = service.actions.names().collect();
        assert_eq!(meant, service.facts.has, "{}", service.facts.signing);
    }
}

#[test]
fn parameters_are_taken_refused_or_unknown_as_the_lists_say() {
    let mut cloud = Cloud::new();
    let create = "Action=CreateVpc&CidrBlock=10.0.0.0/16";
    cloud.ask(&format!("{create}&Ipv6CidrBlockNetworkBorderGroup=us-east-1")).unwrap();
    assert_eq!(cloud.ask(&format!("{create}&VpcEncryptionControl.Mode=enforce")), Err("UnsupportedOperation"));
    assert_eq!(cloud.ask(&format!("{create}&Colour=red")), Err("UnknownParameter"));
    assert_eq!(cloud.ask("Action=DeleteVpc"), Err("MissingParameter"));
    assert_eq!(cloud.ask("Action=DeleteVpc&VpcId="), Err("MissingParameter"));
    assert_eq!(cloud.ask("Action=DescribeVpcs&VpcId.1="), Err("InvalidVpcID.Malformed"));
    assert_eq!(
        cloud.ask("Action=AttachClassicLinkVpc&InstanceId=i-1&VpcId=vpc-1"),
        Err("MissingParameter"),
        "before what is malformed"
    );
}

/// Of some kinds of ids EC2 says what they should look like, and looks others up.
#[test]
fn an_id_that_cannot_be_one_is_malformed_or_not_there_as_its_kind_has_it() {
    let mut cloud = Cloud::new();
    for (form, code) in [
        ("Action=DescribeInternetGateways&InternetGatewayId.1=tea", "InvalidInternetGatewayId.Malformed"),
        (
            "Action=DescribeEgressOnlyInternetGateways&EgressOnlyInternetGatewayId.1=tea",
            "InvalidEgressOnlyInternetGatewayId.Malformed",
        ),
        ("Action=DescribeSubnets&SubnetId.1=10.0.0.0/24", "InvalidSubnetID.NotFound"),
        ("Action=ReleaseAddress&AllocationId=tea", "InvalidAllocationID.NotFound"),
        ("Action=DisassociateAddress&AssociationId=tea", "InvalidAssociationID.NotFound"),
        ("Action=DisassociateIamInstanceProfile&AssociationId=tea", "InvalidAssociationID.NotFound"),
        ("Action=DeleteSubnetCidrReservation&SubnetCidrReservationId=tea", "InvalidSubnetCidrReservationID.NotFound"),
        ("Action=DeleteVpnGateway&VpnGatewayId=tea", "InvalidVpnGatewayID.NotFound"),
        ("Action=DescribeCarrierGateways&CarrierGatewayId.1=tea", "InvalidCarrierGatewayID.NotFound"),
    ] {
        assert_eq!(cloud.ask(form), Err(code), "{form}");
    }
    let told = cloud.refusal("Action=DescribeVpnConnections&VpnConnectionId.1=tea");
    let message = first(&told, "Message").unwrap_or_default().replace("&apos;", "'");
    assert_eq!(message, "The vpnConnection ID 'tea' does not exist");
}

#[test]
fn documented_filters_that_are_not_modelled_match_nothing() {
    let mut cloud = Cloud::new();
    let vpc = cloud.vpc("10.0.0.0/16");
    cloud.subnet(&vpc, "10.0.1.0/24");
    let mut count = |action: &str, filter: &str, element: &str| {
        cloud.all(&format!("Action={action}&Filter.1.Name={filter}&Filter.1.Value.1=*"), element).len()
    };
    assert_eq!(count("DescribeVpcs", "vpc-id", "vpcId"), 1);
    assert_eq!(count("DescribeVpcs", "ipv6-cidr-block-association.ipv6-pool", "vpcId"), 0);
    assert_eq!(count("DescribeSubnets", "outpost-arn", "subnetId"), 0);
    assert_eq!(cloud.ask("Action=DescribeSubnets&Filter.1.Name=colour&Filter.1.Value.1=red"), Err("InvalidFilter"));
    assert_eq!(cloud.ask("Action=DescribeSubnets&Filter.1.Value.1=red"), Err("InvalidFilter"));
}

#[test]
fn what_xml_cannot_carry_is_refused_and_the_rest_is_escaped() {
    let mut cloud = Cloud::new();
    let vpc = cloud.vpc("10.0.0.0/16");
    let tag = |value: &str| format!("Action=CreateTags&ResourceId.1={vpc}&Tag.1.Key=a&Tag.1.Value={value}");
    assert_eq!(cloud.ask(&tag("%3Cb%3E%01%EF%BF%BF")), Err("InvalidCharacter"));
    cloud.ask(&tag("%3Cb%3E")).unwrap();
    assert_eq!(cloud.get("Action=DescribeVpcs", "value"), "&lt;b&gt;");
}

#[test]
fn the_token_service_knows_its_caller_and_speaks_its_own_dialect() {
    let authorization =
        "AWS4-HMAC-SHA256 Credential=123456789012/20150107/us-east-1/sts/aws4_request, SignedHeaders=host";
    let ask = |form: &str| {
        let call = Call { path: "/", form, authorization: Some(authorization), ..Call::default() };
        Request::parse(&call, Time(0)).and_then(|request| request.read(&Model::new(1)))
    };
    let reply = ask("Action=GetCallerIdentity&Version=2011-06-15").unwrap();
    assert!(
        reply.body.contains("<GetCallerIdentityResult><UserId>123456789012</UserId><Account>123456789012</Account>")
    );
    assert!(reply.body.contains(&format!("<ResponseMetadata><RequestId>{}</RequestId>", reply.request_id)));
    let refusal = ask("Action=GetCallerIdentity&Version=2011-06-15&Colour=red").unwrap_err();
    assert!(refusal.body.contains("<ErrorResponse><Error><Type>Sender</Type><Code>ValidationError</Code>"));
}

/// IAM and Route 53 sign for no Region, and boto 2 for one that it makes out of an address: they are asked at the first one.
#[test]
fn a_scope_without_a_region_that_exists_means_the_first_one() {
    for region in ["", "aws-global", "127", "0", "localhost", "us-east-9"] {
        let scope = Credentials::from_scope(&format!("123456789012/20150107/{region}/iam/aws4_request"));
        assert_eq!((scope.account(), scope.region()), ("123456789012", "us-east-1"));
    }
    for region in ["eu-west-1", "mx-central-1", "us-gov-west-1", "cn-north-1", "ap-southeast-7"] {
        let scope = Credentials::from_scope(&format!("x/20150107/{region}/ec2/aws4_request"));
        assert_eq!(scope.region(), region);
    }
}

#[test]
fn filters_have_at_most_200_values_of_255_characters() {
    let mut cloud = Cloud::new();
    let request = |values: usize| {
        let one = |n: usize| format!("&Filter.{}.Value.{}=vpc-1", n / 150 + 1, n % 150 + 1);
        let names = "&Filter.1.Name=vpc-id&Filter.2.Name=vpc-id";
        format!("Action=DescribeVpcs{names}{}", (0..values).map(one).collect::<String>())
    };
    assert!(cloud.ask(&request(200)).is_ok());
    assert_eq!(cloud.ask(&request(201)), Err("FilterLimitExceeded"));
    let of_length = |n| format!("Action=DescribeVpcs&Filter.1.Name=vpc-id&Filter.1.Value.1={}", "v".repeat(n));
    assert!(cloud.ask(&of_length(255)).is_ok());
    assert_eq!(cloud.ask(&of_length(256)), Err("FilterLimitExceeded"));
}

#[test]
fn what_there_is_none_of_is_asked_for_as_anything_else() {
    let mut cloud = Cloud::new();
    let describe = "Action=DescribeLocalGateways";
    let filter = |name: &str| format!("{describe}&Filter.1.Name={name}&Filter.1.Value.1=x");
    assert!(cloud.ask(&filter("local-gateway-id")).is_ok());
    assert_eq!(cloud.ask(&filter("local-gateway")), Err("InvalidFilter"));
    assert_eq!(cloud.ask(&format!("{describe}&NextToken=x")), Err("InvalidNextToken"));
}

/// The actions that have filters, with the names that EC2 documents for each.
fn documented_filters() -> Vec<(&'static str, Vec<&'static str>)> {
    let mut all: Vec<(&str, Vec<&str>)> = Vec::new();
    for line in include_str!("../../../shapes/facts/ec2.txt").lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            ["action", name, ..] => all.push((name, Vec::new())),
            ["filters", names @ ..] => all.last_mut().unwrap().1.extend(names),
            _ => {}
        }
    }
    all.retain(|(_, filters)| !filters.is_empty());
    all
}

#[test]
fn every_documented_filter_is_taken() {
    let mut cloud = Cloud::new();
    let documented = documented_filters();
    assert!(documented.len() > 15, "{documented:?}");
    let table =
        cloud.get("Action=CreateTransitGateway&Options.MulticastSupport=enable", "associationDefaultRouteTableId");
    let gateway = cloud.get("Action=DescribeTransitGateways", "transitGatewayId");
    let vpc = cloud.vpc("192.168.0.0/16");
    let subnet = cloud.subnet(&vpc, "192.168.1.0/24");
    let attach = format!("TransitGatewayId={gateway}&VpcId={vpc}&SubnetIds.1={subnet}");
    let attach = format!("Action=CreateTransitGatewayVpcAttachment&{attach}");
    let attachment = cloud.get(&attach, "transitGatewayAttachmentId");
    let within = |action: &str| format!("Action={action}&TransitGatewayId={gateway}");
    let domain = cloud.get(&within("CreateTransitGatewayMulticastDomain"), "transitGatewayMulticastDomainId");
    let policies = cloud.get(&within("CreateTransitGatewayPolicyTable"), "transitGatewayPolicyTableId");
    let template = "Action=CreateLaunchTemplate&LaunchTemplateName=web&LaunchTemplateData.ImageId=ami-1a2b3c4d";
    let template = cloud.get(&format!("{template}&LaunchTemplateData.InstanceType=m3.large"), "launchTemplateId");
    let specification = "LaunchTemplateConfigs.1.LaunchTemplateSpecification";
    let create = format!("Action=CreateFleet&{specification}.LaunchTemplateId={template}&{specification}.Version=1");
    let fleet = cloud.get(&format!("{create}&TargetCapacitySpecification.TotalTargetCapacity=1"), "fleetId");
    let balancer = "arn:aws:elasticloadbalancing:us-east-1:111122223333:loadbalancer/net/a/1";
    let create = format!("Action=CreateVpcEndpointServiceConfiguration&NetworkLoadBalancerArn.1={balancer}");
    let service = cloud.get(&create, "serviceId");
    let create = "Action=CreateClientVpnEndpoint&ClientCidrBlock=10.9.0.0/22&ServerCertificateArn=arn:aws:acm:x:y:z";
    let create =
        format!("{create}&Authentication.1.Type=certificate-authentication&ConnectionLogOptions.Enabled=false");
    let client_vpn = cloud.get(&create, "clientVpnEndpointId");
    // Some actions are about one thing, which must be named.
    let of = |action: &str| match action {
        "GetTransitGatewayAttachmentPropagations" => format!("&TransitGatewayAttachmentId={attachment}"),
        "GetTransitGatewayPrefixListReferences" | "SearchTransitGatewayRoutes" => {
            format!("&TransitGatewayRouteTableId={table}")
        }
        _ if action.starts_with("GetTransitGatewayRouteTable") => format!("&TransitGatewayRouteTableId={table}"),
        _ if action.starts_with("GetTransitGatewayPolicyTable") => format!("&TransitGatewayPolicyTableId={policies}"),
        "GetTransitGatewayMulticastDomainAssociations" | "SearchTransitGatewayMulticastGroups" => {
            format!("&TransitGatewayMulticastDomainId={domain}")
        }
        "DescribeCapacityReservationBillingRequests" => "&Role=odcr-owner".to_owned(),
        "DescribeClientVpnEndpoints" => String::new(),
        _ if action.starts_with("DescribeClientVpn") => format!("&ClientVpnEndpointId={client_vpn}"),
        "DescribeFleetInstances" => format!("&FleetId={fleet}"),
        "DescribeVpcEndpointServicePermissions" => format!("&ServiceId={service}"),
        "DescribeLaunchTemplateVersions" => "&LaunchTemplateVersion.1=$Latest".to_owned(),
        "GetSecurityGroupsForVpc" => format!("&VpcId={vpc}"),
        "GetSubnetCidrReservations" => format!("&SubnetId={subnet}"),
        _ => String::new(),
    };
    for (action, filters) in documented {
        let needed = of(action);
        for filter in filters {
            // The ids of groups are looked at.
            let value = if filter == "group-id" { "sg-12345678" } else { "nothing-like-it" };
            let ask = format!("Action={action}{needed}&Filter.1.Name={filter}&Filter.1.Value.1={value}");
            assert_eq!(cloud.ask(&ask).map(|_| ()), Ok(()), "{ask}");
        }
    }
}

#[test]
fn a_token_makes_one_thing_for_a_day() {
    let mut cloud = Cloud::new();
    let (vpc, other) = (cloud.vpc("192.168.0.0/16"), cloud.vpc("172.16.0.0/16"));
    let subnet = cloud.subnet(&vpc, "192.168.1.0/24");
    cloud.gateway(&vpc);
    let allocation = cloud.get("Action=AllocateAddress&Domain=vpc", "allocationId");
    for (request, element) in [
        (format!("CreateRouteTable&VpcId={vpc}"), "routeTableId"),
        (format!("CreateNetworkAcl&VpcId={vpc}"), "networkAclId"),
        (format!("CreateEgressOnlyInternetGateway&VpcId={vpc}"), "egressOnlyInternetGatewayId"),
        (format!("CreateVpcEndpoint&VpcId={vpc}&ServiceName=com.amazonaws.us-east-1.s3"), "vpcEndpointId"),
        (format!("CreateNetworkInterface&SubnetId={subnet}"), "networkInterfaceId"),
        (format!("CreateNatGateway&SubnetId={subnet}&AllocationId={allocation}"), "natGatewayId"),
    ] {
        let ask = format!("Action={request}&ClientToken=tea");
        let made = cloud.get(&ask, element);
        assert_eq!(cloud.get(&ask, element), made, "{ask}");
        assert_eq!(cloud.get(&ask, "clientToken"), "tea", "{ask}");
        assert_ne!(cloud.get(&ask.replace("=tea", "=coffee"), element), made, "{ask}");
    }
    let ask = |vpc: &str| format!("Action=CreateRouteTable&VpcId={vpc}&ClientToken=tea");
    assert_eq!(cloud.ask(&ask(&other)), Err("IdempotentParameterMismatch"));
    cloud.now = cloud.now.after(std::time::Duration::from_secs(24 * 3600));
    cloud.ask(&ask(&other)).unwrap();
}

#[test]
fn a_filter_for_an_empty_group_id_is_malformed() {
    let mut cloud = Cloud::new();
    for filter in ["SecurityGroups&Filter.1.Name=group-id", "NetworkInterfaces&Filter.1.Name=group-id"] {
        let ask = format!("Action=Describe{filter}&Filter.1.Value.1=");
        assert_eq!(cloud.ask(&ask), Err("InvalidGroupId.Malformed"), "{ask}");
    }
    cloud.ask("Action=DescribeSecurityGroups&Filter.1.Name=vpc-id&Filter.1.Value.1=").unwrap();
}

#[test]
fn of_kinds_that_nothing_makes_there_is_none() {
    let mut cloud = Cloud::new();
    let body = cloud.ask("Action=DescribeCapacityReservations").unwrap();
    assert!(body.contains("<capacityReservationSet/>"), "{body}");
    assert!(cloud.ask("Action=DescribeLocalGateways&MaxResults=5").is_ok());
    for action in [
        "DescribeVerifiedAccessGroups",
        "DescribeVerifiedAccessInstances",
        "DescribeCoipPools",
        "ListImagesInRecycleBin",
    ] {
        cloud.ask(&format!("Action={action}")).unwrap();
    }
    assert_eq!(cloud.get("Action=DescribeVpcBlockPublicAccessOptions", "internetGatewayBlockMode"), "off");
    let named = "Action=DescribeVerifiedAccessInstances&VerifiedAccessInstanceId.1=vai-12345678";
    assert_eq!(cloud.ask(named), Err("InvalidVerifiedAccessInstanceId.NotFound"));
    assert_eq!(cloud.ask("Action=CreateVerifiedAccessInstance"), Err("UnsupportedOperation"));
}

#[test]
fn messages_tell_all_ids_that_are_missing() {
    let mut cloud = Cloud::new();
    let mut message = |form: &str| first(&cloud.refusal(form), "Message").unwrap_or_default().replace("&apos;", "'");
    assert_eq!(
        message("Action=TerminateInstances&InstanceId.1=i-12345678&InstanceId.2=i-87654321"),
        "The instance IDs 'i-12345678, i-87654321' do not exist"
    );
    assert_eq!(
        message("Action=DescribeImages&ImageId.1=ami-abcd1234&ImageId.2=ami-1234abcd"),
        "The image ids '[ami-abcd1234, ami-1234abcd]' do not exist"
    );
    assert_eq!(message("Action=DescribeImages&ImageId.1=ami-abcd1234"), "The image id '[ami-abcd1234]' does not exist");
    assert_eq!(message("Action=TerminateInstances"), "No instances specified");
    assert_eq!(message("Action=CreateTags&Tag.1.Key=k"), "The request must contain the parameter resourceIdSet");
    let of_group = "Action=DescribeSecurityGroupRules&Filter.1.Name=group-id&Filter.1.Value.1=foobar";
    assert_eq!(message(of_group), "The security group ID 'foobar' is malformed");
}

#[test]
fn what_is_described_comes_in_the_order_in_which_it_was_made() {
    let mut cloud = Cloud { region: "eu-central-1", ..Cloud::new() };
    let own = cloud.all("Action=DescribeVpcs", "vpcId");
    let vpcs: Vec<String> = (0..20).map(|n| cloud.vpc(&format!("10.{n}.0.0/16"))).collect();
    let all = [own, vpcs.clone()].concat();
    assert_eq!(cloud.all("Action=DescribeVpcs", "vpcId"), all);
    let mut page = cloud.ask("Action=DescribeVpcs&MaxResults=5").unwrap();
    let mut paged = texts(&page, "vpcId");
    while let Some(token) = first(&page, "nextToken") {
        page = cloud.ask(&format!("Action=DescribeVpcs&MaxResults=5&NextToken={token}")).unwrap();
        paged.extend(texts(&page, "vpcId"));
    }
    assert_eq!(paged, all);
    let run = "Action=RunInstances&ImageId=ami-1a2b3c4d&InstanceType=t3.micro&MinCount=1&MaxCount=1";
    let instances: Vec<String> = (0..20).map(|_| cloud.get(run, "instanceId")).collect();
    assert_eq!(cloud.all("Action=DescribeInstances", "instanceId"), instances);
    let addresses: Vec<String> = (0..5).map(|_| cloud.get("Action=AllocateAddress", "publicIp")).collect();
    assert_eq!(cloud.all("Action=DescribeAddresses", "publicIp"), addresses);
    let named = format!("Action=DescribeAddresses&PublicIp.1={}&PublicIp.2={}", addresses[4], addresses[0]);
    assert_eq!(cloud.all(&named, "publicIp"), [addresses[4].as_str(), addresses[0].as_str()], "as they are asked for");
}

#[test]
fn launches_and_attachments_are_told_by_the_second() {
    let mut cloud = Cloud { region: "eu-central-1", now: Time(1_420_632_000_123), ..Cloud::new() };
    let run = "Action=RunInstances&ImageId=ami-1a2b3c4d&InstanceType=t3.micro&MinCount=1&MaxCount=1";
    let id = cloud.get(run, "instanceId");
    let describe = format!("Action=DescribeInstances&InstanceId.1={id}");
    let second = "2015-01-07T12:00:00.000Z";
    assert_eq!(cloud.get(&describe, "launchTime"), second);
    assert!(cloud.all(&describe, "attachTime").iter().all(|time| time == second));
    for filter in ["launch-time", "block-device-mapping.attach-time", "network-interface.attachment.attach-time"] {
        let found = format!("Action=DescribeInstances&Filter.1.Name={filter}&Filter.1.Value.1={second}");
        assert_eq!(cloud.all(&found, "instanceId"), [id.as_str()], "{filter}");
    }
}

#[test]
fn a_type_of_resource_that_an_action_does_not_make_cannot_be_tagged_by_it() {
    let mut cloud = Cloud::new();
    let (vpc, volume) =
        ("Action=CreateVpc&CidrBlock=10.0.0.0/16", "Action=CreateVolume&Size=1&AvailabilityZone=us-east-1a");
    for (create, code) in [(vpc, "InvalidParameter"), (volume, "InvalidParameterValue")] {
        for (tags, words) in [
            (
                "ResourceType=instance&Tag.1.Key=k",
                "'instance' is not a valid taggable resource type for this operation.",
            ),
            ("Tag.1.Key=k", "Tag specification resource type must have a value"),
            (
                if create == vpc { "ResourceType=vpc" } else { "ResourceType=volume" },
                "Tag specification must have at least one tag",
            ),
        ] {
            let tags = tags.split('&').map(|pair| format!("&TagSpecification.1.{pair}")).collect::<String>();
            let refusal = cloud.refusal(&format!("{create}{tags}")).replace("&apos;", "'");
            assert_eq!(first(&refusal, "Code").as_deref(), Some(code));
            assert!(refusal.contains(words), "{refusal}");
        }
    }
}

#[test]
fn instances_volumes_and_images_show_no_empty_list_of_tags() {
    let mut cloud = Cloud::new();
    let instance = cloud.instance(None);
    let image = cloud.get(&format!("Action=CreateImage&InstanceId={instance}&Name=mine"), "imageId");
    cloud.vpc("10.0.0.0/16");
    for (describe, shown) in [
        (format!("DescribeInstances&InstanceId.1={instance}"), false),
        ("DescribeVolumes".into(), false),
        ("DescribeSnapshots".into(), true),
        (format!("DescribeImages&ImageId.1={image}"), false),
        ("DescribeVpcs".into(), true),
    ] {
        let body = cloud.ask(&format!("Action={describe}")).unwrap();
        assert_eq!(body.contains("<tagSet"), shown, "{body}");
    }
}
