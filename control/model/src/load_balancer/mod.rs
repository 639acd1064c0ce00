//! Classic Load Balancers, in EC2-Classic or in a VPC: their listeners, policies and health checks, the instances that are
//! registered with them, and the hosts that run them.

mod attributes;
pub mod configuration;
mod error;
mod health;
mod health_check;
mod hosts;
mod instructions;
mod listener;
mod place;
mod policy;
mod policy_kind;
mod registration;
mod tls_policy;

pub use attributes::{AccessLog, Attributes};
pub use error::Error;
pub use health::InstanceHealth;
pub use health_check::HealthCheck;
pub use instructions::instructions;
pub use listener::{Listener, Protocol};
pub use place::{Place, Placing};
pub use policy::Policy;
pub use policy_kind::{PolicyAttribute, PolicyKind};
pub use registration::Registration;
pub use tls_policy::predefined as predefined_policies;

use super::{Caller, Model, Region, Row, Scope, Tags, Time, check_tags};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The result of a transition.
pub type Result<T> = std::result::Result<T, Error>;

/// The most load balancers of an account in a Region (AWS's quota).
pub const LIMIT: usize = 20;
/// The most tags of a load balancer (Elastic Load Balancing's reference, AddTags).
const TAGS: usize = 10;

/// A load balancer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoadBalancer {
    /// The id of its row: `111122223333/us-east-1/web`.
    pub id: String,
    /// Its account and Region.
    pub scope: Scope,
    /// Its name.
    pub name: String,
    /// Its tags.
    pub tags: Tags,
    /// Its DNS name.
    pub dns_name: String,
    /// The time of its creation.
    pub created: Time,
    /// Its network and zones.
    pub place: Place,
    /// Its listeners, by their ports.
    pub listeners: BTreeMap<u16, Listener>,
    /// The health check of its instances.
    pub check: HealthCheck,
    /// The registered instances by id.
    pub instances: BTreeMap<String, Registration>,
    /// Its policies, by their names.
    pub policies: BTreeMap<String, Policy>,
    /// The names of the policies of instance ports.
    pub backend_policies: BTreeMap<u16, BTreeSet<String>>,
    /// Its attributes.
    pub attributes: Attributes,
}

impl Row for LoadBalancer {
    fn id(&self) -> &str {
        &self.id
    }

    fn keys(&self) -> Vec<String> {
        let place = match &self.place {
            Place::Classic { .. } => Vec::new(),
            Place::Vpc { vpc, subnets, groups, .. } => {
                [vpc].into_iter().chain(subnets.values()).chain(groups).cloned().collect()
            }
        };
        self.instances.keys().cloned().chain(place).collect()
    }
}

/// The parameters of CreateLoadBalancer.
#[derive(Clone, Debug)]
pub struct NewLoadBalancer {
    /// Its name.
    pub name: String,
    /// Its listeners.
    pub listeners: Vec<Listener>,
    /// Its network and zones.
    pub placing: Placing,
    /// Its tags.
    pub tags: Tags,
}

fn row_id(scope: &Scope, name: &str) -> String {
    format!("{}/{}/{name}", scope.account, scope.region)
}

fn check_name(name: &str) -> Result<()> {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let is_good = (1..=32).contains(&name.len())
        && name.chars().all(fits)
        && !name.starts_with('-')
        && !name.ends_with('-')
        && !name.starts_with("internal-");
    if is_good { Ok(()) } else { Err(Error::BadName { name: name.to_owned() }) }
}

impl LoadBalancer {
    /// Whether that request, which leads to this place, could have created it.
    fn is_of(&self, new: &NewLoadBalancer, place: &Place) -> bool {
        self.place == *place
            && self.tags == new.tags
            && self.listeners.len() == new.listeners.len()
            && new.listeners.iter().all(|listener| self.listeners.get(&listener.port) == Some(listener))
    }

    /// Whether its name resolves to private addresses.
    pub fn is_internal(&self) -> bool {
        matches!(self.place, Place::Vpc { internal: true, .. })
    }

    /// Its ARN.
    pub fn arn(&self) -> String {
        arn(&self.scope, &self.name)
    }
}

