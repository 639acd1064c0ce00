//! Tables of cases: which client resolves which name, and to what (semantics.md §7.2).

mod zones;

use super::{Client, NameIndex, View, answer};
use crate::api::{Call, Request};
use hickory_proto::op::{Query, ResponseCode};
use hickory_proto::rr::{Name, RData, RecordType};
use model::platform_host::client_address;
use model::{Model, Row, Time};
use std::net::Ipv4Addr;
use wire::PortId;

/// The fixture of cases.md, as far as names go: C1 linked to A, C2 not; I1 and I2 in A; J1 in B, a peer of A's.
pub(crate) struct Cloud {
    pub(crate) model: Model,
    pub(crate) index: NameIndex,
    named: std::collections::BTreeMap<&'static str, String>,
}

const C1: &str = "ec2-203-0-113-25.compute-1.amazonaws.com";
const I2: &str = "ec2-198-18-0-20.compute-1.amazonaws.com";
const J1: &str = "ec2-198-18-0-30.compute-1.amazonaws.com";

impl Cloud {
    pub(crate) fn new() -> Cloud {
        let model = Model::new(7);
        let mut cloud = Cloud { index: NameIndex::of(&model), model, named: Default::default() };
        for (vpc, subnet, block) in [("A", "a1", "192.168"), ("B", "b1", "172.31")] {
            cloud.make(vpc, &format!("Action=CreateVpc&CidrBlock={block}.0.0/16"), "vpcId");
            let id = cloud.id(vpc);
            cloud.make(subnet, &format!("Action=CreateSubnet&VpcId={id}&CidrBlock={block}.0.0/20"), "subnetId");
            cloud.ask(&format!("Action=ModifyVpcAttribute&VpcId={id}&EnableDnsHostnames.Value=true"));
            cloud.make("igw", "Action=CreateInternetGateway", "internetGatewayId");
            let gateway = cloud.id("igw");
            cloud.ask(&format!("Action=AttachInternetGateway&VpcId={id}&InternetGatewayId={gateway}"));
        }
        let (a1, b1) = (cloud.id("a1"), cloud.id("b1"));
        cloud.launch("C1", "10.251.50.12", "203.0.113.25", None);
        cloud.launch("C2", "10.251.50.36", "203.0.113.36", None);
        cloud.launch("I1", "192.168.1.10", "198.18.0.10", Some(&a1));
        cloud.launch("I2", "192.168.2.10", "198.18.0.20", Some(&a1));
        cloud.launch("J1", "172.31.1.10", "198.18.0.30", Some(&b1));
        let (a, b, c1) = (cloud.id("A"), cloud.id("B"), cloud.id("C1"));
        let group = cloud.ask(&format!("Action=CreateSecurityGroup&VpcId={a}&GroupName=l&GroupDescription=l"));
        let group = between(&group, "groupId");
        cloud.ask(&format!("Action=EnableVpcClassicLink&VpcId={a}"));
        cloud.ask(&format!("Action=AttachClassicLinkVpc&VpcId={a}&InstanceId={c1}&SecurityGroupId.1={group}"));
        let peering = cloud.ask(&format!("Action=CreateVpcPeeringConnection&VpcId={a}&PeerVpcId={b}"));
        let peering = between(&peering, "vpcPeeringConnectionId");
        cloud.ask(&format!("Action=AcceptVpcPeeringConnection&VpcPeeringConnectionId={peering}"));
        cloud.named.insert("pcx", peering);
        cloud.model.add_host("www.example.com", model::HostPlace::Internet, [203, 0, 113, 200].into()).unwrap();
        cloud.settle();
        cloud
    }

    pub(crate) fn id(&self, name: &str) -> String {
        self.named[name].clone()
    }

    pub(crate) fn make(&mut self, name: &'static str, form: &str, member: &str) {
        let reply = self.ask(form);
        self.named.insert(name, between(&reply, member));
    }

