//! Who may read from the metadata service: requests, their tokens, and the instances that send them.

use crate::names::{Client, View};
use data_encoding::HEXLOWER;
use model::{HttpTokens, Instance, Switch, Time};
use sha2::{Digest, Sha256};
use std::net::Ipv4Addr;

/// The parts of a request that determine its answer.
pub struct MetadataRequest<'a> {
    /// The HTTP method.
    pub method: &'a str,
    /// The path.
    pub path: &'a str,
    /// The request's token (`X-aws-ec2-metadata-token`).
    pub token: Option<&'a str>,
    /// The lifetime wanted for a new token, in seconds.
    pub ttl: Option<&'a str>,
    /// Whether the request was forwarded by a proxy (`X-Forwarded-For`).
    pub is_forwarded: bool,
}

/// The client of a request that may read.
///
/// # Errors
/// The status of its refusal.
pub fn reader<'m>(view: View<'m>, now: Time, from: Ipv4Addr, request: &MetadataRequest<'_>) -> Result<Client<'m>, u16> {
    let (client, instance) = client(view, from)?;
    match request.token {
        _ if !matches!(request.method, "GET" | "HEAD") => Err(405),
        Some(token) if !Secret::of(view, instance).made(token, now) => Err(401),
        None if instance.options.metadata.tokens == HttpTokens::Required => Err(401),
        _ => Ok(client),
    }
}

/// The client, which is an instance whose options let the service answer it; otherwise the status of its refusal.
pub fn client<'m>(view: View<'m>, from: Ipv4Addr) -> Result<(Client<'m>, &'m Instance), u16> {
    let client = Client::of(view, from).ok_or(404_u16)?;
    let instance = client.instance().ok_or(404_u16)?;
    match instance.options.metadata.endpoint {
        Switch::Disabled => Err(403),
        Switch::Enabled => Ok((client, instance)),
    }
}

/// The input of tokens' hashes. Tokens are not stored, so they outlive the process.
pub struct Secret<'a> {
    seed: u64,
    instance: &'a str,
}

impl<'a> Secret<'a> {
    /// The secret of an instance.
    pub fn of(view: View<'a>, instance: &'a Instance) -> Self {
        Self { seed: view.model.seed(), instance: &instance.id }
    }

    /// A token that is valid until then.
    pub fn make(&self, until: Time) -> String {
        let mut hash = Sha256::new();
        hash.update(self.seed.to_be_bytes());
        hash.update(until.0.to_be_bytes());
        hash.update(self.instance);
        format!("{:016x}{}", until.0, HEXLOWER.encode(&hash.finalize()))
    }

    /// Whether the token belongs to this instance and is still valid.
    fn made(&self, token: &str, now: Time) -> bool {
        let until = token.get(..16).and_then(|until| u64::from_str_radix(until, 16).ok()).map(Time);
        until.is_some_and(|until| until.0 >= now.0 && self.make(until) == token)
    }
}
