// The input and the output of views.

import type { Child } from "./dom";
import type { Change, Drop, Line, Moment } from "./live";
import type { Network } from "./network";

/** The last moment, and the newest drops and changes. */
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
    /** The address's part behind the view's name. */
    argument: string;
    query: URLSearchParams;
    /** Loads the network again, and renews the view. */
    refresh: () => void;
    /** Shows a moment of a recording on the map while this view is open. */
    stage: (scene: Stage) => void;
}

/** A moment of a recording. */
export interface Stage {
    network: Network;
    /** A packet's path: the things that each step names. */
    steps: string[][];
    works: boolean;
    /** The host at which the packet was dropped, and the reason. */
    drop: { host: string; reason: string } | null;
}

export interface View {
    title: string;
    content: Child[];
    /** The things that the map marks. */
    ids?: string[];
    /** A packet's path on the map, and whether the packet arrives. */
    way?: { steps: string[][]; works: boolean };
    /** Whether the map shows the view's moment of a recording instead of the present. */
    staged?: boolean;
    /** Whether the view needs half of the window, for tables of many columns. */
    isWide?: boolean;
    /** The only things that the map does not dim. */
    found?: string[];
    /** The part below the content, which is renewed with each moment. */
    live?: () => Child[];
}
