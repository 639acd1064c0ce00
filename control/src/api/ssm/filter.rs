//! Filters of parameters (Systems Manager API Reference, "ParameterStringFilter").

use super::{Error, Result};
use model::ssm::{Parameter, Selector};
use shapes::{List, ssm};

/// How a filter compares.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Comparison {
    Equals,
    BeginsWith,
    Contains,
    OneLevel,
    Recursive,
}

/// A filter: an attribute has one of its values.
pub struct Filter {
    key: String,
    comparison: Comparison,
    values: Vec<String>,
}

impl Filter {
    /// The filters of a request. Each has one of the keys, or `tag:` and a tag's key where the action has that.
    ///
    /// # Errors
    /// [`Error::FilterKey`], [`Error::FilterOption`] and [`Error::FilterValue`].
    pub fn all(sent: List<ssm::ParameterStringFilter>, keys: &[&str]) -> Result<Vec<Filter>> {
        let filter = |ssm::ParameterStringFilter { key, option, values }| {
            let is_tag = keys.contains(&"tag:") && key.strip_prefix("tag:").is_some_and(|tag| !tag.is_empty());
            if !is_tag && !keys.contains(&key.as_str()) {
                return Err(Error::FilterKey { key, valid: keys.join(", ") });
            }
            let comparison = match (key.as_str(), option.as_deref()) {
                ("Path", None | Some("OneLevel")) => Comparison::OneLevel,
                ("Path", Some("Recursive")) => Comparison::Recursive,
                (_, None | Some("Equals")) if key != "Path" => Comparison::Equals,
                (_, Some("BeginsWith")) if key != "Path" => Comparison::BeginsWith,
                ("Name", Some("Contains")) => Comparison::Contains,
                (_, option) => {
                    let valid = match key.as_str() {
                        "Path" => "Recursive, OneLevel",
                        "Name" => "BeginsWith, Equals, Contains",
                        _ => "BeginsWith, Equals",
                    };
                    return Err(Error::FilterOption { option: option.unwrap_or_default().to_owned(), valid });
                }
            };
            if values.is_empty() && !is_tag {
                return Err(Error::FilterValue(key));
            }
            Ok(Filter { key, comparison, values: values.into_iter().collect() })
        };
        sent.into_iter().map(filter).collect()
    }

    /// The filter that an older filter means: names begin with the value, other attributes equal it.
    pub fn of_older(sent: &ssm::ParametersFilter) -> Filter {
        let comparison = if sent.key == "Name" { Comparison::BeginsWith } else { Comparison::Equals };
        Filter { key: sent.key.clone(), comparison, values: sent.values.to_vec() }
    }

    /// The filter of a path.
    pub fn of_path(path: &str, recursive: bool) -> Filter {
        let comparison = if recursive { Comparison::Recursive } else { Comparison::OneLevel };
        Filter { key: "Path".to_owned(), comparison, values: vec![path.to_owned()] }
    }

    /// Whether a parameter passes all filters.
    pub fn pass(filters: &[Filter], row: &Parameter) -> bool {
        filters.iter().all(|filter| filter.passes(row))
    }

    /// The version that the filters mean: one with a label, or else the latest.
    pub fn version(filters: &[Filter]) -> Selector<'_> {
        let label = filters.iter().find(|filter| filter.key == "Label").and_then(|filter| filter.values.first());
        label.map_or(Selector::Latest, |label| Selector::Version(label))
    }

    /// Whether a parameter passes.
    pub fn passes(&self, row: &Parameter) -> bool {
        let Some(latest) = row.versions.last() else { return false };
        match self.key.as_str() {
            "Name" => self.values.iter().any(|value| self.fits_name(&row.name, value)),
            "Path" => self.has_name(&row.name),
            "Type" => self.has(row.kind.word()),
            "KeyId" => latest.key.as_ref().is_some_and(|key| self.has(key)),
            "Tier" => self.has(latest.tier.word()),
            "DataType" => self.has(&latest.data_type),
            "Label" => row.versions.iter().flat_map(|version| &version.labels).any(|label| self.has(label)),
            key => {
                let value = key.strip_prefix("tag:").and_then(|key| row.tags.get(key));
                value.is_some_and(|value| self.values.is_empty() || self.has(value))
            }
        }
    }

    /// Whether a name is below one of the paths.
    pub fn has_name(&self, name: &str) -> bool {
        let whole = if name.starts_with('/') { name.to_owned() } else { format!("/{name}") };
        self.values.iter().any(|path| {
            let rest = whole.strip_prefix(path.trim_end_matches('/')).and_then(|rest| rest.strip_prefix('/'));
            rest.is_some_and(|rest| self.comparison == Comparison::Recursive || !rest.contains('/'))
        })
    }

    /// Whether a name is as a value says. The slash at the beginning of either makes no difference.
    fn fits_name(&self, name: &str, value: &str) -> bool {
        match self.comparison {
            Comparison::Contains => name.contains(value),
            _ => self.fits(name.trim_start_matches('/'), value.trim_start_matches('/')),
        }
    }

    /// Whether a text is as one of the values says.
    fn has(&self, text: &str) -> bool {
        self.values.iter().any(|value| self.fits(text, value))
    }

    fn fits(&self, text: &str, value: &str) -> bool {
        match self.comparison {
            Comparison::BeginsWith => text.starts_with(value),
            _ => text == value,
        }
    }
}