    fn launch(&mut self, name: &'static str, private: &str, public: &str, subnet: Option<&str>) {
        let place = match subnet {
            Some(subnet) => format!(
                "&NetworkInterface.1.DeviceIndex=0&NetworkInterface.1.SubnetId={subnet}\
                 &NetworkInterface.1.PrivateIpAddress={private}&NetworkInterface.1.AssociatePublicIpAddress=true"
            ),
            None => String::new(),
        };
        let private = if subnet.is_none() { Some(("classiclink:private-ip", private)) } else { None };
        let tags = private.into_iter().chain([("classiclink:public-ip", public)]).enumerate();
        let tags: String = tags
            .map(|(n, (key, value))| {
                let n = n + 1;
                format!("&TagSpecification.1.Tag.{n}.Key={key}&TagSpecification.1.Tag.{n}.Value={value}")
            })
            .collect();
        let form = format!(
            "Action=RunInstances&ImageId=ami-12345678&InstanceType=m3.medium&MinCount=1&MaxCount=1{place}\
             &TagSpecification.1.ResourceType=instance{tags}"
        );
        self.make(name, &form, "instanceId");
        self.model.follow_hosts(|_| model::InstanceHost::Up);
        self.settle();
    }

    /// Asks the API; what it changes is in the index.
    pub(crate) fn ask(&mut self, form: &str) -> String {
        let call = Call { path: "/", form, ..Call::default() };
        let reply = Request::parse(&call, Time(1)).and_then(|request| request.write(&mut self.model));
        let reply = reply.unwrap_or_else(|refusal| panic!("{form}: {refusal}"));
        self.settle();
        reply.body
    }

    /// Changes the model from within.
    pub(crate) fn change(&mut self, change: impl FnOnce(&mut Model)) {
        change(&mut self.model);
        self.settle();
    }

    fn settle(&mut self) {
        let changes = self.model.take_changes();
        self.index.update(&self.model, &changes);
    }

    fn set(&mut self, attribute: &str, on: bool) {
        let a = self.id("A");
        self.ask(&format!("Action=ModifyVpcAttribute&VpcId={a}&{attribute}.Value={on}"));
    }

    pub(crate) fn link_dns(&mut self, on: bool) {
        let (a, verb) = (self.id("A"), if on { "Enable" } else { "Disable" });
        self.ask(&format!("Action={verb}VpcClassicLinkDnsSupport&VpcId={a}"));
    }

    pub(crate) fn view(&self) -> View<'_> {
        View { model: &self.model, index: &self.index, chance: 0 }
    }

    /// The address by which services know somebody.
    pub(crate) fn known_as(&self, client: &str) -> Ipv4Addr {
        let port = match client {
            "www" => self.model.hosts.get("www.example.com").unwrap().port,
            other => {
                let instance = self.model.instances.get(&self.id(other)).unwrap();
                let first = instance.vpc().map(|place| &place.interfaces[0]);
                let eni = first.and_then(|id| self.model.network_interfaces.get(id));
                eni.and_then(|eni| eni.attachment.as_ref()).map_or(instance.port, |attachment| attachment.port)
            }
        };
        client_address(PortId(port), 0).unwrap()
    }

    fn ask_as(&self, client: &str, query: &Query) -> super::Answer {
        let client = Client::of(self.view(), self.known_as(client)).unwrap();
        answer(self.view(), &client, query)
    }

    fn query(&self, client: &str, name: &str, kind: RecordType) -> super::Answer {
        self.ask_as(client, &Query::query(Name::from_ascii(format!("{name}.")).unwrap(), kind))
    }

    /// The address that a name resolves to for this client. `None` if the name does not exist.
    fn resolve(&self, client: &str, name: &str) -> Option<Ipv4Addr> {
        let answer = self.query(client, name, RecordType::A);
        let found = answer.records.iter().find_map(|record| match &record.data {
            RData::A(address) => Some(address.0),
            _ => None,
        });
        assert_eq!(answer.code == ResponseCode::NXDomain, found.is_none(), "{client} asks for {name}: {answer:?}");
        assert_eq!(answer.authority.is_some(), found.is_none());
        found
    }

    fn reverse(&self, client: &str, address: &str) -> Option<String> {
        let mut parts: Vec<&str> = address.split('.').collect();
        parts.reverse();
        let name = format!("{}.in-addr.arpa", parts.join("."));
        let answer = self.query(client, &name, RecordType::PTR);
        answer.records.first().map(|record| record.data.to_string())
    }
}

