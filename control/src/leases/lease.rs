//! What a host is told when it starts, as EC2's DHCP server tells it: its name, and whom to ask for others.

use crate::model::platform_host::{CLASSIC_RESOLVER, INTERNET_RESOLVER};
use crate::model::{DhcpOptions, Model, Vpc};
use crate::names::private_name;
use std::net::Ipv4Addr;

/// What a DHCP options set calls the resolver of the VPC.
const AMAZON_PROVIDED: &str = "AmazonProvidedDNS";

/// A host's lease.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    /// The host's own name.
    pub hostname: String,
    /// The domains in which short names are looked for.
    pub search: Vec<String>,
    /// Who answers queries.
    pub name_servers: Vec<Ipv4Addr>,
    /// Who tells the time.
    pub time_servers: Vec<Ipv4Addr>,
}

/// The lease of a running instance or of a host outside the cloud.
pub fn lease(model: &Model, host: &str) -> Option<Lease> {
    if let Some(outside) = model.hosts.get(host) {
        let name_servers = vec![INTERNET_RESOLVER];
        return Some(Lease {
            hostname: outside.name.clone(),
            search: Vec::new(),
            name_servers,
            time_servers: Vec::new(),
        });
    }
    let instance = model.instances.get(host).filter(|instance| instance.is_on())?;
    let region = &instance.scope.region;
    let Some(place) = instance.vpc() else {
        let hostname = private_name(region, instance.classic()?.private?);
        let (search, name_servers) = (vec![instance.scope.private_domain()], vec![CLASSIC_RESOLVER]);
        return Some(Lease { hostname, search, name_servers, time_servers: Vec::new() });
    };
    let vpc = model.vpcs.get(&place.vpc)?;
    let options = vpc.dhcp_options.as_ref().and_then(|id| model.dhcp_options.get(id));
    let search = match options {
        Some(options) => values(options, "domain-name").flat_map(str::split_whitespace).map(str::to_owned).collect(),
        None => vec![instance.scope.private_domain()],
    };
    let own = model.network_interfaces.get(place.interfaces.first()?)?.address();
    let short = format!("ip-{}", own.to_string().replace('.', "-"));
    Some(Lease {
        hostname: search.first().map_or(short.clone(), |domain| format!("{short}.{domain}")),
        search,
        name_servers: name_servers(vpc, options),
        time_servers: options.into_iter().flat_map(|options| addresses(options, "ntp-servers")).collect(),
    })
}

fn name_servers(vpc: &Vpc, options: Option<&DhcpOptions>) -> Vec<Ipv4Addr> {
    let Some(options) = options else { return vec![vpc.resolver()] };
    let server = |value: &str| if value == AMAZON_PROVIDED { Some(vpc.resolver()) } else { value.parse().ok() };
    values(options, "domain-name-servers").filter_map(server).collect()
}

fn addresses<'o>(options: &'o DhcpOptions, key: &str) -> impl Iterator<Item = Ipv4Addr> + 'o {
    values(options, key).filter_map(|value| value.parse().ok())
}

fn values<'o>(options: &'o DhcpOptions, key: &str) -> impl Iterator<Item = &'o str> + 'o {
    options.values.get(key).into_iter().flatten().map(String::as_str)
}

impl Lease {
    /// The files by which a host's programs know it: name in `/etc`, content. `nsswitch` is the machine's own file of that name, of
    /// which all but the line for hosts holds.
    pub fn files(&self, nsswitch: &str) -> [(&'static str, String); 4] {
        let lines = |word: &str, values: &[String]| match values {
            [] => String::new(),
            values => format!("{word} {}\n", values.join(" ")),
        };
        let servers = self.name_servers.iter().map(|server| format!("nameserver {server}\n"));
        let resolv = lines("search", &self.search) + &servers.collect::<String>();
        let others = nsswitch.lines().filter(|line| !line.trim_start().starts_with("hosts:"));
        let nsswitch = others.chain(["hosts: files dns"]).map(|line| format!("{line}\n")).collect();
        [
            ("hostname", format!("{}\n", self.hostname)),
            ("hosts", "127.0.0.1 localhost\n".to_owned()),
            ("nsswitch.conf", nsswitch),
            ("resolv.conf", resolv),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_say_what_the_lease_says() {
        let lease = Lease {
            hostname: "ip-10-0-0-5.corp.example".into(),
            search: vec!["corp.example".into(), "example".into()],
            name_servers: vec![Ipv4Addr::new(10, 0, 0, 2), Ipv4Addr::new(10, 0, 0, 53)],
            time_servers: Vec::new(),
        };
        let [hostname, _, nsswitch, resolv] =
            lease.files("passwd: files\nhosts: files resolve [!UNAVAIL=return] dns\n");
        assert_eq!(hostname.1, "ip-10-0-0-5.corp.example\n");
        assert_eq!(nsswitch.1, "passwd: files\nhosts: files dns\n");
        assert_eq!(resolv.1, "search corp.example example\nnameserver 10.0.0.2\nnameserver 10.0.0.53\n");
    }
}
