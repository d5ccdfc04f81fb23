/* A room of the visitor's own: named works in an order, with a text on the wall. It can be shared, shown and printed. */

import { button, count, icon, iconButton, make } from "./dom.js";
import { field, NAME_MOST, TEXT_MOST } from "./fields.js";
import { Refused } from "./kernel.js";
import { printed } from "./print.js";
import { Room } from "./room.js";

/** @typedef {import("./types.js").Card} Card */
/** @typedef {import("./types.js").OwnRoom} OwnRoom */
/** @typedef {import("./router.js").Route} Route */

/** @type {Record<string, string>} */
const SORTINGS = { hung: "As I hung them", colour: "By colour", time: "By time" };

/** The address of a shared room. @param {string} pictures base URL of the pictures @param {string} shareId @param {string} page */
export function shareAddress(pictures, shareId, page) {
  return new URL(pictures.replace(/pictures\/$/, `room/${shareId}`), page).href;
}

/** What a card says on paper besides title, artist and date. @param {import("./types.js").Work} work */
export function onPaper(work) {
  return make("p", { class: "on-paper" }, [work.medium, work.credit, work.licence].filter(Boolean).join(". "));
}

export class Exhibition extends Room {
  /** @param {import("./gallery.js").Gallery} app */
  constructor(app) {
    super(app, "");
    this.section.classList.add("exhibition");
    this.title.setAttribute("dir", "auto");
    this.id = "";
    /** @type {OwnRoom | null} */
    this.now = null;
    this.text = make("p", { class: "wall-text", dir: "auto" });
    this.bar = make("div", { class: "actions" });
    this.link = make("div", { class: "share" });
    this.form = make("div");
    this.wall.before(this.text, this.bar, this.link, this.form);
  }

  /** @param {Route} route */
  visited({ room = "" }) {
    if (room !== this.id) {
      this.id = room;
      this.now = null;
      this.clear();
      this.title.textContent = this.sub.textContent = this.text.textContent = "";
      for (const part of [this.bar, this.link, this.form]) part.replaceChildren();
      this.skeleton();
    }
    this.fetch();
  }

  refresh() {
    this.fetch();
  }

  async fetch() {
    const { app, id } = this;
    try {
      const room = await app.kernel.ask("room", { room_id: id });
      if (id === this.id) this.show(room);
    } catch (problem) {
      if (id !== this.id || !(problem instanceof Refused)) return;
      this.clear();
      this.title.textContent = "A room";
      this.tell("This room cannot be opened", problem.message, button("Your likes and rooms", () => app.visit({ view: "likes" }), { class: "pill strong" }));
    }
  }

  /** @param {OwnRoom} room */
  show(room) {
    const { app } = this;
    this.now = room;
    this.title.textContent = room.name;
    this.sub.textContent = room.items.length ? `${count(room.items.length, "work")}${room.sorting === "hung" ? "" : `, ${SORTINGS[room.sorting].toLowerCase()}`}` : "";
    this.text.textContent = room.text;
    this.text.hidden = !room.text;
    this.showBar(room);
    this.showLink(room);
    this.message.replaceChildren();
    this.rehang(room.items);
    if (!room.items.length) {
      this.tell("An empty room", "Hang works from your likes, or from any work that you open: “Add to a room”.",
        button("To your likes", () => app.visit({ view: "likes" }), { class: "pill strong" }));
    }
  }

  /** @param {OwnRoom} room */
  showBar(room) {
    const { app } = this, works = () => room.items.map(({ artwork }) => artwork), focused = document.activeElement?.getAttribute("data-act");
    const order = make("select", { "aria-label": "Order of the works", "data-act": "order",
      onchange: (/** @type {any} */ event) => this.change({ sorting: event.target.value }) },
    Object.entries(SORTINGS).map(([value, words]) => make("option", { value, selected: room.sorting === value }, words)));
    const any = room.items.length > 0;
    this.bar.replaceChildren(...[
      any ? button("Slideshow", () => app.slideshow.open(works(), 0, true), { class: "pill strong", "data-act": "slides" }) : null,
      any ? order : null,
      button("Name and text", () => this.edit(), { class: "pill", "data-act": "edit" }),
      app.standalone && !room.share_id ? button("", () => this.share(true), { class: "pill", "data-act": "share" }, icon("link"), "Share by a link") : null,
      any ? button("Print or PDF", () => printed(this.section, room.name), { class: "pill", "data-act": "print" }) : null,
      button("Take down", () => this.takeDown(), { class: "pill", "data-act": "down" }),
    ].filter(Boolean));
    if (focused) /** @type {HTMLElement | null} */ (this.bar.querySelector(`[data-act="${focused}"]`))?.focus();
  }

