//! The program from outside: processes, namespaces, the command line, the endpoint.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

const PROGRAM: &str = env!("CARGO_BIN_EXE_classiclink");

/// A running system; dropping it takes it down.
struct System<'d> {
    state: &'d Path,
    up: Child,
    endpoint: String,
}

impl<'d> System<'d> {
    /// Starts one, and says in words why there is none.
    fn start(state: &'d Path) -> Self {
        let mut up = classiclink(state, &["up", "--listen", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program can be started");
        let mut line = String::new();
        BufReader::new(up.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let Some(endpoint) = line.split_whitespace().find_map(|word| word.strip_prefix("http://")) else {
            let mut why = String::new();
            up.stderr.take().unwrap().read_to_string(&mut why).unwrap();
            panic!("no system on this machine: {why}");
        };
        let endpoint = endpoint.to_owned();
        Self { state, up, endpoint }
    }

    fn run(&self, arguments: &[&str]) -> Output {
        classiclink(self.state, arguments).output().unwrap()
    }

    /// Runs a command that must succeed; what it prints.
    fn tell(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    fn signal(&mut self, signal: Signal) {
        kill(Pid::from_raw(self.up.id().cast_signed()), signal).unwrap();
        self.up.wait().unwrap();
    }

    /// The id of a process of the system, other than `not`; it may be down for a moment.
    fn process(&self, name: &str, not: Option<i64>) -> i64 {
        loop {
            let status: serde_json::Value = serde_json::from_str(&self.tell(&["status", "--json"])).unwrap();
            match status["processes"][name]["pid"].as_i64() {
                Some(id) if Some(id) != not => return id,
                _ => std::thread::yield_now(),
            }
        }
    }

    /// The status and the body of the endpoint's answer to a GET.
    fn get(&self, query: &str) -> (String, String) {
        let mut stream = TcpStream::connect(&self.endpoint).unwrap();
        write!(stream, "GET /?{query} HTTP/1.1\r\nHost: ec2\r\nConnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head.to_owned(), body.to_owned())
    }
}

impl Drop for System<'_> {
    fn drop(&mut self) {
        if matches!(self.up.try_wait(), Ok(None)) {
            let _ = kill(Pid::from_raw(self.up.id().cast_signed()), Signal::SIGTERM);
            let _ = self.up.wait();
        }
    }
}

fn classiclink(state: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(PROGRAM);
    // `--` ends the options, so the state directory comes before it.
    let end = arguments.iter().position(|argument| *argument == "--").unwrap_or(arguments.len());
    command.args(&arguments[..end]).arg("--state").arg(state).args(&arguments[end..]);
    command.stdin(Stdio::null());
    command
}

/// A name for a host that nothing else on this machine has.
fn unique() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    format!("test-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}

#[test]
fn exec_passes_everything_through() {
    let directory = tempfile::tempdir().unwrap();
    let system = System::start(directory.path());
    let host = unique();
    system.tell(&["host", "add", &host, "--address", "203.0.113.1"]);
    let exec = |command: &[&'static str]| [&["exec", host.as_str(), "--"], command].concat();

    let mut cat =
        classiclink(system.state, &exec(&["cat"])).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    cat.stdin.take().unwrap().write_all(b"through and back").unwrap();
    assert_eq!(cat.wait_with_output().unwrap().stdout, b"through and back");

    assert_eq!(system.run(&exec(&["sh", "-c", "exit 7"])).status.code(), Some(7));
    assert_eq!(system.run(&exec(&["sh", "-c", "kill -USR1 $$"])).status.signal(), Some(Signal::SIGUSR1 as i32));
    assert_eq!(system.run(&exec(&["/no/such/program"])).status.code(), Some(127));
    let interfaces = system.tell(&exec(&["cat", "/proc/net/dev"]));
    assert!(interfaces.contains("eth0:"), "{interfaces}");

    let nobody = system.run(&["exec", "nobody", "--", "true"]);
    assert_eq!(nobody.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&nobody.stderr).contains("no running host nobody"));
}

#[test]
fn one_system_a_directory_and_two_side_by_side() {
    let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (first, second) = (System::start(one.path()), System::start(other.path()));
    assert_ne!(first.endpoint, second.endpoint);
    // Each has its own Internet: the same address twice.
    let hosts = [unique(), unique()];
    first.tell(&["host", "add", &hosts[0], "--address", "203.0.113.1"]);
    second.tell(&["host", "add", &hosts[1], "--address", "203.0.113.1"]);

    let third = classiclink(one.path(), &["up", "--listen", "127.0.0.1:0"]).output().unwrap();
    assert_eq!(third.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&third.stderr).contains("already up"));
    // What belongs to one is foreign to the other.
    let foreign = second.run(&["exec", &hosts[0], "--", "true"]);
    assert_eq!(foreign.status.code(), Some(1));
}

#[test]
fn what_up_made_goes_with_it_and_what_it_knew_stays() {
    let directory = tempfile::tempdir().unwrap();
    let host = unique();
    let mut system = System::start(directory.path());
    system.tell(&["host", "add", &host, "--address", "203.0.113.1"]);
    system.signal(Signal::SIGINT);
    let left = |name: &str| directory.path().join(name).exists();
    let mark = Path::new("hosts").join(&host);
    assert!(
        !left("control.sock") && !left("dataplane.sock") && !left("endpoint") && !directory.path().join(mark).exists()
    );
    assert!(!Path::new("/run/netns").join(&host).exists());
    let down = classiclink(directory.path(), &["status"]).output().unwrap();
    assert!(String::from_utf8_lossy(&down.stderr).contains("no system is up"));

    let again = System::start(directory.path());
    assert!(again.tell(&["host", "list"]).starts_with(&host));
    again.tell(&["exec", &host, "--", "true"]);
}

#[test]
fn what_a_killed_up_left_is_taken_over() {
    let directory = tempfile::tempdir().unwrap();
    let host = unique();
    let mut system = System::start(directory.path());
    system.tell(&["host", "add", &host, "--address", "203.0.113.1"]);
    system.signal(Signal::SIGKILL);
    let again = System::start(directory.path());
    again.tell(&["exec", &host, "--", "true"]);
    again.tell(&["host", "remove", &host]);
    assert_eq!(again.run(&["exec", &host, "--", "true"]).status.code(), Some(1));
}

#[test]
fn killed_processes_come_back() {
    let directory = tempfile::tempdir().unwrap();
    let system = System::start(directory.path());
    for name in ["control", "dataplane"] {
        let before = system.process(name, None);
        kill(Pid::from_raw(before.try_into().unwrap()), Signal::SIGKILL).unwrap();
        assert!(system.process(name, Some(before)) > 0);
    }
    assert!(system.get("Action=DescribeRegions").0.contains("200"));
}

#[test]
fn the_endpoint_speaks_the_query_protocol() {
    let directory = tempfile::tempdir().unwrap();
    let system = System::start(directory.path());
    let (head, body) = system.get("Action=CreateVpc&CidrBlock=192.168.0.0/16&Version=2016-11-15");
    assert!(head.starts_with("HTTP/1.1 200") && body.contains("<CreateVpcResponse xmlns="), "{head} {body}");
    let id = body.split(['<', '>']).skip_while(|text| *text != "requestId").nth(1).unwrap();
    assert!(head.contains(&format!("x-amzn-requestid: {id}")), "{head} {body}");
    let (head, body) = system.get("Action=MakeCoffee");
    assert!(head.starts_with("HTTP/1.1 400") && body.contains("<Code>InvalidAction</Code>"), "{head} {body}");
    let (head, body) = system.get("Action=CreateVpc&CidrBlock=192.168.0.0/16&DryRun=true");
    assert!(head.starts_with("HTTP/1.1 412") && body.contains("<Code>DryRunOperation</Code>"), "{head} {body}");
}

#[test]
fn the_printed_example_works() {
    let scenario = concat!(env!("CARGO_MANIFEST_DIR"), "/../scenarios/three-tier.yaml");
    let run = Command::new(PROGRAM).args(["run", scenario]).stdin(Stdio::null()).output().unwrap();
    assert!(run.status.success(), "{}{}", String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&run.stderr));
}
