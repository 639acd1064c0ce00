// Traffic as lines between hosts. A wider line has a higher rate. Each line is a link to its connections.

import { svg } from "./dom";
import { rate } from "./figures";
import { centre, type Point, type Rectangle } from "./layout";
import type { Line } from "./live";

/** The greatest number of lines that have words. */
const WORDS = 40;
/** The greatest number of lines. Those with the lowest rates are left out. */
const MOST = 300;

/** The traffic between two places of the map. Hosts of a folded box have one place. */
interface Bundle {
    href: string;
    ends: [Rectangle, Rectangle];
    flows: number;
    packets: number;
    bits: number;
    names: string;
}

/** Draws lines. Existing elements are updated in place, so that they keep the focus. */
export function drawTraffic(group: SVGGElement, lines: Line[], placeOf: (host: string, link: boolean) => Rectangle | undefined, name: (host: string) => string): void {
    const bundles = bundled(lines, placeOf, name);
    const busiest = [...bundles].sort(([, a], [, b]) => b.bits - a.bits).slice(0, MOST);
    const wanted = new Map(busiest);
    for (const old of [...group.children]) if (!wanted.has(old.getAttribute("data-key") ?? "")) old.remove();
    const here = new Map([...group.children].map((one) => [one.getAttribute("data-key"), one]));
    for (const [ends, bundle] of wanted) {
        const element = here.get(ends) ?? group.appendChild(blank(ends));
        update(element, bundle, wanted.size <= WORDS);
    }
}

function bundled(lines: Line[], placeOf: (host: string, link: boolean) => Rectangle | undefined, name: (host: string) => string): Map<string, Bundle> {
    const bundles = new Map<string, Bundle>();
    for (const line of lines) {
        const [from, to] = [placeOf(line.from, line.from_link), placeOf(line.to, line.to_link)];
        if (!from || !to || from === to) continue;
        const ends = [from, to].map(({ x, y }) => `${x},${y}`).join(" ");
        const other = bundles.get(ends);
        if (other) {
            other.flows += line.flows;
            other.packets += line.packets;
            other.bits += line.bits;
            other.names = "several hosts";
            other.href = "#/flows";
        } else {
            const { flows, packets } = line;
            const href = `#/flows?${new URLSearchParams({ host: line.from, with: line.to })}`;
            bundles.set(ends, { href, ends: [from, to], flows, packets, bits: line.bits, names: `${name(line.from)} → ${name(line.to)}` });
        }
    }
    return bundles;
}

function blank(ends: string): SVGElement {
    return svg("a", { class: "flow", "data-key": ends, tabindex: -1 },
        svg("title"), svg("path", { class: "reach" }), svg("path", { class: "stream" }), svg("text", { "text-anchor": "middle" }));
}

function update(element: Element, { href, ends, flows, packets, bits, names }: Bundle, withWords: boolean): void {
    const words = rate(bits);
    const label = `${names}: ${words}, ${packets} packets/s, ${flows} ${flows === 1 ? "connection" : "connections"}`;
    const [d, middle] = curve(ends[0], ends[1]);
    const [title, reach, stream, text] = element.children as unknown as [Element, Element, Element, Element];
    set(element, "href", href);
    set(element, "aria-label", label);
    if (title.textContent !== label) title.textContent = label;
    for (const path of [reach, stream]) set(path, "d", d);
    set(stream, "stroke-width", width(bits).toFixed(1));
    set(text, "x", String(middle.x));
    set(text, "y", String(middle.y));
    if (text.textContent !== (withWords ? words : "")) text.textContent = withWords ? words : "";
}

function set(element: Element, name: string, value: string): void {
    if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}

/** The width of a line: from 1.5 for the lowest rate to 8 for 10 Gbit/s. */
function width(rate: number): number {
    return Math.min(8, Math.max(1.5, Math.log10(Math.max(1, rate)) * 0.9 - 1));
}

/** A curve between the edges of two places, and the place of its words. It bends to the right, so that the directions differ. */
function curve(from: Rectangle, to: Rectangle): [string, Point] {
    const [one, other] = [centre(from), centre(to)];
    const [dx, dy] = [other.x - one.x, other.y - one.y];
    // The title of the box is above its first row of cells.
    const isRow = Math.abs(dy) < from.height;
    const goesUp = dx < 0 && !isRow;
    const edge = (place: Rectangle) => ({ x: centre(place).x, y: goesUp ? place.y : place.y + place.height });
    const [start, end] = [edge(from), edge(to)];
    // The curve between neighbours has room for words, too.
    const bow = Math.max(0.12, 40 / (Math.hypot(dx, dy) || 1));
    const sag = isRow ? Math.abs(dx) * (dx < 0 ? 2 : 1) : dx;
    const top = { x: (start.x + end.x) / 2 - dy * bow, y: (start.y + end.y) / 2 + sag * bow };
    const middle = { x: (start.x + 2 * top.x + end.x) / 4, y: (start.y + 2 * top.y + end.y) / 4 + (goesUp ? -5 : 14) };
    return [`M${start.x},${start.y} Q${top.x},${top.y} ${end.x},${end.y}`, middle];
}
