//! What every service of the API has: facts, a dialect, actions.

use super::action::Actions;
use super::protocol::Dialect;
use shapes::Facts;
use std::sync::LazyLock;

/// A service of the API.
pub struct Service {
    /// The facts that clients know of the service.
    pub facts: &'static Facts,
    /// Its dialect.
    pub dialect: Dialect,
    /// The oldest version of its API that is served. The newest is [`Facts::version`].
    pub oldest: &'static str,
    /// Its actions.
    pub actions: LazyLock<Actions>,
}

impl Service {
    /// Whether the service has an action of that name on AWS.
    pub fn knows(&self, action: &str) -> bool {
        [self.facts.has, self.facts.lacks].iter().any(|names| names.binary_search(&action).is_ok())
    }

    /// Whether a version is one of this service's API. Older clients go on naming the one that they were written for.
    pub fn serves(&self, version: &str) -> bool {
        version.len() == self.facts.version.len() && (self.oldest..=self.facts.version).contains(&version)
    }
}
