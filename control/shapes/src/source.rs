//! The source of a request's parameters, whatever the protocol: a tree of names. Reading a parameter removes it.

/// The result of reading.
pub type Result<T> = std::result::Result<T, Fault>;

/// A fault in a request's parameters. Names are complete: `Filter.1.Name`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// A required parameter is missing or empty.
    #[error("{name} is missing")]
    Missing {
        /// The parameter.
        name: String,
    },
    /// The action has no such parameter.
    #[error("{name} is not recognized")]
    Unknown {
        /// The parameter.
        name: String,
    },
    /// The action has this parameter, and the platform does not support it.
    #[error("{name} is not supported")]
    Unsupported {
        /// The parameter.
        name: String,
    },
    /// The value does not have the parameter's type.
    #[error("{value} is no value of {name}")]
    Invalid {
        /// The parameter.
        name: String,
        /// The value.
        value: String,
    },
    /// The value cannot be an id of that kind.
    #[error("{id} is no {shape}")]
    Malformed {
        /// The API's name for the type of id: `VpcId`.
        shape: &'static str,
        /// The value.
        id: String,
    },
}

/// A function that reads a node.
pub type Read<'a> = &'a mut dyn FnMut(&mut dyn Source) -> Result<()>;

/// A node of the tree: the root of a request's parameters, a structure, an item of a list or a single value.
pub trait Source {
    /// The complete name of a member.
    fn name(&self, member: &str) -> String;
    /// Takes the node's own value.
    fn take(&mut self) -> Option<String>;
    /// Whether the node is an empty value.
    fn is_blank(&self) -> bool;
    /// Reads a member, nothing of which may be left afterwards. Returns `false` if it was not sent.
    ///
    /// # Errors
    /// The errors of `read`, and [`Fault::Unknown`] for what it leaves.
    fn enter(&mut self, member: &str, read: Read<'_>) -> Result<bool>;
    /// Reads each item of a list, nothing of which may be left afterwards. `between` is the protocol's word between the
    /// list's name and an item's number. Returns `false` if the list was not sent.
    ///
    /// # Errors
    /// As [`Source::enter`].
    fn each(&mut self, list: &str, between: &str, read: Read<'_>) -> Result<bool>;
    /// The names of the node's members, as they were sent.
    fn members(&self) -> Vec<String>;
    /// Removes a member. Returns whether there was one.
    fn skip(&mut self, member: &str) -> bool;
    /// Whether a text can be an id of the API's type `shape`.
    fn is_id(&self, shape: &str, text: &str) -> bool;
    /// A number that identifies the request's parameters, without client tokens.
    fn digest(&self) -> u64;
}
