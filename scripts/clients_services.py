"""Databases and caches through unmodified clients: boto3's of RDS, ElastiCache and Redshift, with their waiters and paginators.

Run by scripts/clients, which starts the cloud and sets the environment.
"""

import subprocess
import sys

import boto3
from clients import CLOUD, SOON, STATE, launch, resource
from clients_testing import refused, run


def service(name, account):
    return boto3.client(name, aws_access_key_id=account, aws_secret_access_key="test")


def subnets(ec2, vpc):
    places = [("192.168.1.0/24", "us-east-1a"), ("192.168.2.0/24", "us-east-1b")]
    return [vpc.create_subnet(CidrBlock=cidr, AvailabilityZone=zone).id for cidr, zone in places]


def says(instance, endpoint):
    """The answer that an instance gets at an endpoint."""
    ask = f"timeout 5 bash -c 'cat </dev/tcp/{endpoint['Address']}/{endpoint['Port']}'"
    command = [CLOUD, "exec", "--state", STATE, instance, "--", "sh", "-c", ask]
    return subprocess.run(command, capture_output=True, check=True, text=True).stdout


def test_a_database_of_two_zones():
    account = "121212121212"
    ec2, rds = resource(account=account), service("rds", account)
    vpc = ec2.create_vpc(CidrBlock="192.168.0.0/16")
    group = vpc.create_security_group(GroupName="link", Description="link")
    vpc.enable_classic_link()
    instance = launch(ec2)
    instance.wait_until_running(WaiterConfig=SOON)
    instance.attach_classic_link_vpc(VpcId=vpc.id, Groups=[group.id])
    group.authorize_ingress(
        IpPermissions=[{"IpProtocol": "tcp", "FromPort": 5432, "ToPort": 5432, "UserIdGroupPairs": [{"GroupId": group.id}]}]
    )
    rds.create_db_subnet_group(DBSubnetGroupName="back", DBSubnetGroupDescription="x", SubnetIds=subnets(ec2, vpc))
    made = rds.create_db_instance(
        DBInstanceIdentifier="orders",
        DBInstanceClass="db.m3.medium",
        Engine="postgres",
        MasterUsername="me",
        MasterUserPassword="secret-secret",
        AllocatedStorage=10,
        MultiAZ=True,
        DBSubnetGroupName="back",
        VpcSecurityGroupIds=[group.id],
        Tags=[{"Key": "team", "Value": "a"}],
    )["DBInstance"]
    assert (made["DBInstanceStatus"], made["MultiAZ"], made["PubliclyAccessible"]) == ("creating", True, False)
    named = {"DBInstanceIdentifier": "orders"}
    refused("DBInstanceAlreadyExists", rds.create_db_instance, DBInstanceClass="x", Engine="mysql", **named)
    rds.get_waiter("db_instance_available").wait(WaiterConfig=SOON, **named)
    [found] = rds.describe_db_instances(**named)["DBInstances"]
    assert (found["AvailabilityZone"], found["SecondaryAvailabilityZone"]) == ("us-east-1a", "us-east-1b")
    assert [member["VpcSecurityGroupId"] for member in found["VpcSecurityGroups"]] == [group.id]
    assert "orders (postgres)" in says(instance.id, found["Endpoint"])
    interfaces = ec2.network_interfaces.filter(Filters=[{"Name": "description", "Values": ["RDSNetworkInterface"]}])
    assert [interface.requester_managed for interface in interfaces] == [True, True]
    rds.reboot_db_instance(ForceFailover=True, **named)
    rds.get_waiter("db_instance_available").wait(WaiterConfig=SOON, **named)
    [moved] = rds.describe_db_instances(**named)["DBInstances"]
    assert (moved["AvailabilityZone"], moved["Endpoint"]) == ("us-east-1b", found["Endpoint"])
    events = rds.describe_events(SourceType="db-instance", SourceIdentifier="orders")["Events"]
    assert "Multi-AZ instance failover completed" in [event["Message"] for event in events]
    arn = found["DBInstanceArn"]
    rds.add_tags_to_resource(ResourceName=arn, Tags=[{"Key": "more", "Value": ""}])
    assert len(rds.list_tags_for_resource(ResourceName=arn)["TagList"]) == 2
    rds.delete_db_instance(SkipFinalSnapshot=True, **named)
    rds.get_waiter("db_instance_deleted").wait(WaiterConfig=SOON, **named)
    rds.delete_db_subnet_group(DBSubnetGroupName="back")
    assert list(ec2.network_interfaces.all()) == []


