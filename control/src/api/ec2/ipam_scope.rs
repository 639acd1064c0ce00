//! IPAM scopes.

use super::ipam;
use super::listing::{Attributes, each, one};
use super::{tags, text, token};
use crate::api::action::{Actions, Change, View};
use model::{IpamScope, Model, Result, arn};
use shapes::ec2;

pub fn actions(all: Actions) -> Actions {
    all.write(create).write(modify).write(delete).read(describe)
}

static ATTRIBUTES: Attributes<IpamScope> = Attributes(&[
    ("description", |_, scope| each(&scope.description)),
    ("ipam-arn", |model, scope| each(model.ipams.get(&scope.ipam).map(ipam::arn_of))),
    ("ipam-id", |_, scope| one(&scope.ipam)),
    ("ipam-region", |_, scope| one(&scope.scope.region)),
    ("ipam-scope-id", |_, scope| one(&scope.id)),
    ("ipam-scope-type", |_, scope| one(kind(scope))),
    ("is-default", |_, scope| one(scope.default)),
    ("owner-id", |_, scope| one(&scope.scope.account)),
    ("state", |_, _| one("create-complete")),
]);

/// The word for a scope's type.
pub fn kind(scope: &IpamScope) -> &'static str {
    if scope.public { "public" } else { "private" }
}

/// The ARN of a scope.
pub fn arn_of(scope: &IpamScope) -> String {
    arn(&scope.scope, "ipam-scope", &scope.id)
}

fn shown(model: &Model, scope: &IpamScope, state: &str) -> ec2::IpamScope {
    ec2::IpamScope {
        owner_id: text(&scope.scope.account),
        ipam_scope_id: text(&scope.id),
        ipam_scope_arn: text(arn_of(scope)),
        ipam_arn: model.ipams.get(&scope.ipam).map(ipam::arn_of),
        ipam_region: text(&scope.scope.region),
        ipam_scope_type: text(kind(scope)),
        is_default: Some(scope.default),
        description: scope.description.clone(),
        pool_count: i32::try_from(model.ipam_pools.by(&scope.id).count()).ok(),
        state: text(state),
        tags: tags::shown(&scope.tags),
        ..Default::default()
    }
}

fn create(Change { model, caller }: Change, input: ec2::CreateIpamScopeRequest) -> Result<ec2::IpamScope> {
    let ec2::CreateIpamScopeRequest { ipam_id, description, tag_specifications, client_token } = input;
    let tags = tags::of(tag_specifications, "ipam-scope")?;
    let id = model.once(caller, "CreateIpamScope", token(&client_token), |model| {
        model.create_ipam_scope(caller, &ipam_id, description, tags)
    })?;
    Ok(shown(model, model.ipam_scopes.find(&caller.scope, &id)?, "create-in-progress"))
}

fn modify(cx: Change, input: ec2::ModifyIpamScopeRequest) -> Result<ec2::IpamScope> {
    let ec2::ModifyIpamScopeRequest { ipam_scope_id: id, description } = input;
    if description.is_some() {
        cx.model.describe_ipam_scope(cx.caller, &id, description)?;
    }
    Ok(shown(cx.model, cx.model.ipam_scopes.find(&cx.caller.scope, &id)?, "modify-in-progress"))
}

fn delete(cx: Change, input: ec2::DeleteIpamScopeRequest) -> Result<ec2::IpamScope> {
    let scope = cx.model.delete_ipam_scope(cx.caller, &input.ipam_scope_id)?;
    Ok(shown(cx.model, &scope, "delete-in-progress"))
}

fn describe(cx: View, input: ec2::DescribeIpamScopesRequest) -> Result<ec2::DescribeIpamScopesResult> {
    let all = cx.model.ipam_scopes.of(&cx.caller.scope);
    ATTRIBUTES.list(cx.model, all, input, |scope| shown(cx.model, scope, "create-complete"))
}
