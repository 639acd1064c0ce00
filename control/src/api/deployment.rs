//! What RDS, ElastiCache and Redshift have in common on the wire.

use super::ec2::listing;
use super::protocol::ApiError;
use crate::model::services::{Admitted, Error, Result};
use crate::model::{Caller, Model, Tags};
use shapes::Page;

impl ApiError for Error {
    fn code(&self) -> &'static str {
        Error::code(self)
    }

    fn status(&self) -> u16 {
        Error::status(self)
    }
}

/// How many items a page has if nothing is said.
const PAGE: &str = "100";

/// One page of rows, and how to ask for the next.
pub fn paged<R>(page: Page, rows: Vec<R>, id: impl Fn(&R) -> &str) -> Result<(Vec<R>, Option<String>)> {
    let page = Page { size: page.size.or_else(|| Some(PAGE.to_owned())), ..page };
    listing::paged(&page, rows, id).map_err(|_| Error::Marker)
}

/// Tags as a request gives them: keys and values that may be absent.
pub fn tags_of(sent: impl IntoIterator<Item = (Option<String>, Option<String>)>) -> Tags {
    sent.into_iter().filter_map(|(key, value)| Some((key?, value.unwrap_or_default()))).collect()
}

/// The text of a member that is there.
pub fn text(value: impl ToString) -> Option<String> {
    Some(value.to_string())
}

/// Who is to be let in, as an authorisation of a group in EC2-Classic names it: a range, or a group of EC2.
pub fn admitted(
    model: &Model,
    caller: &Caller,
    range: Option<String>,
    (id, name, account): (Option<String>, Option<String>, Option<String>),
) -> Result<Admitted> {
    match range {
        Some(_) if id.is_some() || name.is_some() => {
            Err(Error::Combination { why: "Name either an address range or a security group of EC2." })
        }
        Some(range) => {
            let parsed = range.parse().ok().map(Admitted::Range);
            let why = "it is no address range".to_owned();
            parsed.ok_or(Error::Value { name: "CIDRIP", value: range, why })
        }
        None if id.is_none() && name.is_none() => {
            Err(Error::Combination { why: "Name an address range or a security group of EC2." })
        }
        None => model.admitted_group(caller, id.as_deref(), name.as_deref(), account.as_deref()),
    }
}
