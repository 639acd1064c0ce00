//! Groups come to what they shall be, whatever happens to their instances.

mod warm_pool;

use super::*;
use crate::{Caller, ClassicLinkAtLaunch, InstanceHost, InstanceState, LaunchSpecification, Scope, Tags, Tenancy};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

const START: Time = Time(1_420_632_000_000);

/// A cloud, its account, and the time.
struct Cloud {
    model: Model,
    caller: Caller,
}

impl Cloud {
    fn new() -> Cloud {
        let scope = Scope { account: "111122223333".into(), region: "us-east-1".into() };
        let caller = Caller::of_account(scope, START);
        let mut model = Model::new(1);
        model.ensure_defaults(&caller).unwrap();
        Cloud { model, caller }
    }

    /// A VPC that is enabled for ClassicLink, and a group of it.
    fn enabled_vpc(&mut self) -> (String, String) {
        let block = "192.168.0.0/16".parse().unwrap();
        let vpc = self.model.create_vpc(&self.caller, block, Tenancy::Default, Tags::new()).unwrap();
        self.model.enable_classic_link(&self.caller, &vpc).unwrap();
        let group = self.model.group_named(&self.caller.scope, Some(&vpc), "default").unwrap().id.clone();
        (vpc, group)
    }

    fn subnet(&mut self, vpc: &str, cidr: &str, zone: &str) -> String {
        let zone = format!("us-east-1{zone}");
        self.model.create_subnet(&self.caller, vpc, cidr.parse().unwrap(), Some(&zone), Tags::new()).unwrap()
    }

    fn configuration(&mut self, name: &str, link: Option<ClassicLinkAtLaunch>) {
        self.model
            .create_launch_configuration(&self.caller, name, LaunchSpecification { link, ..specification() })
            .unwrap();
    }

    /// A group `web` in zones of EC2-Classic.
    fn group(&mut self, zones: &str, desired: u32) {
        self.configuration("small", None);
        let settings = settings("small", zones);
        self.model.create_scaling_group(&self.caller, "web", settings, Some(desired), BTreeMap::new()).unwrap();
    }

    fn web(&self) -> &AutoScalingGroup {
        self.model.scaling_group(&self.caller.scope, "web").unwrap()
    }

    /// Lets groups and hosts follow each other until nothing is to be done now.
    fn settle(&mut self) {
        for _ in 0..100 {
            self.model.tend_groups(self.caller.now).unwrap();
            self.model.finish_hosts();
            if self.model.groups_due(self.caller.now).is_none_or(|due| due > self.caller.now) {
                return;
            }
        }
        panic!("it never ends: {:?}", self.web());
    }

    fn wait(&mut self, seconds: u64) {
        self.caller.now = self.caller.now.after(Duration::from_secs(seconds));
        self.settle();
    }

    /// The ids of the instances in service.
    fn in_service(&self) -> Vec<String> {
        let members = self.web().members.iter();
        members.filter(|(_, member)| member.state == Lifecycle::InService).map(|(id, _)| id.clone()).collect()
    }

    /// How many instances are in service in each zone, by its letter.
    fn zones(&self) -> BTreeMap<String, usize> {
        let mut zones = BTreeMap::new();
        for id in self.in_service() {
            let zone = &self.model.instances.get(&id).unwrap().zone;
            *zones.entry(zone.trim_start_matches("us-east-1").to_owned()).or_default() += 1;
        }
        zones
    }

    /// Descriptions, causes and statuses of activities, the latest last.
    fn activities(&self) -> Vec<(String, String, ActivityStatus)> {
        let mut rows: Vec<&ScalingActivity> = self.model.scaling_activities.iter().collect();
        rows.sort_by_key(|row| row.started);
        rows.iter().map(|row| (row.description.clone(), row.cause.clone(), row.status.clone())).collect()
    }

    fn last_cause(&self, description: &str) -> String {
        let mut activities = self.activities().into_iter().rev();
        activities.find(|(text, ..)| text.starts_with(description)).map(|(_, cause, _)| cause).unwrap_or_default()
    }

    fn terminate(&mut self, id: &str) {
        self.model.terminate_instances(&self.caller, &[id.to_owned()]).unwrap();
    }
}

fn specification() -> LaunchSpecification {
    LaunchSpecification {
        image: "ami-1a2b3c4d".into(),
        instance_type: "m1.small".into(),
        ..LaunchSpecification::default()
    }
}

