//! The functions of a template: Ref, GetAtt, Sub, Join, Select, Split, Cidr, FindInMap, ImportValue, GetAZs, If and so
//! on.

use crate::explain::shell_word;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use ipnet::IpNet;
use model::{Region, Scope};
use serde_json::{Map, Value as Json};
use std::cell::Cell;
use std::collections::BTreeMap;

/// How many bytes the functions of one resource or condition may produce in all, and the loops of a template: as many
/// as a whole template may have at AWS.
pub const MOST: usize = 1 << 20;
/// The beginning of a dynamic reference.
const REFERENCE: &str = "{{resolve:";
/// The UUID of every stack.
const NIL: &str = "00000000-0000-0000-0000-000000000000";

/// Why a value is unknown, in a sentence.
pub type Unknown = String;
/// The attribute of a resource that was made, by resource and attribute.
pub type Attribute<'t> = dyn Fn(&str, &str) -> Result<Json, Unknown> + 't;
/// The values that templates export, or why they are unknown, by account, Region and name.
pub type Exports = BTreeMap<(Scope, String), Result<Json, Unknown>>;

/// Whether each condition holds, or why that is unknown.
pub type Conditions = BTreeMap<String, Result<bool, Unknown>>;

/// The values to which functions refer.
pub struct Values<'t> {
    /// The template.
    pub body: &'t Json,
    /// The given parameters.
    pub given: &'t BTreeMap<String, String>,
    /// The account and the Region.
    pub scope: &'t Scope,
    /// The name of the stack.
    pub stack: &'t str,
    /// The Region's zones.
    pub zones: &'t [String],
    /// The values of Ref, by resource.
    pub references: &'t BTreeMap<String, String>,
    /// The values of GetAtt.
    pub attribute: &'t Attribute<'t>,
    /// The values of ImportValue.
    pub exports: &'t Exports,
    /// The conditions that are known.
    pub conditions: &'t Conditions,
    /// How many bytes functions have produced so far.
    pub given_out: Cell<usize>,
}

impl<'t> Values<'t> {
    /// The values for another resource or condition, with the conditions known now.
    pub fn by<'s>(&'s self, conditions: &'s Conditions) -> Values<'s>
    where
        't: 's,
    {
        Values { conditions, given_out: Cell::default(), ..*self }
    }
}

