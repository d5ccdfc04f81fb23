/* The page of a shared room. It needs no kernel: the room stands in the page, and nothing else is known here. */

import { button, count, make } from "./dom.js";
import { onPaper } from "./exhibition.js";
import { justify } from "./layout.js";
import { pictureOf } from "./pictures.js";
import { printed } from "./print.js";
import { Shell } from "./shell.js";
import { Slideshow } from "./slideshow.js";
import { dominantOf, pictureRatio } from "./works.js";

/** @typedef {import("./types.js").Work} Work */
/** @typedef {{ name: string, text: string, items: { artwork: Work }[], pictures: string, home: string }} SharedRoom */

/** @param {Work} work @param {string} base @param {boolean} eager @param {() => void} open */
function cardOf(work, base, eager, open) {
  const by = [work.artist, work.date_text].filter(Boolean).join(", ");
  const card = make("li", { class: "card", vars: { "--dominant": dominantOf(work) || "var(--bone)" } },
    button("", open, { class: "picture", "aria-haspopup": "dialog" }, pictureOf(work, base, eager)),
    make("div", { class: "label" }, make("div", { class: "words" }, make("h2", { dir: "auto" }, work.title || "Untitled"),
      by ? make("p", { class: "by", dir: "auto" }, by) : null), onPaper(work)));
  card.ratio = pictureRatio(work);
  return card;
}

/** @param {SharedRoom} room @param {HTMLElement} host */
function draw(room, host) {
  const shell = new Shell(true), works = room.items.map(({ artwork }) => artwork), slideshow = new Slideshow(shell, room.pictures,
    (work) => make("a", { class: "link", href: `${room.home}#work=${encodeURIComponent(work.artwork_id)}` }, "See it in the gallery"));
  const wall = make("ul", { class: "wall" }, works.map((work, n) => cardOf(work, room.pictures, n < 4, () => slideshow.open(works, n))));
  const section = make("section", { class: "room exhibition" },
    make("div", { class: "lead" }, make("div", {}, make("h1", { dir: "auto" }, room.name),
      make("p", { class: "sub" }, works.length ? count(works.length, "work") : "No works hang here yet."))),
    room.text ? make("p", { class: "wall-text", dir: "auto" }, room.text) : null,
    works.length ? make("div", { class: "actions" }, button("Slideshow", () => slideshow.open(works, 0, true), { class: "pill strong" }),
      button("Print or PDF", () => printed(section, room.name), { class: "pill" })) : null, wall);
  const home = make("nav", { "aria-label": "Gallery" }, make("a", { class: "plain", href: room.home }, "Visit the gallery"));
  shell.build(host, [home], [section]);
  new ResizeObserver(() => justify(wall, true)).observe(shell.root);
}

const told = document.getElementById("room"), host = document.getElementById("host");
if (told && host) draw(JSON.parse(told.textContent || "{}"), host);