/// Zones are letters; all are of us-east-1.
fn settings(configuration: &str, zones: &str) -> GroupSettings {
    GroupSettings {
        configuration: configuration.into(),
        max: 20,
        zones: zones.chars().map(|letter| format!("us-east-1{letter}")).collect(),
        termination_policies: vec![TerminationPolicy::Default],
        cooldown: GroupSettings::COOLDOWN,
        ..GroupSettings::default()
    }
}

fn count(zones: &[(&str, usize)]) -> BTreeMap<String, usize> {
    zones.iter().map(|(zone, count)| ((*zone).to_owned(), *count)).collect()
}

#[test]
fn instances_are_launched_evenly_over_the_zones_and_taken_from_the_fullest() {
    let mut cloud = Cloud::new();
    cloud.group("abc", 7);
    assert!(cloud.web().members.is_empty(), "they come later");
    cloud.settle();
    assert_eq!(cloud.zones(), count(&[("a", 3), ("b", 2), ("c", 2)]));
    let (_, cause, status) = cloud.activities()[0].clone();
    assert_eq!(status, ActivityStatus::Successful);
    assert!(cause.starts_with("At 2015-01-07T12:00:00Z a user request created an AutoScalingGroup changing the desired capacity from 0 to 7.  At 2015-01-07T12:00:00Z an instance was started in response to a difference between desired and actual capacity, increasing the capacity from "), "{cause}");
    cloud.wait(60);
    cloud.model.set_desired_capacity(&cloud.caller, "web", 4, false).unwrap();
    cloud.settle();
    assert_eq!(cloud.zones(), count(&[("a", 2), ("b", 1), ("c", 1)]));
    let cause = cloud.last_cause("Terminating");
    assert!(cause.contains("changing the desired capacity from 7 to 4."), "{cause}");
    assert!(cause.ends_with("was selected for termination."), "{cause}");
    let on: Vec<_> = cloud.model.instances.iter().filter(|instance| instance.is_on()).collect();
    assert!(on.len() == 4 && on.iter().all(|instance| instance.tags[GROUP_TAG] == "web"));
}

#[test]
fn instances_are_linked_at_launch_and_so_is_what_replaces_them() {
    let mut cloud = Cloud::new();
    let (vpc, group) = cloud.enabled_vpc();
    cloud.configuration("linked", Some(ClassicLinkAtLaunch { vpc: vpc.clone(), groups: vec![group.clone()] }));
    let settings = settings("linked", "a");
    cloud.model.create_scaling_group(&cloud.caller, "web", settings, Some(2), BTreeMap::new()).unwrap();
    cloud.model.tend_groups(cloud.caller.now).unwrap();
    let linked = |cloud: &Cloud| {
        let on = cloud.model.linked_to(&vpc).filter(|instance| instance.link().unwrap().groups == [group.clone()]);
        on.map(|instance| (instance.id.clone(), instance.state)).collect::<Vec<_>>()
    };
    let pending = linked(&cloud);
    assert!(pending.len() == 2 && pending.iter().all(|(_, state)| *state == InstanceState::Pending), "{pending:?}");
    cloud.settle();
    cloud.terminate(&pending[0].0);
    cloud.wait(1);
    let now = linked(&cloud);
    assert_eq!((now.len(), cloud.in_service().len()), (2, 2));
    assert!(!cloud.web().members.contains_key(&pending[0].0));
    assert!(
        cloud.last_cause("Terminating").ends_with("an EC2 health check indicating it has been terminated or stopped.")
    );
    assert!(cloud.last_cause("Launching").ends_with("an unhealthy instance needing to be replaced."));
}

