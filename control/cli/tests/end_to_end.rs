//! The program from outside: processes, namespaces, the command line, the endpoint.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

#[path = "end_to_end/accidents.rs"]
mod accidents;
#[path = "end_to_end/explain.rs"]
mod explain;
#[path = "end_to_end/names.rs"]
mod names;
#[path = "end_to_end/record.rs"]
mod record;
#[path = "end_to_end/services.rs"]
mod services;

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
        Self::of(state, &mut classiclink(state, &["up", "--listen", "127.0.0.1:0"]))
    }

    /// The one that a command starts.
    fn of(state: &'d Path, up: &mut Command) -> Self {
        let mut up = up.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program can be started");
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
            let process = &status["processes"][name];
            match process["pid"].as_i64().filter(|_| process["answers"] == true) {
                Some(id) if Some(id) != not => return id,
                _ => std::thread::yield_now(),
            }
        }
    }

    /// What the names of its namespaces begin with.
    fn mark(&self) -> String {
        let status: serde_json::Value = serde_json::from_str(&self.tell(&["status", "--json"])).unwrap();
        status["mark"].as_str().unwrap().to_owned()
    }

    /// The status and the body of the endpoint's answer to a GET.
    fn get(&self, query: &str) -> (String, String) {
        let (head, body) = self.ask(query);
        (head.lines().next().unwrap().to_owned(), body)
    }

    /// The same with the whole head.
    fn ask(&self, query: &str) -> (String, String) {
        loop {
            let mut stream = TcpStream::connect(&self.endpoint).unwrap();
            let mut answer = String::new();
            // A control that is killed takes its connections with it.
            let asked = write!(stream, "GET /?{query} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                .and_then(|()| stream.read_to_string(&mut answer));
            if let (Ok(_), Some((head, body))) = (asked, answer.split_once("\r\n\r\n")) {
                return (head.to_owned(), body.to_owned());
            }
        }
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

#[test]
fn exec_passes_everything_through() {
    let directory = tempfile::tempdir().unwrap();
    let system = System::start(directory.path());
    system.tell(&["host", "add", "visitor", "--address", "203.0.113.1"]);
    let exec = |command: &[&'static str]| [&["exec", "visitor", "--"], command].concat();

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
fn without_a_dataplane_the_api_answers_alone() {
    let directory = tempfile::tempdir().unwrap();
    let arguments = ["up", "--no-dataplane", "--classic-regions", "eu-central-1", "--listen", "127.0.0.1:0"];
    let mut system = System::of(directory.path(), &mut classiclink(directory.path(), &arguments));
    let run = "Action=RunInstances&ImageId=ami-12345678&MinCount=1&MaxCount=1&InstanceType=m1.small";
    let (_, launched) = system.get(run);
    // A Region that had EC2-Classic has a default VPC instead.
    assert!(launched.contains("<vpcId>vpc-"), "{launched}");
    let running = |system: &System<'_>| system.get("Action=DescribeInstances").1.contains("<name>running</name>");
    assert!(running(&system));
    let status: serde_json::Value = serde_json::from_str(&system.tell(&["status", "--json"])).unwrap();
    assert_eq!(status["processes"]["dataplane"]["pid"], serde_json::Value::Null);
    let nowhere = system.run(&["exec", "any", "--", "true"]);
    assert!(String::from_utf8_lossy(&nowhere.stderr).contains("--no-dataplane"), "{nowhere:?}");
    system.tell(&["reset"]);
    assert!(!running(&system));
    // What was launched stays over a restart, and so does a reset.
    system.get(run);
    system.signal(Signal::SIGTERM);
    let mut again = System::of(directory.path(), &mut classiclink(directory.path(), &arguments));
    assert!(running(&again));
    again.tell(&["reset"]);
    again.signal(Signal::SIGTERM);
    assert!(!running(&System::of(directory.path(), &mut classiclink(directory.path(), &arguments))));
}

#[test]
fn one_system_a_directory_and_two_side_by_side() {
    let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (first, second) = (System::start(one.path()), System::start(other.path()));
    assert_ne!(first.endpoint, second.endpoint);
    let third = classiclink(one.path(), &["up", "--listen", "127.0.0.1:0"]).output().unwrap();
    assert_eq!(third.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&third.stderr).contains("already up"));
    // What only one has, the other does not know.
    first.tell(&["host", "add", "here", "--address", "203.0.113.2"]);
    let foreign = second.run(&["exec", "here", "--", "true"]);
    assert_eq!(foreign.status.code(), Some(1));
}

#[test]
fn two_systems_have_hosts_of_one_name() {
    let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (mut first, second) = (System::start(one.path()), System::start(other.path()));
    let own_address = |system: &System| system.tell(&["exec", "visitor", "--", "cat", "/proc/net/fib_trie"]);
    // Each has its own Internet, so even the addresses may be the same.
    first.tell(&["host", "add", "visitor", "--address", "203.0.113.1"]);
    second.tell(&["host", "add", "visitor", "--address", "203.0.113.1"]);
    second.tell(&["host", "add", "other", "--address", "203.0.113.2"]);
    second.tell(&["host", "remove", "visitor"]);
    second.tell(&["host", "add", "visitor", "--address", "203.0.113.3"]);
    assert!(own_address(&first).contains("203.0.113.1") && own_address(&second).contains("203.0.113.3"));
    assert!(second.tell(&["why", "visitor", "other", "--tcp", "80"]).contains("203.0.113.3:49152 → 203.0.113.2:80"));
    // The end of one system is not the other's.
    let mark = first.mark();
    first.signal(Signal::SIGINT);
    assert!(!Path::new("/run/netns").join(format!("{mark}-visitor")).exists());
    assert!(own_address(&second).contains("203.0.113.3"));
}

#[test]
fn a_copied_state_directory_leaves_the_hosts_of_its_original_alone() {
    let directory = tempfile::tempdir().unwrap();
    let (original, copy) = (directory.path().join("original"), directory.path().join("copy"));
    let system = System::start(&original);
    system.tell(&["host", "add", "visitor", "--address", "203.0.113.1"]);
    assert!(Command::new("cp").arg("-a").args([&original, &copy]).status().unwrap().success());
    let mut copied = System::start(&copy);
    copied.tell(&["exec", "visitor", "--", "true"]);
    assert_ne!(copied.mark(), system.mark());
    copied.signal(Signal::SIGINT);
    system.tell(&["exec", "visitor", "--", "true"]);
}

#[test]
fn what_up_made_goes_with_it_and_what_it_knew_stays() {
    let directory = tempfile::tempdir().unwrap();
    let mut system = System::start(directory.path());
    system.tell(&["host", "add", "visitor", "--address", "203.0.113.1"]);
    let mark = system.mark();
    system.signal(Signal::SIGINT);
    let left = |name: &str| directory.path().join(name).exists();
    assert!(!left("control.sock") && !left("dataplane.sock") && !left("endpoint") && !left("hosts/visitor"));
    assert!(!Path::new("/run/netns").join(format!("{mark}-visitor")).exists());
    let down = classiclink(directory.path(), &["status"]).output().unwrap();
    assert!(String::from_utf8_lossy(&down.stderr).contains("no system is up"));

    let again = System::start(directory.path());
    assert!(again.tell(&["host", "list"]).starts_with("visitor"));
    again.tell(&["exec", "visitor", "--", "true"]);
}

#[test]
fn what_a_killed_up_left_is_taken_over() {
    let directory = tempfile::tempdir().unwrap();
    let mut system = System::start(directory.path());
    system.tell(&["host", "add", "visitor", "--address", "203.0.113.1"]);
    system.signal(Signal::SIGKILL);
    // At once, and at the address that its processes had until now.
    let again = System::of(directory.path(), &mut classiclink(directory.path(), &["up", "--listen", &system.endpoint]));
    again.tell(&["exec", "visitor", "--", "true"]);
    again.tell(&["host", "remove", "visitor"]);
    assert_eq!(again.run(&["exec", "visitor", "--", "true"]).status.code(), Some(1));
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

/// The text of the first element of that name.
fn element(body: &str, name: &str) -> String {
    let open = format!("<{name}>");
    let text = body.split_once(&open).and_then(|(_, rest)| rest.split_once('<'));
    text.unwrap_or_else(|| panic!("no {name} in {body}")).0.to_owned()
}

const RUN: &str = "Action=RunInstances&ImageId=ami-12345678&InstanceType=m1.small&MinCount=1&MaxCount=1";

impl System<'_> {
    /// An instance as it is described, once that text is in it.
    fn instance_with(&self, id: &str, text: &str) -> String {
        self.instance_once(id, |body| body.contains(text))
    }

    /// An instance as it is described, once the description is as it should be.
    fn instance_once(&self, id: &str, is_so: impl Fn(&str) -> bool) -> String {
        let until = Instant::now() + Duration::from_secs(60);
        loop {
            let (_, body) = self.get(&format!("Action=DescribeInstances&InstanceId.1={id}"));
            if is_so(&body) {
                return body;
            }
            assert!(Instant::now() < until, "not as it should be: {body}");
        }
    }
}

/// A namespace that is none of ours.
struct ForeignNamespace(std::path::PathBuf);

impl ForeignNamespace {
    fn of(name: &str) -> Self {
        let path = Path::new("/run/netns").join(name);
        std::fs::write(&path, "").unwrap();
        Self(path)
    }
}

impl Drop for ForeignNamespace {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

#[test]
fn one_host_that_cannot_be_made_keeps_no_other_down() {
    let directory = tempfile::tempdir().unwrap();
    let mut system = System::start(directory.path());
    let [bad, good] = [(); 2].map(|()| element(&system.get(RUN).1, "instanceId"));
    for id in [&bad, &good] {
        system.instance_with(id, "<name>running</name>");
    }
    let namespace = format!("{}-{bad}", system.mark());
    system.signal(Signal::SIGINT);
    let foreign = ForeignNamespace::of(&namespace);
    let again = System::start(directory.path());
    again.tell(&["exec", &good, "--", "true"]);
    again.instance_with(&bad, "<message>Server.InternalError: the namespace /run/netns/");
    let status = again.tell(&["status"]);
    assert!(
        status.contains(&format!("{bad}  failed, tried again")) && status.contains("was not made here"),
        "{status}"
    );
    let refused = again.run(&["exec", &bad, "--", "true"]);
    assert!(String::from_utf8_lossy(&refused.stderr).contains("was not made here"));
    // New ones come, and so does this one once nothing is in its way.
    again.instance_with(&element(&again.get(RUN).1, "instanceId"), "<name>running</name>");
    drop(foreign);
    while !again.run(&["exec", &bad, "--", "true"]).status.success() {}
    again.instance_once(&bad, |body| body.contains("<name>running</name>") && !body.contains("stateReason"));
}

#[test]
fn an_instance_is_on_its_way_until_its_host_is_there_or_gone() {
    let directory = tempfile::tempdir().unwrap();
    let system = System::start(directory.path());
    let launched = system.get(RUN).1;
    assert!(launched.contains("<instanceState><code>0</code><name>pending</name></instanceState>"), "{launched}");
    let id = element(&launched, "instanceId");
    let namespace = Path::new("/run/netns").join(format!("{}-{id}", system.mark()));
    system.instance_with(&id, "<name>running</name>");
    assert!(namespace.exists());
    let change = |action: &str| element(&system.get(&format!("Action={action}&InstanceId.1={id}")).1, "name");
    assert_eq!(change("StopInstances"), "stopping");
    system.instance_with(&id, "<name>stopped</name>");
    assert!(!namespace.exists());
    assert_eq!(change("StartInstances"), "pending");
    system.instance_with(&id, "<name>running</name>");
    system.tell(&["exec", &id, "--", "true"]);
    assert_eq!(change("TerminateInstances"), "shutting-down");
    system.instance_with(&id, "<name>terminated</name>");
    assert!(!namespace.exists());

    // One that has no host any more has nothing to wait for.
    let id = element(&system.get(RUN).1, "instanceId");
    for (action, state) in [("", "running"), ("StopInstances", "stopped"), ("TerminateInstances", "terminated")] {
        system.get(&format!("Action={action}&InstanceId.1={id}"));
        system.instance_with(&id, &format!("<name>{state}</name>"));
    }
}

#[test]
fn whatever_is_killed_instances_get_where_they_are_going() {
    let directory = tempfile::tempdir().unwrap();
    let system = System::start(directory.path());
    let mark = system.mark();
    for kills in [&["dataplane"][..], &["control"], &["dataplane", "control"]] {
        let ids: Vec<_> = (0..6).map(|_| element(&system.get(RUN).1, "instanceId")).collect();
        for id in &ids[..3] {
            system.get(&format!("Action=TerminateInstances&InstanceId.1={id}"));
        }
        let processes: Vec<i64> = kills.iter().map(|name| system.process(name, None)).collect();
        for process in processes {
            kill(Pid::from_raw(process.try_into().unwrap()), Signal::SIGKILL).unwrap();
        }
        for (index, id) in ids.iter().enumerate() {
            let (state, there) = if index < 3 { ("terminated", false) } else { ("running", true) };
            system.instance_with(id, &format!("<name>{state}</name>"));
            assert_eq!(Path::new("/run/netns").join(format!("{mark}-{id}")).exists(), there, "{kills:?} {state}");
        }
    }
}

#[test]
fn the_console_waits_until_what_it_launches_runs() {
    let directory = tempfile::tempdir().unwrap();
    let system = System::start(directory.path());
    let vpc = system.tell(&["vpc", "create", "172.16.0.0/16", "--classic-link"]);
    let ids = system.tell(&["launch", "--count", "2", "--link", &vpc, "--link-groups", "default"]);
    for id in ids.lines() {
        let (_, body) = system.get(&format!("Action=DescribeInstances&InstanceId.1={id}"));
        assert_eq!(element(&body, "name"), "running");
        system.tell(&["exec", id, "--", "true"]);
    }
    assert_eq!(system.tell(&["links"]).lines().count(), 2);
}

#[test]
fn a_dataplane_that_hangs_is_reported_and_replaced() {
    let directory = tempfile::tempdir().unwrap();
    let system = System::start(directory.path());
    let before = system.process("dataplane", None);
    kill(Pid::from_raw(before.try_into().unwrap()), Signal::SIGSTOP).unwrap();
    let (status, body) = system.get("Action=CreateVpc&CidrBlock=192.168.0.0/16");
    assert!(status.contains("503") && body.contains("<Code>Unavailable</Code>"), "{status} {body}");
    // What only begins, begins; what needs no dataplane is as always.
    assert_eq!(element(&system.get(RUN).1, "name"), "pending");
    assert!(system.get("Action=DescribeRegions").0.contains("200"));
    assert!(system.tell(&["status"]).contains("does not answer"));
    assert!(system.process("dataplane", Some(before)) > 0);
    assert!(system.get("Action=CreateVpc&CidrBlock=192.168.0.0/16").0.contains("200"));
    let id = element(&system.get("Action=DescribeInstances").1, "instanceId");
    system.instance_with(&id, "<name>running</name>");
}

#[test]
fn the_clients_of_a_control_that_hangs_are_answered_and_another_takes_its_place() {
    let directory = tempfile::tempdir().unwrap();
    let system = System::start(directory.path());
    let before = system.process("control", None);
    kill(Pid::from_raw(before.try_into().unwrap()), Signal::SIGSTOP).unwrap();
    let (status, body) = system.get("Action=DescribeRegions");
    assert!(status.contains("503") && body.contains("<Code>Unavailable</Code>"), "{status} {body}");
    while !system.get("Action=DescribeRegions").0.contains("200") {}
    assert_ne!(system.process("control", None), before);
}

#[test]
fn a_process_that_is_killed_again_and_again_is_there_at_once_each_time() {
    let directory = tempfile::tempdir().unwrap();
    let system = System::start(directory.path());
    let mut last = None;
    for _ in 0..12 {
        let id = system.process("dataplane", last);
        kill(Pid::from_raw(id.try_into().unwrap()), Signal::SIGKILL).unwrap();
        last = Some(id);
    }
    system.process("dataplane", last);
    let mut said = String::new();
    let mut system = system;
    system.signal(Signal::SIGTERM);
    system.up.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!(said.matches("dataplane ended").count(), 12, "{said}");
    assert!(!said.contains("again in"), "{said}");
}

#[test]
fn a_system_starts_while_others_ask_for_its_status() {
    let directory = tempfile::tempdir().unwrap();
    let asks = std::sync::atomic::AtomicBool::new(true);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while asks.load(Ordering::Relaxed) {
                let _ = classiclink(directory.path(), &["status"]).output();
            }
        });
        for _ in 0..5 {
            System::start(directory.path()).signal(Signal::SIGTERM);
        }
        asks.store(false, Ordering::Relaxed);
    });
}

