//! Session policies: they limit a session to less than its user or role may do.

use super::{Error, Result};
use model::Model;
use model::iam::{Error as Refused, Policy, Rule};
use policy::Use;
use shapes::{List, sts};

/// The longest session policies together, in characters.
const LONGEST: usize = 2048;
/// The most managed policies.
const MOST: usize = 10;

/// The session policies of a request.
pub struct SessionPolicies {
    /// The one that the request contains.
    pub inline: Option<Policy>,
    /// The ARNs of managed policies.
    pub managed: Vec<String>,
    /// Their size, in per cent of the largest. `None` if there are none.
    pub packed: Option<i32>,
}

impl SessionPolicies {
    /// Reads the session policies of a request for a session in an account.
    pub fn read(
        model: &Model,
        account: &str,
        text: Option<String>,
        arns: List<sts::PolicyDescriptorType>,
    ) -> Result<SessionPolicies> {
        let managed: Vec<String> = arns.into_iter().filter_map(|one| one.arn).collect();
        check_length("policyArns", || managed.join(", "), managed.len(), MOST)?;
        managed.iter().try_for_each(|arn| model.check_usable(account, Some(arn)))?;
        let length = |text: &String| text.chars().count();
        if let Some(text) = &text {
            check_length("policy", || text.clone(), length(text), LONGEST)?;
        }
        let all: usize = text.iter().chain(&managed).map(length).sum();
        let per_cent = i32::try_from(all * 100 / LONGEST).unwrap_or(i32::MAX);
        if per_cent > 100 {
            return Err(Error::PackedTooLarge(per_cent));
        }
        let packed = (text.is_some() || !managed.is_empty()).then_some(per_cent);
        let inline = text.map(|text| Policy::parse(&text, Use::Identity)).transpose()?;
        Ok(SessionPolicies { inline, managed, packed })
    }
}

fn check_length(field: &'static str, value: impl Fn() -> String, length: usize, most: usize) -> Result<()> {
    let refused = || Refused::constraint(field, value(), Rule::MostLength(most)).into();
    if length > most { Err(refused()) } else { Ok(()) }
}
