// What moves on the map, and what is asked and done about it: connections, who reaches whom, bad networks, captures, recordings.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { Browser, System } from "./support.mjs";

/** Listens, unless what the scenario has left does. */
const LISTEN = `require("net").createServer((one) => { one.resume(); one.on("error", () => {}); }).on("error", () => {}).listen(6004, "0.0.0.0")`;
/** Talks without end, and begins again whenever a connection ends. */
const TALK = `
    const talk = () => {
        const one = require("net").connect(6004, "192.168.1.20");
        const timer = setInterval(() => one.write("x".repeat(1000)), 50);
        one.on("error", () => {}).on("close", () => { clearInterval(timer); setTimeout(talk, 200); });
    };
    talk()`;

let system, browser, talkers;
before(async () => {
    system = await System.kept(new URL("../../../scenarios/three-tier.yaml", import.meta.url).pathname);
    browser = await Browser.start();
    talkers = [system.node("db", LISTEN), system.node("app", TALK)];
});
after(async () => {
    await browser?.stop();
    talkers?.forEach((one) => one.kill());
    await system?.down();
});

const idOf = async (name) => (await system.json("network")).instances.find((one) => one.name === name).id;
const line = (page) => page.locator('svg a.flow[aria-label^="app → db:"]');

test("a connection is a line with its rate, which leads to its tuples, its state and its rules", async () => {
    const page = await browser.open(system);
    await line(page).waitFor();
    assert.match(await line(page).getAttribute("aria-label"), /app → db: [\d.]+ k?bit\/s, \d+ packets\/s, 1 connection/);
    await page.locator("#panel tr", { hasText: "app" }).filter({ hasText: "db" }).first().waitFor();
    await line(page).focus();
    await page.keyboard.press("Enter");
    await page.locator("#panel h2", { hasText: "Connections: app ↔ db" }).waitFor();
    // The scenario has left connections that are over.
    const open = page.locator("#panel tr", { hasText: "192.168.1.20:6004" }).filter({ hasText: "established" });
    await open.locator("a", { hasText: "192.168.1.20:6004" }).first().click();
    await page.locator("#panel dd", { hasText: "established" }).waitFor();
    const facts = await page.locator("#panel dl").innerText();
    assert.match(facts, /Out by\s+sg-[0-9a-f]+.*tcp 6004 to sg-/);
    assert.match(facts, /In by\s+sg-[0-9a-f]+.*tcp 6004 from sg-/);
    assert.match(await page.locator("#panel footer code").innerText(), /^classiclink flows i-\w+ --json --state \S+$/);
    // It has an address.
    const again = await browser.open(system, new URL(page.url()).hash);
    await again.locator("#panel dd", { hasText: "established" }).waitFor();
    assert.deepEqual([...page.errors, ...again.errors], []);
});

test("a group, a route table and an ACL tell what they open", async () => {
    const { groups, tables, acls } = await system.json("network");
    const group = groups.find((one) => one.rules.some((rule) => !rule.egress && rule.from_port === 6004));
    for (const id of [group.id, tables[0].id, acls[0].id]) {
        const page = await browser.open(system, `#/thing/${id}`);
        const row = page.locator("#panel tr", { hasText: "app" }).filter({ hasText: "db" }).filter({ hasText: "tcp 6004" });
        await row.first().waitFor();
        await page.locator("#panel code", { hasText: `classiclink reach --to ${id} --json` }).waitFor();
        assert.deepEqual(page.errors, [], id);
        await page.close();
    }
});

test("who reaches whom is asked for by two ends and a service", async () => {
    const page = await browser.open(system, "#/reach");
    await page.locator("#panel tr", { hasText: "visitor" }).first().waitFor();
    await page.getByLabel("From", { exact: true }).fill("web");
    await page.getByLabel("To", { exact: true }).fill("db");
    await page.getByLabel("By", { exact: true }).selectOption("tcp");
    await page.getByLabel("Port", { exact: true }).fill("6004");
    await page.getByRole("button", { name: "Who reaches whom?", exact: true }).click();
    await page.locator("#panel td", { hasText: "not tcp 6004: egress-filter" }).waitFor();
    assert.match(await page.locator("#panel footer code").last().innerText(), /^classiclink reach --from web --to db --tcp 6004 --json --state \S+$/);
});

