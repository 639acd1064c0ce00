//! Instance profiles of instances.

use super::listing::{Attributes, by_age};
use super::text;
use crate::api::action::{Actions, Change, View};
use model::{Caller, Error, IdKind, Instance, Model, ProfileAssociation, Result, Tags};
use shapes::ec2;

pub fn actions(all: Actions) -> Actions {
    all.write(associate).write(disassociate).write(replace).read(describe)
}

/// An instance's profile: its ARN and its id.
pub fn profile(model: &Model, arn: &str) -> Option<ec2::IamInstanceProfile> {
    Some(ec2::IamInstanceProfile { arn: text(arn), id: text(model.profile_id(arn)) })
}

/// The ARN that a specification means.
pub fn arn(model: &Model, caller: &Caller, sent: ec2::IamInstanceProfileSpecification) -> Result<String> {
    model.profile_arn(caller, sent.arn, sent.name)
}

fn shown(
    model: &Model,
    instance: &str,
    association: &ProfileAssociation,
    state: &str,
) -> ec2::IamInstanceProfileAssociation {
    ec2::IamInstanceProfileAssociation {
        association_id: text(&association.id),
        instance_id: text(instance),
        iam_instance_profile: profile(model, &association.arn),
        state: text(state),
        timestamp: Some(association.since),
    }
}

fn associate(cx: Change, input: ec2::AssociateIamInstanceProfileRequest) -> Result<ec2::IamInstanceProfileAssociation> {
    let ec2::AssociateIamInstanceProfileRequest { iam_instance_profile, instance_id } = input;
    let arn = arn(cx.model, cx.caller, iam_instance_profile)?;
    let association = cx.model.associate_profile(cx.caller, &instance_id, arn)?;
    Ok(shown(cx.model, &instance_id, &association, "associating"))
}

fn disassociate(
    cx: Change,
    input: ec2::DisassociateIamInstanceProfileRequest,
) -> Result<ec2::IamInstanceProfileAssociation> {
    let (instance, had) = cx.model.disassociate_profile(cx.caller, &input.association_id)?;
    Ok(shown(cx.model, &instance, &had, "disassociating"))
}

fn replace(
    cx: Change,
    input: ec2::ReplaceIamInstanceProfileAssociationRequest,
) -> Result<ec2::IamInstanceProfileAssociation> {
    let ec2::ReplaceIamInstanceProfileAssociationRequest { iam_instance_profile, association_id } = input;
    let arn = arn(cx.model, cx.caller, iam_instance_profile)?;
    let (instance, new) = cx.model.replace_profile(cx.caller, &association_id, arn)?;
    Ok(shown(cx.model, &instance, &new, "associating"))
}

/// By instance and association.
static ATTRIBUTES: Attributes<(String, ProfileAssociation)> = Attributes(&[
    ("instance-id", |_, (instance, _)| vec![instance.clone()]),
    ("state", |_, _| vec!["associated".into()]),
]);

fn describe(
    cx: View,
    input: ec2::DescribeIamInstanceProfileAssociationsRequest,
) -> Result<ec2::DescribeIamInstanceProfileAssociationsResult> {
    let ec2::DescribeIamInstanceProfileAssociationsRequest { association_ids, filters, page } = input;
    let associated = |instance: &Instance| Some((instance.id.clone(), instance.options.profile.clone()?));
    let living = cx.model.instances.of(&cx.caller.scope).filter(|instance| !instance.is_gone());
    let mut rows: Vec<(String, ProfileAssociation)> = living.filter_map(associated).collect();
    if let Some(id) = association_ids.iter().find(|id| !rows.iter().any(|(_, association)| association.id == **id)) {
        return Err(Error::NotFound { kind: IdKind::IamInstanceProfileAssociation, id: id.clone() });
    }
    let wanted = ATTRIBUTES.wanted(&filters)?;
    rows.retain(|row| {
        (association_ids.is_empty() || association_ids.contains(&row.1.id)) && wanted.pass(cx.model, row, &Tags::new())
    });
    let (rows, next_token) = by_age(cx.model, &page, rows, |(_, association)| &association.id)?;
    let rows = rows.iter().map(|(instance, association)| shown(cx.model, instance, association, "associated"));
    Ok(ec2::DescribeIamInstanceProfileAssociationsResult {
        iam_instance_profile_associations: rows.collect(),
        next_token,
    })
}
