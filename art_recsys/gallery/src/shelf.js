/* The visitor's rooms as a row of doors, above their likes. */

import { button, count, make } from "./dom.js";
import { Refused } from "./kernel.js";
import { pictureOf } from "./pictures.js";
import { dominantOf } from "./works.js";

/** @typedef {import("./types.js").OwnRoom} OwnRoom */

/** The first works of a room, side by side. @param {OwnRoom} room @param {string} base */
export function coverOf(room, base) {
  return make("span", { class: "cover", "aria-hidden": "true" }, room.items.map(({ artwork: work }) =>
    make("span", { vars: { "--dominant": dominantOf(work) || "var(--bone)" } }, pictureOf(work, base, false, ""))));
}

export class Shelf {
  /** @param {import("./gallery.js").Gallery} app */
  constructor(app) {
    this.app = app;
    this.list = make("ul", { class: "doors" });
    this.told = make("p", { class: "soft" });
    this.place = make("div", { class: "shelf" }, make("div", { class: "shelf-head" }, make("h2", { class: "part" }, "Your rooms"),
      button("New room", () => app.picker.make(), { class: "pill" })), this.list, this.told);
  }

  async fetch() {
    const { app } = this;
    try {
      /** @type {{ rooms: OwnRoom[] }} */
      const { rooms } = await app.kernel.ask("rooms");
      this.told.textContent = rooms.length ? "" : "A room holds works that belong together. Name it, order it, and show it to somebody.";
      this.list.replaceChildren(...rooms.map((room) => make("li", {},
        button("", () => app.visit({ view: "exhibition", room: room.room_id }), { class: "door" }, coverOf(room, app.base),
          make("span", { class: "door-words" }, make("strong", { dir: "auto" }, room.name),
            make("span", { class: "soft" }, `${count(room.total, "work")}${room.share_id ? ", shared by a link" : ""}`))))));
    } catch (problem) {
      this.list.replaceChildren();
      if (problem instanceof Refused) this.told.textContent = `Your rooms cannot be loaded now. ${problem.message}`;
    }
    this.told.hidden = !this.told.textContent;
  }
}
