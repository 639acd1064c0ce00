//! Root volumes: they can be described, as clients do that look at instances.

use super::listing::{Attributes, paged};
use super::{tags, text};
use crate::api::action::Actions;
use crate::api::arn;
use crate::model::{Caller, Model, Result, Volume, zone_id};
use shapes::ec2;

pub fn actions(all: Actions) -> Actions {
    all.read(describe)
}

/// The size that they all say they have, in GiB.
const SIZE: i32 = 8;
/// Where an instance has it.
const DEVICE: &str = "/dev/sda1";

static ATTRIBUTES: Attributes<Volume> = Attributes(&[
    ("volume-id", |_, volume| vec![volume.id.clone()]),
    ("attachment.instance-id", |_, volume| vec![volume.instance.clone()]),
    ("attachment.device", |_, _| vec![DEVICE.into()]),
    ("attachment.status", |_, _| vec!["attached".into()]),
    ("attachment.delete-on-termination", |_, _| vec!["true".into()]),
    ("attachment.attach-time", |_, volume| vec![volume.since.to_string()]),
    ("availability-zone", |_, volume| vec![volume.zone.clone()]),
    ("availability-zone-id", |_, volume| vec![zone_id(&volume.zone)]),
    ("create-time", |_, volume| vec![volume.since.to_string()]),
    ("encrypted", |_, _| vec!["false".into()]),
    ("fast-restored", |_, _| vec!["false".into()]),
    ("multi-attach-enabled", |_, _| vec!["false".into()]),
    ("operator.managed", |_, _| vec!["false".into()]),
    ("size", |_, _| vec![SIZE.to_string()]),
    ("status", |_, _| vec!["in-use".into()]),
    ("volume-type", |_, _| vec!["standard".into()]),
]);

fn shown(volume: &Volume) -> ec2::Volume {
    let attachment = ec2::VolumeAttachment {
        volume_id: text(&volume.id),
        instance_id: text(&volume.instance),
        device: text(DEVICE),
        state: text("attached"),
        attach_time: Some(volume.since.into()),
        delete_on_termination: Some(true),
        ..Default::default()
    };
    ec2::Volume {
        volume_id: text(&volume.id),
        volume_arn: text(arn(&volume.scope, "volume", &volume.id)),
        owner_id: text(&volume.scope.account),
        size: Some(SIZE),
        snapshot_id: text(""),
        availability_zone: text(&volume.zone),
        availability_zone_id: text(zone_id(&volume.zone)),
        state: text("in-use"),
        create_time: Some(volume.since.into()),
        attachments: vec![attachment].into(),
        tags: tags::shown(&volume.tags),
        volume_type: text("standard"),
        encrypted: Some(false),
        multi_attach_enabled: Some(false),
        operator: Some(ec2::OperatorResponse { managed: Some(false), ..Default::default() }),
        ..Default::default()
    }
}

fn describe(model: &Model, caller: &Caller, input: ec2::DescribeVolumesRequest) -> Result<ec2::DescribeVolumesResult> {
    let ec2::DescribeVolumesRequest { volume_ids, filters, page } = input;
    let volumes = ATTRIBUTES.choose(model, model.volumes.of(&caller.scope), &volume_ids, &filters)?;
    let (volumes, next_token) = paged(&page, volumes, |volume| &volume.id)?;
    Ok(ec2::DescribeVolumesResult { volumes: volumes.into_iter().map(shown).collect(), next_token })
}
