//! Instances: hosts of an account, in EC2-Classic or in a subnet, and their states.

use crate::collection::resource;
use crate::ec2::instance_type::SMALLEST_MTU;
use crate::{
    Caller, CpuOptions, Error, IdKind, InstanceOptions, InstanceType, InterfaceAttachment, Model, NetworkInterface,
    PublicAddress, Result, Scope, Tags, Tenancy, Time,
};
use serde::{Deserialize, Serialize};
use std::net::Ipv4Addr;
use std::time::Duration;

/// How long a terminated instance can still be described.
const TERMINATED_VISIBLE: Duration = Duration::from_secs(3600);

/// A tag on RunInstances that asks for an MTU, in bytes.
pub const MTU_TAG: &str = "classiclink:mtu";
/// A tag on RunInstances that asks for a kind of interface: `plain` or `offload`.
pub const PORT_TAG: &str = "classiclink:port";

/// The state of an instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum InstanceState {
    /// It has its addresses. Its host is not up yet.
    Pending,
    /// It runs.
    Running,
    /// It has lost its addresses in EC2-Classic. Its host still exists.
    Stopping,
    /// It has no processes and, in EC2-Classic, no addresses.
    Stopped,
    /// It has lost its interfaces. Its host still exists.
    ShuttingDown,
    /// Its host is gone. It is described for a while.
    Terminated,
}

impl InstanceState {
    /// The API's word.
    pub fn name(self) -> &'static str {
        match self {
            InstanceState::Pending => "pending",
            InstanceState::Running => "running",
            InstanceState::Stopping => "stopping",
            InstanceState::Stopped => "stopped",
            InstanceState::ShuttingDown => "shutting-down",
            InstanceState::Terminated => "terminated",
        }
    }

    /// The API's number.
    pub fn code(self) -> u8 {
        match self {
            InstanceState::Pending => 0,
            InstanceState::Running => 16,
            InstanceState::ShuttingDown => 32,
            InstanceState::Terminated => 48,
            InstanceState::Stopping => 64,
            InstanceState::Stopped => 80,
        }
    }
}

/// The network of an instance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Network {
    /// In its Region's EC2-Classic.
    Classic(ClassicPlace),
    /// In a subnet.
    Vpc(VpcPlace),
}

/// An instance's place in EC2-Classic.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClassicPlace {
    /// The number of its attachment in EC2-Classic.
    pub attachment: u32,
    /// Its private address. `None` while it is stopped. Every start gives another one.
    pub private: Option<Ipv4Addr>,
    /// Its public address. `None` while it is stopped. Every start gives another one.
    pub public: Option<PublicAddress>,
    /// Its groups of EC2-Classic, which never change.
    pub groups: Vec<String>,
    /// Its link to a VPC.
    pub link: Option<Link>,
}

/// The link of a Classic instance to a VPC.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// The VPC.
    pub vpc: String,
    /// The VPC's groups that apply to packets on the link. They never change (M20).
    pub groups: Vec<String>,
    /// The number of the instance's attachment in the VPC. Every link has another one.
    pub attachment: u32,
}

/// An instance's place in a VPC.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VpcPlace {
    /// The VPC.
    pub vpc: String,
    /// The subnet of its primary interface.
    pub subnet: String,
    /// Its network interfaces, the primary one first.
    pub interfaces: Vec<String>,
}

/// A client token, and a digest of the request's other parameters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientToken {
    /// The token.
    pub token: String,
    /// The digest.
    pub digest: u64,
}

