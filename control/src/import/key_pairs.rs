//! Key pairs.

use super::{Importer, tags};
use model::{IdKind, Key, KeyPair, KeyType, Scope};
use shapes::ec2;

impl Importer<'_> {
    pub(super) fn key_pair(&mut self, scope: &Scope, told: ec2::KeyPairInfo) {
        let Some(name) = told.key_name else { return self.leave_out("a key pair has no name") };
        if self.model.key_pair(scope, &name).is_ok() {
            return self.leave_out(format!("a second key pair called {name}"));
        }
        // Old versions of the aws command line print neither ids nor types.
        let word = told.key_type.unwrap_or_else(|| KeyType::default().word().to_owned());
        let Ok(kind) = KeyType::read("KeyType", &word) else {
            return self.leave_out(format!("{name}: its type {word} is not understood"));
        };
        let id = self.id_or_new(IdKind::KeyPair, told.key_pair_id);
        let public = told.public_key.unwrap_or_default();
        let public = public.lines().next().unwrap_or_default().to_owned();
        self.model.key_pairs.adopt(KeyPair {
            id,
            scope: scope.clone(),
            tags: tags(told.tags),
            name,
            key: Key { kind, fingerprint: told.key_fingerprint.unwrap_or_default(), public },
            created: told.create_time.unwrap_or(self.now),
        });
    }
}