test("a network is made bad and good again, with the tag that does it", async () => {
    const page = await browser.open(system, `#/host/${await idOf("batch")}`);
    await page.getByLabel(/^A bad network/).fill("delay=5ms,loss=1%");
    assert.match(await page.locator(".command", { hasText: "create-tags" }).innerText(), /aws .* create-tags --resources i-\w+ --tags .*classiclink:impair/);
    await page.getByRole("button", { name: "Impair", exact: true }).click();
    await page.locator("#panel dd", { hasText: "delay=5ms" }).waitFor();
    assert.match(system.tell("impair", "batch"), /delay=5ms/);
    await page.getByRole("button", { name: "A good network again", exact: true }).click();
    await page.locator("#panel dd", { hasText: /^good$/ }).waitFor();
    assert.equal(system.tell("impair", "batch"), "");
    assert.deepEqual(page.errors, []);
});

test("a host outside is added, made bad, and removed", async () => {
    const page = await browser.open(system, "#/launch");
    page.on("dialog", (dialog) => dialog.accept());
    await page.getByLabel("Called", { exact: true }).fill("customer");
    await page.getByLabel("Address", { exact: true }).fill("203.0.113.77");
    assert.match(await page.locator(".command").last().innerText(), /^classiclink host add customer --address 203.0.113.77 --state \S+$/);
    await page.getByRole("button", { name: "Add the host", exact: true }).click();
    await page.locator('svg a.cell[aria-label^="customer,"]').click();
    await page.getByLabel(/^A bad network/).fill("delay=1ms");
    await page.getByRole("button", { name: "Impair", exact: true }).click();
    await page.locator("#panel dd", { hasText: "delay=1ms" }).waitFor();
    await page.getByRole("button", { name: "Remove the host", exact: true }).click();
    await page.locator('svg a.cell[aria-label^="customer,"]').waitFor({ state: "detached" });
    assert.deepEqual(page.errors, []);
});

test("packets are captured into a file", async () => {
    const page = await browser.open(system, `#/host/${await idOf("app")}`);
    await page.getByLabel(/^Capture packets/).fill("2");
    await page.locator(".command", { hasText: /^classiclink capture app --seconds 2 -w app.pcapng --state / }).waitFor();
    const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Capture", exact: true }).click()]);
    assert.equal(download.suggestedFilename(), "app.pcapng");
    const file = readFileSync(await download.path());
    assert.equal(file.readUInt32LE(0), 0x0a0d0d0a, "a section of pcapng");
    assert.ok(file.includes("goes to db eth0"), "packets with what became of them");
    assert.deepEqual(page.errors, []);
});

