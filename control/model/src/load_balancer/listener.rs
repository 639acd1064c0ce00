//! Listeners: the ports at which a load balancer accepts clients.

use super::{Error, LoadBalancer, Place, Result};
use crate::{Caller, Model};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The protocol of one side of a load balancer. A listener with a certificate terminates TLS. TCP carries any bytes, which may be TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Protocol {
    /// HTTP.
    Http,
    /// HTTP inside TLS.
    Https,
    /// Bytes.
    Tcp,
    /// Bytes inside TLS.
    Ssl,
}

impl Protocol {
    /// The API's word, in any case.
    ///
    /// # Errors
    /// [`Error::BadProtocol`] for any other.
    pub fn read(word: &str) -> Result<Protocol> {
        let all = [Protocol::Http, Protocol::Https, Protocol::Tcp, Protocol::Ssl];
        let found = all.into_iter().find(|protocol| protocol.word().eq_ignore_ascii_case(word));
        found.ok_or_else(|| Error::BadProtocol { protocol: word.to_owned() })
    }

    /// The API's word.
    pub fn word(self) -> &'static str {
        match self {
            Protocol::Http => "HTTP",
            Protocol::Https => "HTTPS",
            Protocol::Tcp => "TCP",
            Protocol::Ssl => "SSL",
        }
    }

    fn is_of_requests(self) -> bool {
        matches!(self, Protocol::Http | Protocol::Https)
    }

    pub(super) fn is_secure(self) -> bool {
        matches!(self, Protocol::Https | Protocol::Ssl)
    }
}

/// A listener.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listener {
    /// The protocol of clients.
    pub protocol: Protocol,
    /// The load balancer's port.
    pub port: u16,
    /// The protocol of instances.
    pub instance_protocol: Protocol,
    /// The instances' port.
    pub instance_port: u16,
    /// The ARN of the certificate with which TLS is terminated.
    pub certificate: Option<String>,
    /// The names of its policies.
    #[serde(default)]
    pub policies: BTreeSet<String>,
}

/// A port as a request names it.
///
/// # Errors
/// [`Error::BadPort`] for a number that is none.
pub fn port(number: i32) -> Result<u16> {
    u16::try_from(number).ok().filter(|port| *port > 0).ok_or(Error::BadPort { port: number })
}

impl Listener {
    /// A listener as a request describes it. Without a protocol of their own instances speak the clients'.
    ///
    /// # Errors
    /// If the protocols do not go together, or a port is none.
    pub fn read(
        (protocol, number): (&str, i32),
        (instance_protocol, instance_number): (Option<&str>, i32),
        certificate: Option<String>,
    ) -> Result<Listener> {
        let protocol = Protocol::read(protocol)?;
        let instance_protocol = match instance_protocol {
            Some(word) => Protocol::read(word)?,
            None if protocol.is_of_requests() => Protocol::Http,
            None => Protocol::Tcp,
        };
        let (front, back) = (protocol.word(), instance_protocol.word());
        if protocol.is_of_requests() != instance_protocol.is_of_requests() {
            return Err(Error::MixedLayers { front, back });
        }
        if protocol.is_secure() && certificate.is_none() {
            return Err(Error::NoCertificate {});
        }
        // Without TLS a certificate has no effect.
        let certificate = certificate.filter(|_| protocol.is_secure());
        let (port, instance_port) = (port(number)?, port(instance_number)?);
        Ok(Listener { protocol, port, instance_protocol, instance_port, certificate, policies: BTreeSet::new() })
    }

    /// Whether it handles single requests.
    pub fn reads_requests(&self) -> bool {
        match self.protocol {
            Protocol::Http => true,
            // Older versions did not ask for a certificate. Without one, TLS is passed through.
            Protocol::Https => self.certificate.is_some(),
            Protocol::Tcp | Protocol::Ssl => false,
        }
    }

