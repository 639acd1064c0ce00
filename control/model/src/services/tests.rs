//! What services run, without a wire.

use super::*;
use crate::{Caller, Condition, ManagedNews, Power, Scope, Tags, Tenancy};

fn new_deployment(name: &str, layout: Layout, group: Option<&str>) -> NewDeployment {
    NewDeployment {
        thing: Thing::DbInstance,
        name: name.into(),
        engine: "postgres".into(),
        settings: Settings::default(),
        subnet_group: group.map(str::to_owned),
        groups: Vec::new(),
        access_groups: Vec::new(),
        zones: Vec::new(),
        public: None,
        port: None,
        layout,
        tags: Tags::new(),
    }
}

struct Cloud {
    model: Model,
    caller: Caller,
    vpc: String,
}

impl Cloud {
    /// A VPC with subnets in two zones, and a subnet group of RDS for both.
    fn new() -> Cloud {
        let scope = Scope { account: "111122223333".into(), region: "us-east-1".into() };
        let caller = Caller::of_account(scope, Time(1_000_000));
        let mut model = Model::new(1);
        model.ensure_defaults(&caller).unwrap();
        let cidr = "192.168.0.0/16".parse().unwrap();
        let vpc = model.create_vpc(&caller, cidr, Tenancy::Default, Tags::new()).unwrap();
        let subnet = |model: &mut Model, cidr: &str, zone: &str| {
            model.create_subnet(&caller, &vpc, cidr.parse().unwrap(), Some(zone), Tags::new()).unwrap()
        };
        let subnets =
            [subnet(&mut model, "192.168.1.0/24", "us-east-1a"), subnet(&mut model, "192.168.2.0/24", "us-east-1b")];
        model.create_subnet_group(&caller, Thing::DbSubnetGroup, ("back", "x"), &subnets, Tags::new()).unwrap();
        Cloud { model, caller, vpc }
    }

    fn create(&mut self, name: &str, layout: Layout, group: Option<&str>) -> Result<Deployment> {
        let new = new_deployment(name, layout, group);
        self.model.create_deployment(&self.caller, new).cloned()
    }

    fn status(&self, name: &str) -> Status {
        self.model.status_of(&self.row(name))
    }

    fn row(&self, name: &str) -> Deployment {
        self.model.deployment(&self.caller.scope, Thing::DbInstance, name).unwrap().clone()
    }

    /// Lets every host come up or go that is to.
    fn arrive(&mut self) {
        self.model.finish_hosts();
    }

    fn names(&self, host: &str) -> Vec<String> {
        self.model.managed_hosts.get(host).unwrap().names.clone()
    }

    fn messages(&self) -> Vec<&str> {
        self.model.service_events.iter().map(|event| event.message.as_str()).collect()
    }
}

#[test]
fn a_database_is_available_when_its_host_is_up_and_gone_when_that_is_gone() {
    let mut cloud = Cloud::new();
    let row = cloud.create("orders", Layout::Single, Some("back")).unwrap();
    assert_eq!(cloud.model.status_of(&row), Status::Creating);
    assert_eq!(row.hosts, ["orders-us-east-1a"]);
    assert!(matches!(cloud.create("Orders", Layout::Single, Some("back")), Err(Error::Exists { .. })));
    cloud.arrive();
    assert_eq!(cloud.model.status_of(&cloud.row("orders")), Status::Available);
    let interfaces = cloud.model.network_interfaces.len();
    assert_eq!(interfaces, 1);
    let caller = cloud.caller.clone();
    cloud.model.delete_deployment(&caller, Thing::DbInstance, "orders").unwrap();
    assert_eq!(cloud.model.status_of(&cloud.row("orders")), Status::Deleting);
    cloud.arrive();
    assert!(cloud.model.deployment(&caller.scope, Thing::DbInstance, "orders").is_err());
    assert!(cloud.model.network_interfaces.is_empty() && cloud.model.managed_hosts.is_empty());
    assert_eq!(cloud.messages(), ["DB instance created", "DB instance deleted"]);
}

