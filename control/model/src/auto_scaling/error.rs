//! The errors of Auto Scaling, with its codes and messages.

use crate::errors::errors;

errors! {
    /// The reason why a request is refused.
    Error:
    Ec2 { why: crate::Error } "ValidationError" 400 "{why}";
    BadName { field: &'static str, name: String } "ValidationError" 400 "Value '{name}' at '{field}' must have 1 to 255 characters and no colon.";
    InvalidValue { field: String, value: String } "ValidationError" 400 "Value '{value}' at '{field}' is invalid.";
    NoInstancesNamed {} "ValidationError" 400 "At least one InstanceId must be given.";

    // Launch configurations.
    ConfigurationExists { name: String } "AlreadyExists" 400 "Launch Configuration by this name already exists - A launch configuration already exists with the name {name}";
    NoConfiguration { name: String } "ValidationError" 400 "Launch configuration name not found - Launch configuration {name} not found";
    ConfigurationInUse { name: String, group: String } "ResourceInUse" 400 "Cannot delete launch configuration {name} because it is attached to AutoScalingGroup {group}";
    NoImage {} "ValidationError" 400 "Valid requests must contain either the ImageId and InstanceType parameters or the InstanceId parameter.";
    LinkIncomplete {} "ValidationError" 400 "ClassicLinkVPCId and ClassicLinkVPCSecurityGroups must be specified together: a link has one VPC and at least one of its security groups.";
    LinkNotEnabled { vpc: String } "ValidationError" 400 "The VPC '{vpc}' is not enabled for ClassicLink. Enable it before instances are linked to it at launch.";
    LinkInVpc { name: String } "ValidationError" 400 "The launch configuration {name} links EC2-Classic instances to a VPC; the group would launch into a VPC. Use a launch configuration without ClassicLinkVPCId, or availability zones of EC2-Classic.";

    // Groups.
    GroupExists { name: String } "AlreadyExists" 400 "AutoScalingGroup by this name already exists - A group by the name {name} already exists";
    GroupExistsStill { name: String } "AlreadyExists" 400 "AutoScalingGroup by this name already exists - A group by the name {name} already exists and is pending delete";
    NoGroup { name: String } "ValidationError" 400 "AutoScalingGroup name not found - AutoScalingGroup: {name} not found";
    NoGroupToDescribe { name: String } "ValidationError" 400 "AutoScalingGroup name not found - AutoScalingGroup {name} not found";
    NoGroupToUpdate {} "ValidationError" 400 "AutoScalingGroup name not found - null";
    NoGroupToDelete { name: String } "ValidationError" 400 "AutoScalingGroup name not found - AutoScalingGroup '{name}' not found";
    NoSuchInstance { instance: String } "ValidationError" 400 "Instance [{instance}] is invalid.";
    TemplateLacks { parameter: &'static str } "ValidationError" 400 "You must use a valid fully-formed launch template. The request must contain the parameter {parameter}";
    OneTemplate {} "ValidationError" 400 "Valid requests must contain either launchTemplateId or LaunchTemplateName";
    PendingDelete { name: String } "ValidationError" 400 "AutoScalingGroup {name} is pending delete and cannot be changed";
    Protected { name: String, protection: &'static str } "ValidationError" 400 "AutoScalingGroup {name} cannot be deleted so: its deletion protection is {protection}.";
    Maintenance {} "ValidationError" 400 "InstanceMaintenancePolicy must have a MinHealthyPercentage from 0 to 100 and a MaxHealthyPercentage from 100 to 200 which is at most 100 more, or -1 for both.";
    HasInstances {} "ResourceInUse" 400 "You cannot delete an AutoScalingGroup while there are instances or pending Spot instance request(s) still in the group.";
    ActivitiesInProgress {} "ScalingActivityInProgress" 400 "You cannot delete an AutoScalingGroup while there are scaling activities in progress for that group.";
    CoolingDown { name: String, seconds: u64 } "ScalingActivityInProgress" 400 "AutoScalingGroup {name} is in its cooldown period for {seconds} more seconds.";
    Bounds { min: u32, max: u32 } "ValidationError" 400 "Max bound, {max}, must be greater than or equal to min bound, {min}";
    DesiredOutside { desired: u32, min: u32, max: u32 } "ValidationError" 400 "Desired capacity:{desired} must be between the specified min size:{min} and max size:{max}";
    DesiredAbove { desired: u32, max: u32 } "ValidationError" 400 "New SetDesiredCapacity value {desired} is above max value {max} for the AutoScalingGroup.";
    DesiredBelow { desired: u32, min: u32 } "ValidationError" 400 "New SetDesiredCapacity value {desired} is below min value {min} for the AutoScalingGroup.";
    OneSource {} "ValidationError" 400 "Valid requests must contain either LaunchTemplate, LaunchConfigurationName, InstanceId or MixedInstancesPolicy parameter.";
    NoPlace {} "ValidationError" 400 "At least one Availability Zone or VPC Subnet is required.";
    ZonesDiffer {} "ValidationError" 400 "The availability zones of the specified subnets and the Auto Scaling group do not match";
    SubnetsDiffer {} "ValidationError" 400 "The subnets of an AutoScalingGroup must be in one VPC.";
    NoLoadBalancer { name: String } "ValidationError" 400 "Provided Load Balancers may not be valid. Please ensure they exist and try again: {name}";

    // Instances.
    NotManaged { instance: String } "ValidationError" 400 "Instance Id not found - No managed instance found for instance ID: {instance}";
    NotOfGroup { instance: String, group: String } "ValidationError" 400 "The instance {instance} is not part of Auto Scaling group {group}.";
    ManagedAlready { instance: String, group: String } "ValidationError" 400 "Instance {instance} is already part of AutoScalingGroup:{group}";
    NotRunning { instance: String } "ValidationError" 400 "Invalid Instance ID(s): [{instance}] specified. The instances must be in the 'running' state.";
    OtherZone { instance: String, zone: String } "ValidationError" 400 "The instance {instance} is in {zone}, which is not an availability zone of the AutoScalingGroup.";
    OtherNetwork { instance: String } "ValidationError" 400 "The instance {instance} is not in the network of the AutoScalingGroup.";
    AboveMax { desired: u32, max: u32 } "ValidationError" 400 "The desired capacity would be {desired}, above the group's max size {max}. Increase the max size first.";
    BelowMin { min: u32 } "ValidationError" 400 "Currently, desiredSize equals minSize ({min}). Terminating instance without replacement will violate group's min size constraint. Either set shouldDecrementDesiredCapacity flag to false or lower group's min size.";
    WrongLifecycle { instance: String, wanted: &'static str } "ValidationError" 400 "The instance {instance} is not in {wanted}.";

    // Lifecycle hooks and policies.
    NoHook { name: String } "ValidationError" 400 "No Lifecycle Hook found with name: {name}";
    NoAction { what: String } "ValidationError" 400 "No active Lifecycle Action found with instance ID or token {what}";
    HookLimit {} "LimitExceeded" 400 "A group can have at most 50 lifecycle hooks.";
    RefreshInProgress {} "InstanceRefreshInProgress" 400 "An Instance Refresh is already in progress and blocks the execution of this Instance Refresh.";
    NoRefresh { name: String } "ActiveInstanceRefreshNotFound" 400 "No in progress, baking, pending, or cancelling Instance Refresh found for Auto Scaling group {name}";
    Irreversible {} "IrreversibleInstanceRefresh" 400 "The instance refresh cannot be rolled back: it has no desired configuration, or the group's launch template had no fixed version before.";
    LifetimeRange { least: u32, most: u32 } "ValidationError" 400 "MaxInstanceLifetime must be 0, or from {least} to {most} seconds.";
    RefreshPercentage {} "ValidationError" 400 "MinHealthyPercentage must be from 0 to 100.";
    NoWarmPool { name: String } "ValidationError" 400 "No warm pool found for group: {name}";
    PoolOfMixed {} "ValidationError" 400 "You can't add a warm pool to an Auto Scaling group that has a mixed instances policy.";
    NoPolicy {} "ValidationError" 400 "Scaling policy name not found";
    PolicyNotExecutable { kind: &'static str } "ValidationError" 400 "ExecutePolicy requires an enabled policy of type SimpleScaling or StepScaling, not {kind}.";
    NoStep {} "ValidationError" 400 "There are no step adjustments for this metric value: specify a MetricValue and a BreachThreshold whose difference is within a step.";
    MixIncomplete { member: &'static str } "ValidationError" 400 "Invalid MixedInstancesPolicy: {member} is required";
    MixTypeTwice {} "ValidationError" 400 "Invalid MixedInstancesPolicy: an override has either InstanceType or InstanceRequirements";
    MixWeight {} "ValidationError" 400 "Invalid MixedInstancesPolicy: WeightedCapacity must be from 1 to 999";
    MixPercentage {} "ValidationError" 400 "Invalid MixedInstancesPolicy: OnDemandPercentageAboveBaseCapacity must be from 0 to 100";
    DuplicateTag { key: String } "ValidationError" 400 "Duplicate tag keys found for {key}. Please note that tag keys are case sensitive.";

    // Scheduled actions.
    NoSchedule { name: String } "ValidationError" 400 "Scheduled action name not found - {name}";
    ScheduleEmpty {} "ValidationError" 400 "At least one of DesiredCapacity, MinSize or MaxSize must be given.";
    ScheduleNever {} "ValidationError" 400 "Either a start time in the future or a recurrence must be given.";
    SchedulePast { what: &'static str } "ValidationError" 400 "Given {what} is in the past";
    ScheduleEndsFirst {} "ValidationError" 400 "End time must be after the start time";
    BadRecurrence { text: String } "ValidationError" 400 "Given recurrence string:{text} is invalid";
    NoTimeZone { zone: String } "ValidationError" 400 "Given time zone {zone} is invalid: it must be the canonical name of a time zone of the IANA database.";
}

impl Error {
    /// The error for an invalid value of a parameter.
    pub fn invalid(field: &str, value: impl ToString) -> Error {
        Error::InvalidValue { field: field.to_owned(), value: value.to_string() }
    }
}

impl From<crate::Error> for Error {
    fn from(why: crate::Error) -> Error {
        Error::Ec2 { why }
    }
}
