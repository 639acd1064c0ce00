// Why a packet arrives or does not: its steps, which the map shows too, and the rule or route that stops it.

import { authorize } from "../api";
import { classiclink } from "../commands";
import { html, type Child } from "../dom";
import type { Drop, Packet } from "../live";
import { ask, errorMessage } from "../endpoint";
import type { End, Group, Network } from "../network";
import { choice, field, proposal, source, words } from "../parts";
import type { Context, View } from "../view";
import { aclTable, groupTable, routeTable } from "./tables";

interface Step {
    step: string;
    text: string;
}

interface Why {
    works: boolean;
    summary: string;
    stopped_by: Drop | null;
    there: Step[];
    back: Step[] | null;
}

const PROTOCOLS: Record<number, string> = { 1: "icmp", 6: "tcp", 17: "udp" };

interface Asked {
    from?: string;
    to?: string;
    traffic?: string;
    port?: string;
}

/** The form for two hosts and a port. */
export function whyForm({ network }: Context, asked: Asked): HTMLElement {
    const names = html("datalist", { id: "hosts" },
        ...network.hostWords().map((value) => html("option", { value })));
    const text = (name: string, value = "") => html("input", { name, value, list: "hosts", required: true, autocomplete: "off" });
    const [from, to] = [text("from", asked.from), text("to", asked.to)];
    const traffic = choice([["tcp", "TCP"], ["udp", "UDP"], ["icmp", "ping"]], asked.traffic);
    traffic.name = "traffic";
    const ports = html("datalist", { id: "ports" });
    const port = html("input", { name: "port", type: "number", min: 1, max: 65535, value: asked.port ?? "443", required: true, list: "ports" });
    const adapt = () => (port.disabled = traffic.value === "icmp");
    traffic.onchange = adapt;
    adapt();
    // A port in the receiver's rules is most likely the one that the viewer means.
    let isChosen = asked.port !== undefined;
    port.addEventListener("input", () => (isChosen = true));
    const suggest = () => {
        const likely = portsOf(network, to.value.trim(), traffic.value);
        ports.replaceChildren(...likely.map((value) => html("option", { value })));
        if (!isChosen && likely[0] !== undefined) port.value = String(likely[0]);
    };
    for (const one of [to, traffic]) one.addEventListener("input", suggest);
    suggest();
    const submit = (event: Event) => {
        event.preventDefault();
        const query = new URLSearchParams({ from: from.value.trim(), to: to.value.trim() });
        if (traffic.value !== "icmp") query.set(traffic.value, port.value);
        const hash = `#/why?${query}`;
        // The answer to the same question may have changed.
        if (location.hash === hash) dispatchEvent(new HashChangeEvent("hashchange"));
        else location.hash = hash;
    };
    return html("form", { class: "why", submit }, names, ports,
        field("From", from), field("To", to), field("By", traffic), field("Port", port), html("button", {}, "Why?"),
        html("p", { class: "hint" }, "While you are in From or To, press a host on the map to name it."));
}

/** The ports that rules open at a host. */
function portsOf(network: Network, word: string, protocol: string): number[] {
    const host = network.meant(word);
    const groups = host ? network.ends(host).flatMap((end) => end.groups) : [];
    const rules = groups.flatMap((id) => network.find("groups", id)?.rules ?? []);
    const fit = rules.filter((rule) => !rule.egress && rule.protocol === protocol && rule.from_port && rule.from_port === rule.to_port);
    return [...new Set(fit.map((rule) => rule.from_port!))];
}

/** The question whose answer explains a dropped packet. */
export function dropQuery({ host, packet }: Drop): string {
    const query = new URLSearchParams({ from: host });
    if (!packet) return query.toString();
    query.set("to", packet.destination);
    query.set("source", packet.source);
    const protocol = PROTOCOLS[packet.protocol];
    if (protocol === "tcp" || protocol === "udp") query.set(protocol, String(packet.destination_port));
    return query.toString();
}

export function packetWords({ source, destination, protocol, source_port, destination_port }: Packet): string {
    const name = PROTOCOLS[protocol] ?? `protocol ${protocol}`;
    if (protocol !== 6 && protocol !== 17) return `${name} ${source} → ${destination}`;
    return `${name} ${source}:${source_port} → ${destination}:${destination_port}`;
}

export async function why(context: Context): Promise<View> {
    const { network, query } = context;
    const [from, to] = [query.get("from") ?? "", query.get("to") ?? ""];
    const traffic = query.has("tcp") ? "tcp" : query.has("udp") ? "udp" : "icmp";
    const port = query.get(traffic) ?? undefined;
    const form = whyForm(context, { from: network.word(from), to, ...(from ? { traffic } : {}), ...(port ? { port } : {}) });
    if (!from || !to) return { title: "Why?", content: [html("p", {}, "Why does a packet arrive, or not?"), form] };
    let answer: Why;
    try {
        answer = await ask<Why>(`why?${query}`);
    } catch (error) {
        return { title: "Why?", content: [form, html("p", { class: "error", role: "alert" }, errorMessage(error))] };
    }
    const given = query.get("source");
    const command = classiclink("why", [from, to], ...(given ? ["--source", given] : []), `--${traffic}`, ...(port ? [port] : []), "--json");
    const sender = network.meant(from);
    const steps = answer.there.map((step) => onMap(network, step.text).flatMap((id) => doors(network, id, sender)));
    const start = sender ? [[sender]] : [];
    return {
        title: `${network.label(sender ?? from)} → ${network.label(network.meant(to) ?? to)}, ${traffic}${port ? ` ${port}` : ""}`,
        way: { steps: [...start, ...steps, ...end(network, answer, to)], works: answer.works },
        content: [
            form,
            html("p", { class: answer.works ? "verdict works" : "verdict stops", role: "status" },
                answer.works ? "✓ It works. " : "✕ It does not work. ", ...words(network, answer.summary)),
            html("h3", {}, "There"),
            stepList(network, answer.there),
            answer.back ? html("h3", {}, "Back") : null,
            answer.back ? stepList(network, answer.back) : null,
            ...culprit(context, answer),
            source(command, `why?${query}`),
        ],
    };
}

