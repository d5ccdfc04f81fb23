/* Fields in which a visitor writes. A text that is too long is said to be, and never cut. */

import { make } from "./dom.js";

export const NAME_MOST = 80; // characters of a room's name
export const TEXT_MOST = 2000; // characters of its wall text

/** What is wrong with a text, in words; empty where nothing is. @param {string} text @param {number} most characters */
export function problemOf(text, most) {
  const n = [...text.trim()].length;
  return n > most ? `At most ${most.toLocaleString("en")} characters; this has ${n.toLocaleString("en")}.` : "";
}

/**
 * A field with its label, and what is wrong with its text below it.
 * @param {string} label
 * @param {{ most: number, value?: string, lines?: number, hint?: string }} how
 * @returns {{ place: HTMLElement, input: HTMLInputElement, fits: () => boolean, say: (words: string) => void }}
 */
export function field(label, { most, value = "", lines = 1, hint = "" }) {
  const told = make("span", { class: "told", "aria-live": "polite" });
  const input = make(lines > 1 ? "textarea" : "input", { dir: "auto", autocomplete: "off", placeholder: hint || null,
    ...(lines > 1 ? { rows: lines } : { type: "text" }), oninput: () => say(problemOf(input.value, most)) });
  const say = (/** @type {string} */ words) => {
    if (told.textContent !== words) told.textContent = words;
    input.toggleAttribute("aria-invalid", Boolean(words));
  };
  input.value = value;
  const fits = () => {
    say(problemOf(input.value, most));
    if (told.textContent) input.focus();
    return !told.textContent;
  };
  return { place: make("label", { class: "field" }, make("span", {}, label), input, told), input, fits, say };
}
