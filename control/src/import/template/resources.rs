//! The types of resources, with the call of the API that makes each. Most properties have the API's own names.

use super::functions::Unknown;
use super::properties::{Parameters, Properties, numbered};
use super::{Builder, Make};
use crate::import::form::flatten;
use model::{Domain, IdKind, Network};

/// The maker of a type of EC2, by its name without the prefix.
pub fn maker(of_ec2: &str) -> Option<Make> {
    Some(match of_ec2 {
        "VPC" => vpc,
        "VPCCidrBlock" => |b, p| b.done("AssociateVpcCidrBlock", &p.named(VPC_BLOCK)),
        "Subnet" => subnet,
        "SubnetCidrBlock" => |b, p| b.done("AssociateSubnetCidrBlock", &p.named(&["SubnetId", "Ipv6CidrBlock"])),
        "InternetGateway" => |b, _| b.made("CreateInternetGateway", &[], "internetGatewayId"),
        "VPCGatewayAttachment" => gateway_attachment,
        "RouteTable" => |b, p| b.made("CreateRouteTable", &p.named(&["VpcId"]), "routeTableId"),
        "Route" => |b, p| b.done("CreateRoute", &p.named(ROUTE)),
        "SubnetRouteTableAssociation" => {
            |b, p| b.made("AssociateRouteTable", &p.named(&["RouteTableId", "SubnetId"]), "associationId")
        }
        "SecurityGroup" => security_group,
        "SecurityGroupIngress" => |b, p| rule_of_group(b, p, false),
        "SecurityGroupEgress" => |b, p| rule_of_group(b, p, true),
        "NetworkAcl" => |b, p| b.made("CreateNetworkAcl", &p.named(&["VpcId"]), "networkAclId"),
        "NetworkAclEntry" => acl_entry,
        "SubnetNetworkAclAssociation" => acl_association,
        "EIP" => address,
        "EIPAssociation" => address_association,
        "NatGateway" => |b, p| {
            let mut parameters = p.named(NAT_GATEWAY);
            parameters.extend(p.list("SecondaryAllocationIds", "SecondaryAllocationId"));
            parameters.extend(p.list("SecondaryPrivateIpAddresses", "SecondaryPrivateIpAddress"));
            b.made("CreateNatGateway", &parameters, "natGatewayId")
        },
        "NetworkInterface" => network_interface,
        "NetworkInterfaceAttachment" => |b, p| {
            b.made(
                "AttachNetworkInterface",
                &p.named(&["NetworkInterfaceId", "InstanceId", "DeviceIndex"]),
                "attachmentId",
            )
        },
        "Instance" => instance,
        "LaunchTemplate" => launch_template,
        "PlacementGroup" => placement_group,
        "InstanceConnectEndpoint" => |b, p| {
            let mut parameters = p.named(&["SubnetId", "PreserveClientIp"]);
            parameters.extend(p.list("SecurityGroupIds", "SecurityGroupId"));
            b.made("CreateInstanceConnectEndpoint", &parameters, "instanceConnectEndpointId")
        },
        "VPCPeeringConnection" => peering,
        "VPCEndpoint" => endpoint,
        "VPNGateway" => |b, p| b.made("CreateVpnGateway", &p.named(&["Type", "AmazonSideAsn"]), "vpnGatewayId"),
        "CustomerGateway" => |b, p| b.made("CreateCustomerGateway", &p.named(CUSTOMER_GATEWAY), "customerGatewayId"),
        "VPNConnection" => vpn_connection,
        "VPNConnectionRoute" => {
            |b, p| b.done("CreateVpnConnectionRoute", &p.named(&["VpnConnectionId", "DestinationCidrBlock"]))
        }
        "VPNGatewayRoutePropagation" => propagation,
        "DHCPOptions" => dhcp_options,
        "VPCDHCPOptionsAssociation" => |b, p| b.done("AssociateDhcpOptions", &p.named(&["VpcId", "DhcpOptionsId"])),
        "PrefixList" => prefix_list,
        "GatewayRouteTableAssociation" => {
            |b, p| b.made("AssociateRouteTable", &p.named(&["RouteTableId", "GatewayId"]), "associationId")
        }
        "EgressOnlyInternetGateway" => {
            |b, p| b.made("CreateEgressOnlyInternetGateway", &p.named(&["VpcId"]), "egressOnlyInternetGatewayId")
        }
        "CarrierGateway" => |b, p| b.made("CreateCarrierGateway", &p.named(&["VpcId"]), "carrierGatewayId"),
        "SecurityGroupVpcAssociation" => |b, p| b.done("AssociateSecurityGroupVpc", &p.named(&["GroupId", "VpcId"])),
        "FlowLog" => flow_log,
        "VPCBlockPublicAccessOptions" => {
            |b, p| b.done("ModifyVpcBlockPublicAccessOptions", &p.named(&["InternetGatewayBlockMode"]))
        }
        "VPCBlockPublicAccessExclusion" => |b, p| {
            let names = ["InternetGatewayExclusionMode", "VpcId", "SubnetId"];
            b.made("CreateVpcBlockPublicAccessExclusion", &p.named(&names), "exclusionId")
        },
        _ => return None,
    })
}

