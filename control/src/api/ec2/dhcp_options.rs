//! DHCP options sets.

use super::listing::{Attributes, each, one};
use super::{tags, text};
use crate::api::action::{Actions, Change, View};
use model::{DhcpOptions, Error, IdKind, Result};
use shapes::ec2;

pub fn actions(all: Actions) -> Actions {
    all.write(create).read(describe).write(associate).write(delete)
}

static ATTRIBUTES: Attributes<DhcpOptions> = Attributes(&[
    ("dhcp-options-id", |_, options| one(&options.id)),
    ("key", |_, options| each(options.values.keys())),
    ("owner-id", |_, options| one(&options.scope.account)),
    ("value", |_, options| each(options.values.values().flatten())),
]);

fn shown(options: &DhcpOptions) -> ec2::DhcpOptions {
    let value = |value: &String| ec2::AttributeValue { value: text(value) };
    let configuration = |(key, values): (&String, &Vec<String>)| ec2::DhcpConfiguration {
        key: text(key),
        values: values.iter().map(value).collect(),
    };
    let own = DhcpOptions::KEYS.iter().filter_map(|key| options.values.get_key_value(*key));
    ec2::DhcpOptions {
        owner_id: text(&options.scope.account),
        tags: tags::shown(&options.tags),
        dhcp_options_id: text(&options.id),
        dhcp_configurations: own.map(configuration).collect(),
    }
}

fn create(cx: Change, input: ec2::CreateDhcpOptionsRequest) -> Result<ec2::DhcpOptions> {
    let ec2::CreateDhcpOptionsRequest { dhcp_configurations, tag_specifications } = input;
    let option = |option: ec2::NewDhcpConfiguration| {
        let key = option.key.ok_or_else(|| Error::missing("DhcpConfiguration.Key"))?;
        Ok((key, option.values.to_vec()))
    };
    let values = dhcp_configurations.into_iter().map(option).collect::<Result<_>>()?;
    let id = cx.model.create_dhcp_options(cx.caller, values, tags::of(tag_specifications, "dhcp-options")?)?;
    Ok(shown(cx.model.dhcp_options.find(&cx.caller.scope, &id)?))
}

fn describe(cx: View, input: ec2::DescribeDhcpOptionsRequest) -> Result<ec2::DescribeDhcpOptionsResult> {
    ATTRIBUTES.list(cx.model, cx.model.dhcp_options.of(&cx.caller.scope), input, shown)
}

fn associate(cx: Change, input: ec2::AssociateDhcpOptionsRequest) -> Result<()> {
    let ec2::AssociateDhcpOptionsRequest { dhcp_options_id, vpc_id } = input;
    let id = Some(dhcp_options_id).filter(|id| id != "default");
    id.iter().try_for_each(|id| IdKind::DhcpOptions.check(id))?;
    cx.model.associate_dhcp_options(cx.caller, id.as_deref(), &vpc_id)
}

fn delete(cx: Change, input: ec2::DeleteDhcpOptionsRequest) -> Result<()> {
    cx.model.delete_dhcp_options(cx.caller, &input.dhcp_options_id)
}
