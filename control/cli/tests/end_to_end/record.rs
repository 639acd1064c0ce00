//! A recording of real packets, replayed.

use super::accidents::{limit_files, wait_until};
use super::explain::request;
use super::*;
use std::fs;

/// The first part of a text between two others.
fn between<'t>(text: &'t str, before: &str, after: &str) -> &'t str {
    let start = text.find(before).unwrap_or_else(|| panic!("{before} in {text}")) + before.len();
    &text[start..start + text[start..].find(after).unwrap()]
}

/// Two instances in EC2-Classic, each of which lets TCP 80 in: their names, and the address of the second.
fn pair(system: &System<'_>) -> ([String; 2], String) {
    let call = |query: &str| {
        let (status, body) = system.get(query);
        assert!(status.contains(" 200 "), "{query}: {status} {body}");
        body
    };
    call("Action=CreateSecurityGroup&GroupName=web&GroupDescription=d");
    call(&format!("Action=AuthorizeSecurityGroupIngress{RULE}"));
    let ids: [String; 2] = std::array::from_fn(|_| {
        let launch = "Action=RunInstances&ImageId=ami-1a2b3c4d&MinCount=1&MaxCount=1&SecurityGroup.1=web";
        let body = call(launch);
        between(&body, "<instanceId>", "<").to_owned()
    });
    ids.iter().for_each(|id| _ = system.tell(&["exec", id, "--", "true"]));
    let body = call(&format!("Action=DescribeInstances&InstanceId.1={}", ids[1]));
    (ids, between(&body, "<privateIpAddress>", "<").to_owned())
}

const RULE: &str = "&GroupName=web&IpProtocol=tcp&FromPort=80&ToPort=80&CidrIp=0.0.0.0/0";

/// Whether a SYN gets there and its answer back: nobody listens, so the answer is a RST.
fn is_refused(system: &System<'_>, from: &str, address: &str) -> bool {
    let connect = format!("exec 3<>/dev/tcp/{address}/80");
    let connect = system.run(&["exec", from, "--", "timeout", "2", "bash", "-c", &connect]);
    String::from_utf8_lossy(&connect.stderr).contains("refused")
}

#[test]
fn packets_and_a_revoke_replay_without_differences() {
    let directory = tempfile::tempdir().unwrap();
    let state = directory.path().join("state");
    let recording = directory.path().join("recording").display().to_string();
    let all = directory.path().join("all").display().to_string();
    let system = System::of(&state, &mut classiclink(&state, &["up", "--listen", "127.0.0.1:0"]));
    let ([from, _], address) = pair(&system);
    assert!(is_refused(&system, &from, &address), "a flow that is there when the recording begins");
    let record = classiclink(&state, &["record", "-o", &recording]).stdout(Stdio::piped()).spawn().unwrap();
    while fs::metadata(&recording).map_or(0, |file| file.len()) == 0 {
        std::thread::yield_now();
    }
    let twice = system.run(&["record", "-o", &all]);
    assert!(String::from_utf8_lossy(&twice.stderr).contains("a recording is running already"));
    assert!((0..3).all(|_| is_refused(&system, &from, &address)));
    assert!(system.get(&format!("Action=RevokeSecurityGroupIngress{RULE}")).0.contains(" 200 "));
    assert!(!is_refused(&system, &from, &address));
    kill(Pid::from_raw(record.id().cast_signed()), Signal::SIGINT).unwrap();
    let told = record.wait_with_output().unwrap();
    let told = String::from_utf8(told.stdout).unwrap();
    assert!(told.starts_with("recorded ") && !told.contains("lost"), "{told}");
    drop(system);

    let replay = |arguments: &[&str]| {
        let output = classiclink(&state, &[&["replay", &recording], arguments].concat()).output().unwrap();
        (output.status.success(), String::from_utf8(output.stdout).unwrap())
    };
    let (is_same, text) = replay(&[]);
    assert!(is_same && text.contains(" 1 changes, 0 differences"), "{text}");
    let (_, text) = replay(&["-v"]);
    assert!(text.contains("change 1: the rules of sg-") && text.contains("dropped (ingress-filter)"), "{text}");
    let (_, text) = replay(&["--until", "drop"]);
    assert!(text.contains("dropped (ingress-filter): no rule lets it in to i-"), "{text}");
    let (_, text) = replay(&["--change", "1=skip"]);
    assert!(text.contains("change 1:") && text.contains("; recorded: dropped (ingress-filter)"), "{text}");
    let (_, text) = replay(&["--bisect", "ingress-filter"]);
    assert!(text.contains("change 1 made it: the rules of sg-") && text.contains("without it: "), "{text}");
    for wrong in [&["--to", "0"][..], &["--change", "0=skip"], &["--from", "5", "--to", "2"], &["--from", "99999"]] {
        assert!(!replay(wrong).0, "{wrong:?}");
    }
    let pcap = directory.path().join("slice.pcapng");
    replay(&["--pcap", &pcap.display().to_string(), "--from", "2", "--to", "3"]);
    assert_eq!(fs::read(&pcap).unwrap()[..4], [0x0a, 0x0d, 0x0d, 0x0a]);

    let scenario = directory.path().join("least.yaml").display().to_string();
    let output = classiclink(&state, &["minimise", &recording, "-o", &scenario]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let output = classiclink(&state, &["run", &scenario]).output().unwrap();
    let text = fs::read_to_string(&scenario).unwrap();
    assert!(output.status.success(), "{text}\n{}", String::from_utf8_lossy(&output.stdout));
    assert!(text.contains("cannot tcp 80 on") && text.contains(": ingress-filter"), "{text}");
}

#[test]
fn a_system_that_records_itself_keeps_everything() {
    let directory = tempfile::tempdir().unwrap();
    let state = directory.path().join("state");
    let recording = directory.path().join("recording").display().to_string();
    let mut system = pair_recorded(&state, &recording);
    assert!((0..3).all(|_| is_refused(&system, "visitor", "203.0.113.2")));
    system.signal(Signal::SIGTERM);
    let output = classiclink(&state, &["replay", &recording]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success() && text.contains(", 0 differences") && !text.contains("no end"), "{text}");
    let packets: u64 = text.split(' ').next().unwrap().parse().unwrap();
    assert!(packets >= 6, "{text}");
}

#[test]
fn a_file_that_is_no_recording_is_an_error() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("file").display().to_string();
    for content in [&b""[..], b"name: x", b"\x93clkrec\n\0\0\0\x09", b"\x93clkrec\n\0\0\0\x01\xff\xff\xff\xff"] {
        fs::write(&path, content).unwrap();
        for verb in [&["replay", &path][..], &["minimise", &path, "-o", "/dev/null"]] {
            let output = classiclink(directory.path(), verb).output().unwrap();
            let error = String::from_utf8(output.stderr).unwrap();
            assert!(!output.status.success() && error.starts_with("classiclink: ") && error.contains(&path), "{error}");
            assert_eq!(error.lines().count(), 1, "{error}");
        }
    }
}

