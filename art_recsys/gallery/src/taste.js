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
    const chips = [...follows.slice(0, SHOWN).map((trait) => this.chip(trait, trait.asked ? "more" : null)), ...less.slice(0, SHOWN).map((trait) => this.chip(trait, "less"))];
    const focused = this.place.contains(document.activeElement) ? document.activeElement?.getAttribute("aria-label") : null;
    this.place.hidden = !chips.length;
    this.place.replaceChildren(make("span", { class: "soft" }, "You follow"), make("ul", {}, chips));
    if (focused) this.place.querySelector(`[aria-label="${CSS.escape(focused)}"]`)?.focus();
  }

  /**
   * A trait with two buttons, for more and for less of it; pressed again, a button takes that back.
   * @param {Trait} trait @param {"more" | "less" | null} asked what the visitor has asked for
   */
  chip(trait, asked) {
    /** @type {HTMLElement[]} */
    const turns = [];
    const turn = (/** @type {"more" | "less"} */ way, /** @type {string} */ sign) => {
      const words = `${way === "more" ? "More" : "Less"} of ${trait.value}`;
      const made = button(sign, () => {
        const on = made.getAttribute("aria-pressed") !== "true";
        for (const other of turns) other.setAttribute("aria-pressed", String(on && other === made));
        this.steer(trait, on ? way : "neutral");
      }, { class: "turn", "aria-label": words, title: words, "aria-pressed": String(asked === way) });
      turns.push(made);
    };
    turn("more", "+");
    turn("less", "−");
    return make("li", { class: asked === "less" ? "less" : null }, make("span", {}, trait.value), turns);
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
      if (!(problem instanceof Refused)) return;
      app.shell.say(problem.message);
      await this.fetch(); // the button was pressed and stands for nothing
    }
  }

  close() {
    clearTimeout(this.timer);
  }
}
