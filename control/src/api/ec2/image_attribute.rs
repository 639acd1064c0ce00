//! Attributes of images, one at a time.

use super::image::{PROTECTED, boot_mode, shown_volume, version_2, wants_version_2};
use super::text;
use crate::api::action::{Actions, Change, View};
use model::{Error, IdKind, Image, Result, Time, is_account_id};
use shapes::{List, ec2};

pub fn actions(all: Actions) -> Actions {
    all.read(describe)
        .write(modify)
        .write(reset)
        .write(cancel)
        .write(enable)
        .write(disable)
        .write(deprecate)
        .write(undeprecate)
        .write(protect)
        .write(unprotect)
}

fn describe(cx: View, input: ec2::DescribeImageAttributeRequest) -> Result<ec2::ImageAttribute> {
    let ec2::DescribeImageAttributeRequest { attribute, image_id } = input;
    let missing = || Error::NotFound { kind: IdKind::Image, id: image_id.clone() };
    let image = cx.model.image(&image_id).filter(|image| image.is_seen_by(&cx.caller.scope)).ok_or_else(missing)?;
    let value = |value: Option<String>| Some(ec2::AttributeValue { value });
    let told = ec2::ImageAttribute { image_id: text(&image_id), ..Default::default() };
    Ok(match attribute.as_str() {
        "description" => ec2::ImageAttribute { description: value(text(&image.description)), ..told },
        "kernel" => ec2::ImageAttribute { kernel_id: value(image.boot_images.kernel.clone()), ..told },
        "ramdisk" => ec2::ImageAttribute { ramdisk_id: value(image.boot_images.ramdisk.clone()), ..told },
        "launchPermission" => ec2::ImageAttribute { launch_permissions: permissions(image), ..told },
        "productCodes" => ec2::ImageAttribute { product_codes: Vec::new().into(), ..told },
        "blockDeviceMapping" => {
            ec2::ImageAttribute { block_device_mappings: image.volumes.iter().map(shown_volume).collect(), ..told }
        }
        "sriovNetSupport" => ec2::ImageAttribute { sriov_net_support: value(text("simple")), ..told },
        "bootMode" => ec2::ImageAttribute { boot_mode: value(boot_mode(image).map(str::to_owned)), ..told },
        "tpmSupport" => ec2::ImageAttribute { tpm_support: value(version_2(image.firmware.tpm)), ..told },
        "imdsSupport" => ec2::ImageAttribute { imds_support: value(version_2(image.firmware.metadata_tokens)), ..told },
        "uefiData" => ec2::ImageAttribute { uefi_data: value(None), ..told },
        "lastLaunchedTime" => {
            let launched = cx.model.instances.of(&cx.caller.scope).filter(|instance| instance.image == image_id);
            let last = launched.map(|instance| instance.launched).max();
            ec2::ImageAttribute { last_launched_time: value(last.and_then(text)), ..told }
        }
        "deregistrationProtection" => {
            let word = if image.protected { PROTECTED } else { "disabled" };
            ec2::ImageAttribute { deregistration_protection: value(text(word)), ..told }
        }
        other => return Err(Error::invalid("Attribute", other)),
    })
}

/// The launch permissions of an image.
fn permissions(image: &Image) -> List<ec2::LaunchPermission> {
    let account = |account: &String| match account.as_str() {
        "all" => ec2::LaunchPermission { group: text("all"), ..Default::default() },
        account => ec2::LaunchPermission { user_id: text(account), ..Default::default() },
    };
    let organization = |arn: &String| ec2::LaunchPermission { organization_arn: text(arn), ..Default::default() };
    let unit = |arn: &String| ec2::LaunchPermission { organizational_unit_arn: text(arn), ..Default::default() };
    let accounts = image.shared_with.iter().map(account);
    let organizations = image.organizations.iter().map(organization);
    accounts.chain(organizations).chain(image.organizational_units.iter().map(unit)).collect()
}

/// A change of permissions.
#[derive(Default)]
struct Permitted {
    /// Accounts, and `all` for the group of everyone.
    accounts: Vec<String>,
    organizations: Vec<String>,
    units: Vec<String>,
}

impl Permitted {
    fn take(&mut self, sent: List<ec2::LaunchPermission>) {
        for ec2::LaunchPermission { organization_arn, organizational_unit_arn, user_id, group } in sent {
            self.accounts.extend(user_id.or(group));
            self.organizations.extend(organization_arn);
            self.units.extend(organizational_unit_arn);
        }
    }
}

