/* The map: all works in the plane, similar ones side by side. A lens on it picks the works that are listed beside it. */

import { button, count, make } from "./dom.js";
import { Refused } from "./kernel.js";
import { Dots } from "./mapdots.js";
import { listen } from "./maphand.js";
import { rowOf } from "./maplist.js";
import { drawLens, drawPath } from "./mapmarks.js";
import { Thumbs } from "./mapthumbs.js";
import { dotRadius, Grid, readPlace, readPlaces, View, writePlace } from "./plane.js";
import { Room } from "./room.js";

const STILL_MS = 250; // Milliseconds without a move after which the works under the lens are listed
const HIT_PX = 12; // pixels from a dot that still hit it
const START = "0.5,0.5,1";

/** @typedef {import("./types.js").Item & { number: number }} Placed */

export class MapRoom extends Room {
  /** @param {import("./gallery.js").Gallery} app */
  constructor(app) {
    super(app, "The map");
    this.name = ""; // of the map that is loaded
    this.asked = 0; // number of the latest question; earlier answers are ignored
    this.liked = 0; // likes of the visitor when the map was asked for
    this.touched = false; // the visitor has moved the lens
    this.view = new View();
    this.lens = { x: 0.5, y: 0.5 };
    /** @type {number[]} */
    this.likes = [];
    /** @type {[number, number][]} */
    this.path = [];
    /** @type {Grid | null} */
    this.grid = null;
    /** @type {Dots | null} */
    this.dots = null;
    this.frame = 0;
    this.pointed = -1; // the work under the mouse
    this.thumbs = new Thumbs((numbers) => this.fetchWorks(numbers), app.base, () => this.redraw());
    this.canvas = make("canvas", { tabindex: "0", role: "application", "aria-label": "Map of the collection", "aria-describedby": "map-keys" });
    this.tip = make("div", { class: "tip", hidden: true });
    const tool = (/** @type {string} */ sign, /** @type {string} */ label, /** @type {() => void} */ act) =>
      button(sign, act, { class: "round", "aria-label": label, title: label });
    this.chart = make("div", { class: "chart" }, this.canvas, this.tip, make("div", { class: "chart-tools" },
      tool("+", "Closer", () => this.enlarge(1.8)), tool("−", "Further away", () => this.enlarge(1 / 1.8)), tool("○", "The whole map", () => this.whole())));
    this.number = make("p", { class: "soft" });
    this.fill = button("Fill the wall from here", () => this.fillWall(), { class: "pill strong" });
    this.wall.className = "under-list";
    this.wall.setAttribute("aria-label", "Works under the lens");
    this.atlas = make("div", { class: "atlas", hidden: true }, this.chart, make("div", { class: "under" },
      make("h2", {}, "Under the lens"), this.number, this.fill, this.wall));
    this.keys = make("p", { class: "hint", id: "map-keys", hidden: true }, make("kbd", {}, "←"), make("kbd", {}, "→"), make("kbd", {}, "↑"),
      make("kbd", {}, "↓"), " move the lens ", make("kbd", {}, "+"), make("kbd", {}, "−"), " closer and further ", make("kbd", {}, "Space"),
      " open the work in the middle ", make("kbd", {}, "Enter"), " fill the wall");
    this.section.append(this.atlas, this.keys);
    this.section.classList.add("map-room");
    this.stop = listen(this.canvas, { view: this.view, lens: this.lens, lensRadius: () => this.lensRadius, moved: () => this.moved(),
      clicked: (px, py) => this.click(px, py), pointed: (px, py) => this.point(px, py), left: () => this.point(-99, -99),
      fill: () => this.fillWall(), open: () => this.open(this.middle()), whole: () => this.whole() });
    this.themes = new MutationObserver(() => this.redraw());
  }

  // -- the map and what is known of it

  /** @param {import("./router.js").Route} route */
  visited({ map = "" }) {
    this.find(map);
  }

  /** @param {string} place `x,y,zoom` of the address */
  async find(place) {
    const { app, lens, view } = this, asked = ++this.asked, given = readPlace(place);
    if (given && place !== this.where()) {
      [lens.x, lens.y, view.zoom] = given;
      [view.x, view.y] = view.zoom === 1 ? [0.5, 0.5] : [lens.x, lens.y];
      this.touched = place !== START;
    }
    this.liked = app.liked.size;
    this.themes.observe(app.shell.root, { attributeFilter: ["data-theme"] });
    if (!this.dots) this.sub.textContent = "Unrolling the map…";
    try {
      const about = await app.kernel.ask("map");
      if (asked !== this.asked) return;
      if (!about.name) return this.none("There is no map yet", "Whoever runs this gallery makes it with “art-recsys deploy”.");
      if (about.name !== this.name) await this.load(about.name);
      if (asked !== this.asked) return;
      this.show(about);
    } catch (problem) {
      if (asked !== this.asked) return;
      if (problem instanceof Refused || problem instanceof TypeError || problem instanceof RangeError) {
        this.none("The map cannot be loaded", problem instanceof Refused ? problem.message : "The gallery does not answer.",
          button("Try again", () => this.find(place), { class: "pill strong" }));
      }
    }
  }

