use super::*;

const REACHED: &str = "192.0.2.7";

/// Checks a request with these headers, sent to an endpoint that was reached at 192.0.2.7 and has `--host
/// cloud.example`.
fn judge(headers: &[(&'static str, &str)]) -> Result<(), Refusal> {
    judge_target("/?Action=DescribeVpcs", headers)
}

fn judge_target(target: &str, headers: &[(&'static str, &str)]) -> Result<(), Refusal> {
    let guard = Guard::new(vec!["cloud.example".parse().unwrap(), "2001:db8::7".parse().unwrap()]);
    let headers = headers.iter().map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap())).collect();
    guard.judge(&target.parse().unwrap(), &headers, Some(REACHED.parse().unwrap()))
}

fn with(header: (&'static str, &str)) -> Result<(), Refusal> {
    judge(&[("host", "localhost:4570"), header])
}

#[test]
fn valid_hosts_are_loopback_the_reached_address_and_configured_names() {
    let own =
        ["localhost", "LocalHost:1", "localhost.", "ec2.localhost:4570", "127.0.0.1:4570", "127.8.9.1", "[::1]:4570"];
    let told =
        ["[::ffff:127.0.0.1]:80", "192.0.2.7:4570", "cloud.example:8080", "CLOUD.example.", "[2001:db8::7]:4570"];
    for host in own.into_iter().chain(told) {
        assert_eq!(judge(&[("host", host)]), Ok(()), "{host}");
    }
    let foreign =
        ["evil.example", "evil.example:4570", "192.0.2.8", "localhost.evil.example", "evillocalhost", "0.0.0.0"];
    let tricks = [
        "127.0.0.1.evil.example",
        "localhost@evil.example",
        "evil.example@localhost",
        "cloud.example.evil",
        "",
        ":4570",
    ];
    for host in foreign.into_iter().chain(tricks) {
        assert_eq!(judge(&[("host", host)]), Err(Refusal::Host(host.into())), "{host}");
    }
    assert_eq!(judge(&[]), Err(Refusal::NoHost));
    assert_eq!(judge(&[("host", "localhost"), ("host", "evil.example")]), Err(Refusal::NoHost));
    let target = |host: &str| judge_target(&format!("http://{host}/?Action=DescribeVpcs"), &[("host", "localhost")]);
    assert_eq!((target("localhost"), target("evil.example")), (Ok(()), Err(Refusal::Host("evil.example".into()))));
}

#[test]
fn pages_of_other_sites_are_refused() {
    let marks = [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("sec-fetch-site", "whatever comes"),
        ("origin", "https://evil.example"),
        ("origin", "http://localhost:3000"),
        ("origin", "http://localhost:45700"),
        ("origin", "null"),
        ("referer", "http://evil.example/page"),
        ("referer", "http://evil.example/localhost:4570"),
        ("sec-fetch-mode", "no-cors"),
        ("content-type", "text/plain"),
        ("content-type", "Text/Plain;charset=UTF-8"),
        ("content-type", "multipart/form-data; boundary=x"),
    ];
    for mark in marks {
        assert!(matches!(with(mark), Err(Refusal::CrossSite(_))), "{mark:?}: {:?}", with(mark));
    }
    // A header that looks harmless does not outweigh one that does not.
    let both = [("host", "localhost"), ("sec-fetch-site", "same-origin"), ("origin", "http://evil.example")];
    assert!(judge(&both).is_err());
    assert!(
        judge(&[("host", "localhost"), ("origin", "http://localhost"), ("origin", "http://evil.example")]).is_err()
    );
}

#[test]
fn own_pages_links_and_programs_pass() {
    let fine = [
        ("sec-fetch-site", "same-origin"),
        ("sec-fetch-site", "none"),
        ("origin", "http://localhost:4570"),
        ("origin", "https://LOCALHOST:4570"),
        ("referer", "http://localhost:4570/_map"),
        // Fetch in Node.js sends this mode without a site.
        ("sec-fetch-mode", "cors"),
        ("content-type", "application/x-www-form-urlencoded; charset=utf-8"),
        ("user-agent", "Boto/2.49.0 Python/2.7.18"),
    ];
    for header in fine {
        assert_eq!(with(header), Ok(()), "{header:?}");
    }
    // An image on one of the endpoint's own pages.
    let picture = [("host", "localhost"), ("sec-fetch-site", "same-origin"), ("sec-fetch-mode", "no-cors")];
    assert_eq!(judge(&picture), Ok(()));
}

#[test]
fn a_host_is_named_without_a_port() {
    let is_one = |text: &str| text.parse::<HostName>().is_ok();
    assert!(["cloud", "Cloud.Example.", "10.1.2.3", "[::1]", "fe80::1", "my_host"].into_iter().all(is_one));
    assert!(!["", ".", "cloud:4570", "http://cloud", "a b", "*.example", "user@cloud"].into_iter().any(is_one));
}
