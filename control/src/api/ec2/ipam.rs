//! IPAMs.

use super::listing::{Attributes, each, one};
use super::{tags, text, token};
use crate::api::action::{Actions, Change, View};
use model::{Ipam, IpamChange, IpamTier, Model, Result, arn};
use shapes::{List, ec2};

pub fn actions(all: Actions) -> Actions {
    all.write(create).write(modify).write(delete).read(describe)
}

static ATTRIBUTES: Attributes<Ipam> = Attributes(&[
    ("description", |_, ipam| each(&ipam.description)),
    ("ipam-id", |_, ipam| one(&ipam.id)),
    ("ipam-region", |_, ipam| one(&ipam.scope.region)),
    ("owner-id", |_, ipam| one(&ipam.scope.account)),
    ("state", |_, _| one("create-complete")),
    ("tier", |_, ipam| one(ipam.tier.word())),
]);

/// The ARN of an IPAM.
pub fn arn_of(ipam: &Ipam) -> String {
    arn(&ipam.scope, "ipam", &ipam.id)
}

fn regions(ipam: &Ipam) -> List<ec2::IpamOperatingRegion> {
    ipam.regions.iter().map(|region| ec2::IpamOperatingRegion { region_name: text(region) }).collect()
}

fn shown(model: &Model, ipam: &Ipam, state: &str) -> ec2::Ipam {
    let made = model.ipam_discovery_associations.by(&ipam.id).count();
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
        resource_discovery_association_count: i32::try_from(1 + made).ok(),
        tier: text(ipam.tier.word()),
        enable_private_gua: Some(ipam.private_gua),
        ..Default::default()
    }
}

fn tier(word: Option<String>) -> Result<Option<IpamTier>> {
    word.map(|word| IpamTier::read("Tier", &word)).transpose()
}

fn create(Change { model, caller }: Change, input: ec2::CreateIpamRequest) -> Result<ec2::Ipam> {
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

fn modify(cx: Change, input: ec2::ModifyIpamRequest) -> Result<ec2::Ipam> {
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
    cx.model.change_ipam(cx.caller, &id, IpamChange { description, tier: tier(word)?, add, remove, private_gua })?;
    Ok(shown(cx.model, cx.model.ipams.find(&cx.caller.scope, &id)?, "modify-in-progress"))
}

fn delete(cx: Change, input: ec2::DeleteIpamRequest) -> Result<ec2::Ipam> {
    let ec2::DeleteIpamRequest { ipam_id: id, cascade } = input;
    let ipam = shown(cx.model, cx.model.ipams.find(&cx.caller.scope, &id)?, "delete-in-progress");
    cx.model.delete_ipam(cx.caller, &id, cascade.unwrap_or(false))?;
    Ok(ipam)
}

fn describe(cx: View, input: ec2::DescribeIpamsRequest) -> Result<ec2::DescribeIpamsResult> {
    ATTRIBUTES
        .list(cx.model, cx.model.ipams.of(&cx.caller.scope), input, |ipam| shown(cx.model, ipam, "create-complete"))
}
