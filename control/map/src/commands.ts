// Command lines that do the same as the page, to be pasted into a shell as they are.

import { theKey } from "./key";
import type { Identity } from "./network";

/** Whose a command is, and where. */
export type Place = Pick<Identity, "account" | "region">;

/** The state directory that `classiclink` is to be told of; none where it finds it by itself. */
let state: string | null = null;

export function useState(directory: string | null): void {
    state = directory;
}

/** A verb of `classiclink`, for this system: what it is about, and its options. */
export function classiclink(verb: string, about: string[] = [], ...options: string[]): string {
    const all = [...options, ...(state === null ? [] : ["--state", state])];
    // A name that begins with a hyphen would be taken for an option.
    const words = about.some((word) => word.startsWith("-")) ? [...all, "--", ...about] : [...about, ...all];
    return line("classiclink", ...verb.split(" "), ...words);
}

/** An option and its value, which may begin with a hyphen. */
export function option(name: string, value: string): string[] {
    return value.startsWith("-") ? [`${name}=${value}`] : [name, value];
}

/** A command of the AWS client, for this endpoint. */
export function aws({ account, region }: Place, ...words: string[]): string {
    // Where nobody looks at signatures the key says whose call it is, and the client only wants a secret to be there.
    const who = theKey() ? "" : `AWS_ACCESS_KEY_ID=${account} AWS_SECRET_ACCESS_KEY=any `;
    return who + line("aws", "--endpoint-url", location.origin, "--region", region, ...words);
}

/** A file of the endpoint's. */
export function curl(path: string, ...options: string[]): string {
    const key = theKey();
    const who = key ? ' --aws-sigv4 aws:amz:us-east-1:ec2 --user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY"' : "";
    const session = key?.token ? ' -H "x-amz-security-token: $AWS_SESSION_TOKEN"' : "";
    return `curl -s${who}${session} ${line(...options, `${location.origin}/_map/${path}`)}`;
}

/** A line of a shell. */
export function line(...words: string[]): string {
    return words.map(quoted).join(" ");
}

function quoted(word: string): string {
    if (/^[\w@%+=:,./-]+$/.test(word)) return word;
    // A terminal would obey control characters of a hostile name.
    const shown = word.replace(/\p{Cc}/gu, "\u{fffd}");
    return `'${shown.replaceAll("'", "'\\''")}'`;
}
