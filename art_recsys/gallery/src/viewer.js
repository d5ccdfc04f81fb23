/* The picture of a work on a stage: large, enlarged by wheel, fingers, keys and buttons, moved by dragging, and swiped to the next. */

import { iconButton, make } from "./dom.js";
import { pictureOf } from "./pictures.js";
import { dominantOf, pictureRatio } from "./works.js";
import { centre, held, mostOf, moved, pinched, REST, swipeOf, zoomed } from "./zoom.js";

/** @typedef {import("./types.js").Work} Work */
/** @typedef {import("./zoom.js").Point} Point */

const PAUSE_MS = 250; // Milliseconds until the large picture is asked for: who only steps through works asks for none
const STEP = 1.5; // of one key or button
const CLOSE = 2.5; // of a double click
const PAN = 90; // pixels, of an arrow key
const TAP = { ms: 300, far: 24 }; // two taps that are nearer to each other in time and place are one double tap
const REST_MS = 300; // Milliseconds after zooming out by wheel in which the wheel does not scroll the page

/** URL of the large picture of a work on our server, or null. @param {Work} work @param {string} base of pictures */
export function largeAddress(work, base) {
  if (!base.endsWith("pictures/") || !(work.picture || work.image_url)) return null;
  return `${base.slice(0, -"pictures/".length)}large/${encodeURIComponent(work.artwork_id)}`;
}

export class Viewer {
  /** @param {import("./gallery.js").Gallery} app @param {(step: number) => boolean} step opens the next (1) or previous (-1) work */
  constructor(app, step) {
    this.app = app;
    this.step = step;
    this.view = REST;
    /** @type {Map<number, Point>} */
    this.fingers = new Map();
    /** @type {(Point & { time: number }) | null} */
    this.start = null; // where a finger came down that may be about to swipe
    this.tapped = { x: 0, y: 0, time: 0 };
    this.stage = make("div", { class: "stage" });
    this.frame = make("div", { class: "frame" });
  }

  /** The stage with a work. @param {Work} work */
  show(work) {
    this.leave();
    this.frame = make("div", { class: "frame", vars: { "--ratio": pictureRatio(work).toFixed(4) } }, pictureOf(work, this.app.base, true));
    this.out = iconButton("minus", "Zoom out", () => this.by(1 / STEP), { disabled: true, title: "Zoom out (−)" });
    this.whole = iconButton("whole", "Show the whole picture", () => this.reset(), { disabled: true, title: "Show the whole picture (0)" });
    this.in = iconButton("plus", "Zoom in", () => this.by(STEP), { title: "Zoom in (+)" });
    this.stage = make("div", { class: "stage", onwheel: (/** @type {WheelEvent} */ e) => this.wheel(e), onpointerdown: (/** @type {PointerEvent} */ e) => this.down(e),
      onpointermove: (/** @type {PointerEvent} */ e) => this.drag(e), onpointerup: (/** @type {PointerEvent} */ e) => this.up(e),
      onpointercancel: (/** @type {PointerEvent} */ e) => this.up(e, true), ondragstart: (/** @type {Event} */ e) => e.preventDefault(),
      ondblclick: (/** @type {MouseEvent} */ e) => this.byMouse && !this.isButton(e) && this.double(this.point(e)) },
    this.frame, make("div", { class: "zoomer", role: "group", "aria-label": "Zoom" }, this.out, this.whole, this.in));
    const address = this.app.standalone ? largeAddress(work, this.app.base) : null;
    if (address) this.waiting = setTimeout(() => this.enlarge(address, this.frame), PAUSE_MS);
    return make("figure", { vars: { "--dominant": dominantOf(work) || "var(--bone)" } }, this.stage);
  }

  /** Put the large picture in the place of the small one, once it can be shown; without it the small one stays. @param {string} address @param {HTMLElement} frame */
  async enlarge(address, frame) {
    const large = make("img", { class: "is-loaded is-large", decoding: "async" });
    large.src = address;
    try {
      await large.decode();
    } catch {
      return;
    }
    const small = frame.firstElementChild;
    if (frame !== this.frame || !frame.isConnected || !small) return;
    large.alt = small instanceof HTMLImageElement ? small.alt : small.getAttribute("aria-label") || "";
    small.replaceWith(large);
  }

  // -- where it lies

  /** @returns {import("./zoom.js").Stage} */
  get room() {
    const { stage, frame } = this, image = frame.querySelector("img");
    const rest = { x: frame.offsetLeft, y: frame.offsetTop, width: frame.offsetWidth, height: frame.offsetHeight };
    const pixels = image ? image.naturalWidth : 8 * rest.width; // what is drawn for a work without a picture has no pixels
    return { width: stage.clientWidth, height: stage.clientHeight, rest, most: mostOf(pixels, rest.width) };
  }

  /** @param {{ clientX: number, clientY: number }} event @returns {Point} on the stage */
  point({ clientX, clientY }) {
    const box = this.stage.getBoundingClientRect();
    return { x: clientX - box.left - this.stage.clientLeft, y: clientY - box.top - this.stage.clientTop };
  }

  get isZoomed() {
    return this.view.scale > 1;
  }

