//! Client certificates for hardware security modules (HSMs). No cluster uses one.

use super::tags;
use crate::api::action::{Actions, Change, View};
use crate::api::deployment::{Paged, text};
use crate::api::entry::{self, found};
use model::services::{Result, ServiceEntry, Thing};
use model::{FNV_OFFSET, fnv1a};
use shapes::redshift::{self, HsmClientCertificate};

const THING: Thing = Thing::HsmClientCertificate;

pub fn actions(all: Actions) -> Actions {
    all.write(create).read(describe).write(delete)
}

fn create(cx: Change, input: redshift::CreateHsmClientCertificateMessage) -> Result<HsmClientCertificate> {
    let name = input.hsm_client_certificate_identifier.to_ascii_lowercase();
    let key = fnv1a(FNV_OFFSET, &format!("{name} {}", cx.caller.now.0));
    let certificate = HsmClientCertificate {
        hsm_client_certificate_public_key: text(format!("ssh-rsa {key:016x} {name}")),
        ..Default::default()
    };
    Ok(shown(&entry::create(cx.model, cx.caller, (THING, &name), &certificate, tags::of(input.tags)?)?))
}

fn describe(cx: View, input: redshift::DescribeHsmClientCertificatesMessage) -> Result<Paged<HsmClientCertificate>> {
    let (name, keys, values) = (input.hsm_client_certificate_identifier, input.tag_keys, input.tag_values);
    let is_asked = |entry: &ServiceEntry| tags::pass(&entry.tags, &keys, &values);
    Ok(found(cx.model, &cx.caller.scope, (THING, name), input.page, is_asked)?.map(shown))
}

fn delete(cx: Change, input: redshift::DeleteHsmClientCertificateMessage) -> Result<()> {
    cx.model.delete_service_entry(&cx.caller.scope, THING, &input.hsm_client_certificate_identifier)?;
    Ok(())
}

fn shown(entry: &ServiceEntry) -> HsmClientCertificate {
    HsmClientCertificate {
        hsm_client_certificate_identifier: text(&entry.name),
        tags: tags::shown(&entry.tags),
        ..entry::told(entry)
    }
}
