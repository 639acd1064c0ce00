// The rules of groups and ACLs, and the routes of route tables.

import { revoke } from "../api";
import { html, type Child } from "../dom";
import type { Acl, Group, RouteTable } from "../network";
import { proposal, reference, references, table, trafficWords } from "../parts";
import type { Context } from "../view";

/** The rules of a group in one direction, each with a button that revokes it. */
export function groupTable({ network, refresh }: Context, group: Group, egress: boolean): HTMLElement {
    const rules = group.rules.filter((rule) => rule.egress === egress);
    const rows = rules.map((rule) => {
        const peer = rule.peer.group ? reference(network, rule.peer.group) : (rule.peer.cidr ?? rule.peer["prefix-list"]);
        const remove = html("details", {}, html("summary", {}, "Revoke"),
            proposal("Revoke the rule", () => revoke(group, group.id, egress, rule.id), refresh));
        return [trafficWords(rule), peer, rule.description ?? "", remove];
    });
    const caption = `${egress ? "What may leave" : "What may come in"}, by ${group.group_name}`;
    return table(caption, ["Traffic", egress ? "To" : "From", "Note", ""], rows);
}

/** The routes of a table. The one to `blame` is marked. */
export function routeTable({ network }: Context, routes: RouteTable, blame?: string): HTMLElement {
    const isBlamed = (row: number) => routes.routes[row]?.destination === blame;
    const rows = routes.routes.map((route, row) => [
        isBlamed(row) ? `✕ ${route.destination}` : route.destination, reference(network, route.target), route.active ? "active" : "blackhole", route.propagated ? "propagated" : "",
    ]);
    return html("div", {},
        table(`Routes of ${network.label(routes.id)}${routes.main ? " (main)" : ""}`, ["Destination", "Target", "State", ""], rows, (row) => (isBlamed(row) ? "blamed" : "")),
        html("p", {}, "Used by ", references(network, routes.subnets)));
}

/** The rules of an ACL. The one to `blame` is marked, by its direction and its number. */
export function aclTable({ network }: Context, acl: Acl, blame?: { egress: boolean; rule: string }): HTMLElement {
    const direction = (egress: boolean) => {
        const entries = acl.entries.filter((entry) => entry.egress === egress).sort((a, b) => a.number - b.number);
        const numbers = [...entries.map((entry) => String(entry.number)), "*"];
        const isBlamed = (row: number) => blame?.egress === egress && blame.rule === numbers[row];
        const rows: Child[][] = entries.map((entry) => [entry.number, entry.allow ? "allow" : "deny", trafficWords(entry), entry.cidr]);
        rows.push(["*", "deny", "everything", "0.0.0.0/0"]);
        rows.forEach((row, index) => isBlamed(index) && (row[0] = `✕ ${row[0]}`));
        return table(`${egress ? "Out of" : "In to"} the subnets behind ${network.label(acl.id)}`, ["Rule", "", "Traffic", egress ? "To" : "From"], rows, (row) => (isBlamed(row) ? "blamed" : ""));
    };
    return html("div", {}, direction(false), direction(true), html("p", {}, "In front of ", references(network, acl.subnets)));
}
