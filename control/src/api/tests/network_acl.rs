use super::*;

#[test]
fn subnets_begin_behind_the_default_acl_and_can_be_put_behind_another() {
    let mut cloud = Cloud::new();
    let (vpc, other) = (cloud.vpc("192.168.0.0/16"), cloud.vpc("172.16.0.0/16"));
    let subnet = cloud.subnet(&vpc, "192.168.1.0/24");
    let by_subnet = format!("Action=DescribeNetworkAcls&Filter.1.Name=association.subnet-id&Filter.1.Value.1={subnet}");
    let default = cloud.ask(&by_subnet).unwrap();
    assert_eq!(first(&default, "default").as_deref(), Some("true"));
    assert_eq!(texts(&default, "ruleNumber"), ["100", "32767", "100", "32767"]);
    assert_eq!(texts(&default, "egress"), ["true", "true", "false", "false"]);
    let default_id = first(&default, "networkAclId").unwrap();
    let association = first(&default, "networkAclAssociationId").unwrap();

    let acl = cloud.get(&format!("Action=CreateNetworkAcl&VpcId={vpc}"), "networkAclId");
    let foreign = cloud.get(&format!("Action=CreateNetworkAcl&VpcId={other}"), "networkAclId");
    let replace = |association: &str, acl: &str| {
        format!("Action=ReplaceNetworkAclAssociation&AssociationId={association}&NetworkAclId={acl}")
    };
    assert_eq!(cloud.ask(&replace(&association, &foreign)), Err("InvalidParameterValue"));
    let new = cloud.get(&replace(&association, &acl), "newAssociationId");
    assert_eq!(cloud.ask(&replace(&association, &acl)), Err("InvalidAssociationID.NotFound"));
    assert_eq!(cloud.get(&by_subnet, "networkAclId"), acl);
    let delete = |acl: &str| format!("Action=DeleteNetworkAcl&NetworkAclId={acl}");
    assert_eq!(cloud.ask(&delete(&acl)), Err("DependencyViolation"));
    cloud.ask(&replace(&new, &default_id)).unwrap();
    cloud.ask(&delete(&acl)).unwrap();
    assert_eq!(cloud.ask(&delete(&default_id)), Err("InvalidParameterValue"));
    assert_eq!(cloud.ask(&delete(&acl)), Err("InvalidNetworkAclID.NotFound"));
    assert_eq!(cloud.ask(&delete("acl-000000000000")), Err("InvalidNetworkAclID.NotFound"));
    assert_eq!(cloud.ask(&delete("acl-tea")), Err("InvalidNetworkAclId.Malformed"));
}

#[test]
fn entries_have_places() {
    let mut cloud = Cloud::new();
    let vpc = cloud.vpc("192.168.0.0/16");
    let acl = cloud.get(&format!("Action=CreateNetworkAcl&VpcId={vpc}"), "networkAclId");
    let entry = |action: &str, number: &str, more: &str| {
        format!("Action={action}NetworkAclEntry&NetworkAclId={acl}&RuleNumber={number}&Egress=false{more}")
    };
    let ssh = "&Protocol=6&RuleAction=allow&CidrBlock=10.0.0.0/8&PortRange.From=22&PortRange.To=22";
    let ping = "&Protocol=1&RuleAction=deny&CidrBlock=0.0.0.0/0&Icmp.Type=8&Icmp.Code=-1";
    for (form, answer) in [
        (entry("Create", "100", ssh), None),
        (entry("Create", "100", ping), Some("NetworkAclEntryAlreadyExists")),
        (entry("Replace", "200", ping), Some("InvalidNetworkAclEntry.NotFound")),
        (entry("Create", "0", ping), Some("InvalidParameterValue")),
        (entry("Create", "32767", ping), Some("InvalidParameterValue")),
        (entry("Create", "110", "&Protocol=6&RuleAction=allow&CidrBlock=10.0.0.0/8"), Some("InvalidParameterValue")),
        (entry("Create", "110", "&Protocol=-1&RuleAction=allow"), Some("MissingParameter")),
        (entry("Create", "110", "&Protocol=-1&RuleAction=shrug&CidrBlock=0.0.0.0/0"), Some("InvalidParameterValue")),
        (entry("Delete", "200", ""), Some("InvalidNetworkAclEntry.NotFound")),
        (entry("Replace", "100", ping), None),
        (entry("Create", "90", ssh), None),
    ] {
        assert_eq!(cloud.ask(&form).err(), answer, "{form}");
    }
    let body = cloud.ask(&format!("Action=DescribeNetworkAcls&NetworkAclId.1={acl}")).unwrap();
    assert_eq!(texts(&body, "ruleNumber"), ["32767", "90", "100", "32767"]);
    assert!(body.contains("<icmpTypeCode><code>-1</code><type>8</type></icmpTypeCode>"), "{body}");
    assert!(body.contains("<portRange><from>22</from><to>22</to></portRange>"), "{body}");
    cloud.ask(&entry("Delete", "100", "")).unwrap();
    assert_eq!(cloud.model.network_acls.get(&acl).unwrap().entries.len(), 1);
}
