//! Warm pools over the wire.

use super::CONFIGURATION;
use crate::api::tests::{Cloud, first, texts};

#[test]
fn a_warm_pool_is_put_shown_and_deleted() {
    let mut cloud = Cloud::new();
    cloud.scaling(CONFIGURATION).unwrap();
    cloud.scaling_group("web", 1);
    let group = "AutoScalingGroupName=web";
    assert_eq!(first(&cloud.scaling(&format!("DescribeWarmPool&{group}")).unwrap(), "WarmPoolConfiguration"), None);
    assert_eq!(cloud.scaling(&format!("PutWarmPool&{group}&PoolState=Cold")), Err("ValidationError"));
    let reuse = "InstanceReusePolicy.ReuseOnScaleIn=true";
    cloud.scaling(&format!("PutWarmPool&{group}&MinSize=1&MaxGroupPreparedCapacity=2&{reuse}")).unwrap();
    let most = |cloud: &mut Cloud| {
        first(&cloud.scaling(&format!("DescribeWarmPool&{group}")).unwrap(), "MaxGroupPreparedCapacity")
    };
    cloud.scaling(&format!("PutWarmPool&{group}&MinSize=1&{reuse}")).unwrap();
    assert_eq!(most(&mut cloud).as_deref(), Some("2"), "it stays until minus one takes it back");
    cloud.scaling(&format!("PutWarmPool&{group}&MinSize=1&MaxGroupPreparedCapacity=-1&{reuse}")).unwrap();
    assert_eq!(most(&mut cloud), None);
    cloud.scaling(&format!("PutWarmPool&{group}&MinSize=1&MaxGroupPreparedCapacity=2&{reuse}")).unwrap();
    cloud.tend();
    cloud.tend();
    let pool = cloud.scaling(&format!("DescribeWarmPool&{group}")).unwrap();
    assert_eq!(texts(&pool, "LifecycleState"), ["Warmed:Stopped"]);
    assert_eq!(first(&pool, "PoolState").unwrap(), "Stopped");
    let shown = cloud.scaling("DescribeAutoScalingGroups").unwrap();
    assert_eq!((first(&shown, "WarmPoolSize").unwrap().as_str(), texts(&shown, "InstanceId").len()), ("1", 1));
    assert_eq!(texts(&cloud.scaling("DescribeAutoScalingInstances").unwrap(), "InstanceId").len(), 2);
    cloud.scaling(&format!("DeleteWarmPool&{group}&ForceDelete=true")).unwrap();
    cloud.tend();
    cloud.tend();
    assert_eq!(first(&cloud.scaling(&format!("DescribeWarmPool&{group}")).unwrap(), "PoolState"), None);
    assert_eq!(cloud.scaling(&format!("DeleteWarmPool&{group}")), Err("ValidationError"));
}

#[test]
fn an_instance_waits_for_hooks_on_its_way_to_the_pool() {
    let mut cloud = Cloud::new();
    cloud.scaling(CONFIGURATION).unwrap();
    cloud.scaling_group("web", 0);
    let hook = "AutoScalingGroupName=web&LifecycleHookName=h";
    let transition = "LifecycleTransition=autoscaling:EC2_INSTANCE_LAUNCHING";
    cloud.scaling(&format!("PutLifecycleHook&{hook}&{transition}")).unwrap();
    cloud.scaling("PutWarmPool&AutoScalingGroupName=web&MinSize=1&MaxGroupPreparedCapacity=1").unwrap();
    cloud.tend();
    let pool = |cloud: &mut Cloud| cloud.scaling("DescribeWarmPool&AutoScalingGroupName=web").unwrap();
    let waiting = pool(&mut cloud);
    assert_eq!(texts(&waiting, "LifecycleState"), ["Warmed:Pending:Wait"]);
    let id = first(&waiting, "InstanceId").unwrap();
    cloud.scaling(&format!("CompleteLifecycleAction&{hook}&InstanceId={id}&LifecycleActionResult=CONTINUE")).unwrap();
    cloud.tend();
    assert_eq!(texts(&pool(&mut cloud), "LifecycleState"), ["Warmed:Stopped"]);
}
