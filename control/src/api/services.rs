//! The services of the endpoint, and which of them a request is for.

use super::protocol::{Dialect, RequestError};
use super::service::Service;
use super::{autoscaling, ec2, elasticache, elb, iam, logs, rds, redshift, route53, ssm, sts, tagging};

/// All services. The first is the default.
pub static SERVICES: [&Service; 12] = [
    &ec2::SERVICE,
    &autoscaling::SERVICE,
    &elasticache::SERVICE,
    &elb::SERVICE,
    &iam::SERVICE,
    &logs::SERVICE,
    &rds::SERVICE,
    &redshift::SERVICE,
    &route53::SERVICE,
    &ssm::SERVICE,
    &sts::SERVICE,
    &tagging::SERVICE,
];

/// Services that the platform lacks and whose requests are signed with the name of a service that it has: the name, the
/// version of their API, and their description.
const NAMESAKES: [(&str, &str, &str); 1] = [(
    "elasticloadbalancing",
    "2015-12-01",
    "elbv2 (application, network and gateway load balancers; there are classic ones, elb)",
)];

/// Services that the platform lacks and whose actions are paths with XML bodies. Others with such actions have JSON bodies.
const REST_XML: [&str; 3] = ["cloudfront", "s3", "s3express"];

/// What targets of requests call the services with JSON.
static TARGETS: [(&str, &Service); 3] = [
    ("AmazonSSM", &ssm::SERVICE),
    ("Logs_20140328", &logs::SERVICE),
    ("ResourceGroupsTaggingAPI_20170126", &tagging::SERVICE),
];

/// The parts of a request that show its service.
#[derive(Clone, Copy, Debug, Default)]
pub struct Hints<'a> {
    /// The service in the scope of its signature.
    pub signed_for: Option<&'a str>,
    /// The header `X-Amz-Target`, `Service_20150101.Action`.
    pub target: Option<&'a str>,
    /// The parameter `Action`.
    pub action: Option<&'a str>,
    /// The parameter `Version`.
    pub version: Option<&'a str>,
    /// The path of its URL.
    pub path: &'a str,
}

