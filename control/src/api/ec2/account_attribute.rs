//! The attributes of an account in a Region (semantics.md §3).

use super::text;
use crate::api::action::{Actions, View};
use model::{Error, INSTANCES, Result};
use shapes::{List, ec2};

pub fn actions(all: Actions) -> Actions {
    all.read(describe)
}

fn describe(cx: View, input: ec2::DescribeAccountAttributesRequest) -> Result<List<ec2::AccountAttribute>> {
    let names = input.attribute_names;
    let platforms: &[&str] = if cx.model.has_classic(&cx.caller.scope) { &["EC2", "VPC"] } else { &["VPC"] };
    let default = cx.model.default_vpc(&cx.caller.scope).map_or("none", |vpc| &vpc.id);
    let most = INSTANCES.to_string();
    let all: [(&str, &[&str]); 6] = [
        ("vpc-max-security-groups-per-interface", &["5"]),
        ("max-instances", &[&most]),
        ("supported-platforms", platforms),
        ("default-vpc", &[default]),
        ("max-elastic-ips", &["5"]),
        ("vpc-max-elastic-ips", &["5"]),
    ];
    if let Some(name) = names.iter().find(|name| !all.iter().any(|(known, _)| known == name)) {
        return Err(Error::invalid("attributeName", name));
    }
    let wanted = |name: &str| names.is_empty() || names.iter().any(|wanted| wanted == name);
    let chosen = all.iter().filter(|(name, _)| wanted(name));
    Ok(chosen.map(|(name, values)| shown(name, values)).collect())
}

fn shown(name: &str, values: &[&str]) -> ec2::AccountAttribute {
    let value = |value| ec2::AccountAttributeValue { attribute_value: text(value) };
    ec2::AccountAttribute { attribute_name: text(name), attribute_values: values.iter().map(value).collect() }
}