test("a recording is begun, replayed, stepped and compared", async () => {
    const page = await browser.open(system, "#/replay");
    await page.getByLabel("Seconds", { exact: true }).fill("60");
    await page.locator(".command", { hasText: "classiclink record -o network.recording --seconds 60s" }).waitFor();
    await page.getByRole("button", { name: "Record", exact: true }).click();
    await page.locator("#panel", { hasText: /Recording: [1-9]\d* packets/ }).waitFor();
    // What changes meanwhile is in it: a way that opens, and a packet that is dropped.
    const { groups } = await system.json("network");
    const web = groups.find((one) => one.vpc === null && one.rules.some((rule) => rule.from_port === 443));
    const rule = { GroupId: web.id, "IpPermissions.1.IpProtocol": "tcp", "IpPermissions.1.FromPort": 8443, "IpPermissions.1.ToPort": 8443, "IpPermissions.1.IpRanges.1.CidrIp": "0.0.0.0/0" };
    await system.call("AuthorizeSecurityGroupIngress", rule);
    assert.throws(() => system.tell("exec", "web", "--", "timeout", "1", "bash", "-c", "exec 3<>/dev/tcp/192.168.1.20/6004"));
    await page.getByRole("button", { name: "End the recording", exact: true }).click();
    await page.getByRole("link", { name: "Replay it", exact: true }).click();

    await page.locator("#panel [role=status]", { hasText: /^Event 0 of [1-9]/ }).waitFor();
    await page.locator("#panel .verdict", { hasText: "the recording begins" }).waitFor();
    await page.getByRole("button", { name: "Next drop", exact: true }).click();
    await page.locator("#panel .verdict.stops", { hasText: "egress-filter" }).waitFor();
    await page.locator("svg .drop", { hasText: "egress-filter" }).waitFor();
    assert.match(new URL(page.url()).hash, /^#\/replay\/own\?at=\d+$/);
    await page.getByRole("button", { name: "First", exact: true }).click();
    await page.locator("#panel [role=status]", { hasText: /^Event 0 / }).waitFor();
    await page.getByRole("button", { name: "Step", exact: true }).click();
    await page.locator("#panel [role=status]", { hasText: /^Event 1 / }).waitFor();
    await page.getByRole("button", { name: "Play", exact: true }).click();
    await page.locator("#panel [role=status]", { hasText: /^Event [4-9] / }).waitFor();
    await page.getByRole("button", { name: "Pause", exact: true }).click();
    const status = page.locator("#panel [role=status]");
    const pressed = async (name) => {
        const before = await status.innerText();
        await page.getByRole("button", { name, exact: true }).click();
        await page.waitForFunction((before) => document.querySelector("#panel [role=status]")?.innerText !== before, before);
    };
    await pressed("Back");
    // The event may be the change. A packet that arrives is drawn.
    while ((await page.locator("svg .route.works").count()) === 0) await pressed("Step");

    // To its end, by the keys of a slider; then what has opened.
    await page.getByLabel("Event", { exact: true }).focus();
    await page.keyboard.press("End");
    await page.locator("#panel .verdict", { hasText: "the recording ends" }).waitFor();
    await page.getByRole("link", { name: /^What has opened and closed/ }).click();
    await page.locator("#panel tr", { hasText: "tcp 8443" }).filter({ hasText: "web" }).first().waitFor();
    // The present comes back to the map.
    await line(page).waitFor();
    assert.deepEqual(page.errors, []);

    // A file from elsewhere is replayed as well.
    await page.goto(`${system.endpoint}/_map#/replay`);
    const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Save it", exact: true }).click()]);
    const path = await download.path();
    await page.getByLabel("A recording", { exact: true }).setInputFiles(path);
    await page.locator("#panel [role=status]", { hasText: /^Event 0 of [1-9]/ }).waitFor();
    assert.match(new URL(page.url()).hash, /^#\/replay\/\d*x[0-9a-f]{32}/);
    assert.deepEqual(page.errors, []);
});

test("two states are compared: what opened, what closed", async () => {
    const page = await browser.open(system, "#/compare");
    await page.getByRole("button", { name: "Keep this state", exact: true }).click();
    await page.locator("#panel .verdict", { hasText: "Nothing opened and nothing closed" }).waitFor();
    const { groups } = await system.json("network");
    const db = groups.find((one) => one.rules.some((rule) => !rule.egress && rule.from_port === 6004));
    const rule = db.rules.find((one) => one.from_port === 6004);
    await system.call("RevokeSecurityGroupIngress", { GroupId: db.id, "SecurityGroupRuleId.1": rule.id });
    await page.getByRole("button", { name: "Compare", exact: true }).click();
    const closed = page.locator("#panel table", { hasText: "Closed" });
    await closed.locator("tr", { hasText: "tcp 6004" }).filter({ hasText: "app" }).waitFor();
    const peer = { "IpPermissions.1.IpProtocol": "tcp", "IpPermissions.1.FromPort": 6004, "IpPermissions.1.ToPort": 6004, "IpPermissions.1.Groups.1.GroupId": rule.peer.group };
    await system.call("AuthorizeSecurityGroupIngress", { GroupId: db.id, ...peer });
    assert.deepEqual(page.errors, []);
});

test("whatever is shown has an address, is copied, and is to be had as JSON", async () => {
    const { groups, tables, acls, subnets, vpcs, instances } = await system.json("network");
    const things = [groups, tables, acls, subnets, vpcs].map((some) => `#/thing/${some[0].id}`);
    const views = ["#/", "#/drops", "#/changes", "#/list", "#/flows", "#/reach", `#/host/${instances[0].id}`, "#/why?from=web&to=db&tcp=6004", ...things];
    const page = await browser.open(system, "#/");
    for (const view of views) {
        await page.goto("about:blank");
        await page.goto(`${system.endpoint}/_map${view}`);
        await page.locator("#panel footer").first().waitFor();
        await page.waitForFunction(() => document.querySelectorAll("#panel [aria-busy]").length === 0);
        for (const footer of await page.locator("#panel footer").all()) {
            assert.match(await footer.locator("code").innerText(), /^(classiclink|AWS_ACCESS_KEY_ID=\d+ AWS_SECRET_ACCESS_KEY=any aws|curl) /, view);
            const json = await footer.locator("a", { hasText: "as JSON" }).getAttribute("href");
            assert.ok(await (await fetch(system.endpoint + json)).json(), view);
        }
        const bare = () => [...document.querySelectorAll("#panel .table")].filter((one) => !one.querySelector(":scope > .copy")).length;
        assert.equal(await page.evaluate(bare), 0, view);
    }
    assert.deepEqual(page.errors, []);
});

for (const name of ["control", "dataplane"]) {
    test(`when ${name} is killed lines come back`, async () => {
        const page = await browser.open(system);
        await line(page).waitFor();
        await system.kill(name);
        await page.locator("#trouble").waitFor({ state: "visible" });
        await page.locator("#trouble").waitFor({ state: "hidden" });
        // Only a new update draws it again.
        await line(page).evaluate((one) => one.remove()).catch(() => {});
        await line(page).waitFor();
    });
}
