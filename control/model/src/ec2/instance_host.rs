//! Instances follow the states of their hosts, the machines on which they run.

use crate::{Condition, ManagedNews};
use crate::{Instance, InstanceState, Model};

/// The state of an instance's host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InstanceHost {
    /// It is being made or removed, or its state is unknown.
    OnItsWay,
    /// It is up.
    Up,
    /// It could not be made or removed, for this reason. The dataplane tries again.
    Failed(String),
    /// It does not exist.
    Gone,
}

impl Model {
    /// Updates instances by their hosts: a pending one runs once its host is up, and one that is stopping or shutting down is stopped or
    /// terminated once its host is gone. A failure is shown in the state reason as long as it lasts.
    pub fn follow_hosts(&mut self, host: impl Fn(&Instance) -> InstanceHost) {
        let follow = |instance: &Instance| follow(instance, host(instance));
        self.instances.update(
            |instance| follow(instance).is_some(),
            |instance| {
                if let Some((state, failure)) = follow(instance) {
                    (instance.state, instance.host_failure) = (state, failure);
                }
            },
        );
    }

    /// For tests: lets all hosts reach their desired state.
    pub fn finish_hosts(&mut self) {
        self.follow_hosts(|instance| if instance.is_on() { InstanceHost::Up } else { InstanceHost::Gone });
        let now = self.now(crate::Time(1_420_632_000_000));
        self.follow_managed_hosts(now, |host| {
            Some(if host.is_on() { ManagedNews::Fares(Condition::Up) } else { ManagedNews::Gone })
        });
    }
}

/// An instance's next state and the failure of its host. `None` if both are unchanged.
fn follow(instance: &Instance, host: InstanceHost) -> Option<(InstanceState, Option<String>)> {
    use InstanceState::*;
    let next = match (instance.state, host) {
        (_, InstanceHost::OnItsWay) => return None,
        (state, InstanceHost::Failed(why)) => (state, Some(why)),
        (Pending, InstanceHost::Up) => (Running, None),
        (Stopping, InstanceHost::Gone) => (Stopped, None),
        (ShuttingDown, InstanceHost::Gone) => (Terminated, None),
        (state, InstanceHost::Up | InstanceHost::Gone) => (state, None),
    };
    (next.0 != instance.state || next.1 != instance.host_failure).then_some(next)
}
