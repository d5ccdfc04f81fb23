/* Pictures on the map: where few works are in the window, the dots become small pictures, or have a title without one. */

import { spread } from "./plane.js";
import { pictureAddress } from "./pictures.js";
import { dominantOf } from "./works.js";

/** @typedef {import("./types.js").Work} Work */
/** @typedef {import("./plane.js").View} View */

const CROWD = 500; // works in the window above which there are only dots
const MOST = 60; // pictures at once
const KEPT = 400; // pictures that are kept
const PAUSE_MS = 140; // Milliseconds without a move after which pictures are fetched
const SIZE = 76; // pixels of a picture's longer side
const LETTERS = 15; // of a title that fits beside its neighbours

export class Thumbs {
  /**
   * @param {(numbers: number[]) => Promise<void>} fetch brings the cards of works
   * @param {string} base of the pictures' addresses
   * @param {() => void} changed there is something new to draw
   */
  constructor(fetch, base, changed) {
    this.fetch = fetch;
    this.base = base;
    this.changed = changed;
    /** @type {Map<number, Work>} */
    this.cards = new Map();
    /** @type {Map<number, HTMLCanvasElement | "loading" | "none">} */
    this.small = new Map();
    /** @type {number[]} */
    this.shown = [];
  }

  /**
   * @param {import("./plane.js").Grid} grid
   * @param {View} view
   */
  choose(grid, view) {
    const found = grid.within(...view.edges(SIZE), CROWD + 1);
    this.shown = found.length > CROWD ? []
      : spread(found.sort((a, b) => a - b), (work) => view.toWindow(grid.x[work], grid.y[work]), SIZE + 8, MOST);
    clearTimeout(this.pause);
    if (this.shown.some((work) => !this.small.has(work))) this.pause = setTimeout(() => this.load(), PAUSE_MS);
  }

  async load() {
    const wanted = this.shown.filter((work) => !this.small.has(work)), unknown = wanted.filter((work) => !this.cards.has(work));
    if (unknown.length) await this.fetch(unknown);
    for (const number of wanted) {
      const work = this.cards.get(number);
      if (!work || this.small.has(number)) continue;
      const address = pictureAddress(work, this.base);
      this.small.set(number, address ? "loading" : "none");
      if (!address) this.changed();
      if (!address) continue;
      const image = new Image();
      image.referrerPolicy = "no-referrer";
      image.onload = () => {
        this.small.set(number, smallOf(image, dominantOf(work)));
        for (const oldest of [...this.small.keys()].slice(0, -KEPT)) if (!this.shown.includes(oldest)) this.small.delete(oldest);
        this.changed();
      };
      image.onerror = () => this.small.set(number, "none");
      image.src = address;
    }
  }

  /** @param {CanvasRenderingContext2D} context @param {import("./plane.js").Grid} grid @param {View} view @param {boolean} dark */
  draw(context, grid, view, dark) {
    Object.assign(context, { font: "12px system-ui, sans-serif", textAlign: "center", lineWidth: 3, lineJoin: "round",
      strokeStyle: dark ? "#1d1b19" : "#fdfcfa", fillStyle: dark ? "#f2eee7" : "#1c1a17" });
    for (const work of this.shown) {
      const picture = this.small.get(work), [px, py] = view.toWindow(grid.x[work], grid.y[work]);
      if (picture === "none") {
        const title = this.cards.get(work)?.title || "Untitled", short = title.length > LETTERS ? `${[...title].slice(0, LETTERS - 1).join("")}…` : title;
        context.strokeText(short, px, py + 22);
        context.fillText(short, px, py + 22);
      }
      if (!(picture instanceof HTMLCanvasElement)) continue;
      const width = picture.width / 2, height = picture.height / 2;
      context.drawImage(picture, Math.round(px - width / 2), Math.round(py - height / 2), width, height);
    }
  }

  /** The work whose picture is at a pixel, or -1. @param {import("./plane.js").Grid} grid @param {View} view @param {number} px @param {number} py */
  at(grid, view, px, py) {
    return this.shown.find((work) => {
      const picture = this.small.get(work);
      if (!(picture instanceof HTMLCanvasElement)) return false;
      const [x, y] = view.toWindow(grid.x[work], grid.y[work]);
      return Math.abs(px - x) <= picture.width / 4 && Math.abs(py - y) <= picture.height / 4;
    }) ?? -1;
  }

  close() {
    clearTimeout(this.pause);
  }
}

/** A picture of twice the size at which it is drawn. @param {HTMLImageElement} image @param {string | null} dominant */
function smallOf(image, dominant) {
  const out = document.createElement("canvas"), context = /** @type {CanvasRenderingContext2D} */ (out.getContext("2d"));
  const times = (2 * SIZE) / Math.max(1, image.naturalWidth, image.naturalHeight);
  out.width = Math.max(8, Math.round(image.naturalWidth * times));
  out.height = Math.max(8, Math.round(image.naturalHeight * times));
  context.fillStyle = dominant || "#8a8580";
  context.fillRect(0, 0, out.width, out.height);
  context.drawImage(image, 0, 0, out.width, out.height);
  return out;
}
