//! A host's lease, as EC2's DHCP server would send it: the host's name, its resolvers and its time servers.

use crate::names::private_name;
use model::platform_host::{CLASSIC_RESOLVER, INTERNET_RESOLVER, RESOLVER};
use model::{DhcpOptions, HostnameType, Model, Vpc};
use std::net::Ipv4Addr;

/// The name of the VPC's own resolver in DHCP options.
const AMAZON_PROVIDED: &str = "AmazonProvidedDNS";

/// A host's lease.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    /// The host's own address.
    pub address: Ipv4Addr,
    /// The host's own name.
    pub hostname: String,
    /// The search domains of short names.
    pub search: Vec<String>,
    /// The resolvers.
    pub name_servers: Vec<Ipv4Addr>,
    /// The time servers.
    pub time_servers: Vec<Ipv4Addr>,
    /// How often the host was rebooted. What its programs have written over the lease's files does not outlive a boot.
    pub reboots: u32,
}

/// The lease of a running instance or of a host outside the cloud.
pub fn lease(model: &Model, host: &str) -> Option<Lease> {
    if let Some(outside) = model.hosts.get(host) {
        let name_servers = vec![INTERNET_RESOLVER];
        return Some(Lease {
            address: outside.address,
            hostname: outside.name.clone(),
            search: Vec::new(),
            name_servers,
            time_servers: Vec::new(),
            reboots: 0,
        });
    }
    let instance = model.instances.get(host).filter(|instance| instance.is_on())?;
    let (region, reboots) = (&instance.scope.region, instance.reboots);
    let Some(place) = instance.vpc() else {
        let address = instance.classic()?.private?;
        let hostname = private_name(region, address);
        let (search, name_servers) = (vec![instance.scope.private_domain()], vec![CLASSIC_RESOLVER]);
        return Some(Lease { address, hostname, search, name_servers, time_servers: Vec::new(), reboots });
    };
    let vpc = model.vpcs.get(&place.vpc)?;
    let options = vpc.dhcp_options.as_ref().and_then(|id| model.dhcp_options.get(id));
    let search = match options {
        Some(options) => values(options, "domain-name").flat_map(str::split_whitespace).map(str::to_owned).collect(),
        None => vec![instance.scope.private_domain()],
    };
    let address = model.network_interfaces.get(place.interfaces.first()?)?.address();
    let short = match instance.options.dns.hostname {
        HostnameType::IpName => format!("ip-{}", address.to_string().replace('.', "-")),
        HostnameType::ResourceName => instance.id.clone(),
    };
    let name_servers = name_servers(vpc, options);
    // The options' domain is that of hostnames only if the options also name a server other than Amazon's ("CreateDhcpOptions").
    let has_own_server = name_servers.iter().any(|server| ![vpc.resolver(), RESOLVER].contains(server));
    let own_domain = search.first().filter(|_| has_own_server).cloned();
    Some(Lease {
        address,
        hostname: format!("{short}.{}", own_domain.unwrap_or_else(|| instance.scope.private_domain())),
        search,
        name_servers,
        time_servers: options.into_iter().flat_map(|options| addresses(options, "ntp-servers")).collect(),
        reboots,
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

/// The machine's own files that a host's files are based on.
#[derive(Clone, Debug, Default)]
pub struct Machine {
    /// `nsswitch.conf`. Everything but its line for hosts is kept.
    pub nsswitch: String,
    /// `timesyncd.conf`, which is kept if the lease has no time servers.
    pub timesyncd: String,
}

/// The directory of chrony's sources among a lease's files.
pub const CHRONY: &str = "chrony";
/// The directory of dhclient's leases.
pub const DHCLIENT: &str = "dhclient";
/// The directory of systemd-networkd's leases.
pub const NETWORKD: &str = "networkd";

impl Lease {
    /// The lease's files: name and content.
    pub fn files(&self, machine: &Machine) -> Vec<(String, String)> {
        let servers = self.name_servers.iter().map(|server| format!("nameserver {server}\n"));
        let resolv = line("search", &self.search) + &servers.collect::<String>();
        let others = machine.nsswitch.lines().filter(|line| !line.trim_start().starts_with("hosts:"));
        let nsswitch = others.chain(["hosts: files dns"]).map(|line| format!("{line}\n")).collect();
        let chrony: String = self.time_servers.iter().map(|server| format!("server {server} iburst\n")).collect();
        let timesyncd = match self.time_servers.as_slice() {
            [] => machine.timesyncd.clone(),
            servers => format!("[Time]\n{}\n", assignment("NTP", servers)),
        };
        vec![
            ("hostname".into(), format!("{}\n", self.hostname)),
            ("hosts".into(), "127.0.0.1 localhost\n".into()),
            ("nsswitch.conf".into(), nsswitch),
            ("resolv.conf".into(), resolv),
            ("timesyncd.conf".into(), timesyncd),
            (format!("{CHRONY}/dhcp.sources"), chrony),
            (format!("{DHCLIENT}/dhclient.leases"), self.of_dhclient()),
            (format!("{NETWORKD}/2"), self.of_networkd()),
        ]
    }

    /// The lease in the form of dhclient.leases(5).
    fn of_dhclient(&self) -> String {
        let option = |name: &str, values: Vec<String>| match values.as_slice() {
            [] => String::new(),
            values => format!("  option {name} {};\n", values.join(", ")),
        };
        let quoted = |text: &str| format!("\"{text}\"");
        let domain: Vec<String> = self.search.first().map(|_| quoted(&self.search.join(" "))).into_iter().collect();
        let options = [
            option("host-name", vec![quoted(&self.hostname)]),
            option("domain-name", domain),
            option("domain-name-servers", texts(&self.name_servers)),
            option("ntp-servers", texts(&self.time_servers)),
        ];
        let body = options.concat();
        format!(
            "lease {{\n  interface \"eth0\";\n  fixed-address {};\n{body}  renew never;\n  rebind never;\n  expire never;\n}}\n",
            self.address
        )
    }

    /// The lease in the form of systemd-networkd.
    fn of_networkd(&self) -> String {
        let mut lines = vec![format!("ADDRESS={}", self.address), format!("HOSTNAME={}", self.hostname)];
        if let Some(domain) = self.search.first() {
            lines.push(format!("DOMAINNAME={domain}"));
        }
        lines.push(assignment("DNS", &self.name_servers));
        if !self.time_servers.is_empty() {
            lines.push(assignment("NTP", &self.time_servers));
        }
        lines.join("\n") + "\n"
    }
}

fn texts(addresses: &[Ipv4Addr]) -> Vec<String> {
    addresses.iter().map(Ipv4Addr::to_string).collect()
}

fn assignment(name: &str, addresses: &[Ipv4Addr]) -> String {
    format!("{name}={}", texts(addresses).join(" "))
}

fn line(word: &str, values: &[String]) -> String {
    if values.is_empty() { String::new() } else { format!("{word} {}\n", values.join(" ")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A lease's file with this name.
    fn file(lease: &Lease, name: &str) -> String {
        let machine = Machine {
            nsswitch: "passwd: files\nhosts: files resolve [!UNAVAIL=return] dns\n".into(),
            timesyncd: "[Time]\nNTP=192.0.2.1\n".into(),
        };
        lease.files(&machine).into_iter().find(|(known, _)| known == name).unwrap().1
    }

    fn told() -> Lease {
        Lease {
            address: Ipv4Addr::new(10, 0, 0, 5),
            hostname: "ip-10-0-0-5.corp.example".into(),
            search: vec!["corp.example".into(), "example".into()],
            name_servers: vec![Ipv4Addr::new(10, 0, 0, 2), Ipv4Addr::new(10, 0, 0, 53)],
            time_servers: vec![Ipv4Addr::new(10, 0, 0, 123), Ipv4Addr::new(10, 0, 1, 123)],
            reboots: 0,
        }
    }

    #[test]
    fn files_have_the_leases_contents() {
        let lease = told();
        assert_eq!(file(&lease, "hostname"), "ip-10-0-0-5.corp.example\n");
        assert_eq!(file(&lease, "nsswitch.conf"), "passwd: files\nhosts: files dns\n");
        assert_eq!(
            file(&lease, "resolv.conf"),
            "search corp.example example\nnameserver 10.0.0.2\nnameserver 10.0.0.53\n"
        );
    }

    #[test]
    fn every_time_program_gets_the_servers() {
        let lease = told();
        assert_eq!(file(&lease, "timesyncd.conf"), "[Time]\nNTP=10.0.0.123 10.0.1.123\n");
        assert_eq!(file(&lease, "chrony/dhcp.sources"), "server 10.0.0.123 iburst\nserver 10.0.1.123 iburst\n");
        let of_dhclient = file(&lease, "dhclient/dhclient.leases");
        assert!(of_dhclient.contains("  option ntp-servers 10.0.0.123, 10.0.1.123;\n"), "{of_dhclient}");
        assert!(of_dhclient.contains("  option domain-name \"corp.example example\";\n"), "{of_dhclient}");
        assert!(file(&lease, "networkd/2").contains("NTP=10.0.0.123 10.0.1.123\n"));
    }

    #[test]
    fn without_time_servers_the_machines_own_stay() {
        let lease = Lease { time_servers: Vec::new(), ..told() };
        assert_eq!(file(&lease, "timesyncd.conf"), "[Time]\nNTP=192.0.2.1\n");
        assert_eq!(file(&lease, "chrony/dhcp.sources"), "");
        assert!(!file(&lease, "dhclient/dhclient.leases").contains("ntp-servers"));
    }
}
