// The map on the screen: drawing, moving, zooming, marks, and the keyboard.

import { byId, svg } from "./dom";
import { draw, type Drawing } from "./draw";
import { bits } from "./figures";
import { centre, type Point, type Rectangle } from "./layout";
import type { Line, Rate } from "./live";
import type { Network } from "./network";
import { INTERNET } from "./full-scene";
import { scene, type Folds } from "./folding";
import { drawTraffic } from "./traffic";

/** How long a drop stays marked on the map, in milliseconds. */
const DROP_SHOWN = 8000;

export class NetworkMap {
    private readonly view = svg("svg", { role: "group", "aria-label": "The network", class: "view" });
    private readonly folds: Folds = new Map();
    private network: Network | null = null;
    private drawing: Drawing | null = null;
    private window: Rectangle = { x: 0, y: 0, width: 100, height: 100 };
    private fitted = true;
    private unfolded = false;
    private shown = { selected: [] as string[], steps: [] as string[][], works: true, found: null as Set<string> | null };
    private readonly dropTimers = new Map<string, ReturnType<typeof setTimeout>>();

    constructor(section: HTMLElement) {
        section.append(this.view);
        byId("closer").onclick = () => this.zoom(0.8);
        byId("farther").onclick = () => this.zoom(1.25);
        byId("fit").onclick = () => this.fit();
        byId("unfold").onclick = () => this.unfoldAll();
        new ResizeObserver(() => (this.fitted ? this.fit() : this.apply())).observe(section);
        this.moveByPointer();
        this.view.addEventListener("keydown", (event) => this.key(event));
        this.view.addEventListener("focusin", (event) => this.focused(event.target as SVGElement));
    }

    /** The lines of traffic. */
    private talk: Line[] = [];

    show(network: Network) {
        this.network = network;
        const focused = document.activeElement?.getAttribute("data-key");
        const made = draw(scene(network, this.folds, this.unfolded), (key, folded) => this.fold(key, folded));
        this.drawing = made;
        this.view.replaceChildren(made.root);
        const first = this.stops()[0];
        first?.setAttribute("tabindex", "0");
        if (this.fitted) this.fit();
        this.remark();
        this.lines(this.talk);
        if (focused) this.stops().find((one) => one.getAttribute("data-key") === focused)?.focus();
    }

    private fold(key: string, folded: boolean) {
        this.folds.set(key, folded);
        if (this.network) this.show(this.network);
    }

    private unfoldAll() {
        this.unfolded = !this.unfolded;
        this.folds.clear();
        const button = byId("unfold");
        button.textContent = this.unfolded ? "Fold" : "Unfold";
        button.title = this.unfolded ? "Show what is large as counts" : "Show every instance";
        if (this.network) this.show(this.network);
    }

    // Marks.

    /** Marks the things that a view is about, and scrolls to them. */
    select(ids: string[]) {
        this.shown.selected = ids;
        this.shown.steps = [];
        this.remark();
        const first = ids.map((id) => this.placeOf(id)).find((place) => place !== undefined);
        if (first) this.reveal(first);
    }

    /** Marks a packet's path: the things that each step names, in order. */
    way(steps: string[][], works: boolean) {
        this.shown.selected = [];
        this.shown.steps = steps;
        this.shown.works = works;
        this.remark();
    }

    /** Dims everything except these things. `null` dims nothing. */
    find(ids: string[] | null) {
        this.shown.found = ids && new Set(ids);
        this.remark();
    }

    rates(rates: Rate[], drops: { host: string; reason: string }[]) {
        const drawing = this.drawing;
        if (!drawing) return;
        const byHost = new Map<string, [number, number]>();
        for (const rate of rates) {
            const [sent, received] = byHost.get(rate.host) ?? [0, 0];
            byHost.set(rate.host, [sent + rate.sent_bits, received + rate.received_bits]);
        }
        for (const [host, keys] of drawing.ofHost) {
            const cell = drawing.links.get(keys[0]!);
            if (!cell?.classList.contains("cell")) continue;
            const rate = byHost.get(host);
            const note = cell.querySelector(".note")!;
            cell.classList.toggle("busy", rate !== undefined);
            note.setAttribute("data-address", note.getAttribute("data-address") ?? note.textContent ?? "");
            const words = rate ? `↑${bits(rate[0])} ↓${bits(rate[1])}` : note.getAttribute("data-address")!;
            if (note.textContent !== words) note.textContent = words;
        }
        for (const { host, reason } of drops) this.markDrop(host, reason);
    }

