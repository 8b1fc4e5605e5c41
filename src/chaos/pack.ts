import {
  isJsonArray,
  isJsonObject,
  type Json,
  type JsonObject,
  parseJson,
  stringifyJson,
} from "../base/json.ts";
import type { ChaosFaultId, ChaosReport } from "../contracts/chaos-report.ts";
import type { GateId, Verdict } from "../contracts/types.ts";
import type { FailedRun } from "../crashpack/of-run.ts";
import type { PackContents } from "../crashpack/types.ts";
import type { ChaosOptions } from "./harness.ts";

/** The pack's file that holds the command and how it was broken. */
const CHAOS_FILE = "chaos.json";
const REPORT_FILE = "report.json";
const FORMAT = 1;

/** What a pack says of a broken command. Nothing in it has been looked at: it is somebody's command line. */
export interface ChaosRecipe
  extends Pick<
    ChaosOptions,
    | "command"
    | "model"
    | "check"
    | "output"
    | "state"
    | "forceFlag"
    | "memoryLimitBytes"
    | "diskLimitBytes"
    | "timeoutMs"
  > {
  /** Bytes of the model; null without one. */
  readonly modelBytes: number | null;
}

/** A chaos report with failures as it is packed: each failed gate of each fault is one result. */
export function failedChaos(report: ChaosReport, options: ChaosOptions, version: string): FailedRun {
  const { check, command, diskLimitBytes, forceFlag, memoryLimitBytes, output, state, timeoutMs } = options;
  const told = { check, forceFlag, memoryLimitBytes, diskLimitBytes, timeoutMs, output, state };
  const recipe: JsonObject = {
    format: FORMAT,
    command: [...command],
    model: report.model === null ? null : { ...report.model },
    ...Object.fromEntries(Object.entries(told).map(([key, value]) => [key, value ?? null])),
  };
  return {
    command: "qa chaos",
    version,
    verdicts: report.faults.flatMap(({ gates, id }) => gates.map((verdict) => ofFault(id, verdict))),
    metadata: { kind: "chaos" },
    artifacts: {
      [CHAOS_FILE]: `${stringifyJson(recipe, 2)}\n`,
      [REPORT_FILE]: `${stringifyJson(report as unknown as Json, 2)}\n`,
    },
  };
}

/** The same gate is asked for several faults. */
function ofFault(id: ChaosFaultId, verdict: Verdict): Verdict {
  return { ...verdict, gate: `${id}: ${verdict.gate}` as GateId };
}

/** The fault that a result of such a pack is about. */
export function faultOf(oracleName: string): string {
  return oracleName.split(":", 1)[0] ?? "";
}

/** Reads the command of a pack, which may be hostile; a text says what is wrong with it. */
export function chaosRecipe({ contents }: Pick<PackContents, "contents">): ChaosRecipe | string {
  const content = contents.get(CHAOS_FILE);
  if (content === undefined) return `${CHAOS_FILE} is not in the pack`;
  let document: Json;
  try {
    document = parseJson(typeof content === "string" ? content : Buffer.from(content).toString("utf8"));
  } catch {
    return `${CHAOS_FILE} is no JSON`;
  }
  if (!isJsonObject(document) || document["format"] !== FORMAT)
    return `${CHAOS_FILE} is not of format ${FORMAT}`;
  const { command, model = null, timeoutMs } = document;
  const words = isJsonArray(command) ? command : [];
  if (words.length === 0 || !words.every((word) => typeof word === "string")) return "it holds no command";
  const told = isJsonObject(model) ? model : {};
  const text = (key: string): string | undefined => {
    const value = document[key];
    return typeof value === "string" ? value : undefined;
  };
  const count = (value: Json | undefined): number | undefined =>
    typeof value === "number" && Number.isSafeInteger(value) && value > 0 ? value : undefined;
  return {
    command: words,
    model: typeof told["path"] === "string" ? told["path"] : undefined,
    modelBytes: count(told["bytes"]) ?? null,
    check: text("check"),
    output: text("output"),
    state: text("state"),
    forceFlag: text("forceFlag"),
    memoryLimitBytes: count(document["memoryLimitBytes"]),
    diskLimitBytes: count(document["diskLimitBytes"]),
    timeoutMs: count(timeoutMs) ?? 300_000,
  };
}
