//! What keeps a group whole: its maintenance policy, and what protects it from being deleted.

use super::*;

impl Cloud {
    /// Updates the group, and gives what it is shown with.
    fn updated(&mut self, settings: &str) -> Result<String, &'static str> {
        self.scaling(&format!("UpdateAutoScalingGroup&AutoScalingGroupName=web&{settings}"))?;
        self.scaling("DescribeAutoScalingGroups")
    }
}

fn cloud() -> Cloud {
    let mut cloud = Cloud::new();
    cloud.scaling(CONFIGURATION).unwrap();
    cloud.scaling_group("web", 1);
    cloud
}

#[test]
fn a_maintenance_policy_has_two_bounds_until_it_is_removed() {
    let mut cloud = cloud();
    let policy = |min: i32, max: i32| {
        let of = "InstanceMaintenancePolicy";
        format!("{of}.MinHealthyPercentage={min}&{of}.MaxHealthyPercentage={max}")
    };
    for (min, max) in [(100, 50), (-1, 100), (50, 200), (0, 99)] {
        assert_eq!(cloud.updated(&policy(min, max)), Err("ValidationError"), "{min} to {max}");
    }
    assert_eq!(cloud.updated("InstanceMaintenancePolicy.MinHealthyPercentage=50"), Err("ValidationError"));
    let shown = cloud.updated(&policy(50, 150)).unwrap();
    assert_eq!(texts(&shown, "MaxHealthyPercentage"), ["150"]);
    // Another setting leaves it as it is.
    assert_eq!(texts(&cloud.updated("DefaultInstanceWarmup=60").unwrap(), "MinHealthyPercentage"), ["50"]);
    let shown = cloud.updated(&format!("{}&DefaultInstanceWarmup=-1", policy(-1, -1))).unwrap();
    assert!(!shown.contains("InstanceMaintenancePolicy") && !shown.contains("DefaultInstanceWarmup"), "{shown}");
}

#[test]
fn several_health_checks_may_count() {
    let mut cloud = cloud();
    let shown = cloud.updated("HealthCheckType=EC2,ELB").unwrap();
    assert_eq!(texts(&shown, "HealthCheckType"), ["EC2,ELB"]);
    assert_eq!(cloud.updated("HealthCheckType=EC2,TEA"), Err("ValidationError"));
}

#[test]
fn settings_without_an_effect_are_shown_as_they_were_given() {
    let mut cloud = cloud();
    let zones = "AvailabilityZoneImpairmentPolicy.ImpairedZoneHealthCheckBehavior=IgnoreUnhealthy";
    let reservations = "CapacityReservationSpecification.CapacityReservationPreference";
    let shown = cloud.updated(&format!("{zones}&SkipZonalShiftValidation=true&{reservations}=default")).unwrap();
    assert_eq!(texts(&shown, "ImpairedZoneHealthCheckBehavior"), ["IgnoreUnhealthy"]);
    assert_eq!(texts(&shown, "CapacityReservationPreference"), ["default"]);
    let form = format!("Action=UpdateAutoScalingGroup&AutoScalingGroupName=web&{reservations}");
    let refused = cloud.refusal(&format!("{form}=capacity-reservations-only&{VERSION}"));
    assert!(refused.contains("CapacityReservationSpecification"), "{refused}");
}

#[test]
fn a_protected_group_is_not_deleted() {
    let mut cloud = cloud();
    let (delete, force) = ("DeleteAutoScalingGroup&AutoScalingGroupName=web", "&ForceDelete=true");
    let mut protected = |level: &str| {
        let shown = cloud.updated(&format!("DeletionProtection={level}")).unwrap();
        assert_eq!(texts(&shown, "DeletionProtection"), [level]);
        [delete.to_owned(), format!("{delete}{force}")].map(|form| cloud.scaling(&form).err())
    };
    assert_eq!(protected("prevent-all-deletion"), [Some("ValidationError"); 2]);
    // Without force it has instances still.
    assert_eq!(protected("prevent-force-deletion"), [Some("ResourceInUse"), Some("ValidationError")]);
    assert_eq!(protected("none"), [Some("ResourceInUse"), None]);
    assert_eq!(cloud.updated("DeletionProtection=some"), Err("ValidationError"));
}
