/* Every view has an address, after the #. Back and Forward return to the view and to the place in it. */

/**
 * @typedef {object} Route
 * @property {"likes" | "search" | "artist" | "hidden" | "yours" | "exhibition" | "map" | "lens"} [view] undefined: the wall
 * @property {string} [search] what is looked for
 * @property {string} [artist] whose page it is
 * @property {string} [room] id of the visitor's own room
 * @property {string} [map] place of the lens, and how far the map is enlarged: `x,y,zoom`
 * @property {string} [lens] place on the map, and how far around it: `x,y,radius`
 * @property {string} [work] id of the work that is open over the view
 * @property {Record<string, string>} [filters] of the wall
 * @property {string} [profile] id of the invented visitor through whose eyes the wall is seen
 */

const STILL_MS = 150; // Milliseconds without scrolling after which the place is kept
const VIEWS = ["likes", "hidden", "yours"]; // those that need no value
const NAMED = /** @type {const} */ (["search", "artist", "map", "lens"]); // those of which there are many

/**
 * @param {string} hash of the address, with or without `#`
 * @returns {Route}
 */
export function routeOf(hash) {
  const given = new URLSearchParams(hash.replace(/^#/, ""));
  /** @type {Route} */
  const route = {};
  /** @type {Record<string, string>} */
  const filters = {};
  for (const [name, value] of given) {
    if (!value || value.length > 500) continue;
    if (name === "work" || name === "profile") route[name] = value;
    else if (named(name)) {
      route.view = name;
      route[name] = value;
    } else if (name === "room") {
      route.view = "exhibition";
      route.room = value;
    } else if (name === "view") {
      if (VIEWS.includes(value)) route.view = /** @type {"likes" | "hidden" | "yours"} */ (value);
    } else filters[name] = value;
  }
  if (route.view) delete route.profile;
  else if (Object.keys(filters).length) route.filters = filters;
  return route;
}

/** @param {string} name @returns {name is typeof NAMED[number]} */
function named(name) {
  return NAMED.some((view) => view === name);
}

/** @param {Route} route @returns {string} with `#`; empty for the bare wall */
export function hashOf(route) {
  const said = new URLSearchParams(route.view ? {} : { ...(route.profile ? { profile: route.profile } : {}), ...route.filters });
  if (route.view && named(route.view)) said.set(route.view, route[route.view] || "");
  else if (route.view === "exhibition") said.set("room", route.room || "");
  else if (route.view) said.set("view", route.view);
  if (route.work) said.set("work", route.work);
  const text = said.toString();
  return text ? `#${text}` : "";
}

export class Router {
  /**
   * @param {boolean} active whether the address bar is ours; in a notebook it is not
   * @param {(route: Route, entry: { wall?: number, scroll?: number, moved: boolean }) => void} apply shows a route;
   *   `moved`: by Back or Forward, or by another hash that was typed
   * @param {() => { wall: number, scroll: number }} place where the visitor is now
   */
  constructor(active, apply, place) {
    this.active = active;
    this.apply = apply;
    this.place = place;
    /** @type {Route} */
    this.route = active ? routeOf(location.hash) : {};
    /** @type {object | undefined} */
    this.keptTrail = undefined; // of the work that is open
    this.inside = 0; // entries of the history since the page was opened
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.still = undefined;
    this.onPop = () => this.pop();
    this.onScroll = () => { // Back and Forward leave an entry without a word, so its place is kept as it changes
      clearTimeout(this.still);
      this.still = setTimeout(() => this.remember(), STILL_MS);
    };
    if (active) {
      history.scrollRestoration = "manual";
      addEventListener("popstate", this.onPop);
      addEventListener("scroll", this.onScroll, { passive: true });
    }
  }

  /** Remember where the visitor is, in the entry of the history that they are about to leave. */
  remember() {
    if (this.active) history.replaceState({ ...history.state, vernissage: true, ...this.place() }, "");
  }

  /**
   * Show a route.
   * @param {Route} route
   * @param {{ replace?: boolean, quiet?: boolean }} [how] `replace`: without a new entry; `quiet`: it is shown already
   */
  go(route, { replace = false, quiet = false } = {}) {
    clearTimeout(this.still);
    if (this.active) {
      const address = hashOf(route) || location.pathname + location.search;
      if (replace) history.replaceState({ ...history.state, vernissage: true }, "", address);
      else {
        history.pushState({ vernissage: true, inside: ++this.inside, wall: this.place().wall }, "", address);
      }
    }
    this.route = route;
    if (!quiet) this.apply(route, { moved: false });
  }

  /** Leave what is open over the view: back where we came from, or to the view without it. */
  leaveWork() {
    if (!this.route.work) return;
    const { work, ...under } = this.route;
    const over = this.active && work && history.state?.inside ? Number(history.state.over) : 0; // entries since the view
    if (over > 1) history.go(-over);
    else if (over) history.back();
    else this.go(under, { replace: true, quiet: true });
    this.route = under;
  }

  /**
   * Open a work over the view; another work takes its place.
   * @param {string} work
   * @param {object} [trail] the works that led there
   * @param {boolean} [onward] from the work that is open, and Back leads to that one
   */
  openWork(work, trail, onward = false) {
    const before = Number((this.active && history.state?.over) || 0), byAddress = Boolean(this.route.work) && !before;
    const replace = Boolean(this.route.work) && !onward;
    this.keptTrail = trail;
    clearTimeout(this.still);
    if (!replace) this.remember();
    this.route = { ...this.route, work };
    if (!this.active) return;
    const address = hashOf(this.route);
    if (replace) history.replaceState({ ...history.state, trail }, "", address);
    else history.pushState({ ...history.state, inside: ++this.inside, over: byAddress ? 0 : before + 1, trail }, "", address);
  }

  /** The works that led to the one that is open, as the history kept them. @returns {any} */
  get trail() {
    return this.active ? history.state?.trail : this.keptTrail;
  }

  /** @param {object} trail of the work that is open */
  keepTrail(trail) {
    this.keptTrail = trail;
    if (this.active) history.replaceState({ ...history.state, trail }, "");
  }

  pop() {
    clearTimeout(this.still);
    this.route = routeOf(location.hash);
    this.inside = history.state?.inside || 0;
    this.apply(this.route, { wall: history.state?.wall, scroll: history.state?.scroll, moved: true });
  }

  close() {
    clearTimeout(this.still);
    removeEventListener("popstate", this.onPop);
    removeEventListener("scroll", this.onScroll);
  }
}
