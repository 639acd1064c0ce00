//! The roles that a request passes to instances and to services, which needs permission for iam:PassRole (IAM User Guide, "Grant a user
//! permissions to pass a role to an AWS service").

use super::fact::fact;
use super::resource::{Resource, with};
use super::{Asked, Context, known, launched};
use crate::api::Params;
use model::iam::{Class, Identity};
use model::{Caller, Model, Scope};
use std::sync::Arc;

/// The service to which an instance's role is passed.
const EC2: &str = "ec2.amazonaws.com";

/// The parameters that give a role to a service, and the service as policies call it.
const GIVEN_ROLES: [(&str, &str, &str); 10] = [
    ("autoscaling", "RoleARN", "autoscaling.amazonaws.com"),
    ("autoscaling", "ServiceLinkedRoleARN", "autoscaling.amazonaws.com"),
    ("ec2", "DeliverLogsPermissionArn", "vpc-flow-logs.amazonaws.com"),
    ("ec2", "IamFleetRole", "spotfleet.amazonaws.com"),
    ("rds", "IamRoleArn", "export.rds.amazonaws.com"),
    ("rds", "MonitoringRoleArn", "monitoring.rds.amazonaws.com"),
    ("rds", "RoleArn", "rds.amazonaws.com"),
    ("redshift", "IamRole", "scheduler.redshift.amazonaws.com"),
    ("redshift", "DefaultIamRoleArn", "redshift.amazonaws.com"),
    ("redshift", "IamRoleArn", "redshift.amazonaws.com"),
];

/// The roles that a request's templates and specifications pass.
pub fn of_parts(model: &Model, caller: &Caller, asked: &Asked<'_>, known: &Arc<Context>) -> Vec<Resource> {
    let parts = launched::parts(model, caller, asked.params);
    parts.iter().filter_map(|part| of_launch(model, &caller.scope, part, known)).collect()
}

/// The role of the instance profile that a launch's parameters name.
pub fn of_launch(model: &Model, scope: &Scope, params: &Params, known: &Arc<Context>) -> Option<Resource> {
    let name = params.value("IamInstanceProfile.Name");
    let by_either = || params.value("IamInstanceProfile.Arn").or(params.value("IamInstanceProfile"));
    let by_arn = || by_either()?.rsplit('/').next();
    let profile = model.instance_profile(&scope.account, name.or_else(by_arn)?).ok()?;
    let role = model.identity(&scope.account, Class::Role, profile.role.as_ref()?).ok()?;
    Some(passing(model, role, known, EC2))
}

/// The role that a request adds to an instance profile, which passes it to every instance with the profile.
pub fn into_profile(model: &Model, scope: &Scope, asked: &Asked<'_>, known: &Arc<Context>) -> Option<Resource> {
    let name = asked.params.value("RoleName").filter(|_| asked.action == "AddRoleToInstanceProfile")?;
    let role = model.identity(&scope.account, Class::Role, name).ok()?;
    Some(passing(model, role, known, EC2))
}

/// The roles that a request's parameters give to a service.
pub fn to_service(model: &Model, asked: &Asked<'_>, known: &Arc<Context>) -> Vec<Resource> {
    let passed = |(name, arn): (&str, &str)| {
        let is_given = |word: &str| !name.starts_with("Remove") && name.split('.').any(|part| part == word);
        let (.., to) =
            GIVEN_ROLES.into_iter().find(|(service, word, _)| *service == asked.service && is_given(word))?;
        Some(passing(model, model.identity_with(arn)?, known, to))
    };
    asked.params.sent().filter_map(passed).collect()
}

/// The role as a resource of iam:PassRole, when it is passed to a service.
fn passing(model: &Model, role: &Identity, known: &Arc<Context>, service: &str) -> Resource {
    let mut about = known::about_iam(model, &role.arn());
    about.push(fact("iam:PassedToService", service));
    Resource { arn: role.arn(), known: with(known, about), action: Some("iam:PassRole") }
}