/// The packets and differences that a replay tells of.
fn replayed(state: &Path, recording: &str) -> String {
    let output = classiclink(state, &["replay", recording]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success() && text.contains(", 0 differences"), "{text}");
    text
}

fn pair_outside(system: &System<'_>) {
    system.tell(&["host", "add", "visitor", "--address", "203.0.113.1"]);
    system.tell(&["host", "add", "other", "--address", "203.0.113.2"]);
}

/// A system that records itself from its start, with the pair outside.
fn pair_recorded<'s>(state: &'s Path, recording: &str) -> System<'s> {
    let arguments = ["up", "--listen", "127.0.0.1:0", "--record", recording];
    let system = System::of(state, &mut classiclink(state, &arguments));
    pair_outside(&system);
    system
}

#[test]
fn a_second_system_does_not_empty_what_the_first_records() {
    let directory = tempfile::tempdir().unwrap();
    let (state, elsewhere) = (directory.path().join("state"), directory.path().join("elsewhere"));
    let recording = directory.path().join("recording").display().to_string();
    let arguments = ["up", "--listen", "127.0.0.1:0", "--record", &recording];
    let mut system = System::of(&state, &mut classiclink(&state, &arguments));
    pair_outside(&system);
    assert!((0..3).all(|_| is_refused(&system, "visitor", "203.0.113.2")));
    for other in [&state, &elsewhere] {
        let second = classiclink(other, &arguments).stdin(Stdio::null()).output().unwrap();
        assert!(!second.status.success(), "{}", String::from_utf8_lossy(&second.stdout));
    }
    assert!(is_refused(&system, "visitor", "203.0.113.2"));
    system.signal(Signal::SIGTERM);
    let text = replayed(&state, &recording);
    assert!(text.split(' ').next().unwrap().parse::<u64>().unwrap() >= 8, "{text}");
}

#[test]
fn of_two_recordings_begun_together_one_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let state = directory.path().join("state");
    let recording = directory.path().join("recording").display().to_string();
    let system = System::of(&state, &mut classiclink(&state, &["up", "--listen", "127.0.0.1:0"]));
    pair_outside(&system);
    let record = || {
        let mut record = classiclink(&state, &["record", "-o", &recording, "--seconds", "2"]);
        record.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    };
    let both = [record(), record()];
    while fs::metadata(&recording).map_or(0, |file| file.len()) == 0 {
        std::thread::yield_now();
    }
    assert!(is_refused(&system, "visitor", "203.0.113.2"));
    let ended = both.map(|record| record.wait_with_output().unwrap());
    let failed: Vec<_> = ended.iter().filter(|output| !output.status.success()).collect();
    assert_eq!(failed.len(), 1, "{ended:?}");
    let said = String::from_utf8_lossy(&failed[0].stderr);
    assert!(said.contains("recording is"), "{said}");
    replayed(&state, &recording);
}

