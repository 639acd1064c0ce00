//! The health of instances behind a load balancer, in the API's words (DescribeInstanceHealth).

use super::{LoadBalancer, Registration};
use crate::load_balancer::configuration::{Health, Verdict};
use crate::{InstanceState, Model};

/// The state of an instance behind a load balancer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InstanceHealth {
    /// `InService` or `OutOfService`.
    pub state: &'static str,
    /// The cause of the state: `ELB`, `Instance`, or `N/A`.
    pub reason: &'static str,
    /// The description of the state.
    pub description: &'static str,
}

impl InstanceHealth {
    const IN_SERVICE: InstanceHealth = InstanceHealth { state: "InService", reason: "N/A", description: "N/A" };

    const fn out(reason: &'static str, description: &'static str) -> InstanceHealth {
        InstanceHealth { state: "OutOfService", reason, description }
    }

    const NOT_REGISTERED: InstanceHealth =
        InstanceHealth::out("Instance", "Instance is not currently registered with the LoadBalancer.");
    const STOPPED: InstanceHealth = InstanceHealth::out("Instance", "Instance is in stopped state.");
    const TERMINATED: InstanceHealth = InstanceHealth::out("Instance", "Instance is in terminated state.");
    const PENDING: InstanceHealth = InstanceHealth::out("Instance", "Instance is in pending state.");
    const OTHER_ZONE: InstanceHealth = InstanceHealth::out(
        "ELB",
        "Instance is in the EC2 Availability Zone for which LoadBalancer is not configured to route traffic to.",
    );
    const REGISTERING: InstanceHealth = InstanceHealth::out("ELB", "Instance registration is still in progress.");
    const FAILING: InstanceHealth = InstanceHealth::out(
        "Instance",
        "Instance has failed at least the UnhealthyThreshold number of health checks consecutively.",
    );
    const RECOVERING: InstanceHealth = InstanceHealth::out(
        "Instance",
        "Instance has not passed the configured HealthyThreshold number of health checks consecutively.",
    );

    /// Whether it has failed too many health checks.
    pub fn is_failing(&self) -> bool {
        *self == InstanceHealth::FAILING
    }

    /// Whether it is in service.
    pub fn is_in_service(&self) -> bool {
        self.state == InstanceHealth::IN_SERVICE.state
    }
}

impl LoadBalancer {
    /// The health of an instance.
    pub fn health_of(&self, model: &Model, id: &str) -> InstanceHealth {
        let Some(registration) = self.instances.get(id) else { return InstanceHealth::NOT_REGISTERED };
        let Some(instance) = model.instances.get(id) else { return InstanceHealth::TERMINATED };
        match instance.state {
            InstanceState::Pending => InstanceHealth::PENDING,
            InstanceState::Stopping | InstanceState::Stopped => InstanceHealth::STOPPED,
            InstanceState::ShuttingDown | InstanceState::Terminated => InstanceHealth::TERMINATED,
            InstanceState::Running if !self.place.zones().contains(&instance.zone.as_str()) => {
                InstanceHealth::OTHER_ZONE
            }
            // Nobody has its old address any more.
            InstanceState::Running if self.address_of(model, id).is_none() => InstanceHealth::FAILING,
            InstanceState::Running => match registration.verdict(&instance.zone) {
                Verdict::InService => InstanceHealth::IN_SERVICE,
                Verdict::Registering => InstanceHealth::REGISTERING,
                Verdict::Failing => InstanceHealth::FAILING,
                Verdict::Recovering => InstanceHealth::RECOVERING,
            },
        }
    }

    /// Whether the balancer of a zone has a target in service.
    pub fn serves_in(&self, zone: &str) -> bool {
        let is_good = |health: &Health| health.verdict == Verdict::InService;
        self.instances.values().any(|registration| registration.health.get(zone).is_some_and(is_good))
    }
}

impl Registration {
    /// An instance is in service if the balancer of any zone says so. Otherwise the verdict of the instance's own zone counts.
    fn verdict(&self, zone: &str) -> Verdict {
        let mut seen = self.health.values();
        match seen.any(|health| health.verdict == Verdict::InService) {
            true => Verdict::InService,
            false => self.health.get(zone).or(self.health.values().next()).map_or(Verdict::Registering, |h| h.verdict),
        }
    }
}
