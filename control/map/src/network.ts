// The network as `/_map/network` describes it, and an index of it.

import { ask } from "./endpoint";

export interface Identity {
    id: string;
    name: string | null;
    account: string;
    region: string;
}

export interface Instance extends Identity {
    state: string;
    failure: string | null;
    type: string;
    zone: string;
    classic: Classic | null;
    vpc: string | null;
    subnet: string | null;
    impairment: string | null;
}

export interface Classic {
    private: string | null;
    public: string | null;
    groups: string[];
    link: { vpc: string; groups: string[] } | null;
}

export interface Vpc extends Identity {
    cidrs: string[];
    classic_link: boolean;
    default: boolean;
}

export interface Subnet extends Identity {
    vpc: string;
    cidr: string;
    zone: string;
    table: string | null;
    acl: string | null;
}

export interface Interface extends Identity {
    vpc: string;
    subnet: string;
    addresses: string[];
    public: string[];
    groups: string[];
    instance: string | null;
    device: number | null;
}

export interface Gateway extends Identity {
    kind: "internet" | "nat" | "private-nat" | "vpn" | "egress-only" | "endpoint" | "interface-endpoint";
    vpc: string | null;
    subnet: string | null;
    address: string | null;
    service: string | null;
}

export interface Peering extends Identity {
    status: string;
    vpcs: [string, string];
}

/** A router between VPCs, sites and other routers. */
export interface Transit extends Identity {
    attachments: { id: string; kind: "vpc" | "vpn" | "peering"; resource: string; subnets: string[]; table: string | null }[];
}

/** A host of a service. */
export interface Managed extends Identity {
    service: string;
    resource: string;
    zone: string;
    state: "starting" | "up" | "failed" | "down" | "ending";
    failure: string | null;
    vpc: string | null;
    subnet: string | null;
    private: string | null;
    public: string | null;
    groups: string[];
    names: string[];
    impairment: string | null;
}

export interface Balancer extends Identity {
    dns_name: string;
    listeners: { protocol: string; port: number; instance_protocol: string; instance_port: number }[];
    instances: { id: string; in_service: boolean }[];
    vpc: string | null;
    groups: string[];
}

export interface Site extends Identity {
    address: string;
}

export interface Vpn extends Identity {
    gateway: string;
    site: string;
}

export interface Host {
    name: string;
    address: string;
    site: string | null;
    service: string | null;
    impairment: string | null;
}

export interface Traffic {
    protocol: string;
    from_port: number | null;
    to_port: number | null;
}

export interface Rule extends Traffic {
    id: string;
    egress: boolean;
    peer: { cidr?: string; group?: string; "prefix-list"?: string };
    description: string | null;
}

export interface Group extends Identity {
    group_name: string;
    description: string;
    vpc: string | null;
    rules: Rule[];
}

export interface RouteTable extends Identity {
    vpc: string;
    main: boolean;
    subnets: string[];
    routes: { destination: string; target: string; propagated: boolean; active: boolean }[];
}

export interface TransitTable extends Identity {
    gateway: string;
    attachments: string[];
    routes: { destination: string; target: string | null; propagated: boolean }[];
}

export interface Acl extends Identity {
    vpc: string;
    default: boolean;
    subnets: string[];
    entries: ({ number: number; egress: boolean; cidr: string; allow: boolean } & Traffic)[];
}

export interface Everything {
    instances: Instance[];
    vpcs: Vpc[];
    subnets: Subnet[];
    interfaces: Interface[];
    gateways: Gateway[];
    peerings: Peering[];
    transits: Transit[];
    sites: Site[];
    vpns: Vpn[];
    hosts: Host[];
    managed: Managed[];
    balancers: Balancer[];
    groups: Group[];
    tables: RouteTable[];
    transit_tables: TransitTable[];
    acls: Acl[];
    /** The viewer's account, if the page shows only what that account owns. */
    viewer: string | null;
    /** The state directory, if `classiclink` needs `--state`. */
    state: string | null;
}

type Kind = Exclude<keyof Everything, "hosts" | "viewer" | "state">;
const KINDS: Kind[] = [
    "instances", "vpcs", "subnets", "interfaces", "gateways", "peerings", "transits", "sites", "vpns",
    "managed", "balancers", "groups", "tables", "transit_tables", "acls",
];

/** A thing of each kind in words. */
export const KIND_WORDS: Record<Kind | "hosts", string> = {
    instances: "instance", vpcs: "VPC", subnets: "subnet", interfaces: "interface", gateways: "gateway", peerings: "peering",
    transits: "transit gateway", sites: "site", vpns: "VPN connection", hosts: "host outside", managed: "service's host",
    balancers: "load balancer", groups: "security group", tables: "route table", transit_tables: "transit route table", acls: "ACL",
};

/** An end of traffic: an address, with the groups that apply there. */
export interface End {
    host: string;
    address: string;
    groups: string[];
    vpc: string | null;
}

export class Network {
    private readonly things = new Map<string, { kind: Kind; thing: Identity }>();
    private readonly interfacesOf = new Map<string, Interface[]>();
    private readonly hostsByName: Map<string, Host>;
    /** The number of instances with each name. */
    private readonly bearers = new Map<string, number>();

