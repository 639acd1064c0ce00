"""The cloud through unmodified clients: boto3's clients and resources, its waiters and paginators, and the aws command line.

Run by scripts/clients, which starts the cloud and sets the environment. Every function `test_…` is one test, in a Region or an
account of its own if it lists all resources.
"""

import json
import subprocess
import sys
import urllib.parse
import urllib.request
from os import environ

import boto3
from clients_testing import refused, run

CLOUD, STATE = sys.argv[1:]
IMAGE = "ami-12345678"
EVERYWHERE = "0.0.0.0/0"


def client(region="us-east-1", account="test"):
    return boto3.client("ec2", region_name=region, aws_access_key_id=account, aws_secret_access_key="test")


def resource(region="us-east-1", account="test"):
    return boto3.resource("ec2", region_name=region, aws_access_key_id=account, aws_secret_access_key="test")


# The pause between two looks of a waiter, in seconds. It is 15 seconds otherwise, and instances change within milliseconds.
SOON = {"Delay": 1}


def names(tag, kind):
    return [{"ResourceType": kind, "Tags": [{"Key": "Name", "Value": tag}]}]


def launch(ec2, name=None, **parameters):
    if name:
        parameters["TagSpecifications"] = names(name, "instance")
    return ec2.create_instances(
        ImageId=IMAGE, InstanceType="m3.medium", MinCount=1, MaxCount=1, **parameters
    )[0]


def enabled_vpc(ec2, cidr="192.168.0.0/16"):
    vpc = ec2.create_vpc(CidrBlock=cidr)
    assert vpc.enable_classic_link()["Return"]
    return vpc


# ClassicLink by boto3's resources (case L7).


def test_a_classic_instance_is_linked_and_unlinked():
    ec2 = resource("us-west-1")
    vpc = enabled_vpc(ec2)
    group = vpc.create_security_group(GroupName="link", Description="link")
    instance = launch(ec2)
    instance.wait_until_running(WaiterConfig=SOON)
    instance.reload()
    assert (instance.state["Code"], instance.vpc_id, instance.subnet_id) == (16, None, None)
    assert instance.private_ip_address.startswith("10.")
    assert instance.attach_classic_link_vpc(VpcId=vpc.id, Groups=[group.id])["Return"]
    refused("InstanceAlreadyLinked", vpc.attach_classic_link_instance, InstanceId=instance.id, Groups=[group.id])
    pages = ec2.meta.client.get_paginator("describe_classic_link_instances").paginate(
        Filters=[{"Name": "vpc-id", "Values": [vpc.id]}, {"Name": "group-id", "Values": [group.id]}]
    )
    linked = pages.build_full_result()["Instances"]
    assert [(i["InstanceId"], i["VpcId"], i["Groups"][0]["GroupId"]) for i in linked] == [(instance.id, vpc.id, group.id)]
    assert list(vpc.instances.all()) == []
    refused("DependencyViolation", vpc.disable_classic_link)
    assert vpc.detach_classic_link_instance(InstanceId=instance.id)["Return"]
    assert vpc.disable_classic_link()["Return"]
    instance.stop()
    instance.wait_until_stopped(WaiterConfig=SOON)
    instance.reload()
    assert not instance.private_ip_address and not instance.public_ip_address
    instance.terminate()
    instance.wait_until_terminated(WaiterConfig=SOON)


def test_elastic_addresses_of_classic_are_resources():
    ec2 = resource("us-west-2")
    instance = launch(ec2)
    instance.wait_until_running(WaiterConfig=SOON)
    address = ec2.meta.client.allocate_address()
    assert address["Domain"] == "standard" and "AllocationId" not in address
    classic = ec2.ClassicAddress(address["PublicIp"])
    classic.associate(InstanceId=instance.id)
    instance.reload()
    assert instance.public_ip_address == address["PublicIp"]
    assert instance.classic_address.public_ip == address["PublicIp"]
    assert [a.public_ip for a in ec2.classic_addresses.all()] == [address["PublicIp"]]
    in_vpc = ec2.meta.client.allocate_address(Domain="vpc")
    assert [a.allocation_id for a in ec2.vpc_addresses.all()] == [in_vpc["AllocationId"]]
    refused(
        "InvalidParameterCombination",
        ec2.meta.client.associate_address,
        InstanceId=instance.id,
        AllocationId=in_vpc["AllocationId"],
    )
    classic.release()
    ec2.VpcAddress(in_vpc["AllocationId"]).release()
    assert list(ec2.classic_addresses.all()) == []


