/* One work in a dialog: its picture, what is known of it, what can be done with it, and rows of similar works. */

import { button, count, icon, iconButton, make, webAddress } from "./dom.js";
import { Refused } from "./kernel.js";
import { unwanted } from "./memory.js";
import { pictureOf } from "./pictures.js";
import { dominantOf, pictureRatio } from "./works.js";

/** @typedef {import("./types.js").Work} Work */
/** @typedef {import("./types.js").Item} Item */
/** @typedef {import("./types.js").Reason} Reason */
/** @typedef {import("./types.js").SimilarRow} SimilarRow */

const FACETS = ["medium", "category", "period", "colour"]; // facts that the wall can be filtered by

export class Details {
  /** @param {import("./gallery.js").Gallery} app */
  constructor(app) {
    this.app = app;
    const { dialog, body } = app.shell.dialog("details", "details-title", () => this.leave());
    this.dialog = dialog;
    this.body = body;
    /** @type {string | null} */
    this.asked = null; // the work that was asked for last; late answers about others are ignored
    dialog.addEventListener("keydown", (event) => {
      if (event.key === "ArrowLeft") this.step(-1);
      else if (event.key === "ArrowRight") this.step(1);
    });
  }

  /** @param {string} artworkId */
  open(artworkId) {
    if (!this.dialog.open) this.app.shell.focusBack = document.activeElement;
    this.app.router.openWork(artworkId);
    return this.fetch(artworkId);
  }

  /** Show what is known of a work at once, and the rest when it comes. @param {string} artworkId */
  async fetch(artworkId) {
    const { app, dialog } = this;
    const known = app.room.cardOf(artworkId)?.item;
    if (known) this.show(artworkId, known.artwork, known, null);
    this.asked = artworkId;
    try {
      const answer = await app.kernel.ask("details", { artwork_id: artworkId });
      if (this.asked !== artworkId || (known && !dialog.open)) return;
      if (answer.work) this.show(artworkId, { ...known?.artwork, ...answer.work }, known, answer.similar);
      else this.gone("This work is not in the collection any more.");
    } catch (problem) {
      if (this.asked === artworkId && problem instanceof Refused) {
        if (dialog.open) this.similarPlace?.replaceChildren(make("p", { class: "soft" }, `Similar works cannot be loaded. ${problem.message}`));
        else this.gone(problem.message);
      }
    }
  }

  /** @param {string} text */
  gone(text) {
    if (this.dialog.open) this.dialog.close();
    else this.app.router.leaveWork();
    this.app.shell.say(text);
  }

  /**
   * @param {string} artworkId
   * @param {Work & { tags?: string[] }} work
   * @param {Item | undefined} item as it hangs on a wall
   * @param {SimilarRow[] | null} similar null: not known yet
   */
  show(artworkId, work, item, similar) {
    const { app, dialog, body } = this;
    const sameWork = dialog.open && dialog.dataset.id === artworkId;
    if (sameWork && similar) { // the same work is open: add the rest, keep the picture and the focus
      this.factsPlace.replaceChildren(...this.facts(work));
      this.showSimilar(similar);
      return;
    }
    dialog.dataset.id = artworkId;
    this.factsPlace = make("div", { class: "facts" }, this.facts(work));
    this.similarPlace = make("div", { class: "similar" });
    const title = make("h2", { id: "details-title", tabindex: "-1" }, work.title || "Untitled");
    const source = webAddress(work.source_url), card = app.room.cardOf(artworkId), artist = work.artist;
    body.replaceChildren(
      make("div", { class: "tools" },
        iconButton("left", "Previous work", () => this.step(-1), { hidden: !app.room.neighbour(artworkId, -1) }),
        iconButton("right", "Next work", () => this.step(1), { hidden: !app.room.neighbour(artworkId, 1) }),
        iconButton("close", "Close", () => dialog.close())),
      make("figure", { vars: { "--dominant": dominantOf(work) || "var(--bone)" } },
        make("div", { class: "frame", vars: { "--ratio": pictureRatio(work).toFixed(4) } }, pictureOf(work, app.base, true))),
      make("div", { class: "story" }, title,
        make("p", { class: "by" }, artist
          ? button(artist, () => app.leaveFor({ view: "artist", artist }), { class: "link", title: `All works by ${artist}` }) : "Artist unknown"),
        make("div", { class: "actions" },
          button("Like", () => app.like(work), { class: "pill heart", "data-like": artworkId, "aria-pressed": "false" }, icon("heart"), "Like"),
          card && app.room.hideable ? button("", () => { dialog.close(); app.hide(card); }, { class: "pill" }, icon("hide"), "Not for me") : null,
          artist ? button("No more by this artist", () => app.excludeArtist(artist, !unwanted().includes(artist)),
            { class: "pill", "data-artist": artist }) : null,
          button("", () => app.picker.open(work), { class: "pill" }, icon("room"), "Add to a room"),
          app.standalone ? button("", () => this.copyLink(), { class: "pill" }, icon("link"), "Copy link") : null,
          source ? make("a", { class: "pill", href: source, target: "_blank", rel: "noopener noreferrer" }, icon("out"), "Source") : null),
        item?.reason?.text ? make("p", { class: "why" }, this.because(item.reason)) : null,
        this.factsPlace),
      this.similarPlace);
    if (similar) this.showSimilar(similar);
    else this.similarPlace.replaceChildren(make("h3", {}, "Similar works"), make("div", { class: "strip waiting" }));
    app.repaint();
    this.paintExcluded();
    if (!dialog.open) dialog.showModal();
    body.scrollTop = dialog.scrollTop = 0;
    title.focus();
  }

