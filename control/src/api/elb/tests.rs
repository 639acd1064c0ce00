//! The service over its wire.

mod policies;

use crate::api::tests::{Cloud, first, texts};
use crate::balancer::configuration::{Health, Report, Verdict};

const VERSION: &str = "Version=2012-06-01";
const LISTENER: &str =
    "Listeners.member.1.Protocol=HTTP&Listeners.member.1.LoadBalancerPort=80&Listeners.member.1.InstancePort=8080";
const ZONES: &str = "AvailabilityZones.member.1=us-east-1a&AvailabilityZones.member.2=us-east-1b";

impl Cloud {
    fn elb(&mut self, action: &str) -> Result<String, &'static str> {
        self.ask(&format!("Action={action}&{VERSION}"))
    }

    /// A load balancer `web` in EC2-Classic.
    fn classic_balancer(&mut self) {
        self.elb(&format!("CreateLoadBalancer&LoadBalancerName=web&{LISTENER}&{ZONES}")).unwrap();
    }

    /// A VPC that is enabled for ClassicLink, with a subnet in the first zone and a load balancer `inside` there.
    fn vpc_balancer(&mut self) -> (String, String) {
        let vpc = self.vpc("192.168.0.0/16");
        let subnet = self.subnet(&vpc, "192.168.1.0/24");
        self.ask(&format!("Action=EnableVpcClassicLink&VpcId={vpc}")).unwrap();
        let create = "CreateLoadBalancer&LoadBalancerName=inside&Scheme=internal";
        self.elb(&format!("{create}&{LISTENER}&Subnets.member.1={subnet}")).unwrap();
        (vpc, subnet)
    }

    fn classic_in(&mut self, zone: &str) -> String {
        let run = "Action=RunInstances&ImageId=ami-1a2b3c4d&InstanceType=m1.small&MinCount=1&MaxCount=1";
        self.get(&format!("{run}&Placement.AvailabilityZone={zone}"), "instanceId")
    }

    fn link(&mut self, instance: &str, vpc: &str) {
        let group =
            self.model.security_groups.iter().find(|group| group.vpc.as_deref() == Some(vpc)).unwrap().id.clone();
        let link = format!("Action=AttachClassicLinkVpc&InstanceId={instance}&VpcId={vpc}&SecurityGroupId.1={group}");
        self.ask(&link).unwrap();
    }

    fn register(&mut self, balancer: &str, instance: &str) -> Result<String, &'static str> {
        let instances = format!("Instances.member.1.InstanceId={instance}");
        self.elb(&format!("RegisterInstancesWithLoadBalancer&LoadBalancerName={balancer}&{instances}"))
    }

    /// What the balancer of a zone says of an instance.
    fn seen(&mut self, balancer: &str, zone: &str, instance: &str, verdict: Verdict) {
        let report = Report::from([(instance.to_owned(), Health { verdict, failure: None })]);
        self.model.note_health(&format!("111122223333/us-east-1/{balancer}"), zone, &report);
    }

    /// State, reason and description.
    fn health(&mut self, balancer: &str, instance: &str) -> [String; 3] {
        let named = format!("Instances.member.1.InstanceId={instance}");
        let body = self.elb(&format!("DescribeInstanceHealth&LoadBalancerName={balancer}&{named}")).unwrap();
        ["State", "ReasonCode", "Description"].map(|element| first(&body, element).unwrap())
    }

    fn instances_of(&mut self, balancer: &str) -> Vec<String> {
        let body = self.elb(&format!("DescribeInstanceHealth&LoadBalancerName={balancer}")).unwrap();
        texts(&body, "InstanceId")
    }
}

#[test]
fn a_load_balancer_of_classic_is_described_as_it_was_made() {
    let mut cloud = Cloud::new();
    let made = cloud.elb(&format!("CreateLoadBalancer&LoadBalancerName=web&{LISTENER}&{ZONES}")).unwrap();
    let name = first(&made, "DNSName").unwrap();
    assert!(name.starts_with("web-") && name.ends_with(".us-east-1.elb.amazonaws.com"), "{name}");
    let again = cloud.elb(&format!("CreateLoadBalancer&LoadBalancerName=web&{LISTENER}&{ZONES}")).unwrap();
    assert_eq!(first(&again, "DNSName"), Some(name.clone()), "the same request again changes nothing");
    let described = cloud.elb("DescribeLoadBalancers&LoadBalancerNames.member.1=web").unwrap();
    for (element, text) in [
        ("DNSName", name.as_str()),
        ("InstanceProtocol", "HTTP"),
        ("InstancePort", "8080"),
        ("Target", "TCP:8080"),
        ("OwnerAlias", "amazon-elb"),
        ("GroupName", "amazon-elb-sg"),
        ("Scheme", "internet-facing"),
        ("CanonicalHostedZoneNameID", "Z35SXDOTRQ7X7K"),
    ] {
        assert_eq!(first(&described, element).as_deref(), Some(text), "{element}");
    }
    assert!(described.contains("<AvailabilityZones><member>us-east-1a</member><member>us-east-1b</member>"));
    assert!(described.contains("<Subnets/>") && !described.contains("<VPCId>"));
    cloud.elb("DeleteLoadBalancer&LoadBalancerName=web").unwrap();
    cloud.elb("DeleteLoadBalancer&LoadBalancerName=web").unwrap();
    assert_eq!(cloud.elb("DescribeLoadBalancers&LoadBalancerNames.member.1=web"), Err("LoadBalancerNotFound"));
}

