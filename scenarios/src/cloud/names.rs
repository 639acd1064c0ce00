//! Names that stand for ids: `$web`, `$web.public`, `$sg-link`.

use serde_json::Value;
use std::collections::BTreeMap;

/// The ids behind a scenario's names.
#[derive(Clone, Debug, Default)]
pub struct Names {
    ids: BTreeMap<String, String>,
}

/// A name without an id.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("`${0}` stands for nothing here")]
pub struct Unknown(pub String);

impl Names {
    /// Gives a name an id.
    pub fn set(&mut self, name: impl Into<String>, id: impl Into<String>) {
        self.ids.insert(name.into(), id.into());
    }

    /// The id of a name.
    ///
    /// # Errors
    /// [`Unknown`].
    pub fn get(&self, name: &str) -> Result<&str, Unknown> {
        self.ids.get(name).map(String::as_str).ok_or_else(|| Unknown(name.to_owned()))
    }

    /// The name of an id.
    pub fn name_of(&self, id: &str) -> Option<&str> {
        self.ids.iter().find(|(_, have)| *have == id).map(|(name, _)| name.as_str())
    }

    /// Replaces every `$name` in a text; the longest known name is taken. `$$` is a dollar sign.
    ///
    /// # Errors
    /// [`Unknown`].
    pub fn fill(&self, text: &str) -> Result<String, Unknown> {
        let mut filled = String::new();
        let mut rest = text;
        while let Some(start) = rest.find('$') {
            filled.push_str(&rest[..start]);
            rest = &rest[start + 1..];
            if let Some(after) = rest.strip_prefix('$') {
                filled.push('$');
                rest = after;
                continue;
            }
            let end = rest.find(|c: char| !(c.is_alphanumeric() || "-_.".contains(c))).unwrap_or(rest.len());
            let name = (1..=end)
                .rev()
                .filter(|end| rest.is_char_boundary(*end))
                .find(|end| self.ids.contains_key(&rest[..*end]));
            let end = name.ok_or_else(|| Unknown(rest[..end].to_owned()))?;
            filled.push_str(self.get(&rest[..end])?);
            rest = &rest[end..];
        }
        filled.push_str(rest);
        Ok(filled)
    }

    /// Replaces every known `$name` in a text. Others are left, because a shell has variables of
    /// its own.
    pub fn fill_known(&self, text: &str) -> String {
        let mut parts = text.split('$');
        let mut filled = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let whole = format!("${part}");
            filled.push_str(&self.fill(&whole).unwrap_or(whole));
        }
        filled
    }

    /// Replaces every `$name` in a value's texts.
    ///
    /// # Errors
    /// [`Unknown`].
    pub fn fill_all(&self, value: &Value) -> Result<Value, Unknown> {
        Ok(match value {
            Value::String(text) => Value::String(self.fill(text)?),
            Value::Array(items) => {
                Value::Array(items.iter().map(|item| self.fill_all(item)).collect::<Result<_, _>>()?)
            }
            Value::Object(members) => Value::Object(
                members
                    .iter()
                    .map(|(name, value)| Ok((name.clone(), self.fill_all(value)?)))
                    .collect::<Result<_, _>>()?,
            ),
            other => other.clone(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_known_name_is_replaced() {
        let mut names = Names::default();
        names.set("web", "i-1");
        names.set("web.public", "203.0.113.1");
        names.set("web-2", "i-2");
        assert_eq!(names.fill("$web,$web-2/$web.public/32.").unwrap(), "i-1,i-2/203.0.113.1/32.");
        assert_eq!(names.fill("$db"), Err(Unknown("db".into())));
        assert_eq!(names.fill("$${web} $$$web").unwrap(), "${web} $i-1");
    }
}
