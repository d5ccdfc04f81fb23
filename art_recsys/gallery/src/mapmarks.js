/* What is drawn over the dots of the map: the way that a visitor's query has taken, and the lens. */

/** @typedef {[number, number]} Point in pixels of the window */

/**
 * The way like by like: faint where it began, and a ring where the taste is now.
 * @param {CanvasRenderingContext2D} context
 * @param {Point[]} points the oldest first
 * @param {boolean} dark
 */
export function drawPath(context, points, dark) {
  if (!points.length) return;
  const ink = dark ? "255,240,214" : "60,16,26", paper = dark ? "rgba(19,18,17,0.75)" : "rgba(246,243,238,0.85)";
  context.lineCap = context.lineJoin = "round";
  for (let k = 1; k < points.length; k++) {
    const [from, to] = [points[k - 1], points[k]], strength = 0.3 + (0.7 * k) / points.length;
    for (const [width, style] of /** @type {const} */ ([[5, paper], [2, `rgba(${ink},${strength})`]])) {
      context.lineWidth = width;
      context.strokeStyle = style;
      context.beginPath();
      context.moveTo(...from);
      context.lineTo(...to);
      context.stroke();
    }
  }
  points.forEach((point, k) => {
    const last = k === points.length - 1;
    context.beginPath();
    context.arc(...point, last ? 7 : 3, 0, 2 * Math.PI);
    context.fillStyle = last ? paper : `rgba(${ink},${0.3 + (0.7 * k) / points.length})`;
    context.fill();
    if (!last) return;
    context.lineWidth = 3;
    context.strokeStyle = `rgba(${ink},1)`;
    context.stroke();
  });
}

/** @param {CanvasRenderingContext2D} context @param {Point} middle @param {number} radius @param {boolean} dark */
export function drawLens(context, middle, radius, dark) {
  context.beginPath();
  context.arc(...middle, radius, 0, 2 * Math.PI);
  context.fillStyle = dark ? "rgba(255,255,255,0.07)" : "rgba(255,255,255,0.28)";
  context.fill();
  for (const [width, style] of /** @type {const} */ ([[5, dark ? "rgba(19,18,17,0.8)" : "rgba(255,255,255,0.85)"], [2, dark ? "#f2eee7" : "#1c1a17"]])) {
    context.lineWidth = width;
    context.strokeStyle = style;
    context.stroke();
  }
}
