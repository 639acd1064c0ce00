//! Identity providers: OpenID Connect and SAML.

use super::{Result, paged, tags_of, tags_shown, untagging};
use crate::api::action::Actions;
use model::iam::{Error, IdentityProvider, ProviderOf};
use model::{Caller, Model, Tags, Time};
use shapes::{List, Page, iam};
use std::time::Duration;

/// How long a SAML document is valid that does not say so itself.
const HOLDS: Duration = Duration::from_secs(100 * 365 * 24 * 3600);

pub fn actions(all: Actions) -> Actions {
    let all = all.write(create).read(get).read(list).write(delete).write(update_thumbprints);
    let all = all.write(add_client).write(remove_client).write(tag).write(untag).read(list_tags);
    let all = all.write(create_saml).read(get_saml).read(list_saml).write(update_saml).write(delete_saml);
    all.write(tag_saml).write(untag_saml).read(list_saml_tags)
}

/// The provider of that ARN, which must be of that kind.
fn found<'m>(model: &'m Model, caller: &Caller, arn: &str, is_saml: bool) -> Result<&'m IdentityProvider> {
    let provider = model.identity_provider(&caller.scope.account, arn)?;
    match (provider.is_saml(), is_saml) {
        (true, false) => Err(Error::NoSuchProvider { arn: arn.to_owned() }.into()),
        (false, true) => Err(Error::NoSuchSaml { arn: arn.to_owned() }.into()),
        _ => Ok(provider),
    }
}

fn create(
    model: &mut Model,
    caller: &Caller,
    input: iam::CreateOpenIDConnectProviderRequest,
) -> Result<iam::CreateOpenIDConnectProviderResponse> {
    let iam::CreateOpenIDConnectProviderRequest { url, client_id_list, thumbprint_list, tags } = input;
    let what = (url.as_str(), client_id_list.to_vec(), thumbprint_list.to_vec());
    let made = model.create_open_id_connect_provider(&caller.scope.account, caller.now, what, tags_of(tags)?)?;
    Ok(iam::CreateOpenIDConnectProviderResponse {
        open_id_connect_provider_arn: Some(made.arn.clone()),
        tags: tags_shown(&made.tags).unless_empty(),
    })
}

fn get(
    model: &Model,
    caller: &Caller,
    input: iam::GetOpenIDConnectProviderRequest,
) -> Result<iam::GetOpenIDConnectProviderResponse> {
    let provider = found(model, caller, &input.open_id_connect_provider_arn, false)?;
    let (url, clients, thumbprints) = match &provider.of {
        ProviderOf::OpenIdConnect { url, clients, thumbprints } => (Some(url.clone()), &clients[..], &thumbprints[..]),
        ProviderOf::Saml { .. } => (None, &[][..], &[][..]),
    };
    Ok(iam::GetOpenIDConnectProviderResponse {
        url,
        client_id_list: clients.to_vec().into(),
        thumbprint_list: thumbprints.to_vec().into(),
        create_date: Some(provider.created),
        tags: tags_shown(&provider.tags),
        ..Default::default()
    })
}

fn list(
    model: &Model,
    caller: &Caller,
    _: iam::ListOpenIDConnectProvidersRequest,
) -> Result<iam::ListOpenIDConnectProvidersResponse> {
    let all = model.identity_providers_of(&caller.scope.account).filter(|one| !one.is_saml());
    let shown = |one: &IdentityProvider| iam::OpenIDConnectProviderListEntry {
        arn: Some(one.arn.clone()),
        ..Default::default()
    };
    Ok(iam::ListOpenIDConnectProvidersResponse { open_id_connect_provider_list: all.map(shown).collect() })
}

/// Deleting what does not exist succeeds (IAM API Reference).
fn delete(model: &mut Model, caller: &Caller, input: iam::DeleteOpenIDConnectProviderRequest) -> Result<()> {
    let arn = input.open_id_connect_provider_arn;
    if found(model, caller, &arn, false).is_ok() {
        model.delete_identity_provider(&caller.scope.account, &arn)?;
    }
    Ok(())
}

