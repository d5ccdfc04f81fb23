/* What a visitor's browser keeps: their token, theme, and the artists they do not want. */

export const STORED = {
  token: "art-recsys.visitor",
  profile: "art-recsys.profile",
  theme: "art-recsys.theme",
  passed: "art-recsys.passed",
  skipped: "art-recsys.skipped",
  excludedArtists: "art-recsys.without", // the key of 0.1.0, so that no visitor loses their list
};

/** Values in the browser's storage; works without storage too. */
export const memory = {
  /** @param {string} key @param {"localStorage" | "sessionStorage"} storage @returns {string | null} */
  get(key, storage = "localStorage") {
    try { return window[storage].getItem(key); } catch { return null; }
  },
  /** @param {string} key @param {string | null} value @param {"localStorage" | "sessionStorage"} storage */
  set(key, value, storage = "localStorage") {
    try {
      if (value === null) window[storage].removeItem(key);
      else window[storage].setItem(key, value);
    } catch { /* storage is disabled */ }
  },
};

/** Artists that this visitor excluded. @returns {string[]} */
export function unwanted() {
  try {
    const artists = JSON.parse(memory.get(STORED.excludedArtists) || "[]");
    return Array.isArray(artists) ? artists.filter((a) => typeof a === "string" && a && a.length <= 500).slice(-100) : [];
  } catch {
    return [];
  }
}
