use super::*;

/// A gateway with a VPC attached to it.
struct Hub {
    cloud: Cloud,
    gateway: String,
    table: String,
    vpc: String,
    subnet: String,
    attachment: String,
}

fn attach(cloud: &mut Cloud, gateway: &str, vpc: &str, subnet: &str) -> std::result::Result<String, &'static str> {
    let form = format!("TransitGatewayId={gateway}&VpcId={vpc}&SubnetIds.1={subnet}");
    let body = cloud.ask(&format!("Action=CreateTransitGatewayVpcAttachment&{form}"))?;
    assert_eq!(first(&body, "state").as_deref(), Some("pending"));
    Ok(first(&body, "transitGatewayAttachmentId").unwrap())
}

fn hub() -> Hub {
    let mut cloud = Cloud::new();
    let body = cloud.ask("Action=CreateTransitGateway&Description=hub&Options.AmazonSideAsn=64999").unwrap();
    assert_eq!(first(&body, "state").as_deref(), Some("pending"));
    let gateway = first(&body, "transitGatewayId").unwrap();
    let table = first(&body, "associationDefaultRouteTableId").unwrap();
    assert_eq!(first(&body, "propagationDefaultRouteTableId").as_ref(), Some(&table));
    let vpc = cloud.vpc("192.168.0.0/16");
    let subnet = cloud.subnet(&vpc, "192.168.1.0/24");
    let attachment = attach(&mut cloud, &gateway, &vpc, &subnet).unwrap();
    Hub { cloud, gateway, table, vpc, subnet, attachment }
}

/// Filters that every route passes.
const ALL: [(&str, &str); 1] = [("type", "*")];

impl Hub {
    /// The destinations of a table's routes that filters choose, and where they lead.
    fn routes(&mut self, table: &str, filters: &[(&str, &str)]) -> Vec<String> {
        let filters = filters.iter().enumerate().map(|(i, (name, value))| {
            let n = i + 1;
            format!("&Filter.{n}.Name={name}&Filter.{n}.Value.1={value}")
        });
        let filters: String = filters.collect();
        let form = format!("Action=SearchTransitGatewayRoutes&TransitGatewayRouteTableId={table}{filters}");
        let body = self.cloud.ask(&form).unwrap();
        let [to, kind, state] = ["destinationCidrBlock", "type", "state"].map(|element| texts(&body, element));
        to.into_iter().zip(kind).zip(state).map(|((to, kind), state)| format!("{to} {kind} {state}")).collect()
    }
}

#[test]
fn an_attachment_has_an_interface_in_one_subnet_a_zone() {
    let Hub { mut cloud, gateway, vpc, subnet, attachment, .. } = hub();
    let interfaces = "Action=DescribeNetworkInterfaces&Filter.1.Name=interface-type&Filter.1.Value.1=transit_gateway";
    let body = cloud.ask(interfaces).unwrap();
    let description = format!("Network Interface for Transit Gateway Attachment {attachment}");
    assert_eq!(first(&body, "description"), Some(description));
    assert_eq!(first(&body, "requesterManaged").as_deref(), Some("true"));
    let interface = first(&body, "networkInterfaceId").unwrap();
    let delete = format!("Action=DeleteNetworkInterface&NetworkInterfaceId={interface}");
    assert!(cloud.ask(&delete).is_err());
    assert_eq!(cloud.ask(&format!("Action=DeleteSubnet&SubnetId={subnet}")), Err("DependencyViolation"));

    assert_eq!(attach(&mut cloud, &gateway, &vpc, &subnet), Err("DuplicateTransitGatewayAttachment"));
    let same_zone = cloud.subnet(&vpc, "192.168.2.0/24");
    let zone = "us-east-1d";
    let create = format!("Action=CreateSubnet&VpcId={vpc}&CidrBlock=192.168.3.0/24&AvailabilityZone={zone}");
    let other_zone = cloud.get(&create, "subnetId");
    let modify = format!("Action=ModifyTransitGatewayVpcAttachment&TransitGatewayAttachmentId={attachment}");
    assert_eq!(cloud.ask(&format!("{modify}&AddSubnetIds.1={same_zone}")), Err("DuplicateSubnetsInSameZone"));
    assert!(cloud.ask(&format!("{modify}&RemoveSubnetIds.1={subnet}")).is_err(), "one must be left");
    cloud.ask(&format!("{modify}&AddSubnetIds.1={other_zone}&Options.ApplianceModeSupport=enable")).unwrap();
    cloud.ask(&format!("{modify}&AddSubnetIds.1={same_zone}&RemoveSubnetIds.1={subnet}")).unwrap();
    let described = cloud.ask("Action=DescribeTransitGatewayVpcAttachments").unwrap();
    assert_eq!(texts(&first(&described, "subnetIds").unwrap(), "item"), [other_zone, same_zone]);
    assert_eq!(first(&described, "applianceModeSupport").as_deref(), Some("enable"));
    assert_eq!(cloud.all(interfaces, "networkInterfaceId").len(), 2);
    cloud.ask(&format!("Action=DeleteSubnet&SubnetId={subnet}")).unwrap();
}