#[test]
fn one_in_a_vpc_has_subnets_groups_and_a_gateway_unless_it_is_internal() {
    let mut cloud = Cloud::new();
    let vpc = cloud.vpc("192.168.0.0/16");
    let subnet = cloud.subnet(&vpc, "192.168.1.0/24");
    let facing = format!("CreateLoadBalancer&LoadBalancerName=web&{LISTENER}&Subnets.member.1={subnet}");
    assert_eq!(cloud.elb(&facing), Err("InvalidSubnet"));
    let internal = facing.replace("=web", "=inside") + "&Scheme=internal";
    let name = first(&cloud.elb(&internal).unwrap(), "DNSName").unwrap();
    assert!(name.starts_with("internal-inside-"), "{name}");
    cloud.gateway(&vpc);
    cloud.elb(&facing).unwrap();
    let described = cloud.elb("DescribeLoadBalancers&LoadBalancerNames.member.1=inside").unwrap();
    assert_eq!(first(&described, "VPCId"), Some(vpc.clone()));
    assert_eq!(
        [first(&described, "GroupName"), first(&described, "Scheme")],
        [Some("default".into()), Some("internal".into())]
    );
    let group =
        cloud.get(&format!("Action=CreateSecurityGroup&VpcId={vpc}&GroupName=lb&GroupDescription=lb"), "groupId");
    let apply = "ApplySecurityGroupsToLoadBalancer&SecurityGroups.member.1";
    cloud.elb(&format!("{apply}={group}&LoadBalancerName=inside")).unwrap();
    assert_eq!(cloud.elb(&format!("{apply}=sg-11111111&LoadBalancerName=inside")), Err("InvalidSecurityGroup"));
    let elsewhere = cloud.vpc("172.20.0.0/16");
    let shared = format!("Action=CreateSecurityGroup&VpcId={elsewhere}&GroupName=shared&GroupDescription=x");
    let shared = cloud.get(&shared, "groupId");
    let apply_shared = format!("{apply}={shared}&LoadBalancerName=inside");
    assert_eq!(cloud.elb(&apply_shared), Err("InvalidSecurityGroup"));
    cloud.ask(&format!("Action=AssociateSecurityGroupVpc&GroupId={shared}&VpcId={vpc}")).unwrap();
    cloud.elb(&apply_shared).unwrap();
    let create = format!("Action=CreateSubnet&VpcId={vpc}&CidrBlock=192.168.2.0/24&AvailabilityZone=us-east-1b");
    let other = cloud.get(&create, "subnetId");
    let attach = format!("AttachLoadBalancerToSubnets&LoadBalancerName=inside&Subnets.member.1={other}");
    assert_eq!(texts(&cloud.elb(&attach).unwrap(), "member"), [subnet.clone(), other.clone()]);
    let same = cloud.subnet(&vpc, "192.168.3.0/24");
    assert_eq!(cloud.elb(&attach.replace(&other, &same)), Err("InvalidConfigurationRequest"), "one a zone");
    let detach =
        |subnet: &str| format!("DetachLoadBalancerFromSubnets&LoadBalancerName=inside&Subnets.member.1={subnet}");
    assert_eq!(texts(&cloud.elb(&detach(&subnet)).unwrap(), "member"), std::slice::from_ref(&other));
    assert_eq!(cloud.elb(&detach(&other)), Err("InvalidConfigurationRequest"), "the last stays");
    let enable = "EnableAvailabilityZonesForLoadBalancer&LoadBalancerName=inside&AvailabilityZones.member.1=us-east-1c";
    assert_eq!(cloud.elb(enable), Err("InvalidConfigurationRequest"));
}

