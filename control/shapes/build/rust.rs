//! Generates a service's Rust: a struct for each structure with the table of its members, and each action's input and
//! reply.

use crate::facts::{Action, Facts, Kind, Member, Structure};
use crate::shared::{self, Shared};
use crate::treatment::{Exceptions, Treatment};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// The role of a member in the struct.
pub enum Role {
    Plain,
    /// The list of filters of an action.
    Filters,
    /// The page's size, with the token's member.
    Page(String),
    /// The client's token.
    Token,
}

/// The parameters of paging: the size's member and the token's.
const PAGES: [(&str, &str); 6] = [
    ("MaxResults", "NextToken"),
    ("MaxRecords", "NextToken"),
    ("MaxRecords", "Marker"),
    ("MaxItems", "Marker"),
    ("PageSize", "Marker"),
    ("limit", "nextToken"),
];

/// Generates a service's module.
pub fn module(facts: &Facts, treatment: &Treatment) -> String {
    let mut out = facts_constant(facts, treatment);
    let requests: BTreeMap<&str, &Action> =
        facts.actions.values().map(|action| (action.request.as_str(), action)).collect();
    let all_shared = shared::all(facts, treatment);
    for shared in &all_shared {
        write_shared(&mut out, shared);
    }
    for (name, structure) in &facts.structures {
        let shared = all_shared.iter().find(|shared| shared.is_of(name));
        write_structure(&mut out, name, structure, (requests.get(name.as_str()).copied(), shared), treatment);
    }
    let has: Vec<_> = facts.actions.iter().filter(|(name, _)| treatment.actions.contains(*name)).collect();
    for (name, action) in &has {
        let request = &action.request;
        let reply = if action.reply == "-" { "()" } else { &action.reply };
        let dry_run = facts.structures.get(request).is_some_and(|found| found.members.iter().any(is_dry_run));
        let _ = writeln!(
            out,
            "impl Action for {request} {{ const NAME: &'static str = {name:?}; const DRY_RUN: bool = {dry_run}; type Reply = {reply}; }}"
        );
        if treatment.protocol == "ec2" {
            out.extend(listing(action, facts, treatment));
        }
    }
    let replies: BTreeSet<&String> = has.iter().map(|(_, action)| &action.reply).collect();
    out.extend(replies.into_iter().filter_map(|reply| conversion(reply, facts, treatment)));
    out
}

/// The conversion of a value into the reply that has it as its only member, or of a page into the reply that has nothing
/// else. A reply that only says that the action has succeeded is made of nothing.
fn conversion(reply: &str, facts: &Facts, treatment: &Treatment) -> Option<String> {
    let member = match facts.structures.get(reply)?.members.as_slice() {
        [] => {
            return Some(format!(
                "impl From<()> for {0} {{ fn from((): ()) -> Self {{ Self {{}} }} }}\n",
                type_name(reply)
            ));
        }
        [member] => member,
        [one, other] => return page_conversion(reply, one, other).or_else(|| page_conversion(reply, other, one)),
        _ => return None,
    };
    let none = Exceptions::default();
    let is_whole = treatment.of(reply, &none).requires(member) || matches!(member.kind, Kind::List(_) | Kind::Map(_));
    let (from, pattern, value) = match (rust_type(&member.kind), member.name.as_str()) {
        (kind, "Return" | "ReturnValue") if kind == "bool" && !is_whole => ("()".to_owned(), "()", "Some(true)"),
        (kind, _) => (kind, "value", if is_whole { "value" } else { "Some(value)" }),
    };
    let (reply, field) = (type_name(reply), field_name(member, &Role::Plain));
    Some(format!(
        "impl From<{from}> for {reply} {{ fn from({pattern}: {from}) -> Self {{ Self {{ {field}: {value} }} }} }}\n"
    ))
}

/// The conversion of a page into the reply with its list and its token.
fn page_conversion(reply: &str, list: &Member, token: &Member) -> Option<String> {
    let Kind::List(item) = &list.kind else { return None };
    let is_token = !token.required && PAGES.iter().any(|(_, name)| token.name == *name);
    let (reply, item) = (type_name(reply), rust_type(item));
    let (list, token) = (field_name(list, &Role::Plain), field_name(token, &Role::Plain));
    is_token.then(|| {
        format!(
            "impl From<Paged<{item}>> for {reply} {{ fn from(page: Paged<{item}>) -> Self {{ \
             Self {{ {list}: page.items.into(), {token}: page.next }} }} }}\n"
        )
    })
}

