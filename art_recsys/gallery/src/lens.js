/* A wall from the map: the works around a place that this visitor has not decided on, in the order of their taste. */

import { button, count } from "./dom.js";
import { Refused } from "./kernel.js";
import { readPlace } from "./plane.js";
import { Room } from "./room.js";

export class Lens extends Room {
  /** @param {import("./gallery.js").Gallery} app */
  constructor(app) {
    super(app, "From the map");
    this.hideable = true;
    this.place = "";
    this.next = button("Show more", () => this.more(), { class: "pill further", hidden: true });
    this.section.querySelector(".lead")?.append(button("Back to the map", () => this.back(), { class: "pill" }));
    this.section.append(this.next);
  }

  back() {
    const [x, y] = readPlace(this.place, 0, 1) || [0.5, 0.5];
    this.app.visit({ view: "map", map: this.app.map.where(x, y) });
  }

  /** @param {import("./router.js").Route} route */
  visited({ lens = "" }) {
    this.find(lens);
  }

  /** @param {string} place `x,y,radius` on the map, as it is in the address */
  async find(place) {
    if (place === this.place && this.wall.children.length && !this.isSkeleton) return;
    this.place = place;
    this.sub.textContent = "";
    this.next.hidden = true;
    this.message.replaceChildren();
    this.skeleton();
    await this.ask(false);
  }

  async more() {
    this.next.disabled = true;
    await this.ask(true);
    this.next.disabled = false;
  }

  /** @param {boolean} more those after the works that hang */
  async ask(more) {
    const { app, place } = this, lens = readPlace(place, 0, 1);
    if (!lens) return this.nothing();
    try {
      const [x, y, radius] = lens;
      const found = await app.kernel.ask("map_around", { x, y, radius, fill: true, more });
      if (place !== this.place) return;
      if (!more) this.clear();
      if (!more && !found.items.length) return this.nothing();
      const here = found.total ? `${count(found.total, "work")} under the lens, those nearest to your taste first` : "";
      this.sub.textContent = [here, here ? "then what lies around" : "What lies around this place"].filter(Boolean).join("; ");
      this.next.hidden = found.end;
      this.hang(found.items);
      if (!more) app.shell.announce(`${count(found.items.length, "work")} on the wall`);
    } catch (problem) {
      if (place !== this.place || !(problem instanceof Refused)) return;
      if (more) return app.shell.say(problem.message);
      this.wall.replaceChildren();
      this.tell("The works cannot be loaded", problem.message, button("Try again", () => this.find(place), { class: "pill strong" }));
    }
  }

  nothing() {
    this.clear();
    this.next.hidden = true;
    this.tell("Nothing new around here", "You have liked or hidden all works of the map.",
      button("Back to the map", () => this.back(), { class: "pill strong" }));
  }
}
