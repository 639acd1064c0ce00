//! Passwords, SSH keys, signing certificates and service-specific credentials of users. A request that names no user means the sender.

use super::{Result, paged, secret, user::meant};
use crate::api::action::{Actions, Change, View};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest, Md5};
use model::iam::{Class, Credential, CredentialKind, CredentialOf, Error, LoginProfile, Principal};
use model::{Caller, Model};
use shapes::iam;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject;

pub fn actions(all: Actions) -> Actions {
    let all = all.write(create_login).read(get_login).write(update_login).write(delete_login).write(change_password);
    let all = all.write(upload_key).read(get_key).read(list_keys).write(update_key).write(delete_key);
    let all = all.write(upload_certificate).read(list_certificates).write(update_certificate).write(delete_certificate);
    all.write(create_service).read(list_services).write(update_service).read(reset_service).write(delete_service)
}

/// The user that a request means, which cannot be the account itself.
fn user(caller: &Caller, name: Option<String>) -> Result<String> {
    meant(caller, name)?.ok_or_else(|| Error::MustNameUser {}.into())
}

pub fn is_active(status: String) -> Result<bool> {
    match status.as_str() {
        "Active" => Ok(true),
        "Inactive" => Ok(false),
        _ => Err(Error::BadStatus {}.into()),
    }
}

fn status(one: &Credential) -> String {
    if one.active { "Active" } else { "Inactive" }.to_owned()
}

fn login_shown(user: String, login: &LoginProfile) -> iam::LoginProfile {
    iam::LoginProfile {
        user_name: user,
        create_date: login.created,
        password_reset_required: Some(login.reset_required),
        ..iam::LoginProfile::default()
    }
}

fn create_login(cx: Change, input: iam::CreateLoginProfileRequest) -> Result<iam::CreateLoginProfileResponse> {
    let iam::CreateLoginProfileRequest { user_name, password_reset_required } = input;
    let user = user(cx.caller, user_name)?;
    let new = LoginProfile { created: cx.caller.now, reset_required: password_reset_required.unwrap_or(false) };
    cx.model.create_login_profile(&cx.caller.scope.account, &user, new.clone())?;
    Ok(iam::CreateLoginProfileResponse { login_profile: login_shown(user, &new) })
}

fn get_login(cx: View, input: iam::GetLoginProfileRequest) -> Result<iam::GetLoginProfileResponse> {
    let user = user(cx.caller, input.user_name)?;
    let login = cx.model.login_profile(&cx.caller.scope.account, &user)?.clone();
    Ok(iam::GetLoginProfileResponse { login_profile: login_shown(user, &login) })
}

fn update_login(cx: Change, input: iam::UpdateLoginProfileRequest) -> Result<()> {
    let iam::UpdateLoginProfileRequest { user_name, password_reset_required } = input;
    let change = |login: &mut Option<LoginProfile>| {
        if let (Some(login), Some(required)) = (login, password_reset_required) {
            login.reset_required = required;
        }
    };
    Ok(cx.model.change_login_profile(&cx.caller.scope.account, &user_name, change)?)
}

fn delete_login(cx: Change, input: iam::DeleteLoginProfileRequest) -> Result<()> {
    let user = user(cx.caller, input.user_name)?;
    Ok(cx.model.change_login_profile(&cx.caller.scope.account, &user, |login| *login = None)?)
}

/// A user changes the own password, which is not kept.
fn change_password(cx: Change, _: iam::ChangePasswordRequest) -> Result<()> {
    let Principal::User { name } = &cx.caller.principal else { return Err(Error::NotAUser {}.into()) };
    cx.model.login_profile(&cx.caller.scope.account, name)?;
    let change = |login: &mut Option<LoginProfile>| {
        if let Some(login) = login {
            login.reset_required = false;
        }
    };
    Ok(cx.model.change_login_profile(&cx.caller.scope.account, name, change)?)
}

/// A user's credentials of a kind, sorted by id.
fn of_kind<'m>(
    model: &'m Model,
    caller: &Caller,
    user: &str,
    kind: CredentialKind,
) -> Result<impl Iterator<Item = &'m Credential> + use<'m>> {
    let all = model.credentials(&caller.scope.account, user)?.issued.values();
    Ok(all.filter(move |one| one.kind() == kind))
}

/// The fingerprint of a public RSA key as SSH has it: `ssh-rsa AAAA…`.
fn fingerprint(body: &str) -> Result<String> {
    let mut words = body.split_whitespace();
    let (kind, encoded) = (words.next(), words.next());
    let bytes = encoded.filter(|_| kind == Some("ssh-rsa")).and_then(|encoded| STANDARD.decode(encoded).ok());
    let digest = Md5::digest(bytes.ok_or(Error::BadSshKey {})?);
    let pairs: Vec<String> = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(pairs.join(":"))
}

fn key_shown(user: String, one: &Credential) -> iam::SSHPublicKey {
    let (body, fingerprint) = match &one.of {
        CredentialOf::SshKey { body, fingerprint } => (body.clone(), fingerprint.clone()),
        _ => Default::default(),
    };
    iam::SSHPublicKey {
        user_name: user,
        ssh_public_key_id: one.id.clone(),
        fingerprint,
        ssh_public_key_body: body,
        status: status(one),
        upload_date: Some(one.created),
    }
}

