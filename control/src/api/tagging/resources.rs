//! The tagged resources of all services, and which of them a request wants.

use super::{Result, check};
use model::{Model, Scope, Tags};
use shapes::{List, resourcegroupstaggingapi as api};

/// The Regions in which a partition's resources without a Region are listed: those of IAM and Route 53.
const HOMES: [&str; 3] = ["us-east-1", "cn-north-1", "us-gov-west-1"];

/// A tagged resource.
pub struct Resource {
    /// Its ARN.
    pub arn: String,
    /// Its tags.
    pub tags: Tags,
}

/// The tagged resources of a scope. AWS lists no users, no roles and no Auto Scaling groups ("Services that support the Resource Groups
/// Tagging API").
pub fn of<'m>(model: &'m Model, scope: &'m Scope) -> impl Iterator<Item = Resource> + 'm {
    let of_ec2 = model.tagged(scope).filter_map(move |(id, tags)| Some((model.arn_of(scope, id)?, tags)));
    let of_services = model.tagged_by_services(scope).map(|(arn, tags)| (arn.to_owned(), tags));
    let balancers = model.load_balancers_of(scope).map(|row| (row.arn(), &row.tags));
    let parameters = model.parameters_of(scope).map(|row| (row.id.clone(), &row.tags));
    let log_groups = model.log_groups_of(scope).map(|row| (row.id.clone(), &row.tags));
    let everywhere = of_ec2.chain(of_services).chain(balancers).chain(parameters).chain(log_groups);
    let is_home = HOMES.contains(&scope.region.as_str());
    let global = is_home.then(|| without_region(model, scope)).into_iter().flatten();
    let tagged = everywhere.chain(global).filter(|(_, tags)| !tags.is_empty());
    tagged.map(|(arn, tags)| Resource { arn, tags: tags.clone() })
}

/// The resources that belong to no Region.
fn without_region<'m>(model: &'m Model, scope: &'m Scope) -> impl Iterator<Item = (String, &'m Tags)> {
    let arn = move |kind: &str, id: &str| format!("arn:{}:route53:::{kind}/{id}", scope.partition());
    let zones = model.hosted_zones.iter().filter(move |row| row.account == scope.account);
    let checks = model.health_checks.iter().filter(move |row| row.account == scope.account);
    zones
        .map(move |row| (arn("hostedzone", &row.id), &row.tags))
        .chain(checks.map(move |row| (arn("healthcheck", &row.id), &row.tags)))
        .chain(model.tagged_by_iam(&scope.account))
}

/// What a request wants. An empty list wants everything.
pub struct Wanted {
    tags: List<api::TagFilter>,
    types: List<String>,
    arns: List<String>,
}

impl Wanted {
    /// What these filters want.
    ///
    /// # Errors
    /// [`Error::Limits`](super::Error::Limits) for a key, for its values or for a type.
    pub fn of(tags: List<api::TagFilter>, types: List<String>, arns: List<String>) -> Result<Wanted> {
        for filter in &tags {
            let length = filter.key.as_deref().unwrap_or_default().chars().count();
            check("TagFilters", length, 1..=128, "characters in a key")?;
            check("TagFilters", filter.values.len(), 0..=20, "values of a key")?;
        }
        types.iter().try_for_each(|of| check("ResourceTypeFilters", of.len(), 1..=256, "characters in a type"))?;
        Ok(Wanted { tags, types, arns })
    }

    /// Whether a resource is wanted.
    pub fn has(&self, resource: &Resource) -> bool {
        let fits = |filter: &api::TagFilter| {
            let value = filter.key.as_ref().and_then(|key| resource.tags.get(key));
            value.is_some_and(|value| filter.values.is_empty() || filter.values.contains(value))
        };
        let is_any = |list: &List<String>, is_it: &dyn Fn(&String) -> bool| list.is_empty() || list.iter().any(is_it);
        self.tags.iter().all(fits)
            && is_any(&self.types, &|of| is_of_type(&resource.arn, of))
            && is_any(&self.arns, &|arn| *arn == resource.arn)
    }
}

/// Whether the resource with an ARN is of a type: `ec2`, `ec2:instance`.
fn is_of_type(arn: &str, wanted: &str) -> bool {
    let mut parts = arn.splitn(6, ':').skip(2);
    let (service, resource) = (parts.next().unwrap_or_default(), parts.nth(2).unwrap_or_default());
    match wanted.split_once(':') {
        None => service == wanted,
        Some((of, kind)) => service == of && resource.split([':', '/']).next() == Some(kind),
    }
}

#[cfg(test)]
mod tests {
    use super::is_of_type;

    #[test]
    fn a_type_is_a_service_or_a_kind_of_its_resources() {
        let (instance, database) = ("arn:aws:ec2:us-east-1:1:instance/i-1", "arn:aws:rds:us-east-1:1:db:shop");
        for (arn, fitting) in [(instance, ["ec2", "ec2:instance"]), (database, ["rds", "rds:db"])] {
            assert!(fitting.iter().all(|wanted| is_of_type(arn, wanted)), "{arn}");
            assert!(
                ["ec2:vpc", "rds:cluster", "s3", "ec2:inst"].iter().all(|wanted| !is_of_type(arn, wanted)),
                "{arn}"
            );
        }
    }
}
