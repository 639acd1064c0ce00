//! MFA devices. Virtual devices are created first. Hardware devices exist once they are enabled for a user.

use super::name::{Named, check, check_path, check_tags};
use super::{Class, Error, Principal, Result};
use crate::{Model, Row, Tags, Time};
use serde::{Deserialize, Serialize};

/// The most devices of a user (IAM's quota).
const LIMIT: usize = 8;

/// A device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MfaDevice {
    /// Its account and its serial number.
    pub id: String,
    /// Its serial number, which is the ARN of a virtual device.
    pub serial: String,
    /// The twelve digits of its account.
    pub account: String,
    /// The name, path and tags of a virtual device.
    pub called: Option<Named>,
    /// The name of its user, and the time at which it was enabled.
    pub holder: Option<(String, Time)>,
}

impl Row for MfaDevice {
    fn id(&self) -> &str {
        &self.id
    }
}

fn key(account: &str, serial: &str) -> String {
    format!("{account}/{serial}")
}

impl Model {
    /// CreateVirtualMFADevice.
    pub fn create_mfa_device(
        &mut self,
        account: &str,
        now: Time,
        (name, path): (&str, Option<&str>),
        tags: Tags,
    ) -> Result<MfaDevice> {
        let path = path.unwrap_or("/");
        check("virtualMFADeviceName", name, 226)?;
        check_path(path)?;
        check_tags(&tags)?;
        let (owner, name, path) = (account.to_owned(), name.to_owned(), path.to_owned());
        let named = Named { account: owner.clone(), name, path, unique_id: String::new(), created: now, tags };
        let serial = named.arn("mfa");
        let id = key(account, &serial);
        if self.mfa_devices.get(&id).is_some() {
            return Err(Error::DeviceExists {});
        }
        let device = MfaDevice { id, serial, account: owner, called: Some(named), holder: None };
        self.mfa_devices.insert(device.clone());
        Ok(device)
    }

    /// The devices of an account.
    pub fn mfa_devices_of<'m>(&'m self, account: &'m str) -> impl Iterator<Item = &'m MfaDevice> {
        self.mfa_devices.iter().filter(move |device| device.account == account)
    }

    /// The device of that serial number.
    pub fn mfa_device(&self, account: &str, serial: &str) -> Result<&MfaDevice> {
        self.mfa_devices.get(&key(account, serial)).ok_or_else(|| no_such(serial))
    }

    pub(super) fn mfa_device_mut(&mut self, account: &str, serial: &str) -> Result<&mut MfaDevice> {
        self.mfa_devices.get_mut(&key(account, serial)).ok_or_else(|| no_such(serial))
    }

    /// The devices of a user.
    pub fn mfa_devices_with<'m>(&'m self, account: &'m str, user: &'m str) -> impl Iterator<Item = &'m MfaDevice> {
        let has = move |device: &&MfaDevice| {
            device.holder.as_ref().is_some_and(|(holder, _)| holder.eq_ignore_ascii_case(user))
        };
        self.mfa_devices_of(account).filter(has)
    }

    /// Whether a device is the principal's own. No action enables one for the account itself, so any device counts as the account's.
    pub fn is_own_mfa_device(&self, account: &str, principal: &Principal, serial: &str) -> bool {
        let is_it = |device: &MfaDevice| device.serial == serial;
        match principal {
            Principal::User { name } => self.mfa_devices_with(account, name).any(is_it),
            Principal::Root => self.mfa_device(account, serial).is_ok(),
            _ => false,
        }
    }

    /// EnableMFADevice.
    pub fn enable_mfa_device(&mut self, account: &str, now: Time, user: &str, serial: &str) -> Result<()> {
        let user = self.identity(account, Class::User, user)?.named.name.clone();
        let id = key(account, serial);
        let made = self.mfa_devices.get(&id).cloned();
        if made.is_none() && serial.starts_with("arn:") {
            return Err(no_such(serial));
        }
        if made.as_ref().is_some_and(|device| device.holder.is_some()) {
            return Err(Error::DeviceInUse {});
        }
        if self.mfa_devices_with(account, &user).count() >= LIMIT {
            return Err(Error::QuotaExceeded { quota: "MFADevicesPerUser", most: LIMIT });
        }
        let called = made.and_then(|device| device.called);
        let (serial, account) = (serial.to_owned(), account.to_owned());
        self.mfa_devices.insert(MfaDevice { id, serial, account, called, holder: Some((user, now)) });
        Ok(())
    }

    /// DeactivateMFADevice. A hardware device is removed.
    pub fn deactivate_mfa_device(&mut self, account: &str, user: &str, serial: &str) -> Result<()> {
        self.identity(account, Class::User, user)?;
        let device = self.mfa_devices_with(account, user).find(|device| device.serial == serial).cloned();
        let device = device.ok_or_else(|| no_such(serial))?;
        match device.called {
            Some(_) => self.mfa_devices.insert(MfaDevice { holder: None, ..device }),
            None => drop(self.mfa_devices.remove(&device.id)),
        }
        Ok(())
    }

    /// DeleteVirtualMFADevice. An enabled device is refused.
    pub fn delete_mfa_device(&mut self, account: &str, serial: &str) -> Result<()> {
        let id = key(account, serial);
        let device = self.mfa_devices.get(&id).filter(|device| device.called.is_some());
        match device.map(|device| device.holder.is_some()) {
            None => return Err(no_such(serial)),
            Some(true) => return Err(Error::DeviceHeld {}),
            Some(false) => self.mfa_devices.remove(&id),
        };
        Ok(())
    }
}

fn no_such(serial: &str) -> Error {
    Error::NoSuchDevice { serial: serial.to_owned() }
}
