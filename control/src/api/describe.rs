//! What every Describe… action does: ids, filters, pages.

use super::params::Params;
use super::xml::Node;
use crate::model::{Error, Model, Resource, Result, Tags};

/// The values a resource has under a filter's name.
pub type Values<T> = fn(&Model, &T) -> Vec<String>;

/// How a kind of resource is listed.
pub struct Listing<T: 'static> {
    /// The parameter that lists ids.
    pub ids: &'static str,
    /// The element that holds the items.
    pub set: &'static str,
    /// The filters, besides those for tags.
    pub filters: &'static [(&'static str, Values<T>)],
    /// One item.
    pub item: fn(&Model, &T) -> Node,
}

impl<T: Resource> Listing<T> {
    /// Answers with the caller's resources.
    pub fn answer(&self, model: &Model, params: Params, all: &[&T]) -> Result<Node> {
        self.answer_where(model, params, all, |_| true)
    }

    /// The same, of those only that `wanted` holds for (which unknown ids are not excused by).
    pub fn answer_where(
        &self,
        model: &Model,
        mut params: Params,
        all: &[&T],
        wanted: impl Fn(&T) -> bool,
    ) -> Result<Node> {
        let page = Page::take(&mut params)?;
        let rows = self.choose(model, params, all)?.into_iter().filter(|row| wanted(row)).collect();
        Ok(self.render(model, rows, page))
    }

    /// One page of these rows.
    pub fn render(&self, model: &Model, rows: Vec<&T>, page: Page) -> Node {
        page.cut(rows, |row: &&T| row.id()).render(self.set, |row| (self.item)(model, row))
    }

    /// The resources that the ids and filters of a request choose.
    pub fn choose<'m>(&self, model: &Model, mut params: Params, all: &[&'m T]) -> Result<Vec<&'m T>> {
        let ids = params.ids(self.ids, T::ID)?;
        let filters = Filters::take(&mut params, self.filters)?;
        params.finish()?;
        for id in &ids {
            if !all.iter().any(|row| row.id() == id) {
                return Err(Error::NotFound { kind: T::ID, id: id.clone() });
            }
        }
        let named = |row: &T| ids.is_empty() || ids.iter().any(|id| id == row.id());
        Ok(all.iter().copied().filter(|row| named(row) && filters.pass(model, row, row.tags())).collect())
    }
}

/// `Filter.N.Name`, `Filter.N.Value.M`: any of a filter's values, all of the filters.
pub struct Filters<T: 'static> {
    wanted: Vec<(Of<T>, Vec<String>)>,
}

/// What a filter looks at.
enum Of<T: 'static> {
    Values(Values<T>),
    Tag(String),
    TagKey,
    TagValue,
}

impl<T> Filters<T> {
    /// Takes the filters of a request; a name that is not known is an error.
    pub fn take(params: &mut Params, known: &'static [(&'static str, Values<T>)]) -> Result<Filters<T>> {
        let wanted = params.structs("Filter", |filter| {
            let name = filter.required("Name")?;
            let values = filter.list("Value")?;
            let of = match name.as_str() {
                "tag-key" => Of::TagKey,
                "tag-value" => Of::TagValue,
                name => match (name.strip_prefix("tag:"), known.iter().find(|(known, _)| *known == name)) {
                    (Some(key), _) => Of::Tag(key.to_owned()),
                    (None, Some((_, values))) => Of::Values(*values),
                    (None, None) => return Err(Error::BadFilter { name: name.to_owned() }),
                },
            };
            Ok((of, values))
        })?;
        Ok(Filters { wanted })
    }

    /// Whether something with these tags passes.
    pub fn pass(&self, model: &Model, row: &T, tags: &Tags) -> bool {
        self.wanted.iter().all(|(of, wanted)| {
            let has = match of {
                Of::Values(values) => values(model, row),
                Of::Tag(key) => tags.get(key).cloned().into_iter().collect(),
                Of::TagKey => tags.keys().cloned().collect(),
                Of::TagValue => tags.values().cloned().collect(),
            };
            has.iter().any(|value| wanted.iter().any(|pattern| matches(pattern, value)))
        })
    }
}

/// Whether a text fits a pattern: `*` is any text, `?` any character, `\` takes the next character as it is.
pub fn matches(pattern: &str, text: &str) -> bool {
    let pattern: Vec<char> = pattern.chars().collect();
    let text: Vec<char> = text.chars().collect();
    // The last `*` seen: where it stands, and how much text it has swallowed so far.
    let (mut p, mut t, mut star) = (0, 0, None);
    while t < text.len() {
        let (literal, width) = match pattern.get(p) {
            Some('*') => {
                star = Some((p + 1, t));
                p += 1;
                continue;
            }
            Some('?') => (Some(text[t]), 1),
            Some('\\') if p + 1 < pattern.len() => (Some(pattern[p + 1]), 2),
            other => (other.copied(), 1),
        };
        if literal == Some(text[t]) {
            (p, t) = (p + width, t + 1);
        } else if let Some((after, swallowed)) = star {
            star = Some((after, swallowed + 1));
            (p, t) = (after, swallowed + 1);
        } else {
            return false;
        }
    }
    pattern[p..].iter().all(|c| *c == '*')
}

/// `MaxResults` and `NextToken`: the token is the last id of the page before.
pub struct Page {
    most: Option<usize>,
    after: Option<String>,
}

/// One page of items.
pub struct Cut<R> {
    rows: Vec<R>,
    next: Option<String>,
}

impl Page {
    /// The most items a page holds; who asks for more gets these.
    const MOST: usize = 1000;
    /// The fewest items a request may ask for (semantics.md §1.3).
    const LEAST: usize = 5;

    /// Takes the two parameters.
    pub fn take(params: &mut Params) -> Result<Page> {
        let most = match params.text("MaxResults") {
            Some(value) => match value.parse::<usize>() {
                Ok(most) if most >= Page::LEAST => Some(most.min(Page::MOST)),
                _ => return Err(Error::BadMaxResults { value }),
            },
            None => None,
        };
        let after = match params.text("NextToken") {
            Some(token) => Some(unhex(&token).ok_or(Error::BadNextToken { token })?),
            None => None,
        };
        Ok(Page { most, after })
    }

    /// The page out of all rows, which are sorted by id.
    pub fn cut<R>(self, rows: Vec<R>, id: impl Fn(&R) -> &str) -> Cut<R> {
        let after = self.after.as_deref();
        let mut rows: Vec<R> = rows.into_iter().filter(|row| after.is_none_or(|after| id(row) > after)).collect();
        let most = self.most.unwrap_or(usize::MAX);
        let more = rows.len() > most;
        rows.truncate(most);
        let next = rows.last().filter(|_| more).map(|row| hex(id(row)));
        Cut { rows, next }
    }
}

impl<R> Cut<R> {
    /// As a reply's content.
    pub fn render(self, set: &'static str, item: impl Fn(R) -> Node) -> Node {
        Node::new().set(set, self.rows.into_iter().map(item)).opt("nextToken", self.next)
    }
}

fn hex(text: &str) -> String {
    text.bytes().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(token: &str) -> Option<String> {
    let digits: Option<Vec<u8>> = token.chars().map(|c| c.to_digit(16).and_then(|d| u8::try_from(d).ok())).collect();
    let digits = digits.filter(|digits| digits.len() % 2 == 0)?;
    String::from_utf8(digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect()).ok()
}
