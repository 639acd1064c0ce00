//! What the functions of a template give: Ref, GetAtt, Sub, Join, Select, Split, Cidr, FindInMap, GetAZs, If and conditions.

use crate::model::Scope;
use ipnet::Ipv4Net;
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;

/// Why something cannot be told: a sentence.
pub type Unknown = String;
/// What an attribute of a resource that was made is: resource and attribute.
pub type Attribute<'t> = dyn Fn(&str, &str) -> Result<String, Unknown> + 't;

/// What functions refer to.
pub struct Values<'t> {
    /// The template.
    pub body: &'t Json,
    /// Parameters, as they were given.
    pub given: &'t BTreeMap<String, String>,
    /// Whose, and where.
    pub scope: &'t Scope,
    /// Its zones.
    pub zones: &'t [String],
    /// What Ref gives, by resource.
    pub references: &'t BTreeMap<String, String>,
    /// What GetAtt gives.
    pub attribute: &'t Attribute<'t>,
}

impl Values<'_> {
    /// A value with all functions carried out.
    ///
    /// # Errors
    /// What is not known.
    pub fn of(&self, json: &Json) -> Result<Json, Unknown> {
        match json {
            Json::Array(items) => {
                let items = items.iter().map(|item| self.of(item)).collect::<Result<Vec<_>, _>>()?;
                Ok(Json::Array(items.into_iter().filter(|item| !item.is_null()).collect()))
            }
            Json::Object(members) => match members.iter().next() {
                Some((name, argument)) if members.len() == 1 && (name == "Ref" || name.starts_with("Fn::")) => {
                    self.function(name, argument)
                }
                _ => self.object(members),
            },
            plain => Ok(plain.clone()),
        }
    }

    fn object(&self, members: &Map<String, Json>) -> Result<Json, Unknown> {
        let mut all = Map::new();
        for (name, value) in members {
            // AWS::NoValue takes a property away.
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
            "Fn::GetAtt" => self.get_att(argument).map(Json::String),
            "Fn::Sub" => self.sub(argument).map(Json::String),
            "Fn::If" => {
                let [condition, yes, no] = parts(argument)?;
                self.of(if self.condition(text(condition)?)? { yes } else { no })
            }
            "Fn::FindInMap" => self.find_in_map(argument),
            "Fn::GetAZs" => Ok(Json::from(self.zones.to_vec())),
            "Fn::Base64" => self.of(argument),
            _ => self.of_values(name, &self.of(argument)?),
        }
    }

    /// Functions of which the arguments may be functions.
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
                Ok(items.join(text(separator)?).into())
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
            other => Err(format!("{other} is not known here")),
        }
    }

    fn reference(&self, name: &str) -> Result<Json, Unknown> {
        match name {
            "AWS::Region" => return Ok(self.scope.region.as_str().into()),
            "AWS::AccountId" => return Ok(self.scope.account.as_str().into()),
            "AWS::StackName" => return Ok("imported".into()),
            "AWS::Partition" => return Ok("aws".into()),
            "AWS::URLSuffix" => return Ok("amazonaws.com".into()),
            "AWS::NoValue" => return Ok(Json::Null),
            _ => {}
        }
        if let Some(id) = self.references.get(name) {
            return Ok(id.as_str().into());
        }
        let Some(parameter) = self.body.get("Parameters").and_then(|all| all.get(name)) else {
            return Err(format!("{name} is left out"));
        };
        let default = || parameter.get("Default").and_then(|default| plain(default).ok());
        let value = self.given.get(name).cloned().or_else(default);
        let value =
            value.ok_or_else(|| format!("the parameter {name} has no default: give --parameter {name}=VALUE"))?;
        let kind = parameter.get("Type").and_then(Json::as_str).unwrap_or("String");
        match kind.starts_with("List<") || kind == "CommaDelimitedList" {
            true => Ok(value.split(',').map(str::trim).collect::<Vec<_>>().into()),
            false => Ok(value.into()),
        }
    }

    fn get_att(&self, argument: &Json) -> Result<String, Unknown> {
        let (resource, attribute) = match argument {
            Json::String(text) => text.split_once('.').ok_or("Fn::GetAtt wants a resource and an attribute")?,
            list => {
                let [resource, attribute] = parts(list)?;
                (text(resource)?, text(attribute)?)
            }
        };
        (self.attribute)(resource, attribute)
    }

    /// `${Name}`, `${Resource.Attribute}`; `${!Name}` stands for itself.
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
            match (name.strip_prefix('!'), own.get(name), name.split_once('.')) {
                (Some(literal), ..) => out.push_str(&format!("${{{literal}}}")),
                (None, Some(value), _) => out.push_str(&plain(value)?),
                (None, None, Some((resource, attribute))) => out.push_str(&(self.attribute)(resource, attribute)?),
                (None, None, None) => out.push_str(&plain(&self.reference(name)?)?),
            }
            rest = after;
        }
        Ok(out + rest)
    }

    fn find_in_map(&self, argument: &Json) -> Result<Json, Unknown> {
        let [map, first, second] = parts(argument)?;
        let keys = [map, first, second].map(|key| self.of(key).and_then(|key| plain(&key)));
        let mut at = self.body.get("Mappings").ok_or("the template has no Mappings")?;
        for key in keys {
            let key = key?;
            at = at.get(&key).ok_or_else(|| format!("Fn::FindInMap finds no {key}"))?;
        }
        Ok(at.clone())
    }

    /// A condition by its name.
    pub fn condition(&self, name: &str) -> Result<bool, Unknown> {
        let conditions = self.body.get("Conditions").and_then(|all| all.get(name));
        self.holds(conditions.ok_or_else(|| format!("there is no condition {name}"))?, 0)
    }

    fn holds(&self, json: &Json, depth: usize) -> Result<bool, Unknown> {
        let one = json.as_object().filter(|members| members.len() == 1).and_then(|members| members.iter().next());
        let (name, argument) = one.ok_or("a condition is not understood")?;
        if depth > 20 {
            return Err("conditions refer to each other in a circle".into());
        }
        let each = || -> Result<Vec<bool>, Unknown> {
            let items = argument.as_array().ok_or("a condition wants a list")?;
            items.iter().map(|item| self.holds(item, depth + 1)).collect()
        };
        match name.as_str() {
            "Condition" => {
                let named = self.body.get("Conditions").and_then(|all| all.get(text(argument).unwrap_or_default()));
                self.holds(named.ok_or("there is no such condition")?, depth + 1)
            }
            "Fn::Equals" => {
                let [one, other] = parts(argument)?;
                Ok(plain(&self.of(one)?)? == plain(&self.of(other)?)?)
            }
            "Fn::And" => Ok(each()?.into_iter().all(|holds| holds)),
            "Fn::Or" => Ok(each()?.into_iter().any(|holds| holds)),
            "Fn::Not" => Ok(!each()?.into_iter().all(|holds| holds)),
            other => Err(format!("the condition {other} is not known here")),
        }
    }
}

