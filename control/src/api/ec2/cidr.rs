//! Addresses and blocks of addresses in parameters.

use model::{Error, Result};
use std::str::FromStr;

/// An address, of IPv4 or IPv6, out of the value of a parameter.
pub fn address<T: FromStr>(parameter: &str, value: &str) -> Result<T> {
    value.parse().map_err(|_| Error::invalid(parameter, value))
}

/// A block out of the value of a parameter; a bare address is none.
pub fn cidr<T: FromStr>(parameter: &str, value: &str) -> Result<T> {
    // Some programs read such numbers as octal ones: 010.0.0.0/8 would be another block.
    let is_octal = |number: &str| {
        number.len() > 1 && number.starts_with('0') && number.bytes().all(|digit| digit.is_ascii_digit())
    };
    let block = value.parse::<T>().ok().filter(|_| !value.split(['.', '/']).any(is_octal));
    block.ok_or_else(|| Error::BadCidr { name: parameter.to_owned(), value: value.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use ipnet::IpNet;

    #[test]
    fn a_number_in_a_block_has_one_reading() {
        for block in ["10.0.0.0/8", "0.0.0.0/0", "::/0", "0064:ff9b::/96", "2001:0db8::/32"] {
            assert!(cidr::<IpNet>("CidrIp", block).is_ok(), "{block}");
        }
        for block in ["010.0.0.0/8", "10.00.0.0/8", "10.0.0.0/08", "10.0.0.0", "10.0.0.0/+8", "0x0a.0.0.0/8"] {
            assert!(cidr::<IpNet>("CidrIp", block).is_err(), "{block}");
        }
    }
}