#[test]
fn a_failover_moves_the_endpoint_name_and_nothing_else() {
    let mut cloud = Cloud::new();
    let row = cloud.create("shop", Layout::Standby, Some("back")).unwrap();
    let [first, second] = &row.hosts[..] else { panic!("{:?}", row.hosts) };
    let endpoint = cloud.model.endpoint_name(&row);
    assert!(endpoint.starts_with("shop.c") && endpoint.ends_with(".us-east-1.rds.amazonaws.com"), "{endpoint}");
    assert_eq!((cloud.names(first), cloud.names(second)), (vec![endpoint.clone()], vec![]));
    cloud.arrive();
    let addresses = |cloud: &Cloud| {
        cloud.model.network_interfaces.iter().map(|interface| interface.addresses.clone()).collect::<Vec<_>>()
    };
    let before = addresses(&cloud);
    let caller = cloud.caller.clone();
    cloud.model.reboot_deployment(&caller, Thing::DbInstance, "shop", true).unwrap();
    assert_eq!((cloud.names(first), cloud.names(second)), (vec![], vec![endpoint.clone()]));
    assert_eq!(cloud.model.status_of(&cloud.row("shop")), Status::Rebooting);
    cloud.arrive();
    assert_eq!(cloud.model.status_of(&cloud.row("shop")), Status::Available);

    cloud.model.fail_managed_host(second, true, caller.now).unwrap();
    assert_eq!((cloud.names(first), cloud.names(second)), (vec![endpoint.clone()], vec![]));
    assert_eq!(addresses(&cloud), before);
    let refused = cloud.model.reboot_deployment(&caller, Thing::DbInstance, "shop", true);
    assert!(matches!(refused, Err(Error::State { .. })), "{refused:?}");
    // There is nobody left to fail over to.
    cloud.model.fail_managed_host(first, true, caller.now).unwrap();
    assert_eq!(cloud.names(first), [endpoint]);
    assert_eq!(cloud.model.status_of(&cloud.row("shop")), Status::Failed);
    cloud.model.fail_managed_host(first, false, caller.now).unwrap();
    cloud.arrive();
    assert_eq!(cloud.model.status_of(&cloud.row("shop")), Status::Available);
    let failovers = cloud.messages().iter().filter(|message| message.ends_with("failover completed")).count();
    assert_eq!(failovers, 2);
}

#[test]
fn a_standby_comes_and_goes() {
    let mut cloud = Cloud::new();
    cloud.create("shop", Layout::Single, Some("back")).unwrap();
    cloud.arrive();
    let caller = cloud.caller.clone();
    let standby = |on| DeploymentChange { standby: Some(on), ..DeploymentChange::default() };
    cloud.model.modify_deployment(&caller, Thing::DbInstance, "shop", standby(true)).unwrap();
    assert_eq!(cloud.model.status_of(&cloud.row("shop")), Status::Modifying);
    cloud.arrive();
    let row = cloud.row("shop");
    assert_eq!(row.hosts, ["shop-us-east-1a", "shop-us-east-1b"]);
    cloud.model.modify_deployment(&caller, Thing::DbInstance, "shop", standby(false)).unwrap();
    cloud.arrive();
    assert_eq!(cloud.row("shop").hosts, ["shop-us-east-1a"]);
    assert_eq!(cloud.model.managed_hosts.len(), 1);
}

#[test]
fn without_a_subnet_group_it_is_in_classic_where_only_whom_its_group_admits_gets_in() {
    let mut cloud = Cloud::new();
    let row = cloud.create("old", Layout::Single, None).unwrap();
    assert!(row.subnet_group.is_none() && row.public);
    let group = cloud.model.access_groups.get(&row.groups[0]).unwrap();
    assert_eq!((group.name.as_str(), group.admitted.len()), ("default", 0));
    let host = cloud.model.managed_hosts.get("old-us-east-1a").unwrap();
    let (private, public) = cloud.model.managed_addresses(host);
    assert!(private.unwrap().octets()[0] == 10 && public.is_some());
    assert!(cloud.model.has_public_address(public.unwrap()));
    let caller = cloud.caller.clone();
    let range = Admitted::Range("203.0.113.0/24".parse().unwrap());
    let admit =
        |cloud: &mut Cloud| cloud.model.admit(&caller, Thing::DbSecurityGroup, "default", range.clone()).map(drop);
    admit(&mut cloud).unwrap();
    assert!(matches!(admit(&mut cloud), Err(Error::AuthorizationExists { .. })));
    cloud.model.revoke_source(&caller, Thing::DbSecurityGroup, "default", &range).unwrap();
    assert!(cloud.model.access_groups.iter().all(|group| group.admitted.is_empty()));
}

