//! Option groups.

use super::{filter, tags};
use crate::api::action::{Actions, Change, View};
use crate::api::deployment::{Paged, paged, text};
use model::Model;
use model::services::{
    ChosenOption, Clash, EngineVersion, Error, KnownOption, OptionGroup, Result, known_options, versions,
};
use shapes::rds;

pub fn actions(all: Actions) -> Actions {
    all.write(create).write(copy).read(describe).read(describe_options).write(modify).write(delete)
}

fn create(cx: Change, input: rds::CreateOptionGroupMessage) -> Result<rds::OptionGroup> {
    let named = (input.option_group_name.as_str(), input.option_group_description.as_str());
    let of = (input.engine_name.as_str(), input.major_engine_version.as_str());
    let group = cx.model.create_option_group(cx.caller, named, of, tags::of(input.tags)?)?;
    Ok(shown(cx.model, &group))
}

fn copy(cx: Change, input: rds::CopyOptionGroupMessage) -> Result<rds::OptionGroup> {
    let source = input.source_option_group_identifier.as_str();
    let source = source.split_once(":og:").map_or(source, |(_, name)| name);
    let new = (input.target_option_group_identifier.as_str(), input.target_option_group_description.as_str());
    let group = cx.model.copy_option_group(cx.caller, source, new, tags::of(input.tags)?)?;
    Ok(shown(cx.model, &group))
}

fn describe(cx: View, input: rds::DescribeOptionGroupsMessage) -> Result<Paged<rds::OptionGroup>> {
    let rds::DescribeOptionGroupsMessage { option_group_name, engine_name, major_engine_version, filters, page } =
        input;
    filter::check(&filters)?;
    if major_engine_version.is_some() && engine_name.is_none() {
        return Err(Clash::Needs { name: "MajorEngineVersion", other: "EngineName" }.into());
    }
    let mut rows = match option_group_name {
        Some(name) => vec![cx.model.option_group(&cx.caller.scope, &name)?],
        None => cx.model.option_groups_of(&cx.caller.scope),
    };
    rows.retain(|row| engine_name.as_ref().is_none_or(|engine| *engine == row.engine));
    rows.retain(|row| major_engine_version.as_ref().is_none_or(|major| *major == row.major));
    Ok(paged(page, rows, |row: &OptionGroup| &row.name)?.map(|row| shown(cx.model, &row)))
}

fn modify(cx: Change, input: rds::ModifyOptionGroupMessage) -> Result<rds::OptionGroup> {
    if input.options_to_include.is_empty() && input.options_to_remove.is_empty() {
        return Err(Clash::NoOptions {}.into());
    }
    let chosen = input.options_to_include.into_iter().map(|option| {
        let settings = option.option_settings.into_iter().filter_map(|setting| Some((setting.name?, setting.value?)));
        let chosen = ChosenOption {
            port: option.port,
            version: option.option_version,
            settings: settings.collect(),
            access_groups: option.db_security_group_memberships.to_vec(),
            groups: option.vpc_security_group_memberships.to_vec(),
        };
        (option.option_name, chosen)
    });
    let group = cx.model.modify_option_group(
        cx.caller,
        &input.option_group_name,
        chosen.collect(),
        &input.options_to_remove,
    )?;
    Ok(shown(cx.model, &group))
}

fn delete(cx: Change, input: rds::DeleteOptionGroupMessage) -> Result<()> {
    cx.model.delete_option_group(cx.caller, &input.option_group_name)
}

fn shown(model: &Model, group: &OptionGroup) -> rds::OptionGroup {
    let option = |(name, chosen): (&String, &ChosenOption)| {
        let known = known_options(&group.engine).find(|known| known.name == *name);
        let setting = |(name, value): (&String, &String)| rds::OptionSetting {
            name: text(name),
            value: text(value),
            ..Default::default()
        };
        let of_classic = |name: &String| rds::DBSecurityGroupMembership {
            db_security_group_name: text(name),
            status: text("active"),
        };
        let of_vpc =
            |id: &String| rds::VpcSecurityGroupMembership { vpc_security_group_id: text(id), status: text("active") };
        rds::OptionInGroup {
            option_name: text(name),
            option_description: text(name),
            persistent: Some(known.is_some_and(|known| known.is_persistent)),
            permanent: Some(false),
            port: chosen.port,
            option_version: chosen.version.clone(),
            option_settings: chosen.settings.iter().map(setting).collect(),
            db_security_group_memberships: chosen.access_groups.iter().map(of_classic).collect(),
            vpc_security_group_memberships: chosen.groups.iter().map(of_vpc).collect(),
        }
    };
    // An option with a VPC's groups ties the option group to that VPC.
    let mut groups = group.options.values().flat_map(|chosen| &chosen.groups);
    let vpc = groups.find_map(|id| model.security_groups.get(id)?.vpc.clone());
    rds::OptionGroup {
        option_group_name: text(&group.name),
        option_group_description: text(&group.description),
        engine_name: text(&group.engine),
        major_engine_version: text(&group.major),
        options: group.options.iter().map(option).collect(),
        allows_vpc_and_non_vpc_instance_memberships: Some(vpc.is_none()),
        vpc_id: vpc,
        option_group_arn: text(&group.id),
        ..Default::default()
    }
}

/// The options that there are for an engine, of each of its major versions.
fn describe_options(_: View, input: rds::DescribeOptionGroupOptionsMessage) -> Result<Paged<rds::OptionGroupOption>> {
    let rds::DescribeOptionGroupOptionsMessage { engine_name: engine, major_engine_version: major, filters, page } =
        input;
    filter::check(&filters)?;
    let own: Vec<&EngineVersion> = versions().filter(|version| version.engine == engine).collect();
    if own.is_empty() {
        return Err(Error::NoEngine { engine });
    }
    if let Some(version) = major.as_ref().filter(|major| !own.iter().any(|version| version.major() == **major)) {
        return Err(Error::NoMajorVersion { engine, version: version.clone() });
    }
    let mut majors: Vec<&str> = own.iter().map(|version| version.major()).collect();
    majors.dedup();
    majors.retain(|own| major.as_deref().is_none_or(|asked| asked == *own));
    let of_major = |major: &&str| {
        let major = (*major).to_owned();
        known_options(&engine).map(move |known| (format!("{major} {}", known.name), major.clone(), known))
    };
    let rows: Vec<(String, String, KnownOption)> = majors.iter().flat_map(of_major).collect();
    let option = |(_, major, known): (String, String, KnownOption)| rds::OptionGroupOption {
        name: text(known.name),
        description: text(known.name),
        engine_name: text(&engine),
        major_engine_version: Some(major),
        port_required: Some(known.port.is_some()),
        default_port: known.port,
        persistent: Some(known.is_persistent),
        permanent: Some(false),
        requires_auto_minor_engine_version_upgrade: Some(false),
        vpc_only: Some(false),
        ..Default::default()
    };
    Ok(paged(page, rows, |(place, ..)| place)?.map(option))
}
