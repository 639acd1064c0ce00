// The contents of the map: boxes with cells, inside frames, and lines between boxes. Folded boxes show counts.

import type { Gateway, Instance, Managed, Network } from "./network";

/** A host in a box, or a host's foot: its second cell, in a VPC or a subnet that it is linked to. */
export interface Cell {
    /** The key, which is unique on the map. */
    key: string;
    /** The host whose view it opens. */
    host: string;
    title: string;
    note: string;
    state: string;
    /** The key of the host's own cell, if this one is a foot. */
    foot?: string;
}

export type BoxKind = "outside" | "classic" | "subnet" | "links" | "gateway" | "vpc";

export interface Box {
    key: string;
    kind: BoxKind;
    frame: string | null;
    title: string;
    note: string;
    /** The address of the box's view. */
    href: string;
    cells: Cell[];
    /** Whether a count is shown instead of the cells. */
    folded: boolean;
    /** The keys of the boxes that a folded frame's box replaces. */
    holds: string[];
}

export interface Frame {
    key: string;
    kind: "region" | "account" | "vpc" | "zone";
    frame: string | null;
    title: string;
    href: string | null;
}

/** A line between two boxes. The kind `foot` joins the two cells of an instance with a link or a further interface. */
export interface Line {
    from: string;
    to: string;
    kind: "way" | "peering" | "foot";
    note: string;
}

export interface Scene {
    frames: Frame[];
    boxes: Box[];
    lines: Line[];
}

/** The greatest number of cells in a box that is not folded. */
const CELLS = 24;
/** The greatest number of boxes before several VPCs are folded. */
const BOXES = 32;

/** The boxes that the viewer has folded (`true`) or unfolded, by key. */
export type Folds = Map<string, boolean>;

export const INTERNET = "the Internet";

/** The scene of a network. Large boxes are folded, unless everything is `unfolded` or the viewer has chosen otherwise. */
export function scene(network: Network, folds: Folds, unfolded: boolean): Scene {
    const open = inFull(network);
    const crowded = open.boxes.length > BOXES && network.all.vpcs.length > 1 && !unfolded;
    for (const box of open.boxes) box.folded = folds.get(box.key) ?? (box.cells.length > CELLS && !unfolded);
    const folded = open.frames.filter((frame) => frame.kind === "vpc" && (folds.get(frame.key) ?? crowded));
    return folded.reduce(foldFrame, open);
}

/** Replaces a frame and its contents by one box. */
function foldFrame(scene: Scene, frame: Frame): Scene {
    const inside = new Set([frame.key]);
    for (const other of scene.frames) if (other.frame !== null && inside.has(other.frame)) inside.add(other.key);
    const gone = scene.boxes.filter((box) => box.frame !== null && inside.has(box.frame));
    const cells = gone.filter((box) => box.kind !== "links").flatMap((box) => box.cells);
    const box: Box = {
        key: frame.key, kind: "vpc", frame: frame.frame, title: frame.title, note: "", href: frame.href ?? "#/", cells,
        folded: true, holds: gone.map((one) => one.key),
    };
    const keys = new Set(gone.map((one) => one.key));
    const end = (key: string) => (keys.has(key) ? frame.key : key);
    const lines = scene.lines.map((line) => ({ ...line, from: end(line.from), to: end(line.to) }));
    return {
        frames: scene.frames.filter((other) => !inside.has(other.key)),
        boxes: [...scene.boxes.filter((other) => !keys.has(other.key)), box],
        lines: unique(lines.filter((line) => line.from !== line.to)),
    };
}

function unique(lines: Line[]): Line[] {
    return [...new Map(lines.map((line) => [`${line.from} ${line.to} ${line.kind}`, line])).values()];
}

