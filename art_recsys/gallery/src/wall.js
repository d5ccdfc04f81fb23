/* The wall: recommendations that go on as one scrolls, their filters, and the way to the first five likes. */

import { button, count, make } from "./dom.js";
import { showIntro } from "./intro.js";
import { Refused } from "./kernel.js";
import { passOver, rested } from "./passed.js";
import { clearTheArt, sheetOf } from "./phone.js";
import { Room } from "./room.js";
import { Taste } from "./taste.js";

/** @typedef {import("./types.js").State} State */

const PATIENT_MS = 600; // Milliseconds after a like until the next rows change; several likes change them once
const KEPT = 10; // Walls that Back can return to
const WAIT_MS = 400; // Milliseconds after which pictures that will be replaced are dimmed

export class Wall extends Room {
  /** @param {import("./gallery.js").Gallery} app */
  constructor(app) {
    super(app, "Hanging the pictures…");
    this.hideable = true;
    this.loading = false;
    this.patience = 0; // milliseconds until the next attempt
    this.low = 0; // how far down the visitor has seen, in pixels from the top of the wall
    this.number = 0; // of the wall that hangs
    this.last = 0; // number of the newest wall
    /** @type {Map<number, { cards: import("./types.js").Card[], ended: boolean, low: number, chosen: Record<string, string>,
     *   counts: Record<string, Record<string, number>> }>} */
    this.kept = new Map(); // walls that hung before, by number
    this.filters = make("div", { class: "filters", role: "group", "aria-label": "Filters" });
    this.intro = make("div", { class: "taste", hidden: true });
    this.taste = new Taste(app);
    this.fresh = make("div", { class: "fresh" });
    this.next = button("Show more", () => this.more(), { class: "pill more", hidden: true });
    this.hint = make("p", { class: "hint", hidden: true },
      make("kbd", {}, "←"), make("kbd", {}, "→"), " move between pictures ", make("kbd", {}, "L"), " like ",
      make("kbd", {}, "H"), " hide ", make("kbd", {}, "Enter"), " details");
    this.section.hidden = false;
    this.section.prepend(this.fresh);
    this.sheet = button("Filters", () => this.filters.togglePopover(), { class: "pill sheet", "aria-haspopup": "dialog" });
    this.section.querySelector(".lead").append(this.sheet, this.filters);
    this.wall.before(this.intro, this.taste.place);
    this.section.append(this.next, this.hint);
    this.skeleton();
    this.look = () => {
      if (app.room === this && !this.section.hidden) this.see();
    };
    this.gone = () => this.leave();
    this.nearEnd = new IntersectionObserver((seen) => seen.some((s) => s.isIntersecting) && this.more(), { rootMargin: "1200px" });
  }

  watch() {
    this.endings = [sheetOf(this.filters), clearTheArt(this.app.shell.root)];
    this.nearEnd.observe(this.next);
    addEventListener("scroll", this.look, { passive: true });
    addEventListener("pagehide", this.gone);
  }

  /**
   * Request a first page, and repeat while the recommender does not answer.
   * @param {string} type of the question
   * @param {object} body
   * @returns {Promise<boolean>} whether it came
   */
  async enter(type, body) {
    clearTimeout(this.retry);
    const slow = setTimeout(() => this.wall.classList.add("is-waiting"), WAIT_MS);
    try {
      this.app.showState(await this.app.kernel.ask(type, { ...body, rested: rested() }));
      return true;
    } catch (problem) {
      if (problem instanceof Refused) this.showProblem(problem.message, () => this.enter(type, body));
      return false;
    } finally {
      clearTimeout(slow);
      this.wall.classList.remove("is-waiting");
    }
  }

  /**
   * A new wall; the one before is kept, and Back returns to it.
   * @param {State} state
   * @param {boolean} [replace] without a new entry of the history
   */
  show(state, replace = !this.number) {
    const { router } = this.app;
    this.keep();
    this.leave();
    if (!replace) router.remember();
    this.number = ++this.last;
    this.low = 0;
    this.app.chosen = state.filters;
    this.app.counts = state.counts;
    this.clear();
    this.showFilters();
    if (replace) router.go({ ...router.route, ...this.app.here }, { replace: true, quiet: true });
    else router.go(this.app.here);
    this.hangPage(state);
    this.taste.fetch();
    if (!replace) this.app.shell.scrollTo(0);
    this.hint.hidden = !state.items.length;
    if (!state.items.length) this.showEmpty();
    this.app.shell.announce(state.items.length ? `${count(state.items.length, "work")} on the wall` : "Nothing matches");
  }

