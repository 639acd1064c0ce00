//! The writer: makes one change after the other and keeps the ledger.

use super::ledger::{Kind, Ledger, Outcome, Seen, Tally, Thing};
use crate::Obstacle;
use crate::cloud::{Cloud, PATIENCE, instances, is_definite, items, tag};
use fastrand::Rng;
use scenarios::cloud::api::ApiError;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

/// The most things of a kind. Where there are so many, the oldest is removed instead of another being made.
const MANY: usize = 3;
/// The largest number of a thing. Each number has three ports, so that larger ones would exceed 65535.
const NUMBERS: u32 = 20_000;
/// The tag that holds a thing's number.
const TAG: &str = "campaign";

/// A thread that makes changes.
pub struct Writer {
    thread: JoinHandle<Result<Tally, Obstacle>>,
    begun: Receiver<()>,
    verify: Arc<AtomicBool>,
    end: Arc<AtomicBool>,
}

impl Writer {
    /// Starts the thread. `link` are the parameters that link an instance.
    pub fn start(cloud: Cloud, link: Value, seed: u64) -> Self {
        let (begins, begun) = sync_channel(0);
        let (verify, end) = (Arc::<AtomicBool>::default(), Arc::<AtomicBool>::default());
        let (must_verify, must_end) = (Arc::clone(&verify), Arc::clone(&end));
        let thread = thread::spawn(move || {
            let mut changes = Changes::new(cloud, link, seed, begins)?;
            while !must_end.load(Relaxed) {
                changes.next()?;
                if must_verify.swap(false, Relaxed) {
                    changes.verify()?;
                }
            }
            changes.verify()?;
            Ok(changes.ledger.tally)
        });
        Self { thread, begun, verify, end }
    }

    /// Returns when a change begins.
    pub fn wait_for_change(&self) {
        // If the thread has ended, joining it gives the reason.
        let _ = self.begun.recv_timeout(PATIENCE);
    }

    /// Requests a comparison of the whole ledger with the cloud, after the current change.
    pub fn verify(&self) {
        self.verify.store(true, Relaxed);
    }

    /// Whether the writer has failed.
    pub fn has_stopped(&self) -> bool {
        self.thread.is_finished()
    }

    /// Ends the writer after a last comparison.
    pub fn end(self) -> Result<Tally, Obstacle> {
        self.end.store(true, Relaxed);
        self.thread.join().map_err(|_| "the writer of changes has panicked")?
    }
}

struct Changes {
    cloud: Cloud,
    ledger: Ledger,
    random: Rng,
    begins: SyncSender<()>,
    next: u32,
    /// The group whose rules are added and removed.
    group: String,
    link: Value,
    /// Ids of existing things.
    ids: BTreeMap<Thing, Vec<String>>,
}

impl Changes {
    fn new(cloud: Cloud, link: Value, seed: u64, begins: SyncSender<()>) -> Result<Self, Obstacle> {
        let parameters = json!({"GroupName": TAG, "GroupDescription": TAG});
        let group = cloud.create("CreateSecurityGroup", &parameters, "/groupId")?;
        let (ledger, random) = (Ledger::default(), Rng::with_seed(seed));
        Ok(Self { cloud, ledger, random, begins, next: 1, group, link, ids: BTreeMap::new() })
    }

    /// Makes or removes a thing of a random kind.
    fn next(&mut self) -> Result<(), Obstacle> {
        let kind = Kind::EVERY[self.random.usize(..Kind::EVERY.len())];
        let present = self.ledger.present(kind);
        // A link exists or not; of the other kinds there are several.
        let removes = if kind == Kind::Link { !present.is_empty() } else { present.len() >= MANY };
        let (thing, makes) = match present.first().filter(|_| removes) {
            Some(oldest) => (*oldest, false),
            None if kind == Kind::Link => ((kind, 0), true),
            None => ((kind, self.next), true),
        };
        self.next = self.unused_number();
        let (action, parameters) = if makes { self.creation(thing) } else { self.removal(thing) };
        // Nobody may be waiting for the message.
        let _ = self.begins.try_send(());
        let result = self.cloud.call(action, &parameters);
        let is_answered = result.is_ok();
        if let (Ok(reply), true) = (&result, makes) {
            self.ids.insert(thing, ids(thing.0, reply));
        }
        self.ledger.enter(thing, makes, outcome(result));
        // The outcome must be known before the next change of the same kind.
        if is_answered { Ok(()) } else { self.verify() }
    }

    /// The next free number. Things of the last round of numbers may still exist.
    fn unused_number(&self) -> u32 {
        let mut number = self.next;
        loop {
            number = number % NUMBERS + 1;
            if Kind::EVERY.into_iter().all(|kind| !self.ledger.knows((kind, number))) {
                return number;
            }
        }
    }

    /// The request that makes a thing.
    fn creation(&self, (kind, number): Thing) -> (&'static str, Value) {
        let tags =
            |resource: &str| json!([{"ResourceType": resource, "Tag": [{"Key": TAG, "Value": number.to_string()}]}]);
        match kind {
            Kind::Rules => ("AuthorizeSecurityGroupIngress", self.rules(number)),
            Kind::Vpc => ("CreateVpc", json!({"CidrBlock": "172.30.0.0/16", "TagSpecification": tags("vpc")})),
            Kind::Instances => (
                "RunInstances",
                json!({"ImageId": "ami-12345678", "InstanceType": "m1.small", "MinCount": 2, "MaxCount": 2,
                       "TagSpecification": tags("instance")}),
            ),
            Kind::Link => ("AttachClassicLinkVpc", self.link.clone()),
        }
    }

