/* Under a picture that was just liked: more or less of what it shows, and the way to its artist. */

import { button, make } from "./dom.js";

const TAGS = 2; // of a work, those said first

/** @typedef {import("./gallery.js").Gallery} Gallery */

/**
 * The chips of a work take the place of its reason, so that no row below it moves.
 * @param {Gallery} app @param {import("./types.js").Card} card @param {boolean} on whether it is liked
 */
export function wish(app, card, on) {
  const { artwork: work } = card.item, reason = /** @type {HTMLElement | null} */ (card.querySelector(".reason"));
  card.querySelector(".wishes")?.remove();
  const chips = on && !app.profile ? [...(work.tags || []).slice(0, TAGS).map((tag) => chip(app, tag)), ...elsewhere(app, work)] : [];
  const height = reason?.offsetHeight || 0;
  reason?.classList.toggle("is-away", chips.length > 0);
  if (chips.length) {
    card.querySelector(".label")?.append(make("ul", { class: "wishes", "aria-label": `More like ${work.title}`, vars: { "--room": `${height}px` } }, chips));
  }
}

/** Turns at once, because nothing draws it anew; `Taste.chip` stands as the server answers. @param {Gallery} app @param {string} tag */
function chip(app, tag) {
  /** @type {HTMLButtonElement[]} */
  const turns = [];
  const turn = (/** @type {"more" | "less"} */ way, /** @type {string} */ sign) => {
    const words = `${way === "more" ? "More" : "Less"} of ${tag}`;
    const act = () => {
      const on = made.getAttribute("aria-pressed") !== "true";
      for (const other of turns) other.setAttribute("aria-pressed", String(on && other === made));
      app.wall.taste.steer({ kind: "tag", value: tag }, on ? way : "neutral");
    };
    const made = /** @type {HTMLButtonElement} */ (button(sign, act, { class: "turn", "aria-label": words, title: words, "aria-pressed": "false" }));
    turns.push(made);
    return made;
  };
  return make("li", {}, make("span", {}, tag), turn("more", "+"), turn("less", "−"));
}

/** @param {Gallery} app @param {import("./types.js").Work} work */
function elsewhere(app, work) {
  return work.artist ? [make("li", {}, button(`More by ${work.artist}`, () => app.visit({ view: "artist", artist: work.artist }), { class: "plain" }))] : [];
}
