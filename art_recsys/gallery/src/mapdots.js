/* The dots of the map: drawn once into a layer that is larger than the window, and then only moved with the hand.
 *
 * 100,000 circles take a canvas longer than one frame. So the dots are written as pixels, a part of them each frame,
 * into a second layer, which takes the place of the first when it is complete. */

import { View, dotRadius } from "./plane.js";

const MARGIN = 240; // pixels around the window that a layer has ready
const SLICE_MS = 5; // of a frame, for the next layer
const CHUNK = 4_096; // dots between two looks at the clock
const LITTLE = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1;

/** @typedef {import("./plane.js").Places} Places */

/**
 * Colours that stand out from the wall behind them, as pixels.
 * @param {Uint8Array} palette
 * @param {boolean} dark
 * @returns {Uint32Array}
 */
export function pixelsOf(palette, dark) {
  const out = new Uint32Array(256);
  for (let c = 0; c < 256; c++) {
    const rgb = [palette[3 * c], palette[3 * c + 1], palette[3 * c + 2]];
    const light = (0.299 * rgb[0] + 0.587 * rgb[1] + 0.114 * rgb[2]) / 255;
    const share = dark ? Math.max(0, 0.34 - light) : Math.max(0, light - 0.72) * 1.2, to = dark ? 255 : 40;
    const [r, g, b] = rgb.map((v) => Math.round(v + (to - v) * share));
    out[c] = LITTLE ? (255 << 24) | (b << 16) | (g << 8) | r : (r << 24) | (g << 16) | (b << 8) | 255;
  }
  return out;
}

/**
 * A round dot as pixels: how much of each it covers, from 0 to 255.
 * @param {number} radius in pixels
 * @returns {{ dx: Int16Array, dy: Int16Array, cover: Uint8Array }}
 */
export function stampOf(radius) {
  const reach = Math.ceil(radius), dx = [], dy = [], cover = [];
  for (let y = -reach; y <= reach; y++) for (let x = -reach; x <= reach; x++) {
    const covered = Math.min(1, Math.max(0, radius + 0.5 - Math.hypot(x, y)));
    if (covered > 0.05) {
      dx.push(x);
      dy.push(y);
      cover.push(Math.round(255 * covered));
    }
  }
  return { dx: Int16Array.from(dx), dy: Int16Array.from(dy), cover: Uint8Array.from(cover) };
}

export class Dots {
  /** @param {Places} places */
  constructor(places) {
    this.places = places;
    this.dark = false;
    this.pixels = pixelsOf(places.palette, false);
    /** @type {number[]} */
    this.likes = [];
    /** @type {{ canvas: HTMLCanvasElement, view: View, ratio: number } | null} */
    this.layer = null;
    /** @type {{ view: View, ratio: number, next: number, image: ImageData, canvas: HTMLCanvasElement, done?: boolean } | null} */
    this.job = null;
    this.stale = true; // the colours or the likes have changed
    /** @type {ImageData | null} */
    this.image = null; // megabytes, so it is used again
    /** @type {HTMLCanvasElement | null} */
    this.spare = null; // the canvas of the layer before
  }

  /** @param {boolean} dark @param {number[]} likes */
  dress(dark, likes) {
    if (dark === this.dark && likes === this.likes) return;
    if (dark !== this.dark) this.pixels = pixelsOf(this.places.palette, dark);
    this.dark = dark;
    this.likes = likes;
    this.stale = true;
  }

  /**
   * Draw what there is, and go on with the next layer if one is needed.
   * @param {CanvasRenderingContext2D} context
   * @param {View} view
   * @param {number} ratio pixels of the screen per pixel of the page
   * @returns {boolean} whether there is more to do in the next frame
   */
  draw(context, view, ratio) {
    if (this.job) this.work(performance.now() + SLICE_MS);
    else if (this.stale || !this.covers(view, ratio)) this.begin(view, ratio);
    if (this.layer) {
      const { canvas, view: of } = this.layer, times = view.scale / of.scale;
      const [left, top] = view.toWindow(...of.toPlane(-MARGIN, -MARGIN));
      context.imageSmoothingEnabled = times !== 1;
      const at = (/** @type {number} */ px) => (times === 1 ? Math.round(px * ratio) / ratio : px);
      context.drawImage(canvas, at(left), at(top), (of.width + 2 * MARGIN) * times, (of.height + 2 * MARGIN) * times);
    }
    return this.job !== null || this.stale || !this.covers(view, ratio);
  }

