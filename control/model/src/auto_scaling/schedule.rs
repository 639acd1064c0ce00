//! Scheduled actions, which change a group's bounds at a time, once or repeatedly.

use super::activity::{ActivityStatus, NewActivity};
use super::clock::Clock;
use super::group::changing;
use super::{AutoScalingGroup, Error, Process, Recurrence, Result, arn, check_name, moment};
use crate::{Caller, Model, Row, Scope, Time};
use serde::{Deserialize, Serialize};
use std::iter::successors;

/// When a scheduled action is carried out, and what it changes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schedule {
    /// The first time. Without one it is the first recurrence.
    pub start: Option<Time>,
    /// The end, after which it is not carried out.
    pub end: Option<Time>,
    /// Its recurrence.
    pub recurrence: Option<Recurrence>,
    /// The new minimum size.
    pub min: Option<u32>,
    /// The new maximum size.
    pub max: Option<u32>,
    /// The new desired capacity.
    pub desired: Option<u32>,
    /// The time zone of the recurrence. Without one it is UTC.
    pub time_zone: Option<String>,
}

/// A scheduled action of a group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScheduledAction {
    /// The id of its row: that of its group, and its name.
    pub id: String,
    /// Its account and Region.
    pub scope: Scope,
    /// The id of its group's row.
    pub group: String,
    /// Its group's name.
    pub group_name: String,
    /// Its name.
    pub name: String,
    /// The UUID in its ARN.
    pub unique: String,
    /// Its times and changes.
    pub schedule: Schedule,
    /// The next time.
    pub next: Option<Time>,
}

impl Row for ScheduledAction {
    fn id(&self) -> &str {
        &self.id
    }
}

impl ScheduledAction {
    /// Its ARN.
    pub fn arn(&self) -> String {
        let ScheduledAction { group_name, name, .. } = self;
        let named = format!("autoScalingGroupName/{group_name}:scheduledActionName/{name}");
        arn(&self.scope, "scheduledUpdateGroupAction", &self.unique, &named)
    }

    /// The last time that has passed, if any.
    fn due(&self, now: Time) -> Option<Time> {
        let next = self.next.filter(|next| *next <= now)?;
        let until = self.schedule.end.map_or(now, |end| end.min(now));
        Some(self.schedule.recurred_until(until).map_or(next, |last| last.max(next)))
    }
}

impl Schedule {
    fn check(&self, now: Time) -> Result<()> {
        if self.min.is_none() && self.max.is_none() && self.desired.is_none() {
            return Err(Error::ScheduleEmpty {});
        }
        if let (Some(min), Some(max)) = (self.min, self.max)
            && min > max
        {
            return Err(Error::Bounds { min, max });
        }
        if self.start.is_some_and(|start| start < now) {
            return Err(Error::SchedulePast { what: "start time" });
        }
        if self.end.is_some_and(|end| end < now) {
            return Err(Error::SchedulePast { what: "end time" });
        }
        if self.end.is_some_and(|end| self.start.is_some_and(|start| end <= start)) {
            return Err(Error::ScheduleEndsFirst {});
        }
        Clock::of(self.time_zone.as_deref()).map(drop)
    }

    /// The next recurrence after a moment.
    fn recurs_after(&self, time: Time) -> Option<Time> {
        let (recurrence, clock) = self.recurrence()?;
        let next = |shown: Time| recurrence.next_after(shown);
        let shown = successors(next(clock.shows(time)), |shown| next(*shown));
        // A local time that occurs a second time has been carried out already.
        let next = shown.map(|shown| clock.moment(shown)).find(|next| *next > time)?;
        self.end.is_none_or(|end| next <= end).then_some(next)
    }

    /// The last recurrence that is no later than a moment.
    fn recurred_until(&self, time: Time) -> Option<Time> {
        let (recurrence, clock) = self.recurrence()?;
        let last = |shown: Time| recurrence.last_until(shown);
        let shown = successors(last(clock.shows(time)), |shown| last(Time(shown.0.saturating_sub(1))));
        // A skipped local time means a moment after the change of clocks.
        shown.map(|shown| clock.moment(shown)).find(|last| *last <= time)
    }

    /// The recurrence, and the clock of its time zone.
    fn recurrence(&self) -> Option<(&Recurrence, Clock)> {
        self.recurrence.as_ref().zip(Clock::of(self.time_zone.as_deref()).ok())
    }
}

impl Model {
    /// PutScheduledUpdateGroupAction: creates an action or replaces the one with its name.
    pub fn schedule(&mut self, caller: &Caller, group: &str, name: &str, schedule: Schedule) -> Result<()> {
        check_name("scheduledActionName", name)?;
        let group = self.scaling_group_mut(&caller.scope, group)?.clone();
        schedule.check(caller.now)?;
        let next = schedule.start.or_else(|| schedule.recurs_after(caller.now));
        let next = Some(next.ok_or(Error::ScheduleNever {})?);
        let id = format!("{}/{name}", group.id);
        let known = self.scheduled_actions.get(&id).map(|action| action.unique.clone());
        let unique = known.unwrap_or_else(|| self.new_uuid());
        let (scope, name) = (caller.scope.clone(), name.to_owned());
        let (group, group_name) = (group.id, group.name);
        self.scheduled_actions.insert(ScheduledAction { id, scope, group, group_name, name, unique, schedule, next });
        Ok(())
    }

