use super::*;
use crate::operator::{ListHosts, PacketRows, ReadCapture, in_bytes};
use crate::service::Service;
use model::Platform;
use std::io::{Read, Write as _};
use std::os::unix::net::UnixStream as Stream;
use wire::{Captured, PackedPackets};

/// Control's side of the protocol in a directory of its own, without a dataplane.
fn control(directory: &tempfile::TempDir) -> PathBuf {
    let state = State::at(Some(directory.path().to_owned()));
    state.create().unwrap();
    let service = Arc::new(Service::open(&state, Platform::default()).unwrap());
    let listener = UnixListener::bind(state.control_socket()).unwrap();
    tokio::spawn(serve(listener, Arc::new(Operator::new(service, state.clone()))));
    state.control_socket()
}

fn ask_at(mut stream: &Stream, question: &str) -> String {
    stream.write_all(question.as_bytes()).unwrap();
    let mut answer = String::new();
    BufReader::new(stream).read_line(&mut answer).unwrap();
    answer
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_connection_makes_room_for_others() {
    let directory = tempfile::tempdir().unwrap();
    let socket = control(&directory);
    let silent: Vec<_> = (0..OPERATORS).map(|_| Stream::connect(&socket).unwrap()).collect();
    let asks = Stream::connect(&socket).unwrap();
    let question = format!("{}\n", serde_json::to_string(&Ask::from(ListHosts)).unwrap());
    assert_eq!(ask_at(&asks, &question), "{\"ok\":[]}\n");
    assert_eq!((&silent[0]).read(&mut [0]).unwrap(), 0, "the first is closed");
    assert_eq!(ask_at(&silent[1], &question), "{\"ok\":[]}\n", "the next is not");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_without_an_end_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let stream = Stream::connect(control(&directory)).unwrap();
    assert!(ask_at(&stream, &"x".repeat(LINE.try_into().unwrap())).contains("does not end within"));
    assert_eq!((&stream).read(&mut [0]).unwrap(), 0);
    let stream = Stream::connect(control(&tempfile::tempdir().unwrap())).unwrap();
    assert!(ask_at(&stream, "\u{0}\u{fffe}\n").contains("not a question"));
}

#[test]
fn an_answer_may_be_bytes_but_not_half_of_them() {
    let mut packets = PackedPackets::default();
    packets.push(Captured { at: 1, length: 100_000, meta: 0 }, &[7; 100_000]);
    let rows = PacketRows { packets, lost: 3, more: true, ..PacketRows::default() };
    let answer = in_bytes(&rows).unwrap();
    for (length, is_whole) in [(answer.len(), true), (answer.len() - 1, false)] {
        let directory = tempfile::tempdir().unwrap();
        let state = State::at(Some(directory.path().to_owned()));
        state.create().unwrap();
        let _running = state.lock().unwrap();
        let listener = std::os::unix::net::UnixListener::bind(state.control_socket()).unwrap();
        let part = answer[..length].to_vec();
        let control = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            BufReader::new(&stream).read_line(&mut String::new()).unwrap();
            stream.write_all(&part).unwrap();
        });
        match ask(&state, ReadCapture { capture: 1 }) {
            Ok(read) => assert!(is_whole && (&read.packets, read.lost, read.more) == (&rows.packets, 3, true)),
            Err(AdminError::Unreadable(_)) => assert!(!is_whole),
            Err(other) => panic!("{other}"),
        }
        control.join().unwrap();
    }
}
