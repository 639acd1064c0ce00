//! Each kind of resource comes back from the files as it was.

use super::*;
use crate::api::Call;
use serde_json::Value as Json;

const DOCUMENT: &str = r#"{"AWSPolicyFormatVersion":"2015-10-01","RecordType":"A","Endpoints":{"e":{"Type":"value","Value":"192.0.2.1"}},"StartEndpoint":"e"}"#;
const MADE: [(&str, usize); 20] = [
    ("VPN connections", 1),
    ("transit gateway Connect attachments", 1),
    ("transit gateway Connect peers", 1),
    ("transit gateway multicast domains", 1),
    ("transit gateway policy tables", 1),
    ("route servers", 1),
    ("IPAM resource discoveries", 1),
    ("permissions for network interfaces", 1),
    ("notifications of endpoints", 1),
    ("event windows of instances", 2),
    ("Spot Instance requests", 1),
    ("launch configurations", 1),
    ("Auto Scaling groups", 1),
    ("hosted zones", 1),
    ("traffic policies", 1),
    ("CIDR collections", 1),
    ("parameter groups", 1),
    ("option groups", 1),
    ("parameters of Systems Manager", 1),
    ("log groups", 1),
];

/// A cloud and the account and Region whose resources are made.
struct Maker {
    model: Model,
    scope: Scope,
}

impl Maker {
    fn call(&mut self, service: &str, form: &str) -> String {
        let text = format!("Action={}", form.replace(' ', "%20"));
        self.written(Request::of_process_for(service, &self.scope, &text, NOW), form)
    }

    fn written(&mut self, request: Result<Request, Reply>, what: &str) -> String {
        let reply = request.and_then(|request| request.write(&mut self.model));
        let reply = reply.unwrap_or_else(|no| panic!("{what}: {}", no.body));
        self.model.finish_hosts();
        self.model.take_changes();
        reply.body
    }

    /// The text of an element in the reply of EC2.
    fn get(&mut self, form: &str, element: &str) -> String {
        let body = self.call("ec2", form);
        let inside = body.split_once(&format!("<{element}>")).and_then(|(_, rest)| rest.split_once('<'));
        inside.unwrap_or_else(|| panic!("{element} in {body}")).0.to_owned()
    }

    /// Sends a document to a service whose actions are in a header.
    fn tell(&mut self, service: &str, target: &str, body: &Json) {
        let body = body.to_string();
        let call = Call { method: "POST", path: "/", target: Some(target), body: &body, ..Call::default() };
        self.written(Request::of_process_call(service, &self.scope, &call, NOW), target);
    }

    /// Posts a document to Route 53.
    fn post(&mut self, path: &str, body: &str) -> String {
        let path = format!("/2013-04-01/{path}");
        let call = Call { method: "POST", path: &path, body, ..Call::default() };
        self.written(Request::of_process_call("route53", &self.scope, &call, NOW), &path)
    }

    /// A VPC with a subnet and an instance: their ids.
    fn network(&mut self) -> [String; 3] {
        let vpc = self.get("CreateVpc&CidrBlock=10.0.0.0/16", "vpcId");
        let subnet = self.get(&format!("CreateSubnet&VpcId={vpc}&CidrBlock=10.0.1.0/24"), "subnetId");
        let launch =
            format!("RunInstances&ImageId=ami-1a2b3c4d&MinCount=1&MaxCount=1&SubnetId={subnet}&ClientToken=once");
        [vpc, subnet.clone(), self.get(&launch, "instanceId")]
    }

