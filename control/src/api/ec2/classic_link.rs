//! ClassicLink (semantics.md §1.3).

use super::listing::{Attributes, by_age};
use super::security_group::identifiers;
use super::{tags, text};
use crate::api::action::{Actions, Change, View};
use model::{Caller, Error, Instance, Model, Result, Vpc};
use shapes::{Filters, ec2};

pub fn actions(all: Actions) -> Actions {
    all.write(enable)
        .write(disable)
        .write(attach)
        .write(detach)
        .read(describe_vpcs)
        .read(describe_instances)
        .write(enable_dns_support)
        .write(disable_dns_support)
        .read(describe_dns_support)
}

static VPCS: Attributes<Vpc> = Attributes(&[("is-classic-link-enabled", |_, vpc| vec![vpc.classic_link.to_string()])]);

static INSTANCES: Attributes<Instance> = Attributes(&[
    ("group-id", |_, instance| instance.link().map(|link| link.groups.clone()).unwrap_or_default()),
    ("instance-id", |_, instance| vec![instance.id.clone()]),
    ("vpc-id", |_, instance| instance.link().map(|link| link.vpc.clone()).into_iter().collect()),
]);

fn enable(cx: Change, input: ec2::EnableVpcClassicLinkRequest) -> Result<()> {
    cx.model.enable_classic_link(cx.caller, &input.vpc_id)
}

fn disable(cx: Change, input: ec2::DisableVpcClassicLinkRequest) -> Result<()> {
    cx.model.disable_classic_link(cx.caller, &input.vpc_id)
}

fn attach(cx: Change, input: ec2::AttachClassicLinkVpcRequest) -> Result<()> {
    let ec2::AttachClassicLinkVpcRequest { instance_id, vpc_id, groups } = input;
    cx.model.attach_classic_link(cx.caller, &instance_id, &vpc_id, &groups)
}

fn detach(cx: Change, input: ec2::DetachClassicLinkVpcRequest) -> Result<()> {
    let ec2::DetachClassicLinkVpcRequest { instance_id, vpc_id } = input;
    cx.model.detach_classic_link(cx.caller, &instance_id, &vpc_id)
}

/// Whether ClassicLink can be looked at: wherever the Region has EC2-Classic, even by an account that has not (case F11).
fn need_classic_region(model: &Model, caller: &Caller) -> Result<()> {
    let classic = model.platform.classic_network(&caller.scope.region);
    classic.map(|_| ()).ok_or(Error::NoClassicHere {})
}

/// It has no pages.
fn describe_vpcs(cx: View, input: ec2::DescribeVpcClassicLinkRequest) -> Result<ec2::DescribeVpcClassicLinkResult> {
    need_classic_region(cx.model, cx.caller)?;
    let shown = |vpc: &Vpc| ec2::VpcClassicLink {
        vpc_id: text(&vpc.id),
        classic_link_enabled: Some(vpc.classic_link),
        tags: tags::shown(&vpc.tags),
    };
    VPCS.list(cx.model, cx.model.vpcs.of(&cx.caller.scope), input, shown)
}

fn describe_instances(
    cx: View,
    input: ec2::DescribeClassicLinkInstancesRequest,
) -> Result<ec2::DescribeClassicLinkInstancesResult> {
    let ec2::DescribeClassicLinkInstancesRequest { instance_ids, filters, page } = input;
    if page.size.is_some() && !instance_ids.is_empty() {
        return Err(Error::IdsOrPages {});
    }
    need_classic_region(cx.model, cx.caller)?;
    // An unknown id is an error, one that is not linked is not.
    let mut linked = INSTANCES.choose(cx.model, cx.model.instances.of(&cx.caller.scope), &instance_ids, &filters)?;
    linked.retain(|instance| instance.link().is_some());
    let (linked, next_token) = by_age(cx.model, &page, linked, |instance| &instance.id)?;
    let instances = linked.into_iter().map(|instance| shown_instance(cx.model, instance)).collect();
    Ok(ec2::DescribeClassicLinkInstancesResult { instances, next_token })
}

fn shown_instance(model: &Model, instance: &Instance) -> ec2::ClassicLinkInstance {
    let link = instance.link();
    ec2::ClassicLinkInstance {
        instance_id: text(&instance.id),
        vpc_id: link.map(|link| link.vpc.clone()),
        groups: link.map(|link| identifiers(model, &link.groups)).unwrap_or_default(),
        tags: tags::shown(&instance.tags),
    }
}

fn enable_dns_support(cx: Change, input: ec2::EnableVpcClassicLinkDnsSupportRequest) -> Result<()> {
    let vpc = input.vpc_id.ok_or_else(|| Error::missing("VpcId"))?;
    cx.model.set_classic_link_dns(cx.caller, &vpc, true)
}

fn disable_dns_support(cx: Change, input: ec2::DisableVpcClassicLinkDnsSupportRequest) -> Result<()> {
    let vpc = input.vpc_id.ok_or_else(|| Error::missing("VpcId"))?;
    cx.model.set_classic_link_dns(cx.caller, &vpc, false)
}

/// It has no filters. A page size above the greatest is an error (semantics.md §1.3).
fn describe_dns_support(
    cx: View,
    input: ec2::DescribeVpcClassicLinkDnsSupportRequest,
) -> Result<ec2::DescribeVpcClassicLinkDnsSupportResult> {
    let ec2::DescribeVpcClassicLinkDnsSupportRequest { vpc_ids, page } = input;
    need_classic_region(cx.model, cx.caller)?;
    let most = page.range.1;
    if let Some(value) = page.size.clone().filter(|size| size.parse().is_ok_and(|size: usize| size > most)) {
        return Err(Error::BadMaxResults { value });
    }
    let shown = |vpc: &Vpc| ec2::ClassicLinkDnsSupport {
        vpc_id: text(&vpc.id),
        classic_link_dns_supported: Some(vpc.classic_link_dns),
    };
    let all = cx.model.vpcs.of(&cx.caller.scope);
    let (vpcs, next_token) = VPCS.page(cx.model, all, &vpc_ids, &Filters::default(), &page)?;
    Ok(ec2::DescribeVpcClassicLinkDnsSupportResult { vpcs: vpcs.into_iter().map(shown).collect(), next_token })
}
