// Commands that keep unfinished work and go on from it, as downloads do: `--state` says where they may.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import type { ChaosReport, FaultReport } from "../src/contracts/chaos-report.ts";
import { codesOf, faultOf, Stage } from "./support/chaos.ts";
import { needs } from "./support/needs.ts";

let stage: Stage;
beforeEach(() => {
  stage = new Stage();
});

/** Ten pieces go from file `$1` to file `$part`, behind what an earlier run left there. */
const PIECES = `
trap "exit 130" INT
whole=$(stat -c %s "$1")
while have=$(stat -c %s "$part" 2>/dev/null || echo 0); [ "$have" -lt "$whole" ]; do
  tail -c "+$((have + 1))" "$1" 2>/dev/null | head -c 40000 >>"$part" || exit 1
  sleep 0.03
done`;

/** The output is a file, its parts lie beside it. `extra` is a path that is written, too, and removed at the end. */
const toFile = (extra = "$2.part"): string => `
[ -e "$2" ] && { echo "$2 exists" >&2; exit 1; }
part="$2.part"
: >>"${extra}"
${PIECES}
cp "$part" "$2" && rm -f "$part" "${extra}"`;

/** The output is a folder with an empty folder in it, the parts lie in a third one. */
const toFolder = (extra = "$2/parts/a/1"): string => `
[ -e "$2" ] && [ ! -e "$2/parts" ] && { echo "$2 exists" >&2; exit 1; }
mkdir -p "$2/empty" "$2/parts/a"
part="$2/parts/a/1"
: >>"${extra}"
${PIECES}
cp "$part" "$2/data" && rm -rf "$2/parts" "${extra}"`;

const run = (script: string, flags: readonly string[]): Promise<ChaosReport> =>
  stage.report(["--model", "model.bin", ...flags, "--", "bash", "-c", script, "sh", "{model}", "{out}"]);
const brief = ({ contract, strict, happened }: FaultReport): object => ({
  contract: contract.verdict,
  strict: strict.verdict,
  happened,
});
const PASS = { contract: "pass", strict: "pass" };

describe("a command that goes on from what an interrupted run left", () => {
  it.for<[string, string, string]>([
    ["beside its output", toFile(), "{out}.part"],
    ["in its output, a folder", toFolder(), "{out}/parts"],
  ])("passes with --state %s, and the report says so", async ([, script, state], context) => {
    needs(context, "bash", "strace", "unshare", "mount");
    const report = await run(script, ["--state", state, "--faults", "003,004,005", "--keep", "kept"]);
    expect(report.faults.map(brief)).toMatchObject([PASS, PASS, PASS]);
    expect(report).toMatchObject({ state, exit_code: 0 });
    expect(faultOf(report, "003").happened).toContain("left no output, kept unfinished work");
    const left = JSON.parse(readFileSync(join(stage.folder, "kept/F-CHAOS-003/1-2/left.json"), "utf8")) as {
      copy: string;
      state: string[];
    };
    expect(left.state).toHaveLength(1);
    expect(existsSync(join(left.copy, state.startsWith("{out}/") ? "output/parts/a/1" : "state"))).toBe(true);
  });

  it.for<[string, string]>([
    ["leftover", toFile()],
    ["partial-output", toFolder()],
  ])("fails without --state: %s", async ([code, script], context) => {
    needs(context, "bash");
    const report = await run(script, ["--faults", "003"]);
    expect(report.state).toBeNull();
    expect(new Set(codesOf(faultOf(report, "003")))).toEqual(new Set([code]));
  });

  it("fails when it never removes its unfinished work", async (context) => {
    needs(context, "bash");
    const keeps = toFile().replace("rm -f", "true");
    const report = await run(keeps, ["--state", "{out}.part", "--faults", "003"]);
    const fault = faultOf(report, "003");
    expect(codesOf(fault)).toEqual(["leftover"]);
    expect(fault.strict.reasons[0]?.["paths"]).toEqual([expect.stringMatching(/\/out\.part$/) as string]);
  });

  it.for<[string, string, string, string]>([
    ["beside the state in its output", toFolder("$2/empty/x"), "{out}/parts", "partial-output"],
    ["beside its output", toFile("$2.log"), "{out}.part", "leftover"],
    ["where a folder should hold the state", toFile("$2.d"), "{out}.d/parts", "leftover"],
  ])("fails for a file %s", async ([, script, state, code], context) => {
    needs(context, "bash");
    const report = await run(script, ["--state", state, "--faults", "003"]);
    expect(codesOf(faultOf(report, "003"))).toContain(code);
  });
});

it.for([["{out}"], ["{out}/.."], ["{tmp}"], ["{model}/x"], ["/var/tmp/apr-state"]])(
  "--state %s is refused: it would hide more than unfinished work",
  async ([state]) => {
    const result = await stage.run([
      "--model",
      "model.bin",
      "--state",
      state ?? "",
      "--",
      "cp",
      "{model}",
      "{out}",
    ]);
    expect(result.code).toBe(2);
  },
);
