// Connections: their ends, their states, and the rules that let them in.

import { classiclink } from "../commands";
import { html, type Child } from "../dom";
import { ask } from "../endpoint";
import { bytes, duration } from "../figures";
import type { Packet } from "../live";
import type { Network } from "../network";
import { briefly, eventually, facts, source, table, words } from "../parts";
import type { Context, View } from "../view";
import { packetWords } from "./why";

interface Time {
    secs: number;
    nanos: number;
}

interface Flow {
    from: string;
    to: string;
    sent: Packet;
    delivered: Packet;
    state: string;
    tracked: [boolean, boolean];
    idle: Time;
    age: Time | null;
    packets: number;
    bytes: number;
    out_by: string | null;
    in_by: string | null;
}

interface Flows {
    flows: Flow[];
    others: number;
    counted: Time;
}

const seconds = ({ secs, nanos }: Time) => secs + nanos / 1e9;

/** The age at which an answer is old, in milliseconds. */
const FRESH = 2000;

/** The connections of a host, those between two hosts, or all. */
export function flows(context: Context): View {
    const { network, query } = context;
    const [host, other] = [query.get("host"), query.get("with")];
    const path = host ? `flows?${new URLSearchParams({ host })}` : "flows";
    const command = classiclink("flows", host ? [host] : [], "--json");
    const title = [host, other].filter((one): one is string => one !== null).map((one) => network.label(one)).join(" ↔ ");
    const answer = looking(path);
    return {
        title: title ? `Connections: ${title}` : "Connections",
        isWide: true,
        ...(host ? { ids: [host, ...(other ? [other] : [])] } : {}),
        content: [html("p", {}, "Those that are known now. Packets are counted while somebody looks. Open one to see its rules.")],
        live: () => {
            const { rows, trouble } = answer();
            if (trouble) return [html("p", { class: "error", role: "alert" }, trouble)];
            if (!rows) return [html("p", { class: "empty" }, "…"), source(command, path)];
            const wanted = rows.flows.filter((flow) => !other || flow.from === other || flow.to === other);
            const busiest = wanted.sort((a, b) => b.bytes - a.bytes).slice(0, 200);
            const rest = rows.others + wanted.length - busiest.length;
            return [flowTable(network, busiest), rest > 0 ? html("p", {}, `${rest} more.`) : null, source(command, path)];
        },
    };
}

function flowTable(network: Network, all: Flow[]): HTMLElement {
    return table("Connections, the busiest first", ["From", "To", "First packet", "State", "Packets", "Bytes"], all.map((flow) => [
        briefly(network, flow.from), briefly(network, flow.to),
        html("a", { href: `#/flow?${queryOf(flow)}` }, packetWords(flow.sent)), flow.state, flow.packets, bytes(flow.bytes),
    ]));
}

/** The query that identifies a connection. */
function queryOf({ from, sent }: Flow): URLSearchParams {
    const { protocol, source, source_port, destination, destination_port } = sent;
    return new URLSearchParams({ host: from, flow: [protocol, source, source_port, destination, destination_port].join("-") });
}

/** A function that gives the last answer to a request, and repeats the request if the answer is old. */
function looking(path: string): () => { rows: Flows | null; trouble: string | null } {
    const state = { rows: null as Flows | null, trouble: null as string | null };
    let asked = -Infinity;
    return () => {
        if (performance.now() - asked > FRESH) {
            asked = performance.now();
            ask<Flows>(path).then(
                (rows) => Object.assign(state, { rows, trouble: null }),
                (error: Error) => Object.assign(state, { trouble: error.message }),
            );
        }
        return state;
    };
}

/** One connection. */
export async function flow(context: Context): Promise<View> {
    const { network, query } = context;
    const [host, wanted] = [query.get("host") ?? "", query.get("flow") ?? ""];
    const path = `flows?${new URLSearchParams({ host })}`;
    const command = source(classiclink("flows", [host], "--json"), path);
    let answer: Flows;
    try {
        answer = await ask<Flows>(path);
    } catch (error) {
        return { title: "Connection", content: [html("p", { class: "error", role: "alert" }, error instanceof Error ? error.message : String(error))] };
    }
    const found = answer.flows.find((one) => one.from === host && queryOf(one).get("flow") === wanted);
    if (!found) return { title: "Connection", content: [html("p", {}, "It is over, or was never here."), command] };
    const { from, to, sent, delivered, state, tracked, idle, age, in_by, out_by } = found;
    const rule = (text: string | null, isTracked: boolean): Child =>
        html("span", {}, ...(text ? words(network, text) : ["no rule is asked there"]), isTracked ? ", tracked" : ", not tracked");
    const port: Record<string, string> = sent.protocol === 6 ? { tcp: String(sent.destination_port) } : sent.protocol === 17 ? { udp: String(sent.destination_port) } : {};
    const why = new URLSearchParams({ from: host, to: sent.destination, source: sent.source, ...port });
    return {
        title: `${network.label(from)} → ${network.label(to)}`,
        way: { steps: [[from], [to]], works: true },
        content: [
            facts(
                ["From", briefly(network, from)], ["To", briefly(network, to)],
                ["As it is sent", packetWords(sent)], ["As it arrives", packetWords(delivered)],
                ["State", state], ["Out by", rule(out_by, tracked[0])], ["In by", rule(in_by, tracked[1])],
                ["Begun", age ? `${duration(seconds(age))} ago` : "–"], ["Idle for", duration(seconds(idle))],
                ["Counted", `${found.packets} packets, ${bytes(found.bytes)} in ${duration(seconds(answer.counted))}`],
            ),
            html("p", {}, html("a", { href: `#/why?${why}` }, "Its way, step by step")),
            html("p", {}, html("a", { href: `#/flows?${new URLSearchParams({ host: from, with: to })}` }, "All connections between the two")),
            command,
        ],
    };
}

/** The connections of a host, as a part of its view. */
export function flowsOf(network: Network, host: string): HTMLElement {
    const path = `flows?${new URLSearchParams({ host })}`;
    return eventually(ask<Flows>(path).then(({ flows }) => [flowTable(network, flows.sort((a, b) => b.bytes - a.bytes).slice(0, 10))]));
}
