/* Random numbers that repeat: the same work is always painted in the same way. */

/** A number between 0 and 2^32 for a text (FNV-1a). @param {any} text */
export function hashOf(text) {
  let hash = 2166136261;
  for (const character of String(text)) hash = Math.imul(hash ^ Number(character.codePointAt(0)), 16777619);
  return hash >>> 0;
}

/** Random numbers between 0 and 1, reproducible for a seed. @param {number} seed @returns {() => number} */
export function dice(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
