//! Requests and replies of the API, without HTTP.

mod address_attribute;
mod address_transfer;
mod allowed_images;
mod block_public_access;
mod cache_members;
mod cache_shards;
mod capacity_reservation;
mod carrier_gateway;
mod classic_link;
mod client_vpn;
mod db_cluster;
mod db_instance;
mod dedicated_host;
mod default_vpc;
mod dhcp_options;
mod documented;
mod elastic_address;
mod endpoint_connection;
mod endpoint_service;
mod event_window;
mod fleet;
mod flow_log;
mod global_group;
mod image;
mod instance;
mod instance_connect_endpoint;
mod instance_options;
mod instance_type;
mod ipam;
mod key_pair;
mod launch_template;
mod lingering;
mod logs;
mod nat_gateway;
mod network_acl;
mod network_insights;
mod network_interface;
mod newcomer;
mod placement_group;
mod prefix_list;
mod query_in_json;
mod random;
mod redshift_entries;
mod region;
mod region_settings;
mod reserved_instances_offering;
mod route;
mod route53;
mod route_server;
mod security_group;
mod security_group_reference;
mod security_group_vpc;
mod service_entries;
mod service_filters;
mod services;
mod spot_fleet;
mod spot_request;
mod ssm;
mod ssm_parameter;
mod subnet_cidr_reservation;
mod tagging;
mod traffic_mirror;
mod transit_gateway;
mod transit_gateway_connect;
mod transit_gateway_multicast;
mod transit_gateway_peering;
mod transit_gateway_policy_table;
mod volume;
mod vpc;
mod vpc_cidr;
mod vpc_endpoint;
mod vpc_peering_connection;
mod vpn_connection;
mod wire;

use super::*;
use model::iam::{AccessKey, Class, Of};
use model::{Model, Tags, Time};
use serde_json::Value;

/// A cloud and a client of it.
pub struct Cloud {
    pub model: Model,
    /// The access key id that the client sends.
    pub account: &'static str,
    /// The Region of its requests.
    pub region: &'static str,
    /// The time.
    pub now: Time,
    /// Whether hosts are up or gone at once after every request.
    pub hosts_follow: bool,
}

impl Cloud {
    pub fn new() -> Cloud {
        Cloud {
            model: Model::new(1),
            account: "111122223333",
            region: "us-east-1",
            now: Time(1_420_632_000_000),
            hosts_follow: true,
        }
    }

    fn authorization(&self) -> String {
        let Cloud { account, region, .. } = self;
        format!("AWS4-HMAC-SHA256 Credential={account}/20150107/{region}/ec2/aws4_request, SignedHeaders=host")
    }

    /// Sends a request. Returns the document, or the error's code.
    pub fn ask(&mut self, form: &str) -> std::result::Result<String, &'static str> {
        self.model.take_changes();
        let before = format!("{:?}", self.model);
        match self.send(form) {
            Ok(reply) => {
                if self.hosts_follow {
                    self.model.finish_hosts();
                }
                self.model.take_changes();
                Ok(reply.body)
            }
            Err(refusal) => {
                assert_eq!(before, format!("{:?}", self.model), "an error changes nothing");
                assert!(first(&refusal.body, "Message").is_some_and(|message| !message.is_empty()));
                Err(first(&refusal.body, "Code").unwrap_or_default().leak())
            }
        }
    }

    /// Sends a request that must be refused. Returns the document.
    pub fn refusal(&mut self, form: &str) -> String {
        self.send(form).map_or_else(|refusal| refusal.body, |reply| panic!("{form}: {}", reply.body))
    }

    fn send(&mut self, form: &str) -> std::result::Result<Reply, Reply> {
        let service = match form.split('&').find_map(|pair| pair.strip_prefix("Version=")) {
            Some(version) if version.starts_with("2010-05-08") => "iam",
            Some(version) if version.starts_with("2011-06-15") => "sts",
            Some(version) if version.starts_with("2012-06-01") || version.starts_with("2015-12-01") => {
                "elasticloadbalancing"
            }
            Some(version) if version.starts_with("2011-01-01") => "autoscaling",
            Some(version) if version.starts_with("2014-10-31") => "rds",
            Some(version) if version.starts_with("2015-02-02") => "elasticache",
            Some(version) if version.starts_with("2012-12-01") => "redshift",
            _ => "ec2",
        };
        let authorization = self.authorization().replace("/ec2/", &format!("/{service}/"));
        let form = form.replace(' ', "");
        let call = Call { path: "/", form: &form, authorization: Some(&authorization), ..Call::default() };
        Request::parse(&call, self.now)?.write(&mut self.model)
    }

    /// Sends a request in JSON to the service with that name in signatures. Returns the status and the document.
    pub fn ask_in_json(&mut self, service: &str, target: &str, parameters: &Value) -> (u16, Value) {
        let authorization = self.authorization().replace("/ec2/", &format!("/{service}/"));
        let body = parameters.to_string();
        let call = Call {
            method: "POST",
            path: "/",
            form: &body,
            body: &body,
            authorization: Some(&authorization),
            target: Some(target),
            ..Call::default()
        };
        let reply = Request::parse(&call, self.now).and_then(|request| request.write(&mut self.model));
        let reply = reply.unwrap_or_else(|refusal| refusal);
        self.model.take_changes();
        (reply.status, serde_json::from_str(&reply.body).unwrap())
    }

    /// Sends a request that must succeed. Returns the first text of an element.
    pub fn get(&mut self, form: &str, element: &str) -> String {
        let body = self.ask(form).unwrap_or_else(|code| panic!("{form}: {code}"));
        first(&body, element).unwrap_or_else(|| panic!("no {element} in {body}"))
    }

    /// Sends a request that must succeed. Returns all texts of an element.
    pub fn all(&mut self, form: &str, element: &str) -> Vec<String> {
        let body = self.ask(form).unwrap_or_else(|code| panic!("{form}: {code}"));
        texts(&body, element)
    }
}

