/** A chart of the last hour, minute by minute. It is drawn again in place, and in the colours of the page. */

import { html, useEffect, useRef } from "../../vendor/ui.js";
import uPlot from "../../vendor/uplot.js";
import { clock } from "../format.js";

const HEIGHT = 160;

/** history: one type's; time: of its last minute (ms). @param {{ successful: number[], failed: number[], time: number, label: string }} props */
export function Chart({ successful, failed, time, label }) {
  const place = useRef(/** @type {HTMLElement | null} */ (null));
  const plot = useRef(/** @type {uPlot | null} */ (null));
  useEffect(() => {
    const element = place.current;
    if (!element) return undefined;
    const chart = (plot.current = new uPlot(optionsFor(element), [[], [], []], element));
    const watching = new ResizeObserver(() => chart.setSize({ width: element.clientWidth, height: HEIGHT }));
    watching.observe(element);
    const scheme = matchMedia("(prefers-color-scheme: dark)");
    const repaint = () => chart.redraw();
    scheme.addEventListener("change", repaint);
    return () => {
      watching.disconnect();
      scheme.removeEventListener("change", repaint);
      chart.destroy();
    };
  }, []);
  useEffect(() => {
    const minute = Math.floor(time / 60_000) * 60;
    const times = successful.map((_, index) => minute - 60 * (successful.length - 1 - index));
    plot.current?.setData([times, successful, failed]);
  }, [successful, failed, time]);
  return html`<div class="chart" role="img" aria-label=${label} ref=${place}></div>`;
}

/** @param {HTMLElement} element @returns {uPlot.Options} */
function optionsFor(element) {
  const colour = (/** @type {string} */ name) => () => getComputedStyle(element).getPropertyValue(name).trim();
  const axis = { stroke: colour("--muted"), grid: { stroke: colour("--line"), width: 1 }, ticks: { show: false } };
  const bars = /** @type {(options: object) => uPlot.Series.PathBuilder} */ (uPlot.paths.bars)({ size: [0.7] });
  return {
    width: element.clientWidth || 300,
    height: HEIGHT,
    cursor: { drag: { x: false, y: false } },
    legend: { live: false },
    padding: [8, 24, 0, 0],
    scales: { y: { range: (_plot, _low, high) => [0, Math.max(4, high * 1.1)] } },
    axes: [
      { ...axis, size: 32, values: (_plot, times) => times.map(timeOfDay) },
      { ...axis, size: 44 },
    ],
    series: [
      {},
      {
        label: "successful a minute",
        stroke: colour("--good"),
        fill: colour("--good-faint"),
        width: 1.5,
        points: { show: false },
      },
      {
        label: "failed a minute",
        stroke: colour("--bad"),
        fill: colour("--bad"),
        paths: bars,
        points: { show: false },
      },
    ],
  };
}

/** "14:05", in the reader's zone. @param {number} seconds */
function timeOfDay(seconds) {
  return clock(seconds * 1000).slice(0, 5);
}
