//! Users' prefix lists and launch templates, with their versions.

use super::calls::message_or;
use super::form::{flatten, request};
use super::{Importer, tags};
use crate::api::Request;
use model::{
    IdKind, LaunchTemplate, LaunchTemplateVersion, PrefixList, PrefixListEntry, PrefixListState, Scope, prefix_list_id,
};
use serde_json::Value as Json;
use shapes::ec2;
use std::collections::BTreeMap;

/// The owner of services' prefix lists.
const AMAZON: &str = "AWS";
/// The greatest version number, because numbers continue from it.
const MOST_VERSION: i64 = 1 << 32;

impl Importer<'_> {
    /// A prefix list without its entries, which come later. A service's list is identified by its service.
    pub(super) fn prefix_list(&mut self, scope: &Scope, list: ec2::ManagedPrefixList) {
        let name = list.prefix_list_name.unwrap_or_default();
        let is_amazons = list.owner_id.as_deref().is_none_or(|owner| owner == AMAZON);
        let Some(id) = self.id(IdKind::PrefixList, list.prefix_list_id) else { return };
        if is_amazons {
            self.services_lists.insert(id, prefix_list_id(&name));
            return;
        }
        let row = PrefixList {
            id,
            scope: scope.clone(),
            tags: tags(list.tags),
            name,
            ipv6: list.address_family.as_deref() == Some("IPv6"),
            max_entries: list.max_entries.and_then(|most| usize::try_from(most).ok()).unwrap_or(1),
            versions: vec![Vec::new()],
            dropped: list.version.map_or(0, |version| usize::try_from(version.clamp(1, MOST_VERSION) - 1).unwrap_or(0)),
            state: match list.state.as_deref() {
                Some("modify-complete") => PrefixListState::Modified,
                Some("restore-complete") => PrefixListState::Restored,
                Some("delete-failed") => PrefixListState::DeletionFailed,
                _ => PrefixListState::Created,
            },
        };
        self.model.prefix_lists.adopt(row);
    }

    /// The entries of a list.
    pub(super) fn prefix_list_entries(&mut self, id: &str, entries: ec2::GetManagedPrefixListEntriesResult) {
        let Some(mut list) = self.model.prefix_lists.get(id).cloned() else {
            if !self.services_lists.contains_key(id) {
                self.leave_out(format!("the entries of {id}, which is not in the files"));
            }
            return;
        };
        let mut all = Vec::new();
        for entry in entries.entries {
            let Some(cidr) = self.parsed(id, "entry", entry.cidr) else { continue };
            all.push(PrefixListEntry { cidr, description: entry.description });
        }
        list.max_entries = list.max_entries.max(all.len());
        list.versions = vec![all];
        self.model.prefix_lists.adopt(list);
    }

    /// The id of a prefix list here.
    pub(super) fn list_id(&self, id: String) -> String {
        self.services_lists.get(&id).cloned().unwrap_or(id)
    }

    pub(super) fn launch_templates(
        &mut self,
        templates: Vec<(Scope, ec2::LaunchTemplate)>,
        versions: Vec<(Scope, Json)>,
    ) {
        let mut by_template: BTreeMap<String, Vec<Json>> = BTreeMap::new();
        for (_, version) in versions {
            let id = version["LaunchTemplateId"].as_str().unwrap_or_default().to_owned();
            by_template.entry(id).or_default().push(version);
        }
        for (scope, template) in templates {
            let versions = template.launch_template_id.as_ref().and_then(|id| by_template.remove(id));
            self.launch_template(&scope, template, versions.unwrap_or_default());
        }
        for id in by_template.into_keys() {
            self.leave_out(format!("the versions of {id}, which is not in the files"));
        }
    }

    fn launch_template(&mut self, scope: &Scope, template: ec2::LaunchTemplate, versions: Vec<Json>) {
        let Some(id) = self.id(IdKind::LaunchTemplate, template.launch_template_id) else { return };
        let mut known = BTreeMap::new();
        for version in versions {
            match self.template_version(scope, &version) {
                Ok(version) => drop(known.insert(version.number, version)),
                Err(why) => self.leave_out(format!("{id}: its version {}: {why}", version["VersionNumber"])),
            }
        }
        let versions: Vec<LaunchTemplateVersion> = known.into_values().collect();
        let Some(latest) = versions.last().map(|version| version.number) else {
            return self.leave_out(format!("{id}: its versions are not in the files"));
        };
        let number = |number: Option<i64>| number.and_then(|number| u64::try_from(number).ok());
        let default = number(template.default_version_number).unwrap_or(latest);
        let row = LaunchTemplate {
            id,
            scope: scope.clone(),
            tags: tags(template.tags),
            name: template.launch_template_name.unwrap_or_default(),
            created: template.create_time.unwrap_or(self.now),
            default: if versions.iter().any(|version| version.number == default) { default } else { latest },
            latest: number(template.latest_version_number).unwrap_or(latest).max(latest),
            versions,
        };
        self.model.launch_templates.adopt(row);
    }

    /// A version, made by the API from the same data in a copy of the model that is then dropped.
    fn template_version(&self, scope: &Scope, version: &Json) -> Result<LaunchTemplateVersion, String> {
        const NAME: &str = "classiclink.import";
        let mut form = flatten("LaunchTemplateData", &version["LaunchTemplateData"]);
        form.push(("LaunchTemplateName".to_owned(), NAME.to_owned()));
        let form = request("CreateLaunchTemplate", &form);
        let mut copy = self.model.clone();
        let made = Request::of_process(scope, &form, self.now).and_then(|request| request.write(&mut copy));
        made.map_err(|refusal| message_or(&refusal, "CreateLaunchTemplate"))?;
        let mut templates = copy.launch_templates.iter().filter(|template| template.name == NAME);
        let row = templates.next().and_then(|template| template.versions.first()).ok_or("it is not understood")?;
        let told: ec2::LaunchTemplateVersion = shapes::of_json(version).map_err(|fault| fault.to_string())?;
        Ok(LaunchTemplateVersion {
            number: told.version_number.and_then(|number| u64::try_from(number).ok()).unwrap_or(1),
            description: told.version_description,
            created: told.create_time.unwrap_or(self.now),
            ..row.clone()
        })
    }
}
