//! Parameters of Systems Manager, as `aws ssm get-parameter-history` prints them.

use super::form::text;
use super::{Importer, version};
use model::ssm::{Parameter, ParameterTier, ParameterType, ParameterVersion, arn};
use model::{Scope, Tags, Time};
use serde_json::Value as Json;
use shapes::{of_json, ssm};

/// The name of these items within an import. In files their list is called as that of parameter groups' parameters.
pub const LIST: &str = "ParameterHistory";

/// Whether a document has parameters of Systems Manager.
pub fn is_of_store(document: &Json) -> bool {
    document.pointer("/Parameters/0/LastModifiedDate").is_some()
}

impl Importer<'_> {
    /// Makes parameters, version by version.
    pub(super) fn parameter_store(&mut self, items: &[(Scope, &'static str, Json)]) {
        for (scope, _, item) in items.iter().filter(|(_, list, _)| *list == LIST) {
            if let Err(why) = self.parameter_version(scope, item) {
                self.leave_out(format!("{}: {why}", text(item, "/Name").unwrap_or_default()));
            }
        }
    }

    fn parameter_version(&mut self, scope: &Scope, item: &Json) -> Result<(), String> {
        let modified = modified(item).unwrap_or(self.now);
        let mut item = item.clone();
        item.as_object_mut().and_then(|members| members.remove("LastModifiedDate"));
        let told: ssm::ParameterHistory = of_json(&item).map_err(|fault| fault.to_string())?;
        let name = told.name.ok_or("it has no name")?;
        let kind = ParameterType::read("Type", &told.r#type.unwrap_or_default()).map_err(|why| why.to_string())?;
        if kind == ParameterType::SecureString {
            return Err("its value is secret".to_owned());
        }
        let value = told.value.ok_or("its value is not in the files; `aws ssm get-parameter-history` prints it")?;
        let tier = told.tier.and_then(|word| ParameterTier::read("Tier", &word).ok());
        let policies: Vec<String> = told.policies.into_iter().filter_map(|policy| policy.policy_text).collect();
        let own = ParameterVersion {
            number: version(told.version),
            value,
            description: told.description,
            key: told.key_id,
            pattern: told.allowed_pattern,
            tier: tier.unwrap_or_default(),
            policies: (!policies.is_empty()).then(|| format!("[{}]", policies.join(","))),
            data_type: told.data_type.unwrap_or_else(|| "text".to_owned()),
            labels: told.labels.to_vec(),
            modified,
            by: told.last_modified_user.unwrap_or_else(|| format!("arn:aws:iam::{}:root", scope.account)),
        };
        let known = self.model.parameter(scope, &name).ok().cloned();
        let mut row = known.unwrap_or_else(|| Parameter {
            id: arn(scope, &name),
            scope: scope.clone(),
            name,
            kind,
            versions: Vec::new(),
            tags: Tags::new(),
        });
        row.versions.retain(|other| other.number != own.number);
        row.versions.push(own);
        row.versions.sort_by_key(|version| version.number);
        self.model.parameters.adopt(row);
        Ok(())
    }
}

/// When a version was made: in seconds since 1970, or as the aws command line prints it.
fn modified(item: &Json) -> Option<Time> {
    let told = item.get("LastModifiedDate")?;
    match told.as_f64() {
        Some(seconds) => format!("{:.0}", seconds * 1000.0).parse().ok().map(Time),
        None => told.as_str()?.parse().ok(),
    }
}
