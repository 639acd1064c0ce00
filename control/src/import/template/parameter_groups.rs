//! Parameter groups of databases, caches and warehouses, and option groups of databases.

use super::functions::{Unknown, plain};
use super::properties::Properties;
use super::services::described;
use super::{Builder, Make};
use model::services::{SetParameter, Thing};
use model::{Caller, Tags};
use serde_json::Value as Json;

/// The maker of a type.
pub fn maker(kind: &str) -> Option<Make> {
    Some(match kind {
        "AWS::RDS::DBParameterGroup" => {
            |b, p| group(b, p, Thing::DbParameterGroup, ["DBParameterGroupName", "Family", "Parameters"])
        }
        "AWS::RDS::DBClusterParameterGroup" => |b, p| {
            let names = ["DBClusterParameterGroupName", "Family", "Parameters"];
            group(b, p, Thing::DbClusterParameterGroup, names)
        },
        "AWS::ElastiCache::ParameterGroup" => |b, p| {
            let names = ["CacheParameterGroupName", "CacheParameterGroupFamily", "Properties"];
            group(b, p, Thing::CacheParameterGroup, names)
        },
        "AWS::Redshift::ClusterParameterGroup" => |b, p| {
            let names = ["ParameterGroupName", "ParameterGroupFamily", "Parameters"];
            group(b, p, Thing::ClusterParameterGroup, names)
        },
        "AWS::RDS::OptionGroup" => |b, p| {
            let name = p.text("OptionGroupName").unwrap_or_else(|| b.made_up_name());
            let mut parameters = p.named(&["EngineName", "MajorEngineVersion"]);
            parameters.extend(described(p, "OptionGroupDescription", "OptionGroupDescription"));
            parameters.push(("OptionGroupName".to_owned(), name.clone()));
            b.call_of("rds", "CreateOptionGroup", &parameters, "return").map(|_| Some(name))
        },
        _ => return None,
    })
}

/// A group, by its properties for the name, the family and the parameters. The name is the value of Ref.
fn group(
    b: &mut Builder<'_, '_, '_>,
    p: &Properties<'_>,
    thing: Thing,
    [name, family, parameters]: [&str; 3],
) -> Result<Option<String>, Unknown> {
    let name = p.text(name).unwrap_or_else(|| b.made_up_name()).to_ascii_lowercase();
    let (family, description) = (p.text(family).unwrap_or_default(), p.text("Description").unwrap_or_default());
    let caller = Caller::of_account(b.template.scope.clone(), b.importer.now);
    let model = &mut b.importer.model;
    let made = model.create_parameter_group(&caller, thing, (&name, &family, &description), Tags::new());
    made.map_err(|why| why.to_string())?;
    for (parameter, value) in p.known_parts(parameters).map(set_parameters).unwrap_or_default() {
        let set = SetParameter { value, method: "pending-reboot".to_owned() };
        if let Err(why) = b.importer.model.set_parameters(&caller, thing, &name, vec![(parameter.clone(), set)]) {
            b.leave_out_part(format!("its parameter {parameter}: {why}"));
        }
    }
    Ok(Some(name))
}

/// The values of parameters: members of an object, or items with a name and a value.
fn set_parameters(json: &Json) -> Vec<(String, String)> {
    match json {
        Json::Object(members) => {
            members.iter().filter_map(|(name, value)| Some((name.clone(), plain(value).ok()?))).collect()
        }
        Json::Array(items) => {
            let named = |item: &Json, name: &str| plain(item.get(name)?).ok();
            let one = |item: &Json| Some((named(item, "ParameterName")?, named(item, "ParameterValue")?));
            items.iter().filter_map(one).collect()
        }
        _ => Vec::new(),
    }
}
