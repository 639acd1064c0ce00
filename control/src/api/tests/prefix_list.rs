use super::*;

/// A VPC with a list of two blocks.
fn listed() -> (Cloud, String, String) {
    let mut cloud = Cloud::new();
    let vpc = cloud.vpc("192.168.0.0/16");
    let create = "Action=CreateManagedPrefixList&PrefixListName=sites&AddressFamily=IPv4&MaxEntries=3\
                  &Entry.1.Cidr=203.0.113.0/24&Entry.1.Description=one&Entry.2.Cidr=198.51.100.0/24";
    let list = cloud.get(create, "prefixListId");
    (cloud, vpc, list)
}

fn entries(cloud: &mut Cloud, list: &str, more: &str) -> Vec<String> {
    cloud.all(&format!("Action=GetManagedPrefixListEntries&PrefixListId={list}{more}"), "cidr")
}

#[test]
fn entries_change_in_versions_that_can_be_taken_up_again() {
    let (mut cloud, _, list) = listed();
    let modify = format!("Action=ModifyManagedPrefixList&PrefixListId={list}");
    let add = |cidr: &str| format!("{modify}&AddEntry.1.Cidr={cidr}");
    assert_eq!(cloud.ask(&add("192.0.2.0/24")), Err("MissingParameter"));
    assert_eq!(cloud.ask(&format!("{}&CurrentVersion=2", add("192.0.2.0/24"))), Err("PrefixListVersionMismatch"));
    assert_eq!(cloud.ask(&format!("{}&CurrentVersion=1", add("2600::/16"))), Err("InvalidParameterValue"));
    let remove = format!("{modify}&CurrentVersion=1&RemoveEntry.1.Cidr");
    assert_eq!(cloud.ask(&format!("{remove}=192.0.2.0/24")), Err("InvalidParameterValue"));
    assert_eq!(cloud.ask(&format!("{remove}=203.0.113.0/24&MaxEntries=9")), Err("InvalidParameterCombination"));
    let two = format!("{}&AddEntry.2.Cidr=192.0.2.0/24&CurrentVersion=1", add("8.8.8.0/24"));
    assert_eq!(cloud.ask(&two), Err("PrefixListMaxEntriesExceeded"));
    let swap = format!("{remove}=203.0.113.0/24&AddEntry.1.Cidr=192.0.2.0/24");
    assert_eq!(cloud.get(&swap, "version"), "2");
    assert_eq!(entries(&mut cloud, &list, ""), ["192.0.2.0/24", "198.51.100.0/24"]);
    assert_eq!(entries(&mut cloud, &list, "&TargetVersion=1"), ["198.51.100.0/24", "203.0.113.0/24"]);
    let restore = format!("Action=RestoreManagedPrefixListVersion&PrefixListId={list}&PreviousVersion=1");
    assert_eq!(cloud.ask(&format!("{restore}&CurrentVersion=1")), Err("PrefixListVersionMismatch"));
    assert_eq!(cloud.get(&format!("{restore}&CurrentVersion=2"), "version"), "3");
    assert_eq!(entries(&mut cloud, &list, ""), ["198.51.100.0/24", "203.0.113.0/24"]);
    assert_eq!(cloud.get(&format!("{modify}&PrefixListName=others&MaxEntries=9"), "version"), "3");

    let body = cloud.ask("Action=DescribeManagedPrefixLists").unwrap();
    assert_eq!(texts(&body, "ownerId").iter().filter(|owner| *owner == "AWS").count(), 12);
    let by_name = "Action=DescribeManagedPrefixLists&Filter.1.Name=prefix-list-name&Filter.1.Value.1=others";
    let body = cloud.ask(by_name).unwrap();
    assert_eq!(texts(&body, "prefixListId"), [list]);
    assert_eq!((first(&body, "maxEntries"), first(&body, "state")), (Some("9".into()), Some("modify-complete".into())));
}

#[test]
fn a_block_is_there_once_and_its_description_is_short() {
    let (mut cloud, _, list) = listed();
    let modify = format!("Action=ModifyManagedPrefixList&PrefixListId={list}&CurrentVersion=1");
    let create = "Action=CreateManagedPrefixList&PrefixListName=more&AddressFamily=IPv4&MaxEntries=3";
    let twice = |entry: &str| format!("&{entry}.1.Cidr=192.0.2.0/24&{entry}.2.Cidr=192.0.2.9/24");
    assert_eq!(cloud.ask(&format!("{create}{}", twice("Entry"))), Err("InvalidParameterValue"));
    assert_eq!(cloud.ask(&format!("{modify}{}", twice("AddEntry"))), Err("InvalidParameterValue"));
    let described =
        |n: usize| format!("{modify}&AddEntry.1.Cidr=192.0.2.0/24&AddEntry.1.Description={}", "d".repeat(n));
    assert_eq!(cloud.ask(&described(256)), Err("InvalidParameterValue"));
    cloud.ask(&described(255)).unwrap();
}

