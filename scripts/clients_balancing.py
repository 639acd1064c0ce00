"""Elastic Load Balancing through unmodified clients: boto3's client, its waiters and its paginator.

Run by scripts/clients, which starts the cloud and sets the environment.
"""

import subprocess
import sys

import boto3
from clients_testing import refused, run

CLOUD, STATE = sys.argv[1:]
IMAGE = "ami-12345678"
LISTENER = {"Protocol": "HTTP", "LoadBalancerPort": 80, "InstancePort": 8080}
QUICK = {"Target": "HTTP:8080/", "Interval": 5, "Timeout": 2, "UnhealthyThreshold": 2, "HealthyThreshold": 2}
SOON = {"Delay": 1, "MaxAttempts": 60}
SERVER = """
import http.server, sys
class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        seen = [self.headers.get("X-Forwarded-" + name, "-") for name in ("For", "Proto")]
        self.wfile.write(" ".join([sys.argv[1], *seen]).encode())
    def log_message(self, *_):
        pass
http.server.ThreadingHTTPServer(("", 8080), Answer).serve_forever()
"""
ASK = """
import ssl, sys, urllib.request
trusted = ssl.create_default_context(cafile=sys.argv[2]) if sys.argv[2:] else None
print(urllib.request.urlopen(sys.argv[1], timeout=10, context=trusted).read().decode())
"""


def clients(region="us-east-1", account="test"):
    keys = {"region_name": region, "aws_access_key_id": account, "aws_secret_access_key": "test"}
    return boto3.resource("ec2", **keys), boto3.client("elb", **keys)


def within(host, *command):
    return [CLOUD, "--state", STATE, "exec", host, "--", *command]


def test_a_load_balancer_of_classic_is_made_described_and_deleted():
    _, elb = clients(account="100000000001")
    made = elb.create_load_balancer(
        LoadBalancerName="web", Listeners=[LISTENER], AvailabilityZones=["us-east-1a", "us-east-1b"]
    )
    [web] = elb.describe_load_balancers(LoadBalancerNames=["web"])["LoadBalancerDescriptions"]
    assert web["DNSName"] == made["DNSName"] and web["Scheme"] == "internet-facing"
    assert web["SourceSecurityGroup"] == {"OwnerAlias": "amazon-elb", "GroupName": "amazon-elb-sg"}
    assert web["HealthCheck"]["Target"] == "TCP:8080"
    assert web["ListenerDescriptions"][0]["Listener"]["InstanceProtocol"] == "HTTP"
    other = [{**LISTENER, "InstancePort": 1}]
    refused("DuplicateListener", elb.create_load_balancer_listeners, LoadBalancerName="web", Listeners=other)
    assert elb.configure_health_check(LoadBalancerName="web", HealthCheck=QUICK)["HealthCheck"] == QUICK
    attributes = {"CrossZoneLoadBalancing": {"Enabled": True}, "ConnectionDraining": {"Enabled": True, "Timeout": 9}}
    elb.modify_load_balancer_attributes(LoadBalancerName="web", LoadBalancerAttributes=attributes)
    shown = elb.describe_load_balancer_attributes(LoadBalancerName="web")["LoadBalancerAttributes"]
    assert {name: shown[name] for name in attributes} == attributes and shown["ConnectionSettings"]["IdleTimeout"] == 60
    elb.delete_load_balancer(LoadBalancerName="web")
    refused("LoadBalancerNotFound", elb.describe_load_balancers, LoadBalancerNames=["web"])


def test_lists_have_pages_and_load_balancers_tags():
    _, elb = clients(account="100000000002")
    for name in ("a", "b", "c"):
        tags = [{"Key": "name", "Value": name}]
        zones = ["us-east-1a"]
        elb.create_load_balancer(LoadBalancerName=name, Listeners=[LISTENER], AvailabilityZones=zones, Tags=tags)
    pages = elb.get_paginator("describe_load_balancers").paginate(PaginationConfig={"PageSize": 2})
    assert [[row["LoadBalancerName"] for row in page["LoadBalancerDescriptions"]] for page in pages] == [["a", "b"], ["c"]]
    elb.add_tags(LoadBalancerNames=["a", "b"], Tags=[{"Key": "team", "Value": "red"}])
    elb.remove_tags(LoadBalancerNames=["b"], Tags=[{"Key": "name"}])
    shown = elb.describe_tags(LoadBalancerNames=["b", "c"])["TagDescriptions"]
    assert [row["Tags"] for row in shown] == [[{"Key": "team", "Value": "red"}], [{"Key": "name", "Value": "c"}]]
    for name in ("a", "b", "c"):
        elb.delete_load_balancer(LoadBalancerName=name)


def test_policies_are_set_and_taken_off():
    _, elb = clients(account="100000000003")
    elb.create_load_balancer(LoadBalancerName="web", Listeners=[LISTENER], AvailabilityZones=["us-east-1a"])
    elb.create_lb_cookie_stickiness_policy(LoadBalancerName="web", PolicyName="short", CookieExpirationPeriod=60)
    at = {"LoadBalancerName": "web", "LoadBalancerPort": 80}
    elb.set_load_balancer_policies_of_listener(**at, PolicyNames=["short"])
    refused("InvalidConfigurationRequest", elb.delete_load_balancer_policy, LoadBalancerName="web", PolicyName="short")
    elb.set_load_balancer_policies_of_listener(**at, PolicyNames=[])
    elb.delete_load_balancer_policy(LoadBalancerName="web", PolicyName="short")
    elb.delete_load_balancer(LoadBalancerName="web")


