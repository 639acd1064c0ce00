//! `classiclink impair`: impaired networks.

use super::status::impairment_line;
use super::{Failure, Output};
use clap::Args;
use clap::builder::NonEmptyStringValueParser;
use control::admin;
use control::operator::{ImpairHost, ListImpairments};
use control::state::State;
use wire::Direction;

#[derive(Debug, Args)]
pub(super) struct Impair {
    /// The host (an instance or another). Without WHAT, its impairments, or all, are listed.
    host: Option<String>,
    /// The impairment of its packets in both directions: delay=50ms jitter=5ms loss=1% reorder=1% duplicate=1%
    /// corrupt=1% rate=10mbit mtu=1400 seed=7; only of packets that it sends: from.delay=50ms …; only of packets that
    /// it receives: to.loss=1% …; or off. It replaces what was set before.
    #[arg(value_name = "WHAT", requires = "host", value_parser = NonEmptyStringValueParser::new())]
    what: Vec<String>,
    /// Only packets that it sends to this host or these addresses (10.0.0.0/8).
    #[arg(long, value_name = "HOST|PREFIX", requires = "what", conflicts_with_all = ["from", "with"])]
    to: Option<String>,
    /// Only packets that it receives from there.
    #[arg(long, value_name = "HOST|PREFIX", requires = "what", conflicts_with = "with")]
    from: Option<String>,
    /// Only packets between the two, in both directions.
    #[arg(long, value_name = "HOST|PREFIX", requires = "what")]
    with: Option<String>,
    #[command(flatten)]
    output: Output,
}

impl Impair {
    pub(super) fn run(self, state: &State) -> Result<(), Failure> {
        let Some(host) = self.host.clone().filter(|_| !self.what.is_empty()) else { return self.list(state) };
        let (with, way) = match (self.to, self.from) {
            (Some(to), _) => (Some(to), Some(Direction::Egress)),
            (None, Some(from)) => (Some(from), Some(Direction::Ingress)),
            (None, None) => (self.with, None),
        };
        let what = (self.what != ["off"]).then(|| self.what.join(","));
        Ok(admin::ask(state, ImpairHost { host, with, way, what })?)
    }

    fn list(&self, state: &State) -> Result<(), Failure> {
        let rows = admin::ask(state, ListImpairments { host: self.host.clone() })?;
        match self.output.json {
            true => println!("{}", serde_json::to_string_pretty(&rows)?),
            false => rows.iter().for_each(|row| println!("{}", impairment_line(row))),
        }
        Ok(())
    }
}
