// Replays a recording: its packets, their verdicts, and the cloud at that time.

import { record } from "../api";
import { curl, line } from "../commands";
import { html, nodes, type Child } from "../dom";
import { ask, errorMessage, send } from "../endpoint";
import { bytes } from "../figures";
import { load, type Network } from "../network";
import { field, fileLink, proposal, source, upload, words } from "../parts";
import type { Context, Stage, View } from "../view";

interface Event_ {
    kind: "began" | "packet" | "change" | "note" | "clock" | "ended";
    at: number;
    text: string;
    steps: string[];
    from: string | null;
    to: string | null;
    reason: string | null;
    differs: boolean;
    cloud: number;
}

interface Events {
    from: number;
    events: Event_[];
    all: number;
    damage: string | null;
}

interface Progress {
    packets?: number;
    changes?: number;
    bytes?: number;
    lost?: number;
    has_ended?: boolean;
    failed?: string | null;
    file: string | null;
}

/** The number of events in one request. */
const PAGE = 250;
/** The file of the recording that was made at the endpoint. */
const OWN = "own";

/** The original names of uploaded files. */
const names = new Map([[OWN, "network.recording"]]);

let player: Player | null = null;

export async function replay(context: Context): Promise<View> {
    const [file, at] = [context.argument, Number(context.query.get("at") ?? 0)];
    if (!file) {
        player?.pause();
        return { title: "Record and replay", content: [recording(), fromFile()] };
    }
    if (player?.file !== file) {
        player?.pause();
        player = new Player(file);
    }
    player.context = context;
    try {
        await player.go(at);
    } catch (error) {
        player = null;
        return { title: "Replay", content: [html("p", { class: "error", role: "alert" }, errorMessage(error)), fromFile()] };
    }
    return { title: `Replay: ${names.get(file) ?? "a recording"}`, staged: true, content: [player.root] };
}

/** Begins a recording. */
function recording(): HTMLElement {
    const seconds = html("input", { type: "number", min: 1, max: 600, value: "30" });
    const progress = html("div", { role: "status" });
    const watch = async () => {
        if (!progress.isConnected) return;
        try {
            const now = await ask<Progress>("recording");
            progress.replaceChildren(...nodes(progressWords(now, () => void watch())));
            if (now.packets !== undefined && !now.has_ended) setTimeout(() => void watch(), 500);
        } catch (error) {
            // A dataplane that is slow or was restarted answers later.
            progress.replaceChildren(html("p", { class: "error" }, errorMessage(error)));
            setTimeout(() => void watch(), 1000);
        }
    };
    const begin = proposal("Record", () => (Number(seconds.value) > 0 ? record(seconds.value) : null), () => {
        // The file of the recording before is replaced.
        if (player?.file === OWN) player = null;
        void watch();
    });
    seconds.oninput = () => begin.dispatchEvent(new Event("refresh"));
    setTimeout(() => void watch());
    return html("section", {},
        html("h3", {}, "Record"),
        html("p", {}, "Packets, changes, and what became of each packet; for a time, or until 256 MiB are written."),
        field("Seconds", seconds), begin, progress);
}

function progressWords(now: Progress, again: () => void): Child[] {
    const isRunning = now.packets !== undefined && !now.has_ended;
    const stop = async () => {
        await send("DELETE", "recording").catch(() => null);
        again();
    };
    const figures = now.packets === undefined ? null
        : `${now.packets} packets, ${now.changes} changes, ${bytes(now.bytes ?? 0)}${now.lost ? `; ${now.lost} lost` : ""}${now.failed ? `; ${now.failed}` : ""}`;
    return [
        figures && html("p", {}, isRunning ? "Recording: " : "Recorded: ", figures),
        isRunning && html("p", {}, html("button", { type: "button", click: () => void stop() }, "End the recording")),
        now.file && html("p", {}, html("a", { href: `#/replay/${now.file}` }, "Replay it")),
        now.file && fileLink("Save it", () => "recording/file", () => curl("recording/file", "-OJ")),
    ];
}

/** A recording from the viewer's disk. */
function fromFile(): HTMLElement {
    const file = upload("A recording", ({ file, kind }, name) => {
        if (kind !== "recording") throw new Error("This is not a recording; Compare takes it.");
        names.set(file, name);
        location.hash = `#/replay/${file}`;
    });
    return html("section", {}, html("h3", {}, "Replay a file"),
        html("p", {}, "A file that ", html("code", {}, "classiclink record"), " has written."), ...file);
}

/** Plays a recording. It keeps its position while the view is renewed. */
class Player {
    readonly root: HTMLElement;
    context: Context | null = null;
    private at = -1;
    private all = 0;
    private damage: string | null = null;
    private readonly pages = new Map<number, Event_[]>();
    private cloud: { number: number; network: Network } | null = null;
    private timer: ReturnType<typeof setTimeout> | null = null;
    private readonly slider = html("input", { type: "range", min: 0, max: 0, value: "0" });
    private readonly speed = html("select", {}, ...[["800", "slow"], ["250", "steady"], ["60", "fast"]].map(([value, text]) =>
        html("option", { value, selected: value === "250" }, text)));
    private readonly playing = html("button", { type: "button", click: () => (this.timer ? this.pause() : this.play()) }, "Play");
    private readonly position = html("p", { role: "status" });
    private readonly told = html("div");
    private readonly foot = html("div");

