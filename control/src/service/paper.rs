//! A cloud on paper: without a dataplane everything reaches its desired state at once.

use crate::balancer::configuration::{Health, Report, TargetAddress, Verdict};
use model::load_balancer::LoadBalancer;
use model::load_balancer::instructions;
use model::{Condition, InstanceHost, ManagedNews, Model, Row, Time};

/// The greatest number of Auto Scaling steps after one change. Further steps are taken later.
const STEPS: usize = 8;

/// Brings everything to its desired state: instances and services have their hosts or have none, targets are in
/// service, and groups have their desired size.
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
            tracing::error!("cannot tend Auto Scaling groups, trying again: {error}");
            break;
        }
    }
}

/// The reports of a load balancer's nodes, with their zones, as if all targets were healthy.
fn all_well(model: &Model, balancer: &LoadBalancer) -> Vec<(String, String, Report)> {
    let well = |target: TargetAddress| (target.id, Health { verdict: Verdict::InService, failure: None });
    let of_zone = |zone: &str| {
        let targets = instructions(model, balancer, zone)?.targets;
        Some((balancer.id().to_owned(), zone.to_owned(), targets.into_iter().map(well).collect()))
    };
    balancer.place.zones().into_iter().filter_map(of_zone).collect()
}
