//! The program of a service's host: this one, or the user's command for a real server.

use super::certificate::{CERTIFICATE, KEY};
use model::Program;
use model::services::is_engine;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use std::net::Ipv4Addr;
use std::path::Path;
use std::str::FromStr;

/// A user's command for a kind of server: `postgres=COMMAND`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceCommand {
    kind: String,
    command: String,
}

impl FromStr for ServiceCommand {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once('=') {
            Some((kind, command)) if is_engine(kind) && !command.trim().is_empty() => {
                Ok(Self { kind: kind.to_owned(), command: command.to_owned() })
            }
            _ => Err("say which server it starts, and how: postgres='exec postgres -D $DATA -p $PORT'; or mysql, mariadb, redis, \
                      memcached, redshift, oracle, sqlserver"
                .to_owned()),
        }
    }
}

impl fmt::Display for ServiceCommand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.kind, self.command)
    }
}

/// The user's commands by kind of server.
#[derive(Clone, Debug, Default)]
pub struct Commands(BTreeMap<String, String>);

impl FromIterator<ServiceCommand> for Commands {
    fn from_iter<I: IntoIterator<Item = ServiceCommand>>(all: I) -> Self {
        Self(all.into_iter().map(|ServiceCommand { kind, command }| (kind, command)).collect())
    }
}

/// How a program is started.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Command {
    /// The user's command for a shell. Without one it is this program.
    shell: Option<String>,
    /// This program's arguments.
    arguments: Vec<String>,
    /// The program's environment.
    environment: Vec<(String, String)>,
    /// The names in the certificate with which the program speaks TLS.
    #[serde(default)]
    pub(super) tls: Vec<String>,
}

impl Commands {
    /// The command for the program of a host with this name and address.
    pub(super) fn of(&self, program: &Program, host: &str, address: Ipv4Addr) -> Command {
        let shell = self.0.get(&program.kind).cloned();
        let told = [("NAME", host.to_owned()), ("ADDRESS", address.to_string()), ("PORT", program.port.to_string())];
        let shard = program.shard.clone().map(|shard| ("SHARD", shard));
        let environment = told.into_iter().chain(shard).map(|(name, value)| (name.to_owned(), value)).collect();
        Command { shell, arguments: program.arguments.clone(), environment, tls: program.tls.clone() }
    }
}

impl Command {
    /// Whether it starts a real server.
    pub(super) fn is_users(&self) -> bool {
        self.shell.is_some()
    }

    /// The command for the operating system, in the system with that state directory. The program starts in a writable
    /// directory that stays until the host is deleted.
    pub(super) fn prepared(&self, state: &Path, data: &Path) -> tokio::process::Command {
        let mut command = match &self.shell {
            Some(shell) => {
                let mut command = tokio::process::Command::new("/bin/sh");
                command.args(["-c", shell]);
                command
            }
            None => {
                // Not by the program's path, which may have another program by now, or none.
                let mut command = tokio::process::Command::new("/proc/self/exe");
                command.arg0("classiclink").args(&self.arguments).arg("--state").arg(state);
                command
            }
        };
        command.envs(self.environment.iter().cloned()).env("DATA", data).current_dir(data);
        if !self.tls.is_empty() {
            command.env("TLS_CERTIFICATE", data.join(CERTIFICATE)).env("TLS_KEY", data.join(KEY));
        }
        command
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_for_a_known_kind_of_server() {
        let command: ServiceCommand = "postgres=exec postgres -c x=1".parse().unwrap();
        assert_eq!(command.to_string(), "postgres=exec postgres -c x=1");
        for wrong in ["postgres", "postgres=", "postgers=exec x", "=x"] {
            assert!(wrong.parse::<ServiceCommand>().unwrap_err().contains("postgres="), "{wrong}");
        }
    }

    #[test]
    fn a_users_command_takes_the_place_of_ours() {
        let shard = Some("0002".to_owned());
        let program = Program { kind: "redis".into(), port: 6379, shard, ..Program::default() };
        let (ours, users): (Commands, Commands) =
            (Commands::default(), ["redis=redis-server".parse().unwrap()].into_iter().collect());
        let address = Ipv4Addr::new(10, 0, 0, 5);
        assert_eq!(ours.of(&program, "cache-1", address).shell, None);
        let command = users.of(&program, "cache-1", address);
        assert_eq!(command.shell.as_deref(), Some("redis-server"));
        assert!(command.environment.contains(&("PORT".into(), "6379".into())));
        assert!(command.environment.contains(&("ADDRESS".into(), "10.0.0.5".into())));
        assert!(command.environment.contains(&("SHARD".into(), "0002".into())));
    }
}