#[test]
fn without_classic_zones_mean_the_default_subnets_and_a_group_that_lets_clients_in() {
    let mut cloud = Cloud::new();
    cloud.region = "eu-central-1";
    let create = format!("CreateLoadBalancer&LoadBalancerName=web&{LISTENER}&AvailabilityZones.member.1=eu-central-1a");
    cloud.elb(&create).unwrap();
    let described = cloud.elb("DescribeLoadBalancers").unwrap();
    assert!(first(&described, "GroupName").unwrap().starts_with("default_elb_"));
    assert_eq!(first(&described, "CanonicalHostedZoneNameID").as_deref(), Some("Z215JYRZR1TBD5"));
    let enable = "EnableAvailabilityZonesForLoadBalancer&LoadBalancerName=web&AvailabilityZones.member.1=eu-central-1b";
    assert_eq!(texts(&cloud.elb(enable).unwrap(), "member"), ["eu-central-1a", "eu-central-1b"]);
    let described = cloud.elb("DescribeLoadBalancers").unwrap();
    assert_eq!(texts(&described, "member").iter().filter(|text| text.starts_with("subnet-")).count(), 2);
}

/// M38: the VPC must have a subnet in the zone of a linked instance, be the load balancer in that zone or not.
#[test]
fn a_linked_instance_may_be_registered_where_the_vpc_has_a_subnet_in_its_zone() {
    let mut cloud = Cloud::new();
    let (vpc, _) = cloud.vpc_balancer();
    let [here, there] = ["us-east-1a", "us-east-1b"].map(|zone| cloud.classic_in(zone));
    assert_eq!(cloud.register("inside", &here), Err("InvalidInstance"), "it is not linked");
    cloud.link(&here, &vpc);
    cloud.link(&there, &vpc);
    cloud.register("inside", &here).unwrap();
    let refusal = cloud.refusal(&format!(
        "Action=RegisterInstancesWithLoadBalancer&{VERSION}&LoadBalancerName=inside&Instances.member.1.InstanceId={there}"
    ));
    assert!(first(&refusal, "Message").unwrap().contains("has no subnet"), "{refusal}");
    let create = format!("Action=CreateSubnet&VpcId={vpc}&CidrBlock=192.168.2.0/24&AvailabilityZone=us-east-1b");
    let subnet = cloud.get(&create, "subnetId");
    cloud.register("inside", &there).unwrap();
    let out = ["OutOfService", "ELB"];
    let health = cloud.health("inside", &there);
    assert_eq!(&health[..2], &out);
    assert!(health[2].contains("Availability Zone"), "the load balancer is not in that zone: {health:?}");
    cloud.elb(&format!("AttachLoadBalancerToSubnets&LoadBalancerName=inside&Subnets.member.1={subnet}")).unwrap();
    assert_eq!(cloud.health("inside", &there)[2], "Instance registration is still in progress.");
    cloud.seen("inside", "us-east-1b", &there, Verdict::InService);
    assert_eq!(cloud.health("inside", &there), ["InService", "N/A", "N/A"]);
    cloud.ask(&format!("Action=TerminateInstances&InstanceId.1={there}")).unwrap();
    assert_eq!(cloud.instances_of("inside"), [here], "a terminated one is deregistered");
}

#[test]
fn only_instances_of_the_same_network_are_registered() {
    let mut cloud = Cloud::new();
    let (vpc, subnet) = cloud.vpc_balancer();
    cloud.classic_balancer();
    let other = cloud.vpc("172.16.0.0/16");
    let other = cloud.subnet(&other, "172.16.1.0/24");
    let [inside, outside] = [&subnet, &other].map(|subnet| cloud.instance(Some(subnet)));
    let classic = cloud.classic_in("us-east-1a");
    assert_eq!(cloud.register("inside", &outside), Err("InvalidInstance"));
    assert_eq!(cloud.register("web", &inside), Err("InvalidInstance"));
    assert_eq!(cloud.register("inside", "i-11111111"), Err("InvalidInstance"));
    assert_eq!(cloud.register("inside", "x"), Err("InvalidInstance"));
    assert_eq!(cloud.register("tea", &inside), Err("LoadBalancerNotFound"));
    cloud.register("inside", &inside).unwrap();
    cloud.register("web", &classic).unwrap();
    let gone =
        format!("DeregisterInstancesFromLoadBalancer&LoadBalancerName=web&Instances.member.1.InstanceId={classic}");
    cloud.elb(&gone).unwrap();
    assert_eq!(cloud.health("web", &classic)[2], "Instance is not currently registered with the LoadBalancer.");
    assert_eq!(cloud.instances_of("inside"), [inside]);
    assert!(cloud.model.vpcs.get(&vpc).is_some());
}

