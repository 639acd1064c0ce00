use super::*;
use std::time::Duration;

const DAY: Duration = Duration::from_secs(24 * 3600);

fn peer(cloud: &mut Cloud, one: &str, other: &str, more: &str) -> String {
    let form = format!("Action=CreateVpcPeeringConnection&VpcId={one}&PeerVpcId={other}{more}");
    cloud.get(&form, "vpcPeeringConnectionId")
}

fn act(cloud: &mut Cloud, verb: &str, id: &str) -> std::result::Result<String, &'static str> {
    cloud.ask(&format!("Action={verb}VpcPeeringConnection&VpcPeeringConnectionId={id}"))
}

fn status(cloud: &mut Cloud, id: &str) -> std::result::Result<String, &'static str> {
    let body = cloud.ask(&format!("Action=DescribeVpcPeeringConnections&VpcPeeringConnectionId.1={id}"))?;
    Ok(first(&body, "code").unwrap_or_default())
}

fn set(cloud: &mut Cloud, id: &str, side: &str, option: &str, on: bool) -> std::result::Result<String, &'static str> {
    cloud.ask(&format!(
        "Action=ModifyVpcPeeringConnectionOptions&VpcPeeringConnectionId={id}&{side}PeeringConnectionOptions.{option}={on}"
    ))
}

const LINKS_TO_PEER: &str = "AllowEgressFromLocalClassicLinkToRemoteVpc";
const VPC_TO_LINKS: &str = "AllowEgressFromLocalVpcToRemoteClassicLink";

#[test]
fn two_accounts_agree_on_a_peering() {
    let mut cloud = Cloud::new();
    let a = cloud.vpc("192.168.0.0/16");
    cloud.account = "777788889999";
    let b = cloud.vpc("172.31.0.0/16");
    cloud.account = "111122223333";
    let create = format!("Action=CreateVpcPeeringConnection&VpcId={a}&PeerVpcId={b}&PeerOwnerId=777788889999");
    let body = cloud.ask(&create).unwrap();
    assert_eq!(first(&body, "code").as_deref(), Some("initiating-request"));
    let id = first(&body, "vpcPeeringConnectionId").unwrap();
    assert_eq!(cloud.ask(&create), Err("VpcPeeringConnectionAlreadyExists"));
    let pending = cloud.ask("Action=DescribeVpcPeeringConnections").unwrap();
    assert_eq!(first(&pending, "message").as_deref(), Some("Pending Acceptance by 777788889999"));
    assert!(!first(&pending, "accepterVpcInfo").unwrap().contains("cidrBlock"));
    assert!(first(&pending, "requesterVpcInfo").unwrap().contains("<peeringOptions>"));
    assert!(pending.contains("<expirationTime>2015-01-14T12:00:00.000Z</expirationTime>"));
    assert_eq!(act(&mut cloud, "Accept", &id), Err("OperationNotPermitted"));
    cloud.account = "444455556666";
    assert_eq!(status(&mut cloud, &id), Err("InvalidVpcPeeringConnectionID.NotFound"));
    cloud.account = "777788889999";
    act(&mut cloud, "Accept", &id).unwrap();
    assert_eq!(act(&mut cloud, "Accept", &id), Err("InvalidStateTransition"));
    assert_eq!(act(&mut cloud, "Reject", &id), Err("InvalidStateTransition"));
    let active = cloud.ask("Action=DescribeVpcPeeringConnections").unwrap();
    assert!(first(&active, "accepterVpcInfo").unwrap().contains("<cidrBlock>172.31.0.0/16</cidrBlock>"));
    // Each owner has its own tags.
    cloud.ask(&format!("Action=CreateTags&ResourceId.1={id}&Tag.1.Key=Name&Tag.1.Value=theirs")).unwrap();
    cloud.account = "111122223333";
    assert!(cloud.all("Action=DescribeVpcPeeringConnections", "value").is_empty());
    cloud.account = "777788889999";
    assert_eq!(cloud.all("Action=DescribeVpcPeeringConnections", "value"), ["theirs"]);
    // Whoever deletes it sees it for two hours, the other for two days.
    act(&mut cloud, "Delete", &id).unwrap();
    assert_eq!(act(&mut cloud, "Delete", &id), Err("InvalidStateTransition"));
    cloud.now = cloud.now.after(DAY);
    assert_eq!(status(&mut cloud, &id), Err("InvalidVpcPeeringConnectionID.NotFound"));
    cloud.account = "111122223333";
    assert_eq!(status(&mut cloud, &id).as_deref(), Ok("deleted"));
    cloud.now = cloud.now.after(DAY);
    assert_eq!(status(&mut cloud, &id), Err("InvalidVpcPeeringConnectionID.NotFound"));
}

