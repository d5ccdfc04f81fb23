/* The way to the first five likes. */

import { button, count, make } from "./dom.js";
import { memory, STORED } from "./memory.js";

const TASTE = 5; // Number of likes from which recommendations are called personal

/** @param {import("./gallery.js").Gallery} app @param {HTMLElement} bar where it stands @param {number} n likes */
export function showIntro(app, bar, n) {
  bar.hidden = !app.options || Boolean(app.profile) || n >= TASTE || memory.get(STORED.skipped) === "yes";
  if (bar.hidden) return;
  const left = TASTE - n;
  const steps = make("ol", { "aria-hidden": "true" }, Array.from({ length: TASTE }, (_, k) => make("li", { class: k < n ? "on" : null })));
  const words = n ? `${count(left, "more like")} and the picks become yours` : "Like five works to show us your taste";
  const skip = () => {
    memory.set(STORED.skipped, "yes");
    app.repaint();
  };
  if (bar.dataset.n !== String(n)) {
    bar.dataset.n = String(n);
    bar.replaceChildren(steps, make("span", { class: "taste-words" }, words),
      button("Or choose a profile", () => app.profiles.open(), { class: "plain others" }),
      button("Skip", skip, { class: "plain skip", "aria-label": "Skip the introduction" }));
  }
}
