//! Settings of an account as a whole.

use super::{AccessReport, Error, Result};
use crate::{Model, Row, Time, is_account_id};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Settings of an account as a whole.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountSettings {
    /// The twelve digits of the account.
    pub account: String,
    /// Its alias.
    pub alias: Option<String>,
    /// Its password policy.
    pub passwords: Option<PasswordPolicy>,
    /// The time of the last credential report.
    pub reported: Option<Time>,
    /// The last reports of last accesses.
    #[serde(default)]
    pub access_reports: Vec<AccessReport>,
}

/// A password policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasswordPolicy {
    /// The minimum length.
    pub least: i32,
    /// Whether there must be a symbol.
    pub symbols: bool,
    /// Whether there must be a digit.
    pub numbers: bool,
    /// Whether there must be an upper-case letter.
    pub uppercase: bool,
    /// Whether there must be a lower-case letter.
    pub lowercase: bool,
    /// Whether users may change their own.
    pub changed_by_users: bool,
    /// The maximum age of a password, in days.
    pub oldest: Option<i32>,
    /// The number of previous passwords that cannot be reused.
    pub remembered: Option<i32>,
    /// Whether only an administrator can replace an expired password.
    pub hard_expiry: Option<bool>,
}

impl Row for AccountSettings {
    fn id(&self) -> &str {
        &self.account
    }
}

/// Whether a text is a valid alias (IAM's reference, `AccountAlias`).
fn is_alias(text: &str) -> bool {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    (3..=63).contains(&text.len())
        && text.chars().all(fits)
        && !text.starts_with('-')
        && !text.ends_with('-')
        && !text.contains("--")
        && !is_account_id(text)
}

impl Model {
    /// The settings of an account.
    pub fn account_settings_of(&self, account: &str) -> AccountSettings {
        let nothing = || AccountSettings { account: account.to_owned(), ..AccountSettings::default() };
        self.account_settings.get(account).cloned().unwrap_or_else(nothing)
    }

    /// CreateAccountAlias: an account has one, and no two have the same.
    pub fn create_account_alias(&mut self, account: &str, alias: String) -> Result<()> {
        if !is_alias(&alias) {
            return Err(Error::BadValue { field: "accountAlias", value: alias });
        }
        if self.account_settings.iter().any(|one| one.alias.as_ref() == Some(&alias)) {
            return Err(Error::AliasExists { alias });
        }
        self.account_settings.insert(AccountSettings { alias: Some(alias), ..self.account_settings_of(account) });
        Ok(())
    }

    /// DeleteAccountAlias.
    pub fn delete_account_alias(&mut self, account: &str, alias: &str) -> Result<()> {
        let settings = self.account_settings_of(account);
        if settings.alias.as_deref() != Some(alias) {
            return Err(Error::NoSuchAlias { alias: alias.to_owned() });
        }
        self.account_settings.insert(AccountSettings { alias: None, ..settings });
        Ok(())
    }

    /// An account's password policy.
    pub fn password_policy(&self, account: &str) -> Result<PasswordPolicy> {
        let missing = || Error::NoPasswordPolicy { account: account.to_owned() };
        self.account_settings_of(account).passwords.ok_or_else(missing)
    }

    /// UpdateAccountPasswordPolicy: replaces the policy.
    pub fn set_password_policy(&mut self, account: &str, policy: PasswordPolicy) {
        let passwords = Some(policy);
        self.account_settings.insert(AccountSettings { passwords, ..self.account_settings_of(account) });
    }

    /// DeleteAccountPasswordPolicy.
    pub fn delete_password_policy(&mut self, account: &str) -> Result<()> {
        self.password_policy(account).map_err(|_| Error::NothingToDelete {})?;
        self.account_settings.insert(AccountSettings { passwords: None, ..self.account_settings_of(account) });
        Ok(())
    }

    /// GenerateCredentialReport. Returns the time of the last report if it is recent.
    pub fn report_credentials(&mut self, account: &str, now: Time, fresh: Duration) -> Option<Time> {
        let settings = self.account_settings_of(account);
        let before = settings.reported.filter(|at| at.after(fresh) > now);
        self.account_settings.insert(AccountSettings { reported: Some(before.unwrap_or(now)), ..settings });
        before
    }
}
