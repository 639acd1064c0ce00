//! VPC Block Public Access: what keeps an account's VPCs of a Region from the Internet, and what is excluded.

use super::{Importer, tags};
use model::{BlockExclusion, Caller, ExclusionMode, IdKind, InternetBlock, Scope};
use shapes::ec2;

impl Importer<'_> {
    pub(super) fn block_options(&mut self, scope: &Scope, options: ec2::VpcBlockPublicAccessOptions) {
        let mode = options.internet_gateway_block_mode.unwrap_or_else(|| InternetBlock::Off.word().to_owned());
        let Ok(block) = InternetBlock::read("InternetGatewayBlockMode", &mode) else {
            let Scope { account, region } = scope;
            return self
                .leave_out(format!("{account} in {region}: its block of public access {mode} is not understood"));
        };
        // Without a time nothing was ever set.
        if block != InternetBlock::Off || options.last_update_timestamp.is_some() {
            let set = options.last_update_timestamp.unwrap_or(self.now);
            self.model.block_internet(&Caller::of_account(scope.clone(), set), block);
        }
    }

    pub(super) fn block_exclusion(&mut self, exclusion: ec2::VpcBlockPublicAccessExclusion) {
        let Some(id) = self.id(IdKind::VpcBlockPublicAccessExclusion, exclusion.exclusion_id) else { return };
        let state = exclusion.state.unwrap_or_default();
        if ["create-failed", "delete-", "disable-"].iter().any(|ended| state.starts_with(ended)) {
            return self.leave_out(format!("{id} is {state}"));
        }
        let arn = exclusion.resource_arn.unwrap_or_default();
        let place = arn.rsplit('/').next().unwrap_or_default().to_owned();
        let of_subnet = self.model.subnets.get(&place).map(|subnet| &subnet.scope);
        let Some(scope) = of_subnet.or(self.model.vpcs.get(&place).map(|vpc| &vpc.scope)).cloned() else {
            return self.leave_out(format!("{id}: its VPC or subnet {place} is not in the files"));
        };
        let Some(mode) = self.parsed_mode(&id, exclusion.internet_gateway_exclusion_mode) else { return };
        self.model.block_exclusions.adopt(BlockExclusion {
            id,
            scope,
            tags: tags(exclusion.tags),
            place,
            mode,
            created: exclusion.creation_timestamp.unwrap_or(self.now),
            changed: exclusion.last_update_timestamp.filter(|_| state.starts_with("update")),
        });
    }

    fn parsed_mode(&mut self, id: &str, mode: Option<String>) -> Option<ExclusionMode> {
        let mode = mode.unwrap_or_default();
        let read = ExclusionMode::read("InternetGatewayExclusionMode", &mode).ok();
        if read.is_none() {
            self.leave_out(format!("{id}: its mode {mode} is not understood"));
        }
        read
    }
}
