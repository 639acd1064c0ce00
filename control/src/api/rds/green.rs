//! The green DB instance or cluster of a blue/green deployment: like the blue one, which it follows until a switchover.

use super::replica::like;
use super::restore::without_own;
use model::services::{Deployment, NewDeployment, NewMember, Phase, Result, Settings, Thing};
use model::{Caller, Model};
use shapes::rds::{CreateBlueGreenDeploymentRequest, SwitchoverDetail};

/// Makes the green one, with its members if it is a cluster. Their names end in the suffix. Returns each blue one with its green one.
pub fn create(
    model: &mut Model,
    caller: &Caller,
    blue: &Deployment,
    input: &CreateBlueGreenDeploymentRequest,
    suffix: &str,
) -> Result<Vec<SwitchoverDetail>> {
    let new = new(model, caller, blue, input, suffix);
    if blue.thing == Thing::DbInstance {
        let green = model.create_replica(caller, &blue.name, new)?.id.clone();
        return Ok(vec![pair(Some(blue.id.clone()), Some(green))]);
    }
    if blue.phase != Phase::Settled {
        return Err(blue.busy());
    }
    let green = model.create_cluster(caller, new)?;
    model.follow(&green.id, blue.id.clone());
    let mut pairs = vec![pair(Some(blue.id.clone()), Some(green.id))];
    let members: Vec<Deployment> = model.members_of(blue).cloned().collect();
    for member in members {
        let id = member.id.clone();
        let made = model.create_member(caller, &green.name, new_member(member, input, suffix))?;
        pairs.push(pair(Some(id), Some(made.id.clone())));
    }
    Ok(pairs)
}

/// A blue one with the green one that takes its place.
pub fn pair(blue: Option<String>, green: Option<String>) -> SwitchoverDetail {
    SwitchoverDetail { source_member: blue, target_member: green, ..Default::default() }
}

fn new(
    model: &Model,
    caller: &Caller,
    blue: &Deployment,
    input: &CreateBlueGreenDeploymentRequest,
    suffix: &str,
) -> NewDeployment {
    let like = like(model, caller, blue);
    let is_upgraded = input.target_engine_version.is_some();
    let (group, class) = match blue.thing {
        Thing::DbInstance => (&input.target_db_parameter_group_name, input.target_db_instance_class.clone()),
        _ => (&input.target_db_cluster_parameter_group_name, None),
    };
    NewDeployment {
        thing: blue.thing,
        name: format!("{}-{suffix}", blue.name),
        settings: Settings {
            version: input.target_engine_version.clone().unwrap_or(like.settings.version),
            class: class.unwrap_or(like.settings.class),
            storage: input.target_allocated_storage.or(like.settings.storage),
            storage_type: input.target_storage_type.clone().or(like.settings.storage_type),
            parameters: group.clone().or(like.settings.parameters.filter(|_| !is_upgraded)),
            options: like.settings.options.filter(|_| !is_upgraded),
            // It takes the blue one's place, unlike other replicas.
            backups: blue.settings.backups,
            ..like.settings
        },
        layout: blue.layout,
        tags: blue.tags.clone(),
        ..like
    }
}

fn new_member(blue: Deployment, input: &CreateBlueGreenDeploymentRequest, suffix: &str) -> NewMember {
    let group = blue.settings.parameters.filter(|_| input.target_engine_version.is_none());
    NewMember {
        name: format!("{}-{suffix}", blue.name),
        engine: blue.engine,
        class: input.target_db_instance_class.clone().unwrap_or(blue.settings.class),
        zone: None,
        public: Some(blue.public),
        parameters: input.target_db_parameter_group_name.clone().or(group),
        told: without_own(&blue.settings.told),
        tags: blue.tags,
    }
}

/// Gives each green one the name of its blue one, which is renamed. Returns the pairs afterwards. A pair of which one is deleted is left
/// as it is.
pub fn switch_over(model: &mut Model, pairs: &[SwitchoverDetail]) -> Result<Vec<SwitchoverDetail>> {
    let switch = |before: &SwitchoverDetail| -> Result<SwitchoverDetail> {
        let row = |arn: &Option<String>| model.deployments.get(arn.as_ref()?);
        let (Some(blue), Some(green)) = (row(&before.source_member), row(&before.target_member)) else {
            return Ok(before.clone());
        };
        let (name, former) = (blue.name.clone(), former_name(model, blue));
        let (blue, green) = (blue.id.clone(), green.id.clone());
        let old = model.rename_deployment(&blue, &former)?;
        let new = model.rename_deployment(&green, &name)?;
        // A proxy that stood before the blue one stands before the green one from now on.
        model.entries_follow(&old, &new);
        Ok(pair(Some(old), Some(new)))
    };
    pairs.iter().map(switch).collect()
}

/// The name of a blue one after a switchover: the first that is free of `name-old1`, `name-old2` and so on.
fn former_name(model: &Model, blue: &Deployment) -> String {
    let is_free = |name: &String| model.deployments.get(&blue.thing.arn(&blue.scope, name)).is_none();
    (1_u32..).map(|number| format!("{}-old{number}", blue.name)).find(is_free).unwrap_or_default()
}
