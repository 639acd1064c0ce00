//! Auto Scaling groups: their settings, and how these are changed.

use super::{
    Ailment, CapacityUnit, Error, GroupTag, HealthChecks, InstanceRefresh, Lifecycle, LifecycleHook, Member,
    MixedInstances, Process, Result, TemplateUse, TerminationPolicy, Transition, WarmPool, arn, check_name, key,
};
use crate::words::words;
use crate::{Caller, LaunchSpecification, Model, Row, Scope, Subnet, Time};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

words! {
    /// Which deletions of a group are refused.
    DeletionProtection {
        None "none",
        Forced "prevent-force-deletion",
        All "prevent-all-deletion",
    }
}

impl DeletionProtection {
    fn refuses(self, force: bool) -> bool {
        match self {
            DeletionProtection::None => false,
            DeletionProtection::Forced => force,
            DeletionProtection::All => true,
        }
    }
}

/// The settings of a group, as its user gives them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupSettings {
    /// Its launch configuration, by name; empty if it has a launch template.
    pub configuration: String,
    /// The launch template that its instances are launched with, instead of a configuration.
    #[serde(default)]
    pub template: Option<TemplateUse>,
    /// The fewest instances.
    pub min: u32,
    /// The most instances.
    pub max: u32,
    /// The Availability Zones: of EC2-Classic, of the default VPC or, if there are subnets, of these.
    pub zones: Vec<String>,
    /// Where: subnets of one VPC.
    pub subnets: Vec<String>,
    /// How long after a scaling activity a request that honours it must wait, in seconds.
    pub cooldown: u32,
    /// Which health checks count for instances in service.
    #[serde(rename = "health_check")]
    pub health_checks: HealthChecks,
    /// How long an instance in service may be unhealthy before that counts, in seconds.
    pub grace: u32,
    /// The placement group, by name.
    pub placement_group: Option<String>,
    /// Which instance goes when there are too many; the first policy that tells instances apart counts.
    pub termination_policies: Vec<TerminationPolicy>,
    /// Whether new instances are protected from scaling in.
    pub protects_new: bool,
    /// The role that the service acts in, which makes no difference.
    pub role: Option<String>,
    /// Types in the place of the launch template's.
    #[serde(default)]
    pub mixed: Option<MixedInstances>,
    /// What its capacity counts, where it was said.
    #[serde(default)]
    pub unit: Option<CapacityUnit>,
    /// How long an instance may be in service before another takes its place, in seconds.
    #[serde(default)]
    pub lifetime: Option<u32>,
    /// Which deletions are refused.
    #[serde(default)]
    pub protection: DeletionProtection,
    /// The settings that have no effect here, as JSON of the API's structure; replies show them.
    #[serde(default)]
    pub told: String,
}

impl GroupSettings {
    /// The shortest and the longest that an instance's time in service can be limited to, in seconds.
    const LIFETIME: (u32, u32) = (86_400, 31_536_000);

    /// How long an instance may be in service, as requests say it; 0 is for ever.
    ///
    /// # Errors
    /// [`Error::LifetimeRange`]
    pub fn lifetime_of(seconds: u32) -> Result<Option<u32>> {
        let (least, most) = GroupSettings::LIFETIME;
        match seconds {
            0 => Ok(None),
            seconds if (least..=most).contains(&seconds) => Ok(Some(seconds)),
            _ => Err(Error::LifetimeRange { least, most }),
        }
    }

    /// The cooldown of a group that says nothing about it, in seconds.
    pub const COOLDOWN: u32 = 300;
}

/// An Auto Scaling group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AutoScalingGroup {
    /// The id of its row: account, Region and name.
    pub id: String,
    /// Whose it is, and where.
    pub scope: Scope,
    /// Its name.
    pub name: String,
    /// The UUID in its ARN; another group of the same name has another.
    pub unique: String,
    /// When it was created.
    pub created: Time,
    /// What it shall be.
    pub settings: GroupSettings,
    /// How many instances it shall have.
    pub desired: u32,
    /// The load balancers that its instances are registered with.
    pub load_balancers: BTreeSet<String>,
    /// Its tags.
    pub tags: BTreeMap<String, GroupTag>,
    /// What it does not do now, and why.
    pub suspended: BTreeMap<Process, String>,
    /// Its instances, by id.
    pub members: BTreeMap<String, Member>,
    /// Its lifecycle hooks, by name.
    #[serde(default)]
    pub hooks: BTreeMap<String, LifecycleHook>,
    /// Its notifications: topics, and kinds of events. None is sent.
    #[serde(default)]
    pub notifications: BTreeSet<(String, String)>,
    /// The metrics that are enabled. None is collected.
    #[serde(default)]
    pub metrics: BTreeSet<String>,
    /// Its warm pool.
    #[serde(default)]
    pub warm_pool: Option<WarmPool>,
    /// Its instance refreshes, the latest last.
    #[serde(default)]
    pub refreshes: Vec<InstanceRefresh>,
    /// Whether it is being deleted, and disappears with its last instance.
    pub deleting: bool,
    /// The work of the keeper on the group.
    pub progress: Progress,
}

