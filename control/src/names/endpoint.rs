//! The names of the API's own endpoints, which clients derive from a service and a Region.

use model::{REGIONS, Region};
use shapes::SERVICES;

/// Services that have one global endpoint, or one beside the regional ones.
const GLOBAL: [&str; 4] = ["ec2", "iam", "route53", "sts"];
/// The domain of GovCloud's global endpoints. In other partitions it is that of the Regions' domains.
pub const GOV_CLOUD: &str = "us-gov.amazonaws.com";

/// Whether a name is an endpoint of the API: `ec2.us-east-1.amazonaws.com`, `iam.amazonaws.com`.
pub fn is_endpoint(name: &str) -> bool {
    let Some((service, rest)) = name.split_once('.') else { return false };
    if is_partition(rest) {
        return GLOBAL.contains(&service);
    }
    is_region(rest) && SERVICES.iter().any(|known| known.signing == service)
}

/// Whether a name is above endpoints of the API.
pub fn is_above_endpoints(name: &str) -> bool {
    is_partition(name) || is_region(name)
}

/// Whether a name is a partition's domain, which has the endpoints of global services: `amazonaws.com`.
fn is_partition(name: &str) -> bool {
    name == GOV_CLOUD || REGIONS.iter().any(|region| region.domain() == name)
}

/// Whether a name is a Region's domain, which has the endpoints of the Region's services: `us-east-1.amazonaws.com`.
fn is_region(name: &str) -> bool {
    let region = name.split_once('.').and_then(|(region, domain)| Some((Region::named(region)?, domain)));
    region.is_some_and(|(region, domain)| region.domain() == domain)
}

#[cfg(test)]
mod tests {
    use super::is_endpoint;

    #[test]
    fn names_are_those_that_clients_use() {
        for name in [
            "ec2.us-east-1.amazonaws.com",
            "elasticloadbalancing.eu-west-1.amazonaws.com",
            "rds.cn-north-1.amazonaws.com.cn",
            "ssm.us-east-1.amazonaws.com",
            "sts.amazonaws.com",
            "iam.amazonaws.com",
            "iam.us-gov.amazonaws.com",
            "route53.amazonaws.com.cn",
        ] {
            assert!(is_endpoint(name), "{name}");
        }
        for name in [
            "amazonaws.com",
            "s3.us-east-1.amazonaws.com",
            "ec2.us-east-1.amazonaws.com.cn",
            "ec2.us-east-9.amazonaws.com",
            "rds.amazonaws.com",
            "shop-1.us-east-1.elb.amazonaws.com",
        ] {
            assert!(!is_endpoint(name), "{name}");
        }
    }
}
