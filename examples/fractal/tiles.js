/** What runs in the Web Worker: the one function of an executor of type `fractal`. */

import { serveFunctions } from "/sdk/colonies.js";
import { tile } from "./mandelbrot.js";

// Who computed it goes into the result, since all tabs may have one key.
const tab = new URL(self.location.href).searchParams.get("tab");

serveFunctions({
  tile: ([left, top, size, view]) => [tab, tile(left, top, size, view)],
});
