//! An export without what tells whose it is: names, tags, account numbers and public addresses become others, the same ones
//! everywhere. Addresses that share a prefix still do, so that rules and routes mean what they meant.

use super::File;
use crate::model::is_public;
use ipnet::Ipv4Net;
use serde_json::{Map, Value as Json};
use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::net::Ipv4Addr;

/// What is replaced by a word and a number.
const NAMES: [(&str, &str); 3] = [("GroupName", "group"), ("KeyName", "key"), ("LogGroupName", "logs")];
/// What is taken out: people's words, and what repeats addresses.
const TAKEN_OUT: [&str; 8] = [
    "Description",
    "PrivateDnsName",
    "PublicDnsName",
    "CustomerGatewayConfiguration",
    "UserData",
    "IamInstanceProfile",
    "ClientToken",
    "PolicyDocument",
];
/// First octets of which a part is not public: only the last two octets change there, so that what is public stays it.
const MIXED: [u8; 6] = [100, 169, 172, 192, 198, 203];

/// Replaces, and remembers by what.
pub struct Anonymous {
    words: HashMap<String, String>,
    hasher: RandomState,
}

impl Default for Anonymous {
    fn default() -> Self {
        Self { words: HashMap::new(), hasher: RandomState::new() }
    }
}

impl Anonymous {
    /// Makes files anonymous: what they hold, and accounts in their paths.
    pub fn files(&mut self, files: &mut [File]) {
        for file in files {
            self.value(&mut file.content);
            let parts = file.path.iter().map(|part| match part.to_str() {
                Some(text) => self.text(text).into(),
                None => part.to_owned(),
            });
            file.path = parts.collect();
        }
    }

    fn value(&mut self, json: &mut Json) {
        match json {
            Json::Array(items) => items.iter_mut().for_each(|item| self.value(item)),
            Json::Object(members) => self.object(members),
            Json::String(text) => *text = self.text(text),
            _ => {}
        }
    }

    fn object(&mut self, members: &mut Map<String, Json>) {
        TAKEN_OUT.iter().for_each(|name| _ = members.remove(*name));
        let is_tag = members.contains_key("Key") && members.contains_key("Value");
        for (name, value) in members.iter_mut() {
            let word = NAMES.iter().find(|(known, _)| known == name).map(|(_, word)| *word);
            match (word, value) {
                // The platform's own name means something.
                (Some(word), Json::String(text)) if text != "default" => *text = self.word(word, text),
                (_, Json::String(text)) if is_tag && name == "Key" => {
                    // So do the tags that say what the API cannot.
                    if text != "Name" && !text.starts_with("classiclink:") {
                        *text = self.word("key", text);
                    }
                }
                (_, Json::String(text)) if is_tag && name == "Value" => {
                    *text = if is_address(text) { self.text(text) } else { self.word("name", text) };
                }
                (_, value) => self.value(value),
            }
        }
    }

    /// The word for a text, always the same one.
    fn word(&mut self, word: &str, text: &str) -> String {
        let next = self.words.len() + 1;
        self.words.entry(format!("{word} {text}")).or_insert_with(|| format!("{word}-{next}")).clone()
    }

    /// A text with other accounts and addresses in it.
    fn text(&mut self, text: &str) -> String {
        if let Ok(net) = text.parse::<Ipv4Net>() {
            let address = self.address(net.addr());
            return Ipv4Net::new(address, net.prefix_len())
                .map_or_else(|_| text.to_owned(), |net| net.trunc().to_string());
        }
        if let Ok(address) = text.parse::<Ipv4Addr>() {
            return self.address(address).to_string();
        }
        let parts = text.split_inclusive([':', '/']).map(|part| {
            let (body, end) = part.split_at(part.trim_end_matches([':', '/']).len());
            let is_account = body.len() == 12 && body.bytes().all(|byte| byte.is_ascii_digit());
            if is_account { format!("{}{end}", self.account(body)) } else { part.to_owned() }
        });
        parts.collect()
    }

    fn account(&mut self, account: &str) -> String {
        let next = self.words.len();
        self.words
            .entry(format!("account {account}"))
            .or_insert_with(|| format!("{:012}", 200_000_000_000 + next as u64))
            .clone()
    }

    /// Another public address, which shares prefixes with others as this one does. Any other address stays.
    fn address(&self, address: Ipv4Addr) -> Ipv4Addr {
        if !is_public(address) {
            return address;
        }
        let kept = if MIXED.contains(&address.octets()[0]) { 16 } else { 8 };
        let bits = address.to_bits();
        // Each bit is turned over or not by the bits before it.
        let turned = (kept..32).filter(|bit| self.hasher.hash_one((bit, bits.checked_shr(32 - bit))) & 1 == 1);
        Ipv4Addr::from_bits(turned.fold(bits, |all, bit| all ^ 1 << (31 - bit)))
    }
}

fn is_address(text: &str) -> bool {
    text.parse::<Ipv4Addr>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn the_same_becomes_the_same_and_nothing_remains() {
        let content = json!({
            "OwnerId": "123456789012", "Arn": "arn:aws:ec2:us-east-1:123456789012:vpc/vpc-11111111", "GroupName": "payroll",
            "Description": "of Jane", "Tags": [{"Key": "Name", "Value": "payroll-db"}, {"Key": "Boss", "Value": "Jane"}],
            "PublicIp": "52.95.110.1", "CidrIp": "52.95.110.1/32", "PrivateIpAddress": "10.0.0.5", "VpcId": "vpc-11111111",
        });
        let mut files = [File { path: "123456789012/us-east-1/x.json".into(), content }];
        Anonymous::default().files(&mut files);
        let [File { path, content }] = &files;
        let text = content.to_string();
        for secret in ["123456789012", "payroll", "Jane", "Boss", "52.95.110.1\""] {
            assert!(!text.contains(secret), "{secret} in {text}");
        }
        let account = content["OwnerId"].as_str().unwrap();
        assert_eq!(path.to_str().unwrap(), format!("{account}/us-east-1/x.json"));
        assert_eq!(content["Arn"], format!("arn:aws:ec2:us-east-1:{account}:vpc/vpc-11111111"));
        assert_eq!(content["CidrIp"], format!("{}/32", content["PublicIp"].as_str().unwrap()));
        assert_eq!((&content["PrivateIpAddress"], &content["VpcId"]), (&json!("10.0.0.5"), &json!("vpc-11111111")));
    }

    proptest! {
        #[test]
        fn shared_prefixes_stay_and_what_is_public_stays_public(one: u32, other: u32, shared in 0..=32u32) {
            let mask = u32::MAX.checked_shl(32 - shared).unwrap_or(0);
            let (one, other) = (Ipv4Addr::from_bits(one), Ipv4Addr::from_bits(one & mask | other & !mask));
            let anonymous = Anonymous::default();
            let [first, second] = [one, other].map(|address| anonymous.address(address));
            prop_assert_eq!(is_public(one), is_public(first));
            if is_public(one) && is_public(other) {
                let common = |a: Ipv4Addr, b: Ipv4Addr| (a.to_bits() ^ b.to_bits()).leading_zeros();
                prop_assert_eq!(common(one, other), common(first, second));
            }
        }
    }
}
