//! The requests by which services change the tags of their own resources. They are made in the name of the sender, who needs permission
//! for them, too.

use crate::api::action::{BoxedError, Change, Handler};
use crate::api::permission::{self, Asked};
use crate::api::protocol::ApiError;
use crate::api::service::Service;
use crate::api::{Params, Sender, autoscaling, ec2, elasticache, elb, iam, logs, rds, redshift, route53, ssm};
use model::{Caller, Model, Tags};
use shapes::escaped;

/// A change of tags.
#[derive(Clone, Copy)]
pub enum TagChange<'a> {
    /// Adds tags, or changes their values.
    Add(&'a Tags),
    /// Removes the tags with these keys.
    Remove(&'a [String]),
}

/// What a service calls a resource in the request.
#[derive(Clone, Copy)]
enum Called {
    /// Its ARN.
    Arn,
    /// Its id in EC2.
    Id,
    /// The last part of its ARN.
    Name,
}

/// The parameters of the tags to be added.
#[derive(Clone, Copy)]
enum Given {
    /// A list. An item has one parameter for the tag's key and one for its value.
    List([&'static str; 2]),
    /// A map from keys to values.
    Map(&'static str),
}

/// The requests of a service that change tags. In the names of parameters `#` is the number of a tag.
struct Requests {
    service: &'static Service,
    /// The type of the resources in ARNs. Empty if the requests are the same for all.
    resource_type: &'static str,
    /// The action that adds tags, and the one that removes them.
    actions: [&'static str; 2],
    /// The parameter that names the resource, and what it has.
    resource: (&'static str, Called),
    /// The parameters of the tags to be added.
    tags: Given,
    /// The parameter of a key to be removed.
    key: &'static str,
    /// Other parameters, and their values.
    beside: &'static [(&'static str, &'static str)],
}

/// Requests with the lists that most services have.
const fn usual(
    service: &'static Service,
    resource_type: &'static str,
    actions: [&'static str; 2],
    resource: (&'static str, Called),
) -> Requests {
    let tags = Given::List(["Tags.member.#.Key", "Tags.member.#.Value"]);
    Requests { service, resource_type, actions, resource, tags, key: "TagKeys.member.#", beside: &[] }
}

const fn of_iam(resource_type: &'static str, actions: [&'static str; 2], resource: (&'static str, Called)) -> Requests {
    usual(&iam::SERVICE, resource_type, actions, resource)
}

const fn of_route53(resource_type: &'static str, beside: &'static [(&'static str, &'static str)]) -> Requests {
    Requests {
        service: &route53::SERVICE,
        resource_type,
        actions: ["ChangeTagsForResource"; 2],
        resource: ("ResourceId", Called::Name),
        tags: Given::List(["AddTags.member.#.Key", "AddTags.member.#.Value"]),
        key: "RemoveTagKeys.member.#",
        beside,
    }
}

static REQUESTS: [Requests; 18] = [
    Requests {
        tags: Given::List(["Tag.#.Key", "Tag.#.Value"]),
        key: "Tag.#.Key",
        ..usual(&ec2::SERVICE, "", ["CreateTags", "DeleteTags"], ("ResourceId.1", Called::Id))
    },
    usual(&rds::SERVICE, "", ["AddTagsToResource", "RemoveTagsFromResource"], ("ResourceName", Called::Arn)),
    usual(&elasticache::SERVICE, "", ["AddTagsToResource", "RemoveTagsFromResource"], ("ResourceName", Called::Arn)),
    usual(&redshift::SERVICE, "", ["CreateTags", "DeleteTags"], ("ResourceName", Called::Arn)),
    Requests {
        key: "Tags.member.#.Key",
        ..usual(&elb::SERVICE, "loadbalancer", ["AddTags", "RemoveTags"], ("LoadBalancerNames.member.1", Called::Name))
    },
    Requests {
        key: "Tags.member.#.Key",
        beside: &[("Tags.member.#.ResourceType", "auto-scaling-group"), ("Tags.member.#.PropagateAtLaunch", "false")],
        ..usual(
            &autoscaling::SERVICE,
            "autoScalingGroup",
            ["CreateOrUpdateTags", "DeleteTags"],
            ("Tags.member.#.ResourceId", Called::Name),
        )
    },
    Requests {
        beside: &[("ResourceType", "Parameter")],
        ..usual(
            &ssm::SERVICE,
            "parameter",
            ["AddTagsToResource", "RemoveTagsFromResource"],
            ("ResourceId", Called::Arn),
        )
    },
    Requests {
        tags: Given::Map("tags"),
        key: "tagKeys.member.#",
        ..usual(&logs::SERVICE, "log-group", ["TagResource", "UntagResource"], ("resourceArn", Called::Arn))
    },
    of_route53("hostedzone", &[("ResourceType", "hostedzone")]),
    of_route53("healthcheck", &[("ResourceType", "healthcheck")]),
    of_iam("user", ["TagUser", "UntagUser"], ("UserName", Called::Name)),
    of_iam("role", ["TagRole", "UntagRole"], ("RoleName", Called::Name)),
    of_iam("policy", ["TagPolicy", "UntagPolicy"], ("PolicyArn", Called::Arn)),
    of_iam("instance-profile", ["TagInstanceProfile", "UntagInstanceProfile"], ("InstanceProfileName", Called::Name)),
    of_iam(
        "server-certificate",
        ["TagServerCertificate", "UntagServerCertificate"],
        ("ServerCertificateName", Called::Name),
    ),
    of_iam("mfa", ["TagMFADevice", "UntagMFADevice"], ("SerialNumber", Called::Arn)),
    of_iam(
        "oidc-provider",
        ["TagOpenIDConnectProvider", "UntagOpenIDConnectProvider"],
        ("OpenIDConnectProviderArn", Called::Arn),
    ),
    of_iam("saml-provider", ["TagSAMLProvider", "UntagSAMLProvider"], ("SAMLProviderArn", Called::Arn)),
];

/// Why a resource's tags cannot be changed at all.
#[derive(Debug, thiserror::Error)]
enum Error {
    /// No service has taggable resources of that type.
    #[error("The resource type of {0} is not supported.")]
    NoType(String),
    /// The resource is another account's, or in another Region.
    #[error("{0} is not in the Region and account of the request.")]
    Elsewhere(String),
}

impl ApiError for Error {
    fn code(&self) -> &'static str {
        "InvalidParameterException"
    }
}

/// Changes the tags of one resource. After an error nothing of it has changed.
///
/// # Errors
/// The error of the resource's own service, or what is wrong with the ARN.
pub fn carry_out(cx: Change, sender: &Sender, arn: &str, change: TagChange<'_>) -> Result<(), BoxedError> {
    let Change { model, caller } = cx;
    let (requests, parameters) = request(model, caller, arn, change)?;
    let Requests { service, actions: [add, remove], .. } = requests;
    let action = if matches!(change, TagChange::Add(_)) { add } else { remove };
    let params = Params::of_pairs(parameters).map_err(boxed)?;
    let asked = Asked { service: service.facts.in_policies, dialect: service.dialect, action, params: &params, sender };
    permission::check(model, caller, &asked).map_err(boxed)?;
    if let Some(Handler::Write(write)) = service.actions.get(action).map(|entry| &entry.handler) {
        // An action may fail half-way.
        let mut attempt = model.clone();
        write(Change { model: &mut attempt, caller }, params)?;
        *model = attempt;
    }
    Ok(())
}

fn boxed(error: impl ApiError + 'static) -> BoxedError {
    Box::new(error)
}

/// The parameters of a request, by their names.
type Parameters = Vec<(String, String)>;

/// The request that changes the tags of the resource with an ARN.
fn request(
    model: &Model,
    caller: &Caller,
    arn: &str,
    change: TagChange<'_>,
) -> Result<(&'static Requests, Parameters), BoxedError> {
    let no_type = || boxed(Error::NoType(arn.to_owned()));
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let [_, _, service, region, account, resource] = parts[..] else { return Err(no_type()) };
    let scope = &caller.scope;
    if !["", &scope.region].contains(&region) || !["", &scope.account].contains(&account) {
        return Err(boxed(Error::Elsewhere(arn.to_owned())));
    }
    let (resource_type, rest) = resource.split_once([':', '/']).unwrap_or((resource, ""));
    let serves =
        |one: &&Requests| one.service.facts.signing == service && ["", resource_type].contains(&one.resource_type);
    let requests = REQUESTS.iter().find(serves).ok_or_else(no_type)?;
    let last = rest.rsplit('/').next().unwrap_or(rest);
    let (parameter, called) = requests.resource;
    let called = match called {
        Called::Arn => arn.to_owned(),
        Called::Id => model.id_in_arn(scope, resource_type, last).to_owned(),
        Called::Name => last.to_owned(),
    };
    let mut parameters = Parameters::new();
    let count = match change {
        TagChange::Add(tags) => {
            for (place, (k, v)) in tags.iter().enumerate() {
                match requests.tags {
                    Given::List([key, value]) => {
                        parameters.extend([(numbered(key, place), k.clone()), (numbered(value, place), v.clone())]);
                    }
                    Given::Map(name) => parameters.push((format!("{name}.{}", escaped(k)), v.clone())),
                }
            }
            tags.len()
        }
        TagChange::Remove(keys) => {
            parameters.extend(keys.iter().enumerate().map(|(place, key)| (numbered(requests.key, place), key.clone())));
            keys.len()
        }
    };
    for (name, value) in requests.beside.iter().copied().chain([(parameter, called.as_str())]) {
        let times = if name.contains('#') { count } else { 1 };
        parameters.extend((0..times).map(|place| (numbered(name, place), value.to_owned())));
    }
    Ok((requests, parameters))
}

/// A parameter's name with the number of a tag.
fn numbered(name: &str, place: usize) -> String {
    name.replace('#', &(place + 1).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_service_has_the_actions_of_its_requests() {
        for Requests { service, actions, .. } in &REQUESTS {
            for action in actions {
                let handler = service.actions.get(action).map(|entry| &entry.handler);
                assert!(matches!(handler, Some(Handler::Write(_))), "{action}");
            }
        }
    }
}
