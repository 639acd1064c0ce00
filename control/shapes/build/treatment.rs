//! Reads a file of `actions/`: the actions that the platform has, and how it treats parameters that it does
//! not model.

use crate::facts::{Facts, Member};
use std::collections::{BTreeMap, BTreeSet};

/// How the platform treats the members of structures.
#[derive(Default)]
pub struct Treatment {
    pub protocol: String,
    pub actions: BTreeSet<String>,
    pub structures: BTreeMap<String, Ways>,
}

/// The members of a structure with a special treatment.
#[derive(Default)]
pub struct Ways {
    /// Accepted without effect.
    pub ignored: Vec<String>,
    /// Refused with an error that names them.
    pub refused: Vec<String>,
    /// An empty value counts as a value.
    pub empty: Vec<String>,
    /// A required member whose absence the action itself reports.
    pub optional: Vec<String>,
    /// An id that is looked up whatever it looks like.
    pub unchecked: Vec<String>,
}

impl Ways {
    /// Whether requests never fill the member.
    pub fn skips(&self, member: &str) -> bool {
        self.ignored.iter().chain(&self.refused).any(|name| name == member)
    }

    /// Whether a request without the member is refused before the action sees it.
    pub fn requires(&self, member: &Member) -> bool {
        member.required && !self.optional.contains(&member.name)
    }
}

/// Reads a file. Lines after `action X` are about the structure of X's input.
pub fn parse(text: &str, facts: &Facts) -> Result<Treatment, String> {
    let mut treatment = Treatment::default();
    let mut structure = String::new();
    for line in text.lines() {
        let words: Vec<&str> = line.split('#').next().unwrap_or("").split_whitespace().collect();
        let [word, names @ ..] = words.as_slice() else { continue };
        let ways = treatment.structures.entry(structure.clone()).or_default();
        let of_way = match (*word, names) {
            ("protocol", [name]) => {
                treatment.protocol = (*name).to_owned();
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
            ("ignored", _) => &mut ways.ignored,
            ("refused", _) => &mut ways.refused,
            ("empty", _) => &mut ways.empty,
            ("optional", _) => &mut ways.optional,
            ("unchecked", _) => &mut ways.unchecked,
            _ => return Err(format!("not understood: {line}")),
        };
        of_way.extend(names.iter().map(|name| (*name).to_owned()));
    }
    treatment.structures.remove("");
    Ok(treatment)
}

impl Treatment {
    /// Checks that all names exist, because a misspelt one would have no effect.
    pub fn check(&self, facts: &Facts) -> Result<(), String> {
        if let Some(action) = self.actions.iter().find(|action| !facts.actions.contains_key(*action)) {
            return Err(format!("no facts about {action}: run scripts/api-facts"));
        }
        for (structure, ways) in &self.structures {
            let members = facts.structures.get(structure).map(|found| found.members.as_slice()).unwrap_or_default();
            let ways = [&ways.ignored, &ways.refused, &ways.empty, &ways.optional, &ways.unchecked];
            let mut names = ways.into_iter().flatten();
            if let Some(name) = names.find(|name| !members.iter().any(|member| member.name == **name)) {
                return Err(format!("{structure} has no member {name}"));
            }
        }
        Ok(())
    }

    /// The treatment of a structure's members.
    pub fn of<'a>(&'a self, structure: &str, none: &'a Ways) -> &'a Ways {
        self.structures.get(structure).unwrap_or(none)
    }
}