/// What the keeper remembers of a group.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// What changed the desired capacity last, as causes of activities tell it.
    pub because: Option<String>,
    /// How many instances are to be launched in the place of unhealthy ones.
    pub replacing: u32,
    /// Whether there is one instance more than desired, so that another zone can have one fewer.
    pub rebalancing: bool,
    /// When instances were launched or terminated last; the cooldown counts from here.
    pub scaled: Option<Time>,
    /// When a launch is tried again, after one has failed.
    pub retry: Option<Retry>,
}

/// That launches have failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retry {
    /// When the next one is tried.
    pub at: Time,
    /// How many have failed since one succeeded.
    pub failures: u32,
}

/// A group is found by its instances, too.
impl Row for AutoScalingGroup {
    fn id(&self) -> &str {
        &self.id
    }

    fn keys(&self) -> Vec<String> {
        self.members.keys().cloned().collect()
    }
}

impl AutoScalingGroup {
    /// Its ARN.
    pub fn arn(&self) -> String {
        arn(&self.scope, "autoScalingGroup", &self.unique, &format!("autoScalingGroupName/{}", self.name))
    }

    /// The instances that count for its capacity.
    pub fn active(&self) -> impl Iterator<Item = (&String, &Member)> {
        self.members.iter().filter(|(_, member)| member.counts())
    }

    /// How much of its capacity there is: instances, each as often as it weighs.
    pub fn capacity(&self) -> u32 {
        self.active().map(|(_, member)| member.weight).sum()
    }

    /// Who acts for it: its account.
    pub(super) fn owner(&self, now: Time) -> Caller {
        Caller::of_account(self.scope.clone(), now)
    }

    /// Whether a process is not suspended.
    pub fn does(&self, process: Process) -> bool {
        !self.suspended.contains_key(&process)
    }

    /// The hooks of a transition, each with its timeout from now on.
    pub(super) fn hooks_at(&self, transition: Transition, now: Time) -> BTreeMap<String, Time> {
        let own = self.hooks.iter().filter(|(_, hook)| hook.transition == transition);
        own.map(|(name, hook)| (name.clone(), hook.until(now))).collect()
    }

    /// Whether instances wait at a transition.
    pub(super) fn has_hook(&self, transition: Transition) -> bool {
        self.hooks.values().any(|hook| hook.transition == transition)
    }

    /// How long a request that honours the cooldown has to wait.
    pub(super) fn cools_down(&self, now: Time) -> Option<Duration> {
        let over = self.progress.scaled?.after(Duration::from_secs(self.settings.cooldown.into()));
        (over > now).then(|| over.since(now))
    }

    /// Sets the desired capacity, with the reason that activities name.
    pub(super) fn want(&mut self, desired: u32, because: String) {
        self.desired = desired;
        self.progress = Progress { because: Some(because), scaled: self.progress.scaled, ..Progress::default() };
    }
}

/// Says that a change of the desired capacity came with something else.
pub(super) fn changing(what: &str, before: u32, after: u32) -> String {
    format!("{what} changing the desired capacity from {before} to {after}.")
}

impl Model {
    /// The group of that name.
    pub fn scaling_group(&self, scope: &Scope, name: &str) -> Result<&AutoScalingGroup> {
        let found = self.auto_scaling_groups.get(&key(scope, name));
        found.ok_or_else(|| Error::NoGroup { name: name.to_owned() })
    }

    /// The same, to be changed; one that is about to go cannot be.
    pub(super) fn scaling_group_mut(&mut self, scope: &Scope, name: &str) -> Result<&mut AutoScalingGroup> {
        if self.scaling_group(scope, name)?.deleting {
            return Err(Error::PendingDelete { name: name.to_owned() });
        }
        let found = self.auto_scaling_groups.get_mut(&key(scope, name));
        found.ok_or_else(|| Error::NoGroup { name: name.to_owned() })
    }

    /// The group that an instance is in.
    pub fn scaling_group_of(&self, scope: &Scope, instance: &str) -> Result<&AutoScalingGroup> {
        let mut found = self.auto_scaling_groups.by(instance).filter(|group| group.scope == *scope);
        found.next().ok_or_else(|| Error::NotManaged { instance: instance.to_owned() })
    }

