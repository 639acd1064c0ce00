// Lists: the first view, drops, changes, results of a search, and everything.

import { classiclink, curl } from "../commands";
import { html, type Child } from "../dom";
import type { Drop, Rate } from "../live";
import { KIND_WORDS, type Network } from "../network";
import { rate } from "../figures";
import { briefly, clock, facts, hrefOf, reference, references, source, table, words } from "../parts";
import type { Context, View } from "../view";
import { dropQuery, packetWords, whyForm } from "./why";

export function home(context: Context): View {
    const { network, heard } = context;
    const all = network.all;
    const running = all.instances.filter((instance) => instance.state === "running").length;
    const linked = all.instances.filter((instance) => instance.classic?.link).length;
    const traffic = (one: Rate) => one.sent_bits + one.received_bits;
    return {
        title: "The network",
        content: [
            facts(
                ["Instances", `${all.instances.length}, ${running} running, ${linked} linked`],
                ["VPCs", String(all.vpcs.length)],
                ["Subnets", String(all.subnets.length)],
                ...(all.managed.length > 0 ? [["Hosts of services", String(all.managed.length)] as [string, string]] : []),
                ["Hosts outside", String(all.hosts.length)],
            ),
            html("h3", {}, "Why does it not work?"),
            whyForm(context, {}),
        ],
        live: () => [
            html("h3", {}, "Busiest"),
            table("Interfaces by traffic", ["Interface", "Sends", "Receives"], [...(heard.moment?.rates ?? [])]
                .sort((a, b) => traffic(b) - traffic(a)).slice(0, 5).map((one) => [
                    html("span", {}, briefly(network, one.host), ` ${one.interface}`),
                    rate(one.sent_bits), rate(one.received_bits),
                ])),
            html("h3", {}, html("a", { href: "#/flows" }, "Who talks to whom")),
            table("Hosts by traffic between them", ["From", "To", "Connections", "Both ways"], [...heard.lines]
                .sort((a, b) => b.bits - a.bits).slice(0, 5).map((line) => [
                    briefly(network, line.from), briefly(network, line.to),
                    html("a", { href: `#/flows?${new URLSearchParams({ host: line.from, with: line.to })}` }, String(line.flows)), rate(line.bits),
                ])),
            html("h3", {}, html("a", { href: "#/drops" }, "Last drops")),
            dropTable(context, heard.drops.slice(0, 5)),
            html("h3", {}, html("a", { href: "#/changes" }, "Last changes")),
            changeTable(context, 8),
            source(classiclink("status", [], "--json"), "network"),
        ],
    };
}

export function drops(context: Context): View {
    return {
        title: "Dropped packets",
        isWide: true,
        content: [html("p", {}, "The most recent ones, newest first. Open one to see where it was stopped.")],
        live: () => [
            dropTable(context, context.heard.drops),
            source(classiclink("drops", [], "--json"), "drops"),
        ],
    };
}

function dropTable(context: Context, drops: Drop[]) {
    const rows = drops.map((drop) => [
        clock(drop.at / 1e6),
        briefly(context.network, drop.host),
        drop.packet ? html("a", { href: `#/why?${dropQuery(drop)}` }, packetWords(drop.packet)) : "–",
        html("span", {}, html("strong", {}, drop.reason), ": ", ...words(context.network, drop.text)),
    ]);
    return table("Dropped packets", ["When", "From", "Packet", "Why"], rows);
}

export function changes(context: Context): View {
    return {
        title: "Last changes",
        content: [],
        live: () => [changeTable(context, 200), source(curl("changes"), "changes")],
    };
}

function changeTable({ network, heard }: Context, most: number) {
    const rows = heard.changes.slice(0, most).map((change) => [
        clock(change.at),
        briefly(network, change.id),
        change.kind.replaceAll("_", " "),
        change.state ?? change.what,
    ]);
    return table("Changes", ["When", "What", "Kind", "Now"], rows);
}

