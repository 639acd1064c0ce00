// What unmodified JavaScript SDKs see: version 3 by its clients and paginators, version 2 by its waiters. Run by
// scripts/clients_javascript, which installs them and sets the environment.

import assert from "node:assert/strict";
import { createRequire } from "node:module";

const require = createRequire(`${process.env.SDKS}/`);
const v3 = require("@aws-sdk/client-ec2");
const v2 = require("aws-sdk");

const region = process.env.AWS_DEFAULT_REGION;
const three = new v3.EC2Client({ region });
const two = new v2.EC2({ region, endpoint: process.env.AWS_ENDPOINT_URL });
const send = (name, input = {}) => three.send(new v3[`${name}Command`](input));

/** Calls, and wants that error code. */
async function refused(code, call) {
  await assert.rejects(call, (error) => (error.code ?? error.name) === code);
}

// Version 3.
const vpc = (await send("CreateVpc", { CidrBlock: "192.168.0.0/16" })).Vpc;
assert.equal(vpc.CidrBlock, "192.168.0.0/16");
const subnets = [];
for (const third of [1, 2, 3, 4, 5, 6]) {
  const made = await send("CreateSubnet", { VpcId: vpc.VpcId, CidrBlock: `192.168.${third}.0/24` });
  subnets.push(made.Subnet.SubnetId);
}
const paged = [];
const ours = { Filters: [{ Name: "vpc-id", Values: [vpc.VpcId] }] };
for await (const page of v3.paginateDescribeSubnets({ client: three, pageSize: 5 }, ours)) {
  assert.ok(page.Subnets.length <= 5);
  paged.push(...page.Subnets.map((subnet) => subnet.SubnetId));
}
assert.deepEqual(paged.sort(), subnets.sort());
await refused("InvalidSubnet.Conflict", send("CreateSubnet", { VpcId: vpc.VpcId, CidrBlock: "192.168.1.0/24" }));
const group = await send("CreateSecurityGroup", { GroupName: "link", Description: "link", VpcId: vpc.VpcId });
await send("EnableVpcClassicLink", { VpcId: vpc.VpcId });
const launch = { ImageId: "ami-12345678", InstanceType: "m3.medium", MinCount: 1, MaxCount: 1 };
const web = (await send("RunInstances", launch)).Instances[0];
assert.equal(web.VpcId, undefined);
await v3.waitUntilInstanceRunning({ client: three, maxWaitTime: 60, minDelay: 1 }, { InstanceIds: [web.InstanceId] });
await send("AttachClassicLinkVpc", { InstanceId: web.InstanceId, VpcId: vpc.VpcId, Groups: [group.GroupId] });
const linked = await send("DescribeClassicLinkInstances", { InstanceIds: [web.InstanceId] });
assert.equal(linked.Instances[0].VpcId, vpc.VpcId);
await refused("InstanceAlreadyLinked", send("AttachClassicLinkVpc", { InstanceId: web.InstanceId, VpcId: vpc.VpcId, Groups: [group.GroupId] }));

// Version 2.
const seen = await two.describeClassicLinkInstances({ Filters: ours.Filters }).promise();
assert.deepEqual(seen.Instances.map((instance) => instance.InstanceId), [web.InstanceId]);
await refused("InvalidVpcID.NotFound", two.describeVpcs({ VpcIds: ["vpc-12345678"] }).promise());
await refused("DryRunOperation", two.detachClassicLinkVpc({ InstanceId: web.InstanceId, VpcId: vpc.VpcId, DryRun: true }).promise());
assert.equal((await two.detachClassicLinkVpc({ InstanceId: web.InstanceId, VpcId: vpc.VpcId }).promise()).Return, true);
await two.terminateInstances({ InstanceIds: [web.InstanceId] }).promise();
await two.waitFor("instanceTerminated", { InstanceIds: [web.InstanceId], $waiter: { delay: 1 } }).promise();
const classic = await two.allocateAddress().promise();
assert.equal(classic.Domain, "standard");
await two.releaseAddress({ PublicIp: classic.PublicIp }).promise();
for (const SubnetId of subnets) {
  await two.deleteSubnet({ SubnetId }).promise();
}
await two.deleteSecurityGroup({ GroupId: group.GroupId }).promise();
await two.deleteVpc({ VpcId: vpc.VpcId }).promise();
console.log("both JavaScript SDKs: a session each, as expected");
