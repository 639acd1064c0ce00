// Parts that views are made of.

import type { Command } from "./api";
import { copy, html, nodes, type Child } from "./dom";
import { errorMessage, send, urlOf } from "./endpoint";
import { theKey } from "./key";
import type { Network } from "./network";

/** Text in which everything on the map is a link to its view. */
export function words(network: Network, text: string): Child[] {
    return text.split(/([\w-]+(?:\.[\w-]+)*)/).map((word, index) => (index % 2 ? named(network, word) : word));
}

function named(network: Network, word: string): Child {
    const kind = network.kindOf(word);
    return kind ? html("a", { class: "id", href: hrefOf(network, word) }, word) : word;
}

/** The address of a thing's view. */
export function hrefOf(network: Network, id: string): string {
    const kind = network.kindOf(id);
    return `#/${kind === "instances" || kind === "hosts" || kind === "managed" ? "host" : "thing"}/${encodeURIComponent(id)}`;
}

/** A thing by its name and its id. */
export function reference(network: Network, id: string | null | undefined): Child {
    if (!id) return "–";
    if (!network.kindOf(id)) return id;
    const label = network.label(id);
    const words = label === id ? [inOneLine(id)] : [`${label} `, inOneLine(`(${id})`)];
    return html("a", { href: hrefOf(network, id) }, ...words);
}

/** An id that is not broken over lines. */
function inOneLine(id: string): HTMLElement {
    return html("span", { class: "id" }, id);
}

/** A thing by its name alone. */
export function briefly(network: Network, id: string): Child {
    return network.kindOf(id) ? html("a", { href: hrefOf(network, id), title: id }, network.label(id)) : id;
}

export function references(network: Network, ids: string[]): Child {
    if (ids.length === 0) return "–";
    return html("span", {}, ...ids.flatMap((id, index) => [index ? ", " : "", reference(network, id)]));
}

/** A table with a button that copies it. */
export function table(caption: string, head: string[], rows: Child[][], mark?: (row: number) => string): HTMLElement {
    const body = rows.map((row, index) =>
        html("tr", { class: mark?.(index) || null }, ...row.map((value) => html("td", { class: isShort(value) ? "short" : null }, value))),
    );
    const made = html("table", {},
        html("caption", {}, caption),
        html("thead", {}, html("tr", {}, ...head.map((title) => html("th", { scope: "col" }, title)))),
        html("tbody", {}, ...body),
    );
    const cells = (row: Element) => [...row.children].map((one) => one.textContent?.replace(/\s+/g, " ").trim() ?? "");
    const lines = () => [...made.querySelectorAll("tr")].map((row) => cells(row).join("\t")).join("\n");
    const empty = rows.length === 0 && html("p", { class: "empty" }, "None.");
    return html("div", { class: "table" }, copyButton(`Copy the table ${caption}`, lines), made, empty || null);
}

/** Whether a value is not broken over lines. */
function isShort(value: Child): boolean {
    return typeof value === "number" || (typeof value === "string" && value.length < 16);
}

export function copyButton(label: string, text: () => string): HTMLElement {
    const press = async (event: Event) => {
        const button = event.currentTarget as HTMLElement;
        await copy(text());
        button.textContent = "Copied";
        setTimeout(() => (button.textContent = "Copy"), 1500);
    };
    return html("button", { type: "button", class: "copy", title: label, click: press }, "Copy", html("span", { class: "offstage" }, ` ${label}`));
}

/** A list of names and values. */
export function facts(...rows: [string, Child][]): HTMLElement {
    return html("dl", {}, ...rows.flatMap(([name, value]) => [html("dt", {}, name), html("dd", {}, value)]));
}

/** The command line, and the JSON, that give the same as the view. */
export function source(command: string, path?: string): HTMLElement {
    return html("footer", {},
        html("code", {}, command), copyButton("Copy the command", () => command),
        path ? html("a", { href: `/_map/${path}`, target: "_blank", rel: "noreferrer", click: (event) => void openSigned(event, path) }, "as JSON") : null,
    );
}

/** Opens a path that must be signed. */
async function openSigned(event: Event, path: string): Promise<void> {
    if (!theKey()) return;
    event.preventDefault();
    open(await urlOf(path), "_blank", "noreferrer");
}

