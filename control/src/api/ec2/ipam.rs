//! IPAMs, each with the resource discovery that it was born with.

use super::listing::{Attributes, each, one};
use super::{tags, text, token};
use crate::api::action::Actions;
use model::{Caller, Error, IdKind, Ipam, IpamChange, IpamTier, Model, Result, arn};
use shapes::{List, ec2};

pub fn actions(all: Actions) -> Actions {
    all.write(create).write(modify).write(delete).read(describe).read(discoveries).read(discovery_associations)
}

static ATTRIBUTES: Attributes<Ipam> = Attributes(&[
    ("description", |_, ipam| each(&ipam.description)),
    ("ipam-id", |_, ipam| one(&ipam.id)),
    ("ipam-region", |_, ipam| one(&ipam.scope.region)),
    ("owner-id", |_, ipam| one(&ipam.scope.account)),
    ("state", |_, _| one("create-complete")),
    ("tier", |_, ipam| one(ipam.tier.word())),
]);

static DISCOVERIES: Attributes<Ipam> = Attributes(&[
    ("ipam-resource-discovery-id", |_, ipam| one(&ipam.discovery)),
    ("ipam-resource-discovery-region", |_, ipam| one(&ipam.scope.region)),
    ("is-default", |_, _| one(true)),
    ("owner-id", |_, ipam| one(&ipam.scope.account)),
    ("state", |_, _| one("create-complete")),
]);

static ASSOCIATIONS: Attributes<Ipam> = Attributes(&[
    ("ipam-id", |_, ipam| one(&ipam.id)),
    ("ipam-region", |_, ipam| one(&ipam.scope.region)),
    ("ipam-resource-discovery-association-id", |_, ipam| one(&ipam.discovery_association)),
    ("ipam-resource-discovery-id", |_, ipam| one(&ipam.discovery)),
    ("is-default", |_, _| one(true)),
    ("owner-id", |_, ipam| one(&ipam.scope.account)),
    ("resource-discovery-status", |_, _| one("active")),
    ("state", |_, _| one("associate-complete")),
]);

/// The ARN of an IPAM.
pub fn arn_of(ipam: &Ipam) -> String {
    arn(&ipam.scope, "ipam", &ipam.id)
}

fn regions(ipam: &Ipam) -> List<ec2::IpamOperatingRegion> {
    ipam.regions.iter().map(|region| ec2::IpamOperatingRegion { region_name: text(region) }).collect()
}

fn shown(model: &Model, ipam: &Ipam, state: &str) -> ec2::Ipam {
    let default = |public| model.default_ipam_scope(&ipam.id, public).map(|scope| scope.id.clone());
    ec2::Ipam {
        owner_id: text(&ipam.scope.account),
        ipam_id: text(&ipam.id),
        ipam_arn: text(arn_of(ipam)),
        ipam_region: text(&ipam.scope.region),
        public_default_scope_id: default(true),
        private_default_scope_id: default(false),
        scope_count: i32::try_from(model.ipam_scopes.by(&ipam.id).count()).ok(),
        description: ipam.description.clone(),
        operating_regions: regions(ipam),
        state: text(state),
        tags: tags::shown(&ipam.tags),
        default_resource_discovery_id: text(&ipam.discovery),
        default_resource_discovery_association_id: text(&ipam.discovery_association),
        resource_discovery_association_count: Some(1),
        tier: text(ipam.tier.word()),
        enable_private_gua: Some(ipam.private_gua),
        ..Default::default()
    }
}

fn tier(word: Option<String>) -> Result<Option<IpamTier>> {
    word.map(|word| IpamTier::read("Tier", &word)).transpose()
}

fn create(model: &mut Model, caller: &Caller, input: ec2::CreateIpamRequest) -> Result<ec2::Ipam> {
    let ec2::CreateIpamRequest {
        description,
        operating_regions,
        tag_specifications,
        client_token,
        tier: word,
        enable_private_gua: private_gua,
    } = input;
    let tags = tags::of(tag_specifications, "ipam")?;
    let add = operating_regions.into_iter().filter_map(|region| region.region_name).collect();
    let new = IpamChange { description, tier: tier(word)?, add, remove: Vec::new(), private_gua };
    let id = model.once(caller, "CreateIpam", token(&client_token), |model| model.create_ipam(caller, new, tags))?;
    Ok(shown(model, model.ipams.find(&caller.scope, &id)?, "create-in-progress"))
}

fn modify(model: &mut Model, caller: &Caller, input: ec2::ModifyIpamRequest) -> Result<ec2::Ipam> {
    let ec2::ModifyIpamRequest {
        ipam_id: id,
        description,
        add_operating_regions,
        remove_operating_regions,
        tier: word,
        enable_private_gua: private_gua,
    } = input;
    let add = add_operating_regions.into_iter().filter_map(|region| region.region_name).collect();
    let remove = remove_operating_regions.into_iter().filter_map(|region| region.region_name).collect();
    model.change_ipam(caller, &id, IpamChange { description, tier: tier(word)?, add, remove, private_gua })?;
    Ok(shown(model, model.ipams.find(&caller.scope, &id)?, "modify-in-progress"))
}

