/* One work after another over the whole screen, by keys or by itself. */

import { button, iconButton, make } from "./dom.js";
import { pictureOf } from "./pictures.js";

/** @typedef {import("./types.js").Work} Work */

const SWIPE = 40; // Pixels that a finger moves sideways to turn to another work
const STAY_MS = 7_000; // Milliseconds that a work stays while the slideshow plays

/** The index after a step, around the ends. @param {number} at @param {number} step @param {number} n works */
export function around(at, step, n) {
  return (((at + step) % n) + n) % n;
}

export class Slideshow {
  /**
   * @param {import("./shell.js").Shell} shell
   * @param {string} base URL of the pictures
   * @param {(work: Work) => HTMLElement | null} [link] to more about a work
   */
  constructor(shell, base, link = () => null) {
    this.base = base;
    this.link = link;
    /** @type {Work[]} */
    this.works = [];
    this.at = 0;
    this.playing = false;
    const { dialog, body } = shell.dialog("slides", "slides-title", () => this.leave());
    this.dialog = dialog;
    this.frame = make("div", { class: "slide" });
    this.title = make("h2", { id: "slides-title", tabindex: "-1", dir: "auto" });
    this.by = make("p", { dir: "auto" });
    this.number = make("span", { class: "soft" });
    this.more = make("p");
    this.words = make("div", { class: "slide-words", "aria-live": "polite" }, this.title, this.by, this.more);
    this.play = button("Play", () => this.turn(!this.playing), { class: "pill" });
    body.append(make("div", { class: "tools" }, iconButton("close", "Close", () => dialog.close())), this.frame,
      make("div", { class: "slide-foot" }, this.words, make("div", { class: "slide-acts" }, this.number, iconButton("left", "Previous work", () => this.step(-1)),
        this.play, iconButton("right", "Next work", () => this.step(1)))));
    dialog.addEventListener("keydown", (event) => this.key(event));
    let from = 0; // where a finger came down
    this.frame.addEventListener("touchstart", (/** @type {TouchEvent} */ event) => { from = event.touches[0].clientX; }, { passive: true });
    this.frame.addEventListener("touchend", (/** @type {TouchEvent} */ event) => {
      const way = event.changedTouches[0].clientX - from;
      if (Math.abs(way) > SWIPE) this.step(way < 0 ? 1 : -1);
    });
  }

  /** @param {Work[]} works @param {number} [at] the one that is seen first @param {boolean} [play] */
  open(works, at = 0, play = false) {
    if (!works.length) return;
    this.works = works;
    this.dialog.showModal();
    this.show(at);
    this.title.focus();
    this.turn(play && !matchMedia("(prefers-reduced-motion: reduce)").matches);
  }

  /** @param {number} at */
  show(at) {
    const work = this.works[at], next = this.works[around(at, 1, this.works.length)];
    this.at = at;
    this.frame.replaceChildren(pictureOf(work, this.base, true));
    this.title.textContent = work.title || "Untitled";
    this.by.textContent = [work.artist || "Artist unknown", work.date_text, work.medium].filter(Boolean).join(", ");
    this.more.replaceChildren(...[this.link(work)].filter((part) => part !== null));
    this.number.textContent = `${at + 1} of ${this.works.length}`;
    if (next !== work) pictureOf(next, this.base, true); // fetched before it is seen
    this.arm();
  }

  /** @param {number} step */
  step(step) {
    this.show(around(this.at, step, this.works.length));
  }

  /** Play, or pause. @param {boolean} on */
  turn(on) {
    this.playing = on && this.works.length > 1;
    this.play.textContent = this.playing ? "Pause" : "Play";
    this.play.hidden = this.works.length < 2;
    this.words.setAttribute("aria-live", this.playing ? "off" : "polite"); // a screen reader is not talked over
    this.arm();
  }

  /** The work that is seen now stays its whole time. */
  arm() {
    clearTimeout(this.timer);
    if (this.playing) this.timer = setTimeout(() => (document.hidden ? this.arm() : this.step(1)), STAY_MS);
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const onButton = /** @type {Element} */ (event.target).closest("button") !== null;
    /** @type {Record<string, () => void>} */
    const keys = { ArrowRight: () => this.step(1), ArrowLeft: () => this.step(-1), Home: () => this.show(0),
      End: () => this.show(this.works.length - 1), ...(onButton ? {} : { " ": () => this.turn(!this.playing) }) };
    if (!keys[event.key]) return;
    event.preventDefault();
    keys[event.key]();
  }

  leave() {
    this.turn(false);
    this.frame.replaceChildren();
  }
}
