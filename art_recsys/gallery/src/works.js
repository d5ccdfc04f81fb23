/* What the card of a work says: its main colour, the shape of its picture, and its words for screen readers. */

import { hashOf } from "./dice.js";

/** @typedef {import("./types.js").Work} Work */

/** The main colour of a work, or null if it is unknown. @param {Work} work @returns {string | null} */
export function dominantOf(work) {
  if (!work.picture && !work.colour) return null;
  return /^#[0-9a-f]{6}$/i.test(work.dominant || "") ? work.dominant || null : null;
}

/** Width / height of the picture of a work, or of the one that is painted for it. @param {Work} work */
export function pictureRatio(work) {
  const { width, height } = work;
  if (work.picture && width && height && width > 0 && height > 0) return width / height;
  return [0.76, 0.8, 0.86, 1, 1.22, 1.36][hashOf(work.artwork_id) % 6];
}

/** The alternative text of a picture, for screen readers. @param {Work} work */
export function alternative(work) {
  const named = [work.title, work.artist, work.date_text].filter(Boolean).join(", ");
  const told = String(work.description || "").slice(0, 240);
  return told ? `${named}. ${told}` : named;
}
