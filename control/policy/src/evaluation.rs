//! Evaluates policies for a request.

use super::document::{Choice, Principals};
use super::{Context, Document, Effect, Pattern, Statement};

/// One action on one resource.
#[derive(Clone, Copy, Debug)]
pub struct Query<'a> {
    /// The sender's ARNs: for a session, its own and its role's. A service's name is in their place:
    /// `ec2.amazonaws.com`.
    pub principals: &'a [String],
    /// The sender's account.
    pub account: &'a str,
    /// The action: `ec2:AttachClassicLinkVpc`, for example.
    pub action: &'a str,
    /// The resource's ARN, or `*`.
    pub resource: &'a str,
    /// The condition keys of the request, and their values.
    pub context: &'a Context,
}

/// A statement that matches a request.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Match<'a> {
    /// The policy's name.
    pub policy: &'a str,
    /// The statement's number in it, counted from 1.
    pub place: usize,
    /// The statement.
    pub statement: &'a Statement,
}

/// The verdict of policies.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Verdict<'a> {
    /// A statement denies the action.
    Denied(Match<'a>),
    /// A statement allows the action, and none denies it.
    Allowed(Match<'a>),
    /// No statement matches, so that the action is not allowed.
    ImplicitDeny,
}

/// Evaluates all policies, each given with its name.
pub fn evaluate<'a>(policies: impl IntoIterator<Item = (&'a str, &'a Document)>, query: &Query<'_>) -> Verdict<'a> {
    let mut verdict = Verdict::ImplicitDeny;
    for (policy, document) in policies {
        for (index, statement) in document.statements.iter().enumerate() {
            if !statement.is_about(query) {
                continue;
            }
            let found = Match { policy, place: index + 1, statement };
            match (statement.effect, verdict) {
                (Effect::Deny, _) => return Verdict::Denied(found),
                (Effect::Allow, Verdict::ImplicitDeny) => verdict = Verdict::Allowed(found),
                (Effect::Allow, _) => {}
            }
        }
    }
    verdict
}

/// Whether a policy allows an action on some resource under some condition.
pub fn may_allow(document: &Document, action: &str) -> bool {
    let action = action.to_ascii_lowercase();
    let mut allows = document.statements.iter().filter(|statement| statement.effect == Effect::Allow);
    allows.any(|statement| statement.actions.has(&action, &Context::default()))
}

/// Whether a policy with principals allows the action to the principal itself, not only to its account.
pub fn allows_directly(document: &Document, query: &Query<'_>) -> bool {
    allows_named(document, query, |principals| principals.names(query, false))
}

/// Whether a policy with principals allows the action to the sender's own ARN: to a user, or to a session itself and
/// not only to its role.
pub fn allows_session(document: &Document, query: &Query<'_>) -> bool {
    let own = query.principals.first();
    allows_named(document, query, |principals| {
        principals.named.get("AWS").into_iter().flatten().any(|name| Some(name) == own)
    })
}

fn allows_named(document: &Document, query: &Query<'_>, names: impl Fn(&Principals) -> bool) -> bool {
    let names = |principals: &Principals| !principals.except && names(principals);
    let mut about = document.statements.iter().filter(|statement| statement.is_about(query));
    about.any(|statement| statement.effect == Effect::Allow && statement.principals.as_ref().is_some_and(names))
}

impl Statement {
    fn is_about(&self, query: &Query<'_>) -> bool {
        let action = query.action.to_ascii_lowercase();
        self.actions.has(&action, query.context)
            && self.resources.as_ref().is_none_or(|resources| resources.has(query.resource, query.context))
            && self.principals.as_ref().is_none_or(|principals| principals.names(query, true) != principals.except)
            && self.conditions.iter().all(|condition| condition.holds(query.context))
    }
}

impl Choice {
    fn has(&self, text: &str, context: &Context) -> bool {
        let fits = |pattern: &Pattern| pattern.fits(text, context);
        match self {
            Choice::Of(patterns) => patterns.iter().any(fits),
            Choice::Except(patterns) => !patterns.iter().any(fits),
        }
    }
}

impl Principals {
    /// Whether the principals include the sender: by an ARN, by its account if `by_account`, or by name if the sender
    /// is a service or an identity provider.
    fn names(&self, query: &Query<'_>, by_account: bool) -> bool {
        let mut others = ["Service", "Federated"].into_iter().filter_map(|kind| self.named.get(kind)).flatten();
        if others.any(|name| query.principals.contains(name)) {
            return true;
        }
        let root = format!("arn:aws:iam::{}:root", query.account);
        let mut named = self.named.get("AWS").into_iter().flatten();
        named.any(|name| {
            name == "*" || query.principals.contains(name) || by_account && (name == query.account || *name == root)
        })
    }
}
