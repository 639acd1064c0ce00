//! Certificates by which clusters would prove who they are to hardware that stores keys.

use super::tags;
use crate::api::action::Actions;
use crate::api::deployment::{Paged, text};
use crate::api::entry::{self, found};
use model::services::{Result, ServiceEntry, Thing};
use model::{Caller, FNV_OFFSET, Model, fnv1a};
use shapes::redshift::{self, HsmClientCertificate};

const THING: Thing = Thing::HsmClientCertificate;

pub fn actions(all: Actions) -> Actions {
    all.write(create).read(describe).write(delete)
}

fn create(
    model: &mut Model,
    caller: &Caller,
    input: redshift::CreateHsmClientCertificateMessage,
) -> Result<HsmClientCertificate> {
    let name = input.hsm_client_certificate_identifier.to_ascii_lowercase();
    let key = fnv1a(FNV_OFFSET, &format!("{name} {}", caller.now.0));
    let certificate = HsmClientCertificate {
        hsm_client_certificate_public_key: text(format!("ssh-rsa {key:016x} {name}")),
        ..Default::default()
    };
    Ok(shown(&entry::create(model, caller, (THING, &name), &certificate, tags::of(input.tags)?)?))
}

fn describe(
    model: &Model,
    caller: &Caller,
    input: redshift::DescribeHsmClientCertificatesMessage,
) -> Result<Paged<HsmClientCertificate>> {
    let (name, keys, values) = (input.hsm_client_certificate_identifier, input.tag_keys, input.tag_values);
    let is_asked = |entry: &ServiceEntry| tags::pass(&entry.tags, &keys, &values);
    Ok(found(model, &caller.scope, (THING, name), input.page, is_asked)?.map(shown))
}

fn delete(model: &mut Model, caller: &Caller, input: redshift::DeleteHsmClientCertificateMessage) -> Result<()> {
    model.delete_service_entry(&caller.scope, THING, &input.hsm_client_certificate_identifier)?;
    Ok(())
}

fn shown(entry: &ServiceEntry) -> HsmClientCertificate {
    HsmClientCertificate {
        hsm_client_certificate_identifier: text(&entry.name),
        tags: tags::shown(&entry.tags),
        ..entry::told(entry)
    }
}