/// The image of instances. Any will do, because templates find images in many ways.
pub const IMAGE: &str = "ami-12345678";
const VPC_BLOCK: &[&str] =
    &["VpcId", "CidrBlock", "AmazonProvidedIpv6CidrBlock", "Ipv4IpamPoolId", "Ipv4NetmaskLength"];
const ROUTE: &[&str] = &[
    "RouteTableId",
    "DestinationCidrBlock",
    "DestinationIpv6CidrBlock",
    "DestinationPrefixListId",
    "GatewayId",
    "NatGatewayId",
    "NetworkInterfaceId",
    "InstanceId",
    "TransitGatewayId",
    "VpcPeeringConnectionId",
    "EgressOnlyInternetGatewayId",
    "VpcEndpointId",
    "CarrierGatewayId",
    "LocalGatewayId",
    "CoreNetworkArn",
];
const NAT_GATEWAY: &[&str] =
    &["AllocationId", "SubnetId", "ConnectivityType", "PrivateIpAddress", "SecondaryPrivateIpAddressCount"];
const CUSTOMER_GATEWAY: &[&str] = &["Type", "IpAddress", "BgpAsn", "DeviceName"];

/// How an instance reaches its metadata.
pub const METADATA_OPTIONS: &[&str] =
    &["HttpEndpoint", "HttpProtocolIpv6", "HttpPutResponseHopLimit", "HttpTokens", "InstanceMetadataTags"];

/// A parameter.
pub fn pair(name: &str, value: impl Into<String>) -> (String, String) {
    (name.to_owned(), value.into())
}

