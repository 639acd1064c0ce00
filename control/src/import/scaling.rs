//! Auto Scaling groups and launch configurations. They are made by their own API, and then get what the files have and
//! no action sets. A group gets the instances in the files, so that it launches none.

use super::Importer;
use super::form::{parameters, text};
use model::auto_scaling::{Ailment, AutoScalingGroup, Lifecycle, Member, Process, TemplateUse};
use model::{Scope, Time, is_uuid};
use serde_json::Value as Json;
use shapes::{autoscaling, of_json};
use std::collections::BTreeMap;

/// The lists that describe them, in an order in which they can be made.
pub const LISTS: [&str; 2] = ["LaunchConfigurations", "AutoScalingGroups"];

/// The members of a launch configuration that are parameters with the same names. The key pair, which need not be in the files,
/// is set afterwards.
const OF_CONFIGURATION: [&str; 17] = [
    "LaunchConfigurationName",
    "ImageId",
    "SecurityGroups",
    "ClassicLinkVPCId",
    "ClassicLinkVPCSecurityGroups",
    "UserData",
    "InstanceType",
    "KernelId",
    "RamdiskId",
    "BlockDeviceMappings",
    "InstanceMonitoring",
    "SpotPrice",
    "IamInstanceProfile",
    "EbsOptimized",
    "AssociatePublicIpAddress",
    "PlacementTenancy",
    "MetadataOptions",
];
/// The same of a group.
const OF_GROUP: [&str; 25] = [
    "AutoScalingGroupName",
    "LaunchConfigurationName",
    "LaunchTemplate",
    "MixedInstancesPolicy",
    "MinSize",
    "MaxSize",
    "DesiredCapacity",
    "DefaultCooldown",
    "LoadBalancerNames",
    "HealthCheckType",
    "HealthCheckGracePeriod",
    "PlacementGroup",
    "VPCZoneIdentifier",
    "TerminationPolicies",
    "NewInstancesProtectedFromScaleIn",
    "CapacityRebalance",
    "Tags",
    "ServiceLinkedRoleARN",
    "DesiredCapacityType",
    "DefaultInstanceWarmup",
    "InstanceMaintenancePolicy",
    "AvailabilityZoneDistribution",
    "AvailabilityZoneImpairmentPolicy",
    "DeletionProtection",
    "MaxInstanceLifetime",
];
/// The settings of groups that are left out.
const LEFT_OUT: [&str; 2] = ["TargetGroupARNs", "WarmPoolConfiguration"];

