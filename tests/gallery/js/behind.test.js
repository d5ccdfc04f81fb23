import assert from "node:assert/strict";
import { test } from "node:test";

import { addressOf, behindOf, inHundred, summaryOf } from "../../../art_recsys/gallery/src/behind.js";

const CODE = "0123456789ab";

test("every view has an address, and an address leads back to its view", () => {
  for (const route of [
    { view: "visitors" },
    { view: "visitor", visitor: CODE },
    { view: "work", work: "a b&c=d#e/ü<script>" },
    { view: "compare", releases: ["query-1+ranking-1", "query-2+ranking-2"], visitor: CODE },
    { view: "compare", releases: [], visitor: CODE },
  ]) assert.deepEqual(behindOf(addressOf(route)), route);
});

test("an address that was typed may have a bare plus, and nonsense leads to the figures", () => {
  assert.deepEqual(behindOf(`#compare=query-1+ranking-1,query-2+ranking-2&visitor=${CODE}`).releases, ["query-1+ranking-1", "query-2+ranking-2"]);
  for (const hash of ["", "#", "#nope", "#visitor=<b>", `#visitor=${CODE}0`, `#work=${"x".repeat(501)}`, "#constructor=1"]) assert.deepEqual(behindOf(hash), {});
  assert.deepEqual(behindOf("#compare=a,b,c&visitor=x"), { view: "compare", releases: [], visitor: undefined });
});

test("a probability is said as a frequency", () => {
  assert.deepEqual([0, 0.001, 0.06, 0.5, 1, null].map(inHundred), ["0 in 100", "under 1 in 100", "6 in 100", "50 in 100", "100 in 100", ""]);
});

test("what moved is said in words", () => {
  const rows = (changes) => changes.map((change) => ({ change }));
  assert.equal(summaryOf(rows(["up", "down", "down", "new", "gone", "same"])), "1 moved up, 2 moved down, 1 new and 1 gone, 1 at the same rank");
  assert.equal(summaryOf(rows(["new", "same"])), "1 new, 1 at the same rank");
  assert.equal(summaryOf(rows(["same"])), "Both releases give the same page");
});