impl Builder<'_, '_, '_> {
    /// Makes a resource with an id.
    fn made(
        &mut self,
        action: &str,
        parameters: &[(String, String)],
        element: &str,
    ) -> Result<Option<String>, Unknown> {
        self.call(action, parameters, element).map(Some)
    }

    /// Makes a resource that nothing refers to.
    fn done(&mut self, action: &str, parameters: &[(String, String)]) -> Result<Option<String>, Unknown> {
        self.call(action, parameters, "return").map(|_| None)
    }

    /// One rule of a group.
    fn rule(&mut self, group: &str, rule: &Properties<'_>, egress: bool) -> Result<(), Unknown> {
        let action = if egress { "AuthorizeSecurityGroupEgress" } else { "AuthorizeSecurityGroupIngress" };
        let permission = |name: &str| format!("IpPermissions.1.{name}");
        let mut parameters = vec![pair(name_of_group(group), group)];
        for name in ["IpProtocol", "FromPort", "ToPort"] {
            parameters.extend(rule.text(name).map(|value| (permission(name), value)));
        }
        let description = rule.text("Description");
        let account = rule.text("SourceSecurityGroupOwnerId").map(|id| pair("UserId", id));
        let peers = [
            ("CidrIp", "IpRanges.1", "CidrIp"),
            ("CidrIpv6", "Ipv6Ranges.1", "CidrIpv6"),
            ("SourceSecurityGroupId", "Groups.1", "GroupId"),
            ("SourceSecurityGroupName", "Groups.1", "GroupName"),
            ("DestinationSecurityGroupId", "Groups.1", "GroupId"),
            ("SourcePrefixListId", "PrefixListIds.1", "PrefixListId"),
            ("DestinationPrefixListId", "PrefixListIds.1", "PrefixListId"),
        ];
        for (property, peer, id) in peers {
            let Some(value) = rule.text(property) else { continue };
            let owner = account.clone().filter(|_| property.starts_with("SourceSecurityGroup"));
            let more = description.clone().map(|text| pair("Description", text)).into_iter().chain(owner);
            let id = if id == "GroupName" { name_of_group(&value) } else { id };
            let all = more.chain([pair(id, value)]);
            parameters.extend(all.map(|(name, value)| (permission(&format!("{peer}.{name}")), value)));
        }
        self.call(action, &parameters, "return").map(|_| ())
    }
}

/// The parameter that names a security group. Ref gives the id of each, while CloudFormation gives the name of one of
/// EC2-Classic.
fn name_of_group(group: &str) -> &'static str {
    if IdKind::SecurityGroup.fits(group) { "GroupId" } else { "GroupName" }
}

/// A rule that is a resource itself.
fn rule_of_group(b: &mut Builder<'_, '_, '_>, p: &Properties<'_>, egress: bool) -> Result<Option<String>, Unknown> {
    let group = p.text("GroupId").or(p.text("GroupName")).ok_or("it names no group")?;
    b.rule(&group, p, egress).map(|()| None)
}

fn vpc(b: &mut Builder<'_, '_, '_>, p: &Properties<'_>) -> Result<Option<String>, Unknown> {
    let parameters = p.named(&["CidrBlock", "InstanceTenancy", "Ipv4IpamPoolId", "Ipv4NetmaskLength"]);
    let id = b.call("CreateVpc", &parameters, "vpcId")?;
    for attribute in ["EnableDnsSupport", "EnableDnsHostnames"] {
        if let Some(value) = p.text(attribute) {
            b.call("ModifyVpcAttribute", &[pair("VpcId", &*id), (format!("{attribute}.Value"), value)], "return")?;
        }
    }
    Ok(Some(id))
}

const SUBNET: &[&str] =
    &["VpcId", "CidrBlock", "Ipv6CidrBlock", "Ipv6Native", "AvailabilityZone", "Ipv4IpamPoolId", "Ipv4NetmaskLength"];

fn subnet(b: &mut Builder<'_, '_, '_>, p: &Properties<'_>) -> Result<Option<String>, Unknown> {
    let parameters = p.named(SUBNET);
    let id = b.call("CreateSubnet", &parameters, "subnetId")?;
    for attribute in ["MapPublicIpOnLaunch", "AssignIpv6AddressOnCreation", "EnableDns64"] {
        if p.is(attribute) {
            let parameters = [pair("SubnetId", &*id), pair(&format!("{attribute}.Value"), "true")];
            b.call("ModifySubnetAttribute", &parameters, "return")?;
        }
    }
    point_name_to_hosts(b, p, &id)?;
    Ok(Some(id))
}

/// Sets how the hosts of a subnet are named, each attribute by a call of its own.
fn point_name_to_hosts(b: &mut Builder<'_, '_, '_>, p: &Properties<'_>, subnet: &str) -> Result<(), Unknown> {
    let Some(names) = p.inner("PrivateDnsNameOptionsOnLaunch") else { return Ok(()) };
    let told = [
        ("HostnameType", "PrivateDnsHostnameTypeOnLaunch"),
        ("EnableResourceNameDnsARecord", "EnableResourceNameDnsARecordOnLaunch.Value"),
        ("EnableResourceNameDnsAAAARecord", "EnableResourceNameDnsAAAARecordOnLaunch.Value"),
    ];
    for (property, parameter) in told {
        if let Some(value) = names.text(property) {
            b.call("ModifySubnetAttribute", &[pair("SubnetId", subnet), pair(parameter, value)], "return")?;
        }
    }
    Ok(())
}

