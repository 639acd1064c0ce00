//! All of Route 53: hosted zones with their records, health checks, and what zones share or are given.

use super::questions::{Question, json};
use super::{ExportError, ask_at};
use model::{Model, Scope, Time};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value as Json, json as object};
use shapes::route53;
use std::path::PathBuf;

/// An action that lists something.
struct Listing {
    question: Question,
    /// The member of its reply that has the items.
    list: &'static str,
    /// Members of a reply that are parameters of the request for the next page.
    next: &'static [(&'static str, &'static str)],
}

const RECORDS: Listing = Listing {
    question: ("ListResourceRecordSets", json::<route53::ListResourceRecordSetsResponse>),
    list: "ResourceRecordSets",
    next: &[("NextRecordName", "name"), ("NextRecordType", "type"), ("NextRecordIdentifier", "identifier")],
};
const VERSIONS: Listing = Listing {
    question: ("ListTrafficPolicyVersions", json::<route53::ListTrafficPolicyVersionsResponse>),
    list: "TrafficPolicies",
    next: &[("TrafficPolicyVersionMarker", "trafficpolicyversion")],
};
const BLOCKS: Listing = Listing {
    question: ("ListCidrBlocks", json::<route53::ListCidrBlocksResponse>),
    list: "CidrBlocks",
    next: &[("NextToken", "nexttoken")],
};
/// The lists of an account, with their paths and the names of their files.
const OF_ACCOUNT: [(&str, &str, Listing); 5] = [
    (
        "/2013-04-01/healthcheck",
        "route53-list-health-checks",
        Listing {
            question: ("ListHealthChecks", json::<route53::ListHealthChecksResponse>),
            list: "HealthChecks",
            next: &[("NextMarker", "marker")],
        },
    ),
    (
        "/2013-04-01/delegationset",
        "route53-list-reusable-delegation-sets",
        Listing {
            question: ("ListReusableDelegationSets", json::<route53::ListReusableDelegationSetsResponse>),
            list: "DelegationSets",
            next: &[("NextMarker", "marker")],
        },
    ),
    (
        "/2013-04-01/cidrcollection",
        "route53-list-cidr-collections",
        Listing {
            question: ("ListCidrCollections", json::<route53::ListCidrCollectionsResponse>),
            list: "CidrCollections",
            next: &[("NextToken", "nexttoken")],
        },
    ),
    (
        "/2013-04-01/trafficpolicyinstances",
        "route53-list-traffic-policy-instances",
        Listing {
            question: ("ListTrafficPolicyInstances", json::<route53::ListTrafficPolicyInstancesResponse>),
            list: "TrafficPolicyInstances",
            next: &[
                ("HostedZoneIdMarker", "hostedzoneid"),
                ("TrafficPolicyInstanceNameMarker", "trafficpolicyinstancename"),
                ("TrafficPolicyInstanceTypeMarker", "trafficpolicyinstancetype"),
            ],
        },
    ),
    (
        "/2013-04-01/queryloggingconfig",
        "route53-list-query-logging-configs",
        Listing {
            question: ("ListQueryLoggingConfigs", json::<route53::ListQueryLoggingConfigsResponse>),
            list: "QueryLoggingConfigs",
            next: &[("NextToken", "nexttoken")],
        },
    ),
];

/// The files of an account. Lists without items are not written.
pub(super) fn files(model: &Model, scope: &Scope, now: Time) -> Result<Vec<(PathBuf, Json)>, ExportError> {
    let path = |file: &str| PathBuf::from(&scope.account).join(format!("{file}.json"));
    let mut files = Vec::new();
    for zone in model.zones_of(&scope.account) {
        let id = &zone.id;
        let question = ("GetHostedZone", json::<route53::GetHostedZoneResponse> as fn(&str) -> _);
        let at = format!("/2013-04-01/hostedzone/{id}");
        files.push((path(&format!("{id}-zone")), ask_at(model, ("route53", scope), now, &question, (&at, ""))?));
        // The answer does not name the zone, so its id is put beside the records.
        let records = all(model, scope, now, &RECORDS, &format!("{at}/rrset"))?;
        files.push((path(&format!("{id}-records")), object!({"HostedZoneId": id, RECORDS.list: records})));
        if !zone.tags.is_empty() {
            files.push((path(&format!("{id}-tags")), tags(model, scope, now, ("hostedzone", id))?));
        }
    }
    for (at, file, listing) in &OF_ACCOUNT {
        let items = all(model, scope, now, listing, at)?;
        if !items.is_empty() {
            files.push((path(file), object!({listing.list: items})));
        }
    }
    for check in model.health_checks_of(&scope.account).filter(|check| !check.tags.is_empty()) {
        files.push((path(&format!("{}-tags", check.id)), tags(model, scope, now, ("healthcheck", &check.id))?));
    }
    for policy in model.traffic_policies_of(&scope.account) {
        let versions =
            all(model, scope, now, &VERSIONS, &format!("/2013-04-01/trafficpolicies/{}/versions", policy.id))?;
        files.push((path(&format!("{}-versions", policy.id)), object!({VERSIONS.list: versions})));
    }
    for collection in model.cidr_collections.iter().filter(|collection| collection.account == scope.account) {
        let id = &collection.id;
        let blocks = all(model, scope, now, &BLOCKS, &format!("/2013-04-01/cidrcollection/{id}/cidrblocks"))?;
        files.push((path(&format!("{id}-blocks")), object!({"CollectionId": id, BLOCKS.list: blocks})));
    }
    Ok(files)
}

/// The tags of a hosted zone or a health check.
fn tags(model: &Model, scope: &Scope, now: Time, (kind, id): (&str, &str)) -> Result<Json, ExportError> {
    let question = ("ListTagsForResource", json::<route53::ListTagsForResourceResponse> as fn(&str) -> _);
    ask_at(model, ("route53", scope), now, &question, (&format!("/2013-04-01/tags/{kind}/{id}"), ""))
}

/// The items of all pages of a list.
fn all(model: &Model, scope: &Scope, now: Time, listing: &Listing, path: &str) -> Result<Vec<Json>, ExportError> {
    let (mut query, mut items) = (String::new(), Vec::new());
    loop {
        let page = ask_at(model, ("route53", scope), now, &listing.question, (path, &query))?;
        items.extend(page[listing.list].as_array().into_iter().flatten().cloned());
        let next = |(member, parameter): &(&str, &str)| {
            Some(format!("{parameter}={}", utf8_percent_encode(page[*member].as_str()?, NON_ALPHANUMERIC)))
        };
        query = listing.next.iter().filter_map(next).collect::<Vec<_>>().join("&");
        if query.is_empty() || page["IsTruncated"] == false {
            return Ok(items);
        }
    }
}
