//! Compares a reply with what a scenario expects.
//!
//! An object may have more members than are named; a list has exactly the named items, in any order; `{has: […]}` and
//! `{lacks: […]}` check only some items. Everything else is compared as text; an absent element is an empty text or
//! list.

use serde_json::Value;

/// The first difference, as a sentence with its path.
pub fn difference(expected: &Value, actual: &Value) -> Option<String> {
    differ(expected, actual, "")
}

fn differ(expected: &Value, actual: &Value, path: &str) -> Option<String> {
    let subject = if path.is_empty() { "the reply" } else { path };
    match expected {
        Value::Object(members) if !members.is_empty() && members.keys().all(|key| key == "has" || key == "lacks") => {
            let items = items(actual);
            let has = members.get("has").and_then(Value::as_array).into_iter().flatten();
            let lacks = members.get("lacks").and_then(Value::as_array).into_iter().flatten();
            has.filter(|item| !items.iter().any(|have| matches(item, have)))
                .map(|item| format!("{subject} lacks {item}; it is {actual}"))
                .chain(
                    lacks
                        .filter(|item| items.iter().any(|have| matches(item, have)))
                        .map(|item| format!("{subject} has {item}; it is {actual}")),
                )
                .next()
        }
        Value::Object(members) => members.iter().find_map(|(name, expected)| {
            let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
            differ(expected, actual.get(name).unwrap_or(&Value::Null), &path)
        }),
        Value::Array(expected) => {
            let mut left = items(actual).to_vec();
            if left.len() != expected.len() {
                return Some(format!("{subject} has {} items, not {}: {actual}", left.len(), expected.len()));
            }
            expected.iter().find_map(|item| match left.iter().position(|have| matches(item, have)) {
                Some(index) => {
                    left.swap_remove(index);
                    None
                }
                None => match &left[..] {
                    [only] => differ(item, only, &format!("{subject}[0]")),
                    _ => Some(format!("{subject} has no item like {item}: {actual}")),
                },
            })
        }
        expected => {
            let (expected, have) = (text(expected), text(actual));
            (expected != have).then(|| format!("{subject} is `{have}`, not `{expected}`"))
        }
    }
}

/// Whether a value is as expected.
fn matches(expected: &Value, actual: &Value) -> bool {
    differ(expected, actual, "").is_none()
}

fn items(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn objects_may_have_more_members_and_lists_no_more_items() {
        let actual = json!({"vpcSet": [{"vpcId": "a", "state": "up"}, {"vpcId": "b"}], "return": "true", "none": ""});
        let same = |expected: Value| difference(&expected, &actual);
        assert_eq!(
            same(json!({"vpcSet": [{"vpcId": "b"}, {"vpcId": "a"}], "return": true, "none": [], "nothing": ""})),
            None
        );
        assert_eq!(same(json!({"vpcSet": {"has": [{"vpcId": "b"}], "lacks": [{"vpcId": "c"}]}})), None);
        assert!(same(json!({"vpcSet": [{"vpcId": "a"}]})).unwrap().contains("2 items"));
        assert!(same(json!({"vpcSet": {"lacks": [{"vpcId": "a"}]}})).unwrap().contains("has"));
        assert_eq!(same(json!({"return": false})).unwrap(), "return is `true`, not `false`");
    }
}
