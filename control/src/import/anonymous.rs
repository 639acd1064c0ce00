//! Anonymises an export: names, tags, account numbers and public addresses are replaced, each by the same value
//! everywhere. Addresses that share a prefix still share one, so that rules and routes keep their meaning.

mod arns;
mod names;

use super::File;
use super::template::is_template;
use arns::{is_arn, joined, names_in};
use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use model::{is_account_id, is_public};
use names::{
    NAMED, NAMES, PARAMETERS, TAKEN_OUT, VPCS_OF_ZONE, described_interface, is_made_of_names, is_of_platform,
    is_plain_setting, without_numbers,
};
use serde_json::{Map, Value as Json};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::{BuildHasher, RandomState};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The public addresses of IPv6 (RFC 4291 §2.4).
const GLOBAL: Ipv6Net = Ipv6Net::new_assert(Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);
/// First octets of ranges that are partly public. Only the last two octets of such addresses change, so that public
/// ones stay public.
const MIXED: [u8; 6] = [100, 169, 172, 192, 198, 203];
/// The first account number that has no zeros before it, which a template's number would lose.
const FIRST_ACCOUNT: u64 = 100_000_000_000;
/// What is before the name of a parameter that has an image's id, and before the names that AWS itself gives parameters.
const PARAMETER: &str = "resolve:ssm:";
const OF_AWS: &str = "/aws/";
/// What is said of members that consist of names.
const OF_NAMES: &str = "identities, policies and hosted zones: little of them is left without names";
/// What is said of values of parameters.
const OF_PARAMETERS: &str = "values of parameters that are neither numbers nor their engine's own words";

/// What is said of values of parameters of Systems Manager.
const OF_SYSTEMS_MANAGER: &str = "values of parameters of Systems Manager";

/// Replaces values, and remembers the replacements.
pub struct Anonymous {
    /// The replacements of names and accounts.
    words: HashMap<String, String>,
    hasher: RandomState,
    /// The logical names of the resources in the current template.
    made: BTreeSet<String>,
    /// The parts that were left out, a sentence each.
    left_out: BTreeSet<&'static str>,
}

impl Default for Anonymous {
    fn default() -> Self {
        Self { words: HashMap::new(), hasher: RandomState::new(), made: BTreeSet::new(), left_out: BTreeSet::new() }
    }
}

impl Anonymous {
    /// Anonymises files: their contents, and the accounts in their paths. Files of which nothing is left go.
    pub fn files(&mut self, files: &mut Vec<File>) {
        let before = files.len();
        files.retain(|file| !is_of_names(&file.content));
        if files.len() < before {
            self.left_out.insert(OF_NAMES);
        }
        for file in files {
            let documents = file.content.as_array().map_or(std::slice::from_ref(&file.content), Vec::as_slice);
            let made =
                documents.iter().filter_map(|document| document.get("Resources")?.as_object()).flat_map(Map::keys);
            self.made = made.cloned().collect();
            self.value(&mut file.content);
            let parts = file.path.iter().map(|part| match part.to_str() {
                Some(text) => self.text(text).into(),
                None => part.to_owned(),
            });
            file.path = parts.collect();
        }
    }

