// The scene of a network with nothing folded.

import type { Gateway, Identity, Instance, Managed, Network, Subnet } from "./network";
import { unique, type Box, type Cell, type Frame, type Line, type Scene } from "./scene";

export const INTERNET = "the Internet";

/** The scene of a network. Each box is added before the lines that need it. */
export function inFull(network: Network): Scene {
    const scene = new FullScene(network);
    scene.addVpcs();
    scene.addSubnets();
    scene.addInstances();
    scene.addManaged();
    scene.addInterfaces();
    scene.addGateways();
    scene.addPeerings();
    scene.addTransits();
    scene.addSites();
    scene.addHosts();
    scene.addEndpointLines();
    scene.addRouteLines();
    scene.addAttachmentLines();
    return scene.whole();
}

/** A scene while its boxes and lines are added. */
class FullScene {
    private readonly frames: Frame[] = [];
    private readonly boxes = new Map<string, Box>();
    private readonly lines: Line[] = [];
    private readonly frameOf: (owned: Pick<Identity, "region" | "account">) => string;

    constructor(private readonly network: Network) {
        this.frameOf = places(network, this.frames);
    }

    whole(): Scene {
        return { frames: this.frames, boxes: [...this.boxes.values()], lines: unique(this.lines) };
    }

    addVpcs() {
        for (const vpc of this.network.all.vpcs) {
            const title = `${this.network.label(vpc.id)} · ${vpc.cidrs.join(", ")}`;
            this.frames.push({ key: vpc.id, kind: "vpc", frame: this.frameOf(vpc), title, href: `#/thing/${vpc.id}` });
        }
    }

    /** Adds subnets, in frames of their zones if their VPC has several. */
    addSubnets() {
        const zonesOf = new Map<string, Set<string>>();
        for (const { vpc, zone } of this.network.all.subnets) zonesOf.set(vpc, (zonesOf.get(vpc) ?? new Set()).add(zone));
        for (const [vpc, zones] of zonesOf) {
            if (zones.size === 1) continue;
            for (const zone of zones) this.frames.push({ key: `${vpc} ${zone}`, kind: "zone", frame: vpc, title: zone, href: null });
        }
        for (const subnet of this.network.all.subnets) this.addSubnet(subnet, zonesOf.get(subnet.vpc)!.size > 1);
    }

    private addSubnet({ id, vpc, zone, cidr }: Subnet, hasZoneFrame: boolean) {
        const note = hasZoneFrame ? cidr : `${cidr} · ${zone}`;
        const frame = hasZoneFrame ? `${vpc} ${zone}` : vpc;
        this.box({ key: id, kind: "subnet", frame, title: this.network.label(id), note, href: `#/thing/${id}` });
    }

    addInstances() {
        for (const instance of this.network.all.instances) {
            if (!instance.classic) {
                this.boxes.get(instance.subnet ?? "")?.cells.push(cell(this.network, instance));
                continue;
            }
            const place = this.classic(instance);
            place.cells.push(cell(this.network, instance));
            if (instance.classic.public) this.way(this.internet().key, place.key);
            if (instance.classic.link) this.addFoot(instance, instance.classic.link.vpc);
        }
    }

    /** Adds the foot of a linked instance to its VPC's box of links. */
    private addFoot(instance: Instance, vpc: string) {
        if (!this.network.find("vpcs", vpc)) return;
        const key = `links ${vpc}`;
        const box = this.box({ key, kind: "links", frame: vpc, title: "ClassicLink", note: "", href: `#/thing/${vpc}` });
        box.cells.push({ ...cell(this.network, instance), key: `foot ${instance.id}`, foot: instance.id });
        this.lines.push({ from: classicBox(instance), to: key, kind: "foot", note: "ClassicLink" });
    }

    addManaged() {
        for (const one of this.network.all.managed) {
            const place = one.subnet === null ? this.classic(one) : this.boxes.get(one.subnet);
            place?.cells.push(managedCell(one));
        }
    }

    /** Adds the feet of instances with interfaces in further subnets. */
    addInterfaces() {
        for (const one of this.network.all.interfaces) {
            const instance = this.network.find("instances", one.instance);
            if (!instance || !one.device || one.subnet === instance.subnet) continue;
            this.boxes.get(one.subnet)?.cells.push({
                ...cell(this.network, instance), key: one.id, note: `eth${one.device} · ${one.addresses[0]}`, foot: instance.id,
            });
            this.lines.push({ from: instance.subnet ?? "", to: one.subnet, kind: "foot", note: "" });
        }
    }

    addGateways() {
        const { gateways } = this.network.all;
        for (const gateway of gateways) {
            if (gateway.vpc === null) continue;
            const words = gatewayWords(this.network, gateway);
            this.box({ ...words, key: gateway.id, kind: "gateway", frame: gateway.vpc, href: `#/thing/${gateway.id}` });
            if (gateway.kind === "internet" || gateway.kind === "egress-only") this.way(this.internet().key, gateway.id);
            const edge = gateways.find((other) => other.kind === "internet" && other.vpc === gateway.vpc);
            if (gateway.kind === "nat" && edge) this.way(edge.id, gateway.id);
        }
    }

