//! Identity providers: OpenID Connect and SAML.

use super::Result;
use super::tags::{tags_of, tags_shown};
use crate::api::action::Actions;
use model::iam::{Error, IdentityProvider, OpenIdConnect, Saml};
use model::{Caller, Model, Time};
use shapes::iam;
use std::time::Duration;

/// How long a SAML document is valid that does not say so itself.
const HOLDS: Duration = Duration::from_secs(100 * 365 * 24 * 3600);

pub fn actions(all: Actions) -> Actions {
    let all = all.write(create).read(get).read(list).write(delete).write(update_thumbprints);
    let all = all.write(add_client).write(remove_client);
    all.write(create_saml).read(get_saml).read(list_saml).write(update_saml).write(delete_saml)
}

fn create(
    model: &mut Model,
    caller: &Caller,
    input: iam::CreateOpenIDConnectProviderRequest,
) -> Result<iam::CreateOpenIDConnectProviderResponse> {
    let iam::CreateOpenIDConnectProviderRequest { url, client_id_list, thumbprint_list, tags } = input;
    let new = OpenIdConnect { url, clients: client_id_list.to_vec(), thumbprints: thumbprint_list.to_vec() };
    let made = model.create_open_id_connect_provider(&caller.scope.account, caller.now, new, tags_of(tags)?)?;
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
    let arn = &input.open_id_connect_provider_arn;
    let (provider, of) = model.open_id_connect_provider(&caller.scope.account, arn)?;
    Ok(iam::GetOpenIDConnectProviderResponse {
        url: Some(of.url.clone()),
        client_id_list: of.clients.clone().into(),
        thumbprint_list: of.thumbprints.clone().into(),
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
    let shown = |(one, _): (&IdentityProvider, &OpenIdConnect)| iam::OpenIDConnectProviderListEntry {
        arn: Some(one.arn.clone()),
        ..Default::default()
    };
    let all = model.open_id_connect_providers_of(&caller.scope.account);
    Ok(iam::ListOpenIDConnectProvidersResponse { open_id_connect_provider_list: all.map(shown).collect() })
}

fn delete(model: &mut Model, caller: &Caller, input: iam::DeleteOpenIDConnectProviderRequest) -> Result<()> {
    model.delete_open_id_connect_provider(&caller.scope.account, &input.open_id_connect_provider_arn);
    Ok(())
}

fn update_thumbprints(
    model: &mut Model,
    caller: &Caller,
    input: iam::UpdateOpenIDConnectProviderThumbprintRequest,
) -> Result<()> {
    let iam::UpdateOpenIDConnectProviderThumbprintRequest { open_id_connect_provider_arn: arn, thumbprint_list } =
        input;
    let change = |of: &mut OpenIdConnect| of.thumbprints = thumbprint_list.to_vec();
    Ok(model.change_open_id_connect_provider(&caller.scope.account, &arn, change)?)
}

fn add_client(model: &mut Model, caller: &Caller, input: iam::AddClientIDToOpenIDConnectProviderRequest) -> Result<()> {
    let iam::AddClientIDToOpenIDConnectProviderRequest { open_id_connect_provider_arn: arn, client_id } = input;
    let change = |of: &mut OpenIdConnect| {
        if !of.clients.contains(&client_id) {
            of.clients.push(client_id);
        }
    };
    Ok(model.change_open_id_connect_provider(&caller.scope.account, &arn, change)?)
}

fn remove_client(
    model: &mut Model,
    caller: &Caller,
    input: iam::RemoveClientIDFromOpenIDConnectProviderRequest,
) -> Result<()> {
    let iam::RemoveClientIDFromOpenIDConnectProviderRequest { open_id_connect_provider_arn: arn, client_id } = input;
    let change = |of: &mut OpenIdConnect| of.clients.retain(|client| *client != client_id);
    Ok(model.change_open_id_connect_provider(&caller.scope.account, &arn, change)?)
}

/// The checked metadata document, which is kept unread, with the end of its validity.
fn saml(document: String, now: Time) -> Result<Saml> {
    if !(1_000..=10_000_000).contains(&document.chars().count()) {
        return Err(Error::BadSaml {}.into());
    }
    let said = document.split_once("validUntil=\"").and_then(|(_, rest)| rest.split('"').next());
    let moment = said.and_then(|text| text.parse::<Time>().ok());
    Ok(Saml { until: moment.unwrap_or(now.after(HOLDS)), document })
}

fn create_saml(
    model: &mut Model,
    caller: &Caller,
    input: iam::CreateSAMLProviderRequest,
) -> Result<iam::CreateSAMLProviderResponse> {
    let iam::CreateSAMLProviderRequest { saml_metadata_document, name, tags } = input;
    let (account, new) = (&caller.scope.account, saml(saml_metadata_document, caller.now)?);
    let made = model.create_saml_provider(account, caller.now, (&name, new), tags_of(tags)?)?;
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
    let (provider, of) = model.saml_provider(&caller.scope.account, &input.saml_provider_arn)?;
    Ok(iam::GetSAMLProviderResponse {
        saml_metadata_document: Some(of.document.clone()),
        create_date: Some(provider.created),
        valid_until: Some(of.until),
        tags: tags_shown(&provider.tags).unless_empty(),
        ..Default::default()
    })
}

fn list_saml(
    model: &Model,
    caller: &Caller,
    _: iam::ListSAMLProvidersRequest,
) -> Result<iam::ListSAMLProvidersResponse> {
    let shown = |(one, of): (&IdentityProvider, &Saml)| iam::SAMLProviderListEntry {
        arn: Some(one.arn.clone()),
        valid_until: Some(of.until),
        create_date: Some(one.created),
        ..Default::default()
    };
    let saml_provider_list = model.saml_providers_of(&caller.scope.account).map(shown).collect();
    Ok(iam::ListSAMLProvidersResponse { saml_provider_list })
}

fn update_saml(
    model: &mut Model,
    caller: &Caller,
    input: iam::UpdateSAMLProviderRequest,
) -> Result<iam::UpdateSAMLProviderResponse> {
    let iam::UpdateSAMLProviderRequest { saml_metadata_document, saml_provider_arn: arn } = input;
    let new = saml_metadata_document.map(|document| saml(document, caller.now)).transpose()?;
    model.update_saml_provider(&caller.scope.account, &arn, new)?;
    Ok(iam::UpdateSAMLProviderResponse { saml_provider_arn: Some(arn) })
}

fn delete_saml(model: &mut Model, caller: &Caller, input: iam::DeleteSAMLProviderRequest) -> Result<()> {
    Ok(model.delete_saml_provider(&caller.scope.account, &input.saml_provider_arn)?)
}
