// The docs site: theme, list of pages on a phone, copy buttons, search, the place in the text, formulas. No library but KaTeX.
"use strict";
const root = document.body.dataset.root;
const one = (selector, within = document) => within.querySelector(selector);
const all = (selector, within = document) => [...within.querySelectorAll(selector)];
const made = (tag, set = {}, ...children) => {
  const node = Object.assign(document.createElement(tag), set);
  node.append(...children);
  return node;
};
document.documentElement.classList.add("js");

// ---- light or dark: the system's preference until someone chooses
const theme = one(".theme"), KEY = "art-recsys-docs-theme", prefersDark = matchMedia("(prefers-color-scheme: dark)");
const isDark = () => (document.documentElement.dataset.theme || (prefersDark.matches ? "dark" : "light")) === "dark";
const nameTheme = () => { theme.setAttribute("aria-label", isDark() ? "Light colours" : "Dark colours"); theme.title = theme.getAttribute("aria-label"); };
theme.hidden = false;
theme.addEventListener("click", () => {
  document.documentElement.dataset.theme = isDark() ? "light" : "dark";
  try { localStorage.setItem(KEY, document.documentElement.dataset.theme); } catch { /* remembered for this page only */ }
  nameTheme();
});
prefersDark.addEventListener("change", nameTheme);
nameTheme();

// ---- the list of pages on a phone
const menu = one(".menu"), pages = one("#all-pages");
menu.hidden = false;
menu.addEventListener("click", () => {
  menu.setAttribute("aria-expanded", String(document.body.classList.toggle("with-menu")));
});
const current = one("[aria-current]", pages);
if (current) pages.scrollTop = Math.max(0, current.offsetTop - pages.clientHeight / 2);

// ---- copy buttons
for (const pre of all("div.sourceCode > pre, .commands pre")) {
  const button = made("button", { type: "button", className: "copy", textContent: "Copy" });
  button.setAttribute("aria-label", "Copy this code");
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(one("code", pre).textContent);
      button.textContent = "Copied";
    } catch { // no permission, or a page from a file: select it instead
      getSelection().selectAllChildren(one("code", pre));
      button.textContent = "Selected";
    }
    setTimeout(() => { button.textContent = "Copy"; }, 1600);
  });
  pre.parentElement.append(button);
}

// ---- links to headings
for (const h of all("article [data-anchor-id]")) {
  const link = made("a", { className: "anchor", href: `#${h.dataset.anchorId}`, textContent: "#" });
  link.setAttribute("aria-label", `Link to “${h.textContent}”`);
  h.append(link);
}

// ---- formulas, then boxes that scroll: they must be reachable with the keyboard
addEventListener("DOMContentLoaded", () => {
  if (window.renderMathInElement) {
    window.renderMathInElement(document.body, { throwOnError: false,
      delimiters: [{ left: "\\[", right: "\\]", display: true }, { left: "\\(", right: "\\)", display: false }] });
  }
  markScrolling();
});
function markScrolling() {
  for (const box of all(".scroll, pre, .cell-output-display, .math.display, .cell-output [style*=overflow]")) {
    if (box.scrollWidth > box.clientWidth + 1 || (box.scrollHeight > box.clientHeight + 1 && box.style.overflowY)) {
      box.tabIndex = 0;
      box.setAttribute("role", "group");
      box.setAttribute("aria-label", "Scrolls");
    } else if (box.getAttribute("role") === "group") {
      for (const name of ["tabindex", "role", "aria-label"]) box.removeAttribute(name);
    }
  }
}
addEventListener("resize", markScrolling);
addEventListener("toggle", markScrolling, true);

// ---- the place in the text
const places = all(".contents a").map((a) => [a, document.getElementById(decodeURIComponent(a.hash.slice(1)))]).filter(([, h]) => h);
if (places.length) {
  const mark = () => {
    const passed = places.filter(([, h]) => h.getBoundingClientRect().top < 120);
    const here = (passed.at(-1) || places[0])[0];
    for (const [a] of places) a.classList.toggle("here", a === here);
    const box = here.closest(".contents"), at = here.offsetTop;
    if (at < box.scrollTop + 40 || at > box.scrollTop + box.clientHeight - 60) box.scrollTop = at - box.clientHeight / 2;
  };
  addEventListener("scroll", mark, { passive: true });
  mark();
}

