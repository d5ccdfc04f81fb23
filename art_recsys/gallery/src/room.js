/* A room: a heading, a wall of pictures and a message. The wall, the likes, a search and an artist are rooms. */

import { button, iconButton, make } from "./dom.js";
import { justify, nearest } from "./layout.js";
import { pictureOf } from "./pictures.js";
import { dominantOf, pictureRatio } from "./works.js";

/** @typedef {import("./gallery.js").Gallery} Gallery */
/** @typedef {import("./types.js").Card} Card */
/** @typedef {import("./types.js").Item} Item */

const GHOSTS = [0.8, 1.33, 1, 1.5, 1.25, 0.72, 1.5, 0.8, 1, 1.33, 0.8, 1.25]; // ratios of the pictures of a skeleton

export class Room {
  /** @param {Gallery} app @param {string} title */
  constructor(app, title) {
    this.app = app;
    this.ended = true; // no more pictures will come
    this.hideable = false; // a picture can be sent away
    this.hangable = false; // a picture can be hung in a room of the visitor's own
    this.scroll = 0; // where the visitor was when they left
    this.title = make("h1", { tabindex: "-1" }, title);
    this.sub = make("p", { class: "sub" });
    this.wall = make("ul", { class: "wall" });
    this.message = make("div", { class: "message" });
    this.wall.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => this.walk(event));
    this.section = make("section", { class: "room", hidden: true },
      make("div", { class: "lead" }, make("div", {}, this.title, this.sub)), this.wall, this.message);
  }

  /** @returns {Card[]} */
  get cards() {
    return [...this.wall.children];
  }

  /** The room is entered: it shows what the address says. @param {import("./router.js").Route} _route */
  visited(_route) {}

  /** Something has changed, perhaps in another tab: show it as it is now. */
  refresh() {}

  layout() {
    justify(this.wall, this.ended);
    this.sayOnce();
  }

  /** A reason that several works of a row share is said once. */
  sayOnce() {
    /** @type {Set<string>} */
    let said = new Set();
    let top = NaN;
    for (const card of this.cards) {
      const reason = /** @type {HTMLElement | null} */ (card.querySelector(".reason")), text = reason?.textContent || "";
      if (card.offsetTop !== top) said = new Set();
      top = card.offsetTop;
      reason?.classList.toggle("is-said", said.has(text));
      said.add(text);
    }
  }

  /** Grey frames where pictures will hang. */
  skeleton() {
    this.wall.setAttribute("aria-busy", "true");
    this.wall.replaceChildren(...GHOSTS.map((ratio) => {
      const item = make("li", { class: "card ghost", "aria-hidden": "true" }, make("div", { class: "picture" }),
        make("div", { class: "bone" }), make("div", { class: "bone short" }));
      item.ratio = ratio;
      return item;
    }));
    this.layout();
  }

  get isSkeleton() {
    return this.wall.querySelector(".ghost") !== null;
  }

  clear() {
    if (this.isSkeleton) { // a new wall in its place, and not an old one that moves
      this.wall.hidden = true;
      void this.wall.offsetHeight;
      this.wall.hidden = false;
    }
    this.wall.replaceChildren();
    this.wall.removeAttribute("aria-busy");
    this.message.replaceChildren();
  }

  /** @param {Item[]} items hang after those that hang already */
  hang(items) {
    const before = this.wall.children.length;
    items.forEach((item, k) => this.wall.append(this.card(item, before + k, k)));
    this.layout();
    this.app.repaint();
  }

  /** Hang these works in place of those that hang. The focus stays on its work, and nothing moves where nothing has changed. @param {Item[]} items */
  rehang(items) {
    const { shell } = this.app, ids = items.map(({ artwork }) => artwork.artwork_id);
    if (!this.isSkeleton && ids.join("\n") === this.cards.map((card) => card.dataset.id).join("\n")) return this.app.repaint();
    const held = (/** @type {Element | null} */ node) => (node && this.wall.contains(node) ? node.closest("li")?.dataset.id : undefined);
    const [focused, later] = [held(document.activeElement), held(shell.focusBack)];
    const place = (/** @type {string} */ id) => /** @type {HTMLElement} */ (this.cardOf(id)?.querySelector(".picture") || this.title);
    this.clear();
    this.hang(items);
    if (focused) place(focused).focus();
    if (later) shell.focusBack = place(later);
  }

  /** @param {string} title @param {string} text @param {any} [action] a button */
  tell(title, text, action = null) {
    this.message.replaceChildren(make("h2", {}, title), make("p", {}, text), ...(action ? [action] : []));
  }

  /**
   * One picture with its label.
   * @param {Item} item
   * @param {number} index on the wall
   * @param {number} delay among those that come together
   * @returns {Card}
   */
  card(item, index, delay) {
    const { app } = this, work = item.artwork;
    const card = make("li", { class: "card", "data-id": work.artwork_id,
      vars: { "--dominant": dominantOf(work) || "var(--bone)", "animation-delay": `${Math.min(delay, 11) * 30}ms` } });
    card.ratio = pictureRatio(work);
    card.item = item;
    const by = [work.artist, work.date_text].filter(Boolean).join(", ");
    card.append(
      button("", () => app.details.open(work.artwork_id), { class: "picture", "aria-haspopup": "dialog" },
        pictureOf(work, app.base, index < 4 && this.hideable)),
      make("div", { class: "label" },
        make("div", { class: "words" }, make("h2", {}, work.title || "Untitled"), by ? make("p", { class: "by" }, by) : null),
        make("div", { class: "acts" },
          iconButton("heart", `Like ${work.title}`, () => app.like(work), { "data-like": work.artwork_id, class: "round heart",
            "aria-pressed": "false", title: "Like (L)" }),
          this.hangable ? iconButton("room", `Add to a room: ${work.title}`, () => app.picker.open(work), { title: "Add to a room" }) : null,
          this.hideable ? iconButton("hide", `Not for me: ${work.title}`, () => app.hide(card), { title: "Not for me (H)", class: "round hide" }) : null),
        item.reason?.text ? make("p", { class: item.reason.kind === "surprise" ? "reason surprise" : "reason" }, item.reason.text) : null));
    return card;
  }

  /** @param {string | undefined} artworkId */
  cardOf(artworkId) {
    return this.cards.find((card) => card.dataset.id === artworkId);
  }

  /** The work before (-1) or after (1) another that is to be seen. @param {string | undefined} artworkId @param {number} step */
  neighbour(artworkId, step) {
    /** @type {any} */
    let next = this.cardOf(artworkId);
    do next = step > 0 ? next?.nextElementSibling : next?.previousElementSibling;
    while (next && (next.hidden || next.classList.contains("is-hidden")));
    return /** @type {Card | undefined} */ (next || undefined);
  }

  /** Arrow keys move between works, L likes, H hides. @param {KeyboardEvent} event */
  walk(event) {
    const card = /** @type {Card | null} */ (/** @type {Element} */ (event.target).closest(".card"));
    if (!card || event.ctrlKey || event.metaKey || event.altKey) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const cards = this.cards.filter((c) => !c.hidden), at = cards.indexOf(card);
    /** @type {Record<string, () => Card | undefined>} */
    const steps = { ArrowRight: () => cards[at + 1], ArrowLeft: () => cards[at - 1], ArrowDown: () => nearest(cards, card, 1),
      ArrowUp: () => nearest(cards, card, -1), Home: () => cards[0], End: () => cards.at(-1) };
    if (steps[key]) {
      event.preventDefault();
      const target = /** @type {HTMLElement | null | undefined} */ (steps[key]()?.querySelector(".veil button, .picture"));
      target?.focus();
    } else if (key === "l" && !card.classList.contains("is-hidden")) this.app.like(card.item.artwork);
    else if (key === "h" && this.hideable && !card.classList.contains("is-hidden")) this.app.hide(card);
  }
}
