import assert from "node:assert/strict";
import { test } from "node:test";

import { after, read, resting } from "../../../art_recsys/gallery/src/passed.js";

const DAY = 24 * 3600 * 1000, NOBODY = new Set();

test("a work that was passed over twice rests for a week", () => {
  const once = after([], ["a", "b"], NOBODY, 0);
  assert.deepEqual(resting(once, 0), []);
  const twice = after(once, ["a", "c"], NOBODY, DAY);
  assert.deepEqual(resting(twice, DAY), ["a"]);
  assert.deepEqual(resting(twice, 8 * DAY - 1), ["a"]);
  assert.deepEqual(resting(twice, 8 * DAY), []);
  assert.deepEqual(after(twice, ["a"], NOBODY, 9 * DAY), [["a", 1, 9 * DAY]], "afterwards it is counted anew");
});

test("a work that was chosen is not passed over", () => {
  const twice = after(after([], ["a"], NOBODY, 0), ["a"], NOBODY, 1);
  assert.deepEqual(after(twice, ["a", "b"], new Set(["a"]), 2), [["b", 1, 2]]);
});

test("only the last thousand are kept", () => {
  const many = Array.from({ length: 1500 }, (_, n) => `w${n}`), kept = after([], many, NOBODY, 0);
  assert.equal(kept.length, 1000);
  assert.equal(kept[999][0], "w1499");
});

test("what is not a memory of ours is no memory", () => {
  for (const text of [null, "", "no", "{}", "[1, null, []]", '[["a", "2", 3]]']) assert.deepEqual(read(text), []);
  assert.deepEqual(read('[["a", 2, 3], 7]'), [["a", 2, 3]]);
});