fn between(body: &str, member: &str) -> String {
    let start = body.find(&format!("<{member}>")).unwrap() + member.len() + 2;
    body[start..].split('<').next().unwrap().to_owned()
}

fn addresses(found: [Option<Ipv4Addr>; 6]) -> [String; 6] {
    found.map(|address| address.map(|address| address.to_string()).unwrap_or_default())
}

/// The addresses that a name resolves to for each of `ASKERS`, in that order.
fn seen(cloud: &Cloud, name: &str) -> [String; 6] {
    addresses(["www", "C2", "C1", "I1", "J1", "I2"].map(|client| cloud.resolve(client, name)))
}

#[test]
fn a_public_name_is_public_across_a_link_until_dns_support_is_on() {
    let mut cloud = Cloud::new();
    let (public, private) = ("203.0.113.25", "10.251.50.12");
    assert_eq!(seen(&cloud, C1), [public, private, private, public, public, public]);
    let (own, inside) = ("198.18.0.20", "192.168.2.10");
    assert_eq!(seen(&cloud, I2), [own, own, own, inside, own, inside]);

    cloud.link_dns(true);
    assert_eq!(seen(&cloud, C1), [public, private, private, private, public, private]);
    assert_eq!(seen(&cloud, I2), [own, own, inside, inside, own, inside]);

    // It needs both attributes, and a VPC whose links are enabled for DNS.
    cloud.set("EnableDnsHostnames", false);
    assert_eq!(seen(&cloud, C1), [public, private, private, public, public, public]);
    assert_eq!(seen(&cloud, I2), [own; 6]);
    cloud.set("EnableDnsHostnames", true);
    cloud.link_dns(false);
    assert_eq!(seen(&cloud, C1), [public, private, private, public, public, public]);
}

#[test]
fn a_peer_resolves_private_addresses_where_their_owner_allows_it() {
    let mut cloud = Cloud::new();
    assert_eq!(cloud.resolve("I1", J1).unwrap().to_string(), "198.18.0.30");
    let pcx = cloud.id("pcx");
    let options = |side: &str| {
        format!(
            "Action=ModifyVpcPeeringConnectionOptions&VpcPeeringConnectionId={pcx}&{side}PeeringConnectionOptions.AllowDnsResolutionFromRemoteVpc=true"
        )
    };
    cloud.ask(&options("Accepter"));
    assert_eq!(cloud.resolve("I1", J1).unwrap().to_string(), "172.31.1.10");
    assert_eq!(cloud.resolve("J1", I2).unwrap().to_string(), "198.18.0.20");
    cloud.ask(&options("Requester"));
    assert_eq!(cloud.resolve("J1", I2).unwrap().to_string(), "192.168.2.10");
    assert_eq!(cloud.resolve("C1", J1).unwrap().to_string(), "198.18.0.30", "names do not cross two boundaries");
}

#[test]
fn private_names_are_known_in_their_own_network() {
    let mut cloud = Cloud::new();
    let (c1, i2) = ("ip-10-251-50-12.ec2.internal", "ip-192-168-2-10.ec2.internal");
    let (classic, vpc) = ("10.251.50.12", "192.168.2.10");
    assert_eq!(seen(&cloud, c1), ["", classic, classic, "", "", ""]);
    assert_eq!(seen(&cloud, i2), ["", "", "", vpc, "", vpc]);
    cloud.link_dns(true);
    assert_eq!(seen(&cloud, c1), ["", classic, classic, classic, "", classic]);
    assert_eq!(seen(&cloud, i2), ["", "", vpc, vpc, "", vpc]);
    assert_eq!(cloud.resolve("C1", "ip-10-251-50-12.us-west-2.compute.internal"), None, "of another Region");
    assert_eq!(cloud.resolve("C1", "ip-10-251-50-99.ec2.internal"), None, "nobody's");
}

#[test]
fn a_resource_name_resolves_if_its_record_is_enabled() {
    let mut cloud = Cloud::new();
    let id = cloud.id("I2");
    let name = format!("{id}.ec2.internal");
    assert_eq!(seen(&cloud, &name), [""; 6]);
    cloud.ask(&format!("Action=ModifyPrivateDnsNameOptions&InstanceId={id}&EnableResourceNameDnsARecord=true"));
    let own = "192.168.2.10";
    assert_eq!(seen(&cloud, &name), ["", "", "", own, "", own]);
    cloud.link_dns(true);
    assert_eq!(seen(&cloud, &name), ["", "", own, own, "", own]);
}