    /** Draws the lines of traffic. */
    lines(lines: Line[]) {
        this.talk = lines;
        const [drawing, network] = [this.drawing, this.network];
        if (!drawing || !network) return;
        const places = new Map<string, Rectangle | undefined>();
        const placeOf = (host: string, link: boolean) => {
            const key = link && drawing.links.has(`foot ${host}`) ? `foot ${host}` : host;
            if (!places.has(key)) places.set(key, this.placeOf(key));
            return places.get(key);
        };
        drawTraffic(drawing.traffic, lines, placeOf, (host) => network.label(host));
    }

    markDrop(host: string, reason: string) {
        const drawing = this.drawing;
        const place = this.placeOf(host);
        if (!drawing || !place) return;
        clearTimeout(this.dropTimers.get(host));
        for (const old of drawing.marks.querySelectorAll(".drop")) if (old.getAttribute("data-host") === host) old.remove();
        const { x, y, width } = place;
        const mark = svg("g", { class: "drop", "data-host": host },
            svg("rect", { x: x + 4, y: y - 9, width: Math.min(width - 8, reason.length * 6.4 + 18), height: 16, rx: 8 }),
            svg("text", { x: x + 12, y: y + 3 }, `✕ ${reason}`));
        drawing.marks.append(mark);
        this.dropTimers.set(host, setTimeout(() => mark.remove(), DROP_SHOWN));
    }

    forgetDrops() {
        for (const one of this.drawing?.marks.querySelectorAll(".drop") ?? []) one.remove();
    }

    private remark() {
        const drawing = this.drawing;
        if (!drawing) return;
        const { selected, steps, works, found } = this.shown;
        // Several hosts of a folded box are one element.
        const elements = (ids: Iterable<string>) =>
            new Set([...ids].flatMap((id) => this.keysOf(id)).map((key) => drawing.links.get(key)));
        const marked = elements(selected);
        const near = found && elements(found);
        for (const element of new Set(drawing.links.values())) {
            const isCell = element.classList.contains("cell");
            const isFound = near?.has(element) ?? false;
            element.classList.toggle("selected", marked.has(element) || (isFound && !isCell));
            element.classList.toggle("far", isCell && near !== null && !isFound);
        }
        for (const old of drawing.marks.querySelectorAll(".route, .end")) old.remove();
        const points = this.points(steps);
        if (points.length === 0) return;
        drawing.marks.append(svg("path", { class: works ? "route works" : "route stops", d: bowed(points) }));
        const end = points.at(-1)!;
        const sign = works ? "✓" : "✕";
        drawing.marks.append(svg("g", { class: works ? "end works" : "end stops" },
            svg("circle", { cx: end.x, cy: end.y, r: 11 }),
            svg("text", { x: end.x, y: end.y + 5, "text-anchor": "middle" }, sign)));
    }

    private points(steps: string[][]): Point[] {
        const points: Point[] = [];
        for (const id of steps.flat()) {
            const place = this.placeOf(id);
            const last = points.at(-1);
            if (!place) continue;
            // The point is beside the words.
            const next = { x: place.x + place.width - 16, y: centre(place).y };
            if (!last || last.x !== next.x || last.y !== next.y) points.push(next);
        }
        return points;
    }

    private keysOf(id: string): string[] {
        return this.drawing?.ofHost.get(id) ?? [id];
    }

    private placeOf(id: string): Rectangle | undefined {
        const drawing = this.drawing;
        if (!drawing) return undefined;
        for (const key of this.keysOf(id)) {
            const place = drawing.plan.cells.get(key) ?? drawing.plan.boxes.get(key);
            if (place) return place;
        }
        // A cell in a folded box has the place of the box.
        for (const key of this.keysOf(id)) {
            const holder = drawing.holders.get(key);
            if (holder) return drawing.plan.boxes.get(holder);
        }
        return id === INTERNET ? undefined : drawing.plan.frames.get(id);
    }

    // The window.

    private fit() {
        this.fitted = true;
        const plan = this.drawing?.plan;
        if (!plan) return;
        const [across, down] = [this.view.clientWidth || 800, this.view.clientHeight || 600];
        // The scale has a limit, so that a small network is not enlarged.
        const scale = Math.max(plan.width / across, plan.height / down, 0.7);
        const [width, height] = [across * scale, down * scale];
        this.window = { x: plan.x + (plan.width - width) / 2, y: plan.y + Math.min(0, (plan.height - height) / 2), width, height };
        this.apply();
    }

    private zoom(by: number, at: Point = centre(this.window)) {
        this.fitted = false;
        const { x, y, width, height } = this.window;
        if (by < 1 && width < 200) return;
        this.window = { x: at.x - (at.x - x) * by, y: at.y - (at.y - y) * by, width: width * by, height: height * by };
        this.apply();
    }

