/**
 * Make vendor/: the libraries of the dashboard as modules that import nothing, so that running it needs no build.
 *
 *   node build/vendor.js [folder]
 *
 * What is in them is what the lock file says; a test makes them again and compares. A package without a licence text ends
 * this with an error and nothing written.
 */

import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

import { bundled, described, licencesOf } from "../../sdk_js/build/bundling.js";

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const PACKAGES = join(ROOT, "node_modules");

const folder = resolve(process.argv[2] ?? join(ROOT, "vendor"));
const [ui, uplot] = [await module("ui.js", ["preact", "htm"]), await module("uplot.js", ["uplot"])];
const css = await readFile(join(PACKAGES, "uplot/dist/uPlot.min.css"));
const names = [...new Set([...ui.packages, ...uplot.packages])].sort();
const licences = await licencesOf(names.map((name) => join(PACKAGES, name)));
await mkdir(folder, { recursive: true });
await writeFile(join(folder, "ui.js"), ui.code);
await writeFile(join(folder, "uplot.js"), uplot.code);
await writeFile(join(folder, "uplot.css"), css);
await writeFile(join(folder, "LICENSES.txt"), licences);

/**
 * @param {string} file in build/
 * @param {string[]} names the packages that are told in its first line
 */
async function module(file, names) {
  const all = await Promise.all(names.map((name) => described(join(PACKAGES, name))));
  const told = all.map(({ name, version, license }) => `${name} ${version}, ${license}`).join("; ");
  return bundled({
    root: ROOT,
    entry: `build/${file}`,
    banner: `/*! ${told}; LICENSES.txt beside this file has the licences. */`,
  });
}
