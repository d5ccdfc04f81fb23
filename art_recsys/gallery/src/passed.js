/* Works that a visitor passed over: seen on two walls and not chosen on either, they rest for a week. */

import { memory, STORED } from "./memory.js";

const TWICE = 2;
const REST_MS = 7 * 24 * 3600 * 1000;
const KEPT = 1_000; // works in the memory, those seen last

/** @typedef {[id: string, times: number, last: number]} Pass how often and when a work was passed over */

/** @param {unknown} text from the storage @returns {Pass[]} those that make sense */
export function read(text) {
  try {
    const passes = JSON.parse(String(text || "[]"));
    return Array.isArray(passes) ? passes.filter((p) => Array.isArray(p) && typeof p[0] === "string" && Number.isFinite(p[1]) && Number.isFinite(p[2])) : [];
  } catch {
    return [];
  }
}

/**
 * One more wall has been seen. A work that was chosen is not passed over any more, nor is one that rested for long.
 * @param {Pass[]} passes @param {string[]} seen ids of the works that were looked at and left @param {Set<string>} chosen
 * @param {number} now @returns {Pass[]}
 */
export function after(passes, seen, chosen, now) {
  const known = new Map(passes.filter(([id, , last]) => now - last < REST_MS && !chosen.has(id)).map((pass) => [pass[0], pass]));
  for (const id of seen) {
    if (chosen.has(id)) continue;
    const times = (known.get(id)?.[1] || 0) + 1;
    known.delete(id);
    known.set(id, [id, times, now]);
  }
  return [...known.values()].slice(-KEPT);
}

/** @param {Pass[]} passes @param {number} now @returns {string[]} ids of the works that rest */
export function resting(passes, now) {
  return passes.filter(([, times, last]) => times >= TWICE && now - last < REST_MS).map(([id]) => id);
}

/** @param {string[]} seen @param {Set<string>} chosen */
export function passOver(seen, chosen) {
  memory.set(STORED.passed, JSON.stringify(after(read(memory.get(STORED.passed)), seen, chosen, Date.now())));
}

export const rested = () => resting(read(memory.get(STORED.passed)), Date.now());
