//! The green DB instance or cluster of a blue/green deployment: like the blue one, which it follows until a switchover.

use super::replica::like;
use super::restore::without_own;
use model::services::{Deployment, NewDeployment, NewMember, Result, Settings, Thing};
use model::{Caller, Model};
use shapes::rds::CreateBlueGreenDeploymentRequest as Wish;

/// Makes the green one, with its members if it is a cluster. Their names end in the suffix.
pub fn create(model: &mut Model, caller: &Caller, blue: &Deployment, wish: &Wish, suffix: &str) -> Result<String> {
    let new = new(model, caller, blue, wish, suffix);
    if blue.thing == Thing::DbInstance {
        return Ok(model.create_replica(caller, &blue.name, new)?.id.clone());
    }
    let green = model.create_cluster(caller, new)?;
    model.follow(&green.id, blue.id.clone());
    let members: Vec<Deployment> = model.members_of(blue).cloned().collect();
    for member in members {
        model.create_member(caller, &green.name, new_member(member, wish, suffix))?;
    }
    Ok(green.id)
}

fn new(model: &Model, caller: &Caller, blue: &Deployment, wish: &Wish, suffix: &str) -> NewDeployment {
    let like = like(model, caller, blue);
    let is_upgraded = wish.target_engine_version.is_some();
    let (group, class) = match blue.thing {
        Thing::DbInstance => (&wish.target_db_parameter_group_name, wish.target_db_instance_class.clone()),
        _ => (&wish.target_db_cluster_parameter_group_name, None),
    };
    NewDeployment {
        thing: blue.thing,
        name: format!("{}-{suffix}", blue.name),
        settings: Settings {
            version: wish.target_engine_version.clone().unwrap_or(like.settings.version),
            class: class.unwrap_or(like.settings.class),
            storage: wish.target_allocated_storage.or(like.settings.storage),
            storage_type: wish.target_storage_type.clone().or(like.settings.storage_type),
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

fn new_member(blue: Deployment, wish: &Wish, suffix: &str) -> NewMember {
    let group = blue.settings.parameters.filter(|_| wish.target_engine_version.is_none());
    NewMember {
        name: format!("{}-{suffix}", blue.name),
        engine: blue.engine,
        class: wish.target_db_instance_class.clone().unwrap_or(blue.settings.class),
        zone: None,
        public: Some(blue.public),
        parameters: wish.target_db_parameter_group_name.clone().or(group),
        told: without_own(&blue.settings.told),
        tags: blue.tags,
    }
}

/// The blue one and the green one, and so for their members: each blue one with the green one that takes its place.
pub fn pairs(model: &Model, blue: &str, green: &str) -> Vec<(String, String)> {
    let members = |id: &str| model.deployments.get(id).map(|row| row.members.clone()).unwrap_or_default();
    let own = (blue.to_owned(), green.to_owned());
    std::iter::once(own).chain(members(blue).into_iter().zip(members(green))).collect()
}

/// Gives each green one the name of its blue one, which is called `-old1` from now on. Returns the ARNs of both afterwards.
pub fn switch_over(model: &mut Model, (blue, green): (&str, &str)) -> Result<(String, String)> {
    let mut switched = Vec::new();
    for (blue, green) in pairs(model, blue, green) {
        let Some(name) = model.deployments.get(&blue).map(|row| row.name.clone()) else { continue };
        let old = model.rename_deployment(&blue, &format!("{name}-old1"))?;
        let new = model.rename_deployment(&green, &name)?;
        // A proxy that stood before the blue one stands before the green one from now on.
        model.entries_follow(&old, &new);
        switched.push((old, new));
    }
    Ok(switched.into_iter().next().unwrap_or_default())
}
