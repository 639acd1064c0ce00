//! The kernel's router: a namespace with `ip_forward`, and an nftables rule set that tracks connections and lets members of a set in,
//! as a security group does.

use super::Running;
use crate::namespace::Namespace;
use crate::setup::{Obstacle, PORT, PROGRAMS_PORT, Setup};
use measuring::Options;

pub fn start(setup: &Setup, options: Options) -> Result<Running, Obstacle> {
    let (a, b, router) = (Namespace::new("k-a")?, Namespace::new("k-b")?, Namespace::new("k-r")?);
    a.connect(("eth0", "10.98.1.2/24"), &router, ("to-a", "10.98.1.1/24"))?;
    b.connect(("eth0", "10.98.2.2/24"), &router, ("to-b", "10.98.2.1/24"))?;
    a.run("ip route add default via 10.98.1.1")?;
    b.run("ip route add default via 10.98.2.1")?;
    router.run("echo 1 > /proc/sys/net/ipv4/ip_forward")?;
    router.run(&format!("nft -f - <<'RULES'\n{}\nRULES", rules()))?;
    Running::between(setup, &a.path(), &b.path(), options, [a, b, router])
}

fn rules() -> String {
    format!(
        "table ip cloud {{
            set members {{ type ipv4_addr; elements = {{ 10.98.1.2, 10.98.1.3, 10.98.2.3 }} }}
            chain forward {{
                type filter hook forward priority 0; policy drop;
                ct state established,related accept
                ct state invalid drop
                ip saddr @members ip daddr 10.98.2.2 tcp dport {PORT}-{PROGRAMS_PORT} ct state new accept
                ip saddr @members ip daddr 10.98.2.2 udp dport {PORT}-{PROGRAMS_PORT} ct state new accept
                ip saddr @members ip daddr 10.98.2.2 icmp type echo-request ct state new accept
            }}
        }}"
    )
}
