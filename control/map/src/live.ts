// What is going on: moments, pushed by the endpoint. A stream that ends begins anew.

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

/** What passes between two hosts, both ways, a second. */
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
    /** Whether there is none, because that is wanted: `up --no-dataplane`. */
    on_paper: boolean;
    process: number | null;
    version: number | null;
    workers: number;
    flows: number;
    rates: Rate[];
    /** `null`: as they were told last. */
    lines: Line[] | null;
    hosts: { host: string; name: string | null; state: string; why: string | null }[];
    drops: Drop[];
    changes: Change[];
    /** How many there have been. */
    changed: number;
}

/** How long silence may last, in milliseconds: several moments. */
const SILENCE = 4000;
/** How long to wait before a stream that was refused is asked for again, in milliseconds. */
const PAUSE = 1000;

export interface Listener {
    moment(moment: Moment): void;
    /** Moments may have been missed: what is shown is to be looked up again. */
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
            // The browser would ask again for an address whose signature is no longer good.
            source?.close();
            clearTimeout(silence);
            setTimeout(() => void connect(), PAUSE);
        };
        waitAgain();
    };
    void connect();
}