    constructor(readonly file: string) {
        const button = (label: string, press: () => Promise<void>) =>
            html("button", { type: "button", click: () => (this.pause(), void press().catch((error) => this.fail(error))) }, label);
        this.slider.oninput = () => {
            this.pause();
            void this.go(Number(this.slider.value)).catch((error) => this.fail(error));
        };
        this.root = html("section", { class: "player", "aria-label": "Player" },
            html("div", { class: "buttons" },
                button("First", () => this.go(0)), button("Back", () => this.go(this.at - 1)), this.playing, button("Step", () => this.go(this.at + 1)),
                button("Next drop", () => this.seek((one) => one.reason !== null)), button("Next change", () => this.seek((one) => one.kind === "change" || one.kind === "note"))),
            html("div", { class: "fields" }, field("Event", this.slider), field("Speed", this.speed)),
            this.position, this.told, this.foot);
    }

    play() {
        this.playing.textContent = "Pause";
        const next = async () => {
            if (!this.root.isConnected || this.at + 1 >= this.all) return this.pause();
            try {
                await this.go(this.at + 1);
            } catch (error) {
                return this.fail(error);
            }
            if (this.timer) this.timer = setTimeout(() => void next(), Number(this.speed.value));
        };
        this.timer = setTimeout(() => void next());
    }

    pause() {
        if (this.timer) clearTimeout(this.timer);
        this.timer = null;
        this.playing.textContent = "Play";
    }

    private fail(error: unknown) {
        this.pause();
        this.told.replaceChildren(html("p", { class: "error", role: "alert" }, errorMessage(error)));
    }

    /** Goes to an event, or to the nearest one if the number does not exist. */
    async go(wanted: number) {
        let event = await this.event(Math.max(0, wanted));
        let at = Math.max(0, wanted);
        if (!event) {
            at = Math.max(0, this.all - 1);
            event = await this.event(at);
        }
        if (!event) throw new Error("The recording is empty.");
        const before = this.at;
        this.at = at;
        await this.show(event);
        if (before >= 0 && before !== at) history.replaceState(null, "", `#/replay/${this.file}?at=${at}`);
    }

    /** Goes to the next event of a kind. */
    private async seek(is: (event: Event_) => boolean) {
        for (let at = this.at + 1; at < this.all; at++) {
            const event = await this.event(at);
            if (event && is(event)) return this.go(at);
        }
        this.position.textContent = "There is none behind this one.";
    }

    private async event(at: number): Promise<Event_ | undefined> {
        const page = Math.floor(at / PAGE);
        let events = this.pages.get(page);
        if (!events) {
            const answer = await ask<Events>(`replay/${this.file}?from=${page * PAGE}&count=${PAGE}`);
            [events, this.all, this.damage] = [answer.events, answer.all, answer.damage];
            this.pages.set(page, events);
        }
        return events[at % PAGE];
    }

    private async show(event: Event_) {
        if (this.cloud?.number !== event.cloud) {
            const network = await load(`replay/${this.file}/network?at=${this.at}`);
            this.cloud = { number: event.cloud, network };
        }
        const network = this.cloud!.network;
        this.slider.max = String(Math.max(0, this.all - 1));
        this.slider.value = String(this.at);
        const time = event.at > 0 ? `, ${new Date(event.at / 1e6).toLocaleTimeString()}` : "";
        this.position.textContent = `Event ${this.at} of ${this.all - 1}${time}`;
        this.told.replaceChildren(
            html("p", { class: `verdict ${event.reason ? "stops" : "works"}` }, ...words(network, event.text)),
            event.differs ? html("p", { class: "error" }, "Something else comes of it than was recorded.") : "",
            html("ol", { class: "steps" }, ...event.steps.map((step) => html("li", {}, ...words(network, step)))),
            this.damage && this.at === this.all - 1 ? html("p", { class: "error" }, this.damage) : "",
        );
        const compared = new URLSearchParams({ before: `${this.file}:0`, after: `${this.file}:${this.at}` });
        const file = names.get(this.file) ?? "FILE";
        this.foot.replaceChildren(
            html("p", {}, html("a", { href: `#/compare?${compared}` }, "What has opened and closed since it began")),
            source(line("classiclink", "replay", file, "--verbose"), `replay/${this.file}?from=${this.at}&count=1`),
        );
        this.context?.stage(stageOf(network, event));
    }
}

function stageOf(network: Network, event: Event_): Stage {
    const between = event.steps.flatMap((text) => text.match(/[\w-]+(?:\.[\w-]+)*/g) ?? [])
        .filter((id) => ["gateways", "peerings", "sites", "transits"].includes(network.kindOf(id) ?? ""));
    const ends = [event.from, ...between, event.to].filter((one): one is string => one !== null);
    const drop = event.reason && event.from ? { host: event.from, reason: event.reason } : null;
    return { network, steps: event.kind === "packet" ? ends.map((one) => [one]) : [], works: event.reason === null, drop };
}