#[test]
fn what_a_database_uses_stays_and_its_interface_is_not_its_users() {
    let mut cloud = Cloud::new();
    let row = cloud.create("orders", Layout::Single, Some("back")).unwrap();
    let caller = cloud.caller.clone();
    let refused = cloud.model.delete_subnet_group(&caller, Thing::DbSubnetGroup, "back");
    assert!(matches!(refused, Err(Error::State { .. })), "{refused:?}");
    let interface = cloud.model.interfaces_of(&row).next().unwrap().clone();
    assert_eq!(
        (interface.description.as_str(), interface.requester.as_deref()),
        ("RDSNetworkInterface", Some("amazon-rds"))
    );
    let change = crate::InterfaceChange::Description("mine".into());
    assert_eq!(cloud.model.modify_network_interface(&caller, &interface.id, change).unwrap_err().code(), "AuthFailure");
    assert!(cloud.model.delete_network_interface(&caller, &interface.id).is_err());
    assert!(cloud.model.delete_subnet(&caller, &interface.subnet).is_err());
    assert_eq!(cloud.model.vpcs.get(&cloud.vpc).unwrap().id, interface.vpc);
}

#[test]
fn a_program_that_does_not_come_up_is_told_once() {
    let mut cloud = Cloud::new();
    cloud.create("orders", Layout::Single, Some("back")).unwrap();
    for _ in 0..3 {
        for condition in [Condition::Failed("its program ended".into()), Condition::Starting] {
            cloud.model.follow_managed_hosts(Time(2), |_| Some(ManagedNews::Fares(condition.clone())));
        }
    }
    assert_eq!(cloud.messages(), ["orders-us-east-1a failed: its program ended"]);
    assert_eq!(cloud.model.managed_hosts.get("orders-us-east-1a").unwrap().power, Power::On);
}

#[test]
fn a_stopped_instance_is_switched_off_until_it_is_started() {
    let mut cloud = Cloud::new();
    cloud.create("shop", Layout::Standby, Some("back")).unwrap();
    cloud.arrive();
    let (caller, before) = (cloud.caller.clone(), cloud.row("shop"));
    let stop = |cloud: &mut Cloud| cloud.model.stop_deployment(&caller, Thing::DbInstance, "shop").cloned();
    assert_eq!(stop(&mut cloud).unwrap().phase, Phase::Stopped);
    cloud.arrive();
    assert_eq!(cloud.status("shop"), Status::Stopped, "no failure, and nobody fails over");
    assert_eq!((cloud.row("shop").primary, cloud.row("shop").hosts), (before.primary, before.hosts.clone()));
    assert!(before.hosts.iter().all(|host| !cloud.model.managed_hosts.get(host).unwrap().is_on()));
    assert!(matches!(stop(&mut cloud), Err(Error::State { .. })));
    for down in [true, false] {
        let refused = cloud.model.fail_managed_host(&before.hosts[0], down, caller.now);
        assert!(matches!(refused, Err(crate::Error::HostSwitchedOff { .. })), "{refused:?}");
    }
    assert_eq!(cloud.status("shop"), Status::Stopped);
    cloud.model.start_deployment(&cloud.caller.clone(), Thing::DbInstance, "shop").unwrap();
    assert_eq!(cloud.status("shop"), Status::Starting);
    cloud.arrive();
    assert_eq!(cloud.status("shop"), Status::Available);
    let messages: Vec<_> = cloud.model.service_events.iter().map(|event| event.message.clone()).collect();
    assert!(messages.ends_with(&["DB instance stopped".into(), "DB instance started".into()]), "{messages:?}");
}

