/* What a visitor sent away: hidden works and muted artists. Both can be taken back. */

import { button, make } from "./dom.js";
import { Refused } from "./kernel.js";
import { unwanted } from "./memory.js";
import { Room } from "./room.js";
import { veil } from "./hide.js";

/** @typedef {import("./types.js").Card} Card */

export class Hidden extends Room {
  /** @param {import("./gallery.js").Gallery} app */
  constructor(app) {
    super(app, "Hidden works and muted artists");
    this.total = 0; // hidden works
    this.sub.textContent = "What you sent away stays away until you bring it back here.";
    this.artists = make("ul", { class: "muted" });
    this.noArtists = make("p", { class: "soft" }, "No artist is muted.");
    this.works = make("h2", { class: "part" }, "Hidden works");
    this.next = button("Show more", () => this.more(), { class: "pill further", hidden: true });
    this.wall.before(make("h2", { class: "part" }, "Muted artists"), this.artists, this.noArtists, this.works);
    this.section.append(this.next);
  }

  visited() {
    this.fetch();
  }

  refresh() {
    this.fetch();
  }

  async fetch() {
    const { app } = this;
    this.paintArtists();
    if (!this.wall.children.length) this.skeleton();
    try {
      const answer = await app.kernel.ask("hidden", { skip: 0 });
      this.rehang(answer.items);
      this.next.hidden = answer.end;
      this.count(answer.total);
    } catch (problem) {
      this.wall.replaceChildren();
      if (problem instanceof Refused) {
        this.tell("The hidden works cannot be loaded", problem.message, button("Try again", () => this.fetch(), { class: "pill strong" }));
      }
    }
  }

  async more() {
    const { app } = this;
    this.next.disabled = true;
    try {
      const answer = await app.kernel.ask("hidden", { skip: this.cards.length });
      this.hang(answer.items);
      this.next.hidden = answer.end;
    } catch (problem) {
      if (problem instanceof Refused) app.shell.say(problem.message);
    }
    this.next.disabled = false;
  }

  /** @param {number} n hidden works */
  count(n) {
    this.total = n;
    this.works.textContent = n ? `Hidden works (${n.toLocaleString("en")})` : "Hidden works";
    this.message.replaceChildren(...(n ? [] : [make("p", {}, "No work is hidden. “Not for me” hides one.")]));
  }

  paintArtists() {
    const muted = unwanted().reverse();
    this.noArtists.hidden = muted.length > 0;
    this.artists.replaceChildren(...muted.map((artist) => make("li", {}, make("span", { dir: "auto" }, artist),
      button("Show again", () => this.unmute(artist), { class: "pill", "aria-label": `Show ${artist} again` }))));
  }

  /** @param {string} artist */
  async unmute(artist) {
    await this.app.excludeArtist(artist, false);
    (this.artists.querySelector("button") || this.title).focus();
  }

  /** A hidden work has one button, which shows it again. @param {import("./types.js").Item} item @param {number} index @param {number} delay */
  card(item, index, delay) {
    const card = super.card(item, index, delay);
    card.querySelector(".acts")?.replaceChildren();
    card.querySelector(".label")?.append(button("Show again", () => this.unhide(card),
      { class: "pill again", "aria-label": `Show again: ${item.artwork.title || "Untitled"}` }));
    return card;
  }

  /** @param {Card} card */
  async unhide(card) {
    const { app } = this, work = card.item.artwork;
    /** @type {HTMLElement | null | undefined} */
    const next = (card.nextElementSibling || card.previousElementSibling)?.querySelector(".again");
    card.remove();
    this.layout();
    this.count(this.total - 1);
    (next || this.title).focus();
    if (await this.set(work.artwork_id, false)) {
      app.shell.say(`“${work.title}” may be shown again`, async () => {
        if (await this.set(work.artwork_id, true)) this.fetch();
      });
    } else this.fetch();
  }

  /** @param {string} id @param {boolean} on whether it is hidden @returns {Promise<boolean>} whether that was saved */
  async set(id, on) {
    const { app } = this;
    try {
      await app.kernel.ask("hide", { artwork_id: id, on });
      const onWall = app.wall.cardOf(id);
      if (onWall) veil(app, onWall, on);
      app.channel.tell("hide", { id, on });
      return true;
    } catch (problem) {
      if (problem instanceof Refused) app.shell.say(problem.message);
      return false;
    }
  }
}
