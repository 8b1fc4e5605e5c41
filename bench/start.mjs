// How much apr adds to Node's own start: `apr --version`, and its report in JSON where no driver library exists.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { comparePairs } from "./support/pairs.mjs";
import { printRow } from "./support/rows.mjs";

const APR = process.env.APR_BENCH_ENTRY ?? fileURLToPath(new URL("../dist/apr.cjs", import.meta.url));
const PAIRS = 40;

/** @param {readonly string[]} args */
function node(args) {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    encoding: "utf8",
    env: QUIET,
    cwd: "/",
  });
  if (status !== 0) throw new Error(`node ${args.join(" ")} failed: ${stderr}`);
  return stdout;
}

/** What is configured on this machine, and a driver that it may have, are no part of the start. */
const QUIET = {
  ...process.env,
  HOME: "/nonexistent",
  APR_DEVICE: "",
  APR_ENGINES: "",
  APR_DEVICE_FIXTURE: "",
};
delete QUIET.XDG_CONFIG_HOME;

const { ratio } = await comparePairs({
  name: "apr --version",
  a: () => node([APR, "--version"]),
  b: () => node(["-e", "0"]),
  pairs: PAIRS,
});
printRow({ name: "apr --version, against node -e 0", value: ratio, atMost: 1.25 });

const report = await comparePairs({
  name: "apr --version --json",
  a: () => node([APR, "--version", "--json"]),
  b: () => node(["-e", "0"]),
  pairs: PAIRS,
});
const { cuda } = JSON.parse(node([APR, "--version", "--json"]));
if (cuda.reason?.code === "no-library") {
  printRow({ name: "apr --version --json, no driver, against node -e 0", value: report.ratio, atMost: 2 });
} else {
  console.log("not run: apr --version --json without a driver: this machine has one");
}
