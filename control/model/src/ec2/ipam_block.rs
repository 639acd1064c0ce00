//! The blocks that are wanted of IPAM pools, and the search for free ones.

use ipnet::IpNet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A wanted block.
#[derive(Clone, Debug, Default)]
pub struct BlockWish {
    /// This block.
    pub cidr: Option<IpNet>,
    /// The next free one with this prefix length.
    pub length: Option<u8>,
    /// The blocks in which it may be.
    pub within: Vec<IpNet>,
    /// The blocks in which it must not be.
    pub without: Vec<IpNet>,
}

/// The address after this one.
fn successor(address: IpAddr) -> Option<IpAddr> {
    match address {
        IpAddr::V4(address) => address.to_bits().checked_add(1).map(|next| IpAddr::V4(Ipv4Addr::from_bits(next))),
        IpAddr::V6(address) => address.to_bits().checked_add(1).map(|next| IpAddr::V6(Ipv6Addr::from_bits(next))),
    }
}

/// The first block of a prefix length in `whole` that overlaps none of the taken ones, which are sorted by address.
pub(super) fn first_free(whole: &IpNet, length: u8, taken: &[IpNet]) -> Option<IpNet> {
    let mut block = IpNet::new(whole.network(), length).ok()?;
    for other in taken {
        if other.contains(&block) || block.contains(other) {
            let next = successor(other.broadcast().max(block.broadcast()))?;
            block = IpNet::new(next, length).ok()?;
        }
    }
    whole.contains(&block).then_some(block)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nets(texts: &[&str]) -> Vec<IpNet> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn the_first_free_block_is_between_larger_and_smaller_ones() {
        let free = |whole: &str, length, taken: &[&str]| {
            first_free(&whole.parse().unwrap(), length, &nets(taken)).map(|block| block.to_string())
        };
        let some = |block: &str| Some(block.to_owned());
        assert_eq!(free("10.0.0.0/8", 16, &[]), some("10.0.0.0/16"));
        assert_eq!(free("10.0.0.0/8", 16, &["10.0.0.0/12", "10.16.3.0/24"]), some("10.17.0.0/16"));
        assert_eq!(free("10.0.0.0/8", 24, &["10.0.0.0/28", "10.0.2.0/24"]), some("10.0.1.0/24"));
        assert_eq!(free("10.0.0.0/8", 24, &["10.0.0.0/15", "10.0.0.0/28", "10.2.0.0/24"]), some("10.2.1.0/24"));
        assert_eq!(free("10.0.0.0/16", 8, &[]), None, "a pool has no block that is larger than it");
        assert_eq!(free("255.255.0.0/16", 17, &["255.255.0.0/17", "255.255.128.0/17"]), None);
        assert_eq!(free("2001:db8::/32", 48, &["2001:db8::/47"]), some("2001:db8:2::/48"));
    }
}
