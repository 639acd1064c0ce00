//! Where the namespaces of a system's hosts are, and what they are called.

use std::path::PathBuf;

/// The namespaces of one system's hosts. Each bears the system's mark, so several systems can have hosts of one name.
#[derive(Clone, Debug)]
pub struct Namespaces {
    /// The directory in which they are pinned.
    pub directory: PathBuf,
    /// What their names begin with: `cl-3f2a91c7`, say.
    pub mark: String,
}

impl Namespaces {
    /// The name of a host's namespace: `cl-3f2a91c7-visitor`, say.
    pub fn name_of(&self, host: &str) -> String {
        format!("{}-{host}", self.mark)
    }

    /// Where a host's namespace is pinned.
    pub fn path_of(&self, host: &str) -> PathBuf {
        self.directory.join(self.name_of(host))
    }
}
