/* A painted picture for a work without one: a sheet with its title and a composition in its colours. */

import { dice, hashOf } from "./dice.js";
import { svg } from "./dom.js";
import { alternative, dominantOf, pictureRatio } from "./works.js";

/** @typedef {import("./types.js").Work} Work */
/** @typedef {(w: number, h: number, tones: string[], roll: () => number) => Element[]} Composition */

/** @type {Record<string, number>} */
const HUES = { red: 4, orange: 26, brown: 28, yellow: 46, gold: 44, green: 130, teal: 178, cyan: 186, blue: 214, indigo: 236,
  purple: 276, violet: 272, magenta: 312, pink: 340 };

/** Hue (degrees) and saturation (%) of a painted picture: from the work's colour, else from its artist's name. @param {Work} work */
function hueOf(work) {
  const hex = dominantOf(work);
  if (hex) {
    const [r, g, b] = [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16) / 255);
    const high = Math.max(r, g, b), spread = high - Math.min(r, g, b);
    if (spread < 0.03) return [38, 10];
    const turn = high === r ? (g - b) / spread : high === g ? 2 + (b - r) / spread : 4 + (r - g) / spread;
    return [(turn * 60 + 360) % 360, Math.min(56, 22 + 60 * spread)];
  }
  const named = HUES[String(work.colour || "").toLowerCase()];
  return [named ?? hashOf(work.artist || work.title) % 360, 34];
}

/** @param {string} text @param {number} perLine letters @param {number} most lines */
function wordsInLines(text, perLine, most) {
  const lines = [""];
  for (const word of String(text).split(/\s+/)) {
    const last = lines.length - 1;
    if (!lines[last] || lines[last].length + word.length < perLine) lines[last] = `${lines[last]} ${word}`.trim();
    else lines.push(word);
  }
  const kept = lines.slice(0, most).map((line) => (line.length > perLine + 1 ? `${line.slice(0, perLine - 1)}…` : line));
  if (lines.length > most) kept[most - 1] += "…";
  return kept;
}

const MARGIN = 26; // In a painted picture 400 units high

/** Five compositions of four tones on a sheet of `w` by `h`; each returns its shapes. @type {Composition[]} */
const COMPOSITIONS = [
  function fields(w, h, tones, roll) {
    const shapes = [], low = h - MARGIN, first = Math.floor(roll() * 4);
    for (let y = 0, k = first; y < low; k++) {
      const left = low - y, tall = left < h * 0.4 ? left : h * (0.14 + 0.3 * roll());
      shapes.push(svg("rect", { x: MARGIN, y, width: w - 2 * MARGIN, height: Math.max(1, tall - 4), fill: tones[k % 4] }));
      y += tall;
    }
    return shapes;
  },
  function hills(w, h, tones, roll) {
    const disc = svg("circle", { cx: w * (0.25 + 0.5 * roll()), cy: h * 0.28, r: h * (0.1 + 0.07 * roll()), fill: tones[3] });
    return [disc, ...[0, 1, 2].map((k) => {
      const top = h * (0.42 + 0.19 * k), swing = h * (0.1 + 0.16 * roll()) * (roll() < 0.5 ? -1 : 1);
      const d = `M0 ${top} C ${w * 0.3} ${top - swing}, ${w * 0.65} ${top + swing}, ${w} ${top - swing * 0.4} V${h} H0 Z`;
      return svg("path", { d, fill: tones[k] });
    })];
  },
  function arcs(w, h, tones, roll) {
    const side = Math.max(h / 3, w / 4), shapes = [];
    for (let x = 0; x < w; x += side) for (let y = 0; y < h; y += side) {
      shapes.push(svg("rect", { x, y, width: side + 0.5, height: side + 0.5, fill: tones[Math.floor(roll() * 4)] }));
      const right = roll() < 0.5, low = roll() < 0.5;
      shapes.push(svg("path", { fill: tones[Math.floor(roll() * 4)], d: `M${x + (right ? side : 0)} ${y + (low ? side : 0)} ` +
        `h${right ? -side : side} a${side} ${side} 0 0 ${right === low ? 1 : 0} ${right ? side : -side} ${low ? -side : side} z` }));
    }
    return shapes;
  },
  function stones(w, h, tones, roll) {
    return [0, 1, 2, 3, 4].map((k) => svg("ellipse", { cx: w * (0.12 + 0.76 * roll()), cy: h * (0.2 + 0.62 * roll()),
      rx: w * (0.12 + 0.2 * roll()), ry: h * (0.1 + 0.2 * roll()), fill: tones[k % 4], opacity: 0.86,
      transform: `rotate(${Math.floor(60 * roll() - 30)} ${w / 2} ${h / 2})` }));
  },
  function rings(w, h, tones, roll) {
    const cx = w * (0.3 + 0.4 * roll()), cy = h * (0.35 + 0.4 * roll()), reach = Math.max(w, h) * 0.72;
    return [6, 5, 4, 3, 2, 1].map((k) => svg("circle", { cx, cy, r: (reach * k) / 6, fill: tones[k % 4] }));
  },
];

/** A generated picture for a work without one: a sheet with its title and a composition in its colours. @param {Work} work */
export function paintedPicture(work) {
  const h = 400, w = Math.round(400 * pictureRatio(work)), roll = dice(hashOf(work.artwork_id));
  const [hue, strength] = hueOf(work), other = (hue + 25 + 40 * roll()) % 360, far = (hue + 150 + 60 * roll()) % 360;
  const tones = [`hsl(${hue} ${strength}% 36%)`, `hsl(${other} ${strength}% 54%)`, `hsl(${hue} ${strength * 0.8}% 72%)`,
    `hsl(${far} ${strength * 0.9}% 58%)`];
  const size = 27, lines = wordsInLines(work.title, Math.floor((w - 2 * MARGIN) / (size * 0.47)), 4);
  const artTop = MARGIN + lines.length * size * 1.16 + 36;
  const title = svg("text", { x: MARGIN, y: MARGIN + size * 0.75, class: "painted-title", "font-size": size });
  lines.forEach((line, k) => title.append(Object.assign(svg("tspan", { x: MARGIN, dy: k ? size * 1.16 : 0 }), { textContent: line })));
  const artist = svg("text", { x: MARGIN, y: artTop - 15, "font-size": 14, class: "painted-artist" });
  artist.textContent = wordsInLines(work.artist || "Artist unknown", Math.floor((w - 2 * MARGIN) / 7.2), 1)[0];
  const compose = COMPOSITIONS[Math.floor(roll() * COMPOSITIONS.length)];
  const art = svg("svg", { x: 0, y: artTop, width: w, height: h - artTop, viewBox: `0 0 ${w} ${h - artTop}` },
    ...compose(w, h - artTop, tones, roll));
  return svg("svg", { viewBox: `0 0 ${w} ${h}`, role: "img", "aria-label": alternative(work), class: "painted",
    style: `--hue: ${hue}; --strength: ${strength}%` }, svg("rect", { width: w, height: h, class: "painted-paper" }), art, title, artist);
}
