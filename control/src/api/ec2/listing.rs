//! The common parts of all Describe… actions: ids, filters, pages.

use super::pattern::Pattern;
use crate::api::action::View;
use data_encoding::{HEXLOWER, HEXLOWER_PERMISSIVE};
use model::{Collection, Error, IdKind, Lingers, Model, Resource, Result, Tags};
use shapes::{Asked, Filters, Listing, Page, ec2};
use std::collections::HashSet;

/// The values a resource has under a filter's name.
pub type Values<T> = fn(&Model, &T) -> Vec<String>;

/// One value.
pub fn one(value: impl ToString) -> Vec<String> {
    vec![value.to_string()]
}

/// Any number of values: of a list, or of something that may be absent.
pub fn each<V: ToString>(values: impl IntoIterator<Item = V>) -> Vec<String> {
    values.into_iter().map(|value| value.to_string()).collect()
}

/// The filters of a kind of resource, without those for tags. A documented filter that is missing here matches nothing.
pub struct Attributes<T: 'static>(pub &'static [(&'static str, Values<T>)]);

/// The attribute that a filter compares.
enum Of<T: 'static> {
    Values(Values<T>),
    Tag(String),
    TagKey,
    TagValue,
    /// Something that the platform does not model.
    Nothing,
}

/// The most values of all filters of a request.
const MOST_VALUES: usize = 200;
/// The longest value, in characters.
const LONGEST_VALUE: usize = 255;

fn check_limits(filters: &Filters<ec2::Filter>) -> Result<()> {
    let values: Vec<&String> = filters.iter().flat_map(|filter| filter.values.iter()).collect();
    match values.iter().any(|value| value.chars().count() > LONGEST_VALUE) {
        true => Err(Error::LongFilterValue {}),
        false if values.len() > MOST_VALUES => Err(Error::FilterLimit {}),
        false => Ok(()),
    }
}

/// The filters of a request: any of a filter's values, all of the filters.
pub struct Wanted<T: 'static>(Vec<(Of<T>, Vec<Pattern>)>);

impl<T> Attributes<T> {
    /// Understands the filters of a request.
    pub fn wanted(&self, filters: &Filters<ec2::Filter>) -> Result<Wanted<T>> {
        check_limits(filters)?;
        let one = |filter: &ec2::Filter| {
            let name = filter.name.clone().ok_or_else(|| Error::BadFilter { name: "null".into() })?;
            // EC2 looks at the ids of groups as ids, as it does with no other.
            if name.ends_with("group-id") && filter.values.iter().any(String::is_empty) {
                return Err(Error::Malformed { kind: IdKind::SecurityGroup, id: String::new() });
            }
            let wanted = filter.values.iter().map(|value| Pattern::new(value)).collect();
            Ok((self.attribute(&name, filters.documented)?, wanted))
        };
        filters.iter().map(one).collect::<Result<_>>().map(Wanted)
    }

    fn attribute(&self, name: &str, documented: &[&str]) -> Result<Of<T>> {
        match name {
            "tag-key" => Ok(Of::TagKey),
            "tag-value" => Ok(Of::TagValue),
            _ => match (name.strip_prefix("tag:"), self.0.iter().find(|(known, _)| *known == name)) {
                (Some(key), _) => Ok(Of::Tag(key.to_owned())),
                (None, Some((_, values))) => Ok(Of::Values(*values)),
                (None, None) if documented.contains(&name) => Ok(Of::Nothing),
                (None, None) => Err(Error::BadFilter { name: name.to_owned() }),
            },
        }
    }
}

impl<T> Wanted<T> {
    /// Whether something with these tags passes.
    pub fn pass(&self, model: &Model, row: &T, tags: &Tags) -> bool {
        self.0.iter().all(|(of, wanted)| {
            let has = match of {
                Of::Values(values) => values(model, row),
                Of::Tag(key) => tags.get(key).cloned().into_iter().collect(),
                Of::TagKey => tags.keys().cloned().collect(),
                Of::TagValue => tags.values().cloned().collect(),
                Of::Nothing => Vec::new(),
            };
            has.iter().any(|value| wanted.iter().any(|pattern| pattern.fits(value)))
        })
    }
}

impl<T> Attributes<T> {
    /// A page of parts of a resource that have no tags of their own, sorted by what `place` gives, which is each part's alone.
    pub fn page_of_parts<'m>(
        &self,
        model: &Model,
        parts: impl IntoIterator<Item = &'m T>,
        filters: &Filters<ec2::Filter>,
        page: &Page,
        place: impl Fn(&T) -> String,
    ) -> Result<(Vec<&'m T>, Option<String>)> {
        let (wanted, untagged) = (self.wanted(filters)?, Tags::new());
        let parts = parts.into_iter().filter(|part| wanted.pass(model, part, &untagged));
        let placed: Vec<(String, &T)> = parts.map(|part| (place(part), part)).collect();
        let (placed, next_token) = paged(page, placed, |(place, _)| place)?;
        Ok((placed.into_iter().map(|(_, part)| part).collect(), next_token))
    }

    /// A page of rows that are made for the request, sorted by what `place` gives, which is each row's alone.
    pub fn page_of_rows(
        &self,
        model: &Model,
        mut rows: Vec<T>,
        filters: &Filters<ec2::Filter>,
        page: &Page,
        place: impl Fn(&T) -> &str,
    ) -> Result<(Vec<T>, Option<String>)> {
        let (wanted, untagged) = (self.wanted(filters)?, Tags::new());
        rows.retain(|row| wanted.pass(model, row, &untagged));
        paged(page, rows, place)
    }
}

