/* What the service believes that a visitor follows, in chips that correct it: more, less, or neither. */

import { button, make } from "./dom.js";
import { Refused } from "./kernel.js";

/** @typedef {{ kind: string, value: string, asked?: boolean, likes?: number }} Trait a tag, artist, palette or period */

const SHOWN = 6; // traits of each list
const PAUSE_MS = 700; // Milliseconds after a like until the taste is asked for again

export class Taste {
  /** @param {import("./gallery.js").Gallery} app */
  constructor(app) {
    this.app = app;
    this.place = make("div", { class: "follows", role: "group", "aria-label": "Your taste, as we understand it", hidden: true });
  }

  /** Ask again soon; several likes ask once. */
  soon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.fetch(), PAUSE_MS);
  }

  async fetch() {
    const { app } = this;
    clearTimeout(this.timer);
    if (app.profile || app.kernel.lost) return this.show([], []);
    try {
      const { follows, less } = await app.kernel.ask("taste");
      this.show(follows, less);
    } catch {
      // what stands there stays; the wall itself says when the recommender is down
    }
  }

  /** @param {Trait[]} follows @param {Trait[]} less */
  show(follows, less) {
    const chips = [...follows.slice(0, SHOWN).map((trait) => this.chip(trait, "more")), ...less.slice(0, SHOWN).map((trait) => this.chip(trait, "less"))];
    const focused = this.place.contains(document.activeElement) ? document.activeElement?.getAttribute("aria-label") : null;
    this.place.hidden = !chips.length;
    this.place.replaceChildren(make("span", { class: "soft" }, "You follow"), make("ul", {}, chips));
    if (focused) this.place.querySelector(`[aria-label="${CSS.escape(focused)}"]`)?.focus();
  }

  /** @param {Trait} trait @param {"more" | "less"} stands */
  chip(trait, stands) {
    const { value } = trait, asked = stands === "less" || trait.asked;
    const set = (/** @type {"more" | "less"} */ way) => asked && stands === way ? "neutral" : way;
    const act = (/** @type {"more" | "less"} */ way, /** @type {string} */ sign) => button(sign, () => this.steer(trait, set(way)), {
      class: "turn", "aria-label": `${way === "more" ? "More" : "Less"} of ${value}`, title: `${way === "more" ? "More" : "Less"} of this`,
      "aria-pressed": String(asked && stands === way) });
    return make("li", { class: stands === "less" ? "less" : null }, make("span", {}, value), act("more", "+"), act("less", "−"));
  }

  /** @param {Trait} trait @param {"more" | "less" | "neutral"} direction */
  async steer(trait, direction) {
    const { app } = this, words = { more: `More of ${trait.value}`, less: `Less of ${trait.value}`, neutral: `As it comes: ${trait.value}` };
    app.shell.say(words[direction]);
    try {
      await app.kernel.ask("steer", { direction, kind: trait.kind, value: trait.value });
      app.channel.tell("taste");
      app.wall.freshen();
      await this.fetch();
    } catch (problem) {
      if (problem instanceof Refused) app.shell.say(problem.message);
    }
  }

  close() {
    clearTimeout(this.timer);
  }
}
