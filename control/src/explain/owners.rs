//! The owners of resources, for viewers who may know of one account only.

use model::{Kind, Model, Scope};
use serde::Deserialize;

/// The owner of a host in the cloud. `None` for hosts outside it and for the platform's.
pub fn scope_of_host<'m>(model: &'m Model, host: &str) -> Option<&'m Scope> {
    let of_instance = model.instances.get(host).map(|instance| &instance.scope);
    of_instance.or_else(|| model.managed_hosts.get(host).map(|host| &host.scope))
}

/// The owner of a row.
pub fn scope_of(model: &Model, kind: Kind, id: &str) -> Option<Scope> {
    #[derive(Deserialize)]
    struct Scoped {
        scope: Scope,
    }
    let row = model.row(kind, id)?.ok()?;
    serde_json::from_str::<Scoped>(&row).ok().map(|row| row.scope)
}

/// Whether a text names a resource of another account. Resources with an owner are named by their ids.
pub fn names_others(model: &Model, account: &str, words: &str) -> bool {
    let is_of_id = |letter: char| letter.is_ascii_alphanumeric() || letter == '-' || letter == '_';
    let is_others = |id: &str| {
        let mut scopes = Kind::ALL.iter().filter_map(|kind| scope_of(model, *kind, id));
        scopes.any(|scope| scope.account != account)
    };
    words.split(|letter: char| !is_of_id(letter)).any(is_others)
}
