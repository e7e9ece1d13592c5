/**
 * Make dist/: the SDK as one module that imports nothing, for pages without a bundler, and the licences of what is in it.
 *
 *   node build/bundle.js [folder]
 *
 * The same sources and lock file give the same bytes on every machine, so that a test can hold the committed files to
 * them. Not minified: what a page's author steps through in the debugger is the source, and it travels once a version.
 * A package without a licence text ends this with an error and nothing written.
 */

import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const RULE = "=".repeat(100);

const folder = resolve(process.argv[2] ?? join(ROOT, "dist"));
const { code, files } = await bundle(await described(ROOT));
const licences = await licencesOf(packagesOf(files));
await mkdir(folder, { recursive: true });
await writeFile(join(folder, "colonies.js"), code);
await writeFile(join(folder, "LICENSES.txt"), licences);

/**
 * @typedef {{ name: string, version: string, license: string }} Description
 * @param {string} place
 * @returns {Promise<Description>}
 */
async function described(place) {
  return JSON.parse(await readFile(join(place, "package.json"), "utf8"));
}

/**
 * The module, and the files that it was made of.
 * @param {Description} sdk
 */
async function bundle({ name, version, license }) {
  const { outputFiles, metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: ["src/index.js"],
    bundle: true,
    platform: "browser",
    format: "esm",
    target: "es2022",
    charset: "utf8",
    write: false,
    outfile: "colonies.js",
    metafile: true,
    banner: {
      js: `/*! ${name} ${version}, ${license}; LICENSES.txt beside this file has it, and those of what is in it. */`,
    },
  });
  return { code: outputFiles[0].contents, files: Object.keys(metafile.inputs) };
}

/**
 * The names of the packages that files are of.
 * @param {string[]} files
 */
function packagesOf(files) {
  const names = files.map((file) => /node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!.*node_modules\/)/.exec(file)?.[1]);
  return [...new Set(names)].filter((name) => name !== undefined).sort();
}

/** @param {string[]} names */
async function licencesOf(names) {
  const parts = [await licenceOf(ROOT)];
  for (const name of names) parts.push(await licenceOf(join(ROOT, "node_modules", name)));
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