    /// The parts that were left out, a sentence each.
    pub fn left_out(&self) -> impl Iterator<Item = &'static str> {
        self.left_out.iter().copied()
    }

    /// Anonymises the parameters of templates.
    pub fn parameters(&mut self, parameters: &mut BTreeMap<String, String>) {
        parameters.values_mut().for_each(|value| *value = self.text(value));
    }

    /// Replaces a name that stands in the files. Others, and ids, stay.
    pub fn known_name(&mut self, name: &mut String) {
        let known = self.words.len();
        let other = self.word("name", name);
        if self.words.len() == known {
            *name = other;
        }
    }

    fn value(&mut self, json: &mut Json) {
        match json {
            Json::Array(items) => items.iter_mut().for_each(|item| self.value(item)),
            Json::Object(members) => match joined(members) {
                Some(arn) => *json = serde_json::json!({"Fn::Sub": self.arn(&arn)}),
                None => self.object(members),
            },
            Json::String(text) => *text = self.text(text),
            Json::Number(number) if is_account_id(&number.to_string()) => {
                *json = self.account(&number.to_string()).parse::<u64>().unwrap_or_default().into();
            }
            _ => {}
        }
    }

    fn object(&mut self, members: &mut Map<String, Json>) {
        // A template's mapping may have a key for each account.
        if members.keys().any(|key| is_account_id(key)) {
            *members = std::mem::take(members).into_iter().map(|(key, value)| (self.account(&key), value)).collect();
        }
        members.retain(|name, value| !TAKEN_OUT.contains(&name.as_str()) || is_of_platform(name, value));
        self.leave_out(members, OF_NAMES, is_made_of_names);
        if members.contains_key("LastModifiedDate") {
            self.leave_out(members, OF_SYSTEMS_MANAGER, |name, _| name == "Value");
        }
        self.parameters_of_groups(members);
        if members.contains_key("Key") && members.contains_key("Value") {
            return self.tag(members);
        }
        let named = NAMED.iter().find(|(id, _)| members.contains_key(*id)).map(|(_, word)| *word);
        let is_dhcp_option = members.contains_key("Key") && members.contains_key("Values");
        for (name, value) in members.iter_mut() {
            let word = NAMES.iter().find(|(known, _)| known == name).map(|(_, word)| *word);
            match word.or_else(|| named.filter(|_| name == "Name")) {
                _ if is_dhcp_option && name == "Values" => self.dhcp_values(value),
                _ if name == "Target" => self.target(value),
                _ if name == "Description" => self.description(value),
                Some(word) => self.name(name, word, value),
                None => self.value(value),
            }
        }
    }

    /// Leaves out the members that are of a kind, and remembers the sentence about it.
    fn leave_out(
        &mut self,
        members: &mut Map<String, Json>,
        why: &'static str,
        is_of_kind: impl Fn(&str, &Json) -> bool,
    ) {
        let before = members.len();
        members.retain(|name, value| !is_of_kind(name, value));
        if members.len() < before {
            self.left_out.insert(why);
        }
    }

    /// Leaves out the values of parameters that may say something of their owner: names, statements, addresses. They are those
    /// of a parameter, or those that a template gives a parameter group.
    fn parameters_of_groups(&mut self, members: &mut Map<String, Json>) {
        let allowed = members.get("AllowedValues").and_then(Json::as_str).unwrap_or_default().to_owned();
        self.leave_out(members, OF_PARAMETERS, |name, value| {
            name == "ParameterValue" && !is_plain_setting(value, &allowed)
        });
        for (family, list) in PARAMETERS {
            if members.contains_key(family)
                && let Some(Json::Object(parameters)) = members.get_mut(list)
            {
                self.leave_out(parameters, OF_PARAMETERS, |_, value| !is_plain_setting(value, ""));
            }
        }
    }

    /// Replaces a name or several.
    fn name(&mut self, of: &str, word: &str, value: &mut Json) {
        match value {
            Json::Array(names) => names.iter_mut().for_each(|name| self.name(of, word, name)),
            _ if is_text(value) && !is_of_platform(of, value) && !self.is_made(value) => {
                *value = self.renamed(word, value);
            }
            _ => self.value(value),
        }
    }

    /// Whether a value refers to a resource of the template, whose own name is replaced where it is made.
    fn is_made(&self, value: &Json) -> bool {
        let name = value.get("Ref").and_then(Json::as_str);
        name.is_some_and(|name| self.made.contains(name)) || value.get("Fn::GetAtt").is_some()
    }

    /// Anonymises a tag. Tags that express what the API cannot keep their meaning.
    fn tag(&mut self, tag: &mut Map<String, Json>) {
        let of_group = tag.get("ResourceType").is_some_and(|kind| kind == "auto-scaling-group");
        let says_more = tag["Key"].as_str().is_some_and(|key| key.starts_with("classiclink:"));
        for (name, value) in tag.iter_mut() {
            match name.as_str() {
                "Key" if *value != "Name" && !says_more => *value = self.renamed("key", value),
                "Value" if !says_more && !is_network(value) => *value = self.renamed("name", value),
                "Value" => self.value(value),
                // The name of the Auto Scaling group with the tag.
                "ResourceId" if of_group && is_text(value) => *value = self.renamed("scaling", value),
                _ => {}
            }
        }
    }

    /// Anonymises DHCP options. Only names in them identify anybody.
    fn dhcp_values(&mut self, values: &mut Json) {
        for value in values.as_array_mut().into_iter().flatten() {
            let Some(value) = value.get_mut("Value") else { continue };
            let is_number = value.as_str().is_some_and(|text| text.parse::<u32>().is_ok());
            match is_network(value) || is_number || is_of_platform("domain-name", value) {
                true => self.value(value),
                false => *value = self.renamed("domain", value),
            }
        }
    }

    /// Replaces the name in the description of one of the platform's own network interfaces, by which an import finds it.
    fn description(&mut self, value: &mut Json) {
        if let Some((words, kind, name)) = value.as_str().and_then(described_interface) {
            *value = format!("{words}{}", self.names(kind, name)).into();
        }
    }

    /// Replaces the path in the target of a load balancer's health check, `HTTP:80/path`.
    fn target(&mut self, value: &mut Json) {
        let is_function = is_text(value);
        match value {
            Json::Array(items) => items.iter_mut().for_each(|item| self.target(item)),
            Json::Object(parts) if is_function => parts.values_mut().for_each(|part| self.target(part)),
            Json::String(text) => match text.split_once('/') {
                Some((place, path)) => *text = format!("{}/{}", self.text(place), self.word("path", path)),
                None => *text = self.text(text),
            },
            _ => self.value(value),
        }
    }

    /// The replacement of a name, an ARN, or a template's expression of one.
    fn renamed(&mut self, kind: &str, value: &Json) -> Json {
        match value.as_str() {
            Some(arn) if is_arn(arn) => self.arn(arn),
            Some(name) => self.word(kind, name),
            None => self.part(kind, &value.to_string()),
        }
        .into()
    }

    /// The replacement of a name. A path's parts are replaced one by one, as they stand in ARNs.
    fn word(&mut self, kind: &str, name: &str) -> String {
        name.split_inclusive('/').map(|part| with_end(part, &['/'], |part| self.part(kind, part))).collect()
    }

    /// The replacement of a name without slashes, which is the same wherever the name stands.
    fn part(&mut self, kind: &str, part: &str) -> String {
        let (name, numbers) = without_numbers(part);
        if name.is_empty() {
            return part.to_owned();
        }
        let next = self.words.len() + 1;
        let word = self.words.entry(name.to_owned()).or_insert_with(|| match is_account_id(name) {
            true => (FIRST_ACCOUNT + self.hasher.hash_one(name) % (9 * FIRST_ACCOUNT)).to_string(),
            false => format!("{kind}-{next}"),
        });
        format!("{word}{numbers}")
    }

    /// Replaces the names in an ARN. Its type and ids stay.
    fn arn(&mut self, arn: &str) -> String {
        let (kind, place, names) = names_in(arn);
        let place: String = place.iter().map(|part| with_end(part, &arns::ENDS, |part| self.account(part))).collect();
        place + &self.names(&kind, &names)
    }

    /// Replaces names beside which there may be ids, which stay: `net/NAME/50dc6c495c0c9188`.
    fn names(&mut self, kind: &str, names: &str) -> String {
        let parts = arns::parts(names).into_iter();
        let replaced = parts.map(|part| {
            with_end(part, &arns::ENDS, |part| match self.stays(part) {
                true => part.to_owned(),
                false => self.part(kind, part),
            })
        });
        replaced.collect()
    }

    /// Whether a part of an ARN says nothing of its owner. A template's parameters may.
    fn stays(&self, part: &str) -> bool {
        arns::is_of_aws(part) || arns::resource_in(part).is_some_and(|name| self.made.contains(name))
    }

    /// Replaces accounts, addresses, and ARNs in a text.
    fn text(&mut self, text: &str) -> String {
        // Names in an ARN may have commas and spaces.
        if is_arn(text) && !text.contains(",arn:") {
            return self.arn(text);
        }
        text.split_inclusive([',', ' ']).map(|part| with_end(part, &[',', ' '], |body| self.one(body))).collect()
    }

    /// Replaces an address, a block, an ARN, or accounts in a word.
    fn one(&mut self, text: &str) -> String {
        if is_arn(text) {
            return self.arn(text);
        }
        if let Some(name) = text.strip_prefix(PARAMETER).filter(|name| !name.starts_with(OF_AWS)) {
            return format!("{PARAMETER}{}", self.word("parameter", name));
        }
        if let Ok(net) = text.parse::<Ipv4Net>() {
            let other = Ipv4Net::new(self.v4(net.addr()), net.prefix_len());
            return other.map_or_else(|_| text.to_owned(), |net| net.trunc().to_string());
        }
        if let Ok(net) = text.parse::<Ipv6Net>() {
            let other = Ipv6Net::new(self.v6(net.addr()), net.prefix_len());
            return other.map_or_else(|_| text.to_owned(), |net| net.trunc().to_string());
        }
        if let Ok(address) = text.parse() {
            return self.v4(address).to_string();
        }
        if let Ok(address) = text.parse() {
            return self.v6(address).to_string();
        }
        let parts = text.split_inclusive([':', '/']);
        parts.map(|part| with_end(part, &[':', '/'], |body| self.account(body))).collect()
    }

    /// Replaces an account number. Other text stays.
    fn account(&mut self, text: &str) -> String {
        if is_account_id(text) { self.part("account", text) } else { text.to_owned() }
    }

    /// Replaces a public address, so that shared prefixes stay shared. Other addresses stay.
    fn v4(&self, address: Ipv4Addr) -> Ipv4Addr {
        if !is_public(address) {
            return address;
        }
        let kept = if MIXED.contains(&address.octets()[0]) { 16 } else { 8 };
        let turned = self.turned::<32>(address.to_bits().into(), kept);
        Ipv4Addr::from_bits(u32::try_from(turned).unwrap_or(address.to_bits()))
    }

    /// The same for IPv6.
    fn v6(&self, address: Ipv6Addr) -> Ipv6Addr {
        match GLOBAL.contains(&address) {
            true => Ipv6Addr::from_bits(self.turned::<128>(address.to_bits(), GLOBAL.prefix_len().into())),
            false => address,
        }
    }

    /// Inverts each bit after the kept ones, or not, depending on the bits before it.
    fn turned<const LENGTH: u32>(&self, bits: u128, kept: u32) -> u128 {
        let turns = |bit: &u32| self.hasher.hash_one((LENGTH, bit, bits >> (LENGTH - bit))) & 1 == 1;
        (kept..LENGTH).filter(turns).fold(bits, |all, bit| all ^ 1 << (LENGTH - 1 - bit))
    }
}

