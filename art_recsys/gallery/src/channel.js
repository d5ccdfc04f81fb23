/* Two tabs of one visitor agree: what is changed in one is told to the others, which show it and ask their kernel again. */

import { unwanted } from "./memory.js";
import { veil } from "./hide.js";

const SOON_MS = 150; // Milliseconds after which the kernel is asked; several changes ask it once

/** @typedef {{ visitor: string, kind: "like" | "hide" | "artists" | "rooms" | "taste" | "gone", id?: string, on?: boolean }} Word */

export class Channel {
  /** @param {import("./gallery.js").Gallery} app @param {BroadcastChannel | null} [line] null: this browser has none */
  constructor(app, line = globalThis.BroadcastChannel ? new BroadcastChannel("art-recsys") : null) {
    this.app = app;
    this.line = line;
    /** @type {string | null} */
    this.visitor = null; // token of the visitor of this tab
    if (line) line.onmessage = ({ data }) => this.hear(data);
  }

  /** Tell the other tabs of a visitor. @param {Word["kind"]} kind @param {{ id?: string, on?: boolean }} [more] @param {string | null} [visitor] */
  tell(kind, more = {}, visitor = this.visitor) {
    if (visitor) this.line?.postMessage({ visitor, kind, ...more });
  }

  /** @param {Word} word of another tab */
  hear(word) {
    const { app } = this, { kind, id = "", on = false } = word || {};
    if (!this.visitor || word?.visitor !== this.visitor || app.kernel.lost) return;
    if (kind === "gone") return app.restart();
    if (kind === "like") {
      app.setLiked(id, on);
      if (!app.profile) app.newLikes = Math.max(0, app.newLikes + (on ? 1 : -1));
    } else if (kind === "hide") {
      const card = app.wall.cardOf(id);
      if (card && card.classList.contains("is-hidden") !== on) veil(app, card, on);
    } else if (kind === "artists") {
      app.repaintExcluded();
      app.kernel.ask("exclude_artists", { artists: unwanted() }).catch(() => {});
    }
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.sync(kind), SOON_MS);
  }

  /** Ask the kernel what it holds now. @param {Word["kind"]} kind */
  async sync(kind) {
    const { app } = this;
    try {
      const { liked } = await app.kernel.ask("sync");
      app.liked = new Set(liked);
      app.repaint();
      if (kind === "like" || kind === "taste") {
        if (!app.profile) app.wall.freshen();
        app.wall.taste.soon();
      }
      app.room.refresh();
    } catch {
      // the next change asks again
    }
  }

  close() {
    clearTimeout(this.timer);
    this.line?.close();
  }
}
