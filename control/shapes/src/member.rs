//! Structures and their members: the tables that everything generic goes by.

use crate::Value;

/// What the wire knows about a member of a structure.
#[derive(Clone, Copy, Debug)]
pub struct Member {
    /// Its name in the API's model, and so in the JSON of command lines and SDKs.
    pub name: &'static str,
    /// Its name in requests.
    pub request: &'static str,
    /// Its name in replies.
    pub reply: &'static str,
    /// What stands between a list's name and an item's number in requests: nothing, or `member` and the like.
    pub request_item: &'static str,
    /// The name of a list's item in replies; nothing where items stand by themselves, each under the list's name.
    pub reply_item: &'static str,
    /// Whether a list must have items. Other members that must be there are no [`Option`]s.
    pub required: bool,
    /// What the API calls its type if it is a string and its name ends with `Id`: such values can be malformed.
    pub id: &'static str,
    /// Whether an empty value is a value, and an empty list a list. Elsewhere it counts as none.
    pub keeps_empty: bool,
    /// The least and the most, of a page's size.
    pub range: (usize, usize),
    /// The documented names, of filters.
    pub filters: &'static [&'static str],
}

impl Member {
    /// One without peculiarities.
    pub const PLAIN: Member = Member {
        name: "",
        request: "",
        reply: "",
        request_item: "",
        reply_item: "",
        required: false,
        id: "",
        keeps_empty: false,
        range: (1, usize::MAX),
        filters: &[],
    };
}

/// A structure of the API.
pub trait Shape {
    /// Its members, in the order of [`Shape::value`].
    fn members(&self) -> &'static [Member];
    /// The value of a member.
    fn value(&self, index: usize) -> &dyn Value;
    /// The value of a member, to be filled.
    fn value_mut(&mut self, index: usize) -> &mut dyn Value;
    /// Parameters that are taken and make no difference.
    fn ignored(&self) -> &'static [&'static str] {
        &[]
    }
    /// Parameters that are known and refused.
    fn refused(&self) -> &'static [&'static str] {
        &[]
    }
}