    fn transit(&mut self, vpc: &str, subnet: &str) {
        let create =
            "CreateTransitGateway&Options.MulticastSupport=enable&Options.TransitGatewayCidrBlocks.1=10.20.30.0/24";
        let gateway = self.get(create, "transitGatewayId");
        let attach =
            format!("CreateTransitGatewayVpcAttachment&TransitGatewayId={gateway}&VpcId={vpc}&SubnetIds.1={subnet}");
        let attachment = self.get(&attach, "transitGatewayAttachmentId");
        let tagged = "TagSpecification.1.ResourceType=transit-gateway-attachment&TagSpecification.1.Tag.1.Key=Name&TagSpecification.1.Tag.1.Value=tunnels";
        let connect = format!(
            "CreateTransitGatewayConnect&TransportTransitGatewayAttachmentId={attachment}&Options.Protocol=gre&{tagged}"
        );
        let connect = self.get(&connect, "transitGatewayAttachmentId");
        self.call("ec2", &format!("CreateTransitGatewayConnectPeer&TransitGatewayAttachmentId={connect}&PeerAddress=10.0.1.20&InsideCidrBlocks.1=169.254.6.0/29&BgpOptions.PeerAsn=65001"));
        let domain = format!(
            "CreateTransitGatewayMulticastDomain&TransitGatewayId={gateway}&Options.StaticSourcesSupport=enable"
        );
        let domain = self.get(&domain, "transitGatewayMulticastDomainId");
        let of = format!("TransitGatewayMulticastDomainId={domain}");
        self.call("ec2", &format!("AssociateTransitGatewayMulticastDomain&{of}&TransitGatewayAttachmentId={attachment}&SubnetIds.1={subnet}"));
        let member = self.get(&format!("CreateNetworkInterface&SubnetId={subnet}"), "networkInterfaceId");
        for kind in ["Members", "Sources"] {
            self.call("ec2", &format!("RegisterTransitGatewayMulticastGroup{kind}&{of}&GroupIpAddress=224.0.1.1&NetworkInterfaceIds.1={member}"));
        }
        let routes = self.get("DescribeTransitGateways", "associationDefaultRouteTableId");
        let table = self
            .get(&format!("CreateTransitGatewayPolicyTable&TransitGatewayId={gateway}"), "transitGatewayPolicyTableId");
        self.call("ec2", &format!("CreateTransitGatewayPolicyTableEntry&TransitGatewayPolicyTableId={table}&PolicyRuleNumber=3&PolicyRule.Protocol=6&TargetRouteTableId={routes}"));
        self.call("ec2", &format!("AssociateTransitGatewayPolicyTable&TransitGatewayPolicyTableId={table}&TransitGatewayAttachmentId={attachment}"));
        let site =
            self.get("CreateCustomerGateway&Type=ipsec.1&PublicIp=203.0.113.9&BgpAsn=65010", "customerGatewayId");
        let tunnel = "Options.TunnelOptions.1";
        self.call("ec2", &format!("CreateVpnConnection&Type=ipsec.1&CustomerGatewayId={site}&TransitGatewayId={gateway}&{tunnel}.TunnelInsideCidr=169.254.44.0/30&{tunnel}.StartupAction=start&{tunnel}.DPDTimeoutSeconds=40"));
    }

    fn route_server(&mut self, vpc: &str, subnet: &str) {
        let server = self
            .get("CreateRouteServer&AmazonSideAsn=65200&PersistRoutes=enable&PersistRoutesDuration=2", "routeServerId");
        self.call("ec2", &format!("AssociateRouteServer&RouteServerId={server}&VpcId={vpc}"));
        let table = self.get(&format!("CreateRouteTable&VpcId={vpc}"), "routeTableId");
        self.call("ec2", &format!("EnableRouteServerPropagation&RouteServerId={server}&RouteTableId={table}"));
        let endpoint = self.get(
            &format!("CreateRouteServerEndpoint&RouteServerId={server}&SubnetId={subnet}"),
            "routeServerEndpointId",
        );
        self.call("ec2", &format!("CreateRouteServerPeer&RouteServerEndpointId={endpoint}&PeerAddress=10.0.1.30&BgpOptions.PeerAsn=65300&BgpOptions.PeerLivenessDetection=bfd"));
    }