fn gateway_attachment(b: &mut Builder<'_, '_, '_>, p: &Properties<'_>) -> Result<Option<String>, Unknown> {
    match p.text("InternetGatewayId") {
        Some(_) => b.done("AttachInternetGateway", &p.named(&["VpcId", "InternetGatewayId"])),
        None => b.done("AttachVpnGateway", &p.named(&["VpcId", "VpnGatewayId"])),
    }
}

fn security_group(b: &mut Builder<'_, '_, '_>, p: &Properties<'_>) -> Result<Option<String>, Unknown> {
    let name = p.text("GroupName").unwrap_or_else(|| b.made_up_name());
    let description = p.text("GroupDescription").unwrap_or_else(|| name.clone());
    let mut parameters = vec![pair("GroupName", name), pair("GroupDescription", description)];
    parameters.extend(p.named(&["VpcId"]));
    let id = b.call("CreateSecurityGroup", &parameters, "groupId")?;
    let egress = p.each("SecurityGroupEgress");
    if !egress.is_empty() {
        // The group's own egress rules replace the default one.
        let everything = [("IpProtocol", "-1"), ("IpRanges.1.CidrIp", "0.0.0.0/0")]
            .map(|(name, value)| (format!("IpPermissions.1.{name}"), value.to_owned()));
        let parameters: Parameters = [pair("GroupId", &*id)].into_iter().chain(everything).collect();
        b.call("RevokeSecurityGroupEgress", &parameters, "return")?;
    }
    for (rules, egress) in [(p.each("SecurityGroupIngress"), false), (egress, true)] {
        for rule in rules {
            if let Err(why) = b.rule(&id, &rule, egress) {
                b.leave_out_part(format!("a rule of it: {why}"));
            }
        }
    }
    Ok(Some(id))
}

fn acl_entry(b: &mut Builder<'_, '_, '_>, p: &Properties<'_>) -> Result<Option<String>, Unknown> {
    let mut parameters =
        p.named(&["NetworkAclId", "RuleNumber", "Protocol", "RuleAction", "CidrBlock", "Ipv6CidrBlock"]);
    parameters.push(pair("Egress", if p.is("Egress") { "true" } else { "false" }));
    for (property, parameter, members) in
        [("PortRange", "PortRange", ["From", "To"]), ("Icmp", "Icmp", ["Type", "Code"])]
    {
        let range = p.inner(property);
        for member in members {
            let value = range.as_ref().and_then(|range| range.text(member));
            parameters.extend(value.map(|value| (format!("{parameter}.{member}"), value)));
        }
    }
    b.done("CreateNetworkAclEntry", &parameters)
}

fn acl_association(b: &mut Builder<'_, '_, '_>, p: &Properties<'_>) -> Result<Option<String>, Unknown> {
    let subnet = p.text("SubnetId").unwrap_or_default();
    let acls = b.importer.model.network_acls.iter();
    let association = acls.flat_map(|acl| &acl.associations).find(|association| association.subnet == subnet);
    let association = association.ok_or("its subnet is behind no network ACL")?.id.clone();
    let mut parameters = p.named(&["NetworkAclId"]);
    parameters.push(pair("AssociationId", association));
    b.made("ReplaceNetworkAclAssociation", &parameters, "newAssociationId")
}

