//! The model, its changes and its kinds of rows, made from the list of its collections: whatever concerns all collections
//! is written once here.

macro_rules! collections {
    ($($(#[$doc:meta])* $field:ident: $type:ident;)*) => {
        /// The whole cloud: all accounts and Regions.
        #[derive(Clone, Debug)]
        pub struct Model {
            /// The platform's settings. They are not stored.
            pub platform: $crate::Platform,
            $($(#[$doc])* pub $field: $crate::Collection<$type>,)*
        }

        /// The touched rows, each as it was before. `None` if the row did not exist.
        #[derive(Clone, Debug, Default)]
        pub struct Changes {
            $($(#[$doc])* pub $field: std::collections::BTreeMap<String, Option<$type>>,)*
        }

        /// The collections of the model.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Kind {
            $($(#[$doc])* $type,)*
        }

        impl Kind {
            /// All collections.
            pub const ALL: &'static [Kind] = &[$(Kind::$type,)*];

            /// The collection's name in a store.
            pub fn name(self) -> &'static str {
                match self { $(Kind::$type => stringify!($field),)* }
            }
        }

        impl Model {
            fn empty() -> Model {
                Model { platform: $crate::Platform::default(), $($field: $crate::Collection::default(),)* }
            }

            /// A copy that notes what is read from it, and these notes.
            pub fn watched(&self) -> (Model, $crate::Reads) {
                let reads = $crate::Reads::default();
                $(let $field = self.$field.watched(reads.of(Kind::$type));)*
                (Model { platform: self.platform.clone(), $($field,)* }, reads)
            }

            /// Everything whose reading gives another result since `changes`, which are the last ones.
            pub fn touched(&self, changes: &Changes) -> std::collections::BTreeSet<$crate::Read> {
                let mut all = std::collections::BTreeSet::new();
                $(all.extend($crate::reads::touched(Kind::$type, &changes.$field, |id| self.$field.get(id)));)*
                all
            }

            /// The rows touched since the last call. They can no longer be undone.
            pub fn take_changes(&mut self) -> Changes {
                Changes { $($field: self.$field.take_touched(),)* }
            }

            /// Undoes all changes since [`Model::take_changes`].
            pub fn undo(&mut self) {
                let changes = self.take_changes();
                self.revert(changes);
            }

            /// Undoes changes that were taken. Nothing may have changed since.
            pub fn revert(&mut self, changes: Changes) {
                $(self.$field.revert(changes.$field);)*
            }

            /// Removes everything but declared rows and the counters, so that no id and no number is assigned twice. The cloud's clock
            /// shows the real time again.
            pub fn clear(&mut self) {
                let counters = self.counters.get("counters").cloned();
                let declared = self.platform.declared.clone();
                $(self.$field.remove_where(|row| !declared.contains(row.id()));)*
                counters.into_iter().for_each(|counters| self.counters.insert($crate::Counters { ahead: 0, ..counters }));
            }

            /// A row as JSON, the form in which it is stored. `None` if it does not exist.
            pub fn row(&self, kind: Kind, id: &str) -> Option<serde_json::Result<String>> {
                match kind { $(Kind::$type => self.$field.get(id).map(serde_json::to_string),)* }
            }

            /// Whether a row exists.
            pub fn has(&self, kind: Kind, id: &str) -> bool {
                match kind { $(Kind::$type => self.$field.get(id).is_some(),)* }
            }

            /// The collection and the id of every row.
            pub fn rows(&self) -> impl Iterator<Item = (Kind, &str)> {
                Kind::ALL.iter().flat_map(|&kind| self.ids(kind).map(move |id| (kind, id)))
            }

            fn ids(&self, kind: Kind) -> Box<dyn Iterator<Item = &str> + '_> {
                match kind { $(Kind::$type => Box::new(self.$field.iter().map($crate::Row::id)),)* }
            }

            /// Adds a stored row. This does not count as a change.
            pub fn load(&mut self, kind: Kind, json: &str) -> serde_json::Result<()> {
                match kind { $(Kind::$type => self.$field.load(serde_json::from_str(json)?),)* }
                Ok(())
            }
        }

        impl Changes {
            /// The collection and the id of every touched row.
            pub fn rows(&self) -> impl Iterator<Item = (Kind, &str)> {
                Kind::ALL.iter().flat_map(|&kind| self.ids(kind).map(move |id| (kind, id)))
            }

            fn ids(&self, kind: Kind) -> Box<dyn Iterator<Item = &str> + '_> {
                match kind { $(Kind::$type => Box::new(self.$field.keys().map(String::as_str)),)* }
            }

            /// Whether a touched row is new.
            pub fn is_new(&self, kind: Kind, id: &str) -> bool {
                match kind { $(Kind::$type => self.$field.get(id).is_some_and(Option::is_none),)* }
            }

            /// Whether no row was touched.
            pub fn is_empty(&self) -> bool {
                true $(&& self.$field.is_empty())*
            }
        }
    };
}

pub(crate) use collections;
