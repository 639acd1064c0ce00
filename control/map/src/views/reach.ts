// Which hosts reach which: those of groups, subnets, VPCs, route tables and ACLs.

import { classiclink, option } from "../commands";
import { html, type Child } from "../dom";
import { askSparingly } from "../endpoint";
import type { Network } from "../network";
import { briefly, choice, eventually, field, source, table } from "../parts";
import type { Context, View } from "../view";

export interface HostName {
    id: string;
    name: string | null;
}

interface Rows {
    rows: { from: HostName[]; to: HostName[]; services: Record<string, string> }[];
}

/** The greatest number of hosts that are named. */
const NAMED = 6;
/** The greatest number of hosts for which the view asks without a press of its button. */
const SMALL = 200;

interface Asked {
    from?: string | null;
    to?: string | null;
    /** `tcp 443`, `udp 53` or `icmp`. Without one, all services that rules distinguish. */
    service?: string | null;
}

const queryOf = ({ from, to, service }: Asked): URLSearchParams => {
    const [protocol, port] = (service ?? "").split(" ");
    const service_ = protocol === "icmp" ? [["icmp", "true"]] : protocol && port ? [[protocol, port]] : [];
    return new URLSearchParams([...(from ? [["from", from]] : []), ...(to ? [["to", to]] : []), ...service_] as [string, string][]);
};

const commandOf = ({ from, to, service }: Asked): string => {
    const ends = [...(from ? option("--from", from) : []), ...(to ? option("--to", to) : [])];
    const [protocol, port] = (service ?? "").split(" ");
    return classiclink("reach", [], ...ends, ...(protocol ? [`--${protocol}`] : []), ...(port ? [port] : []), "--json");
};

export function reach(context: Context): View {
    const { network, query } = context;
    const named = query.has("icmp") ? "icmp" : ["tcp", "udp"].map((one) => query.has(one) && `${one} ${query.get(one)}`).find(Boolean) || null;
    const asked: Asked = { from: query.get("from"), to: query.get("to"), service: named };
    const isAsked = query.size > 0;
    const ids = [asked.from, asked.to].flatMap((word) => (word ? membersOf(network, word) : []));
    const path = `reach?${queryOf(asked)}`;
    return {
        title: "Who reaches whom?",
        ids,
        content: [
            html("p", {}, "Everything that can be open between hosts, by the decisions that packets get. An end is a host, a group, a subnet, a VPC, a route table or an ACL; none is all."),
            form(network, asked),
            isAsked || network.all.instances.length <= SMALL
                ? eventually(askSparingly<Rows>(path).then((rows) => matrix(network, rows, Boolean(named))))
                : html("p", {}, "There are many hosts: say at least one end, or press the button."),
            source(commandOf(asked), path),
        ],
    };
}

function form(network: Network, asked: Asked): HTMLElement {
    const all = network.all;
    const things = [...all.groups, ...all.subnets, ...all.vpcs, ...all.tables, ...all.acls].map((one) => [one.id, network.label(one.id)] as const);
    const ends = html("datalist", { id: "ends" },
        ...network.hostWords().map((value) => html("option", { value })), ...things.map(([value, label]) => html("option", { value }, label)));
    const text = (name: string, value: string | null | undefined) =>
        html("input", { name, value: value ?? "", list: "ends", autocomplete: "off", placeholder: "all" });
    const [from, to] = [text("from", asked.from), text("to", asked.to)];
    const [protocol, number] = (asked.service ?? "").split(" ");
    const service = choice([["", "everything"], ["tcp", "TCP"], ["udp", "UDP"], ["icmp", "ping"]], protocol);
    const port = html("input", { type: "number", min: 1, max: 65535, value: number ?? "443", required: true });
    const adapt = () => (port.disabled = service.value === "" || service.value === "icmp");
    service.onchange = adapt;
    adapt();
    const submit = (event: Event) => {
        event.preventDefault();
        const words = service.value === "icmp" ? "icmp" : service.value ? `${service.value} ${port.value}` : null;
        const query = queryOf({ from: from.value.trim(), to: to.value.trim(), service: words });
        const hash = `#/reach?${query.size > 0 ? query : "all"}`;
        if (location.hash === hash) dispatchEvent(new HashChangeEvent("hashchange"));
        else location.hash = hash;
    };
    return html("form", { class: "why", submit }, ends,
        field("From", from), field("To", to), field("By", service), field("Port", port), html("button", {}, "Who reaches whom?"));
}

