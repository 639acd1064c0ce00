//! Tags of services' resources, by ARN.

use super::{Error, Result, Thing, Wanted};
use crate::{ManagedService, Model, Scope, Tags, check_tags};

/// The error for an ARN that no resource has.
fn nothing_of(arn: &str) -> Error {
    match Thing::of_arn(arn) {
        Some((thing, name)) if thing.service() == ManagedService::Redshift => {
            Error::NoResource { thing, name: name.rsplit('/').next().unwrap_or(name).to_owned() }
        }
        Some((thing, name)) => Error::NotFound { thing, name: name.to_owned() },
        None => Error::Value { name: "ResourceName", value: arn.into(), why: Wanted::Arn {} },
    }
}

impl Model {
    /// The tags of the resource with an ARN.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::NoResource`] if nothing of the caller's has it; [`Error::Value`] if nothing could.
    pub fn service_tags(&self, scope: &Scope, arn: &str) -> Result<&Tags> {
        let deployment = self.deployments.get(arn).map(|row| (&row.scope, &row.tags));
        let subnets = || self.subnet_groups.get(arn).map(|row| (&row.scope, &row.tags));
        let access = || self.access_groups.get(arn).map(|row| (&row.scope, &row.tags));
        let parameters = || self.parameter_groups.get(arn).map(|row| (&row.scope, &row.tags));
        let options = || self.option_groups.get(arn).map(|row| (&row.scope, &row.tags));
        let snapshots = || self.service_snapshots.get(arn).map(|row| (&row.scope, &row.tags));
        let entries = || self.service_entries.get(arn).map(|row| (&row.scope, &row.tags));
        let rest = || parameters().or_else(options).or_else(snapshots).or_else(entries);
        // What is of no Region, a global cluster, is found from each.
        let is_own =
            |of: &Scope| of.account == scope.account && [scope.region.as_str(), ""].contains(&of.region.as_str());
        let found = deployment.or_else(subnets).or_else(access).or_else(rest).filter(|&(of, _)| is_own(of));
        found.map(|(_, tags)| tags).ok_or_else(|| nothing_of(arn))
    }

    /// Changes the tags of the resource with an ARN.
    ///
    /// # Errors
    /// As [`Model::service_tags`], and what is wrong with the new tags.
    pub fn change_service_tags(&mut self, scope: &Scope, arn: &str, change: impl FnOnce(&mut Tags)) -> Result<()> {
        let mut tags = self.service_tags(scope, arn)?.clone();
        change(&mut tags);
        check_tags(&tags)?;
        if let Some(row) = self.deployments.get_mut(arn) {
            row.tags = tags;
        } else if let Some(row) = self.subnet_groups.get_mut(arn) {
            row.tags = tags;
        } else if let Some(row) = self.access_groups.get_mut(arn) {
            row.tags = tags;
        } else if let Some(row) = self.parameter_groups.get_mut(arn) {
            row.tags = tags;
        } else if let Some(row) = self.option_groups.get_mut(arn) {
            row.tags = tags;
        } else if let Some(row) = self.service_snapshots.get_mut(arn) {
            row.tags = tags;
        } else if let Some(row) = self.service_entries.get_mut(arn) {
            row.tags = tags;
        }
        Ok(())
    }
}