fn upload_key(cx: Change, input: iam::UploadSSHPublicKeyRequest) -> Result<iam::UploadSSHPublicKeyResponse> {
    let iam::UploadSSHPublicKeyRequest { user_name, ssh_public_key_body: body } = input;
    let of = CredentialOf::SshKey { fingerprint: fingerprint(&body)?, body };
    let key = cx.model.issue_credential(&cx.caller.scope.account, &user_name, cx.caller.now, of)?;
    Ok(iam::UploadSSHPublicKeyResponse { ssh_public_key: Some(key_shown(user_name, &key)) })
}

fn get_key(cx: View, input: iam::GetSSHPublicKeyRequest) -> Result<iam::GetSSHPublicKeyResponse> {
    let iam::GetSSHPublicKeyRequest { user_name, ssh_public_key_id: id, encoding } = input;
    if !["SSH", "PEM"].contains(&encoding.as_str()) {
        return Err(Error::BadEncoding { value: encoding }.into());
    }
    let key = cx.model.credential(&cx.caller.scope.account, &user_name, (CredentialKind::SshKey, &id))?.clone();
    Ok(iam::GetSSHPublicKeyResponse { ssh_public_key: Some(key_shown(user_name, &key)) })
}

fn list_keys(cx: View, input: iam::ListSSHPublicKeysRequest) -> Result<iam::ListSSHPublicKeysResponse> {
    let iam::ListSSHPublicKeysRequest { user_name, page } = input;
    let user = user(cx.caller, user_name)?;
    let rows = of_kind(cx.model, cx.caller, &user, CredentialKind::SshKey)?;
    let shown = |one: &Credential| iam::SSHPublicKeyMetadata {
        user_name: user.clone(),
        ssh_public_key_id: one.id.clone(),
        status: status(one),
        upload_date: one.created,
    };
    let (ssh_public_keys, is_truncated, marker) = paged(page, rows, |one| &one.id, shown)?;
    Ok(iam::ListSSHPublicKeysResponse { ssh_public_keys, is_truncated, marker })
}

fn update_key(cx: Change, input: iam::UpdateSSHPublicKeyRequest) -> Result<()> {
    let iam::UpdateSSHPublicKeyRequest { user_name, ssh_public_key_id: id, status } = input;
    let (account, which) = (&cx.caller.scope.account, (CredentialKind::SshKey, id.as_str()));
    Ok(cx.model.activate_credential(account, &user_name, which, is_active(status)?)?)
}

fn delete_key(cx: Change, input: iam::DeleteSSHPublicKeyRequest) -> Result<()> {
    let iam::DeleteSSHPublicKeyRequest { user_name, ssh_public_key_id: id } = input;
    Ok(cx.model.delete_credential(&cx.caller.scope.account, &user_name, (CredentialKind::SshKey, &id))?)
}

fn certificate_shown(user: &str, one: &Credential) -> iam::SigningCertificate {
    let body = match &one.of {
        CredentialOf::Certificate { body } => body.clone(),
        _ => String::new(),
    };
    iam::SigningCertificate {
        user_name: user.to_owned(),
        certificate_id: one.id.clone(),
        certificate_body: body,
        status: status(one),
        upload_date: Some(one.created),
    }
}

fn upload_certificate(
    cx: Change,
    input: iam::UploadSigningCertificateRequest,
) -> Result<iam::UploadSigningCertificateResponse> {
    let iam::UploadSigningCertificateRequest { user_name, certificate_body: body } = input;
    let user = user(cx.caller, user_name)?;
    CertificateDer::from_pem_slice(body.as_bytes()).map_err(super::Error::CertificatePem)?;
    let of = CredentialOf::Certificate { body };
    let certificate = cx.model.issue_credential(&cx.caller.scope.account, &user, cx.caller.now, of)?;
    Ok(iam::UploadSigningCertificateResponse { certificate: certificate_shown(&user, &certificate) })
}

fn list_certificates(
    cx: View,
    input: iam::ListSigningCertificatesRequest,
) -> Result<iam::ListSigningCertificatesResponse> {
    let iam::ListSigningCertificatesRequest { user_name, page } = input;
    let user = user(cx.caller, user_name)?;
    let rows = of_kind(cx.model, cx.caller, &user, CredentialKind::Certificate)?;
    let shown = |one| certificate_shown(&user, one);
    let (certificates, is_truncated, marker) = paged(page, rows, |one| &one.id, shown)?;
    Ok(iam::ListSigningCertificatesResponse { certificates, is_truncated, marker })
}

fn update_certificate(cx: Change, input: iam::UpdateSigningCertificateRequest) -> Result<()> {
    let iam::UpdateSigningCertificateRequest { user_name, certificate_id: id, status } = input;
    let (user, which) = (user(cx.caller, user_name)?, (CredentialKind::Certificate, id.as_str()));
    Ok(cx.model.activate_credential(&cx.caller.scope.account, &user, which, is_active(status)?)?)
}

