//! Requests of the API: every request gets an answer in well-formed XML, and a refused change leaves nothing behind.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod calls;

use bolero::{TypeGenerator, check};
use calls::{BEGINNING, CALLS, NAMES, ODD};
use control::api::{self, Reply, Request};
use fuzz::Tally;
use model::{InstanceHost, Model, Time};
use quick_xml::events::Event;
use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::time::Duration;

/// What happens before a request.
#[derive(Clone, Debug, TypeGenerator)]
enum Meanwhile {
    Nothing,
    /// Hosts come up and go.
    Hosts,
    /// The clock is advanced by this power of two in milliseconds.
    Clock(#[generator(0u8..64)] u8),
}

/// A nearly valid request.
#[derive(Clone, Debug, TypeGenerator)]
struct Call {
    #[generator(0..CALLS.len())]
    call: usize,
    /// Which of the known ids it uses.
    ids: [u8; 4],
    mutation: Option<Mutation>,
    second_mutation: Option<Mutation>,
    #[generator(0u8..12)]
    caller: u8,
}

/// A change of one of its parameters.
#[derive(Clone, Debug, TypeGenerator)]
enum Mutation {
    Value(u8, #[generator(0..ODD.len())] usize),
    Append(u8, #[generator(0..ODD.len())] usize),
    Text(u8, String),
    Long(u8, u16),
    Name(u8, #[generator(0..NAMES.len())] usize),
    Below(u8, #[generator(0..NAMES.len())] usize),
    More(#[generator(0..NAMES.len())] usize, #[generator(0..ODD.len())] usize),
    Drop(u8),
    /// The parameters of another call are added.
    Graft(#[generator(0..CALLS.len())] usize),
    Dry,
}

#[test]
fn refused_requests_change_nothing() {
    let tally = Tally::new("requests::refused_requests_change_nothing", "requests");
    let beginning = Cloud::new();
    check!().with_type::<Vec<(Meanwhile, Call)>>().for_each(|steps| {
        let mut cloud = beginning.clone();
        for (meanwhile, call) in steps.iter().take(40) {
            tally.add(1);
            match meanwhile {
                Meanwhile::Nothing => {}
                Meanwhile::Hosts => cloud.settle_hosts(),
                Meanwhile::Clock(power) => cloud.model.advance_clock(Duration::from_millis(1 << power)).unwrap(),
            }
            cloud.ask(&call.form(&cloud.known), call.authorization());
        }
    });
}

#[test]
fn any_form_gets_a_well_formed_answer() {
    let tally = Tally::new("requests::any_form_gets_a_well_formed_answer", "requests");
    let beginning = Cloud::new();
    check!().with_type::<(String, Option<String>)>().for_each(|(form, authorization)| {
        tally.add(2);
        let mut cloud = beginning.clone();
        cloud.ask(form, authorization.as_deref());
        cloud.ask(&format!("Action=DescribeVpcs&{form}"), authorization.as_deref());
    });
}

impl Call {
    fn form(&self, known: &Known) -> String {
        let mut params = parameters(CALLS[self.call], known, &self.ids);
        for mutation in self.mutation.iter().chain(&self.second_mutation) {
            mutation.apply(&mut params, known, &self.ids);
        }
        let pairs: Vec<_> = params.iter().map(|(name, value)| format!("{name}={value}")).collect();
        pairs.join("&")
    }

    fn authorization(&self) -> Option<&'static str> {
        match self.caller {
            0 => Some("AWS4-HMAC-SHA256 Credential=444455556666/20150107/eu-west-1/ec2/aws4_request"),
            1 => Some("AWS4-HMAC-SHA256 Credential=///, Credential="),
            2 => Some("Basic \u{e9}"),
            _ => None,
        }
    }
}

impl Mutation {
    fn apply(&self, params: &mut Vec<(String, String)>, known: &Known, ids: &[u8]) {
        let count = params.len();
        let at = |place: u8| usize::from(place) % count;
        match self {
            Self::Value(place, odd) => params[at(*place)].1 = ODD[*odd].to_owned(),
            Self::Append(place, odd) => params[at(*place)].1 += ODD[*odd],
            Self::Text(place, text) => params[at(*place)].1 = text.replace('&', ""),
            Self::Long(place, length) => params[at(*place)].1 = "x".repeat((*length).into()),
            Self::Name(place, name) => params[at(*place)].0 = NAMES[*name].to_owned(),
            Self::Below(place, name) => params[at(*place)].0 += &format!(".{}", NAMES[*name]),
            Self::More(name, odd) => params.push((NAMES[*name].to_owned(), ODD[*odd].to_owned())),
            Self::Drop(place) if count > 1 => drop(params.remove(at(*place))),
            Self::Drop(_) => {}
            Self::Graft(call) => params.extend(parameters(CALLS[*call], known, ids).into_iter().skip(1)),
            Self::Dry => params.push(("DryRun".to_owned(), "true".to_owned())),
        }
    }
}

/// The known ids, by their prefixes.
type Known = BTreeMap<String, Vec<String>>;

/// A call's parameters, with ids in its places.
fn parameters(call: &str, known: &Known, ids: &[u8]) -> Vec<(String, String)> {
    let mut ids = ids.iter().cycle();
    let mut fill = |value: &str| match value.strip_prefix('{').and_then(|value| value.strip_suffix('}')) {
        Some(place) => {
            let choice = ids.next().map_or(0, |id| usize::from(*id));
            let of_kind = known.get(place).map_or(&[][..], Vec::as_slice);
            // One more than there are chooses an id that does not exist.
            of_kind.get(choice % (of_kind.len() + 1)).cloned().unwrap_or_else(|| format!("{place}-0badc0de"))
        }
        None => value.to_owned(),
    };
    let all = format!("Action={call}");
    let pairs = all.split('&').map(|pair| pair.split_once('=').unwrap());
    pairs.map(|(name, value)| (name.to_owned(), fill(value))).collect()
}

/// A cloud, and what its client knows.
#[derive(Clone)]
struct Cloud {
    model: Model,
    known: Known,
}

impl Cloud {
    fn new() -> Self {
        let mut cloud = Self { model: Model::new(1), known: Known::new() };
        for (number, call) in (0u8..).zip(BEGINNING) {
            let params = parameters(call, &cloud.known, &[0, number % 2]);
            let pairs: Vec<_> = params.iter().map(|(name, value)| format!("{name}={value}")).collect();
            assert!(cloud.ask(&pairs.join("&"), None), "{pairs:?}");
        }
        cloud.settle_hosts();
        cloud
    }

    /// Whether the request succeeds.
    fn ask(&mut self, form: &str, authorization: Option<&str>) -> bool {
        self.model.take_changes();
        let before = self.model.clone();
        let reply = self.answer(form, authorization);
        let refused = reply.is_err();
        let reply = reply.unwrap_or_else(|reply| reply);
        for text in texts(&reply.body) {
            self.learn(&text);
        }
        if refused {
            assert_eq!(format!("{:?}", self.model), format!("{before:?}"), "{form}");
        }
        !refused
    }

    fn answer(&mut self, form: &str, authorization: Option<&str>) -> Result<Reply, Reply> {
        let now = self.model.now(Time(1_420_632_000_000));
        let request = Request::parse(&api::Call { path: "/", form, authorization, ..api::Call::default() }, now)?;
        if request.writes() { request.write(&mut self.model) } else { request.read(&self.model) }
    }

    fn learn(&mut self, text: &str) {
        let kind = match text.rsplit_once('-') {
            Some((prefix, number)) if number.len() == 17 => prefix,
            _ if text.parse::<Ipv4Addr>().is_ok() => "ip",
            _ => return,
        };
        let known = self.known.entry(kind.to_owned()).or_default();
        if !known.iter().any(|known| known == text) {
            known.push(text.to_owned());
        }
    }

    fn settle_hosts(&mut self) {
        self.model.follow_hosts(|instance| if instance.is_on() { InstanceHost::Up } else { InstanceHost::Gone });
        self.model.take_changes();
    }
}

/// The texts of a document, which must be well-formed.
fn texts(document: &str) -> Vec<String> {
    let mut reader = quick_xml::Reader::from_str(document);
    let (mut texts, mut depth, mut roots) = (Vec::new(), 0, 0);
    loop {
        match reader.read_event().unwrap_or_else(|error| panic!("{error}: {document}")) {
            Event::Start(_) => {
                roots += usize::from(depth == 0);
                depth += 1;
            }
            Event::End(_) => depth -= 1,
            Event::Text(text) => texts.push(text.xml10_content().into_owned()),
            Event::GeneralRef(reference) => {
                let entities = ["lt", "gt", "amp", "apos", "quot"];
                assert!(reference.is_char_ref() || entities.contains(&&*reference), "{document}");
            }
            Event::Eof => break,
            _ => {}
        }
    }
    assert_eq!((roots, depth), (1, 0), "{document}");
    assert!(document.chars().all(model::xml_has));
    texts
}
