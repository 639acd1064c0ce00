// The three-tier example, as a new user meets it: web cannot reach db, and it is found out why, and opened.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Browser, System } from "./support.mjs";

let system, browser;
before(async () => {
    system = await System.kept(new URL("../../../scenarios/three-tier.yaml", import.meta.url).pathname);
    browser = await Browser.start();
});
after(async () => {
    await browser?.stop();
    await system?.down();
});

const cell = (page, name) => page.locator(`svg a.cell[aria-label^="${name},"]`);

test("hosts stand where they are, a linked one with two feet", async () => {
    const page = await browser.open(system);
    for (const name of ["visitor", "app", "db", "batch"]) await cell(page, name).waitFor();
    assert.equal(await cell(page, "web").count(), 2);
    assert.equal(await page.locator("svg .leg").count(), 3);
    assert.equal(await page.locator("svg .box.links a.foot").count(), 3);
    assert.deepEqual(page.errors, []);
});

test("who asks why sees what is to blame, and opens the way with two presses", async () => {
    const page = await browser.open(system);
    await page.getByLabel("From", { exact: true }).fill("web");
    await page.getByLabel("To", { exact: true }).fill("db");
    await page.getByLabel("Port", { exact: true }).fill("6004");
    await page.getByRole("button", { name: "Why?", exact: true }).click();
    await page.locator(".verdict.stops").waitFor();
    assert.match(await page.locator(".steps .dropped").innerText(), /egress-filter/);
    await page.locator("svg .route.stops").waitFor({ state: "attached" });
    await page.locator("svg .end.stops").waitFor();
    assert.match(await page.locator(".proposal .command").last().innerText(), /aws .* ec2 authorize-security-group-egress --group-id sg-/);
    await page.getByRole("button", { name: "Allow it", exact: true }).click();
    await page.locator(".steps .dropped", { hasText: "ingress-filter" }).waitFor();
    assert.match(await page.locator(".proposal .command").last().innerText(), /authorize-security-group-ingress/);
    await page.getByRole("button", { name: "Allow it", exact: true }).click();
    await page.locator(".verdict.works").waitFor();
    await page.locator("svg .route.works").waitFor({ state: "attached" });
    assert.match(system.tell("why", "web", "db", "--tcp", "6004"), /arrives, and so does the reply/);
    // The view has an address of its own.
    const again = await browser.open(system, new URL(page.url()).hash);
    await again.locator(".verdict.works").waitFor();
    // And it is said how to have it without the page.
    assert.match(await again.locator("#panel footer code").innerText(), /^classiclink why web db --tcp 6004 --json --state \S+$/);
    assert.deepEqual(page.errors, []);
});

test("two hosts are named by pressing them, and the port is the one that rules speak of", async () => {
    const page = await browser.open(system);
    await page.getByLabel("From", { exact: true }).click();
    await cell(page, "app").click();
    await page.getByLabel("To", { exact: true }).click();
    await cell(page, "db").click();
    assert.equal(await page.getByLabel("From", { exact: true }).inputValue(), "app");
    assert.equal(await page.getByLabel("To", { exact: true }).inputValue(), "db");
    assert.equal(await page.getByLabel("Port", { exact: true }).inputValue(), "6004");
    await page.getByRole("button", { name: "Why?", exact: true }).click();
    await page.locator(".verdict.works").waitFor();
    // Outside of these fields a press opens a host, as ever.
    await page.getByLabel("Find", { exact: true }).click();
    await cell(page, "db").click();
    await page.locator("#panel h2", { hasText: /^db$/ }).waitFor();
    assert.deepEqual(page.errors, []);
});

test("a rule is added, and revoked", async () => {
    const page = await browser.open(system);
    const { groups } = await system.json("network");
    const group = groups.find((one) => one.vpc === null && one.rules.some((rule) => rule.from_port === 443));
    await page.goto(`${system.endpoint}/_map#/thing/${group.id}`);
    await page.getByLabel("Port", { exact: true }).fill("8080");
    await page.getByRole("button", { name: "Add the rule", exact: true }).click();
    // Rows of who reaches whom name the port as well.
    const row = page.locator("tr", { hasText: "tcp 8080", has: page.getByText("Revoke") });
    await row.getByText("Revoke").first().click();
    await row.getByRole("button", { name: "Revoke the rule", exact: true }).click();
    await row.waitFor({ state: "detached" });
    assert.deepEqual(page.errors, []);
});

