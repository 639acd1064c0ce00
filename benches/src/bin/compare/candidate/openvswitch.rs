//! Open vSwitch's userspace datapath (`netdev`) with tap ports and connection-tracking rules.

use super::Running;
use crate::namespace::Namespace;
use crate::process::Process;
use crate::setup::{Obstacle, PORT, PROGRAMS_PORT, Setup};
use measuring::Options;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// How long a daemon may take to make its socket.
const PATIENCE: Duration = Duration::from_secs(10);

pub fn start(setup: &Setup, options: Options) -> Result<Running, Obstacle> {
    let schema = ["/usr/share/openvswitch/vswitch.ovsschema", "/usr/local/share/openvswitch/vswitch.ovsschema"];
    let schema = schema.into_iter().find(|path| Path::new(path).exists());
    let schema = schema.ok_or("Open vSwitch is not installed (package openvswitch-switch)")?;
    let directory = setup.directory.path().join("ovs");
    std::fs::create_dir(&directory)?;
    let (a, b, namespace) = (Namespace::new("o-a")?, Namespace::new("o-b")?, Namespace::new("o-s")?);
    let switch = Switch { namespace: &namespace, directory: &directory };
    switch.run(&format!("ovsdb-tool create db {schema}"))?;
    let database = switch.start("ovsdb-server db --remote=punix:db.sock --unixctl=db.ctl")?;
    switch.wait_for("db.sock")?;
    switch.run("ovs-vsctl --db=unix:db.sock --no-wait init")?;
    let daemon = switch.start("ovs-vswitchd unix:$PWD/db.sock --disable-system --unixctl=vs.ctl")?;
    switch.run(
        "ovs-vsctl --db=unix:db.sock --timeout=10 add-br br0 -- set bridge br0 datapath_type=netdev fail-mode=secure \
         -- add-port br0 tap-a -- set interface tap-a type=internal -- add-port br0 tap-b -- set interface tap-b type=internal",
    )?;
    for (host, tap, address) in [(&a, "tap-a", "10.97.0.1/24"), (&b, "tap-b", "10.97.0.2/24")] {
        namespace.run(&format!("ip link set {tap} netns {}", host.name()))?;
        host.run(&format!("ip link set {tap} name eth0 && ip addr add {address} dev eth0 && ip link set eth0 up"))?;
    }
    switch.run(&format!("ovs-ofctl add-flows unix:$PWD/br0.mgmt - <<'FLOWS'\n{}\nFLOWS", flows()))?;
    Running::between(setup, &a.path(), &b.path(), options, (daemon, database, a, b, namespace))
}

/// The namespace that the daemons run in, and the directory for their files.
struct Switch<'a> {
    namespace: &'a Namespace,
    directory: &'a Path,
}

impl Switch<'_> {
    /// The script, with the variables by which Open vSwitch finds its files.
    fn script(&self, script: &str) -> String {
        let directory = self.directory.display();
        format!(
            "cd {directory} && export OVS_RUNDIR={directory} OVS_LOGDIR={directory} OVS_DBDIR={directory} && {script}"
        )
    }

    fn run(&self, script: &str) -> std::io::Result<()> {
        self.namespace.run(&self.script(script))
    }

    fn start(&self, script: &str) -> std::io::Result<Process> {
        let script = self.script(&format!("exec {script}"));
        let mut command = Command::new("ip");
        command.args(["netns", "exec", self.namespace.name(), "sh", "-c", &script]);
        Process::start(command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()))
    }

    fn wait_for(&self, file: &str) -> Result<(), Obstacle> {
        let end = Instant::now() + PATIENCE;
        while !self.directory.join(file).exists() {
            if Instant::now() > end {
                return Err(format!("Open vSwitch does not make {file}").into());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }
}

fn flows() -> String {
    format!(
        "table=0,priority=10,arp,actions=NORMAL
table=0,priority=10,ip,ct_state=-trk,actions=ct(table=1)
table=1,priority=20,ip,ct_state=+trk+est,actions=NORMAL
table=1,priority=20,ip,ct_state=+trk+rel,actions=NORMAL
table=1,priority=10,ip,ct_state=+trk+new,tcp,nw_src=10.97.0.1,nw_dst=10.97.0.2,tp_dst={PORT},actions=ct(commit),NORMAL
table=1,priority=10,ip,ct_state=+trk+new,tcp,nw_src=10.97.0.1,nw_dst=10.97.0.2,tp_dst={PROGRAMS_PORT},actions=ct(commit),NORMAL
table=1,priority=10,ip,ct_state=+trk+new,udp,nw_src=10.97.0.1,nw_dst=10.97.0.2,tp_dst={PORT},actions=ct(commit),NORMAL
table=1,priority=10,ip,ct_state=+trk+new,udp,nw_src=10.97.0.1,nw_dst=10.97.0.2,tp_dst={PROGRAMS_PORT},actions=ct(commit),NORMAL
table=1,priority=10,ip,ct_state=+trk+new,icmp,nw_src=10.97.0.1,nw_dst=10.97.0.2,actions=ct(commit),NORMAL"
    )
}