#[test]
fn a_link_that_cannot_be_is_refused() {
    let mut cloud = Cloud::new();
    let (vpc, group) = cloud.enabled_vpc();
    let link = |vpc: &str, groups: &[&str]| {
        let groups = groups.iter().map(|group| (*group).to_owned()).collect();
        LaunchSpecification { link: Some(ClassicLinkAtLaunch { vpc: vpc.to_owned(), groups }), ..specification() }
    };
    let mut create = |specification| cloud.model.create_launch_configuration(&cloud.caller, "one", specification);
    assert_eq!(create(link(&vpc, &[])), Err(Error::LinkIncomplete {}));
    assert_eq!(create(link("", &[&group])), Err(Error::LinkIncomplete {}));
    let refused = create(link("vpc-12345678", &[&group])).unwrap_err();
    assert_eq!((refused.code(), refused.to_string().contains("vpc-12345678")), ("ValidationError", true));
    assert!(create(link(&vpc, &["sg-12345678"])).unwrap_err().to_string().contains("sg-12345678"));
    let classic = cloud.model.group_named(&cloud.caller.scope, None, "default").unwrap().id.clone();
    let mut create = |specification| cloud.model.create_launch_configuration(&cloud.caller, "one", specification);
    assert!(create(link(&vpc, &[&classic])).is_err(), "a group of EC2-Classic");
    create(link(&vpc, &[&group])).unwrap();
    cloud.model.disable_classic_link(&cloud.caller, &vpc).unwrap();
    let again = cloud.model.create_launch_configuration(&cloud.caller, "two", link(&vpc, &[&group]));
    assert_eq!(again, Err(Error::LinkNotEnabled { vpc: vpc.clone() }));
    // What is in a VPC cannot be linked to one.
    let subnet = cloud.subnet(&vpc, "192.168.1.0/24", "a");
    let inside = GroupSettings { subnets: vec![subnet], ..settings("one", "") };
    let refused = cloud.model.create_scaling_group(&cloud.caller, "web", inside, Some(1), BTreeMap::new());
    assert_eq!(refused, Err(Error::LinkInVpc { name: "one".into() }));
}

#[test]
fn a_launch_that_fails_leaves_its_reason_and_is_tried_again() {
    let mut cloud = Cloud::new();
    let (vpc, group) = cloud.enabled_vpc();
    cloud.configuration("linked", Some(ClassicLinkAtLaunch { vpc: vpc.clone(), groups: vec![group] }));
    cloud.model.disable_classic_link(&cloud.caller, &vpc).unwrap();
    let settings = settings("linked", "a");
    cloud.model.create_scaling_group(&cloud.caller, "web", settings, Some(1), BTreeMap::new()).unwrap();
    cloud.settle();
    let (description, cause, status) = cloud.activities().remove(0);
    assert!(description.starts_with("Launching a new EC2 instance.  Status Reason: "), "{description}");
    assert!(cause.contains("increasing the capacity from 0 to 1."), "{cause}");
    let why = status.message().unwrap();
    assert!(why.contains(&vpc) && why.ends_with(". Launching EC2 instance failed."), "{why}");
    assert!(cloud.model.instances.is_empty() && cloud.model.volumes.is_empty(), "nothing is left of the attempt");
    cloud.wait(14);
    assert_eq!(cloud.activities().len(), 1);
    cloud.wait(1);
    assert_eq!(cloud.activities().len(), 2);
    let due = cloud.model.groups_due(cloud.caller.now).unwrap();
    assert_eq!(due.since(cloud.caller.now), Duration::from_secs(30), "the pause grows");
    cloud.model.enable_classic_link(&cloud.caller, &vpc).unwrap();
    cloud.wait(30);
    assert_eq!((cloud.in_service().len(), cloud.model.linked_to(&vpc).count()), (1, 1));
    assert_eq!(cloud.web().progress.retry, None);
}

#[test]
fn a_full_subnet_sends_instances_to_another_zone() {
    let mut cloud = Cloud::new();
    let (vpc, _) = cloud.enabled_vpc();
    let small = cloud.subnet(&vpc, "192.168.1.0/28", "a");
    let large = cloud.subnet(&vpc, "192.168.2.0/24", "b");
    cloud.configuration("small", None);
    let inside = GroupSettings { max: 40, subnets: vec![small, large], ..settings("small", "") };
    cloud.model.create_scaling_group(&cloud.caller, "web", inside, Some(30), BTreeMap::new()).unwrap();
    cloud.settle();
    assert_eq!(cloud.zones(), count(&[("a", 11), ("b", 19)]));
    assert_eq!(cloud.web().settings.zones, ["us-east-1a", "us-east-1b"]);
}

