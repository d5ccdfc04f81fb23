/* The gallery in the browser. It draws the answers of the kernel and requests all data from it (see widget.py).
 *
 * This file follows three rules:
 *  - texts come from catalogues and are untrusted: they become text nodes, never markup;
 *  - pictures on screen never move: new recommendations are only offered, and a hidden work leaves its place empty;
 *  - a click takes effect at once; if it cannot be saved, it is undone with a message.
 */

const ANSWER_MS = 12_000; // Milliseconds without an answer after which a kernel counts as dead
const PING_MS = 20_000;
const TOAST_MS = 7_000;
const WAIT_MS = 400; // Milliseconds after which pictures that will be replaced are dimmed
const TASTE = 5; // Number of likes from which recommendations are called personal
const ROW_HEIGHT = 320; // Target height of a row of pictures, in pixels
const ONE_COLUMN = 640; // Width in pixels below which pictures are in one column
const STORED = {
  token: "art-recsys.visitor",
  profile: "art-recsys.profile",
  theme: "art-recsys.theme",
  skipped: "art-recsys.skipped",
  excludedArtists: "art-recsys.without", // the key of 0.1.0, so that no visitor loses their list
};

const ICONS = {
  heart: "M12 20.3S3.6 15.3 3.6 9.2A4.6 4.6 0 0 1 12 6.7a4.6 4.6 0 0 1 8.4 2.5c0 6.1-8.4 11.1-8.4 11.1z",
  hide: "M4 4l16 16M9.9 5.2A10 10 0 0 1 12 5c5.5 0 9 7 9 7a16 16 0 0 1-2.6 3.4M6.3 7A15 15 0 0 0 3 12s3.5 7 9 7a9 9 0 0 0 4.3-1.1",
  close: "M6 6l12 12M18 6L6 18",
  left: "M15 5l-7 7 7 7",
  right: "M9 5l7 7-7 7",
  moon: "M20 14.5A8.2 8.2 0 0 1 9.5 4a8.2 8.2 0 1 0 10.5 10.5z",
  link: "M10 14a4 4 0 0 0 6 .4l3-3a4.2 4.2 0 0 0-6-6l-1.4 1.4M14 10a4 4 0 0 0-6-.4l-3 3a4.2 4.2 0 0 0 6 6l1.4-1.4",
  out: "M8 5H5v14h14v-3M13 5h6v6M19 5l-9 9",
};

function icon(name) {
  return svg("svg", { viewBox: "0 0 24 24", "aria-hidden": "true", class: "icon" }, svg("path", { d: ICONS[name] }));
}

function button(label, onclick, properties = {}, ...children) {
  return make("button", { type: "button", onclick, ...properties }, ...(children.length ? children : [label]));
}

function iconButton(name, label, onclick, properties = {}) {
  return button(label, onclick, { class: "round", "aria-label": label, title: label, ...properties }, icon(name));
}

function count(n, one, many = `${one}s`) {
  return `${n} ${n === 1 ? one : many}`;
}

