/**
 * What hands do to a picture: click or tap to go nearer, drag a frame with the mouse, pinch with two fingers,
 * arrows and + and − on a keyboard. One finger alone scrolls the page, as everywhere.
 *
 * It tells `go` of a move as `moved` of view.js takes it: places as shares of the picture's sides.
 */

const CLICK_FACTOR = 3;
const KEY_FACTOR = 2;
// Less than this was meant as a click.
const DRAG_PIXELS = 8;

const CENTRE = { x: 0.5, y: 0.5, toX: 0.5, toY: 0.5, factor: 1 };
const KEYS = /** @type {Record<string, Partial<Move>>} */ ({
  ArrowLeft: { toX: 0.75 },
  ArrowRight: { toX: 0.25 },
  ArrowUp: { toY: 0.75 },
  ArrowDown: { toY: 0.25 },
  "+": { factor: KEY_FACTOR },
  "=": { factor: KEY_FACTOR },
  "-": { factor: 1 / KEY_FACTOR },
});

/** @typedef {{ x: number, y: number, toX: number, toY: number, factor: number }} Move */

/**
 * @param {HTMLElement} surface
 * @param {HTMLElement} frame shows what a drag has framed
 * @param {(move: Move) => void} go
 */
export function hearHands(surface, frame, go) {
  const hands = new Hands(surface, frame, go);
  surface.addEventListener("pointerdown", (event) => hands.down(event));
  surface.addEventListener("pointermove", (event) => hands.move(event));
  surface.addEventListener("pointerup", (event) => hands.up(event));
  surface.addEventListener("pointercancel", (event) => hands.cancel(event));
  surface.addEventListener("keydown", (event) => {
    const move = event.ctrlKey || event.metaKey || event.altKey ? undefined : KEYS[event.key];
    if (!move) return;
    event.preventDefault(); // arrows would scroll the page away from under it
    go({ ...CENTRE, ...move });
  });
}

/** @typedef {{ start: { x: number, y: number }, now: { x: number, y: number } }} Pointer */

class Hands {
  /** @type {Map<number, Pointer>} */
  #pointers = new Map();
  #surface;
  #frame;
  #go;

  /**
   * @param {HTMLElement} surface
   * @param {HTMLElement} frame
   * @param {(move: Move) => void} go
   */
  constructor(surface, frame, go) {
    this.#surface = surface;
    this.#frame = frame;
    this.#go = go;
  }

  /** @param {PointerEvent} event */
  down(event) {
    if (event.button !== 0) return;
    this.#surface.setPointerCapture(event.pointerId);
    const start = this.#place(event);
    this.#pointers.set(event.pointerId, { start, now: start });
  }

  /** @param {PointerEvent} event */
  move(event) {
    const pointer = this.#pointers.get(event.pointerId);
    if (!pointer) return;
    pointer.now = this.#place(event);
    if (event.pointerType !== "touch") this.#showFrame(pointer);
    if (this.#pointers.size === 2) this.#showPinch(pinchOf([...this.#pointers.values()]));
  }

  /** @param {PointerEvent} event */
  up(event) {
    const pointers = [...this.#pointers.values()];
    const pointer = this.#pointers.get(event.pointerId);
    this.cancel(event);
    if (!pointer) return;
    if (pointers.length === 2) {
      this.#pointers.clear(); // the other finger's leaving is no tap
      this.#go(pinchOf(pointers));
    } else if (!this.#isDrag(pointer)) {
      const { x, y } = pointer.start;
      this.#go({ x, y, toX: x, toY: y, factor: CLICK_FACTOR });
    } else if (event.pointerType !== "touch") this.#go(frameOf(pointer));
  }

  /** @param {PointerEvent} event */
  cancel(event) {
    this.#pointers.delete(event.pointerId);
    this.#frame.hidden = true;
    this.#surface.style.transform = "";
  }

  /** Where on the picture, as shares of its sides. @param {PointerEvent} event */
  #place(event) {
    const box = /** @type {HTMLElement} */ (this.#surface.parentElement).getBoundingClientRect();
    return { x: (event.clientX - box.left) / box.width, y: (event.clientY - box.top) / box.height };
  }

  /** @param {Pointer} pointer */
  #isDrag({ start, now }) {
    const { clientWidth, clientHeight } = this.#surface;
    return Math.hypot((now.x - start.x) * clientWidth, (now.y - start.y) * clientHeight) >= DRAG_PIXELS;
  }

  /** @param {Pointer} pointer */
  #showFrame(pointer) {
    const { x, y, factor } = frameOf(pointer);
    this.#frame.hidden = !this.#isDrag(pointer);
    const percent = (/** @type {number} */ share) => `${share * 100}%`;
    Object.assign(this.#frame.style, { left: percent(x - 0.5 / factor), top: percent(y - 0.5 / factor) });
    Object.assign(this.#frame.style, { width: percent(1 / factor), height: percent(1 / factor) });
  }

  /** @param {Move} move */
  #showPinch({ x, y, toX, toY, factor }) {
    const [left, top] = [toX - x * factor, toY - y * factor].map((share) => `${share * 100}%`);
    this.#surface.style.transform = `translate(${left}, ${top}) scale(${factor})`;
  }
}

/** A frame in the picture's shape around where the drag began. @param {Pointer} pointer @returns {Move} */
function frameOf({ start, now }) {
  const half = Math.max(0.01, Math.abs(now.x - start.x), Math.abs(now.y - start.y));
  return { ...start, toX: 0.5, toY: 0.5, factor: 0.5 / half };
}

/** @param {Pointer[]} pointers two @returns {Move} */
function pinchOf([one, other]) {
  const between = (/** @type {"start" | "now"} */ when) => ({
    x: (one[when].x + other[when].x) / 2,
    y: (one[when].y + other[when].y) / 2,
    apart: Math.max(0.02, Math.hypot(one[when].x - other[when].x, one[when].y - other[when].y)),
  });
  const [before, after] = [between("start"), between("now")];
  return { x: before.x, y: before.y, toX: after.x, toY: after.y, factor: after.apart / before.apart };
}
