//! Launch configurations: how a group launches instances. A launch configuration never changes.

use super::{AutoScalingGroup, Error, Result, arn, check_name, key};
use crate::{Caller, ClassicLinkAtLaunch, IdKind, LaunchSpecification, Model, Row, Scope, Time};
use serde::{Deserialize, Serialize};

/// A launch configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LaunchConfiguration {
    /// The id of its row: account, Region and name.
    pub id: String,
    /// Its account and Region.
    pub scope: Scope,
    /// Its name.
    pub name: String,
    /// The UUID in its ARN.
    pub unique: String,
    /// The time of its creation.
    pub created: Time,
    /// The specification of launches.
    #[serde(rename = "recipe")]
    pub specification: LaunchSpecification,
}

impl Row for LaunchConfiguration {
    fn id(&self) -> &str {
        &self.id
    }
}

impl LaunchConfiguration {
    /// Its ARN.
    pub fn arn(&self) -> String {
        let named = format!("launchConfigurationName/{}", self.name);
        arn(&self.scope, "launchConfiguration", &self.unique, &named)
    }
}

impl Model {
    /// The launch configuration with that name.
    pub fn launch_configuration(&self, scope: &Scope, name: &str) -> Result<&LaunchConfiguration> {
        let found = self.launch_configurations.get(&key(scope, name));
        found.ok_or_else(|| Error::NoConfiguration { name: name.to_owned() })
    }

    /// CreateLaunchConfiguration.
    pub fn create_launch_configuration(
        &mut self,
        caller: &Caller,
        name: &str,
        specification: LaunchSpecification,
    ) -> Result<()> {
        check_name("launchConfigurationName", name)?;
        let scope = &caller.scope;
        if self.launch_configuration(scope, name).is_ok() {
            return Err(Error::ConfigurationExists { name: name.to_owned() });
        }
        self.check_specification(caller, &specification)?;
        let unique = self.new_uuid();
        let (id, scope, name) = (key(scope, name), scope.clone(), name.to_owned());
        self.launch_configurations.insert(LaunchConfiguration {
            id,
            scope,
            name,
            unique,
            created: caller.now,
            specification,
        });
        Ok(())
    }

    /// The ARN of a specification's instance profile, which may be given by its name.
    pub(super) fn profile_of(&self, caller: &Caller, specification: &LaunchSpecification) -> Result<Option<String>> {
        let Some(profile) = specification.profile.clone() else { return Ok(None) };
        let (arn, name) = if profile.starts_with("arn:") { (Some(profile), None) } else { (None, Some(profile)) };
        Ok(Some(self.profile_arn(caller, arn, name)?))
    }

    /// Refuses a specification that can never be launched. Whether there is room shows at the launch.
    pub(super) fn check_specification(&self, caller: &Caller, specification: &LaunchSpecification) -> Result<()> {
        if specification.image.is_empty() || specification.instance_type.is_empty() {
            return Err(Error::NoImage {});
        }
        let scope = &caller.scope;
        IdKind::Image.check(&specification.image)?;
        self.check_image(caller, &specification.image)?;
        self.check_type(&specification.instance_type, false)?;
        if let Some(name) = &specification.key_name {
            self.key_pair(scope, name)?;
        }
        for group in &specification.groups {
            match IdKind::SecurityGroup.fits(group) {
                true => self.security_groups.find(scope, group)?,
                false => self.group_meant(scope, group)?,
            };
        }
        self.profile_of(caller, specification)?;
        match &specification.link {
            Some(link) => self.check_link(caller, link),
            None => Ok(()),
        }
    }

    /// Checks the link of launched instances (M39), as AttachClassicLinkVpc does.
    fn check_link(&self, caller: &Caller, link: &ClassicLinkAtLaunch) -> Result<()> {
        if link.vpc.is_empty() || link.groups.is_empty() {
            return Err(Error::LinkIncomplete {});
        }
        self.need_classic(&caller.scope)?;
        if !self.vpcs.find(&caller.scope, &link.vpc)?.classic_link {
            return Err(Error::LinkNotEnabled { vpc: link.vpc.clone() });
        }
        Ok(self.check_link_groups(caller, &link.vpc, &link.groups)?)
    }

    /// DeleteLaunchConfiguration. One that a group uses is refused.
    pub fn delete_launch_configuration(&mut self, caller: &Caller, name: &str) -> Result<()> {
        let id = self.launch_configuration(&caller.scope, name)?.id.clone();
        let uses = |group: &&AutoScalingGroup| group.scope == caller.scope && group.settings.configuration == name;
        if let Some(group) = self.auto_scaling_groups.iter().find(uses) {
            return Err(Error::ConfigurationInUse { name: name.to_owned(), group: group.name.clone() });
        }
        self.launch_configurations.remove(&id);
        Ok(())
    }
}
