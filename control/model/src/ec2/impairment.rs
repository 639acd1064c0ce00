//! Bad networks of hosts: the words for them, and who has one.

use crate::ec2::instance::SMALLEST_MTU;
use crate::{Error, Model, Result};
use std::fmt::Write;
use std::time::Duration;
use wire::{Impairment, Impairments, Share};

/// A tag of an instance that asks for a bad network: `delay=50ms,loss=1%`.
pub const IMPAIR_TAG: &str = "classiclink:impair";

/// The longest delay.
const LONGEST: Duration = Duration::from_secs(60);
/// The words for bits a second, the largest first.
const RATES: [(&str, u64); 4] = [("gbit", 1_000_000_000), ("mbit", 1_000_000), ("kbit", 1000), ("bit", 1)];
/// What can be said.
const HELP: &str = "Say delay=50ms, jitter=5ms, loss=1%, reorder=1%, duplicate=1%, corrupt=1%, rate=10mbit, mtu=1400 or seed=7, \
                    with commas between, and from. before what concerns only what the host sends, to. before what concerns only \
                    what it is given.";

/// The bad network that these words ask for.
///
/// # Errors
/// What is wrong with them, and what can be said.
pub fn parse_impairments(text: &str) -> Result<Impairments> {
    let wrong = |word: &str, why: &str| Error::InvalidValueWhy {
        name: IMPAIR_TAG.into(),
        value: word.into(),
        why: if why.is_empty() { HELP.to_owned() } else { why.to_owned() },
    };
    let mut all = Impairments::default();
    for word in text.split([',', ' ']).filter(|word| !word.is_empty()) {
        let (name, value) = word.split_once('=').ok_or_else(|| wrong(word, ""))?;
        let ways = match name.split_once('.') {
            Some(("from", name)) => set(&mut all.from, name, value),
            Some(("to", name)) => set(&mut all.to, name, value),
            Some(_) => None,
            None => set(&mut all.from, name, value).and_then(|()| set(&mut all.to, name, value)),
        };
        ways.ok_or_else(|| wrong(word, ""))?;
    }
    for Impairment { delay, jitter, .. } in [all.from, all.to] {
        if delay > LONGEST || jitter > LONGEST {
            return Err(wrong(text, "A packet is under way for a minute at most."));
        }
    }
    Ok(all)
}

fn set(impairment: &mut Impairment, name: &str, value: &str) -> Option<()> {
    match name {
        "delay" => impairment.delay = humantime::parse_duration(value).ok()?,
        "jitter" => impairment.jitter = humantime::parse_duration(value).ok()?,
        "loss" => impairment.loss = share(value)?,
        "reorder" => impairment.reorder = share(value)?,
        "duplicate" => impairment.duplicate = share(value)?,
        "corrupt" => impairment.corrupt = share(value)?,
        "rate" => impairment.rate = Some(rate(value)?),
        "mtu" => impairment.mtu = Some(value.parse().ok().filter(|mtu| *mtu >= SMALLEST_MTU)?),
        "seed" => impairment.seed = Some(value.parse().ok()?),
        _ => return None,
    }
    Some(())
}

/// `1%`, `0.05%`.
fn share(text: &str) -> Option<Share> {
    let percent: f64 = text.strip_suffix('%')?.parse().ok()?;
    (0.0..=100.0).contains(&percent).then(|| Share::millionths((percent * 10_000.0).round() as u32))
}

/// `10mbit`, `64kbit`.
fn rate(text: &str) -> Option<u64> {
    let (number, unit) = RATES.iter().find_map(|(word, unit)| Some((text.strip_suffix(word)?, unit)))?;
    number.parse::<u64>().ok()?.checked_mul(*unit).filter(|rate| *rate > 0)
}

/// A bad network in the words that ask for it.
pub fn impairments_text(all: &Impairments) -> String {
    if all.from == all.to {
        return impairment_text(&all.from, "");
    }
    let ways = [impairment_text(&all.from, "from."), impairment_text(&all.to, "to.")];
    ways.into_iter().filter(|way| !way.is_empty()).collect::<Vec<_>>().join(",")
}

