/* The works that this visitor likes, the newest first. */

import { button, count } from "./dom.js";
import { Refused } from "./kernel.js";
import { Room } from "./room.js";

export class Likes extends Room {
  /** @param {import("./gallery.js").Gallery} app */
  constructor(app) {
    super(app, "Your likes");
  }

  async fetch() {
    const { app } = this;
    if (!this.wall.children.length) this.skeleton();
    try {
      const { items } = await app.kernel.ask("likes");
      this.clear();
      this.hang(items);
      this.sub.textContent = items.length ? `${count(items.length, "work")}, newest first` : "";
      if (!items.length) {
        this.tell("No likes yet", "Tap the heart on any work, and it will wait for you here.",
          button("Back to the wall", () => app.visit({}), { class: "pill strong" }));
      }
    } catch (problem) {
      this.wall.replaceChildren();
      if (problem instanceof Refused) {
        this.tell("Your likes are saved, but cannot be loaded now", problem.message,
          button("Try again", () => this.fetch(), { class: "pill strong" }));
      }
    }
    this.layout();
    app.repaint();
  }
}