impl Values<'_> {
    /// A value with all functions evaluated.
    ///
    /// # Errors
    /// Why it is unknown.
    pub fn of(&self, json: &Json) -> Result<Json, Unknown> {
        match json {
            Json::Array(items) => {
                let items = items.iter().map(|item| self.of(item)).collect::<Result<Vec<_>, _>>()?;
                Ok(Json::Array(items.into_iter().filter(|item| !item.is_null()).collect()))
            }
            Json::Object(members) => match members.iter().next() {
                Some((name, argument)) if is_function(members) => {
                    let value = self.resolved(self.function(name, argument)?)?;
                    let bytes = size(&value);
                    self.afford(bytes)?;
                    self.given_out.set(self.given_out.get() + bytes);
                    Ok(value)
                }
                _ => self.object(members),
            },
            plain => self.resolved(plain.clone()),
        }
    }

    /// A value with its dynamic references replaced, which name what another service stores.
    fn resolved(&self, value: Json) -> Result<Json, Unknown> {
        let Some(mut rest) = value.as_str().filter(|text| text.contains(REFERENCE)) else { return Ok(value) };
        let mut out = String::new();
        while let Some((before, after)) = rest.split_once(REFERENCE)
            && let Some((reference, after)) = after.split_once("}}")
        {
            let stored = self.stored(reference)?;
            self.afford(out.len() + before.len() + stored.len())?;
            out = out + before + stored;
            rest = after;
        }
        self.given_out.set(self.given_out.get() + out.len());
        Ok((out + rest).into())
    }

    /// What another service stores. The user can give parameters of Systems Manager.
    fn stored(&self, reference: &str) -> Result<&str, Unknown> {
        let parameter = reference.strip_prefix("ssm:").and_then(|name| name.split(':').next());
        let given = parameter.and_then(|name| self.given.get(name)).map(String::as_str);
        let how = || parameter.map(|name| format!(": give --parameter {}=VALUE", shell_word(name)));
        given.ok_or_else(|| {
            format!("the value of {REFERENCE}{reference}}}}} is not in the files{}", how().unwrap_or_default())
        })
    }

    /// Counts bytes that functions produce. A short template could ask for any amount.
    fn afford(&self, bytes: usize) -> Result<(), Unknown> {
        let all = self.given_out.get().saturating_add(bytes);
        if all > MOST { Err("its functions give more than 1 MiB".into()) } else { Ok(()) }
    }

    fn object(&self, members: &Map<String, Json>) -> Result<Json, Unknown> {
        let mut all = Map::new();
        for (name, value) in members {
            // AWS::NoValue removes a property.
            let value = self.of(value)?;
            if !value.is_null() {
                all.insert(name.clone(), value);
            }
        }
        Ok(Json::Object(all))
    }

    fn function(&self, name: &str, argument: &Json) -> Result<Json, Unknown> {
        match name {
            "Ref" => self.reference(text(argument)?),
            "Fn::GetAtt" => self.get_att(argument),
            "Fn::Sub" => self.sub(argument).map(Json::String),
            "Fn::If" => {
                let [condition, yes, no] = parts(argument)?;
                self.of(if self.condition(text(condition)?)? { yes } else { no })
            }
            "Fn::FindInMap" => self.find_in_map(argument),
            "Fn::GetAZs" => self.zones_of(self.of(argument)?.as_str().unwrap_or_default()),
            "Fn::ToJsonString" => Ok(self.of(argument)?.to_string().into()),
            "Fn::Base64" => Ok(BASE64_STANDARD.encode(plain(&self.of(argument)?)?).into()),
            _ => self.of_values(name, &self.of(argument)?),
        }
    }

    /// Functions whose arguments may be functions.
    fn of_values(&self, name: &str, argument: &Json) -> Result<Json, Unknown> {
        match name {
            "Fn::Join" => {
                let [separator, items] = parts(argument)?;
                let items = items
                    .as_array()
                    .ok_or("Fn::Join wants a list")?
                    .iter()
                    .map(plain)
                    .collect::<Result<Vec<_>, _>>()?;
                let separator = text(separator)?;
                let separators = separator.len().saturating_mul(items.len());
                self.afford(separators.saturating_add(items.iter().map(String::len).sum()))?;
                Ok(items.join(separator).into())
            }
            "Fn::Split" => {
                let [separator, whole] = parts(argument)?;
                Ok(text(whole)?.split(text(separator)?).collect::<Vec<_>>().into())
            }
            "Fn::Select" => {
                let [index, items] = parts(argument)?;
                let index: usize = plain(index)?.parse().map_err(|_| "Fn::Select wants a number".to_owned())?;
                items.get(index).cloned().ok_or_else(|| format!("Fn::Select finds no item {index}"))
            }
            "Fn::Cidr" => cidr(argument),
            "Fn::ImportValue" => self.imported(&plain(argument)?),
            "Fn::Length" => Ok(argument.as_array().ok_or("Fn::Length wants a list")?.len().into()),
            other => Err(format!("{other} is not known here")),
        }
    }

    fn reference(&self, name: &str) -> Result<Json, Unknown> {
        match name {
            "AWS::Region" => return Ok(self.scope.region.as_str().into()),
            "AWS::AccountId" => return Ok(self.scope.account.as_str().into()),
            "AWS::StackName" => return Ok(self.stack.into()),
            "AWS::StackId" => return Ok(self.stack_id().into()),
            "AWS::Partition" => return Ok(self.scope.partition().into()),
            "AWS::URLSuffix" => return Ok(self.domain().into()),
            "AWS::NotificationARNs" => return Ok(Json::Array(Vec::new())),
            "AWS::NoValue" => return Ok(Json::Null),
            _ => {}
        }
        if let Some(id) = self.references.get(name) {
            return Ok(id.as_str().into());
        }
        let Some(parameter) = self.body.get("Parameters").and_then(|all| all.get(name)) else {
            return Err(self.missing(name));
        };
        self.parameter(name, parameter)
    }

    /// The zones of a Region, by default of the template's own.
    fn zones_of(&self, region: &str) -> Result<Json, Unknown> {
        if region.is_empty() || region == self.scope.region {
            return Ok(self.zones.to_vec().into());
        }
        let region = Region::named(region).ok_or_else(|| format!("there is no Region {region}"))?;
        Ok(region.zones().map(|(zone, _)| zone).collect())
    }

    /// Why a resource has no value.
    pub fn missing(&self, name: &str) -> Unknown {
        let is_there = self.body.get("Resources").is_some_and(|all| all.get(name).is_some());
        if is_there { format!("{name} is left out") } else { format!("the template has no {name}") }
    }

    fn domain(&self) -> &'static str {
        Region::named(&self.scope.region).map_or("amazonaws.com", Region::domain)
    }

    /// The ARN of the stack. There is one stack of a name, so its UUID says nothing.
    fn stack_id(&self) -> String {
        let Scope { account, region } = self.scope;
        let (partition, name) = (self.scope.partition(), self.stack);
        format!("arn:{partition}:cloudformation:{region}:{account}:stack/{name}/{NIL}")
    }

    /// A value that another template exports.
    fn imported(&self, name: &str) -> Result<Json, Unknown> {
        let exported = self.exports.get(&(self.scope.clone(), name.to_owned()));
        let exported = exported.ok_or_else(|| format!("no template of the files exports {name}"))?;
        exported.clone().map_err(|why| format!("the export {name} is unknown: {why}"))
    }

    fn get_att(&self, argument: &Json) -> Result<Json, Unknown> {
        let (resource, attribute) = match argument {
            Json::String(text) => text.split_once('.').ok_or("Fn::GetAtt wants a resource and an attribute")?,
            list => {
                let [resource, attribute] = parts(list)?;
                (text(resource)?, text(attribute)?)
            }
        };
        (self.attribute)(resource, attribute)
    }

    /// Substitutes `${Name}` and `${Resource.Attribute}`; `${!Name}` stays as `${Name}`.
    fn sub(&self, argument: &Json) -> Result<String, Unknown> {
        let (whole, own) = match argument {
            Json::Array(_) => {
                let [whole, own] = parts(argument)?;
                (text(whole)?, self.of(own)?)
            }
            whole => (text(whole)?, Json::Null),
        };
        let mut out = String::new();
        let mut rest = whole;
        while let Some((before, after)) = rest.split_once("${") {
            let (name, after) = after.split_once('}').ok_or("Fn::Sub has a `${` without its `}`")?;
            out.push_str(before);
            let part = match (name.strip_prefix('!'), own.get(name), name.split_once('.')) {
                (Some(literal), ..) => format!("${{{literal}}}"),
                (None, Some(value), _) => plain(value)?,
                (None, None, Some((resource, attribute))) => plain(&(self.attribute)(resource, attribute)?)?,
                (None, None, None) => plain(&self.reference(name)?)?,
            };
            self.afford(out.len() + part.len())?;
            out.push_str(&part);
            rest = after;
        }
        Ok(out + rest)
    }

    fn find_in_map(&self, argument: &Json) -> Result<Json, Unknown> {
        let (keys, default) = match argument.as_array().map(Vec::as_slice) {
            Some([keys @ .., other]) if keys.len() == 3 => (keys, other.get("DefaultValue")),
            Some(keys) if keys.len() == 3 => (keys, None),
            _ => return Err("Fn::FindInMap wants a map and two keys".into()),
        };
        let mut at = self.body.get("Mappings").ok_or("the template has no Mappings")?;
        for key in keys {
            let key = plain(&self.of(key)?)?;
            match (at.get(&key), default) {
                (Some(found), _) => at = found,
                (None, Some(default)) => return self.of(default),
                (None, None) => return Err(format!("Fn::FindInMap finds no {key}")),
            }
        }
        Ok(at.clone())
    }
}