    fn settings(&mut self, vpc: &str, subnet: &str, instance: &str) {
        let discovery = self.get("CreateIpamResourceDiscovery&Description=branch", "ipamResourceDiscoveryId");
        let ipam = self.get("CreateIpam", "ipamId");
        self.call("ec2", &format!("AssociateIpamResourceDiscovery&IpamId={ipam}&IpamResourceDiscoveryId={discovery}"));
        let interface = self.get(&format!("CreateNetworkInterface&SubnetId={subnet}"), "networkInterfaceId");
        self.call("ec2", &format!("CreateNetworkInterfacePermission&NetworkInterfaceId={interface}&AwsAccountId=999988887777&Permission=INSTANCE-ATTACH"));
        let endpoint = self.get(
            &format!("CreateVpcEndpoint&VpcId={vpc}&ServiceName=com.amazonaws.{}.s3", self.scope.region),
            "vpcEndpointId",
        );
        self.call("ec2", &format!("CreateVpcEndpointConnectionNotification&VpcEndpointId={endpoint}&ConnectionEvents.1=Accept&ConnectionNotificationArn=arn:aws:sns:us-east-1:111122223333:told"));
        self.call("ec2", &format!("ModifyVpcAttribute&VpcId={vpc}&EnableNetworkAddressUsageMetrics.Value=true"));
        let allocation = self.get("AllocateAddress&Domain=vpc", "allocationId");
        self.call("ec2", &format!("ModifyAddressAttribute&AllocationId={allocation}&DomainName=mail.example.com"));
        self.call("ec2", "CreateInstanceEventWindow&Name=late&CronExpression=* 21-23 * * 2");
        let window = self.get("CreateInstanceEventWindow&Name=nights&TimeRange.1.StartWeekDay=monday&TimeRange.1.StartHour=2&TimeRange.1.EndWeekDay=monday&TimeRange.1.EndHour=8", "instanceEventWindowId");
        self.call(
            "ec2",
            &format!(
                "AssociateInstanceEventWindow&InstanceEventWindowId={window}&AssociationTarget.InstanceId.1={instance}"
            ),
        );
        self.call("ec2", &format!("RequestSpotInstances&SpotPrice=0.05&LaunchSpecification.ImageId=ami-1a2b3c4d&LaunchSpecification.InstanceType=m3.medium&LaunchSpecification.SubnetId={subnet}"));
    }

    fn services(&mut self, subnet: &str) {
        self.call(
            "rds",
            "CreateOptionGroup&OptionGroupName=fast&EngineName=mysql&MajorEngineVersion=5.7&OptionGroupDescription=x",
        );
        self.call("rds", "ModifyOptionGroup&OptionGroupName=fast&OptionsToInclude.OptionConfiguration.1.OptionName=MEMCACHED&OptionsToInclude.OptionConfiguration.1.Port=11222");
        self.call(
            "rds",
            "CreateDBParameterGroup&DBParameterGroupName=own&DBParameterGroupFamily=mysql5.7&Description=x",
        );
        let listener = "Listeners.member.1";
        self.call("elasticloadbalancing", &format!("CreateLoadBalancer&LoadBalancerName=front&{listener}.Protocol=TCP&{listener}.LoadBalancerPort=80&{listener}.InstanceProtocol=TCP&{listener}.InstancePort=8080&Scheme=internal&Subnets.member.1={subnet}&Tags.member.1.Key=team&Tags.member.1.Value=shop"));
        let of = "LoadBalancerName=front";
        self.call("elasticloadbalancing", &format!("ModifyLoadBalancerAttributes&{of}&LoadBalancerAttributes.CrossZoneLoadBalancing.Enabled=true&LoadBalancerAttributes.ConnectionSettings.IdleTimeout=99"));
        self.call("elasticloadbalancing", &format!("CreateLoadBalancerPolicy&{of}&PolicyName=proxy&PolicyTypeName=ProxyProtocolPolicyType&PolicyAttributes.member.1.AttributeName=ProxyProtocol&PolicyAttributes.member.1.AttributeValue=true"));
        self.call(
            "elasticloadbalancing",
            &format!("SetLoadBalancerPoliciesForBackendServer&{of}&InstancePort=8080&PolicyNames.member.1=proxy"),
        );
        self.call(
            "autoscaling",
            "CreateLaunchConfiguration&LaunchConfigurationName=plain&ImageId=ami-1a2b3c4d&InstanceType=m3.medium",
        );
        self.call("autoscaling", &format!("CreateAutoScalingGroup&AutoScalingGroupName=a/group&LaunchConfigurationName=plain&MinSize=0&MaxSize=2&VPCZoneIdentifier={subnet}"));
        self.call("autoscaling", "PutLifecycleHook&AutoScalingGroupName=a/group&LifecycleHookName=wait&LifecycleTransition=autoscaling:EC2_INSTANCE_TERMINATING&HeartbeatTimeout=600&DefaultResult=CONTINUE");
        let kinds = "NotificationTypes.member.1=autoscaling:EC2_INSTANCE_LAUNCH&NotificationTypes.member.2=autoscaling:EC2_INSTANCE_TERMINATE";
        self.call("autoscaling", &format!("PutNotificationConfiguration&AutoScalingGroupName=a/group&TopicARN=arn:aws:sns:us-west-2:111122223333:told&{kinds}"));
    }

