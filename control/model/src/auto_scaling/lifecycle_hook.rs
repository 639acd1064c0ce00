//! Lifecycle hooks: an instance that is launched or terminated waits until its action is completed, or until the timeout.

use super::{Error, Result, check_name};
use crate::words::words;
use crate::{Caller, Model, Time};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::Duration;

/// The most hooks of a group (AWS's quota).
const LIMIT: usize = 50;
/// The longest total wait of an instance: 48 hours, or 100 times its hook's timeout.
const LONGEST: u32 = 172_800;

words! {
    /// The transition at which an instance waits.
    Transition { Launching "autoscaling:EC2_INSTANCE_LAUNCHING", Terminating "autoscaling:EC2_INSTANCE_TERMINATING" }
}

words! {
    /// The result of a wait.
    Outcome { Abandon "ABANDON", Continue "CONTINUE" }
}

/// A lifecycle hook. Its notification target is stored; no notification is sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LifecycleHook {
    /// The transition at which instances wait.
    pub transition: Transition,
    /// The result after the timeout.
    pub default: Outcome,
    /// The timeout, in seconds.
    pub timeout: u32,
    /// The notification target.
    pub target: Option<String>,
    /// The role that would send the notification.
    pub role: Option<String>,
    /// The metadata of the notification.
    pub metadata: Option<String>,
}

impl LifecycleHook {
    /// The longest that an instance waits, in seconds.
    pub fn global_timeout(&self) -> u32 {
        self.timeout.saturating_mul(100).min(LONGEST)
    }

    /// The end of a timeout that begins now.
    pub(super) fn until(&self, now: Time) -> Time {
        now.after(Duration::from_secs(self.timeout.into()))
    }
}

/// The wait of an instance.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    /// Its hooks, each with the end of its timeout.
    pub hooks: BTreeMap<String, Time>,
    /// The start of the wait. Rows of older versions do not have it.
    #[serde(default)]
    pub since: Option<Time>,
    /// Whether one of them was completed with ABANDON.
    pub abandoned: bool,
    /// The lifecycle action token.
    pub token: String,
}

impl Waiting {
    /// Whether the wait is over.
    pub(super) fn is_over(&self) -> bool {
        self.abandoned || self.hooks.is_empty()
    }
}

impl Model {
    /// PutLifecycleHook: `change` is applied to the existing hook, or to one with the defaults.
    pub fn put_lifecycle_hook(
        &mut self,
        caller: &Caller,
        group: &str,
        (name, transition): (&str, Option<Transition>),
        change: impl FnOnce(&mut LifecycleHook),
    ) -> Result<()> {
        check_name("lifecycleHookName", name)?;
        let group = self.scaling_group_mut(&caller.scope, group)?;
        let known = group.hooks.get(name).cloned();
        let transition = transition.or(known.as_ref().map(|hook| hook.transition));
        let transition = transition.ok_or_else(|| Error::invalid("lifecycleTransition", ""))?;
        let usual = LifecycleHook {
            transition,
            default: Outcome::Abandon,
            timeout: 3600,
            target: None,
            role: None,
            metadata: None,
        };
        let mut hook = LifecycleHook { transition, ..known.unwrap_or(usual) };
        change(&mut hook);
        if !(30..=7200).contains(&hook.timeout) {
            return Err(Error::invalid("heartbeatTimeout", hook.timeout));
        }
        if group.hooks.len() >= LIMIT && !group.hooks.contains_key(name) {
            return Err(Error::HookLimit {});
        }
        group.hooks.insert(name.to_owned(), hook);
        Ok(())
    }

    /// DeleteLifecycleHook. Waits for it end: a launch is abandoned, and a termination proceeds.
    pub fn delete_lifecycle_hook(&mut self, caller: &Caller, group: &str, name: &str) -> Result<()> {
        let group = self.scaling_group_mut(&caller.scope, group)?;
        let hook = group.hooks.remove(name).ok_or_else(|| Error::NoHook { name: name.to_owned() })?;
        for waiting in group.members.values_mut().filter_map(|member| member.waiting.as_mut()) {
            let waited = waiting.hooks.remove(name).is_some();
            waiting.abandoned |= waited && hook.transition == Transition::Launching;
        }
        Ok(())
    }

    /// The instance that waits for a hook, given by its id or by the token of its wait.
    fn waiting_for<'m>(
        &'m mut self,
        caller: &Caller,
        (group, hook): (&str, &str),
        (instance, token): (Option<&str>, Option<&str>),
    ) -> Result<(LifecycleHook, &'m mut Waiting)> {
        let group = self.scaling_group_mut(&caller.scope, group)?;
        let found = group.hooks.get(hook).cloned();
        let found = found.ok_or_else(|| Error::NoHook { name: hook.to_owned() })?;
        let is_it = |id: &str, waiting: &Waiting| match (instance, token) {
            (Some(instance), _) => id == instance,
            (None, token) => token == Some(&waiting.token),
        };
        let mut members = group.members.iter_mut().filter_map(|(id, member)| Some((id, member.waiting.as_mut()?)));
        let waits = members.find(|(id, waiting)| waiting.hooks.contains_key(hook) && is_it(id, waiting));
        let what = instance.or(token).unwrap_or_default().to_owned();
        waits.map(|(_, waiting)| (found, waiting)).ok_or(Error::NoAction { what })
    }

    /// CompleteLifecycleAction.
    pub fn complete_lifecycle_action(
        &mut self,
        caller: &Caller,
        at: (&str, &str),
        of: (Option<&str>, Option<&str>),
        outcome: Outcome,
    ) -> Result<()> {
        let (_, waiting) = self.waiting_for(caller, at, of)?;
        waiting.hooks.remove(at.1);
        waiting.abandoned |= outcome == Outcome::Abandon;
        Ok(())
    }

    /// RecordLifecycleActionHeartbeat: the hook's timeout restarts, within the longest total wait.
    pub fn beat_lifecycle_action(
        &mut self,
        caller: &Caller,
        at: (&str, &str),
        of: (Option<&str>, Option<&str>),
    ) -> Result<()> {
        let now = caller.now;
        let (hook, waiting) = self.waiting_for(caller, at, of)?;
        let last = waiting.since.map(|since| since.after(Duration::from_secs(hook.global_timeout().into())));
        let until = hook.until(now);
        waiting.hooks.insert(at.1.to_owned(), last.map_or(until, |last| until.min(last)));
        Ok(())
    }

    /// Lets an instance wait for the hooks of a transition. Returns whether there are any.
    pub(super) fn hold(&mut self, group: &str, id: &str, transition: Transition, now: Time) -> bool {
        let Some(hooks) = self.auto_scaling_groups.get(group).map(|row| row.hooks_at(transition, now)) else {
            return false;
        };
        let held = !hooks.is_empty();
        let token = self.new_uuid();
        let member = self.auto_scaling_groups.get_mut(group).and_then(|row| row.members.get_mut(id));
        if let Some(member) = member {
            member.waiting = Some(Waiting { hooks, since: Some(now), abandoned: false, token });
        }
        held
    }

    /// Applies the default result of a hook that has timed out.
    pub(super) fn lapse(&mut self, group: &str, id: &str, hook: &str) {
        let Some(group) = self.auto_scaling_groups.get_mut(group) else { return };
        let gives_up = group.hooks.get(hook).is_none_or(|hook| hook.default == Outcome::Abandon);
        if let Some(waiting) = group.members.get_mut(id).and_then(|member| member.waiting.as_mut()) {
            waiting.hooks.remove(hook);
            waiting.abandoned |= gives_up;
        }
    }
}
