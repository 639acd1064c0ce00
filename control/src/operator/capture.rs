//! `classiclink capture`: packets at interfaces with their verdicts, in the cloud's terms.

use super::{Answer, Failure, Operator, Question, in_bytes};
use crate::explain::names::{self, Names};
use crate::explain::owners::{names_others, scope_of_host};
use crate::explain::{Namesakes, blame};
use crate::idle::when_idle;
use crate::link::LinkError;
use crate::pcapng::Packet;
use model::{Model, platform_host};
use serde::{Deserialize, Serialize};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;
use wire::{
    CaptureOrder, Captured, CapturedFlow, CapturedPackets, Direction, Entry, FlowRole, Instruction, Key, PackedPackets,
    PacketMeta, PortId, Reply, Request, Verdict, interface_name,
};

/// Replaces a host's name for a viewer of another account.
const OTHERS: &str = "a host of another account";
/// How many bytes of packets are fetched at a time.
const PAGE_BYTES: usize = 1 << 20;

/// Begins a capture. The answer is its number.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StartCapture {
    /// Only packets of these hosts. `None`: all.
    pub hosts: Option<Vec<String>>,
    /// Only packets that this classic BPF program accepts. An empty one accepts all.
    pub filter: Vec<Instruction>,
    /// How many bytes of each packet are kept.
    pub snap: u32,
    /// How many bytes may wait to be fetched.
    pub ring: u64,
}

/// Fetches the packets that a capture has. Each packet is fetched once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReadCapture {
    /// Its number.
    pub capture: u64,
}

/// Asks how many packets a capture has counted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CountCapture {
    /// Its number.
    pub capture: u64,
}

/// How many packets a capture has counted so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaptureCounts {
    /// All of them.
    pub seen: u64,
    /// Those that were lost, because they were not fetched in time.
    pub lost: u64,
}

/// Ends a capture.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EndCapture {
    /// Its number.
    pub capture: u64,
}

/// Captured packets.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct PacketRows {
    /// The packets.
    pub packets: PackedPackets,
    /// Their interfaces and verdicts, each once. `None` at hosts whose packets the viewer may not see.
    pub metas: Vec<Option<PacketMetaRow>>,
    /// The interfaces, each once.
    pub interfaces: Vec<InterfaceRow>,
    /// How many packets were lost so far, because they were not fetched in time.
    pub lost: u64,
    /// Whether more are waiting.
    pub more: bool,
}

/// Where packets were seen, and their verdict.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PacketMetaRow {
    /// The index of the interface.
    pub interface: u32,
    /// Whether the host sent them (rather than received them).
    pub sent: bool,
    /// Their verdict in words.
    pub comment: String,
}

/// An interface of a host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InterfaceRow {
    /// The host and the interface: `web eth0`.
    pub name: String,
    /// The host's id and Name.
    pub host: String,
}

impl PacketRows {
    /// The packets as a capture file has them, the oldest first. Those of several workers come in no order.
    pub fn in_order(&self) -> Vec<Packet<'_>> {
        let packets = self.packets.each().filter_map(|(Captured { at, length, meta }, bytes)| {
            let PacketMetaRow { interface, sent, comment } = self.metas.get(meta as usize)?.as_ref()?;
            let InterfaceRow { name: interface, host } = self.interfaces.get(*interface as usize)?;
            Some(Packet { at, interface, host, sent: *sent, length, bytes, comment })
        });
        let mut packets: Vec<_> = packets.collect();
        packets.sort_by_key(|packet| packet.at);
        packets
    }
}

impl Question for StartCapture {
    type Answer = u64;

    async fn answer(self, operator: &Operator) -> Result<u64, Failure> {
        let StartCapture { hosts, filter, snap, ring } = self;
        let named = |words: Vec<String>| {
            let host = |word: &String| operator.service.look(|model| names::host(model, word));
            words.iter().map(host).collect::<Result<Vec<_>, _>>()
        };
        let order = CaptureOrder { hosts: hosts.map(named).transpose()?, filter, snap, ring };
        match operator.service.link().ask_when_up(Request::Capture(order)).await? {
            Reply::Capturing(capture) => Ok(capture),
            other => Err(LinkError::unexpected(other).into()),
        }
    }
}

