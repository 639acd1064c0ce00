"""Tags of all services' resources, stored parameters and log groups through unmodified clients: boto3's and the aws command line.

Run by scripts/clients, which starts the cloud and sets the environment.
"""

import json
import subprocess
import sys

import boto3
from clients_testing import refused, run

AMAZON = "/aws/service/ami-amazon-linux-latest"


def service(name, account):
    return boto3.client(name, region_name="us-east-1", aws_access_key_id=account, aws_secret_access_key="test")


def test_resources_are_found_by_their_tags():
    account = "161616161616"
    ec2, rds, tagging = (service(name, account) for name in ("ec2", "rds", "resourcegroupstaggingapi"))
    vpc = ec2.create_vpc(CidrBlock="192.168.0.0/16")["Vpc"]["VpcId"]
    group = rds.create_db_parameter_group(DBParameterGroupName="own", DBParameterGroupFamily="postgres17", Description="x")
    database = group["DBParameterGroup"]["DBParameterGroupArn"]
    arns = [f"arn:aws:ec2:us-east-1:{account}:vpc/{vpc}", database]
    tags = {"team": "a", "env.kind": "prod", "empty": ""}
    assert tagging.tag_resources(ResourceARNList=arns, Tags=tags)["FailedResourcesMap"] == {}
    assert {tag["Key"]: tag["Value"] for tag in rds.list_tags_for_resource(ResourceName=database)["TagList"]} == tags
    pages = tagging.get_paginator("get_resources").paginate(
        TagFilters=[{"Key": "env.kind", "Values": ["prod"]}], PaginationConfig={"PageSize": 1}
    )
    assert [found["ResourceARN"] for page in pages for found in page["ResourceTagMappingList"]] == arns
    [only] = tagging.get_resources(ResourceTypeFilters=["rds:pg"])["ResourceTagMappingList"]
    assert only["ResourceARN"] == database
    tagging.untag_resources(ResourceARNList=arns, TagKeys=["env.kind"])
    assert tagging.get_tag_keys()["TagKeys"] == ["empty", "team"]
    assert tagging.get_tag_values(Key="team")["TagValues"] == ["a"]
    missing = f"arn:aws:ec2:us-east-1:{account}:vpc/vpc-00000000"
    failed = tagging.tag_resources(ResourceARNList=[missing], Tags=tags)["FailedResourcesMap"]
    assert failed[missing]["ErrorCode"] == "InvalidVpcID.NotFound"
    refused("InvalidParameterException", tagging.tag_resources, ResourceARNList=["tea"], Tags=tags)


def test_parameters_are_stored():
    ssm = service("ssm", "171717171717")
    assert ssm.put_parameter(Name="/net/vpc", Value="vpc-1", Type="String", Tags=[{"Key": "a", "Value": "b"}])["Version"] == 1
    ssm.put_parameter(Name="/net/vpc", Value="vpc-2", Overwrite=True)
    ssm.label_parameter_version(Name="/net/vpc", ParameterVersion=1, Labels=["live"])
    assert ssm.get_parameter(Name="/net/vpc:live")["Parameter"]["Value"] == "vpc-1"
    ssm.put_parameter(Name="/net/key", Value="secret", Type="SecureString")
    found = ssm.get_parameters_by_path(Path="/net", WithDecryption=True)["Parameters"]
    assert [(one["Name"], one["Value"]) for one in found] == [("/net/key", "secret"), ("/net/vpc", "vpc-2")]
    assert ssm.get_parameter(Name="/net/key")["Parameter"]["Value"] != "secret"
    pages = ssm.get_paginator("describe_parameters").paginate(PaginationConfig={"PageSize": 1})
    assert [one["Name"] for page in pages for one in page["Parameters"]] == ["/net/key", "/net/vpc"]
    assert ssm.list_tags_for_resource(ResourceType="Parameter", ResourceId="/net/vpc")["TagList"] == [{"Key": "a", "Value": "b"}]
    gone = ssm.delete_parameters(Names=["/net/key", "/none"])
    assert (gone["DeletedParameters"], gone["InvalidParameters"]) == (["/net/key"], ["/none"])
    refused("ParameterNotFound", ssm.get_parameter, Name="/net/key")


def test_log_groups_are_kept_with_their_settings():
    logs = service("logs", "181818181818")
    logs.create_log_group(logGroupName="/net/flows", tags={"team": "a"})
    refused("ResourceAlreadyExistsException", logs.create_log_group, logGroupName="/net/flows")
    logs.put_retention_policy(logGroupName="/net/flows", retentionInDays=14)
    refused("InvalidParameterException", logs.put_retention_policy, logGroupName="/net/flows", retentionInDays=2)
    logs.create_log_group(logGroupName="/net/more")
    pages = logs.get_paginator("describe_log_groups").paginate(logGroupNamePrefix="/net", PaginationConfig={"PageSize": 1})
    found = [(one["logGroupName"], one.get("retentionInDays")) for page in pages for one in page["logGroups"]]
    assert found == [("/net/flows", 14), ("/net/more", None)]
    [flows, _] = logs.describe_log_groups()["logGroups"]
    assert logs.list_tags_for_resource(resourceArn=flows["logGroupArn"])["tags"] == {"team": "a"}
    logs.create_log_stream(logGroupName="/net/flows", logStreamName="eni-1-all")
    [stream] = logs.describe_log_streams(logGroupName="/net/flows")["logStreams"]
    assert stream["arn"] == f"{flows['logGroupArn']}:log-stream:eni-1-all"
    logs.delete_log_group(logGroupName="/net/flows")
    refused("ResourceNotFoundException", logs.describe_log_streams, logGroupName="/net/flows")


def test_what_aws_publishes_is_read_from_the_command_line():
    ask = ["aws", "ssm", "get-parameters", "--output", "json", "--names"]
    names = [f"{AMAZON}/al2023-ami-kernel-default-x86_64", "/aws/service/global-infrastructure/regions/eu-west-1/longName"]
    printed = subprocess.run([*ask, *names], capture_output=True, check=True, text=True).stdout
    image, region = (one["Value"] for one in json.loads(printed)["Parameters"])
    assert image.startswith("ami-") and region == "Europe (Ireland)"


if __name__ == "__main__":
    sys.exit(run(globals()))
