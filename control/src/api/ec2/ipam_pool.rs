//! IPAM pools and the blocks that are provisioned to them.

use super::cidr::cidr;
use super::listing::{Attributes, each, one};
use super::{int, ipam, ipam_scope, tags, text, token};
use crate::api::action::{Actions, Change, View};
use model::{
    AllocationRules, BlockWish, Error, IpFamily, IpamPool, Model, PoolChange, PoolCidr, PoolForm, Result, Tags, arn,
};
use shapes::{List, ec2};

pub fn actions(all: Actions) -> Actions {
    all.write(create)
        .write(modify)
        .write(delete)
        .read(describe)
        .write(provision)
        .write(deprovision)
        .read(describe_cidrs)
}

static ATTRIBUTES: Attributes<IpamPool> = Attributes(&[
    ("address-family", |_, pool| one(pool.form.family.word())),
    ("auto-import", |_, pool| one(pool.form.auto_import)),
    ("description", |_, pool| each(&pool.form.description)),
    ("ipam-pool-id", |_, pool| one(&pool.id)),
    ("ipam-region", |_, pool| one(&pool.scope.region)),
    ("ipam-scope-id", |_, pool| one(&pool.form.ipam_scope)),
    ("locale", |_, pool| one(locale(pool))),
    ("owner-id", |_, pool| one(&pool.scope.account)),
    ("pool-depth", |model, pool| one(model.depth_of_pool(pool))),
    ("source-ipam-pool-id", |_, pool| each(&pool.form.source)),
    ("state", |_, _| one("create-complete")),
]);

static CIDRS: Attributes<PoolCidr> = Attributes(&[
    ("cidr", |_, block| one(block.cidr)),
    ("ipam-pool-cidr-id", |_, block| one(&block.id)),
    ("netmask-length", |_, block| one(block.cidr.prefix_len())),
    ("state", |_, _| one("provisioned")),
]);

fn locale(pool: &IpamPool) -> &str {
    pool.form.locale.as_deref().unwrap_or("None")
}

/// The prefix length that a parameter has.
fn length(parameter: &str, value: Option<i32>) -> Result<Option<u8>> {
    let one = |value: i32| match u8::try_from(value) {
        Ok(length) if length <= 128 => Ok(length),
        _ => Err(Error::invalid(parameter, value)),
    };
    value.map(one).transpose()
}

/// Which block a request wishes for.
pub fn wish(block: Option<&str>, netmask: Option<i32>) -> Result<BlockWish> {
    let cidr = block.map(|block| cidr("Cidr", block)).transpose()?;
    Ok(BlockWish { cidr, length: length("NetmaskLength", netmask)?, ..BlockWish::default() })
}

fn resource_tags(list: List<ec2::RequestIpamResourceTag>) -> Tags {
    list.into_iter().filter_map(|tag| Some((tag.key?, tag.value.unwrap_or_default()))).collect()
}

fn source_resource(vpc: &str, pool: &IpamPool) -> ec2::IpamPoolSourceResource {
    ec2::IpamPoolSourceResource {
        resource_id: text(vpc),
        resource_type: text("vpc"),
        resource_region: text(locale(pool)),
        resource_owner: text(&pool.scope.account),
    }
}

fn shown(model: &Model, pool: &IpamPool, state: &str) -> ec2::IpamPool {
    let scope = model.ipam_scopes.get(&pool.form.ipam_scope);
    let rules = &pool.form.rules;
    let number = |length: Option<u8>| length.map(i32::from);
    let tag = |(key, value): (&String, &String)| ec2::IpamResourceTag { key: text(key), value: text(value) };
    ec2::IpamPool {
        owner_id: text(&pool.scope.account),
        ipam_pool_id: text(&pool.id),
        source_ipam_pool_id: pool.form.source.clone(),
        ipam_pool_arn: text(arn(&pool.scope, "ipam-pool", &pool.id)),
        ipam_scope_arn: scope.map(ipam_scope::arn_of),
        ipam_scope_type: scope.map(|scope| ipam_scope::kind(scope).to_owned()),
        ipam_arn: scope.and_then(|scope| model.ipams.get(&scope.ipam)).map(ipam::arn_of),
        ipam_region: text(&pool.scope.region),
        locale: text(locale(pool)),
        pool_depth: int(model.depth_of_pool(pool)),
        state: text(state),
        description: pool.form.description.clone(),
        auto_import: Some(pool.form.auto_import),
        publicly_advertisable: pool.form.advertisable,
        address_family: text(pool.form.family.word()),
        allocation_min_netmask_length: number(rules.shortest),
        allocation_max_netmask_length: number(rules.longest),
        allocation_default_netmask_length: number(rules.usual),
        allocation_resource_tags: rules.tags.iter().map(tag).collect(),
        tags: tags::shown(&pool.tags),
        aws_service: pool.form.service.clone(),
        public_ip_source: pool.form.public_source.clone(),
        source_resource: pool.form.vpc.as_deref().map(|vpc| source_resource(vpc, pool)),
        ..Default::default()
    }
}

/// The VPC that a pool is for, and its Region.
fn planned(source: Option<ec2::IpamPoolSourceResourceRequest>) -> Result<(Option<String>, Option<String>)> {
    let Some(source) = source else { return Ok((None, None)) };
    match source.resource_type.as_deref() {
        Some("vpc") => Ok((source.resource_id, source.resource_region)),
        other => Err(Error::invalid("SourceResource.ResourceType", other.unwrap_or_default())),
    }
}

