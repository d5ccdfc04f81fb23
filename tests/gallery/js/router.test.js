import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { hashOf, routeOf, Router } from "../../../art_recsys/gallery/src/router.js";

/** A browser's history, with the addresses that were visited. */
class Browser {
  constructor() {
    this.entries = [{ state: null, hash: "" }];
    this.at = 0;
    this.listeners = [];
    const browser = this, read = () => browser.entries[browser.at];
    globalThis.location = { pathname: "/", search: "", get hash() { return read().hash; } };
    globalThis.addEventListener = (name, listener) => name === "popstate" && browser.listeners.push(listener);
    globalThis.history = {
      get state() { return read().state; },
      pushState: (state, _, address) => browser.put(browser.at + 1, state, address),
      replaceState: (state, _, address = read().hash) => browser.put(browser.at, state, address),
      back: () => browser.move(-1),
      go: (step) => browser.move(step),
    };
  }

  put(at, state, address) {
    const hash = address.includes("#") ? address.slice(address.indexOf("#")) : "";
    this.entries = at > this.at ? [...this.entries.slice(0, at), { state, hash }] : this.entries.with(at, { state, hash });
    this.at = at;
  }

  move(step) {
    this.at += step;
    for (const listener of this.listeners) listener();
  }
}

let browser, shown, place;

beforeEach(() => {
  browser = new Browser();
  shown = [];
  place = { wall: 1, scroll: 0 };
});

function router(hash = "") {
  browser.entries[0].hash = hash;
  return new Router(true, (route, entry) => shown.push({ route, ...entry }), () => place);
}

for (const route of [{}, { view: "likes" }, { view: "hidden" }, { view: "yours", work: "w:1" }, { view: "exhibition", room: "Ab_-9" }, { view: "search", search: "calm sea & night" }, { view: "artist", artist: "Thé=a#1" },
  { view: "map", map: "0.25,0.5,3" }, { view: "lens", lens: "0.25,0.5,0.02" }, { view: "map", map: "0,1,1", work: "w" },
  { work: "w:1/2" }, { view: "search", search: "sea", work: "w" }, { filters: { medium: "Oil on canvas", colour: "blue" } },
  { profile: "u:1" }, { profile: "u:1", filters: { colour: "blue" }, work: "w" }]) {
  test(`an address and back: ${hashOf(route) || "the bare wall"}`, () => assert.deepEqual(routeOf(hashOf(route)), route));
}

test("what no view knows is no route", () => {
  assert.deepEqual(routeOf("#view=nope&search="), {});
  assert.deepEqual(routeOf("#view=likes&profile=u1"), { view: "likes" }); // likes are one's own
  assert.deepEqual(routeOf(`#work=${"a".repeat(501)}`), {});
});

test("back returns to the view, the wall and the place", () => {
  const r = router();
  place = { wall: 1, scroll: 900 };
  r.remember();
  r.go({ view: "artist", artist: "Thea" });
  place = { wall: 1, scroll: 40 };
  browser.move(-1);
  assert.deepEqual(shown.at(-1), { route: {}, wall: 1, scroll: 900, moved: true });
  browser.move(1);
  assert.deepEqual(shown.at(-1), { route: { view: "artist", artist: "Thea" }, wall: 1, scroll: undefined, moved: true });
});

test("a work is one entry, however many are looked at, and closing it goes back", () => {
  const r = router();
  r.openWork("a");
  r.openWork("b");
  assert.equal(browser.entries.length, 2);
  assert.equal(location.hash, "#work=b");
  r.leaveWork();
  assert.equal(location.hash, "");
  assert.equal(browser.at, 0);
  r.leaveWork(); // nothing is open any more
  assert.equal(browser.at, 0);
});

test("a work that a link opened is closed without leaving the page", () => {
  const r = router("#work=a");
  r.leaveWork();
  assert.equal(location.hash, "");
  assert.equal(browser.entries.length, 1);
});

test("in a notebook the address bar is not ours", () => {
  const quiet = new Router(false, (route) => shown.push(route), () => place);
  quiet.remember();
  quiet.go({ view: "likes" });
  quiet.openWork("a");
  quiet.leaveWork();
  assert.deepEqual(quiet.route, { view: "likes" });
  assert.equal(browser.entries.length, 1);
});

test("works that are opened one from the other are entries of their own, and closing leaves them all", () => {
  const r = router();
  r.openWork("a", { at: 0 });
  r.openWork("b", { at: 1 }, true);
  r.openWork("c", { at: 2 }, true);
  assert.deepEqual([r.route.work, r.trail], ["c", { at: 2 }]);
  history.back();
  assert.deepEqual([r.route.work, r.trail], ["b", { at: 1 }]);
  r.openWork("d", { at: 0 }); // the next work of the wall takes the place of the one that is open
  history.back();
  assert.equal(r.route.work, "a");
  r.openWork("e", {}, true);
  r.leaveWork();
  assert.deepEqual([browser.at, location.hash, r.route.work], [0, "", undefined]);
});

test("from a work that was opened by its address, closing another one opens nothing", () => {
  const r = router("#work=a");
  r.openWork("b", {}, true);
  r.leaveWork();
  assert.deepEqual([location.hash, r.route.work], ["", undefined]);
  history.back();
  assert.equal(r.route.work, "a");
});