test("a drop is marked while it happens, and explained by a click", async () => {
    const page = await browser.open(system, "#/drops");
    const { instances } = await system.json("network");
    const web = instances.find((one) => one.name === "web");
    await page.locator("#status", { hasText: "Live" }).waitFor();
    const knock = `exec 3<>/dev/tcp/${web.classic.public}/81`;
    assert.throws(() => system.tell("exec", "visitor", "--", "timeout", "1", "bash", "-c", knock));
    await page.locator("svg .drop", { hasText: "ingress-filter" }).waitFor();
    const row = page.locator("#panel tr", { hasText: `${web.classic.public}:81` }).first();
    await row.locator("a", { hasText: "tcp" }).click();
    await page.locator(".verdict.stops").waitFor();
    assert.match(await page.locator(".steps .dropped").innerText(), /ingress-filter/);
});

test("the rule of an ACL that stops a packet is opened and marked", async () => {
    const { acls } = await system.json("network");
    const entry = { NetworkAclId: acls[0].id, RuleNumber: 7, Protocol: "6", RuleAction: "deny", Egress: "false", CidrBlock: "0.0.0.0/0", "PortRange.From": 6001, "PortRange.To": 6001 };
    await system.call("CreateNetworkAclEntry", entry);
    const page = await browser.open(system, "#/why?from=web&to=app&tcp=6001");
    await page.locator("#panel tr.blamed", { hasText: "tcp 6001" }).waitFor();
    assert.match(await page.locator("#panel tr.blamed").innerText(), /^✕ 7\s+deny/);
    await system.call("DeleteNetworkAclEntry", { NetworkAclId: acls[0].id, RuleNumber: 7, Egress: "false" });
    await page.locator(".verdict.works").waitFor();
    assert.deepEqual(page.errors, []);
});

test("keys alone lead over the map", async () => {
    const page = await browser.open(system);
    await page.locator('svg a[tabindex="0"]').focus();
    for (let steps = 0; steps < 30; steps++) {
        const label = await page.evaluate(() => document.activeElement.getAttribute("aria-label"));
        if (label?.startsWith("visitor,")) break;
        await page.keyboard.press(["ArrowDown", "ArrowRight", "ArrowUp", "ArrowLeft"][steps % 4]);
    }
    await page.evaluate(() => document.querySelector('svg a[aria-label^="visitor,"]').focus());
    await page.keyboard.press("Enter");
    await page.locator("#panel h2", { hasText: "visitor" }).waitFor();
    assert.equal(await page.evaluate(() => document.activeElement.tagName), "H2", "what has opened is read next");
    await page.keyboard.press("/");
    await page.keyboard.type("db");
    await page.locator("#panel h2", { hasText: "Found: db" }).waitFor();
    assert.ok((await page.locator("svg a.far").count()) > 0);
});

test("light and dark are two", async () => {
    const ground = async (colorScheme) => {
        const page = await browser.open(system, "", { colorScheme });
        return page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    };
    assert.notEqual(await ground("light"), await ground("dark"));
});

for (const name of ["control", "dataplane"]) {
    test(`when ${name} is killed the map says so and comes back`, async () => {
        const page = await browser.open(system);
        await page.locator("#status", { hasText: "Live" }).waitFor();
        // Whatever it says, however short.
        await page.evaluate(() => {
            const line = document.getElementById("trouble");
            window.said = [];
            new MutationObserver(() => window.said.push(line.textContent)).observe(line, { childList: true });
        });
        await system.kill(name);
        const word = name === "control" ? "Control does not answer" : "The dataplane";
        await page.waitForFunction((word) => window.said.some((text) => text.startsWith(word)), word);
        await page.locator("#trouble").waitFor({ state: "hidden" });
        await page.locator("#status", { hasText: "Live" }).waitFor();
        await system.call("CreateVpc", { CidrBlock: name === "control" ? "10.0.0.0/24" : "10.0.1.0/24" });
        await page.goto(`${system.endpoint}/_map#/changes`);
        await page.locator("#panel td", { hasText: "vpcs" }).first().waitFor();
    });
}
