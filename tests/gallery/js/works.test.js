import assert from "node:assert/strict";
import { test } from "node:test";

import { dice, hashOf } from "../../../art_recsys/gallery/src/dice.js";
import { count, webAddress } from "../../../art_recsys/gallery/src/dom.js";
import { memory, unwanted } from "../../../art_recsys/gallery/src/memory.js";
import { alternative, dominantOf, pictureRatio } from "../../../art_recsys/gallery/src/works.js";

test("a colour that is none is no colour", () => {
  assert.equal(dominantOf({ picture: true, dominant: "#a63a34" }), "#a63a34");
  assert.equal(dominantOf({ picture: true, dominant: "red; background: url(x)" }), null);
  assert.equal(dominantOf({ dominant: "#a63a34" }), null); // neither a picture nor a named colour: grey is a placeholder
});

test("the shape of a picture; a painted one has its own, always the same", () => {
  assert.equal(pictureRatio({ picture: true, width: 300, height: 200 }), 1.5);
  assert.equal(pictureRatio({ artwork_id: "a" }), pictureRatio({ artwork_id: "a", picture: true, width: 0, height: 0 }));
});

test("words for screen readers", () => {
  assert.equal(alternative({ title: "Sea", artist: "Ada", description: "Waves." }), "Sea, Ada. Waves.");
  assert.equal(alternative({ title: "Sea" }), "Sea");
});

test("only web addresses become links", () => {
  assert.equal(webAddress("https://museum.example/a"), "https://museum.example/a");
  for (const bad of ["javascript:alert(1)", "data:text/html,x", "", null, "museum"]) assert.equal(webAddress(bad), null);
});

test("numbers and nouns", () => assert.deepEqual([count(1, "work"), count(2, "work"), count(1001, "work"), count(0, "like")], ["1 work", "2 works", "1,001 works", "0 likes"]));

test("dice repeat", () => {
  const roll = dice(hashOf("w1")), again = dice(hashOf("w1"));
  for (let n = 0; n < 9; n++) assert.equal(roll(), again());
  assert.notEqual(hashOf("w1"), hashOf("w2"));
});

test("a browser's memory that is off, full or garbled", () => {
  globalThis.window = { get localStorage() { throw new Error("off"); } };
  assert.equal(memory.get("a"), null);
  memory.set("a", "1");
  for (const kept of ["no JSON", "{}", '[1, "", null]', `["${"a".repeat(501)}"]`]) {
    globalThis.window = { localStorage: { getItem: () => kept } };
    assert.deepEqual(unwanted(), []);
  }
  globalThis.window = { localStorage: { getItem: () => '["Ada"]' } };
  assert.deepEqual(unwanted(), ["Ada"]);
});
