//! Labels of versions. A label is at one version of a parameter at most.

use super::{Error, ParameterVersion, Result, arn};
use crate::{Model, Scope};

/// The greatest number of labels of a version.
const MOST: usize = 10;
/// The greatest length of a label.
const LONGEST: usize = 100;

/// What became of the labels of a request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Labelled {
    /// The number of the version.
    pub version: i64,
    /// Labels that were put there, or taken away.
    pub changed: Vec<String>,
    /// Labels that were not.
    pub invalid: Vec<String>,
}

/// Whether a text can be a label.
fn is_label(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let fits = |c: char| c.is_ascii_alphanumeric() || "_.-".contains(c);
    !text.is_empty()
        && !text.starts_with(|c: char| c.is_ascii_digit())
        && !lower.starts_with("aws")
        && !lower.starts_with("ssm")
        && text.chars().all(fits)
}

impl Model {
    /// LabelParameterVersion: moves labels to a version, without a number the latest.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::NoVersion`], [`Error::LabelLimit`], and [`Error::Length`] for a label that is too long.
    pub fn label_parameter(&mut self, at: (&Scope, &str), version: Option<i64>, labels: &[String]) -> Result<Labelled> {
        if labels.iter().any(|label| label.chars().count() > LONGEST) {
            return Err(Error::Length { name: "A label", most: LONGEST });
        }
        let (valid, invalid): (Vec<String>, Vec<String>) = labels.iter().cloned().partition(|label| is_label(label));
        let (versions, place) = self.versions_mut(at, version)?;
        for label in &valid {
            versions.iter_mut().for_each(|version| version.labels.retain(|had| had != label));
            versions[place].labels.push(label.clone());
        }
        let labelled = &versions[place];
        if labelled.labels.len() > MOST {
            return Err(Error::LabelLimit { most: MOST });
        }
        Ok(Labelled { version: labelled.number, changed: valid, invalid })
    }

    /// UnlabelParameterVersion.
    ///
    /// # Errors
    /// [`Error::NotFound`] and [`Error::NoVersion`].
    pub fn unlabel_parameter(&mut self, at: (&Scope, &str), version: i64, labels: &[String]) -> Result<Labelled> {
        let (versions, place) = self.versions_mut(at, Some(version))?;
        let had = &mut versions[place].labels;
        let (changed, invalid) = labels.iter().cloned().partition(|label| had.contains(label));
        had.retain(|label| !labels.contains(label));
        Ok(Labelled { version, changed, invalid })
    }

    /// The versions of a parameter, and the place of the one with a number, or else of the latest.
    fn versions_mut(
        &mut self,
        (scope, name): (&Scope, &str),
        number: Option<i64>,
    ) -> Result<(&mut Vec<ParameterVersion>, usize)> {
        let row =
            self.parameters.get_mut(&arn(scope, name)).ok_or_else(|| Error::NotFound { name: name.to_owned() })?;
        let place = match number {
            Some(number) => row.versions.iter().position(|version| version.number == number),
            None => row.versions.len().checked_sub(1),
        };
        let version = || number.map(|number| number.to_string()).unwrap_or_default();
        let place = place.ok_or_else(|| Error::NoVersion { name: name.to_owned(), version: version() })?;
        Ok((&mut row.versions, place))
    }
}
