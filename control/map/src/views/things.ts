// Views of single things: a host, a group, a route table, an ACL, a subnet and others.

import { addHost, authorize, impairHost, impairInstance, launch, link, removeHost, switchInstances, unlink, type Command } from "../api";
import { aws, classiclink, option } from "../commands";
import { html, type Child } from "../dom";
import type { Balancer, Group, Host, Identity, Instance, Managed, Network, Transit, TransitTable } from "../network";
import { choice, facts, field, fileLink, proposal, reference, references, source, table } from "../parts";
import type { Context, View } from "../view";
import { flowsOf } from "./flows";
import { opens } from "./reach";
import { aclTable, groupTable, routeTable } from "./tables";
import { whyForm } from "./why";

export function host(context: Context): View {
    const { network, argument } = context;
    const instance = network.find("instances", argument);
    const outside = network.host(argument);
    if (instance) return ofInstance(context, instance);
    const managed = network.find("managed", argument);
    if (managed) return ofManaged(context, managed);
    return outside ? ofHost(context, outside) : unknown(argument);
}

function ofHost(context: Context, host: Host): View {
    const where = host.service ? `stands for ${host.service}` : host.site ? reference(context.network, host.site) : "the Internet";
    return {
        title: host.name,
        ids: [host.name],
        content: [
            facts(["Address", host.address], ["Where", where], ["Its network", host.impairment ?? "good"]),
            html("h3", {}, "Why?"),
            whyForm(context, { from: host.name }),
            ...talking(context, host.name),
            html("h3", {}, "Do"),
            capturing(host.name),
            impairing((words) => impairHost(host.name, words), host.impairment, context.refresh),
            proposal("Remove the host", () => removeHost(host.name), context.refresh, `Remove the host ${host.name}?`),
            source(classiclink("host list", [], "--json"), "network"),
        ],
    };
}

function ofInstance(context: Context, instance: Instance): View {
    const { network, refresh } = context;
    const place = instance.classic;
    const rows: [string, Child][] = [
        ["Id", instance.id],
        ["State", instance.failure ? `${instance.state}: ${instance.failure}` : instance.state],
        ["Account", instance.account],
        ["Region and zone", instance.zone],
        ["Type", instance.type],
        ["Its network", instance.impairment ?? "good"],
    ];
    if (place) {
        rows.push(
            ["Where", "EC2-Classic"], ["Private", place.private ?? "–"], ["Public", place.public ?? "–"],
            ["Groups", references(network, place.groups)],
        );
        if (place.link) rows.push(["Linked to", reference(network, place.link.vpc)], ["The link's groups", references(network, place.link.groups)]);
    } else {
        rows.push(["VPC", reference(network, instance.vpc)], ["Subnet", reference(network, instance.subnet)]);
    }
    const interfaces = network.interfaces(instance.id).map((one) => [
        `eth${one.device ?? "?"}`, one.id, one.addresses.join(" "), one.public.join(" ") || "–", references(network, one.groups), reference(network, one.subnet),
    ]);
    const change = (label: string, made: Command, question?: string) => proposal(label, () => made, refresh, question);
    const [ids, name] = [[instance.id], network.label(instance.id)];
    const state = instance.state;
    return {
        title: name,
        ids: [instance.id],
        content: [
            facts(...rows),
            place ? null : table("Interfaces", ["", "Id", "Private", "Public", "Groups", "Subnet"], interfaces),
            html("h3", {}, "Why?"),
            whyForm(context, { from: network.word(instance.id) }),
            ...(state === "running" ? talking(context, instance.id) : []),
            html("h3", {}, "Do"),
            state === "running" ? capturing(network.word(instance.id)) : null,
            impairing((words) => impairInstance(instance, instance.id, words), instance.impairment, refresh),
            place && !place.link && state === "running" ? linking(context, instance) : null,
            place?.link ? change("Unlink", unlink(instance, instance.id, place.link.vpc)) : null,
            state === "running" ? change("Stop", switchInstances("stop", instance, ids)) : null,
            state === "stopped" ? change("Start", switchInstances("start", instance, ids)) : null,
            change("Terminate", switchInstances("terminate", instance, ids), `Terminate ${name}? It cannot be brought back.`),
            source(aws(instance, "ec2", "describe-instances", "--instance-ids", instance.id), "network"),
        ],
    };
}