#[test]
fn requests_fail_expire_and_are_rejected() {
    let mut cloud = Cloud::new();
    let (a, b, c) = (cloud.vpc("192.168.0.0/16"), cloud.vpc("192.168.128.0/17"), cloud.vpc("172.31.0.0/16"));
    let failed = peer(&mut cloud, &a, &b, "");
    assert_eq!(status(&mut cloud, &failed).as_deref(), Ok("failed"));
    let unknown = peer(&mut cloud, &a, "vpc-12345678", "&PeerOwnerId=777788889999");
    assert_eq!(status(&mut cloud, &unknown).as_deref(), Ok("failed"));
    let own = format!("Action=CreateVpcPeeringConnection&VpcId={a}&PeerVpcId=vpc-12345678");
    assert_eq!(cloud.ask(&own), Err("InvalidVpcID.NotFound"));
    let rejected = peer(&mut cloud, &a, &c, "");
    act(&mut cloud, "Reject", &rejected).unwrap();
    assert_eq!(status(&mut cloud, &rejected).as_deref(), Ok("rejected"));
    let expired = peer(&mut cloud, &a, &c, "");
    cloud.now = cloud.now.after(7 * DAY);
    assert_eq!(status(&mut cloud, &expired).as_deref(), Ok("expired"));
    assert_eq!(act(&mut cloud, "Accept", &expired), Err("InvalidStateTransition"));
    // A pair whose request is over may ask again.
    let again = peer(&mut cloud, &c, &a, "");
    act(&mut cloud, "Accept", &again).unwrap();
    assert_eq!(status(&mut cloud, &again).as_deref(), Ok("active"));
}

#[test]
fn an_option_puts_10_8_into_every_table_and_its_end_takes_it_out() {
    let mut cloud = Cloud::new();
    let (a, b) = (cloud.vpc("192.168.0.0/16"), cloud.vpc("172.31.0.0/16"));
    let custom = cloud.get(&format!("Action=CreateRouteTable&VpcId={b}"), "routeTableId");
    let tables = [cloud.main_table(&b), custom];
    let id = peer(&mut cloud, &a, &b, "");
    assert_eq!(set(&mut cloud, &id, "Accepter", VPC_TO_LINKS, true), Err("OperationNotPermitted"), "not active");
    act(&mut cloud, "Accept", &id).unwrap();
    let in_the_way = format!("RouteTableId={}&DestinationCidrBlock=10.9.0.0/16&VpcPeeringConnectionId={id}", tables[1]);
    cloud.ask(&format!("Action=CreateRoute&{in_the_way}")).unwrap();
    assert_eq!(set(&mut cloud, &id, "Accepter", VPC_TO_LINKS, true), Err("CidrConflict"));
    cloud.ask(&format!("Action=DeleteRoute&RouteTableId={}&DestinationCidrBlock=10.9.0.0/16", tables[1])).unwrap();

    let answer = set(&mut cloud, &id, "Accepter", VPC_TO_LINKS, true).unwrap();
    assert!(answer.contains(&format!(
        "<accepterPeeringConnectionOptions><{VPC_TO_LINKS}>true</{VPC_TO_LINKS}></accepterPeeringConnectionOptions>"
    ).replace("AllowEgress", "allowEgress")), "{answer}");
    assert!(!answer.contains("requester"));
    let has = |cloud: &Cloud| tables.iter().all(|table| cloud.routes(table).contains(&"10.0.0.0/8 local".to_owned()));
    let hasnt = |cloud: &Cloud| tables.iter().all(|table| cloud.routes(table) == ["172.31.0.0/16 local"]);
    assert!(has(&cloud));
    assert_eq!(cloud.ask(&format!("Action=CreateRoute&{in_the_way}")), Err("InvalidParameterValue"));
    // Two owners of one route: it stays until the last one lets go.
    cloud.ask(&format!("Action=EnableVpcClassicLink&VpcId={b}")).unwrap();
    set(&mut cloud, &id, "Accepter", VPC_TO_LINKS, false).unwrap();
    assert!(has(&cloud));
    set(&mut cloud, &id, "Accepter", VPC_TO_LINKS, true).unwrap();
    cloud.ask(&format!("Action=DisableVpcClassicLink&VpcId={b}")).unwrap();
    assert!(has(&cloud));
    act(&mut cloud, "Delete", &id).unwrap();
    assert!(hasnt(&cloud));
}