    /// The group that an instance is in, whosever it is.
    pub fn scaling_group_of_instance(&self, instance: &str) -> Option<&AutoScalingGroup> {
        self.auto_scaling_groups.by(instance).next()
    }

    /// Changes what a group is to tell others.
    pub fn change_notices(
        &mut self,
        caller: &Caller,
        name: &str,
        change: impl FnOnce(&mut AutoScalingGroup),
    ) -> Result<()> {
        change(self.scaling_group_mut(&caller.scope, name)?);
        Ok(())
    }

    /// CreateAutoScalingGroup: its instances come later.
    pub fn create_scaling_group(
        &mut self,
        caller: &Caller,
        name: &str,
        settings: GroupSettings,
        desired: Option<u32>,
        tags: BTreeMap<String, GroupTag>,
    ) -> Result<()> {
        check_name("autoScalingGroupName", name)?;
        match self.scaling_group(&caller.scope, name) {
            Ok(group) if group.deleting => return Err(Error::GroupExistsStill { name: name.to_owned() }),
            Ok(_) => return Err(Error::GroupExists { name: name.to_owned() }),
            Err(_) => {}
        }
        let settings = self.checked(caller, settings)?;
        let desired = desired.unwrap_or(settings.min);
        check_desired(desired, &settings)?;
        super::tags::check(&tags)?;
        let what = format!("At {} a user request created an AutoScalingGroup", super::moment(caller.now));
        let mut group = AutoScalingGroup {
            id: key(&caller.scope, name),
            scope: caller.scope.clone(),
            name: name.to_owned(),
            unique: self.new_uuid(),
            created: caller.now,
            settings,
            desired,
            load_balancers: BTreeSet::new(),
            tags,
            suspended: BTreeMap::new(),
            members: BTreeMap::new(),
            hooks: BTreeMap::new(),
            notifications: BTreeSet::new(),
            metrics: BTreeSet::new(),
            warm_pool: None,
            refreshes: Vec::new(),
            deleting: false,
            progress: Progress::default(),
        };
        group.want(desired, changing(&what, 0, desired));
        self.auto_scaling_groups.insert(group);
        Ok(())
    }

    /// UpdateAutoScalingGroup: `change` is what is new. Without a desired capacity the present one is brought within the bounds.
    pub fn update_scaling_group(
        &mut self,
        caller: &Caller,
        name: &str,
        change: impl FnOnce(&mut GroupSettings),
        desired: Option<u32>,
    ) -> Result<()> {
        let mut settings = self.scaling_group_mut(&caller.scope, name)?.settings.clone();
        change(&mut settings);
        let settings = self.checked(caller, settings)?;
        let group = self.scaling_group_mut(&caller.scope, name)?;
        let before = group.desired;
        let desired = desired.unwrap_or(before.clamp(settings.min, settings.max));
        check_desired(desired, &settings)?;
        if desired != before {
            let (min, max, at) = (settings.min, settings.max, super::moment(caller.now));
            let bounds = format!("min: {min}, max: {max}, desired: {desired}");
            let what = format!("At {at} a user request update of AutoScalingGroup constraints to {bounds}");
            group.want(desired, changing(&what, before, desired));
        }
        group.settings = settings;
        group.progress.retry = None;
        Ok(())
    }

    /// SetDesiredCapacity.
    pub fn set_desired_capacity(
        &mut self,
        caller: &Caller,
        name: &str,
        desired: u32,
        honors_cooldown: bool,
    ) -> Result<()> {
        let group = self.scaling_group_mut(&caller.scope, name)?;
        let GroupSettings { min, max, .. } = group.settings;
        if desired > max {
            return Err(Error::DesiredAbove { desired, max });
        }
        if desired < min {
            return Err(Error::DesiredBelow { desired, min });
        }
        if let Some(left) = group.cools_down(caller.now).filter(|_| honors_cooldown) {
            let seconds = left.as_millis().div_ceil(1000).try_into().unwrap_or(u64::MAX);
            return Err(Error::CoolingDown { name: name.to_owned(), seconds });
        }
        let what = format!("At {} a user request explicitly set group desired capacity", super::moment(caller.now));
        let because = changing(&what, group.desired, desired);
        group.want(desired, because);
        Ok(())
    }

