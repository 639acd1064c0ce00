//! Resources that the files describe more than once, and differently: the last description counts.

use model::IdKind;
use serde_json::{Map, Value as Json};
use std::collections::{BTreeSet, HashMap};

/// Members that differ by who asks, as each end of a connection and each user of a resource sees its own, or by what
/// is asked.
const BY_QUESTION: [&str; 5] = ["Tags", "TagSet", "VpcPeeringConnections", "TransitGatewayAttachments", "Reservations"];

/// The ids of the resources that these documents describe differently.
pub fn differing<'j>(documents: impl Iterator<Item = &'j Json>) -> BTreeSet<&'j str> {
    let mut described: HashMap<&str, &Json> = HashMap::new();
    let mut differing = BTreeSet::new();
    let members = documents.filter_map(Json::as_object).flatten().filter(|(list, _)| !is_by_question(list));
    for (list, items) in members {
        for item in items.as_array().into_iter().flatten() {
            let Some(id) = own_id(list, item) else { continue };
            if described.insert(id, item).is_some_and(|other| differ(other, item)) {
                differing.insert(id);
            }
        }
    }
    differing
}

fn is_by_question(name: &str) -> bool {
    BY_QUESTION.contains(&name)
}

/// The id of a list's item: one of the kind that the list is named after.
fn own_id<'j>(list: &str, item: &'j Json) -> Option<&'j str> {
    let list = list.to_ascii_lowercase();
    let is_named_after = |kind: IdKind| singular(&list).ends_with(singular(&kind.resource_type().replace('-', "")));
    // AWS describes its own prefix lists in each Region anew.
    if item.get("OwnerId").is_some_and(|owner| owner == "AWS") {
        return None;
    }
    let mut ids = item.as_object()?.iter().filter(|(name, _)| name.ends_with("Id")).filter_map(|(_, id)| id.as_str());
    ids.find(|id| IdKind::of(id).is_some_and(is_named_after))
}

fn singular(name: &str) -> &str {
    name.trim_end_matches('s')
}

/// Whether two values contradict each other. Different actions describe different members of a resource.
fn differ(one: &Json, other: &Json) -> bool {
    let contradicts = |one: &Map<String, Json>, other: &Map<String, Json>| {
        let both = one.iter().filter(|(name, _)| !is_by_question(name));
        both.filter_map(|(name, value)| Some((value, other.get(name)?))).any(|(one, other)| differ(one, other))
    };
    match (one, other) {
        (Json::Object(one), Json::Object(other)) => contradicts(one, other),
        _ => one != other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_what_contradicts_an_earlier_description_differs() {
        let vpc =
            |id: &str, block: &str| json!({"VpcId": id, "CidrBlock": block, "Tags": [{"Key": "of", "Value": block}]});
        let group = |name: &str| json!({"GroupId": "sg-1a2b3c4d", "VpcId": "vpc-1a2b3c4d", "GroupName": name});
        let documents = [
            json!({"Vpcs": [vpc("vpc-1a2b3c4d", "10.0.0.0/16"), vpc("vpc-2a2b3c4d", "10.0.0.0/16")]}),
            json!({"Vpcs": [{"VpcId": "vpc-1a2b3c4d", "ClassicLinkEnabled": true, "Tags": []}]}),
            json!({"Vpcs": [vpc("vpc-2a2b3c4d", "10.1.0.0/16"), {"VpcId": "no id"}, 7]}),
            json!({"SecurityGroups": [group("web"), group("db"), group("db")], "Vpcs": 3}),
        ];
        assert_eq!(differing(documents.iter()), BTreeSet::from(["sg-1a2b3c4d", "vpc-2a2b3c4d"]));
        assert_eq!(differing(documents[..2].iter()), BTreeSet::new());
    }
}
