import { EXIT } from "../../base/errors.ts";
import { stringifyJson } from "../../base/json.ts";
import { DEFAULT_RETENTION } from "../../crashpack/keep.ts";
import { keepInto } from "../../crashpack/of-run.ts";
import type { AtpCrashpack } from "../../crashpack/pack.ts";
import type { Written } from "../../crashpack/write.ts";
import type { ReplayCoordinator } from "../../replay/coordinator.ts";
import { type MinimizedPack, minimizePack } from "../../replay/minimize.ts";
import { printable } from "../../reports/printable.ts";
import { isTerminal } from "../../world/node/stdio.ts";
import { nodeWorld } from "../../world/node/world.ts";
import type { AprContext, CommonFlags } from "../context.ts";
import { packFolder } from "../crashpack/find.ts";
import { progress } from "../progress.ts";
import { absolute } from "../store/open.ts";
import { VERSION } from "../version.ts";

interface Flags extends CommonFlags {
  readonly out?: string;
}

/** `apr replay --minimize`: writes a pack of what the failure needs, and tells the story. */
export async function minimize(
  context: AprContext,
  flags: Flags,
  { coordinator, path }: { readonly coordinator: ReplayCoordinator; readonly path: string },
): Promise<number> {
  const { pack } = await coordinator.open(path);
  const terminal = isTerminal(2);
  const line = progress(context, terminal);
  let found: MinimizedPack;
  try {
    found = await minimizePack(pack, {
      version: VERSION,
      ...(terminal ? { onRun: (runs: number) => line.step(`run ${runs}`) } : {}),
    });
  } finally {
    if (terminal) line.done();
  }
  const written = await write(context, flags, found.pack);
  const { choices, from, oneMinimal, runs, story, violation } = found;
  if (flags.json) {
    const left = choices.map((each) => ({ ...each }));
    const counts = { from, to: choices.length, runs, one_minimal: oneMinimal };
    const document = { path, minimized: written.path, violation, ...counts, choices: left, story };
    context.out(`${stringifyJson({ ...document, exit_code: EXIT.ok })}\n`);
    return EXIT.ok;
  }
  const word = oneMinimal ? "none of them can be left out" : "the search was cut short by its bound";
  const lines = [
    `${violation}  ${from} choices, ${choices.length} left after ${runs} runs: ${word}`,
    ...story.map((each) => `  ${each}`),
    `crashpack  ${written.path}`,
  ];
  context.out(lines.map((each) => `  ${printable(each)}\n`).join(""));
  return EXIT.ok;
}

async function write(context: AprContext, { out }: Flags, pack: AtpCrashpack): Promise<Written> {
  if (out !== undefined) return pack.emitAtpTrace(nodeWorld, absolute(out));
  const place = { folder: packFolder(context), retention: DEFAULT_RETENTION };
  return keepInto(nodeWorld, place, "sim-minimized", pack);
}
