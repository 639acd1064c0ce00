//! Log groups of CloudWatch Logs.

use super::Importer;
use super::form::text;
use model::logs::{LogGroup, LogGroupClass, NewLogGroup};
use model::{Caller, Scope, Time};
use serde_json::Value as Json;
use shapes::{logs, of_json};

/// The list of log groups.
pub const LIST: &str = "logGroups";

impl Importer<'_> {
    /// Makes log groups, without their streams.
    pub(super) fn log_groups(&mut self, items: &[(Scope, &'static str, Json)]) {
        for (scope, _, item) in items.iter().filter(|(_, list, _)| *list == LIST) {
            if let Err(why) = self.log_group(scope, item) {
                self.leave_out(format!("{}: {why}", text(item, "/logGroupName").unwrap_or_default()));
            }
        }
    }

    fn log_group(&mut self, scope: &Scope, item: &Json) -> Result<(), String> {
        let told: logs::LogGroup = of_json(item).map_err(|fault| fault.to_string())?;
        let name = told.log_group_name.ok_or("it has no name")?;
        let class = told.log_group_class.and_then(|word| LogGroupClass::read("logGroupClass", &word).ok());
        let new = NewLogGroup {
            name: name.clone(),
            class: class.unwrap_or_default(),
            key: told.kms_key_id,
            protected: told.deletion_protection_enabled == Some(true),
            ..NewLogGroup::default()
        };
        let created = told.creation_time.and_then(|time| u64::try_from(time).ok()).map_or(self.now, Time);
        let caller = Caller::of_account(scope.clone(), created);
        self.model.create_log_group(&caller, new).map_err(|why| why.to_string())?;
        let row = self.model.log_group(scope, &name).map_err(|why| why.to_string())?.clone();
        self.model.log_groups.adopt(LogGroup { retention: told.retention_in_days, ..row });
        Ok(())
    }
}
