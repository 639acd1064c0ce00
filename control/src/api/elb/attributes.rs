//! Attributes of load balancers.

use super::{Result, text};
use crate::api::action::Actions;
use model::load_balancer::{Attributes, Error};
use model::{Caller, Model};
use shapes::elb;

/// The only one of the additional attributes.
const DESYNC_MITIGATION: &str = "elb.http.desyncmitigationmode";

pub fn actions(all: Actions) -> Actions {
    all.read(describe).write(modify)
}

fn shown(attributes: &Attributes) -> elb::LoadBalancerAttributes {
    let number = |value: u32| i32::try_from(value).unwrap_or(i32::MAX);
    let additional =
        elb::AdditionalAttribute { key: text(DESYNC_MITIGATION), value: text(&attributes.desync_mitigation) };
    elb::LoadBalancerAttributes {
        cross_zone_load_balancing: Some(elb::CrossZoneLoadBalancing { enabled: attributes.cross_zone }),
        access_log: Some(elb::AccessLog { enabled: false, ..Default::default() }),
        connection_draining: Some(elb::ConnectionDraining {
            enabled: attributes.draining,
            timeout: Some(number(attributes.draining_timeout)),
        }),
        connection_settings: Some(elb::ConnectionSettings { idle_timeout: number(attributes.idle_timeout) }),
        additional_attributes: vec![additional].into(),
    }
}

fn describe(
    model: &Model,
    caller: &Caller,
    input: elb::DescribeLoadBalancerAttributesInput,
) -> Result<elb::DescribeLoadBalancerAttributesOutput> {
    let balancer = model.load_balancer(&caller.scope, &input.load_balancer_name)?;
    let load_balancer_attributes = Some(shown(&balancer.attributes));
    Ok(elb::DescribeLoadBalancerAttributesOutput { load_balancer_attributes })
}

fn modify(
    model: &mut Model,
    caller: &Caller,
    input: elb::ModifyLoadBalancerAttributesInput,
) -> Result<elb::ModifyLoadBalancerAttributesOutput> {
    let elb::ModifyLoadBalancerAttributesInput { load_balancer_name: name, load_balancer_attributes: new } = input;
    let elb::LoadBalancerAttributes {
        cross_zone_load_balancing: cross_zone,
        access_log,
        connection_draining: draining,
        connection_settings: settings,
        additional_attributes: additional,
    } = new;
    if access_log.is_some_and(|log| log.enabled) {
        return Err(Error::AccessLog {}.into());
    }
    let mut desync = None;
    for attribute in additional {
        match attribute.key.as_deref() {
            Some(DESYNC_MITIGATION) => desync = attribute.value,
            other => return Err(Error::NoSuchAttribute { name: other.unwrap_or_default().to_owned() }.into()),
        }
    }
    // What is negative is below every limit, too.
    let number = |value: i32| u32::try_from(value).unwrap_or(0);
    let attributes = model.modify_load_balancer(caller, &name, |there| {
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
    Ok(elb::ModifyLoadBalancerAttributesOutput { load_balancer_name: Some(name), load_balancer_attributes })
}
