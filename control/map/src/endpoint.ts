// What is asked of the endpoint below `/_map`.

import { signedUrl } from "./key";

/** The endpoint wants a signature, or does not believe this one. */
export class SignInError extends Error {}

/** Where something is to be had, signed if that is needed. */
export function urlOf(path: string, method = "GET"): Promise<string> {
    const [name = "", query = ""] = path.split("?");
    return signedUrl(method, `/_map/${name}`, new URLSearchParams(query));
}

/** Asks for JSON. */
export function ask<T>(path: string): Promise<T> {
    return send<T>("GET", path);
}

/** After an answer, how many times as long as it took is rested before the same is asked again. */
const SPARING = 20;

/** Which look at the network this is. */
let look = 0;

interface Asked {
    look: number;
    isBegun: boolean;
    /** No other is asked before. */
    until: number;
    answer: Promise<unknown>;
}

const answers = new Map<string, Asked>();

/** The network has been looked at again: answers of before may be wrong. */
export function outdate(): void {
    look++;
}

/** Asks for what costs the endpoint something: once for each look at the network, and a twentieth of the time at most. */
export function askSparingly<T>(path: string): Promise<T> {
    const known = answers.get(path);
    // One that is still to be asked will be as new as it can be.
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

/** Has something done; what is sent is JSON, or a file. */
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

export function said(error: unknown): string {
    return error instanceof Error ? error.message : String(error);
}
