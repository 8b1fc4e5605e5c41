import type { CommandPorts } from "../../transfer/command.ts";
import { commandJson, type TransferCommand } from "./command.ts";
import type { TransferRecord } from "./format.ts";
import { wiredPorts } from "./ports.ts";
import { Recorder, type Turn } from "./recorder.ts";

/** A command that is recorded while it runs. */
export interface Recording {
  readonly ports: CommandPorts;
  /** What stops the command in place of the real signal. */
  readonly stopSignal: (real: AbortSignal) => AbortSignal;
  /** What was recorded so far. */
  readonly record: (command: TransferCommand) => TransferRecord;
}

/** Puts a recorder between a command and its world. */
export function startRecording(ports: CommandPorts, turn: Turn): Recording {
  const recorder = new Recorder(turn);
  const { host } = ports.world;
  return {
    ports: wiredPorts(recorder, ports, host),
    stopSignal: (real) => recorder.stopSignal(real),
    record: (command) => recorder.record(commandJson(command), host),
  };
}

/** The same without a record. */
export function notRecorded(ports: CommandPorts): Omit<Recording, "record"> {
  return { ports, stopSignal: (real) => real };
}
