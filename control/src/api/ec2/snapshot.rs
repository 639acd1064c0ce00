//! Snapshots of volumes.

use super::image_attribute::check_shared;
use super::listing::{Attributes, by_age, each};
use super::volume::key_shown;
use super::{int, tags, text};
use crate::api::action::{Actions, Change, View};
use model::{Encryption, Error, Result, Snapshot, public_snapshots};
use shapes::{List, ec2};

pub fn actions(all: Actions) -> Actions {
    all.write(create)
        .write(create_several)
        .read(describe)
        .write(copy)
        .write(delete)
        .read(describe_attribute)
        .write(modify_attribute)
        .write(reset_attribute)
}

static ATTRIBUTES: Attributes<Snapshot> = Attributes(&[
    ("description", |_, snapshot| vec![snapshot.description.clone()]),
    ("encrypted", |_, snapshot| vec![snapshot.encrypted.to_string()]),
    ("owner-alias", |_, snapshot| each(snapshot.owner_alias())),
    ("owner-id", |_, snapshot| vec![snapshot.scope.account.clone()]),
    ("progress", |_, _| vec!["100%".into()]),
    ("snapshot-id", |_, snapshot| vec![snapshot.id.clone()]),
    ("start-time", |_, snapshot| snapshot.created.as_filtered()),
    ("status", |_, _| vec!["completed".into()]),
    ("storage-tier", |_, snapshot| vec![snapshot.tier().to_owned()]),
    ("volume-id", |_, snapshot| vec![snapshot.volume.clone()]),
    ("volume-size", |_, snapshot| vec![snapshot.size.to_string()]),
]);

fn shown(snapshot: &Snapshot) -> ec2::Snapshot {
    ec2::Snapshot {
        tags: tags::shown(&snapshot.tags),
        storage_tier: text(snapshot.tier()),
        completion_time: Some(snapshot.created),
        snapshot_id: text(&snapshot.id),
        volume_id: text(&snapshot.volume),
        state: text("completed"),
        start_time: Some(snapshot.created),
        progress: text("100%"),
        owner_id: text(&snapshot.scope.account),
        owner_alias: snapshot.owner_alias().map(str::to_owned),
        description: text(&snapshot.description),
        volume_size: int(snapshot.size),
        encrypted: Some(snapshot.encrypted),
        kms_key_id: key_shown(&snapshot.scope, snapshot.encrypted, &snapshot.key),
        ..Default::default()
    }
}

fn create(cx: Change, input: ec2::CreateSnapshotRequest) -> Result<ec2::Snapshot> {
    let ec2::CreateSnapshotRequest { description, volume_id, tag_specifications } = input;
    let tags = tags::of(tag_specifications, "snapshot")?;
    let id = cx.model.create_snapshot(cx.caller, &volume_id, &description.unwrap_or_default(), tags)?;
    let pending = shown(cx.model.snapshots.find(&cx.caller.scope, &id)?);
    Ok(ec2::Snapshot { state: text("pending"), progress: text(""), completion_time: None, ..pending })
}

/// CreateSnapshots, for the volumes of an instance.
fn create_several(cx: Change, input: ec2::CreateSnapshotsRequest) -> Result<List<ec2::SnapshotInfo>> {
    let ec2::CreateSnapshotsRequest { description, instance_specification, tag_specifications, copy_tags_from_source } =
        input;
    let ec2::InstanceSpecification { instance_id, exclude_boot_volume, exclude_data_volume_ids } =
        instance_specification;
    let tags = tags::of(tag_specifications, "snapshot")?;
    let copies_tags = match copy_tags_from_source.as_deref() {
        None => false,
        Some("volume") => true,
        Some(other) => return Err(Error::invalid("CopyTagsFromSource", other)),
    };
    let description = description.unwrap_or_default();
    let but = (exclude_boot_volume.unwrap_or(false), &exclude_data_volume_ids[..]);
    let ids = cx.model.create_snapshots(cx.caller, &instance_id, but, &description, (&tags, copies_tags))?;
    let info = |id: &String| {
        let snapshot = cx.model.snapshots.find(&cx.caller.scope, id)?;
        Ok(ec2::SnapshotInfo {
            description: text(&snapshot.description),
            tags: tags::shown(&snapshot.tags),
            encrypted: Some(snapshot.encrypted),
            volume_id: text(&snapshot.volume),
            state: text("pending"),
            volume_size: int(snapshot.size),
            start_time: Some(snapshot.created),
            progress: text(""),
            owner_id: text(&snapshot.scope.account),
            snapshot_id: text(&snapshot.id),
            ..Default::default()
        })
    };
    ids.iter().map(info).collect()
}

