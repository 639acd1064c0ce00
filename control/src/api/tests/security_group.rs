use super::*;

fn vpc(cloud: &mut Cloud, cidr: &str) -> String {
    cloud.get(&format!("Action=CreateVpc&CidrBlock={cidr}"), "vpcId")
}

fn group(cloud: &mut Cloud, name: &str, vpc: Option<&str>) -> String {
    let vpc = vpc.map(|vpc| format!("&VpcId={vpc}")).unwrap_or_default();
    cloud.get(&format!("Action=CreateSecurityGroup&GroupName={name}&GroupDescription=x{vpc}"), "groupId")
}

fn permission(protocol: &str, from: i32, to: i32, peer: &str) -> String {
    format!(
        "&IpPermissions.1.IpProtocol={protocol}&IpPermissions.1.FromPort={from}&IpPermissions.1.ToPort={to}&IpPermissions.1.{peer}"
    )
}

#[test]
fn a_new_vpc_group_lets_everything_out_and_nothing_in() {
    let mut cloud = Cloud::new();
    let vpc = vpc(&mut cloud, "192.168.0.0/16");
    let id = group(&mut cloud, "app", Some(&vpc));
    let body = cloud.ask(&format!("Action=DescribeSecurityGroups&GroupId.1={id}")).unwrap();
    assert!(body.contains("<ipPermissions/>"), "{body}");
    assert_eq!(first(&body, "cidrIp").as_deref(), Some("0.0.0.0/0"));
    assert_eq!(first(&body, "ipProtocol").as_deref(), Some("-1"));
}

#[test]
fn rules_with_the_same_ports_are_one_permission_and_go_one_by_one() {
    let mut cloud = Cloud::new();
    let vpc = vpc(&mut cloud, "192.168.0.0/16");
    let id = group(&mut cloud, "app", Some(&vpc));
    let two = format!(
        "&GroupId={id}{}&IpPermissions.1.IpRanges.2.CidrIp=10.1.2.3/8",
        permission("tcp", 22, 22, "IpRanges.1.CidrIp=1.2.3.4/32")
    );
    let rules = cloud.all(&format!("Action=AuthorizeSecurityGroupIngress{two}"), "securityGroupRuleId");
    assert_eq!(rules.len(), 2);
    assert_eq!(cloud.ask(&format!("Action=AuthorizeSecurityGroupIngress{two}")), Err("InvalidPermission.Duplicate"));
    let describe = format!("Action=DescribeSecurityGroups&GroupId.1={id}");
    let mut cidrs = cloud.all(&describe, "cidrIp");
    cidrs.sort();
    assert_eq!(cidrs, ["0.0.0.0/0", "1.2.3.4/32", "10.0.0.0/8"]);
    assert_eq!(cloud.all(&describe, "fromPort"), ["22"]);
    let one = format!("&GroupId={id}{}", permission("tcp", 22, 22, "IpRanges.1.CidrIp=1.2.3.4/32"));
    cloud.ask(&format!("Action=RevokeSecurityGroupIngress{one}")).unwrap();
    assert_eq!(cloud.ask(&format!("Action=RevokeSecurityGroupIngress{one}")), Err("InvalidPermission.NotFound"));
    let by_id = format!("Action=RevokeSecurityGroupIngress&GroupId={id}&SecurityGroupRuleId.1={}", rules[1]);
    cloud.ask(&by_id).unwrap();
    assert_eq!(cloud.all(&describe, "cidrIp"), ["0.0.0.0/0"]);
    assert_eq!(cloud.ask(&by_id), Err("InvalidSecurityGroupRuleId.NotFound"));
}

#[test]
fn classic_groups_have_no_egress_and_know_three_protocols() {
    let mut cloud = Cloud::new();
    let id = group(&mut cloud, "web", None);
    let ask = |action: &str, rest: &str| format!("Action={action}&GroupId={id}{rest}");
    let all_out = permission("tcp", 1, 2, "IpRanges.1.CidrIp=0.0.0.0/0");
    assert_eq!(cloud.ask(&ask("AuthorizeSecurityGroupEgress", &all_out)), Err("InvalidParameterValue"));
    assert_eq!(cloud.ask(&ask("RevokeSecurityGroupEgress", &all_out)), Err("InvalidParameterValue"));
    for (protocol, peer) in [
        ("-1", "IpRanges.1.CidrIp=0.0.0.0/0"),
        ("50", "IpRanges.1.CidrIp=0.0.0.0/0"),
        ("tcp", "Ipv6Ranges.1.CidrIpv6=::/0"),
    ] {
        let rule = permission(protocol, 1, 2, peer);
        assert_eq!(cloud.ask(&ask("AuthorizeSecurityGroupIngress", &rule)), Err("InvalidParameterValue"), "{protocol}");
    }
    cloud.ask(&ask("RevokeSecurityGroupIngress", &all_out)).unwrap();
}

