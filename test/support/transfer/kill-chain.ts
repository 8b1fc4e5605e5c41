import type { AprResult } from "../cli.ts";
import { pullArgs, Stage } from "./stage.ts";
import type { FaultyServer } from "./faulty/server.ts";
import type { TestBlob } from "./model.ts";
import { hexOfFile } from "./visible.ts";

/** One pull that was killed several times and then completed. */
export interface Chain {
  /** Kills that hit a running process. */
  readonly fired: number;
  /** Bytes of the model that the server sent in all its runs. */
  readonly sentBytes: number;
  /** What was wrong after a kill or in the end; empty when all is well. */
  readonly faults: readonly string[];
}

export interface ChainOptions {
  readonly server: FaultyServer;
  readonly ref: string;
  readonly model: TestBlob;
  /** When each run is killed after its start, in ms. */
  readonly killsMs: readonly number[];
}

/** Kills one pull at each of these times, looks at the store each time, and lets it complete. */
export async function killChain({ server, ref, model, killsMs }: ChainOptions): Promise<Chain> {
  const stage = new Stage();
  const faults: string[] = [];
  let fired = 0;
  try {
    for (const afterMs of killsMs) {
      const at = `killed after ${Math.round(afterMs)} ms`;
      const end = await killedRun(stage, ref, afterMs);
      if (end === "killed") fired++;
      else if (end !== "complete") faults.push(`${at}: ${end}`);
      faults.push(...unsound(stage, model).map((what) => `${at}: ${what}`));
      if (end !== "killed") break;
    }
    const last = await stage.run(pullArgs(ref, ["--plain-http", "--as", "t:a"]));
    if (!isProven(last)) faults.push(`the last run: exit ${last.code} ${last.stdout} ${last.stderr}`);
    if (stage.visible().tags.length !== 1) faults.push("the last run left no tag");
    faults.push(...unsound(stage, model));
    // Leases of the dead are for gc, as after any other killed command.
    await stage.run(["gc"]);
    if (stage.unfinished().length > 0) faults.push(`left behind: ${stage.unfinished().join(" ")}`);
    return { fired, faults, sentBytes: server.sentBytes(model.digest) };
  } finally {
    stage.remove();
  }
}

/** Complete, and the oracle passed it. */
function isProven({ code, json }: AprResult): boolean {
  return code === 0 && (json() as { readonly verdict: string }).verdict === "pass";
}

/** Runs a pull and kills it: `killed`, `complete` when it was quicker, or what it said. */
async function killedRun(stage: Stage, ref: string, afterMs: number): Promise<string> {
  const { child, result } = stage.start(pullArgs(ref, ["--plain-http", "--as", "t:a"]));
  const timer = setTimeout(() => child.kill("SIGKILL"), afterMs);
  const { code, signal, stderr } = await result;
  clearTimeout(timer);
  if (signal === "SIGKILL") return "killed";
  return code === 0 ? "complete" : `exit ${code} ${signal ?? ""} ${stderr.trim()}`;
}

/** A tag is there with all of its blobs, or not at all; what lies in `blobs/` is what its name says. */
function unsound(stage: Stage, model: TestBlob): string[] {
  const { tags, wrong } = stage.visible();
  const path = `${stage.store}/blobs/sha256-${model.hex}`;
  const torn = tags.length > 0 && hexOfFile(path) !== model.hex ? ["the tag has other bytes"] : [];
  return [...wrong, ...torn];
}