#[test]
fn what_is_stopped_or_said_to_be_unhealthy_is_replaced_unless_that_is_suspended() {
    let mut cloud = Cloud::new();
    cloud.group("a", 1);
    cloud.settle();
    let first = cloud.in_service().remove(0);
    cloud.model.suspend_processes(&cloud.caller, "web", &[Process::ReplaceUnhealthy]).unwrap();
    cloud.model.stop_instances(&cloud.caller, std::slice::from_ref(&first)).unwrap();
    cloud.settle();
    assert_eq!(cloud.web().members[&first].health(), "Unhealthy");
    cloud.model.resume_processes(&cloud.caller, "web", &[]).unwrap();
    assert!(!cloud.web().does(Process::ReplaceUnhealthy), "none was named");
    cloud.model.resume_processes(&cloud.caller, "web", &Process::ALL).unwrap();
    cloud.settle();
    let second = cloud.in_service().remove(0);
    assert_ne!(first, second);
    cloud.model.suspend_processes(&cloud.caller, "web", &[Process::HealthCheck]).unwrap();
    cloud.terminate(&second);
    cloud.settle();
    assert_eq!(cloud.web().members[&second].health(), "Healthy", "nobody looks");
    cloud.model.set_instance_health(&cloud.caller, &second, false, true).unwrap();
    cloud.settle();
    assert!(!cloud.in_service().contains(&second));
    assert!(cloud.last_cause("Terminating").ends_with("in response to a user health-check."));
}

#[test]
fn an_instance_whose_host_fails_is_replaced_after_a_while() {
    let mut cloud = Cloud::new();
    cloud.group("a", 1);
    cloud.settle();
    let first = cloud.in_service().remove(0);
    cloud.caller.now = cloud.caller.now.after(Duration::from_secs(60));
    cloud.model.follow_hosts(|_| InstanceHost::Failed("no room".into()));
    cloud.model.tend_groups(cloud.caller.now).unwrap();
    assert_eq!(cloud.model.groups_due(cloud.caller.now), Some(START.after(Duration::from_secs(120))));
    cloud.caller.now = cloud.caller.now.after(Duration::from_secs(60));
    cloud.settle();
    assert_eq!(cloud.in_service().len(), 1);
    assert!(!cloud.in_service().contains(&first));
}

#[test]
fn protected_instances_stay_and_policies_choose_among_the_others() {
    let mut cloud = Cloud::new();
    cloud.group("a", 2);
    cloud.settle();
    let old = cloud.in_service();
    cloud.wait(60);
    cloud.configuration("other", None);
    let other = |settings: &mut GroupSettings| settings.configuration = "other".into();
    cloud.model.update_scaling_group(&cloud.caller, "web", other, Some(4)).unwrap();
    cloud.settle();
    cloud.model.set_instance_protection(&cloud.caller, "web", &old[..1], true).unwrap();
    cloud.model.set_desired_capacity(&cloud.caller, "web", 3, false).unwrap();
    cloud.settle();
    let left = cloud.in_service();
    assert!(left.contains(&old[0]) && !left.contains(&old[1]), "of the oldest configuration, and not protected");
    let newest = |settings: &mut GroupSettings| settings.termination_policies = vec![TerminationPolicy::NewestInstance];
    cloud.model.update_scaling_group(&cloud.caller, "web", newest, Some(0)).unwrap();
    cloud.settle();
    assert_eq!(cloud.in_service(), old[..1], "nothing but what is protected");
}

#[test]
fn instances_follow_the_zones_of_their_group_one_by_one() {
    let mut cloud = Cloud::new();
    cloud.group("a", 4);
    cloud.settle();
    let elsewhere = |settings: &mut GroupSettings| settings.zones = vec!["us-east-1b".into(), "us-east-1c".into()];
    cloud.model.update_scaling_group(&cloud.caller, "web", elsewhere, None).unwrap();
    for _ in 0..40 {
        cloud.model.tend_groups(cloud.caller.now).unwrap();
        assert!((4..=5).contains(&cloud.web().capacity()), "at most one more, never one fewer");
        cloud.model.finish_hosts();
    }
    cloud.settle();
    assert_eq!(cloud.zones(), count(&[("b", 2), ("c", 2)]));
    assert!(cloud.activities().iter().any(|(_, cause, _)| cause.contains("balance instances in zones us-east-1b")));
}

