//! The credentials of an instance's role: a session of the role, which the metadata service begins when it is asked and
//! has no fresh one (IAM User Guide, "Use an IAM role to grant permissions to applications running on Amazon EC2
//! instances").

use super::access::{MetadataRequest, reader};
use crate::api::{in_partition, secret};
use crate::names::View;
use model::iam::{Class, Identity, InstanceProfile, Principal, Session, SessionTags};
use model::{Instance, Model, Time};
use policy::{Context, Query, Verdict, evaluate};
use serde_json::json;
use std::net::Ipv4Addr;
use std::time::Duration;

/// The directory of credentials below `meta-data`.
const DIRECTORY: &str = "iam/security-credentials";
/// How long a session is valid.
const LENGTH: Duration = Duration::from_secs(6 * 3600);
/// New credentials are available at least this long before the old ones expire ("Retrieve security credentials from
/// instance metadata": five minutes).
const FRESH: Duration = Duration::from_secs(15 * 60);
/// The length of secrets and of tokens, in letters.
const SECRETS: (usize, usize) = (40, 360);

/// An instance's profile and the role that it gives.
struct Given<'m> {
    profile: &'m InstanceProfile,
    role: &'m Identity,
}

impl<'m> Given<'m> {
    /// The profile and the role of an instance. `None` if either does not exist.
    fn to(model: &'m Model, instance: &Instance) -> Option<Self> {
        let arn = &instance.options.profile.as_ref()?.arn;
        let profile = model.profile_of_arn(arn)?;
        let role = model.identity(&profile.named.account, Class::Role, profile.role.as_ref()?).ok()?;
        Some(Self { profile, role })
    }

    /// Whether the role's trust policy lets EC2 assume it.
    fn is_trusted(&self) -> bool {
        let Some(role) = self.role.role() else { return false };
        let query = Query {
            principals: &["ec2.amazonaws.com".to_owned()],
            account: "",
            action: "sts:AssumeRole",
            resource: &self.role.named.arn("role"),
            context: &Context::default(),
        };
        matches!(evaluate([("trust policy", role.trust.document())], &query), Verdict::Allowed(_))
    }

    fn account(&self) -> &'m str {
        &self.role.named.account
    }

    fn principal(&self, instance: &str) -> Principal {
        Principal::Role {
            name: self.role.named.name.clone(),
            session: instance.to_owned(),
            policy: None,
            managed: Vec::new(),
            tags: SessionTags::default(),
            source: None,
            instance: Some(instance.to_owned()),
        }
    }

    /// The session of an instance that expires last.
    fn session(&self, model: &'m Model, instance: &str) -> Option<&'m Session> {
        let principal = self.principal(instance);
        let sessions = model.sessions_of(self.account(), Class::Role, &self.role.named.name);
        sessions.filter(|session| session.principal == principal).max_by_key(|session| session.expires)
    }
}

/// The leaves below `meta-data/iam` of an instance: name and value.
pub fn leaves(model: &Model, instance: &Instance) -> Vec<(String, String)> {
    let Some(given) = Given::to(model, instance) else { return Vec::new() };
    let Given { profile, role } = &given;
    let session = given.session(model, &instance.id);
    let since = session.map_or(instance.launched, |session| session.created).to_seconds();
    let info = json!({
        "Code": "Success",
        "LastUpdated": since,
        "InstanceProfileArn": in_partition(profile.named.arn("instance-profile"), instance.scope.partition()),
        "InstanceProfileId": profile.named.unique_id,
    });
    let credentials = match session {
        _ if !given.is_trusted() => json!({
            "Code": "AssumeRoleUnauthorizedAccess",
            "Message": format!("EC2 cannot assume the role {}: its trust policy does not name ec2.amazonaws.com.", role.named.name),
            "LastUpdated": since,
        }),
        Some(session) => json!({
            "Code": "Success",
            "LastUpdated": since,
            "Type": "AWS-HMAC",
            "AccessKeyId": session.id,
            "SecretAccessKey": session.secret,
            "Token": session.token,
            "Expiration": session.expires.to_seconds(),
        }),
        None => json!({"Code": "Failed", "Message": "No credentials could be made. Try again.", "LastUpdated": since}),
    };
    vec![
        ("iam/info".to_owned(), format!("{info:#}")),
        (format!("{DIRECTORY}/{}", role.named.name), format!("{credentials:#}")),
    ]
}

/// The instance whose credentials are asked for, by a request that may read them, and are not fresh.
pub fn wanted(view: View<'_>, now: Time, from: Ipv4Addr, request: &MetadataRequest<'_>) -> Option<String> {
    if !request.path.contains(DIRECTORY) {
        return None;
    }
    let client = reader(view, now, from, request).ok()?;
    let instance = client.instance()?;
    is_wanted(view.model, instance, now).then(|| instance.id.clone())
}

fn is_wanted(model: &Model, instance: &Instance, now: Time) -> bool {
    Given::to(model, instance).is_some_and(|given| {
        let is_fresh = |session: &Session| session.expires > now.after(FRESH);
        given.is_trusted() && !given.session(model, &instance.id).is_some_and(is_fresh)
    })
}

