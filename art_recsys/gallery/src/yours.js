/* What a visitor can do with their visit: carry it to another browser, save it as a file, and be forgotten. */

import { button, make } from "./dom.js";
import { allRows, csvOf, jsonOf, save } from "./export.js";
import { field } from "./fields.js";
import { Refused } from "./kernel.js";
import { memory, STORED, unwanted } from "./memory.js";
import { Room } from "./room.js";

/** What came with a code, in words. @param {{ likes: number, hidden: number, follows: number, rooms: number, artists: string[] }} came */
export function cameInWords({ likes, hidden, follows, rooms, artists }) {
  const parts = [[likes, "like", "likes"], [hidden, "hidden work", "hidden works"], [follows, "wish", "wishes"],
    [rooms, "room", "rooms"], [artists.length, "muted artist", "muted artists"]]
    .filter(([n]) => n).map(([n, one, many]) => `${n} ${n === 1 ? one : many}`);
  if (!parts.length) return "The code was right, but there was nothing that you do not have already.";
  return `Here now: ${parts.length > 1 ? `${parts.slice(0, -1).join(", ")} and ${parts.at(-1)}` : parts[0]}.`;
}

export class Yours extends Room {
  /** @param {import("./gallery.js").Gallery} app */
  constructor(app) {
    super(app, "Your visit");
    this.sub.textContent = "There are no accounts here. Your browser holds a secret key, and only that key leads to your likes.";
    this.code = make("div", { class: "code", "aria-live": "polite" });
    this.enter = field("Code from the other browser", { most: 100, hint: "K7QM-4XTP" });
    this.came = make("p", { class: "soft", "aria-live": "polite" });
    this.saved = make("p", { class: "soft", "aria-live": "polite" });
    const part = (/** @type {string} */ title, /** @type {any[]} */ ...inside) => make("section", { class: "panel" }, make("h2", {}, title), ...inside);
    this.wall.replaceWith(make("div", { class: "panels" },
      part("Carry your likes to another browser",
        make("p", { class: "soft" }, "Make a code here and enter it there. It works once, and for ten minutes."),
        button("Make a code", () => this.makeCode(), { class: "pill strong" }), this.code),
      part("Bring likes from another browser",
        make("p", { class: "soft" }, "What you like, hide and follow there, and your rooms, are added to those here. The other browser keeps its own; from then on each goes its own way."),
        make("form", { class: "edit", onsubmit: (/** @type {Event} */ event) => {
          event.preventDefault();
          this.redeem();
        } }, this.enter.place, button("Bring them here", () => {}, { class: "pill strong", type: "submit" })), this.came),
      part("Take your likes as a file",
        make("p", { class: "soft" }, "Title, artist, date and source of every work you like. The table opens in any spreadsheet."),
        make("div", { class: "row" }, button("Table (CSV)", () => this.export("csv"), { class: "pill" }),
          button("JSON", () => this.export("json"), { class: "pill" })), this.saved),
      part("Hidden works and muted artists",
        make("p", { class: "soft" }, "What you sent away can come back."),
        button("See what is hidden", () => app.visit({ view: "hidden" }), { class: "pill" })),
      part("Be forgotten",
        make("p", { class: "soft" }, "Your likes, hidden works, follows, rooms, their links and your codes are deleted here and on our server. Copies that you carried to another browser or saved as a file are not. This cannot be undone."),
        button("Forget me", () => this.forget(), { class: "pill danger" }))));
  }

  layout() {}

  visited() {
    this.came.textContent = this.saved.textContent = "";
    this.code.replaceChildren();
    this.enter.input.value = "";
    this.enter.say("");
  }

  async makeCode() {
    const { app } = this;
    try {
      const { code, seconds } = await app.kernel.ask("make_code", { artists: unwanted() });
      const until = new Date(Date.now() + seconds * 1000).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
      this.code.replaceChildren(make("strong", {}, code), make("span", { class: "soft" }, `Works once, until ${until}. On the other browser: Likes, then “Carry, export, forget”.`));
    } catch (problem) {
      if (problem instanceof Refused) app.shell.say(problem.message);
    }
  }

  async redeem() {
    const { app, enter } = this, code = enter.input.value.trim();
    if (!code) {
      enter.say("Enter the code that the other browser shows.");
      return enter.input.focus();
    }
    if (!enter.fits()) return;
    try {
      const came = await app.kernel.ask("redeem", { code });
      enter.input.value = "";
      if (came.artists.length) {
        app.setExcluded([...new Set([...unwanted(), ...came.artists])].slice(-100));
        await app.kernel.ask("exclude_artists", { artists: unwanted() });
        app.channel.tell("artists");
      }
      this.came.textContent = cameInWords(came);
      app.channel.tell("taste");
      await app.channel.sync("taste");
      app.newLikes += came.likes;
      app.repaint();
    } catch (problem) {
      if (!(problem instanceof Refused)) return;
      enter.say(problem.message);
      enter.input.focus();
    }
  }

  /** @param {"csv" | "json"} form */
  async export(form) {
    const { app } = this;
    this.saved.textContent = "";
    try {
      const rows = await allRows((skip) => app.kernel.ask("export", { skip }));
      if (!rows.length) this.saved.textContent = "You like no work yet.";
      else if (form === "csv") save("my-likes.csv", "text/csv;charset=utf-8", csvOf(rows));
      else save("my-likes.json", "application/json", jsonOf(rows, new Date().toISOString()));
    } catch (problem) {
      if (problem instanceof Refused) this.saved.textContent = problem.message;
    }
  }

  async forget() {
    const { app } = this;
    const sure = await app.question.ask({ title: "Be forgotten?", text: "Your likes, hidden works, follows, rooms and their links will be gone. This cannot be undone.", yes: "Forget me", no: "Keep everything" });
    if (!sure) return;
    app.shell.say("Forgetting…");
    try {
      await app.kernel.ask("forget");
    } catch (problem) {
      if (problem instanceof Refused) app.shell.say(`Not everything is deleted yet: ${problem.message} Please press “Forget me” again in a minute.`);
      return;
    }
    const gone = app.channel.visitor;
    for (const key of [STORED.token, STORED.excludedArtists, STORED.skipped]) memory.set(key, null);
    if (await app.wall.enter("profile", { user_id: null, token: null, artists: [] })) {
      app.channel.tell("gone", {}, gone);
      app.visit({});
      app.shell.say("You are forgotten. A fresh visit begins.");
    }
  }
}
