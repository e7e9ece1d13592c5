/** What the dashboard draws charts with. */

export { default } from "uplot";
