/* Pictures: the photograph of a work over its main colour, or a painted one; and portraits of visitors. */

import { dice, hashOf } from "./dice.js";
import { make, webAddress } from "./dom.js";
import { paintedPicture } from "./painted.js";
import { alternative } from "./works.js";

/** @typedef {import("./types.js").Work} Work */

/**
 * URL of a work's picture, always on our server: it fetches what only a museum has, so that nobody else learns who looks.
 * Null where there is none.
 * @param {Work} work
 * @param {string} base
 */
export function pictureAddress(work, base) {
  return work.picture || webAddress(work.image_url) ? base + encodeURIComponent(work.artwork_id) : null;
}

/**
 * The picture of a work: its photograph, loaded lazily over its main colour, or a painted picture if there is none.
 * @param {Work} work
 * @param {string} base
 * @param {boolean} [eager] whether it is on the first screen
 * @param {string} [alt] empty where the words around it say all
 */
export function pictureOf(work, base, eager = false, alt = alternative(work)) {
  const painted = () => (alt ? paintedPicture(work) : decorative(paintedPicture(work)));
  const address = pictureAddress(work, base);
  if (!address) return painted();
  const image = make("img", { alt, loading: eager ? "eager" : "lazy", decoding: "async", fetchpriority: eager ? "high" : null,
    width: work.width || null, height: work.height || null, referrerpolicy: "no-referrer" });
  const shown = () => image.classList.add("is-loaded");
  image.addEventListener("load", shown);
  image.addEventListener("error", () => image.replaceWith(painted()));
  image.src = address;
  if (image.complete && image.naturalWidth) shown();
  return image;
}

/** @param {Element} node */
function decorative(node) {
  node.removeAttribute("role");
  node.removeAttribute("aria-label");
  node.setAttribute("aria-hidden", "true");
  return node;
}

/** A small round portrait with colours derived from the user id. @param {string | null} [userId] null: the visitor */
export function face(userId) {
  const roll = dice(hashOf(userId || "you")), hue = Math.floor(roll() * 360);
  return make("span", { class: userId ? "face" : "face you", "aria-hidden": "true",
    vars: { "--hue": hue, "--other": (hue + 50 + Math.floor(roll() * 120)) % 360, "--turn": `${Math.floor(roll() * 360)}deg` } });
}
