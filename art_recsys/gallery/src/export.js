/* What a visitor likes, as a file. */

/** @typedef {Record<string, string | null | undefined>} Row */

const COLUMNS = ["title", "artist", "date", "liked_at", "artwork_id", "source_url"];

/**
 * A cell of a table. A spreadsheet would calculate a text that begins like a formula, so an apostrophe stands before it.
 * @param {any} value
 */
export function cellOf(value) {
  const text = String(value ?? ""), safe = /^[\s]*[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** The rows as CSV (RFC 4180), with the mark by which spreadsheets know UTF-8. @param {Row[]} rows */
export function csvOf(rows) {
  const lines = [COLUMNS, ...rows.map((row) => COLUMNS.map((name) => row[name]))];
  return `\uFEFF${lines.map((line) => line.map(cellOf).join(",")).join("\r\n")}\r\n`;
}

/** The rows as JSON. @param {Row[]} rows @param {string} now ISO 8601 */
export function jsonOf(rows, now) {
  const likes = rows.map((row) => Object.fromEntries(COLUMNS.map((name) => [name, row[name] ?? null])));
  return `${JSON.stringify({ exported_at: now, likes }, null, 2)}\n`;
}

/**
 * All rows, which come in parts.
 * @param {(skip: number) => Promise<{ rows: Row[], end: boolean }>} ask for the rows after the first `skip`
 */
export async function allRows(ask) {
  const rows = [];
  for (let end = false; !end;) {
    const part = await ask(rows.length);
    rows.push(...part.rows);
    end = part.end || !part.rows.length;
  }
  return rows;
}

/** Let the browser save a file. @param {string} name @param {string} type @param {string} text */
export function save(name, type, text) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
