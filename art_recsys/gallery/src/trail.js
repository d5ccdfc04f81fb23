/* Where a visitor wandered: works that were opened one from the other. The browser's history keeps it, so Back and Forward know it too. */

import { button, make } from "./dom.js";
import { pictureOf } from "./pictures.js";
import { dominantOf, pictureRatio } from "./works.js";

/** @typedef {import("./types.js").Work} Work */
/** @typedef {{ works: Work[], at: number }} Trail the works in order, and which of them is open */

const LONGEST = 20; // works
/** @type {(keyof Work)[]} */
const KEPT = ["artwork_id", "title", "artist", "colour", "image_url", "dominant", "picture", "width", "height"];

/** @type {Trail} */
export const NOWHERE = { works: [], at: -1 };

/** What a trail keeps of a work. @param {Work} work @returns {Work} */
function brief(work) {
  return /** @type {Work} */ (Object.fromEntries(KEPT.filter((key) => work[key] !== undefined).map((key) => [key, work[key]])));
}

/** A work was opened from a wall. @param {Work} work @returns {Trail} */
export function started(work) {
  return { works: [brief(work)], at: 0 };
}

/** A work was opened from the one that is open: it comes next; a work where one was already is returned to. @param {Trail} trail @param {Work} work @returns {Trail} */
export function walked(trail, work) {
  const before = trail.works.findIndex((w) => w.artwork_id === work.artwork_id);
  if (before >= 0) return { works: trail.works, at: before };
  const works = [...trail.works.slice(0, trail.at + 1), brief(work)].slice(-LONGEST);
  return { works, at: works.length - 1 };
}

/** More is known of a work now. @param {Trail} trail @param {Work} work @returns {Trail} */
export function told(trail, work) {
  return { ...trail, works: trail.works.map((w) => (w.artwork_id === work.artwork_id ? brief(work) : w)) };
}

/** The trail that an entry of the history has, if it leads to this work. @param {any} kept @param {string} artworkId @returns {Trail} */
export function trailOf(kept, artworkId) {
  const works = Array.isArray(kept?.works) ? kept.works.filter((/** @type {any} */ w) => typeof w?.artwork_id === "string").slice(-LONGEST) : [];
  const at = works.findIndex((/** @type {Work} */ w) => w.artwork_id === artworkId);
  return at < 0 ? NOWHERE : { works, at };
}

/**
 * The trail as small pictures; nothing where one has been at one work only.
 * @param {Trail} trail
 * @param {string} base of pictures
 * @param {(work: Work) => void} open
 */
export function drawTrail(trail, base, open) {
  if (trail.works.length < 2) return null;
  const steps = trail.works.map((work, k) => {
    const words = [work.title || "Untitled", work.artist].filter(Boolean).join(", ");
    return make("li", {}, button("", () => k !== trail.at && open(work), { title: words, "aria-label": words, "aria-current": k === trail.at ? "true" : null,
      vars: { "--dominant": dominantOf(work) || "var(--bone)", "--ratio": pictureRatio(work).toFixed(4) } }, pictureOf(work, base, false, "")));
  });
  return make("div", { class: "trail", role: "navigation", "aria-label": "The way you came" }, make("ol", {}, steps));
}

/** Scroll a long trail to the work that is open. @param {HTMLElement} body that has the trail, or none */
export function showPlace(body) {
  const here = body.querySelector(".trail [aria-current]")?.parentElement, steps = here?.parentElement;
  if (here && steps) steps.scrollLeft = here.offsetLeft - steps.offsetLeft - steps.clientWidth / 2;
}
