//! `classiclink import`: imports real networks, and makes hosts for chosen instances.

use super::{Failure, Operator, Question};
use crate::explain::names::is_called;
use crate::import::{self, Anonymous, Export, ImportError, Imported};
use crate::link::Promise;
use model::{Instance, Model};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::PathBuf;
use tokio::task::block_in_place;

/// The word for every instance.
const ALL: &str = "all";

/// Imports files of real networks, and makes hosts for imported instances.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ImportFiles {
    /// Files and directories, by absolute path.
    pub paths: Vec<PathBuf>,
    /// The instances that get hosts, by id or Name tag. `all` means every one.
    pub hosts: Vec<String>,
    /// Whether names, tags, accounts and public addresses are replaced.
    pub anonymise: bool,
    /// Parameters of templates.
    pub parameters: BTreeMap<String, String>,
}

impl Question for ImportFiles {
    type Answer = Imported;

    async fn answer(self, operator: &Operator) -> Result<Imported, Failure> {
        let ImportFiles { paths, hosts, anonymise, parameters } = self;
        let imported = match &*paths {
            [] => Imported::default(),
            paths => {
                let export = block_in_place(|| read(paths, anonymise, parameters))?;
                let (service, now) = (&operator.service, operator.service.now());
                // The network may have no hosts yet, so nothing needs to be in force.
                let taken = service.change(Promise::Begun, move |model| import::import(model, export, now)).await;
                taken.map_err(|error| error.to_string())?
            }
        };
        if !hosts.is_empty() {
            operator.wake(&hosts).await?;
        }
        Ok(imported)
    }
}

impl Operator {
    /// Makes hosts for instances, and waits until they are up.
    async fn wake(&self, words: &[String]) -> Result<(), Failure> {
        let woken = self.service.look(|model| dormant(model, words))?;
        let wanted = woken.clone();
        let wake = move |model: &mut Model| {
            model.give_hosts(|instance| wanted.contains(&instance.id));
            Ok::<_, std::convert::Infallible>(())
        };
        self.service.change(Promise::Begun, wake).await.map_err(|error| error.to_string())?;
        self.wait_for_hosts(&woken).await
    }
}

fn read(paths: &[PathBuf], anonymise: bool, mut parameters: BTreeMap<String, String>) -> Result<Export, ImportError> {
    let mut files = import::read(paths)?;
    let mut anonymous = Anonymous::default();
    if anonymise {
        anonymous.files(&mut files);
        anonymous.parameters(&mut parameters);
    }
    let mut export = Export::of(&files)?.with_parameters(&parameters)?;
    export.left_out.extend(anonymous.left_out().map(str::to_owned));
    Ok(export)
}

/// No running instance has this id or Name.
#[derive(Debug, thiserror::Error)]
#[error("no running instance is called {0}")]
struct NoInstance(String);

/// The ids of the imported instances that these words mean and that have no host.
fn dormant(model: &Model, words: &[String]) -> Result<Vec<String>, Failure> {
    let running = || model.instances.iter().filter(|instance| instance.is_on());
    let mut ids = Vec::new();
    for word in words {
        let called = |instance: &&Instance| word == ALL || is_called(word, &instance.id, &instance.tags);
        let mut meant = running().filter(called).peekable();
        if meant.peek().is_none() {
            return Err(NoInstance(word.clone()).into());
        }
        ids.extend(meant.filter(|instance| instance.dormant).map(|instance| instance.id.clone()));
    }
    Ok(ids)
}