/// An instance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Instance {
    /// `i-…`
    pub id: String,
    /// Its account and Region.
    pub scope: Scope,
    /// Its tags.
    pub tags: Tags,
    /// The number of its primary port. It outlives the network interface in a VPC, so that drops of a terminated instance have a name.
    pub port: u32,
    /// The reservation of its launch: `r-…`.
    pub reservation: String,
    /// Its index in the reservation.
    pub launch_index: u32,
    /// `ami-…`
    pub image: String,
    /// `m1.small`, for example.
    pub instance_type: String,
    /// Its Availability Zone.
    pub zone: String,
    /// Its tenancy.
    pub tenancy: Tenancy,
    /// The state.
    pub state: InstanceState,
    /// Whether it runs elsewhere only: it was imported without a host.
    #[serde(default)]
    pub dormant: bool,
    /// Why its host could not be made or removed, as long as that is so.
    #[serde(default)]
    pub host_failure: Option<String>,
    /// The number of its reboots.
    #[serde(default)]
    pub reboots: u32,
    /// The time at which it was stopped or terminated.
    pub halted: Option<Time>,
    /// The time of its launch or last start.
    pub launched: Time,
    /// Its network.
    pub network: Network,
    /// The name of its key pair.
    pub key_name: Option<String>,
    /// Its user data, in base64.
    pub user_data: Option<String>,
    /// The client token of its launch.
    pub client_token: Option<ClientToken>,
    /// Whether it was launched as a Spot instance.
    pub spot: bool,
    /// Whether TerminateInstances is refused.
    pub termination_protected: bool,
    /// Whether shutting it down from inside terminates it.
    pub terminates_on_shutdown: bool,
    /// Whether it is optimised for EBS.
    pub ebs_optimized: bool,
    /// Whether it is monitored in detail.
    pub monitored: bool,
    /// Its root volume.
    pub volume: String,
    /// Its other options.
    #[serde(default)]
    pub options: InstanceOptions,
}

resource!(Instance, IdKind::Instance, |instance| {
    let classic = instance.classic();
    let public = classic.and_then(|place| place.public.as_ref()).map(|public| public.address.to_string());
    let private = classic.and_then(|place| place.private).map(|address| address.to_string());
    let own = classic.into_iter().flat_map(|place| &place.groups);
    let link = instance.link().into_iter().flat_map(|link| link.groups.iter().chain([&link.vpc]));
    let vpc = instance.vpc().map(|place| &place.vpc);
    own.chain(link).chain(vpc).chain([&instance.reservation]).cloned().chain(public).chain(private).collect()
});

impl Instance {
    /// Whether it runs.
    pub fn is_running(&self) -> bool {
        self.state == InstanceState::Running
    }

    /// Whether it is switched on: pending or running. It has addresses, and entries in the tables.
    pub fn is_on(&self) -> bool {
        matches!(self.state, InstanceState::Pending | InstanceState::Running)
    }

    /// Whether it has a host, or is about to get one.
    pub fn has_host(&self) -> bool {
        self.is_on() && !self.dormant
    }

    /// Whether it is terminated or shutting down. It has no interfaces any more.
    pub fn is_gone(&self) -> bool {
        matches!(self.state, InstanceState::ShuttingDown | InstanceState::Terminated)
    }

    /// Whether it is terminated and its host is gone.
    pub fn is_terminated(&self) -> bool {
        self.state == InstanceState::Terminated
    }

    /// Whether it is no longer described.
    pub fn is_forgotten(&self, now: Time) -> bool {
        self.is_terminated() && self.halted.is_some_and(|since| now.since(since) > TERMINATED_VISIBLE)
    }

    /// Its place in EC2-Classic, unless it is in a VPC.
    pub fn classic(&self) -> Option<&ClassicPlace> {
        match &self.network {
            Network::Classic(classic) => Some(classic),
            Network::Vpc(_) => None,
        }
    }

    pub(crate) fn classic_mut(&mut self) -> Option<&mut ClassicPlace> {
        match &mut self.network {
            Network::Classic(classic) => Some(classic),
            Network::Vpc(_) => None,
        }
    }

    /// Its place in a VPC, unless it is in EC2-Classic. A linked instance is not in the VPC (M11).
    pub fn vpc(&self) -> Option<&VpcPlace> {
        match &self.network {
            Network::Classic(_) => None,
            Network::Vpc(place) => Some(place),
        }
    }

