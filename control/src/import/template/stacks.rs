//! Several templates: each, with those that it nests, is made after those whose exports it imports.

use super::functions::{Conditions, Exports, Unknown, Values, plain, text};
use super::loops::unrolled;
use super::order::in_order;
use super::{Builder, Template};
use crate::import::Importer;
use serde_json::Value as Json;
use std::cell::Cell;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

impl Importer<'_> {
    pub(in crate::import) fn templates(&mut self, templates: &[Template]) {
        let templates: Rc<[Template]> = templates.iter().map(|template| self.unrolled(template)).collect();
        self.templates = templates.clone();
        let outermost = self.outermost(&templates);
        let exported: Vec<BTreeSet<String>> = templates.iter().map(|template| template.ask(exported)).collect();
        let imported: Vec<BTreeSet<String>> = templates.iter().map(|template| template.ask(imported)).collect();
        let is_exporter = |importer: usize, exporter: usize, names: &BTreeSet<String>| {
            exporter != importer
                && templates[exporter].scope == templates[importer].scope
                && outermost[&exporter].iter().any(|part| !exported[*part].is_disjoint(names))
        };
        let exporters = |importer: usize| {
            let names: BTreeSet<String> =
                outermost[&importer].iter().flat_map(|part| &imported[*part]).cloned().collect();
            outermost.keys().copied().filter(|exporter| is_exporter(importer, *exporter, &names)).collect()
        };
        let needs: BTreeMap<usize, BTreeSet<usize>> =
            outermost.keys().map(|importer| (*importer, exporters(*importer))).collect();
        let order = in_order(&needs);
        // Those in a circle report in turn what they lack.
        for number in order.first_to_last.into_iter().chain(order.circular) {
            self.template(&templates[number]);
        }
    }

    /// A template with its loops unrolled.
    fn unrolled(&mut self, template: &Template) -> Template {
        let (body, faults) = template.ask(unrolled);
        faults.into_iter().for_each(|(name, why)| self.leave_out(format!("{}: {name}: {why}", template.file)));
        Template { body, ..template.clone() }
    }
}

impl Template {
    /// What can be said of a template before any resource exists. Names of exports refer to no resource.
    pub(super) fn ask<T>(&self, ask: impl FnOnce(&Values<'_>) -> T) -> T {
        let attribute = |resource: &str, _: &str| Err(format!("{resource} is left out"));
        let values = Values {
            body: &self.body,
            given: &self.parameters,
            scope: &self.scope,
            stack: self.stack(),
            zones: &[],
            references: &BTreeMap::new(),
            attribute: &attribute,
            exports: &Exports::new(),
            conditions: &Conditions::new(),
            given_out: Cell::default(),
        };
        let conditions = values.conditions();
        ask(&values.by(&conditions))
    }
}

/// A template's outputs.
fn outputs(body: &Json) -> impl Iterator<Item = (&String, &Json)> {
    body.get("Outputs").and_then(Json::as_object).into_iter().flatten()
}

/// The names of a template's exports.
fn exported(values: &Values<'_>) -> BTreeSet<String> {
    outputs(values.body).filter_map(|(_, output)| export_name(values, output)).collect()
}

fn export_name(values: &Values<'_>, output: &Json) -> Option<String> {
    plain(&values.of(output.pointer("/Export/Name")?).ok()?).ok()
}

/// An export's name and its value, which may be unknown.
type Export = (String, Result<Json, Unknown>);

/// An output's export, if it has one and its condition holds.
fn export_of(values: &Values<'_>, output: &Json) -> Result<Option<Export>, Unknown> {
    let Some(name) = output.pointer("/Export/Name") else { return Ok(None) };
    if let Some(condition) = output.get("Condition")
        && !values.condition(text(condition)?)?
    {
        return Ok(None);
    }
    let value = output.get("Value").ok_or("it has no Value")?;
    Ok(Some((plain(&values.of(name)?)?, values.of(value))))
}

/// The names that a template imports.
fn imported(values: &Values<'_>) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    values.body.get("Resources").into_iter().for_each(|resources| imported_in(values, resources, &mut names));
    names
}

fn imported_in(values: &Values<'_>, json: &Json, names: &mut BTreeSet<String>) {
    match json {
        Json::Array(items) => items.iter().for_each(|item| imported_in(values, item, names)),
        Json::Object(members) => {
            let name = members.get("Fn::ImportValue").and_then(|name| plain(&values.of(name).ok()?).ok());
            names.extend(name);
            members.values().for_each(|value| imported_in(values, value, names));
        }
        _ => {}
    }
}

impl Builder<'_, '_, '_> {
    /// The outputs whose values are known, for the template that nests this one.
    pub(super) fn outputs(&self) -> BTreeMap<String, Json> {
        let template = self.template;
        self.values(|values| {
            let value = |output: &Json| values.of(output.get("Value")?).ok();
            outputs(&template.body).filter_map(|(name, output)| Some((name.clone(), value(output)?))).collect()
        })
    }

    /// Keeps the values that other templates may import.
    pub(super) fn export(&mut self) {
        let template = self.template;
        // All outputs together may be as large as the properties of one resource.
        let exports: Vec<_> = self
            .values(|values| outputs(&template.body).map(|(name, output)| (name, export_of(values, output))).collect());
        for (name, export) in exports {
            let (export, value) = match export {
                Ok(Some(export)) => export,
                Ok(None) => continue,
                Err(why) => {
                    self.leave_out(name, &format!("its export: {why}"));
                    continue;
                }
            };
            match self.importer.exports.entry((template.scope.clone(), export)) {
                Entry::Vacant(vacant) => _ = vacant.insert(value),
                Entry::Occupied(_) => self.leave_out(name, "another template exports this name already"),
            }
        }
    }
}