    /** Adds each peering as two boxes, one in each VPC, and the line between them. */
    addPeerings() {
        for (const peering of this.network.all.peerings) {
            if (peering.status !== "active" && peering.status !== "pending-acceptance") continue;
            const doors = peering.vpcs.filter((vpc) => this.network.find("vpcs", vpc)).map((vpc) => {
                const key = `${peering.id} ${vpc}`;
                const title = this.network.label(peering.id);
                this.box({ key, kind: "gateway", frame: vpc, title, note: `peering, ${peering.status}`, href: `#/thing/${peering.id}` });
                return key;
            });
            if (doors.length === 2) this.lines.push({ from: doors[0]!, to: doors[1]!, kind: "peering", note: peering.status });
        }
    }

    addTransits() {
        for (const transit of this.network.all.transits) {
            const title = this.network.label(transit.id);
            const note = `transit gateway · ${transit.attachments.length} attached`;
            this.box({ key: transit.id, kind: "gateway", frame: this.frameOf(transit), title, note, href: `#/thing/${transit.id}` });
        }
    }

    /** Adds remote sites and their VPN connections. */
    addSites() {
        for (const site of this.network.all.sites) {
            const title = `Site of ${this.network.label(site.id)}`;
            this.box({ key: site.id, kind: "outside", frame: null, title, note: site.address, href: `#/thing/${site.id}` });
        }
        for (const vpn of this.network.all.vpns) {
            if (this.boxes.has(vpn.gateway) && this.boxes.has(vpn.site)) this.way(vpn.site, vpn.gateway, "VPN");
        }
    }

    /** Adds the hosts of AWS services, of sites and of the Internet. */
    addHosts() {
        for (const host of this.network.all.hosts) {
            const added: Cell = { key: host.name, host: host.name, title: host.name, note: host.address, state: "running" };
            if (host.service) {
                const key = `service ${host.service}`;
                this.box({ key, kind: "outside", frame: null, title: host.service, note: "service", href: "#/list" }).cells.push(added);
            } else if (host.site && this.boxes.has(host.site)) this.boxes.get(host.site)!.cells.push(added);
            else this.internet().cells.push(added);
        }
    }

    /** Adds the lines from services to gateway endpoints. */
    addEndpointLines() {
        for (const gateway of this.network.all.gateways) {
            const service = `service ${gateway.service}`;
            if (gateway.kind === "endpoint" && this.boxes.has(service) && this.boxes.has(gateway.id)) this.way(service, gateway.id);
        }
    }

    /** Adds the lines from the targets of active routes to the subnets that use them. */
    addRouteLines() {
        for (const table of this.network.all.tables) {
            for (const route of table.routes) {
                const door = [route.target, `${route.target} ${table.vpc}`].find((key) => this.boxes.has(key));
                if (!door || !route.active) continue;
                const own = this.network.find("gateways", route.target)?.subnet;
                for (const subnet of table.subnets) if (this.boxes.has(subnet) && subnet !== own) this.way(door, subnet, route.destination);
            }
        }
    }

    /** Adds the lines from transit gateways to attached subnets and to peers. */
    addAttachmentLines() {
        for (const transit of this.network.all.transits) {
            for (const attachment of transit.attachments) {
                for (const subnet of attachment.subnets) if (this.boxes.has(subnet)) this.way(transit.id, subnet, "attachment");
                // Both ends list a peering. It is drawn once.
                const isDrawn = attachment.kind === "peering" && transit.id < attachment.resource;
                if (isDrawn && this.boxes.has(attachment.resource)) this.way(transit.id, attachment.resource, "peering");
            }
        }
    }

    /** The box with a key, which is added if it is new. */
    private box(box: Omit<Box, "folded" | "cells" | "holds">): Box {
        const existing = this.boxes.get(box.key);
        if (existing) return existing;
        const made: Box = { ...box, cells: [], folded: false, holds: [] };
        this.boxes.set(made.key, made);
        return made;
    }

    private classic(owned: Pick<Identity, "region" | "account">): Box {
        const key = classicBox(owned);
        return this.box({ key, kind: "classic", frame: this.frameOf(owned), title: "EC2-Classic", note: "", href: "#/list" });
    }

    private internet(): Box {
        return this.box({ key: INTERNET, kind: "outside", frame: null, title: "The Internet", note: "", href: "#/list" });
    }

    private way(from: string, to: string, note = "") {
        this.lines.push({ from, to, kind: "way", note });
    }
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

function classicBox({ region, account }: { region: string; account: string }): string {
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

function gatewayWords(network: Network, gateway: Gateway): { title: string; note: string } {
    const kind = {
        internet: "Internet gateway", nat: "NAT gateway", "private-nat": "private NAT gateway", vpn: "VPN gateway",
        "egress-only": "egress-only gateway", endpoint: "gateway endpoint", "interface-endpoint": "interface endpoint",
    }[gateway.kind];
    const more = gateway.address ?? gateway.service?.split(".").slice(3).join(".");
    return { title: network.label(gateway.id), note: more ? `${kind} · ${more}` : kind };
}
