"""Permissions through unmodified clients: signatures of every kind, accounts, sessions, and section K of the cases.

Run by scripts/clients. It starts a cloud of its own, with the accounts below: every request must be signed by one of them.
"""

import contextlib
import json
import pathlib
import subprocess
import sys
import tempfile
import urllib.error
import urllib.parse
import urllib.request

import boto3
import clients_replies
import clients_testing
from botocore.auth import SigV2Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from clients_testing import refused

CLOUD = sys.argv[1]
ACCOUNT, OTHER = "111122223333", "444455556666"
ARN = f"arn:aws:ec2:us-east-1:{ACCOUNT}"
ROOT, GUEST = ("AKIAROOT", "root's secret"), ("AKIAGUEST", "guest/secret+")
STRANGER = ("AKIAOTHER", "other")


def allow(action, resource="*", **more):
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def policy(*statements):
    return {"Version": "2012-10-17", "Statement": list(statements)}


def key(pair):
    return {"id": pair[0], "secret": pair[1]}


ACCOUNTS = {
    "accounts": [
        {
            "id": ACCOUNT,
            "keys": [key(ROOT)],
            "users": [{"name": "guest", "keys": [key(GUEST)], "policies": {"see": policy(allow("ec2:DescribeVpcs"))}}],
        },
        {"id": OTHER, "keys": [key(STRANGER)]},
    ]
}