/// For an address, Ref gives the address, and everything else needs the allocation's id.
fn address(b: &mut Builder<'_, '_, '_>, p: &Properties<'_>) -> Result<Option<String>, Unknown> {
    let (domain, instance) = (p.text("Domain"), p.text("InstanceId"));
    let row = instance.as_ref().and_then(|instance| b.importer.model.instances.get(instance));
    let is_classic = row.is_some_and(|row| matches!(row.network, Network::Classic(_)));
    let domain = if is_classic || domain.is_some_and(|domain| domain == "standard") { "standard" } else { "vpc" };
    let address = b.call("AllocateAddress", &[pair("Domain", domain)], "publicIp")?;
    let row = b.importer.model.elastic_addresses.by(&address).next().ok_or("it has no address")?;
    let allocation = (row.domain == Domain::Vpc).then(|| row.id.clone());
    b.ids.extend(allocation.map(|id| (address.clone(), id)));
    if let Some(instance) = instance {
        let named = named_address(b, &address);
        b.call("AssociateAddress", &[named, pair("InstanceId", instance)], "return")?;
    }
    Ok(Some(address))
}

/// The parameter that names an address: its allocation, or itself if it is of EC2-Classic.
fn named_address(b: &Builder<'_, '_, '_>, address: &str) -> (String, String) {
    b.ids.get(address).map_or_else(|| pair("PublicIp", address), |id| pair("AllocationId", id.as_str()))
}

/// The association of an address, which may be named by itself.
fn address_association(b: &mut Builder<'_, '_, '_>, p: &Properties<'_>) -> Result<Option<String>, Unknown> {
    let mut parameters = p.named(&["AllocationId", "InstanceId", "NetworkInterfaceId", "PrivateIpAddress"]);
    parameters.extend(p.text("EIP").map(|address| named_address(b, &address)));
    b.done("AssociateAddress", &parameters)
}

/// The addresses of a network interface.
fn addresses(p: &Properties<'_>) -> Parameters {
    let mut parameters = p.named(&["PrivateIpAddress", "SecondaryPrivateIpAddressCount", "Ipv6AddressCount"]);
    for (index, address) in p.each("PrivateIpAddresses").iter().enumerate() {
        let named = address.named(&["PrivateIpAddress", "Primary"]).into_iter();
        parameters.extend(named.map(|(name, value)| (format!("PrivateIpAddresses.{}.{name}", index + 1), value)));
    }
    parameters
}

fn network_interface(b: &mut Builder<'_, '_, '_>, p: &Properties<'_>) -> Result<Option<String>, Unknown> {
    let mut parameters = p.named(&["SubnetId", "Description", "InterfaceType"]);
    parameters.extend(addresses(p));
    parameters.extend(p.list("GroupSet", "SecurityGroupId"));
    let id = b.call("CreateNetworkInterface", &parameters, "networkInterfaceId")?;
    unchecked(b, p, &id)?;
    Ok(Some(id))
}

/// Turns the source/destination check off if the properties say so.
fn unchecked(b: &mut Builder<'_, '_, '_>, p: &Properties<'_>, interface: &str) -> Result<(), Unknown> {
    if p.text("SourceDestCheck").is_some_and(|check| check == "false") {
        let parameters = [pair("NetworkInterfaceId", interface), pair("SourceDestCheck.Value", "false")];
        b.call("ModifyNetworkInterfaceAttribute", &parameters, "return")?;
    }
    Ok(())
}

/// Properties of instances with parts, and the API's parameters for them.
const INSTANCE_PARTS: [(&str, &str); 5] = [
    ("BlockDeviceMappings", "BlockDeviceMapping"),
    ("CpuOptions", "CpuOptions"),
    ("EnclaveOptions", "EnclaveOptions"),
    ("HibernationOptions", "HibernationOptions"),
    ("PrivateDnsNameOptions", "PrivateDnsNameOptions"),
];