  /** @param {string} name of the map; the browser keeps it under this name */
  async load(name) {
    const answer = await fetch(`${this.app.base.replace(/pictures\/$/, "map")}?name=${encodeURIComponent(name)}`);
    if (!answer.ok) throw new TypeError(`map: ${answer.status}`);
    const places = readPlaces(await answer.arrayBuffer());
    this.thumbs.cards.clear();
    this.thumbs.small.clear();
    this.grid = new Grid(places);
    this.dots = new Dots(places);
    this.name = name;
  }

  /** @param {{ works: number, likes: number[], path: [number, number][] }} about */
  show({ works, likes, path }) {
    this.likes = likes;
    this.path = path;
    this.message.replaceChildren();
    const { profile } = this.app, whose = profile ? "Their" : "Your", n = likes.length;
    const glow = n ? ` ${whose} ${n === 1 ? "like glows" : `${count(n, "like")} glow`}` : "";
    const way = path.length > 1 ? `, and the line is the way ${whose.toLowerCase()} taste has taken` : "";
    this.sub.textContent = `${count(works, "work")}; what is alike lies side by side.${glow}${way}${glow ? "." : ""}`;
    this.atlas.hidden = this.keys.hidden = false;
    if (!this.touched && path.length) [this.lens.x, this.lens.y] = path[path.length - 1];
    this.layout();
    this.settle();
  }

  /** @param {string} title @param {string} text @param {any} [action] */
  none(title, text, action = null) {
    this.atlas.hidden = this.keys.hidden = true;
    this.sub.textContent = "";
    this.tell(title, text, action);
  }

  /** The likes may have changed. */
  glow() {
    if (this.app.room !== this || !this.dots || this.app.liked.size === this.liked) return;
    this.liked = this.app.liked.size;
    clearTimeout(this.again);
    this.again = setTimeout(() => this.find(this.where()), 600);
  }

  /** @param {number[]} numbers of works whose cards are wanted */
  async fetchWorks(numbers) {
    try {
      const { items, stale } = await this.app.kernel.ask("map_works", { numbers, name: this.name });
      for (const { number, artwork } of items) this.thumbs.cards.set(number, artwork);
      if (stale) this.find(this.where());
    } catch { /* dots stay dots until the gallery answers again */ }
  }

  // -- where one is

  /** The address of a place on the map, with how near one is now. @param {number} [x] @param {number} [y] */
  where(x = this.lens.x, y = this.lens.y) {
    return writePlace(x, y, this.view.zoom);
  }

  get lensRadius() { // in pixels
    return Math.min(90, Math.max(44, Math.min(this.view.width, this.view.height) * 0.13));
  }

  moved() {
    this.touched = true;
    this.redraw();
    clearTimeout(this.still);
    this.still = setTimeout(() => this.settle(), STILL_MS);
  }

  /** @param {number} factor */
  enlarge(factor) {
    const { lens, view } = this, [px, py] = view.toWindow(lens.x, lens.y), seen = px > 0 && py > 0 && px < view.width && py < view.height;
    view.enlarge(factor, ...(seen ? /** @type {const} */ ([px, py]) : []));
    this.moved();
  }

  whole() {
    this.view.enlarge(0);
    this.moved();
  }

  /** Nothing moves: keep the place in the address and list what is under the lens. */
  async settle() {
    const { app, lens, view, grid } = this;
    if (app.room !== this || !grid || this.section.hidden) return;
    const { router } = app, place = this.where();
    if (!router.route.work && router.route.map !== place) router.go({ view: "map", map: place }, { replace: true, quiet: true });
    const radius = Math.min(1, this.lensRadius / view.scale), n = grid.around(lens.x, lens.y, radius).length;
    this.number.textContent = n ? `${count(n, "work")}${n > 24 ? ", these nearest to your taste" : ""}` : "No works. Move the lens, or go further away.";
    this.fill.disabled = !n;
    const asked = (this.listing = (this.listing || 0) + 1);
    try {
      const { items } = n ? await app.kernel.ask("map_around", { x: lens.x, y: lens.y, radius, fill: false, more: false }) : { items: [] };
      if (asked !== this.listing) return;
      this.list(items);
      if (document.activeElement === this.canvas) {
        app.shell.announce(n ? `${count(n, "work")} under the lens, first “${items[0]?.artwork.title}”` : "No works under the lens");
      }
    } catch (problem) {
      if (asked === this.listing && problem instanceof Refused) this.number.textContent = problem.message;
    }
  }

