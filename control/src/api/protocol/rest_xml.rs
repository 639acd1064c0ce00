//! REST-XML: a method and a path name the action; parameters are in the path, in the query and in the body's document.

use super::super::Params;
use super::ApiError;
use super::{Success, document};
use quick_xml::Reader;
use quick_xml::events::{BytesRef, Event};
use shapes::Route;
use std::collections::BTreeMap;

/// The greatest number of elements: 1,000 changes of record sets, and their parts.
const ELEMENTS: usize = 20_000;
/// The greatest number of levels.
const DEPTH: usize = 12;
/// The greatest length of an element's name in bytes. Each value keeps the names of all elements around it.
const NAME: usize = 64;

/// Why a request cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RestError {
    /// No action has that method and path.
    #[error("The request's method and path name no operation of this service.")]
    NoAction,
    /// The body is not an XML document.
    #[error("The request's body is not well-formed XML: {0}")]
    Malformed(String),
    /// The document exceeds any valid one.
    #[error(
        "The request's document has more than {ELEMENTS} elements or {DEPTH} levels, or a name of more than {NAME} bytes."
    )]
    TooLarge,
    /// The query is invalid.
    #[error(transparent)]
    Query(#[from] model::Error),
}

impl ApiError for RestError {
    fn code(&self) -> &'static str {
        match self {
            RestError::NoAction => "UnknownOperationException",
            _ => "InvalidInput",
        }
    }

    fn status(&self) -> u16 {
        if matches!(self, RestError::NoAction) { 404 } else { 400 }
    }
}

/// The action of a request, and its parameters.
pub fn read(
    routes: &'static [Route],
    (method, path): (&str, &str),
    in_query: Params,
    body: &str,
) -> Result<(&'static str, Params), RestError> {
    let found = routes.iter().filter(|route| route.method == method);
    let mut found = found.filter_map(|route| Some((route.action, bound(route.path, path)?)));
    let (action, in_path) = found.next().ok_or(RestError::NoAction)?;
    let in_body = if body.trim().is_empty() { Vec::new() } else { parameters(body)? };
    Ok((action, in_query.with_document(in_path.into_iter().chain(in_body))?))
}

/// The parameters in a path, if it matches the pattern.
fn bound(pattern: &str, path: &str) -> Option<Vec<(String, String)>> {
    let (pattern, path) = (pattern.trim_end_matches('/').split('/'), path.trim_end_matches('/').split('/'));
    if pattern.clone().count() != path.clone().count() {
        return None;
    }
    let mut all = Vec::new();
    for (wanted, sent) in pattern.zip(path) {
        match wanted.strip_prefix('{').and_then(|wanted| wanted.strip_suffix('}')) {
            Some(name) => {
                let value = percent_encoding::percent_decode_str(sent).decode_utf8().ok()?;
                all.push((name.to_owned(), value.into_owned()));
            }
            None if wanted == sent => {}
            None => return None,
        }
    }
    Some(all)
}

/// An element: its text, or its children.
#[derive(Default)]
struct Element {
    text: String,
    children: Vec<(String, Element)>,
}

/// The values of a document by dotted names. Elements with the same name are numbered.
fn parameters(document: &str) -> Result<Vec<(String, String)>, RestError> {
    let mut reader = Reader::from_str(document);
    reader.config_mut().expand_empty_elements = true;
    let mut left = ELEMENTS;
    let root = loop {
        match reader.read_event().map_err(malformed)? {
            Event::Start(_) => break element(&mut reader, DEPTH, &mut left)?,
            Event::Eof => return Err(RestError::Malformed("the document has no element".into())),
            _ => {}
        }
    };
    let mut all = Vec::new();
    flatten("", root, &mut all);
    Ok(all)
}

