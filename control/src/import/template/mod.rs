//! CloudFormation templates. Their network resources are made by calls of the API, each once those that it refers to
//! exist.

mod conditions;
mod functions;
mod properties;
mod resources;
mod services;
mod transit;
mod yaml;

#[cfg(test)]
mod tests;

pub use yaml::parse as parse_yaml;

use super::Importer;
use super::form::request;
use crate::api::Request;
use conditions::Conditions;
use functions::{Unknown, Values};
use model::{IdKind, Model, Region, Scope};
use properties::Properties;
use serde_json::{Map, Value as Json};
use std::borrow::Cow;
use std::cell::Cell;
use std::collections::BTreeMap;

/// A template with its owner and parameters.
#[derive(Clone, Debug)]
pub struct Template {
    /// The file's name in messages.
    pub file: String,
    /// The account and the Region of its resources.
    pub scope: Scope,
    /// The template.
    pub body: Json,
    /// Parameters by name. The others have their defaults.
    pub parameters: BTreeMap<String, String>,
}

/// Whether a document is a template.
pub fn is_template(json: &Json) -> bool {
    let resources = json.get("Resources").and_then(Json::as_object);
    resources.is_some_and(|all| all.values().any(|resource| resource.get("Type").is_some_and(Json::is_string)))
}

/// Why a resource was not made.
enum Failure {
    /// It refers to a resource that may still be made.
    Later(Unknown),
    /// It cannot be made.
    Refused(Unknown),
}

/// A template in progress.
struct Builder<'t, 'i, 'm> {
    template: &'t Template,
    importer: &'i mut Importer<'m>,
    zones: Vec<String>,
    conditions: Conditions,
    /// The values of Ref, by resource.
    references: BTreeMap<String, String>,
    /// Ids by resource, where Ref gives something else.
    ids: BTreeMap<String, String>,
}

impl Importer<'_> {
    pub(super) fn template(&mut self, template: &Template) {
        let region = Region::named(&template.scope.region);
        let zones = region.into_iter().flat_map(Region::zones).map(|(zone, _)| zone).collect();
        let (conditions, references, ids) = (Conditions::new(), BTreeMap::new(), BTreeMap::new());
        Builder { template, importer: self, zones, conditions, references, ids }.build();
    }
}

impl Builder<'_, '_, '_> {
    /// Makes resources, again and again, until no further one can be made.
    fn build(mut self) {
        let template = self.template;
        self.conditions = self.values(|values| values.conditions());
        if let Some(transform) = template.body.get("Transform") {
            self.leave_out(
                "Transform",
                &format!("{transform}: what a macro would make of the template is not known here"),
            );
        }
        let none = Map::new();
        let resources = template.body.get("Resources").and_then(Json::as_object).unwrap_or(&none);
        let mut waiting: Vec<(&String, &Json)> = resources.iter().collect();
        loop {
            let before = waiting.len();
            let mut later = Vec::new();
            for (name, resource) in std::mem::take(&mut waiting) {
                match self.resource(name, resource) {
                    Ok(()) => {}
                    Err(Failure::Later(why)) => later.push((name, resource, why)),
                    Err(Failure::Refused(why)) => self.leave_out(name, &why),
                }
            }
            if later.is_empty() || later.len() == before {
                later.into_iter().for_each(|(name, _, why)| self.leave_out(name, &why));
                return;
            }
            waiting = later.into_iter().map(|(name, resource, _)| (name, resource)).collect();
        }
    }

    fn leave_out(&mut self, name: &str, why: &str) {
        let file = &self.template.file;
        self.importer.leave_out(format!("{file}: {name}: {why}"));
    }

    fn resource(&mut self, name: &str, resource: &Json) -> Result<(), Failure> {
        let kind = resource.get("Type").and_then(Json::as_str).unwrap_or_default();
        let Some(make) = resources::maker(kind) else {
            return Err(Failure::Refused(format!("{kind} is not known here")));
        };
        if let Some(condition) = resource.get("Condition").and_then(Json::as_str)
            && !self.values(|values| values.condition(condition)).map_err(Failure::Refused)?
        {
            return Ok(());
        }
        let none = Json::Object(Map::new());
        let properties = resource.get("Properties").unwrap_or(&none);
        let properties = self.values(|values| values.of(properties)).map_err(Failure::Later)?;
        let properties = Properties::new(&properties);
        let made = make(self, &properties).map_err(Failure::Refused)?;
        if let Some(id) = &made {
            self.tag(id, &properties);
        }
        for property in properties.ignored() {
            self.leave_out(name, &format!("its property {property}"));
        }
        self.references.insert(name.to_owned(), made.unwrap_or_else(|| name.to_owned()));
        Ok(())
    }

    fn values<T>(&self, ask: impl FnOnce(&Values<'_>) -> T) -> T {
        let attribute = |resource: &str, attribute: &str| {
            let reference = self.references.get(resource).ok_or_else(|| format!("{resource} is left out"))?;
            let id = self.ids.get(reference).unwrap_or(reference);
            attribute_of(self.importer.model, id, attribute)
                .ok_or_else(|| format!("the attribute {attribute} of {resource} is not known here"))
        };
        ask(&Values {
            body: &self.template.body,
            given: &self.template.parameters,
            scope: &self.template.scope,
            zones: &self.zones,
            references: &self.references,
            attribute: &attribute,
            conditions: &self.conditions,
            given_out: Cell::default(),
        })
    }

    /// A name for a resource without one, as CloudFormation generates them. It is unique across templates.
    fn made_up_name(&mut self) -> String {
        format!("imported-{}", self.importer.model.number())
    }

    /// Calls the API. Returns the text of an element of the reply.
    fn call(&mut self, action: &str, parameters: &[(String, String)], element: &str) -> Result<String, Unknown> {
        self.call_of("ec2", action, parameters, element)
    }

    /// The same for another service's API.
    fn call_of(
        &mut self,
        service: &str,
        action: &str,
        parameters: &[(String, String)],
        element: &str,
    ) -> Result<String, Unknown> {
        let form = request(action, parameters);
        // A refused call may leave changes, so it is made in a copy.
        let mut copy = self.importer.model.clone();
        let reply = Request::of_process_for(service, &self.template.scope, &form, self.importer.now)
            .and_then(|request| request.write(&mut copy));
        let reply = reply.map_err(|refusal| text(&refusal.body, "Message").unwrap_or_else(|| action.to_owned()))?;
        *self.importer.model = copy;
        Ok(text(&reply.body, element).unwrap_or_default())
    }

    fn tag(&mut self, id: &str, properties: &Properties<'_>) {
        let id = self.ids.get(id).cloned().unwrap_or_else(|| id.to_owned());
        let mut parameters = vec![("ResourceId.1".to_owned(), id.clone())];
        for (index, tag) in properties.each("Tags").iter().enumerate() {
            for part in ["Key", "Value"] {
                parameters.push((format!("Tag.{}.{part}", index + 1), tag.text(part).unwrap_or_default()));
            }
        }
        if parameters.len() > 1
            && IdKind::of(&id).is_some()
            && let Err(why) = self.call("CreateTags", &parameters, "return")
        {
            self.leave_out(&id, &format!("its tags: {why}"));
        }
    }
}

