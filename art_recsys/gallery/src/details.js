/* One work in a dialog: its picture, what is known of it, what can be done with it, and the way from it to others. */

import { button, icon, iconButton, make, webAddress } from "./dom.js";
import { Refused } from "./kernel.js";
import { unwanted } from "./memory.js";
import { Similar } from "./similar.js";
import { drawTrail, NOWHERE, showPlace, started, told, trailOf, walked } from "./trail.js";
import { Viewer } from "./viewer.js";

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
    /** @type {Work | null} */
    this.work = null; // that is open
    this.trail = NOWHERE;
    this.viewer = new Viewer(app, (step) => this.step(step));
    this.similar = new Similar(app, (item) => this.wander(item), () => this.asked);
    dialog.addEventListener("keydown", (event) => this.key(event));
    this.resizing = new ResizeObserver(() => this.viewer.layout());
    this.resizing.observe(body);
  }

  /** Open a work of a wall. @param {string} artworkId */
  open(artworkId) {
    const known = this.app.room.cardOf(artworkId)?.item;
    if (!this.dialog.open) this.app.shell.focusBack = document.activeElement;
    this.trail = known ? started(known.artwork) : NOWHERE;
    this.app.router.openWork(artworkId, this.trail);
    return this.fetch(artworkId);
  }

  /** Open a work from the one that is open; Back leads to that one. @param {Item} item */
  wander(item) {
    const { artwork_id: id } = item.artwork;
    this.trail = walked(this.trail, item.artwork);
    this.app.router.openWork(id, this.trail, true);
    return this.fetch(id, item.artwork.title ? item : undefined);
  }

  /** Show what the address says. @param {string} artworkId */
  comeTo(artworkId) {
    this.trail = trailOf(this.app.router.trail, artworkId);
    const work = this.trail.works[this.trail.at];
    return this.fetch(artworkId, work?.title ? { artwork: work } : undefined);
  }

  /**
   * Show what is known of a work at once, and the rest when it comes.
   * @param {string} artworkId
   * @param {Item} [item] where the work does not hang in this room
   */
  async fetch(artworkId, item) {
    const { app, dialog } = this;
    const known = app.room.cardOf(artworkId)?.item || item;
    if (known) this.show(artworkId, known.artwork, known, null);
    this.asked = artworkId;
    app.opened.add(artworkId);
    try {
      const answer = await app.kernel.ask("details", { artwork_id: artworkId });
      if (this.asked !== artworkId || (known && !dialog.open)) return;
      if (answer.work) this.show(artworkId, { ...known?.artwork, ...answer.work }, known, answer.similar);
      else this.gone("This work is not in the collection any more.");
    } catch (problem) {
      if (this.asked === artworkId && problem instanceof Refused) {
        if (dialog.open) this.similar.tell(`Similar works cannot be loaded. ${problem.message}`);
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
      this.similar.show(artworkId, similar);
      return;
    }
    dialog.dataset.id = artworkId;
    this.factsPlace = make("div", { class: "facts" }, this.facts(work));
    this.trail = this.trail.works.length ? told(this.trail, work) : started(work);
    app.router.keepTrail(this.trail);
    const title = make("h2", { id: "details-title", tabindex: "-1" }, work.title || "Untitled");
    const source = webAddress(work.source_url), card = app.room.cardOf(artworkId), artist = work.artist;
    body.replaceChildren(
      make("div", { class: "tools" },
        iconButton("left", "Previous work", () => this.step(-1), { hidden: !app.room.neighbour(artworkId, -1) }),
        iconButton("right", "Next work", () => this.step(1), { hidden: !app.room.neighbour(artworkId, 1) }),
        iconButton("close", "Close", () => dialog.close())),
      this.viewer.show(work),
      make("div", { class: "story" }, drawTrail(this.trail, app.base, (past) => this.wander({ artwork: past })),
        make("div", { class: "head" }, title, iconButton("heart", `Like ${work.title || "Untitled"}`, () => app.like(work),
          { class: "round heart", "data-like": artworkId, "aria-pressed": "false", title: "Like (L)" })),
        make("p", { class: "by" }, artist
          ? button(artist, () => app.leaveFor({ view: "artist", artist }), { class: "link", title: `All works by ${artist}` }) : "Artist unknown"),
        make("div", { class: "actions" },
          card && app.room.hideable ? button("", () => { dialog.close(); app.hide(card); }, { class: "pill" }, icon("hide"), "Not for me") : null,
          app.standalone ? button("", () => this.copyLink(), { class: "pill" }, icon("link"), "Copy link") : null,
          artist ? button("No more by this artist", () => app.excludeArtist(artist, !unwanted().includes(artist)),
            { class: "pill", "data-artist": artist }) : null,
          button("", () => app.picker.open(work), { class: "pill" }, icon("room"), "Add to a room"),
          source ? make("a", { class: "pill", href: source, target: "_blank", rel: "noopener noreferrer" }, icon("out"), "Source") : null),
        item?.reason?.text ? make("p", { class: "why" }, this.because(item.reason)) : null,
        this.factsPlace),
      this.similar.place);
    if (similar) this.similar.show(artworkId, similar);
    else this.similar.wait();
    this.work = work;
    app.repaint();
    this.paintExcluded();
    if (!dialog.open) dialog.showModal();
    showPlace(body);
    body.scrollTop = dialog.scrollTop = 0;
    title.focus({ preventScroll: true });
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
    const because = this.app.room.cardOf(id || "")?.item.artwork;
    return id ? button(text, () => this.wander({ artwork: because || { artwork_id: id, title: "" } }), { class: "because" }) : text;
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

  /** @param {KeyboardEvent} event */
  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { key } = event, card = this.app.room.cardOf(this.dialog.dataset.id);
    if (this.viewer.key(event)) event.preventDefault();
    else if (key === "ArrowLeft") this.step(-1);
    else if (key === "ArrowRight") this.step(1);
    else if (key.toLowerCase() === "l" && this.work) this.app.like(this.work);
    else if (key.toLowerCase() === "h" && card && this.app.room.hideable) {
      this.dialog.close();
      this.app.hide(card);
    }
  }

  /** Go along the wall. @param {number} step @returns {boolean} whether there was a work */
  step(step) {
    const next = this.app.room.neighbour(this.dialog.dataset.id, step);
    if (!next) return false;
    this.open(String(next.dataset.id));
    this.app.shell.focusBack = next.querySelector(".picture");
    return true;
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
    this.work = null;
    this.viewer.leave();
    this.similar.leave();
    this.body.replaceChildren();
    this.app.router.leaveWork();
    this.app.shell.returnFocus();
  }
}
