/**
 * Make one module, that imports nothing, out of a package and what it stands on, and collect the licences of what went in.
 *
 * The same sources and lock file give the same bytes on every machine, so that a test can hold committed files to them.
 * Not minified: what a page's author steps through in the debugger is the source, and it travels once a version.
 */

import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

import { build } from "esbuild";

const RULE = "=".repeat(100);

/**
 * @typedef {{ name: string, version: string, license: string }} Description
 * @param {string} place a package's folder
 * @returns {Promise<Description>}
 */
export async function described(place) {
  return JSON.parse(await readFile(join(place, "package.json"), "utf8"));
}

/**
 * The module, and the names of the packages that went into it.
 * @param {{ root: string, entry: string, banner: string }} of entry: a file under `root`, a package's folder
 */
export async function bundled({ root, entry, banner }) {
  const { outputFiles, metafile } = await build({
    absWorkingDir: root,
    entryPoints: [entry],
    bundle: true,
    platform: "browser",
    format: "esm",
    target: "es2022",
    charset: "utf8",
    write: false,
    outfile: "bundle.js",
    metafile: true,
    banner: { js: banner },
  });
  return { code: outputFiles[0].contents, packages: packagesOf(Object.keys(metafile.inputs)) };
}

/**
 * The names of the packages that files are of.
 * @param {string[]} files
 */
function packagesOf(files) {
  const names = files.map((file) => /node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!.*node_modules\/)/.exec(file)?.[1]);
  return [...new Set(names)].filter((name) => name !== undefined).sort();
}

/**
 * The licences of packages, one after the other. Throws when one of them has no licence text.
 * @param {string[]} places their folders
 */
export async function licencesOf(places) {
  const parts = [];
  for (const place of places) parts.push(await licenceOf(place));
  return parts.join(`\n${RULE}\n\n`);
}

/** @param {string} place */
async function licenceOf(place) {
  const { name, version, license } = await described(place);
  const file = (await readdir(place)).find((entry) => /^licen[cs]e(\.\w+)?$/i.test(entry));
  if (!file) throw new Error(`${name} has no licence text`);
  const text = await readFile(join(place, file), "utf8");
  return `${name} ${version} (${license})\n\n${text.trimEnd()}\n`;
}
