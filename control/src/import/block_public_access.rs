//! VPC Block Public Access, and what is excluded from it.

use super::{Importer, tags};
use model::{BlockExclusion, Caller, ExclusionMode, IdKind, InternetBlock, Scope};
use shapes::ec2;

impl Importer<'_> {
    pub(super) fn internet_block(&mut self, scope: &Scope, options: ec2::VpcBlockPublicAccessOptions) {
        let word = options.internet_gateway_block_mode.unwrap_or_default();
        match InternetBlock::read("InternetGatewayBlockMode", &word) {
            Ok(InternetBlock::Off) => {}
            Ok(block) => {
                let since = options.last_update_timestamp.unwrap_or(self.now);
                self.model.block_internet(&Caller::of_account(scope.clone(), since), block);
            }
            Err(error) => self.leave_out(format!("the block of public access of {}: {error}", scope.region)),
        }
    }

    pub(super) fn block_exclusion(&mut self, scope: &Scope, exclusion: ec2::VpcBlockPublicAccessExclusion) {
        let state = exclusion.state.unwrap_or_default();
        if state.starts_with("delete") || state.starts_with("disable") {
            return;
        }
        let Some(id) = self.id(IdKind::VpcBlockPublicAccessExclusion, exclusion.exclusion_id) else { return };
        let place = exclusion.resource_arn.as_deref().and_then(|arn| arn.rsplit('/').next()).unwrap_or_default();
        if self.model.vpcs.get(place).is_none() && self.model.subnets.get(place).is_none() {
            return self.leave_out(format!("{id}: what it excludes ({place}) is not in the files"));
        }
        let word = exclusion.internet_gateway_exclusion_mode.unwrap_or_default();
        let mode = match ExclusionMode::read("InternetGatewayExclusionMode", &word) {
            Ok(mode) => mode,
            Err(error) => return self.leave_out(format!("{id}: {error}")),
        };
        self.model.block_exclusions.adopt(BlockExclusion {
            id,
            scope: scope.clone(),
            tags: tags(exclusion.tags),
            place: place.to_owned(),
            mode,
            created: exclusion.creation_timestamp.unwrap_or(self.now),
            changed: exclusion.last_update_timestamp,
        });
    }
}
