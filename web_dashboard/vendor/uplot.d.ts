import uPlot from "uplot";
export default uPlot;
export type Options = uPlot.Options;
