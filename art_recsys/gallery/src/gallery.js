/* The gallery in the browser. It draws the answers of the kernel and requests all data from it (see widget.py).
 *
 * Three rules:
 *  - texts come from catalogues and are untrusted: they become text nodes, never markup;
 *  - pictures on screen never move: new recommendations are only offered, and a hidden work leaves its place empty;
 *  - a click takes effect at once; if it cannot be saved, it is undone with a message.
 */

import { Artist } from "./artist.js";
import { Channel } from "./channel.js";
import { Details } from "./details.js";
import { button, make } from "./dom.js";
import { Exhibition } from "./exhibition.js";
import { Hidden } from "./hidden.js";
import { hide } from "./hide.js";
import { Kernel, Refused } from "./kernel.js";
import { Lens } from "./lens.js";
import { Likes } from "./likes.js";
import { MapRoom } from "./map.js";
import { memory, STORED, unwanted } from "./memory.js";
import { Picker } from "./picker.js";
import { face } from "./pictures.js";
import { Profiles } from "./profiles.js";
import { Question } from "./question.js";
import { Router } from "./router.js";
import { Search } from "./search.js";
import { Shell } from "./shell.js";
import { Slideshow } from "./slideshow.js";
import { Wall } from "./wall.js";
import { wish } from "./wishes.js";
import { Yours } from "./yours.js";

/** @typedef {import("./types.js").Card} Card */
/** @typedef {import("./types.js").State} State */
/** @typedef {import("./types.js").Work} Work */
/** @typedef {import("./router.js").Route} Route */

export class Gallery {
  /** @param {any} model of anywidget @param {HTMLElement} host */
  constructor(model, host) {
    this.base = model.get("pictures");
    this.standalone = document.body.dataset.voila === "voila"; // a page of its own, not a cell in JupyterLab
    /** @type {Set<string>} */
    this.liked = new Set();
    /** @type {Map<string, number>} */
    this.latest = new Map(); // artwork_id -> number of its latest like, to ignore late answers
    /** @type {Set<string>} */
    this.opened = new Set(); // ids of works that were looked at closely
    this.clicks = 0;
    this.newLikes = 0;
    /** @type {import("./types.js").Profile | null} */
    this.profile = null;
    /** @type {any} */
    this.options = null; // values of each filter; null before the first wall
    /** @type {Record<string, Record<string, number>>} */
    this.counts = {}; // works that each of these values would leave
    /** @type {Record<string, string>} */
    this.chosen = {};
    this.kernel = new Kernel(model, () => this.lost());
    this.shell = new Shell(this.standalone);
    this.wall = new Wall(this);
    this.likes = new Likes(this);
    this.search = new Search(this);
    this.artist = new Artist(this);
    this.hidden = new Hidden(this);
    this.yours = new Yours(this);
    this.exhibition = new Exhibition(this);
    this.map = new MapRoom(this);
    this.lens = new Lens(this);
    this.details = new Details(this);
    this.profiles = new Profiles(this);
    this.slideshow = new Slideshow(this.shell, this.base);
    this.picker = new Picker(this);
    this.question = new Question(this.shell);
    this.channel = new Channel(this);
    /** @type {import("./room.js").Room} */
    this.room = this.wall;
    this.router = new Router(this.standalone, (route, entry) => this.show(route, entry),
      () => ({ wall: this.wall.number, scroll: this.shell.offset() }));
    this.tabs = { wall: button("For you", () => this.visit({}), {}), likes: button("Likes", () => this.visit({ view: "likes" }), {}),
      map: button("Map", () => this.visit({ view: "map", map: this.map.where() }), {}) };
    this.who = button("", () => this.profiles.open(), { class: "who", "aria-haspopup": "dialog" });
    this.resizing = new ResizeObserver(() => this.room.layout());
    this.build(host);
    this.begin();
  }