/// A disk that was full once: what was written before can be used, and so can what comes behind it.
#[test]
fn a_system_that_records_itself_goes_on_after_a_full_disk() {
    let directory = tempfile::tempdir().unwrap();
    let state = directory.path().join("state");
    let recording = directory.path().join("recording").display().to_string();
    let mut system = pair_recorded(&state, &recording);
    assert!(is_refused(&system, "visitor", "203.0.113.2"));
    let size = || fs::metadata(&recording).unwrap().len();
    let dataplane = system.process("dataplane", None);
    let mut told = BufReader::new(system.up.stderr.take().unwrap());
    limit_files(dataplane, size());
    assert!(is_refused(&system, "visitor", "203.0.113.2"));
    let mut line = String::new();
    while !line.contains("cannot continue") {
        line.clear();
        assert!(told.read_line(&mut line).unwrap() > 0, "it ends without a word");
    }
    let full = size();
    limit_files(dataplane, nix::libc::RLIM_INFINITY);
    wait_until("it is recorded again", || is_refused(&system, "visitor", "203.0.113.2") && size() > full);
    system.signal(Signal::SIGTERM);
    replayed(&state, &recording);
}

/// A system that stops ends the recording of `record`, too, and nothing of the last second is missing.
#[test]
fn a_recording_is_whole_when_the_system_stops() {
    let directory = tempfile::tempdir().unwrap();
    let state = directory.path().join("state");
    let recording = directory.path().join("recording").display().to_string();
    let mut system = System::of(&state, &mut classiclink(&state, &["up", "--listen", "127.0.0.1:0"]));
    pair_outside(&system);
    let mut record = classiclink(&state, &["record", "-o", &recording, "--ring", "1MiB"]);
    let record = record.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    wait_until("it is recorded", || fs::metadata(&recording).is_ok_and(|file| file.len() > 0));
    assert!((0..3).all(|_| is_refused(&system, "visitor", "203.0.113.2")));
    system.signal(Signal::SIGTERM);
    let told = record.wait_with_output().unwrap();
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
    assert!(!fs::exists(format!("{recording}.ring")).unwrap(), "the two files of a ring become one");
    let text = replayed(&state, &recording);
    assert!(text.split(' ').next().unwrap().parse::<u64>().unwrap() >= 6 && !text.contains("no end"), "{text}");
}

/// A dataplane that is killed leaves what it recorded, and the next one records from its start.
#[test]
fn a_killed_dataplane_leaves_its_last_packets() {
    let directory = tempfile::tempdir().unwrap();
    let state = directory.path().join("state");
    let recording = directory.path().join("recording").display().to_string();
    let mut system = pair_recorded(&state, &recording);
    assert!((0..3).all(|_| is_refused(&system, "visitor", "203.0.113.2")));
    let killed = system.process("dataplane", None);
    kill(Pid::from_raw(killed.try_into().unwrap()), Signal::SIGKILL).unwrap();
    system.process("dataplane", Some(killed));
    wait_until("hosts talk again", || is_refused(&system, "visitor", "203.0.113.2"));
    let size = fs::metadata(&recording).unwrap().len();
    wait_until("it is recorded again", || {
        is_refused(&system, "visitor", "203.0.113.2") && fs::metadata(&recording).unwrap().len() > size
    });
    system.signal(Signal::SIGTERM);
    let output = classiclink(&state, &["replay", &recording]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success() && text.contains("here something is missing"), "{text}");
    let counted = text.lines().find(|line| line.contains(", 0 differences")).unwrap();
    assert!(counted.split(' ').next().unwrap().parse::<u64>().unwrap() >= 6, "{text}");
}

/// A later change of the same group does not undo what the command did.
#[test]
fn what_a_command_changes_stays_changed() {
    let directory = tempfile::tempdir().unwrap();
    let state = directory.path().join("state");
    let recording = directory.path().join("recording").display().to_string();
    let mut system = System::of(&state, &mut classiclink(&state, &["up", "--listen", "127.0.0.1:0"]));
    let ([from, _], address) = pair(&system);
    let record = classiclink(&state, &["record", "-o", &recording]).stdout(Stdio::null()).spawn().unwrap();
    wait_until("it is recorded", || fs::metadata(&recording).is_ok_and(|file| file.len() > 0));
    assert!(is_refused(&system, &from, &address));
    let other = RULE.replace("80", "81");
    assert!(system.get(&format!("Action=AuthorizeSecurityGroupIngress{other}")).0.contains(" 200 "));
    assert!(is_refused(&system, &from, &address));
    system.signal(Signal::SIGTERM);
    assert!(record.wait_with_output().unwrap().status.success());
    let revoke = request(&format!("Action=RevokeSecurityGroupIngress{RULE}"));
    let revoke = revoke.replace("123456789012/20150101/eu-west-1", "test/20150101/us-east-1");
    let replay = ["replay", "--what-if", &recording, "--", "bash", "-c", &revoke];
    let output = classiclink(&state, &replay).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let opening = |line: &&str| line.contains(":80: dropped (ingress-filter)") && line.contains("; recorded: arrives");
    assert!(output.status.success() && text.lines().filter(opening).count() == 2, "{text}");
}
