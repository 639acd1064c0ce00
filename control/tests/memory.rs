//! What a request costs is bounded by its size, whatever is in it.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use control::model::Platform;
use control::operator::Operator;
use control::server::{self, Limits};
use control::service::Service;
use control::state::State;
use std::alloc::{GlobalAlloc, Layout, System};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicIsize, Ordering};

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

#[test]
fn a_request_takes_ten_times_its_size_and_a_mebibyte_at_most() {
    assert!(peak(|| drop(std::hint::black_box(vec![0u8; 1 << 20]))) >= 1 << 20, "the counter does not count");
    let directory = tempfile::tempdir().unwrap();
    let state = State::at(Some(directory.path().to_owned()));
    state.create().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    listener.set_nonblocking(true).unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.spawn(async move {
        let service = Arc::new(Service::open(&state, Platform::default()).unwrap());
        let listener = tokio::net::TcpListener::from_std(listener).unwrap();
        let operator = Arc::new(Operator::new(service.clone(), state));
        server::serve(listener, service.clone(), server::pages(&service, operator), Vec::new(), Limits::default()).await
    });
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