    /// Its link.
    pub fn link(&self) -> Option<&Link> {
        self.classic()?.link.as_ref()
    }

    /// Its cores, and the threads of each.
    pub fn cpu(&self) -> CpuOptions {
        self.options.cpu.clone().unwrap_or_else(|| match InstanceType::named(&self.instance_type) {
            Some(known) => CpuOptions { cores: known.cores, threads: known.processors / known.cores.max(1) },
            None => CpuOptions { cores: 1, threads: 1 },
        })
    }

    /// The MTU of its interface in bytes: that of the tag [`MTU_TAG`], or its type's.
    pub fn mtu(&self) -> u16 {
        let asked = self.tags.get(MTU_TAG).and_then(|mtu| mtu.parse().ok()).filter(|mtu| *mtu >= SMALLEST_MTU);
        asked.unwrap_or_else(|| crate::ec2::instance_type::mtu(&self.instance_type, self.classic().is_some()))
    }

    /// Whether its interface has no offloads, as the tag [`PORT_TAG`] = `plain` asks.
    pub fn has_plain_port(&self) -> bool {
        self.tags.get(PORT_TAG).is_some_and(|kind| kind == "plain")
    }
}

/// A change of an instance's attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InstanceChange {
    /// `groupSet`: of VPC instances only.
    Groups(Vec<String>),
    /// `sourceDestCheck`: of VPC instances only.
    SourceDestCheck(bool),
    /// `instanceType`: of stopped instances only.
    Type(String),
    /// `userData`: of stopped instances only.
    UserData(Option<String>),
    /// `disableApiTermination`
    TerminationProtected(bool),
    /// `disableApiStop`
    StopProtected(bool),
    /// `enclaveOptions`: of stopped instances only.
    Enclaves(bool),
    /// `instanceInitiatedShutdownBehavior`
    TerminatesOnShutdown(bool),
    /// `ebsOptimized`: of stopped instances only.
    EbsOptimized(bool),
    /// `kernel`: of stopped instances only.
    Kernel(String),
    /// `ramdisk`: of stopped instances only.
    Ramdisk(String),
    /// `monitoring`
    Monitored(bool),
}

impl Model {
    /// Marks an instance as one without a host here.
    pub fn make_dormant(&mut self, id: &str) {
        let sleep = |instance: &mut Instance| (instance.dormant, instance.state) = (true, InstanceState::Running);
        self.instances.update(|instance| instance.id == id && instance.is_on(), sleep);
    }

    /// Gives imported instances hosts, if `wanted` holds for them.
    pub fn give_hosts(&mut self, wanted: impl Fn(&Instance) -> bool) {
        self.instances.update(|instance| instance.dormant && wanted(instance), |instance| instance.dormant = false);
    }

    /// Checks that all of these instances are the caller's.
    fn refuse_unknown(&self, caller: &Caller, ids: &[String]) -> Result<()> {
        let unknown = ids.iter().filter(|id| self.instances.find(&caller.scope, id).is_err()).cloned().collect();
        Error::of_missing(IdKind::Instance, unknown).map_or(Ok(()), Err)
    }

    fn refuse_gone(&self, caller: &Caller, ids: &[String]) -> Result<()> {
        self.refuse_unknown(caller, ids)?;
        for id in ids {
            let instance = self.instances.find(&caller.scope, id)?;
            if instance.is_gone() {
                return Err(Error::WrongState { id: id.clone(), state: instance.state.name().into() });
            }
        }
        Ok(())
    }

    /// StartInstances. A Classic instance gets new addresses and has no link (M13, semantics.md §3). It is pending until its host is up.
    /// Returns the previous states.
    pub fn start_instances(&mut self, caller: &Caller, ids: &[String]) -> Result<Vec<InstanceState>> {
        self.refuse_gone(caller, ids)?;
        let before = self.states(ids);
        for id in ids {
            self.start_instance(caller, id)?;
        }
        Ok(before)
    }

