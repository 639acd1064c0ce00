//! Multicast domains of transit gateways, and the subnets that are associated with them.

use super::listing::{Attributes, each, lingering_state, one};
use super::transit_gateway::turn;
use super::{tags, text};
use crate::api::action::{Actions, Change, View};
use model::{
    Error, Model, MulticastAssociation, MulticastOptions, Result, TransitGatewayAttachment,
    TransitGatewayMulticastDomain, arn,
};
use shapes::ec2;

pub fn actions(all: Actions) -> Actions {
    let all = all.write(create).read(describe).write(delete);
    all.write(associate).write(disassociate).write(accept).write(reject).read(associations)
}

static ATTRIBUTES: Attributes<TransitGatewayMulticastDomain> = Attributes(&[
    ("state", |model, domain| one(lingering_state(model, &domain.id))),
    ("transit-gateway-id", |_, domain| one(&domain.gateway)),
    ("transit-gateway-multicast-domain-id", |_, domain| one(&domain.id)),
]);

fn shown(domain: &TransitGatewayMulticastDomain, state: &str) -> ec2::TransitGatewayMulticastDomain {
    let options = ec2::TransitGatewayMulticastDomainOptions {
        igmpv2_support: text(domain.options.igmp.word()),
        static_sources_support: text(domain.options.static_sources.word()),
        auto_accept_shared_associations: text(domain.options.auto_accept.word()),
    };
    ec2::TransitGatewayMulticastDomain {
        transit_gateway_multicast_domain_id: text(&domain.id),
        transit_gateway_id: text(&domain.gateway),
        transit_gateway_multicast_domain_arn: text(arn(&domain.scope, "transit-gateway-multicast-domain", &domain.id)),
        owner_id: text(&domain.scope.account),
        options: Some(options),
        state: text(state),
        creation_time: Some(domain.created),
        tags: tags::shown(&domain.tags),
    }
}

fn create(
    cx: Change,
    input: ec2::CreateTransitGatewayMulticastDomainRequest,
) -> Result<ec2::TransitGatewayMulticastDomain> {
    let ec2::CreateTransitGatewayMulticastDomainRequest { transit_gateway_id, options: sent, tag_specifications } =
        input;
    let sent = sent.unwrap_or_default();
    let mut options = MulticastOptions::default();
    turn(&mut options.igmp, "Igmpv2Support", sent.igmpv2_support)?;
    turn(&mut options.static_sources, "StaticSourcesSupport", sent.static_sources_support)?;
    turn(&mut options.auto_accept, "AutoAcceptSharedAssociations", sent.auto_accept_shared_associations)?;
    let tags = tags::of(tag_specifications, "transit-gateway-multicast-domain")?;
    let id = cx.model.create_multicast_domain(cx.caller, &transit_gateway_id, options, tags)?;
    Ok(shown(cx.model.multicast_domains.find(&cx.caller.scope, &id)?, "pending"))
}

fn describe(
    cx: View,
    input: ec2::DescribeTransitGatewayMulticastDomainsRequest,
) -> Result<ec2::DescribeTransitGatewayMulticastDomainsResult> {
    ATTRIBUTES.list_lingering(cx, &cx.model.multicast_domains, input, shown)
}

fn delete(
    cx: Change,
    input: ec2::DeleteTransitGatewayMulticastDomainRequest,
) -> Result<ec2::TransitGatewayMulticastDomain> {
    let domain = cx.model.delete_multicast_domain(cx.caller, &input.transit_gateway_multicast_domain_id)?;
    Ok(shown(&domain, "deleting"))
}

/// A domain, an attachment and subnets of its VPC.
struct Asked {
    domain: String,
    attachment: String,
    subnets: Vec<String>,
}

impl Asked {
    /// Reads the parameters of the actions in which they are optional.
    fn of(domain: Option<String>, attachment: Option<String>, subnets: &[String]) -> Result<Asked> {
        let domain = domain.ok_or_else(|| Error::missing("TransitGatewayMulticastDomainId"))?;
        let attachment = attachment.ok_or_else(|| Error::missing("TransitGatewayAttachmentId"))?;
        Ok(Asked { domain, attachment, subnets: subnets.to_vec() })
    }

    /// The reply of a change that leads the subnets to a state.
    fn told(self, model: &Model, state: &str) -> ec2::TransitGatewayMulticastDomainAssociations {
        let attachment = model.transit_attachments.get(&self.attachment);
        let subnet = |subnet| ec2::SubnetAssociation { subnet_id: Some(subnet), state: text(state) };
        ec2::TransitGatewayMulticastDomainAssociations {
            transit_gateway_multicast_domain_id: Some(self.domain),
            transit_gateway_attachment_id: Some(self.attachment),
            resource_id: attachment.map(|attachment| attachment.vpc.clone()),
            resource_type: text("vpc"),
            resource_owner_id: attachment.map(|attachment| attachment.scope.account.clone()),
            subnets: self.subnets.into_iter().map(subnet).collect(),
        }
    }
}

