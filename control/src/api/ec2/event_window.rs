//! Event windows of instances.

use super::listing::{Attributes, each, one};
use super::{tags, text};
use crate::api::action::{Actions, Change, View};
use model::{Caller, Error, InstanceEventWindow, Model, Result, WeekTime, WindowTarget, WindowTimes};
use shapes::{List, ec2};

pub fn actions(all: Actions) -> Actions {
    all.write(create).read(describe).write(modify).write(delete).write(associate).write(disassociate)
}

static ATTRIBUTES: Attributes<InstanceEventWindow> = Attributes(&[
    ("dedicated-host-id", |_, row| row.target.hosts.clone()),
    ("event-window-name", |_, row| one(&row.name)),
    ("instance-id", |_, row| row.target.instances.clone()),
    ("instance-tag-key", |_, row| each(row.target.tags.iter().map(|(key, _)| key))),
    ("instance-tag-value", |_, row| each(row.target.tags.iter().map(|(_, value)| value))),
]);

/// The ranges or the cron expression of a request. `None` without either.
fn times(ranges: List<ec2::InstanceEventWindowTimeRangeRequest>, cron: Option<String>) -> Result<Option<WindowTimes>> {
    let at = |day: Option<String>, hour: Option<i32>| -> Result<WeekTime> {
        let day = day.ok_or_else(|| Error::missing("TimeRange.StartWeekDay"))?;
        let hour = hour.ok_or_else(|| Error::missing("TimeRange.StartHour"))?;
        let fits = u8::try_from(hour).ok().filter(|hour| *hour < 24);
        Ok(WeekTime { day, hour: fits.ok_or_else(|| Error::invalid("TimeRange.StartHour", hour))? })
    };
    match (ranges.is_empty(), cron) {
        (true, None) => Ok(None),
        (true, Some(cron)) => Ok(Some(WindowTimes::Cron(cron))),
        (false, Some(_)) => Err(Error::WindowTimes {}),
        (false, None) => {
            let range = |sent: ec2::InstanceEventWindowTimeRangeRequest| -> Result<(WeekTime, WeekTime)> {
                Ok((at(sent.start_week_day, sent.start_hour)?, at(sent.end_week_day, sent.end_hour)?))
            };
            Ok(Some(WindowTimes::Ranges(ranges.into_iter().map(range).collect::<Result<_>>()?)))
        }
    }
}

fn shown(row: &InstanceEventWindow) -> ec2::InstanceEventWindow {
    let range = |(from, to): &(WeekTime, WeekTime)| ec2::InstanceEventWindowTimeRange {
        start_week_day: text(&from.day),
        start_hour: Some(from.hour.into()),
        end_week_day: text(&to.day),
        end_hour: Some(to.hour.into()),
    };
    let tag = |(key, value): &(String, String)| ec2::Tag { key: text(key), value: text(value) };
    let WindowTarget { instances, tags, hosts } = &row.target;
    let (ranges, cron) = match &row.times {
        WindowTimes::Ranges(ranges) => (ranges.as_slice(), None),
        WindowTimes::Cron(cron) => (&[][..], Some(cron.clone())),
    };
    ec2::InstanceEventWindow {
        instance_event_window_id: text(&row.id),
        time_ranges: ranges.iter().map(range).collect::<List<_>>().unless_empty(),
        name: text(&row.name),
        cron_expression: cron,
        association_target: Some(ec2::InstanceEventWindowAssociationTarget {
            instance_ids: instances.iter().cloned().collect(),
            tags: tags.iter().map(tag).collect(),
            dedicated_host_ids: hosts.iter().cloned().collect(),
        }),
        state: text("active"),
        tags: tags::shown(&row.tags),
    }
}

fn told(model: &Model, caller: &Caller, id: &str) -> Result<ec2::InstanceEventWindow> {
    Ok(shown(model.event_windows.find(&caller.scope, id)?))
}

fn create(cx: Change, input: ec2::CreateInstanceEventWindowRequest) -> Result<ec2::InstanceEventWindow> {
    let ec2::CreateInstanceEventWindowRequest { name, time_ranges, cron_expression, tag_specifications } = input;
    let times = times(time_ranges, cron_expression)?.ok_or(Error::WindowTimes {})?;
    let tags = tags::of(tag_specifications, "instance-event-window")?;
    let id = cx.model.create_event_window(cx.caller, name.unwrap_or_default(), times, tags)?;
    told(cx.model, cx.caller, &id)
}

fn describe(
    cx: View,
    input: ec2::DescribeInstanceEventWindowsRequest,
) -> Result<ec2::DescribeInstanceEventWindowsResult> {
    ATTRIBUTES.list(cx.model, cx.model.event_windows.of(&cx.caller.scope), input, shown)
}

fn modify(cx: Change, input: ec2::ModifyInstanceEventWindowRequest) -> Result<ec2::InstanceEventWindow> {
    let ec2::ModifyInstanceEventWindowRequest { name, instance_event_window_id: id, time_ranges, cron_expression } =
        input;
    cx.model.modify_event_window(cx.caller, &id, name, times(time_ranges, cron_expression)?)?;
    told(cx.model, cx.caller, &id)
}

fn delete(cx: Change, input: ec2::DeleteInstanceEventWindowRequest) -> Result<ec2::InstanceEventWindowStateChange> {
    let id = input.instance_event_window_id;
    cx.model.delete_event_window(cx.caller, &id)?;
    Ok(ec2::InstanceEventWindowStateChange { instance_event_window_id: Some(id), state: text("deleting") })
}

fn target(instances: List<String>, tags: List<ec2::Tag>, hosts: List<String>) -> WindowTarget {
    let pair = |tag: ec2::Tag| (tag.key.unwrap_or_default(), tag.value.unwrap_or_default());
    WindowTarget { instances: instances.to_vec(), tags: tags.into_iter().map(pair).collect(), hosts: hosts.to_vec() }
}

fn associate(cx: Change, input: ec2::AssociateInstanceEventWindowRequest) -> Result<ec2::InstanceEventWindow> {
    let ec2::AssociateInstanceEventWindowRequest { instance_event_window_id: id, association_target: sent } = input;
    let target = target(sent.instance_ids, sent.instance_tags, sent.dedicated_host_ids);
    cx.model.associate_event_window(cx.caller, &id, target)?;
    told(cx.model, cx.caller, &id)
}

fn disassociate(cx: Change, input: ec2::DisassociateInstanceEventWindowRequest) -> Result<ec2::InstanceEventWindow> {
    let ec2::DisassociateInstanceEventWindowRequest { instance_event_window_id: id, association_target: sent } = input;
    let target = target(sent.instance_ids, sent.instance_tags, sent.dedicated_host_ids);
    cx.model.disassociate_event_window(cx.caller, &id, &target)?;
    told(cx.model, cx.caller, &id)
}