/** The view of a service's host. */
function ofManaged(context: Context, one: Managed): View {
    const { network, refresh } = context;
    const isOn = one.state !== "down" && one.state !== "ending";
    return {
        title: one.id,
        ids: [one.id],
        content: [
            facts(["Service", one.service], ["For", one.resource.split("/").at(-1) ?? one.resource],
                ["State", one.failure ? `${one.state}: ${one.failure}` : one.state], ["Zone", one.zone],
                ["Where", one.subnet ? reference(network, one.subnet) : "EC2-Classic"], ["Private", one.private ?? "–"], ["Public", one.public ?? "–"],
                ["Groups", references(network, one.groups)], ["Names", one.names.join(", ") || "–"], ["Its network", one.impairment ?? "good"]),
            html("h3", {}, "Why?"),
            whyForm(context, { to: one.id }),
            ...(isOn ? talking(context, one.id) : []),
            html("h3", {}, "Do"),
            isOn ? capturing(one.id) : null,
            impairing((words) => impairHost(one.id, words), one.impairment, refresh),
            source(classiclink("status", [], "--json"), "network"),
        ],
    };
}

function talking({ network }: Context, host: string): Child[] {
    return [html("h3", {}, html("a", { href: `#/flows?${new URLSearchParams({ host })}` }, "Who talks to it")), flowsOf(network, host)];
}

/** Downloads a capture of a host's packets. */
function capturing(host: string): HTMLElement {
    const seconds = html("input", { type: "number", min: 1, max: 600, value: "10" });
    const path = () => (Number(seconds.value) > 0 ? `capture?${new URLSearchParams({ host, seconds: seconds.value })}` : null);
    const file = option("-w", `${host.replaceAll("/", "-")}.pcapng`);
    const capture = fileLink("Capture", path, () => classiclink("capture", [host], "--seconds", seconds.value, ...file));
    seconds.oninput = () => capture.dispatchEvent(new Event("refresh"));
    return html("div", {}, field("Capture packets into a file, for so many seconds", seconds), capture);
}

/** Impairs a host's network, or restores it. */
function impairing(command: (words: string) => Command, now: string | null, refresh: () => void): HTMLElement {
    const text = html("input", { value: now ?? "", placeholder: "delay=50ms,loss=1%", autocomplete: "off" });
    const make = proposal("Impair", () => (text.value.trim() && text.value.trim() !== now ? command(text.value.trim()) : null), refresh);
    text.oninput = () => make.dispatchEvent(new Event("refresh"));
    return html("div", {}, field("A bad network: delay, jitter, loss, reorder, duplicate, corrupt, rate, mtu", text), make,
        now ? proposal("A good network again", () => command(""), refresh) : null);
}

/** Links a Classic instance to a VPC. */
function linking({ network, refresh }: Context, instance: Instance): Child {
    const mine = ({ account, region }: { account: string; region: string }) => account === instance.account && region === instance.region;
    const vpcs = network.all.vpcs.filter((vpc) => vpc.classic_link && mine(vpc));
    if (vpcs.length === 0) return html("p", {}, "No VPC of this account and Region is enabled for ClassicLink.");
    const vpc = choice(vpcs.map((one) => [one.id, `${network.label(one.id)} (${one.id})`]));
    const group = html("select");
    const offer = () => {
        const groups = network.all.groups.filter((one) => one.vpc === vpc.value);
        group.replaceChildren(...groups.map((one) => html("option", { value: one.id }, `${one.group_name} (${one.id})`)));
    };
    offer();
    const made = proposal("Link", () => (group.value ? link(instance, instance.id, vpc.value, [group.value]) : null), refresh);
    vpc.onchange = () => {
        offer();
        made.dispatchEvent(new Event("refresh"));
    };
    group.onchange = () => made.dispatchEvent(new Event("refresh"));
    return html("div", {}, html("div", { class: "fields" }, field("To", vpc), field("With the group", group)), made);
}

