//! The launch specifications of a group: of its template or configuration, or of its template with each override.

use super::{AutoScalingGroup, GroupSettings, Result, TypeOverride};
use crate::{LaunchSpecification, Model, Scope};

impl Model {
    /// The present specification of a group, without overrides.
    pub(super) fn specification_of(&self, scope: &Scope, settings: &GroupSettings) -> Result<LaunchSpecification> {
        match &settings.template {
            Some(used) => {
                Ok(self.launch_template(scope, Some(&used.id), None)?.version(&used.version)?.specification.clone())
            }
            None => Ok(self.launch_configuration(scope, &settings.configuration)?.specification.clone()),
        }
    }

    /// The specifications for these settings, each with its weight, the preferred first: that of the template or configuration, or those
    /// of the template with each of the overrides.
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

    /// The present specifications of a group, each with its weight, the preferred first.
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