  /** Put the wall that hangs aside. */
  keep() {
    clearTimeout(this.freshening); // a like was given on that wall, and another one comes
    if (!this.number || this.isSkeleton) return;
    this.kept.delete(this.number);
    this.kept.set(this.number, { cards: this.cards, ended: this.ended, low: this.low, chosen: this.app.chosen, counts: this.app.counts });
    for (const oldest of [...this.kept.keys()].slice(0, -KEPT)) this.kept.delete(oldest);
  }

  /** Hang an earlier wall again; where it is not kept any more, what hangs stays. @param {number | undefined} number */
  restore(number) {
    const wall = number === this.number ? undefined : this.kept.get(number ?? 0);
    if (!wall) return;
    this.keep();
    this.number = Number(number);
    this.clear();
    this.app.chosen = wall.chosen;
    this.app.counts = wall.counts;
    this.showFilters();
    this.ended = wall.ended;
    this.next.hidden = wall.ended;
    this.wall.append(...wall.cards);
    this.low = wall.low;
    if (!wall.cards.length) this.showEmpty();
  }

  /** @returns {string[]} ids of the works that have been on the screen; the others may come again */
  seen() {
    this.see();
    return this.cards.filter((card) => !card.hidden && card.offsetTop - this.wall.offsetTop < this.low).map((card) => card.item.artwork.artwork_id);
  }

  /** The works that the visitor has seen on this wall, and left. */
  leave() {
    const { app } = this;
    if (this.isSkeleton || app.profile) return;
    const seen = this.cards.filter((card) => !card.dataset.left && !card.hidden && card.offsetTop - this.wall.offsetTop + card.offsetHeight <= this.low);
    for (const card of seen) card.dataset.left = "yes";
    passOver(seen.map((card) => card.item.artwork.artwork_id), new Set([...app.liked, ...app.opened]));
  }

  /** @param {{ items: import("./types.js").Item[], end: boolean }} page */
  hangPage(page) {
    this.ended = page.end;
    this.next.hidden = page.end;
    this.hang(page.items);
    this.nearEnd.unobserve(this.next); // the end may be as near as before, which the observer would not report
    this.nearEnd.observe(this.next);
  }

  showEmpty() {
    const filtered = Object.keys(this.app.chosen).length > 0;
    this.tell(filtered ? "No matching works" : "No works yet",
      filtered ? "No work matches all of these filters." : "The collection has no works to show yet.",
      filtered ? button("Clear the filters", () => this.filter({}), { class: "pill strong" }) : null);
  }

  /**
   * The recommender is down: show a message, keep the pictures, and retry at growing intervals.
   * @param {string} text
   * @param {() => Promise<boolean>} again
   */
  showProblem(text, again) {
    this.patience = Math.min((this.patience || 2_000) * 1.5, 15_000);
    const retry = async () => {
      clearTimeout(this.retry);
      if (await again()) this.patience = 0;
    };
    clearTimeout(this.retry);
    this.retry = setTimeout(retry, this.patience);
    if (this.isSkeleton || !this.wall.children.length) {
      this.wall.replaceChildren();
      this.title.textContent = "One moment, please";
      this.sub.textContent = "";
      this.tell("The gallery does not answer", `${text} We keep trying, and your likes are safe.`,
        button("Try again now", retry, { class: "pill strong" }));
    } else this.app.shell.warn(`${text} We keep trying.`, button("Try again now", retry, { class: "pill" }));
    this.app.shell.announce(text);
  }

  /** The kernel is gone: what hangs stays. */
  stop() {
    clearTimeout(this.retry);
    this.next.hidden = true;
    if (this.isSkeleton) {
      this.wall.replaceChildren();
      this.title.textContent = "One moment, please";
    }
  }

