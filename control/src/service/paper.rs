//! Without a dataplane everything is on paper, and at once as it shall be.

use crate::balancer::configuration::{Health, Report, TargetAddress, Verdict};
use model::load_balancer::LoadBalancer;
use model::load_balancer::instructions;
use model::{Condition, InstanceHost, ManagedNews, Model, Row, Time};

/// How many steps of Auto Scaling groups one change may lead to; more are taken later.
const STEPS: usize = 8;

/// Brings everything to where it is going: instances and services have their hosts or have none, targets are in service, and groups
/// are as large as they shall be.
pub(super) fn settle(model: &mut Model, now: Time) {
    for _ in 0..STEPS {
        model.follow_hosts(|instance| if instance.is_on() { InstanceHost::Up } else { InstanceHost::Gone });
        model.follow_managed_hosts(now, |host| match host.is_on() {
            true => Some(ManagedNews::Fares(Condition::Up)),
            false => Some(ManagedNews::Gone),
        });
        let reports: Vec<_> = model.load_balancers.iter().flat_map(|balancer| all_well(model, balancer)).collect();
        for (balancer, zone, report) in reports {
            model.note_health(&balancer, &zone, &report);
        }
        if model.groups_due(now).is_none_or(|due| due > now) {
            break;
        }
        if let Err(error) = model.tend_groups(now) {
            tracing::error!("Auto Scaling groups stay as they are for now: {error}");
            break;
        }
    }
}

/// What the balancers of a load balancer would report whose targets are all well, with their zones.
fn all_well(model: &Model, balancer: &LoadBalancer) -> Vec<(String, String, Report)> {
    let well = |target: TargetAddress| (target.id, Health { verdict: Verdict::InService, failure: None });
    let of_zone = |zone: &str| {
        let targets = instructions(model, balancer, zone)?.targets;
        Some((balancer.id().to_owned(), zone.to_owned(), targets.into_iter().map(well).collect()))
    };
    balancer.place.zones().into_iter().filter_map(of_zone).collect()
}