#[test]
fn a_replica_follows_its_source_until_it_is_promoted_or_the_source_goes() {
    let mut cloud = Cloud::new();
    cloud.create("shop", Layout::Single, Some("back")).unwrap();
    cloud.arrive();
    let caller = cloud.caller.clone();
    let replica = |cloud: &mut Cloud, name: &str| {
        let new = new_deployment(name, Layout::Single, Some("back"));
        let new = NewDeployment { settings: Settings { backups: Some(0), ..Settings::default() }, ..new };
        cloud.model.create_replica(&caller, "shop", new).cloned()
    };
    let shop = cloud.row("shop");
    for name in ["one", "two"] {
        assert_eq!(replica(&mut cloud, name).unwrap().source.as_ref(), Some(&shop.id));
    }
    cloud.arrive();
    let of_replica =
        cloud.model.create_replica(&caller, "one", new_deployment("three", Layout::Single, Some("back"))).map(drop);
    assert!(matches!(of_replica, Err(Error::State { .. })), "it has no backups");
    assert!(matches!(cloud.model.stop_deployment(&caller, Thing::DbInstance, "shop"), Err(Error::State { .. })));
    cloud.model.promote_replica(&caller, Thing::DbInstance, "one").unwrap();
    assert_eq!(cloud.row("one").source, None);
    assert!(cloud.model.promote_replica(&caller, Thing::DbInstance, "one").is_err());
    cloud.model.delete_deployment(&caller, Thing::DbInstance, "shop").unwrap();
    assert_eq!(cloud.row("two").source, None);
}

#[test]
fn the_names_of_a_cluster_follow_its_writer() {
    let mut cloud = Cloud::new();
    let caller = cloud.caller.clone();
    let engine = "aurora-postgresql";
    let new = new_deployment("shop", Layout::Members, Some("back"));
    let new = NewDeployment { thing: Thing::DbCluster, engine: engine.into(), ..new };
    let cluster = cloud.model.create_cluster(&caller, new).unwrap();
    for (name, told) in [("one", "{}"), ("two", "{}"), ("three", r#"{"PromotionTier":0}"#)] {
        let (name, told) = (name.to_owned(), told.to_owned());
        let new = NewMember { name, engine: engine.into(), class: "db.r5.large".into(), told, ..NewMember::default() };
        cloud.model.create_member(&caller, "shop", new).unwrap();
    }
    cloud.arrive();
    let (endpoint, reader) = (cloud.model.endpoint_name(&cluster), cloud.model.reader_name(&cluster));
    assert!(endpoint.starts_with("shop.cluster-c") && reader.starts_with("shop.cluster-ro-c"), "{endpoint} {reader}");
    let means = |cloud: &Cloud, name: &String| {
        let hosts = cloud.model.managed_hosts.iter().filter(|host| host.names.contains(name));
        hosts.map(|host| host.id.clone()).collect::<Vec<_>>()
    };
    assert_eq!(means(&cloud, &endpoint), ["one-us-east-1a"]);
    assert_eq!(means(&cloud, &reader), ["three-us-east-1a", "two-us-east-1b"]);

    // A writer that is down: the best tier is next, and who is down is not read from.
    cloud.model.fail_managed_host("one-us-east-1a", true, caller.now).unwrap();
    assert_eq!(means(&cloud, &endpoint), ["three-us-east-1a"]);
    assert_eq!(means(&cloud, &reader), ["two-us-east-1b"]);
    cloud.model.fail_managed_host("one-us-east-1a", false, caller.now).unwrap();
    cloud.arrive();
    assert_eq!(means(&cloud, &reader), ["one-us-east-1a", "two-us-east-1b"]);

    // A failover to one that is named, and a writer that goes.
    let failed_over = cloud.model.fail_over_cluster(&caller, "shop", Some("two")).unwrap();
    assert_eq!(cloud.model.writer_of(&failed_over).unwrap().name, "two");
    cloud.arrive();
    assert_eq!(means(&cloud, &endpoint), ["two-us-east-1b"]);
    cloud.model.delete_deployment(&caller, Thing::DbInstance, "two").unwrap();
    assert_eq!(means(&cloud, &endpoint), ["three-us-east-1a"]);
    cloud.arrive();
    cloud.model.delete_deployment(&caller, Thing::DbInstance, "three").unwrap();
    cloud.arrive();
    assert_eq!(
        (means(&cloud, &endpoint), means(&cloud, &reader)),
        (vec!["one-us-east-1a".into()], vec!["one-us-east-1a".into()])
    );
    let refused = cloud.model.fail_over_cluster(&caller, "shop", None);
    assert!(matches!(refused, Err(Error::State { .. })), "{refused:?}");
}
