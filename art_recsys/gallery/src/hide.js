/* Send a picture away: shown at once, undone if it could not be saved. */

import { button, make } from "./dom.js";
import { Refused } from "./kernel.js";

/** @typedef {import("./gallery.js").Gallery} Gallery */
/** @typedef {import("./types.js").Card} Card */

/** @param {Gallery} app @param {Card} card @param {boolean} on hidden, or shown again */
export async function hide(app, card, on) {
  const work = card.item.artwork, wasLiked = app.liked.has(work.artwork_id);
  veil(app, card, on);
  /** @type {HTMLElement | null} */
  const next = card.querySelector(on ? ".veil button" : ".picture");
  next?.focus();
  if (on) app.shell.say(`Hidden “${work.title}”`, () => hide(app, card, false));
  try {
    await app.kernel.ask("hide", { artwork_id: work.artwork_id, on });
    app.channel.tell("hide", { id: work.artwork_id, on });
  } catch (problem) {
    veil(app, card, !on);
    if (problem instanceof Refused) app.shell.say(problem.message);
    return;
  }
  if (on && wasLiked) app.shell.announce(`Hidden and no longer liked: “${work.title}”`);
}

/** A hidden work leaves its place empty, so that its neighbours stay where they are. @param {Gallery} app @param {Card} card @param {boolean} on */
export function veil(app, card, on) {
  card.classList.toggle("is-hidden", on);
  for (const part of /** @type {NodeListOf<HTMLElement>} */ (card.querySelectorAll(".picture, .label"))) part.inert = on;
  card.querySelector(".veil")?.remove();
  if (on) card.append(make("div", { class: "veil" }, make("span", {}, "Hidden"), button("Undo", () => hide(app, card, false), { class: "pill" })));
}
