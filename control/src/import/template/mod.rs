//! CloudFormation templates. Their network resources are made by calls of the API, each once those that it refers to
//! exist.

mod access_groups;
mod attributes;
mod capacity;
mod conditions;
mod endpoints;
mod functions;
mod identities;
mod ipam;
mod loops;
mod needs;
mod nested;
mod order;
mod parameter_groups;
mod parameters;
mod properties;
mod resources;
mod scaling;
mod services;
mod stacks;
mod transit;
mod yaml;
mod zones;

#[cfg(test)]
mod tests;

pub use functions::Exports;
pub use parameters::unknown as unknown_parameter;
pub use yaml::parse as parse_yaml;

use super::Importer;
use super::calls::element;
use super::services::OTHER_LOAD_BALANCERS;
use attributes::{attribute_of, attribute_of_service};
use functions::{Conditions, Unknown, Values};
use model::{IdKind, Region, Scope};
use order::in_order;
use properties::Properties;
use serde_json::{Map, Value as Json};
use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

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

impl Template {
    /// The name of its stack: the file's, without its extension.
    fn stack(&self) -> &str {
        Path::new(&self.file).file_stem().and_then(|stem| stem.to_str()).unwrap_or(&self.file)
    }
}

/// Whether a document is a template.
pub fn is_template(json: &Json) -> bool {
    let resources = json.get("Resources").and_then(Json::as_object);
    let is_resource = |resource: &Json| resource.get("Type").is_some_and(Json::is_string);
    resources.is_some_and(|all| all.iter().any(|(name, resource)| is_resource(resource) || loops::is_loop(name)))
}

/// A template in progress.
struct Builder<'t, 'i, 'm> {
    template: &'t Template,
    importer: &'i mut Importer<'m>,
    zones: Vec<String>,
    conditions: Conditions,
    /// The values of Ref, by resource.
    references: BTreeMap<String, String>,
    /// Ids by the value of Ref, where that is something else.
    ids: BTreeMap<String, String>,
    /// The outputs of nested stacks, by the values of Ref.
    stacks: BTreeMap<String, BTreeMap<String, Json>>,
    /// The parts of the present resource that are left out.
    left_out: Vec<String>,
    /// The resources of types that are not known, by type.
    unknown: BTreeMap<String, Vec<String>>,
}

impl Importer<'_> {
    /// Makes a template's resources. Returns its outputs.
    fn template(&mut self, template: &Template) -> BTreeMap<String, Json> {
        let region = Region::named(&template.scope.region);
        let zones = region.into_iter().flat_map(Region::zones).map(|(zone, _)| zone).collect();
        let (conditions, references, ids) = (Conditions::new(), BTreeMap::new(), BTreeMap::new());
        let (stacks, left_out, unknown) = (BTreeMap::new(), Vec::new(), BTreeMap::new());
        Builder { template, importer: self, zones, conditions, references, ids, stacks, left_out, unknown }.build()
    }
}