/// What happens one way, in the words that ask for it, each of them behind `prefix`.
pub fn impairment_text(impairment: &Impairment, prefix: &str) -> String {
    let Impairment { delay, jitter, loss, reorder, duplicate, corrupt, rate, mtu, seed } = *impairment;
    let mut text = String::new();
    let mut say = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            let comma = if text.is_empty() { "" } else { "," };
            let _ = write!(text, "{comma}{prefix}{name}={value}");
        }
    };
    let time =
        |time: Duration| (!time.is_zero()).then(|| humantime::format_duration(time).to_string().replace(' ', ""));
    let percent =
        |share: Share| (share != Share::NONE).then(|| format!("{}%", f64::from(share.as_millionths()) / 10_000.0));
    say("delay", time(delay));
    say("jitter", time(jitter));
    say("loss", percent(loss));
    say("reorder", percent(reorder));
    say("duplicate", percent(duplicate));
    say("corrupt", percent(corrupt));
    say("rate", rate.map(rate_text));
    say("mtu", mtu.map(|mtu| mtu.to_string()));
    say("seed", seed.map(|seed| seed.to_string()));
    text
}

fn rate_text(rate: u64) -> String {
    let largest = RATES.iter().find(|(_, unit)| rate.is_multiple_of(*unit));
    largest.map_or_else(String::new, |(word, unit)| format!("{}{word}", rate / unit))
}

/// The bad network that stored words ask for. What came past the check asks for nothing.
pub fn impairments_of(text: Option<&String>) -> Option<Impairments> {
    let all = parse_impairments(text?).ok()?;
    (all != Impairments::default()).then_some(all)
}

impl Model {
    /// Gives a host a bad network, by its name or its instance's id, or with `None` a good one again.
    pub fn impair(&mut self, host: &str, impairments: Option<&Impairments>) -> Result<()> {
        let text = impairments.map(impairments_text).filter(|text| !text.is_empty());
        if let Some(instance) = self.instances.get_mut(host) {
            match text {
                Some(text) => instance.tags.insert(IMPAIR_TAG.to_owned(), text),
                None => instance.tags.remove(IMPAIR_TAG),
            };
        } else if let Some(outside) = self.hosts.get_mut(host) {
            outside.impairment = text;
        } else if let Some(managed) = self.managed_hosts.get_mut(host) {
            managed.impairment = text;
        } else {
            return Err(Error::NoSuchHost { name: host.into() });
        }
        Ok(())
    }

    /// Every host that has a bad network: an instance's id or a host's name, and the words for it.
    pub fn impaired(&self) -> impl Iterator<Item = (&str, &str)> {
        let instances = self.instances.iter().filter(|instance| instance.has_host());
        let instances = instances.map(|instance| (instance.id.as_str(), instance.tags.get(IMPAIR_TAG)));
        let hosts = self.hosts.iter().map(|host| (host.name.as_str(), host.impairment.as_ref()));
        let managed = self.managed_hosts.iter().map(|host| (host.id.as_str(), host.impairment.as_ref()));
        instances.chain(hosts).chain(managed).filter_map(|(host, text)| Some((host, text?.as_str())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_can_be_told_in_the_same_words() {
        for text in [
            "delay=50ms,jitter=5ms,loss=1%",
            "from.delay=1s,to.loss=0.05%,to.rate=64kbit",
            "reorder=2%,duplicate=1%,corrupt=100%,rate=10mbit,mtu=1400,seed=7",
            "from.delay=20ms,from.rate=2500bit,to.delay=20ms",
        ] {
            let all = parse_impairments(text).unwrap();
            assert_eq!(impairments_text(&all), text);
        }
        let both = parse_impairments("delay=5ms").unwrap();
        assert_eq!(both.from, both.to);
        assert_eq!(parse_impairments("delay=5ms loss=1%"), parse_impairments("delay=5ms,loss=1%"));
        assert_eq!(parse_impairments(""), Ok(Impairments::default()));
    }

    #[test]
    fn what_cannot_be_is_refused_with_what_can() {
        for text in [
            "delay",
            "delay=",
            "delay=fast",
            "delay=2m",
            "loss=1",
            "loss=101%",
            "loss=-1%",
            "loss=NaN%",
            "rate=0bit",
            "rate=10",
            "mtu=500",
            "mtu=70000",
            "colour=red",
            "up.delay=1ms",
            "rate=99999999999999gbit",
        ] {
            assert!(parse_impairments(text).is_err(), "{text}");
        }
        let told = parse_impairments("dealy=5ms").unwrap_err().to_string();
        assert!(told.contains("dealy=5ms") && told.contains("delay=50ms"), "{told}");
    }
}
