// Whether everybody can use it: Lighthouse's audit of accessibility, view by view, light and dark; and how large it is.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import lighthouse from "./audit/node_modules/lighthouse/core/index.js";
import { launch, System } from "./support.mjs";


let system, chromium;
before(async () => {
    system = await System.kept(new URL("../../../scenarios/three-tier.yaml", import.meta.url).pathname);
    chromium = await launch();
});
after(async () => {
    await chromium?.end();
    await system?.down();
});

async function audit(hash) {
    const flags = { port: chromium.port, output: "json", logLevel: "error", onlyCategories: ["accessibility"] };
    const config = { extends: "lighthouse:default", settings: { formFactor: "desktop", screenEmulation: { disabled: true }, throttlingMethod: "provided", maxWaitForLoad: 20_000 } };
    const { lhr } = await lighthouse(`${system.endpoint}/_map${hash}`, flags, config);
    assert.equal(lhr.runtimeError, undefined, JSON.stringify(lhr.runtimeError));
    const failed = Object.values(lhr.audits).filter((one) => one.score !== null && one.score < 1 && one.scoreDisplayMode === "binary");
    const told = failed.map((one) => `${one.id}: ${JSON.stringify(one.details?.items?.map((item) => item.node?.snippet))}`).join("\n");
    return { score: lhr.categories.accessibility.score * 100, told };
}

test("accessibility has 100 points, view by view", async () => {
    const { instances, groups } = await system.json("network");
    const views = ["", "#/why?from=web&to=db&tcp=6004", "#/reach", "#/flows", "#/drops", "#/list", "#/launch", "#/replay", "#/compare",
        `#/host/${instances[0].id}`, `#/thing/${groups[0].id}`];
    for (const view of views) {
        const { score, told } = await audit(view);
        assert.equal(score, 100, `${view}\n${told}`);
    }
});

test("all of the page has less than 500 KB", async () => {
    const parts = await Promise.all(["", "/map.js", "/map.css"].map(async (path) => (await (await fetch(`${system.endpoint}/_map${path}`)).arrayBuffer()).byteLength));
    const whole = parts.reduce((sum, one) => sum + one, 0);
    console.log(`the page has ${whole} bytes`);
    assert.ok(whole < 500_000);
});