// ---- search: every word must occur; a title counts more than a section, a section more than the text
const search = one(".search"), input = one("input", search), found = one(".found", search), list = one("ol", found), told = one("p", found);
search.hidden = false;
let index = null;
const loadIndex = () => index ??= new Promise((resolve) => {
  const script = made("script", { src: `${root}search.js` }); // a script and not a fetch: it works from a folder, too
  script.onload = () => resolve(window.SEARCH.map((e) => ({ ...e, low: [e.t, e.s, e.x].map((v) => v.toLowerCase()) })));
  script.onerror = () => resolve([]);
  document.head.append(script);
});
const score = (entry, words) => {
  let sum = 0;
  for (const w of words) {
    const at = entry.low.map((v) => v.indexOf(w));
    if (at.every((i) => i < 0)) return 0;
    const starts = (v, i) => i >= 0 && (i === 0 || !/\w/.test(v[i - 1]));
    sum += (at[0] >= 0 ? 6 : 0) + (at[1] >= 0 ? 9 : 0) + (at[2] >= 0 ? 1 : 0) + (starts(entry.low[1], at[1]) ? 6 : 0) + (entry.low[1] === w ? 20 : 0) + (entry.low[0] === w ? 8 : 0);
  }
  return sum;
};
const marked = (text, words) => {
  const at = Math.max(0, Math.min(...words.map((w) => text.toLowerCase().indexOf(w)).filter((i) => i >= 0), text.length) - 50);
  const part = (at ? "…" : "") + text.slice(at, at + 150);
  const pattern = new RegExp(`(${words.map((w) => w.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|")})`, "gi");
  return part.split(pattern).map((p, i) => i % 2 ? made("mark", { textContent: p }) : p);
};
const run = async () => {
  const words = input.value.toLowerCase().split(/\s+/).filter((w) => w.length > 1);
  found.hidden = !words.length;
  if (!words.length) return;
  const hits = (await loadIndex()).map((e) => [score(e, words), e]).filter(([s]) => s).sort((a, b) => b[0] - a[0]);
  told.textContent = hits.length ? `${hits.length} ${hits.length === 1 ? "place" : "places"}${hits.length > 20 ? ", the first 20" : ""}` : "Nothing found";
  list.replaceChildren(...hits.slice(0, 20).map(([, e]) => made("li", {}, made("a", { href: root + e.h },
    made("b", { textContent: e.s || e.t }), made("span", {}, e.s ? `${e.t} · ` : "", ...marked(e.x, words))))));
};
input.addEventListener("focus", loadIndex);
input.addEventListener("input", run);
search.addEventListener("keydown", (event) => {
  const stops = [input, ...all("a", list)], at = stops.indexOf(document.activeElement);
  if (event.key === "Escape") { found.hidden = true; input.focus(); }
  if (event.key === "Enter" && at === 0) stops[1]?.click();
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) { event.preventDefault(); stops[Math.min(stops.length - 1, Math.max(0, at + step))].focus(); }
});
document.addEventListener("click", (event) => { if (!search.contains(event.target)) found.hidden = true; });
document.addEventListener("keydown", (event) => {
  if (event.key === "/" && !/^(INPUT|TEXTAREA|SELECT)$/.test(document.activeElement.tagName)) { event.preventDefault(); input.focus(); }
});

// ---- on paper everything is open
addEventListener("beforeprint", () => { for (const d of all("article details:not([open])")) { d.open = true; d.dataset.closed = ""; } });
addEventListener("afterprint", () => { for (const d of all("details[data-closed]")) { d.open = false; delete d.dataset.closed; } });
// a link that leads into something folded opens it
const unfold = () => document.getElementById(decodeURIComponent(location.hash.slice(1)))?.closest("details")?.setAttribute("open", "");
addEventListener("hashchange", unfold);
unfold();