/** The URL if it is an http(s) address, else null; a catalogue may contain any text. */
function webAddress(value) {
  try {
    const url = new URL(value);
    return ["http:", "https:"].includes(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}

/** Artists that this visitor excluded. */
function unwanted() {
  try {
    const artists = JSON.parse(memory.get(STORED.excludedArtists) || "[]");
    return Array.isArray(artists) ? artists.filter((a) => typeof a === "string" && a && a.length <= 500).slice(-100) : [];
  } catch {
    return [];
  }
}

/** Values in the browser's storage; works without storage too. */
const memory = {
  get(key, storage = "localStorage") {
    try { return window[storage].getItem(key); } catch { return null; }
  },
  set(key, value, storage = "localStorage") {
    try {
      if (value === null) window[storage].removeItem(key);
      else window[storage].setItem(key, value);
    } catch { /* storage is disabled */ }
  },
};

// ---- pictures -------------------------------------------------------------------------------------------------------

function hashOf(text) {
  let hash = 2166136261;
  for (const character of String(text)) hash = Math.imul(hash ^ character.codePointAt(0), 16777619);
  return hash >>> 0;
}

/** Random numbers between 0 and 1, reproducible for a seed. */
function dice(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** The main colour of a work, or null if it is unknown. */
function dominantOf(work) {
  if (!work.picture && !work.colour) return null;
  return /^#[0-9a-f]{6}$/i.test(work.dominant || "") ? work.dominant : null;
}

const HUES = { red: 4, orange: 26, brown: 28, yellow: 46, gold: 44, green: 130, teal: 178, cyan: 186, blue: 214, indigo: 236,
  purple: 276, violet: 272, magenta: 312, pink: 340 };

/** Hue (degrees) and saturation (%) of a painted picture: from the work's colour, else from its artist's name. */
function hueOf(work) {
  const hex = dominantOf(work);
  if (hex) {
    const [r, g, b] = [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16) / 255);
    const high = Math.max(r, g, b), spread = high - Math.min(r, g, b);
    if (spread < 0.03) return [38, 10];
    const turn = high === r ? (g - b) / spread : high === g ? 2 + (b - r) / spread : 4 + (r - g) / spread;
    return [(turn * 60 + 360) % 360, Math.min(56, 22 + 60 * spread)];
  }
  const named = HUES[String(work.colour || "").toLowerCase()];
  return [named ?? hashOf(work.artist || work.title) % 360, 34];
}

function pictureRatio(work) {
  if (work.picture && work.width > 0 && work.height > 0) return work.width / work.height;
  return [0.76, 0.8, 0.86, 1, 1.22, 1.36][hashOf(work.artwork_id) % 6];
}

function wordsInLines(text, perLine, most) {
  const lines = [""];
  for (const word of String(text).split(/\s+/)) {
    const last = lines.length - 1;
    if (!lines[last] || lines[last].length + word.length < perLine) lines[last] = `${lines[last]} ${word}`.trim();
    else lines.push(word);
  }
  const kept = lines.slice(0, most).map((line) => (line.length > perLine + 1 ? `${line.slice(0, perLine - 1)}…` : line));
  if (lines.length > most) kept[most - 1] += "…";
  return kept;
}

const MARGIN = 26; // In a painted picture 400 units high

/** Five compositions of four tones on a sheet of `w` by `h`; each returns its shapes. */
const COMPOSITIONS = [
  function fields(w, h, tones, roll) {
    const shapes = [], low = h - MARGIN, first = Math.floor(roll() * 4);
    for (let y = 0, k = first; y < low; k++) {
      const left = low - y, tall = left < h * 0.4 ? left : h * (0.14 + 0.3 * roll());
      shapes.push(svg("rect", { x: MARGIN, y, width: w - 2 * MARGIN, height: tall - 4, fill: tones[k % 4] }));
      y += tall;
    }
    return shapes;
  },
  function hills(w, h, tones, roll) {
    const disc = svg("circle", { cx: w * (0.25 + 0.5 * roll()), cy: h * 0.28, r: h * (0.1 + 0.07 * roll()), fill: tones[3] });
    return [disc, ...[0, 1, 2].map((k) => {
      const top = h * (0.42 + 0.19 * k), swing = h * (0.1 + 0.16 * roll()) * (roll() < 0.5 ? -1 : 1);
      const d = `M0 ${top} C ${w * 0.3} ${top - swing}, ${w * 0.65} ${top + swing}, ${w} ${top - swing * 0.4} V${h} H0 Z`;
      return svg("path", { d, fill: tones[k] });
    })];
  },
  function arcs(w, h, tones, roll) {
    const side = Math.max(h / 3, w / 4), shapes = [];
    for (let x = 0; x < w; x += side) for (let y = 0; y < h; y += side) {
      shapes.push(svg("rect", { x, y, width: side + 0.5, height: side + 0.5, fill: tones[Math.floor(roll() * 4)] }));
      const right = roll() < 0.5, low = roll() < 0.5;
      shapes.push(svg("path", { fill: tones[Math.floor(roll() * 4)], d: `M${x + (right ? side : 0)} ${y + (low ? side : 0)} ` +
        `h${right ? -side : side} a${side} ${side} 0 0 ${right === low ? 1 : 0} ${right ? side : -side} ${low ? -side : side} z` }));
    }
    return shapes;
  },
  function stones(w, h, tones, roll) {
    return [0, 1, 2, 3, 4].map((k) => svg("ellipse", { cx: w * (0.12 + 0.76 * roll()), cy: h * (0.2 + 0.62 * roll()),
      rx: w * (0.12 + 0.2 * roll()), ry: h * (0.1 + 0.2 * roll()), fill: tones[k % 4], opacity: 0.86,
      transform: `rotate(${Math.floor(60 * roll() - 30)} ${w / 2} ${h / 2})` }));
  },
  function rings(w, h, tones, roll) {
    const cx = w * (0.3 + 0.4 * roll()), cy = h * (0.35 + 0.4 * roll()), reach = Math.max(w, h) * 0.72;
    return [6, 5, 4, 3, 2, 1].map((k) => svg("circle", { cx, cy, r: (reach * k) / 6, fill: tones[k % 4] }));
  },
];

/** A generated picture for a work without one: a sheet with its title and a composition in its colours. */
function paintedPicture(work) {
  const h = 400, w = Math.round(400 * pictureRatio(work)), roll = dice(hashOf(work.artwork_id));
  const [hue, strength] = hueOf(work), other = (hue + 25 + 40 * roll()) % 360, far = (hue + 150 + 60 * roll()) % 360;
  const tones = [`hsl(${hue} ${strength}% 36%)`, `hsl(${other} ${strength}% 54%)`, `hsl(${hue} ${strength * 0.8}% 72%)`,
    `hsl(${far} ${strength * 0.9}% 58%)`];
  const size = 27, lines = wordsInLines(work.title, Math.floor((w - 2 * MARGIN) / (size * 0.47)), 4);
  const artTop = MARGIN + lines.length * size * 1.16 + 36;
  const title = svg("text", { x: MARGIN, y: MARGIN + size * 0.75, class: "painted-title", "font-size": size });
  lines.forEach((line, k) => title.append(Object.assign(svg("tspan", { x: MARGIN, dy: k ? size * 1.16 : 0 }), { textContent: line })));
  const artist = svg("text", { x: MARGIN, y: artTop - 15, "font-size": 14, class: "painted-artist" });
  artist.textContent = wordsInLines(work.artist || "Artist unknown", Math.floor((w - 2 * MARGIN) / 7.2), 1)[0];
  const compose = COMPOSITIONS[Math.floor(roll() * COMPOSITIONS.length)];
  const art = svg("svg", { x: 0, y: artTop, width: w, height: h - artTop, viewBox: `0 0 ${w} ${h - artTop}` },
    ...compose(w, h - artTop, tones, roll));
  return svg("svg", { viewBox: `0 0 ${w} ${h}`, role: "img", "aria-label": alternative(work), class: "painted",
    style: `--hue: ${hue}; --strength: ${strength}%` }, svg("rect", { width: w, height: h, class: "painted-paper" }), art, title, artist);
}

/** The alternative text of a picture, for screen readers. */
function alternative(work) {
  const named = [work.title, work.artist, work.date_text].filter(Boolean).join(", ");
  const told = String(work.description || "").slice(0, 240);
  return told ? `${named}. ${told}` : named;
}

/** URL of a work's picture: on our server, else at its museum (https only), else null. */
function pictureAddress(work, base) {
  if (work.picture) return base + encodeURIComponent(work.artwork_id);
  const remote = webAddress(work.image_url);
  return remote && remote.replace(/^http:/, "https:");
}

/** The picture of a work: its photograph, loaded lazily over its main colour, or a painted picture if there is none. */
function pictureOf(work, base, eager = false, alt = alternative(work)) {
  const painted = () => (alt ? paintedPicture(work) : decorative(paintedPicture(work)));
  const address = pictureAddress(work, base);
  if (!address) return painted();
  const image = make("img", { alt, loading: eager ? "eager" : "lazy", decoding: "async", fetchpriority: eager ? "high" : null,
    width: work.width || null, height: work.height || null, referrerpolicy: "no-referrer" });
  const shown = () => image.classList.add("is-loaded");
  image.addEventListener("load", shown);
  image.addEventListener("error", () => image.replaceWith(painted()));
  image.src = address;
  if (image.complete && image.naturalWidth) shown();
  return image;
}

function decorative(node) {
  node.removeAttribute("role");
  node.removeAttribute("aria-label");
  node.setAttribute("aria-hidden", "true");
  return node;
}

// ---- layout: full rows without cropped pictures -----------------------------------------------------------------------

/** Set the width of each card so that every row is as wide as the wall. An incomplete last row stays hidden until more
 *  pictures arrive (unless there are no more), so that no picture ever moves. */
function justify(list, ended) {
  const cards = [...list.children], width = list.clientWidth;
  if (!width) return;
  const gap = parseFloat(getComputedStyle(list).columnGap) || 0;
  if (width < ONE_COLUMN) {
    for (const card of cards) hang(card, width, Math.max(card.ratio, 0.66));
    return;
  }
  const target = Math.min(ROW_HEIGHT, width * 0.3);
  let row = [], sum = 0;
  const heightOf = (cards_, sum_) => (width - gap * (cards_.length - 1)) / sum_;
  const close = () => {
    const height = heightOf(row, sum);
    for (const card of row) hang(card, card.cell * height, card.cell);
    row = [];
    sum = 0;
  };
  for (const card of cards) {
    card.cell = Math.min(Math.max(card.ratio, 0.62), 2.8);
    const without = row.length ? heightOf(row, sum) : Infinity;
    const withIt = heightOf([...row, card], sum + card.cell);
    // Close the row before this card if that is closer to the target height.
    if (without / target < target / withIt && without < target * 1.35) close();
    row.push(card);
    sum += card.cell;
    if (heightOf(row, sum) <= target) close();
  }
  for (const card of row) {
    if (ended) hang(card, card.cell * target, card.cell);
    else card.hidden = true;
  }
}

function hang(card, width, ratio) {
  card.hidden = false;
  card.style.width = `${Math.floor(width * 100) / 100}px`;
  card.style.setProperty("--ratio", ratio.toFixed(4));
}

// ---- the kernel -----------------------------------------------------------------------------------------------------

class Refused extends Error {} // The kernel answered with an error
class Lost extends Error {} // The kernel did not answer

/** Requests to the kernel, matched to answers by number. Voilà does not report a dead kernel; a timeout here does. */
class Kernel {
  constructor(model, onLost) {
    this.model = model;
    this.onLost = onLost;
    this.waiting = new Map();
    this.seq = 0;
    this.lost = false;
    this.hear = (message) => this.receive(message);
    this.ping = () => document.hidden || this.lost || this.ask("ping").catch(() => {});
    model.on("msg:custom", this.hear);
    document.addEventListener("visibilitychange", this.ping);
    this.pinging = setInterval(this.ping, PING_MS);
  }

  ask(type, body = {}) {
    if (this.lost) return Promise.reject(new Lost());
    const seq = ++this.seq;
    return new Promise((resolve, reject) => {
      const question = { resolve, reject };
      const expire = (due) => {
        // The computer was asleep or the page hidden: restart the timeout.
        if (document.hidden || Date.now() - due > 3_000) arm();
        else this.lose();
      };
      const arm = () => {
        const due = Date.now() + ANSWER_MS;
        question.timer = setTimeout(() => expire(due), ANSWER_MS);
      };
      this.waiting.set(seq, question);
      arm();
      try {
        this.model.send({ type, seq, ...body });
      } catch {
        this.lose();
      }
    });
  }

  receive(message) {
    const question = this.waiting.get(message?.seq);
    if (!question) return;
    this.waiting.delete(message.seq);
    clearTimeout(question.timer);
    if (message.type === "error") question.reject(new Refused(message.text));
    else question.resolve(message);
  }

  lose() {
    if (this.lost) return;
    this.lost = true;
    this.onLost();
    for (const question of this.waiting.values()) {
      clearTimeout(question.timer);
      question.reject(new Lost());
    }
    this.waiting.clear();
  }

  close() {
    this.model.off("msg:custom", this.hear);
    document.removeEventListener("visibilitychange", this.ping);
    clearInterval(this.pinging);
    for (const question of this.waiting.values()) clearTimeout(question.timer);
  }
}

// ---- the gallery ----------------------------------------------------------------------------------------------------

class Gallery {
  constructor(model, host) {
    this.base = model.get("pictures");
    this.standalone = document.body.dataset.voila === "voila"; // a page of its own, not a cell in JupyterLab
    this.view = "feed";
    this.liked = new Set();
    this.latest = new Map(); // artwork_id -> number of its latest like, to ignore late answers
    this.clicks = 0;
    this.newLikes = 0;
    this.ended = true;
    this.loading = false;
    this.scroll = { feed: 0, likes: 0 };
    this.kernel = new Kernel(model, () => this.showLost());
    this.build(host);
    this.begin();
  }

  // -- the frame around the pictures

  build(host) {
    host.classList.add("vernissage-host");
    this.announcers = [];
    this.tabs = { feed: button("For you", () => this.show("feed")), likes: button("Likes", () => this.show("likes")) };
    this.who = button("", () => this.openProfiles(), { class: "who", "aria-haspopup": "dialog" });
    this.themeButton = iconButton("moon", "Dark theme", () => this.setTheme(this.theme === "dark" ? "light" : "dark", true));
    this.notice = make("div", { class: "notice", role: "alert", hidden: true });
    this.feed = this.buildFeed();
    this.likes = this.buildLikes();
    this.details = this.buildDialog("details", "details-title", () => this.leaveDetails());
    this.profiles = this.buildDialog("profiles", "profiles-title", () => this.returnFocus());
    this.buildToast();
    this.root = make("div", { class: "vernissage", "data-lm-suppress-shortcuts": "true" }, // JupyterLab has other shortcuts on L and H
      make("header", { class: "top" }, make("div", { class: "bar" }, make("div", { class: "brand" }, "Vernissage"),
        make("nav", { "aria-label": "Rooms" }, Object.values(this.tabs)), this.who, this.themeButton)),
      this.notice,
      this.main = make("main", {}, this.feed.section, this.likes.section, this.toast),
      this.details.dialog, this.profiles.dialog, this.announcer());
    host.append(this.root);
    this.setTheme(memory.get(STORED.theme) || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light"));
    this.resizing = new ResizeObserver(() => this.layout());
    this.resizing.observe(this.root);
    this.nearEnd = new IntersectionObserver((seen) => seen.some((s) => s.isIntersecting) && this.more(), { rootMargin: "1200px" });
    this.nearEnd.observe(this.feed.more);
    this.tabs.feed.setAttribute("aria-current", "page");
    this.repaint();
    this.onPop = () => {
      if (!this.details.dialog.open || history.state?.vernissage) return;
      this.pushed = false;
      this.details.dialog.close();
    };
    addEventListener("popstate", this.onPop);
  }

  buildFeed() {
    const feed = {
      title: make("h1", {}, "Hanging the pictures…"),
      sub: make("p", { class: "sub" }),
      filters: make("div", { class: "filters", role: "group", "aria-label": "Filters" }),
      taste: make("div", { class: "taste", hidden: true }),
      fresh: make("div", { class: "fresh" }),
      wall: make("ul", { class: "wall" }),
      message: make("div", { class: "message" }),
      more: button("Show more", () => this.more(), { class: "pill more", hidden: true }),
      hint: make("p", { class: "hint", hidden: true },
        make("kbd", {}, "←"), make("kbd", {}, "→"), " move between pictures ", make("kbd", {}, "L"), " like ",
        make("kbd", {}, "H"), " hide ", make("kbd", {}, "Enter"), " details"),
    };
    feed.section = make("section", { class: "room" }, feed.fresh,
      make("div", { class: "lead" }, make("div", {}, feed.title, feed.sub), feed.filters), feed.taste, feed.wall, feed.message,
      feed.more, feed.hint);
    feed.wall.addEventListener("keydown", (event) => this.walk(event, feed.wall));
    this.skeleton(feed.wall);
    return feed;
  }

  buildLikes() {
    const likes = {
      title: make("h1", {}, "Your likes"),
      sub: make("p", { class: "sub" }),
      wall: make("ul", { class: "wall" }),
      message: make("div", { class: "message" }),
    };
    likes.section = make("section", { class: "room", hidden: true },
      make("div", { class: "lead" }, make("div", {}, likes.title, likes.sub)), likes.wall, likes.message);
    likes.wall.addEventListener("keydown", (event) => this.walk(event, likes.wall));
    return likes;
  }

  buildDialog(name, labelledby, onclose) {
    const body = make("div", { class: "dialog-body" });
    const dialog = make("dialog", { class: name, "aria-labelledby": labelledby }, body, this.announcer());
    dialog.addEventListener("close", onclose);
    dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
    return { dialog, body };
  }

  buildToast() {
    this.toastText = make("span");
    this.toastUndo = button("Undo", () => this.undo?.(), { class: "undo" });
    this.toast = make("div", { class: "toast", popover: "manual" }, this.toastText, this.toastUndo);
  }

  /** A live region. A dialog needs its own, because screen readers ignore everything behind it. */
  announcer() {
    const region = make("div", { class: "unseen", role: "status", "aria-live": "polite" });
    this.announcers.push(region);
    return region;
  }

  announce(text) {
    for (const region of this.announcers) region.textContent = text;
  }

  setTheme(theme, chosen = false) {
    this.theme = theme;
    this.root.dataset.theme = theme;
    if (this.standalone) document.documentElement.dataset.theme = theme;
    this.themeButton.setAttribute("aria-pressed", String(theme === "dark"));
    if (chosen) memory.set(STORED.theme, theme);
  }

  skeleton(wall) {
    const ratios = [0.8, 1.33, 1, 1.5, 1.25, 0.72, 1.5, 0.8, 1, 1.33, 0.8, 1.25];
    wall.setAttribute("aria-busy", "true");
    wall.replaceChildren(...ratios.map((ratio) => {
      const item = make("li", { class: "card ghost", "aria-hidden": "true" }, make("div", { class: "picture" }),
        make("div", { class: "bone" }), make("div", { class: "bone short" }));
      item.ratio = ratio;
      return item;
    }));
  }

  toastMessage(text, undo = null) {
    const open = [this.details.dialog, this.profiles.dialog].find((dialog) => dialog.open);
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

  // -- opening the page

  begin() {
    const linked = this.standalone ? new URLSearchParams(location.hash.slice(1)).get("work") : null;
    this.hello().then(() => linked && !this.kernel.lost && this.openDetails(linked, { linked: true }));
  }

  hello() {
    return this.enter("hello", { token: memory.get(STORED.token), artists: unwanted(), profile: memory.get(STORED.profile, "sessionStorage") });
  }

  /** Request the first page, and repeat while the recommender does not answer. */
  async enter(type, body) {
    clearTimeout(this.retry);
    const slow = setTimeout(() => this.feed.wall.classList.add("is-waiting"), WAIT_MS);
    try {
      this.showState(await this.kernel.ask(type, body));
      return true;
    } catch (problem) {
      if (problem instanceof Refused) this.showProblem(problem.message, () => this.enter(type, body));
      return false;
    } finally {
      clearTimeout(slow);
      this.feed.wall.classList.remove("is-waiting");
    }
  }

  showState(state) {
    this.feed.message.replaceChildren();
    this.notice.hidden = true;
    if (state.token) memory.set(STORED.token, state.token);
    memory.set(STORED.profile, state.profile?.user_id ?? null, "sessionStorage");
    this.profile = state.profile;
    this.liked = new Set(state.liked);
    this.options = state.options;
    this.chosen = state.filters;
    this.newLikes = 0;
    this.feed.wall.replaceChildren();
    this.feed.wall.removeAttribute("aria-busy");
    this.showFilters();
    this.show("feed", 0);
    this.hangFeed(state);
    this.feed.hint.hidden = !state.items.length;
    if (!state.items.length) this.showEmptyFeed();
    this.announce(state.items.length ? `${count(state.items.length, "work")} on the wall` : "Nothing matches");
  }

  hangFeed(page) {
    const before = this.feed.wall.children.length;
    page.items.forEach((item, k) => this.feed.wall.append(this.card(item, before + k, k)));
    this.ended = page.end;
    this.feed.more.hidden = page.end;
    this.layout();
    this.repaint();
  }

  showEmptyFeed() {
    const filtered = Object.keys(this.chosen).length > 0;
    this.showMessage(this.feed.message, filtered ? "No matching works" : "No works yet",
      filtered ? "No work matches all of these filters." : "The collection has no works to show yet.",
      filtered ? button("Clear the filters", () => this.filter({}), { class: "pill strong" }) : null);
  }

  showMessage(place, title, text, action = null) {
    place.replaceChildren(make("h2", {}, title), make("p", {}, text), ...(action ? [action] : []));
  }

  /** The recommender is down: show a message, keep the pictures, and retry at growing intervals. */
  showProblem(text, again) {
    this.patience = Math.min((this.patience || 2_000) * 1.5, 15_000);
    const retry = async () => {
      clearTimeout(this.retry);
      if (await again()) this.patience = 0;
    };
    clearTimeout(this.retry);
    this.retry = setTimeout(retry, this.patience);
    const ghosts = this.feed.wall.querySelector(".ghost");
    if (ghosts || !this.feed.wall.children.length) {
      this.feed.wall.replaceChildren();
      this.feed.title.textContent = "One moment, please";
      this.feed.sub.textContent = "";
      this.showMessage(this.feed.message, "The gallery does not answer",
        `${text} We keep trying, and your likes are safe.`, button("Try again now", retry, { class: "pill strong" }));
    } else {
      this.notice.replaceChildren(make("span", {}, `${text} We keep trying.`), button("Try again now", retry, { class: "pill" }));
      this.notice.hidden = false;
    }
    this.announce(text);
  }

  showLost() {
    clearTimeout(this.retry);
    this.notice.replaceChildren(make("span", {}, "Your visit was interrupted. Your saved likes are safe."),
      button("Reload", () => location.reload(), { class: "pill" }));
    this.notice.hidden = false;
    for (const { dialog } of [this.details, this.profiles]) if (dialog.open) dialog.close();
    this.feed.more.hidden = true;
    if (this.feed.wall.querySelector(".ghost")) {
      this.feed.wall.replaceChildren();
      this.feed.title.textContent = "One moment, please";
    }
  }

  // -- rooms, filters and the parts around the wall

  show(view, position = null) {
    const from = this.view;
    if (from !== view) this.scroll[from] = this.offset();
    this.view = view;
    for (const [name, tab] of Object.entries(this.tabs)) {
      if (name === view) tab.setAttribute("aria-current", "page");
      else tab.removeAttribute("aria-current");
    }
    this.feed.section.hidden = view !== "feed";
    this.likes.section.hidden = view !== "likes";
    if (view === "likes") this.fetchLikes();
    this.layout();
    this.repaint();
    if (from !== view || position !== null) this.scrollTo(position ?? this.scroll[view]);
  }

  offset() {
    return this.standalone ? scrollY : 0;
  }

  scrollTo(top) {
    if (this.standalone) scrollTo({ top, behavior: "instant" });
    else if (top === 0) this.root.scrollIntoView({ block: "start" });
  }

  layout() {
    if (!this.root) return;
    justify(this.feed.wall, this.ended);
    justify(this.likes.wall, true);
  }

  showFilters() {
    const selects = Object.keys(this.options).filter((facet) => this.options[facet].length > 1).map((facet) => {
      const choices = [make("option", { value: "" }, `Any ${facet}`), ...this.options[facet].map((value) =>
        make("option", { value, selected: this.chosen[facet] === value }, value))];
      return make("select", { class: this.chosen[facet] ? "is-set" : null, "aria-label": `Filter by ${facet}`,
        onchange: (event) => this.filter({ ...this.chosen, [facet]: event.target.value }, facet) }, choices);
    });
    const clear = Object.keys(this.chosen).length ? button("Clear", () => this.filter({}), { class: "plain" }) : null;
    this.feed.filters.replaceChildren(...selects, ...(clear ? [clear] : []));
  }

  async filter(chosen, facet = null) {
    const wanted = Object.fromEntries(Object.entries(chosen).filter(([, value]) => value));
    if (await this.enter("filter", { filters: wanted }) && facet) {
      this.feed.filters.querySelector(`[aria-label="Filter by ${facet}"]`)?.focus();
    }
  }

  /** Update everything that depends on the likes. */
  repaint() {
    const n = this.liked.size;
    for (const heart of this.root.querySelectorAll("[data-like]")) {
      heart.setAttribute("aria-pressed", String(this.liked.has(heart.dataset.like)));
    }
    this.tabs.likes.replaceChildren(...(n ? ["Likes ", make("span", { class: "number" }, String(n))] : ["Likes"]));
    this.who.replaceChildren(face(this.profile?.user_id), make("span", {}, this.profile?.who || "You"));
    this.who.setAttribute("aria-label", `${this.profile?.who || "You"}: change profile`);
    if (this.options) this.showLead(n);
    this.showTaste(n);
    const offer = this.newLikes > 0 && !this.kernel.lost
      ? [button("", () => this.enter("refresh", {}), { class: "offer" }, "Refresh with your new likes")] : [];
    if (offer.length !== this.feed.fresh.children.length) this.feed.fresh.replaceChildren(...offer);
  }

  showLead(n) {
    const someone = this.profile;
    this.feed.title.textContent = someone ? `Picked for ${inWords(someone)}`
      : n ? "Picked for you" : "Where shall we start?";
    this.feed.sub.textContent = someone ? someone.description
      : n ? `Based on the ${count(n, "work")} you like` : "A varied first wall. Like what speaks to you, and the next one follows.";
  }

  showTaste(n) {
    const bar = this.feed.taste;
    bar.hidden = !this.options || this.profile || n >= TASTE || memory.get(STORED.skipped) === "yes";
    if (bar.hidden) return;
    const left = TASTE - n;
    const steps = make("ol", { "aria-hidden": "true" }, Array.from({ length: TASTE }, (_, k) => make("li", { class: k < n ? "on" : null })));
    const words = n ? `${count(left, "more like")} and the picks become yours` : "Like five works to show us your taste";
    const skip = () => {
      memory.set(STORED.skipped, "yes");
      this.repaint();
    };
    if (bar.dataset.n !== String(n)) {
      bar.dataset.n = String(n);
      bar.replaceChildren(steps, make("span", { class: "taste-words" }, words),
        button("Or choose a profile", () => this.openProfiles(), { class: "plain others" }),
        button("Skip", skip, { class: "plain skip", "aria-label": "Skip the introduction" }));
    }
  }

  async more() {
    if (this.loading || this.ended || this.view !== "feed" || this.kernel.lost) return;
    this.loading = true;
    const again = async () => {
      try {
        const page = await this.kernel.ask("more");
        this.notice.hidden = true;
        this.hangFeed(page);
        this.loading = false;
        return true;
      } catch (problem) {
        if (problem instanceof Refused) this.showProblem(problem.message, again);
        return false;
      }
    };
    await again();
  }

  async fetchLikes() {
    const { wall, message, sub } = this.likes;
    if (!wall.children.length) this.skeleton(wall);
    try {
      const { items } = await this.kernel.ask("likes");
      wall.removeAttribute("aria-busy");
      wall.replaceChildren(...items.map((item, k) => this.card(item, k, k, false)));
      sub.textContent = items.length ? `${count(items.length, "work")}, newest first` : "";
      if (items.length) message.replaceChildren();
      else this.showMessage(message, "No likes yet", "Tap the heart on any work, and it will wait for you here.",
        button("Back to the wall", () => this.show("feed"), { class: "pill strong" }));
    } catch (problem) {
      wall.replaceChildren();
      if (problem instanceof Refused) this.showMessage(message, "Your likes are saved, but cannot be loaded now", problem.message,
        button("Try again", () => this.fetchLikes(), { class: "pill strong" }));
    }
    this.likes.title.textContent = this.profile ? `Liked by ${inWords(this.profile)}` : "Your likes";
    this.layout();
    this.repaint();
  }

  // -- one card

  card(item, index, delay, hideable = true) {
    const work = item.artwork;
    const card = make("li", { class: "card", "data-id": work.artwork_id,
      vars: { "--dominant": dominantOf(work) || "var(--bone)", "animation-delay": `${Math.min(delay, 11) * 30}ms` } });
    card.ratio = pictureRatio(work);
    card.item = item;
    const by = [work.artist, work.date_text].filter(Boolean).join(", ");
    card.append(
      button("", () => this.openDetails(work.artwork_id), { class: "picture", "aria-haspopup": "dialog" },
        pictureOf(work, this.base, index < 4 && hideable)),
      make("div", { class: "label" },
        make("div", { class: "words" }, make("h2", {}, work.title || "Untitled"), by ? make("p", { class: "by" }, by) : null),
        make("div", { class: "acts" },
          iconButton("heart", `Like ${work.title}`, () => this.like(work), { "data-like": work.artwork_id, class: "round heart",
            "aria-pressed": "false", title: "Like (L)" }),
          hideable ? iconButton("hide", `Not for me: ${work.title}`, () => this.hide(card), { title: "Not for me (H)", class: "round hide" }) : null),
        item.reason?.text ? make("p", { class: item.reason.kind === "surprise" ? "reason surprise" : "reason" }, item.reason.text) : null));
    return card;
  }

  cardOf(artworkId) {
    const wall = this.view === "feed" ? this.feed.wall : this.likes.wall;
    return [...wall.children].find((card) => card.dataset.id === artworkId);
  }

  /** Arrow keys move between works, L likes, H hides. */
  walk(event, wall) {
    const card = event.target.closest(".card");
    if (!card || event.ctrlKey || event.metaKey || event.altKey) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const cards = [...wall.children].filter((c) => !c.hidden), at = cards.indexOf(card);
    const steps = { ArrowRight: () => cards[at + 1], ArrowLeft: () => cards[at - 1], ArrowDown: () => nearest(cards, card, 1),
      ArrowUp: () => nearest(cards, card, -1), Home: () => cards[0], End: () => cards.at(-1) };
    if (steps[key]) {
      event.preventDefault();
      steps[key]()?.querySelector(".veil button, .picture")?.focus();
    } else if (key === "l" && !card.classList.contains("is-hidden")) this.like(card.item.artwork);
    else if (key === "h" && wall === this.feed.wall && !card.classList.contains("is-hidden")) this.hide(card);
  }

  // -- like and hide: shown at once, undone if they could not be saved

  setLiked(artworkId, on) {
    if (on) this.liked.add(artworkId);
    else this.liked.delete(artworkId);
    this.repaint();
  }

  async like(work, on = !this.liked.has(work.artwork_id), quiet = false) {
    const id = work.artwork_id, click = ++this.clicks;
    this.latest.set(id, click);
    this.setLiked(id, on);
    if (!quiet) this.toastMessage(on ? `Liked “${work.title}”` : `No longer liked: “${work.title}”`, () => this.like(work, !on, true));
    try {
      await this.kernel.ask("like", { artwork_id: id, on });
      this.newLikes = Math.max(0, this.newLikes + (on ? 1 : -1));
      this.root.dataset.saved = String(click);
      this.repaint();
    } catch (problem) {
      if (this.latest.get(id) !== click) return;
      this.setLiked(id, !on);
      if (problem instanceof Refused) this.toastMessage(problem.message);
    }
  }

  /** Exclude an artist from the next works on; works on screen stay. */
  async excludeArtist(artist, on = true) {
    const before = unwanted(), wanted = before.filter((a) => a !== artist);
    if (on) wanted.push(artist);
    memory.set(STORED.excludedArtists, JSON.stringify(wanted));
    this.paintWithout();
    this.toastMessage(on ? `No more by ${artist} from the next works on` : `${artist} may come again`, on ? () => this.excludeArtist(artist, false) : null);
    try {
      await this.kernel.ask("exclude_artists", { artists: this.profile ? [] : unwanted() });
    } catch (problem) {
      memory.set(STORED.excludedArtists, JSON.stringify(before));
      this.paintWithout();
      if (problem instanceof Refused) this.toastMessage(problem.message);
    }
  }

  /** Label the button in the details with what it does now. */
  paintWithout() {
    const place = this.details.body.querySelector("[data-artist]");
    if (!place) return;
    const off = unwanted().includes(place.dataset.artist);
    place.textContent = off ? "Show this artist again" : "No more by this artist";
  }

  async hide(card, on = true) {
    const work = card.item.artwork, undo = () => this.hide(card, false);
    const wasLiked = this.liked.has(work.artwork_id);
    this.veil(card, on);
    card.querySelector(on ? ".veil button" : ".picture")?.focus();
    if (on) this.toastMessage(`Hidden “${work.title}”`, undo);
    try {
      await this.kernel.ask("hide", { artwork_id: work.artwork_id, on });
    } catch (problem) {
      this.veil(card, !on);
      if (problem instanceof Refused) this.toastMessage(problem.message);
      return;
    }
    if (on && wasLiked) this.announce(`Hidden and no longer liked: “${work.title}”`);
  }

  /** A hidden work leaves its place empty, so that its neighbours stay where they are. */
  veil(card, on) {
    card.classList.toggle("is-hidden", on);
    for (const part of card.querySelectorAll(".picture, .label")) part.inert = on;
    card.querySelector(".veil")?.remove();
    if (on) card.append(make("div", { class: "veil" }, make("span", {}, "Hidden"), button("Undo", () => this.hide(card, false), { class: "pill" })));
  }

  // -- details

  async openDetails(artworkId, { linked = false } = {}) {
    const { dialog } = this.details;
    if (!dialog.open) {
      this.focusBack = document.activeElement;
      this.asked = null;
    }
    const known = this.cardOf(artworkId)?.item;
    if (known) this.showDetails(artworkId, known.artwork, known, null);
    this.asked = artworkId;
    if (this.standalone) {
      const state = [{ vernissage: true }, "", `#${new URLSearchParams({ work: artworkId })}`];
      if (history.state?.vernissage || linked) history.replaceState(...state);
      else {
        history.pushState(...state); // lets a phone's back button close the details
        this.pushed = true;
      }
    }
    try {
      const answer = await this.kernel.ask("details", { artwork_id: artworkId });
      if (this.asked !== artworkId || (known && !dialog.open)) return;
      if (answer.work) this.showDetails(artworkId, { ...known?.artwork, ...answer.work }, known, answer.similar);
      else this.gone("This work is not in the collection any more.");
    } catch (problem) {
      if (this.asked === artworkId && problem instanceof Refused) {
        if (dialog.open) this.similarPlace?.replaceChildren(make("p", { class: "soft" }, `Similar works cannot be loaded. ${problem.message}`));
        else this.gone(problem.message);
      }
    }
  }

  gone(text) {
    if (this.details.dialog.open) this.details.dialog.close();
    else this.forgetLink();
    this.toastMessage(text);
  }

  showDetails(artworkId, work, item, similar) {
    const { dialog, body } = this.details;
    const sameWork = dialog.open && dialog.dataset.id === artworkId;
    if (sameWork && similar) { // the same work is open: add the rest, keep the picture and the focus
      this.factsPlace.replaceChildren(...this.facts(work));
      this.showSimilar(similar);
      return;
    }
    dialog.dataset.id = artworkId;
    this.factsPlace = make("div", { class: "facts" }, this.facts(work));
    this.similarPlace = make("div", { class: "similar" });
    const title = make("h2", { id: "details-title", tabindex: "-1" }, work.title || "Untitled");
    const source = webAddress(work.source_url);
    const card = this.cardOf(artworkId);
    body.replaceChildren(
      make("div", { class: "tools" },
        iconButton("left", "Previous work", () => this.step(-1), { hidden: !this.neighbour(artworkId, -1) }),
        iconButton("right", "Next work", () => this.step(1), { hidden: !this.neighbour(artworkId, 1) }),
        iconButton("close", "Close", () => dialog.close())),
      make("figure", { vars: { "--dominant": dominantOf(work) || "var(--bone)" } },
        make("div", { class: "frame", vars: { "--ratio": pictureRatio(work).toFixed(4) } }, pictureOf(work, this.base, true))),
      make("div", { class: "story" }, title, make("p", { class: "by" }, work.artist || "Artist unknown"),
        this.factsPlace,
        make("div", { class: "actions" },
          button("Like", () => this.like(work), { class: "pill heart", "data-like": artworkId, "aria-pressed": "false" }, icon("heart"), "Like"),
          card && this.view === "feed" ? button("", () => { dialog.close(); this.hide(card); }, { class: "pill" }, icon("hide"), "Not for me") : null,
          work.artist && !this.profile ? button("No more by this artist", () => this.excludeArtist(work.artist, !unwanted().includes(work.artist)),
            { class: "pill", "data-artist": work.artist }) : null,
          this.standalone ? button("", () => this.copyLink(), { class: "pill" }, icon("link"), "Copy link") : null,
          source ? make("a", { class: "pill", href: source, target: "_blank", rel: "noopener noreferrer" }, icon("out"), "Source") : null),
        item?.reason?.text ? make("p", { class: "why" }, this.because(item.reason), Number.isFinite(item.score) && item.score >= 0 && item.score <= 1
          ? make("span", { class: "chance" }, `Chance of a like: ${Math.round(item.score * 100)}%`) : null) : null),
      this.similarPlace);
    if (similar) this.showSimilar(similar);
    else this.similarPlace.replaceChildren(make("h3", {}, "Similar works"), make("div", { class: "strip waiting" }));
    this.repaint();
    this.paintWithout();
    if (!dialog.open) dialog.showModal();
    body.scrollTop = dialog.scrollTop = 0;
    title.focus();
  }

  /** The reason of a recommendation, with a link if the reason is another work. */
  because(reason) {
    return reason.artwork_id ? button(reason.text, () => this.openDetails(reason.artwork_id), { class: "because" }) : reason.text;
  }

  facts(work) {
    const rows = { Date: work.date_text, Medium: work.medium, Category: work.category, Culture: work.culture, Period: work.period,
      Colour: work.colour, Credit: work.credit, Licence: work.licence };
    const list = make("dl", {}, Object.entries(rows).filter(([, value]) => value).flatMap(([name, value]) =>
      [make("dt", {}, name), make("dd", {}, String(value))]));
    return [work.description ? make("p", { class: "description" }, work.description) : null, list].filter(Boolean);
  }

  /** Rows of similar works; each has a button for more of it. */
  showSimilar(rows) {
    const similarTo = this.details.dialog.dataset.id;
    this.similarPlace.replaceChildren(...(rows.length ? [make("h3", {}, "Similar works")] : []), ...rows.map((row) => {
      const strip = make("ul", { class: "strip", "aria-label": row.title }, row.items.map((item) => this.similarWork(item)));
      const more = row.end ? null : button("More", () => this.moreSimilar(similarTo, row, strip, more),
        { class: "plain", "aria-label": `More: ${row.title}` });
      return make("div", { class: "similar-row", "data-row": row.name }, make("div", { class: "similar-head" }, make("h4", {}, row.title), more), strip);
    }));
  }

  similarWork({ artwork: work, reason }) {
    const words = [[work.title || "Untitled", work.artist].filter(Boolean).join(", "), reason?.text].filter(Boolean).join(". ");
    return make("li", {}, button("", () => this.openDetails(work.artwork_id), { "aria-label": words, title: words,
      vars: { "--dominant": dominantOf(work) || "var(--bone)", "--ratio": pictureRatio(work).toFixed(4) } },
    pictureOf(work, this.base, false, "")));
  }

  /** Add to the end of a row what follows; the works in it stay where they are. */
  async moreSimilar(artworkId, row, strip, more) {
    if (more.dataset.busy) return;
    more.dataset.busy = "true";
    try {
      const next = (await this.kernel.ask("similar", { artwork_id: artworkId, row: row.name })).row;
      const works = next.items.map((item) => this.similarWork(item));
      strip.append(...works);
      (works[0] || strip.lastElementChild)?.querySelector("button")?.focus();
      if (next.end) more.remove();
      this.announce(works.length ? `${count(works.length, "work")} more` : "That is all");
    } catch (problem) {
      if (problem instanceof Refused) this.toastMessage(problem.message);
    }
    delete more.dataset.busy;
  }

  neighbour(artworkId, step) {
    const card = this.cardOf(artworkId);
    let next = card;
    do next = step > 0 ? next?.nextElementSibling : next?.previousElementSibling;
    while (next && (next.hidden || next.classList.contains("is-hidden")));
    return next?.dataset.id;
  }

  step(step) {
    const next = this.neighbour(this.details.dialog.dataset.id, step);
    if (!next) return;
    this.focusBack = this.cardOf(next).querySelector(".picture");
    this.openDetails(next);
  }

  async copyLink() {
    try {
      await navigator.clipboard.writeText(location.href);
      this.toastMessage("Link copied");
    } catch {
      this.toastMessage(`This work: ${location.href}`);
    }
  }

  leaveDetails() {
    this.asked = null;
    this.details.body.replaceChildren();
    this.forgetLink();
    this.returnFocus();
  }

  forgetLink() {
    if (!this.standalone || !history.state?.vernissage) return;
    if (this.pushed) history.back();
    else history.replaceState(null, "", location.pathname + location.search);
    this.pushed = false;
  }

  returnFocus() {
    if (this.toast.parentNode !== this.main) { // keep Undo when the dialog closes
      const open = this.toast.matches(":popover-open");
      this.main.append(this.toast);
      if (open) this.toast.showPopover();
    }
    if (this.focusBack?.isConnected) this.focusBack.focus();
  }

  // -- profiles

  async openProfiles() {
    const { dialog, body } = this.profiles;
    this.focusBack = document.activeElement;
    const list = make("ul", { class: "people", "aria-busy": "true" });
    body.replaceChildren(
      make("div", { class: "tools" }, iconButton("close", "Close", () => dialog.close())),
      make("h2", { id: "profiles-title", tabindex: "-1" }, "Choose a profile"),
      make("p", { class: "soft" }, "See your own wall, or choose one of our invented visitors and see theirs."),
      make("div", { class: "selves" },
        this.person({ who: "Yourself", description: "Your own likes, kept on this device." }, !this.profile, () => this.become(null, memory.get(STORED.token))),
        this.person({ who: "Start fresh", description: "A newcomer with no likes. Undo brings yours back." }, false,
          () => this.startFresh())),
      list);
    dialog.showModal();
    body.querySelector("h2").focus();
    try {
      const { profiles } = await this.kernel.ask("profiles");
      list.removeAttribute("aria-busy");
      list.replaceChildren(...profiles.map((profile) => make("li", {}, this.person(profile, profile.user_id === this.profile?.user_id,
        () => this.become(profile.user_id)))));
    } catch (problem) {
      list.replaceChildren(make("li", { class: "soft" }, problem instanceof Refused ? problem.message : "The profiles cannot be loaded."));
    }
  }

  person(profile, chosen, onclick) {
    return button("", onclick, { class: "person", "aria-current": chosen ? "true" : null },
      face(profile.user_id || (profile.who === "Yourself" ? null : profile.who)),
      make("span", { class: "person-words" }, make("strong", {}, profile.who),
        profile.description ? make("span", { class: "person-story" }, profile.description) : null,
        profile.likes ? make("span", { class: "person-likes" }, count(profile.likes, "like")) : null));
  }

  async become(userId, token = null) {
    this.profiles.dialog.close();
    return this.enter("profile", { user_id: userId, token, artists: unwanted() });
  }

  async startFresh() {
    const before = memory.get(STORED.token);
    memory.set(STORED.excludedArtists, null);
    if (await this.become(null, null)) {
      memory.set(STORED.skipped, null);
      this.repaint();
      this.toastMessage("A fresh start", before ? () => this.become(null, before) : null);
    }
  }

  close() {
    this.kernel.close();
    this.resizing.disconnect();
    this.nearEnd.disconnect();
    removeEventListener("popstate", this.onPop);
    clearTimeout(this.retry);
    clearTimeout(this.toastTimer);
  }
}

/** "Woman, 34" as part of a sentence: "a woman of 34". */
function inWords(profile) {
  return `a ${profile.who.toLowerCase().replace(", ", " of ")}`;
}

/** A small round portrait with colours derived from the user id. */
function face(userId) {
  const roll = dice(hashOf(userId || "you")), hue = Math.floor(roll() * 360);
  return make("span", { class: userId ? "face" : "face you", "aria-hidden": "true",
    vars: { "--hue": hue, "--other": (hue + 50 + Math.floor(roll() * 120)) % 360, "--turn": `${Math.floor(roll() * 360)}deg` } });
}

/** The card in the next (`way` 1) or previous (-1) row that is horizontally closest to `card`. */
function nearest(cards, card, way) {
  const here = card.getBoundingClientRect();
  const rows = cards.map((other) => ({ other, box: other.getBoundingClientRect() })).filter(({ box }) => (box.top - here.top) * way > 20);
  const far = ({ box }) => Math.abs(box.top - here.top) * 3 + Math.abs(box.left + box.width / 2 - here.left - here.width / 2);
  return rows.sort((a, b) => far(a) - far(b))[0]?.other;
}

function render({ model, el }) {
  const gallery = new Gallery(model, el);
  const keys = (event) => {
    if (event.key === "ArrowLeft") gallery.step(-1);
    else if (event.key === "ArrowRight") gallery.step(1);
  };
  gallery.details.dialog.addEventListener("keydown", keys);
  return () => gallery.close();
}

export default { render };
