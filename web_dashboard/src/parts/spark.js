/** The last hour of a type in a line: what was done above, what failed below. */

import { html, memo } from "../../vendor/ui.js";

const [WIDTH, HEIGHT] = [120, 28];

/** @param {{ successful: number[], failed: number[], label: string }} props */
export const Spark = memo(
  function Spark(/** @type {{ successful: number[], failed: number[], label: string }} */ props) {
    const { successful, failed, label } = props;
    const most = Math.max(1, ...successful, ...failed);
    return html`<svg class="spark" viewBox=${`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label=${label}>
    <path class="base" d=${`M0 ${HEIGHT - 0.5}H${WIDTH}`} /><path class="done" d=${area(successful, most)} /><path class="fail" d=${bars(failed, most)} />
  </svg>`;
  },
);

/** @param {number[]} numbers @param {number} most */
function area(numbers, most) {
  if (!numbers.length) return "";
  const step = WIDTH / Math.max(1, numbers.length - 1);
  const points = numbers.map((number, index) => `${(index * step).toFixed(1)} ${high(number, most).toFixed(1)}`);
  return `M0 ${HEIGHT}L${points.join("L")}L${WIDTH} ${HEIGHT}Z`;
}

/** @param {number[]} numbers @param {number} most */
function bars(numbers, most) {
  const step = WIDTH / Math.max(1, numbers.length);
  return numbers
    .map((number, index) =>
      number
        ? `M${(index * step).toFixed(1)} ${HEIGHT}V${Math.min(HEIGHT - 2, high(number, most)).toFixed(1)}h${(step * 0.8).toFixed(1)}V${HEIGHT}Z`
        : "",
    )
    .join("");
}

/** @param {number} number @param {number} most */
function high(number, most) {
  return HEIGHT - 1 - (number / most) * (HEIGHT - 3);
}