impl<T: Resource> Attributes<T> {
    /// The rows that the ids and the filters of a request choose, in no order; an id that none of them has is an error.
    pub fn choose<'m>(
        &self,
        model: &Model,
        rows: impl Iterator<Item = &'m T>,
        ids: &[String],
        filters: &Filters<ec2::Filter>,
    ) -> Result<Vec<&'m T>> {
        let wanted = self.wanted(filters)?;
        let named: HashSet<&str> = ids.iter().map(String::as_str).collect();
        let mut rows: Vec<&T> = rows.filter(|row| named.is_empty() || named.contains(row.id())).collect();
        let found: HashSet<&str> = rows.iter().map(|row| row.id()).collect();
        missing_is_error(T::ID, ids.iter().filter(|id| !found.contains(id.as_str())).cloned().collect())?;
        rows.retain(|row| wanted.pass(model, row, row.tags()));
        Ok(rows)
    }

    /// As [`choose`](Self::choose) does, the first made first, for actions without pages.
    pub fn all<'m>(
        &self,
        model: &Model,
        rows: impl Iterator<Item = &'m T>,
        ids: &[String],
        filters: &Filters<ec2::Filter>,
    ) -> Result<Vec<&'m T>> {
        let mut rows = self.choose(model, rows, ids, filters)?;
        rows.sort_by_cached_key(|row| model.place_of_id(row.id()));
        Ok(rows)
    }

    /// A page of what [`choose`](Self::choose) finds, and the token of the next one.
    pub fn page<'m>(
        &self,
        model: &Model,
        rows: impl Iterator<Item = &'m T>,
        ids: &[String],
        filters: &Filters<ec2::Filter>,
        page: &Page,
    ) -> Result<(Vec<&'m T>, Option<String>)> {
        by_age(model, page, self.choose(model, rows, ids, filters)?, |row| row.id())
    }

    /// The reply to an action that lists these rows: a page of those that it asks for, each as `shown` shows it.
    pub fn list<'m, A: Listing>(
        &self,
        model: &Model,
        rows: impl Iterator<Item = &'m T>,
        input: A,
        shown: impl Fn(&'m T) -> A::Item,
    ) -> Result<A::Reply> {
        let Asked { ids, filters, page } = input.asked();
        let (rows, next_token) = self.page(model, rows, &ids, &filters, &page)?;
        Ok(A::listed(rows.into_iter().map(shown).collect(), next_token))
    }
}

impl<T: Lingers> Attributes<T> {
    /// As [`list`](Self::list) does, of the caller's resources and of those that were deleted lately, each with its state.
    pub fn list_lingering<A: Listing>(
        &self,
        cx: View,
        rows: &Collection<T>,
        input: A,
        shown: impl Fn(&T, &str) -> A::Item,
    ) -> Result<A::Reply> {
        let all = rows.of(&cx.caller.scope).chain(cx.model.departed(cx.caller));
        self.list(cx.model, all, input, |row| shown(row, lingering_state(cx.model, row.id())))
    }
}

/// The state of a resource that is still described for a while after its deletion.
pub fn lingering_state(model: &Model, id: &str) -> &'static str {
    if model.departures.get(id).is_some() { "deleted" } else { "available" }
}

/// Refuses a request for ids that nothing has, all of which EC2 tells.
pub fn missing_is_error(kind: IdKind, missing: Vec<String>) -> Result<()> {
    Error::of_missing(kind, missing).map_or(Ok(()), Err)
}

/// One page out of all rows, the first made first.
pub fn by_age<R>(
    model: &Model,
    page: &Page,
    rows: Vec<R>,
    id: impl Fn(&R) -> &str,
) -> Result<(Vec<R>, Option<String>)> {
    paged_by(page, rows, id, |id| model.place_of_id(id))
}

/// One page out of all rows, sorted by what `id` gives.
pub fn paged<R>(page: &Page, rows: Vec<R>, id: impl Fn(&R) -> &str) -> Result<(Vec<R>, Option<String>)> {
    paged_by(page, rows, id, |_| 0)
}

/// One page out of all rows, sorted by the rank of what `id` gives, which is each row's alone: the next page's token is the last one's.
///
/// Who asks for more than the most of a page gets that. Without a size a page has no end.
fn paged_by<R>(
    page: &Page,
    mut rows: Vec<R>,
    id: impl Fn(&R) -> &str,
    rank: impl Fn(&str) -> u64,
) -> Result<(Vec<R>, Option<String>)> {
    let place = |id: &str| (rank(id), id.to_owned());
    let after = match &page.token {
        Some(token) => Some(id_of(token).ok_or_else(|| Error::BadNextToken { token: token.clone() })?),
        None => None,
    };
    let most = size(page)?.unwrap_or(usize::MAX);
    let after = after.as_deref().map(place);
    rows.retain(|row| after.as_ref().is_none_or(|after| place(id(row)) > *after));
    rows.sort_by_cached_key(|row| place(id(row)));
    let more = rows.len() > most;
    rows.truncate(most);
    let next = rows.last().filter(|_| more).map(|row| token_of(id(row)));
    Ok((rows, next))
}

/// The size of a page, if one is asked for.
fn size(page: &Page) -> Result<Option<usize>> {
    let Some(value) = &page.size else { return Ok(None) };
    let (least, most) = page.range;
    match value.parse::<usize>() {
        Ok(size) if size >= least => Ok(Some(size.min(most))),
        _ => Err(Error::BadMaxResults { value: value.clone() }),
    }
}

/// The token of the page after the row with an id.
pub fn token_of(id: &str) -> String {
    HEXLOWER.encode(id.as_bytes())
}

/// The id that a page's token stands for.
fn id_of(token: &str) -> Option<String> {
    String::from_utf8(HEXLOWER_PERMISSIVE.decode(token.as_bytes()).ok()?).ok()
}
