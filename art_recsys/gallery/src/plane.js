/* The plane of the map: its places, what is seen of it, and which works are where. Pure geometry, no page. */

export const CELLS = 64; // cells of the grid, each way
export const DEEPEST = 400; // times that the map can be enlarged
const WHOLE = 0.94; // share of the window that the whole map takes

/**
 * @typedef {object} Places
 * @property {number} n works
 * @property {Uint8Array} palette red, green and blue of 256 colours
 * @property {Float32Array} x of each work, from 0 to 1
 * @property {Float32Array} y
 * @property {Uint8Array} colour number of each work's colour in the palette
 */

/**
 * Read what the server sends (see `serving/maps.py`).
 * @param {ArrayBuffer} body
 * @returns {Places}
 */
export function readPlaces(body) {
  const view = new DataView(body), n = view.byteLength < 772 ? -1 : view.getUint32(0, true);
  if (n < 0 || body.byteLength !== 772 + 5 * n) throw new RangeError("not a map");
  const x = new Float32Array(n), y = new Float32Array(n);
  for (let k = 0; k < n; k++) {
    x[k] = view.getUint16(772 + 2 * k, true) / 65535;
    y[k] = view.getUint16(772 + 2 * n + 2 * k, true) / 65535;
  }
  return { n, palette: new Uint8Array(body, 4, 768), x, y, colour: new Uint8Array(body, 772 + 4 * n, n) };
}

/** Works by cell, so that looking around a place does not ask all of them. */
export class Grid {
  /** @param {Places} places */
  constructor({ n, x, y }) {
    this.x = x;
    this.y = y;
    this.first = new Uint32Array(CELLS * CELLS + 1);
    this.works = new Uint32Array(n);
    const cell = new Uint32Array(n);
    for (let k = 0; k < n; k++) {
      cell[k] = cellOf(y[k]) * CELLS + cellOf(x[k]);
      this.first[cell[k] + 1]++;
    }
    for (let c = 0; c < CELLS * CELLS; c++) this.first[c + 1] += this.first[c];
    const next = this.first.slice();
    for (let k = 0; k < n; k++) this.works[next[cell[k]]++] = k;
  }

  /**
   * The works in a rectangle of the plane, at most `most` of them, in no order.
   * @param {number} left @param {number} top @param {number} right @param {number} bottom @param {number} [most]
   * @returns {number[]}
   */
  within(left, top, right, bottom, most = Infinity) {
    const found = [];
    for (let row = cellOf(top); row <= cellOf(bottom); row++) {
      const from = this.first[row * CELLS + cellOf(left)], to = this.first[row * CELLS + cellOf(right) + 1];
      for (let k = from; k < to; k++) {
        const work = this.works[k], x = this.x[work], y = this.y[work];
        if (x < left || x > right || y < top || y > bottom) continue;
        if (found.length === most) return found;
        found.push(work);
      }
    }
    return found;
  }

  /** The works around a place. @param {number} x @param {number} y @param {number} radius @returns {number[]} */
  around(x, y, radius) {
    return this.within(x - radius, y - radius, x + radius, y + radius)
      .filter((work) => Math.hypot(this.x[work] - x, this.y[work] - y) <= radius);
  }

  /** The work nearest to a place, or -1 where none is so near. @param {number} x @param {number} y @param {number} radius */
  nearest(x, y, radius) {
    let best = -1, far = radius;
    for (const work of this.around(x, y, radius)) {
      const away = Math.hypot(this.x[work] - x, this.y[work] - y);
      if (best < 0 || away < far) [best, far] = [work, away];
    }
    return best;
  }
}

/** @param {number} value from 0 to 1; others are in the cells at the edge */
function cellOf(value) {
  return Math.min(CELLS - 1, Math.max(0, Math.floor(value * CELLS)));
}

/** The part of the plane that is in a window. */
export class View {
  constructor() {
    this.x = 0.5; // of the plane, in the middle of the window
    this.y = 0.5;
    this.zoom = 1; // 1: the whole plane is seen
    this.width = 1; // of the window, in pixels
    this.height = 1;
  }

  get scale() { // pixels per unit of the plane
    return Math.max(1, Math.min(this.width, this.height) * WHOLE * this.zoom);
  }

  /** @param {number} x @param {number} y of the plane @returns {[number, number]} pixels from the window's corner */
  toWindow(x, y) {
    return [(x - this.x) * this.scale + this.width / 2, (y - this.y) * this.scale + this.height / 2];
  }

