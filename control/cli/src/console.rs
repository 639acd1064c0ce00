//! Commands that do in one step what the console does: `link`, `unlink`, `links`, `launch`, `vpc`.

use super::{Failure, Output};
use clap::{Args, Subcommand};
use control::admin;
use control::operator::{CreateVpc, EnableVpc, LaunchAndLink, LinkRow, ListVpcs, Place, ReadStatus, VpcRow};
use control::state::State;
use ipnet::Ipv4Net;

/// Instances to launch.
#[derive(Debug, Args)]
pub(super) struct Launch {
    /// Their Name tag.
    #[arg(long)]
    name: Option<String>,
    /// Their type.
    #[arg(long = "type", default_value = "m3.medium", value_name = "TYPE")]
    instance_type: String,
    /// How many.
    #[arg(long, default_value_t = 1, value_name = "N")]
    count: u32,
    /// Their groups, by id or name: of EC2-Classic, or of the subnet's VPC.
    #[arg(long, num_args = 1.., value_name = "SG")]
    groups: Vec<String>,
    /// The subnet, by id [default: none: EC2-Classic].
    #[arg(long)]
    subnet: Option<String>,
    /// Link them to this VPC, by id or Name tag.
    #[arg(long, value_name = "VPC", requires = "link_groups", conflicts_with = "subnet")]
    link: Option<String>,
    /// The link's security groups, of that VPC, by id or name.
    #[arg(long, num_args = 1.., value_name = "SG", requires = "link")]
    link_groups: Vec<String>,
    #[command(flatten)]
    place: PlaceArguments,
}

/// The account and the Region of a new resource.
#[derive(Debug, Args)]
pub(super) struct PlaceArguments {
    /// The account [default: the API's default account].
    #[arg(long, value_name = "ID", value_parser = super::account)]
    account: Option<String>,
    /// The Region.
    #[arg(long, env = "AWS_DEFAULT_REGION", default_value = "us-east-1")]
    region: String,
}

/// Commands for VPCs.
#[derive(Debug, Subcommand)]
pub(super) enum Vpc {
    /// Create a VPC.
    Create {
        /// Its CIDR block: 192.168.0.0/16, for example.
        cidr: Ipv4Net,
        /// Its Name tag.
        #[arg(long)]
        name: Option<String>,
        /// Enable it for ClassicLink in the same step.
        #[arg(long)]
        classic_link: bool,
        #[command(flatten)]
        place: PlaceArguments,
    },
    /// Enable a VPC for ClassicLink.
    Enable {
        /// The VPC, by id or Name tag.
        vpc: String,
    },
    /// Disable a VPC for ClassicLink.
    Disable {
        /// The VPC, by id or Name tag.
        vpc: String,
    },
    /// List VPCs with their ClassicLink state.
    List(Output),
}

impl From<PlaceArguments> for Place {
    fn from(PlaceArguments { account, region }: PlaceArguments) -> Self {
        Place { account, region }
    }
}

impl Launch {
    pub(super) fn run(self, state: &State) -> Result<(), Failure> {
        let what = LaunchAndLink {
            place: self.place.into(),
            name: self.name,
            instance_type: self.instance_type,
            count: self.count,
            groups: self.groups,
            subnet: self.subnet,
            link: self.link.map(|vpc| (vpc, self.link_groups)),
        };
        let ids = admin::ask(state, what)?;
        ids.iter().for_each(|id| println!("{id}"));
        Ok(())
    }
}

impl Vpc {
    pub(super) fn run(self, state: &State) -> Result<(), Failure> {
        match self {
            Vpc::Create { cidr, name, classic_link, place } => {
                let what = CreateVpc { place: place.into(), cidr, name, classic_link };
                println!("{}", admin::ask(state, what)?);
            }
            Vpc::Enable { vpc } => admin::ask(state, EnableVpc { vpc, on: true })?,
            Vpc::Disable { vpc } => admin::ask(state, EnableVpc { vpc, on: false })?,
            Vpc::List(output) => {
                let rows = admin::ask(state, ListVpcs)?;
                match output.json {
                    true => println!("{}", serde_json::to_string_pretty(&rows)?),
                    false => rows.iter().for_each(print_vpc),
                }
            }
        }
        Ok(())
    }
}

fn print_vpc(row: &VpcRow) {
    let state = match (row.classic_link, row.dns_support) {
        (false, _) => "ClassicLink disabled".to_owned(),
        (true, dns) => {
            format!("ClassicLink enabled, DNS support {}, {} linked", if dns { "on" } else { "off" }, row.links)
        }
    };
    println!("{}  {:<12} {:<18} {state}", row.id, row.name.as_deref().unwrap_or("-"), row.cidr.to_string());
}

pub(super) fn links(state: &State, vpc: Option<String>, group: Option<String>, json: bool) -> Result<(), Failure> {
    let status = admin::ask(state, ReadStatus)?;
    let wanted = |link: &LinkRow| {
        vpc.as_ref().is_none_or(|vpc| *vpc == link.vpc)
            && group.as_ref().is_none_or(|group| link.groups.contains(group))
    };
    let links: Vec<LinkRow> = status.links.into_iter().filter(wanted).collect();
    match json {
        true => println!("{}", serde_json::to_string_pretty(&links)?),
        false => {
            for link in links {
                println!("{}  {}  {}", link.instance, link.vpc, link.groups.join(", "));
            }
        }
    }
    Ok(())
}