#[test]
fn tables_have_associations_propagations_and_static_routes() {
    let mut hub = hub();
    let (gateway, main, attachment) = (hub.gateway.clone(), hub.table.clone(), hub.attachment.clone());
    assert_eq!(hub.routes(&main, &ALL), ["192.168.0.0/16 propagated active"]);
    let create = format!("Action=CreateTransitGatewayRouteTable&TransitGatewayId={gateway}");
    let own = hub.cloud.get(&create, "transitGatewayRouteTableId");
    let to = |verb: &str, table: &str| {
        let form = format!("TransitGatewayRouteTableId={table}&TransitGatewayAttachmentId={attachment}");
        format!("Action={verb}&{form}")
    };
    let cloud = &mut hub.cloud;
    assert_eq!(cloud.ask(&to("AssociateTransitGatewayRouteTable", &own)), Err("Resource.AlreadyAssociated"));
    assert_eq!(cloud.ask(&to("DisassociateTransitGatewayRouteTable", &own)), Err("InvalidAssociation.NotFound"));
    cloud.ask(&to("DisassociateTransitGatewayRouteTable", &main)).unwrap();
    assert_eq!(cloud.get(&to("AssociateTransitGatewayRouteTable", &own), "state"), "associating");
    let of_table = |what: &str, table: &str| format!("Action={what}&TransitGatewayRouteTableId={table}");
    let associations = "GetTransitGatewayRouteTableAssociations";
    assert_eq!(cloud.all(&of_table(associations, &main), "resourceId").len(), 0);
    assert_eq!(cloud.get(&of_table(associations, &own), "transitGatewayAttachmentId"), attachment);
    assert_eq!(cloud.ask(&of_table("DeleteTransitGatewayRouteTable", &own)), Err("IncorrectState"));

    let again = cloud.ask(&to("EnableTransitGatewayRouteTablePropagation", &main));
    assert_eq!(again, Err("TransitGatewayRouteTablePropagation.Duplicate"));
    cloud.ask(&to("EnableTransitGatewayRouteTablePropagation", &own)).unwrap();
    let propagations = "GetTransitGatewayRouteTablePropagations";
    assert_eq!(cloud.get(&of_table(propagations, &own), "state"), "enabled");
    let form = format!("Action=GetTransitGatewayAttachmentPropagations&TransitGatewayAttachmentId={attachment}");
    assert_eq!(cloud.all(&form, "transitGatewayRouteTableId").len(), 2);
    cloud.ask(&to("DisableTransitGatewayRouteTablePropagation", &main)).unwrap();

    let route = |verb: &str, cidr: &str, more: &str| {
        let form = format!("TransitGatewayRouteTableId={own}&DestinationCidrBlock={cidr}{more}");
        format!("Action={verb}TransitGatewayRoute&{form}")
    };
    let to = format!("&TransitGatewayAttachmentId={attachment}");
    cloud.ask(&route("Create", "192.168.0.0/16", "&Blackhole=true")).unwrap();
    cloud.ask(&route("Create", "172.16.0.0/12", &to)).unwrap();
    assert_eq!(cloud.ask(&route("Create", "172.16.0.0/12", &to)), Err("RouteAlreadyExists"));
    assert_eq!(cloud.ask(&route("Create", "172.31.0.0/16", "")), Err("MissingParameter"));
    assert_eq!(cloud.ask(&route("Replace", "172.31.0.0/16", &to)), Err("InvalidRoute.NotFound"));
    let all = ["172.16.0.0/12 static active", "192.168.0.0/16 static blackhole"];
    assert_eq!(hub.routes(&main, &ALL), Vec::<String>::new());
    assert_eq!(hub.routes(&own, &ALL), all, "a static route hides a propagated one");
    assert_eq!(hub.routes(&own, &[("type", "static"), ("state", "active")]), all[..1]);
    assert_eq!(hub.routes(&own, &[("route-search.exact-match", "172.16.0.0/12")]), all[..1]);
    assert_eq!(hub.routes(&own, &[("route-search.longest-prefix-match", "192.168.7.7")]), all[1..]);
    assert_eq!(hub.routes(&own, &[("route-search.supernet-of-match", "172.17.0.0/16")]), all[..1]);
    assert_eq!(hub.routes(&own, &[("route-search.subnet-of-match", "0.0.0.0/0")]), all);
    let cloud = &mut hub.cloud;
    cloud.ask(&route("Delete", "192.168.0.0/16", "")).unwrap();
    assert_eq!(cloud.get(&route("Replace", "172.16.0.0/12", "&Blackhole=true"), "state"), "blackhole");
    assert_eq!(hub.routes(&own, &ALL), ["172.16.0.0/12 static blackhole", "192.168.0.0/16 propagated active"]);
}