/** The rows of a matrix: what is open. For one service they also say what blocks it. */
function matrix(network: Network, { rows }: Rows, withReasons: boolean): Child[] {
    const told = rows.map(({ from, to, services }) => {
        const open = merged(Object.keys(services).filter((one) => services[one] === "open"));
        const shut = withReasons ? Object.entries(services).filter(([, verdict]) => verdict !== "open").map(([one, verdict]) => `not ${one}: ${verdict}`) : [];
        return { from, to, words: [...open, ...shut] };
    });
    const some = told.filter(({ words }) => words.length > 0);
    const rest = told.length - some.length;
    return [
        table("What is open", ["From", "To", "Open"], some.slice(0, 300).map(({ from, to, words }) => [hosts(network, from), hosts(network, to), words.join(", ")])),
        some.length > 300 ? html("p", {}, `${some.length - 300} more rows: say an end.`) : null,
        rest > 0 ? html("p", {}, `Nothing is open between ${rest} other pairs.`) : null,
    ];
}

export function hosts(network: Network, all: HostName[]): Child {
    const named = all.slice(0, NAMED).flatMap(({ id }, index) => [index ? ", " : "", briefly(network, id)]);
    return html("span", {}, ...named, all.length > NAMED ? `, … (${all.length} hosts)` : null);
}

/** Services, with neighbouring ports as ranges. */
export function merged(services: string[]): string[] {
    const parsed = services.map((one) => {
        const [, protocol = one, first, last] = /^(\w+)(?: (\d+)(?:-(\d+))?)?$/.exec(one) ?? [];
        return { protocol, first: Number(first ?? 0), last: Number(last ?? first ?? 65535) };
    });
    parsed.sort((a, b) => (a.protocol < b.protocol ? -1 : a.protocol > b.protocol ? 1 : a.first - b.first));
    const all: typeof parsed = [];
    for (const one of parsed) {
        const before = all.at(-1);
        if (before && before.protocol === one.protocol && before.last + 1 === one.first) before.last = one.last;
        else all.push(one);
    }
    return all.map(({ protocol, first, last }) => {
        if (protocol === "icmp" || (first === 0 && last === 65535)) return protocol;
        return first === last ? `${protocol} ${first}` : `${protocol} ${first}-${last}`;
    });
}

/** The effect of a group, a route table or an ACL: which hosts reach its hosts, and which those reach. */
export function opens({ network }: Context, id: string): Child[] {
    const part = (asked: Asked, title: string): Child => {
        const path = `reach?${queryOf(asked)}`;
        const whole = html("p", {}, html("a", { href: `#/reach?${queryOf(asked)}` }, title));
        if (network.all.instances.length > SMALL) return whole;
        return html("div", {}, whole, eventually(askSparingly<Rows>(path).then((rows) => matrix(network, rows, false))), source(commandOf(asked), path));
    };
    if (membersOf(network, id).length === 0) return [html("h3", {}, "What it opens"), html("p", {}, "Nothing: no running host is subject to it.")];
    return [html("h3", {}, "What it opens"), part({ to: id }, "Who reaches its hosts"), part({ from: id }, "Whom its hosts reach")];
}

/** The hosts on the map that a word means. */
export function membersOf(network: Network, word: string): string[] {
    const { instances, subnets } = network.all;
    const behind = new Set(subnets.filter((one) => [one.id, one.table, one.acl, one.vpc].includes(word)).map((one) => one.id));
    const members = instances.filter((one) =>
        one.classic?.groups.includes(word) || one.classic?.link?.groups.includes(word) || one.classic?.link?.vpc === word ||
        network.interfaces(one.id).some((two) => two.groups.includes(word) || behind.has(two.subnet)));
    if (members.length > 0) return members.map((one) => one.id);
    const host = network.meant(word);
    return host ? [host] : [];
}
