// Changes, by the EC2 API as any client makes them, each with the command line that does the same.

import type { Identity } from "./network";

/** Where a change is made. */
export type Place = Pick<Identity, "account" | "region">;

/** An action of the API, with its parameters as the command line names them. */
export interface Change {
    place: Place;
    /** `run-instances`, say. */
    command: string;
    /** Options in order; lists are given as lists. */
    options: [string, string | string[]][];
    /** The action's name and parameters. */
    action: string;
    parameters: Record<string, string>;
}

const named = (name: string, values: string[]): Record<string, string> =>
    Object.fromEntries(values.map((value, index) => [`${name}.${index + 1}`, value]));

function change(place: Place, command: string, options: Change["options"], parameters: Record<string, string>): Change {
    const action = command.split("-").map((word) => word[0]!.toUpperCase() + word.slice(1)).join("");
    return { place, command, options, action, parameters };
}

export function switchInstances(verb: "start" | "stop" | "terminate", place: Place, ids: string[]): Change {
    return change(place, `${verb}-instances`, [["instance-ids", ids]], named("InstanceId", ids));
}

export function link(place: Place, instance: string, vpc: string, groups: string[]): Change {
    const options: Change["options"] = [["instance-id", instance], ["vpc-id", vpc], ["groups", groups]];
    const parameters = { InstanceId: instance, VpcId: vpc, ...named("SecurityGroupId", groups) };
    return change(place, "attach-classic-link-vpc", options, parameters);
}

export function unlink(place: Place, instance: string, vpc: string): Change {
    const options: Change["options"] = [["instance-id", instance], ["vpc-id", vpc]];
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

export function launch(place: Place, { name, image, type, count, subnet, groups }: Launch): Change {
    const options: Change["options"] = [["image-id", image], ["instance-type", type], ["count", String(count)]];
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
    /** A group's id, or a block. */
    peer: string;
}

export function authorize(place: Place, { group, egress, protocol, from, to, peer }: Permission): Change {
    const isGroup = peer.startsWith("sg-");
    const ports = from === "" ? {} : { FromPort: Number(from), ToPort: Number(to || from) };
    const ends = isGroup ? { UserIdGroupPairs: [{ GroupId: peer }] } : { IpRanges: [{ CidrIp: peer }] };
    const permission = JSON.stringify([{ IpProtocol: protocol, ...ports, ...ends }]);
    const parameters: Record<string, string> = { GroupId: group, "IpPermissions.1.IpProtocol": protocol };
    for (const [name, port] of Object.entries(ports)) parameters[`IpPermissions.1.${name}`] = String(port);
    parameters[isGroup ? "IpPermissions.1.Groups.1.GroupId" : "IpPermissions.1.IpRanges.1.CidrIp"] = peer;
    const options: Change["options"] = [["group-id", group], ["ip-permissions", permission]];
    return change(place, `authorize-security-group-${direction(egress)}`, options, parameters);
}

export function revoke(place: Place, group: string, egress: boolean, rule: string): Change {
    const options: Change["options"] = [["group-id", group], ["security-group-rule-ids", [rule]]];
    const parameters = { GroupId: group, ...named("SecurityGroupRuleId", [rule]) };
    return change(place, `revoke-security-group-${direction(egress)}`, options, parameters);
}

const direction = (egress: boolean) => (egress ? "egress" : "ingress");

/** The command line that makes a change. */
export function commandLine({ place, command, options }: Change): string {
    const words = options.flatMap(([name, value]) => [`--${name}`, ...[value].flat().map(quoted)]);
    const client = `AWS_ACCESS_KEY_ID=${place.account} aws --endpoint-url ${location.origin} --region ${place.region}`;
    return [client, "ec2", command, ...words].join(" ");
}

export function quoted(word: string): string {
    return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** Makes a change. An error has the words of the API. */
export async function make({ place, action, parameters }: Change): Promise<void> {
    const response = await fetch("/", {
        method: "POST",
        headers: {
            "content-type": "application/x-www-form-urlencoded",
            // Says who asks and where; nothing is signed.
            authorization: `AWS4-HMAC-SHA256 Credential=${place.account}/20150101/${place.region}/ec2/aws4_request`,
        },
        body: new URLSearchParams({ Action: action, Version: "2016-11-15", ...parameters }),
    });
    if (response.ok) return;
    const answer = new DOMParser().parseFromString(await response.text(), "text/xml");
    const word = (tag: string) => answer.querySelector(tag)?.textContent;
    throw new Error(word("Message") ?? word("Code") ?? `${response.status} ${response.statusText}`);
}
