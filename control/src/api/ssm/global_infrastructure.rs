//! The parameters about AWS's own Regions, zones and services, of which the platform's are listed.

use model::{REGIONS, Region};

/// Where the parameters are.
const ROOT: &str = "/aws/service/global-infrastructure";

/// The services that the platform has, as these parameters call them.
const SERVICES: [&str; 12] = [
    "autoscaling",
    "ec2",
    "elasticache",
    "elb",
    "iam",
    "logs",
    "rds",
    "redshift",
    "resourcegroupstaggingapi",
    "route53",
    "ssm",
    "sts",
];

/// The parameters' names and values.
pub fn parameters() -> impl Iterator<Item = (String, String)> {
    let services = SERVICES.into_iter().flat_map(|service| {
        let regions =
            REGIONS.iter().map(move |region| (format!("services/{service}/regions/{}", region.name), region.name));
        [(format!("services/{service}"), service)].into_iter().chain(regions)
    });
    let services = services.map(|(path, value)| (path, value.to_owned()));
    let all = services.chain(REGIONS.iter().flat_map(about_region));
    all.map(|(path, value)| (format!("{ROOT}/{path}"), value))
}

/// The paths and values about a Region.
fn about_region(region: &'static Region) -> Vec<(String, String)> {
    let path = format!("regions/{}", region.name);
    let facts = [("domain", region.domain()), ("partition", region.partition()), ("longName", long_name(region.name))];
    let mut all = vec![(path.clone(), region.name.to_owned())];
    all.extend(facts.map(|(fact, value)| (format!("{path}/{fact}"), value.to_owned())));
    all.extend(SERVICES.map(|service| (format!("{path}/services/{service}"), service.to_owned())));
    for (_, zone) in region.zones() {
        all.push((format!("{path}/availability-zones/{zone}"), zone.clone()));
        all.push((format!("availability-zones/{zone}"), zone));
    }
    all
}

/// The Region's name for people.
fn long_name(region: &str) -> &str {
    let mut lines = include_str!("regions.txt").lines().filter_map(|line| line.split_once(' '));
    lines.find(|(name, _)| *name == region).map_or(region, |(_, name)| name)
}
