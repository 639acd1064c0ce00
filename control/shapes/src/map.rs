//! Maps from strings, which may be absent: replies distinguish an empty map from none. Only services with JSON have them in requests.

use crate::json::{Form, JsonFault, Node};
use crate::{Element, Fault, Member, Result, Source, Value, Xml};
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// A map of the API. Collecting into one makes it present, even if it is empty; [`Map::default`] is absent.
#[derive(Clone, Debug, PartialEq)]
pub struct Map<V>(Option<BTreeMap<String, V>>);

/// The parts of an entry.
const KEY: Member = Member { name: "key", request: "key", reply: "key", keeps_empty: true, ..Member::PLAIN };
const VALUE: Member = Member { name: "value", request: "value", reply: "value", keeps_empty: true, ..Member::PLAIN };

impl<V> Default for Map<V> {
    fn default() -> Self {
        Map(None)
    }
}

impl<V> Map<V> {
    /// The entries if the map is shown.
    pub fn shown(&self) -> Option<&BTreeMap<String, V>> {
        self.0.as_ref()
    }
}

impl<V> FromIterator<(String, V)> for Map<V> {
    fn from_iter<I: IntoIterator<Item = (String, V)>>(entries: I) -> Self {
        Map(Some(entries.into_iter().collect()))
    }
}

/// A key as it stands in the dotted names of parameters, whose parts have no dots.
pub fn escaped(key: &str) -> String {
    key.replace('%', "%25").replace('.', "%2E")
}

/// The key that was escaped.
pub fn unescaped(key: &str) -> String {
    key.replace("%2E", ".").replace("%25", "%")
}

impl<V: Element> Value for Map<V> {
    fn read(&mut self, member: &Member, structure: &mut dyn Source) -> Result<()> {
        let entries = &mut self.0;
        let sent = structure.enter(member.request, &mut |node| {
            for key in node.members() {
                let mut value = V::default();
                node.enter(&key, &mut |node| value.take(&VALUE, node))?;
                entries.get_or_insert_default().insert(unescaped(&key), value);
            }
            Ok(())
        })?;
        if member.required && self.0.is_none() && !(sent && member.keeps_empty) {
            return Err(Fault::Missing { name: structure.name(member.request) });
        }
        Ok(())
    }

    fn write(&self, member: &Member, to: &mut Xml) {
        let Some(entries) = &self.0 else { return };
        let write_entries = |name: &str, to: &mut Xml| {
            for (key, value) in entries {
                to.within(name, |to| {
                    key.write(&KEY, to);
                    value.write(&VALUE, to);
                });
            }
        };
        match member.reply_item {
            "" => write_entries(member.reply, to),
            item => to.within(member.reply, |to| write_entries(item, to)),
        }
    }

    fn json(&self, member: &Member, structure: &Node, form: Form) -> Option<Json> {
        let entry = |node: &Node| {
            let value = node.child(VALUE.reply).map_or(Json::Null, |node| V::node_json(node, form));
            Some((node.child(KEY.reply)?.text.clone(), value))
        };
        if member.reply_item.is_empty() {
            let entries: serde_json::Map<_, _> = structure.children(member.reply).filter_map(entry).collect();
            return (!entries.is_empty()).then_some(Json::Object(entries));
        }
        let map = structure.child(member.reply)?;
        Some(Json::Object(map.children(member.reply_item).filter_map(entry).collect()))
    }

    fn fill(&mut self, json: &Json) -> std::result::Result<(), JsonFault> {
        let entries = json.as_object().ok_or_else(|| JsonFault::of("an object"))?.iter();
        let entry = |(key, json): (&String, &Json)| {
            let mut value = V::default();
            value.fill_from(json).map_err(|fault| fault.within(&format!(".{key}")))?;
            Ok((key.clone(), value))
        };
        *self = entries.map(entry).collect::<std::result::Result<_, JsonFault>>()?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{iam, json_of_xml, of_json, write_members};

    fn result(details: Map<String>) -> iam::EvaluationResult {
        let (eval_action_name, eval_decision) = ("ec2:RunInstances".to_owned(), "allowed".to_owned());
        iam::EvaluationResult { eval_action_name, eval_decision, eval_decision_details: details, ..Default::default() }
    }

    fn xml(result: &iam::EvaluationResult) -> String {
        let mut xml = Xml::default();
        write_members(result, &mut xml);
        xml.into_string()
    }

    #[test]
    fn a_map_is_a_list_of_entries_in_xml_and_an_object_in_json() {
        let details = [("IAM Policy", "allowed"), ("<S3> Policy", "explicitDeny")];
        let all = result(details.map(|(key, value)| (key.to_owned(), value.to_owned())).into_iter().collect());
        let xml = xml(&all);
        let entry = "<entry><key>IAM Policy</key><value>allowed</value></entry></EvalDecisionDetails>";
        assert!(xml.contains("<EvalDecisionDetails><entry><key>&lt;S3&gt; Policy</key>"), "{xml}");
        assert!(xml.contains(entry), "{xml}");
        let json = json_of_xml::<iam::EvaluationResult>(&xml).unwrap();
        let wanted = serde_json::json!({"IAM Policy": "allowed", "<S3> Policy": "explicitDeny"});
        assert_eq!(json["EvalDecisionDetails"], wanted);
        assert_eq!(of_json::<iam::EvaluationResult>(&json).unwrap(), all);
    }

    #[test]
    fn an_empty_map_is_shown_and_an_absent_one_is_not() {
        let empty = xml(&result(Map::from_iter([])));
        assert!(empty.contains("<EvalDecisionDetails/>"), "{empty}");
        assert!(!xml(&result(Map::default())).contains("EvalDecisionDetails"));
    }

    #[test]
    fn a_fault_names_the_entry() {
        let json = serde_json::json!({"EvalDecisionDetails": {"IAM Policy": 7}});
        let fault = of_json::<iam::EvaluationResult>(&json).unwrap_err().to_string();
        assert_eq!(fault, "EvalDecisionDetails.IAM Policy is not a string");
    }

    #[test]
    fn a_key_has_no_dot_in_the_name_of_a_parameter() {
        for key in ["env", "a.b", "100%", "%2E", "%252E.", ""] {
            assert!(!escaped(key).contains('.'));
            assert_eq!(unescaped(&escaped(key)), key);
        }
    }
}
