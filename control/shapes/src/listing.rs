//! Actions that list resources.

use crate::{Action, Filters, List, Page, ec2};

/// An action that takes no more than ids, filters and a page, and answers with a list.
pub trait Listing: Action {
    /// What is listed.
    type Item;

    /// What is asked for.
    fn asked(self) -> Asked;

    /// The reply.
    fn listed(items: List<Self::Item>, next_token: Option<String>) -> Self::Reply;
}

/// What a listing is asked for. What the action has no parameter for is empty.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The ids or names. Without any, everything is listed.
    pub ids: List<String>,
    /// The filters.
    pub filters: Filters<ec2::Filter>,
    /// The page.
    pub page: Page,
}

/// A page of a list.
#[derive(Clone, Debug)]
pub struct Paged<T> {
    /// The page's items.
    pub items: Vec<T>,
    /// The token of the next page, if there is one.
    pub next: Option<String>,
}

impl<T> Paged<T> {
    /// The page with each item changed.
    pub fn map<S>(self, change: impl FnMut(T) -> S) -> Paged<S> {
        Paged { items: self.items.into_iter().map(change).collect(), next: self.next }
    }
}
