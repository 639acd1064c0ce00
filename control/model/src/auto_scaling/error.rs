//! What Auto Scaling refuses, with its codes and words.

macro_rules! errors {
    ($($name:ident { $($field:ident: $type:ty),* } $code:literal $message:literal;)*) => {
        /// Why nothing was changed.
        #[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
        pub enum Error {
            $(
                #[doc = concat!("`", $code, "`: ", $message)]
                #[error($message)]
                $name { $(#[doc = "See the message."] $field: $type,)* },
            )*
        }

        impl Error {
            /// Auto Scaling's error code.
            pub fn code(&self) -> &'static str {
                match self { $(Error::$name { .. } => $code,)* }
            }
        }
    };
}

errors! {
    Ec2 { why: crate::Error } "ValidationError" "{why}";
    BadName { field: &'static str, name: String } "ValidationError" "Value '{name}' at '{field}' must have 1 to 255 characters and no colon.";
    InvalidValue { field: String, value: String } "ValidationError" "Value '{value}' at '{field}' is invalid.";
    NoInstancesNamed {} "ValidationError" "At least one InstanceId must be given.";

    // Launch configurations.
    ConfigurationExists { name: String } "AlreadyExists" "Launch Configuration by this name already exists - A launch configuration already exists with the name {name}";
    NoConfiguration { name: String } "ValidationError" "Launch configuration name not found - Launch configuration {name} not found";
    ConfigurationInUse { name: String, group: String } "ResourceInUse" "Cannot delete launch configuration {name} because it is attached to AutoScalingGroup {group}";
    NoImage {} "ValidationError" "Valid requests must contain either the ImageId and InstanceType parameters or the InstanceId parameter.";
    LinkIncomplete {} "ValidationError" "ClassicLinkVPCId and ClassicLinkVPCSecurityGroups must be specified together: a link has one VPC and at least one of its security groups.";
    LinkNotEnabled { vpc: String } "ValidationError" "The VPC '{vpc}' is not enabled for ClassicLink. Enable it before instances are linked to it at launch.";
    LinkInVpc { name: String } "ValidationError" "The launch configuration {name} links EC2-Classic instances to a VPC; the group would launch into a VPC. Use a launch configuration without ClassicLinkVPCId, or availability zones of EC2-Classic.";

    // Groups.
    GroupExists { name: String } "AlreadyExists" "AutoScalingGroup by this name already exists - A group by the name {name} already exists";
    GroupExistsStill { name: String } "AlreadyExists" "AutoScalingGroup by this name already exists - A group by the name {name} already exists and is pending delete";
    NoGroup { name: String } "ValidationError" "AutoScalingGroup name not found - AutoScalingGroup: {name} not found";
    NoGroupToUpdate {} "ValidationError" "AutoScalingGroup name not found - null";
    NoGroupToDelete { name: String } "ValidationError" "AutoScalingGroup name not found - AutoScalingGroup '{name}' not found";
    NoSuchInstance { instance: String } "ValidationError" "Instance [{instance}] is invalid.";
    TemplateLacks { parameter: &'static str } "ValidationError" "You must use a valid fully-formed launch template. The request must contain the parameter {parameter}";
    OneTemplate {} "ValidationError" "Valid requests must contain either launchTemplateId or LaunchTemplateName";
    PendingDelete { name: String } "ValidationError" "AutoScalingGroup {name} is pending delete and cannot be changed";
    Protected { name: String, protection: &'static str } "ValidationError" "AutoScalingGroup {name} cannot be deleted so: its deletion protection is {protection}.";
    Maintenance {} "ValidationError" "InstanceMaintenancePolicy must have a MinHealthyPercentage from 0 to 100 and a MaxHealthyPercentage from 100 to 200 which is at most 100 more, or -1 for both.";
    HasInstances {} "ResourceInUse" "You cannot delete an AutoScalingGroup while there are instances or pending Spot instance request(s) still in the group.";
    ActivitiesInProgress {} "ScalingActivityInProgress" "You cannot delete an AutoScalingGroup while there are scaling activities in progress for that group.";
    CoolingDown { name: String, seconds: u64 } "ScalingActivityInProgress" "AutoScalingGroup {name} is in its cooldown period for {seconds} more seconds.";
    Bounds { min: u32, max: u32 } "ValidationError" "Max bound, {max}, must be greater than or equal to min bound, {min}";
    DesiredOutside { desired: u32, min: u32, max: u32 } "ValidationError" "Desired capacity:{desired} must be between the specified min size:{min} and max size:{max}";
    DesiredAbove { desired: u32, max: u32 } "ValidationError" "New SetDesiredCapacity value {desired} is above max value {max} for the AutoScalingGroup.";
    DesiredBelow { desired: u32, min: u32 } "ValidationError" "New SetDesiredCapacity value {desired} is below min value {min} for the AutoScalingGroup.";
    OneSource {} "ValidationError" "Valid requests must contain either LaunchTemplate, LaunchConfigurationName, InstanceId or MixedInstancesPolicy parameter.";
    NoPlace {} "ValidationError" "At least one Availability Zone or VPC Subnet is required.";
    ZonesDiffer {} "ValidationError" "The availability zones of the specified subnets and the Auto Scaling group do not match";
    SubnetsDiffer {} "ValidationError" "The subnets of an AutoScalingGroup must be in one VPC.";
    NoLoadBalancer { name: String } "ValidationError" "Provided Load Balancers may not be valid. Please ensure they exist and try again: {name}";

    // Instances.
    NotManaged { instance: String } "ValidationError" "Instance Id not found - No managed instance found for instance ID: {instance}";
    NotOfGroup { instance: String, group: String } "ValidationError" "The instance {instance} is not part of Auto Scaling group {group}.";
    ManagedAlready { instance: String, group: String } "ValidationError" "Instance {instance} is already part of AutoScalingGroup:{group}";
    NotRunning { instance: String } "ValidationError" "Invalid Instance ID(s): [{instance}] specified. The instances must be in the 'running' state.";
    OtherZone { instance: String, zone: String } "ValidationError" "The instance {instance} is in {zone}, which is not an availability zone of the AutoScalingGroup.";
    OtherNetwork { instance: String } "ValidationError" "The instance {instance} is not in the network of the AutoScalingGroup.";
    AboveMax { desired: u32, max: u32 } "ValidationError" "The desired capacity would be {desired}, above the group's max size {max}. Increase the max size first.";
    BelowMin { min: u32 } "ValidationError" "Currently, desiredSize equals minSize ({min}). Terminating instance without replacement will violate group's min size constraint. Either set shouldDecrementDesiredCapacity flag to false or lower group's min size.";
    WrongLifecycle { instance: String, wanted: &'static str } "ValidationError" "The instance {instance} is not in {wanted}.";

    // Lifecycle hooks and policies.
    NoHook { name: String } "ValidationError" "No Lifecycle Hook found with name: {name}";
    NoAction { what: String } "ValidationError" "No active Lifecycle Action found with instance ID or token {what}";
    HookLimit {} "LimitExceeded" "A group can have at most 50 lifecycle hooks.";
    RefreshInProgress {} "InstanceRefreshInProgress" "An Instance Refresh is already in progress and blocks the execution of this Instance Refresh.";
    NoRefresh { name: String } "ActiveInstanceRefreshNotFound" "No in progress, baking, pending, or cancelling Instance Refresh found for Auto Scaling group {name}";
    LifetimeRange { least: u32, most: u32 } "ValidationError" "MaxInstanceLifetime must be 0, or from {least} to {most} seconds.";
    RefreshPercentage {} "ValidationError" "MinHealthyPercentage must be from 0 to 100.";
    NoWarmPool { name: String } "ValidationError" "No warm pool found for group: {name}";
    PoolOfMixed {} "ValidationError" "You can't add a warm pool to an Auto Scaling group that has a mixed instances policy.";
    NoPolicy {} "ValidationError" "Scaling policy name not found";
    PolicyNotExecutable { kind: &'static str } "ValidationError" "ExecutePolicy requires an enabled policy of type SimpleScaling or StepScaling, not {kind}.";
    NoStep {} "ValidationError" "There are no step adjustments for this metric value: specify a MetricValue and a BreachThreshold whose difference is within a step.";
    MixIncomplete { member: &'static str } "ValidationError" "Invalid MixedInstancesPolicy: {member} is required";
    MixTypeTwice {} "ValidationError" "Invalid MixedInstancesPolicy: an override has either InstanceType or InstanceRequirements";
    MixWeight {} "ValidationError" "Invalid MixedInstancesPolicy: WeightedCapacity must be from 1 to 999";
    MixPercentage {} "ValidationError" "Invalid MixedInstancesPolicy: OnDemandPercentageAboveBaseCapacity must be from 0 to 100";
    DuplicateTag { key: String } "ValidationError" "Duplicate tag keys found for {key}. Please note that tag keys are case sensitive.";

    // Scheduled actions.
    NoSchedule { name: String } "ValidationError" "Scheduled action name not found - {name}";
    ScheduleEmpty {} "ValidationError" "At least one of DesiredCapacity, MinSize or MaxSize must be given.";
    ScheduleNever {} "ValidationError" "Either a start time in the future or a recurrence must be given.";
    SchedulePast { what: &'static str } "ValidationError" "Given {what} is in the past";
    ScheduleEndsFirst {} "ValidationError" "End time must be after the start time";
    BadRecurrence { text: String } "ValidationError" "Given recurrence string:{text} is invalid";
    NoTimeZone { zone: String } "ValidationError" "Given time zone {zone} is invalid: it must be the canonical name of a time zone of the IANA database.";
}

impl Error {
    /// A value that its parameter does not take.
    pub fn invalid(field: &str, value: impl ToString) -> Error {
        Error::InvalidValue { field: field.to_owned(), value: value.to_string() }
    }
}

impl From<crate::Error> for Error {
    fn from(why: crate::Error) -> Error {
        Error::Ec2 { why }
    }
}
