//! Values of parameters: by name, by path, and of earlier versions.

use super::describe::policies_of;
use super::filter::Filter;
use super::published::{self, Published};
use super::{Error, Refusal, Result, check_count, paged};
use crate::api::action::{Actions, View};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use model::ssm::{Parameter, ParameterType, ParameterVersion, Selector, arn};
use model::{Model, Scope};
use sha2::{Digest, Sha256};
use shapes::{Paged, ssm};

pub fn actions(all: Actions) -> Actions {
    all.read(one).read(several).read(below).read(history)
}

/// The filters of GetParametersByPath.
const FILTERS: [&str; 3] = ["Type", "KeyId", "Label"];

/// A version's value. That of a SecureString is shown encrypted unless the request wants it decrypted; nothing decrypts it.
fn value(row: &Parameter, version: &ParameterVersion, decrypted: bool) -> String {
    match row.kind {
        ParameterType::SecureString if !decrypted => {
            STANDARD.encode(Sha256::digest(format!("{}:{}", row.id, version.number)))
        }
        _ => version.value.clone(),
    }
}

fn shown(row: &Parameter, version: &ParameterVersion, decrypted: bool) -> ssm::Parameter {
    ssm::Parameter {
        name: Some(row.name.clone()),
        r#type: Some(row.kind.word().to_owned()),
        value: Some(value(row, version, decrypted)),
        version: Some(version.number),
        last_modified_date: Some(version.modified),
        arn: Some(row.id.clone()),
        data_type: Some(version.data_type.clone()),
        ..Default::default()
    }
}

fn published_shown(scope: &Scope, found: &Published) -> ssm::Parameter {
    ssm::Parameter {
        arn: Some(arn(scope, &found.name)),
        name: Some(found.name.clone()),
        r#type: Some(ParameterType::String.word().to_owned()),
        value: Some(found.value.clone()),
        last_modified_date: Some(found.modified),
        version: Some(1),
        data_type: Some(found.data_type.to_owned()),
        ..Default::default()
    }
}

/// The parameter's name that a text means, and the version. An ARN means a parameter of the same account and Region.
fn meant<'t>(scope: &Scope, text: &'t str) -> Result<(String, Selector<'t>)> {
    let (name, version) = Selector::of(text);
    if text.starts_with("arn:") && !text.starts_with(&arn(scope, &name)) {
        return Err(Refusal::NotFound { name: text.to_owned() }.into());
    }
    Ok((name, version))
}

/// The parameter that a text means. A published one has one version.
fn found(model: &Model, scope: &Scope, text: &str, decrypted: bool) -> Result<ssm::Parameter> {
    let (name, selector) = meant(scope, text)?;
    let chosen = match selector {
        Selector::Latest => None,
        Selector::Version(version) => Some(version),
    };
    let parameter = match published::named(&name) {
        Some(found) if chosen.is_none_or(|version| version == "1") => Some(published_shown(scope, found)),
        Some(_) => None,
        None => {
            let row = model.parameter(scope, &name)?;
            row.version(selector).map(|version| shown(row, version, decrypted))
        }
    };
    let missing = || Refusal::NoVersion { name, version: chosen.unwrap_or_default().to_owned() };
    let parameter = parameter.ok_or_else(missing)?;
    Ok(ssm::Parameter { selector: chosen.map(|version| format!(":{version}")), ..parameter })
}

fn one(cx: View, input: ssm::GetParameterRequest) -> Result<ssm::Parameter> {
    found(cx.model, &cx.caller.scope, &input.name, input.with_decryption == Some(true))
}

fn several(cx: View, input: ssm::GetParametersRequest) -> Result<ssm::GetParametersResult> {
    check_count("names", &input.names)?;
    let decrypted = input.with_decryption == Some(true);
    let (mut parameters, mut missing) = (Vec::new(), Vec::new());
    for name in input.names {
        match found(cx.model, &cx.caller.scope, &name, decrypted) {
            Ok(parameter) => parameters.push(parameter),
            Err(_) => missing.push(name),
        }
    }
    Ok(ssm::GetParametersResult { parameters: parameters.into(), invalid_parameters: missing.into() })
}

/// Parameters below a path, users' own and published ones, sorted by name.
fn below(cx: View, input: ssm::GetParametersByPathRequest) -> Result<Paged<ssm::Parameter>> {
    let ssm::GetParametersByPathRequest { path, recursive, parameter_filters, with_decryption, page } = input;
    if !path.starts_with('/') {
        return Err(Error::Path);
    }
    let filters = Filter::all(parameter_filters, &FILTERS)?;
    let path = Filter::of_path(&path, recursive == Some(true));
    let own = cx.model.parameters_of(&cx.caller.scope).filter(|row| path.passes(row) && Filter::pass(&filters, row));
    let own = own.filter_map(|row| {
        let version = row.version(Filter::version(&filters))?;
        Some(shown(row, version, with_decryption == Some(true)))
    });
    let published = published::published().iter().filter(|found| filters.is_empty() && path.has_name(&found.name));
    let all = own.chain(published.map(|found| published_shown(&cx.caller.scope, found))).collect();
    paged(page, all, |parameter: &ssm::Parameter| parameter.name.as_deref().unwrap_or_default())
}

/// All versions of a parameter, the oldest first.
fn history(cx: View, input: ssm::GetParameterHistoryRequest) -> Result<Paged<ssm::ParameterHistory>> {
    let ssm::GetParameterHistoryRequest { name, with_decryption, page } = input;
    let row = cx.model.parameter(&cx.caller.scope, &meant(&cx.caller.scope, &name)?.0)?;
    let shown = |version: &ParameterVersion| ssm::ParameterHistory {
        name: Some(row.name.clone()),
        r#type: Some(row.kind.word().to_owned()),
        key_id: version.key.clone(),
        last_modified_date: Some(version.modified),
        last_modified_user: Some(version.by.clone()),
        description: version.description.clone(),
        value: Some(value(row, version, with_decryption == Some(true))),
        allowed_pattern: version.pattern.clone(),
        version: Some(version.number),
        labels: version.labels.clone().into(),
        tier: Some(version.tier.word().to_owned()),
        policies: policies_of(version),
        data_type: Some(version.data_type.clone()),
    };
    let all = row.versions.iter().map(|version| (format!("{:010}", version.number), shown(version))).collect();
    Ok(paged(page, all, |(number, _): &(String, ssm::ParameterHistory)| number)?.map(|(_, version)| version))
}
