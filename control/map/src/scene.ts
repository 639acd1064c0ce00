// The contents of the map: boxes with cells, inside frames, and lines between boxes.

/** A host in a box, or a host's foot: its second cell, in a VPC or a subnet that it is linked to. */
export interface Cell {
    /** The key, which is unique on the map. */
    key: string;
    /** The host whose view it opens. */
    host: string;
    title: string;
    note: string;
    state: string;
    /** The key of the host's own cell, if this one is a foot. */
    foot?: string;
}

export type BoxKind = "outside" | "classic" | "subnet" | "links" | "gateway" | "vpc";

export interface Box {
    key: string;
    kind: BoxKind;
    frame: string | null;
    title: string;
    note: string;
    /** The address of the box's view. */
    href: string;
    cells: Cell[];
    /** Whether a count is shown instead of the cells. */
    folded: boolean;
    /** The keys of the boxes that a folded frame's box replaces. */
    holds: string[];
}

export interface Frame {
    key: string;
    kind: "region" | "account" | "vpc" | "zone";
    frame: string | null;
    title: string;
    href: string | null;
}

/** A line between two boxes. The kind `foot` joins the two cells of an instance with a link or a further interface. */
export interface Line {
    from: string;
    to: string;
    kind: "way" | "peering" | "foot";
    note: string;
}

export interface Scene {
    frames: Frame[];
    boxes: Box[];
    lines: Line[];
}

/** Lines without repetitions. */
export function unique(lines: Line[]): Line[] {
    return [...new Map(lines.map((line) => [`${line.from} ${line.to} ${line.kind}`, line])).values()];
}