  /** @param {OwnRoom} room */
  showLink(room) {
    const { app } = this;
    this.link.hidden = !room.share_id || !app.standalone;
    if (!room.share_id || !app.standalone) return this.link.replaceChildren();
    const address = shareAddress(app.base, room.share_id, location.href);
    const shown = make("input", { type: "text", readonly: true, value: address, "aria-label": "Link to this room", onfocus: () => shown.select() });
    this.link.replaceChildren(make("p", {}, "Anyone with this link sees this room, with every later change, and nothing about you."),
      make("div", { class: "row" }, shown, button("Copy link", () => this.copy(address), { class: "pill strong" }),
        make("a", { class: "pill", href: address, target: "_blank", rel: "noopener" }, icon("out"), "Open"),
        button("Close the link", () => this.share(false), { class: "pill" })));
  }

  /** @param {string} address */
  async copy(address) {
    try {
      await navigator.clipboard.writeText(address);
      this.app.shell.say("Link copied");
    } catch {
      this.app.shell.say("Select the link and copy it");
    }
  }

  /** Ask the kernel for a change of this room, and show it. @param {string} type @param {object} body @returns {Promise<OwnRoom | null>} */
  async ask(type, body) {
    const { app, id } = this;
    try {
      const room = await app.kernel.ask(type, { room_id: id, ...body });
      if (id === this.id) this.show(room);
      app.channel.tell("rooms");
      return room;
    } catch (problem) {
      if (problem instanceof Refused) app.shell.say(problem.message);
      return null;
    }
  }

  /** @param {{ name?: string, text?: string, sorting?: string }} what */
  change(what) {
    return this.ask("change_room", what);
  }

  /** @param {boolean} on */
  async share(on) {
    const { app } = this;
    if (!await this.ask("share_room", { on })) return;
    if (on) {
      this.link.querySelector("input")?.focus();
      app.shell.say("The link is open");
    } else {
      /** @type {HTMLElement | null} */ (this.bar.querySelector("[data-act=share]"))?.focus();
      app.shell.say("The link is closed. Whoever opens it now reads that the room is closed.");
    }
  }

  edit() {
    const { now } = this;
    if (!now) return;
    if (this.form.firstChild) return this.endEdit();
    const name = field("Name", { most: NAME_MOST, value: now.name }), text = field("Wall text", { most: TEXT_MOST, value: now.text, lines: 6 });
    this.form.replaceChildren(make("form", { class: "edit", onsubmit: async (/** @type {Event} */ event) => {
      event.preventDefault();
      if (!name.input.value.trim()) {
        name.say("A room needs a name.");
        return name.input.focus();
      }
      if (name.fits() && text.fits() && await this.change({ name: name.input.value, text: text.input.value })) this.endEdit();
    } }, name.place, text.place, make("div", { class: "row" }, button("Save", () => {}, { class: "pill strong", type: "submit" }),
      button("Cancel", () => this.endEdit(), { class: "pill" }))));
    name.input.focus();
  }

  endEdit() {
    this.form.replaceChildren();
    /** @type {HTMLElement | null} */ (this.bar.querySelector("[data-act=edit]"))?.focus();
  }

  async takeDown() {
    const { app, now, id } = this;
    const shared = now?.share_id ? " Its link is closed, too." : "";
    if (!await app.question.ask({ title: `Take down “${now?.name}”?`, text: `The room ends; the works stay among your likes.${shared}`, yes: "Take it down" })) return;
    try {
      await app.kernel.ask("delete_room", { room_id: id });
      app.channel.tell("rooms");
      app.router.go({ view: "likes" }, { replace: true });
      app.shell.say(`“${now?.name}” is taken down`);
    } catch (problem) {
      if (problem instanceof Refused) app.shell.say(problem.message);
    }
  }

  /** @param {import("./types.js").Item} item @param {number} index @param {number} delay */
  card(item, index, delay) {
    const card = super.card(item, index, delay), { title } = item.artwork;
    card.querySelector(".acts")?.append(iconButton("close", `Take out of the room: ${title}`, () => this.takeOut(card), { title: "Take out of the room", class: "round hide" }));
    card.querySelector(".label")?.append(onPaper(item.artwork));
    return card;
  }

  /** @param {Card} card */
  async takeOut(card) {
    const { app, now } = this, { artwork } = card.item, at = this.cards.indexOf(card);
    const position = now?.positions?.[artwork.artwork_id];
    if (!await this.ask("hang", { remove: [artwork.artwork_id] })) return;
    /** @type {HTMLElement} */ ((this.cards[at] || this.cards.at(-1))?.querySelector(".picture") || this.title).focus();
    app.shell.say(`“${artwork.title}” is out of the room`, () => this.ask("hang", { add: [artwork.artwork_id], ...(position === undefined ? {} : { position }) }));
  }
}