export function thing(context: Context): View {
    const { network, argument } = context;
    const group = network.find("groups", argument);
    if (group) return ofGroup(context, group);
    const routes = network.find("tables", argument);
    if (routes) return view(context, routes, [routeTable(context, routes), ...opens(context, argument)], "describe-route-tables --route-table-ids", routes.subnets);
    const acl = network.find("acls", argument);
    if (acl) return view(context, acl, [aclTable(context, acl), ...opens(context, argument)], "describe-network-acls --network-acl-ids", acl.subnets);
    const subnet = network.find("subnets", argument);
    if (subnet) {
        const hosts = network.all.instances.filter((one) => one.subnet === subnet.id);
        const content = [
            facts(["VPC", reference(network, subnet.vpc)], ["Block", subnet.cidr], ["Zone", subnet.zone],
                ["Routes", reference(network, subnet.table)], ["ACL", reference(network, subnet.acl)]),
            instanceTable(network, hosts),
        ];
        return view(context, subnet, content, "describe-subnets --subnet-ids", [subnet.id]);
    }
    const vpc = network.find("vpcs", argument);
    if (vpc) {
        const of = <T extends { vpc: string | null }>(all: T[]) => all.filter((one) => one.vpc === vpc.id);
        const ids = (all: { id: string }[]) => references(network, all.map((one) => one.id));
        const linked = network.all.instances.filter((one) => one.classic?.link?.vpc === vpc.id);
        const content = [
            facts(["Blocks", vpc.cidrs.join(", ")], ["Account", vpc.account], ["Region", vpc.region],
                ["ClassicLink", vpc.classic_link ? "enabled" : "not enabled"], ["Linked", ids(linked)],
                ["Subnets", ids(of(network.all.subnets))], ["Gateways", ids(of(network.all.gateways))],
                ["Route tables", ids(of(network.all.tables))], ["Groups", ids(of(network.all.groups))],
                ["ACLs", ids(of(network.all.acls))]),
        ];
        return view(context, vpc, content, "describe-vpcs --vpc-ids", [vpc.id]);
    }
    const gateway = network.find("gateways", argument);
    if (gateway) {
        const tables = network.all.tables.filter((one) => one.routes.some((route) => route.target === gateway.id));
        const content = [
            facts(["Kind", gateway.kind], ["VPC", reference(network, gateway.vpc)], ["Subnet", reference(network, gateway.subnet)],
                ["Address", gateway.address ?? "–"], ["Service", gateway.service ?? "–"],
                ["Routes to it in", references(network, tables.map((one) => one.id))]),
        ];
        return view(context, gateway, content, GATEWAYS[gateway.kind], [gateway.id]);
    }
    const transit = network.find("transits", argument);
    if (transit) return view(context, transit, ofTransit(network, transit), "describe-transit-gateways --transit-gateway-ids", [transit.id]);
    const transitTable = network.find("transit_tables", argument);
    if (transitTable) {
        const content = ofTransitTable(network, transitTable);
        return view(context, transitTable, content, "describe-transit-gateway-route-tables --transit-gateway-route-table-ids", [transitTable.gateway]);
    }
    const balancer = network.find("balancers", argument);
    if (balancer) return ofBalancer(network, balancer);
    const peering = network.find("peerings", argument);
    if (peering) {
        const content = [facts(["From", reference(network, peering.vpcs[0])], ["To", reference(network, peering.vpcs[1])], ["State", peering.status])];
        const doors = peering.vpcs.map((vpc) => `${peering.id} ${vpc}`);
        return view(context, peering, content, "describe-vpc-peering-connections --vpc-peering-connection-ids", doors);
    }
    const site = network.find("sites", argument);
    if (site) {
        const hosts = network.all.hosts.filter((one) => one.site === site.id);
        const content = [facts(["Address", site.address], ["Hosts", references(network, hosts.map((one) => one.name))])];
        return view(context, site, content, "describe-customer-gateways --customer-gateway-ids", [site.id]);
    }
    const vpn = network.find("vpns", argument);
    if (vpn) {
        const content = [facts(["Gateway", reference(network, vpn.gateway)], ["Site", reference(network, vpn.site)])];
        return view(context, vpn, content, "describe-vpn-connections --vpn-connection-ids", [vpn.gateway, vpn.site]);
    }
    const one = network.find("interfaces", argument);
    if (one) {
        const content = [
            facts(["Instance", reference(network, one.instance)], ["Subnet", reference(network, one.subnet)],
                ["Addresses", one.addresses.join(", ")], ["Public", one.public.join(", ") || "–"], ["Groups", references(network, one.groups)]),
        ];
        return view(context, one, content, "describe-network-interfaces --network-interface-ids", [one.instance ?? one.subnet]);
    }
    return unknown(argument);
}

const GATEWAYS = {
    internet: "describe-internet-gateways --internet-gateway-ids",
    nat: "describe-nat-gateways --nat-gateway-ids",
    "private-nat": "describe-nat-gateways --nat-gateway-ids",
    vpn: "describe-vpn-gateways --vpn-gateway-ids",
    "egress-only": "describe-egress-only-internet-gateways --egress-only-internet-gateway-ids",
    endpoint: "describe-vpc-endpoints --vpc-endpoint-ids",
    "interface-endpoint": "describe-vpc-endpoints --vpc-endpoint-ids",
};

function ofTransit(network: Network, transit: Transit): Child[] {
    const tables = network.all.transit_tables.filter((one) => one.gateway === transit.id);
    return [
        table("Attachments", ["Attachment", "Of", "Subnets", "Routes"], transit.attachments.map((one) => [
            one.id, reference(network, one.resource), references(network, one.subnets), reference(network, one.table),
        ])),
        facts(["Route tables", references(network, tables.map((one) => one.id))]),
    ];
}

