//! What a request costs is bounded by its size, whatever is in it, and so is what clients together hold.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use control::operator::{Ask, Operator};
use control::server::{self, Limits};
use control::service::Service;
use control::state::State;
use model::Platform;
use std::alloc::{GlobalAlloc, Layout, System};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicIsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::runtime::Runtime;

/// The system's allocator, counting what this process has of it now, and had at most.
struct Counting;

static NOW: AtomicIsize = AtomicIsize::new(0);
static MOST: AtomicIsize = AtomicIsize::new(0);

fn count(bytes: isize) {
    let now = NOW.fetch_add(bytes, Ordering::SeqCst) + bytes;
    MOST.fetch_max(now, Ordering::SeqCst);
}

// SAFETY: everything is left to the system's allocator; counting allocates nothing.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size().cast_signed());
        // SAFETY: as the caller promises.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        count(-layout.size().cast_signed());
        // SAFETY: as the caller promises.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

/// Only one test at a time counts.
static COUNTS: Mutex<()> = Mutex::new(());

/// How many bytes there are at most while `during` runs, above those of before.
fn peak(during: impl FnOnce()) -> usize {
    let before = NOW.load(Ordering::SeqCst);
    MOST.store(before, Ordering::SeqCst);
    during();
    (MOST.load(Ordering::SeqCst) - before).try_into().unwrap()
}

/// Sends a request; the status of its reply.
fn send(address: SocketAddr, form: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    let length = form.len();
    write!(stream, "POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n")
        .unwrap();
    stream.write_all(form.as_bytes()).unwrap();
    let mut reply = String::new();
    stream.read_to_string(&mut reply).unwrap();
    reply.split(' ').nth(1).unwrap_or_default().to_owned()
}

/// About the largest request that the server takes.
const LARGE: usize = (4 << 20) - 200;

/// Requests up to some size, of one shape each.
fn shapes(size: usize) -> Vec<(&'static str, String)> {
    let many = |part: &dyn Fn(usize) -> String| {
        let mut form = String::from("Action=DescribeVpcs");
        for n in 0.. {
            let next = part(n);
            if form.len() + next.len() > size {
                return form;
            }
            form += &next;
        }
        unreachable!()
    };
    let long = |what: &str| {
        format!("Action=CreateTags&ResourceId.1=vpc-1&Tag.1.Key=x&Tag.1.Value={}", what.repeat(size / what.len()))
    };
    vec![
        ("deep names", many(&|n| format!("&{n}.a.b.c.d.e.f.g.h.i.j"))),
        ("ids", many(&|n| format!("&VpcId.{n}=vpc-1a2b3c4d"))),
        ("filters", many(&|n| format!("&Filter.{n}.Name=tag-key&Filter.{n}.Value.1=x"))),
        ("short names", many(&|n| format!("&{n}"))),
        ("the same name", many(&|_| "&a".into())),
        ("nothing", many(&|_| "&".into())),
        ("dots", many(&|_| ".".into())),
        ("a long value", long("x")),
        ("a long value of quotes", long("\"")),
        ("a long value, encoded", long("%22")),
        ("a long value of spaces", long("+")),
        ("a long name", format!("{}=1", "a".repeat(size))),
        ("a long name of quotes", format!("Action=DescribeVpcs&{}=1", "\"".repeat(size))),
        ("a long action", format!("Action={}", "<".repeat(size))),
        ("a long version", format!("Action=DescribeVpcs&Version={}", "<".repeat(size))),
        ("no UTF-8", long("%ff")),
        ("what XML has not", long("%EF%BF%BF")),
    ]
}

/// An endpoint of a cloud into which these files were imported, without a dataplane.
struct Endpoint {
    address: SocketAddr,
    _runtime: Runtime,
    _directory: tempfile::TempDir,
}

impl Endpoint {
    fn start(limits: Limits, network: Option<&str>) -> Endpoint {
        let directory = tempfile::tempdir().unwrap();
        let state = State::at(Some(directory.path().to_owned()));
        state.create().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        listener.set_nonblocking(true).unwrap();
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        runtime.block_on(async {
            let service = Arc::new(Service::open(&state, Platform::default()).unwrap());
            let operator = Arc::new(Operator::new(service.clone(), state));
            if let Some(network) = network {
                let path = directory.path().join("network.json");
                std::fs::write(&path, network).unwrap();
                let import = Ask::Import {
                    paths: vec![path],
                    hosts: Vec::new(),
                    anonymise: false,
                    parameters: Default::default(),
                };
                operator.answer(import).await.unwrap();
            }
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            let pages = server::pages(&service, operator);
            tokio::spawn(server::serve(listener, service, pages, Vec::new(), limits));
        });
        Endpoint { address, _runtime: runtime, _directory: directory }
    }
}

#[test]
fn a_request_takes_ten_times_its_size_and_a_mebibyte_at_most() {
    let _alone = COUNTS.lock().unwrap_or_else(PoisonError::into_inner);
    assert!(peak(|| drop(std::hint::black_box(vec![0u8; 1 << 20]))) >= 1 << 20, "the counter does not count");
    let endpoint = Endpoint::start(Limits::default(), None);
    let address = endpoint.address;
    assert_eq!(send(address, "Action=DescribeVpcs"), "200");
    for size in [1 << 10, 64 << 10, LARGE] {
        for (shape, form) in shapes(size) {
            let mut status = String::new();
            let peak = peak(|| status = send(address, &form));
            let most = 10 * form.len() + (1 << 20);
            assert!(peak <= most, "{shape}: {} bytes took {peak}", form.len());
            assert!(matches!(&*status, "200" | "400"), "{shape}, {size}: {status:?}");
        }
    }
}

/// The size of the page in the next test, about: more than sockets keep.
const PAGE: usize = 8 << 20;

#[test]
fn clients_that_read_no_page_hold_no_more_than_the_limit() {
    let _alone = COUNTS.lock().unwrap_or_else(PoisonError::into_inner);
    let name = "x".repeat(255);
    let group = |n| format!(r#"{{"GroupId":"sg-{n:08x}","GroupName":"{name}","Description":"{name}"}}"#);
    let groups: Vec<String> = (0..PAGE / 600).map(group).collect();
    let network = format!(r#"{{"SecurityGroups":[{}]}}"#, groups.join(","));
    let endpoint = Endpoint::start(Limits { held: 3 * PAGE, ..Limits::default() }, Some(&network));
    let reader = || {
        let mut stream = TcpStream::connect(endpoint.address).unwrap();
        write!(stream, "GET /_map/network HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
        let mut status = [0; 12];
        stream.read_exact(&mut status).unwrap();
        assert_eq!(&status, b"HTTP/1.1 200");
        stream
    };
    let mut readers = Vec::new();
    let one = peak(|| readers.push(reader()));
    assert!(one >= PAGE, "a page of {PAGE} bytes took {one}");
    let all = peak(|| readers.extend((0..16).map(|_| reader())));
    assert!(all <= 3 * PAGE + one, "16 clients took {all}, one {one}");
}