def test_a_database_of_classic():
    account = "131313131313"
    ec2, rds = resource(account=account), service("rds", account)
    ec2.create_security_group(GroupName="web", Description="x")
    rds.create_db_security_group(DBSecurityGroupName="db", DBSecurityGroupDescription="x")
    admitted = rds.authorize_db_security_group_ingress(DBSecurityGroupName="db", EC2SecurityGroupName="web")
    assert admitted["DBSecurityGroup"]["EC2SecurityGroups"][0]["Status"] == "authorized"
    instance = launch(ec2, SecurityGroups=["web"])
    instance.wait_until_running(WaiterConfig=SOON)
    named = {"DBInstanceIdentifier": "old"}
    rds.create_db_instance(DBInstanceClass="db.m1.small", Engine="mysql", DBSecurityGroups=["db"], **named)
    rds.get_waiter("db_instance_available").wait(WaiterConfig=SOON, **named)
    [found] = rds.describe_db_instances(**named)["DBInstances"]
    assert [group["DBSecurityGroupName"] for group in found["DBSecurityGroups"]] == ["db"]
    assert "old (mysql)" in says(instance.id, found["Endpoint"])
    for n in range(3):
        rds.create_db_security_group(DBSecurityGroupName=f"more{n}", DBSecurityGroupDescription="x")
    # The default group is one more.
    pages = rds.get_paginator("describe_db_security_groups").paginate(PaginationConfig={"PageSize": 2})
    assert [len(page["DBSecurityGroups"]) for page in pages] == [2, 2, 1]
    rds.delete_db_instance(SkipFinalSnapshot=True, **named)


def test_caches_and_a_warehouse():
    account = "141414141414"
    ec2 = resource(account=account)
    cache, redshift = service("elasticache", account), service("redshift", account)
    ids = subnets(ec2, ec2.create_vpc(CidrBlock="192.168.0.0/16"))
    cache.create_cache_subnet_group(CacheSubnetGroupName="back", CacheSubnetGroupDescription="x", SubnetIds=ids)
    cache.create_replication_group(
        ReplicationGroupId="group",
        ReplicationGroupDescription="x",
        Engine="redis",
        CacheNodeType="cache.m3.medium",
        NumCacheClusters=2,
        AutomaticFailoverEnabled=True,
        CacheSubnetGroupName="back",
    )
    cache.get_waiter("replication_group_available").wait(ReplicationGroupId="group", WaiterConfig=SOON)
    [group] = cache.describe_replication_groups()["ReplicationGroups"]
    assert group["MemberClusters"] == ["group-001", "group-002"]
    [nodes] = group["NodeGroups"]
    assert [member["CurrentRole"] for member in nodes["NodeGroupMembers"]] == ["primary", "replica"]
    redshift.create_cluster_subnet_group(ClusterSubnetGroupName="back", Description="x", SubnetIds=ids)
    named = {"ClusterIdentifier": "warehouse"}
    redshift.create_cluster(
        NodeType="dc1.large", MasterUsername="me", MasterUserPassword="Secret123", ClusterSubnetGroupName="back", **named
    )
    redshift.get_waiter("cluster_available").wait(WaiterConfig=SOON, **named)
    [cluster] = redshift.describe_clusters(**named)["Clusters"]
    assert (cluster["Endpoint"]["Port"], cluster["VpcId"] is not None) == (5439, True)
    cache.delete_replication_group(ReplicationGroupId="group")
    cache.get_waiter("replication_group_deleted").wait(ReplicationGroupId="group", WaiterConfig=SOON)
    redshift.delete_cluster(SkipFinalClusterSnapshot=True, **named)
    redshift.get_waiter("cluster_deleted").wait(WaiterConfig=SOON, **named)
    refused("UnsupportedOperation", redshift.list_recommendations)


if __name__ == "__main__":
    sys.exit(run(globals()))