    fn start_instance(&mut self, caller: &Caller, id: &str) -> Result<()> {
        let instance = self.instances.find(&caller.scope, id)?.clone();
        match instance.state {
            InstanceState::Pending | InstanceState::Running => return Ok(()),
            InstanceState::Stopped => {}
            state => return Err(Error::WrongState { id: id.into(), state: state.name().into() }),
        }
        let addresses = match &instance.network {
            Network::Classic(_) => Some((self.new_classic(&instance.scope.region, None)?, self.new_public(None)?)),
            Network::Vpc(_) => {
                let primary = self.auto_public_interface(&instance).and_then(|id| self.network_interfaces.get(id));
                if let Some(primary) = primary.filter(|eni| eni.primary_public().is_none()) {
                    let (id, private) = (primary.id.clone(), primary.address());
                    let address = self.new_public(None)?;
                    self.network_interfaces.find_mut(&caller.scope, &id)?.public.insert(private, address);
                }
                None
            }
        };
        self.renew_ports(caller, id)?;
        let instance = self.instances.find_mut(&caller.scope, id)?;
        instance.state = InstanceState::Pending;
        instance.dormant = false;
        instance.halted = None;
        instance.launched = caller.now;
        if let (Some((private, public)), Some(classic)) = (addresses, instance.classic_mut()) {
            classic.private = Some(private);
            classic.public = Some(public);
        }
        Ok(())
    }

    /// Gives a started instance new ports, so that connections to its earlier ports do not continue.
    fn renew_ports(&mut self, caller: &Caller, id: &str) -> Result<()> {
        let instance = self.instances.find(&caller.scope, id)?;
        let interfaces = instance.vpc().map_or_else(Vec::new, |place| place.interfaces.clone());
        // The primary port's number is also the instance's.
        let port = self.number();
        self.instances.find_mut(&caller.scope, id)?.port = port;
        for (index, interface) in interfaces.iter().enumerate() {
            let port = if index == 0 { port } else { self.number() };
            if let Some(attachment) = &mut self.network_interfaces.find_mut(&caller.scope, interface)?.attachment {
                attachment.port = port;
            }
        }
        Ok(())
    }

    /// StopInstances. A Classic instance loses its link and its addresses at once (M13, semantics.md §3), an instance in a VPC keeps its
    /// private ones. It is stopping until its host is gone. Returns the previous states.
    pub fn stop_instances(&mut self, caller: &Caller, ids: &[String]) -> Result<Vec<InstanceState>> {
        self.refuse_gone(caller, ids)?;
        for id in ids {
            self.check_stop(self.instances.find(&caller.scope, id)?)?;
        }
        let before = self.states(ids);
        for id in ids {
            match self.instances.find(&caller.scope, id)?.state {
                InstanceState::Stopping | InstanceState::Stopped => {}
                InstanceState::Running => self.halt(caller, id, InstanceState::Stopping)?,
                state => return Err(Error::WrongState { id: id.clone(), state: state.name().into() }),
            }
        }
        Ok(before)
    }

    /// Checks that an instance may be stopped: not protected, booted from a volume (semantics.md §3), without a one-time Spot request.
    fn check_stop(&self, instance: &Instance) -> Result<()> {
        let id = instance.id.clone();
        if !self.boots_from_volume(&instance.image) {
            return Err(Error::InstanceStore { id });
        }
        if self.spot_request_of(instance).is_some_and(|request| !request.terms.persistent) {
            return Err(Error::OneTimeSpot { id });
        }
        if instance.options.stop_protected { Err(Error::NoStop { id }) } else { Ok(()) }
    }

