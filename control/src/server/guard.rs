//! Which requests are answered at all. Requests need no signature, so web pages must not be able to send them. A
//! browser says in every request where it is sent (Host), and whether a page of another site sends it (Origin, Fetch
//! Metadata, Referer).

use super::refusal::{Refusal, refuse};
use axum::extract::{Request, State};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderName, Method, Uri, header};
use axum::middleware::Next;
use axum::response::Response;
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;
use std::sync::Arc;

/// The relation between a request's origin and its target (W3C Fetch Metadata).
const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
/// The request's mode. `no-cors` is that of images, scripts and forms.
const SEC_FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");
/// The request's destination. `document` is a page of its own rather than a frame.
const SEC_FETCH_DEST: HeaderName = HeaderName::from_static("sec-fetch-dest");
/// The content types that a form of any page can send, besides the Query protocol's.
const OTHER_FORMS: [&str; 2] = ["text/plain", "multipart/form-data"];

/// A name or address that the endpoint answers for, without a port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostName(String);

/// Why a text is not a host's name.
#[derive(Debug, thiserror::Error)]
#[error("give a name as `cloud.example.com`, or an address, without a port")]
pub struct HostNameError;

impl FromStr for HostName {
    type Err = HostNameError;

    fn from_str(text: &str) -> Result<HostName, HostNameError> {
        let name = bare(text);
        let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        let fits = !name.is_empty() && name.chars().all(is_name) || name.parse::<IpAddr>().is_ok();
        if fits { Ok(HostName(name)) } else { Err(HostNameError) }
    }
}

impl std::fmt::Display for HostName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// A host's name in the form in which names are compared: lower case, without brackets and without the root's dot.
fn bare(host: &str) -> String {
    let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase()
}

/// The hosts that an endpoint answers for, besides loopback.
#[derive(Debug)]
pub struct Guard {
    hosts: Vec<HostName>,
}

/// Passes a request on, or refuses it.
pub async fn check(State(guard): State<Arc<Guard>>, request: Request, next: Next) -> Response {
    let reached = request.extensions().get::<Reached>().map(|Reached(address)| address.ip());
    let judged = match leads_to_map(&request) {
        true => guard.judge_host(request.uri(), request.headers(), reached).map(|_| ()),
        false => guard.judge(request.uri(), request.headers(), reached),
    };
    match judged {
        Ok(()) => next.run(request).await,
        Err(why) => {
            let (head, body) = request.into_parts();
            refuse(why, &head.headers, body)
        }
    }
}

/// The path of the map's page.
pub const MAP_PATH: &str = "/_map";

/// Whether the request follows a link to the map, for example from a message. The page is the same for everybody,
/// cannot be framed, and opening it changes nothing.
fn leads_to_map(request: &Request) -> bool {
    let says = |name: HeaderName, what: &str| request.headers().get(name).is_some_and(|value| value == what);
    request.method() == Method::GET
        && request.uri().path() == MAP_PATH
        && says(SEC_FETCH_MODE, "navigate")
        && says(SEC_FETCH_DEST, "document")
}

/// Our address that the client has reached.
#[derive(Clone, Copy, Debug)]
pub struct Reached(pub SocketAddr);

/// The client's address.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub IpAddr);

impl Guard {
    /// A guard that also answers for these hosts.
    pub fn new(hosts: Vec<HostName>) -> Guard {
        Guard { hosts }
    }

    fn judge(&self, uri: &Uri, headers: &HeaderMap, reached: Option<IpAddr>) -> Result<(), Refusal> {
        let host = self.judge_host(uri, headers, reached)?;
        comes_from_elsewhere(host, headers).map_or(Ok(()), |mark| Err(Refusal::CrossSite(mark)))
    }

    /// The host that a request is sent to, if the endpoint answers for it.
    fn judge_host<'h>(&self, uri: &Uri, headers: &'h HeaderMap, reached: Option<IpAddr>) -> Result<&'h str, Refusal> {
        let host = only(headers, header::HOST)?;
        for name in [Some(host), uri.authority().map(Authority::as_str)].into_iter().flatten() {
            if !self.answers_for(name, reached) {
                return Err(Refusal::Host(name.to_owned()));
            }
        }
        Ok(host)
    }

    /// Whether the endpoint answers for a host. A client cannot be misled to an address that it really reached. A name
    /// can be pointed anywhere.
    fn answers_for(&self, host: &str, reached: Option<IpAddr>) -> bool {
        let Ok(authority) = host.parse::<Authority>() else { return false };
        let name = bare(authority.host());
        if host.contains('@') {
            return false;
        }
        if self.hosts.iter().any(|host| host.0 == name) {
            return true;
        }
        match name.parse::<IpAddr>().map(|address| address.to_canonical()) {
            Ok(address) => address.is_loopback() || reached.is_some_and(|reached| reached.to_canonical() == address),
            // Names below `localhost` are loopback too (RFC 6761 §6.3).
            Err(_) => name == "localhost" || name.ends_with(".localhost"),
        }
    }
}

/// The value of a header that has to occur exactly once.
fn only(headers: &HeaderMap, name: HeaderName) -> Result<&str, Refusal> {
    let mut all = headers.get_all(name).iter();
    match (all.next().and_then(|value| value.to_str().ok()), all.next()) {
        (Some(value), None) => Ok(value),
        _ => Err(Refusal::NoHost),
    }
}

/// The header that shows that a page of another site sends a request, if there is one. Ordinary clients send none of
/// these.
fn comes_from_elsewhere(host: &str, headers: &HeaderMap) -> Option<String> {
    let all = |name: &HeaderName| headers.get_all(name).iter().map(|value| value.to_str().unwrap_or("not readable"));
    let own = |url: &str| url.split_once("://").is_some_and(|(_, rest)| is_authority(rest, host));
    let shows = |name: HeaderName, foreign: &dyn Fn(&str) -> bool| {
        all(&name).find(|value| foreign(value)).map(|value| format!("{name}: {value}"))
    };
    let known = headers.contains_key(SEC_FETCH_SITE);
    shows(SEC_FETCH_SITE, &|site| !matches!(site, "same-origin" | "none"))
        .or_else(|| shows(header::ORIGIN, &|origin| !own(origin)))
        .or_else(|| shows(header::REFERER, &|page| !known && !own(page)))
        .or_else(|| shows(SEC_FETCH_MODE, &|mode| !known && mode == "no-cors"))
        .or_else(|| shows(header::CONTENT_TYPE, &|sent| OTHER_FORMS.iter().any(|form| is_type(sent, form))))
}

/// Whether a URL, without its scheme, begins with this host and port.
fn is_authority(rest: &str, host: &str) -> bool {
    rest.split(['/', '?', '#']).next().is_some_and(|authority| authority.eq_ignore_ascii_case(host))
}

fn is_type(sent: &str, media_type: &str) -> bool {
    sent.split(';').next().is_some_and(|sent| sent.trim().eq_ignore_ascii_case(media_type))
}

#[cfg(test)]
mod tests;