    /// A snapshot that another account may use, and an image that everybody may launch.
    fn shared(&mut self) {
        let zone = format!("{}a", self.scope.region);
        let volume = self.get(&format!("CreateVolume&Size=8&AvailabilityZone={zone}"), "volumeId");
        let snapshot = self.get(&format!("CreateSnapshot&VolumeId={volume}"), "snapshotId");
        self.call(
            "ec2",
            &format!("ModifySnapshotAttribute&SnapshotId={snapshot}&CreateVolumePermission.Add.1.UserId=999988887777"),
        );
        let register = format!(
            "RegisterImage&Name=own&RootDeviceName=/dev/sda1&BlockDeviceMapping.1.DeviceName=/dev/sda1&BlockDeviceMapping.1.Ebs.SnapshotId={snapshot}"
        );
        let image = self.get(&register, "imageId");
        self.call("ec2", &format!("ModifyImageAttribute&ImageId={image}&LaunchPermission.Add.1.UserId=999988887777&LaunchPermission.Add.2.Group=all"));
    }

    fn zones(&mut self) {
        let tag = |body: &str, element: &str| {
            let (_, rest) = body.split_once(&format!("<{element}>")).unwrap_or_else(|| panic!("{element} in {body}"));
            rest.split_once('<').unwrap_or_default().0.rsplit('/').next().unwrap_or_default().to_owned()
        };
        let set = self.post("delegationset", "<R><CallerReference>d</CallerReference></R>");
        let set = tag(&set, "Id");
        let zone = format!(
            "<R><Name>example.org</Name><CallerReference>z</CallerReference><DelegationSetId>{set}</DelegationSetId></R>"
        );
        let zone = tag(&self.post("hostedzone", &zone), "Id");
        let policy = self.post(
            "trafficpolicy",
            &format!("<R><Name>p</Name><Document>{DOCUMENT}</Document><Comment>one</Comment></R>"),
        );
        let policy = tag(&policy, "Id");
        self.post(
            &format!("trafficpolicy/{policy}"),
            &format!("<R><Document>{DOCUMENT}</Document><Comment>two</Comment></R>"),
        );
        self.post("trafficpolicyinstance", &format!("<R><HostedZoneId>{zone}</HostedZoneId><Name>p.example.org</Name><TTL>60</TTL><TrafficPolicyId>{policy}</TrafficPolicyId><TrafficPolicyVersion>1</TrafficPolicyVersion></R>"));
        let collection = self.post("cidrcollection", "<R><Name>offices</Name><CallerReference>c</CallerReference></R>");
        let collection = tag(&collection, "Id");
        self.post(&format!("cidrcollection/{collection}"), "<R><Changes><member><LocationName>home</LocationName><Action>PUT</Action><CidrList><Cidr>198.51.100.0/24</Cidr></CidrList></member></Changes></R>");
    }

    fn documents(&mut self) {
        for value in ["10.0.0.0/16", "10.0.1.0/24"] {
            let parameter = json!({"Name": "/net/block", "Type": "String", "Value": value, "Overwrite": true});
            self.tell("ssm", "AmazonSSM.PutParameter", &parameter);
        }
        self.tell("logs", "Logs_20140328.CreateLogGroup", &json!({"logGroupName": "flows"}));
        let kept = json!({"logGroupName": "flows", "retentionInDays": 7});
        self.tell("logs", "Logs_20140328.PutRetentionPolicy", &kept);
    }

    /// One of each kind that has a Region.
    fn region(&mut self) {
        let [vpc, subnet, instance] = self.network();
        self.transit(&vpc, &subnet);
        self.route_server(&vpc, &subnet);
        self.settings(&vpc, &subnet, &instance);
        self.services(&subnet);
        self.shared();
        self.documents();
    }
}

fn scope(account: &str, region: &str) -> Scope {
    Scope { account: account.into(), region: region.into() }
}

/// Imports what a cloud exports, and exports it again.
fn again(model: &Model) -> (Vec<File>, Vec<File>, crate::import::Imported) {
    let files = exported(model);
    let mut other = Model::new(7);
    let told = import(&mut other, Export::of(&files).unwrap(), NOW).unwrap();
    other.finish_hosts();
    (files, exported(&other), told)
}

