//! Names that addresses have in the platform's DNS (semantics.md §7.1).

use std::net::Ipv4Addr;

fn dashed(address: Ipv4Addr) -> String {
    address.to_string().replace('.', "-")
}

/// `ip-10-251-50-12.ec2.internal`
pub fn private_name(region: &str, address: Ipv4Addr) -> String {
    match region {
        "us-east-1" => format!("ip-{}.ec2.internal", dashed(address)),
        _ => format!("ip-{}.{region}.compute.internal", dashed(address)),
    }
}

/// `ec2-203-0-113-25.compute-1.amazonaws.com`
pub fn public_name(region: &str, address: Ipv4Addr) -> String {
    match region {
        "us-east-1" => format!("ec2-{}.compute-1.amazonaws.com", dashed(address)),
        _ => format!("ec2-{}.{region}.compute.amazonaws.com", dashed(address)),
    }
}
