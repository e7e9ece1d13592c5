/**
 * The picture on the screen: colours for the tiles that are there, and what was there before for the others.
 *
 * A new picture begins with the old one, moved to where it will be and dimmed, so that one sees at once where
 * one went. The second canvas lies above and says who computed what.
 */

import { TILE, pointAt } from "./view.js";
import { STEPS } from "./palettes.js";
import { colourOf } from "./tabs.js";

/** @typedef {{ left: number, top: number, tab: string, bytes: Uint8Array }} Tile */

export class Painter {
  /** @type {import("./mandelbrot.js").View | undefined} */
  view;
  /** @type {Map<string, Tile>} those of this picture, by place */
  tiles = new Map();
  #picture;
  #outlines;
  #palette;

  /**
   * @param {HTMLCanvasElement} canvas
   * @param {HTMLCanvasElement} overlay
   * @param {Uint8Array} palette
   */
  constructor(canvas, overlay, palette) {
    this.#picture = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    this.#outlines = /** @type {CanvasRenderingContext2D} */ (overlay.getContext("2d"));
    this.#palette = palette;
  }

  /** @param {import("./mandelbrot.js").View} view */
  begin(view) {
    const before = this.view && copyOf(this.#picture.canvas);
    for (const { canvas } of [this.#picture, this.#outlines]) [canvas.width, canvas.height] = [view.width, view.height];
    if (this.view && before) this.#drawBefore(before, this.view, view);
    this.view = view;
    this.tiles.clear();
  }

  /**
   * @param {HTMLCanvasElement} before
   * @param {import("./mandelbrot.js").View} old
   * @param {import("./mandelbrot.js").View} view
   */
  #drawBefore(before, old, view) {
    const scale = view.width / view.span;
    const corner = pointAt(old, 0, 0);
    const tall = (old.span * old.height) / old.width;
    const left = (corner.re - view.re) * scale + view.width / 2;
    const top = (view.im - corner.im) * scale + view.height / 2;
    this.#picture.globalAlpha = 0.45;
    this.#picture.drawImage(before, left, top, old.span * scale, tall * scale);
    this.#picture.globalAlpha = 1;
  }

  /** Paint a tile. False where it is painted already. @param {Tile} tile */
  add(tile) {
    const place = `${tile.left},${tile.top}`;
    if (this.tiles.has(place) || tile.bytes.length !== TILE * TILE * 3) return false;
    this.tiles.set(place, tile);
    this.#paint(tile);
    return true;
  }

  /** Colour all that is there anew. @param {Uint8Array} palette */
  recolour(palette) {
    this.#palette = palette;
    for (const tile of this.tiles.values()) this.#paint(tile);
  }

  /** @param {Tile} tile */
  #paint({ left, top, tab, bytes }) {
    const image = this.#picture.createImageData(TILE, TILE);
    for (let from = 0, to = 0; from < bytes.length; from += 3, to += 4) {
      const step = (((bytes[from] << 8) | bytes[from + 1]) & (STEPS - 1)) * 3;
      const light = bytes[from + 2] / 255;
      for (let part = 0; part < 3; part += 1) image.data[to + part] = this.#palette[step + part] * light;
      image.data[to + 3] = 255;
    }
    this.#picture.putImageData(image, left, top);
    this.#outlines.lineWidth = 3;
    this.#outlines.strokeStyle = colourOf(tab);
    this.#outlines.strokeRect(left + 2.5, top + 2.5, TILE - 5, TILE - 5);
  }
}

/** @param {HTMLCanvasElement} canvas */
function copyOf(canvas) {
  const copy = document.createElement("canvas");
  [copy.width, copy.height] = [canvas.width, canvas.height];
  copy.getContext("2d")?.drawImage(canvas, 0, 0);
  return copy;
}