function inFull(network: Network): Scene {
    const all = network.all;
    const frames: Frame[] = [];
    const boxes = new Map<string, Box>();
    const lines: Line[] = [];
    const frameOf = places(network, frames);
    const put = (box: Omit<Box, "folded" | "cells" | "holds">) => {
        const existing = boxes.get(box.key);
        if (existing) return existing;
        const made: Box = { ...box, cells: [], folded: false, holds: [] };
        boxes.set(made.key, made);
        return made;
    };
    const way = (from: string, to: string, note = "") => lines.push({ from, to, kind: "way", note });
    const internet = () =>
        put({ key: INTERNET, kind: "outside", frame: null, title: "The Internet", note: "", href: "#/list" });

    for (const vpc of all.vpcs) {
        const title = `${network.label(vpc.id)} · ${vpc.cidrs.join(", ")}`;
        frames.push({ key: vpc.id, kind: "vpc", frame: frameOf(vpc), title, href: `#/thing/${vpc.id}` });
    }
    const zonesOf = new Map<string, Set<string>>();
    for (const { vpc, zone } of all.subnets) zonesOf.set(vpc, (zonesOf.get(vpc) ?? new Set()).add(zone));
    const zones = new Set<string>();
    for (const subnet of all.subnets) {
        const several = zonesOf.get(subnet.vpc)!.size > 1;
        const zone = `${subnet.vpc} ${subnet.zone}`;
        if (several && !zones.has(zone)) {
            zones.add(zone);
            frames.push({ key: zone, kind: "zone", frame: subnet.vpc, title: subnet.zone, href: null });
        }
        const note = several ? subnet.cidr : `${subnet.cidr} · ${subnet.zone}`;
        const frame = several ? zone : subnet.vpc;
        put({ key: subnet.id, kind: "subnet", frame, title: network.label(subnet.id), note, href: `#/thing/${subnet.id}` });
    }
    for (const instance of all.instances) {
        if (instance.classic) {
            const place = classicBox(instance);
            put({ key: place, kind: "classic", frame: frameOf(instance), title: "EC2-Classic", note: "", href: "#/list" });
            boxes.get(place)!.cells.push(cell(network, instance));
            if (instance.classic.public) lines.push({ from: internet().key, to: place, kind: "way", note: "" });
            if (instance.classic.link) putFoot(network, instance, instance.classic.link.vpc, put, lines);
        } else {
            boxes.get(instance.subnet ?? "")?.cells.push(cell(network, instance));
        }
    }
    for (const one of all.managed) {
        if (one.subnet === null) {
            const key = classicBox(one);
            put({ key, kind: "classic", frame: frameOf(one), title: "EC2-Classic", note: "", href: "#/list" });
            boxes.get(key)!.cells.push(managedCell(one));
        } else boxes.get(one.subnet)?.cells.push(managedCell(one));
    }
    for (const one of all.interfaces) {
        const instance = network.find("instances", one.instance);
        if (!instance || !one.device || one.subnet === instance.subnet) continue;
        boxes.get(one.subnet)?.cells.push({
            ...cell(network, instance), key: one.id, note: `eth${one.device} · ${one.addresses[0]}`, foot: instance.id,
        });
        lines.push({ from: instance.subnet ?? "", to: one.subnet, kind: "foot", note: "" });
    }
    for (const gateway of all.gateways) {
        if (gateway.vpc === null) continue;
        put({ ...gatewayWords(network, gateway), key: gateway.id, kind: "gateway", frame: gateway.vpc, href: `#/thing/${gateway.id}` });
        if (gateway.kind === "internet" || gateway.kind === "egress-only") way(internet().key, gateway.id);
        const edge = all.gateways.find((other) => other.kind === "internet" && other.vpc === gateway.vpc);
        if (gateway.kind === "nat" && edge) way(edge.id, gateway.id);
    }
    for (const peering of all.peerings) {
        if (peering.status !== "active" && peering.status !== "pending-acceptance") continue;
        const doors = peering.vpcs.filter((vpc) => network.find("vpcs", vpc)).map((vpc) => {
            const key = `${peering.id} ${vpc}`;
            const title = network.label(peering.id);
            put({ key, kind: "gateway", frame: vpc, title, note: `peering, ${peering.status}`, href: `#/thing/${peering.id}` });
            return key;
        });
        if (doors.length === 2) lines.push({ from: doors[0]!, to: doors[1]!, kind: "peering", note: peering.status });
    }
    for (const transit of all.transits) {
        const title = network.label(transit.id);
        const note = `transit gateway · ${transit.attachments.length} attached`;
        put({ key: transit.id, kind: "gateway", frame: frameOf(transit), title, note, href: `#/thing/${transit.id}` });
    }
    for (const site of all.sites) {
        const title = `Site of ${network.label(site.id)}`;
        put({ key: site.id, kind: "outside", frame: null, title, note: site.address, href: `#/thing/${site.id}` });
    }
    for (const vpn of all.vpns) if (boxes.has(vpn.gateway) && boxes.has(vpn.site)) way(vpn.site, vpn.gateway, "VPN");
    for (const host of all.hosts) {
        const note = host.address;
        const it: Cell = { key: host.name, host: host.name, title: host.name, note, state: "running" };
        if (host.service) {
            const key = `service ${host.service}`;
            put({ key, kind: "outside", frame: null, title: host.service, note: "service", href: "#/list" }).cells.push(it);
        } else if (host.site && boxes.has(host.site)) boxes.get(host.site)!.cells.push(it);
        else internet().cells.push(it);
    }
    for (const gateway of all.gateways) {
        const service = `service ${gateway.service}`;
        if (gateway.kind === "endpoint" && boxes.has(service) && boxes.has(gateway.id)) way(service, gateway.id);
    }
    for (const table of all.tables) {
        for (const route of table.routes) {
            const door = [route.target, `${route.target} ${table.vpc}`].find((key) => boxes.has(key));
            if (!door || !route.active) continue;
            for (const subnet of table.subnets) {
                const own = network.find("gateways", route.target)?.subnet === subnet;
                if (boxes.has(subnet) && !own) way(door, subnet, route.destination);
            }
        }
    }
    for (const transit of all.transits) {
        for (const attachment of transit.attachments) {
            for (const subnet of attachment.subnets) if (boxes.has(subnet)) way(transit.id, subnet, "attachment");
            // Both ends list a peering. It is drawn once.
            const isDrawn = attachment.kind === "peering" && transit.id < attachment.resource;
            if (isDrawn && boxes.has(attachment.resource)) way(transit.id, attachment.resource, "peering");
        }
    }
    return { frames, boxes: [...boxes.values()], lines: unique(lines) };
}