# Protocol and errors (cases L1, L2, L5, L8).


def test_vpcs_are_described_by_id_filter_and_tag():
    ec2, api = resource("eu-west-1"), client("eu-west-1")
    on, off = enabled_vpc(ec2), ec2.create_vpc(CidrBlock="172.20.0.0/16")
    on.create_tags(Tags=[{"Key": "purpose", "Value": "classiclink"}])
    reply = api.describe_vpc_classic_link(VpcIds=[on.id, off.id])["Vpcs"]
    assert {v["VpcId"]: v["ClassicLinkEnabled"] for v in reply} == {on.id: True, off.id: False}

    def found(name, value):
        chosen = api.describe_vpc_classic_link(Filters=[{"Name": name, "Values": [value]}])
        return [vpc["VpcId"] for vpc in chosen["Vpcs"]]

    assert found("is-classic-link-enabled", "true") == [on.id]
    assert found("tag:purpose", "classiclink") == [on.id]
    assert found("tag-key", "colour") == []
    refused("InvalidVpcID.NotFound", api.describe_vpc_classic_link, VpcIds=["vpc-12345678"])


def test_dns_support_has_elements_of_its_own():
    ec2, api = resource("eu-west-1", "222233334444"), client("eu-west-1", "222233334444")
    vpc = enabled_vpc(ec2)
    assert api.enable_vpc_classic_link_dns_support(VpcId=vpc.id)["Return"]
    reply = api.describe_vpc_classic_link_dns_support(VpcIds=[vpc.id])["Vpcs"]
    assert reply == [{"VpcId": vpc.id, "ClassicLinkDnsSupported": True}]
    assert api.disable_vpc_classic_link_dns_support(VpcId=vpc.id)["Return"]
    pages = api.get_paginator("describe_vpc_classic_link_dns_support").paginate()
    assert not pages.build_full_result()["Vpcs"][0]["ClassicLinkDnsSupported"]


def test_errors_carry_code_message_and_request():
    api = client()
    response = refused("InvalidVpcID.NotFound", api.enable_vpc_classic_link, VpcId="vpc-12345678")
    assert response["Error"]["Message"] == "The vpc ID 'vpc-12345678' does not exist"
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert len(response["ResponseMetadata"]["RequestId"]) == 36
    refused("InvalidVpcID.Malformed", api.enable_vpc_classic_link, VpcId="vpc-x")
    refused("InvalidFilter", api.describe_vpcs, Filters=[{"Name": "colour", "Values": ["red"]}])
    refused("InvalidInstanceID.NotFound", api.describe_instances, InstanceIds=["i-12345678"])


def test_a_client_learns_whose_credentials_it_has():
    sts = boto3.client("sts", aws_access_key_id="222233334444", aws_secret_access_key="test")
    assert sts.get_caller_identity()["Account"] == "222233334444"


def test_a_dry_run_changes_nothing():
    ec2, api = resource("ap-southeast-1"), client("ap-southeast-1")
    response = refused("DryRunOperation", api.create_vpc, CidrBlock="192.168.0.0/16", DryRun=True)
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 412
    assert list(ec2.vpcs.all()) == []
    vpc = ec2.create_vpc(CidrBlock="192.168.0.0/16")
    refused("DryRunOperation", vpc.enable_classic_link, DryRun=True)
    assert not api.describe_vpc_classic_link(VpcIds=[vpc.id])["Vpcs"][0]["ClassicLinkEnabled"]


def test_replies_are_of_the_version_that_was_asked_for():
    for version in ["2014-10-01", "2015-10-01", "2016-04-01", "2016-11-15"]:
        form = urllib.parse.urlencode({"Action": "DescribeVpcClassicLink", "Version": version}).encode()
        with urllib.request.urlopen(environ["AWS_ENDPOINT_URL"], form) as reply:
            body = reply.read().decode()
        assert f'xmlns="http://ec2.amazonaws.com/doc/{version}/"' in body and "<requestId>" in body


