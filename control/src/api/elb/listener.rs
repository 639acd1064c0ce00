//! Listeners.

use super::{Result, text};
use crate::api::action::{Actions, Change};
use model::load_balancer::Listener;
use shapes::elb;

pub fn actions(all: Actions) -> Actions {
    all.write(create).write(set_certificate).write(delete)
}

/// A listener as requests describe it.
pub fn read(listener: elb::Listener) -> Result<Listener> {
    let elb::Listener { protocol, load_balancer_port, instance_protocol, instance_port, ssl_certificate_id } = listener;
    let instances = (instance_protocol.as_deref(), instance_port);
    Ok(Listener::read((&protocol, load_balancer_port), instances, ssl_certificate_id)?)
}

/// A listener as replies describe it.
pub fn shown(listener: &Listener) -> elb::ListenerDescription {
    let described = elb::Listener {
        protocol: listener.protocol.word().to_owned(),
        load_balancer_port: listener.port.into(),
        instance_protocol: text(listener.instance_protocol.word()),
        instance_port: listener.instance_port.into(),
        ssl_certificate_id: listener.certificate.clone(),
    };
    elb::ListenerDescription { listener: Some(described), policy_names: listener.policies.iter().cloned().collect() }
}

fn create(cx: Change, input: elb::CreateLoadBalancerListenerInput) -> Result<()> {
    let listeners = input.listeners.into_iter().map(read).collect::<Result<_>>()?;
    Ok(cx.model.create_listeners(cx.caller, &input.load_balancer_name, listeners)?)
}

fn set_certificate(cx: Change, input: elb::SetLoadBalancerListenerSSLCertificateInput) -> Result<()> {
    let (name, port, arn) = (&input.load_balancer_name, input.load_balancer_port, &input.ssl_certificate_id);
    Ok(cx.model.set_listener_certificate(cx.caller, name, port, arn)?)
}

fn delete(cx: Change, input: elb::DeleteLoadBalancerListenerInput) -> Result<()> {
    Ok(cx.model.delete_listeners(cx.caller, &input.load_balancer_name, &input.load_balancer_ports)?)
}
