//! Several templates: each is made after those whose exports it imports.

use super::conditions::Conditions;
use super::functions::{Exports, Values, plain};
use super::order::in_order;
use super::{Builder, Template};
use crate::import::Importer;
use serde_json::Value as Json;
use std::cell::Cell;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

impl Importer<'_> {
    pub(in crate::import) fn templates(&mut self, templates: &[Template]) {
        let exported: Vec<BTreeSet<String>> = templates.iter().map(|template| template.ask(exported)).collect();
        let is_exporter = |importer: usize, exporter: usize, names: &BTreeSet<String>| {
            exporter != importer
                && templates[exporter].scope == templates[importer].scope
                && !exported[exporter].is_disjoint(names)
        };
        let exporters = |importer: usize| {
            let names = templates[importer].ask(imported);
            (0..templates.len()).filter(|exporter| is_exporter(importer, *exporter, &names)).collect()
        };
        let needs: BTreeMap<usize, BTreeSet<usize>> =
            (0..templates.len()).map(|importer| (importer, exporters(importer))).collect();
        let order = in_order(&needs);
        // Those in a circle say in turn what they lack.
        order.first_to_last.into_iter().chain(order.circular).for_each(|number| self.template(&templates[number]));
    }
}

impl Template {
    /// What can be said of a template before any resource exists. Names of exports refer to no resource.
    fn ask<T>(&self, ask: impl FnOnce(&Values<'_>) -> T) -> T {
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

/// The name and the value of an export, if its condition holds.
fn export_of(values: &Values<'_>, output: &Json) -> Option<(String, Json)> {
    let condition = output.get("Condition").and_then(Json::as_str);
    let holds = condition.is_none_or(|condition| values.condition(condition) == Ok(true));
    holds.then(|| Some((export_name(values, output)?, values.of(output.get("Value")?).ok()?))).flatten()
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
    /// Keeps the values that other templates may import.
    pub(super) fn export(&mut self) {
        let template = self.template;
        // All outputs together may be as large as the properties of one resource.
        let exports: Vec<_> = self.values(|values| {
            let outputs = outputs(&template.body);
            outputs.filter_map(|(name, output)| Some((name, export_of(values, output)?))).collect()
        });
        for (name, (export, value)) in exports {
            match self.importer.exports.entry((template.scope.clone(), export)) {
                Entry::Vacant(vacant) => _ = vacant.insert(value),
                Entry::Occupied(_) => self.leave_out(name, "another template exports this name already"),
            }
        }
    }
}
