//! Query logging of public hosted zones. Their name servers get no queries here, so nothing is logged.

use super::error::{Result, ZoneError};
use crate::{Caller, Model, Row};
use serde::{Deserialize, Serialize};

/// Where log groups of Route 53 are.
const PREFIX: &str = "arn:aws:logs:us-east-1:";

/// A configuration of query logging.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueryLoggingConfig {
    /// A UUID.
    pub id: String,
    /// The twelve digits of its account.
    pub account: String,
    /// The hosted zone.
    pub zone: String,
    /// The ARN of the log group.
    pub log_group: String,
}

impl Row for QueryLoggingConfig {
    fn id(&self) -> &str {
        &self.id
    }
}

impl Model {
    /// CreateQueryLoggingConfig.
    ///
    /// # Errors
    /// If there is no such zone, if it is private, if it has a configuration, or if the log group's ARN is invalid.
    pub fn create_query_logging_config(
        &mut self,
        caller: &Caller,
        zone: &str,
        log_group: String,
    ) -> Result<QueryLoggingConfig> {
        let account = caller.scope.account.clone();
        if self.zone_of(&account, zone)?.private {
            return Err(ZoneError::PrivateZoneLogged { id: zone.to_owned() });
        }
        let group = log_group.strip_prefix(PREFIX).and_then(|rest| rest.split_once(":log-group:"));
        if group.is_none_or(|(owner, name)| owner != account || name.is_empty()) {
            return Err(ZoneError::BadLogGroup {});
        }
        if self.query_logging_configs.iter().any(|config| config.zone == zone) {
            return Err(ZoneError::QueryLoggingConfigAlreadyExists {});
        }
        let new = QueryLoggingConfig { id: self.new_uuid(), account, zone: zone.to_owned(), log_group };
        self.query_logging_configs.insert(new.clone());
        Ok(new)
    }

    /// The configuration with that id.
    ///
    /// # Errors
    /// [`ZoneError::NoSuchQueryLoggingConfig`]
    pub fn query_logging_config(&self, account: &str, id: &str) -> Result<&QueryLoggingConfig> {
        let found = self.query_logging_configs.get(id).filter(|config| config.account == account);
        found.ok_or(ZoneError::NoSuchQueryLoggingConfig {})
    }

    /// The configurations of an account, by id.
    pub fn query_logging_configs_of<'m>(&'m self, account: &'m str) -> impl Iterator<Item = &'m QueryLoggingConfig> {
        self.query_logging_configs.iter().filter(move |config| config.account == account)
    }

    /// DeleteQueryLoggingConfig.
    ///
    /// # Errors
    /// [`ZoneError::NoSuchQueryLoggingConfig`]
    pub fn delete_query_logging_config(&mut self, caller: &Caller, id: &str) -> Result<()> {
        self.query_logging_config(&caller.scope.account, id)?;
        self.query_logging_configs.remove(id);
        Ok(())
    }
}
