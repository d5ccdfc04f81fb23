import assert from "node:assert/strict";
import { test } from "node:test";

import { Channel } from "../../../art_recsys/gallery/src/channel.js";
import { shareAddress } from "../../../art_recsys/gallery/src/exhibition.js";
import { allRows, cellOf, csvOf, jsonOf } from "../../../art_recsys/gallery/src/export.js";
import { problemOf } from "../../../art_recsys/gallery/src/fields.js";
import { around } from "../../../art_recsys/gallery/src/slideshow.js";
import { cameInWords } from "../../../art_recsys/gallery/src/yours.js";

test("a cell that begins like a formula is made a text", () => {
  for (const risky of ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "  =cmd|' /C calc'!A0", "\r=1", "\n=1"]) assert.match(cellOf(risky), /^"?'/);
  for (const [value, cell] of [["Sea, at night", '"Sea, at night"'], ['The "Harbour"', '"The ""Harbour"""'], ["two\nlines", '"two\nlines"'],
    ["1890–1895", "1890–1895"], [null, ""], [undefined, ""], ["مرحبا 🖼", "مرحبا 🖼"]]) assert.equal(cellOf(value), cell);
});

const ROW = { title: "Sea", artist: "=HYPERLINK(1)", date: "1890", liked_at: null, artwork_id: "w:1", source_url: "https://museum.example/1" };

test("a table has a head, a line for each like, and is known to be UTF-8", () => {
  const csv = csvOf([ROW]);
  assert.equal(csv, "\uFEFFtitle,artist,date,liked_at,artwork_id,source_url\r\nSea,'=HYPERLINK(1),1890,,w:1,https://museum.example/1\r\n");
  assert.equal(csvOf([]).split("\r\n").length, 2);
});

test("JSON keeps the texts as they are", () => {
  assert.deepEqual(JSON.parse(jsonOf([ROW], "2026-11-30T00:00:00Z")), { exported_at: "2026-11-30T00:00:00Z", likes: [ROW] });
});

test("ten thousand likes come in parts, each once", async () => {
  const asked = [];
  const rows = await allRows(async (skip) => {
    asked.push(skip);
    return { rows: Array.from({ length: Math.min(1000, 10_000 - skip) }, (_, k) => ({ artwork_id: String(skip + k) })), end: skip + 1000 >= 10_000 };
  });
  assert.equal(new Set(rows.map((row) => row.artwork_id)).size, 10_000);
  assert.deepEqual(asked, [0, 1000, 2000, 3000, 4000, 5000, 6000, 7000, 8000, 9000]);
  assert.deepEqual(await allRows(async () => ({ rows: [], end: false })), []); // a list that shrinks meanwhile ends, too
});

test("what is too long is said in characters, not in bytes", () => {
  assert.equal(problemOf("👩".repeat(80), 80), "");
  assert.equal(problemOf("x".repeat(10_000), 80), "At most 80 characters; this has 10,000.");
  assert.equal(problemOf(`  ${"x".repeat(80)}  `, 80), "");
});

test("a slideshow goes round", () => {
  assert.deepEqual([around(0, -1, 3), around(2, 1, 3), around(0, 1, 1), around(1, 1, 3)], [2, 0, 0, 2]);
});

test("a shared room has an address beside the pictures, whatever the gallery's base is", () => {
  assert.equal(shareAddress("/pictures/", "abc", "https://art.example/#room=x"), "https://art.example/room/abc");
  assert.equal(shareAddress("/gallery/pictures/", "abc", "https://art.example/gallery/?x#likes"), "https://art.example/gallery/room/abc");
});

test("what came with a code is said with right plurals", () => {
  const none = { likes: 0, hidden: 0, follows: 0, rooms: 0, artists: [] };
  assert.equal(cameInWords({ ...none, likes: 1 }), "Here now: 1 like.");
  assert.equal(cameInWords({ ...none, likes: 12, hidden: 1, rooms: 2, artists: ["A"] }), "Here now: 12 likes, 1 hidden work, 2 rooms and 1 muted artist.");
  assert.match(cameInWords(none), /nothing that you do not have/);
});

/** An app that writes down what the channel does with it. */
function tab(said) {
  const asked = [], done = [], lines = [];
  const app = { kernel: { lost: false, ask: async (type) => (asked.push(type), { liked: ["w:1", "w:2"] }) }, profile: null, newLikes: 0, liked: new Set(),
    setLiked: (id, on) => done.push(["liked", id, on]), repaint: () => {}, restart: () => done.push(["restart"]), repaintExcluded: () => done.push(["artists"]),
    veil: (card, on) => done.push(["veil", on]), room: { refresh: () => done.push(["refresh"]) },
    wall: { cardOf: () => undefined, freshen: () => done.push(["freshen"]), taste: { soon: () => {} } } };
  const channel = new Channel(app, { postMessage: (word) => lines.push(word), close: () => {} });
  channel.visitor = "me";
  return { app, channel, asked, done, lines };
}

test("a like in another tab of the same visitor is shown at once, and the kernel is asked once for several", async () => {
  const { app, channel, asked, done } = tab();
  channel.hear({ visitor: "me", kind: "like", id: "w:1", on: true });
  channel.hear({ visitor: "me", kind: "like", id: "w:2", on: true });
  assert.deepEqual(done, [["liked", "w:1", true], ["liked", "w:2", true]]);
  assert.equal(app.newLikes, 2);
  await new Promise((resolve) => setTimeout(resolve, 250));
  assert.deepEqual(asked, ["sync"]);
  assert.deepEqual([...app.liked], ["w:1", "w:2"]);
  assert.deepEqual(done.slice(2), [["freshen"], ["refresh"]]);
});

test("the words of another visitor, and broken ones, change nothing", async () => {
  const { channel, asked, done } = tab();
  for (const word of [{ visitor: "you", kind: "like", id: "w:1", on: true }, null, "like", {}, { kind: "gone" }]) channel.hear(word);
  channel.visitor = null;
  channel.hear({ visitor: null, kind: "gone" });
  await new Promise((resolve) => setTimeout(resolve, 200));
  assert.deepEqual([asked, done], [[], []]);
});

test("the other tabs of a forgotten visitor start anew", () => {
  const { channel, done, lines } = tab();
  channel.visitor = "new"; // this tab is somebody new already, and tells the others about the one before
  channel.tell("gone", {}, "me");
  assert.deepEqual(lines, [{ visitor: "me", kind: "gone" }]);
  const other = tab();
  other.channel.hear(lines[0]);
  assert.deepEqual([done, other.done], [[], [["restart"]]]);
});
