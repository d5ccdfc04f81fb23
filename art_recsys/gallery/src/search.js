/* Search: one field in the bar, and a room with what was found, while one types. */

import { button, count, make } from "./dom.js";
import { Refused } from "./kernel.js";
import { Room } from "./room.js";

const PAUSE_MS = 180; // Milliseconds without a key after which what was typed is searched
const AGAIN_MS = 1_500; // The first search loads the model of meanings; it is asked once more when that should be done

export class Search extends Room {
  /** @param {import("./gallery.js").Gallery} app */
  constructor(app) {
    super(app, "Search");
    this.asked = 0; // number of the latest question; earlier answers are ignored
    this.text = "";
    this.field = make("input", { type: "search", name: "search", placeholder: "Search art", "aria-label": "Search the collection",
      maxlength: "200", autocomplete: "off", spellcheck: "false", enterkeyhint: "search",
      oninput: () => this.typed(), onkeydown: (/** @type {KeyboardEvent} */ event) => event.key === "Escape" && this.leave() });
    this.form = make("form", { class: "search", role: "search", onsubmit: (/** @type {Event} */ event) => {
      event.preventDefault();
      this.typed(true);
    } }, this.field);
    this.people = make("p", { class: "people-found" });
    this.next = button("Show more", () => this.more(), { class: "pill further", hidden: true });
    this.wall.before(this.people);
    this.section.append(this.next);
  }

  /** The field has changed. @param {boolean} [now] without waiting for the next key */
  typed(now = false) {
    clearTimeout(this.pause);
    const text = this.field.value.trim();
    this.pause = setTimeout(() => {
      const { router } = this.app, replace = router.route.view === "search"; // one entry of the history for all that is typed
      if (!text) {
        if (replace) this.app.visit({});
      } else if (text !== this.text || !replace) {
        if (!replace) router.remember();
        router.go({ view: "search", search: text }, { replace });
      }
    }, now ? 0 : PAUSE_MS);
  }

  leave() {
    clearTimeout(this.pause);
    this.field.value = "";
    if (this.app.room === this) this.app.visit({});
  }

  /** @param {import("./router.js").Route} route */
  visited({ search = "" }) {
    this.find(search);
  }

  /** Show what a text finds; what was found before stays until then. @param {string} text */
  async find(text) {
    if (this.field !== document.activeElement) this.field.value = text;
    if (text === this.text && this.wall.children.length && !this.isSkeleton) return;
    this.text = text;
    this.title.textContent = `“${text}”`;
    if (!this.wall.children.length) this.skeleton();
    await this.ask(0);
  }

  async more() {
    this.next.disabled = true;
    await this.ask(this.cards.length);
    this.next.disabled = false;
  }

  /** @param {number} skip works that hang already */
  async ask(skip) {
    const { app } = this, asked = ++this.asked;
    clearTimeout(this.again);
    try {
      const found = await app.kernel.ask("search", { text: this.text, skip });
      if (asked !== this.asked) return;
      if (!skip) {
        this.clear();
        this.tellFound(found);
        if (!found.meaning && found.loading) this.again = setTimeout(() => this.ask(0), AGAIN_MS);
      }
      this.next.hidden = found.end;
      this.hang(found.items);
    } catch (problem) {
      if (asked !== this.asked) return;
      this.wall.replaceChildren();
      this.people.replaceChildren();
      this.next.hidden = true;
      if (problem instanceof Refused) {
        this.tell("The search does not answer", problem.message, button("Try again", () => this.ask(0), { class: "pill strong" }));
      }
    }
  }

  /** @param {any} found the answer of the kernel */
  tellFound(found) {
    const { app } = this, words = found.total ? count(found.total, "work") : "";
    this.sub.textContent = [words, found.corrected ? `searched for “${found.corrected}”` : ""].filter(Boolean).join(", ");
    this.people.replaceChildren(...found.artists.map((/** @type {{ artist: string, works: number }} */ { artist, works }) =>
      button("", () => app.leaveFor({ view: "artist", artist }), { class: "pill" }, artist, make("span", { class: "number" }, String(works)))));
    if (!found.total) this.tell("Nothing found", "Try other words: a subject, a mood, a colour, an artist.");
    app.shell.announce(found.total ? `${count(found.total, "work")} found` : "Nothing found");
  }

  close() {
    clearTimeout(this.pause);
    clearTimeout(this.again);
  }
}
