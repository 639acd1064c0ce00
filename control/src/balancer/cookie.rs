//! The cookie that binds a client's requests to a target.

use super::configuration::Stickiness;
use hyper::header::{self, HeaderMap, HeaderValue};

/// The balancer's cookie, by AWS's name for it.
const NAME: &str = "AWSELB";

/// The target that a request's cookies name. With a policy for the application's cookie, only while that cookie is
/// present.
pub fn bound<'h>(policy: &Stickiness, headers: &'h HeaderMap) -> Option<&'h str> {
    match policy {
        Stickiness::Duration(_) => {}
        Stickiness::Application(name) => _ = sent(headers, name)?,
    }
    sent(headers, NAME)
}

/// The value of a request's cookie.
fn sent<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut cookies = lines.flat_map(|line| line.split(';')).filter_map(|cookie| cookie.trim().split_once('='));
    cookies.find(|(found, _)| *found == name).map(|(_, value)| value)
}

/// Binds the client to a target: until the cookie expires, or once the application has set its own cookie.
pub fn bind(policy: &Stickiness, target: &str, headers: &mut HeaderMap) {
    let life = match policy {
        Stickiness::Duration(seconds) => seconds.map(|seconds| format!(";MAX-AGE={seconds}")).unwrap_or_default(),
        Stickiness::Application(name) if sets(headers, name) => String::new(),
        Stickiness::Application(_) => return,
    };
    // Hexadecimal digits and numbers are always valid in a header.
    if let Ok(cookie) = HeaderValue::try_from(format!("{NAME}={target};PATH=/{life}")) {
        headers.append(header::SET_COOKIE, cookie);
    }
}

/// Whether a response sets a cookie.
fn sets(headers: &HeaderMap, name: &str) -> bool {
    let set = headers.get_all(header::SET_COOKIE).iter().filter_map(|value| value.to_str().ok());
    set.filter_map(|cookie| cookie.trim().split_once('=')).any(|(found, _)| found == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: header::HeaderName, values: &[&'static str]) -> HeaderMap {
        values.iter().map(|value| (name.clone(), HeaderValue::from_static(value))).collect()
    }

    #[test]
    fn a_request_is_bound_by_the_cookies_that_its_policy_asks_for() {
        let cookies = headers(header::COOKIE, &["a=1; AWSELB=7F", "session=x"]);
        let application = |name: &str| Stickiness::Application(name.into());
        assert_eq!(bound(&Stickiness::Duration(None), &cookies), Some("7F"));
        assert_eq!(bound(&application("session"), &cookies), Some("7F"));
        assert_eq!(bound(&application("other"), &cookies), None, "the application's cookie has expired");
        assert_eq!(bound(&Stickiness::Duration(None), &headers(header::COOKIE, &["AWSELB2=7F"])), None);
    }

    #[test]
    fn a_response_binds_for_as_long_as_its_policy_says() {
        let set = |policy: &Stickiness, own: &[&'static str]| {
            let mut response = headers(header::SET_COOKIE, own);
            bind(policy, "7F", &mut response);
            response.get_all(header::SET_COOKIE).iter().skip(own.len()).map(|v| v.to_str().unwrap().to_owned()).next()
        };
        assert_eq!(set(&Stickiness::Duration(None), &[]).as_deref(), Some("AWSELB=7F;PATH=/"));
        assert_eq!(set(&Stickiness::Duration(Some(60)), &[]).as_deref(), Some("AWSELB=7F;PATH=/;MAX-AGE=60"));
        let application = Stickiness::Application("session".into());
        assert_eq!(set(&application, &["session=x; Path=/"]).as_deref(), Some("AWSELB=7F;PATH=/"));
        assert_eq!(set(&application, &["other=x"]), None);
    }
}
