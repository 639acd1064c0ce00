//! Processor credits of instances.

use super::listing::{Attributes, by_age};
use super::{each_of, text};
use crate::api::action::{Actions, Change, View};
use model::{Caller, CpuCredits, Error, Instance, Model, Result};
use shapes::ec2;

pub fn actions(all: Actions) -> Actions {
    all.read(describe).write(modify)
}

static ATTRIBUTES: Attributes<Instance> = Attributes(&[("instance-id", |_, instance| vec![instance.id.clone()])]);

fn credits(instance: &Instance) -> Option<CpuCredits> {
    instance.options.credits(&instance.instance_type)
}

/// Without ids, EC2 describes only instances with `unlimited`.
fn describe(
    cx: View,
    input: ec2::DescribeInstanceCreditSpecificationsRequest,
) -> Result<ec2::DescribeInstanceCreditSpecificationsResult> {
    let ec2::DescribeInstanceCreditSpecificationsRequest { filters, instance_ids, page } = input;
    let living = cx.model.instances.of(&cx.caller.scope).filter(|instance| !instance.is_gone());
    let mut instances = ATTRIBUTES.choose(cx.model, living, &instance_ids, &filters)?;
    match instances.iter().find(|instance| credits(instance).is_none()) {
        Some(without) if !instance_ids.is_empty() => return Err(Error::NoCredits { id: without.id.clone() }),
        _ => {}
    }
    let all = !instance_ids.is_empty() || !filters.is_empty();
    instances.retain(|instance| credits(instance).is_some_and(|found| all || found == CpuCredits::Unlimited));
    let (instances, next_token) = by_age(cx.model, &page, instances, |instance| &instance.id)?;
    let shown = |instance: &Instance| ec2::InstanceCreditSpecification {
        instance_id: text(&instance.id),
        cpu_credits: credits(instance).map(|credits| credits.word().to_owned()),
    };
    Ok(ec2::DescribeInstanceCreditSpecificationsResult {
        instance_credit_specifications: instances.into_iter().map(shown).collect(),
        next_token,
    })
}

/// Changes the instances that can be changed. The reply names the others.
fn modify(
    cx: Change,
    input: ec2::ModifyInstanceCreditSpecificationRequest,
) -> Result<ec2::ModifyInstanceCreditSpecificationResult> {
    let ec2::ModifyInstanceCreditSpecificationRequest { client_token: _, instance_credit_specifications } = input;
    let asked = instance_credit_specifications.into_iter().map(asked).collect::<Result<Vec<_>>>()?;
    let (done, failed) = each_of(
        asked,
        |(id, credits)| change(cx.model, cx.caller, id, *credits),
        |(id, _), ()| ec2::SuccessfulInstanceCreditSpecificationItem { instance_id: Some(id) },
        |(id, _), error| ec2::UnsuccessfulInstanceCreditSpecificationItem {
            instance_id: Some(id),
            error: Some(ec2::UnsuccessfulInstanceCreditSpecificationItemError {
                code: text(code(&error)),
                message: text(error),
            }),
        },
    );
    Ok(ec2::ModifyInstanceCreditSpecificationResult {
        successful_instance_credit_specifications: done,
        unsuccessful_instance_credit_specifications: failed,
    })
}

/// An instance and the credits that it is to have.
fn asked(sent: ec2::InstanceCreditSpecificationRequest) -> Result<(String, CpuCredits)> {
    let word = sent.cpu_credits.ok_or_else(|| Error::missing("InstanceCreditSpecification.CpuCredits"))?;
    Ok((sent.instance_id, CpuCredits::read("CpuCredits", &word)?))
}

fn change(model: &mut Model, caller: &Caller, id: &str, credits: CpuCredits) -> Result<()> {
    let instance = model.instances.find(&caller.scope, id)?;
    if self::credits(instance).is_none() {
        return Err(Error::NoCredits { id: id.to_owned() });
    }
    model.change_options(caller, id, |options| {
        options.credits = Some(credits);
        Ok(())
    })
}

/// The few codes that this reply knows.
fn code(error: &Error) -> &'static str {
    match error {
        Error::NotFound { .. } => "InvalidInstanceID.NotFound",
        Error::Malformed { .. } => "InvalidInstanceID.Malformed",
        Error::WrongState { .. } => "IncorrectInstanceState",
        _ => "InstanceCreditSpecification.NotSupported",
    }
}
