// Draws a scene as SVG. Every cell and box is a link to its view, so that keyboards and screen readers find it.

import { svg } from "./dom";
import { HEADING, layout, TITLE, type Plan, type Point, type Rectangle } from "./layout";
import type { Box, Cell, Frame, Scene } from "./scene";

/** A drawing, with its elements by key. */
export interface Drawing {
    root: SVGGElement;
    plan: Plan;
    /** The links of cells, boxes and frames, by key. */
    links: Map<string, SVGElement>;
    /** The keys of a host's cells, its own first. */
    ofHost: Map<string, string[]>;
    /** The folded box in which a cell or another box is, by its key. */
    holders: Map<string, string>;
    /** The group of the lines of traffic. */
    traffic: SVGGElement;
    /** The group of marks, above everything else. */
    marks: SVGGElement;
}

/** The distance of a leg's end from the right side of its cell. */
const LEG = 26;

type Fold = (key: string, folded: boolean) => void;

export function draw(scene: Scene, fold: Fold): Drawing {
    const drawing: Drawing = {
        root: svg("g", {}),
        plan: layout(scene),
        links: new Map(),
        ofHost: new Map(),
        holders: new Map(),
        traffic: svg("g", { role: "group", "aria-label": "Traffic" }),
        marks: svg("g", { class: "marks", "aria-hidden": "true" }),
    };
    const frames = svg("g", {}, ...scene.frames.map((frame) => drawFrame(frame, drawing, fold)));
    const lines = svg("g", {}, ...drawLines(scene, drawing.plan));
    const boxes = svg("g", {}, ...scene.boxes.map((box) => drawBox(box, drawing, fold)));
    const feet = scene.boxes.flatMap((box) => box.cells).filter((cell) => cell.foot);
    const legs = svg("g", {}, ...feet.flatMap((cell) => leg(cell, drawing.plan)));
    drawing.root.append(frames, lines, boxes, legs, drawing.traffic, drawing.marks);
    return drawing;
}

function drawFrame({ key, kind, title, href }: Frame, { plan, links }: Drawing, fold: Fold): SVGElement {
    const place = plan.frames.get(key)!;
    const words = svg("text", { x: place.x + 10, y: place.y + 17 }, clip(title, place.width / 7));
    const named = href ? link(key, href, title, strip(place, HEADING), words) : words;
    if (href) links.set(key, named);
    const toggle = kind === "vpc" && foldButton(key, corner(place), `Fold ${title}`, "−", () => fold(key, true));
    return svg("g", { class: `frame ${kind}` }, rect(place, 10), named, toggle);
}

/** The lines between boxes. Every leg between two cells is drawn elsewhere. The legs of a folded box are one line. */
function drawLines(scene: Scene, plan: Plan): SVGElement[] {
    const folded = new Set(scene.boxes.filter((box) => box.folded).map((box) => box.key));
    return scene.lines.flatMap((line, index) => {
        const isTrunk = line.kind === "foot" && (folded.has(line.from) || folded.has(line.to));
        if (line.kind === "foot" && !isTrunk) return [];
        return [path(plan.lines.get(index) ?? [], isTrunk ? "leg" : `line ${line.kind}`)];
    });
}

function drawBox(box: Box, drawing: Drawing, fold: Fold): SVGElement {
    const { plan, links, holders } = drawing;
    const place = plan.boxes.get(box.key)!;
    const named = link(box.key, box.href, `${box.title} ${box.note}`, ...heading(box, place));
    links.set(box.key, named);
    for (const key of box.holds) {
        links.set(key, named);
        holders.set(key, box.key);
    }
    const group = svg("g", { class: `box ${box.kind}` }, rect(place, 8), named, ...(box.folded ? summary(box, place) : []));
    if (box.cells.length > 0) {
        const words = `${box.folded ? "Unfold" : "Fold"} ${box.title}`;
        group.append(foldButton(box.key, corner(place), words, box.folded ? "+" : "−", () => fold(box.key, !box.folded)));
    }
    for (const cell of box.cells) {
        noteHost(cell, drawing);
        const element = box.folded ? named : drawCell(cell, plan.cells.get(cell.key)!);
        links.set(cell.key, element);
        if (box.folded) holders.set(cell.key, box.key);
        else group.append(element);
    }
    return group;
}

function heading(box: Box, place: Rectangle): SVGElement[] {
    return [
        strip(place, TITLE),
        svg("text", { class: "title", x: place.x + 10, y: place.y + 17 }, clip(box.title, (place.width - 36) / 7.2)),
        svg("text", { class: "note", x: place.x + 10, y: place.y + 31 }, clip(box.note, place.width / 6.2)),
    ];
}

