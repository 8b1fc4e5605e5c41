// The main job on real programs: a 64 MiB GGUF file, two commands that every Linux machine has, five real faults.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { demoModel } from "./demo-model.mjs";

const apr = fileURLToPath(new URL("../dist/apr.cjs", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "apr-demo-"));
const model = join(folder, "tiny.gguf");

/** @param {readonly string[]} args */
function chaos(args) {
  console.log(`$ apr qa chaos --model tiny.gguf ${args.join(" ")}\n`);
  const { status } = spawnSync(process.execPath, [apr, "qa", "chaos", "--model", model, ...args], {
    stdio: ["ignore", "inherit", "ignore"],
  });
  console.log();
  return status;
}

let codes;
try {
  writeFileSync(model, demoModel());
  codes = [
    chaos(["--", "cp", "{model}", "{out}"]),
    chaos(["--output", "{model}.gz", "--", "gzip", "-k", "{model}"]),
  ];
} finally {
  rmSync(folder, { recursive: true, force: true });
}

const [cp, gzip] = codes;
console.log(
  cp === 5 && gzip === 0
    ? "cp replaces a file without asking and leaves partial files behind; gzip handles all five faults well."
    : `cp ended with ${cp}, gzip with ${gzip} (0: all passed, 5: something failed, 6: something could not be proven).`,
);
console.log("Try your own: apr qa chaos --model MODEL -- CMD {model} {out}");
process.exitCode = codes.every((code) => code === 0 || code === 5 || code === 6) ? 0 : 1;
