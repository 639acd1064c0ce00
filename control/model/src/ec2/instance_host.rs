//! What becomes of an instance as its host, the machine that it runs on, comes and goes.

use crate::{Condition, ManagedNews};
use crate::{Instance, InstanceState, Model};

/// How far an instance's host is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InstanceHost {
    /// It is on its way to what it shall be, or nobody knows.
    OnItsWay,
    /// It is there.
    Up,
    /// It could not be made or taken away, for this reason. It is tried again.
    Failed(String),
    /// It is not there.
    Gone,
}

impl Model {
    /// Lets instances follow their hosts: a pending one runs when its host is up; one that is stopping or shutting down is stopped or
    /// terminated when its host is gone. What fails is told in the state reason for as long as it does.
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

    /// For tests: lets every host come up or go that is to.
    pub fn hosts_arrive(&mut self) {
        self.follow_hosts(|instance| if instance.is_on() { InstanceHost::Up } else { InstanceHost::Gone });
        let now = self.now(crate::Time(1_420_632_000_000));
        self.follow_managed_hosts(now, |host| {
            Some(if host.is_on() { ManagedNews::Fares(Condition::Up) } else { ManagedNews::Gone })
        });
    }
}

/// An instance's next state and the failure of its host; `None` if both are as they were.
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