/// Blocks within a block: how many, and of how many host bits.
fn cidr(argument: &Json) -> Result<Json, Unknown> {
    let parts = argument.as_array().ok_or("Fn::Cidr wants a list")?;
    let number = |index: usize| parts.get(index).and_then(|part| plain(part).ok()?.parse::<u8>().ok());
    let block =
        parts.first().and_then(|block| block.as_str()?.parse::<Ipv4Net>().ok()).ok_or("Fn::Cidr wants a block")?;
    let (count, bits) = (number(1).ok_or("Fn::Cidr wants a count")?, number(2).unwrap_or(8));
    let length =
        32u8.checked_sub(bits).filter(|length| *length >= block.prefix_len()).ok_or("Fn::Cidr wants too much")?;
    let subnets = block.subnets(length).map_err(|error| error.to_string())?;
    Ok(subnets.take(count.into()).map(|net| net.to_string()).collect::<Vec<_>>().into())
}

fn parts<const N: usize>(argument: &Json) -> Result<[&Json; N], Unknown> {
    let list: Vec<&Json> = argument.as_array().ok_or("a function wants a list")?.iter().collect();
    list.try_into().map_err(|_| format!("a function wants {N} arguments"))
}

fn text(json: &Json) -> Result<&str, Unknown> {
    json.as_str().ok_or_else(|| format!("{json} is no text"))
}

/// A text, a number or a truth value as text.
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
                "Bare": {"Type": "String"}},
            "Mappings": {"Size": {"prod": {"block": "10.1.0.0/16"}}},
            "Conditions": {"IsProd": {"Fn::Equals": [{"Ref": "Env"}, "prod"]},
                "IsTest": {"Fn::Not": [{"Condition": "IsProd"}]}, "Either": {"Fn::Or": [{"Condition": "IsTest"}, {"Condition": "IsProd"}]},
                "Loop": {"Condition": "Loop"}},
        });
        let scope = Scope { account: "111122223333".into(), region: "us-east-1".into() };
        let attribute = |resource: &str, attribute: &str| Ok(format!("{resource}/{attribute}"));
        let values = Values {
            body: &body,
            given: &BTreeMap::new(),
            scope: &scope,
            zones: &["us-east-1a".to_owned()],
            references: &BTreeMap::from([("Vpc".to_owned(), "vpc-1".to_owned())]),
            attribute: &attribute,
        };
        values.of(json)
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
            (json!({"Fn::FindInMap": ["Size", {"Ref": "Env"}, "block"]}), json!("10.1.0.0/16")),
            (json!({"Fn::Select": [0, {"Fn::GetAZs": ""}]}), json!("us-east-1a")),
            (json!({"Fn::If": ["IsProd", 1, 2]}), json!(1)),
            (json!({"Fn::If": ["Either", {"Fn::If": ["IsTest", 1, 2]}, 3]}), json!(2)),
            (json!({"a": {"Ref": "AWS::NoValue"}, "b": [{"Ref": "AWS::NoValue"}]}), json!({"b": []})),
        ] {
            assert_eq!(values(&function), Ok(wanted), "{function}");
        }
    }

    #[test]
    fn what_is_not_known_is_a_sentence() {
        for (function, wanted) in [
            (json!({"Ref": "Bare"}), "--parameter Bare=VALUE"),
            (json!({"Fn::ImportValue": "x"}), "Fn::ImportValue is not known here"),
            (json!({"Fn::If": ["Loop", 1, 2]}), "in a circle"),
            (json!({"Fn::Cidr": ["10.0.0.0/24", 1, 40]}), "too much"),
            (json!({"Fn::Select": [9, ["a"]]}), "no item 9"),
            (json!({"Fn::Sub": "${"}), "without its"),
        ] {
            let told = values(&function).unwrap_err();
            assert!(told.contains(wanted), "{function}: {told}");
        }
    }
}