function ofTransitTable(network: Network, routes: TransitTable): Child[] {
    const own = network.all.transits.filter((one) => one.id === routes.gateway).flatMap((one) => one.attachments);
    const attached = new Map(own.map((one) => [one.id, one.resource]));
    return [
        table(`Routes of ${network.label(routes.id)}`, ["Destination", "Attachment", "Of", ""], routes.routes.map((route) => [
            route.destination, route.target ?? "blackhole", reference(network, attached.get(route.target ?? "")), route.propagated ? "propagated" : "",
        ])),
        facts(["Of", reference(network, routes.gateway)],
            ["Used by", references(network, routes.attachments.map((one) => attached.get(one)).filter((one) => one !== undefined))]),
    ];
}

function ofBalancer(network: Network, one: Balancer): View {
    const hosts = network.all.managed.filter((host) => host.service === "elasticloadbalancing" && host.resource === one.id);
    return {
        title: one.name ?? one.id,
        ids: [...hosts.map((host) => host.id), ...one.instances.map((target) => target.id)],
        content: [
            facts(["Name", one.dns_name], ["Where", one.vpc ? reference(network, one.vpc) : "EC2-Classic"], ["Groups", references(network, one.groups)],
                ["Its hosts", references(network, hosts.map((host) => host.id))]),
            table("Listeners", ["Clients", "Port", "Instances", "Port"], one.listeners.map((two) => [two.protocol, two.port, two.instance_protocol, two.instance_port])),
            table("Instances", ["Instance", "State"], one.instances.map((two) => [reference(network, two.id), two.in_service ? "in service" : "out of service"])),
            source(aws(one, "elb", "describe-load-balancers", "--load-balancer-names", one.name ?? one.id), "network"),
        ],
    };
}

function view({ network }: Context, thing: Identity, content: Child[], command: string, ids: string[]): View {
    const [id, label] = [thing.id, network.label(thing.id)];
    return {
        title: label === id ? id : `${label} (${id})`,
        ids,
        content: [...content, source(aws(thing, "ec2", ...command.split(" "), id), "network")],
    };
}

function unknown(id: string): View {
    return { title: "Not there", content: [html("p", {}, `There is no ${id}, or it is gone.`)] };
}

function instanceTable(network: Network, instances: Instance[]): HTMLElement {
    const rows = instances.map((one) => [reference(network, one.id), one.state, network.addresses(one).join(" ")]);
    return table("Instances", ["Instance", "State", "Addresses"], rows);
}

/** The instances with a group: in EC2-Classic, by a link or by an interface. */
function users(network: Network, group: Group): Instance[] {
    return network.all.instances.filter(
        (one) =>
            one.classic?.groups.includes(group.id) || one.classic?.link?.groups.includes(group.id) ||
            network.interfaces(one.id).some((two) => two.groups.includes(group.id)),
    );
}

/** The services' hosts with a group. */
function managedUsers(network: Network, group: Group): Child {
    const hosts = network.all.managed.filter((one) => one.groups.includes(group.id));
    return hosts.length > 0 && table("Hosts of services", ["Host", "Service"], hosts.map((one) => [reference(network, one.id), one.service]));
}

function ofGroup(context: Context, group: Group): View {
    const { network } = context;
    const members = users(network, group);
    return {
        title: `${group.group_name} (${group.id})`,
        ids: members.map((one) => one.id),
        content: [
            facts(["Of", group.vpc ? reference(network, group.vpc) : "EC2-Classic"], ["For", group.description || "–"]),
            groupTable(context, group, false),
            group.vpc ? groupTable(context, group, true) : html("p", {}, "Everything may leave: a group of EC2-Classic has no rules for that."),
            html("h3", {}, "Add a rule"),
            adding(context, group),
            html("h3", {}, "Who uses it"),
            instanceTable(network, members),
            managedUsers(network, group),
            ...opens(context, group.id),
            source(aws(group, "ec2", "describe-security-groups", "--group-ids", group.id), "network"),
        ],
    };
}

