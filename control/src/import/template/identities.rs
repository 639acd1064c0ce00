//! Users, groups and roles of IAM with their policies, and instance profiles.

use super::functions::Unknown;
use super::properties::{Parameter, Properties};
use super::{Builder, Make};

/// The maker of a type.
pub fn maker(kind: &str) -> Option<Make> {
    Some(match kind.strip_prefix("AWS::IAM::")? {
        "User" => |b, p| identity(b, p, "User"),
        "Group" => |b, p| identity(b, p, "Group"),
        "Role" => |b, p| identity(b, p, "Role"),
        "InstanceProfile" => instance_profile,
        "ManagedPolicy" => managed_policy,
        "Policy" => |b, p| {
            each_identity(p, |class, own| put_policy(b, p, class, &own));
            Ok(None)
        },
        "UserPolicy" => |b, p| policy_of(b, p, "User"),
        "GroupPolicy" => |b, p| policy_of(b, p, "Group"),
        "RolePolicy" => |b, p| policy_of(b, p, "Role"),
        "UserToGroupAddition" => |b, p| {
            let group = p.named(&["GroupName"]);
            p.texts("Users").into_iter().for_each(|user| join(b, user, group.clone()));
            Ok(None)
        },
        "ServiceLinkedRole" => |b, p| {
            let parameters = p.named(&["AWSServiceName", "CustomSuffix", "Description"]);
            b.call_of(SERVICE, "CreateServiceLinkedRole", &parameters, "RoleName").map(Some)
        },
        _ => return None,
    })
}

const SERVICE: &str = "iam";
/// The kinds of identities, as actions and parameters call them.
const CLASSES: [&str; 3] = ["User", "Group", "Role"];
/// Why nothing can be made of a policy.
const NOTHING_KNOWN: &str = "of its policy no statement is known here";

impl Builder<'_, '_, '_> {
    /// Makes a call for a part of an identity. If it is refused, the part is left out.
    fn call_for_part(&mut self, action: &str, parameters: &[Parameter]) {
        if let Err(why) = self.call_of(SERVICE, action, parameters, "return") {
            self.leave_out_part(format!("{action}: {why}"));
        }
    }
}

/// An identity with its policies. Its name is the value of Ref.
fn identity(b: &mut Builder<'_, '_, '_>, p: &Properties<'_>, class: &str) -> Result<Option<String>, Unknown> {
    let (property, name) = named(b, p, &format!("{class}Name"));
    let own = (property, name.clone());
    let mut parameters = p.named(&["Path", "Description", "MaxSessionDuration"]);
    parameters.push(own.clone());
    parameters.extend(p.known(&["PermissionsBoundary"]));
    parameters.extend(p.tags("Tags.member"));
    if class == "Role" {
        parameters.push(p.policy("AssumeRolePolicyDocument").ok_or(NOTHING_KNOWN)?);
    }
    b.call_of(SERVICE, &format!("Create{class}"), &parameters, "return")?;
    p.each("Policies").iter().for_each(|policy| put_policy(b, policy, class, &own));
    p.known_texts("ManagedPolicyArns").into_iter().for_each(|arn| attach(b, class, own.clone(), arn));
    for group in p.known_texts("Groups") {
        join(b, name.clone(), vec![("GroupName".to_owned(), group)]);
    }
    Ok(Some(name))
}

/// A resource's name, which is given or generated, as a parameter.
fn named(b: &mut Builder<'_, '_, '_>, p: &Properties<'_>, property: &str) -> Parameter {
    (property.to_owned(), p.text(property).unwrap_or_else(|| b.made_up_name()))
}

/// The identities of each kind that a policy's properties list, as parameters.
fn each_identity(p: &Properties<'_>, mut take: impl FnMut(&str, Parameter)) {
    for class in CLASSES {
        p.texts(&format!("{class}s")).into_iter().for_each(|name| take(class, (format!("{class}Name"), name)));
    }
}

/// Gives an identity an inline policy, if any of its statements is known.
fn put_policy(b: &mut Builder<'_, '_, '_>, policy: &Properties<'_>, class: &str, own: &Parameter) {
    let mut parameters = policy.named(&["PolicyName"]);
    let Some(document) = policy.policy("PolicyDocument") else { return };
    parameters.extend([own.clone(), document]);
    b.call_for_part(&format!("Put{class}Policy"), &parameters);
}

fn attach(b: &mut Builder<'_, '_, '_>, class: &str, own: Parameter, arn: String) {
    b.call_for_part(&format!("Attach{class}Policy"), &[own, ("PolicyArn".to_owned(), arn)]);
}

fn join(b: &mut Builder<'_, '_, '_>, user: String, mut group: Vec<Parameter>) {
    group.push(("UserName".to_owned(), user));
    b.call_for_part("AddUserToGroup", &group);
}

/// An inline policy that is a resource itself.
fn policy_of(b: &mut Builder<'_, '_, '_>, p: &Properties<'_>, class: &str) -> Result<Option<String>, Unknown> {
    let mut parameters = p.named(&["PolicyName", &format!("{class}Name")]);
    parameters.push(p.policy("PolicyDocument").ok_or(NOTHING_KNOWN)?);
    b.call_of(SERVICE, &format!("Put{class}Policy"), &parameters, "return").map(|_| None)
}

/// A managed policy, attached to the identities that it lists. Its ARN is the value of Ref.
fn managed_policy(b: &mut Builder<'_, '_, '_>, p: &Properties<'_>) -> Result<Option<String>, Unknown> {
    let (_, name) = named(b, p, "ManagedPolicyName");
    let mut parameters = p.named(&["Path", "Description"]);
    parameters.push(("PolicyName".to_owned(), name));
    parameters.push(p.policy("PolicyDocument").ok_or(NOTHING_KNOWN)?);
    let arn = b.call_of(SERVICE, "CreatePolicy", &parameters, "Arn")?;
    each_identity(p, |class, own| attach(b, class, own, arn.clone()));
    Ok(Some(arn))
}

fn instance_profile(b: &mut Builder<'_, '_, '_>, p: &Properties<'_>) -> Result<Option<String>, Unknown> {
    let own = named(b, p, "InstanceProfileName");
    let mut parameters = p.named(&["Path"]);
    parameters.push(own.clone());
    b.call_of(SERVICE, "CreateInstanceProfile", &parameters, "return")?;
    for role in p.texts("Roles") {
        b.call_for_part("AddRoleToInstanceProfile", &[own.clone(), ("RoleName".to_owned(), role)]);
    }
    Ok(Some(own.1))
}
