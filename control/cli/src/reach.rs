//! Commands that show which hosts reach which: `reach`, `diff`, `what-if`.

use super::services::Services;
use super::stdout::cannot_print;
use super::{Failure, Output};
use clap::Args;
use control::clouds::{self, Cloud, RehearsalError, Rehearsed};
use control::explain::Namesakes;
use control::reach::{Access, Difference, HostName, Matrix, Network, Rows, Service, Verdict, difference};
use control::state::State;
use model::Model;
use std::ffi::OsString;
use std::fmt::Write as _;
use std::io::{self, BufWriter, Write};

/// How many hosts of a group are named.
const NAMED: usize = 4;

/// How many parts of files that were left out are named.
const LEFT_OUT: usize = 10;

/// The form of the output.
#[derive(Debug, Args)]
struct Form {
    /// Print a line for each pair of hosts and service, as CSV.
    #[arg(long, conflicts_with = "json")]
    csv: bool,
    #[command(flatten)]
    output: Output,
}

/// The hosts and services to show.
#[derive(Debug, Args)]
pub(super) struct Reach {
    /// The senders [default: all]: hosts, by id, name or address; what hosts belong to, by id, Name tag or name: a
    /// security group, a network interface, a subnet, a route table, a network ACL, a VPC (with its linked instances), a
    /// customer gateway, a DB instance, a load balancer, an endpoint; a prefix list's id, a CIDR block, `tag:KEY=VALUE`,
    /// an account, a Region, a zone; or `classic`, `internet`, `on-premises`.
    #[arg(long, value_name = "HOST|GROUP|SUBNET|VPC|…", num_args = 1..)]
    from: Vec<String>,
    /// The receivers [default: all].
    #[arg(long, value_name = "HOST|GROUP|SUBNET|VPC|…", num_args = 1..)]
    to: Vec<String>,
    #[command(flatten)]
    services: Services,
    /// The cloud: `now`, a state directory, a file written by `backup`, or what `import` reads.
    #[arg(long = "in", value_name = "CLOUD", default_value = clouds::NOW)]
    cloud: String,
    #[command(flatten)]
    form: Form,
}

/// Two clouds.
#[derive(Debug, Args)]
pub(super) struct Diff {
    /// The cloud before: `now`, a state directory, a file written by `backup`, or what `import` reads.
    before: String,
    /// The cloud after.
    after: String,
    #[command(flatten)]
    services: Services,
    #[command(flatten)]
    form: Form,
}

/// A command to rehearse.
#[derive(Debug, Args)]
pub(super) struct WhatIf {
    /// The cloud that it is given a copy of: `now`, a state directory, a file written by `backup`, or what `import` reads.
    #[arg(long = "in", value_name = "CLOUD", default_value = clouds::NOW)]
    cloud: String,
    #[command(flatten)]
    services: Services,
    #[command(flatten)]
    form: Form,
    /// The command: `aws ec2 revoke-security-group-ingress …`, or any other that uses the API by the endpoint in
    /// AWS_ENDPOINT_URL. Its output goes to standard error.
    #[arg(required = true, last = true, value_name = "CMD")]
    command: Vec<OsString>,
}

impl Reach {
    pub(super) fn run(self, state: &State) -> Result<(), Failure> {
        let model = cloud(&self.cloud, state)?;
        let network = Network::of(&model)?;
        let (from, to) = (network.meant(&self.from)?, network.meant(&self.to)?);
        let matrix = network.matrix(from.as_ref(), to.as_ref(), self.services.chosen(&[&network]));
        Ok(self.print(&matrix).map_err(cannot_print)?)
    }

    /// Prints line by line: a large matrix has a million.
    fn print(&self, matrix: &Matrix) -> io::Result<()> {
        let mut out = BufWriter::new(io::stdout().lock());
        match (self.form.output.json, self.form.csv) {
            (true, _) => {
                serde_json::to_writer(&mut out, &Rows::of(matrix))?;
                writeln!(out)?;
            }
            (_, true) => csv(matrix, &mut out)?,
            _ => table(matrix, self.services.are_named(), &mut out)?,
        }
        out.flush()
    }
}

