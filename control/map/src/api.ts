// The page's commands: changes by the EC2 API, as any client makes them, and verbs of classiclink. Each has the command line that does the same.

import { aws, classiclink, type Place } from "./commands";
import { send } from "./endpoint";
import { callHeaders } from "./key";

/** A command that the page can carry out. */
export interface Command {
    /** The command line that does the same. */
    line: string;
    run(): Promise<unknown>;
}

/** Options of a command line in order. A list is one option with several values. */
type Options = [string, string | string[]][];

const named = (name: string, values: string[]): Record<string, string> =>
    Object.fromEntries(values.map((value, index) => [`${name}.${index + 1}`, value]));

/** A call of the API. `command` is the action's name in the AWS client: `run-instances`. */
function change(place: Place, command: string, options: Options, parameters: Record<string, string>): Command {
    const action = command.split("-").map((word) => word[0]!.toUpperCase() + word.slice(1)).join("");
    const words = options.flatMap(([name, value]) => [`--${name}`, value].flat());
    return { line: aws(place, "ec2", command, ...words), run: () => call(place, action, parameters) };
}

export function switchInstances(verb: "start" | "stop" | "terminate", place: Place, ids: string[]): Command {
    return change(place, `${verb}-instances`, [["instance-ids", ids]], named("InstanceId", ids));
}

export function link(place: Place, instance: string, vpc: string, groups: string[]): Command {
    const options: Options = [["instance-id", instance], ["vpc-id", vpc], ["groups", groups]];
    const parameters = { InstanceId: instance, VpcId: vpc, ...named("SecurityGroupId", groups) };
    return change(place, "attach-classic-link-vpc", options, parameters);
}

export function unlink(place: Place, instance: string, vpc: string): Command {
    const options: Options = [["instance-id", instance], ["vpc-id", vpc]];
    return change(place, "detach-classic-link-vpc", options, { InstanceId: instance, VpcId: vpc });
}

export interface Launch {
    name: string;
    image: string;
    type: string;
    count: number;
    subnet: string;
    groups: string[];
}

export function launch(place: Place, { name, image, type, count, subnet, groups }: Launch): Command {
    const options: Options = [["image-id", image], ["instance-type", type], ["count", String(count)]];
    const parameters: Record<string, string> = {
        ImageId: image, InstanceType: type, MinCount: String(count), MaxCount: String(count),
        ...named("SecurityGroupId", groups),
    };
    if (subnet) {
        options.push(["subnet-id", subnet]);
        parameters.SubnetId = subnet;
    }
    if (groups.length > 0) options.push(["security-group-ids", groups]);
    if (name) {
        const tags = JSON.stringify([{ ResourceType: "instance", Tags: [{ Key: "Name", Value: name }] }]);
        options.push(["tag-specifications", tags]);
        parameters["TagSpecification.1.ResourceType"] = "instance";
        parameters["TagSpecification.1.Tag.1.Key"] = "Name";
        parameters["TagSpecification.1.Tag.1.Value"] = name;
    }
    return change(place, "run-instances", options, parameters);
}

export interface Permission {
    group: string;
    egress: boolean;
    protocol: string;
    from: string;
    to: string;
    /** A group's id, or a CIDR block. */
    peer: string;
}

export function authorize(place: Place, { group, egress, protocol, from, to, peer }: Permission): Command {
    const isGroup = peer.startsWith("sg-");
    const ports = from === "" ? {} : { FromPort: Number(from), ToPort: Number(to || from) };
    const ends = isGroup ? { UserIdGroupPairs: [{ GroupId: peer }] } : { IpRanges: [{ CidrIp: peer }] };
    const permission = JSON.stringify([{ IpProtocol: protocol, ...ports, ...ends }]);
    const parameters: Record<string, string> = { GroupId: group, "IpPermissions.1.IpProtocol": protocol };
    for (const [name, port] of Object.entries(ports)) parameters[`IpPermissions.1.${name}`] = String(port);
    parameters[isGroup ? "IpPermissions.1.Groups.1.GroupId" : "IpPermissions.1.IpRanges.1.CidrIp"] = peer;
    const options: Options = [["group-id", group], ["ip-permissions", permission]];
    return change(place, `authorize-security-group-${direction(egress)}`, options, parameters);
}

export function revoke(place: Place, group: string, egress: boolean, rule: string): Command {
    const options: Options = [["group-id", group], ["security-group-rule-ids", [rule]]];
    const parameters = { GroupId: group, ...named("SecurityGroupRuleId", [rule]) };
    return change(place, `revoke-security-group-${direction(egress)}`, options, parameters);
}

const direction = (egress: boolean) => (egress ? "egress" : "ingress");

/** Calls an action. An error has the API's message. */
async function call({ account, region }: Place, action: string, parameters: Record<string, string>): Promise<void> {
    const body = new URLSearchParams({ Action: action, Version: "2016-11-15", ...parameters }).toString();
    const headers = { "content-type": "application/x-www-form-urlencoded", ...(await callHeaders(account, region, body)) };
    const response = await fetch("/", { method: "POST", headers, body });
    if (response.ok) return;
    const answer = new DOMParser().parseFromString(await response.text(), "text/xml");
    const word = (tag: string) => answer.querySelector(tag)?.textContent;
    throw new Error(word("Message") ?? word("Code") ?? `${response.status} ${response.statusText}`);
}

/** The tag that impairs an instance's network. */
const IMPAIR_TAG = "classiclink:impair";

/** Impairs an instance's network as `words` say. Without words it restores the network. */
export function impairInstance(place: Place, instance: string, words: string): Command {
    if (!words) {
        const parameters = { "ResourceId.1": instance, "Tag.1.Key": IMPAIR_TAG };
        return change(place, "delete-tags", [["resources", instance], ["tags", `Key=${IMPAIR_TAG}`]], parameters);
    }
    const parameters = { "ResourceId.1": instance, "Tag.1.Key": IMPAIR_TAG, "Tag.1.Value": words };
    const tags = JSON.stringify([{ Key: IMPAIR_TAG, Value: words }]);
    return change(place, "create-tags", [["resources", instance], ["tags", tags]], parameters);
}

/** Impairs or restores the network of a host that is no instance. */
export function impairHost(host: string, words: string): Command {
    const line = classiclink("impair", [host, words || "off"]);
    return { line, run: () => send("POST", "impair", { host, what: words || null }) };
}

export interface NewHost {
    name: string;
    address: string;
    site: string | null;
}

export function addHost(host: NewHost): Command {
    const site = host.site ? ["--site", host.site] : [];
    const line = classiclink("host add", [host.name], "--address", host.address, ...site);
    return { line, run: () => send("POST", "hosts", host) };
}

export function removeHost(name: string): Command {
    return { line: classiclink("host remove", [name]), run: () => send("DELETE", `hosts/${encodeURIComponent(name)}`) };
}

export function record(seconds: string): Command {
    const line = classiclink("record", [], "-o", "network.recording", "--seconds", `${seconds}s`);
    return { line, run: () => send("POST", "recording", { seconds: Number(seconds) }) };
}
