//! Warm pools: instances of a group that are prepared, stopped or running, and enter service before others are launched.

use super::{Error, Lifecycle, Result};
use crate::words::words;
use crate::{Caller, Model};
use serde::{Deserialize, Serialize};

words! {
    /// The state of the instances of a pool.
    WarmState { Stopped "Stopped", Running "Running" }
}

/// A warm pool.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WarmPool {
    /// The minimum size.
    pub min: u32,
    /// The number of instances in the group and its pool together. By default it is the group's maximum size.
    pub prepared: Option<u32>,
    /// Their state.
    pub state: WarmState,
    /// Whether instances return to the pool when the group scales in.
    pub reuses: Option<bool>,
    /// Whether it is being deleted. It is removed with its last instance.
    pub deleting: bool,
}

impl WarmState {
    pub(super) fn lifecycle(self) -> Lifecycle {
        match self {
            WarmState::Stopped => Lifecycle::WarmedStopped,
            WarmState::Running => Lifecycle::WarmedRunning,
        }
    }
}

impl Model {
    /// PutWarmPool.
    pub fn put_warm_pool(&mut self, caller: &Caller, name: &str, pool: WarmPool) -> Result<()> {
        let group = self.scaling_group_mut(&caller.scope, name)?;
        if group.settings.mixed.as_ref().is_some_and(|mixed| mixed.overrides.len() > 1) {
            return Err(Error::PoolOfMixed {});
        }
        group.warm_pool = Some(pool);
        group.progress.retry = None;
        Ok(())
    }

    /// DeleteWarmPool. Its instances are terminated first.
    pub fn delete_warm_pool(&mut self, caller: &Caller, name: &str) -> Result<()> {
        let group = self.scaling_group_mut(&caller.scope, name)?;
        let pool = group.warm_pool.as_mut().ok_or_else(|| Error::NoWarmPool { name: name.to_owned() })?;
        pool.deleting = true;
        if group.warmed().next().is_none() {
            group.warm_pool = None;
        }
        Ok(())
    }
}
