//! classiclink as a user runs it: `up`, and two instances launched by the API. A Classic instance, linked to a VPC, sends to an
//! instance of that VPC; the security groups of both ends allow it.

use super::{Running, words};
use crate::setup::{Obstacle, PORT, PROGRAMS_PORT, Setup};
use measuring::{Options, Session};
use scenarios::cloud::api::{Api, Caller};
use scenarios::cloud::system::System;
use serde_json::{Value, json};
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

pub fn start(setup: &Setup, options: Options) -> Result<Running, Obstacle> {
    let binary = setup.program("classiclink");
    let workers = setup.workers.map(|workers| workers.to_string());
    let arguments: Vec<&str> = workers.iter().flat_map(|workers| ["--workers", workers]).collect();
    let system = System::start_with(&binary, &arguments)?;
    let (from, to) = launch_hosts(&system.api)?;
    let agent = |host: &str| -> Command {
        let mut command = system.command(&["exec", host, "--", &binary.to_string_lossy(), "bench-agent"]);
        command.stdin(Stdio::piped());
        command
    };
    let session = Session::start((&from, agent(&from)), (&to, agent(&to)), options)?;
    let enter = [&from, &to].map(|host| words(&system.command(&["exec", host, "--"])));
    Ok(Running::of(session, enter, system))
}

/// The ids of a linked Classic instance and of an instance in the VPC.
fn launch_hosts(api: &Api) -> Result<(String, String), Obstacle> {
    let cloud = Cloud(api);
    let vpc = cloud.create("CreateVpc", json!({"CidrBlock": "172.31.0.0/16"}), "/vpc/vpcId")?;
    let subnet =
        cloud.create("CreateSubnet", json!({"VpcId": vpc, "CidrBlock": "172.31.0.0/20"}), "/subnet/subnetId")?;
    let group = |name: &str| {
        let parameters = json!({"VpcId": vpc, "GroupName": name, "GroupDescription": "comparison"});
        cloud.create("CreateSecurityGroup", parameters, "/groupId")
    };
    let (linked, servers) = (group("linked")?, group("servers")?);
    let from_linked = |protocol: &str, first: i32, last: i32| json!({"IpProtocol": protocol, "FromPort": first, "ToPort": last, "Groups": [{"GroupId": linked}]});
    let (first, last) = (i32::from(PORT), i32::from(PROGRAMS_PORT));
    cloud.call(
        "AuthorizeSecurityGroupIngress",
        json!({"GroupId": servers, "IpPermissions": [from_linked("tcp", first, last), from_linked("udp", first, last), from_linked("icmp", -1, -1)]}),
    )?;
    let instance = |parameters: Value| {
        let mut all = json!({"ImageId": "ami-12345678", "InstanceType": "m1.small", "MinCount": 1, "MaxCount": 1});
        if let (Some(all), Value::Object(parameters)) = (all.as_object_mut(), parameters) {
            all.extend(parameters);
        }
        cloud.create("RunInstances", all, "/instancesSet/0/instanceId")
    };
    let to = instance(json!({"SubnetId": subnet, "SecurityGroupId": [servers]}))?;
    let from = instance(json!({}))?;
    for host in [&to, &from] {
        cloud.wait_until_running(host)?;
    }
    cloud.call("EnableVpcClassicLink", json!({"VpcId": vpc}))?;
    cloud.call("AttachClassicLinkVpc", json!({"VpcId": vpc, "InstanceId": from, "SecurityGroupId": [linked]}))?;
    Ok((from, to))
}

/// The API, with errors that name the action.
struct Cloud<'a>(&'a Api);

impl Cloud<'_> {
    fn call(&self, action: &str, parameters: Value) -> Result<Value, Obstacle> {
        let parameters = parameters.as_object().cloned().unwrap_or_default();
        Ok(self.0.call(&Caller::default(), action, &parameters).map_err(|error| format!("{action}: {error}"))?)
    }

    /// Waits while an instance is pending.
    fn wait_until_running(&self, instance: &str) -> Result<(), Obstacle> {
        loop {
            let reply = self.call("DescribeInstances", json!({"InstanceId": [instance]}))?;
            match reply.pointer("/reservationSet/0/instancesSet/0/instanceState/name").and_then(Value::as_str) {
                Some("pending") => thread::sleep(Duration::from_millis(2)),
                _ => return Ok(()),
            }
        }
    }

    /// Calls an action that creates a resource. Returns the string in its reply that the JSON pointer `id` leads to.
    fn create(&self, action: &str, parameters: Value, id: &str) -> Result<String, Obstacle> {
        let reply = self.call(action, parameters)?;
        let found = reply.pointer(id).and_then(Value::as_str);
        found.map(str::to_owned).ok_or_else(|| format!("{action}: no {id} in {reply}").into())
    }
}
