import type { AprError } from "../../base/errors.ts";
import { TraceBuffer } from "../../evidence/trace.ts";
import type { TransferJudgement } from "../../oracles/judge.ts";
import type { TransferCommand } from "../../replay/recording/command.ts";
import { notRecorded, type Recording, startRecording } from "../../replay/recording/session.ts";
import type { CommandPorts } from "../../transfer/command.ts";
import { inNextTurn } from "../../world/node/turn.ts";
import type { AprContext } from "../context.ts";
import { keepPlace } from "../crashpack/keep-run.ts";
import { realPorts } from "./deps.ts";
import type { TransferFlags } from "./flags.ts";
import { keepPackOf } from "./keep.ts";

/** One run of a command: its world, its trace, and the pack that it leaves when it fails. */
export interface RecordedRun {
  readonly ports: CommandPorts;
  readonly trace: TraceBuffer;
  readonly stopSignal: (real: AbortSignal) => AbortSignal;
  readonly keep: (failed: {
    readonly error?: AprError;
    readonly judgement?: TransferJudgement;
  }) => Promise<void>;
}

/** Records the command's world, unless no pack is wanted. */
export function recordedRun(
  context: AprContext,
  flags: TransferFlags,
  command: TransferCommand,
): RecordedRun {
  const real = realPorts(context);
  const recording: Recording | null =
    keepPlace(context, flags.crashpack) === null ? null : startRecording(real, inNextTurn);
  const { ports, stopSignal } = recording ?? notRecorded(real);
  const trace = new TraceBuffer(ports.world.clock);
  return {
    ...{ ports, trace, stopSignal },
    keep: async (failed) => {
      if (recording === null) return;
      const record = recording.record(command);
      await keepPackOf(context, flags, { ...failed, command: command.kind, trace, record });
    },
  };
}
