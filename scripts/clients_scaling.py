"""Auto Scaling through boto3: launch configurations with ClassicLink, groups that keep their size, schedules by the cloud's clock.

Run by scripts/clients, which starts the cloud and sets the environment.
"""

import subprocess
import sys
import time

import boto3
from clients_testing import refused, run

CLOUD, STATE = sys.argv[1:]
LAUNCH = {"ImageId": "ami-12345678", "InstanceType": "m1.small"}
# The time limit for changes that happen by themselves, in seconds.
PATIENCE = 30


def clients(account):
    options = {"region_name": "us-east-1", "aws_access_key_id": account, "aws_secret_access_key": "test"}
    return boto3.client("autoscaling", **options), boto3.client("ec2", **options)


def wait_until(look, wanted):
    """Looks until the result is as wanted, and returns it."""
    end = time.monotonic() + PATIENCE
    while not wanted(seen := look()):
        assert time.monotonic() < end, seen
        time.sleep(0.1)
    return seen


def group(scaling, name="web"):
    return scaling.describe_auto_scaling_groups(AutoScalingGroupNames=[name])["AutoScalingGroups"][0]


def in_service(scaling, count, name="web"):
    """The ids of a group's instances, once it has exactly so many and all are in service."""

    def settled(group):
        return [one["LifecycleState"] for one in group["Instances"]] == ["InService"] * count

    return [one["InstanceId"] for one in wait_until(lambda: group(scaling, name), settled)["Instances"]]


def test_a_group_links_what_it_launches():
    scaling, ec2 = clients("100020003001")
    vpc = ec2.create_vpc(CidrBlock="192.168.0.0/16")["Vpc"]["VpcId"]
    ec2.enable_vpc_classic_link(VpcId=vpc)
    link = ec2.create_security_group(GroupName="link", Description="link", VpcId=vpc)["GroupId"]
    create = scaling.create_launch_configuration
    refused("ValidationError", create, LaunchConfigurationName="web", ClassicLinkVPCId=vpc, **LAUNCH)
    both = {"ClassicLinkVPCId": vpc, "ClassicLinkVPCSecurityGroups": [link]}
    create(LaunchConfigurationName="web", UserData="hello", **both, **LAUNCH)
    shown = scaling.describe_launch_configurations()["LaunchConfigurations"][0]
    assert {key: shown[key] for key in both} == both and shown["UserData"] == "aGVsbG8="
    scaling.create_auto_scaling_group(
        AutoScalingGroupName="web",
        LaunchConfigurationName="web",
        MinSize=1,
        MaxSize=4,
        DesiredCapacity=2,
        AvailabilityZones=["us-east-1a", "us-east-1b"],
        Tags=[{"Key": "tier", "Value": "web", "PropagateAtLaunch": True}],
    )
    ids = in_service(scaling, 2)
    linked = ec2.describe_classic_link_instances()["Instances"]
    assert {one["InstanceId"] for one in linked} == set(ids)
    assert all(one["VpcId"] == vpc and one["Groups"][0]["GroupId"] == link for one in linked)
    tags = {tag["Key"]: tag["Value"] for tag in linked[0]["Tags"]}
    assert tags == {"tier": "web", "aws:autoscaling:groupName": "web"}
    ec2.terminate_instances(InstanceIds=ids[:1])
    wait_until(lambda: group(scaling), lambda group: ids[0] not in [one["InstanceId"] for one in group["Instances"]])
    assert ids[1] in in_service(scaling, 2)
    pages = scaling.get_paginator("describe_scaling_activities").paginate(
        AutoScalingGroupName="web", PaginationConfig={"PageSize": 3}
    )
    activities = [one for page in pages for one in page["Activities"]]
    assert [one["StatusCode"] for one in activities] == ["Successful"] * 4
    assert any("an unhealthy instance needing to be replaced" in one["Cause"] for one in activities)
    refused("ResourceInUse", scaling.delete_launch_configuration, LaunchConfigurationName="web")
    refused("ResourceInUse", scaling.delete_auto_scaling_group, AutoScalingGroupName="web")
    scaling.delete_auto_scaling_group(AutoScalingGroupName="web", ForceDelete=True)
    wait_until(lambda: scaling.describe_auto_scaling_groups()["AutoScalingGroups"], lambda groups: not groups)
    scaling.delete_launch_configuration(LaunchConfigurationName="web")


