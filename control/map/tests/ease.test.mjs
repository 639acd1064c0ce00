// Whether everybody gets along: by keys, in small windows, in a shell.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as rest } from "node:timers/promises";
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

/** Several moments: whatever is made anew has been made anew. */
const MOMENTS = 1500;

const focused = (page) => page.evaluate(() => {
    const { tagName, textContent } = document.activeElement;
    return `${tagName} ${document.activeElement.getAttribute("aria-label") ?? textContent}`;
});

test("news do not take a link from under the keys", async () => {
    const page = await browser.open(system, "#/drops");
    const link = page.locator("#panel td a").first();
    await link.focus();
    const before = await focused(page);
    await rest(MOMENTS);
    assert.equal(await focused(page), before);
    // Nor a word that is marked to be copied.
    await link.evaluate((one) => {
        one.blur();
        getSelection().selectAllChildren(one);
    });
    await rest(MOMENTS);
    assert.notEqual(await page.evaluate(() => getSelection().toString()), "");
    assert.deepEqual(page.errors, []);
});

test("what is folded by keys keeps the focus", async () => {
    const page = await browser.open(system);
    await page.locator('svg .fold[aria-label^="Fold shop"]').focus();
    await page.keyboard.press("Enter");
    await page.locator("svg .box.vpc .count", { hasText: "3 hosts" }).waitFor();
    assert.match(await focused(page), /^g Unfold shop/);
    await page.keyboard.press(" ");
    assert.match(await focused(page), /^g Fold shop/);
});

test("the map is skipped within a view, and the finds are gone to", async () => {
    const page = await browser.open(system, "#/why?from=web&to=db&tcp=6004");
    const hash = new URL(page.url()).hash;
    await page.locator(".skip").focus();
    await page.keyboard.press("Enter");
    assert.equal(new URL(page.url()).hash, hash);
    assert.equal(await page.evaluate(() => document.activeElement.id), "panel");
    await page.keyboard.press("/");
    await page.keyboard.type("db");
    await page.keyboard.press("Enter");
    await page.locator("#panel h2:focus", { hasText: "Found: db" }).waitFor();
    await page.keyboard.press("Tab");
    await page.keyboard.press("Tab");
    assert.match(await focused(page), /^A db \(i-/);
    await page.keyboard.press("Enter");
    await page.locator("#panel h2", { hasText: /^db$/ }).waitFor();
});

test("a name is found before an id that contains it", async () => {
    const { instances: [first, second] } = await system.json("network");
    const part = first.id.slice(-6);
    const named = (name) => system.call("CreateTags", { "ResourceId.1": second.id, "Tag.1.Key": "Name", "Tag.1.Value": name });
    await named(part);
    const page = await browser.open(system, `#/find/${part}`);
    await page.locator("#panel td a", { hasText: first.id }).waitFor();
    const finds = await page.locator("#panel td a").allInnerTexts();
    await named(second.name);
    assert.deepEqual(finds.map((find) => find.includes(second.id)), [true, false]);
});

test("figures that change all the time are not read out", async () => {
    const page = await browser.open(system);
    assert.equal(await page.locator("#status").getAttribute("role"), null);
    assert.equal(await page.locator("#trouble").getAttribute("role"), "alert");
});

test("at 400 % everything is reached by scrolling down", async () => {
    const page = await browser.open(system, "#/why?from=web&to=db&tcp=6004", { viewport: { width: 320, height: 256 } });
    await page.locator(".verdict.stops").waitFor();
    const [across, down, panel] = await page.evaluate(() => [
        document.documentElement.scrollWidth, document.documentElement.scrollHeight, getComputedStyle(document.getElementById("panel")).overflowY,
    ]);
    assert.ok(across <= 320, `${across} pixels wide`);
    assert.ok(down > 1000 && panel === "visible");
    await page.waitForFunction(() => {
        scrollTo(0, document.documentElement.scrollHeight);
        const { top, bottom } = document.querySelector("#panel footer code").getBoundingClientRect();
        return top < innerHeight && bottom > 0;
    });
});

test("the commands that are shown work when they are pasted", async () => {
    const { instances, groups, vpcs } = await system.json("network");
    const views = ["#/", "#/why?from=web&to=db&tcp=6004", "#/reach?from=web", "#/flows", "#/drops", "#/changes", "#/list",
        `#/host/${instances[0].id}`, `#/thing/${groups[0].id}`, `#/thing/${vpcs[0].id}`];
    const page = await browser.open(system);
    for (const view of views) {
        await page.goto("about:blank");
        await page.goto(`${system.endpoint}/_map${view}`);
        const command = page.locator("#panel footer code").last();
        await command.waitFor();
        const line = await command.innerText();
        // The AWS client is not everywhere; what it has to be told is.
        if (line.includes(" aws ")) {
            assert.ok(line.startsWith(`AWS_ACCESS_KEY_ID=111122223333 AWS_SECRET_ACCESS_KEY=any aws --endpoint-url ${system.endpoint} --region us-east-1 `), line);
        } else assert.ok(JSON.parse(system.paste(line)), line);
    }
    // A name that begins with a hyphen is no option.
    const web = instances.find((instance) => instance.name === "web");
    const called = (name) => system.call("CreateTags", { "ResourceId.1": web.id, "Tag.1.Key": "Name", "Tag.1.Value": name });
    await called("-web");
    for (const view of ["#/why?from=-web&to=db&tcp=6004", "#/reach?from=-web"]) {
        await page.goto("about:blank");
        await page.goto(`${system.endpoint}/_map${view}`);
        const command = page.locator("#panel footer code").last();
        await command.waitFor();
        const line = await command.innerText();
        assert.match(line, /-- -web |--from=-web /);
        assert.ok(JSON.parse(system.paste(line)), line);
    }
    await page.goto(`${system.endpoint}/_map#/host/${web.id}`);
    await page.locator(".command", { hasText: / -w=-web\.pcapng .*-- -web$/ }).waitFor();
    await called("web");
    // Nothing is offered for copying where there is no command yet.
    await page.goto(`${system.endpoint}/_map#/launch`);
    const add = page.locator(".proposal", { has: page.getByRole("button", { name: "Add the host", exact: true }) });
    await add.waitFor();
    assert.equal(await add.locator(".copy").isVisible(), false);
    assert.deepEqual(page.errors, []);
});
