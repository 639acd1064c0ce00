//! Identity providers: OpenID Connect and SAML.

use super::Result;
use super::tags::{tags_of, tags_shown};
use crate::api::action::{Actions, Change, View};
use model::Time;
use model::iam::{Error, IdentityProvider, OpenIdConnect, Saml};
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
    cx: Change,
    input: iam::CreateOpenIDConnectProviderRequest,
) -> Result<iam::CreateOpenIDConnectProviderResponse> {
    let iam::CreateOpenIDConnectProviderRequest { url, client_id_list, thumbprint_list, tags } = input;
    let new = OpenIdConnect { url, clients: client_id_list.to_vec(), thumbprints: thumbprint_list.to_vec() };
    let made =
        cx.model.create_open_id_connect_provider(&cx.caller.scope.account, cx.caller.now, new, tags_of(tags)?)?;
    Ok(iam::CreateOpenIDConnectProviderResponse {
        open_id_connect_provider_arn: Some(made.arn.clone()),
        tags: tags_shown(&made.tags).unless_empty(),
    })
}

fn get(cx: View, input: iam::GetOpenIDConnectProviderRequest) -> Result<iam::GetOpenIDConnectProviderResponse> {
    let arn = &input.open_id_connect_provider_arn;
    let (provider, of) = cx.model.open_id_connect_provider(&cx.caller.scope.account, arn)?;
    Ok(iam::GetOpenIDConnectProviderResponse {
        url: Some(of.url.clone()),
        client_id_list: of.clients.clone().into(),
        thumbprint_list: of.thumbprints.clone().into(),
        create_date: Some(provider.created),
        tags: tags_shown(&provider.tags),
        ..Default::default()
    })
}

fn list(cx: View, _: iam::ListOpenIDConnectProvidersRequest) -> Result<iam::ListOpenIDConnectProvidersResponse> {
    let shown = |(one, _): (&IdentityProvider, &OpenIdConnect)| iam::OpenIDConnectProviderListEntry {
        arn: Some(one.arn.clone()),
        ..Default::default()
    };
    let all = cx.model.open_id_connect_providers_of(&cx.caller.scope.account);
    Ok(iam::ListOpenIDConnectProvidersResponse { open_id_connect_provider_list: all.map(shown).collect() })
}

fn delete(cx: Change, input: iam::DeleteOpenIDConnectProviderRequest) -> Result<()> {
    cx.model.delete_open_id_connect_provider(&cx.caller.scope.account, &input.open_id_connect_provider_arn);
    Ok(())
}

fn update_thumbprints(cx: Change, input: iam::UpdateOpenIDConnectProviderThumbprintRequest) -> Result<()> {
    let iam::UpdateOpenIDConnectProviderThumbprintRequest { open_id_connect_provider_arn: arn, thumbprint_list } =
        input;
    let change = |of: &mut OpenIdConnect| of.thumbprints = thumbprint_list.to_vec();
    Ok(cx.model.change_open_id_connect_provider(&cx.caller.scope.account, &arn, change)?)
}

fn add_client(cx: Change, input: iam::AddClientIDToOpenIDConnectProviderRequest) -> Result<()> {
    let iam::AddClientIDToOpenIDConnectProviderRequest { open_id_connect_provider_arn: arn, client_id } = input;
    let change = |of: &mut OpenIdConnect| {
        if !of.clients.contains(&client_id) {
            of.clients.push(client_id);
        }
    };
    Ok(cx.model.change_open_id_connect_provider(&cx.caller.scope.account, &arn, change)?)
}

fn remove_client(cx: Change, input: iam::RemoveClientIDFromOpenIDConnectProviderRequest) -> Result<()> {
    let iam::RemoveClientIDFromOpenIDConnectProviderRequest { open_id_connect_provider_arn: arn, client_id } = input;
    let change = |of: &mut OpenIdConnect| of.clients.retain(|client| *client != client_id);
    Ok(cx.model.change_open_id_connect_provider(&cx.caller.scope.account, &arn, change)?)
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

fn create_saml(cx: Change, input: iam::CreateSAMLProviderRequest) -> Result<iam::CreateSAMLProviderResponse> {
    let iam::CreateSAMLProviderRequest { saml_metadata_document, name, tags } = input;
    let (account, new) = (&cx.caller.scope.account, saml(saml_metadata_document, cx.caller.now)?);
    let made = cx.model.create_saml_provider(account, cx.caller.now, (&name, new), tags_of(tags)?)?;
    Ok(iam::CreateSAMLProviderResponse {
        saml_provider_arn: Some(made.arn.clone()),
        tags: tags_shown(&made.tags).unless_empty(),
    })
}

fn get_saml(cx: View, input: iam::GetSAMLProviderRequest) -> Result<iam::GetSAMLProviderResponse> {
    let (provider, of) = cx.model.saml_provider(&cx.caller.scope.account, &input.saml_provider_arn)?;
    Ok(iam::GetSAMLProviderResponse {
        saml_metadata_document: Some(of.document.clone()),
        create_date: Some(provider.created),
        valid_until: Some(of.until),
        tags: tags_shown(&provider.tags).unless_empty(),
        ..Default::default()
    })
}

fn list_saml(cx: View, _: iam::ListSAMLProvidersRequest) -> Result<iam::ListSAMLProvidersResponse> {
    let shown = |(one, of): (&IdentityProvider, &Saml)| iam::SAMLProviderListEntry {
        arn: Some(one.arn.clone()),
        valid_until: Some(of.until),
        create_date: Some(one.created),
        ..Default::default()
    };
    let saml_provider_list = cx.model.saml_providers_of(&cx.caller.scope.account).map(shown).collect();
    Ok(iam::ListSAMLProvidersResponse { saml_provider_list })
}

fn update_saml(cx: Change, input: iam::UpdateSAMLProviderRequest) -> Result<iam::UpdateSAMLProviderResponse> {
    let iam::UpdateSAMLProviderRequest { saml_metadata_document, saml_provider_arn: arn } = input;
    let new = saml_metadata_document.map(|document| saml(document, cx.caller.now)).transpose()?;
    cx.model.update_saml_provider(&cx.caller.scope.account, &arn, new)?;
    Ok(iam::UpdateSAMLProviderResponse { saml_provider_arn: Some(arn) })
}

fn delete_saml(cx: Change, input: iam::DeleteSAMLProviderRequest) -> Result<()> {
    Ok(cx.model.delete_saml_provider(&cx.caller.scope.account, &input.saml_provider_arn)?)
}
