//! A query's bytes, and its answer's.

use crate::names::{Asker, View, answer};
use hickory_proto::op::{Edns, Message, MessageType, Metadata, OpCode, Query, ResponseCode};
use hickory_proto::rr::{DNSClass, RecordType};
use std::net::Ipv4Addr;

/// The largest answer of a client that says nothing of its own (RFC 1035 §2.3.4), and the largest at all over UDP: what passes
/// everywhere without fragments ("DNS flag day 2020"). In bytes.
const DATAGRAM: (u16, u16) = (512, 1232);
/// How long a header is, in bytes.
const HEADER: usize = 12;

/// How much an answer may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Room {
    /// As much as the client takes in a datagram.
    Datagram,
    /// As much as a length of 16 bits says.
    Connection,
}

/// The answer to whatever has come from the client of this address. None where an answer would make things worse: to an answer, to
/// what is too short, to a stranger.
pub fn reply(view: View<'_>, from: Ipv4Addr, bytes: &[u8], room: Room) -> Option<Vec<u8>> {
    let header: &[u8; HEADER] = bytes.first_chunk()?;
    if header[2] & 0x80 != 0 {
        return None;
    }
    let asker = Asker::of(view, from)?;
    let Ok(message) = Message::from_vec(bytes) else {
        let [high, low, ..] = *header;
        return Message::error_msg(u16::from_be_bytes([high, low]), OpCode::Query, ResponseCode::FormErr).to_vec().ok();
    };
    if message.metadata.message_type == MessageType::Response {
        return None;
    }
    let answer = answered(view, &asker, &message);
    let most = match (room, &message.edns) {
        (Room::Connection, _) => u16::MAX,
        (Room::Datagram, None) => DATAGRAM.0,
        (Room::Datagram, Some(edns)) => edns.max_payload().clamp(DATAGRAM.0, DATAGRAM.1),
    };
    let whole = answer.to_vec().ok().filter(|bytes| bytes.len() <= usize::from(most));
    whole.or_else(|| answer.truncate().to_vec().ok())
}

fn answered(view: View<'_>, asker: &Asker<'_>, message: &Message) -> Message {
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
    let query: &Query = match message.queries.as_slice() {
        _ if message.metadata.op_code != OpCode::Query => return with_code(reply, ResponseCode::NotImp),
        [query] => query,
        _ => return with_code(reply, ResponseCode::FormErr),
    };
    if query.query_class() != DNSClass::IN || matches!(query.query_type(), RecordType::AXFR | RecordType::IXFR) {
        return with_code(reply, ResponseCode::Refused);
    }
    let answer = answer(view, asker, query);
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
    use hickory_proto::rr::Name;
    use proptest::prelude::*;

    const C1: &str = "Ec2-203-0-113-25.compute-1.amazonaws.com.";

    fn query(name: &str, kind: RecordType) -> Message {
        let mut message = Message::new(7, MessageType::Query, OpCode::Query);
        message.metadata.recursion_desired = true;
        message.add_query(Query::query(Name::from_ascii(name).unwrap(), kind));
        message
    }

    fn ask(cloud: &Cloud, message: &Message, room: Room) -> Message {
        let bytes = reply(cloud.view(), cloud.known_as("C1"), &message.to_vec().unwrap(), room).unwrap();
        Message::from_vec(&bytes).unwrap()
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
    fn what_is_no_query_for_a_resolver_is_refused() {
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
    fn what_does_not_fit_is_asked_for_again_over_a_connection() {
        let mut cloud = Cloud::new();
        let scope = crate::model::Scope { account: "111122223333".into(), region: "us-east-1".into() };
        let caller = crate::model::Caller::of_account(scope, crate::model::Time(1));
        let zone = cloud.model.create_hosted_zone(&caller, "big.example", "1".into(), None, None).unwrap();
        let values = (0..100).map(|n| format!("10.9.0.{n}")).collect();
        let set = crate::model::RecordSet { ttl: Some(1), values, ..crate::model::empty_set("big.example.", "A") };
        cloud.model.change_records(&caller, &zone, vec![(crate::model::RecordAction::Create, set)]).unwrap();
        let changes = cloud.model.take_changes();
        cloud.book.update(&cloud.model, &changes);
        let asked = query("big.example.", RecordType::A);
        let short = ask(&cloud, &asked, Room::Datagram);
        assert!(short.metadata.truncation && short.answers.is_empty());
        let long = ask(&cloud, &asked, Room::Connection);
        assert_eq!((long.metadata.truncation, long.answers.len()), (false, 100));
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

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]
        #[test]
        fn whatever_comes_is_answered_shortly_or_not_at_all(mut bytes in proptest::collection::vec(any::<u8>(), 0..300), is_query: bool) {
            let cloud = Cloud::new();
            if is_query && bytes.len() > 12 {
                // A header that has one question, so that the parser goes further.
                bytes[2..12].copy_from_slice(&[1, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
            }
            if let Some(answer) = reply(cloud.view(), cloud.known_as("C1"), &bytes, Room::Datagram) {
                prop_assert!(bytes.len() >= HEADER && answer.len() <= usize::from(DATAGRAM.1));
            }
        }
    }
}