/// An instance. It runs without a host, like every imported one.
fn instance(b: &mut Builder<'_, '_, '_>, p: &Properties<'_>) -> Result<Option<String>, Unknown> {
    let mut parameters = p.named(&["SubnetId", "PrivateIpAddress"]);
    let template = used_launch_template(p);
    let default = template.is_empty().then(|| "m3.medium".to_owned());
    parameters.extend(p.text("InstanceType").or(default).map(|kind| pair("InstanceType", kind)));
    parameters.extend(template);
    let profile = p.known(&["IamInstanceProfile"]).into_iter();
    parameters.extend(profile.map(|(name, value)| (format!("{name}.Name"), value)));
    p.pass_over(&["ImageId"]);
    parameters.extend([pair("ImageId", IMAGE), pair("MinCount", "1"), pair("MaxCount", "1")]);
    let switches = ["UserData", "DisableApiTermination", "EbsOptimized", "InstanceInitiatedShutdownBehavior"];
    parameters.extend(p.known(&switches));
    // A subnet is in one zone.
    match p.text("SubnetId").is_none() && p.each("NetworkInterfaces").is_empty() {
        true => parameters.extend(p.text("AvailabilityZone").map(|zone| pair("Placement.AvailabilityZone", zone))),
        false => p.pass_over(&["AvailabilityZone"]),
    }
    parameters.extend(groups(p));
    parameters.extend(key_name(b, p));
    parameters.extend(p.text("PlacementGroupName").map(|name| pair("Placement.GroupName", name)));
    parameters.extend(p.text("Monitoring").map(|on| pair("Monitoring.Enabled", on)));
    // Volumes have no tags of their instance here.
    p.pass_over(&["PropagateTagsToVolumeOnCreation"]);
    let credits = p.inner("CreditSpecification").and_then(|credits| credits.text("CPUCredits"));
    parameters.extend(credits.map(|credits| pair("CreditSpecification.CpuCredits", credits)));
    for (property, parameter) in [("Tenancy", "Placement.Tenancy"), ("HostId", "Placement.HostId")] {
        parameters.extend(p.text(property).map(|value| pair(parameter, value)));
    }
    for (property, parameter) in INSTANCE_PARTS {
        parameters.extend(p.known_parts(property).map(|part| flatten(parameter, part)).unwrap_or_default());
    }
    if let Some(of) = p.inner("MetadataOptions") {
        let options = of.named(METADATA_OPTIONS).into_iter();
        parameters.extend(options.map(|(name, value)| (format!("MetadataOptions.{name}"), value)));
    }
    for (index, interface) in p.each("NetworkInterfaces").iter().enumerate() {
        let prefix = format!("NetworkInterface.{}", index + 1);
        let names = [
            "DeviceIndex",
            "SubnetId",
            "AssociatePublicIpAddress",
            "DeleteOnTermination",
            "Description",
            "NetworkInterfaceId",
        ];
        let own = interface.named(&names).into_iter().chain(addresses(interface));
        parameters.extend(own.map(|(name, value)| (format!("{prefix}.{name}"), value)));
        parameters.extend(interface.list("GroupSet", &format!("{prefix}.SecurityGroupId")));
    }
    let id = b.call("RunInstances", &parameters, "instanceId")?;
    b.importer.model.make_dormant(&id);
    let place = b.importer.model.instances.get(&id).and_then(|instance| instance.vpc());
    if let Some(primary) = place.and_then(|place| place.interfaces.first()).cloned() {
        unchecked(b, p, &primary)?;
    }
    Ok(Some(id))
}

/// The name of a key pair, if the files have it.
pub fn key_name(b: &Builder<'_, '_, '_>, p: &Properties<'_>) -> Option<(String, String)> {
    let is_there = |name: &str| b.importer.model.key_pair(&b.template.scope, name).is_ok();
    p.text_if("KeyName", is_there).map(|name| pair("KeyName", name))
}

/// The launch template that an instance or an Auto Scaling group uses.
pub fn used_launch_template(p: &Properties<'_>) -> Parameters {
    let Some(of) = p.inner("LaunchTemplate") else { return Parameters::new() };
    let used = of.named(&["LaunchTemplateId", "LaunchTemplateName", "Version"]).into_iter();
    used.map(|(name, value)| (format!("LaunchTemplate.{name}"), value)).collect()
}

