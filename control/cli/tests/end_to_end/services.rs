//! What runs on services' hosts: who keeps it, whom it outlives, and what becomes of a command that does not work.

use super::*;
use serde_json::Value;
use std::fs;

/// How long something that will be may take.
const PATIENCE: Duration = Duration::from_secs(60);

impl System<'_> {
    /// What `status` says of a service's host, as soon as it is so.
    fn service(&self, host: &str, is_so: impl Fn(&Value) -> bool) -> Value {
        let until = Instant::now() + PATIENCE;
        loop {
            let output = self.run(&["status", "--json"]);
            let status: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
            let rows = status["services"].as_array().into_iter().flatten();
            let found = rows.clone().find(|row| row["host"] == host && is_so(row));
            match found {
                Some(row) => return row.clone(),
                None => assert!(Instant::now() < until, "{host}: {:?}", rows.collect::<Vec<_>>()),
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// The process that runs on a service's host.
    fn program(&self, host: &str) -> Option<i32> {
        let record = fs::read(self.state.join("programs").join(host)).ok()?;
        let record: Value = serde_json::from_slice(&record).ok()?;
        record["process"].as_i64()?.try_into().ok().filter(|process| is_alive(*process))
    }
}

/// Whether a process runs; one that nobody has waited for does not.
fn is_alive(process: i32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    stat.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with(['Z', 'X']))
}

fn is_up(row: &Value) -> bool {
    row["state"] == "up"
}

const DATABASE: &str =
    "Version=2014-10-31&Action=CreateDBInstance&DBInstanceIdentifier=live&DBInstanceClass=db.m1.small&Engine=mysql";
const HOST: &str = "live-us-east-1a";

#[test]
fn a_program_outlives_control_and_the_dataplane_and_ends_with_the_system() {
    let directory = tempfile::tempdir().unwrap();
    let mut system = System::start(directory.path());
    assert!(system.get(DATABASE).0.contains("200"));
    system.service(HOST, is_up);
    let program = system.program(HOST).unwrap();
    for name in ["control", "dataplane"] {
        let process = system.process(name, None);
        kill(Pid::from_raw(process.try_into().unwrap()), Signal::SIGKILL).unwrap();
        system.process(name, Some(process));
        system.service(HOST, is_up);
        assert_eq!(system.program(HOST), Some(program), "it does not outlive {name}");
    }

    kill(Pid::from_raw(program), Signal::SIGKILL).unwrap();
    let events = || system.get("Version=2014-10-31&Action=DescribeEvents").1;
    let until = Instant::now() + PATIENCE;
    while !events().contains("its program ended") {
        assert!(Instant::now() < until, "{}", events());
    }
    system.service(HOST, |row| is_up(row) && system.program(HOST).is_some_and(|other| other != program));
    let program = system.program(HOST).unwrap();
    let rebooted = system.get("Version=2014-10-31&Action=RebootDBInstance&DBInstanceIdentifier=live").0;
    assert!(rebooted.contains("200"), "{rebooted}");
    system.service(HOST, |row| is_up(row) && system.program(HOST).is_some_and(|other| other != program));

    let program = system.program(HOST).unwrap();
    system.signal(Signal::SIGINT);
    assert!(!is_alive(program));
    assert!(!directory.path().join("programs").exists());
}

#[test]
fn a_users_command_runs_and_a_failing_one_is_reported_while_others_work() {
    let directory = tempfile::tempdir().unwrap();
    let real = format!("memcached=echo begun in $DATA; exec {PROGRAM} respond --say \"$NAME of mine\" --port $PORT");
    let up = ["up", "--listen", "127.0.0.1:0", "--service-command", "redis=exit 3", "--service-command", &real];
    let system = System::of(directory.path(), &mut classiclink(directory.path(), &up));
    let cache = |id: &str, engine: &str| {
        let made =
            system.get(&format!("Version=2015-02-02&Action=CreateCacheCluster&CacheClusterId={id}&Engine={engine}"));
        assert!(made.0.contains("200"), "{made:?}");
    };
    cache("bad", "redis");
    let why = system.service("bad-us-east-1a", |row| row["state"] == "failed")["why"].clone();
    assert!(why.as_str().unwrap().contains("exit status: 3"), "{why}");
    cache("good", "memcached");
    let row = system.service("good-001-us-east-1a", is_up);
    let log = fs::read_to_string(directory.path().join("services/good-001-us-east-1a.log")).unwrap();
    assert!(log.starts_with("begun in /") && log.trim_end().ends_with("/services/good-001-us-east-1a"), "{log}");
    system.tell(&["exec", "good-001-us-east-1a", "--", "sh", "-c", "cat /proc/net/dev | grep -q eth0"]);
    assert!(row["names"][0].as_str().unwrap().contains(".cfg."), "{row}");

    let wrong = classiclink(directory.path(), &["up", "--service-command", "redsi=x"]).output().unwrap();
    assert!(String::from_utf8_lossy(&wrong.stderr).contains("say which server"), "{wrong:?}");
}

/// The first text between two others; nothing if there is none.
fn between<'t>(text: &'t str, before: &str, after: &str) -> &'t str {
    let rest = text.split_once(before).map_or("", |(_, rest)| rest);
    rest.split_once(after).map_or("", |(inside, _)| inside)
}

/// What an instance has printed, once it has printed a word.
fn console_with(system: &System<'_>, instance: &str, word: &str) -> String {
    loop {
        let (_, body) = system.get(&format!("Action=GetConsoleOutput&InstanceId={instance}"));
        let output = between(&body, "<output>", "</output>");
        let output = String::from_utf8(data_encoding::BASE64.decode(output.as_bytes()).unwrap()).unwrap();
        if output.contains(word) {
            return output;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn user_data_runs_in_its_instance_at_its_first_boot_and_never_again() {
    let directory = tempfile::tempdir().unwrap();
    let up = &mut classiclink(directory.path(), &["up", "--listen", "127.0.0.1:0", "--run-user-data"]);
    let system = System::of(directory.path(), up);
    let script = data_encoding::BASE64.encode(b"#!/bin/sh\nhostname\necho booted\n");
    let script = script.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
    let launch = || {
        let form = format!("Action=RunInstances&ImageId=ami-12345678&MinCount=1&MaxCount=1&UserData={script}");
        between(&system.get(&form).1, "<instanceId>", "</instanceId>").to_owned()
    };
    let first = launch();
    let printed = console_with(&system, &first, "booted");
    assert!(printed.starts_with("ip-10-"), "not the instance's own name: {printed}");
    let is = |state: &str| system.get(&format!("Action=DescribeInstances&InstanceId.1={first}")).1.contains(state);
    for (action, state) in [("StopInstances", "<name>stopped<"), ("StartInstances", "<name>running<")] {
        system.get(&format!("Action={action}&InstanceId.1={first}"));
        while !is(state) {
            std::thread::sleep(Duration::from_millis(10));
        }
    }
    // Whoever comes later has run: so would the first by now.
    console_with(&system, &launch(), "booted");
    assert_eq!(console_with(&system, &first, "booted").matches("booted").count(), 1);
}