/** Adds a cell's key to those of its host, whose own cell comes first. */
function noteHost({ host, key, foot }: Cell, { ofHost }: Drawing): void {
    const keys = ofHost.get(host) ?? [];
    ofHost.set(host, foot ? [...keys, key] : [key, ...keys]);
}

/** The leg between a foot and its instance's own cell. It leaves the title of the foot's box free. */
function leg(cell: Cell, plan: Plan): SVGElement[] {
    const [foot, own] = [plan.cells.get(cell.key), plan.cells.get(cell.foot!)];
    if (!foot || !own) return [];
    const [down, up] = own.y < foot.y ? [own, foot] : [foot, own];
    const from = { x: down.x + down.width - LEG, y: down.y + down.height };
    const to = { x: up.x + up.width - LEG, y: up.y };
    const bend = Math.max(24, (to.y - from.y) / 2);
    const d = `M${from.x},${from.y} C${from.x},${from.y + bend} ${to.x},${to.y - bend} ${to.x},${to.y}`;
    return [svg("path", { class: "leg", d })];
}

function drawCell(cell: Cell, place: Rectangle): SVGElement {
    const label = `${cell.title}, ${cell.note}, ${cell.state}${cell.foot ? ", its second foot" : ""}`;
    const drawn = link(
        cell.key,
        `#/host/${encodeURIComponent(cell.host)}`,
        label,
        rect(place, cell.foot ? 16 : 5),
        svg("circle", { cx: place.x + 12, cy: place.y + 14, r: 4 }),
        svg("text", { class: "title", x: place.x + 22, y: place.y + 18 }, clip(cell.title, 15)),
        svg("text", { class: "note", x: place.x + 10, y: place.y + 34 }, clip(cell.note, 20)),
    );
    drawn.setAttribute("class", `cell ${cell.state}${cell.foot ? " foot" : ""}`);
    return drawn;
}

/** The texts of a folded box: how many hosts it has, by state. */
function summary(box: Box, place: Rectangle): SVGElement[] {
    const states = new Map<string, number>();
    for (const cell of box.cells) states.set(cell.state, (states.get(cell.state) ?? 0) + 1);
    const words = [...states].map(([state, count]) => `${count} ${state}`).join(" · ");
    const [x, y] = [place.x + 10, place.y + 54];
    const count = `${box.cells.length} ${box.cells.length === 1 ? "host" : "hosts"}`;
    return [
        svg("text", { class: "count", x, y }, count),
        svg("text", { class: "note", x, y: y + 18 }, clip(box.cells.length ? words : "", place.width / 6.2)),
    ];
}

/** A link with a key, by which it is found after the map is drawn again. */
function link(key: string, href: string, label: string, ...children: SVGElement[]): SVGAElement {
    return svg("a", { href, "aria-label": label, tabindex: -1, "data-key": key }, svg("title", {}, label), ...children);
}

function foldButton(key: string, { x, y }: Point, label: string, sign: string, press: () => void): SVGGElement {
    const pressed = (event: Event) => {
        if (event instanceof KeyboardEvent && event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        event.stopPropagation();
        press();
    };
    return svg(
        "g",
        { class: "fold", role: "button", tabindex: -1, "aria-label": label, "data-key": `fold ${key}`, click: pressed, keydown: pressed },
        svg("rect", { x: x - 22, y: y + 4, width: 18, height: 18, rx: 4 }),
        svg("text", { x: x - 13, y: y + 18, "text-anchor": "middle" }, sign),
    );
}

/** The area of a heading that can be pressed, wider than its words. */
const strip = (place: Rectangle, height: number) => svg("rect", { class: "strip", x: place.x, y: place.y, width: place.width, height, rx: 8 });
const corner = ({ x, y, width }: Rectangle): Point => ({ x: x + width, y });
const rect = ({ x, y, width, height }: Rectangle, rx: number) => svg("rect", { x, y, width, height, rx });

export function path(points: Point[], kind: string): SVGPathElement {
    return svg("path", { class: kind, d: points.map(({ x, y }, index) => `${index ? "L" : "M"}${x},${y}`).join(" ") });
}

function clip(text: string, length: number): string {
    const most = Math.max(4, Math.floor(length));
    const letters = [...text];
    return letters.length <= most ? text : `${letters.slice(0, most - 1).join("")}…`;
}