    /// DeleteScheduledAction.
    pub fn unschedule(&mut self, caller: &Caller, group: &str, name: &str) -> Result<()> {
        let id = format!("{}/{name}", self.scaling_group(&caller.scope, group)?.id);
        let removed = self.scheduled_actions.remove(&id);
        removed.map(drop).ok_or_else(|| Error::NoSchedule { name: name.to_owned() })
    }

    /// Carries out due actions in the order of their times. If several times of one action have passed, only the last one counts.
    pub(super) fn carry_out_schedules(&mut self, now: Time) {
        let due = self.scheduled_actions.iter().filter_map(|action| Some((action.due(now)?, action.id.clone())));
        let mut due: Vec<(Time, String)> = due.collect();
        due.sort();
        for (at, id) in due {
            let Some(mut action) = self.scheduled_actions.remove(&id) else { continue };
            self.carry_out(&action, at);
            action.next = action.schedule.recurs_after(now);
            if action.next.is_some() {
                self.scheduled_actions.insert(action);
            }
        }
    }

    fn carry_out(&mut self, action: &ScheduledAction, at: Time) {
        let Some(mut group) = self.auto_scaling_groups.get(&action.group).cloned() else { return };
        if group.deleting || !group.does(Process::ScheduledActions) {
            return;
        }
        match apply(&mut group, action, at) {
            Ok(()) => self.auto_scaling_groups.insert(group),
            Err(why) => {
                let (description, cause) =
                    (format!("Executing scheduled action: {}", action.name), executed(action, at));
                let status = ActivityStatus::Failed(why.to_string());
                self.log(&group, at, NewActivity { description, cause, status, ..NewActivity::default() });
            }
        }
    }
}

fn executed(action: &ScheduledAction, at: Time) -> String {
    format!("At {} the scheduled action {} executed.", moment(at), action.name)
}

/// Applies an action's bounds to a group. Others stay, and the desired capacity is brought within the bounds.
fn apply(group: &mut AutoScalingGroup, action: &ScheduledAction, at: Time) -> Result<()> {
    let Schedule { min, max, desired, .. } = action.schedule;
    let (min, max) = (min.unwrap_or(group.settings.min), max.unwrap_or(group.settings.max));
    if min > max {
        return Err(Error::Bounds { min, max });
    }
    let before = group.desired;
    let desired = desired.unwrap_or(before.clamp(min, max));
    if !(min..=max).contains(&desired) {
        return Err(Error::DesiredOutside { desired, min, max });
    }
    if desired != before {
        let (said, at) = (executed(action, at), moment(at));
        let bounds = format!("min: {min}, max: {max}, desired: {desired}");
        let what = format!(
            "{said} Setting desired capacity from {before} to {desired}.  At {at} a scheduled action update of AutoScalingGroup constraints to {bounds}"
        );
        group.want(desired, changing(&what, before, desired));
    }
    (group.settings.min, group.settings.max) = (min, max);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Time {
        text.parse().unwrap()
    }

    fn schedule(recurrence: &str, zone: &str) -> Schedule {
        let recurrence = Some(Recurrence::try_from(recurrence.to_owned()).unwrap());
        Schedule { recurrence, desired: Some(1), time_zone: Some(zone.to_owned()), ..Schedule::default() }
    }

    #[test]
    fn recurrences_go_by_the_clock_of_their_time_zone() {
        for (recurrence, zone, after, next) in [
            ("0 18 * * *", "Europe/Paris", "2015-01-07T12:00:00Z", "2015-01-07T17:00:00Z"),
            ("0 18 * * *", "Europe/Paris", "2015-03-28T17:00:00Z", "2015-03-29T16:00:00Z"),
            ("0 9 * * MON", "Pacific/Auckland", "2015-01-10T00:00:00Z", "2015-01-11T20:00:00Z"),
            ("30 9 1 * *", "Asia/Kolkata", "2015-01-07T12:00:00Z", "2015-02-01T04:00:00Z"),
            // Clocks are put forward from 2:00 to 3:00.
            ("30 2 * * *", "America/New_York", "2015-03-08T05:00:00Z", "2015-03-08T07:30:00Z"),
            ("30 2 * * *", "America/New_York", "2015-03-08T07:30:00Z", "2015-03-09T06:30:00Z"),
            // Clocks are put back from 2:00 to 1:00.
            ("30 1 * * *", "America/New_York", "2015-11-01T05:00:00Z", "2015-11-01T05:30:00Z"),
            ("30 1 * * *", "America/New_York", "2015-11-01T06:10:00Z", "2015-11-02T06:30:00Z"),
        ] {
            assert_eq!(
                schedule(recurrence, zone).recurs_after(at(after)),
                Some(at(next)),
                "{recurrence} {zone} {after}"
            );
        }
    }

    #[test]
    fn the_last_recurrence_has_been() {
        for (recurrence, zone, until, last) in [
            ("0 18 * * *", "Europe/Paris", "2015-01-07T16:59:00Z", "2015-01-06T17:00:00Z"),
            ("0 18 * * *", "Europe/Paris", "2015-01-07T17:00:00Z", "2015-01-07T17:00:00Z"),
            // It is 3:10 then, and 2:30 is to come.
            ("30 2 * * *", "America/New_York", "2015-03-08T07:10:00Z", "2015-03-07T07:30:00Z"),
        ] {
            assert_eq!(schedule(recurrence, zone).recurred_until(at(until)), Some(at(last)), "{recurrence} {until}");
        }
        assert_eq!(schedule("0 0 31 2 *", "Europe/Paris").recurred_until(at("2015-01-07T12:00:00Z")), None);
    }
}
