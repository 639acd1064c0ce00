//! The launch templates that groups name.

use super::Result;
use model::auto_scaling::{Error as Refusal, TemplateUse};
use model::{Caller, Model};
use shapes::autoscaling as api;

/// The launch template with that id or name.
pub fn read(model: &Model, caller: &Caller, sent: api::LaunchTemplateSpecification) -> Result<TemplateUse> {
    let api::LaunchTemplateSpecification { launch_template_id, launch_template_name, version } = sent;
    let (id, name) = (launch_template_id.as_deref(), launch_template_name.as_deref());
    if id.is_some() == name.is_some() {
        return Err(Refusal::OneTemplate {}.into());
    }
    let found = model.launch_template(&caller.scope, id, name)?;
    let version = version.unwrap_or_default();
    Ok(TemplateUse { id: found.id.clone(), name: found.name.clone(), version })
}

/// A launch template as groups and instances show it.
pub fn shown(used: &TemplateUse) -> api::LaunchTemplateSpecification {
    api::LaunchTemplateSpecification {
        launch_template_id: Some(used.id.clone()),
        launch_template_name: Some(used.name.clone()),
        version: Some(used.version.clone()).filter(|version| !version.is_empty()),
    }
}
