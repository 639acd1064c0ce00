//! ClassicLink on the wire (semantics.md §1.3).

use super::describe::{Listing, Page};
use super::ec2::security_group::identifiers;
use super::params::Params;
use super::xml::Node;
use super::{Actions, Handler};
use crate::model::{Caller, Error, IdKind, Instance, Model, Region, Result, Vpc};

pub const ACTIONS: Actions = &[
    ("EnableVpcClassicLink", Handler::Write(enable)),
    ("DisableVpcClassicLink", Handler::Write(disable)),
    ("AttachClassicLinkVpc", Handler::Write(attach)),
    ("DetachClassicLinkVpc", Handler::Write(detach)),
    ("DescribeVpcClassicLink", Handler::Read(describe_vpcs)),
    ("DescribeClassicLinkInstances", Handler::Read(describe_instances)),
    (
        "EnableVpcClassicLinkDnsSupport",
        Handler::Write(|model, caller, params| set_dns_support(model, caller, params, true)),
    ),
    (
        "DisableVpcClassicLinkDnsSupport",
        Handler::Write(|model, caller, params| set_dns_support(model, caller, params, false)),
    ),
    ("DescribeVpcClassicLinkDnsSupport", Handler::Read(describe_dns_support)),
];

static VPCS: Listing<Vpc> = Listing {
    ids: "VpcId",
    set: "vpcSet",
    filters: &[("is-classic-link-enabled", |_, vpc| vec![vpc.classic_link.to_string()])],
    item: |_, vpc| Node::new().text("vpcId", &vpc.id).text("classicLinkEnabled", vpc.classic_link).tags(&vpc.tags),
};

/// Its list of ids and its element are named unlike those of its sister, and it has no filters.
static DNS_SUPPORT: Listing<Vpc> = Listing {
    ids: "VpcIds",
    set: "vpcs",
    filters: &[],
    item: |_, vpc| Node::new().text("vpcId", &vpc.id).text("classicLinkDnsSupported", vpc.classic_link_dns),
};

static INSTANCES: Listing<Instance> = Listing {
    ids: "InstanceId",
    set: "instancesSet",
    filters: &[
        ("group-id", |_, instance| instance.link().map(|link| link.groups.clone()).unwrap_or_default()),
        ("instance-id", |_, instance| vec![instance.id.clone()]),
        ("vpc-id", |_, instance| instance.link().map(|link| link.vpc.clone()).into_iter().collect()),
    ],
    item: |model, instance| {
        let link = instance.link();
        Node::new()
            .text("instanceId", &instance.id)
            .opt("vpcId", link.map(|link| &link.vpc))
            .shapes("groupSet", &link.map(|link| identifiers(model, &link.groups)).unwrap_or_default())
            .tags(&instance.tags)
    },
};

fn enable(model: &mut Model, caller: &Caller, mut params: Params) -> Result<Node> {
    let vpc = params.id("VpcId", IdKind::Vpc)?;
    params.finish()?;
    model.enable_classic_link(caller, &vpc)?;
    Ok(Node::done())
}

fn disable(model: &mut Model, caller: &Caller, mut params: Params) -> Result<Node> {
    let vpc = params.id("VpcId", IdKind::Vpc)?;
    params.finish()?;
    model.disable_classic_link(caller, &vpc)?;
    Ok(Node::done())
}

fn attach(model: &mut Model, caller: &Caller, mut params: Params) -> Result<Node> {
    let instance = params.required("InstanceId")?;
    let vpc = params.required("VpcId")?;
    let groups = params.list("SecurityGroupId")?;
    if groups.is_empty() {
        return Err(params.missing("SecurityGroupId"));
    }
    // All that must be there is, so now to what it looks like (semantics.md §1.6).
    for (kind, id) in [(IdKind::Instance, &instance), (IdKind::Vpc, &vpc)] {
        kind.check(id)?;
    }
    groups.iter().try_for_each(|id| IdKind::SecurityGroup.check(id))?;
    params.finish()?;
    model.attach_classic_link(caller, &instance, &vpc, &groups)?;
    Ok(Node::done())
}

fn detach(model: &mut Model, caller: &Caller, mut params: Params) -> Result<Node> {
    let instance = params.id("InstanceId", IdKind::Instance)?;
    let vpc = params.id("VpcId", IdKind::Vpc)?;
    params.finish()?;
    model.detach_classic_link(caller, &instance, &vpc)?;
    Ok(Node::done())
}

/// It knows no pages.
fn describe_vpcs(model: &Model, caller: &Caller, params: Params) -> Result<Node> {
    need_classic_region(caller)?;
    let all: Vec<&Vpc> = model.vpcs.of(&caller.scope).collect();
    Ok(VPCS.render(model, VPCS.choose(model, params, &all)?, Page::WHOLE))
}

/// Whether ClassicLink can be looked at: wherever the Region has EC2-Classic, even by an account that has not (case F11).
fn need_classic_region(caller: &Caller) -> Result<()> {
    let classic = Region::named(&caller.scope.region).and_then(Region::classic);
    classic.map(|_| ()).ok_or(Error::NoClassicHere {})
}

fn describe_instances(model: &Model, caller: &Caller, params: Params) -> Result<Node> {
    if params.has("MaxResults") && params.has("InstanceId") {
        let why = "The parameter instancesSet cannot be used with the parameter maxResults".into();
        return Err(Error::Combination { why });
    }
    need_classic_region(caller)?;
    let all: Vec<&Instance> = model.instances.of(&caller.scope).collect();
    INSTANCES.answer_where(model, params, &all, |instance| instance.link().is_some())
}

/// The DNS actions know no dry run (semantics.md §1.3).
fn refuse_dry_run(params: &Params) -> Result<()> {
    if params.has("DryRun") { Err(Error::UnknownParameter { name: "DryRun".into() }) } else { Ok(()) }
}

fn set_dns_support(model: &mut Model, caller: &Caller, mut params: Params, on: bool) -> Result<Node> {
    refuse_dry_run(&params)?;
    let vpc = params.id("VpcId", IdKind::Vpc)?;
    params.finish()?;
    model.set_classic_link_dns(caller, &vpc, on)?;
    Ok(Node::done())
}

/// The most VPCs that a page of their DNS support may be asked to hold (semantics.md §1.3).
const DNS_SUPPORT_PAGE: usize = 255;

fn describe_dns_support(model: &Model, caller: &Caller, mut params: Params) -> Result<Node> {
    refuse_dry_run(&params)?;
    if params.has("Filter") {
        return Err(Error::UnknownParameter { name: "Filter".into() });
    }
    need_classic_region(caller)?;
    let page = Page::take_at_most(&mut params, DNS_SUPPORT_PAGE)?;
    let all: Vec<&Vpc> = model.vpcs.of(&caller.scope).collect();
    Ok(DNS_SUPPORT.render(model, DNS_SUPPORT.choose(model, params, &all)?, page))
}