#[test]
fn a_stopped_instance_is_out_and_one_of_classic_comes_back_only_when_it_is_registered_anew() {
    let mut cloud = Cloud::new();
    let (_, subnet) = cloud.vpc_balancer();
    cloud.classic_balancer();
    let (inside, classic) = (cloud.instance(Some(&subnet)), cloud.classic_in("us-east-1a"));
    for (balancer, instance) in [("inside", &inside), ("web", &classic)] {
        cloud.register(balancer, instance).unwrap();
        cloud.seen(balancer, "us-east-1a", instance, Verdict::InService);
        assert_eq!(cloud.health(balancer, instance)[0], "InService");
        cloud.ask(&format!("Action=StopInstances&InstanceId.1={instance}")).unwrap();
        assert_eq!(cloud.health(balancer, instance), ["OutOfService", "Instance", "Instance is in stopped state."]);
        assert_eq!(cloud.register(balancer, instance), Err("InvalidInstance"));
        cloud.ask(&format!("Action=StartInstances&InstanceId.1={instance}")).unwrap();
    }
    assert_eq!(cloud.health("inside", &inside)[0], "InService", "its address is the same");
    assert!(cloud.health("web", &classic)[2].contains("UnhealthyThreshold"));
    cloud.register("web", &classic).unwrap();
    assert_eq!(cloud.health("web", &classic)[2], "Instance registration is still in progress.");
    cloud.hosts_follow = false;
    let pending = cloud.instance(Some(&subnet));
    cloud.register("inside", &pending).unwrap();
    assert_eq!(cloud.health("inside", &pending), ["OutOfService", "Instance", "Instance is in pending state."]);
}

#[test]
fn health_is_told_in_the_apis_words() {
    let mut cloud = Cloud::new();
    cloud.classic_balancer();
    let instance = cloud.classic_in("us-east-1a");
    cloud.register("web", &instance).unwrap();
    cloud.seen("web", "us-east-1a", &instance, Verdict::Failing);
    assert!(cloud.health("web", &instance)[2].contains("UnhealthyThreshold"));
    cloud.seen("web", "us-east-1a", &instance, Verdict::Recovering);
    assert!(cloud.health("web", &instance)[2].contains("HealthyThreshold"));
    cloud.seen("web", "us-east-1b", &instance, Verdict::InService);
    assert_eq!(cloud.health("web", &instance)[0], "InService", "another zone's balancer reaches it");
}

#[test]
fn what_does_not_go_together_is_refused() {
    let mut cloud = Cloud::new();
    let create = |name: &str, listener: &str| format!("CreateLoadBalancer&LoadBalancerName={name}&{listener}&{ZONES}");
    let listener = |front: &str, port: &str, rest: &str| {
        format!(
            "Listeners.member.1.Protocol={front}&Listeners.member.1.LoadBalancerPort={port}&Listeners.member.1.InstancePort=80{rest}"
        )
    };
    for name in ["-web", "web-", "w_b", "internal-web", "a23456789012345678901234567890123"] {
        assert_eq!(cloud.elb(&create(name, LISTENER)), Err("ValidationError"), "{name}");
    }
    let certified = |arn: &str| format!("&Listeners.member.1.SSLCertificateId={arn}");
    let back = |protocol: &str| format!("&Listeners.member.1.InstanceProtocol={protocol}");
    for (listener, code) in [
        (listener("UDP", "80", ""), "ValidationError"),
        (listener("TCP", "0", ""), "ValidationError"),
        (listener("TCP", "81", ""), "InvalidConfigurationRequest"),
        (listener("HTTP", "80", &back("TCP")), "ValidationError"),
        (listener("HTTPS", "443", &back("HTTP")), "ValidationError"),
        (listener("SSL", "443", ""), "ValidationError"),
        (
            listener("SSL", "443", &certified("arn:aws:iam::111122223333:server-certificate/none")),
            "CertificateNotFound",
        ),
    ] {
        assert_eq!(cloud.elb(&create("web", &listener)), Err(code), "{listener}");
    }
    cloud.classic_balancer();
    assert_eq!(cloud.elb(&create("web", &listener("TCP", "80", ""))), Err("DuplicateLoadBalancerName"));
    let more = |listener: &str| format!("CreateLoadBalancerListeners&LoadBalancerName=web&{listener}");
    assert_eq!(cloud.elb(&more(&listener("TCP", "80", ""))), Err("DuplicateListener"));
    cloud.elb(&more(&listener("TCP", "8080", ""))).unwrap();
    cloud.elb(&more(&listener("TCP", "8080", ""))).unwrap();
    cloud.elb("DeleteLoadBalancerListeners&LoadBalancerName=web&LoadBalancerPorts.member.1=8080").unwrap();
    assert_eq!(texts(&cloud.elb("DescribeLoadBalancers").unwrap(), "LoadBalancerPort"), ["80"]);
    assert_eq!(cloud.elb(&format!("{}&Scheme=internal", create("x", LISTENER))), Err("InvalidScheme"));
    cloud.elb(&format!("{}&Scheme=internet-facing", create("open", LISTENER))).unwrap();
    assert_eq!(cloud.elb(&create("x", LISTENER).replace("1b", "1z")), Err("ValidationError"));
    assert_eq!(cloud.elb("CreateTea"), Err("InvalidAction"));
}

