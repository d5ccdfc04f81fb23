import assert from "node:assert/strict";
import { test } from "node:test";

import { rowsOf } from "../../../art_recsys/gallery/src/layout.js";

const RATIOS = [0.8, 1.33, 1, 1.5, 1.25, 0.72, 1.5, 0.8, 1, 1.33, 0.8, 1.25, 2.8, 0.62, 1, 1];

test("every picture hangs once, in order", () => {
  const rows = rowsOf(RATIOS, 1200, 28, 320);
  assert.equal(rows[0].first, 0);
  assert.equal(rows.at(-1).end, RATIOS.length);
  rows.slice(1).forEach((row, n) => assert.equal(row.first, rows[n].end));
});

test("a full row is as wide as the wall, and its height is near to the target", () => {
  for (const width of [700, 1200, 2560]) {
    for (const { first, end, height } of rowsOf(RATIOS, width, 28, 320)) {
      if (height === null) continue;
      const wide = RATIOS.slice(first, end).reduce((sum, ratio) => sum + ratio * height, 28 * (end - first - 1));
      assert.ok(Math.abs(wide - width) < 1e-6);
      assert.ok(height > 320 * 0.6 && height < 320 * 1.4, String(height));
    }
  }
});

test("more pictures do not change the rows that are full", () => {
  const full = (n) => rowsOf(RATIOS.slice(0, n), 1200, 28, 320).filter((row) => row.height !== null);
  for (let n = 1; n < RATIOS.length; n++) assert.deepEqual(full(n + 1).slice(0, full(n).length), full(n));
});

test("on a phone at most two pictures are in a row", () => {
  const rows = rowsOf(RATIOS, 358, 12, 161, 2);
  assert.ok(rows.every(({ first, end }) => end - first <= 2));
  assert.ok(rows.filter(({ first, end }) => end - first === 2).length >= 6);
});

test("nothing hangs on an empty wall", () => assert.deepEqual(rowsOf([], 1200, 28, 320), []));
