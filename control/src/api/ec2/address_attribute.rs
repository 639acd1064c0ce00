//! The attributes of Elastic IP addresses: the names in their PTR records.

use super::listing::Attributes;
use super::text;
use crate::api::action::{Actions, Change, View};
use model::{Domain, ElasticAddress, Error, Result};
use shapes::ec2;

pub fn actions(all: Actions) -> Actions {
    all.read(describe).write(modify).write(reset)
}

static NONE: Attributes<ElasticAddress> = Attributes(&[]);

fn shown(address: &ElasticAddress) -> ec2::AddressAttribute {
    ec2::AddressAttribute {
        public_ip: text(address.address),
        allocation_id: text(&address.id),
        ptr_record: address.name.clone(),
        ptr_record_update: None,
    }
}

/// There is one attribute.
fn check(attribute: Option<&str>) -> Result<()> {
    match attribute {
        None | Some("domain-name") => Ok(()),
        Some(other) => Err(Error::invalid("Attribute", other)),
    }
}

fn describe(cx: View, input: ec2::DescribeAddressesAttributeRequest) -> Result<ec2::DescribeAddressesAttributeResult> {
    let ec2::DescribeAddressesAttributeRequest { allocation_ids, attribute, page } = input;
    check(attribute.as_deref())?;
    let of_vpcs = cx.model.elastic_addresses.of(&cx.caller.scope).filter(|address| address.domain == Domain::Vpc);
    let (addresses, next_token) = NONE.page(cx.model, of_vpcs, &allocation_ids, &Default::default(), &page)?;
    Ok(ec2::DescribeAddressesAttributeResult { addresses: addresses.into_iter().map(shown).collect(), next_token })
}

fn modify(cx: Change, input: ec2::ModifyAddressAttributeRequest) -> Result<ec2::AddressAttribute> {
    let ec2::ModifyAddressAttributeRequest { allocation_id, domain_name } = input;
    let name = domain_name.map(|name| if name.ends_with('.') { name } else { format!("{name}.") });
    cx.model.name_address(cx.caller, &allocation_id, name)?;
    Ok(shown(cx.model.elastic_addresses.find(&cx.caller.scope, &allocation_id)?))
}

fn reset(cx: Change, input: ec2::ResetAddressAttributeRequest) -> Result<ec2::AddressAttribute> {
    let ec2::ResetAddressAttributeRequest { allocation_id, attribute } = input;
    check(Some(&attribute))?;
    cx.model.name_address(cx.caller, &allocation_id, None)?;
    Ok(shown(cx.model.elastic_addresses.find(&cx.caller.scope, &allocation_id)?))
}
