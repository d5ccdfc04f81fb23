/* Where pictures hang: full rows without cropped pictures, and the picture that is nearest above or below. */

/** @typedef {import("./types.js").Card} Card */

const ROW_HEIGHT = 320; // Target height of a row of pictures, in pixels
const PHONE = 640; // Width in pixels below which at most two pictures are in a row

/**
 * Deal pictures to rows whose heights are near to the target. The last row may be incomplete: its height is null.
 * @param {number[]} ratios width / height of each picture
 * @param {number} width of the wall, in pixels
 * @param {number} gap between two pictures of a row, in pixels
 * @param {number} target height of a row, in pixels
 * @param {number} [most] pictures in a row
 * @returns {{ first: number, end: number, height: number | null }[]} the pictures `first` to `end` (not included)
 */
export function rowsOf(ratios, width, gap, target, most = Infinity) {
  const rows = [];
  let first = 0, sum = 0;
  const heightOf = (/** @type {number} */ n, /** @type {number} */ total) => (width - gap * (n - 1)) / total;
  const close = (/** @type {number} */ end) => {
    rows.push({ first, end, height: heightOf(end - first, sum) });
    first = end;
    sum = 0;
  };
  ratios.forEach((ratio, n) => {
    const without = n > first ? heightOf(n - first, sum) : Infinity;
    const withIt = heightOf(n - first + 1, sum + ratio);
    // Close the row before this picture if that is closer to the target height.
    if (without / target < target / withIt && without < target * 1.35) close(n);
    sum += ratio;
    if (heightOf(n - first + 1, sum) <= target || n - first + 1 >= most) close(n + 1);
  });
  if (first < ratios.length) rows.push({ first, end: ratios.length, height: null });
  return rows;
}

/**
 * Set the width of each card so that every row is as wide as the wall. An incomplete last row stays hidden until more
 * pictures arrive (unless there are no more), so that no picture ever moves.
 * @param {HTMLElement} list the wall
 * @param {boolean} ended whether no more pictures will come
 */
export function justify(list, ended) {
  const cards = /** @type {Card[]} */ ([...list.children]), width = list.clientWidth;
  if (!width) return;
  const gap = parseFloat(getComputedStyle(list).columnGap) || 0, phone = width < PHONE;
  const target = phone ? width * 0.45 : Math.min(ROW_HEIGHT, width * 0.3);
  const ratios = cards.map((card) => Math.min(Math.max(card.ratio, 0.62), 2.8));
  for (const { first, end, height } of rowsOf(ratios, width, gap, target, phone ? 2 : Infinity)) {
    for (let n = first; n < end; n++) {
      if (height === null && !ended) cards[n].hidden = true;
      else hang(cards[n], ratios[n] * (height ?? target), ratios[n]);
    }
  }
}

/** @param {Card} card @param {number} width in pixels @param {number} ratio of the place for its picture */
function hang(card, width, ratio) {
  card.hidden = false;
  card.style.width = `${Math.floor(width * 100) / 100}px`;
  card.style.setProperty("--ratio", ratio.toFixed(4));
}

/**
 * The card in the next (`way` 1) or previous (-1) row that is horizontally closest to `card`.
 * @param {Card[]} cards
 * @param {Card} card
 * @param {1 | -1} way
 * @returns {Card | undefined}
 */
export function nearest(cards, card, way) {
  const here = card.getBoundingClientRect();
  const rows = cards.map((other) => ({ other, box: other.getBoundingClientRect() })).filter(({ box }) => (box.top - here.top) * way > 20);
  const far = (/** @type {DOMRect} */ box) => Math.abs(box.top - here.top) * 3 + Math.abs(box.left + box.width / 2 - here.left - here.width / 2);
  return rows.sort((a, b) => far(a.box) - far(b.box))[0]?.other;
}