/// The implementation of `Listing` for an action that takes no more than ids, filters and a page, and answers with a
/// list.
fn listing(action: &Action, facts: &Facts, treatment: &Treatment) -> Option<String> {
    let none = Exceptions::default();
    let request = facts.structures.get(&action.request)?;
    let mut asked = BTreeMap::new();
    for (member, role) in fields(request, Some(action), treatment.of(&action.request, &none)) {
        let part = match (&role, rust_type(&member.kind).as_str()) {
            (Role::Page(_), _) => "page",
            (Role::Filters, "List<Filter>") => "filters",
            (Role::Plain, "List<String>") => "ids",
            _ => return None,
        };
        if asked.insert(part, format!("self.{}", field_name(member, &role))).is_some() {
            return None;
        }
    }
    let mut part = |name: &str, kind: &str| asked.remove(name).unwrap_or_else(|| format!("{kind}::default()"));
    let (ids, filters, page) = (part("ids", "List"), part("filters", "Filters"), part("page", "Page"));
    let reply = &facts.structures.get(&action.reply)?.members;
    let (token, lists): (Vec<&Member>, Vec<&Member>) = reply.iter().partition(|member| member.name == "NextToken");
    let [list] = lists.as_slice() else { return None };
    let Kind::List(item) = &list.kind else { return None };
    let (pattern, token) = if token.is_empty() { ("_", "") } else { ("next_token", ", next_token") };
    let (list, item) = (field_name(list, &Role::Plain), rust_type(item));
    let Action { request, reply, .. } = action;
    Some(format!(
        "impl Listing for {request} {{\n    type Item = {item};\n    \
         fn asked(self) -> Asked {{ Asked {{ ids: {ids}, filters: {filters}, page: {page} }} }}\n    \
         fn listed(items: List<{item}>, {pattern}: Option<String>) -> {reply} {{ {reply} {{ {list}: items{token} }} }}\n}}\n"
    ))
}

/// The constant `FACTS` of a service.
fn facts_constant(facts: &Facts, treatment: &Treatment) -> String {
    let (has, lacks) = (quoted(&treatment.actions), quoted(&facts.lacks));
    let (signing, version, namespace) = (&facts.signing, &facts.version, &facts.namespace);
    let (routes, in_policies) = (routes(facts), treatment.in_policies.as_ref().unwrap_or(signing));
    format!(
        "/// What is to be known about the service.\npub const FACTS: Facts = Facts {{ signing: {signing:?}, \
         in_policies: {in_policies:?}, version: {version:?}, namespace: {namespace:?}, has: &[{has}], lacks: &[{lacks}], \
         routes: &[{routes}] }};\n"
    )
}

/// The routes of REST-XML: those of the platform's actions, and those of actions that it lacks.
fn routes(facts: &Facts) -> String {
    let route = |method: &str, path: &str, status: &str, name: &str| {
        format!("crate::Route {{ method: {method:?}, path: {path:?}, status: {status}, action: {name:?} }}")
    };
    let of_action = |(name, action): (&String, &Action)| {
        let (method, path, status) = action.http.as_ref()?;
        Some(route(method, path, status, name))
    };
    let lacking = facts.lacks_at.iter().map(|[method, path, name]| route(method, path, "400", name));
    facts.actions.iter().filter_map(of_action).chain(lacking).collect::<Vec<_>>().join(", ")
}

/// Names as string literals with commas between them.
fn quoted<'a>(names: impl IntoIterator<Item = &'a String>) -> String {
    names.into_iter().map(|name| format!("{name:?}")).collect::<Vec<_>>().join(", ")
}

fn is_dry_run(member: &Member) -> bool {
    member.name == "DryRun"
}

/// Whether a member is a list of filters. Some actions filter by tags only.
fn is_filters(member: &Member) -> bool {
    let of_structures = matches!(&member.kind, Kind::List(item) if matches!(**item, Kind::Structure(_)));
    matches!(member.name.as_str(), "Filters" | "Filter") && of_structures
}

