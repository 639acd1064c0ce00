//! Volumes.

use super::listing::{Attributes, by_age};
use super::subnet::zone;
use super::{int, maybe_count, tags, text, token, uuid_of};
use crate::api::action::{Actions, Change, View};
use crate::api::arn;
use model::{
    Error, IdKind, NewVolume, Result, Scope, Volume, VolumeAttachment, VolumeChange, VolumeModification, VolumeShape,
    VolumeType, zone_id,
};
use shapes::{List, ec2};

pub fn actions(all: Actions) -> Actions {
    all.write(create)
        .read(describe)
        .read(describe_status)
        .write(delete)
        .write(attach)
        .write(detach)
        .write(modify)
        .read(describe_modifications)
}

/// The values of an attribute for all attachments of a volume.
fn attached(volume: &Volume, value: impl Fn(&VolumeAttachment) -> String) -> Vec<String> {
    volume.attachments.iter().map(value).collect()
}

static ATTRIBUTES: Attributes<Volume> = Attributes(&[
    ("volume-id", |_, volume| vec![volume.id.clone()]),
    ("attachment.instance-id", |_, volume| attached(volume, |a| a.instance.clone())),
    ("attachment.device", |_, volume| attached(volume, |a| a.device.clone())),
    ("attachment.status", |_, volume| attached(volume, |_| "attached".into())),
    ("attachment.delete-on-termination", |_, volume| attached(volume, |a| a.delete_on_termination.to_string())),
    ("attachment.attach-time", |_, volume| attached(volume, |a| a.since.second().to_string())),
    ("availability-zone", |_, volume| vec![volume.zone.clone()]),
    ("availability-zone-id", |_, volume| vec![zone_id(&volume.zone)]),
    ("create-time", |_, volume| volume.created.as_filtered()),
    ("encrypted", |_, volume| vec![volume.encrypted.to_string()]),
    ("fast-restored", |_, _| vec!["false".into()]),
    ("multi-attach-enabled", |_, volume| vec![volume.shape.multi_attach.to_string()]),
    ("operator.managed", |_, _| vec!["false".into()]),
    ("size", |_, volume| vec![volume.shape.size.to_string()]),
    ("snapshot-id", |_, volume| volume.snapshot.iter().cloned().collect()),
    ("status", |_, volume| vec![state(volume).to_owned()]),
    ("volume-type", |_, volume| vec![volume.shape.kind.word().to_owned()]),
]);

fn state(volume: &Volume) -> &'static str {
    if volume.attachments.is_empty() { "available" } else { "in-use" }
}

fn shown(volume: &Volume) -> ec2::Volume {
    let attachments = volume.attachments.iter().map(|attachment| shown_attachment(volume, attachment, "attached"));
    ec2::Volume {
        volume_id: text(&volume.id),
        volume_arn: text(arn(&volume.scope, "volume", &volume.id)),
        owner_id: text(&volume.scope.account),
        size: int(volume.shape.size),
        snapshot_id: Some(volume.snapshot.clone().unwrap_or_default()),
        availability_zone: text(&volume.zone),
        availability_zone_id: text(zone_id(&volume.zone)),
        state: text(state(volume)),
        create_time: Some(volume.created),
        attachments: attachments.collect(),
        tags: tags::if_any(&volume.tags),
        volume_type: text(volume.shape.kind.word()),
        iops: volume.shape.iops.and_then(int),
        throughput: volume.shape.throughput.and_then(int),
        encrypted: Some(volume.encrypted),
        kms_key_id: key_shown(&volume.scope, volume.encrypted, &volume.key),
        multi_attach_enabled: Some(volume.shape.multi_attach),
        operator: Some(ec2::OperatorResponse { managed: Some(false), ..Default::default() }),
        ..Default::default()
    }
}

/// The key of encrypted data: by default that of the account.
pub fn key_shown(scope: &Scope, is_encrypted: bool, key: &Option<String>) -> Option<String> {
    let Scope { account, region } = scope;
    let usual = || {
        format!("arn:{}:kms:{region}:{account}:key/{}", scope.partition(), uuid_of(&format!("{account} {region} ebs")))
    };
    key.clone().or_else(|| is_encrypted.then(usual))
}

fn shown_attachment(volume: &Volume, attachment: &VolumeAttachment, state: &str) -> ec2::VolumeAttachment {
    ec2::VolumeAttachment {
        volume_id: text(&volume.id),
        instance_id: text(&attachment.instance),
        device: text(&attachment.device),
        state: text(state),
        attach_time: Some(attachment.since.second()),
        delete_on_termination: Some(attachment.delete_on_termination),
        ..Default::default()
    }
}

