// The scene with its large boxes and frames folded. Folded boxes show counts.

import { inFull } from "./full-scene";
import type { Network } from "./network";
import { unique, type Box, type Frame, type Scene } from "./scene";

/** The greatest number of cells in a box that is not folded. */
const CELLS = 24;
/** The greatest number of boxes before several VPCs are folded. */
const BOXES = 32;

/** The boxes that the viewer has folded (`true`) or unfolded, by key. */
export type Folds = Map<string, boolean>;

/** The scene of a network. Large boxes are folded, unless everything is `unfolded` or the viewer has chosen otherwise. */
export function scene(network: Network, folds: Folds, unfolded: boolean): Scene {
    const open = inFull(network);
    const crowded = open.boxes.length > BOXES && network.all.vpcs.length > 1 && !unfolded;
    for (const box of open.boxes) box.folded = folds.get(box.key) ?? (box.cells.length > CELLS && !unfolded);
    const folded = open.frames.filter((frame) => frame.kind === "vpc" && (folds.get(frame.key) ?? crowded));
    return folded.reduce(foldFrame, open);
}

/** Replaces a frame and its contents by one box. */
function foldFrame(scene: Scene, frame: Frame): Scene {
    const inside = new Set([frame.key]);
    for (const other of scene.frames) if (other.frame !== null && inside.has(other.frame)) inside.add(other.key);
    const gone = scene.boxes.filter((box) => box.frame !== null && inside.has(box.frame));
    const cells = gone.filter((box) => box.kind !== "links").flatMap((box) => box.cells);
    const box: Box = {
        key: frame.key, kind: "vpc", frame: frame.frame, title: frame.title, note: "", href: frame.href ?? "#/", cells,
        folded: true, holds: gone.map((one) => one.key),
    };
    const keys = new Set(gone.map((one) => one.key));
    const end = (key: string) => (keys.has(key) ? frame.key : key);
    const lines = scene.lines.map((line) => ({ ...line, from: end(line.from), to: end(line.to) }));
    return {
        frames: scene.frames.filter((other) => !inside.has(other.key)),
        boxes: [...scene.boxes.filter((other) => !keys.has(other.key)), box],
        lines: unique(lines.filter((line) => line.from !== line.to)),
    };
}