  /** Label the button for the artist with what it does now. */
  paintExcluded() {
    /** @type {HTMLElement | null} */
    const place = this.body.querySelector("[data-artist]");
    if (!place) return;
    const off = unwanted().includes(place.dataset.artist || "");
    place.textContent = off ? "Show this artist again" : "No more by this artist";
  }

  /** The reason of a recommendation, with a link if the reason is another work. @param {Reason} reason */
  because(reason) {
    const { artwork_id: id, text } = reason;
    return id ? button(text, () => this.open(id), { class: "because" }) : text;
  }

  /** What is known of a work; what the wall can be filtered by, or searched for, is a button. @param {Work & { tags?: string[] }} work */
  facts(work) {
    const { app } = this;
    const rows = { Date: work.date_text, Medium: work.medium, Category: work.category, Culture: work.culture, Period: work.period,
      Colour: work.colour, Credit: work.credit, Licence: work.licence };
    const list = make("dl", {}, Object.entries(rows).filter(([, value]) => value).flatMap(([name, value]) => {
      const facet = name.toLowerCase(), filters = { [facet]: String(value) };
      const known = FACETS.includes(facet) && app.options?.[facet]?.includes(String(value));
      return [make("dt", {}, name), make("dd", {}, known
        ? button(String(value), () => app.leaveFor({ filters }), { class: "link", title: `Only ${facet}: ${value}` }) : String(value))];
    }));
    const tags = (Array.isArray(work.tags) ? work.tags : []).filter(Boolean).map((tag) =>
      make("li", {}, button(String(tag), () => app.leaveFor({ view: "search", search: String(tag) }), { class: "tag" })));
    return [work.description ? make("p", { class: "description" }, work.description) : null, list,
      tags.length ? make("ul", { class: "tags", "aria-label": "Tags" }, tags) : null].filter(Boolean);
  }

  /** Rows of similar works; each has a button for more of it. @param {SimilarRow[]} rows */
  showSimilar(rows) {
    const similarTo = String(this.dialog.dataset.id);
    this.similarPlace.replaceChildren(...(rows.length ? [make("h3", {}, "Similar works")] : []), ...rows.map((row) => {
      const strip = make("ul", { class: "strip", "aria-label": row.title }, row.items.map((item) => this.similarWork(item)));
      const more = row.end ? null : button("More", () => this.moreSimilar(similarTo, row, strip, more),
        { class: "plain", "aria-label": `More: ${row.title}` });
      return make("div", { class: "similar-row", "data-row": row.name }, make("div", { class: "similar-head" }, make("h4", {}, row.title), more), strip);
    }));
  }

  /** @param {Item} item */
  similarWork({ artwork: work, reason }) {
    const words = [[work.title || "Untitled", work.artist].filter(Boolean).join(", "), reason?.text].filter(Boolean).join(". ");
    return make("li", {}, button("", () => this.open(work.artwork_id), { "aria-label": words, title: words,
      vars: { "--dominant": dominantOf(work) || "var(--bone)", "--ratio": pictureRatio(work).toFixed(4) } },
    pictureOf(work, this.app.base, false, "")));
  }

  /**
   * Add to the end of a row what follows; the works in it stay where they are.
   * @param {string} artworkId
   * @param {SimilarRow} row
   * @param {HTMLElement} strip
   * @param {HTMLElement} more the button
   */
  async moreSimilar(artworkId, row, strip, more) {
    const { app } = this;
    if (more.dataset.busy) return;
    more.dataset.busy = "true";
    try {
      const next = (await app.kernel.ask("similar", { artwork_id: artworkId, row: row.name })).row;
      const works = next.items.map((/** @type {Item} */ item) => this.similarWork(item));
      strip.append(...works);
      (works[0] || strip.lastElementChild)?.querySelector("button")?.focus();
      if (next.end) more.remove();
      app.shell.announce(works.length ? `${count(works.length, "work")} more` : "That is all");
    } catch (problem) {
      if (problem instanceof Refused) app.shell.say(problem.message);
    }
    delete more.dataset.busy;
  }

  /** @param {number} step */
  step(step) {
    const next = this.app.room.neighbour(this.dialog.dataset.id, step);
    if (!next) return;
    this.open(String(next.dataset.id));
    this.app.shell.focusBack = next.querySelector(".picture");
  }

  async copyLink() {
    try {
      await navigator.clipboard.writeText(location.href);
      this.app.shell.say("Link copied");
    } catch {
      this.app.shell.say(`This work: ${location.href}`);
    }
  }

  /** The dialog was closed. */
  leave() {
    this.asked = null;
    this.body.replaceChildren();
    this.app.router.leaveWork();
    this.app.shell.returnFocus();
  }
}