  /** @param {Placed[]} items */
  list(items) {
    for (const { number, artwork } of items) this.thumbs.cards.set(number, artwork);
    this.wall.replaceChildren(...items.map((item) => rowOf(this.app, item, this.where())));
  }

  fillWall() {
    if (this.fill.disabled) return;
    const radius = Math.min(1, this.lensRadius / this.view.scale);
    this.app.visit({ view: "lens", lens: `${writePlace(this.lens.x, this.lens.y)},${radius.toFixed(5)}` });
  }

  // -- the mouse

  /** The work at a pixel, or -1. @param {number} px @param {number} py */
  at(px, py) {
    const { grid, view } = this;
    if (!grid) return -1;
    const pictured = this.thumbs.at(grid, view, px, py);
    return pictured >= 0 ? pictured : grid.nearest(...view.toPlane(px, py), Math.max(HIT_PX, dotRadius(grid.x.length, view) + 3) / view.scale);
  }

  middle() {
    return this.grid ? this.grid.nearest(this.lens.x, this.lens.y, this.lensRadius / this.view.scale) : -1;
  }

  /** @param {number} px @param {number} py */
  async point(px, py) {
    const work = this.at(px, py);
    if (work === this.pointed) return;
    this.pointed = work;
    this.tip.hidden = true;
    this.canvas.style.cursor = work < 0 ? "" : "pointer";
    if (work < 0) return;
    if (!this.thumbs.cards.has(work)) await new Promise((done) => setTimeout(done, 90));
    if (work === this.pointed && !this.thumbs.cards.has(work)) await this.fetchWorks([work]);
    const known = this.thumbs.cards.get(work), { grid, view } = this;
    if (!known || !grid || work !== this.pointed) return;
    const [x, y] = view.toWindow(grid.x[work], grid.y[work]);
    this.tip.replaceChildren(make("strong", {}, known.title || "Untitled"), known.artist ? make("span", {}, known.artist) : "");
    this.tip.hidden = false;
    const left = Math.max(8, Math.min(view.width - this.tip.offsetWidth - 8, x - this.tip.offsetWidth / 2));
    this.tip.style.transform = `translate(${left}px, ${Math.max(8, y - this.tip.offsetHeight - 16)}px)`;
  }

  /** @param {number} px @param {number} py */
  click(px, py) {
    const work = this.at(px, py);
    if (work >= 0) return this.open(work);
    [this.lens.x, this.lens.y] = this.view.toPlane(px, py).map((v) => Math.min(1, Math.max(0, v)));
    return this.moved();
  }

  /** @param {number} work its number on the map */
  async open(work) {
    if (work < 0) return;
    if (!this.thumbs.cards.has(work)) await this.fetchWorks([work]);
    const known = this.thumbs.cards.get(work);
    if (known) this.app.details.open(known.artwork_id);
  }

  // -- drawing

  layout() {
    const { clientWidth: width, clientHeight: height } = this.chart;
    if (!width || !height) return;
    Object.assign(this.view, { width, height });
    this.redraw();
  }

  redraw() {
    if (!this.frame) this.frame = requestAnimationFrame(() => this.draw());
  }

  draw() {
    this.frame = 0;
    const { canvas, view, grid, dots, lens } = this, ratio = Math.min(2, devicePixelRatio || 1);
    if (!grid || !dots || this.section.hidden || view.width < 2) return;
    const width = Math.round(view.width * ratio), height = Math.round(view.height * ratio);
    if (canvas.width !== width || canvas.height !== height) [canvas.width, canvas.height] = [width, height];
    const context = canvas.getContext("2d"), dark = this.app.shell.theme === "dark";
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, view.width, view.height);
    dots.dress(dark, this.likes);
    const more = dots.draw(context, view, ratio);
    this.thumbs.choose(grid, view);
    this.thumbs.draw(context, grid, view, dark);
    drawPath(context, this.path.map(([x, y]) => view.toWindow(x, y)), dark);
    drawLens(context, view.toWindow(lens.x, lens.y), this.lensRadius, dark);
    if (more) this.redraw();
  }

  close() {
    this.stop();
    this.thumbs.close();
    this.themes.disconnect();
    cancelAnimationFrame(this.frame);
    clearTimeout(this.still);
    clearTimeout(this.again);
  }
}