    /// The request that removes a thing.
    fn removal(&self, thing: Thing) -> (&'static str, Value) {
        let ids = self.ids.get(&thing).cloned().unwrap_or_default();
        match thing.0 {
            Kind::Rules => ("RevokeSecurityGroupIngress", self.rules(thing.1)),
            Kind::Vpc => ("DeleteVpc", json!({"VpcId": ids.first()})),
            Kind::Instances => ("TerminateInstances", json!({"InstanceId": ids})),
            Kind::Link => {
                ("DetachClassicLinkVpc", json!({"InstanceId": self.link["InstanceId"], "VpcId": self.link["VpcId"]}))
            }
        }
    }

    /// Three rules whose ports belong to this number alone.
    fn rules(&self, number: u32) -> Value {
        let first = number * 3 + 1;
        let rule = |port: u32| json!({"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "IpRanges": [{"CidrIp": "198.51.100.0/24"}]});
        json!({"GroupId": self.group, "IpPermissions": [rule(first), rule(first + 1), rule(first + 2)]})
    }

    /// Compares the ledger with the cloud.
    fn verify(&mut self) -> Result<(), Obstacle> {
        let mut seen = Seen::new();
        self.ids.clear();
        self.see_rules(&mut seen)?;
        self.see_vpcs(&mut seen)?;
        self.see_instances(&mut seen)?;
        self.see_link(&mut seen)?;
        self.ledger.compare(&seen);
        Ok(())
    }

    fn see_rules(&self, seen: &mut Seen) -> Result<(), Obstacle> {
        let reply = self.cloud.describe("DescribeSecurityGroups", &json!({"GroupId": [self.group]}))?;
        for rule in items(&reply["securityGroupInfo"][0]["ipPermissions"]) {
            let port: u32 = rule["fromPort"].as_str().unwrap_or_default().parse()?;
            *seen.entry((Kind::Rules, (port - 1) / 3)).or_default() += 1;
        }
        Ok(())
    }

    fn see_vpcs(&mut self, seen: &mut Seen) -> Result<(), Obstacle> {
        let reply = self.cloud.describe("DescribeVpcs", &json!({}))?;
        let mut numbers = BTreeMap::new();
        for vpc in items(&reply["vpcSet"]) {
            let id = vpc["vpcId"].as_str().unwrap_or_default();
            // A thing without the tag is not the campaign's.
            let number = tag(vpc, TAG).parse().unwrap_or(0);
            numbers.insert(id.to_owned(), number);
            if number > 0 {
                seen.insert((Kind::Vpc, number), 1);
                self.ids.insert((Kind::Vpc, number), vec![id.to_owned()]);
            }
        }
        let parts = [
            ("DescribeSecurityGroups", "securityGroupInfo"),
            ("DescribeRouteTables", "routeTableSet"),
            ("DescribeNetworkAcls", "networkAclSet"),
        ];
        for (action, list) in parts {
            let reply = self.cloud.describe(action, &json!({}))?;
            for vpc in items(&reply[list]).filter_map(|part| part["vpcId"].as_str()).filter(|vpc| !vpc.is_empty()) {
                // A part whose VPC does not exist belongs to a thing that was never requested.
                let number = numbers.get(vpc).copied().unwrap_or(u32::MAX);
                if number > 0 {
                    *seen.entry((Kind::Vpc, number)).or_default() += 1;
                }
            }
        }
        Ok(())
    }

    fn see_instances(&mut self, seen: &mut Seen) -> Result<(), Obstacle> {
        let live = ["pending", "running", "stopping", "stopped"];
        let filters = json!([{"Name": "tag-key", "Value": [TAG]}, {"Name": "instance-state-name", "Value": live}]);
        let reply = self.cloud.describe("DescribeInstances", &json!({"Filter": filters}))?;
        for instance in instances(&reply) {
            let thing = (Kind::Instances, tag(instance, TAG).parse()?);
            *seen.entry(thing).or_default() += 1;
            let id = instance["instanceId"].as_str().unwrap_or_default();
            self.ids.entry(thing).or_default().push(id.to_owned());
        }
        Ok(())
    }

    fn see_link(&self, seen: &mut Seen) -> Result<(), Obstacle> {
        let reply = self.cloud.describe("DescribeClassicLinkInstances", &json!({}))?;
        if items(&reply["instancesSet"]).any(|linked| linked["instanceId"] == self.link["InstanceId"]) {
            seen.insert((Kind::Link, 0), 1);
        }
        Ok(())
    }
}

/// The ids in the reply to the request that made a thing.
fn ids(kind: Kind, reply: &Value) -> Vec<String> {
    let text = |id: &Value| id.as_str().map(str::to_owned);
    match kind {
        Kind::Vpc => text(&reply["vpc"]["vpcId"]).into_iter().collect(),
        Kind::Instances => items(&reply["instancesSet"]).filter_map(|instance| text(&instance["instanceId"])).collect(),
        Kind::Rules | Kind::Link => Vec::new(),
    }
}

/// The outcome of a request. An error that leaves the outcome open counts as no answer.
fn outcome(result: Result<Value, ApiError>) -> Outcome {
    match result {
        Ok(_) => Outcome::Done,
        Err(error) if is_definite(&error) => Outcome::Refused(error.to_string()),
        Err(_) => Outcome::Unanswered,
    }
}
