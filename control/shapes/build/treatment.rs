//! Reads a file of `actions/`: the actions that the platform has, and how it treats parameters that it does not model.

use crate::facts::{Facts, Member};
use std::collections::{BTreeMap, BTreeSet};

/// How the platform treats a service's actions and the members of its structures.
#[derive(Default)]
pub struct Treatment {
    /// `ec2`, `query`, …: how lists are named.
    pub protocol: String,
    /// The service's name in policies, if it differs from that in signatures.
    pub in_policies: Option<String>,
    /// The actions that the platform has.
    pub actions: BTreeSet<String>,
    /// Exceptional members, by structure.
    pub structures: BTreeMap<String, Exceptions>,
    /// Settings that several inputs share.
    pub shared: Vec<Settings>,
}

/// Settings that several inputs share.
pub struct Settings {
    /// The name of their struct.
    pub name: String,
    /// The structures of the inputs.
    pub structures: Vec<String>,
}

/// The members of a structure that are not treated as the others.
#[derive(Default)]
pub struct Exceptions {
    /// Members that are accepted without effect.
    pub ignored: Vec<String>,
    /// Members that are refused with an error that names them.
    pub refused: Vec<String>,
    /// Members whose empty value counts as a value.
    pub empty: Vec<String>,
    /// Required members whose absence the action itself reports.
    pub optional: Vec<String>,
    /// Ids that are looked up whatever they look like.
    pub unchecked: Vec<String>,
}

impl Exceptions {
    /// Whether requests never fill the member.
    pub fn skips(&self, member: &str) -> bool {
        self.ignored.iter().chain(&self.refused).any(|name| name == member)
    }

    /// Whether a request without the member is refused before the action sees it.
    pub fn requires(&self, member: &Member) -> bool {
        member.required && !self.optional.contains(&member.name)
    }
}

/// Reads a file. Lines after `action X` are about the structure of X's input. `policies N` gives the service's name in policies.
/// `shared T X Y` makes the struct `T` of the members that `X` and `Y` share; each is an action, which stands for its input, or a
/// structure.
///
/// # Errors
/// A message with the line that is none of the format.
pub fn parse(text: &str, facts: &Facts) -> Result<Treatment, String> {
    let mut treatment = Treatment::default();
    let mut structure = String::new();
    for line in text.lines() {
        let words: Vec<&str> = line.split('#').next().unwrap_or("").split_whitespace().collect();
        let [word, names @ ..] = words.as_slice() else { continue };
        let exceptions = treatment.structures.entry(structure.clone()).or_default();
        let exceptional = match (*word, names) {
            ("protocol", [name]) => {
                treatment.protocol = (*name).to_owned();
                continue;
            }
            ("policies", [name]) => {
                treatment.in_policies = Some((*name).to_owned());
                continue;
            }
            ("action", [name]) => {
                treatment.actions.insert((*name).to_owned());
                structure = facts.actions.get(*name).map(|action| action.request.clone()).unwrap_or_default();
                continue;
            }
            ("structure", [name]) => {
                structure = (*name).to_owned();
                continue;
            }
            ("shared", [name, actions @ ..]) => {
                treatment.shared.push(settings(name, actions, facts)?);
                continue;
            }
            ("ignored", _) => &mut exceptions.ignored,
            ("refused", _) => &mut exceptions.refused,
            ("empty", _) => &mut exceptions.empty,
            ("optional", _) => &mut exceptions.optional,
            ("unchecked", _) => &mut exceptions.unchecked,
            _ => return Err(format!("not understood: {line}")),
        };
        exceptional.extend(names.iter().map(|name| (*name).to_owned()));
    }
    treatment.structures.remove("");
    Ok(treatment)
}

/// The settings that the inputs of these actions, or these structures, share.
fn settings(name: &str, takers: &[&str], facts: &Facts) -> Result<Settings, String> {
    let structure = |taker: &&str| {
        let request = facts.actions.get(*taker).map(|action| action.request.clone());
        let found = request.or_else(|| facts.structures.contains_key(*taker).then(|| (*taker).to_owned()));
        found.ok_or_else(|| format!("no facts about {taker}: run scripts/api-facts"))
    };
    Ok(Settings { name: name.to_owned(), structures: takers.iter().map(structure).collect::<Result<_, _>>()? })
}

impl Treatment {
    /// Checks that all names exist, because a misspelt one would have no effect.
    ///
    /// # Errors
    /// A message with the name that does not exist.
    pub fn check(&self, facts: &Facts) -> Result<(), String> {
        if let Some(action) = self.actions.iter().find(|action| !facts.actions.contains_key(*action)) {
            return Err(format!("no facts about {action}: run scripts/api-facts"));
        }
        for (structure, exceptions) in &self.structures {
            let members = facts.structures.get(structure).map(|found| found.members.as_slice()).unwrap_or_default();
            let Exceptions { ignored, refused, empty, optional, unchecked } = exceptions;
            let mut names = [ignored, refused, empty, optional, unchecked].into_iter().flatten();
            if let Some(name) = names.find(|name| !members.iter().any(|member| member.name == **name)) {
                return Err(format!("{structure} has no member {name}"));
            }
        }
        Ok(())
    }

    /// The exceptional members of a structure. `none` is for a structure without any.
    pub fn of<'a>(&'a self, structure: &str, none: &'a Exceptions) -> &'a Exceptions {
        self.structures.get(structure).unwrap_or(none)
    }
}