/// The members of the struct, each with its role. DryRun is left out, because the caller of the action checks it.
/// Members that requests ignore are kept if replies may have them.
pub fn fields<'a>(
    structure: &'a Structure,
    action: Option<&Action>,
    exceptions: &Exceptions,
) -> Vec<(&'a Member, Role)> {
    let members = &structure.members;
    let has = |name: &str| members.iter().any(|member| member.name == name);
    let page = PAGES.iter().find(|(size, token)| action.is_some() && has(size) && has(token));
    let role = |member: &Member| match (action, page) {
        (Some(_), _) if is_dry_run(member) => None,
        (Some(_), _) if member.name == "ClientToken" => Some(Role::Token),
        (Some(_), _) if is_filters(member) => Some(Role::Filters),
        (_, Some((size, token))) if member.name == *size => Some(Role::Page((*token).to_owned())),
        (_, Some((_, token))) if member.name == *token => None,
        _ => Some(Role::Plain),
    };
    let kept = members.iter().filter(|member| structure.out || !exceptions.skips(&member.name));
    let mut fields: Vec<_> = kept.filter_map(|member| Some((member, role(member)?))).collect();
    fields.sort_by_key(|(_, role)| !matches!(role, Role::Token));
    fields
}

/// Writes the type of settings that inputs share.
fn write_shared(out: &mut String, shared: &Shared) {
    let _ = writeln!(out, "#[derive(Clone, Debug, Default, PartialEq)]\npub struct {} {{", shared.name);
    for (name, field_type) in &shared.fields {
        let _ = writeln!(out, "    pub {name}: {field_type},");
    }
    let _ = writeln!(out, "}}");
}

/// Writes a structure's type, with the table of its members and access to their values.
fn write_structure(
    out: &mut String,
    name: &str,
    structure: &Structure,
    (action, shared): (Option<&Action>, Option<&Shared>),
    treatment: &Treatment,
) {
    let none = Exceptions::default();
    let exceptions = treatment.of(name, &none);
    let (members, type_name) = (&structure.members, type_name(name));
    let fields = fields(structure, action, exceptions);
    let _ = writeln!(out, "#[derive(Clone, Debug, Default, PartialEq)]\npub struct {type_name} {{");
    let is_shared = |member: &Member, role: &Role| shared.is_some_and(|shared| shared.has(member, role, exceptions));
    for (member, role) in fields.iter().filter(|(member, role)| !is_shared(member, role)) {
        let _ = writeln!(out, "    pub {}: {},", field_name(member, role), field_type(member, role, exceptions));
    }
    if let Some(shared) = shared {
        let _ = writeln!(out, "    pub settings: {},", shared.name);
    }
    let _ =
        writeln!(out, "}}\nimpl Shape for {type_name} {{\n    fn members(&self) -> &'static [Member] {{\n        &[");
    for (member, role) in &fields {
        let row = table_row(member, role, members, action, exceptions, &treatment.protocol);
        let _ = writeln!(out, "            {row},");
    }
    let _ = writeln!(out, "        ]\n    }}");
    let path = |(member, role): &(&Member, Role)| match is_shared(member, role) {
        true => format!("settings.{}", field_name(member, role)),
        false => field_name(member, role),
    };
    write_access(out, name, &fields.iter().map(path).collect::<Vec<_>>());
    for (function, names) in [("ignored", &exceptions.ignored), ("refused", &exceptions.refused)] {
        if !names.is_empty() {
            let sent = members.iter().filter(|member| names.contains(&member.name)).map(|member| &member.request);
            let _ = writeln!(out, "    fn {function}(&self) -> &'static [&'static str] {{ &[{}] }}", quoted(sent));
        }
    }
    let _ = writeln!(out, "}}");
}

/// Writes the functions that give a field by its index in the table.
fn write_access(out: &mut String, name: &str, fields: &[String]) {
    let signatures = [
        ("value(&self, index: usize) -> &dyn Value", "&"),
        ("value_mut(&mut self, index: usize) -> &mut dyn Value", "&mut "),
    ];
    for (signature, borrow) in signatures {
        let outside = format!("unreachable!(\"{name} has {} members, not {{index}}\")", fields.len());
        let value = |(index, field): (usize, &String)| format!("            {index} => {borrow}self.{field},\n");
        let values: String = fields.iter().enumerate().map(value).collect();
        let body = match values.is_empty() {
            true => outside,
            false => format!("match index {{\n{values}            _ => {outside},\n        }}"),
        };
        let _ = writeln!(out, "    fn {signature} {{\n        {body}\n    }}");
    }
}

pub fn field_name(member: &Member, role: &Role) -> String {
    match role {
        Role::Page(_) => "page".to_owned(),
        _ => snake_case(&member.name),
    }
}