#[test]
fn each_owner_changes_its_own_side_within_one_region() {
    let mut cloud = Cloud::new();
    let a = cloud.vpc("192.168.0.0/16");
    cloud.account = "777788889999";
    cloud.model.platform.vpc_only_accounts.insert("777788889999".into());
    let b = cloud.vpc("172.31.0.0/16");
    cloud.account = "111122223333";
    let id = peer(&mut cloud, &a, &b, "&PeerOwnerId=777788889999");
    cloud.account = "777788889999";
    act(&mut cloud, "Accept", &id).unwrap();
    assert_eq!(set(&mut cloud, &id, "Requester", LINKS_TO_PEER, true), Err("OperationNotPermitted"));
    set(&mut cloud, &id, "Accepter", VPC_TO_LINKS, true).unwrap();
    assert!(cloud.routes(&cloud.main_table(&b)).contains(&"10.0.0.0/8 local".to_owned()));
    assert_eq!(
        set(&mut cloud, &id, "Accepter", "AllowDnsResolutionFromRemoteVpc", true),
        Err("InvalidVpcPeeringConnectionState.DnsHostnamesDisabled")
    );
    cloud.region = "us-west-2";
    let far = cloud.vpc("10.2.0.0/16");
    cloud.region = "us-east-1";
    let id = peer(&mut cloud, &b, &far, "&PeerRegion=us-west-2");
    assert_eq!(act(&mut cloud, "Accept", &id), Err("OperationNotPermitted"), "in the other Region");
    cloud.region = "us-west-2";
    act(&mut cloud, "Accept", &id).unwrap();
    assert_eq!(set(&mut cloud, &id, "Accepter", LINKS_TO_PEER, true), Err("OperationNotPermitted"));
}

#[test]
fn routes_to_a_peering_are_blackholes_unless_it_is_active() {
    let mut cloud = Cloud::new();
    let (a, b) = (cloud.vpc("192.168.0.0/16"), cloud.vpc("172.31.0.0/16"));
    let (table, id) = (cloud.main_table(&a), peer(&mut cloud, &a, &b, ""));
    cloud
        .ask(&format!(
            "Action=CreateRoute&RouteTableId={table}&DestinationCidrBlock=172.31.0.0/16&VpcPeeringConnectionId={id}"
        ))
        .unwrap();
    assert_eq!(cloud.routes(&table)[1], format!("172.31.0.0/16 {id} blackhole"));
    act(&mut cloud, "Accept", &id).unwrap();
    assert_eq!(cloud.routes(&table)[1], format!("172.31.0.0/16 {id}"));
    // A VPC that goes ends its peerings.
    cloud.ask(&format!("Action=DeleteVpc&VpcId={b}")).unwrap();
    assert_eq!(status(&mut cloud, &id).as_deref(), Ok("deleted"));
    assert_eq!(cloud.routes(&table)[1], format!("172.31.0.0/16 {id} blackhole"));
}

/// Fifty active ones a VPC (semantics.md §6).
#[test]
fn a_vpc_has_fifty_active_peerings() {
    let mut cloud = Cloud::new();
    let hub = cloud.vpc("192.168.0.0/16");
    for n in 0..51 {
        let spoke = cloud.vpc(&format!("172.16.{n}.0/24"));
        let id = peer(&mut cloud, &spoke, &hub, "");
        let answer = act(&mut cloud, "Accept", &id).map(|_| ());
        assert_eq!(answer, if n < 50 { Ok(()) } else { Err("ActiveVpcPeeringConnectionPerVpcLimitExceeded") }, "{n}");
    }
}

/// What today's clients know beyond ClassicLink is not looked at (semantics.md §1.2).
#[test]
fn options_of_later_times_are_let_be() {
    let mut cloud = Cloud::new();
    let (a, b) = (cloud.vpc("192.168.0.0/16"), cloud.vpc("172.31.0.0/16"));
    let id = peer(&mut cloud, &a, &b, "");
    act(&mut cloud, "Accept", &id).unwrap();
    let answer = set(&mut cloud, &id, "Requester", "AllowMultipathResilience", true).unwrap();
    assert!(answer.contains("<requesterPeeringConnectionOptions/>"), "{answer}");
    assert_eq!(set(&mut cloud, &id, "Requester", "AllowEverything", true), Err("UnknownParameter"));
}
