//! `classiclink run`, from outside: real namespaces, real packets.
#![allow(clippy::unwrap_used)] // In a test, that is an assertion.

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

fn scenarios() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios")
}

fn run(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_classiclink")).arg("run").args(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn namespaces() -> BTreeSet<String> {
    let entries = fs::read_dir("/run/netns").into_iter().flatten().flatten();
    entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}

/// A scenario in a file of its own, with a host `there` and another by this name.
fn file(directory: &Path, here: &str, steps: &str) -> String {
    let path = directory.join("scenario.yaml");
    let hosts = format!("    {here}: {{internet: 203.0.113.1}}\n    there: {{internet: 203.0.113.2}}\n");
    fs::write(&path, format!("name: small\nproves: []\nnetwork:\n  hosts:\n{hosts}steps:\n{steps}")).unwrap();
    path.to_string_lossy().into_owned()
}

#[test]
fn every_scenario_passes() {
    let output = run(&[&scenarios().to_string_lossy()]);
    let said = text(&output.stdout);
    let failures: Vec<_> = said.split_inclusive('\n').filter(|line| !line.starts_with("  ok")).collect();
    assert!(output.status.success(), "{}{}", failures.concat(), text(&output.stderr));
    assert!(said.lines().last().unwrap().ends_with(" passed, 0 failed"), "{said}");
}

#[test]
fn failures_are_counted_and_printed() {
    let directory = tempfile::tempdir().unwrap();
    let steps =
        "  - gone can ping there\n  - gone cannot ping there: martian\n  - gone cannot ping 203.0.113.3: martian\n";
    let (path, junit) = (file(directory.path(), "gone", steps), directory.path().join("junit.xml"));
    let before = namespaces();
    let output = run(&[&path, "--junit", &junit.to_string_lossy()]);
    let said = text(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{said}{}", text(&output.stderr));
    assert_eq!(said.lines().last(), Some("2 passed, 2 failed"));
    assert!(said.contains("it got through and was answered"), "{said}");
    assert!(said.contains("it was dropped, but for no-such-address"), "{said}");
    let junit = fs::read_to_string(junit).unwrap();
    assert!(junit.contains("<testsuites tests=\"4\" failures=\"2\">"), "{junit}");
    // Nothing stays. Other tests have their namespaces at the same time, under other names.
    let left: Vec<_> = namespaces().difference(&before).filter(|name| name.ends_with("-gone")).cloned().collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn json_lines_say_the_same() {
    let directory = tempfile::tempdir().unwrap();
    let output = run(&[&file(directory.path(), "here", "  - here can ping there\n"), "--json"]);
    let events: Vec<serde_json::Value> =
        text(&output.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let kinds: Vec<_> = events.iter().map(|event| event["event"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["step", "step", "end", "summary"], "{events:?}");
    assert_eq!((&events[3]["passed"], &events[3]["failed"]), (&2.into(), &0.into()));
}

#[test]
fn a_file_that_is_no_scenario_is_an_error_with_its_place() {
    let directory = tempfile::tempdir().unwrap();
    let path = file(directory.path(), "here", "  - here can ping there\n  - here can fly\n");
    let output = run(&[&path]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        text(&output.stderr).contains(&format!("{path}:9:5: `here can fly` is no step")),
        "{}",
        text(&output.stderr)
    );
    assert!(output.stdout.is_empty());
}

#[test]
fn a_kept_system_stays_up_until_it_is_interrupted() {
    let directory = tempfile::tempdir().unwrap();
    let path = file(directory.path(), "stays", "  - stays can ping there\n");
    let mut run = Command::new(env!("CARGO_BIN_EXE_classiclink"))
        .args(["run", "--keep", &path])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(run.stdout.take().unwrap()).lines().map_while(Result::ok);
    let map = lines.find_map(|line| line.strip_prefix("its map: http://").map(str::to_owned)).unwrap();
    let (endpoint, page) = map.split_once('/').unwrap();
    let mut stream = TcpStream::connect(endpoint).unwrap();
    write!(stream, "GET /{page}/network HTTP/1.1\r\nHost: {endpoint}\r\nConnection: close\r\n\r\n").unwrap();
    let mut network = String::new();
    stream.read_to_string(&mut network).unwrap();
    assert!(network.contains(r#""name":"stays""#), "{network}");
    kill(Pid::from_raw(run.id().cast_signed()), Signal::SIGINT).unwrap();
    assert_eq!(lines.last().as_deref(), Some("2 passed, 0 failed"));
    assert!(run.wait().unwrap().success());
    assert!(TcpStream::connect(endpoint).is_err(), "the system is gone");
}

#[test]
fn one_system_is_kept_not_several() {
    let output = run(&["--keep", &scenarios().join("rows").to_string_lossy()]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("give one file to --keep"), "{}", text(&output.stderr));
}
