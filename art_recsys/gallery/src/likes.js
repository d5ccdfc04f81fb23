/* The works that this visitor likes, the newest first, and above them the rooms that they made. */

import { button, count, make } from "./dom.js";
import { Refused } from "./kernel.js";
import { Room } from "./room.js";
import { Shelf } from "./shelf.js";

const KEPT = 600; // works that hang again at once, when the visitor comes back

export class Likes extends Room {
  /** @param {import("./gallery.js").Gallery} app */
  constructor(app) {
    super(app, "Your likes");
    this.hangable = true;
    this.shelf = new Shelf(app);
    this.next = button("Show more", () => this.more(), { class: "pill further", hidden: true });
    this.links = make("div", { class: "row" },
      button("Hidden and muted", () => app.visit({ view: "hidden" }), { class: "pill" }),
      button("Carry, export, forget", () => app.visit({ view: "yours" }), { class: "pill" }));
    this.works = make("h2", { class: "part" }, "Works you like");
    this.section.querySelector(".lead").append(this.links);
    this.wall.before(this.shelf.place, this.works);
    this.section.append(this.next);
  }

  refresh() {
    this.fetch();
  }

  visited() {
    this.fetch();
  }

  async fetch() {
    const { app } = this, before = this.isSkeleton ? 0 : Math.min(this.cards.length, KEPT);
    if (!this.wall.children.length) this.skeleton();
    this.shelf.fetch();
    try {
      let page = await app.kernel.ask("likes", { skip: 0 });
      const items = page.items, { total } = page;
      while (items.length < before && !page.end) {
        page = await app.kernel.ask("likes", { skip: items.length });
        items.push(...page.items);
      }
      this.message.replaceChildren();
      this.rehang(items);
      this.next.hidden = page.end;
      this.works.hidden = !total;
      this.sub.textContent = total ? `${count(total, "work")}, newest first` : "";
      if (!total) {
        this.tell("No likes yet", "Tap the heart on any work, and it will wait for you here.",
          button("Back to the wall", () => app.visit({}), { class: "pill strong" }));
      }
    } catch (problem) {
      this.wall.replaceChildren();
      this.next.hidden = true;
      if (problem instanceof Refused) {
        this.tell("Your likes are saved, but cannot be loaded now", problem.message,
          button("Try again", () => this.fetch(), { class: "pill strong" }));
      }
    }
    this.layout();
    app.repaint();
  }

  async more() {
    const { app } = this;
    this.next.disabled = true;
    try { // works that are not liked any more still hang here, but the list of the kernel lacks them
      const skip = this.cards.filter((card) => app.liked.has(card.dataset.id || "")).length;
      const page = await app.kernel.ask("likes", { skip });
      this.hang(page.items.filter((/** @type {import("./types.js").Item} */ item) => !this.cardOf(item.artwork.artwork_id)));
      this.next.hidden = page.end;
    } catch (problem) {
      if (problem instanceof Refused) app.shell.say(problem.message);
    }
    this.next.disabled = false;
  }
}
