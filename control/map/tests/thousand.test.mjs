// A thousand hosts: folded so that they can be read, found by a word, shown all if that is wanted.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { setTimeout as rest } from "node:timers/promises";
import { Browser, System } from "./support.mjs";

const SUBNETS = 10;
const HOSTS = Number(process.env.MAP_HOSTS ?? 1000);

let system, browser;
before(async () => {
    system = await System.up();
    browser = await Browser.start();
    const id = (kind, reply) => new RegExp(`<${kind}>([^<]+)</${kind}>`).exec(reply)[1];
    const vpc = id("vpcId", await system.call("CreateVpc", { CidrBlock: "192.168.0.0/16" }));
    for (let number = 0; number < SUBNETS; number++) {
        const zone = `us-east-1${"abc"[number % 3]}`;
        const subnet = id("subnetId", await system.call("CreateSubnet", { VpcId: vpc, CidrBlock: `192.168.${number}.0/24`, AvailabilityZone: zone }));
        await system.call("RunInstances", {
            ImageId: "ami-12345678", InstanceType: "m3.medium", MinCount: HOSTS / SUBNETS, MaxCount: HOSTS / SUBNETS, SubnetId: subnet,
            "TagSpecification.1.ResourceType": "instance", "TagSpecification.1.Tag.1.Key": "Name", "TagSpecification.1.Tag.1.Value": `tier-${number}`,
        });
    }
});
after(async () => {
    await browser?.stop();
    await system?.down();
});

test("subnets are folded, and unfold", async () => {
    const page = await browser.open(system);
    await page.locator("svg .box.subnet .count", { hasText: `${HOSTS / SUBNETS} hosts` }).first().waitFor();
    assert.equal(await page.locator("svg .box.subnet").count(), SUBNETS);
    assert.equal(await page.locator("svg a.cell").count(), 0);
    await page.locator('svg .fold[aria-label^="Unfold"]').first().click();
    await page.waitForFunction((many) => document.querySelectorAll("svg a.cell").length === many, HOSTS / SUBNETS);
    await page.getByRole("button", { name: "Unfold", exact: true }).click();
    await page.waitForFunction((many) => document.querySelectorAll("svg a.cell").length === many, HOSTS);
    await page.getByRole("button", { name: "All", exact: true }).click();
    assert.deepEqual(page.errors, []);
    const shown = await page.evaluate(() => performance.getEntriesByName("shown")[0]?.startTime);
    console.log(`the first view of ${HOSTS} hosts was there after ${Math.round(shown)} ms`);
});

test("one of them is found by its address", async () => {
    const page = await browser.open(system);
    const { interfaces } = await system.json("network");
    const one = interfaces.at(-1);
    await page.getByLabel("Find", { exact: true }).fill(one.addresses[0]);
    await page.locator("#panel a", { hasText: one.instance }).first().click();
    await page.locator("#panel dd", { hasText: one.instance }).waitFor();
    await page.locator("svg a.selected").first().waitFor();
});

/** Seconds of a processor that a process has had (proc(5): ticks of a hundredth of a second). */
function busy(pid) {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1].split(" ");
    return (Number(fields[11]) + Number(fields[12])) / 100;
}

test("whoever looks hears of a change, and what looking costs is told", async () => {
    const { processes } = await system.json("status");
    const share = async () => {
        const [before, start] = [busy(processes.control.pid), performance.now()];
        await rest(5000);
        return (100 * (busy(processes.control.pid) - before)) / ((performance.now() - start) / 1000);
    };
    const alone = await share();
    const page = await browser.open(system);
    await page.locator("#status", { hasText: "Live" }).waitFor();
    await rest(2000);
    const looked = await share();
    console.log(`control has ${alone.toFixed(1)} % of a processor while nobody looks, and ${looked.toFixed(1)} % while somebody does`);
    await system.call("CreateVpc", { CidrBlock: "10.9.0.0/16" });
    await page.locator("svg .frame.vpc", { hasText: "10.9.0.0/16" }).or(page.locator("svg .box.vpc", { hasText: "10.9.0.0/16" })).waitFor();
    assert.deepEqual(page.errors, []);
});