  /** Whether the layer is sharp here, and far enough from its edge. @param {View} view @param {number} ratio */
  covers(view, ratio) {
    if (!this.layer) return false;
    const { view: of } = this.layer, away = Math.max(Math.abs(view.x - of.x), Math.abs(view.y - of.y)) * view.scale;
    return of.zoom === view.zoom && of.width === view.width && of.height === view.height && ratio === this.layer.ratio && away < MARGIN / 2;
  }

  /** @param {View} view @param {number} ratio */
  begin(view, ratio) {
    const width = Math.round((view.width + 2 * MARGIN) * ratio), height = Math.round((view.height + 2 * MARGIN) * ratio);
    const canvas = this.spare?.width === width && this.spare.height === height ? this.spare : document.createElement("canvas");
    if (canvas !== this.spare) [canvas.width, canvas.height] = [width, height];
    if (this.image?.width === width && this.image.height === height) new Uint32Array(this.image.data.buffer).fill(0);
    else this.image = new ImageData(width, height);
    this.spare = null;
    this.stale = false;
    this.job = { view: view.copy(), ratio, next: 0, image: this.image, canvas };
  }

  /** Write dots until the time is over. @param {number} until */
  work(until) {
    const job = /** @type {NonNullable<Dots["job"]>} */ (this.job);
    const { n, x, y, colour } = this.places, { view, ratio, image } = job;
    const out = new Uint32Array(image.data.buffer), { width, height } = image;
    const stamp = stampOf(dotRadius(n, view) * ratio), scale = view.scale * ratio, reach = Math.ceil(dotRadius(n, view) * ratio);
    const left = (view.width / 2 + MARGIN) * ratio - view.x * scale, top = (view.height / 2 + MARGIN) * ratio - view.y * scale;
    while (job.next < n) {
      const end = Math.min(n, job.next + CHUNK);
      for (let k = job.next; k < end; k++) {
        const px = Math.round(x[k] * scale + left), py = Math.round(y[k] * scale + top);
        if (px < reach || py < reach || px >= width - reach || py >= height - reach) continue;
        const at = py * width + px, paint = this.pixels[colour[k]];
        for (let s = 0; s < stamp.cover.length; s++) {
          const to = at + stamp.dy[s] * width + stamp.dx[s], cover = stamp.cover[s];
          out[to] = cover === 255 ? paint : blend(out[to], paint, cover);
        }
      }
      job.next = end;
      if (performance.now() > until) return;
    }
    if (job.done) this.finish(job); // in a frame of its own
    else job.done = true;
  }

  /** @param {NonNullable<Dots["job"]>} job */
  finish({ view, ratio, image, canvas }) {
    const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    context.putImageData(image, 0, 0);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    const glow = this.glowOf(Math.max(16, dotRadius(this.places.n, view) * 5)), half = glow.width / 2;
    for (const work of this.likes) {
      const [px, py] = view.toWindow(this.places.x[work], this.places.y[work]);
      context.drawImage(glow, px + MARGIN - half, py + MARGIN - half);
    }
    this.spare = this.layer?.canvas || null;
    this.layer = { canvas, view, ratio };
    this.job = null;
  }

  /** A like: a bright dot with a halo. @param {number} radius in pixels */
  glowOf(radius) {
    const glow = document.createElement("canvas"), context = /** @type {CanvasRenderingContext2D} */ (glow.getContext("2d"));
    glow.width = glow.height = 2 * Math.ceil(radius);
    const middle = glow.width / 2, halo = context.createRadialGradient(middle, middle, 0, middle, middle, radius);
    const [core, warm] = this.dark ? ["255,240,214", "255,138,157"] : ["155,33,56", "214,74,98"];
    halo.addColorStop(0, `rgba(${core},1)`);
    halo.addColorStop(0.2, `rgba(${core},0.95)`);
    halo.addColorStop(0.24, `rgba(${warm},0.6)`);
    halo.addColorStop(1, `rgba(${warm},0)`);
    context.fillStyle = halo;
    context.fillRect(0, 0, glow.width, glow.height);
    return glow;
  }
}

/** One pixel over another. @param {number} under @param {number} over @param {number} cover from 0 to 255 */
function blend(under, over, cover) {
  const shift = LITTLE ? 24 : 0, alpha = (under >>> shift) & 255;
  if (!alpha) return LITTLE ? ((over & 0xffffff) | (cover << 24)) >>> 0 : ((over & 0xffffff00) | cover) >>> 0;
  let out = 0;
  for (let bits = 0; bits < 32; bits += 8) {
    const low = (under >>> bits) & 255, high = bits === shift ? 255 : (over >>> bits) & 255;
    out |= (low + (((high - low) * cover) / 255)) << bits;
  }
  return out >>> 0;
}