/// An instance's groups. `SecurityGroups` has names or values of Ref, which are ids.
fn groups(p: &Properties<'_>) -> Parameters {
    let is_id = |group: &String| IdKind::of(group) == Some(IdKind::SecurityGroup);
    let (mut ids, names): (Vec<String>, Vec<String>) = p.texts("SecurityGroups").into_iter().partition(is_id);
    ids.extend(p.texts("SecurityGroupIds"));
    let mut groups = numbered("SecurityGroupId", ids);
    groups.extend(numbered("SecurityGroup", names));
    groups
}

/// A placement group. Its name is the value of Ref, and everything else needs its id.
fn placement_group(b: &mut Builder<'_, '_, '_>, p: &Properties<'_>) -> Result<Option<String>, Unknown> {
    let name = b.made_up_name();
    let mut parameters = p.named(&["Strategy", "PartitionCount", "SpreadLevel"]);
    parameters.push(pair("GroupName", &*name));
    let id = b.call("CreatePlacementGroup", &parameters, "groupId")?;
    b.ids.insert(name.clone(), id);
    Ok(Some(name))
}

fn peering(b: &mut Builder<'_, '_, '_>, p: &Properties<'_>) -> Result<Option<String>, Unknown> {
    let parameters = p.named(&["VpcId", "PeerVpcId", "PeerOwnerId", "PeerRegion"]);
    let id = b.call("CreateVpcPeeringConnection", &parameters, "vpcPeeringConnectionId")?;
    // CloudFormation accepts a peering within its own account.
    if p.text("PeerOwnerId").is_none_or(|owner| owner == b.template.scope.account) {
        b.call("AcceptVpcPeeringConnection", &[pair("VpcPeeringConnectionId", &*id)], "return")?;
    }
    Ok(Some(id))
}

fn endpoint(b: &mut Builder<'_, '_, '_>, p: &Properties<'_>) -> Result<Option<String>, Unknown> {
    if let Some(kind) = p.text("VpcEndpointType").filter(|kind| !matches!(kind.as_str(), "Gateway" | "Interface")) {
        return Err(format!("endpoints of the kind {kind} are not known here"));
    }
    let mut parameters = p.named(&["VpcId", "ServiceName", "VpcEndpointType", "IpAddressType"]);
    parameters.extend(p.whole("DnsOptions", &[]).map(|options| flatten("DnsOptions", options)).unwrap_or_default());
    parameters.extend(p.list("RouteTableIds", "RouteTableId"));
    parameters.extend(p.list("SubnetIds", "SubnetId"));
    parameters.extend(p.list("SecurityGroupIds", "SecurityGroupId"));
    parameters.extend(p.policy("PolicyDocument"));
    // In templates it is off by default.
    parameters.push(pair("PrivateDnsEnabled", if p.is("PrivateDnsEnabled") { "true" } else { "false" }));
    b.made("CreateVpcEndpoint", &parameters, "vpcEndpointId")
}

fn dhcp_options(b: &mut Builder<'_, '_, '_>, p: &Properties<'_>) -> Result<Option<String>, Unknown> {
    let options = [
        ("DomainName", "domain-name"),
        ("DomainNameServers", "domain-name-servers"),
        ("NtpServers", "ntp-servers"),
        ("NetbiosNameServers", "netbios-name-servers"),
        ("NetbiosNodeType", "netbios-node-type"),
        ("Ipv6AddressPreferredLeaseTime", "ipv6-address-preferred-lease-time"),
    ];
    let mut parameters = Parameters::new();
    for (property, key) in options {
        let values: Vec<String> = p.text(property).into_iter().chain(p.texts(property)).collect();
        if !values.is_empty() {
            let option = format!(
                "DhcpConfiguration.{}",
                parameters.iter().filter(|(name, _)| name.ends_with("Key")).count() + 1
            );
            parameters.push((format!("{option}.Key"), key.to_owned()));
            parameters.extend(numbered(&format!("{option}.Value"), values));
        }
    }
    b.made("CreateDhcpOptions", &parameters, "dhcpOptionsId")
}

