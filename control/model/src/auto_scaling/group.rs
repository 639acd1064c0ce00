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
    /// The deletions of a group that are refused.
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

/// The settings of a group.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupSettings {
    /// The name of its launch configuration. Empty if it has a launch template.
    pub configuration: String,
    /// Its launch template, in place of a launch configuration.
    #[serde(default)]
    pub template: Option<TemplateUse>,
    /// The minimum size.
    pub min: u32,
    /// The maximum size.
    pub max: u32,
    /// The Availability Zones: of EC2-Classic, of the default VPC or, if there are subnets, of these.
    pub zones: Vec<String>,
    /// The subnets, all of one VPC.
    pub subnets: Vec<String>,
    /// The default cooldown in seconds: how long a request that honours it must wait after a scaling activity.
    pub cooldown: u32,
    /// The health checks of instances in service.
    #[serde(rename = "health_check")]
    pub health_checks: HealthChecks,
    /// The health check grace period, in seconds.
    pub grace: u32,
    /// The name of the placement group.
    pub placement_group: Option<String>,
    /// The termination policies. The first one that distinguishes instances decides.
    pub termination_policies: Vec<TerminationPolicy>,
    /// Whether new instances are protected from scaling in.
    pub protects_new: bool,
    /// The role of the service. It has no effect.
    pub role: Option<String>,
    /// The mixed instances policy.
    #[serde(default)]
    pub mixed: Option<MixedInstances>,
    /// What its capacity counts, where it was said.
    #[serde(default)]
    pub unit: Option<CapacityUnit>,
    /// The maximum lifetime of instances in service, in seconds.
    #[serde(default)]
    pub lifetime: Option<u32>,
    /// The deletions that are refused.
    #[serde(default)]
    pub protection: DeletionProtection,
    /// The settings without an effect on the platform, as JSON of the API's structure.
    #[serde(default)]
    pub told: String,
}

impl GroupSettings {
    /// The shortest and the longest maximum lifetime, in seconds.
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

    /// The default of the default cooldown, in seconds.
    pub const COOLDOWN: u32 = 300;
}

/// An Auto Scaling group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AutoScalingGroup {
    /// The id of its row: account, Region and name.
    pub id: String,
    /// Its account and Region.
    pub scope: Scope,
    /// Its name.
    pub name: String,
    /// The UUID in its ARN. A later group with the same name has another.
    pub unique: String,
    /// The time of its creation.
    pub created: Time,
    /// Its settings.
    pub settings: GroupSettings,
    /// Its desired capacity.
    pub desired: u32,
    /// The load balancers with which its instances are registered.
    pub load_balancers: BTreeSet<String>,
    /// Its tags.
    pub tags: BTreeMap<String, GroupTag>,
    /// Its suspended processes, each with the reason.
    pub suspended: BTreeMap<Process, String>,
    /// Its instances, by id.
    pub members: BTreeMap<String, Member>,
    /// Its lifecycle hooks, by name.
    #[serde(default)]
    pub hooks: BTreeMap<String, LifecycleHook>,
    /// Its notifications: topics and types of events. None is sent.
    #[serde(default)]
    pub notifications: BTreeSet<(String, String)>,
    /// The enabled metrics. None is collected.
    #[serde(default)]
    pub metrics: BTreeSet<String>,
    /// Its warm pool.
    #[serde(default)]
    pub warm_pool: Option<WarmPool>,
    /// Its instance refreshes, the latest last.
    #[serde(default)]
    pub refreshes: Vec<InstanceRefresh>,
    /// Whether it is being deleted. It is removed with its last instance.
    pub deleting: bool,
    /// The progress of the keeper's work.
    pub progress: Progress,
}

/// The progress of the keeper's work on a group.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// The cause of the last change of the desired capacity, in the form of activities.
    pub because: Option<String>,
    /// The number of unhealthy instances whose replacements are still to be launched.
    pub replacing: u32,
    /// Whether there is one instance more than desired, because an instance moves to another zone.
    pub rebalancing: bool,
    /// The time of the last launch or termination, from which the cooldown counts.
    pub scaled: Option<Time>,
    /// The next attempt to launch, after a failure.
    pub retry: Option<Retry>,
}

/// The next attempt to launch after failures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retry {
    /// The time of the attempt.
    pub at: Time,
    /// The number of failures since the last success.
    pub failures: u32,
}

