//! `classiclink impair`: bad networks.

use super::show::impairment_line;
use super::{Failure, Output};
use clap::Args;
use control::admin;
use control::operator::{Ask, ImpairmentRow};
use control::state::State;

#[derive(Debug, Args)]
pub(super) struct Impair {
    /// The host, an instance or another. Without WHAT, the bad networks of it, or of all, are listed.
    host: Option<String>,
    /// What happens to its packets, each way: delay=50ms jitter=5ms loss=1% reorder=1% duplicate=1% corrupt=1% rate=10mbit mtu=1400
    /// seed=7; only to what it sends: from.delay=50ms …; only to what it is given: to.loss=1% …; or off.
    #[arg(value_name = "WHAT", requires = "host")]
    what: Vec<String>,
    #[command(flatten)]
    output: Output,
}

impl Impair {
    pub(super) fn run(self, state: &State) -> Result<(), Failure> {
        let Some(host) = self.host.clone().filter(|_| !self.what.is_empty()) else { return self.list(state) };
        let what = Some(self.what.join(",")).filter(|what| what != "off");
        Ok(admin::ask(state, &Ask::Impair { host, what })?)
    }

    fn list(&self, state: &State) -> Result<(), Failure> {
        let mut rows: Vec<ImpairmentRow> = admin::ask(state, &Ask::Impairments)?;
        let is_meant = |row: &ImpairmentRow, host: &String| row.host == *host || row.name.as_ref() == Some(host);
        rows.retain(|row| self.host.as_ref().is_none_or(|host| is_meant(row, host)));
        match self.output.json {
            true => println!("{}", serde_json::to_string_pretty(&rows)?),
            false => rows.iter().for_each(|row| println!("{}", impairment_line(row))),
        }
        Ok(())
    }
}
