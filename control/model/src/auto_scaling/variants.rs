//! What a group launches: its template or configuration, or its template with other types in the place of its own.

use super::{AutoScalingGroup, GroupSettings, Result, TypeOverride};
use crate::{LaunchSpecification, Model, Scope};

impl Model {
    /// What a group launches now: by its template's version, or by its configuration.
    pub(super) fn specification_of(&self, scope: &Scope, settings: &GroupSettings) -> Result<LaunchSpecification> {
        match &settings.template {
            Some(used) => {
                Ok(self.launch_template(scope, Some(&used.id), None)?.version(&used.version)?.specification.clone())
            }
            None => Ok(self.launch_configuration(scope, &settings.configuration)?.specification.clone()),
        }
    }

    /// What a group with these settings launches, the preferred first, each with its weight: its template or configuration, or its
    /// template with each of the overrides.
    pub(super) fn variants_of(
        &self,
        scope: &Scope,
        settings: &GroupSettings,
    ) -> Result<Vec<(LaunchSpecification, u32)>> {
        let base = self.specification_of(scope, settings)?;
        let variant = |one: &TypeOverride| {
            let specification = match &one.template {
                Some(used) => {
                    self.launch_template(scope, Some(&used.id), None)?.version(&used.version)?.specification.clone()
                }
                None => base.clone(),
            };
            let instance_type = one.instance_type.clone().unwrap_or(specification.instance_type);
            let weight = settings.unit.unwrap_or_default().weight_of(&instance_type, one.weight);
            Ok((LaunchSpecification { instance_type, ..specification }, weight))
        };
        let overrides = settings.mixed.iter().flat_map(|mixed| &mixed.overrides);
        let variants = overrides.map(variant).collect::<Result<Vec<_>>>()?;
        Ok(if variants.is_empty() { vec![(base, 1)] } else { variants })
    }

    /// What a group could launch now, the preferred first, each with its weight.
    pub(super) fn specifications_of(&self, group: &AutoScalingGroup) -> Result<Vec<(LaunchSpecification, u32)>> {
        let variants = self.variants_of(&group.scope, &group.settings)?;
        let Some(mixed) = &group.settings.mixed else { return Ok(variants) };
        let on_demand: u32 =
            self.counting_instances(group).filter(|(one, _)| !one.spot).map(|(_, member)| member.weight).sum();
        let spot = on_demand >= mixed.on_demand_of(group.capacity().saturating_add(1));
        let spot_price = spot.then(|| mixed.spot_price.clone());
        let priced =
            |(specification, weight)| (LaunchSpecification { spot_price: spot_price.clone(), ..specification }, weight);
        Ok(variants.into_iter().map(priced).collect())
    }
}
