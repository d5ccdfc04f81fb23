/* An artist: their works in order of time, the colours of these works, and whether to see more or none of them. */

import { button, count, make } from "./dom.js";
import { Refused } from "./kernel.js";
import { unwanted } from "./memory.js";
import { Room } from "./room.js";
import { dominantOf } from "./works.js";

/** @typedef {import("./types.js").Item} Item */

export class Artist extends Room {
  /** @param {import("./gallery.js").Gallery} app */
  constructor(app) {
    super(app, "");
    this.name = "";
    this.follows = false;
    this.follow = button("Follow", () => this.steer(!this.follows), { class: "pill", "aria-pressed": "false" });
    this.mute = button("No more by this artist", () => this.exclude(), { class: "pill" });
    this.colours = make("ol", { class: "colours", "aria-label": "Main colours, by time" });
    this.next = button("Show more", () => this.more(), { class: "pill further", hidden: true });
    this.acts = make("div", { class: "actions" }, this.follow, this.mute);
    this.wall.before(this.acts, this.colours);
    this.section.append(this.next);
  }

  /** @param {import("./router.js").Route} route */
  visited({ artist = "" }) {
    this.find(artist);
  }

  /** @param {string} name */
  async find(name) {
    const { app } = this;
    if (name === this.name && this.wall.children.length && !this.isSkeleton) return this.paint();
    this.name = name;
    this.title.textContent = name;
    this.sub.textContent = "";
    this.acts.hidden = this.colours.hidden = true;
    this.message.replaceChildren();
    this.skeleton();
    try {
      const answer = await app.kernel.ask("artist", { artist: name, skip: 0 });
      if (name !== this.name) return;
      this.clear();
      this.colours.replaceChildren();
      this.follows = answer.follows;
      this.sub.textContent = answer.total ? `${count(answer.total, "work")}, the earliest first` : "";
      if (!answer.total) this.tell("No works", "The collection has no work by this artist.");
      this.acts.hidden = this.colours.hidden = !answer.total;
      this.add(answer);
      this.paint();
      app.shell.announce(`${count(answer.total, "work")} by ${name}`);
    } catch (problem) {
      if (name !== this.name) return;
      this.wall.replaceChildren();
      if (problem instanceof Refused) {
        this.tell("The works cannot be loaded", problem.message, button("Try again", () => this.find(name), { class: "pill strong" }));
      }
    }
  }

  /** @param {{ items: Item[], end: boolean }} page */
  add({ items, end }) {
    this.next.hidden = end;
    this.colours.append(...items.map(({ artwork: work }) => make("li", { title: [work.title, work.date_text].filter(Boolean).join(", "),
      vars: { "--dominant": dominantOf(work) || "var(--bone)" } })));
    this.hang(items);
  }

  async more() {
    const { app, name } = this;
    this.next.disabled = true;
    try {
      const answer = await app.kernel.ask("artist", { artist: name, skip: this.cards.length });
      if (name === this.name) this.add(answer);
    } catch (problem) {
      if (problem instanceof Refused) app.shell.say(problem.message);
    }
    this.next.disabled = false;
  }

  paint() {
    const off = unwanted().includes(this.name);
    this.follow.setAttribute("aria-pressed", String(this.follows));
    this.follow.textContent = this.follows ? "Following" : "Follow";
    this.follow.hidden = off;
    this.mute.textContent = off ? "Show this artist again" : "No more by this artist";
  }

  async exclude() {
    await this.app.excludeArtist(this.name, !unwanted().includes(this.name));
  }

  /** Ask for more of this artist, or take that back. @param {boolean} on */
  async steer(on) {
    const { app, name } = this, before = this.follows;
    this.follows = on;
    this.paint();
    app.shell.say(on ? `More by ${name} from the next wall on` : `No longer followed: ${name}`);
    try {
      await app.kernel.ask("steer", { direction: on ? "more" : "neutral", kind: "artist", value: name });
      app.channel.tell("taste");
    } catch (problem) {
      this.follows = before;
      this.paint();
      if (problem instanceof Refused) app.shell.say(problem.message);
    }
  }
}
