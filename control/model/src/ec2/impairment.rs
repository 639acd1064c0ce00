//! Network impairments of hosts, and their textual form.

use crate::ec2::instance_type::SMALLEST_MTU;
use crate::{Error, Model, Result};
use ipnet::Ipv4Net;
use std::collections::BTreeMap;
use std::fmt::{self, Write};
use std::net::Ipv4Addr;
use std::time::Duration;
use wire::{Direction, Impairment, Impairments, Share};

/// The tag of an instance that impairs its network: `delay=50ms,loss=1%`.
pub const IMPAIR_TAG: &str = "classiclink:impair";

/// The longest delay.
const LONGEST: Duration = Duration::from_secs(60);
/// The units of rates in bits a second, the largest first.
const RATES: [(&str, u64); 4] = [("gbit", 1_000_000_000), ("mbit", 1_000_000), ("kbit", 1000), ("bit", 1)];
/// The highest rate in bits a second.
const FASTEST: f64 = 1e15;
/// What a time may be.
const TIME_HELP: &str = "Give a time of a minute at most: 50ms, 1.5ms, 2s.";
/// What a share of packets may be.
const SHARE_HELP: &str = "Give a share of packets between 0% and 100%, in steps of 0.0001%: 1%, 0.05%.";
/// What a rate may be.
const RATE_HELP: &str = "Give a rate in bit, kbit, mbit or gbit a second: 64kbit, 1.5mbit.";
/// What an MTU may be.
const MTU_HELP: &str = "Give an MTU between 576 and 65535 bytes: 1400.";
/// What a seed may be.
const SEED_HELP: &str = "Give a whole number: 7.";
/// The help for the textual form.
const HELP: &str = "Give delay=50ms, jitter=5ms, loss=1%, reorder=1%, duplicate=1%, corrupt=1%, rate=10mbit, mtu=1400 or seed=7, \
                    separated by commas. from.loss=1% concerns only packets that the host sends, to.loss=1% only those that it \
                    receives. 10.0.0.0/8:delay=50ms or i-1234567890abcdef0:loss=1% concerns one path; paths are separated by \
                    semicolons.";

/// The impairments of a host.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HostImpairments {
    /// The impairments of all its packets.
    pub all: Impairments,
    /// The additional impairments of packets on a path, by its other end.
    pub paths: BTreeMap<PathEnd, Impairments>,
}

/// The other end of a path: a prefix, an instance's id, or another host's name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PathEnd {
    /// The addresses of a prefix.
    Net(Ipv4Net),
    /// A host.
    Host(String),
}

impl PathEnd {
    /// Parses the other end of a path. An address is a prefix, too.
    pub fn of(words: &str) -> Self {
        let net = words.parse::<Ipv4Net>().map(|net| net.trunc());
        let net = net.or_else(|_| words.parse::<Ipv4Addr>().map(Ipv4Net::from));
        net.map_or_else(|_| Self::Host(words.to_owned()), Self::Net)
    }
}

impl fmt::Display for PathEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Net(net) if net.prefix_len() == 32 => net.addr().fmt(f),
            Self::Net(net) => net.fmt(f),
            Self::Host(name) => f.write_str(name),
        }
    }
}

impl HostImpairments {
    /// Sets the impairments of all paths or of one. Without impairments it removes them.
    pub fn set(&mut self, path: Option<PathEnd>, way: Option<Direction>, what: Impairments) {
        let Some(path) = path else {
            if what == Impairments::default() {
                self.paths.clear();
            }
            self.all = what;
            return;
        };
        let there = self.paths.entry(path).or_default();
        if way != Some(Direction::Ingress) {
            there.from = what.from;
        }
        if way != Some(Direction::Egress) {
            there.to = what.to;
        }
        self.paths.retain(|_, there| *there != Impairments::default());
    }
}

fn wrong(word: &str, help: &'static str) -> Error {
    Error::ImpairmentWord { word: word.to_owned(), tag: IMPAIR_TAG, help }
}

/// Reads the impairments of a host: `delay=5ms;10.0.0.0/8:loss=1%`. Those of one path stand behind its
/// other end.
///
/// # Errors
/// What is wrong with them, and what can be said.
pub fn parse_impairments(text: &str) -> Result<HostImpairments> {
    let mut bad = HostImpairments::default();
    for part in text.split(';').map(str::trim).filter(|part| !part.is_empty()) {
        match part.split_once(':').map(|(end, words)| (end.trim(), words)) {
            Some((end, words)) if !end.is_empty() && !end.contains(['=', ',', ' ']) => {
                bad.set(Some(PathEnd::of(end)), None, parse_directions(words)?);
            }
            _ => bad.all = parse_directions(part)?,
        }
    }
    Ok(bad)
}