/// A group is also found by its instances.
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

    /// The instances that count towards its capacity.
    pub fn active(&self) -> impl Iterator<Item = (&String, &Member)> {
        self.members.iter().filter(|(_, member)| member.counts())
    }

    /// Its present capacity: the sum of its instances' weights.
    pub fn capacity(&self) -> u32 {
        self.active().map(|(_, member)| member.weight).sum()
    }

    /// The caller of its actions: its account.
    pub(super) fn owner(&self, now: Time) -> Caller {
        Caller::of_account(self.scope.clone(), now)
    }

    /// Whether a process is not suspended.
    pub fn does(&self, process: Process) -> bool {
        !self.suspended.contains_key(&process)
    }

    /// The hooks of a transition, with their timeouts from now on.
    pub(super) fn hooks_at(&self, transition: Transition, now: Time) -> BTreeMap<String, Time> {
        let own = self.hooks.iter().filter(|(_, hook)| hook.transition == transition);
        own.map(|(name, hook)| (name.clone(), hook.until(now))).collect()
    }

    /// Whether instances wait at a transition.
    pub(super) fn has_hook(&self, transition: Transition) -> bool {
        self.hooks.values().any(|hook| hook.transition == transition)
    }

    /// The rest of the cooldown. `None` if it is over.
    pub(super) fn cools_down(&self, now: Time) -> Option<Duration> {
        let over = self.progress.scaled?.after(Duration::from_secs(self.settings.cooldown.into()));
        (over > now).then(|| over.since(now))
    }

    /// Sets the desired capacity, with its cause in the form of activities.
    pub(super) fn want(&mut self, desired: u32, because: String) {
        self.desired = desired;
        self.progress = Progress { because: Some(because), scaled: self.progress.scaled, ..Progress::default() };
    }
}

/// The cause of a change of the desired capacity by another change.
pub(super) fn changing(what: &str, before: u32, after: u32) -> String {
    format!("{what} changing the desired capacity from {before} to {after}.")
}

impl Model {
    /// The group with that name.
    pub fn scaling_group(&self, scope: &Scope, name: &str) -> Result<&AutoScalingGroup> {
        let found = self.auto_scaling_groups.get(&key(scope, name));
        found.ok_or_else(|| Error::NoGroup { name: name.to_owned() })
    }

    /// The group with that name, to be changed. A group that is being deleted is refused.
    pub(super) fn scaling_group_mut(&mut self, scope: &Scope, name: &str) -> Result<&mut AutoScalingGroup> {
        if self.scaling_group(scope, name)?.deleting {
            return Err(Error::PendingDelete { name: name.to_owned() });
        }
        let found = self.auto_scaling_groups.get_mut(&key(scope, name));
        found.ok_or_else(|| Error::NoGroup { name: name.to_owned() })
    }

    /// The group of an instance.
    pub fn scaling_group_of(&self, scope: &Scope, instance: &str) -> Result<&AutoScalingGroup> {
        let mut found = self.auto_scaling_groups.by(instance).filter(|group| group.scope == *scope);
        found.next().ok_or_else(|| Error::NotManaged { instance: instance.to_owned() })
    }

    /// The group of an instance, in any account.
    pub fn scaling_group_of_instance(&self, instance: &str) -> Option<&AutoScalingGroup> {
        self.auto_scaling_groups.by(instance).next()
    }

    /// Changes the notifications of a group.
    pub fn change_notices(
        &mut self,
        caller: &Caller,
        name: &str,
        change: impl FnOnce(&mut AutoScalingGroup),
    ) -> Result<()> {
        change(self.scaling_group_mut(&caller.scope, name)?);
        Ok(())
    }

    /// CreateAutoScalingGroup. The keeper launches its instances later.
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

    /// UpdateAutoScalingGroup: applies `change`. Without a new desired capacity the present one is brought within the bounds.
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

    /// DeleteAutoScalingGroup. With `force` its instances are terminated first.
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
        // No instance waits any longer.
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

    /// Checks settings, and adds the zones of the subnets.
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
            settings.placement_group = self.placement_group_name(scope, Some(name))?;
        }
        let in_vpc = !settings.subnets.is_empty();
        if in_vpc {
            settings.zones = self.zones_of_subnets(scope, &settings)?;
        } else if settings.zones.is_empty() {
            return Err(Error::NoPlace {});
        } else {
            for zone in &settings.zones {
                self.default_subnet(caller, Some(zone))?;
            }
        }
        if specification.link.is_some() && (in_vpc || self.default_network(scope)?.is_some()) {
            return Err(Error::LinkInVpc { name: settings.configuration });
        }
        Ok(settings)
    }

    /// The zones of the subnets. If zones are named, they must be the same.
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

/// Checks that a launch template has what a launch needs, unless an override has it.
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
    /// The time from which an instance's ailment counts.
    pub(super) fn counts_at(&self, member: &Member, ailment: Ailment) -> Time {
        let grace = Duration::from_secs(self.settings.grace.into());
        match ailment {
            // An instance that does not run has no grace period.
            Ailment::Gone | Ailment::User => member.since,
            Ailment::Impaired => member.since.after(grace.max(super::member::IMPAIRED)),
            Ailment::Unserved => member.since.after(grace),
        }
    }
}