impl Hints<'_> {
    /// The service of the request.
    ///
    /// # Errors
    /// [`RequestError::UnsupportedService`], with the dialect of the client.
    pub fn service(&self) -> Result<&'static Service, (RequestError, Dialect)> {
        let unsupported = |service: &str| RequestError::UnsupportedService { service: service.to_owned() };
        let signed = |name| SERVICES.into_iter().find(|service| service.facts.signing == name);
        // Ranges of versions overlap: of the services that have the action, the one whose version it is exactly comes first.
        let versioned = |version: &str, action: &str| {
            let exactly = SERVICES.into_iter().filter(|service| service.facts.version == version);
            let serving = exactly.chain(SERVICES.into_iter().filter(|service| service.serves(version)));
            serving.clone().find(|service| service.knows(action)).or_else(|| serving.clone().next())
        };
        // boto 2 takes the service's name from the host's name, even if that is an address.
        let signed_for =
            self.signed_for.filter(|name| *name != "localhost" && !name.bytes().all(|b| b.is_ascii_digit()));
        let is_namesake = |name: &str, version: &str| (signed_for, self.version) == (Some(name), Some(version));
        if let Some((.., other)) = NAMESAKES.into_iter().find(|&(name, version, _)| is_namesake(name, version)) {
            return Err((unsupported(other), self.dialect()));
        }
        match (signed_for, self.target, self.action, self.version) {
            // Some clients sign for one service and use another, which only the version shows.
            (Some(name), ..) => signed(name).ok_or_else(|| (unsupported(name), self.dialect())),
            (None, Some(target), ..) => {
                let (name, _) = target.split_once('.').unwrap_or((target, ""));
                let found = TARGETS.into_iter().find(|(known, _)| *known == name).map(|(_, service)| service);
                found.ok_or_else(|| (unsupported(name.split('_').next().unwrap_or(name)), Dialect::Json))
            }
            (None, None, Some(action), Some(version)) => Ok(versioned(version, action).unwrap_or(SERVICES[0])),
            (None, None, Some(_), None) => Ok(SERVICES[0]),
            (None, None, None, _) if self.path.len() > 1 => {
                let at = |service: &&Service| service.facts.has_path(self.path);
                SERVICES.into_iter().find(at).ok_or_else(|| (unsupported(self.path), Dialect::RestXml))
            }
            (None, None, None, _) => Ok(SERVICES[0]),
        }
    }

    /// The dialect of a client whose service is unknown.
    fn dialect(&self) -> Dialect {
        match (self.target, self.action) {
            (Some(_), _) => Dialect::Json,
            (None, Some(_)) => Dialect::Query,
            (None, None) if self.signed_for.is_none_or(|name| REST_XML.contains(&name)) => Dialect::RestXml,
            (None, None) => Dialect::Json,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(hints: Hints<'_>) -> Result<&'static str, Dialect> {
        hints.service().map(|service| service.facts.signing).map_err(|(_, dialect)| dialect)
    }

    #[test]
    fn scope_target_version_and_path_show_the_service_in_this_order() {
        let query = Hints { action: Some("X"), version: Some("2011-06-15"), path: "/", ..Hints::default() };
        assert_eq!(found(query), Ok("sts"));
        assert_eq!(found(Hints { signed_for: Some("ec2"), ..query }), Ok("ec2"));
        assert_eq!(found(Hints { version: Some("2014-10-01"), ..query }), Ok("ec2"));
        assert_eq!(found(Hints { version: Some("2014-10-31"), ..query }), Ok("rds"));
        assert_eq!(found(Hints { version: None, ..query }), Ok("ec2"));
        assert_eq!(found(Hints { signed_for: Some("127"), ..query }), Ok("sts"), "boto 2, of 127.0.0.1");
        for (old, action, service) in [
            ("2013-05-15", "DescribeDBInstances", "rds"),
            ("2013-06-15", "DescribeCacheClusters", "elasticache"),
            ("2012-06-01", "DescribeVpcs", "ec2"),
            ("2014-06-15", "X", "ec2"),
        ] {
            let old = Hints { action: Some(action), version: Some(old), ..query };
            assert_eq!(found(old), Ok(service), "{old:?}");
        }
        let databases = Hints { action: Some("DescribeDBInstances"), version: Some("2013-09-09"), ..query };
        assert_eq!(found(databases), Ok("rds"), "boto 2, and not elasticache with the same version");
    }

    #[test]
    fn clients_of_other_services_get_errors_in_their_dialect() {
        let query = Hints { action: Some("X"), version: Some("2012-11-05"), path: "/", ..Hints::default() };
        assert_eq!(found(Hints { signed_for: Some("sqs"), ..query }), Err(Dialect::Query));
        let balancing = Hints { signed_for: Some("elasticloadbalancing"), ..query };
        assert_eq!(found(Hints { version: Some("2012-06-01"), ..balancing }), Ok("elasticloadbalancing"));
        assert_eq!(found(Hints { version: Some("2015-12-01"), ..balancing }), Err(Dialect::Query));
        let tags = Hints { target: Some("ResourceGroupsTaggingAPI_20170126.GetResources"), ..Hints::default() };
        assert_eq!(found(tags), Ok("tagging"));
        let json = Hints { target: Some("DynamoDB_20120810.ListTables"), path: "/", ..Hints::default() };
        assert_eq!(found(json), Err(Dialect::Json));
        assert_eq!(found(Hints { signed_for: Some("dynamodb"), ..json }), Err(Dialect::Json));
        let rest = Hints { path: "/bucket/key", ..Hints::default() };
        assert_eq!(found(rest), Err(Dialect::RestXml));
        assert_eq!(found(Hints { signed_for: Some("s3"), ..rest }), Err(Dialect::RestXml));
        assert_eq!(found(Hints { signed_for: Some("lambda"), ..rest }), Err(Dialect::Json));
    }
}
