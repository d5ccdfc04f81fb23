/* The dialog that puts works into a room of the visitor's own, or makes a new one for them. */

import { button, count, iconButton, make } from "./dom.js";
import { field, NAME_MOST } from "./fields.js";
import { Refused } from "./kernel.js";
import { coverOf } from "./shelf.js";

/** @typedef {import("./types.js").Work} Work */
/** @typedef {import("./types.js").OwnRoom} OwnRoom */

export const ROOM_MOST = 300; // works in a room

export class Picker {
  /** @param {import("./gallery.js").Gallery} app */
  constructor(app) {
    this.app = app;
    const { dialog, body } = app.shell.dialog("picker", "picker-title", () => body.replaceChildren());
    this.dialog = dialog;
    this.body = body;
  }

  /** Choose a room for a work. @param {Work} work */
  async open(work) {
    const list = make("ul", { class: "doors", "aria-busy": "true" });
    this.show(`A room for “${work.title || "Untitled"}”`, list, [work.artwork_id], (room) => {
      this.dialog.close();
      this.hung(room, work);
    });
    try {
      const { rooms } = await this.app.kernel.ask("rooms");
      list.removeAttribute("aria-busy");
      list.replaceChildren(...rooms.map((/** @type {OwnRoom} */ room) => make("li", {}, this.door(room, work))));
    } catch (problem) {
      list.removeAttribute("aria-busy");
      list.replaceChildren(make("li", { class: "soft" }, problem instanceof Refused ? problem.message : "The rooms cannot be loaded."));
    }
  }

  /** Make a room, with all likes if the visitor wants. */
  make() {
    const { app } = this, likes = [...app.liked], fits = likes.length <= ROOM_MOST;
    const all = make("input", { type: "checkbox", checked: fits && likes.length > 0, disabled: !fits || !likes.length });
    const words = fits ? `Hang my ${count(likes.length, "like")} in it` : `My ${count(likes.length, "like")} are more than a room can hold (${ROOM_MOST})`;
    const choice = likes.length ? make("label", { class: "choice" }, all, words) : null;
    this.show("A new room", choice, () => (all.checked ? likes : []), (room) => {
      this.dialog.close();
      app.visit({ view: "exhibition", room: room.room_id });
    });
  }

  /**
   * @param {string} title
   * @param {any} above the form for a new room
   * @param {string[] | (() => string[])} works that hang in a new room
   * @param {(room: OwnRoom) => void} made
   */
  show(title, above, works, made) {
    const { app, body, dialog } = this, name = field("Name of a new room", { most: NAME_MOST, hint: "Evenings by the sea" });
    const submit = button("Make the room", () => {}, { class: "pill strong", type: "submit" });
    const form = make("form", { onsubmit: async (/** @type {Event} */ event) => {
      event.preventDefault();
      if (!name.input.value.trim()) name.say("A room needs a name.");
      if (!name.input.value.trim() || !name.fits()) return name.input.focus();
      submit.disabled = true;
      try {
        const room = await app.kernel.ask("make_room", { name: name.input.value, artwork_ids: typeof works === "function" ? works() : works });
        app.channel.tell("rooms");
        made(room);
      } catch (problem) {
        if (problem instanceof Refused) name.say(problem.message);
      }
      submit.disabled = false;
    } }, name.place, submit);
    body.replaceChildren(make("div", { class: "tools" }, iconButton("close", "Close", () => dialog.close())),
      make("h2", { id: "picker-title", tabindex: "-1" }, title), ...(above instanceof HTMLLabelElement ? [] : [above].filter(Boolean)), form);
    if (above instanceof HTMLLabelElement) submit.before(above);
    dialog.showModal();
    body.querySelector("h2")?.focus();
  }

  /** @param {OwnRoom} room @param {Work} work */
  door(room, work) {
    const there = room.has.includes(work.artwork_id);
    return button("", () => this.put(room, work, !there), { class: "door", "aria-pressed": String(there) }, coverOf(room, this.app.base),
      make("span", { class: "door-words" }, make("strong", { dir: "auto" }, room.name),
        make("span", { class: "soft" }, there ? "Hangs here: take it out" : count(room.total, "work"))));
  }

  /** @param {OwnRoom} room @param {Work} work @param {boolean} on */
  async put(room, work, on) {
    const { app } = this, id = work.artwork_id;
    this.dialog.close();
    try {
      await app.kernel.ask("hang", { room_id: room.room_id, [on ? "add" : "remove"]: [id] });
      if (on) this.hung(room, work);
      else app.shell.say(`Taken out of “${room.name}”`, () => this.put(room, work, true));
      app.channel.tell("rooms");
    } catch (problem) {
      if (problem instanceof Refused) app.shell.say(problem.message);
    }
    this.refresh();
  }

  /** Show the rooms as they are now, where they are seen. */
  refresh() {
    const { app } = this;
    if (app.room === app.likes) app.likes.shelf.fetch();
    else app.room.refresh();
  }

  /** @param {OwnRoom} room @param {Work} work */
  hung(room, work) {
    this.app.shell.say(`“${work.title}” hangs in “${room.name}”`, () => this.put(room, work, false));
    this.refresh();
  }
}
