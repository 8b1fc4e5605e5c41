import type { JsonObject } from "../../base/json.ts";
import { judgeContract } from "../../contracts/judge.ts";
import { oomContract } from "../../contracts/oom.ts";
import type { Verdict } from "../../contracts/types.ts";
import type { World } from "../../world/world.ts";

interface LiveReport {
  readonly report: JsonObject;
  readonly bytes: number;
  /** The program's, and apr's line behind it. */
  readonly stderr: string;
  readonly path: string;
}

/** Judges a report that was just written, by every gate of its contract, from the file as it lies there. */
export async function judgeLive(
  world: Pick<World, "files" | "host">,
  { report, bytes, stderr, path }: LiveReport,
): Promise<readonly Verdict[]> {
  const facts = await world.files.facts(path);
  const file = facts === null ? {} : { file: { path, kind: facts.kind, uid: facts.uid, mode: facts.mode } };
  const evidence = { report, bytes, stderr, breadcrumb_path: path, caller_uid: world.host.uid, ...file };
  return judgeContract(oomContract, evidence, "live");
}
