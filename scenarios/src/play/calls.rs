//! API calls as steps.

use super::Play;
use super::outcome::{Outcome, sentence};
use crate::cloud::api::{ApiError, Caller};
use crate::cloud::expect;
use crate::cloud::service::Service;
use crate::cloud::set_up;
use crate::format::rule::Rule;
use crate::format::step::{Call, scalar};
use serde_json::{Map, Value, json};
use std::thread;
use std::time::{Duration, Instant};

/// The pause before a call is repeated.
const PAUSE: Duration = Duration::from_millis(100);

impl Play<'_> {
    /// Calls the API and checks the result. Repeats both for the call's `within` until the result is as expected.
    pub fn call(&mut self, call: &Call) -> Outcome {
        let end = Instant::now() + call.within;
        loop {
            match self.call_once(call) {
                Err(_) if Instant::now() < end => thread::sleep(PAUSE),
                outcome => return outcome,
            }
        }
    }

    fn call_once(&mut self, call: &Call) -> Outcome {
        let caller = set_up::caller(&self.scenario.network, call.account.as_deref(), call.region.as_deref())
            .map_err(sentence)?;
        self.refresh_hosts()?;
        let parameters = self.parameters(&caller, &call.parameters)?;
        let result = self.system.api.call(&caller, &call.action, &parameters);
        if !call.action.starts_with("Describe") || !call.keep.is_empty() {
            self.hosts.add_caller(&caller);
        }
        // A refused call has ended no host.
        if result.is_ok() {
            self.end_agents(&call.action, &parameters);
        }
        if Service::of(&call.action).has_hosts() {
            self.hosts.add_services();
        }
        let reply = match (result, &call.fails) {
            (Err(ApiError::Refused { code, message }), Some(expected)) => {
                return if code == *expected {
                    Ok(())
                } else {
                    Err(format!("it fails with {code} ({message}), not with {expected}"))
                };
            }
            (Err(error), _) => return Err(error.to_string()),
            (Ok(_), Some(expected)) => return Err(format!("it succeeds, where {expected} was expected")),
            (Ok(reply), None) => reply,
        };
        for (name, path) in &call.keep {
            let pointer = format!("/{}", path.replace('.', "/"));
            let value =
                reply.pointer(&pointer).and_then(scalar).ok_or_else(|| format!("there is no {path} in {reply}"))?;
            self.names.set(name, value);
        }
        match &call.gives {
            None => Ok(()),
            Some(expected) => {
                let expected = self.names.fill_all(expected).map_err(sentence)?;
                expect::difference(&expected, &reply).map_or(Ok(()), Err)
            }
        }
    }

    /// The parameters as the API takes them: with names replaced, and filters and rules expanded.
    fn parameters(&self, caller: &Caller, parameters: &Map<String, Value>) -> Outcome<Map<String, Value>> {
        let mut full = Map::new();
        for (name, value) in parameters {
            let value = match (name.as_str(), value) {
                ("IpPermissions", Value::String(_) | Value::Array(_)) => self.permissions(caller, value)?,
                ("Filter", Value::Object(filters)) => filters.iter().map(filter).collect(),
                _ => value.clone(),
            };
            full.insert(name.clone(), self.names.fill_all(&value).map_err(sentence)?);
        }
        Ok(full)
    }

    /// Rules in sentences, in the API's form.
    fn permissions(&self, caller: &Caller, value: &Value) -> Outcome<Value> {
        let one = std::slice::from_ref(value);
        let items = value.as_array().map_or(one, Vec::as_slice);
        if !items.iter().all(Value::is_string) {
            return Ok(value.clone());
        }
        let rules = items.iter().filter_map(Value::as_str).map(|text| {
            let text = self.names.fill(text).map_err(sentence)?;
            text.parse::<Rule>().map_err(sentence)
        });
        let rules = rules.collect::<Outcome<Vec<_>>>()?;
        set_up::permissions(&self.names, caller, &rules).map_err(sentence)
    }

    /// Ends the agents of hosts that are about to end, because an instance that starts again has a new namespace.
    fn end_agents(&self, action: &str, parameters: &Map<String, Value>) {
        if matches!(action, "StopInstances" | "TerminateInstances" | "StartInstances" | "RebootInstances") {
            let one = parameters.get("InstanceId").into_iter();
            for id in one.flat_map(|ids| ids.as_array().cloned().unwrap_or_else(|| vec![ids.clone()])) {
                if let Some(id) = id.as_str() {
                    self.hosts.end_agent(id);
                }
            }
        }
    }
}

/// A filter in the API's form, from `vpc-id: $shop` or `vpc-id: [$shop, $other]`.
fn filter((name, value): (&String, &Value)) -> Value {
    let values = value.as_array().cloned().unwrap_or_else(|| vec![value.clone()]);
    json!({"Name": name, "Value": values})
}
