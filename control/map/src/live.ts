// The present, pushed by the endpoint as a stream of moments. A stream that ends is begun again.

import { urlOf } from "./endpoint";

export interface Rate {
    host: string;
    interface: string;
    sent_packets: number;
    sent_bits: number;
    received_packets: number;
    received_bits: number;
    dropped: number;
}

/** The traffic between two hosts in both directions, per second. */
export interface Line {
    from: string;
    from_link: boolean;
    to: string;
    to_link: boolean;
    flows: number;
    packets: number;
    bits: number;
}

export interface Packet {
    source: string;
    destination: string;
    protocol: number;
    source_port: number;
    destination_port: number;
}

export interface Drop {
    at: number;
    host: string;
    name: string | null;
    packet: Packet | null;
    reason: string;
    text: string;
}

export interface Change {
    number: number;
    at: number;
    kind: string;
    id: string;
    what: "added" | "changed" | "removed";
    state: string | null;
}

export interface Moment {
    at: number;
    dataplane: boolean;
    /** Whether the system runs without a dataplane (`up --no-dataplane`). */
    on_paper: boolean;
    process: number | null;
    version: number | null;
    workers: number;
    flows: number;
    rates: Rate[];
    /** `null` if they are the same as in the last moment that had them. */
    lines: Line[] | null;
    hosts: { host: string; name: string | null; state: string; why: string | null }[];
    drops: Drop[];
    changes: Change[];
    /** The number of all changes so far. */
    changed: number;
}

/** How long the stream may be silent, in milliseconds. Several moments fit. */
const SILENCE = 4000;
/** The pause before a stream is begun again, in milliseconds. */
const PAUSE = 1000;

export interface Listener {
    moment(moment: Moment): void;
    /** Moments may have been missed, so that the page must look again. */
    missed(): void;
    silent(): void;
}

export function listen(listener: Listener): void {
    let source: EventSource | null = null;
    let silence: ReturnType<typeof setTimeout>;
    const waitAgain = () => {
        clearTimeout(silence);
        silence = setTimeout(() => {
            listener.silent();
            source?.close();
            setTimeout(() => void connect(), PAUSE);
        }, SILENCE);
    };
    const connect = async () => {
        source = new EventSource(await urlOf("live"));
        source.onopen = () => listener.missed();
        source.addEventListener("lost", () => listener.missed());
        source.onmessage = (event) => {
            waitAgain();
            listener.moment(JSON.parse(event.data) as Moment);
        };
        source.onerror = () => {
            listener.silent();
            // The browser would repeat the request with a signature that has expired.
            source?.close();
            clearTimeout(silence);
            setTimeout(() => void connect(), PAUSE);
        };
        waitAgain();
    };
    void connect();
}
