//! Launches and terminates instances for groups.

use super::activity::{ActivityStatus, NewActivity, details};
use super::group::Retry;
use super::placement::Place;
use super::{AutoScalingGroup, Error, Lifecycle, Member, Result, TemplateUse, Transition, moment};
use crate::{Caller, LaunchSpecification, Model, Tags, Time};
use std::time::Duration;

/// The pause after a failed launch. It doubles with each failure.
const FIRST_PAUSE: Duration = Duration::from_secs(15);
/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(3600);

/// Why an instance is launched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Need {
    /// The group has fewer than its desired capacity.
    Capacity,
    /// The warm pool has too few.
    Pool,
    /// This zone has too few, and another one too many.
    Balance(String),
}

impl Model {
    /// Launches an instance for a group, in the first place that has room. If none has, that is a failed activity.
    pub(super) fn launch_for(&mut self, id: &str, need: &Need, now: Time) {
        let Some(group) = self.auto_scaling_groups.get(id).cloned() else { return };
        let mut places = self.places_of(&group);
        if let Need::Balance(zone) = need {
            places.retain(|place| place.zone == *zone);
        }
        let cause = cause_of_launch(&group, need, now);
        let mut failure = None;
        for place in &places {
            match self.try_launch(&group, place, now) {
                Ok((instance, weight)) => {
                    return self.note_launch(id, need, (&instance, weight, place), cause, now);
                }
                Err(why) => failure = failure.or(Some((why, place))),
            }
        }
        let (why, details) = match failure {
            Some((why, place)) => (why, details(&place.zone, place.subnet.as_deref())),
            None => (Error::NoPlace {}, "{}".to_owned()),
        };
        self.note_failure(id, &why, details, cause, now);
    }

    /// Tries a launch on a copy, so that a failure leaves nothing behind. Of mixed types the first available one is launched. Returns
    /// the instance and its weight.
    fn try_launch(&mut self, group: &AutoScalingGroup, place: &Place, now: Time) -> Result<(String, u32)> {
        let mut failure = Error::NoPlace {};
        for (specification, weight) in self.specifications_of(group)? {
            let mut trial = self.clone();
            match trial.launch_at(&group.owner(now), group, &specification, place) {
                Ok(instance) => {
                    *self = trial;
                    return Ok((instance, weight));
                }
                Err(why) => failure = why,
            }
        }
        Err(failure)
    }

    /// RunInstances and AttachClassicLinkVpc in one (M39): the instance has its link from the beginning.
    fn launch_at(
        &mut self,
        caller: &Caller,
        group: &AutoScalingGroup,
        specification: &LaunchSpecification,
        place: &Place,
    ) -> Result<String> {
        let propagated = group.tags.iter().filter(|(_, tag)| tag.propagates);
        let tags: Tags = propagated.map(|(key, tag)| (key.clone(), tag.value.clone())).collect();
        let at = (place.zone.as_str(), place.subnet.as_deref());
        let mut launch = specification.launch(at, tags);
        launch.own_tags = self.template_tags(group);
        launch.profile = self.profile_of(caller, specification)?;
        if specification.metadata.is_none() {
            launch.options.metadata = self.settings(&caller.scope).metadata.options();
        }
        // The group's settings take precedence over its template's.
        launch.options.placement_group = match (&group.settings.placement_group, &specification.placement_group) {
            (None, Some(name)) => self.placement_group_name(&caller.scope, Some(name.clone()))?,
            (own, _) => own.clone(),
        };
        let reservation = self.run_instances(caller, launch)?;
        let launched = self.instances.by(&reservation).next().map(|instance| instance.id.clone());
        let instance = launched.ok_or(crate::Error::InstanceLimit {})?;
        if let Some(link) = &specification.link {
            self.link_instance(caller, &instance, &link.vpc, &link.groups)?;
        }
        self.tag_member(&instance, Some(&group.name));
        Ok(instance)
    }

    /// The tags in a group's launch template.
    fn template_tags(&self, group: &AutoScalingGroup) -> Tags {
        let Some(used) = &group.settings.template else { return Tags::new() };
        let Ok(template) = self.launch_template(&group.scope, Some(&used.id), None) else { return Tags::new() };
        template.version(&used.version).map(|version| template.tags_of_launch(version)).unwrap_or_default()
    }

    /// A group's launch template with the present number of its version.
    fn template_now(&self, group: &AutoScalingGroup) -> Option<TemplateUse> {
        let used = group.settings.template.clone()?;
        let version = self.launch_template(&group.scope, Some(&used.id), None).ok()?.version(&used.version).ok()?;
        Some(TemplateUse { version: version.number.to_string(), ..used })
    }

