use super::*;
use std::time::Duration;

const OWNER: &str = "111122223333";
const OTHER: &str = "444455556666";
const DESCRIBE: &str = "Action=DescribeAddressTransfers";

/// An address of the owner's, and its allocation id.
fn address(cloud: &mut Cloud) -> (String, String) {
    let body = cloud.ask("Action=AllocateAddress&Domain=vpc").unwrap();
    (first(&body, "publicIp").unwrap(), first(&body, "allocationId").unwrap())
}

fn days(cloud: &mut Cloud, days: u64) {
    cloud.now = cloud.now.after(Duration::from_secs(days * 24 * 3600));
}

#[test]
fn an_address_changes_hands_when_an_offer_is_accepted() {
    let mut cloud = Cloud::new();
    let (ip, id) = address(&mut cloud);
    let enable = format!("Action=EnableAddressTransfer&AllocationId={id}&TransferAccountId");
    for nobody in ["me", OWNER] {
        assert_eq!(cloud.ask(&format!("{enable}={nobody}")), Err("InvalidParameterValue"));
    }
    assert_eq!(cloud.get(&format!("{enable}={OTHER}"), "addressTransferStatus"), "pending");
    assert_eq!(cloud.get(DESCRIBE, "transferAccountId"), OTHER);

    cloud.account = OTHER;
    let accept = format!("Action=AcceptAddressTransfer&Address={ip}");
    let tag = "TagSpecification.1.ResourceType=elastic-ip&TagSpecification.1.Tag.1.Key=Name";
    assert_eq!(cloud.get(&format!("{accept}&{tag}"), "addressTransferStatus"), "accepted");
    assert_eq!(cloud.get("Action=DescribeAddresses", "allocationId"), id);
    assert_eq!(cloud.get("Action=DescribeAddresses", "key"), "Name");
    assert!(cloud.all(DESCRIBE, "allocationId").is_empty(), "it is told to the former owner");
    assert_eq!(cloud.ask(&accept), Err("InvalidAddress.NotFound"));

    cloud.account = OWNER;
    assert!(cloud.all("Action=DescribeAddresses", "allocationId").is_empty());
    assert_eq!(cloud.get(&format!("{DESCRIBE}&AllocationId.1={id}"), "addressTransferStatus"), "accepted");
    days(&mut cloud, 14);
    assert_eq!(cloud.ask(&format!("{DESCRIBE}&AllocationId.1={id}")), Err("InvalidAllocationID.NotFound"));
}

#[test]
fn an_offer_ends_after_seven_days_or_when_it_is_taken_back() {
    let mut cloud = Cloud::new();
    let (ip, id) = address(&mut cloud);
    let enable = format!("Action=EnableAddressTransfer&AllocationId={id}&TransferAccountId={OTHER}");
    let disable = format!("Action=DisableAddressTransfer&AllocationId={id}");
    let accept = format!("Action=AcceptAddressTransfer&Address={ip}");
    assert_eq!(cloud.ask(&disable), Err("InvalidParameterValue"));
    cloud.ask(&enable).unwrap();
    assert_eq!(cloud.get(&disable, "addressTransferStatus"), "disabled");
    cloud.account = OTHER;
    assert_eq!(cloud.ask(&accept), Err("InvalidAddress.NotFound"));

    cloud.account = OWNER;
    cloud.ask(&enable).unwrap();
    days(&mut cloud, 7);
    assert!(cloud.all(DESCRIBE, "allocationId").is_empty());
    cloud.account = OTHER;
    assert_eq!(cloud.ask(&accept), Err("InvalidAddress.NotFound"));
}

#[test]
fn an_address_in_use_or_with_a_name_is_not_accepted() {
    let mut cloud = Cloud::new();
    let (ip, id) = address(&mut cloud);
    cloud.ask(&format!("Action=EnableAddressTransfer&AllocationId={id}&TransferAccountId={OTHER}")).unwrap();
    let vpc = cloud.vpc("192.168.0.0/16");
    cloud.gateway(&vpc);
    let subnet = cloud.subnet(&vpc, "192.168.1.0/24");
    let instance = cloud.instance(Some(&subnet));
    let associate = format!("Action=AssociateAddress&AllocationId={id}&InstanceId={instance}");
    let association = cloud.get(&associate, "associationId");
    let accept = format!("Action=AcceptAddressTransfer&Address={ip}");
    cloud.account = OTHER;
    assert_eq!(cloud.ask(&accept), Err("InvalidTransfer.AddressAssociated"));

    cloud.account = OWNER;
    cloud.ask(&format!("Action=DisassociateAddress&AssociationId={association}")).unwrap();
    let name = format!("Action=ModifyAddressAttribute&AllocationId={id}&DomainName=mail.example.com");
    cloud.ask(&name).unwrap();
    cloud.account = OTHER;
    assert_eq!(cloud.ask(&accept), Err("InvalidTransfer.AddressCustomPtrSet"));
}