    constructor(readonly all: Everything) {
        for (const kind of KINDS) {
            for (const thing of all[kind]) this.things.set(thing.id, { kind, thing });
        }
        for (const one of all.interfaces) {
            if (one.instance === null) continue;
            const others = this.interfacesOf.get(one.instance) ?? [];
            others.push(one);
            this.interfacesOf.set(one.instance, others);
        }
        for (const some of this.interfacesOf.values()) some.sort((a, b) => (a.device ?? 0) - (b.device ?? 0));
        for (const { name } of all.instances) if (name) this.bearers.set(name, (this.bearers.get(name) ?? 0) + 1);
        this.hostsByName = new Map(all.hosts.map((host) => [host.name, host]));
    }

    kindOf(id: string): Kind | "hosts" | undefined {
        return this.things.get(id)?.kind ?? (this.hostsByName.has(id) ? "hosts" : undefined);
    }

    find<K extends Kind>(kind: K, id: string | null | undefined): Everything[K][number] | undefined {
        const found = id ? this.things.get(id) : undefined;
        return found?.kind === kind ? (found.thing as Everything[K][number]) : undefined;
    }

    thing(id: string): Identity | undefined {
        return this.things.get(id)?.thing;
    }

    host(name: string): Host | undefined {
        return this.hostsByName.get(name);
    }

    interfaces(instance: string): Interface[] {
        return this.interfacesOf.get(instance) ?? [];
    }

    /** The name of a thing, or its id. */
    label(id: string): string {
        const thing = this.thing(id);
        if (!thing) return id;
        return thing.name || this.find("groups", id)?.group_name || id;
    }

    /** The addresses of an instance, its private ones first. */
    addresses(instance: Instance): string[] {
        const of = instance.classic
            ? [instance.classic.private, instance.classic.public]
            : this.interfaces(instance.id).flatMap((one) => [...one.addresses, ...one.public]);
        return of.filter((address): address is string => address !== null);
    }

    /** The ends of a host. A linked Classic instance has one in EC2-Classic and one in the VPC. */
    ends(host: string): End[] {
        const outside = this.host(host);
        if (outside) return [{ host, address: outside.address, groups: [], vpc: null }];
        const managed = this.find("managed", host);
        if (managed) return managed.private ? [{ host, address: managed.private, groups: managed.groups, vpc: managed.vpc }] : [];
        const instance = this.find("instances", host);
        if (!instance) return [];
        const place = instance.classic;
        if (!place) {
            return this.interfaces(host).flatMap((one) =>
                one.addresses.map((address) => ({ host, address, groups: one.groups, vpc: one.vpc })),
            );
        }
        if (!place.private) return [];
        const own = { host, address: place.private };
        const linked = place.link ? [{ ...own, groups: place.link.groups, vpc: place.link.vpc }] : [];
        return [...linked, { ...own, groups: place.groups, vpc: null }];
    }

    /** The word for a host: its Name if no other host has it, otherwise its id. */
    word(host: string): string {
        const name = this.find("instances", host)?.name;
        return name && this.bearers.get(name) === 1 && !this.hostsByName.has(name) ? name : host;
    }

    /** The host that a word means. */
    meant(word: string): string | undefined {
        if (this.find("instances", word) || this.host(word) || this.find("managed", word)) return word;
        return this.all.instances.find((instance) => instance.name === word)?.id;
    }

    /** The words for all hosts. */
    hostWords(): string[] {
        const instances = this.all.instances.map((one) => this.word(one.id));
        return [...instances, ...this.all.hosts.map((host) => host.name), ...this.all.managed.map((host) => host.id)];
    }

    /** The things whose name, id or addresses contain a word: first those that are called exactly this, then those that begin with it. */
    matches(word: string): string[] {
        const wanted = word.trim().toLowerCase();
        if (!wanted) return [];
        const things = [...this.things.values()].map(({ kind, thing }) => ({ id: thing.id, rank: rank(wanted, this.searched(kind, thing)) }));
        const hosts = this.all.hosts.map((host) => ({ id: host.name, rank: rank(wanted, [host.name, host.address]) }));
        return [...things, ...hosts].filter((one) => one.rank < NO_MATCH).sort((one, other) => one.rank - other.rank).map((one) => one.id);
    }

    /** The texts by which a thing is found. */
    private searched(kind: Kind, thing: Identity): (string | null | undefined)[] {
        if (kind === "instances") return [thing.id, thing.name, ...this.addresses(thing as Instance)];
        if (kind === "subnets") return [thing.id, thing.name, (thing as Subnet).cidr];
        if (kind === "vpcs") return [thing.id, thing.name, ...(thing as Vpc).cidrs];
        if (kind === "managed") {
            const one = thing as Managed;
            return [one.id, one.private, one.public, one.service, ...one.names];
        }
        if (kind === "groups") return [thing.id, thing.name, (thing as Group).group_name];
        return [thing.id, thing.name];
    }
}

const NO_MATCH = 3;

/** How well texts match a word in small letters: 0 where one equals it, 1 where one begins with it, 2 where one contains it. */
function rank(wanted: string, texts: (string | null | undefined)[]): number {
    const ranks = texts.map((text) => {
        const found = text?.toLowerCase().indexOf(wanted) ?? -1;
        if (found < 0) return NO_MATCH;
        return found > 0 ? 2 : text?.length === wanted.length ? 0 : 1;
    });
    return Math.min(NO_MATCH, ...ranks);
}

/** Loads the present network, or that of a recording. */
export async function load(path = "network"): Promise<Network> {
    return new Network(await ask<Everything>(path));
}