  /** @param {number} px @param {number} py @returns {[number, number]} */
  toPlane(px, py) {
    return [(px - this.width / 2) / this.scale + this.x, (py - this.height / 2) / this.scale + this.y];
  }

  /** The edges of what is seen. @param {number} [margin] in pixels @returns {[number, number, number, number]} */
  edges(margin = 0) {
    return [...this.toPlane(-margin, -margin), ...this.toPlane(this.width + margin, this.height + margin)];
  }

  /** @param {number} dx @param {number} dy pixels by which the plane follows the hand */
  pan(dx, dy) {
    this.x = inside(this.x - dx / this.scale);
    this.y = inside(this.y - dy / this.scale);
  }

  /** Enlarge; the place under a pixel stays under it. @param {number} factor @param {number} [px] @param {number} [py] */
  enlarge(factor, px = this.width / 2, py = this.height / 2) {
    const [x, y] = this.toPlane(px, py);
    this.zoom = Math.min(DEEPEST, Math.max(1, this.zoom * factor));
    const [nowX, nowY] = this.toPlane(px, py);
    this.x = inside(this.x + x - nowX);
    this.y = inside(this.y + y - nowY);
    if (this.zoom === 1) [this.x, this.y] = [0.5, 0.5];
  }

  /** Move as little as it takes for a place to be at least `margin` pixels from the edge. @param {number} x @param {number} y @param {number} margin */
  reveal(x, y, margin) {
    const [px, py] = this.toWindow(x, y);
    const beyond = (/** @type {number} */ p, /** @type {number} */ size) =>
      Math.min(0, p - Math.min(margin, size / 2)) + Math.max(0, p - size + Math.min(margin, size / 2));
    this.pan(-beyond(px, this.width), -beyond(py, this.height));
  }

  copy() {
    return Object.assign(new View(), this);
  }

  /** @param {View} other */
  same(other) {
    return ["x", "y", "zoom", "width", "height"].every((key) => this[/** @type {"x"} */ (key)] === other[/** @type {"x"} */ (key)]);
  }
}

/** @param {number} value */
export function inside(value) {
  return Math.min(1, Math.max(0, value));
}

/**
 * Three numbers of an address: the place of the lens, and how far the map is enlarged (or how wide the lens is).
 * @param {string} text such as `0.5,0.25,3`
 * @param {number} [low] of the third @param {number} [high]
 * @returns {[number, number, number] | null}
 */
export function readPlace(text, low = 1, high = DEEPEST) {
  const numbers = text.split(",").map((part) => (/^\d*\.?\d+$/.test(part) ? Number(part) : NaN));
  if (numbers.length !== 3 || numbers.some((v) => !Number.isFinite(v))) return null;
  return [inside(numbers[0]), inside(numbers[1]), Math.min(high, Math.max(low, numbers[2]))];
}

/** @param {...number} numbers @returns {string} */
export function writePlace(...numbers) {
  return numbers.map((v) => String(Number(v.toFixed(4)))).join(",");
}

/** Radius of a dot in pixels: large where there are few. @param {number} n works @param {View} view */
export function dotRadius(n, view) {
  const few = (0.3 * Math.min(view.width, view.height)) / Math.sqrt(Math.max(1, n));
  return Math.min(11, Math.min(5, Math.max(0.8, few)) * view.zoom ** 0.5);
}

/**
 * Places that do not overlap, those that come first before the others.
 * @param {number[]} works
 * @param {(work: number) => [number, number]} at pixels
 * @param {number} size of one, in pixels
 * @param {number} most
 */
export function spread(works, at, size, most) {
  const taken = /** @type {Map<string, [number, number][]>} */ (new Map()), kept = [];
  for (const work of works) {
    if (kept.length === most) break;
    const [px, py] = at(work), column = Math.floor(px / size), row = Math.floor(py / size);
    let free = true;
    for (let dx = -1; dx <= 1 && free; dx++) for (let dy = -1; dy <= 1 && free; dy++) {
      free = !(taken.get(`${column + dx},${row + dy}`) || []).some(([x, y]) => Math.abs(x - px) < size && Math.abs(y - py) < size);
    }
    if (!free) continue;
    const key = `${column},${row}`;
    taken.set(key, [...(taken.get(key) || []), [px, py]]);
    kept.push(work);
  }
  return kept;
}