impl Question for ReadCapture {
    type Answer = PacketRows;

    async fn answer(self, operator: &Operator) -> Result<PacketRows, Failure> {
        operator.captured(self.capture, None).await
    }

    async fn reply(self, operator: &Operator) -> serde_json::Result<Vec<u8>> {
        let reply = match operator.page(self.capture).await {
            Ok(page) => when_idle(|| in_bytes(&page.described(None))).await.map_err(Failure::from).flatten(),
            Err(error) => Err(error),
        };
        reply.or_else(|error| Answer::<PacketRows>::from(Err(error)).line())
    }
}

impl Question for CountCapture {
    type Answer = CaptureCounts;

    async fn answer(self, operator: &Operator) -> Result<CaptureCounts, Failure> {
        let CapturedPackets { seen, lost, .. } = operator.captured_packets(self.capture, 0).await?;
        Ok(CaptureCounts { seen, lost })
    }
}

impl Question for EndCapture {
    type Answer = ();

    async fn answer(self, operator: &Operator) -> Result<(), Failure> {
        operator.service.link().ask_when_up(Request::EndCapture(self.capture)).await?;
        Ok(())
    }
}

impl Operator {
    /// The packets captured since the last page, described for the operator (`None`) or for an account. An account does
    /// not learn other accounts' names and addresses.
    pub(crate) async fn captured(&self, capture: u64, account: Option<&str>) -> Result<PacketRows, Failure> {
        let (page, account) = (self.page(capture).await?, account.map(str::to_owned));
        Ok(when_idle(move || page.described(account.as_deref())).await?)
    }

    /// About this many bytes of captured packets.
    async fn captured_packets(&self, capture: u64, most: usize) -> Result<CapturedPackets, Failure> {
        match self.service.link().ask_when_up(Request::Captured { capture, most }).await? {
            Reply::Captured(packets) => Ok(packets),
            other => Err(LinkError::unexpected(other).into()),
        }
    }

    async fn page(&self, capture: u64) -> Result<Page, Failure> {
        let page = self.captured_packets(capture, PAGE_BYTES).await?;
        let ports: BTreeSet<_> = page.metas.iter().flat_map(ports_of).collect();
        let interfaces = self.service.link().with_tables(|tables| {
            let number = |port| match tables.get(&Key::Port(port)) {
                Some(Entry::Port(_, port)) => port.interface,
                _ => 0,
            };
            ports.into_iter().map(|port| (port, number(port))).collect()
        });
        Ok(Page { page, interfaces, model: self.service.look(Model::clone) })
    }

    /// The ports that a host has now.
    pub(super) fn ports(&self, host: &str) -> Vec<PortId> {
        let is_its = |entry: &Entry| match entry {
            Entry::Port(id, port) if port.host == host => Some(*id),
            _ => None,
        };
        self.service.link().with_tables(|tables| tables.entries().filter_map(is_its).collect())
    }
}

/// Captured packets, with copies of everything that their description needs.
struct Page {
    page: CapturedPackets,
    /// The ports' indices in the lists of their hosts' interfaces.
    interfaces: BTreeMap<PortId, u16>,
    model: Model,
}

impl Page {
    /// The packets, described for the operator (`None`) or for an account.
    fn described(self, account: Option<&str>) -> PacketRows {
        let Self { page, interfaces, model } = self;
        let describer = Describer::of(&model, account, &interfaces);
        let metas = page.metas.iter().map(|meta| describer.meta(meta)).collect();
        let interfaces = describer.interfaces();
        PacketRows { packets: page.packets, metas, interfaces, lost: page.lost, more: page.more }
    }
}

/// The port that saw a packet, and the other port that its verdict names.
fn ports_of(PacketMeta { port, verdict, .. }: &PacketMeta) -> impl Iterator<Item = PortId> {
    let other = match verdict {
        Verdict::Forwarded { to: other, .. } | Verdict::Delivered { from: other, .. } => Some(*other),
        Verdict::Dropped(_) | Verdict::Answer => None,
    };
    other.into_iter().chain([*port])
}

