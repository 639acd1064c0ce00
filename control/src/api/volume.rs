//! Root volumes on the wire: they can be described, as clients do that look at instances.

use super::describe::Listing;
use super::params::Params;
use super::xml::Node;
use super::{Actions, Handler};
use crate::model::{Caller, Model, Result, Volume};

pub const ACTIONS: Actions = &[("DescribeVolumes", Handler::Read(describe))];

/// The size that they all say they have, in GiB.
const SIZE: u32 = 8;
/// Where an instance has it.
const DEVICE: &str = "/dev/sda1";

static LISTING: Listing<Volume> = Listing {
    ids: "VolumeId",
    set: "volumeSet",
    filters: &[
        ("volume-id", |_, volume| vec![volume.id.clone()]),
        ("attachment.instance-id", |_, volume| vec![volume.instance.clone()]),
        ("attachment.device", |_, _| vec![DEVICE.into()]),
        ("attachment.status", |_, _| vec!["attached".into()]),
        ("attachment.delete-on-termination", |_, _| vec!["true".into()]),
        ("attachment.attach-time", |_, volume| vec![volume.since.to_string()]),
        ("availability-zone", |_, volume| vec![volume.zone.clone()]),
        ("create-time", |_, volume| vec![volume.since.to_string()]),
        ("encrypted", |_, _| vec!["false".into()]),
        ("size", |_, _| vec![SIZE.to_string()]),
        ("status", |_, _| vec!["in-use".into()]),
        ("volume-type", |_, _| vec!["standard".into()]),
    ],
    item: |_, volume| item(volume),
};

fn item(volume: &Volume) -> Node {
    let attachment = Node::new()
        .text("volumeId", &volume.id)
        .text("instanceId", &volume.instance)
        .text("device", DEVICE)
        .text("status", "attached")
        .text("attachTime", volume.since)
        .text("deleteOnTermination", true);
    Node::new()
        .text("volumeId", &volume.id)
        .text("size", SIZE)
        .text("snapshotId", "")
        .text("availabilityZone", &volume.zone)
        .text("status", "in-use")
        .text("createTime", volume.since)
        .set("attachmentSet", [attachment])
        .tags(&volume.tags)
        .text("volumeType", "standard")
        .text("encrypted", false)
        .text("multiAttachEnabled", false)
}

fn describe(model: &Model, caller: &Caller, params: Params) -> Result<Node> {
    let all: Vec<&Volume> = model.volumes.of(&caller.scope).collect();
    LISTING.answer(model, params, &all)
}
