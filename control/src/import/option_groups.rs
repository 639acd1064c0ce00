//! Option groups of databases, with their options.

use super::Importer;
use model::services::{ChosenOption, OptionGroup};
use model::{Caller, Scope, Tags};
use serde_json::Value as Json;
use shapes::{of_json, rds};

/// The list of option groups.
pub const LIST: &str = "OptionGroupsList";

impl Importer<'_> {
    /// Makes option groups. Those of AWS are there already.
    pub(super) fn option_groups(&mut self, items: &[(Scope, &'static str, Json)]) {
        for (scope, _, item) in items.iter().filter(|(_, list, _)| *list == LIST) {
            match of_json::<rds::OptionGroup>(item) {
                Ok(told) => self.option_group(scope, told),
                Err(fault) => self.leave_out(format!("an option group: {fault}")),
            }
        }
    }

    fn option_group(&mut self, scope: &Scope, told: rds::OptionGroup) {
        let name = told.option_group_name.unwrap_or_default();
        if name.starts_with("default:") {
            return;
        }
        let (engine, major) = (told.engine_name.unwrap_or_default(), told.major_engine_version.unwrap_or_default());
        let description = told.option_group_description.unwrap_or_else(|| name.clone());
        let caller = Caller::of_account(scope.clone(), self.now);
        let called = (name.as_str(), description.as_str());
        match self.model.create_option_group(&caller, called, (&engine, &major), Tags::new()) {
            Ok(group) => {
                let options = told.options.into_iter().filter_map(option).collect();
                self.model.option_groups.adopt(OptionGroup { options, ..group });
            }
            Err(why) => self.leave_out(format!("{name}: {why}")),
        }
    }
}

/// An option with its name.
fn option(told: rds::OptionInGroup) -> Option<(String, ChosenOption)> {
    let settings = told.option_settings.into_iter().filter_map(|setting| Some((setting.name?, setting.value?)));
    let of_classic = told.db_security_group_memberships.into_iter().filter_map(|of| of.db_security_group_name);
    let of_vpc = told.vpc_security_group_memberships.into_iter().filter_map(|of| of.vpc_security_group_id);
    let chosen = ChosenOption {
        port: told.port,
        version: told.option_version,
        settings: settings.collect(),
        access_groups: of_classic.collect(),
        groups: of_vpc.collect(),
    };
    Some((told.option_name?, chosen))
}
