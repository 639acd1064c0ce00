//! Event windows: times for the maintenance of instances. They have no effect, because there is no maintenance.

use crate::collection::resource;
use crate::{Caller, Error, IdKind, Model, Result, Scope, Tags, tags};
use serde::{Deserialize, Serialize};

/// A time of the week.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WeekTime {
    /// The day, in the API's word.
    pub day: String,
    /// The hour, UTC.
    pub hour: u8,
}

/// The times of a window.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum WindowTimes {
    /// Ranges of a start and an end.
    Ranges(Vec<(WeekTime, WeekTime)>),
    /// A cron expression.
    Cron(String),
}

/// The targets of a window.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct WindowTarget {
    /// Instances.
    pub instances: Vec<String>,
    /// All instances with one of these tags.
    pub tags: Vec<(String, String)>,
    /// All instances on one of these Dedicated Hosts.
    pub hosts: Vec<String>,
}

/// A window.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstanceEventWindow {
    /// `iew-…`
    pub id: String,
    /// Its account and Region.
    pub scope: Scope,
    /// Its tags.
    pub tags: Tags,
    /// Its name.
    pub name: String,
    /// Its times.
    pub times: WindowTimes,
    /// Its targets.
    pub target: WindowTarget,
}

resource!(InstanceEventWindow, IdKind::InstanceEventWindow);

/// The days of a week.
const DAYS: [&str; 7] = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];

fn check(times: &WindowTimes) -> Result<()> {
    match times {
        WindowTimes::Ranges(ranges) if ranges.is_empty() => Err(Error::WindowTimes {}),
        WindowTimes::Ranges(ranges) => {
            let mut days = ranges.iter().flat_map(|(from, to)| [&from.day, &to.day]);
            match days.find(|day| !DAYS.contains(&day.as_str())) {
                Some(other) => Err(Error::invalid("TimeRange.StartWeekDay", other)),
                None => Ok(()),
            }
        }
        WindowTimes::Cron(cron) if cron.split_whitespace().count() == 5 => Ok(()),
        WindowTimes::Cron(cron) => Err(Error::invalid("CronExpression", cron)),
    }
}

/// Adds items that are not in the list yet.
fn add<T: PartialEq>(all: &mut Vec<T>, new: Vec<T>) {
    for one in new {
        if !all.contains(&one) {
            all.push(one);
        }
    }
}

impl Model {
    /// CreateInstanceEventWindow. Returns the id.
    pub fn create_event_window(
        &mut self,
        caller: &Caller,
        name: String,
        times: WindowTimes,
        tags: Tags,
    ) -> Result<String> {
        check(&times)?;
        tags::check(&tags)?;
        let id = self.new_id(IdKind::InstanceEventWindow);
        let (scope, target) = (caller.scope.clone(), WindowTarget::default());
        self.event_windows.insert(InstanceEventWindow { id: id.clone(), scope, tags, name, times, target });
        Ok(id)
    }

    /// ModifyInstanceEventWindow.
    pub fn modify_event_window(
        &mut self,
        caller: &Caller,
        id: &str,
        name: Option<String>,
        times: Option<WindowTimes>,
    ) -> Result<()> {
        times.as_ref().map_or(Ok(()), check)?;
        let row = self.event_windows.find_mut(&caller.scope, id)?;
        row.name = name.unwrap_or_else(|| row.name.clone());
        row.times = times.unwrap_or_else(|| row.times.clone());
        Ok(())
    }

    /// DeleteInstanceEventWindow.
    pub fn delete_event_window(&mut self, caller: &Caller, id: &str) -> Result<()> {
        self.event_windows.find(&caller.scope, id)?;
        self.event_windows.remove(id);
        Ok(())
    }

    /// AssociateInstanceEventWindow: with instances, tags or hosts, of one kind.
    pub fn associate_event_window(&mut self, caller: &Caller, id: &str, new: WindowTarget) -> Result<()> {
        for instance in &new.instances {
            self.instances.find(&caller.scope, instance)?;
        }
        for host in &new.hosts {
            self.dedicated_hosts.find(&caller.scope, host)?;
        }
        let row = self.event_windows.find_mut(&caller.scope, id)?;
        let mut target = row.target.clone();
        add(&mut target.instances, new.instances);
        add(&mut target.tags, new.tags);
        add(&mut target.hosts, new.hosts);
        let kinds = [target.instances.is_empty(), target.tags.is_empty(), target.hosts.is_empty()];
        if kinds.iter().filter(|is_empty| !**is_empty).count() > 1 {
            return Err(Error::OneKindOfWindowTarget {});
        }
        row.target = target;
        Ok(())
    }

    /// DisassociateInstanceEventWindow.
    pub fn disassociate_event_window(&mut self, caller: &Caller, id: &str, gone: &WindowTarget) -> Result<()> {
        let target = &mut self.event_windows.find_mut(&caller.scope, id)?.target;
        target.instances.retain(|instance| !gone.instances.contains(instance));
        target.tags.retain(|tag| !gone.tags.contains(tag));
        target.hosts.retain(|host| !gone.hosts.contains(host));
        Ok(())
    }
}