#[test]
fn an_instance_is_terminated_attached_and_detached_by_name() {
    let mut cloud = Cloud::new();
    cloud.group("a", 2);
    cloud.settle();
    let ids = cloud.in_service();
    let min = |settings: &mut GroupSettings| settings.min = 1;
    cloud.model.update_scaling_group(&cloud.caller, "web", min, None).unwrap();
    cloud.model.terminate_member(&cloud.caller, &ids[0], true).unwrap();
    cloud.settle();
    assert_eq!((cloud.web().desired, cloud.in_service()), (1, vec![ids[1].clone()]));
    assert_eq!(cloud.model.terminate_member(&cloud.caller, &ids[1], true), Err(Error::BelowMin { min: 1 }));
    cloud.model.terminate_member(&cloud.caller, &ids[1], false).unwrap();
    cloud.settle();
    let replaced = cloud.in_service();
    assert!(replaced.len() == 1 && replaced[0] != ids[1]);
    let gone = cloud.model.terminate_member(&cloud.caller, "i-12345678", false);
    assert_eq!(gone, Err(Error::NotManaged { instance: "i-12345678".into() }));
    // It runs on outside, and can come back.
    let detached = cloud.model.detach_instances(&cloud.caller, "web", &replaced, false).unwrap();
    assert_eq!(detached.len(), 1);
    cloud.settle();
    let instance = cloud.model.instances.get(&replaced[0]).unwrap();
    assert!(instance.is_running() && !instance.tags.contains_key(GROUP_TAG));
    cloud.model.attach_instances(&cloud.caller, "web", &replaced).unwrap();
    cloud.settle();
    assert_eq!((cloud.web().desired, cloud.in_service().len()), (2, 2));
    let twice = cloud.model.attach_instances(&cloud.caller, "web", &replaced);
    assert_eq!(twice, Err(Error::ManagedAlready { instance: replaced[0].clone(), group: "web".into() }));
}

#[test]
fn what_stands_by_does_not_count() {
    let mut cloud = Cloud::new();
    cloud.group("a", 2);
    cloud.settle();
    let ids = cloud.in_service();
    cloud.model.enter_standby(&cloud.caller, "web", &ids[..1], true).unwrap();
    cloud.settle();
    assert_eq!((cloud.web().desired, cloud.in_service()), (1, ids[1..].to_vec()));
    cloud.model.enter_standby(&cloud.caller, "web", &ids[1..], false).unwrap();
    cloud.settle();
    assert_eq!((cloud.in_service().len(), cloud.web().members.len()), (1, 3));
    cloud.model.exit_standby(&cloud.caller, "web", &ids).unwrap();
    cloud.settle();
    assert_eq!((cloud.web().desired, cloud.in_service().len()), (3, 3));
}

#[test]
fn a_group_goes_when_its_instances_are_gone() {
    let mut cloud = Cloud::new();
    cloud.group("a", 2);
    cloud.settle();
    let schedule =
        Schedule { start: Some(START.after(Duration::from_secs(60))), desired: Some(3), ..Schedule::default() };
    cloud.model.schedule(&cloud.caller, "web", "later", schedule).unwrap();
    let in_use = Error::ConfigurationInUse { name: "small".into(), group: "web".into() };
    assert_eq!(cloud.model.delete_launch_configuration(&cloud.caller, "small"), Err(in_use));
    assert_eq!(cloud.model.delete_scaling_group(&cloud.caller, "web", false), Err(Error::HasInstances {}));
    cloud.model.set_instance_protection(&cloud.caller, "web", &cloud.in_service(), true).unwrap();
    cloud.model.delete_scaling_group(&cloud.caller, "web", true).unwrap();
    cloud.model.tend_groups(cloud.caller.now).unwrap();
    assert!(cloud.web().deleting);
    let changed = cloud.model.set_desired_capacity(&cloud.caller, "web", 0, false);
    assert_eq!(changed, Err(Error::PendingDelete { name: "web".into() }));
    cloud.model.finish_hosts();
    cloud.model.tend_groups(cloud.caller.now).unwrap();
    assert!(cloud.model.auto_scaling_groups.is_empty() && cloud.model.scheduled_actions.is_empty());
    assert!(cloud.model.instances.iter().all(|instance| instance.is_gone()));
    cloud.model.delete_launch_configuration(&cloud.caller, "small").unwrap();
    assert_eq!(cloud.activities().len(), 4);
    let later = cloud.caller.now.after(Duration::from_secs(43 * 24 * 3600));
    assert!(cloud.model.has_forgettable(later));
    cloud.model.forget(later).unwrap();
    assert!(cloud.activities().is_empty());
}

