import { judgeGate } from "../contracts/judge.ts";
import type { Verdict } from "../contracts/types.ts";
import { judgePack } from "../crashpack/judge.ts";
import { examinePack } from "../crashpack/open.ts";
import { soundFacts } from "../crashpack/read.ts";
import { oracleArgument } from "../crashpack/replay-script.ts";
import type { PackEvent, PackFacts } from "../crashpack/types.ts";
import { traceHex } from "../crashpack/write-trace.ts";
import { transferGate } from "../oracles/checks.ts";
import type { World } from "../world/world.ts";
import { type ChaosReplay, commandOf, replayChaos } from "./chaos.ts";
import { typesOf } from "./compare.ts";
import { ReplayError } from "./errors.ts";
import { kindOf } from "./kind.ts";
import { replaySim } from "./sim.ts";
import { replayTransfer } from "./transfer.ts";
import { type PackKind, type Replayed, type ReplayResult, type SoundPack, wordOf } from "./types.ts";

export interface ReplayOptions {
  /** Oracles that the pack must have, as its script names them; undefined asks for none. */
  readonly oracles?: readonly string[];
  /** Of apr, to say when a pack is by another one. */
  readonly version?: string;
  /** Every result of the pack must be by one of them. */
  readonly all?: boolean;
  /** For chaos packs; without it nothing of them is run. */
  readonly chaos?: ChaosReplay;
}

const NO_EXEC: ChaosReplay = {
  allowExec: false,
  fault: undefined,
  cwd: "/",
  abort: new AbortController().signal,
};

/** What a sweep leaves for a person to look at and run. */
const SCRIPT_OF_OTHERS = "reproduce.sh";

/** Joins a pack with what can run it again. */
export class ReplayCoordinator {
  readonly #world: World;
  readonly #options: ReplayOptions;

  constructor(world: World, options: ReplayOptions = {}) {
    this.#world = world;
    this.#options = options;
  }

  /**
   * Cross-checks a pack (a folder or a `.tar.gz`), runs it again, and compares. Throws CrashpackError for what is no
   * sound pack, ReplayError for oracles that it does not have; whatever the replay finds is in the result.
   */
  async replay(path: string): Promise<ReplayResult> {
    const { pack, verdicts } = await this.open(path);
    const kind = kindOf(pack);
    const replayed = await this.#run(kind, pack);
    const gate = this.#judge(pack, replayed);
    const { oracle_results: results, trace_events: trace } = pack;
    return {
      kind,
      verdict: wordOf(replayed, gate?.verdict ?? null),
      why: replayed.kind === "not-replayable" ? replayed.why : null,
      difference: replayed.kind === "not-replayable" ? null : replayed.difference,
      verdicts: gate === null ? verdicts : [...verdicts, gate],
      events: trace.length,
      violations: typesOf(results),
      error: errorOf(pack),
      command: kind === "chaos" ? commandOf(pack) : null,
      notes: [...(replayed.kind === "judged" ? replayed.notes : []), ...this.#otherVersion(pack, replayed)],
    };
  }

  /** Reads a pack in which nothing disagrees. */
  async open(path: string): Promise<{ readonly pack: SoundPack; readonly verdicts: readonly Verdict[] }> {
    const events: PackEvent[] = [];
    const contents = new Map<string, Uint8Array>();
    const examination = await examinePack(this.#world, path, {
      onEvents: (some) => {
        for (const event of some) events.push(event);
      },
      onArtifact: (name, content) => contents.set(name, content),
    });
    const facts = soundFacts(examination, path);
    this.#checkOracles(facts);
    return { pack: { ...facts, trace_events: events, contents }, verdicts: judgePack(examination) };
  }

  #checkOracles({ oracle_results: results }: PackFacts): void {
    const { all, oracles } = this.#options;
    if (oracles === undefined) return;
    const there = new Set(results.map(({ oracle_name: name }) => oracleArgument(name)));
    const unknown = oracles.find((name) => !there.has(name));
    const hint = "apr crashpack show names its oracles";
    if (unknown !== undefined) {
      const name = JSON.stringify(unknown.slice(0, 128));
      throw new ReplayError("unknown-oracle", `the pack has no result of the oracle ${name}`, hint);
    }
    const told = new Set(oracles);
    const missing = all === true ? [...there].find((name) => !told.has(name)) : undefined;
    if (missing === undefined) return;
    const name = JSON.stringify(missing.slice(0, 128));
    throw new ReplayError("unknown-oracle", `the pack has a result of ${name}, which was not named`, hint);
  }

  #run(kind: PackKind, pack: SoundPack): Promise<Replayed> {
    switch (kind) {
      case "sim":
        return replaySim(pack);
      case "transfer":
        return replayTransfer(this.#world.hash, pack);
      case "chaos":
        return replayChaos(this.#world, pack, this.#options.chaos ?? NO_EXEC);
      case "unknown":
        return Promise.resolve({ kind: "not-replayable", why: whyUnknown(pack) });
    }
  }

  /** An engine of another version may well go another way. */
  #otherVersion({ metadata }: SoundPack, replayed: Replayed): readonly string[] {
    const [then, now] = [metadata["apr_version"], this.#options.version];
    if (replayed.kind === "not-replayable" || replayed.difference === null) return [];
    return then === undefined || now === undefined || then === now
      ? []
      : [`the pack is by apr ${then}, and this is apr ${now}`];
  }

  /** Null where no trace was reached that could be compared. */
  #judge({ trace_events: recorded }: SoundPack, replayed: Replayed): Verdict | null {
    if (replayed.kind === "judged") return null;
    const ran = replayed.kind === "ran";
    const evidence = {
      re_executed: ran,
      recorded_trace_sha256: traceHex(this.#world, recorded),
      replayed_trace_sha256: ran ? traceHex(this.#world, replayed.trace) : "",
      first_difference: ran ? (replayed.difference?.event ?? null) : null,
    };
    return judgeGate(transferGate("APR-ATP-REPLAYED"), evidence, "live");
  }
}

function errorOf({ metadata }: SoundPack): ReplayResult["error"] {
  const [kind, message] = [metadata["error.kind"], metadata["error.message"]];
  return kind === undefined ? null : { kind, message: message ?? "" };
}

/** A pack of a run that has no replay of its own may hold a script that shows the same. */
function whyUnknown({ contents }: SoundPack): string {
  return contents.has(SCRIPT_OF_OTHERS)
    ? `its run has no replay; read ${SCRIPT_OF_OTHERS} in the pack, which shows the same`
    : "the pack does not say how its run can be run again";
}