function stepList(network: Network, steps: Step[]): HTMLElement {
    return html("ol", { class: "steps" }, ...steps.map(({ step, text }) => html("li", { class: step }, ...words(network, text))));
}

/** The things on the map that a step names. */
function onMap(network: Network, text: string): string[] {
    const ids = text.match(/[\w-]+(?:\.[\w-]+)*/g) ?? [];
    const shown = ["instances", "hosts", "managed", "gateways", "peerings", "transits", "sites"];
    const here = ids.filter((id) => shown.includes(network.kindOf(id) ?? ""));
    // A linked instance is in the VPC with its foot.
    return text.includes(", by its link to ") ? here.map((id) => (network.find("instances", id)?.classic?.link ? `foot ${id}` : id)) : here;
}

/** The two boxes of a peering, one in each VPC. That of the sender's VPC is first. */
function doors(network: Network, id: string, sender: string | undefined): string[] {
    const peering = network.find("peerings", id);
    if (!peering) return [id];
    const own = sender ? network.ends(sender).map((end) => end.vpc) : [];
    const [one, other] = peering.vpcs;
    return (own.includes(other) ? [other, one] : [one, other]).map((vpc) => `${id} ${vpc}`);
}

/** The last thing on the path of a packet that arrives. */
function end(network: Network, answer: Why, to: string): string[][] {
    const meant = network.meant(to) ?? byAddress(network, to)[0]?.host;
    return answer.works && meant ? [[meant]] : [];
}

/** The ends with an address. */
function byAddress(network: Network, address: string): End[] {
    const { instances, hosts: outside, managed } = network.all;
    const hosts = [...instances.map((one) => one.id), ...outside.map((host) => host.name), ...managed.map((one) => one.id)];
    return hosts.flatMap((host) => network.ends(host)).filter((end) => end.address === address);
}

/** The rules or routes that stop a packet, and how to let the packet pass. */
function culprit(context: Context, answer: Why): Child[] {
    const drop = answer.stopped_by;
    if (!drop) return [];
    const network = context.network;
    const ids = drop.text.match(/[a-z]+-[0-9a-f]+/g) ?? [];
    const some = <T>(find: (id: string) => T | undefined) => ids.map(find).filter((one) => one !== undefined);
    const groups = some((id) => network.find("groups", id));
    const egress = drop.reason.startsWith("egress");
    const parts: Child[] = [];
    for (const group of groups) parts.push(groupTable(context, group, egress));
    const route = /[\d.]+\/\d+/.exec(drop.text)?.[0];
    const rule = /^rule (\d+) of/.exec(drop.text)?.[1] ?? "*";
    for (const table of some((id) => network.find("tables", id))) parts.push(routeTable(context, table, route));
    for (const acl of some((id) => network.find("acls", id))) parts.push(aclTable(context, acl, { egress, rule }));
    const isFilter = drop.reason === "egress-filter" || drop.reason === "ingress-filter";
    if (isFilter && groups.length > 0 && drop.packet) parts.push(...opening(context, groups, egress, seen(answer, drop.packet)));
    return parts.length > 0 ? [html("h3", {}, "What stops it"), ...parts] : [];
}

/** A packet as it is where it is stopped: after translations. */
function seen(answer: Why, packet: Packet): Packet {
    const stopsBack = answer.back?.some((step) => step.step === "dropped");
    const steps = stopsBack ? (answer.back ?? []) : answer.there;
    const translated = steps.findLast((step) => step.step === "translated")?.text.match(/([\d.]+)(?::\d+)? → ([\d.]+)/);
    return translated ? { ...packet, source: translated[1]!, destination: translated[2]! } : packet;
}

/** A button that adds a rule which lets the packet pass. */
function opening(context: Context, groups: Group[], egress: boolean, packet: Packet): Child[] {
    const { network, refresh } = context;
    const address = egress ? packet.destination : packet.source;
    const group = choice(groups.map((one) => [one.id, `${one.group_name} (${one.id})`]));
    const vpc = groups[0]!.vpc;
    const others = byAddress(network, address).filter((end) => end.vpc === vpc).flatMap((end) => end.groups);
    const peers = [...new Set(others)].map((id): [string, string] => [id, `the group ${network.label(id)} (${id})`]);
    const peer = choice([...peers, [`${address}/32`, `the address ${address}`]]);
    const protocol = PROTOCOLS[packet.protocol] ?? String(packet.protocol);
    const port = protocol === "tcp" || protocol === "udp" ? String(packet.destination_port) : protocol === "icmp" ? "-1" : "";
    const change = () => {
        const chosen = network.find("groups", group.value);
        return chosen ? authorize(chosen, { group: chosen.id, egress, protocol, from: port, to: port, peer: peer.value }) : null;
    };
    const allow = proposal("Allow it", change, refresh);
    for (const one of [group, peer]) one.onchange = () => allow.dispatchEvent(new Event("refresh"));
    const what = port && port !== "-1" ? `${protocol} ${port}` : protocol;
    return [
        html("h3", {}, "Open the way"),
        html("p", {}, `A rule that lets ${what} ${egress ? "out" : "in"}:`),
        html("div", { class: "fields" }, field("In the group", group), field(egress ? "To" : "From", peer)),
        allow,
    ];
}
