import assert from "node:assert/strict";
import { test } from "node:test";

import { centre, held, mostOf, moved, pinched, REST, swipeOf, zoomed } from "../../../art_recsys/gallery/src/zoom.js";

/** A picture of 400 by 300 in the middle of a stage of 800 by 500. */
const stage = { width: 800, height: 500, rest: { x: 200, y: 100, width: 400, height: 300 }, most: 8 };

/** Where a point of the picture, in its own pixels at rest, is on the stage. */
const shown = (view, x, y) => [stage.rest.x + view.x + x * view.scale, stage.rest.y + view.y + y * view.scale];

test("what is under the pointer stays there while the picture grows and shrinks", () => {
  let view = zoomed(REST, 3, centre(stage), stage); // it fills the stage
  const point = { x: 520, y: 160 }, own = [(520 - 200 - view.x) / 3, (160 - 100 - view.y) / 3];
  for (const factor of [1.3, 1.9, 0.6]) {
    view = zoomed(view, factor, point, stage);
    const [x, y] = shown(view, ...own);
    assert.ok(Math.abs(x - 520) < 1e-6 && Math.abs(y - 160) < 1e-6);
  }
  assert.ok(view.scale > 4);
});

test("a picture is neither smaller than at rest nor larger than its most", () => {
  assert.deepEqual(zoomed(REST, 0.2, centre(stage), stage), REST);
  assert.equal(zoomed(REST, 1000, centre(stage), stage).scale, 8);
  const near = zoomed(REST, 4, { x: 210, y: 110 }, stage);
  assert.deepEqual(zoomed(near, 0.25, { x: 700, y: 450 }, stage), REST); // and back it lies where it lay
});

test("no gap opens: a side that is shorter than the stage is centred, a longer one ends at its edge", () => {
  const wide = moved({ scale: 1.6, x: 0, y: 0 }, 999, 999, stage); // 640 by 480
  assert.deepEqual(shown(wide, 0, 0), [80, 10]);
  for (const [dx, dy] of [[9999, 9999], [-9999, -9999]]) {
    const view = moved(zoomed(REST, 4, centre(stage), stage), dx, dy, stage);
    const [left, top] = shown(view, 0, 0), [right, bottom] = shown(view, 400, 300);
    assert.ok(left <= 0 && top <= 0 && right >= 800 && bottom >= 500);
    assert.ok(dx > 0 ? left === 0 && top === 0 : right === 800 && bottom === 500);
  }
});

test("two fingers enlarge and move at once", () => {
  const before = [{ x: 350, y: 250 }, { x: 450, y: 250 }], after = [{ x: 340, y: 270 }, { x: 540, y: 270 }];
  const view = pinched(zoomed(REST, 3, centre(stage), stage), before, after, stage);
  assert.equal(view.scale, 6);
  const [x, y] = shown(view, 200, 150); // was between the fingers
  assert.deepEqual([Math.round(x), Math.round(y)], [440, 270]);
  const together = [{ x: 400, y: 250 }, { x: 400, y: 250 }];
  assert.ok(Number.isFinite(pinched(REST, together, after, stage).scale)); // two fingers at one place
});

test("a large file can be looked at more closely than a small one, and any a little", () => {
  assert.equal(mostOf(300, 600), 3);
  assert.equal(mostOf(1600, 640), 5);
  assert.equal(mostOf(90_000, 640), 12);
  assert.ok(Number.isFinite(mostOf(0, 0)));
});

test("another size of the stage keeps the picture within it", () => {
  const view = zoomed(REST, 4, { x: 790, y: 490 }, stage), phone = { ...stage, width: 300, height: 300, rest: { x: 20, y: 50, width: 260, height: 195 } };
  const { scale, x, y } = held(view, phone);
  assert.ok(phone.rest.x + x <= 0 && phone.rest.x + x + 260 * scale >= 300);
  assert.ok(phone.rest.y + y <= 0 && phone.rest.y + y + 195 * scale >= 300);
});

test("a swipe goes sideways, far or fast; the next work comes from the right", () => {
  assert.equal(swipeOf(-120, 10, 600, 390), 1);
  assert.equal(swipeOf(120, -30, 600, 390), -1);
  assert.equal(swipeOf(-50, 5, 80, 390), 1); // a flick
  assert.equal(swipeOf(-50, 5, 600, 390), 0); // a slow small move
  assert.equal(swipeOf(-120, 110, 300, 390), 0); // rather a scroll
  assert.equal(swipeOf(0, 0, 0, 390), 0);
});
