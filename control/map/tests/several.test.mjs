// Several Regions, accounts and VPCs, without a dataplane: what is drawn can be read, and what is folded is found.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Browser, System } from "./support.mjs";

const PLACES = [{}, { region: "eu-west-1" }, { account: "444455556666" }];
const id = (kind, reply) => new RegExp(`<${kind}>([^<]+)</${kind}>`).exec(reply)[1];

let system, browser;
before(async () => {
    system = await System.up("--no-dataplane");
    browser = await Browser.start();
    for (const place of PLACES) {
        const call = (action, parameters) => system.call(action, parameters, place);
        for (const name of ["shop", "data"]) {
            const vpc = id("vpcId", await call("CreateVpc", { CidrBlock: `172.${name === "shop" ? 16 : 17}.0.0/16` }));
            await call("CreateTags", { "ResourceId.1": vpc, "Tag.1.Key": "Name", "Tag.1.Value": name });
            const gateway = id("internetGatewayId", await call("CreateInternetGateway"));
            await call("AttachInternetGateway", { InternetGatewayId: gateway, VpcId: vpc });
            for (const zone of ["a", "b", "c", "d"]) {
                const block = `172.${name === "shop" ? 16 : 17}.${"abcd".indexOf(zone)}.0/24`;
                const subnet = id("subnetId", await call("CreateSubnet", { VpcId: vpc, CidrBlock: block }));
                await call("RunInstances", { ImageId: "ami-12345678", InstanceType: "m3.medium", MinCount: 2, MaxCount: 2, SubnetId: subnet });
            }
        }
    }
    const [vpc] = (await system.json("network")).vpcs.filter((one) => one.region === "us-east-1" && one.account === "111122223333");
    const gateway = id("vpnGatewayId", await system.call("CreateVpnGateway", { Type: "ipsec.1" }));
    await system.call("AttachVpnGateway", { VpnGatewayId: gateway, VpcId: vpc.id });
    const site = id("customerGatewayId", await system.call("CreateCustomerGateway", { BgpAsn: 65000, IpAddress: "203.0.113.44", Type: "ipsec.1" }));
    await system.call("CreateVpnConnection", { CustomerGatewayId: site, VpnGatewayId: gateway, Type: "ipsec.1", "Options.StaticRoutesOnly": "true" });
});
after(async () => {
    await browser?.stop();
    await system?.down();
});

/** Pairs of rectangles on the map of which each has a part of its own and one in common. */
function overlaps() {
    const all = [...document.querySelectorAll("svg .frame > rect, svg .box > rect")].map((one) => one.getBBox());
    const isApart = (a, b) => a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y;
    const isIn = (a, b) => a.x >= b.x && a.y >= b.y && a.x + a.width <= b.x + b.width && a.y + a.height <= b.y + b.height;
    return all.flatMap((a, index) => all.slice(index + 1).filter((b) => !isApart(a, b) && !isIn(a, b) && !isIn(b, a)).map((b) => [a, b])).length;
}

test("VPCs are folded so that their words can be read, and nothing lies on anything else", async () => {
    const page = await browser.open(system);
    await page.locator("svg .box.vpc .count", { hasText: "8 hosts" }).first().waitFor();
    assert.equal(await page.locator("svg .box.vpc").count(), 2 * PLACES.length);
    const size = await page.locator("svg .box.vpc .title").first().evaluate((one) => 12 * one.getScreenCTM().a);
    assert.ok(size >= 7, `letters have ${size} pixels`);
    assert.equal(await page.evaluate(overlaps), 0);
    await page.getByRole("button", { name: "Unfold", exact: true }).click();
    await page.waitForFunction((many) => document.querySelectorAll("svg a.cell").length === many, 16 * PLACES.length);
    assert.equal(await page.evaluate(overlaps), 0);
    const [width, height] = await page.locator("svg.view > g").evaluate((one) => [one.getBBox().width, one.getBBox().height]);
    assert.ok(width < 3 * height && height < 3 * width, `${width} by ${height}`);
    assert.deepEqual(page.errors, []);
});

test("what is in a folded VPC is marked there", async () => {
    const { subnets } = await system.json("network");
    const page = await browser.open(system, `#/thing/${subnets[0].id}`);
    await page.locator(`svg .box.vpc a.selected[href="#/thing/${subnets[0].vpc}"]`).waitFor();
    assert.deepEqual(page.errors, []);
});

test("whatever is listed has a view", async () => {
    const page = await browser.open(system, "#/list");
    const hrefs = new Set(await page.locator("#panel td a").evaluateAll((all) => all.map((one) => one.getAttribute("href"))));
    const kinds = new Map([...hrefs].map((href) => [href.split("-")[0], href]));
    assert.ok(kinds.has("#/thing/vpn"));
    for (const href of kinds.values()) {
        await page.goto(`${system.endpoint}/_map${href}`);
        await page.locator("#panel footer code").first().waitFor();
    }
    assert.deepEqual(page.errors, []);
});

test("without a dataplane nothing is said to be down", async () => {
    const page = await browser.open(system);
    await page.locator("#status", { hasText: "on paper" }).waitFor();
    assert.equal(await page.locator("#trouble").isVisible(), false);
});