fn element(reader: &mut Reader<&[u8]>, depth: usize, left: &mut usize) -> Result<Element, RestError> {
    *left = left.checked_sub(1).filter(|_| depth > 0).ok_or(RestError::TooLarge)?;
    let mut found = Element::default();
    loop {
        match reader.read_event().map_err(malformed)? {
            Event::Start(start) => {
                let name = start.local_name().as_ref().to_owned();
                if name.len() > NAME {
                    return Err(RestError::TooLarge);
                }
                found.children.push((name, element(reader, depth - 1, left)?));
            }
            Event::Text(part) => found.text.push_str(&part),
            Event::CData(part) => found.text.push_str(&part),
            Event::GeneralRef(name) => found.text.push(character(&name)?),
            Event::End(_) => return Ok(found),
            Event::Eof => return Err(RestError::Malformed("the document ends too early".into())),
            _ => {}
        }
    }
}

fn character(name: &BytesRef<'_>) -> Result<char, RestError> {
    if let Some(character) = name.resolve_char_ref().map_err(malformed)? {
        return Ok(character);
    }
    let known = quick_xml::escape::resolve_predefined_entity(name).and_then(|text| text.chars().next());
    known.ok_or_else(|| RestError::Malformed("the document defines an entity".into()))
}

fn malformed(error: impl ToString) -> RestError {
    RestError::Malformed(error.to_string())
}

fn flatten(path: &str, found: Element, all: &mut Vec<(String, String)>) {
    if found.children.is_empty() {
        if !path.is_empty() && !found.text.is_empty() {
            all.push((path.to_owned(), found.text));
        }
        return;
    }
    let mut times: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for (name, _) in &found.children {
        times.entry(name.clone()).or_default().0 += 1;
    }
    for (name, child) in found.children {
        let before = if path.is_empty() { String::new() } else { format!("{path}.") };
        let place = match times.get_mut(&name) {
            Some((several, number)) if *several > 1 => {
                *number += 1;
                format!("{before}{name}.{number}")
            }
            _ => format!("{before}{name}"),
        };
        flatten(&place, child, all);
    }
}

/// The paths below which what was made is found.
const MADE: [(&str, &str); 7] = [
    ("CreateHealthCheck", "healthcheck"),
    ("CreateHostedZone", "hostedzone"),
    ("CreateQueryLoggingConfig", "queryloggingconfig"),
    ("CreateReusableDelegationSet", "delegationset"),
    ("CreateTrafficPolicy", "trafficpolicy"),
    ("CreateTrafficPolicyInstance", "trafficpolicyinstance"),
    ("CreateTrafficPolicyVersion", "trafficpolicy"),
];

/// Where what was made is found.
pub fn location(success: &Success<'_>) -> Option<String> {
    let (_, kind) = MADE.into_iter().find(|(action, _)| *action == success.action)?;
    let (_, behind) = success.members.as_deref()?.split_once("<Id>")?;
    let id = behind.split('<').next()?.rsplit('/').next()?;
    Some(format!("https://route53.amazonaws.com/{}/{kind}/{id}", success.version))
}

/// The document of a success.
pub fn reply(success: &Success<'_>) -> String {
    let root = format!("{}Response", success.action);
    document(&root, Some(success.namespace), &[success.members.as_deref().unwrap_or_default()])
}

#[cfg(test)]
mod tests {
    use super::*;
    use shapes::route53::FACTS;

    fn read_at(method: &str, path: &str, query: &str, body: &str) -> Result<(&'static str, Params), RestError> {
        read(FACTS.routes, (method, path), Params::parse(query)?, body)
    }

    #[test]
    fn method_and_path_tell_the_action() {
        let action = |method, path| read_at(method, path, "", "").map(|(action, _)| action);
        assert_eq!(action("GET", "/2013-04-01/hostedzone"), Ok("ListHostedZones"));
        assert_eq!(action("GET", "/2013-04-01/hostedzone/Z1"), Ok("GetHostedZone"));
        assert_eq!(action("DELETE", "/2013-04-01/hostedzone/Z1"), Ok("DeleteHostedZone"));
        assert_eq!(action("POST", "/2013-04-01/hostedzone/Z1/rrset/"), Ok("ChangeResourceRecordSets"));
        assert_eq!(action("POST", "/2013-04-01/hostedzone/Z1/rrset"), Ok("ChangeResourceRecordSets"));
        assert_eq!(action("PUT", "/2013-04-01/hostedzone/Z1"), Err(RestError::NoAction));
        assert_eq!(action("GET", "/2013-04-01/teapot"), Err(RestError::NoAction));
    }

