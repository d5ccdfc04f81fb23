/* The frame around the rooms: the bar, the theme, the notice, the toast, dialogs, and what screen readers are told. */

import { button, iconButton, make } from "./dom.js";
import { memory, STORED } from "./memory.js";

const TOAST_MS = 7_000;

/** @typedef {{ dialog: HTMLDialogElement, body: HTMLElement }} Dialog */

export class Shell {
  /** @param {boolean} standalone a page of its own, not a cell in JupyterLab */
  constructor(standalone) {
    this.standalone = standalone;
    /** @type {HTMLElement[]} */
    this.announcers = [];
    /** @type {Dialog[]} */
    this.dialogs = [];
    this.theme = "light";
    /** @type {Element | null} */
    this.focusBack = null;
    this.themeButton = iconButton("moon", "Dark theme", () => this.setTheme(this.theme === "dark" ? "light" : "dark", true));
    this.notice = make("div", { class: "notice", role: "alert", hidden: true });
    this.toastText = make("span");
    this.toastUndo = button("Undo", () => this.undo?.(), { class: "undo" });
    this.toast = make("div", { class: "toast", popover: "manual" }, this.toastText, this.toastUndo);
  }

  /**
   * Put all parts into the page.
   * @param {HTMLElement} host
   * @param {HTMLElement[]} bar what stands between the name and the theme
   * @param {HTMLElement[]} rooms
   */
  build(host, bar, rooms) {
    host.classList.add("vernissage-host");
    this.main = make("main", {}, ...rooms, this.toast);
    this.root = make("div", { class: "vernissage", "data-lm-suppress-shortcuts": "true" }, // JupyterLab has other shortcuts on L and H
      make("header", { class: "top" }, make("div", { class: "bar" }, make("div", { class: "brand" }, "Vernissage"), ...bar, this.themeButton)),
      this.notice, this.main, ...this.dialogs.map(({ dialog }) => dialog), this.announcer());
    host.append(this.root);
    this.setTheme(memory.get(STORED.theme) || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light"));
  }

  /** @param {string} theme @param {boolean} [chosen] by the visitor, who will find it again */
  setTheme(theme, chosen = false) {
    this.theme = theme;
    this.root.dataset.theme = theme;
    if (this.standalone) document.documentElement.dataset.theme = theme;
    this.themeButton.setAttribute("aria-pressed", String(theme === "dark"));
    if (chosen) memory.set(STORED.theme, theme);
  }

  /**
   * A dialog that a click beside it closes.
   * @param {string} name its class
   * @param {string} labelledby id of its heading
   * @param {() => void} onclose
   * @returns {Dialog}
   */
  dialog(name, labelledby, onclose) {
    const body = make("div", { class: "dialog-body" });
    const dialog = make("dialog", { class: name, "aria-labelledby": labelledby }, body, this.announcer());
    dialog.addEventListener("close", onclose);
    dialog.addEventListener("click", (/** @type {Event} */ event) => event.target === dialog && dialog.close());
    this.dialogs.push({ dialog, body });
    return { dialog, body };
  }

  closeDialogs() {
    for (const { dialog } of this.dialogs) if (dialog.open) dialog.close();
  }

  /** A live region. A dialog needs its own, because screen readers ignore everything behind it. */
  announcer() {
    const region = make("div", { class: "unseen", role: "status", "aria-live": "polite" });
    this.announcers.push(region);
    return region;
  }

  /** @param {string} text for screen readers */
  announce(text) {
    for (const region of this.announcers) region.textContent = text;
  }

  /** @param {string} text @param {(() => any) | null} [undo] takes back what the text says */
  say(text, undo = null) {
    const open = this.dialogs.findLast(({ dialog }) => dialog.open)?.dialog;
    if (this.toast.matches(":popover-open")) this.toast.hidePopover();
    (open || this.main).append(this.toast); // behind an open dialog it would not be clickable
    this.toastText.textContent = text;
    this.toastUndo.hidden = !undo;
    this.undo = () => {
      this.toast.hidePopover();
      undo?.();
    };
    this.toast.showPopover();
    this.announce(text);
    clearTimeout(this.toastTimer);
    this.toastTimer = setTimeout(() => this.toast.matches(":popover-open") && this.toast.hidePopover(), TOAST_MS);
  }

  /** A line over the rooms that stays until it is settled. @param {string} text @param {any} action a button */
  warn(text, action) {
    this.notice.replaceChildren(make("span", {}, text), action);
    this.notice.hidden = false;
  }

  /** After a dialog: keep Undo on the screen, and the focus where it was. */
  returnFocus() {
    if (this.toast.parentNode !== this.main) {
      const open = this.toast.matches(":popover-open");
      this.main.append(this.toast);
      if (open) this.toast.showPopover();
    }
    if (this.focusBack instanceof HTMLElement && this.focusBack.isConnected) this.focusBack.focus();
  }

  offset() {
    return this.standalone ? scrollY : 0;
  }

  /** @param {number} top in pixels */
  scrollTo(top) {
    if (this.standalone) scrollTo({ top, behavior: "instant" });
    else if (top === 0) this.root.scrollIntoView({ block: "start" });
  }

  close() {
    clearTimeout(this.toastTimer);
  }
}
