//! What services tell of one resource at a time, by its name. The answers do not name it, so its name is put beside them.

use super::questions::{Question, json};
use super::{ExportError, has_items, pages, put_beside};
use model::services::Thing;
use model::{Model, Scope, Time};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value as Json;
use shapes::{autoscaling, elasticache, elb, rds, redshift};

/// What a service is asked about a resource.
struct Detail {
    service: &'static str,
    /// The beginning of the file's name.
    file: &'static str,
    question: Question,
    /// The parameter that has the resource's name.
    parameter: &'static str,
    /// Further parameters.
    more: &'static str,
}

const fn detail(service: &'static str, file: &'static str, question: Question, parameter: &'static str) -> Detail {
    Detail { service, file, question, parameter, more: "" }
}

/// Of parameters, only those that the group's owner has set.
const SET: &str = "&Source=user";

static OF_DB_GROUP: Detail = Detail {
    more: SET,
    ..detail(
        "rds",
        "rds-db-parameters",
        ("DescribeDBParameters", json::<rds::DBParameterGroupDetails>),
        "DBParameterGroupName",
    )
};
static OF_DB_CLUSTER_GROUP: Detail = Detail {
    more: SET,
    ..detail(
        "rds",
        "rds-db-cluster-parameters",
        ("DescribeDBClusterParameters", json::<rds::DBClusterParameterGroupDetails>),
        "DBClusterParameterGroupName",
    )
};
static OF_CACHE_GROUP: Detail = Detail {
    more: SET,
    ..detail(
        "elasticache",
        "elasticache-cache-parameters",
        ("DescribeCacheParameters", json::<elasticache::CacheParameterGroupDetails>),
        "CacheParameterGroupName",
    )
};
static OF_CLUSTER_GROUP: Detail = Detail {
    more: SET,
    ..detail(
        "redshift",
        "redshift-cluster-parameters",
        ("DescribeClusterParameters", json::<redshift::ClusterParameterGroupDetails>),
        "ParameterGroupName",
    )
};
static OF_LOAD_BALANCER: [Detail; 3] = [
    detail(
        "elasticloadbalancing",
        "elb-attributes",
        ("DescribeLoadBalancerAttributes", json::<elb::DescribeLoadBalancerAttributesOutput>),
        "LoadBalancerName",
    ),
    detail(
        "elasticloadbalancing",
        "elb-policies",
        ("DescribeLoadBalancerPolicies", json::<elb::DescribeLoadBalancerPoliciesOutput>),
        "LoadBalancerName",
    ),
    detail(
        "elasticloadbalancing",
        "elb-tags",
        ("DescribeTags", json::<elb::DescribeTagsOutput>),
        "LoadBalancerNames.member.1",
    ),
];
static OF_SCALING_GROUP: Detail = detail(
    "autoscaling",
    "autoscaling-lifecycle-hooks",
    ("DescribeLifecycleHooks", json::<autoscaling::DescribeLifecycleHooksAnswer>),
    "AutoScalingGroupName",
);

/// The files about single resources of a scope: `rds-db-parameters-NAME.json`.
pub(super) fn files(model: &Model, scope: &Scope, now: Time) -> Result<Vec<(String, Json)>, ExportError> {
    let groups = model.parameter_groups.iter().filter(|group| group.scope == *scope && !group.values.is_empty());
    let groups = groups.map(|group| match group.thing {
        Thing::DbParameterGroup => (&OF_DB_GROUP, &group.name),
        Thing::DbClusterParameterGroup => (&OF_DB_CLUSTER_GROUP, &group.name),
        Thing::CacheParameterGroup => (&OF_CACHE_GROUP, &group.name),
        _ => (&OF_CLUSTER_GROUP, &group.name),
    });
    let balancers = model.load_balancers.iter().filter(|balancer| balancer.scope == *scope);
    let balancers = balancers.flat_map(|balancer| OF_LOAD_BALANCER.iter().map(move |detail| (detail, &balancer.name)));
    let scaling = model.auto_scaling_groups.iter().filter(|group| group.scope == *scope);
    let scaling = scaling.map(|group| (&OF_SCALING_GROUP, &group.name));
    let mut files = Vec::new();
    for (detail, name) in groups.chain(balancers).chain(scaling) {
        let Detail { service, file, question, parameter, more } = detail;
        let form = format!("&{parameter}={}{more}", utf8_percent_encode(name, NON_ALPHANUMERIC));
        let mut answer = pages(model, (service, scope), now, question, &form)?;
        if !has_items(&answer) {
            continue;
        }
        put_beside(&mut answer, parameter, name);
        // A name may have slashes.
        files.push((format!("{file}-{}.json", name.replace('/', "%2F")), answer));
    }
    Ok(files)
}