impl Diff {
    pub(super) fn run(self, state: &State) -> Result<(), Failure> {
        let (before, after) = (cloud(&self.before, state)?, cloud(&self.after, state)?);
        compare(&before, &after, &self.services, &self.form)
    }
}

impl WhatIf {
    pub(super) fn run(self, state: &State) -> Result<(), Failure> {
        let before = cloud(&self.cloud, state)?;
        let after = rehearse(before.clone(), &self.command)?;
        // From here on it only prints.
        super::end_with_reader();
        compare(&before, &after, &self.services, &self.form)
    }
}

/// The cloud after a command. Says so if the command has not used the copy.
pub(super) fn rehearse(model: Model, command: &[OsString]) -> Result<Model, RehearsalError> {
    let Rehearsed { model, requests } = clouds::rehearse(model, command)?;
    if requests == 0 {
        eprintln!(
            "classiclink: the command sent the copy no request; the copy's endpoint is in AWS_ENDPOINT_URL, and a command \
             that uses another one changes that cloud"
        );
    }
    Ok(model)
}

/// The cloud that a word names. Prints what was left out of its files to standard error.
pub(super) fn cloud(word: &str, state: &State) -> Result<Model, Failure> {
    let Cloud { model, left_out } = clouds::read(word, state)?;
    for why in left_out.iter().take(LEFT_OUT) {
        // What is said of a template begins with its path.
        let why = why.strip_prefix(&format!("{word}: ")).unwrap_or(why);
        eprintln!("{word}: left out: {why}");
    }
    if left_out.len() > LEFT_OUT {
        eprintln!("{word}: left out: {} others, which `classiclink import` lists", left_out.len() - LEFT_OUT);
    }
    Ok(model)
}

fn compare(before: &Model, after: &Model, services: &Services, form: &Form) -> Result<(), Failure> {
    let (before, after) = (Network::of(before)?, Network::of(after)?);
    let services = services.chosen(&[&before, &after]);
    let matrix = |network: &Network<'_>| network.matrix(None, None, services.clone());
    let difference = difference(&matrix(&before), &matrix(&after));
    match (form.output.json, form.csv) {
        (true, _) => println!("{}", serde_json::to_string(&difference)?),
        (_, true) => print!("{}", changes_csv(&difference)),
        _ => print!("{}", changes(&difference)),
    }
    Ok(())
}

/// A line for every two hosts and service that closed or opened.
fn changes_csv(difference: &Difference) -> String {
    let mut text = String::from("change,from,to,service\n");
    for (change, ways) in [("closed", &difference.closed), ("opened", &difference.opened)] {
        for Access { from, to, services } in ways {
            let pairs = from.iter().flat_map(|from| to.iter().map(move |to| (&from.id, &to.id)));
            for (from, to) in pairs.filter(|(from, to)| from != to) {
                for service in services {
                    let _ = writeln!(text, "{change},{from},{to},{service}");
                }
            }
        }
    }
    text
}

fn changes(difference: &Difference) -> String {
    if difference.is_empty() {
        return "nothing opens and nothing closes\n".to_owned();
    }
    let ways = difference.closed.iter().chain(&difference.opened);
    let namesakes = namesakes(ways.flat_map(|way| way.from.iter().chain(&way.to)));
    let mut text = String::new();
    for (title, ways) in [("closed", &difference.closed), ("opened", &difference.opened)] {
        if !ways.is_empty() {
            let _ = writeln!(text, "{title}");
        }
        for Access { from, to, services } in ways {
            let _ = writeln!(text, "  {} → {}  {}", several(from, &namesakes), several(to, &namesakes), list(services));
        }
    }
    text
}

