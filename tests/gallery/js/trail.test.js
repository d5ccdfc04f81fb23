import assert from "node:assert/strict";
import { test } from "node:test";

import { NOWHERE, started, told, trailOf, walked } from "../../../art_recsys/gallery/src/trail.js";

const work = (id) => ({ artwork_id: id, title: `Work ${id}`, description: "long", picture: true });
const ids = (trail) => trail.works.map((w) => w.artwork_id).join("");

test("works that are opened one from the other stand in order", () => {
  const trail = walked(walked(started(work("a")), work("b")), work("c"));
  assert.equal(ids(trail), "abc");
  assert.equal(trail.at, 2);
  assert.deepEqual(Object.keys(trail.works[0]), ["artwork_id", "title", "picture"]); // a history entry stays small
});

test("who returns to a work and goes on from there leaves the other branch", () => {
  const trail = walked(walked(started(work("a")), work("b")), work("c")), back = walked(trail, work("a"));
  assert.equal(ids(back), "abc");
  assert.equal(back.at, 0);
  assert.equal(ids(walked(back, work("b"))), "abc");
  const other = walked(back, work("d"));
  assert.equal(ids(other), "ad");
  assert.equal(other.at, 1);
});

test("a trail has at most twenty works, the latest", () => {
  let trail = started(work("0"));
  for (let k = 1; k < 50; k++) trail = walked(trail, work(String(k)));
  assert.equal(trail.works.length, 20);
  assert.equal(trail.works.at(-1).artwork_id, "49");
  assert.equal(trail.at, 19);
});

test("a trail comes back from the history if it leads to the work that is open, whatever else the entry holds", () => {
  const trail = walked(started(work("a")), work("b"));
  assert.deepEqual(trailOf(structuredClone(trail), "a"), { works: trail.works, at: 0 });
  for (const kept of [undefined, null, "x", { works: "x" }, { works: [null, 3, {}] }, trail]) assert.deepEqual(trailOf(kept, "z"), NOWHERE);
});

test("a work that was known by its id only gets its name", () => {
  const trail = walked(started(work("a")), { artwork_id: "b", title: "" });
  assert.equal(told(trail, work("b")).works[1].title, "Work b");
  assert.equal(told(trail, work("b")).at, 1);
});
