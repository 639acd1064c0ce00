//! Actions that the console does in one step and the API in several (M41). Each is one change, all or
//! nothing.

use super::{Failure, Operator, Question};
use crate::api::DEFAULT_ACCOUNT;
use crate::explain::names;
use ipnet::Ipv4Net;
use model::{Caller, Error, IdKind, Instance, Launch, Model, Scope, Tags, Tenancy, Vpc};
use serde::{Deserialize, Serialize};
use std::time::SystemTime;

/// The account and the Region of a new resource.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Place {
    /// The account. By default the API's default account.
    pub account: Option<String>,
    /// The Region.
    pub region: String,
}

/// Launches instances and links them at once. The answer is their ids.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LaunchAndLink {
    /// The account and the Region.
    pub place: Place,
    /// Their Name tag.
    pub name: Option<String>,
    /// Their type.
    pub instance_type: String,
    /// How many.
    pub count: u32,
    /// Their groups: of EC2-Classic or of the subnet's VPC.
    pub groups: Vec<String>,
    /// The subnet. Without one, EC2-Classic.
    pub subnet: Option<String>,
    /// The VPC to link them to, with the link's groups.
    pub link: Option<(String, Vec<String>)>,
}

/// A VPC's ClassicLink state.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct VpcRow {
    /// Its id.
    pub id: String,
    /// Its Name tag.
    pub name: Option<String>,
    /// Its primary CIDR block.
    pub cidr: Ipv4Net,
    /// Whether it is enabled for ClassicLink.
    pub classic_link: bool,
    /// Whether ClassicLink DNS support is on.
    pub dns_support: bool,
    /// How many instances are linked to it.
    pub links: usize,
}

/// Why an action is refused.
#[derive(Debug, thiserror::Error)]
enum ConsoleError {
    #[error(transparent)]
    Model(#[from] Error),
    #[error("several have the name {0}; give an id")]
    Ambiguous(String),
    #[error("{0} is not linked to a VPC; `classiclink links` lists what is")]
    NotLinked(String),
}

/// Links instances to a VPC. Instances, VPC and groups are given by id or name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LinkInstances {
    /// EC2-Classic instances.
    pub instances: Vec<String>,
    /// The VPC.
    pub vpc: String,
    /// Its groups.
    pub groups: Vec<String>,
}

impl Question for LinkInstances {
    type Answer = ();

    async fn answer(self, operator: &Operator) -> Result<(), Failure> {
        let LinkInstances { instances, vpc, groups } = self;
        let link = move |model: &mut Model| {
            let ids = instances.iter().map(|word| instance(model, word).map(|found| found.id.clone()));
            let ids = ids.collect::<Result<Vec<_>, _>>()?;
            link(model, &ids, &vpc, &groups, Model::attach_classic_link)
        };
        operator.change(link).await
    }
}

/// Unlinks instances from the VPCs that they are linked to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UnlinkInstances {
    /// The instances.
    pub instances: Vec<String>,
}

impl Question for UnlinkInstances {
    type Answer = ();

    async fn answer(self, operator: &Operator) -> Result<(), Failure> {
        operator.change(move |model| self.instances.iter().try_for_each(|word| unlink(model, word))).await
    }
}

impl Question for LaunchAndLink {
    type Answer = Vec<String>;

    async fn answer(self, operator: &Operator) -> Result<Vec<String>, Failure> {
        let ids = operator.change(move |model| launch(model, self)).await?;
        operator.wait_for_hosts(&ids).await?;
        operator.service.follow_hosts().await?;
        Ok(ids)
    }
}

/// Creates a VPC and enables it for ClassicLink. The answer is its id.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CreateVpc {
    /// The account and the Region.
    pub place: Place,
    /// Its CIDR block.
    pub cidr: Ipv4Net,
    /// Its Name tag.
    pub name: Option<String>,
    /// Whether it is enabled for ClassicLink.
    pub classic_link: bool,
}

impl Question for CreateVpc {
    type Answer = String;

    async fn answer(self, operator: &Operator) -> Result<String, Failure> {
        let CreateVpc { place, cidr, name, classic_link } = self;
        let create = move |model: &mut Model| {
            let caller = caller(model, &place.scope());
            let id = model.create_vpc(&caller, cidr, Tenancy::Default, name_tag(name))?;
            if classic_link {
                model.enable_classic_link(&caller, &id)?;
            }
            Ok::<_, Error>(id)
        };
        operator.change(create).await
    }
}

/// Enables a VPC for ClassicLink, or disables it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EnableVpc {
    /// The VPC.
    pub vpc: String,
    /// Whether to enable it.
    pub on: bool,
}

impl Question for EnableVpc {
    type Answer = ();

    async fn answer(self, operator: &Operator) -> Result<(), Failure> {
        let enable = move |model: &mut Model| {
            let found = vpc(model, &self.vpc)?;
            let (id, caller) = (found.id.clone(), caller(model, &found.scope));
            match self.on {
                true => model.enable_classic_link(&caller, &id)?,
                false => model.disable_classic_link(&caller, &id)?,
            }
            Ok::<_, ConsoleError>(())
        };
        operator.change(enable).await
    }
}

