/* The operators' page in the browser: it requests the figures from the kernel every few seconds and draws them with text nodes and SVG. */

import { addressOf, Behind, behindOf, to } from "./behind.js";
import { make, percent, svg } from "./dom.js";
import { experimentPanel } from "./experiment.js";

const whole = (/** @type {number} */ n) => Number(n || 0).toLocaleString("en");

/** An accessible table. @param {string} caption @param {string[]} head @param {any[][]} rows */
function table(caption, head, rows) {
  return make("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": caption }, make("table", {},
    make("caption", { class: "unseen" }, caption),
    make("thead", {}, make("tr", {}, head.map((words) => make("th", { scope: "col" }, words)))),
    make("tbody", {}, rows.map((row) => make("tr", {}, row.map((cell, k) => make(k ? "td" : "th", k ? {} : { scope: "row" }, String(cell))))))));
}

/** @param {string} title @param {string | null} words @param {...any} children */
function panel(title, words, ...children) {
  return make("section", { class: "panel" }, make("h2", {}, title), words ? make("p", { class: "soft" }, words) : null, ...children);
}

/** @param {...[string, string]} names */
function legend(...names) {
  return make("p", { class: "legend" }, names.map(([name, kind]) => make("span", {}, make("i", { class: kind, "aria-hidden": "true" }), name)));
}

/** Paired bars for two series in the same bins; each series is normalised to its sum. @param {string} label @param {number[]} first @param {number[]} second @param {[string, string]} names */
function histogram(label, first, second, names) {
  const w = 480, h = 130, base = h - 1, n = first.length, step = w / n;
  const share = (/** @type {number[]} */ counts) => counts.map((c) => c / (counts.reduce((a, b) => a + b, 0) || 1));
  const a = share(first), b = share(second), top = Math.max(...a, ...b) || 1;
  const plot = svg("svg", { viewBox: `0 0 ${w} ${h}`, role: "img", "aria-label": label });
  /** @type {[number[], string, number][]} */
  const series = [[a, "before", 0], [b, "now", step * 0.44]];
  for (let k = 0; k < n; k++) for (const [values, kind, at] of series) {
    const tall = (values[k] / top) * (base - 4);
    plot.append(svg("rect", { x: k * step + at + step * 0.06, y: base - tall, width: step * 0.42, height: tall, class: kind }));
  }
  plot.append(svg("line", { x1: 0, x2: w, y1: base, y2: base, class: "axis" }));
  return make("div", {}, plot, ends(...names));
}

/** Labels under the two ends of a plot; they are HTML text, so that they stay readable on a phone. @param {string} left @param {string} right */
function ends(left, right) {
  return make("p", { class: "ends" }, make("span", {}, left), make("span", {}, right));
}

/** Events of the last hours: one line per kind on a square-root scale, so that likes are visible beside impressions. @param {Record<string, number>[]} hours @param {string[]} kinds @param {number} top */
function activity(hours, kinds, top) {
  const w = 980, h = 150, base = h - 1;
  const y = (/** @type {number} */ n) => base - Math.sqrt(n / top) * (base - 8), x = (/** @type {number} */ k) => (k / (hours.length - 1)) * w;
  const plot = svg("svg", { viewBox: `0 0 ${w} ${h}`, role: "img",
    preserveAspectRatio: "none", "aria-label": `Events an hour over ${hours.length} hours, at most ${whole(top)}` });
  plot.append(svg("line", { x1: 0, x2: w, y1: base, y2: base, class: "axis" }));
  kinds.forEach((kind) => plot.append(svg("polyline", { class: `line ${kind}`, points: hours.map((hour, k) => `${x(k).toFixed(1)},${y(hour[kind]).toFixed(1)}`).join(" ") })));
  return make("div", { class: "hours" }, plot, ends(`${hours.length} hours ago`, "now"));
}

/** @param {{ work: import("./types.js").Work, n: number }[]} rows @param {string} unit */
function works(rows, unit) {
  const top = rows[0]?.n || 1;
  return rows.length ? make("ol", { class: "works" }, rows.map(({ work, n }) => make("li", {},
    make("span", { class: "name" }, to({ view: "work", work: work.artwork_id }, work.title || "Untitled"), make("small", {}, work.artist || "")),
    make("span", { class: "bar", "aria-hidden": "true" }, make("i", { style: `width:${Math.max(1, (100 * n) / top)}%` })),
    make("span", { class: "n" }, to({ view: "work", work: work.artwork_id }, `${whole(n)} ${n === 1 ? unit.replace(/s$/, "") : unit}`))))) : make("p", { class: "soft" }, "Nothing yet.");
}

