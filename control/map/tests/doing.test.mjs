// What is done by clicks: launch, link, unlink, stop, start, terminate. Names are hostile.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Browser, System } from "./support.mjs";

const HOSTILE = [`<img src=x onerror="window.hacked=1">`, `"><script>window.hacked=1</script>`, `javascript:window.hacked=1`];

let system, browser;
before(async () => {
    system = await System.up();
    browser = await Browser.start();
});
after(async () => {
    await browser?.stop();
    await system?.down();
});

const id = (kind, reply) => new RegExp(`<${kind}>([^<]+)</${kind}>`).exec(reply)[1];

test("an instance lives its life by clicks", async () => {
    const vpc = id("vpcId", await system.call("CreateVpc", { CidrBlock: "192.168.0.0/16" }));
    await system.call("EnableVpcClassicLink", { VpcId: vpc });
    const page = await browser.open(system, "#/launch");
    page.on("dialog", (dialog) => dialog.accept());
    const name = HOSTILE[0];
    await page.getByLabel("Name", { exact: true }).fill(name);
    await page.getByLabel("In", { exact: true }).selectOption({ label: "EC2-Classic, or the default VPC" });
    assert.match(await page.locator(".command").first().innerText(), /aws .*run-instances .*--tag-specifications '/);
    await page.getByRole("button", { name: "Launch", exact: true }).click();
    await page.locator("svg a.cell.running").click();
    await page.locator("#panel h2", { hasText: name }).waitFor();

    await page.getByRole("button", { name: "Link", exact: true }).click();
    await page.locator("svg .leg").waitFor({ state: "attached" });
    await page.getByRole("button", { name: "Unlink", exact: true }).click();
    await page.locator("svg .leg").waitFor({ state: "detached" });
    await page.getByRole("button", { name: "Stop", exact: true }).click();
    await page.locator("svg a.cell.stopped").waitFor();
    await page.getByRole("button", { name: "Start", exact: true }).click();
    await page.locator("svg a.cell.running").waitFor();
    await page.getByRole("button", { name: "Terminate", exact: true }).click();
    await page.locator("svg a.cell").waitFor({ state: "detached" });
    assert.deepEqual(page.errors, []);
});

test("what the API refuses is said in its words", async () => {
    const { vpcs } = await system.json("network");
    const subnet = id("subnetId", await system.call("CreateSubnet", { VpcId: vpcs[0].id, CidrBlock: "192.168.9.0/28" }));
    const page = await browser.open(system, "#/launch");
    await page.getByLabel("In", { exact: true }).selectOption(subnet);
    await page.getByLabel("How many", { exact: true }).fill("100");
    await page.getByRole("button", { name: "Launch", exact: true }).click();
    await page.locator("output.error", { hasText: "192.168.9.0/28" }).or(page.locator("output.error", { hasText: subnet })).waitFor();
    // It stands there until the person does something else, whatever happens meanwhile.
    await system.call("CreateVpc", { CidrBlock: "10.8.0.0/16" });
    await page.locator('svg .frame.vpc a[aria-label*="10.8.0.0/16"]').waitFor();
    assert.equal(await page.locator("output.error").count(), 1);
    assert.equal(await page.evaluate(() => document.activeElement.textContent), "Launch");
    await page.getByLabel("How many", { exact: true }).fill("1");
    await page.locator("output.error").waitFor({ state: "detached" });
    await page.getByRole("button", { name: "Launch", exact: true }).click();
    await page.locator("#panel h2:focus").waitFor();
});

test("no name runs as a script, wherever it is shown", async () => {
    const vpc = id("vpcId", await system.call("CreateVpc", { CidrBlock: "192.168.0.0/16" }));
    const subnet = id("subnetId", await system.call("CreateSubnet", { VpcId: vpc, CidrBlock: "192.168.1.0/24" }));
    const group = id("groupId", await system.call("CreateSecurityGroup", { VpcId: vpc, GroupName: "g", GroupDescription: "g" }));
    for (const [index, name] of HOSTILE.entries()) {
        await system.call("CreateTags", { "ResourceId.1": [vpc, subnet, group][index], "Tag.1.Key": "Name", "Tag.1.Value": name });
        await system.call("RunInstances", {
            ImageId: "ami-12345678", InstanceType: "m3.medium", MinCount: 1, MaxCount: 1, SubnetId: subnet,
            "TagSpecification.1.ResourceType": "instance", "TagSpecification.1.Tag.1.Key": "Name", "TagSpecification.1.Tag.1.Value": name,
        });
    }
    const { instances } = await system.json("network");
    const mine = instances.filter((one) => one.subnet === subnet).map((one) => one.id);
    const views = [
        "#/", "#/list", "#/changes", "#/drops", "#/launch", `#/thing/${vpc}`, `#/thing/${subnet}`, `#/thing/${group}`,
        ...mine.map((one) => `#/host/${one}`), ...HOSTILE.map((name) => `#/find/${encodeURIComponent(name)}`),
        `#/why?from=${mine[0]}&to=${mine[1]}&tcp=1`, `#/why?from=${encodeURIComponent(HOSTILE[1])}&to=x`, "#/nonsense/%", "#/host/%E0%A4%A",
    ];
    for (const view of views) {
        const page = await browser.open(system, view);
        assert.equal(await page.evaluate(() => window.hacked), undefined, view);
        assert.equal(await page.locator("#panel img, #panel b, svg img, #panel script").count(), 0, view);
        assert.deepEqual(page.errors.filter((error) => !/400/.test(error)), [], view);
        await page.close();
    }
});

test("gateways of every kind, and hosts of services, stand on the map and have their views", async () => {
    const vpc = id("vpcId", await system.call("CreateVpc", { CidrBlock: "172.20.0.0/16" }));
    const subnet = id("subnetId", await system.call("CreateSubnet", { VpcId: vpc, CidrBlock: "172.20.1.0/24" }));
    const transit = id("transitGatewayId", await system.call("CreateTransitGateway"));
    await system.call("CreateTransitGatewayVpcAttachment", { TransitGatewayId: transit, VpcId: vpc, "SubnetIds.1": subnet });
    const nat = id("natGatewayId", await system.call("CreateNatGateway", { SubnetId: subnet, ConnectivityType: "private" }));
    const egress = id("egressOnlyInternetGatewayId", await system.call("CreateEgressOnlyInternetGateway", { VpcId: vpc }));
    const service = "com.amazonaws.us-east-1.sqs";
    const endpoint = id("vpcEndpointId", await system.call("CreateVpcEndpoint", { VpcId: vpc, ServiceName: service, VpcEndpointType: "Interface", "SubnetId.1": subnet, PrivateDnsEnabled: "false" }));
    const page = await browser.open(system);
    const words = { [transit]: "transit gateway · 1 attached", [nat]: "private NAT gateway", [egress]: "egress-only gateway", [endpoint]: "interface endpoint · sqs" };
    for (const [thing, note] of Object.entries(words)) {
        const box = page.locator(`svg .box.gateway a[href="#/thing/${thing}"]`);
        await box.locator("text.note", { hasText: note }).waitFor();
        await box.click();
        await page.locator("#panel h2", { hasText: thing }).waitFor();
        assert.match(await page.locator("#panel footer code").first().innerText(), new RegExp(`aws --endpoint-url ${system.endpoint} --region us-east-1 ec2 describe-.* ${thing}$`));
    }
    const { managed, transit_tables } = await system.json("network");
    const host = managed.find((one) => one.subnet === subnet);
    await page.locator(`svg a.cell[href="#/host/${encodeURIComponent(host.id)}"]`).click();
    await page.locator("#panel dd", { hasText: "vpce" }).first().waitFor();
    await page.goto(`${system.endpoint}/_map#/thing/${transit_tables[0].id}`);
    await page.locator("#panel td", { hasText: "172.20.0.0/16" }).waitFor();
    assert.deepEqual(page.errors, []);
});

test("the way of a packet leads through both doors of a peering", async () => {
    const ends = [];
    for (const block of ["172.24.0.0/16", "172.25.0.0/16"]) {
        const vpc = id("vpcId", await system.call("CreateVpc", { CidrBlock: block }));
        const subnet = id("subnetId", await system.call("CreateSubnet", { VpcId: vpc, CidrBlock: block.replace("/16", "/24") }));
        const host = id("instanceId", await system.call("RunInstances", { ImageId: "ami-12345678", InstanceType: "m3.medium", MinCount: 1, MaxCount: 1, SubnetId: subnet }));
        ends.push({ block, vpc, host });
    }
    const [one, other] = ends;
    const peering = id("vpcPeeringConnectionId", await system.call("CreateVpcPeeringConnection", { VpcId: one.vpc, PeerVpcId: other.vpc }));
    await system.call("AcceptVpcPeeringConnection", { VpcPeeringConnectionId: peering });
    const { tables } = await system.json("network");
    for (const [from, to] of [[one, other], [other, one]]) {
        const table = tables.find((each) => each.vpc === from.vpc).id;
        await system.call("CreateRoute", { RouteTableId: table, DestinationCidrBlock: to.block, VpcPeeringConnectionId: peering });
    }
    for (const [from, to] of [[one, other], [other, one]]) {
        const page = await browser.open(system, `#/why?from=${from.host}&to=${to.host}&tcp=443`);
        await page.getByRole("button", { name: "Unfold", exact: true }).click();
        const way = page.locator("svg .route");
        await way.waitFor({ state: "attached" });
        // The sender, and two doors at least.
        assert.ok((await way.getAttribute("d")).split("Q").length >= 3);
        assert.deepEqual(page.errors, []);
    }
});