/// Changes an OpenID Connect provider's client ids or thumbprints.
fn change(
    model: &mut Model,
    caller: &Caller,
    arn: &str,
    change: impl FnOnce(&mut Vec<String>, &mut Vec<String>),
) -> Result<()> {
    let changed = |provider: &mut IdentityProvider| match &mut provider.of {
        ProviderOf::OpenIdConnect { clients, thumbprints, .. } => {
            change(clients, thumbprints);
            Ok(())
        }
        ProviderOf::Saml { .. } => Err(Error::NoSuchProvider { arn: arn.to_owned() }),
    };
    Ok(model.change_identity_provider(&caller.scope.account, arn, changed)?)
}

fn update_thumbprints(
    model: &mut Model,
    caller: &Caller,
    input: iam::UpdateOpenIDConnectProviderThumbprintRequest,
) -> Result<()> {
    let iam::UpdateOpenIDConnectProviderThumbprintRequest { open_id_connect_provider_arn: arn, thumbprint_list } =
        input;
    change(model, caller, &arn, |_, thumbprints| *thumbprints = thumbprint_list.to_vec())
}

fn add_client(model: &mut Model, caller: &Caller, input: iam::AddClientIDToOpenIDConnectProviderRequest) -> Result<()> {
    let iam::AddClientIDToOpenIDConnectProviderRequest { open_id_connect_provider_arn: arn, client_id } = input;
    change(model, caller, &arn, |clients, _| {
        if !clients.contains(&client_id) {
            clients.push(client_id);
        }
    })
}

fn remove_client(
    model: &mut Model,
    caller: &Caller,
    input: iam::RemoveClientIDFromOpenIDConnectProviderRequest,
) -> Result<()> {
    let iam::RemoveClientIDFromOpenIDConnectProviderRequest { open_id_connect_provider_arn: arn, client_id } = input;
    change(model, caller, &arn, |clients, _| clients.retain(|client| *client != client_id))
}

/// Changes a provider's tags.
fn retag(model: &mut Model, caller: &Caller, arn: &str, is_saml: bool, change: impl FnOnce(&mut Tags)) -> Result<()> {
    found(model, caller, arn, is_saml)?;
    Ok(model.change_identity_provider(&caller.scope.account, arn, |provider| {
        change(&mut provider.tags);
        Ok(())
    })?)
}

type TagPage = (List<iam::Tag>, Option<bool>, Option<String>);

fn tags_page(model: &Model, caller: &Caller, arn: &str, is_saml: bool, page: Page) -> Result<TagPage> {
    let tags = tags_shown(&found(model, caller, arn, is_saml)?.tags).into_iter().collect();
    let (tags, is_truncated, marker) = paged(page, tags, |tag: &iam::Tag| &tag.key)?;
    Ok((tags.into(), is_truncated, marker))
}

fn tag(model: &mut Model, caller: &Caller, input: iam::TagOpenIDConnectProviderRequest) -> Result<()> {
    let iam::TagOpenIDConnectProviderRequest { open_id_connect_provider_arn: arn, tags } = input;
    let new = tags_of(tags)?;
    retag(model, caller, &arn, false, |tags| tags.extend(new))
}

fn untag(model: &mut Model, caller: &Caller, input: iam::UntagOpenIDConnectProviderRequest) -> Result<()> {
    let iam::UntagOpenIDConnectProviderRequest { open_id_connect_provider_arn: arn, tag_keys } = input;
    retag(model, caller, &arn, false, untagging(tag_keys)?)
}

fn list_tags(
    model: &Model,
    caller: &Caller,
    input: iam::ListOpenIDConnectProviderTagsRequest,
) -> Result<iam::ListOpenIDConnectProviderTagsResponse> {
    let iam::ListOpenIDConnectProviderTagsRequest { open_id_connect_provider_arn: arn, page } = input;
    let (tags, is_truncated, marker) = tags_page(model, caller, &arn, false, page)?;
    Ok(iam::ListOpenIDConnectProviderTagsResponse { tags, is_truncated, marker })
}

/// The metadata document is kept unread.
fn checked(document: String) -> Result<String> {
    if (1_000..=10_000_000).contains(&document.chars().count()) { Ok(document) } else { Err(Error::BadSaml {}.into()) }
}

/// The end of a document's validity.
fn holds_until(document: &str, now: Time) -> Time {
    let said = document.split_once("validUntil=\"").and_then(|(_, rest)| rest.split('"').next());
    let moment = said.and_then(|text| text.parse::<Time>().ok());
    moment.unwrap_or(now.after(HOLDS))
}

