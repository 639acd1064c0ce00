"""The cloud through older clients: boto 2 (API version 2014, no Region derived from an IP address) and libcloud.

Run by scripts/clients, which installs them, starts the cloud and sets the environment.
"""

import sys
import urllib.parse
from os import environ

from clients_testing import run

ENDPOINT = urllib.parse.urlparse(environ["AWS_ENDPOINT_URL"])
ACCOUNT = "100020004002"
IMAGE = "ami-12345678"


def test_boto_2_links_an_instance():
    from boto.ec2.regioninfo import RegionInfo
    from boto.exception import EC2ResponseError
    from boto.vpc import VPCConnection

    vpcs = VPCConnection(
        ACCOUNT,
        "test",
        is_secure=False,
        port=ENDPOINT.port,
        region=RegionInfo(name="us-east-1", endpoint=ENDPOINT.hostname),
    )
    vpc = vpcs.create_vpc("192.168.0.0/16")
    subnet = vpcs.create_subnet(vpc.id, "192.168.1.0/24")
    group = vpcs.create_security_group("link", "link", vpc.id)
    assert vpcs.authorize_security_group(group_id=group.id, ip_protocol="tcp", from_port=22, to_port=22, cidr_ip="0.0.0.0/0")
    [found] = vpcs.get_all_security_groups(group_ids=[group.id])
    assert [(rule.ip_protocol, rule.from_port) for rule in found.rules] == [("tcp", "22")]
    assert vpcs.enable_vpc_classic_link(vpc.id)
    [instance] = vpcs.run_instances(IMAGE, instance_type="m3.medium").instances
    while instance.update() == "pending":
        pass
    assert (instance.state, instance.vpc_id) == ("running", None)
    assert vpcs.attach_classic_link_vpc(vpc.id, instance.id, [group.id])
    [linked] = vpcs.get_all_classic_link_instances([instance.id])
    assert (linked.id, linked.vpc_id, [own.id for own in linked.groups]) == (instance.id, vpc.id, [group.id])
    instance.add_tag("Name", "web")
    assert [tag.value for tag in vpcs.get_all_tags({"resource-id": instance.id})] == ["web"]
    assert vpcs.detach_classic_link_vpc(vpc.id, instance.id)
    vpcs.terminate_instances([instance.id])
    address = vpcs.allocate_address()
    assert address.domain == "standard" and address.release()
    try:
        vpcs.delete_vpc(vpc.id)
        raise AssertionError("a VPC with a subnet was deleted")
    except EC2ResponseError as error:
        assert (error.status, error.error_code) == (400, "DependencyViolation")
    assert vpcs.delete_subnet(subnet.id) and vpcs.delete_security_group(group_id=group.id) and vpcs.delete_vpc(vpc.id)


def test_libcloud_makes_a_network_and_a_node():
    from libcloud.compute.providers import get_driver
    from libcloud.compute.types import NodeState, Provider

    driver = get_driver(Provider.EC2)(
        ACCOUNT,
        "test",
        region="us-west-2",
        signature_version="4",
        secure=False,
        host=ENDPOINT.hostname,
        port=ENDPOINT.port,
    )
    network = driver.ex_create_network("10.20.0.0/16", name="shop")
    subnet = driver.ex_create_subnet(network.id, "10.20.1.0/24", "us-west-2a", name="front")
    group = driver.ex_create_security_group("web", "web", vpc_id=network.id)["group_id"]
    driver.ex_authorize_security_group_ingress(group, 443, 443, cidr_ips=["0.0.0.0/0"])
    gateway = driver.ex_create_internet_gateway("edge")
    assert driver.ex_attach_internet_gateway(gateway, network)
    [table] = driver.ex_list_route_tables(filters={"vpc-id": network.id})
    assert driver.ex_create_route(table, "0.0.0.0/0", internet_gateway=gateway)
    image = driver.list_images(ex_image_ids=["ami-0abcdef1234567890"])[0]
    size = next(size for size in driver.list_sizes() if size.id == "t2.micro")
    node = driver.create_node(name="one", image=image, size=size, ex_subnet=subnet, ex_security_group_ids=[group])
    [(node, addresses)] = driver.wait_until_running([node], wait_period=1, ssh_interface="private_ips")
    assert addresses[0].startswith("10.20.1.")
    assert [(n.name, n.state) for n in driver.list_nodes() if n.id == node.id] == [("one", NodeState.RUNNING)]
    assert driver.ex_stop_node(node) and driver.destroy_node(node)
    volume = driver.create_volume(1, "data", location=driver.list_locations()[0])
    assert [own.size for own in driver.list_volumes() if own.id == volume.id] == [1]
    assert driver.destroy_volume(volume)


if __name__ == "__main__":
    sys.exit(run(globals()))
