//! The instance profiles of instances, which give each a role.

use crate::iam::InstanceProfile;
use crate::ids::digest;
use crate::{Caller, Error, IdKind, Instance, Model, ProfileAssociation, Result, Scope};

/// The part of an instance profile's ARN between its account and its path.
const PROFILE: &str = ":instance-profile/";

fn id_of_arn(arn: &str) -> String {
    format!("AIPA{:017X}", digest(arn))
}

impl Model {
    /// The ARN of an instance profile that is given by its name or its ARN. It need not exist.
    pub fn profile_arn(&self, caller: &Caller, arn: Option<String>, name: Option<String>) -> Result<String> {
        let Scope { account, .. } = &caller.scope;
        match (arn, name) {
            (Some(_), Some(_)) => Err(Error::ProfileTwice {}),
            (Some(arn), None) if arn.starts_with("arn:") && arn.contains(PROFILE) => Ok(arn),
            (Some(arn), None) => Err(Error::ProfileMalformed { arn }),
            (None, Some(name)) => Ok(match self.instance_profile(account, &name) {
                Ok(profile) => profile.named.arn("instance-profile"),
                Err(_) => format!("arn:aws:iam::{account}{PROFILE}{name}"),
            }),
            (None, None) => Err(Error::missing("IamInstanceProfile.Name")),
        }
    }

    /// The id of an instance profile. If the profile does not exist, the id is derived from the ARN.
    pub fn profile_id(&self, arn: &str) -> String {
        self.profile_of_arn(arn).map_or_else(|| id_of_arn(arn), |profile| profile.named.unique_id.clone())
    }

    /// The instance profile with an ARN, if it exists.
    pub fn profile_of_arn(&self, arn: &str) -> Option<&InstanceProfile> {
        let (account, path) = arn.split_once("iam::")?.1.split_once(PROFILE)?;
        let profile = self.instance_profile(account, path.rsplit('/').next()?).ok()?;
        Some(profile).filter(|profile| profile.named.arn("instance-profile") == arn)
    }

    /// AssociateIamInstanceProfile. Returns the association.
    pub fn associate_profile(&mut self, caller: &Caller, id: &str, arn: String) -> Result<ProfileAssociation> {
        if self.instances.find(&caller.scope, id)?.options.profile.is_some() {
            return Err(Error::ProfileAssociated { id: id.to_owned() });
        }
        let profile = self.new_profile(caller, arn);
        let new = profile.clone();
        self.change_options(caller, id, |options| {
            options.profile = Some(new);
            Ok(())
        })?;
        Ok(profile)
    }

    /// A new association.
    pub(crate) fn new_profile(&mut self, caller: &Caller, arn: String) -> ProfileAssociation {
        ProfileAssociation { id: self.new_id(IdKind::IamInstanceProfileAssociation), arn, since: caller.now }
    }

    /// The id of the instance with that association.
    fn associated(&self, caller: &Caller, association: &str) -> Result<String> {
        let has =
            |instance: &&Instance| instance.options.profile.as_ref().is_some_and(|profile| profile.id == association);
        let kind = IdKind::IamInstanceProfileAssociation;
        let found = self.instances.of(&caller.scope).find(has).map(|instance| instance.id.clone());
        found.ok_or_else(|| Error::NotFound { kind, id: association.to_owned() })
    }

    /// DisassociateIamInstanceProfile. Returns the instance and the ended association.
    pub fn disassociate_profile(&mut self, caller: &Caller, association: &str) -> Result<(String, ProfileAssociation)> {
        let id = self.associated(caller, association)?;
        let had = self.instances.find_mut(&caller.scope, &id)?.options.profile.take();
        let kind = IdKind::IamInstanceProfileAssociation;
        had.map(|had| (id, had)).ok_or_else(|| Error::NotFound { kind, id: association.to_owned() })
    }

    /// ReplaceIamInstanceProfileAssociation. Returns the instance and its new association.
    pub fn replace_profile(
        &mut self,
        caller: &Caller,
        association: &str,
        arn: String,
    ) -> Result<(String, ProfileAssociation)> {
        let id = self.associated(caller, association)?;
        let profile = self.new_profile(caller, arn);
        self.instances.find_mut(&caller.scope, &id)?.options.profile = Some(profile.clone());
        Ok((id, profile))
    }
}