fn create_saml(
    model: &mut Model,
    caller: &Caller,
    input: iam::CreateSAMLProviderRequest,
) -> Result<iam::CreateSAMLProviderResponse> {
    let iam::CreateSAMLProviderRequest { saml_metadata_document, name, tags } = input;
    let document = checked(saml_metadata_document)?;
    let until = holds_until(&document, caller.now);
    let (account, what) = (&caller.scope.account, (name.as_str(), document, until));
    let made = model.create_saml_provider(account, caller.now, what, tags_of(tags)?)?;
    Ok(iam::CreateSAMLProviderResponse {
        saml_provider_arn: Some(made.arn.clone()),
        tags: tags_shown(&made.tags).unless_empty(),
    })
}

fn get_saml(
    model: &Model,
    caller: &Caller,
    input: iam::GetSAMLProviderRequest,
) -> Result<iam::GetSAMLProviderResponse> {
    let provider = found(model, caller, &input.saml_provider_arn, true)?;
    let (document, until) = match &provider.of {
        ProviderOf::Saml { document, until } => (Some(document.clone()), Some(*until)),
        ProviderOf::OpenIdConnect { .. } => (None, None),
    };
    Ok(iam::GetSAMLProviderResponse {
        saml_metadata_document: document,
        create_date: Some(provider.created),
        valid_until: until,
        tags: tags_shown(&provider.tags).unless_empty(),
        ..Default::default()
    })
}

fn list_saml(
    model: &Model,
    caller: &Caller,
    _: iam::ListSAMLProvidersRequest,
) -> Result<iam::ListSAMLProvidersResponse> {
    let shown = |one: &IdentityProvider| match &one.of {
        ProviderOf::Saml { until, .. } => Some(iam::SAMLProviderListEntry {
            arn: Some(one.arn.clone()),
            valid_until: Some(*until),
            create_date: Some(one.created),
            ..Default::default()
        }),
        ProviderOf::OpenIdConnect { .. } => None,
    };
    let saml_provider_list = model.identity_providers_of(&caller.scope.account).filter_map(shown).collect();
    Ok(iam::ListSAMLProvidersResponse { saml_provider_list })
}

fn update_saml(
    model: &mut Model,
    caller: &Caller,
    input: iam::UpdateSAMLProviderRequest,
) -> Result<iam::UpdateSAMLProviderResponse> {
    let iam::UpdateSAMLProviderRequest { saml_metadata_document, saml_provider_arn: arn } = input;
    found(model, caller, &arn, true)?;
    if let Some(document) = saml_metadata_document.map(checked).transpose()? {
        let until = holds_until(&document, caller.now);
        model.change_identity_provider(&caller.scope.account, &arn, |provider| {
            provider.of = ProviderOf::Saml { document, until };
            Ok(())
        })?;
    }
    Ok(iam::UpdateSAMLProviderResponse { saml_provider_arn: Some(arn) })
}

fn delete_saml(model: &mut Model, caller: &Caller, input: iam::DeleteSAMLProviderRequest) -> Result<()> {
    found(model, caller, &input.saml_provider_arn, true)?;
    Ok(model.delete_identity_provider(&caller.scope.account, &input.saml_provider_arn)?)
}

fn tag_saml(model: &mut Model, caller: &Caller, input: iam::TagSAMLProviderRequest) -> Result<()> {
    let iam::TagSAMLProviderRequest { saml_provider_arn: arn, tags } = input;
    let new = tags_of(tags)?;
    retag(model, caller, &arn, true, |tags| tags.extend(new))
}

fn untag_saml(model: &mut Model, caller: &Caller, input: iam::UntagSAMLProviderRequest) -> Result<()> {
    let iam::UntagSAMLProviderRequest { saml_provider_arn: arn, tag_keys } = input;
    retag(model, caller, &arn, true, untagging(tag_keys)?)
}

fn list_saml_tags(
    model: &Model,
    caller: &Caller,
    input: iam::ListSAMLProviderTagsRequest,
) -> Result<iam::ListSAMLProviderTagsResponse> {
    let iam::ListSAMLProviderTagsRequest { saml_provider_arn: arn, page } = input;
    let (tags, is_truncated, marker) = tags_page(model, caller, &arn, true, page)?;
    Ok(iam::ListSAMLProviderTagsResponse { tags, is_truncated, marker })
}
