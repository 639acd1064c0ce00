//! `classiclink host`: hosts outside the cloud, and failures of services' hosts.

use super::{Failure, Host};
use control::admin;
use control::operator::{AddHost, FailHost, HostRow, ListHosts, RemoveHost};
use control::state::State;

pub(super) fn run(state: &State, verb: Host) -> Result<(), Failure> {
    match verb {
        Host::Add { name, address, site, service } => admin::ask(state, AddHost { name, address, site, service })?,
        Host::Remove { name } => admin::ask(state, RemoveHost { name })?,
        Host::Fail { name } => admin::ask(state, FailHost { name, down: true })?,
        Host::Repair { name } => admin::ask(state, FailHost { name, down: false })?,
        Host::List(output) => {
            let hosts = admin::ask(state, ListHosts)?;
            if output.json {
                println!("{}", serde_json::to_string_pretty(&hosts)?);
            } else {
                for HostRow { name, address, site, service, owner } in hosts {
                    let place = site.or(service).or(owner.map(|owner| format!("a host of {owner}")));
                    println!("{name}\t{address}\t{}", place.as_deref().unwrap_or("Internet"));
                }
            }
        }
    }
    Ok(())
}
