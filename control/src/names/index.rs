//! An index of the model by address, name and port, so that a query reads few rows of a large cloud.

use model::{Changes, HostPlace, Kind, ManagedPlace, ManagedService, Model, Network, reversed};
use std::collections::{BTreeMap, HashMap};
use std::net::Ipv4Addr;

/// A key by which a row of the model is found.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Key {
    /// A public address in use.
    Public(Ipv4Addr),
    /// An Elastic IP address, in use or not.
    Elastic(Ipv4Addr),
    /// A private address in a Region's EC2-Classic.
    Classic(String, Ipv4Addr),
    /// A private address in a VPC.
    Vpc(String, Ipv4Addr),
    /// The lower 24 bits of a port's number.
    Port(u32),
    /// A host on the Internet, by its name in lower case.
    Name(String),
    /// A service's endpoint, by its name in lower case, and a host that it resolves to.
    Endpoint(String, String),
    /// The VPC that sees a name (`None`: everybody), the name's labels from the last to the first, and its row's id.
    Reversed(Option<String>, String, String),
    /// A hosted zone: the VPC that sees it (`None`: everybody), its name in lower case with a final dot, its id.
    Zone(Option<String>, String, String),
}

/// A row of the model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// An instance, by its id.
    Instance(String),
    /// A network interface, by its id.
    Interface(String),
    /// A host outside the cloud, by its name.
    Host(String),
    /// A host of a service, by its name.
    Managed(String),
    /// An Elastic IP address, by its id.
    Elastic(String),
    /// A hosted zone, by its id.
    Zone(String),
}

/// The index.
#[derive(Debug, Default)]
pub struct NameIndex {
    rows: BTreeMap<Key, Found>,
    made: HashMap<(Kind, String), Vec<Key>>,
}

/// The collections that are indexed.
const KINDS: [Kind; 6] =
    [Kind::Instance, Kind::NetworkInterface, Kind::ElasticAddress, Kind::Host, Kind::ManagedHost, Kind::HostedZone];

impl NameIndex {
    /// The index of a whole model.
    pub fn of(model: &Model) -> NameIndex {
        let mut index = NameIndex::default();
        let rows = std::iter::empty()
            .chain(model.instances.iter().map(|row| (Kind::Instance, row.id.as_str())))
            .chain(model.network_interfaces.iter().map(|row| (Kind::NetworkInterface, row.id.as_str())))
            .chain(model.elastic_addresses.iter().map(|row| (Kind::ElasticAddress, row.id.as_str())))
            .chain(model.hosts.iter().map(|row| (Kind::Host, row.name.as_str())))
            .chain(model.managed_hosts.iter().map(|row| (Kind::ManagedHost, row.id.as_str())))
            .chain(model.hosted_zones.iter().map(|row| (Kind::HostedZone, row.id.as_str())));
        rows.for_each(|(kind, id)| index.enter(model, kind, id));
        index
    }

    /// Updates the index by changes of the model, which were just made or taken back.
    pub fn update(&mut self, model: &Model, changes: &Changes) {
        let touched: Vec<_> = changes.rows().filter(|(kind, _)| KINDS.contains(kind)).collect();
        // A key may have moved from one row to another, so all old keys are removed first.
        for (kind, id) in &touched {
            for key in self.made.remove(&(*kind, (*id).to_owned())).into_iter().flatten() {
                self.rows.remove(&key);
            }
        }
        touched.into_iter().for_each(|(kind, id)| self.enter(model, kind, id));
    }

    fn enter(&mut self, model: &Model, kind: Kind, id: &str) {
        let keys = keys(model, kind, id);
        let found: fn(String) -> Found = match kind {
            Kind::Instance => Found::Instance,
            Kind::NetworkInterface => Found::Interface,
            Kind::Host => Found::Host,
            Kind::ManagedHost => Found::Managed,
            Kind::ElasticAddress => Found::Elastic,
            _ => Found::Zone,
        };
        self.rows.extend(keys.iter().map(|key| (key.clone(), found(id.to_owned()))));
        if !keys.is_empty() {
            self.made.insert((kind, id.to_owned()), keys);
        }
    }

    /// All entries, sorted.
    #[cfg(test)]
    pub fn sorted(&self) -> (Vec<String>, BTreeMap<String, Vec<Key>>) {
        let rows = self.rows.iter().map(|row| format!("{row:?}")).collect();
        (rows, self.made.iter().map(|((kind, id), keys)| (format!("{kind:?} {id}"), keys.clone())).collect())
    }

    /// The row that uses a public address.
    pub fn public(&self, address: Ipv4Addr) -> Option<&Found> {
        self.rows.get(&Key::Public(address))
    }

    /// The Elastic IP address with this number.
    pub fn elastic(&self, address: Ipv4Addr) -> Option<&Found> {
        self.rows.get(&Key::Elastic(address))
    }

    /// The row with a private address in a Region's EC2-Classic.
    pub fn in_classic(&self, region: &str, address: Ipv4Addr) -> Option<&Found> {
        self.rows.get(&Key::Classic(region.to_owned(), address))
    }

    /// The row with a private address in a VPC.
    pub fn in_vpc(&self, vpc: &str, address: Ipv4Addr) -> Option<&Found> {
        self.rows.get(&Key::Vpc(vpc.to_owned(), address))
    }