# Waiters, pages, filters.


def test_waiters_of_peering_connections_see_them_come_and_go():
    ec2, api = resource("sa-east-1"), client("sa-east-1")
    one, other = enabled_vpc(ec2), ec2.create_vpc(CidrBlock="172.20.0.0/16")
    peering = ec2.create_vpc_peering_connection(VpcId=one.id, PeerVpcId=other.id)
    peering.wait_until_exists()
    side = {"AllowEgressFromLocalClassicLinkToRemoteVpc": True}
    change = dict(VpcPeeringConnectionId=peering.id, RequesterPeeringConnectionOptions=side)
    refused("OperationNotPermitted", api.modify_vpc_peering_connection_options, **change)
    peering.accept()
    assert api.modify_vpc_peering_connection_options(**change)["RequesterPeeringConnectionOptions"] == side
    peering.delete()
    api.get_waiter("vpc_peering_connection_deleted").wait(VpcPeeringConnectionIds=[peering.id])
    api.get_waiter("vpc_available").wait(VpcIds=[one.id])
    refused(
        "InvalidVpcPeeringConnectionID.NotFound",
        api.describe_vpc_peering_connections,
        VpcPeeringConnectionIds=["pcx-12345678"],
    )


def test_pages_hold_so_many_and_none_is_lost():
    ec2, api = resource("ap-northeast-1"), client("ap-northeast-1")
    made = {ec2.create_vpc(CidrBlock=f"10.{i}.0.0/16").id for i in range(12)}
    pages = list(api.get_paginator("describe_vpcs").paginate(PaginationConfig={"PageSize": 5}))
    assert [len(page["Vpcs"]) for page in pages] == [5, 5, 2]
    assert {vpc["VpcId"] for page in pages for vpc in page["Vpcs"]} == made
    refused("InvalidNextToken", api.describe_classic_link_instances, NextToken="none of ours")


def test_instances_are_found_by_filters():
    ec2 = resource("ap-southeast-2")
    vpc = ec2.create_vpc(CidrBlock="192.168.0.0/16")
    subnet = vpc.create_subnet(CidrBlock="192.168.1.0/24")
    inside, outside = launch(ec2, "inside", SubnetId=subnet.id), launch(ec2, "outside")
    ec2.meta.client.get_waiter("instance_running").wait(
        InstanceIds=[inside.id, outside.id], WaiterConfig=SOON
    )

    def found(name, value):
        return {i.id for i in ec2.instances.filter(Filters=[{"Name": name, "Values": [value]}])}

    assert found("instance-state-name", "running") == {inside.id, outside.id}
    assert found("vpc-id", vpc.id) == found("subnet-id", subnet.id) == {inside.id}
    assert found("tag:Name", "out*") == {outside.id}
    assert found("group-name", "default") >= {outside.id}
    assert [i.id for i in vpc.instances.all()] == [i.id for i in subnet.instances.all()] == [inside.id]
    assert inside.network_interfaces[0].private_ip_address == inside.private_ip_address


def test_flow_logs_are_made_paged_and_deleted():
    ec2, api = resource("sa-east-1"), client("sa-east-1")
    vpcs = [ec2.create_vpc(CidrBlock=f"10.{i}.0.0/16").id for i in range(6)]
    create = dict(ResourceType="VPC", TrafficType="ALL", LogGroupName="logs", MaxAggregationInterval=60)
    answer = api.create_flow_logs(ResourceIds=vpcs, **create)
    assert len(answer["FlowLogIds"]) == 6 and answer["Unsuccessful"] == []
    refused("FlowLogAlreadyExists", api.create_flow_logs, ResourceIds=vpcs[:1], **create)
    outside = launch(ec2, "outside")
    create["ResourceType"] = "NetworkInterface"
    refused("InvalidParameter", api.create_flow_logs, ResourceIds=[outside.id], **create)
    pages = list(api.get_paginator("describe_flow_logs").paginate(PaginationConfig={"PageSize": 5}))
    assert [len(page["FlowLogs"]) for page in pages] == [5, 1]
    assert {log["ResourceId"] for page in pages for log in page["FlowLogs"]} == set(vpcs)
    api.delete_flow_logs(FlowLogIds=answer["FlowLogIds"])
    assert api.describe_flow_logs()["FlowLogs"] == []


