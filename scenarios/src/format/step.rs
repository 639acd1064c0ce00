//! One step: a sentence, an API action, or a `classiclink` command.

use super::reason::REASONS;
use super::sentence::{self, Sentence};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

/// A step and its text.
#[derive(Clone, Debug)]
pub struct Step {
    /// Its text on one line, for reports.
    pub text: String,
    /// What to do.
    pub action: Action,
}

/// What a step does.
#[derive(Clone, Debug)]
pub enum Action {
    /// A sentence.
    Sentence(Sentence),
    /// `web runs: …`, with expectations.
    Run {
        /// The host.
        host: String,
        /// The shell command.
        command: String,
        /// The expected result.
        expect: Expected,
    },
    /// An EC2 API call.
    Call(Call),
    /// A `classiclink` command.
    Tool {
        /// The words after `classiclink`.
        arguments: String,
        /// The expected result.
        expect: Expected,
    },
}

/// The expected result of a command.
#[derive(Clone, Debug, Default)]
pub struct Expected {
    /// Its exit status.
    pub status: i32,
    /// Texts that its output must contain, standard error included.
    pub prints: Vec<String>,
    /// Texts that its output must not contain.
    pub lacks: Vec<String>,
}

/// An EC2 API call and its expected outcome.
#[derive(Clone, Debug)]
pub struct Call {
    /// The action.
    pub action: String,
    /// Its parameters.
    pub parameters: Map<String, Value>,
    /// The calling account, by name.
    pub account: Option<String>,
    /// The Region.
    pub region: Option<String>,
    /// The error code that it must fail with.
    pub fails: Option<String>,
    /// The expected reply, as [`expect`](crate::cloud::expect) compares it.
    pub gives: Option<Value>,
    /// Names for parts of the reply: `vpc.vpcId`, `instancesSet.0.instanceId`.
    pub keep: BTreeMap<String, String>,
    /// How long it is repeated until the outcome is as expected.
    pub within: Duration,
}

const MODIFIERS: [&str; 9] = ["account", "region", "fails", "gives", "keep", "within", "exits", "prints", "lacks"];

impl<'de> Deserialize<'de> for Step {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(StepVisitor)
    }
}

struct StepVisitor;

impl<'de> Visitor<'de> for StepVisitor {
    type Value = Step;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a step: a sentence, an API action or a `classiclink` command")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Step, E> {
        let sentence = match text.chars().next() {
            Some(first) if first.is_ascii_uppercase() && !text.contains(' ') => {
                return call(text.to_owned(), Map::new(), Map::new());
            }
            _ => sentence::parse(text, None).map_err(E::custom)?,
        };
        Ok(Step { text: text.to_owned(), action: Action::Sentence(sentence) })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Step, A::Error> {
        let (mut main, mut modifiers) = (None, Map::new());
        while let Some(key) = map.next_key::<String>()? {
            let value: Value = map.next_value()?;
            if MODIFIERS.contains(&key.as_str()) {
                modifiers.insert(key, value);
            } else if let Some((first, _)) = main.replace((key, value)) {
                return Err(A::Error::custom(format!("one step at a time: this one says `{first}` and more")));
            }
        }
        let (key, value) = main.ok_or_else(|| A::Error::custom("a step without a sentence or an action"))?;
        step(key, value, modifiers)
    }
}

fn step<E: Error>(key: String, value: Value, mut modifiers: Map<String, Value>) -> Result<Step, E> {
    let is_action = key.chars().next().is_some_and(|first| first.is_ascii_uppercase()) && !key.contains(' ');
    match value {
        Value::Object(parameters) if is_action => call(key, parameters, modifiers),
        Value::Null if is_action => call(key, Map::new(), modifiers),
        value if key == "classiclink" => {
            let arguments = scalar(&value).ok_or_else(|| E::custom("say `classiclink: why web app --tcp 6001`"))?;
            let expect = expected(&mut modifiers)?;
            nothing_left(&modifiers)?;
            Ok(Step { text: format!("classiclink {arguments}"), action: Action::Tool { arguments, expect } })
        }
        value => {
            let value =
                scalar(&value).ok_or_else(|| E::custom(format!("`{key}` is followed by one word or sentence")))?;
            let sentence = sentence::parse(&key, Some(&value)).map_err(E::custom)?;
            let text = format!("{key}: {}", value.split_whitespace().collect::<Vec<_>>().join(" "));
            let action = match sentence {
                Sentence::Run { host, command } => Action::Run { host, command, expect: expected(&mut modifiers)? },
                sentence => Action::Sentence(sentence),
            };
            nothing_left(&modifiers)?;
            Ok(Step { text, action })
        }
    }
}