#[test]
fn a_resource_name_has_the_records_that_are_enabled() {
    let mut cloud = Cloud::new();
    let (vpc, subnet, id) = (cloud.id("A"), cloud.id("a1"), cloud.id("I2"));
    cloud.ask(&format!("Action=AssociateVpcCidrBlock&VpcId={vpc}&AmazonProvidedIpv6CidrBlock=true"));
    let block = cloud.model.vpcs.get(&vpc).unwrap().ipv6[0].cidr.network();
    cloud.ask(&format!("Action=AssociateSubnetCidrBlock&SubnetId={subnet}&Ipv6CidrBlock={block}/64"));
    let interface = cloud.model.instances.get(&id).unwrap().vpc().unwrap().interfaces[0].clone();
    cloud.ask(&format!("Action=AssignIpv6Addresses&NetworkInterfaceId={interface}&Ipv6AddressCount=1"));
    let own = cloud.model.network_interfaces.get(&interface).unwrap().ipv6[0].to_string();
    let name = format!("{id}.ec2.internal");
    let told = |cloud: &Cloud, kind| {
        let answer = cloud.query("I1", &name, kind);
        (answer.code, answer.records.first().map(|record| record.data.to_string()))
    };
    assert_eq!(told(&cloud, RecordType::AAAA), (ResponseCode::NXDomain, None));
    cloud.ask(&format!("Action=ModifyPrivateDnsNameOptions&InstanceId={id}&EnableResourceNameDnsAAAARecord=true"));
    assert_eq!(told(&cloud, RecordType::AAAA), (ResponseCode::NoError, Some(own)));
    assert_eq!(told(&cloud, RecordType::A), (ResponseCode::NoError, None));
    assert_eq!(cloud.query("J1", &name, RecordType::AAAA).code, ResponseCode::NXDomain);
}

#[test]
fn the_zone_of_a_name_is_found_by_its_soa_record() {
    let cloud = Cloud::new();
    let soa = |name: &str| cloud.query("C1", name, RecordType::SOA);
    for zone in ["", "compute-1.amazonaws.com", "ec2.internal"] {
        let answer = soa(zone);
        let owners: Vec<String> = answer.records.iter().map(|record| record.name.to_string()).collect();
        assert_eq!((answer.code, owners), (ResponseCode::NoError, vec![format!("{zone}.")]));
        assert_eq!(answer.authority, None);
    }
    for below in [C1, "internal", "nobody.example"] {
        let answer = soa(below);
        assert!(answer.records.is_empty() && answer.authority.is_some(), "{below}");
    }
}

#[test]
fn an_elastic_address_has_the_name_that_its_owner_gives_it() {
    let mut cloud = Cloud::new();
    let body = cloud.ask("Action=AllocateAddress&Domain=vpc");
    let (id, address) = (between(&body, "allocationId"), between(&body, "publicIp"));
    let usual = format!("ec2-{}.compute-1.amazonaws.com.", address.replace('.', "-"));
    assert_eq!(cloud.reverse("www", &address), Some(usual.clone()));
    cloud.ask(&format!("Action=ModifyAddressAttribute&AllocationId={id}&DomainName=mail.example.com"));
    assert_eq!(cloud.reverse("www", &address).as_deref(), Some("mail.example.com."));
    let interface = cloud.model.instances.get(&cloud.id("I2")).unwrap().vpc().unwrap().interfaces[0].clone();
    cloud.ask(&format!(
        "Action=AssociateAddress&AllocationId={id}&NetworkInterfaceId={interface}&AllowReassociation=true"
    ));
    assert_eq!(cloud.reverse("C2", &address).as_deref(), Some("mail.example.com."));
    assert_eq!(cloud.reverse("I1", "192.168.2.10").as_deref(), Some("ip-192-168-2-10.ec2.internal."));
    cloud.ask(&format!("Action=ResetAddressAttribute&AllocationId={id}&Attribute=domain-name"));
    assert_eq!(cloud.reverse("C2", &address), Some(usual));
}

