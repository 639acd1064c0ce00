//! Health checks of Route 53. They check nothing: every endpoint counts as healthy.

use super::error::{Result, ZoneError};
use crate::{Caller, Model, Row, Tags};
use serde::{Deserialize, Serialize};

/// A health check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HealthCheck {
    /// A UUID.
    pub id: String,
    /// The twelve digits of its account.
    pub account: String,
    /// The caller reference of the request that created it.
    pub reference: String,
    /// Its version, which is 1 at first and grows with every update.
    pub version: i64,
    /// Its configuration, as JSON of the API's structure.
    pub config: String,
    /// Its tags.
    pub tags: Tags,
}

impl Row for HealthCheck {
    fn id(&self) -> &str {
        &self.id
    }
}

impl HealthCheck {
    fn said(&self) -> serde_json::Value {
        serde_json::from_str(&self.config).unwrap_or_default()
    }
}

/// Whether an element of a configuration is true.
fn is_so(config: &serde_json::Value, name: &str) -> bool {
    config[name] == true || config[name] == "true"
}

/// Whether a health check that depends on no others is healthy. Endpoints always are, and so is a disabled check. An
/// inverted one is the opposite ("UpdateHealthCheck"). There are no metrics, so alarms never have sufficient data.
fn is_passed_alone(config: &serde_json::Value) -> bool {
    let of_alarm = config["Type"] == "CLOUDWATCH_METRIC" && !is_so(config, "Disabled");
    let passed = !of_alarm || config["InsufficientDataHealthStatus"] != "Unhealthy";
    passed != is_so(config, "Inverted")
}

impl Model {
    /// CreateHealthCheck. The same request again creates no second one.
    ///
    /// # Errors
    /// [`ZoneError::HealthCheckAlreadyExists`]
    pub fn create_health_check(&mut self, caller: &Caller, reference: String, config: String) -> Result<HealthCheck> {
        let account = caller.scope.account.clone();
        let same = |check: &&HealthCheck| check.account == account && check.reference == reference;
        match self.health_checks.iter().find(same) {
            Some(found) if found.config == config => return Ok(found.clone()),
            Some(_) => return Err(ZoneError::HealthCheckAlreadyExists {}),
            None => {}
        }
        let new = HealthCheck { id: self.new_uuid(), account, reference, version: 1, config, tags: Tags::new() };
        self.health_checks.insert(new.clone());
        Ok(new)
    }

    /// The health check with that id.
    ///
    /// # Errors
    /// [`ZoneError::NoSuchHealthCheck`]
    pub fn health_check(&self, account: &str, id: &str) -> Result<&HealthCheck> {
        let found = self.health_checks.get(id).filter(|check| check.account == account);
        found.ok_or_else(|| ZoneError::NoSuchHealthCheck { id: id.to_owned() })
    }

    /// Whether a health check is healthy. One that no longer exists is, and a calculated one is if enough of its children are.
    pub fn is_passed(&self, id: &str) -> bool {
        let Some(config) = self.health_checks.get(id).map(HealthCheck::said) else { return true };
        if config["Type"] != "CALCULATED" || is_so(&config, "Disabled") {
            return is_passed_alone(&config);
        }
        let is_healthy = |id: &&str| self.health_checks.get(id).is_none_or(|child| is_passed_alone(&child.said()));
        let children = config["ChildHealthChecks"].as_array().into_iter().flatten();
        let healthy = children.filter_map(serde_json::Value::as_str).filter(is_healthy).count() as u64;
        let is_enough = healthy >= config["HealthThreshold"].as_u64().unwrap_or(0);
        is_enough != is_so(&config, "Inverted")
    }

    /// The health checks of an account, by id.
    pub fn health_checks_of<'m>(&'m self, account: &'m str) -> impl Iterator<Item = &'m HealthCheck> {
        self.health_checks.iter().filter(move |check| check.account == account)
    }

    /// UpdateHealthCheck, if the check still has the version that the request expects.
    ///
    /// # Errors
    /// [`ZoneError::NoSuchHealthCheck`], [`ZoneError::HealthCheckVersionMismatch`].
    pub fn update_health_check(
        &mut self,
        caller: &Caller,
        id: &str,
        version: Option<i64>,
        config: String,
    ) -> Result<HealthCheck> {
        let found = self.health_check(&caller.scope.account, id)?.clone();
        if version.is_some_and(|version| version != found.version) {
            return Err(ZoneError::HealthCheckVersionMismatch { version: found.version });
        }
        let new = HealthCheck { version: found.version + 1, config, ..found };
        self.health_checks.insert(new.clone());
        Ok(new)
    }

    /// DeleteHealthCheck.
    ///
    /// # Errors
    /// [`ZoneError::NoSuchHealthCheck`]
    pub fn delete_health_check(&mut self, caller: &Caller, id: &str) -> Result<()> {
        self.health_check(&caller.scope.account, id)?;
        self.health_checks.remove(id);
        Ok(())
    }

    /// Changes the tags of a health check.
    ///
    /// # Errors
    /// [`ZoneError::NoSuchHealthCheck`], [`ZoneError::BadTags`].
    pub fn change_health_check_tags(&mut self, caller: &Caller, id: &str, add: Tags, remove: &[String]) -> Result<()> {
        let mut found = self.health_check(&caller.scope.account, id)?.clone();
        found.tags.retain(|key, _| !remove.contains(key));
        found.tags.extend(add);
        crate::check_tags(&found.tags).map_err(|why| ZoneError::BadTags { why: Box::new(why) })?;
        self.health_checks.insert(found);
        Ok(())
    }
}