def test_instances_one_by_one():
    scaling, ec2 = clients("100020003002")
    scaling.create_launch_configuration(LaunchConfigurationName="web", **LAUNCH)
    sizes = {"MinSize": 0, "MaxSize": 4, "DesiredCapacity": 1}
    zone = {"AvailabilityZones": ["us-east-1a"]}
    named = {"AutoScalingGroupName": "web", "LaunchConfigurationName": "web"}
    scaling.create_auto_scaling_group(**named, **sizes, **zone)
    refused("AlreadyExists", scaling.create_auto_scaling_group, **named, **sizes, **zone)
    web = {"AutoScalingGroupName": "web"}
    [first] = in_service(scaling, 1)
    assert scaling.detach_instances(InstanceIds=[first], ShouldDecrementDesiredCapacity=True, **web)["Activities"]
    assert in_service(scaling, 0) == []
    scaling.attach_instances(InstanceIds=[first], **web)
    assert in_service(scaling, 1) == [first]
    scaling.set_instance_protection(InstanceIds=[first], ProtectedFromScaleIn=True, **web)
    scaling.set_desired_capacity(DesiredCapacity=2, **web)
    in_service(scaling, 2)
    scaling.set_desired_capacity(DesiredCapacity=1, **web)
    assert in_service(scaling, 1) == [first]
    details = scaling.describe_auto_scaling_instances()["AutoScalingInstances"]
    assert [(one["InstanceId"], one["HealthStatus"]) for one in details] == [(first, "HEALTHY")]
    scaling.set_instance_health(InstanceId=first, HealthStatus="Unhealthy")
    wait_until(lambda: group(scaling), lambda group: first not in [one["InstanceId"] for one in group["Instances"]])
    [second] = in_service(scaling, 1)
    ended = scaling.terminate_instance_in_auto_scaling_group(InstanceId=second, ShouldDecrementDesiredCapacity=True)
    assert ended["Activity"]["Description"] == f"Terminating EC2 instance: {second}"
    in_service(scaling, 0)
    assert ec2.describe_instances(InstanceIds=[second])["Reservations"][0]["Instances"][0]["State"]["Name"] != "running"
    refused("ScalingActivityInProgress", scaling.set_desired_capacity, DesiredCapacity=1, HonorCooldown=True, **web)
    scaling.suspend_processes(ScalingProcesses=["Launch"], **web)
    assert [one["ProcessName"] for one in group(scaling)["SuspendedProcesses"]] == ["Launch"]
    scaling.resume_processes(**web)
    refused("ActiveInstanceRefreshNotFound", scaling.rollback_instance_refresh, **web)
    refused(
        "ValidationError", scaling.update_auto_scaling_group, LaunchTemplate={"LaunchTemplateName": "none"}, **web
    )
    ec2.create_launch_template(LaunchTemplateName="web", LaunchTemplateData=LAUNCH)
    scaling.update_auto_scaling_group(LaunchTemplate={"LaunchTemplateName": "web"}, **web)
    assert group(scaling)["LaunchTemplate"]["LaunchTemplateName"] == "web"


def test_schedules_go_by_the_clock():
    scaling, _ = clients("100020003003")
    scaling.create_launch_configuration(LaunchConfigurationName="web", **LAUNCH)
    scaling.create_auto_scaling_group(
        AutoScalingGroupName="web",
        LaunchConfigurationName="web",
        MinSize=0,
        MaxSize=2,
        AvailabilityZones=["us-east-1c"],
    )
    web = {"AutoScalingGroupName": "web"}
    scaling.put_scheduled_update_group_action(
        ScheduledActionName="yearly", Recurrence="0 0 1 1 *", DesiredCapacity=2, **web
    )
    [shown] = scaling.describe_scheduled_actions(**web)["ScheduledUpdateGroupActions"]
    assert (shown["StartTime"].month, shown["StartTime"].day, shown["Recurrence"]) == (1, 1, "0 0 1 1 *")
    in_service(scaling, 0)
    subprocess.run([CLOUD, "clock", "advance", "366d", "--state", STATE], check=True, stdout=subprocess.DEVNULL)
    assert group(scaling)["DesiredCapacity"] == 2
    in_service(scaling, 2)
    [later] = scaling.describe_scheduled_actions(**web)["ScheduledUpdateGroupActions"]
    assert later["StartTime"].year == shown["StartTime"].year + 1


if __name__ == "__main__":
    sys.exit(run(globals()))