    /// RebootInstances: the host restarts. Addresses and links stay, and so does the state.
    pub fn reboot_instances(&mut self, caller: &Caller, ids: &[String]) -> Result<()> {
        self.refuse_unknown(caller, ids)?;
        for id in ids {
            let instance = self.instances.find(&caller.scope, id)?;
            if !instance.is_running() {
                return Err(Error::WrongState { id: id.clone(), state: instance.state.name().into() });
            }
        }
        for id in ids {
            self.instances.find_mut(&caller.scope, id)?.reboots += 1;
        }
        Ok(())
    }

    /// TerminateInstances. The link and the interfaces that are deleted on termination end at once. It is shutting down until its host is
    /// gone. Stop protection applies, too. Returns the previous states.
    pub fn terminate_instances(&mut self, caller: &Caller, ids: &[String]) -> Result<Vec<InstanceState>> {
        self.refuse_unknown(caller, ids)?;
        for id in ids {
            let instance = self.instances.find(&caller.scope, id)?;
            if instance.termination_protected {
                return Err(Error::NoTermination { id: id.clone() });
            }
            if instance.options.stop_protected {
                return Err(Error::StopProtected { id: id.clone() });
            }
        }
        let before = self.states(ids);
        for id in ids {
            if !self.instances.find(&caller.scope, id)?.is_gone() {
                self.end_instance(caller, id)?;
            }
        }
        Ok(before)
    }

    /// Terminates an instance, even if it is protected.
    pub(crate) fn end_instance(&mut self, caller: &Caller, id: &str) -> Result<()> {
        self.halt(caller, id, InstanceState::ShuttingDown)?;
        self.let_go_of_interfaces(id);
        self.release_volumes(id);
        self.deregister_everywhere(id);
        Ok(())
    }

    fn states(&self, ids: &[String]) -> Vec<InstanceState> {
        ids.iter().filter_map(|id| self.instances.get(id)).map(|instance| instance.state).collect()
    }

    pub(crate) fn halt(&mut self, caller: &Caller, id: &str, state: InstanceState) -> Result<()> {
        let instance = self.instances.find(&caller.scope, id)?;
        let interfaces = instance.vpc().map(|place| place.interfaces.clone()).unwrap_or_default();
        let instance = self.instances.find_mut(&caller.scope, id)?;
        instance.state = state;
        instance.halted = Some(caller.now);
        if let Some(classic) = instance.classic_mut() {
            (classic.private, classic.public, classic.link) = (None, None, None);
        }
        let pooled = |public: &PublicAddress| public.elastic.is_none();
        self.network_interfaces.update(
            |eni| interfaces.contains(&eni.id) && eni.public.values().any(pooled),
            |eni| eni.public.retain(|_, public| !pooled(public)),
        );
        Ok(())
    }

