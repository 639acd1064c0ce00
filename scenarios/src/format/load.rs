//! Reads scenario files, and checks that every name in them is defined.

use super::Scenario;
use super::at::Place;
use super::network::Network;
use super::sentence::Sentence;
use super::step::Action;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// A file that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// It cannot be read.
    #[error("{}: {source}", path.display())]
    Read {
        /// The file or directory.
        path: PathBuf,
        /// The system's error.
        source: std::io::Error,
    },
    /// It is not a valid scenario.
    #[error("{}:{}:{}: {message}", path.display(), place.line, place.column)]
    Parse {
        /// The file.
        path: PathBuf,
        /// The place of the error.
        place: Place,
        /// The error.
        message: String,
    },
    /// A directory without scenarios.
    #[error("{}: no scenario (*.yaml) in there", .0.display())]
    Empty(PathBuf),
}

/// A scenario and its file.
#[derive(Debug)]
pub struct Loaded {
    /// The file.
    pub path: PathBuf,
    /// Its contents.
    pub scenario: Scenario,
}

/// Loads files, and all `*.yaml` under directories, in the order of their names.
///
/// # Errors
/// The error in the first file that cannot be used.
pub fn load(paths: &[PathBuf]) -> Result<Vec<Loaded>, LoadError> {
    let mut files = Vec::new();
    for path in paths {
        let before = files.len();
        collect(path, true, &mut files)?;
        if files.len() == before {
            return Err(LoadError::Empty(path.clone()));
        }
    }
    files.into_iter().map(|path| parse_file(&path).map(|scenario| Loaded { path, scenario })).collect()
}

fn collect(path: &Path, named: bool, files: &mut Vec<PathBuf>) -> Result<(), LoadError> {
    let read = |source| LoadError::Read { path: path.to_owned(), source };
    if fs::metadata(path).map_err(read)?.is_dir() {
        let entries = fs::read_dir(path).map_err(read)?.collect::<Result<Vec<_>, _>>().map_err(read)?;
        let mut entries: Vec<_> = entries.into_iter().map(|entry| entry.path()).collect();
        entries.sort();
        entries
            .iter()
            .filter(|entry| entry.is_dir() || is_yaml(entry))
            .try_for_each(|entry| collect(entry, false, files))
    } else {
        if named || is_yaml(path) {
            files.push(path.to_owned());
        }
        Ok(())
    }
}

fn is_yaml(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "yaml")
}

fn parse_file(path: &Path) -> Result<Scenario, LoadError> {
    let text = fs::read_to_string(path).map_err(|source| LoadError::Read { path: path.to_owned(), source })?;
    parse(&text).map_err(|(place, message)| LoadError::Parse { path: path.to_owned(), place, message })
}

/// Parses a scenario's text.
///
/// # Errors
/// The first error, and its place.
pub fn parse(text: &str) -> Result<Scenario, (Place, String)> {
    // An account may be called `n` or `o`, which must not be read as a boolean.
    let options = serde_saphyr::options! { strict_booleans: true };
    let scenario: Scenario = serde_saphyr::from_str_with_options(text, options).map_err(|error| {
        let place =
            error.location().map_or(Place { line: 1, column: 1 }, |at| Place { line: at.line(), column: at.column() });
        (place, message(&error))
    })?;
    check_network(&scenario.network)?;
    check_steps(&scenario)?;
    Ok(scenario)
}

/// The error's own sentence, without the place and the excerpt that the library adds.
fn message(error: &serde_saphyr::Error) -> String {
    let text = error.without_snippet().to_string();
    let text = text.lines().next().unwrap_or_default();
    match text.rfind(" at line ") {
        Some(end) => text[..end].trim_end_matches(',').to_owned(),
        None => text.to_owned(),
    }
}

