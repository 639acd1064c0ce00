// Elements. Data of the cloud become text and attributes' values, never markup.

export type Child = Node | string | number | null | undefined | false;
type Attributes = Record<string, string | number | boolean | null | undefined | ((event: Event) => void)>;

const SVG = "http://www.w3.org/2000/svg";

export function html<K extends keyof HTMLElementTagNameMap>(
    tag: K,
    attributes: Attributes = {},
    ...children: Child[]
): HTMLElementTagNameMap[K] {
    return furnish(document.createElement(tag), attributes, children);
}

export function svg<K extends keyof SVGElementTagNameMap>(
    tag: K,
    attributes: Attributes = {},
    ...children: Child[]
): SVGElementTagNameMap[K] {
    return furnish(document.createElementNS(SVG, tag), attributes, children);
}

function furnish<T extends Element>(element: T, attributes: Attributes, children: Child[]): T {
    for (const [name, value] of Object.entries(attributes)) {
        if (typeof value === "function") element.addEventListener(name, value);
        else if (value === true) element.setAttribute(name, "");
        else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, String(value));
    }
    element.append(...nodes(children));
    return element;
}

/** The children without those that are absent. Numbers become text. */
export function nodes(children: Child[]): (Node | string)[] {
    const isThere = (child: Child) => child !== null && child !== undefined && child !== false;
    return children.filter(isThere).map((child) => (child instanceof Node ? child : String(child)));
}

/** The element of the document with an id. */
export function byId(id: string): HTMLElement {
    const element = document.getElementById(id);
    if (!element) throw new Error(`the page has no element ${id}`);
    return element;
}

/** Puts text on the clipboard. It also works without a secure context, as on another machine's page over HTTP. */
export async function copy(text: string): Promise<void> {
    if (navigator.clipboard) return navigator.clipboard.writeText(text);
    const area = html("textarea", { class: "offstage", "aria-hidden": "true" });
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
}
