//! JSON objects whose names are unique. A parser would otherwise take one of two equal names, although the author
//! meant both.

use serde::Deserialize;
use serde::de::{self, Deserializer, MapAccess, Visitor};
use std::collections::BTreeMap;
use std::fmt::{self, Display};
use std::marker::PhantomData;

/// An object with unique names.
pub struct Unique<K, V>(pub BTreeMap<K, V>);

impl<K, V> Default for Unique<K, V> {
    fn default() -> Self {
        Unique(BTreeMap::new())
    }
}

impl<'de, K, V> Deserialize<'de> for Unique<K, V>
where
    K: Deserialize<'de> + Ord + Display,
    V: Deserialize<'de>,
{
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Once<K, V>(PhantomData<(K, V)>);
        impl<'de, K, V> Visitor<'de> for Once<K, V>
        where
            K: Deserialize<'de> + Ord + Display,
            V: Deserialize<'de>,
        {
            type Value = Unique<K, V>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut all = BTreeMap::new();
                while let Some((name, value)) = map.next_entry::<K, V>()? {
                    if all.contains_key(&name) {
                        return Err(de::Error::custom(format!("{name} is there twice")));
                    }
                    all.insert(name, value);
                }
                Ok(Unique(all))
            }
        }
        deserializer.deserialize_map(Once(PhantomData))
    }
}
