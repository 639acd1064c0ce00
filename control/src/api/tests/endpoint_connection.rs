use super::*;

const BALANCER: &str = "arn:aws:elasticloadbalancing:us-east-1:111122223333:loadbalancer";
const OWNER: &str = "111122223333";
const USER: &str = "444455556666";

/// A service of the owner's that the user may have endpoints of, its name, and a request for one in a VPC of the user's.
fn offered(cloud: &mut Cloud, rest: &str) -> (String, String, String) {
    let create =
        format!("Action=CreateVpcEndpointServiceConfiguration&NetworkLoadBalancerArn.1={BALANCER}/net/a/1{rest}");
    let service = cloud.get(&create, "serviceId");
    let permit = format!("Action=ModifyVpcEndpointServicePermissions&ServiceId={service}");
    cloud.ask(&format!("{permit}&AddAllowedPrincipals.1=arn:aws:iam::{USER}:root")).unwrap();
    cloud.account = USER;
    let vpc = cloud.vpc("192.168.0.0/16");
    let subnet = cloud.subnet(&vpc, "192.168.1.0/24");
    let name = format!("com.amazonaws.vpce.us-east-1.{service}");
    let form = format!("VpcEndpointType=Interface&VpcId={vpc}&ServiceName={name}&SubnetId.1={subnet}");
    (service, name, format!("Action=CreateVpcEndpoint&{form}"))
}

#[test]
fn an_endpoint_of_an_account_s_service_waits_for_its_owner() {
    let mut cloud = Cloud::new();
    let (service, name, create) = offered(&mut cloud, "");
    let body = cloud.ask(&create).unwrap();
    assert_eq!([first(&body, "state"), first(&body, "serviceName")], [Some("pendingAcceptance".into()), Some(name)]);
    assert_eq!(first(&body, "privateDnsEnabled").as_deref(), Some("false"), "the service has no name of its own");
    let names = texts(&body, "dnsName");
    assert!(names[0].ends_with(&format!(".{service}.us-east-1.vpce.amazonaws.com")), "{names:?}");
    let id = first(&body, "vpcEndpointId").unwrap();
    let describe = format!("Action=DescribeVpcEndpoints&VpcEndpointId.1={id}");
    assert_eq!(cloud.get(&describe, "state"), "pendingAcceptance");
    assert!(cloud.model.managed_hosts.iter().all(|host| host.is_switched_off()));
    let accept = format!("Action=AcceptVpcEndpointConnections&ServiceId={service}&VpcEndpointId.1={id}");
    assert_eq!(cloud.ask(&accept), Err("InvalidVpcEndpointServiceId.NotFound"), "it is not the user's to accept");

    cloud.account = OWNER;
    let connections = "Action=DescribeVpcEndpointConnections&Filter.1.Name=vpc-endpoint-state&Filter.1.Value.1";
    let waiting = cloud.ask(&format!("{connections}=pendingAcceptance")).unwrap();
    let told = ["vpcEndpointId", "vpcEndpointOwner", "serviceId"].map(|element| first(&waiting, element).unwrap());
    assert_eq!(told, [id.as_str(), USER, service.as_str()]);
    let unknown = format!("{accept}&VpcEndpointId.2=vpce-12345678");
    assert_eq!(cloud.all(&unknown, "resourceId"), ["vpce-12345678"]);
    assert_eq!(cloud.all(&format!("{connections}=available"), "vpcEndpointId"), [id.as_str()]);
    assert!(cloud.model.managed_hosts.iter().all(|host| host.is_up()));
    let delete = format!("Action=DeleteVpcEndpointServiceConfigurations&ServiceId.1={service}");
    assert_eq!(cloud.get(&delete, "code"), "ExistingVpcEndpointConnections");
    let reject = accept.replace("Accept", "Reject");
    assert_eq!(cloud.all(&reject, "code"), [""; 0]);
    assert_eq!(cloud.get(&accept, "code"), "InvalidState");
    assert!(cloud.model.managed_hosts.iter().all(|host| host.is_switched_off()));
    cloud.account = USER;
    assert_eq!(cloud.get(&describe, "state"), "rejected");
    cloud.account = OWNER;
    assert_eq!(cloud.all(&delete, "code"), [""; 0]);
}

