//! Instances that stand ready.

use super::*;

impl Cloud {
    /// A warm pool of one instance at least, and of so many as the group and it have together.
    fn pool(&mut self, prepared: u32, reuses: bool) {
        self.pool_from(1, prepared, reuses);
    }

    fn pool_from(&mut self, min: u32, prepared: u32, reuses: bool) {
        let (prepared, reuses) = (Some(prepared), Some(reuses));
        let pool = WarmPool { min, prepared, state: WarmState::Stopped, reuses, deleting: false };
        self.model.put_warm_pool(&self.caller, "web", pool).unwrap();
        self.settle();
    }

    /// The ids of the instances in the pool, all of which are stopped.
    fn stopped(&self) -> Vec<String> {
        let ids: Vec<String> = self.web().warmed().map(|(id, _)| id.clone()).collect();
        let state = |id: &String| self.model.instances.get(id).unwrap().state;
        assert!(ids.iter().all(|id| state(id) == InstanceState::Stopped), "{:?}", self.web());
        ids
    }
}

#[test]
fn instances_of_a_warm_pool_stand_ready_stopped_and_come_into_service_first() {
    let mut cloud = Cloud::new();
    cloud.group("a", 1);
    cloud.settle();
    cloud.pool(3, false);
    let ready = cloud.stopped();
    assert_eq!((ready.len(), cloud.in_service().len()), (2, 1));
    let caller = cloud.caller.clone();
    cloud.model.set_desired_capacity(&caller, "web", 2, false).unwrap();
    cloud.settle();
    assert!(ready.iter().any(|id| cloud.in_service().contains(id)), "{ready:?} {:?}", cloud.in_service());
    assert_eq!(cloud.stopped().len(), 1, "the two of the group and it are three");
    cloud.model.set_desired_capacity(&caller, "web", 1, false).unwrap();
    cloud.settle();
    assert_eq!((cloud.stopped().len(), cloud.in_service().len()), (2, 1));
}

#[test]
fn what_a_group_has_too_many_of_returns_to_a_pool_that_takes_it() {
    let mut cloud = Cloud::new();
    cloud.group("a", 2);
    cloud.settle();
    cloud.pool(3, true);
    let before: BTreeSet<String> = cloud.in_service().into_iter().chain(cloud.stopped()).collect();
    let caller = cloud.caller.clone();
    cloud.model.set_desired_capacity(&caller, "web", 1, false).unwrap();
    cloud.settle();
    let after: BTreeSet<String> = cloud.in_service().into_iter().chain(cloud.stopped()).collect();
    assert_eq!((cloud.in_service().len(), &after), (1, &before));
}

#[test]
fn a_pool_goes_after_its_instances() {
    let mut cloud = Cloud::new();
    cloud.group("a", 1);
    cloud.settle();
    cloud.pool(2, false);
    let caller = cloud.caller.clone();
    cloud.model.suspend_processes(&caller, "web", &[Process::Launch]).unwrap();
    cloud.model.delete_warm_pool(&caller, "web").unwrap();
    cloud.settle();
    assert_eq!((cloud.web().warm_pool.as_ref(), cloud.web().members.len()), (None, 1));
    assert!(cloud.model.delete_warm_pool(&caller, "web").is_err());
}

#[test]
fn a_pool_takes_the_place_of_an_unhealthy_instance_and_replaces_its_own() {
    let mut cloud = Cloud::new();
    cloud.group("a", 1);
    cloud.settle();
    cloud.pool(3, false);
    let (ready, gone) = (cloud.stopped(), cloud.in_service().remove(0));
    cloud.terminate(&gone);
    cloud.wait(1);
    assert!(ready.contains(&cloud.in_service()[0]), "{ready:?} {:?}", cloud.in_service());
    let cause = cloud.last_cause("Launching a new EC2 instance from warm pool");
    assert!(cause.ends_with("an unhealthy instance needing to be replaced."), "{cause}");
    assert_eq!(cloud.web().progress.replacing, 0);
    let (caller, before) = (cloud.caller.clone(), cloud.stopped());
    cloud.model.set_instance_health(&caller, &before[0], false, false).unwrap();
    cloud.settle();
    let after = cloud.stopped();
    assert!(after.len() == before.len() && !after.contains(&before[0]), "{before:?} {after:?}");
}

#[test]
fn one_that_returns_before_it_was_in_service_ends_its_launch() {
    let mut cloud = Cloud::new();
    cloud.group("a", 0);
    cloud.pool_from(0, 1, true);
    let (caller, ready) = (cloud.caller.clone(), cloud.stopped());
    cloud.model.set_desired_capacity(&caller, "web", 1, false).unwrap();
    cloud.model.tend_groups(caller.now).unwrap();
    assert!(cloud.web().members.values().all(|member| member.state == Lifecycle::Pending), "{:?}", cloud.web());
    cloud.model.set_desired_capacity(&caller, "web", 0, false).unwrap();
    cloud.settle();
    assert_eq!((ready.len(), cloud.stopped()), (1, ready));
    assert!(cloud.activities().iter().all(|(.., status)| status.progress() == 100), "{:?}", cloud.activities());
}
