//! Instances, their network interfaces and addresses, and their links.

use super::network::number;
use super::{Importer, tags, unsigned, v4, v6};
use ipnet::Ipv4Net;
use model::{
    ClassicPlace, ClientToken, ConnectionTracking, Domain, ElasticAddress, EnaSrd, INTERFACE_PREFIX_LENGTH, IdKind,
    Instance, InstanceState, InterfaceAttachment, Link, Network, NetworkInterface, PublicAddress, Region, Scope,
    Tenancy, Time, Volume, VolumeAttachment, VolumeShape, VpcPlace, is_account_id,
};
use shapes::{List, ec2};
use std::collections::BTreeMap;
use std::net::Ipv4Addr;

/// A private address with its public one.
struct Address {
    private: Option<String>,
    public: Option<String>,
    association: Option<String>,
    primary: bool,
}

impl Importer<'_> {
    pub(super) fn address(&mut self, scope: &Scope, address: ec2::Address) {
        let what = address.public_ip.clone().unwrap_or_default();
        let Some(public) = self.parsed::<Ipv4Addr>(&what, "PublicIp", address.public_ip) else { return };
        let classic = address.domain.is_some_and(|domain| domain == "standard");
        let id = match classic {
            true => public.to_string(),
            false => match self.id(IdKind::Allocation, address.allocation_id) {
                Some(id) => id,
                None => return,
            },
        };
        let other = self.model.elastic_addresses.by(&what).map(|other| other.id.clone()).find(|other| *other != id);
        if let Some(other) = other {
            return self.leave_out(format!("{id}: its address {what} is that of {other}"));
        }
        let domain = if classic { Domain::Standard } else { Domain::Vpc };
        let (scope, tags, since) = (scope.clone(), tags(address.tags), self.now);
        let row = ElasticAddress {
            id,
            scope,
            tags,
            address: public,
            domain,
            migrated: false,
            since,
            name: None,
            transfer: None,
        };
        self.model.elastic_addresses.adopt(row);
    }

    /// Gives an Elastic IP address to a Classic instance, which only has the address to identify the instance. One that
    /// another resource should have, which is not in the files, is said to be left out.
    pub(super) fn address_association(&mut self, address: ec2::Address) {
        let Some(public) = number::<Ipv4Addr>(address.public_ip) else { return };
        if let Some(interface) = address.network_interface_id {
            if self.model.network_interfaces.get(&interface).is_none() {
                self.leave_out(format!("{public}: its network interface {interface} is not in the files"));
            }
            return;
        }
        let Some(id) = address.instance_id.filter(|id| !id.is_empty()) else { return };
        let Some(mut instance) = self.model.instances.get(&id).cloned() else {
            return self.leave_out(format!("{public}: its instance {id} is not in the files"));
        };
        if let Network::Classic(place) = &mut instance.network
            && let Some(held) = place.public.as_mut().filter(|held| held.address == public)
        {
            held.elastic = Some(self.model.new_id(IdKind::AddressAssociation));
            self.model.instances.adopt(instance);
        }
    }

    pub(super) fn network_interface(&mut self, scope: &Scope, interface: ec2::NetworkInterface) {
        let Some(id) = self.id(IdKind::NetworkInterface, interface.network_interface_id) else { return };
        let addresses = interface.private_ip_addresses.into_iter().map(|address| {
            let association = address.association.unwrap_or_default();
            Address {
                private: address.private_ip_address,
                public: association.public_ip,
                association: association.association_id,
                primary: address.primary == Some(true),
            }
        });
        if let Some(attachment) = interface.attachment.as_ref().filter(|attachment| attachment.instance_id.is_none()) {
            self.attached.extend(attachment.attachment_id.clone().map(|attachment| (id.clone(), attachment)));
        }
        let attachment = interface.attachment.and_then(|attachment| {
            let instance = attachment.instance_id?;
            Some((
                instance,
                attachment.attachment_id?,
                attachment.device_index,
                attachment.delete_on_termination,
                attachment.attach_time,
            ))
        });
        let has_primary_ipv6 =
            interface.ipv6_addresses.first().is_some_and(|first| first.is_primary_ipv6 == Some(true));
        let ipv6 = interface.ipv6_addresses.into_iter().filter_map(|address| number(address.ipv6_address)).collect();
        let ipv6_prefixes = interface.ipv6_prefixes.into_iter();
        let ipv6_prefixes = ipv6_prefixes.filter_map(|prefix| v6(prefix.ipv6_prefix.as_ref())).collect();
        let requester =
            interface.requester_id.filter(|id| interface.requester_managed != Some(true) || is_account_id(id));
        let prefixes = interface.ipv4_prefixes.into_iter().filter_map(|prefix| prefix_of_interface(prefix.ipv4_prefix));
        let row = NetworkInterface {
            prefixes: prefixes.collect(),
            id,
            scope: scope.clone(),
            tags: tags(interface.tag_set),
            number: 0,
            vpc: interface.vpc_id.unwrap_or_default(),
            subnet: interface.subnet_id.unwrap_or_default(),
            description: interface.description.unwrap_or_default(),
            addresses: Vec::new(),
            ipv6,
            public: BTreeMap::new(),
            requester,
            auto_public: false,
            groups: group_ids(interface.groups),
            source_dest_check: interface.source_dest_check != Some(false),
            tracking: interface.connection_tracking_configuration.map(tracking).unwrap_or_default(),
            ipv6_prefixes,
            has_primary_ipv6,
            attachment: None,
            imported_mac: interface.mac_address.filter(|mac| is_mac(mac)),
        };
        let primary = interface.private_ip_address;
        let attachment = attachment.map(|(instance, id, index, goes, since)| {
            let device_index = index.and_then(|index| u16::try_from(index).ok()).unwrap_or(0);
            let (delete_on_termination, since) = (goes == Some(true), since.unwrap_or(self.now));
            InterfaceAttachment {
                id,
                instance,
                device_index,
                port: 0,
                delete_on_termination,
                since,
                srd: EnaSrd::default(),
            }
        });
        self.insert_interface(row, primary, addresses.collect(), attachment);
    }

    /// An interface as the description of its instance has it.
    fn instance_interface(&mut self, scope: &Scope, instance: &str, interface: ec2::InstanceNetworkInterface) {
        let Some(id) = self.id(IdKind::NetworkInterface, interface.network_interface_id) else { return };
        let addresses = interface.private_ip_addresses.into_iter().map(|address| Address {
            private: address.private_ip_address,
            public: address.association.and_then(|association| association.public_ip),
            association: None,
            primary: address.primary == Some(true),
        });
        let attachment = interface.attachment.unwrap_or_default();
        let attachment = InterfaceAttachment {
            id: attachment.attachment_id.unwrap_or_else(|| self.model.new_id(IdKind::NetworkInterfaceAttachment)),
            instance: instance.to_owned(),
            device_index: attachment.device_index.and_then(|index| u16::try_from(index).ok()).unwrap_or(0),
            port: 0,
            delete_on_termination: attachment.delete_on_termination == Some(true),
            since: attachment.attach_time.unwrap_or(self.now),
            srd: EnaSrd::default(),
        };
        let has_primary_ipv6 =
            interface.ipv6_addresses.first().is_some_and(|first| first.is_primary_ipv6 == Some(true));
        let ipv6 = interface.ipv6_addresses.into_iter().filter_map(|address| number(address.ipv6_address)).collect();
        let ipv6_prefixes = interface.ipv6_prefixes.into_iter();
        let ipv6_prefixes = ipv6_prefixes.filter_map(|prefix| v6(prefix.ipv6_prefix.as_ref())).collect();
        let prefixes = interface.ipv4_prefixes.into_iter().filter_map(|prefix| prefix_of_interface(prefix.ipv4_prefix));
        let row = NetworkInterface {
            prefixes: prefixes.collect(),
            id,
            scope: scope.clone(),
            tags: Default::default(),
            number: 0,
            vpc: interface.vpc_id.unwrap_or_default(),
            subnet: interface.subnet_id.unwrap_or_default(),
            description: interface.description.unwrap_or_default(),
            addresses: Vec::new(),
            ipv6,
            public: BTreeMap::new(),
            requester: None,
            auto_public: false,
            groups: group_ids(interface.groups),
            source_dest_check: interface.source_dest_check != Some(false),
            tracking: ConnectionTracking::default(),
            ipv6_prefixes,
            has_primary_ipv6,
            attachment: None,
            imported_mac: interface.mac_address.filter(|mac| is_mac(mac)),
        };
        self.insert_interface(row, interface.private_ip_address, addresses.collect(), Some(attachment));
    }

    fn insert_interface(
        &mut self,
        mut row: NetworkInterface,
        primary: Option<String>,
        addresses: Vec<Address>,
        attachment: Option<InterfaceAttachment>,
    ) {
        let id = row.id.clone();
        if self.model.subnets.get(&row.subnet).is_none() {
            return self.leave_out(format!("{id}: its subnet {} is not in the files", row.subnet));
        }
        row.addresses = addresses.iter().filter_map(|address| number(address.private.clone())).collect();
        row.addresses.extend(number::<Ipv4Addr>(primary.clone()).filter(|primary| !row.addresses.contains(primary)));
        let first =
            addresses.iter().find(|address| address.primary).and_then(|address| number(address.private.clone()));
        let first = number(primary).or(first);
        row.addresses.sort_by_key(|address| first != Some(*address));
        let all = std::mem::take(&mut row.addresses).into_iter();
        let (own, lost): (Vec<_>, Vec<_>) = all.partition(|address| self.claims(&row, *address));
        row.addresses = own;
        for address in lost {
            self.leave_out(format!("{id}: its address {address}, which is another's or not in its subnet"));
        }
        if row.addresses.is_empty() {
            return self.leave_out(format!("{id}: it has no IPv4 address"));
        }
        for Address { private, public, association, .. } in addresses {
            let (Some(private), Some(address)) = (number::<Ipv4Addr>(private), number::<Ipv4Addr>(public)) else {
                continue;
            };
            if !row.addresses.contains(&private) {
                continue;
            }
            let kept = self.model.elastic_addresses.iter().any(|elastic| elastic.address == address);
            let elastic = association.filter(|_| kept);
            row.public.insert(private, PublicAddress { address, elastic });
        }
        row.auto_public = row.primary_public().is_some_and(|public| public.elastic.is_none());
        row.number = self.model.number();
        row.attachment = attachment.map(|attachment| InterfaceAttachment { port: self.model.number(), ..attachment });
        self.model.network_interfaces.adopt(row);
    }

    /// Whether an interface can have an address: one of its subnet's that no other has. It is its own from then on.
    fn claims(&mut self, interface: &NetworkInterface, address: Ipv4Addr) -> bool {
        let NetworkInterface { id, subnet, .. } = interface;
        let block = self.model.subnets.get(subnet).and_then(|subnet| subnet.cidr);
        let owner = self.addresses.entry((subnet.clone(), address)).or_insert_with(|| id.clone());
        owner == id && block.is_some_and(|block| block.contains(&address))
    }

    /// Detaches network interfaces whose instance was not imported.
    pub(super) fn detach_from_nobody(&mut self) {
        let lost = |interface: &&NetworkInterface| {
            interface.instance().is_some_and(|instance| self.model.instances.get(instance).is_none())
        };
        let lost: Vec<NetworkInterface> = self.model.network_interfaces.iter().filter(lost).cloned().collect();
        for interface in lost {
            let instance = interface.instance().unwrap_or_default();
            self.leave_out(format!("{}: its instance {instance} is not in the files", interface.id));
            self.model.network_interfaces.adopt(NetworkInterface { attachment: None, ..interface });
        }
    }

    pub(super) fn reservation(&mut self, scope: &Scope, reservation: ec2::Reservation) {
        let id = reservation.reservation_id.unwrap_or_else(|| self.model.new_id(IdKind::Reservation));
        for instance in reservation.instances {
            self.instance(scope, &id, instance);
        }
    }

    fn instance(&mut self, scope: &Scope, reservation: &str, instance: ec2::Instance) {
        let Some(id) = self.id(IdKind::Instance, instance.instance_id.clone()) else { return };
        let state = instance.state.as_ref().and_then(|state| state.name.clone()).unwrap_or_else(|| "running".into());
        let state = match state.as_str() {
            "pending" | "running" => InstanceState::Running,
            "stopping" | "stopped" => InstanceState::Stopped,
            _ => return self.leave_out(format!("{id} is {state}")),
        };
        let Some((network, port)) = self.place(scope, &id, &instance, state) else { return };
        let launched = instance.launch_time.unwrap_or(self.now);
        let options = self.instance_options(&instance, launched);
        let placement = instance.placement.unwrap_or_default();
        let tenancy = match placement.tenancy.as_deref() {
            Some("dedicated") => Tenancy::Dedicated,
            Some("host") => Tenancy::Host,
            _ => Tenancy::Default,
        };
        let stopped = instance.state_transition_reason.as_deref().and_then(transition_time);
        let volumes = instance.block_device_mappings.into_iter();
        let volumes = volumes.filter_map(|device| attachment(&id, device, launched));
        let mut volumes: Vec<(String, VolumeAttachment)> = volumes.collect();
        let is_root = |(_, at): &(String, VolumeAttachment)| instance.root_device_name.as_ref() == Some(&at.device);
        volumes.sort_by_key(|volume| !is_root(volume));
        let client_token = instance.client_token.filter(|token| !token.is_empty());
        let row = Instance {
            id,
            scope: scope.clone(),
            tags: tags(instance.tags),
            port,
            reservation: reservation.to_owned(),
            launch_index: unsigned(instance.ami_launch_index).unwrap_or(0),
            image: instance.image_id.unwrap_or_default(),
            instance_type: instance.instance_type.unwrap_or_else(|| "m3.medium".into()),
            zone: placement.availability_zone.unwrap_or_default(),
            tenancy,
            state,
            dormant: true,
            host_failure: None,
            reboots: 0,
            halted: (state == InstanceState::Stopped).then_some(stopped.unwrap_or(self.now)),
            launched,
            network,
            key_name: instance.key_name,
            user_data: None,
            // The files do not say what else was asked for.
            client_token: client_token.map(|token| ClientToken { token, digest: 0 }),
            spot: instance.instance_lifecycle.is_some_and(|lifecycle| lifecycle == "spot"),
            termination_protected: false,
            terminates_on_shutdown: false,
            ebs_optimized: instance.ebs_optimized == Some(true),
            monitored: instance.monitoring.and_then(|is| is.state).is_some_and(|state| state == "enabled"),
            volume: volumes.first().map_or_else(|| self.model.new_id(IdKind::Volume), |(volume, _)| volume.clone()),
            options,
        };
        if volumes.is_empty() {
            let device = instance.root_device_name.unwrap_or_else(|| self.model.root_device(&row.image));
            volumes.push((
                row.volume.clone(),
                VolumeAttachment { instance: row.id.clone(), device, delete_on_termination: true, since: launched },
            ));
        }
        for (volume, attachment) in volumes {
            self.attached_volume(&row, volume, attachment);
        }
        self.model.instances.adopt(row);
    }

    /// A volume of an instance. Other instances may have it, too.
    fn attached_volume(&mut self, instance: &Instance, id: String, attachment: VolumeAttachment) {
        let known = self.model.volumes.get(&id).cloned();
        let mut volume = known.unwrap_or_else(|| Volume {
            id,
            scope: instance.scope.clone(),
            tags: Default::default(),
            zone: instance.zone.clone(),
            shape: VolumeShape::ROOT,
            encrypted: false,
            key: None,
            snapshot: None,
            created: attachment.since,
            attachments: Vec::new(),
            modification: None,
            client_token: None,
            auto_io: false,
        });
        if volume.attachment_to(&attachment.instance).is_none() {
            volume.attachments.push(attachment);
        }
        self.model.volumes.adopt(volume);
    }

    /// An instance's place and its primary port.
    fn place(
        &mut self,
        scope: &Scope,
        id: &str,
        instance: &ec2::Instance,
        state: InstanceState,
    ) -> Option<(Network, u32)> {
        let Some(vpc) = &instance.vpc_id else { return self.classic_place(scope, id, instance, state) };
        for interface in instance.network_interfaces.iter().cloned() {
            let known = interface.network_interface_id.as_ref();
            if known.is_none_or(|id| self.model.network_interfaces.get(id).is_none()) {
                self.instance_interface(scope, id, interface);
            }
        }
        let own = instance.network_interfaces.iter().filter_map(|interface| interface.network_interface_id.as_ref());
        let own = own.filter_map(|interface| self.model.network_interfaces.get(interface));
        let mut own: Vec<&NetworkInterface> = own.filter(|interface| interface.instance() == Some(id)).collect();
        own.sort_by_key(|interface| interface.attachment.as_ref().map(|attachment| attachment.device_index));
        let primary =
            own.first().and_then(|interface| Some((interface.subnet.clone(), interface.attachment.as_ref()?.port)));
        let interfaces = own.into_iter().map(|interface| interface.id.clone()).collect();
        let Some((subnet, port)) = primary else {
            self.leave_out(format!("{id}: its network interface is not in the files"));
            return None;
        };
        Some((Network::Vpc(VpcPlace { vpc: vpc.clone(), subnet, interfaces }), port))
    }

    fn classic_place(
        &mut self,
        scope: &Scope,
        id: &str,
        instance: &ec2::Instance,
        state: InstanceState,
    ) -> Option<(Network, u32)> {
        if Region::named(&scope.region).and_then(Region::classic).is_none() {
            self.leave_out(format!("{id}: it is in no VPC, and {} has no EC2-Classic", scope.region));
            return None;
        }
        let runs = state == InstanceState::Running;
        let private = number(instance.private_ip_address.clone()).filter(|_| runs);
        let public = number(instance.public_ip_address.clone()).filter(|_| runs);
        let place = ClassicPlace {
            attachment: self.model.number(),
            private,
            public: public.map(|address| PublicAddress { address, elastic: None }),
            groups: group_ids(instance.security_groups.clone()),
            link: None,
        };
        Some((Network::Classic(place), self.model.number()))
    }

    pub(super) fn link(&mut self, link: ec2::ClassicLinkInstance) {
        let Some(id) = self.id(IdKind::Instance, link.instance_id) else { return };
        let Some(vpc) = self.vpc_of(&id, link.vpc_id) else { return };
        let Some(mut instance) = self.model.instances.get(&id).cloned() else {
            return self.leave_out(format!("the link of {id}: the instance is not in the files"));
        };
        let attachment = self.model.number();
        if let Network::Classic(place) = &mut instance.network {
            place.link = Some(Link { vpc, groups: group_ids(link.groups), attachment });
            self.model.instances.adopt(instance);
        }
    }
}

