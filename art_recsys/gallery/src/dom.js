/* Elements and their texts. Texts come from catalogues and visitors and are untrusted: they become text nodes, never markup. */

/**
 * An HTML element. Properties that begin with `on` are listeners, `vars` are custom properties; null and false are left out.
 * @param {string} tag
 * @param {Record<string, any>} [properties]
 * @param {...any} children nodes, strings, or lists of them; null and "" are left out
 * @returns {any} the element
 */
export function make(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "vars") for (const [key, v] of Object.entries(value)) node.style.setProperty(key, v);
    else if (name === "style") node.style.cssText = value; // the page's policy refuses the attribute
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== ""));
  return node;
}

/**
 * An SVG element.
 * @param {string} tag
 * @param {Record<string, any>} [attributes]
 * @param {...(Node | string)} children
 */
export function svg(tag, attributes = {}, ...children) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "style") node.style.cssText = String(value);
    else node.setAttribute(name, String(value));
  }
  node.append(...children);
  return node;
}

const ICONS = {
  heart: "M12 20.3S3.6 15.3 3.6 9.2A4.6 4.6 0 0 1 12 6.7a4.6 4.6 0 0 1 8.4 2.5c0 6.1-8.4 11.1-8.4 11.1z",
  hide: "M4 4l16 16M9.9 5.2A10 10 0 0 1 12 5c5.5 0 9 7 9 7a16 16 0 0 1-2.6 3.4M6.3 7A15 15 0 0 0 3 12s3.5 7 9 7a9 9 0 0 0 4.3-1.1",
  close: "M6 6l12 12M18 6L6 18",
  left: "M15 5l-7 7 7 7",
  right: "M9 5l7 7-7 7",
  moon: "M20 14.5A8.2 8.2 0 0 1 9.5 4a8.2 8.2 0 1 0 10.5 10.5z",
  plus: "M12 5v14M5 12h14",
  minus: "M5 12h14",
  whole: "M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5",
  link: "M10 14a4 4 0 0 0 6 .4l3-3a4.2 4.2 0 0 0-6-6l-1.4 1.4M14 10a4 4 0 0 0-6-.4l-3 3a4.2 4.2 0 0 0 6 6l1.4-1.4",
  room: "M4 5h16v14H4zM12 9v6M9 12h6",
  out: "M8 5H5v14h14v-3M13 5h6v6M19 5l-9 9",
};

/** @param {keyof typeof ICONS} name */
export function icon(name) {
  return svg("svg", { viewBox: "0 0 24 24", "aria-hidden": "true", class: "icon" }, svg("path", { d: ICONS[name] }));
}

/**
 * A button with a text, or with `children` in its place.
 * @param {string} label
 * @param {(event: any) => any} onclick
 * @param {Record<string, any>} [properties]
 * @param {...any} children
 */
export function button(label, onclick, properties = {}, ...children) {
  return make("button", { type: "button", onclick, ...properties }, ...(children.length ? children : [label]));
}

/**
 * A round button with an icon; its label is for screen readers and the tooltip.
 * @param {keyof typeof ICONS} name
 * @param {string} label
 * @param {(event: any) => any} onclick
 * @param {Record<string, any>} [properties]
 */
export function iconButton(name, label, onclick, properties = {}) {
  return button(label, onclick, { class: "round", "aria-label": label, title: label, ...properties }, icon(name));
}

/**
 * A number and its noun: `1 work`, `2 works`.
 * @param {number} n
 * @param {string} one
 * @param {string} [many]
 */
export function count(n, one, many = `${one}s`) {
  return `${n.toLocaleString("en")} ${n === 1 ? one : many}`;
}

/** A share: `38 %`, and `3.8 %` where it is small. @param {number} x @returns {string} */
export const percent = (x) => `${(100 * x).toFixed(Math.abs(x) < 0.1 ? 1 : 0)} %`;

/**
 * The URL if it is an http(s) address, else null; a catalogue may contain any text.
 * @param {any} value
 * @returns {string | null}
 */
export function webAddress(value) {
  try {
    const url = new URL(value);
    return ["http:", "https:"].includes(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}