/// Begins a session for an instance, unless one was begun meanwhile.
///
/// # Errors
/// If the machine has no random numbers.
pub fn begin(model: &mut Model, instance: &str, now: Time) -> Result<(), getrandom::Error> {
    let Some(row) = model.instances.get(instance).filter(|row| is_wanted(model, row, now)) else { return Ok(()) };
    let Some(given) = Given::to(model, row) else { return Ok(()) };
    let (account, principal) = (given.account().to_owned(), given.principal(instance));
    let secrets = (secret(SECRETS.0)?, secret(SECRETS.1)?);
    model.begin_session(&account, principal, secrets, (now, now.after(LENGTH)), false);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::answer::answer;
    use super::*;
    use crate::names::tests::Cloud;
    use serde_json::Value;

    const TRUST: &str =
        r#"{"Statement":{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Service":"SERVICE"}}}"#;

    /// A cloud whose C1 has a profile with a role that a service may assume.
    fn cloud(service: &str) -> Cloud {
        let mut cloud = Cloud::new();
        let document = TRUST.replace("SERVICE", service);
        let document: String = document.bytes().map(|byte| format!("%{byte:02X}")).collect();
        let iam = "Version=2010-05-08";
        cloud.ask(&format!("Action=CreateRole&RoleName=web&AssumeRolePolicyDocument={document}&{iam}"));
        cloud.ask(&format!("Action=CreateInstanceProfile&InstanceProfileName=web-servers&{iam}"));
        cloud.ask(&format!("Action=AddRoleToInstanceProfile&InstanceProfileName=web-servers&RoleName=web&{iam}"));
        let id = cloud.id("C1");
        cloud.ask(&format!("Action=AssociateIamInstanceProfile&InstanceId={id}&IamInstanceProfile.Name=web-servers"));
        cloud
    }

    fn get(cloud: &Cloud, who: &str, leaf: &str) -> Result<String, u16> {
        let path = format!("/latest/meta-data/{leaf}");
        let ask = MetadataRequest { method: "GET", path: &path, token: None, ttl: None, is_forwarded: false };
        let found = answer(cloud.view(), Time(1000), cloud.known_as(who), &ask);
        if found.status == 200 { Ok(String::from_utf8(found.body).unwrap()) } else { Err(found.status) }
    }

    fn is_wanted_of(cloud: &Cloud, who: &str, now: Time) -> bool {
        is_wanted_by(cloud, who, now, "GET")
    }

    fn is_wanted_by(cloud: &Cloud, who: &str, now: Time, method: &str) -> bool {
        let path = format!("/latest/meta-data/{DIRECTORY}/web");
        let ask = MetadataRequest { method, path: &path, token: None, ttl: None, is_forwarded: false };
        wanted(cloud.view(), now, cloud.known_as(who), &ask).is_some()
    }

    #[test]
    fn an_instance_has_its_roles_credentials_which_are_renewed_in_time() {
        let mut cloud = cloud("ec2.amazonaws.com");
        assert_eq!(get(&cloud, "C1", "iam/security-credentials/").as_deref(), Ok("web"));
        assert!(is_wanted_of(&cloud, "C1", Time(1000)) && !is_wanted_of(&cloud, "C2", Time(1000)));
        let id = cloud.id("C1");
        cloud.change(|model| begin(model, &id, Time(1000)).unwrap());
        let shown: Value = serde_json::from_str(&get(&cloud, "C1", "iam/security-credentials/web").unwrap()).unwrap();
        assert_eq!((shown["Code"].as_str(), shown["Type"].as_str()), (Some("Success"), Some("AWS-HMAC")));
        assert!(shown["AccessKeyId"].as_str().unwrap().starts_with("ASIA"));
        let info: Value = serde_json::from_str(&get(&cloud, "C1", "iam/info").unwrap()).unwrap();
        assert!(info["InstanceProfileArn"].as_str().unwrap().ends_with(":instance-profile/web-servers"));
        let end = Time(1000).after(LENGTH);
        assert!(!is_wanted_of(&cloud, "C1", Time(end.0 - FRESH.as_millis() as u64 - 1)));
        assert!(is_wanted_of(&cloud, "C1", Time(end.0 - FRESH.as_millis() as u64)));
        assert_eq!(get(&cloud, "C2", "iam/info"), Err(404), "no profile");
    }

    #[test]
    fn a_request_that_is_refused_begins_no_session() {
        let mut cloud = cloud("ec2.amazonaws.com");
        assert!(!is_wanted_by(&cloud, "C1", Time(1000), "POST"));
        let id = cloud.id("C1");
        cloud.ask(&format!("Action=ModifyInstanceMetadataOptions&InstanceId={id}&HttpTokens=required"));
        assert!(!is_wanted_of(&cloud, "C1", Time(1000)), "without a token");
        cloud.ask(&format!("Action=ModifyInstanceMetadataOptions&InstanceId={id}&HttpEndpoint=disabled"));
        assert!(!is_wanted_of(&cloud, "C1", Time(1000)));
    }

    #[test]
    fn a_role_that_does_not_trust_ec2_gives_none() {
        let cloud = cloud("lambda.amazonaws.com");
        assert!(!is_wanted_of(&cloud, "C1", Time(1000)));
        let shown: Value = serde_json::from_str(&get(&cloud, "C1", "iam/security-credentials/web").unwrap()).unwrap();
        assert_eq!(shown["Code"], "AssumeRoleUnauthorizedAccess");
        assert_eq!(shown.get("AccessKeyId"), None);
    }
}
