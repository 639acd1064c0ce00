//! The API as the campaigns use it.

use super::Obstacle;
use scenarios::cloud::api::{Api, ApiError, Caller};
use serde_json::{Value, json};
use std::net::Ipv4Addr;
use std::thread;
use std::time::{Duration, Instant};

/// The time limit for something that must happen.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// A client of one account.
#[derive(Clone)]
pub struct Cloud(Api);

/// A running instance.
#[derive(Clone, Debug)]
pub struct Instance {
    /// `i-…`
    pub id: String,
    /// Its private address.
    pub private: Ipv4Addr,
}

impl Cloud {
    /// A client of a system.
    pub fn at(api: &Api) -> Self {
        Self(api.clone())
    }

    /// Calls an action.
    pub fn call(&self, action: &str, parameters: &Value) -> Result<Value, ApiError> {
        let parameters = parameters.as_object().cloned().unwrap_or_default();
        self.0.call(&Caller::default(), action, &parameters)
    }

    /// Calls an action that must succeed.
    pub fn must(&self, action: &str, parameters: &Value) -> Result<Value, Obstacle> {
        Ok(self.call(action, parameters).map_err(|error| format!("{action}: {error}"))?)
    }

    /// Calls an action that creates a resource. Returns the string in its reply that the JSON pointer `id` leads to.
    pub fn create(&self, action: &str, parameters: &Value, id: &str) -> Result<String, Obstacle> {
        let reply = self.must(action, parameters)?;
        let found = reply.pointer(id).and_then(Value::as_str);
        found.map(str::to_owned).ok_or_else(|| format!("{action}: no {id} in {reply}").into())
    }

    /// Calls an action that changes nothing, and repeats it while control restarts.
    pub fn describe(&self, action: &str, parameters: &Value) -> Result<Value, Obstacle> {
        let until = Instant::now() + PATIENCE;
        loop {
            match self.call(action, parameters) {
                Ok(reply) => return Ok(reply),
                Err(error) if !is_definite(&error) && Instant::now() < until => thread::sleep(Duration::from_millis(5)),
                Err(error) => return Err(format!("{action}: {error}").into()),
            }
        }
    }

    /// Launches an instance and waits until it runs.
    pub fn launch(&self, parameters: Value) -> Result<Instance, Obstacle> {
        let mut all = json!({"ImageId": "ami-12345678", "InstanceType": "m1.small", "MinCount": 1, "MaxCount": 1});
        if let (Some(all), Value::Object(parameters)) = (all.as_object_mut(), parameters) {
            all.extend(parameters);
        }
        let id = self.create("RunInstances", &all, "/instancesSet/0/instanceId")?;
        self.wait_until_running(&[&id])?;
        let reply = self.describe("DescribeInstances", &json!({"InstanceId": [id]}))?;
        let private = instances(&reply).next().and_then(|instance| instance["privateIpAddress"].as_str()?.parse().ok());
        Ok(Instance { private: private.ok_or_else(|| format!("{id} has no private address"))?, id })
    }

    /// Waits until instances run.
    pub fn wait_until_running(&self, ids: &[impl AsRef<str>]) -> Result<(), Obstacle> {
        let ids: Vec<&str> = ids.iter().map(AsRef::as_ref).collect();
        let until = Instant::now() + PATIENCE;
        loop {
            let reply = self.describe("DescribeInstances", &json!({"InstanceId": ids}))?;
            let running = instances(&reply).filter(|instance| state(instance) == "running").count();
            if running == ids.len() {
                return Ok(());
            }
            if Instant::now() > until {
                return Err(format!("{running} of {} instances run", ids.len()).into());
            }
            thread::sleep(Duration::from_millis(5));
        }
    }
}

/// Whether an error says that the change was not made. After any other error the change may have been made.
pub fn is_definite(error: &ApiError) -> bool {
    match error {
        ApiError::Refused { code, .. } => !matches!(code.as_str(), "Unavailable" | "InternalError" | "InternalFailure"),
        ApiError::Transport(_) | ApiError::Answer(_) => false,
    }
}

/// The items of a list. An empty list is an empty text in a reply.
pub fn items(list: &Value) -> impl Iterator<Item = &Value> {
    list.as_array().into_iter().flatten()
}

/// The instances in a reply to DescribeInstances.
pub fn instances(reply: &Value) -> impl Iterator<Item = &Value> {
    items(&reply["reservationSet"]).flat_map(|reservation| items(&reservation["instancesSet"]))
}

/// An instance's state.
pub fn state(instance: &Value) -> &str {
    instance["instanceState"]["name"].as_str().unwrap_or_default()
}

/// The value of a tag; an empty text without it.
pub fn tag<'v>(resource: &'v Value, key: &str) -> &'v str {
    let found = items(&resource["tagSet"]).find(|tag| tag["key"] == key);
    found.and_then(|tag| tag["value"].as_str()).unwrap_or_default()
}