def test_interfaces_come_and_go_and_their_addresses_have_public_ones():
    ec2 = resource("eu-west-1")
    vpc = ec2.create_vpc(CidrBlock="192.168.0.0/16")
    gateway = ec2.create_internet_gateway()
    vpc.attach_internet_gateway(InternetGatewayId=gateway.id)
    front, back = vpc.create_subnet(CidrBlock="192.168.1.0/24"), vpc.create_subnet(CidrBlock="192.168.2.0/24")
    specs = [{"DeviceIndex": index, "SubnetId": subnet.id} for index, subnet in enumerate([front, back])]
    instance = launch(ec2, NetworkInterfaces=specs)
    instance.wait_until_running(WaiterConfig=SOON)
    instance.reload()
    places = {i.attachment["DeviceIndex"]: i.subnet_id for i in instance.network_interfaces}
    assert places == {0: front.id, 1: back.id}
    (second,) = [i for i in instance.network_interfaces if i.attachment["DeviceIndex"] == 1]
    second.assign_private_ip_addresses(PrivateIpAddresses=["192.168.2.20"])
    address = ec2.VpcAddress(ec2.meta.client.allocate_address(Domain="vpc")["AllocationId"])
    address.associate(NetworkInterfaceId=second.id, PrivateIpAddress="192.168.2.20")
    second.reload()
    public = {a["PrivateIpAddress"]: a.get("Association", {}).get("PublicIp") for a in second.private_ip_addresses}
    assert public == {second.private_ip_address: None, "192.168.2.20": address.public_ip}
    refused("InvalidInstanceID", instance.modify_attribute, SourceDestCheck={"Value": False})
    second.detach()
    second.reload()
    assert second.status == "available" and second.attachment is None
    second.attach(InstanceId=instance.id, DeviceIndex=1)
    instance.reload()
    assert [i.id for i in instance.network_interfaces if i.attachment["DeviceIndex"] == 1] == [second.id]
    second.unassign_private_ip_addresses(PrivateIpAddresses=["192.168.2.20"])
    address.reload()
    assert address.association_id is None


def test_where_there_is_no_classic_there_is_a_default_vpc():
    ec2, api = resource("eu-central-1"), client("eu-central-1")
    (vpc,) = ec2.vpcs.filter(Filters=[{"Name": "is-default", "Values": ["true"]}])
    instance = launch(ec2)
    instance.wait_until_running(WaiterConfig=SOON)
    instance.reload()
    assert instance.vpc_id == vpc.id and instance.public_ip_address
    refused("UnsupportedOperation", vpc.enable_classic_link)
    platforms = api.describe_account_attributes(AttributeNames=["supported-platforms"])["AccountAttributes"][0]
    assert [value["AttributeValue"] for value in platforms["AttributeValues"]] == ["VPC"]


# The guide's example, on real packets.

LISTEN = """
import socket, sys
with socket.create_server(("", int(sys.argv[1]))) as server:
    print("listening", flush=True)
    while True:
        server.accept()[0].close()
"""

CONNECT = """
import socket, sys
try:
    socket.create_connection((sys.argv[1], int(sys.argv[2])), timeout=1.5)
except OSError:
    sys.exit(1)
"""


def inside(host, program, *arguments, **options):
    command = [CLOUD, "exec", "--state", STATE, host, "--", sys.executable, "-c", program, *map(str, arguments)]
    return subprocess.Popen(command, **options)


def connects(host, instance, port):
    return inside(host, CONNECT, instance.private_ip_address, port).wait() == 0


