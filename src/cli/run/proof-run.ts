import { isAbsolute, join } from "node:path";
import { AprError, asAprError, systemCode } from "../../base/errors.ts";
import { stringifyJson } from "../../base/json.ts";
import { signalNumber } from "../../observe/gnu-time.ts";
import { AgentTaskProofBundleBuilder } from "../../proof/builder.ts";
import type { CommandRun } from "../../proof/task.ts";
import { AgentProofError } from "../../proof/errors.ts";
import { readFacts, tellFacts, type ToldFacts } from "../../proof/facts.ts";
import { readChanges, readCommit } from "../../proof/git.ts";
import { MAX_FACTS_BYTES } from "../../proof/limits.ts";
import { runCommand } from "../../proof/run-command.ts";
import type { AgentTaskProofBundle, ReplaySafetyLevel } from "../../proof/types.ts";
import { checkPlace, type ProofPlace, writeProof } from "../../proof/write.ts";
import { printable } from "../../reports/printable.ts";
import { onStopSignal } from "../../world/node/signals.ts";
import { workingFolder, writeBytes } from "../../world/node/stdio.ts";
import { nodeWorld } from "../../world/node/world.ts";
import type { AprContext, CommonFlags, Run } from "../context.ts";
import { NotStarted, ownFailure } from "../proof/own-failure.ts";
import { absolute } from "../store/open.ts";

export interface ProofRunFlags extends CommonFlags {
  readonly objective?: string;
  readonly out?: string;
  readonly facts?: string;
  readonly safety: ReplaySafetyLevel;
}

/** Whoever presses Ctrl-C for the third time wants it to end. */
const KILL_AT = 3;

export const run: Run<ProofRunFlags, []> = async (context, flags) => {
  try {
    return await proveRun(context, flags);
  } catch (thrown) {
    return ownFailure(context, asAprError(thrown), flags.json);
  }
};

async function proveRun(context: AprContext, flags: ProofRunFlags): Promise<number> {
  const [program, ...args] = context.command ?? [];
  if (program === undefined || program === "") {
    throw new AprError("usage", "no command to run", { hint: "apr proof run -- CMD" });
  }
  const place = placeOf(context, flags);
  await checkPlace(nodeWorld, place);
  // Before the command runs, which may take hours.
  const facts = flags.facts === undefined ? null : await factsIn(absolute(flags.facts));
  const cwd = workingFolder();
  const before = await readCommit(nodeWorld, cwd);
  const done = await runWatched([program, ...args], cwd, flags.json);
  const after = await readCommit(nodeWorld, cwd);
  const { files, complete } = await readChanges(nodeWorld, cwd, before, after);
  const builder = new AgentTaskProofBundleBuilder(context.env)
    .withCommand(done)
    .withCommits(before, after)
    .withChangedFiles(files, complete)
    .withSafety(flags.safety);
  if (facts !== null) tellFacts(builder, facts);
  const bundle = (flags.objective === undefined ? builder : builder.withObjective(flags.objective)).build();
  const path = await writeProof(nodeWorld, bundle, place);
  context.err(`apr: proof ${printable(path)}\n`);
  if (flags.json) context.out(`${stringifyJson(summary(path, bundle))}\n`);
  return done.exitCode;
}

async function factsIn(path: string): Promise<ToldFacts> {
  const read = await nodeWorld.files.readSmall(path, MAX_FACTS_BYTES);
  if (read.kind === "bytes") return readFacts(Buffer.from(read.bytes).toString("utf8"));
  const why = read.kind === "absent" ? "is not there" : `cannot be taken: ${read.why}`;
  throw new AgentProofError(read.kind === "absent" ? "not-found" : "bad-facts", `${path} ${why}`, "facts");
}

/** `--out`, else a name of its own in the state folder. */
function placeOf(context: AprContext, flags: ProofRunFlags): ProofPlace {
  if (flags.out !== undefined) return { at: absolute(flags.out) };
  const [state = "", home = ""] = [context.env["XDG_STATE_HOME"], context.env["HOME"]];
  // A relative one does not count, as its specification says.
  if (isAbsolute(state)) return { in: join(state, "apr", "proofs") };
  if (isAbsolute(home)) return { in: join(home, ".local", "state", "apr", "proofs") };
  throw new AprError("usage", "no home folder to keep proofs in", { hint: "use --out DIR" });
}

async function runWatched(
  argv: readonly [string, ...string[]],
  cwd: string,
  json: boolean,
): Promise<CommandRun> {
  let pid: number | undefined;
  let signals = 0;
  const off = onStopSignal((name) => {
    signals += 1;
    const passed = name === "SIGINT" ? "SIGINT" : "SIGTERM";
    if (pid !== undefined) nodeWorld.processes.signal(-pid, signals >= KILL_AT ? "SIGKILL" : passed);
  });
  try {
    return await runCommand(nodeWorld, {
      ...{ argv, cwd, signalNumber },
      // With --json, stdout holds one document and nothing else.
      onOutput: (stream, bytes) => writeBytes(stream === "stdout" && !json ? 1 : 2, bytes),
      onStarted: (started) => {
        pid = started;
      },
    });
  } catch (error) {
    const code = systemCode(error);
    if (pid === undefined) throw new NotStarted(argv[0], code);
    throw error;
  } finally {
    off();
  }
}

function summary(
  path: string,
  bundle: AgentTaskProofBundle,
): { readonly [key: string]: string | number | boolean | null } {
  const [command] = bundle.commands;
  return {
    path,
    exit_code: command?.exit_code ?? null,
    signal: command?.signal ?? null,
    duration_ms: command?.duration_ms ?? null,
    safety: bundle.replay.safety,
    commit_before: bundle.commit_before?.commit ?? null,
    commit_after: bundle.commit_after?.commit ?? null,
    changed_files: bundle.changed_files.length,
    blocked: bundle.first_blocker !== null,
  };
}