fn prefix_list(b: &mut Builder<'_, '_, '_>, p: &Properties<'_>) -> Result<Option<String>, Unknown> {
    let mut parameters = p.named(&["PrefixListName", "AddressFamily"]);
    let entries = p.each("Entries");
    parameters.push(pair("MaxEntries", p.text("MaxEntries").unwrap_or_else(|| entries.len().max(1).to_string())));
    for (index, entry) in entries.iter().enumerate() {
        let named = entry.named(&["Cidr", "Description"]).into_iter();
        parameters.extend(named.map(|(name, value)| (format!("Entry.{}.{name}", index + 1), value)));
    }
    b.made("CreateManagedPrefixList", &parameters, "prefixListId")
}

fn vpn_connection(b: &mut Builder<'_, '_, '_>, p: &Properties<'_>) -> Result<Option<String>, Unknown> {
    let mut parameters = p.named(&["Type", "CustomerGatewayId", "VpnGatewayId", "TransitGatewayId"]);
    if p.is("StaticRoutesOnly") {
        parameters.push(pair("Options.StaticRoutesOnly", "true"));
    }
    for (index, tunnel) in p.each("VpnTunnelOptionsSpecifications").iter().enumerate() {
        let named = tunnel.named(&["TunnelInsideCidr", "TunnelInsideIpv6Cidr", "PreSharedKey"]).into_iter();
        let of = |name: &str| format!("Options.TunnelOptions.{}.{name}", index + 1);
        parameters.extend(named.map(|(name, value)| (of(&name), value)));
    }
    b.made("CreateVpnConnection", &parameters, "vpnConnectionId")
}

fn launch_template(b: &mut Builder<'_, '_, '_>, p: &Properties<'_>) -> Result<Option<String>, Unknown> {
    let name = p.text("LaunchTemplateName").unwrap_or_else(|| b.made_up_name());
    let mut parameters = p.named(&["VersionDescription"]);
    parameters.push(pair("LaunchTemplateName", name));
    parameters.extend(
        p.whole("LaunchTemplateData", &["IamInstanceProfile", "ImageId", "KeyName", "UserData"])
            .map(|data| flatten("LaunchTemplateData", data))
            .unwrap_or_default(),
    );
    if p.is_unknown("LaunchTemplateData.ImageId") {
        parameters.push(pair("LaunchTemplateData.ImageId", IMAGE));
    }
    let tags = p.known_parts("TagSpecifications").map(|tags| flatten("TagSpecification", tags));
    parameters.extend(tags.unwrap_or_default());
    b.made("CreateLaunchTemplate", &parameters, "launchTemplateId")
}

/// A flow log. What takes its records is often a resource that is not known here: it has a log group of its own then.
fn flow_log(b: &mut Builder<'_, '_, '_>, p: &Properties<'_>) -> Result<Option<String>, Unknown> {
    let mut parameters = p.named(&["ResourceType", "TrafficType", "LogFormat", "MaxAggregationInterval"]);
    parameters.extend(p.text("ResourceId").map(|id| pair("ResourceId.1", id)));
    parameters.extend(p.known(&["DeliverLogsPermissionArn"]));
    let destination = p.known(&["LogGroupName", "LogDestination"]);
    match destination.is_empty() {
        true => parameters.push(pair("LogGroupName", b.made_up_name())),
        false => parameters.extend(destination.into_iter().chain(p.named(&["LogDestinationType"]))),
    }
    b.made("CreateFlowLogs", &parameters, "item")
}

fn propagation(b: &mut Builder<'_, '_, '_>, p: &Properties<'_>) -> Result<Option<String>, Unknown> {
    let gateway = p.text("VpnGatewayId").ok_or("it names no gateway")?;
    for table in p.texts("RouteTableIds") {
        b.call("EnableVgwRoutePropagation", &[pair("RouteTableId", table), pair("GatewayId", &*gateway)], "return")?;
    }
    Ok(None)
}