#[test]
fn addresses_have_names_where_the_names_have_addresses() {
    let mut cloud = Cloud::new();
    let told = |cloud: &Cloud, client, address| cloud.reverse(client, address).unwrap_or_default();
    assert_eq!(told(&cloud, "www", "203.0.113.25"), format!("{C1}."));
    assert_eq!(told(&cloud, "C2", "10.251.50.12"), "ip-10-251-50-12.ec2.internal.");
    assert_eq!([told(&cloud, "C1", "192.168.2.10"), told(&cloud, "I1", "10.251.50.12")], ["", ""]);
    cloud.link_dns(true);
    assert_eq!(told(&cloud, "C1", "192.168.2.10"), "ip-192-168-2-10.ec2.internal.");
    assert_eq!(told(&cloud, "I1", "10.251.50.12"), "ip-10-251-50-12.ec2.internal.");
}

#[test]
fn unknown_names_and_missing_data_are_answered_as_such() {
    let mut cloud = Cloud::new();
    assert_eq!(cloud.resolve("C1", "www.example.com").unwrap().to_string(), "203.0.113.200");
    assert_eq!([cloud.resolve("C1", "nobody.example.com"), cloud.resolve("I1", "nobody.example")], [None, None]);
    let above = cloud.query("C1", "example.com", RecordType::A);
    assert_eq!((above.code, above.records.len()), (ResponseCode::NoError, 0), "a name is below it");
    let answer = cloud.query("C1", C1, RecordType::AAAA);
    assert_eq!((answer.code, answer.records.len()), (ResponseCode::NoError, 0));
    let soa = answer.authority.unwrap();
    assert_eq!((soa.name.to_string(), soa.ttl), ("compute-1.amazonaws.com.".into(), 60));
    cloud.set("EnableDnsSupport", false);
    assert_eq!(cloud.query("I1", "www.example.com", RecordType::A).code, ResponseCode::Refused);
}

#[test]
fn an_elastic_address_has_its_name_at_once_and_wherever_it_goes() {
    let mut cloud = Cloud::new();
    let body = cloud.ask("Action=AllocateAddress&Domain=standard&Address=203.0.113.77");
    let address = between(&body, "publicIp");
    let name = format!("ec2-{}.compute-1.amazonaws.com", address.replace('.', "-"));
    assert_eq!(cloud.resolve("C2", &name).unwrap().to_string(), address);
    let c1 = cloud.id("C1");
    cloud.ask(&format!("Action=AssociateAddress&PublicIp={address}&InstanceId={c1}"));
    assert_eq!(cloud.resolve("C2", &name).unwrap().to_string(), "10.251.50.12");
    assert_eq!(cloud.resolve("C2", C1), None, "the address it had before is free");
}

#[test]
fn the_index_after_every_change_is_the_index_of_the_whole() {
    let mut cloud = Cloud::new();
    let whole = |cloud: &Cloud| format!("{:?}", NameIndex::of(&cloud.model).sorted());
    for action in ["StopInstances", "StartInstances", "TerminateInstances"] {
        for name in ["C1", "I2"] {
            let id = cloud.id(name);
            cloud.ask(&format!("Action={action}&InstanceId.1={id}"));
            cloud.model.follow_hosts(|instance| {
                if instance.is_on() { model::InstanceHost::Up } else { model::InstanceHost::Gone }
            });
            cloud.settle();
            assert_eq!(format!("{:?}", cloud.index.sorted()), whole(&cloud), "{action} {name}");
        }
    }
    assert!(cloud.model.instances.iter().all(|instance| !instance.id().is_empty()));
}

/// What the endpoint of a DB instance stands for, to everybody.
fn endpoint_seen(cloud: &Cloud) -> [String; 6] {
    let host = cloud.model.managed_hosts.iter().next().unwrap();
    seen(cloud, &host.names[0].clone())
}

/// Makes or changes a DB instance.
fn database(cloud: &mut Cloud, form: &str) {
    cloud.ask(&format!("Version=2014-10-31&DBInstanceIdentifier=db&{form}"));
    cloud.model.finish_hosts();
    cloud.settle();
}

