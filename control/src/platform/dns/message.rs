//! The bytes of queries and answers.

use crate::names::{Client, View, answer};
use hickory_proto::op::{Edns, Message, Metadata, OpCode, ResponseCode};
use hickory_proto::rr::{DNSClass, RecordType};
use std::net::Ipv4Addr;

/// The greatest UDP answer for a client that gives no size (RFC 1035 §2.3.4), and the greatest for any, which passes
/// everywhere without fragments ("DNS flag day 2020"). In bytes.
const DATAGRAM: (u16, u16) = (512, 1232);
/// The length of a header in bytes.
const HEADER: usize = 12;
/// The greatest number of additional records in a query: the client's size (RFC 6891), and a signature (RFC 8945).
const ADDITIONAL: u16 = 2;

/// The size that an answer may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Room {
    /// The size that the client accepts in a datagram.
    Datagram,
    /// The greatest 16-bit length.
    Connection,
}

/// A client's message: a query, or something else and its refusal.
pub enum Received {
    /// A query.
    Query(Message),
    /// The answer to a malformed message, or to one that is not a query.
    Refused(Message),
}

impl Received {
    /// Parses a message. `None` where an answer would do harm: to an answer, or to something too short. The header's
    /// counts are checked first, because compressed names are short in a message and long when parsed (RFC 1035
    /// §4.1.4).
    pub fn read(bytes: &[u8]) -> Option<Received> {
        let [id, rest @ ..]: [u16; HEADER / 2] = header(bytes)?;
        let [flags, questions, answers, authorities, additional] = rest;
        if flags & 0x8000 != 0 {
            return None;
        }
        let op_code = OpCode::from_u8((flags >> 11 & 0xf) as u8);
        let refused = |code| Some(Received::Refused(Message::error_msg(id, op_code, code)));
        if op_code != OpCode::Query {
            return refused(ResponseCode::NotImp);
        }
        if (questions, answers, authorities) != (1, 0, 0) || additional > ADDITIONAL {
            return refused(ResponseCode::FormErr);
        }
        Message::from_vec(bytes).map_or_else(|_| refused(ResponseCode::FormErr), |query| Some(Received::Query(query)))
    }

    /// The answer to the client with this address. `None` for an unknown address.
    pub fn answer(&self, view: View<'_>, from: Ipv4Addr) -> Option<Message> {
        let client = Client::of(view, from)?;
        Some(match self {
            Received::Query(query) => answered(view, &client, query),
            Received::Refused(refusal) => refusal.clone(),
        })
    }

    /// An answer's bytes, truncated to its room.
    pub fn write(&self, answer: &Message, room: Room) -> Option<Vec<u8>> {
        let most = match (room, self) {
            (Room::Connection, _) => u16::MAX,
            (Room::Datagram, Received::Query(Message { edns: Some(edns), .. })) => {
                edns.max_payload().clamp(DATAGRAM.0, DATAGRAM.1)
            }
            (Room::Datagram, _) => DATAGRAM.0,
        };
        let whole = answer.to_vec().ok().filter(|bytes| bytes.len() <= usize::from(most));
        whole.or_else(|| answer.truncate().to_vec().ok())
    }
}

/// The numbers in a message's header (RFC 1035 §4.1.1).
fn header(bytes: &[u8]) -> Option<[u16; HEADER / 2]> {
    let bytes: &[u8; HEADER] = bytes.first_chunk()?;
    Some(std::array::from_fn(|at| u16::from_be_bytes([bytes[2 * at], bytes[2 * at + 1]])))
}

fn answered(view: View<'_>, client: &Client<'_>, message: &Message) -> Message {
    let mut reply = Message::response(message.metadata.id, message.metadata.op_code);
    reply.metadata = Metadata::response_from_request(&message.metadata);
    reply.metadata.recursion_available = true;
    reply.add_queries(message.queries.iter().cloned());
    if let Some(asked) = &message.edns {
        let mut edns = Edns::new();
        edns.set_max_payload(DATAGRAM.1);
        reply.set_edns(edns);
        if asked.version() != 0 {
            return with_code(reply, ResponseCode::BADVERS);
        }
    }
    let Some(query) = message.queries.first() else { return with_code(reply, ResponseCode::FormErr) };
    if query.query_class() != DNSClass::IN || matches!(query.query_type(), RecordType::AXFR | RecordType::IXFR) {
        return with_code(reply, ResponseCode::Refused);
    }
    let answer = answer(view, client, query);
    reply.add_answers(answer.records);
    reply.add_authorities(answer.authority);
    with_code(reply, answer.code)
}

