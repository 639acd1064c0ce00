//! Transfers of Elastic IP addresses between accounts.

use super::elastic_address::public_ip;
use super::listing::{missing_is_error, paged};
use super::{tags, text};
use crate::api::action::{Actions, Change, View};
use model::{AddressTransfer, Caller, ElasticAddress, IdKind, Model, Result};
use shapes::ec2;

pub fn actions(all: Actions) -> Actions {
    all.write(enable).write(disable).write(accept).read(describe)
}

fn shown(address: &ElasticAddress, transfer: &AddressTransfer) -> ec2::AddressTransfer {
    ec2::AddressTransfer {
        public_ip: text(address.address),
        allocation_id: text(&address.id),
        transfer_account_id: text(&transfer.to),
        transfer_offer_expiration_timestamp: Some(transfer.expires),
        transfer_offer_accepted_timestamp: transfer.accepted,
        address_transfer_status: text(if transfer.accepted.is_some() { "accepted" } else { "pending" }),
    }
}

fn transfer_of(model: &Model, caller: &Caller, id: &str) -> Result<Option<ec2::AddressTransfer>> {
    let address = model.elastic_addresses.find(&caller.scope, id)?;
    Ok(address.transfer.as_ref().map(|transfer| shown(address, transfer)))
}

fn enable(cx: Change, input: ec2::EnableAddressTransferRequest) -> Result<ec2::EnableAddressTransferResult> {
    let ec2::EnableAddressTransferRequest { allocation_id, transfer_account_id } = input;
    cx.model.offer_address(cx.caller, &allocation_id, transfer_account_id)?;
    Ok(ec2::EnableAddressTransferResult { address_transfer: transfer_of(cx.model, cx.caller, &allocation_id)? })
}

fn disable(cx: Change, input: ec2::DisableAddressTransferRequest) -> Result<ec2::AddressTransfer> {
    let offer = cx.model.withdraw_address(cx.caller, &input.allocation_id)?;
    let address = cx.model.elastic_addresses.find(&cx.caller.scope, &input.allocation_id)?;
    Ok(ec2::AddressTransfer { address_transfer_status: text("disabled"), ..shown(address, &offer) })
}

fn accept(cx: Change, input: ec2::AcceptAddressTransferRequest) -> Result<ec2::AcceptAddressTransferResult> {
    let ec2::AcceptAddressTransferRequest { address, tag_specifications } = input;
    let tags = tags::of(tag_specifications, "elastic-ip")?;
    let id = cx.model.accept_address(cx.caller, public_ip(&address)?, tags)?;
    Ok(ec2::AcceptAddressTransferResult { address_transfer: transfer_of(cx.model, cx.caller, &id)? })
}

fn describe(cx: View, input: ec2::DescribeAddressTransfersRequest) -> Result<ec2::DescribeAddressTransfersResult> {
    let ec2::DescribeAddressTransfersRequest { allocation_ids: ids, page } = input;
    let mut told: Vec<_> = cx.model.address_transfers(cx.caller).collect();
    let is_unknown = |id: &&String| {
        let is_its = |(address, _): &(&ElasticAddress, &AddressTransfer)| address.id == **id;
        !told.iter().any(is_its) && cx.model.elastic_addresses.find(&cx.caller.scope, id).is_err()
    };
    missing_is_error(IdKind::Allocation, ids.iter().filter(is_unknown).cloned().collect())?;
    told.retain(|(address, _)| ids.is_empty() || ids.contains(&address.id));
    let (told, next_token) = paged(&page, told, |(address, _)| &address.id)?;
    let address_transfers = told.into_iter().map(|(address, transfer)| shown(address, transfer)).collect();
    Ok(ec2::DescribeAddressTransfersResult { address_transfers, next_token })
}