/** Adds the frames of Regions and accounts. Returns the innermost frame of a thing by its Region and account. */
function places(network: Network, frames: Frame[]) {
    const accounts = new Map<string, Set<string>>();
    const { vpcs, instances, managed, transits } = network.all;
    for (const { region, account } of [...vpcs, ...instances, ...managed, ...transits]) {
        accounts.set(region, (accounts.get(region) ?? new Set()).add(account));
    }
    for (const [region, owners] of accounts) {
        const alone = owners.size === 1 ? ` · account ${[...owners][0]}` : "";
        frames.push({ key: `region ${region}`, kind: "region", frame: null, title: region + alone, href: null });
        if (alone) continue;
        for (const account of owners) {
            const key = `account ${region} ${account}`;
            frames.push({ key, kind: "account", frame: `region ${region}`, title: `account ${account}`, href: null });
        }
    }
    return ({ region, account }: { region: string; account: string }) =>
        accounts.get(region)?.size === 1 ? `region ${region}` : `account ${region} ${account}`;
}

export function classicBox({ region, account }: { region: string; account: string }): string {
    return `classic ${region} ${account}`;
}

function cell(network: Network, instance: Instance): Cell {
    const note = network.addresses(instance)[0] ?? "no address";
    return { key: instance.id, host: instance.id, title: network.label(instance.id), note, state: instance.state };
}

/** The states of services' hosts in the terms of instances. */
const STATES: Record<Managed["state"], string> = {
    starting: "pending", up: "running", failed: "stopped", down: "stopped", ending: "shutting-down",
};

function managedCell(one: Managed): Cell {
    return { key: one.id, host: one.id, title: one.id, note: `${one.service} · ${one.private ?? "no address"}`, state: STATES[one.state] };
}

/** Adds the foot of a linked instance to its VPC's box of links. */
function putFoot(
    network: Network,
    instance: Instance,
    vpc: string,
    put: (box: Omit<Box, "folded" | "cells" | "holds">) => Box,
    lines: Line[],
) {
    if (!network.find("vpcs", vpc)) return;
    const key = `links ${vpc}`;
    const box = put({ key, kind: "links", frame: vpc, title: "ClassicLink", note: "", href: `#/thing/${vpc}` });
    box.cells.push({ ...cell(network, instance), key: `foot ${instance.id}`, foot: instance.id });
    lines.push({ from: classicBox(instance), to: key, kind: "foot", note: "ClassicLink" });
}

function gatewayWords(network: Network, gateway: Gateway): { title: string; note: string } {
    const kind = {
        internet: "Internet gateway", nat: "NAT gateway", "private-nat": "private NAT gateway", vpn: "VPN gateway",
        "egress-only": "egress-only gateway", endpoint: "gateway endpoint", "interface-endpoint": "interface endpoint",
    }[gateway.kind];
    const more = gateway.address ?? gateway.service?.split(".").slice(3).join(".");
    return { title: network.label(gateway.id), note: more ? `${kind} · ${more}` : kind };
}
