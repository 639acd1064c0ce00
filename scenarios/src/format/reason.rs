//! The names of the drop reasons, as `classiclink drops` prints them.

/// The reasons that a `cannot` may name. The runner uses the product only from outside, so it has its own list, which a
/// test compares.
pub const REASONS: &[&str] = &[
    "malformed",
    "impossible-offload",
    "not-ipv4",
    "source-routed",
    "martian",
    "source-check",
    "destination-check",
    "no-route",
    "blackhole",
    "not-attached",
    "no-such-address",
    "no-public-address",
    "no-translation",
    "ports-exhausted",
    "unknown-connection",
    "no-service",
    "service-rate",
    "egress-filter",
    "ingress-filter",
    "egress-acl",
    "ingress-acl",
    "fragment-without-first",
    "fragment-overlap",
    "fragment-of-dropped",
    "ttl-expired",
    "mtu-exceeded",
    "unrelated-error",
    "flow-share",
    "flow-table-full",
    "port-unavailable",
    "impaired-loss",
    "impaired-queue",
];

#[cfg(test)]
mod tests {
    #[test]
    fn the_product_has_the_same_reasons() {
        let product: Vec<_> = wire::DropReason::ALL.iter().map(|reason| reason.name()).collect();
        assert_eq!(super::REASONS, product);
    }
}
