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

impl Question for ListDrops {
    type Answer = Vec<Drop>;

    async fn answer(self, operator: &Operator) -> Result<Vec<Drop>, Failure> {
        let reply = operator.service.link().ask_when_up(Request::Drops).await?;
        let Reply::Drops(records) = reply else { return Err(LinkError::unexpected(reply).into()) };
        let model = operator.service.look(Model::clone);
        let names = Names::of(&model);
        Ok(records.iter().map(|record| dropped(&names, record)).collect())
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
