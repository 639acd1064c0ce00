//! Reads a file of `facts/`, which has one fact a line. `scripts/api-facts` writes these files.

use std::collections::BTreeMap;

/// The facts of a service.
#[derive(Default)]
pub struct Facts {
    /// The service's name in signatures.
    pub signing: String,
    /// The version of its API.
    pub version: String,
    /// The XML namespace of its documents.
    pub namespace: String,
    /// The actions that the platform lacks.
    pub lacks: Vec<String>,
    /// The method, the path and the name of each of them in REST-XML.
    pub lacks_at: Vec<[String; 3]>,
    /// The actions by name.
    pub actions: BTreeMap<String, Action>,
    /// The structures by name.
    pub structures: BTreeMap<String, Structure>,
}

/// An action.
#[derive(Default)]
pub struct Action {
    /// The structure of the input. `-` is none.
    pub request: String,
    /// The structure of the reply. `-` is none.
    pub reply: String,
    /// The names of the filters.
    pub filters: Vec<String>,
    /// The method, the path and the status in REST-XML.
    pub http: Option<(String, String, String)>,
}

/// A structure.
#[derive(Clone, Default)]
pub struct Structure {
    /// Whether replies contain the structure.
    pub out: bool,
    /// The members in the order of the model.
    pub members: Vec<Member>,
}

/// A member of a structure.
#[derive(Clone)]
pub struct Member {
    /// The name in AWS's model.
    pub name: String,
    /// The type.
    pub kind: Kind,
    /// Whether requests must have the member.
    pub required: bool,
    /// The name in requests.
    pub request: String,
    /// The name in replies.
    pub reply: String,
    /// The name of a list's items in requests, if it is not the usual one.
    pub request_item: Option<String>,
    /// The name of a list's items in replies, if it is not the usual one.
    pub reply_item: Option<String>,
}

/// A type.
#[derive(Clone)]
pub enum Kind {
    /// `string`, `boolean`, `integer`, … with the detail after a colon: an id's shape, or a range.
    Scalar(String, String),
    /// A structure by name.
    Structure(String),
    /// A list of this type.
    List(Box<Kind>),
    /// A map from strings to this type.
    Map(Box<Kind>),
}

const SCALARS: [&str; 8] = ["string", "boolean", "integer", "long", "double", "timestamp", "blob", "id"];

/// Parses a type: `string`, `[Vpc]`, `{string}`.
fn kind(word: &str) -> Result<Kind, String> {
    if let Some(item) = word.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        return Ok(Kind::List(Box::new(kind(item)?)));
    }
    if let Some(value) = word.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
        return Ok(Kind::Map(Box::new(kind(value)?)));
    }
    let (name, more) = word.split_once(':').unwrap_or((word, ""));
    if SCALARS.contains(&name) {
        Ok(Kind::Scalar(name.into(), more.into()))
    } else if name.starts_with(|c: char| c.is_ascii_uppercase()) {
        Ok(Kind::Structure(name.into()))
    } else {
        Err(format!("no type is called {name}"))
    }
}

/// Parses a member: its name, its type with `!` if it is required, and its names on the wire.
fn member(words: &[&str]) -> Result<Member, String> {
    let [name, kind_word, rest @ ..] = words else { return Err("a member has a name and a type".into()) };
    let named = |end: &str| rest.iter().find_map(|word| word.strip_prefix(end)?.strip_prefix('=')).map(str::to_owned);
    let item = |end: &str| named(end).map(|name| if name == "-" { String::new() } else { name });
    Ok(Member {
        name: (*name).to_owned(),
        kind: kind(kind_word.trim_end_matches('!'))?,
        required: kind_word.ends_with('!'),
        request: named("in").unwrap_or_else(|| (*name).to_owned()),
        reply: named("out").unwrap_or_else(|| (*name).to_owned()),
        request_item: item("in-item"),
        reply_item: item("out-item"),
    })
}

/// Reads a file.
///
/// # Errors
/// A message with the word or the line that is none of the format.
pub fn parse(text: &str) -> Result<Facts, String> {
    let mut facts = Facts::default();
    let (mut action, mut structure) = (String::new(), String::new());
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let owned = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        match (line.starts_with(' '), words.as_slice()) {
            (false, ["service", signing, version, namespace]) => {
                (facts.signing, facts.version) = ((*signing).into(), (*version).into());
                facts.namespace = (*namespace).into();
            }
            (false, ["lacks", names @ ..]) => facts.lacks.extend(owned(names)),
            (false, ["lacks-at", method, path, name]) => {
                facts.lacks_at.push([method, path, name].map(|word| (*word).to_owned()));
            }
            (false, ["action", name, request, reply]) => {
                action = (*name).to_owned();
                let (request, reply) = ((*request).to_owned(), (*reply).to_owned());
                facts.actions.insert(action.clone(), Action { request, reply, filters: Vec::new(), http: None });
            }
            (true, ["filters", names @ ..]) => {
                let action = facts.actions.get_mut(&action).ok_or("filters belong to an action")?;
                action.filters.extend(owned(names));
            }
            (true, ["http", method, path, status]) => {
                let action = facts.actions.get_mut(&action).ok_or("a method and a path belong to an action")?;
                action.http = Some(((*method).into(), (*path).into(), (*status).into()));
            }
            (false, ["structure", name, ends @ ..]) => {
                structure = (*name).to_owned();
                let out = ends.contains(&"out");
                facts.structures.insert(structure.clone(), Structure { out, members: Vec::new() });
            }
            (true, words) => {
                let structure = facts.structures.get_mut(&structure).ok_or("members belong to a structure")?;
                structure.members.push(member(words)?);
            }
            _ => return Err(format!("not understood: {line}")),
        }
    }
    facts.own_requests();
    Ok(facts)
}

impl Facts {
    /// Gives actions without an input, or with a shared one, a structure of their own, because the input's type
    /// identifies the action.
    fn own_requests(&mut self) {
        let requests: Vec<String> = self.actions.values().map(|action| action.request.clone()).collect();
        for (name, action) in &mut self.actions {
            let takers = requests.iter().filter(|request| **request == action.request).count();
            if action.request == "-" || takers > 1 {
                let same = self.structures.get(&action.request).cloned().unwrap_or_default();
                action.request = format!("{name}Request");
                self.structures.insert(action.request.clone(), same);
            }
        }
    }
}