/// The ARN of the load balancer with that name.
pub fn arn(scope: &Scope, name: &str) -> String {
    let (partition, Scope { account, region }) = (scope.partition(), scope);
    format!("arn:{partition}:elasticloadbalancing:{region}:{account}:loadbalancer/{name}")
}

impl Model {
    /// The load balancer with that name.
    ///
    /// # Errors
    /// [`Error::NotFound`] if there is none.
    pub fn load_balancer(&self, scope: &Scope, name: &str) -> Result<&LoadBalancer> {
        self.load_balancers.get(&row_id(scope, name)).ok_or_else(|| Error::NotFound { name: name.to_owned() })
    }

    fn load_balancer_mut(&mut self, scope: &Scope, name: &str) -> Result<&mut LoadBalancer> {
        self.load_balancers.get_mut(&row_id(scope, name)).ok_or_else(|| Error::NotFound { name: name.to_owned() })
    }

    /// All load balancers of a scope, by name.
    pub fn load_balancers_of<'a>(&'a self, scope: &'a Scope) -> impl Iterator<Item = &'a LoadBalancer> {
        self.load_balancers.iter().filter(move |balancer| balancer.scope == *scope)
    }

    /// CreateLoadBalancer. The same request again changes nothing.
    ///
    /// # Errors
    /// If the name is taken or none, or what the request names is not there or does not go together.
    pub fn create_load_balancer(&mut self, caller: &Caller, new: NewLoadBalancer) -> Result<&LoadBalancer> {
        let scope = &caller.scope;
        check_name(&new.name)?;
        let first = new.listeners.first().ok_or(Error::NoListener {})?;
        self.check_certificates(caller, &new.listeners)?;
        let check = HealthCheck::of_listener(first);
        let place = self.place_of(caller, &new)?;
        let id = row_id(scope, &new.name);
        if let Some(there) = self.load_balancers.get(&id) {
            return match there.is_of(&new, &place) {
                true => self.load_balancer(scope, &new.name),
                false => Err(Error::Exists { name: new.name }),
            };
        }
        if self.load_balancers_of(scope).count() >= LIMIT {
            return Err(Error::Limit {});
        }
        check_tags(&new.tags)?;
        let NewLoadBalancer { name, listeners, tags, .. } = new;
        let mut balancer = LoadBalancer {
            id,
            scope: scope.clone(),
            tags,
            dns_name: self.dns_name(scope, &name, &place),
            name,
            created: caller.now,
            place,
            listeners: BTreeMap::new(),
            check,
            instances: BTreeMap::new(),
            policies: BTreeMap::new(),
            backend_policies: BTreeMap::new(),
            attributes: Attributes::default(),
        };
        balancer.add_listeners(listeners)?;
        let (id, name) = (balancer.id.clone(), balancer.name.clone());
        self.load_balancers.insert(balancer);
        self.settle_hosts(&id)?;
        self.load_balancer(scope, &name)
    }

    /// `web-1234567890.us-east-1.elb.amazonaws.com`
    fn dns_name(&mut self, scope: &Scope, name: &str, place: &Place) -> String {
        let before = if matches!(place, Place::Vpc { internal: true, .. }) { "internal-" } else { "" };
        let number = 1_000_000_000 + self.next_random() % 1_000_000_000;
        let domain = Region::named(&scope.region).map_or("amazonaws.com", Region::domain);
        format!("{before}{name}-{number}.{}.elb.{domain}", scope.region)
    }

    /// DeleteLoadBalancer: one that is not there is gone already.
    ///
    /// # Errors
    /// None, as it makes no hosts.
    pub fn delete_load_balancer(&mut self, caller: &Caller, name: &str) -> Result<()> {
        let id = row_id(&caller.scope, name);
        self.load_balancers.remove(&id);
        self.settle_hosts(&id)
    }

    /// AddTags and RemoveTags: changes the tags of some load balancers.
    ///
    /// # Errors
    /// If one of them is not there, or the tags cannot be.
    pub fn tag_load_balancers(&mut self, caller: &Caller, names: &[String], change: impl Fn(&mut Tags)) -> Result<()> {
        for name in names {
            let balancer = self.load_balancer_mut(&caller.scope, name)?;
            change(&mut balancer.tags);
            if balancer.tags.len() > TAGS {
                return Err(Error::TooManyTags {});
            }
            check_tags(&balancer.tags)?;
        }
        Ok(())
    }
}