  /** @param {import("./zoom.js").View} view @param {boolean} [smooth] not where it follows a hand */
  look(view, smooth = false) {
    this.view = view;
    this.frame.classList.toggle("is-smooth", smooth);
    this.frame.style.transform = view === REST ? "" : `translate(${view.x}px, ${view.y}px) scale(${view.scale})`;
    this.stage.classList.toggle("is-zoomed", this.isZoomed);
    for (const [one, off] of /** @type {[HTMLButtonElement, boolean][]} */ ([[this.out, !this.isZoomed], [this.whole, !this.isZoomed],
      [this.in, view.scale >= this.room.most - 0.001]])) {
      if (off && document.activeElement === one) (one === this.in ? this.out : this.in).focus();
      one.disabled = off;
    }
  }

  /** @param {number} factor @param {Point} [point] */
  by(factor, point = centre(this.room)) {
    this.look(zoomed(this.view, factor, point, this.room), true);
    this.app.shell.announce(`${Math.round(100 * this.view.scale)} %`);
  }

  reset() {
    this.look(REST, true);
    this.app.shell.announce("The whole picture");
  }

  /** The stage has another size. */
  layout() {
    if (this.isZoomed) this.look(held(this.view, this.room));
  }

  // -- keys, wheel, fingers

  /** @param {KeyboardEvent} event @returns {boolean} whether the key was for the picture */
  key({ key }) {
    /** @type {Record<string, () => void>} */
    const keys = { "+": () => this.by(STEP), "=": () => this.by(STEP), "-": () => this.by(1 / STEP), 0: () => this.reset() };
    /** @type {Record<string, [number, number]>} */
    const ways = { ArrowLeft: [PAN, 0], ArrowRight: [-PAN, 0], ArrowUp: [0, PAN], ArrowDown: [0, -PAN] };
    if (this.isZoomed) keys.Escape = () => this.reset();
    if (this.isZoomed && ways[key]) keys[key] = () => this.look(moved(this.view, ...ways[key], this.room), true);
    if (!keys[key]) return false;
    keys[key]();
    return true;
  }

  /** Up at the top of the page zooms in; there it would scroll nothing. @param {WheelEvent} event */
  wheel(event) {
    const up = event.deltaY < 0, scroller = this.stage.closest(".dialog-body"), still = performance.now() - (this.rested || 0) < REST_MS;
    if (!event.ctrlKey && !this.isZoomed && !still && (!up || (scroller && scroller.scrollTop > 0))) return;
    event.preventDefault();
    if (!this.isZoomed && !up) return;
    const lines = event.deltaMode === 1 ? 24 : 1;
    const turn = Math.max(-120, Math.min(120, event.deltaY * lines));
    this.look(zoomed(this.view, Math.exp(-turn * (event.ctrlKey ? 0.01 : 0.003)), this.point(event), this.room));
    if (!this.isZoomed) this.rested = performance.now();
  }

  /** @param {Event} event */
  isButton(event) {
    return event.target instanceof Element && event.target.closest(".zoomer") !== null;
  }

  /** @param {Point} point */
  double(point) {
    this.look(this.isZoomed ? REST : zoomed(this.view, CLOSE, point, this.room), true);
  }

  /** @param {PointerEvent} event */
  down(event) {
    this.byMouse = event.pointerType !== "touch"; // two taps are counted here: not every browser makes a double click of them
    if (event.button || this.isButton(event)) return;
    const point = this.point(event);
    this.fingers.set(event.pointerId, point);
    this.stage.setPointerCapture(event.pointerId);
    this.start = event.pointerType === "touch" && !this.isZoomed && this.fingers.size === 1 ? { ...point, time: event.timeStamp } : null;
    if (!this.start) this.slide(0);
    this.travelled = 0;
  }

  /** @param {PointerEvent} event */
  drag(event) {
    const before = this.fingers.get(event.pointerId);
    if (!before) return;
    const point = this.point(event), [other] = [...this.fingers].filter(([id]) => id !== event.pointerId).map(([, at]) => at);
    this.fingers.set(event.pointerId, point);
    this.travelled = (this.travelled || 0) + Math.hypot(point.x - before.x, point.y - before.y);
    if (other) this.look(pinched(this.view, [other, before], [other, point], this.room));
    else if (this.isZoomed) this.look(moved(this.view, point.x - before.x, point.y - before.y, this.room));
    else if (this.start) this.slide(point.x - this.start.x);
  }

  /** @param {PointerEvent} event @param {boolean} [cancelled] the browser scrolls instead */
  up(event, cancelled = false) {
    if (!this.fingers.delete(event.pointerId)) return;
    const { start } = this, point = this.point(event), { timeStamp: time } = event;
    this.start = null;
    if (start) this.slide(0);
    if (cancelled || this.fingers.size || event.pointerType !== "touch") return;
    const swipe = start ? swipeOf(point.x - start.x, point.y - start.y, time - start.time, this.stage.clientWidth) : 0;
    if (swipe) {
      if (this.step(swipe)) this.stage.classList.add(swipe > 0 ? "from-right" : "from-left");
    } else if ((this.travelled || 0) < TAP.far) {
      const again = time - this.tapped.time < TAP.ms && Math.hypot(point.x - this.tapped.x, point.y - this.tapped.y) < TAP.far;
      this.tapped = { ...point, time: again ? 0 : time };
      if (again) this.double(point);
    }
  }

  /** The picture follows a finger that may be about to swipe. @param {number} dx */
  slide(dx) {
    if (this.isZoomed) return;
    this.frame.classList.toggle("is-smooth", !dx);
    this.frame.style.transform = dx ? `translateX(${dx * 0.6}px)` : "";
  }

  leave() {
    clearTimeout(this.waiting);
    this.fingers.clear();
    this.start = null;
    this.view = REST;
  }
}