#[test]
fn a_service_that_asks_nobody_is_there_at_once_and_may_have_a_name() {
    let mut cloud = Cloud::new();
    let (service, _, create) = offered(&mut cloud, "&AcceptanceRequired=false&PrivateDnsName=api.example.com");
    let named = format!("{create}&PrivateDnsEnabled=true");
    let vpc = cloud.get("Action=DescribeVpcs&Filter.1.Name=cidr&Filter.1.Value.1=192.168.0.0/16", "vpcId");
    cloud.ask(&format!("Action=ModifyVpcAttribute&VpcId={vpc}&EnableDnsHostnames.Value=true")).unwrap();
    assert_eq!(cloud.ask(&named), Err("InvalidParameter"), "nobody has proved that the name is the owner's");
    cloud.account = OWNER;
    cloud.ask(&format!("Action=StartVpcEndpointServicePrivateDnsVerification&ServiceId={service}")).unwrap();
    cloud.account = USER;
    let id = cloud.get(&named, "vpcEndpointId");
    let describe = format!("Action=DescribeVpcEndpoints&VpcEndpointId.1={id}");
    assert_eq!(cloud.get(&describe, "state"), "available");
    assert!(cloud.all(&describe, "dnsName").contains(&"api.example.com".to_owned()));
    cloud.account = "777788889999";
    let own = cloud.vpc("192.168.0.0/16");
    let elsewhere = format!("Action=CreateVpcEndpoint&VpcEndpointType=Interface&VpcId={own}&ServiceName");
    let name = format!("com.amazonaws.vpce.us-east-1.{service}");
    assert_eq!(cloud.ask(&format!("{elsewhere}={name}")), Err("InvalidServiceName"), "it is not offered to everybody");
}

#[test]
fn a_service_behind_gateway_load_balancers_has_no_interface_endpoints() {
    let mut cloud = Cloud::new();
    let create = format!("Action=CreateVpcEndpointServiceConfiguration&GatewayLoadBalancerArn.1={BALANCER}/gwy/a/1");
    let service = cloud.get(&create, "serviceId");
    let vpc = cloud.vpc("192.168.0.0/16");
    let form = format!("VpcEndpointType=Interface&VpcId={vpc}&ServiceName=com.amazonaws.vpce.us-east-1.{service}");
    assert_eq!(cloud.ask(&format!("Action=CreateVpcEndpoint&{form}")), Err("InvalidParameter"));
}

#[test]
fn notifications_are_about_services_or_endpoints_and_go_with_them() {
    let mut cloud = Cloud::new();
    let (service, _, _) = offered(&mut cloud, "");
    cloud.account = OWNER;
    let create = format!("Action=CreateVpcEndpointConnectionNotification&ServiceId={service}&ConnectionEvents.1");
    let topic = "ConnectionNotificationArn=arn:aws:sns:us-east-1:111122223333:told";
    assert_eq!(cloud.ask(&format!("{create}=Tea&{topic}")), Err("InvalidParameterValue"));
    assert_eq!(cloud.ask(&format!("{create}=Accept&ConnectionNotificationArn=told")), Err("InvalidParameterValue"));
    let id = cloud.get(&format!("{create}=Accept&{topic}"), "connectionNotificationId");
    let describe = format!("Action=DescribeVpcEndpointConnectionNotifications&ConnectionNotificationId={id}");
    assert_eq!(
        [cloud.get(&describe, "serviceId"), cloud.get(&describe, "connectionNotificationState")],
        [service.as_str(), "Enabled"]
    );
    let modify = format!("Action=ModifyVpcEndpointConnectionNotification&ConnectionNotificationId={id}");
    cloud.ask(&format!("{modify}&ConnectionEvents.1=Reject")).unwrap();
    assert!(cloud.get(&describe, "connectionEvents").contains("Reject"));
    let delete = "Action=DeleteVpcEndpointConnectionNotifications&ConnectionNotificationId.1=vpce-nfn-12345678";
    assert_eq!(cloud.get(delete, "code"), "InvalidConnectionNotification");
    cloud.ask(&format!("Action=DeleteVpcEndpointServiceConfigurations&ServiceId.1={service}")).unwrap();
    assert_eq!(cloud.ask(&describe), Err("InvalidConnectionNotification"));
}
