//! References to groups of other VPCs across peering connections. They are in force while the connection is active, and stale without
//! it (semantics.md §6).

use crate::{GroupRule, Model, RulePeer, SecurityGroup, VpcPeeringConnection};

impl Model {
    /// The group that a rule of `group` names, if the rule is in force: the named group exists in the same network, or in the VPC at
    /// the other end of an active peering connection of the Region. `None` for a rule with another peer.
    pub fn referenced_group(&self, group: &SecurityGroup, peer: &RulePeer) -> Option<&SecurityGroup> {
        let RulePeer::Group { id, .. } = peer else { return None };
        let named = self.security_groups.get(id)?;
        let meets = match (&group.vpc, &named.vpc) {
            (None, None) => true,
            (Some(own), Some(other)) => own == other || self.are_peers(own, other),
            _ => false,
        };
        meets.then_some(named)
    }

    /// The stale rules of a group.
    pub fn stale_rules<'a>(&'a self, group: &'a SecurityGroup) -> impl Iterator<Item = &'a GroupRule> {
        let stale = |rule: &&GroupRule| {
            matches!(rule.peer, RulePeer::Group { .. }) && self.referenced_group(group, &rule.peer).is_none()
        };
        group.rules.iter().filter(stale)
    }

    /// The present or the last peering connection between a VPC and that of a group.
    pub fn peering_with<'a>(
        &'a self,
        vpc: &'a str,
        account: &str,
        other: Option<&str>,
    ) -> Option<&'a VpcPeeringConnection> {
        let fits = |peering: &&VpcPeeringConnection| {
            let peer = peering.peer_of(vpc).filter(|peer| peer.scope.account == account);
            peer.is_some_and(|peer| other.is_none_or(|other| peer.vpc == other))
        };
        self.peerings.by(vpc).filter(fits).max_by_key(|peering| (peering.is_active(), peering.since))
    }
}
