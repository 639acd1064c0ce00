// Compares two states of the cloud: what opened, and what closed.

import { curl } from "../commands";
import { html, type Child } from "../dom";
import { ask, errorMessage, send } from "../endpoint";
import { choice, eventually, field, source, table, upload } from "../parts";
import type { Context, View } from "../view";
import { hosts, type HostName } from "./reach";

interface Way {
    from: HostName[];
    to: HostName[];
    services: string[];
}

interface Difference {
    opened: Way[];
    closed: Way[];
}

/** The states that can be compared, each with its name. */
const known = new Map<string, string>([["now", "now"]]);

export function compare(context: Context): View {
    const { query } = context;
    const [before, after] = [query.get("before"), query.get("after") ?? "now"];
    for (const one of [before, after]) if (one && !known.has(one)) known.set(one, wordsOf(one));
    const path = `compare?${new URLSearchParams({ before: before ?? "now", after })}`;
    return {
        title: "What opened, what closed?",
        content: [
            html("p", {}, "Keep the present state, change something, and see what that opened and closed. A state can also be a file that ", html("code", {}, "classiclink backup"), " has written, or a moment of a recording."),
            keepPresent(),
            fromFile(context),
            form(before, after),
            before ? eventually(ask<Difference>(path).then((difference) => told(context, difference))) : null,
            before ? source(curl(path), path) : null,
        ],
        ids: [],
    };
}

function wordsOf(state: string): string {
    const [file = state, at] = state.split(":");
    if (at !== undefined) return `event ${at} of the recording`;
    return file.startsWith("kept-") ? `kept ${file.slice(5)}` : "a file";
}

function go(before: string, after: string): void {
    const hash = `#/compare?${new URLSearchParams({ before, after })}`;
    if (location.hash === hash) dispatchEvent(new HashChangeEvent("hashchange"));
    else location.hash = hash;
}

function keepPresent(): HTMLElement {
    const outcome = html("output", {});
    const press = async () => {
        try {
            const { state, at } = await send<{ state: string; at: number }>("POST", "states");
            known.set(state, `${wordsOf(state)}, ${new Date(at).toLocaleTimeString()}`);
            go(state, "now");
        } catch (error) {
            outcome.className = "error";
            outcome.textContent = errorMessage(error);
        }
    };
    return html("p", {}, html("button", { type: "button", click: () => void press() }, "Keep this state"), " ", outcome);
}

/** A backup from the viewer's disk, as the state before. */
function fromFile({ query }: Context): HTMLElement {
    return html("div", {}, ...upload("A state from a file", ({ file }, name) => {
        known.set(file, name);
        go(file, query.get("after") ?? "now");
    }));
}

function form(before: string | null, after: string): HTMLElement {
    const options = [...known];
    const [one, other] = [choice(options, before ?? "now"), choice(options, after)];
    const submit = (event: Event) => {
        event.preventDefault();
        go(one.value, other.value);
    };
    return html("form", { class: "why", submit }, field("Before", one), field("After", other), html("button", {}, "Compare"));
}

function told({ network }: Context, { opened, closed }: Difference): Child[] {
    if (opened.length + closed.length === 0) return [html("p", { class: "verdict works", role: "status" }, "Nothing opened and nothing closed.")];
    const part = (title: string, ways: Way[]) =>
        table(title, ["From", "To", "What"], ways.map((way) => [hosts(network, way.from), hosts(network, way.to), way.services.join(", ")]));
    return [part("Opened", opened), part("Closed", closed)];
}