function adding({ network, refresh }: Context, group: Group): HTMLElement {
    const egress = choice(group.vpc ? [["in", "in"], ["out", "out"]] : [["in", "in"]]);
    const protocol = choice([["tcp", "TCP"], ["udp", "UDP"], ["icmp", "ICMP"], ["-1", "everything"]].slice(0, group.vpc ? 4 : 3) as [string, string][]);
    const port = html("input", { type: "number", min: 0, max: 65535, value: "443" });
    const peer = html("input", { value: "0.0.0.0/0", list: "peers", autocomplete: "off" });
    const others = network.all.groups.filter((one) => one.vpc === group.vpc && one.account === group.account && one.region === group.region);
    const peers = html("datalist", { id: "peers" }, ...others.map((one) => html("option", { value: one.id }, one.group_name)));
    const change = () => {
        const hasPort = protocol.value === "tcp" || protocol.value === "udp";
        port.disabled = !hasPort;
        const from = hasPort ? port.value : protocol.value === "icmp" ? "-1" : "";
        if (!peer.value.trim() || (hasPort && !port.value)) return null;
        return authorize(group, { group: group.id, egress: egress.value === "out", protocol: protocol.value, from, to: from, peer: peer.value.trim() });
    };
    const add = proposal("Add the rule", change, refresh);
    const fields = html("div", { class: "fields" }, field("Way", egress), field("Traffic", protocol), field("Port", port), field("From or to", peer), peers);
    fields.addEventListener("input", () => add.dispatchEvent(new Event("refresh")));
    return html("div", {}, fields, add);
}

/** Launches instances, in EC2-Classic or in a subnet. */
export function launching({ network, refresh }: Context): View {
    const places = [...network.all.vpcs, ...network.all.instances];
    const own = new Map(places.map(({ account, region }) => [`${account} ${region}`, { account, region }]));
    if (own.size === 0) own.set("", { account: "111122223333", region: "us-east-1" });
    const where = choice([...own].map(([key, { account, region }]) => [key, `${region}, account ${account}`]));
    const [subnet, group] = [html("select"), html("select")];
    const name = html("input", { maxlength: 255, autocomplete: "off" });
    const count = html("input", { type: "number", min: 1, max: 100, value: "1" });
    const place = () => own.get(where.value)!;
    const mine = (one: { account: string; region: string }) => one.account === place().account && one.region === place().region;
    const offerSubnets = () => {
        const subnets = network.all.subnets.filter(mine);
        subnet.replaceChildren(
            ...subnets.map((one) => html("option", { value: one.id }, `${network.label(one.id)}, ${one.cidr}, of ${network.label(one.vpc)}`)),
            html("option", { value: "" }, "EC2-Classic, or the default VPC"),
        );
        offerGroups();
    };
    const offerGroups = () => {
        const vpc = network.find("subnets", subnet.value)?.vpc ?? null;
        const groups = network.all.groups.filter((one) => mine(one) && one.vpc === vpc);
        group.replaceChildren(
            html("option", { value: "" }, "the default group"),
            ...groups.map((one) => html("option", { value: one.id }, `${one.group_name} (${one.id})`)),
        );
    };
    const change = () => {
        const many = Number(count.value);
        if (!Number.isInteger(many) || many < 1) return null;
        const groups = group.value ? [group.value] : [];
        return launch(place(), { name: name.value.trim(), image: "ami-12345678", type: "m3.medium", count: many, subnet: subnet.value, groups });
    };
    const made = proposal("Launch", change, refresh);
    const fields = html("div", { class: "fields" }, field("Name", name), field("For", where), field("In", subnet), field("Group", group), field("How many", count));
    where.addEventListener("change", offerSubnets);
    subnet.addEventListener("change", offerGroups);
    for (const event of ["input", "change"]) fields.addEventListener(event, () => made.dispatchEvent(new Event("refresh")));
    offerSubnets();
    made.dispatchEvent(new Event("refresh"));
    return {
        title: "Launch an instance",
        content: [fields, made, html("h3", {}, "Add a host outside the cloud"), addingHost({ network, refresh })],
    };
}

/** Adds a host on the Internet or at a remote site. */
function addingHost({ network, refresh }: Pick<Context, "network" | "refresh">): HTMLElement {
    const name = html("input", { maxlength: 64, autocomplete: "off" });
    const address = html("input", { placeholder: "203.0.113.9", autocomplete: "off" });
    const site = choice([["", "the Internet"], ...network.all.sites.map((one): [string, string] => [one.id, `the site of ${network.label(one.id)}`])]);
    const command = () => (name.value.trim() && address.value.trim()
        ? addHost({ name: name.value.trim(), address: address.value.trim(), site: site.value || null }) : null);
    const add = proposal("Add the host", command, refresh);
    const fields = html("div", { class: "fields" }, field("Called", name), field("Address", address), field("At", site));
    for (const event of ["input", "change"]) fields.addEventListener(event, () => add.dispatchEvent(new Event("refresh")));
    return html("div", {}, html("p", {}, "On the Internet or at a remote site: who the cloud talks to."), fields, add);
}