/** @param {any} taste of one facet */
function mix(taste) {
  return make("div", { class: "mix" }, make("h3", {}, taste.facet, make("span", { class: "soft" },
    taste.distance === null ? " no likes yet" : ` distance ${taste.distance.toFixed(2)}`)),
    make("ul", {}, taste.mix.map((/** @type {{ name: string, before: number, now: number }} */ { name, before, now }) => make("li", {}, make("span", {}, name),
      make("span", { class: "pair", role: "img", "aria-label": `${percent(before)} in training, ${percent(now)} now` },
        make("i", { class: "before", style: `width:${100 * before}%` }), make("i", { class: "now", style: `width:${100 * now}%` }))))));
}

/** Jensen-Shannon distance of two histograms, base 2. @param {number[]} first @param {number[]} second */
function distance(first, second) {
  const sum = (/** @type {number[]} */ x) => x.reduce((a, b) => a + b, 0), a = sum(first), b = sum(second);
  if (!a || !b) return null;
  const bits = (/** @type {number} */ x, /** @type {number} */ m) => (x ? x * Math.log2(x / m) : 0);
  return Math.sqrt(Math.max(0, first.reduce((total, value, k) => {
    const p = value / a, q = second[k] / b, m = (p + q) / 2;
    return total + (bits(p, m) + bits(q, m)) / 2;
  }, 0)));
}

/** @param {HTMLElement} root @param {any} look the answer of the kernel */
function draw(root, look) {
  const { health, insight, latency, scores } = look, { coverage, totals } = insight;
  const kinds = ["impression", "like", "hide"], peak = Math.max(1, ...insight.activity.flatMap((/** @type {Record<string, number>} */ hour) => kinds.map((kind) => hour[kind])));
  const served = (health.model_version || "").split("+");
  const drift = distance(insight.reference_scores, scores);
  const figure = (/** @type {any} */ value, /** @type {string} */ words) => make("div", { class: "figure" }, make("strong", {}, value), make("span", {}, words));
  const people = (/** @type {number} */ n) => to({ view: "visitors" }, whole(n));
  const refused = health.refused ? make("p", { class: "alert", role: "alert" },
    `Refused ${health.refused.version || "release.json"}: ${health.refused.why} ${health.model_version} is served instead. To fix it: ${health.refused.remedy || "see server.log in the home"}.`) : null;
  const open = new Set([...root.querySelectorAll(".scroll")].filter((s) => s.scrollLeft).map((s) => s.ariaLabel));
  root.replaceChildren(...[refused,
    make("div", { class: "figures" }, figure(people(insight.visitors), insight.visitors === 1 ? "visitor" : "visitors"), figure(people(totals.like), totals.like === 1 ? "like" : "likes"),
      figure(people(totals.impression), totals.impression === 1 ? "work shown" : "works shown"), figure(totals.impression ? percent((totals.like || 0) / totals.impression) : "–", "liked of those shown"),
      figure(percent(coverage.shown / Math.max(1, coverage.works)), `of ${whole(coverage.works)} works were shown`),
      figure(coverage.gini.toFixed(2), "Gini of showings"), figure(whole(look.memory_mib), "MiB of server memory")),
    experimentPanel(insight.experiment, table),
    panel("The last two days", `Events an hour, on a square-root scale that ends at ${whole(peak)}.`, activity(insight.activity, kinds, peak),
      legend(["shown", "impression"], ["liked", "like"], ["hidden", "hide"])),
    make("div", { class: "two" },
      panel("Most recommended", null, works(insight.shown, "times")), panel("Most liked", null, works(insight.liked, "likes"))),
    make("div", { class: "two" },
      panel("Drift of scores", drift === null ? "No page was requested since the server started." : `Distance ${drift.toFixed(2)} between training and now.`,
        histogram("Scores of shown works, training and now", insight.reference_scores, scores, ["likes expected: none", "all"]),
        legend(["pages of training users", "before"], ["pages shown now", "now"])),
      panel("Drift of taste", null, make("ul", { class: "said" }, (insight.lean || []).map((/** @type {string} */ words) => make("li", {}, words))),
        make("p", { class: "soft" }, "Share of likes by facet."), make("div", { class: "mixes" }, insight.taste.map(mix)),
        legend(["in training", "before"], ["in the gallery", "now"]))),
    panel("Latency", "Since the server started, by route.", table("Latency by route", ["route", "answers", "errors", "p50 ms", "p95 ms"],
      latency.map((/** @type {any} */ row) => [`${row.method} ${row.path}`, whole(row.n), whole(row.errors), row.p50, row.p95]))),
    panel("Models", `Served: ${health.model_version}${health.switches ? `, after ${health.switches} ${health.switches === 1 ? "change" : "changes"} without a restart` : ""}.`,
      make("p", {}, to({ view: "compare", releases: [] }, "Compare two releases for one visitor")),
      table("Model versions and their figures", ["version", "figures of training"], insight.models.map((/** @type {any} */ model) => [`${model.name} ${model.version}${served.includes(`${model.name}-${model.version}`) ? ", served" : ""}`,
        Object.entries(model.metrics).map(([name, value]) => `${name} ${value}`).join(" · ") || "none"]))),
  ].filter(Boolean));
  for (const scroll of /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll(".scroll"))) if (open.has(scroll.ariaLabel)) scroll.focus();
}

