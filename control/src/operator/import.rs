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
        let ImportFiles { paths, mut hosts, anonymise, parameters } = self;
        let export = match &*paths {
            [] => None,
            paths => Some(block_in_place(|| read(paths, anonymise, parameters, &mut hosts))?),
        };
        let (service, now) = (&operator.service, operator.service.now());
        // Either all of it happens or nothing, so that it can be asked for again in other words.
        let change = move |model: &mut Model| -> Result<_, Refusal> {
            let imported = export.map(|export| import::import(model, export, now)).transpose()?;
            let woken = dormant(model, &hosts)?;
            model.give_hosts(|instance| woken.contains(&instance.id));
            Ok((imported.unwrap_or_default(), woken))
        };
        // The network may have no hosts yet, so nothing needs to be in force.
        let changed = service.change(Promise::Begun, change).await;
        let (imported, woken) = changed.map_err(|error| error.to_string())?;
        operator.wait_for_hosts(&woken).await?;
        Ok(imported)
    }
}

/// Why nothing was imported, and nothing got a host.
#[derive(Debug, thiserror::Error)]
enum Refusal {
    /// The files cannot be imported.
    #[error(transparent)]
    Import(#[from] ImportError),
    /// A host was asked for that no instance has.
    #[error(transparent)]
    Instance(#[from] NoInstance),
}

/// Reads files. Names of hosts become those that their instances have in the export.
fn read(
    paths: &[PathBuf],
    anonymise: bool,
    mut parameters: BTreeMap<String, String>,
    hosts: &mut [String],
) -> Result<Export, ImportError> {
    let mut files = import::read(paths)?;
    let mut anonymous = Anonymous::default();
    if anonymise {
        anonymous.files(&mut files);
        anonymous.parameters(&mut parameters);
        hosts.iter_mut().filter(|word| word.as_str() != ALL).for_each(|word| anonymous.known_name(word));
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
fn dormant(model: &Model, words: &[String]) -> Result<Vec<String>, NoInstance> {
    let running = || model.instances.iter().filter(|instance| instance.is_on());
    let mut ids = Vec::new();
    for word in words {
        let called = |instance: &&Instance| word == ALL || is_called(word, &instance.id, &instance.tags);
        let mut meant = running().filter(called).peekable();
        if meant.peek().is_none() {
            return Err(NoInstance(word.clone()));
        }
        ids.extend(meant.filter(|instance| instance.dormant).map(|instance| instance.id.clone()));
    }
    Ok(ids)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::Service;
    use crate::state::State;
    use model::Platform;
    use serde_json::json;
    use std::sync::Arc;

    #[tokio::test(flavor = "multi_thread")]
    async fn nothing_is_imported_if_no_instance_is_called_so() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("vpcs.json");
        let vpc = json!({"VpcId": "vpc-1a2b3c4d", "OwnerId": "123456789012", "CidrBlock": "10.0.0.0/16"});
        std::fs::write(&path, json!({"Vpcs": [vpc]}).to_string()).unwrap();
        let state = State::at(Some(directory.path().join("state")));
        state.create().unwrap();
        let service = Arc::new(Service::open(&state, Platform::default()).unwrap());
        let operator = Operator::new(service, state);
        let import = |hosts: &[&str]| ImportFiles {
            paths: vec![path.clone()],
            hosts: hosts.iter().map(|host| (*host).to_owned()).collect(),
            anonymise: false,
            parameters: BTreeMap::new(),
        };
        let refused = import(&["nobody"]).answer(&operator).await.unwrap_err();
        assert_eq!(refused.to_string(), "no running instance is called nobody");
        let imported = import(&[]).answer(&operator).await.unwrap();
        assert!(imported.counts.contains(&("VPCs".to_owned(), 1)), "the first try has left nothing");
    }

    #[test]
    fn hosts_of_anonymised_files_are_called_as_in_the_files() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("instances.json");
        let instance = json!({"InstanceId": "i-1a2b3c4d", "Tags": [{"Key": "Name", "Value": "shop"}]});
        std::fs::write(&path, json!({"Reservations": [{"Instances": [instance]}]}).to_string()).unwrap();
        let mut hosts = ["shop", "i-1a2b3c4d", "other", ALL].map(str::to_owned);
        let export = read(&[path], true, BTreeMap::new(), &mut hosts).unwrap();
        let tag = export.reservations[0].1.instances[0].tags[0].value.clone().unwrap();
        assert_eq!(hosts, [tag.as_str(), "i-1a2b3c4d", "other", ALL]);
        assert_ne!(tag, "shop");
    }
}
