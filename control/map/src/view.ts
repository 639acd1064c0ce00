// What a view is given, and what it gives.

import type { Child } from "./dom";
import type { Change, Drop, Line, Moment } from "./live";
import type { Network } from "./network";

/** What has been heard since the page was opened, and what was asked for then. */
export interface Heard {
    moment: Moment | null;
    lines: Line[];
    /** Newest first. */
    drops: Drop[];
    /** Newest first. */
    changes: Change[];
}

export interface Context {
    network: Network;
    heard: Heard;
    /** What stands in the address behind the view's name. */
    argument: string;
    query: URLSearchParams;
    /** Looks at the network again, and shows this view again. */
    refresh: () => void;
    /** Shows something else than the present on the map, for as long as this view is open. */
    stage: (scene: Stage) => void;
}

/** What a recording shows. */
export interface Stage {
    network: Network;
    /** The way of a packet. */
    steps: string[][];
    works: boolean;
    /** Where a packet was dropped, and why. */
    drop: { host: string; reason: string } | null;
}

export interface View {
    title: string;
    content: Child[];
    /** What the map is to mark. */
    ids?: string[];
    /** The way of a packet on the map. */
    way?: { steps: string[][]; works: boolean };
    /** Whether the map shows what the view stages, and not the present. */
    staged?: boolean;
    /** Whether it has tables of many columns, which need half of the window. */
    isWide?: boolean;
    /** Only these stand out on the map. */
    found?: string[];
    /** What stands below the content and is made anew whenever something is heard. */
    live?: () => Child[];
}