/// A certificate of its own that IAM has under a name.
fn upload(cloud: &mut Cloud, name: &str) -> String {
    let own = rcgen::generate_simple_self_signed(vec![format!("{name}.example.com")]).unwrap();
    let encoded =
        |text: &str| percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string();
    let (body, key) = (encoded(&own.cert.pem()), encoded(&own.signing_key.serialize_pem()));
    let parts = format!("ServerCertificateName={name}&CertificateBody={body}&PrivateKey={key}");
    cloud.get(&format!("Version=2010-05-08&Action=UploadServerCertificate&{parts}"), "Arn")
}

#[test]
fn tls_ends_at_a_listener_with_a_certificate_of_iam() {
    let mut cloud = Cloud::new();
    let (first_arn, second) = (upload(&mut cloud, "shop"), upload(&mut cloud, "shop-2"));
    assert_eq!(first_arn, "arn:aws:iam::111122223333:server-certificate/shop");
    let listener =
        "Listeners.member.1.Protocol=HTTPS&Listeners.member.1.LoadBalancerPort=443&Listeners.member.1.InstancePort=80";
    let create = format!("CreateLoadBalancer&LoadBalancerName=web&{listener}&{ZONES}");
    cloud.elb(&format!("{create}&Listeners.member.1.SSLCertificateId={first_arn}")).unwrap();
    let described = |cloud: &mut Cloud| cloud.elb("DescribeLoadBalancers").unwrap();
    let body = described(&mut cloud);
    assert_eq!(first(&body, "SSLCertificateId").unwrap(), first_arn);
    assert_eq!(first(&body, "InstanceProtocol").unwrap(), "HTTP");
    let told = |cloud: &Cloud| {
        let balancer = cloud.model.load_balancers.iter().next().unwrap();
        model::load_balancer::instructions(&cloud.model, balancer, "us-east-1a").unwrap().listeners.remove(0)
    };
    assert!(
        told(&cloud).certificate.is_some_and(|one| one.chain.contains("BEGIN CERT") && one.key.contains("PRIVATE"))
    );
    let iam = |action: &str| format!("Version=2010-05-08&Action={action}");
    assert_eq!(cloud.ask(&iam("DeleteServerCertificate&ServerCertificateName=shop")), Err("DeleteConflict"));
    let set = |arn: &str, port: u16| {
        format!(
            "SetLoadBalancerListenerSSLCertificate&LoadBalancerName=web&LoadBalancerPort={port}&SSLCertificateId={arn}"
        )
    };
    let before = told(&cloud);
    cloud.elb(&set(&second, 443)).unwrap();
    assert_ne!(told(&cloud).certificate, before.certificate);
    assert_eq!(cloud.elb(&set(&second, 444)), Err("ListenerNotFound"));
    assert_eq!(cloud.elb(&set("arn:aws:iam::111122223333:server-certificate/x", 443)), Err("CertificateNotFound"));
    cloud.ask(&iam("DeleteServerCertificate&ServerCertificateName=shop")).unwrap();
    // A certificate that is renamed stays the listener's.
    cloud.ask(&iam("UpdateServerCertificate&ServerCertificateName=shop-2&NewServerCertificateName=shop")).unwrap();
    assert_eq!(first(&described(&mut cloud), "SSLCertificateId").unwrap(), first_arn);
    assert!(told(&cloud).certificate.is_some());
}

#[test]
fn a_certificate_goes_with_its_key() {
    let mut cloud = Cloud::new();
    upload(&mut cloud, "one");
    let iam = |action: &str| format!("Version=2010-05-08&Action={action}");
    let listed = cloud.ask(&iam("ListServerCertificates")).unwrap();
    assert_eq!(texts(&listed, "ServerCertificateName"), ["one"]);
    assert!(first(&listed, "Expiration").unwrap().starts_with("4096-01-01"), "{listed}");
    let got = cloud.ask(&iam("GetServerCertificate&ServerCertificateName=one")).unwrap();
    assert!(got.contains("BEGIN CERTIFICATE") && !got.contains("PRIVATE KEY"), "{got}");
    assert!(got.contains("-----END CERTIFICATE-----</CertificateBody>"), "without the end of its line: {got}");
    let [one, other] = [(); 2].map(|()| rcgen::generate_simple_self_signed(vec!["x.example.com".into()]).unwrap());
    let encoded =
        |text: &str| percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string();
    let send = |cloud: &mut Cloud, name: &str, body: &str, key: &str| {
        let parts = format!("&CertificateBody={}&PrivateKey={}", encoded(body), encoded(key));
        cloud.ask(&iam(&format!("UploadServerCertificate&ServerCertificateName={name}{parts}")))
    };
    let (pem, own, others) = (one.cert.pem(), one.signing_key.serialize_pem(), other.signing_key.serialize_pem());
    assert_eq!(send(&mut cloud, "two", &pem, &others), Err("KeyPairMismatch"));
    assert_eq!(send(&mut cloud, "two", "tea", &own), Err("MalformedCertificate"));
    assert_eq!(send(&mut cloud, "two", &pem, "tea"), Err("MalformedCertificate"));
    assert_eq!(send(&mut cloud, "one", &pem, &own), Err("EntityAlreadyExists"));
    send(&mut cloud, "two", &pem, &own).unwrap();
    assert_eq!(cloud.ask(&iam("GetServerCertificate&ServerCertificateName=three")), Err("NoSuchEntity"));
    cloud.ask(&iam("DeleteServerCertificate&ServerCertificateName=two")).unwrap();
}

