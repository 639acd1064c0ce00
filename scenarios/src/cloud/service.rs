//! Which service an action is of: their names tell.

/// A service of the API that is asked by forms.
#[derive(Debug, PartialEq, Eq)]
pub struct Service {
    /// Its name in signatures.
    pub name: &'static str,
    /// The version of its API.
    pub version: &'static str,
    /// Words of which one stands in the names of its actions, and in no other's.
    words: &'static [&'static str],
}

/// Where no word fits.
static EC2: Service = Service { name: "ec2", version: "2016-11-15", words: &[] };

/// What the actions of Auto Scaling are about.
const SCALING: &[&str] = &[
    "AutoScaling",
    "LaunchConfiguration",
    "ScheduledAction",
    "ScheduledUpdate",
    "ScalingActivities",
    "DesiredCapacity",
    "Processes",
    "SetInstanceHealth",
    "InstanceProtection",
    "Standby",
    "LifecycleAction",
    "LifecycleHook",
    "WarmPool",
];

/// The others. The first that fits counts.
static SERVICES: [Service; 5] = [
    Service {
        name: "elasticloadbalancing",
        version: "2012-06-01",
        words: &["LoadBalancer", "ConfigureHealthCheck", "DescribeInstanceHealth", "CookieStickiness"],
    },
    Service { name: "autoscaling", version: "2011-01-01", words: SCALING },
    Service { name: "rds", version: "2014-10-31", words: &["DB", "DescribeEvents"] },
    Service { name: "elasticache", version: "2015-02-02", words: &["Cache", "ReplicationGroup"] },
    Service { name: "redshift", version: "2012-12-01", words: &["Cluster"] },
];

impl Service {
    /// The service of an action.
    pub fn of(action: &str) -> &'static Service {
        let fits = |service: &&Service| service.words.iter().any(|word| action.contains(word));
        SERVICES.iter().find(fits).unwrap_or(&EC2)
    }

    /// Whether it has hosts of its own.
    pub fn has_hosts(&self) -> bool {
        *self != EC2
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_action_tells_its_service() {
        let services = [
            "CompleteLifecycleAction",
            "DeleteLoadBalancer",
            "CreateDBInstance",
            "CreateCacheCluster",
            "ModifyReplicationGroup",
            "CreateClusterSubnetGroup",
            "CreateVpc",
        ];
        let names = services.map(|action| Service::of(action).name);
        assert_eq!(
            names,
            ["autoscaling", "elasticloadbalancing", "rds", "elasticache", "elasticache", "redshift", "ec2"]
        );
    }
}
