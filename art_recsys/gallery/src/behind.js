/* What is behind a number of the operators' page: visitors, one visitor, one work, two releases. Texts become text nodes. */

import { count, make } from "./dom.js";

/**
 * @typedef {object} BehindRoute where the operators' page is; without a view it shows its figures
 * @property {"visitors" | "visitor" | "work" | "compare"} [view]
 * @property {string} [visitor] code
 * @property {string} [work] id
 * @property {string[]} [releases] two versions
 */

const CODE = /^[0-9a-f]{12}$/;

/** @param {string} hash of the address, with or without `#` @returns {BehindRoute} */
export function behindOf(hash) {
  const said = new URLSearchParams(hash.replace(/^#/, "")), [first] = said.keys();
  const visitor = said.get("visitor") || "", known = CODE.test(visitor) ? visitor : undefined;
  if (first === "visitors") return { view: "visitors" };
  if (first === "work" && said.get("work") && String(said.get("work")).length <= 500) return { view: "work", work: said.get("work") || "" };
  if (first === "visitor" && known) return { view: "visitor", visitor: known };
  if (first !== "compare") return {};
  const releases = (said.get("compare") || "").replaceAll(" ", "+").split(",").filter((v) => v && v.length <= 200);
  return { view: "compare", releases: releases.length === 2 ? releases : [], visitor: known };
}

/** @param {BehindRoute} route @returns {string} with `#` */
export function addressOf(route) {
  const said = new URLSearchParams();
  if (route.view === "compare") said.set("compare", (route.releases || []).join(","));
  else if (route.view === "work") said.set("work", route.work || "");
  if (route.view !== "visitors" && route.visitor) said.set("visitor", route.visitor);
  return `#${route.view === "visitors" ? "visitors" : said}`;
}

/** A link to what is behind a text. @param {BehindRoute} route @param {...any} children */
export const to = (route, ...children) => make("a", { href: addressOf(route) }, ...children);

const SOURCES = /** @type {Record<string, string>} */ ({ towers: "near the taste", neighbours: "near the last likes", artist: "the same hand",
  related_artists: "a related hand", subject: "the same subject", image: "looks alike", cooccurrence: "liked together", popular: "popular lately",
  arrivals: "new", start: "first page", steered: "what they follow" });
const EVENTS = /** @type {Record<string, string>} */ ({ like: "Liked", unlike: "Took back", hide: "Hid", click: "Looked at" });
const CHANGES = /** @type {Record<string, string>} */ ({ up: "moved up", down: "moved down", same: "same rank", new: "new", gone: "gone" });

/** A probability as a frequency. @param {number | null} score */
export const inHundred = (score) => (score === null || score === undefined ? "" : score > 0 && score < 0.005 ? "under 1 in 100" : `${Math.round(100 * score)} in 100`);

/** What moved between two pages, in words. @param {any[]} rows of a comparison @returns {string} */
export function summaryOf(rows) {
  const n = (/** @type {string} */ change) => rows.filter((row) => row.change === change).length;
  const said = ["up", "down", "new", "gone"].filter(n).map((change) => `${n(change)} ${CHANGES[change]}`);
  return said.length ? `${[said.slice(0, -1).join(", "), said.at(-1)].filter(Boolean).join(" and ")}, ${n("same")} at the same rank` : "Both releases give the same page";
}

/** The day and time of an event in UTC. @param {string | null} ts */
const when = (ts) => (ts ? `${ts.slice(0, 10)} ${ts.slice(11, 16)} UTC` : "in the training data");

export class Behind {
  /** @param {string} pictures base URL of the pictures */
  constructor(pictures) {
    this.pictures = pictures;
  }

  /** @param {any} work a card */
  thumb(work) {
    return work.picture ? make("img", { src: this.pictures + encodeURIComponent(work.artwork_id), alt: "", loading: "lazy", class: "thumb" })
      : make("span", { class: "thumb", "aria-hidden": "true" });
  }

  /** @param {any} work */
  named(work) {
    return make("span", { class: "name", dir: "auto" }, to({ view: "work", work: work.artwork_id }, work.title || "Untitled"), make("small", {}, work.artist || ""));
  }

  /** @param {any[]} list of visitors @param {string} none */
  people(list, none) {
    return list.length ? make("ul", { class: "people" }, list.map((one) => make("li", {},
      to({ view: "visitor", visitor: one.visitor }, one.visitor),
      make("span", { class: "soft" }, [count(one.likes, "like"), one.hides ? count(one.hides, "hidden work") : "",
        one.shown ? `${count(one.shown, "work")} shown` : "", one.last ? `last ${when(one.last)}` : ""].filter(Boolean).join(", "))))) : make("p", { class: "soft" }, none);
  }

  /** @param {any} found */
  visitors(found) {
    return [head("Visitors", "A code stands for a visitor's id, which is their key and is not shown."),
      make("div", { class: "two" }, panel("Came last", this.people(found.gallery, "Nobody has come yet.")),
        panel("Busiest in the training data", this.people(found.training, "No training data.")))];
  }

  /** @param {any} found */
  visitor(found) {
    const { profile } = found, gender = /** @type {Record<string, string>} */ ({ F: "woman", M: "man" })[profile.gender];
    const who = [profile.age ? `Aged ${profile.age}` : "", gender].filter(Boolean).join(", ");
    const asked = found.asked.map((/** @type {any} */ w) => `${w.direction} ${w.value}`).join(", ");
    return [head(`Visitor ${found.visitor}`, [who, profile.description, asked ? `Asked for: ${asked}` : ""].filter(Boolean).join(". "),
      make("p", {}, [count(found.likes, "like"), count(found.hides, "hidden work"), `${count(found.shown, "work")} shown`].join(", "), ". ",
        to({ view: "compare", releases: [], visitor: found.visitor }, "Compare two releases for this visitor"))),
      make("div", { class: "two" },
        panel("What they did", found.history.length ? make("ol", { class: "rows" }, found.history.map((/** @type {any} */ row) => make("li", {}, this.thumb(row.work),
          this.named(row.work), make("span", { class: "n" }, EVENTS[row.event] || row.event, make("small", {}, when(row.ts)))))) : make("p", { class: "soft" }, "Nothing yet.")),
        panel(`The page they would get now, by ${found.version}`, make("ol", { class: "rows" }, found.page.map((/** @type {any} */ row) => this.candidate(row)))))];
  }

  /** @param {any} row of a page */
  candidate(row) {
    return make("li", {}, this.thumb(row.work), make("div", {}, this.named(row.work), make("p", { class: "soft" }, row.reason.text || "No reason is said"),
      make("p", { class: "tags" }, row.sources.map((/** @type {string} */ s) => make("span", {}, SOURCES[s] || s))),
      make("details", {}, make("summary", {}, count(row.features.length, "feature")), make("dl", {}, row.features.map((/** @type {[string, number]} */ [name, value]) =>
        make("div", {}, make("dt", {}, name.replaceAll("_", " ")), make("dd", {}, String(value))))))),
    make("span", { class: "n" }, `No. ${row.rank}`, make("small", {}, inHundred(row.score))));
  }

  /** @param {any} found */
  work(found) {
    const { work, gallery } = found, about = [work.artist, work.date_text, work.medium].filter(Boolean).join(", ");
    const facts = `Shown ${count(gallery.impression, "time")}, liked ${count(gallery.like, "time")} and hidden ${count(gallery.hide, "time")} in the gallery; ${count(found.training, "like")} in the training data.`;
    return [head(work.title || "Untitled", about, make("p", {}, facts)),
      make("div", { class: "two" }, panel("The work", work.picture ? make("img", { src: this.pictures + encodeURIComponent(work.artwork_id), alt: work.title || "", class: "large" }) : null,
        ...String(work.description || work.text || "").split("\n").map((line) => make("p", {}, line)), work.tags?.length ? make("p", { class: "tags" }, work.tags.map((/** @type {string} */ t) => make("span", {}, t))) : null),
      panel("Who likes it now", this.people(found.likers, "Nobody likes it now."))),
      ...found.rows.map((/** @type {any} */ row) => panel(row.title, make("ol", { class: "rows" }, row.items.map((/** @type {any} */ item) => make("li", {},
        this.thumb(item.artwork), make("div", {}, this.named(item.artwork), make("p", { class: "soft" }, item.reason.text)), make("span", { class: "n" }, item.score.toFixed(2)))))))];
  }

  /** @param {any} found `{releases, pages}` @param {BehindRoute} route @param {(route: BehindRoute) => void} go */
  compare(found, route, go) {
    const choose = (/** @type {string} */ label, /** @type {string | undefined} */ chosen, /** @type {number} */ fallback) => make("label", {}, label, make("select", { name: label },
      found.releases.map((/** @type {any} */ r, /** @type {number} */ n) => make("option", { value: r.version, selected: chosen ? r.version === chosen : n === fallback },
        `${r.version}${r.served ? ", served" : ""}`))));
    const [first, second] = route.releases || [];
    const earlier = choose("First release", first, Math.min(1, found.releases.length - 1)), later = choose("Second release", second, 0);
    const form = make("form", { class: "choose", onsubmit: (/** @type {Event} */ event) => {
      event.preventDefault();
      go({ view: "compare", releases: [earlier, later].map((l) => l.querySelector("select").value), visitor: route.visitor });
    } }, earlier, later, make("button", { type: "submit", class: "pill" }, "Compare"));
    const about = route.visitor ? make("p", {}, "For visitor ", to({ view: "visitor", visitor: route.visitor }, route.visitor), ".")
      : make("p", {}, "For whom? ", to({ view: "visitors" }, "Choose a visitor"), " first.");
    const intro = head("Two releases side by side", found.releases.length < 2 ? "There is only one release. After the next deploy or refresh there are two." : "A release that is not served is loaded first. What visitors get does not change.", about);
    if (!found.pages) return [intro, route.visitor ? form : null].filter(Boolean);
    const { rows } = found.pages;
    const side = (/** @type {"first" | "second"} */ which, /** @type {string} */ version) => panel(version, make("ol", { class: "rows" }, rows
      .filter((/** @type {any} */ row) => row[which] !== null).sort((/** @type {any} */ a, /** @type {any} */ b) => a[which] - b[which])
      .map((/** @type {any} */ row) => make("li", { class: which === "second" || row.change === "gone" ? `is-${row.change}` : null }, this.thumb(row.work),
        make("div", {}, this.named(row.work), which === "second" || row.change === "gone" ? make("p", { class: "change" }, this.moved(row)) : null),
        make("span", { class: "n" }, `No. ${row[which]}`, make("small", {}, inHundred(row[`${which}_score`])))))));
    return [intro, form, make("p", { class: "verdict" }, `${summaryOf(rows)}.`), make("div", { class: "two" }, side("first", found.pages.first), side("second", found.pages.second))];
  }

  /** @param {any} row of a comparison */
  moved(row) {
    const by = row.first !== null && row.second !== null ? Math.abs(row.first - row.second) : 0;
    return by ? `${CHANGES[row.change]} by ${by}` : CHANGES[row.change];
  }
}

/** @param {string} title @param {string} words @param {...any} more */
function head(title, words, ...more) {
  return make("div", { class: "intro" }, make("h2", { tabindex: "-1", dir: "auto" }, title), words ? make("p", { class: "soft" }, words) : null, ...more);
}

/** @param {string} title @param {...any} children */
function panel(title, ...children) {
  return make("section", { class: "panel" }, make("h3", {}, title), ...children);
}
