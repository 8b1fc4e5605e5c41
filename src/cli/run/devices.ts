import { AprError, EXIT } from "../../base/errors.ts";
import { stringifyJson } from "../../base/json.ts";
import { overall } from "../../contracts/judge.ts";
import type { VerdictWord } from "../../contracts/types.ts";
import { findMetal } from "../../device/apple.ts";
import { findCuda } from "../../device/cuda.ts";
import { askEngine } from "../../device/engine/ask-engine.ts";
import { inspectEngine, resolveEngine } from "../../device/engine/inspect.ts";
import { engineReport } from "../../device/engine/report.ts";
import { findRocm } from "../../device/rocm.ts";
import { parseDeviceWord } from "../../device/word.ts";
import { nodeProbeWorld } from "../../world/node/probe-world.ts";
import { workingFolder } from "../../world/node/stdio.ts";
import { loadConfig } from "../config/load.ts";
import type { AprContext, CommonFlags, Run } from "../context.ts";
import { chosenDevice } from "../device/chosen.ts";
import { engineWords } from "../device/engine-words.ts";
import { engineJson, engineText } from "../device/engine-view.ts";
import { backendsJson, backendsText, type Machine } from "../device/machine-view.ts";

export interface DevicesFlags extends CommonFlags {
  readonly engine?: string;
  readonly device?: string;
}

const EXIT_OF: Readonly<Record<VerdictWord, number>> = {
  pass: EXIT.ok,
  fail: EXIT.failed,
  inconclusive: EXIT.inconclusive,
};

export const run: Run<DevicesFlags, []> = async (context, flags) => {
  // Before the machine is looked at, which may take a second.
  if (flags.device !== undefined) parseDeviceWord(flags.device);
  if (flags.engine !== undefined) return engine(context, flags, flags.engine);
  const machine = await look(context);
  const chosen = flags.device === undefined ? null : await chosenDevice(context, flags.device, machine.cuda);
  context.out(
    flags.json ? `${stringifyJson(backendsJson(machine, chosen))}\n` : backendsText(machine, chosen),
  );
  return EXIT.ok;
};

async function look(context: AprContext): Promise<Machine> {
  const [cuda, rocm, metal] = await Promise.all([
    findCuda(nodeProbeWorld, await probeLimitMs(context)),
    findRocm(nodeProbeWorld),
    findMetal(nodeProbeWorld),
  ]);
  return { cuda, others: [rocm, metal], cores: nodeProbeWorld.host.cores };
}

async function probeLimitMs(context: AprContext): Promise<number> {
  const place = { files: nodeProbeWorld.files, env: context.env, folder: workingFolder() };
  return (await loadConfig(place)).probe_timeout.value;
}

async function engine(context: AprContext, flags: DevicesFlags, line: string): Promise<number> {
  const words = engineWords(line);
  if (words === null) throw new AprError("usage", "--engine names no command");
  const command = await resolveEngine(nodeProbeWorld, words, line);
  if (command.path === null) {
    throw new AprError("not-found", `no such engine: ${words[0]}`, {
      hint: "name a program on PATH, or its path",
      fields: { engine: line },
    });
  }
  const [build, answer, found] = await Promise.all([
    inspectEngine(nodeProbeWorld, command),
    askEngine(nodeProbeWorld, command),
    findCuda(nodeProbeWorld, await probeLimitMs(context)),
  ]);
  const report = engineReport(build, answer, found);
  const exitCode = EXIT_OF[overall(report.verdicts)];
  context.out(flags.json ? `${stringifyJson(engineJson(report, exitCode))}\n` : engineText(report, exitCode));
  return exitCode;
}
