// Where boxes and lines go: dagre lays out the boxes in their frames; cells stand in rows in their box.

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

export interface Plan extends Rectangle {
    frames: Map<string, Rectangle>;
    boxes: Map<string, Rectangle>;
    cells: Map<string, Rectangle>;
    /** In the order of the scene's lines. */
    lines: Point[][];
}

export function layout(scene: Scene): Plan {
    const graph = new graphlib.Graph({ compound: true, multigraph: true });
    graph.setGraph({ rankdir: "TB", nodesep: 28, ranksep: 44, marginx: 16, marginy: 16 });
    graph.setDefaultEdgeLabel(() => ({}));
    for (const frame of scene.frames) graph.setNode(frame.key, { label: frame.title, padding: 20 });
    for (const box of scene.boxes) graph.setNode(box.key, size(box));
    for (const one of [...scene.frames, ...scene.boxes]) if (one.frame !== null) graph.setParent(one.key, one.frame);
    // A frame without boxes has no place of its own: it is given an empty one.
    for (const frame of scene.frames) {
        if ((graph.children(frame.key) ?? []).length > 0) continue;
        graph.setNode(`in ${frame.key}`, { width: 160, height: 24 });
        graph.setParent(`in ${frame.key}`, frame.key);
    }
    for (const [one, other] of stacks(scene)) graph.setEdge(one, other, { weight: 0 }, "stack");
    scene.lines.forEach((line, index) => graph.setEdge(line.from, line.to, {}, String(index)));
    dagre(graph);

    const frames = new Map(scene.frames.map((frame) => [frame.key, withTitle(rectangle(graph.node(frame.key)), depth(scene, frame.key))]));
    const boxes = new Map(scene.boxes.map((box) => [box.key, rectangle(graph.node(box.key))]));
    const cells = new Map<string, Rectangle>();
    for (const box of scene.boxes) if (!box.folded) placeCells(box.cells, boxes.get(box.key)!, cells);
    const lines = scene.lines.map((line, index) => (graph.edge(line.from, line.to, String(index))?.points ?? []) as Point[]);
    return { frames, boxes, cells, lines, ...bounds([...frames.values(), ...boxes.values()]) };
}

/** What shall stand below what, so that many alike make several rows rather than a long one. */
function stacks(scene: Scene): [string, string][] {
    const alike = new Map<string, string[]>();
    for (const { kind, frame, key } of scene.boxes) {
        if (kind !== "subnet" && kind !== "vpc") continue;
        alike.set(`${kind} ${frame}`, [...(alike.get(`${kind} ${frame}`) ?? []), key]);
    }
    return [...alike.values()].flatMap((keys) => {
        const across = keys.length <= 2 ? 2 : keys.length <= 4 ? 1 : Math.ceil(Math.sqrt(keys.length / 2));
        return keys.slice(across).map((key, index): [string, string] => [keys[index]!, key]);
    });
}

function rectangle(node: { x?: number; y?: number; width?: number; height?: number }): Rectangle {
    const { x = 0, y = 0, width = 0, height = 0 } = node;
    return { x: x - width / 2, y: y - height / 2, width, height };
}

/** How many frames lie inside one another from here inwards. */
function depth(scene: Scene, key: string): number {
    const inside = scene.frames.filter((frame) => frame.frame === key).map((frame) => depth(scene, frame.key));
    return 1 + Math.max(0, ...inside);
}

/** Room for the titles of a frame and of those in it. */
function withTitle({ x, y, width, height }: Rectangle, levels: number): Rectangle {
    const around = 6 * levels;
    const above = 24 * levels;
    return { x: x - around, y: y - above, width: width + 2 * around, height: height + above + around };
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
