//! Network namespaces of our own, and the commands that furnish them. The machine's own network is never touched.

use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What the names of all our namespaces begin with.
const PREFIX: &str = "clbench-";

/// A namespace. It goes when this is dropped.
pub struct Namespace(String);

impl Namespace {
    /// Makes one.
    pub fn new(name: &str) -> io::Result<Self> {
        let name = format!("{PREFIX}{name}");
        run(&["ip", "netns", "add", &name])?;
        let namespace = Self(name);
        namespace.run("ip link set lo up && echo '0 2147483647' > /proc/sys/net/ipv4/ping_group_range")?;
        Ok(namespace)
    }

    /// Its name, for `ip`.
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

    /// Connects two namespaces: names of the interface and its address in each.
    pub fn connect(&self, inside: (&str, &str), other: &Namespace, there: (&str, &str)) -> io::Result<()> {
        self.run(&format!("ip link add {} type veth peer name {} netns {}", inside.0, there.0, other.name()))?;
        self.run(&format!("ip addr add {} dev {} && ip link set {} up", inside.1, inside.0, inside.0))?;
        other.run(&format!("ip addr add {} dev {} && ip link set {} up", there.1, there.0, there.0))
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        if let Err(error) = run(&["ip", "netns", "delete", &self.0]) {
            eprintln!("the namespace {} stays: {error}", self.0);
        }
    }
}

/// Takes away what a run that was killed has left.
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

/// Runs a command; what it says is the error if it fails.
pub fn run(command: &[&str]) -> io::Result<()> {
    let [program, arguments @ ..] = command else { return Ok(()) };
    let output = Command::new(program).args(arguments).output();
    let output = output.map_err(|error| io::Error::new(error.kind(), format!("{program}: {error}")))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    Err(io::Error::other(format!("`{}`: {said}", command.join(" "))))
}
