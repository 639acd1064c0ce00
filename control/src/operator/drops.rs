//! `classiclink drops`, and the changes that may have caused them.

use super::{Drop, Failure, Operator, Question};
use crate::explain::dropped;
use crate::explain::names::Names;
use crate::link::LinkError;
use crate::recent_changes::ChangeRow;
use model::Model;
use serde::{Deserialize, Serialize};
use wire::{Reply, Request};

/// Lists recent drops, the oldest first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ListDrops;

/// Recent drops.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct DropRows {
    /// The drops, the oldest first.
    pub drops: Vec<Drop>,
    /// How many older ones the dataplane no longer remembers.
    pub forgotten: u64,
}

impl Question for ListDrops {
    type Answer = DropRows;

    async fn answer(self, operator: &Operator) -> Result<DropRows, Failure> {
        let reply = operator.service.link().ask_when_up(Request::Drops).await?;
        let Reply::Drops { records, forgotten } = reply else { return Err(LinkError::unexpected(reply).into()) };
        let model = operator.service.look(Model::clone);
        let names = Names::of(&model);
        let drops = records.iter().map(|record| dropped(&names, record)).collect();
        Ok(DropRows { drops, forgotten })
    }
}

/// Lists the cloud's last changes, the oldest first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ListChanges;

impl Question for ListChanges {
    type Answer = Vec<ChangeRow>;

    async fn answer(self, operator: &Operator) -> Result<Vec<ChangeRow>, Failure> {
        Ok(operator.service.recent().after(0))
    }
}
