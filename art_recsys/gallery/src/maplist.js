/* The list beside the map: the works under the lens, as links. */

import { make } from "./dom.js";
import { pictureOf } from "./pictures.js";
import { hashOf } from "./router.js";
import { dominantOf } from "./works.js";

/**
 * @param {import("./gallery.js").Gallery} app
 * @param {import("./types.js").Item} item
 * @param {string} place of the lens, as in the address
 */
export function rowOf(app, item, place) {
  const work = item.artwork, by = [work.artist, work.date_text].filter(Boolean).join(", ");
  const open = (/** @type {MouseEvent} */ event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    app.details.open(work.artwork_id);
  };
  const link = make("a", { class: "picture-link", href: hashOf({ view: "map", map: place, work: work.artwork_id }), onclick: open },
    make("span", { class: "stamp", vars: { "--dominant": dominantOf(work) || "var(--bone)" } }, pictureOf(work, app.base, false, "")),
    make("span", { class: "words" }, make("strong", {}, work.title || "Untitled"), by ? make("span", { class: "by" }, by) : null));
  const row = make("li", { "data-id": work.artwork_id }, link);
  row.item = item;
  return row;
}