#[test]
fn health_checks_have_limits() {
    let mut cloud = Cloud::new();
    cloud.classic_balancer();
    let configure = |target: &str, interval: i32, timeout: i32, threshold: i32| {
        let thresholds = format!("HealthCheck.UnhealthyThreshold={threshold}&HealthCheck.HealthyThreshold={threshold}");
        let times = format!("HealthCheck.Interval={interval}&HealthCheck.Timeout={timeout}");
        format!("ConfigureHealthCheck&LoadBalancerName=web&HealthCheck.Target={target}&{times}&{thresholds}")
    };
    let configured = cloud.elb(&configure("HTTP:80/ping", 5, 2, 2)).unwrap();
    assert_eq!(first(&configured, "Target").unwrap(), "HTTP:80/ping");
    for bad in [
        configure("HTTP:80", 5, 2, 2),
        configure("HTTPS:443", 5, 2, 2),
        configure("TCP:80", 4, 2, 2),
        configure("TCP:80", 5, 5, 2),
        configure("TCP:80", 5, 2, 11),
        configure("TCP:80", 5, -2, 2),
    ] {
        assert_eq!(cloud.elb(&bad), Err("ValidationError"), "{bad}");
    }
}

#[test]
fn policies_come_and_go() {
    let mut cloud = Cloud::new();
    cloud.classic_balancer();
    let of = "LoadBalancerName=web";
    cloud.elb(&format!("CreateLBCookieStickinessPolicy&{of}&PolicyName=short&CookieExpirationPeriod=60")).unwrap();
    cloud.elb(&format!("CreateAppCookieStickinessPolicy&{of}&PolicyName=app&CookieName=session")).unwrap();
    assert_eq!(cloud.elb(&format!("CreateLBCookieStickinessPolicy&{of}&PolicyName=app")), Err("DuplicatePolicyName"));
    let proxy = "PolicyTypeName=ProxyProtocolPolicyType&PolicyAttributes.member.1.AttributeName=ProxyProtocol";
    let create = format!("CreateLoadBalancerPolicy&{of}&PolicyName=proxy&{proxy}");
    cloud.elb(&format!("{create}&PolicyAttributes.member.1.AttributeValue=true&PolicyAttributes=")).unwrap();
    let other = format!("CreateLoadBalancerPolicy&{of}&PolicyName=x&PolicyTypeName=TeaPolicyType");
    assert_eq!(cloud.elb(&other), Err("PolicyTypeNotFound"));
    let set = |policy: &str| format!("SetLoadBalancerPoliciesOfListener&{of}&LoadBalancerPort=80&PolicyNames{policy}");
    cloud.elb(&set(".member.1=short")).unwrap();
    assert_eq!(cloud.elb(&set(".member.1=tea")), Err("PolicyNotFound"));
    assert_eq!(cloud.elb(&set(".member.1=proxy")), Err("InvalidConfigurationRequest"));
    assert_eq!(cloud.elb(&set(".member.1=short&PolicyNames.member.2=app")), Err("InvalidConfigurationRequest"));
    let delete = format!("DeleteLoadBalancerPolicy&{of}&PolicyName=short");
    assert_eq!(cloud.elb(&delete), Err("InvalidConfigurationRequest"));
    let described = cloud.elb(&format!("DescribeLoadBalancerPolicies&{of}")).unwrap();
    assert_eq!(texts(&described, "AttributeValue"), ["session", "true", "60"]);
    cloud.elb(&set("=")).unwrap();
    cloud.elb(&delete).unwrap();
    let backend = |port: &str| {
        format!("SetLoadBalancerPoliciesForBackendServer&{of}&InstancePort={port}&PolicyNames.member.1=proxy")
    };
    cloud.elb(&backend("8080")).unwrap();
    cloud.elb(&backend("9")).unwrap();
    let described = cloud.elb("DescribeLoadBalancers").unwrap();
    assert!(texts(&described, "InstancePort").contains(&"9".to_owned()), "a port may have policies before a listener");
    cloud.elb(&format!("CreateLBCookieStickinessPolicy&{of}&PolicyName=session")).unwrap();
    let described = cloud.elb("DescribeLoadBalancers").unwrap();
    assert_eq!(first(&described, "CookieExpirationPeriod").as_deref(), Some("0"), "as long as the browser runs");
    let described = cloud.elb(&format!("DescribeLoadBalancerPolicies&{of}&PolicyNames.member.1=session")).unwrap();
    assert_eq!(texts(&described, "AttributeValue"), ["0"]);
    let types = cloud.elb("DescribeLoadBalancerPolicyTypes").unwrap();
    assert_eq!(texts(&types, "PolicyTypeName").len(), 6);
}

