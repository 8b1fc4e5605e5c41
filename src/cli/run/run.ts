import { AprError, asAprError, systemCode } from "../../base/errors.ts";
import { TreeWatch } from "../../observe/tree-watch.ts";
import { within } from "../../observe/within.ts";
import type { GuardOutcome } from "../../oom/guard.ts";
import { StderrWatch } from "../../oom/stderr-watch.ts";
import { passSignals } from "../../world/node/pass-signals.ts";
import { nodeSupervisor } from "../../world/node/supervisor.ts";
import { nodeProcesses } from "../../world/node/processes.ts";
import { nodeClock, nodeTimers } from "../../world/node/time.ts";
import type { Supervised } from "../../world/supervise.ts";
import type { AprContext, Run } from "../context.ts";
import { deviceVariables } from "../device/wanted.ts";
import { watchGpu } from "../oom/gpu-watch.ts";
import type { ProofWatch } from "../oom/gpu-proof.ts";
import type { Ran } from "../oom/ran.ts";
import type { RunFolder } from "../oom/run-folder.ts";
import type { RunFlags } from "../oom/run-flags.ts";
import { runFolderWishes } from "../oom/run-wishes.ts";
import { NotStarted, ownFailure } from "../proof/own-failure.ts";

/** No more of the world than watching takes: every module less lets the program start sooner. */
const world = { clock: nodeClock, timers: nodeTimers, processes: nodeProcesses };

/** A process that the program left behind may hold its stderr open: it is not waited for longer. */
const DRAIN_MS = 500;

export const run: Run<RunFlags, []> = async (context, flags) => {
  // Errors about devices keep their own codes (decision 26), and come before anything is made.
  const env = await deviceVariables(context, flags.device);
  return supervised({ ...context, env: { ...context.env, ...env } }, flags);
};

async function supervised(context: AprContext, flags: RunFlags): Promise<number> {
  try {
    const [program, ...args] = context.command ?? [];
    if (program === undefined || program === "") {
      throw new AprError("usage", "no command to run", { hint: "apr run -- CMD" });
    }
    if (flags.requireGpu && flags.model === undefined) {
      throw new AprError("usage", "--require-gpu needs the model's size", { hint: "--model TAG|FILE" });
    }
    if (flags.model === undefined && !flags.guard) {
      return await watched(context, flags, [program, ...args], null);
    }
    const { withModel } = await import("../oom/with-model.ts");
    return await withModel(context, flags, [program, ...args], (argv, guard) =>
      watched(context, flags, argv, guard),
    );
  } catch (thrown) {
    return ownFailure(context, asAprError(thrown), flags.json);
  }
}

async function watched(
  context: AprContext,
  flags: RunFlags,
  argv: readonly [string, ...string[]],
  guard: GuardOutcome | null,
): Promise<number> {
  const proving = flags.requireGpu
    ? await (await import("../oom/gpu-proof.ts")).proofWatch(context, flags)
    : null;
  const made = await ownFolder(context, flags, argv);
  const folder = typeof made === "string" ? null : made;
  const notes = typeof made === "string" ? [made] : [];
  if (typeof made === "string" && flags.pytorch) context.err(`apr: ${made}\n`);
  try {
    const ran = await toItsEnd(context, flags, argv, { folder, proving });
    return await afterwards(context, flags, { ...ran, guard, notes });
  } finally {
    proving?.close();
    if (folder !== null) await (await import("../oom/run-folder.ts")).removeRunFolder(folder);
  }
}

async function ownFolder(
  context: AprContext,
  flags: RunFlags,
  [program]: readonly [string, ...string[]],
): Promise<RunFolder | null | string> {
  const wishes = runFolderWishes(program, flags, context.env["NODE_OPTIONS"]);
  if (wishes === null) return null;
  const { makeRunFolder } = await import("../oom/run-folder.ts");
  return makeRunFolder(wishes);
}

async function toItsEnd(
  context: AprContext,
  flags: RunFlags,
  argv: readonly [string, ...string[]],
  { folder, proving }: { readonly folder: RunFolder | null; readonly proving: ProofWatch | null },
): Promise<Omit<Ran, "guard" | "notes">> {
  const stderr = flags.noStderr ? null : new StderrWatch();
  const env = Object.fromEntries(
    Object.entries({ ...context.env, ...folder?.env }).filter(
      (entry): entry is [string, string] => entry[1] !== undefined,
    ),
  );
  const startedWallMs = world.clock.wallMs();
  const startedUptimeMs = uptimeMs();
  const signalsPassed: string[] = [];
  const signals = passSignals((name) => void signalsPassed.push(name));
  const child = await started(argv, env, stderr);
  signals.to(child.pid);
  const watch = new TreeWatch(world, nodeSupervisor.system, child.pid);
  const gpu = watchGpu((pid) => watch.knows(pid), env, child.startedMs);
  const proof = proving?.begin(child.pid);
  const end = await child.ended;
  signals.ended();
  const record = await watch.stop();
  const gpuRecord = await gpu.stop();
  const gpuProof = (await proof?.settle()) ?? null;
  await within(world, child.stderrClosed, DRAIN_MS);
  child.release();
  return {
    ...{ argv, env, end, record, gpuProof, stderr, folder, startedWallMs, startedUptimeMs, signalsPassed },
    gpu: gpuRecord,
    pid: child.pid,
    exitCode: end.signal === null ? (end.exitCode ?? 1) : 128 + end.signal,
    durationMs: end.endedMs - child.startedMs,
  };
}

async function started(
  argv: readonly [string, ...string[]],
  env: Readonly<Record<string, string>>,
  stderr: StderrWatch | null,
): Promise<Supervised> {
  try {
    return await nodeSupervisor.start({
      ...{ argv, env },
      ...(stderr === null ? {} : { onStderr: (bytes: Uint8Array) => stderr.add(bytes) }),
    });
  } catch (error) {
    throw new NotStarted(argv[0], systemCode(error));
  }
}

/** What a program that ended well and never spoke of memory needs of this: nothing. */
async function afterwards(context: AprContext, flags: RunFlags, ran: Ran): Promise<number> {
  const killed = ran.record.groups.some(({ oomKills }) => oomKills > 0);
  const told = (ran.stderr?.words().length ?? 0) > 0;
  const nothing = ran.exitCode === 0 && !killed && !told && flags.report === undefined;
  const exitCode = nothing ? 0 : await (await import("../oom/aftermath.ts")).lookInto(context, flags, ran);
  if (ran.gpuProof === null) return exitCode;
  return (await import("../oom/gpu-proof.ts")).exitWithProof(context, ran.gpuProof, exitCode);
}

function uptimeMs(): number | null {
  const seconds = Number(nodeSupervisor.system.read("/proc/uptime")?.split(" ")[0]);
  return Number.isFinite(seconds) ? seconds * 1000 : null;
}
