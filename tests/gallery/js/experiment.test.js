import assert from "node:assert/strict";
import { test } from "node:test";

import { chartOf, difference, rowOf } from "../../../art_recsys/gallery/src/experiment.js";

test("a difference reads with its sign", () => {
  assert.deepEqual([0.123, -0.05, 0, 1.5].map(difference), ["+12 %", "−5.0 %", "+0.0 %", "+150 %"]);
});

test("the interval is drawn over the visitors, around no difference, and wide beginnings are cut off", () => {
  const { band, line, zero, top } = chartOf([[100, 0.5, -0.9, 3], [200, 0.1, -0.2, 0.4], [400, 0.1, 0.05, 0.2]]);
  assert.equal(top, 0.4);
  assert.equal(zero, 85);
  const points = line.split(" ").map((point) => point.split(",").map(Number));
  assert.deepEqual(points.map(([x]) => x), [245, 490, 980]);
  assert.ok(points.every(([, y]) => y < zero));
  const edge = band.split(" ").map((point) => point.split(",").map(Number));
  assert.equal(edge.length, 6);
  assert.ok(edge.every(([, y]) => y >= 4 && y <= 166));
  assert.deepEqual(edge[0], edge[0].map(Math.abs));
  assert.ok(edge[3][1] < zero && edge[4][1] > zero); // the last low end is above no difference, the one before below
});

test("no difference at all still has a scale", () => assert.equal(chartOf([[10, 0, 0, 0], [20, 0, 0, 0]]).top, 0.02));

test("a row of an arm", () => {
  assert.deepEqual(rowOf({ arm: "b", label: "q-1+<b>x</b>", visitors: 3, impressions: 72, likes: 9, hides: 1, rate: 0.125 }),
    ["b: q-1+<b>x</b>", 3, 72, 9, 1, "12.50"]);
});
