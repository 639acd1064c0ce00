//! Members with the same meaning in every action: filters, pages, client tokens.

use crate::json::{Form, JsonFault, Node};
use crate::{Element, List, Member, Result, Source, Value, Xml};
use serde_json::Value as Json;
use std::ops::Deref;

/// A request's filters, with the names that the API documents for the action.
#[derive(Clone, Debug, PartialEq)]
pub struct Filters<F> {
    /// The valid names, besides `tag:…` and the like.
    pub documented: &'static [&'static str],
    wanted: List<F>,
}

impl<F> Default for Filters<F> {
    fn default() -> Self {
        Filters { documented: &[], wanted: List::default() }
    }
}

impl<F> Filters<F> {
    /// Removes and returns the filters for which `is_other` holds.
    pub fn take(&mut self, is_other: impl FnMut(&F) -> bool) -> Vec<F> {
        let (others, wanted): (Vec<F>, Vec<F>) = std::mem::take(&mut self.wanted).into_iter().partition(is_other);
        self.wanted = wanted.into();
        others
    }
}

impl<F> Deref for Filters<F> {
    type Target = [F];

    fn deref(&self) -> &[F] {
        &self.wanted
    }
}

impl<F: Element> Value for Filters<F> {
    fn read(&mut self, member: &Member, structure: &mut dyn Source) -> Result<()> {
        self.documented = member.filters;
        self.wanted.read(member, structure)
    }

    fn write(&self, member: &Member, to: &mut Xml) {
        self.wanted.write(member, to);
    }

    fn json(&self, _: &Member, _: &Node, _: Form) -> Option<Json> {
        None
    }

    fn fill(&mut self, _: &Json) -> std::result::Result<(), JsonFault> {
        Ok(())
    }
}

/// The page of a list that a request asks for, as it was sent, because faults in either parameter have error codes of
/// their own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// The greatest number of items.
    pub size: Option<String>,
    /// The token that the page before ended with.
    pub token: Option<String>,
    /// The valid range of the size.
    pub range: (usize, usize),
}

/// Two parameters. The table gives the second one's name (`NextToken`, `Marker`) as the member's item.
impl Value for Page {
    fn read(&mut self, member: &Member, structure: &mut dyn Source) -> Result<()> {
        self.range = member.range;
        self.size.read(member, structure)?;
        self.token.read(&Member { request: member.request_item, ..*member }, structure)
    }

    fn write(&self, _: &Member, _: &mut Xml) {}

    fn json(&self, _: &Member, _: &Node, _: Form) -> Option<Json> {
        None
    }

    fn fill(&mut self, _: &Json) -> std::result::Result<(), JsonFault> {
        Ok(())
    }
}

/// A client token, with a digest of the request: the same token with other parameters is an error.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Token {
    /// The token, if one was sent.
    pub text: Option<String>,
    /// The digest of the request's other parameters.
    pub digest: u64,
}

/// The table has it before all other members, because reading them would change the digest.
impl Value for Token {
    fn read(&mut self, member: &Member, structure: &mut dyn Source) -> Result<()> {
        self.text.read(member, structure)?;
        self.digest = structure.digest();
        Ok(())
    }

    fn write(&self, _: &Member, _: &mut Xml) {}

    fn json(&self, _: &Member, _: &Node, _: Form) -> Option<Json> {
        None
    }

    fn fill(&mut self, _: &Json) -> std::result::Result<(), JsonFault> {
        Ok(())
    }
}
