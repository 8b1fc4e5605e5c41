// Runs every bench of this folder, one after the other, each in a process of its own, and prints one table.
// `node bench/run.mjs start` runs only the named ones. Exits 1 when a bar is missed.
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { heading } from "./support/rows.mjs";

const folder = fileURLToPath(new URL(".", import.meta.url));
const wanted = process.argv.slice(2);
const all = readdirSync(folder)
  .filter((name) => name.endsWith(".mjs") && name !== "run.mjs")
  .map((name) => name.slice(0, -4))
  .sort();
const unknown = wanted.filter((name) => !all.includes(name));
if (unknown.length > 0) {
  console.error(`no such bench: ${unknown.join(", ")}; there are ${all.join(", ")}`);
  process.exit(2);
}

console.log(heading());
const missed = [];
for (const name of all.filter((each) => wanted.length === 0 || wanted.includes(each))) {
  const { status } = spawnSync(process.execPath, [`${folder}${name}.mjs`], { stdio: "inherit" });
  if (status !== 0) missed.push(name);
}
console.log(missed.length === 0 ? "every bar is met" : `under the bar, or broken: ${missed.join(", ")}`);
process.exitCode = missed.length === 0 ? 0 : 1;