    fn note_launch(
        &mut self,
        id: &str,
        need: &Need,
        (instance, weight, place): (&str, u32, &Place),
        cause: String,
        now: Time,
    ) {
        let Some(mut group) = self.auto_scaling_groups.get(id).cloned() else { return };
        let description = format!("Launching a new EC2 instance: {instance}");
        let details = details(&place.zone, place.subnet.as_deref());
        let status = ActivityStatus::PreInService;
        let activity = self.log(&group, now, NewActivity { description, cause, details, status });
        let pool = group.warm_pool.as_ref().filter(|_| *need == Need::Pool);
        let member = Member {
            state: pool.map_or(Lifecycle::Pending, |pool| pool.state.lifecycle()),
            since: now,
            ailment: None,
            protected: group.settings.protects_new,
            configuration: group.settings.template.is_none().then(|| group.settings.configuration.clone()),
            template: self.template_now(&group),
            activity: Some(activity),
            weight,
            waiting: None,
        };
        group.members.insert(instance.to_owned(), member);
        let progress = &mut group.progress;
        match need {
            Need::Capacity => progress.replacing = progress.replacing.saturating_sub(1),
            Need::Pool => {}
            Need::Balance(_) => progress.rebalancing = true,
        }
        (progress.scaled, progress.retry) = (Some(now), None);
        self.auto_scaling_groups.insert(group);
    }

    fn note_failure(&mut self, id: &str, why: &Error, details: String, cause: String, now: Time) {
        let Some(mut group) = self.auto_scaling_groups.get(id).cloned() else { return };
        let why = why.to_string();
        let why = format!("{}. Launching EC2 instance failed.", why.trim_end_matches('.'));
        let description = format!("Launching a new EC2 instance.  Status Reason: {why}");
        self.log(&group, now, NewActivity { description, cause, details, status: ActivityStatus::Failed(why) });
        let failures = group.progress.retry.map_or(0, |retry| retry.failures);
        let pause = FIRST_PAUSE.saturating_mul(1 << failures.min(16)).min(LONGEST_PAUSE);
        group.progress.retry = Some(Retry { at: now.after(pause), failures: failures + 1 });
        self.auto_scaling_groups.insert(group);
    }

    /// Terminates an instance of a group, even if it is protected. Returns the activity's id.
    pub(super) fn take_out(&mut self, id: &str, instance: &str, cause: String, now: Time) -> Result<String> {
        let found = self.auto_scaling_groups.get(id).cloned();
        let mut group = found.ok_or_else(|| Error::NotManaged { instance: instance.to_owned() })?;
        // An instance that waits for hooks is deregistered from load balancers first.
        let waits = self.instances.get(instance).is_some_and(|one| !one.is_gone())
            && group.has_hook(Transition::Terminating)
            && group.members.contains_key(instance);
        match waits {
            true => self.leave_load_balancers(&group, instance),
            false => self.terminate_for(&group, instance, now)?,
        }
        let description = format!("Terminating EC2 instance: {instance}");
        let status = ActivityStatus::InProgress;
        let new = NewActivity { description, cause, status, ..self.details_of(instance) };
        let activity = self.log(&group, now, new);
        if let Some(member) = group.members.get_mut(instance) {
            self.end_activity(member.activity.as_deref(), ActivityStatus::Cancelled, now);
            member.activity = Some(activity.clone());
            member.enter(Lifecycle::Terminating, now);
            member.waiting = None;
        }
        group.progress.scaled = Some(now);
        self.auto_scaling_groups.insert(group);
        if waits {
            self.hold(id, instance, Transition::Terminating, now);
        }
        Ok(activity)
    }

    /// Terminates an instance, even if it is protected.
    pub(super) fn terminate_for(&mut self, group: &AutoScalingGroup, instance: &str, now: Time) -> Result<()> {
        if self.instances.get(instance).is_none_or(crate::Instance::is_gone) {
            return Ok(());
        }
        if let Some(one) = self.instances.get_mut(instance) {
            one.termination_protected = false;
            one.options.stop_protected = false;
        }
        self.terminate_instances(&group.owner(now), &[instance.to_owned()])?;
        Ok(())
    }
}

pub(super) fn cause_of_launch(group: &AutoScalingGroup, need: &Need, now: Time) -> String {
    let (at, capacity) = (moment(now), group.capacity());
    match (need, &group.progress) {
        (Need::Balance(zone), _) => format!(
            "At {at} instances were launched to balance instances in zones {zone} with other zones resulting in more than desired number of instances in the group."
        ),
        (Need::Pool, _) => format!("At {at} an instance was launched in response to a warm pool that has too few."),
        (Need::Capacity, progress) if progress.replacing > 0 => {
            format!("At {at} an instance was launched in response to an unhealthy instance needing to be replaced.")
        }
        (Need::Capacity, progress) => {
            let started = format!(
                "At {at} an instance was started in response to a difference between desired and actual capacity, increasing the capacity from {capacity} to {}.",
                capacity + 1
            );
            progress.because.as_ref().map_or(started.clone(), |because| format!("{because}  {started}"))
        }
    }
}