#[test]
fn the_endpoint_speaks_the_query_protocol() {
    let directory = tempfile::tempdir().unwrap();
    let system = System::start(directory.path());
    let (head, body) = system.ask("Action=CreateVpc&CidrBlock=192.168.0.0/16&Version=2016-11-15");
    assert!(head.starts_with("HTTP/1.1 200") && body.contains("<CreateVpcResponse xmlns="), "{head} {body}");
    let id = body.split(['<', '>']).skip_while(|text| *text != "requestId").nth(1).unwrap();
    assert!(head.contains(&format!("x-amzn-requestid: {id}")), "{head} {body}");
    let (status, body) = system.get("Action=MakeCoffee");
    assert!(status.starts_with("HTTP/1.1 400") && body.contains("<Code>InvalidAction</Code>"), "{status} {body}");
    let (status, body) = system.get("Action=CreateVpc&CidrBlock=192.168.0.0/16&DryRun=true");
    assert!(status.starts_with("HTTP/1.1 412") && body.contains("<Code>DryRunOperation</Code>"), "{status} {body}");
}

#[test]
fn the_printed_example_works() {
    let scenario = concat!(env!("CARGO_MANIFEST_DIR"), "/../../scenarios/three-tier.yaml");
    let run = Command::new(PROGRAM).args(["run", scenario]).stdin(Stdio::null()).output().unwrap();
    assert!(run.status.success(), "{}{}", String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&run.stderr));
}
