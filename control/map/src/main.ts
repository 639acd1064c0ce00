// The page: moments go to the map and to the view that the address names.

import { useState } from "./commands";
import { byId, html, nodes } from "./dom";
import { ask, outdate, SignInError } from "./endpoint";
import { theKey, useKey } from "./key";
import { listen, type Change, type Drop, type Moment } from "./live";
import { NetworkMap } from "./map";
import { load, type Network } from "./network";
import type { Context, Heard, Stage, View } from "./view";
import { compare } from "./views/compare";
import { flow, flows } from "./views/flows";
import { changes, drops, everything, found, home } from "./views/lists";
import { reach } from "./views/reach";
import { replay } from "./views/replay";
import { signIn } from "./views/sign-in";
import { host, launching, thing } from "./views/things";
import { why } from "./views/why";

const VIEWS: Record<string, (context: Context) => View | Promise<View>> = {
    "": home, why, reach, flows, flow, drops, changes, list: everything, find: found, host, thing, launch: launching, replay, compare,
};

/** The number of drops and of changes that are kept. */
const KEPT = 200;
/** How long a notice of a restart is shown, in milliseconds. */
const NOTICE = 4000;
/** The pause before control is asked again after it has not answered, in milliseconds. */
const PAUSE = 1000;
/** The pause between two looks at the network, in milliseconds. */
const BETWEEN_LOOKS = 400;

const map = new NetworkMap(byId("map"));
const heard: Heard = { moment: null, lines: [], drops: [], changes: [] };
let network: Network | null = null;
/** The network that the map shows instead of the present one. */
let staged: Network | null = null;
/** The number of all changes as of the last moment. */
let changed = -1;
/** The number of the view that is shown. Answers for an earlier view are ignored. */
let turn = 0;
/** Renews the live part of the view. */
let live: (() => void) | null = null;
/** Whether a command of the view was carried out, so that the view must be renewed. */
let isDone = false;
let looking = false;
let lookAgain = false;

/** Loads the network and shows it. Calls meanwhile become one. */
async function look(): Promise<void> {
    if (looking) {
        lookAgain = true;
        return;
    }
    looking = true;
    try {
        const first = network === null;
        network = await load();
        useState(network.all.state);
        outdate();
        if (!staged) map.show(network);
        if (first) performance.mark("shown");
        if (first || isDone || !isBusy()) await show();
        isDone = false;
        if (first) begin();
    } catch (error) {
        if (error instanceof SignInError) return askForKey(theKey() ? error.message : null);
        trouble("Control does not answer. The map comes back with it.");
        if (!network) lookAgain = true;
    }
    setTimeout(() => {
        looking = false;
        if (lookAgain) {
            lookAgain = false;
            void look();
        }
    }, network ? BETWEEN_LOOKS : PAUSE);
}

/** Asks for the viewer's key, because requests must be signed. Nothing else is shown. */
function askForKey(why: string | null): void {
    useKey(null);
    // The page may no longer show its contents.
    if (network) return location.reload();
    looking = false;
    trouble(null);
    setText(byId("status"), "Not signed in");
    byId("panel").replaceChildren(html("h2", { tabindex: -1 }, "Sign in"), ...signIn(why, () => void look()));
}

/** Shows the account that has signed in. */
function tellKey(account: string | null): void {
    const button = byId("leave");
    button.hidden = account === null;
    button.textContent = `Sign out of ${account}`;
}

/** Whether the panel must not be renewed: the viewer uses it, has selected some of its text, or reads a command's outcome. */
function isBusy(): boolean {
    const [panel, active, marked] = [byId("panel"), document.activeElement, getSelection()];
    const isMarked = marked !== null && !marked.isCollapsed && panel.contains(marked.anchorNode);
    const isTold = panel.querySelector("output.pending, output.error") !== null;
    return isTold || isMarked || (panel.contains(active) && active!.matches("input, select, details *, button, a:focus-visible"));
}