/// Reads the impairments of one path or of all: `delay=50ms,from.loss=1%`.
///
/// # Errors
/// The word that is wrong, and the words that there are.
pub fn parse_directions(text: &str) -> Result<Impairments> {
    let mut all = Impairments::default();
    for word in text.split([',', ' ']).filter(|word| !word.is_empty()) {
        let (name, value) = word.split_once('=').ok_or_else(|| wrong(word, HELP))?;
        let set = match name.split_once('.') {
            Some(("from", name)) => set(&mut all.from, name, value),
            Some(("to", name)) => set(&mut all.to, name, value),
            Some(_) => Err(HELP),
            None => set(&mut all.from, name, value).and_then(|()| set(&mut all.to, name, value)),
        };
        set.map_err(|help| wrong(word, help))?;
    }
    Ok(all)
}

/// Changes one setting.
///
/// # Errors
/// What the setting takes, or the settings that there are.
fn set(impairment: &mut Impairment, name: &str, value: &str) -> std::result::Result<(), &'static str> {
    match name {
        "delay" => impairment.delay = time(value).ok_or(TIME_HELP)?,
        "jitter" => impairment.jitter = time(value).ok_or(TIME_HELP)?,
        "loss" => impairment.loss = share(value).ok_or(SHARE_HELP)?,
        "reorder" => impairment.reorder = share(value).ok_or(SHARE_HELP)?,
        "duplicate" => impairment.duplicate = share(value).ok_or(SHARE_HELP)?,
        "corrupt" => impairment.corrupt = share(value).ok_or(SHARE_HELP)?,
        "rate" => impairment.rate = Some(rate(value).ok_or(RATE_HELP)?),
        "mtu" => impairment.mtu = Some(value.parse().ok().filter(|mtu| *mtu >= SMALLEST_MTU).ok_or(MTU_HELP)?),
        "seed" => impairment.seed = Some(value.parse().map_err(|_| SEED_HELP)?),
        _ => return Err(HELP),
    }
    Ok(())
}

/// `50ms`, `1.5ms`.
fn time(text: &str) -> Option<Duration> {
    humantime::parse_duration(text).ok().filter(|time| *time <= LONGEST)
}

/// `1%`, `0.05%`. A share that is too small to be told from none is refused.
fn share(text: &str) -> Option<Share> {
    let percent: f64 = text.strip_suffix('%')?.parse().ok()?;
    let share = Share::millionths((percent * 10_000.0).round() as u32);
    ((0.0..=100.0).contains(&percent) && (percent == 0.0 || share != Share::NONE)).then_some(share)
}

/// `10mbit`, `1.5mbit`, `64Kbit`.
fn rate(text: &str) -> Option<u64> {
    let text = text.to_ascii_lowercase();
    let (number, unit) = RATES.iter().find_map(|(word, unit)| Some((text.strip_suffix(word)?, unit)))?;
    let rate = number.parse::<f64>().ok()? * *unit as f64;
    (1.0..=FASTEST).contains(&rate).then_some(rate.round() as u64)
}

/// The textual form of a host's impairments, as [`parse_impairments`] reads it.
pub fn impairments_text(bad: &HostImpairments) -> String {
    let all = Some(directions_text(&bad.all)).filter(|all| !all.is_empty());
    let paths = bad.paths.iter().map(|(end, there)| format!("{end}:{}", directions_text(there)));
    all.into_iter().chain(paths).collect::<Vec<_>>().join(";")
}

/// The textual form of the impairments of a path, as [`parse_directions`] reads it.
pub fn directions_text(all: &Impairments) -> String {
    if all.from == all.to {
        return impairment_text(&all.from, "");
    }
    let directions = [impairment_text(&all.from, "from."), impairment_text(&all.to, "to.")];
    directions.into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(",")
}

/// The textual form of an impairment in one direction, with `prefix` before each setting.
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

/// The impairments in a stored text. Empty if the text is invalid.
pub fn impairments_of(text: Option<&String>) -> HostImpairments {
    text.and_then(|text| parse_impairments(text).ok()).unwrap_or_default()
}

impl Model {
    /// Changes the impairments of a host, by its name or its instance's id.
    ///
    /// # Errors
    /// If there is no such host.
    pub fn impair(&mut self, host: &str, change: impl FnOnce(&mut HostImpairments)) -> Result<()> {
        let changed = |words: Option<&String>| {
            let mut bad = impairments_of(words);
            change(&mut bad);
            Some(impairments_text(&bad)).filter(|text| !text.is_empty())
        };
        if let Some(instance) = self.instances.get_mut(host) {
            match changed(instance.tags.get(IMPAIR_TAG)) {
                Some(text) => instance.tags.insert(IMPAIR_TAG.to_owned(), text),
                None => instance.tags.shift_remove(IMPAIR_TAG),
            };
        } else if let Some(outside) = self.hosts.get_mut(host) {
            outside.impairment = changed(outside.impairment.as_ref());
        } else if let Some(managed) = self.managed_hosts.get_mut(host) {
            managed.impairment = changed(managed.impairment.as_ref());
        } else {
            return Err(Error::NoSuchHost { name: host.into() });
        }
        Ok(())
    }

