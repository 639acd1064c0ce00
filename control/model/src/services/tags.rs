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

/// Writes what works on the tags of every kind of resource.
macro_rules! tagged {
    ($($field:ident),*) => {
        impl Model {
            /// The scope and the tags of the resource with an ARN, whosever it is.
            fn tags_by_arn(&self, arn: &str) -> Option<(&Scope, &Tags)> {
                $(if let Some(row) = self.$field.get(arn) {
                    return Some((&row.scope, &row.tags));
                })*
                None
            }

            fn tags_by_arn_mut(&mut self, arn: &str) -> Option<&mut Tags> {
                $(if self.$field.get(arn).is_some() {
                    return self.$field.get_mut(arn).map(|row| &mut row.tags);
                })*
                None
            }

            /// Every tagged resource of a scope: its ARN and its tags.
            pub fn tagged_by_services<'a>(&'a self, scope: &'a Scope) -> impl Iterator<Item = (&'a str, &'a Tags)> {
                std::iter::empty()
                    $(.chain(self.$field.iter().map(|row| (row.id.as_str(), &row.scope, &row.tags))))*
                    .filter(move |(_, of, tags)| is_found_from(of, scope) && !tags.is_empty())
                    .map(|(arn, _, tags)| (arn, tags))
            }
        }
    };
}

tagged!(deployments, subnet_groups, access_groups, parameter_groups, option_groups, service_snapshots, service_entries);

/// Whether what belongs to one scope is found from another. What is of no Region, a global cluster, is found from each.
fn is_found_from(of: &Scope, scope: &Scope) -> bool {
    of.account == scope.account && [scope.region.as_str(), ""].contains(&of.region.as_str())
}

impl Model {
    /// The tags of the resource with an ARN.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::NoResource`] if nothing of the caller's has it; [`Error::Value`] if nothing could.
    pub fn service_tags(&self, scope: &Scope, arn: &str) -> Result<&Tags> {
        let found = self.tags_by_arn(arn).filter(|&(of, _)| is_found_from(of, scope));
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
        if let Some(old) = self.tags_by_arn_mut(arn) {
            *old = tags;
        }
        Ok(())
    }
}