    private move(dx: number, dy: number) {
        this.fitted = false;
        this.window.x += dx;
        this.window.y += dy;
        this.apply();
    }

    private reveal(place: Rectangle) {
        const { x, y } = centre(place);
        const inside = x > this.window.x && x < this.window.x + this.window.width && y > this.window.y && y < this.window.y + this.window.height;
        const width = Math.min(this.window.width, 1400);
        const small = this.window.width > 2200;
        if (inside && !small) return;
        this.fitted = false;
        const height = (this.window.height * width) / this.window.width;
        this.window = { x: x - width / 2, y: y - height / 2, width, height };
        this.apply();
    }

    private apply() {
        const { x, y, width, height } = this.window;
        this.view.setAttribute("viewBox", `${x} ${y} ${width} ${height}`);
    }

    private scale(): number {
        return this.window.width / (this.view.clientWidth || 1);
    }

    private moveByPointer() {
        let from: Point | null = null;
        this.view.addEventListener("wheel", (event) => {
            event.preventDefault();
            const box = this.view.getBoundingClientRect();
            const at = {
                x: this.window.x + (event.clientX - box.left) * this.scale(),
                y: this.window.y + (event.clientY - box.top) * this.scale(),
            };
            this.zoom(event.deltaY > 0 ? 1.15 : 1 / 1.15, at);
        }, { passive: false });
        this.view.addEventListener("pointerdown", (event) => {
            if (!(event.target as Element).closest("a, .fold")) from = { x: event.clientX, y: event.clientY };
        });
        addEventListener("pointermove", (event) => {
            if (!from) return;
            this.move((from.x - event.clientX) * this.scale(), (from.y - event.clientY) * this.scale());
            from = { x: event.clientX, y: event.clientY };
        });
        addEventListener("pointerup", () => (from = null));
    }

    // Keys.

    /** The elements that the arrow keys move between. */
    private stops(): SVGElement[] {
        return [...this.view.querySelectorAll<SVGElement>("a, .fold")];
    }

    private focused(target: SVGElement) {
        for (const other of this.stops()) other.setAttribute("tabindex", other === target ? "0" : "-1");
        const seen = this.view.getBoundingClientRect();
        const box = target.getBoundingClientRect();
        if (box.left < seen.left || box.right > seen.right || box.top < seen.top || box.bottom > seen.bottom) {
            const key = [...(this.drawing?.links ?? [])].find(([, element]) => element === target)?.[0];
            const place = key ? this.placeOf(key) : undefined;
            if (place) this.move(centre(place).x - centre(this.window).x, centre(place).y - centre(this.window).y);
        }
    }

    private key(event: KeyboardEvent) {
        const directions: Record<string, Point> = {
            ArrowLeft: { x: -1, y: 0 }, ArrowRight: { x: 1, y: 0 }, ArrowUp: { x: 0, y: -1 }, ArrowDown: { x: 0, y: 1 },
        };
        const direction = directions[event.key];
        if (direction) {
            event.preventDefault();
            nearest(document.activeElement as SVGElement, this.stops(), direction)?.focus();
        } else if (event.key === "+") this.zoom(0.8);
        else if (event.key === "-") this.zoom(1.25);
        else if (event.key === "0") this.fit();
    }
}

/** A path through points in arcs, which leave the words between the points free. */
function bowed(points: Point[]): string {
    const [first, ...rest] = points;
    let [d, last] = [`M${first!.x},${first!.y}`, first!];
    for (const point of rest) {
        const [dx, dy] = [point.x - last.x, point.y - last.y];
        const bow = Math.min(0.25, 70 / (Math.hypot(dx, dy) || 1));
        const side = dx < 0 ? -1 : 1;
        d += ` Q${(last.x + point.x) / 2 - side * dy * bow},${(last.y + point.y) / 2 + side * dx * bow} ${point.x},${point.y}`;
        last = point;
    }
    return d;
}

/** The nearest element in a direction. Distance to the side counts twice. */
function nearest(from: SVGElement, all: SVGElement[], direction: Point): SVGElement | undefined {
    const at = (element: SVGElement) => {
        const { left, top, width, height } = element.getBoundingClientRect();
        return { x: left + width / 2, y: top + height / 2 };
    };
    const here = at(from);
    let best: SVGElement | undefined;
    let least = Infinity;
    for (const other of all) {
        if (other === from) continue;
        const there = at(other);
        const [dx, dy] = [there.x - here.x, there.y - here.y];
        const ahead = dx * direction.x + dy * direction.y;
        const aside = Math.abs(dx * direction.y) + Math.abs(dy * direction.x);
        const distance = ahead + 2 * aside;
        if (ahead > 2 && distance < least) [best, least] = [other, distance];
    }
    return best;
}