/** A button for a command, beside its command line. `question` asks for a confirmation. */
export function proposal(label: string, command: () => Command | null, done: () => void, question?: string): HTMLElement {
    const line = html("code", { class: "command" });
    const outcome = html("output", {});
    const show = () => {
        const made = command();
        line.textContent = made?.line ?? "";
        line.hidden = copying.hidden = made === null;
        button.disabled = made === null;
    };
    const press = async () => {
        const made = command();
        if (!made || outcome.className === "pending" || (question && !confirm(question))) return;
        // The button keeps the focus, which a disabled one would lose.
        outcome.className = "pending";
        outcome.textContent = "…";
        try {
            await made.run();
            outcome.className = "";
            outcome.textContent = "Done.";
            done();
        } catch (error) {
            outcome.className = "error";
            outcome.textContent = errorMessage(error);
        }
        show();
    };
    const button = html("button", { type: "button", click: press }, label);
    const copying = copyButton("Copy the command", () => line.textContent ?? "");
    const whole = html("div", { class: "proposal" }, button, outcome, line, copying);
    whole.addEventListener("refresh", () => {
        // The outcome is that of another command.
        outcome.className = outcome.textContent = "";
        show();
    });
    show();
    return whole;
}

/** Content that is shown when it has arrived. */
export function eventually(content: Promise<Child[]>): HTMLElement {
    const place = html("div", { "aria-busy": "true" }, html("p", { class: "empty" }, "…"));
    const put = (...children: Child[]) => {
        place.replaceChildren(...nodes(children));
        place.removeAttribute("aria-busy");
    };
    content.then((children) => put(...children), (error) => put(html("p", { class: "error", role: "alert" }, errorMessage(error))));
    return place;
}

/** A button that downloads a file from the endpoint. Its URL is signed when the button is pressed. */
export function fileLink(label: string, path: () => string | null, command: () => string): HTMLElement {
    const line = html("code", { class: "command" });
    const press = async () => {
        const wanted = path();
        if (!wanted) return;
        const link = html("a", { href: await urlOf(wanted), download: "" });
        document.body.append(link);
        link.click();
        link.remove();
    };
    const whole = html("div", { class: "proposal" }, html("button", { type: "button", click: () => void press() }, label), line,
        copyButton("Copy the command", () => line.textContent ?? ""));
    const show = () => (line.textContent = command());
    whole.addEventListener("refresh", show);
    show();
    return whole;
}

let fields = 0;

/** A field with its label. */
export function field(label: string, input: HTMLInputElement | HTMLSelectElement): HTMLElement {
    input.name ||= label;
    input.id = `field-${++fields}`;
    return html("div", { class: "field" }, html("label", { for: input.id }, label), input);
}

/** A file on this server that was uploaded. */
export interface Uploaded {
    file: string;
    kind: string;
}

/** A field for a file from the viewer's disk, which is uploaded as soon as it is chosen. An error of `then` is shown as well. */
export function upload(label: string, then: (uploaded: Uploaded, name: string) => void): Child[] {
    const outcome = html("output", {});
    const input = html("input", { type: "file" });
    input.onchange = async () => {
        const file = input.files?.[0];
        if (!file) return;
        outcome.className = "";
        outcome.textContent = "…";
        try {
            then(await send<Uploaded>("POST", "files", file), file.name);
        } catch (error) {
            outcome.className = "error";
            outcome.textContent = errorMessage(error);
        }
    };
    return [field(label, input), outcome];
}

export function choice(options: [string, string][], chosen?: string): HTMLSelectElement {
    return html("select", {}, ...options.map(([value, text]) => html("option", { value, selected: value === chosen }, text)));
}

/** The traffic of a rule, in words. */
export function trafficWords({ protocol, from_port: from, to_port: to }: { protocol: string; from_port: number | null; to_port: number | null }): string {
    if (protocol === "-1") return "everything";
    if (protocol.startsWith("icmp")) return from === null || from === -1 ? protocol : `${protocol} type ${from}`;
    if (from === null || (from === 0 && to === 65535)) return `${protocol}, all ports`;
    return from === to ? `${protocol} ${from}` : `${protocol} ${from}–${to}`;
}

export function clock(milliseconds: number): string {
    return new Date(milliseconds).toLocaleTimeString();
}