#[test]
fn the_flat_form_of_old_clients_works() {
    let mut cloud = Cloud::new();
    group(&mut cloud, "web", None);
    let app = group(&mut cloud, "app", None);
    let flat =
        "Action=AuthorizeSecurityGroupIngress&GroupName=web&IpProtocol=tcp&FromPort=443&ToPort=443&CidrIp=0.0.0.0/0";
    cloud.ask(flat).unwrap();
    cloud.ask("Action=AuthorizeSecurityGroupIngress&GroupName=web&SourceSecurityGroupName=app").unwrap();
    let describe = "Action=DescribeSecurityGroups&GroupName.1=web";
    assert_eq!(cloud.all(describe, "ipProtocol"), ["tcp", "tcp", "udp", "icmp"]);
    assert_eq!(
        cloud.all(&format!("{describe}&Filter.1.Name=ip-permission.group-id&Filter.1.Value.1={app}"), "groupName")[0],
        "web"
    );
    assert_eq!(cloud.ask(&format!("Action=DeleteSecurityGroup&GroupId={app}")), Err("InvalidGroup.InUse"));
    cloud.ask("Action=RevokeSecurityGroupIngress&GroupName=web&SourceSecurityGroupName=app").unwrap();
    cloud.ask("Action=DeleteSecurityGroup&GroupName=app").unwrap();
}

#[test]
fn groups_name_only_groups_of_their_own_network() {
    let mut cloud = Cloud::new();
    let (one, two) = (vpc(&mut cloud, "192.168.0.0/16"), vpc(&mut cloud, "172.16.0.0/16"));
    let (a, b, classic) =
        (group(&mut cloud, "a", Some(&one)), group(&mut cloud, "b", Some(&two)), group(&mut cloud, "c", None));
    let name = |of: &str, peer: &str| {
        format!(
            "Action=AuthorizeSecurityGroupIngress&GroupId={of}{}",
            permission("tcp", 1, 2, &format!("Groups.1.GroupId={peer}"))
        )
    };
    for (of, peer) in [(&a, &b), (&a, &classic), (&classic, &a)] {
        assert_eq!(cloud.ask(&name(of, peer)), Err("InvalidGroup.NotFound"));
    }
    assert_eq!(cloud.ask(&name(&a, "sg-12345678")), Err("InvalidGroup.NotFound"));
    cloud.ask(&name(&a, &a)).unwrap();
    cloud.account = "444455556666";
    let theirs = group(&mut cloud, "theirs", None);
    assert_eq!(
        cloud.ask(&name(&theirs, &classic)),
        Err("InvalidGroup.NotFound"),
        "another account's group needs its owner"
    );
    cloud.ask(&format!("{}&IpPermissions.1.Groups.1.UserId=111122223333", name(&theirs, &classic))).unwrap();
    cloud.account = "111122223333";
    assert_eq!(cloud.ask(&format!("Action=DeleteSecurityGroup&GroupId={classic}")), Err("InvalidGroup.InUse"));
}

#[test]
fn default_groups_stay() {
    let mut cloud = Cloud::new();
    let vpc = vpc(&mut cloud, "192.168.0.0/16");
    let of_vpc = format!("Action=DescribeSecurityGroups&Filter.1.Name=vpc-id&Filter.1.Value.1={vpc}");
    let of_vpc = cloud.get(&of_vpc, "groupId");
    let classic = cloud.get("Action=DescribeSecurityGroups&GroupName.1=default", "groupId");
    assert_eq!(cloud.ask(&format!("Action=DeleteSecurityGroup&GroupId={of_vpc}")), Err("CannotDelete"));
    assert_eq!(cloud.ask(&format!("Action=DeleteSecurityGroup&GroupId={classic}")), Err("InvalidGroup.Reserved"));
    let create = "Action=CreateSecurityGroup&GroupDescription=x&GroupName";
    assert_eq!(cloud.ask(&format!("{create}=default")), Err("InvalidGroup.Reserved"));
    assert_eq!(cloud.ask(&format!("{create}=default&VpcId={vpc}")), Err("InvalidParameterValue"));
    assert_eq!(cloud.ask(&format!("{create}=sg-web")), Err("InvalidParameterValue"));
    group(&mut cloud, "web", None);
    assert_eq!(cloud.ask(&format!("{create}=web")), Err("InvalidGroup.Duplicate"));
    group(&mut cloud, "web", Some(&vpc));
}

