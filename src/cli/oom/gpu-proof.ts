import { AprError, EXIT } from "../../base/errors.ts";
import type { JsonObject } from "../../base/json.ts";
import type { Residency } from "../../device/residency.ts";
import { prepareResidency, type ResidencyWatch } from "../../device/watch-residency.ts";
import { parseRef } from "../../store/ref.ts";
import { printable } from "../../reports/printable.ts";
import { nodeFiles } from "../../world/node/files.ts";
import { nodeResidencyWorld } from "../../world/node/residency-world.ts";
import { nodeWorld } from "../../world/node/world.ts";
import type { AprContext } from "../context.ts";
import { isThere } from "../inspect/path.ts";
import { modelOfTag } from "../inspect/tag.ts";
import type { RunFlags } from "./run-flags.ts";
import { absolute, existingStore } from "../store/open.ts";
import { stopTree, treeOf } from "./stop-tree.ts";

/** What `--require-gpu` found. */
export interface GpuProof {
  readonly residency: Residency;
  /** The program was stopped, because the deadline had passed without a proof. */
  readonly stopped: boolean;
}

/** A proof that begins when the program does. */
export interface ProofWatch {
  begin(pid: number): { /** Call it when the program has ended. */ settle(): Promise<GpuProof> };
  close(): void;
}

/** Gets ready to watch for the model in GPU memory. */
export async function proofWatch(context: AprContext, flags: RunFlags): Promise<ProofWatch> {
  const modelBytes = await bytesOfModel(context, flags);
  const watch = await prepareResidency({ ...nodeResidencyWorld, env: context.env });
  return {
    begin: (pid) => begin(watch, pid, { modelBytes, deadlineMs: flags.gpuDeadline }),
    close: () => watch.close(),
  };
}

function begin(
  watch: ResidencyWatch,
  pid: number,
  options: { readonly modelBytes: number; readonly deadlineMs: number },
): { settle(): Promise<GpuProof> } {
  const ended = new AbortController();
  let stopped = false;
  const tree = (): readonly number[] => treeOf(nodeWorld.processes, pid);
  const found = watch.watch({ ...options, tree, ended: ended.signal }).then(async (residency) => {
    if (residency.kind === "not-proven" && !ended.signal.aborted) {
      stopped = true;
      await stopTree(nodeWorld, pid, ended.signal);
    }
    return residency;
  });
  return {
    async settle() {
      ended.abort();
      return { residency: await found, stopped };
    },
  };
}

/** All of the model's files together. A model without a byte proves nothing. */
async function bytesOfModel(context: AprContext, flags: RunFlags): Promise<number> {
  const { model = "" } = flags;
  const path = absolute(model);
  const paths = (await isThere(nodeFiles, path))
    ? await filesAt(path)
    : (await modelOfTag(await existingStore(context, flags), parseRef(model))).paths;
  let bytes = 0;
  for (const each of paths) bytes += (await nodeFiles.facts(await nodeFiles.realPath(each)))?.sizeBytes ?? 0;
  if (bytes > 0) return bytes;
  throw new AprError("malformed", `${model}: an empty model`, { fields: { path } });
}

/** A folder's files, not those of folders inside it. */
async function filesAt(path: string): Promise<readonly string[]> {
  const real = await nodeFiles.realPath(path);
  if ((await nodeFiles.facts(real))?.kind !== "folder") return [real];
  const names = await nodeFiles.list(real);
  const found: string[] = [];
  for (const name of names) {
    const target = await nodeFiles.realPath(`${real}/${name}`).catch(() => null);
    if (target !== null && (await nodeFiles.facts(target))?.kind === "file") found.push(target);
  }
  return found;
}

/** The exit code with a proof in mind: what failed by itself keeps its own code. */
export function exitWithProof(context: AprContext, proof: GpuProof | null, exitCode: number): number {
  if (proof === null || proof.residency.kind === "proven") return exitCode;
  context.err(
    `apr: GPU_RESIDENCY_PROOF_FAILED ${printable(proof.residency.message)}\n` +
      "     apr devices --engine CMD says how the engine was built and what it sees\n",
  );
  return proof.stopped || exitCode === 0 ? EXIT.gpuNotProven : exitCode;
}

export function proofJson({ residency, stopped }: GpuProof): JsonObject {
  const { requiredBytes, contextBytes } = residency;
  const common = { required_bytes: requiredBytes, context_bytes: contextBytes };
  return residency.kind === "proven"
    ? {
        proven: true,
        how: residency.how,
        held_bytes: residency.bytes,
        ...common,
        after_ms: Math.round(residency.afterMs),
      }
    : {
        proven: false,
        code: residency.code,
        message: residency.message,
        held_bytes: residency.mostBytes,
        ...common,
        stopped,
      };
}
