//! Compares two states of a cloud: what opened and what closed. A state is the present, a kept one, a backup, or a
//! moment of a recording.

use super::asked::Asked;
use super::files::FileKind;
use super::refusal::{Answer, Refusal};
use super::replay::model_at;
use super::viewer::Viewer;
use super::{Map, json};
use crate::clouds::{self, CloudError};
use crate::reach::{Access, Difference, HostName, Network, ReachError, difference, distinct_services};
use crate::recording::RecordingError;
use axum::extract::State;
use axum::http::StatusCode;
use model::Model;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::task::block_in_place;

/// How many states are kept. A new one replaces the oldest.
const KEPT: usize = 8;

/// Kept states, to be compared with later ones. They share unchanged rows with the present.
#[derive(Default)]
pub struct Kept(Mutex<VecDeque<(u64, Model)>>);

#[derive(Serialize)]
struct Mark {
    state: String,
    /// The time, in milliseconds since 1970 by the cloud's clock.
    at: u64,
}

/// Two states: `now`, `kept-3`, a file, or a file and an event's number separated by a colon.
#[derive(Debug, Deserialize)]
pub struct Two {
    before: String,
    after: String,
}

/// Why two states cannot be compared.
#[derive(Debug, thiserror::Error)]
enum StateError {
    /// The word names no state, or one that is no longer kept.
    #[error("There is no state {0} here any more: keep one, or upload a file.")]
    Unknown(String),
    /// The file cannot be read.
    #[error(transparent)]
    File(#[from] io::Error),
    /// The recording has no such state.
    #[error(transparent)]
    Recording(#[from] RecordingError),
    /// The backup has no state.
    #[error(transparent)]
    Backup(#[from] CloudError),
    /// A state's network cannot be compiled.
    #[error(transparent)]
    Reach(#[from] ReachError),
}

impl Kept {
    /// Keeps a state. Returns its number.
    fn keep(&self, model: Model) -> u64 {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let number = kept.back().map_or(1, |(last, _)| last + 1);
        kept.push_back((number, model));
        while kept.len() > KEPT {
            kept.pop_front();
        }
        number
    }

    fn get(&self, number: u64) -> Option<Model> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.iter().find(|(known, _)| *known == number).map(|(_, model)| model.clone())
    }
}

/// Keeps the present state.
pub async fn keep(State(map): State<Arc<Map>>, viewer: Viewer) -> Answer {
    map.analyst(&viewer)?;
    let number = map.kept.keep(map.service.look(Model::clone));
    Ok(json(StatusCode::OK, &Mark { state: format!("kept-{number}"), at: map.service.now().0 }))
}

/// Answers with what opened and closed, as `classiclink diff --json` prints it.
pub async fn compare(State(map): State<Arc<Map>>, viewer: Viewer, Asked(Two { before, after }): Asked<Two>) -> Answer {
    map.analyst(&viewer)?;
    let _one = map.work.lock().await;
    let compared = block_in_place(|| {
        let (before, after) = (map.state(&viewer, &before)?, map.state(&viewer, &after)?);
        let difference = differ(&before, &after)?;
        Ok::<_, StateError>(visible(difference, &viewer, [&before, &after]))
    });
    Ok(json(StatusCode::OK, &compared.map_err(Refusal::of)?))
}

impl Map {
    /// The cloud that a word names.
    fn state(&self, viewer: &Viewer, word: &str) -> Result<Model, StateError> {
        if word == clouds::NOW {
            return Ok(self.service.look(Model::clone));
        }
        let unknown = || StateError::Unknown(word.to_owned());
        if let Some(number) = word.strip_prefix("kept-") {
            return number.parse().ok().and_then(|number| self.kept.get(number)).ok_or_else(unknown);
        }
        let (file, at) = word.split_once(':').map_or((word, None), |(file, at)| (file, at.parse().ok()));
        let path = self.files.path_for(viewer, file).ok_or_else(unknown)?;
        match FileKind::of(&path)? {
            Some(FileKind::Recording) => Ok(model_at(&path, at.unwrap_or(0))?),
            _ => Ok(clouds::of_backup(&path)?),
        }
    }
}

fn differ(before: &Model, after: &Model) -> Result<Difference, ReachError> {
    let (before, after) = (Network::of(before)?, Network::of(after)?);
    let services = distinct_services([before.tables(), after.tables()]);
    let matrix = |network: &Network<'_>| network.matrix(None, None, services.clone());
    Ok(difference(&matrix(&before), &matrix(&after)))
}

/// The part of a difference that a viewer may see.
fn visible(difference: Difference, viewer: &Viewer, models: [&Model; 2]) -> Difference {
    let Difference { opened, closed } = difference;
    // Each state that has a host must show the viewer as its owner, because a file contains only its uploader's claims.
    let sees = |host: &HostName| {
        let is_known = models.iter().any(|model| knows(model, &host.id));
        let is_shown = models.iter().all(|model| !knows(model, &host.id) || viewer.sees_host(model, &host.id));
        viewer.account().is_none() || (is_known && is_shown)
    };
    let own = |ways: Vec<Access>| {
        let ways = ways.into_iter().map(|mut way| {
            way.from.retain(sees);
            way.to.retain(sees);
            way
        });
        ways.filter(|way| !way.from.is_empty() && !way.to.is_empty()).collect()
    };
    Difference { opened: own(opened), closed: own(closed) }
}

fn knows(model: &Model, host: &str) -> bool {
    let is_in_cloud = model.instances.get(host).is_some() || model.managed_hosts.get(host).is_some();
    is_in_cloud || model.hosts.get(host).is_some()
}