fn delete(model: &mut Model, caller: &Caller, input: ec2::DeleteIpamRequest) -> Result<ec2::Ipam> {
    let ec2::DeleteIpamRequest { ipam_id: id, cascade } = input;
    let ipam = shown(model, model.ipams.find(&caller.scope, &id)?, "delete-in-progress");
    model.delete_ipam(caller, &id, cascade.unwrap_or(false))?;
    Ok(ipam)
}

fn describe(model: &Model, caller: &Caller, input: ec2::DescribeIpamsRequest) -> Result<ec2::DescribeIpamsResult> {
    ATTRIBUTES.list(model, model.ipams.of(&caller.scope), input, |ipam| shown(model, ipam, "create-complete"))
}

/// The IPAMs whose discoveries, or whose associations with them, have these ids.
fn by_discovery<'m>(
    model: &'m Model,
    caller: &'m Caller,
    kind: IdKind,
    ids: &[String],
    id: fn(&Ipam) -> &String,
) -> Result<Vec<&'m Ipam>> {
    let mut ipams: Vec<&Ipam> = model.ipams.of(&caller.scope).collect();
    if let Some(unknown) = ids.iter().find(|asked| !ipams.iter().any(|ipam| id(ipam) == *asked)) {
        return Err(Error::NotFound { kind, id: unknown.clone() });
    }
    ipams.retain(|ipam| ids.is_empty() || ids.contains(id(ipam)));
    Ok(ipams)
}

fn discoveries(
    model: &Model,
    caller: &Caller,
    input: ec2::DescribeIpamResourceDiscoveriesRequest,
) -> Result<ec2::DescribeIpamResourceDiscoveriesResult> {
    let ec2::DescribeIpamResourceDiscoveriesRequest { ipam_resource_discovery_ids: ids, page, filters } = input;
    let ipams = by_discovery(model, caller, IdKind::IpamResourceDiscovery, &ids, |ipam| &ipam.discovery)?;
    let (ipams, next_token) =
        DISCOVERIES.page_of_parts(model, ipams, &filters, &page, |ipam| ipam.discovery.clone())?;
    let shown = |ipam: &Ipam| ec2::IpamResourceDiscovery {
        owner_id: text(&ipam.scope.account),
        ipam_resource_discovery_id: text(&ipam.discovery),
        ipam_resource_discovery_arn: text(arn(&ipam.scope, "ipam-resource-discovery", &ipam.discovery)),
        ipam_resource_discovery_region: text(&ipam.scope.region),
        operating_regions: regions(ipam),
        is_default: Some(true),
        state: text("create-complete"),
        ..Default::default()
    };
    let ipam_resource_discoveries = ipams.into_iter().map(shown).collect();
    Ok(ec2::DescribeIpamResourceDiscoveriesResult { ipam_resource_discoveries, next_token })
}

fn discovery_associations(
    model: &Model,
    caller: &Caller,
    input: ec2::DescribeIpamResourceDiscoveryAssociationsRequest,
) -> Result<ec2::DescribeIpamResourceDiscoveryAssociationsResult> {
    let ec2::DescribeIpamResourceDiscoveryAssociationsRequest {
        ipam_resource_discovery_association_ids: ids,
        page,
        filters,
    } = input;
    let kind = IdKind::IpamResourceDiscoveryAssociation;
    let ipams = by_discovery(model, caller, kind, &ids, |ipam| &ipam.discovery_association)?;
    let (ipams, next_token) =
        ASSOCIATIONS.page_of_parts(model, ipams, &filters, &page, |ipam| ipam.discovery_association.clone())?;
    let shown = |ipam: &Ipam| ec2::IpamResourceDiscoveryAssociation {
        owner_id: text(&ipam.scope.account),
        ipam_resource_discovery_association_id: text(&ipam.discovery_association),
        ipam_resource_discovery_association_arn: text(arn(
            &ipam.scope,
            "ipam-resource-discovery-association",
            &ipam.discovery_association,
        )),
        ipam_resource_discovery_id: text(&ipam.discovery),
        ipam_id: text(&ipam.id),
        ipam_arn: text(arn_of(ipam)),
        ipam_region: text(&ipam.scope.region),
        is_default: Some(true),
        resource_discovery_status: text("active"),
        state: text("associate-complete"),
        ..Default::default()
    };
    let ipam_resource_discovery_associations = ipams.into_iter().map(shown).collect();
    Ok(ec2::DescribeIpamResourceDiscoveryAssociationsResult { ipam_resource_discovery_associations, next_token })
}
