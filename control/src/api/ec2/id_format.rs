//! The format of ids, which once could be chosen: all are long by now.

use super::text;
use crate::api::action::{Actions, Change, View};
use model::{Error, Result};
use shapes::{List, ec2};

pub fn actions(all: Actions) -> Actions {
    all.read(describe).read(describe_aggregate).write(modify)
}

/// The resources whose ID format could be chosen (API reference, DescribeIdFormat).
const RESOURCES: &str = "bundle conversion-task customer-gateway dhcp-options elastic-ip-allocation elastic-ip-association \
                         export-task flow-log image import-task instance internet-gateway network-acl \
                         network-acl-association network-interface network-interface-attachment prefix-list reservation \
                         route-table route-table-association security-group snapshot subnet \
                         subnet-cidr-block-association volume vpc vpc-endpoint";

fn statuses(wanted: Option<&str>) -> List<ec2::IdFormat> {
    let wanted = RESOURCES.split(' ').filter(|known| wanted.is_none_or(|wanted| wanted == *known));
    wanted.map(|known| ec2::IdFormat { deadline: None, resource: text(known), use_long_ids: Some(true) }).collect()
}

fn check(resource: &str) -> Result<()> {
    if RESOURCES.split(' ').any(|known| known == resource) { Ok(()) } else { Err(Error::invalid("Resource", resource)) }
}

fn describe(_: View, input: ec2::DescribeIdFormatRequest) -> Result<List<ec2::IdFormat>> {
    input.resource.as_deref().map_or(Ok(()), check)?;
    Ok(statuses(input.resource.as_deref()))
}

fn describe_aggregate(
    _: View,
    _: ec2::DescribeAggregateIdFormatRequest,
) -> Result<ec2::DescribeAggregateIdFormatResult> {
    Ok(ec2::DescribeAggregateIdFormatResult { use_long_ids_aggregated: Some(true), statuses: statuses(None) })
}

/// Nobody can have short ids any more.
fn modify(_: Change, input: ec2::ModifyIdFormatRequest) -> Result<()> {
    match input.use_long_ids {
        true => check(&input.resource),
        false => Err(Error::invalid("UseLongIds", false)),
    }
}
