//! Settings that several inputs share. They are a struct of their own, so that one function can read them for all.

use crate::facts::{Facts, Member};
use crate::rust::{self, Role};
use crate::treatment::{Exceptions, Settings, Treatment};
use std::collections::BTreeMap;

/// The settings that some inputs share.
pub struct Shared<'a> {
    /// The name of the struct.
    pub name: &'a str,
    /// The fields of the struct, with their types.
    pub fields: BTreeMap<String, String>,
    structures: &'a [String],
}

/// All shared settings of a service.
pub fn all<'a>(facts: &Facts, treatment: &'a Treatment) -> Vec<Shared<'a>> {
    treatment.shared.iter().map(|settings| shared(facts, treatment, settings)).collect()
}

/// The settings that at least two of the inputs have and do not require.
fn shared<'a>(facts: &Facts, treatment: &Treatment, settings: &'a Settings) -> Shared<'a> {
    let mut takers: BTreeMap<(String, String), usize> = BTreeMap::new();
    for name in &settings.structures {
        let action = facts.actions.values().find(|action| action.request == *name);
        let none = Exceptions::default();
        let exceptions = treatment.of(name, &none);
        let Some(structure) = facts.structures.get(name) else { continue };
        for (member, role) in rust::fields(structure, action, exceptions) {
            if is_setting(member, &role, exceptions) {
                let field = (rust::field_name(member, &role), rust::field_type(member, &role, exceptions));
                *takers.entry(field).or_default() += 1;
            }
        }
    }
    let fields = takers.into_iter().filter(|(_, inputs)| *inputs > 1).map(|(field, _)| field).collect();
    Shared { name: &settings.name, fields, structures: &settings.structures }
}

fn is_setting(member: &Member, role: &Role, exceptions: &Exceptions) -> bool {
    matches!(role, Role::Plain) && !exceptions.requires(member)
}

impl Shared<'_> {
    /// Whether a structure has these settings.
    pub fn is_of(&self, structure: &str) -> bool {
        self.structures.iter().any(|name| name == structure)
    }

    /// Whether a member is one of them. A member of the same name and of another type is none.
    pub fn has(&self, member: &Member, role: &Role, exceptions: &Exceptions) -> bool {
        let field_type = self.fields.get(&rust::field_name(member, role));
        is_setting(member, role, exceptions) && field_type == Some(&rust::field_type(member, role, exceptions))
    }
}
