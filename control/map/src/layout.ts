// The places of boxes and lines. dagre lays out the contents of each frame, the innermost first. Cells are in rows in their box.

import { graphlib, layout as dagre } from "@dagrejs/dagre";
import type { Box, Cell, Scene } from "./scene";

export const CELL = { width: 132, height: 42, gap: 8 };
const PADDING = 10;
export const TITLE = 40;

export interface Rectangle {
    x: number;
    y: number;
    width: number;
    height: number;
}

export interface Point {
    x: number;
    y: number;
}

/** The places of frames, boxes and lines. */
interface Places {
    frames: Map<string, Rectangle>;
    boxes: Map<string, Rectangle>;
    /** The points of lines, by their index in the scene. */
    lines: Map<number, Point[]>;
}

export interface Plan extends Rectangle, Places {
    cells: Map<string, Rectangle>;
}

/** The contents of a frame, or of the whole scene, placed from its upper left corner. */
interface Block extends Places {
    width: number;
    height: number;
}

/** The height of a frame's title. */
export const HEADING = 28;
/** The margin along the other edges of a frame. */
const EDGE = 10;
/** The best ratio of a block's width to its height. */
const ASPECT = 1.3;
/** The kinds of frames and boxes that are stacked in several rows if there are many. */
const STACKED = new Set<string>(["region", "account", "vpc", "zone", "subnet"]);
/** The lengths of rows to try, by the number of things of one kind. */
const ROWS: ((many: number) => number)[] = [(many) => many, (many) => Math.sqrt(many), (many) => Math.sqrt(many / 2), () => 1];

export function layout(scene: Scene): Plan {
    const { frames, boxes, lines } = block(scene, null);
    const cells = new Map<string, Rectangle>();
    for (const box of scene.boxes) if (!box.folded) placeCells(box.cells, boxes.get(box.key)!, cells);
    scene.lines.forEach(({ from, to }, index) => {
        if (!lines.has(index)) lines.set(index, straight(boxes.get(from), boxes.get(to)));
    });
    return { frames, boxes, cells, lines, ...bounds([...frames.values(), ...boxes.values()]) };
}

/** Lays out the direct contents of a frame. A frame among them counts as one thing. */
function block(scene: Scene, frame: string | null): Block {
    const inside = new Map(scene.frames.filter((one) => one.frame === frame).map((one) => [one.key, block(scene, one.key)]));
    const arranged = arrangements(scene, frame, inside);
    const room = ({ width, height }: Block) => Math.max(width, height * ASPECT);
    return arranged.reduce((best, other) => (room(other) < room(best) ? other : best));
}

/** The layouts for each length of rows. */
function arrangements(scene: Scene, frame: string | null, inside: Map<string, Block>): Block[] {
    const alike = new Map<string, string[]>();
    for (const { kind, frame: holder, key } of [...scene.frames, ...scene.boxes]) {
        if (holder === frame && STACKED.has(kind)) alike.set(kind, [...(alike.get(kind) ?? []), key]);
    }
    const stacks = ROWS.map((row) => [...alike.values()].flatMap((keys) => stacked(keys, Math.ceil(row(keys.length)))));
    const different = new Map(stacks.map((stack) => [stack.join(), stack]));
    return [...different.values()].map((stack) => arrange(scene, frame, inside, stack));
}

/** Pairs of keys, the second below the first, so that `across` are in a row. */
function stacked(keys: string[], across: number): [string, string][] {
    return keys.slice(across).map((key, index): [string, string] => [keys[index]!, key]);
}

