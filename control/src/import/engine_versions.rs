//! Versions of engines that files name and that are not known here.

use super::form::Form;
use model::ManagedService;
use model::services::Engine;

/// Takes a version that its engine does not have here out of a request. Returns what is left out.
pub(super) fn take_unknown_version(form: &mut Form) -> Option<String> {
    let value = |parameter: &str| form.iter().find(|(name, _)| name == parameter).map(|(_, value)| value.clone());
    let (engine, version) = value("Engine").zip(value("EngineVersion"))?;
    let mut engines = ManagedService::ALL.iter().filter_map(|service| Engine::named(*service, &engine));
    let is_unknown = engines.any(|engine| engine.matching_version(&version).is_err());
    form.retain(|(name, _)| name != "EngineVersion" || !is_unknown);
    is_unknown.then(|| format!("its version {version} of {engine}, which is not known here"))
}