fn call<E: Error>(
    action: String,
    parameters: Map<String, Value>,
    mut modifiers: Map<String, Value>,
) -> Result<Step, E> {
    let mut take = |name: &str| modifiers.remove(name);
    let text = |value: Option<Value>| {
        value.map(|value| scalar(&value).ok_or_else(|| E::custom("one word is expected"))).transpose()
    };
    let keep = match take("keep") {
        None => BTreeMap::new(),
        Some(keep) => serde_json::from_value(keep)
            .map_err(|_| E::custom("`keep` names parts of the reply: `keep: {new: vpc.vpcId}`"))?,
    };
    let within = match text(take("within"))? {
        None => Duration::ZERO,
        Some(words) => words
            .split_once(' ')
            .and_then(|(number, unit)| sentence::duration(number, unit))
            .ok_or_else(|| E::custom("`within` takes a time: `within: 30 s`"))?,
    };
    let call = Call {
        account: text(take("account"))?,
        region: text(take("region"))?,
        fails: text(take("fails"))?,
        gives: take("gives"),
        keep,
        within,
        action,
        parameters,
    };
    nothing_left(&modifiers)?;
    Ok(Step { text: call.to_string(), action: Action::Call(call) })
}

fn expected<E: Error>(modifiers: &mut Map<String, Value>) -> Result<Expected, E> {
    let status = match modifiers.remove("exits") {
        None => 0,
        Some(value) => value
            .as_i64()
            .and_then(|status| status.try_into().ok())
            .ok_or_else(|| E::custom("`exits` takes an exit status"))?,
    };
    let mut list = |name: &str| match modifiers.remove(name) {
        None => Ok(Vec::new()),
        Some(Value::Array(values)) => values
            .iter()
            .map(scalar)
            .collect::<Option<_>>()
            .ok_or_else(|| E::custom(format!("`{name}` takes words or a list of words"))),
        Some(value) => scalar(&value)
            .map(|word| vec![word])
            .ok_or_else(|| E::custom(format!("`{name}` takes words or a list of words"))),
    };
    Ok(Expected { status, prints: list("prints")?, lacks: list("lacks")? })
}

fn nothing_left<E: Error>(modifiers: &Map<String, Value>) -> Result<(), E> {
    match modifiers.keys().next() {
        None => Ok(()),
        Some(name) => Err(E::custom(format!("`{name}` does not go with this step"))),
    }
}

/// A scalar as text.
pub fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.action)?;
        for (name, value) in &self.parameters {
            write!(f, " {name}={}", scalar(value).unwrap_or_else(|| value.to_string()))?;
        }
        if let Some(code) = &self.fails {
            write!(f, " fails: {code}")?;
        }
        Ok(())
    }
}

impl JsonSchema for Step {
    fn schema_name() -> Cow<'static, str> {
        "Step".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let reasons: Vec<_> =
            REASONS.iter().flat_map(|reason| [(*reason).to_owned(), format!("{reason} on the way back")]).collect();
        let words = json_schema!({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]});
        json_schema!({
            "description": "A sentence, an API action, or a `classiclink` command.",
            "anyOf": [
                {
                    "type": "string",
                    "pattern": "^(.+ can (tcp|udp) [0-9]+ on .+|.+ can (ping|send) .+|.+ opens .+ as .+|.+ still works|.+ has (not )?seen .+ from .+|advance the clock by [0-9]+ .+|kill (control|the dataplane)|[A-Z][A-Za-z0-9]+)$"
                },
                {
                    "type": "object",
                    "additionalProperties": false,
                    "minProperties": 1,
                    "properties": {
                        "classiclink": {"type": "string", "description": "A command of the tool; `$name` stands for an id."},
                        "account": {"type": "string", "description": "On whose behalf, by name or number."},
                        "region": {"type": "string"},
                        "fails": {"type": "string", "description": "The error code that the action must fail with."},
                        "gives": {"description": "What must be in the reply: objects may hold more, lists hold exactly these in any order; `{has: […]}` and `{lacks: […]}` say less."},
                        "keep": {"type": "object", "additionalProperties": {"type": "string"}, "description": "Names for parts of the reply."},
                        "within": {"type": "string", "description": "For how long the action is tried again until it comes out so: `30 s`."},
                        "exits": {"type": "integer", "description": "The command's exit status; 0 unless said."},
                        "prints": words,
                        "lacks": words
                    },
                    "patternProperties": {
                        "^.+ (cannot .+|is cut)$": {"enum": reasons},
                        "^.+ runs$": {"type": "string", "description": "A shell command."},
                        "^[A-Z][A-Za-z0-9]+$": {"type": ["object", "null"], "description": "An action of the EC2 API and its parameters; `$name` stands for an id."}
                    }
                }
            ]
        })
    }
}
