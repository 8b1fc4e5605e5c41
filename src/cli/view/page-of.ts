import { basename, join } from "node:path";
import { AprError } from "../../base/errors.ts";
import { isJsonArray } from "../../base/json.ts";
import { shellQuote } from "../../base/shellwords.ts";
import { packLedger } from "../../crashpack/ledger-text.ts";
import { examinePack } from "../../crashpack/open.ts";
import { soundFacts } from "../../crashpack/read.ts";
import type { PackEvent } from "../../crashpack/types.ts";
import { measuredLedger } from "../../evidence/measured.ts";
import { MEASURED_WEIGHTS } from "../../evidence/measured-weights.ts";
import type { Page } from "../../reports/html/blocks.ts";
import { oomDiffPage } from "../../reports/html/oom-diff-page.ts";
import { PackPage } from "../../reports/html/pack-page.ts";
import { storePage } from "../../reports/html/store-page.ts";
import { diskUse } from "../../store/du.ts";
import { openStore } from "../../store/store.ts";
import { nodeFiles } from "../../world/node/files.ts";
import { nodeStoreWorld } from "../../world/node/store-world.ts";
import { nodeWorld } from "../../world/node/world.ts";
import { readEvidence } from "./read-evidence.ts";
import { isOomReport, pageOfReport } from "./report-page.ts";
import { tracePage } from "./trace-page.ts";

const PROOF = "agent_proof_bundle.json";
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
  for (const name of ["report.json", PROOF]) if (names.has(name)) return reportPage(join(path, name));
  if (names.has("blobs") && names.has("manifests")) return storeView(path);
  throw new AprError("malformed", `no evidence of apr is in ${path}`, {
    hint: "give a crashpack, a folder of --keep or of apr proof, a report or a store",
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
  const found = await readEvidence(path);
  if (isJsonArray(found)) return tracePage(basename(path), found);
  const page = pageOfReport(basename(path), found);
  if (page !== null) return page;
  throw new AprError("malformed", `${path} is no report that apr can show`, {
    hint: "apr view shows reports of apr qa and apr oom, sweeps of apr sim, traces, proofs, crashpacks and stores",
    fields: { path },
  });
}

/** The page of two reports of the same kind, side by side. */
export async function pageOfTwo(first: string, second: string): Promise<Page> {
  const [a, b] = [await readEvidence(first), await readEvidence(second)];
  if (isOomReport(a) && isOomReport(b)) return oomDiffPage([basename(first), a], [basename(second), b]);
  throw new AprError("malformed", "only two out-of-memory reports are shown side by side", {
    fields: { path: isOomReport(a) ? second : first },
  });
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
  const name = basename(path);
  return page.page({
    kind: "crashpack",
    name,
    ledger: packLedger(facts),
    measured: measuredLedger(facts.oracle_results, MEASURED_WEIGHTS),
    results: facts.oracle_results,
    // Whoever reads the page has the pack somewhere else.
    replay: shellQuote(["apr", "replay", `./${name}`]),
    story,
    texts,
  });
}
