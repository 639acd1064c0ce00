//! `classiclink host`: hosts outside the cloud, and failures of services' hosts.

use super::{Failure, Host};
use control::admin;
use control::operator::{Ask, HostRow};
use control::state::State;

pub(super) fn run(state: &State, verb: Host) -> Result<(), Failure> {
    match verb {
        Host::Add { name, address, site, service } => {
            admin::ask(state, &Ask::HostAdd { name, address, site, service })?
        }
        Host::Remove { name } => admin::ask(state, &Ask::HostRemove { name })?,
        Host::Fail { name } => admin::ask(state, &Ask::HostFail { name, down: true })?,
        Host::Repair { name } => admin::ask(state, &Ask::HostFail { name, down: false })?,
        Host::List(output) => {
            let hosts: Vec<HostRow> = admin::ask(state, &Ask::HostList)?;
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