    #[test]
    fn what_is_made_is_told_where_to_find() {
        let success = |action, members: &str| {
            let members = Some(members.to_owned());
            location(&Success { action, version: "2013-04-01", namespace: "", status: 201, members })
        };
        let zone = success("CreateHostedZone", "<HostedZone><Id>/hostedzone/Z1</Id></HostedZone>");
        assert_eq!(zone.as_deref(), Some("https://route53.amazonaws.com/2013-04-01/hostedzone/Z1"));
        let check = success("CreateHealthCheck", "<HealthCheck><Id>abc</Id></HealthCheck>");
        assert_eq!(check.as_deref(), Some("https://route53.amazonaws.com/2013-04-01/healthcheck/abc"));
        assert_eq!(success("GetHostedZone", "<Id>Z1</Id>"), None);
    }

    #[test]
    fn parameters_come_from_everywhere() {
        let change = |name: &str| {
            format!(
                "<Change><Action>CREATE</Action><ResourceRecordSet><Name>{name}</Name><Type>A</Type></ResourceRecordSet></Change>"
            )
        };
        for names in [&["a.example"][..], &["a.example", "b.example&amp;c"]] {
            let changes: String = names.iter().map(|name| change(name)).collect();
            let body = format!("<R xmlns='x'><ChangeBatch><Changes>{changes}</Changes></ChangeBatch></R>");
            let (_, mut params) = read_at("POST", "/2013-04-01/hostedzone/Z1/rrset/", "", &body).unwrap();
            let read: shapes::route53::ChangeResourceRecordSetsRequest = shapes::decode(&mut params).unwrap();
            assert_eq!(read.hosted_zone_id, "Z1");
            let read: Vec<_> = read.change_batch.changes.iter().map(|c| c.resource_record_set.name.as_str()).collect();
            assert_eq!(read, names.iter().map(|name| name.replace("&amp;", "&")).collect::<Vec<_>>());
            params.left().unwrap();
        }
        let (_, mut params) = read_at("GET", "/2013-04-01/hostedzone/Z1/rrset", "maxitems=3&name=a.b%2A", "").unwrap();
        let read: shapes::route53::ListResourceRecordSetsRequest = shapes::decode(&mut params).unwrap();
        assert_eq!((read.max_items.as_deref(), read.start_record_name.as_deref()), (Some("3"), Some("a.b*")));
    }

    #[test]
    fn what_an_answer_could_not_tell_again_is_refused() {
        for body in ["<R><Comment>a&#1;</Comment></R>", "<R><a\u{1}>b</a\u{1}></R>"] {
            let refused = read_at("POST", "/2013-04-01/hostedzone", "", body).map(|_| ());
            assert!(matches!(refused, Err(RestError::Query(model::Error::BadCharacter { .. }))), "{refused:?}");
        }
    }

    #[test]
    fn invalid_and_oversized_documents_are_refused() {
        let at = "/2013-04-01/hostedzone";
        for body in ["<a>", "<a></b>", "{}", "<a>&lol;</a>"] {
            assert!(matches!(read_at("POST", at, "", body), Err(RestError::Malformed(_))), "{body}");
        }
        let deep = "<a>".repeat(20) + &"</a>".repeat(20);
        let wide = format!("<a>{}</a>", "<b/>".repeat(ELEMENTS));
        let name = "n".repeat(NAME + 1);
        let long = format!("<a><{name}>1</{name}></a>");
        for body in [deep, wide, long] {
            assert_eq!(read_at("POST", at, "", &body).map(|_| ()), Err(RestError::TooLarge));
        }
    }
}
