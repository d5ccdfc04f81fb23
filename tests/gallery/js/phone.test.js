import assert from "node:assert/strict";
import { test } from "node:test";

import { isAway } from "../../../art_recsys/gallery/src/phone.js";

test("the bars go while one scrolls down, and come back on the way up", () => {
  assert.equal(isAway(0, 40, false, 100), false, "never at the top of the page");
  assert.equal(isAway(200, 260, false, 100), true);
  assert.equal(isAway(260, 265, true, 100), true, "a small step changes nothing");
  assert.equal(isAway(265, 258, true, 100), true);
  assert.equal(isAway(265, 240, true, 100), false);
  assert.equal(isAway(140, 90, true, 100), false);
});