/// Replaces a text without its last letter, if that is one of `ends`.
fn with_end(text: &str, ends: &[char], body: impl FnOnce(&str) -> String) -> String {
    let whole = text.strip_suffix(ends).unwrap_or(text);
    body(whole) + &text[whole.len()..]
}

/// Whether nothing but names is in a file, which is a reply or several.
fn is_of_names(content: &Json) -> bool {
    match content {
        Json::Array(replies) => !replies.is_empty() && replies.iter().all(is_of_names),
        Json::Object(members) if !is_template(content) => {
            let is_made_of_names = |(name, value): (&String, &Json)| is_made_of_names(name, value);
            let is_other = |(name, list): (&String, &Json)| list.is_array() && name != VPCS_OF_ZONE;
            members.iter().any(is_made_of_names)
                && !members.iter().any(|member| is_other(member) && !is_made_of_names(member))
        }
        _ => false,
    }
}

/// Whether a value is a text, or an expression of a template.
fn is_text(value: &Json) -> bool {
    let is_function =
        |members: &Map<String, Json>| members.keys().all(|name| name == "Ref" || name.starts_with("Fn::"));
    value.is_string() || value.as_object().is_some_and(is_function)
}

/// Whether a value is an address or a block.
fn is_network(value: &Json) -> bool {
    value.as_str().is_some_and(|text| text.parse::<IpAddr>().is_ok() || text.parse::<IpNet>().is_ok())
}

#[cfg(test)]
mod tests;
