use super::*;

#[test]
fn an_address_has_a_name_in_reverse_until_it_is_reset() {
    let mut cloud = Cloud::new();
    let id = cloud.get("Action=AllocateAddress&Domain=vpc", "allocationId");
    let modify = format!("Action=ModifyAddressAttribute&AllocationId={id}&DomainName=mail.example.com");
    assert_eq!(cloud.get(&modify, "ptrRecord"), "mail.example.com.");
    let describe = format!("Action=DescribeAddressesAttribute&AllocationId.1={id}&Attribute=domain-name");
    assert_eq!(cloud.all(&describe, "ptrRecord"), ["mail.example.com."]);
    cloud.ask(&format!("Action=ResetAddressAttribute&AllocationId={id}&Attribute=domain-name")).unwrap();
    assert_eq!(cloud.all(&describe, "allocationId"), [id.as_str()]);
    assert!(cloud.all(&describe, "ptrRecord").is_empty());
    assert_eq!(cloud.ask("Action=DescribeAddressesAttribute&Attribute=colour"), Err("InvalidParameterValue"));
}