impl Importer<'_> {
    /// Makes launch configurations, and then groups.
    pub(super) fn scaling(&mut self, items: &[(Scope, &'static str, Json)]) {
        let [configurations, groups] = LISTS;
        for (scope, _, item) in items.iter().filter(|(_, list, _)| *list == configurations) {
            let made = self.launch_configuration(scope, item);
            self.unless_made(made, text(item, "/LaunchConfigurationName"), configurations);
        }
        for (scope, _, item) in items.iter().filter(|(_, list, _)| *list == groups) {
            let made = self.scaling_group(scope, item);
            self.unless_made(made, text(item, "/AutoScalingGroupName"), groups);
        }
        self.scaling_actions(items);
    }

    /// Reports why something was not made.
    pub(super) fn unless_made(&mut self, made: Result<(), String>, name: Option<String>, list: &str) {
        if let Err(why) = made {
            self.leave_out(format!("{}: {why}", name.unwrap_or_else(|| format!("one of {list}"))));
        }
    }

    fn launch_configuration(&mut self, scope: &Scope, item: &Json) -> Result<(), String> {
        let told: autoscaling::LaunchConfiguration = of_json(item).map_err(|fault| fault.to_string())?;
        let form = parameters(item, &OF_CONFIGURATION);
        self.call(scope, "autoscaling", "CreateLaunchConfiguration", &form)?;
        let made = self
            .model
            .launch_configurations
            .iter()
            .find(|row| row.scope == *scope && row.name == told.launch_configuration_name)
            .cloned();
        if let Some(mut row) = made {
            row.specification.key_name = told.key_name.filter(|name| !name.is_empty());
            (row.created, row.unique) =
                since(told.created_time, told.launch_configuration_arn, row.created, row.unique);
            self.model.launch_configurations.adopt(row);
        }
        Ok(())
    }

    fn scaling_group(&mut self, scope: &Scope, item: &Json) -> Result<(), String> {
        let told: autoscaling::AutoScalingGroup = of_json(item).map_err(|fault| fault.to_string())?;
        let name = told.auto_scaling_group_name.clone();
        let mut form = parameters(item, &OF_GROUP);
        // With subnets the zones follow.
        if told.vpc_zone_identifier.as_ref().is_none_or(String::is_empty) {
            form.extend(parameters(item, &["AvailabilityZones"]));
        }
        self.call(scope, "autoscaling", "CreateAutoScalingGroup", &form)?;
        for what in LEFT_OUT.into_iter().filter(|what| !parameters(item, &[*what]).is_empty()) {
            self.leave_out(format!("{name}: its {what}"));
        }
        let Ok(group) = self.model.scaling_group(scope, &name) else { return Ok(()) };
        let mut group = group.clone();
        (group.created, group.unique) =
            since(told.created_time, told.auto_scaling_group_arn, group.created, group.unique);
        group.suspended = suspended(told.suspended_processes.into_iter());
        group.metrics = told.enabled_metrics.into_iter().filter_map(|metric| metric.metric).collect();
        group.progress = Default::default();
        for instance in told.instances {
            let id = instance.instance_id.clone();
            let is_there = self.model.instances.get(&id).is_some_and(|row| row.scope == *scope);
            match member(instance, self.now).filter(|_| is_there) {
                Some(member) => _ = group.members.insert(id, member),
                None => self.leave_out(format!("{name}: its instance {id} is not in the files, or about to be gone")),
            }
        }
        self.fit(&mut group);
        self.model.auto_scaling_groups.adopt(group);
        Ok(())
    }

    /// Limits a group's size to the instances that it has, because it would launch others.
    fn fit(&mut self, group: &mut AutoScalingGroup) {
        let has = group.capacity();
        if has < group.desired {
            let (name, wanted) = (&group.name, group.desired);
            self.leave_out(format!(
                "{name}: its size of {wanted}: {has} of its instances are here, and it launches no others"
            ));
            group.desired = has;
            group.settings.min = group.settings.min.min(has);
        }
    }
}

/// The UUID in an ARN.
pub fn uuid_of(arn: &str) -> Option<String> {
    arn.split(':').find(|part| is_uuid(part)).map(str::to_owned)
}

/// The creation time and the unique part of the ARN, if the files have them.
fn since(created: Time, arn: Option<String>, now: Time, unique: String) -> (Time, String) {
    let uuid = arn.as_deref().and_then(uuid_of);
    (if created.0 > 0 { created } else { now }, uuid.unwrap_or(unique))
}

fn suspended(told: impl Iterator<Item = autoscaling::SuspendedProcess>) -> BTreeMap<Process, String> {
    let process = |one: autoscaling::SuspendedProcess| {
        let process = Process::read("ProcessName", &one.process_name?).ok()?;
        Some((process, one.suspension_reason.unwrap_or_default()))
    };
    told.filter_map(process).collect()
}

/// An instance of a group, unless it is being terminated.
fn member(told: autoscaling::Instance, now: Time) -> Option<Member> {
    let state = match told.lifecycle_state.as_str() {
        "InService" => Lifecycle::InService,
        "Standby" | "EnteringStandby" => Lifecycle::Standby,
        state if state.starts_with("Pending") => Lifecycle::Pending,
        _ => return None,
    };
    let template = told.launch_template.and_then(|used| {
        let (id, name, version) = (used.launch_template_id?, used.launch_template_name?, used.version?);
        Some(TemplateUse { id, name, version })
    });
    Some(Member {
        state,
        since: now,
        ailment: (told.health_status == "Unhealthy").then_some(Ailment::User),
        protected: told.protected_from_scale_in,
        configuration: told.launch_configuration_name.filter(|name| !name.is_empty()),
        template,
        activity: None,
        weight: told.weighted_capacity.and_then(|weight| weight.parse().ok()).unwrap_or(1),
        waiting: None,
    })
}
