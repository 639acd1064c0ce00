//! What the `network:` part has no words for and calls of the API do: the first steps of a scenario.

use super::{DEFAULT_ACCOUNT, DEFAULT_REGION, Writer, is_default};
use model::{BlockExclusion, IdKind, InternetBlock, RegionSettings, Resource};

impl Writer<'_> {
    /// The blocks of public access to VPCs, and what is excluded from them.
    pub(super) fn blocks(&mut self) {
        let model = self.model;
        for settings in model.region_settings.iter().filter(|settings| settings.internet_block != InternetBlock::Off) {
            self.block(settings);
        }
        model
            .block_exclusions
            .iter()
            .filter(|exclusion| is_default(exclusion.scope()))
            .for_each(|it| self.exclusion(it));
    }

    fn block(&mut self, settings: &RegionSettings) {
        if settings.id != format!("{DEFAULT_ACCOUNT}/{DEFAULT_REGION}") {
            return self.leave_out(format!("{}: its block of public access to VPCs", settings.id));
        }
        let mode = settings.internet_block.word();
        self.calls.push(format!("ModifyVpcBlockPublicAccessOptions: {{InternetGatewayBlockMode: {mode}}}"));
    }

    fn exclusion(&mut self, exclusion: &BlockExclusion) {
        let (kind, member) = match exclusion.is_of_subnet() {
            true => (IdKind::Subnet, "SubnetId"),
            false => (IdKind::Vpc, "VpcId"),
        };
        if self.is_written(kind, &exclusion.place) {
            let (place, mode) = (self.name(&exclusion.place), exclusion.mode.word());
            self.calls.push(format!(
                "CreateVpcBlockPublicAccessExclusion: {{{member}: ${place}, InternetGatewayExclusionMode: {mode}}}"
            ));
        }
    }

    /// A route table of a gateway, for packets that enter the VPC through it.
    pub(super) fn of_gateway(&mut self, table: &str, gateway: &str) {
        let is_written =
            [IdKind::InternetGateway, IdKind::VpnGateway].iter().any(|kind| self.is_written(*kind, gateway));
        match is_written {
            true => {
                let (table, gateway) = (self.name(table), self.name(gateway));
                self.calls.push(format!("AssociateRouteTable: {{RouteTableId: ${table}, GatewayId: ${gateway}}}"));
            }
            false => self.leave_out(format!("{table}: that {gateway} uses it")),
        }
    }
}