#[test]
fn the_last_hundred_versions_are_kept() {
    let (mut cloud, _, list) = listed();
    for version in 1..150 {
        let entry = if version % 2 == 0 { "RemoveEntry" } else { "AddEntry" };
        let cidr = "192.0.2.0/24";
        let change = format!("&CurrentVersion={version}&{entry}.1.Cidr={cidr}");
        cloud.ask(&format!("Action=ModifyManagedPrefixList&PrefixListId={list}{change}")).unwrap();
    }
    let describe = format!("Action=DescribeManagedPrefixLists&PrefixListId.1={list}");
    assert_eq!(cloud.get(&describe, "version"), "150");
    let of = |version: u8| format!("Action=GetManagedPrefixListEntries&PrefixListId={list}&TargetVersion={version}");
    assert_eq!(cloud.ask(&of(50)), Err("InvalidParameterValue"));
    assert_eq!([51, 52].map(|version| cloud.all(&of(version), "cidr").len()), [2, 3]);
    let restore =
        format!("Action=RestoreManagedPrefixListVersion&PrefixListId={list}&CurrentVersion=150&PreviousVersion=");
    assert_eq!(cloud.ask(&format!("{restore}50")), Err("InvalidParameterValue"));
    assert_eq!(cloud.get(&format!("{restore}51"), "version"), "151");
    assert_eq!(cloud.all(&of(151), "cidr").len(), 2);
}

#[test]
fn routes_and_rules_name_lists_which_stay_then() {
    let (mut cloud, vpc, list) = listed();
    let (table, igw) = (cloud.main_table(&vpc), cloud.gateway(&vpc));
    let route = |id: &str| format!("RouteTableId={table}&DestinationPrefixListId={id}");
    let create = |id: &str| format!("Action=CreateRoute&GatewayId={igw}&{}", route(id));
    assert_eq!(cloud.ask(&create("pl-12345678")), Err("InvalidParameterValue"));
    cloud.ask(&create(&list)).unwrap();
    assert_eq!(cloud.routes(&table)[1], format!("{list} {igw}"));
    let group = format!("Action=CreateSecurityGroup&GroupName=a&GroupDescription=x&VpcId={vpc}");
    let group = cloud.get(&group, "groupId");
    let allow = |id: &str| {
        format!(
            "Action=AuthorizeSecurityGroupIngress&GroupId={group}&IpPermissions.1.IpProtocol=-1\
             &IpPermissions.1.PrefixListIds.1.PrefixListId={id}"
        )
    };
    assert_eq!(cloud.ask(&allow("pl-12345678")), Err("InvalidPrefixListID.NotFound"));
    cloud.ask(&allow(&list)).unwrap();
    let users = format!("Action=GetManagedPrefixListAssociations&PrefixListId={list}");
    assert_eq!(cloud.all(&users, "resourceId"), [table.clone(), group.clone()]);
    let delete = format!("Action=DeleteManagedPrefixList&PrefixListId={list}");
    // EC2 says yes at first, and that it failed afterwards.
    assert_eq!(cloud.get(&delete, "state"), "delete-in-progress");
    let describe = format!("Action=DescribeManagedPrefixLists&PrefixListId.1={list}");
    assert_eq!(cloud.get(&describe, "state"), "delete-failed");
    cloud.ask(&format!("Action=DeleteRoute&{}", route(&list))).unwrap();
    cloud.ask(&format!("Action=DeleteSecurityGroup&GroupId={group}")).unwrap();
    cloud.ask(&delete).unwrap();
    assert_eq!(cloud.ask(&users), Err("InvalidPrefixListID.NotFound"));
}

/// M16 and M17, of blocks under a name.
#[test]
fn no_list_leads_anything_of_classic_links_range_elsewhere() {
    let (mut cloud, vpc, list) = listed();
    let (table, igw) = (cloud.main_table(&vpc), cloud.gateway(&vpc));
    let add = |version: u8| {
        format!(
            "Action=ModifyManagedPrefixList&PrefixListId={list}&CurrentVersion={version}&AddEntry.1.Cidr=10.9.0.0/16"
        )
    };
    let create = format!("Action=CreateRoute&RouteTableId={table}&DestinationPrefixListId={list}&GatewayId={igw}");
    let enable = format!("Action=EnableVpcClassicLink&VpcId={vpc}");
    cloud.ask(&create).unwrap();
    cloud.ask(&enable).unwrap();
    assert_eq!(cloud.ask(&add(1)), Err("InvalidParameterValue"));
    cloud.ask(&format!("Action=DeleteRoute&RouteTableId={table}&DestinationPrefixListId={list}")).unwrap();
    cloud.ask(&add(1)).unwrap();
    assert_eq!(cloud.ask(&create), Err("InvalidParameterValue"));
    cloud.ask(&format!("Action=DisableVpcClassicLink&VpcId={vpc}")).unwrap();
    cloud.ask(&create).unwrap();
    assert_eq!(cloud.ask(&enable), Err("VpcCidrConflict"));
}

/// As modules of load balancers do: they let in what CloudFront sends.
#[test]
fn lists_of_aws_without_addresses_here_are_found_and_named_in_rules() {
    let (mut cloud, vpc, _) = listed();
    let name = "com.amazonaws.global.cloudfront.origin-facing";
    let by_name = format!("Action=DescribeManagedPrefixLists&Filter.1.Name=prefix-list-name&Filter.1.Value.1={name}");
    let list = cloud.get(&by_name, "prefixListId");
    assert!(entries(&mut cloud, &list, "").is_empty());
    let create = format!("Action=CreateSecurityGroup&GroupName=web&GroupDescription=web&VpcId={vpc}");
    let group = cloud.get(&create, "groupId");
    let authorize = format!(
        "Action=AuthorizeSecurityGroupIngress&GroupId={group}&IpPermissions.1.IpProtocol=tcp&IpPermissions.1.FromPort=443\
         &IpPermissions.1.ToPort=443&IpPermissions.1.PrefixListIds.1.PrefixListId={list}"
    );
    assert_eq!(cloud.get(&authorize, "prefixListId"), list);
    let ipv6 = by_name.replace(name, "com.amazonaws.global.ipv6.cloudfront.origin-facing");
    assert_eq!(cloud.get(&ipv6, "addressFamily"), "IPv6");
}
