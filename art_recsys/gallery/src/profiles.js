/* The dialog in which a visitor chooses whose wall to see. */

import { button, count, iconButton, make } from "./dom.js";
import { Refused } from "./kernel.js";
import { memory, STORED, unwanted } from "./memory.js";
import { rested } from "./passed.js";
import { face } from "./pictures.js";

/** @typedef {import("./types.js").Profile} Profile */

export class Profiles {
  /** @param {import("./gallery.js").Gallery} app */
  constructor(app) {
    this.app = app;
    const { dialog, body } = app.shell.dialog("profiles", "profiles-title", () => app.shell.returnFocus());
    this.dialog = dialog;
    this.body = body;
    this.known = new Set(); // ids of those who can be looked through
  }

  async open() {
    const { app, dialog, body } = this;
    app.shell.focusBack = document.activeElement;
    const list = make("ul", { class: "people", "aria-busy": "true" });
    body.replaceChildren(
      make("div", { class: "tools" }, iconButton("close", "Close", () => dialog.close())),
      make("h2", { id: "profiles-title", tabindex: "-1" }, "Choose a profile"),
      make("p", { class: "soft" }, "See your own wall, or look at that of one of our invented visitors. What you like there is yours."),
      make("div", { class: "selves" },
        this.person({ who: "Yourself", description: "Your own likes, kept on this device." }, !app.profile,
          () => this.become(null, memory.get(STORED.token))),
        this.person({ who: "Start fresh", description: "A newcomer with no likes. Undo brings yours back." }, false,
          () => this.startFresh())),
      button("Carry your likes elsewhere, export them, or be forgotten", () => {
        dialog.close();
        app.visit({ view: "yours" });
      }, { class: "plain" }),
      list);
    dialog.showModal();
    body.querySelector("h2")?.focus();
    try {
      const profiles = await this.list();
      list.removeAttribute("aria-busy");
      list.replaceChildren(...profiles.map((profile) => make("li", {}, this.person(profile,
        profile.user_id === app.profile?.user_id, () => this.become(profile.user_id ?? null)))));
    } catch (problem) {
      list.replaceChildren(make("li", { class: "soft" }, problem instanceof Refused ? problem.message : "The profiles cannot be loaded."));
    }
  }

  /** @returns {Promise<Profile[]>} */
  async list() {
    const { profiles } = await this.app.kernel.ask("profiles");
    this.known = new Set(profiles.map((/** @type {Profile} */ { user_id }) => user_id));
    return profiles;
  }

  /** @param {Profile} profile @param {boolean} chosen @param {() => any} onclick */
  person(profile, chosen, onclick) {
    return button("", onclick, { class: "person", "aria-current": chosen ? "true" : null },
      face(profile.user_id || (profile.who === "Yourself" ? null : profile.who)),
      make("span", { class: "person-words" }, make("strong", {}, profile.who),
        profile.description ? make("span", { class: "person-story" }, profile.description) : null,
        profile.likes ? make("span", { class: "person-likes" }, count(profile.likes, "like")) : null));
  }

  /** @param {string | null} userId null: the visitor themselves @param {string | null} [token] of the visitor */
  async become(userId, token = null) {
    this.dialog.close();
    return this.app.wall.enter("profile", { user_id: userId, token, artists: unwanted() });
  }

  /**
   * Back, Forward or another address leads to the wall of somebody else.
   * @param {import("./router.js").Route} route
   * @param {number} [wall] number of the one that hung there
   */
  async follow({ profile, filters = {} }, wall) {
    const { app } = this;
    try {
      if (profile && !this.known.has(profile)) await this.list();
      if (profile && !this.known.has(profile)) throw new Refused("There is no such profile here");
      const token = memory.get(STORED.token);
      const state = await app.kernel.ask("profile", { user_id: profile ?? null, token, artists: unwanted(), filters, rested: rested() });
      app.take(state);
      if (app.wall.number !== wall) app.wall.show(state, true);
      app.wall.taste.fetch();
      app.repaint();
    } catch (problem) {
      if (!(problem instanceof Refused)) return;
      app.shell.say(problem.message);
      app.router.go({ ...app.router.route, ...app.here }, { replace: true, quiet: true });
    }
  }

  async startFresh() {
    const before = memory.get(STORED.token);
    memory.set(STORED.excludedArtists, null);
    if (await this.become(null, null)) {
      memory.set(STORED.skipped, null);
      this.app.repaint();
      this.app.shell.say("A fresh start", before ? () => this.become(null, before) : null);
    }
  }
}