fn check_network(network: &Network) -> Result<(), (Place, String)> {
    let need = |place: Place, kind: &str, known: bool, name: &str| {
        if known { Ok(()) } else { Err((place, format!("there is no {kind} `{name}` in the network"))) }
    };
    let vpc = |place, name: &str| need(place, "VPC", network.vpcs.contains_key(name), name);
    let subnet = |place, name: &str| need(place, "subnet", network.subnets.contains_key(name), name);
    let group = |place, name: &str| need(place, "security group", network.security_groups.contains_key(name), name);
    for entry in network.subnets.values() {
        vpc(entry.place, &entry.vpc_id)?;
    }
    for entry in network.internet_gateways.values().chain(network.vpn_gateways.values()) {
        vpc(entry.place, &entry.vpc_id)?;
    }
    for entry in network.security_groups.values() {
        entry.vpc_id.as_ref().map_or(Ok(()), |name| vpc(entry.place, name))?;
        for peer in entry.ingress.iter().chain(entry.egress.iter().flatten()).flat_map(|rule| &rule.peers) {
            if !peer.contains('/') {
                group(entry.place, peer)?;
            }
        }
    }
    for entry in network.instances.values() {
        entry.subnet_id.as_ref().map_or(Ok(()), |name| subnet(entry.place, name))?;
        entry.security_groups.iter().try_for_each(|name| group(entry.place, name))?;
        if let Some(link) = &entry.link {
            vpc(entry.place, &link.vpc_id)?;
            link.security_groups.iter().try_for_each(|name| group(entry.place, name))?;
        }
    }
    for entry in network.network_interfaces.values() {
        subnet(entry.place, &entry.subnet_id)?;
        entry.security_groups.iter().try_for_each(|name| group(entry.place, name))?;
        if let Some(name) = &entry.instance_id {
            need(entry.place, "instance", network.instances.contains_key(name), name)?;
        }
    }
    for entry in network.route_tables.values() {
        vpc(entry.place, &entry.vpc_id)?;
        entry.subnet_ids.iter().try_for_each(|name| subnet(entry.place, name))?;
    }
    for entry in network.network_acls.values() {
        vpc(entry.place, &entry.vpc_id)?;
        entry.subnet_ids.iter().try_for_each(|name| subnet(entry.place, name))?;
    }
    for entry in network.vpc_peering_connections.values() {
        vpc(entry.place, &entry.vpc_id)?;
        vpc(entry.place, &entry.peer_vpc_id)?;
    }
    network.nat_gateways.values().try_for_each(|entry| subnet(entry.place, &entry.subnet_id))
}

fn check_steps(scenario: &Scenario) -> Result<(), (Place, String)> {
    let mut hosts: BTreeSet<&str> =
        scenario.network.instances.keys().chain(scenario.network.hosts.keys()).map(String::as_str).collect();
    let mut connections = BTreeSet::new();
    for step in &scenario.steps {
        let wrong = |message| Err((step.place, message));
        let sentence = match &step.action {
            Action::Sentence(sentence) => sentence,
            Action::Run { host, .. } if hosts.contains(host.as_str()) => continue,
            Action::Run { host, .. } => return wrong(format!("there is no host `{host}`")),
            Action::Call(call) => {
                hosts.extend(call.keep.keys().map(String::as_str));
                continue;
            }
            Action::Tool { .. } => continue,
        };
        if let Some(host) = sentence.hosts().into_iter().find(|host| !hosts.contains(host)) {
            return wrong(format!("there is no host `{host}`"));
        }
        if let Some(name) = sentence.connection().filter(|name| !connections.contains(*name)) {
            return wrong(format!("no step before this one opens `{name}`"));
        }
        if let Sentence::Open { name, .. } = sentence {
            connections.insert(name.clone());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place_and_message(text: &str) -> (u64, String) {
        let (place, message) = parse(text).unwrap_err();
        (place.line, message)
    }

    #[test]
    fn errors_have_a_line() {
        let head = "name: x\nproves: []\nnetwork:\n  Instances: {web: {}, app: {}}\nsteps:\n";
        assert!(parse(&format!("{head}  - web can tcp 1 on app\n")).is_ok());
        let (line, message) = place_and_message(&format!("{head}  - web can tcp 1 on app\n  - web can tcp 1 on db\n"));
        assert_eq!((line, message.as_str()), (7, "there is no host `db`"));
        let (line, message) = place_and_message(&format!("{head}  - web cannot tcp 1 on app: becuase\n"));
        assert_eq!(line, 6);
        assert!(message.contains("`becuase` is no drop reason"), "{message}");
        let (line, message) = place_and_message(&format!("{head}  - t1 still works\n"));
        assert_eq!((line, message.as_str()), (6, "no step before this one opens `t1`"));
        let (line, message) =
            place_and_message("name: x\nproves: []\nnetwork:\n  Vpcs:\n    a: {Cidr: 10.0.0.0/16}\nsteps: []\n");
        assert_eq!(line, 5);
        assert!(message.contains("Cidr"), "{message}");
        let (line, message) = place_and_message(
            "name: x\nproves: []\nnetwork:\n  Subnets:\n    a: {VpcId: v, CidrBlock: 10.0.0.0/16}\nsteps: []\n",
        );
        assert_eq!((line, message.as_str()), (5, "there is no VPC `v` in the network"));
        let (line, _) = place_and_message("name: [\n");
        assert!(line >= 1);
    }
}