    /// DeleteAutoScalingGroup: with `force` its instances are terminated, and it goes after them.
    pub fn delete_scaling_group(&mut self, caller: &Caller, name: &str, force: bool) -> Result<()> {
        let group = self.scaling_group(&caller.scope, name)?;
        let protection = group.settings.protection;
        if protection.refuses(force) {
            return Err(Error::Protected { name: name.to_owned(), protection: protection.word() });
        }
        if group.members.is_empty() {
            let id = group.id.clone();
            self.remove_scaling_group(&id);
            return Ok(());
        }
        if !force {
            let leaving = group.members.values().all(|member| member.state == Lifecycle::Terminating);
            return Err(if leaving { Error::ActivitiesInProgress {} } else { Error::HasInstances {} });
        }
        if group.deleting {
            return Ok(());
        }
        let group = self.scaling_group_mut(&caller.scope, name)?;
        let what = format!("At {} a user request force deleted AutoScalingGroup", super::moment(caller.now));
        group.want(0, changing(&what, group.desired, 0));
        (group.settings.min, group.settings.max, group.deleting) = (0, 0, true);
        // Nobody waits any longer.
        group.hooks.clear();
        group.members.values_mut().filter_map(|member| member.waiting.as_mut()).for_each(|it| it.hooks.clear());
        Ok(())
    }

    /// Removes a group and its scheduled actions.
    pub(super) fn remove_scaling_group(&mut self, id: &str) {
        self.auto_scaling_groups.remove(id);
        self.scheduled_actions.remove_where(|action| action.group == id);
        self.scaling_policies.remove_where(|policy| policy.group == id);
    }

    /// Settings that can be, the zones of subnets filled in.
    fn checked(&self, caller: &Caller, mut settings: GroupSettings) -> Result<GroupSettings> {
        let scope = &caller.scope;
        if settings.min > settings.max {
            return Err(Error::Bounds { min: settings.min, max: settings.max });
        }
        let specification = self.specification_of(scope, &settings)?;
        if settings.template.is_some() {
            for (variant, _) in self.variants_of(scope, &settings)? {
                check_complete(&variant)?;
                self.check_specification(caller, &variant)?;
            }
        }
        for zone in &settings.zones {
            self.zone(scope, Some(zone))?;
        }
        if let Some(name) = settings.placement_group.take() {
            settings.placement_group = self.placement_group_meant(scope, Some(name))?;
        }
        let in_vpc = !settings.subnets.is_empty();
        if in_vpc {
            settings.zones = self.zones_of_subnets(scope, &settings)?;
        } else if settings.zones.is_empty() {
            return Err(Error::NoPlace {});
        } else {
            for zone in &settings.zones {
                self.subnet_meant(caller, Some(zone))?;
            }
        }
        if specification.link.is_some() && (in_vpc || self.network_meant(scope)?.is_some()) {
            return Err(Error::LinkInVpc { name: settings.configuration });
        }
        Ok(settings)
    }

    /// The zones of the subnets, which must be those that are named if any are.
    fn zones_of_subnets(&self, scope: &Scope, settings: &GroupSettings) -> Result<Vec<String>> {
        let subnets = settings.subnets.iter().map(|id| self.subnets.find(scope, id));
        let subnets: Vec<&Subnet> = subnets.collect::<crate::Result<_>>()?;
        if subnets.iter().any(|subnet| subnet.vpc != subnets[0].vpc) {
            return Err(Error::SubnetsDiffer {});
        }
        let zones: BTreeSet<&String> = subnets.iter().map(|subnet| &subnet.zone).collect();
        let named: BTreeSet<&String> = settings.zones.iter().collect();
        if !named.is_empty() && named != zones {
            return Err(Error::ZonesDiffer {});
        }
        Ok(zones.into_iter().cloned().collect())
    }
}

/// Refuses a launch template that leaves out what a launch needs, unless an override has it.
fn check_complete(specification: &LaunchSpecification) -> Result<()> {
    let lacks = |parameter| Err(Error::TemplateLacks { parameter });
    match specification {
        LaunchSpecification { image, .. } if image.is_empty() => lacks("ImageId"),
        LaunchSpecification { instance_type, .. } if instance_type.is_empty() => lacks("InstanceType"),
        _ => Ok(()),
    }
}

fn check_desired(desired: u32, settings: &GroupSettings) -> Result<()> {
    let GroupSettings { min, max, .. } = *settings;
    if (min..=max).contains(&desired) { Ok(()) } else { Err(Error::DesiredOutside { desired, min, max }) }
}

impl AutoScalingGroup {
    /// When an ailment of an instance counts, seen at some time.
    pub(super) fn counts_at(&self, member: &Member, ailment: Ailment) -> Time {
        let grace = Duration::from_secs(self.settings.grace.into());
        match ailment {
            // What does not run needs no grace.
            Ailment::Gone | Ailment::User => member.since,
            Ailment::Impaired => member.since.after(grace.max(super::member::IMPAIRED)),
            Ailment::Unserved => member.since.after(grace),
        }
    }
}