    /// The interface that gets a public address of the pool at a start: the instance's only one, if it is configured so. An instance with
    /// several interfaces has none.
    pub(crate) fn auto_public_interface<'i>(&self, instance: &'i Instance) -> Option<&'i String> {
        let [only] = instance.vpc()?.interfaces.as_slice() else { return None };
        self.network_interfaces.get(only).filter(|interface| interface.auto_public).map(|_| only)
    }

    fn let_go_of_interfaces(&mut self, id: &str) {
        let attached = |attachment: &Option<InterfaceAttachment>| attachment.as_ref().is_some_and(|a| a.instance == id);
        let goes =
            |attachment: &Option<InterfaceAttachment>| attachment.as_ref().is_some_and(|a| a.delete_on_termination);
        self.network_interfaces.remove_where(|eni| attached(&eni.attachment) && goes(&eni.attachment));
        self.forget_mirror_sessions();
        self.network_interfaces.update(|eni| attached(&eni.attachment), |eni| eni.attachment = None);
        if let Some(Network::Vpc(place)) = self.instances.get_mut(id).map(|instance| &mut instance.network) {
            place.interfaces.clear();
        }
    }

    /// The only interface of an instance.
    fn only_interface(&mut self, instance: &Instance) -> Result<&mut NetworkInterface> {
        match instance.vpc().map(|place| place.interfaces.as_slice()) {
            Some([only]) => self.network_interfaces.find_mut(&instance.scope, only),
            Some([]) => Err(Error::WrongState { id: instance.id.clone(), state: instance.state.name().into() }),
            _ => Err(Error::SeveralInterfaces { id: instance.id.clone() }),
        }
    }

    /// Changes the options of an instance that is not terminated.
    pub fn change_options(
        &mut self,
        caller: &Caller,
        id: &str,
        change: impl FnOnce(&mut InstanceOptions) -> Result<()>,
    ) -> Result<()> {
        let instance = self.instances.find_mut(&caller.scope, id)?;
        if instance.is_gone() {
            return Err(Error::WrongState { id: id.to_owned(), state: instance.state.name().into() });
        }
        change(&mut instance.options)
    }

    /// Changes the options of an instance that is stopped.
    pub fn change_options_of_stopped(
        &mut self,
        caller: &Caller,
        id: &str,
        change: impl FnOnce(&mut InstanceOptions) -> Result<()>,
    ) -> Result<()> {
        let instance = self.instances.find(&caller.scope, id)?;
        match instance.state {
            InstanceState::Stopped => self.change_options(caller, id, change),
            _ => Err(Error::NotStopped { id: id.to_owned() }),
        }
    }

    /// ModifyInstanceAttribute. Attributes of interfaces can be changed if the instance has only one.
    pub fn modify_instance(&mut self, caller: &Caller, id: &str, change: InstanceChange) -> Result<()> {
        let instance = self.instances.find(&caller.scope, id)?.clone();
        let only_vpc = |attribute: &str| Error::OnlyVpcAttribute { attribute: attribute.into() };
        let stopped = || match instance.state {
            InstanceState::Stopped => Ok(()),
            _ => Err(Error::NotStopped { id: id.into() }),
        };
        match change {
            InstanceChange::Groups(groups) => {
                let place = instance.vpc().ok_or_else(|| only_vpc("groupSet"))?;
                self.check_vpc_groups(&caller.scope, &place.vpc, &groups)?;
                self.only_interface(&instance)?.groups = groups;
            }
            InstanceChange::SourceDestCheck(on) => {
                instance.vpc().ok_or_else(|| only_vpc("sourceDestCheck"))?;
                self.only_interface(&instance)?.source_dest_check = on;
            }
            InstanceChange::Type(name) => {
                stopped()?;
                self.check_type(&name, instance.classic().is_some())?;
                self.instances.find_mut(&caller.scope, id)?.instance_type = name;
            }
            InstanceChange::UserData(data) => {
                stopped()?;
                self.instances.find_mut(&caller.scope, id)?.user_data = data;
            }
            InstanceChange::EbsOptimized(on) => {
                stopped()?;
                self.instances.find_mut(&caller.scope, id)?.ebs_optimized = on;
            }
            InstanceChange::Kernel(kernel) => {
                stopped()?;
                self.instances.find_mut(&caller.scope, id)?.options.boot_images.kernel = Some(kernel);
            }
            InstanceChange::Ramdisk(ramdisk) => {
                stopped()?;
                self.instances.find_mut(&caller.scope, id)?.options.boot_images.ramdisk = Some(ramdisk);
            }
            InstanceChange::TerminationProtected(on) => {
                self.instances.find_mut(&caller.scope, id)?.termination_protected = on;
            }
            InstanceChange::StopProtected(on) => {
                self.instances.find_mut(&caller.scope, id)?.options.stop_protected = on;
            }
            InstanceChange::Enclaves(on) => {
                stopped()?;
                self.instances.find_mut(&caller.scope, id)?.options.enclaves = on;
            }
            InstanceChange::Monitored(on) => self.instances.find_mut(&caller.scope, id)?.monitored = on,
            InstanceChange::TerminatesOnShutdown(on) => {
                self.instances.find_mut(&caller.scope, id)?.terminates_on_shutdown = on;
            }
        }
        Ok(())
    }
}
