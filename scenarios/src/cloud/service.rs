//! The service of an action, by the action's name.

/// A service with form-encoded requests.
#[derive(Debug, PartialEq, Eq)]
pub struct Service {
    /// Its name in signatures.
    pub name: &'static str,
    /// The version of its API.
    pub version: &'static str,
    /// Words that occur in the names of its actions, and in no other service's.
    words: &'static [&'static str],
}

/// The service of all other actions.
static EC2: Service = Service { name: "ec2", version: "2016-11-15", words: &[] };

/// Words in the names of Auto Scaling's actions.
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
    "AttachInstances",
    "DetachInstances",
    "WarmPool",
];

/// The other services. The first that matches is taken.
static SERVICES: [Service; 5] = [
    Service {
        name: "elasticloadbalancing",
        version: "2012-06-01",
        words: &["LoadBalancer", "ConfigureHealthCheck", "DescribeInstanceHealth", "CookieStickiness"],
    },
    Service { name: "autoscaling", version: "2011-01-01", words: SCALING },
    Service { name: "rds", version: "2014-10-31", words: &["DB", "DescribeEvents"] },
    Service { name: "elasticache", version: "2015-02-02", words: &["Cache", "ReplicationGroup", "TestFailover"] },
    Service { name: "redshift", version: "2012-12-01", words: &["Cluster"] },
];

impl Service {
    /// The service of an action.
    pub fn of(action: &str) -> &'static Service {
        let matches = |service: &&Service| service.words.iter().any(|word| action.contains(word));
        SERVICES.iter().find(matches).unwrap_or(&EC2)
    }

    /// Whether it has hosts in the network.
    pub fn has_hosts(&self) -> bool {
        *self != EC2
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_are_assigned_to_services_by_words_in_their_names() {
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