#[test]
fn what_is_deleted_is_told_of_and_leaves_blackholes() {
    let Hub { mut cloud, gateway, table, vpc, attachment, .. } = hub();
    let main = cloud.main_table(&vpc);
    let route = format!("Action=CreateRoute&RouteTableId={main}&DestinationCidrBlock=0.0.0.0/0&TransitGatewayId");
    assert_eq!(cloud.ask(&format!("{route}=tgw-12345678")), Err("InvalidTransitGatewayID.NotFound"));
    cloud.ask(&format!("{route}={gateway}")).unwrap();
    let described = format!("Action=DescribeRouteTables&RouteTableId.1={main}");
    assert_eq!(cloud.get(&described, "transitGatewayId"), gateway);
    let delete = format!("Action=DeleteTransitGateway&TransitGatewayId={gateway}");
    assert_eq!(cloud.ask(&delete), Err("IncorrectState"));
    let delete_table = format!("Action=DeleteTransitGatewayRouteTable&TransitGatewayRouteTableId={table}");
    assert_eq!(cloud.ask(&delete_table), Err("IncorrectState"));

    let detach = format!("Action=DeleteTransitGatewayVpcAttachment&TransitGatewayAttachmentId={attachment}");
    assert_eq!(cloud.get(&detach, "state"), "deleting");
    assert_eq!(cloud.ask(&detach), Err("InvalidTransitGatewayAttachmentID.NotFound"));
    assert_eq!(cloud.routes(&main)[1], format!("0.0.0.0/0 {gateway} blackhole"));
    assert_eq!(cloud.get(&delete, "state"), "deleting");
    for (what, id) in [("s", &gateway), ("Attachments", &attachment), ("VpcAttachments", &attachment)] {
        let kind = if what == "s" { "" } else { "Attachment" };
        let form = format!("Action=DescribeTransitGateway{what}&TransitGateway{kind}Ids.1={id}");
        assert_eq!(cloud.get(&form, "state"), "deleted", "{what}");
    }
    cloud.now = cloud.now.after(std::time::Duration::from_secs(3600));
    let form = format!("Action=DescribeTransitGateways&TransitGatewayIds.1={gateway}");
    assert_eq!(cloud.ask(&form), Err("InvalidTransitGatewayID.NotFound"));
}

#[test]
fn a_gateway_does_by_itself_what_its_options_say() {
    let mut cloud = Cloud::new();
    let options = "Options.DefaultRouteTableAssociation=disable&Options.DefaultRouteTablePropagation=disable";
    let body = cloud.ask(&format!("Action=CreateTransitGateway&{options}")).unwrap();
    assert_eq!(first(&body, "associationDefaultRouteTableId"), None);
    let gateway = first(&body, "transitGatewayId").unwrap();
    let vpc = cloud.vpc("192.168.0.0/16");
    let subnet = cloud.subnet(&vpc, "192.168.1.0/24");
    attach(&mut cloud, &gateway, &vpc, &subnet).unwrap();
    let described = cloud.ask("Action=DescribeTransitGatewayAttachments").unwrap();
    assert_eq!(first(&described, "association"), None);
    let table = format!("Action=CreateTransitGatewayRouteTable&TransitGatewayId={gateway}");
    let table = cloud.get(&table, "transitGatewayRouteTableId");
    let modify = format!("Action=ModifyTransitGateway&TransitGatewayId={gateway}&Description=other");
    let modify = format!("{modify}&Options.DefaultRouteTableAssociation=enable");
    let body = cloud.ask(&format!("{modify}&Options.AssociationDefaultRouteTableId={table}")).unwrap();
    assert_eq!(first(&body, "associationDefaultRouteTableId"), Some(table.clone()));
    assert_eq!(first(&body, "description").as_deref(), Some("other"));
    let tables = "Action=DescribeTransitGatewayRouteTables&Filter.1.Name=default-association-route-table";
    assert_eq!(cloud.all(&format!("{tables}&Filter.1.Value.1=true"), "transitGatewayRouteTableId"), [table]);
    let bad = format!("Action=ModifyTransitGateway&TransitGatewayId={gateway}&Options.DnsSupport=perhaps");
    assert_eq!(cloud.ask(&bad), Err("InvalidParameterValue"));
}