const NEW: &str = "Action=CreateDBInstance&DBInstanceClass=db.m1.small&Engine=mysql";

#[test]
fn a_private_database_is_private_to_all_and_a_public_one_resolves_like_a_host() {
    let mut cloud = Cloud::new();
    let (a, a1) = (cloud.id("A"), cloud.id("a1"));
    let zone = "CidrBlock=192.168.16.0/20&AvailabilityZone=us-east-1b";
    cloud.make("a2", &format!("Action=CreateSubnet&VpcId={a}&{zone}"), "subnetId");
    let a2 = cloud.id("a2");
    let subnets = format!("SubnetIds.SubnetIdentifier.1={a1}&SubnetIds.SubnetIdentifier.2={a2}");
    let group = "DBSubnetGroupName=back&DBSubnetGroupDescription=x";
    cloud.ask(&format!("Version=2014-10-31&Action=CreateDBSubnetGroup&{group}&{subnets}"));
    database(&mut cloud, &format!("{NEW}&DBSubnetGroupName=back&PubliclyAccessible=false"));
    let host = cloud.model.managed_hosts.iter().next().unwrap().clone();
    let own = cloud.model.managed_addresses(&host).0.unwrap().to_string();
    let own = own.as_str();
    assert_eq!(endpoint_seen(&cloud), [own; 6]);
    cloud.link_dns(true);
    assert_eq!(endpoint_seen(&cloud), [own; 6]);
    cloud.link_dns(false);

    database(&mut cloud, "Action=ModifyDBInstance&PubliclyAccessible=true");
    let public = cloud.model.managed_addresses(&host).1.unwrap().to_string();
    let public = public.as_str();
    assert_eq!(endpoint_seen(&cloud), [public, public, public, own, public, own]);
    cloud.link_dns(true);
    assert_eq!(endpoint_seen(&cloud), [public, public, own, own, public, own]);
    let index = NameIndex::of(&cloud.model);
    assert_eq!(cloud.index.sorted(), index.sorted());
}

#[test]
fn a_database_of_classic_is_private_there_and_public_elsewhere() {
    let mut cloud = Cloud::new();
    database(&mut cloud, NEW);
    let host = cloud.model.managed_hosts.iter().next().unwrap().clone();
    let (own, public) = cloud.model.managed_addresses(&host);
    let (own, public) = (own.unwrap().to_string(), public.unwrap().to_string());
    let (own, public) = (own.as_str(), public.as_str());
    cloud.link_dns(true);
    assert_eq!(endpoint_seen(&cloud), [public, own, own, public, public, public]);
    let name = format!("ec2-{}.compute-1.amazonaws.com", public.replace('.', "-"));
    assert_eq!(seen(&cloud, &name), [public, own, own, public, public, public]);
    let private = format!("ip-{}.ec2.internal", own.replace('.', "-"));
    assert_eq!(seen(&cloud, &private), ["", own, own, "", "", ""]);
    assert_eq!(cloud.resolve("C1", &host.names[0].replace("db.", "other.")), None);
}

/// In A, which has an endpoint for one of the API's services, the service's usual name resolves to that endpoint; for
/// all others it resolves to the API.
#[test]
fn an_interface_endpoint_comes_before_the_api() {
    let mut cloud = Cloud::new();
    let (a, a1) = (cloud.id("A"), cloud.id("a1"));
    let endpoint = format!("VpcEndpointType=Interface&VpcId={a}&SubnetId.1={a1}");
    cloud.ask(&format!("Action=CreateVpcEndpoint&{endpoint}&ServiceName=com.amazonaws.us-east-1.ec2"));
    let host = cloud.model.managed_hosts.iter().next().unwrap().clone();
    let own = cloud.model.managed_addresses(&host).0.unwrap().to_string();
    let api = model::platform_host::API.to_string();
    let (own, api) = (own.as_str(), api.as_str());
    assert_eq!(seen(&cloud, "ec2.us-east-1.amazonaws.com"), ["", api, api, own, api, own]);
    assert_eq!(seen(&cloud, "sts.us-east-1.amazonaws.com"), ["", api, api, api, api, api]);
}
