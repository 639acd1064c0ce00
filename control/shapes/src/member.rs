//! Structures and their members: the tables that all generic code uses.

use crate::Value;

/// The facts of a structure's member.
#[derive(Clone, Copy, Debug)]
pub struct Member {
    /// Its name in the API's model, in the command line's JSON and in SDKs.
    pub name: &'static str,
    /// Its name in requests.
    pub request: &'static str,
    /// Its name in replies.
    pub reply: &'static str,
    /// The word between a list's or a map's name and an item's number in requests: `member`, `entry` and the like.
    /// Empty if there is none.
    pub request_item: &'static str,
    /// The name of a list's or a map's item in replies. Empty if the list is flattened, so that each item has the
    /// list's name.
    pub reply_item: &'static str,
    /// Whether a list or a map must have items. Other required members are not [`Option`]s.
    pub required: bool,
    /// The API's type name if it is a string whose name ends with `Id`. Such values can be malformed.
    pub id: &'static str,
    /// Whether an empty value counts as a value, and an empty list as a list. Otherwise it counts as absent.
    pub keeps_empty: bool,
    /// The range of a page's size.
    pub range: (usize, usize),
    /// The documented names of filters.
    pub filters: &'static [&'static str],
}

impl Member {
    /// A member without special properties.
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
