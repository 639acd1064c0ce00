//! The types of nodes to which a cache can be scaled up or down.

use crate::api::action::{Actions, View};
use model::services::{Clash, Error, Result, Thing};
use shapes::List;
use shapes::elasticache::{self, AllowedNodeTypeModificationsMessage};

pub fn actions(all: Actions) -> Actions {
    all.read(list_allowed)
}

/// Types with their memory in MiB ("Supported node types", ElastiCache user guide).
const TYPES: [(&str, u32); 37] = [
    ("cache.m3.2xlarge", 28_570),
    ("cache.m3.large", 6195),
    ("cache.m3.medium", 2847),
    ("cache.m3.xlarge", 13_619),
    ("cache.m4.10xlarge", 158_351),
    ("cache.m4.2xlarge", 30_413),
    ("cache.m4.4xlarge", 62_239),
    ("cache.m4.large", 6574),
    ("cache.m4.xlarge", 14_623),
    ("cache.m5.12xlarge", 160_891),
    ("cache.m5.24xlarge", 321_864),
    ("cache.m5.2xlarge", 26_665),
    ("cache.m5.4xlarge", 53_514),
    ("cache.m5.large", 6533),
    ("cache.m5.xlarge", 13_240),
    ("cache.m6g.2xlarge", 26_665),
    ("cache.m6g.4xlarge", 53_514),
    ("cache.m6g.large", 6533),
    ("cache.m6g.xlarge", 13_240),
    ("cache.r4.large", 12_595),
    ("cache.r5.12xlarge", 325_396),
    ("cache.r5.24xlarge", 650_865),
    ("cache.r5.2xlarge", 54_088),
    ("cache.r5.4xlarge", 108_349),
    ("cache.r5.large", 13_384),
    ("cache.r5.xlarge", 26_952),
    ("cache.r6g.2xlarge", 54_088),
    ("cache.r6g.4xlarge", 108_349),
    ("cache.r6g.large", 13_384),
    ("cache.r6g.xlarge", 26_952),
    ("cache.t2.medium", 3297),
    ("cache.t2.micro", 568),
    ("cache.t2.small", 1587),
    ("cache.t3.medium", 3164),
    ("cache.t3.micro", 512),
    ("cache.t3.small", 1403),
    ("cache.t4g.micro", 512),
];

/// The larger and the smaller types.
fn list_allowed(
    cx: View,
    input: elasticache::ListAllowedNodeTypeModificationsMessage,
) -> Result<AllowedNodeTypeModificationsMessage> {
    let elasticache::ListAllowedNodeTypeModificationsMessage { cache_cluster_id, replication_group_id } = input;
    let row = match (&cache_cluster_id, &replication_group_id) {
        (Some(name), None) => match cx.model.group_of(&cx.caller.scope, name) {
            Some((group, _)) => group,
            None => cx.model.deployment(&cx.caller.scope, Thing::CacheCluster, name)?,
        },
        (None, Some(name)) => cx.model.deployment(&cx.caller.scope, Thing::ReplicationGroup, name)?,
        (None, None) => return Err(Error::NoSource {}),
        (Some(_), Some(_)) => return Err(Clash::OneSource {}.into()),
    };
    let memory = TYPES.iter().find(|(name, _)| *name == row.settings.class).map_or(0, |(_, memory)| *memory);
    let names = |fits: &dyn Fn(u32) -> bool| {
        let others = TYPES.iter().filter(|(name, memory)| *name != row.settings.class && fits(*memory));
        others.map(|(name, _)| (*name).to_owned()).collect::<List<String>>()
    };
    Ok(AllowedNodeTypeModificationsMessage {
        scale_up_modifications: names(&|other| other >= memory),
        scale_down_modifications: names(&|other| other < memory),
    })
}
