//! The Resource Groups Tagging API: the tags of other services' resources, by ARN. `resources` has the resources, and `native` the
//! requests by which their services change tags.

mod native;
mod resources;

use super::Sender;
use super::action::{Actions, Change, View};
use super::arn::is_arn;
use super::ec2::listing;
use super::protocol::{ApiError, Dialect, ServiceError};
use super::service::Service;
use model::Tags;
use native::TagChange;
use resources::{Resource, Wanted};
use shapes::{Fault, List, Map, Page, resourcegroupstaggingapi as api};
use std::collections::BTreeSet;
use std::ops::RangeInclusive;
use std::sync::LazyLock;

/// The service.
pub static SERVICE: Service = Service {
    facts: &api::FACTS,
    dialect: Dialect::Json,
    oldest: api::FACTS.version,
    actions: LazyLock::new(|| Actions::default().read(resources).read(keys).read(values).relay(tag).relay(untag)),
};

/// The service's errors.
#[derive(Debug, thiserror::Error)]
enum Error {
    /// A parameter of the request is missing or has another type.
    #[error("{0}")]
    Parameter(#[from] Fault),
    /// A parameter's value is outside its limits.
    #[error("{name} must have {limits}.")]
    Limits {
        /// The parameter.
        name: &'static str,
        /// What it may have.
        limits: String,
    },
    /// Two parameters exclude each other.
    #[error("{one} cannot be specified together with {other}.")]
    Together {
        /// A parameter.
        one: &'static str,
        /// The parameter that excludes it.
        other: &'static str,
    },
    /// A text is not an ARN.
    #[error("{0} is not a valid Amazon Resource Name (ARN).")]
    Arn(String),
    /// A tag's key belongs to AWS.
    #[error("Tag keys beginning with aws: are reserved for system use: {0}.")]
    Reserved(String),
    /// A page's token is invalid.
    #[error("The pagination token {0} is not valid.")]
    Token(String),
}

impl ServiceError for Error {
    fn of_parameter(fault: Fault) -> Error {
        fault.into()
    }
}

impl ApiError for Error {
    fn code(&self) -> &'static str {
        "InvalidParameterException"
    }
}

type Result<T> = std::result::Result<T, Error>;

/// How many resources, keys or values a page has unless the request says so.
const PAGE: usize = 100;

/// Refuses what is not within its limits: `count` of `noun`.
fn check(name: &'static str, count: usize, limits: RangeInclusive<usize>, noun: &str) -> Result<()> {
    if limits.contains(&count) {
        return Ok(());
    }
    let limits = format!("{} to {} {noun}", limits.start(), limits.end());
    Err(Error::Limits { name, limits })
}

/// A number in its limits.
fn number(name: &'static str, sent: i32, limits: RangeInclusive<usize>) -> Result<usize> {
    let number = usize::try_from(sent).ok().filter(|number| limits.contains(number));
    number.ok_or_else(|| Error::Limits { name, limits: format!("a value from {} to {}", limits.start(), limits.end()) })
}

fn resources(cx: View, input: api::GetResourcesInput) -> Result<api::GetResourcesOutput> {
    let api::GetResourcesInput {
        pagination_token,
        tag_filters,
        resources_per_page,
        tags_per_page,
        resource_type_filters,
        resource_arn_list,
    } = input;
    let beside_arns = [
        ("TagFilters", !tag_filters.is_empty()),
        ("ResourceTypeFilters", !resource_type_filters.is_empty()),
        ("ResourcesPerPage", resources_per_page.is_some()),
        ("TagsPerPage", tags_per_page.is_some()),
        ("PaginationToken", pagination_token.as_ref().is_some_and(|token| !token.is_empty())),
    ];
    if let Some((one, _)) = beside_arns.into_iter().find(|(_, is_sent)| *is_sent && !resource_arn_list.is_empty()) {
        return Err(Error::Together { one, other: "ResourceARNList" });
    }
    check("TagFilters", tag_filters.len(), 0..=50, "filters")?;
    check("ResourceTypeFilters", resource_type_filters.len(), 0..=100, "types")?;
    check("ResourceARNList", resource_arn_list.len(), 0..=100, "ARNs")?;
    resource_arn_list.iter().try_for_each(|arn| check_arn(arn))?;
    let size = resources_per_page.map(|size| number("ResourcesPerPage", size, 1..=100)).transpose()?;
    let most_tags = tags_per_page.map(|most| number("TagsPerPage", most, 100..=500)).transpose()?;
    let wanted = Wanted::of(tag_filters, resource_type_filters, resource_arn_list)?;
    let found: Vec<Resource> = resources::of(cx.model, &cx.caller.scope).filter(|found| wanted.has(found)).collect();
    let (mut page, mut next) = paged(found, pagination_token, size.unwrap_or(PAGE), |found| &found.arn)?;
    if let Some(most) = most_tags {
        let fitting = fitting(&page, most);
        if fitting < page.len() {
            page.truncate(fitting);
            next = page.last().map(|found| listing::token_of(&found.arn)).unwrap_or_default();
        }
    }
    let mapping = |found: Resource| api::ResourceTagMapping {
        resource_arn: Some(found.arn),
        tags: found.tags.into_iter().map(|(key, value)| api::Tag { key, value }).collect(),
        ..Default::default()
    };
    let resource_tag_mapping_list = page.into_iter().map(mapping).collect();
    Ok(api::GetResourcesOutput { pagination_token: Some(next), resource_tag_mapping_list })
}

