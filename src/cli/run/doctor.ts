import { EXIT } from "../../base/errors.ts";
import { type JsonObject, stringifyJson } from "../../base/json.ts";
import { overall } from "../../contracts/judge.ts";
import type { VerdictWord } from "../../contracts/types.ts";
import { verdictLabel } from "../../reports/colour.ts";
import { printable } from "../../reports/printable.ts";
import { reasonText } from "../../reports/reason.ts";
import { verdictJson } from "../../reports/verdicts.ts";
import { nodeProbeWorld } from "../../world/node/probe-world.ts";
import { workingFolder } from "../../world/node/stdio.ts";
import { nodeWorld } from "../../world/node/world.ts";
import { loadConfig } from "../config/load.ts";
import type { Run } from "../context.ts";
import type { Check, Feature } from "../doctor/check.ts";
import { checkCredentials } from "../doctor/credentials.ts";
import { checkFaults } from "../doctor/faults.ts";
import { checkGpu } from "../doctor/gpu.ts";
import { checkStore } from "../doctor/store.ts";
import type { StoreFlags } from "../store/store-flags.ts";
import { storePath } from "../store/open.ts";

export interface DoctorFlags extends StoreFlags {
  readonly for?: Feature;
}

const EXIT_OF: Readonly<Record<VerdictWord, number>> = {
  pass: EXIT.ok,
  fail: EXIT.failed,
  inconclusive: EXIT.inconclusive,
};

export const run: Run<DoctorFlags, []> = async (context, flags) => {
  const folder = workingFolder();
  const config = await loadConfig({ files: nodeWorld.files, env: context.env, folder });
  const feature = flags.for ?? null;
  const checks = (
    await Promise.all([
      checkStore(nodeWorld, await storePath(context, flags)),
      checkFaults(nodeWorld),
      checkGpu(nodeProbeWorld, config, feature),
      checkCredentials(nodeWorld, folder).then((check) => [check]),
    ])
  ).flat();
  const needed = checks.filter(({ neededFor }) => feature !== null && neededFor.includes(feature));
  const verdict = needed.length === 0 ? "pass" : overall(needed.map((each) => each.verdict));
  const exitCode = EXIT_OF[verdict];
  context.out(
    flags.json
      ? `${stringifyJson({ feature, checks: checks.map(checkJson), verdict, exit_code: exitCode })}\n`
      : doctorText(checks, feature, exitCode),
  );
  return exitCode;
};

function checkJson({ id, finding, verdict, neededFor, fix }: Check): JsonObject {
  return { id, finding, needed_for: neededFor, fix, ...verdictJson(verdict) };
}

/** One line a check, and below one that does not pass what mends it. Capitals: the chosen feature needs it. */
function doctorText(checks: readonly Check[], feature: Feature | null, exitCode: number): string {
  const width = Math.max(...checks.map(({ id }) => printable(id).length));
  const lines = checks.flatMap(({ id, finding, verdict: { verdict, reason, gate }, neededFor, fix }) => {
    const needed = feature !== null && neededFor.includes(feature);
    const label = (needed ? verdictLabel(verdict) : verdict).padEnd("inconclusive".length);
    const why = reason === null ? "" : `   ${reasonText(reason)} (${gate})`;
    const line = `  ${printable(id).padEnd(width)}  ${label}  ${printable(finding)}${why}`;
    return fix === null
      ? [line]
      : [line, `  ${"".padEnd(width)}  ${"".padEnd(label.length)}  → ${printable(fix)}`];
  });
  const end =
    feature === null
      ? ""
      : exitCode === EXIT.ok
        ? `\n  ready for ${feature}\n`
        : `\n  not ready for ${feature}; exit ${exitCode}\n`;
  return `${lines.join("\n")}\n${end}`;
}
