//! Tags of load balancers.

use super::Result;
use crate::api::action::{Actions, Change, View};
use model::Tags;
use model::load_balancer::Error;
use shapes::{List, elb};

pub fn actions(all: Actions) -> Actions {
    all.write(add).write(remove).read(describe)
}

/// Tags as requests give them.
pub fn of(list: List<elb::Tag>) -> Result<Tags> {
    let mut tags = Tags::new();
    for tag in list {
        if tags.insert(tag.key.clone(), tag.value.unwrap_or_default()).is_some() {
            return Err(Error::DuplicateTag { key: tag.key }.into());
        }
    }
    Ok(tags)
}

fn add(cx: Change, input: elb::AddTagsInput) -> Result<()> {
    let new = of(input.tags)?;
    Ok(cx.model.tag_load_balancers(cx.caller, &input.load_balancer_names, |tags| tags.extend(new.clone()))?)
}

fn remove(cx: Change, input: elb::RemoveTagsInput) -> Result<()> {
    let is_gone = |key: &String| input.tags.iter().any(|tag| tag.key.as_ref() == Some(key));
    Ok(cx
        .model
        .tag_load_balancers(cx.caller, &input.load_balancer_names, |tags| tags.retain(|key, _| !is_gone(key)))?)
}

fn describe(cx: View, input: elb::DescribeTagsInput) -> Result<List<elb::TagDescription>> {
    let one = |name: &String| {
        let balancer = cx.model.load_balancer(&cx.caller.scope, name)?;
        let shown = |(key, value): (&String, &String)| elb::Tag { key: key.clone(), value: Some(value.clone()) };
        let tags = balancer.tags.iter().map(shown).collect();
        Ok(elb::TagDescription { load_balancer_name: Some(balancer.name.clone()), tags })
    };
    input.load_balancer_names.iter().map(one).collect()
}
