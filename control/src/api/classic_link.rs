//! ClassicLink on the wire (semantics.md §1.3).

use super::describe::Listing;
use super::params::Params;
use super::security_group::group_set;
use super::xml::Node;
use super::{Actions, Handler};
use crate::model::{Caller, Error, IdKind, Instance, Model, Result, Vpc};

pub const ACTIONS: Actions = &[
    ("EnableVpcClassicLink", Handler::Write(enable)),
    ("DisableVpcClassicLink", Handler::Write(disable)),
    ("AttachClassicLinkVpc", Handler::Write(attach)),
    ("DetachClassicLinkVpc", Handler::Write(detach)),
    ("DescribeVpcClassicLink", Handler::Read(describe_vpcs)),
    ("DescribeClassicLinkInstances", Handler::Read(describe_instances)),
];

static VPCS: Listing<Vpc> = Listing {
    ids: "VpcId",
    set: "vpcSet",
    filters: &[
        ("is-classic-link-enabled", |_, vpc| vec![vpc.classic_link.to_string()]),
        ("vpc-id", |_, vpc| vec![vpc.id.clone()]),
    ],
    item: |_, vpc| Node::new().text("vpcId", &vpc.id).text("classicLinkEnabled", vpc.classic_link).tags(&vpc.tags),
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
            .set("groupSet", link.map(|link| group_set(model, &link.groups)).unwrap_or_default())
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

fn describe_vpcs(model: &Model, caller: &Caller, params: Params) -> Result<Node> {
    let all: Vec<&Vpc> = model.vpcs.of(&caller.scope).collect();
    VPCS.answer(model, params, &all)
}

fn describe_instances(model: &Model, caller: &Caller, params: Params) -> Result<Node> {
    if params.has("MaxResults") && params.has("InstanceId") {
        let why = "The parameter instancesSet cannot be used with the parameter maxResults".into();
        return Err(Error::Combination { why });
    }
    let all: Vec<&Instance> = model.instances.of(&caller.scope).collect();
    INSTANCES.answer_where(model, params, &all, |instance| instance.link().is_some())
}