/** The message that asks the kernel for a view. @param {import("./behind.js").BehindRoute} route */
function questionOf({ view, visitor, work, releases }) {
  if (view === "visitor") return { type: view, visitor };
  if (view === "work") return { type: view, work };
  if (view === "compare" && releases?.length && visitor) return { type: view, first: releases[0], second: releases[1], visitor };
  return { type: view || "look" };
}

/** @param {{ model: any, el: HTMLElement }} widget */
function render({ model, el }) {
  document.title = "Vernissage: operators";
  el.classList.add("vernissage-host");
  const status = make("p", { class: "soft", role: "status" }, "Looking…");
  const body = make("div", { class: "looks" });
  const pause = make("button", { type: "button", class: "pill", "aria-pressed": "false" }, "Pause");
  const root = make("main", { class: "operators" }, make("header", {}, make("h1", {}, make("a", { href: "#" }, "Operators")), status, pause), body);
  const standalone = document.body.dataset.voila === "voila", behind = new Behind(model.get("pictures") || "");
  root.dataset.theme = (standalone && document.documentElement.dataset.theme) || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  el.append(root);
  let seq = 0, paused = false, route = standalone ? behindOf(location.hash) : {};
  /** @type {number | null} */
  let waiting = null;
  const ask = () => {
    const late = waiting === null ? 0 : Date.now() - waiting, patience = route.view === "compare" ? 180_000 : 30_000;
    if (late > patience) status.textContent = "The kernel does not answer: reload this page.";
    else if (late > 8_000) status.textContent = route.view === "compare" ? "Loading the other release…" : "Waiting for the server…";
    if (paused || document.hidden || (route.view && waiting === null && body.dataset.shown === addressOf(route))) return;
    if (waiting !== null && late < 2 * patience) return;
    waiting = Date.now();
    model.send({ ...questionOf(route), seq: ++seq });
  };
  /** @param {import("./behind.js").BehindRoute} next */
  const show = (next) => {
    [route, waiting] = [next, null];
    body.dataset.shown = "";
    pause.hidden = Boolean(route.view);
    paused = paused && !route.view;
    pause.setAttribute("aria-pressed", String(paused));
    status.textContent = "Looking…";
    ask();
  };
  /** @param {import("./behind.js").BehindRoute} next */
  const go = (next) => (standalone ? (location.hash = next.view ? addressOf(next) : "") : show(next));
  const hear = (/** @type {any} */ message) => {
    if (message?.seq !== seq) return;
    waiting = null;
    if (message.type === "error") status.textContent = `${message.text} We keep trying.`;
    else if (message.type === "look") {
      draw(body, message);
      status.textContent = `${message.health.status === "ok" ? "All is well" : "Needs attention"}, ${new Date().toLocaleTimeString("en-GB")}`;
    } else {
      const { found, type } = message;
      body.replaceChildren(...(type === "compare" ? behind.compare(found, route, go) : type === "visitors" ? behind.visitors(found)
        : type === "visitor" ? behind.visitor(found) : type === "work" ? behind.work(found) : [make("p", { class: "alert", role: "alert" }, message.text)]));
      body.dataset.shown = addressOf(route);
      status.textContent = "";
      scrollTo(0, 0);
      body.querySelector("h2")?.focus();
    }
  };
  pause.addEventListener("click", () => {
    paused = !paused;
    pause.setAttribute("aria-pressed", String(paused));
    ask();
  });
  const onHash = () => show(behindOf(location.hash));
  root.addEventListener("click", (/** @type {any} */ event) => {
    const address = event.target.closest("a")?.getAttribute("href");
    if (standalone || !address?.startsWith("#")) return;
    event.preventDefault(); // in a notebook the address is not ours
    show(behindOf(address));
  });
  model.on("msg:custom", hear);
  document.addEventListener("visibilitychange", ask);
  if (standalone) addEventListener("hashchange", onHash);
  const timer = setInterval(ask, 1000 * model.get("seconds"));
  show(route);
  return () => {
    clearInterval(timer);
    document.removeEventListener("visibilitychange", ask);
    removeEventListener("hashchange", onHash);
    model.off("msg:custom", hear);
  };
}

export default { render };