fn delete_certificate(cx: Change, input: iam::DeleteSigningCertificateRequest) -> Result<()> {
    let iam::DeleteSigningCertificateRequest { user_name, certificate_id: id } = input;
    let user = user(cx.caller, user_name)?;
    Ok(cx.model.delete_credential(&cx.caller.scope.account, &user, (CredentialKind::Certificate, &id))?)
}

/// The service of a service-specific credential, and its user name.
fn service_of(one: &Credential) -> (String, String) {
    match &one.of {
        CredentialOf::Service { service, user_name } => (service.clone(), user_name.clone()),
        _ => Default::default(),
    }
}

fn create_service(
    cx: Change,
    input: iam::CreateServiceSpecificCredentialRequest,
) -> Result<iam::CreateServiceSpecificCredentialResponse> {
    let iam::CreateServiceSpecificCredentialRequest { user_name, service_name } = input;
    let account = &cx.caller.scope.account;
    cx.model.identity(account, Class::User, &user_name)?;
    check_service(&service_name)?;
    let of = CredentialOf::Service { service: service_name, user_name: format!("{user_name}-at-{account}") };
    let made = cx.model.issue_credential(account, &user_name, cx.caller.now, of)?;
    Ok(iam::CreateServiceSpecificCredentialResponse {
        service_specific_credential: Some(with_password(user_name, &made)?),
    })
}

/// Checks that a service has service-specific credentials.
fn check_service(name: &str) -> Result<()> {
    let known = ["codecommit.amazonaws.com", "cassandra.amazonaws.com", "bedrock.amazonaws.com"];
    if known.contains(&name) { Ok(()) } else { Err(Error::NoSuchService { service: name.to_owned() }.into()) }
}

/// A service-specific credential with its password, which is shown once and not kept, since nobody signs in with it here.
fn with_password(user_name: String, one: &Credential) -> Result<iam::ServiceSpecificCredential> {
    let (service_name, service_user_name) = service_of(one);
    Ok(iam::ServiceSpecificCredential {
        create_date: one.created,
        service_name,
        service_user_name: Some(service_user_name),
        service_password: Some(secret(44)?),
        service_specific_credential_id: one.id.clone(),
        user_name,
        status: status(one),
        ..iam::ServiceSpecificCredential::default()
    })
}

fn reset_service(
    cx: View,
    input: iam::ResetServiceSpecificCredentialRequest,
) -> Result<iam::ResetServiceSpecificCredentialResponse> {
    let iam::ResetServiceSpecificCredentialRequest { user_name, service_specific_credential_id: id } = input;
    let user = user(cx.caller, user_name)?;
    let found = cx.model.credential(&cx.caller.scope.account, &user, (CredentialKind::Service, &id))?;
    let service_specific_credential = Some(with_password(user.clone(), found)?);
    Ok(iam::ResetServiceSpecificCredentialResponse { service_specific_credential })
}

fn list_services(
    cx: View,
    input: iam::ListServiceSpecificCredentialsRequest,
) -> Result<iam::ListServiceSpecificCredentialsResponse> {
    let iam::ListServiceSpecificCredentialsRequest { user_name, service_name, page } = input;
    let user = user(cx.caller, user_name)?;
    service_name.as_deref().map(check_service).transpose()?;
    let rows = of_kind(cx.model, cx.caller, &user, CredentialKind::Service)?;
    let rows = rows.filter(|one| service_name.as_ref().is_none_or(|name| service_of(one).0 == *name));
    let shown = |one: &Credential| {
        let (service_name, service_user_name) = service_of(one);
        iam::ServiceSpecificCredentialMetadata {
            user_name: user.clone(),
            status: status(one),
            service_user_name: Some(service_user_name),
            create_date: one.created,
            service_specific_credential_id: one.id.clone(),
            service_name,
            ..iam::ServiceSpecificCredentialMetadata::default()
        }
    };
    let (service_specific_credentials, is_truncated, marker) = paged(page, rows, |one| &one.id, shown)?;
    // The last page leaves the member out.
    let is_truncated = is_truncated.filter(|more| *more);
    Ok(iam::ListServiceSpecificCredentialsResponse { service_specific_credentials, marker, is_truncated })
}

fn update_service(cx: Change, input: iam::UpdateServiceSpecificCredentialRequest) -> Result<()> {
    let iam::UpdateServiceSpecificCredentialRequest { user_name, service_specific_credential_id: id, status } = input;
    let (user, which) = (user(cx.caller, user_name)?, (CredentialKind::Service, id.as_str()));
    Ok(cx.model.activate_credential(&cx.caller.scope.account, &user, which, is_active(status)?)?)
}

fn delete_service(cx: Change, input: iam::DeleteServiceSpecificCredentialRequest) -> Result<()> {
    let iam::DeleteServiceSpecificCredentialRequest { user_name, service_specific_credential_id: id } = input;
    let user = user(cx.caller, user_name)?;
    Ok(cx.model.delete_credential(&cx.caller.scope.account, &user, (CredentialKind::Service, &id))?)
}