/// The caller's snapshots, and those that others share with the caller.
fn describe(
    View { model, caller }: View,
    input: ec2::DescribeSnapshotsRequest,
) -> Result<ec2::DescribeSnapshotsResult> {
    let ec2::DescribeSnapshotsRequest { owner_ids, restorable_by_user_ids, snapshot_ids, filters, page } = input;
    let all = model.snapshots.iter().chain(public_snapshots());
    let seen = all.filter(|snapshot| model.sees_snapshot(&caller.scope, snapshot));
    let mut snapshots = ATTRIBUTES.choose(model, seen, &snapshot_ids, &filters)?;
    snapshots.retain(|snapshot| {
        let owner = &snapshot.scope.account;
        let is = |word: &String| word == owner || (word == "self" && *owner == caller.scope.account);
        let is_owner = |word: &String| is(word) || snapshot.owner_alias().is_some_and(|alias| alias == word);
        let restorable = |word: &String| snapshot.shared_with.contains(word) || is(word) || word == "self";
        (owner_ids.is_empty() || owner_ids.iter().any(is_owner))
            && (restorable_by_user_ids.is_empty() || restorable_by_user_ids.iter().any(restorable))
    });
    let (snapshots, next_token) = by_age(model, &page, snapshots, |snapshot| &snapshot.id)?;
    Ok(ec2::DescribeSnapshotsResult { snapshots: snapshots.into_iter().map(shown).collect(), next_token })
}

fn copy(cx: Change, input: ec2::CopySnapshotRequest) -> Result<ec2::CopySnapshotResult> {
    let ec2::CopySnapshotRequest {
        description,
        encrypted,
        kms_key_id: key,
        source_region,
        source_snapshot_id,
        tag_specifications,
    } = input;
    let tags = tags::of(tag_specifications, "snapshot")?;
    let encryption = Encryption { encrypted: encrypted.unwrap_or(false), key };
    let like = (description.as_deref().unwrap_or_default(), &encryption);
    let id = cx.model.copy_snapshot(cx.caller, (&source_region, &source_snapshot_id), like, tags)?;
    let tags = tags::shown(&cx.model.snapshots.find(&cx.caller.scope, &id)?.tags);
    Ok(ec2::CopySnapshotResult { tags, snapshot_id: Some(id) })
}

fn delete(cx: Change, input: ec2::DeleteSnapshotRequest) -> Result<()> {
    cx.model.delete_snapshot(cx.caller, &input.snapshot_id)
}

fn describe_attribute(
    cx: View,
    input: ec2::DescribeSnapshotAttributeRequest,
) -> Result<ec2::DescribeSnapshotAttributeResult> {
    let ec2::DescribeSnapshotAttributeRequest { attribute, snapshot_id } = input;
    let snapshot = cx.model.snapshots.find(&cx.caller.scope, &snapshot_id)?;
    let permission = |account: &String| match account.as_str() {
        "all" => ec2::CreateVolumePermission { group: text("all"), ..Default::default() },
        account => ec2::CreateVolumePermission { user_id: text(account), ..Default::default() },
    };
    let told = ec2::DescribeSnapshotAttributeResult { snapshot_id: text(&snapshot_id), ..Default::default() };
    match attribute.as_str() {
        "createVolumePermission" => {
            let create_volume_permissions = snapshot.shared_with.iter().map(permission).collect();
            Ok(ec2::DescribeSnapshotAttributeResult { create_volume_permissions, ..told })
        }
        "productCodes" => Ok(ec2::DescribeSnapshotAttributeResult { product_codes: Vec::new().into(), ..told }),
        other => Err(Error::invalid("Attribute", other)),
    }
}

/// Accounts, and `all` for the group of everyone.
fn modify_attribute(cx: Change, input: ec2::ModifySnapshotAttributeRequest) -> Result<()> {
    let ec2::ModifySnapshotAttributeRequest {
        attribute: _,
        create_volume_permission,
        group_names,
        operation_type,
        snapshot_id,
        user_ids,
    } = input;
    let named = |permission: ec2::CreateVolumePermission| permission.user_id.or(permission.group);
    let change = create_volume_permission.unwrap_or_default();
    let mut add: Vec<String> = change.add.into_iter().filter_map(named).collect();
    let mut remove: Vec<String> = change.remove.into_iter().filter_map(named).collect();
    let older = user_ids.into_iter().chain(group_names);
    match operation_type.as_deref() {
        Some("remove") => remove.extend(older),
        _ => add.extend(older),
    }
    check_shared(&add, "CreateVolumePermission User", "CreateVolumePermission Group")?;
    cx.model.share_snapshot(cx.caller, &snapshot_id, &add, &remove)
}

fn reset_attribute(cx: Change, input: ec2::ResetSnapshotAttributeRequest) -> Result<()> {
    let ec2::ResetSnapshotAttributeRequest { attribute: _, snapshot_id } = input;
    let all: Vec<String> =
        cx.model.snapshots.find(&cx.caller.scope, &snapshot_id)?.shared_with.iter().cloned().collect();
    cx.model.share_snapshot(cx.caller, &snapshot_id, &[], &all)
}