#[test]
fn attributes_are_kept() {
    let mut cloud = Cloud::new();
    cloud.classic_balancer();
    let modify = |attributes: &str| {
        format!(
            "ModifyLoadBalancerAttributes&LoadBalancerName=web&{}",
            attributes.replace('@', "LoadBalancerAttributes.")
        )
    };
    let all = "@CrossZoneLoadBalancing.Enabled=true&@ConnectionDraining.Enabled=true&@ConnectionDraining.Timeout=9\
               &@ConnectionSettings.IdleTimeout=7&@AccessLog.Enabled=false";
    cloud.elb(&modify(all)).unwrap();
    let described = cloud.elb("DescribeLoadBalancerAttributes&LoadBalancerName=web").unwrap();
    assert_eq!(texts(&described, "Enabled"), ["true", "false", "true"]);
    assert_eq!([first(&described, "Timeout"), first(&described, "IdleTimeout")], [Some("9".into()), Some("7".into())]);
    let drained = cloud.elb(&modify("@ConnectionDraining.Enabled=true")).unwrap();
    assert_eq!(first(&drained, "Timeout").as_deref(), Some("9"), "a timeout that is not sent is kept");
    let bad = "InvalidConfigurationRequest";
    assert_eq!(cloud.elb(&modify("@ConnectionSettings.IdleTimeout=4001")), Err(bad));
    assert_eq!(cloud.elb(&modify("@AccessLog.Enabled=true")), Err(bad), "without a bucket");
    assert_eq!(
        cloud.elb(&modify("@AccessLog.Enabled=true&@AccessLog.S3BucketName=b&@AccessLog.EmitInterval=7")),
        Err(bad)
    );
    let logged = cloud.elb(&modify("@AccessLog.Enabled=true&@AccessLog.S3BucketName=b")).unwrap();
    let log = ["Enabled", "S3BucketName", "EmitInterval"].map(|name| logged.contains(&format!("<{name}>")));
    assert_eq!((log, first(&logged, "EmitInterval").as_deref()), ([true; 3], Some("60")));
    assert!(logged.contains("<S3BucketPrefix></S3BucketPrefix>") || logged.contains("<S3BucketPrefix/>"), "{logged}");
    let off =
        cloud.elb(&modify("@AccessLog.Enabled=false&@AccessLog.S3BucketName=b&@AccessLog.EmitInterval=5")).unwrap();
    assert_eq!(
        (first(&off, "S3BucketName").as_deref(), first(&off, "EmitInterval").as_deref()),
        (Some("b"), Some("5"))
    );
    assert_eq!(texts(&off, "Enabled")[1], "false");
    let other = modify("@AdditionalAttributes.member.1.Key=tea&@AdditionalAttributes.member.1.Value=1");
    assert_eq!(cloud.elb(&other), Err("LoadBalancerAttributeNotFound"));
}

#[test]
fn there_are_tags_and_pages() {
    let mut cloud = Cloud::new();
    for name in ["c", "a", "b"] {
        cloud.elb(&format!("CreateLoadBalancer&LoadBalancerName={name}&{LISTENER}&{ZONES}")).unwrap();
    }
    let page = cloud.elb("DescribeLoadBalancers&PageSize=2").unwrap();
    assert_eq!(texts(&page, "LoadBalancerName"), ["a", "b"]);
    let marker = first(&page, "NextMarker").unwrap();
    let next = cloud.elb(&format!("DescribeLoadBalancers&PageSize=2&Marker={marker}")).unwrap();
    assert_eq!((texts(&next, "LoadBalancerName"), first(&next, "NextMarker")), (vec!["c".to_owned()], None));
    assert_eq!(cloud.elb("DescribeLoadBalancers&PageSize=0"), Err("ValidationError"));
    let tag = |tags: &str| format!("AddTags&LoadBalancerNames.member.1=a&{}", tags.replace('@', "Tags.member."));
    cloud.elb(&tag("@1.Key=team&@1.Value=red&@2.Key=empty&@2.Value=")).unwrap();
    assert_eq!(cloud.elb(&tag("@1.Key=x&@2.Key=x")), Err("DuplicateTagKeys"));
    cloud.elb("RemoveTags&LoadBalancerNames.member.1=a&Tags.member.1.Key=empty").unwrap();
    let described = cloud.elb("DescribeTags&LoadBalancerNames.member.1=a").unwrap();
    assert_eq!(
        (texts(&described, "Key"), texts(&described, "Value")),
        (vec!["team".to_owned()], vec!["red".to_owned()])
    );
}

