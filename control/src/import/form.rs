//! Builds the parameters of requests from JSON: a description is turned into a request that makes
//! the same.

use model::Tags;
use serde_json::Value as Json;

/// Parameters, by name.
pub type Form = Vec<(String, String)>;

/// Lists whose items have other names in parameters than in replies.
const ITEMS: [(&str, &str); 8] = [
    ("BlockDeviceMappings", "BlockDeviceMapping"),
    ("NetworkInterfaces", "NetworkInterface"),
    ("Groups", "SecurityGroupId"),
    ("LicenseSpecifications", "LicenseSpecification"),
    ("SecurityGroupIds", "SecurityGroupId"),
    ("SecurityGroups", "SecurityGroup"),
    ("TagSpecifications", "TagSpecification"),
    ("Tags", "Tag"),
];

/// A value as parameters of EC2: `Name.Member`, `Name.1` and so on.
pub fn flatten(name: &str, value: &Json) -> Form {
    match value {
        Json::Null => Form::new(),
        Json::Object(members) => {
            let named = |(member, value): (&String, &Json)| {
                let item = ITEMS.iter().find(|(list, _)| list == member && value.is_array());
                let member = item.map_or(member.as_str(), |(_, item)| item);
                flatten(&format!("{name}.{member}"), value)
            };
            members.iter().flat_map(named).collect()
        }
        Json::Array(items) => {
            let items = items.iter().enumerate();
            items.flat_map(|(index, item)| flatten(&format!("{name}.{}", index + 1), item)).collect()
        }
        Json::String(text) => vec![(name.to_owned(), text.clone())],
        plain => vec![(name.to_owned(), plain.to_string())],
    }
}

/// A request as text.
pub fn request(action: &str, form: &[(String, String)]) -> String {
    let encoded =
        |text: &str| percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string();
    let pairs = form.iter().map(|(name, value)| format!("&{}={}", encoded(name), encoded(value)));
    format!("Action={action}{}", pairs.collect::<String>())
}

/// A text, number or boolean in an item.
pub fn text(item: &Json, pointer: &str) -> Option<String> {
    match item.pointer(pointer)? {
        Json::String(text) => Some(text.clone()),
        Json::Number(number) => Some(number.to_string()),
        Json::Bool(is) => Some(is.to_string()),
        _ => None,
    }
}

/// The tags in a list.
pub fn tags(list: &Json) -> Tags {
    let tags = list.as_array().into_iter().flatten();
    tags.filter_map(|tag| Some((text(tag, "/Key")?, text(tag, "/Value").unwrap_or_default()))).collect()
}

/// A list as parameters: `Name.1`, or `Name.1.Member` with the number in the middle.
pub fn listed(item: &Json, list: &str, member: &str, parameter: &str) -> Form {
    let items = item.pointer(list).and_then(Json::as_array).into_iter().flatten();
    // Two lists of the same items get the same numbers.
    let values = items.enumerate().filter_map(|(index, item)| Some((index, text(item, member)?)));
    let named = |number: usize| match parameter.contains("{}") {
        true => parameter.replace("{}", &number.to_string()),
        false => format!("{parameter}.{number}"),
    };
    values.map(|(index, value)| (named(index + 1), value)).collect()
}

/// Members of an item as parameters.
pub fn parameters(item: &Json, names: &[&str]) -> Form {
    names.iter().flat_map(|name| item.get(name).map(|value| spread(name, value)).unwrap_or_default()).collect()
}

/// A value as parameters: `Name.member.1.Member` and so on. Empty values are left out.
fn spread(name: &str, value: &Json) -> Form {
    match value {
        Json::Object(members) => {
            // A launch template is named by its name or its id, not both.
            let is_twice = |member: &str| member == "LaunchTemplateName" && members.contains_key("LaunchTemplateId");
            let members = members.iter().filter(|(member, _)| !is_twice(member));
            members.flat_map(|(member, value)| spread(&format!("{name}.{member}"), value)).collect()
        }
        Json::Array(items) => {
            let items = items.iter().enumerate();
            items.flat_map(|(index, item)| spread(&format!("{name}.member.{}", index + 1), item)).collect()
        }
        plain => {
            text(plain, "").filter(|text| !text.is_empty()).map(|text| (name.to_owned(), text)).into_iter().collect()
        }
    }
}