/// Describes packets for a viewer. There may be many thousand verdicts, but few ports and flows of one kind.
struct Describer<'a> {
    model: &'a Model,
    names: Names<'a>,
    namesakes: Namesakes<'a>,
    /// The viewer's account. `None` for the operator, who may know everything.
    account: Option<&'a str>,
    /// The ports' indices in the lists of their hosts' interfaces.
    interfaces: &'a BTreeMap<PortId, u16>,
    /// The ports that were described.
    ports: RefCell<HashMap<PortId, Rc<PortWords>>>,
    /// The flows that were described.
    flows: RefCell<HashMap<CapturedFlow, Rc<str>>>,
    /// Texts, and whether the viewer may see them.
    known: RefCell<HashMap<String, bool>>,
}

/// A port in words.
struct PortWords {
    /// Its index among all that were described.
    index: u32,
    row: InterfaceRow,
    /// Whether the viewer may know its host: it belongs to the viewer's account, is outside the cloud, or is the platform.
    may_name: bool,
}

impl<'a> Describer<'a> {
    fn of(model: &'a Model, account: Option<&'a str>, interfaces: &'a BTreeMap<PortId, u16>) -> Self {
        let instances = model.instances.iter().filter(|instance| instance.has_host());
        let instances = instances.map(|instance| (&instance.id, instance.tags.get("Name")));
        let namesakes = Namesakes::among(instances.chain(model.hosts.iter().map(|host| (&host.name, None))));
        let names = Names::of(model);
        let (ports, flows, known) = Default::default();
        Self { model, names, namesakes, account, interfaces, ports, flows, known }
    }

    /// The interfaces that the descriptions name.
    fn interfaces(self) -> Vec<InterfaceRow> {
        let mut ports: Vec<_> = self.ports.into_inner().into_values().collect();
        ports.sort_unstable_by_key(|port| port.index);
        ports.iter().map(|port| port.row.clone()).collect()
    }

    /// Where packets were seen, and their verdict. `None` at another account's host: there they have its private address.
    fn meta(&self, PacketMeta { port, direction, verdict }: &PacketMeta) -> Option<PacketMetaRow> {
        let port = self.port(*port);
        port.may_name.then(|| PacketMetaRow {
            interface: port.index,
            sent: *direction == Direction::Egress,
            comment: self.verdict(verdict),
        })
    }

    fn port(&self, port: PortId) -> Rc<PortWords> {
        let mut ports = self.ports.borrow_mut();
        let index = ports.len() as u32;
        let described = ports.entry(port).or_insert_with(|| {
            let (host, name) = self.names.port(port);
            let interface = interface_name(self.interfaces.get(&port).copied().unwrap_or_default());
            let may_name = self.may_name(&host);
            let name = format!("{} {interface}", self.namesakes.shown(&host, name.as_ref()));
            let row = InterfaceRow { name, host: self.names.host(port) };
            Rc::new(PortWords { index, row, may_name })
        });
        Rc::clone(described)
    }

    fn may_name(&self, host: &str) -> bool {
        let Some(account) = self.account else { return true };
        match scope_of_host(self.model, host) {
            Some(owner) => owner.account == account,
            // A host that is gone may have been another account's.
            None => host == platform_host::HOST || self.model.hosts.get(host).is_some(),
        }
    }

    /// A text, unless it names something of another account.
    fn if_own(&self, words: String) -> Option<String> {
        let Some(account) = self.account else { return Some(words) };
        let mut known = self.known.borrow_mut();
        let is_own = *known.entry(words.clone()).or_insert_with(|| !names_others(self.model, account, &words));
        is_own.then_some(words)
    }

