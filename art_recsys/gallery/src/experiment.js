/* The running experiment on the operators' page: the interval over the visitors who came, people by arm, guardrails. */

import { make, percent, svg } from "./dom.js";

/**
 * @typedef {object} ExperimentArm
 * @property {string} arm a or b
 * @property {string} label release and settings
 * @property {number} visitors
 * @property {number} impressions
 * @property {number} likes
 * @property {number} hides
 * @property {number} rate likes per impression
 *
 * @typedef {object} Experiment as `serving/experiments.py` says it
 * @property {string} name
 * @property {string} state running, stopped or promoted
 * @property {string} why
 * @property {string} text
 * @property {number} share of arm b
 * @property {ExperimentArm[]} arms
 * @property {{ value: number, low: number, high: number } | null} lift
 * @property {[number, number, number, number][]} path visitors, lift, low, high
 * @property {{ words: string, state: string }[]} guardrails
 * @property {boolean} uneven
 */

const W = 980, H = 170;
const STATES = /** @type {Record<string, string>} */ ({ ok: "kept", warn: "above it, perhaps by chance", crossed: "crossed" });

/** A relative difference as `+12 %`. @param {number} x @returns {string} */
export const difference = (x) => `${x < 0 ? "−" : "+"}${percent(Math.abs(x))}`;

/**
 * Where the interval runs in a plot. The first intervals are wide: the scale holds the later half, and the rest is cut off.
 * @param {[number, number, number, number][]} path
 * @returns {{ band: string, line: string, zero: number, top: number }} points, the height of no difference, and the end of the scale
 */
export function chartOf(path) {
  const later = path.slice(Math.floor(path.length / 2)), last = path[path.length - 1][0] || 1;
  const top = Math.max(0.02, ...later.flatMap(([, , low, high]) => [Math.abs(low), Math.abs(high)]));
  const x = (/** @type {number} */ n) => ((n / last) * W).toFixed(1);
  const y = (/** @type {number} */ v) => (H / 2 - (Math.max(-top, Math.min(top, v)) / top) * (H / 2 - 4)).toFixed(1);
  const high = path.map(([n, , , v]) => `${x(n)},${y(v)}`), low = path.map(([n, , v]) => `${x(n)},${y(v)}`);
  return { band: [...high, ...low.reverse()].join(" "), line: path.map(([n, v]) => `${x(n)},${y(v)}`).join(" "), zero: H / 2, top };
}

/** @param {Experiment} found */
function chart({ path, lift }) {
  if (path.length < 2 || !lift) return null;
  const { band, line, zero, top } = chartOf(path), last = path[path.length - 1][0].toLocaleString("en");
  const plot = svg("svg", { viewBox: `0 0 ${W} ${H}`, role: "img", preserveAspectRatio: "none",
    "aria-label": `Likes of arm b beside arm a, from ${difference(-top)} to ${difference(top)}: now ${difference(lift.value)}, between ${difference(lift.low)} and ${difference(lift.high)}` },
    svg("polygon", { points: band, class: "band" }), svg("line", { x1: 0, x2: W, y1: zero, y2: zero, class: "axis" }), svg("polyline", { points: line, class: "line like" }));
  return make("div", { class: "interval" }, make("p", { class: "ends" }, make("span", {}, `${difference(top)} at the top, ${difference(-top)} at the bottom; the line in the middle is no difference`)),
    plot, make("p", { class: "ends" }, make("span", {}, "the first visitor"), make("span", {}, `${last} visitors`)));
}

/** @param {ExperimentArm} arm @returns {(string | number)[]} cells of its row */
export const rowOf = (arm) => [`${arm.arm}: ${arm.label}`, arm.visitors, arm.impressions, arm.likes, arm.hides, `${(100 * arm.rate).toFixed(2)}`];

/**
 * The panel, or null where there was no experiment.
 * @param {Experiment | null | undefined} found
 * @param {(caption: string, head: string[], rows: any[][]) => HTMLElement} table
 * @returns {HTMLElement | null}
 */
export function experimentPanel(found, table) {
  if (!found) return null;
  const ended = found.state !== "running";
  const crossed = found.guardrails?.some(({ state }) => state === "crossed");
  const says = [found.uneven ? "The arms are not split as asked: do not trust the comparison." : "", crossed ? "A guardrail is crossed." : ""].filter(Boolean).join(" ");
  return make("section", { class: "panel experiment" }, make("h2", {}, `Experiment ${found.name}`),
    make("p", { class: "soft" }, ended ? `It has been ${found.state}.${found.why ? ` Why: ${found.why}.` : ""}` : `It is running; ${Math.round(100 * found.share)} % of the visitors get arm b.`),
    says ? make("p", { class: "alert", role: "alert" }, says) : null,
    found.text ? make("p", {}, found.text) : null, found.path ? chart(found) : null,
    found.arms ? table("Arms of the experiment", ["arm", "visitors", "works shown", "likes", "hidden", "likes per 100 shown"],
      found.arms.map((arm) => rowOf(arm).map((cell) => (typeof cell === "number" ? cell.toLocaleString("en") : cell)))) : null,
    found.guardrails ? make("ul", { class: "said" }, found.guardrails.map(({ words, state }) => make("li", {}, `Guardrail, ${words}: ${STATES[state] || state}.`))) : null);
}
