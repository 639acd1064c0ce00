//! Reports of last accesses: when users and roles used the services that they may use.

use super::{Class, Error, Identity, Result};
use crate::{Model, Time};
use policy::Document;
use serde::{Deserialize, Serialize};

/// The most reports of an account. A new one replaces the oldest.
const MOST: usize = 100;

/// A generated report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessReport {
    /// The id of its job.
    pub id: String,
    /// The ARN of the user, group, role or policy.
    pub arn: String,
    /// The time of the request.
    pub at: Time,
}

impl Model {
    /// GenerateServiceLastAccessedDetails: the id of the job.
    pub fn report_access(&mut self, account: &str, now: Time, arn: String) -> Result<String> {
        if self.documents_of(account, &arn).is_none() {
            return Err(Error::NoSuchArn { arn });
        }
        let id = self.new_uuid();
        let mut settings = self.account_settings_of(account);
        settings.access_reports.push(AccessReport { id: id.clone(), arn, at: now });
        let surplus = settings.access_reports.len().saturating_sub(MOST);
        settings.access_reports.drain(..surplus);
        self.account_settings.insert(settings);
        Ok(id)
    }

    /// The report with the id of a job.
    pub fn access_report(&self, account: &str, id: &str) -> Result<AccessReport> {
        let found = self.account_settings_of(account).access_reports.into_iter().find(|report| report.id == id);
        found.ok_or_else(|| Error::NoAccessReport { id: id.to_owned() })
    }

    /// The policies of a user, group or role, or a policy itself. `None` if the account has nothing with that ARN.
    pub fn documents_of(&self, account: &str, arn: &str) -> Option<Vec<&Document>> {
        match self.identity_with(arn).filter(|identity| identity.named.account == account) {
            Some(identity) => Some(self.policies_of(identity).into_iter().map(|(_, document)| document).collect()),
            None => self.policy_in(account, arn).ok()?.document().map(|document| vec![document]),
        }
    }

    /// The users and roles to which the policies of an ARN apply: the one with the ARN, the users of a group, or those that have a
    /// policy, by themselves or by a group.
    pub fn entities_under<'m>(&'m self, account: &'m str, arn: &'m str) -> Vec<&'m Identity> {
        let members = move |identity: &'m Identity| -> Vec<&'m Identity> {
            match identity.class() {
                Class::Group => self.users_in(account, &identity.named.name).collect(),
                Class::User | Class::Role => vec![identity],
            }
        };
        let Some(identity) = self.identity_with(arn) else {
            let mut all: Vec<&Identity> = self.attached_to(account, arn).flat_map(members).collect();
            all.sort_by(|one, other| one.id.cmp(&other.id));
            all.dedup_by(|one, other| one.id == other.id);
            return all;
        };
        members(identity)
    }
}