  get rooms() {
    return [this.wall, this.likes, this.search, this.artist, this.hidden, this.yours, this.exhibition, this.map, this.lens];
  }

  /** @param {HTMLElement} host */
  build(host) {
    this.shell.build(host, [make("nav", { "aria-label": "Rooms" }, Object.values(this.tabs)), this.search.form, this.who],
      this.rooms.map(({ section }) => section));
    this.resizing.observe(this.shell.root);
    this.wall.watch();
    this.tabs.wall.setAttribute("aria-current", "page");
    this.repaint();
  }

  // -- the visit

  async begin() {
    const { route } = this.router, filters = route.filters || {};
    const profile = route.view ? memory.get(STORED.profile, "sessionStorage") : route.profile ?? null;
    const hello = { token: memory.get(STORED.token), artists: unwanted(), profile, filters };
    await this.wall.enter("hello", hello);
    if (!this.kernel.lost && (route.view || route.work)) this.show(route, { moved: false });
  }

  /** A first page has come. @param {State} state */
  showState(state) {
    this.take(state);
    this.wall.show(state);
  }

  /** Whose visit this is, from now on. @param {State} state */
  take(state) {
    this.shell.notice.hidden = true;
    if (state.token) memory.set(STORED.token, state.token);
    this.channel.visitor = state.token;
    memory.set(STORED.profile, state.profile?.user_id ?? null, "sessionStorage");
    this.profile = state.profile;
    this.liked = new Set(state.liked);
    this.options = state.options;
    this.newLikes = 0;
  }

  /** The address of the wall that hangs. @returns {Route} */
  get here() {
    return { profile: this.profile?.user_id ?? undefined, filters: Object.keys(this.chosen).length ? this.chosen : undefined };
  }

  lost() {
    this.shell.warn("Your visit was interrupted. Your saved likes are safe.", button("Reload", () => location.reload(), { class: "pill" }));
    this.shell.closeDialogs();
    this.wall.stop();
  }

  // -- where the visitor is

  /** Go to a view, as its tab does. @param {Route} route */
  visit(route) {
    if (!route.view) route = this.here;
    if (!this.router.route.work && this.router.route.view === route.view) return this.shell.scrollTo(0);
    this.router.remember();
    this.router.go(route);
  }

  /** Leave the work that is open for another view. @param {Route} route */
  leaveFor(route) {
    this.router.remember();
    if (route.filters) {
      this.router.route = { ...this.router.route, work: undefined }; // the new wall comes after the work: no step back
      this.details.dialog.close();
      this.wall.filter(route.filters);
    } else this.router.go(route);
  }

  /**
   * Show what the address says.
   * @param {Route} route
   * @param {{ wall?: number, scroll?: number, moved: boolean }} entry
   */
  show(route, { wall, scroll, moved }) {
    const room = route.view ? this[route.view] : this.wall, before = this.room, { dialog } = this.details;
    if (!route.work && dialog.open) dialog.close();
    if (before !== room) before.scroll = this.shell.offset();
    this.room = room;
    for (const r of this.rooms) r.section.hidden = r !== room;
    for (const [name, tab] of Object.entries(this.tabs)) {
      if (room === this[/** @type {"wall" | "likes" | "map"} */ (name)]) tab.setAttribute("aria-current", "page");
      else tab.removeAttribute("aria-current");
    }
    if (room !== this.search && (moved || this.search.field !== document.activeElement)) this.search.field.value = "";
    room.visited(route);
    if (room === this.wall && moved) {
      this.wall.restore(wall);
      if ((route.profile ?? null) !== (this.profile?.user_id ?? null)) this.profiles.follow(route, wall);
    }
    room.layout();
    this.repaint();
    if (moved && !route.work) this.shell.scrollTo(scroll ?? 0);
    else if (before !== room) this.shell.scrollTo(room === this.wall || room === this.likes ? room.scroll : 0);
    if (route.work && !(dialog.open && dialog.dataset.id === route.work)) this.details.comeTo(route.work);
  }