    /// The row whose port has these lower 24 bits.
    pub fn port(&self, bits: u32) -> Option<&Found> {
        self.rows.get(&Key::Port(bits))
    }

    /// The host on the Internet with this name, given in lower case without a final dot.
    pub fn host(&self, name: &str) -> Option<&Found> {
        self.rows.get(&Key::Name(name.to_owned()))
    }

    /// The names of the hosts that a service's endpoint resolves to.
    pub fn endpoint<'b>(&'b self, name: &'b str) -> impl Iterator<Item = &'b str> {
        let first = Key::Endpoint(name.to_owned(), String::new());
        self.rows.range(first..).map_while(move |(key, _)| match key {
            Key::Endpoint(of, host) if of == name => Some(host.as_str()),
            _ => None,
        })
    }

    /// Whether a name without a final dot is that of a host on the Internet, an endpoint or a zone, or is above one, as
    /// far as this VPC alone, or everybody, sees them.
    pub fn has_below(&self, vpc: Option<&str>, name: &str) -> bool {
        let first = reversed(name);
        let found = self.rows.range(Key::Reversed(vpc.map(str::to_owned), first.clone(), String::new())..).next();
        matches!(found, Some((Key::Reversed(of, below, _), _)) if of.as_deref() == vpc && below.starts_with(&first))
    }

    /// The id of the hosted zone with exactly this name that this VPC, or everybody, sees.
    pub fn zone(&self, vpc: Option<&str>, name: &str) -> Option<&str> {
        let first = Key::Zone(vpc.map(str::to_owned), name.to_owned(), String::new());
        match self.rows.range(first..).next() {
            Some((Key::Zone(of, called, id), _)) if of.as_deref() == vpc && called == name => Some(id),
            _ => None,
        }
    }
}

/// The keys of a row now. Empty if it was removed.
fn keys(model: &Model, kind: Kind, id: &str) -> Vec<Key> {
    match kind {
        Kind::Instance => model.instances.get(id).map(instance),
        Kind::NetworkInterface => model.network_interfaces.get(id).map(interface),
        Kind::Host => model.hosts.get(id).map(host),
        Kind::ManagedHost => model.managed_hosts.get(id).map(managed),
        Kind::ElasticAddress => model.elastic_addresses.get(id).map(|elastic| vec![Key::Elastic(elastic.address)]),
        Kind::HostedZone => model.hosted_zones.get(id).map(zone),
        _ => None,
    }
    .unwrap_or_default()
}

fn instance(instance: &model::Instance) -> Vec<Key> {
    let Network::Classic(place) = &instance.network else { return Vec::new() };
    let private = place.private.map(|address| Key::Classic(instance.scope.region.clone(), address));
    let public = place.public.as_ref().map(|public| Key::Public(public.address));
    let port = instance.is_on().then_some(Key::Port(instance.port & 0x00ff_ffff));
    private.into_iter().chain(public).chain(port).collect()
}

fn interface(interface: &model::NetworkInterface) -> Vec<Key> {
    let private = interface.addresses.iter().map(|address| Key::Vpc(interface.vpc.clone(), *address));
    let public = interface.public.values().map(|public| Key::Public(public.address));
    let port = interface.attachment.as_ref().map(|attachment| Key::Port(attachment.port & 0x00ff_ffff));
    private.chain(public).chain(port).collect()
}

fn host(host: &model::Host) -> Vec<Key> {
    let is_name = host.place == HostPlace::Internet && host.name.contains('.');
    let name = is_name.then(|| host.name.to_ascii_lowercase());
    let names =
        name.into_iter().flat_map(|name| [Key::Reversed(None, reversed(&name), host.name.clone()), Key::Name(name)]);
    std::iter::once(Key::Port(host.port & 0x00ff_ffff)).chain(names).collect()
}

/// Whether a name of a service's host resolves outside one VPC. The common name of a service resolves only in the VPC
/// of its interface endpoint.
pub fn is_for_everybody(host: &model::ManagedHost, name: &str) -> bool {
    host.owner.service != ManagedService::PrivateLink || name.split('.').any(|label| label == "vpce")
}

fn managed(host: &model::ManagedHost) -> Vec<Key> {
    let public = host.names.iter().filter(|name| is_for_everybody(host, name));
    let public = public.map(|name| Key::Reversed(None, reversed(name), host.id.clone()));
    let names = host.names.iter().map(|name| Key::Endpoint(name.clone(), host.id.clone())).chain(public);
    let addresses = match &host.place {
        // The network interface's own row has its keys.
        ManagedPlace::Vpc { .. } => Vec::new(),
        ManagedPlace::Classic { private, public, .. } => {
            let private = Key::Classic(host.scope.region.clone(), *private);
            public.map(Key::Public).into_iter().chain([private]).collect()
        }
    };
    names.chain(addresses).collect()
}

fn zone(zone: &model::HostedZone) -> Vec<Key> {
    let keys = |vpc: Option<String>| {
        let below = Key::Reversed(vpc.clone(), reversed(&zone.name), zone.id.clone());
        [below, Key::Zone(vpc, zone.name.clone(), zone.id.clone())]
    };
    match zone.private {
        false => keys(None).into(),
        true => zone.vpcs.keys().cloned().map(Some).flat_map(keys).collect(),
    }
}