def test_the_three_tiers_of_the_guide():
    ec2 = resource()
    vpc = enabled_vpc(ec2)
    subnet = vpc.create_subnet(CidrBlock="192.168.1.0/24")
    in_classic = ec2.create_security_group(GroupName="sg1a", Description="web")
    web_link, app_group, db_group = (
        vpc.create_security_group(GroupName=name, Description=name) for name in ["sg2b", "sg3c", "sg4d"]
    )
    in_classic.authorize_ingress(IpProtocol="tcp", FromPort=443, ToPort=443, CidrIp=EVERYWHERE)

    def rule(port, group):
        return [{"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "UserIdGroupPairs": [{"GroupId": group.id}]}]

    for group in [web_link, app_group, db_group]:
        group.reload()
        group.revoke_egress(IpPermissions=group.ip_permissions_egress)
    web_link.authorize_egress(IpPermissions=rule(6001, app_group))
    app_group.authorize_ingress(IpPermissions=rule(6001, web_link))
    app_group.authorize_egress(IpPermissions=rule(6004, db_group))
    db_group.authorize_ingress(IpPermissions=rule(6004, app_group))
    web = launch(ec2, "web", SecurityGroupIds=[in_classic.id])
    app = launch(ec2, "app", SubnetId=subnet.id, SecurityGroupIds=[app_group.id])
    db = launch(ec2, "db", SubnetId=subnet.id, SecurityGroupIds=[db_group.id])
    for instance in [web, app, db]:
        instance.wait_until_running(WaiterConfig=SOON)
        instance.reload()
    web.attach_classic_link_vpc(VpcId=vpc.id, Groups=[web_link.id])

    listening = [("web", 443), ("app", 6001), ("app", 6004), ("db", 6001), ("db", 6004)]
    servers = [inside(host, LISTEN, port, stdout=subprocess.PIPE, text=True) for host, port in listening]
    try:
        for server in servers:
            assert server.stdout.readline() == "listening\n"
        assert connects("web", app, 6001)
        assert connects("app", db, 6004)
        for source, target, port in [("web", db, 6004), ("web", app, 6004), ("app", web, 443), ("db", app, 6001)]:
            assert not connects(source, target, port), f"{source} reaches {target.private_ip_address}:{port}"
        web.detach_classic_link_vpc(VpcId=vpc.id)
        assert not connects("web", app, 6001)
    finally:
        for server in servers:
            server.kill()
            server.wait()
            server.stdout.close()


# The aws command line.


def aws(*arguments, fails=None):
    done = subprocess.run(["aws", "ec2", "--output", "json", *arguments], capture_output=True, text=True, check=False)
    if fails:
        assert done.returncode != 0 and f"({fails})" in done.stderr, done.stderr or done.stdout
        return None
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout) if done.stdout.strip() else None


def test_the_command_line_does_what_the_guide_says():
    region = ["--region", "us-west-2"]
    vpc = aws("create-vpc", "--cidr-block", "192.168.0.0/16", *region)["Vpc"]["VpcId"]
    group = ["create-security-group", "--vpc-id", vpc, "--group-name", "link", "--description", "link", *region]
    group = aws(*group)["GroupId"]
    run = ["run-instances", "--image-id", IMAGE, "--instance-type", "m3.medium", *region]
    instance = aws(*run)["Instances"][0]["InstanceId"]
    aws("wait", "instance-running", "--instance-ids", instance, *region)
    both = ["--instance-id", instance, "--vpc-id", vpc, *region]
    aws("attach-classic-link-vpc", *both, "--groups", group, fails="InvalidInstanceID.NotLinkable")
    aws("enable-vpc-classic-link", "--vpc-id", vpc, "--dry-run", *region, fails="DryRunOperation")
    assert aws("enable-vpc-classic-link", "--vpc-id", vpc, *region)["Return"]
    assert aws("attach-classic-link-vpc", *both, "--groups", group)["Return"]
    linked = aws("describe-classic-link-instances", "--filters", f"Name=vpc-id,Values={vpc}", *region)["Instances"]
    assert [link["InstanceId"] for link in linked] == [instance]
    routes = aws("describe-route-tables", "--filters", f"Name=vpc-id,Values={vpc}", *region)["RouteTables"][0]["Routes"]
    assert {route["DestinationCidrBlock"] for route in routes} == {"192.168.0.0/16", "10.0.0.0/8"}
    assert aws("detach-classic-link-vpc", *both)["Return"]
    assert aws("disable-vpc-classic-link", "--vpc-id", vpc, *region)["Return"]
    aws("terminate-instances", "--instance-ids", instance, *region)
    aws("wait", "instance-terminated", "--instance-ids", instance, *region)
    aws("delete-security-group", "--group-id", group, *region)
    aws("delete-vpc", "--vpc-id", vpc, *region)


# Route 53.


def zones(account="test"):
    return boto3.client("route53", aws_access_key_id=account, aws_secret_access_key="test")


def record(action, name, kind, *values, **more):
    records = [{"Value": value} for value in values]
    return {"Action": action, "ResourceRecordSet": {"Name": name, "Type": kind, "TTL": 60, "ResourceRecords": records, **more}}


def test_private_zones_come_and_go():
    route53, account = zones("555566667777"), "555566667777"
    vpc = {"VPCRegion": "us-east-1", "VPCId": resource(account=account).create_vpc(CidrBlock="10.5.0.0/16").id}
    made = route53.create_hosted_zone(Name="corp.example", CallerReference="one", VPC=vpc, HostedZoneConfig={"Comment": "c"})
    zone = made["HostedZone"]["Id"]
    assert (made["HostedZone"]["Name"], made["HostedZone"]["Config"]) == ("corp.example.", {"Comment": "c", "PrivateZone": True})
    refused("HostedZoneAlreadyExists", route53.create_hosted_zone, Name="x.example", CallerReference="one", VPC=vpc)
    refused("ConflictingDomainExists", route53.create_hosted_zone, Name="corp.example.", CallerReference="two", VPC=vpc)
    assert route53.get_hosted_zone(Id=zone)["VPCs"] == [vpc]
    found = route53.list_hosted_zones_by_vpc(VPCId=vpc["VPCId"], VPCRegion="us-east-1")["HostedZoneSummaries"]
    assert [(row["Name"], row["Owner"]) for row in found] == [("corp.example.", {"OwningAccount": account})]
    for n in range(4):
        route53.create_hosted_zone(Name=f"z{n}.example", CallerReference=f"z{n}", VPC=vpc)
    pages = route53.get_paginator("list_hosted_zones").paginate(PaginationConfig={"PageSize": 2})
    assert len([zone for page in pages for zone in page["HostedZones"]]) == 5
    first = route53.list_hosted_zones_by_name(MaxItems="1", DNSName="z1.example")
    assert (first["HostedZones"][0]["Name"], first["NextDNSName"]) == ("z1.example.", "z2.example.")
    assert route53.get_hosted_zone_count()["HostedZoneCount"] == 5
    refused("NoSuchHostedZone", zones("666677778888").get_hosted_zone, Id=zone)
    bare = zone.rsplit("/")[-1]
    tags = [{"Key": "team", "Value": "net"}, {"Key": "stage", "Value": "test"}]
    route53.change_tags_for_resource(ResourceType="hostedzone", ResourceId=bare, AddTags=tags)
    route53.change_tags_for_resource(ResourceType="hostedzone", ResourceId=bare, RemoveTagKeys=["stage"])
    assert route53.list_tags_for_resource(ResourceType="hostedzone", ResourceId=bare)["ResourceTagSet"]["Tags"] == tags[:1]
    assert len(route53.list_tags_for_resources(ResourceType="hostedzone", ResourceIds=[bare])["ResourceTagSets"]) == 1
    limit = route53.get_hosted_zone_limit(HostedZoneId=zone, Type="MAX_VPCS_ASSOCIATED_BY_ZONE")
    assert (limit["Limit"]["Value"], limit["Count"]) == (300, 1)
    assert route53.get_account_limit(Type="MAX_HOSTED_ZONES_BY_OWNER")["Count"] == 5
    public = route53.create_hosted_zone(Name="shop.example", CallerReference="public")["HostedZone"]["Id"]
    answer = route53.test_dns_answer(HostedZoneId=public, RecordName="shop.example", RecordType="NS")
    assert (answer["ResponseCode"], len(answer["RecordData"])) == ("NOERROR", 4)
    refused("InvalidInput", route53.test_dns_answer, HostedZoneId=zone, RecordName="corp.example", RecordType="NS")
    route53.delete_hosted_zone(Id=public)
    route53.delete_hosted_zone(Id=zone)
    refused("NoSuchHostedZone", route53.get_hosted_zone, Id=zone)


def test_batches_of_records():
    route53, account = zones("777788889999"), "777788889999"
    vpc = {"VPCRegion": "us-east-1", "VPCId": resource(account=account).create_vpc(CidrBlock="10.5.0.0/16").id}
    zone = route53.create_hosted_zone(Name="corp.example", CallerReference="one", VPC=vpc)["HostedZone"]["Id"]

    def change(*changes):
        return route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": list(changes), "Comment": "why"})

    answer = change(
        record("CREATE", "db.corp.example", "A", "10.5.0.10", "10.5.0.11"),
        record("CREATE", "*.corp.example", "TXT", '"a & b <c>"'),
        record("CREATE", "w.corp.example", "A", "10.5.0.1", SetIdentifier="one", Weight=3),
        record("CREATE", "w.corp.example", "A", "10.5.0.2", SetIdentifier="two", Weight=0),
    )
    info = answer["ChangeInfo"]
    assert (info["Status"], info["Comment"]) == ("INSYNC", "why")
    assert route53.get_change(Id=info["Id"])["ChangeInfo"]["SubmittedAt"] == info["SubmittedAt"]
    route53.get_waiter("resource_record_sets_changed").wait(Id=info["Id"])
    refused("NoSuchChange", route53.get_change, Id="C0123456789")
    batch = {"Changes": [record("CREATE", "new.corp.example", "A", "10.5.0.9"), record("DELETE", "no.corp.example", "A", "1.2.3.4")]}
    refused("InvalidChangeBatch", route53.change_resource_record_sets, HostedZoneId=zone, ChangeBatch=batch)
    pages = route53.get_paginator("list_resource_record_sets").paginate(HostedZoneId=zone, PaginationConfig={"PageSize": 2})
    sets = [found for page in pages for found in page["ResourceRecordSets"]]
    shown = [(found["Name"], found["Type"], found.get("SetIdentifier")) for found in sets]
    assert shown == [
        ("corp.example.", "NS", None),
        ("corp.example.", "SOA", None),
        ("\\052.corp.example.", "TXT", None),
        ("db.corp.example.", "A", None),
        ("w.corp.example.", "A", "one"),
        ("w.corp.example.", "A", "two"),
    ], shown
    assert sets[2]["ResourceRecords"] == [{"Value": '"a & b <c>"'}]
    # Records are deleted as they were listed.
    change(*({"Action": "DELETE", "ResourceRecordSet": found} for found in sets[2:]))
    route53.delete_hosted_zone(Id=zone)


def test_zones_of_other_accounts():
    owner, other = zones("888899990000"), zones("999900001111")
    vpcs = [
        {"VPCRegion": "us-east-1", "VPCId": resource(account=account).create_vpc(CidrBlock="10.5.0.0/16").id}
        for account in ("888899990000", "999900001111")
    ]
    zone = owner.create_hosted_zone(Name="corp.example", CallerReference="one", VPC=vpcs[0])["HostedZone"]["Id"]
    refused("NotAuthorizedException", other.associate_vpc_with_hosted_zone, HostedZoneId=zone, VPC=vpcs[1])
    assert owner.create_vpc_association_authorization(HostedZoneId=zone, VPC=vpcs[1])["VPC"] == vpcs[1]
    assert owner.list_vpc_association_authorizations(HostedZoneId=zone)["VPCs"] == [vpcs[1]]
    other.associate_vpc_with_hosted_zone(HostedZoneId=zone, VPC=vpcs[1])
    owner.delete_vpc_association_authorization(HostedZoneId=zone, VPC=vpcs[1])
    assert len(owner.get_hosted_zone(Id=zone)["VPCs"]) == 2
    other.disassociate_vpc_from_hosted_zone(HostedZoneId=zone, VPC=vpcs[1])
    refused("LastVPCAssociation", owner.disassociate_vpc_from_hosted_zone, HostedZoneId=zone, VPC=vpcs[0])


if __name__ == "__main__":
    sys.exit(run(globals()))
