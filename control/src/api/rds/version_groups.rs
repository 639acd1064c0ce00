//! The parameter group and the option group of what changes its version: groups are made for a family of versions.

use model::services::{Deployment, Result, version_family};
use model::{Caller, Model};

/// The versions of a DB instance or a cluster after a change.
pub struct Versions<'a> {
    /// The version from now on, if it is another one.
    pub now: Option<&'a str>,
    /// The version that waits for the maintenance window.
    pub later: Option<&'a str>,
}

/// The groups that a request names.
pub struct Named<'a> {
    /// The parameter group.
    pub parameters: Option<&'a str>,
    /// The option group.
    pub options: Option<&'a str>,
}

/// The names of the parameter group and of the option group, as far as they change. Another family has other groups, unless they were
/// named before.
///
/// # Errors
/// What is wrong with the groups.
pub fn changed(
    model: &Model,
    caller: &Caller,
    row: &Deployment,
    versions: Versions<'_>,
    named: Named<'_>,
) -> Result<(Option<String>, Option<String>)> {
    let has = &row.settings;
    // Groups are named for the version that it will have.
    let next = versions.now.or(versions.later).unwrap_or(&has.version);
    let runs = (row.engine.as_str(), next);
    let family = |version: &str| version_family(&row.engine, version);
    let another = versions.now.is_some_and(|version| family(version) != family(&has.version));
    let parameters =
        |name: Option<&str>| model.parameter_group_or_default(&caller.scope, row.thing.parameter_group(), runs, name);
    let options = |name: Option<&str>| model.option_group_or_default(&caller.scope, runs, name);
    Ok((
        meant(parameters, (named.parameters, has.parameters.as_deref()), another)?,
        meant(options, (named.options, has.options.as_deref()), another)?,
    ))
}

fn meant(
    find: impl Fn(Option<&str>) -> Result<String>,
    (named, has): (Option<&str>, Option<&str>),
    another: bool,
) -> Result<Option<String>> {
    match named {
        None if !another => Ok(None),
        None => find(has).or_else(|_| find(None)).map(Some),
        named => find(named).map(Some),
    }
}