fn with_code(mut reply: Message, code: ResponseCode) -> Message {
    reply.metadata.response_code = code;
    reply
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::names::tests::Cloud;
    use hickory_proto::op::{MessageType, Query};
    use hickory_proto::rr::Name;
    use proptest::prelude::*;

    const C1: &str = "Ec2-203-0-113-25.compute-1.amazonaws.com.";

    fn query(name: &str, kind: RecordType) -> Message {
        let mut message = Message::new(7, MessageType::Query, OpCode::Query);
        message.metadata.recursion_desired = true;
        message.add_query(Query::query(Name::from_ascii(name).unwrap(), kind));
        message
    }

    fn reply(view: View<'_>, from: Ipv4Addr, bytes: &[u8], room: Room) -> Option<Vec<u8>> {
        let received = Received::read(bytes)?;
        received.write(&received.answer(view, from)?, room)
    }

    fn ask(cloud: &Cloud, message: &Message, room: Room) -> Message {
        let bytes = reply(cloud.view(), cloud.known_as("C1"), &message.to_vec().unwrap(), room).unwrap();
        Message::from_vec(&bytes).unwrap()
    }

    /// A cloud whose zone `big.example` has 100 addresses.
    fn cloud_with_big_zone() -> Cloud {
        let mut cloud = Cloud::new();
        let scope = model::Scope { account: "111122223333".into(), region: "us-east-1".into() };
        let caller = model::Caller::of_account(scope, model::Time(1));
        cloud.change(|model| {
            let zone = model.create_hosted_zone(&caller, "big.example", "1".into(), (None, None), None).unwrap();
            let values = (0..100).map(|n| format!("10.9.0.{n}")).collect();
            let set = model::RecordSet { ttl: Some(1), values, ..model::empty_set("big.example.", "A") };
            model.change_records(&caller, &zone, vec![(model::RecordAction::Create, set)]).unwrap();
        });
        cloud
    }

    #[test]
    fn an_answer_repeats_the_question_as_it_was_asked() {
        let cloud = Cloud::new();
        let answer = ask(&cloud, &query(C1, RecordType::A), Room::Datagram);
        assert_eq!((answer.metadata.id, answer.metadata.message_type), (7, MessageType::Response));
        assert!(answer.metadata.recursion_desired && answer.metadata.recursion_available && answer.edns.is_none());
        assert!(answer.queries[0].name().eq_case(&Name::from_ascii(C1).unwrap()), "its letters as they were");
        assert!(answer.answers[0].name.eq_case(&Name::from_ascii(C1).unwrap()));
        let mut edns = query(C1, RecordType::A);
        edns.set_edns(Edns::new());
        assert!(ask(&cloud, &edns, Room::Datagram).edns.is_some());
        let mut newer = Edns::new();
        newer.set_version(1);
        edns.set_edns(newer);
        assert_eq!(ask(&cloud, &edns, Room::Datagram).metadata.response_code.low(), ResponseCode::BADVERS.low());
    }

    #[test]
    fn other_messages_are_refused() {
        let cloud = Cloud::new();
        let code = |message: &Message| ask(&cloud, message, Room::Datagram).metadata.response_code;
        assert_eq!(code(&query(C1, RecordType::AXFR)), ResponseCode::Refused);
        let mut update = query(C1, RecordType::A);
        update.metadata.op_code = OpCode::Notify;
        assert_eq!(code(&update), ResponseCode::NotImp);
        let mut two = query(C1, RecordType::A);
        two.add_query(Query::query(Name::root(), RecordType::A));
        assert_eq!(code(&two), ResponseCode::FormErr);
        let mut chaos = query(C1, RecordType::TXT);
        chaos.queries[0].set_query_class(DNSClass::CH);
        assert_eq!(code(&chaos), ResponseCode::Refused);
    }

    #[test]
    fn an_answer_that_does_not_fit_is_truncated() {
        let cloud = cloud_with_big_zone();
        let asked = query("big.example.", RecordType::A);
        let short = ask(&cloud, &asked, Room::Datagram);
        assert!(short.metadata.truncation && short.answers.is_empty());
        let long = ask(&cloud, &asked, Room::Connection);
        assert_eq!((long.metadata.truncation, long.answers.len()), (false, 100));
    }

    /// Answers must not flood an address that a client forges.
    #[test]
    fn an_any_query_gets_a_small_answer() {
        let cloud = cloud_with_big_zone();
        for name in ["big.example.", C1, "www.example.com.", "25.113.0.203.in-addr.arpa."] {
            let answer = ask(&cloud, &query(name, RecordType::ANY), Room::Datagram);
            assert_eq!((answer.answers.len(), answer.metadata.truncation), (1, false), "{name}");
            assert!(answer.to_vec().unwrap().len() < 2 * query(name, RecordType::ANY).to_vec().unwrap().len());
        }
    }

    #[test]
    fn strangers_and_answers_are_not_answered() {
        let cloud = Cloud::new();
        let asked = query(C1, RecordType::A).to_vec().unwrap();
        assert_eq!(reply(cloud.view(), Ipv4Addr::new(11, 9, 9, 9), &asked, Room::Datagram), None);
        let mut answer = query(C1, RecordType::A);
        answer.metadata.message_type = MessageType::Response;
        let answer = answer.to_vec().unwrap();
        assert_eq!(reply(cloud.view(), cloud.known_as("C1"), &answer, Room::Datagram), None);
    }

    #[test]
    fn names_that_point_to_themselves_are_malformed() {
        let cloud = Cloud::new();
        let mut looped = query(".", RecordType::A).to_vec().unwrap();
        // The name is a pointer to itself (RFC 1035 §4.1.4).
        looped.splice(12..13, [0xc0, 12]);
        let bytes = reply(cloud.view(), cloud.known_as("C1"), &looped, Room::Datagram).unwrap();
        assert_eq!(Message::from_vec(&bytes).unwrap().metadata.response_code, ResponseCode::FormErr);
    }

    #[test]
    fn many_questions_are_malformed_and_none_is_repeated() {
        let cloud = Cloud::new();
        let mut bytes = query(C1, RecordType::A).to_vec().unwrap();
        for _ in 1..291 {
            // The first question's name, with type A and class IN.
            bytes.extend([0xc0, 12, 0, 1, 0, 1]);
        }
        bytes[4..6].copy_from_slice(&291_u16.to_be_bytes());
        for room in [Room::Datagram, Room::Connection] {
            let answer = reply(cloud.view(), cloud.known_as("C1"), &bytes, room).unwrap();
            assert_eq!(answer.len(), HEADER);
            assert_eq!(Message::from_vec(&answer).unwrap().metadata.response_code, ResponseCode::FormErr);
        }
        // Counts that a query may not have.
        for (at, count) in [(4, 0), (6, 1), (8, 1), (10, 3)] {
            let mut bytes = query(C1, RecordType::A).to_vec().unwrap();
            bytes[at..at + 2].copy_from_slice(&u16::to_be_bytes(count));
            let answer = reply(cloud.view(), cloud.known_as("C1"), &bytes, Room::Datagram).unwrap();
            assert_eq!((answer.len(), answer[3] & 0xf), (HEADER, 1), "{at}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]
        #[test]
        fn malformed_messages_get_short_answers_or_none(mut bytes in proptest::collection::vec(any::<u8>(), 0..300), is_query: bool) {
            let cloud = Cloud::new();
            if is_query && bytes.len() > 12 {
                // A header with one question, so that the parser continues.
                bytes[2..12].copy_from_slice(&[1, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
            }
            if let Some(answer) = reply(cloud.view(), cloud.known_as("C1"), &bytes, Room::Datagram) {
                prop_assert!(bytes.len() >= HEADER && answer.len() <= usize::from(DATAGRAM.1));
            }
        }
    }
}