/// Resources that most tests begin with.
impl Cloud {
    /// Adds the user `alice` to the account, and returns the id of the user's access key.
    pub fn add_alice(&mut self) -> &'static str {
        let (account, key) = (self.account, "AKIAALICE");
        self.model.create_identity(account, Time(0), ("alice", None), Tags::new(), Of::new_user()).unwrap();
        self.model.add_declared_key(AccessKey {
            id: key.to_owned(),
            secret: "s".to_owned(),
            account: account.to_owned(),
            user: Some("alice".to_owned()),
            active: true,
            created: Time(0),
        });
        self.model.take_changes();
        key
    }

    /// Gives `alice` exactly this policy.
    pub fn set_policy_of_alice(&mut self, policy: &str) {
        self.model.put_inline("111122223333", Class::User, "alice", "own", policy).unwrap();
        // A refused change does not undo it.
        self.model.take_changes();
    }

    /// A VPC.
    pub fn vpc(&mut self, cidr: &str) -> String {
        self.get(&format!("Action=CreateVpc&CidrBlock={cidr}"), "vpcId")
    }

    /// A subnet.
    pub fn subnet(&mut self, vpc: &str, cidr: &str) -> String {
        self.get(&format!("Action=CreateSubnet&VpcId={vpc}&CidrBlock={cidr}"), "subnetId")
    }

    /// An instance, in a subnet or in EC2-Classic.
    pub fn instance(&mut self, subnet: Option<&str>) -> String {
        let place = subnet.map(|subnet| format!("&SubnetId={subnet}")).unwrap_or_default();
        let run = "Action=RunInstances&ImageId=ami-1a2b3c4d&InstanceType=m1.small&MinCount=1&MaxCount=1";
        self.get(&format!("{run}{place}"), "instanceId")
    }

    /// The main route table of a VPC.
    pub fn main_table(&self, vpc: &str) -> String {
        self.model.main_route_table(vpc).map(|table| table.id.clone()).unwrap_or_default()
    }

    /// The routes of a table: destination, target and whether it is a blackhole.
    pub fn routes(&self, table: &str) -> Vec<String> {
        let table = self.model.route_tables.get(table).unwrap();
        let target = |route: &model::Route| route.target.id().unwrap_or("local").to_owned();
        let state = |route| if self.model.route_is_active(table, route) { "" } else { " blackhole" };
        table.routes.iter().map(|r| format!("{} {}{}", r.destination, target(r), state(r))).collect()
    }

    /// An Internet gateway that is attached to a VPC.
    pub fn gateway(&mut self, vpc: &str) -> String {
        let igw = self.get("Action=CreateInternetGateway", "internetGatewayId");
        self.ask(&format!("Action=AttachInternetGateway&InternetGatewayId={igw}&VpcId={vpc}")).unwrap();
        igw
    }
}

/// The text of every element of that name.
pub fn texts(body: &str, element: &str) -> Vec<String> {
    let (open, close) = (format!("<{element}>"), format!("</{element}>"));
    body.split(&open).skip(1).filter_map(|rest| rest.split(&close).next()).map(str::to_owned).collect()
}

/// The text of the first element of that name.
pub fn first(body: &str, element: &str) -> Option<String> {
    texts(body, element).into_iter().next()
}