@contextlib.contextmanager
def cloud(directory):
    """Starts a cloud with these accounts; gives its endpoint."""
    accounts = pathlib.Path(directory, "accounts.json")
    accounts.write_text(json.dumps(ACCOUNTS))
    up = [CLOUD, "up", "--fresh", "--listen", "127.0.0.1:0", "--state", f"{directory}/state", "--accounts", accounts]
    with subprocess.Popen(up, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process.stdout.readline().split()[2]
        finally:
            process.terminate()


class Client:
    """Services of one pair of key and secret."""

    endpoint = None

    def __init__(self, pair, token=None, region="us-east-1", **options):
        self.session = boto3.Session(*pair, aws_session_token=token, region_name=region)
        self.config = Config(retries={"max_attempts": 1}, **options)

    def __getattr__(self, service):
        return self.session.client(service, endpoint_url=self.endpoint, config=self.config)


def user(root, name, *statements):
    """The client of a new user, whose policy has these statements."""
    root.iam.create_user(UserName=name)
    if statements:
        may(root, name, *statements)
    made = root.iam.create_access_key(UserName=name)["AccessKey"]
    return Client((made["AccessKeyId"], made["SecretAccessKey"]))


def may(root, name, *statements):
    root.iam.put_user_policy(UserName=name, PolicyName="own", PolicyDocument=json.dumps(policy(*statements)))


class Fixture:
    """A VPC that is enabled, a group of it, and a Classic instance."""

    def __init__(self, root, cidr="192.168.0.0/16"):
        ec2 = root.ec2
        self.vpc = ec2.create_vpc(CidrBlock=cidr)["Vpc"]["VpcId"]
        ec2.enable_vpc_classic_link(VpcId=self.vpc)
        self.group = ec2.create_security_group(GroupName="link", Description="link", VpcId=self.vpc)["GroupId"]
        run = ec2.run_instances(ImageId="ami-12345678", InstanceType="m3.large", MinCount=1, MaxCount=1)
        self.instance = run["Instances"][0]["InstanceId"]
        ec2.get_waiter("instance_running").wait(InstanceIds=[self.instance], WaiterConfig={"Delay": 1})

    def attach(self, client, **more):
        both = {"VpcId": self.vpc, "InstanceId": self.instance, "Groups": [self.group]}
        return client.ec2.attach_classic_link_vpc(**both, **more)

    def detach(self, client):
        return client.ec2.detach_classic_link_vpc(VpcId=self.vpc, InstanceId=self.instance)


SIX = [
    "ec2:DescribeClassicLinkInstances",
    "ec2:DescribeVpcClassicLink",
    "ec2:EnableVpcClassicLink",
    "ec2:DisableVpcClassicLink",
    "ec2:AttachClassicLinkVpc",
    "ec2:DetachClassicLinkVpc",
]
DENIED = "UnauthorizedOperation"


def test_who_is_who():
    for pair, account, arn in [
        (ROOT, ACCOUNT, f"arn:aws:iam::{ACCOUNT}:root"),
        (GUEST, ACCOUNT, f"arn:aws:iam::{ACCOUNT}:user/guest"),
        (STRANGER, OTHER, f"arn:aws:iam::{OTHER}:root"),
    ]:
        identity = Client(pair).sts.get_caller_identity()
        assert (identity["Account"], identity["Arn"]) == (account, arn)
    Client(GUEST).ec2.describe_vpcs()
    refused(DENIED, Client(GUEST).ec2.create_vpc, CidrBlock="10.0.0.0/16")
    assert Client(ROOT, region="eu-central-1").ec2.describe_vpcs()["Vpcs"][0]["IsDefault"]


def test_a_wrong_secret_and_an_unknown_key_open_nothing():
    refused("SignatureDoesNotMatch", Client((ROOT[0], "guess")).ec2.describe_vpcs)
    refused("SignatureDoesNotMatch", Client((ROOT[0], "guess")).sts.get_caller_identity)
    refused("AuthFailure", Client(("AKIANOBODY", "x")).ec2.describe_vpcs)
    refused("InvalidClientTokenId", Client(("AKIANOBODY", "x")).iam.list_users)


def fetch(url, body=None):
    """The status and the text of an answer."""
    try:
        with urllib.request.urlopen(url, data=body) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def test_presigned_queries_and_version_2():
    by_post = Client(ROOT).ec2.generate_presigned_url("describe_vpcs", ExpiresIn=60)
    assert fetch(by_post, b"")[0] == 200
    url = Client(ROOT).ec2.generate_presigned_url("describe_vpcs", ExpiresIn=60, HttpMethod="GET")
    assert fetch(url)[0] == 200
    status, text = fetch(url.replace("DescribeVpcs", "DescribeSubnets"))
    assert (status, "SignatureDoesNotMatch" in text) == (403, True)
    status, text = fetch(f"{Client.endpoint}/?Action=DescribeVpcs&Version=2016-11-15")
    assert (status, "MissingAuthenticationToken" in text) == (403, True)
    asked = {"Action": "DescribeVpcs", "Version": "2014-10-01", "Filter.1.Name": "tag:a b*~", "Filter.1.Value.1": "é"}
    for secret, expected in [(ROOT[1], 200), ("guess", 403)]:
        request = AWSRequest("POST", Client.endpoint + "/", data=dict(asked))
        SigV2Auth(Credentials(ROOT[0], secret)).add_auth(request)
        assert fetch(Client.endpoint + "/", urllib.parse.urlencode(request.data).encode())[0] == expected


def test_no_page_answers_who_signs_nothing():
    # The map's page has no data, and asks for a key.
    for path, status, words in [("/_map", 200, "<title>"), ("/metrics", 404, "up --accounts")] + [
        (f"/_map/{what}", 401, "sign_in") for what in ["network", "live", "drops"]
    ]:
        answer = fetch(Client.endpoint + path)
        assert answer[0] == status and words in answer[1], (path, answer)


def test_sessions_need_their_token():
    made = Client(GUEST).sts.get_session_token()["Credentials"]
    pair = made["AccessKeyId"], made["SecretAccessKey"]
    session = Client(pair, made["SessionToken"])
    assert session.sts.get_caller_identity()["Arn"].endswith("user/guest")
    session.ec2.describe_vpcs()
    refused("AuthFailure", Client(pair, "another").ec2.describe_vpcs)
    refused("AuthFailure", Client(pair).ec2.describe_vpcs)
    refused("AuthFailure", Client(ROOT, made["SessionToken"]).ec2.describe_vpcs)
    url = session.ec2.generate_presigned_url("describe_vpcs", HttpMethod="GET")
    assert fetch(url)[0] == 200


def test_k2_k11_k12_the_full_example():
    root = Client(ROOT)
    fixture, linker = Fixture(root), user(root, "k2")
    refused(DENIED, fixture.attach, client=linker)
    refused(DENIED, fixture.attach, client=linker, DryRun=True)
    may(root, "k2", allow(SIX))
    refused("DryRunOperation", fixture.attach, client=linker, DryRun=True)
    assert linker.ec2.describe_classic_link_instances()["Instances"] == []
    assert fixture.attach(linker)["Return"]
    linked = linker.ec2.describe_classic_link_instances()["Instances"]
    assert [one["InstanceId"] for one in linked] == [fixture.instance]
    assert fixture.detach(linker)["Return"]
    assert linker.ec2.disable_vpc_classic_link(VpcId=fixture.vpc)["Return"]
    assert linker.ec2.enable_vpc_classic_link(VpcId=fixture.vpc)["Return"]
    assert fixture.vpc in [one["VpcId"] for one in linker.ec2.describe_vpc_classic_link()["Vpcs"]]


def test_k4_k5_tagged_vpcs_by_a_pattern():
    root = Client(ROOT)
    tagged, other = (root.ec2.create_vpc(CidrBlock=cidr)["Vpc"]["VpcId"] for cidr in ["172.20.0.0/16", "172.21.0.0/16"])
    root.ec2.create_tags(Resources=[tagged], Tags=[{"Key": "purpose", "Value": "classiclink"}])
    wanted = {"StringEquals": {"ec2:ResourceTag/purpose": "classiclink"}}
    enabler = user(root, "k4", allow("ec2:*VpcClassicLink", f"{ARN}:vpc/*", Condition=wanted))
    assert enabler.ec2.enable_vpc_classic_link(VpcId=tagged)["Return"]
    refused(DENIED, enabler.ec2.enable_vpc_classic_link, VpcId=other)
    refused(DENIED, enabler.ec2.describe_vpc_classic_link)
    refused(DENIED, enabler.ec2.enable_vpc_classic_link_dns_support, VpcId=tagged)


def test_k10_groups_by_the_arn_of_their_vpc():
    root = Client(ROOT)
    fixture = Fixture(root, "172.22.0.0/16")
    attach, others = "ec2:AttachClassicLinkVpc", [f"{ARN}:vpc/*", f"{ARN}:instance/*"]

    def of(vpc):
        wanted = {"StringEquals": {"ec2:Vpc": f"{ARN}:vpc/{vpc}"}}
        return allow(attach, others), allow(attach, f"{ARN}:security-group/*", Condition=wanted)

    linker = user(root, "k10", *of("vpc-1a2b3c4d"))
    refused(DENIED, fixture.attach, client=linker)
    may(root, "k10", *of(fixture.vpc))
    assert fixture.attach(linker)["Return"]


def test_a_denial_tells_its_statement_to_those_who_may_know():
    root = Client(ROOT)
    no = {"Sid": "NoVpcs", "Effect": "Deny", "Action": "ec2:CreateVpc", "Resource": "*"}
    denied = user(root, "denied", allow("*"), no)
    message = refused(DENIED, denied.ec2.create_vpc, CidrBlock="10.0.0.0/16")["Error"]["Message"]
    sealed = message.split("Encoded authorization failure message: ")[1]
    opened = json.loads(root.sts.decode_authorization_message(EncodedMessage=sealed)["DecodedMessage"])
    assert opened["explicitDeny"] and opened["context"]["action"] == "ec2:CreateVpc"
    assert [one["statementId"] for one in opened["matchedStatements"]["items"]] == ["NoVpcs"]
    refused("AccessDenied", Client(GUEST).sts.decode_authorization_message, EncodedMessage=sealed)
    stranger = Client(STRANGER).sts.decode_authorization_message
    refused("InvalidAuthorizationMessageException", stranger, EncodedMessage=sealed)


def test_a_role_of_another_account_is_assumed():
    root, stranger = Client(ROOT), Client(STRANGER)
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": OTHER}}
    made = root.iam.create_role(RoleName="linker", AssumeRolePolicyDocument=json.dumps(policy(trust)))
    assert made["Role"]["AssumeRolePolicyDocument"] == policy(trust)
    read_only = "arn:aws:iam::aws:policy/AmazonEC2ReadOnlyAccess"
    root.iam.attach_role_policy(RoleName="linker", PolicyArn=read_only)
    session = stranger.sts.assume_role(RoleArn=made["Role"]["Arn"], RoleSessionName="me")["Credentials"]
    client = Client((session["AccessKeyId"], session["SecretAccessKey"]), session["SessionToken"])
    assert client.sts.get_caller_identity()["Arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/linker/me"
    client.ec2.describe_vpcs()
    refused(DENIED, client.ec2.create_vpc, CidrBlock="10.0.0.0/16")
    refused("AccessDenied", Client(GUEST).sts.assume_role, RoleArn=made["Role"]["Arn"], RoleSessionName="me")


def test_iam_by_its_paginators_and_waiters():
    iam = Client(ROOT).iam
    for n in range(5):
        iam.create_group(GroupName=f"group-{n}", Path="/pages/")
    pages = iam.get_paginator("list_groups").paginate(PathPrefix="/pages/", PaginationConfig={"PageSize": 2})
    assert [len(page["Groups"]) for page in pages] == [2, 2, 1]
    iam.create_instance_profile(InstanceProfileName="web")
    iam.get_waiter("instance_profile_exists").wait(InstanceProfileName="web", WaiterConfig={"Delay": 1})
    document = policy(allow("ec2:*"))
    arn = iam.create_policy(PolicyName="all", PolicyDocument=json.dumps(document))["Policy"]["Arn"]
    version = iam.create_policy_version(PolicyArn=arn, PolicyDocument=json.dumps(document), SetAsDefault=True)
    assert version["PolicyVersion"]["VersionId"] == iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"] == "v2"
    assert iam.get_policy_version(PolicyArn=arn, VersionId="v1")["PolicyVersion"]["Document"] == document
    bad = refused("MalformedPolicyDocument", iam.create_policy, PolicyName="bad", PolicyDocument="{\n]")
    assert "line 2, column 1" in bad["Error"]["Message"], bad


def main():
    with tempfile.TemporaryDirectory() as directory, cloud(directory) as endpoint:
        with clients_replies.between(endpoint) as (Client.endpoint, findings):
            failed = clients_testing.run(globals())
    sys.exit(clients_replies.report(findings) or failed)


if __name__ == "__main__":
    main()
