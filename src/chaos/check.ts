import { AprError } from "../base/errors.ts";
import { splitWords } from "../base/shellwords.ts";
import { observeRun } from "../observe/run.ts";
import type { World } from "../world/world.ts";
import { type Bench, environment } from "./attempt.ts";
import { absoluteProgram } from "./program.ts";
import type { Slot } from "./slot.ts";
import { expandCommand, parseTemplate, type Template } from "./template.ts";

/** A check's words matter to nobody but the person who wrote it. */
const CAPTURE_BYTES = 64 * 1024;

/** The person's own judgement of an output: a command line without a shell. Throws `usage` or `not-found`. */
export async function readCheck(
  world: World,
  text: string,
  path: string,
  cwd: string,
  flag = "check",
): Promise<Template> {
  const template = parseTemplate(splitWords(text), "");
  if (template.words.length === 0)
    throw new AprError("usage", `the ${flag} is empty`, { hint: `leave --${flag} out` });
  return absoluteProgram(world, template, path, cwd);
}

/** Runs the check in the slot, bounded and reaped like any run. True when it exits 0. */
export async function checkOutput(
  bench: Bench,
  slot: Slot,
  check: Template,
  timeoutMs: number,
): Promise<boolean> {
  const run = await observeRun(
    slot.world,
    {
      prefix: slot.cell.enter(slot.workFolder),
      command: expandCommand(check, slot.bindings("")),
      cwd: slot.cell.confined ? "/" : slot.workFolder,
      env: environment(slot),
      inhabits: (pid) => slot.cell.inhabits(pid),
      timeoutMs,
      captureBytes: CAPTURE_BYTES,
      abort: bench.abort,
    },
    `${bench.mark}/${bench.nextId()}`,
  );
  return run.exitCode === 0;
}