fn modify(cx: Change, input: ec2::ModifyImageAttributeRequest) -> Result<()> {
    let ec2::ModifyImageAttributeRequest {
        attribute,
        description,
        image_id,
        launch_permission,
        operation_type,
        user_groups,
        user_ids,
        value,
        organization_arns,
        organizational_unit_arns,
        imds_support,
    } = input;
    let change = launch_permission.unwrap_or_default();
    let (mut add, mut remove) = (Permitted::default(), Permitted::default());
    add.take(change.add);
    remove.take(change.remove);
    // The parameters of older clients.
    let older = if operation_type.as_deref() == Some("remove") { &mut remove } else { &mut add };
    older.accounts.extend(user_ids.into_iter().chain(user_groups));
    older.organizations.extend(organization_arns);
    older.units.extend(organizational_unit_arns);
    check_shared(&add.accounts, "userId", "userGroup")?;
    let named = value.filter(|_| attribute.as_deref() == Some("description"));
    let description = description.and_then(|description| description.value).or(named);
    let wants_tokens = wants_version_2("ImdsSupport", imds_support.and_then(|sent| sent.value))?;
    cx.model.change_image(cx.caller, &image_id, |image| {
        image.firmware.metadata_tokens |= wants_tokens;
        image.shared_with.extend(add.accounts);
        image.shared_with.retain(|account| !remove.accounts.contains(account));
        image.organizations.extend(add.organizations);
        image.organizations.retain(|arn| !remove.organizations.contains(arn));
        image.organizational_units.extend(add.units);
        image.organizational_units.retain(|arn| !remove.units.contains(arn));
        image.description = description.unwrap_or(std::mem::take(&mut image.description));
    })
}

/// Whether these can be shared with: accounts of twelve digits, and the group `all`. What looks like neither is taken for what the
/// request meant it to be, by its first character.
pub fn check_shared(words: &[String], user: &str, group: &str) -> Result<()> {
    let wrong = words.iter().find(|word| *word != "all" && !is_account_id(word));
    wrong.map_or(Ok(()), |value| {
        let kind = if value.starts_with(|c: char| c.is_ascii_digit()) { user } else { group };
        Err(Error::ShareItem { value: value.clone(), kind: kind.to_owned() })
    })
}

/// The caller may no longer launch what another account has shared with it.
fn cancel(cx: Change, input: ec2::CancelImageLaunchPermissionRequest) -> Result<()> {
    cx.model.leave_image(cx.caller, &input.image_id)
}

fn reset(cx: Change, input: ec2::ResetImageAttributeRequest) -> Result<()> {
    let ec2::ResetImageAttributeRequest { attribute, image_id } = input;
    match attribute.as_str() {
        "launchPermission" => cx.model.change_image(cx.caller, &image_id, Image::share_with_nobody),
        other => Err(Error::invalid("Attribute", other)),
    }
}

fn enable(cx: Change, input: ec2::EnableImageRequest) -> Result<()> {
    cx.model.change_image(cx.caller, &input.image_id, |image| image.disabled = false)
}

/// The sender no longer shares it.
fn disable(cx: Change, input: ec2::DisableImageRequest) -> Result<()> {
    cx.model.change_image(cx.caller, &input.image_id, |image| {
        image.disabled = true;
        image.share_with_nobody();
    })
}

fn deprecate(cx: Change, input: ec2::EnableImageDeprecationRequest) -> Result<()> {
    let ec2::EnableImageDeprecationRequest { image_id, deprecate_at } = input;
    cx.model.change_image(cx.caller, &image_id, |image| image.deprecated = Some(Time(deprecate_at.0)))
}

fn undeprecate(cx: Change, input: ec2::DisableImageDeprecationRequest) -> Result<()> {
    cx.model.change_image(cx.caller, &input.image_id, |image| image.deprecated = None)
}

fn protect(cx: Change, input: ec2::EnableImageDeregistrationProtectionRequest) -> Result<String> {
    cx.model.change_image(cx.caller, &input.image_id, |image| image.protected = true)?;
    Ok(SUCCEEDED.to_owned())
}

fn unprotect(cx: Change, input: ec2::DisableImageDeregistrationProtectionRequest) -> Result<String> {
    cx.model.change_image(cx.caller, &input.image_id, |image| image.protected = false)?;
    Ok(SUCCEEDED.to_owned())
}

/// The value of `return` in the two replies where it is a string.
const SUCCEEDED: &str = "true";