#[test]
fn a_group_of_classic_may_name_the_load_balancers() {
    let mut cloud = Cloud::new();
    let group = cloud.get("Action=CreateSecurityGroup&GroupName=web&GroupDescription=web", "groupId");
    let rule = "IpPermissions.1.IpProtocol=tcp&IpPermissions.1.FromPort=80&IpPermissions.1.ToPort=80";
    let named = "IpPermissions.1.Groups.1.UserId=amazon-elb&IpPermissions.1.Groups.1.GroupName=amazon-elb-sg";
    cloud.ask(&format!("Action=AuthorizeSecurityGroupIngress&GroupId={group}&{rule}&{named}")).unwrap();
    let described = cloud.ask(&format!("Action=DescribeSecurityGroups&GroupId.1={group}")).unwrap();
    assert!(described.contains("<userId>amazon-elb</userId>"), "{described}");
    assert!(described.contains("<groupName>amazon-elb-sg</groupName>"), "{described}");
    cloud.ask(&format!("Action=RevokeSecurityGroupIngress&GroupId={group}&{rule}&{named}")).unwrap();
}

#[test]
fn the_second_generation_is_refused_by_name() {
    let mut cloud = Cloud::new();
    let refusal = cloud.refusal("Action=DescribeLoadBalancers&Version=2015-12-01");
    assert!(first(&refusal, "Message").unwrap().contains("elbv2"), "{refusal}");
}

impl Cloud {
    /// The hosts of a load balancer that are on: zone and whether its name leads there.
    fn hosts(&self, balancer: &str) -> Vec<(String, bool)> {
        let resource = format!("111122223333/us-east-1/{balancer}");
        let hosts = self.model.managed_hosts.iter().filter(|host| host.owner.resource == resource && host.is_on());
        hosts.map(|host| (host.zone.clone(), !host.names.is_empty())).collect()
    }

    fn interfaces(&mut self) -> Vec<String> {
        self.all(
            "Action=DescribeNetworkInterfaces&Filter.1.Name=requester-id&Filter.1.Value.1=amazon-elb",
            "description",
        )
    }
}

#[test]
fn a_host_in_each_zone_comes_and_goes_with_the_load_balancer() {
    let mut cloud = Cloud::new();
    let (vpc, _) = cloud.vpc_balancer();
    assert_eq!(
        (cloud.hosts("inside"), cloud.interfaces()),
        (vec![("us-east-1a".into(), true)], vec!["ELB inside".into()])
    );
    let create = format!("Action=CreateSubnet&VpcId={vpc}&CidrBlock=192.168.2.0/24&AvailabilityZone=us-east-1b");
    let other = cloud.get(&create, "subnetId");
    let of_other = format!("LoadBalancerName=inside&Subnets.member.1={other}");
    cloud.elb(&format!("AttachLoadBalancerToSubnets&{of_other}")).unwrap();
    assert_eq!((cloud.hosts("inside").len(), cloud.interfaces().len()), (2, 2));
    let group =
        cloud.get(&format!("Action=CreateSecurityGroup&VpcId={vpc}&GroupName=lb&GroupDescription=lb"), "groupId");
    let apply = "ApplySecurityGroupsToLoadBalancer&LoadBalancerName=inside&SecurityGroups.member.1";
    cloud.elb(&format!("{apply}={group}")).unwrap();
    assert!(cloud.model.network_interfaces.iter().all(|interface| interface.groups == [group.clone()]));
    assert_eq!(cloud.ask(&format!("Action=DeleteSecurityGroup&GroupId={group}")), Err("DependencyViolation"));
    cloud.elb(&format!("DetachLoadBalancerFromSubnets&{of_other}")).unwrap();
    assert_eq!(cloud.hosts("inside"), [("us-east-1a".into(), true)]);
    cloud.elb("DeleteLoadBalancer&LoadBalancerName=inside").unwrap();
    assert_eq!((cloud.hosts("inside"), cloud.interfaces()), (Vec::new(), Vec::new()));
    cloud.ask(&format!("Action=DeleteSubnet&SubnetId={other}")).unwrap();
}

#[test]
fn the_name_leads_to_hosts_that_have_somebody_to_send_to() {
    let mut cloud = Cloud::new();
    cloud.classic_balancer();
    let both = |a: bool, b: bool| vec![("us-east-1a".to_owned(), a), ("us-east-1b".to_owned(), b)];
    assert_eq!(cloud.hosts("web"), both(true, true), "nobody has");
    let instance = cloud.classic_in("us-east-1a");
    cloud.register("web", &instance).unwrap();
    cloud.seen("web", "us-east-1a", &instance, Verdict::InService);
    assert_eq!(cloud.hosts("web"), both(true, false));
    cloud.ask(&format!("Action=TerminateInstances&InstanceId.1={instance}")).unwrap();
    assert_eq!(cloud.hosts("web"), both(true, true));
}
