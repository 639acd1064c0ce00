// Where every request must be signed: who looks signs in with a key, sees what is of the own account, and changes it.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Browser, System } from "./support.mjs";

const SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const key = (id) => ({ id, secret: SECRET });
const ACCOUNTS = {
    accounts: [
        { id: "111122223333", keys: [key("AKIAALICEALICEALICE")] },
        { id: "444455556666", keys: [key("AKIABOBBOBBOBBOBBOB")] },
    ],
};

let system, browser, directory;
before(async () => {
    directory = mkdtempSync(join(tmpdir(), "classiclink-map-"));
    const file = join(directory, "accounts.json");
    writeFileSync(file, JSON.stringify(ACCOUNTS));
    system = await System.up("--accounts", file);
    browser = await Browser.start();
});
after(async () => {
    await browser?.stop();
    await system?.down();
    rmSync(directory, { recursive: true, force: true });
});

async function signIn(page, id, secret = SECRET) {
    await page.getByLabel("Access key id", { exact: true }).fill(id);
    await page.getByLabel("Secret access key", { exact: true }).fill(secret);
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
}

test("nothing is told before somebody signs in, and another's signature opens nothing", async () => {
    const page = await browser.open(system);
    await page.locator("#panel h2", { hasText: "Sign in" }).waitFor();
    assert.equal(await page.locator("svg.view a").count(), 0);
    await signIn(page, "AKIAALICEALICEALICE", "another");
    await page.locator("#panel .error", { hasText: "signature" }).waitFor();
    for (const path of ["network", "status", "live", "drops", "why?from=a&to=b"]) {
        assert.equal((await fetch(`${system.endpoint}/_map/${path}`)).status, 401, path);
    }
});

test("an account launches, sees its own, and no other does", async () => {
    const page = await browser.open(system);
    await signIn(page, "AKIAALICEALICEALICE");
    await page.locator("#status", { hasText: "Live" }).waitFor();
    await page.getByRole("link", { name: "Launch", exact: true }).click();
    await page.getByLabel("Name", { exact: true }).fill("hers");
    assert.doesNotMatch(await page.locator(".command").first().innerText(), /AWS_ACCESS_KEY_ID/);
    await page.getByRole("button", { name: "Launch", exact: true }).click();
    await page.locator('svg a.cell.running[aria-label^="hers,"]').waitFor();
    // What is shown is had by a command, too, with the key where clients look for it.
    await page.getByRole("link", { name: "Everything", exact: true }).click();
    const line = await page.locator("#panel footer code", { hasText: "curl" }).innerText();
    const { instances, state } = JSON.parse(system.paste(line, { AWS_ACCESS_KEY_ID: "AKIAALICEALICEALICE", AWS_SECRET_ACCESS_KEY: SECRET }));
    assert.deepEqual([instances.map((one) => one.name), state], [["hers"], null]);
    // The key is this tab's, outlives a look at the page anew, and the secret is in no request.
    await page.reload();
    await page.locator('svg a.cell.running[aria-label^="hers,"]').waitFor();
    assert.deepEqual(page.errors.filter((error) => !/401/.test(error)), []);

    const other = await browser.open(system);
    await signIn(other, "AKIABOBBOBBOBBOBBOB");
    await other.locator("#status", { hasText: "Live" }).waitFor();
    await other.getByRole("link", { name: "Everything", exact: true }).click();
    await other.locator("#panel h2", { hasText: "Everything" }).waitFor();
    assert.equal(await other.locator("svg a.cell").count(), 0);
    assert.ok(!(await other.locator("#panel").innerText()).includes("hers"));
    // What concerns all accounts is not done from here.
    await other.goto(`${system.endpoint}/_map#/replay`);
    await other.locator("#panel .error", { hasText: "classiclink record" }).waitFor();

    await page.getByRole("button", { name: /^Sign out/ }).click();
    await page.locator("#panel h2", { hasText: "Sign in" }).waitFor();
    assert.equal(await page.evaluate(() => sessionStorage.length + localStorage.length), 0);
});

test("the secret is never sent", async () => {
    const page = await browser.open(system);
    const sent = [];
    page.on("request", (request) => sent.push(`${request.url()} ${request.postData() ?? ""} ${JSON.stringify(request.headers())}`));
    await signIn(page, "AKIAALICEALICEALICE");
    await page.locator("#status", { hasText: "Live" }).waitFor();
    assert.ok(sent.length > 1);
    assert.ok(sent.every((one) => !one.includes(SECRET) && !one.includes(encodeURIComponent(SECRET))));
});