/// A line for every two hosts and service.
fn csv(matrix: &Matrix, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "from,to,service,verdict")?;
    for (from, to) in matrix.pairs() {
        let verdicts = matrix.between(from, to).unwrap_or_default();
        for (sender, receiver) in matrix.from[from].iter().flat_map(|a| matrix.to[to].iter().map(move |b| (a, b))) {
            if sender == receiver {
                continue;
            }
            let [sender, receiver] = [sender, receiver].map(|host| &matrix.hosts[*host].id);
            for (service, verdict) in matrix.services.iter().zip(&verdicts) {
                writeln!(out, "{sender},{receiver},{service},{}", verdict.word())?;
            }
        }
    }
    Ok(())
}

/// A line for every two groups: what is open, and, for services named by the user, what is not and why.
fn table(matrix: &Matrix, with_reasons: bool, out: &mut impl Write) -> io::Result<()> {
    let namesakes = namesakes(matrix.hosts.iter());
    let label = |numbers: &Vec<usize>| several(numbers.iter().map(|number| &matrix.hosts[*number]), &namesakes);
    let [senders, receivers] = [&matrix.from, &matrix.to].map(|groups| groups.iter().map(label).collect::<Vec<_>>());
    let pairs = matrix.pairs().filter(|(from, to)| matrix.between(*from, *to).is_some());
    let (shown, closed): (Vec<_>, Vec<_>) =
        pairs.partition(|(from, to)| with_reasons || !matrix.open(*from, *to).is_empty());
    let first = width("from", shown.iter().map(|(from, _)| &senders[*from]));
    let second = width("to", shown.iter().map(|(_, to)| &receivers[*to]));
    writeln!(out, "{:<first$}  {:<second$}  open", "from", "to")?;
    for (from, to) in &shown {
        let words = words(matrix, *from, *to, with_reasons).join(", ");
        writeln!(out, "{:<first$}  {:<second$}  {words}", senders[*from], receivers[*to])?;
    }
    match closed.len() {
        0 => Ok(()),
        1 => writeln!(out, "nothing is open between 1 other pair"),
        several => writeln!(out, "nothing is open between {several} other pairs"),
    }
}

/// The width of a column with this title.
fn width<'l>(title: &str, labels: impl Iterator<Item = &'l String>) -> usize {
    labels.map(|label| label.chars().count()).max().unwrap_or(0).max(title.len())
}

/// What is open between two groups and, `with_reasons`, what is not.
fn words(matrix: &Matrix, from: usize, to: usize, with_reasons: bool) -> Vec<String> {
    let open = matrix.open(from, to).into_iter().map(|service| service.to_string());
    let verdicts = matrix.services.iter().zip(matrix.between(from, to).unwrap_or_default());
    let shut = verdicts.filter(|(_, verdict)| with_reasons && *verdict != Verdict::Open);
    open.chain(shut.map(|(service, verdict)| format!("not {service}: {}", verdict.word()))).collect()
}

fn list(services: &[Service]) -> String {
    services.iter().map(Service::to_string).collect::<Vec<_>>().join(", ")
}

fn namesakes<'m>(hosts: impl Iterator<Item = &'m HostName>) -> Namesakes<'m> {
    Namesakes::among(hosts.map(|HostName { id, name }| (id, name.as_ref())))
}

/// Hosts by name, only the first few of many.
fn several<'m>(hosts: impl IntoIterator<Item = &'m HostName>, namesakes: &Namesakes<'_>) -> String {
    let hosts: Vec<&HostName> = hosts.into_iter().collect();
    let name = |host: &&HostName| namesakes.shown(&host.id, host.name.as_ref());
    let named: Vec<String> = hosts.iter().take(NAMED).map(name).collect();
    match hosts.len() {
        few if few <= NAMED => named.join(", "),
        many => format!("{}, … ({many} hosts)", named.join(", ")),
    }
}
