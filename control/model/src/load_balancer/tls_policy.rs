//! TLS negotiation policies, and the predefined ones ("Predefined SSL security policies for Classic Load Balancers"). They have no
//! effect: the balancer's TLS library chooses protocols and ciphers.

use std::collections::BTreeMap;

/// The attribute that names a predefined policy.
pub const REFERENCE: &str = "Reference-Security-Policy";
/// Whether the server's order of ciphers decides.
pub const ORDER: &str = "Server-Defined-Cipher-Order";
/// The attributes of protocols, the older ones first.
pub const PROTOCOLS: [&str; 5] =
    ["Protocol-SSLv2", "Protocol-SSLv3", "Protocol-TLSv1", "Protocol-TLSv1.1", "Protocol-TLSv1.2"];

/// The attributes of ciphers. All policies have the first twelve, and those before TLS 1.2 the first eighteen.
pub const CIPHERS: [&str; 42] = [
    "ECDHE-ECDSA-AES128-GCM-SHA256",
    "ECDHE-RSA-AES128-GCM-SHA256",
    "ECDHE-ECDSA-AES128-SHA256",
    "ECDHE-RSA-AES128-SHA256",
    "ECDHE-ECDSA-AES256-GCM-SHA384",
    "ECDHE-RSA-AES256-GCM-SHA384",
    "ECDHE-ECDSA-AES256-SHA384",
    "ECDHE-RSA-AES256-SHA384",
    "AES128-GCM-SHA256",
    "AES256-GCM-SHA384",
    "AES128-SHA256",
    "AES256-SHA256",
    "ECDHE-ECDSA-AES128-SHA",
    "ECDHE-RSA-AES128-SHA",
    "ECDHE-RSA-AES256-SHA",
    "ECDHE-ECDSA-AES256-SHA",
    "AES128-SHA",
    "AES256-SHA",
    "DHE-RSA-AES128-SHA",
    "DES-CBC3-SHA",
    "ECDHE-RSA-RC4-SHA",
    "RC4-SHA",
    "ECDHE-ECDSA-RC4-SHA",
    "RC4-MD5",
    "DES-CBC-SHA",
    "DHE-DSS-AES128-SHA",
    "DHE-DSS-AES256-SHA",
    "DHE-RSA-AES256-SHA",
    "DHE-RSA-AES128-SHA256",
    "DHE-RSA-AES256-SHA256",
    "DHE-RSA-AES128-GCM-SHA256",
    "DHE-RSA-AES256-GCM-SHA384",
    "DHE-DSS-AES128-SHA256",
    "DHE-DSS-AES256-SHA256",
    "DHE-DSS-AES128-GCM-SHA256",
    "DHE-DSS-AES256-GCM-SHA384",
    "CAMELLIA128-SHA",
    "CAMELLIA256-SHA",
    "DHE-RSA-CAMELLIA128-SHA",
    "DHE-RSA-CAMELLIA256-SHA",
    "EDH-RSA-DES-CBC3-SHA",
    "EDH-DSS-DES-CBC3-SHA",
];
/// The number of ciphers that need TLS 1.2.
const MODERN: usize = 12;
/// The number of ciphers of all policies with a protocol before TLS 1.2.
const USUAL: usize = 18;

/// Predefined policies: the name, the index of the oldest protocol, the number of ciphers from the start of the list, and further
/// ciphers.
const PREDEFINED: [(&str, usize, usize, &[&str]); 8] = [
    ("ELBSecurityPolicy-TLS-1-2-2017-01", 4, MODERN, &[]),
    ("ELBSecurityPolicy-TLS-1-1-2017-01", 3, USUAL, &[]),
    ("ELBSecurityPolicy-2016-08", 2, USUAL, &[]),
    ("ELBSecurityPolicy-2015-05", 2, USUAL, &["DES-CBC3-SHA"]),
    ("ELBSecurityPolicy-2015-03", 2, USUAL, &["DHE-RSA-AES128-SHA", "DES-CBC3-SHA"]),
    ("ELBSecurityPolicy-2015-02", 2, USUAL, &["DHE-RSA-AES128-SHA"]),
    ("ELBSecurityPolicy-2014-10", 2, USUAL, &["DHE-RSA-AES128-SHA", "DES-CBC3-SHA", "RC4-SHA", "ECDHE-RSA-RC4-SHA"]),
    ("ELBSecurityPolicy-2014-01", 1, USUAL, &["DHE-RSA-AES128-SHA", "DES-CBC3-SHA", "RC4-SHA", "ECDHE-RSA-RC4-SHA"]),
];

/// The names of the predefined policies.
pub fn predefined() -> impl Iterator<Item = &'static str> {
    PREDEFINED.into_iter().map(|(name, ..)| name)
}

/// The settings of a predefined policy for each protocol and cipher.
pub fn settings(name: &str) -> Option<BTreeMap<String, String>> {
    let (_, oldest, ciphers, more) = PREDEFINED.into_iter().find(|(known, ..)| *known == name)?;
    let on = |cipher: &&str| CIPHERS[..ciphers].contains(cipher) || more.contains(cipher);
    let switch = |(name, on): (&str, bool)| (name.to_owned(), on.to_string());
    let protocols = PROTOCOLS.into_iter().enumerate().map(|(place, name)| (name, place >= oldest));
    let ciphers = CIPHERS.into_iter().map(|cipher| (cipher, on(&cipher)));
    Some(protocols.chain([(ORDER, true)]).chain(ciphers).map(switch).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn newer_policies_speak_less() {
        let count = |name: &str| settings(name).unwrap().values().filter(|on| *on == "true").count();
        let counts = ["TLS-1-2-2017-01", "TLS-1-1-2017-01", "2016-08", "2015-05", "2015-03"]
            .map(|name| count(&format!("ELBSecurityPolicy-{name}")));
        assert!(counts.is_sorted(), "{counts:?}");
        let modern = settings("ELBSecurityPolicy-TLS-1-2-2017-01").unwrap();
        assert_eq!((modern["Protocol-TLSv1.1"].as_str(), modern["AES128-SHA"].as_str()), ("false", "false"));
    }
}