/// A block of an interface's addresses.
fn prefix_of_interface(text: Option<String>) -> Option<Ipv4Net> {
    v4(text.as_ref()).filter(|prefix| prefix.prefix_len() == INTERFACE_PREFIX_LENGTH)
}

fn tracking(told: ec2::ConnectionTrackingConfiguration) -> ConnectionTracking {
    ConnectionTracking {
        tcp_established: told.tcp_established_timeout,
        udp_stream: told.udp_stream_timeout,
        udp: told.udp_timeout,
    }
}

fn is_mac(text: &str) -> bool {
    let parts: Vec<&str> = text.split(':').collect();
    parts.len() == 6 && parts.iter().all(|part| part.len() == 2 && part.bytes().all(|digit| digit.is_ascii_hexdigit()))
}

/// The time in the reason of a state, `User initiated (2015-01-07 12:00:00 GMT)`.
fn transition_time(reason: &str) -> Option<Time> {
    let (_, rest) = reason.split_once('(')?;
    let (time, _) = rest.split_once(')')?;
    time.trim_end_matches(" GMT").parse().ok()
}

fn group_ids(groups: List<ec2::GroupIdentifier>) -> Vec<String> {
    groups.into_iter().filter_map(|group| group.group_id).collect()
}

/// A volume's id, and its attachment to an instance.
fn attachment(
    instance: &str,
    device: ec2::InstanceBlockDeviceMapping,
    launched: Time,
) -> Option<(String, VolumeAttachment)> {
    let ebs = device.ebs?;
    let attachment = VolumeAttachment {
        instance: instance.to_owned(),
        device: device.device_name?,
        delete_on_termination: ebs.delete_on_termination == Some(true),
        since: ebs.attach_time.unwrap_or(launched),
    };
    Some((ebs.volume_id?, attachment))
}
