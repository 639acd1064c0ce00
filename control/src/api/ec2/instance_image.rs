//! The images that instances were launched from.

use super::instance::visible;
use super::instance_filters::DESCRIBED;
use super::instance_item::state;
use super::listing::{Attributes, by_age, each};
use super::{image, tags, text};
use crate::api::action::{Actions, View};
use model::{Caller, Image, Instance, Model, Result, zone_id};
use shapes::{Filters, ec2};

pub fn actions(all: Actions) -> Actions {
    all.read(describe)
}

static ATTRIBUTES: Attributes<ec2::InstanceImageMetadata> = Attributes(&[
    ("availability-zone", |_, row| each(&row.availability_zone)),
    ("image-allowed", |_, row| each(row.image_metadata.iter().filter_map(|image| image.image_allowed))),
    ("instance-id", |_, row| each(&row.instance_id)),
    ("instance-state-name", |_, row| each(row.state.iter().filter_map(|state| state.name.as_ref()))),
    ("instance-type", |_, row| each(&row.instance_type)),
    ("launch-time", |_, row| each(row.launch_time.map(|time| time.second()))),
    ("owner-alias", |_, row| each(row.image_metadata.iter().filter_map(|image| image.image_owner_alias.as_ref()))),
    ("owner-id", |_, row| each(&row.owner_id)),
    ("zone-id", |_, row| each(&row.zone_id)),
]);

fn metadata(model: &Model, caller: &Caller, image: &Image) -> ec2::ImageMetadata {
    ec2::ImageMetadata {
        image_id: text(&image.id),
        name: text(&image.name),
        owner_id: text(&image.scope.account),
        state: text(image::state(image)),
        image_owner_alias: image.owner_alias().map(str::to_owned),
        creation_date: text(image.created),
        deprecation_time: image.deprecated.map(|time| time.to_string()),
        image_allowed: Some(model.settings(&caller.scope).allows_image(caller, image)),
        is_public: Some(image.is_public()),
        ..Default::default()
    }
}

fn shown(model: &Model, caller: &Caller, instance: &Instance) -> ec2::InstanceImageMetadata {
    ec2::InstanceImageMetadata {
        instance_id: text(&instance.id),
        instance_type: text(&instance.instance_type),
        launch_time: Some(instance.launched),
        availability_zone: text(&instance.zone),
        zone_id: text(zone_id(&instance.zone)),
        state: state(instance.state),
        owner_id: text(&instance.scope.account),
        tags: tags::shown(&instance.tags),
        image_metadata: model.image(&instance.image).map(|image| metadata(model, caller, image)),
        operator: Some(ec2::OperatorResponse { managed: Some(false), ..Default::default() }),
    }
}

fn describe(
    cx: View,
    input: ec2::DescribeInstanceImageMetadataRequest,
) -> Result<ec2::DescribeInstanceImageMetadataResult> {
    let wanted = ATTRIBUTES.wanted(&input.filters)?;
    let named = DESCRIBED.choose(cx.model, visible(cx.model, cx.caller), &input.instance_ids, &Filters::default())?;
    let rows = named.into_iter().map(|instance| (instance, shown(cx.model, cx.caller, instance)));
    let rows = rows.filter(|(instance, row)| wanted.pass(cx.model, row, &instance.tags)).collect();
    let (rows, next_token) = by_age(cx.model, &input.page, rows, |(instance, _): &(&Instance, _)| &instance.id)?;
    let instance_image_metadata = rows.into_iter().map(|(_, row)| row).collect();
    Ok(ec2::DescribeInstanceImageMetadataResult { instance_image_metadata, next_token })
}