def iam_client():
    return boto3.client("iam", aws_access_key_id="100000000004", aws_secret_access_key="test")


def secure_listener(elb, name):
    """Adds an HTTPS listener with a self-signed certificate for the load balancer's name."""
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=shop"]
    files = ["-keyout", f"{STATE}/shop.key", "-out", f"{STATE}/shop.pem"]
    subprocess.run([*made, *files, "-addext", f"subjectAltName=DNS:{name}"], check=True, capture_output=True)
    body, key = (open(f"{STATE}/shop.{kind}", encoding="ascii").read() for kind in ("pem", "key"))
    parts = {"ServerCertificateName": "shop", "CertificateBody": body, "PrivateKey": key}
    uploaded = iam_client().upload_server_certificate(**parts)["ServerCertificateMetadata"]
    assert iam_client().list_server_certificates()["ServerCertificateMetadataList"][0]["Arn"] == uploaded["Arn"]
    listener = {"Protocol": "HTTPS", "LoadBalancerPort": 443, "InstanceProtocol": "HTTP", "InstancePort": 8080}
    refused("ValidationError", elb.create_load_balancer_listeners, LoadBalancerName="shop", Listeners=[listener])
    listener["SSLCertificateId"] = uploaded["Arn"]
    elb.create_load_balancer_listeners(LoadBalancerName="shop", Listeners=[listener])
    at = {"LoadBalancerName": "shop", "LoadBalancerPort": 443, "SSLCertificateId": uploaded["Arn"]}
    elb.set_load_balancer_listener_ssl_certificate(**at)


def test_a_linked_instance_serves_clients_of_the_vpcs_load_balancer():
    ec2, elb = clients(account="100000000004")
    vpc = ec2.create_vpc(CidrBlock="192.168.0.0/16")
    vpc.enable_classic_link()
    subnet = vpc.create_subnet(CidrBlock="192.168.1.0/24", AvailabilityZone="us-east-1a")
    group = vpc.create_security_group(GroupName="all", Description="all")
    group.authorize_ingress(IpPermissions=[{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}])
    launch = {"ImageId": IMAGE, "InstanceType": "m3.medium", "MinCount": 1, "MaxCount": 1}
    [server] = ec2.create_instances(**launch, Placement={"AvailabilityZone": "us-east-1a"})
    [visitor] = ec2.create_instances(**launch, SubnetId=subnet.id, SecurityGroupIds=[group.id])
    for instance in (server, visitor):
        instance.wait_until_running(WaiterConfig={"Delay": 1})
        instance.reload()
    name = elb.create_load_balancer(
        LoadBalancerName="shop", Listeners=[LISTENER], Subnets=[subnet.id], SecurityGroups=[group.id], Scheme="internal"
    )["DNSName"]
    elb.configure_health_check(LoadBalancerName="shop", HealthCheck=QUICK)
    named = {"LoadBalancerName": "shop", "Instances": [{"InstanceId": server.id}]}
    refused("InvalidInstance", elb.register_instances_with_load_balancer, **named)
    vpc.attach_classic_link_instance(InstanceId=server.id, Groups=[group.id])
    assert elb.register_instances_with_load_balancer(**named)["Instances"] == named["Instances"]
    serve = subprocess.Popen(within(server.id, sys.executable, "-c", SERVER, server.id))
    try:
        elb.get_waiter("instance_in_service").wait(**named, WaiterConfig=SOON)
        [interface] = vpc.meta.client.describe_network_interfaces(
            Filters=[{"Name": "description", "Values": ["ELB shop"]}]
        )["NetworkInterfaces"]
        assert interface["RequesterManaged"] and interface["RequesterId"] == "amazon-elb"
        ask = within(visitor.id, sys.executable, "-c", ASK, f"http://{name}/")
        answer = subprocess.run(ask, capture_output=True, text=True, check=True, timeout=60).stdout
        assert answer.split() == [server.id, visitor.private_ip_address, "http"], answer
        secure_listener(elb, name)
        ask = within(visitor.id, sys.executable, "-c", ASK, f"https://{name}/", f"{STATE}/shop.pem")
        answer = subprocess.run(ask, capture_output=True, text=True, check=True, timeout=60).stdout
        assert answer.split() == [server.id, visitor.private_ip_address, "https"], answer
    finally:
        serve.kill()
        serve.wait()
    server.terminate()
    elb.get_waiter("instance_deregistered").wait(**named, WaiterConfig=SOON)
    assert elb.describe_instance_health(LoadBalancerName="shop")["InstanceStates"] == []
    iam = iam_client()
    refused("DeleteConflict", iam.delete_server_certificate, ServerCertificateName="shop")
    elb.delete_load_balancer(LoadBalancerName="shop")
    iam.delete_server_certificate(ServerCertificateName="shop")
    visitor.terminate()


if __name__ == "__main__":
    sys.exit(run(globals()))
