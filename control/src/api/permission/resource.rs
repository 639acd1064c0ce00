//! A resource that a request is about, as policies see it.

use super::Context;
use super::fact::Fact;
use std::sync::Arc;

/// A resource that a request is about.
pub struct Resource {
    /// Its ARN, or `*`.
    pub arn: String,
    /// The condition keys of the resource and of the request.
    pub known: Context,
    /// The action on it, if it differs from the request's.
    pub action: Option<&'static str>,
}

impl Resource {
    /// A resource on which the request's own action is asked for.
    pub fn of(arn: String, known: Context) -> Resource {
        Resource { arn, known, action: None }
    }

    /// A new resource, on which the request sets tags.
    pub fn tagged(arn: String, known: &Arc<Context>, action: &'static str) -> Resource {
        Resource { arn, known: with(known, Vec::new()), action: Some(action) }
    }
}

/// The known condition keys, and more of them.
pub fn with(known: &Arc<Context>, facts: Vec<Fact>) -> Context {
    let mut more = Context::upon(known);
    more.extend(facts);
    more
}