/// How many of the first resources have no more tags together than that. A page has at least one.
fn fitting(page: &[Resource], most: usize) -> usize {
    let sums = page.iter().scan(0, |sum, found| {
        *sum += found.tags.len().max(1);
        Some(*sum)
    });
    sums.take_while(|sum| *sum <= most).count().max(1)
}

fn keys(cx: View, input: api::GetTagKeysInput) -> Result<api::GetTagKeysOutput> {
    let keys: BTreeSet<String> =
        resources::of(cx.model, &cx.caller.scope).flat_map(|found| found.tags.into_keys()).collect();
    let (keys, next) = paged(keys.into_iter().collect(), input.pagination_token, PAGE, |key| key)?;
    Ok(api::GetTagKeysOutput { tag_keys: keys.into(), pagination_token: Some(next) })
}

fn values(cx: View, input: api::GetTagValuesInput) -> Result<api::GetTagValuesOutput> {
    let api::GetTagValuesInput { pagination_token, key } = input;
    let all = resources::of(cx.model, &cx.caller.scope);
    let values: BTreeSet<String> = all.filter_map(|mut found| found.tags.swap_remove(&key)).collect();
    let (values, next) = paged(values.into_iter().collect(), pagination_token, PAGE, |value| value)?;
    Ok(api::GetTagValuesOutput { tag_values: values.into(), pagination_token: Some(next) })
}

/// A page of items, sorted by what `id` gives, and the token of the next page. An empty token is none.
fn paged<T>(all: Vec<T>, token: Option<String>, size: usize, id: impl Fn(&T) -> &str) -> Result<(Vec<T>, String)> {
    let token = token.filter(|token| !token.is_empty());
    let page = Page { size: Some(size.to_string()), token, range: (1, size) };
    let found = listing::paged(&page, all, id);
    let (items, next) = found.map_err(|_| Error::Token(page.token.unwrap_or_default()))?;
    Ok((items, next.unwrap_or_default()))
}

fn tag(cx: Change, sender: &Sender, input: api::TagResourcesInput) -> Result<Failures> {
    let api::TagResourcesInput { resource_arn_list, tags } = input;
    let tags: Tags = tags.shown().into_iter().flatten().map(|(key, value)| (key.clone(), value.clone())).collect();
    check("Tags", tags.len(), 1..=50, "tags")?;
    for (key, value) in &tags {
        check_key(key)?;
        check("Tags", value.chars().count(), 0..=256, "characters in a value")?;
    }
    change(cx, sender, &resource_arn_list, TagChange::Add(&tags))
}

fn untag(cx: Change, sender: &Sender, input: api::UntagResourcesInput) -> Result<Failures> {
    let api::UntagResourcesInput { resource_arn_list, tag_keys } = input;
    check("TagKeys", tag_keys.len(), 1..=50, "keys")?;
    tag_keys.iter().try_for_each(|key| check_key(key))?;
    change(cx, sender, &resource_arn_list, TagChange::Remove(&tag_keys))
}

fn check_key(key: &str) -> Result<()> {
    check("Tags", key.chars().count(), 1..=128, "characters in a key")?;
    if key.to_ascii_lowercase().starts_with("aws:") { Err(Error::Reserved(key.to_owned())) } else { Ok(()) }
}

fn check_arn(arn: &str) -> Result<()> {
    if is_arn(arn) { Ok(()) } else { Err(Error::Arn(arn.to_owned())) }
}

/// The resources whose tags could not be changed, by ARN.
type Failures = Map<api::FailureInfo>;

/// Changes the tags of each resource. One that fails leaves the others.
fn change(cx: Change, sender: &Sender, arns: &List<String>, change: TagChange<'_>) -> Result<Failures> {
    let Change { model, caller } = cx;
    check("ResourceARNList", arns.len(), 1..=20, "ARNs")?;
    arns.iter().try_for_each(|arn| check_arn(arn))?;
    let mut failures = Vec::new();
    for arn in arns {
        if let Err(error) = native::carry_out(Change { model: &mut *model, caller }, sender, arn, change) {
            let failure = api::FailureInfo {
                status_code: Some(i32::from(error.status())),
                error_code: Some(error.code().to_owned()),
                error_message: Some(error.to_string()),
            };
            failures.push((arn.clone(), failure));
        }
    }
    Ok(failures.into_iter().collect())
}