  showFilters() {
    const { options, chosen, counts } = this.app;
    const selects = Object.keys(options).filter((facet) => options[facet].length > 1).map((facet) => {
      const choices = [make("option", { value: "" }, `Any ${facet}`), ...options[facet].map((/** @type {string} */ value) =>
        make("option", { value, selected: chosen[facet] === value, disabled: !counts[facet]?.[value] && chosen[facet] !== value },
          counts[facet]?.[value] ? `${value} (${counts[facet][value]})` : value))];
      return make("select", { class: chosen[facet] ? "is-set" : null, "aria-label": `Filter by ${facet}`,
        onchange: (/** @type {any} */ event) => this.filter({ ...chosen, [facet]: event.target.value }, facet) }, choices);
    });
    const set = Object.keys(chosen).length;
    this.sheet.textContent = set ? `Filters (${set})` : "Filters";
    this.sheet.hidden = !selects.length;
    const clear = set ? button("Clear", () => this.filter({}), { class: "plain" }) : null;
    const done = button("Done", () => this.filters.hidePopover(), { class: "pill strong done" });
    this.filters.replaceChildren(...selects, ...(clear ? [clear] : []), done);
  }

  /** @param {Record<string, string>} chosen @param {string | null} [facet] that keeps the focus */
  async filter(chosen, facet = null) {
    const wanted = Object.fromEntries(Object.entries(chosen).filter(([, value]) => value));
    if (await this.enter("filter", { filters: wanted }) && facet) {
      this.filters.querySelector(`[aria-label="Filter by ${facet}"]`)?.focus();
    }
  }

  /** Update everything that depends on the likes. */
  repaint() {
    const { app } = this, n = app.liked.size;
    if (app.options) this.showLead(n);
    showIntro(app, this.intro, n);
    const offer = app.newLikes > 0 && !app.kernel.lost
      ? [button("", () => this.enter("refresh", { shown: this.seen() }), { class: "offer" }, "Refresh with your new likes")] : [];
    if (offer.length !== this.fresh.children.length) this.fresh.replaceChildren(...offer);
  }

  /** @param {number} n likes */
  showLead(n) {
    const someone = this.app.profile;
    this.title.textContent = someone ? "Through other eyes" : n ? "Picked for you" : "Where shall we start?";
    this.sub.textContent = someone ? [someone.who, someone.description].filter(Boolean).join(". ")
      : n ? `Based on the ${n === 1 ? "work" : count(n, "work")} you like` : "A varied first wall. Like what speaks to you, and the next one follows.";
  }

  /** After a like the rows that nobody has seen yet are chosen anew. What was on the screen stays. */
  freshen() {
    clearTimeout(this.freshening);
    this.freshening = setTimeout(() => {
      if (this.loading || this.app.room !== this || this.app.kernel.lost || !this.app.standalone) return;
      const unseen = this.cards.filter((card) => card.offsetTop - this.wall.offsetTop > this.see());
      if (!unseen.length) return;
      for (const card of unseen) card.remove();
      this.ended = false;
      this.more(true);
    }, PATIENT_MS);
  }

  /** How far down the visitor has seen. */
  see() {
    this.low = Math.max(this.low, innerHeight - this.wall.getBoundingClientRect().top);
    return this.low;
  }

  /** @param {boolean} [fresh] the works that come are chosen after a like */
  async more(fresh = false) {
    const { app } = this;
    if (this.loading || this.ended || app.room !== this || app.kernel.lost) return;
    this.loading = true;
    const again = async () => {
      try {
        const hanging = { filters: app.chosen, shown: this.cards.map((card) => card.dataset.id) };
        const page = await app.kernel.ask("more", { ...(this.number !== this.last || fresh ? hanging : {}), rested: rested() });
        app.shell.notice.hidden = true;
        const before = this.cards.length;
        this.hangPage(page);
        if (fresh) this.cards[before]?.querySelector(".label")?.prepend(make("p", { class: "since" }, "New for you"));
        this.loading = false;
        return true;
      } catch (problem) {
        if (problem instanceof Refused) this.showProblem(problem.message, again);
        return false;
      }
    };
    await again();
  }

  close() {
    for (const end of this.endings || []) end();
    this.nearEnd.disconnect();
    removeEventListener("scroll", this.look);
    removeEventListener("pagehide", this.gone);
    clearTimeout(this.freshening);
    clearTimeout(this.retry);
    this.taste.close();
  }
}
