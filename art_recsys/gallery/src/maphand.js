/* The hand on the map: dragging, pinching, the wheel and the keys. It moves a view and a lens and says when. */

const CLICK_PX = 5; // a press that moves less is a click
const WHEEL = 0.0016; // how much a step of the wheel enlarges
const FRICTION = 0.92; // of the speed is left after each frame
const KEY_PX = 40; // pixels that an arrow key moves the lens; four times as many with Shift

/**
 * @typedef {object} Hand
 * @property {import("./plane.js").View} view
 * @property {{ x: number, y: number }} lens
 * @property {() => number} lensRadius in pixels
 * @property {() => void} moved the view or the lens has moved
 * @property {(px: number, py: number) => void} clicked
 * @property {(px: number, py: number) => void} pointed the mouse is there, without a button
 * @property {() => void} left the mouse is gone
 * @property {() => void} fill
 * @property {() => void} open the work in the middle of the lens
 * @property {() => void} whole show the whole map
 */

/** Listen on the canvas. @param {HTMLElement} canvas @param {Hand} hand @returns {() => void} to stop listening */
export function listen(canvas, hand) {
  const { view, lens } = hand, stop = new AbortController(), how = { signal: stop.signal };
  /** @type {Map<number, [number, number]>} */
  const down = new Map();
  let start = [0, 0], dragged = false, onLens = false, speed = [0, 0], gliding = 0;
  const still = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
  /** @param {PointerEvent | WheelEvent} event @returns {[number, number]} */
  const at = (event) => {
    const box = canvas.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  const carry = (/** @type {number} */ dx, /** @type {number} */ dy) => {
    lens.x = Math.min(1, Math.max(0, lens.x + dx / view.scale));
    lens.y = Math.min(1, Math.max(0, lens.y + dy / view.scale));
  };
  const glide = () => {
    speed = speed.map((v) => v * FRICTION);
    if (Math.hypot(speed[0], speed[1]) < 0.4) return;
    view.pan(speed[0], speed[1]);
    hand.moved();
    gliding = requestAnimationFrame(glide);
  };

  canvas.addEventListener("pointerdown", (event) => {
    if (event.button > 0) return;
    cancelAnimationFrame(gliding);
    const p = at(event), [lx, ly] = view.toWindow(lens.x, lens.y);
    canvas.setPointerCapture(event.pointerId);
    down.set(event.pointerId, p);
    start = p;
    speed = [0, 0];
    dragged = down.size > 1;
    onLens = down.size === 1 && Math.hypot(p[0] - lx, p[1] - ly) <= hand.lensRadius() + 6;
  }, how);

  canvas.addEventListener("pointermove", (event) => {
    const p = at(event), before = down.get(event.pointerId);
    if (!before) return event.pointerType === "mouse" ? hand.pointed(p[0], p[1]) : undefined;
    if (!dragged && Math.hypot(p[0] - start[0], p[1] - start[1]) < CLICK_PX) return;
    if (!dragged) hand.left();
    dragged = true;
    const dx = p[0] - before[0], dy = p[1] - before[1];
    if (down.size === 2) {
      const other = [...down].find(([id]) => id !== event.pointerId)?.[1] || before;
      const apart = (/** @type {number[]} */ q) => Math.max(10, Math.hypot(q[0] - other[0], q[1] - other[1]));
      view.pan(dx / 2, dy / 2);
      view.enlarge(apart(p) / apart(before), (p[0] + other[0]) / 2, (p[1] + other[1]) / 2);
    } else if (onLens) carry(dx, dy);
    else {
      view.pan(dx, dy);
      speed = [dx, dy];
    }
    down.set(event.pointerId, p);
    hand.moved();
  }, how);

  const up = (/** @type {PointerEvent} */ event) => {
    if (!down.delete(event.pointerId)) return;
    if (!dragged && event.type === "pointerup") hand.clicked(...at(event));
    else if (!down.size && !onLens && !still()) glide();
    if (down.size) onLens = false; // one finger of a pinch is left: it moves the map
  };
  canvas.addEventListener("pointerup", up, how);
  canvas.addEventListener("pointercancel", up, how);
  canvas.addEventListener("pointerleave", () => down.size || hand.left(), how);

  canvas.addEventListener("wheel", (event) => {
    event.preventDefault();
    cancelAnimationFrame(gliding);
    const lines = event.deltaMode === 1 ? 18 : 1, [px, py] = at(event);
    view.enlarge(Math.exp(-Math.max(-240, Math.min(240, event.deltaY * lines)) * WHEEL), px, py);
    hand.moved();
  }, { ...how, passive: false });

  canvas.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const step = KEY_PX * (event.shiftKey ? 4 : 1);
    const move = (/** @type {number} */ dx, /** @type {number} */ dy) => () => {
      carry(dx * step, dy * step);
      view.reveal(lens.x, lens.y, hand.lensRadius() + 20);
      hand.moved();
    };
    const enlarge = (/** @type {number} */ factor) => () => {
      view.enlarge(factor, ...view.toWindow(lens.x, lens.y));
      view.reveal(lens.x, lens.y, hand.lensRadius() + 20);
      hand.moved();
    };
    /** @type {Record<string, () => void>} */
    const acts = { ArrowLeft: move(-1, 0), ArrowRight: move(1, 0), ArrowUp: move(0, -1), ArrowDown: move(0, 1), "+": enlarge(1.5),
      "=": enlarge(1.5), "-": enlarge(1 / 1.5), _: enlarge(1 / 1.5), 0: hand.whole, Home: hand.whole, Enter: hand.fill, " ": hand.open };
    if (!acts[event.key]) return;
    event.preventDefault();
    acts[event.key]();
  }, how);

  return () => {
    stop.abort();
    cancelAnimationFrame(gliding);
  };
}
