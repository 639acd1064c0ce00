//! MFA devices. Their codes are not verified, so that nobody needs a device.

use super::tags::{tags_of, tags_shown};
use super::{Result, paged, qr_code, secret, user};
use crate::api::action::{Actions, Change, View};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use data_encoding::BASE32_NOPAD;
use model::Model;
use model::iam::{Class, Error, MfaDevice};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use shapes::iam;

pub fn actions(all: Actions) -> Actions {
    let all = all.write(create).read(list_virtual).write(enable).write(deactivate).write(delete).read(list);
    all.read(get).read(resync)
}

fn create(cx: Change, input: iam::CreateVirtualMFADeviceRequest) -> Result<iam::CreateVirtualMFADeviceResponse> {
    let iam::CreateVirtualMFADeviceRequest { path, virtual_mfa_device_name: name, tags } = input;
    let named = (name.as_str(), path.as_deref());
    let device = cx.model.create_mfa_device(&cx.caller.scope.account, cx.caller.now, named, tags_of(tags)?)?;
    let seed = BASE32_NOPAD.encode(secret(40)?.as_bytes());
    let code = qr_code::png(&key_uri(cx.model, &cx.caller.scope.account, &name, &seed));
    let virtual_mfa_device = iam::VirtualMFADevice {
        serial_number: device.serial.clone(),
        // Both are blobs, which are encoded in base64.
        base32_string_seed: Some(STANDARD.encode(seed)),
        qr_code_png: code.map(|image| STANDARD.encode(image)),
        tags: device.called.as_ref().map(|named| tags_shown(&named.tags).unless_empty()).unwrap_or_default(),
        ..iam::VirtualMFADevice::default()
    };
    Ok(iam::CreateVirtualMFADeviceResponse { virtual_mfa_device })
}

/// What authenticator apps read (IAM's reference, VirtualMFADevice).
fn key_uri(model: &Model, account: &str, device: &str, seed: &str) -> String {
    let alias = model.account_settings_of(account).alias;
    let device = utf8_percent_encode(device, NON_ALPHANUMERIC);
    format!("otpauth://totp/{device}@{}?secret={seed}", alias.as_deref().unwrap_or(account))
}

fn list_virtual(
    View { model, caller }: View,
    input: iam::ListVirtualMFADevicesRequest,
) -> Result<iam::ListVirtualMFADevicesResponse> {
    let iam::ListVirtualMFADevicesRequest { assignment_status, page } = input;
    let account = &caller.scope.account;
    let held = match assignment_status.as_deref() {
        None | Some("Any") => None,
        Some("Assigned") => Some(true),
        Some("Unassigned") => Some(false),
        Some(other) => return Err(Error::BadValue { field: "assignmentStatus", value: other.to_owned() }.into()),
    };
    let wanted =
        |device: &&MfaDevice| device.called.is_some() && held.is_none_or(|held| held == device.holder.is_some());
    let shown = |device: &MfaDevice| {
        let holder = device.holder.as_ref();
        let of = holder.and_then(|(name, _)| model.identity(account, Class::User, name).ok());
        iam::VirtualMFADevice {
            serial_number: device.serial.clone(),
            user: of.map(user::shown),
            enable_date: holder.map(|(_, since)| *since),
            ..iam::VirtualMFADevice::default()
        }
    };
    let devices = model.mfa_devices_of(account).filter(wanted);
    let (virtual_mfa_devices, is_truncated, marker) = paged(page, devices, |device| &device.serial, shown)?;
    Ok(iam::ListVirtualMFADevicesResponse { virtual_mfa_devices, is_truncated, marker })
}

/// Whether a text can be a device's code.
fn is_code(text: &str) -> bool {
    text.len() == 6 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Checks two consecutive codes.
fn check_codes(codes: [String; 2]) -> Result<()> {
    if codes.iter().all(|code| is_code(code)) { Ok(()) } else { Err(Error::BadAuthenticationCode {}.into()) }
}

fn get(cx: View, input: iam::GetMFADeviceRequest) -> Result<iam::GetMFADeviceResponse> {
    let iam::GetMFADeviceRequest { serial_number, user_name } = input;
    let device = cx.model.mfa_device(&cx.caller.scope.account, &serial_number)?;
    let (holder, since) = device.holder.clone().unzip();
    let is_meant =
        user_name.as_ref().is_none_or(|user| holder.as_ref().is_some_and(|one| one.eq_ignore_ascii_case(user)));
    if !is_meant {
        return Err(Error::NoSuchDevice { serial: serial_number }.into());
    }
    Ok(iam::GetMFADeviceResponse { user_name: holder, serial_number, enable_date: since, ..Default::default() })
}

/// A device is always in sync.
fn resync(cx: View, input: iam::ResyncMFADeviceRequest) -> Result<()> {
    let iam::ResyncMFADeviceRequest { user_name, serial_number, authentication_code1, authentication_code2 } = input;
    check_codes([authentication_code1, authentication_code2])?;
    let account = &cx.caller.scope.account;
    cx.model.identity(account, Class::User, &user_name)?;
    let mut devices = cx.model.mfa_devices_with(account, &user_name);
    let found = devices.any(|device| device.serial == serial_number);
    if found { Ok(()) } else { Err(Error::NoSuchDevice { serial: serial_number }.into()) }
}

fn enable(cx: Change, input: iam::EnableMFADeviceRequest) -> Result<()> {
    let iam::EnableMFADeviceRequest { user_name, serial_number, authentication_code1, authentication_code2 } = input;
    check_codes([authentication_code1, authentication_code2])?;
    Ok(cx.model.enable_mfa_device(&cx.caller.scope.account, cx.caller.now, &user_name, &serial_number)?)
}

fn deactivate(cx: Change, input: iam::DeactivateMFADeviceRequest) -> Result<()> {
    let iam::DeactivateMFADeviceRequest { user_name, serial_number } = input;
    let user = user::meant(cx.caller, user_name)?.ok_or(Error::MustNameUser {})?;
    Ok(cx.model.deactivate_mfa_device(&cx.caller.scope.account, &user, &serial_number)?)
}

fn delete(cx: Change, input: iam::DeleteVirtualMFADeviceRequest) -> Result<()> {
    Ok(cx.model.delete_mfa_device(&cx.caller.scope.account, &input.serial_number)?)
}

fn list(cx: View, input: iam::ListMFADevicesRequest) -> Result<iam::ListMFADevicesResponse> {
    let iam::ListMFADevicesRequest { user_name, page } = input;
    let account = &cx.caller.scope.account;
    let user = user::meant(cx.caller, user_name)?.unwrap_or_default();
    if !user.is_empty() {
        cx.model.identity(account, Class::User, &user)?;
    }
    let shown = |device: &MfaDevice| {
        let (user_name, enable_date) = device.holder.clone().unwrap_or_default();
        iam::MFADevice { user_name, serial_number: device.serial.clone(), enable_date }
    };
    let devices = cx.model.mfa_devices_with(account, &user);
    let (mfa_devices, is_truncated, marker) = paged(page, devices, |device| &device.serial, shown)?;
    Ok(iam::ListMFADevicesResponse { mfa_devices, is_truncated, marker })
}
