//! Network namespaces that the comparison makes, and the commands that configure them. The machine's own network is never touched.

use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The prefix of all their names.
const PREFIX: &str = "clbench-";

/// A network namespace, deleted when this is dropped.
pub struct Namespace(String);

impl Namespace {
    /// Makes a namespace whose `lo` is up and in which every user may ping.
    pub fn new(name: &str) -> io::Result<Self> {
        let name = format!("{PREFIX}{name}");
        run(&["ip", "netns", "add", &name])?;
        let namespace = Self(name);
        namespace.run("ip link set lo up && echo '0 2147483647' > /proc/sys/net/ipv4/ping_group_range")?;
        Ok(namespace)
    }

    /// Its name, as `ip netns` has it.
    pub fn name(&self) -> &str {
        &self.0
    }

    /// Where it is mounted.
    pub fn path(&self) -> PathBuf {
        Path::new("/run/netns").join(&self.0)
    }

    /// Runs a shell command inside.
    pub fn run(&self, script: &str) -> io::Result<()> {
        run(&["ip", "netns", "exec", &self.0, "sh", "-c", script])
    }

    /// Connects two namespaces by a veth pair, given the interface's name and address in each.
    pub fn connect(&self, inside: (&str, &str), other: &Namespace, there: (&str, &str)) -> io::Result<()> {
        self.run(&format!("ip link add {} type veth peer name {} netns {}", inside.0, there.0, other.name()))?;
        self.run(&format!("ip addr add {} dev {} && ip link set {} up", inside.1, inside.0, inside.0))?;
        other.run(&format!("ip addr add {} dev {} && ip link set {} up", there.1, there.0, there.0))
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        if let Err(error) = run(&["ip", "netns", "delete", &self.0]) {
            eprintln!("the namespace {} cannot be deleted: {error}", self.0);
        }
    }
}

/// Deletes the namespaces that an interrupted run has left.
pub fn remove_leftovers() -> io::Result<()> {
    let Ok(entries) = std::fs::read_dir("/run/netns") else { return Ok(()) };
    for entry in entries {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if name.starts_with(PREFIX) {
            drop(Namespace(name));
        }
    }
    Ok(())
}

/// A command that runs the program that follows inside the namespace mounted at `path`.
pub fn inside(path: &Path) -> Command {
    let mut command = Command::new("nsenter");
    command.arg(format!("--net={}", path.display()));
    command
}

/// Runs a command.
///
/// # Errors
/// If it cannot be started or fails; the error has what it wrote to standard error.
pub fn run(command: &[&str]) -> io::Result<()> {
    let [program, arguments @ ..] = command else { return Ok(()) };
    let output = Command::new(program).args(arguments).output();
    let output = output.map_err(|error| io::Error::new(error.kind(), format!("{program}: {error}")))?;
    if output.status.success() {
        return Ok(());
    }
    let message = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    Err(io::Error::other(format!("`{}`: {message}", command.join(" "))))
}
