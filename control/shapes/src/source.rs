//! Where a request's parameters come from, whatever the protocol: a tree of names, from which what is read is taken out.

/// What every reader answers with.
pub type Result<T> = std::result::Result<T, Fault>;

/// What is wrong with the parameters of a request. Names are full: `Filter.1.Name`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The parameter must be there and is not, or is empty.
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
    /// The action has this parameter, and the platform cannot do what it asks for.
    #[error("{name} is not supported")]
    Unsupported {
        /// The parameter.
        name: String,
    },
    /// The value is not of the parameter's type.
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
        /// What the API calls the type of id: `VpcId`.
        shape: &'static str,
        /// The value.
        id: String,
    },
}

/// What reads a node below.
pub type Read<'a> = &'a mut dyn FnMut(&mut dyn Source) -> Result<()>;

/// A node of the tree: the root of a request's parameters, a structure, an item of a list or a single value.
pub trait Source {
    /// The full name of a member.
    fn name(&self, member: &str) -> String;
    /// Takes the node's own value.
    fn take(&mut self) -> Option<String>;
    /// Whether the node is an empty value.
    fn is_blank(&self) -> bool;
    /// Reads a member and wants that nothing of it is left; false if it was not sent.
    ///
    /// # Errors
    /// What `read` finds, and [`Fault::Unknown`] for what it leaves.
    fn enter(&mut self, member: &str, read: Read<'_>) -> Result<bool>;
    /// The same for each item of a list, `between` being what the protocol writes between the list's name and an item's number.
    ///
    /// # Errors
    /// As [`Source::enter`].
    fn each(&mut self, list: &str, between: &str, read: Read<'_>) -> Result<bool>;
    /// Throws a member away, and says whether there was one.
    fn skip(&mut self, member: &str) -> bool;
    /// Whether a text can be an id of the type that the API calls `shape`.
    fn is_id(&self, shape: &str, text: &str) -> bool;
    /// Tells what is asked for by this request from what is asked for by another, client tokens apart.
    fn digest(&self) -> u64;
}
