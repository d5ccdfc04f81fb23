import assert from "node:assert/strict";
import { test } from "node:test";

import { pixelsOf, stampOf } from "../../../art_recsys/gallery/src/mapdots.js";
import { dotRadius, Grid, readPlace, readPlaces, spread, View, writePlace } from "../../../art_recsys/gallery/src/plane.js";

/** Places as the server writes them, and as they are read. */
function placesOf(points) {
  const n = points.length, body = new ArrayBuffer(772 + 5 * n), view = new DataView(body);
  view.setUint32(0, n, true);
  points.forEach(([x, y], k) => {
    view.setUint16(772 + 2 * k, Math.round(x * 65535), true);
    view.setUint16(772 + 2 * n + 2 * k, Math.round(y * 65535), true);
    view.setUint8(772 + 4 * n + k, k % 256);
  });
  return readPlaces(body);
}

/** The same 2,000 points each time. */
function scatter(n = 2000) {
  let seed = 7;
  const next = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
  return Array.from({ length: n }, () => [next(), next()]);
}

function windowed(width = 800, height = 600) {
  return Object.assign(new View(), { width, height });
}

const close = (a, b) => assert.ok(Math.abs(a - b) < 1e-6, `${a} is not ${b}`);

test("places are read as they were written", () => {
  const places = placesOf([[0, 1], [0.5, 0.25]]);
  assert.deepEqual([places.n, places.x[0], places.y[0], places.colour[1]], [2, 0, 1, 1]);
  assert.ok(Math.abs(places.x[1] - 0.5) < 1e-4);
  assert.equal(placesOf([]).n, 0);
});

test("what is not a map is refused", () => {
  for (const size of [0, 3, 771, 773]) assert.throws(() => readPlaces(new ArrayBuffer(size)), RangeError);
});

test("the grid finds what a look at every work finds", () => {
  const points = scatter(), places = placesOf([...points, [0, 0], [1, 1], [1, 1]]), grid = new Grid(places);
  const all = Array.from({ length: places.n }, (_, k) => k);
  for (const [x, y, r] of [[0.5, 0.5, 0.1], [0, 0, 0.07], [1, 1, 0.2], [0.31, 0.99, 0.013], [0.5, 0.5, 1]]) {
    const want = all.filter((k) => Math.hypot(places.x[k] - x, places.y[k] - y) <= r);
    assert.deepEqual(grid.around(x, y, r).sort((a, b) => a - b), want);
    const nearest = want.toSorted((a, b) => Math.hypot(places.x[a] - x, places.y[a] - y) - Math.hypot(places.x[b] - x, places.y[b] - y))[0] ?? -1;
    assert.equal(grid.nearest(x, y, r), nearest);
  }
  assert.equal(grid.within(-1, -1, 2, 2).length, places.n);
  assert.equal(grid.within(0, 0, 1, 1, 17).length, 17);
  assert.equal(new Grid(placesOf([])).nearest(0.5, 0.5, 1), -1);
});

test("window and plane are each other's inverse", () => {
  const view = windowed();
  view.enlarge(7.3, 120, 400);
  const [px, py] = view.toWindow(...view.toPlane(333, 44));
  close(px, 333);
  close(py, 44);
});

test("what is under the pointer stays under it while the map is enlarged", () => {
  const view = windowed(), before = view.toPlane(500, 200);
  for (const factor of [2, 3, 0.7]) {
    view.enlarge(factor, 500, 200);
    view.toPlane(500, 200).forEach((v, k) => close(v, before[k]));
  }
  view.enlarge(0.0001, 500, 200);
  assert.deepEqual([view.x, view.y, view.zoom], [0.5, 0.5, 1]); // the whole map, in the middle
  view.enlarge(1e9);
  assert.equal(view.zoom, 400);
});

test("the map cannot be dragged out of the window", () => {
  const view = windowed();
  view.pan(1e6, -1e6);
  assert.deepEqual([view.x, view.y], [0, 1]);
});

test("a lens that leaves the window takes the map along, and no further than it must", () => {
  const view = windowed();
  view.enlarge(10);
  const still = view.copy();
  view.reveal(0.5, 0.5, 60);
  assert.ok(view.same(still));
  view.reveal(0.7, 0.5, 60);
  close(view.toWindow(0.7, 0.5)[0], 740);
  close(view.y, 0.5);
});

test("the whole plane is in the window at first, whatever its shape", () => {
  for (const [width, height] of [[390, 600], [1440, 500]]) {
    const view = windowed(width, height);
    for (const corner of [[0, 0], [1, 1]]) {
      const [px, py] = view.toWindow(...corner);
      assert.ok(px >= 0 && px <= width && py >= 0 && py <= height);
    }
  }
});

test("a place in an address is read, put right or refused", () => {
  assert.deepEqual(readPlace("0.25,0.5,3"), [0.25, 0.5, 3]);
  assert.deepEqual(readPlace("7,0,0"), [1, 0, 1]);
  assert.deepEqual(readPlace("0.1,0.2,0.05", 0, 1), [0.1, 0.2, 0.05]);
  for (const wrong of ["", "1,2", "a,b,c", "0.1,NaN,2", "1,2,3,4", "1e9,0,0", "-1,0,1", "0.1,,2", "<b>,1,1", "9".repeat(400)]) {
    assert.equal(readPlace(wrong), null, wrong);
  }
  assert.equal(writePlace(0.123456, 1, 2.5), "0.1235,1,2.5");
});

test("dots are small where there are many, and grow as one comes closer", () => {
  const view = windowed();
  assert.ok(dotRadius(100_000, view) < dotRadius(28_281, view) && dotRadius(28_281, view) < dotRadius(90, view));
  const far = dotRadius(28_281, view);
  view.enlarge(9);
  assert.ok(dotRadius(28_281, view) > far && dotRadius(90, view) <= 11);
});

test("pictures do not overlap, and the first ones have their place", () => {
  const points = scatter(300).map(([x, y]) => [x * 800, y * 600]), all = points.map((_, k) => k);
  const kept = spread(all, (k) => points[k], 80, 40);
  assert.equal(kept[0], 0);
  assert.ok(kept.length > 20 && kept.length <= 40);
  kept.forEach((a, n) => kept.slice(n + 1).forEach((b) =>
    assert.ok(Math.abs(points[a][0] - points[b][0]) >= 80 || Math.abs(points[a][1] - points[b][1]) >= 80)));
});

test("a dot is round and full in its middle", () => {
  const { dx, dy, cover } = stampOf(3), middle = dx.findIndex((x, k) => x === 0 && dy[k] === 0);
  assert.equal(cover[middle], 255);
  assert.equal(dx.reduce((sum, x) => sum + x, 0), 0);
  assert.ok(Math.abs(cover.reduce((sum, c) => sum + c, 0) / 255 - Math.PI * 9) < 4);
  assert.equal(stampOf(0.4).cover.length, 1);
});

test("a colour stands out from the wall behind it", () => {
  const palette = new Uint8Array(768);
  palette.set([0, 0, 0, 255, 255, 255]);
  const red = (pixels, k) => new Uint8Array(new Uint32Array([pixels[k]]).buffer)[0];
  assert.ok(red(pixelsOf(palette, true), 0) > 60); // black on a dark wall
  assert.equal(red(pixelsOf(palette, false), 0), 0);
  assert.ok(red(pixelsOf(palette, false), 1) < 215); // white on a light one
});
