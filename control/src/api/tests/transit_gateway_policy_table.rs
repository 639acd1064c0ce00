use super::*;

#[test]
fn a_policy_table_has_attachments_and_entries() {
    let mut cloud = Cloud::new();
    let gateway = cloud.get("Action=CreateTransitGateway", "transitGatewayId");
    let routes = cloud.get("Action=DescribeTransitGateways", "associationDefaultRouteTableId");
    let create = format!("Action=CreateTransitGatewayPolicyTable&TransitGatewayId={gateway}");
    let [table, other] = [(); 2].map(|()| cloud.get(&create, "transitGatewayPolicyTableId"));
    let vpc = cloud.vpc("192.168.0.0/16");
    let subnet = cloud.subnet(&vpc, "192.168.1.0/24");
    let attach = format!("TransitGatewayId={gateway}&VpcId={vpc}&SubnetIds.1={subnet}");
    let attachment =
        cloud.get(&format!("Action=CreateTransitGatewayVpcAttachment&{attach}"), "transitGatewayAttachmentId");

    let of = |act: &str, table: &str| {
        format!(
            "Action={act}TransitGatewayPolicyTable&TransitGatewayPolicyTableId={table}\
             &TransitGatewayAttachmentId={attachment}"
        )
    };
    assert_eq!(cloud.ask(&of("Disassociate", &table)), Err("InvalidTransitGatewayPolicyTableAssociation.NotFound"));
    assert_eq!(cloud.get(&of("Associate", &table), "state"), "associating");
    assert_eq!(cloud.ask(&of("Associate", &other)), Err("Resource.AlreadyAssociated"));
    let associations = format!("Action=GetTransitGatewayPolicyTableAssociations&TransitGatewayPolicyTableId={table}");
    let told = ["state", "resourceId", "resourceType"].map(|element| cloud.get(&associations, element));
    assert_eq!(told, ["associated".to_owned(), vpc.clone(), "vpc".into()]);

    let entry = |act: &str, number: &str, more: &str| {
        format!(
            "Action={act}TransitGatewayPolicyTableEntry&TransitGatewayPolicyTableId={table}\
             &PolicyRuleNumber={number}{more}"
        )
    };
    let to = format!("&TargetRouteTableId={routes}");
    assert_eq!(cloud.ask(&entry("Create", "first", &to)), Err("InvalidParameterValue"));
    cloud.ask(&entry("Create", "20", &to)).unwrap();
    assert_eq!(cloud.ask(&entry("Create", "20", &to)), Err("InvalidParameterValue"), "there is one");
    cloud.ask(&entry("Create", "3", &format!("{to}&PolicyRule.Protocol=6"))).unwrap();
    let entries = format!("Action=GetTransitGatewayPolicyTableEntries&TransitGatewayPolicyTableId={table}");
    assert_eq!(cloud.all(&entries, "policyRuleNumber"), ["3", "20"]);
    assert_eq!(cloud.all(&entries, "protocol"), ["6", "*"]);
    let modify = entry("Modify", "20", "&PolicyRule.DestinationCidrBlock=10.0.0.0/8");
    assert_eq!(cloud.get(&modify, "destinationCidrBlock"), "10.0.0.0/8");
    let filter = "&Filter.1.Name=policy-rule.destination-ip&Filter.1.Value.1=10.0.0.0/8";
    assert_eq!(cloud.all(&format!("{entries}{filter}"), "policyRuleNumber"), ["20"]);
    assert_eq!(cloud.get(&entry("Delete", "3", ""), "state"), "deleted");
    assert_eq!(cloud.ask(&entry("Delete", "3", "")), Err("InvalidTransitGatewayPolicyTableEntry.NotFound"));

    let delete = |table: &str| format!("Action=DeleteTransitGatewayPolicyTable&TransitGatewayPolicyTableId={table}");
    assert_eq!(cloud.ask(&delete(&table)), Err("IncorrectState"), "an attachment has it");
    cloud.ask(&of("Disassociate", &table)).unwrap();
    cloud.ask(&delete(&table)).unwrap();
    let described = format!("Action=DescribeTransitGatewayPolicyTables&TransitGatewayPolicyTableIds.1={table}");
    assert_eq!(cloud.get(&described, "state"), "deleted");
    assert_eq!(cloud.ask(&delete(&table)), Err("InvalidTransitGatewayPolicyTableId.NotFound"));
}