/** Shows the view that the address names. */
async function show(focus = false): Promise<void> {
    if (!network) return;
    const mine = ++turn;
    const { name, context } = addressed(network, (moment) => mine === turn && stage(moment));
    const view = await (VIEWS[name] ?? home)(context);
    if (mine !== turn) return;
    const wasInPanel = byId("panel").contains(document.activeElement);
    if (!view.staged) unstage();
    tellKey(network.all.viewer);
    const title = fillPanel(view, focus);
    markMap(view, focus);
    markNavigation(name);
    if (focus) title.focus();
    else if (wasInPanel) title.focus({ preventScroll: true });
}

/** The name of the view in the address, and the view's input. */
function addressed(network: Network, stage: Context["stage"]): { name: string; context: Context } {
    const [path = "", query = ""] = location.hash.replace(/^#\/?/, "").split("?");
    const [name = "", ...rest] = path.split("/");
    const refresh = () => {
        isDone = true;
        void look();
    };
    const context = { network, heard, argument: decoded(rest.join("/")), query: new URLSearchParams(query), refresh, stage };
    return { name, context };
}

/** Puts a view into the panel. A view that is renewed keeps its scroll position and what is written in its fields. */
function fillPanel(view: View, isNew: boolean): HTMLElement {
    const panel = byId("panel");
    const { scrollTop } = panel;
    const written = isNew ? [] : fieldsOf(panel).map((one): [string, string] => [one.name, one.value]);
    const title = html("h2", { tabindex: -1 }, view.title);
    const news = html("div");
    live = view.live ? () => news.replaceChildren(...nodes(view.live!())) : null;
    live?.();
    panel.replaceChildren(title, ...nodes(view.content), news);
    for (const [name, value] of written) write(panel, name, value);
    panel.scrollTop = isNew ? 0 : scrollTop;
    panel.classList.toggle("wide", view.isWide ?? false);
    document.title = `${view.title} · classiclink`;
    return title;
}

/** Marks what a view is about on the map. */
function markMap(view: View, isNew: boolean): void {
    map.find(view.found ?? null);
    if (view.staged) map.find(null);
    else if (view.way) map.way(view.way.steps, view.way.works);
    else if (isNew || view.ids) map.select(view.ids ?? []);
}

function markNavigation(name: string): void {
    for (const link of document.querySelectorAll("nav a")) {
        if (link.getAttribute("href") === `#/${name}`) link.setAttribute("aria-current", "page");
        else link.removeAttribute("aria-current");
    }
}

/** Shows a moment of a recording on the map. */
function stage({ network: past, steps, works, drop }: Stage): void {
    if (staged !== past) {
        map.lines([]);
        map.show(past);
    }
    staged = past;
    map.forgetDrops();
    map.way(steps, works);
    if (drop) map.markDrop(drop.host, drop.reason);
}

/** Shows the present on the map again. */
function unstage(): void {
    if (!staged || !network) return;
    staged = null;
    map.show(network);
    map.lines(heard.lines);
}

type Field = HTMLInputElement | HTMLSelectElement;
const fieldsOf = (panel: HTMLElement) => [...panel.querySelectorAll<Field>("input[name]:not([type=file], [type=range]), select[name]")];

/** Restores the value of a field, with the events of typing. */
function write(panel: HTMLElement, name: string, value: string): void {
    const field = fieldsOf(panel).find((one) => one.name === name);
    const isOffered = field instanceof HTMLInputElement || [...(field?.options ?? [])].some((option) => option.value === value);
    if (!field || !isOffered || field.value === value) return;
    field.value = value;
    for (const event of ["input", "change"]) field.dispatchEvent(new Event(event, { bubbles: true }));
}

function decoded(text: string): string {
    try {
        return decodeURIComponent(text);
    } catch {
        return text;
    }
}

function trouble(text: string | null): void {
    const line = byId("trouble");
    if ((line.textContent || null) === text) return;
    line.textContent = text ?? "";
    line.hidden = text === null;
}

/** The dataplane's process, and the time at which another one replaced it. */
const dataplane = { process: null as number | null, replaced: -Infinity };

/** Whether the dataplane was restarted a short time ago. It may have been down for less than a moment. */
function isNew({ process }: Moment): boolean {
    if (process !== null) {
        if (dataplane.process !== null && dataplane.process !== process) dataplane.replaced = performance.now();
        dataplane.process = process;
    }
    return performance.now() - dataplane.replaced < NOTICE;
}

function hear(moment: Moment): void {
    heard.moment = moment;
    heard.drops = [...moment.drops.toReversed(), ...heard.drops].slice(0, KEPT);
    heard.changes = [...moment.changes.toReversed(), ...heard.changes].slice(0, KEPT);
    const failed = moment.hosts.find((one) => one.state === "failed");
    if (moment.on_paper) trouble(null);
    else if (!moment.dataplane) trouble("The dataplane is down: no packet moves. It is being started again.");
    else if (isNew(moment)) trouble("The dataplane had ended, and was started again.");
    else if (failed) trouble(`The host ${failed.name ?? failed.host} cannot be made: ${failed.why}. It is tried again.`);
    else trouble(null);
    setText(byId("status"), statusWords(moment));
    if (moment.lines) heard.lines = moment.lines;
    if (!staged) {
        map.rates(moment.rates, moment.drops);
        if (moment.lines) map.lines(moment.lines);
    }
    const isNews = changed >= 0 && moment.changed !== changed;
    changed = moment.changed;
    if (isNews) void look();
    else if (!isBusy()) live?.();
}

function statusWords({ on_paper, dataplane, flows, rates }: Moment): string {
    if (on_paper) return "Live · on paper: no packets";
    if (!dataplane) return "The dataplane is down";
    const packets = rates.reduce((sum, rate) => sum + rate.sent_packets, 0);
    return `Live · ${flows} flows · ${packets} packets/s`;
}

function setText(element: HTMLElement, text: string): void {
    if (element.textContent !== text) element.textContent = text;
}

/** Fetches what was missed without a stream. */
async function catchUp(): Promise<void> {
    await look();
    const latest = async <T>(path: string): Promise<T[]> => (await ask<T[]>(path).catch(() => [])).toReversed().slice(0, KEPT);
    [heard.drops, heard.changes] = await Promise.all([latest<Drop>("drops"), latest<Change>("changes")]);
    live?.();
}

/** The field for a host that has the focus. */
function fieldForHost(): HTMLInputElement | null {
    const field = document.activeElement;
    return field instanceof HTMLInputElement && field.matches("form.why input[list]") && field.type !== "number" ? field : null;
}

/** The host of a cell under the pointer. */
function hostAt(target: EventTarget | null): string | undefined {
    const cell = target instanceof Element ? target.closest("a.cell") : null;
    const named = /^#\/host\/(.+)$/.exec(cell?.getAttribute("href") ?? "")?.[1];
    return named && decoded(named);
}

/** A press on a host fills a field for a host, which keeps the focus. */
byId("map").addEventListener("mousedown", (event) => {
    if (fieldForHost() && hostAt(event.target)) event.preventDefault();
}, { capture: true });
byId("map").addEventListener("click", (event) => {
    const [field, host] = [fieldForHost(), hostAt(event.target)];
    if (!field || !host || !network) return;
    event.preventDefault();
    field.value = network.word(host);
    field.dispatchEvent(new Event("input", { bubbles: true }));
}, { capture: true });

const word = byId("word") as HTMLInputElement;
byId("find").addEventListener("submit", (event) => {
    event.preventDefault();
    // The focus moves to the results.
    void show(true);
});
word.addEventListener("input", () => {
    const hash = word.value.trim() ? `#/find/${encodeURIComponent(word.value.trim())}` : "#/";
    history.replaceState(null, "", hash);
    void show();
});
addEventListener("hashchange", () => void show(true));
addEventListener("keydown", (event) => {
    const isText = event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement;
    if (event.key === "/" && !isText) {
        event.preventDefault();
        word.focus();
    }
});
byId("skip").addEventListener("click", (event) => {
    // The address stays the view's.
    event.preventDefault();
    byId("panel").focus();
});
byId("leave").addEventListener("click", () => {
    useKey(null);
    location.reload();
});

/** Begins the stream of moments, after the first look has succeeded. */
function begin(): void {
    listen({
        moment: hear,
        missed: () => void catchUp(),
        silent: () => {
            trouble("Control does not answer. The map comes back with it.");
            setText(byId("status"), "No news");
            // The key may have become invalid.
            void look();
        },
    });
}

void look();
