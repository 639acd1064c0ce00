//! The resources of a request to IAM.

use super::Asked;
use model::iam::{Class, service_linked_role};
use model::{Caller, Model, Scope};

/// IAM's other named resources, besides users, roles and groups: the parameter with the name, and the word in ARNs.
const MADE_BY_IAM: [(&str, &str); 3] =
    [("PolicyName", "policy"), ("VirtualMFADeviceName", "mfa"), ("Name", "saml-provider")];

/// Lists of one user's belongings. Without a named user they are the sender's.
const LISTS_OF_A_USER: [&str; 5] = [
    "ListAccessKeys",
    "ListMFADevices",
    "ListSSHPublicKeys",
    "ListServiceSpecificCredentials",
    "ListSigningCertificates",
];

/// Words in the names of actions that are about the account as a whole.
const OF_THE_ACCOUNT: [&str; 5] = ["Account", "CredentialReport", "DeletionStatus", "Custom", "LastAccessedDetails"];

/// The resource that an IAM action names. A new one has the path that it will get.
pub fn named(model: &Model, caller: &Caller, asked: &Asked<'_>) -> String {
    let account = &caller.scope.account;
    let path = asked.params.value("Path").unwrap_or("/");
    let of_class = |class: Class, name: &str| match model.identity(account, class, name) {
        Ok(identity) => identity.arn(),
        Err(_) => format!("arn:aws:iam::{account}:{}{path}{name}", class.noun()),
    };
    let value = |name| asked.params.value(name);
    if let Some(name) = value("InstanceProfileName") {
        let profile = model.instance_profile(account, name).map(|profile| profile.named.arn("instance-profile"));
        return profile.unwrap_or_else(|_| format!("arn:aws:iam::{account}:instance-profile{path}{name}"));
    }
    if let Some(name) = value("ServerCertificateName") {
        let certificate = model.server_certificate(account, name).map(|certificate| certificate.arn());
        return certificate.unwrap_or_else(|_| format!("arn:aws:iam::{account}:server-certificate{path}{name}"));
    }
    let named = [("GroupName", Class::Group), ("UserName", Class::User), ("RoleName", Class::Role)];
    if let Some((name, class)) = named.iter().find_map(|(param, class)| Some((value(param)?, *class))) {
        return of_class(class, name);
    }
    let arns = ["Arn", "PolicyArn", "PolicySourceArn", "OpenIDConnectProviderArn", "SAMLProviderArn", "SerialNumber"];
    if let Some(arn) = arns.into_iter().find_map(value) {
        return arn.to_owned();
    }
    if let Some((name, noun)) = MADE_BY_IAM.iter().find_map(|(param, noun)| Some((value(param)?, noun))) {
        return format!("arn:aws:iam::{account}:{noun}{path}{name}");
    }
    if let Some(url) = value("Url") {
        let url = url.trim_start_matches("https://").split('?').next().unwrap_or_default();
        return format!("arn:aws:iam::{account}:oidc-provider/{url}");
    }
    if let Some(service) = value("AWSServiceName") {
        let made = service_linked_role(service, value("CustomSuffix"));
        return made.map_or_else(|_| "*".to_owned(), |(name, path)| format!("arn:aws:iam::{account}:role{path}{name}"));
    }
    // The request names only a key, which is its user's.
    if asked.action == "GetAccessKeyLastUsed" {
        let key = value("AccessKeyId").and_then(|id| model.access_keys.get(id)).filter(|key| key.account == *account);
        let user = key.and_then(|key| key.user.as_deref());
        return user.map_or_else(|| "*".to_owned(), |user| of_class(Class::User, user));
    }
    // Without a named user it is the sender.
    let is_list = asked.action.starts_with("List");
    let of_account = OF_THE_ACCOUNT.iter().any(|word| asked.action.contains(word));
    match LISTS_OF_A_USER.contains(&asked.action) || !is_list && !of_account {
        true => caller.principal.identity(model, account).map_or_else(|| "*".to_owned(), |identity| identity.arn()),
        false => "*".to_owned(),
    }
}

/// The ARN after a change of name or path, which needs permission, too (IAM API Reference, "UpdateUser").
pub fn renamed(model: &Model, scope: &Scope, asked: &Asked<'_>) -> Option<String> {
    let (account, value) = (&scope.account, |name: &str| asked.params.value(name));
    let (noun, named, new) = match asked.action {
        "UpdateUser" => {
            let user = model.identity(account, Class::User, value("UserName")?).ok()?;
            ("user", &user.named, value("NewUserName"))
        }
        "UpdateGroup" => {
            let group = model.identity(account, Class::Group, value("GroupName")?).ok()?;
            ("group", &group.named, value("NewGroupName"))
        }
        "UpdateServerCertificate" => {
            let certificate = model.server_certificate(account, value("ServerCertificateName")?).ok()?;
            ("server-certificate", &certificate.named, value("NewServerCertificateName"))
        }
        _ => return None,
    };
    let (path, name) = (value("NewPath").unwrap_or(&named.path), new.unwrap_or(&named.name));
    Some(format!("arn:aws:iam::{account}:{noun}{path}{name}"))
}
