import type { Task } from "../sweep/task.ts";
import { type Case, caseTask } from "./case.ts";
import { clockBack } from "./clock-back.ts";
import { damagedInput } from "./damaged-input.ts";
import { fdLimit } from "./fd-limit.ts";
import type { Ground } from "./ground.ts";
import { noHome } from "./no-home.ts";
import { noProc } from "./no-proc.ts";
import { readOnly } from "./read-only.ts";
import { shortReads } from "./short-reads.ts";
import { sizeLimit } from "./size-limit.ts";
import { slowDisk } from "./slow-disk.ts";
import { stdoutClosed } from "./stdout-closed.ts";
import { stdoutFull } from "./stdout-full.ts";
import { timedSignal } from "./timed-signal.ts";
import { twoAtOnce } from "./two-at-once.ts";

/** One file each, in the order in which they are tried. */
const FURTHER: readonly ((ground: Ground) => readonly Case[])[] = [
  stdoutFull,
  fdLimit,
  sizeLimit,
  timedSignal,
  twoAtOnce,
  stdoutClosed,
  readOnly,
  shortReads,
  damagedInput,
  noHome,
  noProc,
  clockBack,
  slowDisk,
];

/** Every further fault, each with its cases. */
export function furtherTasks(ground: Ground): readonly Task[] {
  return FURTHER.flatMap((fault) => fault(ground)).map((each, rank) =>
    caseTask(each, rank, ({ station }) => ground.lines.again(station)),
  );
}

export const FURTHER_NAMES: readonly string[] = [
  "stdout-full",
  "fd-limit",
  "size-limit",
  "two-at-once",
  "stdout-closed",
  "read-only",
  "short-reads",
  "input-truncated",
  "input-bit",
  "no-home",
  "no-proc",
  "clock-back",
  "slow-disk",
];