#[test]
fn a_cooldown_is_honoured_where_that_is_asked_for() {
    let mut cloud = Cloud::new();
    cloud.group("a", 1);
    cloud.settle();
    let refused = cloud.model.set_desired_capacity(&cloud.caller, "web", 2, true);
    assert_eq!(refused, Err(Error::CoolingDown { name: "web".into(), seconds: 300 }));
    cloud.wait(300);
    cloud.model.set_desired_capacity(&cloud.caller, "web", 2, true).unwrap();
    cloud.settle();
    cloud.model.set_desired_capacity(&cloud.caller, "web", 3, false).unwrap();
    assert_eq!(
        cloud.model.set_desired_capacity(&cloud.caller, "web", 21, false),
        Err(Error::DesiredAbove { desired: 21, max: 20 })
    );
}

#[test]
fn schedules_go_by_the_clock() {
    let mut cloud = Cloud::new();
    cloud.group("a", 1);
    cloud.settle();
    let recurrence = |text: &str| Some(Recurrence::try_from(text.to_owned()).unwrap());
    let put = |cloud: &mut Cloud, name: &str, schedule| cloud.model.schedule(&cloud.caller, "web", name, schedule);
    // It is noon.
    put(
        &mut cloud,
        "evening",
        Schedule { recurrence: recurrence("0 18 * * *"), desired: Some(3), ..Schedule::default() },
    )
    .unwrap();
    put(
        &mut cloud,
        "night",
        Schedule { recurrence: recurrence("0 23 * * *"), desired: Some(1), ..Schedule::default() },
    )
    .unwrap();
    let once = Schedule {
        start: Some(START.after(Duration::from_secs(3600))),
        min: Some(2),
        max: Some(5),
        ..Schedule::default()
    };
    put(&mut cloud, "once", once).unwrap();
    assert_eq!(cloud.model.groups_due(cloud.caller.now), Some(START.after(Duration::from_secs(3600))));
    cloud.wait(3599);
    assert_eq!(cloud.in_service().len(), 1);
    cloud.wait(1);
    assert_eq!((cloud.in_service().len(), cloud.web().settings.min, cloud.model.scheduled_actions.len()), (2, 2, 2));
    let cause = cloud.last_cause("Launching");
    assert!(cause.starts_with("At 2015-01-07T13:00:00Z the scheduled action once executed. Setting desired capacity from 1 to 2.  At 2015-01-07T13:00:00Z a scheduled action update of AutoScalingGroup constraints to min: 2, max: 5, desired: 2 changing the desired capacity from 1 to 2."), "{cause}");
    cloud.wait(5 * 3600);
    assert_eq!(cloud.in_service().len(), 3);
    // The night's is outside of the bounds by now.
    cloud.wait(5 * 3600);
    assert_eq!(cloud.in_service().len(), 3);
    assert!(
        cloud
            .activities()
            .iter()
            .any(|(text, _, status)| text.ends_with("action: night") && status.message().is_some())
    );
    // Three days at once: the evening's comes before the night's, each but once.
    let bounds = |settings: &mut GroupSettings| settings.min = 0;
    cloud.model.update_scaling_group(&cloud.caller, "web", bounds, Some(4)).unwrap();
    let before = cloud.activities().len();
    cloud.wait(3 * 24 * 3600);
    assert_eq!((cloud.web().desired, cloud.in_service().len()), (1, 1));
    assert!(cloud.activities().len() - before < 10);
    cloud.model.suspend_processes(&cloud.caller, "web", &[Process::ScheduledActions]).unwrap();
    cloud.wait(24 * 3600);
    assert_eq!(cloud.web().desired, 1);
    for (schedule, error) in [
        (Schedule { recurrence: recurrence("0 18 * * *"), ..Schedule::default() }, Error::ScheduleEmpty {}),
        (Schedule { desired: Some(1), ..Schedule::default() }, Error::ScheduleNever {}),
        (
            Schedule { desired: Some(1), recurrence: recurrence("0 0 31 2 *"), ..Schedule::default() },
            Error::ScheduleNever {},
        ),
        (
            Schedule { desired: Some(1), start: Some(START), ..Schedule::default() },
            Error::SchedulePast { what: "start time" },
        ),
    ] {
        assert_eq!(put(&mut cloud, "bad", schedule), Err(error));
    }
}