/// Blocks within a block, given their number and their host bits.
fn cidr(argument: &Json) -> Result<Json, Unknown> {
    let parts = argument.as_array().ok_or("Fn::Cidr wants a list")?;
    let number = |index: usize| parts.get(index).and_then(|part| plain(part).ok()?.parse::<u16>().ok());
    let block =
        parts.first().and_then(|block| block.as_str()?.parse::<IpNet>().ok()).ok_or("Fn::Cidr wants a block")?;
    let count = number(1).filter(|count| (1..=256).contains(count)).ok_or("Fn::Cidr wants a count from 1 to 256")?;
    let bits = number(2).unwrap_or(8);
    let length = u16::from(block.max_prefix_len()).checked_sub(bits).and_then(|length| u8::try_from(length).ok());
    let found = length.and_then(|length| block.subnets(length).ok()).ok_or("Fn::Cidr wants too much")?;
    let blocks: Vec<String> = found.take(count.into()).map(|block| block.to_string()).collect();
    if blocks.len() < count.into() {
        return Err(format!("Fn::Cidr wants {count} blocks, and {block} has {}", blocks.len()));
    }
    Ok(blocks.into())
}

/// Whether an object is a function with its argument.
pub fn is_function(members: &Map<String, Json>) -> bool {
    members.len() == 1 && members.keys().all(|name| name == "Ref" || name.starts_with("Fn::"))
}