    fn verdict(&self, verdict: &Verdict) -> String {
        match verdict {
            Verdict::Forwarded { to, sent, delivered, flow, .. } => {
                let (to, flow) = (self.port(*to), self.flow(flow.as_ref()));
                match to.may_name {
                    // A translated address hides another host's private address.
                    false => format!("goes to {OTHERS}{flow}"),
                    true if sent == delivered => format!("goes to {}{flow}", to.row.name),
                    true => format!("goes to {} as {delivered}{flow}", to.row.name),
                }
            }
            Verdict::Delivered { from, sent, flow, .. } => {
                let (from, flow) = (self.port(*from), self.flow(flow.as_ref()));
                match from.may_name {
                    false => format!("from {OTHERS}{flow}"),
                    true => format!("from {}, sent as {sent}{flow}", from.row.name),
                }
            }
            Verdict::Dropped(drop) => match self.if_own(blame(&self.names, *drop)) {
                Some(why) => format!("dropped ({}): {why}", drop.reason),
                None => format!("dropped ({})", drop.reason),
            },
            Verdict::Answer => "the network's own answer to a dropped packet".to_owned(),
        }
    }

    fn flow(&self, flow: Option<&CapturedFlow>) -> Rc<str> {
        let Some(flow) = flow else { return "".into() };
        if let Some(known) = self.flows.borrow().get(flow) {
            return Rc::clone(known);
        }
        let CapturedFlow { state, role, admitted: [out, inward] } = flow;
        let which = match role {
            FlowRole::Forward => "part of",
            FlowRole::Reply => "a reply on",
            FlowRole::Error => "about",
        };
        let mut words = format!("; {which} a connection (now {state})");
        for (way, rule) in [("out", out), ("in", inward)] {
            let rule = rule.and_then(|(filter, rule)| self.names.admitting(filter, rule));
            if let Some(rule) = rule.and_then(|rule| self.if_own(rule)) {
                words += &format!("; {way} by {rule}");
            }
        }
        let words: Rc<str> = words.into();
        self.flows.borrow_mut().insert(flow.clone(), Rc::clone(&words));
        words
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{Caller, Launch, Scope, Tags, Time};
    use wire::{AttachmentId, Culprit, Drop, DropReason, FilterId, FiveTuple, ICMP, RuleId, SERVICES};

    /// Two instances with these names, of different accounts.
    fn launched(names: [&str; 2]) -> Model {
        let mut model = Model::new(1);
        for (account, name) in ["111122223333", "444455556666"].into_iter().zip(names) {
            let scope = Scope { account: account.into(), region: "us-east-1".into() };
            let tags = Tags::from([("Name".into(), name.into())]);
            let launch = Launch { instance_type: "m1.small".into(), least: 1, most: 1, tags, ..Launch::default() };
            model.run_instances(&Caller::of_account(scope, Time(0)), launch).unwrap();
        }
        model
    }

    fn two_accounts() -> (Model, [PortId; 2]) {
        let model = launched(["web", "secret"]);
        let port = |name: &str| {
            let mut all = model.instances.iter();
            PortId(all.find(|one| one.tags.get("Name").is_some_and(|tag| tag == name)).unwrap().port)
        };
        let ports = ["web", "secret"].map(port);
        (model, ports)
    }

    #[test]
    fn an_account_does_not_learn_others_names_and_addresses() {
        let (model, [web, secret]) = two_accounts();
        let others: Vec<String> = model
            .instances
            .iter()
            .filter(|instance| instance.scope.account == "444455556666")
            .flat_map(|instance| {
                let place = instance.classic().unwrap();
                [instance.id.clone(), place.private.unwrap().to_string(), place.groups[0].clone(), "secret".into()]
            })
            .collect();
        let private = |name: &str| {
            let mut all = model.instances.iter();
            all.find(|one| one.tags["Name"] == name).unwrap().classic().unwrap().private.unwrap()
        };
        let group = |account: &str| {
            let mut groups = model.security_groups.iter().filter(|group| group.vpc.is_none());
            groups.find(|group| group.scope.account == account).unwrap()
        };
        let tuple = |source, destination| FiveTuple {
            source,
            destination,
            protocol: ICMP,
            source_port: 0,
            destination_port: 0,
        };
        let public = [203, 0, 113, 9].into();
        let (own, theirs) = (private("web"), private("secret"));
        let rule = group("444455556666").rules.first().map_or(RuleId(0), |rule| RuleId(rule.number()));
        let admitted = [None, Some((FilterId(group("444455556666").number), rule))];
        let flow = CapturedFlow { state: "established".into(), role: FlowRole::Forward, admitted };
        let secret_place = model.instances.iter().find(|one| one.tags["Name"] == "secret").unwrap().classic().unwrap();
        let culprit = Culprit::Attachment(AttachmentId(secret_place.attachment));
        let verdicts = [
            Verdict::Forwarded {
                to: secret,
                sent: tuple(own, public),
                delivered: tuple(public, theirs),
                quoted: None,
                flow: Some(flow.clone()),
            },
            Verdict::Delivered { from: secret, sent: tuple(theirs, public), quoted: None, flow: Some(flow) },
            Verdict::Dropped(Drop::new(DropReason::IngressFilter, culprit)),
        ];
        let described = |account, verdict: &Verdict| Describer::of(&model, account, &BTreeMap::new()).verdict(verdict);
        for verdict in &verdicts {
            let words = described(Some("111122223333"), verdict);
            assert!(others.iter().all(|other| !words.contains(other.as_str())), "{words}");
            let all = described(None, verdict);
            assert!(others.iter().any(|other| all.contains(other.as_str())), "{all}");
        }
        let own = Verdict::Delivered { from: web, sent: tuple(own, public), quoted: None, flow: None };
        assert_eq!(described(Some("111122223333"), &own), described(None, &own));
    }

    /// At the receiver's interface a packet has its private address.
    #[test]
    fn an_account_does_not_see_packets_at_others_interfaces() {
        let (model, [web, secret]) = two_accounts();
        let interfaces = BTreeMap::new();
        let verdict = Verdict::Dropped(Drop::new(DropReason::Martian, Culprit::Packet));
        let at = |port| PacketMeta { port, direction: Direction::Ingress, verdict: verdict.clone() };
        let theirs = Describer::of(&model, Some("111122223333"), &interfaces);
        let everyones = Describer::of(&model, None, &interfaces);
        let gone = PortId(9999);
        for (port, is_seen) in [(web, true), (SERVICES, true), (secret, false), (gone, false)] {
            assert_eq!(theirs.meta(&at(port)).is_some(), is_seen, "{port}");
            assert!(everyones.meta(&at(port)).is_some(), "{port}");
        }
    }

    #[test]
    fn an_icmp_error_is_about_a_connection() {
        let (model, interfaces) = (launched(["web", "db"]), BTreeMap::new());
        let flow = |role| CapturedFlow { state: "new".into(), role, admitted: [None; 2] };
        let words = [FlowRole::Forward, FlowRole::Reply, FlowRole::Error]
            .map(|role| Describer::of(&model, None, &interfaces).flow(Some(&flow(role))).to_string());
        let expected = ["; part of a connection", "; a reply on a connection", "; about a connection"];
        assert_eq!(words, expected.map(|words| format!("{words} (now new)")));
    }

    #[test]
    fn namesakes_have_interfaces_of_their_own() {
        let (model, interfaces) = (launched(["twin", "twin"]), BTreeMap::new());
        let describer = Describer::of(&model, None, &interfaces);
        for twin in model.instances.iter() {
            assert_eq!(describer.port(PortId(twin.port)).row.name, format!("{} eth0", twin.id));
        }
    }

    #[test]
    fn packets_of_several_workers_are_in_order() {
        let mut packets = PackedPackets::default();
        for (at, meta, kept) in [(5, 0, b"h"), (7, 1, b"d"), (6, 1, b"b"), (4, 1, b"a"), (5, 1, b"c")] {
            packets.push(Captured { at, length: 9, meta }, kept);
        }
        let interfaces = vec![InterfaceRow { name: "web eth0".into(), host: "i-1 (web)".into() }];
        let verdict = PacketMetaRow { interface: 0, sent: true, comment: String::new() };
        let rows = PacketRows { packets, metas: vec![None, Some(verdict)], interfaces, ..PacketRows::default() };
        let bytes: Vec<_> = rows.in_order().iter().map(|packet| packet.bytes[0]).collect();
        assert_eq!(bytes, *b"acbd");
    }
}
