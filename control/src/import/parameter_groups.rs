//! Parameter groups of databases, caches and warehouses, and the parameters that their owners have set.

use super::Importer;
use super::form::text;
use model::services::{SetParameter, Thing};
use model::{Caller, Scope, Tags};
use serde_json::Value as Json;

/// The list of a group's parameters. The group's name is beside it.
pub const PARAMETERS: &str = "Parameters";

/// How a service describes its groups.
struct Form {
    list: &'static str,
    thing: Thing,
    name: &'static str,
    family: &'static str,
}

const FORMS: [Form; 4] = [
    Form {
        list: "DBParameterGroups",
        thing: Thing::DbParameterGroup,
        name: "/DBParameterGroupName",
        family: "/DBParameterGroupFamily",
    },
    Form {
        list: "DBClusterParameterGroups",
        thing: Thing::DbClusterParameterGroup,
        name: "/DBClusterParameterGroupName",
        family: "/DBParameterGroupFamily",
    },
    Form {
        list: "CacheParameterGroups",
        thing: Thing::CacheParameterGroup,
        name: "/CacheParameterGroupName",
        family: "/CacheParameterGroupFamily",
    },
    Form {
        list: "ParameterGroups",
        thing: Thing::ClusterParameterGroup,
        name: "/ParameterGroupName",
        family: "/ParameterGroupFamily",
    },
];

/// The names of the lists of groups.
pub fn lists() -> impl Iterator<Item = &'static str> {
    FORMS.iter().map(|form| form.list)
}

/// Whether a document has the parameters of a group, whose name is beside them.
pub fn is_parameters(document: &Json) -> bool {
    document.get(PARAMETERS).is_some_and(Json::is_array) && form_of_parameters(document).is_some()
}

fn form_of_parameters(document: &Json) -> Option<&'static Form> {
    FORMS.iter().find(|form| document.pointer(form.name).is_some())
}

impl Importer<'_> {
    /// Makes the groups, and then sets their parameters.
    pub(super) fn parameter_groups(&mut self, items: &[(Scope, &'static str, Json)]) {
        for (scope, list, item) in items {
            if let Some(form) = FORMS.iter().find(|form| form.list == *list) {
                self.parameter_group(scope, form, item);
            }
        }
        for (scope, _, item) in items.iter().filter(|(_, list, _)| *list == PARAMETERS) {
            self.parameters(scope, item);
        }
    }

    fn parameter_group(&mut self, scope: &Scope, form: &Form, item: &Json) {
        let name = text(item, form.name).unwrap_or_default();
        // Every family has a default group.
        if name.starts_with("default.") {
            return;
        }
        let (family, description) = (text(item, form.family).unwrap_or_default(), text(item, "/Description"));
        let new = (name.as_str(), family.as_str(), description.as_deref().unwrap_or(&name));
        let caller = Caller::of_account(scope.clone(), self.now);
        if let Err(why) = self.model.create_parameter_group(&caller, form.thing, new, Tags::new()) {
            self.leave_out(format!("{name}: {why}"));
        }
    }

    fn parameters(&mut self, scope: &Scope, item: &Json) {
        let Some(form) = form_of_parameters(item) else { return };
        let name = text(item, form.name).unwrap_or_default();
        let caller = Caller::of_account(scope.clone(), self.now);
        for parameter in item.get(PARAMETERS).and_then(Json::as_array).into_iter().flatten() {
            // The others have their defaults.
            if text(parameter, "/Source").is_some_and(|source| source != "user") {
                continue;
            }
            let (Some(called), Some(value)) = (text(parameter, "/ParameterName"), text(parameter, "/ParameterValue"))
            else {
                continue;
            };
            let method = text(parameter, "/ApplyMethod").filter(|method| method == "immediate");
            let method = method.unwrap_or_else(|| "pending-reboot".to_owned());
            let set = vec![(called.clone(), SetParameter { value, method })];
            if let Err(why) = self.model.set_parameters(&caller, form.thing, &name, set) {
                self.leave_out(format!("{name}: its parameter {called}: {why}"));
            }
        }
    }
}
