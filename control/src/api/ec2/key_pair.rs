//! Key pairs.

use super::key_material::{make, read};
use super::listing::Attributes;
use super::{tags, text};
use crate::api::action::{Actions, Change, View};
use model::{Error, IdKind, KeyPair, KeyType, Result};
use shapes::{List, ec2};

pub fn actions(all: Actions) -> Actions {
    all.write(create).write(import).read(describe).write(delete)
}

static ATTRIBUTES: Attributes<KeyPair> = Attributes(&[
    ("fingerprint", |_, pair| vec![pair.key.fingerprint.clone()]),
    ("key-name", |_, pair| vec![pair.name.clone()]),
    ("key-pair-id", |_, pair| vec![pair.id.clone()]),
]);

/// The reply is the only place where the private key ever is.
fn create(cx: Change, input: ec2::CreateKeyPairRequest) -> Result<ec2::KeyPair> {
    let ec2::CreateKeyPairRequest { key_name, key_type, tag_specifications, key_format } = input;
    let kind = key_type.map(|word| KeyType::read("KeyType", &word)).transpose()?.unwrap_or_default();
    match key_format.as_deref() {
        None | Some("pem") => {}
        Some("ppk") => return Err(Error::UnsupportedParameter { name: "KeyFormat=ppk".into() }),
        Some(other) => return Err(Error::invalid("KeyFormat", other)),
    }
    let tags = tags::of(tag_specifications, "key-pair")?;
    // Making a key takes long, and changes wait for it. So a request is checked first.
    cx.model.check_key_pair(cx.caller, &key_name, &tags)?;
    let (key, private) = make(kind)?;
    let fingerprint = key.fingerprint.clone();
    let id = cx.model.create_key_pair(cx.caller, &key_name, key, tags)?;
    Ok(ec2::KeyPair {
        tags: tags::if_any(&cx.model.key_pairs.find(&cx.caller.scope, &id)?.tags),
        key_pair_id: Some(id),
        key_name: Some(key_name),
        key_fingerprint: Some(fingerprint),
        key_material: Some(private),
    })
}

fn import(cx: Change, input: ec2::ImportKeyPairRequest) -> Result<ec2::ImportKeyPairResult> {
    let ec2::ImportKeyPairRequest { tag_specifications, key_name, public_key_material } = input;
    let key = read(&public_key_material)?;
    let fingerprint = key.fingerprint.clone();
    let id = cx.model.create_key_pair(cx.caller, &key_name, key, tags::of(tag_specifications, "key-pair")?)?;
    Ok(ec2::ImportKeyPairResult {
        tags: tags::if_any(&cx.model.key_pairs.find(&cx.caller.scope, &id)?.tags),
        key_pair_id: Some(id),
        key_name: Some(key_name),
        key_fingerprint: Some(fingerprint),
    })
}

fn describe(cx: View, input: ec2::DescribeKeyPairsRequest) -> Result<List<ec2::KeyPairInfo>> {
    let ec2::DescribeKeyPairsRequest { key_names, key_pair_ids, include_public_key, filters } = input;
    for name in &key_names {
        cx.model.key_pair(&cx.caller.scope, name)?;
    }
    let mut pairs = ATTRIBUTES.choose(cx.model, cx.model.key_pairs.of(&cx.caller.scope), &key_pair_ids, &filters)?;
    pairs.retain(|pair| key_names.is_empty() || key_names.contains(&pair.name));
    pairs.sort_by(|one, other| one.name.cmp(&other.name));
    let shown = |pair: &KeyPair| ec2::KeyPairInfo {
        key_pair_id: text(&pair.id),
        key_type: text(pair.key.kind.word()),
        tags: tags::shown(&pair.tags),
        public_key: (include_public_key == Some(true)).then(|| pair.key.public.clone()),
        create_time: Some(pair.created),
        key_name: text(&pair.name),
        key_fingerprint: text(&pair.key.fingerprint),
    };
    Ok(pairs.into_iter().map(shown).collect())
}

fn delete(cx: Change, input: ec2::DeleteKeyPairRequest) -> Result<ec2::DeleteKeyPairResult> {
    let ec2::DeleteKeyPairRequest { key_name, key_pair_id } = input;
    let key_pair_id = match (key_name, key_pair_id) {
        (_, Some(id)) => {
            IdKind::KeyPair.check(&id)?;
            cx.model.delete_key_pair(cx.caller, |pair| pair.id == id)
        }
        (Some(name), None) => cx.model.delete_key_pair(cx.caller, |pair| pair.name == name),
        (None, None) => return Err(Error::missing("KeyName")),
    };
    Ok(ec2::DeleteKeyPairResult { r#return: Some(true), key_pair_id })
}