    /// Whether connections to instances use TLS that begins here.
    pub fn encrypts(&self) -> bool {
        self.instance_protocol.is_secure() && (self.certificate.is_some() || !self.protocol.is_secure())
    }

    fn is_like(&self, other: &Listener) -> bool {
        Listener { policies: BTreeSet::new(), ..self.clone() }
            == Listener { policies: BTreeSet::new(), ..other.clone() }
    }
}

impl LoadBalancer {
    /// Adds listeners. An equal one that exists already stays.
    pub(super) fn add_listeners(&mut self, listeners: Vec<Listener>) -> Result<()> {
        if listeners.is_empty() {
            return Err(Error::NoListener {});
        }
        for listener in listeners {
            let port = listener.port;
            let is_for_classic = matches!(port, 25 | 80 | 443 | 465 | 587 | 1024..);
            if matches!(self.place, Place::Classic { .. }) && !is_for_classic {
                return Err(Error::ClassicPort { port });
            }
            match self.listeners.get(&port) {
                Some(there) if there.is_like(&listener) => {}
                Some(_) => return Err(Error::DuplicateListener { name: self.name.clone(), port }),
                None => _ = self.listeners.insert(port, listener),
            }
        }
        Ok(())
    }

    pub(super) fn listener_mut(&mut self, number: i32) -> Result<&mut Listener> {
        let listener = u16::try_from(number).ok().and_then(|port| self.listeners.get_mut(&port));
        listener.ok_or(Error::NoSuchListener { port: number })
    }
}

impl Model {
    /// The load balancers that have a listener with that certificate.
    pub(crate) fn balancers_with<'m>(&'m self, arn: &'m str) -> impl Iterator<Item = &'m LoadBalancer> {
        let has = move |row: &&LoadBalancer| {
            row.listeners.values().any(|listener| listener.certificate.as_deref() == Some(arn))
        };
        self.load_balancers.iter().filter(has)
    }

    /// CreateLoadBalancerListeners.
    pub fn create_listeners(&mut self, caller: &Caller, name: &str, listeners: Vec<Listener>) -> Result<()> {
        self.load_balancer(&caller.scope, name)?;
        self.check_certificates(caller, &listeners)?;
        self.load_balancer_mut(&caller.scope, name)?.add_listeners(listeners)
    }

    /// Checks that the certificates of listeners exist.
    pub(super) fn check_certificates(&self, caller: &Caller, listeners: &[Listener]) -> Result<()> {
        let named = listeners.iter().filter_map(|listener| listener.certificate.as_ref());
        named.into_iter().try_for_each(|arn| self.check_certificate(caller, arn))
    }

    fn check_certificate(&self, caller: &Caller, arn: &str) -> Result<()> {
        let found = self.server_certificate_of(arn).ok();
        let own = found.filter(|certificate| certificate.named.account == caller.scope.account);
        own.map(|_| ()).ok_or_else(|| Error::NoSuchCertificate { arn: arn.to_owned() })
    }

    /// SetLoadBalancerListenerSSLCertificate. Existing connections keep the old certificate.
    pub fn set_listener_certificate(&mut self, caller: &Caller, name: &str, port: i32, arn: &str) -> Result<()> {
        self.load_balancer(&caller.scope, name)?;
        self.check_certificate(caller, arn)?;
        let listener = self.load_balancer_mut(&caller.scope, name)?.listener_mut(port)?;
        if !listener.protocol.is_secure() {
            return Err(Error::NotSecure { port });
        }
        listener.certificate = Some(arn.to_owned());
        Ok(())
    }

    /// DeleteLoadBalancerListeners. Ports without a listener are ignored.
    pub fn delete_listeners(&mut self, caller: &Caller, name: &str, ports: &[i32]) -> Result<()> {
        let balancer = self.load_balancer_mut(&caller.scope, name)?;
        balancer.listeners.retain(|port, _| !ports.contains(&i32::from(*port)));
        Ok(())
    }
}
