/* Rows of works that are similar to one. A row goes on as one scrolls it, until there is no more. */

import { button, count, iconButton, make } from "./dom.js";
import { Refused } from "./kernel.js";
import { pictureOf } from "./pictures.js";
import { dominantOf, pictureRatio } from "./works.js";

/** @typedef {import("./types.js").Item} Item */
/** @typedef {import("./types.js").SimilarRow} Row */

const AHEAD = "600px"; // before its end is reached, a row gets longer

export class Similar {
  /**
   * @param {import("./gallery.js").Gallery} app
   * @param {(item: Item) => void} open
   * @param {() => string | null} asked the work that was asked for last: the kernel answers for no other
   */
  constructor(app, open, asked) {
    this.app = app;
    this.open = open;
    this.asked = asked;
    this.place = make("div", { class: "similar" });
    /** @type {IntersectionObserver[]} */
    this.watching = [];
  }

  /** Nothing is known yet. */
  wait() {
    this.leave();
    this.place.replaceChildren(make("h3", {}, "Similar works"), make("div", { class: "strip waiting" }));
  }

  /** @param {string} text */
  tell(text) {
    this.place.replaceChildren(make("p", { class: "soft" }, text));
  }

  /** @param {string} artworkId @param {Row[]} rows */
  show(artworkId, rows) {
    this.leave();
    this.place.replaceChildren(...(rows.length ? [make("h3", {}, "Similar works")] : []), ...rows.map((row) => this.row(artworkId, row)));
  }

  /** @param {string} artworkId @param {Row} row */
  row(artworkId, row) {
    const ids = new Set(), end = make("li", { class: "row-end", "aria-hidden": "true" });
    const strip = make("ul", { class: "strip", "aria-label": row.title, onkeydown: (/** @type {KeyboardEvent} */ event) => this.walk(event, strip),
      onfocusin: (/** @type {FocusEvent} */ event) => this.hold(strip, /** @type {HTMLElement} */ (event.target)), onscroll: () => paint() });
    const turn = (/** @type {number} */ way) => strip.scrollBy({ left: way * strip.clientWidth * 0.8,
      behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "instant" : "smooth" });
    const back = iconButton("left", `Back: ${row.title}`, () => turn(-1)), more = iconButton("right", `More: ${row.title}`, () => turn(1));
    const paint = () => {
      back.disabled = strip.scrollLeft < 8;
      more.disabled = !end.isConnected && strip.scrollLeft + strip.clientWidth > strip.scrollWidth - 8;
    };
    const add = (/** @type {Item[]} */ items) => {
      const fresh = items.filter(({ artwork }) => !ids.has(artwork.artwork_id) && artwork.artwork_id !== artworkId && ids.add(artwork.artwork_id));
      const works = fresh.map((item) => this.work(item));
      if (end.isConnected) end.before(...works);
      else strip.append(...works);
      if (strip.firstElementChild && !strip.querySelector("[tabindex='0']")) this.hold(strip, strip.firstElementChild.querySelector("button"));
      return works.length;
    };
    add(row.items);
    if (!row.end) {
      strip.append(end);
      this.goOn(artworkId, row, strip, end, add, paint);
    }
    requestAnimationFrame(paint);
    return make("div", { class: "similar-row", "data-row": row.name },
      make("div", { class: "similar-head" }, make("h4", {}, row.title), make("div", { class: "turns" }, back, more)), strip);
  }

  /**
   * Fetch more whenever the end of a row comes near.
   * @param {string} artworkId
   * @param {Row} row
   * @param {HTMLElement} strip
   * @param {HTMLElement} end
   * @param {(items: Item[]) => number} add returns how many were new
   * @param {() => void} paint
   */
  goOn(artworkId, row, strip, end, add, paint) {
    let busy = false;
    const observer = new IntersectionObserver(async (seen) => {
      if (busy || !seen.some((s) => s.isIntersecting) || this.asked() !== artworkId) return;
      busy = true;
      observer.unobserve(end);
      try {
        const { row: next } = await this.app.kernel.ask("similar", { artwork_id: artworkId, row: row.name });
        const n = add(next.items);
        if (next.end || !n) end.remove();
        if (document.activeElement && strip.contains(document.activeElement)) this.app.shell.announce(n ? `${count(n, "work")} more` : "That is all");
      } catch (problem) {
        if (!(problem instanceof Refused)) return;
        end.remove(); // scrolling on would only ask again and again
        this.app.shell.say(problem.message);
      } finally {
        busy = false;
      }
      paint();
      if (end.isConnected) observer.observe(end);
    }, { root: strip, rootMargin: `0px ${AHEAD} 0px 0px` });
    observer.observe(end);
    this.watching.push(observer);
  }

  /** @param {Item} item */
  work(item) {
    const { artwork: work, reason } = item;
    const words = [[work.title || "Untitled", work.artist].filter(Boolean).join(", "), reason?.text].filter(Boolean).join(". ");
    return make("li", {}, button("", () => this.open(item), { "aria-label": words, title: words, tabindex: "-1",
      vars: { "--dominant": dominantOf(work) || "var(--bone)", "--ratio": pictureRatio(work).toFixed(4) } },
    pictureOf(work, this.app.base, false, "")));
  }

  /** Tab comes to one work of a row, the last one that had the focus. @param {HTMLElement} strip @param {HTMLElement | null} work */
  hold(strip, work) {
    strip.querySelector("[tabindex='0']")?.setAttribute("tabindex", "-1");
    work?.setAttribute("tabindex", "0");
  }

  /** Arrow keys go along the row. @param {KeyboardEvent} event @param {HTMLElement} strip */
  walk(event, strip) {
    const works = /** @type {HTMLElement[]} */ ([...strip.querySelectorAll("button")]), at = works.indexOf(/** @type {any} */ (document.activeElement));
    /** @type {Record<string, HTMLElement | undefined>} */
    const ways = { ArrowRight: works[at + 1], ArrowLeft: works[at - 1], Home: works[0], End: works.at(-1) };
    if (!(event.key in ways) || at < 0 || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation(); // elsewhere they go to the next work of the wall
    ways[event.key]?.focus();
  }

  leave() {
    for (const observer of this.watching) observer.disconnect();
    this.watching = [];
  }
}
