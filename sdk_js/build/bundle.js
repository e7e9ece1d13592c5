/**
 * Make dist/: the SDK as one module that imports nothing, for pages without a bundler, and the licences of what is in it.
 *
 *   node build/bundle.js [folder]
 *
 * A package without a licence text ends this with an error and nothing written.
 */

import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

import { bundled, described, licencesOf } from "./bundling.js";

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

const folder = resolve(process.argv[2] ?? join(ROOT, "dist"));
const { name, version, license } = await described(ROOT);
const { code, packages } = await bundled({
  root: ROOT,
  entry: "src/index.js",
  banner: `/*! ${name} ${version}, ${license}; LICENSES.txt beside this file has it, and those of what is in it. */`,
});
const licences = await licencesOf([ROOT, ...packages.map((name) => join(ROOT, "node_modules", name))]);
await mkdir(folder, { recursive: true });
await writeFile(join(folder, "colonies.js"), code);
await writeFile(join(folder, "LICENSES.txt"), licences);
