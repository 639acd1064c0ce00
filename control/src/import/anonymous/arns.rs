//! The parts of ARNs: what AWS puts there, and what users name.

use model::IdKind;
use serde_json::{Map, Value as Json};

/// What ends a part.
pub const ENDS: [char; 2] = [':', '/'];
/// The parts before a resource: `arn:PARTITION:SERVICE:REGION:ACCOUNT:`.
const PLACE: usize = 5;
/// Services whose resources have no type: buckets, topics, queues.
const UNTYPED: [&str; 3] = ["s3", "sns", "sqs"];
/// Parts of a resource that no user names: the kinds of load balancers, an account's root user, and everything.
const OF_AWS: [&str; 5] = ["app", "net", "gwy", "root", "*"];
/// The least length of ids that are digits alone, such as those of load balancers.
const SHORTEST_ID: usize = 16;

/// Whether a text is an ARN.
pub fn is_arn(text: &str) -> bool {
    text.starts_with("arn:")
}

/// The parts of an ARN, each with its end. Expressions of a template, such as `${AWS::Region}`, stay whole.
pub fn parts(arn: &str) -> Vec<&str> {
    let mut is_inside = false;
    let is_end = |letter: char| {
        is_inside = letter == '{' || is_inside && letter != '}';
        !is_inside && ENDS.contains(&letter)
    };
    arn.split_inclusive(is_end).collect()
}

/// What is named in an ARN, the parts before its names, and its names.
pub fn names_in(arn: &str) -> (String, Vec<&str>, String) {
    let parts = parts(arn);
    let word = |index: usize| parts.get(index).map_or("", |part| part.trim_end_matches(ENDS));
    let service = word(2);
    let is_typed = parts.len() > PLACE + 1 && !UNTYPED.contains(&service);
    let kind = word(if is_typed { PLACE } else { 2 });
    let is_plain = !kind.is_empty() && kind.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let kind = if is_plain { kind.to_ascii_lowercase() } else { "name".to_owned() };
    let place = (PLACE + usize::from(is_typed)).min(parts.len());
    let (place, names) = parts.split_at(place);
    (kind, place.to_vec(), names.concat())
}

/// Whether AWS, and no user, named a part of a resource.
pub fn is_of_aws(part: &str) -> bool {
    let is_digit = |byte: u8| byte.is_ascii_hexdigit() || byte == b'-';
    let is_digits = part.len() >= SHORTEST_ID && part.bytes().all(is_digit);
    OF_AWS.contains(&part) || is_digits || IdKind::of(part).is_some()
}

/// The resource or parameter that a part names, if it is nothing but a template's expression: `${NAME}`, `${NAME.ATTRIBUTE}`.
pub fn resource_in(part: &str) -> Option<&str> {
    let (name, rest) = part.strip_prefix("${")?.split_once('}')?;
    rest.is_empty().then(|| name.split_once('.').map_or(name, |(name, _)| name))
}

/// The ARN that a template joins, as the text of `Fn::Sub`.
pub fn joined(members: &Map<String, Json>) -> Option<String> {
    let [delimiter, pieces] = members.get("Fn::Join")?.as_array()?.as_slice() else { return None };
    let pieces: Vec<String> = pieces.as_array()?.iter().map(piece).collect::<Option<_>>()?;
    Some(pieces.join(delimiter.as_str()?)).filter(|text| is_arn(text))
}

fn piece(piece: &Json) -> Option<String> {
    let member = |name: &str| piece.get(name);
    if let Some(name) = member("Ref").and_then(Json::as_str) {
        return Some(format!("${{{name}}}"));
    }
    if let Some(attribute) = member("Fn::GetAtt").and_then(Json::as_array) {
        let names: Vec<&str> = attribute.iter().map(Json::as_str).collect::<Option<_>>()?;
        return Some(format!("${{{}}}", names.join(".")));
    }
    piece.as_str().map(str::to_owned)
}
