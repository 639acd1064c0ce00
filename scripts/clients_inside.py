"""boto3 inside an instance: it finds its role's keys and the API by itself, as on a machine of EC2.

Run by scripts/clients, which starts the cloud and sets the environment.
"""

import json
import subprocess
import sys

import boto3
from clients_testing import run

CLOUD, STATE = sys.argv[1:]
TRUST = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "ec2.amazonaws.com"}}
MAY = {"Effect": "Allow", "Action": "ec2:Describe*", "Resource": "*"}
# A program for an instance, which has neither the API's address nor credentials configured.
PROGRAM = """
import boto3
from botocore.exceptions import ClientError

def refused(client):
    try:
        client.create_vpc(CidrBlock="10.0.0.0/16")
    except ClientError as error:
        return error.response["Error"]["Code"]

ec2 = boto3.client("ec2", region_name="us-east-1")
stranger = boto3.client("ec2", region_name="us-east-1", aws_access_key_id="100020004001", aws_secret_access_key="test")
print(boto3.client("sts").get_caller_identity()["Arn"])
print(ec2.describe_instances()["Reservations"][0]["Instances"][0]["InstanceId"])
print(refused(ec2), refused(stranger))
"""


# A program for an instance, which prints whether it may describe instances.
LOOK = """
import boto3
from botocore.exceptions import ClientError
try:
    boto3.client("ec2", region_name="us-east-1").describe_instances()
    print("seen")
except ClientError as error:
    print(error.response["Error"]["Code"])
"""


def policy(statement):
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def client(service):
    return boto3.client(
        service, region_name="us-east-1", aws_access_key_id="100020004001", aws_secret_access_key="test"
    )


def launched(role):
    """An instance with a role that may describe everything."""
    iam, ec2 = client("iam"), client("ec2")
    iam.create_role(RoleName=role, AssumeRolePolicyDocument=policy(TRUST))
    iam.put_role_policy(RoleName=role, PolicyName="look", PolicyDocument=policy(MAY))
    iam.create_instance_profile(InstanceProfileName=role)
    iam.add_role_to_instance_profile(InstanceProfileName=role, RoleName=role)
    made = ec2.run_instances(
        ImageId="ami-12345678", MinCount=1, MaxCount=1, IamInstanceProfile={"Name": role}, InstanceType="m1.small"
    )
    instance = made["Instances"][0]["InstanceId"]
    ec2.get_waiter("instance_running").wait(InstanceIds=[instance])
    return instance


def inside(instance, program):
    command = [CLOUD, "exec", "--state", STATE, instance, "--", sys.executable, "-c", program]
    ran = subprocess.run(command, env={"PATH": "/usr/bin:/bin"}, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.splitlines()


def test_boto3_finds_keys_and_the_api():
    instance = launched("web")
    assert inside(instance, PROGRAM) == [
        f"arn:aws:sts::100020004001:assumed-role/web/{instance}",
        instance,
        "UnauthorizedOperation AuthFailure",
    ]
    client("ec2").terminate_instances(InstanceIds=[instance])


def test_policies_know_an_instance_by_its_address_outside():
    instance = launched("caller")
    described = client("ec2").describe_instances(InstanceIds=[instance])["Reservations"][0]["Instances"][0]

    def seen_from(address):
        statement = {**MAY, "Condition": {"IpAddress": {"aws:SourceIp": address}}}
        client("iam").put_role_policy(RoleName="caller", PolicyName="look", PolicyDocument=policy(statement))
        return inside(instance, LOOK)

    assert seen_from(f"{described['PublicIpAddress']}/32") == ["seen"]
    # SDKs use TLS.
    insecure = {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}
    client("iam").put_role_policy(RoleName="caller", PolicyName="secure", PolicyDocument=policy(insecure))
    assert inside(instance, LOOK) == ["seen"]
    assert seen_from(f"{described['PrivateIpAddress']}/32") == ["UnauthorizedOperation"]
    client("ec2").terminate_instances(InstanceIds=[instance])


if __name__ == "__main__":
    sys.exit(run(globals()))