/// Lists every VPC with its ClassicLink state.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ListVpcs;

impl Question for ListVpcs {
    type Answer = Vec<VpcRow>;

    async fn answer(self, operator: &Operator) -> Result<Vec<VpcRow>, Failure> {
        Ok(operator.service.look(vpcs))
    }
}

fn unlink(model: &mut Model, word: &str) -> Result<(), ConsoleError> {
    let found = instance(model, word)?;
    let (id, caller) = (found.id.clone(), caller(model, &found.scope));
    let vpc = found.link().map(|link| link.vpc.clone()).ok_or(ConsoleError::NotLinked(word.to_owned()))?;
    Ok(model.detach_classic_link(&caller, &id, &vpc)?)
}

/// The transition that links an instance to a VPC, both by id, with groups.
type Attach = fn(&mut Model, &Caller, &str, &str, &[String]) -> model::Result<()>;

fn link(
    model: &mut Model,
    instances: &[String],
    word: &str,
    groups: &[String],
    attach: Attach,
) -> Result<(), ConsoleError> {
    let found = vpc(model, word)?;
    let (id, scope) = (found.id.clone(), found.scope.clone());
    let groups = groups.iter().map(|word| group(model, &scope, Some(&id), word)).collect::<Result<Vec<_>, _>>()?;
    for instance in instances {
        attach(model, &caller(model, &scope), instance, &id, &groups)?;
    }
    Ok(())
}

fn launch(model: &mut Model, asked: LaunchAndLink) -> Result<Vec<String>, ConsoleError> {
    let scope = match &asked.link {
        Some((word, _)) => vpc(model, word)?.scope.clone(),
        None => asked.place.scope(),
    };
    let of_vpc = asked.subnet.as_ref().and_then(|id| model.subnets.get(id)).map(|subnet| subnet.vpc.clone());
    let groups = asked.groups.iter().map(|word| group(model, &scope, of_vpc.as_deref(), word));
    let launch = Launch {
        image: "ami-00000000".to_owned(),
        instance_type: asked.instance_type,
        least: asked.count,
        most: asked.count,
        groups: groups.collect::<Result<_, _>>()?,
        subnet: asked.subnet,
        tags: name_tag(asked.name),
        ..Launch::default()
    };
    let reservation = model.run_instances(&caller(model, &scope), launch)?;
    let launched = model.instances.iter().filter(|instance| instance.reservation == reservation);
    let ids: Vec<String> = launched.map(|instance| instance.id.clone()).collect();
    if let Some((vpc, groups)) = &asked.link {
        link(model, &ids, vpc, groups, Model::link_instance)?;
    }
    Ok(ids)
}

fn vpcs(model: &Model) -> Vec<VpcRow> {
    let row = |vpc: &Vpc| VpcRow {
        id: vpc.id.clone(),
        name: vpc.tags.get("Name").cloned(),
        cidr: vpc.cidr(),
        classic_link: vpc.classic_link,
        dns_support: vpc.classic_link_dns,
        links: model.linked_to(&vpc.id).count(),
    };
    model.vpcs.iter().map(row).collect()
}

impl Place {
    fn scope(&self) -> Scope {
        let account = self.account.clone().unwrap_or_else(|| DEFAULT_ACCOUNT.to_owned());
        Scope { account, region: self.region.clone() }
    }
}

fn caller(model: &Model, scope: &Scope) -> Caller {
    Caller::of_account(scope.clone(), model.now(SystemTime::now().into()))
}

fn name_tag(name: Option<String>) -> Tags {
    name.map(|name| ("Name".to_owned(), name)).into_iter().collect()
}

fn instance<'a>(model: &'a Model, word: &str) -> Result<&'a Instance, ConsoleError> {
    let alive = model.instances.iter().filter(|instance| !instance.is_gone());
    only(alive.filter(|instance| names::is_called(word, &instance.id, &instance.tags)), IdKind::Instance, word)
}

fn vpc<'a>(model: &'a Model, word: &str) -> Result<&'a Vpc, ConsoleError> {
    only(model.vpcs.iter().filter(|vpc| names::is_called(word, &vpc.id, &vpc.tags)), IdKind::Vpc, word)
}

/// The id of a group in a VPC or in EC2-Classic, by its id, its own name or its Name tag.
fn group(model: &Model, scope: &Scope, vpc: Option<&str>, word: &str) -> Result<String, ConsoleError> {
    if model.security_groups.get(word).is_some() {
        // The transition checks whether the group fits.
        return Ok(word.to_owned());
    }
    let here = model.security_groups.of(scope).filter(|group| group.vpc.as_deref() == vpc);
    let named = here.filter(|group| group.name == word || names::is_called(word, &group.id, &group.tags));
    only(named, IdKind::SecurityGroup, word).map(|group| group.id.clone())
}

fn only<T>(mut found: impl Iterator<Item = T>, kind: IdKind, word: &str) -> Result<T, ConsoleError> {
    match (found.next(), found.next()) {
        (Some(one), None) => Ok(one),
        (None, _) => Err(Error::NotFound { kind, id: word.to_owned() }.into()),
        (Some(_), Some(_)) => Err(ConsoleError::Ambiguous(word.to_owned())),
    }
}
