//! `classiclink import`: real networks taken up, and hosts for the instances that somebody asks for.

use super::{Failure, Operator};
use crate::explain::names::is_called;
use crate::import::{self, Anonymous, Export, ImportError, Imported};
use crate::link::Promise;
use model::{Instance, Model};
use std::collections::BTreeMap;
use std::path::PathBuf;
use tokio::task::block_in_place;

/// The word for every instance.
const ALL: &str = "all";

impl Operator {
    pub(super) async fn import(
        &self,
        paths: &[PathBuf],
        hosts: &[String],
        anonymise: bool,
        parameters: &BTreeMap<String, String>,
    ) -> Result<Imported, Failure> {
        let imported = match paths {
            [] => Imported::default(),
            paths => {
                let export = block_in_place(|| read(paths, anonymise, parameters.clone()))?;
                let now = self.service.now();
                // Hosts of the network there may be none yet, so that nothing need be in force.
                let taken = self.service.change(Promise::Begun, move |model| import::import(model, export, now)).await;
                taken.map_err(|error| error.to_string())?
            }
        };
        if !hosts.is_empty() {
            self.wake(hosts).await?;
        }
        Ok(imported)
    }

    /// Gives instances hosts, and waits until they have them.
    async fn wake(&self, words: &[String]) -> Result<(), Failure> {
        let woken = self.service.look(|model| dormant(model, words))?;
        let wanted = woken.clone();
        let wake = move |model: &mut Model| {
            model.wake_instances(|instance| wanted.contains(&instance.id));
            Ok::<_, std::convert::Infallible>(())
        };
        self.service.change(Promise::Begun, wake).await.map_err(|error| error.to_string())?;
        self.wait_for_hosts(&woken).await
    }
}

fn read(paths: &[PathBuf], anonymise: bool, mut parameters: BTreeMap<String, String>) -> Result<Export, ImportError> {
    let mut files = import::read(paths)?;
    if anonymise {
        let mut anonymous = Anonymous::default();
        anonymous.files(&mut files);
        anonymous.parameters(&mut parameters);
    }
    Ok(Export::of(&files)?.with_parameters(&parameters))
}

/// The ids of the imported instances that are meant and have no host.
fn dormant(model: &Model, words: &[String]) -> Result<Vec<String>, Failure> {
    let running = || model.instances.iter().filter(|instance| instance.is_on());
    let mut ids = Vec::new();
    for word in words {
        let called = |instance: &&Instance| word == ALL || is_called(word, &instance.id, &instance.tags);
        let mut meant = running().filter(called).peekable();
        if meant.peek().is_none() {
            return Err(format!("no running instance is called {word}").into());
        }
        ids.extend(meant.filter(|instance| instance.dormant).map(|instance| instance.id.clone()));
    }
    Ok(ids)
}
