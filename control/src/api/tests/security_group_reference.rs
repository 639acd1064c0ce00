use super::*;

/// A group of one account's VPC, named by a rule of another account's, across a peering connection.
#[test]
fn a_reference_lives_and_dies_with_the_peering() {
    let mut cloud = Cloud::new();
    let a = cloud.vpc("192.168.0.0/16");
    let group = |cloud: &mut Cloud, vpc: &str, name: &str| {
        let form = format!("Action=CreateSecurityGroup&GroupName={name}&GroupDescription=x&VpcId={vpc}");
        cloud.get(&form, "groupId")
    };
    let named = group(&mut cloud, &a, "named");
    let create = |cloud: &mut Cloud, b: &str| {
        let form = format!("Action=CreateVpcPeeringConnection&VpcId={a}&PeerVpcId={b}&PeerOwnerId=777788889999");
        let id = cloud.get(&form, "vpcPeeringConnectionId");
        cloud.account = "777788889999";
        cloud.ask(&format!("Action=AcceptVpcPeeringConnection&VpcPeeringConnectionId={id}")).unwrap();
        id
    };
    cloud.account = "777788889999";
    let b = cloud.vpc("172.31.0.0/16");
    let owner = group(&mut cloud, &b, "owner");
    let authorize = |user: &str| {
        format!(
            "Action=AuthorizeSecurityGroupIngress&GroupId={owner}&IpPermissions.1.IpProtocol=tcp&\
             IpPermissions.1.FromPort=7001&IpPermissions.1.ToPort=7001&IpPermissions.1.Groups.1.GroupId={named}{user}"
        )
    };
    let of_other = authorize("&IpPermissions.1.Groups.1.UserId=111122223333");
    assert_eq!(cloud.ask(&of_other), Err("InvalidGroup.NotFound"), "no peers yet");
    cloud.account = "111122223333";
    let first_pcx = create(&mut cloud, &b);
    assert_eq!(cloud.ask(&authorize("")), Err("InvalidGroup.NotFound"), "not the caller's own");
    cloud.ask(&of_other).unwrap();
    let shown = cloud.ask(&format!("Action=DescribeSecurityGroups&GroupId.1={owner}")).unwrap();
    assert!(shown.contains("<peeringStatus>active</peeringStatus>"), "{shown}");

    cloud.account = "111122223333";
    let references = format!("Action=DescribeSecurityGroupReferences&GroupId.1={named}");
    let body = cloud.ask(&references).unwrap();
    assert_eq!(first(&body, "referencingVpcId").as_deref(), Some(b.as_str()));
    assert_eq!(first(&body, "vpcPeeringConnectionId").as_deref(), Some(first_pcx.as_str()));
    cloud.ask(&format!("Action=DeleteVpcPeeringConnection&VpcPeeringConnectionId={first_pcx}")).unwrap();
    assert!(cloud.all(&references, "groupId").is_empty());

    cloud.account = "777788889999";
    let stale = format!("Action=DescribeStaleSecurityGroups&VpcId={b}");
    let body = cloud.ask(&stale).unwrap();
    for part in [
        format!("<groupId>{owner}</groupId>"),
        format!("<userId>111122223333</userId><groupId>{named}</groupId><vpcId>{a}</vpcId>"),
        "<peeringStatus>deleted</peeringStatus>".into(),
        "<fromPort>7001</fromPort>".into(),
    ] {
        assert!(body.contains(&part), "{part} in {body}");
    }
    // A request that nobody accepts expires.
    cloud.account = "111122223333";
    cloud.get(
        &format!("Action=CreateVpcPeeringConnection&VpcId={a}&PeerVpcId={b}&PeerOwnerId=777788889999"),
        "vpcPeeringConnectionId",
    );
    cloud.account = "777788889999";
    assert!(cloud.ask(&stale).unwrap().contains("<peeringStatus>pending-acceptance</peeringStatus>"));
    cloud.now = cloud.now.after(model::PEERING_REQUEST_LIFE);
    assert!(cloud.ask(&stale).unwrap().contains("<peeringStatus>expired</peeringStatus>"));
    // Peered again, it is in force again; without the group it is stale whatever connects the VPCs.
    cloud.account = "111122223333";
    create(&mut cloud, &b);
    assert!(cloud.all(&stale, "groupId").is_empty());
    cloud.account = "111122223333";
    cloud.ask(&format!("Action=DeleteSecurityGroup&GroupId={named}")).unwrap();
    cloud.account = "777788889999";
    assert!(cloud.ask(&stale).unwrap().contains(&named));
}
