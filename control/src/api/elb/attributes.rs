//! Attributes of load balancers.

use super::{Result, number, shown_number, text};
use crate::api::action::{Actions, Change, View};
use model::load_balancer::{AccessLog, Attributes, Error};
use shapes::elb;

/// How often a log is written by default, in minutes.
const EVERY_HOUR: u32 = 60;
/// The only one of the additional attributes.
const DESYNC_MITIGATION: &str = "elb.http.desyncmitigationmode";

pub fn actions(all: Actions) -> Actions {
    all.read(describe).write(modify)
}

fn shown(attributes: &Attributes) -> elb::LoadBalancerAttributes {
    let additional =
        elb::AdditionalAttribute { key: text(DESYNC_MITIGATION), value: text(&attributes.desync_mitigation) };
    elb::LoadBalancerAttributes {
        cross_zone_load_balancing: Some(elb::CrossZoneLoadBalancing { enabled: attributes.cross_zone }),
        access_log: Some(match &attributes.access_log {
            None => elb::AccessLog { enabled: false, ..Default::default() },
            Some(log) => elb::AccessLog {
                enabled: log.enabled,
                s3_bucket_name: text(&log.bucket),
                emit_interval: Some(shown_number(log.interval)),
                s3_bucket_prefix: Some(log.prefix.clone().unwrap_or_default()),
            },
        }),
        connection_draining: Some(elb::ConnectionDraining {
            enabled: attributes.draining,
            timeout: Some(shown_number(attributes.draining_timeout)),
        }),
        connection_settings: Some(elb::ConnectionSettings { idle_timeout: shown_number(attributes.idle_timeout) }),
        additional_attributes: vec![additional].into(),
    }
}

fn describe(cx: View, input: elb::DescribeLoadBalancerAttributesInput) -> Result<elb::LoadBalancerAttributes> {
    Ok(shown(&cx.model.load_balancer(&cx.caller.scope, &input.load_balancer_name)?.attributes))
}

fn modify(
    cx: Change,
    input: elb::ModifyLoadBalancerAttributesInput,
) -> Result<elb::ModifyLoadBalancerAttributesOutput> {
    let elb::LoadBalancerAttributes {
        cross_zone_load_balancing: cross_zone,
        access_log,
        connection_draining: draining,
        connection_settings: settings,
        additional_attributes: additional,
    } = input.load_balancer_attributes;
    let mut desync = None;
    for attribute in additional {
        match attribute.key.as_deref() {
            Some(DESYNC_MITIGATION) => desync = attribute.value,
            other => return Err(Error::NoSuchAttribute { name: other.unwrap_or_default().to_owned() }.into()),
        }
    }
    let attributes = cx.model.modify_load_balancer(cx.caller, &input.load_balancer_name, |there| {
        if let Some(log) = access_log {
            there.access_log = (log.enabled || log.s3_bucket_name.is_some()).then(|| AccessLog {
                enabled: log.enabled,
                bucket: log.s3_bucket_name.unwrap_or_default(),
                prefix: log.s3_bucket_prefix,
                interval: log.emit_interval.map_or(EVERY_HOUR, number),
            });
        }
        there.cross_zone = cross_zone.map_or(there.cross_zone, |new| new.enabled);
        if let Some(new) = draining {
            there.draining = new.enabled;
            there.draining_timeout = new.timeout.map_or(there.draining_timeout, number);
        }
        there.idle_timeout = settings.map_or(there.idle_timeout, |new| number(new.idle_timeout));
        if let Some(desync) = desync {
            there.desync_mitigation = desync;
        }
    })?;
    let load_balancer_attributes = Some(shown(attributes));
    Ok(elb::ModifyLoadBalancerAttributesOutput {
        load_balancer_name: Some(input.load_balancer_name),
        load_balancer_attributes,
    })
}
