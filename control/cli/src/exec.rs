//! `classiclink exec`: replaces itself by a program inside a host's network namespace.

use super::Failure;
use control::admin::{self, AdminError};
use control::leases;
use control::operator::FindHost;
use control::platform;
use control::state::State;
use dataplane::host::is_marked;
use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, setns, unshare};
use nix::unistd::sethostname;
use std::ffi::OsString;
use std::fs::File;
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How long a host without a lease waits for control, after control was first found down.
const PATIENCE: Duration = Duration::from_secs(5);
/// The pause between two attempts.
const PAUSE: Duration = Duration::from_millis(20);

/// Returns only if the program cannot be run.
pub(super) fn run(state: &State, host: &str, command: &[OsString]) -> Result<(), Failure> {
    let up = state.running()?;
    let host = match resolve(state, host) {
        Ok(name) => name,
        // Control may be restarting. An id, or the name of a host outside the cloud, needs no control.
        Err(AdminError::Unreachable { .. }) => host.to_owned(),
        Err(error) => return Err(error.into()),
    };
    let namespace = enter(state, up, &host)?;
    setns(namespace, CloneFlags::CLONE_NEWNET).map_err(|error| denied(&host, error))?;
    let mut authorities = state.authorities();
    match own_mounts() {
        Ok(()) => {
            furnish(&state.leases().join(&host));
            authorities = place_authorities(authorities);
        }
        Err(error) => {
            tracing::debug!(%error, "cannot mount the host's files: the program sees the machine's own names and interfaces")
        }
    }
    let [program, arguments @ ..] = command else { return Err("give a program to run".into()) };
    let mut program = std::process::Command::new(program);
    for name in TRUST.into_iter().filter(|name| authorities.exists() && std::env::var_os(name).is_none()) {
        program.env(name, &authorities);
    }
    let error = program.args(arguments).exec();
    eprintln!("classiclink: cannot run {}: {error}", Path::new(program.get_program()).display());
    // Shells' exit statuses: 127 for a program that is not found, 126 for one that cannot be run.
    std::process::exit(if error.kind() == std::io::ErrorKind::NotFound { 127 } else { 126 });
}

/// The host's name, from control. A host without a lease waits for a control that is restarting, because a program
/// keeps the names and servers that it starts with.
fn resolve(state: &State, host: &str) -> Result<String, AdminError> {
    let mut until: Option<Instant> = None;
    loop {
        match admin::ask(state, FindHost { host: host.to_owned() }) {
            Err(AdminError::Unreachable { .. })
                if !state.leases().join(host).exists()
                    && Instant::now() < *until.get_or_insert_with(|| Instant::now() + PATIENCE) =>
            {
                std::thread::sleep(PAUSE);
            }
            answer => return answer,
        }
    }
}

/// Opens the host's namespace, after entering the system's own user and mount namespaces if it has some.
fn enter(state: &State, up: i32, host: &str) -> Result<File, Failure> {
    let own = |kind: &str| File::open(format!("/proc/{up}/ns/{kind}"));
    let user = own("user")?;
    let of_root = user.metadata()?.ino() == std::fs::metadata("/proc/self/ns/user")?.ino();
    let namespaces = state.namespaces(of_root)?;
    if !of_root {
        let (mounts, here) = (own("mnt")?, std::env::current_dir());
        setns(user, CloneFlags::CLONE_NEWUSER).map_err(|error| denied(host, error))?;
        setns(mounts, CloneFlags::CLONE_NEWNS).map_err(|error| denied(host, error))?;
        // Entering a mount namespace changes the working directory to its root.
        here.and_then(std::env::set_current_dir)?;
    }
    let path = namespaces.path_of(host);
    File::open(&path)
        .ok()
        .filter(|_| is_marked(&state.hosts().join(host), &path))
        .ok_or_else(|| format!("there is no running host {host}; `classiclink status` lists the hosts").into())
}

const NONE: Option<&str> = None;
/// Environment variables with the trusted authorities, for programs that ignore the machine's file: OpenSSL, Python's
/// requests, the AWS SDKs, Node.
const TRUST: [&str; 4] = ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "AWS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"];

/// The files of a lease for time programs and DHCP clients: the file or directory, and its possible places.
const TIMEKEEPERS: [(&str, &[&str]); 4] = [
    ("timesyncd.conf", &["/etc/systemd/timesyncd.conf"]),
    (leases::CHRONY, &["/run/chrony-dhcp", "/etc/chrony/sources.d"]),
    (leases::DHCLIENT, &["/var/lib/dhcp", "/var/lib/dhclient"]),
    (leases::NETWORKD, &["/run/systemd/netif/leases"]),
];

/// Makes mounts private to this process, so that only the program sees them.
fn own_mounts() -> nix::Result<()> {
    unshare(CloneFlags::CLONE_NEWNS)?;
    mount(NONE, "/", NONE, MsFlags::MS_REC | MsFlags::MS_SLAVE, NONE)
}

/// Gives the program the host's environment: its host name, the files of its lease in `/etc`, and a `/sys` with its
/// interfaces, as `ip netns exec` does. Most programs need only part of it, so every failure is ignored.
fn furnish(lease: &Path) {
    let try_to = |what: &str, done: nix::Result<()>| {
        if let Err(error) = done {
            tracing::debug!(%error, what, "cannot mount this: the program sees the machine's own");
        }
    };
    let bind = |from: &Path, to: &Path| mount(Some(from), to, NONE, MsFlags::MS_BIND, NONE);
    try_to("interfaces", mount(Some("sysfs"), "/sys", Some("sysfs"), MsFlags::empty(), NONE));
    for file in ["hostname", "hosts", "nsswitch.conf", "resolv.conf"] {
        try_to(file, bind(&lease.join(file), &Path::new("/etc").join(file)));
    }
    // These places exist only if time programs or a DHCP client are installed.
    for (file, places) in TIMEKEEPERS {
        if let Some(place) = places.iter().map(Path::new).find(|place| place.exists()) {
            try_to(file, bind(&lease.join(file), place));
        }
    }
    // Programs would ask the machine's own name cache first.
    let cache = Path::new("/run/nscd");
    if cache.exists() {
        try_to("cache of names", mount(Some("none"), cache, Some("tmpfs"), MsFlags::empty(), NONE));
    }
    if let Ok(name) = std::fs::read_to_string(lease.join("hostname")) {
        try_to("name", unshare(CloneFlags::CLONE_NEWUTS).and_then(|()| sethostname(name.trim_end())));
    }
}

/// Makes programs trust the API's authority inside hosts besides the machine's own. Returns the path of the file: the
/// machine's, or ours if the machine has none.
fn place_authorities(own: PathBuf) -> PathBuf {
    let mut machines = platform::MACHINES_AUTHORITIES.into_iter().map(PathBuf::from).filter(|path| path.exists());
    let placed = machines.find(|path| mount(Some(&own), path, NONE, MsFlags::MS_BIND, NONE).is_ok());
    placed.unwrap_or(own)
}

fn denied(host: &str, error: nix::Error) -> Failure {
    format!("cannot enter the namespace of {host}: {}; run this as the user who runs `up`", error.desc()).into()
}
