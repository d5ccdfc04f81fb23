/* Arithmetic of a picture that is looked at closely: how far it is enlarged, and where it lies on its stage. Pixels of the screen. */

/** @typedef {{ scale: number, x: number, y: number }} View the picture moved by `x` and `y`, then enlarged from its upper left corner */
/** @typedef {{ x: number, y: number }} Point on the stage */
/**
 * @typedef {object} Stage
 * @property {number} width of the stage
 * @property {number} height of the stage
 * @property {Point & { width: number, height: number }} rest the picture when it is not enlarged
 * @property {number} most the largest `scale`
 */

/** @type {View} */
export const REST = { scale: 1, x: 0, y: 0 };
const LEAST_MOST = 3; // even a small picture can be enlarged this far
const BEYOND = 2; // pixels of the screen for one of the picture, where it is enlarged as far as it goes
const MOST = 12;
const SWIPE = 0.2; // of the width of the stage: a slow swipe
const FLICK = { far: 36, fast: 0.45 }; // pixels, and pixels per millisecond: a fast one

/** How far a picture can be enlarged. @param {number} pixels its own width @param {number} width on the screen */
export function mostOf(pixels, width) {
  return Math.min(MOST, Math.max(LEAST_MOST, (BEYOND * pixels) / Math.max(width, 1)));
}

/** @param {number} at @param {number} start @param {number} length @param {number} room */
function within(at, start, length, room) {
  if (length <= room) return (room - length) / 2 - start;
  return Math.min(Math.max(at, room - length - start), -start);
}

/** A view without gaps: the picture fills the stage where it is large enough, and is centred otherwise. @param {View} view @param {Stage} stage @returns {View} */
export function held(view, stage) {
  const { rest } = stage, scale = Math.min(Math.max(view.scale, 1), stage.most);
  if (scale <= 1.001) return REST;
  return { scale, x: within(view.x, rest.x, rest.width * scale, stage.width), y: within(view.y, rest.y, rest.height * scale, stage.height) };
}

/** Enlarge by a factor; what is at a point stays there. @param {View} view @param {number} factor @param {Point} point @param {Stage} stage */
export function zoomed(view, factor, point, stage) {
  const scale = Math.min(Math.max(view.scale * factor, 1), stage.most), by = scale / view.scale, { rest } = stage;
  const x = point.x - rest.x - (point.x - rest.x - view.x) * by, y = point.y - rest.y - (point.y - rest.y - view.y) * by;
  return held({ scale, x, y }, stage);
}

/** @param {View} view @param {number} dx @param {number} dy @param {Stage} stage */
export function moved(view, dx, dy, stage) {
  return held({ ...view, x: view.x + dx, y: view.y + dy }, stage);
}

/** Two fingers went from `before` to `after`. @param {View} view @param {Point[]} before @param {Point[]} after @param {Stage} stage */
export function pinched(view, before, after, stage) {
  const [from, to] = [before, after].map(([a, b]) => ({ x: (a.x + b.x) / 2, y: (a.y + b.y) / 2, far: Math.hypot(a.x - b.x, a.y - b.y) }));
  return moved(zoomed(view, to.far / Math.max(from.far, 1), from, stage), to.x - from.x, to.y - from.y, stage);
}

/** The centre of the stage. @param {Stage} stage @returns {Point} */
export function centre(stage) {
  return { x: stage.width / 2, y: stage.height / 2 };
}

/**
 * Which work a swipe asks for: 1 the next (to the left), -1 the previous, 0 none.
 * @param {number} dx
 * @param {number} dy
 * @param {number} ms how long it took
 * @param {number} width of the stage
 */
export function swipeOf(dx, dy, ms, width) {
  const far = Math.abs(dx);
  if (far < 1.5 * Math.abs(dy)) return 0;
  const fast = far > FLICK.far && far / Math.max(ms, 1) > FLICK.fast;
  return far > SWIPE * width || fast ? -Math.sign(dx) : 0;
}
