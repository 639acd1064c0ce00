use super::*;

const ENABLE: &str = "Action=EnableAllowedImagesSettings&AllowedImagesSettingsState";
const REPLACE: &str = "Action=ReplaceImageCriteriaInAllowedImagesSettings";

#[test]
fn only_images_that_meet_a_criterion_are_found_and_launched() {
    let mut cloud = Cloud::new();
    let get = "Action=GetAllowedImagesSettings";
    assert_eq!(cloud.get(get, "state"), "disabled");
    assert_eq!(cloud.ask(&format!("{ENABLE}=disabled")), Err("InvalidParameterValue"));
    let list = "Action=DescribeImages&Filter.1.Name=architecture&Filter.1.Value.1=x86_64&Filter.2.Name=name";
    let [ubuntu, amazon] = ["ubuntu*", "amzn2-ami-*"].map(|name| format!("{list}&Filter.2.Value.1={name}"));
    let [of_ubuntu, of_amazon] = [&ubuntu, &amazon].map(|list| cloud.get(list, "imageId"));
    let criteria = format!("{REPLACE}&ImageCriterion.1.ImageProvider.1=amazon&ImageCriterion.1.ImageName.1=amzn2-*");
    cloud.ask(&criteria).unwrap();
    assert_eq!(cloud.get(get, "imageNameSet"), "<item>amzn2-*</item>");
    assert_eq!(cloud.ask(&format!("{REPLACE}&ImageCriterion.1.ImageProvider.1=me")), Err("InvalidParameterValue"));

    assert_eq!(cloud.get(&format!("{ENABLE}=audit-mode"), "allowedImagesSettingsState"), "audit-mode");
    assert_eq!(cloud.get(&ubuntu, "imageAllowed"), "false");
    assert_eq!(cloud.get(&amazon, "imageAllowed"), "true");
    let allowed = format!("{ubuntu}&Filter.3.Name=image-allowed&Filter.3.Value.1=true");
    assert!(cloud.all(&allowed, "imageId").is_empty());

    assert_eq!(cloud.get(&format!("{ENABLE}=enabled"), "allowedImagesSettingsState"), "enabled");
    assert!(cloud.all(&ubuntu, "imageId").is_empty());
    let run = |image: &str| format!("Action=RunInstances&ImageId={image}&InstanceType=m3.medium&MinCount=1&MaxCount=1");
    assert_eq!(cloud.ask(&run(&of_ubuntu)), Err("InvalidAMIID.NotFound"));
    let instance = cloud.get(&run(&of_amazon), "instanceId");
    let own = cloud.get(&format!("Action=CreateImage&Name=own&InstanceId={instance}"), "imageId");
    cloud.ask(REPLACE).unwrap();
    assert_eq!(cloud.ask(&run(&of_amazon)), Err("InvalidAMIID.NotFound"));
    cloud.ask(&run(&own)).expect("an account's own images are always allowed");
    assert_eq!(cloud.get("Action=DisableAllowedImagesSettings", "allowedImagesSettingsState"), "disabled");
    cloud.ask(&run(&of_ubuntu)).unwrap();
}

#[test]
fn criteria_ask_for_an_age() {
    let mut cloud = Cloud::new();
    let all = "Action=DescribeImages&Owner.1=amazon";
    let young = "ImageCriterion.1.CreationDateCondition.MaximumDaysSinceCreated";
    cloud.ask(&format!("{ENABLE}=enabled")).unwrap();
    assert_eq!(cloud.ask(&format!("{REPLACE}&{young}=-1")), Err("InvalidParameterValue"));
    cloud.ask(&format!("{REPLACE}&{young}=1000000")).unwrap();
    assert!(!cloud.all(all, "imageId").is_empty());
    cloud.now = cloud.now.after(std::time::Duration::from_secs(40 * 365 * 24 * 3600));
    cloud.ask(&format!("{REPLACE}&{young}=1")).unwrap();
    assert!(cloud.all(all, "imageId").is_empty());
}

#[test]
fn there_are_ten_criteria_at_most() {
    let mut cloud = Cloud::new();
    let criteria = |count: usize| -> String {
        (1..=count).map(|place| format!("&ImageCriterion.{place}.ImageProvider.1=amazon")).collect()
    };
    cloud.ask(&format!("{REPLACE}{}", criteria(10))).unwrap();
    assert_eq!(cloud.ask(&format!("{REPLACE}{}", criteria(11))), Err("InvalidParameterValue"));
}
