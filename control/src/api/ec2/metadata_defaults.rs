//! How instances reach their metadata where their launch does not say.

use super::instance_options::hop_limit;
use super::text;
use crate::api::action::{Actions, Change, View};
use model::{Caller, HttpTokens, MetadataDefaults, Model, Result, Switch};
use shapes::ec2;

pub fn actions(all: Actions) -> Actions {
    all.read(get).write(modify)
}

/// The word that removes a default.
const NONE: &str = "no-preference";

fn get(cx: View, _: ec2::GetInstanceMetadataDefaultsRequest) -> Result<ec2::InstanceMetadataDefaultsResponse> {
    let MetadataDefaults { tokens, hop_limit, endpoint, tags, enforced } = cx.model.settings(&cx.caller.scope).metadata;
    Ok(ec2::InstanceMetadataDefaultsResponse {
        http_tokens: tokens.map(|tokens| tokens.word().to_owned()),
        http_put_response_hop_limit: hop_limit.map(i32::from),
        http_endpoint: endpoint.map(|endpoint| endpoint.word().to_owned()),
        instance_metadata_tags: tags.map(|tags| tags.word().to_owned()),
        http_tokens_enforced: enforced.map(|enforced| enforced.word().to_owned()),
        managed_by: text("account"),
        ..Default::default()
    })
}

/// A word that sets a default, or takes it back.
fn set<T>(default: &mut Option<T>, word: Option<String>, read: impl FnOnce(&str) -> Result<T>) -> Result<()> {
    match word.as_deref() {
        None => {}
        Some(NONE) => *default = None,
        Some(word) => *default = Some(read(word)?),
    }
    Ok(())
}

fn modify(cx: Change, input: ec2::ModifyInstanceMetadataDefaultsRequest) -> Result<()> {
    let ec2::ModifyInstanceMetadataDefaultsRequest {
        http_tokens,
        http_put_response_hop_limit,
        http_endpoint,
        instance_metadata_tags,
        http_tokens_enforced,
    } = input;
    let mut defaults = cx.model.settings(&cx.caller.scope).metadata;
    set(&mut defaults.tokens, http_tokens, |word| HttpTokens::read("HttpTokens", word))?;
    set(&mut defaults.endpoint, http_endpoint, |word| Switch::read("HttpEndpoint", word))?;
    set(&mut defaults.tags, instance_metadata_tags, |word| Switch::read("InstanceMetadataTags", word))?;
    set(&mut defaults.enforced, http_tokens_enforced, |word| Switch::read("HttpTokensEnforced", word))?;
    match http_put_response_hop_limit {
        None => {}
        Some(-1) => defaults.hop_limit = None,
        Some(value) => defaults.hop_limit = Some(hop_limit(value)?),
    }
    cx.model.change_settings(cx.caller, |settings| settings.metadata = defaults);
    Ok(())
}

/// The hop limit of instances whose image wants tokens (EC2's guide, "Configure the AMI").
const HOP_LIMIT_OF_IMAGE: u8 = 2;

/// The metadata options of a launch: its own, then the account's defaults, then the image's.
pub fn with_defaults(
    model: &Model,
    caller: &Caller,
    image: Option<&str>,
    sent: Option<ec2::InstanceMetadataOptionsRequest>,
) -> ec2::InstanceMetadataOptionsRequest {
    let mut defaults = model.settings(&caller.scope).metadata;
    if image.and_then(|id| model.image(id)).is_some_and(|image| image.firmware.metadata_tokens) {
        defaults.tokens = defaults.tokens.or(Some(HttpTokens::Required));
        defaults.hop_limit = defaults.hop_limit.or(Some(HOP_LIMIT_OF_IMAGE));
    }
    let MetadataDefaults { tokens, hop_limit, endpoint, tags, enforced: _ } = defaults;
    let sent = sent.unwrap_or_default();
    let or = |said: Option<String>, usual: Option<&'static str>| said.or_else(|| usual.map(str::to_owned));
    ec2::InstanceMetadataOptionsRequest {
        http_tokens: or(sent.http_tokens, tokens.map(HttpTokens::word)),
        http_put_response_hop_limit: sent.http_put_response_hop_limit.or(hop_limit.map(i32::from)),
        http_endpoint: or(sent.http_endpoint, endpoint.map(Switch::word)),
        instance_metadata_tags: or(sent.instance_metadata_tags, tags.map(Switch::word)),
        ..sent
    }
}
