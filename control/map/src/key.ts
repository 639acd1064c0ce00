// The viewer's access key, if requests must be signed. The tab keeps it until it is closed. The secret is never sent.

export interface Key {
    id: string;
    secret: string;
    /** The session's token. Empty without a session. */
    token: string;
}

const PLACE = "classiclink key";
const ALGORITHM = "AWS4-HMAC-SHA256";
/** How long a signed URL is valid, in seconds. */
const GOOD = 60;

let key: Key | null = restored();

export function theKey(): Key | null {
    return key;
}

/** Sets the key, or removes it. */
export function useKey(one: Key | null): void {
    key = one;
    if (one) sessionStorage.setItem(PLACE, JSON.stringify(one));
    else sessionStorage.removeItem(PLACE);
}

function restored(): Key | null {
    try {
        return JSON.parse(sessionStorage.getItem(PLACE) ?? "null") as Key | null;
    } catch {
        return null;
    }
}

/** A path and its query, signed if there is a key (AWS General Reference, "Signature Version 4 signing process"). */
export async function signedUrl(method: string, path: string, query: URLSearchParams): Promise<string> {
    const plain = query.size > 0 ? `${path}?${query}` : path;
    if (!key) return plain;
    const now = moment();
    const scope = scopeOf(now, "us-east-1");
    const all: [string, string][] = [
        ...query, ["X-Amz-Algorithm", ALGORITHM], ["X-Amz-Credential", `${key.id}/${scope}`], ["X-Amz-Date", now],
        ["X-Amz-Expires", String(GOOD)], ["X-Amz-SignedHeaders", "host"],
    ];
    if (key.token) all.push(["X-Amz-Security-Token", key.token]);
    const pairs = all.map(([name, value]): [string, string] => [encoded(name), encoded(value)]);
    const text = pairs.sort(([a, x], [b, y]) => compare(a, b) || compare(x, y)).map((pair) => pair.join("=")).join("&");
    const canonical = [method, path, text, `host:${location.host}`, "", "host", hex(await digest(""))].join("\n");
    return `${path}?${text}&X-Amz-Signature=${await signature(key, now, "us-east-1", canonical)}`;
}

/** The headers of a call of the API for an account and a Region, signed if there is a key. */
export async function callHeaders(account: string, region: string, body: string): Promise<Record<string, string>> {
    const now = moment();
    if (!key) return { authorization: `${ALGORITHM} Credential=${account}/${scopeOf(now, region)}` };
    const canonical = ["POST", "/", "", `host:${location.host}`, `x-amz-date:${now}`, "", "host;x-amz-date", hex(await digest(body))].join("\n");
    const value = await signature(key, now, region, canonical);
    const credential = `Credential=${key.id}/${scopeOf(now, region)}`;
    const headers = { authorization: `${ALGORITHM} ${credential}, SignedHeaders=host;x-amz-date, Signature=${value}`, "x-amz-date": now };
    return key.token ? { ...headers, "x-amz-security-token": key.token } : headers;
}

/** Now: `20150107T120000Z`. */
function moment(): string {
    return new Date().toISOString().replace(/[-:]|\.\d+/g, "");
}

function scopeOf(now: string, region: string): string {
    return `${now.slice(0, 8)}/${region}/ec2/aws4_request`;
}

async function signature(one: Key, now: string, region: string, canonical: string): Promise<string> {
    const text = [ALGORITHM, now, scopeOf(now, region), hex(await digest(canonical))].join("\n");
    let bytes: BufferSource = new TextEncoder().encode(`AWS4${one.secret}`);
    for (const part of scopeOf(now, region).split("/")) bytes = await mac(bytes, part);
    return hex(await mac(bytes, text));
}

async function mac(secret: BufferSource, text: string): Promise<ArrayBuffer> {
    const imported = await subtle().importKey("raw", secret, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
    return subtle().sign("HMAC", imported, new TextEncoder().encode(text));
}

function digest(text: string): Promise<ArrayBuffer> {
    return subtle().digest("SHA-256", new TextEncoder().encode(text));
}

/** The browser's cryptography, which exists only in secure contexts. */
function subtle(): SubtleCrypto {
    if (!crypto.subtle) throw new Error("This browser signs only on pages of this machine (127.0.0.1, localhost) or behind HTTPS.");
    return crypto.subtle;
}

function hex(bytes: ArrayBuffer): string {
    return [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** A text with all but RFC 3986's unreserved characters encoded. */
function encoded(text: string): string {
    return encodeURIComponent(text).replace(/[!'()*]/g, (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`);
}

function compare(a: string, b: string): number {
    return a < b ? -1 : a > b ? 1 : 0;
}
