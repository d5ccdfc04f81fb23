/* A small screen: the filters are in a sheet, and the bars are away while one scrolls down over the art. */

const SMALL = "(max-width: 640px)";
const STEP = 12; // pixels of scrolling that count as a wish

/**
 * Make a sheet of a group of filters where the screen is small.
 * @param {HTMLElement} filters
 * @returns {() => void} ends it
 */
export function sheetOf(filters) {
  const small = matchMedia(SMALL);
  const apply = () => {
    if (small.matches) filters.setAttribute("popover", "auto");
    else filters.removeAttribute("popover");
  };
  small.addEventListener("change", apply);
  apply();
  return () => small.removeEventListener("change", apply);
}

/**
 * Whether the bars should be away, after the page was scrolled.
 * @param {number} from where it stood before, in pixels @param {number} to where it stands
 * @param {boolean} away whether they are away now @param {number} bar height of the upper bar
 */
export function isAway(from, to, away, bar) {
  if (to <= bar) return false;
  return Math.abs(to - from) < STEP ? away : to > from;
}

/**
 * Mark `root` with `data-reading` while one scrolls down.
 * @param {HTMLElement} root
 * @returns {() => void} ends it
 */
export function clearTheArt(root) {
  let last = scrollY, away = false;
  const bar = root.querySelector(".top")?.clientHeight || 0;
  const scrolled = () => {
    away = isAway(last, scrollY, away, bar);
    if (Math.abs(scrollY - last) >= STEP) last = scrollY;
    root.toggleAttribute("data-reading", away);
  };
  addEventListener("scroll", scrolled, { passive: true });
  return () => removeEventListener("scroll", scrolled);
}