/// The text of the first element with that name.
pub(super) fn text(xml: &str, element: &str) -> Option<String> {
    let (_, rest) = xml.split_once(&format!("<{element}>"))?;
    let (text, _) = rest.split_once(&format!("</{element}>"))?;
    Some(quick_xml::escape::unescape(text).map_or_else(|_| text.to_owned(), Cow::into_owned))
}

/// The value of GetAtt for a resource that exists.
fn attribute_of(model: &Model, id: &str, attribute: &str) -> Option<String> {
    let own = |suffix: &str| attribute.ends_with(suffix).then(|| id.to_owned());
    match (IdKind::of(id)?, attribute) {
        (IdKind::Vpc, "CidrBlock") => Some(model.vpcs.get(id)?.cidr().to_string()),
        (IdKind::Vpc, "DefaultSecurityGroup") => {
            let mut groups = model.security_groups.iter();
            Some(groups.find(|group| group.vpc.as_deref() == Some(id) && group.is_default())?.id.clone())
        }
        (IdKind::Vpc, "DefaultNetworkAcl") => {
            Some(model.network_acls.iter().find(|acl| acl.vpc == id && acl.default)?.id.clone())
        }
        (IdKind::Subnet, "VpcId") => Some(model.subnets.get(id)?.vpc.clone()),
        (IdKind::Subnet, "AvailabilityZone") => Some(model.subnets.get(id)?.zone.clone()),
        (IdKind::Subnet, "CidrBlock") => Some(model.subnets.get(id)?.cidr?.to_string()),
        (IdKind::SecurityGroup, "VpcId") => model.security_groups.get(id)?.vpc.clone(),
        (IdKind::Allocation, "PublicIp") => Some(model.elastic_addresses.get(id)?.address.to_string()),
        (IdKind::NetworkInterface, "PrimaryPrivateIpAddress") => {
            Some(model.network_interfaces.get(id)?.address().to_string())
        }
        (IdKind::Instance, "PrivateIp" | "PublicIp") => {
            let place = model.instances.get(id)?.vpc()?;
            let primary = model.network_interfaces.get(place.interfaces.first()?)?;
            match attribute {
                "PrivateIp" => Some(primary.address().to_string()),
                _ => Some(primary.primary_public()?.address.to_string()),
            }
        }
        (IdKind::LaunchTemplate, "LatestVersionNumber") => {
            Some(model.launch_templates.get(id)?.latest_version().to_string())
        }
        (IdKind::LaunchTemplate, "DefaultVersionNumber") => Some(model.launch_templates.get(id)?.default.to_string()),
        (IdKind::Instance, "AvailabilityZone") => Some(model.instances.get(id)?.zone.clone()),
        (IdKind::Vpc, "VpcId") | (IdKind::Subnet, "SubnetId") => Some(id.to_owned()),
        // `GroupId`, `RouteTableId`, `AllocationId`, `Id`, …
        _ => own("Id"),
    }
}
