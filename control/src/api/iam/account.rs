//! Settings of an account as a whole: its alias and its password policy; and the credential report.

use super::{Result, paged};
use crate::api::action::{Actions, Change, View};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use model::iam::{AccessKey, Class, Credential, CredentialKind, Error, Identity, PasswordPolicy, Rule};
use model::{Model, Time};
use shapes::iam;
use std::time::Duration;

/// How long a report is reused.
const FRESH: Duration = Duration::from_secs(4 * 3600);

pub fn actions(all: Actions) -> Actions {
    let all = all.write(create_alias).write(delete_alias).read(list_aliases);
    let all = all.read(get_policy).write(update_policy).write(delete_policy);
    all.write(generate_report).read(get_report).read(last_used).read(list_features)
}

fn create_alias(cx: Change, input: iam::CreateAccountAliasRequest) -> Result<()> {
    Ok(cx.model.create_account_alias(&cx.caller.scope.account, input.account_alias)?)
}

fn delete_alias(cx: Change, input: iam::DeleteAccountAliasRequest) -> Result<()> {
    Ok(cx.model.delete_account_alias(&cx.caller.scope.account, &input.account_alias)?)
}

fn list_aliases(cx: View, input: iam::ListAccountAliasesRequest) -> Result<iam::ListAccountAliasesResponse> {
    let aliases = cx.model.account_settings_of(&cx.caller.scope.account).alias;
    let (account_aliases, is_truncated, marker) = paged(input.page, aliases, |alias| alias, |alias| alias)?;
    Ok(iam::ListAccountAliasesResponse { account_aliases, is_truncated, marker })
}

/// No account is in an organization.
fn list_features(_: View, _: iam::ListOrganizationsFeaturesRequest) -> Result<iam::ListOrganizationsFeaturesResponse> {
    Err(Error::OrganizationNotFound {}.into())
}

fn get_policy(cx: View, _: iam::GetAccountPasswordPolicyRequest) -> Result<iam::GetAccountPasswordPolicyResponse> {
    let policy = cx.model.password_policy(&cx.caller.scope.account)?;
    let password_policy = iam::PasswordPolicy {
        minimum_password_length: Some(policy.least),
        require_symbols: Some(policy.symbols),
        require_numbers: Some(policy.numbers),
        require_uppercase_characters: Some(policy.uppercase),
        require_lowercase_characters: Some(policy.lowercase),
        allow_users_to_change_password: Some(policy.changed_by_users),
        expire_passwords: Some(policy.oldest.is_some()),
        max_password_age: policy.oldest,
        password_reuse_prevention: policy.remembered,
        hard_expiry: policy.hard_expiry,
    };
    Ok(iam::GetAccountPasswordPolicyResponse { password_policy })
}

/// A setting that the request leaves out gets its default.
fn update_policy(cx: Change, input: iam::UpdateAccountPasswordPolicyRequest) -> Result<()> {
    let iam::UpdateAccountPasswordPolicyRequest {
        minimum_password_length,
        require_symbols,
        require_numbers,
        require_uppercase_characters,
        require_lowercase_characters,
        allow_users_to_change_password,
        max_password_age,
        password_reuse_prevention,
        hard_expiry,
    } = input;
    let policy = PasswordPolicy {
        least: within("minimumPasswordLength", minimum_password_length, (6, 128))?.unwrap_or(6),
        symbols: require_symbols.unwrap_or(false),
        numbers: require_numbers.unwrap_or(false),
        uppercase: require_uppercase_characters.unwrap_or(false),
        lowercase: require_lowercase_characters.unwrap_or(false),
        changed_by_users: allow_users_to_change_password.unwrap_or(false),
        oldest: within("maxPasswordAge", max_password_age, (1, 1095))?,
        remembered: within("passwordReusePrevention", password_reuse_prevention, (1, 24))?,
        hard_expiry,
    };
    cx.model.set_password_policy(&cx.caller.scope.account, policy);
    Ok(())
}

fn within(field: &'static str, value: Option<i32>, (least, most): (u16, u16)) -> Result<Option<i32>> {
    let refused = |value: i32, rule| Error::constraint(field, value.to_string(), rule).into();
    match value {
        Some(value) if value < i32::from(least) => Err(refused(value, Rule::LeastValue(least.into()))),
        Some(value) if value > i32::from(most) => Err(refused(value, Rule::MostValue(most.into()))),
        value => Ok(value),
    }
}

fn delete_policy(cx: Change, _: iam::DeleteAccountPasswordPolicyRequest) -> Result<()> {
    Ok(cx.model.delete_password_policy(&cx.caller.scope.account)?)
}

/// The first reply says that the report is started, the next that it is complete.
fn generate_report(
    cx: Change,
    _: iam::GenerateCredentialReportRequest,
) -> Result<iam::GenerateCredentialReportResponse> {
    let (state, description) = match cx.model.report_credentials(&cx.caller.scope.account, cx.caller.now, FRESH) {
        Some(_) => ("COMPLETE", None),
        None => ("STARTED", Some("No report exists. Starting a new report generation task".to_owned())),
    };
    Ok(iam::GenerateCredentialReportResponse { state: Some(state.to_owned()), description })
}