/// The allocation rules of a request.
fn rules(sent: &ec2::PoolSettings, tags: List<ec2::RequestIpamResourceTag>) -> Result<AllocationRules> {
    Ok(AllocationRules {
        shortest: length("AllocationMinNetmaskLength", sent.allocation_min_netmask_length)?,
        longest: length("AllocationMaxNetmaskLength", sent.allocation_max_netmask_length)?,
        usual: length("AllocationDefaultNetmaskLength", sent.allocation_default_netmask_length)?,
        tags: resource_tags(tags),
    })
}

fn create(Change { model, caller }: Change, input: ec2::CreateIpamPoolRequest) -> Result<ec2::IpamPool> {
    let ec2::CreateIpamPoolRequest {
        ipam_scope_id,
        locale,
        source_ipam_pool_id,
        address_family,
        publicly_advertisable,
        allocation_resource_tags,
        tag_specifications,
        client_token,
        aws_service,
        public_ip_source,
        source_resource,
        settings,
    } = input;
    let (vpc, region) = planned(source_resource)?;
    let form = PoolForm {
        ipam_scope: ipam_scope_id,
        source: source_ipam_pool_id,
        vpc,
        locale: locale.filter(|locale| locale != "None").or(region),
        rules: rules(&settings, allocation_resource_tags)?,
        description: settings.description,
        family: IpFamily::read("AddressFamily", &address_family)?,
        auto_import: settings.auto_import.unwrap_or(false),
        advertisable: publicly_advertisable,
        public_source: public_ip_source,
        service: aws_service,
    };
    let tags = tags::of(tag_specifications, "ipam-pool")?;
    let id =
        model.once(caller, "CreateIpamPool", token(&client_token), |model| model.create_pool(caller, form, tags))?;
    Ok(shown(model, model.ipam_pools.find(&caller.scope, &id)?, "create-in-progress"))
}

fn modify(cx: Change, input: ec2::ModifyIpamPoolRequest) -> Result<ec2::IpamPool> {
    let ec2::ModifyIpamPoolRequest {
        ipam_pool_id: id,
        clear_allocation_default_netmask_length,
        add_allocation_resource_tags,
        remove_allocation_resource_tags,
        settings,
    } = input;
    let change = PoolChange {
        rules: rules(&settings, add_allocation_resource_tags)?,
        description: settings.description,
        auto_import: settings.auto_import,
        clears_usual: clear_allocation_default_netmask_length.unwrap_or(false),
        remove_tags: resource_tags(remove_allocation_resource_tags),
    };
    cx.model.change_pool(cx.caller, &id, change)?;
    Ok(shown(cx.model, cx.model.ipam_pools.find(&cx.caller.scope, &id)?, "modify-in-progress"))
}

fn delete(cx: Change, input: ec2::DeleteIpamPoolRequest) -> Result<ec2::IpamPool> {
    let ec2::DeleteIpamPoolRequest { ipam_pool_id, cascade } = input;
    let pool = cx.model.delete_pool(cx.caller, &ipam_pool_id, cascade.unwrap_or(false))?;
    Ok(shown(cx.model, &pool, "delete-in-progress"))
}

fn describe(cx: View, input: ec2::DescribeIpamPoolsRequest) -> Result<ec2::DescribeIpamPoolsResult> {
    ATTRIBUTES.list(cx.model, cx.model.pools_for(cx.caller), input, |pool| shown(cx.model, pool, "create-complete"))
}

fn shown_cidr(block: &PoolCidr, state: &str) -> ec2::IpamPoolCidr {
    ec2::IpamPoolCidr {
        cidr: text(block.cidr),
        state: text(state),
        ipam_pool_cidr_id: text(&block.id),
        netmask_length: Some(block.cidr.prefix_len().into()),
        ..Default::default()
    }
}

fn provision(
    Change { model, caller }: Change,
    input: ec2::ProvisionIpamPoolCidrRequest,
) -> Result<ec2::ProvisionIpamPoolCidrResult> {
    let ec2::ProvisionIpamPoolCidrRequest { ipam_pool_id, cidr, netmask_length, client_token } = input;
    let wish = wish(cidr.as_deref(), netmask_length)?;
    let id = model.once(caller, "ProvisionIpamPoolCidr", token(&client_token), |model| {
        Ok(model.provision_pool(caller, &ipam_pool_id, &wish)?.id)
    })?;
    let pool = model.ipam_pools.find(&caller.scope, &ipam_pool_id)?;
    let block = pool.cidrs.iter().find(|block| block.id == id);
    let ipam_pool_cidr = block.map(|block| shown_cidr(block, "pending-provision"));
    Ok(ec2::ProvisionIpamPoolCidrResult { ipam_pool_cidr })
}

fn deprovision(cx: Change, input: ec2::DeprovisionIpamPoolCidrRequest) -> Result<ec2::IpamPoolCidr> {
    let block = cidr("Cidr", &input.cidr.ok_or_else(|| Error::missing("Cidr"))?)?;
    let block = cx.model.deprovision_pool(cx.caller, &input.ipam_pool_id, block)?;
    Ok(shown_cidr(&block, "pending-deprovision"))
}

fn describe_cidrs(cx: View, input: ec2::GetIpamPoolCidrsRequest) -> Result<ec2::GetIpamPoolCidrsResult> {
    let ec2::GetIpamPoolCidrsRequest { ipam_pool_id, filters, page } = input;
    let blocks = &cx.model.pool_for(cx.caller, &ipam_pool_id)?.cidrs;
    let (blocks, next_token) = CIDRS.page_of_parts(cx.model, blocks, &filters, &page, |block| block.id.clone())?;
    let ipam_pool_cidrs = blocks.into_iter().map(|block| shown_cidr(block, "provisioned")).collect();
    Ok(ec2::GetIpamPoolCidrsResult { ipam_pool_cidrs, next_token })
}
