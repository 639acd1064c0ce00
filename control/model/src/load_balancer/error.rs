//! The errors of Elastic Load Balancing, with its codes and messages.

use crate::errors::errors;

errors! {
    /// The reason why a request is refused.
    Error:
    Ec2 { why: crate::Error } "ValidationError" 400 "{why}";
    NotFound { name: String } "LoadBalancerNotFound" 400 "There is no ACTIVE Load Balancer named '{name}'";
    Exists { name: String } "DuplicateLoadBalancerName" 400 "Load Balancer named {name} already exists and it is configured with different parameters.";
    BadName { name: String } "ValidationError" 400 "LoadBalancer name '{name}' is invalid: use at most 32 letters, digits and hyphens, without a hyphen at either end, and do not begin with internal-.";
    Limit {} "TooManyLoadBalancers" 400 "Exceeded quota of load balancers in this Region.";
    BadScheme { scheme: String } "InvalidScheme" 400 "Scheme '{scheme}' is invalid: it must be internet-facing or, in a VPC, internal.";

    // Places.
    ZonesOrSubnets {} "ValidationError" 400 "Only one of SubnetIds or AvailabilityZones may be specified";
    NoPlace {} "ValidationError" 400 "Either AvailabilityZones or SubnetIds must be specified";
    NoSuchZone { zone: String } "ValidationError" 400 "Requested Availability Zone {zone} is not valid";
    NoSuchSubnet { subnet: String } "SubnetNotFound" 400 "The requested subnet does not exist: {subnet}";
    OtherVpc { subnet: String, vpc: String } "InvalidConfigurationRequest" 409 "Subnet {subnet} is not in VPC {vpc}, the load balancer's VPC.";
    SameZone { zone: String } "InvalidConfigurationRequest" 409 "ELB cannot be attached to multiple subnets in the same AZ ({zone}).";
    NoGateway { vpc: String } "InvalidSubnet" 400 "VPC {vpc} has no internet gateway";
    LastZone {} "InvalidConfigurationRequest" 409 "A load balancer needs at least one Availability Zone.";
    NoDefaultVpc {} "InvalidConfigurationRequest" 409 "Default VPC not found";
    NoDefaultSubnet { zone: String } "InvalidConfigurationRequest" 409 "The default VPC has no default subnet in {zone}.";
    InVpc { name: String } "InvalidConfigurationRequest" 409 "Load Balancer {name} is in a VPC: attach it to subnets, or detach it from them.";
    NotInVpc { name: String } "InvalidConfigurationRequest" 409 "Load Balancer {name} is not in a VPC.";
    NoSuchGroup { group: String } "InvalidSecurityGroup" 400 "The security group {group} does not exist in the load balancer's VPC.";
    NoGroup {} "InvalidConfigurationRequest" 409 "A load balancer in a VPC must have one to five security groups.";
    GroupsInClassic {} "InvalidConfigurationRequest" 409 "Only load balancers in a VPC have security groups.";

    // Listeners.
    NoListener {} "ValidationError" 400 "Listeners cannot be empty";
    BadProtocol { protocol: String } "ValidationError" 400 "Protocol '{protocol}' is invalid: it must be HTTP, HTTPS, TCP or SSL.";
    BadPort { port: i32 } "ValidationError" 400 "Port {port} is invalid: it must be from 1 to 65535.";
    ClassicPort { port: u16 } "InvalidConfigurationRequest" 409 "Listener port {port} is invalid: in EC2-Classic it must be 25, 80, 443, 465, 587 or from 1024 to 65535.";
    MixedLayers { front: &'static str, back: &'static str } "ValidationError" 400 "Protocol {front} cannot be used with instance protocol {back}: use HTTP or HTTPS on both sides, or TCP or SSL on both sides.";
    NoCertificate {} "ValidationError" 400 "Secure Listeners need to specify a SSLCertificateId";
    NoSuchCertificate { arn: String } "CertificateNotFound" 400 "Server Certificate not found for the key: {arn}";
    NotSecure { port: i32 } "InvalidConfigurationRequest" 409 "The listener at port {port} does not speak TLS with clients: it is neither HTTPS nor SSL.";
    DuplicateListener { name: String, port: u16 } "DuplicateListener" 400 "A listener already exists for {name} with LoadBalancerPort {port}, but with a different InstancePort, Protocol, or SSLCertificateId";
    NoSuchListener { port: i32 } "ListenerNotFound" 400 "There is no listener at port {port}.";

    // Health checks.
    BadTarget { target: String } "ValidationError" 400 "HealthCheck HTTP Target must specify a port followed by a path that begins with a slash. e.g. HTTP:80/ping/this/path, or TCP with a port: TCP:80. '{target}' does not.";
    CheckRange { what: &'static str, least: u32, most: u32 } "ValidationError" 400 "HealthCheck {what} must be from {least} to {most}.";
    CheckTimeout {} "ValidationError" 400 "HealthCheck timeout must be less than interval.";

    // Instances.
    NoSuchInstance { id: String } "InvalidInstance" 400 "Could not find EC2 instance {id}.";
    NotOn { id: String, state: &'static str } "InvalidInstance" 400 "EC2 instance {id} is {state}: only a running instance can be registered.";
    OtherNetwork { id: String } "InvalidInstance" 400 "EC2 instance {id} is not in the same VPC as ELB.";
    VpcInstance { id: String } "InvalidInstance" 400 "EC2 instance {id} is in a VPC, and the load balancer is in EC2-Classic.";
    NotLinked { id: String, vpc: String } "InvalidInstance" 400 "EC2-Classic instance {id} is not linked to VPC {vpc}, the load balancer's VPC: link it first.";
    NoSubnetInZone { id: String, vpc: String, zone: String } "InvalidInstance" 400 "EC2-Classic instance {id} is in {zone}, where VPC {vpc} has no subnet.";

    // Policies and attributes.
    PolicyExists { policy: String } "DuplicatePolicyName" 400 "A policy named {policy} already exists.";
    NoSuchPolicy { policy: String } "PolicyNotFound" 400 "There is no policy with name {policy} for load balancer.";
    NoSuchPolicyType { kind: String } "PolicyTypeNotFound" 400 "This platform has no policy type {kind}.";
    BadPolicyName { policy: String } "ValidationError" 400 "Policy name '{policy}' is invalid: use at most 128 letters, digits and hyphens.";
    BadPolicyAttribute { name: String } "InvalidConfigurationRequest" 409 "The policy attribute {name} is missing or invalid.";
    PolicyInUse { policy: String } "InvalidConfigurationRequest" 409 "You cannot delete policy {policy} since it is associated with a listener or an instance port.";
    OnePolicy {} "InvalidConfigurationRequest" 409 "A listener can have one stickiness policy, and only if its protocol is HTTP or HTTPS.";
    OneNegotiation {} "InvalidConfigurationRequest" 409 "A listener can have one policy of type SSLNegotiationPolicyType, and only if its protocol is HTTPS or SSL.";
    BackendPolicy { policy: String } "InvalidConfigurationRequest" 409 "Policy {policy} cannot be applied to instance ports.";
    AttributeSeconds { name: &'static str, most: u32 } "InvalidConfigurationRequest" 409 "The value of {name} is invalid: it must be from 1 to {most} seconds.";
    DesyncMode {} "InvalidConfigurationRequest" 409 "The value of elb.http.desyncmitigationmode is invalid: it must be monitor, defensive or strictest.";
    NoSuchAttribute { name: String } "LoadBalancerAttributeNotFound" 400 "There is no attribute {name}.";
    LogWithoutBucket {} "InvalidConfigurationRequest" 409 "S3BucketName is required when access logging is enabled.";
    LogInterval { minutes: u32 } "InvalidConfigurationRequest" 409 "The EmitInterval of access logs must be 5 or 60 minutes, not {minutes}.";
    TooManyTags {} "TooManyTags" 400 "The quota for the number of tags that can be assigned to a load balancer has been reached.";
    DuplicateTag { key: String } "DuplicateTagKeys" 400 "The tag key {key} was specified more than once.";
}

impl From<crate::Error> for Error {
    fn from(why: crate::Error) -> Error {
        Error::Ec2 { why }
    }
}
