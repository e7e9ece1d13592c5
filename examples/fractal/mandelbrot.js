/**
 * The computation: pure, and the same wherever it runs.
 *
 * A view is the part of the plane that a picture shows: `re` and `im` of its middle, `span` (how wide it is),
 * its `width` and `height` in pixels, and after how many `iterations` a point counts as inside.
 *
 * A tile is three bytes a pixel and has no colours yet, so that palettes can be changed without computing
 * anything: 16 bits of how soon the point escaped, and 8 of how much light falls on it. 0 light: inside.
 */

/** @typedef {{ re: number, im: number, span: number, width: number, height: number, iterations: number }} View */

// How finely the escape is told: the square root of the smooth iteration count, in steps of this.
export const ESCAPE_STEPS = 512;

// Far outside, so that the smooth count is smooth: |z|² at which a point has escaped.
const ESCAPED = 1 << 16;
// Where the light comes from (a unit vector), and how high it stands.
const [LIGHT_RE, LIGHT_IM, LIGHT_HEIGHT] = [-Math.SQRT1_2, Math.SQRT1_2, 1.4];
// Points a pixel in each direction; their mean is what makes the edges calm.
const SAMPLES = 2;

/**
 * Compute one square of a picture.
 * @param {number} left in pixels
 * @param {number} top in pixels
 * @param {number} size in pixels
 * @param {View} view
 * @returns {Uint8Array}
 */
export function tile(left, top, size, view) {
  const bytes = new Uint8Array(size * size * 3);
  for (let y = 0; y < size; y += 1) {
    for (let x = 0; x < size; x += 1) {
      const [escaped, light] = pixel(left + x, top + y, view);
      bytes.set([escaped >> 8, escaped & 255, light], (y * size + x) * 3);
    }
  }
  return bytes;
}

/**
 * @param {number} x
 * @param {number} y
 * @param {View} view
 */
function pixel(x, y, view) {
  const step = view.span / view.width;
  let [escapes, light, outside] = [0, 0, 0];
  for (let sample = 0; sample < SAMPLES * SAMPLES; sample += 1) {
    const dx = ((sample % SAMPLES) + 0.5) / SAMPLES;
    const dy = (Math.floor(sample / SAMPLES) + 0.5) / SAMPLES;
    const re = view.re + (x + dx - view.width / 2) * step;
    const im = view.im - (y + dy - view.height / 2) * step;
    if (!point(re, im, view.iterations)) continue;
    outside += 1;
    escapes += found.escape;
    light += found.light;
  }
  return [Math.round(escapes / Math.max(1, outside)), Math.ceil(light / (SAMPLES * SAMPLES))];
}

// One object for all points: a new one for each would cost more than the point.
const found = { escape: 0, light: 0 };

/**
 * Iterate z → z² + c with its derivative. Whether the point escapes; then `found` says how.
 * @param {number} cre
 * @param {number} cim
 * @param {number} iterations
 */
function point(cre, cim, iterations) {
  let [zre, zim, dre, dim] = [0, 0, 0, 0];
  for (let count = 0; count < iterations; count += 1) {
    const nre = 2 * (zre * dre - zim * dim) + 1;
    dim = 2 * (zre * dim + zim * dre);
    dre = nre;
    const re = zre * zre - zim * zim + cre;
    zim = 2 * zre * zim + cim;
    zre = re;
    if (zre * zre + zim * zim > ESCAPED) {
      describe(count, zre, zim, dre, dim);
      return true;
    }
  }
  return false;
}

/**
 * The smooth count, and the light on the slope of the potential: z/z′ points uphill.
 * @param {number} count
 * @param {number} zre
 * @param {number} zim
 * @param {number} dre
 * @param {number} dim
 */
function describe(count, zre, zim, dre, dim) {
  const smooth = count + 1 - Math.log2(Math.log2(zre * zre + zim * zim) / 2);
  found.escape = Math.min(65535, Math.sqrt(Math.max(0, smooth)) * ESCAPE_STEPS);
  const [ure, uim] = [zre * dre + zim * dim, zim * dre - zre * dim];
  const slope = (ure * LIGHT_RE + uim * LIGHT_IM) / Math.hypot(ure, uim);
  found.light = Math.max(1, (255 * (slope + LIGHT_HEIGHT)) / (1 + LIGHT_HEIGHT));
}