export function found(context: Context): View {
    const { network, argument } = context;
    const ids = network.matches(argument);
    return {
        title: `Found: ${argument}`,
        found: ids,
        content: [
            table("Found", ["What", "Kind"], ids.slice(0, 200).map((id) => [reference(network, id), kindWords(network, id)])),
            ids.length > 200 ? html("p", {}, `${ids.length - 200} more; a longer word finds fewer.`) : null,
            source(curl("network"), "network"),
        ],
    };
}

function kindWords(network: Network, id: string): string {
    const kind = network.kindOf(id);
    return kind ? KIND_WORDS[kind] : "";
}

export function everything({ network }: Context): View {
    const all = network.all;
    const link = (id: string) => html("a", { class: "id", href: hrefOf(network, id) }, id);
    const some = (caption: string, head: string[], rows: Child[][]) => rows.length > 0 && table(caption, head, rows);
    return {
        title: "Everything",
        isWide: true,
        content: [
            table("Instances", ["Name", "Id", "State", "Addresses", "Where", "Linked to"], all.instances.map((one) => [
                one.name ?? "–", link(one.id), one.state, network.addresses(one).join(" "),
                one.classic ? `EC2-Classic of ${one.region}` : reference(network, one.subnet), reference(network, one.classic?.link?.vpc),
            ])),
            some("Hosts outside", ["Name", "Address", "Where"], all.hosts.map((host) => [
                link(host.name), host.address, host.service ?? (host.site ? reference(network, host.site) : "the Internet"),
            ])),
            some("VPCs", ["VPC", "Blocks", "Account", "Region", "ClassicLink"], all.vpcs.map((vpc) => [
                reference(network, vpc.id), vpc.cidrs.join(" "), vpc.account, vpc.region, vpc.classic_link ? "enabled" : "–",
            ])),
            some("Subnets", ["Subnet", "VPC", "Block", "Zone", "Routes", "ACL"], all.subnets.map((one) => [
                reference(network, one.id), reference(network, one.vpc), one.cidr, one.zone, reference(network, one.table), reference(network, one.acl),
            ])),
            some("Gateways", ["Gateway", "Kind", "VPC", "Address or service"], all.gateways.map((one) => [
                reference(network, one.id), one.kind, reference(network, one.vpc), one.address ?? one.service ?? "–",
            ])),
            some("Transit gateways", ["Gateway", "Attached", "Region"], all.transits.map((one) => [
                reference(network, one.id), references(network, one.attachments.map((two) => two.resource)), one.region,
            ])),
            some("Hosts of services", ["Host", "Service", "State", "Address", "Where"], all.managed.map((one) => [
                link(one.id), one.service, one.state, one.private ?? "–", one.subnet ? reference(network, one.subnet) : `EC2-Classic of ${one.region}`,
            ])),
            some("Load balancers", ["Load balancer", "Name", "Listeners"], all.balancers.map((one) => [
                reference(network, one.id), one.dns_name, one.listeners.map((two) => two.port).join(" "),
            ])),
            some("Peerings", ["Peering", "From", "To", "State"], all.peerings.map((one) => [
                reference(network, one.id), reference(network, one.vpcs[0]), reference(network, one.vpcs[1]), one.status,
            ])),
            some("Security groups", ["Group", "VPC", "Rules"], all.groups.map((one) => [
                reference(network, one.id), one.vpc ? reference(network, one.vpc) : "EC2-Classic", one.rules.length,
            ])),
            some("Route tables", ["Table", "VPC", "Subnets", "Routes"], all.tables.map((one) => [
                reference(network, one.id), reference(network, one.vpc), references(network, one.subnets), one.routes.length,
            ])),
            some("ACLs", ["ACL", "VPC", "Subnets"], all.acls.map((one) => [
                reference(network, one.id), reference(network, one.vpc), references(network, one.subnets),
            ])),
            some("Interfaces", ["Interface", "Instance", "Addresses", "Subnet"], all.interfaces.map((one) => [
                reference(network, one.id), reference(network, one.instance), [...one.addresses, ...one.public].join(" "), reference(network, one.subnet),
            ])),
            some("VPN connections", ["Connection", "Gateway", "Site"], all.vpns.map((one) => [
                reference(network, one.id), reference(network, one.gateway), reference(network, one.site),
            ])),
            source(curl("network"), "network"),
        ],
    };
}
