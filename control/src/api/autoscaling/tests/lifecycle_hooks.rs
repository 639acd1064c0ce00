//! Instances that wait for hooks.

use super::*;

#[test]
fn instances_wait_for_hooks_as_they_come_and_go() {
    let mut cloud = Cloud::new();
    cloud.scaling(CONFIGURATION).unwrap();
    cloud.scaling_group("web", 0);
    let group = "AutoScalingGroupName=web";
    let put = |name: &str, transition: &str| {
        let hook = format!("LifecycleHookName={name}&LifecycleTransition=autoscaling:EC2_INSTANCE_{transition}");
        format!("PutLifecycleHook&{group}&{hook}&HeartbeatTimeout=60")
    };
    cloud.scaling(&put("up", "LAUNCHING")).unwrap();
    cloud.scaling(&put("down", "TERMINATING")).unwrap();
    assert_eq!(cloud.scaling(&put("x", "TEA")), Err("ValidationError"));
    let hooks = cloud.scaling(&format!("DescribeLifecycleHooks&{group}")).unwrap();
    assert_eq!(texts(&hooks, "GlobalTimeout"), ["6000", "6000"]);
    assert_eq!(first(&hooks, "DefaultResult").unwrap(), "ABANDON");
    cloud.scaling(&format!("SetDesiredCapacity&{group}&DesiredCapacity=1")).unwrap();
    cloud.tend();
    let state = |cloud: &mut Cloud| texts(&cloud.scaling("DescribeAutoScalingGroups").unwrap(), "LifecycleState");
    assert_eq!(state(&mut cloud), ["Pending:Wait"]);
    let id = cloud.members("web").remove(0);
    let complete = |name: &str, id: &str, result: &str| {
        format!(
            "CompleteLifecycleAction&{group}&LifecycleHookName={name}&InstanceId={id}&LifecycleActionResult={result}"
        )
    };
    assert_eq!(cloud.scaling(&complete("down", &id, "CONTINUE")), Err("ValidationError"));
    cloud.scaling(&complete("up", &id, "CONTINUE")).unwrap();
    cloud.tend();
    assert_eq!(state(&mut cloud), ["InService"]);
    // On its way out it waits, too, and is terminated when its time is over, a heartbeat apart.
    cloud.scaling(&format!("SetDesiredCapacity&{group}&DesiredCapacity=0")).unwrap();
    cloud.tend();
    assert_eq!(state(&mut cloud), ["Terminating:Wait"]);
    cloud.now = cloud.now.after(Duration::from_secs(50));
    let beat = format!("RecordLifecycleActionHeartbeat&{group}&LifecycleHookName=down&InstanceId={id}");
    cloud.scaling(&beat).unwrap();
    cloud.now = cloud.now.after(Duration::from_secs(50));
    cloud.tend();
    assert_eq!(state(&mut cloud), ["Terminating:Wait"]);
    cloud.now = cloud.now.after(Duration::from_secs(20));
    cloud.tend();
    assert_eq!(state(&mut cloud), [""; 0]);
    assert!(cloud.model.instances.get(&id).is_none_or(|one| one.is_terminated()));
    // One that is given up is replaced, and waits on its way out.
    cloud.scaling(&format!("SetDesiredCapacity&{group}&DesiredCapacity=1")).unwrap();
    cloud.tend();
    let first_one = cloud.members("web").remove(0);
    cloud.scaling(&complete("up", &first_one, "ABANDON")).unwrap();
    cloud.tend();
    let mut states = state(&mut cloud);
    states.sort();
    assert_eq!(states, ["Pending:Wait", "Terminating:Wait"]);
    cloud.scaling(&complete("down", &first_one, "CONTINUE")).unwrap();
    cloud.tend();
    let second = cloud.members("web");
    assert!(second.len() == 1 && second[0] != first_one, "{second:?}");
    // So is one whose hook goes; one that goes itself goes on.
    cloud.scaling(&format!("DeleteLifecycleHook&{group}&LifecycleHookName=up")).unwrap();
    cloud.tend();
    cloud.scaling(&complete("down", &second[0], "CONTINUE")).unwrap();
    cloud.tend();
    assert_eq!(state(&mut cloud), ["InService"]);
    assert_ne!(cloud.members("web"), second);
    cloud.scaling(&format!("SetDesiredCapacity&{group}&DesiredCapacity=0")).unwrap();
    cloud.tend();
    assert_eq!(state(&mut cloud), ["Terminating:Wait"]);
    cloud.scaling(&format!("DeleteLifecycleHook&{group}&LifecycleHookName=down")).unwrap();
    cloud.tend();
    assert_eq!(state(&mut cloud), [""; 0]);
}

#[test]
fn a_wait_ends_after_its_longest_time_and_with_its_group() {
    let mut cloud = Cloud::new();
    cloud.scaling(CONFIGURATION).unwrap();
    cloud.scaling_group("web", 0);
    let group = "AutoScalingGroupName=web";
    for (name, transition) in [("up", "LAUNCHING"), ("down", "TERMINATING")] {
        let hook = format!("LifecycleHookName={name}&LifecycleTransition=autoscaling:EC2_INSTANCE_{transition}");
        cloud.scaling(&format!("PutLifecycleHook&{group}&{hook}&HeartbeatTimeout=60")).unwrap();
    }
    cloud.scaling(&format!("SetDesiredCapacity&{group}&DesiredCapacity=1")).unwrap();
    cloud.tend();
    let before = cloud.members("web");
    let beat = format!("RecordLifecycleActionHeartbeat&{group}&LifecycleHookName=up&InstanceId={}", before[0]);
    // 100 times 60 seconds is its longest.
    for _ in 0..119 {
        cloud.now = cloud.now.after(Duration::from_secs(50));
        cloud.scaling(&beat).unwrap();
    }
    cloud.tend();
    assert_eq!(cloud.members("web"), before);
    cloud.now = cloud.now.after(Duration::from_secs(50));
    cloud.tend();
    let leave = format!("CompleteLifecycleAction&{group}&LifecycleHookName=down&InstanceId={}", before[0]);
    cloud.scaling(&format!("{leave}&LifecycleActionResult=CONTINUE")).unwrap();
    cloud.tend();
    let after = cloud.members("web");
    assert!(after.len() == 1 && after != before, "{after:?}");
    cloud.scaling(&format!("DeleteAutoScalingGroup&{group}&ForceDelete=true")).unwrap();
    cloud.tend();
    assert!(cloud.model.auto_scaling_groups.is_empty());
    assert!(cloud.model.instances.iter().all(|one| one.is_gone()));
}