#[test]
fn gateways_are_found_by_whether_they_carry_multicast() {
    let mut cloud = Cloud::new();
    let with = cloud.get("Action=CreateTransitGateway&Options.MulticastSupport=enable", "transitGatewayId");
    let without = cloud.get("Action=CreateTransitGateway", "transitGatewayId");
    let found = "Action=DescribeTransitGateways&Filter.1.Name=options.multicast-support&Filter.1.Value.1";
    assert_eq!(cloud.all(&format!("{found}=enable"), "transitGatewayId"), [with.as_str()]);
    assert_eq!(cloud.all(&format!("{found}=disable"), "transitGatewayId"), [without.as_str()]);
}

#[test]
fn a_reference_to_a_prefix_list_is_a_static_route_to_each_block() {
    let mut hub = hub();
    let (main, attachment) = (hub.table.clone(), hub.attachment.clone());
    let create = "Action=CreateManagedPrefixList&PrefixListName=sites&AddressFamily=IPv4&MaxEntries=3\
                  &Entry.1.Cidr=172.16.0.0/12&Entry.2.Cidr=192.168.0.0/16";
    let list = hub.cloud.get(create, "prefixListId");
    let of_table = format!("TransitGatewayRouteTableId={main}");
    let of_list = |verb: &str, list: &str, more: &str| {
        format!("Action={verb}TransitGatewayPrefixListReference&{of_table}&PrefixListId={list}{more}")
    };
    let to = format!("&TransitGatewayAttachmentId={attachment}");
    let cloud = &mut hub.cloud;
    assert_eq!(cloud.ask(&of_list("Create", "pl-12345678", &to)), Err("InvalidPrefixListID.NotFound"));
    assert_eq!(cloud.ask(&of_list("Create", &list, "")), Err("MissingParameter"));
    assert_eq!(cloud.ask(&of_list("Modify", &list, "&Blackhole=true")), Err("InvalidRoute.NotFound"));
    assert_eq!(cloud.get(&of_list("Create", &list, &to), "state"), "pending");
    assert_eq!(cloud.ask(&of_list("Create", &list, &to)), Err("RouteAlreadyExists"));
    let get = format!("Action=GetTransitGatewayPrefixListReferences&{of_table}");
    let body = cloud.ask(&get).unwrap();
    let told = ["prefixListId", "state", "blackhole", "transitGatewayAttachmentId", "resourceType"];
    let told = told.map(|element| first(&body, element).unwrap_or_default());
    assert_eq!(told, [list.as_str(), "available", "false", attachment.as_str(), "vpc"]);
    assert!(cloud.all(&format!("{get}&Filter.1.Name=is-blackhole&Filter.1.Value.1=true"), "prefixListId").is_empty());
    let users = format!("Action=GetManagedPrefixListAssociations&PrefixListId={list}");
    assert_eq!(cloud.all(&users, "resourceId"), [main.as_str()]);
    let all = ["172.16.0.0/12 static active", "192.168.0.0/16 static active"];
    assert_eq!(hub.routes(&main, &ALL), all, "they hide a propagated route");
    assert_eq!(hub.routes(&main, &[("prefix-list-id", &list)]), all);

    let cloud = &mut hub.cloud;
    let change = "&RemoveEntry.1.Cidr=192.168.0.0/16&AddEntry.1.Cidr=10.0.0.0/8&CurrentVersion=1";
    cloud.ask(&format!("Action=ModifyManagedPrefixList&PrefixListId={list}{change}")).unwrap();
    let one = format!("&{of_table}&DestinationCidrBlock=172.16.0.0/12{to}");
    cloud.ask(&format!("Action=CreateTransitGatewayRoute{one}")).unwrap();
    assert_eq!(cloud.get(&of_list("Modify", &list, "&Blackhole=true"), "blackhole"), "true");
    let changed = ["10.0.0.0/8 static blackhole", "172.16.0.0/12 static active", "192.168.0.0/16 propagated active"];
    assert_eq!(hub.routes(&main, &ALL), changed, "a route of its own hides one of a list");
    assert_eq!(hub.cloud.get(&of_list("Delete", &list, ""), "state"), "deleting");
    assert_eq!(hub.routes(&main, &ALL), changed[1..]);

    let cloud = &mut hub.cloud;
    cloud.ask(&of_list("Create", &list, &to)).unwrap();
    cloud.ask(&format!("Action=DeleteTransitGatewayVpcAttachment&TransitGatewayAttachmentId={attachment}")).unwrap();
    assert_eq!(cloud.get(&get, "blackhole"), "true", "what leads to an attachment that is gone leads nowhere");
}

