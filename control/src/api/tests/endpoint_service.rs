use super::*;

const BALANCER: &str = "arn:aws:elasticloadbalancing:us-east-1:111122223333:loadbalancer";

#[test]
fn an_endpoint_service_is_behind_balancers_of_one_kind_and_told_to_whom_it_is_for() {
    let mut cloud = Cloud::new();
    let create = "Action=CreateVpcEndpointServiceConfiguration";
    assert_eq!(cloud.ask(create), Err("InvalidParameter"));
    let of_both =
        format!("{create}&NetworkLoadBalancerArn.1={BALANCER}/net/a/1&GatewayLoadBalancerArn.1={BALANCER}/gwy/a/1");
    assert_eq!(cloud.ask(&of_both), Err("InvalidParameter"));
    assert_eq!(
        cloud.ask(&format!("{create}&NetworkLoadBalancerArn.1={BALANCER}/app/a/1")),
        Err("InvalidParameterValue")
    );
    let id = cloud.get(&format!("{create}&NetworkLoadBalancerArn.1={BALANCER}/net/a/1"), "serviceId");
    assert!(id.starts_with("vpce-svc-0"), "{id}");

    let configuration = format!("Action=DescribeVpcEndpointServiceConfigurations&ServiceId.1={id}");
    let told = ["acceptanceRequired", "serviceState", "serviceName"].map(|element| cloud.get(&configuration, element));
    let name = format!("com.amazonaws.vpce.us-east-1.{id}");
    assert_eq!(told, ["true", "Available", name.as_str()]);
    let modify = format!("Action=ModifyVpcEndpointServiceConfiguration&ServiceId={id}");
    let arns = |kind: &str, n: u8| format!("{kind}NetworkLoadBalancerArn.1={BALANCER}/net/a/{n}");
    assert_eq!(cloud.ask(&format!("{modify}&{}", arns("Remove", 1))), Err("InvalidParameter"));
    cloud.ask(&format!("{modify}&{}&{}&AcceptanceRequired=false", arns("Remove", 1), arns("Add", 2))).unwrap();
    assert!(cloud.get(&configuration, "networkLoadBalancerArnSet").contains("/net/a/2"));
    cloud.ask(&format!("Action=CreateTags&ResourceId.1={id}&Tag.1.Key=k&Tag.1.Value=v")).unwrap();
    assert_eq!([cloud.get(&configuration, "acceptanceRequired"), cloud.get(&configuration, "value")], ["false", "v"]);

    let service = format!("Action=DescribeVpcEndpointServices&ServiceName.1={name}");
    assert_eq!(cloud.get(&service, "owner"), "111122223333");
    cloud.account = "444455556666";
    assert_eq!(cloud.ask(&service), Err("InvalidServiceName"));
    cloud.account = "111122223333";
    let permit = format!("Action=ModifyVpcEndpointServicePermissions&ServiceId={id}");
    let principal = "arn:aws:iam::444455556666:root";
    let permitted = format!("{permit}&AddAllowedPrincipals.1={principal}");
    assert_eq!(cloud.get(&permitted, "principalType"), "Account");
    assert_eq!(cloud.all(&permitted, "principal"), [""; 0], "once is enough");
    let permissions = format!("Action=DescribeVpcEndpointServicePermissions&ServiceId={id}");
    assert_eq!(cloud.all(&permissions, "principal"), [principal]);
    cloud.account = "444455556666";
    assert_eq!(cloud.get(&service, "serviceId"), id);
    assert_eq!(cloud.ask(&configuration), Err("InvalidVpcEndpointServiceId.NotFound"));
    let delete = format!("Action=DeleteVpcEndpointServiceConfigurations&ServiceId.1={id}");
    assert_eq!(cloud.get(&delete, "code"), "InvalidVpcEndpointService.NotFound");
    cloud.account = "111122223333";
    cloud.ask(&format!("{permit}&RemoveAllowedPrincipals.1={principal}")).unwrap();
    assert_eq!(cloud.all(&permissions, "principal"), [""; 0]);
    assert_eq!(cloud.all(&delete, "code"), [""; 0]);
    assert_eq!(cloud.ask(&configuration), Err("InvalidVpcEndpointServiceId.NotFound"));
}

#[test]
fn a_private_name_of_an_endpoint_service_is_verified() {
    let mut cloud = Cloud::new();
    let create = format!("Action=CreateVpcEndpointServiceConfiguration&GatewayLoadBalancerArn.1={BALANCER}/gwy/a/1");
    let id = cloud.get(&create, "serviceId");
    let configuration = format!("Action=DescribeVpcEndpointServiceConfigurations&ServiceId.1={id}");
    assert_eq!(cloud.all(&configuration, "privateDnsName"), [""; 0]);
    let verify = format!("Action=StartVpcEndpointServicePrivateDnsVerification&ServiceId={id}");
    assert_eq!(cloud.ask(&verify), Err("InvalidParameter"));
    let modify = format!("Action=ModifyVpcEndpointServiceConfiguration&ServiceId={id}");
    cloud.ask(&format!("{modify}&PrivateDnsName=api.example.com")).unwrap();
    assert_eq!(cloud.get(&configuration, "state"), "pendingVerification");
    cloud.ask(&verify).unwrap();
    assert_eq!(
        [cloud.get(&configuration, "state"), cloud.get(&configuration, "privateDnsName")],
        ["verified", "api.example.com"]
    );
    cloud.ask(&format!("{modify}&RemovePrivateDnsName=true")).unwrap();
    assert_eq!(cloud.all(&configuration, "privateDnsName"), [""; 0]);
}
