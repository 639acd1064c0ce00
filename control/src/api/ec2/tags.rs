//! Tags in requests and replies.

use crate::model::{Error, Result, Tags};
use shapes::{List, ec2};

/// Tags as every resource shows them.
pub fn shown(tags: &Tags) -> List<ec2::Tag> {
    tags.iter().map(|(key, value)| ec2::Tag { key: Some(key.clone()), value: Some(value.clone()) }).collect()
}

/// The tags that a request has for the one type of resource that it makes.
pub fn of(specifications: List<ec2::TagSpecification>, resource_type: &str) -> Result<Tags> {
    let mut all = Tags::new();
    for specification in specifications {
        let kind = specification.resource_type.unwrap_or_default();
        if kind != resource_type {
            return Err(Error::TagsForOtherType { kind });
        }
        all.extend(pairs(specification.tags)?);
    }
    Ok(all)
}

/// Keys and values; a key must be there, a value may be empty.
fn pairs(tags: List<ec2::Tag>) -> Result<Tags> {
    let missing = || Error::MissingParameter { name: "Tag.Key".into() };
    tags.into_iter().map(|tag| Ok((tag.key.ok_or_else(missing)?, tag.value.unwrap_or_default()))).collect()
}
