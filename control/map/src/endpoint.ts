// Requests to the endpoint, below `/_map`.

import { signedUrl } from "./key";

/** The endpoint requires a signature, or rejects this one. */
export class SignInError extends Error {}

/** The URL of a path, signed if there is a key. */
export function urlOf(path: string, method = "GET"): Promise<string> {
    const [name = "", query = ""] = path.split("?");
    return signedUrl(method, `/_map/${name}`, new URLSearchParams(query));
}

/** Fetches JSON. */
export function ask<T>(path: string): Promise<T> {
    return send<T>("GET", path);
}

/** The pause before the same request, as a multiple of the time that the last answer took. */
const SPARING = 20;

/** The number of the page's last look at the network. */
let look = 0;

interface Asked {
    look: number;
    isBegun: boolean;
    /** The time before which the request is not repeated. */
    until: number;
    answer: Promise<unknown>;
}

const answers = new Map<string, Asked>();

/** Marks all answers as old, because the page has looked at the network again. */
export function outdate(): void {
    look++;
}

/** Fetches JSON that costs the endpoint much work: once for each look at the network, and at most a twentieth of the time. */
export function askSparingly<T>(path: string): Promise<T> {
    const known = answers.get(path);
    // A request that is not sent yet will get the newest answer.
    if (known && (known.look === look || !known.isBegun)) return known.answer as Promise<T>;
    const asked: Asked = { look, isBegun: false, until: 0, answer: Promise.resolve() };
    asked.answer = (async () => {
        await known?.answer.catch(() => null);
        await after((known?.until ?? 0) - performance.now());
        const start = performance.now();
        Object.assign(asked, { look, isBegun: true });
        try {
            return await ask<T>(path);
        } finally {
            asked.until = performance.now() + SPARING * (performance.now() - start);
        }
    })();
    answers.set(path, asked);
    return asked.answer as Promise<T>;
}

function after(milliseconds: number): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, Math.max(0, milliseconds)));
}

/** Sends a request with a body of JSON or a file. An error has the endpoint's message. */
export async function send<T>(method: string, path: string, body?: object | Blob): Promise<T> {
    const isFile = body instanceof Blob;
    const type = isFile ? "application/octet-stream" : "application/json";
    const response = await fetch(await urlOf(path, method), {
        method,
        ...(body ? { body: isFile ? body : JSON.stringify(body), headers: { "content-type": type } } : {}),
    });
    const answer = await read(response);
    if (response.ok) return answer as T;
    if (answer?.sign_in) throw new SignInError(answer.error);
    throw new Error(answer?.error ?? `${response.status} ${response.statusText}`);
}

async function read(response: Response): Promise<any> {
    try {
        return await response.json();
    } catch {
        return null;
    }
}

export function errorMessage(error: unknown): string {
    return error instanceof Error ? error.message : String(error);
}