/// The columns of a report (IAM's guide, "Understanding the report format").
const COLUMNS: &str = "user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,\
    password_next_rotation,mfa_active,access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,\
    access_key_1_last_used_region,access_key_1_last_used_service,access_key_2_active,access_key_2_last_rotated,\
    access_key_2_last_used_date,access_key_2_last_used_region,access_key_2_last_used_service,cert_1_active,\
    cert_1_last_rotated,cert_2_active,cert_2_last_rotated";

fn get_report(cx: View, _: iam::GetCredentialReportRequest) -> Result<iam::GetCredentialReportResponse> {
    let account = &cx.caller.scope.account;
    let made = cx.model.account_settings_of(account).reported.ok_or(Error::NoReport {})?;
    if made.after(FRESH) <= cx.caller.now {
        return Err(Error::ReportExpired {}.into());
    }
    let mut lines = vec![COLUMNS.to_owned(), line_of_account(cx.model, account, made)];
    lines.extend(cx.model.identities_of(account, Class::User, "/").map(|user| line_of(cx.model, user)));
    Ok(iam::GetCredentialReportResponse {
        content: Some(STANDARD.encode(lines.join("\n"))),
        report_format: Some("text/csv".to_owned()),
        generated_time: Some(made),
    })
}

fn moment(at: Time) -> String {
    let text = at.to_string();
    format!("{}+00:00", text.split(['.', 'Z']).next().unwrap_or(&text))
}

/// A field of a line: names and paths may have commas and quotation marks (RFC 4180).
fn field(text: &str) -> String {
    if text.contains([',', '"']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_owned() }
}

/// The columns of two access keys and two certificates.
fn of_keys<'k>(
    model: &Model,
    mut keys: impl Iterator<Item = &'k AccessKey>,
    mut certificates: impl Iterator<Item = &'k Credential>,
) -> Vec<String> {
    let shown = |key: Option<&AccessKey>| {
        let (active, since) = key.map_or((false, "N/A".to_owned()), |key| (key.active, moment(key.created)));
        let used = key.and_then(|key| model.last_use(&key.id));
        let used = used.map(|one| [moment(one.at), one.region.clone(), one.service.clone()]);
        let [at, region, service] = used.unwrap_or_else(|| ["N/A"; 3].map(str::to_owned));
        [active.to_string(), since, at, region, service]
    };
    let certificate = |one: Option<&Credential>| {
        let (active, since) = one.map_or((false, "N/A".to_owned()), |one| (one.active, moment(one.created)));
        [active.to_string(), since]
    };
    let keys = [shown(keys.next()), shown(keys.next())].into_iter().flatten();
    keys.chain([certificate(certificates.next()), certificate(certificates.next())].into_iter().flatten()).collect()
}

fn line_of_account(model: &Model, account: &str, made: Time) -> String {
    let own = [
        "<root_account>".to_owned(),
        format!("arn:aws:iam::{account}:root"),
        moment(made),
        "not_supported".to_owned(),
        "no_information".to_owned(),
        "not_supported".to_owned(),
        "not_supported".to_owned(),
        "false".to_owned(),
    ];
    own.into_iter()
        .chain(of_keys(model, model.keys_of(account, None), std::iter::empty()))
        .collect::<Vec<_>>()
        .join(",")
}

fn line_of(model: &Model, user: &Identity) -> String {
    let (account, name) = (&user.named.account, &user.named.name);
    let login = model.login_profile(account, name).ok();
    let (enabled, used) = if login.is_some() { ("true", "no_information") } else { ("false", "N/A") };
    let own = [
        field(name),
        field(&user.arn()),
        moment(user.named.created),
        enabled.to_owned(),
        used.to_owned(),
        login.map_or_else(|| "N/A".to_owned(), |login| moment(login.created)),
        "N/A".to_owned(),
        model.mfa_devices_with(account, name).next().is_some().to_string(),
    ];
    let issued = model.credentials(account, name).ok().into_iter().flat_map(|all| all.issued.values());
    let mut certificates: Vec<_> = issued.filter(|one| one.kind() == CredentialKind::Certificate).collect();
    certificates.sort_by_key(|one| one.created);
    let keys = of_keys(model, model.keys_of(account, Some(name)), certificates.into_iter());
    own.into_iter().chain(keys).collect::<Vec<_>>().join(",")
}

fn last_used(cx: View, input: iam::GetAccessKeyLastUsedRequest) -> Result<iam::GetAccessKeyLastUsedResponse> {
    let id = input.access_key_id;
    let key = cx.model.access_keys.get(&id).filter(|key| key.account == cx.caller.scope.account && !key.is_deleted());
    let key = key.ok_or(Error::NoSuchKey { id })?;
    let last = cx.model.last_use(&key.id);
    let or_never = |word: Option<&String>| word.map_or_else(|| "N/A".to_owned(), String::clone);
    let access_key_last_used = iam::AccessKeyLastUsed {
        last_used_date: last.map(|one| one.at),
        service_name: or_never(last.map(|one| &one.service)),
        region: or_never(last.map(|one| &one.region)),
    };
    Ok(iam::GetAccessKeyLastUsedResponse {
        user_name: key.user.clone(),
        access_key_last_used: Some(access_key_last_used),
    })
}
