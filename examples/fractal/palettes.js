/** Colours for a picture: each palette a round of colours, the last of which leads into the first again. */

// How many steps a round has: a power of two, so that going round is one `&`.
export const STEPS = 2048;

const COLOURS = /** @type {Record<string, string[]>} */ ({
  Ember: ["#12061f", "#5a1145", "#c2352f", "#f79a2e", "#fff0b8", "#8a3b52"],
  Lagoon: ["#041428", "#0b4f74", "#1fb0a6", "#e6f7df", "#f2b56b", "#56305f"],
  Royal: ["#00073f", "#1b58c0", "#eafcff", "#ffb01f", "#3a1500"],
  Moss: ["#0d1a10", "#2f5d34", "#a8c256", "#fbf3c4", "#c9703a", "#3d1e20"],
  Porcelain: ["#f8f4ea", "#a9bccb", "#27466f", "#e9dccb", "#b4634a", "#f0cfae"],
});

/** @type {Record<string, Uint8Array>} by name: STEPS times red, green, blue */
export const PALETTES = Object.fromEntries(Object.entries(COLOURS).map(([name, stops]) => [name, round(stops)]));

/** @param {string[]} stops */
function round(stops) {
  const colours = stops.map(parts);
  const bytes = new Uint8Array(STEPS * 3);
  for (let step = 0; step < STEPS; step += 1) {
    const at = (step / STEPS) * stops.length;
    const before = colours[Math.floor(at)];
    const after = colours[(Math.floor(at) + 1) % stops.length];
    const share = (1 - Math.cos((at % 1) * Math.PI)) / 2;
    for (let part = 0; part < 3; part += 1) {
      bytes[step * 3 + part] = Math.sqrt(before[part] ** 2 * (1 - share) + after[part] ** 2 * share);
    }
  }
  return bytes;
}

/** @param {string} hex */
function parts(hex) {
  return [1, 3, 5].map((start) => Number.parseInt(hex.slice(start, start + 2), 16));
}