impl Builder<'_, '_, '_> {
    /// Makes each resource after those that it refers to or depends on. Returns the template's outputs.
    fn build(mut self) -> BTreeMap<String, Json> {
        let template = self.template;
        self.conditions = self.values(|values| values.conditions());
        for name in macros(&template.body) {
            self.leave_out("Transform", &format!("{name}: what a macro would make of the template is not known here"));
        }
        let none = Map::new();
        let resources = template.body.get("Resources").and_then(Json::as_object).unwrap_or(&none);
        let needs = self.values(|values| {
            resources.iter().map(|(name, resource)| (name.as_str(), values.needs(resource))).collect()
        });
        let order = in_order(&attachments_first(resources, &needs));
        for (_, name) in order.first_to_last {
            match self.resource(name, &resources[name]) {
                Ok(()) => std::mem::take(&mut self.left_out).iter().for_each(|part| self.leave_out(name, part)),
                Err(why) => self.leave_out(name, &why),
            }
            self.left_out.clear();
        }
        for (kind, names) in std::mem::take(&mut self.unknown) {
            self.leave_out(&names.join(", "), &why_unknown(&kind));
        }
        for (_, name) in order.circular {
            self.leave_out(name, "resources refer to each other in a circle, and it is in it or needs one that is");
        }
        self.export();
        self.outputs()
    }

    fn leave_out(&mut self, name: &str, why: &str) {
        let file = &self.template.file;
        self.importer.leave_out(format!("{file}: {name}: {why}"));
    }

    /// Leaves out a part of the resource that is being made.
    fn leave_out_part(&mut self, part: String) {
        self.left_out.push(part);
    }

    fn resource(&mut self, name: &str, resource: &Json) -> Result<(), Unknown> {
        let kind = resource.get("Type").and_then(Json::as_str).ok_or("it has no Type")?;
        if let Some(condition) = resource.get("Condition")
            && !self.values(|values| values.condition(functions::text(condition)?))?
        {
            return Ok(());
        }
        let Some(make) = maker(kind) else {
            self.unknown.entry(kind.to_owned()).or_default().push(name.to_owned());
            return Ok(());
        };
        let (known, unknown) = self.values(|values| values.properties(resource.get("Properties")));
        let properties = Properties::new(&known, &unknown);
        let before = (!unknown.is_empty()).then(|| self.importer.model.clone());
        let made = make(self, &properties);
        if let Some(why) = properties.missed() {
            before.into_iter().for_each(|model| *self.importer.model = model);
            return Err(why);
        }
        let made = made?;
        if let Some(id) = &made {
            self.tag(id, &properties);
        }
        for property in properties.ignored() {
            self.leave_out_part(format!("its property {property}"));
        }
        self.references.insert(name.to_owned(), made.unwrap_or_else(|| name.to_owned()));
        Ok(())
    }

    fn values<T>(&self, ask: impl FnOnce(&Values<'_>) -> T) -> T {
        let attribute = |resource: &str, attribute: &str| {
            let reference = self.references.get(resource).ok_or_else(|| format!("{resource} is left out"))?;
            let id = self.ids.get(reference).unwrap_or(reference);
            let output = || self.stacks.get(reference)?.get(attribute.strip_prefix("Outputs.")?).cloned();
            let kind = || self.template.body.get("Resources")?.get(resource)?.get("Type")?.as_str();
            let of_service = || attribute_of_service(self.importer.model, &self.template.scope, kind()?, id, attribute);
            output()
                .or_else(|| attribute_of(self.importer.model, id, attribute))
                .or_else(of_service)
                .ok_or_else(|| format!("the attribute {attribute} of {resource} is not known here"))
        };
        ask(&Values {
            body: &self.template.body,
            given: &self.template.parameters,
            scope: &self.template.scope,
            stack: self.template.stack(),
            zones: &self.zones,
            references: &self.references,
            attribute: &attribute,
            exports: &self.importer.exports,
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
        wanted: &str,
    ) -> Result<String, Unknown> {
        let reply = self.importer.call(&self.template.scope, service, action, parameters)?;
        Ok(element(&reply.body, wanted).unwrap_or_default())
    }

    fn tag(&mut self, id: &str, properties: &Properties<'_>) {
        let id = self.ids.get(id).cloned().unwrap_or_else(|| id.to_owned());
        let mut parameters = vec![("ResourceId.1".to_owned(), id.clone())];
        parameters.extend(properties.tags("Tag"));
        if parameters.len() > 1
            && IdKind::of(&id).is_some()
            && let Err(why) = self.call("CreateTags", &parameters, "return")
        {
            self.leave_out_part(format!("its tags: {why}"));
        }
    }
}

/// Why a type's resources are left out.
fn why_unknown(kind: &str) -> String {
    match kind.starts_with("AWS::ElasticLoadBalancingV2::") {
        true => OTHER_LOAD_BALANCERS.to_owned(),
        false => format!("{kind} is not known here"),
    }
}

/// What each resource needs, in an order in which VPCs get their gateways first: routes and NAT gateways need them
/// though many templates do not say so.
fn attachments_first<'t>(
    resources: &Map<String, Json>,
    needs: &BTreeMap<&'t str, BTreeSet<&'t str>>,
) -> BTreeMap<(bool, &'t str), BTreeSet<(bool, &'t str)>> {
    let is_attachment = |name: &&str| resources[*name]["Type"] == "AWS::EC2::VPCGatewayAttachment";
    let mut wanted: Vec<&str> = needs.keys().copied().filter(is_attachment).collect();
    let mut first = BTreeSet::new();
    while let Some(name) = wanted.pop() {
        if first.insert(name) {
            wanted.extend(needs.get(name).into_iter().flatten());
        }
    }
    let place = |name: &&'t str| (!first.contains(*name), *name);
    needs.iter().map(|(name, of_it)| (place(name), of_it.iter().map(place).collect())).collect()
}

/// The macros that AWS would apply to a template, but for the one whose functions are known here.
fn macros(body: &Json) -> Vec<&Json> {
    let transform = body.get("Transform");
    let all = transform.and_then(Json::as_array).map_or_else(|| transform.into_iter().collect(), Vec::from_iter);
    all.into_iter().filter(|name| *name != "AWS::LanguageExtensions").collect()
}

/// Makes a resource. Returns the value of Ref, unless nothing would refer to it.
type Make = fn(&mut Builder<'_, '_, '_>, &Properties<'_>) -> Result<Option<String>, Unknown>;

/// The maker of a type.
fn maker(kind: &str) -> Option<Make> {
    match kind.strip_prefix("AWS::EC2::") {
        Some(of_ec2) => resources::maker(of_ec2)
            .or_else(|| endpoints::maker(of_ec2))
            .or_else(|| capacity::maker(of_ec2))
            .or_else(|| transit::maker(kind))
            .or_else(|| ipam::maker(kind)),
        None => services::maker(kind).or_else(|| parameter_groups::maker(kind)).or_else(|| scaling::maker(kind)),
    }
}
