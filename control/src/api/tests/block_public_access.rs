use super::*;
use model::InternetBlock;

#[test]
fn public_access_is_blocked_but_for_what_is_excluded() {
    let mut cloud = Cloud::new();
    let options = "Action=DescribeVpcBlockPublicAccessOptions";
    assert_eq!(cloud.get(options, "state"), "default-state");
    assert_eq!(cloud.get(options, "internetGatewayBlockMode"), "off");
    let vpc = cloud.vpc("192.168.0.0/16");
    let [inner, outer] = ["192.168.1.0/24", "192.168.2.0/24"].map(|cidr| cloud.subnet(&vpc, cidr));
    let modify = "Action=ModifyVpcBlockPublicAccessOptions&InternetGatewayBlockMode";
    assert_eq!(cloud.ask(&format!("{modify}=everything")), Err("InvalidParameterValue"));
    assert_eq!(cloud.get(&format!("{modify}=block-bidirectional"), "state"), "update-in-progress");
    assert_eq!(cloud.get(options, "state"), "update-complete");

    let create = "Action=CreateVpcBlockPublicAccessExclusion&InternetGatewayExclusionMode";
    assert_eq!(cloud.ask(&format!("{create}=allow-egress")), Err("MissingParameter"));
    let both = format!("{create}=allow-egress&VpcId={vpc}&SubnetId={outer}");
    assert_eq!(cloud.ask(&both), Err("InvalidParameterCombination"));
    let tag = "TagSpecification.1.ResourceType=vpc-block-public-access-exclusion&TagSpecification.1.Tag.1.Key=a";
    let id = cloud.get(&format!("{create}=allow-egress&SubnetId={outer}&{tag}"), "exclusionId");
    let block = |cloud: &Cloud, subnet: &str| cloud.model.internet_block_of(cloud.model.subnets.get(subnet).unwrap());
    assert_eq!(block(&cloud, &inner), InternetBlock::Bidirectional);
    assert_eq!(block(&cloud, &outer), InternetBlock::Ingress);
    let told = |cloud: &mut Cloud, action: &str| cloud.all(action, "internetGatewayBlockMode");
    assert_eq!(told(&mut cloud, "Action=DescribeVpcs"), ["block-bidirectional"]);
    let by_place = format!("Action=DescribeSubnets&SubnetId.1={outer}");
    assert_eq!(told(&mut cloud, &by_place), ["block-ingress"]);
    let describe = "Action=DescribeVpcBlockPublicAccessExclusions";
    assert_eq!(cloud.get(describe, "state"), "create-complete");
    assert!(cloud.get(describe, "resourceArn").ends_with(&format!(":subnet/{outer}")));

    let change = format!("Action=ModifyVpcBlockPublicAccessExclusion&ExclusionId={id}");
    cloud.ask(&format!("{change}&InternetGatewayExclusionMode=allow-bidirectional")).unwrap();
    assert_eq!(block(&cloud, &outer), InternetBlock::Off);
    assert_eq!(cloud.get(describe, "state"), "update-complete");
    let narrow = cloud.get(&format!("{create}=allow-egress&SubnetId={outer}"), "exclusionId");
    assert_eq!(block(&cloud, &outer), InternetBlock::Off, "the widest counts");
    cloud.ask(&format!("Action=DeleteVpcBlockPublicAccessExclusion&ExclusionId={narrow}")).unwrap();
    let delete = format!("Action=DeleteVpcBlockPublicAccessExclusion&ExclusionId={id}");
    assert_eq!(cloud.get(&delete, "state"), "delete-in-progress");
    assert_eq!(cloud.ask(&delete), Err("InvalidVpcBlockPublicAccessExclusionId.NotFound"));

    cloud.ask(&format!("{create}=allow-bidirectional&VpcId={vpc}")).unwrap();
    assert_eq!(block(&cloud, &inner), InternetBlock::Off);
    for subnet in [inner, outer] {
        cloud.ask(&format!("Action=DeleteSubnet&SubnetId={subnet}")).unwrap();
    }
    cloud.ask(&format!("Action=DeleteVpc&VpcId={vpc}")).unwrap();
    assert!(cloud.all(describe, "exclusionId").is_empty(), "it goes with the VPC");
}