/// The type that a request names, or the usual one.
pub fn volume_type(word: Option<&str>) -> Result<VolumeType> {
    word.map_or(Ok(VolumeType::Gp2), |word| VolumeType::read("VolumeType", word))
}

fn create(cx: Change, input: ec2::CreateVolumeRequest) -> Result<ec2::Volume> {
    let ec2::CreateVolumeRequest {
        client_token,
        availability_zone,
        availability_zone_id,
        encrypted,
        iops,
        kms_key_id: key,
        size,
        snapshot_id,
        volume_type: kind,
        tag_specifications,
        multi_attach_enabled,
        throughput,
    } = input;
    let zone = zone(cx.caller, availability_zone, availability_zone_id, |zone| Error::NoZoneOfVolumes { zone })?;
    let zone = zone.ok_or_else(|| Error::missing("AvailabilityZone"))?;
    let word = kind.as_deref().unwrap_or("gp2");
    let needs = |name: &str, other: &str| Error::NeedsParameter { name: name.to_owned(), other: other.to_owned() };
    if multi_attach_enabled == Some(true) && !["io1", "io2"].contains(&word) {
        return Err(needs("MultiAttachEnabled", "a VolumeType of io1 or io2"));
    }
    if throughput.is_some() && word != "gp3" {
        return Err(needs("Throughput", "a VolumeType of gp3"));
    }
    let encrypted = encrypted.unwrap_or(false);
    if key.is_some() && !encrypted && !cx.model.settings(&cx.caller.scope).encrypts {
        return Err(needs("KmsKeyId", "Encrypted to be true"));
    }
    let shape = VolumeShape {
        size: maybe_count("Size", size)?.unwrap_or(0),
        kind: volume_type(kind.as_deref())?,
        iops: maybe_count("Iops", iops)?,
        throughput: maybe_count("Throughput", throughput)?,
        multi_attach: multi_attach_enabled.unwrap_or(false),
    };
    let new = NewVolume { shape, encrypted, key, snapshot: snapshot_id, client_token: token(&client_token) };
    let id = cx.model.create_volume(cx.caller, &zone, new, tags::of(tag_specifications, "volume")?)?;
    // It exists at once. The reply says `creating`, because waiters expect it.
    Ok(ec2::Volume { state: text("creating"), ..shown(cx.model.volumes.find(&cx.caller.scope, &id)?) })
}

fn describe(cx: View, input: ec2::DescribeVolumesRequest) -> Result<ec2::DescribeVolumesResult> {
    ATTRIBUTES.list(cx.model, cx.model.volumes.of(&cx.caller.scope), input, shown)
}

static STATUS_ATTRIBUTES: Attributes<Volume> = Attributes(&[
    ("availability-zone", |_, volume| vec![volume.zone.clone()]),
    ("volume-status.status", |_, _| vec!["ok".into()]),
    ("volume-status.details-name", |_, _| vec!["io-enabled".into(), "io-performance".into()]),
    ("volume-status.details-status", |_, _| vec!["passed".into(), "not-applicable".into()]),
]);

fn describe_status(cx: View, input: ec2::DescribeVolumeStatusRequest) -> Result<ec2::DescribeVolumeStatusResult> {
    let detail = |name, status| ec2::VolumeStatusDetails { name: text(name), status: text(status) };
    let status = |volume: &Volume| ec2::VolumeStatusItem {
        volume_id: text(&volume.id),
        availability_zone: text(&volume.zone),
        availability_zone_id: text(zone_id(&volume.zone)),
        actions: Vec::new().into(),
        events: Vec::new().into(),
        volume_status: Some(ec2::VolumeStatusInfo {
            status: text("ok"),
            details: vec![detail("io-enabled", "passed"), detail("io-performance", "not-applicable")].into(),
        }),
        ..Default::default()
    };
    STATUS_ATTRIBUTES.list(cx.model, cx.model.volumes.of(&cx.caller.scope), input, status)
}

fn delete(cx: Change, input: ec2::DeleteVolumeRequest) -> Result<()> {
    cx.model.delete_volume(cx.caller, &input.volume_id)
}

fn attach(cx: Change, input: ec2::AttachVolumeRequest) -> Result<ec2::VolumeAttachment> {
    let ec2::AttachVolumeRequest { device, instance_id, volume_id } = input;
    cx.model.attach_volume(cx.caller, &volume_id, &instance_id, &device)?;
    let volume = cx.model.volumes.find(&cx.caller.scope, &volume_id)?;
    let attachment = volume.attachment_to(&instance_id);
    let attachment = attachment.map(|attachment| shown_attachment(volume, attachment, "attaching"));
    Ok(attachment.unwrap_or_default())
}

