/** Where one is in the plane, as numbers: pure, no page and no socket. */

/** @typedef {import("./mandelbrot.js").View} View */

// Pixels of a tile's side: small enough to be done in a moment, large enough to be worth a frame.
export const TILE = 80;

/** Places worth a visit. */
export const PLACES = /** @type {Record<string, { re: number, im: number, span: number }>} */ ({
  "Seahorse valley": { re: -0.743645, im: 0.131825, span: 0.0117 },
  "The whole set": { re: -0.65, im: 0, span: 3.6 },
  "Elephant valley": { re: 0.2925755, im: -0.0149977, span: 0.006 },
  "Double spiral": { re: -0.761574, im: -0.0847596, span: 0.0009 },
  "A small copy": { re: -1.7490863, im: 0, span: 0.0011 },
});

// Doubles end where neighbouring pixels are one number.
const [LEAST_SPAN, MOST_SPAN] = [2e-12, 6];
// Whole tiles, for a wide screen and for an upright one.
const [WIDE, UPRIGHT] = [
  { width: 1280, height: 800 },
  { width: 800, height: 1040 },
];

/**
 * The view of a place, in a shape that suits the screen.
 * @param {{ re: number, im: number, span: number }} place span: of the longer side
 * @param {{ isUpright: boolean }} screen
 * @returns {View}
 */
export function viewOf({ re, im, span }, { isUpright }) {
  const size = isUpright ? UPRIGHT : WIDE;
  const kept = Math.min(MOST_SPAN, Math.max(LEAST_SPAN, span));
  const wide = isUpright ? kept * (size.width / size.height) : kept;
  return { re, im, span: wide, ...size, iterations: iterationsFor(kept) };
}

/** The nearer, the longer it takes to tell inside from outside. @param {number} span */
function iterationsFor(span) {
  return Math.round(600 + 100 * Math.max(0, Math.log2(MOST_SPAN / span)));
}

/** @param {View} view how wide its longer side is */
export function spanOf(view) {
  return view.span * Math.max(1, view.height / view.width);
}

/**
 * The point of the plane at a place of the picture.
 * @param {View} view
 * @param {number} x of its width, 0 … 1
 * @param {number} y of its height, 0 … 1
 */
export function pointAt(view, x, y) {
  const tall = view.span * (view.height / view.width);
  return { re: view.re + (x - 0.5) * view.span, im: view.im - (y - 0.5) * tall };
}

/**
 * The part of the plane that one sees once what is at (x, y) has moved to (toX, toY) and all is `factor` as large.
 * @param {View} view
 * @param {{ x: number, y: number, toX: number, toY: number, factor: number }} move places as in `pointAt`
 */
export function moved(view, { x, y, toX, toY, factor }) {
  const { re, im } = pointAt(view, x, y);
  const span = view.span / factor;
  const tall = span * (view.height / view.width);
  return { re: re - (toX - 0.5) * span, im: im + (toY - 0.5) * tall, span: spanOf(view) / factor };
}

/**
 * The tiles of a picture, [left, top] in pixels, from its middle outwards: that is where one looks.
 * @param {View} view
 * @returns {[number, number][]}
 */
export function tilesOf({ width, height }) {
  const tiles = /** @type {[number, number][]} */ ([]);
  for (let top = 0; top < height; top += TILE) {
    for (let left = 0; left < width; left += TILE) tiles.push([left, top]);
  }
  const from = (/** @type {[number, number]} */ [left, top]) =>
    Math.hypot(left + TILE / 2 - width / 2, top + TILE / 2 - height / 2);
  return tiles.sort((one, other) => from(one) - from(other));
}

// — in the address —

/** @param {View} view */
export function addressOf(view) {
  return `at=${view.re},${view.im},${spanOf(view)}`;
}

/**
 * The place that an address names, if it names one.
 * @param {URLSearchParams} said
 */
export function placeIn(said) {
  const [re, im, span] = (said.get("at") ?? "").split(",").map(Number);
  return [re, im, span].every(Number.isFinite) && span > 0 ? { re, im, span } : undefined;
}