  /** Update everything that depends on the likes. */
  repaint() {
    const n = this.liked.size;
    for (const heart of this.shell.root.querySelectorAll("[data-like]")) {
      heart.setAttribute("aria-pressed", String(this.liked.has(heart.dataset.like)));
    }
    this.tabs.likes.replaceChildren(...(n ? ["Likes ", make("span", { class: "number" }, String(n))] : ["Likes"]));
    this.who.replaceChildren(face(this.profile?.user_id), make("span", {}, this.profile?.who || "You"));
    this.who.setAttribute("aria-label", `${this.profile?.who || "You"}: change profile`);
    this.wall.repaint();
    this.map.glow();
  }

  // -- like and hide: shown at once, undone if they could not be saved

  /** @param {string} artworkId @param {boolean} on */
  setLiked(artworkId, on) {
    if (on) this.liked.add(artworkId);
    else this.liked.delete(artworkId);
    this.repaint();
  }

  /** @param {Work} work @param {boolean} [on] @param {boolean} [quiet] without a toast */
  async like(work, on = !this.liked.has(work.artwork_id), quiet = false) {
    const id = work.artwork_id, click = ++this.clicks;
    this.latest.set(id, click);
    this.setLiked(id, on);
    const card = this.room.cardOf(id);
    if (card) wish(this, card, on);
    if (!quiet) this.shell.say(on ? `Liked “${work.title}”` : `No longer liked: “${work.title}”`, () => this.like(work, !on, true));
    try {
      await this.kernel.ask("like", { artwork_id: id, on });
      this.shell.root.dataset.saved = String(click);
      this.channel.tell("like", { id, on });
      if (!this.profile) { // the wall of a profile does not depend on the visitor's likes
        this.newLikes = Math.max(0, this.newLikes + (on ? 1 : -1));
        this.wall.freshen();
        this.wall.taste.soon();
      }
      this.repaint();
    } catch (problem) {
      if (this.latest.get(id) !== click) return;
      this.setLiked(id, !on);
      if (problem instanceof Refused) this.shell.say(problem.message);
    }
  }

  /** Exclude an artist from the next works on; works on screen stay. @param {string} artist @param {boolean} [on] */
  async excludeArtist(artist, on = true) {
    const before = unwanted(), wanted = before.filter((a) => a !== artist);
    if (on) wanted.push(artist);
    this.setExcluded(wanted);
    this.shell.say(on ? `No more by ${artist} from the next works on` : `${artist} may come again`, on ? () => this.excludeArtist(artist, false) : null);
    try {
      await this.kernel.ask("exclude_artists", { artists: unwanted() });
      this.channel.tell("artists");
    } catch (problem) {
      this.setExcluded(before);
      if (problem instanceof Refused) this.shell.say(problem.message);
    }
  }

  /** @param {string[]} artists */
  setExcluded(artists) {
    memory.set(STORED.excludedArtists, JSON.stringify(artists));
    this.repaintExcluded();
  }

  /** Update everything that depends on the artists that the visitor does not want. */
  repaintExcluded() {
    this.details.paintExcluded();
    this.artist.paint();
    this.hidden.paintArtists();
  }

  /** This visitor is forgotten in another tab. */
  restart() {
    if (this.standalone) location.reload();
    else this.lost();
  }

  /** @param {Card} card @param {boolean} [on] */
  hide(card, on = true) {
    return hide(this, card, on);
  }

  close() {
    this.kernel.close();
    this.resizing.disconnect();
    this.wall.close();
    this.search.close();
    this.channel.close();
    this.map.close();
    this.shell.close();
    this.router.close();
  }
}

/** @param {{ model: any, el: HTMLElement }} widget */
function render({ model, el }) {
  const gallery = new Gallery(model, el);
  return () => gallery.close();
}

export default { render };
