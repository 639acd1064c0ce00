//! The loops of a template: `Fn::ForEach` repeats a fragment for each item of a list.

use super::functions::{MOST, Unknown, Values, parts, plain, size, text};
use serde_json::{Map, Value as Json};

/// The beginning of loops' names. A name of the loop follows.
const LOOP: &str = "Fn::ForEach::";

/// Whether an entry of a template is a loop.
pub fn is_loop(name: &str) -> bool {
    name.starts_with(LOOP)
}

/// A template with all loops unrolled. One that is not understood is left out, for the reason given.
pub fn unrolled(values: &Values<'_>) -> (Json, Vec<(String, Unknown)>) {
    let mut unroller = Unroller { values, bytes: 0, faults: Vec::new() };
    let body = unroller.of(values.body);
    (body, unroller.faults)
}

/// An item of a loop, which takes the place of its name.
struct Item<'i> {
    name: &'i str,
    text: &'i str,
    /// Its places in texts, and what is put there.
    places: [(String, String); 2],
}

impl<'i> Item<'i> {
    /// An item takes the place of `${Name}`, and its letters and digits that of `&{Name}`.
    fn new(name: &'i str, text: &'i str) -> Self {
        let alphanumeric = text.chars().filter(char::is_ascii_alphanumeric).collect();
        let places = [(format!("${{{name}}}"), text.to_owned()), (format!("&{{{name}}}"), alphanumeric)];
        Self { name, text, places }
    }
}

struct Unroller<'v, 't> {
    values: &'v Values<'t>,
    /// How many bytes loops have produced so far. A short template could ask for any amount.
    bytes: usize,
    faults: Vec<(String, Unknown)>,
}

impl Unroller<'_, '_> {
    fn of(&mut self, json: &Json) -> Json {
        match json {
            Json::Array(items) => items.iter().map(|item| self.of(item)).collect(),
            Json::Object(members) => {
                let mut all = Map::new();
                for (name, value) in members {
                    match is_loop(name).then(|| self.repeated(value)) {
                        Some(Ok(made)) => all.extend(made),
                        Some(Err(why)) => self.faults.push((name.clone(), why)),
                        None => _ = all.insert(name.clone(), self.of(value)),
                    }
                }
                Json::Object(all)
            }
            plain => plain.clone(),
        }
    }

    /// The fragment of a loop for each item of its list.
    fn repeated(&mut self, argument: &Json) -> Result<Map<String, Json>, Unknown> {
        let [name, list, fragment] = parts(argument)?;
        let list = self.values.of(list)?;
        let mut all = Map::new();
        for item in list.as_array().ok_or("Fn::ForEach wants a list")? {
            let made = self.with_item(fragment, &Item::new(text(name)?, &plain(item)?))?;
            self.afford(size(&made))?;
            match self.of(&made) {
                Json::Object(made) => all.extend(made),
                _ => return Err("Fn::ForEach wants an object to repeat".into()),
            }
        }
        Ok(all)
    }

    /// A fragment in which an item takes the place of its name, in texts and of a Ref.
    fn with_item(&mut self, fragment: &Json, item: &Item<'_>) -> Result<Json, Unknown> {
        Ok(match fragment {
            Json::String(text) => self.replaced(text, item)?.into(),
            Json::Array(items) => {
                items.iter().map(|inner| self.with_item(inner, item)).collect::<Result<Json, Unknown>>()?
            }
            Json::Object(members) if members.len() == 1 && members.get("Ref").is_some_and(|of| of == item.name) => {
                self.afford(item.text.len())?;
                item.text.into()
            }
            Json::Object(members) => {
                let mut all = Map::new();
                for (key, value) in members {
                    all.insert(self.replaced(key, item)?, self.with_item(value, item)?);
                }
                Json::Object(all)
            }
            plain => plain.clone(),
        })
    }

    /// A text with an item in its places. The copies are counted before they are made.
    fn replaced(&mut self, text: &str, item: &Item<'_>) -> Result<String, Unknown> {
        let mut text = text.to_owned();
        for (place, other) in &item.places {
            self.afford(text.matches(place.as_str()).count().saturating_mul(other.len()))?;
            text = text.replace(place.as_str(), other);
        }
        Ok(text)
    }

    /// Counts bytes that loops produce.
    fn afford(&mut self, bytes: usize) -> Result<(), Unknown> {
        self.bytes = self.bytes.saturating_add(bytes);
        if self.bytes > MOST { Err("its loops give more than 1 MiB".into()) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Template, parse_yaml};
    use super::*;
    use model::Scope;
    use serde_json::json;
    use std::collections::BTreeMap;

    fn of(text: &str) -> (Json, Vec<(String, Unknown)>) {
        let scope = Scope { account: "111122223333".into(), region: "us-east-1".into() };
        let body = parse_yaml(text).unwrap();
        Template { file: "net.yaml".into(), scope, body, parameters: BTreeMap::new() }.ask(unrolled)
    }

    #[test]
    fn a_loop_repeats_its_fragment_for_each_item() {
        let (body, faults) = of("
Parameters: {Zones: {Type: CommaDelimitedList, Default: 'a-1,b'}}
Resources:
  Fn::ForEach::Zones:
    - Zone
    - !Ref Zones
    - Subnet&{Zone}: {Zone: !Ref Zone, Name: !Sub 'net-${Zone}-${AWS::Region}'}
      Fn::ForEach::Sides:
        - Side
        - [In, Out]
        - Table${Side}&{Zone}: {At: !GetAtt 'Subnet&{Zone}.Id'}
");
        assert!(faults.is_empty(), "{faults:?}");
        let subnet = |zone: &str| json!({"Zone": zone, "Name": {"Fn::Sub": format!("net-{zone}-${{AWS::Region}}")}});
        let table = |subnet: &str| json!({"At": {"Fn::GetAtt": [subnet, "Id"]}});
        let wanted = json!({
            "Subneta1": subnet("a-1"), "Subnetb": subnet("b"), "TableIna1": table("Subneta1"), "TableOuta1": table("Subneta1"),
            "TableInb": table("Subnetb"), "TableOutb": table("Subnetb"),
        });
        assert_eq!(body["Resources"], wanted);
    }

    #[test]
    fn a_loop_that_is_not_understood_or_too_large_says_why() {
        let wide = format!("[{}]", vec!["x"; 100].join(","));
        let copied = format!("{{Fn::ForEach::L: [I, [{}], {{V: '{}'}}]}}", "x".repeat(1 << 19), "${I}".repeat(1 << 17));
        let nested = (0..20)
            .fold("{V: 1}".to_owned(), |inner, depth| format!("{{Fn::ForEach::L{depth}: [I, {wide}, {inner}]}}"));
        for (text, wanted) in [
            (nested.as_str(), "more than 1 MiB"),
            (copied.as_str(), "more than 1 MiB"),
            ("{Fn::ForEach::L: [I, [a]]}", "3 arguments"),
            ("{Fn::ForEach::L: [I, a, {V: 1}]}", "a list"),
            ("{Fn::ForEach::L: [I, [a], b]}", "an object"),
            ("{Fn::ForEach::L: [I, !Ref None, {V: 1}]}", "no None"),
        ] {
            let (_, faults) = of(&format!("Resources: {text}"));
            assert!(faults.iter().any(|(_, why)| why.contains(wanted)), "{faults:?}");
        }
    }
}
