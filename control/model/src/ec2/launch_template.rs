//! Launch templates: named parameters of RunInstances, with versions.

use crate::collection::resource;
use crate::{Caller, Error, IdKind, LaunchForm, LaunchSpecification, Model, Result, Scope, Tags, Time, tags};
use serde::{Deserialize, Serialize};

/// A version of a launch template.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LaunchTemplateVersion {
    /// Its number, counted from 1.
    pub number: u64,
    /// Its description.
    pub description: Option<String>,
    /// The time of its creation.
    pub created: Time,
    /// The launch parameters as they were sent.
    pub data: LaunchForm,
    /// The launch parameters as a specification, for Auto Scaling.
    #[serde(rename = "recipe")]
    pub specification: LaunchSpecification,
}

/// The parameters of a new version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewVersion {
    /// Its description.
    pub description: Option<String>,
    /// The launch parameters as they were sent.
    pub data: LaunchForm,
    /// The launch parameters as a specification, for Auto Scaling.
    pub specification: LaunchSpecification,
}

impl NewVersion {
    fn numbered(self, number: u64, created: Time) -> LaunchTemplateVersion {
        let NewVersion { description, data, specification } = self;
        LaunchTemplateVersion { number, description, created, data, specification }
    }
}

/// A launch template.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LaunchTemplate {
    /// `lt-…`
    pub id: String,
    /// Its account and Region.
    pub scope: Scope,
    /// Its tags.
    pub tags: Tags,
    /// Its name, unique for its owner in the Region.
    pub name: String,
    /// The time of its creation.
    pub created: Time,
    /// The number of the default version.
    pub default: u64,
    /// The number of the last version, which may be deleted. Numbers are not used again.
    pub latest: u64,
    /// Its versions, by number.
    pub versions: Vec<LaunchTemplateVersion>,
}

resource!(LaunchTemplate, IdKind::LaunchTemplate, |template| vec![template.scope.named(&template.name)]);

impl LaunchTemplate {
    /// The tags that AWS adds to instances of a version.
    pub fn tags_of_launch(&self, version: &LaunchTemplateVersion) -> Tags {
        let tags = [("id", self.id.clone()), ("version", version.number.to_string())];
        tags.into_iter().map(|(name, value)| (format!("aws:ec2launchtemplate:{name}"), value)).collect()
    }

    /// The number of the newest version that exists.
    pub fn latest_version(&self) -> u64 {
        self.versions.last().map_or(self.latest, |version| version.number)
    }

    /// The version with a number, `$Latest`, `$Default`, or by default the default version.
    pub fn version(&self, word: &str) -> Result<&LaunchTemplateVersion> {
        let number = match word.to_ascii_lowercase().as_str() {
            "$latest" => Some(self.latest_version()),
            "" | "$default" => Some(self.default),
            number => number.parse().ok(),
        };
        let found = self.versions.iter().find(|version| Some(version.number) == number);
        found.ok_or_else(|| Error::NoSuchTemplateVersion { id: self.id.clone(), version: word.to_owned() })
    }
}

impl Model {
    /// CreateLaunchTemplate. Returns the id.
    pub fn create_launch_template(
        &mut self,
        caller: &Caller,
        name: &str,
        first: NewVersion,
        tags: Tags,
    ) -> Result<String> {
        tags::check(&tags)?;
        let fits = |c: char| c.is_ascii_alphanumeric() || "-_().".contains(c) || c == '/';
        if !(3..=128).contains(&name.chars().count()) || !name.chars().all(fits) {
            return Err(Error::TemplateName { name: name.to_owned() });
        }
        if self.launch_template(&caller.scope, None, Some(name)).is_ok() {
            return Err(Error::TemplateNameTaken {});
        }
        let id = self.new_id(IdKind::LaunchTemplate);
        self.launch_templates.insert(LaunchTemplate {
            id: id.clone(),
            scope: caller.scope.clone(),
            tags,
            name: name.to_owned(),
            created: caller.now,
            default: 1,
            latest: 1,
            versions: vec![first.numbered(1, caller.now)],
        });
        Ok(id)
    }

    /// The launch template with that id or name.
    pub fn launch_template(&self, scope: &Scope, id: Option<&str>, name: Option<&str>) -> Result<&LaunchTemplate> {
        match (id, name) {
            (Some(_), Some(_)) => Err(Error::TemplateTwice {}),
            (Some(id), None) => {
                IdKind::LaunchTemplate.check(id)?;
                let missing = |_| Error::NoSuchTemplate { id: id.to_owned() };
                self.launch_templates.find(scope, id).map_err(missing)
            }
            (None, Some(name)) => {
                let missing = || Error::NoSuchTemplateName { name: name.to_owned() };
                self.launch_templates.by(&scope.named(name)).next().ok_or_else(missing)
            }
            (None, None) => Err(Error::missing("launch template ID or launch template name")),
        }
    }

    /// The launch parameters of a new version. Absent ones are those of its source version.
    pub fn template_data(
        &self,
        caller: &Caller,
        id: &str,
        source: Option<&str>,
        data: LaunchForm,
    ) -> Result<LaunchForm> {
        let template = self.launch_templates.find(&caller.scope, id)?;
        let mut all = source.map(|word| template.version(word)).transpose()?.map(|source| source.data.clone());
        let parameter = |name: &str| name.split('.').next().unwrap_or_default().to_owned();
        if let Some(all) = &mut all {
            all.retain(|name, _| !data.keys().any(|new| parameter(new) == parameter(name)));
        }
        let mut all = all.unwrap_or_default();
        all.extend(data);
        Ok(all)
    }

    /// CreateLaunchTemplateVersion. Returns the number.
    pub fn add_template_version(&mut self, caller: &Caller, id: &str, new: NewVersion) -> Result<u64> {
        let template = self.launch_templates.find_mut(&caller.scope, id)?;
        template.latest += 1;
        template.versions.push(new.numbered(template.latest, caller.now));
        Ok(template.latest)
    }

    /// ModifyLaunchTemplate: sets the default version.
    pub fn set_default_template_version(&mut self, caller: &Caller, id: &str, version: &str) -> Result<()> {
        let found = self.launch_templates.find(&caller.scope, id)?.version(version);
        let number = found.map_err(|_| Error::NoVersionToBeDefault { version: version.to_owned() })?.number;
        self.launch_templates.find_mut(&caller.scope, id)?.default = number;
        Ok(())
    }

    /// DeleteLaunchTemplateVersions, for one version. The default version is refused.
    pub fn delete_template_version(&mut self, caller: &Caller, id: &str, version: &str) -> Result<u64> {
        let template = self.launch_templates.find(&caller.scope, id)?;
        let number = template.version(version)?.number;
        if number == template.default {
            return Err(Error::DefaultTemplateVersion { version: number });
        }
        let template = self.launch_templates.find_mut(&caller.scope, id)?;
        template.versions.retain(|version| version.number != number);
        Ok(number)
    }

    /// DeleteLaunchTemplate. Returns what was deleted.
    pub fn delete_launch_template(&mut self, caller: &Caller, id: &str) -> Result<LaunchTemplate> {
        let template = self.launch_templates.find(&caller.scope, id)?.clone();
        self.launch_templates.remove(id);
        Ok(template)
    }
}
