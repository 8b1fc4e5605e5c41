import { type AprError, asAprError } from "../../base/errors.ts";
import { TraceBuffer, type TraceEvent } from "../../evidence/trace.ts";
import type { EmitTransfer } from "../../evidence/transfer-events.ts";
import { Chooser } from "../../sim/choices.ts";
import { Deadlock, Scheduler } from "../../sim/scheduler.ts";
import { type CommandPorts, pullCommand, pushCommand } from "../../transfer/command.ts";
import type { Hash } from "../../world/hash.ts";
import { BadRecord } from "./codecs.ts";
import { readCommand, type TransferCommand } from "./command.ts";
import type { TransferRecord } from "./format.ts";
import { Diverged, Player } from "./player.ts";
import { wiredPorts } from "./ports.ts";

export interface Played {
  readonly command: TransferCommand;
  readonly trace: readonly TraceEvent[];
  /** What ended it; null when it came to its end. */
  readonly error: AprError | null;
  /** Where the engine left the record, in plain words; null when it did not. */
  readonly diverged: string | null;
}

/**
 * Runs the engine on what was recorded, in the scheduler of the simulated world: no disk, no network and no clock is
 * there to be touched. Throws BadRecord for a record that is none.
 */
export async function playRecord(record: TransferRecord, hash: Pick<Hash, "sha256">): Promise<Played> {
  const command = readCommand(record.command);
  const scheduler = new Scheduler(new Chooser([]), Number.MAX_SAFE_INTEGER);
  const player = new Player(record, scheduler);
  const ports = wiredPorts(player, nowhere(hash), record.host);
  const trace = new TraceBuffer(ports.world.clock);
  const run = async (): Promise<AprError | null> => {
    try {
      await start(ports, command, player.stopSignal(), (kind, data) => {
        if (!player.left) trace.emit(kind, data);
      });
      return null;
    } catch (error) {
      return asAprError(error);
    }
  };
  player.start();
  try {
    const error = await Promise.race([scheduler.drive(run), player.gone]);
    const rest = player.atEnd ? null : "the engine is at its end, and the record is not";
    return { command, trace: trace.events, error, diverged: rest };
  } catch (error) {
    // What else goes wrong was set off by a value that no world would have given.
    if (!(error instanceof Diverged) && !(error instanceof Deadlock)) throw asBadRecord(error);
    return { command, trace: trace.events, error: null, diverged: error.message };
  }
}

function asBadRecord(error: unknown): BadRecord {
  return error instanceof BadRecord ? error : new BadRecord(asAprError(error).message);
}

async function start(
  ports: CommandPorts,
  command: TransferCommand,
  signal: AbortSignal,
  emit: EmitTransfer,
): Promise<void> {
  const hooks = { emit, tell: () => undefined, signal };
  if (command.kind === "pull") await pullCommand(ports, command, hooks);
  else await pushCommand(ports, command, hooks);
}

/** No world at all: whatever asks it for anything has a mistake. In-memory digests alone are computed. */
function nowhere(hash: Pick<Hash, "sha256">): CommandPorts {
  const none = (_: unknown, name: string | symbol) => () =>
    Promise.reject(new BadRecord(`a replay has no ${String(name)}`));
  const absent: object = new Proxy({}, { get: none });
  const world = new Proxy({}, { get: (_, name) => (name === "hash" ? hash : absent) });
  return new Proxy({}, { get: (_, name) => (name === "world" ? world : absent) }) as CommandPorts;
}