    /// The ports of a host, by its name or its instance's id.
    pub fn ports_of(&self, host: &str) -> Vec<u32> {
        let instance = self.instances.get(host).map(|instance| match instance.vpc() {
            None => vec![instance.port],
            Some(place) => {
                let interfaces = place.interfaces.iter().filter_map(|id| self.network_interfaces.get(id));
                interfaces.filter_map(|interface| Some(interface.attachment.as_ref()?.port)).collect()
            }
        });
        let outside = || self.hosts.get(host).map(|host| vec![host.port]);
        let managed = || self.managed_hosts.get(host).map(|host| vec![host.port]);
        instance.or_else(outside).or_else(managed).unwrap_or_default()
    }

    /// The hosts with impairments: an instance's id or a host's name, and the textual form.
    pub fn impaired(&self) -> impl Iterator<Item = (&str, String)> {
        let instances = self.instances.iter().filter(|instance| instance.has_host());
        let instances = instances.map(|instance| (instance.id.as_str(), instance.tags.get(IMPAIR_TAG)));
        let hosts = self.hosts.iter().map(|host| (host.name.as_str(), host.impairment.as_ref()));
        let managed = self.managed_hosts.iter().map(|host| (host.id.as_str(), host.impairment.as_ref()));
        instances.chain(hosts).chain(managed).filter_map(|(host, text)| Some((host, text?.clone())))
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
            "delay=5ms;10.0.0.0/8:delay=50ms;10.1.2.3:loss=1%;i-1234567890abcdef0:from.loss=5%,to.delay=1s;visitor:mtu=1200",
            "db:loss=100%",
        ] {
            let all = parse_impairments(text).unwrap();
            assert_eq!(impairments_text(&all), text);
        }
        let both = parse_impairments("delay=5ms").unwrap();
        assert_eq!(both.all.from, both.all.to);
        assert_eq!(parse_impairments("delay=5ms loss=1%"), parse_impairments("delay=5ms,loss=1%"));
        assert_eq!(parse_impairments("rate=1.5Mbit,delay=1.5ms"), parse_impairments("rate=1500kbit,delay=1500us"));
        assert_eq!(parse_impairments(""), Ok(HostImpairments::default()));
        assert_eq!(
            parse_impairments(" ; 10.9.8.7/8 : delay=5ms loss=1% ;"),
            parse_impairments("10.0.0.0/8:delay=5ms,loss=1%")
        );
    }

    #[test]
    fn a_path_is_set_one_way_or_both_and_all_goes_at_once() {
        let (slow, lossy) = (parse_directions("delay=5ms").unwrap(), parse_directions("from.loss=1%").unwrap());
        let mut bad = parse_impairments("delay=1s").unwrap();
        let db = || Some(PathEnd::of("db"));
        bad.set(db(), None, slow);
        bad.set(db(), Some(Direction::Egress), lossy);
        assert_eq!(impairments_text(&bad), "delay=1s;db:from.loss=1%,to.delay=5ms");
        bad.set(db(), Some(Direction::Ingress), Impairments::default());
        bad.set(None, None, slow);
        assert_eq!(impairments_text(&bad), "delay=5ms;db:from.loss=1%");
        bad.set(db(), None, Impairments::default());
        assert_eq!(impairments_text(&bad), "delay=5ms");
        bad.set(db(), None, slow);
        bad.set(None, None, Impairments::default());
        assert_eq!(bad, HostImpairments::default());
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
            "loss=0.00001%",
            "rate=0bit",
            "rate=0.4bit",
            "rate=-1mbit",
            "rate=NaNmbit",
            "rate=infgbit",
            "rate=10",
            "mtu=500",
            "mtu=70000",
            "colour=red",
            "up.delay=1ms",
            "rate=99999999999999gbit",
            ":delay=5ms",
            "db:delay=2m",
            "db:colour=red",
            "db delay=1ms:loss=1%",
        ] {
            assert!(parse_impairments(text).is_err(), "{text}");
        }
        for (word, help) in [
            ("dealy=5ms", "delay=50ms"),
            ("50ms", "delay=50ms"),
            ("delay=2m", "a minute at most"),
            ("loss=1", "0.05%"),
            ("rate=10mb", "kbit"),
            ("mtu=100", "576"),
            ("seed=x", "whole number"),
        ] {
            let told = parse_impairments(word).unwrap_err().to_string();
            assert!(told.contains(word) && told.contains(help), "{told}");
        }
    }
}
