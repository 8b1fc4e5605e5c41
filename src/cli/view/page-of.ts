import { basename, join } from "node:path";
import { AprError } from "../../base/errors.ts";
import { parseJson, type JsonObject } from "../../base/json.ts";
import { judgeGate } from "../../contracts/judge.ts";
import { OOM_REPORT_REQUIRED_KEYS } from "../../contracts/oom-report.ts";
import { findContract } from "../../contracts/registry.ts";
import type { Verdict } from "../../contracts/types.ts";
import { packLedger } from "../../crashpack/ledger-text.ts";
import { examinePack } from "../../crashpack/open.ts";
import { soundFacts } from "../../crashpack/read.ts";
import type { PackEvent } from "../../crashpack/types.ts";
import type { Page } from "../../reports/html/blocks.ts";
import { chaosPage } from "../../reports/html/chaos-page.ts";
import { asChaosReport } from "../../reports/html/chaos-shape.ts";
import { fitPage, isFitAdvice } from "../../reports/html/fit-page.ts";
import { oomDiffPage } from "../../reports/html/oom-diff-page.ts";
import { oomPage } from "../../reports/html/oom-page.ts";
import { PackPage } from "../../reports/html/pack-page.ts";
import { isObject } from "../../reports/html/read-json.ts";
import { simPage } from "../../reports/html/sim-page.ts";
import { asSimSweep } from "../../reports/html/sim-shape.ts";
import { storePage } from "../../reports/html/store-page.ts";
import { sweepPage } from "../../reports/html/sweep-page.ts";
import { asSweepReport } from "../../reports/html/sweep-shape.ts";
import { diskUse } from "../../store/du.ts";
import { openStore } from "../../store/store.ts";
import { nodeFiles } from "../../world/node/files.ts";
import { nodeStoreWorld } from "../../world/node/store-world.ts";
import { nodeWorld } from "../../world/node/world.ts";

/** A report of ten thousand faults; a larger file is none that apr wrote. */
const MAX_REPORT_BYTES = 64 * 1024 * 1024;
const MAX_TEXT_FILE_BYTES = 1024 * 1024;

/** Makes the page of whatever is at a path: throws AprError `not-found` or `malformed` when it is no evidence. */
export async function pageOf(path: string): Promise<Page> {
  const facts = await nodeFiles.facts(await real(path));
  if (facts === null) throw new AprError("not-found", `nothing is at ${path}`, { fields: { path } });
  if (facts.kind === "file") {
    return path.endsWith(".gz") ? packPage(path) : reportPage(path);
  }
  const names = new Set(await nodeFiles.list(path));
  if (names.has("transfer.atp-trace")) return packPage(path);
  if (names.has("report.json")) return reportPage(join(path, "report.json"));
  if (names.has("blobs") && names.has("manifests")) return storeView(path);
  throw new AprError("malformed", `no evidence of apr is in ${path}`, {
    hint: "give a crashpack, a folder of --keep, a report or a store",
    fields: { path },
  });
}

async function real(path: string): Promise<string> {
  try {
    return await nodeFiles.realPath(path);
  } catch {
    return path;
  }
}

async function reportPage(path: string): Promise<Page> {
  const report = await readReport(path);
  const chaos = asChaosReport(report);
  if (chaos !== null) return chaosPage(chaos);
  const sweep = asSweepReport(report);
  if (sweep !== null) return sweepPage(sweep);
  const sim = asSimSweep(report);
  if (sim !== null) return simPage(basename(path), sim);
  if (isOomReport(report)) return oomPage(basename(path), report, oomVerdicts(report));
  if (isFitAdvice(report)) return fitPage(report);
  throw new AprError("malformed", `${path} is no report that apr can show`, {
    hint: "apr view shows reports of apr qa and apr oom, sweeps of apr sim, crashpacks and stores",
    fields: { path },
  });
}

/** The page of two reports of the same kind, side by side. */
export async function pageOfTwo(first: string, second: string): Promise<Page> {
  const [a, b] = [await readReport(first), await readReport(second)];
  if (isOomReport(a) && isOomReport(b)) return oomDiffPage([basename(first), a], [basename(second), b]);
  throw new AprError("malformed", "only two out-of-memory reports are shown side by side", {
    fields: { path: isOomReport(a) ? second : first },
  });
}

async function readReport(path: string): Promise<JsonObject> {
  const bytes = await nodeFiles.readBounded(path, MAX_REPORT_BYTES);
  const report = parseJson(Buffer.from(bytes).toString("utf8"));
  if (isObject(report)) return report;
  throw new AprError("malformed", `${path} is no report`, { fields: { path } });
}

function isOomReport(report: JsonObject): boolean {
  return OOM_REPORT_REQUIRED_KEYS.every((key) => key in report);
}

function oomVerdicts(report: JsonObject): Verdict[] {
  const gates = findContract("crux-f-13")?.gates ?? [];
  const about = ["schema", "invariants", "APR-F-13-TYPES", "APR-F-13-TIME", "APR-F-13-PROVENANCE"];
  return gates
    .filter(({ name }) => about.includes(name))
    .map((gate) => judgeGate(gate, { report }, "captured"));
}

async function storeView(path: string): Promise<Page> {
  const store = await openStore(nodeStoreWorld, path);
  if (store === null) throw new AprError("not-found", `no store is at ${path}`);
  return storePage({ path, ...(await diskUse(store)) });
}

async function packPage(path: string): Promise<Page> {
  const page = new PackPage();
  const texts: (readonly [string, string])[] = [];
  const examination = await examinePack(nodeWorld, path, {
    onEvents: (events: readonly PackEvent[]) => page.add(events),
    onArtifact: (name, content) => {
      if (content.length <= MAX_TEXT_FILE_BYTES) texts.push([name, Buffer.from(content).toString("utf8")]);
    },
  });
  const facts = soundFacts(examination, path);
  const story = texts.find(([name]) => name === "story.txt")?.[1] ?? null;
  return page.page({
    name: path.split("/").findLast((part) => part !== "") ?? path,
    ledger: packLedger(facts),
    results: facts.oracle_results,
    replay: `apr replay ${path}`,
    story,
    texts,
  });
}