#[test]
fn a_group_has_room_for_so_many_rules() {
    let mut cloud = Cloud::new();
    let vpc = vpc(&mut cloud, "192.168.0.0/16");
    for (id, most) in [(group(&mut cloud, "a", Some(&vpc)), 50), (group(&mut cloud, "c", None), 100)] {
        let rule = |port: i32| {
            format!(
                "Action=AuthorizeSecurityGroupIngress&GroupId={id}{}",
                permission("tcp", port, port, "IpRanges.1.CidrIp=0.0.0.0/0")
            )
        };
        for port in 1..=most {
            cloud.ask(&rule(port)).unwrap();
        }
        assert_eq!(cloud.ask(&rule(most + 1)), Err("RulesPerSecurityGroupLimitExceeded"));
    }
}

#[test]
fn rules_can_be_described_and_modified_by_their_ids() {
    let mut cloud = Cloud::new();
    let vpc = vpc(&mut cloud, "192.168.0.0/16");
    let id = group(&mut cloud, "a", Some(&vpc));
    let rule = format!(
        "Action=AuthorizeSecurityGroupIngress&GroupId={id}{}",
        permission("tcp", 1, 1, "IpRanges.1.CidrIp=1.0.0.0/8")
    );
    let rule = cloud.get(&rule, "securityGroupRuleId");
    let modify = "SecurityGroupRule.1.SecurityGroupRule.IpProtocol=udp&SecurityGroupRule.1.SecurityGroupRule.FromPort=2\
                  &SecurityGroupRule.1.SecurityGroupRule.ToPort=3&SecurityGroupRule.1.SecurityGroupRule.CidrIpv4=2.0.0.0/8";
    let modify =
        format!("Action=ModifySecurityGroupRules&GroupId={id}&SecurityGroupRule.1.SecurityGroupRuleId={rule}&{modify}");
    cloud.ask(&modify).unwrap();
    let words = format!(
        "Action=UpdateSecurityGroupRuleDescriptionsIngress&GroupId={id}&SecurityGroupRuleDescription.1.SecurityGroupRuleId={rule}\
         &SecurityGroupRuleDescription.1.Description=why"
    );
    cloud.ask(&words).unwrap();
    let body = cloud.ask(&format!("Action=DescribeSecurityGroupRules&SecurityGroupRuleId.1={rule}")).unwrap();
    for (element, text) in [("ipProtocol", "udp"), ("toPort", "3"), ("cidrIpv4", "2.0.0.0/8"), ("description", "why")] {
        assert_eq!(first(&body, element).as_deref(), Some(text));
    }
    let of_group = format!("Action=DescribeSecurityGroupRules&Filter.1.Name=group-id&Filter.1.Value.1={id}");
    assert_eq!(cloud.all(&of_group, "securityGroupRuleId").len(), 2);
}

/// A source group without a protocol is all three of EC2-Classic's; in a VPC the protocol is to be named (semantics.md §4.1).
#[test]
fn a_source_group_may_come_without_a_protocol_in_classic_only() {
    let mut cloud = Cloud::new();
    let web = group(&mut cloud, "web", None);
    let from_itself =
        |id: &str| format!("Action=AuthorizeSecurityGroupIngress&GroupId={id}&IpPermissions.1.Groups.1.GroupId={id}");
    assert_eq!(cloud.all(&from_itself(&web), "ipProtocol"), ["tcp", "udp", "icmp"]);
    assert_eq!(cloud.ask(&from_itself(&web)), Err("InvalidPermission.Duplicate"));
    let revoke = from_itself(&web).replace("Authorize", "Revoke");
    cloud.ask(&revoke).unwrap();
    cloud.ask(&revoke).unwrap();
    assert!(cloud.all(&format!("Action=DescribeSecurityGroups&GroupId.1={web}"), "ipProtocol").is_empty());
    let flat = format!("Action=AuthorizeSecurityGroupIngress&GroupId={web}&SourceSecurityGroupName=web");
    assert_eq!(cloud.all(&flat, "ipProtocol"), ["tcp", "udp", "icmp"]);
    let anyone =
        format!("Action=AuthorizeSecurityGroupIngress&GroupId={web}&IpPermissions.1.IpRanges.1.CidrIp=0.0.0.0/0");
    assert_eq!(cloud.ask(&anyone), Err("MissingParameter"));
    let vpc = vpc(&mut cloud, "192.168.0.0/16");
    let app = group(&mut cloud, "app", Some(&vpc));
    assert_eq!(cloud.ask(&from_itself(&app)), Err("InvalidParameterValue"));
}

