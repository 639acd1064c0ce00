//! The Regions with EC2-Classic, as an argument.

use model::{REGIONS, Region};
use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

/// Names of Regions with commas between them, `none` or `all`.
#[derive(Clone, Debug)]
pub(super) struct ClassicRegions(BTreeSet<&'static str>);

impl FromStr for ClassicRegions {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let named =
            |name| Region::named(name).map(|region| region.name).ok_or_else(|| format!("AWS has no Region {name}"));
        match text {
            "none" => Ok(Self(BTreeSet::new())),
            "all" => Ok(Self(REGIONS.iter().map(|region| region.name).collect())),
            names => names.split(',').map(str::trim).map(named).collect::<Result<_, _>>().map(Self),
        }
    }
}

impl fmt::Display for ClassicRegions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.is_empty() {
            true => f.write_str("none"),
            false => f.write_str(&self.0.iter().copied().collect::<Vec<_>>().join(",")),
        }
    }
}

impl ClassicRegions {
    /// The names.
    pub fn names(&self) -> BTreeSet<String> {
        self.0.iter().map(|name| (*name).to_owned()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_are_named_or_none_or_all() {
        let regions = |text: &str| text.parse::<ClassicRegions>().map(|regions| regions.names().len());
        assert_eq!(
            [regions("none"), regions("all"), regions("us-east-1, eu-west-1")],
            [Ok(0), Ok(REGIONS.len()), Ok(2)]
        );
        assert!(regions("us-east-1,mars-north-1").unwrap_err().contains("mars-north-1"));
        for text in ["none", "eu-west-1,us-east-1"] {
            assert_eq!(text.parse::<ClassicRegions>().unwrap().to_string(), text);
        }
    }
}
