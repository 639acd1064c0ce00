//! Parameter groups of RDS, ElastiCache and Redshift. Each service names their members in its own way.

use super::deployment::{Paged, one_of, paged};
use model::services::{Clash, Error, ParameterGroup, Result, SetParameter, Thing, Wanted, known_parameters};
use model::{Caller, Model};
use shapes::Page;

/// How many parameters one request may name.
const AT_ONCE: usize = 20;

/// A parameter as replies show it.
pub struct ShownParameter {
    /// Its name.
    pub name: String,
    /// Its value, if it has one.
    pub value: Option<String>,
    /// The source of the value: `user`, `system` or `engine-default`.
    pub source: &'static str,
    /// Whether a server applies it only when it starts.
    pub is_static: bool,
    /// The type of its values.
    pub data_type: &'static str,
    /// Whether it can be changed.
    pub is_modifiable: bool,
    /// `immediate` or `pending-reboot`.
    pub method: String,
}

/// A parameter in a request: its name, its value, and when to apply it, if that is given.
pub type Sent = (Option<String>, Option<String>, Option<String>);

/// The group with that name, or all groups.
pub fn groups(
    model: &Model,
    caller: &Caller,
    (thing, name): (Thing, Option<String>),
    page: Page,
    wanted: impl Fn(&ParameterGroup) -> bool,
) -> Result<Paged<ParameterGroup>> {
    let mut rows = match name {
        Some(name) => vec![model.parameter_group(&caller.scope, thing, &name)?],
        None => model.parameter_groups_of(&caller.scope, thing),
    };
    rows.retain(wanted);
    paged(page, rows, |row: &ParameterGroup| &row.name)
}

/// The parameters of a group, or only those with one source, as the service shows them.
pub fn parameters<P: From<ShownParameter>>(
    model: &Model,
    caller: &Caller,
    (thing, name): (Thing, &str),
    source: Option<String>,
    page: Page,
) -> Result<Paged<P>> {
    // Redshift has no parameters of the source `system`.
    let sources: &[&str] = match thing {
        Thing::ClusterParameterGroup => &["user", "engine-default"],
        _ => &["user", "system", "engine-default"],
    };
    one_of("Source", source.as_deref(), sources)?;
    let mut all = shown(&model.parameter_group(&caller.scope, thing, name)?);
    for parameter in all.iter_mut().filter(|parameter| !sources.contains(&parameter.source)) {
        parameter.source = "engine-default";
    }
    all.retain(|parameter| source.as_deref().is_none_or(|source| parameter.source == source));
    Ok(paged(page, all, |parameter| &parameter.name)?.map(P::from))
}

/// The default parameters of a family.
pub fn defaults<P: From<ShownParameter>>(
    model: &Model,
    caller: &Caller,
    (thing, family): (Thing, &str),
    page: Page,
) -> Result<Paged<P>> {
    parameters(model, caller, (thing, &format!("default.{family}")), None, page).map_err(|error| match error {
        Error::NotFound { .. } => {
            let why = Wanted::Family {};
            Error::Value { name: "ParameterGroupFamily", value: family.to_owned(), why }
        }
        other => other,
    })
}

fn is_of_rds(thing: Thing) -> bool {
    matches!(thing, Thing::DbParameterGroup | Thing::DbClusterParameterGroup)
}

/// Gives parameters values. RDS alone requires the method by which they are applied. Returns the group's name.
///
/// # Errors
/// A [`Clash`] if there are too many parameters or one is incomplete, and the model's errors.
pub fn set(
    model: &mut Model,
    caller: &Caller,
    (thing, name): (Thing, &str),
    sent: impl ExactSizeIterator<Item = Sent>,
) -> Result<String> {
    if sent.len() > AT_ONCE {
        return Err(Clash::TooManyParameters {}.into());
    }
    let needs_method = is_of_rds(thing);
    let one = |(name, value, method): Sent| match (name, value, method) {
        (Some(name), Some(value), Some(method)) => Ok((name, SetParameter { value, method })),
        (Some(name), Some(value), None) if !needs_method => {
            Ok((name, SetParameter { value, method: "pending-reboot".to_owned() }))
        }
        _ if needs_method => Err(Clash::ParameterIncomplete {}.into()),
        _ => Err(Clash::MustBeGiven { names: "ParameterName and ParameterValue" }.into()),
    };
    model.set_parameters(caller, thing, name, sent.map(one).collect::<Result<_>>()?)?;
    Ok(name.to_ascii_lowercase())
}

/// Resets parameters to their defaults. RDS resets all if the request names none. Returns the group's name.
pub fn reset(
    model: &mut Model,
    caller: &Caller,
    (thing, name): (Thing, &str),
    (all, sent): (Option<bool>, impl Iterator<Item = Sent>),
) -> Result<String> {
    let names: Vec<String> = sent.filter_map(|(name, ..)| name).collect();
    let all = all.unwrap_or(is_of_rds(thing) && names.is_empty());
    model.reset_parameters(caller, thing, name, (all, &names))?;
    Ok(name.to_ascii_lowercase())
}

/// The parameters of a group, by name.
fn shown(group: &ParameterGroup) -> Vec<ShownParameter> {
    let known = known_parameters(&group.family);
    let of_known = known.iter().map(|parameter| {
        let set = group.values.get(parameter.name);
        ShownParameter {
            name: parameter.name.to_owned(),
            value: set.map(|set| set.value.clone()).or(parameter.default.map(str::to_owned)),
            source: match (set, parameter.default) {
                (Some(_), _) => "user",
                (None, Some(_)) => "system",
                (None, None) => "engine-default",
            },
            is_static: parameter.is_static,
            data_type: parameter.data_type(),
            is_modifiable: parameter.is_modifiable,
            method: set.map_or_else(|| "pending-reboot".to_owned(), |set| set.method.clone()),
        }
    });
    // If a family's parameters are not listed, those that were set are shown.
    let others = group.values.iter().filter(|(name, _)| !known.iter().any(|parameter| parameter.name == *name));
    let of_others = others.map(|(name, set)| ShownParameter {
        name: name.clone(),
        value: Some(set.value.clone()),
        source: "user",
        is_static: false,
        data_type: "string",
        is_modifiable: true,
        method: set.method.clone(),
    });
    of_known.chain(of_others).collect()
}
