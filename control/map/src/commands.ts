// Command lines that do the same as the page. They can be pasted into a shell.

import { theKey } from "./key";
import type { Identity } from "./network";

/** The account and the Region of a command. */
export type Place = Pick<Identity, "account" | "region">;

/** The state directory to name in command lines. `null` if `classiclink` finds it without. */
let state: string | null = null;

export function useState(directory: string | null): void {
    state = directory;
}

/** A command line of `classiclink` for this system: a verb, what it is about, and its options. */
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

/** A command line of the AWS client for this endpoint. */
export function aws({ account, region }: Place, ...words: string[]): string {
    // If signatures are not checked, the key id is the account, and the client needs any secret.
    const who = theKey() ? "" : `AWS_ACCESS_KEY_ID=${account} AWS_SECRET_ACCESS_KEY=any `;
    return who + line("aws", "--endpoint-url", location.origin, "--region", region, ...words);
}

/** A command line that fetches a file from the endpoint. */
export function curl(path: string, ...options: string[]): string {
    const key = theKey();
    const who = key ? ' --aws-sigv4 aws:amz:us-east-1:ec2 --user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY"' : "";
    const session = key?.token ? ' -H "x-amz-security-token: $AWS_SESSION_TOKEN"' : "";
    return `curl -s${who}${session} ${line(...options, `${location.origin}/_map/${path}`)}`;
}

/** Words as a line of a shell. */
export function line(...words: string[]): string {
    return words.map(quoted).join(" ");
}

function quoted(word: string): string {
    if (/^[\w@%+=:,./-]+$/.test(word)) return word;
    // A terminal would obey control characters in a hostile name.
    const shown = word.replace(/\p{Cc}/gu, "\u{fffd}");
    return `'${shown.replaceAll("'", "'\\''")}'`;
}