function arrange(scene: Scene, frame: string | null, inside: Map<string, Block>, stacks: [string, string][]): Block {
    const graph = new graphlib.Graph({ multigraph: true });
    graph.setGraph({ rankdir: "TB", nodesep: 28, ranksep: 44, marginx: EDGE, marginy: EDGE });
    graph.setDefaultEdgeLabel(() => ({}));
    const own = scene.boxes.filter((box) => box.frame === frame);
    for (const [key, { width, height }] of inside) graph.setNode(key, { width: width + 2 * EDGE, height: height + HEADING + EDGE });
    for (const box of own) graph.setNode(box.key, size(box));
    // An empty frame has room for its title.
    if (graph.nodeCount() === 0) return { width: 280, height: 24, frames: new Map(), boxes: new Map(), lines: new Map() };
    for (const [one, other] of stacks) graph.setEdge(one, other, { weight: 0 }, "stack");
    const holders = new Map(own.map((box) => [box.key, box.key]));
    for (const [key, { boxes }] of inside) for (const box of boxes.keys()) holders.set(box, key);
    scene.lines.forEach((line, index) => {
        const [from, to] = [holders.get(line.from), holders.get(line.to)];
        if (from && to && from !== to) graph.setEdge(from, to, {}, String(index));
    });
    dagre(graph);

    const { width = 0, height = 0 } = graph.graph();
    const made: Block = { width, height, frames: new Map(), boxes: new Map(), lines: new Map() };
    for (const box of own) made.boxes.set(box.key, rectangle(graph.node(box.key)));
    for (const [key, one] of inside) {
        const place = rectangle(graph.node(key));
        made.frames.set(key, place);
        putInto(made, one, { x: place.x + EDGE, y: place.y + HEADING });
    }
    scene.lines.forEach(({ from, to }, index) => {
        const points = graph.hasEdge(from, to, String(index)) && graph.edge(from, to, String(index)).points;
        if (points) made.lines.set(index, points);
    });
    return made;
}

/** Adds a block's contents at the block's place. */
function putInto(whole: Places, { frames, boxes, lines }: Block, at: Point): void {
    const moved = <T extends Point>(one: T): T => ({ ...one, x: one.x + at.x, y: one.y + at.y });
    for (const [key, one] of frames) whole.frames.set(key, moved(one));
    for (const [key, one] of boxes) whole.boxes.set(key, moved(one));
    for (const [index, points] of lines) whole.lines.set(index, points.map(moved));
}

/** A straight line between boxes in different frames. */
function straight(one?: Rectangle, other?: Rectangle): Point[] {
    if (!one || !other) return [];
    const [above, below] = one.y < other.y ? [one, other] : [other, one];
    return [{ x: centre(above).x, y: above.y + above.height }, { x: centre(below).x, y: below.y }];
}

function rectangle(node: { x?: number; y?: number; width?: number; height?: number }): Rectangle {
    const { x = 0, y = 0, width = 0, height = 0 } = node;
    return { x: x - width / 2, y: y - height / 2, width, height };
}

function columns(cells: number): number {
    return cells <= 3 ? Math.max(1, cells) : Math.min(16, Math.ceil(Math.sqrt(cells * 1.3)));
}

function size(box: Box): { width: number; height: number } {
    const least = box.kind === "gateway" ? Math.min(240, Math.max(150, 16 + box.note.length * 6.4)) : 190;
    if (box.folded) return { width: 220, height: TITLE + 46 };
    if (box.cells.length === 0) return { width: least, height: TITLE + 6 };
    const [across, down] = [columns(box.cells.length), Math.ceil(box.cells.length / columns(box.cells.length))];
    return {
        width: Math.max(least, across * (CELL.width + CELL.gap) - CELL.gap + 2 * PADDING),
        height: TITLE + down * (CELL.height + CELL.gap) - CELL.gap + PADDING,
    };
}

function placeCells(cells: Cell[], box: Rectangle, places: Map<string, Rectangle>) {
    const across = columns(cells.length);
    cells.forEach((cell, index) => {
        const x = box.x + PADDING + (index % across) * (CELL.width + CELL.gap);
        const y = box.y + TITLE + Math.floor(index / across) * (CELL.height + CELL.gap);
        places.set(cell.key, { x, y, width: CELL.width, height: CELL.height });
    });
}

function bounds(all: Rectangle[]): Rectangle {
    if (all.length === 0) return { x: 0, y: 0, width: 400, height: 300 };
    const [x, y] = [Math.min(...all.map((one) => one.x)), Math.min(...all.map((one) => one.y))];
    const right = Math.max(...all.map((one) => one.x + one.width));
    const bottom = Math.max(...all.map((one) => one.y + one.height));
    return { x: x - 12, y: y - 12, width: right - x + 24, height: bottom - y + 24 };
}

export function centre({ x, y, width, height }: Rectangle): Point {
    return { x: x + width / 2, y: y + height / 2 };
}