#[test]
fn what_another_account_attaches_waits_to_be_accepted() {
    let Hub { mut cloud, gateway, table, .. } = hub();
    let owner = std::mem::replace(&mut cloud.account, "999988887777");
    let vpc = cloud.vpc("10.99.0.0/16");
    let subnet = cloud.subnet(&vpc, "10.99.1.0/24");
    let create =
        format!("Action=CreateTransitGatewayVpcAttachment&TransitGatewayId={gateway}&VpcId={vpc}&SubnetIds.1={subnet}");
    let body = cloud.ask(&create).unwrap();
    assert_eq!(first(&body, "state").as_deref(), Some("pendingAcceptance"));
    let id = first(&body, "transitGatewayAttachmentId").unwrap();
    let act = |action: &str| format!("Action={action}TransitGatewayVpcAttachment&TransitGatewayAttachmentId={id}");
    let state = format!("Action=DescribeTransitGatewayVpcAttachments&TransitGatewayAttachmentIds.1={id}");
    let route = format!(
        "Action=CreateRoute&RouteTableId={}&DestinationCidrBlock=192.168.0.0/16&TransitGatewayId={gateway}",
        cloud.main_table(&vpc)
    );
    assert_eq!(cloud.ask(&route), Err("InvalidTransitGatewayID.NotFound"), "nothing passes yet");
    assert_eq!(cloud.ask(&act("Accept")), Err("InvalidParameterValue"), "who asked");
    assert_eq!(cloud.get("Action=DescribeTransitGateways", "transitGatewayId"), gateway);

    let asker = std::mem::replace(&mut cloud.account, owner);
    assert_eq!(cloud.get(&state, "vpcOwnerId"), asker);
    cloud.ask(&act("Accept")).unwrap();
    assert_eq!(cloud.ask(&act("Reject")), Err("IncorrectState"));
    let associated = format!("Action=GetTransitGatewayRouteTableAssociations&TransitGatewayRouteTableId={table}");
    assert!(cloud.all(&associated, "resourceId").contains(&vpc), "by the gateway's default table");

    cloud.account = asker;
    assert_eq!(cloud.get(&state, "state"), "available");
    let general = "Action=DescribeTransitGatewayAttachments";
    assert_eq!(cloud.get(general, "transitGatewayOwnerId"), owner);
    assert_eq!(cloud.get(general, "resourceOwnerId"), asker);
    cloud.ask(&route).unwrap();
    cloud.account = owner;
    cloud.ask(&act("Delete")).unwrap();

    cloud.account = asker;
    let id = cloud.get(&create, "transitGatewayAttachmentId");
    cloud.account = owner;
    let reject = format!("Action=RejectTransitGatewayVpcAttachment&TransitGatewayAttachmentId={id}");
    assert_eq!(cloud.get(&reject, "state"), "rejecting");
    cloud.account = asker;
    let state = format!("Action=DescribeTransitGatewayVpcAttachments&TransitGatewayAttachmentIds.1={id}");
    assert_eq!(cloud.get(&state, "state"), "rejected");
}

#[test]
fn a_gateway_may_accept_what_others_attach_by_itself() {
    let mut cloud = Cloud::new();
    let gateway =
        cloud.get("Action=CreateTransitGateway&Options.AutoAcceptSharedAttachments=enable", "transitGatewayId");
    cloud.account = "999988887777";
    let vpc = cloud.vpc("10.99.0.0/16");
    let subnet = cloud.subnet(&vpc, "10.99.1.0/24");
    attach(&mut cloud, &gateway, &vpc, &subnet).unwrap();
    assert_eq!(cloud.get("Action=DescribeTransitGatewayVpcAttachments", "state"), "available");
    cloud.region = "eu-central-1";
    assert_eq!(attach(&mut cloud, &gateway, &vpc, &subnet), Err("InvalidTransitGatewayID.NotFound"));
}