/// The size of a value: the bytes of its texts, and one for each value in it.
pub fn size(json: &Json) -> usize {
    1 + match json {
        Json::String(text) => text.len(),
        Json::Array(items) => items.iter().map(size).sum(),
        Json::Object(members) => members.iter().map(|(name, value)| name.len() + size(value)).sum(),
        _ => 0,
    }
}

/// A function's arguments, which must be this many.
pub fn parts<const N: usize>(argument: &Json) -> Result<[&Json; N], Unknown> {
    let list: Vec<&Json> = argument.as_array().ok_or("a function wants a list")?.iter().collect();
    list.try_into().map_err(|_| format!("a function wants {N} arguments"))
}

/// A text.
pub fn text(json: &Json) -> Result<&str, Unknown> {
    json.as_str().ok_or_else(|| format!("{json} is no text"))
}

/// A text, number or boolean as text.
pub fn plain(json: &Json) -> Result<String, Unknown> {
    match json {
        Json::String(text) => Ok(text.clone()),
        Json::Number(number) => Ok(number.to_string()),
        Json::Bool(is) => Ok(is.to_string()),
        other => Err(format!("{other} is no text")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn values(json: &Json) -> Result<Json, Unknown> {
        let body = json!({
            "Parameters": {"Env": {"Type": "String", "Default": "prod"}, "Zones": {"Type": "CommaDelimitedList", "Default": "a, b"},
                "Bare": {"Type": "String"},
                "Stored": {"Type": "AWS::SSM::Parameter::Value<List<String>>", "Default": "/net/subnets"}},
            "Mappings": {"Size": {"prod": {"block": "10.1.0.0/16"}}},
            "Conditions": {"IsProd": {"Fn::Equals": [{"Ref": "Env"}, "prod"]},
                "IsTest": {"Fn::Not": [{"Condition": "IsProd"}]}, "Either": {"Fn::Or": [{"Condition": "IsTest"}, {"Condition": "IsProd"}]},
                "Loop": {"Condition": "Loop"}, "Hidden": {"Fn::Equals": [{"Fn::If": ["Hidden", 1, 2]}, 1]}},
        });
        let scope = Scope { account: "111122223333".into(), region: "us-east-1".into() };
        let attribute = |resource: &str, attribute: &str| Ok(format!("{resource}/{attribute}").into());
        let exports = Exports::from([
            ((scope.clone(), "net-vpc".into()), Ok(json!("vpc-2"))),
            ((scope.clone(), "net-lb".into()), Err("Lb is left out".to_owned())),
        ]);
        let given = BTreeMap::from([("/net/cidr".to_owned(), "10.9.0.0".to_owned())]);
        let zones = ["us-east-1a".to_owned()];
        let references = BTreeMap::from([("Vpc".to_owned(), "vpc-1".to_owned())]);
        let unconditional = Values {
            body: &body,
            given: &given,
            scope: &scope,
            stack: "net",
            zones: &zones,
            references: &references,
            attribute: &attribute,
            exports: &exports,
            conditions: &Conditions::new(),
            given_out: Cell::default(),
        };
        let conditions = unconditional.conditions();
        unconditional.by(&conditions).of(json)
    }

    #[test]
    fn functions_give_what_cloudformation_gives() {
        for (function, wanted) in [
            (json!({"Ref": "Vpc"}), json!("vpc-1")),
            (json!({"Ref": "Zones"}), json!(["a", "b"])),
            (json!({"Fn::GetAtt": ["Vpc", "CidrBlock"]}), json!("Vpc/CidrBlock")),
            (
                json!({"Fn::Sub": "${Env}-${Vpc}-${Vpc.Id}-${!Env}-${AWS::Region}"}),
                json!("prod-vpc-1-Vpc/Id-${Env}-us-east-1"),
            ),
            (json!({"Fn::Sub": ["${X}.", {"X": {"Ref": "Env"}}]}), json!("prod.")),
            (json!({"Fn::Join": ["-", ["a", {"Ref": "Env"}]]}), json!("a-prod")),
            (json!({"Fn::Select": ["1", {"Fn::Split": [",", "x,y"]}]}), json!("y")),
            (json!({"Fn::Select": [1, {"Fn::Cidr": ["10.0.0.0/16", 3, 8]}]}), json!("10.0.1.0/24")),
            (json!({"Fn::Select": [255, {"Fn::Cidr": ["10.0.0.0/16", "256", "8"]}]}), json!("10.0.255.0/24")),
            (json!({"Fn::Cidr": ["2001:db8::/56", 2, 64]}), json!(["2001:db8::/64", "2001:db8:0:1::/64"])),
            (json!({"Fn::FindInMap": ["Size", {"Ref": "Env"}, "block"]}), json!("10.1.0.0/16")),
            (json!({"Fn::FindInMap": ["Size", "test", "block", {"DefaultValue": {"Ref": "Env"}}]}), json!("prod")),
            (json!({"Fn::ImportValue": {"Fn::Sub": "${AWS::StackName}-vpc"}}), json!("vpc-2")),
            (json!("{{resolve:ssm:/net/cidr:3}}/16 {{resolve:ssm:/net/cidr}}"), json!("10.9.0.0/16 10.9.0.0")),
            (json!("{{resolve:"), json!("{{resolve:")),
            (json!({"Fn::Select": [1, {"Fn::Split": ["/", {"Ref": "AWS::StackId"}]}]}), json!("net")),
            (json!({"Fn::Length": {"Ref": "Zones"}}), json!(2)),
            (json!({"Fn::Select": [0, {"Fn::GetAZs": ""}]}), json!("us-east-1a")),
            (json!({"Fn::Select": [0, {"Fn::GetAZs": "eu-west-1"}]}), json!("eu-west-1a")),
            (json!({"Fn::ToJsonString": {"a": {"Ref": "Env"}}}), json!(r#"{"a":"prod"}"#)),
            (json!({"Fn::If": ["IsProd", 1, 2]}), json!(1)),
            (json!({"Fn::If": ["Either", {"Fn::If": ["IsTest", 1, 2]}, 3]}), json!(2)),
            (json!({"a": {"Ref": "AWS::NoValue"}, "b": [{"Ref": "AWS::NoValue"}]}), json!({"b": []})),
        ] {
            assert_eq!(values(&function), Ok(wanted), "{function}");
        }
    }

    #[test]
    fn an_unknown_value_has_a_reason() {
        for (function, wanted) in [
            (json!({"Ref": "Bare"}), "--parameter Bare=VALUE"),
            (
                json!({"Ref": "Stored"}),
                "the parameter Stored is stored by Systems Manager: give --parameter Stored=VALUE",
            ),
            (
                json!("a{{resolve:ssm:/net/vpc}}b"),
                "the value of {{resolve:ssm:/net/vpc}} is not in the files: give --parameter /net/vpc=VALUE",
            ),
            (json!({"Fn::Sub": "{{resolve:secretsmanager:${Env}:SecretString:user}}"}), "is not in the files"),
            (json!({"Fn::GetAZs": "moon-1"}), "there is no Region moon-1"),
            (json!({"Ref": "Nowhere"}), "the template has no Nowhere"),
            (json!({"Fn::ImportValue": "x"}), "no template of the files exports x"),
            (json!({"Fn::ImportValue": "net-lb"}), "the export net-lb is unknown: Lb is left out"),
            (json!({"Fn::FindInMap": ["Size", "test", "block"]}), "finds no test"),
            (json!({"Fn::Cidr": ["10.0.0.0/24", 4, 7]}), "10.0.0.0/24 has 2"),
            (json!({"Fn::Cidr": ["10.0.0.0/8", 257, 8]}), "a count from 1 to 256"),
            (json!({"Fn::If": ["Loop", 1, 2]}), "in a circle"),
            (json!({"Fn::If": ["Hidden", 1, 2]}), "in a circle"),
            (json!({"Fn::If": ["None", 1, 2]}), "there is no condition None"),
            (json!({"Fn::Cidr": ["10.0.0.0/24", 1, 40]}), "too much"),
            (json!({"Fn::Select": [9, ["a"]]}), "no item 9"),
            (json!({"Fn::Sub": "${"}), "without its"),
        ] {
            let told = values(&function).unwrap_err();
            assert!(told.contains(wanted), "{function}: {told}");
        }
    }

    #[test]
    fn functions_of_a_short_template_cannot_produce_a_large_text() {
        let doubled = (0..60).fold(json!("x"), |value, _| json!({"Fn::Sub": ["${X}${X}", {"X": value}]}));
        let separated = json!({"Fn::Join": ["x".repeat(1 << 12), vec!["y"; 1 << 10]]});
        let repeated = vec![json!({"Fn::Join": ["", ["x".repeat(1 << 12)]]}); 1 << 10];
        for function in [doubled, separated, json!(repeated)] {
            let told = values(&function).unwrap_err();
            assert!(told.contains("more than 1 MiB"), "{told}");
        }
    }
}