pub fn field_type(member: &Member, role: &Role, exceptions: &Exceptions) -> String {
    match (role, &member.kind) {
        (Role::Filters, Kind::List(item)) => format!("Filters<{}>", rust_type(item)),
        (Role::Page(_), _) => "Page".to_owned(),
        (Role::Token, _) => "Token".to_owned(),
        (_, kind @ (Kind::List(_) | Kind::Map(_))) => rust_type(kind),
        (_, kind) if exceptions.requires(member) => rust_type(kind),
        (_, kind) => format!("Option<{}>", rust_type(kind)),
    }
}

/// A structure's type name, changed if it would hide a type of the prelude.
fn type_name(name: &str) -> &str {
    if name == "Option" { "OptionInGroup" } else { name }
}

fn rust_type(kind: &Kind) -> String {
    match kind {
        Kind::List(item) => format!("List<{}>", rust_type(item)),
        Kind::Map(value) => format!("Map<{}>", rust_type(value)),
        Kind::Structure(name) => type_name(name).to_owned(),
        Kind::Scalar(scalar, _) => match scalar.as_str() {
            "boolean" => "bool",
            "integer" => "i32",
            "long" => "i64",
            "double" => "f64",
            "timestamp" => "Time",
            // A blob stays base64, as it is sent.
            _ => "String",
        }
        .to_owned(),
    }
}

/// The id's shape or the range after a type's colon.
fn detail<'a>(kind: &'a Kind, scalar: &str) -> &'a str {
    match kind {
        Kind::Scalar(name, detail) if name == scalar => detail,
        Kind::List(item) => detail(item, scalar),
        _ => "",
    }
}

/// The row of the table of members.
fn table_row(
    member: &Member,
    role: &Role,
    members: &[Member],
    action: Option<&Action>,
    exceptions: &Exceptions,
    protocol: &str,
) -> String {
    let usual = match &member.kind {
        Kind::List(_) if protocol == "ec2" => Some(("", "item")),
        Kind::List(_) => Some(("member", "member")),
        Kind::Map(_) => Some(("entry", "entry")),
        _ => None,
    };
    let mut row =
        format!("Member {{ name: {:?}, request: {:?}, reply: {:?}", member.name, member.request, member.reply);
    if let Some(usual) = usual {
        let request = member.request_item.as_deref().unwrap_or(usual.0);
        let reply = member.reply_item.as_deref().unwrap_or(usual.1);
        let _ = write!(row, ", request_item: {request:?}, reply_item: {reply:?}");
        if exceptions.requires(member) {
            row.push_str(", required: true");
        }
    }
    let id = detail(&member.kind, "id");
    if !id.is_empty() && !exceptions.unchecked.contains(&member.name) {
        let _ = write!(row, ", id: {id:?}");
    }
    if exceptions.empty.contains(&member.name) {
        row.push_str(", keeps_empty: true");
    }
    match role {
        Role::Filters => {
            let names: Vec<String> = action.iter().flat_map(|a| &a.filters).map(|name| format!("{name:?}")).collect();
            let _ = write!(row, ", filters: &[{}]", names.join(", "));
        }
        Role::Page(token) => {
            let token = members.iter().find(|member| member.name == *token).map_or(token, |member| &member.request);
            let _ = write!(row, ", request_item: {token:?}");
            // EC2's documentation gives one range for all actions whose model has none.
            let documented = detail(&member.kind, "integer");
            let range = if documented.is_empty() && protocol == "ec2" { "5..1000" } else { documented };
            if let Some((least, most)) = range.split_once("..") {
                let _ = write!(row, ", range: ({least}, {most})");
            }
        }
        Role::Plain | Role::Token => {}
    }
    row + ", ..Member::PLAIN }"
}

/// `Ipv6CidrBlock` → `ipv6_cidr_block`, `DBInstance` → `db_instance`. Rust's keywords are escaped.
fn snake_case(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    let mut out = String::new();
    for (i, letter) in letters.iter().enumerate() {
        let after_small = i > 0 && !letters[i - 1].is_ascii_uppercase();
        let before_small = i > 0 && letters.get(i + 1).is_some_and(char::is_ascii_lowercase);
        if letter.is_ascii_uppercase() && (after_small || before_small) {
            out.push('_');
        }
        out.push(letter.to_ascii_lowercase());
    }
    match out.as_str() {
        "type" | "return" | "use" | "match" | "ref" | "move" | "virtual" | "where" | "in" => format!("r#{out}"),
        _ => out,
    }
}
