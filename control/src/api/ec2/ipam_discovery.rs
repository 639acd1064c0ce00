//! Resource discoveries of IPAM, and their associations with IPAMs.

use super::ipam::arn_of;
use super::listing::{Attributes, each, one};
use super::{tags, text, token};
use crate::api::action::{Actions, Change, View};
use model::{IpamChange, IpamDiscoveryAssociation, IpamResourceDiscovery, Model, Result, arn};
use shapes::ec2;

pub fn actions(all: Actions) -> Actions {
    let all = all.write(create).write(modify).write(delete).read(describe);
    all.write(associate).write(disassociate).read(associations)
}

static ATTRIBUTES: Attributes<IpamResourceDiscovery> = Attributes(&[
    ("description", |_, discovery| each(&discovery.description)),
    ("ipam-resource-discovery-id", |_, discovery| one(&discovery.id)),
    ("ipam-resource-discovery-region", |_, discovery| one(&discovery.scope.region)),
    ("is-default", |_, discovery| one(discovery.is_default)),
    ("owner-id", |_, discovery| one(&discovery.scope.account)),
    ("state", |_, _| one("create-complete")),
]);

static OF_ASSOCIATIONS: Attributes<IpamDiscoveryAssociation> = Attributes(&[
    ("ipam-id", |_, association| one(&association.ipam)),
    ("ipam-region", |_, association| one(&association.scope.region)),
    ("ipam-resource-discovery-association-id", |_, association| one(&association.id)),
    ("ipam-resource-discovery-id", |_, association| one(&association.discovery)),
    ("is-default", |_, association| one(association.is_default)),
    ("owner-id", |_, association| one(&association.scope.account)),
    ("resource-discovery-status", |_, _| one("active")),
    ("state", |_, _| one("associate-complete")),
]);

fn shown(discovery: &IpamResourceDiscovery, state: &str) -> ec2::IpamResourceDiscovery {
    let region = |region| ec2::IpamOperatingRegion { region_name: text(region) };
    ec2::IpamResourceDiscovery {
        owner_id: text(&discovery.scope.account),
        ipam_resource_discovery_id: text(&discovery.id),
        ipam_resource_discovery_arn: text(arn(&discovery.scope, "ipam-resource-discovery", &discovery.id)),
        ipam_resource_discovery_region: text(&discovery.scope.region),
        description: discovery.description.clone(),
        operating_regions: discovery.regions.iter().map(region).collect(),
        is_default: Some(discovery.is_default),
        state: text(state),
        tags: tags::shown(&discovery.tags),
        ..Default::default()
    }
}

fn shown_association(
    model: &Model,
    association: &IpamDiscoveryAssociation,
    state: &str,
) -> ec2::IpamResourceDiscoveryAssociation {
    let arn = arn(&association.scope, "ipam-resource-discovery-association", &association.id);
    ec2::IpamResourceDiscoveryAssociation {
        owner_id: text(&association.scope.account),
        ipam_resource_discovery_association_id: text(&association.id),
        ipam_resource_discovery_association_arn: text(arn),
        ipam_resource_discovery_id: text(&association.discovery),
        ipam_id: text(&association.ipam),
        ipam_arn: model.ipams.get(&association.ipam).map(arn_of),
        ipam_region: text(&association.scope.region),
        is_default: Some(association.is_default),
        resource_discovery_status: text("active"),
        state: text(state),
        tags: tags::shown(&association.tags),
    }
}

fn create(
    Change { model, caller }: Change,
    input: ec2::CreateIpamResourceDiscoveryRequest,
) -> Result<ec2::IpamResourceDiscovery> {
    let ec2::CreateIpamResourceDiscoveryRequest { client_token, description, operating_regions, tag_specifications } =
        input;
    let tags = tags::of(tag_specifications, "ipam-resource-discovery")?;
    let add = operating_regions.into_iter().filter_map(|region| region.region_name).collect();
    let new = IpamChange { description, add, ..IpamChange::default() };
    let id = model.once(caller, "CreateIpamResourceDiscovery", token(&client_token), |model| {
        model.create_ipam_discovery(caller, new, tags)
    })?;
    Ok(shown(model.ipam_discoveries.find(&caller.scope, &id)?, "create-in-progress"))
}

fn modify(cx: Change, input: ec2::ModifyIpamResourceDiscoveryRequest) -> Result<ec2::IpamResourceDiscovery> {
    let ec2::ModifyIpamResourceDiscoveryRequest {
        ipam_resource_discovery_id: id,
        description,
        add_operating_regions,
        remove_operating_regions,
    } = input;
    let add = add_operating_regions.into_iter().filter_map(|region| region.region_name).collect();
    let remove = remove_operating_regions.into_iter().filter_map(|region| region.region_name).collect();
    let change = IpamChange { description, add, remove, ..IpamChange::default() };
    cx.model.change_ipam_discovery(cx.caller, &id, change)?;
    Ok(shown(cx.model.ipam_discoveries.find(&cx.caller.scope, &id)?, "modify-in-progress"))
}

fn delete(cx: Change, input: ec2::DeleteIpamResourceDiscoveryRequest) -> Result<ec2::IpamResourceDiscovery> {
    let discovery = cx.model.delete_ipam_discovery(cx.caller, &input.ipam_resource_discovery_id)?;
    Ok(shown(&discovery, "delete-in-progress"))
}

fn describe(
    cx: View,
    input: ec2::DescribeIpamResourceDiscoveriesRequest,
) -> Result<ec2::DescribeIpamResourceDiscoveriesResult> {
    let all = cx.model.ipam_discoveries_of(cx.caller);
    ATTRIBUTES.list(cx.model, all.iter(), input, |discovery| shown(discovery, "create-complete"))
}

fn associate(
    Change { model, caller }: Change,
    input: ec2::AssociateIpamResourceDiscoveryRequest,
) -> Result<ec2::IpamResourceDiscoveryAssociation> {
    let ec2::AssociateIpamResourceDiscoveryRequest {
        client_token,
        ipam_id,
        ipam_resource_discovery_id: discovery,
        tag_specifications,
    } = input;
    let tags = tags::of(tag_specifications, "ipam-resource-discovery-association")?;
    let id = model.once(caller, "AssociateIpamResourceDiscovery", token(&client_token), |model| {
        model.associate_ipam_discovery(caller, &ipam_id, &discovery, tags)
    })?;
    let association = model.ipam_discovery_associations.find(&caller.scope, &id)?;
    Ok(shown_association(model, association, "associate-in-progress"))
}

fn disassociate(
    cx: Change,
    input: ec2::DisassociateIpamResourceDiscoveryRequest,
) -> Result<ec2::IpamResourceDiscoveryAssociation> {
    let association = cx.model.disassociate_ipam_discovery(cx.caller, &input.ipam_resource_discovery_association_id)?;
    Ok(shown_association(cx.model, &association, "disassociate-in-progress"))
}

fn associations(
    cx: View,
    input: ec2::DescribeIpamResourceDiscoveryAssociationsRequest,
) -> Result<ec2::DescribeIpamResourceDiscoveryAssociationsResult> {
    let all = cx.model.ipam_discovery_associations_of(cx.caller);
    let shown = |association: &IpamDiscoveryAssociation| shown_association(cx.model, association, "associate-complete");
    OF_ASSOCIATIONS.list(cx.model, all.iter(), input, shown)
}
