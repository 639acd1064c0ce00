//! Disks that are full, files that are damaged, descriptors that are used up.

use super::*;
use nix::libc;
use std::fs;
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

/// How long something that will be may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// Waits until something is so.
pub fn wait_until(what: &str, is_so: impl Fn() -> bool) {
    let until = Instant::now() + PATIENCE;
    while !is_so() {
        assert!(Instant::now() < until, "{what}: not within {PATIENCE:?}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// How large a file may become by another process's writing, in bytes.
pub fn limit_files(process: i64, bytes: u64) {
    let limit = libc::rlimit { rlim_cur: bytes, rlim_max: libc::RLIM_INFINITY };
    // SAFETY: `limit` is read during the call, and nothing is written.
    let set = unsafe { libc::prlimit(process.try_into().unwrap(), libc::RLIMIT_FSIZE, &limit, std::ptr::null_mut()) };
    assert_eq!(set, 0, "{}", std::io::Error::last_os_error());
}

/// The command that starts a system.
fn start(state: &Path) -> Command {
    classiclink(state, &["up", "--listen", "127.0.0.1:0"])
}

/// What a command that starts a system says instead of doing so.
fn refusal(up: &mut Command) -> String {
    let mut up = up.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let until = Instant::now() + PATIENCE;
    while up.try_wait().unwrap().is_none() && Instant::now() < until {
        std::thread::sleep(Duration::from_millis(20));
    }
    // It may have ended, which is what it should have done.
    let _ = kill(Pid::from_raw(up.id().cast_signed()), Signal::SIGTERM);
    let output = up.wait_with_output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "it does not end by itself: {said}");
    assert!(!said.contains("panicked"), "{said}");
    said
}

impl System<'_> {
    fn vpcs(&self) -> usize {
        self.get("Action=DescribeVpcs").1.matches("<vpcId>").count()
    }

    fn create_vpc(&self) -> (String, String) {
        self.get("Action=CreateVpc&CidrBlock=10.1.0.0/16")
    }
}

#[test]
fn a_store_that_has_no_room_goes_on_when_it_has() {
    let directory = tempfile::tempdir().unwrap();
    let system = System::start(directory.path());
    let control = system.process("control", None);
    limit_files(control, fs::metadata(directory.path().join("cloud.redb")).unwrap().len());
    let mut made = 0;
    let (status, body) = loop {
        let (status, body) = system.create_vpc();
        if !status.contains("200") {
            break (status, body);
        }
        made += 1;
        assert!(made < 1000, "the store has no limit");
    };
    assert!(status.contains(" 50"), "{status}");
    assert!(body.contains("cloud.redb") && body.contains("ulimit") && !body.contains("fresh"), "{body}");
    assert!(!system.create_vpc().0.contains("200"));
    assert_eq!(system.vpcs(), made);
    limit_files(control, libc::RLIM_INFINITY);
    assert!(system.create_vpc().0.contains("200"));
    assert_eq!(system.process("control", None), control, "it has not been started again");
    kill(Pid::from_raw(control.try_into().unwrap()), Signal::SIGKILL).unwrap();
    assert!(system.process("control", Some(control)) > 0);
    assert_eq!(system.vpcs(), made + 1);
}

#[test]
fn a_damaged_store_is_refused_kept_and_restored() {
    let directory = tempfile::tempdir().unwrap();
    let (store, copy) = (directory.path().join("cloud.redb"), directory.path().join("cloud.copy"));
    let mut system = System::start(directory.path());
    assert!(system.create_vpc().0.contains("200"));
    let vpcs = || fs::read_to_string(&copy).unwrap_or_default().matches(r#"{"collection":"vpcs""#).count();
    wait_until("the change is copied", || vpcs() == 1);
    system.signal(Signal::SIGKILL);
    fs::write(&store, "").unwrap();
    let said = refusal(&mut start(directory.path()));
    assert!(said.contains("cloud.redb is damaged: it is empty") && said.contains("up --restore"), "{said}");
    assert_eq!(fs::metadata(&store).unwrap().len(), 0, "it is left as it is");

    let mut up = classiclink(directory.path(), &["up", "--listen", "127.0.0.1:0", "--restore"]);
    let restored = System::of(directory.path(), &mut up);
    assert_eq!(restored.vpcs(), 1);
    let names = fs::read_dir(directory.path()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    assert_eq!(names.filter(|name| name.starts_with("cloud.redb.damaged-")).count(), 1);
}

#[test]
fn a_backup_comes_up_elsewhere() {
    let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut system = System::start(here.path());
    assert!(system.create_vpc().0.contains("200"));
    let busy = system.run(&["backup"]);
    assert!(String::from_utf8_lossy(&busy.stderr).contains("already up") && busy.stdout.is_empty());
    system.signal(Signal::SIGTERM);
    let backup = classiclink(here.path(), &["backup"]).output().unwrap();
    assert!(backup.status.success(), "{}", String::from_utf8_lossy(&backup.stderr));
    let file = here.path().join("backup");
    fs::write(&file, backup.stdout).unwrap();

    let mut up = classiclink(there.path(), &["up", "--listen", "127.0.0.1:0", "--restore", file.to_str().unwrap()]);
    let other = System::of(there.path(), &mut up);
    assert_eq!(other.vpcs(), 1);
}

#[test]
fn terminated_instances_leave_the_store_after_their_hour() {
    let directory = tempfile::tempdir().unwrap();
    let system = System::start(directory.path());
    let run = "Action=RunInstances&ImageId=ami-1a2b3c4d&InstanceType=m1.small&MinCount=1&MaxCount=1";
    let (_, launched) = system.get(run);
    let id = launched.split("<instanceId>").nth(1).and_then(|rest| rest.split('<').next()).unwrap();
    assert!(system.get(&format!("Action=TerminateInstances&InstanceId.1={id}")).0.contains("200"));
    let is_stored = || fs::read_to_string(directory.path().join("cloud.copy")).unwrap_or_default().contains(id);
    wait_until("it is stored", is_stored);
    system.tell(&["clock", "advance", "61m"]);
    wait_until("it is forgotten", || !is_stored());
}

#[test]
fn a_dataplane_without_descriptors_goes_on() {
    let directory = tempfile::tempdir().unwrap();
    let mut up = Command::new("sh");
    up.args(["-c", "ulimit -n 96; exec \"$@\"", "sh", PROGRAM, "up", "--listen", "127.0.0.1:0", "--state"]);
    let system = System::of(directory.path(), up.arg(directory.path()));
    let dataplane = system.process("dataplane", None);
    let socket = directory.path().join("dataplane.sock");
    let silent: Vec<UnixStream> = (0..150).map_while(|_| UnixStream::connect(&socket).ok()).collect();
    let open = || fs::read_dir(format!("/proc/{dataplane}/fd")).map_or(0, Iterator::count);
    wait_until("all descriptors are used", || open() >= 96);
    drop(silent);
    wait_until("they are free again", || open() < 60);
    let host = "visitor";
    system.tell(&["host", "add", host, "--address", "203.0.113.1"]);
    assert_eq!(system.process("dataplane", None), dataplane, "it has not been started again");
}

#[test]
fn a_limit_on_files_is_an_error_like_any_other() {
    let directory = tempfile::tempdir().unwrap();
    let mut up = Command::new("sh");
    up.args(["-c", "ulimit -f 64; exec \"$@\"", "sh", PROGRAM, "up", "--listen", "127.0.0.1:0", "--state"]);
    let said = refusal(up.arg(directory.path()));
    // Control or the dataplane, whichever meets it first.
    assert!(said.contains("File too large"), "{said}");
}

#[test]
fn a_state_directory_that_others_can_write_into_is_refused() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let directory = tempfile::tempdir().unwrap();
    let (open, link) = (directory.path().join("open"), directory.path().join("link"));
    fs::create_dir(&open).unwrap();
    fs::set_permissions(&open, fs::Permissions::from_mode(0o777)).unwrap();
    symlink(&open, &link).unwrap();
    assert!(refusal(&mut start(&open)).contains("chmod 700"));
    assert!(refusal(&mut start(&link)).contains("is a link"));
    assert_eq!(fs::read_dir(&open).unwrap().count(), 0);
}
