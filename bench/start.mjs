// How much apr adds to Node's own start: `apr --version` against `node -e 0`.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { comparePairs } from "./support/pairs.mjs";
import { printRow } from "./support/rows.mjs";

const APR = process.env.APR_BENCH_ENTRY ?? fileURLToPath(new URL("../dist/apr.cjs", import.meta.url));
const PAIRS = 40;

/** @param {readonly string[]} args */
function node(args) {
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`node ${args.join(" ")} failed: ${stderr}`);
}

const { ratio } = await comparePairs({
  name: "apr --version",
  a: () => node([APR, "--version"]),
  b: () => node(["-e", "0"]),
  pairs: PAIRS,
});
printRow({ name: "apr --version, against node -e 0", value: ratio, atMost: 1.25 });