fn associate(
    cx: Change,
    input: ec2::AssociateTransitGatewayMulticastDomainRequest,
) -> Result<ec2::TransitGatewayMulticastDomainAssociations> {
    let asked = Asked {
        domain: input.transit_gateway_multicast_domain_id,
        attachment: input.transit_gateway_attachment_id,
        subnets: input.subnet_ids.to_vec(),
    };
    cx.model.associate_multicast_domain(cx.caller, &asked.domain, &asked.attachment, &asked.subnets)?;
    let domain = cx.model.multicast_domain(cx.caller, &asked.domain)?;
    let is_pending = domain.associations.last().is_some_and(|last| last.is_pending);
    Ok(asked.told(cx.model, if is_pending { PENDING } else { "associating" }))
}

fn disassociate(
    cx: Change,
    input: ec2::DisassociateTransitGatewayMulticastDomainRequest,
) -> Result<ec2::TransitGatewayMulticastDomainAssociations> {
    let asked = Asked {
        domain: input.transit_gateway_multicast_domain_id,
        attachment: input.transit_gateway_attachment_id,
        subnets: input.subnet_ids.to_vec(),
    };
    cx.model.disassociate_multicast_domain(cx.caller, &asked.domain, &asked.attachment, &asked.subnets)?;
    Ok(asked.told(cx.model, "disassociating"))
}

fn accept(
    cx: Change,
    input: ec2::AcceptTransitGatewayMulticastDomainAssociationsRequest,
) -> Result<ec2::TransitGatewayMulticastDomainAssociations> {
    let (domain, attachment) = (input.transit_gateway_multicast_domain_id, input.transit_gateway_attachment_id);
    let asked = Asked::of(domain, attachment, &input.subnet_ids)?;
    cx.model.decide_multicast_associations(cx.caller, &asked.domain, &asked.attachment, &asked.subnets, true)?;
    Ok(asked.told(cx.model, "associating"))
}

fn reject(
    cx: Change,
    input: ec2::RejectTransitGatewayMulticastDomainAssociationsRequest,
) -> Result<ec2::TransitGatewayMulticastDomainAssociations> {
    let (domain, attachment) = (input.transit_gateway_multicast_domain_id, input.transit_gateway_attachment_id);
    let asked = Asked::of(domain, attachment, &input.subnet_ids)?;
    cx.model.decide_multicast_associations(cx.caller, &asked.domain, &asked.attachment, &asked.subnets, false)?;
    Ok(asked.told(cx.model, "rejected"))
}

/// The state of an association that waits for acceptance.
const PENDING: &str = "pendingAcceptance";

static OF_SUBNETS: Attributes<ec2::TransitGatewayMulticastDomainAssociation> = Attributes(&[
    ("resource-id", |_, row| each(&row.resource_id)),
    ("resource-type", |_, row| each(&row.resource_type)),
    ("state", |_, row| each(row.subnet.iter().filter_map(|subnet| subnet.state.as_ref()))),
    ("subnet-id", |_, row| one(subnet(row))),
    ("transit-gateway-attachment-id", |_, row| each(&row.transit_gateway_attachment_id)),
]);

fn subnet(row: &ec2::TransitGatewayMulticastDomainAssociation) -> &str {
    row.subnet.as_ref().and_then(|subnet| subnet.subnet_id.as_deref()).unwrap_or_default()
}

fn association(
    (own, attachment): (&MulticastAssociation, &TransitGatewayAttachment),
) -> ec2::TransitGatewayMulticastDomainAssociation {
    let state = if own.is_pending { PENDING } else { "associated" };
    ec2::TransitGatewayMulticastDomainAssociation {
        transit_gateway_attachment_id: text(&own.attachment),
        resource_id: text(&attachment.vpc),
        resource_type: text("vpc"),
        resource_owner_id: text(&attachment.scope.account),
        subnet: Some(ec2::SubnetAssociation { subnet_id: text(&own.subnet), state: text(state) }),
    }
}

fn associations(
    cx: View,
    input: ec2::GetTransitGatewayMulticastDomainAssociationsRequest,
) -> Result<ec2::GetTransitGatewayMulticastDomainAssociationsResult> {
    let domain = cx.model.multicast_domain(cx.caller, &input.transit_gateway_multicast_domain_id)?;
    let rows = cx.model.multicast_associations(domain).map(association).collect();
    let (rows, next_token) = OF_SUBNETS.page_of_rows(cx.model, rows, &input.filters, &input.page, subnet)?;
    Ok(ec2::GetTransitGatewayMulticastDomainAssociationsResult {
        multicast_domain_associations: rows.into(),
        next_token,
    })
}