/// The instance and the device need not be named, unless several instances have the volume; what is named must be right.
fn detach(cx: Change, input: ec2::DetachVolumeRequest) -> Result<ec2::VolumeAttachment> {
    let ec2::DetachVolumeRequest { device, instance_id, volume_id } = input;
    IdKind::Volume.check(&volume_id)?;
    let other = |named: &Option<String>, is: &String| named.as_ref().is_some_and(|named| named != is);
    let there =
        cx.model.volumes.find(&cx.caller.scope, &volume_id)?.requested_attachment(instance_id.as_deref())?.clone();
    if other(&instance_id, &there.instance) || other(&device, &there.device) {
        return Err(Error::VolumeElsewhere { id: volume_id, instance: there.instance, device: there.device });
    }
    let attachment = cx.model.detach_volume(cx.caller, &volume_id, &there.instance)?;
    Ok(shown_attachment(cx.model.volumes.find(&cx.caller.scope, &volume_id)?, &attachment, "detaching"))
}

fn modify(cx: Change, input: ec2::ModifyVolumeRequest) -> Result<ec2::ModifyVolumeResult> {
    let ec2::ModifyVolumeRequest { volume_id, size, volume_type: kind, iops, throughput, multi_attach_enabled } = input;
    let change = VolumeChange {
        size: maybe_count("Size", size)?,
        kind: kind.map(|word| VolumeType::read("VolumeType", &word)).transpose()?,
        iops: maybe_count("Iops", iops)?,
        throughput: maybe_count("Throughput", throughput)?,
        multi_attach: multi_attach_enabled,
    };
    let volume = cx.model.modify_volume(cx.caller, &volume_id, &change)?;
    let modification = volume.modification.as_ref();
    let told = modification.map(|modification| shown_modification(volume, modification, ("modifying", 0)));
    Ok(ec2::ModifyVolumeResult { volume_modification: told })
}

fn shown_modification(
    volume: &Volume,
    modification: &VolumeModification,
    (state, progress): (&str, i64),
) -> ec2::VolumeModification {
    let (is, was) = (&volume.shape, &modification.original);
    ec2::VolumeModification {
        volume_id: text(&volume.id),
        modification_state: text(state),
        target_size: int(is.size),
        target_iops: is.iops.and_then(int),
        target_volume_type: text(is.kind.word()),
        target_throughput: is.throughput.and_then(int),
        target_multi_attach_enabled: Some(is.multi_attach),
        original_size: int(was.size),
        original_iops: was.iops.and_then(int),
        original_volume_type: text(was.kind.word()),
        original_throughput: was.throughput.and_then(int),
        original_multi_attach_enabled: Some(was.multi_attach),
        progress: Some(progress),
        start_time: Some(modification.since),
        end_time: (state == "completed").then_some(modification.since),
        ..Default::default()
    }
}

/// The values of an attribute of a volume's last change.
fn modified(volume: &Volume, value: impl Fn(&VolumeModification) -> String) -> Vec<String> {
    volume.modification.iter().map(value).collect()
}

static MODIFICATION_ATTRIBUTES: Attributes<Volume> = Attributes(&[
    ("modification-state", |_, volume| modified(volume, |_| "completed".into())),
    ("original-size", |_, volume| modified(volume, |m| m.original.size.to_string())),
    ("original-volume-type", |_, volume| modified(volume, |m| m.original.kind.word().into())),
    ("target-size", |_, volume| modified(volume, |_| volume.shape.size.to_string())),
    ("target-volume-type", |_, volume| modified(volume, |_| volume.shape.kind.word().into())),
    ("start-time", |_, volume| modified(volume, |m| m.since.to_string())),
    ("volume-id", |_, volume| vec![volume.id.clone()]),
]);

fn describe_modifications(
    cx: View,
    input: ec2::DescribeVolumesModificationsRequest,
) -> Result<ec2::DescribeVolumesModificationsResult> {
    let ec2::DescribeVolumesModificationsRequest { volume_ids, filters, page } = input;
    let mut volumes =
        MODIFICATION_ATTRIBUTES.choose(cx.model, cx.model.volumes.of(&cx.caller.scope), &volume_ids, &filters)?;
    volumes.retain(|volume| volume.modification.is_some());
    let (volumes, next_token) = by_age(cx.model, &page, volumes, |volume| &volume.id)?;
    let shown = |volume: &Volume| {
        let done = |modification| shown_modification(volume, modification, ("completed", 100));
        volume.modification.as_ref().map(done)
    };
    let volumes_modifications: List<_> = volumes.into_iter().filter_map(shown).collect();
    Ok(ec2::DescribeVolumesModificationsResult { volumes_modifications, next_token })
}