/// Something that happens to a group.
#[derive(Clone, Debug)]
enum Event {
    Desire(u32),
    Zones(BTreeSet<char>),
    Terminate(usize),
    Stop(usize),
    Detach(usize),
    Suspend(usize),
    Resume,
    Sick(usize),
    Tend,
    Hosts,
}

fn event() -> impl Strategy<Value = Event> {
    let zones = proptest::collection::btree_set(prop_oneof![Just('a'), Just('b'), Just('c')], 1..=3);
    prop_oneof![
        (0u32..9).prop_map(Event::Desire),
        zones.prop_map(Event::Zones),
        (0usize..9).prop_map(Event::Terminate),
        (0usize..9).prop_map(Event::Stop),
        (0usize..9).prop_map(Event::Detach),
        (0usize..9).prop_map(Event::Suspend),
        Just(Event::Resume),
        (0usize..9).prop_map(Event::Sick),
        Just(Event::Tend),
        Just(Event::Hosts),
    ]
}

fn happen(cloud: &mut Cloud, event: Event) {
    let member = |cloud: &Cloud, index: usize| cloud.web().members.keys().nth(index).cloned();
    // What is refused changes nothing that matters here.
    let caller = cloud.caller.clone();
    match event {
        Event::Desire(desired) => cloud.model.set_desired_capacity(&caller, "web", desired, false).unwrap(),
        Event::Zones(letters) => {
            let zones = letters.iter().map(|letter| format!("us-east-1{letter}")).collect();
            cloud.model.update_scaling_group(&caller, "web", |settings| settings.zones = zones, None).unwrap();
        }
        Event::Terminate(index) => {
            if let Some(id) = member(cloud, index) {
                let _ = cloud.model.terminate_instances(&caller, &[id]);
            }
        }
        Event::Stop(index) => {
            if let Some(id) = member(cloud, index) {
                let _ = cloud.model.stop_instances(&caller, &[id]);
            }
        }
        Event::Detach(index) => {
            if let Some(id) = member(cloud, index) {
                let _ = cloud.model.detach_instances(&caller, "web", &[id], false);
            }
        }
        Event::Sick(index) => {
            if let Some(id) = member(cloud, index) {
                let _ = cloud.model.set_instance_health(&caller, &id, false, false);
            }
        }
        Event::Suspend(index) => {
            cloud.model.suspend_processes(&caller, "web", &Process::ALL[index..=index]).unwrap();
        }
        Event::Resume => cloud.model.resume_processes(&caller, "web", &Process::ALL).unwrap(),
        Event::Tend => cloud.model.tend_groups(caller.now).unwrap(),
        Event::Hosts => cloud.model.finish_hosts(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever has happened: left alone, a group has as many healthy instances as desired, evenly over its zones, and no other
    /// running instance says that it is of the group.
    #[test]
    fn a_group_that_is_left_alone_comes_to_what_it_shall_be(events in proptest::collection::vec(event(), 0..30)) {
        let mut cloud = Cloud::new();
        cloud.group("ab", 2);
        events.into_iter().for_each(|event| happen(&mut cloud, event));
        happen(&mut cloud, Event::Resume);
        cloud.settle();
        cloud.settle();
        prop_assert_eq!(cloud.model.groups_due(cloud.caller.now), None);
        let group = cloud.web().clone();
        let in_service = cloud.in_service();
        prop_assert_eq!(in_service.len(), group.members.len());
        prop_assert_eq!(u32::try_from(in_service.len()).unwrap(), group.desired);
        let spread = cloud.model.spread(&group);
        prop_assert_eq!(spread.len(), group.settings.zones.len());
        prop_assert!(spread.values().max().unwrap() - spread.values().min().unwrap() <= 1, "{spread:?}");
        let of_group = |id: &String| {
            let instance = cloud.model.instances.get(id).unwrap();
            instance.is_running() && instance.tags.contains_key(GROUP_TAG)
        };
        prop_assert!(in_service.iter().all(of_group));
        let tagged = cloud.model.instances.iter().filter(|one| one.is_on() && one.tags.contains_key(GROUP_TAG));
        prop_assert_eq!(tagged.count(), in_service.len());
        let ongoing = cloud.model.scaling_activities.iter().filter(|activity| activity.ended.is_none()).count();
        prop_assert_eq!(ongoing, 0);
    }
}
