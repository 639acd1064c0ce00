use super::*;

#[test]
fn an_event_window_has_its_times_and_one_kind_of_targets() {
    let mut cloud = Cloud::new();
    let create = "Action=CreateInstanceEventWindow&Name=nights";
    let range =
        "TimeRange.1.StartWeekDay=monday&TimeRange.1.StartHour=2&TimeRange.1.EndWeekDay=monday&TimeRange.1.EndHour=8";
    assert_eq!(cloud.ask(create), Err("InvalidParameterValue"));
    assert_eq!(cloud.ask(&format!("{create}&CronExpression=*")), Err("InvalidParameterValue"));
    assert_eq!(cloud.ask(&format!("{create}&{range}").replace("monday", "payday")), Err("InvalidParameterValue"));
    let id = cloud.get(&format!("{create}&{range}"), "instanceEventWindowId");
    let describe = format!("Action=DescribeInstanceEventWindows&InstanceEventWindowId.1={id}");
    assert_eq!([cloud.get(&describe, "startWeekDay"), cloud.get(&describe, "endHour")], ["monday", "8"]);
    let modify = format!("Action=ModifyInstanceEventWindow&InstanceEventWindowId={id}");
    cloud.ask(&format!("{modify}&CronExpression=*%202-5%20*%20*%202")).unwrap();
    assert_eq!([cloud.get(&describe, "cronExpression"), cloud.get(&describe, "name")], ["* 2-5 * * 2", "nights"]);

    let instance = cloud.instance(None);
    let associate = format!("Action=AssociateInstanceEventWindow&InstanceEventWindowId={id}&AssociationTarget");
    for _ in 0..2 {
        cloud.ask(&format!("{associate}.InstanceId.1={instance}")).unwrap();
        assert_eq!(cloud.get(&describe, "instanceIdSet"), format!("<item>{instance}</item>"));
    }
    let tag = format!("{associate}.InstanceTag.1.Key=k&AssociationTarget.InstanceTag.1.Value=v");
    assert_eq!(cloud.ask(&tag), Err("InvalidParameterValue"));
    let of_instance =
        format!("Action=DescribeInstanceEventWindows&Filter.1.Name=instance-id&Filter.1.Value.1={instance}");
    assert_eq!(cloud.all(&of_instance, "instanceEventWindowId"), [id.as_str()]);
    cloud.ask(&format!("{}.InstanceId.1={instance}", associate.replace("Associate", "Disassociate"))).unwrap();
    cloud.ask(&tag).unwrap();
    assert_eq!(cloud.get(&format!("Action=DeleteInstanceEventWindow&InstanceEventWindowId={id}"), "state"), "deleting");
    assert_eq!(cloud.ask(&describe), Err("InvalidInstanceEventWindowId.NotFound"));
}