#[test]
fn rules_are_described_in_the_order_in_which_they_were_made() {
    let mut cloud = Cloud::new();
    let vpc = vpc(&mut cloud, "192.168.0.0/16");
    let id = group(&mut cloud, "app", Some(&vpc));
    let made: Vec<String> = (1..9)
        .map(|port| {
            let permission = permission("tcp", port, port, "IpRanges.1.CidrIp=203.0.113.0/24");
            cloud.get(&format!("Action=AuthorizeSecurityGroupIngress&GroupId={id}{permission}"), "securityGroupRuleId")
        })
        .collect();
    let describe = format!("Action=DescribeSecurityGroupRules&Filter.1.Name=group-id&Filter.1.Value.1={id}");
    let told = cloud.all(&describe, "securityGroupRuleId");
    assert_eq!(told[1..], made, "after the one that lets everything out");
}

#[test]
fn rules_name_groups_in_classic_only() {
    let mut cloud = Cloud::new();
    let vpc = vpc(&mut cloud, "192.168.0.0/16");
    for (vpc, found) in [(Some(vpc.as_str()), 0), (None, 1)] {
        let [id, peer] = ["app", "peer"].map(|name| group(&mut cloud, name, vpc));
        let permission = permission("tcp", 80, 80, &format!("Groups.1.GroupId={peer}"));
        cloud.ask(&format!("Action=AuthorizeSecurityGroupIngress&GroupId={id}{permission}")).unwrap();
        let named = "Action=DescribeSecurityGroups&Filter.1.Name=ip-permission.group-name&Filter.1.Value.1=peer";
        assert_eq!(cloud.all(named, "groupDescription").len(), found, "{vpc:?}");
    }
}

#[test]
fn a_rule_tells_the_vpc_of_a_group_only_where_it_is_another() {
    let mut cloud = Cloud::new();
    let vpc = vpc(&mut cloud, "192.168.0.0/16");
    let id = group(&mut cloud, "app", Some(&vpc));
    let permission = permission("tcp", 80, 80, &format!("Groups.1.GroupId={id}"));
    let made = cloud.ask(&format!("Action=AuthorizeSecurityGroupIngress&GroupId={id}{permission}")).unwrap();
    let referenced = first(&made, "referencedGroupInfo").unwrap();
    assert_eq!((texts(&referenced, "groupId"), texts(&referenced, "vpcId")), (vec![id], Vec::new()));
}

#[test]
fn a_page_of_rules_misses_none_when_a_rule_before_it_goes() {
    let mut cloud = Cloud::new();
    let vpc = cloud.vpc("192.168.0.0/16");
    let make = format!("Action=CreateSecurityGroup&GroupName=many&GroupDescription=d&VpcId={vpc}");
    let group = cloud.get(&make, "groupId");
    for port in 1..=9 {
        let rule = format!("IpProtocol=tcp&FromPort={port}&ToPort={port}&CidrIp=192.0.2.0/24");
        cloud.ask(&format!("Action=AuthorizeSecurityGroupIngress&GroupId={group}&{rule}")).unwrap();
    }
    let all = format!("Action=DescribeSecurityGroupRules&Filter.1.Name=group-id&Filter.1.Value.1={group}");
    let before = cloud.all(&all, "securityGroupRuleId");
    let page = cloud.ask(&format!("{all}&MaxResults=5")).unwrap();
    let (mut seen, next) = (texts(&page, "securityGroupRuleId"), first(&page, "nextToken").unwrap());
    let revoke = format!("Action=RevokeSecurityGroupIngress&GroupId={group}&SecurityGroupRuleId.1={}", seen[2]);
    cloud.ask(&revoke).unwrap();
    seen.extend(cloud.all(&format!("{all}&MaxResults=5&NextToken={next}"), "securityGroupRuleId"));
    assert_eq!(seen, before);
}