fn assert_same(files: &[File], again: &[File]) {
    let paths = |files: &[File]| files.iter().map(|file| file.path.clone()).collect::<Vec<_>>();
    assert_eq!(paths(files), paths(again));
    for (file, again) in files.iter().zip(again) {
        assert_eq!(pretty(&file.content), pretty(&again.content), "{}", file.path.display());
    }
}

fn pretty(json: &Json) -> String {
    serde_json::to_string_pretty(json).unwrap()
}

#[test]
fn every_kind_comes_back() {
    let mut cloud = Maker { model: Model::new(3), scope: scope("111122223333", "us-west-2") };
    cloud.region();
    cloud.zones();
    let (files, again, told) = again(&cloud.model);
    assert_eq!(told.left_out, Vec::<String>::new());
    for (kind, count) in MADE {
        assert_eq!(told.counts.iter().find(|(what, _)| what == kind), Some(&(kind.to_owned(), count)));
    }
    assert_same(&files, &again);
}

#[test]
fn two_accounts_and_two_regions_come_back() {
    let mut cloud = Maker { model: Model::new(4), scope: scope("111122223333", "us-west-2") };
    for (account, region) in
        [("111122223333", "us-west-2"), ("111122223333", "eu-west-1"), ("444455556666", "us-west-2")]
    {
        cloud.scope = scope(account, region);
        cloud.region();
    }
    let (files, again, told) = again(&cloud.model);
    assert_eq!(told.left_out, Vec::<String>::new());
    assert_same(&files, &again);
}

#[test]
fn what_is_gone_or_refers_to_nothing_is_left_out_by_name() {
    let files = [json!({
        "TransitGatewayConnects": [{"TransitGatewayAttachmentId": "tgw-attach-1a2b3c4d", "State": "deleted"}],
        "RouteServers": [{"RouteServerId": "rs-1a2b3c4d", "AmazonSideAsn": 65000, "State": "available"}],
        "RouteServerEndpoints": [{"RouteServerEndpointId": "rse-1a2b3c4d", "RouteServerId": "rs-1a2b3c4d", "EniId": "eni-1a2b3c4d"}],
        "SpotInstanceRequests": [{"SpotInstanceRequestId": "sir-1a2b3c4d", "State": "open"}],
        "InstanceEventWindows": [{"InstanceEventWindowId": "vpc-1a2b3c4d", "CronExpression": "* * * * *"}],
    })];
    let files = files.map(|content| File { path: "x.json".into(), content });
    let mut model = Model::new(7);
    let told = import(&mut model, Export::of(&files).unwrap(), NOW).unwrap();
    assert_eq!(model.route_servers.len(), 1);
    for part in [
        "tgw-attach-1a2b3c4d: CreateTransitGatewayConnect: it is deleted",
        "rse-1a2b3c4d: its network interface eni-1a2b3c4d is not in the files",
        "sir-1a2b3c4d: it is open, and its instance is not in the files",
        "vpc-1a2b3c4d: CreateInstanceEventWindow: it has no valid instance event window",
    ] {
        assert!(told.left_out.iter().any(|line| line == part), "{part} in {:?}", told.left_out);
    }
}

#[test]
fn what_the_files_do_not_have_is_left_out_by_name() {
    let mut cloud = Maker { model: Model::new(5), scope: scope("111122223333", "us-west-2") };
    cloud.call("ec2", "ModifyVpcBlockPublicAccessOptions&InternetGatewayBlockMode=block-ingress");
    assert_eq!(left_out(&cloud.model), Vec::<String>::new(), "there is a file for it");
    cloud.call("ec2", "EnableSnapshotBlockPublicAccess&State=block-all-sharing");
    cloud.call("iam", "CreateAccountAlias&AccountAlias=shop");
    cloud.tell("logs", "Logs_20140328.CreateLogGroup", &json!({"logGroupName": "flows", "tags": {"team": "shop"}}));
    let parts = [
        "1 Regions' settings of EC2",
        "1 tags of services' groups, caches, parameters and log groups",
        "1 accounts' aliases and password policies",
    ];
    assert_eq!(left_out(&cloud.model), parts);
}
