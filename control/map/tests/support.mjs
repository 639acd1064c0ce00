// A system to look at, and a browser to look with.

import { chromium } from "playwright-core";
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { createInterface } from "node:readline";

const PROGRAM = process.env.CLASSICLINK ?? "classiclink";
const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";
/** A folder with a page to try, where it is not the one that the program was built with. */
const PAGE = process.env.MAP_PAGE;
/** Long enough for anything that happens at all, in milliseconds. */
export const PATIENCE = 60_000;

/** A running system. */
export class System {
    constructor(process, endpoint, state, cleanUp) {
        Object.assign(this, { process, endpoint, state, cleanUp });
    }

    /** An empty cloud. */
    static async up(...options) {
        const state = mkdtempSync(join(tmpdir(), "classiclink-map-"));
        const up = spawn(PROGRAM, ["up", "--state", state, "--listen", "127.0.0.1:0", ...options], { stdio: ["ignore", "pipe", "inherit"] });
        const [, endpoint] = await said(up, /^ready: endpoint (\S+)/);
        return new System(up, endpoint, state, () => rmSync(state, { recursive: true, force: true }));
    }

    /** The system of a scenario, kept after its steps. */
    static async kept(scenario) {
        const run = spawn(PROGRAM, ["run", "--keep", scenario], { stdio: ["ignore", "pipe", "inherit"] });
        const [, endpoint, state] = await said(run, /^the system stays up until Ctrl-C: (\S+), --state (.*)$/);
        return new System(run, endpoint, state, () => {});
    }

    tell(...words) {
        const end = words.indexOf("--");
        const at = end < 0 ? words.length : end;
        return execFileSync(PROGRAM, [...words.slice(0, at), "--state", this.state, ...words.slice(at)], { encoding: "utf8" });
    }

    /** Runs a Node program in a host until it is ended. */
    node(host, program) {
        return spawn(PROGRAM, ["exec", host, "--state", this.state, "--", process.execPath, "-e", program], { stdio: "inherit" });
    }

    async json(path) {
        return (await fetch(`${this.endpoint}/_map/${path}`)).json();
    }

    /** Runs a line as a person pastes it into a shell; what it prints. Nothing but `classiclink` is known to be there. */
    paste(line, variables = {}) {
        const programs = mkdtempSync(join(tmpdir(), "classiclink-path-"));
        symlinkSync(realpathSync(PROGRAM), join(programs, "classiclink"));
        const env = { PATH: `${programs}:${process.env.PATH}`, HOME: programs, ...variables };
        // Why and reach say by their status what they have found.
        const { stdout, stderr } = spawnSync("bash", ["-c", line], { encoding: "utf8", env, cwd: programs });
        rmSync(programs, { recursive: true, force: true });
        if (stderr) throw new Error(`${line}: ${stderr}`);
        return stdout;
    }

    /** Calls an action of the API; the reply's text. */
    async call(action, parameters = {}, { account = "111122223333", region = "us-east-1" } = {}) {
        const response = await fetch(this.endpoint, {
            method: "POST",
            headers: { authorization: `AWS4-HMAC-SHA256 Credential=${account}/20150101/${region}/ec2/aws4_request` },
            body: new URLSearchParams({ Action: action, Version: "2016-11-15", ...parameters }),
        });
        const text = await response.text();
        if (!response.ok) throw new Error(text);
        return text;
    }

    /** Kills one of its processes; `up` starts another. */
    async kill(name) {
        const { processes } = await this.json("status");
        process.kill(processes[name].pid, "SIGKILL");
    }

    async down() {
        const ended = new Promise((resolve) => this.process.once("exit", resolve));
        this.process.kill("SIGINT");
        await ended;
        this.cleanUp();
    }
}

/** Waits for a line of a process's output. */
function said(process, pattern) {
    return new Promise((resolve, reject) => {
        process.once("exit", (code) => reject(new Error(`it ended with ${code} before it was ready`)));
        createInterface({ input: process.stdout }).on("line", (line) => {
            const match = pattern.exec(line);
            if (match) resolve(match);
        });
    });
}

/** A Chromium that another program drives: its port for that, and how to end it. */
export async function launch() {
    const profile = mkdtempSync(join(tmpdir(), "classiclink-chromium-"));
    const args = ["--headless=new", "--remote-debugging-port=0", `--user-data-dir=${profile}`, "--no-first-run", ...(process.getuid() === 0 ? ["--no-sandbox"] : [])];
    const chromium = spawn(CHROMIUM, [...args, "about:blank"], { stdio: ["ignore", "ignore", "pipe"] });
    const port = await new Promise((resolve, reject) => {
        chromium.once("exit", (code) => reject(new Error(`Chromium ended with ${code}`)));
        createInterface({ input: chromium.stderr }).on("line", (line) => {
            const match = /DevTools listening on ws:\/\/[^:]+:(\d+)/.exec(line);
            if (match) resolve(Number(match[1]));
        });
    });
    const end = async () => {
        const ended = new Promise((resolve) => chromium.once("exit", resolve));
        chromium.kill();
        await ended;
        rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    };
    return { port, end };
}

/** A browser, and what went wrong in its pages. */
export class Browser {
    static async start() {
        const browser = new Browser();
        // As root Chromium has no sandbox; what it loads here is ours alone.
        const args = process.getuid() === 0 ? ["--no-sandbox"] : [];
        browser.chromium = await chromium.launch({ executablePath: CHROMIUM, args });
        return browser;
    }

    /** A page of the map. Whatever it reports, and every request elsewhere, is an error. */
    async open(system, hash = "", options = {}) {
        const page = await this.chromium.newPage({ viewport: { width: 1400, height: 900 }, ...options });
        page.setDefaultTimeout(PATIENCE);
        page.errors = [];
        page.on("pageerror", (error) => page.errors.push(error.message));
        page.on("console", (message) => message.type() === "error" && page.errors.push(message.text()));
        page.on("request", (request) => {
            const url = request.url();
            if (!url.startsWith(system.endpoint) && !url.startsWith("data:")) page.errors.push(`asks ${url}`);
        });
        if (PAGE) await page.route(/\/_map$/, (route) => route.fulfill({ path: join(PAGE, "index.html") }));
        if (PAGE) await page.route(/\/_map\/map\.(js|css)$/, (route) => route.fulfill({ path: join(PAGE, basename(route.request().url())) }));
        await page.goto(`${system.endpoint}/_map${hash}`);
        await page.locator("#panel h2").waitFor();
        return page;
    }

    async stop() {
        await this.chromium.close();
    }
}
