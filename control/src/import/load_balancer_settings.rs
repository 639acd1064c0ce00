//! What load balancers have besides their description: attributes, policies for instance ports, and tags.

use super::Importer;
use super::form::{Form, listed, parameters, text};
use model::Scope;
use serde_json::Value as Json;

/// The attributes of a load balancer, whose name is beside them.
pub const ATTRIBUTES: &str = "LoadBalancerAttributes";
/// The lists of policies, with the load balancer's name beside them, and of tags.
pub const LISTS: [&str; 2] = [POLICIES, TAGS];
pub const POLICIES: &str = "PolicyDescriptions";
const TAGS: &str = "TagDescriptions";

/// The policies that a load balancer's description has.
const DESCRIBED: &str = "CookieStickinessPolicyType";

impl Importer<'_> {
    /// Applies the settings of load balancers that are there.
    pub(super) fn load_balancer_settings(&mut self, items: &[(Scope, &'static str, Json)]) {
        for (scope, list, item) in items {
            let (action, form) = match *list {
                ATTRIBUTES => ("ModifyLoadBalancerAttributes", parameters(item, &["LoadBalancerName", ATTRIBUTES])),
                POLICIES if !is_described(item) => ("CreateLoadBalancerPolicy", policy(item)),
                TAGS if !parameters(item, &["Tags"]).is_empty() => ("AddTags", tagged(item)),
                _ => continue,
            };
            self.set(scope, action, item, form);
        }
        // The policies are there now.
        for (scope, _, item) in items.iter().filter(|(_, list, _)| *list == "LoadBalancerDescriptions") {
            let ports = item.get("BackendServerDescriptions").and_then(Json::as_array).into_iter().flatten();
            for port in ports {
                let mut form = parameters(item, &["LoadBalancerName"]);
                form.extend(parameters(port, &["InstancePort", "PolicyNames"]));
                self.set(scope, "SetLoadBalancerPoliciesForBackendServer", item, form);
            }
        }
    }

    /// Calls an action for a load balancer. Why the load balancer itself is missing was reported already.
    fn set(&mut self, scope: &Scope, action: &str, item: &Json, form: Form) {
        let name = text(item, "/LoadBalancerName").unwrap_or_default();
        if self.model.load_balancer(scope, &name).is_ok()
            && let Err(why) = self.call(scope, "elasticloadbalancing", action, &form)
        {
            self.leave_out(format!("{name}: {action}: {why}"));
        }
    }
}

/// Whether a policy is one of those that a load balancer's description has.
fn is_described(item: &Json) -> bool {
    text(item, "/PolicyTypeName").is_some_and(|kind| kind.ends_with(DESCRIBED))
}

fn policy(item: &Json) -> Form {
    let mut form = parameters(item, &["LoadBalancerName", "PolicyName", "PolicyTypeName"]);
    for member in ["AttributeName", "AttributeValue"] {
        let parameter = format!("PolicyAttributes.member.{{}}.{member}");
        form.extend(listed(item, "/PolicyAttributeDescriptions", &format!("/{member}"), &parameter));
    }
    form
}

fn tagged(item: &Json) -> Form {
    let mut form = parameters(item, &["Tags"]);
    form.extend(text(item, "/LoadBalancerName").map(|name| ("LoadBalancerNames.member.1".to_owned(), name)));
    form
}
